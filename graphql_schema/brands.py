"""What an account says of itself: name, colour and logo to its recipients, to browsers whose pages may use its API."""

import base64
import binascii
from typing import Annotated

import strawberry

from app.actions.brands import BrandChange, update_brand
from app.actions.origins import allow_origins
from app.domain.colours import is_adjusted
from app.domain.errors import InvalidValue
from app.domain.logos import LARGEST_LOGO
from app.domain.origins import MOST_ORIGINS
from graphql_schema.accounts import Account, own_account
from graphql_schema.errors import UserError, attempt
from graphql_schema.resolving import Asked, stated, unit_of
from graphql_schema.scopes import needs
from graphql_schema.settings import Consequence

_TAKEN_AWAY = frozenset({"colour", "logo"})


@strawberry.input(description="What changes; what is left out stays.")
class UpdateAccountInput:
    """Input of `updateAccount`."""

    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="What recipients call the sender, 1 to 200 characters."
    )
    colour: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The colour of buttons and links on the pages of recipients, as #17594a; null is the house's own. It is "
            "made darker, or lighter on dark pages, where it could not be read."
        ),
    )
    logo: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            f"A PNG, JPEG, GIF or WebP picture of at most {LARGEST_LOGO} bytes, in Base64; null takes it away."
        ),
    )
    allowed_origins: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            f"All websites whose scripts may use the API with a token of the account, at most {MOST_ORIGINS}: "
            "`https://app.example.org`, or `http://localhost:3000` while building one. An empty list allows none."
        ),
    )


@strawberry.type(description="The answer of updateAccount.")
class UpdateAccountPayload:
    """Payload of `updateAccount`."""

    account: Account | None = strawberry.field(default=None, description="The account as it is now.")
    warnings: list[Consequence] = strawberry.field(
        default_factory=list, description="What recipients will see otherwise than asked for."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


Change = Annotated[UpdateAccountInput, strawberry.argument(name="input", description="What changes.")]


@strawberry.type
class BrandMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description=(
            "Changes the account's name, colour and logo, as its recipients see them, and the websites that may use "
            "the API."
        ),
        metadata=needs("settings:write"),
    )
    async def update_account(self, info: Asked, change: Change) -> UpdateAccountPayload:
        return await attempt(UpdateAccountPayload, _update(info, change))


async def _update(info: Asked, change: UpdateAccountInput) -> UpdateAccountPayload:
    wanted = stated(change, nullable=_TAKEN_AWAY, skip=())
    logo = wanted.get("logo")
    given = BrandChange(
        name=wanted.get("name"),
        colour=_or_none(wanted, "colour"),
        logo=b"" if "logo" in wanted and not logo else _decoded(logo),
    )
    async with unit_of(info) as work:
        await update_brand(work, given)
        if "allowed_origins" in wanted:
            await allow_origins(work, wanted["allowed_origins"])
    account = await own_account(info)
    return UpdateAccountPayload(account=account, warnings=_warnings(account))


def _or_none(wanted: dict[str, str | None], name: str) -> str | None:
    """The value, empty where it is null, None where it was left out."""
    return (wanted[name] or "") if name in wanted else None


def _decoded(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        message = "A logo is sent in Base64, without line breaks."
        raise InvalidValue(message, path=("logo",)) from None


def _warnings(account: Account) -> list[Consequence]:
    if account.colour is None or not is_adjusted(account.colour):
        return []
    message = f"{account.colour} could not be read on light pages, so a darker shade of it is shown there."
    return [Consequence(code="COLOUR_ADJUSTED", message=message)]
