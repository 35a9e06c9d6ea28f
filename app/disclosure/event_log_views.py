"""The shapes of the log: a row, its place, and which part of the log is asked for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from app.domain.modes import Channel, ClientClass, EventKind

NOBODY = UUID(int=0)
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)


def within_reach(moment: datetime) -> datetime:
    """The moment, or the nearest one that PostgreSQL is asked about: a zone can move the first and last days out of it."""
    return min(max(moment, EARLIEST), LATEST)


class LogKey(NamedTuple):
    """The place of a row; the log is in falling order of it.

    A personal row has its time and its event's id. Rows of a day's count have the day's beginning, and which row of
    which count they are; `NOBODY` puts them behind every personal row of the day.
    """

    at: datetime
    id: UUID
    mailing_id: int = 0
    send_day: int = 0
    kind: str = ""
    number: int = 0


class Start(NamedTuple):
    """Where reading begins: beyond `key`, or at an end of the log where it is None.

    Forward is from the newest row to the oldest, as the log stands; `backward` reads from its end.
    """

    key: LogKey | None = None
    backward: bool = False

    def reaches(self, place: LogKey) -> bool:
        """Whether the row of this place is still to be read."""
        if self.key is None:
            return True
        return place > self.key if self.backward else place < self.key


@dataclass(frozen=True, slots=True)
class EventView:
    """One row of the log, as it may be shown.

    In rows that name nobody, `occurred_at` and `sent_at` are days (their beginning in UTC), `sent_at` is None where the
    day is not kept, `client_class` is None, and the other cells read "Anonymized". `template_id` is the mailing's
    global id. `link` is None for openings of a person. `ip` and `country` are None where they were not kept, and in all
    rows that name nobody.
    """

    key: LogKey
    kind: EventKind
    occurred_at: datetime
    sent_at: datetime | None
    mailing_id: int
    template_id: str
    email: str
    message_id: str
    link: str | None
    client_class: ClientClass | None
    ip: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class LogPart:
    """Which part of the log is asked for; `event_log.log_part` makes it, after it has looked who may see it.

    `user_id` is 0 but for one-to-one mail. `until` is not included.
    """

    channel: Channel
    user_id: int
    mailing_id: int | None
    since: datetime | None
    until: datetime | None
