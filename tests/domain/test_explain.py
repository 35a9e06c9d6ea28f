"""Explain: every reason has its exact sentence, and no sentence names the person (X1)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decisions import DecisionLayer, DecisionReason, DecisionStep
from app.domain.explain import sentence
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, PermissionState, Reason
from app.domain.precedence import decide, decide_hit
from tests.domain.tracking import ANONYMOUS, NO, NOW, OFF, PERSONAL, YES, hits, modes, sendings, states

SENTENCES = {
    DecisionReason.KILL_SWITCH: (
        OFF,
        "Opens are not tracked, because tracking is switched off for the whole instance.",
    ),
    DecisionReason.ANONYMOUS_SWITCH: (
        ANONYMOUS,
        "Opens are counted at most anonymously, because anonymous tracking is on for this channel.",
    ),
    DecisionReason.MAILING_MODE: (
        ANONYMOUS,
        "Opens are counted at most anonymously, because the mailing itself says so.",
    ),
    DecisionReason.MAILING_PERMISSION_BASED: (
        PERSONAL,
        "Opens may be tracked personally, because the mailing itself asks for each person's permission.",
    ),
    DecisionReason.CHANNEL_DEFAULT: (
        PERSONAL,
        "Opens may be tracked personally, because this is the default of the channel.",
    ),
    DecisionReason.SERVICE_MAIL: (
        OFF,
        "Opens are not tracked, because mails that ask, confirm or hand out a preferences link are never tracked.",
    ),
    DecisionReason.NO_WAY_OUT: (
        OFF,
        "Opens are not tracked, because the mail has no preferences link and the account requires one.",
    ),
    DecisionReason.NOTHING_TO_TRACK: (
        OFF,
        "Opens are not tracked, because there is nothing in the mail that could be tracked.",
    ),
    DecisionReason.RELAY_WITHOUT_CONSENT: (
        OFF,
        "Opens are not tracked, because the relay does not say in which system consent is held.",
    ),
    DecisionReason.TOGGLED_OFF: (
        OFF,
        "Opens are not tracked, because tracking was switched off for this mail.",
    ),
    DecisionReason.SAID_YES: (
        PERSONAL,
        "Opens may be tracked personally, because the person said yes on 3 March 2026 in the preference center.",
    ),
    DecisionReason.SAID_NO: (
        OFF,
        "Opens are not tracked, because the person said no on 3 March 2026 in the preference center.",
    ),
    DecisionReason.NEVER_ANSWERED: (OFF, "Opens are not tracked, because the person was never asked."),
    DecisionReason.NOT_ASKED_HERE: (
        PERSONAL,
        (
            "Opens may be tracked personally, because the person never answered, "
            "and this mailing does not depend on an answer."
        ),
    ),
    DecisionReason.FROZEN_AT_SENDING: (
        OFF,
        "Opens are not tracked, because this was decided when the mail was sent.",
    ),
    DecisionReason.PRIVACY_SIGNAL: (
        ANONYMOUS,
        "Opens are counted at most anonymously, because the browser sent the Global Privacy Control signal.",
    ),
    DecisionReason.NOBODY_ADDRESSED: (
        OFF,
        "Opens are not tracked, because the message names no recipient.",
    ),
    DecisionReason.UNREADABLE: (
        OFF,
        "Opens are not tracked, because something about this message could not be read.",
    ),
}
STATES = {
    DecisionReason.SAID_YES: replace(YES, person_time=NOW),
    DecisionReason.SAID_NO: replace(NO, person_time=NOW),
    DecisionReason.NEVER_ANSWERED: NEVER_ASKED,
}


def step(reason: DecisionReason, ceiling: TrackingMode, state: PermissionState | None = None) -> DecisionStep:
    """One step of a trace; its layer has no part in the words."""
    return DecisionStep(DecisionLayer.PERMISSION, ceiling, reason, state)


@pytest.mark.parametrize("reason", DecisionReason)
def test_x1_every_reason_has_its_sentence(reason: DecisionReason):
    ceiling, words = SENTENCES[reason]

    assert sentence(step(reason, ceiling, STATES.get(reason)), Axis.OPENS) == words
    assert sentence(step(reason, ceiling, STATES.get(reason)), Axis.CLICKS) == f"Clicks{words[5:]}"


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (PermissionSource.FORM, " in a sign-up form"),
        (PermissionSource.PREFERENCE_CENTER, " in the preference center"),
        (PermissionSource.ONE_CLICK, " by a one-click link"),
        (PermissionSource.REQUEST_MAIL, " in answer to a permission request"),
        (PermissionSource.IMPORT, " according to an import"),
        (PermissionSource.API, " according to the sender's system"),
        (PermissionSource.SEND, " according to the sender, with a mail"),
        (PermissionSource.MERGE, " under another address that was merged with this one"),
        (PermissionSource.RESUBSCRIBE, " before subscribing again"),
        (PermissionSource.EXPIRY, " too long ago"),
        (PermissionSource.RESET, " before a reset"),
        (PermissionSource.ERASURE, " when asking to be erased"),
        (None, ""),
    ],
)
def test_x1_an_answer_says_where_it_was_given(source: PermissionSource | None, place: str):
    said = step(DecisionReason.SAID_NO, OFF, replace(NO, person_time=NOW, source=source))

    assert sentence(said, Axis.CLICKS) == (
        f"Clicks are not tracked, because the person said no on 3 March 2026{place}."
    )


def test_an_answer_without_a_date_or_a_state_says_no_more_than_is_known():
    undated = step(DecisionReason.SAID_NO, OFF, replace(NO, person_time=None))
    bare = step(DecisionReason.SAID_YES, PERSONAL)

    assert sentence(undated, Axis.OPENS) == (
        "Opens are not tracked, because the person said no in the preference center."
    )
    assert sentence(bare, Axis.OPENS) == "Opens may be tracked personally, because the person said yes."


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.NEVER_ASKED, "the person was never asked"),
        (Reason.ASKED_NO_ANSWER, "the person was asked and did not answer"),
        (Reason.NOTIFIED_NO_OBJECTION, "the person was notified and did not object"),
        (Reason.LAPSED, "an earlier yes has lapsed"),
        (None, "the person was never asked"),
    ],
)
def test_x1_silence_says_which_silence_it_is(reason: Reason | None, words: str):
    def silent(ceiling: TrackingMode) -> str:
        state = PermissionState(Permission.UNKNOWN, reason)
        return sentence(step(DecisionReason.NEVER_ANSWERED, ceiling, state), Axis.OPENS)

    assert silent(OFF) == f"Opens are not tracked, because {words}."
    assert silent(ANONYMOUS) == f"Opens are counted at most anonymously, because {words}."
    assert silent(PERSONAL) == (
        f"Opens may be tracked personally, because {words}, and the account tracks people who have not answered."
    )


def test_a_refusal_that_is_counted_says_so():
    counted = step(DecisionReason.SAID_NO, ANONYMOUS, STATES[DecisionReason.SAID_NO])

    assert sentence(counted, Axis.OPENS) == (
        "Opens are counted at most anonymously, "
        "because the person said no on 3 March 2026 in the preference center."
    )


def test_every_month_has_its_english_name():
    def month(number: int) -> str:
        state = replace(NO, person_time=datetime(2026, number, 1, tzinfo=UTC), source=None)
        words = sentence(step(DecisionReason.SAID_NO, OFF, state), Axis.OPENS)
        return words.removeprefix("Opens are not tracked, because the person said no on 1 ")

    assert [month(number) for number in range(1, 13)] == [
        "January 2026.",
        "February 2026.",
        "March 2026.",
        "April 2026.",
        "May 2026.",
        "June 2026.",
        "July 2026.",
        "August 2026.",
        "September 2026.",
        "October 2026.",
        "November 2026.",
        "December 2026.",
    ]


@given(st.sampled_from(DecisionReason), modes, st.none() | states, st.sampled_from(Axis))
def test_any_step_reads_as_one_sentence_that_names_nobody(
    reason: DecisionReason, ceiling: TrackingMode, state: PermissionState | None, axis: Axis
):
    words = sentence(step(reason, ceiling, state), axis)

    assert words.startswith(axis.value.capitalize())
    assert words.count(".") == 1
    assert words.endswith(".")
    assert [sign for sign in ("@", "_", "None") if sign in words] == []


@given(sendings(), hits())
def test_x1_every_line_of_every_trace_can_be_said(sending, hit):
    decided = decide(sending)

    for axis in Axis:
        assert all(sentence(each, axis) for each in decided.on(axis).trace)
    assert all(sentence(each, hit.axis) for each in decide_hit(hit).trace)
