"""Freezes decided messages as deliveries, once, and counts them.

A delivery's id rises with time: the milliseconds of its batch and its message's place in it. Under an idempotency
key the batch keeps its first time, so the same call finds the same deliveries, and their modes of then.
"""

import hashlib
import hmac
import secrets
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.actions.days import day_number
from app.actions.mailings import numbered
from app.actions.unit import Unit
from app.domain.decisions import AxisDecision, Decision, DecisionLayer, DecisionReason, DecisionStep
from app.domain.errors import Conflict
from app.domain.modes import Anonymity, TrackingMode
from app.domain.precedence import MailingTracking, Sending
from app.storage import anonymous, deliveries, mailings
from app.storage.accounts import SettingsVersion
from app.storage.deliveries import DeliveryKey, DeliveryRow, LinkKey, RollupKey
from app.storage.mailings import MailingRow

_PLACE_BITS = 20
_WINDOW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Frozen:
    """A message as it is stored: the key that its tokens carry, its deliveries, and its modes."""

    message_id: UUID
    token: DeliveryKey
    deliveries: tuple[DeliveryKey, ...]
    decision: Decision
    send_day: int

    @property
    def opens(self) -> TrackingMode:
        """The mode of opens."""
        return self.decision.opens.mode

    @property
    def clicks(self) -> TrackingMode:
        """The mode of clicks."""
        return self.decision.clicks.mode


class Targets(NamedTuple):
    """The names under which clicks on a template's links are counted, by the mode of the recipient."""

    personal: Sequence[str] = ()
    anonymous: Sequence[str] = ()


Decided = tuple[int, Sequence[UUID], Decision]
"""A message's place in the call, its subscribers, and what was decided for it."""


async def freeze(
    unit: Unit,
    mailing: MailingRow,
    version: SettingsVersion,
    decided: Sequence[Decided],
    *,
    content_id: int,
    call_digest: bytes,
    targets: Targets,
    key: str | None,
) -> list[Frozen]:
    """Stores the deliveries of decided messages and counts those that are new. Raises `Conflict`."""
    batch = await _batch(unit, mailing, version, content_id, call_digest, key)
    messages = [batch.message(*each) for each in decided]
    rows = await batch.with_audience([row for _, message_rows in messages for row in message_rows])
    added = await deliveries.insert(unit.connection, unit.account_id, rows)
    if len(added) < len(rows) and key is None:
        raise Conflict
    new = [row for row in rows if row.key in added]
    await batch.count(new, targets)
    earlier = await deliveries.by_keys(
        unit.connection, unit.account_id, [row.key for row in rows if row.key not in added]
    )
    result = [_as_it_was(frozen, earlier) for frozen, _ in messages]
    await batch.gather(result, {row.key.subscriber_id for row in new})
    return result


def _as_it_was(frozen: Frozen, earlier: dict[DeliveryKey, DeliveryRow]) -> Frozen:
    row = earlier.get(frozen.deliveries[0])
    if row is None:
        return frozen
    decision = Decision(_frozen_decision(row.opens_mode), _frozen_decision(row.clicks_mode))
    return Frozen(frozen.message_id, frozen.token, frozen.deliveries, decision, row.send_day)


def _frozen_decision(mode: TrackingMode) -> AxisDecision:
    step = DecisionStep(DecisionLayer.FROZEN, mode, DecisionReason.FROZEN_AT_SENDING)
    return AxisDecision(mode, DecisionLayer.FROZEN, (step,))


async def _batch(
    unit: Unit,
    mailing: MailingRow,
    version: SettingsVersion,
    content_id: int,
    call_digest: bytes,
    key: str | None,
) -> "_Batch":
    base = unit.instance.new_id()
    if key is not None:
        base, kept_digest = await deliveries.batch_base(
            unit.connection, unit.account_id, mailing.id, key, base, call_digest, unit.now
        )
        if kept_digest != call_digest:
            message = "This idempotency key was used for other messages. Use a new key, or repeat that call."
            raise Conflict(message, path=("idempotencyKey",))
    send_day = day_number(unit.now) if mailing.channel.by_send_day else 0
    secret = (await unit.keys()).identity if key is not None else secrets.token_bytes(32)
    return _Batch(unit, mailing, version, base, send_day, content_id, secret)


@dataclass(frozen=True, slots=True)
class _Batch:
    """The deliveries of one call: what they have in common, and how their ids are made."""

    unit: Unit
    mailing: MailingRow
    version: SettingsVersion
    base: int
    send_day: int
    content_id: int
    secret: bytes

    @property
    def sent_at(self) -> datetime:
        return self.unit.now

    @property
    def permission_based(self) -> bool:
        tracking: MailingTracking = self.mailing.tracking
        sending = Sending(True, self.version.settings, self.mailing.channel, tracking, (), self.unit.now)  # noqa: FBT003
        return sending.permission_based

    def message(
        self, place: int, subscriber_ids: Sequence[UUID], decision: Decision
    ) -> tuple[Frozen, list[DeliveryRow]]:
        number = self._number(place)
        message_id = self._message_id(place)
        gathered = len(subscriber_ids) > 1
        rows = [
            DeliveryRow(
                key=DeliveryKey(subscriber_id, number),
                mailing_id=self.mailing.id,
                message_id=message_id,
                user_id=self.mailing.user_id,
                sent_at=self.sent_at,
                send_day=self.send_day,
                delivered_at=None,
                bounced_at=None,
                opens_mode=decision.opens.mode,
                clicks_mode=decision.clicks.mode,
                settings_version=self.version.version,
                permission_based=self.permission_based,
                gathered=gathered,
                content_id=self.content_id,
                in_audience_opens=False,
                in_audience_clicks=False,
            )
            for subscriber_id in subscriber_ids
        ]
        keys = tuple(row.key for row in rows)
        # A mail to several people carries the message's own key: which of them opened it cannot be known.
        token = DeliveryKey(message_id, number) if gathered else keys[0]
        return Frozen(message_id, token, keys, decision, self.send_day), rows

    def _number(self, place: int) -> int:
        mask = (1 << _PLACE_BITS) - 1
        return (self.base & ~mask) | ((self.base + place) & mask)

    def _message_id(self, place: int) -> UUID:
        content = b"message" + self.base.to_bytes(8, "big") + place.to_bytes(4, "big")
        return UUID(bytes=hmac.digest(self.secret, content, hashlib.sha256)[:16], version=4)

    async def with_audience(self, rows: list[DeliveryRow]) -> list[DeliveryRow]:
        """The rows, each knowing whether it adds its person to the anonymous audience of an axis."""
        anonymous = [
            row.key.subscriber_id
            for row in rows
            if TrackingMode.ANONYMOUS in {row.opens_mode, row.clicks_mode}
        ]
        opens, clicks = await deliveries.in_audience(
            self.unit.connection, anonymous, self.mailing.id, self.send_day
        )
        marked = []
        for row in rows:
            person = row.key.subscriber_id
            in_opens = row.opens_mode is TrackingMode.ANONYMOUS and person not in opens
            in_clicks = row.clicks_mode is TrackingMode.ANONYMOUS and person not in clicks
            opens |= {person} if in_opens else set()
            clicks |= {person} if in_clicks else set()
            marked.append(replace(row, in_audience_opens=in_opens, in_audience_clicks=in_clicks))
        return marked

    async def count(self, new: Sequence[DeliveryRow], targets: Targets) -> None:
        """Adds new deliveries to the mailing's counts and to the audiences of its links."""
        deltas: dict[RollupKey, Counter[str]] = defaultdict(Counter)
        counted_messages = set()
        for row in new:
            delta = deltas[row.rollup_key]
            delta["sent"] += 1
            delta["audience_opens"] += row.in_audience_opens
            delta["audience_clicks"] += row.in_audience_clicks
            if row.gathered and row.message_id not in counted_messages:
                counted_messages.add(row.message_id)
                delta["messages"] += 1
        await deliveries.add_rollup(self.unit.connection, deltas)
        await self._open_window(new)
        await self._count_links(new, targets)

    async def _open_window(self, new: Sequence[DeliveryRow]) -> None:
        """Where numbers are unlinked, the secret that they are seen through; it goes 30 days after sending."""
        if not any(row.in_audience_opens or row.in_audience_clicks for row in new):
            return
        key = self.mailing.id, self.send_day
        if self.version.settings.anonymity is not Anonymity.UNLINKED:
            await self.unit.connection.execute(anonymous.SQL.mix_window, *key)
            return
        closes_on = day_number(self.unit.now) + _WINDOW_DAYS
        joining = sum(row.in_audience_opens for row in new)
        await self.unit.connection.execute(
            anonymous.SQL.open_window, *key, secrets.token_bytes(32), closes_on, joining
        )

    async def _count_links(self, new: Sequence[DeliveryRow], targets: Targets) -> None:
        """Remembers the template's links, and adds each person once to each link that is new to them."""
        personal = any(row.clicks_mode is TrackingMode.PERSONAL for row in new)
        people = {row.key.subscriber_id for row in new if row.clicks_mode is TrackingMode.ANONYMOUS}
        links = await self._numbers(targets.personal if personal else ())
        anonymous_links = await self._numbers(targets.anonymous if people else ())
        if links or anonymous_links:
            await self.unit.connection.execute(
                mailings.SQL.add_content, self.mailing.id, self.content_id, links, anonymous_links
            )
        if anonymous_links:
            await self._add_to_links(people, anonymous_links, [row.key.id for row in new])

    async def _numbers(self, targets: Sequence[str]) -> list[int]:
        return sorted(set((await numbered(self.unit, self.mailing.id, targets)).values())) if targets else []

    async def _add_to_links(self, people: set[UUID], links: Sequence[int], new: list[int]) -> None:
        had = await deliveries.links_had(self.unit.connection, people, self.mailing.id, self.send_day, new)
        deltas = {
            LinkKey(self.mailing.id, self.send_day, link): (
                sum(link not in had.get(person, ()) for person in people),
                0,
            )
            for link in links
        }
        await deliveries.add_link_rollup(self.unit.connection, deltas)

    async def gather(self, frozen: Sequence[Frozen], new: set[UUID]) -> None:
        """Stores messages that went to several people, under a key of their own."""
        for each in frozen:
            personal = TrackingMode.PERSONAL in {each.opens, each.clicks}
            if len(each.deliveries) > 1 and personal and each.deliveries[0].subscriber_id in new:
                await self.unit.connection.execute(
                    deliveries.SQL.insert_gathered,
                    each.token.subscriber_id,
                    each.token.id,
                    self.unit.account_id,
                    self.mailing.id,
                    [key.subscriber_id for key in each.deliveries],
                    self.sent_at,
                    self.send_day,
                    each.opens.value,
                    each.clicks.value,
                    self.version.version,
                    self.permission_based,
                )
