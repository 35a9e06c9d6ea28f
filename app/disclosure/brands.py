"""What everybody may see of an account who has one of its pages: its name, its colour, its logo."""

from dataclasses import dataclass

from app.disclosure.reader import Reader
from app.instance import Instance
from app.look.brands import logo_path
from app.storage import accounts
from app.storage.database import Connection


@dataclass(frozen=True, slots=True)
class BrandView:
    """How an account shows itself. `colour` is `#rrggbb`, `logo` the hexadecimal name of its picture."""

    account: str
    colour: str | None = None
    logo: str | None = None


@dataclass(frozen=True, slots=True)
class LogoView:
    """A picture to be served."""

    content: bytes
    media_type: str


async def brand_of(connection: Connection, account_id: int) -> BrandView:
    """The brand of an account; an empty one where there is no such account."""
    row = await connection.fetchrow(accounts.SQL.brand, account_id)
    if row is None:
        return BrandView("")
    digest = row["logo_digest"]
    return BrandView(row["name"], row["colour"], None if digest is None else digest.hex())


async def own_brand(reader: Reader) -> BrandView:
    """The brand of the caller's account."""
    async with reader.instance.database.connection() as connection:
        return await brand_of(connection, reader.account_id)


def logo_url(reader: Reader, view: BrandView) -> str | None:
    """Where the logo is served to everybody."""
    return view.logo and reader.instance.public_url.rstrip("/") + logo_path(view.logo)


async def logo(instance: Instance, digest: bytes) -> LogoView | None:
    """The picture of that name, if an account has it. Raises `DatabaseAway`."""
    async with instance.database.connection() as connection:
        row = await connection.fetchrow(accounts.SQL.logo, digest)
    return None if row is None else LogoView(row["logo"], row["logo_type"])
