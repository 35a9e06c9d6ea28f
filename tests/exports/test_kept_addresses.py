"""The column `ip` of a mailing's file (B7), and a person's own file: what they hold of kept addresses and countries."""

import io
import json
import zipfile
from datetime import timedelta

import pytest

from app.domain.global_ids import encode_id
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.principal import SCOPES
from app.domain.settings import Withdrawal
from tests.exports.shelf import Shelf
from tests.whereabouts import ADA, BERLIN, NOWHERE_KNOWN, OSLO, Watched, seen_from

YES, NO = PermissionChange.YES, PermissionChange.NO
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


async def addresses(shelf: Shelf, **more: frozenset[str]) -> list[str]:
    """The cells of the column, in the file of the only mailing."""
    (mailing,) = await shelf.world.rows("SELECT id FROM mailing")
    rows = await shelf.rows(kind="CAMPAIGN", mailingId=encode_id("Mailing", mailing["id"]), **more)
    return [row["ip"] for row in rows]


async def test_b7_the_ip_is_the_newest_that_the_person_came_from(shelf: Shelf, edge: Watched) -> None:
    """The address of their latest own opening or click; those of proxies and scanners are nobody's of theirs."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    edge.world.later(minutes=1)
    await edge.world.click(message, **seen_from(OSLO))
    edge.world.later(minutes=1)
    await edge.world.open(message, **seen_from(NOWHERE_KNOWN), **{"User-Agent": GMAIL})
    await edge.world.drain()

    assert await addresses(shelf) == [OSLO]
    assert await edge.kept() == [BERLIN, OSLO, NOWHERE_KNOWN]


async def test_b7_the_ip_is_empty_without_keep_ip(shelf: Shelf, edge: Watched) -> None:
    """The account never kept any: the column stands, and the cell holds nothing."""
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    assert await addresses(shelf) == [""]


async def test_b7_the_ip_is_gone_as_soon_as_the_account_keeps_none(shelf: Shelf, edge: Watched) -> None:
    """The chore that deletes it has not run yet; nobody is shown it any more."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    await edge.stop_keeping()

    assert await edge.kept() == [BERLIN]
    assert await addresses(shelf) == [""]


async def test_b7_the_ip_is_gone_after_thirty_days(shelf: Shelf, edge: Watched) -> None:
    """Also where no purge has run."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    edge.world.now[0] += timedelta(days=30)
    on_the_day = await addresses(shelf)
    edge.world.later(seconds=1)

    assert (on_the_day, await addresses(shelf)) == ([BERLIN], [""])


@pytest.mark.parametrize(("withdrawal", "shown"), [(Withdrawal.KEEP, BERLIN), (Withdrawal.HIDE, "")])
async def test_b7_the_ip_follows_what_a_no_was_promised(
    shelf: Shelf, edge: Watched, withdrawal: Withdrawal, shown: str
) -> None:
    """KEEP shows what was recorded, HIDE nothing, the address included."""
    await edge.world.settings(withdrawal=withdrawal)
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    await edge.world.answer(ADA, NO)

    assert await addresses(shelf) == [shown]


async def test_b7_without_personal_read_the_ip_is_anonymised(shelf: Shelf, edge: Watched) -> None:
    """Whoever sees no people sees no address."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    assert await addresses(shelf, scopes=SCOPES - {"personal:read"}) == ["Anonymized data"]


async def test_b7_anonymous_lines_hold_no_address(shelf: Shelf, edge: Watched) -> None:
    """However much the account keeps of others."""
    await edge.world.preset(Preset.INXMAIL)
    await edge.keep_addresses()
    people = [f"p{number}@example.org" for number in range(11)]
    for message in await edge.world.send(await edge.world.mailing(), *people):
        await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    assert set(await addresses(shelf)) == {"Anonymized data"}


async def test_a_persons_own_file_holds_addresses_and_countries(shelf: Shelf, mapped: Watched) -> None:
    """Access (GDPR 15) exports all of it, whatever the account shows its own people."""
    await mapped.keep_addresses()
    message = await mapped.mail_to_ada()
    await mapped.world.open(message, **seen_from(BERLIN))
    mapped.world.later(minutes=1)
    await mapped.world.click(message)
    await mapped.world.drain()
    await mapped.stop_keeping()

    made = await shelf.made(await shelf.asked())

    assert made is not None
    archive = zipfile.ZipFile(io.BytesIO((await shelf.get(made["url"])).content))
    events = json.loads(archive.read("everything.json"))["events"]
    assert [(each["kind"], each["ip"], each["country"]) for each in events] == [
        ("FIRST_OPENING", BERLIN, "DE"),
        ("CLICKED", None, ""),
    ]
    first, opened, _ = archive.read("events.csv").decode().splitlines()
    assert first == "kind,occurred_at,delivery,link,client_class,rule,client_family,ip,country"
    assert opened.endswith(f",{BERLIN},DE")
