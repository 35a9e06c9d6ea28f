"""Networks are limited and told apart for some minutes, and no address is kept anywhere."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.board import Board
from app.domain.scanners import EPOCH_SHIFT
from app.networks import Trusted, network_of, packed_address
from app.tracking.networks import EPOCH_SECONDS, MOST_A_MINUTE, Networks

PROXY = Trusted([ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.1/32")])
HOME = packed_address("198.51.100.7")
NEIGHBOUR = packed_address("198.51.100.250")
AWAY = packed_address("203.0.113.9")


class Ticks:
    """A steady clock that the test moves."""

    def __init__(self, seconds: float = 10 * EPOCH_SECONDS + 100) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


def client(peer: str, forwarded: str = "", trusted: Trusted = PROXY) -> bytes | None:
    return trusted.client(peer, forwarded.encode())


def test_six_hundred_hits_a_minute_of_one_network_are_admitted_and_the_next_is_not():
    networks = Networks(Board(), Ticks())

    admitted = [networks.admitted((HOME, NEIGHBOUR)[number % 2]) for number in range(MOST_A_MINUTE + 3)]

    assert admitted == [True] * MOST_A_MINUTE + [False] * 3
    assert networks.admitted(AWAY)


def test_the_next_minute_begins_anew():
    ticks = Ticks()
    networks = Networks(Board(), ticks)
    for _ in range(MOST_A_MINUTE + 1):
        networks.admitted(HOME)

    ticks.seconds += 59
    assert not networks.admitted(HOME)
    ticks.seconds += 1
    assert networks.admitted(HOME)


def test_a_new_key_gives_nobody_a_second_six_hundred():
    """A minute that begins under one key goes on under the next."""
    ticks = Ticks(11 * EPOCH_SECONDS - 5)
    networks = Networks(Board(), ticks)
    for _ in range(MOST_A_MINUTE):
        networks.admitted(HOME)

    ticks.seconds += 10

    assert not networks.admitted(HOME)
    assert networks.admitted(AWAY)


def test_a_tag_tells_networks_of_one_delivery_apart_and_nothing_else():
    networks = Networks(Board(), Ticks())

    assert networks.tag(HOME, b"delivery") == networks.tag(NEIGHBOUR, b"delivery")
    assert networks.tag(HOME, b"delivery") != networks.tag(AWAY, b"delivery")
    assert networks.tag(HOME, b"delivery") != networks.tag(HOME, b"another!")
    assert 0 <= networks.tag(HOME, b"delivery") < 2**64


def test_machines_that_were_started_together_name_their_keys_differently():
    """The drain of both must not compare their tags, though their clocks say the same."""
    machines = [Networks(Board(), Ticks()) for _ in range(8)]

    names = {machine.tag(HOME, b"delivery") >> EPOCH_SHIFT for machine in machines}

    assert len(names) > 1


def test_two_processes_on_one_board_make_the_same_tags_and_share_one_limit():
    board, ticks = Board(), Ticks()
    first, second = Networks(board, ticks), Networks(board, ticks)

    assert first.tag(HOME, b"delivery") == second.tag(HOME, b"delivery")
    for _ in range(MOST_A_MINUTE // 2):
        assert first.admitted(HOME)
        assert second.admitted(HOME)
    assert not first.admitted(HOME)


def test_keys_are_thrown_away_within_minutes_also_where_nobody_comes():
    board, ticks = Board(), Ticks()
    networks = Networks(board, ticks)
    before = networks.tag(HOME, b"delivery")
    kept = [board.key(place)[1] for place in (0, 1)]

    ticks.seconds += 2 * EPOCH_SECONDS
    networks.forget()

    assert not {key for key in kept if any(key)} & {board.key(place)[1] for place in (0, 1)}
    assert networks.tag(HOME, b"delivery") != before


def test_the_board_holds_no_address():
    board = Board()
    networks = Networks(board, Ticks())
    address = bytes.fromhex("c6336407")
    for _ in range(700):
        networks.admitted(address)

    assert address[:3] not in board._memory[:]


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("10.1.2.3", "203.0.113.9, nonsense, 10.9.9.9", "10.9.9.9"),
        ("10.1.2.3", "10.4.4.4, 10.5.5.5", "10.4.4.4"),
        ("10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.1.2.3", "203.0.113.9:4711", "203.0.113.9"),
        ("fd00::1", "[2001:db8:1:2::3]:443", "2001:db8:1:2::3"),
        ("::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.5", "127.0.0.5"),
    ],
)
def test_the_right_most_address_that_is_no_trusted_proxy_is_the_client(peer, forwarded, counted):
    assert client(peer, forwarded) == packed_address(counted)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.3.4.5", "::1", "::ffff:127.0.0.1", "a socket", ""])
def test_loopback_peers_are_exempt_unless_a_trusted_proxy_names_the_client(peer):
    assert client(peer) is None
    assert client(peer, "203.0.113.9", Trusted()) is None


def test_networks_are_the_first_24_and_48_bits():
    assert network_of(packed_address("198.51.100.7")) == bytes([198, 51, 100])
    assert network_of(packed_address("2001:db8:1:2::3")) == bytes.fromhex("20010db80001")


@given(st.text(max_size=60), st.binary(max_size=80))
def test_nothing_that_stands_in_a_header_is_an_error(peer, forwarded):
    for trusted in (PROXY, Trusted()):
        address = trusted.client(peer, forwarded)
        assert address is None or len(address) in {4, 16}
