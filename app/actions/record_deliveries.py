"""Records what became of deliveries: that they arrived, or bounced.

A bounce ends everything: it takes the delivery out of the delivered, and the person out of the audiences, so that
k counts only people who could have opened. A bounce that is new ends memberships too: SUBSCRIBED becomes BOUNCED, on
the mailing's list, or on all lists where it names none. It ends nothing where the address was another one when the
mail went out, and UNCONFIRMED and UNSUBSCRIBED stay what they are. Being put on the list again is re-subscribing.
Source: domain.md §2, §3, §7.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique

from app.actions.unit import Unit
from app.domain.errors import InvalidValue, LimitExceeded, NotFound, RequestError
from app.domain.modes import TrackingMode
from app.storage import deliveries, identities, lists, mailings, subscribers
from app.storage.deliveries import DeliveryKey, DeliveryRow, LinkKey, RollupKey
from app.storage.subscribers import SubscriberRow

MOST_EVENTS = 5_000


@unique
class DeliveryEventKind(StrEnum):
    """What became of a delivery."""

    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """One report from the mail server. `at` None means now."""

    key: DeliveryKey
    kind: DeliveryEventKind
    at: datetime | None = None


async def record_deliveries(unit: Unit, events: Sequence[DeliveryEvent]) -> list[RequestError]:
    """Records what is new in these events; saying the same again changes nothing. Returns what was not found."""
    if len(events) > MOST_EVENTS:
        message = f"One call records at most {MOST_EVENTS} events. Split it."
        raise LimitExceeded(message, path=("events",))
    keys = await _locked_people(unit, events)
    rows = await deliveries.by_keys(unit.connection, unit.account_id, keys.values(), lock=True)
    before = dict(rows)
    errors: list[RequestError] = []
    for place, event in enumerate(events):
        key = keys[event.key]
        row = rows.get(key)
        if row is None:
            errors.append(NotFound(path=("events", place, "deliveryId")))
        elif event.at is not None and event.at > unit.now:
            errors.append(_in_the_future(place))
        else:
            rows[key] = _after(row, event, event.at or unit.now)
    changed = [(before[key], row) for key, row in rows.items() if row != before[key]]
    await _save(unit, changed)
    bounced = [after for was, after in changed if _bounced_now(was, after)]
    await _end_memberships(unit, [row for row in bounced if keys.get(row.key) == row.key])
    return errors


async def _locked_people(unit: Unit, events: Sequence[DeliveryEvent]) -> dict[DeliveryKey, DeliveryKey]:
    """Where the deliveries lie now. Who bounced is locked first, as everybody does who changes memberships."""
    asked = {event.key for event in events}
    bounced = {event.key for event in events if event.kind is DeliveryEventKind.BOUNCED}
    if bounced:
        keys = await identities.current_keys(unit.connection, bounced)
        ids = {key.subscriber_id for key in keys.values()}
        await subscribers.lock(unit.connection, unit.account_id, list(ids))
    return await identities.current_keys(unit.connection, asked)


async def _end_memberships(unit: Unit, bounced: Sequence[DeliveryRow]) -> None:
    if not bounced:
        return
    ids, mailing_ids = {row.key.subscriber_id for row in bounced}, {row.mailing_id for row in bounced}
    people = await subscribers.by_ids(unit.connection, unit.account_id, list(ids))
    sent = await mailings.by_ids(unit.connection, unit.account_id, list(mailing_ids))
    places = {
        (row.key.subscriber_id, sent[row.mailing_id].list_id)
        for row in bounced
        if row.mailing_id in sent and _sent_to_this_address(row, people.get(row.key.subscriber_id))
    }
    await lists.bounce(unit.connection, list(places), unit.now)


def _sent_to_this_address(row: DeliveryRow, person: SubscriberRow | None) -> bool:
    return person is not None and (person.address_since is None or person.address_since <= row.sent_at)


def _in_the_future(place: int) -> RequestError:
    return InvalidValue("This time lies in the future.", path=("events", place, "at"))


def _after(row: DeliveryRow, event: DeliveryEvent, at: datetime) -> DeliveryRow:
    if event.kind is DeliveryEventKind.BOUNCED:
        return row if row.bounced_at else replace(row, bounced_at=at)
    return row if row.delivered_at else replace(row, delivered_at=at)


async def _save(unit: Unit, changed: Sequence[tuple[DeliveryRow, DeliveryRow]]) -> None:
    if not changed:
        return
    rows = [after for _, after in changed]
    await unit.connection.execute(
        deliveries.SQL.set_outcome,
        [row.key.subscriber_id for row in rows],
        [row.key.id for row in rows],
        [row.delivered_at for row in rows],
        [row.bounced_at for row in rows],
    )
    await deliveries.add_rollup(unit.connection, _deltas(changed))
    await _shrink_after_bounce(unit, [after for before, after in changed if _bounced_now(before, after)])


def _bounced_now(before: DeliveryRow, after: DeliveryRow) -> bool:
    return before.bounced_at is None and after.bounced_at is not None


def _arrived(row: DeliveryRow) -> bool:
    return row.delivered_at is not None and row.bounced_at is None


def _deltas(changed: Sequence[tuple[DeliveryRow, DeliveryRow]]) -> dict[RollupKey, Counter[str]]:
    deltas: dict[RollupKey, Counter[str]] = defaultdict(Counter)
    for before, after in changed:
        delta = deltas[after.rollup_key]
        delta["delivered"] += _arrived(after) - _arrived(before)
        if _bounced_now(before, after):
            delta["bounced"] += 1
            delta["audience_opens"] -= after.in_audience_opens
            delta["audience_clicks"] -= after.in_audience_clicks
    return deltas


async def shrink_links(unit: Unit, fewer: Sequence[DeliveryRow]) -> None:
    """Takes deliveries that left the audience of clicks out of the audiences of the links that they had."""
    lost = [row for row in fewer if row.in_audience_clicks]
    if not lost:
        return
    mailing_ids, ids = {row.mailing_id for row in lost}, {row.content_id for row in lost}
    contents = await unit.connection.fetch(deliveries.SQL.contents, list(mailing_ids), list(ids))
    links = {(each["mailing_id"], each["id"]): each["anonymous_links"] for each in contents}
    deltas: Counter[LinkKey] = Counter()
    for row in lost:
        for link in links.get((row.mailing_id, row.content_id), ()):
            deltas[LinkKey(row.mailing_id, row.send_day, link)] -= 1
    await deliveries.add_link_rollup(unit.connection, {key: (count, 0) for key, count in deltas.items()})


async def _shrink_after_bounce(unit: Unit, bounced: Sequence[DeliveryRow]) -> None:
    """Takes people out of the audiences of links that no mail of theirs has any more."""
    lost = [row for row in bounced if row.clicks_mode is TrackingMode.ANONYMOUS]
    deltas: Counter[LinkKey] = Counter()
    for mailing_id, send_day in {(row.mailing_id, row.send_day) for row in lost}:
        rows = [row for row in lost if (row.mailing_id, row.send_day) == (mailing_id, send_day)]
        people = {row.key.subscriber_id for row in rows}
        still = await deliveries.links_had(unit.connection, people, mailing_id, send_day, [])
        contents = await unit.connection.fetch(
            deliveries.SQL.contents, [mailing_id], list({row.content_id for row in rows})
        )
        links = {each["id"]: set(each["anonymous_links"]) for each in contents}
        gone = {
            (row.key.subscriber_id, link)
            for row in rows
            for link in links.get(row.content_id, set()) - still.get(row.key.subscriber_id, set())
        }
        for _, link in gone:
            deltas[LinkKey(mailing_id, send_day, link)] -= 1
    await deliveries.add_link_rollup(unit.connection, {key: (count, 0) for key, count in deltas.items()})
