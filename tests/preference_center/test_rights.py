"""With a fresh link a person sees what is recorded, takes it along, and has it erased; and alone comes back."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import httpx
import jsonschema
import pytest

from app.actions.erase import erase
from app.domain.forms import FormQuestion
from tests.preference_center.conftest import Center
from tests.preference_center.receipt_schema import RECEIPT

FORMULA = '=HYPERLINK("https://evil.example")'


def linked(page: httpx.Response, words: str) -> str:
    """Where the link with these words leads."""
    before = page.text.partition(words)[0]
    return before.rpartition('href="')[2].partition('"')[0].removeprefix("https://track.example.org")


async def erased(center: Center):
    person = await center.person()
    async with center.world.unit() as work:
        await erase(work, person)
    return person


async def test_a_link_from_a_mail_offers_and_does_none_of_it(center: Center):
    """Mails get forwarded: no download, no erasure, and nothing has changed afterwards."""
    person = await center.person()
    link = center.link(person)

    page = await center.browser.get(link)
    for erasing in ("recorded", "everything"):
        assert (await center.browser.post(link, data={"erase": erasing})).status_code == 403
    shown = [await center.browser.get(f"{link}/{part}") for part in ("data.zip", "recorded", "answers")]

    assert "What is recorded about you" not in page.text
    assert {each.status_code for each in shown} == {403}
    assert all("This takes a private link" in each.text for each in shown)
    assert all("Mail me the link" in each.text for each in shown)
    assert (await center.lines(), await center.count("subscriber")) == (0, 1)


async def test_x6_the_receipt_fits_its_schema_and_holds_the_wording_and_the_seals(center: Center):
    person = await center.person()
    link = center.fresh_link(person)
    await center.browser.post(link, data={"tracking": "yes"})
    center.world.later(minutes=5)
    await center.browser.post(link, data={"opens": "no"})

    answer = await center.browser.get(linked(await center.browser.get(link), "Download the receipt"))

    receipt = answer.json()
    jsonschema.validate(receipt, RECEIPT)
    lines = await center.world.rows("SELECT hash FROM permission_line ORDER BY number")
    assert [event["hash"] for event in receipt["events"]] == [row["hash"].hex() for row in lines]
    assert [event["event_type"] for event in receipt["events"]] == [
        "consent given",
        "consent given",
        "consent withdrawn",
    ]
    assert receipt["pii_processing"]["privacy_notices"][0]["text"].startswith("May Test see whether you open")
    assert receipt["standing"]["opens"]["state"] == "NO"
    assert "ada@" not in answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="receipt.json"'


async def test_a_receipt_link_expires_and_opens_nothing_else(center: Center):
    person = await center.person()
    path = linked(await center.browser.get(center.fresh_link(person)), "Download the receipt")

    as_page = await center.browser.get(path.replace("/receipts/", "/preferences/"))
    center.world.now[0] += timedelta(hours=24)
    late = await center.browser.get(path)

    assert (as_page.status_code, late.status_code) == (404, 404)


async def test_everything_about_a_person_comes_as_json_and_csv(center: Center):
    """Profile, lists, answers with their wording, mails and events; a formula is shown and never run."""
    letters = await center.add_list()
    person = await center.person(attributes={"note": FORMULA}, lists=[letters])
    link = center.fresh_link(person)
    await center.browser.post(link, data={"tracking": "yes"})
    mailing = await center.world.mailing()
    (message,) = await center.world.send(mailing, "ada@example.org")
    await center.world.open(message)
    await center.world.click(message)
    await center.world.drain()

    answer = await center.browser.get(linked(await center.browser.get(link), "Download everything"))

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    whole = json.loads(archive.read("everything.json"))
    assert whole["profile"]["email"] == "ada@example.org"
    assert whole["profile"]["attributes"] == {"note": FORMULA}
    assert whole["memberships"] == [{"list": "Letters", "status": "SUBSCRIBED"}]
    assert [(each["axis"], each["to"], each["actor"]) for each in whole["permission"]] == [
        ("OPENS", "YES", "person"),
        ("CLICKS", "YES", "person"),
    ]
    assert whole["permission"][0]["wording"].startswith("May Test see")
    assert whole["deliveries"][0]["clicked_links"] == ["https://shop.example.com/a?x=1"]
    assert sorted(each["kind"] for each in whole["events"]) == ["CLICKED", "FIRST_OPENING"]
    rows = {
        kind: list(csv.reader(io.StringIO(archive.read(f"{kind}.csv").decode())))
        for kind in ("profile", "memberships", "permission", "deliveries", "events")
    }
    assert {kind: len(found) - 1 for kind, found in rows.items()} == {
        "profile": 1, "memberships": 1, "permission": 2, "deliveries": 1, "events": 2,
    }  # fmt: skip


async def test_sign_ups_that_wait_are_part_of_everything(center: Center):
    """What was ticked in a form, and when, is recorded about the person whether it was confirmed or not."""
    person = await center.person()
    form = await center.form(FormQuestion.BOTH_TOGETHER, double_opt_in=True)
    await center.browser.post(form, data={"email": "ada@example.org", "tracking": "yes"})

    answer = await center.browser.get(f"{center.fresh_link(person)}/data.zip")

    whole = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("everything.json"))
    assert [(each["opens"], each["confirmed_at"]) for each in whole["sign_ups"]] == [("YES", None)]


async def test_x9_stop_and_erase_deletes_what_was_recorded(center: Center):
    person = await center.person()
    link = center.fresh_link(person)
    await center.browser.post(link, data={"tracking": "yes"})
    mailing = await center.world.mailing()
    (message,) = await center.world.send(mailing, "ada@example.org")
    await center.world.open(message)
    await center.world.drain()

    page = await center.browser.post(link, data={"erase": "recorded"})

    assert "everything recorded about your opens and clicks has been deleted" in page.text
    assert await center.count("event") == 0
    assert (await center.world.report(mailing)).measured == (0, 0)
    assert await center.standing() == "NO/WITHDRAWN/PREFERENCE_CENTER NO/WITHDRAWN/PREFERENCE_CENTER"


async def test_a_person_erases_themselves_and_old_links_answer_politely(center: Center):
    """Showing, answering, stopping and leaving all say that there is nobody any more, and do nothing."""
    person = await center.person()
    link, old = center.fresh_link(person), center.link(person)

    done = await center.browser.post(link, data={"erase": "everything"})
    lines = await center.lines()

    assert (done.status_code, "You have been erased" in done.text) == (200, True)
    for page in (
        await center.browser.get(old),
        await center.browser.get(f"{link}/data.zip"),
        await center.browser.post(old, data={"tracking": "yes"}),
        await center.browser.post(f"{old}/stop-tracking", data={"Tracking": "Stop"}),
        await center.browser.post(center.unsubscribe_link(person, 0), data={"List-Unsubscribe": "One-Click"}),
    ):
        assert page.status_code == 200
        assert "What was recorded about you here is deleted" in page.text
    assert (await center.lines(), await center.count("subscriber")) == (lines, 0)


async def test_no_link_is_mailed_to_an_erased_person(center: Center):
    await erased(center)

    answer = await center.browser.post("/preferences", data={"email": "ada@example.org"})

    assert answer.status_code == 200
    assert center.mails() == []


@pytest.mark.parametrize("double_opt_in", [True, False])
async def test_only_a_confirmed_sign_up_brings_an_erased_person_back(center: Center, double_opt_in: bool):
    """Submitting stores no subscriber, whatever the form says, and looks like any other submission."""
    old = await erased(center)
    await center.world.settings(permission_required=False)
    form = await center.form(FormQuestion.BOTH_TOGETHER, double_opt_in=double_opt_in)
    await center.person("ben@example.org")

    said = [
        (await center.browser.post(form, data={"email": f"{name}@example.org", "tracking": "yes"})).text
        for name in ("ada", "ben")
    ]
    before = await center.count("subscriber")
    path = center.mailed_path(0)
    shown = await center.browser.get(path)
    confirmed = await center.browser.post(path)

    assert said[0] == said[1]
    assert before == 1
    assert "a•••@e•••.org" in shown.text
    assert confirmed.status_code == 200
    assert await center.standing() == "YES//FORM YES//FORM"
    (row,) = await center.world.rows(
        "SELECT id, ledger_length FROM subscriber WHERE address = 'ada@example.org'"
    )
    assert row["id"] != old
    assert row["ledger_length"] == 4
    assert await center.world.rows("SELECT FROM pending_sign_up WHERE address IS NOT NULL") == []
    again = await center.browser.post(path)
    assert "confirmed already" in again.text


async def test_coming_back_without_a_yes_keeps_the_no(center: Center):
    await erased(center)
    form = await center.form(FormQuestion.BOTH_TOGETHER, double_opt_in=True)

    await center.browser.post(form, data={"email": "ada@example.org"})
    await center.browser.post(center.mailed_path())

    assert await center.standing() == "NO/DENIED/ERASURE NO/DENIED/ERASURE"
