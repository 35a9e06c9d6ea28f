"""`keep_ip` and `ASSENT_GEOIP`: which personal events hold where they came from, and which never do (§6)."""

import asyncio
import logging

import pytest

from app.actions.kept_addresses import keep_looking
from app.domain.modes import Channel, TrackingMode
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.settings import GpcRule, LateRefusal
from app.keepers import PATIENCE, Keepers
from tests.postgres_server import TemporaryDatabase
from tests.whereabouts import ADA, BERLIN, NOWHERE_KNOWN, OSLO, Watched, bytes_of, seen_from

YES, NO = PermissionChange.YES, PermissionChange.NO
ANONYMOUS = TrackingMode.ANONYMOUS


@pytest.mark.parametrize("address", [BERLIN, OSLO])
async def test_events_hold_the_address_with_keep_ip(edge: Watched, address: str) -> None:
    """Each opening and each click of a mail that was sent with the switch on has the address that the proxy names."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()

    await edge.world.open(message, **seen_from(address))
    edge.world.later(minutes=1)
    await edge.world.click(message, **seen_from(NOWHERE_KNOWN))
    await edge.world.drain()

    assert await edge.kept() == [address, NOWHERE_KNOWN]
    assert await edge.countries() == ["", ""]


@pytest.mark.parametrize("preset", [Preset.STRICT, Preset.MAPP, Preset.BREVO])
@pytest.mark.parametrize("address", [BERLIN, OSLO])
async def test_without_keep_ip_no_address_is_anywhere(
    edge: Watched,
    database: TemporaryDatabase,
    caplog: pytest.LogCaptureFixture,
    preset: Preset,
    address: str,
) -> None:
    """Not in the journal, not in the database, not in a log line, whoever opens and clicks."""
    caplog.set_level(logging.DEBUG)
    await edge.world.preset(preset)
    await edge.look()
    await edge.world.subscriber(ADA, YES)
    await edge.world.subscriber("ben@example.org", NO)
    mailing = await edge.world.mailing()
    messages = await edge.world.send(mailing, ADA, "joe@example.org")

    for message in messages:
        if "<img" in message.stamped.html:
            await edge.world.open(message, **seen_from(address))
            await edge.world.click(message, **seen_from(address))
    journal = edge.journal()
    await edge.world.drain()

    held = await edge.dump()
    assert await edge.world.rows("SELECT 1 FROM event") != []
    assert bytes_of(address) not in journal
    assert address.encode() not in journal
    assert address not in held
    assert address not in "\n".join(
        record.getMessage() for record in caplog.records if record.name != "httpx"
    )


async def test_a_mail_from_before_the_switch_keeps_none(edge: Watched) -> None:
    """Settings are forward only: what was sent without the switch brings no address, although it is on now."""
    message = await edge.mail_to_ada()
    await edge.keep_addresses()

    await edge.world.open(message, **seen_from(BERLIN))
    journal = edge.journal()
    await edge.world.drain()

    assert bytes_of(BERLIN) not in journal
    assert await edge.kept() == []


async def test_a_switch_turned_off_between_hit_and_writing_drops_the_address(edge: Watched) -> None:
    """The journal holds it already; the drain asks again, and writes the event without it."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.world.open(message, **seen_from(BERLIN))
    assert bytes_of(BERLIN) in edge.journal()

    await edge.stop_keeping()
    await edge.world.drain()

    assert await edge.kept() == []
    assert len(await edge.world.rows("SELECT 1 FROM event")) == 1


async def test_a_switch_turned_off_keeps_the_address_out_of_the_journal(edge: Watched) -> None:
    """The mail was sent with the switch on; it is off when the hit comes."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.stop_keeping()

    await edge.world.open(message, **seen_from(BERLIN))

    assert bytes_of(BERLIN) not in edge.journal()


async def test_a_switch_turned_off_and_on_again_keeps_what_comes_then(edge: Watched) -> None:
    """What both the frozen settings and those of now allow is kept, whatever was in between."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()
    await edge.stop_keeping()
    await edge.keep_addresses()

    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    assert await edge.kept() == [BERLIN]


async def test_an_account_that_keeps_none_says_nothing_of_another(edge: Watched) -> None:
    """Who keeps addresses is an account's own word: one that lies in nobody's list keeps none."""
    keepers = Keepers(lambda: 0.0)

    keepers.know([7], asked_at=0.0)

    assert (keepers.keeps(7), keepers.keeps(8)) == (True, False)


async def test_a_word_that_nobody_has_asked_for_lately_is_not_believed(edge: Watched) -> None:
    """The database is away: after five seconds no address is kept, until it says again who keeps them."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()

    edge.ticks[0] += PATIENCE - 0.1
    await edge.world.open(message, **seen_from(BERLIN))
    edge.ticks[0] += 0.1
    await edge.world.open(message, **seen_from(OSLO))
    await edge.world.drain()

    assert await edge.kept() == [BERLIN]


async def test_a_worker_asks_again_by_itself(edge: Watched) -> None:
    """Once a second, the first time when it starts."""
    await edge.world.settings(keep_ip=True)
    asking = asyncio.create_task(keep_looking(edge.world.instance, edge.keepers, 0.01))

    async with asyncio.timeout(60):
        while not edge.keepers.keeps(edge.world.account_id):  # noqa: ASYNC110  it raises no event
            await asyncio.sleep(0.01)
        await edge.world.settings(keep_ip=False)
        while edge.keepers.keeps(edge.world.account_id):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    asking.cancel()

    assert not edge.keepers.keeps(edge.world.account_id)


async def test_a_hit_with_gpc_keeps_nothing(mapped: Watched) -> None:
    """Lowered, it belongs to nobody; where the person's yes beats the signal, the event has no address and no country."""
    await mapped.world.settings(gpc=GpcRule.YIELDS_TO_PERSONS_YES)
    await mapped.keep_addresses()
    message = await mapped.mail_to_ada()

    await mapped.world.open(message, **seen_from(BERLIN), **{"Sec-GPC": "1"})
    journal = mapped.journal()
    await mapped.world.drain()

    assert bytes_of(BERLIN) not in journal
    assert await mapped.kept() == []
    assert set(await mapped.countries()) <= {""}


async def test_a_message_to_several_people_keeps_nothing(mapped: Watched) -> None:
    """Whose address it was, nobody can tell: the event says when, and nothing of where."""
    await mapped.keep_addresses()
    for email in (ADA, "ben@example.org"):
        await mapped.world.subscriber(email, YES)
    (message,) = await mapped.world.send(await mapped.world.mailing(), [ADA, "ben@example.org"])

    await mapped.world.open(message, **seen_from(BERLIN))
    journal = mapped.journal()
    await mapped.world.drain()

    assert bytes_of(BERLIN) not in journal
    assert await mapped.kept() == []
    assert await mapped.countries() == [""]


async def test_an_anonymous_mail_keeps_nothing(
    mapped: Watched, database: TemporaryDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    """SHARED and UNLINKED hits are nobody's, whatever the account keeps of others."""
    for preset in (Preset.INXMAIL, Preset.BREVO):
        await mapped.world.preset(preset)
        await mapped.keep_addresses()
        people = [f"{preset.value.lower()}{number}@example.org" for number in range(11)]
        for email in people:
            await mapped.world.subscriber(email, NO)
        for message in await mapped.world.send(await mapped.world.mailing(), *people):
            await mapped.world.open(message, **seen_from(BERLIN))

    journal = mapped.journal()
    await mapped.world.drain()

    held = await mapped.dump()
    assert len(await mapped.world.rows("SELECT 1 FROM anonymous_tally")) == 2
    assert bytes_of(BERLIN) not in journal
    assert BERLIN not in held
    assert BERLIN not in "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")


async def test_a_late_refusal_that_is_counted_keeps_nothing(
    mapped: Watched, database: TemporaryDatabase
) -> None:
    """The hit joins the anonymous part; its address and its country go with the id."""
    await mapped.world.settings(
        late_refusal=LateRefusal.COUNT, refused_opens=ANONYMOUS, unknown_opens=ANONYMOUS
    )
    await mapped.keep_addresses()
    message = await mapped.mail_to_ada()
    await mapped.world.open(message, **seen_from(BERLIN))
    mapped.world.later(minutes=1)
    await mapped.world.answer(ADA, NO)

    await mapped.world.drain()

    assert BERLIN not in await mapped.dump()
    assert await mapped.world.rows("SELECT 1 FROM event") == []


@pytest.mark.parametrize(
    ("address", "country"), [(BERLIN, "DE"), (OSLO, "NO"), (NOWHERE_KNOWN, ""), ("192.0.2.1", "")]
)
async def test_events_hold_the_country_where_the_instance_knows_it(
    mapped: Watched, database: TemporaryDatabase, address: str, country: str
) -> None:
    """The code alone, of a file that tells more; the address is kept by nobody who does not say so."""
    message = await mapped.mail_to_ada()

    await mapped.world.open(message, **seen_from(address))
    journal = mapped.journal()
    await mapped.world.drain()

    held = await mapped.dump()
    assert await mapped.countries() == [country]
    assert bytes_of(address) not in journal
    assert "Berlin" not in held
    assert address not in held


async def test_only_a_trusted_proxy_names_a_client(edge: Watched) -> None:
    """What a client writes before the proxy's own entry is no address of anybody, and the proxy's is nobody's."""
    await edge.keep_addresses()
    message = await edge.mail_to_ada()

    await edge.world.open(message, **seen_from(f"192.0.2.66, {BERLIN}"))
    edge.world.later(minutes=1)
    await edge.world.open(message, **seen_from("127.0.0.2"))
    edge.world.later(minutes=1)
    await edge.world.open(message, **seen_from("unknown"))
    edge.world.later(minutes=1)
    await edge.world.open(message)
    await edge.world.drain()

    assert len(await edge.world.rows("SELECT 1 FROM event")) == 4
    assert await edge.kept() == [BERLIN]


async def test_transactional_mail_keeps_as_campaigns_do(edge: Watched) -> None:
    """The switch is the account's, for every channel."""
    await edge.keep_addresses()
    await edge.world.subscriber(ADA, YES)
    (message,) = await edge.world.send(await edge.world.mailing(Channel.TRANSACTIONAL), ADA)

    await edge.world.open(message, **seen_from(BERLIN))
    await edge.world.drain()

    assert await edge.kept() == [BERLIN]
