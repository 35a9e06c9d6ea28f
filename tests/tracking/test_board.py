"""Workers add up: each counts in a row of its own, and one that dies leaves its row to the next."""

import os
import subprocess
import sys

from app.board import Board
from app.domain.modes import ClientClass, EventKind
from app.metrics import JournalName, Metrics, Unrecorded, hit_place
from app.supervisor.memory import BOARD, shared_memory

WORKER = """
import sys
from app.board import Board
from app.metrics import Metrics, Unrecorded
metrics = Metrics(Board(sys.argv[1]))
metrics.unrecorded(Unrecorded.NOT_A_GET)
print("counted", flush=True)
sys.stdin.read()
"""


def worker(path):
    """A process that has counted one request and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "counted\n"
    return process


def test_workers_add_up_and_a_killed_one_takes_nothing_away():
    path = shared_memory()[BOARD]
    living, doomed = worker(path), worker(path)
    ours = Metrics(Board(path))
    ours.unrecorded(Unrecorded.NOT_A_GET)

    assert ours.why_unrecorded() == {Unrecorded.NOT_A_GET: 3}
    doomed.kill()
    doomed.communicate()
    successor = worker(path)

    assert ours.why_unrecorded() == {Unrecorded.NOT_A_GET: 4}
    assert sum(any(row) for row in ours._board._rows) == 3
    for process in (living, successor):
        process.communicate("")
    os.close(int(path.rpartition("/")[2]))


def test_a_board_that_is_not_there_is_replaced_by_one_s_own(tmp_path):
    board = Board(str(tmp_path / "missing"))

    assert not board.shared
    assert Metrics(board).why_unrecorded() == {}


def test_metrics_are_told_in_the_text_format_of_prometheus():
    metrics = Metrics(Board())
    metrics.recorded(hit_place(EventKind.CLICKED, ClientClass.SCANNER))
    metrics.unrecorded(Unrecorded.RATE_LIMITED)
    metrics.synced(JournalName.PERSONAL, 0.0007, failed=False)
    metrics.synced(JournalName.PERSONAL, 3.0, failed=True)

    lines = metrics.told().splitlines()

    assert 'assent_hits_total{kind="CLICKED",class="SCANNER"} 1' in lines
    assert 'assent_hits_unrecorded{reason="RATE_LIMITED"} 1' in lines
    assert 'assent_journal_sync_seconds_bucket{journal="personal",le="0.0005"} 0' in lines
    assert 'assent_journal_sync_seconds_bucket{journal="personal",le="0.001"} 1' in lines
    assert 'assent_journal_sync_seconds_bucket{journal="personal",le="1.0"} 1' in lines
    assert 'assent_journal_sync_seconds_bucket{journal="personal",le="+Inf"} 2' in lines
    assert 'assent_journal_sync_seconds_sum{journal="personal"} 3.0007' in lines
    assert 'assent_journal_sync_seconds_count{journal="personal"} 2' in lines
    assert 'assent_journal_failed_batches_total{journal="personal"} 1' in lines
