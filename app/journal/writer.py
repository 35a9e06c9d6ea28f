"""Appends hits to segments; whoever awaits an append knows that the hit survives a power cut.

Theory (group commit): appends of the event loop gather while one thread writes and syncs the batch before.
Each turn takes everything that has gathered, so a disk that syncs 500 times a second still takes tens of
thousands of hits. A segment is closed when it is large, when it is old (drained files shall go, and what they
say of people with them), and when anything fails in it: after a failed write nobody knows what stands there,
so nothing is ever written behind it, and the next batch begins a new segment.

    append ──▶ gathered ──▶ one turn: gather, frame, write durably ──▶ every append of the turn resolves
                                       ├── any failure ──▶ JournalUnavailable for every append of the turn
                                       └── TURN_PATIENCE is over ──▶ JournalSlow for all who wait, and at once for
                                           those who come meanwhile, until the turn ends

An append waits for the rest of one turn and for one more, so for two patiences at most, however the disk hangs. What
was answered JournalSlow is still written when the disk comes back, up to MOST_GATHERED records. A patience is over in two
steps: a process that stood still finds its timer due before it hears what the disk has said meanwhile.

A writer belongs to one process and one event loop. Source: house habit "a hit is answered after it is durable".
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Generic, Self

from app.journal.disk import DiskThread, SegmentFile
from app.journal.records import JournalKind, Record
from app.journal.segments import folder_of, framed

SEGMENT_SIZE: Final = 16 * 1024 * 1024
"""Bytes after which a segment is closed."""

SEGMENT_AGE: Final = 5.0
"""Seconds after which a segment is closed, so that it can be drained and removed."""

TURN_PATIENCE: Final = 1.0
"""Seconds after which nobody waits for a turn any more."""

MOST_GATHERED: Final = 100_000
"""Records that are kept for a disk that hangs; what comes beyond them is refused."""

_LAST_STEP: Final = 0.1
"""The part of a patience that is its second step."""

logger = logging.getLogger(__name__)


class JournalUnavailable(Exception):
    """The hit could not be made durable (disk full, disk gone); nothing of the batch was promised."""


class JournalSlow(Exception):
    """The disk takes longer than anybody should wait. The hit may still become durable; nothing was promised."""


_Append = tuple[bytes, asyncio.Future[None]]


def _unobserved(_seconds: float, _failed: bool) -> None:
    """For a writer whose turns nobody counts."""


class JournalWriter(Generic[Record]):
    """One process's writer of one journal under `data` (`ASSENT_DATA`); the folder is made if missing."""

    def __init__(
        self,
        data: Path,
        kind: JournalKind[Record],
        *,
        segment_size: int = SEGMENT_SIZE,
        segment_age: float = SEGMENT_AGE,
        turn_patience: float = TURN_PATIENCE,
        most_gathered: int = MOST_GATHERED,
        observed: Callable[[float, bool], None] = _unobserved,
    ) -> None:
        """`observed` is told of each turn: how many seconds it took, and whether it failed."""
        self._kind: JournalKind[Record] = kind
        self._segment_age = segment_age
        self._turn_patience = turn_patience
        self._most_gathered = most_gathered
        self._observed = observed
        self._file = SegmentFile(folder_of(data, kind), kind, segment_size)
        self._disk = DiskThread(f"journal-{kind.folder}")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._gathered: list[_Append] = []
        self._hangs = False
        self._turning = False
        self._last_turn: asyncio.Future[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._ageing: asyncio.TimerHandle | None = None
        self._available = True
        self._closed = False

    def append(self, record: Record) -> asyncio.Future[None]:
        """Resolves when the record is on disk, or raises JournalUnavailable or JournalSlow. RecordError at once."""
        return self.append_packed(record.pack())

    def append_packed(self, payload: bytes) -> asyncio.Future[None]:
        """As `append`, for a record that is packed already."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        durable: asyncio.Future[None] = self._loop.create_future()
        if self._closed:
            durable.set_exception(JournalUnavailable("the journal is closed"))
            return durable
        if self._hangs:
            if len(self._gathered) >= self._most_gathered:
                durable.set_exception(JournalUnavailable("too much waits for the disk"))
                return durable
            durable.set_exception(JournalSlow())
        self._gathered.append((payload, durable))
        if not self._turning:
            self._turning = True
            # Not at once, so that what comes in the same breath comes along.
            self._loop.call_soon(self._begin_turn)
        return durable

    async def close(self) -> None:
        """Writes what has gathered, then closes the segment. Appends that come later are refused."""
        if self._closed:
            return
        self._closed = True
        if self._turning:
            self._last_turn = asyncio.get_running_loop().create_future()
            await self._last_turn
        self._stop_ageing()
        closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._disk.run(self._file.close, lambda _none, _failure: closed.set_result(None))
        await closed
        self._disk.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    def _begin_turn(self) -> None:
        """Gives the disk everything that has gathered. Callbacks, not coroutines: the disk shall wait for no other hit."""
        loop = asyncio.get_running_loop()
        batch, self._gathered = self._gathered, []
        # One timer for a turn, not one for a hit: a hit must stay cheap.
        self._watch_for(1 - _LAST_STEP, self._look_again, batch)
        end = partial(self._end_turn, batch, loop.time())
        try:
            # Framed here: the thread would have to wait for the interpreter, so it has nothing to do but write.
            content = b"".join(map(framed, self._kind.gathered([payload for payload, _ in batch])))
        except Exception as error:  # noqa: BLE001  whatever it was, those who wait must hear of it
            loop.call_soon(end, None, error)
        else:
            self._disk.run(partial(self._file.write, content), end)

    def _end_turn(
        self,
        batch: list[_Append],
        began: float,
        open_still: bool | None,
        failure: BaseException | None,
    ) -> None:
        """Begins the next turn first, then tells all of this one."""
        if self._watch is not None:
            self._watch.cancel()
        self._hangs = False
        self._observed(asyncio.get_running_loop().time() - began, failure is not None)
        self._age(open_still=bool(open_still))
        self._report(failure)
        if self._gathered:
            self._begin_turn()
        else:
            self._turning = False
            if self._last_turn is not None:
                self._last_turn.set_result(None)
        if failure is not None:
            for _, durable in batch:
                _fail(durable, JournalUnavailable(_words(failure)))
            return
        for _, durable in batch:
            if not durable.done():
                durable.set_result(None)

    def _watch_for(self, share: float, then: Callable[[list[_Append]], None], batch: list[_Append]) -> None:
        """Does this after a share of the patience, unless the turn has ended by then."""
        self._watch = asyncio.get_running_loop().call_later(self._turn_patience * share, then, batch)

    def _look_again(self, batch: list[_Append]) -> None:
        """Hears what the disk may have said while this process stood still."""
        self._watch_for(_LAST_STEP, self._wait_no_longer, batch)

    def _wait_no_longer(self, batch: list[_Append]) -> None:
        """Lets all go who wait for the turn under way or for the next; their records stay where they are."""
        self._hangs = True
        logger.error("The %s journal is slow: the disk does not answer", self._kind.folder)
        for _, durable in (*batch, *self._gathered):
            _fail(durable, JournalSlow())

    def _age(self, *, open_still: bool) -> None:
        if not open_still:
            self._stop_ageing()
        elif self._ageing is None:
            loop = asyncio.get_running_loop()
            self._ageing = loop.call_later(self._segment_age, self._grow_old)

    def _grow_old(self) -> None:
        """Runs behind the turn that may be under way: the thread does one thing after the other."""
        self._ageing = None
        self._disk.leave(self._file.close)

    def _stop_ageing(self) -> None:
        if self._ageing is not None:
            self._ageing.cancel()
            self._ageing = None

    def _report(self, failure: BaseException | None) -> None:
        """Says once that the journal went away, and once that it is back."""
        if failure is not None and self._available:
            logger.error("The %s journal cannot be written: %s", self._kind.folder, _words(failure))
        elif failure is None and not self._available:
            logger.warning("The %s journal can be written again", self._kind.folder)
        self._available = failure is None


def _fail(durable: asyncio.Future[None], failure: Exception) -> None:
    """Answers one append, unless it was answered already or whoever waited for it has gone."""
    if not durable.done():
        durable.set_exception(failure)


def _words(failure: BaseException) -> str:
    """What went wrong, without what was to be written."""
    return (isinstance(failure, OSError) and failure.strerror) or type(failure).__name__
