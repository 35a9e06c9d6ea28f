"""The byte guarantee: what was put into a mail can be taken off again, and then it is the mail that came in."""

import re

from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.mail.scan import decoded, scan
from app.mail.template import analyse

OWN = "https://assent.example"
FRAGMENTS = (
    *("<", ">", "/", "=", '"', "'", "&", ";", "!", "?", "--", "-->", "--!>", "<!--", "<!-->", "<!--->", "]]>", "<![CDATA["),
    *("<a href=", '<a href="', "<A HREF='", "<a\n", "href = ", "<area href=", "<v:rect href=", "</a>", "</", "x", " ", "\r\n"),
    *("https://x.example/", "https://y.example/?a&amp;b", "https://x.example/{{name}}", "mailto:a@x.example", "&#38;", "&copy="),
    *("</body>", "</HTML >", "<script>", "</script>", "<title>", "</title>", "<textarea>", "<style", "</style>", "é", "\x00"),
    *("<!--[if mso]>", "<![endif]-->", "<!--[if !mso]><!-->", "<!--<![endif]-->", "\ud800", "{%", "*|X|*", "%%x%%", "{", "}"),
    *("{{preferences_url}}", "{{unsubscribe_url}}", "{{name}}", "{{{name}}}", "{{ name", "{{", "}}", "{{{{"),
)  # fmt: skip
soup = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=40).map("".join)
WAYS_OUT = {"preferences_url": "{{preferences_url}}", "unsubscribe_url": "{{unsubscribe_url}}"}


def spelled_plainly(html: str) -> str:
    """The mail with its ways out spelled in the one way that taking off brings back."""
    return re.sub(r"\{{2,3}[ \t]*(preferences_url|unsubscribe_url)[ \t]*\}{2,3}", r"{{\1}}", html)


def test_a_tracked_mail_without_its_additions_is_the_mail(mail, fully_stamped, original_of):
    """Every real mail survives: its links back, its footer and pixel gone, not one byte differs."""
    html = spelled_plainly(mail)
    template = analyse(html, own_prefix=OWN)

    stamped = fully_stamped(template, **WAYS_OUT)

    assert len(template.links) > 0
    assert stamped != html
    assert original_of(stamped, html, template).encode() == html.encode()


def test_off_leaves_every_mail_alone(mail):
    """OFF means no pixel and no rewritten link at all; only ways out are filled where the sender put them."""
    html = spelled_plainly(mail)

    stamped = analyse(html, own_prefix=OWN).stamp(**WAYS_OUT)

    assert stamped.encode() == html.encode()


def test_being_tracked_changes_nothing_else_in_a_merged_mail(mail, fully_stamped, original_of):
    """With a value for every tag, the tracked mail without its additions is the mail of somebody who said no.

    What is sealed in it are the very links that would be tracked had the sender merged the mail before.
    """
    template = analyse(mail, own_prefix=OWN)
    merge = dict.fromkeys(re.findall(r"(?<!\{)\{\{ *([\w.]+) *\}\}", mail), "a & b")
    untracked = template.stamp(**WAYS_OUT, merge=merge)

    stamped = fully_stamped(template, **WAYS_OUT, merge=merge)

    assert original_of(stamped, untracked, analyse(untracked, own_prefix=OWN)) == untracked


@given(html=soup)
@example(html="<a href={{preferences_url}}><a href=https://x.example/{{name}}/{{ name }}>")
@example(html="<a href='https://x.example/'{{name}}></body{{preferences_url}}")
@example(html="{{preferences_url}")
def test_any_soup_survives(html, fully_stamped, original_of):
    """However broken the HTML is, stamping adds and takes away nothing but what it says."""
    assume("{{{pref" not in html and "{{{unsub" not in html)  # They would come back with two braces.
    template = analyse(html, own_prefix=OWN)

    assert template.stamp(**WAYS_OUT) == html
    assert original_of(fully_stamped(template, **WAYS_OUT), html, template) == html


@given(html=soup, name=st.text(max_size=8))
def test_any_soup_is_stamped_for_anybody(html, name, fully_stamped):
    """Values of any kind are put in without complaint, and never as markup."""
    template = analyse(html, own_prefix=OWN)

    stamped = fully_stamped(template, merge={"name": name + "<i id='merged'>"})

    assert "<i id='merged'>" not in stamped


@given(html=soup)
def test_any_soup_is_read_in_order(html):
    """Every value stands where it is said to stand, one after the other."""
    found = scan(html)

    assert 0 <= found.body_end <= len(html)
    assert all(decoded(html[link.start : link.end]) == link.value for link in found.links)
    assert [link.start for link in found.links] == sorted(link.start for link in found.links)
