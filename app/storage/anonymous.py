"""Counters that belong to nobody, and the audiences that they are counted over."""

from collections.abc import Mapping
from typing import NamedTuple

from app.storage.database import Connection
from app.storage.queries import load

SQL = load("anonymous")


class Tally(NamedTuple):
    """What anonymous hits are counted by. Days are days since 1970, UTC; `send_day` 0 means the whole mailing."""

    mailing_id: int
    send_day: int
    kind: str
    link: int
    day: int
    client_class: str


class SeenNumber(NamedTuple):
    """A number of an unlinked mail, seen through its window's secret, with the first day it was seen on."""

    mailing_id: int
    send_day: int
    link: int
    tag: bytes
    first_day: int


async def add_tallies(connection: Connection, counts: Mapping[Tally, int]) -> None:
    """Adds to counters."""
    if counts:
        keys = [list(column) for column in zip(*counts, strict=True)]
        await connection.execute(SQL.add_tally, *keys, list(counts.values()))


async def add_seen(connection: Connection, counts: Mapping[SeenNumber, int]) -> None:
    """Adds to what was seen of unlinked numbers."""
    # A number that is seen on two days in one batch keeps the first of them.
    firsts: dict[tuple[int, int, int, bytes], tuple[int, int]] = {}
    for seen, count in counts.items():
        day, before = firsts.get(seen[:4], (seen.first_day, 0))
        firsts[seen[:4]] = (min(day, seen.first_day), before + count)
    if firsts:
        keys = [list(column) for column in zip(*firsts, strict=True)]
        days, totals = zip(*firsts.values(), strict=True)
        await connection.execute(SQL.add_seen, *keys, list(days), list(totals))
