"""The journal's disk is full: links lead on, pixels answer, the loss is counted and told, and nothing crashes."""

import resource

from tests.tracking.conftest import TARGET
from tests.tracking.whole import Edge, edge, personal_records

LOST = 'assent_hits_unrecorded{reason="JOURNAL_UNAVAILABLE"}'


def limit_files(server: Edge, size: int) -> None:
    """Lets the workers' files grow to this size and no further: every write beyond it fails, as on a full disk."""
    for worker in server.workers():
        _, most = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (size, most))


def test_on_a_full_disk_everything_is_answered_and_the_loss_is_counted_and_told(tmp_path):
    data = tmp_path / "var"
    with edge(data) as server:
        (worker,) = server.workers()
        assert server.get(server.mail.link).headers["location"] == TARGET

        limit_files(server, 4)
        for _ in range(3):
            assert server.get(server.mail.link).headers["location"] == TARGET
            assert len(server.get(server.mail.pixel).content) == 43
        health = server.get(f"{server.url}/health/ready")
        lost = server.counted()[LOST]
        limit_files(server, resource.RLIM_INFINITY)
        assert server.get(server.mail.link).headers["location"] == TARGET
        again = server.get(f"{server.url}/health/ready")

        assert lost == 6
        assert health.status_code == 503
        assert health.json()["warnings"][:2] == [
            "The journal cannot be written: check the space and rights of ASSENT_DATA.",
            "6 hits were answered and could not be recorded since the start; /metrics and the log say why.",
        ]
        assert again.status_code == 200
        assert "6 hits were answered and could not be recorded" in again.json()["warnings"][0]
        assert (server.counted()[LOST], server.hits(), server.workers()) == (6, 2, [worker])
    assert server.logged.splitlines() == [
        "ERROR app.journal.writer: The personal journal cannot be written: File too large",
        "WARNING app.journal.writer: The personal journal can be written again",
    ]
    assert [record.link for record in personal_records(data)] == [2, 2]
