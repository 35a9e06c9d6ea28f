"""Mailings and their links."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.disclosure.lists import ListView
from app.disclosure.reader import Reader
from app.domain.impact import Warning as Consequence
from app.domain.impact import mailing_warnings
from app.domain.modes import Channel
from app.domain.precedence import MailingTracking
from app.storage import accounts, mailings
from app.storage.mailings import MailingRow

NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class MailingView:
    """One mailing."""

    id: int
    name: str
    channel: Channel
    list: ListView | None
    tracking: MailingTracking
    protected: bool


async def mailings_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, MailingView]:
    """The mailings; ids of other accounts are absent."""
    async with reader.instance.database.connection() as connection:
        rows = await mailings.by_ids(connection, reader.account_id, ids)
    return {row.id: _view(row) for row in rows.values()}


@dataclass(frozen=True, slots=True)
class MailingFilter:
    """Which mailings; None asks for nothing. `tracked`: any delivery was frozen above OFF (domain.md §11)."""

    channel: Channel | None = None
    text: str | None = None
    tracked: bool | None = None


async def filtered_mailings(
    reader: Reader, wanted: MailingFilter, *, after: int = NEWEST, limit: int, backward: bool = False
) -> list[MailingView]:
    """A page of mailings, newest first; backward pages are read from the end. A user sees no one-to-one mailings of other users."""
    query = mailings.SQL.filtered_backwards if backward else mailings.SQL.filtered
    rows = await reader.instance.database.fetch(query, *_filters(reader, wanted), after, limit)
    return [_view(mailings.from_record(row)) for row in rows]


async def count_filtered_mailings(reader: Reader, wanted: MailingFilter) -> int:
    """How many mailings a filter has, up to 10,001."""
    rows = await reader.instance.database.fetch(mailings.SQL.count_filtered, *_filters(reader, wanted))
    count: int = rows[0]["count"]
    return count


def _filters(reader: Reader, wanted: MailingFilter) -> tuple[object, ...]:
    user_id = reader.principal.user_id
    return reader.account_id, wanted.channel, _contains(wanted.text), wanted.tracked, user_id


async def links_of(reader: Reader, ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """The targets of mailings by their numbers. Raises nothing for foreign ids: they have no links here."""
    async with reader.instance.database.connection() as connection:
        own = await mailings.by_ids(connection, reader.account_id, ids)
        return await mailings.links(connection, list(own))


async def consequences(reader: Reader, ids: Sequence[int]) -> list[Consequence]:
    """What the own choices of these mailings mean for people who never answered, under the settings in force."""
    async with reader.instance.database.connection() as connection:
        rows = await mailings.by_ids(connection, reader.account_id, ids)
        settings = (await accounts.latest_settings(connection, reader.account_id)).settings
    return [
        warning
        for row in rows.values()
        if row.channel is not Channel.ONE_TO_ONE or reader.owns(row)
        for warning in mailing_warnings(settings, row.channel, row.tracking, row.name)
    ]


def _contains(text: str | None) -> str | None:
    if text is None:
        return None
    escaped = text.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _view(row: MailingRow) -> MailingView:
    in_list = None if row.list_id is None else ListView(row.list_id, row.list_name or "")
    return MailingView(row.id, row.name, row.channel, in_list, row.tracking, row.protected)
