"""Scopes are declared on fields and types, and no way through a document gets round them."""

from typing import Any

import pytest
import strawberry

from graphql_schema.build import build_schema
from graphql_schema.context import Context
from graphql_schema.scopes import PUBLIC, UndeclaredScope, may_read, needs, requires
from tests.graphql_schema.toy import Book, Reader, Services, caller, schema

BOOK = "Qm9vazox"  # Book:1


async def lacking(query: str, *scopes: str, variables: dict[str, Any] | None = None) -> list[str]:
    """Messages of the refusals that a token with these scopes gets."""
    context = Context(Services(), caller(*scopes))
    result = await schema.execute(query, variable_values=variables, context_value=context)
    assert all(error.extensions["code"] == "FORBIDDEN" for error in result.errors or ())
    assert result.data is None or not result.errors
    return [error.message for error in result.errors or ()]


def message(path: str, scope: str) -> str:
    return f"The field {path} needs the scope {scope}, which this token lacks."


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("{favourites {title}}", "favourites"),
        ("{a: favourites {title}}", "favourites"),
        ("{... on Query {favourites {title}}}", "favourites"),
        ("{... {favourites {title}}}", "favourites"),
        ("{...A} fragment A on Query {...B} fragment B on Query {favourites {title}}", "favourites"),
        ("query Q($n: Int) {books(first: $n) {edges {node {title}}}}", "books"),
        (f'{{node(id: "{BOOK}") {{... on Book {{title}}}}}}', "node.title"),
        (f'{{node(id: "{BOOK}") {{...A}}}} fragment A on Book {{id}}', "node.id"),
        ("{hello ... @include(if: true) {favourites {title}}}", "favourites"),
        ("query Q($yes: Boolean! = true) {favourites @include(if: $yes) {title}}", "favourites"),
    ],
)
async def test_a_field_is_refused_by_whatever_way_it_is_selected(query, path):
    assert await lacking(query) == [message(path, "mailings:read")]
    assert await lacking(query, "mailings:read") == []


async def test_nested_fields_need_their_own_scopes_besides():
    query = "{favourites {reader {email}}}"

    assert await lacking(query, "mailings:read", "subscribers:read", "personal:read") == []
    assert sorted(await lacking(query, "mailings:read")) == [
        message("favourites.reader.email", "personal:read"),
        message("favourites.reader.email", "subscribers:read"),
    ]


async def test_a_missing_scope_is_told_once():
    query = "{a: favourites {title} b: favourites {title} book(id: 1) {id}}"

    assert await lacking(query) == [message("favourites", "mailings:read")]


async def test_parts_that_are_left_out_need_nothing():
    query = "query Q($may: Boolean!) {hello favourites @include(if: $may) {title} ...A @skip(if: true)} fragment A on Query {favourites {id}}"

    assert await lacking(query, variables={"may": False}) == []
    assert await lacking(query, variables={"may": True}) == [message("favourites", "mailings:read")]


async def test_a_fragment_that_is_skipped_once_and_used_once_is_checked():
    query = "{...A @skip(if: true) ...A} fragment A on Query {favourites {id}}"

    assert await lacking(query) == [message("favourites", "mailings:read")]


async def test_a_refused_mutation_changes_nothing(ask, services):
    response = await ask('mutation {addBook(input: {title: "x"}) {errors {code}}}', token="mailings")

    assert response.status_code == 403
    assert response.json()["errors"][0]["message"] == message("addBook", "mailings:write")
    assert services.ran == 0


async def test_a_refusal_stands_beside_no_data_in_plain_json_too(ask):
    response = await ask("{hello favourites {title}}", token="none", accept="application/json")

    assert response.status_code == 200
    assert "data" not in response.json()


async def test_an_interface_alone_does_not_say_whether_a_thing_exists():
    query = f'{{node(id: "{BOOK}") {{id}}}}'
    context = Context(Services(), caller())

    result = await schema.execute(query, context_value=context)

    assert (result.data, result.errors) == ({"node": None}, None)


async def test_any_valid_token_may_ask_what_there_is():
    assert await lacking('{__typename hello __schema {queryType {name}} __type(name: "Book") {name}}') == []


def test_may_read_compares_with_what_the_type_requires():
    assert may_read(frozenset({"mailings:read"}), Book)
    assert not may_read(frozenset({"mailings:read"}), Reader)


def test_a_scope_that_does_not_exist_cannot_be_declared():
    with pytest.raises(ValueError, match="There is no scope reports:raed"):
        needs("reports:read", "reports:raed")
    with pytest.raises(ValueError, match="There is no scope books"):
        requires("books")


def test_every_root_field_must_declare_what_it_needs():
    @strawberry.type
    class Silent:
        @strawberry.field(metadata=PUBLIC)
        def said(self) -> int:
            return 1

        @strawberry.field
        def unsaid(self) -> int:
            return 1

    @strawberry.type
    class Changes:
        @strawberry.mutation
        def change(self) -> int:
            return 1

    with pytest.raises(UndeclaredScope, match=r"No scope is declared on: Silent.unsaid, Changes.change$"):
        build_schema(Silent, Changes)


def test_every_type_behind_an_interface_or_union_must_declare_what_it_needs():
    @strawberry.interface
    class Thing:
        name: str

    @strawberry.type
    class Lamp(Thing):
        watts: int

    @strawberry.type
    class Chair:
        legs: int

    @strawberry.type
    class Query:
        thing: Thing = strawberry.field(metadata=PUBLIC)
        either: Lamp | Chair = strawberry.field(metadata=PUBLIC)

    with pytest.raises(UndeclaredScope) as raised:
        build_schema(Query, types=(Lamp,))

    assert set(str(raised.value).removeprefix("No scope is declared on: ").split(", ")) == {"Lamp", "Chair"}


async def test_a_field_of_an_interface_needs_what_an_implementation_declares():
    @strawberry.interface
    class Thing:
        name: str

    @strawberry.type
    @requires()
    class Letter(Thing):
        name: str = strawberry.field(metadata=needs("personal:read"))

    @strawberry.type
    class Query:
        @strawberry.field(metadata=PUBLIC)
        def thing(self) -> Thing:
            return Letter(name="Ada")

    context = Context(None, caller())
    result = await build_schema(Query, types=(Letter,)).execute("{thing {name}}", context_value=context)

    assert [error.message for error in result.errors] == [message("thing.name", "personal:read")]
