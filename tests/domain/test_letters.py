"""When a letter is tried again: pauses double from a minute to an hour, and a day is enough."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.letters import FIRST_PAUSE, LONGEST_PAUSE, PATIENCE, next_try

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_pauses_double_from_a_minute_to_an_hour():
    pauses = [next_try(NOON, attempts, NOON) for attempts in range(1, 10)]

    assert [pause.total_seconds() / 60 for pause in pauses if pause] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_letter_is_tried_for_a_day_and_then_given_up():
    """Twenty-nine times in all."""
    now, attempts = NOON, 1
    while (pause := next_try(NOON, attempts, now)) is not None:
        now, attempts = now + pause, attempts + 1

    assert PATIENCE - LONGEST_PAUSE < now - NOON <= PATIENCE
    assert attempts == 29


@given(st.integers(0, 10_000), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_no_pause_is_shorter_or_longer_than_told_or_ends_after_the_day(attempts: int, age: timedelta):
    pause = next_try(NOON, attempts, NOON + age)

    assert pause is None or (FIRST_PAUSE <= pause <= LONGEST_PAUSE and age + pause <= PATIENCE)
