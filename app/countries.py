"""Countries of addresses, out of the file that `ASSENT_GEOIP` names: a database of MaxMind's format (MMDB).

A record says its country as `country.iso_code` (MaxMind, DB-IP), or as `country_code` or `country` (IPinfo and others):
two letters of ISO 3166-1. Anything else is no answer, and so is an address that the file does not know.
The file is mapped when the process starts: a newer one takes its name (as `geoipupdate` does it, never written over the
old one), and needs a start. Source: domain.md §6; https://maxmind.github.io/MaxMind-DB/
"""

from itertools import islice
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Final

import maxminddb

_LOOKED_AT: Final = 1_000
"""Networks of a file among which some must have a country; one of cities or countries has it nearly everywhere."""

_CODE_SIZE: Final = 2
_IPV4_SIZE: Final = 4


class CountriesUnreadable(Exception):
    """The file is no such database, or one that tells no countries; the text says which."""


class Countries:
    """The countries of a file, which the workers share in memory. Raises `CountriesUnreadable`, `OSError`."""

    def __init__(self, path: Path) -> None:
        try:
            self._reader = maxminddb.open_database(path)
        except (maxminddb.InvalidDatabaseError, ValueError) as cause:
            raise CountriesUnreadable("is no database of MaxMind's format (MMDB)") from cause

    def check(self) -> None:
        """Raises `CountriesUnreadable` for a file that tells no countries (of networks' owners, say)."""
        try:
            told = any(_code(record) for _, record in islice(self._reader, _LOOKED_AT))
        except (maxminddb.InvalidDatabaseError, ValueError) as cause:
            raise CountriesUnreadable("is damaged") from cause
        if not told:
            raise CountriesUnreadable("tells no countries")

    def country(self, address: bytes) -> str:
        """The country of an address of 4 or 16 bytes, in two capital letters; "" where the file does not say."""
        try:
            return _code(self._reader.get(written(address)))
        except (maxminddb.InvalidDatabaseError, ValueError):
            # Damage in one corner of the file, or IPv6 in a file of IPv4: unknown, as any other doubt.
            return ""


def written(address: bytes) -> str:
    """An address of 4 or 16 bytes as people write it."""
    return inet_ntop(AF_INET if len(address) == _IPV4_SIZE else AF_INET6, address)


def _code(record: object) -> str:
    if not isinstance(record, dict):
        return ""
    country = record.get("country_code") or record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else country
    return code if isinstance(code, str) and _is_code(code) else ""


def _is_code(text: str) -> bool:
    return len(text) == _CODE_SIZE and text.isascii() and text.isalpha() and text.isupper()
