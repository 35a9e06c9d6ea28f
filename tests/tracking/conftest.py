"""A door with its journals in a fresh folder, and a mail client that knocks at it."""

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import httpx
import pytest

from app.domain.modes import Anonymity, TrackingMode
from app.domain.tokens import ClickDelivery, LinkPart, PixelAnonymous, PixelPersonal, UnlinkedNumber
from app.journal.reader import JournalReader
from app.journal.records import ANONYMOUS, PERSONAL
from app.look.lost_links import lost_link_page
from app.sealing.keyring import Keyring
from app.sealing.links import Addresses, joined
from app.tracking.door import TrackingDoor
from tests.journal.hits import read, writer

NOON = datetime(2026, 9, 21, 12, 0, 0, 123_000, tzinfo=UTC)
SUBSCRIBER = UUID("00112233-4455-6677-8899-aabbccddeeff")
TARGET = "https://shop.example/coats?size=40&from=mail#top"


class Mail:
    """The addresses in one mailing's mails: 5 is the mailing, 9 the delivery, 2 the link."""

    def __init__(self, addresses, *, yields_gpc=False, send_day=None) -> None:
        delivery = ClickDelivery(SUBSCRIBER, 9, yields_gpc)
        shared = LinkPart(5, 2, TrackingMode.ANONYMOUS, Anonymity.SHARED, send_day, TARGET)
        unlinked = LinkPart(5, 2, TrackingMode.ANONYMOUS, Anonymity.UNLINKED, send_day, TARGET)
        number = UnlinkedNumber(b"12345678")
        personal = LinkPart(5, 2, TrackingMode.PERSONAL, Anonymity.SHARED, send_day, TARGET)
        self.bare_link = addresses.link(personal)
        self.link = joined(self.bare_link, addresses.delivery_part(delivery, 5))
        self.foreign_link = joined(self.bare_link, addresses.delivery_part(delivery, 6))
        self.shared_link = addresses.link(shared)
        self.unlinked_link = joined(addresses.link(unlinked), addresses.unlinked_part(number, 5, 2))
        self.pixel = addresses.personal_pixel(PixelPersonal(5, SUBSCRIBER, 9, yields_gpc, send_day))
        self.shared_pixel = addresses.anonymous_pixel(PixelAnonymous(5, Anonymity.SHARED, send_day))
        self.unlinked_pixel = addresses.anonymous_pixel(
            PixelAnonymous(5, Anonymity.UNLINKED, send_day), number
        )


class House:
    """Keys, journals, the door and the client, all on one data folder."""

    def __init__(self, data) -> None:
        self.keyring = Keyring([b"the secret of these tests"])
        self.addresses = Addresses(self.keyring, "http://assent.example")
        self.mail = Mail(self.addresses)
        self.data = data
        self.personal_journal = writer(data, PERSONAL)
        self.anonymous_journal = writer(data, ANONYMOUS)
        self.door = self.door_with(tracking_on=True)

    def door_with(self, *, tracking_on):
        """A door of this house, its kill switch on or off."""
        return TrackingDoor(
            self.keyring,
            self.personal_journal,
            self.anonymous_journal,
            tracking_on=tracking_on,
            clock=lambda: NOON,
            lost_page=partial(lost_link_page, "http://assent.example"),
        )

    def client(self, door=None):
        """A mail client that looks like Firefox."""
        transport = httpx.ASGITransport(app=door or self.door)
        return httpx.AsyncClient(transport=transport, headers={"user-agent": FIREFOX})

    def personal_records(self):
        """What stands in the personal journal."""
        return self._records(PERSONAL)

    def anonymous_records(self):
        """What stands in the anonymous journal."""
        return self._records(ANONYMOUS)

    def _records(self, kind):
        reader = JournalReader(self.data, kind)
        return [record for segment in reader.segments() for _, record in read(reader, segment).records]


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


@pytest.fixture
async def house(tmp_path):
    house = House(tmp_path)
    yield house
    await house.personal_journal.close()
    await house.anonymous_journal.close()


@pytest.fixture
async def client(house):
    async with house.client() as client:
        yield client
