"""Points in time that are told to us: aware, in UTC, and such that the database gives back what it was given.

Theory: the first and the last microsecond of Python's calendar are what PostgreSQL's driver writes as -infinity and
infinity, and it reads those back without a time zone. One of them as the time of an answer could never be compared again,
and its line in the ledger would have another hash than the one it was written with. So they are no points in time here.
"""

from datetime import UTC, datetime

_BOUNDLESS = frozenset({datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)})


def moment_in_utc(at: datetime) -> datetime:
    """The same point in time in UTC.

    Raises:
        ValueError: It is one of the two that mean for ever.
        OverflowError: In UTC it lies outside of the calendar.
    """
    moment = at.astimezone(UTC)
    if moment in _BOUNDLESS:
        message = "The first and the last moment of the calendar stand for no time at all."
        raise ValueError(message)
    return moment
