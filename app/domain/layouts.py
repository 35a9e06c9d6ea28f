"""The pieces that token payloads are packed from: fixed fields, link numbers, days. Strict in both directions.

Theory: every value has one form and every form one value, so that a payload that was read packs to the same
bytes again. What deviates raises LayoutError, whoever made it.

    piece          form
    fixed fields   a `struct.Struct`, big-endian; a flags byte may hold only the bits its layout knows
    link number    1 to 2**32 - 1, LEB128 in its shortest form, 1 to 5 bytes
    day            days since 1970-01-01 UTC, 2 bytes (until 2149), or nothing at all
"""

from struct import Struct, error
from typing import Any

_DAY = Struct(">H")
_HIGHEST_LINK = 0xFFFF_FFFF
_LONGEST_LINK = 5
_MORE = 0x80
_GROUP = 0x7F


class LayoutError(ValueError):
    """The payload is not one of this layout, or the values do not fit into it."""


def packed(layout: Struct, *values: object) -> bytes:
    """The values in their fixed layout; LayoutError if one does not fit."""
    try:
        return layout.pack(*values)
    except error as cause:
        raise LayoutError("a value does not fit into the layout") from cause


def unpacked(layout: Struct, payload: bytes, *, known_flags: int | None = None) -> tuple[Any, ...]:
    """The fields of a fixed layout; with `known_flags`, the first is flags and may hold only those bits."""
    if len(payload) != layout.size:
        raise LayoutError("the payload has another length than its layout")
    fields = layout.unpack(payload)
    if known_flags is not None and fields[0] & ~known_flags:
        raise LayoutError("the payload has flags of another layout")
    return fields


def packed_day(day: int | None) -> bytes:
    """Two bytes, or none for None."""
    return b"" if day is None else packed(_DAY, day)


def unpacked_day(payload: bytes, *, stands: bool) -> int | None:
    """The day that the whole payload is; None if none stands there, LayoutError for anything else."""
    if not stands and not payload:
        return None
    if not stands:
        raise LayoutError("bytes follow where the layout ends")
    (day,) = unpacked(_DAY, payload)
    return int(day)


def packed_link(link: int) -> bytes:
    """The link number in its shortest form."""
    if not 0 < link <= _HIGHEST_LINK:
        raise LayoutError("links are numbered from 1 to 2**32 - 1")
    groups = bytearray()
    while link >= _MORE:
        groups.append(link & _GROUP | _MORE)
        link >>= 7
    groups.append(link)
    return bytes(groups)


def unpacked_link(payload: bytes, start: int) -> tuple[int, int]:
    """The link number that begins at `start`, and where it ends."""
    link = 0
    for position, group in enumerate(payload[start : start + _LONGEST_LINK]):
        link |= (group & _GROUP) << 7 * position
        if group < _MORE:
            end = start + position + 1
            if packed_link(link) == payload[start:end]:
                return link, end
            break
    raise LayoutError("the link number is not in its shortest form")
