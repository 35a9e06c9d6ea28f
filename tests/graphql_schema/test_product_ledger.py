"""Permissions over GraphQL: what was answered, by which rule it counts, and the ledger of it."""

from base64 import b64encode
from datetime import timedelta

from graphql_schema.ids import encode_id
from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import IMPERSONAL, Product

PERMISSION = "opens { value reason since source } clicks { value reason since source }"
HISTORY = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { subscriber(id: $id) {
  permissionHistory(first: $first, after: $after, last: $last, before: $before) {
    edges { node { number } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } } }"""


async def test_a_yes_with_its_evidence_stands_on_both_axes_and_one_axis_wins(product: Product) -> None:
    at = write_datetime(product.world.now[0] - timedelta(days=3))
    given = {"email": "ada@example.org", "permission": "YES", "clicks": "NO", "source": "FORM", "at": at}

    payload = await product.done("upsertSubscriber", given, f"subscriber {{ permission {{ {PERMISSION} }} }}")

    assert payload["subscriber"]["permission"] == {
        "opens": {"value": "YES", "reason": None, "since": at, "source": "FORM"},
        "clicks": {"value": "NO", "reason": "DENIED", "since": at, "source": "FORM"},
    }


async def test_a_permission_is_set_by_id_and_by_address(product: Product) -> None:
    subscriber = await product.upserted("ada@example.org")
    below = "subscriber { id permission { opens { value source } clicks { value } } }"

    by_id = await product.done("setPermission", {"subscriberId": subscriber, "opens": "NO"}, below)
    by_address = await product.done("setPermission", {"email": "ADA@example.org", "clicks": "NO"}, below)

    assert by_id["subscriber"]["permission"] == {
        "opens": {"value": "NO", "source": "API"},
        "clicks": {"value": "UNKNOWN"},
    }
    assert by_address["subscriber"]["id"] == subscriber
    assert by_address["subscriber"]["permission"]["clicks"] == {"value": "NO"}


async def test_what_set_permission_refuses(product: Product) -> None:
    subscriber = await product.upserted("ada@example.org")
    await product.done("setPermission", {"subscriberId": subscriber, "permission": "NO"})
    before = write_datetime(product.world.now[0] - timedelta(days=1))
    named = {"subscriberId": subscriber}
    for given, expected in (
        ({"permission": "NO"}, ("INVALID_VALUE", ["subscriberId"])),
        ({**named, "email": "ada@example.org"}, ("INVALID_VALUE", ["subscriberId"])),
        ({**named, "permission": None}, ("NULL_NOT_ALLOWED", ["permission"])),
        ({**named, "permission": "YES"}, ("EVIDENCE_MISSING", ["permission"])),
        ({**named, "clicks": "YES"}, ("EVIDENCE_MISSING", ["clicks"])),
        ({**named, "permission": "YES", "source": "API", "at": before}, ("REFUSAL_KEPT", ["permission"])),
        ({"email": "bob@example.org", "permission": "NO"}, ("NOT_FOUND", ["email"])),
        ({"email": "nobody", "permission": "NO"}, ("INVALID_EMAIL", ["email"])),
        (
            {"subscriberId": encode_id("Subscriber", "0" * 32), "permission": "NO"},
            ("NOT_FOUND", ["subscriberId"]),
        ),
        ({"subscriberId": encode_id("Mailing", 7), "permission": "NO"}, ("NOT_FOUND", ["subscriberId"])),
        (
            {"subscriberId": encode_id("Subscriber", "xyz"), "permission": "NO"},
            ("NOT_FOUND", ["subscriberId"]),
        ),
    ):
        assert await product.refused("setPermission", given) == [expected]


async def test_two_changes_in_one_operation_each_show_what_stands_after_them(product: Product) -> None:
    subscriber = await product.upserted("ada@example.org")
    query = """mutation ($id: ID!) {
      first: setPermission(input: { subscriberId: $id, opens: NO }) { subscriber { permission { opens { value } } } }
      second: setPermission(input: { subscriberId: $id, clicks: NO }) {
        subscriber { permission { clicks { value } } permissionHistory { totalCount } } } }"""

    data = await product.data(query, {"id": subscriber})

    assert data["first"]["subscriber"]["permission"]["opens"]["value"] == "NO"
    assert data["second"]["subscriber"]["permission"]["clicks"]["value"] == "NO"
    assert data["second"]["subscriber"]["permissionHistory"]["totalCount"] == 2


async def test_the_history_of_a_permission_pages_both_ways(product: Product) -> None:
    subscriber = await product.upserted("ada@example.org")
    for days in (5, 4, 3):
        at = write_datetime(product.world.now[0] - timedelta(days=days))
        answer = {"subscriberId": subscriber, "opens": "YES", "source": "API", "at": at}
        await product.done("setPermission", answer)
    await product.done("setPermission", {"subscriberId": subscriber, "opens": "NO", "clicks": "NO"})

    async def numbers(**page: object) -> tuple[list[int], dict[str, object]]:
        found = (await product.data(HISTORY, {"id": subscriber, **page}))["subscriber"]["permissionHistory"]
        assert found["totalCount"] == 5
        return [edge["node"]["number"] for edge in found["edges"]], found["pageInfo"]

    first, info = await numbers(first=2)
    after, _ = await numbers(first=2, after=info["endCursor"])
    last, ending = await numbers(last=2)
    before, middle = await numbers(last=2, before=ending["startCursor"])

    assert (first, after, last, before) == ([1, 2], [3, 4], [4, 5], [2, 3])
    assert info["hasNextPage"]
    assert not info["hasPreviousPage"]
    assert ending["hasPreviousPage"]
    assert not ending["hasNextPage"]
    assert middle["hasPreviousPage"]
    assert middle["hasNextPage"]


async def test_a_line_tells_what_changed_and_is_chained_to_the_one_before(product: Product) -> None:
    subscriber = await product.upserted("ada@example.org", permission="NO")
    query = """query ($id: ID!) { subscriber(id: $id) { permissionHistory { edges { node {
      id number axis from to personTime serverTime source actor wordingId hash previousHash } } } } }"""

    data = await product.data(query, {"id": subscriber})
    hidden = await product.ask(query, {"id": subscriber}, scopes=IMPERSONAL)

    first, second = (edge["node"] for edge in data["subscriber"]["permissionHistory"]["edges"])
    now = write_datetime(product.world.now[0])
    assert first["previousHash"] is None
    assert second["previousHash"] == first["hash"]
    assert len(first["hash"]) == 64
    assert first["actor"].startswith("token:")
    assert {
        name: first[name] for name in ("number", "axis", "from", "to", "personTime", "serverTime", "source")
    } == {
        "number": 1,
        "axis": "OPENS",
        "from": "UNKNOWN",
        "to": "NO",
        "personTime": now,
        "serverTime": now,
        "source": "API",
    }
    assert [error["extensions"]["code"] for error in hidden["errors"]] == ["FORBIDDEN"]
    node = await product.data(
        "query ($id: ID!) { node(id: $id) { ... on PermissionChangeLine { number } } }", first
    )
    assert node == {"node": {"number": 1}}


async def test_a_forged_cursor_is_the_callers_mistake(product: Product) -> None:
    subscriber = await product.upserted("ada@example.org")
    forged = b64encode(b"[99999999999]").decode()

    data = await product.data(HISTORY, {"id": subscriber, "after": forged})

    assert data["subscriber"]["permissionHistory"]["edges"] == []
