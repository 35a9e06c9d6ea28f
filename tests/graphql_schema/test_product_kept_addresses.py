"""Where events came from, over GraphQL: shown to who sees people, of events that the account keeps it of."""

from typing import Any

import pytest

from tests.graphql_schema.product import IMPERSONAL, Product
from tests.presets.sender import Sender
from tests.whereabouts import BERLIN, OSLO, Watched, seen_from

LOG = """query ($filter: EventFilter) { eventLog(channel: CAMPAIGN, first: 10, filter: $filter) {
  edges { node { kind email ip country } } } }"""
DELIVERIES = """query ($id: ID!) { mailing(id: $id) { deliveries(first: 5) { edges { node {
  events(first: 5) { edges { node { kind ip country } } } } } } } }"""
LOG_FROM_THE_END = """query ($filter: EventFilter) { eventLog(channel: CAMPAIGN, last: 1, filter: $filter) {
  edges { node { ip country } } } }"""
DELIVERIES_FROM_THE_END = """{ mailings(first: 1) { edges { node { id deliveries(first: 1) { edges { node {
  events(last: 1) { edges { node { ip country } } } } } } } } } }"""
CHANGE = """mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) {
  settings { keepIp } warnings { code message } errors { code } } }"""


async def log(product: Product, scopes: frozenset[str] | None = None) -> list[dict[str, Any]]:
    """The log of campaigns, for a token of these scopes."""
    more = {} if scopes is None else {"scopes": scopes}
    data = await product.data(LOG, {"filter": None}, **more)
    return [edge["node"] for edge in data["eventLog"]["edges"]]


async def visited(mapped: Watched) -> None:
    """Ada opens from Berlin and clicks from Oslo."""
    message = await mapped.mail_to_ada()
    await mapped.world.open(message, **seen_from(BERLIN))
    mapped.world.later(minutes=1)
    await mapped.world.click(message, **seen_from(OSLO))
    await mapped.world.drain()


async def test_the_log_shows_where_events_came_from(product: Product, mapped: Watched) -> None:
    """Address and country, to a token that sees people."""
    await mapped.keep_addresses()
    await visited(mapped)

    rows = await log(product)

    assert [(row["kind"], row["ip"], row["country"]) for row in rows] == [
        ("CLICKED", OSLO, "NO"),
        ("FIRST_OPENING", BERLIN, "DE"),
    ]


@pytest.mark.parametrize("filtered", [True, False])
async def test_the_log_read_from_its_end_shows_the_same(
    product: Product, mapped: Watched, *, filtered: bool
) -> None:
    """Of a channel and of a mailing, and so do the events of a delivery."""
    await mapped.keep_addresses()
    await visited(mapped)
    found = await product.data(DELIVERIES_FROM_THE_END, {})
    (mailing,) = found["mailings"]["edges"]
    (delivery,) = mailing["node"]["deliveries"]["edges"]
    asked = {"filter": {"mailingId": mailing["node"]["id"]} if filtered else None}

    (last,) = (await product.data(LOG_FROM_THE_END, asked))["eventLog"]["edges"]

    where = {"ip": BERLIN, "country": "DE"}
    assert last["node"] == where
    assert [edge["node"] for edge in delivery["node"]["events"]["edges"]] == [where]


async def test_countries_stand_without_addresses(product: Product, mapped: Watched) -> None:
    """The instance looks countries up; the account keeps no addresses."""
    await visited(mapped)

    rows = await log(product)

    assert [(row["ip"], row["country"]) for row in rows] == [(None, "NO"), (None, "DE")]


async def test_without_personal_read_neither_is_shown(product: Product, mapped: Watched) -> None:
    """The rows are those of nobody, and where nobody came from is not told."""
    await mapped.keep_addresses()
    await visited(mapped)

    rows = await log(product, IMPERSONAL)

    assert {(row["email"], row["ip"], row["country"]) for row in rows} == {("Anonymized", None, None)}


async def test_a_deliverys_history_shows_the_same(product: Product, mapped: Watched) -> None:
    """The events of one mail to one person, as the log shows them."""
    await mapped.keep_addresses()
    await visited(mapped)
    (mailing,) = (await product.data("{ mailings(first: 1) { edges { node { id } } } }", {}))["mailings"][
        "edges"
    ]

    found = await product.data(DELIVERIES, {"id": mailing["node"]["id"]})

    (delivery,) = found["mailing"]["deliveries"]["edges"]
    assert [edge["node"] for edge in delivery["node"]["events"]["edges"]] == [
        {"kind": "CLICKED", "ip": OSLO, "country": "NO"},
        {"kind": "FIRST_OPENING", "ip": BERLIN, "country": "DE"},
    ]


async def test_an_account_that_keeps_none_any_more_shows_none(product: Product, mapped: Watched) -> None:
    """From the moment of the change on, and not only once all of them are deleted."""
    await mapped.keep_addresses()
    await visited(mapped)

    await mapped.stop_keeping()

    assert [row["ip"] for row in await log(product)] == [None, None]
    assert await mapped.kept() == [BERLIN, OSLO]


async def test_after_thirty_days_none_is_shown(product: Product, mapped: Watched) -> None:
    """Whether or not somebody has purged; the country stays with the event."""
    await mapped.keep_addresses()
    await visited(mapped)

    mapped.world.later(days=30)

    assert [(row["ip"], row["country"]) for row in await log(product)] == [(OSLO, "NO"), (None, "DE")]


async def test_one_to_one_addresses_are_their_users(sender: Sender, mapped: Watched) -> None:
    """Another user's mail has no events, so it has no addresses either (P7)."""
    query = LOG.replace("CAMPAIGN", "ONE_TO_ONE")
    await mapped.keep_addresses()

    data = await sender.product.data(query, {"filter": None})

    assert data["eventLog"]["edges"] == []


async def test_keeping_addresses_warns(product: Product) -> None:
    """The choice names what it means, and is made all the same."""
    payload = (await product.data(CHANGE, {"input": {"keepIp": True}}))["updateSettings"]

    assert payload["settings"] == {"keepIp": True}
    (warning,) = payload["warnings"]
    assert warning["code"] == "KEEPS_ADDRESSES"
    assert "An address is personal data" in warning["message"]
