"""Who asks: the account and its user."""

import strawberry
from strawberry import ID

from app.disclosure.brands import logo_url, own_brand
from app.disclosure.origins import own_origins
from app.disclosure.users import UserView
from app.domain.modes import Axis
from app.domain.principal import Principal
from app.domain.toggles import Switches
from graphql_schema.ids import encode_id
from graphql_schema.loaders import UserById
from graphql_schema.node import Node
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import PUBLIC, needs, requires


@strawberry.type(description="An account: the tenant that everything belongs to.")
@requires()
class Account(Node):
    """Nobody ever sees another account than the own one."""

    name: str = strawberry.field(description="What the account is called.")
    colour: str | None = strawberry.field(
        description="Its colour on the pages of recipients, as #17594a; null is the house's own."
    )
    logo_url: str | None = strawberry.field(description="Where its logo is served.")

    @strawberry.field(
        description="The websites whose scripts may use the API with a token of the account.",
        metadata=needs("settings:read"),
    )
    async def allowed_origins(self, info: Asked) -> list[str]:
        return await own_origins(reader_of(info))


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


@strawberry.type
class AccountQueries:
    """Part of `Query`."""

    @strawberry.field(description="Who asks, and with which scopes.", metadata=PUBLIC)
    async def viewer(self, info: Asked) -> Viewer:
        principal = info.context.principal
        return Viewer(account=await own_account(info), scopes=sorted(principal.scopes), principal=principal)
