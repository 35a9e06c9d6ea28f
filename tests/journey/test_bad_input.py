"""Bad input at the doors of a running instance: one clear sentence, the right code, nothing half-written."""

import re

import httpx
import pytest

from tests.journey.test_journey import PREPARE, SUBSCRIBE, MailProgram, mailing, prepared, subscriber
from tests.running import Running

WAY_OUT = '<a href="{{preferences_url}}">Choose</a>'


def test_broken_html_is_stamped_all_the_same(running: Running) -> None:
    """Open tags, stray quotes, nested tables without end: the mail stays as it is, plus its tracking."""
    email, _ = subscriber(running, "YES")
    broken = (
        f'<table><tr><td><a href="https://shop.example.com/a>x</a><b <i>{WAY_OUT}<a href=https://b.example/q'
    )

    (message,) = prepared(running, mailing(running), broken, email)

    program = MailProgram(message["html"], running.url)
    assert len(program.pictures) <= 1
    program.open()


def test_a_mail_of_almost_five_megabytes_goes_through(running: Running) -> None:
    """5 MB is the limit, and it works up to there."""
    email, _ = subscriber(running, "YES")
    large = "<p>" + "long words " * 470_000 + WAY_OUT + '<a href="https://shop.example.com/a">A</a></p>'

    (message,) = prepared(running, mailing(running), large, email)

    assert len(large) > 5_000_000
    assert MailProgram(message["html"], running.url).click(0) == "https://shop.example.com/a"


def test_a_larger_mail_is_refused_with_the_reason(running: Running) -> None:
    """Beyond 5 MB the payload says LIMIT_EXCEEDED with the path, and there is no delivery."""
    email, _ = subscriber(running, "YES")
    call = {"mailingId": mailing(running), "html": "x" * (5 * 1024 * 1024 + 1)}

    payload = running.gql(PREPARE, input={**call, "recipients": [{"to": [{"email": email}]}]})

    (error,) = payload["prepareMessages"]["errors"]
    assert (error["code"], error["path"]) == ("LIMIT_EXCEEDED", ["html"])
    assert "5 MB" in error["message"]


def test_ten_thousand_links_are_each_tracked(running: Running) -> None:
    """A mail may have 10,000 links; one more is refused."""
    email, _ = subscriber(running, "YES")
    links = "".join(f'<a href="https://shop.example.com/{number}">{number}</a>' for number in range(9_999))
    mailing_id = mailing(running)

    (message,) = prepared(running, mailing_id, links + WAY_OUT, email)
    more = links + WAY_OUT * 2
    refused = running.gql(
        PREPARE, input={"mailingId": mailing_id, "html": more, "recipients": [{"to": [{"email": email}]}]}
    )

    program = MailProgram(message["html"], running.url)
    assert len(program.links) == 9_999
    assert program.click(9_998) == "https://shop.example.com/9998"
    assert refused["prepareMessages"]["errors"][0]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b@c.example", "a b@example.org", "x@-.example", "ä" * 300]
)
def test_an_address_that_is_none_says_what_is_wrong(running: Running, email: str) -> None:
    """INVALID_EMAIL with the path and a sentence that never repeats the text."""
    payload = running.gql(SUBSCRIBE, input={"email": email})["upsertSubscriber"]

    (error,) = payload["errors"]
    assert (error["code"], error["path"], payload["subscriber"]) == ("INVALID_EMAIL", ["email"], None)
    assert not email or email not in error["message"]


@pytest.mark.parametrize("identity", ["", "x", "TWFpbGluZzo5OTk=", "U3Vic2NyaWJlcjo1"])
def test_an_unknown_id_is_not_found(running: Running, identity: str) -> None:
    """A malformed, foreign or unknown id: nothing in a query, NOT_FOUND in a payload."""
    call = {"mailingId": identity, "html": "x", "recipients": [{"to": [{"email": "ada@example.org"}]}]}

    payload = running.gql(PREPARE, input=call)["prepareMessages"]

    assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    assert payload["messages"] == []


@pytest.mark.parametrize("token", ["", "nonsense", "assent_" + "x" * 43, "ä"])
def test_a_token_that_is_none_is_unauthenticated(running: Running, token: str) -> None:
    """401, WWW-Authenticate, and a code; whether the header is missing, malformed or unknown."""
    headers = {"Authorization": f"Bearer {token}".encode()} if token else {}

    response = httpx.post(
        f"{running.url}/graphql", json={"query": "{ viewer { scopes } }"}, headers=headers, timeout=60
    )

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_token_without_the_scope_is_forbidden(running: Running) -> None:
    """FORBIDDEN names the scope; the mutation did nothing."""
    create = """mutation { createToken(input: {name: "reader", scopes: ["mailings:read"]}) {
      secret errors { code } } }"""
    secret = running.gql(create)["createToken"]["secret"]

    answer = running.post(SUBSCRIBE, secret, input={"email": "forbidden@example.org"})

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "subscribers:write" in answer["errors"][0]["message"]
    found = running.gql('{ subscriber(email: "forbidden@example.org") { id } }')
    assert found == {"subscriber": None}


def test_damaged_links_lead_nowhere_and_damaged_pixels_stay_pixels(running: Running) -> None:
    """A link part that does not verify is 404 and never a redirect; a pixel is a pixel whatever its token."""
    email, _ = subscriber(running, "YES")
    html = f'<a href="https://shop.example.com/a">A</a>{WAY_OUT}'
    (message,) = prepared(running, mailing(running), html, email)
    link = MailProgram(message["html"], running.url).links[0]
    token = link.rsplit("/", 1)[1]
    damaged = ("A" if token[5] != "A" else "B").join([token[:5], token[6:]])

    click = httpx.get(f"{running.url}/c/{damaged}", timeout=60)
    pixel = httpx.get(f"{running.url}/o/{damaged}.gif", timeout=60)
    preferences = httpx.get(f"{running.url}/preferences/{token.partition('.')[2]}", timeout=60)

    assert (click.status_code, "location" in click.headers) == (404, False)
    assert (pixel.status_code, pixel.headers["content-type"], len(pixel.content)) == (200, "image/gif", 43)
    assert preferences.status_code == 404


def test_a_sign_up_from_another_origin_needs_that_origin_to_be_allowed(running: Running) -> None:
    """The demo's form allows no foreign origin: 403, and nobody is subscribed; from its own page it works."""
    _, form = (running.data / "demo-links").read_text().split()
    fields = {"email": "visitor@journey.example", "tracking": "yes"}

    foreign = httpx.post(form, data=fields, headers={"Origin": "https://evil.example"}, timeout=60)
    own = httpx.post(form, data=fields, headers={"Origin": running.url}, timeout=60)
    odd = httpx.post(
        form, data={**fields, "tracking": "perhaps"}, headers={"Origin": running.url}, timeout=60
    )

    assert (foreign.status_code, own.status_code, odd.status_code) == (403, 200, 422)
    assert re.search("visitor@journey", own.text) is None
