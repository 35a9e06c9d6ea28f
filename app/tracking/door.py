"""Answers for the pixel and the links of mails already sent, and journals the hits.

Theory: a hit walks through the steps below. The first two need nothing but keys, the third memory, the fourth a disk;
whichever of them fails, the reader gets the picture or the page that the sender meant, and only the count suffers.

    step       does                                                   instead of a hit
    open       token to target and hit, offline                       TOKEN_INVALID, PART_MISSING
    admit      kill switch, method, the address's own form,           TRACKING_OFF, NOT_A_GET
               hits a minute of one network                           RATE_LIMITED
    describe   classify; a PERSONAL hit with Sec-GPC is lowered here,
               so that its delivery is never written; of any other, where it came from, as
               far as that is kept (`whereabouts`)
    journal    append; resolves when the record is durable            JOURNAL_UNAVAILABLE, SLOW_JOURNAL
    answer     always, and never later than a disk that hangs may
               hold it (`journal.writer.TURN_PATIENCE`, twice)

A hit counted as SLOW_JOURNAL was answered before it was durable; it is recorded if the disk comes back.
The door knows raw ASGI only: the application asks `TrackingDoor.minds(path)` before it routes. What is done for each hit
is as little as can be: no object is made that is not needed, one coroutine runs, and metrics are one addition.
Source: domain.md §5 (INSTANCE, SIGNAL), §6, §7 (at the edge).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs

from app.board import Board
from app.domain.tokens import PIXEL_LINK
from app.journal.records import AnonymousRecord, PersonalRecord, packed_hit
from app.journal.writer import JournalSlow, JournalUnavailable, JournalWriter
from app.metrics import Metrics, Unrecorded
from app.networks import Trusted
from app.sealing.keyring import Keyring, TokenInvalid
from app.sealing.links import MOST_OPENED, AnonymousHit, MailOpener, PersonalHit
from app.tracking.answers import NOT_ALLOWED, PIXEL, Answer, LostPage, not_found, redirect, wordless
from app.tracking.marks import KnownClients, Mark
from app.tracking.networks import EPOCH_SECONDS, Networks
from app.tracking.whereabouts import Places

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Hit = PersonalHit | AnonymousHit
Durable = asyncio.Future[None]

PIXEL_PATH: Final = "/o/"
PIXEL_SUFFIX: Final = ".gif"
CLICK_PATH: Final = "/c/"
_TOKEN_AT: Final = len(PIXEL_PATH)

_DAY_MS = 86_400_000
_READING = ("GET", "HEAD")
_DELIVERY_SIZE = 8
_NOTHING: Final = (None, None)

logger = logging.getLogger(__name__)


def _now_ms() -> int:
    """The clock of the real world, without an object for each hit."""
    return time.time_ns() // 1_000_000


class TrackingDoor:
    """The ASGI application behind `/o/` and `/c/`; without a board, one of its own, and no proxy is trusted.

    Without `places` no record says where its hit came from; without `lost_page` a 404 has no words.
    """

    def __init__(
        self,
        keyring: Keyring,
        personal_journal: JournalWriter[PersonalRecord],
        anonymous_journal: JournalWriter[AnonymousRecord],
        *,
        tracking_on: bool,
        clock: Callable[[], datetime] | None = None,
        board: Board | None = None,
        trusted: Trusted | None = None,
        networks: Networks | None = None,
        places: Places | None = None,
        lost_page: LostPage = wordless,
    ) -> None:
        board = board or Board()
        self._opener = MailOpener(keyring)
        self._personal = personal_journal
        self._anonymous = anonymous_journal
        self._tracking_on = tracking_on
        self._now_ms = _now_ms if clock is None else lambda: round(clock().timestamp() * 1000)
        self._trusted = trusted or Trusted()
        self._networks = networks or Networks(board)
        self._places = places or Places(self._trusted)
        self._looks_up = self._places.looks_up
        self._clients = KnownClients()
        self._lost_page = lost_page
        self._redirect = lru_cache(MOST_OPENED)(redirect)
        self._forgetting: asyncio.TimerHandle | None = None
        self.metrics = Metrics(board)

    @staticmethod
    def minds(path: str) -> bool:
        """Whether a path is this door's to answer."""
        return path.startswith((PIXEL_PATH, CLICK_PATH))

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answers one HTTP request; anything else that ASGI knows is not for this door and is left alone."""
        if scope["type"] != "http":
            return
        answer, durable, mark = self._taken(scope)
        if durable is not None and mark is not None:
            try:
                await durable
            except Exception as error:  # noqa: BLE001  whatever it is, the answer is owed
                self.metrics.unrecorded(_why(error))
            else:
                self.metrics.recorded(mark.place)
        await send(answer.start)
        await send(answer.head_end if scope["method"] == "HEAD" else answer.end)

    def _taken(self, scope: Scope) -> tuple[Answer, Durable | None, Mark | None]:
        """The answer, and the record on its way to the disk if there is one."""
        path: str = scope["path"]
        answer = PIXEL
        try:
            if path.startswith(PIXEL_PATH):
                hit = self._opener.pixel(path[_TOKEN_AT:].removesuffix(PIXEL_SUFFIX))
                if not path.endswith(PIXEL_SUFFIX):
                    hit = None
            elif scope["method"] in _READING:
                target, hit = self._opener.click(path[_TOKEN_AT:])
                answer = self._redirect(target)
            else:
                return NOT_ALLOWED, None, None
        except TokenInvalid:
            self.metrics.unrecorded(Unrecorded.TOKEN_INVALID)
            return PIXEL if path.startswith(PIXEL_PATH) else self._lost(scope), None, None
        durable, mark = self._recorded(hit, scope)
        return answer, durable, mark

    def _lost(self, scope: Scope) -> Answer:
        wanted = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [None])[0]
        accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        return not_found(*self._lost_page(wanted, accepted))

    def _recorded(self, hit: Hit | None, scope: Scope) -> tuple[Durable | None, Mark | None]:
        """Sends the hit to its journal, or counts why not. Never fails: the answer is owed in any case."""
        try:
            if hit is not None and self._tracking_on and scope["method"] == "GET":
                return self._journalled(hit, scope)
            reason = self._kept_out(scope["method"])
        except Exception as error:  # noqa: BLE001  a mistake of ours must not become the reader's error page
            reason = _why(error)
        self.metrics.unrecorded(reason)
        return _NOTHING

    def _kept_out(self, method: str) -> Unrecorded:
        if not self._tracking_on:
            return Unrecorded.TRACKING_OFF
        return Unrecorded.NOT_A_GET if method != "GET" else Unrecorded.PART_MISSING

    def _journalled(self, hit: Hit, scope: Scope) -> tuple[Durable | None, Mark | None]:
        """Appends the hit to the journal that it belongs to, unless its network has had its share of this minute."""
        headers = dict(scope["headers"])
        address = self._address(scope, headers)
        if address is not None and not self._networks.admitted(address):
            self.metrics.unrecorded(Unrecorded.RATE_LIMITED)
            return _NOTHING
        marks = self._clients.marks(headers)
        mark = marks.opened if hit.link == PIXEL_LINK else marks.clicked
        gpc_seen = headers.get(b"sec-gpc", b"").strip() == b"1"
        at_ms = self._now_ms()
        if isinstance(hit, PersonalHit) and (hit.yields_gpc or not gpc_seen):
            mailing, link, subscriber, delivery, _, _, keeping = hit
            network, where = None, None
            if address is not None:
                network = self._network(address, delivery)
                # A signal that somebody's YES beats still says that they want to be known no better than need be.
                if (keeping is not None or self._looks_up) and not gpc_seen:
                    where = self._places.of(address, keeping)
            payload = packed_hit(
                mark.stamp, at_ms, mailing, link, subscriber, delivery, gpc_seen, network, where
            )
            return self._personal.append_packed(payload), mark
        return self._anonymous.append(_anonymous(hit, mark, at_ms // _DAY_MS)), mark

    def _address(self, scope: Scope, headers: Mapping[bytes, bytes]) -> bytes | None:
        """Whom the limit is for, for as long as this request takes; None for those who are exempt."""
        client = scope.get("client")
        if client is None:
            return None
        if self._forgetting is None:
            self._forget_in_time()
        forwarded = headers.get(b"x-forwarded-for", b"")
        if forwarded:
            # Several headers of one name are one list (RFC 9110 §5.3); `headers` has only the last of them.
            forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        return self._trusted.client(client[0], forwarded)

    def _network(self, address: bytes, delivery: int) -> int:
        return self._networks.tag(address, delivery.to_bytes(_DELIVERY_SIZE, "big"))

    def _forget_in_time(self) -> None:
        """Sees to it that keys of network tags go when their time is over, even if nobody comes any more."""
        self._forgetting = asyncio.get_running_loop().call_later(EPOCH_SECONDS, self._forget)

    def _forget(self) -> None:
        self._networks.forget()
        self._forget_in_time()


def _anonymous(hit: Hit, mark: Mark, day: int) -> AnonymousRecord:
    """The record of a hit that belongs to nobody, or, lowered, no longer to the delivery that its token names."""
    return AnonymousRecord(
        day=day,
        kind=mark.kind,
        mailing=hit.mailing,
        link=hit.link,
        send_day=hit.send_day,
        client_class=mark.client_class,
        lowered=isinstance(hit, PersonalHit),
        number=hit.number if isinstance(hit, AnonymousHit) else None,
    )


def _why(error: Exception) -> Unrecorded:
    """The reason that an error is; one that nobody thought of is named in the log, without its text."""
    if isinstance(error, JournalUnavailable):
        return Unrecorded.JOURNAL_UNAVAILABLE
    if isinstance(error, JournalSlow):
        return Unrecorded.SLOW_JOURNAL
    logger.error("A hit was not recorded: %s", type(error).__name__)
    return Unrecorded.UNEXPECTED
