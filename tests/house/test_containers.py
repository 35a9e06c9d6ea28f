"""The container files, checked as far as that goes without an engine."""

import re
import subprocess
from pathlib import Path

import yaml

from app.variables import VARIABLES

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
KNOWN = {variable.name for variable in VARIABLES}


def test_what_the_image_copies_is_there() -> None:
    """Every COPY of the Dockerfile names something of the checkout, or of the stage before."""
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    missing = [name for line in copies for name in line.split() if not (ROOT / name).exists()]

    assert copies
    assert missing == []


def test_the_image_brings_the_pinned_uv() -> None:
    """Makefile and Dockerfile install the same uv."""
    pinned = re.search(r"UV_VERSION := (\S+)", (ROOT / "Makefile").read_text())

    assert pinned is not None
    assert f"uv=={pinned[1]}" in (ROOT / "Dockerfile").read_text()


def test_the_application_gets_known_variables_only() -> None:
    """A typing error in compose would be ignored in silence otherwise."""
    assert set(COMPOSE["services"]["assent"]["environment"]) <= KNOWN


NOT_PASSED = {
    "ASSENT_DATA": "the image sets the folder that the volume is mounted on",
    "ASSENT_HOST": "the image listens on all interfaces of the container",
    "ASSENT_PORT": "the container's port is fixed; in .env the variable names the port of the machine",
    "ASSENT_RELAY_PORT": "no port of a relay is published",
}
"""Variables that stay out of the container, and why."""

OWN = {"DATABASE_URL", "ASSENT_OWNER_DATABASE_URL"}
"""Variables that compose words itself, for the PostgreSQL beside it."""


def test_every_variable_reaches_the_application_or_says_why_not() -> None:
    """A kill switch in .env that the container never sees would be ignored in silence."""
    passed = COMPOSE["services"]["assent"]["environment"]

    assert set(passed) | set(NOT_PASSED) == KNOWN
    assert set(passed) & set(NOT_PASSED) == set()
    assert [name for name in passed if name not in OWN and not passed[name].startswith(f"${{{name}:-")] == []


def test_the_application_has_time_to_stop() -> None:
    """The default of ten seconds would end the drain and PostgreSQL's clients with SIGKILL."""
    assert COMPOSE["services"]["assent"]["stop_grace_period"] == "20s"


def test_services_refer_to_what_exists() -> None:
    """depends_on, volumes, configs and profiles name things of this file."""
    services, volumes = COMPOSE["services"], COMPOSE["volumes"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert {each.split(":")[0] for each in service.get("volumes", ())} <= set(volumes)
        assert {each["source"] for each in service.get("configs", ())} <= set(COMPOSE.get("configs", {}))
    assert {name for name, each in services.items() if "citus" in each.get("profiles", ())} == {
        "citus-coordinator",
        "citus-worker-1",
        "citus-worker-2",
        "citus-init",
    }


def test_the_script_that_makes_the_role_is_a_shell_script() -> None:
    """The inline script parses, once compose has turned its doubled dollars into single ones."""
    script = COMPOSE["configs"]["application-role"]["content"].replace("$$", "$")

    checked = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")
