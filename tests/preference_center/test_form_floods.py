"""Floods and hostile addresses: a network has its pace, memory is bounded, and a form leads nowhere it should not."""

import asyncio
from ipaddress import ip_network

import httpx
import pytest

from app.domain.errors import InvalidValue
from app.networks import Trusted
from app.pace import Pace
from tests.preference_center.conftest import Center

THANKS = "https://shop.example/thanks"


SLOWLY = 3600
"""Seconds until the next place, so that none comes back while a test runs, however slow the machine is."""


def no_refill(center: Center) -> None:
    center.world.instance.pace = Pace(30, SLOWLY)


def stranger(center: Center, address: str) -> httpx.AsyncClient:
    """A browser at an address of the wide world."""
    transport = httpx.ASGITransport(center.browser._transport.app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url=center.browser.base_url)


async def test_a_burst_from_one_network_is_slowed_down_and_others_go_on(center: Center):
    """Thirty go through, the rest are told how long to wait; nothing of theirs is read, stored or mailed."""
    no_refill(center)
    form = await center.form()
    async with stranger(center, "203.0.113.7") as flooding, stranger(center, "198.51.100.1") as other:
        answers = await asyncio.gather(
            *(flooding.post(form, json={"email": f"bot{n}@example.org"}) for n in range(120))
        )
        page = await flooding.post(form, data={"email": "x" * 60_000}, headers={"Accept": "text/html"})
        fine = await other.post(form, json={"email": "ada@example.org"})

    codes = [answer.status_code for answer in answers]
    assert codes.count(202) + codes.count(429) == 120
    assert codes.count(202) == 30
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["errors"][0]["code"] == "RATE_LIMITED"
    assert 1 <= int(refused.headers["retry-after"]) <= SLOWLY
    assert (page.status_code, fine.status_code) == (429, 202)
    assert "Please try again in a minute." in page.text
    assert await center.count("subscriber") == codes.count(202) + 1
    assert len(center.world.instance.pace._used) == 2
    assert b"203.0.113" not in b"".join(center.world.instance.pace._used)


async def test_nobody_escapes_the_pace_by_a_network_of_their_own_making_in_a_header_before_the_proxys(
    center: Center,
):
    """A proxy may add its X-Forwarded-For as a header of its own, as HAProxy does, behind what the client made up."""
    no_refill(center)
    center.world.instance.trusted = Trusted([ip_network("198.51.100.1")])
    form = await center.form()
    async with stranger(center, "198.51.100.1") as flooding:
        codes = [
            (
                await flooding.post(
                    form,
                    data={"email": f"bot{n}@example.org"},
                    headers=[("X-Forwarded-For", f"192.0.{n}.1"), ("X-Forwarded-For", "203.0.113.7")],
                )
            ).status_code
            for n in range(40)
        ]

    assert codes[:30] == [200] * 30
    assert codes[30:] == [429] * 10


async def test_requests_for_links_are_slowed_down_too(center: Center):
    no_refill(center)
    async with stranger(center, "203.0.113.7") as asking:
        codes = [
            (await asking.post("/preferences", data={"email": f"a{n}@example.org"})).status_code
            for n in range(40)
        ]

    assert codes[:30] == [200] * 30
    assert codes[30:] == [429] * 10


async def test_confirmations_are_slowed_down_too(center: Center):
    """Whoever guesses at links gets no further than thirty of them."""
    no_refill(center)
    form = await center.form()
    async with stranger(center, "203.0.113.7") as guessing:
        codes = [(await guessing.post(f"{form}/confirm/x{n}")).status_code for n in range(40)]

    assert codes[:30] == [404] * 30
    assert codes[30:] == [429] * 10


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/",
        "//evil.example/thanks",
        "https:evil.example",
        "https://shop.example/thanks/../../evil",
        "https://shop.example/thanks?next=https://evil.example",
        "https://shop.example/thanks#x",
        "https://shop.example@evil.example/thanks",
        "https://shop.example.evil.example/thanks",
        "https://shop.example/thanks\r\nSet-Cookie: a=b",
        "https://shop.example/thanks ",
        "HTTPS://SHOP.EXAMPLE/thanks",
        "javascript:alert(1)",
        "data:text/html,x",
        "/preferences",
        "\\\\evil.example",
        "https://shop.example%2fthanks",
        "",
    ],
)
async def test_a_redirect_that_is_not_word_for_word_allowed_is_refused_before_anything_happens(
    center: Center, redirect: str
):
    form = await center.form(allowed_redirects=[THANKS])

    page = await center.browser.post(form, data={"email": "ada@example.org", "redirect": redirect})
    answer = await center.browser.post(form, json={"email": "ada@example.org", "redirect": redirect})

    assert (page.status_code, answer.status_code) == (422, 422)
    assert "location" not in {*page.headers, *answer.headers}
    assert answer.json()["errors"][0]["path"] == ["redirect"]
    assert await center.count("subscriber") == 0


@pytest.mark.parametrize(
    "allowed", ["javascript:alert(1)", "//shop.example", "https://", "ftp://shop.example/", "https://a\r\nb/"]
)
async def test_only_whole_web_addresses_can_be_allowed(center: Center, allowed: str):
    with pytest.raises(InvalidValue):
        await center.form(allowed_redirects=[allowed])


async def test_no_answer_of_a_form_speaks_of_credentials_or_of_any_origin(center: Center):
    """Neither to an origin that it names, nor to one that it does not, nor to none."""
    form = await center.form(allowed_origins=["https://shop.example"])
    answers = [
        await center.browser.request(method, form, headers={"Origin": origin} if origin else {})
        for method in ("GET", "HEAD", "POST", "OPTIONS")
        for origin in ("https://shop.example", "https://evil.example", "null", "")
    ]

    for answer in answers:
        assert answer.headers.get("access-control-allow-origin") in {None, "https://shop.example"}
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]
        assert "set-cookie" not in answer.headers
    allowing = [a for a in answers if "access-control-allow-origin" in a.headers]
    assert [a.request.headers["origin"] for a in allowing] == ["https://shop.example"] * 4
