"""What clients see of errors, and what the log keeps of them."""

import logging
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError

from app.domain import errors as domain
from graphql_schema.build import build_schema
from graphql_schema.context import Context
from graphql_schema.errors import TRANSPORT_CODES, Code, UserError, attempt, disclose, refusal, user_errors
from graphql_schema.scopes import PUBLIC
from tests.graphql_schema.toy import EVERYBODY, Services, schema

UNEXPECTED = {"code": "INTERNAL_SERVER_ERROR"}


async def execute(query: str, **variables: Any):
    return await schema.execute(
        query, variable_values=variables, context_value=Context(Services(), EVERYBODY)
    )


async def test_an_unexpected_exception_is_masked_and_logged_without_its_message(caplog):
    result = await execute("{hello alias: bug}")

    assert result.data == {"hello": "Hello world", "alias": None}
    assert [(e.message, e.path, e.extensions) for e in result.errors] == [
        ("Unexpected error.", ["alias"], UNEXPECTED)
    ]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "field alias failed with LookupError at " in caplog.text
    assert "toy.py:" in caplog.text
    assert "ada@example.org" not in caplog.text


async def test_the_path_of_a_logged_error_names_list_positions(caplog):
    await execute("{favourites {broken}}")

    assert "field favourites.0.broken failed with LookupError" in caplog.text


async def test_a_result_that_does_not_fit_its_type_is_our_fault(caplog):
    result = await execute("{overflowing}")

    assert [(e.message, e.extensions) for e in result.errors] == [("Unexpected error.", UNEXPECTED)]
    assert str(2**40) not in caplog.text


@pytest.mark.parametrize(
    "query", ["{", "{nothing}", "query Q($n: Int!) {books(first: $n) {totalCount}}", "{missing}"]
)
async def test_mistakes_of_the_caller_are_not_logged(query, caplog):
    await execute(query)

    assert caplog.records == []


async def test_a_domain_error_in_a_query_is_a_transport_error_with_its_reason():
    result = await execute("{missing}")

    assert [(e.message, e.path, e.extensions) for e in result.errors] == [
        (
            "There is no such thing in this account.",
            ["missing"],
            {"code": "BAD_USER_INPUT", "reason": "NOT_FOUND", "input": "mailingId"},
        )
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("taken", {"code": "CONFLICT", "message": domain.Conflict().message, "path": None}),
        (
            "bad address",
            {
                "code": "INVALID_EMAIL",
                "message": domain.InvalidEmail().message,
                "path": ["input", "readerEmails", "0"],
            },
        ),
    ],
)
async def test_a_domain_error_in_a_mutation_stands_in_the_payload(ask, title, expected):
    query = (
        "mutation M($title: String!) {addBook(input: {title: $title}) {book {id} errors {code message path}}}"
    )

    response = await ask(query, variables={"title": title})

    assert response.json() == {"data": {"addBook": {"book": None, "errors": [expected]}}}


async def test_forbidden_and_bugs_stay_transport_errors_in_a_mutation(ask):
    query = "mutation M($title: String!) {addBook(input: {title: $title}) {errors {code}}}"

    forbidden = (await ask(query, variables={"title": "forbidden"})).json()
    bug = (await ask(query, variables={"title": "bug"})).json()

    assert forbidden["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert bug["errors"][0]["extensions"] == UNEXPECTED


async def test_attempt_hands_on_what_went_well():
    async def work() -> str:
        return "done"

    assert await attempt(str, work()) == "done"


def test_user_errors_speak_the_callers_names():
    found = user_errors(
        domain.EvidenceMissing("Say when.", path=("input", "permission_at")), domain.Conflict()
    )

    assert found[0] == UserError(code="EVIDENCE_MISSING", message="Say when.", path=["input", "permissionAt"])
    assert found[1].path is None


def test_every_domain_error_has_a_transport_code():
    """The door's one translation table is complete, and holds nothing that does not exist."""
    leaves = {
        kind
        for kind in vars(domain).values()
        if isinstance(kind, type) and issubclass(kind, domain.RequestError)
    }

    assert set(TRANSPORT_CODES) == leaves - {domain.RequestError}


def test_a_refusal_is_shown_word_for_word():
    shown = disclose(refusal(Code.RATE_LIMITED, "Wait a minute."))

    assert shown.formatted == {"message": "Wait a minute.", "extensions": {"code": "RATE_LIMITED"}}


async def test_the_value_of_an_enum_is_not_suggested():
    """Variables are coerced by graphql-core while it runs, where its suggestions cannot be switched off."""
    result = await execute("query Q($of: Shelf!) {shelf(of: $of)}", of="FICTIO")

    assert [e.extensions["code"] for e in result.errors] == ["BAD_USER_INPUT"]
    assert "Did you mean" not in result.errors[0].message


async def test_an_error_in_the_source_of_a_subscription_is_masked(caplog):
    stream = await schema.stream("subscription {brokenTicks}", context_value=Context(Services(), EVERYBODY))
    results = [result async for result in stream]

    assert results[0].data == {"brokenTicks": 1}
    assert [(e.message, e.extensions) for e in results[1].errors] == [("Unexpected error.", UNEXPECTED)]
    assert "ada@example.org" not in caplog.text


async def test_an_error_in_the_guard_itself_is_masked(caplog):
    """A principal without scopes breaks the walk; the client learns nothing of it."""

    class Odd:
        scopes = None

    for run in (schema.execute, first_of_stream):
        result = await run("{favourites {id}}", context_value=Context(Services(), Odd()))

        assert [(e.message, e.extensions) for e in result.errors] == [("Unexpected error.", UNEXPECTED)]
    assert "TypeError" in caplog.text


async def first_of_stream(query: str, **arguments: Any):
    return await anext(await schema.stream(query, **arguments))


async def test_an_error_of_graphql_that_a_resolver_raises_is_shown_only_with_a_code():
    """Resolvers speak through `refusal` and domain errors; anything else may quote data."""

    @strawberry.type
    class Query:
        @strawberry.field(metadata=PUBLIC)
        def secret(self) -> int | None:
            raise GraphQLError("ada@example.org")

    result = await build_schema(Query).execute("{secret}", context_value=Context(None, EVERYBODY))

    assert [e.message for e in result.errors] == ["Unexpected error."]
