"""Preparing: recipients found or made, decided, frozen, stamped."""

import re

import pytest

from app.actions.answers import Asked
from app.actions.messages import Addressee, MessageRequest, Preparation
from app.actions.prepare_messages import prepare_messages
from app.actions.record_deliveries import DeliveryEvent, DeliveryEventKind, record_deliveries
from app.domain.errors import (
    EvidenceMissing,
    InvalidEmail,
    InvalidSource,
    InvalidValue,
    LimitExceeded,
    NotFound,
)
from app.domain.modes import Channel, TrackingMode
from app.domain.permission import Evidence, PermissionChange, PermissionSource
from app.domain.presets import Preset
from app.domain.settings import WayOut
from tests.world import World

YES, NO = PermissionChange.YES, PermissionChange.NO
BARE = "<p>Hi {{name}}, <a href='https://shop.example.com/a'>look</a></p>"


async def test_each_personal_message_has_tokens_of_its_own(world: World) -> None:
    """PERSONAL gives each delivery its own pixel and links, one pixel a mail."""
    for email in ("ada@example.org", "bea@example.org"):
        await world.subscriber(email, YES)
    mailing = await world.mailing()

    one, two = await world.send(mailing, "ada@example.org", "bea@example.org")

    assert one.stamped.html.count("<img") == two.stamped.html.count("<img") == 1
    first, second = (set(re.findall(r"/[oc]/[\w.~-]+", each.stamped.html)) for each in (one, two))
    assert len(first) == len(second) == 3
    assert first.isdisjoint(second)


async def test_x4_anonymous_tracking_urls_are_the_same_for_everybody(world: World) -> None:
    """SHARED: the tracked parts of all mails are identical, so no individual id stands in them."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()

    messages = await world.send(mailing, "ada@example.org", "bea@example.org")

    tracked = {tuple(re.findall(r"/[oc]/[\w.~-]+", each.stamped.html)) for each in messages}
    assert len(tracked) == 1


async def test_x8_every_mail_brings_its_ways_out(world: World) -> None:
    """Preferences where the placeholder stands, List-Unsubscribe in any case, neither of them tracked."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()

    (message,) = await world.send(mailing, "ada@example.org")

    headers = dict(message.stamped.headers)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<https://track\.example\.org/unsubscribe/[\w-]+>", headers["List-Unsubscribe"])
    assert re.search(r'href="https://track\.example\.org/preferences/[\w-]+">Choose', message.stamped.html)


async def test_a_tracked_mail_without_a_way_out_gets_a_footer(world: World) -> None:
    """FOOTER adds one visible line; an OFF mail is left alone."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()

    tracked, off = await world.send(mailing, "ada@example.org", "new@example.org", html=BARE)

    assert "Change your settings" in tracked.stamped.html
    assert off.stamped.html == BARE


async def test_where_a_way_out_is_required_the_mail_goes_out_off_with_a_warning(world: World) -> None:
    """REQUIRED: no placeholder, no tracking, and the caller is told."""
    await world.subscriber("ada@example.org", YES)
    await world.settings(way_out=WayOut.REQUIRED)
    mailing = await world.mailing()

    prepared = await world.prepare(mailing, "ada@example.org", html=BARE)

    (message,) = prepared.messages
    assert message.decision.opens.mode is TrackingMode.OFF
    assert message.stamped.html == BARE
    assert [warning.code for warning in prepared.warnings] == ["NO_WAY_OUT"]


async def test_the_same_key_finds_the_same_deliveries_in_the_modes_of_then(world: World) -> None:
    """A repeated call stores nothing new, counts nothing twice, and keeps what was frozen."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    (first,) = await world.send(mailing, "ada@example.org", idempotency_key="spring-1")
    world.later(minutes=5)
    await world.answer("ada@example.org", NO)

    (again,) = await world.send(mailing, "ada@example.org", idempotency_key="spring-1")

    assert again.deliveries == first.deliveries
    assert again.message_id == first.message_id
    assert again.stamped.html == first.stamped.html
    assert (await world.report(mailing)).sent == 1


async def test_merge_values_fill_the_mail_and_personal_links(world: World) -> None:
    """A link that varies is sealed with its merged target for PERSONAL and left alone for OFF."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()
    html = '<a href="https://shop.example.com/{{code}}">Hi {{name}}</a>{{preferences_url}}'
    requests = [
        MessageRequest([Addressee("ada@example.org")], merge={"name": "A & B", "code": "x"}),
        MessageRequest([Addressee("new@example.org")], merge={"name": "N", "code": "y"}),
    ]

    async with world.unit() as work:
        prepared = await prepare_messages(work, Preparation(mailing, html, None, requests))

    personal, off = prepared.messages
    assert await world.click(personal) == "https://shop.example.com/x"
    assert "Hi A &amp; B" in personal.stamped.html
    assert 'href="https://shop.example.com/y"' in off.stamped.html


async def test_query_strings_of_anonymous_targets_are_not_stored(world: World) -> None:
    """A sender may have put a person's id into the query; the anonymous part never learns of it."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()

    (message, *_) = await world.send(mailing, "ada@example.org")

    assert [row["url"] for row in await world.rows("SELECT url FROM link ORDER BY number")] == [
        "https://shop.example.com/a",
        "https://shop.example.com/b",
    ]
    assert await world.click(message) == "https://shop.example.com/a?x=1"


async def test_a_no_of_the_call_is_stored_and_decides(world: World) -> None:
    """Per send: a NO counts at once (source SEND), an evidenced YES too, a bare YES is reported and left."""
    mailing = await world.mailing()
    evidence = Evidence(PermissionSource.FORM, world.now[0])
    requests = [
        MessageRequest([Addressee("no@example.org", Asked(NO), ("to", 0))]),
        MessageRequest([Addressee("yes@example.org", Asked(YES, evidence=evidence), ("to", 0))]),
        MessageRequest([Addressee("bare@example.org", Asked(YES), ("to", 0))]),
        MessageRequest(
            [
                Addressee(
                    "fake@example.org", Asked(NO, evidence=Evidence(PermissionSource.ONE_CLICK)), ("to", 0)
                )
            ]
        ),
    ]

    async with world.unit() as work:
        prepared = await prepare_messages(work, Preparation(mailing, BARE, None, requests))

    modes = [message.decision.opens.mode for message in prepared.messages]
    assert modes == [TrackingMode.OFF, TrackingMode.PERSONAL, TrackingMode.OFF, TrackingMode.OFF]
    assert [(type(error), error.path) for error in prepared.errors] == [
        (EvidenceMissing, ("recipients", 2, "to", 0)),
        (InvalidSource, ("recipients", 3, "to", 0)),
    ]
    lines = await world.rows("SELECT source, to_value FROM permission_line ORDER BY source, axis")
    assert [tuple(line) for line in lines] == [("FORM", "YES")] * 2 + [("SEND", "NO")] * 4


async def test_an_address_that_is_none_is_an_error_beside_the_others(world: World) -> None:
    """The bad message is null, the others go out, and the message of the error repeats no address."""
    mailing = await world.mailing()

    prepared = await world.prepare(mailing, "ada@example.org", "not an address")

    assert [message is None for message in prepared.messages] == [False, True]
    (error,) = prepared.errors
    assert isinstance(error, InvalidEmail)
    assert error.path == ("recipients", 1)
    assert "not an address" not in error.message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"messages": []}, LimitExceeded),
        ({"html": None}, InvalidValue),
        ({"idempotency_key": ""}, InvalidValue),
        ({"mailing_id": 42}, NotFound),
        ({"messages": [MessageRequest([])]}, None),
        ({"html": "x" * (5 * 1024 * 1024 + 1)}, LimitExceeded),
    ],
)
async def test_what_cannot_be_prepared_says_why(
    world: World, change: dict[str, object], expected: type[Exception] | None
) -> None:
    """A call that makes no sense is refused whole, a message that makes none alone; nothing is stored."""
    mailing = await world.mailing()
    call = {
        "mailing_id": mailing,
        "html": BARE,
        "text": None,
        "messages": [MessageRequest([Addressee("ada@example.org")])],
        **change,
    }

    async def prepare() -> list[Exception]:
        async with world.unit() as work:
            return (await prepare_messages(work, Preparation(**call))).errors

    if expected is None:
        assert [type(error) for error in await prepare()] == [InvalidValue]
    else:
        with pytest.raises(expected):
            await prepare()

    assert await world.rows("SELECT 1 FROM delivery") == []


async def test_another_accounts_mailing_is_not_found(world: World) -> None:
    """Everything is confined to the account of the caller."""
    from app.actions.unit import unit
    from tests.world import create_account

    mailing = await world.mailing()
    other = await create_account(world.instance, "Other")

    with pytest.raises(NotFound):
        async with unit(world.instance, other, "token:2") as work:
            await prepare_messages(
                work, Preparation(mailing, BARE, None, [MessageRequest([Addressee("ada@example.org")])])
            )


async def test_outcomes_are_recorded_once_and_a_bounce_ends_everything(world: World) -> None:
    """Delivered and bounced are counted from their first report; a bounce takes the person out of the audience."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    messages = await world.send(mailing, *[f"p{number}@example.org" for number in range(10)])
    keys = [message.deliveries[0] for message in messages]
    arrived = [DeliveryEvent(key, DeliveryEventKind.DELIVERED) for key in keys]
    bounced = DeliveryEvent(keys[0], DeliveryEventKind.BOUNCED)

    for events in (arrived, arrived, [bounced, bounced]):
        async with world.unit() as work:
            assert await record_deliveries(work, events) == []

    report = await world.report(mailing)
    assert (report.sent, report.delivered, report.bounced) == (10, 9, 1)
    (row,) = await world.rows("SELECT sum(audience_opens) AS opens FROM delivery_rollup")
    assert row["opens"] == 9
    assert [row["audience"] for row in await world.rows("SELECT audience FROM link_rollup")] == [9, 9]


async def test_a_transactional_audience_is_counted_by_day(world: World) -> None:
    """Six people today and six tomorrow are two small audiences, not one that suffices."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing(Channel.TRANSACTIONAL)

    today = await world.send(mailing, *[f"a{number}@example.org" for number in range(6)])
    world.later(days=1)
    tomorrow = await world.send(mailing, *[f"b{number}@example.org" for number in range(6)])
    for message in [*today, *tomorrow]:
        await world.open(message)
    await world.drain()

    assert (await world.report(mailing)).measured == (0, 0)
    assert await world.rows("SELECT 1 FROM anonymous_tally") == []
