"""Nothing of the machine that this was written on, and no secret, is in the project's files."""

import re

from tests.house.tree import files, text

# Joined here, so that this file does not hold what it looks for.
ELSEWHERE = re.compile(
    "|".join(["/" + "work/", r"\.\./" + "shared", r"/bash_" + "jobs", r"/(root|home)/" + r"\w"])
)
SECRET = re.compile(
    "|".join(["-----BEGIN [A-Z ]*" + "PRIVATE KEY", r"\bgh[pousr]_\w{36}", r"\bAKIA[0-9A-Z]{16}\b"])
)
SPARED = {".ci/run"}
"""It looks beside the checkout, on purpose and only if something is there."""


def test_no_path_leads_elsewhere():
    """No file names a folder outside the checkout that another machine does not have."""
    leading = [
        f"{path}: {found.group()}"
        for path in files()
        if path not in SPARED
        for found in ELSEWHERE.finditer(text(path))
    ]

    assert leading == []


def test_no_secret_is_kept():
    """No private key and no token of a service is among the files."""
    assert [path for path in files() if SECRET.search(text(path))] == []
