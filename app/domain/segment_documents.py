"""Rules of segments as JSON: how they are stored, and how whatever a caller sends is read.

    {"all": [part, …]} · {"any": [part, …]} · {"not": part}
    {"sent" | "delivered" | "opened" | "clicked": {"mailingId", "withinDays", "atLeast", "atMost", "link"}}
    {"permission": {"axis", "is"}} · {"engagement": {"is"}} · {"membership": {"listId", "status"}}
    {"attribute": {"name", "op", "value", "type"}}

Each object has exactly one of these names, and no other. Ids are numbers here. `type` is what the attribute was when
the rule was written, so that a later definition changes no segment. A stored document carries the version of this
form. What is not understood is `InvalidRule` with the path of the part. Source: contract.graphql, domain.md §9.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.domain.attributes import AttributeCondition, AttributeOperator, AttributeType, attribute_condition
from app.domain.engagement import Engagement
from app.domain.errors import InvalidRule, InvalidValue
from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import Permission
from app.domain.segments import (
    MOST_PARTS,
    ActivityCondition,
    ActivityKind,
    All,
    AnyOf,
    EngagementCondition,
    MembershipCondition,
    Not,
    PermissionCondition,
    Rule,
)
from app.domain.texts import LONGEST_NAME, storable

VERSION = 1
MOST_DAYS = 3_650
MOST_TIMES = 1_000_000
LONGEST_TEXT = 2_000

_Word = TypeVar("_Word", bound=StrEnum)
Path = tuple[str | int, ...]


def to_document(rule: Rule) -> dict[str, Any]:
    """The rule for storage, with the version of its form."""
    return {"version": VERSION, "rule": written(rule)}


def from_document(document: Mapping[str, Any]) -> Rule:
    """The rule of a stored document. Raises `InvalidRule`, also for a version that is not known here."""
    if document.get("version") != VERSION:
        message = "This segment was stored by another version of this service."
        raise InvalidRule(message, path=("rule",))
    return read(document.get("rule"), {})


def read(document: Any, defined: Mapping[str, AttributeType], path: Path = ("rule",)) -> Rule:
    """The rule that a document says; `defined` are the types of the account's attributes. Raises `InvalidRule`."""
    return _Reader(defined).rule(document, path)


@dataclass(slots=True)
class _Reader:
    defined: Mapping[str, AttributeType]
    parts: int = field(default=0)

    def rule(self, document: Any, path: Path) -> Rule:
        self.parts += 1
        if self.parts > MOST_PARTS:
            message = f"A rule has at most {MOST_PARTS} parts."
            raise InvalidRule(message, path=path)
        if not isinstance(document, dict) or len(document) != 1:
            message = "A part of a rule is an object with exactly one name."
            raise InvalidRule(message, path=path)
        ((name, inside),) = document.items()
        match name:
            case "all":
                return All(self._parts(inside, (*path, name)))
            case "any":
                return AnyOf(self._parts(inside, (*path, name)))
            case "not":
                return Not(self.rule(inside, (*path, name)))
            case _:
                return self._condition(name, inside, path)

    def _parts(self, documents: Any, path: Path) -> tuple[Rule, ...]:
        if not isinstance(documents, list):
            message = "This is a list of parts."
            raise InvalidRule(message, path=path)
        return tuple(self.rule(each, (*path, place)) for place, each in enumerate(documents))

    def _condition(self, name: Any, inside: Any, path: Path) -> Rule:
        known: dict[str, Callable[[_Fields], Rule]] = {**_CONDITIONS, "attribute": self._attribute}
        if name not in known:
            message = "There is no such condition."
            raise InvalidRule(message, path=(*path, str(name)[:LONGEST_NAME]))
        fields = _Fields(inside, (*path, name))
        found = known[name](fields)
        fields.check_all_read()
        return found

    def _attribute(self, fields: "_Fields") -> AttributeCondition:
        name = fields.text("name", LONGEST_NAME)
        operator = fields.word("op", AttributeOperator)
        stored = fields.optional_word("type", AttributeType)
        if name is None:
            message = "An attribute condition names an attribute."
            raise InvalidRule(message, path=(*fields.path, "name"))
        value = fields.value()
        return attribute_condition(name, operator, stored or self.defined.get(name), value, *fields.path)


class _Fields:
    """The fields of one condition, each taken once; null is the same as absent."""

    def __init__(self, document: Any, path: Path) -> None:
        if not isinstance(document, dict):
            message = "A condition is an object with its fields."
            raise InvalidRule(message, path=path)
        self._left, self.path = dict(document), path

    def take(self, name: str) -> Any:
        return self._left.pop(name, None)

    def absent(self, name: str) -> bool:
        return self._left.get(name) is None

    def check_all_read(self) -> None:
        for name in self._left:
            message = "This condition has no such field."
            raise InvalidRule(message, path=(*self.path, str(name)[:LONGEST_NAME]))

    def number(self, name: str, low: int, high: int) -> int | None:
        value = self.take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            message = f"{name} is a whole number between {low} and {high}."
            raise InvalidRule(message, path=(*self.path, name))
        return value

    def text(self, name: str, longest: int) -> str | None:
        value = self.take(name)
        if value is None:
            return None
        if not isinstance(value, str) or not _fits(value, longest) or not value:
            message = f"{name} is a text of 1 to {longest} characters."
            raise InvalidRule(message, path=(*self.path, name))
        return value

    def value(self) -> Any:
        value = self.take("value")
        if isinstance(value, str) and not _fits(value, LONGEST_TEXT):
            message = f"value is a text of at most {LONGEST_TEXT} characters."
            raise InvalidRule(message, path=(*self.path, "value"))
        return value

    def word(self, name: str, words: type[_Word]) -> _Word:
        found = self.optional_word(name, words)
        if found is None:
            message = f"{name} is one of {', '.join(words)}."
            raise InvalidRule(message, path=(*self.path, name))
        return found

    def optional_word(self, name: str, words: type[_Word]) -> _Word | None:
        value = self.take(name)
        return None if value is None else _word(value, words, (*self.path, name))

    def words(self, name: str, words: type[_Word]) -> frozenset[_Word]:
        values = self.take(name)
        if not isinstance(values, list) or not values:
            message = f"{name} is a list of {', '.join(words)}, with at least one of them."
            raise InvalidRule(message, path=(*self.path, name))
        return frozenset(_word(each, words, (*self.path, name, place)) for place, each in enumerate(values))

    def id(self, name: str) -> int | None:
        return self.number(name, 1, 2**63 - 1)


def _fits(text: str, longest: int) -> bool:
    try:
        return len(storable(text)) <= longest
    except InvalidValue:
        return False


def _word(value: Any, words: type[_Word], path: Path) -> _Word:
    try:
        return words(value)
    except ValueError:
        message = f"This is one of {', '.join(words)}."
        raise InvalidRule(message, path=path) from None


def _activity(kind: ActivityKind) -> Callable[[_Fields], ActivityCondition]:
    def reads(fields: _Fields) -> ActivityCondition:
        mailing_id, within = fields.id("mailingId"), fields.number("withinDays", 1, MOST_DAYS)
        least, most = fields.number("atLeast", 0, MOST_TIMES), fields.number("atMost", 0, MOST_TIMES)
        link = fields.text("link", LONGEST_TEXT)
        if link is not None and kind is not ActivityKind.CLICKED:
            message = "Only a click is of a link."
            raise InvalidRule(message, path=(*fields.path, "link"))
        if least is not None and most is not None and least > most:
            message = "atLeast is no more than atMost; otherwise nobody fits."
            raise InvalidRule(message, path=(*fields.path, "atLeast"))
        if least is None and most is None:
            least = 1
        return ActivityCondition(kind, mailing_id, within, least, most, link)

    return reads


def _permission(fields: _Fields) -> PermissionCondition:
    return PermissionCondition(fields.words("is", Permission), fields.optional_word("axis", Axis))


def _engagement(fields: _Fields) -> EngagementCondition:
    return EngagementCondition(fields.words("is", Engagement))


def _membership(fields: _Fields) -> MembershipCondition:
    list_id = fields.id("listId")
    if list_id is None:
        message = "A membership is on a list."
        raise InvalidRule(message, path=(*fields.path, "listId"))
    if fields.absent("status"):
        fields.take("status")
        return MembershipCondition(list_id)
    return MembershipCondition(list_id, fields.words("status", MembershipStatus))


_CONDITIONS: dict[str, Callable[[_Fields], Rule]] = {
    **{kind.value.lower(): _activity(kind) for kind in ActivityKind},
    "permission": _permission,
    "engagement": _engagement,
    "membership": _membership,
}


def written(rule: Rule) -> dict[str, Any]:
    """The rule as `read` takes it, without what is absent."""
    match rule:
        case All(inner):
            return {"all": [written(each) for each in inner]}
        case AnyOf(inner):
            return {"any": [written(each) for each in inner]}
        case Not(part):
            return {"not": written(part)}
        case _:
            name, fields = _fields(rule)
            return {name: {key: value for key, value in fields.items() if value is not None}}


def _fields(rule: Rule) -> tuple[str, dict[str, Any]]:
    match rule:
        case ActivityCondition():
            return rule.kind.value.lower(), {
                "mailingId": rule.mailing_id,
                "withinDays": rule.within_days,
                "atLeast": rule.at_least,
                "atMost": rule.at_most,
                "link": rule.link,
            }
        case PermissionCondition(values, axis):
            return "permission", {"axis": None if axis is None else axis.value, "is": sorted(values)}
        case EngagementCondition(classes):
            return "engagement", {"is": sorted(classes)}
        case MembershipCondition(list_id, statuses):
            return "membership", {"listId": list_id, "status": sorted(statuses)}
        case AttributeCondition(name, operator, chosen, value):
            return "attribute", {"name": name, "op": operator, "type": chosen, "value": _plain(value)}
        case _:
            raise TypeError(f"{type(rule).__name__} is no condition.")


def _plain(value: Any) -> Any:
    """A number as JSON has it: what is too precise for one stays a text that reads as it."""
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    return float(value) if Decimal(str(float(value))) == value else str(value)
