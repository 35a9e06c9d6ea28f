"""The worker of jobs: takes them from the queue and hands each to the verb of its kind.

It runs beside the drain in the same process; its verbs do heavy work in threads, so that hits keep moving.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from app.actions import exports, letters, preferences_link, request_permission, sign_up, what_if
from app.actions.chores import chores
from app.actions.imports import KIND, run_import
from app.actions.jobs import Handler, work
from app.actions.letters import Writers
from app.disclosure.access import access_file
from app.disclosure.campaign_exports import campaign_file
from app.disclosure.event_log_exports import event_log_file
from app.disclosure.ledger_exports import ledger_file
from app.disclosure.policy_impact import impact_as_json
from app.disclosure.subscriber_exports import subscribers_file
from app.domain.exports import ExportKind
from app.instance import DatabaseAway, Instance

AWAY_SECONDS = 1.0

MAKERS = {
    ExportKind.ACCESS: access_file,
    ExportKind.CAMPAIGN: campaign_file,
    ExportKind.EVENT_LOG: event_log_file,
    ExportKind.SUBSCRIBERS: subscribers_file,
    ExportKind.LEDGER: ledger_file,
}
"""What each kind of export holds."""

HANDLERS: dict[str, Handler] = {
    KIND: run_import,
    request_permission.KIND: request_permission.ask_people,
    what_if.KIND: what_if.handler_of(impact_as_json),
    exports.KIND: exports.handler_of(MAKERS),
}
"""The verb for each kind of job."""

WRITERS: Writers = {**preferences_link.WRITERS, **sign_up.WRITERS, **request_permission.WRITERS}
"""Who writes the letters of each kind."""

logger = logging.getLogger(__name__)


async def work_until(instance: Instance, stop: asyncio.Event) -> None:
    """Does the jobs of accounts until `stop` is set; letters beside jobs, so that neither waits for the other."""
    await asyncio.gather(
        _patiently(lambda: work(instance, HANDLERS, stop), stop),
        _patiently(lambda: letters.work(instance, WRITERS, stop), stop),
    )


async def do_chores_until(instance: Instance, owner_dsn: str, stop: asyncio.Event) -> None:
    """Does the chores of the instance until `stop` is set, apart, so that no job of an account waits for them."""
    await _patiently(lambda: work(instance, chores(owner_dsn), stop, one_by_one=True), stop)


async def _patiently(worked: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """While the database is away, or where the queue fails, it is tried again."""
    while not stop.is_set():
        try:
            await worked()
        except DatabaseAway:
            pass
        except Exception as error:  # noqa: BLE001  The drain beside it must go on, and the text may quote anything.
            logger.warning("The job queue failed with %s and is tried again.", type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), AWAY_SECONDS)
