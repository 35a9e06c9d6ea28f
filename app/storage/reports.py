"""The counts that a report is made of, read from rollups: their cost grows with links and days, not with events."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from app.storage.audiences import Audiences, add_late
from app.storage.database import Connection
from app.storage.mailings import MailingRow, from_record
from app.storage.queries import load

SQL = load("reports")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = Mapping[str, Any]


@dataclass(slots=True)
class Counts:
    """The raw counts of one mailing. Not to be shown as they are: see `disclosure.reports`.

    `deliveries` and `templates` say who got what, the others what anybody did. `clickers` are by link; `unlinked` are
    send days.
    """

    deliveries: Sequence[Row] = ()
    events: Sequence[Row] = ()
    tallies: Sequence[Row] = ()
    seen: Sequence[Row] = ()
    clickers: Mapping[int, int] = field(default_factory=dict)
    unlinked: Sequence[int] = ()
    templates: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """One mailing with its counts. `links` are targets by their numbers, in the order of their first use."""

    mailing: MailingRow
    links: Mapping[int, str]
    counts: Counts


async def counts(
    connection: Connection,
    account_id: int,
    mailing_ids: Sequence[int],
    *,
    deeds: bool = True,
    by_day: bool = False,
    parts: bool = False,
) -> tuple[dict[int, Counted], Audiences]:
    """The counts and audiences of an account's mailings, in one statement, or three where late refusals count.

    Without `deeds` nothing is said of what anybody did. `by_day` brings the tallies of each day of hits, where else the
    hits of all days are one; `parts` the personal hits of each link and class, where else `events` add up to the same.
    """
    asked = SQL.counts, account_id, list(mailing_ids), deeds, by_day, parts
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for part, mailing_id, rows in await connection.fetch(*asked):
        found[mailing_id][part] = rows
    over = Audiences()
    for mailing_id, of in found.items():
        _add_audiences(over, mailing_id, of)
    counting = [each for each, of in found.items() if of.get("policy", {}).get("ever_counts_late")]
    await add_late(connection, over, counting)
    return {each: _counted(of) for each, of in found.items()}, over


def _add_audiences(over: Audiences, mailing_id: int, found: Mapping[str, Any]) -> None:
    if "policy" in found:
        over.add_policy(mailing_id, found["policy"])
    for row in found.get("deliveries", ()):
        over.add_deliveries(mailing_id, row)
    for row in found.get("of_links", ()):
        over.of_links[mailing_id, row["send_day"], row["link"]] = row["audience"]


def _counted(found: Mapping[str, Any]) -> Counted:
    clickers: Counter[int] = Counter()
    for row in found.get("of_links", ()):
        clickers[row["link"]] += row["clickers"]
    links = {int(number): url for number, url in found.get("links", {}).items()}
    counts = {name: found[name] for name in _AS_THEY_COME if name in found}
    return Counted(from_record(found["mailing"]), links, Counts(clickers=clickers, **counts))


_AS_THEY_COME = ("deliveries", "events", "tallies", "seen", "unlinked", "templates")


async def hits_by_time(
    connection: Connection, ids: Sequence[int], width: timedelta
) -> dict[int, list[asyncpg.Record]]:
    """Personal hits of each mailing by kind and bucket of time, without proxy loads and scanners."""
    found: dict[int, list[asyncpg.Record]] = {each: [] for each in ids}
    for row in await connection.fetch(SQL.hits_by_time, list(ids), width, _EPOCH):
        found[row["mailing_id"]].append(row)
    return found
