"""Nobody without personal:read finds out which subscriber has an address that they know.

The attacker holds every other scope, knows an address, and does all that can be done with one: puts it on a list where
nobody else is, sends it mails that nobody else gets, says that they arrived and bounced, writes its locale and attributes.
Law: whatever the attacker asks, before and after, an answer that names any subscriber does not change. Subscribers are
looked for in whatever stands in an answer, and in whatever can be decoded from it, over and over.
"""

import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from graphql import get_named_type, is_leaf_type

from graphql_schema.scopes import rule_of
from tests.graphql_schema.every_field import CORE, asks, few
from tests.graphql_schema.product import IMPERSONAL, SCOPES, Product

KNOWN = "ada@example.org"
OTHERS = ("ben@example.org", "cid@example.org", "dan@example.org")
ROW = (
    "id email createdAt engagement permission { opens { value reason since source } clicks { value reason } }"
)
PEOPLE = f"{{ totalCount edges {{ cursor node {{ {ROW} }} }} }}"
DEEPEST = 4


def decoded(text: str, deep: int = 0) -> Iterator[bytes]:
    """The text, what is inside its words that look like base64, and what is inside of that."""
    yield text.encode("latin-1", "replace")
    for word in set(re.findall(r"[A-Za-z0-9_+/=-]{8,}", text)) if deep < DEEPEST else ():
        for decode in (b64decode, urlsafe_b64decode):
            try:
                inside = decode(word + "=" * (-len(word) % 4))
            except ValueError:
                continue
            yield from decoded(inside.decode("latin-1"), deep + 1)


def persons(answer: object, people: Mapping[UUID, str]) -> set[str]:
    """Whose ids stand in an answer, in bytes or in either spelling, in plain or encoded."""
    found = list(decoded(str(answer)))
    return {
        name
        for each, name in people.items()
        for spelled in (each.bytes, each.hex.encode(), str(each).encode())
        if any(spelled in part for part in found)
    }


async def ids_of(product: Product) -> dict[UUID, str]:
    return {
        row["id"]: row["address"] for row in await product.world.rows("SELECT id, address FROM subscriber")
    }


async def prepared_world(product: Product) -> dict[str, str]:
    """Four people with answers, lists and mail; and what the attacker made ready: a list, a mailing, a segment."""
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    await product.done("defineAttribute", {"name": "nickname", "type": "text"})
    for email in (KNOWN, *OTHERS):
        await product.upserted(email, lists=[news], **product.said_yes())
        product.world.later(minutes=1)
    await product.prepared(await product.mailing(listId=news), KNOWN, *OTHERS)
    few_scopes = {"scopes": IMPERSONAL}
    alone = (await product.done("createList", {"name": "Alone"}, "list { id }", **few_scopes))["list"]["id"]
    made = {"name": "Trap", "channel": "CAMPAIGN", "listId": alone}
    trap = (await product.done("createMailing", made, "mailing { id }", **few_scopes))["mailing"]["id"]
    rule = {"name": "On it", "rule": {"membership": {"listId": alone}}}
    segment = (await product.done("createSegment", rule, "segment { id }", **few_scopes))["segment"]["id"]
    person = (await product.data(f'{{ subscriber(email: "{OTHERS[0]}") {{ id }} }}'))["subscriber"]["id"]
    return {"MailingList": alone, "Mailing": trap, "Segment": segment, "Subscriber": person}


async def marked(product: Product, ids: Mapping[str, str], email: str) -> list[dict[str, Any]]:
    """All that can be done at an address without an answer; tells what the attacker was told."""
    given = {"email": email, "lists": [ids["MailingList"]], "locale": "fi"}
    told = [
        await product.change("upsertSubscriber", given, "subscriber { id }", scopes=IMPERSONAL),
        await product.change(
            "upsertSubscriber", {**given, "attributes": {"nickname": "x"}}, scopes=IMPERSONAL
        ),
    ]
    for _ in range(3):
        message = {
            "mailingId": ids["Mailing"],
            "html": "<p>x</p>",
            "recipients": [{"to": [{"email": email}]}],
        }
        below = """warnings { code } messages { messageId html text untrackedLinks headers { name value }
          decision { opens { mode boundBy } } deliveries { id sentAt opensMode subscriber { id } mailing { id } } }"""
        told.append(await product.change("prepareMessages", message, below, scopes=IMPERSONAL))
        product.world.later(seconds=17)
    deliveries = [each["messages"][0]["deliveries"][0]["id"] for each in told[2:]]
    events = [
        {"deliveryId": each, "kind": kind}
        for each, kind in zip(deliveries, ("DELIVERED", "BOUNCED", "DELIVERED"), strict=True)
    ]
    told.append(await product.change("recordDeliveries", {"events": events}, scopes=IMPERSONAL))
    asked = {"listId": ids["MailingList"]}
    told += [
        await product.change("requestPermission", asked, "job { id counts }", scopes=IMPERSONAL)
        for _ in range(2)
    ]
    return told


def questions(ids: Mapping[str, str]) -> list[str]:
    """Every object of the schema by its shortest way, and what would choose people by the marks."""
    alone, trap, segment, person = (ids[each] for each in ("MailingList", "Mailing", "Segment", "Subscriber"))
    given = {
        ("Query", "mailing"): f'(id: "{trap}")',
        ("Query", "subscriber"): f'(id: "{person}")',
        ("Query", "segmentPreview"): "(rule: {permission: {is: [YES, NO, UNKNOWN]}})",
        ("Query", "policyImpact"): "(input: {unknownOpens: OFF})",
        ("Query", "wordingPreview"): '(locale: "en", text: "May we?")',
        ("Report", "timeline"): "(bucket: DAY)",
        ("Report", "contacts"): "(metric: SENT)",
        ("Segment", "answer"): f'(subscriberId: "{person}")',
    }
    whole = [each.query for each in few(asks(given, ids)) if each.scopes <= IMPERSONAL]
    rules = [
        f'membership: {{listId: "{alone}"}}',
        f'not: {{membership: {{listId: "{alone}"}}}}',
        f'sent: {{mailingId: "{trap}"}}',
        f'delivered: {{mailingId: "{trap}"}}',
        "sent: {atLeast: 4}",
        "sent: {withinDays: 1}",
        f'all: [{{permission: {{is: [YES]}}}}, {{membership: {{listId: "{alone}"}}}}]',
        'attribute: {name: "nickname", op: EQ, value: "x"}',
        "permission: {is: [YES]}",
    ]
    return [
        *whole,
        f"{{ subscribers(first: 50) {PEOPLE} }}",
        f"{{ subscribers(last: 2) {PEOPLE} }}",
        f'{{ subscribers(filter: {{listId: "{alone}"}}) {PEOPLE} }}',
        f"{{ subscribers(orderBy: EMAIL) {PEOPLE} }}",
        "{ subscribers { edges { node { id overview { sent { value } delivered { value } } } } } }",
        "{ subscribers { edges { node { id memberships { status list { id } } } } } }",
        "{ subscribers { edges { node { id attributes deliveries { edges { cursor node { id sentAt } } } } } } }",
        "{ permissionChanges { edges { cursor node { id subscriberId serverTime } } } }",
        *(f"{{ segmentPreview(rule: {{{rule}}}) {{ matching subscribers {PEOPLE} }} }}" for rule in rules),
        f'{{ node(id: "{segment}") {{ ... on Segment {{ answer(subscriberId: "{person}") }} }} }}',
        *(
            f'{{ mailing(id: "{trap}") {{ report {{ contacts(metric: {metric}) {{ subscribers {PEOPLE} }} }} }} }}'
            for metric in ("SENT", "DELIVERED", "BOUNCED", "OPENS")
        ),
        f'{{ mailing(id: "{trap}") {{ deliveries {{ edges {{ cursor node {{ id sentAt subscriber {{ id }} }} }} }} }} }}',
        f'{{ subscriber(id: "{person}") {{ {ROW} }} }}',
    ]


async def answers(product: Product, ids: Mapping[str, str], **more: Any) -> dict[str, Any]:
    return {each: await product.ask(each, **more) for each in questions(ids)}


async def test_no_answer_that_names_somebody_shows_what_was_done_at_an_address(product: Product) -> None:
    """And none of what the attacker is told on the way names anybody."""
    ids = await prepared_world(product)
    people = await ids_of(product)
    before = await answers(product, ids, scopes=IMPERSONAL)

    told = await marked(product, ids, KNOWN)
    after = await answers(product, ids, scopes=IMPERSONAL)

    assert await ids_of(product) == people
    assert [each for each in told if persons(each, people)] == []
    naming = [each for each in after if persons(after[each], people) or persons(before[each], people)]
    assert [each for each in naming if before[each] != after[each]] == []
    # It is known of somebody by id, and of everybody together; nothing in between.
    assert {frozenset(persons(after[each], people)) for each in naming} == {
        frozenset({OTHERS[0]}),
        frozenset(OTHERS[1:]),
        frozenset(people.values()),
    }
    deliveries = [each["messages"][0]["deliveries"][0]["id"] for each in told[2:5]]
    assert all(any(each in str(answer) for answer in after.values()) for each in deliveries)


async def test_with_personal_read_the_same_deeds_show(product: Product) -> None:
    """Otherwise the test above would look for what is nowhere to be seen."""
    ids = await prepared_world(product)
    people = await ids_of(product)
    before = await answers(product, ids)

    await marked(product, ids, KNOWN)
    after = await answers(product, ids)

    alone = [each for each in after if persons(after[each], people) == {KNOWN}]
    changed = [each for each in after if persons(after[each], people) and before[each] != after[each]]
    assert len(alone) >= 7, alone
    assert set(alone) < set(changed)


async def test_an_answer_with_a_time_of_its_own_leads_to_nobody(product: Product) -> None:
    """The time, the source and the wording of an answer, and its line, are for those who see people."""
    ids = await prepared_world(product)
    people = await ids_of(product)
    given = {"email": KNOWN, "permission": "NO", "source": "FORM", "at": "2020-02-02T02:02:02.020202Z"}

    told = await product.change("upsertSubscriber", given, "subscriber { id }", scopes=IMPERSONAL)
    product.world.later(minutes=1)
    found = await answers(product, ids, scopes=IMPERSONAL)
    seen = await answers(product, ids)

    assert persons(told, people) == set()
    assert [each for each, answer in found.items() if "2020-02-02" in str(answer)] == []
    assert [each for each, answer in seen.items() if "2020-02-02" in str(answer)] != []


async def test_who_was_asked_recently_is_named_to_those_who_see_people(product: Product) -> None:
    """Of a list; to others it says that somebody on it was, once, however many they are."""
    ids = await prepared_world(product)
    people = await ids_of(product)
    for email in (KNOWN, OTHERS[0]):
        await product.done(
            "upsertSubscriber", {"email": email, "lists": [ids["MailingList"]], "permission": "NO"}
        )
    asked = {"listId": ids["MailingList"]}

    seen = await product.change("requestPermission", asked)
    unseen = await product.change("requestPermission", asked, scopes=IMPERSONAL)

    assert persons(seen, people) == {KNOWN, OTHERS[0]}
    assert persons(unseen, people) == set()
    assert [(each["code"], each["path"]) for each in unseen["errors"]] == [("ASKED_RECENTLY", ["listId"])]


@pytest.mark.parametrize("name", sorted(CORE.subscription_type.fields if CORE.subscription_type else ()))
def test_no_stream_names_anybody_without_personal_read(name: str) -> None:
    """Whoever writes at an address would see what arrives a moment later."""
    assert CORE.subscription_type is not None
    field = CORE.subscription_type.fields[name]

    assert ("personal:read" in rule_of(field).scopes) is (name != "jobProgress")
    assert SCOPES - rule_of(field).scopes


def test_no_type_beside_the_subscriber_names_one_without_personal_read() -> None:
    """A field called subscriberId stands where personal:read is needed; a new one is looked at before it comes in."""
    found = {
        kind.name
        for kind in CORE.type_map.values()
        for name, field in getattr(kind, "fields", {}).items()
        if name == "subscriberId" and hasattr(field, "resolve") and is_leaf_type(get_named_type(field.type))
        and "personal:read" not in rule_of(field).scopes
    }  # fmt: skip

    assert found == {"FormerSubscriber"}
