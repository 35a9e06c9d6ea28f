"""Every field, provoked with what its types let through: errors of mutations are data, and nothing internal leaves.

The mutations and their inputs are read off the schema, so whatever is added is provoked without a line here.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from app.domain import errors as domain
from app.domain.principal import SCOPES
from graphql_schema.ids import encode_id
from tests.graphql_schema.product import SCHEMA, Product
from tests.graphql_schema.provoking import Path, Things, plausible, provoked
from tests.graphql_schema.test_product_confines import everything
from tests.world import create_account

QUERY = SCHEMA._schema.query_type
MUTATIONS = SCHEMA._schema.mutation_type.fields
CODES = {leaf.code for leaf in domain.RequestError.__subclasses__()} - {"FORBIDDEN"}
REFUSALS = {"BAD_USER_INPUT", "QUERY_TOO_LARGE", "QUERY_TOO_EXPENSIVE", "FORBIDDEN"}
LAST = ("erase", "delete", "revoke")
"""Mutations that take away what others are tried on come behind them."""
INTERNAL = re.compile(
    r"Traceback|\.py\b|asyncpg|psycopg|postgres|relation |constraint|column |SELECT |INSERT |UPDATE [a-z]|object at 0x"
    r"|NoneType|KeyError|ValueError|app\.|graphql_schema"
)
"""Words of our own making, of Python's or of PostgreSQL's, that no client should read."""


async def test_whatever_is_sent_to_a_mutation_is_answered_with_a_stable_code_and_the_path_of_the_input(
    product: Product,
) -> None:
    things = await known(product, await everything(product))

    wrong, asked = [], 0
    for name in in_order():
        for path, given in inputs(name, things):
            answer = await send(product, name, given)
            asked += 1
            wrong += [f"{name} {written(path, given)}: {each}" for each in complaints(name, path, answer)]

    assert wrong == []
    assert asked > 1_000


async def test_an_id_of_another_account_is_answered_as_one_that_nobody_has(product: Product) -> None:
    """Word for word, so that no answer tells which ids there are."""
    strangers = await everything(product)
    other = await create_account(product.world.instance, "Other")
    things = Things({}, ())

    told, asked = [], 0
    for name in in_order():
        kind = input_of(name)
        plain = plausible(kind, things)
        for field in kind.fields:
            if get_named_type(kind.fields[field].type).name != "ID":
                continue
            for type_name, foreign in strangers.items():
                nobody = encode_id(type_name, key_like(foreign))
                answers = [
                    await send(product, name, {**plain, field: shaped(kind, field, each)}, account_id=other)
                    for each in (foreign, nobody)
                ]
                asked += 1
                if answers[0] != answers[1]:
                    told.append((name, field, type_name, answers))

    assert told == []
    assert asked > 200


async def test_whatever_is_asked_is_answered_without_a_word_from_inside(product: Product) -> None:
    """Every field that takes arguments: of Query, of what Query leads to without any, and of each thing with an id."""
    mine = await everything(product)
    things = await known(product, mine)

    wrong, asked = [], 0
    for around, name, field in asking(mine):
        arguments = GraphQLInputObjectType(
            name, {each: GraphQLInputField(argument.type) for each, argument in field.args.items()}
        )
        for path, given in provoked(arguments, things, plausible(arguments, things)):
            answer = await ask_field(product, around, name, field, given)
            asked += 1
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            if not codes <= REFUSALS or INTERNAL.search(json.dumps(answer)):
                wrong.append(f"{around % name} {written(path, given)}: {answer}")

    assert wrong == []
    assert asked > 500


def asking(mine: Mapping[str, str]) -> Iterator[tuple[str, str, GraphQLField]]:
    """The fields with arguments that are at hand, each with the query around it."""
    around = {"{ %s }": QUERY}
    for name, field in QUERY.fields.items():
        if not any(is_required_argument(each) for each in field.args.values()):
            around[f"{{ {name} {{ %s }} }}"] = get_named_type(field.type)
    for name, each in mine.items():
        around[f'{{ node(id: "{each}") {{ ... on {name} {{ %s }} }} }}'] = SCHEMA._schema.type_map[name]
    for query, kind in around.items():
        found = kind.fields.items() if isinstance(kind, GraphQLObjectType) else ()
        yield from ((query, name, field) for name, field in found if field.args)


async def ask_field(
    product: Product, around: str, name: str, field: GraphQLField, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer of one field with these arguments."""
    declared = ", ".join(f"${each}: {argument.type}" for each, argument in field.args.items())
    passed = ", ".join(f"{each}: ${each}" for each in field.args)
    below = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    return await post(product, f"query ({declared}) {around % f'{name}({passed}){below}'}", given)


def in_order() -> list[str]:
    """The mutations, those behind which nothing is left at the end."""
    return sorted(MUTATIONS, key=lambda name: name.startswith(LAST))


def input_of(name: str) -> GraphQLInputObjectType:
    (argument,) = MUTATIONS[name].args.values()
    kind = get_named_type(argument.type)
    assert isinstance(kind, GraphQLInputObjectType)
    return kind


def inputs(name: str, things: Things) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The plausible input of a mutation, then each provocation."""
    own = {**things.own, "id": things.own.get(subject(name), "x")}
    mine = Things(own, things.others)
    plain = plausible(input_of(name), mine)
    yield (), plain
    yield from provoked(input_of(name), mine, plain)


def subject(name: str) -> str:
    """Which of our things the field `id` of a mutation means."""
    noun = re.sub(r"^[a-z]+", "", name)
    return {"Protection": "mailingId"}.get(noun, noun[:1].lower() + noun[1:] + "Id")


async def known(product: Product, mine: Mapping[str, str]) -> Things:
    """What an account of our own has, and ids that are none of it."""
    other = await create_account(product.world.instance, "Other")
    ada = {"email": "ada@example.org"}
    payload = await product.done("upsertSubscriber", ada, "subscriber { id }", account_id=other)
    own = {
        "mailingId": mine["Mailing"],
        "listId": mine["MailingList"],
        "lists": mine["MailingList"],
        "subscriberId": mine["Subscriber"],
        "subscriberIds": mine["Subscriber"],
        "deliveryId": mine["Delivery"],
        "segmentId": mine["Segment"],
        "formId": mine["Form"],
        "tokenId": mine["Token"],
        "wordingId": mine["Wording"],
        "translations": mine["Wording"],
        "user": mine["User"],
        "email": "joe@example.org",
        "scopes": "mailings:read",
        "locale": "en",
        "html": "<p>Hello</p>",
    }
    others = (
        payload["subscriber"]["id"],
        encode_id("Subscriber", 2**63 - 1),
        encode_id("Mailing", 2**64),
        encode_id("Mailing", -1),
        encode_id("Nothing", "x"),
        "U3Vic2NyaWJlcg==",
    )
    return Things(own, others)


def key_like(foreign: str) -> int | str:
    """A key of the same form that nobody has."""
    key = b64decode(foreign).decode().split(":", 1)[1]
    return int(key) + 7 if key.isdigit() else key[:-1] + ("7" if key[-1] != "7" else "8")


def shaped(kind: GraphQLInputObjectType, field: str, value: str) -> Any:
    return [value] if str(kind.fields[field].type).startswith("[") else value


async def send(
    product: Product, name: str, given: Mapping[str, Any], account_id: int | None = None
) -> dict[str, Any]:
    """The answer as it left, to JSON as a client could write it: half a surrogate pair included."""
    kind = MUTATIONS[name].args["input"].type
    query = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ errors {{ code message path }} }} }}"
    return await post(product, query, {"input": given}, account_id)


async def post(
    product: Product, query: str, variables: Mapping[str, Any], account_id: int | None = None
) -> dict[str, Any]:
    """The answer to one operation with these variables."""
    token = await product.token(account_id or product.world.account_id, None, SCOPES)
    response = await product.client.post(
        "/graphql",
        content=json.dumps({"query": query, "variables": variables}).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    answer: dict[str, Any] = response.json()
    return answer


def complaints(name: str, path: Path, answer: dict[str, Any]) -> Iterator[str]:
    """What is wrong with an answer; it has to be nothing."""
    for error in answer.get("errors", ()):
        if error["extensions"]["code"] not in REFUSALS:
            yield str(error)
    for error in ((answer.get("data") or {}).get(name) or {}).get("errors", ()):
        if error["code"] not in CODES or not error["message"]:
            yield f"no stable code: {error}"
        if error["path"] and error["path"][0] not in input_of(name).fields:
            yield f"the path is not of the input: {error}"
        if path and not error["path"] and error["code"] in {"NOT_FOUND", "INVALID_VALUE", "INVALID_EMAIL"}:
            yield f"no path: {error}"
    if INTERNAL.search(json.dumps(answer.get("errors", "")) + json.dumps(answer.get("data", ""))):
        yield f"words from inside: {answer}"


def written(path: Path, given: Any) -> str:
    """A provocation in few words."""
    return f"{'.'.join(str(step) for step in path)} in {json.dumps(given)[:160]}"


def test_the_payload_of_each_mutation_lists_its_errors() -> None:
    """`errors: [UserError!]!` on every payload, and one argument `input` on every mutation."""
    for name, field in MUTATIONS.items():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        assert str(payload.fields["errors"].type) == "[UserError!]!", name
        (argument,) = field.args.items()
        assert argument[0] == "input"
        assert isinstance(argument[1].type, GraphQLNonNull), name
