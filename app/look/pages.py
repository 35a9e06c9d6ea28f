"""Pages: the templates, the stylesheets, and the headers that every page has.

A page loads nothing but the stylesheet, runs no script, is stored nowhere, and tells no other site that it was
visited: its address holds a token. A stylesheet's address changes with its bytes, so it may be kept for ever.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.look.languages import LANGUAGES, Language

_HERE = Path(__file__).parent


def _address(sheet: bytes) -> str:
    return f"/look/{hashlib.sha256(sheet).hexdigest()[:12]}.css"


STYLESHEET = (_HERE / "assent.css").read_bytes()
STYLESHEET_PATH = _address(STYLESHEET)

REPORT_STYLESHEET = (_HERE / "report.css").read_bytes()
REPORT_STYLESHEET_PATH = _address(REPORT_STYLESHEET)
"""What a page with charts loads besides."""

STYLESHEETS: Mapping[str, bytes] = MappingProxyType(
    {STYLESHEET_PATH: STYLESHEET, REPORT_STYLESHEET_PATH: REPORT_STYLESHEET}
)
"""Every style sheet of the house by its address."""

_SHARED_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **_SHARED_HEADERS,
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
            " frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "browsing-topics=(), interest-cohort=()",
    }
)
"""What every page says, whatever is on it."""


def page_headers(html: str, tag: str, *, vary: str = "Accept-Language") -> Mapping[str, str]:
    """The headers of a page in the language of this tag; they are those of a HEAD as well (RFC 9110 §8.6)."""
    return {
        **PAGE_HEADERS,
        "Content-Length": str(len(html.encode())),
        "Content-Language": tag,
        "Vary": vary,
    }


STYLESHEET_HEADERS: Mapping[str, str] = MappingProxyType(
    {**_SHARED_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
)


class Pages:
    """Renders the templates of a room on the base template of the house. Everything is escaped."""

    def __init__(self, templates: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader([templates, _HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, spoken: Language, public_url: str, **values: Any) -> str:
        """The page as HTML. `public_url` may have a path; the page's own addresses begin with it."""
        return self._environment.get_template(template).render(
            language=spoken,
            languages=LANGUAGES.values(),
            say=spoken.say,
            root=urlsplit(public_url).path.rstrip("/"),
            stylesheet=STYLESHEET_PATH,
            **values,
        )
