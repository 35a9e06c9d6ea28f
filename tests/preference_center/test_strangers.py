"""What strangers can cause: little work, few mails, and no answer whose time tells who is known."""

from collections.abc import Iterator
from itertools import pairwise

import asyncpg
import pytest

from app.actions import submissions
from app.actions.forms import NewForm, create_form
from app.actions.subscribers import Profile, upsert_subscriber
from app.actions.unit import unit
from app.domain.presets import Preset
from app.errands import Errands
from tests.letters import mail_all
from tests.preference_center.conftest import Center
from tests.preference_center.standings import DENIED
from tests.world import create_account

ADA = {"email": "ada@example.org"}


async def statements(center: Center, address: str) -> int:
    """How many statements a request for a link to this address runs."""
    seen: list[str] = []

    def note(record: asyncpg.connection.LoggedQuery) -> None:
        seen.append(record.query)

    pool = await center.world.instance.database.pool()
    holders = [await pool.acquire() for _ in range(4)]
    connections: list[asyncpg.Connection] = [holder._con for holder in holders]
    for connection in connections:
        connection.add_query_logger(note)
    for holder in holders:
        await pool.release(holder)
    center.mailing = False
    await center.browser.post("/preferences", data={"email": address})
    center.mailing = True
    for connection in connections:
        connection.remove_query_logger(note)
    return sum("FROM account" in query or "FROM subscriber" in query for query in seen)


async def test_a_request_for_a_link_costs_the_same_however_many_accounts_there_are(center: Center):
    """Two statements find the person in every account, and one letter goes out for each that knows the address."""
    await center.person()
    await statements(center, "eve@example.org")
    for name in ("Second", "Third", "Fourth"):
        account_id = await create_account(center.world.instance, name)
        if name != "Fourth":
            async with unit(center.world.instance, account_id, "test") as work:
                await upsert_subscriber(work, Profile("ada@example.org"))
    center.world.instance.account_keys.clear()

    assert await statements(center, "ada@example.org") == 2
    await mail_all(center.world.instance)

    assert sorted(mail["Subject"] for mail in center.mails()) == [
        "Your settings with Second",
        "Your settings with Test",
        "Your settings with Third",
    ]


async def test_nobody_can_flood_a_mailbox_with_links_and_the_answer_stays_the_same(center: Center):
    """Three mails in an hour, however the address is spelled; then again."""
    await center.person()

    answers = [
        await center.browser.post("/preferences", data={"email": f" ADA@example.org{' ' * n}"})
        for n in range(5)
    ]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert len(center.mails()) == 3
    center.world.later(hours=1)
    await center.browser.post("/preferences", data=ADA)
    assert len(center.mails()) == 4


async def test_nobody_can_flood_a_mailbox_with_confirmations(center: Center):
    """Over all forms together; what is submitted beyond is answered alike, and a no still counts."""
    forms = [await center.form(), await center.form()]

    answers = [await center.browser.post(forms[n % 2], data=ADA) for n in range(5)]
    await center.browser.post(forms[0], data={**ADA, "tracking": "no"})

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert len(center.mails()) == await center.count("pending_sign_up") == 3
    assert await center.standing() == DENIED


async def test_requests_for_links_that_find_the_queue_full_are_dropped_and_counted(center: Center):
    await center.person()
    instance = center.world.instance
    instance.looking_up = Errands(slots=1, most_waiting=0)

    with held(instance.looking_up):
        answer = await center.browser.post("/preferences", data=ADA)

    assert (answer.status_code, instance.looking_up.dropped, center.mails()) == (200, 1, [])


async def test_sign_ups_that_find_the_queue_full_are_told_so_before_anything_is_taken(center: Center):
    form = await center.form()
    instance = center.world.instance
    instance.signing_up = Errands(slots=1, most_waiting=0)

    with held(instance.signing_up):
        page = await center.browser.post(form, data=ADA)
        program = await center.browser.post(form, json=ADA)

    assert (page.status_code, program.status_code) == (503, 503)
    assert program.json()["errors"][0]["code"] == "DATABASE_AWAY"
    assert await center.count("subscriber") == 0


class held:  # noqa: N801  reads as the word it is
    """Within, the one slot of a queue is taken."""

    def __init__(self, errands: Errands) -> None:
        self.errands = errands

    def __enter__(self) -> None:
        self.errands._inside += 1

    def __exit__(self, *_: object) -> None:
        self.errands._inside -= 1


@pytest.fixture
def order(center: Center, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What happened in which order: the answer going out, and the sign-up."""
    happened: list[str] = []
    sign_up = submissions.sign_up
    transport = center.browser._transport
    app = transport.app

    async def noted(*given: object) -> object:
        found = await sign_up(*given)
        happened.append("signed up")
        return found

    async def answering(scope: object, receive: object, send: object) -> None:
        async def noting(message: dict[str, object]) -> None:
            if message["type"] == "http.response.body":
                happened.append("answered")
            await send(message)

        await app(scope, receive, noting)

    monkeypatch.setattr(submissions, "sign_up", noted)
    transport.app = answering
    yield happened
    transport.app = app


async def test_a_sign_up_is_done_behind_its_answer_and_a_no_before_it(center: Center, order: list[str]):
    """So the time of an answer cannot depend on who is known, and a no that was answered counts."""
    form = await center.form()

    await center.browser.post(form, data={**ADA, "tracking": "yes"})
    assert order == ["answered", "signed up"]
    await center.browser.post(form, data={**ADA, "tracking": "no"})

    assert order == ["answered", "signed up", "signed up", "answered"]


class Watch:
    """The time as the verb reads it: it stands still until somebody signs up or pauses."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def get_running_loop(self) -> "Watch":
        return self

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_a_no_is_answered_on_the_beat_whoever_it_is_from(
    center: Center, monkeypatch: pytest.MonkeyPatch
):
    """Somebody new, somebody known, and somebody who has said it already, whom it takes a different time to sign up."""
    form = await center.form()
    await center.person()
    watch, sign_up = Watch(), submissions.sign_up
    takes = iter((0.07, 0.02, 0.6))

    async def slowly(*given: object) -> object:
        watch.now += next(takes)
        return await sign_up(*given)

    monkeypatch.setattr(submissions, "sign_up", slowly)
    monkeypatch.setattr(submissions, "asyncio", watch)
    answered = [watch.now]
    for address in ("eve@example.org", "ada@example.org", "ada@example.org"):
        await center.browser.post(form, data={"email": address, "tracking": "no"})
        answered.append(watch.now)

    assert submissions.BEAT == 0.25
    assert [later - before for before, later in pairwise(answered)] == pytest.approx([0.25, 0.25, 0.75])


async def test_without_double_opt_in_only_the_person_comes_back_to_a_list_that_they_left(center: Center):
    """The answer says the same as to anybody; the mail asks, and its confirmation brings them back."""
    await center.world.preset(Preset.MAPP)
    list_id = await center.add_list()
    async with center.world.unit() as work:
        form = f"/forms/{await create_form(work, NewForm('F', list_id=list_id, double_opt_in=False))}"
    person = await center.person(lists=[list_id])
    await center.browser.post(center.link(person), data={"leave": "all"})

    returning = await center.browser.post(form, data={**ADA, "tracking": "yes"})
    anybody = await center.browser.post(form, data={"email": "eve@example.org", "tracking": "yes"})

    assert returning.text == anybody.text
    assert "If you left before, a mail asks you to confirm that you come back." in anybody.text
    assert await center.memberships() == {
        "ada@example.org Letters": "UNSUBSCRIBED",
        "eve@example.org Letters": "SUBSCRIBED",
    }
    assert await center.standing() == "UNKNOWN/ASKED_NO_ANSWER/FORM UNKNOWN/ASKED_NO_ANSWER/FORM"
    (mail,) = center.mails()
    assert mail["To"] == "ada@example.org"
    await center.browser.post(center.mailed_path())
    assert (await center.memberships())["ada@example.org Letters"] == "SUBSCRIBED"
    assert await center.standing() == "YES//FORM YES//FORM"


async def test_who_left_every_list_is_signed_up_for_another_by_themselves_only(center: Center):
    """Leaving all lists says more than leaving each: a stranger must not begin anew with the next one."""
    await center.world.preset(Preset.MAPP)
    left, other = await center.add_list("Letters"), await center.add_list("Offers")
    form = await center.form(list_id=other, double_opt_in=False)
    person = await center.person(lists=[left])
    await center.browser.post(center.link(person), data={"leave": "all"})

    await center.browser.post(form, data=ADA)

    assert await center.memberships() == {
        "ada@example.org Letters": "UNSUBSCRIBED",
        "ada@example.org Offers": "UNCONFIRMED",
    }
