r"""Sign-up forms: what they ask, how a submission is read, and what each answer does at which moment.

Theory: a submission comes from whoever knows an address, a confirmation from whoever reads its mail. So a refusal
counts at once, a yes waits for the confirmation, and silence changes nothing for somebody who has answered.

    field                    read as
    tracking                 yes, no, absent: both axes
    tracking_opens, _clicks  yes, no, absent: that axis, and beats `tracking`
    any other value          InvalidValue, an empty one too
    form asks NOTHING        a yes was never asked for and is none; a no still is one

    answer \ moment  submission, double opt-in   submission, single opt-in         confirmation
    YES              as UNTICKED                 UNKNOWN → YES, the rest stays     YES, whatever stands
    NO               NO                          NO                                nothing more
    UNTICKED         UNKNOWN → ASKED_NO_ANSWER, the rest stays                     nothing more
    NOT_ASKED        nothing                     nothing                           nothing more

A form is double opt-in if it says so or if its account requires permission. The addresses that a form trusts are
compared as a whole: an origin is `https?://host[:port]` as browsers send it, a redirect an absolute web address.
Source: domain.md §3 (forms), §4 (permission_required); RFC 6454 §6.2.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum, unique
from typing import assert_never
from urllib.parse import urlsplit

from app.domain.errors import InvalidValue
from app.domain.modes import Axis
from app.domain.permission import (
    Permission,
    PermissionSource,
    PermissionState,
    answer_of_person,
    asked_without_answer,
    standing,
)
from app.domain.targets import UnsafeTarget, safe_target

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_USUAL_PORT = {"http": 80, "https": 443}
_FIELDS = {Axis.OPENS: "tracking_opens", Axis.CLICKS: "tracking_clicks"}
BOTH_AXES_FIELD = "tracking"
TRACKING_FIELDS = frozenset({BOTH_AXES_FIELD, *_FIELDS.values()})
TRAP = "assent_leave_empty"
"""The field that no person sees, and robots fill in. Nothing that fills forms in for people knows such a name."""
OWN_FIELDS = frozenset({"email", "list", "locale", "lang", "redirect", "wording", TRAP}) | TRACKING_FIELDS
"""What a submission may hold besides the fields of the form's own."""


@unique
class FormQuestion(StrEnum):
    """Whether a form asks about tracking, and how finely."""

    NOTHING = "NOTHING"
    BOTH_TOGETHER = "BOTH_TOGETHER"
    EACH_AXIS = "EACH_AXIS"


@unique
class Purpose(StrEnum):
    """What a wording asks for; a YES covers the purposes of its wording and no others."""

    MEASURE = "MEASURE"
    SEGMENT = "SEGMENT"
    NOTIFY = "NOTIFY"


@unique
class FormAnswer(StrEnum):
    """What a submission says on one axis."""

    YES = "YES"
    NO = "NO"
    UNTICKED = "UNTICKED"
    NOT_ASKED = "NOT_ASKED"


Answers = Mapping[Axis, FormAnswer]


def answers(asks: FormQuestion, fields: Mapping[str, str]) -> dict[Axis, FormAnswer]:
    """What a submission says on both axes, by the first table. Raises `InvalidValue` with the field as path."""
    both = _said(fields, BOTH_AXES_FIELD)
    said = {axis: _said(fields, name) or both for axis, name in _FIELDS.items()}
    if asks is FormQuestion.NOTHING:
        return {
            axis: FormAnswer.NO if each is FormAnswer.NO else FormAnswer.NOT_ASKED
            for axis, each in said.items()
        }
    return {axis: each or FormAnswer.UNTICKED for axis, each in said.items()}


def _said(fields: Mapping[str, str], name: str) -> FormAnswer | None:
    match fields.get(name):
        case None:
            return None
        case "yes":
            return FormAnswer.YES
        case "no":
            return FormAnswer.NO
        case _:
            message = f"{name} is yes or no. Leave it out where nothing was ticked."
            raise InvalidValue(message, path=(name,))


def at_submission(
    stands: PermissionState,
    answer: FormAnswer,
    now: datetime,
    *,
    double_opt_in: bool,
    lifetime_days: int | None,
) -> PermissionState:
    """What stands on one axis after a submission, by the second table; `stands` itself where nothing changes."""
    match answer:
        case FormAnswer.NO if stands.value is Permission.NO and stands.by_person:
            return stands
        case FormAnswer.NO:
            return answer_of_person(stands, Permission.NO, PermissionSource.FORM, now)
        case FormAnswer.YES if not double_opt_in:
            unknown = standing(stands, lifetime_days, now).value is Permission.UNKNOWN
            return answer_of_person(stands, Permission.YES, PermissionSource.FORM, now) if unknown else stands
        case FormAnswer.YES | FormAnswer.UNTICKED:
            return asked_without_answer(stands, PermissionSource.FORM, now)
        case FormAnswer.NOT_ASKED:
            return stands
        case _:
            assert_never(answer)


def at_confirmation(stands: PermissionState, answer: FormAnswer, now: datetime) -> PermissionState:
    """What stands on one axis after the person confirmed; `now` is the person's time."""
    if answer is not FormAnswer.YES:
        return stands
    return answer_of_person(stands, Permission.YES, PermissionSource.FORM, now)


def is_double_opt_in(*, form_says_so: bool, permission_required: bool) -> bool:
    """Whether a yes waits for its confirmation."""
    return form_says_so or permission_required


def checked_origin(text: str, *path: str | int) -> str:
    """An origin in the one spelling that browsers send. Raises `InvalidValue`, for paths and wildcards too."""
    scheme, _, authority = text.strip().lower().rstrip("/").partition("://")
    host, port = _authority(authority)
    if scheme not in _USUAL_PORT or not _HOST.fullmatch(host) or port == 0:
        message = "An origin is written https://host or https://host:port, without a path or a wildcard."
        raise InvalidValue(message, path=path)
    return f"{scheme}://{host}" if port in {None, _USUAL_PORT[scheme]} else f"{scheme}://{host}:{port}"


def _authority(text: str) -> tuple[str, int | None]:
    """Host and port; port 0 where it is no port, which nobody listens on."""
    try:
        port = urlsplit(f"//{text}").port
    except ValueError:
        return "", 0
    return text.removesuffix(f":{port}") if port is not None else text, port


def checked_redirect(text: str, *path: str | int) -> str:
    """An absolute web address. Raises `InvalidValue`."""
    try:
        return safe_target(text)
    except UnsafeTarget:
        message = "A redirect is a whole web address that begins with https:// or http://."
        raise InvalidValue(message, path=path) from None
