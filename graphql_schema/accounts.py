"""Who asks: the account, the user, and API tokens."""

from collections.abc import Collection
from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.accounts import NewToken, check_acts_for, create_token
from app.disclosure.brands import logo_url, own_brand
from app.disclosure.tokens import TokenView
from app.disclosure.users import UserView
from app.domain.errors import Forbidden, NotFound
from app.domain.modes import Axis
from app.domain.principal import SCOPES, Principal
from app.domain.toggles import Switches
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id, number_of
from graphql_schema.loaders import TokenById, UserById
from graphql_schema.node import Node
from graphql_schema.resolving import Asked, given, reader_of, unit_of
from graphql_schema.scopes import PUBLIC, needs, requires

_NAME = "API token"


@strawberry.type(description="An account: the tenant that everything belongs to.")
@requires()
class Account(Node):
    """Nobody ever sees another account than the own one."""

    name: str = strawberry.field(description="What the account is called.")
    colour: str | None = strawberry.field(
        description="Its colour on the pages of recipients, as #17594a; null is the house's own."
    )
    logo_url: str | None = strawberry.field(description="Where its logo is served.")


@strawberry.type(description="What a user has switched for their own one-to-one mail.")
class OwnTracking:
    """A user's switches."""

    opens: bool = strawberry.field(description="Whether opens may be tracked at all.")
    clicks: bool = strawberry.field(description="Whether clicks may be tracked at all.")
    notifications: bool = strawberry.field(description="Whether the user is told of opens and clicks.")
    next_opens: bool = strawberry.field(
        description="What the toggle for opens of the next mail starts with: that of the last mail."
    )
    next_clicks: bool = strawberry.field(
        description="What the toggle for clicks of the next mail starts with: that of the last mail."
    )


@strawberry.type(description="Somebody who uses the account.")
@requires()
class User(Node):
    """A colleague needs the scope tokens:write to see another."""

    name: str = strawberry.field(
        description='The name; "Anonymized data" for others than the user without the scope personal:read.'
    )
    email: str | None = strawberry.field(
        description="The address; null for others than the user without the scope personal:read."
    )
    tracking: OwnTracking | None = strawberry.field(
        description="The user's own switches; null for everybody but the user."
    )


@strawberry.type(description="An API token. Its secret is stored nowhere.")
@requires("tokens:write")
class Token(Node):
    """One token."""

    name: str = strawberry.field(description="What it is called.")
    scopes: list[str] = strawberry.field(description="What it may do.")


@strawberry.type(description="Who asks.")
class Viewer:
    """The caller."""

    account: Account = strawberry.field(description="The account that the token belongs to.")
    scopes: list[str] = strawberry.field(description="What the token may do.")
    principal: strawberry.Private[Principal]

    @strawberry.field(
        description="The user that the token belongs to; null if it acts for the whole account."
    )
    async def user(self, info: Asked) -> User | None:
        user_id = self.principal.user_id
        view = None if user_id is None else await info.context.loader(UserById).load(user_id)
        return None if view is None else user(view)


async def own_account(info: Asked) -> Account:
    """The caller's account."""
    reader = reader_of(info)
    view = await own_brand(reader)
    return Account(
        id=ID(encode_id("Account", reader.account_id)),
        name=view.account,
        colour=view.colour,
        logo_url=logo_url(reader, view),
    )


def user(view: UserView) -> User:
    """A user as the schema shows it."""
    return User(
        id=ID(encode_id("User", view.id)),
        name=view.name,
        email=view.email,
        tracking=None if view.switches is None else _tracking(view.switches),
    )


def _tracking(switches: Switches) -> OwnTracking:
    return OwnTracking(
        opens=switches.opens,
        clicks=switches.clicks,
        notifications=switches.notifications,
        next_opens=switches.starts(Axis.OPENS),
        next_clicks=switches.starts(Axis.CLICKS),
    )


def token(view: TokenView) -> Token:
    """A token as the schema shows it."""
    return Token(id=ID(encode_id("Token", view.id)), name=view.name, scopes=list(view.scopes))


@strawberry.type
class AccountQueries:
    """Part of `Query`."""

    @strawberry.field(description="Who asks, and with which scopes.", metadata=PUBLIC)
    async def viewer(self, info: Asked) -> Viewer:
        principal = info.context.principal
        return Viewer(account=await own_account(info), scopes=sorted(principal.scopes), principal=principal)


@strawberry.input(description="A new token.")
class CreateTokenInput:
    """Input of `createToken`."""

    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What it is called, 1 to 200 characters; left out it is “API token”.",
    )
    user: ID | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The user that it acts for; left out it acts for the whole account. A user's token is made by that "
            "user's own token, or, while the user never had one, by a token of the account; anything else is "
            "FORBIDDEN, since a user's one-to-one events are nobody else's."
        ),
    )
    scopes: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="What it may do, within what the calling token may; left out it may do the same.",
    )


@strawberry.type(description="The answer of createToken.")
class CreateTokenPayload:
    """Payload of `createToken`."""

    token: Token | None = strawberry.field(default=None, description="The new token.")
    secret: str | None = strawberry.field(
        default=None, description="What callers send. It is shown here only."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


CreateToken = Annotated[CreateTokenInput, strawberry.argument(name="input", description="The new token.")]


@strawberry.type
class AccountMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(description="Makes an API token.", metadata=needs("tokens:write"))
    async def create_token(self, info: Asked, wanted: CreateToken) -> CreateTokenPayload:
        return await attempt(CreateTokenPayload, _create(info, wanted))


async def _create(info: Asked, wanted: CreateTokenInput) -> CreateTokenPayload:
    name, scopes = given(wanted.name), _within(info.context.principal.scopes, given(wanted.scopes))
    user_id = await _user_id(info, wanted)
    new = NewToken(_NAME if name is None else name, scopes, user_id)
    async with unit_of(info) as work:
        if user_id is not None:
            await check_acts_for(work, user_id)
        token_id, secret = await create_token(work, new)
    view = await info.context.loader(TokenById).one(token_id)
    return CreateTokenPayload(token=token(view), secret=secret)


def _within(held: frozenset[str], asked: Collection[str] | None) -> frozenset[str]:
    """The new token's scopes. Nobody gives what they do not hold themselves; what does not exist is no scope yet."""
    wanted = held if asked is None else frozenset(asked)
    lacking = sorted((wanted & SCOPES) - held)
    if lacking:
        raise Forbidden(f"The calling token lacks the scope {lacking[0]} itself.", path=("scopes",))
    return wanted


async def _user_id(info: Asked, wanted: CreateTokenInput) -> int | None:
    named = given(wanted.user)
    if named is None:
        return None
    user_id = number_of(named, "User", path=("user",))
    if await info.context.loader(UserById).load(user_id) is None:
        raise NotFound(path=("user",))
    return user_id
