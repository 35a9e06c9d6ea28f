"""Tokens and budgets hold for all workers of an instance, not for each of them."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx

from tests.running import Running, assent, eventually

_CONNECTIONS = 24
"""New ones each time: each goes to either worker."""


_DEAR = " ".join(
    ["{", *(f"t{n}: tokens(first: 1000) {{ edges {{ node {{ name }} }} }}" for n in range(6)), "}"]
)
_LEAST_COST = 6 * 3_000


def refusals(answer: dict[str, Any]) -> list[str]:
    """The codes of the errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


def statuses(running: Running, token: str) -> set[int]:
    """What a token is answered over many connections."""
    return {
        httpx.post(
            f"{running.url}/graphql",
            json={"query": "{ viewer { scopes } }"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=120,
        ).status_code
        for _ in range(_CONNECTIONS)
    }


def test_what_one_worker_takes_away_is_gone_in_all_of_them(tmp_path: Path) -> None:
    """A token that both workers know is revoked, and a second later neither lets it in; then a budget is spent."""
    data = tmp_path / "var"
    data.mkdir()
    with assent(data, ASSENT_WORKERS="2", ASSENT_API_BUDGET="60000") as running:
        made = running.gql('mutation { createToken(input: {name: "CRM"}) { token { id } secret } }')[
            "createToken"
        ]
        assert statuses(running, made["secret"]) == {200}

        running.gql(
            "mutation ($id: ID!) { revokeToken(input: {id: $id}) { errors { code } } }",
            id=made["token"]["id"],
        )
        time.sleep(1)

        assert statuses(running, made["secret"]) == {401}
        # Asked of the database, since asking the API again and again would spend the budget.
        used = "SELECT FROM api_token WHERE name = 'CRM' AND last_used_at IS NOT NULL"
        eventually(lambda: asyncio.run(running.rows(used)), "the last use is written down")
        query = "{ tokens { edges { node { name lastUsedAt } } } }"
        tokens = [edge["node"] for edge in running.gql(query)["tokens"]["edges"]]
        assert any(token["lastUsedAt"] for token in tokens if token["name"] == "CRM")
        # Without a common budget, two workers would let twice as much through.
        began = time.monotonic()
        codes = [refusals(running.post(_DEAR)) for _ in range(20)]
        seconds = time.monotonic() - began
        assert {code for each in codes for code in each} == {"RATE_LIMITED"}
        assert 0 < codes.count([]) * _LEAST_COST <= 60_000 + 1_000 * seconds
