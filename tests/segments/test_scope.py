"""Of whom a rule can be anything but a plain no: only they are looked at."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.modes import Axis
from app.domain.permission import Permission
from app.domain.segment_meaning import answer
from app.domain.segments import (
    ActivityCondition,
    ActivityKind,
    All,
    Answer,
    AnyOf,
    Not,
    PermissionCondition,
    Rule,
)
from app.storage.segment_scope import needed_mailings
from tests.segments.people import MAILINGS, NOW, USER, ago, somebody
from tests.segments.rules import RULES

_CHANCE = random.Random(2026)  # noqa: S311  Nothing is kept secret by it.
PEOPLE = [somebody(_CHANCE) for _ in range(150)]
CLICKED = ActivityCondition(ActivityKind.CLICKED, mailing_id=11, at_least=1)
SENT = ActivityCondition(ActivityKind.SENT, mailing_id=12, at_least=2)
NOT_OPENED = ActivityCondition(ActivityKind.OPENED, mailing_id=13, at_most=0)
SOMETHING = ActivityCondition(ActivityKind.OPENED, within_days=30, at_least=1)
REFUSED = PermissionCondition(frozenset({Permission.NO}))

_NEEDING = st.builds(
    ActivityCondition,
    st.sampled_from(ActivityKind),
    mailing_id=st.sampled_from([*MAILINGS]),
    at_least=st.sampled_from([1, 2]),
)
_MOSTLY_NEEDING = st.one_of(
    RULES,
    st.builds(lambda one, other: All((one, other)), RULES, _NEEDING),
    st.builds(lambda one, rule, other: AnyOf((one, All((rule, other)))), _NEEDING, RULES, _NEEDING),
)


@given(_MOSTLY_NEEDING, st.sampled_from([None, USER]), st.booleans(), st.sampled_from([None, ago(60)]))
def test_of_everybody_else_the_answer_is_a_plain_no(rule: Rule, user_id, lapses, events_since):
    """Never UNMEASURED: where nothing was sent, there is nothing that could not be measured."""
    needed = needed_mailings(rule)
    assume(needed is not None)

    for each in PEOPLE:
        fact = each.fact(user_id, ago(100) if lapses else None, frozenset(Axis))
        if not any(delivery.mailing_id in needed for delivery in fact.deliveries):
            assert answer(rule, fact, NOW, events_since) is Answer.NO


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        (CLICKED, {11}),
        (All((SOMETHING, CLICKED, Not(SENT))), {11}),
        (AnyOf((CLICKED, SENT)), {11, 12}),
        (All((AnyOf((CLICKED, SENT)), SENT)), {12}),
        (AnyOf((CLICKED, REFUSED)), None),
        (Not(CLICKED), None),
        (NOT_OPENED, None),
        (SOMETHING, None),
        (All(()), None),
    ],
)
def test_the_mailings_that_somebody_must_have_been_sent(rule: Rule, needed):
    """A rule that holds without a mail leaves nobody out."""
    assert needed_mailings(rule) == needed


def test_a_rule_that_nobody_can_meet_needs_none_of_all_mailings():
    """Any of nothing is nobody."""
    assert needed_mailings(AnyOf(())) == frozenset()
