"""What a token without personal:read gets of subscribers: rows with their answers, and nobody at a known address."""

import pytest

from tests.graphql_schema.product import IMPERSONAL, Product


async def test_without_personal_read_a_contact_is_its_answers(product: Product) -> None:
    """No address, no attribute, no figure, and neither when nor where an answer was given."""
    said = {**product.said_yes(), "at": "2020-02-02T02:02:02Z"}
    subscriber = await product.upserted("ada@example.org", attributes={"name": "Ada Lovelace"}, **said)
    mailing = await product.mailing()
    await product.prepared(mailing, "ada@example.org")
    everything = """query ($id: ID!, $mailing: ID!) {
      subscriber(id: $id) { ...S } subscribers { edges { node { ...S } } totalCount } node(id: $id) { ...S }
      mailing(id: $mailing) { deliveries { edges { cursor node { subscriber { ...S } opens { value shown } } } } } }
      fragment S on Subscriber { id email attributes engagement
        permission { opens { value reason since source } }
        overview { sent { value shown } delivered { value shown } opens { value shown } } }"""

    answer = await product.data(everything, {"id": subscriber, "mailing": mailing}, scopes=IMPERSONAL)

    withheld, unmeasured = {"value": None, "shown": "SUPPRESSED"}, {"value": 0, "shown": "NOT_MEASURED"}
    assert answer["subscriber"] == {
        "id": subscriber,
        "email": "Anonymized contact",
        "attributes": None,
        "engagement": "NOT_MEASURED",
        "permission": {"opens": {"value": "YES", "reason": None, "since": None, "source": None}},
        "overview": {"sent": withheld, "delivered": withheld, "opens": unmeasured},
    }
    assert answer["node"] == answer["subscriber"]
    assert answer["subscribers"] == {"edges": [{"node": answer["subscriber"]}], "totalCount": 1}
    (edge,) = answer["mailing"]["deliveries"]["edges"]
    assert edge["node"] == {"subscriber": None, "opens": unmeasured}


@pytest.mark.parametrize(
    "question",
    [
        '{ subscriber(email: "ada@example.org") { id } }',
        '{ subscriber(email: "bob@example.org") { id } }',
        "{ subscribers(orderBy: EMAIL) { totalCount } }",
        '{ subscribers(filter: { text: "ada" }) { totalCount } }',
        '{ subscribers(filter: { listId: "TWFpbGluZ0xpc3Q6MQ==" }) { totalCount } }',
        "{ subscribers { edges { node { memberships { status } } } } }",
        "{ subscribers { edges { node { deliveries { totalCount } } } } }",
        "{ subscribers { edges { node { permissionHistory { totalCount } } } } }",
        "{ subscribers { edges { node { formerSubscribers { head } } } } }",
        "{ permissionChanges { totalCount } }",
        'mutation { setPermission(input: { email: "ada@example.org", permission: NO }) { errors { code } } }',
        'mutation { setPermission(input: { email: "bob@example.org", permission: NO }) { errors { code } } }',
    ],
)
async def test_what_an_address_could_be_found_by_takes_personal_read(product: Product, question: str) -> None:
    """Known or not; and nothing is changed."""
    await product.upserted("ada@example.org")

    refused = await product.ask(question, scopes=IMPERSONAL)

    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    assert await product.world.rows("SELECT FROM permission_line") == []


async def test_without_personal_read_an_upsert_is_no_look_up(product: Product) -> None:
    """It writes, and answers the same for an address that was known and for one that was not."""
    await product.upserted("ada@example.org", permission="NO")
    query = "mutation ($input: UpsertSubscriberInput!) { upsertSubscriber(input: $input) { subscriber { id } errors { code } } }"

    known = await product.data(query, {"input": {"email": "ada@example.org"}}, scopes=IMPERSONAL)
    new = await product.data(query, {"input": {"email": "bob@example.org"}}, scopes=IMPERSONAL)

    assert known == new == {"upsertSubscriber": {"subscriber": None, "errors": []}}
    assert (await product.data("{ subscribers { totalCount } }"))["subscribers"]["totalCount"] == 2
