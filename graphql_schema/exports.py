"""Exports: files to take along, made by jobs."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.exports import begin_export
from app.disclosure.exports import ExportView
from app.domain.errors import InvalidValue
from app.domain.exports import ExportKind
from app.domain.jobs import JobStatus
from app.domain.modes import Channel
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id
from graphql_schema.jobs import Job, job
from graphql_schema.keys import subscriber_of
from graphql_schema.loaders import ExportById, JobById
from graphql_schema.node import Node
from graphql_schema.resolving import Asked, given, unit_of
from graphql_schema.scopes import needs, requires


@strawberry.type(
    description="A file to take along. It names nobody; downloading it takes the scopes of its kind."
)
@requires()
class Export(Node):
    """Any token of the account may follow it."""

    kind: ExportKind = strawberry.field(description="What it holds.")
    status: JobStatus = strawberry.field(description="Whether it is made.")
    url: str | None = strawberry.field(
        description="Where it can be downloaded with a token; null before it is made, and a day later."
    )
    view: strawberry.Private[ExportView]

    @strawberry.field(description="The job that makes it.")
    async def job(self, info: Asked) -> Job:
        return job(await info.context.loader(JobById).one(self.view.id))


def export(view: ExportView) -> Export:
    """An export as the schema shows it."""
    return Export(
        id=ID(encode_id("Export", view.id)), kind=view.kind, status=view.status, url=view.url, view=view
    )


@strawberry.input(description="What to export. ACCESS takes subscriberId and nothing else.")
class CreateExportInput:
    """Input of `createExport`."""

    kind: ExportKind = strawberry.field(description="What the file is to hold.")
    mailing_id: ID | None = strawberry.field(default=strawberry.UNSET, description="One mailing.")
    channel: Channel | None = strawberry.field(default=strawberry.UNSET, description="One channel.")
    segment_id: ID | None = strawberry.field(default=strawberry.UNSET, description="A segment.")
    list_id: ID | None = strawberry.field(default=strawberry.UNSET, description="A list.")
    subscriber_id: ID | None = strawberry.field(default=strawberry.UNSET, description="One person.")
    since: datetime | None = strawberry.field(
        name="from", default=strawberry.UNSET, description="From this time on."
    )
    until: datetime | None = strawberry.field(
        name="to", default=strawberry.UNSET, description="Until before this time."
    )


@strawberry.type(description="The answer of createExport.")
class CreateExportPayload:
    """Payload of `createExport`."""

    export: Export | None = strawberry.field(default=None, description="The export, while it is being made.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why none is made.")


Wanted = Annotated[CreateExportInput, strawberry.argument(name="input", description="What to export.")]


@strawberry.type
class ExportMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description=(
            "Has a file made. ACCESS holds everything about one person, for that person (GDPR 15), rows that a no "
            "hides included; it needs subscribers:write and personal:read, is kept for a day and goes with the person."
        ),
        metadata=needs("subscribers:write", "personal:read"),
    )
    async def create_export(self, info: Asked, wanted: Wanted) -> CreateExportPayload:
        return await attempt(CreateExportPayload, _create(info, wanted))


_OF_OTHER_KINDS = ("mailing_id", "channel", "segment_id", "list_id", "since", "until")
_NAMES = {"since": "from", "until": "to"}


async def _create(info: Asked, wanted: CreateExportInput) -> CreateExportPayload:
    _check(wanted)
    person = given(wanted.subscriber_id)
    subscriber_id = None if person is None else subscriber_of(person, path=("subscriber_id",))
    async with unit_of(info) as work:
        export_id = await begin_export(work, wanted.kind, subscriber_id)
    return CreateExportPayload(export=export(await info.context.loader(ExportById).one(export_id)))


def _check(wanted: CreateExportInput) -> None:
    """Whoever narrows an export must not get a wider one."""
    for name in _OF_OTHER_KINDS:
        if wanted.kind is ExportKind.ACCESS and given(getattr(wanted, name)) is not None:
            message = "An export of the kind ACCESS holds everything about a person. Leave this out."
            raise InvalidValue(message, path=(_NAMES.get(name, name),))
