"""The counts that a report is made of, read from rollups: their cost grows with links and days, not with events."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from app.storage.audiences import Audiences, audiences
from app.storage.database import Connection
from app.storage.queries import load

SQL = load("reports")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Counts:
    """The raw counts of one mailing. Not to be shown as they are: see `disclosure.reports`."""

    deliveries: list[asyncpg.Record] = field(default_factory=list)
    events: list[asyncpg.Record] = field(default_factory=list)
    tallies: list[asyncpg.Record] = field(default_factory=list)
    seen: list[asyncpg.Record] = field(default_factory=list)
    clickers: list[asyncpg.Record] = field(default_factory=list)
    unlinked: list[asyncpg.Record] = field(default_factory=list)
    templates: list[asyncpg.Record] = field(default_factory=list)


AUDIENCES_ALONE = frozenset({"deliveries", "templates"})
"""The counts that say who got what; the others say what anybody did."""


async def counts(
    connection: Connection,
    mailing_ids: Sequence[int],
    *,
    by_day: bool = False,
    only: Collection[str] = tuple(Counts.__dataclass_fields__),
) -> tuple[dict[int, Counts], Audiences]:
    """The counts and audiences of mailings, in a fixed number of statements.

    `by_day` brings the tallies of each day of hits, where else the hits of all days are one. `only` leaves the other
    counts empty.
    """
    found: dict[int, Counts] = defaultdict(Counts)
    for name in only:
        query = SQL.tallies_by_day if by_day and name == "tallies" else getattr(SQL, name)
        for row in await _rows(connection, query, mailing_ids):
            getattr(found[row["mailing_id"]], name).append(row)
    return found, await audiences(connection, mailing_ids)


async def hits_by_time(
    connection: Connection, ids: Sequence[int], width: timedelta
) -> dict[int, list[asyncpg.Record]]:
    """Personal hits of each mailing by kind and bucket of time, without proxy loads and scanners."""
    found: dict[int, list[asyncpg.Record]] = {each: [] for each in ids}
    for row in await connection.fetch(SQL.hits_by_time, list(ids), width, _EPOCH):
        found[row["mailing_id"]].append(row)
    return found


async def _rows(connection: Connection, query: str, ids: Sequence[int]) -> list[Any]:
    return await connection.fetch(query, list(ids))
