"""API tokens: making, listing and revoking them."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.tokens import NewToken, check_acts_for, create_token, revoke_token
from app.disclosure.tokens import TokenView, count_tokens, page_of_tokens
from app.domain.errors import Forbidden, NotFound
from app.domain.principal import SCOPES
from graphql_schema.connections import Connection, Edge, total
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id, number_of
from graphql_schema.loaders import TokenById, UserById
from graphql_schema.node import Node
from graphql_schema.paging import After, Before, First, Last, asked_page, bounds
from graphql_schema.resolving import Asked, given, reader_of, unit_of
from graphql_schema.scopes import needs, requires
from graphql_schema.selection import selected

_NAME = "API token"


@strawberry.type(description="An API token. Its secret is stored nowhere.")
@requires("tokens:write")
class Token(Node):
    """One token."""

    name: str = strawberry.field(description="What it is called.")
    scopes: list[str] = strawberry.field(description="What it may do.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it runs out; null if it never does.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null if it was not.")
    last_used_at: datetime | None = strawberry.field(
        description="The minute in which it was used last, known some seconds after it; null if it never was."
    )


@strawberry.type(description="One token in a page.")
class TokenEdge(Edge):
    """Edge of `TokenConnection`."""

    node: Token = strawberry.field(description="The token.")


@strawberry.type(description="A page of API tokens, oldest first.")
class TokenConnection(Connection):
    """The tokens of an account."""

    edges: list[TokenEdge] = strawberry.field(description="The tokens.")


def token(view: TokenView) -> Token:
    """A token as the schema shows it."""
    return Token(
        id=ID(encode_id("Token", view.id)),
        name=view.name,
        scopes=list(view.scopes),
        created_at=view.created_at,
        expires_at=view.expires_at,
        revoked_at=view.revoked_at,
        last_used_at=view.last_used_at,
    )


@strawberry.type
class TokenQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="The API tokens of the account, those that have ended included.",
        metadata=needs("tokens:write"),
    )
    async def tokens(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> TokenConnection:
        page = asked_page(tuple[int], first, after, last, before)
        rows = await page_of_tokens(reader_of(info), **bounds(page))
        counted = selected(info, "totalCount", "totalCountCapped")
        count = await count_tokens(reader_of(info)) if counted else None
        cut = page.cut(rows, key=lambda row: (row.id,))
        edges = [TokenEdge(cursor=cursor, node=token(view)) for cursor, view in cut.rows]
        return TokenConnection(edges=edges, page_info=cut.page_info, **total(count))


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
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it runs out; left out it never does."
    )


@strawberry.type(description="The answer of createToken.")
class CreateTokenPayload:
    """Payload of `createToken`."""

    token: Token | None = strawberry.field(default=None, description="The new token.")
    secret: str | None = strawberry.field(
        default=None, description="What callers send. It is shown here only."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


@strawberry.input(description="The token that shall end.")
class RevokeTokenInput:
    """Input of `revokeToken`."""

    id: ID = strawberry.field(description="The token.")


@strawberry.type(description="The answer of revokeToken.")
class RevokeTokenPayload:
    """Payload of `revokeToken`."""

    token: Token | None = strawberry.field(default=None, description="The token, as it ended.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it has not ended.")


RevokeToken = Annotated[
    RevokeTokenInput, strawberry.argument(name="input", description="The token that shall end.")
]
CreateToken = Annotated[CreateTokenInput, strawberry.argument(name="input", description="The new token.")]


@strawberry.type
class TokenMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(description="Makes an API token.", metadata=needs("tokens:write"))
    async def create_token(self, info: Asked, wanted: CreateToken) -> CreateTokenPayload:
        return await attempt(CreateTokenPayload, _create(info, wanted))

    @strawberry.mutation(
        description="Ends a token for good; within a second nothing answers to it any more.",
        metadata=needs("tokens:write"),
    )
    async def revoke_token(self, info: Asked, wanted: RevokeToken) -> RevokeTokenPayload:
        return await attempt(RevokeTokenPayload, _revoke(info, wanted))


async def _create(info: Asked, wanted: CreateTokenInput) -> CreateTokenPayload:
    name, scopes = given(wanted.name), _within(info.context.principal.scopes, given(wanted.scopes))
    user_id = await _user_id(info, wanted)
    new = NewToken(_NAME if name is None else name, scopes, user_id, given(wanted.expires_at))
    async with unit_of(info) as work:
        if user_id is not None:
            await check_acts_for(work, user_id)
        token_id, secret = await create_token(work, new)
    view = await info.context.loader(TokenById).one(token_id)
    return CreateTokenPayload(token=token(view), secret=secret)


async def _revoke(info: Asked, wanted: RevokeTokenInput) -> RevokeTokenPayload:
    token_id = number_of(wanted.id, "Token", path=("id",))
    async with unit_of(info) as work:
        await revoke_token(work, token_id)
    return RevokeTokenPayload(token=token(await info.context.loader(TokenById).one(token_id)))


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
