"""Records survive the round trip, hold nothing they have no field for, and anonymous ones are summed."""

import dataclasses
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.modes import ClientClass, EventKind
from app.journal.records import (
    CLASSES,
    KINDS,
    AnonymousRecord,
    Manner,
    PersonalRecord,
    RecordError,
    as_they_came,
    summed,
)

SUBSCRIBER = UUID("00112233-4455-6677-8899-aabbccddeeff")
MANNER = Manner(
    kind=EventKind.CLICKED,
    gpc_seen=True,
    client_class=ClientClass.HUMAN_LIKELY,
    rule="ORDINARY_CLIENT",
    rule_version=1,
    client_family="Firefox",
)
PERSONAL = PersonalRecord(
    at_ms=1_790_000_000_123, mailing=5, link=2, delivery=9, subscriber=SUBSCRIBER.bytes, manner=MANNER
)
ANONYMOUS = AnonymousRecord(
    day=20_717,
    kind=EventKind.OPENED,
    mailing=5,
    link=0,
    send_day=None,
    client_class=ClientClass.PROXY,
    lowered=False,
    number=None,
)

numbers = st.integers(0, 2**64 - 1)
links = st.integers(0, 2**32 - 1)
days = st.integers(0, 2**16 - 1)
kinds = st.sampled_from(sorted(KINDS))
classes = st.sampled_from(ClientClass)
personal = st.builds(
    PersonalRecord,
    at_ms=st.integers(-(2**63), 2**63 - 1),
    mailing=numbers,
    link=links,
    delivery=numbers,
    subscriber=st.binary(min_size=16, max_size=16),
    manner=st.builds(
        Manner,
        kind=kinds,
        gpc_seen=st.booleans(),
        client_class=classes,
        rule=st.text(max_size=60),
        rule_version=st.integers(0, 255),
        client_family=st.text(max_size=60),
    ),
    network=st.none() | numbers,
    address=st.none() | st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16),
    country=st.just("") | st.text("ABCXYZ", min_size=2, max_size=2),
)
anonymous = st.builds(
    AnonymousRecord,
    day=days,
    kind=kinds,
    mailing=numbers,
    link=links,
    send_day=st.none() | days,
    client_class=classes,
    lowered=st.booleans(),
    number=st.none() | st.binary(min_size=8, max_size=8),
    count=st.integers(1, 1000),
)


@given(personal | anonymous)
def test_every_record_survives_the_round_trip(record):
    assert type(record).unpack(record.pack()) == record


@given(st.sampled_from([PersonalRecord, AnonymousRecord]), st.binary(max_size=90))
def test_bytes_of_somebody_else_are_a_record_error_or_harmless(kind, payload):
    try:
        record = kind.unpack(payload)
    except RecordError:
        return

    assert kind.unpack(record.pack()) == record


@given(personal | anonymous, st.data())
def test_a_record_cut_short_or_grown_is_refused(record, data):
    payload = record.pack()
    cut = data.draw(st.integers(0, len(payload) - 1))

    for broken in (payload[:cut], payload + b"\0"):
        with pytest.raises(RecordError):
            type(record).unpack(broken)


@pytest.mark.parametrize(
    "record",
    [
        PERSONAL._replace(manner=MANNER._replace(kind=EventKind.FIRST_OPENING)),
        PERSONAL._replace(manner=MANNER._replace(client_family="x" * 256)),
        PERSONAL._replace(mailing=-1),
        PERSONAL._replace(network=2**64),
        PERSONAL._replace(address=b"five!"),
        PERSONAL._replace(country="de"),
        PERSONAL._replace(country="DEU"),
        dataclasses.replace(ANONYMOUS, kind=EventKind.FIRST_OPENING),
        dataclasses.replace(ANONYMOUS, number=b"seven b"),
        dataclasses.replace(ANONYMOUS, day=2**16),
    ],
)
def test_values_without_a_place_are_refused(record):
    with pytest.raises(RecordError):
        record.pack()


def test_an_anonymous_record_has_no_field_for_time_person_or_client():
    assert {field.name for field in dataclasses.fields(AnonymousRecord)} == {
        "day",
        "kind",
        "mailing",
        "link",
        "send_day",
        "client_class",
        "lowered",
        "number",
        "count",
    }


def test_a_record_of_today_is_read_for_ever():
    """Journals may wait while the software is replaced; these bytes must keep their meaning."""
    stored = bytes.fromhex(
        "03010101 000001a0c4506c7b 0000000000000005 00000002 0000000000000009"
        "00112233445566778899aabbccddeeff 0f 4f5244494e4152595f434c49454e54 07 46697265666f78"
    )

    tagged = bytes.fromhex(
        "03030101 000001a0c4506c7b 0000000000000005 00000002 0000000000000009"
        "00112233445566778899aabbccddeeff 0000000000000011 0f 4f5244494e4152595f434c49454e54 07 46697265666f78"
    )

    placed = bytes.fromhex(
        "030f0101 000001a0c4506c7b 0000000000000005 00000002 0000000000000009 00112233445566778899aabbccddeeff"
        "0000000000000011 04 cb007109 4445 0f 4f5244494e4152595f434c49454e54 07 46697265666f78"
    )

    assert PersonalRecord.unpack(stored) == PERSONAL
    assert PersonalRecord.unpack(placed) == PERSONAL._replace(
        network=17, address=bytes([203, 0, 113, 9]), country="DE"
    )
    assert PersonalRecord.unpack(tagged) == PERSONAL._replace(network=17)
    assert (
        AnonymousRecord.unpack(bytes.fromhex("01000250ed0000 0000000000000005 00000000 00000001"))
        == ANONYMOUS
    )


def test_every_class_and_every_kind_known_at_the_edge_has_a_code():
    assert set(CLASSES) == set(ClientClass)
    assert set(KINDS) == set(EventKind) - {EventKind.FIRST_OPENING}


@given(st.lists(st.sampled_from([PERSONAL, PERSONAL._replace(delivery=10)])))
def test_a_personal_batch_stays_as_it_came(records):
    payloads = [record.pack() for record in records]

    assert as_they_came(payloads) == payloads


@given(st.permutations([ANONYMOUS] * 3 + [dataclasses.replace(ANONYMOUS, link=2, count=4)] * 2))
def test_an_anonymous_batch_is_summed_and_says_nothing_of_its_order(records):
    batch = [AnonymousRecord.unpack(payload) for payload in summed([record.pack() for record in records])]

    assert batch == [
        dataclasses.replace(ANONYMOUS, count=3),
        dataclasses.replace(ANONYMOUS, link=2, count=8),
    ]
