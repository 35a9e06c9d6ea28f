"""A sign-up from the outside: the form, the letter that another process mails, the confirmation, the profile."""

import asyncio
import re
from email.message import EmailMessage

import httpx

from tests.letters import mails_in
from tests.running import BROWSER, Running, eventually

FORM = """mutation ($list: ID) { createForm(input: {listId: $list, fields: [{name: "city", label: "City"}]}) {
  form { url } errors { code } } }"""
PERSON = """{ subscriber(email: "zoe@example.org") {
  attributes permission { opens { value source } } memberships { list { name } status } } }"""


def mailed(running: Running, address: str) -> EmailMessage | None:
    """The letter to an address, once it has been mailed."""
    return next((mail for mail in mails_in(running.data) if mail["To"] == address), None)


async def test_somebody_signs_up_gets_a_letter_and_confirms(running: Running):
    made = running.gql('mutation { createList(input: {name: "Zebras"}) { list { id } } }')
    url = running.gql(FORM, list=made["createList"]["list"]["id"])["createForm"]["form"]["url"]
    browser = {"User-Agent": BROWSER, "Accept": "text/html"}
    fields = {"email": "Zoe@example.org", "tracking": "yes", "city": "Bern"}
    sent = httpx.post(url, data=fields, headers=browser, timeout=120)
    letter = eventually(lambda: mailed(running, "zoe@example.org"), "the letter is mailed")
    (link,) = re.findall(r"http://\S+", letter.get_body(("plain",)).get_content())
    confirmed = httpx.post(link, headers=browser, timeout=120)

    assert "One more step" in sent.text
    assert "You are signed up" in confirmed.text
    async with asyncio.timeout(240):
        while await running.rows("SELECT FROM letter WHERE kind = 'CONFIRM'"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert running.gql(PERSON)["subscriber"] == {
        "attributes": {"city": "Bern"},
        "permission": {"opens": {"value": "YES", "source": "FORM"}},
        "memberships": [{"list": {"name": "Zebras"}, "status": "SUBSCRIBED"}],
    }
