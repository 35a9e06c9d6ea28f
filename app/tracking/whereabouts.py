"""What a personal record says of where its hit came from: for most hits nothing.

    the account keeps addresses     the instance knows countries    the record says
    at sending, and now             no                              the address
    at sending, and now             yes                             the address and its country
    not both                        yes                             the country
    not both                        no                              nothing

Nothing at all is said of a hit with Sec-GPC, and where no address is known or the known one is a proxy's of ours, which
is nobody's own. The address itself is `Trusted.client`'s. Source: domain.md §4 (`keep_ip`), §6.
"""

from app.countries import Countries
from app.journal.whereabouts import NOWHERE, Whereabouts, packed_whereabouts
from app.keepers import Keepers
from app.networks import Trusted


class Places:
    """Says it for a door; without countries none is looked up, and without keepers no address is kept."""

    def __init__(
        self, trusted: Trusted, keepers: Keepers | None = None, countries: Countries | None = None
    ) -> None:
        self._trusted = trusted
        self._keepers = keepers or Keepers()
        self._countries = countries
        self.looks_up = countries is not None
        """Whether countries are looked up, so that every personal hit is asked about."""

    def of(self, address: bytes, keeping: int | None) -> Whereabouts:
        """What may be said of an address; `keeping` is the account that the token names, None where it names none."""
        if self._trusted.holds(address):
            return NOWHERE
        country = "" if self._countries is None else self._countries.country(address)
        kept = address if keeping is not None and self._keepers.keeps(keeping) else None
        return packed_whereabouts(kept, country)
