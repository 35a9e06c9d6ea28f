"""X14 and P4 on a real server: what happens is told live, over every transport, to those who may see it and nobody else."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import httpx
import pytest

from tests.graphql_schema.crowd import arrived, crowd, quiet
from tests.graphql_schema.followers import (
    EVERY_WAY,
    PATIENCE,
    Events,
    Follow,
    next_of,
    over_events,
    over_websocket,
)
from tests.running import BROWSER, Running, eventually

EVENTS = "subscription ($m: ID) { trackingEvents(mailingId: $m) { kind email templateId } }"
CHANGES = "subscription ($a: String) { permissionChanges(after: $a) { subscriberId axis to feedCursor } }"
NOTICES = "subscription { notifications { kind delivery { subscriber { email } } } }"
UPSERT = """mutation ($e: String!, $p: PermissionChange!) { upsertSubscriber(input: {
  email: $e, permission: $p, source: FORM, at: "2026-11-01T00:00:00Z" }) { errors { code } } }"""
PREPARE = """mutation ($m: ID!, $e: String!, $t: Boolean) { prepareMessages(input: { mailingId: $m, html: "<p>Hi</p>",
  recipients: [{ to: [{ email: $e }], trackOpens: $t }] }) { messages { html } errors { code } } }"""
ID_OF = "query ($e: String!) { subscriber(email: $e) { id } }"
_numbers = count(1)


def new_person(running: Running, answer: str = "YES") -> str:
    email = f"live{next(_numbers)}.{os.getpid()}@example.org"
    running.gql(UPSERT, e=email, p=answer)
    return email


def new_mailing(running: Running, token: str | None = None, channel: str = "CAMPAIGN") -> str:
    made = running.gql(
        'mutation ($c: Channel!) { createMailing(input: { name: "Live", channel: $c }) { mailing { id } } }',
        token,
        c=channel,
    )
    found: str = made["createMailing"]["mailing"]["id"]
    return found


def opened(running: Running, mailing: str, email: str, token: str | None = None) -> None:
    """Sends a mail and loads its pixel, as a mail client does."""
    made = running.gql(PREPARE, token, m=mailing, e=email, t=None if token is None else True)
    (message,) = made["prepareMessages"]["messages"]
    pixel = message["html"].split('<img src="')[1].split('"')[0]
    assert httpx.get(pixel, headers={"User-Agent": BROWSER}, timeout=PATIENCE).status_code == 200


def new_token(running: Running, *scopes: str, user: str | None = None) -> tuple[str, str]:
    """A token's id and secret."""
    made = running.gql(
        """mutation ($s: [String!], $u: ID) { createToken(input: { name: "Live", scopes: $s, user: $u }) {
        token { id } secret errors { code } } }""",
        s=list(scopes),
        u=user,
    )["createToken"]
    return made["token"]["id"], made["secret"]


async def begun(followers: Sequence[Events], deed: Callable[[], Any]) -> None:
    """Returns when all of them follow: the deed, of which each is told, is done again and again until each has been told."""
    waiting = [asyncio.create_task(next_of(each)) for each in followers]
    while not all(each.done() for each in waiting):
        await asyncio.to_thread(deed)
        await asyncio.wait(waiting, timeout=10)
    for each in waiting:
        each.result()


async def told_of(events: Events, number: int, *people: str) -> list[dict[str, Any]]:
    """The next so many events of these people; of others the follower may be told as well, of them alone is asked here."""
    found: list[dict[str, Any]] = []
    while len(found) < number:
        event = (await next_of(events))["trackingEvents"]
        found += [event] if event["email"] in people else []
    return found


def by_email(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda event: str(event["email"]))


async def test_x14_an_opening_is_told_over_every_transport_once(running: Running):
    """To followers of the mailing and of the account; the others' opening comes to the latter alone."""
    mailing, other = new_mailing(running), new_mailing(running)
    ada, ben, last = new_person(running), new_person(running), new_person(running)

    async with AsyncExitStack() as stack:

        async def follow(way: Follow, **variables: Any) -> Any:
            return await stack.enter_async_context(way(running, running.token, EVENTS, **variables))

        of_mailing = [await follow(way, m=mailing) for way in EVERY_WAY]
        of_all = await follow(over_websocket)
        await begun([*of_mailing, of_all], lambda: opened(running, mailing, new_person(running)))
        for at, email in ((other, ben), (mailing, ada), (mailing, last)):
            await asyncio.to_thread(opened, running, at, email)
        told = [await told_of(each, 2, ada, ben, last) for each in of_mailing]
        of_everything = await told_of(of_all, 3, ada, ben, last)

    # Events that one batch of the drain has written are told in any order.
    expected = [{"kind": "FIRST_OPENING", "email": email, "templateId": mailing} for email in (ada, last)]
    assert [by_email(each) for each in told] == [by_email(expected)] * 3
    assert sorted(event["email"] for event in of_everything) == sorted([ada, ben, last])


async def test_x14_changes_of_permission_are_told_and_resumed(running: Running):
    """Whoever comes back with the place of the last line gets what came since, each once."""
    async with over_websocket(running, running.token, CHANGES) as changes:
        await begun([changes], lambda: new_person(running, "NO"))
        refusing = running.gql(ID_OF, e=await asyncio.to_thread(new_person, running, "NO"))["subscriber"][
            "id"
        ]
        told: list[dict[str, Any]] = []
        while len(told) < 2:
            line = (await next_of(changes))["permissionChanges"]
            told += [line] if line["subscriberId"] == refusing else []
    agreeing = running.gql(ID_OF, e=new_person(running))["subscriber"]["id"]
    async with over_events(running, running.token, CHANGES, a=told[-1]["feedCursor"]) as changes:
        later = [(await next_of(changes))["permissionChanges"] for _ in range(2)]

    assert [(each["axis"], each["to"]) for each in told] == [("OPENS", "NO"), ("CLICKS", "NO")]
    assert [(each["axis"], each["to"]) for each in later] == [("OPENS", "YES"), ("CLICKS", "YES")]
    assert {each["subscriberId"] for each in later} == {agreeing}


FINAL = """UPDATE event SET occurred_at = now() - interval '116 seconds'
WHERE channel = 'ONE_TO_ONE' AND occurred_at > now() - interval '100 seconds' RETURNING id"""
"""Makes an opening final in four seconds, and no sooner: nobody is told later of what was final when they looked."""


def finally_opened(running: Running, mailing: str, email: str, token: str) -> None:
    """Opens a mail of a user, and lets the two minutes pass after which users are told."""
    opened(running, mailing, email, token)
    eventually(lambda: asyncio.run(running.rows(FINAL)), "another process writes the event")


def new_user(running: Running, name: str) -> str:
    """A user who wants to be told; their token."""
    made = running.gql("mutation ($n: String!) { createUser(input: { name: $n }) { user { id } } }", n=name)
    _, secret = new_token(
        running,
        "mailings:read",
        "mailings:write",
        "reports:read",
        "personal:read",
        "subscribers:read",
        user=made["createUser"]["user"]["id"],
    )
    running.gql(
        "mutation { updateMyTracking(input: { opens: true, notifications: true }) { errors { code } } }",
        secret,
    )
    return secret


async def test_p4_a_user_is_told_live_and_a_colleague_is_not(running: Running):
    """Each is told of the own mail alone, of whatever comes first and last."""
    users = [new_user(running, name) for name in ("Grace", "Alan")]
    mailings = [new_mailing(running, user, "ONE_TO_ONE") for user in users]
    sent: list[list[str]] = [[], []]

    def each_has_a_mail_opened() -> None:
        for user, mailing, emails in zip(users, mailings, sent, strict=True):
            emails.append(new_person(running))
            finally_opened(running, mailing, emails[-1], user)

    async with (
        over_websocket(running, users[0], NOTICES) as own,
        over_events(running, users[1], NOTICES) as others,
    ):
        await begun([own, others], each_has_a_mail_opened)
        await asyncio.to_thread(each_has_a_mail_opened)
        told = [
            await notices_until(events, emails[-1])
            for events, emails in zip((own, others), sent, strict=True)
        ]

    for notices, emails in zip(told, sent, strict=True):
        assert {notice["kind"] for notice in notices} == {"FIRST_OPENING"}
        named = [notice["delivery"]["subscriber"]["email"] for notice in notices]
        assert len(named) == len(set(named))
        assert set(named) <= set(emails)


async def notices_until(events: Events, email: str) -> list[dict[str, Any]]:
    """What a user is told, as far as the opening of this person."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["delivery"]["subscriber"]["email"] != email:
        found.append((await next_of(events))["notifications"])
    return found


@pytest.mark.parametrize("way", EVERY_WAY)
async def test_x14_a_revoked_token_ends_a_stream_in_which_nothing_happens(running: Running, way: Follow):
    token_id, secret = new_token(running, "subscribers:read", "personal:read")

    async with way(running, secret, CHANGES) as changes:
        waiting = asyncio.create_task(next_of(changes))
        await asyncio.sleep(0.3)
        running.gql(
            "mutation ($id: ID!) { revokeToken(input: { id: $id }) { errors { code } } }", id=token_id
        )
        async with asyncio.timeout(PATIENCE):
            (answer,) = await asyncio.gather(waiting, return_exceptions=True)

    assert "UNAUTHENTICATED" in str(answer if isinstance(answer, dict) else getattr(answer, "errors", answer))


async def test_x14_who_may_not_see_people_is_told_nothing(running: Running):
    _, secret = new_token(running, "reports:read", "mailings:read", "subscribers:read")

    for query in (EVENTS, NOTICES, CHANGES):
        async with over_events(running, secret, query) as refused:
            (error,) = (await next_of(refused))["refused"]
        assert error["extensions"]["code"] == "FORBIDDEN"


async def test_x14_two_thousand_who_wait_cost_next_to_nothing_and_are_all_told(running: Running):
    """One look serves them all, whether anything happens or not."""
    mailing, ada = new_mailing(running), new_person(running)

    async with crowd(running, EVENTS, sockets=100, each=20) as told, asyncio.timeout(6 * PATIENCE):
        following: set[int] = set()
        while len(following) < 2_000:
            await asyncio.to_thread(opened, running, mailing, new_person(running))
            following |= {follower for follower, _ in await arrived(told)}
        await quiet(running)
        await asyncio.to_thread(opened, running, mailing, ada)
        followers: list[int] = []
        while len(followers) < 2_000:
            follower, email = await told.get()
            followers += [follower] if email == ada else []

    assert set(followers) == following
