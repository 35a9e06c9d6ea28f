"""An operator rotates the secret keys: links of mails already sent go on working, and nothing is cut off meanwhile."""

import base64
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from app.sealing.keyring import Keyring, TokenInvalid
from app.sealing.links import MailOpener, open_preferences
from tests.postgres_server import TemporaryDatabase
from tests.running import Running, assent

TARGET = "https://shop.example.com/a"
MAIL = f'<p><a href="{TARGET}">Look</a> <a href="{{{{preferences_url}}}}">Choose</a></p>'


def command(data: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`assent …` on a data folder, whether an instance runs there or not."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        env={**inherited, "ASSENT_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def rotate(data: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`assent keys rotate`."""
    return command(data, "keys", "rotate", *words, **environment)


def keys(data: Path) -> list[bytes]:
    """The keys of the file, newest first."""
    return [base64.urlsafe_b64decode(line) for line in (data / "keys").read_text().split()]


def mailed(running: Running) -> dict[str, str]:
    """The paths in a mail to somebody who said yes, by their door: `o`, `c`, `preferences`."""
    create = "mutation ($i: CreateMailingInput!) { createMailing(input: $i) { mailing { id } } }"
    mailing = running.gql(create, i={"name": "Old", "channel": "CAMPAIGN"})["createMailing"]["mailing"]["id"]
    yes = {"permission": "YES", "permissionSource": "FORM", "permissionAt": "2026-01-01T00:00:00Z"}
    prepare = "mutation ($i: PrepareMessagesInput!) { prepareMessages(input: $i) { messages { html } } }"
    recipient = {"to": [{"email": "ann@example.org", **yes}]}
    given = {"mailingId": mailing, "html": MAIL, "recipients": [recipient]}
    (message,) = running.gql(prepare, i=given)["prepareMessages"]["messages"]
    paths = [urlsplit(url).path for url in re.findall(r'(?:href|src)="([^"]+)"', message["html"])]
    return {path.split("/")[1]: path for path in paths}


async def test_old_links_work_under_a_new_key():
    """Rotated beside a running instance, which goes on with the keys it has, and once more while nothing runs."""
    with tempfile.TemporaryDirectory(prefix="assent-keys-") as folder:
        data = Path(folder) / "var"
        data.mkdir()
        with assent(data) as running:
            before = mailed(running)
            beside = rotate(data)
            meanwhile = mailed(running)
            account = command(data, "account", "create", "Too early")
            answers = [httpx.get(running.url + each["c"], timeout=60) for each in (before, meanwhile)]
        alone = rotate(data, "--json")
        elsewhere = rotate(data, ASSENT_SECRET_KEYS=base64.urlsafe_b64encode(bytes(32)).decode())
        newest, middle, oldest = keys(data)
        mode = stat.S_IMODE((data / "keys").stat().st_mode)

    assert [(each.status_code, each.headers["location"]) for each in answers] == [(302, TARGET)] * 2
    assert "Restart Assent: until then its processes keep the keys that they began with." in beside.stdout
    assert json.loads(alone.stdout) == {"keys": 3, "restart": False, "accounts": 1, "shared": False}
    assert (elsewhere.returncode, elsewhere.stdout, mode) == (1, "", 0o600)
    assert "Nothing was changed." in elsewhere.stderr
    # Its secrets would lie under a key that the running processes do not know.
    assert (account.returncode, account.stdout) == (1, "")
    assert "Restart it" in account.stderr
    for mail in (before, meanwhile):
        opener = MailOpener(Keyring([newest, middle, oldest]))
        assert opener.click(mail["c"].removeprefix("/c/")).target == TARGET
        assert opener.pixel(mail["o"].removeprefix("/o/").removesuffix(".gif")) is not None
        assert open_preferences(
            Keyring([newest, oldest]), mail["preferences"].removeprefix("/preferences/"), 0
        )
        with pytest.raises(TokenInvalid):
            MailOpener(Keyring([newest, middle])).click(mail["c"].removeprefix("/c/"))


async def test_machines_that_share_a_database_are_not_cut_off_by_each_other(
    database: TemporaryDatabase, tmp_path: Path
) -> None:
    """Beside a running instance the file alone changes, and it is said what to copy; from another machine, nothing does."""
    addresses = {"DATABASE_URL": database.app_dsn, "ASSENT_OWNER_DATABASE_URL": database.owner_dsn}
    one, other = tmp_path / "one" / "var", tmp_path / "other" / "var"
    for each in (one, other):
        each.mkdir(parents=True)

    with assent(one, **addresses):
        beside = rotate(one, **addresses)
        while_it_runs = rotate(other, **addresses)
        made = (other / "keys").read_text() if (other / "keys").exists() else ""
    afterwards = rotate(other, "--json", **addresses)

    assert beside.returncode == 0
    assert "If others use the same database, stop them before you restart here" in beside.stdout
    assert len(keys(one)) == 2
    assert (while_it_runs.returncode, while_it_runs.stdout) == (1, "")
    assert "Nothing was changed." in while_it_runs.stderr
    assert len(made.split()) <= 1
    assert json.loads(afterwards.stdout)["shared"] is True
