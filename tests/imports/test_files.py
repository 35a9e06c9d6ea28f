"""How a file may be written: encodings, delimiters, quotes, line ends; and what is said of rows that are wrong."""

import codecs

import pytest

from app.disclosure.jobs import jobs_by_id
from app.disclosure.reader import Reader
from app.domain.jobs import JobStatus
from app.domain.principal import SCOPES, Principal
from tests.imports.door import Door

BACKED = {"source": "shop", "given_at": "2026-03-01"}
PLAIN = "email,permission,city\nann@example.org,yes,Zürich\nbob@example.org,no,Köln\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PLAIN.encode(), "utf-8"),
        (codecs.BOM_UTF8 + PLAIN.encode(), "utf-8-sig"),
        (PLAIN.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), "utf-16"),
        (PLAIN.encode("utf-16-le"), "utf-16-le"),
        (PLAIN.encode("utf-16-be"), "utf-16-be"),
        (PLAIN.encode("cp1252"), "cp1252"),
    ],
)
async def test_every_usual_encoding_is_read(door: Door, content: bytes, encoding: str) -> None:
    """The result says which one it was, and letters outside ASCII arrive."""
    view = await door.run(content, **BACKED)

    assert (view.counts["encoding"], view.counts["errors"]) == (encoding, 0)
    assert (await door.person("ann@example.org")).attributes == {"city": "Zürich"}
    assert await door.values("bob@example.org") == ("NO", "NO")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_every_usual_delimiter_is_found(door: Door, delimiter: str, end: str) -> None:
    """A quoted cell may hold the delimiter, quotes and line breaks; blank lines are left out."""
    rows = [
        ["name", "email", "permission"],
        ['"Ann, ""the"" ; one|two"', "ann@example.org", "yes"],
        [],
        [f'"Bob{end}Smith"', "bob@example.org", "no"],
    ]

    view = await door.run(end.join(delimiter.join(row) for row in rows), **BACKED)

    assert (view.counts["delimiter"], view.counts["landed"], view.counts["errors"]) == (delimiter, 2, 0)
    assert (await door.person("ann@example.org")).attributes == {"name": 'Ann, "the" ; one|two'}
    assert (await door.person("bob@example.org")).attributes == {"name": f"Bob{end}Smith"}


async def test_wrong_rows_and_cells_are_named_and_the_rest_lands(door: Door) -> None:
    """Each flaw names row, column and reason, and repeats no cell; good rows and good columns land."""
    view = await door.run(
        "email,permission_opens,permission_clicks,permission_date,=city\n"
        "nobody,yes,yes,,Bern\n"
        "ann@example.org,maybe,no,,Bonn\n"
        "bob@example.org,yes,yes\n"
        "eve@example.org,yes,no,yesterday,Graz\n"
        "dan@example.org,yes,yes,2099-01-01,Linz\n",
        source="shop",
    )

    lines = await door.errors(view)
    assert [tuple(line.split(",")[:3]) for line in lines] == [
        ("2", "email", "INVALID_EMAIL"),
        ("3", "permission_opens", "INVALID_VALUE"),
        ("4", "", "MALFORMED_ROW"),
        ("5", "permission_date", "INVALID_DATE"),
        ("5", "permission_opens", "EVIDENCE_MISSING"),
        ("6", "permission", "EVIDENCE_MISSING"),
    ]
    assert (view.counts["rows"], view.counts["landed"], view.counts["rejected"]) == (5, 3, 2)
    assert await door.values("ann@example.org") == ("UNKNOWN", "NO")
    assert await door.values("eve@example.org") == ("UNKNOWN", "NO")
    assert await door.values("dan@example.org") == ("UNKNOWN", "UNKNOWN")
    assert (await door.person("ann@example.org")).attributes == {"=city": "Bonn"}
    assert not any(word in "".join(lines) for word in ("maybe", "yesterday", "Bern", "ann@", "eve@"))


async def test_an_unreadable_word_never_lets_a_yes_through(door: Door) -> None:
    """With a yes for both axes beside it, that axis stays open; with a no it is a no."""
    view = await door.run(
        "email,permission,permission_clicks\na@example.org,yes,nope\nb@example.org,no,nope\n", **BACKED
    )

    assert await door.values("a@example.org") == ("YES", "UNKNOWN")
    assert await door.values("b@example.org") == ("NO", "NO")
    assert [row[1] for row in await door.codes(view)] == ["permission_clicks"] * 2


async def test_errors_are_no_formulas(door: Door) -> None:
    """A column's name comes from the file, so it is made harmless for spreadsheets."""
    view = await door.run("+email,email,=permission_source,permission_source\nx,a@example.org,,y\n")
    wrong = await door.run("email,DoNotTrack\na@example.org,=1+1\n", dialect="do_not_track")

    assert view.counts["errors"] == 0
    assert (await door.errors(wrong))[0].startswith("2,DoNotTrack,INVALID_VALUE,")


async def test_a_dry_run_is_no_look_up(door: Door) -> None:
    """Whoever sees no people learns what is wrong with the file, and not who is known, refused, or on the list."""
    await door.run("email,permission\nann@example.org,no\n", **BACKED)
    unseeing = Reader(
        door.world.instance,
        Principal(door.world.account_id, 1, None, SCOPES - {"personal:read"}),
    )

    told, seen = [], []
    for email in ("ann@example.org", "bob@example.org"):
        view = await door.run(f"email,permission\n{email},yes\nnobody,yes\n", dry_run="true", **BACKED)
        hidden = (await jobs_by_id(unseeing, [view.id]))[view.id]
        told.append((hidden.counts, await door.codes(view, "unseeing")))
        seen.append((view.counts["created"], await door.codes(view)))

    wrong = ("3", "email", "INVALID_EMAIL")
    assert told[0] == told[1]
    assert told[0] == ({"rows": 2, "encoding": "utf-8", "delimiter": ",", "dryRun": True}, [wrong])
    assert seen == [(0, [("2", "permission", "REFUSAL_KEPT"), wrong]), (1, [wrong])]


async def test_a_dry_run_changes_nothing(door: Door) -> None:
    """It counts what would happen, keeps the errors for download, and writes no person, line or membership."""
    view = await door.run(PLAIN + "nobody,yes,Rom\n", dry_run="true", **BACKED)

    assert (view.status, view.counts["dryRun"]) == (JobStatus.DONE, True)
    assert (view.counts["created"], view.counts["lines"], view.counts["joined"]) == (2, 4, 2)
    assert await door.codes(view) == [("4", "email", "INVALID_EMAIL")]
    written = await door.world.rows(
        "SELECT id FROM subscriber UNION ALL SELECT subscriber_id FROM permission_line "
        "UNION ALL SELECT subscriber_id FROM membership"
    )
    assert written == []


async def test_who_left_the_list_stays_off(door: Door) -> None:
    """An import puts nobody back who left; the row says so, and the answer lands all the same."""
    await door.run("email\nann@example.org\n")
    ann = await door.person("ann@example.org")
    from app.actions.lists import leave

    async with door.world.unit() as unit:
        await leave(unit, ann.id, None)

    view = await door.run("email,permission\nann@example.org,no\n")

    assert await door.place("ann@example.org") == "UNSUBSCRIBED"
    assert await door.codes(view) == [("2", "", "LEFT_LIST")]
    assert await door.values("ann@example.org") == ("NO", "NO")


async def test_the_file_is_gone_afterwards(door: Door) -> None:
    """An upload holds addresses: it lies in a folder of its owner alone, and only until its import has ended."""
    folder = door.world.data / "imports"
    response = await door.post(PLAIN.encode(), **BACKED)
    (waiting,) = folder.iterdir()
    modes = oct(waiting.stat().st_mode & 0o777), oct(folder.stat().st_mode & 0o777)

    from app.domain.global_ids import number_of

    await door.ended(number_of(response.json()["id"], "Job"))

    assert modes == ("0o600", "0o700")
    assert list(folder.iterdir()) == []
