"""What one request tells of who stands behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.modes import ClientClass
from app.tracking.classify import RULES_VERSION, Classification, Rule, classify

CHROME = b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "client_class", "rule", "family"),
    [
        (b"Mozilla/5.0", ClientClass.PROXY, Rule.APPLE_MAIL_PRIVACY, "Apple Mail"),
        (
            b"Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            ClientClass.PROXY,
            Rule.GMAIL_IMAGE_PROXY,
            "Gmail",
        ),
        (
            b"YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
            ClientClass.PROXY,
            Rule.YAHOO_IMAGE_PROXY,
            "Yahoo Mail",
        ),
        (b"BarracudaCentral.org Link Checker", ClientClass.SCANNER, Rule.SECURITY_SCANNER, ""),
        (b"Mozilla/5.0 (compatible; Googlebot/2.1)", ClientClass.SCANNER, Rule.CRAWLER, ""),
        (b"Slackbot-LinkExpanding 1.0", ClientClass.SCANNER, Rule.CRAWLER, ""),
        (b"python-requests/2.32", ClientClass.SCANNER, Rule.CRAWLER, ""),
        (b"", ClientClass.UNKNOWN, Rule.NO_USER_AGENT, ""),
        (b"  ", ClientClass.UNKNOWN, Rule.NO_USER_AGENT, ""),
        (CHROME, ClientClass.HUMAN_LIKELY, Rule.ORDINARY_CLIENT, "Chrome"),
        (CHROME + b" Edg/141.0", ClientClass.HUMAN_LIKELY, Rule.ORDINARY_CLIENT, "Edge"),
        (
            b"Mozilla/5.0 (Linux; Android 9; CUBOT) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36",
            ClientClass.HUMAN_LIKELY,
            Rule.ORDINARY_CLIENT,
            "Chrome",
        ),
        (
            b"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
            ClientClass.HUMAN_LIKELY,
            Rule.ORDINARY_CLIENT,
            "Apple Mail",
        ),
        (b"Something never seen", ClientClass.HUMAN_LIKELY, Rule.ORDINARY_CLIENT, ""),
    ],
)
def test_user_agents(user_agent, client_class, rule, family):
    verdict = classify({b"user-agent": user_agent})

    assert verdict == Classification(
        client_class, rule, family, rule is Rule.APPLE_MAIL_PRIVACY, RULES_VERSION
    )


def test_no_user_agent_at_all_is_unknown():
    assert classify({}).rule is Rule.NO_USER_AGENT


@pytest.mark.parametrize(
    "header",
    [
        (b"purpose", b"prefetch"),
        (b"sec-purpose", b"prefetch;prerender"),
        (b"x-purpose", b"prefetch"),
        (b"x-moz", b"Prefetch"),
    ],
)
def test_what_says_that_it_is_fetched_ahead_is_labelled_so(header):
    verdict = classify(dict([header, (b"user-agent", CHROME)]))

    assert (verdict.client_class, verdict.rule, verdict.loaded_ahead) == (
        ClientClass.SCANNER,
        Rule.PREFETCH_HEADER,
        True,
    )


@given(st.dictionaries(st.sampled_from([b"user-agent", b"purpose"]), st.binary(max_size=80)))
def test_no_request_is_left_without_a_verdict_that_fits_the_journal(headers):
    verdict = classify(headers)

    assert len(verdict.rule.encode()) < 256
    assert verdict.client_family in {
        "",
        "Apple Mail",
        "Gmail",
        "Yahoo Mail",
        "Outlook",
        "Chrome",
        "Safari",
    } | {
        "Thunderbird",
        "Edge",
        "Firefox",
        "Opera",
        "Samsung Internet",
    }
