"""Which accounts keep the addresses of personal hits now, as far as a worker knows without asking for each hit.

Theory: a token says that its account kept addresses when the mail was sent (`domain/tokens`); whether it still does is
the account's word of now. The word is asked for again each second (`actions.kept_addresses`), and is believed for
`PATIENCE` and no longer: where the database is away, nobody's addresses are kept. So after an account has switched
`keep_ip` off, no address reaches the journal later than that, and what did is dropped by the drain.
Source: domain.md §4 (`keep_ip`), §6.
"""

import time
from collections.abc import Callable, Iterable
from typing import Final

PATIENCE: Final = 5.0
"""Seconds for which an account's word is believed."""


class Keepers:
    """The accounts that keep addresses; nobody until somebody has asked. `ticks` in seconds, steady."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self.ticks = ticks
        self._accounts: frozenset[int] = frozenset()
        self._until = float("-inf")

    def know(self, accounts: Iterable[int], asked_at: float) -> None:
        """These accounts keep addresses and no others, as was asked at a time of `ticks`."""
        self._accounts, self._until = frozenset(accounts), asked_at + PATIENCE

    def keeps(self, account_id: int) -> bool:
        """Whether an account keeps addresses; in any doubt it does not."""
        return account_id in self._accounts and self.ticks() < self._until
