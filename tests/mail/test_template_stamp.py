"""What is stamped into a mailing besides its links: merge tags, ways out, footer, pixel; and the limits of it all."""

import pytest

from app.domain.errors import LimitExceeded
from app.mail.template import MOST_BYTES, MOST_LINKS, PIXEL_END, PIXEL_START
from tests.mail.template import WAYS_OUT, stamped, template_of


def test_merge_values_are_escaped_and_read_once():
    html = "<p title='{{name}}'>{{ name }} {{{name}}} {{nobody}} {{#if name}}</p><style>p{color:{{color}}}</style>"
    merge = {"name": "<b>'\"&{{color}}", "color": "red"}

    assert stamped(html, merge=merge) == (
        "<p title='&lt;b&gt;&#x27;&quot;&amp;{{color}}'>&lt;b&gt;&#x27;&quot;&amp;{{color}} {{{name}}}"
        " {{nobody}} {{#if name}}</p><style>p{color:red}</style>"
    )


def test_merge_tags_in_links_that_are_no_web_pages_are_filled_plainly():
    html = '<a href="mailto:{{mail}}">1</a><a href="/a/{{mail}}">2</a><a href="{% if a %}{{mail}}{% endif %}">3</a>'

    assert stamped(html, merge={"mail": "a+b@x.example"}) == html.replace("{{mail}}", "a+b@x.example")


def test_the_ways_out_are_filled_however_they_are_spelled():
    """Also where a recipient's data names them: nobody else decides where the way out leads."""
    html = '<a href="{{preferences_url}}">1</a> {{ preferences_url }} <a href={{{unsubscribe_url}}}>2</a>'

    result = stamped(html, merge={"preferences_url": "https://evil.example/", "unsubscribe_url": "x"})

    assert result == (
        '<a href="https://assent.example/p/1">1</a> https://assent.example/p/1 <a href=https://assent.example/u/1>2</a>'
    )


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ('<a href="{{preferences_url}}">', True),
        ("<a href={{ preferences_url }}>", True),
        ('<a title=x href="{{preferences_url}}?lang=en">', True),
        ("<p>Choose: {{{preferences_url}}}</p>", True),
        ("<!--[if !mso]><!--><a href='{{preferences_url}}'><!--<![endif]-->", True),
        ("<!-- {{preferences_url}} -->", False),
        ('<!--[if mso]><a href="{{preferences_url}}">x</a><![endif]-->', False),
        ("<title>{{preferences_url}}</title>", False),
        ('<img alt="{{preferences_url}}">', False),
        ("<a href='https://x.example/'>{{unsubscribe_url}}</a>", False),
        ("{{ preferences }} {preferences_url}", False),
    ],
)
def test_a_way_out_counts_where_readers_see_it(html, seen):
    """A placeholder in a comment, or for Outlook alone, is no way out for everybody."""
    assert template_of(html).has_way_out is seen


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<html><body><p>a</p>", "</body></html>"),
        ("<HTML><BODY>a", "</BODY>\n<!-- </body> --></HTML>"),
        ("<body><script>'</body>'</script>", "</html>"),
        ("<div>a</div>", ""),
        ("a", "<!-- never closed"),
        ("", ""),
    ],
)
def test_footer_and_pixel_stand_at_the_end_of_the_body(before, after):
    """The footer first, then the pixel, in the last place where both still count."""
    result = stamped(
        before + after, footer_html="<p>Your choices</p>", pixel_url="https://assent.example/o/1.gif"
    )

    pixel = PIXEL_START + "https://assent.example/o/1.gif" + PIXEL_END
    assert result == before + "<p>Your choices</p>" + pixel + after
    assert stamped(before + after, pixel_url="https://assent.example/o/1.gif") == before + pixel + after
    assert (
        stamped(before + after, footer_html="<p>Your choices</p>") == before + "<p>Your choices</p>" + after
    )


def test_stamping_twice_gives_the_same(newsletter):
    """A template keeps nothing of whom it was stamped for."""
    template = template_of(newsletter)
    plain = template.stamp(**WAYS_OUT)

    template.stamp(**WAYS_OUT, links=["x"] * 10, pixel_url="x", merge={"first_name": "Ann", "pass_id": 1})

    assert template.stamp(**WAYS_OUT) == plain


def test_the_largest_mail_is_stamped():
    """5 MB and 10,000 links at once, to the last byte."""
    links = "".join(f'<a href="https://x.example/{number}">' for number in range(MOST_LINKS))
    html = links + "é<p>" * ((MOST_BYTES - len(links)) // 5)
    html += "x" * (MOST_BYTES - len(html.encode()))

    template = template_of(html)
    result = template.stamp(**WAYS_OUT, links=template.links)

    assert len(template.links) == MOST_LINKS
    assert result == html


@pytest.mark.parametrize(
    "html", ["x" * (MOST_BYTES + 1), "é" * (MOST_BYTES // 2) + "x", "😀" * (MOST_BYTES // 2)]
)
def test_a_mail_over_five_megabytes_is_refused(html):
    with pytest.raises(LimitExceeded) as refused:
        template_of(html)

    assert refused.value.code == "LIMIT_EXCEEDED"
    assert refused.value.path == ("html",)
    assert (
        refused.value.message
        == "The HTML of this mail is larger than 5 MB; shorten it, or link to its images."
    )


def test_a_mail_over_ten_thousand_links_is_refused():
    with pytest.raises(LimitExceeded) as refused:
        template_of('<a href="#">' * (MOST_LINKS + 1))

    assert refused.value.path == ("html",)
    assert (
        refused.value.message
        == "The HTML of this mail has 10,001 links and may have 10,000; send it as two mails."
    )


@pytest.mark.parametrize(
    "trap",
    [
        *(
            "<",
            "<a ",
            "<a href=",
            "<a b='",
            "<!--",
            "<!--[if",
            "<!-->",
            "<!--[if a]><![endif]-->",
            "<![CDATA[",
            "<title>",
        ),
        *("</", "<p>", "{{", "{{a ", "{{{", "&amp;", '<a b="', "<script></script>", "<v:x ", "<a b = "),
    ],
)
def test_no_text_is_a_trap(trap):
    """Time grows with length alone: a mail made of one opening after the other is read like any other."""
    html = trap * (1_000_000 // len(trap))

    template = template_of(html)

    assert template.links == ()
    assert template.stamp(**WAYS_OUT) == html


@pytest.mark.parametrize("filler", ["&a", "%", "{{", "{{a}}", "%%a", "a", "[", "opt", "e\u0301"])
def test_no_target_is_a_trap(filler):
    html = '<a href="https://x.example/' + filler * (1_000_000 // len(filler)) + '">'

    assert template_of(html).stamp(**WAYS_OUT) == html
