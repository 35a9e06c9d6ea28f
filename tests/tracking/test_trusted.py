"""Whose network a request comes from: the peer's, unless a proxy that is trusted names the client."""

from ipaddress import ip_network

import pytest

from app.networks import Trusted, network_of

PROXIES = [ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"), ip_network("fd00::/8")]


def first_bits(network: str) -> bytes:
    parsed = ip_network(network)
    return parsed.network_address.packed[: parsed.prefixlen // 8]


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("203.0.113.7", "", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "", "2001:db8:1::/48"),
        ("::ffff:203.0.113.7", "", "203.0.113.0/24"),
        ("fe80::1%eth0", "", "fe80::/48"),
        # A stranger names whom they like, and is counted as themselves.
        ("203.0.113.7", "198.51.100.1", "203.0.113.0/24"),
        # The right-most address that is no proxy is what the first proxy has seen.
        ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.0/24"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.0/24"),
        ("fd00::1", "2001:db8::9", "2001:db8::/48"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.0/24"),
        ("10.0.0.1", "", "10.0.0.0/24"),
        ("10.0.0.1", ", , ", "10.0.0.0/24"),
        # Loopback is the operator's own, unless it is a proxy that names somebody.
        ("127.0.0.2", "198.51.100.1", None),
        ("127.0.0.1", "198.51.100.1", "198.51.100.0/24"),
        ("127.0.0.1", "", None),
        ("::1", "", None),
        ("", "", None),
        ("testclient", "", None),
    ],
)
def test_the_network_of_whoever_asks(peer: str, forwarded: str, network: str | None):
    found = Trusted(PROXIES).client(peer, forwarded.encode())

    assert (None if found is None else network_of(found)) == (network and first_bits(network))


def test_without_trusted_proxies_nobody_names_another():
    address = Trusted().client("10.0.0.1", b"198.51.100.1")

    assert address is not None
    assert network_of(address) == first_bits("10.0.0.0/24")
