"""Files of exports are taken in parts, packed where that is asked for, and never half made."""

import asyncio
import gzip
import os
from pathlib import Path

import pytest

from app.actions.export_files import opened
from app.actions.exports import handler_of, tidy_exports
from app.actions.jobs import perform
from app.disclosure.subscriber_exports import subscribers_file
from app.domain.errors import LimitExceeded
from app.domain.exports import ExportKind, Pourable
from app.domain.global_ids import number_of
from app.domain.principal import SCOPES
from tests.exports.shelf import Shelf


@pytest.fixture
async def made(shelf: Shelf) -> dict:
    """A file of forty people."""
    await shelf.world.send(await shelf.world.mailing(), *(f"p{number}@example.org" for number in range(40)))
    found = await shelf.made(await shelf.asked_for(kind="SUBSCRIBERS", byteOrderMark=True))
    assert found is not None
    return found


async def test_a_file_begins_with_a_byte_order_mark_where_it_was_asked_for(shelf: Shelf, made: dict) -> None:
    """Its job tells how many rows and bytes there are."""
    answer = await shelf.get(made["url"], **{"Accept-Encoding": "identity"})

    assert answer.content.startswith(b"\xef\xbb\xbfemail,")
    assert (
        answer.headers["content-type"],
        answer.headers["content-disposition"],
        answer.headers["vary"],
    ) == (
        "text/csv; charset=utf-8",
        'attachment; filename="subscribers.csv"',
        "Accept-Encoding",
    )
    query = "query ($id: ID!) { node(id: $id) { ... on Export { job { progress counts } } } }"
    job = (await shelf.product.data(query, {"id": made["id"]}))["node"]["job"]
    assert answer.content.count(b"\n") == 41
    assert job == {"progress": 1.0, "counts": {"rows": 40, "bytes": len(answer.content)}}


async def test_a_file_is_packed_on_its_way_where_that_is_accepted(shelf: Shelf, made: dict) -> None:
    """Only where gzip is named, and not refused; what is packed is another version of the same content."""
    plain = await shelf.get(made["url"], **{"Accept-Encoding": "identity"})

    for accepted in ("gzip", "br, GZIP;q=0.5"):
        answer = await shelf.get(made["url"], **{"Accept-Encoding": accepted})
        assert (answer.headers["content-encoding"], answer.content) == ("gzip", plain.content)
        assert answer.headers["etag"] != plain.headers["etag"]
    for accepted in ("gzip;q=0", "gzip; q=0.000, br", "br", "notgzip"):
        answer = await shelf.get(made["url"], **{"Accept-Encoding": accepted})
        assert (answer.headers.get("content-encoding"), answer.content) == (None, plain.content)
        assert answer.headers["etag"] == plain.headers["etag"]


async def test_a_part_is_of_the_file_itself(shelf: Shelf, made: dict) -> None:
    """Parts of what is packed on its way could not be joined, so a part is never packed."""
    plain = await shelf.get(made["url"], **{"Accept-Encoding": "identity"})

    part = await shelf.get(made["url"], Range="bytes=10-", **{"Accept-Encoding": "gzip"})
    other = await shelf.get(
        made["url"], Range="bytes=10-", **{"If-Range": '"x-packed"', "Accept-Encoding": "gzip"}
    )

    assert (part.status_code, part.headers.get("content-encoding")) == (206, None)
    assert plain.content[:10] + part.content == plain.content
    assert (other.status_code, other.content) == (200, plain.content)


async def test_a_head_says_what_a_file_is_and_brings_none(shelf: Shelf, made: dict) -> None:
    """Whoever downloads in parts asks first how long the file is; a Range means nothing there."""
    token = {"Authorization": f"Bearer {await shelf.product.token(shelf.world.account_id, None, SCOPES)}"}
    for url, accepted in ((made["url"], "identity"), (made["url"], "gzip"), (f"{made['url']}.gz", "gzip")):
        asked = {"Accept-Encoding": accepted, **token}
        file = await shelf.client.get(url, headers=asked)

        head = await shelf.client.head(url, headers={"Range": "bytes=10-", "If-Range": '"x"', **asked})

        assert (head.status_code, head.content) == (200, b"")
        assert dict(head.headers) == dict(file.headers)
    assert (await shelf.client.head(made["url"])).status_code == 401


async def test_a_packed_file_has_parts_of_its_own(shelf: Shelf, made: dict) -> None:
    """`.csv.gz` is made once, kept beside the file, and goes with it."""
    plain = await shelf.get(made["url"], **{"Accept-Encoding": "identity"})
    whole = await shelf.get(f"{made['url']}.gz")

    rest = await shelf.get(f"{made['url']}.gz", Range="bytes=20-", **{"If-Range": whole.headers["etag"]})
    files = sorted(shelf.files())
    shelf.world.later(hours=25)
    await tidy_exports(shelf.world.instance)

    assert gzip.decompress(whole.content) == plain.content
    assert whole.headers["etag"] != plain.headers["etag"]
    assert (whole.headers["content-type"], rest.status_code) == ("application/gzip", 206)
    assert whole.content[:20] + rest.content == whole.content
    assert files == [files[0], f"{files[0]}.gz"]
    assert shelf.files() == []


async def test_a_job_that_was_killed_begins_anew_and_leaves_no_half_file(shelf: Shelf) -> None:
    """Whoever goes on removes what was half written, and makes the whole file once."""
    await shelf.product.upserted("ada@example.org")
    asked = await shelf.asked_for(kind="SUBSCRIBERS")
    job = number_of(asked["job"]["id"], "Job")
    folder = shelf.world.data / "exports"
    folder.mkdir(mode=0o700)
    (folder / "half").write_bytes(b"email,permission")
    await shelf.world.rows("UPDATE export SET part = 'half' WHERE id = $1", job)
    await shelf.world.rows("UPDATE job SET status = 'RUNNING' WHERE id = $1", job)

    made = await shelf.made(asked)

    assert made is not None
    (name,) = shelf.files()
    assert (name != "half", (folder / name).read_bytes().count(b"\n")) == (True, 2)


async def test_a_job_that_begins_anew_says_so_at_once(shelf: Shelf) -> None:
    """Who watches does not go on reading how far the attempt before was, whose lines are gone."""
    asked = await shelf.asked_for(kind="SUBSCRIBERS")
    job = number_of(asked["job"]["id"], "Job")
    await shelf.world.rows("UPDATE export SET part = 'half' WHERE id = $1", job)
    counts = {"rows": 900, "bytes": 9_000}
    await shelf.world.rows(
        "UPDATE job SET status = 'RUNNING', progress = 0.9, counts = $2 WHERE id = $1", job, counts
    )
    query = "query ($id: ID!) { node(id: $id) { ... on Job { status progress counts } } }"
    seen = []

    async def looked_at(instance, order):
        seen.append((await shelf.product.data(query, {"id": asked["job"]["id"]}))["node"])
        return await subscribers_file(instance, order)

    handler = handler_of({ExportKind.SUBSCRIBERS: looked_at})
    await perform(shelf.world.instance, handler, job, asyncio.Event())

    assert seen == [{"status": "RUNNING", "progress": 0.0, "counts": {}}]


async def test_a_job_that_is_called_off_stops_in_the_middle(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is left in peace, and no file stays."""
    monkeypatch.setattr("app.actions.export_files.SAY_EVERY", 0.0)
    asked = await shelf.asked_for(kind="SUBSCRIBERS")
    written = []

    async def endless(instance, order):
        async def pour(write):
            while True:
                written.append(1)
                await write(b"line\n")
                if len(written) == 2:
                    await shelf.world.rows("UPDATE job SET status = 'CANCELLED'")

        return Pourable(10, pour)

    job = number_of(asked["job"]["id"], "Job")
    await perform(shelf.world.instance, handler_of({ExportKind.SUBSCRIBERS: endless}), job, asyncio.Event())

    (row,) = await shelf.world.rows("SELECT status, progress, counts FROM job")
    assert (row["status"], row["progress"], row["counts"]) == ("CANCELLED", 0.2, {"rows": 2, "bytes": 10})
    assert (len(written), shelf.files()) == (3, [])


async def test_a_copy_that_is_called_off_gives_its_connection_back(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of more attempts than there are connections stops while PostgreSQL is still sending."""
    monkeypatch.setattr("app.actions.export_files.SAY_EVERY", 0.0)
    await shelf.world.send(await shelf.world.mailing(), *(f"p{number}@example.org" for number in range(5)))
    stop = asyncio.Event()
    for _ in range(6):
        asked = await shelf.asked_for(kind="SUBSCRIBERS")
        job = number_of(asked["job"]["id"], "Job")

        async def cancelled(instance, order, job=job):
            found = await subscribers_file(instance, order)

            async def pour(write):
                await shelf.world.rows("UPDATE job SET status = 'CANCELLED' WHERE id = $1", job)
                return await found.pour(write)

            return Pourable(found.lines, pour)

        await perform(shelf.world.instance, handler_of({ExportKind.SUBSCRIBERS: cancelled}), job, stop)

    assert shelf.files() == []
    assert (await shelf.rows(kind="SUBSCRIBERS"))[0]["permission_opens"] == "UNKNOWN"


async def test_a_disk_that_is_full_at_the_end_is_said_too(tmp_path: Path) -> None:
    """What a file still holds back fails when it is finished, and again when it is closed."""

    async def pour() -> None:
        with opened(tmp_path / "part") as file:
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, file._file.fileno())
            os.close(full)
            await file.write(b"a line\n")
            await file.finish()

    with pytest.raises(LimitExceeded):
        await pour()


async def test_a_full_disk_fails_the_export_and_says_so(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the disk is none of the database: trying again for ever would help nobody."""
    await shelf.product.upserted("ada@example.org")

    def full(file, block):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.actions.export_files._put", full)

    made = await shelf.made(await shelf.asked_for(kind="SUBSCRIBERS"))

    assert made is not None
    assert (made["status"], made["url"], shelf.files()) == ("FAILED", None, [])
    assert made["job"]["message"].startswith("The file could not be written: the disk")
