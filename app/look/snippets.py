"""The sign-up form as HTML for a page of the sender's own: plain, without a script, and nothing chosen beforehand.

Yes and no stand beside each other and cost one click each; neither is needed to sign up. Source: domain.md §3.
"""

from html import escape

from app.domain.forms import FormQuestion
from app.domain.modes import Axis
from app.look.languages import Language

_FIELDS = {Axis.OPENS: "tracking_opens", Axis.CLICKS: "tracking_clicks"}


def sign_up_form(url: str, asks: FormQuestion, question: str | None, language: Language) -> str:
    """A form that submits to `url`; `question` is the wording's own text, None where nothing is asked."""
    lines = [
        f'<form method="post" action="{escape(url)}">',
        f'  <label>{_words(language, "form.email")} <input type="email" name="email" required></label>',
        *_question(asks, question, language),
        f"  <button>{_words(language, 'form.button')}</button>",
        "</form>",
    ]
    return "\n".join(lines)


def _question(asks: FormQuestion, question: str | None, language: Language) -> list[str]:
    if question is None or asks is FormQuestion.NOTHING:
        return []
    if asks is FormQuestion.BOTH_TOGETHER:
        return _choice("tracking", escape(question), language)
    pairs = [
        _choice(name, _words(language, f"axis.{axis.value}"), language) for axis, name in _FIELDS.items()
    ]
    return [f"  <p>{escape(question)}</p>", *pairs[0], *pairs[1]]


def _choice(name: str, legend: str, language: Language) -> list[str]:
    return [
        f"  <fieldset><legend>{legend}</legend>",
        f'    <label><input type="radio" name="{name}" value="yes"> {_words(language, "yes")}</label>',
        f'    <label><input type="radio" name="{name}" value="no"> {_words(language, "no")}</label>',
        "  </fieldset>",
    ]


def _words(language: Language, key: str) -> str:
    return escape(language.say(key))
