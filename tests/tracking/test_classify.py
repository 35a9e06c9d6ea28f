"""What one request tells of who stands behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.modes import ClientClass
from app.tracking.classify import RULES_VERSION, Classification, Rule, classify

AHEAD = {Rule.APPLE_MAIL_PRIVACY, Rule.GMAIL_PREFETCH}
CHROME = b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "client_class", "rule", "family"),
    [
        (
            (
                b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135"
                b" Safari/537.36 Edge/12.246 Mozilla/5.0"
            ),
            ClientClass.PROXY,
            Rule.GMAIL_PREFETCH,
            "Gmail",
        ),
        (
            b"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.3.0",
            ClientClass.HUMAN_LIKELY,
            Rule.ORDINARY_CLIENT,
            "Thunderbird",
        ),
        (
            b"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.10730; Pro)",
            ClientClass.HUMAN_LIKELY,
            Rule.ORDINARY_CLIENT,
            "Outlook",
        ),
        (
            b"Mozilla/4.0 (compatible; ms-office; MSOffice rmj)",
            ClientClass.HUMAN_LIKELY,
            Rule.ORDINARY_CLIENT,
            "Outlook",
        ),
        (
            b"Mozilla/5.0 (compatible; Microsoft Outlook Image Proxy)",
            ClientClass.PROXY,
            Rule.OUTLOOK_IMAGE_PROXY,
            "Outlook",
        ),
        (
            b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Microsoft Office Existence Discovery",
            ClientClass.SCANNER,
            Rule.SECURITY_SCANNER,
            "",
        ),
        (b"Mozilla/5.0 (compatible; Proofpoint/2.0)", ClientClass.SCANNER, Rule.SECURITY_SCANNER, ""),
        (b"Mozilla/5.0 (compatible; Mimecast URL Protect)", ClientClass.SCANNER, Rule.SECURITY_SCANNER, ""),
        (
            (
                b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0"
                b" Safari/537.36"
            ),
            ClientClass.SCANNER,
            Rule.CRAWLER,
            "",
        ),
        (
            b"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            ClientClass.SCANNER,
            Rule.CRAWLER,
            "",
        ),
        (b"Mozilla/5.0 (compatible; Yahoo! Slurp)", ClientClass.SCANNER, Rule.CRAWLER, ""),
        (
            (
                b"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                b" Mobile/15E148"
            ),
            ClientClass.HUMAN_LIKELY,
            Rule.ORDINARY_CLIENT,
            "Apple Mail",
        ),
        (
            (
                b"Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko)"
                b" SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
            ),
            ClientClass.HUMAN_LIKELY,
            Rule.ORDINARY_CLIENT,
            "Samsung Internet",
        ),
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
def test_x13_user_agents(user_agent, client_class, rule, family):
    verdict = classify({b"user-agent": user_agent})

    assert verdict == Classification(client_class, rule, family, rule in AHEAD, RULES_VERSION)


def test_no_user_agent_at_all_is_unknown():
    assert classify({}).rule is Rule.NO_USER_AGENT


@pytest.mark.parametrize(
    "header",
    [
        (b"purpose", b"prefetch"),
        (b"sec-purpose", b"prefetch;prerender"),
        (b"x-purpose", b"prefetch"),
        (b"x-purpose", b"preview"),
        (b"purpose", b"Preview"),
        (b"x-moz", b"Prefetch"),
    ],
)
def test_x13_what_says_that_it_is_fetched_ahead_is_labelled_so(header):
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
