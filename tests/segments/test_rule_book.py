"""The rows of the rule book that are about segments, through the API: B5, B6, B9, C5, C6, M9, P7, X2."""

import asyncio

import pytest

from app.actions.jobs import perform
from app.actions.request_permission import ask_people
from app.storage.queue import Postponed
from graphql_schema.ids import number_of
from tests.letters import mail_all
from tests.presets.sender import Sender
from tests.presets.sender import people as unasked
from tests.segments.asking import answer, counts, people, stored, subscriber


async def test_b5_nobody_of_an_anonymous_mailing_is_found_by_what_they_did(sender: Sender) -> None:
    """Ten open and click; whoever asks for openers or clickers gets nobody."""
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing()
    for mail in await sender.send(mailing, *unasked(10)):
        await sender.open(mail)
        await sender.click(mail)

    for condition in ("opened", "clicked"):
        assert await people(sender, {condition: {"mailingId": mailing}}) == []


async def test_b6_segments_on_sent_and_delivered_still_work(sender: Sender) -> None:
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing()
    await sender.send(mailing, "ada@example.org", "bob@example.org")
    (bounced,) = await sender.send(mailing, "gone@example.org")
    await sender.product.upserted("new@example.org")
    event = {"deliveryId": bounced.delivery, "kind": "BOUNCED"}
    await sender.done("recordDeliveries", {"events": [event]})

    assert await people(sender, {"sent": {"mailingId": mailing}}) == ["ada", "bob", "gone"]
    assert await people(sender, {"delivered": {"mailingId": mailing}}) == ["ada", "bob"]
    assert await people(sender, {"not": {"sent": {}}}) == ["new"]
    assert await counts(sender, {"sent": {"atLeast": 2}}) == (0, 4, 0)


async def test_b9_the_whole_audience_of_an_anonymous_mailing_is_unmeasured(sender: Sender) -> None:
    """Whoever of them opens: no answer changes, so that none tells of anybody."""
    await sender.preset("BREVO")
    await sender.channel("CAMPAIGN", anonymousTracking=True)
    mailing = await sender.mailing()
    mails = await sender.send(mailing, *unasked(12))
    rules = [
        {"opened": {"mailingId": mailing}},
        {"not": {"clicked": {}}},
        {"all": [{"opened": {"mailingId": mailing, "atMost": 0}}, {"sent": {"mailingId": mailing}}]},
        {"opened": {"withinDays": 1}},
        {"engagement": {"is": ["ACTIVE", "GHOST"]}},
    ]
    before = [await counts(sender, rule) for rule in rules]

    for mail in mails[:11]:
        await sender.open(mail)
        await sender.click(mail)

    assert before == [(0, 0, 12)] * 5
    assert [await counts(sender, rule) for rule in rules] == before


async def test_c5_who_said_no_is_out_of_activity_segments_and_journeys(sender: Sender) -> None:
    """What was recorded is kept (KEEP), and answers nothing while the no stands; a new yes brings it back."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()
    mail, _ = await sender.send(mailing, "ada@example.org", "bob@example.org")
    await sender.open(mail)
    opened = await stored(sender, {"opened": {"mailingId": mailing}})
    ada = (await subscriber(sender, "ada@example.org", "id"))["id"]
    assert await answer(sender, opened, ada) == "YES"

    sender.world.later(minutes=1)
    await sender.says("ada@example.org", "NO")

    assert await answer(sender, opened, ada) == "UNMEASURED"
    for rule in ({"opened": {}}, {"not": {"opened": {}}}, {"opened": {"atMost": 0}}):
        assert "ada" not in await people(sender, rule)
    assert (await sender.delivery(mail))["opens"] == {"value": 1, "shown": "EXACT"}
    assert (await subscriber(sender, "ada@example.org", "engagement"))["engagement"] == "NOT_MEASURED"

    sender.world.later(minutes=1)
    await sender.says("ada@example.org", "YES")

    assert await answer(sender, opened, ada) == "YES"


async def test_c5_a_no_between_two_answers_leaves_a_gap(sender: Sender) -> None:
    """Ada did not open before her no, and nobody recorded while it stood: nobody can say that she did not."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()
    await sender.send(mailing, "ada@example.org", "bob@example.org")
    for said in ("NO", "YES"):
        sender.world.later(minutes=1)
        await sender.says("ada@example.org", said)

    assert await counts(sender, {"opened": {"mailingId": mailing}}) == (0, 1, 1)
    assert await people(sender, {"opened": {"mailingId": mailing, "atMost": 0}}) == ["bob"]

    sender.world.later(minutes=1)
    (mail,) = await sender.send(mailing, "ada@example.org")
    await sender.open(mail)

    assert await people(sender, {"opened": {"mailingId": mailing}}) == ["ada"]


@pytest.mark.parametrize(
    ("days", "found"),
    [(30, "ACTIVE"), (31, "ENGAGED"), (91, "UNENGAGED"), (181, "DORMANT"), (366, "GHOST")],
)
async def test_c6_engagement_goes_by_the_last_event(sender: Sender, days: int, found: str) -> None:
    """Mail goes on being sent, so that silence is known to be silence."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()
    (mail,) = await sender.send(mailing, "ada@example.org")
    await sender.click(mail)
    await sender.world.drain()

    sender.world.later(days=days)
    await sender.send(mailing, "ada@example.org")

    assert (await subscriber(sender, "ada@example.org", "engagement"))["engagement"] == found
    assert await people(sender, {"engagement": {"is": [found]}}) == ["ada"]
    assert await people(sender, {"not": {"engagement": {"is": [found]}}}) == []


async def test_c6_who_is_not_measured_has_no_class(sender: Sender) -> None:
    """No mail for 90 days, none that was personal, a no: three ways of not knowing, and one who is known to be silent."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing, anonymous = await sender.mailing(), await sender.mailing(opens="ANONYMOUS", clicks="ANONYMOUS")
    await sender.send(mailing, "long.ago@example.org")
    sender.world.later(days=91)
    await sender.send(anonymous, "anonymous@example.org")
    await sender.send(mailing, "no@example.org", "silent@example.org")
    await sender.says("no@example.org", "NO")

    unmeasured = ["anonymous", "long.ago", "no"]
    assert await people(sender, {"engagement": {"is": ["NOT_MEASURED"]}}) == unmeasured
    assert await people(sender, {"engagement": {"is": ["GHOST"]}}) == ["silent"]
    assert await people(sender, {"engagement": {"is": ["GHOST"]}}, unmeasured=True) == [*unmeasured, "silent"]
    assert await counts(sender, {"not": {"engagement": {"is": ["ACTIVE"]}}}) == (1, 0, 3)


async def test_c9_the_permission_is_a_field_of_segments(sender: Sender) -> None:
    """On one axis or on both; a yes that has outlived its lifetime is none, and the old yes of a moment ago is not."""
    await sender.preset("CAMPAIGN_MONITOR")
    await sender.says("yes@example.org", "YES")
    await sender.says("no@example.org", "NO")
    await sender.product.upserted("half@example.org", **{**sender.product.said_yes(), "clicks": "NO"})
    await sender.product.upserted("unknown@example.org")

    def rule(*values: str, **more: str) -> dict[str, object]:
        return {"permission": {"is": list(values), **more}}

    assert await people(sender, rule("YES")) == ["yes"]
    assert await people(sender, rule("YES", axis="OPENS")) == ["half", "yes"]
    assert await people(sender, rule("YES", "NO")) == ["half", "no", "yes"]
    assert await counts(sender, {"not": rule("NO", axis="CLICKS")}) == (2, 2, 0)

    await sender.done("updateSettings", {"permissionLifetimeDays": 30})
    sender.world.later(days=31)

    assert await people(sender, rule("UNKNOWN")) == ["unknown", "yes"]
    assert await people(sender, rule("YES", axis="OPENS")) == []


async def test_m9_anonymised_people_are_out_of_reach_unless_they_are_asked_for(sender: Sender) -> None:
    """In Mapp's preset a no is counted anonymously; neither openers nor those who did not open hold her."""
    await sender.preset("MAPP")
    await sender.says("anonymous@example.org", "NO")
    mailing = await sender.mailing()
    for mail in await sender.send(mailing, "anonymous@example.org", "ada@example.org"):
        await sender.open(mail)
    await sender.product.upserted("never.sent@example.org")
    opened, anonymous = {"opened": {"mailingId": mailing}}, "anonymous@example.org"
    plain, wide = await stored(sender, opened), await stored(sender, opened, includeUnmeasured=True)

    assert await people(sender, opened) == ["ada"]
    assert await people(sender, {"not": opened}) == ["never.sent"]
    assert await people(sender, opened, unmeasured=True) == ["ada", "anonymous"]
    who = (await subscriber(sender, anonymous, "id"))["id"]
    assert await answer(sender, plain, who) == await answer(sender, wide, who) == "UNMEASURED"


async def test_p7_opens_of_one_to_one_mail_answer_to_its_user_alone(sender: Sender) -> None:
    await sender.preset("PIPEDRIVE")
    ada, bob = [sender.speaking(await sender.new_user(name)) for name in ("Ada", "Bob")]
    await ada.done("updateMyTracking", {"opens": True, "clicks": True})
    mailing = await ada.mailing("ONE_TO_ONE")
    (mail,) = await ada.send(mailing, "customer@example.org", trackOpens=True, trackClicks=True)
    await ada.open(mail)
    rule = {"opened": {"mailingId": mailing}}

    assert await counts(ada, rule) == (1, 0, 0)
    for other in (bob, sender):
        assert await counts(other, rule) == (0, 0, 1)
        assert await counts(other, {"opened": {}}) == (0, 0, 1)
        assert (await subscriber(other, "customer@example.org", "engagement"))["engagement"] == "NOT_MEASURED"
    assert (await subscriber(ada, "customer@example.org", "engagement"))["engagement"] == "ACTIVE"


async def test_x2_did_not_open_holds_only_those_who_were_measured(sender: Sender) -> None:
    """Of a mailing: one opened, one did not, one said no, two share a mail, one never got it, one bounced."""
    await sender.preset("CAMPAIGN_MONITOR")
    await sender.says("refused@example.org", "NO")
    mailing = await sender.mailing()
    mail, *_, bounced = await sender.send(
        mailing, "opened@example.org", "silent@example.org", "refused@example.org", "gone@example.org"
    )
    await sender.open(mail)
    shared = [{"to": [{"email": "one@example.org"}, {"email": "two@example.org"}]}]
    await sender.done("prepareMessages", {"mailingId": mailing, "html": "<p>Hi</p>", "recipients": shared})
    await sender.product.upserted("never.sent@example.org")
    event = {"deliveryId": bounced.delivery, "kind": "BOUNCED"}
    await sender.done("recordDeliveries", {"events": [event]})
    opened = {"opened": {"mailingId": mailing}}
    got_it = {"delivered": {"mailingId": mailing}}

    assert await people(sender, opened) == ["opened"]
    assert await people(sender, {"all": [{"not": opened}, got_it]}) == ["silent"]
    assert await people(sender, {"not": opened}) == ["gone", "never.sent", "silent"]
    assert await counts(sender, {"all": [opened, got_it]}) == (1, 3, 3)
    assert await people(sender, {"any": [opened, got_it]}) == ["one", "opened", "refused", "silent", "two"]


async def test_x2_a_yes_covers_only_the_purposes_of_its_wording(sender: Sender) -> None:
    """Who was asked about measuring alone is measured in reports, and unmeasured in segments."""
    asked = {"locale": "en", "text": "May we count?", "purposes": ["MEASURE"]}
    wording = (await sender.done("createWording", asked, "wording { id }"))["wording"]["id"]
    await sender.product.upserted("ada@example.org", **sender.product.said_yes(), wordingId=wording)
    await sender.product.upserted("bob@example.org", **sender.product.said_yes())
    mailing = await sender.mailing()
    for mail in await sender.send(mailing, "ada@example.org", "bob@example.org"):
        await sender.open(mail)

    assert (await sender.report(mailing))["uniqueOpens"] == {"value": 2, "shown": "EXACT"}
    assert await counts(sender, {"opened": {}}) == (1, 0, 1)
    assert (await subscriber(sender, "ada@example.org", "engagement"))["engagement"] == "NOT_MEASURED"


async def test_m5_a_segment_is_asked_for_permission_in_steps(sender: Sender) -> None:
    """Everybody of it once, and nobody else; who said no lately is told at once."""
    await sender.preset("CAMPAIGN_MONITOR")
    for number in range(120):
        city = "Rome" if number % 2 else "Paris"
        await sender.product.upserted(f"person{number}@example.org", attributes={"city": city})
    refused = await sender.product.upserted("no@example.org", attributes={"city": "Rome"}, permission="NO")
    segment = await stored(sender, {"attribute": {"name": "city", "op": "EQ", "value": "Rome"}})

    payload = await sender.product.change("requestPermission", {"segmentId": segment}, "job { id }")
    job = payload["job"]["id"]
    with pytest.raises(Postponed):
        await perform(sender.world.instance, ask_people, number_of(job, "Job"), asyncio.Event())
    await mail_all(sender.world.instance)
    await perform(sender.world.instance, ask_people, number_of(job, "Job"), asyncio.Event())

    query = "query ($id: ID!) { node(id: $id) { ... on Job { status progress counts } } }"
    done = (await sender.product.data(query, {"id": job}))["node"]
    assert done == {"status": "DONE", "progress": 1.0, "counts": {"asked": 60, "askedRecently": 1}}
    assert [(each["code"], each["path"]) for each in payload["errors"]] == [
        ("ASKED_RECENTLY", ["segmentId", refused])
    ]
    assert len(list((sender.world.data / "outbox").rglob("*.eml"))) == 60


async def test_m5_a_segment_that_is_deleted_meanwhile_is_not_asked(sender: Sender) -> None:
    await sender.product.upserted("ada@example.org")
    segment = await stored(sender, {"all": []})
    payload = await sender.done("requestPermission", {"segmentId": segment}, "job { id }")
    await sender.done("deleteSegment", {"id": segment})

    job = payload["job"]["id"]
    await perform(sender.world.instance, ask_people, number_of(job, "Job"), asyncio.Event())

    query = "query ($id: ID!) { node(id: $id) { ... on Job { status message } } }"
    done = (await sender.product.data(query, {"id": job}))["node"]
    assert done == {"status": "FAILED", "message": "There is no such segment, or none any more."}
