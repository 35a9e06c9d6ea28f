"""A stream stays as long as its token holds what it held, and one question a second is asked for all of a token."""

import asyncio
from dataclasses import dataclass

import pytest

from app.domain.principal import Principal
from graphql_schema.context import Context
from graphql_schema.guests import Guests

SOON = 60.0
BEFORE = Principal(1, 1, 7, frozenset({"reports:read", "personal:read"}))


@dataclass
class Desk:
    """Answers who a token belongs to."""

    answer: Principal | Exception | None = BEFORE
    asked: int = 0

    async def confirm(self) -> Principal | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def context(self) -> Context:
        return Context(None, BEFORE, confirm=self.confirm)


@pytest.mark.parametrize(
    "after",
    [None, Principal(1, 1, 7, frozenset({"reports:read"})), Principal(1, 1, None, BEFORE.scopes)],
    ids=["revoked", "fewer scopes", "another user"],
)
async def test_a_stream_ends_when_its_token_holds_less(after: Principal | None) -> None:
    desk, guests = Desk(), Guests(0.01)

    async with asyncio.timeout(SOON), guests.stay(desk.context()) as end:
        await asyncio.sleep(0.05)
        stayed = not end.done()
        desk.answer = after
        await end

    assert stayed


async def test_more_scopes_end_nothing_and_neither_does_a_question_that_fails() -> None:
    desk, guests = Desk(Principal(1, 1, 7, BEFORE.scopes | {"tokens:write"})), Guests(0.01)

    async with guests.stay(desk.context()) as end:
        await asyncio.sleep(0.05)
        desk.answer = OSError("away")
        await asyncio.sleep(0.05)

        assert not end.done()


async def test_one_question_serves_all_streams_of_a_token() -> None:
    """And nobody asks for a token that has no stream."""
    desk, guests = Desk(), Guests(0.05)

    async def stream() -> None:
        async with guests.stay(desk.context()) as end:
            await end

    async with asyncio.timeout(SOON):
        streams = [asyncio.create_task(stream()) for _ in range(500)]
        await asyncio.sleep(0.12)
        asked = desk.asked
        desk.answer = None
        await asyncio.gather(*streams)
        told = desk.asked
        await asyncio.sleep(0.12)

    assert asked <= 5
    assert desk.asked == told
