"""Beside the pages there is only the door's own word: what is no page, and what a page does not take."""

import pytest

from app.look.pages import PAGE_HEADERS
from tests.preference_center.conftest import Center

TAKING = [
    "/preferences",
    "/preferences/t",
    "/preferences/t/stop-tracking",
    "/unsubscribe/t",
    "/forms/1/confirm/t",
]
SHOWING = ["/preferences/t/recorded", "/preferences/t/answers", "/preferences/t/data.zip", "/receipts/t"]
NOWHERE = [
    "/preferences/t/nothing",
    "/preferences/t/stop-tracking/more",
    "/unsubscribe",
    "/unsubscribe/t/more",
    "/forms",
    "/forms/1/nothing",
    "/receipts",
]


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_no_page_is_said_by_a_plain_page_or_to_a_program(
    center: Center, path: str, method: str
):
    page = await center.browser.request(method, path)
    answer = await center.browser.request(method, path, headers={"Accept": "application/json"})

    assert (page.status_code, answer.status_code) == (404, 404)
    assert "There is no such page." in page.text
    assert answer.json()["errors"][0]["code"] == "NOT_FOUND"
    for each in (page, answer):
        assert PAGE_HEADERS.items() <= {name.title(): each.headers[name] for name in each.headers}.items()


@pytest.mark.parametrize("path", [*TAKING, *SHOWING, "/forms/1"])
async def test_a_method_that_a_page_does_not_take_is_refused_with_those_that_it_does(
    center: Center, path: str
):
    page = await center.browser.delete(path)
    answer = await center.browser.delete(path, headers={"Accept": "application/json"})

    assert (page.status_code, answer.status_code) == (405, 405)
    assert "This page does not take that kind of request." in page.text
    assert answer.json()["errors"][0]["code"] == "METHOD_NOT_ALLOWED"
    for each in (page, answer):
        assert PAGE_HEADERS.items() <= {name.title(): each.headers[name] for name in each.headers}.items()
        assert each.headers["allow"] == (
            "GET, HEAD, OPTIONS" if path in SHOWING else "GET, HEAD, POST, OPTIONS"
        )


@pytest.mark.parametrize("path", TAKING)
async def test_a_page_says_that_it_takes_what_is_sent(center: Center, path: str):
    answer = await center.browser.options(path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert answer.headers["cache-control"] == "no-store"


async def test_other_doors_speak_for_themselves(center: Center):
    answer = await center.browser.get("/exports-of-nobody")

    assert answer.status_code == 404
    assert answer.json() == {"status_code": 404, "detail": "Not Found"}
