"""What is known of networks for some minutes: the limit of hits a minute, and the tag that a record may carry.

Theory: a network (`app/networks.py`) is used twice, each time through a keyed hash under a key of five minutes that lives
in memory only and is then written over:

    limit   the hash says which two counters of a shared table are raised; the table holds counts, no tags. Two networks
            seldom share both counters, and the lower one decides. A minute begins with its first hit, and goes on
            under the next key.
    tag     the hash of the network and of one delivery: says whether two hits of that delivery came from one network,
            and nothing about any other. Its first 16 bits name the key, by chance: tags under two keys, of two times or
            of two machines, cannot be compared.

Time is the system's steady clock, which nobody sets back. Source: domain.md §6 (Kinds).
"""

import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from app.board import KEY_SIZE, NETWORKS, Board
from app.networks import network_of

MOST_A_MINUTE: Final = 600
EPOCH_SECONDS: Final = 300

_MINUTE = 60
_FIRST_EPOCH = 2
_COUNT_BITS = 32
_COUNT = (1 << _COUNT_BITS) - 1
_SECOND_PLACE = 32
_TAG_BITS = 48
_KEY_NAME_BYTES = 2


class Networks:
    """What is known of networks for some minutes; `ticks` in seconds, steady across all processes of the machine."""

    def __init__(self, board: Board, ticks: Callable[[], float] = time.monotonic) -> None:
        self._board = board
        self._ticks = ticks
        self._epoch = -1
        self._key_name = 0
        self._keys: tuple[bytes, bytes | None] = (b"", None)

    def admitted(self, address: bytes) -> bool:
        """Counts one hit; whether it is among the first 600 of its network's minute."""
        now = int(self._ticks())
        key, previous = self._keys_at(now)
        network = network_of(address)
        count = self._count(_places(network, key), now, 1)
        if previous is not None and now % EPOCH_SECONDS < _MINUTE:
            count += self._count(_places(network, previous), now, 0)
        return count <= MOST_A_MINUTE

    def tag(self, address: bytes, delivery: bytes) -> int:
        """A tag of 64 bits for this network beside this delivery."""
        key, _ = self._keys_at(int(self._ticks()))
        digest = blake2b(delivery, digest_size=_TAG_BITS // 8, key=key, salt=network_of(address)).digest()
        return self._key_name << _TAG_BITS | int.from_bytes(digest, "big")

    def forget(self) -> None:
        """Writes over the keys whose time is over, also where no hit comes any more."""
        self._keys_at(int(self._ticks()))

    def _keys_at(self, now: int) -> tuple[bytes, bytes | None]:
        # Places that nobody has used yet say 0, which is no epoch.
        epoch = now // EPOCH_SECONDS + _FIRST_EPOCH
        if epoch != self._epoch:
            self._keys = self._turned(epoch)
            self._key_name = int.from_bytes(
                blake2b(key=self._keys[0], digest_size=_KEY_NAME_BYTES).digest(), "big"
            )
            self._epoch = epoch
        return self._keys

    def _turned(self, epoch: int) -> tuple[bytes, bytes | None]:
        """The keys of this epoch and of the one before, which the first worker to come has made."""
        here, there = epoch & 1, ~epoch & 1
        with self._board.keys_held():
            if self._board.key(here)[0] != epoch:
                self._board.set_key(here, epoch, secrets.token_bytes(KEY_SIZE))
            before, previous = self._board.key(there)
            if before != epoch - 1:
                self._board.set_key(there, 0, bytes(KEY_SIZE))
            return self._board.key(here)[1], previous if before == epoch - 1 else None

    def _count(self, places: tuple[int, int], now: int, more: int) -> int:
        """The hits of the running minute, after adding some; the lower of the two counters is the nearer one."""
        table = self._board.networks
        lowest = _COUNT
        for place in places:
            number = table[place]
            if now - (number >> _COUNT_BITS) >= _MINUTE:
                number = now << _COUNT_BITS
            if more:
                number += more
                table[place] = number
            lowest = min(lowest, number & _COUNT)
        return lowest


def _places(network: bytes, key: bytes) -> tuple[int, int]:
    number = int.from_bytes(blake2b(network, digest_size=8, key=key).digest(), "big")
    # Never the same place twice, or a hit would count for two.
    first, step = number % NETWORKS, (number >> _SECOND_PLACE) % (NETWORKS - 1)
    return first, (first + 1 + step) % NETWORKS
