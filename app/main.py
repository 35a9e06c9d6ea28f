"""Builds the web application of one worker: reads the settings, makes the hands, joins the doors.

The tracking door stands before Litestar's routing, because pixels and links are nearly all of the traffic.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import Litestar
from litestar.datastructures import State

from app.build import build_instance, log_to_stderr
from app.disclosure.reader import authenticate
from app.instance import Instance
from app.journal.records import ANONYMOUS, PERSONAL
from app.journal.writer import JournalWriter
from app.settings import Settings, read_settings
from app.supervisor.tied import follow_parent
from app.tracking.door import TrackingDoor
from app.web.exports import export_routes
from app.web.health import health_routes
from app.web.imports import import_routes
from graphql_schema.endpoint import make_controller
from graphql_schema.schema import product_schema
from preference_center.routes import preference_center_routes


@dataclass(frozen=True, slots=True)
class Front:
    """One application for the server: pixels and links to their own door, everything else to Litestar."""

    tracking: TrackingDoor
    litestar: Litestar

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answers one connection."""
        if scope["type"] == "http" and self.tracking.minds(scope["path"]):
            await self.tracking(scope, receive, send)
        else:
            await self.litestar(scope, receive, send)  # type: ignore[arg-type]  # The same ASGI, two spellings.


def create_application() -> Front:
    """The application of this process, for granian's factory."""
    # A worker must not outlive the server that it belongs to, however that one dies.
    follow_parent()
    log_to_stderr()
    settings = read_settings()
    return application(settings, build_instance(settings))


def application(settings: Settings, instance: Instance) -> Front:
    """The doors of one instance, joined."""
    personal, anonymous = JournalWriter(settings.data, PERSONAL), JournalWriter(settings.data, ANONYMOUS)
    tracking = TrackingDoor(
        instance.keyring, personal, anonymous, tracking_on=instance.tracking, clock=instance.clock
    )

    async def close() -> None:
        await personal.close()
        await anonymous.close()
        await instance.database.close()

    litestar = Litestar(
        route_handlers=[
            make_controller(product_schema(), partial(authenticate, instance), instance),
            *preference_center_routes(),
            *health_routes(settings.data),
            *import_routes(),
            *export_routes(),
        ],
        state=State({"instance": instance}),
        on_shutdown=[close],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=8 * 1024 * 1024,
    )
    return Front(tracking, litestar)
