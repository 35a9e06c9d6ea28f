"""Nothing on a person's page goes unexplained: every reason has its sentence in every language."""

from datetime import UTC, datetime

import pytest

from app.disclosure.preferences import AxisView
from app.domain.decisions import DecisionLayer, DecisionReason, DecisionStep
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import Permission, PermissionSource, PermissionState, Reason
from app.look.languages import LANGUAGES
from preference_center.words import why

AT = datetime(2026, 3, 4, tzinfo=UTC)


def view(reason: DecisionReason, stands: PermissionState, mode: TrackingMode = TrackingMode.OFF) -> AxisView:
    return AxisView(Axis.OPENS, stands, mode, DecisionStep(DecisionLayer.PERMISSION, mode, reason, stands))


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("reason", DecisionReason)
@pytest.mark.parametrize("mode", TrackingMode)
def test_every_reason_is_said_in_whole_sentences(tag: str, reason: DecisionReason, mode: TrackingMode):
    for silence in (Reason.NEVER_ASKED, Reason.ASKED_NO_ANSWER, Reason.NOTIFIED_NO_OBJECTION, Reason.LAPSED):
        sentence = why(view(reason, PermissionState(reason=silence), mode), "Test", LANGUAGES[tag])

        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "  " not in sentence


@pytest.mark.parametrize("source", [*PermissionSource, None])
def test_a_no_names_its_day_and_where_it_was_given(source: PermissionSource | None):
    stands = PermissionState(Permission.NO, Reason.DENIED, AT, AT, source)

    sentence = why(view(DecisionReason.SAID_NO, stands), "Test", LANGUAGES["en"])

    assert sentence.startswith("You said no on 4 March 2026")
    assert "according to the records of Test" in sentence or source not in {
        PermissionSource.API,
        PermissionSource.IMPORT,
        PermissionSource.SEND,
    }


def test_a_yes_without_a_day_still_reads_well():
    stands = PermissionState(Permission.YES, None)

    assert why(view(DecisionReason.SAID_YES, stands), "Test", LANGUAGES["en"]) == "You said yes."
