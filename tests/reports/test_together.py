"""One report over several mailings: it adds up what the report of each says."""

from typing import Any

from graphql_schema.ids import encode_id
from graphql_schema.scalars import write_datetime
from tests.presets.sender import Sender, exact, people, rounded

FIELDS = """sent delivered bounced measured { opens clicks } coverage { opens clicks }
  opens { value shown } uniqueOpens { value shown } clicks { value shown } uniqueClicks { value shown }
  openRate { value lower upper basis shown } clickRate { value lower upper basis shown }
  clickToOpenRate { value basis shown } links { url clicks { value shown } uniqueClicks { value shown } }
  byClientClass { clientClass opens { value shown } clicks { value shown } }
  timeline(bucket: DAY) { at opens { value shown } clicks { value shown } }"""
ONE = f"query ($id: ID!) {{ mailing(id: $id) {{ report {{ {FIELDS} }} }} }}"
SEVERAL = f"""query ($ids: [ID!], $channel: Channel, $from: DateTime, $to: DateTime) {{
  report(mailingIds: $ids, channel: $channel, from: $from, to: $to) {{ {FIELDS} }} }}"""
NOTHING = {"value": None, "shown": "NOT_MEASURED"}


async def one(sender: Sender, mailing: str) -> dict[str, Any]:
    await sender.world.drain()
    found: dict[str, Any] = (await sender.product.data(ONE, {"id": mailing}))["mailing"]["report"]
    return found


async def several(sender: Sender, **asked: Any) -> dict[str, Any]:
    await sender.world.drain()
    found: dict[str, Any] = (await sender.product.data(SEVERAL, asked))["report"]
    return found


async def test_a_report_of_one_mailing_is_its_own_report(sender: Sender) -> None:
    """Also where the mailing is named twice."""
    await sender.preset("BREVO")
    mailing = await sender.mailing()
    (mail,) = await sender.send(mailing, "ada@example.org")
    await sender.open(mail)
    await sender.click(mail)

    assert await several(sender, ids=[mailing, mailing]) == await one(sender, mailing)


async def test_personal_mailings_add_up_delivery_by_delivery(sender: Sender) -> None:
    """Ada opens both mailings and counts in each; Bob opens one of them and clicks."""
    await sender.preset("BREVO")
    spring, summer = await sender.mailing(), await sender.mailing()
    first = await sender.send(spring, "ada@example.org", "bob@example.org")
    second = await sender.send(summer, "ada@example.org")
    for mail in (*first, *second):
        await sender.open(mail)
    await sender.click(first[1])

    both = await several(sender, ids=[spring, summer])

    assert (both["sent"], both["delivered"], both["measured"]) == (3, 3, {"opens": 3, "clicks": 3})
    assert (both["opens"], both["uniqueOpens"]) == (exact(3), exact(3))
    assert (both["clicks"], both["uniqueClicks"]) == (exact(1), exact(1))
    assert both["openRate"]["value"] == 1.0
    assert both["clickToOpenRate"]["value"] == 1 / 3
    assert both["links"] == [
        {"url": "https://shop.example.com/a", "clicks": exact(1), "uniqueClicks": exact(1)}
    ]


async def test_x3_bounds_over_several_mailings_hold_for_everybody(sender: Sender) -> None:
    """Ten people were measured and five of them opened; ten of a mailing without tracking may have, or not."""
    await sender.preset("BREVO")
    measured, dark = await sender.mailing(), await sender.mailing(opens="OFF", clicks="OFF")
    mails = await sender.send(measured, *people(10))
    await sender.send(dark, *people(10))
    for mail in mails[:5]:
        await sender.open(mail)

    both = await several(sender, ids=[measured, dark])

    assert both["coverage"] == {"opens": 0.5, "clicks": 0.5}
    assert both["openRate"] == {
        "value": 0.5,
        "lower": 0.25,
        "upper": 0.75,
        "basis": "UNIQUE",
        "shown": "EXACT",
    }


async def test_x5_a_sum_is_of_what_is_published_and_not_of_what_was_counted(sender: Sender) -> None:
    """Nine and nine opens are ten, since each is five: rounding the eighteen would tell more than both do."""
    await sender.preset("INXMAIL")
    mailings = [await sender.mailing(), await sender.mailing()]
    for mailing in mailings:
        for mail in (await sender.send(mailing, *people(12)))[:9]:
            await sender.open(mail)

    both = await several(sender, ids=mailings)

    assert [(await one(sender, each))["opens"] for each in mailings] == [rounded(5), rounded(5)]
    assert both["opens"] == rounded(10)
    assert [point["opens"] for point in both["timeline"]] == [rounded(10)]
    assert both["byClientClass"][0]["opens"] == rounded(10)


async def test_x5_too_few_people_are_not_more_in_company(sender: Sender) -> None:
    """Six and six people are two audiences that are too small, and not one of twelve."""
    await sender.preset("INXMAIL")
    mailings = [await sender.mailing(), await sender.mailing()]
    for number, mailing in enumerate(mailings):
        for mail in await sender.send(mailing, *people(12)[number * 6 : number * 6 + 6]):
            await sender.open(mail)

    both = await several(sender, ids=mailings)

    assert (both["opens"], both["measured"]) == (NOTHING, {"opens": 0, "clicks": 0})
    assert both["timeline"] == []


async def test_the_account_over_time_is_what_was_made_in_it(sender: Sender) -> None:
    await sender.preset("BREVO")
    began = write_datetime(sender.world.now[0])
    for channel in ("CAMPAIGN", "TRANSACTIONAL", "CAMPAIGN"):
        (mail,) = await sender.send(await sender.mailing(channel), "ada@example.org")
        await sender.open(mail)
        sender.world.later(days=1)
    ended = write_datetime(sender.world.now[0])

    assert (await several(sender))["opens"] == exact(3)
    assert (await several(sender, channel="CAMPAIGN"))["opens"] == exact(2)
    assert (await several(sender, to=began))["sent"] == 0
    assert (await several(sender, **{"from": began, "to": ended}))["sent"] == 3
    assert (await several(sender, **{"from": ended}))["openRate"] == {
        "value": None,
        "lower": None,
        "upper": None,
        "basis": "TOTAL",
        "shown": "NOT_MEASURED",
    }


async def test_a_mailing_that_is_not_there_is_named(sender: Sender) -> None:
    mailing = await sender.mailing()

    answer = await sender.product.ask(SEVERAL, {"ids": [mailing, encode_id("Mailing", 7)]})

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "mailingIds" in str(error)


async def test_a_hundred_reports_cost_as_many_statements_as_one(sender: Sender) -> None:
    """A report over many mailings, and reports of many mailings, read every table once."""
    await sender.preset("BREVO")
    for _ in range(12):
        await sender.send(await sender.mailing(), "ada@example.org")
    page = "{ mailings(first: %d) { edges { node { report { sent timeline(bucket: DAY) { at } } } } } }"

    few, many = [await sender.product.statements(page % size) for size in (1, 12)]
    whole = await sender.product.statements("{ report { sent timeline(bucket: DAY) { at } } }")

    assert len(few) == len(many)
    assert len(whole) <= len(few) + 1
