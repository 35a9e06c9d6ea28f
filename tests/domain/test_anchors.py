"""Anchors seal what stood; moved lines are put back to where their seals say they belong."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.anchors import Anchor, Head, Heads, SealedAnchor, broken_anchors, seal_anchor, unpack_head
from app.domain.ledger import SealedLine
from app.domain.ledger_proof import put_back
from tests.domain.ledger import KEY, REFUSAL, chain_of

AT = datetime(2026, 11, 22, tzinfo=UTC)
heads = st.builds(
    Head, st.binary(min_size=16, max_size=16), st.integers(0, 2**63), st.binary(min_size=32, max_size=32)
)


def anchors(count: int) -> list[SealedAnchor]:
    chain: list[SealedAnchor] = []
    for number in range(1, count + 1):
        anchor = Anchor(7, number, AT, 2, 6, b"d" * 32, chain[-1].seal if chain else None)
        chain.append(SealedAnchor(anchor, seal_anchor(anchor, KEY)))
    return chain


@given(heads)
def test_x6_heads_survive_a_round_trip(head: Head):
    assert unpack_head(head.pack()) == head


def test_x6_half_a_head_is_none():
    with pytest.raises(ValueError, match="56 bytes"):
        unpack_head(b"x" * 55)


def test_x6_heads_are_counted_and_their_order_matters():
    first, second = Head(b"a" * 16, 2, b"s" * 32), Head(b"b" * 16, 3, b"t" * 32)
    one, other = Heads(), Heads()

    for head in (first, second):
        one.add(head)
    for head in (second, first):
        other.add(head)

    assert (one.subscribers, one.lines) == (2, 5)
    assert one.digest != other.digest


@given(st.sampled_from(["account", "number", "subscribers", "lines"]), st.integers(1, 9))
def test_x6_every_field_of_an_anchor_is_sealed(name: str, more: int):
    anchor = anchors(1)[0].anchor

    assert seal_anchor(replace(anchor, **{name: getattr(anchor, name) + more}), KEY) != seal_anchor(
        anchor, KEY
    )


def test_x6_whole_anchors_hold_and_the_file_may_be_behind():
    chain = anchors(3)

    assert list(broken_anchors(chain, chain, KEY)) == []
    assert list(broken_anchors(chain, chain[:2], KEY)) == []


def test_x6_an_anchor_that_is_gone_or_differs_is_named():
    chain = anchors(3)

    assert set(broken_anchors(chain[:2], chain, KEY)) == {3}
    assert set(broken_anchors([chain[0], chain[2]], chain, KEY)) == {2, 3}
    assert set(broken_anchors(chain, chain, b"another key" * 3)) == {1, 2, 3}


def test_x6_lines_that_were_moved_are_put_back():
    whole = chain_of(REFUSAL, REFUSAL, REFUSAL)
    moved = [
        whole[0],
        SealedLine(replace(whole[2].line, number=2), whole[2].seal),
        SealedLine(replace(whole[1].line, number=3), whole[1].seal),
    ]

    assert [kept.line.number for kept in put_back(moved, KEY)] == [1, 3, 2]
    assert put_back(whole, KEY) == whole
