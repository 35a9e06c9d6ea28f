"""The person's own page takes answers: a post changes that part and no other."""

import pytest

from app.domain.permission import PermissionChange
from tests.preference_center.conftest import Center


async def test_a_fresh_link_whose_day_is_over_still_takes_answers_but_masks_the_address(center: Center):
    person = await center.person()
    link = center.fresh_link(person)
    center.world.later(hours=25)

    page = await center.browser.post(link, data={"tracking": "no"})

    assert page.status_code == 200
    assert "ada@example.org" not in page.text
    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"


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
    assert "because you said no on" in page.text
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
    assert "To undo it, choose the other answer below and save." in again.text
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
    assert refused.status_code == 403
    assert await center.memberships() == {"ada@example.org Letters": "UNSUBSCRIBED"}
    taken = await center.browser.post(center.fresh_link(person), data={"return": str(list_id)})

    assert "You are back on the list Letters." in taken.text
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}


async def test_a_german_answer_keeps_the_german_wording(center: Center):
    person = await center.person()

    page = await center.browser.post(center.link(person), data={"tracking": "yes", "lang": "de"})

    assert "Sie haben Ja gesagt" in page.text
    (row,) = await center.world.rows("SELECT locale, text FROM wording")
    assert (row["locale"], row["text"][:10]) == ("de", "Darf Test ")


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


@pytest.mark.parametrize("stands", [None, PermissionChange.YES, PermissionChange.NO])
@pytest.mark.parametrize("kind", ["from a mail", "expired", "handed"])
async def test_m4_the_page_collects_an_answer_whatever_stood_and_however_old_the_link_is(
    center: Center, stands: PermissionChange | None, kind: str
):
    """UNKNOWN, YES and NO alike: answering, stopping and leaving lists never expire."""
    list_id = await center.add_list()
    person = await center.person(lists=[list_id])
    if stands is not None:
        await center.world.answer("ada@example.org", stands)
    link = {
        "from a mail": center.link(person),
        "expired": center.fresh_link(person),
        "handed": center.handed_link(person, 7),
    }[kind]
    center.world.later(days=4_000)

    said = [
        await center.browser.post(link, data={"tracking": "yes"}),
        await center.browser.post(link, data={"clicks": "no"}),
    ]
    answered = await center.standing()
    said.append(await center.browser.post(f"{link}/stop-tracking", data={"Tracking": "Stop"}))
    said.append(await center.browser.post(link, data={"leave": str(list_id)}))

    assert [page.status_code for page in said] == [200] * 4
    assert answered.startswith("YES//PREFERENCE_CENTER NO/")
    assert answered.endswith("/PREFERENCE_CENTER")
    assert (await center.standing()).count("NO/") == 2
    assert await center.memberships() == {"ada@example.org Letters": "UNSUBSCRIBED"}


async def test_somebody_who_left_every_list_still_answers(center: Center):
    list_id = await center.add_list()
    person = await center.person(lists=[list_id])
    await center.browser.post(center.unsubscribe_link(person, 0), data={"List-Unsubscribe": "One-Click"})

    page = await center.browser.post(center.link(person), data={"tracking": "no"})

    assert "You said no" in page.text
    assert "(left)" in page.text
    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"
