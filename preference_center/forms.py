"""Sign-up forms: shown here, or embedded anywhere and sent here; and the confirmation of a sign-up.

    address                          GET, HEAD        POST                          OPTIONS
    /forms/{id}                      the form         takes a submission            CORS preflight
    /forms/{id}/confirm/{token}      what is about    confirms it
                                     to be confirmed

    field                            is
    email                            the address
    tracking, tracking_opens,        yes, no, absent (`domain/forms`)
    tracking_clicks
    list                             the form's own list, or absent
    locale, lang                     the language tag to keep, and the language to answer in
    redirect                         one of the form's allowed redirects, as it stands there; answered with a 303
    homepage                         the trap: no person sees it, and who fills it in is thanked and ignored
    any other word                   an attribute; kept for people who are new here

    Origin                           the submission
    absent, or our own               is taken (a server, a program, our page)
    one of the form's                is taken, and may read the answer (CORS)
    null, from our own page          is taken: `no-referrer` makes browsers say null there
    any other                        403

The answer never tells whether an address is known, nor does its time (`actions/submissions`). Source: contract of the public addresses; domain.md §3.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import HttpMethod, Response, post, route
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from app.actions.forms import opened_form
from app.actions.preferences_link import opened_confirmation
from app.actions.sign_up import Submission, confirm_sign_up
from app.actions.submissions import Busy, take
from app.disclosure import forms as disclosure
from app.disclosure.forms import ConfirmationView, FormView
from app.domain.errors import InvalidValue, NotFound, RequestError
from app.domain.forms import TRACKING_FIELDS, FormAnswer, answers
from app.domain.texts import checked_locale
from app.look.languages import Language
from preference_center.answers import Answer, OriginForbidden, data, page, problem
from preference_center.requests import (
    SHOWING,
    AnyRequest,
    Fields,
    fields_of,
    instance_of,
    signals_privacy,
    spoken_to,
    wants_json,
)

TRAP: Final = "homepage"
_OWN_FIELDS = frozenset({"email", "list", "locale", "lang", "redirect", TRAP}) | TRACKING_FIELDS
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_HIGHEST_ID = 2**63 - 1


@route("/forms/{form_id:str}", http_method=SHOWING)
async def show(request: AnyRequest, form_id: FromPath[str]) -> Answer:
    """The hosted form. Nothing is chosen; under Global Privacy Control, no is."""
    view = await disclosure.form(instance_of(request), _number(form_id))
    spoken = spoken_to(request, known=next(iter(view.locales), None))
    return page(
        request,
        "form.html",
        spoken,
        brand=view.brand,
        view=view,
        title=_title(view, spoken),
        trap=TRAP,
        checked="no" if signals_privacy(request) else "",
    )


@post("/forms/{form_id:str}", status_code=200)
async def submit(request: AnyRequest, form_id: FromPath[str]) -> Response[Any]:
    """Takes a submission; answers with a page, or with JSON to a program."""
    view = await disclosure.form(instance_of(request), _number(form_id))
    try:
        _check_origin(request, view)
        response = await _taken(request, view)
    except (RequestError, HTTPException, OriginForbidden, Busy) as error:
        # Answered here, so that a front end of another origin may read what was wrong.
        response = problem(request, error)
    response.headers.update(_cors(request, view))
    return response


@route("/forms/{form_id:str}", http_method=[HttpMethod.OPTIONS], status_code=204)
async def preflight(request: AnyRequest, form_id: FromPath[str]) -> Response[None]:
    """Tells a browser whether a website of another origin may send this form as JSON."""
    view = await disclosure.form(instance_of(request), _number(form_id))
    headers = {"Allow": "GET, HEAD, POST, OPTIONS", **_cors(request, view)}
    if "Access-Control-Allow-Origin" in headers:
        headers |= {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": "600",
        }
    return Response(None, status_code=204, headers=headers)


@route("/forms/{form_id:str}/confirm/{token:str}", http_method=SHOWING)
async def show_confirmation(request: AnyRequest, form_id: FromPath[str], token: FromPath[str]) -> Answer:
    """What is about to be confirmed. Following the link confirms nothing."""
    number = _number(form_id)
    pending = opened_confirmation(instance_of(request), number, token)
    view = await disclosure.confirmation(instance_of(request), number, pending)
    spoken = spoken_to(request, known=view.locale)
    if view.confirmed:
        return _confirmed(request, spoken, "confirm.already")
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
    instance, number = instance_of(request), _number(form_id)
    pending = opened_confirmation(instance, number, token)
    fields = await fields_of(request)
    view = await disclosure.confirmation(instance, number, pending)
    async with opened_form(instance, number) as (unit, form):
        new = await confirm_sign_up(unit, form, pending)
    spoken = spoken_to(request, fields, view.locale)
    return _confirmed(request, spoken, "confirm.done.text" if new else "confirm.already")


async def _taken(request: AnyRequest, view: FormView) -> Response[Any]:
    fields = await fields_of(request)
    redirect = _redirect(fields, view)
    _check_list(fields, view)
    by_robot = bool(fields.get(TRAP))
    taken = await take(instance_of(request), view.id, _submission(view, fields), by_robot=by_robot)
    rest = BackgroundTask(taken.rest)
    if wants_json(request):
        content = {"accepted": True, "mustConfirm": taken.must_confirm}
        return data(content, status=202, background=rest)
    if redirect is not None:
        return Response(None, status_code=303, headers={"Location": redirect}, background=rest)
    words = "form.sent" if taken.must_confirm else "form.done"
    spoken = spoken_to(request, fields)
    text = [spoken.say(f"{words}.text")]
    return page(request, "notice.html", spoken, background=rest, title=f"{words}.title", text=text)


def _submission(view: FormView, fields: Fields) -> Submission:
    return Submission(
        email=fields.get("email", ""),
        answers=answers(view.asks, fields),
        locale=checked_locale(fields["locale"], "locale") if fields.get("locale") else None,
        attributes=_attributes(fields),
    )


def _attributes(fields: Fields) -> dict[str, str]:
    return {
        name: value
        for name, value in fields.items()
        if name not in _OWN_FIELDS and _ATTRIBUTE.fullmatch(name)
    }


def _redirect(fields: Fields, view: FormView) -> str | None:
    redirect = fields.get("redirect")
    if redirect is not None and redirect not in view.allowed_redirects:
        message = "The form's allowed redirects do not hold this address."
        raise InvalidValue(message, path=("redirect",))
    return redirect


def _check_list(fields: Fields, view: FormView) -> None:
    chosen = fields.get("list")
    if chosen is not None and chosen != str(view.list_id):
        message = "This form belongs to another list."
        raise InvalidValue(message, path=("list",))


def _check_origin(request: AnyRequest, view: FormView) -> None:
    origin = request.headers.get("origin")
    if origin is None or origin in view.allowed_origins or origin == _own_origin(request):
        return
    from_here = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if origin == "null" and from_here:
        return
    raise OriginForbidden


def _own_origin(request: AnyRequest) -> str:
    parts = urlsplit(instance_of(request).public_url)
    return f"{parts.scheme}://{parts.netloc}"


def _cors(request: AnyRequest, view: FormView) -> Mapping[str, str]:
    vary = {"Vary": "Origin, Accept, Accept-Language"}
    origin = request.headers.get("origin")
    if origin is None or origin not in view.allowed_origins:
        return vary
    return {**vary, "Access-Control-Allow-Origin": origin}


def _number(form_id: str) -> int:
    """The id in the address; anything that is none is no form."""
    if form_id.isascii() and form_id.isdigit() and len(form_id) <= len(str(_HIGHEST_ID)):
        number = int(form_id)
        if number <= _HIGHEST_ID:
            return number
    raise NotFound(path=("form",))


def _title(view: FormView, spoken: Language) -> str:
    if view.list_name is None:
        return spoken.say("form.title.account", account=view.account)
    return spoken.say("form.title", list=view.list_name)


def _about(view: ConfirmationView, spoken: Language) -> str:
    if view.form.list_name is None:
        return spoken.say("confirm.account", address=view.address, account=view.form.account)
    names = {"list": view.form.list_name, "account": view.form.account}
    return spoken.say("confirm.list", address=view.address, **names)


def _quotes(view: ConfirmationView) -> list[dict[str, str]]:
    """The wording that a yes agrees to, and on which axes; nothing where there was no yes."""
    agreed = [str(axis) for axis, answer in view.answers.items() if answer is FormAnswer.YES]
    if view.wording is None or not agreed:
        return []
    scope = "both" if len(agreed) > 1 else agreed[0]
    words = f"confirm.yes.{scope}"
    return [{"words": words, "locale": view.wording.locale, "text": view.wording.text}]


def _confirmed(request: AnyRequest, spoken: Language, words: str) -> Answer:
    text = [spoken.say(words), spoken.say("confirm.undo")]
    return page(request, "notice.html", spoken, title="confirm.done.title", text=text)


# Litestar adds an answer to OPTIONS of its own to a path that it meets without one, so ours comes first.
HANDLERS = [preflight, show, submit, show_confirmation, confirm]
