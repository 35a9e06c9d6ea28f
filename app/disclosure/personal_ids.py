"""Global ids of what belongs to one subscriber: deliveries, lines of the ledger, notifications.

Rule: whoever prepares a message for an address gets the id of the delivery. It must not tell whose delivery that is, or
every caller could look people up by address (domain.md §11). So the key inside such an id is sealed, and only the
service reads the subscriber in it:

    Delivery              subscriber 16 · number 8
    PermissionChangeLine  subscriber 16 · number 8
    Notification          subscriber 16 · microseconds since 1970, 8 · event 16

A place in the order of addresses is sealed likewise, subscriber 16 · address: cursors go into URLs and logs, and have to
hold the address, since whoever stood there may have left it or be erased before the next page.

Until then the same keys stood in ids in plain hexadecimal, with dots between. Whoever holds `personal:read` may go on using
ids that were kept from that time; for everybody else they are ids of nothing, since somebody who knows a subscriber could
make them up, and try which of them exist. A subscriber's own id stays plain: it says which row, and no caller without
`personal:read` meets it beside an address or a delivery.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from app.domain.errors import NotFound
from app.domain.global_ids import key_of
from app.sealing.ids import IdInvalid, SealedIds
from app.storage.deliveries import DeliveryKey

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LATEST: Final = 250_000_000_000_000_000
"""A moment of the year 9892."""
_LARGEST: Final = 2**63 - 1
_NUMBERED_SIZE: Final = 24
_EVENT_SIZE: Final = 40
_PLACE: Final = b"AddressPlace"
_PLAIN_NUMBERED = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]{0,18})")
_PLAIN_EVENT = re.compile(r"([0-9a-f]{32})\.([0-9]{1,18})\.([0-9a-f]{32})")

Path = tuple[str | int, ...]


class NotificationKey(NamedTuple):
    """What a notification is found by: its event, on the person or the message that it belongs to."""

    subscriber_id: UUID
    occurred_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class PersonalIds:
    """Writes and reads the ids of one account for one caller; `sees_people`: whether they hold `personal:read`."""

    sealed: SealedIds
    sees_people: bool

    def delivery(self, key: DeliveryKey) -> str:
        """The id of a delivery."""
        return self._written(b"Delivery", _numbered(*key))

    def line(self, subscriber_id: UUID, number: int) -> str:
        """The id of a line of the ledger."""
        return self._written(b"PermissionChangeLine", _numbered(subscriber_id, number))

    def notification(self, key: NotificationKey) -> str:
        """The id of a notification."""
        moment = (key.occurred_at - _EPOCH) // _MICROSECOND
        packed = key.subscriber_id.bytes + moment.to_bytes(8, "big", signed=True) + key.id.bytes
        return self._written(b"Notification", packed)

    def address_place(self, address: str, subscriber_id: UUID) -> str:
        """Where somebody stands among all addresses, for a cursor."""
        return self.sealed.seal(_PLACE, subscriber_id.bytes + address.encode()).decode()

    def address_place_key(self, value: str) -> tuple[str, UUID]:
        """The address and the subscriber at a place, who need not be there any more. Raises `NotFound`."""
        try:
            packed = self.sealed.open(_PLACE, value)
        except IdInvalid:
            raise NotFound from None
        return packed[16:].decode(), UUID(bytes=packed[:16])

    def delivery_key(self, value: str, *, path: Path = ()) -> DeliveryKey:
        """The delivery that an id names. Raises `NotFound`, also for ids of other types and accounts."""
        return DeliveryKey(*self._number_read(value, "Delivery", path))

    def line_key(self, value: str) -> tuple[UUID, int]:
        """The subscriber and the number of the line that an id names. Raises `NotFound`."""
        return self._number_read(value, "PermissionChangeLine", ())

    def notification_key(self, value: str) -> NotificationKey:
        """What the id of a notification names. Raises `NotFound`."""
        key = key_of(value, "Notification")
        plain = _PLAIN_EVENT.fullmatch(key) if self.sees_people else None
        if plain is not None:
            subscriber, moment, event = UUID(hex=plain[1]), int(plain[2]), UUID(hex=plain[3])
        else:
            packed = self._opened("Notification", key, _EVENT_SIZE, ())
            subscriber, event = UUID(bytes=packed[:16]), UUID(bytes=packed[24:])
            moment = int.from_bytes(packed[16:24], "big", signed=True)
        if not 0 <= moment <= _LATEST:
            raise NotFound
        return NotificationKey(subscriber, _EPOCH + moment * _MICROSECOND, event)

    def _number_read(self, value: str, kind: str, path: Path) -> tuple[UUID, int]:
        key = key_of(value, kind, path=path)
        plain = _PLAIN_NUMBERED.fullmatch(key) if self.sees_people else None
        if plain is not None:
            subscriber, number = UUID(hex=plain[1]), int(plain[2])
        else:
            packed = self._opened(kind, key, _NUMBERED_SIZE, path)
            subscriber, number = UUID(bytes=packed[:16]), int.from_bytes(packed[16:], "big")
        if not 0 < number <= _LARGEST:
            raise NotFound(_NO_ID, path=path)
        return subscriber, number

    def _written(self, kind: bytes, packed: bytes) -> str:
        return b64encode(b"%b:%b" % (kind, self.sealed.seal(kind, packed))).decode()

    def _opened(self, kind: str, key: str, size: int, path: Path) -> bytes:
        try:
            packed = self.sealed.open(kind.encode(), key)
        except IdInvalid:
            packed = b""
        if len(packed) != size:
            raise NotFound(_NO_ID, path=path)
        return packed


_NO_ID = "This is not an id of this service."


def _numbered(subscriber_id: UUID, number: int) -> bytes:
    return subscriber_id.bytes + number.to_bytes(8, "big")
