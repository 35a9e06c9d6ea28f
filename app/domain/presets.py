"""Presets: the whole settings of an account in one step.

    preset            default            permission-  required  unknown            refused            anonymity  withdrawal  late
                                         based                  opens / clicks     opens / clicks                            refusal
    strict            PERSONAL           yes          yes       OFF / OFF          OFF / OFF          SHARED     HIDE        DROP
    italy             PERSONAL           yes          yes       ANONYMOUS / OFF    ANONYMOUS / OFF    SHARED     HIDE        DROP
    brevo             PERSONAL           no           no        PERSONAL           ANONYMOUS          UNLINKED   KEEP        DROP
    mapp              PERSONAL           yes          no        PERSONAL           ANONYMOUS          SHARED     KEEP        COUNT
    campaign-monitor  PERSONAL           yes          no        PERSONAL           OFF                SHARED     KEEP        DROP
    inxmail           ANONYMOUS          no           no        ANONYMOUS          ANONYMOUS          SHARED     KEEP        DROP
    pipedrive         OFF, one-to-one    no           no        PERSONAL           OFF                SHARED     KEEP        DROP
                      PERSONAL

In all of them anonymous tracking is off, RELAY is OFF, and k is 10. ONE_TO_ONE follows its users' switches under a
PERSONAL ceiling in strict, italy and pipedrive, and is OFF elsewhere. In italy the anonymous part shows only in a
mailing's total. Source: domain.md §4.
"""

from enum import StrEnum, unique

from app.domain.modes import Anonymity, Channel, TrackingMode
from app.domain.settings import AccountSettings, ChannelSettings, LateRefusal, Withdrawal

_OFF, _ANONYMOUS, _PERSONAL = TrackingMode.OFF, TrackingMode.ANONYMOUS, TrackingMode.PERSONAL


@unique
class Preset(StrEnum):
    """Settings that can be chosen in one step, most of them named after the product they behave like."""

    STRICT = "STRICT"
    ITALY = "ITALY"
    BREVO = "BREVO"
    MAPP = "MAPP"
    CAMPAIGN_MONITOR = "CAMPAIGN_MONITOR"
    INXMAIL = "INXMAIL"
    PIPEDRIVE = "PIPEDRIVE"


def preset(chosen: Preset) -> AccountSettings:
    """The settings that a preset stands for; `STRICT` is what a new account starts with."""
    return _PRESETS[chosen]


def _channels(
    default: TrackingMode, *, one_to_one: TrackingMode, permission_based: bool
) -> dict[Channel, ChannelSettings]:
    def channel(mode: TrackingMode, *, based: bool = permission_based) -> ChannelSettings:
        return ChannelSettings(default_opens=mode, default_clicks=mode, permission_based=based)

    return {
        Channel.CAMPAIGN: channel(default),
        Channel.TRANSACTIONAL: channel(default),
        Channel.ONE_TO_ONE: channel(one_to_one),
        Channel.RELAY: channel(_OFF, based=False),
    }


_PRESETS = {
    Preset.STRICT: AccountSettings(
        channels=_channels(_PERSONAL, one_to_one=_PERSONAL, permission_based=True)
    ),
    Preset.ITALY: AccountSettings(
        channels=_channels(_PERSONAL, one_to_one=_PERSONAL, permission_based=True),
        unknown_opens=_ANONYMOUS,
        refused_opens=_ANONYMOUS,
        anonymous_totals_only=True,
    ),
    Preset.BREVO: AccountSettings(
        channels=_channels(_PERSONAL, one_to_one=_OFF, permission_based=False),
        unknown_opens=_PERSONAL,
        unknown_clicks=_PERSONAL,
        refused_opens=_ANONYMOUS,
        refused_clicks=_ANONYMOUS,
        permission_required=False,
        anonymity=Anonymity.UNLINKED,
        withdrawal=Withdrawal.KEEP,
    ),
    Preset.MAPP: AccountSettings(
        channels=_channels(_PERSONAL, one_to_one=_OFF, permission_based=True),
        unknown_opens=_PERSONAL,
        unknown_clicks=_PERSONAL,
        refused_opens=_ANONYMOUS,
        refused_clicks=_ANONYMOUS,
        permission_required=False,
        withdrawal=Withdrawal.KEEP,
        late_refusal=LateRefusal.COUNT,
    ),
    Preset.CAMPAIGN_MONITOR: AccountSettings(
        channels=_channels(_PERSONAL, one_to_one=_OFF, permission_based=True),
        unknown_opens=_PERSONAL,
        unknown_clicks=_PERSONAL,
        permission_required=False,
        withdrawal=Withdrawal.KEEP,
    ),
    Preset.INXMAIL: AccountSettings(
        channels=_channels(_ANONYMOUS, one_to_one=_OFF, permission_based=False),
        unknown_opens=_ANONYMOUS,
        unknown_clicks=_ANONYMOUS,
        refused_opens=_ANONYMOUS,
        refused_clicks=_ANONYMOUS,
        permission_required=False,
        withdrawal=Withdrawal.KEEP,
    ),
    Preset.PIPEDRIVE: AccountSettings(
        channels=_channels(_OFF, one_to_one=_PERSONAL, permission_based=False),
        unknown_opens=_PERSONAL,
        unknown_clicks=_PERSONAL,
        permission_required=False,
        withdrawal=Withdrawal.KEEP,
    ),
}
