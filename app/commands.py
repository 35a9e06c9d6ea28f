"""What the commands of `assent` do, apart from the words of the command line, which `cli` has.

Each finds the database that the settings mean: that of a running instance, or one that runs as long as the command.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from app.actions.accounts import NewToken, create_account_with_owner, create_token
from app.actions.unit import unit
from app.build import build_instance, log_to_stderr
from app.instance import Instance
from app.jobs.loop import run as run_jobs
from app.prepare import make_kept_demo, migrate_patiently
from app.settings import Settings
from app.supervisor.database import DatabaseAddresses, reachable_database
from app.supervisor.tied import follow_parent

Answer = TypeVar("Answer")
_ACTOR = "command line"


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
        account_id, secret = await create_account_with_owner(instance, name, _ACTOR)
        return {"account": account_id, "token": secret}

    return with_instance(settings, make)


def create_token_of(
    settings: Settings, account_id: int, name: str, scopes: Iterable[str]
) -> dict[str, object]:
    """Makes a token of an account. Raises `InvalidValue` for an unknown scope, `NotFound` for the account."""

    async def make(instance: Instance) -> dict[str, object]:
        async with unit(instance, account_id, _ACTOR) as work:
            token_id, secret = await create_token(work, NewToken(name, frozenset(scopes)))
        return {"id": token_id, "token": secret}

    return with_instance(settings, make)


def with_instance(settings: Settings, work: Callable[[Instance], Awaitable[Answer]]) -> Answer:
    """Runs `work` with an instance whose database is reached as the application's role, and closes it."""
    return with_owner(settings, lambda instance, _: work(instance))


def with_owner(settings: Settings, work: Callable[[Instance, str], Awaitable[Answer]]) -> Answer:
    """As `with_instance`; `work` is given the owner's database URL besides."""

    async def run(addresses: DatabaseAddresses) -> Answer:
        instance = build_instance(settings, addresses.application)
        try:
            return await work(instance, addresses.owner)
        finally:
            await instance.database.close()

    with reachable_database(settings) as database:
        return asyncio.run(run(database))
