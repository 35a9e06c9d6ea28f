"""What is written about a hit: two kinds of records, each with its own files.

Theory: a personal record names the delivery and the moment; an anonymous one names nobody, its time is a day,
and equal ones are summed before they reach the disk, in an order that says nothing about who came first.
Neither holds a user agent or a referrer, and no anonymous one an address or a country: there is no field for them.

    personal    kind 1, flags 1, class 1, rule version 1, at 8 (ms since 1970 UTC), mailing 8, link 4,
                delivery 8, subscriber 16, network 0|8, address 0 | 1 + 4|16, country 0|2, rule 1 + n,
                client family 1 + n
    anonymous   kind 1, flags 1, class 1, day 2, send day 2, mailing 8, link 4, number 0|8, count 4

    flags       personal   0x01 the hit carried Sec-GPC, 0x02 a network tag stands, 0x04 an address stands,
                           0x08 a country stands
                anonymous  0x01 lowered from PERSONAL at the edge, 0x02 a send day stands, 0x04 a number stands

A network tag is no address: it is made with a key that is thrown away within minutes, anew for each delivery
(`tracking/networks`), and says only whether two hits of one delivery came from one network.

An address stands where the account kept addresses at sending and at the hit, a country where the instance looks it up
(`tracking/whereabouts`). Without these flags a record is what it was before there were such fields.

All big-endian. Kinds and classes have fixed codes below; they are appended to, never changed.
Source: domain.md §6 (events), §7 (at the edge).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct, error
from typing import Generic, NamedTuple, Self, TypeVar

from app.domain.modes import ClientClass, EventKind
from app.journal.whereabouts import WHERE, Whereabouts, packed_whereabouts, unpacked_whereabouts

KINDS = {EventKind.OPENED: 1, EventKind.LOADED_BY_PROXY: 2, EventKind.CLICKED: 3}
"""What a hit can be at the edge, with its code; which opening was the first is for the drain to say."""

CLASSES = {
    ClientClass.HUMAN_LIKELY: 1,
    ClientClass.PROXY: 2,
    ClientClass.SCANNER: 3,
    ClientClass.UNKNOWN: 4,
}

_KIND_OF = {code: kind for kind, code in KINDS.items()}
_CLASS_OF = {code: client_class for client_class, code in CLASSES.items()}

_PERSONAL = Struct(">BBBBqQIQ16s")
_HEAD_SIZE = 4
_OWN = Struct(">qQIQ16s")
"""The fields of a personal record that differ from hit to hit; the head before them and the texts behind are shared."""
_ANONYMOUS = Struct(">BBBHHQI")
_COUNT = Struct(">I")
_NETWORK_TAG = Struct(">Q")
_GPC_SEEN, _NETWORK = 0x01, 0x02
_LOWERED, _SEND_DAY, _NUMBER = 0x01, 0x02, 0x04
_NUMBER_SIZE = 8
_PERSONAL_PARTS = 2


class RecordError(ValueError):
    """The bytes are no record of this kind, or the values do not fit into one."""


class ClientStamp(NamedTuple):
    """What a personal record says of the client, packed once for many hits."""

    kind: int
    client_class: int
    rule_version: int
    texts: bytes


def client_stamp(
    kind: EventKind, client_class: ClientClass, rule: str, rule_version: int, family: str
) -> ClientStamp:
    """The stamp of these values; RecordError for those that have no place in a record."""
    try:
        texts = _packed_text(rule) + _packed_text(family)
        return ClientStamp(KINDS[kind], CLASSES[client_class], rule_version, texts)
    except (KeyError, ValueError) as cause:
        raise RecordError("a value has no place in a personal record") from cause


def packed_hit(
    stamp: ClientStamp,
    at_ms: int,
    mailing: int,
    link: int,
    subscriber: bytes,
    delivery: int,
    gpc_seen: bool,
    network: int | None,
    where: Whereabouts | None = None,
) -> bytes:
    """The payload of a personal record, without making one; RecordError for values that have no place in it."""
    kind, client_class, rule_version, texts = stamp
    flags = _GPC_SEEN if gpc_seen else 0
    if network is not None:
        flags |= _NETWORK
    if where is not None:
        flags |= where.flags
        texts = where.packed + texts
    try:
        fixed = _PERSONAL.pack(
            kind, flags, client_class, rule_version, at_ms, mailing, link, delivery, subscriber
        )
        return fixed + texts if network is None else fixed + _NETWORK_TAG.pack(network) + texts
    except error as cause:
        raise RecordError("a value has no place in a personal record") from cause


class Manner(NamedTuple):
    """How a hit came: what many hits have in common. Records that were read share it; rule and family have up to 255 bytes."""

    kind: EventKind
    client_class: ClientClass
    rule: str
    rule_version: int
    client_family: str
    gpc_seen: bool = False


class PersonalRecord(NamedTuple):
    """A hit on a delivery. `at_ms` in UTC, `link` PIXEL_LINK for the pixel, `subscriber` the id's 16 bytes.

    `network`: a short-lived tag of 64 bits, None where the network is not known or the record is an old one.
    `address`: 4 or 16 bytes, None where it is not kept; `country`: two letters, "" where it is not known.
    """

    at_ms: int
    mailing: int
    link: int
    delivery: int
    subscriber: bytes
    manner: Manner
    network: int | None = None
    address: bytes | None = None
    country: str = ""

    def pack(self) -> bytes:
        """The payload; RecordError for values that have no place in it."""
        kind, client_class, rule, version, family, gpc_seen = self.manner
        try:
            where = packed_whereabouts(self.address, self.country)
        except ValueError as cause:
            raise RecordError("a value has no place in a personal record") from cause
        stamp = client_stamp(kind, client_class, rule, version, family)
        own = self.at_ms, self.mailing, self.link, self.subscriber, self.delivery
        return packed_hit(stamp, *own, gpc_seen, self.network, where)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The record of this payload; RecordError for any other bytes."""
        try:
            at_ms, mailing, link, delivery, subscriber = _OWN.unpack_from(payload, _HEAD_SIZE)
            network, texts, flags = None, _PERSONAL.size, payload[1]
            if flags & _NETWORK:
                (network,) = _NETWORK_TAG.unpack_from(payload, texts)
                texts += _NETWORK_TAG.size
            address, country = None, ""
            if flags & WHERE:
                address, country, texts = unpacked_whereabouts(flags, payload, texts)
            manner = _manner(payload[:_HEAD_SIZE] + payload[texts:])
        except (error, KeyError, IndexError, ValueError) as cause:
            raise RecordError("these bytes are no personal record") from cause
        return cls(at_ms, mailing, link, delivery, subscriber, manner, network, address, country)


@dataclass(frozen=True, slots=True)
class AnonymousRecord:
    """`count` hits on a day (days since 1970 UTC) that belong to nobody.

    `lowered`: the token was PERSONAL and the hit carried Sec-GPC; the delivery was forgotten at the edge.
    `number`: the eight bytes of an UNLINKED pixel or link.
    """

    day: int
    kind: EventKind
    mailing: int
    link: int
    send_day: int | None
    client_class: ClientClass
    lowered: bool
    number: bytes | None
    count: int = 1

    def pack(self) -> bytes:
        """The payload, its last four bytes the count; RecordError for values that have no place in it."""
        flags = (
            self.lowered * _LOWERED
            | (self.send_day is not None) * _SEND_DAY
            | (self.number is not None) * _NUMBER
        )
        try:
            fixed = _ANONYMOUS.pack(
                KINDS[self.kind],
                flags,
                CLASSES[self.client_class],
                self.day,
                self.send_day or 0,
                self.mailing,
                self.link,
            )
            return fixed + _packed_number(self.number) + _COUNT.pack(self.count)
        except (error, KeyError) as cause:
            raise RecordError("a value has no place in an anonymous record") from cause

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The record of this payload; RecordError for any other bytes."""
        try:
            kind, flags, client_class, day, send_day, mailing, link = _ANONYMOUS.unpack_from(payload)
            _known(flags, _LOWERED | _SEND_DAY | _NUMBER)
            end = _ANONYMOUS.size + (_NUMBER_SIZE if flags & _NUMBER else 0)
            (count,) = _COUNT.unpack(payload[end:])
            record = cls(
                day=day,
                kind=_KIND_OF[kind],
                mailing=mailing,
                link=link,
                send_day=send_day if flags & _SEND_DAY else None,
                client_class=_CLASS_OF[client_class],
                lowered=bool(flags & _LOWERED),
                number=payload[_ANONYMOUS.size : end] if flags & _NUMBER else None,
                count=count,
            )
        except (error, KeyError, ValueError) as cause:
            raise RecordError("these bytes are no anonymous record") from cause
        return record


Record = TypeVar("Record", PersonalRecord, AnonymousRecord)


@dataclass(frozen=True, slots=True)
class JournalKind(Generic[Record]):
    """One of the two journals: folder, code in a header, how batches are written, and read in `parts` side by side."""

    folder: str
    code: int
    unpack: Callable[[bytes], Record]
    gathered: Callable[[Sequence[bytes]], Sequence[bytes]]
    parts: int
    part: Callable[[bytes], int]


def as_they_came(payloads: Sequence[bytes]) -> Sequence[bytes]:
    """A batch of personal records: one each, in order of arrival."""
    return payloads


def summed(payloads: Sequence[bytes]) -> Sequence[bytes]:
    """A batch of anonymous records: equal ones become one with their count, sorted by content."""
    counts: dict[bytes, int] = {}
    for payload in payloads:
        key = payload[: -_COUNT.size]
        counts[key] = counts.get(key, 0) + _COUNT.unpack_from(payload, len(key))[0]
    return [key + _COUNT.pack(counts[key]) for key in sorted(counts)]


def by_subscriber(payload: bytes) -> int:
    """Everything of one person lies in one part, so that parts written at once never wait for each other."""
    return payload[_PERSONAL.size - 1] % _PERSONAL_PARTS if len(payload) >= _PERSONAL.size else 0


PERSONAL = JournalKind("personal", 1, PersonalRecord.unpack, as_they_came, _PERSONAL_PARTS, by_subscriber)
ANONYMOUS = JournalKind("anonymous", 2, AnonymousRecord.unpack, summed, 1, lambda _: 0)


def _packed_text(text: str) -> bytes:
    encoded = text.encode()
    return bytes([len(encoded)]) + encoded


@lru_cache(maxsize=4096)
def _manner(packed: bytes) -> Manner:
    """The head of a payload and the two texts that fill its end; there are few of them, and many records have the same."""
    kind, flags, client_class, version = packed[:_HEAD_SIZE]
    _known(flags, _GPC_SEEN | _NETWORK | WHERE)
    middle = _HEAD_SIZE + 1 + packed[_HEAD_SIZE]
    end = middle + 1 + packed[middle]
    if end != len(packed):
        raise RecordError("a text ends beyond or before the record")
    rule, family = packed[_HEAD_SIZE + 1 : middle].decode(), packed[middle + 1 : end].decode()
    gpc_seen = bool(flags & _GPC_SEEN)
    return Manner(_KIND_OF[kind], _CLASS_OF[client_class], rule, version, family, gpc_seen)


def _packed_number(number: bytes | None) -> bytes:
    if number is not None and len(number) != _NUMBER_SIZE:
        raise RecordError("an unlinked number has eight bytes")
    return number or b""


def _known(flags: int, known: int) -> int:
    if flags & ~known:
        raise RecordError("the record has flags of another layout")
    return flags
