"""Days as numbers, and which day a late anonymous hit is counted under."""

from datetime import date, datetime, timedelta

from app.domain.privacy import day_to_count
from app.instance import Instance

_FIRST = date(1970, 1, 1)
DAY_SECONDS = 86_400


def day_number(moment: datetime) -> int:
    """The day of a moment, as days since 1970 in UTC."""
    return int(moment.timestamp()) // DAY_SECONDS


def counted_day(instance: Instance, hit_day: int) -> int:
    """The day under which a hit of `hit_day` is counted that is drained now (domain.md §7)."""
    now = instance.clock()
    today, into_day = divmod(int(now.timestamp()), DAY_SECONDS)
    chosen = day_to_count(_date(hit_day), _date(today), into_day, instance.anonymous_refresh)
    return (chosen - _FIRST).days


def _date(number: int) -> date:
    return _FIRST + timedelta(days=number)
