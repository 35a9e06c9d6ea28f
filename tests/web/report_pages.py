"""Report pages of a world as somebody sees them who was given the address."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
from litestar import Litestar
from litestar.datastructures import State

from app.actions.tokens import NewToken, create_token
from app.disclosure.mailings import mailings_by_id
from app.disclosure.reader import Reader
from app.disclosure.report_links import SCOPES, report_url
from app.domain.modes import TrackingMode
from app.domain.permission import PermissionChange
from app.domain.principal import Principal
from app.web.report_page import report_routes
from preference_center.routes import preference_center_routes
from tests.world import PUBLIC_URL, World

YES = PermissionChange.YES


@dataclass
class ReportPages:
    """The report pages of one world. Its links are made by a token of the two scopes that they take."""

    world: World
    browser: httpx.AsyncClient
    token_id: int

    async def path(self, mailing_id: int) -> str:
        """The address of a mailing's page, without the host."""
        principal = Principal(self.world.account_id, self.token_id, None, SCOPES)
        reader = Reader(self.world.instance, principal)
        url = report_url(reader, (await mailings_by_id(reader, [mailing_id]))[mailing_id])
        assert url is not None
        return url.removeprefix(PUBLIC_URL)

    async def page(self, mailing_id: int, **query: str) -> "Seen":
        """A mailing's page, which must be there."""
        answer = await self.browser.get(await self.path(mailing_id), params=query)
        assert answer.status_code == 200, answer.text
        return Seen(answer.text)

    async def agreed_and_not(self) -> int:
        """Four people were sent a mailing: two who agreed, one of whom opened and clicked, and two who never answered."""
        for name in ("ada", "ben"):
            await self.world.subscriber(f"{name}@example.org", YES)
        mailing = await self.world.mailing()
        names = ("ada", "ben", "cleo", "dot")
        mails = await self.world.send(mailing, *(f"{name}@example.org" for name in names))
        await self.world.open(mails[0])
        await self.world.click(mails[0])
        await self.world.drain()
        return mailing

    async def group(self, people: int, openings: int, **more: object) -> int:
        """So many people were sent a mailing that counts them as a group; it was opened and clicked so many times."""
        mailing = await self.world.mailing(opens=TrackingMode.ANONYMOUS, clicks=TrackingMode.ANONYMOUS)
        addresses = [f"person{number}@example.org" for number in range(people)]
        for each in addresses:
            await self.world.subscriber(each, YES)
        mails = await self.world.send(mailing, *addresses, **more)
        for each in mails[:openings]:
            await self.world.open(each)
            await self.world.click(each)
        await self.world.drain()
        return mailing


@dataclass
class Seen(HTMLParser):
    """A page's elements, and its text as one line."""

    html: str
    tags: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self.words)


@asynccontextmanager
async def report_pages(world: World):
    """The pages of a world, in English."""
    async with world.unit() as work:
        token_id, _ = await create_token(work, NewToken("reports", SCOPES))
    app = Litestar(
        [*preference_center_routes(), *report_routes()],
        state=State({"instance": world.instance}),
        openapi_config=None,
        logging_config=None,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url=PUBLIC_URL, headers={"Accept-Language": "en"}
    ) as browser:
        yield ReportPages(world, browser, token_id)
