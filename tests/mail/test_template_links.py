"""The links of a mailing analysed once: numbered, sealed after merge, left alone, and reported when untracked."""

import pytest

from app.domain.errors import InvalidValue
from app.domain.modes import TrackingMode
from app.mail.template import analyse
from tests.mail.template import OWN, WAYS_OUT, stamped, template_of


def test_the_links_of_a_newsletter_are_numbered_as_they_appear(newsletter):
    """Each target once, decoded; the Outlook button and the plain one share their number."""
    template = template_of(newsletter)

    assert template.links == (
        "https://www.harbour-garden.example/",
        "https://www.harbour-garden.example/tulips?from=mail&week=14",
        "https://www.harbour-garden.example/map/",
        "https://www.harbour-garden.example/find?region=north&copy=2&lang=en#list",
        "https://tickets.harbour-garden.example/buy?day=sat&seats=2",
        "https://www.harbour-garden.example/outlook-help",
        "https://www.harbour-garden.example/rose-house",
        "https://www.harbour-garden.example/palm-house",
        "https://www.harbour-garden.example/pass/{{ pass_id }}?name={{first_name}}&from=mail",
        "{{offer_url}}",
    )
    assert template.varying == {8, 9}
    assert template.has_way_out


def test_each_link_gets_its_url_and_keeps_its_quotes():
    html = (
        "<a href=\"https://x.example/?a&amp;b\">1</a><a href='https://x.example/?a&#38;b'>2</a>"
        "<A HREF=https://y.example/>3</A><!--[if mso]><v:rect href='https://x.example/?a&b'/><![endif]-->"
    )

    assert stamped(html, links=["https://assent.example/c/0", "https://assent.example/c/1"]) == (
        "<a href=\"https://assent.example/c/0\">1</a><a href='https://assent.example/c/0'>2</a>"
        "<A HREF=https://assent.example/c/1>3</A><!--[if mso]><v:rect href='https://assent.example/c/0'/><![endif]-->"
    )


def test_a_link_without_url_is_left_alone():
    """None for one link leaves that link, as the relay needs for targets with a query."""
    html = '<a href="https://x.example/?a&amp;b">1</a><a href="https://y.example/">2</a>'

    assert stamped(html, links=[None, "https://assent.example/c/1"]) == (
        '<a href="https://x.example/?a&amp;b">1</a><a href="https://assent.example/c/1">2</a>'
    )


def test_a_varying_link_is_sealed_with_its_merged_target():
    """Values are percent-encoded where they stand inside the URL, and raw where they are its start."""
    html = '<a href=" https://x.example/{{ who }}?q={{q}}&amp;r=1">1</a><a href="{{url}}/{{q}}">2</a>'
    asked = []

    def seal(number: int, target: str) -> str:
        asked.append((number, target))
        return f"https://assent.example/c/{number}"

    result = stamped(
        html, seal=seal, merge={"who": "ann/é", "q": "a b&c=<d>%", "url": "https://y.example/?a&b"}
    )

    assert asked == [
        (0, "https://x.example/ann/%C3%A9?q=a%20b%26c%3D%3Cd%3E%25&r=1"),
        (1, "https://y.example/?a&b/a%20b%26c%3D%3Cd%3E%25"),
    ]
    assert result == '<a href="https://assent.example/c/0">1</a><a href="https://assent.example/c/1">2</a>'


@pytest.mark.parametrize("seal", [None, lambda _number, _target: None])
def test_a_varying_link_leads_to_the_same_page_when_it_is_not_sealed(seal):
    """Being tracked or not changes nothing about where a link leads."""
    html = "<a href=\" https://x.example/?q={{q}}&#38;r=1\">1</a><a href='\n{{url}}'>2</a>"

    assert stamped(html, seal=seal, merge={"q": "a b&c", "url": "https://y.example/?a&b"}) == (
        "<a href=\" https://x.example/?q=a%20b%26c&#38;r=1\">1</a><a href='\nhttps://y.example/?a&amp;b'>2</a>"
    )


@pytest.mark.parametrize(
    "url",
    [
        *("mailto:a@x.example", "#top", "/path", "javascript:alert(1)", "https://assent.example/p/1", ""),
        *("https://x.example/unsubscribe", "https://x.example/{{id}}", "https://x.example/*|ID|*", None),
        "https://x.example/" + "a" * 1500,
    ],
)
def test_a_varying_link_is_judged_again_after_merge(url):
    """A value may turn a link into one that must not be tracked; then nobody is asked to seal it."""
    asked = []

    result = stamped('<a href="{{url}}">', seal=lambda *link: asked.append(link), merge={"url": url})

    assert asked == []
    assert result == f'<a href="{url or ""}">'


def test_a_varying_link_with_an_unnamed_tag_stays():
    asked = []

    result = stamped(
        '<a href="https://x.example/{{a}}/{{b}}">', seal=lambda *link: asked.append(link), merge={"a": "1 2"}
    )

    assert asked == []
    assert result == '<a href="https://x.example/1%202/{{b}}">'


def test_untracked_links_are_reported_in_order_by_mode(newsletter):
    template = template_of(newsletter)
    unknown = (
        "https://www.harbour-garden.example/members/{% slug %}",
        *(
            "*|ARCHIVE|*",
            "https://old.example/%%account%%",
            "https://x.example/[[id]]",
            "https://y.example/${id}",
        ),
    )
    pass_link = "https://www.harbour-garden.example/pass/{{ pass_id }}?name={{first_name}}&from=mail"
    merge = {"pass_id": 7, "first_name": "Ann", "offer_url": "https://o.example/"}

    assert template.untracked(TrackingMode.OFF) == ()
    assert template.untracked(TrackingMode.ANONYMOUS, merge) == (pass_link, "{{offer_url}}", *unknown)
    assert template.untracked(TrackingMode.PERSONAL) == (pass_link, "{{offer_url}}", *unknown)
    assert template.untracked(TrackingMode.PERSONAL, {"offer_url": "mailto:a@x.example"}) == (
        pass_link,
        *unknown,
    )
    assert template.untracked(TrackingMode.PERSONAL, merge) == unknown


def test_a_target_over_1500_bytes_stays_and_is_reported():
    longest = "https://x.example/" + "a" * 1482
    html = f'<a href="{longest}">1</a><a href="{longest}b">2</a>'

    template = template_of(html)

    assert template.links == (longest,)
    assert template.untracked(TrackingMode.PERSONAL) == (longest + "b",)
    assert template.stamp(**WAYS_OUT, links=["https://assent.example/c/0"]) == (
        f'<a href="https://assent.example/c/0">1</a><a href="{longest}b">2</a>'
    )


def test_tracked_mail_is_not_tracked_again(receipt):
    """Links and pixel of ours that come back in a mail are ours, not the sender's."""
    once = stamped(receipt, links=[f"{OWN}/c/{number}" for number in range(4)], pixel_url=f"{OWN}/o/1.gif")

    assert template_of(once).links == template_of(receipt).links[:2]
    assert template_of(stamped(once, merge={"order_number": 1})).links == (
        "https://phare.example/commandes/1/reçu?email={{ email }}",
        "{{ tracking_page }}",
    )


def test_a_letter_without_a_body_is_no_exception(letter):
    template = template_of(letter)

    assert template.links == (
        "https://drive.example/offers/2026-031.pdf",
        "https://calendar.example/slot?who=jonas&min=30",
        "https://jonas.example",
    )
    assert not template.has_way_out


@pytest.mark.parametrize("prefix", ["", "assent.example", "mailto:a@x.example", "https://"])
def test_without_its_own_address_nothing_is_analysed(prefix):
    """A server that does not know its own links could track its own way out."""
    with pytest.raises(InvalidValue) as refused:
        analyse("<p>", own_prefix=prefix)

    assert refused.value.path == ("own_prefix",)


@pytest.mark.parametrize("prefix", ["https://assent.example/at", "http://ASSENT.example:443/at/"])
def test_what_is_below_our_own_address_is_never_tracked(prefix):
    html = '<a href="https://assent.example/at/p/1">1</a><a href="https://assent.example/shop">2</a>'

    assert analyse(html, own_prefix=prefix).links == ("https://assent.example/shop",)
