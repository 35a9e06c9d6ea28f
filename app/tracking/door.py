"""Answers for the pixel and the links of mails already sent, and journals the hits.

Theory: a hit walks through the steps below. The first two need nothing but keys, the third a disk; whichever
of them fails, the reader gets the picture or the page that the sender meant, and only the count suffers.

    step       does                                                   instead of a hit
    open       token to target and hit, offline                       TOKEN_INVALID, PART_MISSING
    admit      kill switch, method, the address's own form            TRACKING_OFF, NOT_A_GET
    describe   classify; a PERSONAL hit with Sec-GPC is lowered here,
               so that its delivery is never written
    journal    append; resolves when the record is durable            JOURNAL_UNAVAILABLE, SLOW_JOURNAL
    answer     always, and never later than a disk that hangs may
               hold it (`journal.writer.TURN_PATIENCE`, twice)

A hit counted as SLOW_JOURNAL was answered before it was durable; it is recorded if the disk comes back.
The door knows raw ASGI only: the application asks `TrackingDoor.minds(path)` before it routes.
Source: domain.md §5 (INSTANCE, SIGNAL), §6, §7 (at the edge).
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum, unique
from typing import Any, Final

from app.domain.modes import EventKind
from app.domain.tokens import PIXEL_LINK
from app.journal.records import AnonymousRecord, PersonalRecord
from app.journal.writer import JournalSlow, JournalUnavailable, JournalWriter
from app.sealing.keyring import Keyring, TokenInvalid
from app.sealing.links import AnonymousHit, PersonalHit, open_click, open_pixel
from app.tracking.answers import NOT_ALLOWED, NOT_FOUND, PIXEL, Answer, redirect
from app.tracking.classify import Classification, classify

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Hit = PersonalHit | AnonymousHit

PIXEL_PATH: Final = "/o/"
PIXEL_SUFFIX: Final = ".gif"
CLICK_PATH: Final = "/c/"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_READING = ("GET", "HEAD")

logger = logging.getLogger(__name__)


@unique
class Unrecorded(StrEnum):
    """Why a request that was answered left no record."""

    TRACKING_OFF = "TRACKING_OFF"
    NOT_A_GET = "NOT_A_GET"
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105  a reason, not a secret
    PART_MISSING = "PART_MISSING"
    JOURNAL_UNAVAILABLE = "JOURNAL_UNAVAILABLE"
    SLOW_JOURNAL = "SLOW_JOURNAL"
    UNEXPECTED = "UNEXPECTED"


def utc_now() -> datetime:
    """The clock of the real world."""
    return datetime.now(UTC)


class TrackingDoor:
    """The ASGI application behind `/o/` and `/c/`. `unrecorded` counts, by reason, what left no record."""

    def __init__(
        self,
        keyring: Keyring,
        personal_journal: JournalWriter[PersonalRecord],
        anonymous_journal: JournalWriter[AnonymousRecord],
        *,
        tracking_on: bool,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._keyring = keyring
        self._personal = personal_journal
        self._anonymous = anonymous_journal
        self._tracking_on = tracking_on
        self._clock = clock
        self.unrecorded: Counter[Unrecorded] = Counter()

    @staticmethod
    def minds(path: str) -> bool:
        """Whether a path is this door's to answer."""
        return path.startswith((PIXEL_PATH, CLICK_PATH))

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answers one HTTP request; anything else that ASGI knows is not for this door and is left alone."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(PIXEL_PATH):
            answer = await self._pixel(scope)
        else:
            answer = await self._click(scope)
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": body})

    async def _pixel(self, scope: Scope) -> Answer:
        token = scope["path"].removeprefix(PIXEL_PATH)
        try:
            hit = open_pixel(self._keyring, token.removesuffix(PIXEL_SUFFIX))
        except TokenInvalid:
            self.unrecorded[Unrecorded.TOKEN_INVALID] += 1
        else:
            await self._record(hit if token.endswith(PIXEL_SUFFIX) else None, scope)
        return PIXEL

    async def _click(self, scope: Scope) -> Answer:
        if scope["method"] not in _READING:
            return NOT_ALLOWED
        try:
            click = open_click(self._keyring, scope["path"].removeprefix(CLICK_PATH))
        except TokenInvalid:
            self.unrecorded[Unrecorded.TOKEN_INVALID] += 1
            return NOT_FOUND
        await self._record(click.hit, scope)
        return redirect(click.target)

    async def _record(self, hit: Hit | None, scope: Scope) -> None:
        """Journals the hit, or counts why not. Never fails: the answer is owed in any case."""
        try:
            reason = self._kept_out(hit, scope["method"])
            if hit is not None and reason is None:
                await self._journalled(hit, dict(scope["headers"]))
        except JournalUnavailable:
            reason = Unrecorded.JOURNAL_UNAVAILABLE
        except JournalSlow:
            reason = Unrecorded.SLOW_JOURNAL
        except Exception as error:  # noqa: BLE001  a mistake of ours must not become the reader's error page
            logger.error("A hit was not recorded: %s", type(error).__name__)  # noqa: TRY400  traces hold tokens
            reason = Unrecorded.UNEXPECTED
        if reason is not None:
            self.unrecorded[reason] += 1

    def _kept_out(self, hit: Hit | None, method: str) -> Unrecorded | None:
        if not self._tracking_on:
            return Unrecorded.TRACKING_OFF
        if method != "GET":
            return Unrecorded.NOT_A_GET
        return Unrecorded.PART_MISSING if hit is None else None

    def _journalled(self, hit: Hit, headers: Mapping[bytes, bytes]) -> Awaitable[None]:
        """Resolves when the hit is durable in the journal that it belongs to."""
        verdict = classify(headers)
        gpc_seen = headers.get(b"sec-gpc", b"").strip() == b"1"
        since_epoch = self._clock() - _EPOCH
        if isinstance(hit, PersonalHit) and (hit.yields_gpc or not gpc_seen):
            return self._personal.append(_personal(hit, verdict, since_epoch, gpc_seen=gpc_seen))
        return self._anonymous.append(_anonymous(hit, verdict, since_epoch.days))


def _personal(hit: PersonalHit, verdict: Classification, at: timedelta, *, gpc_seen: bool) -> PersonalRecord:
    return PersonalRecord(
        at_ms=at // timedelta(milliseconds=1),
        kind=_kind(hit, verdict),
        mailing=hit.mailing,
        link=hit.link,
        subscriber=hit.subscriber,
        delivery=hit.delivery,
        gpc_seen=gpc_seen,
        client_class=verdict.client_class,
        rule=verdict.rule,
        rule_version=verdict.rule_version,
        client_family=verdict.client_family,
    )


def _anonymous(hit: Hit, verdict: Classification, day: int) -> AnonymousRecord:
    """The record of a hit that belongs to nobody, or, lowered, no longer to the delivery that its token names."""
    return AnonymousRecord(
        day=day,
        kind=_kind(hit, verdict),
        mailing=hit.mailing,
        link=hit.link,
        send_day=hit.send_day,
        client_class=verdict.client_class,
        lowered=isinstance(hit, PersonalHit),
        number=hit.number if isinstance(hit, AnonymousHit) else None,
    )


def _kind(hit: Hit, verdict: Classification) -> EventKind:
    if hit.link != PIXEL_LINK:
        return EventKind.CLICKED
    return EventKind.LOADED_BY_PROXY if verdict.loaded_ahead else EventKind.OPENED
