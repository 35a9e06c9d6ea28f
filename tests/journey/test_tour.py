"""The README's tour does what it says, word for word."""

import re
import subprocess
from pathlib import Path

from tests.running import Running

README = Path(__file__).parents[2] / "README.md"
PAUSES = r"""
sleep() {
  for _ in $(seq 1200); do
    command sleep 0.2
    [ -n "$(find -L var/journal -name '*.segment' -size +64c 2>&1)" ] || return 0
  done
}
"""


def test_the_tour_of_the_readme_runs_as_it_stands(running: Running, tmp_path: Path) -> None:
    """Every command of the tour, in one shell, against a running instance; only its address is another.

    A machine may take longer than the tour waits, so its pauses last until nothing is in the journal any more.
    """
    text = README.read_text(encoding="utf-8")
    tour = text.split("## A tour of five minutes", 1)[1].split("\n## ", 1)[0]
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", tour, re.DOTALL))
    (tmp_path / "var").symlink_to(running.data)

    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", PAUSES + commands.replace("http://127.0.0.1:8000", running.url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    lines = [line for line in ran.stdout.splitlines() if line]
    assert '"name":"Demo"' in lines[0]
    assert '"value":"YES","source":"FORM"' in lines[1]
    assert '"value":"UNKNOWN","reason":"NEVER_ASKED"' in lines[2]
    assert '"boundBy":"PERMISSION"' in lines[4]
    assert "200 image/gif" in ran.stdout
    assert "302 to https://example.org/news" in ran.stdout
    assert '"segmentPreview":{"matching":0,' in ran.stdout
    assert '"unmeasured":1}' in ran.stdout
    first, last = (line for line in lines if '"report"' in line)
    assert '"opens":{"value":1,"shown":"EXACT"}' in first
    assert '"opens":{"value":1,"shown":"EXACT"}' in last
    assert '"errors":[{' not in ran.stdout
