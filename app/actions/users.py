"""The people who use an account: making them, and what each of them switches for their own mail."""

from collections.abc import Mapping
from dataclasses import replace

from app.actions.people import address_of
from app.actions.unit import Unit
from app.domain.errors import Forbidden
from app.domain.texts import checked_name
from app.storage import users


async def create_user(unit: Unit, name: str, email: str | None) -> int:
    """Makes a user with every switch off; returns the id. Raises `InvalidValue` and `InvalidEmail`."""
    user_id = unit.instance.new_id()
    address = None if email is None else address_of(email, "email").text
    await unit.connection.execute(
        users.SQL.insert, user_id, unit.account_id, checked_name(name), address, unit.now
    )
    return user_id


async def update_my_tracking(unit: Unit, switched: Mapping[str, bool]) -> int:
    """Sets the user's own switches (`opens`, `clicks`, `notifications`); returns the user's id.

    It holds for mail that is prepared from now on. Raises `Forbidden` for a token that acts for no user.
    """
    row = None
    if unit.user_id is not None:
        row = await users.locked(unit.connection, unit.account_id, unit.user_id)
    if row is None:
        message = "This token acts for the whole account. Use the token of the user whose mail it is about."
        raise Forbidden(message)
    wanted = replace(row.switches, **switched)
    await unit.connection.execute(
        users.SQL.save_switches, row.id, wanted.opens, wanted.clicks, wanted.notifications
    )
    return row.id
