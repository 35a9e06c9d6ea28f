"""Which part of a file is asked for, so that a download that broke off goes on where it was (RFC 9110 §14).

    Range                 asks for
    bytes=100-            everything from byte 100 on
    bytes=100-199         these hundred bytes
    bytes=-100            the last hundred
    anything else         all of it: several parts, other units, what cannot be read
    beyond the end        416

`If-Range` with another version of the file asks for all of it, too.
"""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file from `start` on, `length` of them, out of `size`."""

    start: int
    length: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether it is the file."""
        return self.length == self.size

    @property
    def content_range(self) -> str:
        """The value of Content-Range."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


class BeyondTheEnd(Exception):
    """Nothing of the file is asked for; the answer is 416."""


def part_of(size: int, asked: str | None) -> Part:
    """The part of a file of `size` bytes that a Range header asks for. Raises `BeyondTheEnd`."""
    found = _ONE.fullmatch((asked or "").strip())
    if found is None or found.groups() == ("", ""):
        return Part(0, size, size)
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < start:
            return Part(0, size, size)
    if start >= size:
        raise BeyondTheEnd
    return Part(start, end - start + 1, size)
