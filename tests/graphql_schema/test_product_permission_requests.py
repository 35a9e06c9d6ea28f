"""Asking people by a mail of its own: who is asked, with which words, and who is left in peace (M5)."""

import asyncio
import re
from contextlib import suppress
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from app.actions.jobs import perform
from app.actions.request_permission import ask_people
from app.outbox.mailer import Mailer
from app.storage.queue import Postponed
from graphql_schema.ids import encode_id, number_of
from preference_center.routes import preference_center_routes
from tests.graphql_schema.product import Product
from tests.letters import mail_all, mails_in

HISTORY = """query ($id: ID!) { subscriber(id: $id) { permission { opens { value reason source } clicks { reason } }
  permissionHistory(last: 1) { edges { node { axis from to source wordingId } } } } }"""


async def _list(product: Product, *emails: str, **more: Any) -> tuple[str, list[str]]:
    made = await product.done("createList", {"name": "News"}, "list { id }")
    named = made["list"]["id"]
    return named, [await product.upserted(each, lists=[named], **more) for each in emails]


async def _asked(product: Product, **given: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the job counted in the end, and the errors that were told at once."""
    payload = await product.change("requestPermission", given, "job { id kind status }")
    job_id = number_of(payload["job"]["id"], "Job")
    assert payload["job"] == {"id": payload["job"]["id"], "kind": "permission_request", "status": "QUEUED"}
    with suppress(Postponed):
        await perform(product.world.instance, ask_people, job_id, asyncio.Event())
    await mail_all(product.world.instance)
    with suppress(Postponed):
        await perform(product.world.instance, ask_people, job_id, asyncio.Event())
    query = "query ($id: ID!) { node(id: $id) { ... on Job { status progress counts } } }"
    job = (await product.data(query, {"id": payload["job"]["id"]}))["node"]
    assert (job["status"], job["progress"]) == ("DONE", 1.0)
    return job["counts"], payload["errors"]


def _mails(product: Product) -> dict[str, EmailMessage]:
    """The mails that went out, by address."""
    return {mail["To"]: mail for mail in mails_in(product.world.data)}


async def test_m5_everybody_on_the_list_gets_an_untracked_question(product: Product) -> None:
    """In text and HTML, in the person's language, with one link to the person's own page."""
    named, _ = await _list(product, "ada@example.org", "bob@example.org")
    await product.upserted("cy@example.org", lists=[named], locale="de")
    await product.upserted("elsewhere@example.org")

    counts, errors = await _asked(product, listId=named)

    mails = _mails(product)
    assert (counts, errors) == ({"asked": 3}, [])
    assert sorted(mails) == ["ada@example.org", "bob@example.org", "cy@example.org"]
    text, html = (part.get_content() for part in mails["ada@example.org"].iter_parts())
    for part in (text, html):
        assert "May Test see whether you open its mails and which of their links you click?" in part
        assert len(re.findall(r"https://track\.example\.org/preferences/", part)) == 1
        assert "<img" not in part
        assert "/c/" not in part
    assert mails["ada@example.org"]["Subject"] == "A question from Test"
    assert mails["cy@example.org"]["Subject"] == "Eine Frage von Test"


async def test_m5_the_ledger_says_who_was_asked_with_which_wording(product: Product) -> None:
    named, (ada,) = await _list(product, "ada@example.org")

    await _asked(product, listId=named)

    person = (await product.data(HISTORY, {"id": ada}))["subscriber"]
    line = person["permissionHistory"]["edges"][0]["node"]
    wording = await product.data(
        "query ($id: ID!) { node(id: $id) { ... on Wording { text locale } } }", {"id": line.pop("wordingId")}
    )
    assert person["permission"] == {
        "opens": {"value": "UNKNOWN", "reason": "ASKED_NO_ANSWER", "source": "REQUEST_MAIL"},
        "clicks": {"reason": "ASKED_NO_ANSWER"},
    }
    assert line == {"axis": "CLICKS", "from": "UNKNOWN", "to": "UNKNOWN", "source": "REQUEST_MAIL"}
    assert wording["node"]["locale"] == "en"
    assert wording["node"]["text"].startswith("May Test see whether you open its mails")


async def test_m5_the_answer_to_the_mail_counts_as_such(product: Product) -> None:
    """The page behind its link takes a yes, given by the person."""
    named, (ada,) = await _list(product, "ada@example.org")
    await _asked(product, listId=named)
    text = next(_mails(product)["ada@example.org"].iter_parts()).get_content()
    (url,) = re.findall(r"https://track\.example\.org(/preferences/\S+)", text)
    state = State({"instance": product.world.instance})
    app = Litestar(preference_center_routes(), openapi_config=None, state=state)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=product.world.instance.public_url
    ) as browser:
        shown = await browser.get(urlsplit(url).path)
        saved = await browser.post(urlsplit(url).path, data={"tracking": "yes"})

    person = (await product.data(HISTORY, {"id": ada}))["subscriber"]
    assert (shown.status_code, saved.status_code) == (200, 200)
    assert person["permission"]["opens"] == {"value": "YES", "reason": None, "source": "REQUEST_MAIL"}


async def test_m5_who_said_no_or_kept_silent_lately_is_left_in_peace(product: Product) -> None:
    """Half a year later they may be asked again; who said yes has no need to be asked."""
    named, (no, silent) = await _list(product, "no@example.org", "silent@example.org")
    await product.upserted("yes@example.org", lists=[named], **product.said_yes())
    await _asked(product, listId=named)
    await product.upserted("no@example.org", permission="NO")

    soon, errors = await _asked(product, listId=named)
    product.world.later(days=183)
    later, none = await _asked(product, subscriberIds=[no, silent])

    assert soon == {"askedRecently": 2, "answered": 1}
    assert {(each["code"], tuple(each["path"])) for each in errors} == {
        ("ASKED_RECENTLY", ("listId", no)),
        ("ASKED_RECENTLY", ("listId", silent)),
    }
    assert (later, none) == ({"asked": 2}, [])


async def test_m5_an_old_no_stays_a_no_when_it_is_asked_about(product: Product) -> None:
    """And it is not asked about again at once."""
    ada = await product.upserted("ada@example.org", permission="NO")
    product.world.later(days=183)

    first, _ = await _asked(product, subscriberIds=[ada])
    again, errors = await _asked(product, subscriberIds=[ada])

    person = (await product.data(HISTORY, {"id": ada}))["subscriber"]
    assert (first, again) == ({"asked": 1}, {"askedRecently": 1})
    assert [(each["code"], each["path"]) for each in errors] == [("ASKED_RECENTLY", ["subscriberIds", "0"])]
    assert person["permission"]["opens"]["value"] == "NO"


async def test_m5_who_left_every_list_is_not_mailed(product: Product) -> None:
    _, (ada,) = await _list(product, "ada@example.org")
    await product.world.rows("UPDATE membership SET status = 'UNSUBSCRIBED' RETURNING 1")

    counts, _ = await _asked(product, subscriberIds=[ada])

    assert (counts, _mails(product)) == ({"left": 1}, {})


async def test_m5_who_could_not_be_mailed_was_not_asked(product: Product) -> None:
    """The mail server is away for a day: the job goes on until then, and the ledger stays empty."""
    named, (ada,) = await _list(product, "ada@example.org")
    instance = product.world.instance
    instance.mailer = Mailer("smtp://127.0.0.1:1", product.world.data / "outbox", pause=0)
    payload = await product.change("requestPermission", {"listId": named}, "job { id }")
    job_id = number_of(payload["job"]["id"], "Job")

    for _ in range(2):
        with pytest.raises(Postponed):
            await perform(instance, ask_people, job_id, asyncio.Event())
        await mail_all(instance)
        product.world.later(days=1)
    await perform(instance, ask_people, job_id, asyncio.Event())

    query = "query ($id: ID!) { node(id: $id) { ... on Job { status counts } } }"
    job = (await product.data(query, {"id": payload["job"]["id"]}))["node"]
    assert job == {"status": "DONE", "counts": {"notSent": 1}}
    person = (await product.data(HISTORY, {"id": ada}))["subscriber"]
    assert person["permission"]["opens"] == {"value": "UNKNOWN", "reason": "NEVER_ASKED", "source": None}
    assert person["permissionHistory"]["edges"] == []


async def test_m5_a_long_list_is_asked_in_steps_and_nobody_twice(product: Product) -> None:
    named, _ = await _list(product, *(f"person{number}@example.org" for number in range(101)))

    counts, _ = await _asked(product, listId=named)

    assert counts == {"asked": 101}
    assert len(_mails(product)) == 101


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({}, "INVALID_VALUE", ["listId"]),
        ({"subscriberIds": []}, "LIMIT_EXCEEDED", ["subscriberIds"]),
        ({"listId": "TWFpbGluZ0xpc3Q6Nw=="}, "NOT_FOUND", ["listId"]),
        ({"segmentId": "U2VnbWVudDo3"}, "NOT_FOUND", ["segmentId"]),
        ({"segmentId": "U2VnbWVudDo3", "listId": "TWFpbGluZ0xpc3Q6Nw=="}, "INVALID_VALUE", ["listId"]),
        ({"subscriberIds": [encode_id("Subscriber", "0" * 32)]}, "NOT_FOUND", ["subscriberIds", "0"]),
    ],
)
async def test_m5_whom_nobody_can_find_nobody_asks(
    product: Product, given: dict[str, Any], code: str, path: list[str]
) -> None:
    assert await product.refused("requestPermission", given) == [(code, path)]
    assert await product.world.rows("SELECT FROM job") == []
