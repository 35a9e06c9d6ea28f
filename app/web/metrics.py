"""`/metrics` for Prometheus: numbers of the whole instance, all workers together; never of a person or an account.

Beside what `app/metrics` counts, it tells how much waits in the journal. What a drain has written is removed within
seconds, so the age of the oldest file is how far reports lag behind.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler

from app.metrics import JournalName, Metrics

# Litestar adds the charset to any text.
_TEXT = "text/plain; version=0.0.4"


def metrics_route(data: Path, metrics: Metrics) -> HTTPRouteHandler:
    """The route; `data` is the folder that the journal lives in."""

    @route("/metrics", http_method=[HttpMethod.GET, HttpMethod.HEAD], sync_to_thread=True)
    def told() -> Response[str]:
        return Response(metrics.told() + "\n".join(_waiting(data)) + "\n", media_type=_TEXT)

    return told


def _waiting(data: Path) -> Iterator[str]:
    seen = {journal: _files(data / "journal" / journal) for journal in JournalName}
    yield "# HELP assent_journal_bytes Hits in files that the drain has not removed yet."
    yield "# TYPE assent_journal_bytes gauge"
    for journal, files in seen.items():
        yield f'assent_journal_bytes{{journal="{journal}"}} {sum(size for size, _ in files)}'
    yield "# HELP assent_journal_oldest_seconds Time since the oldest of these files was last written to."
    yield "# TYPE assent_journal_oldest_seconds gauge"
    for journal, files in seen.items():
        age = max(0.0, time.time() - min((at for _, at in files), default=time.time()))
        yield f'assent_journal_oldest_seconds{{journal="{journal}"}} {age:.3f}'


def _files(folder: Path) -> list[tuple[int, float]]:
    found = []
    for path in folder.glob("*.segment"):
        # The drain may be faster than we are.
        with suppress(FileNotFoundError):
            status = path.stat()
            found.append((status.st_size, status.st_mtime))
    return found
