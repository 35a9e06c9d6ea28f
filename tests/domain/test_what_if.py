"""What-if: counting by groups says the same as deciding for each person alone (X10)."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.modes import Axis, Channel
from app.domain.permission import Permission, PermissionState
from app.domain.precedence import MailingTracking, Permissions, Sending, decide
from app.domain.presets import Preset, preset
from app.domain.what_if import AnswerGroup, Policy, moves, shifts
from tests.domain.tracking import NOW, states

LIFETIMES = st.sampled_from([None, 1, 30, 400])


def _expired(state: PermissionState, days: int | None) -> bool:
    if state.value is not Permission.YES or days is None:
        return False
    return state.person_time is None or state.person_time <= NOW - timedelta(days=days)


@given(
    people=st.lists(states, max_size=20),
    old=st.sampled_from(Preset),
    new=st.sampled_from(Preset),
    channel=st.sampled_from(Channel),
    lifetimes=st.tuples(LIFETIMES, LIFETIMES),
)
def test_x10_groups_move_as_their_people_would_one_by_one(people, old, new, channel, lifetimes) -> None:
    before, after = (
        replace(preset(each), permission_lifetime_days=days)
        for each, days in zip((old, new), lifetimes, strict=True)
    )
    groups = Counter(
        (each.value, each.reason, _expired(each, lifetimes[0]), _expired(each, lifetimes[1]))
        for each in people
    )
    counted = [AnswerGroup(Axis.OPENS, *key, people=number) for key, number in groups.items()]

    moved = moves(counted, Policy(before, channel), Policy(after, channel), instance_tracking=True, now=NOW)

    def mode(settings, state):
        sending = Sending(
            instance_tracking=True,
            settings=settings,
            channel=channel,
            mailing=MailingTracking(),
            addressed=[Permissions(state, state)],
            now=NOW,
        )
        return decide(sending).opens.mode

    alone = Counter((mode(before, each), mode(after, each)) for each in people)
    assert {(each.before, each.after): each.people for each in shifts(moved, Axis.OPENS)} == {
        pair: number for pair, number in alone.items() if pair[0] is not pair[1]
    }
