"""Asking people for their permission by a mail of its own (domain.md §12, M5)."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.request_permission import Skipped, request_permission
from app.domain.errors import AskedRecently, InvalidValue
from graphql_schema.errors import UserError, attempt, user_errors
from graphql_schema.ids import encode_id, number_of
from graphql_schema.jobs import Job, job
from graphql_schema.keys import subscriber_of
from graphql_schema.loaders import JobById
from graphql_schema.resolving import Asked, given, unit_of
from graphql_schema.scopes import needs


@strawberry.input(description="Whom to ask: the people on a list, or single people.")
class RequestPermissionInput:
    """Input of `requestPermission`."""

    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="Everybody who is on this list."
    )
    segment_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="A segment; not possible before there are segments."
    )
    subscriber_ids: list[ID] | None = strawberry.field(
        default=strawberry.UNSET, description="These people, at most 1,000."
    )


@strawberry.type(description="The answer of requestPermission.")
class RequestPermissionPayload:
    """Payload of `requestPermission`."""

    job: Job | None = strawberry.field(
        default=None,
        description="The work of asking. Its counts: asked, askedRecently, answered, left, notSent.",
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="Who is skipped as ASKED_RECENTLY (of a list, among its first 1,000); or why nobody is asked.",
    )


Request = Annotated[RequestPermissionInput, strawberry.argument(name="input", description="Whom to ask.")]


@strawberry.type
class PermissionRequestMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Mails people an untracked question: may opens and clicks be tracked? Whoever said no or kept "
        "silent less than askAgainAfterDays ago is left in peace.",
        metadata=needs("subscribers:write"),
    )
    async def request_permission(self, info: Asked, wanted: Request) -> RequestPermissionPayload:
        return await attempt(RequestPermissionPayload, _request(info, wanted))


async def _request(info: Asked, wanted: RequestPermissionInput) -> RequestPermissionPayload:
    if given(wanted.segment_id) is not None:
        message = "There are no segments yet. Name the people by listId or by subscriberIds."
        raise InvalidValue(message, path=("segment_id",))
    named, people = given(wanted.list_id), given(wanted.subscriber_ids)
    list_id = None if named is None else number_of(named, "MailingList", path=("list_id",))
    ids = None
    if people is not None:
        ids = [subscriber_of(each, path=("subscriber_ids", place)) for place, each in enumerate(people)]
    async with unit_of(info) as work:
        job_id, skipped = await request_permission(work, list_id=list_id, subscriber_ids=ids)
    view = await info.context.loader(JobById).one(job_id)
    return RequestPermissionPayload(
        job=job(view), errors=user_errors(*(AskedRecently(path=_path(each)) for each in skipped))
    )


def _path(skipped: Skipped) -> tuple[str | int, ...]:
    if skipped.place is None:
        return ("list_id", encode_id("Subscriber", skipped.subscriber_id.hex))
    return ("subscriber_ids", skipped.place)
