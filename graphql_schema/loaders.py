"""What an operation loads in batches, so that a page costs the same few statements however long it is.

Each loader is named value-by-key, lives as long as one operation, and is found by `info.context.loader(MailingById)`.
They read through `app.disclosure`, so whatever they hold may be shown to the caller.
"""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from app.disclosure.deliveries import (
    DeliveryView,
    counts_of_subscribers,
    deliveries_by_key,
    deliveries_of_subscribers,
    delivery_key,
)
from app.disclosure.event_log_deliveries import events_of_deliveries
from app.disclosure.event_log_views import EventView, Start
from app.disclosure.exports import ExportView, exports_by_id
from app.disclosure.forms import FormView, forms_by_id
from app.disclosure.identities import FormerView, formers_of
from app.disclosure.jobs import JobView, jobs_by_id
from app.disclosure.ledger import LineView, counts_of_lines, lines_by_key, lines_of_subscribers
from app.disclosure.lists import ListView, MembershipView, lists_by_id, memberships_of
from app.disclosure.mailings import MailingView, links_of, mailings_by_id
from app.disclosure.notifications import NotificationView, notifications_by_key
from app.disclosure.personal_ids import NotificationKey
from app.disclosure.report_times import TimelineBucket, TimelinePointView
from app.disclosure.reports import ReportView, Together, reports_together, timelines_together
from app.disclosure.segments import SegmentView, engagements, segments_by_id
from app.disclosure.subscribers import OverviewView, SubscriberView, overviews, subscribers_by_id
from app.disclosure.tokens import TokenView, tokens_by_id
from app.disclosure.users import UserView, users_by_id
from app.disclosure.wordings import EvidenceView, wordings_by_id
from app.domain.engagement import Engagement
from graphql_schema.loading import Loader
from graphql_schema.paging import Stretch

Numbered = tuple[UUID, int]
"""The key of what belongs to a subscriber and has a number there."""


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


class ReportByMailings(Loader[tuple[Together, bool], ReportView]):
    """Reports, each of one mailing or of several together, with links and classes or without."""

    async def found(self, keys: list[tuple[Together, bool]]) -> Mapping[tuple[Together, bool], ReportView]:
        """In a fixed number of statements, and as many again where only some are asked for with their parts."""
        found: dict[tuple[Together, bool], ReportView] = {}
        for parts in {parts for _, parts in keys}:
            asked = [group for group, wanted in keys if wanted is parts]
            views = await reports_together(self.reader, asked, parts=parts)
            found |= {(group, parts): view for group, view in views.items()}
        return found


Timeline = tuple[TimelinePointView, ...]


class TimelineByMailings(Loader[tuple[Together, TimelineBucket], Timeline]):
    """Timelines, each of one mailing or of several together."""

    async def found(
        self, keys: list[tuple[Together, TimelineBucket]]
    ) -> Mapping[tuple[Together, TimelineBucket], Timeline]:
        """In a fixed number of statements for each width of buckets."""
        found: dict[tuple[Together, TimelineBucket], Timeline] = {}
        for bucket in TimelineBucket:
            asked = [group for group, wanted in keys if wanted is bucket]
            if asked:
                timelines = await timelines_together(self.reader, asked, bucket)
                found |= {(group, bucket): timeline for group, timeline in timelines.items()}
        return found


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


class EventsByDelivery(Loader[tuple[Numbered, Start, int], list[EventView]]):
    """Pages of what came of deliveries: beyond a place, and at most so many."""

    async def found(
        self, keys: list[tuple[Numbered, Start, int]]
    ) -> Mapping[tuple[Numbered, Start, int], list[EventView]]:
        """In a fixed number of statements for each page that is asked for."""
        asked: dict[tuple[Start, int], list[Numbered]] = defaultdict(list)
        for key, start, limit in keys:
            asked[start, limit].append(key)
        pages: dict[tuple[Numbered, Start, int], list[EventView]] = {}
        for (start, limit), numbered in asked.items():
            found = await events_of_deliveries(
                self.reader, [delivery_key(*each) for each in numbered], start, limit
            )
            pages |= {((key.subscriber_id, key.id), start, limit): views for key, views in found.items()}
        return pages


class NotificationByKey(Loader[NotificationKey, NotificationView]):
    """What the user is told of, by event."""

    async def found(self, keys: list[NotificationKey]) -> Mapping[NotificationKey, NotificationView]:
        """In a fixed number of statements."""
        return await notifications_by_key(self.reader, keys)


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
