"""What a person may do with everything that is recorded about them: see it, take it along, have it erased.

    address                           GET
    /receipts/{token}                 the receipt of their answers as JSON; the link works for 24 hours
    /preferences/{token}/data.zip     everything about them (GDPR 15); with a fresh link only

    field of their page               does, with a fresh link only
    erase=recorded                    says no and deletes what was recorded; they stay a subscriber
    erase=everything                  erases them (GDPR 17)

A link that is no longer fresh leads to the page that mails a new one. Source: domain.md §8.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Response, route
from litestar.params import FromPath

from app.actions import preferences as verbs
from app.actions.erase import erase
from app.actions.preferences_link import LinkInvalid, OpenedLink, opened
from app.disclosure.access import access_export
from app.disclosure.receipts import receipt_behind, url_until
from app.domain.errors import InvalidValue, NotFound
from app.look.languages import Language
from app.look.pages import PAGE_HEADERS
from preference_center.answers import Answer, page
from preference_center.requests import SHOWING, AnyRequest, instance_of, spoken_to


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
    link = opened(instance_of(request), token)
    if link.fresh_until is None:
        raise LinkInvalid
    try:
        content = await access_export(instance_of(request), link.subscriber_id)
    except NotFound:
        raise LinkInvalid from None
    return Response(content, media_type="application/zip", headers=_download("data.zip"))


def _download(name: str) -> dict[str, str]:
    return {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}


def links(request: AnyRequest, link: OpenedLink) -> dict[str, str]:
    """Where the page leads somebody with a fresh link; nowhere otherwise."""
    if link.fresh_until is None:
        return {}
    instance = instance_of(request)
    return {
        "receipt": url_until(instance, link.subscriber_id, link.fresh_until),
        "data": f"{instance.public_url.rstrip('/')}/preferences/{request.path_params['token']}/data.zip",
    }


async def erase_recorded(request: AnyRequest, link: OpenedLink, spoken: Language) -> list[str]:
    """Says no for the person and deletes what was recorded; returns what happened, in words."""
    _must_be_fresh(link)
    async with verbs.persons_unit(instance_of(request), link.subscriber_id) as unit:
        await verbs.stop_and_erase(unit, link.subscriber_id)
    return [spoken.say(key) for key in ("saved.severed", "saved.severed.effect", "saved.severed.undo")]


async def erase_everything(request: AnyRequest, link: OpenedLink, spoken: Language) -> Answer:
    """Erases the person, and says so."""
    _must_be_fresh(link)
    async with verbs.persons_unit(instance_of(request), link.subscriber_id) as unit:
        await erase(unit, link.subscriber_id)
    return _erased_page(request, spoken)


def erased(request: AnyRequest, _error: Exception) -> Answer:
    """Whatever an erased person's old link is asked: a friendly page, and nothing is done."""
    return _erased_page(request, spoken_to(request))


def _erased_page(request: AnyRequest, spoken: Language) -> Answer:
    text = [spoken.say("erased.text"), spoken.say("erased.undo")]
    return page(request, "notice.html", spoken, title="erased.title", text=text)


def _must_be_fresh(link: OpenedLink) -> None:
    if link.fresh_until is None:
        raise InvalidValue("Erasing takes a fresh link.", path=("erase",))


HANDLERS = [receipt, data]
