"""Values that the tests of the rules share: a moment, plain answers, an account, and strategies over all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from app.domain.modes import Axis, Channel, TrackingMode
from app.domain.permission import NEVER_ASKED, Permission, PermissionSource, PermissionState, Reason
from app.domain.precedence import Hit, MailingTracking, MessageClass, Permissions, Sending
from app.domain.settings import AccountSettings, ChannelSettings, GpcRule, WayOut

OFF, ANONYMOUS, PERSONAL = TrackingMode.OFF, TrackingMode.ANONYMOUS, TrackingMode.PERSONAL
NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)

UNKNOWN = NEVER_ASKED
YES = PermissionState(
    Permission.YES, None, YESTERDAY, YESTERDAY, PermissionSource.PREFERENCE_CENTER, by_person=True
)
NO = replace(YES, value=Permission.NO, reason=Reason.DENIED)
IMPORTED_YES = replace(YES, source=PermissionSource.IMPORT, by_person=False)
IMPORTED_NO = replace(NO, source=PermissionSource.IMPORT, by_person=False)
ASKED = PermissionState(reason=Reason.ASKED_NO_ANSWER, server_time=YESTERDAY, source=PermissionSource.FORM)
NOTIFIED = PermissionState(reason=Reason.NOTIFIED_NO_OBJECTION, person_time=YESTERDAY)


def both(state: PermissionState) -> Permissions:
    """The same answer on both axes."""
    return Permissions(state, state)


PERSONAL_CHANNEL = ChannelSettings(PERSONAL, PERSONAL)
PERMISSIVE = AccountSettings(
    channels={
        Channel.CAMPAIGN: PERSONAL_CHANNEL,
        Channel.TRANSACTIONAL: PERSONAL_CHANNEL,
        Channel.ONE_TO_ONE: PERSONAL_CHANNEL,
        Channel.RELAY: replace(PERSONAL_CHANNEL, permission_based=False, consent_held_in="our CRM"),
    },
    unknown_opens=ANONYMOUS,
    unknown_clicks=ANONYMOUS,
    permission_required=False,
)
"""An account that tracks as much as it may, so that every layer has something to lower."""


def with_channel(settings: AccountSettings, channel: Channel, **changes: object) -> AccountSettings:
    """The settings with something else in one channel."""
    changed = replace(settings.channel(channel), **changes)
    return replace(settings, channels={**settings.channels, channel: changed})


modes = st.sampled_from(TrackingMode)
days = st.none() | st.integers(1, 400)
times = st.integers(0, 500).map(lambda count: NOW - timedelta(days=count))


_OF_NO = {Reason.DENIED, Reason.WITHDRAWN}
_VALUES = [
    (Permission.YES, None),
    *((Permission.NO, reason) for reason in Reason if reason in _OF_NO),
    *((Permission.UNKNOWN, reason) for reason in Reason if reason not in _OF_NO),
]
states = st.builds(
    lambda value, **rest: PermissionState(*value, **rest),
    value=st.sampled_from(_VALUES),
    person_time=st.none() | times,
    server_time=times,
    source=st.sampled_from(PermissionSource),
    by_person=st.booleans(),
)
"""Any answer as it may be stored, of any age."""

permissions = st.builds(Permissions, states, states)
channels = st.builds(
    ChannelSettings,
    default_opens=modes,
    default_clicks=modes,
    anonymous_tracking=st.booleans(),
    permission_based=st.booleans(),
    consent_held_in=st.sampled_from([None, "", " ", "our CRM"]),
)
deciding_settings = st.builds(
    AccountSettings,
    channels=st.fixed_dictionaries(dict.fromkeys(Channel, channels)),
    unknown_opens=modes,
    unknown_clicks=modes,
    refused_opens=modes,
    refused_clicks=modes,
    permission_required=st.booleans(),
    gpc=st.sampled_from(GpcRule),
    way_out=st.sampled_from(WayOut),
    permission_lifetime_days=days,
)
"""Everything in settings that a decision depends on, in any combination, also those that `problems` refuses."""


def _refusing(settings: AccountSettings) -> AccountSettings:
    lowest = {
        "refused_opens": min(ANONYMOUS, settings.refused_opens, settings.unknown_opens, key=_rank),
        "refused_clicks": min(ANONYMOUS, settings.refused_clicks, settings.unknown_clicks, key=_rank),
    }
    return replace(settings, **lowest)


def _rank(mode: TrackingMode) -> int:
    return mode.rank


settings_in_order = deciding_settings.map(_refusing)
"""Settings whose refused modes stand below their unknown modes, as every account's do."""

mailings = st.builds(
    MailingTracking,
    opens=st.none() | modes,
    clicks=st.none() | modes,
    permission_based=st.none() | st.booleans(),
)
toggles = st.none() | st.booleans()


def sendings(settings: st.SearchStrategy[AccountSettings] = deciding_settings) -> st.SearchStrategy[Sending]:
    """Any sending to one to three addresses."""
    return st.builds(
        Sending,
        instance_tracking=st.booleans(),
        settings=settings,
        channel=st.sampled_from(Channel),
        mailing=mailings,
        addressed=st.lists(permissions, min_size=1, max_size=3),
        now=st.just(NOW),
        message_class=st.sampled_from(MessageClass),
        has_way_out=st.booleans(),
        toggle_opens=toggles,
        toggle_clicks=toggles,
    )


def hits() -> st.SearchStrategy[Hit]:
    """Any hit on a message to one to three addresses, each of which may have changed its mind since."""
    return st.builds(
        Hit,
        instance_tracking=st.booleans(),
        settings=deciding_settings,
        axis=st.sampled_from(Axis),
        frozen=modes,
        permission_based=st.booleans(),
        addressed=st.lists(st.lists(states, min_size=1, max_size=3), min_size=1, max_size=3),
        now=st.just(NOW),
        privacy_signal=st.booleans(),
    )
