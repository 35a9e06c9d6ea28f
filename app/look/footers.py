"""The one visible line that is added to a mail without a way out, in the recipient's language."""

from html import escape

# The lines are finished HTML.
_LINES = {
    "de": ("Sie entscheiden, ob wir sehen, dass Sie diese Mail öffnen.", "Einstellungen ändern"),
    "en": ("You decide whether we may see that you open this mail.", "Change your settings"),
    "es": ("Usted decide si podemos ver que abre este correo.", "Cambiar sus preferencias"),
    "fr": (
        "C&rsquo;est vous qui décidez si nous voyons que vous ouvrez ce message.",
        "Modifier vos préférences",
    ),
    "it": ("È lei a decidere se possiamo vedere che apre questa mail.", "Modificare le preferenze"),
}
_STYLE = "margin:16px 0;font:12px/1.5 sans-serif;text-align:center"


def footer_html(locale: str | None, preferences_url: str) -> str:
    """The line as HTML. `locale` is a language tag; an unknown one reads English."""
    language = (locale or "en").partition("-")[0].lower()
    line, call = _LINES.get(language, _LINES["en"])
    return f'<p style="{_STYLE}">{line} <a href="{escape(preferences_url)}">{call}</a></p>'
