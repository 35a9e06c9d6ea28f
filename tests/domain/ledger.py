"""Values that the tests of the ledger share: a plain line, strategies over lines and chains, and what a proof finds."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from app.domain.ledger import (
    Finding,
    LedgerLine,
    SealedLine,
    salted,
    seal_line,
    verify_chain,
)
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, Reason

KEY = b"k" * 32
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
        previous_hash = chain[-1].seal if chain else None
        line = replace(content, number=len(chain) + 1, previous_hash=previous_hash)
        chain.append(SealedLine(line, seal_line(line, key)))
    return chain


chains = st.lists(lines, min_size=1, max_size=5).map(lambda contents: chain_of(*contents))


def findings(kept: list[SealedLine], anchored: list[SealedLine]) -> list[Finding]:
    """What the proof finds in `kept`, where `anchored` was the chain when its head was written down."""
    return verify_chain(kept, KEY, anchored[-1].seal if anchored else None, len(anchored))
