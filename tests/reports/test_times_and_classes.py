"""Reports by hour, by day and by class of client, through the API."""

from datetime import timedelta
from typing import Any

from graphql_schema.scalars import write_datetime
from tests.presets.sender import Sender, exact, people, rounded

NOT_MEASURED = {"value": None, "shown": "NOT_MEASURED"}
APPLE = "Mozilla/5.0"
SCANNER = "Mozilla/5.0 (compatible; Proofpoint/2.0)"
TIMES = """query ($id: ID!, $bucket: TimelineBucket!) { mailing(id: $id) { report {
  opens { value shown } timeline(bucket: $bucket) { at opens { value shown } clicks { value shown } } } } }"""
CLASSES = """query ($id: ID!) { mailing(id: $id) { report { opens { value shown } clicks { value shown }
  byClientClass { clientClass opens { value shown } clicks { value shown } } } } }"""


async def times(sender: Sender, mailing: str, bucket: str) -> list[dict[str, Any]]:
    """The timeline of a mailing, with moments told from the beginning of the sender's first day."""
    await sender.world.drain()
    data = await sender.product.data(TIMES, {"id": mailing, "bucket": bucket}, user_id=sender.user)
    found: list[dict[str, Any]] = data["mailing"]["report"]["timeline"]
    return found


async def classes(sender: Sender, mailing: str) -> dict[str, Any]:
    """What each class did, by its name."""
    await sender.world.drain()
    report = (await sender.product.data(CLASSES, {"id": mailing}))["mailing"]["report"]
    return {each.pop("clientClass"): each for each in report["byClientClass"]} | {"report": report}


async def test_what_is_measured_personally_shows_by_hour_and_by_day(sender: Sender) -> None:
    """Two opens at noon, a click an hour later, an open the day after; hours without any are left out."""
    await sender.preset("BREVO")
    mailing = await sender.mailing()
    (mail,) = await sender.send(mailing, "ada@example.org")
    noon = sender.world.now[0].replace(minute=0, second=0)

    await sender.open(mail)
    await sender.open(mail)
    sender.world.later(hours=1)
    await sender.click(mail)
    sender.world.later(hours=23)
    await sender.open(mail)

    assert await times(sender, mailing, "HOUR") == [
        {"at": write_datetime(noon), "opens": exact(2), "clicks": exact(0)},
        {"at": write_datetime(noon + timedelta(hours=1)), "opens": exact(0), "clicks": exact(1)},
        {"at": write_datetime(noon + timedelta(days=1)), "opens": exact(1), "clicks": exact(0)},
    ]
    midnight = noon - timedelta(hours=12)
    assert await times(sender, mailing, "DAY") == [
        {"at": write_datetime(midnight), "opens": exact(2), "clicks": exact(1)},
        {"at": write_datetime(midnight + timedelta(days=1)), "opens": exact(1), "clicks": exact(0)},
    ]


async def test_what_is_anonymous_shows_by_day_and_in_no_hour(sender: Sender) -> None:
    """Twelve people: seven opens on the first day, three on the second. A day of three looks like a day of none."""
    await sender.preset("INXMAIL")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(12))
    midnight = sender.world.now[0].replace(hour=0, minute=0, second=0)

    for mail in mails[:7]:
        await sender.open(mail)
    await sender.world.drain()
    sender.world.later(days=1)
    for mail in mails[7:10]:
        await sender.open(mail)

    assert await times(sender, mailing, "HOUR") == []
    assert await times(sender, mailing, "DAY") == [
        {"at": write_datetime(midnight), "opens": rounded(5), "clicks": rounded(0)}
    ]
    assert (await sender.report(mailing))["opens"] == rounded(10)


async def test_anonymous_days_join_what_is_measured_personally(sender: Sender) -> None:
    """Hours keep the personal part alone; days add the anonymous one, and say that they are rounded."""
    await sender.preset("BREVO")
    for email in people(10):
        await sender.says(email, "NO")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(10), "ada@example.org")

    for mail in mails:
        await sender.open(mail)

    (hour,) = await times(sender, mailing, "HOUR")
    (day,) = await times(sender, mailing, "DAY")
    assert (hour["opens"], day["opens"]) == (exact(1), rounded(11))


async def test_where_the_anonymous_part_shows_in_totals_only_no_day_and_no_class_has_it(
    sender: Sender,
) -> None:
    await sender.preset("ITALY")
    await sender.says("ada@example.org", "YES")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(12), "ada@example.org")

    for mail in mails:
        await sender.open(mail)

    (day,) = await times(sender, mailing, "DAY")
    found = await classes(sender, mailing)
    assert (await sender.report(mailing))["opens"] == rounded(11)
    assert day["opens"] == exact(1)
    assert found["HUMAN_LIKELY"]["opens"] == exact(1)


async def test_x13_classes_show_what_totals_leave_out(sender: Sender) -> None:
    """A person, a proxy that loads ahead, and a scanner that opens and clicks; the totals know the person alone."""
    await sender.preset("BREVO")
    mailing = await sender.mailing()
    (mail,) = await sender.send(mailing, "ada@example.org")
    browser = sender.world.browser

    await sender.open(mail)
    ordinary = browser.headers["User-Agent"]
    for agent in (APPLE, SCANNER):
        browser.headers["User-Agent"] = agent
        await sender.open(mail)
    await sender.click(mail)
    browser.headers["User-Agent"] = ordinary

    found = await classes(sender, mailing)
    assert (found["report"]["opens"], found["report"]["clicks"]) == (exact(1), exact(0))
    assert found["HUMAN_LIKELY"] == {"opens": exact(1), "clicks": exact(0)}
    assert found["PROXY"] == {"opens": exact(1), "clicks": exact(0)}
    assert found["SCANNER"] == {"opens": exact(1), "clicks": exact(1)}
    assert found["UNKNOWN"] == {"opens": exact(0), "clicks": exact(0)}


async def test_x13_anonymous_classes_are_rounded_one_by_one(sender: Sender) -> None:
    await sender.preset("INXMAIL")
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *people(12))
    browser = sender.world.browser

    for mail in mails[:6]:
        await sender.open(mail)
    ordinary = browser.headers["User-Agent"]
    browser.headers["User-Agent"] = APPLE
    for mail in mails[:11]:
        await sender.open(mail)
    browser.headers["User-Agent"] = ordinary

    found = await classes(sender, mailing)
    assert found["report"]["opens"] == rounded(5)
    assert [found[each]["opens"] for each in ("HUMAN_LIKELY", "PROXY", "SCANNER", "UNKNOWN")] == [
        rounded(5),
        rounded(10),
        rounded(0),
        rounded(0),
    ]


async def test_p7_the_times_of_a_one_to_one_mail_are_its_users_alone(sender: Sender) -> None:
    await sender.preset("PIPEDRIVE")
    user = await sender.new_user("Grace")
    grace = sender.speaking(user)
    await grace.done("updateMyTracking", {"opens": True, "clicks": True})
    mailing = await grace.mailing("ONE_TO_ONE")
    (mail,) = await grace.send(mailing, "ada@example.org", trackOpens=True, trackClicks=True)

    await grace.open(mail)

    (hour,) = await times(grace, mailing, "HOUR")
    assert hour["opens"] == exact(1)
    assert await times(sender, mailing, "HOUR") == []
    assert (await classes(sender, mailing))["HUMAN_LIKELY"]["opens"] == NOT_MEASURED
