"""Pages, cursors and counts. Source: Relay's cursor connections, contract.md."""

from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema.connections import Page, decode_cursor, encode_cursor, page_of, total

PAGE = "{edges {cursor node {title}} pageInfo {hasNextPage hasPreviousPage startCursor endCursor}}"

bigints = st.integers(-(2**63), 2**63 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
moments = st.datetimes(timezones=st.just(UTC))


def titles(response) -> list[str]:
    return [edge["node"]["title"] for edge in response.json()["data"]["books"]["edges"]]


def info(response) -> dict:
    return response.json()["data"]["books"]["pageInfo"]


@given(st.tuples(moments, bigints, texts, st.uuids(), st.dates(), st.booleans()))
def test_a_cursor_survives_the_round_trip(keys):
    kinds = tuple[datetime, int, str, UUID, date, bool]

    assert decode_cursor(encode_cursor(keys), kinds) == keys


@given(st.text())
def test_any_text_is_a_cursor_or_a_mistake_of_the_caller(text):
    try:
        found = decode_cursor(text, tuple[datetime, int])
    except GraphQLError as error:
        code = error.extensions["code"]
    else:
        code = "BAD_USER_INPUT" if [type(key) for key in found] == [datetime, int] else "wrong types"

    assert code == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "keys",
    [[], [1], ["x", 1], [1, "2026-01-01T00:00:00Z"], ["2026-01-01T00:00:00", 1], ["2026-01-01T00:00:00Z", 2**63],
     ["2026-01-01T00:00:00Z", 1, 2], ["2026-01-01T00:00:00Z", None], {}, 1],
)  # fmt: skip
def test_a_forged_cursor_is_a_mistake_of_the_caller(keys):
    cursor = urlsafe_b64encode(msgspec.json.encode(keys)).decode()

    with pytest.raises(GraphQLError, match="This cursor is not one of this list"):
        decode_cursor(cursor, tuple[datetime, int])


def test_a_forged_cursor_with_nul_is_a_mistake_of_the_caller():
    with pytest.raises(GraphQLError, match="This cursor is not one of this list"):
        decode_cursor(encode_cursor(("a\x00",)), tuple[str])


@pytest.mark.parametrize(
    ("arguments", "page"),
    [
        ({}, Page(20)),
        ({"first": 0}, Page(0)),
        ({"first": 100}, Page(100)),
        ({"first": 5, "last": None, "before": None}, Page(5)),
        ({"last": 5}, Page(5, None, backward=True)),
        ({"after": encode_cursor((7,))}, Page(20, (7,))),
        ({"before": encode_cursor((7,))}, Page(20, (7,), backward=True)),
    ],
)
def test_paging_arguments_make_a_page(arguments, page):
    assert page_of(tuple[int], **arguments) == page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 1, "last": 1}, "Page forward with first and after, or backward with last and before."),
        ({"first": 1, "before": "x"}, "Page forward with first and after, or backward with last and before."),
        ({"last": 1, "after": "x"}, "Page forward with first and after, or backward with last and before."),
        ({"first": -1}, "first is -1; it may be 0 to 1,000."),
        ({"last": 1_001}, "last is 1001; it may be 0 to 1,000."),
        (
            {"after": ""},
            "This cursor is not one of this list. Use a cursor from pageInfo or an edge, unchanged.",
        ),
        (
            {"after": "é"},
            "This cursor is not one of this list. Use a cursor from pageInfo or an edge, unchanged.",
        ),
    ],
)
def test_paging_arguments_that_make_no_page_are_refused(arguments, message):
    with pytest.raises(GraphQLError) as raised:
        page_of(tuple[int], **arguments)

    assert (raised.value.message, raised.value.extensions) == (message, {"code": "BAD_USER_INPUT"})


@given(st.sets(st.integers(1, 60)), st.integers(1, 7), st.booleans())
def test_following_the_cursors_meets_every_row_once_and_in_order(numbers, size, backward):
    met, page = [], Page(size, None, backward)
    while True:
        rows = sorted(numbers, reverse=backward)
        if page.keys:
            rows = [n for n in rows if (n < page.keys[0] if backward else n > page.keys[0])]
        cut = page.cut(rows[: page.fetch], key=lambda n: (n,))
        met = [n for _, n in cut.rows] + met if backward else met + [n for _, n in cut.rows]
        further = cut.page_info.has_previous_page if backward else cut.page_info.has_next_page
        if not further:
            break
        cursor = cut.page_info.start_cursor if backward else cut.page_info.end_cursor
        page = Page(size, decode_cursor(cursor, tuple[int]), backward)

    assert met == sorted(numbers)


async def test_pages_forward_and_back(ask):
    first = await ask("{books(first: 2) " + PAGE + "}")
    second = await ask(
        "query Q($c: String) {books(first: 2, after: $c) " + PAGE + "}",
        variables={"c": info(first)["endCursor"]},
    )
    back = await ask(
        "query Q($c: String) {books(last: 2, before: $c) " + PAGE + "}",
        variables={"c": info(second)["startCursor"]},
    )
    end = await ask("{books(last: 2) " + PAGE + "}")

    assert titles(first) == ["Book 1", "Book 2"]
    assert (info(first)["hasNextPage"], info(first)["hasPreviousPage"]) == (True, False)
    assert titles(second) == ["Book 3", "Book 4"]
    assert (info(second)["hasNextPage"], info(second)["hasPreviousPage"]) == (True, True)
    assert titles(back) == ["Book 1", "Book 2"]
    assert (info(back)["hasNextPage"], info(back)["hasPreviousPage"]) == (True, False)
    assert titles(end) == ["Book 249", "Book 250"]
    assert (info(end)["hasNextPage"], info(end)["hasPreviousPage"]) == (False, True)


async def test_an_empty_page_has_no_cursors(ask):
    response = await ask("{books(first: 0) " + PAGE + "}")

    assert titles(response) == []
    assert info(response) == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


async def test_a_broken_cursor_is_bad_user_input(ask):
    response = await ask('{books(after: "nonsense") {totalCount}}')

    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    ("selection", "counted"),
    [
        ("{edges {cursor}}", 0),
        ("{totalCount}", 1),
        ("{n: totalCount}", 1),
        ("{totalCountCapped}", 1),
        ("{... on BookConnection {totalCount}}", 1),
        ("{... {...{totalCount}}}", 1),
        ("{...A}", 1),
        ("{totalCount @skip(if: true)}", 0),
        ("{...A @include(if: false) edges {cursor}}", 0),
    ],
)
async def test_a_total_is_counted_only_if_it_is_selected(ask, services, selection, counted):
    fragments = (
        "fragment A on BookConnection {...B} fragment B on BookConnection {totalCount}"
        if "...A" in selection
        else ""
    )

    response = await ask("{books(first: 1) " + selection + "} " + fragments)

    assert response.status_code == 200
    assert services.counted == counted


@pytest.mark.parametrize(
    ("count", "shown"),
    [(None, (None, False)), (0, (0, False)), (10_000, (10_000, False)), (10_001, (None, True))],
)
def test_a_total_is_exact_to_ten_thousand(count, shown):
    assert tuple(total(count).values()) == shown
