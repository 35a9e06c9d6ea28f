"""Events are counted twice, by hour and in all, and both say the same, whatever happens to what is counted.

The figures of a report are made of the totals, its timeline of the hours.
"""

import asyncio
from collections import Counter
from importlib import import_module

import asyncpg
from hypothesis import given, settings
from hypothesis import strategies as st

from app.actions import preferences
from app.actions.purge import purge_all
from app.disclosure.reader import Reader
from app.disclosure.report_times import TimelineBucket
from app.disclosure.reports import timeline_of
from app.domain.modes import Axis, ClientClass, EventKind
from app.domain.permission import Permission, PermissionChange
from app.domain.principal import SCOPES, Principal
from app.domain.settings import Withdrawal
from app.journal.records import PERSONAL, Manner, PersonalRecord
from app.journal.writer import JournalWriter
from tests.postgres_server import TemporaryDatabase
from tests.world import World, create_account

PEOPLE = ("ada@example.org", "ben@example.org")
LINKS = "".join(f'<a href="https://shop.example.com/{number}">{number}</a>' for number in range(1, 10))
MAIL = f'<html><body>{LINKS} <a href="{{{{preferences_url}}}}">Choose</a></body></html>'
KIND, LINK, CLASS = 0, 1, 2

BEFORE = """
DROP TABLE event_total, event_rollup;
CREATE TABLE event_rollup (
  mailing_id bigint NOT NULL, hour timestamptz NOT NULL, kind text NOT NULL, link integer NOT NULL,
  client_class text NOT NULL, n bigint NOT NULL, account_id bigint NOT NULL, channel text NOT NULL,
  PRIMARY KEY (mailing_id, hour, kind, link, client_class)
);
INSERT INTO event_rollup (account_id, channel, mailing_id, hour, kind, link, client_class, n) VALUES
  (1, 'CAMPAIGN', 5, '2026-11-01 10:00+00', 'CLICKED', 1, 'HUMAN_LIKELY', 3),
  (1, 'CAMPAIGN', 5, '2026-11-01 10:00+00', 'CLICKED', 2, 'HUMAN_LIKELY', 4),
  (1, 'CAMPAIGN', 5, '2026-11-01 11:00+00', 'CLICKED', 1, 'HUMAN_LIKELY', 5),
  (1, 'CAMPAIGN', 5, '2026-11-01 11:00+00', 'CLICKED', 1, 'SCANNER', 6),
  (1, 'RELAY', 7, '2026-11-01 11:00+00', 'OPENED', 0, 'PROXY', 7)
"""

people = st.integers(0, len(PEOPLE) - 1)
classes = st.sampled_from([ClientClass.HUMAN_LIKELY, ClientClass.PROXY, ClientClass.UNKNOWN])
loads = st.tuples(people, st.sampled_from([EventKind.OPENED, EventKind.LOADED_BY_PROXY]), st.just(0), classes)
clicks = st.tuples(people, st.just(EventKind.CLICKED), st.integers(1, 9), classes)
scans = people.map(
    lambda who: [(who, EventKind.CLICKED, link, ClientClass.HUMAN_LIKELY) for link in range(1, 9)]
)
hits = st.lists(loads | clicks, max_size=6) | scans
steps = st.one_of(
    st.tuples(st.just("drain"), hits),
    st.tuples(st.just("minutes"), st.sampled_from([0, 50, 60 * 30])),
    st.tuples(st.just("sever"), people),
    st.tuples(st.just("purge"), st.none()),
)


class Counted:
    """One mailing to two people, and what was counted of events that are gone by now."""

    def __init__(self, world: World, owner_dsn: str) -> None:
        self.world, self.owner_dsn = world, owner_dsn
        self.purged: Counter[tuple[str, int, str]] = Counter()

    async def begin(self) -> None:
        world = self.world
        world.account_id = await create_account(world.instance, "Example")
        world.reader = Reader(world.instance, Principal(world.account_id, 1, None, SCOPES))
        await world.settings(withdrawal=Withdrawal.SEVER, retention_days={"events": 30})
        self.ids = [await world.subscriber(email, PermissionChange.YES) for email in PEOPLE]
        self.mailing = await world.mailing()
        self.messages = await world.send(self.mailing, *PEOPLE, html=MAIL)

    async def drain(self, hits) -> None:
        """Each hit a millisecond after the one before, drained half by half: a verdict may meet earlier clicks."""
        half = len(hits) // 2
        for part in (hits[:half], hits[half:]):
            async with JournalWriter(self.world.data, PERSONAL, turn_patience=60) as journal:
                for hit in part:
                    self.world.later(milliseconds=1)
                    await journal.append(self._record(*hit))
            await self.world.drain()

    def _record(self, who: int, kind: EventKind, link: int, client_class: ClientClass) -> PersonalRecord:
        delivery = self.messages[who].deliveries[0]
        return PersonalRecord(
            at_ms=round(self.world.now[0].timestamp() * 1000),
            mailing=self.mailing,
            link=link,
            delivery=delivery.id,
            subscriber=delivery.subscriber_id.bytes,
            manner=Manner(kind, client_class, "ORDINARY_CLIENT", 1, "Firefox"),
        )

    async def minutes(self, number: int) -> None:
        self.world.later(minutes=number)

    async def sever(self, who: int) -> None:
        """Says no, and yes again; what was recorded by then is gone and counted no more."""
        for value in (Permission.NO, Permission.YES):
            async with preferences.persons_unit(self.world.instance, self.ids[who]) as unit:
                await preferences.answer(unit, self.ids[who], dict.fromkeys(Axis, value))

    async def purge(self, _: None) -> None:
        self.world.later(days=31)
        before = await self.events()
        await purge_all(self.world.instance, self.owner_dsn)
        self.purged += before - await self.events()

    async def events(self) -> Counter[tuple[str, int, str]]:
        return await self._counter(
            "SELECT kind, link, client_class, count(*) AS n FROM event WHERE mailing_id = $1 GROUP BY 1, 2, 3"
        )

    async def agree(self) -> None:
        """Totals are the events, there or purged; hours are the totals; the timeline adds up to the report."""
        totals = await self._counter(
            "SELECT kind, link, client_class, n FROM event_total WHERE mailing_id = $1"
        )
        assert totals == await self.events() + self.purged
        hours = await self._counter(
            "SELECT kind, client_class, sum(n) AS n FROM event_rollup WHERE mailing_id = $1 GROUP BY 1, 2"
        )
        assert hours == _without_links(totals)
        report = await self.world.report(self.mailing)
        for bucket in TimelineBucket:
            points = await timeline_of(self.world.reader, self.mailing, bucket)
            assert sum(point.opens.value or 0 for point in points) == (report.opens.value or 0)
            assert sum(point.clicks.value or 0 for point in points) == (report.clicks.value or 0)

    async def _counter(self, query: str) -> Counter[tuple]:
        rows = await self.world.rows(query, self.mailing)
        assert all(row["n"] >= 0 for row in rows)
        return +Counter({tuple(row)[:-1]: int(row["n"]) for row in rows})


def _without_links(totals: Counter[tuple[str, int, str]]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for key, count in totals.items():
        found[key[KIND], key[CLASS]] += count
    return found


async def test_hours_totals_and_events_agree_whatever_happens(world: World, database: TemporaryDatabase):
    """Hits of people and machines, verdicts that move counts, a NO that severs, and a purge, in any order."""
    loop, began = asyncio.get_running_loop(), world.now[0]

    async def live(story) -> None:
        world.now[0] = began
        counted = Counted(world, database.owner_dsn)
        await counted.begin()
        for what, how in story:
            await getattr(counted, what)(how)
            await counted.agree()

    @settings(max_examples=15)
    @given(st.lists(steps, min_size=2, max_size=7))
    def law(story):
        asyncio.run_coroutine_threadsafe(live(story), loop).result(600)

    await asyncio.to_thread(law)


async def test_a_verdict_moves_both_counts(world: World, database: TemporaryDatabase):
    """The law's hardest moment by itself: eight links, of which four were counted as a person's."""
    counted = Counted(world, database.owner_dsn)
    await counted.begin()

    await counted.drain([(0, EventKind.CLICKED, link, ClientClass.HUMAN_LIKELY) for link in range(1, 9)])

    await counted.agree()
    assert await counted.events() == {("CLICKED", link, "SCANNER"): 1 for link in range(1, 9)}
    hours = await world.rows("SELECT kind, client_class, n FROM event_rollup WHERE n > 0")
    assert [tuple(row) for row in hours] == [("CLICKED", "SCANNER", 8)]


async def migrate(owner: asyncpg.Connection) -> None:
    """The statements of the migration in a transaction, as they run."""
    migration = import_module("migrations.assent_2026_11_22t09_00_00_000000")
    async with owner.transaction():
        for statement in migration.STATEMENTS:
            await owner.execute(statement)


async def test_what_was_counted_before_is_added_up_into_both(database: TemporaryDatabase):
    """The migration itself, on counts of hours and links together as they were kept until then."""
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute(BEFORE)

    await migrate(owner)

    totals = await owner.fetch(
        "SELECT mailing_id, kind, link, client_class, n FROM event_total ORDER BY 1, 2, 3, 4"
    )
    assert [tuple(row) for row in totals] == [
        (5, "CLICKED", 1, "HUMAN_LIKELY", 8),
        (5, "CLICKED", 1, "SCANNER", 6),
        (5, "CLICKED", 2, "HUMAN_LIKELY", 4),
        (7, "OPENED", 0, "PROXY", 7),
    ]
    hours = await owner.fetch(
        "SELECT account_id, channel, mailing_id, extract(hour FROM hour)::int, kind, client_class, n FROM event_rollup "
        "ORDER BY mailing_id, hour, client_class"
    )
    assert [tuple(row) for row in hours] == [
        (1, "CAMPAIGN", 5, 10, "CLICKED", "HUMAN_LIKELY", 7),
        (1, "CAMPAIGN", 5, 11, "CLICKED", "HUMAN_LIKELY", 5),
        (1, "CAMPAIGN", 5, 11, "CLICKED", "SCANNER", 6),
        (1, "RELAY", 7, 11, "OPENED", "PROXY", 7),
    ]
    await owner.close()


async def test_what_another_machine_counts_meanwhile_is_in_both(database: TemporaryDatabase):
    """A drain of before has counted and not yet committed when the migration begins, which waits for it."""
    owner, drain = [await asyncpg.connect(database.owner_dsn) for _ in range(2)]
    await owner.execute(BEFORE)
    counting = drain.transaction()
    await counting.start()
    await drain.execute("UPDATE event_rollup SET n = n + 100 WHERE client_class = 'PROXY'")

    migrating = asyncio.create_task(migrate(owner))
    async with asyncio.timeout(60):
        while not await drain.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await counting.commit()
    await migrating

    totals = await owner.fetchval("SELECT sum(n) FROM event_total WHERE client_class = 'PROXY'")
    hours = await owner.fetchval("SELECT sum(n) FROM event_rollup WHERE client_class = 'PROXY'")
    assert (totals, hours) == (107, 107)
    await owner.close()
    await drain.close()
