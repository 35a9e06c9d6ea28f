"""Queries answered without the library, where nothing unusual happens: a selection, compiled once.

Theory: graphql-core looks at every field of every object with the same care. A plan takes that care once a document:
what a field reads, and how its type is written, is settled when the plan is made, and running it is little more than
reading attributes into dictionaries. It goes level by level: a field that has to be awaited is asked for all objects
of its level together, so loaders batch as they do under the library, and a field that can answer `at_once` needs no
coroutine for each object.

Whatever a plan does not know makes it give up (`Unusual`, or any exception): null where none may be, a value of another
class, a result that its type cannot hold, an error of a resolver. The library then answers the query from its start,
so errors, their places and what they turn to null are the library's own. What changes nothing may be asked twice; mutations
and subscriptions are never planned, nor is introspection, nor a query with a field that says that it may change
something (`ONCE`), which would change it twice.

`tests/graphql_schema/test_plans.py` holds both to the same answers, so this file, `planning`, `leaves` and `planned` may go the
day the library is quick enough.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql.execution.values import VariableValues

AT_ONCE = "assent-at-once"
EFFECT = "assent-effect"
_NO_TYPE = type("NoType", (), {})

Now = Callable[[Any], Any]
"""Completes one value."""
Later = Callable[[list[Any], "Run"], Awaitable[list[Any]]]
"""Completes the values of one field of all objects of a level, or fetches them from the objects."""
AtOnce = Callable[..., Awaitable[Sequence[Any]]]


def at_once(answer: AtOnce) -> Mapping[str, AtOnce]:
    """Metadata for `strawberry.field`: the same as its resolver, for many objects together.

    `answer(info, objects, **arguments)` gives a value for each object, in order.
    """
    return {AT_ONCE: answer}


ONCE: Mapping[str, bool] = {EFFECT: True}
"""Metadata for `strawberry.field`: resolving it may change something, so it runs once, and the library runs it."""


class Run(NamedTuple):
    """One execution of a plan."""

    variables: VariableValues
    context: Any


class Completer(NamedTuple):
    """How values of a type become JSON: `now` where nothing has to be awaited below, and `later` in any case.

    Values of the class `exact` become so by `quick`, or are JSON already where that is None.
    """

    now: Now | None
    later: Later
    exact: type = _NO_TYPE
    quick: Now | None = None
    inside: "Selection | None" = None


class Step(NamedTuple):
    """A field that needs no waiting: how it is read from an object, and how what was read becomes JSON.

    `attribute` is read as it is where there is no `read`. What is read of the class `exact` becomes JSON by `inside`,
    by `quick`, or is JSON already; everything else by `complete`.
    """

    name: str
    complete: Now
    exact: type = _NO_TYPE
    quick: Now | None = None
    inside: "Selection | None" = None
    read: Now | None = None
    attribute: str = ""


@dataclass(slots=True)
class Selection:
    """What is selected on one type. `now` fills an answer in order, with null where `later` comes after."""

    now: list[Step] = field(default_factory=list)
    later: list[tuple[str, Later]] = field(default_factory=list)
    one: Now = lambda _source: {}

    def settle(self) -> "Selection":
        """Makes `one`, which answers for one object but for what has to be awaited."""
        self.one = compiled(self.now)
        return self

    async def many(self, sources: list[Any], run: Run) -> list[dict[str, Any]]:
        """The whole answers for all objects of a level."""
        one = self.one
        answers = [one(source) for source in sources]
        if not answers:
            return answers
        for (name, _), column in zip(self.later, await self._columns(sources, run), strict=True):
            for answer, value in zip(answers, column, strict=True):
                answer[name] = value
        return answers

    async def _columns(self, sources: list[Any], run: Run) -> list[list[Any]]:
        if len(self.later) == 1:
            return [await self.later[0][1](sources, run)]
        return await together([fetch(sources, run) for _, fetch in self.later])


def compiled(steps: list[Step]) -> Now:
    """One function of Python out of steps and the steps inside them, since calling one for each field takes longest.

    The text holds names of GraphQL and of our own attributes only; everything else is handed over by number.
    """
    known: dict[str, Any] = {}
    lines: list[str] = []

    def named(value: Any) -> str:
        name = f"k{len(known)}"
        known[name] = value
        return name

    def write(step: Step, source: str, indent: str) -> str:
        found = f"v{len(lines)}"
        read = f"{named(step.read)}({source})" if step.read else f"{source}.{step.attribute}"
        lines.append(f"{indent}{found} = {read}")
        lines.append(
            f"{indent}if type({found}) is not {named(step.exact)}: {found} = {named(step.complete)}({found})"
        )
        if step.inside is not None:
            lines.append(f"{indent}else:")
            lines.append(f"{indent} {found} = {whole(step.inside.now, found, indent + ' ')}")
        elif step.quick is not None:
            lines.append(f"{indent}else: {found} = {named(step.quick)}({found})")
        return f"{step.name!r}: {found}"

    def whole(inside: list[Step], source: str, indent: str) -> str:
        return "{" + ", ".join([write(step, source, indent) for step in inside]) + "}"

    answer = whole(steps, "source", " ")
    text = "\n".join(("def one(source):", *lines, f" return {answer}"))
    one: Now = evaluated(text, "one", known)
    return one


def evaluated(text: str, name: str, known: dict[str, Any]) -> Any:
    """The function of this name that a text of Python defines, where `known` are its globals.

    Nothing of a request may be in the text but names that GraphQL's grammar allows.
    """
    exec(text, known)  # noqa: S102  See above.
    return known[name]


async def together(waiting: Sequence[Awaitable[Any]]) -> list[Any]:
    """All results; the first exception only when nothing runs any more, so that nobody is left behind."""
    found = await gather(*waiting, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found
