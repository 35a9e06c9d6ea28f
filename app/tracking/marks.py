"""What the edge writes of a client, made once for each user agent and not once for each hit.

Theory: a few thousand user agents stand behind nearly all hits. The verdict on one, as it stands in a record, is kept
in memory under the hash of the user agent, which Python keys anew for each process; the user agent itself is not kept.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from app.domain.modes import ClientClass, EventKind
from app.journal.records import ClientStamp, client_stamp
from app.metrics import hit_place
from app.tracking.classify import Classification, classify, classify_user_agent, is_prefetched

MOST_KEPT: Final = 4096


class Mark(NamedTuple):
    """What a hit of one client on a pixel, or on a link, is; `place` is where it is counted."""

    kind: EventKind
    client_class: ClientClass
    stamp: ClientStamp
    place: int


class Marks(NamedTuple):
    """Both marks of a client."""

    opened: Mark
    clicked: Mark


class KnownClients:
    """The marks of clients, by their request's headers."""

    def __init__(self) -> None:
        self._known: dict[int, Marks] = {}

    def marks(self, headers: Mapping[bytes, bytes]) -> Marks:
        """What hits with these headers are; header names in lower case."""
        if is_prefetched(headers):
            return _marks(classify(headers))
        user_agent = headers.get(b"user-agent", b"")
        marks = self._known.get(hash(user_agent))
        if marks is None:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            marks = self._known[hash(user_agent)] = _marks(classify_user_agent(user_agent))
        return marks


def _marks(verdict: Classification) -> Marks:
    opened = EventKind.LOADED_BY_PROXY if verdict.loaded_ahead else EventKind.OPENED
    return Marks(_mark(opened, verdict), _mark(EventKind.CLICKED, verdict))


def _mark(kind: EventKind, verdict: Classification) -> Mark:
    client_class = verdict.client_class
    stamp = client_stamp(kind, client_class, verdict.rule, verdict.rule_version, verdict.client_family)
    return Mark(kind, client_class, stamp, hit_place(kind, client_class))
