"""A line sealed by its form has the seal that the ledger's own rule gives it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.domain.keyed import keyed
from app.domain.ledger import LedgerLine, salted, seal_line
from app.domain.ledger_forms import LineForm
from app.domain.modes import Axis
from app.domain.permission import Permission, PermissionSource, Reason

KEY = bytes(range(32))
times = st.datetimes(timezones=st.just(UTC))
texts = st.text(max_size=40)
salts = st.binary(min_size=16, max_size=16)


@given(
    axis=st.sampled_from(Axis),
    values=st.tuples(st.sampled_from(Permission), st.sampled_from(Permission)),
    reason=st.none() | st.sampled_from(Reason),
    at=st.none() | times,
    now=times,
    source=st.sampled_from(PermissionSource),
    by_person=st.booleans(),
    subscriber=st.binary(min_size=16, max_size=16),
    number=st.integers(1, 2**63 - 1),
    actor=st.tuples(texts, salts),
    note=st.none() | st.tuples(texts, salts),
    previous=st.none() | st.binary(min_size=32, max_size=32),
)
def test_x6_a_form_seals_what_the_line_would(
    axis, values, reason, at, now, source, by_person, subscriber, number, actor, note, previous
):
    """Whatever is shared and whatever is the person's own, the seals are the same."""
    line = LedgerLine(
        subscriber=subscriber,
        number=number,
        axis=axis,
        from_value=values[0],
        to_value=values[1],
        reason=reason,
        person_time=at,
        server_time=now,
        source=source,
        by_person=by_person,
        actor=salted(*actor),
        note=None if note is None else salted(*note),
        previous_hash=previous,
    )
    other = LedgerLine(
        subscriber=bytes([1]) * 16,
        number=7,
        axis=axis,
        from_value=values[0],
        to_value=values[1],
        reason=reason,
        person_time=at,
        server_time=now,
        source=source,
        by_person=by_person,
        wording_id=bytes(8),
        previous_hash=bytes([2]) * 32,
    )

    digest = None if line.note is None else line.note.digest
    seal = LineForm(other).seal(keyed(KEY), subscriber, number, line.actor.digest, digest, previous)

    assert seal == seal_line(line, KEY)


def test_a_form_keeps_no_time_of_its_own():
    """Two lines of one form differ in what is theirs alone, so their seals differ."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    form = LineForm(
        LedgerLine(
            subscriber=bytes(16),
            number=1,
            axis=Axis.OPENS,
            from_value=Permission.UNKNOWN,
            to_value=Permission.NO,
            server_time=now,
            source=PermissionSource.IMPORT,
        )
    )
    own = (bytes(16), 1, bytes(32), None, None)

    assert form.seal(keyed(KEY), *own) != form.seal(keyed(KEY), bytes([1]) * 16, *own[1:])
    assert form.seal(keyed(KEY), *own) != form.seal(keyed(KEY), bytes(16), 2, *own[2:])
