"""Pages by columns hold what rows hold, value by value, for whoever asks; and columns are what answers the plain pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.disclosure.columns import times
from app.domain.permission import PermissionChange
from app.domain.principal import SCOPES, Principal
from app.storage import subscribers
from graphql_schema.columns import encode_cursors
from graphql_schema.connections import encode_cursor
from graphql_schema.context import Context
from graphql_schema.scalars import write_datetime
from graphql_schema.schema import product_schema
from tests.graphql_schema.product import IMPERSONAL
from tests.world import World

BY_COLUMNS, BY_LIBRARY = product_schema(), product_schema()
BY_LIBRARY.plans = False
NAMES = [f"n{number}@example.com" for number in range(7)]

_PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
_ALL_VARIABLES = "none: subscribers(first: 0, after: $cursor, filter: {listId: $list}) { __typename }"
_counts = st.sampled_from(["", "totalCount", "totalCountCapped", "__typename"])
_pages = st.sampled_from(["", "(first: 2)", "(last: 2)", "(first: 0)", "(last: 0)", "(first: 50)"])
_people = st.sampled_from(
    [
        *("", "(first: 3)", "(last: 3)", "(first: 0)", "(first: 50)", "(first: 2, after: $cursor)"),
        *(
            "(last: 2, before: $cursor)",
            "(first: 2, orderBy: EMAIL)",
            '(filter: {text: "n"})',
            "(filter: {listId: $list})",
        ),
        '(last: 4, filter: {text: "n"}, orderBy: CREATED_AT)',
    ]
)


def _some(*fields: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    strategies = [st.just(each) if isinstance(each, str) else each for each in fields]
    return st.lists(st.one_of(*strategies), min_size=1, max_size=5).map(" ".join)


def _mostly(plain: st.SearchStrategy[str], *others: str) -> st.SearchStrategy[str]:
    """What has columns; now and then a field besides that has none, so that rows answer."""
    return st.builds("{} {}".format, plain, st.sampled_from(["", "", "", "", *others]))


_delivery = _mostly(
    _some(
        *("__typename", "id", "again: id", "sentAt", "deliveredAt", "bouncedAt", "opensMode", "clicksMode"),
        *("mailing { id name channel list { name } }", "mailing { links { url } }"),
    ),
    "opens { value shown }",
    "subscriber { id }",
)
_deliveries = st.builds(
    lambda name, page, count, node: (
        f"{name}: deliveries{page} {{ {count} {_PAGE_INFO} edges {{ cursor node {{ {node} }} }} }}"
    ),
    *(st.uuids().map(lambda drawn: f"d{drawn.hex}"), _pages, _counts, _delivery),
)
_subscriber = _mostly(
    _some(
        *("__typename", "id", "email", "mail: email", "createdAt", _deliveries, _deliveries),
        "permission { opens { value } clicks { v: value } __typename }",
    ),
    "attributes",
    "memberships { status }",
    "permission { opens { reason since } }",
)
_query = st.builds(
    lambda page, count, node, edges: (
        "query ($cursor: String, $list: ID, $yes: Boolean = true) "
        f"{{ {_ALL_VARIABLES} subscribers{page} {{ {count} {_PAGE_INFO} {edges} {{ __typename cursor node {{ ...Part {node} }} }} }} }} "
        "fragment Part on Subscriber { who: id permission @include(if: $yes) { clicks { value } } }"
    ),
    *(_people, _counts, _subscriber, st.sampled_from(["edges", "edges", "items: edges"])),
)


async def _fill(world: World) -> str:
    """Seven people born at odd times, some answers, some mail, and a cursor in the middle of them."""
    mailings = [await world.mailing(), await world.mailing()]
    for number, email in enumerate(NAMES):
        said = (PermissionChange.UNCHANGED, PermissionChange.YES, PermissionChange.NO)[number % 3]
        await world.subscriber(email, said)
    for round_, mailing in enumerate((*mailings, *mailings)):
        world.later(microseconds=1_000_000 + round_ * 10)
        await world.send(mailing, *NAMES[round_:5])
    born = [
        datetime(2026, 1, 1, 0, 0, number // 2, number % 2 * 120_300, UTC) for number in range(len(NAMES))
    ]
    await world.rows(
        "UPDATE subscriber s SET created_at = n.at FROM unnest($1::text[], $2::timestamptz[]) AS n (address, at) "
        "WHERE s.address = n.address AND s.account_id = $3",
        NAMES, born, world.account_id,
    )  # fmt: skip
    found = await world.rows(
        "SELECT id FROM subscriber WHERE address = $1 AND account_id = $2", NAMES[3], world.account_id
    )
    return encode_cursor((born[3], found[0]["id"]))


async def _answers(world: World, query: str, variables: dict[str, Any], scopes: frozenset[str]) -> list[str]:
    """Of the library, then of a plan."""
    found = []
    for schema in (BY_LIBRARY, BY_COLUMNS, BY_COLUMNS):
        context = Context(world.instance, Principal(world.account_id, 1, None, scopes))
        result = await schema.execute(
            query, variable_values=variables, context_value=context, operation_name=None
        )
        found.append(f"{result.data} {[error.formatted for error in result.errors or []]}")
    return found


@pytest.fixture(params=[None, 1], ids=["for ever", "for a day"])
async def cursor(world: World, request: pytest.FixtureRequest) -> str:
    """The middle of the people, where permissions hold for so long, and two days have gone by since."""
    found = await _fill(world)
    await world.settings(permission_lifetime_days=request.param)
    world.later(days=2)
    return found


@settings(
    max_examples=50,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=_query, scopes=st.sampled_from([SCOPES, IMPERSONAL]), yes=st.booleans())
async def test_columns_hold_what_rows_hold(
    world: World, cursor: str, query: str, scopes: frozenset[str], yes: bool
):
    variables = {"cursor": cursor, "list": None, "yes": yes}

    of_library, first, planned = await _answers(world, query, variables, scopes)

    assert "GRAPHQL_VALIDATION_FAILED" not in of_library
    assert of_library == first == planned, query


async def test_plain_pages_are_answered_by_columns(world: World, monkeypatch: pytest.MonkeyPatch):
    """Otherwise the law above would compare rows with rows."""
    await _fill(world)
    query = (
        "{ subscribers { edges { node { email deliveries { edges { node { id mailing { name } } } } } } } }"
    )
    expected, *_ = await _answers(world, query, {}, SCOPES)

    monkeypatch.setattr("strawberry.Schema.execute", None)
    monkeypatch.setattr("graphql_schema.subscriber_queries.page_of_subscribers", None)
    monkeypatch.setattr("graphql_schema.deliveries.DeliveriesBySubscriber", None)
    result = await BY_COLUMNS.execute(
        query, context_value=Context(world.instance, Principal(world.account_id, 1, None, SCOPES))
    )

    assert f"{result.data} []" == expected


@pytest.mark.parametrize("query", [name for name in vars(subscribers.SQL) if name.startswith("columns_")])
async def test_nobody_is_read_by_columns_where_permissions_run_out(world: World, query: str):
    """The gate refuses such a page whatever is in it, so reading it would be for nothing."""
    await _fill(world)
    filters = (None, None) if "filtered" in query else ()
    asked = getattr(subscribers.SQL, query), world.account_id, True, None, None, 50, *filters

    [before] = await world.rows(*asked)
    await world.settings(permission_lifetime_days=1)
    [after] = await world.rows(*asked)

    assert (len(before["ids"]), after["ids"]) == (len(NAMES), None)


async def test_addresses_stay_in_the_database_without_the_scope_for_people(world: World):
    await _fill(world)
    impersonal = False

    [row] = await world.rows(
        subscribers.SQL.columns_by_creation, world.account_id, impersonal, None, None, 50
    )

    assert (row["addresses"], len(row["ids"])) == (None, len(NAMES))


@given(at=st.datetimes(timezones=st.just(UTC)), cut=st.sampled_from([1, 1_000, 1_000_000]))
def test_times_read_as_the_scalar_writes_them(at: datetime, cut: int):
    at = at.replace(microsecond=at.microsecond // cut * cut)
    # As PostgreSQL writes them in ISO style: without zeros at the end of a fraction.
    fraction = f".{at.microsecond:06}".rstrip("0").rstrip(".")
    text = f"{at:%Y-%m-%d %H:%M:%S}".rjust(19, "0") + f"{fraction}+00"

    assert times([text, None]) == [write_datetime(at), None]


async def test_times_come_as_postgresql_writes_them(world: World):
    moments = [
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC) + timedelta(microseconds=n * 100_100)
        for n in range(11)
    ]

    rows = await world.rows("SELECT at::text AS at FROM unnest($1::timestamptz[]) AS at", moments)

    assert times([row["at"] for row in rows]) == [write_datetime(each) for each in moments]


@pytest.mark.parametrize(
    "text",
    ["infinity", "2026-03-01 12:00:00+01", "01.03.2026 12:00:00.123456 UTC", "0044-03-15 12:00:00+00 BC"],
)
def test_times_in_another_form_are_left_to_rows(text: str):
    with pytest.raises(ValueError, match="not ISO"):
        times([text])


@given(numbers=st.lists(st.integers(0, 2**63 - 1)), at=st.datetimes(timezones=st.just(UTC)), key=st.uuids())
def test_cursors_are_those_of_their_keys(numbers: list[int], at: datetime, key: Any):
    assert encode_cursors(f"[{each}]" for each in numbers) == [encode_cursor((each,)) for each in numbers]
    assert encode_cursors([f'["{write_datetime(at)}","{key}"]']) == [encode_cursor((at, key))]
