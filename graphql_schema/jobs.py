"""Jobs: work that outlasts a request, asked for again by its id until it has ended."""

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from app.disclosure.jobs import JobView
from app.domain.jobs import JobStatus
from graphql_schema.ids import encode_id
from graphql_schema.node import Node
from graphql_schema.scopes import requires


@strawberry.type(description="Work that goes on after the request that asked for it. It names nobody.")
@requires()
class Job(Node):
    """Any token of the account may follow it."""

    kind: str = strawberry.field(description="What is being done, such as `import`.")
    status: JobStatus = strawberry.field(description="Where it stands.")
    progress: float | None = strawberry.field(
        description="How far it is, from 0 to 1; null while that is not known."
    )
    counts: JSON | None = strawberry.field(description="What it has counted so far, by name.")
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
