"""Which websites may speak to the API, and read what it answers.

A browser asks first and without a token, so there the instance answers: some account of it allows the website, or none
does. Whether an answer may be read is then the account's own word.
"""

from dataclasses import dataclass

from app.disclosure.reader import Reader
from app.instance import Instance
from app.storage import accounts


@dataclass(frozen=True, slots=True)
class Origins:
    """The allowed origins of one instance; every question is asked of the database. Raises `DatabaseAway`."""

    instance: Instance

    async def anybodys(self, origin: str) -> bool:
        """Whether any account allows the website. It is not said which."""
        return bool(await self.instance.database.fetch(accounts.SQL.any_origin, origin))

    async def of(self, account_id: int, origin: str) -> bool:
        """Whether this account does."""
        return origin in await _origins(self.instance, account_id)


async def own_origins(reader: Reader) -> list[str]:
    """The origins that the caller's account allows, as they were set."""
    return await _origins(reader.instance, reader.account_id)


async def _origins(instance: Instance, account_id: int) -> list[str]:
    rows = await instance.database.fetch(accounts.SQL.origins, account_id)
    return [origin for row in rows for origin in row["allowed_origins"]]
