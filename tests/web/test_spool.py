"""Lines of a request on disk: whole, too long, and cut off, however they come in pieces."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from app.domain.errors import LimitExceeded
from app.web.messages import _Call
from app.web.spool import CutOff, NoRoom, Silent, Spool, TooLong, spooled

LONGEST = 10


async def read(spool: Spool) -> list[bytes | str]:
    """All lines, and how it ended."""
    found: list[bytes | str] = []
    while True:
        try:
            line = await spool.line(LONGEST)
        except TooLong:
            found.append("too long")
        except CutOff as cut:
            return [*found, "too much" if cut.too_much else "cut off"]
        else:
            if line is None:
                return [*found, "all"]
            found.append(line)


async def spoken(folder: Path, *pieces: bytes, whole: bool = True, largest: int = 1_000) -> list[bytes | str]:
    """What a client's pieces are read as while they come."""
    messages = [{"type": "http.request", "body": each, "more_body": True} for each in pieces]
    if whole:
        messages.append({"type": "http.request", "body": b"", "more_body": False})
    messages.append({"type": "http.disconnect"})
    coming = iter(messages)

    async def receive():
        await asyncio.sleep(0)
        return next(coming)

    with spooled(folder, largest) as spool:
        filling = asyncio.create_task(spool.fill(receive))
        try:
            return await read(spool)
        finally:
            await filling


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
async def test_lines_are_the_same_however_they_come(tmp_path: Path, size: int):
    content = b"first\r\n\nthird\n" + b"x" * 30 + b"\n" + b"y" * 10 + b"\nlast"
    pieces = [content[start : start + size] for start in range(0, len(content), size)]

    lines = await spoken(tmp_path, *pieces)

    assert lines == [b"first", b"", b"third", "too long", b"y" * 10, b"last", "all"]
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_what_was_cut_off_is_no_line_and_no_end(tmp_path: Path):
    """The beginning of a line is not taken for a whole one."""
    assert await spoken(tmp_path, b"one\ntwo\nthr", whole=False) == [b"one", b"two", "cut off"]
    assert await spoken(tmp_path, whole=False) == ["cut off"]


async def test_more_than_may_be_sent_ends_the_call(tmp_path: Path):
    assert await spoken(tmp_path, b"one\n", b"two\n" * 30, largest=100) == [b"one", "too much"]


async def test_a_line_that_only_ends_is_too_long(tmp_path: Path):
    assert await spoken(tmp_path, b"x" * 200_000, largest=300_000) == ["too long", "all"]


async def test_who_is_refused_may_finish_first(tmp_path: Path):
    """Until everything is sent, or enough, or nothing comes any more; and none of it is kept."""
    sent = asyncio.Queue()
    with spooled(tmp_path, 1_000) as spool:
        filling = asyncio.create_task(spool.fill(sent.get))
        for more in (True, True, False):
            sent.put_nowait({"type": "http.request", "body": b"x" * 5_000, "more_body": more})
        await spool.pass_over(100_000, 60)
        await spool.pass_over(0, 60)
        waiting = asyncio.create_task(spool.line(LONGEST))
        sent.put_nowait({"type": "http.disconnect"})
        await filling

        assert await waiting is None


async def test_who_is_refused_and_waits_is_answered(tmp_path: Path):
    with spooled(tmp_path, 1_000) as spool:
        filling = asyncio.create_task(spool.fill(asyncio.Queue().get))
        await spool.pass_over(100, 0.01)
        filling.cancel()


async def test_a_full_disk_is_told_and_never_filled_to_the_last_byte(tmp_path: Path):
    """Hits are written to the same disk."""
    pieces = iter([b"first\n", b"x" * (1 << 20), b"more"])

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": next(pieces), "more_body": True}

    with TemporaryFile(dir=tmp_path, buffering=0) as file:
        spool = Spool(file, 1 << 30, reserve=1 << 62)
        with suppress(RuntimeError):
            await spool.fill(receive)

        assert await spool.line(LONGEST) == b"first"
        with pytest.raises(NoRoom):
            await spool.line(LONGEST)
        assert not spool.gone
        assert os.fstat(file.fileno()).st_size == len(b"first\n")


async def test_who_says_nothing_for_too_long_is_not_waited_for(tmp_path: Path):
    with TemporaryFile(dir=tmp_path, buffering=0) as file:
        spool = Spool(file, 1_000, patience=0.01)

        with pytest.raises(Silent):
            await spool.line(LONGEST)


async def test_lines_of_nothing_are_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.web.messages.MOST_RECIPIENTS", 10)
    with TemporaryFile(dir=tmp_path, buffering=0) as file:
        spool = Spool(file, 1_000)
        spool._take({"type": "http.request", "body": b"\n" * 60, "more_body": False})
        nothing: Any = None

        with pytest.raises(LimitExceeded):
            [line async for line in _Call(nothing, nothing, spool, nothing, nothing)._lines()]


async def test_lines_that_are_there_already_let_others_have_their_turn(tmp_path: Path):
    """A hundred megabytes of empty lines would otherwise stop the server for minutes."""
    with TemporaryFile(dir=tmp_path, buffering=0) as file:
        spool = Spool(file, 1_000_000)
        whole = {"type": "http.request", "body": b"\n" * 10_000, "more_body": False}
        messages = iter([whole, {"type": "http.disconnect"}])

        async def receive() -> dict[str, Any]:
            return next(messages)

        await spool.fill(receive)
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(others())
        nothing: Any = None
        try:
            lines = [line async for line in _Call(nothing, nothing, spool, nothing, nothing)._lines()]
        finally:
            task.cancel()

    assert lines == []
    assert turns > 100
