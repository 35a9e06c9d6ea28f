"""Reading HTML: which attributes are links, where their values stand, and what they say."""

from html.parser import HTMLParser

import pytest

from app.mail.scan import decoded, scan


def values(html: str) -> list[str]:
    return [link.value for link in scan(html).links]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://x.example/">',
        "<a href='https://x.example/'>",
        "<a href=https://x.example/>",
        "<A HREF=https://x.example/ >",
        '<a\n\tclass = b\n href\n=\r\n"https://x.example/"\n>',
        '<a title="a > b" href="https://x.example/">',
        "<a title='<a href=\"https://no.example/\">' href=https://x.example/>",
        '<a/href="https://x.example/"/>',
        '<a =x href="https://x.example/">',
        '<a href="https://x.example/" href="https://second.example/">',
        '<area shape=rect href="https://x.example/">',
        '<v:roundrect arcsize="10%" href="https://x.example/" stroke="f">',
        '<V:Rect HREF="https://x.example/">',
        '2 < 3 <3 <a href="https://x.example/">',
        '<!--[if mso]><a href="https://x.example/"><![endif]-->',
        '<!-- [if (gte mso 9)|(IE)]><v:rect href="https://x.example/"><![endif]-->',
        '<!--[if !mso]><!--><a href="https://x.example/"><!--<![endif]-->',
        '<!--[if !mso]> --><a href="https://x.example/"><!-- <![endif]-->',
        '<![if !mso]><a href="https://x.example/"><![endif]>',
        '<!--><a href="https://x.example/">-->',
        '<!---><a href="https://x.example/">-->',
        '<!-- x --!><a href="https://x.example/">-->',
        '<!doctype html "<>"><a href="https://x.example/">',
        '<?xml version="1.0"?></1><a href="https://x.example/">',
        '<script>"</scripty>"</SCRIPT ><a href="https://x.example/">',
        '<title>a</title><style>b</style><textarea>c</textarea><a href="https://x.example/">',
    ],
)
def test_a_link_is_found_however_it_is_written(html):
    """The value is found with its exact place, so that it can be replaced without touching its quotes."""
    (link,) = scan(html).links

    assert link.value == "https://x.example/"
    assert html[link.start : link.end] == "https://x.example/"


@pytest.mark.parametrize(
    "html",
    [
        '<!-- <a href="https://x.example/"> -->',
        '<!-- > <a href="https://x.example/"> -->',
        "<script>var a = '<a href=\"https://x.example/\">'</script>",
        '<style>/* <a href="https://x.example/"> */</style>',
        '<title><a href="https://x.example/"></title>',
        '<textarea><a href="https://x.example/"></textarea>',
        '<![CDATA[ <b> <a href="https://x.example/"> ]]>',
        '<link href="https://x.example/"><base href="https://x.example/">',
        '<abbr href="https://x.example/"><a data-href="https://x.example/">',
        '<!--[if mso]><style><a href="https://x.example/"></style><![endif]-->',
        '<img src="<a href=https://x.example/>">',
        '</a href="https://x.example/">',
        '<a href="https://x.example/',
        '<a href="https://x.example/"',
        "<a href='https://x.example/\">",
        "<a href>",
        '<a href="" href="https://x.example/">',
        "<title><a href=https://x.example/>",
    ],
)
def test_what_no_reader_can_click_is_no_link(html):
    """Comments, scripts, other elements and tags that never end hold no links."""
    assert values(html) == []


def test_links_inside_conditional_comments_are_marked():
    """Only Outlook shows what stands there, so it cannot count as the way out for everybody."""
    links = scan(
        '<!--[if mso]><a href="https://one.example/"><![endif]--><a href="https://two.example/">'
    ).links

    assert [(link.value, link.outlook_only) for link in links] == [
        ("https://one.example/", True),
        ("https://two.example/", False),
    ]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("?a=1&amp;b=2", "?a=1&b=2"),
        ("?a=1&#38;b=2", "?a=1&b=2"),
        ("?a=1&#x26;b=2", "?a=1&b=2"),
        ("?a=1&#38b=2", "?a=1&b=2"),
        ("?a=1&b=2", "?a=1&b=2"),
        ("?a=1&region=2&copy=3&lang=4", "?a=1&region=2&copy=3&lang=4"),
        ("?a&amp=1", "?a&amp=1"),
        ("?a&amp;=1", "?a&=1"),
        ("/&eacute;&eacute", "/éé"),
        ("/&nosuch;&", "/&nosuch;&"),
        ("/&#0;&#xD800;&#x110000;", "/\ufffd\ufffd\ufffd"),
        ("/&#" + "9" * 6000 + ";", "/\ufffd"),
    ],
)
def test_entities_are_decoded_as_in_attributes(written, means):
    """A parameter named like an entity is still a parameter."""
    assert decoded(written) == means


@pytest.mark.parametrize(
    ("html", "rest"),
    [
        ("<body>a</body></html>", "</body></html>"),
        ("<body>a</BODY >\n</html>", "</BODY >\n</html>"),
        ("<body>a</body><!-- </body> --></html>", "</body><!-- </body> --></html>"),
        ("<body><script>'</body>'</script>a</html>", "</html>"),
        ("a</body>b</body>c", "</body>c"),
        ("a", ""),
        ("", ""),
        ("a<!-- never ends", "<!-- never ends"),
        ("a<b title='never ends>", "<b title='never ends>"),
        ("a<textarea>never ends", "<textarea>never ends"),
        ("a</body", "</body"),
        ("<!--[if mso]></body><![endif]-->a", ""),
    ],
)
def test_the_end_of_the_body_is_where_something_added_is_still_seen(html, rest):
    """The last real </body>, else </html>, else whatever would swallow what comes after it."""
    found = scan(html)

    assert html[found.body_end :] == rest


def test_text_is_told_from_markup():
    """Only text that every reader sees is shown; `x` marks it here."""
    html = "x<b title=y>x</b><!-- y --><!--[if mso]>y<![endif]--><style>y</style>x < x<title>y</title>x<!-- y"

    found = scan(html)

    assert {html[at] for at in range(len(html)) if html[at] in "xy" and found.shows(at)} == {"x"}
    assert sum(found.shows(at) for at in range(len(html)) if html[at] == "x") == 5


class _Judge(HTMLParser):
    """The standard library's parser, as a second opinion."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"a", "area"}:
            self.found += [value for name, value in attrs if name == "href" and value]


def test_a_second_parser_finds_the_same_links(mail):
    """On mails without traps for either, the standard library agrees."""
    mail = (
        mail.replace("&copy=", "&c=")
        .replace("&region", "&r")
        .replace("<![CDATA[", "<!--")
        .replace("]]>", "-->")
    )
    for name in ("title", "textarea"):
        mail = mail.replace(f"<{name}", "<style").replace(f"</{name}", "</style")
    judge = _Judge()
    judge.feed(mail)

    own = [link.value for link in scan(mail).links if not link.outlook_only]

    assert own == judge.found
