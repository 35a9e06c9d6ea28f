"""Tokens are opened by whoever sealed them, for what they were sealed for, and by nobody else."""

import string
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tokens import Purpose
from app.sealing.keyring import Keyring, SecretInvalid, TokenInvalid

OLD, NEW = b"an older secret, long enough", b"a newer secret, long enough"
ALPHABET = string.ascii_letters + string.digits + "-_"
keyring = Keyring([NEW])
payloads = st.binary(min_size=1, max_size=200)


@given(st.sampled_from(Purpose), payloads, st.binary(max_size=12))
def test_a_token_opens_to_its_payload_and_needs_no_escaping(purpose, payload, context):
    token = keyring.seal(purpose, payload, context)

    assert keyring.open(purpose, token, context) == payload
    assert set(token) <= set(ALPHABET)


@given(payloads)
def test_the_same_payload_is_the_same_token_for_everybody(payload):
    assert keyring.seal(Purpose.LINK, payload) == Keyring([NEW, OLD]).seal(Purpose.LINK, payload)


@given(st.sampled_from(Purpose), payloads)
def test_a_token_of_one_purpose_opens_for_no_other(purpose, payload):
    token = keyring.seal(purpose, payload)

    for other in set(Purpose) - {purpose}:
        with pytest.raises(TokenInvalid):
            keyring.open(other, token)


@given(payloads, st.binary(max_size=9), st.binary(max_size=9))
def test_a_token_opens_in_its_own_context_only(payload, context, other):
    token = keyring.seal(Purpose.CLICK_DELIVERY, payload, context)

    if context != other:
        with pytest.raises(TokenInvalid):
            keyring.open(Purpose.CLICK_DELIVERY, token, other)


def test_every_change_of_one_character_is_found():
    """All 63 other characters at every place: every bit of the token, those left over at its end too."""
    token = keyring.seal(Purpose.PIXEL_PERSONAL, b"a payload of 22 bytes.")

    for place, standing in enumerate(token):
        for character in ALPHABET:
            if character != standing:
                with pytest.raises(TokenInvalid):
                    keyring.open(Purpose.PIXEL_PERSONAL, token[:place] + character + token[place + 1 :])


def test_a_token_has_one_spelling():
    token = keyring.seal(Purpose.LINK, b"any")

    spellings = [token + "=", token + "A", token[:-1], token + "\n", " " + token, token[:9] + "!" + token[9:]]
    spellings += [token.replace("-", "+").replace("_", "/") + "==", "", "A", "ä", "."]
    for spelling in spellings:
        with pytest.raises(TokenInvalid):
            keyring.open(Purpose.LINK, spelling)


@given(st.text(max_size=60))
def test_nothing_that_is_made_up_opens(token):
    with pytest.raises(TokenInvalid):
        keyring.open(Purpose.LINK, token)


def test_after_a_rotation_the_new_key_seals_and_the_old_one_still_opens():
    before = Keyring([OLD]).seal(Purpose.LINK, b"sealed two years ago")

    rotated = Keyring([NEW, OLD])

    assert rotated.open(Purpose.LINK, before) == b"sealed two years ago"
    assert rotated.seal(Purpose.LINK, b"now") == Keyring([NEW]).seal(Purpose.LINK, b"now")
    with pytest.raises(TokenInvalid):
        Keyring([NEW]).open(Purpose.LINK, before)


def test_keys_that_share_an_id_are_each_tried():
    first_of: dict[str, bytes] = {}
    for number in count():
        secret = b"one of many secrets %d" % number
        shown_id = Keyring([secret]).wrap(b"x", b"")[:1].hex()
        if shown_id in first_of:
            other = first_of[shown_id]
            break
        first_of[shown_id] = secret

    both = Keyring([secret, other])

    for key in (secret, other):
        assert both.open(Purpose.LINK, Keyring([key]).seal(Purpose.LINK, b"payload")) == b"payload"
        assert both.unwrap(Keyring([key]).wrap(b"ledger key", b"account 1"), b"account 1") == b"ledger key"


def test_a_wrapped_secret_opens_for_its_owner_only():
    wrapped = keyring.wrap(b"ledger key", b"account 1")

    assert keyring.unwrap(wrapped, b"account 1") == b"ledger key"
    assert b"ledger key" not in wrapped
    for broken, context in [
        (wrapped, b"account 2"),
        (wrapped[:-1], b"account 1"),
        (wrapped[:17], b"account 1"),
        (wrapped[:1], b"account 1"),
        (b"", b"account 1"),
        (bytes([wrapped[0] ^ 1]) + wrapped[1:], b"account 1"),
    ]:
        with pytest.raises(SecretInvalid):
            keyring.unwrap(broken, context)


def test_wrapping_again_moves_a_secret_to_the_newest_key():
    wrapped = Keyring([OLD]).wrap(b"ledger key", b"account 1")

    rotated = Keyring([NEW, OLD])
    moved = rotated.wrap(rotated.unwrap(wrapped, b"account 1"), b"account 1")

    assert Keyring([NEW]).unwrap(moved, b"account 1") == b"ledger key"


@pytest.mark.parametrize("keys", [[], [b"too short"], [NEW, b""]])
def test_a_keyring_needs_usable_secrets(keys):
    with pytest.raises(ValueError, match="at least one secret, each of 16 bytes or more"):
        Keyring(keys)
