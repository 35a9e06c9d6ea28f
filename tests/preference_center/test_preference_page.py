"""The person's own page shows what stands and why, to whoever has a link, and changes nothing by showing it."""

import html
import re

import pytest

from app.actions.answers import Asked
from app.domain.permission import Evidence, PermissionChange, PermissionSource
from app.domain.presets import Preset
from app.look.languages import LANGUAGES
from tests.preference_center.conftest import Center


def chosen(page: str) -> list[str]:
    """The values that are chosen on a page, in their order."""
    return re.findall(r'value="(yes|no)"\s+checked', page)


async def test_a_link_from_a_mail_shows_the_page_with_the_address_masked(center: Center):
    person = await center.person()

    page = await center.browser.get(center.link(person))

    assert page.status_code == 200
    assert "a•••@e•••.org" in page.text
    assert "ada@example.org" not in page.text
    assert "Opens are not tracked, because you have not been asked yet." in page.text
    assert "Nobody sees whether you open a mail." in page.text


async def test_a_fresh_link_shows_the_whole_address(center: Center):
    person = await center.person()

    page = await center.browser.get(center.fresh_link(person))

    assert "ada@example.org" in page.text
    assert "You came with a private link." in page.text


async def test_nothing_is_chosen_for_somebody_who_never_answered(center: Center):
    person = await center.person()

    page = await center.browser.get(center.link(person))

    assert page.text.count('type="radio"') == 6
    assert "checked" not in page.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_showing_changes_nothing(center: Center, method: str):
    list_id = await center.add_list()
    person = await center.person(lists=[list_id])
    link = center.link(person)

    for path in (link, f"{link}/stop-tracking", center.unsubscribe_link(person, 0), "/preferences"):
        shown = await center.browser.request(method, path)
        assert shown.status_code == 200
        assert bool(shown.text) is (method == "GET")
        page = await center.browser.get(path)
        assert shown.headers["content-length"] == str(len(page.content))

    assert await center.lines() == 0
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}


async def test_global_privacy_control_chooses_no_explains_itself_and_is_not_stored(center: Center):
    person = await center.person()
    before = await center.standing()

    page = await center.browser.get(center.link(person), headers={"Sec-GPC": "1"})

    assert "Global Privacy Control" in page.text
    assert "no is chosen below" in page.text
    assert chosen(page.text) == ["no", "no", "no"]
    assert await center.standing() == before
    assert await center.lines() == 0


async def test_x7_the_signal_does_not_turn_round_the_persons_own_yes(center: Center):
    """Neither on the page that answers nor later: whoever saves once more must not withdraw by it."""
    link = center.link(await center.person())
    signal = {"Sec-GPC": "1"}

    one = await center.browser.post(link, data={"opens": "yes"}, headers=signal)
    both = await center.browser.post(link, data={"tracking": "yes"}, headers=signal)
    later = await center.browser.get(link, headers=signal)

    assert chosen(one.text) == ["yes", "no"]
    for page in (both, later):
        assert chosen(page.text) == ["yes", "yes", "yes"]
        assert "Global Privacy Control" in page.text
        assert "no is chosen below" not in page.text


async def test_x7_the_signal_chooses_no_where_the_yes_is_from_somebodys_records(center: Center):
    told = Asked(PermissionChange.YES, evidence=Evidence(PermissionSource.IMPORT, center.world.now[0]))
    person = await center.person(asked=told)

    page = await center.browser.get(center.link(person), headers={"Sec-GPC": "1"})

    assert chosen(page.text) == ["no", "no", "no"]


async def test_the_page_says_that_silence_counts_where_it_does(center: Center):
    await center.world.preset(Preset.CAMPAIGN_MONITOR)
    person = await center.person()

    page = await center.browser.get(center.link(person))

    assert "Test can see that you open a mail, and when." in page.text
    assert (
        "because you have not been asked yet, and Test includes everybody who has not said no." in page.text
    )


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
    assert "weil Sie noch nicht gefragt wurden." in persons.text


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


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_a_link_is_mailed_in_the_language_of_the_page_that_asked(center: Center, tag: str):
    await center.person(locale="de" if tag == "en" else "en")

    answer = await center.browser.post("/preferences", data={"email": "ada@example.org", "lang": tag})

    (mail,) = center.mails()
    spoken = LANGUAGES[tag]
    assert f'<html lang="{tag}">' in answer.text
    assert mail["Subject"] == spoken.say("mail.link.subject", account="Test")
    for kind in ("plain", "html"):
        assert html.escape(spoken.say("mail.link.else"), quote=False) in html.unescape(
            mail.get_body((kind,)).get_content()
        )


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_x1_the_reason_stands_on_the_page_in_every_language(center: Center, tag: str):
    person = await center.person()

    page = await center.browser.get(center.link(person), params={"lang": tag})

    spoken = LANGUAGES[tag]
    assert spoken.say("because.NEVER_ASKED") in html.unescape(page.text)
    assert spoken.say("tracked.OPENS.OFF") in html.unescape(page.text)


async def test_the_page_tells_what_other_kinds_of_mail_show_beyond_newsletters(center: Center):
    """Under this preset newsletters are not tracked and one-to-one mail is: saying "nobody sees" would be a lie."""
    await center.world.preset(Preset.PIPEDRIVE)
    person = await center.person()
    link = center.link(person)

    before = await center.browser.get(link)
    after = await center.browser.post(link, data={"tracking": "no"})

    told = "Opening mails, in mails that somebody writes to you personally"
    assert told in before.text
    assert "Test can see that you open a mail, and when." in before.text
    assert told not in after.text
    assert after.text.count("<dt>") == 2


@pytest.mark.parametrize("preset", [each for each in Preset if each is not Preset.PIPEDRIVE])
async def test_nothing_is_told_twice_where_other_mail_shows_no_more(center: Center, preset: Preset):
    await center.world.preset(preset)

    page = await center.browser.get(center.link(await center.person()))

    assert page.text.count("<dt>") == 2
