"""DateTime and JSON."""

from datetime import UTC, datetime

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema.scalars import read_datetime, write_datetime
from tests.graphql_schema.toy import schema

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@given(st.datetimes(timezones=st.timezones()).filter(lambda moment: moment not in {FIRST, LAST}))
def test_a_point_in_time_survives_the_round_trip(moment):
    try:
        text = write_datetime(moment)
    except OverflowError:  # The first and the last hours of the calendar have no UTC.
        return

    assert read_datetime(text) == moment.astimezone(UTC)
    assert text.endswith("Z")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01t12:00:00z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00.25+02:00", datetime(2026, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-01T12:00:00.123456789Z", datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_rfc_3339_is_read_into_utc(text, moment):
    assert read_datetime(text) == moment
    assert read_datetime(text).tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T12:00:00",
        "2026-03-01",
        "2026-02-30T12:00:00Z",
        "2026-03-01T25:00:00Z",
        "2026-03-01T12:00:00+99:00",
        "0001-01-01T00:00:00+10:00",
        "0001-01-01T00:00:00Z",
        "0001-01-01T02:00:00+02:00",
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59.999999999Z",
        "20260301T120000Z",
        "٢٠٢٦-03-01T12:00:00Z",
        "",
        "now",
        1_772_000_000,
        None,
        True,
    ],
)
def test_anything_else_is_refused(value):
    with pytest.raises(GraphQLError):
        read_datetime(value)


def test_a_naive_datetime_is_never_shown():
    with pytest.raises(TypeError):
        write_datetime(datetime(2026, 3, 1))  # noqa: DTZ001


async def test_a_bad_date_in_a_variable_is_bad_user_input(ask):
    query = "query Q($at: DateTime!) {moment(at: $at)}"

    good = await ask(query, variables={"at": "2026-03-01T13:00:00+01:00"})
    bad = await ask(query, variables={"at": "yesterday"})

    assert good.json() == {"data": {"moment": "2026-03-01T12:00:00Z"}}
    assert bad.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_a_bad_date_in_the_document_fails_its_validation(ask):
    response = await ask('{moment(at: "yesterday")}')

    assert response.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True, {"b": "ü"}]}, [], "text", 0, False])
async def test_json_goes_in_and_out_unchanged(ask, value):
    response = await ask("query Q($v: JSON!) {echo(value: $v)}", variables={"v": value})

    assert response.json() == {"data": {"echo": value}}


async def test_json_in_the_document_may_hold_variables(ask):
    response = await ask("query Q($v: JSON!) {echo(value: {a: [$v, 1]})}", variables={"v": {"b": 2}})

    assert response.json() == {"data": {"echo": {"a": [{"b": 2}, 1]}}}


def test_the_schema_says_where_the_scalars_are_specified():
    text = schema.as_str()

    assert 'scalar DateTime @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")' in text
    assert 'scalar JSON @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc8259")' in text
