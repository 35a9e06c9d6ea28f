"""The rule of a segment as callers write it, and back: exactly one condition or connective in each part."""

from collections.abc import Mapping
from typing import Any, Optional

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from app.domain.attributes import AttributeOperator
from app.domain.engagement import Engagement
from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import Permission
from graphql_schema.ids import encode_id, number_of
from graphql_schema.resolving import given
from graphql_schema.urls import PERSONAL_INPUT

Path = tuple[str | int, ...]


@strawberry.input(
    description="How often something happened. Without limits: at least once. What was not measured is neither "
    "yes nor no; prefetching proxies and scanners do not count."
)
class ActivityCondition:
    """How often something happened."""

    mailing_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="Of this mailing; of any unless told."
    )
    within_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="In the last days, 1 to 3,650; ever unless told."
    )
    at_least: int | None = strawberry.field(default=strawberry.UNSET, description="So often, or more often.")
    at_most: int | None = strawberry.field(
        default=strawberry.UNSET, description="So often, or less often; 0 is never."
    )
    link: str | None = strawberry.field(
        default=strawberry.UNSET, description="Clicks of this target, as it stands in the mailing."
    )


@strawberry.input(description="What stands of the permission.")
class PermissionCondition:
    """What stands of the permission."""

    axis: Axis | None = strawberry.field(
        default=strawberry.UNSET, description="On this axis; on both of them unless told."
    )
    is_: list[Permission] = strawberry.field(name="is", description="One of these, at least one.")


@strawberry.input(description="How lately somebody did something.")
class EngagementCondition:
    """Classes of engagement."""

    is_: list[Engagement] = strawberry.field(name="is", description="One of these classes, at least one.")


@strawberry.input(
    description="What an attribute is. Whoever does not have it is not meant, whatever the operator."
)
class AttributeCondition:
    """One attribute."""

    name: str = strawberry.field(description="The attribute's name.")
    op: AttributeOperator = strawberry.field(description="How it is compared.")
    value: JSON | None = strawberry.field(
        metadata=PERSONAL_INPUT,
        default=strawberry.UNSET,
        description="With what: a text, number or boolean that fits the attribute's type; nothing for EXISTS.",
    )


@strawberry.input(description="A place on a list.")
class MembershipCondition:
    """A place on a list."""

    list_id: ID = strawberry.field(description="The list.")
    status: list[MembershipStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="One of these places; SUBSCRIBED unless told."
    )


@strawberry.input(one_of=True, description="One condition, or parts joined; at most 50 parts in all.")
class SegmentRule:
    """A rule. Names of Python's own have a line below them here."""

    all_: list["SegmentRule"] | None = strawberry.field(
        name="all",
        default=strawberry.UNSET,
        description="All of these hold; nothing in it holds for everybody.",
    )
    any_: list["SegmentRule"] | None = strawberry.field(
        name="any",
        default=strawberry.UNSET,
        description="One of these holds; nothing in it holds for nobody.",
    )
    not_: Optional["SegmentRule"] = strawberry.field(
        name="not",
        default=strawberry.UNSET,
        description="This does not hold. Of what was not measured it says nothing.",
    )
    sent: ActivityCondition | None = strawberry.field(
        default=strawberry.UNSET, description="How often mail was sent."
    )
    opened: ActivityCondition | None = strawberry.field(
        default=strawberry.UNSET, description="How often mail was opened."
    )
    clicked: ActivityCondition | None = strawberry.field(
        default=strawberry.UNSET, description="How often links were clicked."
    )
    delivered: ActivityCondition | None = strawberry.field(
        default=strawberry.UNSET, description="How often mail did not bounce."
    )
    bounced: ActivityCondition | None = strawberry.field(
        default=strawberry.UNSET, description="How often mail bounced."
    )
    permission: PermissionCondition | None = strawberry.field(
        default=strawberry.UNSET, description="What stands of the permission."
    )
    attribute: AttributeCondition | None = strawberry.field(
        default=strawberry.UNSET, description="What an attribute is."
    )
    membership: MembershipCondition | None = strawberry.field(
        default=strawberry.UNSET, description="A place on a list."
    )
    engagement: EngagementCondition | None = strawberry.field(
        default=strawberry.UNSET, description="How lately somebody did something."
    )


def rule_document(rule: SegmentRule, path: Path = ("rule",)) -> dict[str, Any]:
    """The rule as the domain reads it, with numbers for ids.

    Raises:
        NotFound: What should be an id of a mailing or list is none.
    """
    if (parts := given(rule.all_)) is not None:
        return {"all": _documents(parts, (*path, "all"))}
    if (parts := given(rule.any_)) is not None:
        return {"any": _documents(parts, (*path, "any"))}
    if (part := given(rule.not_)) is not None:
        return {"not": rule_document(part, (*path, "not"))}
    for name in ("sent", "opened", "clicked", "delivered", "bounced"):
        activity: ActivityCondition | None = given(getattr(rule, name))
        if activity is not None:
            return {name: _activity(activity, (*path, name))}
    return _condition(rule, path)


def _documents(rules: list[SegmentRule], path: Path) -> list[dict[str, Any]]:
    return [rule_document(each, (*path, place)) for place, each in enumerate(rules)]


def _activity(condition: ActivityCondition, path: Path) -> dict[str, Any]:
    mailing_id = given(condition.mailing_id)
    return {
        "mailingId": None
        if mailing_id is None
        else number_of(mailing_id, "Mailing", path=(*path, "mailingId")),
        "withinDays": given(condition.within_days),
        "atLeast": given(condition.at_least),
        "atMost": given(condition.at_most),
        "link": given(condition.link),
    }


def _condition(rule: SegmentRule, path: Path) -> dict[str, Any]:
    if (permission := given(rule.permission)) is not None:
        return {"permission": {"axis": given(permission.axis), "is": permission.is_}}
    if (attribute := given(rule.attribute)) is not None:
        fields = {"name": attribute.name, "op": attribute.op, "value": given(attribute.value)}
        return {"attribute": fields}
    if (membership := given(rule.membership)) is not None:
        list_id = number_of(membership.list_id, "MailingList", path=(*path, "membership", "listId"))
        return {"membership": {"listId": list_id, "status": given(membership.status)}}
    if (engagement := given(rule.engagement)) is not None:
        return {"engagement": {"is": engagement.is_}}
    return {}


_IDS = {"mailingId": "Mailing", "listId": "MailingList"}


def shown_rule(document: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as callers write it, with global ids, without the types that it was stored with."""
    ((name, inside),) = document.items()
    match name:
        case "all" | "any":
            return {name: [shown_rule(each) for each in inside]}
        case "not":
            return {name: shown_rule(inside)}
        case _:
            fields = {key: value for key, value in inside.items() if key != "type"}
            ids = {key: encode_id(_IDS[key], value) for key, value in fields.items() if key in _IDS}
            return {name: fields | ids}
