"""The account's settings: every version of them, and what they mean (domain.md §4)."""

from datetime import datetime
from typing import Any

import strawberry

from app.disclosure import settings as disclosure
from app.disclosure.reader import Reader
from app.disclosure.settings import SettingsView
from app.domain import impact
from app.domain.modes import Anonymity, Channel, TrackingMode
from app.domain.settings import AccountSettings, GpcRule, LateRefusal, WayOut, Withdrawal
from graphql_schema.connections import Connection, Edge, Page, total
from graphql_schema.paging import After, Before, First, Last, asked_page
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import needs
from graphql_schema.selection import selected

WORDS = {
    "channels": "The choices of each channel.",
    "unknown_opens": "The most that opens of people are tracked who never answered.",
    "unknown_clicks": "The most that clicks of people are tracked who never answered.",
    "refused_opens": "The most that opens of people are tracked who said no: OFF or ANONYMOUS.",
    "refused_clicks": "The most that clicks of people are tracked who said no: OFF or ANONYMOUS.",
    "permission_required": "Whether nobody who never answered is tracked beyond the unknown modes, on any channel.",
    "keep_ip": (
        "Whether the network address of personal events is kept, for 30 days, of mails sent from then on. Switching it off "
        "hides all kept addresses at once and deletes them soon after."
    ),
    "anonymity": "How anonymous mail is anonymous.",
    "minimum_audience": "How many people an anonymous figure must be about at least.",
    "late_refusal": "What becomes of hits of people who said no after the mail was sent.",
    "withdrawal": "What becomes of what was recorded before somebody said no.",
    "gpc": "What the Global Privacy Control signal does to a hit.",
    "way_out": "What happens to a tracked mail without a preferences link.",
    "ask_again_after_days": "After how many days somebody may be asked again; null is never.",
    "permission_lifetime_days": "After how many days a YES lapses; null is never.",
    "anonymous_totals_only": "Whether anonymous figures show in a mailing's total only.",
    "channel": "The channel.",
    "default_opens": "How opens are tracked where the mailing says nothing.",
    "default_clicks": "How clicks are tracked where the mailing says nothing.",
    "anonymous_tracking": "Whether every mailing of the channel is anonymous at most.",
    "permission_based": "Whether each person's permission decides.",
    "consent_held_in": "In which system the sender of a relay keeps the consent.",
}
"""Settings and the inputs that change them say the same about each field."""


def says(name: str) -> Any:
    """The field of that name, with its description."""
    return strawberry.field(description=WORDS[name])


@strawberry.type(name="Warning", description="What somebody should know; nothing was hindered by it.")
class Consequence:
    """A consequence in words."""

    code: str | None = strawberry.field(description="A stable name, for programs.")
    message: str = strawberry.field(description="One sentence or two, for people.")


@strawberry.type(description="The choices of one channel.")
class ChannelSettings:
    """Part of `Settings`."""

    channel: Channel = says("channel")
    default_opens: TrackingMode = says("default_opens")
    default_clicks: TrackingMode = says("default_clicks")
    anonymous_tracking: bool = says("anonymous_tracking")
    permission_based: bool = says("permission_based")
    consent_held_in: str | None = says("consent_held_in")


@strawberry.type(description="One version of the account's settings. Versions are added, never changed.")
class Settings:
    """What an account chose."""

    version: int = strawberry.field(description="Counts the versions from 1.")
    at: datetime = strawberry.field(description="When this version was made.")
    actor: str = strawberry.field(description="Who made it: a token, a user, or the instance.")
    channels: list[ChannelSettings] = strawberry.field(
        description=WORDS["channels"], metadata=needs(size=len(Channel))
    )
    unknown_opens: TrackingMode = says("unknown_opens")
    unknown_clicks: TrackingMode = says("unknown_clicks")
    refused_opens: TrackingMode = says("refused_opens")
    refused_clicks: TrackingMode = says("refused_clicks")
    permission_required: bool = says("permission_required")
    keep_ip: bool = says("keep_ip")
    anonymity: Anonymity = says("anonymity")
    minimum_audience: int = says("minimum_audience")
    late_refusal: LateRefusal = says("late_refusal")
    withdrawal: Withdrawal = says("withdrawal")
    gpc: GpcRule = says("gpc")
    way_out: WayOut = says("way_out")
    ask_again_after_days: int | None = says("ask_again_after_days")
    permission_lifetime_days: int | None = says("permission_lifetime_days")
    anonymous_totals_only: bool = says("anonymous_totals_only")
    consequences: list[Consequence] = strawberry.field(
        description="What these settings mean for people who never answered, and for small groups."
    )

    @strawberry.field(description="This version and all before it, newest first.")
    async def history(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> "SettingsConnection":
        page = asked_page(tuple[int], first, after, last, before)
        views = await _versions(reader_of(info), self.version, page)
        count = self.version if selected(info, "totalCount", "totalCountCapped") else None
        cut = page.cut(views, key=lambda view: (view.version,))
        edges = [SettingsEdge(cursor=cursor, node=settings(view)) for cursor, view in cut.rows]
        return SettingsConnection(edges=edges, page_info=cut.page_info, **total(count))


async def _versions(reader: Reader, newest: int, page: Page) -> list[SettingsView]:
    """A page of the versions up to one of them, as it is read: newest first, or oldest first if it is backward."""
    key: int | None = None if page.keys is None else page.keys[0]
    if page.backward:
        return await disclosure.settings_history_backwards(
            reader, after=key or 0, newest=newest, limit=page.fetch
        )
    before = newest + 1 if key is None else min(newest + 1, key)
    return await disclosure.settings_history(reader, before=before, limit=page.fetch)


@strawberry.type(description="One version in a page.")
class SettingsEdge(Edge):
    """Edge of `SettingsConnection`."""

    node: Settings = strawberry.field(description="The version.")


@strawberry.type(description="A page of versions, newest first.")
class SettingsConnection(Connection):
    """Versions of the settings."""

    edges: list[SettingsEdge] = strawberry.field(description="The versions.")


OWN = frozenset(WORDS) & frozenset(AccountSettings.__dataclass_fields__) - {"channels"}
OF_CHANNEL = frozenset(WORDS) & frozenset(ChannelSettings.__annotations__) - {"channel"}


def settings(view: SettingsView) -> Settings:
    """A version as the schema shows it."""
    chosen = view.settings
    return Settings(
        version=view.version,
        at=view.at,
        actor=view.actor,
        channels=[_channel(chosen, channel) for channel in Channel],
        consequences=[warning(each) for each in view.consequences],
        **{name: getattr(chosen, name) for name in OWN},
    )


def warning(seen: impact.Warning) -> Consequence:
    """A consequence as the schema shows it."""
    return Consequence(code=seen.code, message=seen.message)


def _channel(chosen: AccountSettings, channel: Channel) -> ChannelSettings:
    stands = chosen.channel(channel)
    return ChannelSettings(channel=channel, **{name: getattr(stands, name) for name in OF_CHANNEL})


@strawberry.type
class SettingsQueries:
    """Part of `Query`."""

    @strawberry.field(description="The settings in force.", metadata=needs("settings:read"))
    async def settings(self, info: Asked) -> Settings:
        return settings(await disclosure.settings(reader_of(info)))
