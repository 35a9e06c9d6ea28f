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
        assert sentence.count(".") == 1


@pytest.mark.parametrize("source", [*PermissionSource, None])
def test_a_no_names_its_day_and_where_it_was_given(source: PermissionSource | None):
    stands = PermissionState(Permission.NO, Reason.DENIED, AT, AT, source)

    sentence = why(view(DecisionReason.SAID_NO, stands), "Test", LANGUAGES["en"])

    assert sentence.startswith("Opens are not tracked, because you said no on 4 March 2026")
    assert "according to the records of Test" in sentence or source not in {
        PermissionSource.API,
        PermissionSource.IMPORT,
        PermissionSource.SEND,
    }


def test_a_yes_without_a_day_still_reads_well():
    stands = PermissionState(Permission.YES, None)

    assert why(view(DecisionReason.SAID_YES, stands), "Test", LANGUAGES["en"]) == (
        "Opens are not tracked, because you said yes."
    )


DAY = datetime(2026, 3, 3, tzinfo=UTC)
SENTENCES = {
    DecisionReason.SAID_YES: (
        TrackingMode.PERSONAL,
        "Opens are tracked, because you said yes on 3 March 2026 in the preference center.",
        "Das Öffnen wird erfasst, weil Sie am 3. März 2026 in den Einstellungen auf dieser Seite Ja gesagt haben.",
    ),
    DecisionReason.SAID_NO: (
        TrackingMode.OFF,
        "Opens are not tracked, because you said no on 3 March 2026 in the preference center.",
        "Das Öffnen wird nicht erfasst, weil Sie am 3. März 2026 in den Einstellungen auf dieser Seite Nein gesagt haben.",
    ),
    DecisionReason.NEVER_ANSWERED: (
        TrackingMode.OFF,
        "Opens are not tracked, because you have not been asked yet.",
        "Das Öffnen wird nicht erfasst, weil Sie noch nicht gefragt wurden.",
    ),
    DecisionReason.NOT_ASKED_HERE: (
        TrackingMode.PERSONAL,
        "Opens are tracked, because you have not been asked yet, and Test includes everybody who has not said no.",
        "Das Öffnen wird erfasst, weil Sie noch nicht gefragt wurden und Test alle einbezieht, die nicht Nein gesagt haben.",
    ),
    DecisionReason.CHANNEL_DEFAULT: (
        TrackingMode.ANONYMOUS,
        "Opens are counted without your name, because Test has chosen this for all mails of this kind.",
        "Das Öffnen wird ohne Ihren Namen gezählt, weil Test das für alle Mails dieser Art so gewählt hat.",
    ),
    DecisionReason.ANONYMOUS_SWITCH: (
        TrackingMode.ANONYMOUS,
        "Opens are counted without your name, because Test counts mails of this kind without names.",
        "Das Öffnen wird ohne Ihren Namen gezählt, weil Test bei Mails dieser Art ohne Namen zählt.",
    ),
    DecisionReason.KILL_SWITCH: (
        TrackingMode.OFF,
        "Opens are not tracked, because all tracking is switched off here.",
        "Das Öffnen wird nicht erfasst, weil hier alles Tracking abgeschaltet ist.",
    ),
    DecisionReason.MAILING_MODE: (
        TrackingMode.OFF,
        "Opens are not tracked, because the mailing itself is set that way.",
        "Das Öffnen wird nicht erfasst, weil es für diese Mail so eingestellt ist.",
    ),
    DecisionReason.MAILING_PERMISSION_BASED: (
        TrackingMode.PERSONAL,
        "Opens are tracked, because the mailing goes by everybody's own answer.",
        "Das Öffnen wird erfasst, weil sich diese Mail nach der Antwort jeder einzelnen Person richtet.",
    ),
    DecisionReason.SERVICE_MAIL: (
        TrackingMode.OFF,
        "Opens are not tracked, because mails that ask, confirm or bring this page are never tracked.",
        "Das Öffnen wird nicht erfasst, weil Mails, die fragen, bestätigen oder auf diese Seite führen, nie erfasst werden.",
    ),
    DecisionReason.NO_WAY_OUT: (
        TrackingMode.OFF,
        "Opens are not tracked, because the mail has no link to this page, and Test requires one.",
        "Das Öffnen wird nicht erfasst, weil die Mail keinen Link auf diese Seite hat und Test einen verlangt.",
    ),
    DecisionReason.NOTHING_TO_TRACK: (
        TrackingMode.OFF,
        "Opens are not tracked, because there is nothing in the mail that could be tracked.",
        "Das Öffnen wird nicht erfasst, weil in der Mail nichts steht, was erfasst werden könnte.",
    ),
    DecisionReason.RELAY_WITHOUT_CONSENT: (
        TrackingMode.OFF,
        "Opens are not tracked, because nobody said where your consent is kept.",
        "Das Öffnen wird nicht erfasst, weil niemand gesagt hat, wo Ihre Einwilligung aufbewahrt wird.",
    ),
    DecisionReason.TOGGLED_OFF: (
        TrackingMode.OFF,
        "Opens are not tracked, because tracking was switched off for this mail.",
        "Das Öffnen wird nicht erfasst, weil das Tracking für diese Mail ausgeschaltet wurde.",
    ),
    DecisionReason.FROZEN_AT_SENDING: (
        TrackingMode.OFF,
        "Opens are not tracked, because this was decided when the mail was sent.",
        "Das Öffnen wird nicht erfasst, weil das beim Versand der Mail so entschieden wurde.",
    ),
    DecisionReason.PRIVACY_SIGNAL: (
        TrackingMode.ANONYMOUS,
        "Opens are counted without your name, because your browser sends the Global Privacy Control signal.",
        "Das Öffnen wird ohne Ihren Namen gezählt, weil Ihr Browser das Signal Global Privacy Control sendet.",
    ),
    DecisionReason.NOBODY_ADDRESSED: (
        TrackingMode.OFF,
        "Opens are not tracked, because the mail names no recipient.",
        "Das Öffnen wird nicht erfasst, weil die Mail keinen Empfänger nennt.",
    ),
    DecisionReason.UNREADABLE: (
        TrackingMode.OFF,
        "Opens are not tracked, because something could not be read, and in doubt nobody is tracked.",
        "Das Öffnen wird nicht erfasst, weil etwas nicht lesbar war und im Zweifel niemand erfasst wird.",
    ),
}
"""The mode that the sentence is told at, and its words in English and German."""


@pytest.mark.parametrize("reason", DecisionReason)
def test_x1_every_reason_has_its_exact_sentence_in_each_language(reason: DecisionReason):
    mode, english, german = SENTENCES[reason]
    answered = PermissionState(Permission.YES, None, DAY, DAY, PermissionSource.PREFERENCE_CENTER)
    silent = {DecisionReason.NEVER_ANSWERED, DecisionReason.NOT_ASKED_HERE}
    each = view(reason, PermissionState() if reason in silent else answered, mode)

    assert why(each, "Test", LANGUAGES["en"]) == english
    assert why(each, "Test", LANGUAGES["de"]) == german
