"""A token without personal:read learns what many did, and of nobody what one of them did."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from app.actions.jobs import perform
from app.actions.request_permission import ask_people
from app.domain.permission import Permission
from app.domain.segments import (
    ActivityCondition,
    ActivityKind,
    All,
    AnyOf,
    MembershipCondition,
    Not,
    PermissionCondition,
    Rule,
    singles_out,
)
from app.storage.queue import Postponed
from graphql_schema.ids import number_of
from tests.graphql_schema.product import IMPERSONAL
from tests.letters import mail_all
from tests.presets.sender import Sender
from tests.segments.asking import COUNTS, counts, stored

REQUEST = """mutation ($input: RequestPermissionInput!) { requestPermission(input: $input) {
  job { id } errors { code path } } }"""
UNCOUNTED = "query ($rule: SegmentRule!) { segmentPreview(rule: $rule) { __typename } }"
STORED = "query ($id: ID!) { node(id: $id) { ... on Segment { preview { matching } } } }"
OPENED, SENT = (ActivityCondition(kind, at_least=1) for kind in (ActivityKind.OPENED, ActivityKind.SENT))
MEMBER = MembershipCondition(5)
ANSWERED = PermissionCondition(frozenset({Permission.NO}))


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (OPENED, False),
        (Not(All((OPENED,))), False),
        (All((MEMBER, Not(SENT))), True),
        (All((MEMBER, ANSWERED)), True),
        (MEMBER, False),
        (Not(ANSWERED), False),
        (All((ANSWERED, Not(ANSWERED))), False),
        (All((MEMBER, OPENED)), True),
        (AnyOf((Not(OPENED), SENT)), True),
        (All((OPENED, OPENED)), True),
    ],
)
def test_what_is_no_answer_is_counted_alone(rule: Rule, found: bool) -> None:
    """Whatever chooses people beside another condition may choose one of them: a list, a mail, another deed."""
    assert singles_out(rule) is found


async def _refusal(sender: Sender, query: str, variables: dict[str, Any]) -> str:
    (error,) = (await sender.product.ask(query, variables, scopes=IMPERSONAL))["errors"]
    found: str = error["extensions"]["code"]
    return found


async def test_no_count_is_of_what_one_person_did(sender: Sender) -> None:
    """Neither by a list of one, nor by two rules that differ by one person, nor by a rule that is stored."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()
    mail, _ = await sender.send(mailing, "ada@example.org", "bob@example.org")
    await sender.open(mail)
    lists = (await sender.done("createList", {"name": "Ada"}, "list { id }"))["list"]["id"]
    await sender.product.upserted("ada@example.org", lists=[lists])
    one, opened = {"membership": {"listId": lists}}, {"opened": {"mailingId": mailing}}
    by_class = {"engagement": {"is": ["ACTIVE"]}}
    rules: list[dict[str, Any]] = [
        {"all": [one, opened]},
        {"any": [one, opened]},
        {"all": [{"not": one}, by_class]},
        {"all": [{"permission": {"is": ["UNKNOWN"]}}, opened]},
        {"all": [{"sent": {"mailingId": mailing}}, {"not": opened}]},
        {"all": [one, {"sent": {}}]},
        {"all": [one, {"permission": {"is": ["NO"]}}]},
        {"any": [{"sent": {"mailingId": mailing}}, {"permission": {"is": ["YES"]}}]},
    ]

    for rule in rules:
        assert await _refusal(sender, COUNTS, {"rule": rule}) == "FORBIDDEN"
        assert await _refusal(sender, UNCOUNTED, {"rule": rule}) == "FORBIDDEN"
        assert await _refusal(sender, STORED, {"id": await stored(sender, rule)}) == "FORBIDDEN"
    assert await counts(sender, rules[0]) == (1, 1, 0)
    for rule in (opened, {"not": opened}, one, {"all": [one]}):
        assert await counts(sender, rule, scopes=IMPERSONAL) == (1, 1, 0)
    assert await counts(sender, by_class, scopes=IMPERSONAL) == (1, 1, 0)


async def test_whom_a_segment_asks_tells_nobody_what_they_did(sender: Sender) -> None:
    """Who was asked shows in their permission, so that asking those who opened would show who opened."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()
    mail, _ = await sender.send(mailing, "ada@example.org", "bob@example.org")
    await sender.open(mail)
    await sender.world.drain()
    opened = {"opened": {"mailingId": mailing}}
    on_deeds, on_all = await stored(sender, opened), await stored(sender, {"sent": {}})

    assert await _refusal(sender, REQUEST, {"input": {"segmentId": on_deeds}}) == "FORBIDDEN"

    made = (await sender.product.ask(REQUEST, {"input": {"segmentId": on_all}}, scopes=IMPERSONAL))["data"]
    assert made["requestPermission"]["errors"] == []
    job = made["requestPermission"]["job"]["id"]
    await sender.done("updateSegment", {"id": on_all, "rule": opened})
    await _ask(sender, job)

    query = "query ($id: ID!) { node(id: $id) { ... on Job { status } } }"
    assert (await sender.product.data(query, {"id": job}))["node"] == {"status": "FAILED"}
    assert await counts(sender, {"permission": {"is": ["UNKNOWN"]}}) == (2, 0, 0)
    assert await sender.world.rows("SELECT FROM permission_line") == []

    seen = await sender.product.change("requestPermission", {"segmentId": on_deeds}, "job { id }")
    await _ask(sender, seen["job"]["id"])

    assert len(list((sender.world.data / "outbox").rglob("*.eml"))) == 1


async def test_whom_a_segment_asks_tells_nobody_where_somebody_is(sender: Sender) -> None:
    """A job of a list of one and another list, or a mail, would count one person if they are on both, or else nobody."""
    named, other = [
        (await sender.done("createList", {"name": name}, "list { id }"))["list"]["id"]
        for name in ("Ada alone", "Diabetes")
    ]
    await sender.product.upserted("ada@example.org", lists=[named, other], permission="NO")
    one = {"membership": {"listId": named}}
    joined: list[dict[str, Any]] = [
        {"all": [one, {"membership": {"listId": other}}]},
        {"all": [one, {"sent": {"mailingId": await sender.mailing()}}]},
        {"all": [one, {"permission": {"is": ["NO"]}}]},
    ]

    for rule in joined:
        given = {"segmentId": await stored(sender, rule)}
        assert await _refusal(sender, REQUEST, {"input": given}) == "FORBIDDEN"

    assert await sender.world.rows("SELECT FROM job") == []
    alone = {"segmentId": await stored(sender, one)}
    found = await sender.product.change("requestPermission", alone, "job { id }", scopes=IMPERSONAL)
    assert [(each["code"], each["path"]) for each in found["errors"]] == [("ASKED_RECENTLY", ["segmentId"])]


async def _ask(sender: Sender, job: str) -> None:
    """The job, as far as it comes, and its letters."""
    with suppress(Postponed):
        await perform(sender.world.instance, ask_people, number_of(job, "Job"), asyncio.Event())
    await mail_all(sender.world.instance)
