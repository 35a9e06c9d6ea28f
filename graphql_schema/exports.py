"""Exports: files to take along, made by jobs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID

from app.actions.exports import begin_export
from app.disclosure.exports import ExportView, must_take
from app.domain.exports import ExportKind, WantedExport
from app.domain.jobs import JobStatus
from app.domain.modes import Channel
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id, number_of
from graphql_schema.jobs import Job, job
from graphql_schema.keys import subscriber_of
from graphql_schema.loaders import ExportById, JobById
from graphql_schema.node import Node
from graphql_schema.resolving import Asked, given, reader_of, unit_of
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


@strawberry.input(
    description="What to export. CAMPAIGN takes mailingId; EVENT_LOG channel, and mailingId, from, to; SUBSCRIBERS listId "
    "and segmentId; LEDGER subscriberId, from, to; ACCESS subscriberId. What a kind does not take is refused."
)
class CreateExportInput:
    """Input of `createExport`."""

    kind: ExportKind = strawberry.field(description="What the file is to hold.")
    mailing_id: ID | None = strawberry.field(default=strawberry.UNSET, description="One mailing.")
    channel: Channel | None = strawberry.field(default=strawberry.UNSET, description="One channel.")
    segment_id: ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whom this segment takes. A rule on anything but permission needs the scope personal:read.",
    )
    list_id: ID | None = strawberry.field(
        default=strawberry.UNSET, description="Who is subscribed to this list; needs the scope personal:read."
    )
    subscriber_id: ID | None = strawberry.field(default=strawberry.UNSET, description="One person.")
    since: datetime | None = strawberry.field(
        name="from", default=strawberry.UNSET, description="From this time on."
    )
    until: datetime | None = strawberry.field(
        name="to", default=strawberry.UNSET, description="Until before this time."
    )
    byte_order_mark: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether the file is to begin with a byte order mark, by which some spreadsheets know UTF-8; it "
        "does not unless this is true.",
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
            "Has a file made, which is kept for a day. It holds what the caller may see when it is made; the columns stand "
            "in the README. CAMPAIGN needs reports:read and mailings:read, EVENT_LOG reports:read, SUBSCRIBERS and LEDGER "
            "subscribers:read; without personal:read no file names anybody. ACCESS holds everything about one person, for "
            "that person (GDPR 15), rows that a no hides included; it needs subscribers:write and personal:read, and goes "
            "with the person."
        ),
        metadata=needs(),
    )
    async def create_export(self, info: Asked, wanted: Wanted) -> CreateExportPayload:
        must_take(reader_of(info), wanted.kind)
        return await attempt(CreateExportPayload, _create(info, wanted))


async def _create(info: Asked, wanted: CreateExportInput) -> CreateExportPayload:
    asked = WantedExport(
        wanted.kind,
        mailing_id=_number(wanted.mailing_id, "Mailing", "mailing_id"),
        channel=given(wanted.channel),
        segment_id=_number(wanted.segment_id, "Segment", "segment_id"),
        list_id=_number(wanted.list_id, "MailingList", "list_id"),
        subscriber_id=_person(wanted.subscriber_id),
        since=given(wanted.since),
        until=given(wanted.until),
        byte_order_mark=bool(given(wanted.byte_order_mark)),
    )
    sees_people = reader_of(info).sees_people
    async with unit_of(info) as work:
        export_id = await begin_export(work, asked, sees_people=sees_people)
    return CreateExportPayload(export=export(await info.context.loader(ExportById).one(export_id)))


def _number(value: ID | None, kind: str, name: str) -> int | None:
    found = given(value)
    return None if found is None else number_of(found, kind, path=(name,))


def _person(value: ID | None) -> UUID | None:
    found = given(value)
    return None if found is None else subscriber_of(found, path=("subscriber_id",))
