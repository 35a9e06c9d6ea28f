"""The look of the pages: small, in the account's own colour and name, and asking no other site for anything."""

import re
import zlib
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from app.actions.brands import BrandChange, update_brand
from app.domain.colours import LIGHT, palette
from app.domain.logos import LARGEST_LOGO
from app.look.languages import LANGUAGES
from app.look.pages import STYLESHEET, STYLESHEET_PATH
from tests.preference_center.conftest import Center

LARGEST_PAGE = 30_000
LARGEST_STYLESHEET = 12_000
PNG = b"\x89PNG\r\n\x1a\n"


async def busy_person(center: Center) -> UUID:
    """Somebody with lists, attributes, answers and mails, of an account with a colour and the largest logo."""
    picture = PNG + zlib.compress(bytes(range(256)) * 2)
    async with center.world.unit() as work:
        brand = BrandChange("Blue Door Books", "#2255cc", picture.ljust(LARGEST_LOGO, b"\x00"))
        await update_brand(work, brand)
    lists = [await center.add_list(f"Letters about subject number {number}") for number in range(8)]
    person = await center.person(attributes={f"field{n}": "some text " * 5 for n in range(20)}, lists=lists)
    link = center.link(person)
    for number in range(12):
        center.world.later(hours=1)
        answer = "yes" if number % 2 else "no"
        await center.browser.post(link, data={"opens" if number % 3 else "tracking": answer})
    mailing = await center.world.mailing()
    for _ in range(10):
        (mail,) = await center.world.send(mailing, "ada@example.org")
        await center.world.click(mail)
    await center.world.drain()
    return person


def parts(page: httpx.Response) -> Iterator[str]:
    """Everything that a page loads."""
    for found in re.findall(r'<(?:link|img|script|iframe)[^>]+(?:href|src)="([^"]+)"', page.text):
        if not found.startswith("data:"):
            yield found


async def test_every_page_has_less_than_thirty_kilobytes_in_all(center: Center):
    """In the longest language, with logo and colour, and with as much on it as fits."""
    person = await busy_person(center)
    link, fresh = center.link(person), center.fresh_link(person)
    sizes = {}

    for tag in LANGUAGES:
        for path in (link, fresh, f"{fresh}/recorded", f"{fresh}/answers", f"{link}/stop-tracking"):
            page = await center.browser.get(path, params={"lang": tag})
            loaded = [await center.browser.get(part) for part in parts(page)]
            assert len(loaded) == 3
            assert {each.status_code for each in (page, *loaded)} == {200}
            sizes[tag, path] = sum(len(each.content) for each in (page, *loaded))

    assert max(sizes.values()) < LARGEST_PAGE, sizes


async def test_a_page_asks_its_own_server_only(center: Center):
    person = await busy_person(center)

    page = await center.browser.get(center.fresh_link(person))

    assert [part for part in parts(page) if not part.startswith("/look/")] == []
    assert re.findall(r'(?:href|src|action)="(?:https?:)?//', page.text) == []


def test_the_stylesheet_is_small_names_no_other_site_and_knows_every_way_of_looking():
    sheet = STYLESHEET.decode()

    assert len(STYLESHEET) < LARGEST_STYLESHEET
    assert "url(" not in sheet
    assert "@import" not in sheet
    for way in (
        "prefers-color-scheme: dark",
        "forced-colors",
        "prefers-contrast",
        "@media print",
        ":focus-visible",
    ):
        assert way in sheet
    for moving in ("animation", "transition"):
        assert moving not in sheet


async def test_the_account_shows_its_name_its_colour_and_its_logo(center: Center):
    person = await center.person()
    async with center.world.unit() as work:
        await update_brand(work, BrandChange("Blue Door Books", "#ffee00", PNG + b"picture"))

    page = await center.browser.get(center.link(person))
    house, colour, logo = [await center.browser.get(part) for part in parts(page)]

    assert "<span>Blue Door Books</span>" in page.text
    assert "You and the mails of Blue Door Books" in page.text
    assert house.request.url.path == STYLESHEET_PATH
    assert f"--accent: {palette('#ffee00', LIGHT).accent};" in colour.text
    assert colour.headers["content-type"].startswith("text/css")
    assert (logo.content, logo.headers["content-type"]) == (PNG + b"picture", "image/png")
    for each in (colour, logo):
        assert each.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["referrer-policy"] == "no-referrer"


async def test_an_account_without_a_look_has_the_houses_own(center: Center):
    page = await center.browser.get(center.link(await center.person()))

    assert list(parts(page)) == [STYLESHEET_PATH]


@pytest.mark.parametrize(
    "path",
    [
        "/look/colours/red.css",
        "/look/colours/12345g.css",
        "/look/colours/%23123456.css",
        "/look/colours/123456",
        "/look/logos/00",
        f"/look/logos/{'0' * 64}",
        f"/look/logos/{'g' * 64}",
    ],
)
async def test_what_is_no_colour_and_no_logo_is_not_found(center: Center, path: str):
    assert (await center.browser.get(path)).status_code == 404


async def test_a_colour_is_served_while_the_database_is_away(center: Center):
    with center.database_away():
        assert (await center.browser.get("/look/colours/123456.css")).status_code == 200
        assert (await center.browser.get(f"/look/logos/{'0' * 64}")).status_code == 503


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_colours_sheet_says_both_schemes(scheme: str):
    sheet = STYLESHEET.decode()
    names = set(re.findall(r"--(accent|on-accent|tint): #", sheet))

    assert names == {"accent", "on-accent", "tint"}
    assert scheme in sheet
