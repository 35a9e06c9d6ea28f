"""What was promised with a NO survives merges: of two promises the stronger holds, for the records of both."""

import pytest

from app.actions.answers import Asked
from app.actions.change_email import change_subscriber_email
from app.actions.subscribers import Profile, upsert_subscriber
from app.actions.wordings import Shown, create_wording
from app.disclosure.deliveries import deliveries_of_mailing
from app.domain.forms import Purpose
from app.domain.permission import Evidence, Permission, PermissionChange, PermissionSource
from app.domain.privacy import NOT_MEASURED_ON_PAGE
from app.domain.settings import Withdrawal
from tests.actions import test_withdrawal
from tests.actions.test_withdrawal import ADA, BEN, Sent, says
from tests.world import World

sent = test_withdrawal.sent

KEEP, HIDE, SEVER = Withdrawal.KEEP, Withdrawal.HIDE, Withdrawal.SEVER


async def refuses(world: World, email: str, under: Withdrawal) -> None:
    """Somebody says no through the API while this setting is in force."""
    await world.settings(withdrawal=under)
    await world.answer(email, PermissionChange.NO)
    world.later(hours=1)


async def merges(world: World, email: str, into: str) -> None:
    (row,) = await world.rows("SELECT id FROM subscriber WHERE address = $1", email)
    async with world.unit() as work:
        await change_subscriber_email(work, row["id"], into)


async def promises(world: World) -> list[tuple[str, str]]:
    rows = await world.rows("SELECT opens_withdrawal, clicks_withdrawal FROM subscriber")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(("first", "second"), [(ADA, BEN), (BEN, ADA)])
@pytest.mark.parametrize("earlier", [KEEP, HIDE])
async def test_x9_a_merge_keeps_the_stronger_promise(
    world: World, sent: Sent, first: str, second: str, earlier: Withdrawal
) -> None:
    """Whoever of the two said no last, and whoever is merged into whom: one asked to be hidden, so both are."""
    later = HIDE if earlier is KEEP else KEEP
    await refuses(world, first, earlier)
    await refuses(world, second, later)

    await merges(world, ADA, BEN)

    views = await deliveries_of_mailing(world.reader, sent.mailing, limit=10)
    assert await promises(world) == [("HIDE", "HIDE")]
    assert {view.opens for view in views} == {NOT_MEASURED_ON_PAGE}
    assert await sent.figures() == (2, 2, 4, 2, (2, 2), 2)


@pytest.mark.parametrize(("severed", "kept"), [(ADA, BEN), (BEN, ADA)])
@pytest.mark.parametrize("severed_first", [True, False])
async def test_x9_a_merge_deletes_what_either_was_promised_to_be_deleted(
    world: World, sent: Sent, severed: str, kept: str, severed_first: bool
) -> None:
    """They turn out to be one person, whose records were to be deleted: those of both addresses are."""
    for email in (severed, kept) if severed_first else (kept, severed):
        await refuses(world, email, SEVER if email == severed else KEEP)

    await merges(world, ADA, BEN)

    assert await promises(world) == [("SEVER", "SEVER")]
    assert await world.rows("SELECT 1 FROM event") == []
    assert await sent.figures() == (None, None, None, None, (0, 0), 2)


async def test_a_merge_that_makes_a_yes_the_persons_own_keeps_the_purposes_of_its_wording(
    world: World,
) -> None:
    """The later yes stands with its wording, also where the other one was given to us by the person."""
    await world.subscriber(ADA)
    await says(world, Permission.YES)
    world.later(days=1)
    async with world.unit() as work:
        wording = await create_wording(work, Shown("en", "May we measure?", [Purpose.MEASURE]))
        evidence = Evidence(PermissionSource.FORM, world.now[0])
        asked = Asked(PermissionChange.YES, evidence=evidence, wording_id=wording)
        ben, _ = await upsert_subscriber(work, Profile(BEN, asked=asked))

    await merges(world, ADA, BEN)

    lines = await world.rows(
        "SELECT to_value, by_person, wording_id FROM permission_line WHERE subscriber_id = $1 AND source = 'MERGE'",
        ben,
    )
    assert [tuple(line) for line in lines] == [("YES", True, wording)] * 2
