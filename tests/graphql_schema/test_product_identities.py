"""Addresses change and identities merge over GraphQL: the clash table (C10), ids, histories, and what is refused."""

from itertools import product as pairs

import pytest

from app.actions.preferences import stop_tracking
from graphql_schema.ids import encode_id
from graphql_schema.keys import subscriber_of
from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import IMPERSONAL, Product

BELOW = "subscriber { id email permission { opens { value } clicks { value } } memberships { status list { name } } }"
ANSWERS = ("UNKNOWN", "YES", "NO")


def by_the_table(changed: str, existing: str) -> str:
    return "NO" if "NO" in {changed, existing} else "YES" if "YES" in {changed, existing} else "UNKNOWN"


async def person(product: Product, email: str, answer: str, **more: object) -> str:
    given = {"UNKNOWN": {}, "YES": product.said_yes(), "NO": {"permission": "NO"}}[answer]
    return await product.upserted(email, **given, **more)


@pytest.mark.parametrize(("changed", "existing"), list(pairs(ANSWERS, ANSWERS)))
async def test_c10_every_cell_of_the_clash_table_for_all_lists(
    product: Product, changed: str, existing: str
) -> None:
    old = await person(product, "ada@example.org", changed)
    new = await person(product, "ada@example.com", existing)

    payload = await product.done(
        "changeSubscriberEmail", {"subscriberId": old, "email": "ada@example.com"}, BELOW
    )

    stands = {"value": by_the_table(changed, existing)}
    assert payload["subscriber"]["id"] == new
    assert payload["subscriber"]["permission"] == {"opens": stands, "clicks": stands}
    assert (await product.data('{ subscriber(email: "ada@example.org") { id } }'))["subscriber"] is None


@pytest.mark.parametrize(("changed", "existing"), list(pairs(ANSWERS, ANSWERS)))
async def test_c10_every_cell_of_the_clash_table_for_some_lists(
    product: Product, changed: str, existing: str
) -> None:
    news = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    old = await person(product, "ada@example.org", changed, lists=[news])
    new = await person(product, "ada@example.com", existing)
    given = {"subscriberId": old, "email": "ada@example.com", "lists": [news]}

    payload = await product.done("changeSubscriberEmail", given, BELOW)

    stands = {"value": by_the_table(changed, existing)}
    assert payload["subscriber"]["id"] == new
    assert payload["subscriber"]["permission"] == {"opens": stands, "clicks": stands}
    assert payload["subscriber"]["memberships"] == [{"status": "SUBSCRIBED", "list": {"name": "News"}}]
    stayed = await product.data(
        f"query ($id: ID) {{ subscriber(id: $id) {{ {BELOW[13:-1]} }} }}", {"id": old}
    )
    assert stayed["subscriber"]["permission"]["opens"] == {"value": changed}
    assert stayed["subscriber"]["memberships"] == []


async def test_to_an_address_nobody_has_the_subscriber_stays_who_they_are(product: Product) -> None:
    """Id, answers and ledger are kept; the old address is nobody's."""
    ada = await person(product, "ada@example.org", "YES")

    payload = await product.done(
        "changeSubscriberEmail", {"subscriberId": ada, "email": " Ada@Example.COM "}, BELOW
    )

    assert payload["subscriber"]["id"] == ada
    assert payload["subscriber"]["email"] == "ada@example.com"
    assert payload["subscriber"]["permission"]["opens"] == {"value": "YES"}
    query = """{ old: subscriber(email: "ada@example.org") { id } new: subscriber(email: "ada@example.com") {
      id permissionHistory { totalCount } } subscribers { totalCount } }"""
    found = await product.data(query)
    assert found["old"] is None
    assert found["new"] == {"id": ada, "permissionHistory": {"totalCount": 2}}
    assert found["subscribers"]["totalCount"] == 1
    late = {"email": "ada@example.org", "permission": "NO"}
    assert await product.refused("setPermission", late) == [("NOT_FOUND", ["email"])]


async def test_a_no_stays_on_the_address_left_behind(product: Product) -> None:
    """Whoever turns up at the old address later is somebody new, and meets the NO."""
    ada = await person(product, "ada@example.org", "NO")
    await product.done("changeSubscriberEmail", {"subscriberId": ada, "email": "ada@example.com"})
    mailing = await product.mailing()
    query = """query ($id: ID!) { trackingDecision(input: { mailingId: $id, emails: ["ada@example.org"] }) {
      opens { trace { layer reason } } } }"""
    trace = (await product.data(query, {"id": mailing}))["trackingDecision"]["opens"]["trace"]

    payload = await product.done("upsertSubscriber", {"email": "ada@example.org"}, BELOW)

    assert payload["subscriber"]["id"] != ada
    assert payload["subscriber"]["permission"] == {"opens": {"value": "NO"}, "clicks": {"value": "NO"}}
    (reason,) = [step["reason"] for step in trace if step["layer"] == "PERMISSION"]
    assert "because the person said no" in reason


async def test_an_answer_that_is_no_refusal_stays_on_no_address(product: Product) -> None:
    """Somebody new at an address that a YES has left was never asked."""
    ada = await person(product, "ada@example.org", "YES")
    await product.done("changeSubscriberEmail", {"subscriberId": ada, "email": "ada@example.com"})

    payload = await product.done("upsertSubscriber", {"email": "ada@example.org"}, BELOW)

    assert payload["subscriber"]["permission"]["opens"] == {"value": "UNKNOWN"}


async def test_the_same_change_again_changes_nothing(product: Product) -> None:
    old = await person(product, "ada@example.org", "YES")
    new = await person(product, "ada@example.com", "NO")
    given = {"subscriberId": old, "email": "ada@example.com"}
    await product.done("changeSubscriberEmail", given)
    before = await product.world.rows("SELECT * FROM permission_line ORDER BY subscriber_id, number")

    payload = await product.done("changeSubscriberEmail", given, BELOW)

    assert payload["subscriber"]["id"] == new
    after = await product.world.rows("SELECT * FROM permission_line ORDER BY subscriber_id, number")
    assert after == before


async def test_x6_a_merged_chain_is_reached_through_the_subscriber_it_went_into(product: Product) -> None:
    """The old chain ends in MERGE lines that name the head of the other, which names the old one's."""
    old = await person(product, "ada@example.org", "NO")
    await person(product, "ada@example.com", "UNKNOWN")
    await product.done("changeSubscriberEmail", {"subscriberId": old, "email": "ada@example.com"})
    lines = (
        "permissionHistory { totalCount edges { node { id number source mergedHead hash previousHash to } } }"
    )
    query = f"""query ($id: ID) {{ subscriber(id: $id) {{
      {lines} formerSubscribers {{ subscriberId mergedAt head length {lines} }} }} }}"""

    found = (await product.data(query, {"id": old}))["subscriber"]

    (former,) = found["formerSubscribers"]
    own = [edge["node"] for edge in found["permissionHistory"]["edges"]]
    closed = [edge["node"] for edge in former["permissionHistory"]["edges"]]
    assert [(line["source"], line["to"]) for line in own] == [("MERGE", "NO"), ("MERGE", "NO")]
    assert [line["source"] for line in closed] == ["API", "API", "MERGE", "MERGE"]
    assert {line["mergedHead"] for line in own} == {closed[1]["hash"]}
    assert {line["mergedHead"] for line in closed[2:]} == {own[-1]["hash"]}
    assert (former["subscriberId"], former["head"], former["length"]) == (old, closed[-1]["hash"], 4)
    assert former["mergedAt"] == write_datetime(product.world.now[0])
    node = await product.data(
        "query ($id: ID!) { node(id: $id) { ... on PermissionChangeLine { hash } } }", closed[0]
    )
    assert node["node"]["hash"] == closed[0]["hash"]


async def test_a_delivery_is_found_by_the_id_it_was_made_with(product: Product) -> None:
    """A merge moves it; the sender's own records still name it by the old id."""
    old = await product.upserted("ada@example.org")
    new = await product.upserted("ada@example.com")
    mailing = await product.mailing()
    ((delivery,),) = [message["deliveries"] for message in await product.prepared(mailing, "ada@example.org")]
    await product.done("changeSubscriberEmail", {"subscriberId": old, "email": "ada@example.com"})

    await product.done("recordDeliveries", {"events": [{"deliveryId": delivery["id"], "kind": "DELIVERED"}]})

    query = """query ($delivery: ID!, $id: ID) { node(id: $delivery) { ... on Delivery { deliveredAt subscriber { id } } }
      subscriber(id: $id) { overview { sent { value } delivered { value } } deliveries { totalCount } } }"""
    found = await product.data(query, {"delivery": delivery["id"], "id": old})
    now = write_datetime(product.world.now[0])
    assert found["node"] == {"deliveredAt": now, "subscriber": {"id": new}}
    assert found["subscriber"]["overview"] == {"sent": {"value": 1}, "delivered": {"value": 1}}
    assert found["subscriber"]["deliveries"] == {"totalCount": 1}


async def test_what_a_change_of_address_refuses(product: Product) -> None:
    """Each with its code and its path; and everything is as it was."""
    ada = await person(product, "ada@example.org", "NO")
    named = {"subscriberId": ada, "email": "ada@example.com"}
    for given, expected in (
        ({**named, "email": "nobody"}, ("INVALID_EMAIL", ["email"])),
        ({**named, "subscriberId": encode_id("Subscriber", "0" * 32)}, ("NOT_FOUND", ["subscriberId"])),
        ({**named, "subscriberId": encode_id("Mailing", 7)}, ("NOT_FOUND", ["subscriberId"])),
        ({**named, "lists": []}, ("INVALID_VALUE", ["lists"])),
        ({**named, "lists": [encode_id("MailingList", 7)]}, ("NOT_FOUND", ["lists"])),
        ({**named, "lists": ["nonsense"]}, ("NOT_FOUND", ["lists", "0"])),
    ):
        assert await product.refused("changeSubscriberEmail", given) == [expected]

    found = await product.data("{ subscribers { edges { node { id email } } } }")
    assert [edge["node"] for edge in found["subscribers"]["edges"]] == [
        {"id": ada, "email": "ada@example.org"}
    ]
    assert await product.world.rows("SELECT 1 FROM address_alias") == []


async def test_without_personal_read_no_address_is_given_to_anybody(product: Product) -> None:
    """It would tie a subscriber to an address, or merge two of them so that their ids lead to one; nothing is changed."""
    ada, bob = await product.upserted("ada@example.org"), await product.upserted("bob@example.org")
    await product.upserted("known@example.org")
    query = """mutation ($input: ChangeSubscriberEmailInput!) {
      changeSubscriberEmail(input: $input) { subscriber { id } errors { code } } }"""

    known = {"input": {"subscriberId": ada, "email": "known@example.org"}}
    free = {"input": {"subscriberId": bob, "email": "free@example.org"}}
    answers = [await product.ask(query, each, scopes=IMPERSONAL) for each in (known, free)]

    assert answers[0] == answers[1]
    assert [error["extensions"]["code"] for error in answers[0]["errors"]] == ["FORBIDDEN"]
    rows = await product.world.rows("SELECT address FROM subscriber ORDER BY address")
    assert [row["address"] for row in rows] == ["ada@example.org", "bob@example.org", "known@example.org"]


async def test_a_reset_is_an_audited_unknown(product: Product) -> None:
    """Both axes were never asked from then on; the ledger says who did it, and keeps the reason."""
    ada = await person(product, "ada@example.org", "YES")
    below = """subscriber { permission { opens { value reason source } }
      permissionHistory { edges { node { source from to actor } } } }"""

    payload = await product.done("resetPermission", {"subscriberId": ada, "reason": " Wrong file "}, below)
    again = await product.done("resetPermission", {"subscriberId": ada, "reason": "Once more"}, below)

    assert payload == again
    shown = payload["subscriber"]
    assert shown["permission"]["opens"] == {"value": "UNKNOWN", "reason": "NEVER_ASKED", "source": "RESET"}
    lines = [edge["node"] for edge in shown["permissionHistory"]["edges"]]
    assert [(line["source"], line["from"], line["to"]) for line in lines[2:]] == [
        ("RESET", "YES", "UNKNOWN")
    ] * 2
    assert lines[2]["actor"].startswith("token:")
    rows = await product.world.rows("SELECT note, note_salt FROM permission_line WHERE source = 'RESET'")
    assert [(row["note"], len(row["note_salt"])) for row in rows] == [("Wrong file", 16)] * 2


async def test_what_a_reset_refuses(product: Product) -> None:
    ada = await person(product, "ada@example.org", "YES")
    refuser = await product.upserted("bob@example.org")
    async with product.world.unit() as work:
        await stop_tracking(work, subscriber_of(refuser, path=()))
    for given, expected in (
        ({"subscriberId": ada, "reason": "  "}, ("INVALID_VALUE", ["reason"])),
        ({"subscriberId": ada, "reason": "x" * 501}, ("INVALID_VALUE", ["reason"])),
        ({"subscriberId": refuser, "reason": "A test"}, ("REFUSAL_KEPT", ["subscriberId"])),
        (
            {"subscriberId": encode_id("Subscriber", "0" * 32), "reason": "A test"},
            ("NOT_FOUND", ["subscriberId"]),
        ),
    ):
        assert await product.refused("resetPermission", given) == [expected]

    assert len(await product.world.rows("SELECT 1 FROM permission_line")) == 2 + 2


@pytest.mark.parametrize("some", [False, True])
async def test_nobody_moves_to_the_address_of_somebody_who_was_erased(product: Product, some: bool) -> None:
    """Trying again would not help, so it says why; and nothing has changed."""
    list_id = (await product.done("createList", {"name": "News"}, "list { id }"))["list"]["id"]
    gone = await product.upserted("gone@example.org")
    await product.done("eraseSubscriber", {"subscriberId": gone})
    ada = await product.upserted("ada@example.org", lists=[list_id])
    given = {"subscriberId": ada, "email": "gone@example.org", **({"lists": [list_id]} if some else {})}

    refused = await product.refused("changeSubscriberEmail", given)

    assert refused == [("ERASED_EARLIER", ["email"])]
    rows = await product.world.rows("SELECT address FROM subscriber")
    assert [row["address"] for row in rows] == ["ada@example.org"]
