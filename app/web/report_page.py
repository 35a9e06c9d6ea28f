"""`GET /reports/{token}`: a mailing's report for whoever was given its address. It only shows.

    asked by                                answer
    a link that holds                       the page, as `app.disclosure.report_links` may show it
    one that ended, is damaged or foreign   404, the same page for all of them, which says nothing of any mailing
    anybody while the database is away      503, to try again shortly

The token in the address is the authority: no session, no cookie, no script. Source: contract of the public addresses.
"""

import logging
from pathlib import Path
from typing import Any

from litestar import HttpMethod, Response, route
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.disclosure.brands import BrandView
from app.disclosure.report_links import ReportPageView, report_behind
from app.instance import DatabaseAway, Instance
from app.look.brands import NO_ACCOUNT, look_of
from app.look.languages import Language, language
from app.look.pages import REPORT_STYLESHEET_PATH, Pages, page_headers
from app.web import report_words as words
from app.web.callers import AnyRequest
from app.web.report_days import days

_PAGES = Pages(Path(__file__).parent / "templates")
_AWAY_SECONDS = "5"

logger = logging.getLogger(__name__)


def report_routes() -> list[HTTPRouteHandler]:
    """The one route; whatever follows `/reports/` is taken for a token."""

    @route(
        "/reports/{token:path}",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        exception_handlers={Exception: _problem},
    )
    async def report(request: AnyRequest, token: FromPath[str]) -> Response[str]:
        found = await report_behind(_instance(request), token.removeprefix("/"))
        if found is None:
            return _notice(request, 404)
        return _page(request, "report.html", _spoken(request), brand=found.brand, **_values(request, found))

    return [report]


def _values(request: AnyRequest, found: ReportPageView) -> dict[str, Any]:
    spoken, report = _spoken(request), found.report
    kind = spoken.say(f"report.kind.{found.mailing.channel}")
    return {
        "report_stylesheet": REPORT_STYLESHEET_PATH,
        "name": found.mailing.name,
        "lead": spoken.say("report.lead", kind=kind, moment=spoken.moment(found.read_at)),
        "until": spoken.say("report.until", moment=spoken.moment(found.until)),
        "tiles": words.tiles(report, spoken) if report.sent else [],
        "funnel": words.funnel(report, spoken),
        "known": words.known(report, spoken),
        "days": days(found, spoken),
        "links": words.links(report, spoken),
        "uniques": any(each.unique_clicks.value is not None for each in report.links),
        "first_links": words.FIRST_LINKS,
        "notes": words.notes(report, spoken),
    }


def _page(
    request: AnyRequest,
    template: str,
    spoken: Language,
    *,
    status: int = 200,
    brand: BrandView | None = None,
    **values: Any,
) -> Response[str]:
    look = NO_ACCOUNT if brand is None else look_of(brand.account, brand.colour, brand.logo)
    html = _PAGES.render(template, spoken, _instance(request).public_url, **look, **values)
    return Response(
        "" if request.method == "HEAD" else html,
        status_code=status,
        media_type=MediaType.HTML,
        headers=page_headers(html, spoken.tag),
    )


def _notice(request: AnyRequest, status: int) -> Response[str]:
    spoken = _spoken(request)
    text = [spoken.say(f"problem.{status}")]
    return _page(request, "notice.html", spoken, status=status, title="problem.title", text=text)


def _problem(request: AnyRequest, error: Exception) -> Response[str]:
    if isinstance(error, DatabaseAway):
        response = _notice(request, 503)
        response.headers["Retry-After"] = _AWAY_SECONDS
        return response
    logger.error("A report page failed: %s", type(error).__name__)
    return _notice(request, 500)


def _instance(request: AnyRequest) -> Instance:
    instance: Instance = request.app.state.instance
    return instance


def _spoken(request: AnyRequest) -> Language:
    return language(request.query_params.get("lang"), accepted=request.headers.get("accept-language"))
