"""Ids of what belongs to one person: stable, and legible to nobody but the account's own service."""

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sealing.ids import IdInvalid, SealedIds

IDENTITY = b"identity".ljust(32, b".")
OURS, THEIRS = SealedIds(IDENTITY), SealedIds(IDENTITY[::-1])
kinds = st.sampled_from([b"Delivery", b"PermissionChangeLine", b"Notification"])
keys = st.binary(min_size=1, max_size=64)


@given(kinds, keys)
def test_a_sealed_key_opens_again_and_is_the_same_in_every_process(kind: bytes, key: bytes) -> None:
    sealed = OURS.seal(kind, key)

    assert OURS.open(kind, sealed.decode()) == key
    assert SealedIds(IDENTITY).seal(kind, key) == sealed


def test_a_sealed_key_is_the_same_for_ever() -> None:
    """Clients keep ids, so this value never changes: neither the key's making nor the layout may."""
    assert (
        OURS.seal(b"Delivery", bytes(range(24)))
        == b"+7jrXMp3jWiP6Ws7ntk2hcqPcLwyMJDiqLnPcqOpTF9YixXP9aEdyg=="
    )


@given(keys, keys)
def test_no_other_account_and_no_other_type_opens_it(key: bytes, other: bytes) -> None:
    sealed = OURS.seal(b"Delivery", key).decode()

    for keys_of_whom, kind in ((THEIRS, b"Delivery"), (OURS, b"Notification"), (OURS, b"Delivery\0")):
        with pytest.raises(IdInvalid):
            keys_of_whom.open(kind, sealed)
    assert (OURS.seal(b"Delivery", other).decode() == sealed) is (other == key)


@given(keys, st.data())
def test_a_damaged_key_opens_as_nothing(key: bytes, data: st.DataObject) -> None:
    """Whichever bit is turned, in the text or below it."""
    sealed = b64decode(OURS.seal(b"Delivery", key))
    place = data.draw(st.integers(0, 8 * len(sealed) - 1))
    damaged = bytearray(sealed)
    damaged[place // 8] ^= 1 << place % 8

    with pytest.raises(IdInvalid):
        OURS.open(b"Delivery", b64encode(damaged).decode())


@given(st.text() | st.binary().map(lambda raw: b64encode(raw).decode()))
def test_any_other_text_opens_as_nothing(text: str) -> None:
    with pytest.raises(IdInvalid):
        OURS.open(b"Delivery", text)


@pytest.mark.parametrize("spelling", ["{} ", "{}=", "{}\n", "={}"])
def test_a_key_has_one_spelling(spelling: str) -> None:
    sealed = OURS.seal(b"Delivery", b"some key").decode()

    with pytest.raises(IdInvalid):
        OURS.open(b"Delivery", spelling.format(sealed))


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=8, max_size=8))
def test_nothing_of_the_person_stands_in_it(person: bytes, number: bytes) -> None:
    """Neither what two keys of one person have in common, nor their bytes."""
    first = b64decode(OURS.seal(b"Delivery", person + number))
    second = b64decode(OURS.seal(b"Delivery", person + bytes(each ^ 1 for each in number)))

    assert person[:8] not in first
    assert first[:16] != second[:16]
    assert first[16:32] != second[16:32]
