"""PostgreSQL stopped for five minutes: what is answered, how quickly, and what is recorded afterwards.

    hits, answered    so many pixels and links were asked for while the database was stopped, and so many answered
    slowest_ms        the slowest of the answers
    lost, twice       hits that were answered and are not in the events, or more than once
    caught_up_s       until all of them were there, counted from when the database answered again

The same as the test with twenty seconds, for as long as nobody has patience for in a test.
"""

from collections.abc import Callable
from pathlib import Path

from tests.journey.outage import outage

NAME = "outage"
SECONDS = 300
_QUICK_ROWS = 1_000_000


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, float]:
    """With fewer rows than by default the outage is shorter in proportion, but never under ten seconds."""
    seconds = max(10, SECONDS * min(rows, _QUICK_ROWS) // _QUICK_ROWS)
    say(f"outage: PostgreSQL is stopped for {seconds} seconds")
    found = await outage(folder, seconds)
    hits = found.hits
    return {
        "seconds": seconds,
        "hits": len(hits.asked),
        "answered": len(hits.answered),
        "slowest_ms": round(hits.slowest * 1000),
        "lost": len(hits.answered - found.recorded.keys()),
        "twice": sum(count > 1 for count in found.recorded.values()),
        "caught_up_s": round(found.caught_up, 1),
    }
