"""Sign-up forms: who submits an address proves nothing by it, who confirms does."""

import asyncio

from app.actions.wordings import hash_of
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from tests.preference_center.conftest import Center
from tests.preference_center.standings import ASKED, PERMITTED


async def test_a_yes_waits_for_its_confirmation_and_then_counts_from_there(center: Center):
    form = await center.form(list_id=await center.add_list())

    sent = await center.browser.post(form, data={"email": "Ada@example.org", "tracking": "yes"})
    assert "One more step" in sent.text
    assert await center.standing() == ASKED
    assert await center.memberships() == {"ada@example.org Letters": "UNCONFIRMED"}
    center.world.later(hours=3)
    confirmed = await center.browser.post(center.mailed_path())

    assert "You are signed up" in confirmed.text
    assert await center.standing() == PERMITTED
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}
    (row,) = await center.world.rows("SELECT opens_person_time, opens_by_person FROM subscriber")
    assert (row["opens_person_time"], row["opens_by_person"]) == (center.world.now[0], True)


async def test_every_line_names_the_wording_that_the_form_shows(center: Center):
    form = await center.form()
    shown = await center.browser.get(form)

    await center.browser.post(form, data={"email": "ada@example.org", "tracking": "yes"})
    await center.browser.post(center.mailed_path())

    rows = await center.world.rows(
        "SELECT l.wording_id, w.text, w.locale, w.hash FROM permission_line l JOIN wording w ON w.id = l.wording_id"
    )
    assert len(rows) == 4
    assert all(row["text"] in shown.text for row in rows)
    assert {row["hash"] for row in rows} == {hash_of("en", rows[0]["text"])}


async def test_the_confirmation_page_says_what_is_confirmed_and_getting_it_confirms_nothing(center: Center):
    form = await center.form(list_id=await center.add_list())
    await center.browser.post(form, data={"email": "ada@example.org", "tracking_opens": "yes"})

    page = await center.browser.get(center.mailed_path())
    head = await center.browser.head(center.mailed_path())

    assert "a•••@e•••.org joins the list Letters of Test." in page.text
    assert "For opening mails, you say yes to this:" in page.text
    assert "May Test see whether you open its mails" in page.text
    assert (head.status_code, head.text) == (200, "")
    assert await center.standing() == ASKED


async def test_a_confirmation_counts_once_so_an_old_mail_brings_no_yes_back(center: Center):
    form = await center.form()
    await center.browser.post(form, data={"email": "ada@example.org", "tracking": "yes"})
    await center.browser.post(center.mailed_path())
    (row,) = await center.world.rows("SELECT id FROM subscriber")
    await center.browser.post(center.link(row["id"]), data={"tracking": "no"})

    again = await center.browser.post(center.mailed_path())

    assert "This sign-up was confirmed already" in again.text
    assert 'href="/preferences?lang=en">Mail me a private link' in again.text
    assert await center.standing() == "NO/WITHDRAWN/PREFERENCE_CENTER NO/WITHDRAWN/PREFERENCE_CENTER"


async def test_without_double_opt_in_a_yes_lifts_unknown_and_never_a_no(center: Center):
    await center.world.preset(Preset.MAPP)
    form = await center.form(double_opt_in=False, list_id=await center.add_list())
    await center.world.subscriber("ben@example.org", PermissionChange.NO)

    for address in ("ada@example.org", "ben@example.org"):
        answer = await center.browser.post(form, data={"email": address, "tracking": "yes"})
        assert "Thank you" in answer.text

    assert await center.standing() == PERMITTED
    assert await center.standing("ben@example.org") == "NO/DENIED/API NO/DENIED/API"
    assert await center.memberships() == {
        "ada@example.org Letters": "SUBSCRIBED",
        "ben@example.org Letters": "SUBSCRIBED",
    }
    assert center.mails() == []


async def test_where_permission_is_required_every_form_is_double_opt_in(center: Center):
    form = await center.form(double_opt_in=False)

    answer = await center.browser.post(form, data={"email": "ada@example.org", "tracking": "yes"})

    assert "One more step" in answer.text
    assert await center.standing() == ASKED
    assert len(center.mails()) == 1


async def test_a_confirmation_belongs_to_its_form_and_cannot_be_made_up(center: Center):
    form, other = await center.form(), await center.form()
    await center.browser.post(form, data={"email": "ada@example.org", "tracking": "yes"})
    token = center.mailed_path().rpartition("/")[2]

    for path in (f"{other}/confirm/{token}", f"{form}/confirm/{token[:-2]}", f"{form}/confirm/x"):
        answer = await center.browser.post(path)
        assert answer.status_code == 404

    assert await center.standing() == ASKED


async def test_confirming_twice_at_once_confirms_once(center: Center):
    form = await center.form()
    await center.browser.post(form, data={"email": "ada@example.org", "tracking": "yes"})

    answers = await asyncio.gather(*(center.browser.post(center.mailed_path()) for _ in range(3)))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await center.lines() == 4


async def test_the_confirmation_mail_is_plain_untracked_and_sent_to_the_typed_address(center: Center):
    form = await center.form()

    await center.browser.post(form, data={"email": "Ada@Example.org", "tracking": "yes"})

    (mail,) = center.mails()
    html = mail.get_body(("html",)).get_content()
    assert (mail["To"], mail["From"]) == ("ada@example.org", "Test <noreply@track.example.org>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert html.count("href=") == 1
    assert "/o/" not in html
    assert "/c/" not in html
    assert "<img" not in html
