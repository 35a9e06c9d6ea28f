"""Where each table lives on a cluster, written down once: what the tests of the schema and of the SQL go by.

by subscriber   one shard for everything of a person; the first table is the one that others are colocated with
by mailing      counts that belong to nobody
reference       small, a copy on every node, never written per event
local           on the coordinator alone
"""

BY_SUBSCRIBER = {
    "subscriber": "id",
    "membership": "subscriber_id",
    "permission_line": "subscriber_id",
    "tombstone": "subscriber_id",
    "delivery": "subscriber_id",
    "gathered_message": "subscriber_id",
    "event": "subscriber_id",
    "kept_address": "subscriber_id",
    "recent_click": "subscriber_id",
}
BY_MAILING = {
    "delivery_rollup": "mailing_id",
    "link_rollup": "mailing_id",
    "event_rollup": "mailing_id",
    "event_total": "mailing_id",
    "anonymous_tally": "mailing_id",
    "unlinked_window": "mailing_id",
    "unlinked_seen": "mailing_id",
    "unlinked_day": "mailing_id",
    "published_audience": "mailing_id",
}
REFERENCE = frozenset({
    "account",
    "settings_version",
    "mailing_list",
    "mailing",
    "link",
    "mailing_content",
    "address_alias",
    "former_subscriber",
    "address_refusal",
    "wording",
    "form",
    "segment",
    "attribute_definition",
})  # fmt: skip
LOCAL = frozenset({
    "app_user",
    "api_token",
    "ingest_segment",
    "prepared_batch",
    "timed_job",
    "pending_sign_up",
    "job",
    "import_error",
    "export",
    "ledger_anchor",
    "letter",
    "letter_count",
    "migration",  # Piccolo's own.
})  # fmt: skip

SHARD_KEYS = BY_SUBSCRIBER | BY_MAILING
"""The column that each sharded table is distributed by."""


def colocated(one: str, other: str) -> bool:
    """Whether rows of two tables with the same shard key lie on the same node."""
    return any(one in family and other in family for family in (BY_SUBSCRIBER, BY_MAILING))
