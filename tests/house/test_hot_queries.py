"""The queries that run for each request, hit or page find their rows by an index, whatever their parameters.

Each is planned as PostgreSQL plans it when it keeps the plan for all parameters, with sequential scans made
expensive: where one remains, or an index is read from end to end, no index fits.
"""

import json
import re
from collections.abc import Iterator

import asyncpg

from tests.house.named_sql import application, named_queries
from tests.postgres_server import TemporaryDatabase

QUERIES = {str(query): query for query in named_queries()}

EVERY_REQUEST = (
    "tokens.by_hash",
    "tokens.usable",
    "accounts.by_id",
    "accounts.origins",
    "accounts.any_origin",
    "accounts.latest_settings",
    "accounts.settings_by_version",
    "subscribers.aliases",
    "identities.successors",
    "identities.formers",
    "identities.refusals",
    "subscribers.by_ids",
    "subscribers.by_id_anywhere",
    "subscribers.by_address_ids_anywhere",
    "users.lock",
    "subscribers.lock",
    # They turn a page round, or put those of many people together, so what they found is sorted.
    "subscribers.columns_by_creation_backwards",
    "subscribers.columns_filtered_backwards",
    "deliveries.columns_of_subscribers",
    "deliveries.columns_of_subscribers_backwards",
    "lists.by_ids",
    "mailings.by_ids",
    "mailings.links",
    "mailings.chosen",
    "mailings.lock",
    "memberships.of_subscribers",
    "deliveries.by_keys",
    "deliveries.lock",
    "deliveries.in_audience",
    "deliveries.overview",
    "deliveries.contents",
    "deliveries.set_outcome",
    "ledger.by_keys",
    "ledger.answer_on_one",
    "ledger.answer_on_both",
    "segments.by_ids",
    "segments.definitions",
    "erasure.tombstones",
    "erasure.tombstone_anywhere",
    "withdrawal.recorded",
    "withdrawal.delete_events",
    "letters.by_id",
    "letters.failed",
    "letters.delete",
    "letters.asking",
    "letters.of_job",
    "erasure.delete_letters",
    "sign_ups.form_anywhere",
    "sign_ups.lock_form",
    "sign_ups.forms_by_ids",
    "sign_ups.wordings_by_ids",
    "sign_ups.of_letter",
    "event_log.events_of_deliveries",
    "event_log.events_of_deliveries_backwards",
    "event_log.deliveries",
    "event_log.gathered",
    "event_log.people",
    "event_log.links",
    "event_log.day_of_channel",
    "event_log.day_of_mailing",
    "event_log.day_of_channel_backwards",
    "event_log.day_of_mailing_backwards",
    "event_log.counts_of_channel",
    "event_log.counts_of_mailing",
    "event_log.tallies_of_day",
    "event_log.first_openings",
    "event_log.arrived",
    "event_log.became_final",
    "event_log.by_keys",
    "event_log.narrow",
    "kept_addresses.hold_keepers",
    "kept_addresses.of_events",
    "kept_addresses.hand_on",
    "kept_addresses.forget_person",
    "kept_addresses.forget_account",
)
EVERY_BATCH_OF_HITS = (
    "tracked.lock_deliveries",
    "tracked.lock_gathered",
    "tracked.people",
    "tracked.steady_people",
    "events.positions",
    "tracked.recipients",
    "events.advance",
    "events.clicks_of",
    "events.reclassify",
    "recent_clicks.of_deliveries",
    "recent_clicks.forget",
    "recent_clicks.forget_person",
    "tracked.save_deliveries",
    "tracked.save_gathered",
    "imports.known",
    "imports.gone",
    "mailings.anywhere",
    "ledger.states_since",
    "anonymous.windows",
    "anonymous.audiences",
    "anonymous.link_audiences",
    "anonymous.late_audiences",
    "anonymous.policies",
    "anonymous.late_link_audiences",
)
EVERY_REPORT = (
    "reports.deliveries",
    "reports.counts",
    "reports.hits_by_time",
)
EVERY_DOWNLOAD = (
    "exports.by_ids",
    "exports.wanted",
    "exports.chains",
    "exports.first_seen",
    "exports.first_sent",
)
EVERY_PAGE = {
    "subscribers.page_by_email": "ROW.address, id",
    "subscribers.page_by_creation": "ROW.created_at, id",
    "subscribers.page_by_email_backwards": "ROW.address, id",
    "subscribers.page_by_creation_backwards": "ROW.created_at, id",
    "subscribers.columns_by_creation": "ROW.created_at, id",
    "subscribers.columns_filtered": "ROW.created_at, id",
    "deliveries.of_mailing": "ROW.id, subscriber_id",
    "deliveries.of_mailing_backwards": "ROW.id, subscriber_id",
    "ledger.forwards": "number",
    "ledger.backwards": "number",
    "mailings.filtered": "id",
    "mailings.filtered_backwards": "id",
    "lists.page": "id",
    "lists.page_backwards": "id",
    "sign_ups.page_of_forms": "id",
    "sign_ups.page_of_forms_backwards": "id",
    "sign_ups.page_of_wordings": "id",
    "sign_ups.page_of_wordings_backwards": "id",
    "accounts.settings_history": "version",
    "accounts.settings_history_backwards": "version",
    "ledger.feed": "ROW.server_time, subscriber_id, number",
    "ledger.feed_backwards": "ROW.server_time, subscriber_id, number",
    "tokens.page": "id",
    "event_log.events_of_channel": "ROW.occurred_at, id",
    "event_log.events_of_mailing": "ROW.occurred_at, id",
    "event_log.events_of_channel_backwards": "ROW.occurred_at, id",
    "event_log.events_of_mailing_backwards": "ROW.occurred_at, id",
    "tokens.page_backwards": "id",
}
"""What a page goes on after, by its query. Pages read their rows in order, so one costs the same wherever it lies."""


BINDS = {
    "event_log.events_of_channel": "(NULL, NULL, NULL, 'infinity', NULL, '-infinity', NULL)",
    "event_log.events_of_mailing": "(NULL, NULL, 'infinity', NULL, '-infinity', NULL)",
    "event_log.events_of_channel_backwards": "(NULL, NULL, NULL, '-infinity', NULL, 'infinity', NULL)",
    "event_log.events_of_mailing_backwards": "(NULL, NULL, '-infinity', NULL, 'infinity', NULL)",
}
"""Parameters that leave partitions in the plan; elsewhere they are all NULL."""


PLANNING = """
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SET LOCAL plan_cache_mode = force_generic_plan;
"""


async def test_rows_are_found_by_an_index(database: TemporaryDatabase):
    """No table is read as a whole, and no index either."""
    async with application(database) as connection:
        leading = await _leading_columns(connection)
        plans = await _plans(
            connection, *EVERY_REQUEST, *EVERY_BATCH_OF_HITS, *EVERY_REPORT, *EVERY_DOWNLOAD, *EVERY_PAGE
        )

    reading = [
        f"{name}: {_words(node)}"
        for name, plan in plans.items()
        for node in _nodes(plan)
        if _reads_all(node, leading)
    ]

    assert reading == []


async def test_pages_begin_where_they_are_asked_to(database: TemporaryDatabase):
    """The index leads to the first row of a page: the rows before it are not read to be left out."""
    async with application(database) as connection:
        plans = await _plans(connection, *EVERY_PAGE)

    walking = [
        name
        for name, plan in plans.items()
        if not any(
            re.search(rf"{EVERY_PAGE[name]}\)? [<>] ", each.get("Index Cond", "")) for each in _nodes(plan)
        )
    ]

    assert walking == []


async def test_pages_are_not_sorted(database: TemporaryDatabase):
    """The index gives the order of the page."""
    async with application(database) as connection:
        plans = await _plans(connection, *EVERY_PAGE)

    assert [
        name for name, plan in plans.items() if any("Sort" in each["Node Type"] for each in _nodes(plan))
    ] == []


async def test_the_guard_sees_what_is_read_as_a_whole(database: TemporaryDatabase):
    """A condition without an index would be found, and one on the second column of an index."""
    async with application(database) as connection:
        leading = await _leading_columns(connection)
        whole = await _plan(connection, "SELECT * FROM delivery WHERE sent_at = $1")
        skipping = await _plan(connection, "SELECT * FROM delivery WHERE id = $1")

    assert [_words(node) for node in _nodes(whole) if _reads_all(node, leading)] == ["Seq Scan on delivery"]
    assert [_words(node) for node in _nodes(skipping) if _reads_all(node, leading)] == [
        "Index Scan on delivery"
    ]


async def _plans(connection: asyncpg.Connection, *names: str) -> dict[str, dict]:
    return {name: await _plan(connection, QUERIES[name].statement, BINDS.get(name)) for name in names}


async def _plan(connection: asyncpg.Connection, statement: str, binds: str | None = None) -> dict:
    await connection.execute(PLANNING)
    await connection.execute(f"PREPARE asked AS {statement}")
    count = await connection.fetchval(
        "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'"
    )
    binds = binds or (f"({', '.join(['NULL'] * count)})" if count else "")
    (explained,) = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked {binds}"))
    await connection.execute("DEALLOCATE asked")
    return explained["Plan"]


async def _leading_columns(connection: asyncpg.Connection) -> dict[str, str]:
    rows = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid, 1, true) AS leading FROM pg_index"
    )
    return {row["name"]: row["leading"] for row in rows}


def _nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


def _reads_all(node: dict, leading: dict[str, str]) -> bool:
    if node["Node Type"] == "Seq Scan":
        return True
    index = node.get("Index Name")
    return index is not None and not re.search(rf"\b{leading[index]}\b", node.get("Index Cond", ""))


def _words(node: dict) -> str:
    return f"{node['Node Type']} on {node.get('Relation Name', node.get('Index Name', ''))}"
