"""The sign-up form as HTML for a page of the sender's own: plain, without a script, and nothing chosen beforehand.

Yes and no stand beside each other and cost one click each; neither is needed to sign up. What is hidden says what was
shown: the wording, so that it is recorded with the answer even after the form was changed, and the language; and a
trap that no person sees. Source: domain.md §3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.domain.attributes import AttributeType
from app.domain.form_fields import LONGEST_ANSWER, FormField
from app.domain.forms import TRAP, FormQuestion
from app.domain.modes import Axis
from app.look.languages import Language

_FIELDS = {Axis.OPENS: "tracking_opens", Axis.CLICKS: "tracking_clicks"}
_INPUTS = {
    AttributeType.TEXT: f'type="text" maxlength="{LONGEST_ANSWER}"',
    AttributeType.NUMBER: 'type="number" step="any"',
    AttributeType.DATE: 'type="date"',
    AttributeType.BOOLEAN: 'type="checkbox" value="yes"',
}


@dataclass(frozen=True, slots=True)
class Snippet:
    """What a form shows: where it is sent, the wording (id, locale, text) where it asks, and its own fields.

    `labels_in` is the locale of their labels, where it is another than the page's language.
    """

    url: str
    asks: FormQuestion
    wording: tuple[int, str, str] | None = None
    fields: Sequence[FormField] = ()
    labels_in: str | None = None


def sign_up_form(form: Snippet, language: Language) -> str:
    """The form in a language."""
    lines = [
        f'<form method="post" action="{escape(form.url)}">',
        f'  <input type="hidden" name="lang" value="{escape(language.tag)}">',
        f'  <input type="hidden" name="locale" value="{escape(language.tag)}">',
        f'  <p><label>{_words(language, "form.email")} <input type="email" name="email" maxlength="254" required></label></p>',
        *(_field(each, form.labels_in) for each in form.fields),
        f'  <p hidden><label>{_words(language, "form.trap")} <input name="{TRAP}" autocomplete="off"></label></p>',
        *_question(form, language),
        f"  <p><button>{_words(language, 'form.button')}</button></p>",
        "</form>",
    ]
    return "\n".join(lines)


def _field(field: FormField, locale: str | None) -> str:
    required = " required" if field.required else ""
    control = f'<input {_INPUTS[field.type]} name="{escape(field.name)}"{required}>'
    label = escape(field.label)
    if locale is not None:
        label = f'<span lang="{escape(locale)}">{label}</span>'
    return f"  <p><label>{label} {control}</label></p>"


def _question(form: Snippet, language: Language) -> list[str]:
    if form.wording is None or form.asks is FormQuestion.NOTHING:
        return []
    number, locale, text = form.wording
    shown = [f'  <input type="hidden" name="wording" value="{number}">']
    if form.asks is FormQuestion.BOTH_TOGETHER:
        return [*shown, *_choice("tracking", escape(text), language, locale)]
    pairs = [
        _choice(name, _words(language, f"axis.{axis.value}"), language, language.tag)
        for axis, name in _FIELDS.items()
    ]
    return [*shown, f'  <p lang="{escape(locale)}">{escape(text)}</p>', *pairs[0], *pairs[1]]


def _choice(name: str, legend: str, language: Language, locale: str) -> list[str]:
    return [
        f'  <fieldset><legend lang="{escape(locale)}">{legend}</legend>',
        f'    <label><input type="radio" name="{name}" value="yes"> {_words(language, "yes")}</label>',
        f'    <label><input type="radio" name="{name}" value="no"> {_words(language, "no")}</label>',
        "  </fieldset>",
    ]


def _words(language: Language, key: str) -> str:
    return escape(language.say(key))
