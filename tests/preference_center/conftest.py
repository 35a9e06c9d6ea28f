"""The door of the recipients as the world's account meets it: a browser of the person, and what stands behind."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from app.actions.forms import NewForm, create_form
from app.actions.lists import create_list
from app.actions.subscribers import Profile, upsert_subscriber
from app.domain.forms import FormQuestion
from app.domain.person_links import (
    FreshPreferencesLink,
    HandedPreferencesLink,
    PreferencesLink,
    UnsubscribeLink,
)
from app.storage.database import Database, DatabaseAway
from app.web.report_page import report_routes
from preference_center.addresses import ROUTING_PROBLEMS
from preference_center.routes import preference_center_routes
from tests.letters import mail_all, mails_in
from tests.world import PUBLIC_URL, World

ENGLISH_BROWSER = {"Accept": "text/html", "Accept-Language": "en"}


@dataclass
class Center:
    """The preference center of one world."""

    world: World
    browser: httpx.AsyncClient
    mailing: bool = True
    """Whether letters are mailed as soon as an answer has come."""

    # -- what the sender has

    async def add_list(self, name: str = "Letters") -> int:
        async with self.world.unit() as work:
            return await create_list(work, name)

    async def person(self, address: str = "ada@example.org", **profile: object) -> UUID:
        async with self.world.unit() as work:
            subscriber_id, errors = await upsert_subscriber(work, Profile(address, **profile))
        assert errors == []
        return subscriber_id

    async def form(self, asks: FormQuestion = FormQuestion.BOTH_TOGETHER, **more: object) -> str:
        """A form; returns its path."""
        async with self.world.unit() as work:
            return f"/forms/{await create_form(work, NewForm('Letters', asks=asks, **more))}"

    # -- the links that the person has

    def link(self, person: UUID, mailing: int = 0) -> str:
        return self._path(self.world.instance.addresses.preferences(PreferencesLink(person, mailing, 0)))

    def fresh_link(self, person: UUID, hours: float = 24) -> str:
        expires_at = int(self.world.now[0].timestamp() + hours * 3600)
        return self._path(self.world.instance.addresses.preferences(FreshPreferencesLink(person, expires_at)))

    def handed_link(self, person: UUID, token: int) -> str:
        return self._path(self.world.instance.addresses.preferences(HandedPreferencesLink(person, token)))

    def unsubscribe_link(self, person: UUID, mailing: int) -> str:
        return self._path(self.world.instance.addresses.unsubscribe(UnsubscribeLink(person, mailing)))

    def _path(self, url: str) -> str:
        return url.removeprefix(PUBLIC_URL)

    # -- what stands

    async def standing(self, address: str = "ada@example.org") -> str:
        """Opens and clicks with reason and source, e.g. `NO/DENIED/FORM YES//PREFERENCE_CENTER`."""
        (row,) = await self.world.rows("SELECT * FROM subscriber WHERE address = $1", address)
        axes = [
            "/".join(str(row[f"{axis}_{part}"] or "") for part in ("value", "reason", "source"))
            for axis in ("opens", "clicks")
        ]
        return " ".join(axes)

    async def lines(self) -> int:
        return await self.count("permission_line")

    async def count(self, table: str) -> int:
        rows = await self.world.rows(f"SELECT count(*) FROM {table}")  # noqa: S608  a table that the test names
        return rows[0]["count"]

    async def memberships(self) -> dict[str, str]:
        """The state of each address on each list, as `address list`."""
        rows = await self.world.rows(
            "SELECT s.address, l.name, m.status FROM membership m JOIN subscriber s ON s.id = m.subscriber_id"
            " JOIN mailing_list l ON l.id = m.list_id"
        )
        return {f"{row['address']} {row['name']}": row["status"] for row in rows}

    def mails(self) -> list[EmailMessage]:
        """The mails that have gone out, oldest first."""
        return mails_in(self.world.data)

    def mailed_path(self, number: int = -1) -> str:
        """The path of the one link in a mail that has gone out."""
        text = self.mails()[number].get_body(("plain",)).get_content()
        (url,) = re.findall(r"https://\S+", text)
        return self._path(url)

    async def awaited_path(self) -> str:
        """The path of the link in a letter that a real server asks for after its answer has left."""
        async with asyncio.timeout(60):
            while not self.mails():
                await asyncio.sleep(0.02)
                await mail_all(self.world.instance)
        return self.mailed_path()

    async def mail(self, _response: httpx.Response) -> None:
        """Mails what an answer has left to be mailed."""
        with suppress(DatabaseAway):
            if self.mailing:
                await mail_all(self.world.instance)

    @contextmanager
    def database_away(self) -> Iterator[None]:
        """Within, the instance speaks to a database that is not there."""
        instance = self.world.instance
        there = instance.database
        instance.database = Database("postgresql://nobody@/none?host=/nowhere")
        try:
            yield
        finally:
            instance.database = there


@pytest.fixture
async def center(world: World) -> AsyncIterator[Center]:
    """The door on a world of this test alone, and a browser that speaks English."""
    app = Litestar(
        [*preference_center_routes(), *report_routes()],
        state=State({"instance": world.instance}),
        exception_handlers=dict(ROUTING_PROBLEMS),
        openapi_config=None,
        logging_config=None,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url=PUBLIC_URL, headers=ENGLISH_BROWSER
    ) as browser:
        center = Center(world, browser)
        browser.event_hooks = {"response": [center.mail]}
        yield center
