"""The short way of an import and the long one write the same, and who comes or goes meanwhile is never written over."""

import asyncio
from itertools import product

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.erase import erase
from app.actions.import_batches import Batch, Written, prepared, write_batch
from app.actions.import_fresh import prepared_fresh
from app.actions.import_people import Outcome, Person, Sealer
from app.actions.lists import create_list
from app.domain.import_rows import ImportRow, RowReader
from app.domain.imports import Defaults, Dialect, columns_of
from app.domain.ledger import verify_chain
from app.domain.settings import Withdrawal
from app.instance import AccountKeys, DatabaseAway, utc_now
from app.storage import ledger
from tests.imports.test_together import refuse_in
from tests.world import World

HEADER = ("email", "permission", "permission_clicks", "permission_source", "permission_date", "name")
ANSWERS = ("yes", "no", "", "nonsense")
CELLS = (ANSWERS, ("", "no"), ("", "Messe Köln"), ("2026-03-01", "", "soon", "2999-01-01"), ("", "Ada 🐝"))
EVERYTHING = tuple(product(*CELLS))
KEYS = AccountKeys(bytes(32), bytes(range(32)))


def read(answers: list[tuple[str, ...]]) -> list[ImportRow]:
    """A row each, of people of their own."""
    reader = RowReader(columns_of(HEADER, Dialect.PERMISSION), Defaults())
    return [
        reader.read(number, (f"p{number}@example.org", *cells)) for number, cells in enumerate(answers, 2)
    ]


@given(st.lists(st.tuples(*map(st.sampled_from, CELLS)), max_size=6), st.randoms(use_true_random=False))
def test_x6_both_ways_seal_the_same_lines(answers, chance):
    """With the same salts, whatever the rows say: the same bytes of the same lines, and the same flaws."""
    rows, salts = read(answers), [chance.randbytes(16) for _ in range(40)]
    short, long = (Sealer(1, KEYS, "test", now, iter(salts)) for now in [utc_now()] for _ in range(2))

    batch = prepared(rows, short, Withdrawal.KEEP, mostly_new=True)
    outcome = Outcome()
    people = [Person(KEYS.subscriber_id(row.address), row.address.text, [row]) for row in rows]
    long.apply([(person, None) for person in sorted(people, key=lambda each: each.id)], outcome)

    assert batch.fresh.lines == {each.bytes: lines for each, lines in outcome.lines.items()}
    assert batch.fresh.flaws == {each.bytes: flaws for each, flaws in outcome.flaws.items()}


def test_somebody_of_whom_two_rows_speak_goes_the_long_way():
    (first, second) = read([("yes", "", "shop", "2026-03-01", ""), ("no", "", "", "", "")])
    sealer = Sealer(1, KEYS, "test", utc_now())

    fresh = prepared_fresh({b"1" * 16: [first, second], b"2" * 16: [first]}, sealer, Withdrawal.KEEP)

    assert list(fresh.people) == list(fresh.lines) == [b"2" * 16]


@pytest.mark.parametrize("promise", [Withdrawal.KEEP, Withdrawal.HIDE])
async def test_both_ways_write_the_same(world: World, promise: Withdrawal) -> None:
    """Everything that a row can say of somebody new: the same people, lines, places, counts and flaws."""
    await world.settings(withdrawal=promise)
    async with world.unit() as unit:
        list_id = await create_list(unit, "News")

    short, long = [await tried(world, list_id, mostly_new=way) for way in (True, False)]

    assert short == long
    assert short[0].created == short[0].joined == len(EVERYTHING)


async def tried(world: World, list_id: int, *, mostly_new: bool) -> tuple[Written, list, list, list]:
    """What a batch writes, but for salts and what follows from them; all of it is taken back."""
    async with world.unit() as unit:
        trial = unit.connection.transaction()
        await trial.start()
        sealer = Sealer(unit.account_id, await unit.keys(), unit.actor, unit.now)
        in_force = (await unit.settings()).settings.withdrawal
        batch = prepared(read(EVERYTHING), sealer, in_force, mostly_new=mostly_new)
        written = await write_batch(unit, batch, list_id)
        people, lines, places = [
            await unit.connection.fetch(query)
            for query in (
                "SELECT * FROM subscriber ORDER BY id",
                "SELECT * FROM permission_line ORDER BY subscriber_id, number",
                "SELECT * FROM membership ORDER BY subscriber_id",
            )
        ]
        for person in people:
            chain = await ledger.page(unit.connection, unit.account_id, person["id"], after=0, limit=9)
            head = person["ledger_head"] or None
            assert verify_chain(chain, (await unit.keys()).ledger, head, person["ledger_length"]) == []
            assert {line.line.axis: line.seal for line in chain} == {
                axis: seal
                for axis, seal in (("OPENS", person["opens_hash"]), ("CLICKS", person["clicks_hash"]))
                if seal
            }
        await trial.rollback()
        return written, *(list(map(unsalted, rows)) for rows in (people, lines, places))


def unsalted(row: asyncpg.Record) -> dict[str, object]:
    return {
        name: value is None if name.endswith(("hash", "salt", "digest", "head")) else value
        for name, value in row.items()
    }


def batch_of_ada(sealer: Sealer) -> Batch:
    reader = RowReader(columns_of(("email", "permission"), Dialect.PERMISSION), Defaults())
    return prepared([reader.read(2, ("ada@example.org", "no"))], sealer, Withdrawal.KEEP, mostly_new=True)


async def write_while(world: World, meanwhile, *, taken_back: bool = False) -> Written:
    """Writes Ada as new while another transaction makes her, does something, and ends when somebody waits for it."""
    holding = asyncio.Event()

    async def other() -> None:
        async with world.unit() as unit:
            await refuse_in(unit, "ada@example.org")
            await meanwhile(unit)
            holding.set()
            await world.somebody_waits()
            if taken_back:
                raise RuntimeError

    async def batch() -> Written:
        await holding.wait()
        async with world.unit() as unit:
            sealer = Sealer(world.account_id, await unit.keys(), unit.actor, unit.now)
            return await write_batch(unit, batch_of_ada(sealer), None)

    done, _ = await asyncio.gather(batch(), other(), return_exceptions=True)
    if isinstance(done, BaseException):
        raise done
    return done


async def nothing(_) -> None:
    """The other transaction makes her, and no more."""


async def test_somebody_who_turns_out_not_to_be_there_is_added(world: World) -> None:
    """The other transaction is taken back, after the batch has waited for it."""
    written = await write_while(world, nothing, taken_back=True)

    assert (written.created, written.lines) == (1, 2)


async def test_somebody_who_is_erased_meanwhile_does_not_come_back(world: World) -> None:
    """She came and was erased in one transaction, which the batch did not see: it is tried again."""

    async def erased(unit) -> None:
        (row,) = await unit.connection.fetch("SELECT id FROM subscriber")
        await erase(unit, row["id"])

    with pytest.raises(DatabaseAway):
        await write_while(world, erased)

    assert await world.rows("SELECT 1 FROM subscriber") == []
