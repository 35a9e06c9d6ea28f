"""Segments over GraphQL: made, changed, previewed and deleted; what is wrong in a rule is named by its path."""

from typing import Any

import pytest

from app.domain.principal import SCOPES
from graphql_schema.ids import encode_id, number_of
from tests.graphql_schema.product import IMPERSONAL, Product
from tests.world import create_account

PREVIEW = "query ($rule: SegmentRule!) { segmentPreview(rule: $rule) { matching notMatching unmeasured } }"
PEOPLE = """query ($rule: SegmentRule!, $first: Int, $after: String) { segmentPreview(rule: $rule) {
  subscribers(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { email } } } } }"""
SEGMENT = """query ($id: ID!) { node(id: $id) { ... on Segment { name includeUnmeasured version rule
  preview { matching notMatching unmeasured } } } }"""
EVERYBODY: dict[str, Any] = {"all": []}


async def _matching(product: Product, rule: dict[str, Any], **more: Any) -> int:
    found: int = (await product.data(PREVIEW, {"rule": rule}, **more))["segmentPreview"]["matching"]
    return found


async def _created(product: Product, rule: dict[str, Any], **more: Any) -> str:
    made = await product.done("createSegment", {"name": "Some", "rule": rule, **more}, "segment { id }")
    found: str = made["segment"]["id"]
    return found


async def _extensions(
    product: Product, rule: dict[str, Any], **more: Any
) -> tuple[str, str | None, str | None]:
    """Code, reason and path of the transport error that a preview answers."""
    (error,) = (await product.ask(PREVIEW, {"rule": rule}, **more))["errors"]
    found = error["extensions"]
    return found["code"], found.get("reason"), found.get("input")


async def test_a_segment_is_made_changed_and_deleted(product: Product) -> None:
    """Its rule reads as it was written, each change is a version, and what is left out stays."""
    mailing = await product.mailing()
    list_id = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    rule = {
        "all": [
            {"opened": {"mailingId": mailing, "withinDays": 30, "atLeast": 2}},
            {"not": {"membership": {"listId": list_id, "status": ["BOUNCED", "SUBSCRIBED"]}}},
            {"any": [{"permission": {"axis": "CLICKS", "is": ["NO"]}}, {"engagement": {"is": ["GHOST"]}}]},
            {"attribute": {"name": "city", "op": "EQ", "value": "Rome"}},
        ]
    }
    made = await _created(product, rule, includeUnmeasured=True)
    counts = {"matching": 0, "notMatching": 0, "unmeasured": 0}

    before = (await product.data(SEGMENT, {"id": made}))["node"]
    await product.done("updateSegment", {"id": made, "name": "Others"})
    await product.done("updateSegment", {"id": made, "rule": EVERYBODY, "includeUnmeasured": False})
    after = (await product.data(SEGMENT, {"id": made}))["node"]
    await product.done("deleteSegment", {"id": made})

    assert before == {
        "name": "Some",
        "includeUnmeasured": True,
        "version": 1,
        "rule": rule,
        "preview": counts,
    }
    assert after == {
        "name": "Others",
        "includeUnmeasured": False,
        "version": 3,
        "rule": EVERYBODY,
        "preview": counts,
    }
    assert (await product.data(SEGMENT, {"id": made}))["node"] is None
    assert await product.refused("deleteSegment", {"id": made}) == [("NOT_FOUND", ["id"])]


async def test_segments_are_listed_in_pages(product: Product) -> None:
    ids = [await _created(product, EVERYBODY) for _ in range(3)]
    query = """query ($after: String) { segments(first: 2, after: $after) { totalCount totalCountCapped
      pageInfo { hasNextPage endCursor } edges { node { id } } } }"""

    first = (await product.data(query))["segments"]
    second = (await product.data(query, {"after": first["pageInfo"]["endCursor"]}))["segments"]

    assert [edge["node"]["id"] for page in (first, second) for edge in page["edges"]] == sorted(
        ids, key=lambda each: number_of(each, "Segment")
    )
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert second["pageInfo"]["hasNextPage"] is False


async def test_a_preview_shows_its_people_in_pages(product: Product) -> None:
    for number in range(5):
        await product.upserted(f"person{number}@example.org")
        product.world.later(seconds=1)
    await product.upserted("refused@example.org", permission="NO")
    rule = {"permission": {"is": ["UNKNOWN"]}}

    found, after = [], None
    while True:
        data = await product.data(PEOPLE, {"rule": rule, "first": 2, "after": after})
        page = data["segmentPreview"]["subscribers"]
        found += [edge["node"]["email"] for edge in page["edges"]]
        assert page["totalCount"] == 5
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert found == [f"person{number}@example.org" for number in range(5)]


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"opened": {"withinDays": 0}}, "rule.opened.withinDays"),
        ({"all": [EVERYBODY, {"clicked": {"atLeast": -1}}]}, "rule.all.1.clicked.atLeast"),
        ({"not": {"any": [{"sent": {"atMost": 2_000_000}}]}}, "rule.not.any.0.sent.atMost"),
        ({"opened": {"atLeast": 2, "atMost": 1}}, "rule.opened.atLeast"),
        ({"opened": {"link": "https://a.example/"}}, "rule.opened.link"),
        ({"permission": {"is": []}}, "rule.permission.is"),
        ({"engagement": {"is": []}}, "rule.engagement.is"),
        ({"attribute": {"name": "", "op": "EXISTS"}}, "rule.attribute.name"),
        ({"attribute": {"name": "city", "op": "EXISTS", "value": "x"}}, "rule.attribute.value"),
        ({"attribute": {"name": "city", "op": "EQ"}}, "rule.attribute.value"),
        ({"attribute": {"name": "city", "op": "EQ", "value": ["x"]}}, "rule.attribute.value"),
        ({"attribute": {"name": "vip", "op": "LT", "value": True}}, "rule.attribute.op"),
        ({"all": [EVERYBODY] * 50}, "rule.all.49"),
    ],
)
async def test_what_cannot_be_decided_is_named_by_its_path(
    product: Product, rule: dict[str, Any], path: str
) -> None:
    """Word for word the same for a preview and for a segment that is to be stored; nothing is stored."""
    assert await _extensions(product, rule) == ("BAD_USER_INPUT", "INVALID_RULE", path)
    assert await product.refused("createSegment", {"name": "Some", "rule": rule}) == [
        ("INVALID_RULE", path.split("."))
    ]
    assert await product.world.rows("SELECT FROM segment") == []


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"opened": {}, "sent": {}},
        {"opened": None},
        {"all": [{"nothing": {}}]},
        {"attribute": {"name": "city", "op": "LIKE", "value": "x"}},
        {"opened": {"how": "often"}},
        {"permission": {"is": ["MAYBE"]}},
    ],
)
async def test_what_is_no_rule_at_all_is_refused(product: Product, rule: dict[str, Any]) -> None:
    """Unknown names, unknown operators, two conditions in one part: none silently matches nothing."""
    (error, *_) = (await product.ask(PREVIEW, {"rule": rule}))["errors"]

    assert error["extensions"]["code"] in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}


async def test_fifty_parts_are_taken(product: Product) -> None:
    await product.upserted("ada@example.org")

    assert await _matching(product, {"all": [EVERYBODY] * 49}) == 1


@pytest.mark.parametrize("depth", [40, 400])
async def test_endless_nesting_is_refused(product: Product, depth: int) -> None:
    """In the variables and in the document, before anything is counted."""
    rule: dict[str, Any] = EVERYBODY
    for _ in range(depth):
        rule = {"not": rule}
    literal = "{ segmentPreview(rule: " + "{not: " * depth + "{all: []}" + "}" * depth + ") { matching } }"

    (deep,) = (await product.ask(PREVIEW, {"rule": rule}))["errors"]
    (written,) = (await product.ask(literal))["errors"]

    assert [each["extensions"]["code"] for each in (deep, written)] == ["QUERY_TOO_LARGE"] * 2


async def test_five_previews_in_one_request_are_too_expensive(product: Product) -> None:
    parts = " ".join(f"p{number}: segmentPreview(rule: {{all: []}}) {{ matching }}" for number in range(5))

    (error,) = (await product.ask("{ " + parts + " }"))["errors"]

    assert error["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"


async def test_another_accounts_ids_are_not_found(product: Product) -> None:
    """Mailings, lists, segments and subscribers of one account are nothing to another."""
    mailing = await product.mailing()
    list_id = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    ada, segment = await product.upserted("ada@example.org"), await _created(product, EVERYBODY)
    other = await create_account(product.world.instance, "Other")
    theirs = {"account_id": other}

    for rule, path in (
        ({"any": [{"sent": {"mailingId": mailing}}]}, "rule.any.0.sent.mailingId"),
        ({"membership": {"listId": list_id}}, "rule.membership.listId"),
        ({"clicked": {"mailingId": list_id}}, "rule.clicked.mailingId"),
    ):
        assert await _extensions(product, rule, **theirs) == ("BAD_USER_INPUT", "NOT_FOUND", path)
    for name, given in (
        ("updateSegment", {"id": segment, "name": "Mine"}),
        ("deleteSegment", {"id": segment}),
    ):
        assert await product.refused(name, given, **theirs) == [("NOT_FOUND", ["id"])]
    assert await product.refused("requestPermission", {"segmentId": segment}, **theirs) == [
        ("NOT_FOUND", ["segmentId"])
    ]
    assert (await product.data(SEGMENT, {"id": segment}, **theirs))["node"] is None
    assert await _matching(product, EVERYBODY, **theirs) == 0
    kind = {"name": "All", "rule": EVERYBODY}
    own = (await product.done("createSegment", kind, "segment { id }", **theirs))["segment"]["id"]
    query = "query ($id: ID!, $who: ID!) { node(id: $id) { ... on Segment { answer(subscriberId: $who) } } }"
    (error,) = (await product.ask(query, {"id": own, "who": ada}, **theirs))["errors"]
    assert error["extensions"]["reason"] == "NOT_FOUND"
    assert (await product.data(SEGMENT, {"id": segment}))["node"]["name"] == "Some"


async def test_without_personal_read_there_are_counts_and_nobody(product: Product) -> None:
    """Counts of who opened, but neither whom, nor what one of them did, nor what their attributes are."""
    ada = await product.upserted("ada@example.org", attributes={"city": "Rome"})
    opened = {"opened": {}}
    by_city = {"attribute": {"name": "city", "op": "EQ", "value": "Rome"}}
    segment, cities = await _created(product, opened), await _created(product, by_city)
    few = {"scopes": IMPERSONAL}
    asked = "query ($id: ID!, $who: ID!) { node(id: $id) { ... on Segment { answer(subscriberId: $who) } } }"

    assert await product.data(PREVIEW, {"rule": opened}, **few) == {
        "segmentPreview": {"matching": 0, "notMatching": 1, "unmeasured": 0}
    }
    everybody = (await product.data(PEOPLE, {"rule": EVERYBODY}, **few))["segmentPreview"]["subscribers"]
    assert [each["node"]["email"] for each in everybody["edges"]] == ["Anonymized contact"]
    for query, variables in (
        (PEOPLE, {"rule": opened}),
        (PREVIEW, {"rule": by_city}),
        (asked, {"id": segment, "who": ada}),
    ):
        (error,) = (await product.ask(query, variables, **few))["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    shown = (await product.data(SEGMENT, {"id": cities}, **few))["node"]
    assert (shown["rule"], shown["preview"]["matching"]) == (None, 1)
    engaged = "query ($id: ID!) { subscriber(id: $id) { engagement } }"
    assert (await product.data(engaged, {"id": ada}, **few))["subscriber"]["engagement"] == "NOT_MEASURED"


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        ("{ segmentPreview(rule: {all: []}) { matching } }", "subscribers:read"),
        ("{ segmentPreview(rule: {all: []}) { matching } }", "reports:read"),
        ("{ segments { totalCount } }", "subscribers:read"),
        (
            'mutation { createSegment(input: {name: "x", rule: {all: []}}) { errors { code } } }',
            "subscribers:write",
        ),
        ('mutation { defineAttribute(input: {name: "x"}) { errors { code } } }', "subscribers:write"),
    ],
)
async def test_each_field_needs_its_scope(product: Product, query: str, scope: str) -> None:
    (error,) = (await product.ask(query, scopes=SCOPES - {scope}))["errors"]

    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_null_changes_nothing_of_a_segment(product: Product) -> None:
    segment = await _created(product, EVERYBODY)

    assert await product.refused("updateSegment", {"id": segment, "rule": None}) == [
        ("NULL_NOT_ALLOWED", ["rule"])
    ]
    assert await product.refused("updateSegment", {"id": encode_id("Segment", 7), "name": "x"}) == [
        ("NOT_FOUND", ["id"])
    ]


async def test_the_engagement_of_a_page_takes_few_statements(product: Product) -> None:
    """Loaded for all subscribers of a page at once."""
    query = "{ subscribers(first: 100) { edges { node { engagement } } } }"
    await product.upserted("ada@example.org")
    one = len(await product.statements(query))

    for number in range(10):
        await product.upserted(f"person{number}@example.org")

    assert len(await product.statements(query)) == one
