"""Sign-up forms: shown here as a page or as JSON, or embedded anywhere and sent here.

    address          GET, HEAD                         POST                  OPTIONS
    /forms/{id}      the form; as JSON to a program    takes a submission    CORS preflight

    field                            is
    email                            the address
    tracking, tracking_opens,        yes, no, absent (`domain/forms`)
    tracking_clicks
    wording                          the wording that was shown, its number or id; the form's own one where it is absent
    list                             the form's own list, its id or number, or absent
    locale, lang                     the language tag to keep, and the language to answer in
    redirect                         one of the form's allowed redirects, as it stands there; answered with a 303
    assent_leave_empty               the trap: no person sees it, and who fills it in is thanked and ignored, but for a no
    any other word                   a field of the form's own (`domain/form_fields`); kept for people who are new here

    Origin                           the submission
    absent, or our own               is taken (a server, a program, our page)
    one of the form's                is taken, and may read the answer (CORS)
    any, with Sec-Fetch-Site: same-origin    is taken: a browser says so of our own page alone
    null, without Sec-Fetch-Site     is taken: so old browsers send our own page, whose policy is `no-referrer`
    any other                        403

What is wrong is 422: the form again, as it was filled in, with one sentence at the field; to a program the error with
its path. A network that sends more than its pace is told to wait (429), before anything that it sent is read; only the
form is looked up, so that a front end of an allowed origin may read that, too.
The answer never tells whether an address is known, nor does its time (`actions/submissions`). Source: contract of the
public addresses; domain.md §3.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar import HttpMethod, Response, post, route
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from app.actions.sign_up import Submission
from app.actions.submissions import Busy, take
from app.disclosure import forms as disclosure
from app.disclosure.forms import FormView
from app.domain.attributes import AttributeType
from app.domain.errors import Conflict, InvalidValue, NotFound, RequestError
from app.domain.form_fields import ATTRIBUTE_NAME, read_fields
from app.domain.forms import OWN_FIELDS, TRACKING_FIELDS, TRAP, answers
from app.domain.global_ids import encode_id
from app.domain.texts import checked_locale
from app.look.languages import Language
from app.look.pages import PAGE_HEADERS
from preference_center import confirmations
from preference_center.answers import Answer, OriginForbidden, data, link_on_request, page, problem, words_of
from preference_center.requests import (
    SHOWING,
    AnyRequest,
    Fields,
    TooFast,
    fields_of,
    form_number,
    instance_of,
    keep_pace,
    signals_privacy,
    spoken_to,
    wants_json,
)

_MENDABLE = (RequestError, HTTPException, OriginForbidden, TooFast, Busy)


@route("/forms/{form_id:str}", http_method=SHOWING)
async def show(request: AnyRequest, form_id: FromPath[str]) -> Response[Any]:
    """The hosted form. Nothing is chosen; under Global Privacy Control, no is."""
    view = await disclosure.form(instance_of(request), form_number(form_id))
    spoken = spoken_to(request, known=next(iter(view.locales), None))
    response: Response[Any] = data(_as_data(view)) if wants_json(request) else _page(request, view, spoken)
    response.headers.update(_cors(request, view))
    return response


@post("/forms/{form_id:str}", status_code=200)
async def submit(request: AnyRequest, form_id: FromPath[str]) -> Response[Any]:
    """Takes a submission; answers with a page, or with JSON to a program."""
    view = await disclosure.form(instance_of(request), form_number(form_id))
    fields: Fields = {}
    try:
        keep_pace(request)
        _check_origin(request, view)
        fields = await fields_of(request)
        response = await _taken(request, view, fields)
    except _MENDABLE as error:
        # Answered here, so that a front end of another origin may read what was wrong.
        response = _refused(request, view, fields, error)
    response.headers.update(_cors(request, view))
    return response


@route("/forms/{form_id:str}", http_method=[HttpMethod.OPTIONS], status_code=204)
async def preflight(request: AnyRequest, form_id: FromPath[str]) -> Response[None]:
    """Tells a browser whether a website of another origin may send this form as JSON."""
    view = await disclosure.form(instance_of(request), form_number(form_id))
    headers = {"Allow": "GET, HEAD, POST, OPTIONS", **_cors(request, view)}
    if "Access-Control-Allow-Origin" in headers:
        headers |= {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": "600",
        }
    return Response(None, status_code=204, headers=headers)


async def _taken(request: AnyRequest, view: FormView, fields: Fields) -> Response[Any]:
    redirect = _redirect(fields, view)
    _check_list(fields, view)
    by_robot = bool(fields.get(TRAP))
    taken = await take(instance_of(request), view.id, _submission(view, fields), by_robot=by_robot)
    rest = BackgroundTask(taken.rest)
    if wants_json(request):
        content = {"accepted": True, "mustConfirm": taken.must_confirm}
        return data(content, status=202, background=rest)
    if redirect is not None:
        return Response(
            None, status_code=303, headers={**PAGE_HEADERS, "Location": redirect}, background=rest
        )
    words = "form.sent" if taken.must_confirm else "form.done"
    spoken = spoken_to(request, fields)
    text = [spoken.say(f"{words}.text")]
    return page(
        request,
        "notice.html",
        spoken,
        background=rest,
        brand=view.brand,
        title=f"{words}.title",
        text=text,
        **({} if taken.must_confirm else link_on_request(request, spoken)),
    )


def _refused(request: AnyRequest, view: FormView, fields: Fields, error: Exception) -> Response[Any]:
    """The form again, as it was filled in, where a person can mend it; else what the door says to anything."""
    if wants_json(request) or not isinstance(error, RequestError) or isinstance(error, Conflict | NotFound):
        return problem(request, error)
    spoken = spoken_to(request, fields, next(iter(view.locales), None))
    wrong = {"field": str(next(iter(error.path), "")), "text": _sentence(error, view, fields, spoken)}
    return _page(request, view, spoken, fields, wrong, status=422)


def _sentence(error: RequestError, view: FormView, fields: Fields, spoken: Language) -> str:
    for each in view.fields:
        if error.path[:1] == (each.name,):
            kind = each.type.value if fields.get(each.name, "").strip() else "required"
            return spoken.say(f"form.wrong.{kind}", field=each.label)
    return spoken.say(words_of(error))


def _page(
    request: AnyRequest,
    view: FormView,
    spoken: Language,
    fields: Fields | None = None,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Answer:
    unsaid = "no" if signals_privacy(request) and fields is None else ""
    given = _kept(view, fields or {})
    return page(
        request,
        "form.html",
        spoken,
        status=status,
        brand=view.brand,
        view=view,
        wording=view.wording(spoken),
        title=_title(view, spoken),
        trap=TRAP,
        given=given,
        checked={name: given.get(name, unsaid) for name in TRACKING_FIELDS},
        wrong=wrong,
    )


def _kept(view: FormView, fields: Fields) -> Fields:
    """What was filled in, without numbers and days that are none: their inputs hold nothing else."""
    kept = dict(fields)
    for each in view.fields:
        if each.type in {AttributeType.NUMBER, AttributeType.DATE}:
            try:
                read_fields([each], {each.name: kept.get(each.name, "")})
            except RequestError:
                kept.pop(each.name, None)
    return kept


def _title(view: FormView, spoken: Language) -> str:
    if view.list is None:
        return spoken.say("form.title.account", account=view.account)
    return spoken.say("form.title", list=view.list.name)


def _as_data(view: FormView) -> dict[str, Any]:
    """What a front end needs to show the form word for word and to send it."""
    return {
        "account": view.account,
        "list": None if view.list is None else view.list.name,
        "asks": view.asks.value,
        "wordings": [
            {"wording": str(each.id), "locale": each.locale, "text": each.text} for each in view.wordings
        ],
        "fields": [
            {"name": each.name, "label": each.label, "type": each.type.value, "required": each.required}
            for each in view.fields
        ],
        "locales": list(view.locales),
    }


def _submission(view: FormView, fields: Fields) -> Submission:
    own = {name: value for name, value in fields.items() if name not in OWN_FIELDS}
    if not view.fields:
        own = {name: value for name, value in own.items() if ATTRIBUTE_NAME.fullmatch(name)}
    return Submission(
        email=fields.get("email", ""),
        answers=answers(view.asks, fields),
        wording_id=_wording_id(view, fields),
        locale=checked_locale(fields["locale"], "locale") if fields.get("locale") else None,
        attributes=read_fields(view.fields, own),
    )


def _wording_id(view: FormView, fields: Fields) -> int | None:
    """What was shown: what the page says, as long as this form ever asked with it; else the form's own."""
    said = fields.get("wording")
    current = [each.id for each in view.wordings]
    if said is None:
        return next(iter(current), None)
    for each in (*current, *view.former_wordings):
        if said in {str(each), encode_id("Wording", each)}:
            return each
    message = "This form never asked with that wording."
    raise InvalidValue(message, path=("wording",))


def _redirect(fields: Fields, view: FormView) -> str | None:
    redirect = fields.get("redirect")
    if redirect is not None and redirect not in view.allowed_redirects:
        message = "The form's allowed redirects do not hold this address."
        raise InvalidValue(message, path=("redirect",))
    return redirect


def _check_list(fields: Fields, view: FormView) -> None:
    chosen = fields.get("list")
    own = set() if view.list is None else {str(view.list.id), encode_id("MailingList", view.list.id)}
    if chosen is not None and chosen not in own:
        message = "This form belongs to another list."
        raise InvalidValue(message, path=("list",))


def _check_origin(request: AnyRequest, view: FormView) -> None:
    origin = request.headers.get("origin")
    if origin is None or origin in view.allowed_origins or origin == _own_origin(request):
        return
    unsaid = "same-origin" if origin == "null" else ""
    if request.headers.get("sec-fetch-site", unsaid) == "same-origin":
        return
    raise OriginForbidden


def _own_origin(request: AnyRequest) -> str:
    parts = urlsplit(instance_of(request).public_url)
    return f"{parts.scheme}://{parts.netloc}"


def _cors(request: AnyRequest, view: FormView) -> Mapping[str, str]:
    vary = {"Vary": "Origin, Accept, Accept-Language, Sec-GPC"}
    origin = request.headers.get("origin")
    if origin is None or origin not in view.allowed_origins:
        return vary
    return {**vary, "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After"}


# Litestar adds an answer to OPTIONS of its own to a path that it meets without one, so ours comes first.
HANDLERS = [preflight, show, submit, *confirmations.HANDLERS]
