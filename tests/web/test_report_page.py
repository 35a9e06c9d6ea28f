"""The report page: what it says of what is known, what is not, and what is withheld; and that it asks nobody."""

import re

from app.actions.brands import BrandChange, update_brand
from app.actions.mailing_changes import MailingChange, update_mailing
from app.domain.presets import Preset
from app.look.languages import LANGUAGES
from app.look.pages import REPORT_STYLESHEET_PATH, STYLESHEET_PATH
from tests.web.report_pages import YES, ReportPages, Seen


async def test_the_page_says_what_is_known_and_what_nobody_knows(pages: ReportPages):
    """Two of four agreed: one of them opened and clicked, the other did not, and of two nobody knows."""
    mailing = await pages.agreed_and_not()

    page = await pages.page(mailing)

    assert "Spring Campaign. Figures as they stood on" in page.text
    for words in (
        "Delivered 4 of 4 sent",
        "Open rate 50% of the measured; 25% to 75% of all delivered",
        "Opens measured 2 50% of the delivered",
        "Opened 1 50% of the 2 of which it is known",
        "Clicked 1 50% of the 2 of which it is known",
        "Opened: 1 Not opened: 1 Nobody knows: 2",
        "Of the mails of which it is known, 50% were opened. Of all delivered it is 25% if nobody else opened, and",
        "shop.example.com/a?x=1 1 1",
        "“Not measured” is no zero.",
    ):
        assert words in page.text, words
    assert "About" not in page.text
    assert "Withheld" not in page.text
    assert "ada@" not in page.html
    for (subscriber,) in await pages.world.rows("SELECT id FROM subscriber"):
        assert not {subscriber.hex, str(subscriber)} & set(re.findall(r"[0-9a-f-]{32,}", page.html))


async def test_the_tables_behind_the_charts_say_the_same(pages: ReportPages):
    """What the gate says to the API is what stands there; a day shows its hours, a longer time its days."""
    mailing = await pages.agreed_and_not()
    first, report = pages.world.now[0], await pages.world.report(mailing)

    page = await pages.page(mailing)

    rows = dict(re.findall(r'<th scope="row">([^<]+)</th>\s*<td class="number">([^<]+)</td>', page.html))
    figures = (report.sent, report.delivered, report.measured[0], report.unique_opens.value)
    figures += (report.measured[1], report.unique_clicks.value)
    assert [rows[step] for step in FUNNEL] == [str(figure) for figure in figures]
    hour = first.replace(minute=0, second=0)
    assert "Over time By hour. Opens 1" in page.text
    assert f"{LANGUAGES['en'].moment(hour)} 1 1" in page.text

    pages.world.later(days=3)
    (mail,) = await pages.world.send(mailing, "ben@example.org")
    await pages.world.open(mail)
    await pages.world.drain()
    page = await pages.page(mailing)

    assert "Over time By day, in UTC. Opens 1" in page.text
    assert f"{LANGUAGES['en'].date(first)} 1 1" in page.text
    assert f"{LANGUAGES['en'].date(pages.world.now[0])} 1 0" in page.text


async def test_what_is_not_there_yet_or_was_not_measured_is_no_zero(pages: ReportPages):
    """Before anything is sent, and after mails to people who did not agree, there is nothing to take for a zero."""
    async with pages.world.unit() as work:
        await update_brand(work, BrandChange("Blue Door Books", "#ffee00"))
    mailing = await pages.world.mailing()
    unsent = await pages.page(mailing)
    await pages.world.send(mailing, "ada@example.org", "ben@example.org")

    page = await pages.page(mailing)

    assert "Nothing has been sent yet." in unsent.text
    assert "0%" not in unsent.text
    assert "/look/colours/ffee00.css" in page.html
    assert "Blue Door Books" in page.text
    assert "Open rate not measured Click rate not measured" in page.text
    assert "Opened not measured" in page.text
    assert "Opens were not measured. That is no zero: nobody knows whether anything was opened." in page.text
    assert "Nobody knows: 2" in page.text


async def test_a_group_is_counted_in_times_and_about(pages: ReportPages):
    """Twelve people as a group: times, rounded down, and no word on how many people that were. Of nine, nothing."""
    await pages.world.preset(Preset.INXMAIL)

    page = await pages.page(await pages.group(12, 8))
    small = await pages.page(await pages.group(9, 8))

    assert "Opens measured 0 0% of the delivered" in small.text
    assert "Open rate not measured" in small.text
    # No number of clicks is no column of none: its bar is hatched, as is all that nobody knows.
    _, _, links = small.html.partition('id="links"')
    assert ("not measured" in links, links.count('fill="url(#hatched)"')) == (True, 2)
    assert "Open rate about 0.42 openings for each measured mail" in page.text
    assert "Opened about 5 openings of the whole group; how many mails were opened, nobody knows" in page.text
    assert "Number of openings: about 5, in 12 measured mails." in page.text
    assert "“About”: the figure holds people who are counted only as a group." in page.text
    assert "Mails clicked in" not in page.text


async def test_the_page_says_nothing_that_only_some_accounts_keep_to(pages: ReportPages):
    """In this account those who never answered are tracked: no word says that they are not."""
    await pages.world.preset(Preset.BREVO)
    mailing = await pages.world.mailing()
    mails = await pages.world.send(mailing, "ada@example.org", html="<body>{{preferences_url}}</body>")
    await pages.world.open(mails[0])
    await pages.world.drain()

    page = await pages.page(mailing)

    assert "Opened 1 100% of the 1 of which it is known" in page.text
    assert "Whoever has not agreed" not in page.text
    assert "Mail that was not tracked, or was counted only as part of a group, does not tell" in page.text
    assert "the people did not agree, because the sender did not track it, or because there was" in page.text


async def test_what_would_name_everybody_is_withheld(pages: ReportPages):
    """Everybody of a group opened: the number is not said, neither in words nor as a bar."""
    await pages.world.preset(Preset.BREVO)

    page = await pages.page(await pages.group(12, 12))

    assert "Open rate withheld" in page.text
    assert "Opened withheld" in page.text
    assert "How many opened is withheld" in page.text
    assert "“Withheld”: the figure exists and is not shown" in page.text
    # Of the clicks, which are counted in times; of the opens not even the parts are said.
    assert page.text.count("Nobody knows: 12") == 1


async def test_a_group_of_one_shows_exact_numbers_as_its_sender_chose(pages: ReportPages):
    """With a minimum audience of 1 nothing is rounded and nothing is promised."""
    await pages.world.preset(Preset.INXMAIL)
    await pages.world.settings(minimum_audience=1)

    page = await pages.page(await pages.group(3, 2))

    assert "Opened 2 openings of the whole group" in page.text
    assert "about" not in page.text.partition("How to read")[0]


async def test_of_three_hundred_links_the_most_clicked_come_first_and_the_others_unfold(pages: ReportPages):
    links = "".join(f'<a href="https://shop.example.com/article/{n}">{n}</a>' for n in range(300))
    await pages.world.subscriber("ada@example.org", YES)
    mailing = await pages.world.mailing()
    (mail,) = await pages.world.send(
        mailing, "ada@example.org", html=f"<body>{links}<a href='{{{{preferences_url}}}}'>x</a></body>"
    )
    await pages.world.click(mail, 250)
    await pages.world.drain()

    page = await pages.page(mailing)

    listed = re.findall(r'<bdi dir="ltr">([^<]+)</bdi>', page.html)
    assert listed[:2] == ["shop.example.com/article/250", "shop.example.com/article/0"]
    assert len(listed) == len(set(listed)) == 300
    assert "280 more links" in page.text


HOSTILE = ['"><script>alert(1)</script>', "שלום לכם", "W" * 200, "{{ 7 * 7 }} {moment}", "</title><b>"]


async def test_no_name_changes_the_page(pages: ReportPages):
    """Whatever a mailing and its account are called, the elements are the same, and the name is there as text."""
    mailing = await pages.agreed_and_not()
    harmless = await pages.page(mailing)

    for name in HOSTILE:
        async with pages.world.unit() as work:
            await update_brand(work, BrandChange(name=name))
            await update_mailing(work, MailingChange(mailing, {}, {"name": name}))
        page = await pages.page(mailing)
        assert page.tags == harmless.tags, name
        assert page.text.count(name) == 3


async def test_the_page_speaks_every_language(pages: ReportPages):
    mailing = await pages.agreed_and_not()

    for tag, spoken in LANGUAGES.items():
        page = await pages.page(mailing, lang=tag)
        assert page.html.startswith(f'<!DOCTYPE html>\n<html lang="{tag}">')
        assert " ".join(spoken.say("report.known.lead").split()) in page.text
        assert f" {spoken.number(4)} " in page.text


FUNNEL = ("Sent", "Delivered", "Opens measured", "Opened", "Clicks measured", "Clicked")


async def test_the_page_asks_nobody_keeps_nothing_and_runs_nothing(pages: ReportPages):
    """Two style sheets of the house; no script, no cookie, no form, no picture, no other site; nothing is stored."""
    path = await pages.path(await pages.agreed_and_not())

    answer = await pages.browser.get(path)
    seen = Seen(answer.text)

    assert re.findall(r'<link rel="stylesheet" href="([^"]+)"', answer.text) == [
        STYLESHEET_PATH,
        REPORT_STYLESHEET_PATH,
    ]
    assert not {"script", "form", "img", "iframe", "style"} & set(seen.tags)
    assert re.findall(r'(?:href|src|action)="(?:https?:)?//', answer.text) == []
    assert "style=" not in answer.text
    headers = answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
    assert "set-cookie" not in headers
    for each in (STYLESHEET_PATH, REPORT_STYLESHEET_PATH):
        sheet = await pages.browser.get(each)
        assert (sheet.status_code, sheet.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert "url(" not in sheet.text
    head = await pages.browser.head(path)
    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(headers))
