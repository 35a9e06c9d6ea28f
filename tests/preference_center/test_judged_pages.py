"""Judges that nobody here wrote find nothing wrong with any page in any state: axe-core, Nu, Lighthouse."""

import asyncio
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from app.actions.brands import BrandChange, update_brand
from app.actions.erase import erase
from app.actions.forms import NewForm, create_form
from app.disclosure.forms import forms_by_id
from app.disclosure.wordings import preview
from app.domain.attributes import AttributeType
from app.domain.form_fields import FormField
from app.domain.forms import FormQuestion
from app.domain.presets import Preset
from app.look.languages import LANGUAGES
from tests.judges.pages import Sight, axe, lighthouse, nu
from tests.preference_center.conftest import Center
from tests.web.report_pages import report_pages

FIELDS = [
    FormField("city", "City", required=True),
    FormField("children", "Children", AttributeType.NUMBER),
    FormField("birthday", "Birthday", AttributeType.DATE),
    FormField("vegetarian", "I eat no meat", AttributeType.BOOLEAN),
]
GPC = {"Sec-GPC": "1"}


async def form_sights(center: Center) -> list[Sight]:
    """Every state of a form and its confirmation."""
    letters = await center.add_list()
    whole = await center.form(FormQuestion.EACH_AXIS, list_id=letters, fields=FIELDS, locales=["en", "de"])
    short = await center.form(list_id=letters)
    bare = await center.form(FormQuestion.NOTHING)
    async with center.world.unit() as work:
        single = f"/forms/{await create_form(work, NewForm('Single', double_opt_in=False))}"
    await center.browser.post(short, data={"email": "cy@example.org", "tracking": "yes"})
    confirm = center.mailed_path()
    filled = {"email": "ada@example.org", "city": "Bern", "tracking_opens": "yes", "tracking_clicks": "no"}
    return [
        Sight("form", short),
        Sight("form, German", f"{short}?lang=de"),
        Sight("form under Global Privacy Control", short, headers=GPC),
        Sight("form with fields", whole),
        Sight("form that asks nothing", bare),
        Sight("form without an address", whole, {"email": "ada"}),
        Sight("form with a field left out", whole, {**filled, "city": ""}),
        Sight("form with a field that is no number", whole, {**filled, "children": "two"}),
        Sight("form with no answer to the question", short, {"email": "ada@example.org", "tracking": "x"}),
        Sight("form sent", whole, filled),
        Sight("form done", single, {"email": "ben@example.org"}),
        Sight("form that is not there", "/forms/1"),
        Sight("form from elsewhere", short, {}, {"Origin": "https://elsewhere.example"}),
        Sight("confirm", confirm),
        Sight("confirm, invalid", f"{short}/confirm/x"),
        Sight("confirmed", confirm, {"confirm": "yes"}),
        Sight("confirmed already", confirm),
    ]


async def person_sights(center: Center) -> list[Sight]:
    """Every state of a person's own pages."""
    letters, offers = await center.add_list("Letters"), await center.add_list("Offers")
    async with center.world.unit() as work:
        await update_brand(work, BrandChange(name="Blue Door Books", colour="#ffee00"))
    person = await center.person("dot@example.org", lists=[letters, offers])
    gone = await center.person("eve@example.org")
    async with center.world.unit() as work:
        await erase(work, gone)
    await center.browser.post(center.link(person), data={"tracking": "yes"})
    mailing = await center.world.mailing()
    (mail,) = await center.world.send(mailing, "dot@example.org")
    await center.world.click(mail)
    await center.world.drain()
    link, fresh = center.link(person), center.fresh_link(person)
    leave = center.unsubscribe_link(person, mailing)
    return [
        Sight("ask for a link", "/preferences"),
        Sight("ask for a link without an address", "/preferences", {"email": "ada"}),
        Sight("link on its way", "/preferences", {"email": "nobody@example.org"}),
        Sight("masked", link),
        Sight("masked, German", f"{link}?lang=de"),
        Sight("masked under Global Privacy Control", link, headers=GPC),
        Sight("fresh", fresh),
        Sight("fresh, expired", center.fresh_link(person, hours=-1)),
        Sight("recorded", f"{fresh}/recorded"),
        Sight("answers", f"{fresh}/answers"),
        Sight("recorded, not fresh", f"{link}/recorded"),
        Sight("recorded, expired", f"{center.fresh_link(person, hours=-1)}/recorded"),
        Sight("link that does not verify", "/preferences/x"),
        Sight("link of somebody erased", center.link(gone)),
        Sight("saved no", link, {"tracking": "no"}),
        Sight("saved yes", link, {"tracking": "yes"}),
        Sight("saved apart", link, {"opens": "no"}),
        Sight("saved the same", link, {"opens": "no"}),
        Sight("nothing chosen", link, {}),
        Sight("stop", f"{link}/stop-tracking"),
        Sight("stopped", f"{link}/stop-tracking", {"Tracking": "Stop"}),
        Sight("left a list", link, {"leave": str(letters)}),
        Sight("come back", fresh, {"return": str(letters)}),
        Sight("unsubscribe", leave),
        Sight("unsubscribed", leave, {"List-Unsubscribe": "One-Click"}),
        Sight("unsubscribed before", link),
        Sight("recorded erased", fresh, {"erase": "recorded"}),
        Sight("erased", fresh, {"erase": "everything"}),
    ]


async def report_sights(center: Center) -> list[Sight]:
    """Every state of a report page."""
    async with report_pages(center.world) as pages:
        unsent = await pages.path(await pages.world.mailing())
        some = await pages.path(await pages.agreed_and_not())
        await pages.world.preset(Preset.BREVO)
        group = await pages.path(await pages.group(12, 12))
    return [
        Sight("report", some),
        Sight("report, German", f"{some}?lang=de"),
        Sight("report with figures withheld", group),
        Sight("report before anything is sent", unsent),
        Sight("report that is not there", "/reports/x"),
    ]


async def sights(center: Center) -> list[Sight]:
    return [
        *await form_sights(center),
        *await person_sights(center),
        *await report_sights(center),
    ]


async def test_axe_finds_nothing_on_any_page_by_day_and_by_night(
    center: Center, served: str, chromium: Browser
):
    """The rules of WCAG 2.2 A and AA, and axe's own best practices, on a phone and at a desk."""
    found = [
        Sight(each.name, served + each.url, each.post, each.headers)
        for each in await sights(center)
        # What can be done once only is looked at once, by Nu; what it leads to is another sight.
        if each.name not in {"erased", "form from elsewhere"}
    ]

    assert await axe(chromium, found) == []


async def test_nu_finds_no_error_and_no_warning_in_the_html_of_any_page(center: Center, tmp_path: Path):
    assert await nu(center.browser, await sights(center), tmp_path) == []


async def test_nu_finds_nothing_in_snippets_and_letters(center: Center, tmp_path: Path):
    """What goes into the sender's page, in each language, and our own mails."""
    path = await center.form(FormQuestion.EACH_AXIS, fields=FIELDS, locales=list(LANGUAGES))
    form_id = int(path.rpartition("/")[2])
    view = (await forms_by_id(center.world.reader, [form_id]))[form_id]
    await center.browser.post(path, data={"email": "ada@example.org", "city": "Bern"})
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head><body>'
        f"{view.snippet(tag)}</body></html>"
        for tag in LANGUAGES
    ]
    parts += [mail.get_body(("html",)).get_content() for mail in center.mails()]
    parts += [preview(center.world.reader, "de", "Dürfen wir?", asks) for asks in FormQuestion]
    texts = dict(zip((f"https://x.test/{n}" for n in range(len(parts))), parts, strict=True))

    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=texts[str(request.url)]))
    async with httpx.AsyncClient(transport=transport) as reading:
        assert await nu(reading, [Sight(url, url) for url in texts], tmp_path) == []


@pytest.mark.parametrize("page", ["form", "preferences"])
async def test_lighthouse_gives_the_highest_score(center: Center, served: str, page: str):
    """For accessibility and best practices."""
    if page == "form":
        path = await center.form(FormQuestion.EACH_AXIS, fields=FIELDS)
    else:
        path = center.link(await center.person(lists=[await center.add_list()]))

    scores = await asyncio.to_thread(lighthouse, served + path, "accessibility", "best-practices")

    assert scores == {"accessibility": 1, "best-practices": 1}


async def test_the_judges_do_judge(center: Center, chromium: Browser, tmp_path: Path):
    """A page of somebody who does not care is found out by each of them."""
    bad = "<html><body><img src='data:,'><input type=text><p style='color:#ccc'>dim<b></p></body></html>"
    file = tmp_path / "bad.html"
    await asyncio.to_thread(file.write_text, bad)
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, text=bad))

    said_axe = await axe(chromium, [Sight("bad", file.as_uri())])
    async with httpx.AsyncClient(transport=transport) as reading:
        said_nu = await nu(reading, [Sight("bad", "https://x.test/")], tmp_path)

    assert any("Unclosed element" in each for each in said_nu)
    assert {"image-alt", "label", "color-contrast"} <= {each.split(": ")[1] for each in said_axe}
