"""Takes back what was recorded of a person (SEVER), in the transaction of the NO that it follows from.

The person's own deliveries are locked before anything is read, as the drain locks them: what it has written by then
is deleted with the rest, and what it has not finds deliveries that are OFF. Mail to several people belongs to none
of them and stays. Source: domain.md §8.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.actions.unit import Unit
from app.domain.modes import Axis, TrackingMode
from app.storage import deliveries, recent_clicks, withdrawal
from app.storage.deliveries import DeliveryRow, LinkKey, RollupKey


async def sever(unit: Unit, subscriber_id: UUID, axes: Sequence[Axis]) -> None:
    """Deletes what was recorded on these axes: events go, counts fall, deliveries read as never measured."""
    if not axes:
        return
    before = await withdrawal.recorded(unit.connection, unit.account_id, subscriber_id, axes)
    after = [_severed(row, axes) for row in before]
    deleted = await withdrawal.delete_events(unit.connection, unit.account_id, subscriber_id, axes)
    await recent_clicks.forget_person(unit.connection, subscriber_id)
    for axis in axes:
        ids = [row.key.id for row in before if row.mode(axis) is TrackingMode.PERSONAL]
        await withdrawal.sever(unit.connection, subscriber_id, axis, ids)
    await withdrawal.uncount_events(unit.connection, deleted)
    await deliveries.add_rollup(unit.connection, _moved(before, after))
    await deliveries.add_link_rollup(unit.connection, _lost_clickers(before, after))


def _severed(row: DeliveryRow, axes: Sequence[Axis]) -> DeliveryRow:
    if Axis.OPENS in axes and row.opens_mode is TrackingMode.PERSONAL:
        row = replace(row, opens_mode=TrackingMode.OFF, opens=0, first_opened_at=None, last_opened_at=None)
    if Axis.CLICKS in axes and row.clicks_mode is TrackingMode.PERSONAL:
        row = replace(row, clicks_mode=TrackingMode.OFF, clicks=0, first_clicked_at=None, clicked_links=())
    return row


def _moved(before: Sequence[DeliveryRow], after: Sequence[DeliveryRow]) -> dict[RollupKey, Counter[str]]:
    """The deliveries leave the count of their old modes and join that of the new ones."""
    deltas: dict[RollupKey, Counter[str]] = defaultdict(Counter)
    for row in before:
        deltas[row.rollup_key].subtract(row.counted)
    for row in after:
        deltas[row.rollup_key].update(row.counted)
    return deltas


def _lost_clickers(
    before: Sequence[DeliveryRow], after: Sequence[DeliveryRow]
) -> dict[LinkKey, tuple[int, int]]:
    lost: Counter[LinkKey] = Counter()
    for old, new in zip(before, after, strict=True):
        for link in set(old.clicked_links) - set(new.clicked_links):
            lost[LinkKey(old.mailing_id, old.send_day, link)] += 1
    return {key: (0, -count) for key, count in lost.items()}
