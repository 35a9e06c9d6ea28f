"""Changing settings: only what is named changes, and a new version is made of it."""

from typing import Annotated, Any

import strawberry
from strawberry import ID

from app.actions.accounts import SettingsChange, apply_preset, update_settings
from app.actions.mailing_changes import MailingChange
from app.disclosure import settings as disclosure
from app.disclosure.mailings import consequences
from app.domain.errors import InvalidValue, RequestError
from app.domain.modes import Anonymity, Channel, TrackingMode
from app.domain.presets import Preset
from app.domain.settings import GpcRule, LateRefusal, WayOut, Withdrawal
from graphql_schema.errors import UserError, attempt, user_errors
from graphql_schema.ids import number_of
from graphql_schema.resolving import Asked, given, reader_of, stated, unit_of
from graphql_schema.scopes import needs
from graphql_schema.settings import WORDS, Consequence, Settings, settings, warning

_NULLABLE = frozenset({"ask_again_after_days", "permission_lifetime_days"})
_NULLABLE_OF_CHANNEL = frozenset({"consent_held_in"})


def changes(name: str) -> Any:
    """The input field of that name, which may be left out, with the description of the setting."""
    return strawberry.field(default=strawberry.UNSET, description=WORDS[name])


@strawberry.input(description="Choices of one channel; what is left out stays.")
class ChannelSettingsInput:
    """Part of `UpdateSettingsInput`."""

    channel: Channel = strawberry.field(description=WORDS["channel"])
    default_opens: TrackingMode | None = changes("default_opens")
    default_clicks: TrackingMode | None = changes("default_clicks")
    anonymous_tracking: bool | None = changes("anonymous_tracking")
    permission_based: bool | None = changes("permission_based")
    consent_held_in: str | None = changes("consent_held_in")


@strawberry.input(description="Whether one mailing goes by each person's permission.")
class MailingPermissionInput:
    """Part of `UpdateSettingsInput`."""

    id: ID = strawberry.field(description="The mailing.")
    permission_based: bool | None = strawberry.field(
        default=strawberry.UNSET, description="What the mailing states itself; null inherits."
    )


@strawberry.input(description="What changes; what is left out stays.")
class UpdateSettingsInput:
    """Input of `updateSettings`."""

    channels: list[ChannelSettingsInput] | None = changes("channels")
    unknown_opens: TrackingMode | None = changes("unknown_opens")
    unknown_clicks: TrackingMode | None = changes("unknown_clicks")
    refused_opens: TrackingMode | None = changes("refused_opens")
    refused_clicks: TrackingMode | None = changes("refused_clicks")
    permission_required: bool | None = changes("permission_required")
    keep_ip: bool | None = changes("keep_ip")
    anonymity: Anonymity | None = changes("anonymity")
    minimum_audience: int | None = changes("minimum_audience")
    late_refusal: LateRefusal | None = changes("late_refusal")
    withdrawal: Withdrawal | None = changes("withdrawal")
    gpc: GpcRule | None = changes("gpc")
    way_out: WayOut | None = changes("way_out")
    ask_again_after_days: int | None = changes("ask_again_after_days")
    permission_lifetime_days: int | None = changes("permission_lifetime_days")
    anonymous_totals_only: bool | None = changes("anonymous_totals_only")
    mailings: list[MailingPermissionInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Mailings that state for themselves whether permission decides."
    )


@strawberry.type(description="The answer of updateSettings.")
class UpdateSettingsPayload:
    """Payload of `updateSettings`."""

    settings: Settings | None = strawberry.field(
        default=None,
        description="The settings in force; selecting them needs the scope settings:read.",
        metadata=needs("settings:read"),
    )
    warnings: list[Consequence] = strawberry.field(
        default_factory=list, description="What the settings mean for people who never answered."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


@strawberry.input(description="A preset.")
class ApplyPresetInput:
    """Input of `applyPreset`."""

    preset: Preset = strawberry.field(description="Which one.")


@strawberry.type(description="The answer of applyPreset.")
class ApplyPresetPayload:
    """Payload of `applyPreset`."""

    settings: Settings | None = strawberry.field(
        default=None,
        description="The settings in force; selecting them needs the scope settings:read.",
        metadata=needs("settings:read"),
    )
    warnings: list[Consequence] = strawberry.field(
        default_factory=list, description="What the settings mean for people who never answered."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


Change = Annotated[UpdateSettingsInput, strawberry.argument(name="input", description="What changes.")]
ChosenPreset = Annotated[ApplyPresetInput, strawberry.argument(name="input", description="The preset.")]


@strawberry.type
class SettingsMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Makes a new version of the settings with what is named here. Mail sent before keeps its own.",
        metadata=needs("settings:write"),
    )
    async def update_settings(self, info: Asked, change: Change) -> UpdateSettingsPayload:
        return await attempt(UpdateSettingsPayload, _update(info, change))

    @strawberry.mutation(
        description="Sets everything as a preset says. Mailings keep what they state themselves.",
        metadata=needs("settings:write"),
    )
    async def apply_preset(self, info: Asked, chosen: ChosenPreset) -> ApplyPresetPayload:
        return await attempt(ApplyPresetPayload, _apply(info, chosen))


async def _update(info: Asked, change: UpdateSettingsInput) -> UpdateSettingsPayload:
    wanted = settings_change(change)
    async with unit_of(info) as work:
        _, problems = await update_settings(work, wanted)
    if problems:
        placed = [error_at_place(each, wanted) for each in problems]
        return UpdateSettingsPayload(errors=user_errors(*placed))
    shown = settings(await disclosure.settings(reader_of(info)))
    named = [each.mailing_id for each in wanted.mailings if each is not None]
    of_mailings = [warning(each) for each in await consequences(reader_of(info), named)]
    return UpdateSettingsPayload(settings=shown, warnings=[*shown.consequences, *of_mailings])


def settings_change(change: UpdateSettingsInput) -> SettingsChange:
    """What an input changes and nothing else. Raises `RequestError` with the path of the input."""
    own = stated(change, nullable=_NULLABLE, skip={"channels", "mailings"})
    return SettingsChange(own, _channels(change), _mailings(change))


def error_at_place(error: RequestError, change: SettingsChange) -> RequestError:
    """An error about a channel, at the channel's place in the input; about an unnamed one, at `channels`."""
    if error.path[:1] != ("channels",):
        return error
    places = {channel.value: place for place, channel in enumerate(change.channels)}
    place = places.get(str(error.path[1]))
    path = ("channels",) if place is None else ("channels", place, *error.path[2:])
    return type(error)(error.message, path=path)


async def _apply(info: Asked, chosen: ApplyPresetInput) -> ApplyPresetPayload:
    async with unit_of(info) as work:
        await apply_preset(work, chosen.preset)
    shown = settings(await disclosure.settings(reader_of(info)))
    return ApplyPresetPayload(settings=shown, warnings=shown.consequences)


def _channels(change: UpdateSettingsInput) -> dict[Channel, dict[str, Any]]:
    found: dict[Channel, dict[str, Any]] = {}
    for place, each in enumerate(given(change.channels) or ()):
        if each.channel in found:
            raise InvalidValue("Each channel stands here once.", path=("channels", place, "channel"))
        found[each.channel] = stated(each, "channels", place, nullable=_NULLABLE_OF_CHANNEL, skip={"channel"})
    return found


def _mailings(change: UpdateSettingsInput) -> list[MailingChange | None]:
    return [
        None
        if each.permission_based is strawberry.UNSET
        else MailingChange(
            number_of(each.id, "Mailing", path=("mailings", place, "id")),
            {"permission_based": each.permission_based},
        )
        for place, each in enumerate(given(change.mailings) or ())
    ]
