"""The demo account of an empty database: whole, and its token kept, or absent."""

from pathlib import Path

import pytest

from app.actions.accounts import create_account_with_owner
from app.actions.demo import Demo, make_demo
from app.disclosure.reader import authenticate
from app.domain.principal import SCOPES
from app.instance import Instance
from app.outbox.mailer import Mailer
from app.sealing.keyring import Keyring
from app.storage.database import Database
from tests.postgres_server import TemporaryDatabase

TABLES = ("account", "api_token", "mailing_list", "form", "subscriber", "permission_line", "mailing")


@pytest.fixture
async def empty(database: TemporaryDatabase, tmp_path: Path):
    instance = Instance(
        Database(database.app_dsn, size=2),
        Keyring([bytes(32)]),
        "http://localhost:8000",
        Mailer(None, tmp_path),
    )
    yield instance
    await instance.database.close()


async def counts(instance: Instance) -> dict[str, int]:
    rows = [await instance.database.fetch(f"SELECT count(*) FROM {table}") for table in TABLES]  # noqa: S608
    return {table: found[0]["count"] for table, found in zip(TABLES, rows, strict=True)}


class Killed(BaseException):
    """The process ends here."""


async def test_the_demo_is_made_once_and_its_token_works(empty: Instance) -> None:
    """Everything of it is there, what is kept is what is returned, and a second time nothing happens."""
    kept: list[Demo] = []

    demo = await make_demo(empty, None, kept.append)
    again = await make_demo(empty, None, kept.append)

    assert (kept, again) == ([demo], None)
    assert await counts(empty) == {
        "account": 1,
        "api_token": 1,
        "mailing_list": 1,
        "form": 1,
        "subscriber": 3,
        "permission_line": 4,
        "mailing": 1,
    }
    principal = await authenticate(empty, demo.token)
    assert principal.scopes == SCOPES


async def test_a_demo_that_is_interrupted_leaves_nothing_and_the_next_one_is_whole(
    empty: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the account was made, or while its token is kept: no account without a token stays behind."""

    async def killed(*_: object) -> None:
        raise Killed

    def killed_while_keeping(_: Demo) -> None:
        raise Killed

    with monkeypatch.context() as ending:
        ending.setattr("app.actions.demo.create_token", killed)
        with pytest.raises(Killed):
            await make_demo(empty, None)
    with pytest.raises(Killed):
        await make_demo(empty, None, killed_while_keeping)

    assert set((await counts(empty)).values()) == {0}
    demo = await make_demo(empty, "chosen")
    assert demo.token == "chosen"


async def test_an_account_of_the_command_line_comes_with_its_token_or_not_at_all(
    empty: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long its name is, and whatever happens between the two."""

    async def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as ending:
        ending.setattr("app.actions.accounts.create_token", killed)
        with pytest.raises(Killed):
            await create_account_with_owner(empty, "Acme", "command line")
    assert (await counts(empty))["account"] == 0

    account_id, secret = await create_account_with_owner(empty, "A" * 200, "command line")

    assert (await authenticate(empty, secret)).account_id == account_id
