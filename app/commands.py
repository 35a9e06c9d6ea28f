"""What the commands of `assent` do, apart from the words of the command line, which `cli` has.

Each finds the database that the settings mean: that of a running instance, or one that runs as long as the command.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.actions.accounts import create_account_with_owner
from app.actions.imports import NewImport, account_meant, begin_import, folder_of, stored
from app.actions.tokens import NewToken, create_token
from app.actions.unit import unit
from app.build import build_instance, log_to_stderr
from app.disclosure.jobs import JobView, jobs_by_id
from app.disclosure.reader import Reader
from app.domain.global_ids import encode_id, number_of
from app.domain.imports import Defaults
from app.domain.principal import SCOPES, Principal
from app.instance import Instance
from app.jobs.loop import run as run_jobs
from app.jobs.worker import work_until
from app.prepare import in_plain_words, make_kept_demo, migrate_patiently
from app.settings import Settings
from app.supervisor.database import DatabaseAddresses, reachable_database
from app.supervisor.tied import follow_parent

Answer = TypeVar("Answer")
ACTOR = "command line"
"""Who acts where somebody at the machine does."""

_GLANCE = 0.1


def drain_until_stopped(settings: Settings) -> None:
    """Drains and does the timed jobs until SIGTERM or SIGINT."""
    follow_parent()
    log_to_stderr()
    with reachable_database(settings) as database:
        instance = build_instance(settings, database.application)
        asyncio.run(run_jobs(instance, settings.data, database.owner))


def migrate_database(settings: Settings) -> None:
    """Migrates; raises `CannotPrepare` where the database does not answer."""
    with reachable_database(settings) as database:
        asyncio.run(migrate_patiently(database.owner, database.application))


def make_demo_account(settings: Settings) -> str | None:
    """Makes the demo account and returns its token; None where there is an account already."""
    made = with_instance(settings, lambda instance: make_kept_demo(instance, settings))
    return None if made is None else made.token


def create_account_with_token(settings: Settings, name: str) -> dict[str, object]:
    """Makes an account and a token with all scopes."""

    async def make(instance: Instance) -> dict[str, object]:
        account_id, secret = await create_account_with_owner(instance, name, ACTOR)
        return {"account": account_id, "token": secret}

    return with_instance(settings, make)


def create_token_of(
    settings: Settings, account_id: int, name: str, scopes: Iterable[str]
) -> dict[str, object]:
    """Makes a token of an account. Raises `InvalidValue` for an unknown scope, `NotFound` for the account."""

    async def make(instance: Instance) -> dict[str, object]:
        async with unit(instance, account_id, ACTOR) as work:
            token_id, secret = await create_token(work, NewToken(name, frozenset(scopes)))
        return {"id": token_id, "token": secret}

    return with_instance(settings, make)


@dataclass(frozen=True, slots=True)
class FileImport:
    """What `assent import` was asked for; `list_id` is the global id of a list, as the API shows it."""

    file: Path
    account_id: int | None
    list_id: str | None
    defaults: Defaults
    dry_run: bool


def import_file(
    settings: Settings, asked: FileImport, show: Callable[[float | None], None]
) -> dict[str, object]:
    """Imports a file and returns what came of it; `show` is told how far it is, from 0 to 1.

    The import is a job of the queue, which this process works off. If it dies, a running instance takes the job over.
    Raises `InvalidValue`, `NotFound`.
    """

    async def run(instance: Instance) -> dict[str, object]:
        account_id = await account_meant(instance, asked.account_id)
        name = stored(instance, asked.file)
        try:
            list_id = None if asked.list_id is None else number_of(asked.list_id, "MailingList")
            async with unit(instance, account_id, ACTOR) as work:
                wanted = NewImport(name, list_id, asked.defaults, asked.dry_run)
                job_id = await begin_import(work, wanted)
        except BaseException:
            (folder_of(instance) / name).unlink(missing_ok=True)
            raise
        # Whoever runs the command has the database, and is told what a dry run found.
        view = await followed(Reader(instance, Principal(account_id, 0, None, SCOPES)), job_id, show)
        return {
            "id": encode_id("Job", job_id),
            "status": view.status.value,
            "message": view.message,
            **view.counts,
        }

    return with_instance(settings, run)


async def followed(reader: Reader, job_id: int, show: Callable[[float | None], None]) -> JobView:
    """Works jobs off in this process until this one has ended; `show` is told how far it is, from 0 to 1."""
    stop = asyncio.Event()
    worker = asyncio.create_task(work_until(reader.instance, stop))
    try:
        while True:
            view = (await jobs_by_id(reader, [job_id]))[job_id]
            show(view.progress)
            if view.status.has_ended:
                return view
            await asyncio.sleep(_GLANCE)
    finally:
        stop.set()
        await worker


def with_instance(settings: Settings, work: Callable[[Instance], Awaitable[Answer]]) -> Answer:
    """Runs `work` with an instance whose database is reached as the application's role, and closes it."""
    return with_owner(settings, lambda instance, _: work(instance))


def with_owner(settings: Settings, work: Callable[[Instance, str], Awaitable[Answer]]) -> Answer:
    """As `with_instance`; `work` is given the owner's database URL besides. Raises `CannotPrepare`."""

    async def run(addresses: DatabaseAddresses) -> Answer:
        instance = build_instance(settings, addresses.application)
        try:
            return await work(instance, addresses.owner)
        finally:
            await instance.database.close()

    with reachable_database(settings) as database, in_plain_words():
        return asyncio.run(run(database))
