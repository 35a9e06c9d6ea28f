"""Jobs: how far they are. Nothing of them names a person, so any token of the account may look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.disclosure.reader import Reader
from app.domain.global_ids import encode_id
from app.domain.jobs import JobStatus
from app.storage import jobs

IMPORT = "import"


@dataclass(frozen=True, slots=True)
class JobView:
    """One job; `progress` is from 0 to 1 and None where it has none to tell."""

    id: int
    kind: str
    status: JobStatus
    progress: float | None
    counts: dict[str, Any]
    message: str | None
    errors_url: str | None


async def jobs_by_id(reader: Reader, ids: Sequence[int]) -> dict[int, JobView]:
    """The jobs; ids of other accounts are absent."""
    rows = await reader.instance.database.fetch(jobs.SQL.by_ids, reader.account_id, list(ids))
    return {
        row["id"]: JobView(
            id=row["id"],
            kind=row["kind"],
            status=JobStatus(row["status"]),
            progress=row["progress"],
            counts=row["counts"],
            message=row["message"],
            errors_url=_errors_url(reader, row["id"]) if row["kind"] == IMPORT else None,
        )
        for row in rows
    }


def _errors_url(reader: Reader, job_id: int) -> str:
    return f"{reader.instance.public_url}/imports/{encode_id('Job', job_id)}/errors.csv"
