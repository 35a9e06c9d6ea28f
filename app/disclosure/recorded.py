"""What a person reads about themselves behind a fresh link: what is recorded, and the history of their answers.

The caller has shown that the mailbox is theirs. Nothing is hidden from the person, whatever the account may still
see; only texts without end are shortened, and only so many stand on a page. The download (`access`) holds it all.
Source: domain.md §8.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from app.disclosure.brands import BrandView, brand_of
from app.disclosure.preferences import person_of
from app.disclosure.receipts import wordings_of
from app.domain.ledger import SealedLine
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import Permission, PermissionSource
from app.domain.receipts import ShownWording
from app.instance import Instance
from app.storage import access, ledger, mailings
from app.storage.database import Record
from app.storage.subscribers import SubscriberRow

MAILS_A_PAGE = 10
LINES_A_PAGE = 20
_MOST_ATTRIBUTES = 20
_MOST_LINKS = 5
_LONGEST_TEXT = 100
_NEWEST_MAIL = 2**63 - 1
_NEWEST_LINE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail that the person was sent. `personal` says whether anything could be recorded of it about them."""

    name: str
    sent_at: datetime
    personal: bool
    opens: int
    first_opened_at: datetime | None
    clicks: int
    links: Sequence[str]


@dataclass(frozen=True, slots=True)
class RecordedView:
    """The person as stored, and a page of their mails. `older` is the key of the next page, None on the last."""

    brand: BrandView
    address: str
    locale: str | None
    since: datetime
    attributes: Mapping[str, str]
    mails: Sequence[MailView]
    older: int | None


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What changed at one time: an answer for each axis, where it was given, and the wording that asked."""

    at: datetime
    source: PermissionSource
    answers: Mapping[Axis, Permission]
    wording: ShownWording | None


@dataclass(frozen=True, slots=True)
class AnswersView:
    """A page of the history, newest first. `older` is the key of the next page, None on the last."""

    brand: BrandView
    locale: str | None
    changes: Sequence[AnswerView]
    older: int | None


async def recorded(instance: Instance, subscriber_id: UUID, before: int | None = None) -> RecordedView:
    """What is recorded, with the mails before a key. Raises `NotFound`, `ErasedEarlier` and `DatabaseAway`."""
    async with instance.database.connection() as connection:
        row = await person_of(connection, subscriber_id)
        sent = await connection.fetch(
            access.SQL.page_of_deliveries,
            row.id,
            row.account_id,
            min(before or _NEWEST_MAIL, _NEWEST_MAIL),
            MAILS_A_PAGE + 1,
        )
        shown = sent[:MAILS_A_PAGE]
        links = await mailings.links(connection, list({each["mailing_id"] for each in shown}))
        return RecordedView(
            brand=await brand_of(connection, row.account_id),
            address=row.address,
            locale=row.locale,
            since=row.created_at,
            attributes=dict(_attributes(row)),
            mails=[_mail(each, links.get(each["mailing_id"], {})) for each in shown],
            older=shown[-1]["id"] if len(sent) > len(shown) else None,
        )


async def answers(instance: Instance, subscriber_id: UUID, before: int | None = None) -> AnswersView:
    """The answers before a line of the ledger. Raises `NotFound`, `ErasedEarlier` and `DatabaseAway`."""
    async with instance.database.transaction() as connection:
        row = await person_of(connection, subscriber_id)
        lines = await ledger.page_backwards(
            connection,
            row.account_id,
            row.id,
            before=min(before or _NEWEST_LINE, _NEWEST_LINE),
            limit=LINES_A_PAGE + 1,
        )
        shown = lines[:LINES_A_PAGE]
        return AnswersView(
            brand=await brand_of(connection, row.account_id),
            locale=row.locale,
            changes=await _changes(row, shown),
            older=shown[-1].line.number if len(lines) > len(shown) else None,
        )


async def _changes(row: SubscriberRow, lines: Sequence[SealedLine]) -> list[AnswerView]:
    ids = {each for each in map(_wording_id, lines) if each is not None}
    texts = {each.id: each for each in await wordings_of(row.account_id, ids)}
    together = groupby(lines, lambda each: (each.line.server_time, each.line.source, _wording_id(each)))
    return [
        AnswerView(
            at=at,
            source=source,
            answers={each.line.axis: each.line.to_value for each in reversed(list(group))},
            wording=None if wording_id is None else texts.get(wording_id),
        )
        for (at, source, wording_id), group in together
    ]


def _wording_id(sealed: SealedLine) -> int | None:
    wording = sealed.line.wording_id
    return None if wording is None else int.from_bytes(wording, "big")


def _mail(record: Record, links: Mapping[int, str]) -> MailView:
    modes = {record["opens_mode"], record["clicks_mode"]}
    clicked = [links[each] for each in record["clicked_links"] if each in links]
    return MailView(
        name=record["mailing"],
        sent_at=record["sent_at"],
        # What is opened of a mail to several people belongs to none of them.
        personal=TrackingMode.PERSONAL.value in modes and not record["gathered"],
        opens=record["opens"],
        first_opened_at=record["first_opened_at"],
        clicks=record["clicks"],
        links=[_shortened(each) for each in clicked[:_MOST_LINKS]],
    )


def _attributes(row: SubscriberRow) -> Iterator[tuple[str, str]]:
    for name, value in list(row.attributes.items())[:_MOST_ATTRIBUTES]:
        yield _shortened(name), _shortened(_written(value))


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
