"""`POST /messages`: `prepareMessages` for any number of recipients, as NDJSON, streamed both ways.

    the client sends                             is answered with
    a first line that holds for all              4xx and what is wrong with it, where something is
    a line for each recipient                    a line each, in the same order; `n` counts them from 1
    nothing more                                 {"done": true, "prepared": …, "failed": …, "warnings": […]}

Lines are prepared 200 at a time (fewer of a large mail), a transaction each; what stands in an answer is stored. Under
an idempotency key each such batch has its place, so whoever repeats a broken call with the same lines gets the same
messages, and nobody is prepared twice. A batch that was cut off is never prepared. Where the call cannot go on, the last line
has `"done": false` and an `error`. The first batch is refused where its cost cannot be paid, later ones wait for that, ten minutes at most.
Needs the scope mailings:write. Source: contract.md.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from app.actions.imports import folder_of
from app.actions.messages import MessageRequest, Preparation, Prepared
from app.actions.prepare_messages import LONGEST_KEY, MOST_CHARACTERS, prepare_messages
from app.actions.unit import unit
from app.budgets import Wait
from app.disclosure.mailings import mailings_by_id
from app.disclosure.reader import Reader
from app.domain.errors import Conflict, InvalidValue, LimitExceeded, NotFound, RequestError
from app.instance import DatabaseAway
from app.web.callers import (
    LONGEST_WAIT,
    AnyRequest,
    Purse,
    Spent,
    Unauthenticated,
    away,
    caller_with,
    no_room,
    refused,
    silent,
    spent,
    unauthenticated,
)
from app.web.message_lines import (
    Head,
    by_place,
    failed_line,
    prepared_line,
    read_head,
    read_recipient,
    undone,
    written,
)
from app.web.spool import CutOff, NoRoom, Silent, Spool, TooLong, spooled

SCOPE = "mailings:write"

LARGEST: Final = 4 * 1024**3
"""Bytes that one call may send."""

LONGEST_HEAD: Final = 8 * 1024 * 1024
LONGEST_LINE: Final = 64 * 1024
MOST_RECIPIENTS: Final = 1_000_000
BATCH: Final = 200
"""Lines that are prepared together; a part of what an idempotency key stands for, so it never changes."""

CALL, LINE = 10, 75
"""What a call costs, and each line of it: a whole batch as much as `prepareMessages` that asks for everything."""

_TRIES = 3
_PIECE = 1 << 16
_MOST_PASSED_OVER = 256 * 1024 * 1024
_PAUSE = 1.0
_AT_ONCE = 16
"""Lines that are read before others may have their turn: what lies on disk is read without waiting."""
_HANDLERS: dict[int | type[Exception], Any] = {
    Unauthenticated: unauthenticated,
    RequestError: refused,
    DatabaseAway: away,
    NoRoom: no_room,
    Silent: silent,
    Spent: spent,
}

Line = tuple[int, MessageRequest | RequestError]


def message_routes(wait: Wait | None = None, largest: int = LARGEST) -> list[HTTPRouteHandler]:
    """The one route; `wait` spends a token's budget, none where it is None; `largest` is the limit of a call in bytes."""

    @post("/messages", exception_handlers=_HANDLERS, request_max_body_size=None)
    async def messages(request: AnyRequest) -> ASGIApp:
        reader = await caller_with(request, SCOPE)
        with ExitStack() as stack:
            spool = stack.enter_context(spooled(folder_of(reader.instance), largest))
            filling = asyncio.create_task(spool.fill(request.receive))
            stack.callback(filling.cancel)
            try:
                purse = Purse(reader.principal.token_id, wait)
                purse.spend(CALL)
                pieces = _Call(request, reader, spool, await _head(reader, spool), purse).pieces()
                # What makes the whole call impossible shows in its first batch, and can still be a status.
                first = await anext(pieces)
            except (RequestError, NoRoom, Spent):
                await spool.pass_over(_MOST_PASSED_OVER, _PAUSE)
                raise
            kept = stack.pop_all()

        async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
            with kept:
                async with aclosing(pieces):
                    await _send(send, first, pieces)

        return answer

    return [messages]


async def _send(send: Send, first: bytes, pieces: AsyncGenerator[bytes, None]) -> None:
    headers = [(b"content-type", b"application/x-ndjson"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": first, "more_body": True})
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _head(reader: Reader, spool: Spool) -> Head:
    try:
        line = await spool.line(LONGEST_HEAD)
    except TooLong:
        message = f"The first line has at most {LONGEST_HEAD} bytes."
        raise LimitExceeded(message) from None
    except CutOff:
        line = None
    if line is None:
        message = "There is no first line. Send one JSON object with mailing, and html or text."
        raise InvalidValue(message)
    head = read_head(line)
    if head.html is None and head.text is None:
        message = "There is nothing to send: give html, text or both."
        raise InvalidValue(message, path=("html",))
    if head.key is not None and not 0 < len(head.key) <= LONGEST_KEY:
        message = f"An idempotency key has between 1 and {LONGEST_KEY} characters."
        raise InvalidValue(message, path=("idempotencyKey",))
    if head.mailing_id not in await mailings_by_id(reader, [head.mailing_id]):
        message = "There is no such mailing in this account."
        raise NotFound(message, path=("mailing",))
    return head


@dataclass(slots=True)
class _Call:
    """One call on its way; memory holds one batch."""

    request: AnyRequest
    reader: Reader
    spool: Spool
    head: Head
    purse: Purse
    prepared: int = 0
    failed: int = 0
    warnings: dict[str, str] = field(default_factory=dict)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The answer. Raises only before its first piece, so that what is wrong then can be a status."""
        began = False
        try:
            async for piece in self._batches():
                began = True
                yield piece
            end: dict[str, Any] = {"done": True}
        except CutOff as cut:
            if not cut.too_much:
                # Nobody is there any more; what was not prepared is, when the call is repeated.
                yield b""
                return
            end = undone(LimitExceeded("This is more than one call may send. Go on in another."))
        except Exception as error:
            if not began:
                raise
            end = undone(error)
        yield written(end | self._counts())

    def _counts(self) -> dict[str, Any]:
        warnings = [{"code": code, "message": message} for code, message in self.warnings.items()]
        return {"prepared": self.prepared, "failed": self.failed, "warnings": warnings}

    async def _batches(self) -> AsyncGenerator[bytes, None]:
        size = min(
            BATCH, max(1, MOST_CHARACTERS // (len(self.head.html or "") + len(self.head.text or "") + 1))
        )
        number, batch = 0, list[Line]()
        async for line in self._lines():
            batch.append(line)
            if len(batch) == size:
                async for piece in self._answered(number, batch):
                    yield piece
                number, batch = number + 1, []
        if batch:
            async for piece in self._answered(number, batch):
                yield piece

    async def _lines(self) -> AsyncGenerator[Line, None]:
        """The recipients. Lines of nothing but space are none, and there may be no more of them either."""
        number = 0
        for turn in count():
            if turn % _AT_ONCE == 0:
                await _others_have_their_turn(turn)
            try:
                line = await self.spool.line(LONGEST_LINE)
                if line is None:
                    return
                if not line.strip():
                    continue
                found: MessageRequest | RequestError = read_recipient(line)
            except TooLong:
                found = LimitExceeded(f"A line has at most {LONGEST_LINE} bytes.")
            except RequestError as error:
                found = error
            number += 1
            if number > MOST_RECIPIENTS:
                raise _too_many()
            yield number, found

    async def _answered(self, number: int, batch: Sequence[Line]) -> AsyncGenerator[bytes, None]:
        """Prepares a batch and answers its lines, in pieces."""
        patience, spool = LONGEST_WAIT if number else 0.0, self.spool
        await self.purse.spend_in_turn(LINE * len(batch), lambda: spool.gone, patience)
        if spool.gone:
            raise CutOff
        requests = [request for _, request in batch if isinstance(request, MessageRequest)]
        prepared = await self._prepare(number, requests) if requests else Prepared([])
        self.warnings.update({each.code: each.message for each in prepared.warnings})
        piece = bytearray()
        for line in self._said(batch, prepared):
            piece += line
            if len(piece) >= _PIECE:
                yield bytes(piece)
                piece.clear()
        if piece:
            yield bytes(piece)

    async def _prepare(self, number: int, requests: Sequence[MessageRequest]) -> Prepared:
        """One transaction. Who asks is asked again, since a call may last longer than its token."""
        await caller_with(self.request, SCOPE)
        principal, head = self.reader.principal, self.head
        call = Preparation(head.mailing_id, head.html, head.text, requests, head.batch_key(number))
        for attempt in range(1, _TRIES + 1):
            try:
                async with unit(
                    self.reader.instance, principal.account_id, principal.actor, principal.user_id
                ) as work:
                    return await prepare_messages(work, call)
            except Conflict as error:
                if error.path or attempt == _TRIES:
                    return self._none(number, requests, error)
            except RequestError as error:
                return self._none(number, requests, error)
        raise AssertionError

    @staticmethod
    def _none(number: int, requests: Sequence[MessageRequest], error: RequestError) -> Prepared:
        """A batch of which nothing could be prepared; the first one stops the call."""
        if number == 0:
            raise error
        nothing = [error.under("recipients", place) for place in range(len(requests))]
        return Prepared([None] * len(requests), nothing)

    def _said(self, batch: Sequence[Line], prepared: Prepared) -> Iterator[bytes]:
        errors = by_place(prepared.errors)
        ids, place = self.reader.ids, 0
        for number, request in batch:
            if isinstance(request, RequestError):
                self.failed += 1
                yield written(failed_line(number, request))
                continue
            message, besides = prepared.messages[place], errors[place]
            place += 1
            if message is None:
                self.failed += 1
                yield written(failed_line(number, besides[0]))
            else:
                self.prepared += 1
                yield written(prepared_line(ids, number, message, besides))


async def _others_have_their_turn(turn: int) -> None:
    if turn > 2 * MOST_RECIPIENTS:
        raise _too_many()
    await asyncio.sleep(0)


def _too_many() -> LimitExceeded:
    return LimitExceeded(f"One call prepares at most {MOST_RECIPIENTS} recipients. Go on in another.")
