"""What the guard lets through: sizes, cost, cached documents, input that cannot be stored."""

from time import process_time

import pytest
from graphql import get_introspection_query, parse
from strawberry.types.execution import ExecutionResult

from graphql_schema.build import build_schema
from graphql_schema.context import Context
from graphql_schema.guard import Library
from graphql_schema.limits import Limits, document_errors
from tests.graphql_schema.toy import (
    EVERYBODY,
    Book,
    Mutation,
    Query,
    Reader,
    Services,
    Subscription,
    schema,
)


async def execute(query, variables=None) -> ExecutionResult:
    return await schema.execute(
        query, variable_values=variables, context_value=Context(Services(), EVERYBODY)
    )


async def codes(query, variables=None) -> list[str]:
    result = await execute(query, variables)
    return [error.extensions["code"] for error in result.errors or []]


def fragment_bomb(steps: int) -> str:
    fragments = [f"fragment F{n} on Query {{...F{n + 1} ...F{n + 1}}}" for n in range(steps)]
    return " ".join(["{...F0}", *fragments, f"fragment F{steps} on Query {{hello}}"])


async def test_a_fragment_bomb_is_refused_at_once():
    """2 to the power of 60 fields in 3 KB."""
    bomb = fragment_bomb(60)
    began = process_time()

    found = await codes(bomb)

    assert found == ["QUERY_TOO_LARGE"]
    assert process_time() - began < 3


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{" + "hello " * 501 + "}", id="fields"),
        pytest.param("{" + " ".join(f"a{n}: hello" for n in range(31)) + "}", id="aliases"),
        pytest.param("{favourites" + "{reader{books" * 6 + "{id}" + "}}" * 6 + "}", id="depth"),
        pytest.param("{hello " + "@skip(if: false) " * 21 + "}", id="directives"),
        pytest.param("query " + "@skip(if: false) " * 21 + "{hello}", id="directives of the operation"),
        pytest.param("{" + "hello " * 1_001 + "}", id="tokens"),
        pytest.param("{hello} #" + "x" * 20_000, id="source"),
        pytest.param("{" + "...{" * 330 + "hello" + "}" * 331, id="nesting of inline fragments"),
        pytest.param("{echo(value: " + "[" * 480 + "]" * 480 + ")}", id="nesting of values"),
    ],
)
async def test_what_is_too_large_is_refused_before_it_is_validated(query):
    began = process_time()

    assert await codes(query) == ["QUERY_TOO_LARGE"]
    assert process_time() - began < 3


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{" + "hello " * 490 + "}", id="fields"),
        pytest.param("{" + "...{" * 150 + "hello" + "}" * 151, id="nesting of inline fragments"),
        pytest.param(
            "{...A} fragment A on Query {hello ...B} fragment B on Query {...A}", id="cycle of fragments"
        ),
        pytest.param("{...A} fragment A on Query {" + "hello(name: 1) " * 150 + "}", id="conflicts"),
    ],
)
async def test_the_largest_that_is_let_in_is_judged_quickly(query):
    began = process_time()

    await execute(query)

    assert process_time() - began < 3


async def test_the_introspection_of_tools_passes():
    result = await execute(get_introspection_query(input_value_deprecation=True, specified_by_url=True))

    assert result.errors is None


async def test_introspection_has_a_price():
    query = "{" + " ".join(f"a{n}: __schema {{queryType {{name}}}}" for n in range(11)) + "}"

    assert await codes(query) == ["QUERY_TOO_EXPENSIVE"]


async def test_at_most_five_errors_are_told():
    assert await codes("{" + " ".join(f"no{n}" for n in range(20)) + "}") == ["GRAPHQL_VALIDATION_FAILED"] * 5


async def test_at_most_five_errors_are_told_about_variables():
    query = "query Q(" + " ".join(f"$v{n}: Int!" for n in range(20)) + ") {" + "hello}"
    query = query.replace(
        "{hello}", "{" + " ".join(f"a{n}: books(first: $v{n}) {{__typename}}" for n in range(20)) + "}"
    )

    assert await codes(query) == ["BAD_USER_INPUT"] * 5


@pytest.mark.parametrize(
    "query", ["{hell}", "{hello(nam: 1)}", "{book(id: 1) {titel}}", "{...F} fragment F on Bok {id}"]
)
async def test_no_error_suggests_a_name(query):
    result = await execute(query)

    assert all("Did you mean" not in error.message for error in result.errors)


PAGES = "query Q($n: Int = 2) {books(first: $n) {edges {node {reader {books {id title}}}}}}"
FRAGMENTED = (
    "query Q($n: Int) {...F} fragment F on Query {books(first: $n) {...G}} "
    "fragment G on BookConnection {edges {cursor}}"
)
# One item of a page: edges 1, node 1, reader 1, books 1, and 10 books of two leaves each.


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{hello}", None, 1),
        ("{dear hello}", None, 6_001),
        ("{favourites {id title}}", None, 1 + 3 * 2),
        ("{books {edges {cursor}}}", None, 1 + 1 + 20),
        ("{books(first: 5) {edges {cursor}}}", None, 1 + 1 + 5),
        ("{books(last: 5) {edges {cursor} pageInfo {endCursor}}}", None, 1 + 1 + 5 + 2),
        ("{books(first: 100000) {edges {cursor}}}", None, 1 + 1 + 1_000),
        ("{books(first: -5) {edges {cursor}}}", None, 1 + 1),
        (PAGES, None, 1 + 1 + 2 * (1 + 1 + 1 + 10 * 2)),
        (PAGES, {"n": 7}, 1 + 1 + 7 * (1 + 1 + 1 + 10 * 2)),
        (FRAGMENTED, {"n": 9}, 1 + 1 + 9),
        ("query Q($no: Boolean!) {hello dear @include(if: $no)}", {"no": False}, 1),
        ("query Q($yes: Boolean! = true) {hello dear @skip(if: $yes)}", None, 1),
        ("query Q($yes: Boolean! = true) {hello dear @skip(if: $yes)}", {"yes": False}, 6_001),
        ("{hello ... @include(if: false) {dear}}", None, 1),
    ],
)  # fmt: skip
async def test_cost_counts_the_largest_answer_with_the_real_variables(query, variables, cost):
    """A cap of exactly the cost lets the operation pass, one less does not."""

    async def passes(cap: int) -> bool:
        narrow = build_schema(Query, Mutation, Subscription, types=(Book, Reader), limits=Limits(cost=cap))
        context = Context(Services(), EVERYBODY)
        result = await narrow.execute(query, variable_values=variables, context_value=context)
        return not any(error.extensions["code"] == "QUERY_TOO_EXPENSIVE" for error in result.errors or ())

    assert await passes(cost)
    assert not await passes(cost - 1)


async def test_fragments_cost_linear_time():
    """A chain of a hundred fragments, begun twice."""
    steps = [f"fragment F{n} on Query {{...F{n + 1}}}" for n in range(100)]
    query = " ".join(["{...F0 ...F0}", *steps, "fragment F100 on Query {hello}"])
    began = process_time()

    assert await codes(query) == []
    assert process_time() - began < 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\x00b", ["BAD_USER_INPUT"]),
        ({"a\x00": 1}, ["BAD_USER_INPUT"]),
        ([[{"a": ["\x00"]}]], ["BAD_USER_INPUT"]),
        ([1] * 1_001, ["QUERY_TOO_LARGE"]),
        ({"a": [1] * 1_001}, ["QUERY_TOO_LARGE"]),
        ([1] * 1_000, []),
        ("plain", []),
        (None, ["BAD_USER_INPUT"]),
    ],
)
async def test_variables_that_could_not_be_stored_are_refused(value, expected):
    assert await codes("query Q($v: JSON!) {echo(value: $v)}", {"v": value}) == expected


async def test_variables_nested_too_deeply_are_refused():
    value: list = []
    for _ in range(40):
        value = [value]

    assert await codes("query Q($v: JSON!) {echo(value: $v)}", {"v": value}) == ["QUERY_TOO_LARGE"]


@pytest.mark.parametrize("text", ['"\\u0000"', '"\\u{0}"', '"""\x00"""'])
async def test_a_literal_nul_is_refused(text):
    result = await execute("{hello(name: " + text + ")}")

    assert result.data is None
    assert result.errors[0].extensions["code"] in {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED"}


async def test_a_document_is_parsed_and_judged_once():
    library, known = Library(Limits(), room=2), parse("{hello}")
    library.keep("{hello}", known)

    first = library.verdict(schema._schema, "{hello}", known)
    second = library.verdict(schema._schema, "{hello}", known)

    assert first is second


def test_the_library_forgets_what_was_not_used_for_the_longest_time():
    library = Library(Limits(), room=2)
    for source in ("{a}", "{b}"):
        library.keep(source, parse(source))
    library.find("{a}")

    library.keep("{c}", parse("{c}"))

    assert len(library) == 2
    assert library.find("{b}") is None
    assert library.find("{a}") is not None


async def test_errors_of_a_remembered_document_stay_the_same():
    first, second = await execute("{again}"), await execute("{again}")

    assert [e.message for e in first.errors] == [e.message for e in second.errors]


async def test_nothing_runs_without_a_principal():
    """The endpoint has refused already; this is the second door behind it."""
    for context in (None, Context(Services()), {"principal": EVERYBODY}):
        result = await schema.execute("{hello}", context_value=context)

        assert [e.extensions["code"] for e in result.errors] == ["UNAUTHENTICATED"]
        assert result.data is None


def test_an_invalid_document_can_be_measured():
    document = parse("{...Missing} fragment Loop on Nothing {...Loop}")

    assert document_errors(document, Limits()) == []


async def test_limits_can_be_narrowed_for_tests():
    narrow = build_schema(Query, types=(Book, Reader), limits=Limits(fields=1))

    result = await narrow.execute("{hello two: hello}", context_value=Context(None, EVERYBODY))

    assert result.errors[0].extensions == {"code": "QUERY_TOO_LARGE"}
