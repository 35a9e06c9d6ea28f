"""Whose network a request comes from: the peer's, unless a proxy that is trusted names the client.

    the peer is                       the client is
    no trusted proxy                  the peer; its X-Forwarded-For says nothing
    a trusted proxy that names some   the right-most address in X-Forwarded-For that is no trusted proxy
    loopback, or no address           nobody: the operator's own, not limited, unless a trusted proxy names the client

A network is the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. Addresses are packed bytes and are kept
nowhere. Source: domain.md §6 (kinds); contract.md (`ASSENT_TRUSTED_PROXIES`).
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from socket import AF_INET, AF_INET6, inet_pton

_IPV4_SIZE = 4
_IPV4_NETWORK, _IPV6_NETWORK = 3, 6
_MAPPED = bytes(10) + b"\xff\xff"
_IPV6_LOOPBACK = bytes(15) + b"\x01"
_IPV4_LOOPBACK = 127


class Trusted:
    """The proxies whose X-Forwarded-For counts (`ASSENT_TRUSTED_PROXIES`)."""

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._networks = [
            (network.max_prefixlen // 8, network.max_prefixlen - network.prefixlen, _prefix(network))
            for network in networks
        ]

    def client(self, peer: str, forwarded: bytes) -> bytes | None:
        """The packed address to count for a peer and its X-Forwarded-For; None if the limit does not apply to it."""
        address = packed_address(peer)
        if address is None:
            return None
        if forwarded and self.holds(address):
            named = self._named(forwarded)
            if named is not None:
                return named
        return None if _is_loopback(address) else address

    def _named(self, forwarded: bytes) -> bytes | None:
        """The right-most address that is no proxy of ours; the left-most of all where each of them is."""
        named = None
        for entry in reversed(forwarded.decode("latin-1").split(",")):
            address = packed_address(entry.strip())
            if address is None:
                return named
            named = address
            if not self.holds(address):
                return named
        return named

    def holds(self, address: bytes) -> bool:
        """Whether an address is one of these proxies': nobody's own, wherever it stands."""
        number = int.from_bytes(address, "big")
        return any(
            size == len(address) and number >> shift == prefix for size, shift, prefix in self._networks
        )


def packed_address(text: str) -> bytes | None:
    """4 or 16 bytes; an IPv4 address within IPv6 reads as IPv4, ports and brackets are passed over. None if it is none."""
    try:
        if ":" not in text:
            return inet_pton(AF_INET, text)
        if text.count(":") > 1:
            packed = inet_pton(AF_INET6, text.partition("]")[0].removeprefix("[").partition("%")[0])
        else:
            packed = inet_pton(AF_INET, text.partition(":")[0])
    except (OSError, ValueError):
        return None
    return packed[-_IPV4_SIZE:] if packed.startswith(_MAPPED) else packed


def network_of(address: bytes) -> bytes:
    """The /24 or /48 of a packed address."""
    return address[: _IPV4_NETWORK if len(address) == _IPV4_SIZE else _IPV6_NETWORK]


def _is_loopback(address: bytes) -> bool:
    return address == _IPV6_LOOPBACK or (len(address) == _IPV4_SIZE and address[0] == _IPV4_LOOPBACK)


def _prefix(network: IPv4Network | IPv6Network) -> int:
    return int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
