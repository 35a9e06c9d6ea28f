"""Jobs: how far they are. Nothing of them names a person, so any token of the account may look.

How many lines an export has tells what is in it: of somebody's own one-to-one mail, or of a few people. So what it has
counted, and how far it is, is for those alone who may download it.

A dry run of an import leaves no trace, and counts whether somebody is known, stands on the list, or has answered: a file of
one address would be a look-up. Without `personal:read` it tells how many rows it read, and what is wrong with the file.
Source: domain.md §11.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.disclosure.exports import may_have
from app.disclosure.reader import Reader
from app.domain.errors import NotFound
from app.domain.global_ids import encode_id
from app.domain.jobs import JobStatus
from app.instance import DatabaseAway
from app.storage import exports, jobs
from app.storage.database import CUT_OFF

IMPORT = "import"
EXPORT = "export"

_OF_A_DRY_RUN = frozenset({"rows", "encoding", "delimiter", "dryRun"})
"""What a dry run tells those who may not look people up."""


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
    closed = await _closed(reader, [row["id"] for row in rows if row["kind"] == EXPORT])
    return {
        row["id"]: JobView(
            id=row["id"],
            kind=row["kind"],
            status=JobStatus(row["status"]),
            progress=None if row["id"] in closed else row["progress"],
            counts={} if row["id"] in closed else _counts(reader, row["counts"]),
            message=row["message"],
            errors_url=_errors_url(reader, row["id"]) if row["kind"] == IMPORT else None,
        )
        for row in rows
    }


def looks_people_up(reader: Reader, counts: Mapping[str, Any]) -> bool:
    """Whether what a job found out would be a look-up by address that this reader may not have."""
    return counts.get("dryRun") is True and not reader.sees_people


def _counts(reader: Reader, counts: dict[str, Any]) -> dict[str, Any]:
    if not looks_people_up(reader, counts):
        return counts
    return {name: value for name, value in counts.items() if name in _OF_A_DRY_RUN}


async def _closed(reader: Reader, ids: Sequence[int]) -> set[int]:
    """Those of these exports that the reader may not download, and those that are gone."""
    if not ids:
        return set()
    rows = await reader.instance.database.fetch(exports.SQL.by_ids, reader.account_id, list(ids))
    return set(ids) - {row["id"] for row in rows if may_have(reader, row)}


async def progress_of(reader: Reader, job_id: int) -> AsyncGenerator[JobView, None]:
    """A job as it stands, and again each time that it has changed, until it has ended.

    What it looked like between two looks is left out. A database that is away later, or too slow, is waited for. Raises `NotFound`
    and, at the first look, `DatabaseAway`.
    """
    async with reader.instance.hints.on(jobs.topic(job_id)) as waiting:
        shown = await _one(reader, job_id)
        yield shown
        while not shown.status.has_ended:
            await waiting.next()
            with suppress(DatabaseAway, *CUT_OFF):
                view = await _one(reader, job_id)
                if view != shown:
                    shown = view
                    yield shown


async def _one(reader: Reader, job_id: int) -> JobView:
    view = (await jobs_by_id(reader, [job_id])).get(job_id)
    if view is None:
        raise NotFound(path=("id",))
    return view


def _errors_url(reader: Reader, job_id: int) -> str:
    return f"{reader.instance.public_url}/imports/{encode_id('Job', job_id)}/errors.csv"
