"""How many of our own mails strangers can have sent to one address: a few in an hour, whoever asks for them.

Theory: an address is known here by its HMAC under a key that is random and dies with the process, so neither memory
nor a dump of it holds an address. Each process counts for itself; a server with several workers allows as many times
more. What is remembered is bounded: beyond it, the address that was mailed to the longest time ago is forgotten.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta

MOST_MAILS = 3
SPAN = timedelta(hours=1)
MOST_ADDRESSES = 50_000


class Allowance:
    """The mails of one kind: at most `MOST_MAILS` to an address in any `SPAN`."""

    def __init__(self, most_addresses: int = MOST_ADDRESSES) -> None:
        self._key = secrets.token_bytes(32)
        self._most_addresses = most_addresses
        self._sent: OrderedDict[bytes, tuple[datetime, ...]] = OrderedDict()

    def take(self, address: str, now: datetime) -> bool:
        """Whether one more mail may go to this address; if so, it counts as sent. `address` is normalised."""
        self._forget(now)
        name = hmac.digest(self._key, address.encode(), hashlib.sha256)
        recent = tuple(at for at in self._sent.get(name, ()) if now - at < SPAN)
        if len(recent) >= MOST_MAILS:
            return False
        self._sent[name] = (*recent, now)
        self._sent.move_to_end(name)
        return True

    def _forget(self, now: datetime) -> None:
        """The oldest stand first, so whatever is over is found without looking at the rest."""
        while self._sent:
            name, sent = next(iter(self._sent.items()))
            if now - sent[-1] < SPAN and len(self._sent) < self._most_addresses:
                return
            del self._sent[name]
