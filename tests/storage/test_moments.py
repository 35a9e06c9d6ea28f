"""What the rules take for a point in time comes back from the database as it was given, to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.domain.moments import moment_in_utc
from tests.world import World

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
LEAST = timedelta(microseconds=1)


async def stored(world: World, at: datetime) -> datetime:
    [row] = await world.rows("SELECT $1::timestamptz AS at", at)
    found: datetime = row["at"]
    return found


@pytest.mark.parametrize("at", [FIRST + LEAST, LAST - LEAST, datetime(2026, 3, 1, 12, tzinfo=UTC)])
async def test_a_moment_comes_back_as_it_was(world: World, at: datetime) -> None:
    assert moment_in_utc(at) == await stored(world, at)


@pytest.mark.parametrize("at", [FIRST, LAST])
async def test_what_would_come_back_as_another_is_no_moment(world: World, at: datetime) -> None:
    """In whatever zone it is written. PostgreSQL's driver takes these two for infinity, and loses their zone."""
    assert (await stored(world, at)).tzinfo is None

    for hours in (0, 2 if at == FIRST else -2):
        with pytest.raises(ValueError, match="no time at all"):
            moment_in_utc(at.astimezone(timezone(timedelta(hours=hours))))
