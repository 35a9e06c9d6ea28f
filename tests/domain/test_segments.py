"""The logic of segments: Kleene's strong three values, and how rules are written down and read again."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidRule
from app.domain.segment_documents import from_document, read, to_document, written
from app.domain.segments import (
    ActivityCondition,
    ActivityKind,
    All,
    Answer,
    AnyOf,
    MembershipCondition,
    Not,
    names_people,
    of_all,
    of_any,
    opposite,
    parts,
    references,
    taken,
)
from tests.segments.rules import RULES

YES, NO, UNMEASURED = Answer.YES, Answer.NO, Answer.UNMEASURED
ANSWERS = st.sampled_from(Answer)
SEVERAL = st.lists(ANSWERS)
MEANT = {YES: {True}, NO: {False}, UNMEASURED: {True, False}}
"""What an answer leaves possible."""


def _answer(possible: set[bool]) -> Answer:
    return next(each for each, meant in MEANT.items() if meant == possible)


@given(SEVERAL)
def test_joining_says_what_holds_whatever_the_unmeasured_would_have_been(answers):
    """Kleene's strong logic is what is left when every unmeasured part is tried both ways."""
    tried = list(product(*(MEANT[each] for each in answers)))

    assert of_all(answers) is _answer({all(each) for each in tried})
    assert of_any(answers) is _answer({any(each) for each in tried})


@given(ANSWERS, SEVERAL)
def test_laws_of_the_logic(one, several):
    assert opposite(opposite(one)) is one
    assert opposite(of_all(several)) is of_any(map(opposite, several))
    assert of_all([*several, one]) is of_all([one, *several])
    assert of_all([one, of_any([one, *several])]) is one
    assert of_any([one, one]) is of_all([one, one]) is one


def test_nothing_joined_is_everybody_or_nobody():
    assert (of_all([]), of_any([])) == (YES, NO)


@pytest.mark.parametrize("said", Answer)
def test_a_segment_takes_a_yes_and_the_unmeasured_where_it_says_so(said):
    assert taken(said, include_unmeasured=False) is (said is YES)
    assert taken(said, include_unmeasured=True) is (said is not NO)


@given(RULES)
def test_a_rule_reads_as_it_was_written(rule):
    assert from_document(to_document(rule)) == rule
    assert read(written(rule), {}) == rule


@given(RULES)
def test_a_rule_tells_of_people_if_any_of_its_parts_does(rule):
    assert names_people(rule) is any(names_people(each) for each in parts(rule))
    assert names_people(Not(rule)) is names_people(rule)


def test_a_rule_says_what_it_names_and_where():
    sent = ActivityCondition(ActivityKind.SENT, mailing_id=5, at_least=1)
    rule = All((AnyOf((sent,)), Not(MembershipCondition(7))))

    assert [tuple(each) for each in references(rule)] == [
        ("Mailing", 5, ("rule", "all", 0, "any", 0, "sent", "mailingId")),
        ("MailingList", 7, ("rule", "all", 1, "not", "membership", "listId")),
    ]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (None, ("rule",)),
        ({}, ("rule",)),
        ({"sent": {}, "opened": {}}, ("rule",)),
        ({"received": {}}, ("rule", "received")),
        ({"all": {"sent": {}}}, ("rule", "all")),
        ({"all": [{"sent": {}}, 7]}, ("rule", "all", 1)),
        ({"sent": 7}, ("rule", "sent")),
        ({"sent": {"often": True}}, ("rule", "sent", "often")),
        ({"sent": {"atLeast": True}}, ("rule", "sent", "atLeast")),
        ({"sent": {"mailingId": 0}}, ("rule", "sent", "mailingId")),
        ({"clicked": {"link": "\ud800"}}, ("rule", "clicked", "link")),
        ({"permission": {"is": ["YES", "MAYBE"]}}, ("rule", "permission", "is", 1)),
        ({"permission": {"is": ["YES"], "axis": "ALL"}}, ("rule", "permission", "axis")),
        ({"membership": {}}, ("rule", "membership", "listId")),
        ({"membership": {"listId": 7, "status": []}}, ("rule", "membership", "status")),
        ({"attribute": {"op": "EQ", "value": "x"}}, ("rule", "attribute", "name")),
        ({"attribute": {"name": "x", "value": "x"}}, ("rule", "attribute", "op")),
        ({"attribute": {"name": "x", "op": "LIKE", "value": "x"}}, ("rule", "attribute", "op")),
        ({"attribute": {"name": "x", "op": "EQ", "value": "x" * 2_001}}, ("rule", "attribute", "value")),
        ({"attribute": {"name": "x", "op": "EQ", "value": float("inf")}}, ("rule", "attribute", "value")),
    ],
)
def test_what_is_not_understood_is_an_error_with_its_path(document, path):
    with pytest.raises(InvalidRule) as refused:
        read(document, {})

    assert refused.value.path == path


def test_a_document_of_another_version_is_not_guessed_at():
    with pytest.raises(InvalidRule):
        from_document({**to_document(All(())), "version": 2})
