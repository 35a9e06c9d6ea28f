"""The schema, judged by the tools that front ends are built with."""

from pathlib import Path

import graphql_schema
from tests.judges.folder import SOURCE, front_end, judged

SCHEMA = Path(graphql_schema.__file__).with_name("schema.graphql")
PUBLISHED = SOURCE / "published.graphql"
"""The schema that clients were promised. A release copies `schema.graphql` here; nothing else does."""


def test_the_tools_of_front_ends_find_nothing_wrong_with_the_schema() -> None:
    """graphql-codegen with tsc --strict, relay-compiler, graphql-eslint, and graphql-inspector for what would break."""
    with front_end() as folder:
        said = judged("front_end.mjs", str(folder), str(SCHEMA), str(PUBLISHED))

    assert said == {"codegen": [], "relay": [], "lint": [], "inspect": []}


def test_a_change_that_would_break_a_client_is_told(tmp_path: Path) -> None:
    """Without this, a judge that says nothing could be one that looks at nothing."""
    changed = tmp_path / "schema.graphql"
    text = SCHEMA.read_text().replace("  subscribers(", "  everybody(", 1)
    changed.write_text(text)

    with front_end() as folder:
        said = judged("front_end.mjs", str(folder), str(changed), str(PUBLISHED), "relay", "inspect")

    assert said["inspect"] == ["Query.subscribers: Field 'subscribers' was removed from object type 'Query'"]
    assert "The type `Query` has no field `subscribers`" in said["relay"][0]
