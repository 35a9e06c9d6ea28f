# The image of Assent: the locked environment, nothing to build at run time, not root.
FROM python:3.13-slim AS build
WORKDIR /srv/assent
RUN pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project
COPY app app
COPY graphql_schema graphql_schema
COPY preference_center preference_center
COPY migrations migrations
RUN uv sync --frozen --no-dev

FROM python:3.13-slim
RUN useradd --system --create-home --home-dir /srv/assent assent && mkdir /data && chown assent:assent /data
COPY --from=build /srv/assent /srv/assent
WORKDIR /srv/assent
USER assent
ENV PATH=/srv/assent/.venv/bin:$PATH ASSENT_DATA=/data ASSENT_HOST=0.0.0.0
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --start-period=30s CMD \
  ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=3)"]
CMD ["assent", "run"]
