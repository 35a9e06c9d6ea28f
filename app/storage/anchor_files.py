"""The anchors outside the database: what its owner cannot change along with the ledger.

    anchors/<account>.jsonl   one anchor a line, only ever added to
    anchors/<account>.heads   the number of the newest anchor (8 bytes), then its heads (`domain/anchors`), by
                              subscriber, 56 bytes each; replaced as a whole with each anchor

Everything is synced to disk before it counts. Bytes that are no anchors raise ValueError.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from app.domain.anchors import HEAD_BYTES, Anchor, Head, SealedAnchor, unpack_head

FOLDER = "anchors"
_NUMBER_BYTES = 8
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class AnchorFiles:
    """The two files of one account. The folder is made when something is written."""

    data: Path
    account_id: int

    def anchors(self) -> list[SealedAnchor]:
        """The anchors of the file, oldest first; none where there is no file."""
        try:
            text = self._path("jsonl").read_text(encoding="ascii")
        except FileNotFoundError:
            return []
        return [_read(line) for line in text.splitlines()]

    def append(self, anchors: Sequence[SealedAnchor]) -> None:
        """Adds anchors, durably."""
        self._path("jsonl").parent.mkdir(mode=0o700, exist_ok=True)
        lines = "".join(f"{_written(each)}\n" for each in anchors)
        with self._opened(self._path("jsonl"), os.O_APPEND) as file:
            file.write(lines.encode("ascii"))
        self._sync_folder()

    @contextmanager
    def replacing_heads(self, number: int) -> Iterator[BinaryIO]:
        """Where to write the packed heads of an anchor; they take the old ones' place when the block ends well."""
        self._path("heads").parent.mkdir(mode=0o700, exist_ok=True)
        unfinished = self._path(f"{os.getpid()}.unfinished")
        with self._opened(unfinished, os.O_TRUNC) as file:
            file.write(number.to_bytes(_NUMBER_BYTES, "big"))
            yield file
        unfinished.replace(self._path("heads"))
        self._sync_folder()

    def heads_number(self) -> int | None:
        """Which anchor the heads belong to; None where there are none."""
        try:
            with self._path("heads").open("rb") as file:
                return int.from_bytes(file.read(_NUMBER_BYTES), "big")
        except FileNotFoundError:
            return None

    def heads(self) -> Iterator[Head]:
        """The heads, by subscriber, in constant memory."""
        with self._path("heads").open("rb") as file:
            file.seek(_NUMBER_BYTES)
            while packed := file.read(HEAD_BYTES):
                yield unpack_head(packed)

    def _path(self, ending: str) -> Path:
        return self.data / FOLDER / f"{self.account_id}.{ending}"

    @contextmanager
    def _opened(self, path: Path, how: int) -> Iterator[BinaryIO]:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | how, _PRIVATE), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def _sync_folder(self) -> None:
        descriptor = os.open(self.data / FOLDER, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _written(sealed: SealedAnchor) -> str:
    anchor = sealed.anchor
    return json.dumps({
        "account": anchor.account,
        "number": anchor.number,
        "at": anchor.at.isoformat(),
        "subscribers": anchor.subscribers,
        "lines": anchor.lines,
        "digest": anchor.digest.hex(),
        "previous": None if anchor.previous is None else anchor.previous.hex(),
        "seal": sealed.seal.hex(),
    })  # fmt: skip


def _read(line: str) -> SealedAnchor:
    try:
        kept = json.loads(line)
        anchor = Anchor(
            account=kept["account"],
            number=kept["number"],
            at=datetime.fromisoformat(kept["at"]),
            subscribers=kept["subscribers"],
            lines=kept["lines"],
            digest=bytes.fromhex(kept["digest"]),
            previous=None if kept["previous"] is None else bytes.fromhex(kept["previous"]),
        )
        return SealedAnchor(anchor, bytes.fromhex(kept["seal"]))
    except (KeyError, TypeError, ValueError):
        message = "A line of the file of anchors is no anchor."
        raise ValueError(message) from None
