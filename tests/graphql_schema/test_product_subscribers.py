"""Subscribers over GraphQL: made, found, and paged."""

from base64 import urlsafe_b64decode
from uuid import uuid4

from app.domain.person_links import HandedPreferencesLink
from app.domain.principal import SCOPES
from app.sealing.links import open_preferences
from graphql_schema.connections import encode_cursor
from graphql_schema.ids import encode_id
from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import Product
from tests.world import create_account

PERMISSION = "opens { value reason since source } clicks { value reason since source }"
PAGE = """query ($first: Int, $after: String, $filter: SubscriberFilter, $orderBy: SubscriberOrder) {
  subscribers(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    edges { cursor node { id email } } pageInfo { hasNextPage endCursor } totalCount totalCountCapped } }"""


async def test_a_new_address_becomes_a_subscriber_that_was_never_asked(product: Product) -> None:
    below = (
        f"subscriber {{ email attributes createdAt permission {{ {PERMISSION} }} memberships {{ status }} }}"
    )
    given = {"email": " Ada@Example.ORG ", "attributes": {"name": "Ada", "tier": 3}}

    payload = await product.done("upsertSubscriber", given, below)

    never = {"value": "UNKNOWN", "reason": "NEVER_ASKED", "since": None, "source": None}
    assert payload["subscriber"] == {
        "email": "ada@example.org",
        "attributes": {"name": "Ada", "tier": 3},
        "createdAt": write_datetime(product.world.now[0]),
        "permission": {"opens": never, "clicks": never},
        "memberships": [],
    }


async def test_lists_are_joined_and_attributes_merged(product: Product) -> None:
    made = await product.done("createList", {"name": " News "}, "list { id name }")
    news = made["list"]["id"]
    await product.upserted("ada@example.org", attributes={"name": "Ada"}, lists=[news])
    below = "subscriber { attributes memberships { status list { id name } } }"

    payload = await product.done(
        "upsertSubscriber", {"email": "ada@example.org", "attributes": {"age": 36}}, below
    )

    assert made["list"]["name"] == "News"
    assert payload["subscriber"] == {
        "attributes": {"name": "Ada", "age": 36},
        "memberships": [{"status": "SUBSCRIBED", "list": {"id": news, "name": "News"}}],
    }


async def test_what_an_upsert_refuses(product: Product) -> None:
    """Each with its code and its path; and nobody was made by it."""
    email = {"email": "ada@example.org"}
    foreign = encode_id("MailingList", 7)
    for given, expected in (
        ({"email": "no address"}, ("INVALID_EMAIL", ["email"])),
        ({**email, "permission": None}, ("NULL_NOT_ALLOWED", ["permission"])),
        ({**email, "opens": None}, ("NULL_NOT_ALLOWED", ["opens"])),
        ({**email, "clicks": None}, ("NULL_NOT_ALLOWED", ["clicks"])),
        ({**email, "attributes": ["a", "list"]}, ("INVALID_VALUE", ["attributes"])),
        ({**email, "lists": [foreign]}, ("NOT_FOUND", ["lists"])),
        ({**email, "lists": ["nonsense"]}, ("NOT_FOUND", ["lists", "0"])),
        ({**email, "wordingId": encode_id("Wording", 7)}, ("NOT_FOUND", ["wordingId"])),
    ):
        assert await product.refused("upsertSubscriber", given) == [expected]

    assert (await product.data(PAGE))["subscribers"]["edges"] == []


async def test_a_refused_answer_leaves_the_rest_of_an_upsert(product: Product) -> None:
    """The subscriber is made, a YES without evidence is reported, and a NO counts whatever its source is."""
    below = "subscriber { permission { opens { value source } } }"

    yes = await product.change("upsertSubscriber", {"email": "ada@example.org", "permission": "YES"}, below)
    no = await product.change(
        "upsertSubscriber",
        {"email": "bea@example.org", "permission": "NO", "source": "ONE_CLICK"},
        below,
    )

    assert [(error["code"], error["path"]) for error in yes["errors"]] == [
        ("EVIDENCE_MISSING", ["permission"])
    ]
    assert yes["subscriber"]["permission"]["opens"] == {"value": "UNKNOWN", "source": None}
    assert [(error["code"], error["path"]) for error in no["errors"]] == [("INVALID_SOURCE", ["source"])]
    assert no["subscriber"]["permission"]["opens"] == {"value": "NO", "source": "API"}


async def test_null_means_nothing_where_it_is_no_answer(product: Product) -> None:
    given = {
        "email": "ada@example.org",
        "attributes": None,
        "lists": None,
        "source": None,
        "at": None,
        "locale": None,
    }

    payload = await product.done("upsertSubscriber", given, "subscriber { attributes }")

    assert payload["subscriber"] == {"attributes": {}}


async def test_one_subscriber_is_found_by_id_and_by_address(product: Product) -> None:
    subscriber = await product.upserted("ada@example.org")

    by_id = await product.data("query ($id: ID) { subscriber(id: $id) { email } }", {"id": subscriber})
    by_address = await product.data('{ subscriber(email: "ADA@Example.org") { id } }')
    unknown = await product.data('{ subscriber(email: "bob@example.org") { id } }')
    nonsense = await product.data('{ subscriber(email: "nonsense") { id } }')
    neither = await product.ask("{ subscriber { id } }")

    assert by_id == {"subscriber": {"email": "ada@example.org"}}
    assert by_address == {"subscriber": {"id": subscriber}}
    assert unknown == nonsense == {"subscriber": None}
    assert neither["errors"][0]["extensions"] == {
        "code": "BAD_USER_INPUT",
        "reason": "INVALID_VALUE",
        "input": "id",
    }


async def test_pages_by_address_hold_no_address_in_their_cursors(product: Product) -> None:
    for name in ("dan", "ada", "cid", "bob", "eve"):
        await product.upserted(f"{name}@example.org")
    emails: list[str] = []
    after = None
    for size in (2, 2, 1):
        page = (await product.data(PAGE, {"first": 2, "after": after, "orderBy": "EMAIL"}))["subscribers"]
        assert len(page["edges"]) == size
        assert page["totalCount"] == 5
        assert not page["totalCountCapped"]
        after = page["pageInfo"]["endCursor"]
        assert "@" not in urlsafe_b64decode(after + "==").decode()
        emails += [edge["node"]["email"][:3] for edge in page["edges"]]

    assert emails == ["ada", "bob", "cid", "dan", "eve"]
    assert not page["pageInfo"]["hasNextPage"]


async def test_pages_by_address_go_on_from_somebody_who_left_their_place(product: Product) -> None:
    """Nobody is skipped, and no page ends early, where whoever stood at its end is erased or has moved away."""
    people = {
        name: await product.upserted(f"{name}@example.org") for name in ("ada", "bob", "cid", "dan", "eve")
    }
    first = (await product.data(PAGE, {"first": 2, "orderBy": "EMAIL"}))["subscribers"]
    second = (await product.data(PAGE, {"first": 3, "orderBy": "EMAIL"}))["subscribers"]

    await product.done("eraseSubscriber", {"subscriberId": people["bob"]})
    moved = {"subscriberId": people["cid"], "email": "zoe@example.org"}
    await product.done("changeSubscriberEmail", moved)

    for page in (first, second):
        after = {"after": page["pageInfo"]["endCursor"], "orderBy": "EMAIL"}
        rest = (await product.data(PAGE, after))["subscribers"]
        assert [edge["node"]["email"][:3] for edge in rest["edges"]] == ["dan", "eve", "zoe"]
    back = await product.data(
        "query ($before: String) { subscribers(last: 9, before: $before, orderBy: EMAIL) { edges { node { email } } } }",
        {"before": second["pageInfo"]["endCursor"]},
    )
    assert [edge["node"]["email"] for edge in back["subscribers"]["edges"]] == ["ada@example.org"]


async def test_a_place_among_addresses_is_one_of_this_account_alone(product: Product) -> None:
    await product.upserted("ada@example.org")
    page = (await product.data(PAGE, {"orderBy": "EMAIL"}))["subscribers"]
    other = await create_account(product.world.instance, "Other")
    forged = encode_cursor((str(uuid4()),))

    for cursor, account_id in ((page["pageInfo"]["endCursor"], other), (forged, None)):
        answer = await product.ask(PAGE, {"after": cursor, "orderBy": "EMAIL"}, account_id=account_id)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_pages_by_creation_are_the_order_that_nobody_asks_for(product: Product) -> None:
    for name in ("dan", "ada", "cid"):
        await product.upserted(f"{name}@example.org")
        product.world.later(seconds=1)

    first = (await product.data(PAGE, {"first": 2}))["subscribers"]
    rest = (await product.data(PAGE, {"first": 2, "after": first["pageInfo"]["endCursor"]}))["subscribers"]

    assert [edge["node"]["email"] for edge in first["edges"]] == ["dan@example.org", "ada@example.org"]
    assert [edge["node"]["email"] for edge in rest["edges"]] == ["cid@example.org"]


async def test_a_cursor_of_another_order_is_refused(product: Product) -> None:
    await product.upserted("ada@example.org")
    page = (await product.data(PAGE, {"orderBy": "EMAIL"}))["subscribers"]

    answer = await product.ask(PAGE, {"after": page["pageInfo"]["endCursor"]})

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_subscribers_are_filtered_by_list_and_by_the_beginning_of_the_address(product: Product) -> None:
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    await product.upserted("ada@example.org", lists=[news])
    await product.upserted("adam@example.org")
    await product.upserted("bob@example.org", lists=[news])

    async def emails(**wanted: str) -> list[str]:
        page = (await product.data(PAGE, {"filter": wanted}))["subscribers"]
        assert page["totalCount"] == len(page["edges"])
        return sorted(edge["node"]["email"][:4] for edge in page["edges"])

    assert await emails(listId=news) == ["ada@", "bob@"]
    assert await emails(text="ADA") == ["ada@", "adam"]
    assert await emails(text="ada", listId=news) == ["ada@"]
    assert await emails(text="%") == []

    await product.upserted("e\u0301va@b\u00fccher.example")
    for spelled in ("\u00c9", "e\u0301VA@", "\u00e9va@B\u00dcCHER.example", "\u00e9va@xn--bcher"):
        assert await emails(text=spelled) == ["\u00e9va@"]


async def test_the_preferences_url_needs_the_right_to_see_people_and_to_change_them(product: Product) -> None:
    subscriber = await product.upserted("ada@example.org")
    query = "query ($id: ID!) { subscriber(id: $id) { preferencesUrl } }"

    data = await product.data(query, {"id": subscriber})

    door, _, token = data["subscriber"]["preferencesUrl"].rpartition("/")
    assert door == "https://track.example.org/preferences"
    (asking,) = await product.world.rows("SELECT id FROM api_token")
    (person,) = await product.world.rows("SELECT id FROM subscriber")
    handed = HandedPreferencesLink(person["id"], asking["id"])
    assert open_preferences(product.world.instance.keyring, token, 0) == handed
    for scope in ("personal:read", "subscribers:write"):
        answer = await product.ask(query, {"id": subscriber}, scopes=SCOPES - {scope})
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_a_token_that_may_only_write_can_write(product: Product) -> None:
    only = frozenset({"subscribers:write"})

    await product.done("upsertSubscriber", {"email": "ada@example.org", "permission": "NO"}, scopes=only)
    await product.done("createList", {"name": "News"}, scopes=only)

    assert (await product.data(PAGE))["subscribers"]["totalCount"] == 1
    assert (await product.data("{ lists { totalCount } }"))["lists"]["totalCount"] == 1


async def test_lists_page_in_the_order_of_their_making(product: Product) -> None:
    for name in ("News", "Offers", "Events"):
        await product.done("createList", {"name": name})
        product.world.later(seconds=1)
    query = """query ($after: String) { lists(first: 2, after: $after) {
      edges { node { name } } pageInfo { endCursor hasNextPage } totalCount totalCountCapped } }"""

    first = (await product.data(query))["lists"]
    rest = (await product.data(query, {"after": first["pageInfo"]["endCursor"]}))["lists"]

    assert [edge["node"]["name"] for edge in first["edges"]] == ["News", "Offers"]
    assert [edge["node"]["name"] for edge in rest["edges"]] == ["Events"]
    assert (first["totalCount"], first["totalCountCapped"]) == (3, False)
    assert await product.refused("createList", {"name": "  "}) == [("INVALID_VALUE", ["name"])]


async def test_text_that_no_database_keeps_is_an_invalid_value_wherever_it_is_sent(product: Product) -> None:
    """Lines in names, a locale that is none, attributes without end over several calls: refused with their path.

    NUL never comes so far: the door of GraphQL refuses it in any text.
    """
    email = {"email": "ada@example.org"}
    await product.upserted(**email, attributes={"a": "x" * 9_000})

    for name, given, path in (
        ("createList", {"name": "a\nb"}, ["name"]),
        ("createMailing", {"name": "a\x7fb", "channel": "CAMPAIGN"}, ["name"]),
        ("createForm", {"name": "a\nb"}, ["name"]),
        ("createToken", {"name": "a\nb"}, ["name"]),
        ("createWording", {"locale": "en-" + "abcdefgh-" * 4, "text": "May we?"}, ["locale"]),
        ("upsertSubscriber", {**email, "locale": "en-" + "abcdefgh-" * 4 + "x"}, ["locale"]),
        ("upsertSubscriber", {**email, "attributes": {"b": "x" * 9_000}}, ["attributes"]),
    ):
        assert await product.refused(name, given) == [("INVALID_VALUE", path)]
    query = (
        "mutation ($input: UpsertSubscriberInput!) { upsertSubscriber(input: $input) { errors { code } } }"
    )
    for attributes in ({"a\0": 1}, {"a": ["\0"]}):
        answer = await product.ask(query, {"input": {**email, "attributes": attributes}})
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    (row,) = await product.world.rows("SELECT attributes, locale FROM subscriber")
    assert (row["attributes"], row["locale"]) == ({"a": "x" * 9_000}, None)
    assert (await product.world.rows("SELECT count(*) FROM mailing_list"))[0]["count"] == 0
