"""Segments know that they don't know: rules with three answers, and the logic that joins them.

Theory: whether somebody opened or clicked is sometimes not known, because nobody measured it. That is an answer of its
own, and no negation makes a yes of it. Rules are joined by Kleene's strong logic, in which UNMEASURED means "either":

    not         YES → NO · NO → YES · UNMEASURED → UNMEASURED
    all         NO if any part is NO; else UNMEASURED if any part is; else YES (of nothing: YES)
    any         YES if any part is YES; else UNMEASURED if any part is; else NO (of nothing: NO)

    condition               answers                          its meaning stands in
    sent, delivered,        yes, no                          segment_meaning
    bounced
    opened, clicked         yes, no, UNMEASURED              segment_meaning
    engagement              yes, no, UNMEASURED              engagement
    permission              yes, no; without an axis, on     here
                            both of them
    attribute               yes, no; missing is no           attributes
    membership              yes, no; without a status,       here
                            SUBSCRIBED

A segment takes those whose answer is yes, and those UNMEASURED only where it says so. So "did not open" never sweeps
up people who were not measured. A rule has at most 50 parts. Source: domain.md §9.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import NamedTuple, assert_never

from app.domain.attributes import AttributeCondition
from app.domain.engagement import Engagement
from app.domain.errors import LimitExceeded
from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import Permission

MOST_PARTS = 50
"""How many parts a rule has at most, itself and everything inside it counted."""


@unique
class Answer(StrEnum):
    """What a rule says of one subscriber."""

    YES = "YES"
    NO = "NO"
    UNMEASURED = "UNMEASURED"


@unique
class ActivityKind(StrEnum):
    """What a condition counts. What is sent, delivered or bounced is always known."""

    SENT = "SENT"
    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"
    OPENED = "OPENED"
    CLICKED = "CLICKED"

    @property
    def axis(self) -> Axis | None:
        """The axis that has to be measured; None where nothing has to be."""
        return _AXES.get(self)


_AXES = {ActivityKind.OPENED: Axis.OPENS, ActivityKind.CLICKED: Axis.CLICKS}


@dataclass(frozen=True, slots=True)
class ActivityCondition:
    """How often something happened: of one mailing or any, within days or ever, with one link or any.

    At least one of `at_least` and `at_most` is set; where both are, both have to hold.
    """

    kind: ActivityKind
    mailing_id: int | None = None
    within_days: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    link: str | None = None

    def since(self, now: datetime) -> datetime | None:
        """When the window begins; None where there is none."""
        return None if self.within_days is None else now - timedelta(days=self.within_days)

    @property
    def asks_whether(self) -> bool:
        """Whether it only matters if it happened at all, not how often; a link apart."""
        return self.link is None and self.at_least in {None, 1} and self.at_most in {None, 0}


@dataclass(frozen=True, slots=True)
class PermissionCondition:
    """What stands on an axis, or on both of them where none is named."""

    values: frozenset[Permission]
    axis: Axis | None = None

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes that have to stand there."""
        return tuple(Axis) if self.axis is None else (self.axis,)


@dataclass(frozen=True, slots=True)
class EngagementCondition:
    """Which classes of engagement."""

    classes: frozenset[Engagement]


@dataclass(frozen=True, slots=True)
class MembershipCondition:
    """Which places on a list."""

    list_id: int
    statuses: frozenset[MembershipStatus] = frozenset({MembershipStatus.SUBSCRIBED})


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a part."""

    part: "Rule"


Condition = (
    ActivityCondition | PermissionCondition | EngagementCondition | AttributeCondition | MembershipCondition
)
Rule = All | AnyOf | Not | Condition


@unique
class ContactMetric(StrEnum):
    """The figures of a report that lead to people."""

    SENT = "SENT"
    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"
    OPENS = "OPENS"
    CLICKS = "CLICKS"

    @property
    def kind(self) -> ActivityKind:
        """What these people did, or what happened to their mail."""
        return _KINDS.get(self) or ActivityKind(self.value)


_KINDS = {ContactMetric.OPENS: ActivityKind.OPENED, ContactMetric.CLICKS: ActivityKind.CLICKED}
MOST_MAILINGS = 20
"""Of how many mailings together the people are asked for at most."""


def contacts(metric: ContactMetric, mailing_ids: Sequence[int]) -> Rule:
    """The rule that takes the people behind a figure of these mailings; of none, it takes nobody.

    Whoever was not measured personally is UNMEASURED by it, so that nobody of an anonymous mailing is named (domain.md
    §9). Raises `LimitExceeded`.
    """
    if len(mailing_ids) > MOST_MAILINGS:
        message = f"The people of at most {MOST_MAILINGS} mailings are counted together. Ask for fewer."
        raise LimitExceeded(message, path=("contacts",))
    conditions = [ActivityCondition(metric.kind, each, at_least=1) for each in mailing_ids]
    return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))


def parts(rule: Rule) -> Iterator[Rule]:
    """The rule and everything inside it."""
    yield rule
    match rule:
        case All(inner) | AnyOf(inner):
            for each in inner:
                yield from parts(each)
        case Not(inner_part):
            yield from parts(inner_part)
        case _:
            pass


def names_people(rule: Rule) -> bool:
    """Whether an answer tells of one person what only `personal:read` may see: what they did, or their attributes."""
    return any(_is_personal(each) for each in parts(rule))


def picks_people(rule: Rule) -> bool:
    """Whether being taken may tell at which address somebody is: the rule asks for anything but answers.

    Who knows an address can send mail to it and put it on a list; whoever is alone on that list has that address.
    """
    conditions = (each for each in parts(rule) if isinstance(each, Condition))
    return not all(isinstance(each, PermissionCondition) for each in conditions)


def singles_out(rule: Rule) -> bool:
    """Whether counts of a rule may be of one person: it joins a condition on anything but answers with another one.

    A list of one, a mail to one, or two that differ by one, would make a count of one of it. A single condition counts
    the whole account, as reports do.
    """
    conditions = [each for each in parts(rule) if isinstance(each, Condition)]
    return len(conditions) > 1 and picks_people(rule)


def compares_attributes(rule: Rule) -> bool:
    """Whether a rule asks for an attribute of anybody."""
    return any(isinstance(each, AttributeCondition) for each in parts(rule))


def _is_personal(part: Rule) -> bool:
    return isinstance(part, AttributeCondition) or _is_deed(part)


def _is_deed(part: Rule) -> bool:
    match part:
        case ActivityCondition(kind=kind):
            return kind.axis is not None
        case EngagementCondition():
            return True
        case All() | AnyOf() | Not() | PermissionCondition() | MembershipCondition() | AttributeCondition():
            return False
        case _:
            assert_never(part)


class Reference(NamedTuple):
    """A thing of the account that a rule names."""

    kind: str
    id: int
    path: tuple[str | int, ...]


def references(rule: Rule, path: tuple[str | int, ...] = ("rule",)) -> Iterator[Reference]:
    """The mailings and lists that a rule names, each with the path of the part."""
    match rule:
        case All(inner) | AnyOf(inner):
            name = "all" if isinstance(rule, All) else "any"
            for place, each in enumerate(inner):
                yield from references(each, (*path, name, place))
        case Not(part):
            yield from references(part, (*path, "not"))
        case ActivityCondition(kind=kind, mailing_id=int() as mailing_id):
            yield Reference("Mailing", mailing_id, (*path, kind.value.lower(), "mailingId"))
        case MembershipCondition(list_id):
            yield Reference("MailingList", list_id, (*path, "membership", "listId"))
        case _:
            pass


def opposite(answer: Answer) -> Answer:
    """What `not` makes of an answer."""
    match answer:
        case Answer.YES:
            return Answer.NO
        case Answer.NO:
            return Answer.YES
        case Answer.UNMEASURED:
            return Answer.UNMEASURED
        case _:
            assert_never(answer)


def of_all(answers: Iterable[Answer]) -> Answer:
    """The answer of `all`: the least of NO, UNMEASURED, YES."""
    return min(answers, key=_RANK.__getitem__, default=Answer.YES)


def of_any(answers: Iterable[Answer]) -> Answer:
    """The answer of `any`: the greatest of NO, UNMEASURED, YES."""
    return max(answers, key=_RANK.__getitem__, default=Answer.NO)


_RANK = {Answer.NO: 0, Answer.UNMEASURED: 1, Answer.YES: 2}


def known(holds: bool) -> Answer:
    """The answer of a condition that has two."""
    return Answer.YES if holds else Answer.NO


def taken(answer: Answer, *, include_unmeasured: bool) -> bool:
    """Whether a segment takes somebody."""
    return answer is Answer.YES or (include_unmeasured and answer is Answer.UNMEASURED)
