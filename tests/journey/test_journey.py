"""The main job through the public doors only: send, receive, open, click, change one's mind, ask.

Three people receive three real mails. What the report, their pages and the database hold afterwards is exactly what
the rule book says, and about the one who said no there is nothing.
"""

import html
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.running import BROWSER, Running, eventually

OWN_MAILS = Path(__file__).parents[1] / "mails"


def mails() -> list[str]:
    """Three mails: from the corpus where there is one, else the project's own."""
    folder = Path(os.environ.get("ASSENT_MAIL_CORPUS", OWN_MAILS))
    chosen = sorted(folder.glob("*.html"))[:2]
    newsletter = (OWN_MAILS / "newsletter.html").read_text(encoding="utf-8")
    return [newsletter, *(path.read_text(encoding="utf-8") for path in chosen)]


class MailProgram(HTMLParser):
    """Reads a mail as a mail program does: shows its pictures, knows its links."""

    def __init__(self, mail: str, server: str) -> None:
        super().__init__()
        self.server = server
        self.pictures: list[str] = []
        self.links: list[str] = []
        self.feed(mail)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "img" and (found.get("src") or "").startswith(self.server):
            self.pictures.append(found["src"] or "")
        if tag in {"a", "area"} and (found.get("href") or "").startswith(f"{self.server}/c/"):
            self.links.append(found["href"] or "")

    def open(self) -> None:
        """Loads the pictures."""
        for picture in self.pictures:
            response = httpx.get(picture, headers={"User-Agent": BROWSER}, timeout=60)
            assert (response.status_code, response.headers["content-type"]) == (200, "image/gif")

    def click(self, number: int) -> str:
        """Follows a link; returns where it leads."""
        response = httpx.get(self.links[number], headers={"User-Agent": BROWSER}, timeout=60)
        assert response.status_code == 302
        return response.headers["location"]


SUBSCRIBE = """mutation($input: UpsertSubscriberInput!) {
  upsertSubscriber(input: $input) { subscriber { id } errors { code message path } } }"""
CREATE = """mutation($input: CreateMailingInput!) {
  createMailing(input: $input) { mailing { id protected } errors { code } } }"""
PREPARE = """mutation($input: PrepareMessagesInput!) { prepareMessages(input: $input) {
  messages { messageId html text headers { name value } untrackedLinks
    decision { opens { mode boundBy trace { layer ceiling reason } } clicks { mode } }
    deliveries { id opensMode clicksMode } }
  warnings { code } errors { code message path } } }"""
REPORT = """query($id: ID!) { mailing(id: $id) { protected report { sent delivered bounced
  measured { opens clicks } coverage { opens clicks }
  opens { value shown } uniqueOpens { value shown } clicks { value shown } uniqueClicks { value shown }
  openRate { value lower upper basis shown } clickRate { value } clickToOpenRate { value } } } }"""
PAGE = """query($id: ID!) { subscriber(id: $id) { email permission { opens { value reason source } }
  overview { sent { value } delivered { value } opens { value shown } clicks { value shown } }
  deliveries(first: 5) { edges { node { opensMode opens { value shown } clicks { value shown } clickedLinks } } } } }"""


def subscriber(running: Running, answer: str | None) -> tuple[str, str]:
    """Adds somebody with this answer; returns address and id."""
    email = f"{uuid4().hex[:12]}@journey.example"
    said = {} if answer is None else {"permission": answer, "source": "FORM", "at": "2026-11-01T09:00:00Z"}
    payload = running.gql(SUBSCRIBE, input={"email": email, **said})["upsertSubscriber"]
    assert payload["errors"] == []
    return email, payload["subscriber"]["id"]


def mailing(running: Running, **stated: object) -> str:
    payload = running.gql(CREATE, input={"name": "Journey", "channel": "CAMPAIGN", **stated})
    return payload["createMailing"]["mailing"]["id"]


def prepared(running: Running, mailing_id: str, mail: str, *emails: str) -> list[dict]:
    recipients = [{"to": [{"email": email}]} for email in emails]
    call = {"mailingId": mailing_id, "html": mail, "recipients": recipients}
    payload = running.gql(PREPARE, input=call)["prepareMessages"]
    assert payload["errors"] == []
    return payload["messages"]


def report(running: Running, mailing_id: str) -> dict:
    return running.gql(REPORT, id=mailing_id)["mailing"]["report"]


def settled(running: Running, mailing_id: str, opens: int, clicks: int) -> dict:
    """The report, once the hits have reached it."""

    def there() -> dict | None:
        found = report(running, mailing_id)
        return found if (found["opens"]["value"], found["clicks"]["value"]) == (opens, clicks) else None

    return eventually(there, f"a report of {opens} opens and {clicks} clicks")


@pytest.mark.parametrize("mail", mails(), ids=["newsletter", "first", "second"])
async def test_three_people_and_a_change_of_mind(running: Running, mail: str) -> None:
    """YES is tracked until it is taken back, NO and UNKNOWN are not tracked at all under the strict preset."""
    yes, yes_id = subscriber(running, "YES")
    no, no_id = subscriber(running, "NO")
    unknown, unknown_id = subscriber(running, None)
    mailing_id = mailing(running)

    tracked, refused, silent = prepared(running, mailing_id, mail, yes, no, unknown)

    modes = [each["decision"]["opens"]["mode"] for each in (tracked, refused, silent)]
    assert modes == ["PERSONAL", "OFF", "OFF"]
    assert refused["decision"]["opens"]["boundBy"] == "PERMISSION"
    assert "/o/" not in refused["html"] + silent["html"]
    assert without_ways_out(refused["html"], running) == without_ways_out(mail, running)
    mine = MailProgram(tracked["html"], running.url)
    assert len(mine.pictures) == 1
    for each in (tracked, refused, silent):
        assert [header["name"] for header in each["headers"]] == ["List-Unsubscribe", "List-Unsubscribe-Post"]

    mine.open()
    leads_to = mine.click(0)
    MailProgram(refused["html"], running.url).open()
    found = settled(running, mailing_id, opens=1, clicks=1)

    assert leads_to.startswith(("https://", "http://"))
    assert (found["sent"], found["delivered"], found["measured"]) == (3, 3, {"opens": 1, "clicks": 1})
    assert found["openRate"] == {
        "value": 1.0,
        "lower": 1 / 3,
        "upper": 1.0,
        "basis": "UNIQUE",
        "shown": "EXACT",
    }

    (way_out,) = {header["value"] for header in tracked["headers"] if header["name"] == "List-Unsubscribe"}
    choose = re.search(rf"{running.url}/preferences/[\w-]+", html.unescape(tracked["html"]))
    assert way_out.startswith(f"<{running.url}/unsubscribe/")
    assert choose is not None
    answered = httpx.post(choose.group(), data={"tracking": "no"}, timeout=60)
    assert answered.status_code == 200
    mine.open()
    mine.click(0)
    eventually(running.journal_is_empty, "the journal is drained")

    after = report(running, mailing_id)
    assert (after["opens"]["value"], after["clicks"]["value"]) == (1, 1)
    page = running.gql(PAGE, id=yes_id)["subscriber"]
    assert page["permission"]["opens"] == {
        "value": "NO",
        "reason": "WITHDRAWN",
        "source": "PREFERENCE_CENTER",
    }
    assert page["overview"]["opens"] == {"value": 0, "shown": "NOT_MEASURED"}
    for identity in (no_id, unknown_id):
        person = running.gql(PAGE, id=identity)["subscriber"]
        assert person["overview"] == {
            "sent": {"value": 1},
            "delivered": {"value": 1},
            "opens": {"value": 0, "shown": "NOT_MEASURED"},
            "clicks": {"value": 0, "shown": "NOT_MEASURED"},
        }
    await nothing_about(running, no)


def without_ways_out(mail: str, running: Running) -> str:
    """A mail less the addresses that the placeholders became, so that an OFF mail equals its template."""
    filled = re.sub(rf"{running.url}/(preferences|unsubscribe)/[\w-]+", "WAY-OUT", mail)
    return re.sub(r"\{\{\{?\s*(preferences|unsubscribe)_url\s*\}?\}\}", "WAY-OUT", filled)


async def nothing_about(running: Running, email: str) -> None:
    """No event, no open, no click of this person stands anywhere in the database."""
    (person,) = await running.rows("SELECT id FROM subscriber WHERE address = $1", email)
    assert await running.rows("SELECT 1 FROM event WHERE subscriber_id = $1", person["id"]) == []
    (delivery,) = await running.rows(
        "SELECT opens, clicks, first_opened_at, first_clicked_at, clicked_links FROM delivery "
        "WHERE subscriber_id = $1",
        person["id"],
    )
    assert tuple(delivery) == (0, 0, None, None, [])


async def test_a_group_is_counted_without_anybody_in_it(running: Running) -> None:
    """An ANONYMOUS mailing to twelve: one pixel for all, a rounded total, no event, no delivery that was opened."""
    account = running.gql("{ viewer { account { id } } }")["viewer"]["account"]["id"]
    assert account
    people = [subscriber(running, "YES")[0] for _ in range(12)]
    mailing_id = mailing(running, opens="ANONYMOUS", clicks="ANONYMOUS")
    mail = (OWN_MAILS / "newsletter.html").read_text(encoding="utf-8")

    messages = prepared(running, mailing_id, mail, *people)
    programs = [MailProgram(each["html"], running.url) for each in messages]
    for program in programs[:8]:
        program.open()
        program.click(0)

    assert len({tuple(program.pictures + program.links) for program in programs}) == 1
    found = settled(running, mailing_id, opens=5, clicks=5)
    assert (found["opens"]["shown"], found["uniqueOpens"]["shown"]) == ("ROUNDED", "NOT_MEASURED")
    assert found["openRate"] == {
        "value": 5 / 12,
        "lower": None,
        "upper": None,
        "basis": "TOTAL",
        "shown": "ROUNDED",
    }
    rows = await running.rows("SELECT count(*) AS n FROM anonymous_tally")
    assert rows[0]["n"] >= 1
    contents = await running.rows(
        "SELECT d.opens, d.clicks FROM delivery d JOIN subscriber s ON s.id = d.subscriber_id "
        "WHERE s.address = ANY ($1::text[]) AND (d.opens > 0 OR d.clicks > 0)",
        people,
    )
    assert contents == []
