"""What a person may do with everything that is recorded about them: see it, take it along, have it erased.

    address                           GET, with a fresh link only
    /preferences/{token}/recorded     what is recorded, to read; `?before=` is the key of an earlier page
    /preferences/{token}/answers      the history of their answers, each with the question as it was put
    /preferences/{token}/data.zip     everything about them (GDPR 15)
    /receipts/{token}                 the receipt of their answers as JSON; this link works for 24 hours

    field of their page               does, with a fresh link only
    erase=recorded                    says no and deletes what was recorded; they stay a subscriber
    erase=everything                  erases them (GDPR 17)

A link that is not fresh, or no longer, leads to the page that mails a new one. Source: domain.md §8.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, route
from litestar.params import FromPath

from app.actions import preferences as verbs
from app.actions.erase import erase
from app.actions.preferences_link import LinkInvalid, LinkNotFresh, OpenedLink, opened
from app.disclosure import recorded as disclosure
from app.disclosure.access import access_export
from app.disclosure.receipts import receipt_behind, url_until
from app.domain.errors import NotFound
from app.look.languages import Language
from app.look.pages import PAGE_HEADERS
from preference_center import words
from preference_center.answers import Answer, page, request_link_page
from preference_center.requests import SHOWING, AnyRequest, instance_of, spoken_to

_LONGEST_KEY = 19


@route("/receipts/{token:str}", http_method=SHOWING)
async def receipt(request: AnyRequest, token: FromPath[str]) -> Response[Mapping[str, Any]]:
    """The receipt, to be kept."""
    found = await receipt_behind(instance_of(request), token)
    if found is None:
        raise LinkInvalid
    return Response(found, headers=_download("receipt.json"))


@route("/preferences/{token:str}/data.zip", http_method=SHOWING)
async def data(request: AnyRequest, token: FromPath[str]) -> Response[bytes]:
    """Everything about the person."""
    link = _fresh(request, token)
    try:
        content = await access_export(instance_of(request), link.subscriber_id)
    except NotFound:
        raise LinkInvalid from None
    return Response(content, media_type="application/zip", headers=_download("data.zip"))


@route("/preferences/{token:str}/recorded", http_method=SHOWING)
async def recorded(request: AnyRequest, token: FromPath[str]) -> Answer:
    """What is recorded about the person, to read."""
    link = _fresh(request, token)
    try:
        view = await disclosure.recorded(instance_of(request), link.subscriber_id, _before(request))
    except NotFound:
        raise LinkInvalid from None
    spoken = spoken_to(request, known=view.locale)
    return page(
        request,
        "recorded.html",
        spoken,
        brand=view.brand,
        view=view,
        rows=words.of_person(view, spoken),
        mails=[words.of_mail(each, spoken) for each in view.mails],
        links=links(request, link),
        paged=_before(request) is not None,
    )


@route("/preferences/{token:str}/answers", http_method=SHOWING)
async def answers(request: AnyRequest, token: FromPath[str]) -> Answer:
    """The history of the person's answers."""
    link = _fresh(request, token)
    try:
        view = await disclosure.answers(instance_of(request), link.subscriber_id, _before(request))
    except NotFound:
        raise LinkInvalid from None
    spoken = spoken_to(request, known=view.locale)
    return page(
        request,
        "answers.html",
        spoken,
        brand=view.brand,
        view=view,
        changes=[words.of_change(each, view.brand.account, spoken) for each in view.changes],
        links=links(request, link),
        paged=_before(request) is not None,
    )


def _fresh(request: AnyRequest, token: str) -> OpenedLink:
    link = opened(instance_of(request), token)
    link.must_be_fresh()
    return link


def _before(request: AnyRequest) -> int | None:
    """The key of an earlier page; anything that is none asks for the first."""
    key = request.query_params.get("before", "")
    return int(key) if key.isascii() and key.isdigit() and len(key) <= _LONGEST_KEY else None


def _download(name: str) -> dict[str, str]:
    return {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}


def links(request: AnyRequest, link: OpenedLink) -> dict[str, str]:
    """Where the pages lead somebody with a fresh link; nowhere otherwise."""
    if link.fresh_until is None:
        return {}
    instance = instance_of(request)
    root = urlsplit(instance.public_url).path.rstrip("/")
    own = f"{root}/preferences/{request.path_params['token']}"
    return {
        "settings": own,
        "recorded": f"{own}/recorded",
        "answers": f"{own}/answers",
        "data": f"{own}/data.zip",
        "receipt": urlsplit(url_until(instance, link.subscriber_id, link.fresh_until)).path,
    }


async def erase_recorded(request: AnyRequest, link: OpenedLink, spoken: Language) -> list[str]:
    """Says no for the person and deletes what was recorded; returns what happened, in words."""
    link.must_be_fresh()
    async with verbs.persons_unit(instance_of(request), link.subscriber_id) as unit:
        await verbs.stop_and_erase(unit, link.subscriber_id)
    return [spoken.say(key) for key in ("saved.severed", "saved.severed.effect", "saved.severed.undo")]


async def erase_everything(request: AnyRequest, link: OpenedLink, spoken: Language) -> Answer:
    """Erases the person, and says so."""
    link.must_be_fresh()
    async with verbs.persons_unit(instance_of(request), link.subscriber_id) as unit:
        await erase(unit, link.subscriber_id)
    return _erased_page(request, spoken)


def erased(request: AnyRequest, _error: Exception) -> Answer:
    """Whatever an erased person's old link is asked: a friendly page, and nothing is done."""
    return _erased_page(request, spoken_to(request))


def not_fresh(request: AnyRequest, error: LinkNotFresh) -> Answer:
    """What takes a fresh link was asked through another: nothing is done, and a new link is offered."""
    return request_link_page(request, "expired" if error.expired else "fresh", status=403)


def _erased_page(request: AnyRequest, spoken: Language) -> Answer:
    text = [spoken.say("erased.text"), spoken.say("erased.undo")]
    return page(request, "notice.html", spoken, title="erased.title", text=text)


HANDLERS = [receipt, data, recorded, answers]
