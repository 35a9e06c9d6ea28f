"""Nobody gets what their scopes do not say: every field of the schema is asked for, by every way that leads to it."""

import re
from base64 import b64decode, urlsafe_b64decode
from typing import Any

import pytest
from graphql import parse

from app.domain.principal import SCOPES, Principal
from graphql_schema.context import Context
from graphql_schema.guard import chosen
from graphql_schema.limits import Limits
from graphql_schema.scopes import rule_of
from graphql_schema.walk import measured
from tests.graphql_schema.every_field import CORE, NODES, Ask, asks, few, fields_asked, plain_fields
from tests.graphql_schema.product import IMPERSONAL, SCHEMA, Product
from tests.world import create_account

SHOWN = ("pangolin", "bandicoot", "kookaburra", "hedgehog")
"""Words that stand in nothing but personal data, which are shown to those who may see people; too long to arise by chance in
what is sealed."""
PLANTED = (*SHOWN, "thylacine", "axolotl")
"""And an address and a reason that are shown to nobody."""

EVERYBODY = "(rule: {permission: {is: [YES, NO, UNKNOWN]}})"
GIVEN = {
    ("Query", "segmentPreview"): EVERYBODY,
    ("Query", "policyImpact"): "(input: {unknownOpens: OFF})",
    ("Query", "wordingPreview"): '(locale: "en", text: "May we?")',
    ("Form", "snippet"): '(locale: "en")',
    ("Report", "timeline"): "(bucket: DAY)",
    ("Wording", "preview"): "",
}


async def planted(product: Product) -> dict[str, str]:
    """One thing of each type, full of the planted words; the ids by type."""
    done = product.done
    await done("defineAttribute", {"name": "nickname", "type": "text"})
    news = (await done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    more: dict[str, Any] = {"lists": [news], "attributes": {"nickname": "kookaburra"}, **product.said_yes()}
    pangolin = await product.upserted("pangolin@bandicoot.example", **more)
    former = await product.upserted("thylacine@bandicoot.example", **more)
    await done("changeSubscriberEmail", {"subscriberId": former, "email": "pangolin@bandicoot.example"})
    await done("resetPermission", {"subscriberId": pangolin, "reason": "The axolotl asked for it"})
    mailing = await product.mailing(listId=news)
    html = '<p>Hello</p><a href="https://shop.example.com/a">A</a>'
    (message,) = await product.prepared(mailing, "pangolin@bandicoot.example", html=html)
    user = await done(
        "createUser", {"name": "Hedgehog", "email": "hedgehog@bandicoot.example"}, "user { id }"
    )
    token = await done("createToken", {"name": "CRM"}, "token { id }")
    wording = await done("createWording", {"locale": "en", "text": "May we?"}, "wording { id }")
    form = await done("createForm", {"listId": news, "wordingId": wording["wording"]["id"]}, "form { id }")
    rule = {"attribute": {"name": "nickname", "op": "EQ", "value": "kookaburra"}}
    segment = await done("createSegment", {"name": "Some", "rule": rule}, "segment { id }")
    export = await done(
        "createExport", {"kind": "ACCESS", "subscriberId": pangolin}, "export { id job { id } }"
    )
    query = """query ($id: ID!) { viewer { account { id } }
      subscriber(id: $id) { permissionHistory { edges { node { id } } } } }"""
    data = await product.data(query, {"id": pangolin})
    return {
        "Account": data["viewer"]["account"]["id"],
        "Delivery": message["deliveries"][0]["id"],
        "Export": export["export"]["id"],
        "Form": form["form"]["id"],
        "Job": export["export"]["job"]["id"],
        "Mailing": mailing,
        "MailingList": news,
        "PermissionChangeLine": data["subscriber"]["permissionHistory"]["edges"][0]["node"]["id"],
        "Segment": segment["segment"]["id"],
        "Subscriber": pangolin,
        "Token": token["token"]["id"],
        "User": user["user"]["id"],
        "Wording": wording["wording"]["id"],
    }


def given_for(ids: dict[str, str]) -> dict[tuple[str, str], str]:
    return GIVEN | {
        ("Query", "mailing"): f'(id: "{ids["Mailing"]}")',
        ("Query", "subscriber"): f'(id: "{ids["Subscriber"]}")',
        (
            "Query",
            "trackingDecision",
        ): f'(input: {{mailingId: "{ids["Mailing"]}", emails: ["pangolin@bandicoot.example"]}})',
        ("Segment", "answer"): f'(subscriberId: "{ids["Subscriber"]}")',
    }


def revealed(text: str) -> str:
    """The text, and what stands in its ids and cursors, in small letters."""
    hidden = [text]
    for word in re.findall(r"[A-Za-z0-9_+/=-]{8,}", text):
        for decode in (b64decode, urlsafe_b64decode):
            try:
                hidden.append(decode(word + "=" * (-len(word) % 4)).decode("latin-1"))
            except ValueError:
                continue
    return "\n".join(hidden).lower()


def some_ids() -> dict[str, str]:
    return dict.fromkeys(NODES, "x")


ASKS = list(asks(given_for(some_ids()), some_ids()))


def test_every_plain_field_is_asked_for():
    """So that the tests below leave none out."""
    assert plain_fields() - fields_asked(ASKS) == set()


@pytest.mark.parametrize("scope", sorted(SCOPES))
async def test_no_field_answers_without_its_scope(scope: str):
    """Refused before anything runs: there is nothing behind this schema that a resolver could ask."""
    context = Context(None, Principal(1, 1, None, SCOPES - {scope}))

    for ask in few(ask for ask in ASKS if scope in ask.scopes):
        result = await SCHEMA.execute(ask.query, context_value=context)

        told = {(error.extensions["code"], scope in error.message) for error in result.errors or ()}
        assert (told, result.data) == ({("FORBIDDEN", True)}, None), ask.name


def test_no_way_leads_past_a_scope():
    """The same for each of the ways to a field, asked of the guard's walk alone."""
    for ask in ASKS:
        document = parse(ask.query)
        operation = chosen(document, None)
        for scope in ask.scopes:
            found = measured(CORE, document, operation, None, SCOPES - {scope}, Limits())

            assert [error.extensions["code"] for error in found.errors] == ["FORBIDDEN"], ask.name
        assert measured(CORE, document, operation, None, ask.scopes, Limits(cost=10**9)).errors == []


def test_what_takes_more_than_a_valid_token_is_known():
    """A field that anybody may read is one of these; a new one is looked at before it comes in."""
    free = {each for ask in ASKS if not ask.scopes for each in fields_asked([ask])}

    assert {name.partition(".")[0] for name in free} == {
        "Account", "Export", "Job", "OwnTracking", "User", "Viewer",
    }  # fmt: skip


@pytest.mark.parametrize("root", ["query_type", "mutation_type", "subscription_type"])
def test_every_change_needs_a_scope(root: str):
    fields = getattr(CORE, root).fields
    free = {name for name, field in fields.items() if not rule_of(field).scopes}

    # What an export needs depends on its kind (`app/domain/exports`), and the verb asks for it.
    assert free <= {
        "viewer", "node", "nodes", "jobProgress", "wordingPreview", "updateMyTracking", "createExport",
    }  # fmt: skip


async def test_without_personal_read_no_field_names_a_person(product: Product):
    """Neither in values, nor in ids and cursors, nor in errors."""
    ids = await planted(product)

    for ask in few(ask for ask in asks(given_for(ids), ids) if ask.scopes <= IMPERSONAL):
        answer = revealed(str(await product.ask(ask.query, scopes=IMPERSONAL)))

        assert [word for word in PLANTED if word in answer] == [], ask.query


async def test_with_personal_read_the_planted_words_are_there(product: Product):
    """Otherwise the test above would look for what is nowhere."""
    ids = await planted(product)
    seen = [str(await product.ask(ask.query)) for ask in few(asks(given_for(ids), ids)) if _names_people(ask)]
    answers = revealed("\n".join(seen))

    assert [word for word in SHOWN if word not in answers] == []


def _names_people(ask: Ask) -> bool:
    return {"Subscriber", "User", "Segment", "PermissionChangeLine", "FormerSubscriber"} & set(
        ask.kinds
    ) != set()


async def test_no_field_answers_with_anything_of_another_account(product: Product):
    """Every way from the root, with the ids of the first account, asked by one who may do everything in another."""
    ids = await planted(product)
    other = await create_account(product.world.instance, "Other")
    own = {"Account", "Token"}

    for ask in few(asks(given_for(ids), ids)):
        answer = await product.ask(ask.query, account_id=other)
        told = str(answer)

        assert [word for word in PLANTED if word in revealed(told)] == [], ask.query
        assert not [kind for kind, each in ids.items() if each in told and kind not in own], ask.query


PERSONAL_QUESTIONS = (
    'subscriber(email: "%s") { id }',
    'subscribers(filter: {text: "%s"}) { totalCount edges { cursor } }',
    'subscribers(filter: {text: "%s"}, orderBy: EMAIL) { totalCount }',
    "subscribers(orderBy: EMAIL) { edges { cursor node { id } } } _: viewer { __typename @skip(if: false) } # %s",
    'segmentPreview(rule: {attribute: {name: "nickname", op: EQ, value: "%s"}}) { matching }',
    'segmentPreview(rule: {not: {attribute: {name: "nickname", op: CONTAINS, value: "%s"}}}) { notMatching }',
)


@pytest.mark.parametrize("question", PERSONAL_QUESTIONS)
async def test_nobody_is_looked_up_without_personal_read(product: Product, question: str):
    """The refusal of a known one and of an unknown one is the same, and no statement asks for either."""
    await planted(product)
    answers, asked = [], []

    for word in ("pangolin@bandicoot.example", "nobody@nowhere.example"):
        query = "{ " + question % word + "\n}"
        answers.append(await product.ask(query, scopes=IMPERSONAL))
        asked.append(await product.statements(query, scopes=IMPERSONAL))

    assert [error["extensions"]["code"] for error in answers[0]["errors"]] == ["FORBIDDEN"]
    assert answers[0] == answers[1]
    assert asked[0] == asked[1]
    assert not [each for each in asked[0] if "subscriber" in each or "delivery" in each]


async def test_known_and_unknown_addresses_run_the_same_statements(product: Product):
    """For those who may ask: how long an answer takes says nothing about who is known."""
    ids = await planted(product)
    for question in (
        'subscriber(email: "%s") { id email }',
        'subscribers(filter: {text: "%s"}) { totalCount edges { node { email } } }',
        'trackingDecision(input: {mailingId: "' + ids["Mailing"] + '", emails: ["%s"]}) { opens { mode } }',
    ):
        known, unknown = [
            await product.statements("{ " + question % each + " }")
            for each in ("pangolin@bandicoot.example", "nobody@nowhere.example")
        ]

        assert known == unknown
