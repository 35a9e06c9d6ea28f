"""What other settings would do, before they are saved: how many people move from which mode to which (X10).

People are not looked at one by one. Whoever stands at the same answer is decided alike, so it is enough to know how
many stand at each: storage counts, and precedence decides once for each group, before and after. Whether a YES has
outlived its lifetime is part of the group, under the old lifetime and under the new one.

A one-to-one mail is decided as if its toggles were on, since toggles only lower. Source: domain.md §5, row X10.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.decisions import AxisDecision, telling_step
from app.domain.explain import sentence
from app.domain.modes import Axis, Channel, TrackingMode
from app.domain.permission import Permission, PermissionState, Reason
from app.domain.precedence import MailingTracking, Permissions, Sending, decide
from app.domain.settings import AccountSettings

_INHERITS = MailingTracking()
_LAPSED = PermissionState(Permission.UNKNOWN, Reason.LAPSED)


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """How many people stand at one answer on one axis, and whether that is a YES that has run out."""

    axis: Axis
    value: Permission
    reason: Reason | None
    lapsed_before: bool
    lapsed_after: bool
    people: int

    def state(self, *, after: bool) -> PermissionState:
        """What the answer is worth. It has no time, since it is many people's."""
        lapsed = self.lapsed_after if after else self.lapsed_before
        return _LAPSED if lapsed else PermissionState(self.value, self.reason)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a mail of one kind goes by: settings, channel, and what its mailing states itself."""

    settings: AccountSettings
    channel: Channel
    stated: MailingTracking = _INHERITS


@dataclass(frozen=True, slots=True)
class Moved:
    """People of one group who would move, and why they are where they are, before and after."""

    axis: Axis
    before: TrackingMode
    after: TrackingMode
    people: int
    reason_before: str
    reason_after: str


def moves(
    groups: Iterable[AnswerGroup],
    old: Policy,
    new: Policy,
    *,
    instance_tracking: bool,
    now: datetime,
) -> list[Moved]:
    """Every group that would move, the largest first."""
    found = []
    for group in groups:
        before = _decided(old, group, after=False, instance_tracking=instance_tracking, now=now)
        after = _decided(new, group, after=True, instance_tracking=instance_tracking, now=now)
        if before.mode is not after.mode:
            reasons = (sentence(telling_step(each), group.axis) for each in (before, after))
            found.append(Moved(group.axis, before.mode, after.mode, group.people, *reasons))
    return sorted(found, key=lambda each: (-each.people, each.axis is Axis.CLICKS, each.reason_before))


def _decided(
    policy: Policy, group: AnswerGroup, *, after: bool, instance_tracking: bool, now: datetime
) -> AxisDecision:
    state = group.state(after=after)
    sending = Sending(
        instance_tracking=instance_tracking,
        # The group says already who has run out.
        settings=replace(policy.settings, permission_lifetime_days=None),
        channel=policy.channel,
        mailing=policy.stated,
        addressed=(Permissions(state, state),),
        now=now,
    )
    return decide(sending).on(group.axis)


@dataclass(frozen=True, slots=True)
class Shift:
    """How many people would move between two modes."""

    before: TrackingMode
    after: TrackingMode
    people: int


def shifts(moved: Iterable[Moved], axis: Axis) -> list[Shift]:
    """The moves of one axis by their modes, from the least tracked on."""
    counted: Counter[tuple[TrackingMode, TrackingMode]] = Counter()
    for each in moved:
        if each.axis is axis:
            counted[each.before, each.after] += each.people
    pairs = sorted(counted, key=lambda pair: (pair[0].rank, pair[1].rank))
    return [Shift(before, after, counted[before, after]) for before, after in pairs]


def notice(by_channel: Mapping[Channel, Sequence[Moved]], people: int) -> str:
    """The change in words: campaigns first, then which other channels change, and what stays as it is."""
    campaign = by_channel.get(Channel.CAMPAIGN, ())
    others = [
        channel.value for channel, moved in by_channel.items() if moved and channel is not Channel.CAMPAIGN
    ]
    words = [_of_axis(campaign, axis, people) for axis in Axis]
    if others:
        words.append(f"Mail of {', '.join(others)} changes as well.")
    words.append("Mail that was sent already keeps the settings that it was sent under.")
    return " ".join(words)


def _of_axis(moved: Sequence[Moved], axis: Axis, people: int) -> str:
    named = axis.value.capitalize()
    changes = list(_changes(shifts(moved, axis)))
    if not changes:
        return f"{named} of campaigns stay as they are for all {people} subscribers."
    return f"{named} of campaigns: of {people} subscribers, {', '.join(changes)}."


def _changes(found: Iterable[Shift]) -> Iterator[str]:
    for each in found:
        verb = "moves" if each.people == 1 else "move"
        yield f"{each.people} {verb} from {each.before} to {each.after}"
