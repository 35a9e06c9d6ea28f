"""`POST /messages` with a real server: any sender prepares any number of mails in one call, and each of them once."""

import asyncio
from base64 import b64decode
from typing import Any

import pytest

from tests.running import Running, eventually
from tests.web.senders import Sender

HTML = '<p>Hello {{name}}, <a href="https://shop.example.com/a">look</a></p>'
PEOPLE = 2_000


@pytest.fixture
def sender(running: Running) -> Sender:
    """A program with a token of the demo account."""
    return Sender(running.url, running.token)


def mailing(running: Running, **more: object) -> str:
    """A new mailing's id."""
    given = {"name": "Bulk", "channel": "CAMPAIGN", **more}
    query = "mutation ($i: CreateMailingInput!) { createMailing(input: $i) { mailing { id } } }"
    return running.gql(query, i=given)["createMailing"]["mailing"]["id"]


def token(running: Running, *scopes: str) -> str:
    """A token of these scopes."""
    query = "mutation ($i: CreateTokenInput!) { createToken(input: $i) { secret } }"
    return running.gql(query, i={"name": "narrow", "scopes": list(scopes)})["createToken"]["secret"]


def person(number: int) -> dict[str, Any]:
    return {"to": [{"email": f"bulk{number}@example.org"}], "merge": {"name": f"No. {number}"}}


def sent(running: Running, mailing_id: str) -> int:
    query = "query ($m: ID!) { mailing(id: $m) { report { sent } } }"
    return running.gql(query, m=mailing_id)["mailing"]["report"]["sent"]


async def test_x11_a_broken_call_is_repeated_and_prepares_nobody_twice(running: Running, sender: Sender):
    """2,000 recipients; the connection is cut off after 450 answers, and the call made again with the same key."""
    head = {"mailing": mailing(running), "html": HTML, "text": "Hello {{name}}", "idempotencyKey": "spring"}
    people = [person(number) for number in range(PEOPLE)]

    async with sender.talking() as talk:
        await talk.send(head, *people[:700])
        before = await talk.answers(450)
    eventually(lambda: sent(running, head["mailing"]) == 600, "what came in whole batches is prepared")
    *answers, last = await sender.said(head, *people)

    assert last == {"done": True, "prepared": PEOPLE, "failed": 0, "warnings": []}
    assert [each["n"] for each in answers] == list(range(1, PEOPLE + 1))
    for name in ("messageId", "deliveryIds", "headers"):
        assert [each[name] for each in answers[:450]] == [each[name] for each in before]
    assert len({each["messageId"] for each in answers}) == PEOPLE
    assert "No. 1999" in answers[1999]["html"]
    assert answers[1999]["text"] == "Hello No. 1999"
    assert sent(running, head["mailing"]) == PEOPLE


async def test_x11_a_line_is_what_prepare_messages_answers(running: Running, sender: Sender):
    """The decision with its reasons, the ways out, and the deliveries, which are there already."""
    head = {"mailing": mailing(running), "html": HTML}
    said_yes = {"permission": "YES", "permissionSource": "FORM", "permissionAt": "2026-05-01T09:00:00Z"}
    ann = {"to": [{"email": "bulk-ann@example.org", **said_yes}], "merge": {"name": "Ann"}}

    async with sender.talking() as talk:
        # The same for one address in short, and a line of nothing; then 198 more, which make the batch whole.
        await talk.send(head, ann, b"\n", {"email": "bulk-bob@example.org", "trackOpens": False})
        await talk.send(*[person(number) for number in range(198)])
        first, second, *_ = await talk.answers(200)
        query = "query ($i: ID!) { node(id: $i) { ... on Delivery { subscriber { email } } } }"
        (found,) = [running.gql(query, i=each)["node"] for each in first["deliveryIds"]]

    assert found == {"subscriber": {"email": "bulk-ann@example.org"}}
    assert (first["n"], second["n"]) == (1, 2)
    assert first["decision"]["opens"]["mode"] == "PERSONAL"
    assert second["decision"]["opens"]["mode"] == "OFF"
    assert {"layer", "ceiling", "reason"} == first["decision"]["opens"]["trace"][0].keys()
    assert first["text"] is None
    assert [each["name"] for each in first["headers"]] == ["List-Unsubscribe", "List-Unsubscribe-Post"]
    assert first["untrackedLinks"] == []
    assert f"{running.url}/c/" in first["html"]


async def test_a_bad_line_is_its_own_error_only(running: Running, sender: Sender):
    """Whatever is wrong with one line, the others are prepared; what was not taken of a line is said beside it."""
    head = {"mailing": mailing(running), "html": HTML}
    bad = [
        (b"{\n", ("INVALID_VALUE", [])),
        (b"[]\n", ("INVALID_VALUE", [])),
        (b"\xff\xfe\n", ("INVALID_VALUE", [])),
        (b"[" * 30_000 + b"\n", ("INVALID_VALUE", [])),
        (b'{"merge": {"x": NaN}}\n', ("INVALID_VALUE", [])),
        (b'{"email": "a@example.org", "merge": {"x": 1e999}}\n', ("INVALID_VALUE", [])),
        ({"to": [{"email": "no address"}]}, ("INVALID_EMAIL", ["to", "0"])),
        ({"to": ["ann@example.org"]}, ("INVALID_VALUE", ["to", "0"])),
        ({"to": [{"email": 1}]}, ("INVALID_VALUE", ["to", "0", "email"])),
        ({}, ("INVALID_VALUE", [])),
        ({"email": "a@example.org", "permision": "NO"}, ("INVALID_VALUE", ["permision"])),
        ({"email": "a@example.org", "permission": None}, ("NULL_NOT_ALLOWED", ["permission"])),
        ({"email": "a@example.org", "permission": "MAYBE"}, ("INVALID_VALUE", ["permission"])),
        ({"email": "a@example.org", "merge": {"x": []}}, ("INVALID_VALUE", ["merge", "x"])),
        ({"email": "a@example.org", "merge": {"x": "y" * 70_000}}, ("LIMIT_EXCEEDED", [])),
        ({"email": "a@example.org", "trackOpens": "no"}, ("INVALID_VALUE", ["trackOpens"])),
    ]
    good = [person(1), {"email": "bulk-yes@example.org", "permission": "YES"}]

    *answers, last = await sender.said(head, *[line for line, _ in bad], *good)

    failed, prepared = answers[: len(bad)], answers[len(bad) :]
    assert [(each["error"]["code"], each["error"]["path"]) for each in failed] == [wrong for _, wrong in bad]
    assert [each["n"] for each in answers] == list(range(1, len(bad) + 3))
    without, (missing,) = [each.get("errors") for each in prepared]
    assert without is None
    assert (missing["code"], missing["path"]) == ("EVIDENCE_MISSING", [])
    assert last == {"done": True, "prepared": 2, "failed": len(bad), "warnings": []}
    assert not any(sent in str(failed) for sent in ("no address", "ann@", "'a@"))


async def test_a_first_line_that_is_wrong_is_refused_with_what_is_wrong(running: Running, sender: Sender):
    good = mailing(running)
    wrong = [
        ((), 422, "INVALID_VALUE", []),
        ((b"nonsense\n",), 422, "INVALID_VALUE", []),
        (({"html": HTML},), 422, "INVALID_VALUE", ["mailing"]),
        (({"mailing": "TWFpbGluZzox", "html": HTML},), 404, "NOT_FOUND", ["mailing"]),
        (({"mailing": "me", "html": HTML},), 404, "NOT_FOUND", ["mailing"]),
        (({"mailing": good},), 422, "INVALID_VALUE", ["html"]),
        (({"mailing": good, "html": 1},), 422, "INVALID_VALUE", ["html"]),
        (({"mailing": good, "html": HTML, "subject": "x"},), 422, "INVALID_VALUE", ["subject"]),
        (({"mailing": good, "html": HTML, "idempotencyKey": ""},), 422, "INVALID_VALUE", ["idempotencyKey"]),
    ]

    for lines, status, code, path in wrong:
        answer = await sender.post(*lines)
        said = answer.json()
        assert (answer.status_code, said["code"], said["path"]) == (status, code, path), said
        assert said["message"].endswith("."), said
    long = await sender.post({"mailing": good}, *[person(number) for number in range(30_000)])
    assert (long.status_code, long.json()["path"]) == (422, ["html"])
    assert (await sender.said({"mailing": good, "html": HTML}))[-1]["done"] is True
    assert sent(running, good) == 0


async def test_it_takes_the_scope_that_prepare_messages_takes(running: Running, sender: Sender):
    """And the reasons of a decision, which tell when people answered, take personal:read."""
    head = {"mailing": mailing(running), "html": HTML}

    answers = [
        await Sender(running.url, secret).post(head, person(1))
        for secret in ("-", "nonsense", token(running, "mailings:read"))
    ]
    line, _ = await Sender(running.url, token(running, "mailings:write")).said(head, person(1))

    assert [each.status_code for each in answers] == [401, 401, 403]
    assert line["decision"]["opens"].keys() == {"mode", "boundBy"}
    assert sent(running, head["mailing"]) == 1


async def test_a_key_stands_for_the_same_lines(running: Running, sender: Sender):
    """With other recipients it is refused, whoever else calls."""
    head = {"mailing": mailing(running), "html": HTML, "idempotencyKey": "once"}
    (first, _), (again, _) = await asyncio.gather(sender.said(head, person(1)), sender.said(head, person(1)))

    other = await sender.post(head, person(2))

    assert first["messageId"] == again["messageId"]
    assert (other.status_code, other.json()["code"], other.json()["path"]) == (
        422,
        "CONFLICT",
        ["idempotencyKey"],
    )
    assert sent(running, head["mailing"]) == 1


async def test_the_ids_of_deliveries_tell_nobody_whose_they_are(running: Running, sender: Sender):
    """Not even who sent them; and they are those that the API gives."""
    head, ada = {"mailing": mailing(running), "html": HTML}, {"to": [{"email": "tied@example.org"}]}
    sending = Sender(running.url, token(running, "mailings:write"))

    line, _ = await sending.said(head, ada)

    (delivery,) = line["deliveryIds"]
    query = """query ($email: String!) { subscriber(email: $email) { id deliveries { edges { node { id } } } } }"""
    person = running.gql(query, email="tied@example.org")["subscriber"]
    kind, _, key = b64decode(delivery).partition(b":")
    subscriber = b64decode(person["id"]).removeprefix(b"Subscriber:")
    assert [each["node"]["id"] for each in person["deliveries"]["edges"]] == [delivery]
    assert kind == b"Delivery"
    assert subscriber not in key
    assert bytes.fromhex(subscriber.decode()) not in b64decode(key)
