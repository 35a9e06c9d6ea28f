"""Uploads that are refused: a clear code, nothing queued, nothing on the disk."""

import pytest

from app.actions.lists import create_list
from app.actions.unit import unit
from app.domain.global_ids import encode_id
from tests.imports.door import SMALL, Door
from tests.world import create_account

FILE = b"email,permission\nann@example.org,no\n"


async def refused(
    door: Door, status: int, code: str, content: bytes | None, **fields: str
) -> dict[str, object]:
    """Uploads, sees the refusal, and that nothing of it stayed."""
    response = await door.post(content, **fields)
    assert (response.status_code, response.json()["code"]) == (status, code)
    await nothing_stayed(door)
    return response.json()


async def nothing_stayed(door: Door) -> None:
    folder = door.world.data / "imports"
    assert await door.world.rows("SELECT 1 FROM job") == []
    assert not folder.exists() or list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "fields", "path"),
    [
        (None, {"source": "shop"}, "file"),
        (b"", {}, "file"),
        (b"name,permission\nAnn,no\n", {}, "file"),
        (b"email,EMAIL\na@example.org,b@example.org\n", {}, "file"),
        (b"\xff\xfe\x00\xd8", {}, "file"),
        (b"email\x81,permission\nann@example.org,no\n", {}, "file"),
        (b"email,DoNotTrack\nann@example.org,true\n", {}, "dialect"),
        (FILE, {"dialect": "do_not_track"}, "dialect"),
        (FILE, {"dialect": "mapp"}, "dialect"),
        (FILE, {"empty_means": "true"}, "empty_means"),
        (FILE, {"given_at": "yesterday"}, "given_at"),
        (FILE, {"dry_run": "perhaps"}, "dry_run"),
        (FILE, {"dryrun": "true"}, "field"),
        (FILE, {"source": "x" * 501}, "source"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    door: Door, content: bytes | None, fields: dict[str, str], path: str
) -> None:
    """422, with the field that is at fault."""
    body = await refused(door, 422, "INVALID_VALUE", content, **fields)

    assert body["path"] == [path]


async def test_a_list_that_is_not_ours_is_not_there(door: Door) -> None:
    """No id, one of another type, an unknown one and another account's: all the same."""
    other = await create_account(door.world.instance, "Other")
    async with unit(door.world.instance, other, "test") as work:
        foreign = await create_list(work, "Foreign")

    for value in (
        "news",
        encode_id("Mailing", door.list_id),
        encode_id("MailingList", 7),
        encode_id("MailingList", foreign),
    ):
        await refused(door, 404, "NOT_FOUND", FILE, list=value)


async def test_too_large_a_file_is_refused(door: Door) -> None:
    """By the length that it states, and by counting where it states none."""
    large = b"email\n" + b"x" * SMALL

    await refused(door, 413, "LIMIT_EXCEEDED", large)

    async def parts():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(5):
            yield b"y" * (SMALL // 4)

    headers = {**door.bearer(), "Content-Type": "multipart/form-data; boundary=x"}
    response = await door.client.post("/imports", content=parts(), headers=headers)
    assert response.status_code == 413
    await nothing_stayed(door)


async def test_a_body_that_is_no_form_is_refused(door: Door) -> None:
    """JSON, a form that is cut off, and one without a boundary."""
    cut = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nemail\na@example.org'
    for kind, content in (
        ("application/json", b'{"file": "email"}'),
        ("multipart/form-data", b"email"),
        ("multipart/form-data; boundary=x", cut),
        ("text/csv", FILE),
    ):
        headers = {**door.bearer(), "Content-Type": kind}
        response = await door.client.post("/imports", content=content, headers=headers)

        assert (response.status_code, response.json()["code"]) == (422, "INVALID_VALUE")
        await nothing_stayed(door)


async def test_a_long_field_is_refused(door: Door) -> None:
    """Only the file may be large."""
    await refused(door, 413, "LIMIT_EXCEEDED", FILE, source="x" * 5_000)


async def test_without_scope_or_token_nothing_is_read(door: Door) -> None:
    """403 with the scope that is missing; 401 with a challenge."""
    forbidden = await door.post(FILE, who="read")
    unknown = await door.client.post("/imports", headers={"Authorization": "Bearer nobody"})
    without = await door.client.post("/imports")

    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "FORBIDDEN")
    assert [each.status_code for each in (unknown, without)] == [401, 401]
    assert without.headers["www-authenticate"] == "Bearer"
    await nothing_stayed(door)


async def test_errors_are_the_accounts_own(door: Door) -> None:
    """Another account's import, a job that is none, an id that is none: 404; no scope: 403."""
    view = await door.run("email\nnobody\n")
    url = f"/imports/{encode_id('Job', view.id)}/errors.csv"
    unreadable = await door.client.get(url, headers=door.bearer("read"))
    missing = [
        (await door.client.get(f"/imports/{value}/errors.csv", headers=door.bearer())).status_code
        for value in ("x", encode_id("Job", 7), encode_id("Mailing", view.id))
    ]

    assert (unreadable.status_code, missing) == (403, [404, 404, 404])
    assert view.errors_url == f"https://track.example.org{url}"
