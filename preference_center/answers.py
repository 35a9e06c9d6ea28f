"""What this door answers with: pages, and JSON for programs, all with the headers of the house.

    raised             status  said
    LinkInvalid        404     an offer to mail a new link
    LinkNotFresh       403     the same, and why
    NotFound           404     on a person's page as LinkInvalid, elsewhere that there is no such page
    RequestError       422     one sentence; in JSON the error's own, with code and path
    OriginForbidden    403     that this website may not send the form
    HTTPException      its own that this page, method or size is not taken; what is malformed is 422. A path below
                       ours that is no page is 404, another method 405 with Allow (`addresses`)
    TooFast            429     to wait; Retry-After says how long
    DatabaseAway, Busy 503     to try again shortly; so is a Conflict, which nobody here can mend
    anything else      500     that it was our mistake

A link that does not verify and one whose person is gone answer alike. Source: contract of the public addresses.
"""

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Response
from litestar.background_tasks import BackgroundTask
from litestar.enums import MediaType
from litestar.exceptions import HTTPException

from app.actions.preferences_link import LinkInvalid
from app.actions.submissions import Busy
from app.disclosure.brands import BrandView
from app.disclosure.preferences import Away
from app.domain.errors import Conflict, InvalidEmail, NotFound, RequestError
from app.domain.forms import TRACKING_FIELDS
from app.look.brands import NO_ACCOUNT, look_of
from app.look.languages import Language
from app.look.pages import PAGE_HEADERS, Pages, page_headers
from preference_center.requests import AnyRequest, TooFast, instance_of, spoken_to, wants_json

_PAGES = Pages(Path(__file__).parent / "templates")
_MALFORMED: Final = frozenset({400, 415})
_WAITING: Final = frozenset({429, 503})
_AWAY_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)

Answer = Response[str]


class OriginForbidden(Exception):
    """A browser sent this form from a website that the form does not name."""


def page(
    request: AnyRequest,
    template: str,
    spoken: Language,
    *,
    status: int = 200,
    background: BackgroundTask | None = None,
    brand: BrandView | None = None,
    **values: Any,
) -> Answer:
    """A page, in the look of the account that it belongs to, if any. A HEAD gets its headers alone."""
    html = _PAGES.render(template, spoken, instance_of(request).public_url, **_look(brand), **values)
    return Response(
        "" if request.method == "HEAD" else html,
        status_code=status,
        media_type=MediaType.HTML,
        headers=page_headers(html, spoken.tag, vary="Accept-Language, Sec-GPC"),
        background=background,
    )


def _look(brand: BrandView | None) -> Mapping[str, str | None]:
    return NO_ACCOUNT if brand is None else look_of(brand.account, brand.colour, brand.logo)


def data(
    content: Mapping[str, Any], *, status: int = 200, background: BackgroundTask | None = None
) -> Response[Mapping[str, Any]]:
    """JSON for programs."""
    return Response(
        content,
        status_code=status,
        media_type=MediaType.JSON,
        headers=dict(PAGE_HEADERS),
        background=background,
    )


def link_on_request(request: AnyRequest, spoken: Language) -> dict[str, Any]:
    """What a notice shows besides its text: the way to a link by mail, for who has no mail with one."""
    root = urlsplit(instance_of(request).public_url).path.rstrip("/")
    return {"link": f"{root}/preferences?lang={spoken.tag}", "link_words": "preferences.fresh.ask"}


def link_problem(request: AnyRequest, _error: Exception) -> Answer:
    """A link that leads to nobody: says so, and offers to mail a new one."""
    return request_link_page(request, "invalid", status=404)


def request_link_page(request: AnyRequest, words: str, *, status: int = 200) -> Answer:
    """The page that asks for the address. `words` says why it is shown."""
    return page(
        request, "request_link.html", spoken_to(request), status=status, words=words, wrong=None, email=""
    )


def problem(request: AnyRequest, error: Exception) -> Response[Any]:
    """The answer to whatever was raised, by the table at the top."""
    status, words = _status(error), words_of(error)
    if status == 500:  # noqa: PLR2004  the one status of our own mistakes
        logger.error("A request to the preference center failed: %s", type(error).__name__)
    response = _told(request, error, status, words)
    if status in _WAITING:
        seconds = error.seconds if isinstance(error, TooFast) else _AWAY_SECONDS
        response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


def _told(request: AnyRequest, error: Exception, status: int, words: str) -> Response[Any]:
    spoken = spoken_to(request)
    if wants_json(request):
        message = error.message if isinstance(error, RequestError) else spoken.say(words)
        code = error.code if isinstance(error, RequestError) else _CODES.get(status, "BAD_REQUEST")
        path = list(error.path) if isinstance(error, RequestError) else []
        return data({"errors": [{"code": code, "message": message, "path": path}]}, status=status)
    return page(
        request, "notice.html", spoken, status=status, title="problem.title", text=[spoken.say(words)]
    )


_CODES = {
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "LIMIT_EXCEEDED",
    429: "RATE_LIMITED",
    500: "INTERNAL_SERVER_ERROR",
    503: "DATABASE_AWAY",
}


def _status(error: Exception) -> int:
    match error:
        case LinkInvalid() | NotFound():
            return 404
        case Away() | Conflict() | Busy():
            return 503
        case RequestError():
            return 422
        case TooFast():
            return 429
        case OriginForbidden():
            return 403
        case HTTPException(status_code=status):
            return 422 if status in _MALFORMED else status
        case _:
            return 500


def words_of(error: Exception) -> str:
    """The key of the sentence that a person reads."""
    match error:
        case InvalidEmail():
            return "problem.email"
        case RequestError(path=(field, *_)) if field in TRACKING_FIELDS:
            return "problem.answer"
        case RequestError(path=("redirect" | "list" as field, *_)):
            return f"problem.{field}"
        case _:
            status = _status(error)
            return f"problem.{status if status in _CODES else 422}"
