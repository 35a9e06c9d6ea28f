"""A NO that an import says promises what the settings in force say about what was recorded before."""

from app.domain.settings import Withdrawal
from tests.imports.door import Door

ADA = "ada@example.org"


async def says(door: Door, answer: str, at: str, under: Withdrawal) -> None:
    """An import of one row, while this setting is in force."""
    await door.world.settings(withdrawal=under)
    view = await door.run(f"email,permission\n{ADA},{answer}\n", source="the shop", given_at=at)
    assert view.counts["errors"] == 0


async def promised(door: Door) -> tuple[str | None, str | None]:
    (row,) = await door.world.rows("SELECT opens_withdrawal, clicks_withdrawal FROM subscriber")
    return tuple(row)


async def test_x9_an_imported_no_of_a_new_person_promises_what_is_in_force(door: Door) -> None:
    await says(door, "no", "2026-03-01", Withdrawal.HIDE)

    assert await promised(door) == ("HIDE", "HIDE")


async def test_x9_a_no_after_a_yes_promises_anew(door: Door) -> None:
    """The promise of the first NO went with it."""
    await says(door, "no", "2026-03-01", Withdrawal.KEEP)
    await says(door, "yes", "2026-03-02", Withdrawal.KEEP)
    between = await promised(door)
    await says(door, "no", "2026-03-03", Withdrawal.HIDE)

    assert between == (None, None)
    assert await promised(door) == ("HIDE", "HIDE")


async def test_x9_a_no_that_is_imported_again_can_only_promise_more(door: Door) -> None:
    await says(door, "no", "2026-03-01", Withdrawal.KEEP)
    await says(door, "no", "2026-03-02", Withdrawal.HIDE)
    more = await promised(door)
    await says(door, "no", "2026-03-03", Withdrawal.KEEP)

    assert (more, await promised(door)) == (("HIDE", "HIDE"), ("HIDE", "HIDE"))


async def test_x9_an_import_without_a_new_no_changes_no_promise(door: Door) -> None:
    """An empty cell, and a NO that is older than the one that stands, say nothing."""
    await says(door, "no", "2026-03-02", Withdrawal.KEEP)
    await says(door, "", "2026-03-03", Withdrawal.HIDE)
    await says(door, "no", "2026-03-01", Withdrawal.HIDE)

    assert await promised(door) == ("KEEP", "KEEP")
