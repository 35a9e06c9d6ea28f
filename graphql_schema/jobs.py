"""Jobs: work that outlasts a request, asked for again by its id until it has ended."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from app.disclosure.jobs import JobView, progress_of
from app.domain.jobs import JobStatus
from graphql_schema.ids import encode_id, number_of
from graphql_schema.node import Node
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import PUBLIC, requires


@strawberry.type(description="Work that goes on after the request that asked for it. It names nobody.")
@requires()
class Job(Node):
    """Any token of the account may follow it."""

    kind: str = strawberry.field(description="What is being done, such as `import`.")
    status: JobStatus = strawberry.field(description="Where it stands.")
    progress: float | None = strawberry.field(
        description="How far it is, from 0 to 1; null while that is not known."
    )
    counts: JSON | None = strawberry.field(
        description="What it has counted so far, by name; of an export, to those who may download it; of "
        "a dry run without the scope personal:read, the rows alone."
    )
    errors_url: str | None = strawberry.field(
        description="Where its errors can be downloaded as CSV; null where there is no such file."
    )
    message: str | None = strawberry.field(description="Why it failed; null otherwise.")


def job(view: JobView) -> Job:
    """A job as the schema shows it."""
    return Job(
        id=ID(encode_id("Job", view.id)),
        kind=view.kind,
        status=view.status,
        progress=view.progress,
        counts=view.counts,  # type: ignore[arg-type]  # A dict is JSON.
        errors_url=view.errors_url,
        message=view.message,
    )


JobId = Annotated[ID, strawberry.argument(name="id", description="The job.")]


@strawberry.type
class JobSubscriptions:
    """Part of `Subscription`."""

    @strawberry.subscription(
        description="A job as it stands, and again whenever it has moved on; it ends when the job has ended.",
        metadata=PUBLIC,
    )
    async def job_progress(self, info: Asked, job_id: JobId) -> AsyncGenerator[Job, None]:
        async with aclosing(progress_of(reader_of(info), number_of(job_id, "Job", path=("id",)))) as views:
            async for view in views:
                yield job(view)
