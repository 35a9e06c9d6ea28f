"""Accounts for the judges alone, on the server of this run: they change whatever their tools come up with."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.domain.principal import SCOPES
from tests.running import Running


@dataclass(frozen=True)
class Stage:
    """What the judges are given: a server, the token of one user with all scopes, and a thing of each kind."""

    running: Running
    account: int
    token: str
    things: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.running.url}/graphql"

    def done(self, name: str, given: dict[str, Any], below: str) -> Any:
        """The payload of a mutation in which nothing went wrong."""
        kind = name[0].upper() + name[1:]
        query = (
            f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {below} errors {{ message }} }} }}"
        )
        payload = self.running.gql(query, self.token, input=given)[name]
        assert payload["errors"] == []
        return payload


@pytest.fixture(scope="module")
def stage(running: Running) -> Stage:
    """An account for the judges of one file, made by the operator's command: one of them changes whatever it can."""
    made = subprocess.run(
        [sys.executable, "-m", "app.cli", "account", "create", "Judges", "--json"],
        env={**os.environ, "ASSENT_DATA": str(running.data)},
        capture_output=True,
        text=True,
        check=True,
    )
    account = json.loads(made.stdout)
    owner = Stage(running, account["account"], account["token"])
    user = owner.done("createUser", {"name": "Grace", "email": "grace@example.org"}, "user { id }")["user"][
        "id"
    ]
    wanted = {"name": "Judge", "user": user, "scopes": sorted(SCOPES)}
    secret = owner.done("createToken", wanted, "secret")["secret"]
    return Stage(
        running, owner.account, secret, {**_things(Stage(running, owner.account, secret)), "User": user}
    )


def _things(stage: Stage) -> dict[str, str]:
    news = stage.done("createList", {"name": "News"}, "list { id }")["list"]["id"]
    person = {"email": "ada@example.org", "lists": [news], "permission": "NO"}
    mailing = {"name": "Spring", "channel": "CAMPAIGN", "listId": news}
    return {
        "MailingList": news,
        "Subscriber": stage.done("upsertSubscriber", person, "subscriber { id }")["subscriber"]["id"],
        "Mailing": stage.done("createMailing", mailing, "mailing { id }")["mailing"]["id"],
        "Segment": stage.done("createSegment", {"name": "All", "rule": {"all": []}}, "segment { id }")[
            "segment"
        ]["id"],
    }
