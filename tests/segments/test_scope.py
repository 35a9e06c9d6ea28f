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
from app.storage.segment_scope import in_steps, looks_at_all, needed_mailings
from tests.segments.people import NOW, USER, ago, somebody
from tests.segments.rules import MOSTLY_NEEDING

_CHANCE = random.Random(2026)  # noqa: S311  Nothing is kept secret by it.
PEOPLE = [somebody(_CHANCE) for _ in range(150)]
CLICKED = ActivityCondition(ActivityKind.CLICKED, mailing_id=11, at_least=1)
SENT = ActivityCondition(ActivityKind.SENT, mailing_id=12, at_least=2)
NOT_OPENED = ActivityCondition(ActivityKind.OPENED, mailing_id=13, at_most=0)
SOMETHING = ActivityCondition(ActivityKind.OPENED, within_days=30, at_least=1)
REFUSED = PermissionCondition(frozenset({Permission.NO}))
# Hypothesis gives up where too many examples in a row are none, and of those above, two in three are not in steps.
IN_STEPS = MOSTLY_NEEDING.filter(lambda rule: in_steps(rule) is not None)


@given(MOSTLY_NEEDING, st.sampled_from([None, USER]), st.booleans(), st.sampled_from([None, ago(60)]))
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


@given(IN_STEPS, st.sampled_from([None, USER]), st.booleans())
def test_both_steps_together_say_what_the_rule_says(rule: Rule, user_id, lapses):
    """Only the second looks at everything that somebody was sent, and nobody it asks of was sent nothing."""
    first, rest = in_steps(rule)

    assert not looks_at_all(first)
    for each in PEOPLE:
        fact = each.fact(user_id, ago(100) if lapses else None, frozenset(Axis))
        left = answer(first, fact, NOW)
        assert answer(All((first, rest)), fact, NOW) is answer(rule, fact, NOW)
        assert left is Answer.NO or fact.deliveries


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        (All((SOMETHING, CLICKED, NOT_OPENED)), ((CLICKED, NOT_OPENED), (SOMETHING,))),
        (All((SOMETHING, All((CLICKED, Not(SOMETHING))))), ((CLICKED,), (SOMETHING, Not(SOMETHING)))),
        (
            All((CLICKED, REFUSED, AnyOf((SENT, SOMETHING)))),
            ((CLICKED, REFUSED), (AnyOf((SENT, SOMETHING)),)),
        ),
        (All((SOMETHING, NOT_OPENED)), None),
        (All((SOMETHING, REFUSED)), None),
        (All((CLICKED, SENT)), None),
        (AnyOf((CLICKED, SOMETHING)), None),
        (SOMETHING, None),
    ],
)
def test_what_is_asked_first(rule: Rule, steps):
    """What leaves somebody out without a look at all their mail, if it needs a mailing."""
    assert in_steps(rule) == (None if steps is None else tuple(map(All, steps)))
