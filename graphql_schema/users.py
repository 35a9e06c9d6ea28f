"""The people who use the account, and what each of them switches for their own mail (domain.md §4, P1)."""

from typing import Annotated

import strawberry

from app.actions.users import create_user, update_my_tracking
from app.disclosure.users import count_users, page_of_users
from graphql_schema.accounts import User, user
from graphql_schema.connections import Connection, Edge, total
from graphql_schema.errors import UserError, attempt
from graphql_schema.loaders import UserById
from graphql_schema.paging import After, Before, First, Last, asked_page, bounds
from graphql_schema.resolving import Asked, given, reader_of, stated, unit_of
from graphql_schema.scopes import needs
from graphql_schema.selection import selected


@strawberry.type(description="One user in a page.")
class UserEdge(Edge):
    """Edge of `UserConnection`."""

    node: User = strawberry.field(description="The user.")


@strawberry.type(description="A page of users, oldest first.")
class UserConnection(Connection):
    """The users of an account."""

    edges: list[UserEdge] = strawberry.field(description="The users.")


@strawberry.type
class UserQueries:
    """Part of `Query`."""

    @strawberry.field(description="The people who use the account.", metadata=needs("tokens:write"))
    async def users(
        self,
        info: Asked,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> UserConnection:
        page, reader = asked_page(tuple[int], first, after, last, before), reader_of(info)
        views = await page_of_users(reader, **bounds(page))
        count = await count_users(reader) if selected(info, "totalCount", "totalCountCapped") else None
        cut = page.cut(views, key=lambda view: (view.id,))
        edges = [UserEdge(cursor=cursor, node=user(view)) for cursor, view in cut.rows]
        return UserConnection(edges=edges, page_info=cut.page_info, **total(count))


@strawberry.input(description="A new user. createToken makes a token for them.")
class CreateUserInput:
    """Input of `createUser`."""

    name: str = strawberry.field(description="What the user is called, 1 to 200 characters.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="The user's address.")


@strawberry.type(description="The answer of createUser.")
class CreateUserPayload:
    """Payload of `createUser`."""

    user: User | None = strawberry.field(default=None, description="The new user.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why there is none.")


@strawberry.input(description="The caller's own switches; what is left out stays.")
class UpdateMyTrackingInput:
    """Input of `updateMyTracking`."""

    opens: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether opens of the user's one-to-one mail may be tracked."
    )
    clicks: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether clicks in the user's one-to-one mail may be tracked."
    )
    notifications: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether the user is told of opens and clicks."
    )


@strawberry.type(description="The answer of updateMyTracking.")
class UpdateMyTrackingPayload:
    """Payload of `updateMyTracking`."""

    user: User | None = strawberry.field(default=None, description="The user who asks.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed.")


CreateUser = Annotated[CreateUserInput, strawberry.argument(name="input", description="The new user.")]
MyTracking = Annotated[
    UpdateMyTrackingInput, strawberry.argument(name="input", description="The switches that change.")
]


@strawberry.type
class UserMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(description="Makes a user.", metadata=needs("tokens:write"))
    async def create_user(self, info: Asked, wanted: CreateUser) -> CreateUserPayload:
        return await attempt(CreateUserPayload, _create(info, wanted))

    @strawberry.mutation(
        description="Switches the caller's own one-to-one tracking. It needs the token of a user, and holds for mail "
        "that is prepared from now on.",
        metadata=needs("mailings:write"),
    )
    async def update_my_tracking(self, info: Asked, wanted: MyTracking) -> UpdateMyTrackingPayload:
        return await attempt(UpdateMyTrackingPayload, _switch(info, wanted))


async def _create(info: Asked, wanted: CreateUserInput) -> CreateUserPayload:
    async with unit_of(info) as work:
        user_id = await create_user(work, wanted.name, given(wanted.email))
    return CreateUserPayload(user=user(await info.context.loader(UserById).one(user_id)))


async def _switch(info: Asked, wanted: UpdateMyTrackingInput) -> UpdateMyTrackingPayload:
    switched = stated(wanted, nullable=(), skip=())
    async with unit_of(info) as work:
        user_id = await update_my_tracking(work, switched)
    return UpdateMyTrackingPayload(user=user(await info.context.loader(UserById).one(user_id)))
