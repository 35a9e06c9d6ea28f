"""What a personal record may say of where its hit came from, as bytes: an address, a country, both or nothing.

    address    0 | 1 + 4|16    its length and the packed address        flag 0x04
    country    0 | 2           ISO 3166-1, two capital letters          flag 0x08

Source: domain.md §6 (events).
"""

from typing import Final, NamedTuple

_ADDRESS, _COUNTRY = 0x04, 0x08
WHERE: Final = _ADDRESS | _COUNTRY
"""The flags of a record that says anything of it."""

_ADDRESS_SIZES = (4, 16)
_COUNTRY_SIZE = 2


class Whereabouts(NamedTuple):
    """The flags of a record, and the bytes that they announce."""

    flags: int
    packed: bytes


NOWHERE: Final = Whereabouts(0, b"")
"""Of most hits a record says nothing."""


def packed_whereabouts(address: bytes | None, country: str) -> Whereabouts:
    """An address of 4 or 16 bytes, or none, and a country of two letters, or "". ValueError for others."""
    flags, packed = 0, b""
    if address is not None:
        flags, packed = _ADDRESS, bytes([len(address)]) + _checked_address(address)
    if country:
        flags, packed = flags | _COUNTRY, packed + _checked_country(country).encode("ascii")
    return Whereabouts(flags, packed)


def unpacked_whereabouts(flags: int, payload: bytes, begin: int) -> tuple[bytes | None, str, int]:
    """The address and the country that begin at `begin`, and where they end. IndexError, ValueError for other bytes."""
    address, country = None, ""
    if flags & _ADDRESS:
        end = begin + 1 + payload[begin]
        address, begin = _checked_address(payload[begin + 1 : end]), end
    if flags & _COUNTRY:
        end = begin + _COUNTRY_SIZE
        country, begin = _checked_country(payload[begin:end].decode("ascii")), end
    return address, country, begin


def _checked_address(address: bytes) -> bytes:
    if len(address) not in _ADDRESS_SIZES:
        raise ValueError("an address has 4 or 16 bytes")
    return address


def _checked_country(country: str) -> str:
    if not (len(country) == _COUNTRY_SIZE and country.isascii() and country.isalpha() and country.isupper()):
        raise ValueError("a country has two capital letters")
    return country
