"""Ids of deliveries, lines and notifications: whoever has one learns nothing of the person from it."""

from base64 import b64decode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.disclosure.personal_ids import NotificationKey, PersonalIds
from app.domain.errors import NotFound
from app.domain.global_ids import encode_id, parse_id
from app.sealing.ids import SealedIds
from app.storage.deliveries import DeliveryKey

SEALED = SealedIds(b"identity".ljust(32, b"."))
SEEING, BLIND = PersonalIds(SEALED, sees_people=True), PersonalIds(SEALED, sees_people=False)
THEIRS = PersonalIds(SealedIds(b"another".ljust(32, b".")), sees_people=True)

people = st.uuids()
numbers = st.integers(1, 2**63 - 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=2_500_000)).map(lambda since: EPOCH + since)


@given(people, numbers)
def test_an_id_of_a_delivery_or_a_line_survives_the_round_trip(person: UUID, number: int) -> None:
    delivery, line = BLIND.delivery(DeliveryKey(person, number)), BLIND.line(person, number)

    for ids in (SEEING, BLIND):
        assert ids.delivery_key(delivery) == (person, number)
        assert ids.line_key(line) == (person, number)
    assert SEEING.delivery(DeliveryKey(person, number)) == delivery
    assert parse_id(delivery).kind == "Delivery"


@given(people, moments, people)
def test_an_id_of_a_notification_survives_the_round_trip(person: UUID, moment: datetime, event: UUID) -> None:
    key = NotificationKey(person, moment, event)

    assert SEEING.notification_key(SEEING.notification(key)) == key


@given(people, numbers)
def test_an_id_is_nothing_in_another_account_and_as_another_type(person: UUID, number: int) -> None:
    delivery, line = SEEING.delivery(DeliveryKey(person, number)), SEEING.line(person, number)
    dressed_up = encode_id("Delivery", parse_id(line).key)

    for ids, value in ((THEIRS, delivery), (SEEING, line), (SEEING, dressed_up)):
        with pytest.raises(NotFound) as raised:
            ids.delivery_key(value, path=("events", 0, "delivery_id"))
        assert raised.value.path == ("events", 0, "delivery_id")


@given(people, numbers)
def test_no_id_holds_the_person_or_the_number(person: UUID, number: int) -> None:
    inside = parse_id(BLIND.delivery(DeliveryKey(person, number))).key
    sealed = b64decode(inside)

    assert person.hex not in inside
    assert person.bytes not in sealed
    assert number.to_bytes(8, "big") not in sealed


@given(people, numbers, moments, people)
def test_plain_ids_from_before_are_for_those_who_see_people(
    person: UUID, number: int, moment: datetime, event: UUID
) -> None:
    microseconds = (moment - EPOCH) // timedelta(microseconds=1)
    numbered = f"{person.hex}.{number}"
    delivery, line = encode_id("Delivery", numbered), encode_id("PermissionChangeLine", numbered)
    told = encode_id("Notification", f"{person.hex}.{microseconds}.{event.hex}")

    assert SEEING.delivery_key(delivery) == (person, number)
    assert SEEING.line_key(line) == (person, number)
    assert SEEING.notification_key(told) == (person, moment, event)
    for read, value in (
        (BLIND.delivery_key, delivery),
        (BLIND.line_key, line),
        (BLIND.notification_key, told),
    ):
        with pytest.raises(NotFound):
            read(value)


@pytest.mark.parametrize("size", [1, 23, 25, 40])
def test_a_key_of_another_length_is_nothing(size: int) -> None:
    """Which nobody can make without the account's key; but no error may come of it."""
    value = encode_id("Delivery", SEALED.seal(b"Delivery", bytes(size)).decode())

    with pytest.raises(NotFound):
        SEEING.delivery_key(value)


@pytest.mark.parametrize("number", [0, 2**63])
def test_a_number_that_no_bigint_holds_is_nothing(number: int) -> None:
    value = encode_id("Delivery", SEALED.seal(b"Delivery", bytes(16) + number.to_bytes(8, "big")).decode())

    with pytest.raises(NotFound):
        SEEING.delivery_key(value)
