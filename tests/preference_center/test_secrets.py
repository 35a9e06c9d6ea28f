"""The token in the address is the authority, so it is told to nobody: no log, no error, no other site, no cache."""

import logging

import httpx
import pytest

from tests.preference_center.conftest import Center

ADDRESS = "ada@example.org"


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """What we log, without what the test's own browser does."""
    return "\n".join(
        f"{record.getMessage()} {record.exc_text or ''} {record.__dict__.get('extra', '')}"
        for record in caplog.records
        if not record.name.startswith(("httpx", "httpcore"))
    )


async def every_way(center: Center, token: str) -> list[httpx.Response]:
    """Whatever can be asked with a token."""
    link = f"/preferences/{token}"
    return [
        await center.browser.get(link),
        await center.browser.post(link, data={"tracking": "no"}),
        await center.browser.post(link, data={"tracking": "perhaps"}),
        await center.browser.post(link, data={"erase": "everything"}),
        await center.browser.get(f"{link}/recorded"),
        await center.browser.get(f"{link}/answers"),
        await center.browser.get(f"{link}/data.zip"),
        await center.browser.post(f"{link}/stop-tracking", data={"Tracking": "Stop"}),
        await center.browser.put(link),
    ]


@pytest.mark.parametrize("away", [False, True])
async def test_no_log_holds_a_token_or_an_address(
    center: Center, caplog: pytest.LogCaptureFixture, away: bool
):
    person = await center.person()
    tokens = [link.rpartition("/")[2] for link in (center.link(person), center.fresh_link(person))]

    with caplog.at_level(logging.DEBUG):
        for token in (*tokens, f"{tokens[0][:-4]}AAAA"):
            if away:
                with center.database_away():
                    answers = await every_way(center, token)
                assert answers[0].status_code in {404, 503}
            else:
                answers = await every_way(center, token)

    written = logged(caplog)
    assert ADDRESS not in written
    assert [token for token in tokens if token in written] == []


async def test_no_error_repeats_the_token(center: Center):
    person = await center.person()
    token = center.link(person).rpartition("/")[2]

    with center.database_away():
        for answer in await every_way(center, token):
            assert answer.status_code >= 400
            assert token not in answer.text


async def test_nothing_that_is_shown_tells_another_site_or_a_cache(center: Center):
    """Every answer behind a token, downloads included."""
    person = await center.person()
    fresh = center.fresh_link(person).rpartition("/")[2]
    link = f"/preferences/{fresh}"

    for path in (link, f"{link}/recorded", f"{link}/answers", f"{link}/data.zip", f"{link}/stop-tracking"):
        answer = await center.browser.get(path)
        assert answer.status_code == 200
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_another_site_gains_nothing_by_sending_a_form(center: Center, origin: str):
    """It names no token, and a browser brings along none: what it can send reaches nobody, and reads nothing."""
    person = await center.person()

    answer = await center.browser.post(
        "/preferences/", data={"tracking": "yes"}, headers={"Origin": origin, "Cookie": "session=1"}
    )
    shown = await center.browser.get(center.link(person), headers={"Origin": origin})

    assert answer.status_code in {404, 422}
    assert await center.lines() == 0
    assert "access-control-allow-origin" not in shown.headers
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
