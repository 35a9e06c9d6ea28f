"""The rule which links may be tracked, line by line."""

import pytest

from app.mail.targets import Verdict, judge, place_of, target_of

OWN_PLACE = "assent.example/at"


def verdict(target: str) -> Verdict:
    return judge(target, own_place=OWN_PLACE)


@pytest.mark.parametrize(
    "target",
    [
        "https://x.example",
        "http://x.example:8080/a?b=c#d",
        "HTTPS://X.EXAMPLE/",
        "https://user@x.example/",
        "https://[2001:db8::1]/",
        "https://müller.example/grüße und mehr",
        "https://x.example/100%/50%%",
        "https://assent.example.x.example/at",
        "https://assent.example/atlas",
        "https://assent.example:8443/at",
        "https://x.example/?next=https://assent.example/at/p/1",
        "https://x.example/adopt/outside",
        "https://x.example/" + "a" * (1500 - 18),
    ],
)
def test_web_pages_are_tracked(target):
    assert verdict(target) is Verdict.TRACKED


@pytest.mark.parametrize(
    "target",
    [
        *("", "#top", "/path", "path", "?q=1", "//x.example/", "mailto:a@x.example", "tel:+1", "cid:part", "sms:1"),
        *("javascript:alert(1)", "data:text/html,x", "ftp://x.example/", "HTTPS:x.example", "https:/x.example"),
        *("https://", "https:///path", "https://?q", "https://x y.example/", "https://x.example/\x7f", "https://x.example/\ud800"),
        *("https://assent.example/at", "https://assent.example/at/c/1", "http://ASSENT.example:80/at?x", "https://a@assent.example:443/at#x"),
        *("{{preferences_url}}", "{{ preferences_url }}?from=mail", "{{{preferences_url}}}", "{{unsubscribe_url}}"),
        *("https://x.example/?back={{preferences_url}}", "mailto:{{support_email}}", "/account/{{id}}", "#{{anchor}}"),
        "https://assent.example/at/{{id}}",
    ],
)  # fmt: skip
def test_what_is_no_page_of_the_sender_is_never_touched(target):
    assert verdict(target) is Verdict.NEVER


@pytest.mark.parametrize(
    "target",
    [
        "https://x.example/unsubscribe",
        "https://x.example/?action=UnSub&u=1",
        "https://x.example/opt-out",
        "https://x.example/OptOut",
        "https://x.example/opt%20out",
        "https://x.example/abmeldung",
        "https://x.example/désabonnement",
        "https://x.example/d%C3%A9sinscription",
        "https://x.example/disiscriviti",
        "https://x.example/darse-de-baja",
        "https://unsubscribe.x.example/{{id}}",
        "{{unsubscribe_link}}",
        "{{{ unsubscribe }}}",
        "*|UNSUB|*",
    ],
)
def test_a_way_to_leave_is_never_touched(target):
    """Whoever wants to leave must not be followed on the way out, in whatever language."""
    assert verdict(target) is Verdict.NEVER


@pytest.mark.parametrize(
    "target",
    [
        "{{url}}",
        "{{ base }}/path",
        "https://x.example/{{id}}",
        "https://{{ shop }}/",
        "https://x.example/?a={{a}}&b={{ customer.first-name }}",
    ],
)
def test_targets_with_merge_tags_vary(target):
    assert verdict(target) is Verdict.VARYING


@pytest.mark.parametrize(
    "target",
    [
        "https://x.example/" + "a" * (1501 - 18),
        "https://x.example/" + "é" * 742,
        "https://x.example/{{id}}" + "a" * 1500,
        *("https://x.example/{% if a %}b{% endif %}", "{% url %}", "{{#if a}}https://x.example/{{/if}}", "{{{url}}}"),
        *("*|URL|*", "https://x.example/*|ID|*", "https://x.example/%%id%%", "[[url]]", "https://x.example/${id}"),
        *("{{ url | default }}", "https://x.example/{{id}}/{{", "https://x.example/%%{{id}}%%"),
    ],
)  # fmt: skip
def test_targets_that_are_not_known_here_are_reported(target):
    assert verdict(target) is Verdict.UNTRACKED


def test_a_target_is_read_as_browsers_read_it():
    assert target_of(" \n https://x.example/a\r\n  /b\tc \x00") == "https://x.example/a  /bc"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://X.example", "x.example"),
        ("http://x.example:80/A", "x.example/A"),
        ("https://u:p@x.example:443/?q", "x.example/?q"),
        ("https://x.example:8443", "x.example:8443"),
        ("mailto:a@x.example", None),
    ],
)
def test_places_are_compared_without_what_makes_no_difference(url, place):
    assert place_of(url) == place
