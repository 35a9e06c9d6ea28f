"""Random rules over the world of `people`."""

from dataclasses import replace

from hypothesis import strategies as st

from app.domain.attributes import AttributeOperator, AttributeType, attribute_condition
from app.domain.engagement import Engagement
from app.domain.errors import InvalidRule
from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import Permission
from app.domain.segments import (
    ActivityCondition,
    ActivityKind,
    All,
    AnyOf,
    EngagementCondition,
    MembershipCondition,
    Not,
    PermissionCondition,
)
from tests.segments.people import ATTRIBUTES, LINKS, LISTS, MAILINGS

LIMITS = st.sampled_from([(1, None), (2, None), (None, 0), (None, 1), (1, 2), (0, None), (0, 0)])


@st.composite
def activities(draw):
    kind = draw(st.sampled_from(ActivityKind))
    least, most = draw(LIMITS)
    clicked = kind is ActivityKind.CLICKED
    link = draw(st.none() | st.sampled_from(sorted(set(LINKS.values())))) if clicked else None
    mailing = draw(st.none() | st.sampled_from([*MAILINGS, 99]))
    within = draw(st.none() | st.sampled_from([1, 30, 90, 365]))
    return ActivityCondition(kind, mailing, within, least, most, link)


@st.composite
def attributes(draw):
    name = draw(st.sampled_from([*ATTRIBUTES, "nothing"]))
    values = [each for each in ATTRIBUTES.get(name, ["x"]) if each is not None]
    operator = draw(st.sampled_from(AttributeOperator))
    value = None if operator is AttributeOperator.EXISTS else draw(st.sampled_from(values))
    try:
        return attribute_condition(name, operator, draw(st.none() | st.sampled_from(AttributeType)), value)
    except InvalidRule:
        return attribute_condition(name, AttributeOperator.EXISTS, None, None)


def some_of(kind):
    return st.frozensets(st.sampled_from(kind), min_size=1)


CONDITIONS = st.one_of(
    activities(),
    activities(),
    activities(),
    attributes(),
    st.builds(PermissionCondition, some_of(Permission), st.none() | st.sampled_from(Axis)),
    st.builds(EngagementCondition, some_of(Engagement)),
    st.builds(MembershipCondition, st.sampled_from(LISTS), some_of(MembershipStatus)),
)
RULES = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: All(tuple(parts)), st.lists(inner, max_size=3)),
        st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)

NEEDING = st.builds(
    ActivityCondition,
    st.sampled_from(ActivityKind),
    mailing_id=st.sampled_from([*MAILINGS]),
    within_days=st.none() | st.sampled_from([30, 365]),
    at_least=st.sampled_from([1, 2]),
)
"""Conditions that say no of everybody who was not sent a mailing."""

MOSTLY_NEEDING = st.one_of(
    RULES,
    st.builds(lambda one, other: All((one, other)), RULES, NEEDING),
    st.builds(lambda one, rule, other: AnyOf((one, All((rule, other)))), NEEDING, RULES, NEEDING),
    st.builds(
        lambda one, rule, other: All((of_any_mailing(one), All((rule, AnyOf((one, other)))))),
        NEEDING,
        RULES,
        NEEDING,
    ),
)


def of_any_mailing(condition):
    """The same of any mailing, at most so often."""
    return replace(condition, mailing_id=None, at_least=None, at_most=condition.at_least)
