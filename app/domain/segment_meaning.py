"""What the conditions of segments mean, over the plain facts of one subscriber. The SQL has to agree with this file.

`opened` and `clicked` count the events of deliveries that were measured, LOADED_BY_PROXY and SCANNER left out:

    at least n    yes if the events reach n; else UNMEASURED if a delivery in scope was unmeasured; else no
    at most n     no if the events exceed n; else UNMEASURED if a delivery in scope was unmeasured; else yes

    a delivery             what it is for an axis
    bounced                in no scope: no event, and that is known
    not PERSONAL, to       unmeasured, and nothing of it counts
    several addresses, or
    another user's
    one-to-one mail
    under a YES that was   unmeasured, and nothing of it counts
    not for segments
    since which a NO or a  its events count, and it is unmeasured all the same: nobody recorded for a while
    lapse lay between
    older than events are  the same, where single events have to be looked at
    kept

While the answer on the axis is NO nothing counts, and every delivery is unmeasured, whatever the window, so that the
answer tells nothing of what was recorded before. In scope are the deliveries of the mailing; without one those of the
window, `any` of them. An event of the window counts however long ago its mail was sent. Source: domain.md §6, §8, §9, §11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from app.domain.attributes import AttributeCondition, holds
from app.domain.engagement import RECENT, Engagement, engagement
from app.domain.modes import Axis, ClientClass, EventKind, MembershipStatus, TrackingMode
from app.domain.permission import Permission
from app.domain.segments import (
    ActivityCondition,
    ActivityKind,
    All,
    Answer,
    AnyOf,
    EngagementCondition,
    MembershipCondition,
    Not,
    PermissionCondition,
    Rule,
    known,
    of_all,
    of_any,
    opposite,
)


@dataclass(frozen=True, slots=True)
class EventFact:
    """One personal event; `link` is the target of a click."""

    kind: EventKind
    at: datetime
    client_class: ClientClass = ClientClass.UNKNOWN
    link: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFact:
    """One delivery. `own` is False for one-to-one mail of somebody else than the reader.

    `unknown_stops` are the axes on which an UNKNOWN ends the recording, by the settings frozen with it.
    """

    mailing_id: int
    sent_at: datetime
    modes: Mapping[Axis, TrackingMode]
    bounced: bool = False
    gathered: bool = False
    own: bool = True
    unknown_stops: frozenset[Axis] = frozenset()
    events: Sequence[EventFact] = ()


@dataclass(frozen=True, slots=True)
class AxisFact:
    """What somebody answers on one axis, and since when what was recorded may be relied upon.

    `value` is what stands now; `expired` a YES that has outlived its lifetime. `refused_until` is the end of the last
    NO that was lifted, `lapsed_at` the last time that a YES became UNKNOWN, `narrow_until` the end of the last YES
    that was not for segments, the end of time if it stands.
    """

    value: Permission = Permission.UNKNOWN
    expired: bool = False
    refused_until: datetime | None = None
    lapsed_at: datetime | None = None
    narrow_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonFact:
    """Everything of one subscriber that a rule may ask for. `unknown_personal`: `engagement.unknown_is_personal`."""

    axes: Mapping[Axis, AxisFact]
    deliveries: Sequence[DeliveryFact] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    memberships: Mapping[int, MembershipStatus] = field(default_factory=dict)
    unknown_personal: frozenset[Axis] = frozenset()


def answer(rule: Rule, person: PersonFact, now: datetime, events_since: datetime | None = None) -> Answer:
    """What a rule says of somebody at `now`; single events from before `events_since` are not kept."""
    match rule:
        case All(inner):
            return of_all(answer(each, person, now, events_since) for each in inner)
        case AnyOf(inner):
            return of_any(answer(each, person, now, events_since) for each in inner)
        case Not(part):
            return opposite(answer(part, person, now, events_since))
        case ActivityCondition():
            return _activity(rule, person, now, events_since)
        case _:
            return _of_person(rule, person, now)


def _of_person(
    rule: EngagementCondition | PermissionCondition | AttributeCondition | MembershipCondition,
    person: PersonFact,
    now: datetime,
) -> Answer:
    match rule:
        case EngagementCondition(classes):
            return _engaged(engagement_of(person, now), classes)
        case PermissionCondition(values):
            return known(all(person.axes[axis].value in values for axis in rule.axes))
        case AttributeCondition():
            return known(holds(rule, person.attributes))
        case MembershipCondition(list_id, statuses):
            return known(person.memberships.get(list_id) in statuses)
        case _:
            assert_never(rule)


def _engaged(found: Engagement, wanted: frozenset[Engagement]) -> Answer:
    if found is Engagement.NOT_MEASURED and found not in wanted:
        return Answer.UNMEASURED
    return known(found in wanted)


def _activity(
    rule: ActivityCondition, person: PersonFact, now: datetime, events_since: datetime | None
) -> Answer:
    since = rule.since(now)
    axis = rule.kind.axis
    if axis is None:
        count, unmeasured = _sent(rule, person, since), False
    else:
        count, unmeasured = _measured(rule, axis, person, since, events_since)
    answers = []
    if rule.at_least is not None:
        answers.append(_known_if(count >= rule.at_least, Answer.YES, Answer.NO, unmeasured=unmeasured))
    if rule.at_most is not None:
        answers.append(_known_if(count > rule.at_most, Answer.NO, Answer.YES, unmeasured=unmeasured))
    return of_all(answers)


def _known_if(reached: bool, then: Answer, otherwise: Answer, *, unmeasured: bool) -> Answer:
    if reached:
        return then
    return Answer.UNMEASURED if unmeasured else otherwise


def _sent(rule: ActivityCondition, person: PersonFact, since: datetime | None) -> int:
    return sum(
        (since is None or each.sent_at >= since) and each.bounced is not _BOUNCED.get(rule.kind)
        for each in _of_mailing(rule, person)
    )


_BOUNCED = {ActivityKind.DELIVERED: True, ActivityKind.BOUNCED: False}
"""What a delivery must not be, to count."""


def _of_mailing(rule: ActivityCondition, person: PersonFact) -> list[DeliveryFact]:
    return [each for each in person.deliveries if rule.mailing_id in {None, each.mailing_id}]


def _measured(
    rule: ActivityCondition,
    axis: Axis,
    person: PersonFact,
    since: datetime | None,
    events_since: datetime | None,
) -> tuple[int, bool]:
    """How many events count, and whether a delivery in scope was unmeasured."""
    stands = person.axes[axis]
    arrived = [each for each in _of_mailing(rule, person) if not each.bounced]
    if stands.value is Permission.NO:
        return 0, bool(arrived)
    counted = sum(
        _counts(event, rule, since) for each in arrived if counts(each, axis, stands) for event in each.events
    )
    whatever_window = rule.mailing_id is not None or since is None
    scope = [each for each in arrived if whatever_window or (since is not None and each.sent_at >= since)]
    dropped = kept_from(rule, since, events_since)
    return counted, any(
        not counts(each, axis, stands)
        or _interrupted(each, axis, stands, since)
        or (dropped is not None and each.sent_at < dropped)
        for each in scope
    )


def kept_from(
    rule: ActivityCondition, since: datetime | None, events_since: datetime | None
) -> datetime | None:
    """From when on deliveries have all the events that the condition looks at; None where all of them have."""
    if events_since is None or (since is None and rule.link is None):
        return None
    return events_since if since is None or since < events_since else None


def counts(delivery: DeliveryFact, axis: Axis, stands: AxisFact) -> bool:
    """Whether what was recorded of a delivery counts on an axis, where the answer is no NO."""
    if delivery.modes[axis] is not TrackingMode.PERSONAL or delivery.gathered or not delivery.own:
        return False
    return not delivery.bounced and (stands.narrow_until is None or stands.narrow_until <= delivery.sent_at)


def _interrupted(delivery: DeliveryFact, axis: Axis, stands: AxisFact, since: datetime | None) -> bool:
    begins = delivery.sent_at if since is None else max(delivery.sent_at, since)
    if stands.refused_until is not None and stands.refused_until > begins:
        return True
    lapsed = stands.lapsed_at is not None and stands.lapsed_at > delivery.sent_at
    return axis in delivery.unknown_stops and (stands.expired or lapsed)


def _counts(event: EventFact, rule: ActivityCondition, since: datetime | None) -> bool:
    if not _is_on(event, rule.kind.axis) or (since is not None and event.at < since):
        return False
    return rule.link is None or event.link == rule.link


def _is_on(event: EventFact, axis: Axis | None) -> bool:
    if event.kind is EventKind.LOADED_BY_PROXY or event.client_class is ClientClass.SCANNER:
        return False
    return (event.kind is EventKind.CLICKED) is (axis is Axis.CLICKS)


def engagement_of(person: PersonFact, now: datetime) -> Engagement:
    """The class of one subscriber, by the rules of `engagement`."""
    measured = [
        (axis, each)
        for axis in Axis
        if _personal_now(person, axis, now)
        for each in person.deliveries
        if counts(each, axis, person.axes[axis])
    ]
    if not any(now - each.sent_at <= RECENT for _, each in measured):
        return Engagement.NOT_MEASURED
    times = [event.at for axis, each in measured for event in each.events if _is_on(event, axis)]
    return engagement(max(times, default=None), now)


def _personal_now(person: PersonFact, axis: Axis, now: datetime) -> bool:
    stands = person.axes[axis]
    if stands.narrow_until is not None and stands.narrow_until > now:
        return False
    match stands.value:
        case Permission.YES:
            return True
        case Permission.UNKNOWN:
            return axis in person.unknown_personal
        case Permission.NO:
            return False
        case _:
            assert_never(stands.value)
