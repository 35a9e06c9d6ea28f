"""The proof of the ledger names what somebody with all rights in the database has done to it."""

import asyncpg
import pytest

from app.actions.anchor import anchor_account, anchor_daily
from app.disclosure.ledger_proof import FlawView, Proof, prove_account
from app.domain.permission import PermissionChange
from app.storage.anchor_files import AnchorFiles
from tests.postgres_server import TemporaryDatabase
from tests.world import World

FORGED_LINE = (
    "INSERT INTO permission_line SELECT subscriber_id, 5, account_id, axis, from_value, to_value, reason, "
    "person_time, server_time, source, actor, actor_salt, actor_digest, note, note_salt, note_digest, "
    "by_person, wording_id, merged_head, hash, sha256('mine'), version "
    "FROM permission_line WHERE subscriber_id = $1 AND number = 4"
)
NO, YES = PermissionChange.NO, PermissionChange.YES


@pytest.fixture
async def owner(database: TemporaryDatabase):
    connection = await asyncpg.connect(database.owner_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def ada(world: World):
    """Four lines of one subscriber, two of another, anchored."""
    ada = await world.subscriber("ada@example.org", YES)
    world.later(hours=1)
    await world.answer("ada@example.org", NO)
    await world.subscriber("ben@example.org", NO)
    await anchor_account(world.instance, world.data, world.account_id)
    return ada


async def proved(world: World) -> tuple[Proof, list[FlawView]]:
    found: list[FlawView] = []
    proof = await prove_account(world.instance, world.data, world.account_id, found.append)
    return proof, found


async def found(world: World) -> list[tuple[str, str | None, int | None]]:
    return [(each.kind.value, str(each.subscriber_id), each.number) for each in (await proved(world))[1]]


async def test_x6_a_whole_ledger_is_proven(world: World, ada):
    """Nothing is found, before and after new answers, which the anchor does not know yet."""
    world.later(hours=1)
    await world.answer("ada@example.org", YES)

    proof, flaws = await proved(world)

    assert flaws == []
    assert (proof.lines, proof.subscribers, proof.warnings) == (8, 2, [])


async def test_x6_without_an_anchor_the_proof_says_what_it_cannot_see(world: World):
    await world.subscriber("ada@example.org", NO)

    proof, flaws = await proved(world)

    assert flaws == []
    assert proof.warnings == [
        "This account was never anchored outside the database: lines cut off the end would not show."
    ]


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        (
            "UPDATE permission_line SET to_value = 'YES' WHERE subscriber_id = $1 AND number = 3",
            [("CHANGED", 3)],
        ),
        (
            "UPDATE permission_line SET actor = 'somebody' WHERE subscriber_id = $1 AND number = 1",
            [("CHANGED", 1)],
        ),
        ("DELETE FROM permission_line WHERE subscriber_id = $1 AND number = 2", [("MISSING", 2)]),
        (
            "UPDATE permission_line SET source = 'me' WHERE subscriber_id = $1 AND number = 2",
            [("CHANGED", 2)],
        ),
        (
            "UPDATE permission_line SET to_value = '' WHERE subscriber_id = $1 AND number = 4",
            [("CHANGED", 4)],
        ),
        (
            "UPDATE permission_line SET number = -1 WHERE subscriber_id = $1 AND number = 1",
            [("CHANGED", -1), ("MISSING", 1)],
        ),
        ("UPDATE permission_line SET hash = '' WHERE subscriber_id = $1 AND number = 2", [("CHANGED", 2)]),
        ("UPDATE subscriber SET ledger_head = '' WHERE id = $1", [("FORGED", 4)]),
        ("DELETE FROM permission_line WHERE subscriber_id = $1 AND number = 4", [("CUT_OFF", 4)]),
        ("DELETE FROM permission_line WHERE subscriber_id = $1", [("CUT_OFF", 1)]),
        (
            "UPDATE permission_line SET hash = sha256('mine'), to_value = 'YES' WHERE subscriber_id = $1 AND number = 4",
            [("FORGED", 4)],
        ),
        (
            FORGED_LINE,
            [("FORGED", 5), ("HEAD", 5)],
        ),
        ("DELETE FROM subscriber WHERE id = $1", [("REMOVED", None)]),
    ],
)
async def test_x6_tampering_is_found_and_named(world: World, ada, owner, tampering, expected):
    """Whatever the owner of the database changes, the line and its subscriber are named."""
    await owner.execute(tampering, ada)

    assert await found(world) == [(kind, str(ada), number) for kind, number in expected]


async def test_x6_lines_that_changed_places_are_named_as_moved(world: World, ada, owner):
    """Lines 2 and 3 have each other's number."""
    for before, after in ((2, 99), (3, 2), (99, 3)):
        await owner.execute(
            "UPDATE permission_line SET number = $3 WHERE subscriber_id = $1 AND number = $2",
            ada,
            before,
            after,
        )

    assert await found(world) == [("REORDERED", str(ada), 2)]


async def test_x6_lines_cut_off_together_with_the_head_are_found_by_the_anchor(world: World, ada, owner):
    """The owner has set the subscriber's own record back too; only the anchor still knows."""
    await owner.execute("DELETE FROM permission_line WHERE subscriber_id = $1 AND number > 2", ada)
    await owner.execute(
        "UPDATE subscriber SET ledger_length = 2, ledger_head = (SELECT hash FROM permission_line "
        "WHERE subscriber_id = $1 AND number = 2) WHERE id = $1",
        ada,
    )

    _, flaws = await proved(world)

    assert [each.sentence for each in flaws] == [f"CUT_OFF: lines 3 to 4 of subscriber {ada}."]


async def test_x6_a_subscriber_taken_away_whole_is_named(world: World, ada, owner):
    """Row and lines are gone; the heads beside the anchor name who is missing."""
    await owner.execute("DELETE FROM permission_line WHERE subscriber_id = $1", ada)
    await owner.execute("DELETE FROM subscriber WHERE id = $1", ada)

    assert await found(world) == [("REMOVED", str(ada), None), ("CUT_OFF", str(ada), 1)]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE ledger_anchor SET lines = 3 WHERE number = 1",
        "DELETE FROM ledger_anchor WHERE number = 1",
        "DELETE FROM ledger_anchor WHERE number = 2",
        "UPDATE ledger_anchor SET digest = sha256('mine'), seal = sha256('mine') WHERE number = 2",
    ],
)
async def test_x6_an_altered_anchor_is_found_by_the_file_outside(world: World, ada, owner, tampering):
    await anchor_account(world.instance, world.data, world.account_id)
    await owner.execute(tampering)

    _, flaws = await proved(world)

    assert {each.kind.value for each in flaws} == {"ANCHOR"}


async def test_x6_heads_that_were_altered_are_found(world: World, ada):
    path = world.data / "anchors" / f"{world.account_id}.heads"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    proof, flaws = await proved(world)

    assert [each.kind.value for each in flaws] == ["ANCHOR"]
    assert "cannot be named" in proof.warnings[0]


async def test_x6_each_day_has_one_anchor_in_both_places(world: World, ada):
    """The job anchors once a day, however often it is asked."""
    await anchor_daily(world.instance, world.data)
    world.later(days=1)
    await anchor_daily(world.instance, world.data)
    await anchor_daily(world.instance, world.data)

    inside = await world.rows("SELECT number, subscribers, lines, seal FROM ledger_anchor ORDER BY number")
    outside = AnchorFiles(world.data, world.account_id).anchors()

    assert [tuple(row)[:3] for row in inside] == [(1, 2, 6), (2, 2, 6)]
    assert [row["seal"] for row in inside] == [each.seal for each in outside]
    assert outside[1].anchor.previous == outside[0].seal


async def test_x6_a_file_that_fell_behind_is_brought_up_to_date(world: World, ada):
    """After a crash between the two places the next anchor adds what is missing outside."""
    (world.data / "anchors" / f"{world.account_id}.jsonl").unlink()
    assert (await proved(world))[0].warnings == [
        "The newest anchors stand only in the database: the file outside is behind."
    ]

    await anchor_account(world.instance, world.data, world.account_id)

    assert len(AnchorFiles(world.data, world.account_id).anchors()) == 2
    assert (await proved(world))[0].warnings == []


async def test_x6_one_role_for_everything_is_a_warning(world: World, ada, database, owner):
    """Where the application's role may change the ledger, the proof says so."""
    role = database.app_dsn.split("//")[1].split("@")[0].split(":")[0]
    await owner.execute(f'GRANT UPDATE ON permission_line TO "{role}"')

    proof, flaws = await proved(world)

    assert flaws == []
    assert "may change the ledger" in proof.warnings[0]
