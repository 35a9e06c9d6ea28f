"""A whole instance in this process for tests of verbs and of the gate: a real database, a real journal, real hits.

`world` has an account under the strict preset and a principal with every scope; `at` moves its clock.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from app.actions.accounts import SettingsChange, add_account, apply_preset, update_settings
from app.actions.answers import Asked
from app.actions.drain import drains
from app.actions.mailings import NewMailing, create_mailing
from app.actions.messages import Addressee, MessageRequest, Preparation, Prepared, PreparedMessage
from app.actions.prepare_messages import prepare_messages
from app.actions.publish import publish_anonymous
from app.actions.subscribers import Profile, set_permission, upsert_subscriber
from app.actions.unit import unit
from app.disclosure.reader import Reader
from app.disclosure.reports import ReportView, reports_of
from app.domain.modes import Channel
from app.domain.permission import Evidence, PermissionChange, PermissionSource
from app.domain.precedence import MailingTracking
from app.domain.presets import Preset
from app.domain.principal import SCOPES, Principal
from app.instance import Instance
from app.journal.records import ANONYMOUS, PERSONAL
from app.journal.writer import JournalWriter
from app.outbox.mailer import Mailer
from app.sealing.keyring import Keyring
from app.storage.database import Database
from app.tracking.door import TrackingDoor
from tests.postgres_server import TemporaryDatabase

PUBLIC_URL = "https://track.example.org"
HTML = (
    "<html><body><p>Hello</p><a href='https://shop.example.com/a?x=1'>A</a> "
    '<a href="https://shop.example.com/b">B</a> <a href="{{preferences_url}}">Choose</a></body></html>'
)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class World:
    """An instance, an account in it, and everything that a test does with them."""

    instance: Instance
    data: Path
    account_id: int
    now: list[datetime]
    browser: httpx.AsyncClient
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = Reader(self.instance, Principal(self.account_id, 1, None, SCOPES))

    def later(self, **span: float) -> None:
        """Lets time pass."""
        self.now[0] += timedelta(**span)

    def unit(self):
        """A unit of work of the account."""
        return unit(self.instance, self.account_id, "token:1")

    async def preset(self, preset: Preset) -> None:
        async with self.unit() as work:
            await apply_preset(work, preset)

    async def settings(self, **own: object) -> None:
        async with self.unit() as work:
            _, errors = await update_settings(work, SettingsChange(own, {}, {}))
        assert errors == []

    async def mailing(self, channel: Channel = Channel.CAMPAIGN, **tracking: object) -> int:
        async with self.unit() as work:
            return await create_mailing(
                work, NewMailing("Spring", channel, tracking=MailingTracking(**tracking))
            )

    async def subscriber(self, email: str, answer: PermissionChange = PermissionChange.UNCHANGED):
        asked = Asked(answer, evidence=Evidence(PermissionSource.API, self.now[0]))
        async with self.unit() as work:
            subscriber_id, errors = await upsert_subscriber(work, Profile(email, asked=asked))
        assert errors == []
        return subscriber_id

    async def answer(self, email: str, answer: PermissionChange) -> None:
        asked = Asked(answer, evidence=Evidence(PermissionSource.API, self.now[0]))
        async with self.unit() as work:
            _, errors = await set_permission(work, asked, email=email)
        assert errors == []

    async def send(
        self, mailing_id: int, *messages: str | Sequence[str], html: str = HTML, **more: object
    ) -> list[PreparedMessage]:
        """Prepares one message for each address, or for each group of addresses."""
        prepared = await self.prepare(mailing_id, *messages, html=html, **more)
        assert prepared.errors == []
        return [message for message in prepared.messages if message is not None]

    async def prepare(
        self, mailing_id: int, *messages: str | Sequence[str], html: str = HTML, **more: object
    ) -> Prepared:
        groups = [[each] if isinstance(each, str) else each for each in messages]
        requests = [MessageRequest([Addressee(email) for email in group]) for group in groups]
        async with self.unit() as work:
            return await prepare_messages(work, Preparation(mailing_id, html, None, requests, **more))

    async def open(self, message: PreparedMessage, **headers: str) -> None:
        """Loads the pixel of a mail, as a mail client does."""
        (pixel,) = re.findall(r'<img src="([^"]+)"', message.stamped.html)
        response = await self.browser.get(_path(pixel), headers=headers)
        assert response.status_code == 200

    async def click(self, message: PreparedMessage, number: int = 0, **headers: str) -> str:
        """Follows the tracked link of that number; returns where it leads."""
        links = re.findall(r"""href=["'](https://track\.example\.org/c/[^"']+)""", message.stamped.html)
        response = await self.browser.get(_path(links[number]), headers=headers)
        assert response.status_code == 302
        return response.headers["location"]

    async def drain(self) -> int:
        """Moves the journal into the database and shows anonymous figures."""
        personal, anonymous = drains(self.instance, self.data)
        drained = await personal.once() + await anonymous.once()
        # Tests look at once; what keeps figures from moving more than once an interval has a test of its own.
        await self.rows("DELETE FROM timed_job")
        await publish_anonymous(self.instance)
        return drained

    async def report(self, mailing_id: int) -> ReportView:
        return (await reports_of(self.reader, [mailing_id]))[mailing_id]

    async def rows(self, query: str, *values: object):
        return await self.instance.database.fetch(query, *values)

    async def somebody_waits(self) -> None:
        """Returns when a transaction of this database waits for another one."""
        waiting = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        async with asyncio.timeout(60):
            while not await self.rows(waiting):  # noqa: ASYNC110  another process raises no event here
                await asyncio.sleep(0.02)


def _path(url: str) -> str:
    assert url.startswith(PUBLIC_URL)
    return urlsplit(url).path


async def create_account(instance: Instance, name: str) -> int:
    """An account with the strict preset and no token; returns its id."""
    async with instance.database.transaction() as connection:
        return await add_account(instance, connection, name)


@pytest.fixture
async def world(database: TemporaryDatabase, tmp_path: Path) -> AsyncIterator[World]:
    """An instance of this test alone."""
    now = [datetime.now(UTC).replace(hour=12, microsecond=0)]

    def clock() -> datetime:
        return now[0]

    instance = Instance(
        database=Database(database.app_dsn, size=4),
        keyring=Keyring([bytes(range(32))]),
        public_url=PUBLIC_URL,
        mailer=Mailer(None, tmp_path / "outbox"),
        anonymous_refresh=1,
        clock=clock,
        data=tmp_path,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(instance.database.close)
        personal = await stack.enter_async_context(JournalWriter(tmp_path, PERSONAL, turn_patience=60))
        anonymous = await stack.enter_async_context(JournalWriter(tmp_path, ANONYMOUS, turn_patience=60))
        door = TrackingDoor(instance.keyring, personal, anonymous, tracking_on=True, clock=clock)
        browser = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(door), base_url=PUBLIC_URL, headers={"User-Agent": BROWSER}
            )
        )
        account_id = await create_account(instance, "Test")
        yield World(instance, tmp_path, account_id, now, browser)
