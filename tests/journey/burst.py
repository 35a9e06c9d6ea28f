"""A burst of hits from several readers at once: who asked for which picture or link, who was answered, what was recorded."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import asyncpg
import httpx

from graphql_schema.ids import key_of
from tests.journey.test_journey import MailProgram, mailing, prepared, subscriber
from tests.running import BROWSER, Running

READERS = 4
_REST = 0.2
MAIL = '<p><a href="https://shop.example.com/a">A</a> <a href="{{preferences_url}}">Choose</a></p>'
_RECORDED = """
SELECT d.message_id, e.link, count(*)::integer AS n
FROM event e JOIN delivery d ON d.subscriber_id = e.subscriber_id AND d.id = e.delivery_id
WHERE e.mailing_id = $1 GROUP BY 1, 2
"""

Place = tuple[str, bool]
"""The id of a message, and whether its link was followed or its picture loaded."""


@dataclass
class Burst:
    """Pictures and links of many mails, each asked for at most once; `answered` are those that got what they asked for."""

    mailing_id: str
    addresses: Mapping[str, Place]
    pause: float
    asked: set[Place] = field(default_factory=set)
    answered: set[Place] = field(default_factory=set)
    slowest: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Readers ask for one after the other for as long as the block lasts, or until there is no more."""
        left, lock, stop = iter(self.addresses), threading.Lock(), threading.Event()

        def read() -> None:
            with httpx.Client(headers={"User-Agent": BROWSER}, timeout=60) as reader:
                while not stop.is_set():
                    with lock:
                        address = next(left, None)
                    if address is None:
                        return
                    self._ask(reader, address)
                    time.sleep(self.pause)

        readers = [threading.Thread(target=read) for _ in range(READERS)]
        for each in readers:
            each.start()
        try:
            yield
        finally:
            stop.set()
            for each in readers:
                each.join()

    def _ask(self, reader: httpx.Client, address: str) -> None:
        place = self.addresses[address]
        self.asked.add(place)
        began = time.monotonic()
        try:
            answer = reader.get(address)
        except httpx.TransportError:
            # Whoever was cut off was promised nothing; it is recorded once or not at all.
            time.sleep(_REST)
            return
        self.slowest = max(self.slowest, time.monotonic() - began)
        if answer.status_code == (302 if place[1] else 200):
            self.answered.add(place)

    async def recorded(self, connection: asyncpg.Connection) -> Counter[Place]:
        """How often each hit is in the events."""
        rows = await connection.fetch(_RECORDED, int(key_of(self.mailing_id, "Mailing")))
        return Counter({(str(row["message_id"]), row["link"] > 0): row["n"] for row in rows})


def burst(running: Running, mails: int, pause: float) -> Burst:
    """So many mails to a few readers, with a picture and a link in each of them; `pause` in seconds after each hit."""
    people = [subscriber(running, "YES")[0] for _ in range(8)]
    mailing_id = mailing(running)
    addresses: dict[str, Place] = {}
    for message in prepared(running, mailing_id, MAIL, *(people[place % 8] for place in range(mails))):
        program = MailProgram(message["html"], running.url)
        addresses |= dict.fromkeys(program.pictures, (message["messageId"], False))
        addresses |= dict.fromkeys(program.links, (message["messageId"], True))
    return Burst(mailing_id, addresses, pause)
