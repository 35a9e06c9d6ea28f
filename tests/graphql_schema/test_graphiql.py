"""GraphiQL for browsers, with nothing from elsewhere."""

import re

import pytest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def test_a_browser_gets_the_page_without_a_token(client):
    response = await client.get("/graphql", headers={"Accept": BROWSER, "Authorization": ""})

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert "script-src 'self';" in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_the_page_names_nothing_from_elsewhere_and_all_it_names_is_there(client):
    text = (await client.get("/graphql", headers={"Accept": BROWSER})).text

    named = re.findall(r'(?:src|href)="([^"]+)"', text)

    assert "http" not in text
    assert len(named) == 7
    for address in named:
        if not address.startswith("data:"):
            response = await client.get(f"/{address}", headers={"Authorization": ""})
            assert response.status_code == 200
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["content-type"].startswith(("text/javascript", "text/css"))


async def test_files_named_after_their_version_are_kept_by_the_browser(client):
    kept = await client.get("/graphql/assets/react-18.3.1.min.js")
    fresh = await client.get("/graphql/assets/start.js")

    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert fresh.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["graphiql.html", "LICENSES.txt", "none.js", "..%2Fendpoint.py", "%2Fetc%2Fpasswd"]
)
async def test_nothing_else_is_served_from_there(client, name):
    assert (await client.get(f"/graphql/assets/{name}")).status_code == 404


@pytest.mark.parametrize("accept", ["*/*", "application/json", f"application/json, {BROWSER}"])
async def test_programs_do_not_get_the_page(client, accept):
    response = await client.get("/graphql", params={"query": "{hello}"}, headers={"Accept": accept})

    assert response.json() == {"data": {"hello": "Hello world"}}
