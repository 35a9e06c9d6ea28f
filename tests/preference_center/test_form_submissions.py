"""Sign-up forms: what a submission changes and what it cannot; and no answer tells who is known."""

import pytest

from app.actions.forms import NewForm, create_form
from app.actions.wordings import Shown, create_wording
from app.domain.errors import InvalidValue, NotFound
from app.domain.forms import TRAP, FormQuestion, Purpose
from app.domain.presets import Preset
from tests.preference_center.conftest import Center
from tests.preference_center.standings import ASKED, DENIED


@pytest.mark.parametrize("double_opt_in", [True, False])
async def test_a_no_counts_at_once_even_against_a_yes(center: Center, double_opt_in: bool):
    await center.world.preset(Preset.MAPP)
    form = await center.form(double_opt_in=double_opt_in)
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "yes"})

    await center.browser.post(form, data={"email": "ada@example.org", "tracking": "no"})

    assert await center.standing() == "NO/WITHDRAWN/FORM NO/WITHDRAWN/FORM"


async def test_a_no_of_somebody_new_is_denied(center: Center):
    form = await center.form()

    await center.browser.post(form, data={"email": "ada@example.org", "tracking": "no"})

    assert await center.standing() == DENIED


async def test_each_axis_is_answered_for_itself(center: Center):
    form = await center.form(FormQuestion.EACH_AXIS)

    await center.browser.post(
        form, data={"email": "ada@example.org", "tracking_opens": "yes", "tracking_clicks": "no"}
    )
    await center.browser.post(center.mailed_path())

    assert await center.standing() == "YES//FORM NO/DENIED/FORM"


async def test_an_unticked_box_is_silence_for_somebody_new_and_nothing_for_who_answered(center: Center):
    form = await center.form()
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "yes"})

    for address in ("ada@example.org", "new@example.org"):
        await center.browser.post(form, data={"email": address})
    await center.browser.post(center.mailed_path(0))

    assert await center.standing() == "YES//PREFERENCE_CENTER YES//PREFERENCE_CENTER"
    assert await center.standing("new@example.org") == ASKED


async def test_a_form_that_asks_nothing_leaves_never_asked(center: Center):
    form = await center.form(FormQuestion.NOTHING)

    await center.browser.post(form, data={"email": "ada@example.org", "tracking": "yes"})
    await center.browser.post(center.mailed_path())

    assert await center.standing() == "UNKNOWN/NEVER_ASKED/ UNKNOWN/NEVER_ASKED/"
    assert await center.lines() == 0


async def test_a_stranger_who_submits_a_members_address_changes_no_membership_and_no_profile(center: Center):
    list_id, left = await center.add_list("Letters"), await center.add_list("Offers")
    form = await center.form(list_id=list_id)
    other = await center.form(list_id=left)
    person = await center.person(lists=[list_id, left], attributes={"city": "Bern"}, locale="de")
    await center.browser.post(center.link(person), data={"leave": str(left)})
    center.world.later(hours=1)

    for path in (form, other):
        await center.browser.post(path, data={"email": "ada@example.org", "city": "Rome", "locale": "it"})

    assert await center.memberships() == {
        "ada@example.org Letters": "SUBSCRIBED",
        "ada@example.org Offers": "UNSUBSCRIBED",
    }
    (row,) = await center.world.rows("SELECT attributes, locale FROM subscriber")
    assert (row["attributes"], row["locale"]) == ({"city": "Bern"}, "de")


async def test_coming_back_through_a_form_that_asks_nothing_lapses_a_yes_and_keeps_a_no(center: Center):
    list_id = await center.add_list()
    form = await center.form(FormQuestion.NOTHING, list_id=list_id)
    ada = await center.person("ada@example.org", lists=[list_id])
    ben = await center.person("ben@example.org", lists=[list_id])
    await center.browser.post(center.link(ada), data={"tracking": "yes"})
    await center.browser.post(center.link(ben), data={"tracking": "no"})
    for person in (ada, ben):
        await center.browser.post(center.link(person), data={"leave": "all"})

    for address in ("ada@example.org", "ben@example.org"):
        await center.browser.post(form, data={"email": address})
        await center.browser.post(center.mailed_path())

    assert await center.standing() == "UNKNOWN/LAPSED/RESUBSCRIBE UNKNOWN/LAPSED/RESUBSCRIBE"
    assert (
        await center.standing("ben@example.org") == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"
    )


async def test_attributes_and_locale_of_somebody_new_are_kept(center: Center):
    form = await center.form()

    answer = await center.browser.post(
        form,
        data={
            "email": "ada@example.org",
            "city": "Bern",
            "first_name": "Ada",
            "locale": "de-CH",
            "x-y": "no",
        },
        headers={"Accept-Language": "xx"},
    )

    (row,) = await center.world.rows("SELECT attributes, locale FROM subscriber")
    assert (row["attributes"], row["locale"]) == ({"city": "Bern", "first_name": "Ada"}, "de-CH")
    assert center.mails()[0]["Subject"] == "Bitte bestätigen Sie Ihre Anmeldung bei Test"
    assert answer.status_code == 200


async def test_the_answer_is_the_same_whether_or_not_the_address_is_known(center: Center):
    form = await center.form(list_id=await center.add_list())
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "yes"})

    for headers in ({}, {"Accept": "application/json"}):
        fields = {"tracking": "yes"}
        known = await center.browser.post(form, data={**fields, "email": "ada@example.org"}, headers=headers)
        unknown = await center.browser.post(
            form, data={**fields, "email": "eve@example.org"}, headers=headers
        )

        assert (known.status_code, known.content, known.headers) == (
            unknown.status_code,
            unknown.content,
            unknown.headers,
        )


async def test_who_fills_in_the_trap_is_thanked_and_ignored(center: Center):
    form = await center.form()

    human = await center.browser.post(form, data={"email": "ada@example.org"})
    robot = await center.browser.post(form, data={"email": "bot@example.org", TRAP: "https://x"})

    assert (robot.status_code, robot.content) == (human.status_code, human.content)
    assert await center.count("subscriber") == 1
    assert len(center.mails()) == 1


async def test_a_no_counts_even_where_the_trap_is_filled_in(center: Center):
    """A browser may have filled it in for a person, and a no only protects; nothing else is taken, and it shows nowhere."""
    form = await center.form(list_id=await center.add_list())

    plain = await center.browser.post(form, data={"email": "ada@example.org", "tracking": "no"})
    trapped = await center.browser.post(
        form, data={"email": "zoe@example.org", "tracking": "no", TRAP: "https://zoe.example"}
    )

    assert (trapped.status_code, trapped.content) == (plain.status_code, plain.content)
    assert await center.standing("zoe@example.org") == DENIED
    assert await center.memberships() == {"ada@example.org Letters": "UNCONFIRMED"}
    assert [mail["To"] for mail in center.mails()] == ["ada@example.org"]


async def test_the_hosted_form_ticks_nothing_and_names_no_script(center: Center):
    form = await center.form(list_id=await center.add_list())

    page = await center.browser.get(form)
    under_signal = await center.browser.get(form, headers={"Sec-GPC": "1"})

    assert "Sign up for Letters" in page.text
    assert "checked" not in page.text
    assert "<script" not in page.text
    assert under_signal.text.count("checked") == 1


@pytest.mark.parametrize("form_id", ["0", "1", "x", "-1", "9" * 30, "1e3", "%00"])
async def test_a_form_that_does_not_exist_is_404(center: Center, form_id: str):
    for answer in (
        await center.browser.get(f"/forms/{form_id}"),
        await center.browser.post(f"/forms/{form_id}", data={"email": "ada@example.org"}),
        await center.browser.get(f"/forms/{form_id}/confirm/x"),
    ):
        assert answer.status_code == 404
    assert await center.count("subscriber") == 0


async def test_while_the_database_is_away_a_form_says_so(center: Center):
    form = await center.form()

    with center.database_away():
        answer = await center.browser.post(form, data={"email": "ada@example.org"})

    assert answer.status_code == 503
    assert await center.count("subscriber") == 0


async def test_the_same_wording_is_kept_once_and_other_purposes_make_another(center: Center):
    async with center.world.unit() as work:
        first = await create_wording(work, Shown("en", "May we?"))
        same = await create_wording(work, Shown("en", " May we? "))
        german = await create_wording(work, Shown("de", "May we?"))
        narrow = await create_wording(work, Shown("en", "May we?", [Purpose.MEASURE]))

    assert first == same
    assert len({first, german, narrow}) == 3


async def test_a_form_names_only_what_the_account_has_and_what_can_be_compared(center: Center):
    async with center.world.unit() as work:
        for wrong, error in (
            (NewForm("F", list_id=1), NotFound),
            (NewForm("F", wording_id=1), NotFound),
            (NewForm(" "), InvalidValue),
            (NewForm("F", allowed_origins=["https://*.example"]), InvalidValue),
            (NewForm("F", allowed_redirects=["/thanks"]), InvalidValue),
            (NewForm("F", locales=["english please"]), InvalidValue),
        ):
            with pytest.raises(error):
                await create_form(work, wrong)

    assert await center.count("form") == 0
