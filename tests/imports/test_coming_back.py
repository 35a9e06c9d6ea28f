"""An import onto a list brings somebody back who had left every list: a no stays, and a yes lapses (domain.md §3)."""

import pytest

from app.actions.lists import create_list, leave
from app.domain.global_ids import encode_id
from tests.imports.door import Door

ADA = "ada@example.org"


async def left_everything(door: Door, answer: str) -> None:
    """Somebody who answered, was on a list, and left it."""
    await door.run(f"email,permission\n{ADA},{answer}\n", source="the shop", given_at="2026-03-01")
    view = await door.person(ADA)
    async with door.world.unit() as unit:
        await leave(unit, view.id, None)


async def other_list(door: Door) -> str:
    async with door.world.unit() as unit:
        return encode_id("MailingList", await create_list(unit, "Offers"))


@pytest.mark.parametrize(("answer", "becomes"), [("yes", "UNKNOWN"), ("no", "NO"), ("unknown", "UNKNOWN")])
async def test_who_comes_back_by_an_import_keeps_a_no_and_lets_a_yes_lapse(
    door: Door, answer: str, becomes: str
) -> None:
    await left_everything(door, answer)

    await door.run(f"email\n{ADA}\n", list=await other_list(door))

    assert await door.values(ADA) == (becomes, becomes)
    lines = await door.lines(ADA)
    said = [(line.to_value.value, line.source.value) for line in lines]
    assert said.count(("UNKNOWN", "RESUBSCRIBE")) == (2 if answer == "yes" else 0)


async def test_a_yes_that_comes_with_the_import_was_asked_again(door: Door) -> None:
    await left_everything(door, "yes")

    await door.run(
        f"email,permission_opens\n{ADA},yes\n",
        list=await other_list(door),
        source="the shop",
        given_at="2026-05-01",
    )

    assert await door.values(ADA) == ("YES", "UNKNOWN")


async def test_who_is_still_on_a_list_keeps_a_yes(door: Door) -> None:
    await door.run(f"email,permission\n{ADA},yes\n", source="the shop", given_at="2026-03-01")

    await door.run(f"email\n{ADA}\n", list=await other_list(door))

    assert await door.values(ADA) == ("YES", "YES")


async def test_who_stays_off_the_list_that_they_left_keeps_a_yes(door: Door) -> None:
    await left_everything(door, "yes")

    view = await door.run(f"email\n{ADA}\n")

    assert view.counts["errors"] == 1
    assert await door.values(ADA) == ("YES", "YES")
