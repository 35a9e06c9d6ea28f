"""The person's own page: it shows what stands and why, and a post changes that part and no other."""

import pytest

from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from tests.preference_center.conftest import Center


async def test_a_link_from_a_mail_shows_the_page_with_the_address_masked(center: Center):
    person = await center.person()

    page = await center.browser.get(center.link(person))

    assert page.status_code == 200
    assert "a•••@e•••.org" in page.text
    assert "ada@example.org" not in page.text
    assert "You have not been asked yet." in page.text
    assert "Nobody sees whether you open a mail." in page.text


async def test_a_fresh_link_shows_the_whole_address(center: Center):
    person = await center.person()

    page = await center.browser.get(center.fresh_link(person))

    assert "ada@example.org" in page.text
    assert "You came with a private link." in page.text


async def test_a_fresh_link_whose_day_is_over_still_takes_answers_but_masks_the_address(center: Center):
    person = await center.person()
    link = center.fresh_link(person)
    center.world.later(hours=25)

    page = await center.browser.post(link, data={"tracking": "no"})

    assert page.status_code == 200
    assert "ada@example.org" not in page.text
    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"


async def test_nothing_is_chosen_for_somebody_who_never_answered(center: Center):
    person = await center.person()

    page = await center.browser.get(center.link(person))

    assert page.text.count('type="radio"') == 6
    assert "checked" not in page.text


async def test_a_yes_is_saved_with_the_exact_wording_that_was_shown(center: Center):
    person = await center.person()
    shown = await center.browser.get(center.link(person))

    saved = await center.browser.post(center.link(person), data={"tracking": "yes"})

    assert saved.status_code == 200
    assert "You said yes: Test may see whether you open its mails" in saved.text
    assert "To undo it, choose the other answer below and save." in saved.text
    assert await center.standing() == "YES//PREFERENCE_CENTER YES//PREFERENCE_CENTER"
    rows = await center.world.rows(
        "SELECT l.by_person, l.actor, w.text, w.locale, w.purposes FROM permission_line l"
        " JOIN wording w ON w.id = l.wording_id"
    )
    assert {(row["by_person"], row["actor"], row["locale"]) for row in rows} == {(True, "person", "en")}
    assert all(row["text"] in shown.text for row in rows)
    assert rows[0]["purposes"] == ["MEASURE", "SEGMENT", "NOTIFY"]


async def test_a_no_says_that_it_reaches_mails_already_sent(center: Center):
    person = await center.person()

    page = await center.browser.post(center.link(person), data={"tracking": "no"})

    assert "also for mails that you already have" in page.text
    assert "You said no on" in page.text
    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"


async def test_saving_one_axis_leaves_the_other_alone(center: Center):
    person = await center.person()

    page = await center.browser.post(center.link(person), data={"clicks": "no"})

    assert "Your answer on opens stayed as it was." in page.text
    assert await center.standing() == "UNKNOWN/NEVER_ASKED/ NO/DENIED/PREFERENCE_CENTER"
    assert await center.lines() == 1


async def test_a_yes_taken_back_is_withdrawn_and_the_last_answer_wins(center: Center):
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "yes"})

    await center.browser.post(center.link(person), data={"opens": "no"})
    assert await center.standing() == "NO/WITHDRAWN/PREFERENCE_CENTER YES//PREFERENCE_CENTER"
    await center.browser.post(center.link(person), data={"opens": "yes"})

    assert await center.standing() == "YES//PREFERENCE_CENTER YES//PREFERENCE_CENTER"
    assert await center.lines() == 4


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_the_same_answer_again_is_no_new_line(center: Center, answer: str):
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": answer})

    again = await center.browser.post(center.link(person), data={"tracking": answer})

    assert "This was your answer already, so nothing changed." in again.text
    assert await center.lines() == 2


async def test_a_yes_on_another_day_is_a_line_that_renews_it(center: Center):
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "yes"})
    center.world.later(days=2)

    await center.browser.post(center.link(person), data={"tracking": "yes"})

    assert await center.lines() == 4


async def test_a_no_from_the_senders_records_becomes_the_persons_own(center: Center):
    person = await center.world.subscriber("ada@example.org", PermissionChange.NO)

    await center.browser.post(center.link(person), data={"tracking": "no"})

    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"
    assert await center.lines() == 4


@pytest.mark.parametrize("fields", [{}, {"tracking": "maybe"}, {"opens": ""}, {"leave": "7"}, {"x": "yes"}])
async def test_a_post_that_chooses_nothing_known_changes_nothing(center: Center, fields: dict[str, str]):
    person = await center.person()

    page = await center.browser.post(center.link(person), data=fields)

    assert page.status_code == 422
    assert await center.lines() == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_showing_changes_nothing(center: Center, method: str):
    list_id = await center.add_list()
    person = await center.person(lists=[list_id])
    link = center.link(person)

    for path in (link, f"{link}/stop-tracking", center.unsubscribe_link(person, 0), "/preferences"):
        shown = await center.browser.request(method, path)
        assert shown.status_code == 200
        assert bool(shown.text) is (method == "GET")

    assert await center.lines() == 0
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}


async def test_global_privacy_control_chooses_no_explains_itself_and_is_not_stored(center: Center):
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "yes"})

    page = await center.browser.get(center.link(person), headers={"Sec-GPC": "1"})

    assert "Global Privacy Control" in page.text
    assert page.text.count("checked>") == 3
    assert 'value="yes"\n                   checked' not in page.text
    assert await center.standing() == "YES//PREFERENCE_CENTER YES//PREFERENCE_CENTER"
    assert await center.lines() == 2


async def test_the_page_says_that_silence_counts_where_it_does(center: Center):
    await center.world.preset(Preset.CAMPAIGN_MONITOR)
    person = await center.person()

    page = await center.browser.get(center.link(person))

    assert "Test can see that you open a mail, and when." in page.text
    assert "You have not been asked yet. Test includes everybody who has not said no." in page.text


async def test_a_list_is_left_without_touching_the_answer_and_the_other_list(center: Center):
    first, second = await center.add_list("Letters"), await center.add_list("Offers")
    person = await center.person(lists=[first, second])

    page = await center.browser.post(center.link(person), data={"leave": str(first)})

    assert "You have left the list Letters." in page.text
    assert await center.memberships() == {
        "ada@example.org Letters": "UNSUBSCRIBED",
        "ada@example.org Offers": "SUBSCRIBED",
    }
    assert await center.lines() == 0


async def test_all_lists_are_left_at_once(center: Center):
    person = await center.person(lists=[await center.add_list("Letters"), await center.add_list("Offers")])

    page = await center.browser.post(center.link(person), data={"leave": "all"})

    assert "You have left all mailing lists of Test." in page.text
    assert set((await center.memberships()).values()) == {"UNSUBSCRIBED"}


async def test_coming_back_to_a_list_takes_a_fresh_link_since_mails_get_forwarded(center: Center):
    list_id = await center.add_list()
    person = await center.person(lists=[list_id])
    await center.browser.post(center.link(person), data={"leave": str(list_id)})

    refused = await center.browser.post(center.link(person), data={"return": str(list_id)})
    assert refused.status_code == 422
    assert await center.memberships() == {"ada@example.org Letters": "UNSUBSCRIBED"}
    taken = await center.browser.post(center.fresh_link(person), data={"return": str(list_id)})

    assert "You are back on the list Letters." in taken.text
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}


@pytest.mark.parametrize("token", ["x", "AAAA", "a.b", "%00", "x" * 3000])
async def test_a_link_that_does_not_verify_offers_a_new_one(center: Center, token: str):
    for page in (
        await center.browser.get(f"/preferences/{token}"),
        await center.browser.post(f"/preferences/{token}", data={"tracking": "no"}),
        await center.browser.post(f"/preferences/{token}/stop-tracking", data={"Tracking": "Stop"}),
        await center.browser.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"}),
    ):
        assert page.status_code == 404
        assert "This link does not work" in page.text
        assert 'action="/preferences"' in page.text


async def test_a_link_of_another_kind_is_no_link_to_the_page(center: Center):
    person = await center.person()
    token = center.unsubscribe_link(person, 5).removeprefix("/unsubscribe/")

    page = await center.browser.post(f"/preferences/{token}", data={"tracking": "no"})

    assert page.status_code == 404
    assert await center.lines() == 0


async def test_a_fresh_link_is_mailed_to_a_known_address_and_opens_the_page(center: Center):
    await center.person()

    answer = await center.browser.post("/preferences", data={"email": " Ada@Example.ORG "})

    (mail,) = center.mails()
    assert answer.status_code == 200
    assert mail["To"] == "ada@example.org"
    assert mail["Subject"] == "Your settings with Test"
    assert "https://track.example.org/preferences/" in mail.get_body(("html",)).get_content()
    assert "<img" not in mail.get_body(("html",)).get_content()
    page = await center.browser.get(center.mailed_path())
    assert "ada@example.org" in page.text


async def test_the_answer_is_the_same_whether_or_not_the_address_is_known(center: Center):
    await center.person()

    known = await center.browser.post("/preferences", data={"email": "ada@example.org"})
    unknown = await center.browser.post("/preferences", data={"email": "eve@example.org"})

    assert (known.status_code, known.content, known.headers) == (
        unknown.status_code,
        unknown.content,
        unknown.headers,
    )
    assert [mail["To"] for mail in center.mails()] == ["ada@example.org"]
    assert await center.count("subscriber") == 1


async def test_text_that_is_no_address_is_said_to_be_none(center: Center):
    page = await center.browser.post("/preferences", data={"email": '"><script>alert(1)</script>'})

    assert page.status_code == 422
    assert "This is not an e-mail address." in page.text
    assert "<script" not in page.text


async def test_the_page_speaks_the_wanted_language_then_the_browsers_then_the_persons(center: Center):
    person = await center.person(locale="de-CH")
    link = center.link(person)

    wanted = await center.browser.get(f"{link}?lang=de")
    browsers = await center.browser.get(link, headers={"Accept-Language": "xx, de;q=0.3, en;q=0.9"})
    persons = await center.browser.get(link, headers={"Accept-Language": "xx"})

    assert '<html lang="de">' in wanted.text
    assert '<html lang="en">' in browsers.text
    assert "Sie wurden noch nicht gefragt." in persons.text


async def test_a_german_answer_keeps_the_german_wording(center: Center):
    person = await center.person()

    page = await center.browser.post(center.link(person), data={"tracking": "yes", "lang": "de"})

    assert "Sie haben Ja gesagt" in page.text
    (row,) = await center.world.rows("SELECT locale, text FROM wording")
    assert (row["locale"], row["text"][:10]) == ("de", "Darf Test ")


async def test_the_senders_names_cannot_bring_markup(center: Center):
    list_id = await center.add_list('<img src=x onerror="alert(1)">')
    person = await center.person(lists=[list_id])

    page = await center.browser.post(center.link(person), data={"leave": str(list_id)})

    assert "<img" not in page.text
    assert "&lt;img src=x" in page.text


async def test_every_page_is_private_strict_and_without_cookies(center: Center):
    person = await center.person()
    link = center.link(person)

    for page in (
        await center.browser.get(link),
        await center.browser.post(link, data={"tracking": "no"}),
        await center.browser.post(link, data={}),
        await center.browser.get("/preferences/damaged"),
        await center.browser.get("/forms/1"),
    ):
        assert page.headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
            " frame-ancestors 'none'"
        )
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in page.headers
        assert "<script" not in page.text
        assert "style=" not in page.text


async def test_while_the_database_is_away_the_page_says_so_and_nothing_is_lost(center: Center):
    person = await center.person()

    with center.database_away():
        page = await center.browser.post(center.link(person), data={"tracking": "no"})

    assert page.status_code == 503
    assert "We cannot reach our records right now. Nothing was changed." in page.text
    assert await center.lines() == 0


async def test_a_body_over_64_kb_is_refused(center: Center):
    person = await center.person()

    page = await center.browser.post(center.link(person), data={"tracking": "no", "x": "y" * 66_000})

    assert page.status_code == 413
    assert await center.lines() == 0


async def test_the_stylesheet_is_small_and_found_where_the_page_says(center: Center):
    page = await center.browser.get("/preferences")
    path = page.text.split('rel="stylesheet" href="')[1].split('"')[0]

    sheet = await center.browser.get(path)

    assert sheet.headers["content-type"].startswith("text/css")
    assert len(sheet.content) < 12_000
    assert (await center.browser.get("/look/other.css")).status_code == 404


async def test_global_privacy_control_is_declared_where_browsers_look(center: Center):
    answer = await center.browser.get("/.well-known/gpc.json")

    assert answer.json() == {"gpc": True, "lastUpdate": "2026-11-22"}
