"""An account's own choices: what they are, what they may not be, and what they mean for people.

Settings are values. They are versioned and never overwritten; a delivery freezes the version it was sent under.
`problems` lists what contradicts itself, `warnings` what a choice means for people who never answered.
The one-step presets stand in `presets`. Source: domain.md §4.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum, unique
from typing import Any

from app.domain.errors import InvalidSetting, RelayNotPermissionBased, RequestError
from app.domain.modes import Anonymity, Axis, Channel, TrackingMode
from app.domain.retention import retention_problems


@unique
class LateRefusal(StrEnum):
    """What becomes of a hit whose token stopped being personal."""

    DROP = "DROP"
    COUNT = "COUNT"


@unique
class Withdrawal(StrEnum):
    """What becomes of what was recorded before somebody withdrew."""

    KEEP = "KEEP"
    HIDE = "HIDE"
    SEVER = "SEVER"


@unique
class GpcRule(StrEnum):
    """What the Sec-GPC signal does to a hit."""

    CEILING = "CEILING"
    YIELDS_TO_PERSONS_YES = "YIELDS_TO_PERSONS_YES"


@unique
class WayOut(StrEnum):
    """What happens to a mail without a preferences link."""

    FOOTER = "FOOTER"
    REQUIRED = "REQUIRED"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """The choices of one channel. `consent_held_in` names where a relay's sender keeps the consent."""

    default_opens: TrackingMode = TrackingMode.OFF
    default_clicks: TrackingMode = TrackingMode.OFF
    anonymous_tracking: bool = False
    permission_based: bool = True
    consent_held_in: str | None = None

    def default_mode(self, axis: Axis) -> TrackingMode:
        """The mode that mailings of the channel have when they say nothing themselves."""
        return self.default_opens if axis is Axis.OPENS else self.default_clicks

    @property
    def names_consent(self) -> bool:
        """Whether `consent_held_in` names a system; blanks name none."""
        return bool(self.consent_held_in and self.consent_held_in.strip())


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Everything an account chooses. Durations are days; `minimum_audience` is k, a number of people."""

    channels: Mapping[Channel, ChannelSettings]
    unknown_opens: TrackingMode = TrackingMode.OFF
    unknown_clicks: TrackingMode = TrackingMode.OFF
    refused_opens: TrackingMode = TrackingMode.OFF
    refused_clicks: TrackingMode = TrackingMode.OFF
    permission_required: bool = True
    anonymity: Anonymity = Anonymity.SHARED
    minimum_audience: int = 10
    late_refusal: LateRefusal = LateRefusal.DROP
    withdrawal: Withdrawal = Withdrawal.HIDE
    gpc: GpcRule = GpcRule.CEILING
    way_out: WayOut = WayOut.FOOTER
    keep_ip: bool = False
    ask_again_after_days: int | None = 182
    permission_lifetime_days: int | None = None
    anonymous_totals_only: bool = False
    retention_days: Mapping[str, int] = field(default_factory=dict)

    def unknown_mode(self, axis: Axis) -> TrackingMode:
        """The ceiling for people who never answered."""
        return self.unknown_opens if axis is Axis.OPENS else self.unknown_clicks

    def refused_mode(self, axis: Axis) -> TrackingMode:
        """The ceiling for people who said no."""
        return self.refused_opens if axis is Axis.OPENS else self.refused_clicks

    def channel(self, channel: Channel) -> ChannelSettings:
        """The choices of one channel; a channel that nobody spoke of is OFF."""
        return self.channels.get(channel, _SILENT)


_SILENT = ChannelSettings()
_NUMBERS = (
    ("minimum_audience", 1, 1_000_000),
    ("ask_again_after_days", 1, 3_650),
    ("permission_lifetime_days", 1, 36_500),
)


def problems(settings: AccountSettings) -> Iterator[RequestError]:
    """Everything that contradicts itself, each with the path of the input as the GraphQL contract spells it."""
    yield from _refused_above_unknown(settings)
    yield from _out_of_range(settings)
    if settings.permission_required and settings.anonymity is Anonymity.UNLINKED:
        message = (
            "UNLINKED puts a number into each mail, which needs consent; with permissionRequired use SHARED."
        )
        yield InvalidSetting(message, path=("anonymity",))
    for channel, chosen in settings.channels.items():
        yield from _channel_problems(settings, channel, chosen)
    yield from retention_problems(settings.retention_days)


def _refused_above_unknown(settings: AccountSettings) -> Iterator[RequestError]:
    for axis, name in ((Axis.OPENS, "refusedOpens"), (Axis.CLICKS, "refusedClicks")):
        if settings.refused_mode(axis) is TrackingMode.PERSONAL:
            yield InvalidSetting(f"{name} is OFF or ANONYMOUS: nobody who said no is tracked.", path=(name,))
        elif settings.refused_mode(axis).rank > settings.unknown_mode(axis).rank:
            message = f"{name} may not track more than the mode for people who never answered."
            yield InvalidSetting(message, path=(name,))


def _out_of_range(settings: AccountSettings) -> Iterator[RequestError]:
    for name, low, high in _NUMBERS:
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            spelled = camel_case(name)
            yield InvalidSetting(f"{spelled} lies between {low} and {high}.", path=(spelled,))


def _channel_problems(
    settings: AccountSettings, channel: Channel, chosen: ChannelSettings
) -> Iterator[RequestError]:
    path = ("channels", channel.value)
    if channel is Channel.RELAY:
        if chosen.permission_based:
            yield RelayNotPermissionBased(path=(*path, "permissionBased"))
        personal = TrackingMode.PERSONAL in {chosen.default_opens, chosen.default_clicks}
        if personal and not chosen.names_consent:
            message = (
                "A PERSONAL relay needs consentHeldIn: say in which system the sender keeps the consent."
            )
            yield InvalidSetting(message, path=(*path, "consentHeldIn"))
    elif settings.permission_required and not chosen.permission_based:
        message = f"permissionRequired makes every channel permission-based; leave permissionBased of {channel} true."
        yield InvalidSetting(message, path=(*path, "permissionBased"))


def camel_case(name: str) -> str:
    """A setting's name as the GraphQL contract spells it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def to_document(settings: AccountSettings) -> dict[str, Any]:
    """The settings as plain JSON values, for storage."""
    document = asdict(settings)
    document["channels"] = {channel.value: asdict(chosen) for channel, chosen in settings.channels.items()}
    return document


_KINDS = {
    each.name: each.type
    for each in (*fields(AccountSettings), *fields(ChannelSettings))
    if each.name not in {"channels", "retention_days"}
}


def from_document(document: Mapping[str, Any]) -> AccountSettings:
    """The settings of a stored document; names that are no settings any more are left out.

    Raises ValueError on a value that is none, so that nobody is tracked under settings that cannot be read.
    """
    try:
        channels = {
            Channel(name): ChannelSettings(**_read(chosen)) for name, chosen in document["channels"].items()
        }
        retention = {kind: int(days) for kind, days in document.get("retention_days", {}).items()}
        return AccountSettings(channels=channels, retention_days=retention, **_read(document))
    except (AttributeError, KeyError, TypeError) as error:
        message = "This is no document of settings."
        raise ValueError(message) from error


def _read(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in document.items() if name in _KINDS}


def _value(name: str, value: Any) -> Any:
    kind: Any = _KINDS[name]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        message = f"This is no value of {name}."
        raise ValueError(message)
    return value


def changed(
    settings: AccountSettings,
    own: Mapping[str, Any],
    channels: Mapping[Channel, Mapping[str, Any]],
) -> AccountSettings:
    """The settings with only the given fields replaced; each mapping holds what changes and nothing else."""
    merged = dict(settings.channels)
    for channel, change in channels.items():
        merged[channel] = replace(settings.channel(channel), **change)
    return replace(settings, channels=merged, **own)
