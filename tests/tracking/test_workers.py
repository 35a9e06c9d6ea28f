"""Several workers count together and limit together."""

from tests.running import eventually
from tests.tracking.whole import edge, personal_records


def test_workers_add_up_and_share_one_limit(tmp_path):
    """Two workers, one board: the sum of their metrics is what was answered, and a network has 600 hits in all."""
    with edge(tmp_path / "var", workers=2, ASSENT_TRUSTED_PROXIES="127.0.0.1") as server:
        for number in range(640):
            server.get(server.mail.pixel, **{"x-forwarded-for": f"198.51.100.{number % 250}"})
        counted = eventually(lambda: server.hits() >= 600 and server.counted(), "600 hits are counted")

        assert counted['assent_hits_total{kind="OPENED",class="SCANNER"}'] == 600
        assert counted['assent_hits_unrecorded{reason="RATE_LIMITED"}'] == 40
    (tag,) = {record.network for record in personal_records(tmp_path / "var")}
    # All hits are of one delivery and one network, whose key is that of both workers.
    assert tag is not None
