"""What is sent costs as much as it makes us do: each item of a list inside an input, and what the answer holds of it."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from app.domain.principal import SCOPES, Principal
from graphql_schema.context import Context
from graphql_schema.guard import Known, Library
from graphql_schema.limits import Limits
from graphql_schema.metering import metered
from graphql_schema.walk import Measured, measured
from tests.graphql_schema.product import SCHEMA

PREPARE = "mutation ($i: PrepareMessagesInput!) { prepareMessages(input: $i) { messages { html } errors { code } } }"
ANSWER = "messages { html headers { name value } } errors { code }"


def cost_of(query: str, variables: dict[str, Any] | None = None) -> Measured:
    """What an operation of the product costs somebody who may do everything."""
    document = parse(query)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return measured(SCHEMA._schema, document, operation, variables, SCOPES, Limits())


@pytest.mark.parametrize("number", [0, 1, 2, 1_000])
def test_a_message_costs_itself_and_what_is_asked_of_it(number: int):
    """The call costs 10, its lists 1 each, and of the errors ten are reckoned with, since a message that failed is none."""
    found = cost_of(PREPARE, {"i": {"recipients": [{}] * number}})

    assert found == Measured(10 + 1 + 1 + 10 + number * (1 + 1), [])


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (f"mutation {{ prepareMessages(input: {{recipients: [{{}}, {{}}, {{}}]}}) {{ {ANSWER} }} }}", None),
        (
            f"mutation ($r: [MessageRecipientInput!]!) {{ prepareMessages(input: {{recipients: $r}}) {{ {ANSWER} }} }}",
            {"r": [{}] * 3},
        ),
        (
            f"mutation ($i: PrepareMessagesInput!) {{ prepareMessages(input: $i) {{ {ANSWER} }} }}",
            {"i": {"recipients": [{}] * 3}},
        ),
        (
            (
                "mutation ($i: PrepareMessagesInput = {recipients: [{}, {}, {}]}) "
                f"{{ prepareMessages(input: $i) {{ {ANSWER} }} }}"
            ),
            None,
        ),
        (
            (
                "mutation ($i: PrepareMessagesInput!) { prepareMessages(input: $i) { ...Part } } "
                f"fragment Part on PrepareMessagesPayload {{ {ANSWER} }}"
            ),
            {"i": {"recipients": [{}] * 3}},
        ),
    ],
    ids=["literal", "list in a variable", "input in a variable", "default", "fragment"],
)
def test_it_is_the_same_however_the_list_is_written(query: str, variables: dict[str, Any] | None):
    document = parse(query)

    found = measured(SCHEMA._schema, document, document.definitions[0], variables, SCOPES, Limits())  # type: ignore[arg-type]

    assert found == Measured(10 + 1 + 1 + 10 + 3 * (1 + 1 + 1 + 2 * 2), [])


@pytest.mark.parametrize(
    ("field", "kind", "name", "answer", "each"),
    [
        ("recordDeliveries", "RecordDeliveriesInput", "events", "errors { code path }", 3),
        ("recordDeliveries", "RecordDeliveriesInput", "events", "__typename", 1),
        ("requestPermission", "RequestPermissionInput", "subscriberIds", "errors { code }", 2),
        ("upsertSubscriber", "UpsertSubscriberInput", "lists", "subscriber { id }", 1),
        ("changeSubscriberEmail", "ChangeSubscriberEmailInput", "lists", "subscriber { id }", 1),
    ],
)
def test_every_change_of_many_things_costs_more_with_each(
    field: str, kind: str, name: str, answer: str, each: int
):
    query = f"mutation ($i: {kind}!) {{ {field}(input: $i) {{ {answer} }} }}"

    one, many = (cost_of(query, {"i": {name: ["any"] * number}}).cost for number in (1, 900))

    assert many - one == 899 * each


def test_a_single_item_in_place_of_a_list_is_one():
    """GraphQL takes it for a list of one."""
    query = "mutation ($i: RequestPermissionInput!) { requestPermission(input: $i) { __typename } }"

    assert cost_of(query, {"i": {"subscriberIds": "any"}}).cost == 2
    assert cost_of(query, {"i": {"listId": "any"}}).cost == 1


def test_the_most_recipients_may_ask_for_everything_and_pay_for_it():
    """A list in an input has a limit of its own; what is asked of each of its items has the limit of any list."""
    trace = "mode boundBy trace { layer ceiling reason }"
    query = PREPARE.replace("html", f"html decision {{ opens {{ {trace} }} clicks {{ {trace} }} }}")
    again = " ".join(
        f"d{number}: decision {{ opens {{ {trace} }} clicks {{ {trace} }} }}" for number in range(40)
    )
    recipients = {"i": {"recipients": [{}] * 1_000}}

    found, too_much = cost_of(query, recipients), cost_of(query.replace("html", f"html {again}"), recipients)

    assert found.cost > Limits().cost
    assert found.errors == []
    (error,) = too_much.errors
    assert error.extensions == {"code": "QUERY_TOO_EXPENSIVE"}


def test_a_document_that_is_known_is_paid_for_by_what_is_sent_with_it():
    """What was found out for one recipient must not hold for a thousand."""
    spent: list[int] = []

    def wait(_token: int, cost: int) -> float:
        spent.append(cost)
        return 0

    library, known = Library(Limits()), Known(parse(PREPARE))
    library.counted = SCHEMA.documents.counted
    context = Context(None, Principal(1, 1, None, SCOPES), meter=metered(wait))
    for number in (1, 1_000, 1, 2):
        given = {"i": {"recipients": [{}] * number}}
        assert library.operation_errors(SCHEMA._schema, known, None, given, context) == []

    assert spent == [24, 2_022, 24, 26]
    assert len(known.measures) == 3
