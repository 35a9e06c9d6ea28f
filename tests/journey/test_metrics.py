"""What an operator's Prometheus reads of a running instance."""

from pathlib import Path

import httpx

from tests.journey.test_deaths import processes
from tests.running import Running, eventually

INVALID = 'assent_hits_unrecorded{reason="TOKEN_INVALID"} '


def invalid(running: Running) -> int:
    """How many tokens were none of ours, as the metrics tell it."""
    answer = httpx.get(f"{running.url}/metrics", timeout=120)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    (line,) = [line for line in answer.text.splitlines() if line.startswith(INVALID)]
    return int(line.removeprefix(INVALID))


def shares_memory(process: int) -> bool:
    return "memfd:assent-board" in Path(f"/proc/{process}/maps").read_text(encoding="utf-8")


def test_the_metrics_of_an_instance_count_what_it_answers_on_the_board_of_its_supervisor(
    running: Running,
) -> None:
    before = invalid(running)

    assert httpx.get(f"{running.url}/o/nonsense.gif", timeout=120).status_code == 200

    assert eventually(lambda: invalid(running) > before, "the request is counted")
    assert any(shares_memory(process) for process in processes(running, "granian"))


def test_who_only_looks_whether_it_is_well_hears_so(running: Running) -> None:
    """Load balancers ask by HEAD, too."""
    for path in ("/health/live", "/health/ready", "/metrics"):
        looked = httpx.head(f"{running.url}{path}", timeout=30)
        read = httpx.get(f"{running.url}{path}", timeout=30)

        assert (looked.status_code, looked.content) == (200, b"")
        assert looked.headers["content-type"] == read.headers["content-type"]
