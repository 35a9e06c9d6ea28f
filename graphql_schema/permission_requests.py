"""Asking people for their permission by a mail of its own (domain.md §12, M5)."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.request_permission import Skipped, request_permission
from app.domain.errors import AskedRecently
from graphql_schema.errors import UserError, attempt, user_errors
from graphql_schema.ids import encode_id, number_of
from graphql_schema.jobs import Job, job
from graphql_schema.keys import subscriber_of
from graphql_schema.loaders import JobById
from graphql_schema.resolving import Asked, given, reader_of, unit_of
from graphql_schema.scopes import needs


@strawberry.input(description="Whom to ask: the people on a list, those of a segment, or single people.")
class RequestPermissionInput:
    """Input of `requestPermission`."""

    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="Everybody who is on this list."
    )
    segment_id: ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whomever this segment takes when the job comes to them. A rule on what people did or are, or of more than "
        "one condition of which one asks for anything but permission, needs the scope personal:read.",
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
        description="Who is skipped as ASKED_RECENTLY (of a list or segment, among its first 1,000; without the scope "
        "personal:read only that somebody is); or why nobody is asked.",
    )


Request = Annotated[RequestPermissionInput, strawberry.argument(name="input", description="Whom to ask.")]


@strawberry.type
class PermissionRequestMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Mails people an untracked question: may opens and clicks be tracked? Whoever said no or kept "
        "silent less than askAgainAfterDays ago is left in peace.",
        metadata=needs("subscribers:write", each="subscriberIds"),
    )
    async def request_permission(self, info: Asked, wanted: Request) -> RequestPermissionPayload:
        return await attempt(RequestPermissionPayload, _request(info, wanted))


async def _request(info: Asked, wanted: RequestPermissionInput) -> RequestPermissionPayload:
    named, segment, people = given(wanted.list_id), given(wanted.segment_id), given(wanted.subscriber_ids)
    list_id = None if named is None else number_of(named, "MailingList", path=("list_id",))
    segment_id = None if segment is None else number_of(segment, "Segment", path=("segment_id",))
    ids = None
    if people is not None:
        ids = [subscriber_of(each, path=("subscriber_ids", place)) for place, each in enumerate(people)]
    async with unit_of(info) as work:
        job_id, skipped = await request_permission(
            work,
            list_id=list_id,
            segment_id=segment_id,
            subscriber_ids=ids,
            sees_people=reader_of(info).sees_people,
        )
    group = "list_id" if segment_id is None else "segment_id"
    tells = reader_of(info).sees_people
    view = await info.context.loader(JobById).one(job_id)
    # Of a list they may be many, and without names all of them are the same to the caller.
    paths = dict.fromkeys(_path(each, group, tells=tells) for each in skipped)
    return RequestPermissionPayload(
        job=job(view), errors=user_errors(*(AskedRecently(path=each) for each in paths))
    )


def _path(skipped: Skipped, group: str, *, tells: bool) -> tuple[str | int, ...]:
    """Where the skipped one stands in the input; of a list, who it is, for those who may know who is on it."""
    if skipped.place is not None:
        return ("subscriber_ids", skipped.place)
    return (group, encode_id("Subscriber", skipped.subscriber_id.hex)) if tells else (group,)
