"""What a change of settings would do, asked before it is saved (X10)."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from app.actions.what_if import reckon_later
from app.disclosure.policy_impact import (
    ChangeAsked,
    ImpactView,
    PolicyImpactView,
    SettingsRefused,
    TakesLong,
    policy_impact,
)
from app.domain.errors import RequestError
from app.domain.modes import Axis, Channel, TrackingMode
from app.domain.what_if import Shift
from graphql_schema.ids import encode_id
from graphql_schema.jobs import Job, job
from graphql_schema.loaders import JobById
from graphql_schema.plans import ONCE
from graphql_schema.resolving import Asked, reader_of, unit_of
from graphql_schema.scopes import needs
from graphql_schema.settings import Consequence, warning
from graphql_schema.settings_changes import UpdateSettingsInput, error_at_place, settings_change


@strawberry.type(description="Subscribers who would move from one mode to another.")
class ModeShift:
    """Part of `PolicyImpact`."""

    before: TrackingMode = strawberry.field(name="from", description="The mode that they have now.")
    after: TrackingMode = strawberry.field(name="to", description="The mode that they would have.")
    subscribers: int = strawberry.field(description="How many they are.")


@strawberry.type(description="Subscribers who stand at the same answer and would move together, and why.")
class ImpactSample:
    """Part of `PolicyImpact`. It names nobody."""

    axis: Axis = strawberry.field(description="Opens or clicks.")
    before: TrackingMode = strawberry.field(name="from", description="The mode that they have now.")
    after: TrackingMode = strawberry.field(name="to", description="The mode that they would have.")
    subscribers: int = strawberry.field(description="How many they are.")
    reason: str = strawberry.field(description="Why they have the mode that they have now.")
    new_reason: str = strawberry.field(description="Why they would have the other mode.")


@strawberry.type(description="What a change would do to the mail of one channel.")
class ChannelImpact:
    """Part of `PolicyImpact`."""

    channel: Channel = strawberry.field(description="The channel.")
    opens: list[ModeShift] = strawberry.field(description="Who would move, for opens.")
    clicks: list[ModeShift] = strawberry.field(description="Who would move, for clicks.")


@strawberry.type(description="What a change would do to one mailing that it names.")
class MailingImpact:
    """Part of `PolicyImpact`."""

    mailing_id: strawberry.ID = strawberry.field(description="The mailing.")
    opens: list[ModeShift] = strawberry.field(description="Who would move, for opens.")
    clicks: list[ModeShift] = strawberry.field(description="Who would move, for clicks.")


@strawberry.type(
    description="What a change of settings would do to mail that is sent after it. Nothing was saved. `opens`, "
    "`clicks` and `samples` are about campaigns that state nothing themselves."
)
class PolicyImpact:
    """The answer of `policyImpact`."""

    opens: list[ModeShift] = strawberry.field(description="Who would move, for opens of campaigns.")
    clicks: list[ModeShift] = strawberry.field(description="Who would move, for clicks in campaigns.")
    notice: str = strawberry.field(description="The change in words.")
    samples: list[ImpactSample] = strawberry.field(
        description="Who would move and why, the largest groups first."
    )
    channels: list[ChannelImpact] = strawberry.field(
        description="The same for every channel.", metadata=needs(size=len(Channel))
    )
    mailings: list[MailingImpact] = strawberry.field(description="The same for the mailings of the change.")
    subscribers: int | None = strawberry.field(
        description="How many subscribers the account has; null where a job is counting them."
    )
    warnings: list[Consequence] = strawberry.field(
        description="What the new settings would mean for people who never answered."
    )
    job: Job | None = strawberry.field(
        default=None,
        description="Where it takes over 5 seconds to count: the job that does. Its counts are the figures of this "
        "type, which are empty here.",
    )


Wanted = Annotated[
    UpdateSettingsInput, strawberry.argument(name="input", description="The change that is not saved.")
]


@strawberry.type
class PolicyImpactQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="How many subscribers a change of settings would move between which modes, and why.",
        metadata={**needs("settings:read", cost=1_000), **ONCE},
    )
    async def policy_impact(self, info: Asked, wanted: Wanted) -> PolicyImpact:
        change = settings_change(wanted)
        named = {each.mailing_id: each.tracking for each in change.mailings if each is not None}
        asked = ChangeAsked(change.own, change.channels, named)
        try:
            return _impact(await policy_impact(reader_of(info), asked))
        except TakesLong as long:
            return await _later(info, long)
        except SettingsRefused as refused:
            first: RequestError = error_at_place(refused.errors[0], change)
            raise first from refused


async def _later(info: Asked, long: TakesLong) -> PolicyImpact:
    async with unit_of(info) as work:
        job_id = await reckon_later(work, long.plan)
    counting = job(await info.context.loader(JobById).one(job_id))
    return PolicyImpact(
        opens=[],
        clicks=[],
        notice=_COUNTING,
        samples=[],
        channels=[],
        mailings=[],
        subscribers=None,
        warnings=[],
        job=counting,
    )


_COUNTING = "There are many people to look at. The job has the figures when it is done."


def _impact(view: PolicyImpactView) -> PolicyImpact:
    campaign = view.channels[0]
    return PolicyImpact(
        opens=_shifts(campaign.opens),
        clicks=_shifts(campaign.clicks),
        notice=view.notice,
        samples=[
            ImpactSample(
                axis=each.axis,
                before=each.before,
                after=each.after,
                subscribers=each.people,
                reason=each.reason_before,
                new_reason=each.reason_after,
            )
            for each in campaign.samples
        ],
        channels=[_channel(each) for each in view.channels],
        mailings=[_mailing(each) for each in view.mailings],
        subscribers=view.subscribers,
        warnings=[warning(each) for each in view.warnings],
    )


def _shifts(found: Sequence[Shift]) -> list[ModeShift]:
    return [ModeShift(before=each.before, after=each.after, subscribers=each.people) for each in found]


def _channel(each: ImpactView) -> ChannelImpact:
    channel = Channel(str(each.about))
    return ChannelImpact(channel=channel, opens=_shifts(each.opens), clicks=_shifts(each.clicks))


def _mailing(each: ImpactView) -> MailingImpact:
    mailing_id = strawberry.ID(encode_id("Mailing", str(each.about)))
    return MailingImpact(mailing_id=mailing_id, opens=_shifts(each.opens), clicks=_shifts(each.clicks))
