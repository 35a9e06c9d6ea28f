"""With a fresh link a person reads what is recorded about them, and every answer with the question as it was put."""

import html
import re
from uuid import UUID

import httpx
import pytest

from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from tests.preference_center.conftest import Center


def read(page: httpx.Response) -> str:
    """The text of a page, its blanks as one."""
    assert page.status_code == 200, page.status_code
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


async def reader_with_mail(center: Center) -> UUID:
    """Somebody who said yes, opened a mail twice and clicked in it, and let another lie."""
    person = await center.person(attributes={"city": "Graz", "shoes": 41}, locale="en")
    await center.browser.post(center.link(person), data={"tracking": "yes"})
    mailing = await center.world.mailing()
    (read_one,) = await center.world.send(mailing, "ada@example.org")
    await center.world.send(mailing, "ada@example.org")
    for _ in range(2):
        await center.world.open(read_one)
    await center.world.click(read_one)
    await center.world.drain()
    return person


async def test_what_is_recorded_is_read_on_a_page(center: Center):
    person = await reader_with_mail(center)

    text = read(await center.browser.get(f"{center.fresh_link(person)}/recorded"))

    assert "This is what Test has recorded about ada@example.org." in text
    assert "city Graz" in text
    assert "shoes 41" in text
    assert "Opened 2 times. First opened on" in text
    assert "Clicked once." in text
    assert "Links that you clicked: https://shop.example.com/a?x=1" in text
    assert text.count("Nothing is recorded that you did with it.") == 1


async def test_a_mail_that_was_not_tracked_says_so(center: Center):
    person = await center.person()
    await center.world.send(await center.world.mailing(), "ada@example.org")

    text = read(await center.browser.get(f"{center.fresh_link(person)}/recorded"))

    assert "What you did with it was not recorded about you." in text


async def test_older_mails_stand_on_the_next_page(center: Center):
    person = await center.person()
    mailing = await center.world.mailing()
    for _ in range(11):
        center.world.later(days=1)
        await center.world.send(mailing, "ada@example.org")
    first = await center.browser.get(f"{center.fresh_link(person)}/recorded")
    (older,) = re.findall(r'href="([^"]+before=\d+)"', first.text)

    second = await center.browser.get(html.unescape(older))

    assert (first.text.count("<article>"), second.text.count("<article>")) == (10, 1)
    assert "Latest mails" in second.text
    assert "Earlier mails" not in second.text


async def test_c9_m4_every_answer_is_read_with_the_question_and_where_it_was_given(center: Center):
    await center.world.preset(Preset.CAMPAIGN_MONITOR)
    person = await center.person()
    await center.world.answer("ada@example.org", PermissionChange.YES)
    center.world.later(minutes=5)
    await center.browser.post(f"{center.link(person)}?lang=de", data={"opens": "no", "lang": "de"})

    page = await center.browser.get(f"{center.fresh_link(person)}/answers")

    first, second = re.findall(r"<article>.*?</article>", page.text, re.DOTALL)
    assert "Opening mails: no" in first
    assert "Clicking" not in first
    assert "in the preference center" in first
    assert '<blockquote lang="de">' in first
    assert "Darf Test sehen, ob und wann Sie die Mails öffnen?" in first
    assert "Opening mails: yes" in second
    assert "Clicking links: yes" in second
    assert "according to the records of Test" in second
    assert "blockquote" not in second


async def test_a_stop_and_what_came_of_a_yes_are_lines_of_their_own(center: Center):
    person = await center.person()
    link = center.fresh_link(person)
    await center.browser.post(link, data={"tracking": "yes"})
    center.world.later(hours=2)
    await center.browser.post(f"{link}/stop-tracking", data={"Tracking": "Stop"})

    text = read(await center.browser.get(f"{link}/answers"))

    assert text.index("by one click from a mail") < text.index("in the preference center")


async def test_who_never_answered_reads_that(center: Center):
    person = await center.person()

    assert "You have not answered yet." in read(
        await center.browser.get(f"{center.fresh_link(person)}/answers")
    )


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 19, "9" * 40, "1' OR 1=1"])
async def test_a_key_that_leads_nowhere_breaks_nothing(center: Center, before: str):
    link = center.fresh_link(await center.person())

    for part in ("recorded", "answers"):
        page = await center.browser.get(f"{link}/{part}", params={"before": before})
        assert page.status_code == 200


async def test_an_expired_link_still_answers_stops_and_leaves_and_offers_a_new_one(center: Center):
    """Only what takes a fresh link is refused, and says why."""
    list_id = await center.add_list()
    person = await center.person(lists=[list_id])
    link = center.fresh_link(person)
    center.world.later(hours=25)

    page = await center.browser.get(link)
    answered = await center.browser.post(link, data={"tracking": "no"})
    left = await center.browser.post(link, data={"leave": str(list_id)})
    refused = [
        await center.browser.get(f"{link}/recorded"),
        await center.browser.post(link, data={"erase": "everything"}),
        await center.browser.post(link, data={"return": str(list_id)}),
    ]

    assert "Your private link has run out." in page.text
    assert "ada@example.org" not in page.text
    assert (answered.status_code, left.status_code) == (200, 200)
    assert await center.standing() == "NO/DENIED/PREFERENCE_CENTER NO/DENIED/PREFERENCE_CENTER"
    assert await center.memberships() == {"ada@example.org Letters": "UNSUBSCRIBED"}
    for each in refused:
        assert each.status_code == 403
        assert "This private link has run out" in each.text
        assert 'action="/preferences"' in each.text
