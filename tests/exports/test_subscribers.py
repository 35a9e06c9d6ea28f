"""The file of subscribers: permission as it stands now, attributes as columns, of all, of a list, of a segment (C9)."""

from datetime import timedelta

from app.actions.lists import create_list
from app.domain.global_ids import encode_id
from app.domain.permission import PermissionChange
from app.domain.principal import SCOPES
from tests.exports.shelf import Shelf
from tests.graphql_schema.product import IMPERSONAL

YES, NO = PermissionChange.YES, PermissionChange.NO
HEADER = "email,permission_opens,permission_clicks,reason,since"
MANY = """
INSERT INTO subscriber (id, account_id, address_id, address, attributes, created_at, opens_value, opens_by_person, opens_hash,
  clicks_value, clicks_by_person, clicks_hash, changed_at, ledger_length, ledger_head)
SELECT md5(n::text)::uuid, account_id, md5(n::text)::uuid, 'p' || n || '@example.org', attributes, created_at, opens_value,
  opens_by_person, opens_hash, clicks_value, clicks_by_person, clicks_hash, changed_at, 0, ledger_head
FROM subscriber, generate_series(1, 1500) AS n
"""
PERMISSION = """{ subscribers(first: 50) { edges { node { email
  permission { opens { value reason since } clicks { value reason since } } } } } }"""


async def test_c9_the_file_has_permission_and_attributes(shelf: Shelf) -> None:
    """One column for each attribute that anybody has, by name; what somebody has not is empty."""
    at = shelf.world.now[0].isoformat()
    yes = shelf.product.said_yes()
    await shelf.product.upserted(
        "ada@example.org", **yes, attributes={"city": "Bern, CH", "age": 41, "vip": True}
    )
    await shelf.product.upserted(
        "joe@example.org", attributes={"city": "=1+1", "note": None, "tags": ["a", 1]}
    )
    await shelf.product.upserted("eve@example.org", opens="NO", source="API", at=at)

    text = await shelf.text(kind="SUBSCRIBERS")

    first, *lines = text.splitlines()
    assert first == f"{HEADER},age,city,note,tags,vip"
    assert sorted(lines) == [
        f'ada@example.org,YES,YES,,{at},41,"Bern, CH",,,true',
        f"eve@example.org,NO,UNKNOWN,DENIED NEVER_ASKED,{at},,,,,",
        'joe@example.org,UNKNOWN,UNKNOWN,NEVER_ASKED,,,\'=1+1,,"[""a"", 1]",',
    ]


async def test_c9_a_yes_that_has_run_out_is_lapsed(shelf: Shelf) -> None:
    """The file says of each answer what GraphQL says of it."""
    await shelf.world.settings(permission_lifetime_days=30)
    await shelf.world.subscriber("old@example.org", YES)
    shelf.world.later(days=20)
    await shelf.world.subscriber("new@example.org", YES)
    shelf.world.later(days=11)

    rows = {row["email"]: row for row in await shelf.rows(kind="SUBSCRIBERS")}
    data = await shelf.product.data(PERMISSION)

    assert (rows["old@example.org"]["permission_opens"], rows["old@example.org"]["reason"]) == (
        "UNKNOWN",
        "LAPSED",
    )
    for edge in data["subscribers"]["edges"]:
        row, said = rows[edge["node"]["email"]], edge["node"]["permission"]
        assert (row["permission_opens"], row["permission_clicks"], row["reason"] or None) == (
            said["opens"]["value"],
            said["clicks"]["value"],
            said["opens"]["reason"],
        )
        assert row["since"].replace("+00:00", "Z") == said["opens"]["since"].replace("+00:00", "Z")


async def test_c9_a_rare_attribute_has_its_column(shelf: Shelf) -> None:
    """Of more people than are looked at first, the last one alone has it."""
    await shelf.product.upserted("ada@example.org", attributes={"city": "Bern"})
    await shelf.world.rows(MANY)
    await shelf.product.upserted("zoe@example.org", attributes={"rare": "=yes"})

    rows = {row["email"]: row for row in await shelf.rows(kind="SUBSCRIBERS")}

    assert (len(rows), rows["zoe@example.org"]["rare"], rows["ada@example.org"]["rare"]) == (
        1_502,
        "'=yes",
        "",
    )


async def test_c9_a_list_has_who_is_on_it(shelf: Shelf) -> None:
    """Who left it, or was never on it, is not in its file."""
    async with shelf.world.unit() as unit:
        on = encode_id("MailingList", await create_list(unit, "News"))
    await shelf.product.upserted("on@example.org", lists=[on])
    await shelf.product.upserted("off@example.org", lists=[on])
    await shelf.product.upserted("never@example.org")
    await shelf.world.rows(
        "UPDATE membership SET status = 'UNSUBSCRIBED' WHERE subscriber_id = "
        "(SELECT id FROM subscriber WHERE address = 'off@example.org')"
    )

    rows = await shelf.rows(kind="SUBSCRIBERS", listId=on)

    assert [row["email"] for row in rows] == ["on@example.org"]


async def test_c9_a_segment_has_whom_it_takes(shelf: Shelf) -> None:
    """Those who opened, and not those of whom nobody knows; on a list besides, where one is named."""
    async with shelf.world.unit() as unit:
        on = encode_id("MailingList", await create_list(unit, "News"))
    for email in ("ada@example.org", "ben@example.org"):
        await shelf.product.upserted(email, **shelf.product.said_yes(), attributes={"city": "Bern"})
    await shelf.product.upserted("ada@example.org", lists=[on])
    messages = await shelf.world.send(
        await shelf.world.mailing(), "ada@example.org", "ben@example.org", "joe@example.org"
    )
    for message in messages[:2]:
        await shelf.world.open(message)
    await shelf.world.drain()
    given = {"name": "Openers", "rule": {"opened": {"withinDays": 30}}}
    segment = (await shelf.product.done("createSegment", given, "segment { id }"))["segment"]["id"]

    taken = await shelf.rows(kind="SUBSCRIBERS", segmentId=segment)
    both = await shelf.rows(kind="SUBSCRIBERS", segmentId=segment, listId=on)
    query = "mutation ($input: CreateExportInput!) { createExport(input: $input) { errors { code } } }"
    asked = {"input": {"kind": "SUBSCRIBERS", "segmentId": segment}}
    refused = await shelf.product.ask(query, asked, scopes=SCOPES - {"personal:read"})

    assert sorted((row["email"], row["city"]) for row in taken) == [
        ("ada@example.org", "Bern"),
        ("ben@example.org", "Bern"),
    ]
    assert [row["email"] for row in both] == ["ada@example.org"]
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_without_personal_read_the_file_names_nobody(shelf: Shelf) -> None:
    """Answers are shown, as on the subscriber's page; addresses and attributes are not."""
    await shelf.product.upserted("ada@example.org", attributes={"city": "Bern"})

    text = await shelf.text(IMPERSONAL, kind="SUBSCRIBERS")

    assert text == f"{HEADER}\nAnonymized contact,UNKNOWN,UNKNOWN,NEVER_ASKED,\n"


async def test_without_personal_read_no_line_is_found_by_its_time_or_its_list(shelf: Shelf) -> None:
    """Whoever puts an address on a list of its own, or gives an answer an odd time, would find it in the file."""
    alone = await shelf.product.done("createList", {"name": "Alone"}, "list { id }")
    listed = alone["list"]["id"]
    odd = {**shelf.product.said_yes(), "at": "2020-02-02T02:02:02Z"}
    await shelf.product.upserted("ada@example.org", lists=[listed], **odd)
    segment = {"name": "Alone", "rule": {"membership": {"listId": listed}}}
    taken = (await shelf.product.done("createSegment", segment, "segment { id }"))["segment"]["id"]

    text = await shelf.text(IMPERSONAL, kind="SUBSCRIBERS")

    assert text == f"{HEADER}\nAnonymized contact,YES,YES,,\n"
    for narrowed in ({"listId": listed}, {"segmentId": taken}):
        given = {"input": {"kind": "SUBSCRIBERS", **narrowed}}
        refused = await shelf.product.ask(ASK, given, scopes=IMPERSONAL)
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_without_personal_read_no_line_is_found_by_its_place(shelf: Shelf) -> None:
    """Writing at an address moves its row in the table, and the lines stand as before: by what they say."""
    await shelf.product.upserted("ada@example.org", permission="NO")
    await shelf.product.upserted("ben@example.org", **shelf.product.said_yes())
    await shelf.product.upserted("cid@example.org")
    before = await shelf.text(IMPERSONAL, kind="SUBSCRIBERS")

    await shelf.product.upserted("ada@example.org", attributes={"city": "Bern"})
    after = await shelf.text(IMPERSONAL, kind="SUBSCRIBERS")

    assert [line.split(",")[1] for line in after.splitlines()[1:]] == ["NO", "UNKNOWN", "YES"]
    assert after == before


async def test_what_was_made_with_personal_read_is_taken_with_it(shelf: Shelf) -> None:
    await shelf.product.upserted("ada@example.org")
    made = await shelf.made(await shelf.asked_for(kind="SUBSCRIBERS"))
    assert made is not None

    refused = await shelf.get(made["url"], SCOPES - {"personal:read"})
    lacking = await shelf.get(made["url"], SCOPES - {"subscribers:read"})

    assert (refused.status_code, lacking.status_code) == (403, 403)


ASK = "mutation ($input: CreateExportInput!) { createExport(input: $input) { errors { code } } }"
LINES = """{ permissionChanges(first: 50) { edges { node {
  number axis from to personTime serverTime source actor hash previousHash } } } }"""


async def test_the_ledger_is_the_feed(shelf: Shelf) -> None:
    """Every settled line in the order of the feed, with its hashes; of one person where one is named."""
    ada = await shelf.product.upserted("ada@example.org", **shelf.product.said_yes())
    await shelf.product.upserted("ben@example.org", permission="NO")
    shelf.world.later(minutes=1)

    text = await shelf.text(kind="LEDGER")
    rows = await shelf.rows(kind="LEDGER")
    own = await shelf.rows(kind="LEDGER", subscriberId=ada)
    data = await shelf.product.data(LINES)

    nodes = [edge["node"] for edge in data["permissionChanges"]["edges"]]
    assert text.partition("\n")[0] == (
        "server_time,subscriber_id,number,axis,from,to,reason,person_time,source,actor,wording_id,merged_head,"
        "previous_hash,hash"
    )
    assert [
        (row["number"], row["axis"], row["to"], row["source"], row["actor"], row["hash"]) for row in rows
    ] == [
        (str(each["number"]), each["axis"], each["to"], each["source"], each["actor"], each["hash"])
        for each in nodes
    ]
    assert [row["previous_hash"] or None for row in rows] == [each["previousHash"] for each in nodes]
    assert {row["subscriber_id"] for row in own} == {ada}
    assert (len(rows), len(own)) == (4, 2)


async def test_the_ledger_is_for_those_who_see_people(shelf: Shelf) -> None:
    """A line says whose it is and when it was written, so who wrote it would know at which address."""
    ada = await shelf.product.upserted("ada@example.org", permission="NO")
    shelf.world.later(minutes=1)

    for narrowed in ({}, {"subscriberId": ada}):
        refused = await shelf.product.ask(ASK, {"input": {"kind": "LEDGER", **narrowed}}, scopes=IMPERSONAL)
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await shelf.world.rows("SELECT FROM export") == []


async def test_the_ledger_of_a_time(shelf: Shelf) -> None:
    """From this time on, until before that one; what is not settled waits for the next file."""
    began = shelf.world.now[0]
    for number in range(3):
        await shelf.product.upserted(f"p{number}@example.org", permission="NO")
        shelf.world.later(minutes=1)
    await shelf.product.upserted("now@example.org", permission="NO")

    span = {
        "from": (began + timedelta(minutes=1)).isoformat(),
        "to": (began + timedelta(minutes=2)).isoformat(),
    }
    whole, narrow = await shelf.rows(kind="LEDGER"), await shelf.rows(kind="LEDGER", **span)

    assert (len(whole), len(narrow)) == (6, 2)


async def test_what_cannot_be_made_says_so(shelf: Shelf) -> None:
    """Whoever narrows an export must not get a wider one, and what is not there is not found."""
    day = "2026-01-02T00:00:00Z"
    mailing, on, segment = encode_id("Mailing", 1), encode_id("MailingList", 1), encode_id("Segment", 1)
    refused = [
        ({"kind": "CAMPAIGN"}, ("INVALID_VALUE", "mailingId")),
        ({"kind": "CAMPAIGN", "mailingId": mailing, "listId": on}, ("INVALID_VALUE", "listId")),
        ({"kind": "EVENT_LOG"}, ("INVALID_VALUE", "channel")),
        ({"kind": "SUBSCRIBERS", "from": day}, ("INVALID_VALUE", "from")),
        ({"kind": "LEDGER", "segmentId": segment}, ("INVALID_VALUE", "segmentId")),
        ({"kind": "LEDGER", "from": day, "to": day}, ("INVALID_VALUE", "to")),
        ({"kind": "CAMPAIGN", "mailingId": mailing}, ("NOT_FOUND", "mailingId")),
        ({"kind": "SUBSCRIBERS", "listId": on}, ("NOT_FOUND", "listId")),
        ({"kind": "SUBSCRIBERS", "segmentId": segment}, ("NOT_FOUND", "segmentId")),
    ]

    for given, (code, path) in refused:
        assert await shelf.product.refused("createExport", given) == [(code, [path])]
    assert await shelf.world.rows("SELECT 1 FROM job") == []
