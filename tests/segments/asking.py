"""Segments as a sender asks for them."""

from typing import Any

from tests.presets.sender import Sender

PREVIEW = """query ($rule: SegmentRule!, $unmeasured: Boolean) { segmentPreview(rule: $rule, includeUnmeasured: $unmeasured) {
  matching notMatching unmeasured subscribers { totalCount edges { node { email } } } } }"""
COUNTS = "query ($rule: SegmentRule!) { segmentPreview(rule: $rule) { matching notMatching unmeasured } }"
ANSWER = "query ($id: ID!, $who: ID!) { node(id: $id) { ... on Segment { answer(subscriberId: $who) } } }"


async def counts(sender: Sender, rule: dict[str, Any], **more: Any) -> tuple[int, int, int]:
    """How many match, do not match, and were not measured."""
    await sender.world.drain()
    data = await sender.product.data(COUNTS, {"rule": rule}, **{"user_id": sender.user, **more})
    found = data["segmentPreview"]
    return found["matching"], found["notMatching"], found["unmeasured"]


async def people(sender: Sender, rule: dict[str, Any], *, unmeasured: bool = False) -> list[str]:
    """The names before the @ of those whom a segment takes."""
    await sender.world.drain()
    variables = {"rule": rule, "unmeasured": unmeasured}
    data = await sender.product.data(PREVIEW, variables, user_id=sender.user)
    page = data["segmentPreview"]["subscribers"]
    found = sorted(each["node"]["email"].partition("@")[0] for each in page["edges"])
    assert page["totalCount"] == len(found)
    return found


async def stored(sender: Sender, rule: dict[str, Any], **more: Any) -> str:
    """The id of a new segment."""
    made = await sender.done("createSegment", {"name": "Some", "rule": rule, **more}, "segment { id }")
    found: str = made["segment"]["id"]
    return found


async def answer(sender: Sender, segment: str, subscriber: str) -> str:
    """What a stored segment says of one subscriber."""
    await sender.world.drain()
    data = await sender.product.data(ANSWER, {"id": segment, "who": subscriber}, user_id=sender.user)
    found: str = data["node"]["answer"]
    return found


async def subscriber(sender: Sender, email: str, below: str) -> dict[str, Any]:
    """Fields of one subscriber."""
    await sender.world.drain()
    query = f"query ($email: String!) {{ subscriber(email: $email) {{ {below} }} }}"
    data = await sender.product.data(query, {"email": email}, user_id=sender.user)
    found: dict[str, Any] = data["subscriber"]
    return found
