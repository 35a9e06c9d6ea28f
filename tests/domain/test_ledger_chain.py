"""The chain of the ledger: every line is sealed and linked, so that no change of it stays unseen."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.ledger import (
    Finding,
    FindingKind,
    LedgerLine,
    SaltedText,
    SealedLine,
    salted,
    seal_line,
    verify_chain,
)
from tests.domain.ledger import KEY, REFUSAL, SALT, chain_of, chains, content_fields, findings, lines, seals

STRANGERS_KEY = b"s" * 32


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
