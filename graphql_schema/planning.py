"""Makes plans (`plans`): what each selected field reads, and how its type becomes JSON, settled once for a document.

Whatever is not a plain field of ours (introspection, field extensions, @defer, a class that says itself what it is) makes
the compiler give up with `Unusual`, and the library answers.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from graphql_schema.calling import Field, called
from graphql_schema.columned import LaterOrNot, columned
from graphql_schema.leaves import Unusual, leaf
from graphql_schema.plans import AT_ONCE, EFFECT, Completer, Later, Now, Run, Selection, Step

_BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF


class Compiler:
    """Makes the plan of one query, for the values that its conditions (@skip, @include) have; the plan keeps these."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        takes: Callable[[int], None],
    ) -> None:
        found = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
        self.schema, self.operation = schema, operation
        self.fragments = {d.name.value: d for d in found}
        self._details = {d.name.value: FragmentDetails(d) for d in found}
        self._conditions, self._takes = variables, takes

    def plan(self) -> Selection:
        """What the root selects. Raises `Unusual` where only the library can answer."""
        root = self.schema.query_type
        if root is None:
            raise Unusual
        collected = collect_fields(self.schema, self._details, self._conditions, root, self.operation)
        grouped = _plain(collected)
        self._takes(len(grouped))
        return self._selection(root, grouped)

    def below(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Selection:
        """What a field selects on its type. Raises `Unusual`."""
        return self._selection(kind, self.grouped(kind, details))

    def _selection(self, kind: GraphQLObjectType, grouped: GroupedFieldSet) -> Selection:
        selection = Selection()
        for name, details in grouped.items():
            self.add(selection, name, kind, details)
        return selection.settle()

    def grouped(self, kind: GraphQLObjectType, details: FieldDetailsList) -> GroupedFieldSet:
        """What a field selects on its type, fragments written out. Raises `Unusual`."""
        collected = collect_subfields(
            self.schema, self._details, self._conditions, self.operation, kind, details
        )
        grouped = _plain(collected)
        self._takes(len(grouped))
        return grouped

    def called(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Field:
        """A plain field of ours, as this document selects it. Raises `Unusual`."""
        asked = details[0].node.name.value
        definition = self.schema.get_field(kind, asked)
        made = (definition.extensions or {}).get(_BACKREF) if definition and kind.fields.get(asked) else None
        if definition is None or not isinstance(made, StrawberryField) or made.extensions:
            raise Unusual
        return Field(kind, definition, made, details, self.fragments, self.operation, self.schema)

    def add(self, to: Selection, name: str, kind: GraphQLObjectType, details: FieldDetailsList) -> None:
        """Adds a field to a selection. Raises `Unusual`."""
        if details[0].node.name.value == "__typename":
            to.now.append(Step(name, _impossible, str, read=lambda _source: kind.name))
            return
        of = self.called(kind, details)
        columns = columned(self, of)
        found = _first(columns, lambda: self._by_rows(of)) if columns else self._by_rows(of)
        if isinstance(found, Step):
            to.now.append(found._replace(name=name))
            return
        to.now.append(Step(name, _impossible, type(None), read=_nothing))
        to.later.append((name, found))

    def _by_rows(self, of: Field) -> Step | Later:
        completer, made = self.completer(of.definition.type, of.details), of.made
        if EFFECT in made.metadata:
            raise Unusual
        read = _reader(made)
        if read is None:
            return _then(called(of, made.metadata.get(AT_ONCE)), completer.later)
        if completer.now is None:
            return _then(_read_all(read), completer.later)
        attribute = "" if made.base_resolver else made.python_name
        quickly = completer.exact, completer.quick, completer.inside
        return Step("", completer.now, *quickly, None if attribute else read, attribute)

    def completer(self, kind: Any, details: FieldDetailsList) -> Completer:
        """How values of a type become JSON, with what is selected below. Raises `Unusual`."""
        nullable = not isinstance(kind, GraphQLNonNull)
        inner = kind if nullable else kind.of_type
        if is_leaf_type(inner):
            exact, quick, write = leaf(inner, nullable=nullable)
            now = _quickly(exact, quick, write)
            return Completer(now, _each(now), exact, quick)
        if isinstance(inner, GraphQLList):
            return _many(self.completer(inner.of_type, details), nullable=nullable)
        if is_abstract_type(inner):
            return Completer(None, self._abstract(inner, details, nullable=nullable))
        return _object(_class_of(inner), self.below(inner, details), nullable=nullable)

    def _abstract(self, kind: Any, details: FieldDetailsList, *, nullable: bool) -> Later:
        kinds = {_class_of(each): each for each in self.schema.get_possible_types(kind)}
        known: dict[type, Selection] = {}

        async def complete(values: list[Any], run: Run) -> list[Any]:
            answers: list[Any] = [None] * len(values)
            for each, places in _by_class(values, nullable=nullable).items():
                if each not in known:
                    known[each] = self.below(kinds[each], details)
                done = await known[each].many([values[place] for place in places], run)
                for place, answer in zip(places, done, strict=True):
                    answers[place] = answer
            return answers

        return complete


def _plain(collected: CollectedFields) -> GroupedFieldSet:
    if collected.new_defer_usages:
        raise Unusual
    return collected.grouped_field_set


def _reader(made: StrawberryField) -> Now | None:
    """How a field is read that takes nothing but its object; None if it has to be called with more."""
    resolver = made.base_resolver
    if resolver is None:
        if made.default_resolver is not getattr:
            raise Unusual
        return attrgetter(made.python_name)
    if made.is_async or made.arguments or resolver.info_parameter or not resolver.self_parameter:
        return None
    return resolver.wrapped_func  # type: ignore[return-value]  # Callable, unless the schema is not built.


def _class_of(kind: GraphQLObjectType) -> type:
    definition: Any = (kind.extensions or {}).get(_BACKREF)
    if definition is None or definition.origin.__dict__.get("is_type_of") is not None:
        raise Unusual
    origin: type = definition.origin
    return origin


def _by_class(values: list[Any], *, nullable: bool) -> dict[type, list[int]]:
    places: dict[type, list[int]] = {}
    for place, value in enumerate(values):
        if value is not None:
            places.setdefault(type(value), []).append(place)
        elif not nullable:
            raise Unusual
    return places


def _object(origin: type, selection: Selection, *, nullable: bool) -> Completer:
    one = selection.one

    def now(value: Any) -> dict[str, Any] | None:
        if type(value) is origin:
            answer: dict[str, Any] = one(value)
            return answer
        if value is None and nullable:
            return None
        raise Unusual

    async def later(values: list[Any], run: Run) -> list[Any]:
        places = _by_class(values, nullable=nullable)
        if places.keys() - {origin}:
            raise Unusual
        done = iter(await selection.many([value for value in values if value is not None], run))
        return [None if value is None else next(done) for value in values]

    return Completer(None, later) if selection.later else Completer(now, later, origin, one, selection)


def _many(item: Completer, *, nullable: bool) -> Completer:
    def checked(value: Any) -> Sequence[Any]:
        if type(value) is list or type(value) is tuple:
            return value
        raise Unusual

    def now(value: Any) -> list[Any] | None:
        if value is None and nullable:
            return None
        if quick is None:
            return [complete(each) for each in checked(value)]
        return [quick(each) if type(each) is exact else complete(each) for each in checked(value)]

    async def later(values: list[Any], run: Run) -> list[Any]:
        lists = [None if value is None and nullable else checked(value) for value in values]
        done = await item.later([each for found in lists for each in found or ()], run)
        rest = iter(done)
        return [None if found is None else [next(rest) for _ in found] for found in lists]

    complete = item.now or _impossible
    exact, quick = item.exact, item.quick
    return Completer(now if item.now else None, later)


def _quickly(exact: type, quick: Now | None, write: Now) -> Now:
    def now(value: Any) -> Any:
        if type(value) is not exact:
            return write(value)
        return value if quick is None else quick(value)

    return now


def _each(now: Now) -> Later:
    async def later(values: list[Any], _run: Run) -> list[Any]:
        return [now(value) for value in values]

    return later


def _first(by_columns: LaterOrNot, by_rows: Callable[[], Any]) -> Later:
    """Columns where they can answer; else rows, whose plan is made when they have to for the first time."""
    made: list[Later] = []

    async def both(sources: list[Any], run: Run) -> list[Any]:
        found = await by_columns(sources, run)
        if found is not None:
            return found
        if not made:
            made.append(by_rows())
        return await made[0](sources, run)

    return both


def _read_all(read: Now) -> Later:
    async def fetch(sources: list[Any], _run: Run) -> list[Any]:
        return [read(source) for source in sources]

    return fetch


def _then(fetch: Later, complete: Later) -> Later:
    async def both(sources: list[Any], run: Run) -> list[Any]:
        values = await fetch(sources, run)
        return await complete(values, run)

    return both


def _nothing(_source: Any) -> None:
    return None


def _impossible(_value: Any) -> Any:
    raise Unusual
