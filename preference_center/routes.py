"""The door as Litestar mounts it: every address of it, the stylesheet, and what happens when something is raised."""

import re
from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, Router, route
from litestar.params import FromPath

from app.actions.preferences_link import LinkInvalid, LinkNotFresh
from app.disclosure import brands
from app.domain.errors import ErasedEarlier, NotFound
from app.look.brands import colour_stylesheet
from app.look.pages import STYLESHEET_HEADERS, STYLESHEETS
from preference_center import addresses, forms, one_click, preferences, rights
from preference_center.answers import link_problem, problem
from preference_center.requests import LARGEST_BODY, SHOWING, AnyRequest, instance_of

GPC_SINCE: Final = "2026-11-22"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@route("/look/{name:str}", http_method=SHOWING)
async def stylesheet(name: FromPath[str]) -> Response[bytes]:
    """A stylesheet of the house. Its address changes with its bytes."""
    sheet = STYLESHEETS.get(f"/look/{name}")
    if sheet is None:
        raise NotFound(path=("name",))
    return Response(sheet, media_type="text/css", headers=dict(STYLESHEET_HEADERS))


@route("/look/colours/{name:str}", http_method=SHOWING)
async def colours(name: FromPath[str]) -> Response[str]:
    """The palette of a colour. It is made of the address alone, so it takes no database."""
    sheet = colour_stylesheet(name)
    if sheet is None:
        raise NotFound(path=("name",))
    return Response(sheet, media_type="text/css", headers=dict(STYLESHEET_HEADERS))


@route("/look/logos/{digest:str}", http_method=SHOWING)
async def logo(request: AnyRequest, digest: FromPath[str]) -> Response[bytes]:
    """An account's logo, by the digest of its bytes."""
    if _DIGEST.fullmatch(digest) is None:
        raise NotFound(path=("digest",))
    found = await brands.logo(instance_of(request), bytes.fromhex(digest))
    if found is None:
        raise NotFound(path=("digest",))
    headers = {**STYLESHEET_HEADERS, "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(found.content, media_type=found.media_type, headers=headers)


@route("/.well-known/gpc.json", http_method=SHOWING)
async def privacy_control() -> Response[Mapping[str, Any]]:
    """Says that Global Privacy Control is honoured. Source: the GPC specification, §3.4."""
    return Response({"gpc": True, "lastUpdate": GPC_SINCE}, headers={"X-Content-Type-Options": "nosniff"})


def preference_center_routes() -> list[Router]:
    """The routes of this door. The application's state must hold the `instance`."""
    return [
        Router(
            path="/",
            route_handlers=[
                *addresses.HANDLERS,
                *preferences.HANDLERS,
                *one_click.HANDLERS,
                *forms.HANDLERS,
                *rights.HANDLERS,
                stylesheet,
                colours,
                logo,
                privacy_control,
            ],
            exception_handlers={
                LinkInvalid: link_problem,
                LinkNotFresh: rights.not_fresh,
                ErasedEarlier: rights.erased,
                Exception: problem,
            },
            request_max_body_size=LARGEST_BODY,
        )
    ]
