"""Fields of a form's own: what they may be called, and what each type takes and keeps."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.attributes import AttributeType
from app.domain.errors import InvalidValue
from app.domain.form_fields import FormField, checked_fields, read_fields
from app.domain.forms import OWN_FIELDS, TRAP


def read(kind: AttributeType, text: str, *, required: bool = False) -> Any:
    return read_fields([FormField("it", "It", kind, required)], {"it": text}).get("it")


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        (AttributeType.TEXT, " Bern ", "Bern"),
        (AttributeType.TEXT, "x" * 500, "x" * 500),
        (AttributeType.NUMBER, "12", 12),
        (AttributeType.NUMBER, "-1.5", -1.5),
        (AttributeType.NUMBER, "0", 0),
        (AttributeType.DATE, "2024-02-29", "2024-02-29"),
        (AttributeType.BOOLEAN, "yes", True),
        (AttributeType.BOOLEAN, "no", False),
    ],
)
def test_an_answer_is_kept_as_what_its_type_says(kind: AttributeType, text: str, kept: object):
    assert read(kind, text) == kept
    assert type(read(kind, text)) is type(kept)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (AttributeType.TEXT, "x" * 501),
        (AttributeType.NUMBER, "two"),
        (AttributeType.NUMBER, "1e9"),
        (AttributeType.NUMBER, "NaN"),
        (AttributeType.NUMBER, "1,5"),
        (AttributeType.NUMBER, "٣"),
        (AttributeType.NUMBER, "1" * 16),
        (AttributeType.DATE, "2023-02-29"),
        (AttributeType.DATE, "20240229"),
        (AttributeType.DATE, "2024-W01-1"),
        (AttributeType.DATE, "٢٠٢٤-٠٢-٢٩"),
        (AttributeType.BOOLEAN, "true"),
        (AttributeType.BOOLEAN, "on"),
    ],
)
def test_anything_else_is_refused_under_the_fields_name(kind: AttributeType, text: str):
    with pytest.raises(InvalidValue) as refused:
        read(kind, text)

    assert refused.value.path == ("it",)
    assert text not in refused.value.message


@pytest.mark.parametrize("kind", list(AttributeType))
def test_a_blank_answer_is_none_and_a_required_field_has_one(kind: AttributeType):
    assert read(kind, " ") is None
    with pytest.raises(InvalidValue) as refused:
        read(kind, " ", required=True)
    assert refused.value.path == ("it",)


def test_a_form_that_declares_fields_takes_no_others_and_one_that_declares_none_takes_texts():
    declared = [FormField("city", "City")]

    with pytest.raises(InvalidValue) as refused:
        read_fields(declared, {"city": "Bern", "is_admin": "yes"})

    assert refused.value.path == ("is_admin",)
    assert read_fields([], {"city": "Bern", "age": "7"}) == {"city": "Bern", "age": "7"}
    with pytest.raises(InvalidValue):
        read_fields([], {f"name{n}": "x" for n in range(21)})


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ([FormField("email", "E-mail")], ("fields", 0, "name")),
        ([FormField("tracking_opens", "Opens")], ("fields", 0, "name")),
        ([FormField(TRAP, "Homepage")], ("fields", 0, "name")),
        ([FormField("7up", "Seven")], ("fields", 0, "name")),
        ([FormField("a-b", "A")], ("fields", 0, "name")),
        ([FormField("x" * 41, "X")], ("fields", 0, "name")),
        ([FormField("a", "A"), FormField("a", "B")], ("fields", 1, "name")),
        ([FormField("a", " ")], ("fields", 0, "label")),
        ([FormField("a", "A\nB")], ("fields", 0, "label")),
        ([FormField(f"a{n}", "A") for n in range(21)], ("fields",)),
    ],
)
def test_a_field_has_a_name_of_its_own_and_a_label_of_one_line(
    fields: list[FormField], path: tuple[str | int, ...]
):
    with pytest.raises(InvalidValue) as refused:
        checked_fields(fields, OWN_FIELDS)

    assert refused.value.path == path


@given(st.sampled_from(list(AttributeType)), st.text(max_size=40))
def test_whatever_is_sent_is_kept_refused_or_nothing(kind: AttributeType, text: str):
    """No text makes another error, and what is kept is JSON of the type."""
    try:
        kept = read(kind, text)
    except InvalidValue:
        return
    assert kept is None or isinstance(kept, str | int | float | bool)
