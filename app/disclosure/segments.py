"""Segments: what they are, how many people they take, and what they say of single ones.

    without personal:read         counts; by one condition alone where it asks for anything but answers, since joined
                                  with others it could count one person. People only where the rule asks for answers
                                  alone: whoever is taken by a list, or by mail that they got, could be tied to the
                                  address that somebody put there. No rule of theirs compares an attribute
    one-to-one mail of others     unmeasured in every answer (P7)
    anonymous mail                unmeasured in every answer, so that no count is of less than a person's own events (B9)

Source: domain.md §7, §9, §11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from app.disclosure.pages import Beyond, rows_beyond
from app.disclosure.reader import PERSONAL, Reader
from app.disclosure.subscribers import SubscriberView, subscriber_views
from app.domain.engagement import Engagement
from app.domain.errors import Forbidden, NotFound
from app.domain.segment_documents import written
from app.domain.segments import Answer, Rule, compares_attributes, picks_people, singles_out
from app.storage import accounts, identities, segments
from app.storage.database import Connection
from app.storage.segment_fragments import Question
from app.storage.segments import Counts, SegmentPage, SegmentRow


@dataclass(frozen=True, slots=True)
class SegmentView:
    """One segment. `document` is its rule as JSON, None where it compares attributes that the reader may not see."""

    id: int
    name: str
    include_unmeasured: bool
    version: int
    rule: Rule
    document: dict[str, Any] | None


async def segments_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, SegmentView]:
    """The segments; ids of other accounts are absent."""
    async with reader.instance.database.connection() as connection:
        rows = await segments.by_ids(connection, reader.account_id, ids)
    return {row.id: _view(reader, row) for row in rows.values()}


async def page_of_segments(reader: Reader, asked: Beyond) -> list[SegmentView]:
    """A page of segments, oldest first."""
    rows = await rows_beyond(reader, segments.SQL.page, segments.SQL.page_backwards, asked)
    return [_view(reader, segments.from_record(row)) for row in rows]


async def count_segments(reader: Reader) -> int:
    """How many segments the account has, up to 10,001."""
    rows = await reader.instance.database.fetch(segments.SQL.count, reader.account_id)
    count: int = rows[0]["count"]
    return count


async def rule_to_preview(reader: Reader, document: object) -> Rule:
    """The rule that a caller sent. Raises `InvalidRule`, `NotFound`, and `Forbidden` for attributes."""
    async with reader.instance.database.connection() as connection:
        rule = await segments.known_rule(connection, reader.account_id, document)
    must_see_attributes(reader, rule)
    return rule


def must_see_attributes(reader: Reader, rule: Rule) -> None:
    """Raises `Forbidden` for a rule that compares attributes, sent by somebody who may not see any."""
    if compares_attributes(rule) and not reader.sees_people:
        message = f"A rule on attributes needs the scope {PERSONAL}."
        raise Forbidden(message, path=("rule",))


async def preview(reader: Reader, rule: Rule, *, counted: bool) -> Counts | None:
    """How many people the rule says yes to, no to, and how many were not measured; None unless `counted`.

    Raises `Forbidden`, by the table at the top, counted or not.
    """
    if singles_out(rule) and not reader.sees_people:
        message = f"To count by more than one condition, of which one is not on answers, needs the scope {PERSONAL}."
        raise Forbidden(message, path=("rule",))
    if not counted:
        return None
    async with reader.instance.database.connection() as connection:
        return await segments.counts(connection, await _question(reader, connection), rule)


class Taken(TypedDict):
    """Which of the people whom a rule takes: beyond `key`, in which direction by creation, at most how many."""

    key: tuple[datetime, UUID] | None
    backward: bool
    limit: int
    include_unmeasured: bool


async def people_of(reader: Reader, rule: Rule, asked: Taken) -> list[SubscriberView]:
    """A page of the people whom the rule takes, in reading order. Raises `Forbidden`, by the table at the top."""
    must_see_answers(reader, rule, "subscribers")
    page = SegmentPage(asked["key"], asked["limit"], asked["backward"])
    async with reader.instance.database.connection() as connection:
        question = await _question(reader, connection)
        rows = await segments.page(
            connection, question, rule, page, include_unmeasured=asked["include_unmeasured"]
        )
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    return subscriber_views(reader, settings, rows)


async def answer_of(reader: Reader, rule: Rule, subscriber_id: UUID) -> Answer:
    """What a rule says of one subscriber, by the id that they have or had. Raises `NotFound` and `Forbidden`."""
    must_see_answers(reader, rule, "answer")
    async with reader.instance.database.connection() as connection:
        owners = await identities.current(connection, [subscriber_id])
        question = await _question(reader, connection)
        found = await segments.answers(connection, question, rule, list(owners.values()))
    if owners.get(subscriber_id) not in found:
        raise NotFound(path=("subscriberId",))
    return found[owners[subscriber_id]]


async def engagements(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Engagement]:
    """The class of each subscriber; without `personal:read` nobody is measured."""
    if not reader.sees_people:
        return dict.fromkeys(ids, Engagement.NOT_MEASURED)
    async with reader.instance.database.connection() as connection:
        return await segments.engagements(connection, await _question(reader, connection), ids)


def must_see_answers(reader: Reader, rule: Rule, field: str) -> None:
    """Raises `Forbidden` where being taken tells of somebody what this reader may not see, or who they are."""
    if picks_people(rule) and not reader.sees_people:
        message = f"Who did, got or is what, and who is on which list, needs the scope {PERSONAL}."
        raise Forbidden(message, path=(field,))


async def _question(reader: Reader, connection: Connection) -> Question:
    settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    return segments.question_of(reader.account_id, reader.principal.user_id, settings, reader.now)


def _view(reader: Reader, row: SegmentRow) -> SegmentView:
    rule = row.rule
    shown = reader.sees_people or not compares_attributes(rule)
    document = written(rule) if shown else None
    return SegmentView(row.id, row.name, row.include_unmeasured, row.version, rule, document)
