"""What an operation loads in batches, so that a page costs the same few statements however long it is.

Each loader is named value-by-key, lives as long as one operation, and is found by `info.context.loader(MailingById)`.
They read through `app.disclosure`, so whatever they hold may be shown to the caller.
"""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from app.disclosure.deliveries import (
    DeliveryView,
    counts_of_subscribers,
    deliveries_by_key,
    deliveries_of_subscribers,
    delivery_key,
)
from app.disclosure.exports import ExportView, exports_by_id
from app.disclosure.forms import FormView, forms_by_id
from app.disclosure.identities import FormerView, formers_of
from app.disclosure.jobs import JobView, jobs_by_id
from app.disclosure.ledger import LineView, counts_of_lines, lines_by_key, lines_of_subscribers
from app.disclosure.lists import ListView, MembershipView, lists_by_id, memberships_of
from app.disclosure.mailings import MailingView, links_of, mailings_by_id
from app.disclosure.reader import Reader
from app.disclosure.reports import ReportView, reports_of
from app.disclosure.segments import SegmentView, engagements, segments_by_id
from app.disclosure.subscribers import OverviewView, SubscriberView, overviews, subscribers_by_id
from app.disclosure.tokens import TokenView, tokens_by_id
from app.disclosure.users import UserView, users_by_id
from app.disclosure.wordings import EvidenceView, wordings_by_id
from app.domain.engagement import Engagement
from app.domain.errors import NotFound
from graphql_schema.context import Context
from graphql_schema.paging import Stretch

Key = TypeVar("Key")
Value = TypeVar("Value")
Numbered = tuple[UUID, int]
"""The key of what belongs to a subscriber and has a number there."""


class Loader(DataLoader[Key, Value | None], Generic[Key, Value]):
    """Loads what is asked for in one turn of the event loop at once; what the caller may not see is None."""

    def __init__(self, context: Context) -> None:
        super().__init__(load_fn=self._in_order)
        self.reader = Reader(context.services, context.principal)

    async def one(self, key: Key) -> Value:
        """The value where there must be one. Raises `NotFound`."""
        value = await self.load(key)
        if value is None:
            raise NotFound
        return value

    async def some_of(self, keys: Iterable[Key]) -> list[Value | None]:
        """The values of many keys, in order, without a future for each; they are not remembered."""
        wanted = list(keys)
        return await self._in_order(list(dict.fromkeys(wanted)), wanted)

    async def all_of(self, keys: Iterable[Key]) -> list[Value]:
        """The same where there must be all of them. Raises `NotFound`."""
        values = await self.some_of(keys)
        if None in values:
            raise NotFound
        return values  # type: ignore[return-value]  # None is not among them.

    @abstractmethod
    async def found(self, keys: list[Key]) -> Mapping[Key, Value]:
        """What there is of these keys."""

    async def _in_order(self, keys: list[Key], wanted: list[Key] | None = None) -> list[Value | None]:
        values = await self.found(keys)
        return [values.get(key) for key in wanted or keys]


class ListById(Loader[int, ListView]):
    """Mailing lists."""

    async def found(self, keys: list[int]) -> Mapping[int, ListView]:
        """In one statement."""
        return await lists_by_id(self.reader, keys)


class MailingById(Loader[int, MailingView]):
    """Mailings with their lists."""

    async def found(self, keys: list[int]) -> Mapping[int, MailingView]:
        """In one statement."""
        return await mailings_by_id(self.reader, keys)


class LinksByMailing(Loader[int, dict[int, str]]):
    """The targets of mailings by their numbers."""

    async def found(self, keys: list[int]) -> Mapping[int, dict[int, str]]:
        """In two statements."""
        return await links_of(self.reader, keys)


class ReportByMailing(Loader[int, ReportView]):
    """Reports."""

    async def found(self, keys: list[int]) -> Mapping[int, ReportView]:
        """In a fixed number of statements."""
        return await reports_of(self.reader, keys)


class SubscriberById(Loader[UUID, SubscriberView]):
    """Subscribers by the ids that they have or had."""

    async def found(self, keys: list[UUID]) -> Mapping[UUID, SubscriberView]:
        """In three statements."""
        return await subscribers_by_id(self.reader, keys)


class FormersBySubscriber(Loader[UUID, list[FormerView]]):
    """Who subscribers were before merges."""

    async def found(self, keys: list[UUID]) -> Mapping[UUID, list[FormerView]]:
        """In one statement."""
        return await formers_of(self.reader, keys)


class OverviewBySubscriber(Loader[UUID, OverviewView]):
    """What subscribers were sent and did."""

    async def found(self, keys: list[UUID]) -> Mapping[UUID, OverviewView]:
        """In three statements."""
        return await overviews(self.reader, keys)


class MembershipsBySubscriber(Loader[UUID, list[MembershipView]]):
    """The lists that subscribers are or were on."""

    async def found(self, keys: list[UUID]) -> Mapping[UUID, list[MembershipView]]:
        """In one statement."""
        return await memberships_of(self.reader, keys)


class DeliveryByKey(Loader[Numbered, DeliveryView]):
    """Deliveries by subscriber and number."""

    async def found(self, keys: list[Numbered]) -> Mapping[Numbered, DeliveryView]:
        """In a fixed number of statements."""
        found = await deliveries_by_key(self.reader, [delivery_key(*key) for key in keys])
        return {(asked.subscriber_id, asked.id): view for asked, view in found.items()}


class LineByKey(Loader[Numbered, LineView]):
    """Ledger lines by subscriber and number."""

    async def found(self, keys: list[Numbered]) -> Mapping[Numbered, LineView]:
        """In one statement."""
        return await lines_by_key(self.reader, keys)


class DeliveriesBySubscriber(Loader[tuple[UUID, Stretch], list[DeliveryView]]):
    """Pages of what subscribers were sent."""

    async def found(
        self, keys: list[tuple[UUID, Stretch]]
    ) -> Mapping[tuple[UUID, Stretch], list[DeliveryView]]:
        """In a fixed number of statements for each page that is asked for."""
        pages: dict[tuple[UUID, Stretch], list[DeliveryView]] = {}
        for asked, ids in _by_stretch(keys).items():
            views = await deliveries_of_subscribers(self.reader, ids, **asked._asdict())
            pages |= {(each, asked): page for each, page in views.items()}
        return pages


class DeliveryCountBySubscriber(Loader[UUID, int]):
    """How much subscribers were sent."""

    async def found(self, keys: list[UUID]) -> Mapping[UUID, int]:
        """In one statement."""
        return await counts_of_subscribers(self.reader, keys)


class LinesBySubscriber(Loader[tuple[UUID, Stretch], list[LineView]]):
    """Pages of what subscribers answered."""

    async def found(self, keys: list[tuple[UUID, Stretch]]) -> Mapping[tuple[UUID, Stretch], list[LineView]]:
        """In one statement for each page that is asked for."""
        pages: dict[tuple[UUID, Stretch], list[LineView]] = {}
        for asked, ids in _by_stretch(keys).items():
            key, backward, limit, _ = asked
            views = await lines_of_subscribers(self.reader, ids, key=key, backward=backward, limit=limit)
            pages |= {(each, asked): page for each, page in views.items()}
        return pages


class LineCountBySubscriber(Loader[UUID, int]):
    """How many changes of subscribers' permissions there were."""

    async def found(self, keys: list[UUID]) -> Mapping[UUID, int]:
        """In one statement."""
        return await counts_of_lines(self.reader, keys)


class FormById(Loader[int, FormView]):
    """Sign-up forms."""

    async def found(self, keys: list[int]) -> Mapping[int, FormView]:
        """In one statement."""
        return await forms_by_id(self.reader, keys)


class JobById(Loader[int, JobView]):
    """Jobs."""

    async def found(self, keys: list[int]) -> Mapping[int, JobView]:
        """In one statement."""
        return await jobs_by_id(self.reader, keys)


class ExportById(Loader[int, ExportView]):
    """Exports."""

    async def found(self, keys: list[int]) -> Mapping[int, ExportView]:
        """In one statement."""
        return await exports_by_id(self.reader, keys)


class SegmentById(Loader[int, SegmentView]):
    """Segments."""

    async def found(self, keys: list[int]) -> Mapping[int, SegmentView]:
        """In one statement."""
        return await segments_by_id(self.reader, keys)


class EngagementBySubscriber(Loader[UUID, Engagement]):
    """The classes of subscribers."""

    async def found(self, keys: list[UUID]) -> Mapping[UUID, Engagement]:
        """In two statements."""
        return await engagements(self.reader, keys)


class WordingById(Loader[int, EvidenceView]):
    """Wordings."""

    async def found(self, keys: list[int]) -> Mapping[int, EvidenceView]:
        """In one statement."""
        return await wordings_by_id(self.reader, keys)


class TokenById(Loader[int, TokenView]):
    """API tokens."""

    async def found(self, keys: list[int]) -> Mapping[int, TokenView]:
        """In one statement."""
        return await tokens_by_id(self.reader, keys)


class UserById(Loader[int, UserView]):
    """Users."""

    async def found(self, keys: list[int]) -> Mapping[int, UserView]:
        """In one statement."""
        return await users_by_id(self.reader, keys)


def _by_stretch(keys: list[tuple[UUID, Stretch]]) -> dict[Stretch, list[UUID]]:
    groups: dict[Stretch, list[UUID]] = defaultdict(list)
    for subscriber_id, asked in keys:
        groups[asked].append(subscriber_id)
    return groups
