"""Whose network a request comes from, where strangers may do something only so often.

    peer                          the network is of
    a proxy that is trusted       the right-most address in X-Forwarded-For that is no such proxy
    anybody else                  the peer
    loopback, or no address       nobody: the operator's own, not limited

A network is the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. Source: domain.md §6 (kinds).
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_AnyAddress = IPv4Address | IPv6Address


def network_of(peer: str, forwarded: str, trusted: Sequence[Network]) -> Network | None:
    """The network of whoever asks; None where nobody is limited."""
    address = _address(peer)
    named = forwarded.split(",")
    while address is not None and named and forwarded and _is_trusted(address, trusted):
        behind = _address(named.pop())
        if behind is None:
            break
        address = behind
    if address is None or address.is_loopback:
        return None
    return ip_network((address, 24 if address.version == 4 else 48), strict=False)  # noqa: PLR2004


def _address(text: str) -> _AnyAddress | None:
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_trusted(address: _AnyAddress, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
