"""How long each kind of data is kept: by account, in days; what is older goes, and totals stay.

    kind          what it is                                          unless set
    events        what people did, hit by hit                         for ever
    deliveries    who was sent what, and what became of it            for ever
    sign_ups      sign-ups that wait, or have waited, to be confirmed 30 days
    batches       idempotency keys of prepared messages               30 days
    jobs          jobs that have ended, and the errors of imports     90 days

The addresses of hits, where an account keeps any, are kept for 30 days, or as long as the events if that is shorter.

Events are not kept longer than the deliveries that they belong to. The ledger is evidence and is never purged.
Source: domain.md §4, §8.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import Final

from app.domain.errors import InvalidSetting, RequestError

LONGEST_DAYS = 36_500

ADDRESS_DAYS: Final = 30


@unique
class DataKind(StrEnum):
    """What is kept for a time, by the table at the top."""

    EVENTS = "events"
    DELIVERIES = "deliveries"
    SIGN_UPS = "sign_ups"
    BATCHES = "batches"
    JOBS = "jobs"


_UNLESS_SET = {DataKind.SIGN_UPS: 30, DataKind.BATCHES: 30, DataKind.JOBS: 90}


def kept_days(retention_days: Mapping[str, int], kind: DataKind) -> int | None:
    """For how many days a kind is kept; None for ever."""
    return retention_days.get(kind.value, _UNLESS_SET.get(kind))


def kept_since(retention_days: Mapping[str, int], kind: DataKind, now: datetime) -> datetime | None:
    """What is older than this goes; None where nothing does."""
    days = kept_days(retention_days, kind)
    return None if days is None else now - timedelta(days=days)


def addresses_since(now: datetime) -> datetime:
    """Addresses of older hits go, and are shown to nobody."""
    return now - timedelta(days=ADDRESS_DAYS)


def retention_problems(retention_days: Mapping[str, int]) -> Iterator[RequestError]:
    """Everything that contradicts the table, each with the path of the input."""
    kinds = {kind.value for kind in DataKind}
    for name, days in retention_days.items():
        path = ("retentionDays", name[:40])
        if name not in kinds:
            yield InvalidSetting(f"Retention is set for {', '.join(sorted(kinds))}.", path=path)
        elif not 1 <= days <= LONGEST_DAYS:
            yield InvalidSetting(f"Retention lies between 1 and {LONGEST_DAYS} days.", path=path)
    deliveries = kept_days(retention_days, DataKind.DELIVERIES)
    events = kept_days(retention_days, DataKind.EVENTS)
    if deliveries is not None and (events is None or events > deliveries):
        message = "Events are not kept longer than the deliveries that they belong to; set events too."
        yield InvalidSetting(message, path=("retentionDays", "events"))
