"""A line of the ledger: its bytes, which are sealed and never drift, and what no line may hold."""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ledger import LedgerLine, encode_line, salted, seal_line
from tests.domain.ledger import KEY, NOON, REFUSAL, SALT, content_fields, lines


def test_the_bytes_of_a_line_never_drift():
    """Ledgers outlive releases: the bytes are spelled out here, and the seal is over exactly them."""
    digest = hashlib.sha256(SALT + b"the person").digest()
    expected = b"".join(
        [
            b"assent permission ledger line, version 1\n",
            b"\x01\x00\x00\x00\x10" + b"\x07" * 16,
            b"\x01\x00\x00\x00\x08" + b"\x00\x00\x00\x00\x00\x00\x00\x01",
            b"\x01\x00\x00\x00\x05OPENS",
            b"\x01\x00\x00\x00\x03YES",
            b"\x01\x00\x00\x00\x02NO",
            b"\x01\x00\x00\x00\x09WITHDRAWN",
            b"\x01\x00\x00\x00\x08" + (1_772_452_800_000_000).to_bytes(8, "big"),
            b"\x01\x00\x00\x00\x08" + (1_772_452_801_000_000).to_bytes(8, "big"),
            b"\x01\x00\x00\x00\x09ONE_CLICK",
            b"\x01\x00\x00\x00\x01\x01",
            b"\x01\x00\x00\x00\x20" + digest,
            b"\x00",
            b"\x01\x00\x00\x00\x02w1",
            b"\x00",
            b"\x00",
        ]
    )

    assert encode_line(REFUSAL) == expected
    assert seal_line(REFUSAL, KEY) == hmac.new(KEY, expected, hashlib.sha256).digest()


@given(lines, lines)
def test_two_lines_that_differ_never_share_their_bytes(one: LedgerLine, other: LedgerLine):
    assert (encode_line(one) == encode_line(other)) == (one == other)


@given(lines, lines, st.sampled_from(content_fields))
def test_each_field_alone_changes_the_bytes(line: LedgerLine, donor: LedgerLine, name: str):
    changed = replace(line, **{name: getattr(donor, name)})

    assert (encode_line(changed) == encode_line(line)) == (changed == line)


def test_the_zone_in_which_a_time_is_written_does_not_matter():
    in_paris = NOON.astimezone(timezone(timedelta(hours=1)))

    assert encode_line(replace(REFUSAL, person_time=in_paris)) == encode_line(REFUSAL)


def test_neither_log_nor_traceback_shows_a_text():
    assert "the person" not in repr(REFUSAL)
    assert SALT.decode() not in repr(REFUSAL)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("version", 2, "version"),
        ("subscriber", b"\x07" * 15, "16 bytes"),
        ("number", 0, "numbered from 1"),
        ("number", 2**63, "numbered from 1"),
        ("server_time", NOON.replace(tzinfo=None), "zone"),
        ("person_time", NOON.replace(tzinfo=None), "zone"),
        ("previous_hash", b"", "32 bytes"),
        ("merged_head", b"\x00" * 31, "32 bytes"),
    ],
)
def test_a_line_that_could_not_be_sealed_is_refused(field: str, value: object, rule: str):
    with pytest.raises(ValueError, match=rule):
        replace(REFUSAL, **{field: value})


def test_a_salt_has_a_fixed_length_so_that_salt_and_text_cannot_trade_bytes():
    with pytest.raises(ValueError, match="16 bytes"):
        salted("text", b"short")
