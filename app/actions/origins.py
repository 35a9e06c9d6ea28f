"""Says which websites may speak to an account's API."""

from collections.abc import Sequence

from app.actions.unit import Unit
from app.domain.origins import checked_origins
from app.storage import accounts


async def allow_origins(unit: Unit, origins: Sequence[str]) -> None:
    """Allows these origins and no others. Raises `InvalidValue`, and then nothing has changed."""
    await unit.connection.execute(
        accounts.SQL.set_origins, unit.account_id, list(checked_origins(origins, "allowed_origins"))
    )
