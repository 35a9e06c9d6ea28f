"""What plans keep: nothing of a caller, and not too much together."""

from gc import get_referents
from types import ModuleType
from typing import Any

from graphql import parse

from graphql_schema.context import Context
from graphql_schema.planned import Planned, Room
from tests.graphql_schema.test_plans import LIBRARY, PLANNED
from tests.graphql_schema.toy import EVERYBODY


async def test_what_is_kept_of_a_query_names_nobody():
    """Neither values nor names of variables stay behind, however long; conditions do, since plans follow them."""
    query = "query ($key: String!, $c: Boolean!) { get(key: $key) { name @include(if: $c) named { name } } }"
    person, name = "somebody@example.org", "surprise"

    for _ in range(3):
        given = {"key": person, "c": True, name: 1}
        await PLANNED.execute(query, variable_values=given, context_value=Context(None, EVERYBODY))

    known = PLANNED.documents.find(query)
    assert known.plans[None]._plans[True,] is not None
    assert not texts_below(known.plans, known.measures) & {person, name}


def texts_below(*roots: Any) -> set[str]:
    """All texts that can be reached from here, but for modules, classes and what functions see of them."""
    found, seen, waiting = set(), set(), list(roots)
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, (ModuleType, type)) or each is PLANNED:
            continue
        seen.add(id(each))
        if isinstance(each, str):
            found.add(each)
        elif not (isinstance(each, dict) and "__builtins__" in each and "__name__" in each):
            waiting += get_referents(each)
    return found


async def test_plans_of_many_documents_have_a_bound_together():
    """A plan takes two kilobytes a field, and there may be sixteen of each operation."""
    room = Room(most=40)
    planned = [
        Planned(LIBRARY._schema, document, document.definitions[0], room)
        for document in (parse(f"{{ trees {{ a{number}: name loud nest }} }}") for number in range(30))
    ]

    for each in planned:
        assert await each.answer(None, Context(None, EVERYBODY)) is not None

    assert sum(len(each._plans) for each in planned) <= 10
    assert await planned[0].answer(None, Context(None, EVERYBODY)) is not None
