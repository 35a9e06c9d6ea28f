"""Two peers from PyPI in an environment of their own, each served by uvicorn with one worker.

django-mail-analytics answers over ASGI and stores each opening and click in PostgreSQL; it gets the
defaults of Django under ASGI, no middleware, and as many clients at once as it can serve without errors. pytracking is a library, so a Starlette of a few lines opens its
encrypted tokens and answers; it stores nothing.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CLIENTS = {"django": 16, "pytracking": 128}
"""How many ask at once. With 128 django-mail-analytics fails, since each request opens a connection of its own."""

PACKAGES = (
    *("django-mail-analytics==1.0.9", "django>=5.2,<7", "wrapt", "hashids", "psycopg[binary]>=3.2"),
    *("pytracking==0.2.2", "cryptography", "starlette", "uvicorn[standard]"),
)
DJANGO = """
import os, sys
from django.conf import settings
settings.configure(
    SECRET_KEY="bench", DEBUG=False, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[], USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_mail_analytics"],
    MAIL_ANALYTICS={"DOMAIN": "track.example.org", "SCHEME": "http", "LENGTH": 6},
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "peer", "USER": os.environ["PEER_USER"],
        "HOST": os.environ["PEER_HOST"], "PORT": "5432"}},
)
import django
django.setup()
from django.core.asgi import get_asgi_application
from django.urls import include, re_path
urlpatterns = [re_path(r"^m/", include("django_mail_analytics.urls"))]
application = get_asgi_application()
if __name__ == "__main__":
    from urllib.parse import urlsplit
    from django.core.management import call_command
    from django_mail_analytics.mail import get_hasher, get_proxy_url
    from django_mail_analytics.models import Mail, MailRecipient
    call_command("migrate", verbosity=0)
    mail = Mail.objects.create(key="bench", date="2026-11-22", sender="a@example.org", subject="Hello", body="")
    made = MailRecipient.objects.bulk_create(MailRecipient(mail=mail, recipient=f"p{n}@example.org") for n in range(1000))
    with open(sys.argv[1] + "/django-pixel", "w") as pixels, open(sys.argv[1] + "/django-click", "w") as clicks:
        for each in made:
            pixels.write(f"/m/i?q={get_hasher().encode(each.id)}\\n")
            found = urlsplit(get_proxy_url(each.id, "https://shop.example.com/coats/winter/long?size=40&from=mail"))
            clicks.write(f"{found.path}?{found.query}\\n")
"""
PYTRACKING = """
import sys
import pytracking
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
how = pytracking.Configuration(base_open_tracking_url="http://t.example/o/", base_click_tracking_url="http://t.example/c/",
    encryption_bytestring_key=b"NTA2MTAzNjg2NTk4NjE3MjM0NTY3ODkwMTIzNDU2Nzg=")
async def pixel(request):
    pytracking.get_open_tracking_result(request.path_params["token"], configuration=how)
    return Response(pytracking.TRACKING_PIXEL, media_type=pytracking.PNG_MIME_TYPE)
async def click(request):
    found = pytracking.get_click_tracking_result(request.path_params["token"], configuration=how)
    return RedirectResponse(found.tracked_url, 302)
application = Starlette(routes=[Route("/o/{token:path}", pixel), Route("/c/{token:path}", click)])
if __name__ == "__main__":
    target = "https://shop.example.com/coats/winter/long?size=40&from=mail"
    with open(sys.argv[1] + "/pytracking-pixel", "w") as pixels, open(sys.argv[1] + "/pytracking-click", "w") as clicks:
        for n in range(1000):
            about = {"delivery": n, "mailing": 5}
            pixels.write(pytracking.get_open_tracking_url(about, configuration=how).removeprefix("http://t.example") + "\\n")
            clicks.write(pytracking.get_click_tracking_url(target, about, configuration=how).removeprefix("http://t.example") + "\\n")
"""


@dataclass(frozen=True, slots=True)
class Peers:
    """The environment of the peers; `folder` holds it and the paths that they answer to."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "venv" / "bin" / "python"

    def install(self) -> dict[str, str]:
        """Brings everything from PyPI; the versions that came."""
        uv = Path(sys.executable).with_name("uv")
        _run(str(uv), "venv", "--quiet", "--python", sys.executable, str(self.folder / "venv"))
        _run(str(uv), "pip", "install", "--quiet", "--python", str(self.python), *PACKAGES)
        for name, text in (("peer_django", DJANGO), ("peer_pytracking", PYTRACKING)):
            (self.folder / f"{name}.py").write_text(text, encoding="utf-8")
        listed = _run(str(uv), "pip", "freeze", "--quiet", "--python", str(self.python)).splitlines()
        wanted = {"django", "django-mail-analytics", "pytracking", "starlette", "uvicorn", "psycopg"}
        return {
            name: version for name, _, version in (line.partition("==") for line in listed) if name in wanted
        }

    def prepare(self, name: str, environment: dict[str, str]) -> None:
        """Makes the peer's mails and writes the paths that they ask for."""
        subprocess.run(
            [self.python, f"{name}.py", str(self.folder)], cwd=self.folder, env=environment, check=True
        )

    def words(self, name: str, port: int) -> list[str]:
        """The command of its server, from `folder`."""
        loop = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
        return [
            str(self.python),
            "-m",
            "uvicorn",
            f"{name}:application",
            "--port",
            str(port),
            "--workers",
            "1",
            *loop,
        ]


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout
