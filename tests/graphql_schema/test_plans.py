"""A plan answers as graphql-core does: the same data, the same errors, whatever is asked and whatever comes back."""

import asyncio
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry import Info
from strawberry.types.execution import ExecutionResult

from app.domain.principal import Principal
from graphql_schema.build import build_schema
from graphql_schema.context import Context
from graphql_schema.planned import MOST_PLANS
from graphql_schema.plans import at_once
from graphql_schema.scopes import PUBLIC, requires
from tests.graphql_schema.toy import EVERYBODY

ToyInfo = Info[Context, None]


@strawberry.enum(description="Two of them.")
class Colour(Enum):
    RED = "r"
    BLUE = "b"


@strawberry.interface(description="What has a name.")
class Named:
    name: str = strawberry.field(description="The name.")


@strawberry.type(description="Without anything below.")
@requires()
class Leaf(Named):
    n: int = strawberry.field(description="A number.")
    f: float | None = strawberry.field(description="A fraction.")
    c: Colour = strawberry.field(description="An enum.")
    b: bool = strawberry.field(description="Yes or no.")


@strawberry.type(description="Another kind.")
@requires()
class Other(Named):
    x: int = strawberry.field(description="A number.")


Either = Annotated[Leaf | Other, strawberry.union("Either", description="One of two.")]
Times = Annotated[int, strawberry.argument(description="How often.")]


async def _twins(_info: ToyInfo, trees: "list[Tree]") -> "list[Tree | None]":
    return [None if each.name == "m" else tree(name="m") for each in trees]


@strawberry.type(description="Everything that a field can be.")
@requires()
class Tree(Named):
    leaf: Leaf = strawberry.field(description="An object.")
    maybe: Leaf | None = strawberry.field(description="An object or null.")
    many: list[Leaf] = strawberry.field(description="Objects.")
    holes: list[Leaf | None] = strawberry.field(description="Objects and nulls.")
    nest: list[list[int]] = strawberry.field(description="Lists of lists.")
    named: Named = strawberry.field(description="By an interface.")
    either: Either = strawberry.field(description="By a union.")

    @strawberry.field(description="Awaited, with an argument.")
    async def slow(self, times: Times = 2) -> int:
        await asyncio.sleep(0)
        return times

    @strawberry.field(description="Fails where it may not.")
    def bad(self) -> str:
        raise ValueError("bad")

    @strawberry.field(description="Fails where it may.")
    async def bad_or_null(self) -> str | None:
        raise ValueError("bad or null")

    @strawberry.field(description="Computed.")
    def loud(self) -> str:
        return self.name.upper()

    @strawberry.field(description="Another tree.", metadata=at_once(_twins))
    async def twin(self, info: ToyInfo) -> "Tree | None":
        return (await _twins(info, [self]))[0]

    @strawberry.field(description="Trees below.")
    async def below(self) -> list["Tree"]:
        return [tree(), tree(name="m")]


class Evil:
    """Raises whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def leaf(name: Any = "l", **own: Any) -> Leaf:
    return Leaf(**({"name": name, "n": 1, "f": 1.5, "c": Colour.RED, "b": True} | own))


def tree(**own: Any) -> Tree:
    plain = {
        "name": "n",
        "leaf": leaf(),
        "maybe": None,
        "many": [leaf("a"), leaf("b", f=None)],
        "holes": [leaf(), None],
        "nest": [[1], []],
        "named": leaf("named"),
        "either": Other(name="o", x=3),
    }
    return Tree(**(plain | own))


TREES: dict[str, Tree] = {
    "plain": tree(),
    "null where none may be": tree(leaf=None),
    "null in a leaf": tree(leaf=leaf(n=None)),
    "a number that is none": tree(leaf=leaf(n="xyz")),
    "a number that is too large": tree(leaf=leaf(n=2**40)),
    "a number as text": tree(leaf=leaf(n="7", f="1.5", b=1)),
    "no number at all": tree(leaf=leaf(f=float("nan"))),
    "an exception as value": tree(maybe=ValueError("as value")),
    "a tuple": tree(many=(leaf(),)),
    "no list": tree(many=None),
    "text instead of a list": tree(many="leaves"),
    "null in a list": tree(many=[leaf(), None]),
    "an evil object": tree(maybe=Evil()),
    "another class": tree(leaf=Other(name="s", x=1)),
    "an unknown enum": tree(leaf=leaf(c="zzz")),
    "an enum's value": tree(leaf=leaf(c="r")),
    "a number as name": tree(name=5),
    "a truth as name": tree(leaf=leaf(name=True)),
    "a foreign class by interface": tree(named=tree()),
    "a foreign class by union": tree(either=Evil()),
}
Key = Annotated[str, strawberry.argument(description="Which tree.")]


@strawberry.type(description="The queries.")
class Query:
    @strawberry.field(description="A tree or null.", metadata=PUBLIC)
    def get(self, key: Key) -> Tree | None:
        return TREES.get(key)

    @strawberry.field(description="A tree.", metadata=PUBLIC)
    async def strict(self, key: Key) -> Tree:
        return TREES[key]

    @strawberry.field(description="Some trees.", metadata=PUBLIC)
    async def trees(self) -> list[Tree]:
        return [tree(), tree(name="m")]


PLANNED, LIBRARY = (build_schema(Query, types=[Leaf, Other], plans=plans) for plans in (True, False))


async def answers(query: str, variables: dict[str, Any] | None = None) -> list[ExecutionResult]:
    """Of the library, then of plans when a document comes first, and when it is known."""
    return [
        await schema.execute(
            query, variable_values=variables, context_value=Context(None, EVERYBODY), operation_name=None
        )
        for schema in (LIBRARY, PLANNED, PLANNED)
    ]


def shown(result: ExecutionResult) -> tuple[Any, list[str]]:
    return result.data, sorted(str(error.formatted) for error in result.errors or [])


def same(found: list[ExecutionResult]) -> bool:
    orders = [str(result.data) for result in found]
    return len(set(orders)) == 1 and shown(found[0]) == shown(found[1]) == shown(found[2])


LEAF = "name n f c b"
SELECTIONS = (
    f"{{ __typename name leaf {{ {LEAF} }} maybe {{ {LEAF} }} many {{ {LEAF} __typename }} holes {{ name }} nest }}",
    "{ name named { __typename name ... on Leaf { n } } either { __typename ... on Other { x } ... on Leaf { n } } }",
    "{ name slow s2: slow(times: 5) leaf { n } loud }",
    "{ name bad leaf { n } }",
    "{ name badOrNull twin { name twin { n: name } } leaf { a: n b: n } below { name twin { name } slow } }",
    "{ leaf @skip(if: true) { n } many @include(if: true) { name } name @include(if: $no) loud @skip(if: $no) }",
)


@pytest.mark.parametrize("key", TREES)
async def test_whatever_comes_back_is_answered_as_the_library_does(key: str):
    for selection in SELECTIONS:
        for root in ("get", "strict"):
            variables = "($no: Boolean = false)" if "$no" in selection else ""
            query = f'query{variables} {{ {root}(key: "{key}") {selection} }}'

            assert same(await answers(query)), query


_names = st.sampled_from(["a", "b", "name", "leaf"])
_condition = st.sampled_from(
    ["", "", "", " @skip(if: $yes)", " @include(if: $yes)", " @skip(if: $no)", " @include(if: $no)"]
)


def _field(name: str, below: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[str]:
    inside = st.just("") if below is None else below
    alias = st.one_of(st.just(""), _names.map(lambda given: f"{given}_{name}: "))
    return st.tuples(alias, st.just(name), _condition, inside).map("".join)


def _selection(*fields: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(st.one_of(*fields), min_size=1, max_size=4)
    return lists.map(lambda chosen: " { " + " ".join(chosen) + " }")


_leaf = _selection(*(_field(name) for name in (*LEAF.split(), "__typename")))
_abstract = _selection(
    _field("__typename"),
    st.just("... on Leaf { name n c }"),
    st.just("... on Other { x }"),
    st.just("...Both"),
)
_tree = st.recursive(
    _selection(_field("name"), _field("nest"), _field("loud"), st.just("...Part")),
    lambda below: _selection(
        *(_field(name) for name in ("name", "slow", "badOrNull", "loud", "nest")),
        *(_field(name, _leaf) for name in ("leaf", "maybe", "many", "holes")),
        *(_field(name, _abstract) for name in ("named", "either")),
        *(_field(name, below) for name in ("twin", "below")),
        below.map(lambda inside: f"... on Tree{inside}"),
    ),
    max_leaves=6,
)


FRAGMENTS = "fragment Part on Tree { name leaf { c n } } fragment Both on Named { __typename name }"


@settings(max_examples=120)
@given(selection=_tree, key=st.sampled_from(sorted(TREES)), yes=st.booleans())
def test_whatever_is_asked_is_answered_as_the_library_does(selection: str, key: str, yes: bool):
    head = "query Q($key: String!, $yes: Boolean!, $no: Boolean! = false)"
    query = f"{head} {{ get(key: $key){selection} trees{selection} again: get(key: $key) {{ ...Part name named {{ ...Both }} }} _: __typename @skip(if: $yes) @skip(if: $no) }} {FRAGMENTS}"

    found = asyncio.run(answers(query, {"key": key, "yes": yes}))

    assert same(found), query


async def test_plain_queries_are_answered_by_a_plan(monkeypatch: pytest.MonkeyPatch):
    """Otherwise the tests above would compare the library with itself."""
    query = (
        '{ get(key: "plain") { name leaf { n c } many { name } either { __typename } twin { name slow } } }'
    )
    first, *_ = await answers(query)

    monkeypatch.setattr("strawberry.Schema.execute", None)
    second = await PLANNED.execute(query, context_value=Context(None, EVERYBODY))

    assert shown(first) == shown(second)


async def test_conditions_make_plans_of_their_own_and_not_too_many():
    names = [f"c{number}" for number in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    query = f'query ({declared}) {{ get(key: "plain") {{ {fields} loud }} }}'

    for number in range(2 ** len(names)):
        chosen = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        result = await PLANNED.execute(query, variable_values=chosen, context_value=Context(None, EVERYBODY))
        expected = {name: "n" for name in names if chosen[name]} | {"loud": "N"}
        assert result.data == {"get": expected}

    known = PLANNED.documents.find(query)
    assert len(known.plans[None]._plans) <= MOST_PLANS


async def test_variables_are_coerced_and_refused_as_ever():
    query = "query ($key: String!) { get(key: $key) { name } }"

    for variables in ({"key": "plain"}, {"key": None}, {"key": 7}, {}, {"key": "plain", "more": 1}, None):
        assert same(await answers(query, variables)), variables


async def test_a_plan_asks_for_scopes_each_time():
    query = '{ get(key: "plain") { name } }'
    await answers(query)

    nobody = await PLANNED.execute(query, context_value=Context(None))
    somebody = await PLANNED.execute(query, context_value=Context(None, Principal(1, 1, None, frozenset())))

    assert [error.extensions["code"] for error in nobody.errors or []] == ["UNAUTHENTICATED"]
    assert somebody.data == {"get": {"name": "n"}}
