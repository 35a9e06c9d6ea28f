"""Whatever people call things, the pages stay as they are: the same elements with the same attributes, none more."""

from html.parser import HTMLParser
from uuid import UUID

import pytest

from app.actions.brands import BrandChange, update_brand
from app.actions.mailings import NewMailing, create_mailing
from app.domain.modes import Channel
from app.domain.texts import checked_name
from app.look.languages import LANGUAGES
from tests.preference_center.conftest import Center

HOSTILE = [
    '"><img src=x onerror=alert(1)>',
    "</title></section><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %} {account} {0} %s",
    "javascript:alert(1)//&quot;&#x3c;script&#x3e;",
    "<!--", "]]>", "\u202egnp.evil", "&lt;b&gt;", "A & B <c@d.example>",
]  # fmt: skip


class Elements(HTMLParser):
    """The elements of a page in order, with the names of their attributes; none of its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))


async def named(center: Center, name: str, address: str) -> UUID:
    """An account, a list, a mailing and an attribute of that name, and somebody who has met all of them."""
    name = checked_name(name)
    async with center.world.unit() as work:
        await update_brand(work, BrandChange(name=name))
    letters = await center.add_list(name)
    person = await center.person(address, lists=[letters], attributes={name[:40]: name})
    await center.browser.post(center.link(person), data={"tracking": "yes"})
    async with center.world.unit() as work:
        mailing = await create_mailing(work, NewMailing(name, Channel.CAMPAIGN, letters))
    (mail,) = await center.world.send(mailing, address)
    await center.world.click(mail)
    await center.world.drain()
    return person


async def pages(center: Center, person: UUID) -> list[list[tuple[str, ...]]]:
    """The elements of every page on which one of the names stands."""
    link, fresh = center.link(person), center.fresh_link(person)
    asked = [
        await center.browser.get(path)
        for path in (link, fresh, f"{fresh}/recorded", f"{fresh}/answers", f"{link}/stop-tracking")
    ]
    asked.append(await center.browser.post(link, data={"tracking": "no"}))
    asked.append(await center.browser.post(link, data={"leave": "all"}))
    assert {page.status_code for page in asked} == {200}
    return [Elements(page.text).found for page in asked]


async def test_no_name_changes_a_page(center: Center):
    harmless = await pages(center, await named(center, "Letters", "ada@example.org"))

    for number, name in enumerate(HOSTILE):
        person = await named(center, name, f"ada{number}@example.org")
        assert await pages(center, person) == harmless, name


@pytest.mark.parametrize(
    "field", ["lang", "locale", "tracking", "opens", "leave", "return", "erase", "email"]
)
@pytest.mark.parametrize("value", ['"><script>alert(1)</script>', "x" * 60_000, "\x00", "{account}"])
async def test_no_field_is_repeated_unescaped_or_breaks_a_page(center: Center, field: str, value: str):
    """Whatever is posted, the answer is a page of ours, and nothing is written."""
    person = await center.person()

    for path in (center.link(person), "/preferences"):
        page = await center.browser.post(path, data={field: value})
        assert page.status_code in {200, 403, 422}
        assert "<script" not in page.text
        assert value not in page.text or value == "{account}"
    assert await center.lines() == 0


@pytest.mark.parametrize("tag", ['"><script>', "../../etc/passwd", "de\r\nX-Evil: 1", "zz", ""])
async def test_a_language_that_is_none_changes_nothing(center: Center, tag: str):
    person = await center.person()

    page = await center.browser.get(center.link(person), params={"lang": tag})

    assert page.headers["content-language"] in LANGUAGES
    assert "x-evil" not in page.headers
    assert "<script" not in page.text


async def test_a_body_beyond_the_limit_is_refused_and_writes_nothing(center: Center):
    person = await center.person()

    for body in ({"tracking": "no", "more": "x" * 70_000}, {f"field{n}": "x" for n in range(101)}):
        page = await center.browser.post(center.link(person), data=body)
        assert page.status_code in {413, 422}
    assert await center.lines() == 0
