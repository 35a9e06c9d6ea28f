"""`/health/live` and `/health/ready`. Ready means that hits can be taken: the journal can be written.

The database may be away meanwhile; that and other things worth knowing are warnings, not failures.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.handlers import HTTPRouteHandler

from app.disclosure.health import database_warnings
from app.instance import Instance
from app.metrics import LOST, Metrics

# Load balancers look by HEAD as well.
_LOOKING = [HttpMethod.GET, HttpMethod.HEAD]
_USUAL_REFRESH = 3600
_TRIAL = b"ready?" * 100


def health_routes(data: Path, metrics: Metrics) -> list[HTTPRouteHandler]:
    """The two routes; `data` is the folder that the journal lives in, `metrics` knows what was lost."""

    @route("/health/live", http_method=_LOOKING, sync_to_thread=False)
    def live() -> dict[str, str]:
        return {"status": "live"}

    @route("/health/ready", http_method=_LOOKING)
    async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        instance: Instance = request.app.state.instance
        writable = _writable(data)
        warnings = [*_losses(metrics), *_warnings(instance), *await database_warnings(instance)]
        body = {"status": "ready" if writable else "not ready", "warnings": warnings}
        if not writable:
            warnings.insert(0, "The journal cannot be written: check the space and rights of ASSENT_DATA.")
        return Response(body, status_code=200 if writable else 503)

    return [live, ready]


def _writable(data: Path) -> bool:
    folder = data / "journal"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder)
        try:
            # A disk with a few bytes left takes a part of them and calls it no error.
            whole = os.write(descriptor, _TRIAL) == len(_TRIAL)
        finally:
            os.close(descriptor)
            Path(name).unlink()
    except OSError:
        return False
    return whole


def _losses(metrics: Metrics) -> list[str]:
    why = metrics.why_unrecorded()
    lost = sum(why.get(reason, 0) for reason in LOST)
    if not lost:
        return []
    return [
        f"{lost} hits were answered and could not be recorded since the start; /metrics and the log say why."
    ]


def _warnings(instance: Instance) -> list[str]:
    found = []
    if not instance.tracking:
        found.append(
            "ASSENT_TRACKING is off: nobody is tracked, and hits are answered without being recorded."
        )
    if instance.anonymous_refresh < _USUAL_REFRESH:
        found.append(
            f"ASSENT_ANONYMOUS_REFRESH is {instance.anonymous_refresh} s: "
            "figures that move so often can give single people away. Use 3600 in production."
        )
    dropped = instance.looking_up.dropped + instance.signing_up.dropped
    if dropped:
        found.append(f"{dropped} requests for links or sign-ups found their queue full and were dropped.")
    return found
