"""Keys rotate, years pass, clocks are set back: links of mails already sent go on working and being recorded."""

from datetime import timedelta

import httpx

from app.sealing.keyring import Keyring
from app.tracking.door import TrackingDoor
from tests.tracking.conftest import FIREFOX, NOON, SUBSCRIBER, TARGET

OLD, NEW = b"the secret of these tests", b"the secret of two years later"


def door(house, keyring: Keyring, clock) -> TrackingDoor:
    return TrackingDoor(
        keyring, house.personal_journal, house.anonymous_journal, tracking_on=True, clock=clock
    )


def program(door: TrackingDoor) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(door), headers={"user-agent": FIREFOX})


async def test_a_link_of_two_years_ago_works_under_rotated_keys(house):
    """The newest key seals, every older one still opens; the hit has the time at which it came."""
    two_years_later = NOON + timedelta(days=731)
    async with program(door(house, Keyring([NEW, OLD]), lambda: two_years_later)) as client:
        click = await client.get(house.mail.link)
        shared = await client.get(house.mail.shared_link)
        pixel = await client.get(house.mail.pixel)

    assert (click.headers["location"], shared.headers["location"], pixel.status_code) == (TARGET, TARGET, 200)
    hits = house.personal_records()
    assert [(hit.subscriber, hit.delivery, hit.link) for hit in hits] == [
        (SUBSCRIBER.bytes, 9, 2),
        (SUBSCRIBER.bytes, 9, 0),
    ]
    assert {hit.at_ms for hit in hits} == {round(two_years_later.timestamp() * 1000)}
    assert [record.day for record in house.anonymous_records()] == [20_717 + 731]


async def test_a_link_under_a_key_that_was_taken_away_is_a_page(house):
    async with program(door(house, Keyring([NEW]), lambda: NOON)) as client:
        answer = await client.get(house.mail.link)

    assert (answer.status_code, "location" in answer.headers) == (404, False)


async def test_a_clock_that_is_set_back_loses_no_hit(house):
    """Hits have the time that the clock showed; the second one came before the first, and both are there."""
    times = [NOON, NOON - timedelta(days=400), NOON - timedelta(days=40_000)]
    async with program(door(house, Keyring([OLD]), times.pop)) as client:
        for _ in range(3):
            assert (await client.get(house.mail.link)).headers["location"] == TARGET

    recorded = [hit.at_ms for hit in house.personal_records()]
    noon = round(NOON.timestamp() * 1000)
    assert recorded == [noon - 40_000 * 86_400_000, noon - 400 * 86_400_000, noon]
