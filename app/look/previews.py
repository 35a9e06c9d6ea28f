"""A question as people will see it, before it is used: a page of its own that nobody can send."""

from pathlib import Path

from app.domain.forms import FormQuestion
from app.look.languages import Language
from app.look.pages import Pages

_PAGES = Pages(Path(__file__).parent / "templates")


def question_page(spoken: Language, locale: str, text: str, asks: FormQuestion, public_url: str) -> str:
    """The page as HTML, with the one stylesheet at the public address."""
    return _PAGES.render(
        "preview.html", spoken, public_url, host=public_url, locale=locale, text=text, asks=asks
    )
