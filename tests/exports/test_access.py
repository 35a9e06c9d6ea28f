"""Everything about one person as a file, for that person: asked for over GraphQL, made by a job, taken over HTTP."""

import io
import json
import zipfile

import pytest

from app.actions.erase import erase
from app.actions.exports import tidy_exports
from app.domain.global_ids import parse_id
from app.domain.modes import Channel
from app.domain.principal import SCOPES
from tests.exports.shelf import ADA, Shelf
from tests.world import PUBLIC_URL, create_account


@pytest.fixture
async def ada(shelf: Shelf) -> str:
    """Somebody who said yes, and was sent a mail that she opened."""
    found = await shelf.product.upserted(ADA, **shelf.product.said_yes(), attributes={"city": "Bern"})
    (message,) = await shelf.world.send(await shelf.world.mailing(), ADA)
    await shelf.world.open(message)
    await shelf.world.drain()
    return found


async def test_an_export_is_made_and_taken(shelf: Shelf, ada: str) -> None:
    """JSON and CSV of everything; the file lies there for its owner alone."""
    asked = await shelf.asked()
    made = await shelf.made(asked, by_queue=True)

    assert (asked["kind"], asked["status"], asked["url"], asked["job"]["kind"]) == (
        "ACCESS",
        "QUEUED",
        None,
        "export",
    )
    assert made is not None
    assert (made["status"], made["url"]) == ("DONE", f"{PUBLIC_URL}/exports/{asked['id']}.zip")
    answer = await shelf.get(made["url"])
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    whole = json.loads(archive.read("everything.json"))
    assert (whole["profile"]["email"], whole["profile"]["attributes"]) == (ADA, {"city": "Bern"})
    assert [len(whole[kind]) for kind in ("permission", "deliveries", "events")] == [2, 1, 1]
    assert {"profile.csv", "permission.csv", "deliveries.csv", "events.csv"} < set(archive.namelist())
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == (
        "no-store",
        "application/zip",
    )
    (path,) = (shelf.world.data / "exports").iterdir()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert ADA.encode() not in path.name.encode()


async def test_the_job_and_the_address_name_nobody(shelf: Shelf, ada: str) -> None:
    asked = await shelf.asked()

    rows = await shelf.world.rows("SELECT arguments, counts, message FROM job")

    assert [tuple(row) for row in rows] == [({}, {}, None)]
    assert parse_id(ada).key not in str(parse_id(asked["id"]))


async def test_a_download_that_broke_off_goes_on(shelf: Shelf, ada: str) -> None:
    """A part is answered with 206, what lies beyond the end with 416, another version with the whole."""
    made = await shelf.made(await shelf.asked())
    assert made is not None
    whole = await shelf.get(made["url"])
    size, version = len(whole.content), whole.headers["etag"]

    rest = await shelf.get(made["url"], Range="bytes=100-", **{"If-Range": version})
    beyond = await shelf.get(made["url"], Range=f"bytes={size}-")
    other = await shelf.get(made["url"], Range="bytes=100-", **{"If-Range": '"another"'})

    assert (rest.status_code, rest.headers["content-range"]) == (206, f"bytes 100-{size - 1}/{size}")
    assert whole.content[:100] + rest.content == whole.content
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert (other.status_code, other.content) == (200, whole.content)


@pytest.mark.parametrize("lacking", ["personal:read", "subscribers:write"])
async def test_asking_and_taking_need_both_scopes(shelf: Shelf, ada: str, lacking: str) -> None:
    made = await shelf.made(await shelf.asked())
    assert made is not None
    given = {"input": {"kind": "ACCESS", "subscriberId": ada}}
    query = "mutation ($input: CreateExportInput!) { createExport(input: $input) { errors { code } } }"

    asked = await shelf.product.ask(query, given, scopes=SCOPES - {lacking})
    taken = await shelf.get(made["url"], SCOPES - {lacking})

    assert asked["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (taken.status_code, taken.json()["code"]) == (403, "FORBIDDEN")
    assert len(await shelf.world.rows("SELECT 1 FROM export")) == 1


async def test_without_a_token_of_the_account_there_is_nothing(shelf: Shelf, ada: str) -> None:
    made = await shelf.made(await shelf.asked())
    assert made is not None
    other = await create_account(shelf.world.instance, "Other")
    token = await shelf.product.token(other, None, SCOPES)

    foreign = await shelf.client.get(made["url"], headers={"Authorization": f"Bearer {token}"})
    nobody = await shelf.client.get(made["url"])

    assert (foreign.status_code, foreign.json()["code"]) == (404, "NOT_FOUND")
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")


async def test_what_cannot_be_exported_says_so(shelf: Shelf) -> None:
    """What ACCESS cannot be narrowed by is refused, and so is a person who is not named, or is nobody."""
    refused = {
        "subscriberId": {},
        "channel": {"channel": "CAMPAIGN"},
        "from": {"from": "2026-01-01T00:00:00Z"},
        "byteOrderMark": {"byteOrderMark": True},
    }

    for path, given in refused.items():
        found = await shelf.product.refused("createExport", {"kind": "ACCESS", **given})
        assert found == [("INVALID_VALUE", [path])]
    unknown = await shelf.product.refused("createExport", {"kind": "ACCESS", "subscriberId": "x"})
    assert unknown == [("NOT_FOUND", ["subscriberId"])]
    assert await shelf.world.rows("SELECT 1 FROM job") == []


async def test_an_export_goes_after_a_day(shelf: Shelf, ada: str) -> None:
    """Its address answers 404 at once; the file goes with the next tidying, and files that belong to none."""
    made = await shelf.made(await shelf.asked())
    assert made is not None
    (shelf.world.data / "exports" / "left").write_bytes(b"by a process that died")
    shelf.world.later(hours=23)
    await tidy_exports(shelf.world.instance)
    kept = shelf.files()

    shelf.world.later(hours=1)
    late, view = await shelf.get(made["url"]), await shelf.node(made)
    await tidy_exports(shelf.world.instance)

    assert (len(kept), shelf.files()) == (1, [])
    assert (late.status_code, view["url"] if view else "") == (404, None)
    assert await shelf.node(made) is None


async def test_an_export_is_erased_with_the_person(shelf: Shelf, ada: str) -> None:
    """Also when the person was merged into another meanwhile: the file follows."""
    made = await shelf.made(await shelf.asked())
    assert made is not None
    await shelf.product.upserted("eve@example.org")
    await shelf.product.done("changeSubscriberEmail", {"subscriberId": ada, "email": "eve@example.org"})
    (row,) = await shelf.world.rows("SELECT id FROM subscriber")
    before = shelf.files()

    async with shelf.world.unit() as unit:
        await erase(unit, row["id"])

    assert (len(before), shelf.files()) == (1, [])
    assert (await shelf.get(made["url"])).status_code == 404
    assert await shelf.world.rows("SELECT 1 FROM export") == []


async def test_a_person_who_is_erased_meanwhile_is_in_no_file(shelf: Shelf, ada: str) -> None:
    asked = await shelf.asked()
    (row,) = await shelf.world.rows("SELECT id FROM subscriber")
    async with shelf.world.unit() as unit:
        await erase(unit, row["id"])

    await shelf.made(asked)

    (job,) = await shelf.world.rows("SELECT status, message FROM job")
    assert (job["status"], job["message"]) == ("FAILED", "The person of this export is not there any more.")
    assert shelf.files() == []


async def test_p7_the_person_gets_what_their_one_to_one_mail_was_met_with(shelf: Shelf, ada: str) -> None:
    """Nothing about a person is kept from that person, whoever sent the mail."""
    async with shelf.world.unit() as unit:
        await unit.connection.execute("UPDATE mailing SET channel = $1", Channel.ONE_TO_ONE.value)

    made = await shelf.made(await shelf.asked())

    assert made is not None
    archive = zipfile.ZipFile(io.BytesIO((await shelf.get(made["url"])).content))
    assert len(json.loads(archive.read("everything.json"))["events"]) == 1


async def test_chains_that_a_merge_has_closed_are_in_the_file(shelf: Shelf, ada: str) -> None:
    """What somebody answered before two addresses turned out to be one person is theirs as well."""
    await shelf.product.upserted("eve@example.org", permission="NO")
    await shelf.product.done("changeSubscriberEmail", {"subscriberId": ada, "email": "eve@example.org"})

    made = await shelf.made(await shelf.asked("eve@example.org"))

    assert made is not None
    archive = zipfile.ZipFile(io.BytesIO((await shelf.get(made["url"])).content))
    lines = json.loads(archive.read("everything.json"))["permission"]
    assert len({line["chain"] for line in lines}) == 2
    said = [(line["to"], line["source"]) for line in lines if line["axis"] == "OPENS"]
    assert said == [("YES", "FORM"), ("NO", "MERGE"), ("NO", "API")]
