"""When mailings were opened and clicked, by hour or by day (UTC).

    bucket   personal part    anonymous part
    HOUR     by hour          none: there is no hour on it
    DAY      by day           by day, rounded; none where it shows in totals only

A bucket is listed where something in it is published that is not zero, so that no bucket tells by being there that
somebody did something. Source: domain.md §7.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum, unique
from typing import Any

from app.disclosure.report_counts import MailingCounts
from app.domain.modes import Axis, EventKind
from app.domain.privacy import NOT_MEASURED, SUPPRESSED, Figure, added, total

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@unique
class TimelineBucket(StrEnum):
    """How wide a bucket of time is."""

    HOUR = "HOUR"
    DAY = "DAY"

    @property
    def width(self) -> timedelta:
        """How long it lasts."""
        return timedelta(hours=1) if self is TimelineBucket.HOUR else timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TimelinePointView:
    """What was done in one bucket; `at` is its beginning."""

    at: datetime
    opens: Figure
    clicks: Figure


@dataclass(frozen=True, slots=True)
class _AxisTimes:
    """One axis of one mailing. What is in neither part was counted, and there was nothing."""

    personal: Mapping[datetime, int] | None
    anonymous: Mapping[datetime, Figure]
    nothing: Figure
    withheld: bool

    def moments(self) -> set[datetime]:
        known = {at for at, count in (self.personal or {}).items() if count}
        return known | {at for at, figure in self.anonymous.items() if figure.value}

    def at(self, moment: datetime) -> Figure:
        if self.withheld:
            return SUPPRESSED
        personal = None if self.personal is None else self.personal.get(moment, 0)
        return total(personal, self.anonymous.get(moment, self.nothing))


def timeline(
    counted: Sequence[tuple[MailingCounts, Sequence[Any]]], bucket: TimelineBucket
) -> tuple[TimelinePointView, ...]:
    """The timeline of mailings together: at each moment the sum of what is said of each.

    With each mailing come its personal hits by bucket (rows of `reports.hits_by_time`).
    """
    opens, clicks = (
        [_times(counts, rows, axis, bucket) for counts, rows in counted] for axis in (Axis.OPENS, Axis.CLICKS)
    )
    moments = {moment for times in (*opens, *clicks) for moment in times.moments()}
    return tuple(
        TimelinePointView(
            moment,
            added([times.at(moment) for times in opens]),
            added([times.at(moment) for times in clicks]),
        )
        for moment in sorted(moments)
    )


def _times(counts: MailingCounts, rows: Sequence[Any], axis: Axis, bucket: TimelineBucket) -> _AxisTimes:
    by_day = bucket is TimelineBucket.DAY
    withheld = counts.hits(axis) == SUPPRESSED
    return _AxisTimes(
        personal=_personal(rows, axis) if counts.personal_people(axis) else None,
        anonymous={_day(day): figure for day, figure in counts.anonymous_days(axis).items()}
        if by_day and not withheld
        else {},
        nothing=counts.anonymous_nothing(axis) if by_day else NOT_MEASURED,
        # By the hour nothing anonymous shows, so nothing there adds up to what is withheld.
        withheld=withheld and by_day,
    )


def _personal(rows: Sequence[Any], axis: Axis) -> Counter[datetime]:
    found: Counter[datetime] = Counter()
    for row in rows:
        if (row["kind"] == EventKind.CLICKED.value) is (axis is Axis.CLICKS):
            found[row["at"]] += row["n"]
    return found


def _day(number: int) -> datetime:
    return _EPOCH + timedelta(days=number)
