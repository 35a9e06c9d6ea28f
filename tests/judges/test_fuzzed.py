"""schemathesis asks and changes whatever the schema allows, with values that nobody thought of."""

import json
import os
import subprocess
import sys
from pathlib import Path

import graphql_schema
from graphql_schema.connections import encode_cursor
from tests.judges.conftest import Stage

SCHEMA = Path(graphql_schema.__file__).with_name("schema.graphql")
ROOT = SCHEMA.parents[1]
OPTIONS = (
    "--checks=not_a_server_error,response_schema_conformance",
    "--phases=fuzzing",
    "--max-examples=8",
    "--generation-deterministic",
    "--no-shrink",
    "--continue-on-failure",
    "--no-color",
    "--request-timeout=120",
)


def test_schemathesis_meets_no_error_of_the_server_and_no_answer_that_the_schema_does_not_allow(
    stage: Stage, tmp_path: Path
) -> None:
    """Every query and mutation; ids, pages and addresses are often real ones, so that answers hold something."""
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(written(stage.things))

    ran = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={configuration}",
            "run",
            str(SCHEMA),
            f"--url={stage.url}",
            f"--header=Authorization: Bearer {stage.token}",
            *OPTIONS,
        ],
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.judges.fuzzed", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert ran.returncode == 0, ran.stdout[-8_000:] + ran.stderr[-2_000:]


def written(things: dict[str, str]) -> str:
    """The configuration: which real values stand where, how often."""
    dictionaries = {
        "pages": [1, 5],
        "beginnings": [encode_cursor((1,))],
        "addresses": ["ada@example.org"],
        **{name.lower(): [each] for name, each in things.items()},
    }
    places = {
        "*.*.first": "pages",
        "*.*.last": "pages",
        "*.*.after": "beginnings",
        "Query.mailing.id": "mailing",
        "Query.subscriber.id": "subscriber",
        "Query.node.id": "segment",
        "Query.trackingDecision.input.mailingId": "mailing",
        "*.*.input.mailingId": "mailing",
        "*.*.input.listId": "mailinglist",
        "*.*.input.subscriberId": "subscriber",
        "*.*.input.email": "addresses",
    }
    lines = [f"[dictionaries.{name}]\nvalues = {json.dumps(each)}" for name, each in dictionaries.items()]
    bound = [
        f'{json.dumps(place)} = {{ dictionary = "{name}", probability = 0.7 }}'
        for place, name in places.items()
    ]
    return "\n".join([*lines, "[parameters]", *bound]) + "\n"
