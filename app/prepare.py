"""What happens once before anything is served: migrate, make a demo account in an empty database, write the banner.

`python -m app.prepare`; the supervisor runs it and shows the banner once the web server answers.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from app.actions.demo import Demo, make_demo
from app.actions.key_rotation import rewrap_accounts
from app.build import build_instance
from app.instance import Instance
from app.settings import Settings, read_settings
from app.storage.database import AWAY, DatabaseAway
from app.storage.migrate import migrate
from app.supervisor.errors import CannotStart

_PATIENCE_SECONDS = 20.0
_TOKEN_FILE = "demo-token"  # noqa: S105 - the file's name
_LINKS_FILE = "demo-links"
_BANNER_FILE = "banner.txt"


class CannotPrepare(CannotStart):
    """The database cannot be made ready; the message is one sentence for the operator."""


async def prepare(settings: Settings) -> None:
    """Makes the database ready and writes what the terminal shows. Raises `CannotPrepare`."""
    owner = settings.owner_database_url or settings.database_url or ""
    application = settings.database_url or owner
    await migrate_patiently(owner, application)
    instance = build_instance(settings, application)
    try:
        await _rewrap(instance)
        await make_kept_demo(instance, settings)
    finally:
        await instance.database.close()
    _write_privately(settings.data / _BANNER_FILE, _banner(settings))


async def _rewrap(instance: Instance) -> None:
    """Before anything is served, all processes have the same keys, so the accounts' secrets may lie under the newest."""
    closed = (await rewrap_accounts(instance)).closed
    if closed:
        sys.stderr.write(
            f"assent: no secret key opens the secrets of {closed} accounts, so they cannot be used. "
            "Put the key that is missing behind the others.\n"
        )


async def make_kept_demo(instance: Instance, settings: Settings) -> Demo | None:
    """The demo of an empty database, its token and links kept in the data folder; None if there is an account."""

    def keep(demo: Demo) -> None:
        _write_privately(settings.data / _TOKEN_FILE, demo.token)
        _write_privately(settings.data / _LINKS_FILE, f"{demo.preferences_url}\n{demo.form_url}\n")

    return await make_demo(instance, settings.bootstrap_token, keep)


def role_of(dsn: str) -> str | None:
    """The role that a database URL names; None where it names none."""
    return urlsplit(dsn).username


async def migrate_patiently(owner: str, application: str) -> None:
    """Migrates, and lets the role of `application` work with what is there. Raises `CannotPrepare`.

    A database that is just starting gets some time; one that is not there gets one clear sentence.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with _refusals_in_plain_words():
                await migrate(owner, role_of(application))
        except AWAY as away:
            if time.monotonic() > deadline:
                raise CannotPrepare(_silent(away)) from None
            await asyncio.sleep(0.5)
        else:
            return


@contextmanager
def _refusals_in_plain_words() -> Iterator[None]:
    try:
        yield
    except asyncpg.InvalidAuthorizationSpecificationError:
        message = "The database refuses the role or its password. Correct the user part of DATABASE_URL."
        raise CannotPrepare(message) from None
    except asyncpg.InvalidCatalogNameError:
        message = "The database named in DATABASE_URL does not exist. Create it, or correct the name."
        raise CannotPrepare(message) from None


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Says in one sentence why a database cannot be worked with at all. Raises `CannotPrepare` for that."""
    try:
        with _refusals_in_plain_words():
            yield
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.UndefinedFunctionError):
        message = (
            "The database is not up to date. Run `assent migrate`, or `assent run`, which begins with it."
        )
        raise CannotPrepare(message) from None
    except DatabaseAway as away:
        raise CannotPrepare(_silent(away.__cause__ or away)) from None


def _silent(away: BaseException) -> str:
    return (
        f"The database does not answer ({type(away).__name__}). "
        "Start it, or correct DATABASE_URL and ASSENT_OWNER_DATABASE_URL."
    )


def _banner(settings: Settings) -> str:
    token_file = settings.data / _TOKEN_FILE
    token = token_file.read_text().strip() if token_file.is_file() else None
    lines = ["", "Assent is running.", ""]
    if token is None:
        lines.append(f"  GraphiQL            {settings.public_url}/graphql")
    else:
        lines += [
            f"  GraphiQL            {settings.public_url}/graphql#token={token}",
            f"  API token           {token}",
        ]
    links = settings.data / _LINKS_FILE
    if links.is_file():
        preferences, form = links.read_text().split()
        lines += [f"  Preference center   {preferences}", f"  Sign-up form        {form}"]
    return "\n".join([*lines, "", ""])


def _write_privately(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)


def main() -> None:
    """The whole preparation; exit code 1 and one sentence where it fails."""
    try:
        asyncio.run(prepare(read_settings()))
    except CannotPrepare as failure:
        sys.stderr.write(f"Error: {failure}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
