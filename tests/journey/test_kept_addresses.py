"""`ASSENT_GEOIP` and `keepIp` in an instance as its operator runs it: supervisor, workers, drain and jobs as processes."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx

from tests.journey.test_journey import mailing, prepared, subscriber
from tests.running import BROWSER, Running, assent, eventually
from tests.whereabouts import BERLIN, seen_from, write_countries

CHANGE = """mutation($input: UpdateSettingsInput!) { updateSettings(input: $input) {
  settings { keepIp } errors { code } } }"""
LOG = """query($filter: EventFilter) { eventLog(channel: CAMPAIGN, first: 50, filter: $filter) {
  edges { node { ip country } } } }"""
MAIL = '<p>Hello</p><a href="{{preferences_url}}">Choose</a>'


def told(running: Running, mailing_id: str) -> list[tuple[str | None, str | None]]:
    """Where the events of a mailing came from, as the log tells it."""
    found: dict[str, Any] = running.gql(LOG, filter={"mailingId": mailing_id})
    return [(edge["node"]["ip"], edge["node"]["country"]) for edge in found["eventLog"]["edges"]]


def opened(running: Running, mail: dict[str, Any]) -> None:
    """Loads the mail's pixel through the operator's proxy."""
    (pixel,) = re.findall(r'<img src="([^"]+)"', mail["html"])
    assert (
        httpx.get(pixel, headers={"User-Agent": BROWSER, **seen_from(BERLIN)}, timeout=60).status_code == 200
    )


def logs(folder: Path) -> str:
    """Everything that the processes said."""
    return "".join(path.read_text() for path in folder.glob("std*.txt"))


async def test_an_instance_keeps_what_it_is_told_to_keep_and_forgets_it_when_told_so(tmp_path: Path) -> None:
    """Countries at once; addresses of mails sent after the switch, soon after each worker has heard of it, until it is off."""
    countries = write_countries(tmp_path / "countries.mmdb")
    places = {"ASSENT_GEOIP": str(countries), "ASSENT_TRUSTED_PROXIES": "127.0.0.1"}
    with assent(tmp_path / "var", **places) as running:
        email, _ = subscriber(running, "YES")
        before, after = mailing(running), mailing(running)
        (unkept,) = prepared(running, before, MAIL, email)
        running.gql(CHANGE, input={"keepIp": True})
        (kept,) = prepared(running, after, MAIL, email)

        def is_kept() -> bool:
            opened(running, kept)
            return (BERLIN, "DE") in told(running, after)

        eventually(is_kept, "the address is kept")
        opened(running, unkept)
        eventually(lambda: told(running, before), "the other mail's event is there")
        assert told(running, before) == [(None, "DE")]

        running.gql(CHANGE, input={"keepIp": False})
        assert {ip for ip, _ in told(running, after)} == {None}
        async with asyncio.timeout(60):
            while await running.rows("SELECT 1 FROM kept_address"):  # noqa: ASYNC110  another process deletes it
                await asyncio.sleep(0.1)
        assert await running.rows("SELECT 1 FROM event") != []
    assert BERLIN not in logs(tmp_path)
