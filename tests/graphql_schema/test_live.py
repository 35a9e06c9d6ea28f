"""X14 and P4 on a real server: what happens is told live, over every transport, to those who may see it and nobody else."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from tests.graphql_schema.followers import EVERY_WAY, Follow, next_of, over_events, over_websocket
from tests.running import BROWSER, Running

EVENTS = "subscription ($m: ID) { trackingEvents(mailingId: $m) { kind email templateId } }"
CHANGES = "subscription ($a: String) { permissionChanges(after: $a) { axis to feedCursor } }"
NOTICES = "subscription { notifications { kind delivery { subscriber { email } } } }"
UPSERT = """mutation ($e: String!, $p: PermissionChange!) { upsertSubscriber(input: {
  email: $e, permission: $p, source: FORM, at: "2026-11-01T00:00:00Z" }) { errors { code } } }"""
PREPARE = """mutation ($m: ID!, $e: String!, $t: Boolean) { prepareMessages(input: { mailingId: $m, html: "<p>Hi</p>",
  recipients: [{ to: [{ email: $e }], trackOpens: $t }] }) { messages { html } errors { code } } }"""
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
    assert httpx.get(pixel, headers={"User-Agent": BROWSER}, timeout=30).status_code == 200


def new_token(running: Running, *scopes: str, user: str | None = None) -> tuple[str, str]:
    """A token's id and secret."""
    made = running.gql(
        """mutation ($s: [String!], $u: ID) { createToken(input: { name: "Live", scopes: $s, user: $u }) {
        token { id } secret errors { code } } }""",
        s=list(scopes),
        u=user,
    )["createToken"]
    return made["token"]["id"], made["secret"]


async def test_x14_an_opening_is_told_over_every_transport_once(running: Running):
    """To followers of the mailing and of the account; the others' opening comes to the latter alone."""
    mailing, other = new_mailing(running), new_mailing(running)
    ada, ben = new_person(running), new_person(running)

    async with AsyncExitStack() as stack:

        async def follow(way: Follow, **variables: Any) -> Any:
            return await stack.enter_async_context(way(running, running.token, EVENTS, **variables))

        of_mailing = [await follow(way, m=mailing) for way in EVERY_WAY]
        of_all = await follow(over_websocket)
        waiting = [asyncio.create_task(next_of(each)) for each in (*of_mailing, of_all)]
        await quiet(running)
        await asyncio.to_thread(opened, running, other, ben)
        await asyncio.to_thread(opened, running, mailing, ada)
        first = [(await each)["trackingEvents"] for each in waiting]
        second = (await next_of(of_all))["trackingEvents"]

    told = {"kind": "FIRST_OPENING", "email": ada, "templateId": mailing}
    assert first[:3] == [told] * 3
    # Events that one batch of the drain has written are told in any order.
    assert sorted([first[3]["email"], second["email"]]) == sorted([ada, ben])


async def test_x14_changes_of_permission_are_told_and_resumed(running: Running):
    """Whoever comes back with the place of the last line gets what came since, each once."""
    async with over_websocket(running, running.token, CHANGES) as changes:
        waiting = asyncio.create_task(next_of(changes))
        await quiet(running)
        await asyncio.to_thread(new_person, running, "NO")
        first, second = (await waiting)["permissionChanges"], (await next_of(changes))["permissionChanges"]
    new_person(running)
    async with over_events(running, running.token, CHANGES, a=second["feedCursor"]) as changes:
        later = [(await next_of(changes))["permissionChanges"] for _ in range(2)]

    assert [(each["axis"], each["to"]) for each in (first, second)] == [("OPENS", "NO"), ("CLICKS", "NO")]
    assert [(each["axis"], each["to"]) for each in later] == [("OPENS", "YES"), ("CLICKS", "YES")]


async def test_p4_a_user_is_told_live_and_a_colleague_is_not(running: Running):
    """The opening is moved back by two minutes, since nobody is told before its class is final."""
    users = []
    for name in ("Grace", "Alan"):
        made = running.gql(
            "mutation ($n: String!) { createUser(input: { name: $n }) { user { id } } }", n=name
        )
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
        users.append(secret)
    grace, alan = users
    mailing, ada = new_mailing(running, grace, "ONE_TO_ONE"), new_person(running)

    async with (
        over_websocket(running, grace, NOTICES) as own,
        over_events(running, alan, NOTICES) as others,
    ):
        waiting = [asyncio.create_task(next_of(each)) for each in (own, others)]
        await quiet(running)
        await asyncio.to_thread(opened, running, mailing, ada, grace)
        moved = (
            "UPDATE event SET occurred_at = occurred_at - interval '150 seconds' "
            "WHERE channel = 'ONE_TO_ONE' AND occurred_at > now() - interval '120 seconds' RETURNING id"
        )
        async with asyncio.timeout(PATIENCE):
            while not await running.rows(moved):  # noqa: ASYNC110  Another process writes it.
                await asyncio.sleep(0.1)
        told = (await waiting[0])["notifications"]
        silent = not waiting[1].done()
        waiting[1].cancel()

    assert told == {"kind": "FIRST_OPENING", "delivery": {"subscriber": {"email": ada}}}
    assert silent


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


@asynccontextmanager
async def crowd(running: Running, sockets: int, each: int) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
    """So many sockets with so many subscriptions each; what any of them is told lands in one queue."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def one() -> None:
        address = f"{running.url.replace('http', 'ws')}/graphql"
        async with websockets.connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            greeting = {"type": "connection_init", "payload": {"Authorization": f"Bearer {running.token}"}}
            await socket.send(json.dumps(greeting))
            await socket.recv()
            for number in range(each):
                asked = {"id": str(number), "type": "subscribe", "payload": {"query": EVENTS}}
                await socket.send(json.dumps(asked))
            async for message in socket:
                found = json.loads(message)
                if found["type"] != "ping":
                    told.put_nowait(found)

    tasks = [asyncio.create_task(one()) for _ in range(sockets)]
    try:
        yield told
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def processor_seconds(running: Running) -> float:
    """What the server's web processes have used so far."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
            if b"granian" in command and str(running.data).encode() in environment:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


async def quiet(running: Running) -> None:
    """Returns once the web processes use less than a twentieth of a processor: whoever follows something has begun.

    Raises TimeoutError if they never do.
    """
    async with asyncio.timeout(PATIENCE):
        before, used = processor_seconds(running), 1.0
        while used > 0.05:
            await asyncio.sleep(1)
            now = processor_seconds(running)
            before, used = now, now - before


async def test_x14_two_thousand_who_wait_cost_next_to_nothing_and_are_all_told(running: Running):
    """One look serves them all, whether anything happens or not."""
    mailing, ada = new_mailing(running), new_person(running)

    async with crowd(running, sockets=100, each=20) as told, asyncio.timeout(2 * PATIENCE):
        await quiet(running)
        await asyncio.to_thread(opened, running, mailing, ada)
        messages = [await told.get() for _ in range(2_000)]

    assert {message["payload"]["data"]["trackingEvents"]["email"] for message in messages} == {ada}


PATIENCE = 60.0
