"""Global ids."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import NotFound
from graphql_schema.ids import encode_id, key_of, number_of, parse_id

kinds = st.from_regex(r"[A-Z][A-Za-z0-9]{0,20}", fullmatch=True)
keys = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


@given(kinds, keys)
def test_an_id_survives_the_round_trip(kind, key):
    assert parse_id(encode_id(kind, key)) == (kind, key)
    assert key_of(encode_id(kind, key), kind) == key


@given(st.text() | st.binary().map(lambda raw: b64encode(raw).decode()))
def test_any_text_is_an_id_or_not_found(text):
    try:
        found = parse_id(text)
    except NotFound:
        return
    assert encode_id(*found) == text


def test_an_id_looks_as_relay_expects():
    assert encode_id("Subscriber", 42) == "U3Vic2NyaWJlcjo0Mg=="


def test_an_id_of_another_type_is_not_found_and_says_so():
    with pytest.raises(NotFound) as raised:
        number_of(encode_id("Mailing", 1), "Subscriber", path=("subscriber_id",))

    assert raised.value.message == "This is the id of a Mailing; a Subscriber is needed."
    assert raised.value.path == ("subscriber_id",)


@pytest.mark.parametrize(
    "key", ["0", "-1", "01", " 1", "1.0", "x", "9223372036854775808", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_number_that_no_bigint_holds_is_not_found(key):
    with pytest.raises(NotFound):
        number_of(b64encode(f"Book:{key}".encode()).decode(), "Book")


def test_the_largest_bigint_is_a_number():
    assert number_of(encode_id("Book", 2**63 - 1), "Book") == 2**63 - 1


async def test_a_broken_id_in_a_query_is_bad_user_input(ask):
    response = await ask('{book(id: "no id") {id}}')

    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "reason": "NOT_FOUND"}
