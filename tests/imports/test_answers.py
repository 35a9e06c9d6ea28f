"""What imported answers become, through `POST /imports` and a real worker."""

import pytest

from app.domain.jobs import JobStatus
from app.domain.ledger import verify_chain
from app.domain.permission import Permission, PermissionChange, PermissionSource
from app.storage import ledger
from tests.imports.door import Door

BACKED = {"source": "the shop's checkout", "given_at": "2026-03-01"}


async def test_c8_an_import_sets_the_permission(door: Door) -> None:
    """Yes, no and unknown in any case, under headers in any case; the list has everybody."""
    view = await door.run(
        "EMAIL;Permission\nAda@Example.org;YES\nbob@example.org;No\neve@example.org;unknown\ndan@example.org;\n",
        **BACKED,
    )

    assert (view.status, view.progress, view.message) == (JobStatus.DONE, 1.0, None)
    assert {name: view.counts[name] for name in ("rows", "landed", "created", "lines", "joined", "errors")} == {
        "rows": 4, "landed": 4, "created": 4, "lines": 4, "joined": 4, "errors": 0,
    }  # fmt: skip
    assert await door.values("ada@example.org") == ("YES", "YES")
    assert await door.values("bob@example.org") == ("NO", "NO")
    assert await door.values("eve@example.org") == ("UNKNOWN", "UNKNOWN")
    assert await door.values("dan@example.org") == ("UNKNOWN", "UNKNOWN")
    assert [await door.place(f"{name}@example.org") for name in ("ada", "dan")] == ["SUBSCRIBED"] * 2


async def test_c8_an_axis_of_its_own_wins(door: Door) -> None:
    """`permission` speaks for both axes, and a column of one axis beats it."""
    await door.run(
        "email,permission,permission_opens,permission_clicks\n"
        "a@example.org,yes,,no\nb@example.org,,no,\nc@example.org,no,yes,unknown\n",
        **BACKED,
    )

    assert await door.values("a@example.org") == ("YES", "NO")
    assert await door.values("b@example.org") == ("NO", "UNKNOWN")
    assert await door.values("c@example.org") == ("YES", "NO")


async def test_m6_do_not_track_is_the_other_way_round(door: Door) -> None:
    """True and 1 are a no, false and 0 a yes, in any case; an empty cell changes nothing."""
    await door.run(
        "email,DONOTTRACK\na@example.org,TRUE\nb@example.org,1\nc@example.org,False\nd@example.org,0\ne@example.org,\n",
        dialect="do_not_track",
        **BACKED,
    )

    assert [await door.values(f"{name}@example.org") for name in "abcde"] == [
        ("NO", "NO"),
        ("NO", "NO"),
        ("YES", "YES"),
        ("YES", "YES"),
        ("UNKNOWN", "UNKNOWN"),
    ]


async def test_m7_empty_means_false_where_it_is_chosen(door: Door) -> None:
    """An empty cell is then a yes, for who never answered; a no given to us stays."""
    await door.world.subscriber("no@example.org", PermissionChange.NO)
    await person_says_no(door, "kept@example.org")

    view = await door.run(
        "email,DoNotTrack\nnew@example.org,\nkept@example.org,\nno@example.org,\n",
        dialect="do_not_track",
        empty_means="false",
        **BACKED,
    )

    assert await door.values("new@example.org") == ("YES", "YES")
    assert await door.values("kept@example.org") == ("NO", "NO")
    assert await door.values("no@example.org") == ("NO", "NO")
    assert await door.codes(view) == [
        ("3", "permission", "REFUSAL_KEPT"),
        ("4", "permission", "REFUSAL_KEPT"),
    ]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"dialect": "permission", "empty_means": "false", **BACKED}, "empty_means"),
        ({"dialect": "do_not_track", "empty_means": "false", "source": "shop"}, "empty_means"),
        ({"dialect": "do_not_track", "empty_means": "false", "given_at": "2026-03-01"}, "empty_means"),
    ],
)
async def test_m7_empty_means_false_needs_its_evidence(door: Door, fields: dict[str, str], path: str) -> None:
    """It is refused in another dialect, and without source and date; nothing is queued."""
    response = await door.post(b"email,DoNotTrack\na@example.org,\n", **fields)

    assert (response.status_code, response.json()["code"]) == (422, "INVALID_VALUE")
    assert response.json()["path"] == [path]
    assert await door.world.rows("SELECT 1 FROM job") == []


async def test_a_missing_column_changes_nothing(door: Door) -> None:
    """Under empty_means=false too, only an empty cell means something, not a file without the column."""
    await door.world.subscriber("ada@example.org", PermissionChange.NO)

    view = await door.run(
        "email,name\nada@example.org,Ada\nnew@example.org,New\n",
        dialect="do_not_track",
        empty_means="false",
        **BACKED,
    )

    assert view.counts["lines"] == 0
    assert await door.values("ada@example.org") == ("NO", "NO")
    assert await door.values("new@example.org") == ("UNKNOWN", "UNKNOWN")
    assert (await door.person("ada@example.org")).attributes == {"name": "Ada"}


async def test_a_yes_needs_its_evidence(door: Door) -> None:
    """Without source or date a yes does not count and says so; a no counts, and so does the rest of the row."""
    view = await door.run(
        "email,permission,permission_source,permission_date,city\n"
        "a@example.org,yes,shop,,Bern\nb@example.org,yes,,2026-03-01,Bonn\n"
        "c@example.org,no,,,Graz\nd@example.org,yes,shop,2026-03-01,Linz\n"
    )

    assert await door.codes(view) == [
        ("2", "permission", "EVIDENCE_MISSING"),
        ("3", "permission", "EVIDENCE_MISSING"),
    ]
    assert [await door.values(f"{name}@example.org") for name in "abcd"] == [
        ("UNKNOWN", "UNKNOWN"),
        ("UNKNOWN", "UNKNOWN"),
        ("NO", "NO"),
        ("YES", "YES"),
    ]
    assert (await door.person("a@example.org")).attributes == {"city": "Bern"}


async def test_every_answer_is_a_sealed_line(door: Door) -> None:
    """Lines say IMPORT, hold the date and the source in free words, and their chain proves itself."""
    await door.world.subscriber("ada@example.org", PermissionChange.NO)
    door.world.later(minutes=1)

    await door.run(
        "email,permission,permission_source,permission_date\n"
        f"ada@example.org,yes,Messe Köln,{door.world.now[0].isoformat()}\nnew@example.org,no,,2026-03-01T10:00:00+02:00\n"
    )

    for email, length in (("ada@example.org", 4), ("new@example.org", 2)):
        person = await door.person(email)
        async with door.world.instance.database.connection() as connection:
            lines = await ledger.page(connection, door.world.account_id, person.id, after=0, limit=10)
        (row,) = await door.world.rows(
            "SELECT ledger_head, ledger_length FROM subscriber WHERE id = $1", person.id
        )
        keys = door.world.instance.account_keys[door.world.account_id]
        assert row["ledger_length"] == length
        assert verify_chain(lines, keys.ledger, row["ledger_head"], length) == []
        assert lines[-1].line.source is PermissionSource.IMPORT
        assert lines[-1].line.by_person is False
        if email.startswith("ada"):
            assert lines[-1].line.note.text == "Messe Köln"
            assert lines[-1].line.to_value is Permission.YES
        else:
            assert lines[-1].line.person_time.isoformat() == "2026-03-01T08:00:00+00:00"
            assert lines[-1].line.note is None


async def test_a_no_by_the_person_is_never_lifted(door: Door) -> None:
    """However late the yes is dated; the row says why, and nothing of the ledger changed."""
    await person_says_no(door, "ada@example.org")
    before = await door.lines("ada@example.org")
    door.world.later(days=2)

    view = await door.run(
        "email,permission\nada@example.org,yes\n", source="shop", given_at=door.world.now[0].isoformat()
    )

    assert await door.codes(view) == [("2", "permission", "REFUSAL_KEPT")]
    assert await door.lines("ada@example.org") == before


async def test_the_same_address_twice_is_one_person(door: Door) -> None:
    """Rows are applied in their order, whatever the spelling."""
    view = await door.run(
        "email,permission,permission_date\nada@example.org,yes,2026-03-01\nADA@example.org,no,2026-03-02\n"
        "ada@EXAMPLE.org,yes,2026-03-01\n",
        source="shop",
    )

    assert (view.counts["created"], view.counts["lines"]) == (1, 4)
    assert await door.values("ada@example.org") == ("NO", "NO")
    assert await door.codes(view) == [("4", "permission", "REFUSAL_KEPT")]


async def test_importing_again_changes_nothing(door: Door) -> None:
    """The same file twice adds no line and no person."""
    content = "email,permission,name\nada@example.org,yes,Ada\nbob@example.org,no,Bob\n"
    await door.run(content, **BACKED)

    view = await door.run(content, **BACKED)

    assert {name: view.counts[name] for name in ("created", "changed", "lines", "joined")} == {
        "created": 0, "changed": 0, "lines": 0, "joined": 0,
    }  # fmt: skip


async def person_says_no(door: Door, email: str) -> None:
    """The person answers at one of our doors."""
    from app.actions import answers, people
    from app.domain.addresses import normalise
    from app.domain.permission import answer_of_person

    async with door.world.unit() as unit:
        row = (await people.found_or_made(unit, [normalise(email)]))[email]
        source = PermissionSource.PREFERENCE_CENTER
        states = answers.changed(
            row, lambda state, _axis: answer_of_person(state, Permission.NO, source, unit.now)
        )
        await answers.write(unit, row, states, source)
