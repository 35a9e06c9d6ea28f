"""What somebody reads whose link of a mail is damaged: nobody knows which mail it was, so there is nothing to lead on to."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from app.look.brands import NO_ACCOUNT
from app.look.languages import LANGUAGES, language
from app.look.pages import Pages, page_headers

_PAGES = Pages(Path(__file__).parent / "templates")


def lost_link_page(public_url: str, wanted: str | None, accepted: str) -> tuple[Mapping[str, str], str]:
    """The headers and the HTML, in the language that `?lang=` and `Accept-Language` ask for, by the table of `languages`."""
    tag = language(wanted, accepted=accepted).tag
    html = _html(tag, public_url)
    return page_headers(html, tag), html


@cache
def _html(tag: str, public_url: str) -> str:
    # Made when it is first asked for: most workers never need it, and the names of languages fill a megabyte.
    spoken = LANGUAGES[tag]
    text = [spoken.say("lost.text")]
    return _PAGES.render("notice.html", spoken, public_url, title="invalid.title", text=text, **NO_ACCOUNT)
