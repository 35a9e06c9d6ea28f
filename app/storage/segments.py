"""Segments as stored, and what they say: three counts, pages of people, and the answers of single ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from piccolo.querystring import QueryString

from app.domain.attributes import AttributeType
from app.domain.engagement import Engagement, unknown_is_personal
from app.domain.errors import LimitExceeded, NotFound
from app.domain.modes import Axis
from app.domain.retention import DataKind, kept_since
from app.domain.segment_documents import from_document, read
from app.domain.segments import Answer, Rule, references
from app.domain.settings import AccountSettings
from app.storage.database import Connection
from app.storage.queries import load
from app.storage.segment_fragments import Question
from app.storage.segment_scope import needed_mailings
from app.storage.segment_statement import Statement

SQL, MAILINGS, LISTS = load("segments"), load("mailings"), load("lists")

SETTLED = "SET LOCAL enable_nestloop = off; SET LOCAL jit = off"
"""That sets are joined as sets: without statistics of a young table the planner would gather everything anew for each
subscriber; and that no time goes into compiling a statement that runs once."""
SETTLED_FOR_ALL = f"{SETTLED}; SET LOCAL work_mem = '128MB'; SET LOCAL random_page_cost = 4; SET LOCAL parallel_tuple_cost = 0.01"
"""The same for questions about everybody: their sets are read from end to end and kept in memory, by several processes of
the server. A plan that goes through an index row by row takes ten times as long, and looks cheap where pages are cached.
Rows that pass from one process to another cost little, not nothing: else all deliveries would pass before they are sorted out."""
FEW = 1_000
"""How many deliveries a mailing may have, and those who got them are looked up one by one."""
_IN_TIME = "SET LOCAL statement_timeout = '20s'"
"""How long a count may take."""
_AS_BEFORE = "; ".join(
    f"SET LOCAL {name} TO DEFAULT"
    for name in (
        "statement_timeout",
        "enable_nestloop",
        "jit",
        "work_mem",
        "random_page_cost",
        "parallel_tuple_cost",
    )
)
_FORWARD = (
    " AND (s.created_at, s.id) > ({}::timestamptz, {}::uuid)",
    "ORDER BY s.created_at, s.id",
)
_BACKWARD = (
    " AND (s.created_at, s.id) < ({}::timestamptz, {}::uuid)",
    "ORDER BY s.created_at DESC, s.id DESC",
)
_ANSWERS = {True: Answer.YES, False: Answer.NO, None: Answer.UNMEASURED}


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment as stored. `version` counts its changes."""

    id: int
    name: str
    include_unmeasured: bool
    version: int
    document: dict[str, Any]

    @property
    def rule(self) -> Rule:
        """The rule. Raises `InvalidRule` where another version of this service stored it."""
        return from_document(self.document)


class Counts(NamedTuple):
    """How many people a rule says yes to, no to, and how many nobody measured."""

    matching: int
    not_matching: int
    unmeasured: int


class SegmentPage(NamedTuple):
    """Which page of a segment's people: beyond whom, by creation, how many, and whether towards the oldest."""

    key: tuple[datetime, UUID] | None
    limit: int
    backward: bool = False


def from_record(record: asyncpg.Record) -> SegmentRow:
    """A row of the segment table."""
    return SegmentRow(**{name: record[name] for name in SegmentRow.__dataclass_fields__})


async def by_ids(connection: Connection, account_id: int, ids: Sequence[int]) -> dict[int, SegmentRow]:
    """The segments; ids of other accounts are absent."""
    rows = await connection.fetch(SQL.by_ids, account_id, list(ids))
    return {row["id"]: from_record(row) for row in rows}


async def definitions(connection: Connection, account_id: int) -> dict[str, AttributeType]:
    """The types of the account's attributes, by their names."""
    rows = await connection.fetch(SQL.definitions, account_id)
    return {row["name"]: AttributeType(row["type"]) for row in rows}


async def known_rule(connection: Connection, account_id: int, document: object) -> Rule:
    """The rule that a document says, with the account's attributes.

    Raises `InvalidRule`, and `NotFound` for a mailing or list of another account.
    """
    rule = read(document, await definitions(connection, account_id))
    named = list(references(rule))
    for kind, query in (("Mailing", MAILINGS.by_ids), ("MailingList", LISTS.by_ids)):
        wanted = [each for each in named if each.kind == kind]
        if wanted:
            rows = await connection.fetch(query, account_id, [each.id for each in wanted])
            there = {row["id"] for row in rows}
            for each in wanted:
                if each.id not in there:
                    raise NotFound(path=each.path)
    return rule


def question_of(account_id: int, user_id: int | None, settings: AccountSettings, now: datetime) -> Question:
    """What a user of an account, or the account itself, asks under the settings in force."""
    lifetime = settings.permission_lifetime_days
    return Question(
        account_id,
        user_id,
        now,
        unknown_personal=frozenset(axis for axis in Axis if unknown_is_personal(settings, axis)),
        expired_by=None if lifetime is None else now - timedelta(days=lifetime),
        events_since=kept_since(settings.retention_days, DataKind.EVENTS, now),
    )


async def counts(connection: Connection, question: Question, rule: Rule) -> Counts:
    """The three counts, in a fixed number of statements. Raises `LimitExceeded` where that takes too long."""
    composed = await _composed(connection, question, rule)
    (row,) = await _settled(
        connection,
        composed.question,
        QueryString(
            "{} SELECT count(*) FILTER (WHERE a.answer) AS matching, "
            "count(*) FILTER (WHERE NOT a.answer){} AS not_matching, "
            "count(*) FILTER (WHERE a.answer IS NULL) AS unmeasured FROM ({}) a",
            composed.spells,
            composed.left_out(),
            composed.people(QueryString("{} AS answer", composed.answer)),
        ),
    )
    return Counts(row["matching"], row["not_matching"], row["unmeasured"])


async def page(
    connection: Connection, question: Question, rule: Rule, asked: SegmentPage, *, include_unmeasured: bool
) -> list[asyncpg.Record]:
    """A page of the people whom a segment takes, by creation, in reading order.

    Raises `LimitExceeded` where that takes too long.
    """
    composed = await _composed(connection, question, rule)
    beyond, order = _BACKWARD if asked.backward else _FORWARD
    rest = QueryString("") if asked.key is None else QueryString(beyond, *asked.key)
    return await _settled(
        connection,
        composed.question,
        QueryString(
            "{} {}{} AND {} {} LIMIT {}::bigint",
            composed.spells,
            composed.people(QueryString("s.*")),
            rest,
            QueryString("coalesce({}, {}::boolean)", composed.answer, include_unmeasured),
            QueryString(order),
            asked.limit,
        ),
    )


async def answers(
    connection: Connection, question: Question, rule: Rule, ids: Sequence[UUID]
) -> dict[UUID, Answer]:
    """What a rule says of each of these subscribers; those of other accounts are absent."""
    question = replace(question, people=ids)
    rows = await _settled(connection, question, of_people(question, rule))
    return {row["id"]: _ANSWERS[row["found"]] for row in rows}


async def engagements(
    connection: Connection, question: Question, ids: Sequence[UUID]
) -> dict[UUID, Engagement]:
    """The class of each of these subscribers; those of other accounts are absent."""
    question = replace(question, people=ids)
    rows = await _settled(connection, question, of_people(question, None))
    return {row["id"]: Engagement(row["found"]) for row in rows}


def of_people(question: Question, rule: Rule | None) -> QueryString:
    """What is found of each person of the question: what the rule says, or the engagement where there is none."""
    composed = Statement.of_each(question, rule)
    found = QueryString("s.id, {} AS found", composed.answer)
    return QueryString("{} {}", composed.spells, composed.people(found))


async def next_people(connection: Connection, account_id: int, after: UUID, limit: int) -> list[UUID]:
    """Subscribers of an account by id, after one of them, whether a segment takes them or not."""
    rows = await connection.fetch(SQL.next_people, account_id, after, limit)
    return [row["id"] for row in rows]


def taken_people(
    question: Question, rule: Rule, columns: QueryString, *, include_unmeasured: bool
) -> QueryString:
    """Columns over the subscribers whom a segment takes (alias `s`); further conditions may follow it."""
    composed = Statement.of_whom_it_may_take(question, rule)
    return QueryString(
        "{} {} AND coalesce({}, {}::boolean)",
        composed.spells,
        composed.people(columns),
        composed.answer,
        include_unmeasured,
    )


async def _composed(connection: Connection, question: Question, rule: Rule) -> Statement:
    """Composed of few people one by one, if all whom the rule may take are few; they are as of a moment before."""
    needed = needed_mailings(rule)
    if question.people is not None or needed is None or len(needed) != 1:
        return Statement.of_whom_it_may_take(question, rule)
    rows = await connection.fetch(SQL.some_people, question.account_id, *needed, FEW + 1)
    few = None if len(rows) > FEW else list({row["subscriber_id"] for row in rows})
    return Statement.of_whom_it_may_take(question, rule, few)


async def _settled(connection: Connection, question: Question, query: QueryString) -> list[asyncpg.Record]:
    statement, values = query.compile_string()
    inside = connection.is_in_transaction()
    try:
        async with connection.transaction():
            await connection.execute(_IN_TIME)
            await connection.execute(SETTLED_FOR_ALL if question.people is None else SETTLED)
            rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
            if inside:
                # What follows in the caller's transaction is planned as ever.
                await connection.execute(_AS_BEFORE)
            return rows
    except asyncpg.QueryCanceledError as cancelled:
        message = "This takes too long to count. Name a mailing, or shorten the time."
        raise LimitExceeded(message, path=("rule",)) from cancelled
