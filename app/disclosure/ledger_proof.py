"""Proves an account's ledger: three streams by subscriber are read side by side, in constant memory.

    stream      from                                          says
    heads       the subscribers and tombstones                where each chain ends now
    lines       the ledger                                    the chains
    anchored    the file beside the newest anchor             where each chain ended when it was anchored

All of the database is read as of one moment. What is found names subscribers by their ids and nothing else.
Source: domain.md §3.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar
from uuid import UUID

from app.account_keys import account_keys
from app.disclosure.health import database_warnings
from app.domain.anchors import Head, Heads, SealedAnchor, broken_anchors
from app.domain.errors import NotFound
from app.domain.ledger_proof import Flaw, FlawKind, flaws_of_chain
from app.instance import Instance
from app.storage import accounts, anchors
from app.storage.anchor_files import AnchorFiles
from app.storage.database import Connection

_NO_ANCHOR = "This account was never anchored outside the database: lines cut off the end would not show."
_NO_HEADS = "The list of heads beside the anchors cannot be used: a subscriber removed whole cannot be named."
_NOT_OUTSIDE = "The newest anchors stand only in the database: the file outside is behind."


@dataclass(slots=True)
class Proof:
    """What a proof of one account came to. `warnings` are sentences; flaws are handed on as they are found."""

    account_id: int
    lines: int = 0
    subscribers: int = 0
    flaws: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FlawView:
    """One fault, ready to be shown."""

    account_id: int
    kind: FlawKind
    subscriber_id: UUID | None
    number: int | None
    through: int | None

    @property
    def sentence(self) -> str:
        """The fault in words."""
        if self.kind is FlawKind.ANCHOR:
            return f"ANCHOR: anchor {self.number} of account {self.account_id} was altered or taken away."
        if self.number is None:
            return f"{self.kind}: subscriber {self.subscriber_id}."
        lines = f"line {self.number}" if self.through in {None, self.number} else self._range()
        return f"{self.kind}: {lines} of subscriber {self.subscriber_id}."

    def _range(self) -> str:
        return f"lines {self.number} to {self.through}"


async def all_accounts(instance: Instance) -> list[int]:
    """The accounts that can be proven."""
    return [row["id"] for row in await instance.database.fetch(accounts.SQL.all_ids)]


async def prove_account(
    instance: Instance, data: Path, account_id: int, found: Callable[[FlawView], None]
) -> Proof:
    """Proves one account and calls `found` for every fault, in the order of subscribers. Raises `NotFound`."""
    proof = Proof(account_id, warnings=await database_warnings(instance))
    async with instance.database.snapshot() as connection:
        if await connection.fetchrow(accounts.SQL.by_id, account_id) is None:
            raise NotFound(path=("account",))
        run = _Run(instance, connection, AnchorFiles(data, account_id), proof, found)
        await run.prove()
    return proof


@dataclass(slots=True)
class _Run:
    """One proof under way."""

    instance: Instance
    connection: Connection
    files: AnchorFiles
    proof: Proof
    found: Callable[[FlawView], None]

    async def prove(self) -> None:
        account_id = self.proof.account_id
        key = (await account_keys(self.instance, self.connection, account_id)).ledger
        anchored = _Stream(_aside(await self._anchored(key)), lambda head: head.subscriber)
        heads = _Stream(anchors.heads(self.connection, account_id), lambda head: head.subscriber)
        lines = _Stream(anchors.lines(self.connection, account_id), lambda kept: kept.subscriber)
        for stream in (anchored, heads, lines):
            await stream.advance()
        while (
            subscriber := min(filter(None, (anchored.key, heads.key, lines.key)), default=None)
        ) is not None:
            chain = await lines.take(subscriber)
            head = await heads.take(subscriber)
            vouched = await anchored.take(subscriber)
            self.proof.lines += len(chain)
            self.proof.subscribers += 1
            sealed = [each.sealed for each in chain if each.sealed is not None]
            unreadable = {each.number for each in chain if each.sealed is None}
            for flaw in flaws_of_chain(subscriber, sealed, key, _first(head), _first(vouched), unreadable):
                self._tell(flaw)

    async def _anchored(self, key: bytes) -> Iterator[Head]:
        kept = await anchors.all_of(self.connection, self.proof.account_id)
        try:
            outside = self.files.anchors()
        except ValueError:
            outside = []
            self._tell(Flaw(FlawKind.ANCHOR, number=kept[-1].anchor.number if kept else 0))
        for number in sorted(set(broken_anchors(kept, outside, key))):
            self._tell(Flaw(FlawKind.ANCHOR, number=number))
        if not kept and not outside:
            self.proof.warnings.append(_NO_ANCHOR)
        elif len(outside) < len(kept):
            self.proof.warnings.append(_NOT_OUTSIDE)
        return self._heads_of({each.anchor.number: each for each in (*kept, *outside)})

    def _heads_of(self, known: dict[int, SealedAnchor]) -> Iterator[Head]:
        """The heads that belong to an anchor; none, with a flaw or a warning, where they cannot be used."""
        number = self.files.heads_number()
        if number is None or number not in known:
            if known:
                self.proof.warnings.append(_NO_HEADS)
            return iter(())
        summed = Heads()
        try:
            for head in self.files.heads():
                summed.add(head)
            whole = summed.digest == known[number].anchor.digest
        except ValueError:
            whole = False
        if not whole:
            self._tell(Flaw(FlawKind.ANCHOR, number=number))
            self.proof.warnings.append(_NO_HEADS)
            return iter(())
        return self.files.heads()

    def _tell(self, flaw: Flaw) -> None:
        self.proof.flaws += 1
        subscriber = None if flaw.subscriber is None else UUID(bytes=flaw.subscriber)
        self.found(FlawView(self.proof.account_id, flaw.kind, subscriber, flaw.number, flaw.through))


async def _aside(heads: Iterator[Head]) -> AsyncIterator[Head]:
    for head in heads:
        yield head


def _first(heads: list[Head]) -> Head | None:
    return heads[0] if heads else None


_Row = TypeVar("_Row")


class _Stream(Generic[_Row]):
    """A sorted stream that is taken from one subscriber at a time."""

    def __init__(self, rows: AsyncIterator[_Row], key_of: Callable[[_Row], bytes]) -> None:
        self._rows = rows
        self._key_of = key_of
        self._row: _Row | None = None
        self.key: bytes | None = None

    async def advance(self) -> None:
        """Looks at the next row; `key` is None behind the last."""
        self._row = await anext(self._rows, None)
        self.key = None if self._row is None else self._key_of(self._row)

    async def take(self, subscriber: bytes) -> list[_Row]:
        """The rows of one subscriber, which may be none."""
        taken = []
        while self._row is not None and self.key == subscriber:
            taken.append(self._row)
            await self.advance()
        return taken
