"""Texts that callers bring: what can be kept is kept, anything else is refused with its path."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidValue
from app.domain.texts import (
    LARGEST_ATTRIBUTES,
    checked_locale,
    checked_name,
    checked_wording,
    merged_attributes,
    storable,
)

texts = st.text(st.characters(codec="utf-8", min_codepoint=1), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.text(st.characters()))
def test_a_text_is_storable_if_utf_8_can_write_it_and_it_holds_no_nul(text: str):
    if "\0" in text or any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        with pytest.raises(InvalidValue) as refused:
            storable(text, "city")
        assert refused.value.path == ("city",)
    else:
        assert storable(text, "city") == text.encode().decode()


def test_a_name_is_one_trimmed_line_of_up_to_200_characters():
    assert checked_name("  Letters for Zoë ") == "Letters for Zoë"
    assert checked_name("x" * 200) == "x" * 200
    for name in ("", " ", "x" * 201, "a\0b", "a\nb", "a\x7fb", "a\ud800"):
        with pytest.raises(InvalidValue) as refused:
            checked_name(name)
        assert refused.value.path == ("name",)


def test_a_wording_may_have_lines_but_no_nul():
    assert checked_wording(" May we?\nReally? ", "text") == "May we?\nReally?"
    for text in ("", " \n", "x" * 4_001, "May\0we?"):
        with pytest.raises(InvalidValue) as refused:
            checked_wording(text, "text")
        assert refused.value.path == ("text",)


def test_a_locale_is_a_language_tag_of_at_most_35_characters():
    for tag in ("de", "de-CH", "zh-Hant-TW", "de-CH-x-formal", "sl-" + "abcdefgh-" * 3 + "abcde"):
        assert checked_locale(tag) == tag
    for text in ("", "d", "deutsch-", "de_DE", "<b>", "de\0", "de\n", "sl-" + "abcdefgh-" * 3 + "abcdef"):
        with pytest.raises(InvalidValue):
            checked_locale(text, "locale")


@given(st.dictionaries(texts, values, max_size=4), st.dictionaries(texts, values, max_size=4))
def test_attributes_merge_by_name_and_stay_plain_json(stands, new):
    merged = merged_attributes(stands, new, "attributes")

    assert merged == {**stands, **new}
    assert len(json.dumps(merged, ensure_ascii=False).encode()) <= LARGEST_ATTRIBUTES


def test_attributes_are_bounded_together_with_what_was_there():
    """Two halves that fit alone do not fit together; replacing one by the same does."""
    half = {"a": "x" * 9_000}

    assert merged_attributes(half, {"a": "y" * 9_000}) == {"a": "y" * 9_000}
    with pytest.raises(InvalidValue, match="at most 16384 bytes"):
        merged_attributes(half, {"b": "x" * 9_000}, "attributes")
    with pytest.raises(InvalidValue, match="at most 16384 bytes"):
        merged_attributes({}, {"a": "ü" * 8_200}, "attributes")


@pytest.mark.parametrize(
    "attributes",
    [
        {"a\0": 1},
        {"a": "x\0"},
        {"a": {"b": ["x\0"]}},
        {"a": "\ud800"},
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 10**5_000},
        {"a": json.loads("[" * 33 + "]" * 33)},
    ],
)
def test_attributes_that_no_database_keeps_are_refused(attributes):
    with pytest.raises(InvalidValue) as refused:
        merged_attributes({}, attributes, "attributes")
    assert refused.value.path == ("attributes",)


def test_attributes_nest_32_levels_deep():
    attributes = {"a": json.loads("[" * 31 + "1" + "]" * 31)}

    assert merged_attributes({}, attributes) == attributes


def test_endless_nesting_is_refused_and_not_followed():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(InvalidValue, match="at most 32 levels"):
        merged_attributes({}, {"a": deep}, "attributes")
