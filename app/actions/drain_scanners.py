"""Recognises machines by several clicks on one delivery, those of earlier batches included, and moves their counts.

A hit that is being written gets the verdict before it counts. One that was written before, at most two minutes old,
changes its class; the counts follow in the same transaction, and the total never changes. Clicks are remembered for
those two minutes only, with a tag that tells networks apart and names none. Source: domain.md §6 (Kinds), row X13.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.actions.drain_written import Personal, Written
from app.domain import scanners
from app.domain.modes import ClientClass, EventKind
from app.domain.scanners import FEWEST, RULES_VERSION, ScannerRule, final_before, scanned
from app.instance import Instance
from app.storage import events, packed, recent_clicks
from app.storage.copying import microseconds
from app.storage.database import Connection
from app.storage.events import Click, EventCount, Verdict
from app.storage.recent_clicks import RecentClick
from app.storage.tracked import Key, Tracked

_SCANNER = ClientClass.SCANNER


async def recognise(
    connection: Connection, personal: Sequence[Personal], written: Written, now: datetime
) -> None:
    """Gives clicks of this batch the class that they have together; earlier ones are moved within `written`."""
    clicks: dict[Key, list[Personal]] = defaultdict(list)
    for each in personal:
        if each.manner.kind is EventKind.CLICKED:
            clicks[each.found.key].append(each)
    if not clicks:
        return
    earlier = await recent_clicks.of_deliveries(connection, list(clicks), final_before(now))
    to_move: dict[Key, dict[UUID, ScannerRule]] = {}
    for key, mine in clicks.items():
        before = _without(earlier.get(key, ()), mine)
        if len(mine) + len(before) < FEWEST:
            continue
        verdicts = scanned([*map(_of_hit, mine), *map(_of_row, before)])
        for place, rule in verdicts.items():
            if place < len(mine):
                _judge(mine[place], rule)
            else:
                to_move.setdefault(key, {})[UUID(bytes=before[place - len(mine)].event_id)] = rule
    tracked = {key: mine[0].found for key, mine in clicks.items()}
    await _move(connection, tracked, to_move, written)
    await recent_clicks.remember(connection, _to_remember(clicks, now))


def _without(rows: Sequence[RecentClick], mine: Sequence[Personal]) -> list[RecentClick]:
    ids = {each.event_id for each in mine}
    return [row for row in rows if row.event_id not in ids]


def _of_hit(personal: Personal) -> scanners.Click:
    return scanners.Click(packed.moment(personal.at), personal.hit.link, personal.hit.network)


def _of_row(row: RecentClick) -> scanners.Click:
    return scanners.Click(packed.moment(row.at), row.link, row.network)


def _judge(personal: Personal, rule: ScannerRule) -> None:
    if personal.manner.client_class is not _SCANNER:
        personal.manner = personal.manner._replace(
            client_class=_SCANNER, rule=rule.value, rule_version=RULES_VERSION
        )


def _to_remember(clicks: dict[Key, list[Personal]], now: datetime) -> list[RecentClick]:
    """Clicks that a later one can still meet. What waited in the journal for longer is not kept at all."""
    earliest, latest = (microseconds(now + span) for span in (-scanners.FINAL_AFTER, scanners.FINAL_AFTER))
    return [
        RecentClick(*key, each.event_id, each.at, each.hit.link, each.hit.network)
        for key, mine in clicks.items()
        for each in mine
        if earliest < each.at < latest
    ]


async def _move(
    connection: Connection,
    tracked: dict[Key, Tracked],
    to_move: dict[Key, dict[UUID, ScannerRule]],
    written: Written,
) -> None:
    """Takes earlier clicks out of the counts of people and puts them into those of machines."""
    if not to_move:
        return
    recorded: dict[Key, list[Click]] = defaultdict(list)
    for click in await events.clicks_of(connection, [(UUID(bytes=key[0]), key[1]) for key in to_move]):
        if click.client_class != _SCANNER.value:
            recorded[click.subscriber_id.bytes, click.delivery_id].append(click)
    for key, rules in to_move.items():
        taken = [click for click in recorded[key] if click.id in rules]
        stay = [click for click in recorded[key] if click.id not in rules]
        for click in taken:
            written.verdicts.append(_verdict(click, rules[click.id]))
            count = _count(click)
            written.moved[count] -= 1
            written.moved[count._replace(client_class=_SCANNER.value)] += 1
        if taken:
            written.take_back(tracked[key], taken, stay)


def _verdict(click: Click, rule: ScannerRule) -> Verdict:
    return Verdict(
        click.subscriber_id, click.occurred_at, click.id, _SCANNER.value, rule.value, RULES_VERSION
    )


def _count(click: Click) -> EventCount:
    hour = click.occurred_at.replace(minute=0, second=0, microsecond=0)
    return EventCount(click.mailing_id, hour, click.kind, click.link, click.client_class)


async def forget_clicks(instance: Instance) -> None:
    """Forgets the clicks that no later one can meet any more, and with them the tags of their networks."""
    async with instance.database.transaction() as connection:
        await recent_clicks.forget(connection, final_before(instance.clock()))
