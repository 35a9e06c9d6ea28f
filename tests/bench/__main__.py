"""`make bench`: runs the benchmarks, prints a table and writes var/bench/results.json.

A benchmark is a module of this folder with `NAME` and `async measure(folder, rows, say)`, which returns figures by
name. All ratios are of one run on one machine. `--rows` is for a quick look; the goals are meant for the default.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path("var/bench/results.json")
BENCHMARKS = tuple(
    path.stem for path in sorted(Path(__file__).parent.glob("[a-z]*.py")) if not path.stem.startswith("_")
)
GOALS = {
    "drain.events_per_s": "≥ 25,000",
    "drain.lag_p99_ms": "≤ 2,000",
    "report.growth": "≤ 1.5",
    "reading.segment_vs_sql": "≤ 1.3",
    "reading.report_growth": "≤ 1.5",
    "reading.subscriber_growth": "≤ 1.5",
    "reading.log_growth": "≤ 1.5",
    "prepare.messages_per_s": "≥ 20,000",
    "prepare.times_peer": "≥ 20",
    "outage.lost": "0",
    "outage.twice": "0",
    "import.vs_sql": "≥ 0.5",
    "export.vs_copy": "≥ 0.5",
    "consent.vs_sql": "≥ 0.3",
    "consent.vs_sql_large": "≥ 0.3",
    "consent.precedence_per_s": "≥ 200,000",
    "consent.policy_impact_s": "≤ 5",
    "graphql.vs_postgraphile_20": "≥ 0.8",
    "graphql.vs_postgraphile_1000": "≥ 0.8",
    "graphql.vs_postgraphile_nested": "≥ 0.8",
    "graphql.trivial_ratio": "≥ 0.2",
    "graphql.segment_vs_sql": "≤ 1.2",
    "graphql.report_vs_sql": "≤ 1.2",
    "graphql.memory_mb": "≤ 150",
    "pages.form_performance": "≥ 0.98",
    "pages.preferences_performance": "≥ 0.98",
    "capture.ratio_to_ceiling": "≥ 0.45",
    "capture.times_peer": "≥ 25",
    "capture.times_pytracking": "≥ 1",
    "capture.p99_ms": "≤ 15",
    "capture.p99_ms_db_down": "≤ 50",
    "capture.memory_mb": "≤ 120",
}


def main() -> None:
    """Runs what is named, or everything."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many rows, people or events")
    parser.add_argument("only", nargs="*", choices=[[], *BENCHMARKS], help="which benchmarks")
    asked = parser.parse_args()
    console = Console(stderr=True)
    found: dict[str, Any] = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}
    }
    for name in asked.only or BENCHMARKS:
        module = import_module(f"tests.bench.{name}")
        with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
            found[module.NAME] = asyncio.run(module.measure(Path(folder), asked.rows, console.print))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    Console().print(_table(found))
    sys.stdout.write(f"{RESULTS}\n")


def _table(found: dict[str, Any]) -> Table:
    table = Table("figure", "value", "goal")
    for group, figures in found.items():
        for name, value in figures.items():
            key = f"{group}.{name}"
            table.add_row(
                key, f"{value:,}" if isinstance(value, int | float) else str(value), GOALS.get(key, "")
            )
    return table


if __name__ == "__main__":
    main()
