"""The languages of pages and mails: whole catalogs, and who gets which."""

import string
from datetime import UTC, datetime

import pytest

from app.domain.modes import Axis, TrackingMode
from app.look.languages import LANGUAGES, language


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_catalog_has_the_same_keys_with_the_same_braces(tag: str):
    def braces(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, words = LANGUAGES["en"].words, LANGUAGES[tag].words

    assert words.keys() == english.keys()
    for key, text in english.items():
        # A language may name the account more often or less, and may not name what is not given.
        assert braces(words[key]) - {"account"} == braces(text) - {"account"}, key
        assert "account" not in braces(words[key]) or "account" in braces(text), key


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
        (None, "fr, de;q=0.2, en;q=0.1", None, "de"),
        (None, "de;q=0, *;q=0.1", None, "en"),
        (None, "de;q=nonsense", "xx", "en"),
        (None, "", "de-CH", "de"),
        ("<script>", ",;,", "", "en"),
    ],
)
def test_the_first_language_that_is_spoken_here_is_taken(wanted, accepted, known, tag):
    assert language(wanted, accepted=accepted, known=known).tag == tag


def test_a_day_is_written_as_the_language_writes_it():
    at = datetime(2026, 3, 4, tzinfo=UTC)

    assert LANGUAGES["en"].date(at) == "4 March 2026"
    assert LANGUAGES["de"].date(at) == "4. März 2026"
