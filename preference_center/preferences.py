"""A person's own page, and the way to it for who has no link.

    address                  GET, HEAD                    POST
    /preferences             asks for the address         mails a fresh link where the address is known
    /preferences/{token}     the page                     acts on one part and shows the page again

    field of the page        does
    tracking                 yes or no on both axes
    opens, clicks            yes or no on that axis, and beats `tracking`; an axis left out stays as it is
    leave                    leaves the list of that number, or `all`
    return                   comes back to a list that was left; with a fresh link only
    erase                    `recorded` or `everything` (`rights`); with a fresh link only

One post does one part; what is not in it is not touched. Source: domain.md §3, §8.
"""

from collections.abc import Collection, Mapping

from litestar import post, route
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from app.actions import preferences as verbs
from app.actions.preferences_link import LinkInvalid, OpenedLink, mail_links, opened
from app.actions.wordings import Shown
from app.disclosure import preferences as disclosure
from app.disclosure.preferences import PreferencesView
from app.domain.addresses import AddressInvalid, normalise
from app.domain.errors import InvalidValue, NotFound
from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import Permission
from app.look.languages import Language
from preference_center import rights, words
from preference_center.answers import Answer, page, request_link_page
from preference_center.requests import (
    SHOWING,
    AnyRequest,
    Fields,
    fields_of,
    instance_of,
    keep_pace,
    signals_privacy,
    spoken_to,
)

_ANSWERS = {"yes": Permission.YES, "no": Permission.NO}
_AXES = {"opens": Axis.OPENS, "clicks": Axis.CLICKS}


@route("/preferences", http_method=SHOWING)
async def ask_address(request: AnyRequest) -> Answer:
    """The page that asks for the address."""
    return request_link_page(request, "request")


@post("/preferences", status_code=200)
async def request_link(request: AnyRequest) -> Answer:
    """Answers alike for every address; whether it is known is looked up only after the answer has gone out."""
    keep_pace(request)
    fields = await fields_of(request)
    spoken = spoken_to(request, fields)
    email = fields.get("email", "")
    try:
        normalise(email)
    except AddressInvalid:
        wrong = spoken.say("problem.email")
        return page(
            request, "request_link.html", spoken, status=422, words="request", wrong=wrong, email=email[:254]
        )
    mailing = BackgroundTask(mail_links, instance_of(request), email, fields.get("lang"))
    text = [spoken.say("request.done.text")]
    return page(request, "notice.html", spoken, background=mailing, title="request.done.title", text=text)


@route("/preferences/{token:str}", http_method=SHOWING)
async def show(request: AnyRequest, token: FromPath[str]) -> Answer:
    """The person's page. It changes nothing, whoever follows the link."""
    link = opened(instance_of(request), token)
    view = await _view(request, link)
    return _page(request, link, view, spoken_to(request, known=view.locale), [])


@post("/preferences/{token:str}", status_code=200)
async def save(request: AnyRequest, token: FromPath[str]) -> Answer:
    """Acts on the part that was sent, and shows the page with what happened."""
    link = opened(instance_of(request), token)
    fields = await fields_of(request)
    before = await _view(request, link)
    spoken = spoken_to(request, fields, before.locale)
    given = _given(fields)
    if given:
        said = await _answer(request, link, before, given, spoken)
    elif "leave" in fields:
        said = await _leave(request, link, before, fields["leave"], spoken)
    elif "return" in fields:
        said = await _return(request, link, before, fields["return"], spoken)
    elif fields.get("erase") == "everything":
        return await rights.erase_everything(request, link, spoken)
    elif fields.get("erase") == "recorded":
        said = await rights.erase_recorded(request, link, spoken)
    else:
        raise InvalidValue("Nothing was chosen.", path=("tracking",))
    after = await _view(request, link)
    apart = not _AXES.keys().isdisjoint(fields)
    return _page(request, link, after, spoken, said, answered=given.keys(), apart=apart)


async def _view(request: AnyRequest, link: OpenedLink) -> PreferencesView:
    try:
        return await disclosure.preferences(instance_of(request), link.subscriber_id, link.fresh_until)
    except NotFound:
        # Erased, or never there: a link to nobody reads like a link that does not verify.
        raise LinkInvalid from None


def _page(
    request: AnyRequest,
    link: OpenedLink,
    view: PreferencesView,
    spoken: Language,
    said: list[str],
    *,
    answered: Collection[Axis] = (),
    apart: bool = False,
) -> Answer:
    privacy_signal = signals_privacy(request)
    signalled = words.signalled(view, answered) if privacy_signal else set()
    chosen = words.checked(view, signalled)
    on = [each for each in view.lists if each.status is not MembershipStatus.UNSUBSCRIBED]
    return page(
        request,
        "preferences.html",
        spoken,
        brand=view.brand,
        view=view,
        said=said,
        seen=words.seen(view, spoken),
        questions=words.questions(view.account, spoken),
        checked=chosen,
        apart=(apart and bool(said)) or chosen[Axis.OPENS] != chosen[Axis.CLICKS],
        on_lists=len(on),
        privacy_signal=privacy_signal,
        signalled=signalled,
        rights=rights.links(request, link),
        expired=link.expired,
    )


def _given(fields: Fields) -> dict[Axis, Permission]:
    both = _permission(fields, "tracking")
    found = {axis: _permission(fields, name) or both for name, axis in _AXES.items()}
    return {axis: value for axis, value in found.items() if value is not None}


def _permission(fields: Fields, name: str) -> Permission | None:
    if name not in fields:
        return None
    value = _ANSWERS.get(fields[name])
    if value is None:
        raise InvalidValue(f"{name} is yes or no.", path=("tracking",))
    return value


async def _answer(
    request: AnyRequest,
    link: OpenedLink,
    before: PreferencesView,
    given: Mapping[Axis, Permission],
    spoken: Language,
) -> list[str]:
    asked = "both" if len(given) > 1 else str(next(iter(given)))
    shown = Shown(spoken.tag, words.questions(before.account, spoken)[asked])
    async with verbs.persons_unit(instance_of(request), link.subscriber_id, link.actor) as unit:
        new = await verbs.answer(unit, link.subscriber_id, given, link.source, shown)
    return words.saved(given, new, before.account, spoken)


async def _leave(
    request: AnyRequest, link: OpenedLink, before: PreferencesView, chosen: str, spoken: Language
) -> list[str]:
    name = None if chosen == "all" else _list_name(before, chosen)
    async with verbs.persons_unit(instance_of(request), link.subscriber_id, link.actor) as unit:
        list_id = None if chosen == "all" else int(chosen)
        left = await verbs.leave_list(unit, link.subscriber_id, list_id)
    if not left:
        return [spoken.say("saved.left.none")]
    if name is None:
        happened = spoken.say("saved.left.all", account=before.account)
    else:
        happened = spoken.say("saved.left", list=name)
    undo = "saved.left.undo" if link.fresh_until is None else "saved.left.undo.here"
    return [happened, spoken.say("saved.left.effect"), spoken.say(undo)]


async def _return(
    request: AnyRequest, link: OpenedLink, before: PreferencesView, chosen: str, spoken: Language
) -> list[str]:
    name = _list_name(before, chosen)
    link.must_be_fresh()
    async with verbs.persons_unit(instance_of(request), link.subscriber_id, link.actor) as unit:
        await verbs.return_to_list(unit, link.subscriber_id, int(chosen))
    keys = ("saved.returned.effect", "saved.returned.undo")
    return [spoken.say("saved.returned", list=name), *(spoken.say(key) for key in keys)]


def _list_name(view: PreferencesView, chosen: str) -> str:
    """The name of one of the person's own lists; any other number is as good as none."""
    for each in view.lists:
        if str(each.id) == chosen:
            return each.name
    raise InvalidValue("This is not one of your lists.", path=("list",))


HANDLERS = [ask_address, request_link, show, save]
