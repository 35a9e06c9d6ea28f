"""The languages of pages and mails: who gets which, and how each writes days, times, numbers and plurals."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.domain.modes import Axis, TrackingMode
from app.look.footers import footer_html
from app.look.languages import LANGUAGES, language

AT = datetime(2026, 3, 4, 14, 5, tzinfo=UTC)


def test_five_languages_are_spoken_and_named_as_their_speakers_do():
    assert {tag: spoken.name for tag, spoken in LANGUAGES.items()} == {
        "de": "Deutsch",
        "en": "English",
        "es": "Español",
        "fr": "Français",
        "it": "Italiano",
    }


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("axis", Axis)
@pytest.mark.parametrize("mode", TrackingMode)
def test_every_mode_of_every_axis_has_its_sentence(tag: str, axis: Axis, mode: TrackingMode):
    assert LANGUAGES[tag].say(f"sees.{axis}.{mode}", account="Test").endswith(".")


@pytest.mark.parametrize(
    ("wanted", "accepted", "known", "tag"),
    [
        (None, None, None, "en"),
        ("de", "en", "en", "de"),
        ("xx", "de-AT,en;q=0.5", None, "de"),
        (None, "pt, fr;q=0.7, de;q=0.2, en;q=0.1", None, "fr"),
        (None, "de;q=0, *;q=0.1", None, "en"),
        (None, "de;q=nonsense", "xx", "en"),
        (None, "", "de-CH", "de"),
        (None, None, "es-419", "es"),
        ("IT", None, None, "it"),
        ("<script>", ",;,", "", "en"),
    ],
)
def test_the_first_language_that_is_spoken_here_is_taken(wanted, accepted, known, tag):
    assert language(wanted, accepted=accepted, known=known).tag == tag


@pytest.mark.parametrize(
    ("tag", "day", "number"),
    [
        ("en", "4 March 2026", "12,345"),
        ("de", "4. März 2026", "12.345"),
        ("fr", "4 mars 2026", "12\u202f345"),
        ("it", "4 marzo 2026", "12.345"),
        ("es", "4 de marzo de 2026", "12.345"),
    ],
)
def test_days_and_numbers_are_written_as_the_language_writes_them(tag: str, day: str, number: str):
    assert (LANGUAGES[tag].date(AT), LANGUAGES[tag].number(12_345)) == (day, number)


def test_a_time_is_said_in_utc_wherever_it_came_from():
    elsewhere = AT.astimezone(timezone(timedelta(hours=10)))

    assert LANGUAGES["en"].moment(elsewhere) == "4 March 2026, 14:05 UTC"


@pytest.mark.parametrize(
    ("tag", "once", "often"),
    [
        ("en", "Opened once.", "Opened 2,000 times."),
        ("de", "Einmal geöffnet.", "2.000-mal geöffnet."),
        ("fr", "Ouvert une fois.", "Ouvert 2\u202f000 fois."),
        ("it", "Aperta una volta.", "Aperta 2.000 volte."),
        ("es", "Abierto una vez.", "Abierto 2.000 veces."),
    ],
)
def test_one_and_many_are_told_apart(tag: str, once: str, often: str):
    assert LANGUAGES[tag].count("recorded.opens", 1) == once
    assert LANGUAGES[tag].count("recorded.opens", 2_000) == often


@pytest.mark.parametrize(
    ("locale", "tag", "line"),
    [
        ("fr-CH", "fr", "vous qui décidez si nous voyons"),
        ("it", "it", "È lei a decidere"),
        (None, "en", "You decide"),
        ("xx", "en", "You decide"),
    ],
)
def test_the_footer_of_a_mail_speaks_the_recipients_language(locale: str | None, tag: str, line: str):
    html = footer_html(locale, "https://example.org/preferences/x?a=1&b=2")

    assert f'<p lang="{tag}"' in html
    assert line in html
    assert 'href="https://example.org/preferences/x?a=1&amp;b=2"' in html
