"""The one visible line that is added to a mail without a way out, in the recipient's language."""

from html import escape

from app.look.languages import LANGUAGES, language

_STYLE = "margin:16px 0;font:12px/1.5 sans-serif;text-align:center"

# Escaped once: every mail of a call asks for it.
_LINES = {
    tag: (escape(spoken.say("footer.line")), escape(spoken.say("footer.call")))
    for tag, spoken in LANGUAGES.items()
}


def footer_html(locale: str | None, preferences_url: str) -> str:
    """The line as HTML. `locale` is a language tag; an unknown one reads English."""
    spoken = language(locale)
    line, call = _LINES[spoken.tag]
    return (
        f'<p lang="{spoken.tag}" style="{_STYLE}">{line} <a href="{escape(preferences_url)}">{call}</a></p>'
    )
