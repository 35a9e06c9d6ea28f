"""How an account shows itself to its recipients: its name, its colour, its logo.

They are no settings of tracking: a preset leaves them alone, and a delivery freezes none of them.
"""

from dataclasses import dataclass

from app.actions.unit import Unit
from app.domain.colours import checked_colour
from app.domain.logos import checked_logo
from app.domain.texts import checked_name
from app.storage import accounts


@dataclass(frozen=True, slots=True)
class BrandChange:
    """What changes. An empty colour or logo takes it away; None leaves it as it is."""

    name: str | None = None
    colour: str | None = None
    logo: bytes | None = None


async def update_brand(unit: Unit, change: BrandChange) -> None:
    """Changes what is named. Raises `InvalidValue`, and then nothing has changed."""
    if change.name is not None:
        await unit.connection.execute(accounts.SQL.rename, unit.account_id, checked_name(change.name))
    if change.colour is not None:
        colour = checked_colour(change.colour, "colour") if change.colour else None
        await unit.connection.execute(accounts.SQL.set_colour, unit.account_id, colour)
    if change.logo is not None:
        logo = checked_logo(change.logo, "logo") if change.logo else None
        parts = (None, None, None) if logo is None else (logo.content, logo.media_type, logo.digest)
        await unit.connection.execute(accounts.SQL.set_logo, unit.account_id, *parts)
