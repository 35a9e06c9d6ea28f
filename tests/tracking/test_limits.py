"""More than 600 hits a minute from one network are answered and not recorded; nothing of whom they came from is kept."""

import asyncio
from ipaddress import ip_network

import httpx
import pytest

from app.board import Board
from app.metrics import Unrecorded
from app.networks import Trusted
from app.tracking.door import TrackingDoor
from app.tracking.networks import MOST_A_MINUTE, Networks
from tests.tracking.conftest import NOON, TARGET


@pytest.fixture
def door(house):
    """A door behind a proxy on this machine, with a steady clock that stands still."""
    board = Board()
    return TrackingDoor(
        house.keyring,
        house.personal_journal,
        house.anonymous_journal,
        tracking_on=True,
        clock=lambda: NOON,
        board=board,
        trusted=Trusted([ip_network("127.0.0.0/8")]),
        networks=Networks(board, lambda: 7_000.0),
    )


def recorded(house) -> int:
    return len(house.personal_records()) + sum(record.count for record in house.anonymous_records())


async def test_what_is_beyond_the_limit_is_answered_and_counted_in_the_metrics_only(house, door):
    async with house.client(door) as client:

        async def hit(number):
            address = (house.mail.pixel, house.mail.link, house.mail.shared_link)[number % 3]
            return await client.get(
                address, headers={"x-forwarded-for": f"9.9.9.9, 198.51.100.{number % 250}"}
            )

        answers = await asyncio.gather(*map(hit, range(MOST_A_MINUTE + 30)))
        elsewhere = await client.get(house.mail.link, headers={"x-forwarded-for": "203.0.113.9"})

    assert {answer.status_code for answer in answers} == {200, 302}
    assert {answer.headers.get("location", TARGET) for answer in (*answers, elsewhere)} == {TARGET}
    assert door.metrics.why_unrecorded() == {Unrecorded.RATE_LIMITED: 30}
    assert recorded(house) == MOST_A_MINUTE + 1


async def test_loopback_peers_are_not_limited(house, client):
    await asyncio.gather(*(client.get(house.mail.link) for _ in range(MOST_A_MINUTE + 5)))

    assert house.door.metrics.why_unrecorded() == {}
    assert recorded(house) == MOST_A_MINUTE + 5


async def test_a_personal_record_carries_a_tag_and_neither_the_address_nor_its_network(house, door):
    async with house.client(door) as client:
        for address in ("198.51.100.7", "198.51.100.8", "203.0.113.9"):
            await client.get(house.mail.link, headers={"x-forwarded-for": address})
        await client.get(house.mail.shared_link, headers={"x-forwarded-for": "198.51.100.7"})

    first, second, third = (record.network for record in house.personal_records())
    assert first == second != third
    assert first is not None
    written = b"".join(path.read_bytes() for path in house.data.rglob("*.segment"))
    assert not [each for each in (b"198.51", bytes([198, 51, 100]), bytes([203, 0, 113])) if each in written]


async def test_a_hit_by_a_socket_without_an_address_is_recorded(house, door):
    """Servers that listen on a unix socket name no client."""
    transport = httpx.ASGITransport(app=door, client=None)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport) as client:
        await client.get(house.mail.link)

    assert [record.network for record in house.personal_records()] == [None]
