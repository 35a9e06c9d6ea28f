"""Two things that one POST does, without a page, a cookie or a redirect; a GET shows a button for it.

    address                              body                              means
    /preferences/{token}/stop-tracking   Tracking=Stop                     NO on both axes; stays on every list
    /unsubscribe/{token}                 List-Unsubscribe=One-Click        leaves the mailing's list, all where it
                                                                           has none; says nothing about tracking

Both never expire and may come twice. Any other body is 422, so that a scanner that posts at random does nothing.
Source: RFC 8058 §3; contract of the public addresses.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import post, route
from litestar.params import FromPath

from app.actions import preferences as verbs
from app.actions.preferences_link import LinkInvalid, OpenedLink, lasting_link, opened, opened_unsubscribe
from app.disclosure import preferences as disclosure
from app.disclosure.preferences import LeavingView
from app.domain.errors import InvalidValue, NotFound
from app.look.languages import Language
from preference_center.answers import Answer, page
from preference_center.requests import SHOWING, AnyRequest, Fields, fields_of, instance_of, spoken_to

STOP = ("Tracking", "Stop")
UNSUBSCRIBE = ("List-Unsubscribe", "One-Click")


@route("/preferences/{token:str}/stop-tracking", http_method=SHOWING)
async def show_stop(request: AnyRequest, token: FromPath[str]) -> Answer:
    """The button that stops tracking."""
    view = await _leaving(request, opened(instance_of(request), token).subscriber_id)
    spoken = spoken_to(request, known=view.locale)
    text = [spoken.say("stop.text", account=view.account)]
    return page(request, "act.html", spoken, brand=view.brand, text=text, **_button("stop", STOP))


@post("/preferences/{token:str}/stop-tracking", status_code=200)
async def stop(request: AnyRequest, token: FromPath[str]) -> Answer:
    """Stops tracking, for mails already sent too."""
    link = opened(instance_of(request), token)
    fields = await fields_of(request)
    _check(fields, STOP)
    view = await _leaving(request, link.subscriber_id)
    async with verbs.persons_unit(instance_of(request), link.subscriber_id, link.actor) as unit:
        await verbs.stop_tracking(unit, link.subscriber_id)
    spoken = spoken_to(request, fields, view.locale)
    text = [
        spoken.say("saved.NO.both", account=view.account),
        spoken.say("saved.effect.NO"),
        spoken.say("stop.undo"),
    ]
    return _done(request, spoken, view, "stop.done", text, link)


@route("/unsubscribe/{token:str}", http_method=SHOWING)
async def show_unsubscribe(request: AnyRequest, token: FromPath[str]) -> Answer:
    """The button that leaves the list."""
    link = opened_unsubscribe(instance_of(request), token)
    view = await _leaving(request, link.subscriber, link.mailing)
    spoken = spoken_to(request, known=view.locale)
    if view.list_name is None:
        text = spoken.say("unsubscribe.text.all", account=view.account)
    else:
        text = spoken.say("unsubscribe.text", list=view.list_name)
    return page(
        request, "act.html", spoken, brand=view.brand, text=[text], **_button("unsubscribe", UNSUBSCRIBE)
    )


@post("/unsubscribe/{token:str}", status_code=200)
async def unsubscribe(request: AnyRequest, token: FromPath[str]) -> Answer:
    """Leaves the mailing's list."""
    link = opened_unsubscribe(instance_of(request), token)
    fields = await fields_of(request)
    _check(fields, UNSUBSCRIBE)
    view = await _leaving(request, link.subscriber, link.mailing)
    async with verbs.persons_unit(instance_of(request), link.subscriber) as unit:
        left = await verbs.leave_lists(unit, link.subscriber, link.mailing)
    spoken = spoken_to(request, fields, view.locale)
    return _done(
        request, spoken, view, "unsubscribe.done", _left(view, left, spoken), OpenedLink(link.subscriber)
    )


def _left(view: LeavingView, left: int, spoken: Language) -> list[str]:
    if not left:
        return [spoken.say("saved.left.none")]
    if view.list_name is None:
        happened = spoken.say("saved.left.all", account=view.account)
    else:
        happened = spoken.say("saved.left", list=view.list_name)
    return [happened, spoken.say("saved.left.effect"), spoken.say("saved.left.undo")]


async def _leaving(request: AnyRequest, subscriber_id: UUID, mailing_id: int = 0) -> LeavingView:
    try:
        return await disclosure.leaving(instance_of(request), subscriber_id, mailing_id)
    except NotFound:
        raise LinkInvalid from None


def _button(words: str, field: tuple[str, str]) -> dict[str, Any]:
    name, value = field
    return {"title": f"{words}.title", "button": f"{words}.button", "name": name, "value": value}


def _check(fields: Fields, expected: tuple[str, str]) -> None:
    name, value = expected
    if fields.get(name) != value:
        message = f"Send {name}={value} to do this."
        raise InvalidValue(message, path=(name,))


def _done(
    request: AnyRequest, spoken: Language, view: LeavingView, title: str, text: list[str], link: OpenedLink
) -> Answer:
    back = f"{urlsplit(lasting_link(instance_of(request), link)).path}?lang={spoken.tag}"
    return page(
        request,
        "notice.html",
        spoken,
        brand=view.brand,
        title=title,
        text=text,
        link=back,
        link_words="settings.link",
    )


HANDLERS = [show_stop, stop, show_unsubscribe, unsubscribe]
