"""One POST stops tracking, another leaves the list; neither does the other's work, and both may come twice."""

import pytest

from app.actions.mailings import NewMailing, create_mailing
from app.domain.modes import Channel
from tests.preference_center.conftest import Center

STOPPED = "NO/DENIED/ONE_CLICK NO/DENIED/ONE_CLICK"


async def mailing_of(center: Center, list_id: int | None) -> int:
    async with center.world.unit() as work:
        return await create_mailing(work, NewMailing("Spring", Channel.CAMPAIGN, list_id))


@pytest.mark.parametrize("body", [{"data": {"Tracking": "Stop"}}, {"files": {"Tracking": (None, "Stop")}}])
async def test_one_post_stops_tracking_and_leaves_no_list(center: Center, body: dict):
    person = await center.person(lists=[await center.add_list()])

    answer = await center.browser.post(f"{center.link(person)}/stop-tracking", **body)

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "Tracking is stopped" in answer.text
    assert await center.standing() == STOPPED
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}


@pytest.mark.parametrize("what", ["Tracking=Stop", "List-Unsubscribe=One-Click"])
async def test_a_plain_client_that_names_no_content_type_is_understood(center: Center, what: str):
    """Whoever means to leave, or to be left alone, is not sent away for a header."""
    person = await center.person(lists=[await center.add_list()])
    stops = what == "Tracking=Stop"
    link = f"{center.link(person)}/stop-tracking" if stops else center.unsubscribe_link(person, 0)

    answer = await center.browser.post(link, content=what)

    assert "content-type" not in answer.request.headers
    assert answer.status_code == 200
    assert await center.lines() == (2 if stops else 0)
    assert await center.memberships() == {
        "ada@example.org Letters": "SUBSCRIBED" if stops else "UNSUBSCRIBED"
    }


async def test_stopping_twice_writes_no_second_line(center: Center):
    person = await center.person()
    link = f"{center.link(person)}/stop-tracking"

    answers = [await center.browser.post(link, data={"Tracking": "Stop"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await center.lines() == 2


async def test_stopping_reaches_a_mail_already_sent(center: Center):
    mailing = await center.world.mailing()
    person = await center.person()
    await center.browser.post(center.link(person), data={"tracking": "yes"})
    (message,) = await center.world.send(mailing, "ada@example.org")
    await center.world.open(message)
    await center.world.drain()
    assert await center.count("event") == 1

    await center.browser.post(f"{center.link(person)}/stop-tracking", data={"Tracking": "Stop"})
    await center.world.open(message)
    await center.world.drain()

    assert await center.count("event") == 1


@pytest.mark.parametrize("fields", [{}, {"Tracking": "Start"}, {"List-Unsubscribe": "One-Click"}])
async def test_any_other_body_stops_nothing(center: Center, fields: dict[str, str]):
    person = await center.person()

    answer = await center.browser.post(f"{center.link(person)}/stop-tracking", data=fields)

    assert answer.status_code == 422
    assert await center.lines() == 0


@pytest.mark.parametrize(
    "body",
    [{"data": {"List-Unsubscribe": "One-Click"}}, {"files": {"List-Unsubscribe": (None, "One-Click")}}],
)
async def test_unsubscribing_leaves_the_mailings_list_only_and_says_nothing_about_tracking(
    center: Center, body: dict
):
    letters, offers = await center.add_list("Letters"), await center.add_list("Offers")
    person = await center.person(lists=[letters, offers])
    link = center.unsubscribe_link(person, await mailing_of(center, letters))

    first, again = [await center.browser.post(link, **body) for _ in range(2)]

    assert (first.status_code, again.status_code) == (200, 200)
    assert "You have left the list Letters." in first.text
    assert "You were on no list any more" in again.text
    assert await center.memberships() == {
        "ada@example.org Letters": "UNSUBSCRIBED",
        "ada@example.org Offers": "SUBSCRIBED",
    }
    assert await center.lines() == 0


async def test_unsubscribing_from_a_mailing_without_a_list_leaves_all(center: Center):
    person = await center.person(lists=[await center.add_list("Letters"), await center.add_list("Offers")])
    link = center.unsubscribe_link(person, await mailing_of(center, None))

    await center.browser.post(link, data={"List-Unsubscribe": "One-Click"})

    assert set((await center.memberships()).values()) == {"UNSUBSCRIBED"}


async def test_any_other_body_leaves_no_list(center: Center):
    person = await center.person(lists=[await center.add_list()])
    link = center.unsubscribe_link(person, 0)

    answer = await center.browser.post(link, data={"Tracking": "Stop"})

    assert answer.status_code == 422
    assert await center.memberships() == {"ada@example.org Letters": "SUBSCRIBED"}


async def test_the_pages_show_the_button_that_posts_exactly_this(center: Center):
    person = await center.person()

    stop = await center.browser.get(f"{center.link(person)}/stop-tracking")
    leave = await center.browser.get(center.unsubscribe_link(person, 0))

    assert 'name="Tracking" value="Stop"' in stop.text
    assert 'name="List-Unsubscribe" value="One-Click"' in leave.text
