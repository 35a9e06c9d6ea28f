"""Confirming a sign-up (double opt-in): the page behind the link of the letter, and its one button.

    address                          GET, HEAD                       POST
    /forms/{id}/confirm/{token}      what is about to be confirmed   confirms it, once

Whoever follows the link, a scanner of mails included, confirms nothing by it. Source: domain.md §3 (forms).
"""

from litestar import post, route
from litestar.params import FromPath

from app.actions.forms import opened_form
from app.actions.preferences_link import opened_confirmation
from app.actions.sign_up import confirm_sign_up
from app.disclosure import forms as disclosure
from app.disclosure.forms import ConfirmationView
from app.domain.forms import FormAnswer
from app.look.languages import Language
from preference_center.answers import Answer, link_on_request, page
from preference_center.requests import (
    SHOWING,
    AnyRequest,
    fields_of,
    form_number,
    instance_of,
    keep_pace,
    spoken_to,
)


@route("/forms/{form_id:str}/confirm/{token:str}", http_method=SHOWING)
async def show_confirmation(request: AnyRequest, form_id: FromPath[str], token: FromPath[str]) -> Answer:
    """What is about to be confirmed. Following the link confirms nothing."""
    number = form_number(form_id)
    pending = opened_confirmation(instance_of(request), number, token)
    view = await disclosure.confirmation(instance_of(request), number, pending)
    spoken = spoken_to(request, known=view.locale)
    if view.confirmed:
        return _confirmed(request, spoken, view, "confirm.already")
    return page(
        request,
        "act.html",
        spoken,
        brand=view.form.brand,
        title="confirm.title",
        text=[_about(view, spoken)],
        quotes=_quotes(view),
        button="confirm.button",
        name="confirm",
        value="yes",
    )


@post("/forms/{form_id:str}/confirm/{token:str}", status_code=200)
async def confirm(request: AnyRequest, form_id: FromPath[str], token: FromPath[str]) -> Answer:
    """Confirms, once. What the body says does not matter: the link is all there is to say."""
    instance, number = instance_of(request), form_number(form_id)
    keep_pace(request)
    pending = opened_confirmation(instance, number, token)
    fields = await fields_of(request)
    view = await disclosure.confirmation(instance, number, pending)
    async with opened_form(instance, number) as (unit, form):
        new = await confirm_sign_up(unit, form, pending)
    spoken = spoken_to(request, fields, view.locale)
    return _confirmed(request, spoken, view, "confirm.done.text" if new else "confirm.already")


def _about(view: ConfirmationView, spoken: Language) -> str:
    if view.form.list is None:
        return spoken.say("confirm.account", address=view.address, account=view.form.account)
    names = {"list": view.form.list.name, "account": view.form.account}
    return spoken.say("confirm.list", address=view.address, **names)


def _quotes(view: ConfirmationView) -> list[dict[str, str]]:
    """The wording that a yes agrees to, and on which axes; nothing where there was no yes."""
    agreed = [str(axis) for axis, answer in view.answers.items() if answer is FormAnswer.YES]
    if view.wording is None or not agreed:
        return []
    scope = "both" if len(agreed) > 1 else agreed[0]
    words = f"confirm.yes.{scope}"
    return [{"words": words, "locale": view.wording.locale, "text": view.wording.text}]


def _confirmed(request: AnyRequest, spoken: Language, view: ConfirmationView, words: str) -> Answer:
    text = [spoken.say(words), spoken.say("confirm.undo")]
    return page(
        request,
        "notice.html",
        spoken,
        brand=view.form.brand,
        title="confirm.done.title",
        text=text,
        **link_on_request(request, spoken),
    )


HANDLERS = [show_confirmation, confirm]
