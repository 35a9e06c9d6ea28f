"""PostgreSQL is stopped for 20 seconds: pixels and links answer throughout, and everything is there afterwards."""

from pathlib import Path

from tests.journey.outage import outage


async def test_hits_are_answered_while_postgresql_is_stopped_and_all_recorded_once_afterwards(
    tmp_path: Path,
) -> None:
    """Nobody is turned away, nobody waits for the database, nothing is lost or counted twice; the log says it in a line."""
    found = await outage(tmp_path, 20)

    hits = found.hits
    assert len(hits.asked) > 20
    assert hits.answered == hits.asked
    assert hits.slowest < 15
    assert found.recorded == dict.fromkeys(hits.answered, 1)
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()
