"""The file of a mailing: everything of who was measured, nothing of who was counted, and lines that are nobody's."""

from collections import Counter
from typing import Any

import pytest

from app.actions.record_deliveries import DeliveryEvent, DeliveryEventKind, record_deliveries
from app.domain.global_ids import encode_id, number_of
from app.domain.modes import Channel, TrackingMode
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.principal import SCOPES
from tests.exports.shelf import Shelf

YES, NO = PermissionChange.YES, PermissionChange.NO
PEOPLE = [f"p{number}@example.org" for number in range(12)]
HEADER = "email,ip,sent_at,delivered_at,measured_opens,first_opened_at,opens,measured_clicks,clicks,links"
BOTH_LINKS = "https://shop.example.com/b https://shop.example.com/a?x=1"
DELIVERIES = """query ($id: ID!) { mailing(id: $id) { deliveries(first: 50) { edges { node {
  subscriber { email } sentAt deliveredAt firstOpenedAt opens { value shown } clicks { value shown } clickedLinks } } } } }"""


async def of_mailing(shelf: Shelf, mailing: int, **more: Any) -> list[dict[str, str]]:
    return await shelf.rows(kind="CAMPAIGN", mailingId=encode_id("Mailing", mailing), **more)


def nobodys(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["email"] == "Anonymized contact"]


async def anonymous(shelf: Shelf, preset: Preset, openers: int, channel: Channel = Channel.CAMPAIGN) -> int:
    """A mailing whose twelve people said no, of whom so many open it, all on one day."""
    await shelf.world.preset(preset)
    for email in PEOPLE:
        await shelf.world.subscriber(email, NO)
    mailing = await shelf.world.mailing(channel)
    messages = await shelf.world.send(mailing, *PEOPLE)
    for message in messages[:openers]:
        await shelf.world.open(message)
    await shelf.world.drain()
    return mailing


async def test_the_first_line_is_fixed(shelf: Shelf) -> None:
    """Scripts read these columns, so they stand here word for word."""
    mailing = await shelf.world.mailing()

    text = await shelf.text(kind="CAMPAIGN", mailingId=encode_id("Mailing", mailing))

    assert text == f"{HEADER}\n"


async def test_b0_personal_lines_say_everything(shelf: Shelf) -> None:
    """Who opened and clicked when, and which links; who was never asked has a line too, marked not measured."""
    await shelf.world.subscriber("ada@example.org", YES)
    mailing = await shelf.world.mailing()
    ada, _ = await shelf.world.send(mailing, "ada@example.org", "joe@example.org")
    sent = shelf.world.now[0].isoformat()
    async with shelf.world.unit() as unit:
        await record_deliveries(unit, [DeliveryEvent(ada.deliveries[0], DeliveryEventKind.DELIVERED)])
    shelf.world.later(minutes=5)
    opened = shelf.world.now[0].isoformat()
    await shelf.world.open(ada)
    await shelf.world.open(ada)
    await shelf.world.click(ada, 1)
    await shelf.world.click(ada, 0)
    await shelf.world.drain()

    rows = await of_mailing(shelf, mailing)

    assert sorted(",".join(row.values()) for row in rows) == [
        f"ada@example.org,,{sent},{sent},true,{opened},2,true,2,{BOTH_LINKS}",
        f"joe@example.org,,{sent},,false,,0,false,0,",
    ]


@pytest.mark.parametrize("channel", [Channel.CAMPAIGN, Channel.TRANSACTIONAL])
async def test_b7_campaign_csv_hides_contacts(shelf: Shelf, channel: Channel) -> None:
    """SHARED: no address and no time of anybody; one line for the day, with its published count (B11: transactional, too)."""
    mailing = await anonymous(shelf, Preset.INXMAIL, 8, channel)
    today = shelf.world.now[0].date().isoformat()

    text = await shelf.text(kind="CAMPAIGN", mailingId=encode_id("Mailing", mailing))

    assert text == (
        f"{HEADER}\nAnonymized contact,Anonymized data,{today},,true,{today},5,true,0,Anonymized data\n"
    )


async def test_b7_unlinked_numbers_have_a_line_each(shelf: Shelf) -> None:
    """As many equal lines as the published size; who opened how often is not said."""
    mailing = await anonymous(shelf, Preset.BREVO, 11)
    today = shelf.world.now[0].date().isoformat()

    rows = await of_mailing(shelf, mailing)

    line = f"Anonymized contact,Anonymized data,{today},,true,{today},1,true,0,Anonymized data"
    assert Counter(",".join(row.values()) for row in rows) == {line: 10}
    assert (await shelf.world.report(mailing)).unique_opens.value == 10


async def test_b7_unlinked_days_are_said_as_far_as_they_are_published(shelf: Shelf) -> None:
    """Seven numbers first seen on one day and four on the next are ten lines, and a day stands on five of them."""
    mailing = await anonymous(shelf, Preset.BREVO, 0)
    messages = await shelf.world.send(mailing, *(f"q{number}@example.org" for number in range(12)))
    assert {each.decision.opens.mode for each in messages} == {"PERSONAL"}
    for email in PEOPLE:
        await shelf.world.answer(email, NO)
    more = await shelf.world.send(mailing, *PEOPLE)
    first = shelf.world.now[0].date().isoformat()
    for message in more[:7]:
        await shelf.world.open(message)
    await shelf.world.drain()
    shelf.world.later(days=1)
    for message in more[7:11]:
        await shelf.world.open(message)
    await shelf.world.drain()

    rows = nobodys(await of_mailing(shelf, mailing))

    assert Counter(row["first_opened_at"] for row in rows) == {first: 5, "Anonymized data": 5}


async def test_b7_everybody_is_nobody(shelf: Shelf) -> None:
    """Where all twelve opened, a line each would name them all: there is none."""
    mailing = await anonymous(shelf, Preset.BREVO, 12)

    assert await of_mailing(shelf, mailing) == []


async def test_b7_small_audiences_have_no_line(shelf: Shelf) -> None:
    await shelf.world.preset(Preset.INXMAIL)
    mailing = await shelf.world.mailing()
    for message in await shelf.world.send(mailing, *PEOPLE[:9]):
        await shelf.world.open(message)
    await shelf.world.drain()

    assert await of_mailing(shelf, mailing) == []


async def test_b7_totals_alone_have_no_day(shelf: Shelf) -> None:
    """Where the account shows the anonymous part in totals only, one line has the total, and no day."""
    mailing = await anonymous(shelf, Preset.ITALY, 11)

    (row,) = await of_mailing(shelf, mailing)

    assert (row["email"], row["first_opened_at"], row["opens"]) == (
        "Anonymized contact",
        "Anonymized data",
        "10",
    )


async def test_b7_clicks_stand_on_the_line_of_their_day(shelf: Shelf) -> None:
    """Ten openings and six clicks of a day are one line; what the lines say adds up to what the report says."""
    mailing = await anonymous(shelf, Preset.INXMAIL, 10)
    messages = await shelf.world.send(mailing, *(f"q{number}@example.org" for number in range(6)))
    for message in messages:
        await shelf.world.click(message, 0)
    await shelf.world.drain()

    (row,) = await of_mailing(shelf, mailing)

    report = await shelf.world.report(mailing)
    assert (row["opens"], row["clicks"]) == ("10", "5")
    assert (report.opens.value, report.clicks.value) == (10, 5)


async def test_b7_what_the_report_withholds_is_on_no_line(shelf: Shelf) -> None:
    """The hits of a link that too few people had are in no total, and so on no line."""
    mailing = await anonymous(shelf, Preset.INXMAIL, 5)
    await shelf.world.rows("UPDATE link_rollup SET audience = 3 WHERE mailing_id = $1", mailing)
    await shelf.world.rows(
        "INSERT INTO anonymous_tally (mailing_id, send_day, kind, link, day, client_class, n, shown, account_id, channel) "
        "SELECT $1, 0, 'CLICKED', 1, 20000, 'HUMAN_LIKELY', 25, 25, account_id, channel FROM mailing WHERE id = $1",
        mailing,
    )

    rows = await of_mailing(shelf, mailing)

    assert [(row["opens"], row["clicks"]) for row in rows] == [("5", "0")]


async def test_b7_every_line_says_what_the_delivery_says(shelf: Shelf) -> None:
    """A mail to two, a no that hides, an answer on one axis: the file and GraphQL say the same of each delivery."""
    await shelf.world.preset(Preset.STRICT)
    await shelf.world.settings(unknown_clicks=TrackingMode.ANONYMOUS, unknown_opens=TrackingMode.OFF)
    for email in ("ann@example.org", "ben@example.org", "cat@example.org", "dan@example.org"):
        await shelf.world.subscriber(email, YES)
    mailing = await shelf.world.mailing(Channel.TRANSACTIONAL)
    everybody = ["ann@example.org", "ben@example.org", ["cat@example.org", "dan@example.org"]]
    for message in await shelf.world.send(mailing, *everybody):
        await shelf.world.open(message)
        await shelf.world.click(message)
    await shelf.world.drain()
    await shelf.world.answer("ben@example.org", NO)

    rows = await of_mailing(shelf, mailing)
    data = await shelf.product.data(DELIVERIES, {"id": encode_id("Mailing", mailing)})

    nodes = [edge["node"] for edge in data["mailing"]["deliveries"]["edges"]]
    assert sorted(
        (row["email"], row["measured_opens"], row["opens"], row["clicks"], row["links"]) for row in rows
    ) == sorted(
        (
            each["subscriber"]["email"],
            str(each["opens"]["shown"] == "EXACT").lower(),
            str(each["opens"]["value"]),
            str(each["clicks"]["value"]),
            " ".join(each["clickedLinks"]),
        )
        for each in nodes
    )
    assert Counter(row["measured_opens"] for row in rows) == {"true": 1, "false": 3}


async def test_without_personal_read_every_contact_is_anonymised(shelf: Shelf) -> None:
    """A token that may not see people gets a line for each, as it gets a delivery for each, and nothing of anybody."""
    await shelf.world.subscriber("ada@example.org", YES)
    mailing = await shelf.world.mailing()
    (message,) = await shelf.world.send(mailing, "ada@example.org")
    await shelf.world.open(message)
    await shelf.world.drain()

    (row,) = await of_mailing(shelf, mailing, scopes=SCOPES - {"personal:read"})

    sent = shelf.world.now[0].isoformat()
    assert ",".join(row.values()) == f"Anonymized contact,Anonymized data,{sent},,false,,0,false,0,"


async def test_p7_one_to_one_mail_is_in_its_users_file_alone(shelf: Shelf) -> None:
    """Others see that it was sent, and cannot download what its user saw."""
    payload = await shelf.product.done("createUser", {"name": "Eve"}, "user { id }")
    user = number_of(payload["user"]["id"], "User")
    await shelf.world.subscriber("ada@example.org", YES)
    mailing = await shelf.world.mailing()
    (message,) = await shelf.world.send(mailing, "ada@example.org")
    await shelf.world.open(message)
    await shelf.world.drain()
    async with shelf.world.unit() as unit:
        await unit.connection.execute("UPDATE mailing SET channel = 'ONE_TO_ONE', user_id = $1", user)

    (own,) = await of_mailing(shelf, mailing, user_id=user)
    (others,) = await of_mailing(shelf, mailing)
    given = {"kind": "CAMPAIGN", "mailingId": encode_id("Mailing", mailing)}
    made = await shelf.made(await shelf.asked_for(user_id=user, **given))

    assert (own["measured_opens"], own["opens"]) == ("true", "1")
    assert (others["email"], others["measured_opens"], others["opens"]) == ("ada@example.org", "false", "0")
    assert made is not None
    assert (await shelf.get(made["url"])).status_code == 403


async def test_cells_cannot_be_formulas(shelf: Shelf) -> None:
    """An address is a text that strangers choose."""
    await shelf.world.subscriber("=1+1@example.org")
    mailing = await shelf.world.mailing()
    await shelf.world.send(mailing, "=1+1@example.org")

    (row,) = await of_mailing(shelf, mailing)

    assert row["email"] == "'=1+1@example.org"
