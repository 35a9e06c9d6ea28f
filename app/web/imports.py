"""`POST /imports` takes a CSV and answers with a job; `GET /imports/{id}/errors.csv` says what could not be taken.

    field         values                          left out
    file          the CSV                         422
    list          id of a list                    nobody is put on a list
    dialect       permission, do_not_track        permission
    empty_means   unchanged, false                unchanged
    source        free words                      none
    given_at      a date, or RFC 3339             none
    dry_run       true, false                     false

An unknown field is refused, since a misspelt `dry_run` would write. Both need the scope subscribers:write.
Source: contract.md; domain.md §3 (imports).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream

from app.actions.imports import NewImport, begin_import, folder_of
from app.actions.unit import unit
from app.disclosure.imports import errors_of_import
from app.disclosure.jobs import jobs_by_id
from app.disclosure.reader import Reader
from app.domain.errors import InvalidValue, LimitExceeded, NotFound, RequestError
from app.domain.global_ids import encode_id, number_of
from app.domain.imports import Defaults, Dialect, EmptyMeans, read_date
from app.instance import DatabaseAway
from app.web.callers import AnyRequest, Unauthenticated, away, caller_with, refused, unauthenticated
from app.web.uploads import Upload, discard, receive

LARGEST = 4 * 1024**3
"""The largest upload in bytes."""

SCOPE = "subscribers:write"

_FIELDS = frozenset({"list", "dialect", "empty_means", "source", "given_at", "dry_run"})
_HANDLERS: dict[int | type[Exception], Any] = {
    Unauthenticated: unauthenticated,
    RequestError: refused,
    DatabaseAway: away,
}

Word = TypeVar("Word", bound=StrEnum)


def import_routes(largest: int = LARGEST) -> list[HTTPRouteHandler]:
    """The two routes; `largest` is the limit of an upload in bytes."""

    @post("/imports", status_code=202, exception_handlers=_HANDLERS, request_max_body_size=None)
    async def start(request: AnyRequest) -> Response[dict[str, Any]]:
        reader = await caller_with(request, SCOPE)
        _check_length(request.headers.get("content-length"), largest)
        folder = folder_of(reader.instance)
        upload = await receive(request.headers.get("content-type", ""), request.stream(), folder, largest)
        try:
            job_id = await _begin(reader, upload)
        except BaseException:
            discard(upload, folder)
            raise
        view = (await jobs_by_id(reader, [job_id]))[job_id]
        job = encode_id("Job", job_id)
        body = {"id": job, "status": view.status.value, "errorsUrl": view.errors_url}
        return Response(body, status_code=202)

    @get("/imports/{job:str}/errors.csv", exception_handlers=_HANDLERS)
    async def errors(request: AnyRequest, job: FromPath[str]) -> Stream:
        reader = await caller_with(request, SCOPE)
        pages = await errors_of_import(reader, number_of(job, "Job", path=("id",)))
        headers = {
            "Content-Disposition": 'attachment; filename="errors.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Stream(pages, media_type="text/csv", headers=headers)

    return [start, errors]


def _check_length(stated: str | None, largest: int) -> None:
    if stated is not None and stated.isdigit() and int(stated) > largest:
        message = f"An import has at most {largest} bytes. Split the file."
        raise LimitExceeded(message, path=("file",))


async def _begin(reader: Reader, upload: Upload) -> int:
    unknown = sorted(set(upload.fields) - _FIELDS)
    if unknown:
        message = f"There is no such field. Known are file, {', '.join(sorted(_FIELDS))}."
        raise InvalidValue(message, path=("field",))
    if upload.file is None:
        message = "There is no file. Send it in a part named file."
        raise InvalidValue(message, path=("file",))
    fields = {name: value.strip() for name, value in upload.fields.items()}
    wanted = NewImport(
        file=upload.file,
        list_id=_list(fields.get("list")),
        defaults=Defaults(
            dialect=_word(Dialect, fields, "dialect", Dialect.PERMISSION),
            empty_means=_word(EmptyMeans, fields, "empty_means", EmptyMeans.UNCHANGED),
            source=fields.get("source") or None,
            given_at=_date(fields.get("given_at")),
        ),
        dry_run=_flag(fields.get("dry_run")),
    )
    principal = reader.principal
    async with unit(reader.instance, principal.account_id, principal.actor, principal.user_id) as work:
        return await begin_import(work, wanted)


def _list(value: str | None) -> int | None:
    if not value:
        return None
    try:
        return number_of(value, "MailingList", path=("list",))
    except NotFound:
        message = "There is no such list in this account."
        raise NotFound(message, path=("list",)) from None


def _word(kind: type[Word], fields: Mapping[str, str], name: str, unset: Word) -> Word:
    value = fields.get(name)
    try:
        return kind(value.lower()) if value else unset
    except ValueError:
        message = f"This is one of {', '.join(each.value for each in kind)}."
        raise InvalidValue(message, path=(name,)) from None


def _date(value: str | None) -> datetime | None:
    at = read_date(value) if value else None
    if value and at is None:
        message = "This is a date such as 2026-03-01 or 2026-03-01T12:00:00Z."
        raise InvalidValue(message, path=("given_at",))
    return at


def _flag(value: str | None) -> bool:
    if value is None or value.lower() in {"", "false", "0"}:
        return False
    if value.lower() in {"true", "1"}:
        return True
    message = "This is true or false."
    raise InvalidValue(message, path=("dry_run",))
