"""Builds the web application of one worker: reads the settings, makes the hands, joins the doors.

The tracking door stands before Litestar's routing, because pixels and links are nearly all of the traffic, and so do plain
queries, because routing would take a quarter of the time of a small one.
"""

import asyncio
import gc
import os
from collections.abc import Awaitable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

from app.actions.kept_addresses import keep_looking
from app.actions.tokens import keep_noting_uses, note_uses
from app.board import Board
from app.budgets import Budgets
from app.build import build_instance, log_to_stderr
from app.countries import Countries
from app.disclosure.origins import Origins
from app.disclosure.reader import authenticate
from app.instance import DatabaseAway, Instance
from app.journal.records import ANONYMOUS, PERSONAL
from app.journal.writer import JournalWriter
from app.keepers import Keepers
from app.look.lost_links import lost_link_page
from app.metrics import JournalName, Metrics
from app.settings import Settings, read_settings
from app.supervisor.memory import BOARD
from app.supervisor.tied import follow_parent
from app.tracking.classify import classify_user_agent
from app.tracking.door import TrackingDoor
from app.tracking.whereabouts import Places
from app.web.exports import export_routes
from app.web.health import health_routes
from app.web.imports import import_routes
from app.web.messages import message_routes
from app.web.metrics import metrics_route
from app.web.report_page import report_routes
from graphql_schema.endpoint import Door, make_controller
from graphql_schema.metering import metered
from graphql_schema.plain_posts import PlainPosts
from graphql_schema.schema import product_schema
from preference_center.addresses import ROUTING_PROBLEMS
from preference_center.routes import preference_center_routes

_COLLECT_AFTER = 20_000
"""Objects made and still there after which the collector looks for circles; hits make next to none."""


class Plain(Litestar):
    """Litestar without its plugins for pydantic and attrs: nobody here speaks them, and they fill ten megabytes of a worker."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


@dataclass(frozen=True, slots=True)
class Front:
    """One application for the server: pixels, links and queries to their own doors, everything else to Litestar."""

    tracking: TrackingDoor
    litestar: Litestar
    queries: PlainPosts

    def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> Awaitable[None]:
        """Answers one connection; hands on the coroutine of the door, since one more around it would cost each hit."""
        if scope["type"] == "http" and self.tracking.minds(scope["path"]):
            return self.tracking(scope, receive, send)
        if scope["type"] == "http" and scope["path"] == self.queries.path:
            return self.queries(scope, receive, send)
        return self.litestar(scope, receive, send)  # type: ignore[arg-type]  # The same ASGI, two spellings.


def create_application() -> Front:
    """The application of this process, for granian's factory."""
    # A worker must not outlive the server that it belongs to, however that one dies.
    follow_parent()
    log_to_stderr()
    settings = read_settings()
    front = application(settings, build_instance(settings), Board(os.environ.get(BOARD)))
    _settle()
    return front


def application(settings: Settings, instance: Instance, board: Board) -> Front:
    """The doors of one instance, joined."""
    metrics = Metrics(board)
    personal, anonymous = (
        JournalWriter(settings.data, PERSONAL, observed=partial(metrics.synced, JournalName.PERSONAL)),
        JournalWriter(settings.data, ANONYMOUS, observed=partial(metrics.synced, JournalName.ANONYMOUS)),
    )
    keepers = Keepers()
    countries = None if settings.geoip is None else Countries(settings.geoip)
    tracking = TrackingDoor(
        instance.keyring,
        personal,
        anonymous,
        tracking_on=instance.tracking,
        board=board,
        trusted=instance.trusted,
        places=Places(instance.trusted, keepers, countries),
        lost_page=partial(lost_link_page, instance.public_url),
    )

    wait = Budgets(settings.api_budget, board.budgets).wait
    beside: list[asyncio.Task[None]] = []

    async def begin() -> None:
        beside.append(asyncio.create_task(keep_noting_uses(instance)))
        beside.append(asyncio.create_task(keep_looking(instance, keepers)))

    async def close() -> None:
        for task in beside:
            task.cancel()
        with suppress(DatabaseAway):
            await note_uses(instance)
        await personal.close()
        await anonymous.close()
        await instance.database.close()

    schema, caller = product_schema(), partial(authenticate, instance)
    queries = Door(schema, caller, instance, meter=metered(wait))
    litestar = Plain(
        route_handlers=[
            make_controller(schema, caller, instance, wait=wait, origins=Origins(instance), door=queries),
            *preference_center_routes(),
            *health_routes(settings.data, metrics),
            metrics_route(settings.data, metrics),
            *import_routes(),
            *export_routes(),
            *report_routes(),
            *message_routes(wait),
        ],
        state=State({"instance": instance}),
        exception_handlers=dict(ROUTING_PROBLEMS),
        on_startup=[begin],
        on_shutdown=[close],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=8 * 1024 * 1024,
    )
    return Front(tracking, litestar, PlainPosts(queries, litestar))  # type: ignore[arg-type]  # As in `Front`.


def _settle() -> None:
    """Does what the first hit would have to wait for, and keeps what stays for ever out of the collector's way."""
    classify_user_agent(b"the first")
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
