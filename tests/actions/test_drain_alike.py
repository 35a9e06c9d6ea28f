"""The short ways of the drain are the long ones: hits that are alike, people who said nothing new, parts of one reading."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.drain_personal import _Deciding
from app.actions.drain_tracked import People
from app.domain.modes import ClientClass, EventKind, TrackingMode
from app.domain.permission import Permission, PermissionChange
from app.journal.records import Manner, PersonalRecord
from app.storage import packed
from app.storage.copying import microseconds
from app.storage.tracked import Answers, Sent, Steady, Tracked, steady_people
from tests.domain.tracking import NOW, deciding_settings, modes, times
from tests.world import World

PEOPLE = [bytes([number]) * 16 for number in range(3)]
HIT_AT = NOW - timedelta(minutes=1)

answers = st.builds(Answers, *[st.sampled_from(Permission), st.booleans()] * 2)
said = st.none() | times
manners = st.builds(
    Manner,
    kind=st.sampled_from([EventKind.OPENED, EventKind.LOADED_BY_PROXY, EventKind.CLICKED]),
    client_class=st.just(ClientClass.HUMAN_LIKELY),
    rule=st.just("ORDINARY_CLIENT"),
    rule_version=st.just(1),
    client_family=st.just("Firefox"),
    gpc_seen=st.booleans(),
)


def row(person: bytes, stands: Answers, opens_said: datetime | None, clicks_said: datetime | None):
    """The same person as the long way has them."""
    return {
        "id": UUID(bytes=person),
        "opens_value": stands.opens.value,
        "opens_person_time": opens_said,
        "opens_by_person": stands.opens_by_person,
        "clicks_value": stands.clicks.value,
        "clicks_person_time": clicks_said,
        "clicks_by_person": stands.clicks_by_person,
    }


def since_2000(at: datetime | None) -> int:
    return packed.NEVER if at is None else microseconds(at)


@given(
    people=st.tuples(*[st.tuples(st.integers(0, 1), said, said)] * len(PEOPLE)),
    groups=st.tuples(answers, answers),
    sendings=st.lists(st.tuples(modes, modes, st.booleans()), min_size=1, max_size=2),
    settings=deciding_settings,
    hits=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), manners), min_size=1, max_size=8),
    tracking=st.booleans(),
)
def test_who_said_nothing_new_is_decided_as_by_their_whole_row(
    people, groups, sendings, settings, hits, tracking
):
    """Whatever stood in between, of which there is nothing, and whoever had a hit like it before."""
    sent = [Sent(1, 5, 0, *each_modes, 1, based, None) for *each_modes, based in sendings]
    steady = {
        person: Steady(groups[group], since_2000(opens), since_2000(clicks))
        for person, (group, opens, clicks) in zip(PEOPLE, people, strict=True)
    }
    others = {
        UUID(bytes=person): row(person, groups[group], opens, clicks)
        for person, (group, opens, clicks) in zip(PEOPLE, people, strict=True)
    }
    frozen = dict.fromkeys(sent, settings)
    short = _Deciding(tracking, NOW, People(steady, {}), {}, frozen)
    long = _Deciding(tracking, NOW, People({}, others), {}, frozen)
    at_ms = round(HIT_AT.timestamp() * 1000)

    for who, which, manner in hits:
        person, of = PEOPLE[who], sent[which % len(sent)]
        found = Tracked(of, "", person, 9, 0, 0, *[packed.NEVER] * 3)
        hit = PersonalRecord(at_ms, 5, 0, 9, person, manner)

        assert short.mode(found, hit) is long.mode(found, hit)


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_a_packed_time_is_the_time(at_ms):
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)

    assert packed.micros(at_ms) == microseconds(at)
    assert packed.moment(packed.micros(at_ms)) == at


@pytest.mark.parametrize("at_ms", [-62_135_596_800_001, 253_402_300_800_000, 2**62])
def test_a_time_beyond_all_calendars_is_refused(at_ms):
    with pytest.raises(OverflowError):
        packed.micros(at_ms)


@given(st.lists(st.integers(1, 2**31 - 1), unique=True))
def test_clicked_links_survive_being_joined(links):
    sent = Sent(1, 5, 0, *[TrackingMode.PERSONAL] * 2, 1, permission_based=True, recipients=None)
    found = Tracked(sent, "", PEOPLE[0], 9, 0, 0, 0, 0, 0)

    found.links = tuple(links)

    assert found.links == tuple(links)


async def test_everybody_is_held_in_one_go_whoever_said_something_new(world: World) -> None:
    """Two looks would lock people out of order, and the drain and an import would wait for each other."""
    ids = [await world.subscriber(f"p{number}@example.org") for number in range(3)]
    since = world.now[0]
    world.later(seconds=5)
    await world.answer("p1@example.org", PermissionChange.NO)
    said_nothing = {ids[0].bytes, ids[2].bytes}

    async with world.unit() as drain, world.instance.database.connection() as other:
        await drain.connection.execute(
            "UPDATE subscriber SET changed_at = $1 WHERE id <> $2", _EARLIER, ids[1]
        )
        steady = await steady_people(drain.connection, [each.bytes for each in ids], since)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await other.fetch("SELECT 1 FROM subscriber WHERE id = $1 FOR UPDATE NOWAIT", ids[1])

    assert steady.keys() == said_nothing


_EARLIER = datetime(2020, 1, 1, tzinfo=UTC)
