"""The ledger: every line is sealed and linked, so that no change of it stays unseen."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.ledger import (
    Finding,
    FindingKind,
    LedgerLine,
    SaltedText,
    SealedLine,
    encode_line,
    next_line,
    salted,
    seal_line,
    verify_chain,
)
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, Reason

KEY = b"k" * 32
STRANGERS_KEY = b"s" * 32
SALT = b"0123456789abcdef"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
REFUSAL = LedgerLine(
    subscriber=b"\x07" * 16,
    number=1,
    axis=Axis.OPENS,
    from_value=Permission.YES,
    to_value=Permission.NO,
    reason=Reason.WITHDRAWN,
    person_time=NOON,
    server_time=NOON + timedelta(seconds=1),
    source=PermissionSource.ONE_CLICK,
    by_person=True,
    actor=salted("the person", SALT),
    wording_id=b"w1",
)

times = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants bounds without zone.
seals = st.binary(min_size=32, max_size=32)
texts = st.builds(salted, st.text(max_size=8), st.binary(min_size=16, max_size=16))
lines = st.builds(
    LedgerLine,
    subscriber=st.binary(min_size=16, max_size=16),
    number=st.integers(1, 2**63 - 1),
    axis=st.sampled_from(Axis),
    from_value=st.sampled_from(Permission),
    to_value=st.sampled_from(Permission),
    server_time=times,
    source=st.sampled_from(PermissionSource),
    reason=st.none() | st.sampled_from(Reason),
    person_time=st.none() | times,
    by_person=st.booleans(),
    actor=st.none() | texts,
    note=st.none() | texts,
    wording_id=st.none() | st.binary(max_size=4),
    merged_head=st.none() | seals,
    previous_hash=st.none() | seals,
)
content_fields = [each.name for each in fields(LedgerLine) if each.name != "version"]


def chain_of(*contents: LedgerLine, key: bytes = KEY) -> list[SealedLine]:
    """A whole chain with these contents, numbered, linked and sealed."""
    chain: list[SealedLine] = []
    for content in contents:
        line = next_line(content, chain[-1] if chain else None)
        chain.append(SealedLine(line, seal_line(line, key)))
    return chain


chains = st.lists(lines, min_size=1, max_size=5).map(lambda contents: chain_of(*contents))


def findings(kept: list[SealedLine], anchored: list[SealedLine]) -> list[Finding]:
    """What the proof finds in `kept`, where `anchored` was the chain when its head was written down."""
    return verify_chain(kept, KEY, anchored[-1].seal if anchored else None, len(anchored))


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


@given(chains)
def test_a_whole_chain_has_no_findings(chain: list[SealedLine]):
    assert findings(chain, chain) == []


@given(chains, st.integers(0, 5))
def test_a_chain_may_grow_after_its_anchor(chain: list[SealedLine], length: int):
    assert findings(chain, chain[:length]) == []


def test_no_lines_and_no_anchor_are_a_whole_chain():
    assert verify_chain([], KEY, None, 0) == []


@given(chains)
def test_erasing_every_text_leaves_the_chain_verifiable(chain: list[SealedLine]):
    def erased(text: SaltedText | None) -> SaltedText | None:
        return text and text.erased()

    kept = [
        replace(each, line=replace(each.line, actor=erased(each.line.actor), note=erased(each.line.note)))
        for each in chain
    ]

    assert findings(kept, chain) == []
    assert all(each.line.actor is None or each.line.actor.text is None for each in kept)


@given(chains, lines, st.sampled_from(content_fields), st.data())
def test_every_altered_field_of_any_line_is_found(
    chain: list[SealedLine], donor: LedgerLine, name: str, data: st.DataObject
):
    place = data.draw(st.integers(0, len(chain) - 1))
    altered = replace(chain[place].line, **{name: getattr(donor, name)})
    assume(altered != chain[place].line)

    found = findings([*chain[:place], replace(chain[place], line=altered), *chain[place + 1 :]], chain)

    assert found
    if name != "number":
        assert found == [Finding(FindingKind.CHANGED, place + 1)]


@given(chains, seals, st.data())
def test_every_altered_seal_is_found(chain: list[SealedLine], seal: bytes, data: st.DataObject):
    place = data.draw(st.integers(0, len(chain) - 1))
    assume(seal != chain[place].seal)

    found = findings([*chain[:place], replace(chain[place], seal=seal), *chain[place + 1 :]], chain)

    assert found == [Finding(FindingKind.CHANGED, place + 1)]


@given(chains, st.data())
def test_every_dropped_line_is_found(chain: list[SealedLine], data: st.DataObject):
    place = data.draw(st.integers(0, len(chain) - 1))

    found = findings([*chain[:place], *chain[place + 1 :]], chain)

    kind = FindingKind.CUT_OFF if place == len(chain) - 1 else FindingKind.MISSING
    assert found == [Finding(kind, place + 1, place + 1)]


@given(chains, st.data())
def test_every_line_made_with_another_key_is_found(chain: list[SealedLine], data: st.DataObject):
    place = data.draw(st.integers(0, len(chain) - 1))
    line = replace(chain[place].line, by_person=not chain[place].line.by_person)
    forged = SealedLine(line, seal_line(line, STRANGERS_KEY))

    found = findings([*chain[:place], forged, *chain[place + 1 :]], chain)

    assert found == [Finding(FindingKind.FORGED, place + 1)]


@given(chains, st.data())
def test_every_order_but_the_right_one_is_found(chain: list[SealedLine], data: st.DataObject):
    shuffled = data.draw(st.permutations(chain))

    found = findings(shuffled, chain)

    assert bool(found) == (shuffled != chain)
    assert {each.kind for each in found} <= {FindingKind.REORDERED}


@given(chains, st.data())
def test_every_line_that_stands_twice_is_found(chain: list[SealedLine], data: st.DataObject):
    copied = data.draw(st.sampled_from(chain))

    found = findings([*chain, copied], chain)

    assert found == [Finding(FindingKind.FORGED, copied.line.number)]


def test_a_forged_double_behind_the_true_line_is_one_finding():
    chain = chain_of(REFUSAL, REFUSAL)
    forged = replace(chain[0], seal=b"\x00" * 32)

    assert findings([*chain, forged], chain) == [Finding(FindingKind.FORGED, 1)]


@given(chains, st.data())
def test_a_chain_rewritten_by_who_holds_the_key_does_not_fit_the_anchor(
    chain: list[SealedLine], data: st.DataObject
):
    place = data.draw(st.integers(0, len(chain) - 1))
    contents = [each.line for each in chain]
    contents[place] = replace(contents[place], by_person=not contents[place].by_person)

    found = findings(chain_of(*contents), chain)

    assert found == [Finding(FindingKind.FORGED, len(chain))]


def test_a_line_of_another_person_under_the_same_key_does_not_continue_the_chain():
    own = chain_of(REFUSAL, REFUSAL, REFUSAL)
    strangers = chain_of(*[replace(REFUSAL, subscriber=b"\x08" * 16)] * 3)

    found = findings([own[0], strangers[1], own[2]], own)

    assert found == [Finding(FindingKind.FORGED, 2), Finding(FindingKind.FORGED, 3)]


def test_a_first_line_that_names_one_before_it_is_forged():
    line = replace(REFUSAL, previous_hash=b"\x01" * 32)
    chain = [SealedLine(line, seal_line(line, KEY))]

    assert findings(chain, chain) == [Finding(FindingKind.FORGED, 1)]


def test_several_lost_lines_are_named_as_one_gap_however_wide():
    chain = chain_of(*[REFUSAL] * 6)

    assert findings([chain[0], chain[4]], chain) == [
        Finding(FindingKind.MISSING, 2, 4),
        Finding(FindingKind.CUT_OFF, 6, 6),
    ]
    assert findings([], chain) == [Finding(FindingKind.CUT_OFF, 1, 6)]


@pytest.mark.parametrize(
    "altered",
    [
        pytest.param(lambda text: replace(text, text="somebody else"), id="another text"),
        pytest.param(lambda text: replace(text, salt=b"f" * 16), id="another salt"),
        pytest.param(lambda text: replace(text, salt=None), id="no salt"),
    ],
)
@pytest.mark.parametrize("name", ["actor", "note"])
def test_a_text_that_is_not_the_sealed_one_is_found(name: str, altered: Callable[[SaltedText], SaltedText]):
    chain = chain_of(replace(REFUSAL, note=salted("summer fair", SALT)))
    kept = replace(chain[0], line=replace(chain[0].line, **{name: altered(getattr(chain[0].line, name))}))

    assert findings([kept], chain) == [Finding(FindingKind.CHANGED, 1)]


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
