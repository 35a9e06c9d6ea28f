"""A sender whose account behaves like a product: everything over GraphQL, with real hits and real reports."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.domain.principal import SCOPES
from graphql_schema.ids import parse_id
from tests.graphql_schema.product import Product
from tests.world import World

HTML = '<p>Hello</p><a href="https://shop.example.com/a">Shop</a> <a href="{{preferences_url}}">Choose</a>'
_MESSAGE = """messages { html deliveries { id } decision {
  opens { mode boundBy trace { layer reason } } clicks { mode boundBy } } }"""
_REPORT = """query ($id: ID!) { mailing(id: $id) { report { sent delivered measured { opens clicks }
  opens { value shown } uniqueOpens { value shown } clicks { value shown } uniqueClicks { value shown }
  openRate { value basis shown } clickRate { value basis shown } } } }"""
_DELIVERY = """query ($id: ID!) { node(id: $id) { ... on Delivery { opensMode clicksMode
  opens { value shown } clicks { value shown } firstOpenedAt clickedLinks } } }"""


@dataclass(frozen=True)
class Mail:
    """A mail as its recipient gets it."""

    html: str
    delivery: str
    decision: dict[str, Any]

    @property
    def modes(self) -> tuple[str, str]:
        """What was decided for opens and clicks."""
        return self.decision["opens"]["mode"], self.decision["clicks"]["mode"]


@dataclass
class Sender:
    """One account. `user` is the user who speaks, None for the account's own integration."""

    product: Product
    user: int | None = None
    scopes: frozenset[str] = field(default=SCOPES)

    @property
    def world(self) -> World:
        return self.product.world

    def speaking(self, user: int) -> "Sender":
        """The same account, as one of its users."""
        return Sender(self.product, user)

    async def done(self, name: str, given: dict[str, Any], below: str = "") -> dict[str, Any]:
        return await self.product.done(name, given, below, user_id=self.user)

    async def refused(self, name: str, given: dict[str, Any]) -> list[tuple[str, list[str]]]:
        return await self.product.refused(name, given, user_id=self.user)

    async def preset(self, name: str) -> list[str]:
        """Applies a preset in one step; the codes of its warnings."""
        payload = await self.done("applyPreset", {"preset": name}, "warnings { code }")
        return [each["code"] for each in payload["warnings"]]

    async def channel(self, name: str, **choices: Any) -> None:
        """Changes what is chosen for one channel."""
        await self.done("updateSettings", {"channels": [{"channel": name, **choices}]})

    async def says(self, email: str, answer: str) -> None:
        """Writes what somebody answered at the sender's own pages."""
        await self.product.upserted(email, **{**self.product.said_yes(), "permission": answer})

    async def mailing(self, channel: str = "CAMPAIGN", **stated: Any) -> str:
        given = {"name": "Spring", "channel": channel, **stated}
        found: str = (await self.done("createMailing", given, "mailing { id }"))["mailing"]["id"]
        return found

    async def send(self, mailing: str, *emails: str, **toggles: bool) -> list[Mail]:
        """Prepares a mail for each address."""
        recipients = [{"to": [{"email": email}], **toggles} for email in emails]
        given = {"mailingId": mailing, "html": HTML, "recipients": recipients}
        messages = (await self.done("prepareMessages", given, _MESSAGE))["messages"]
        return [Mail(each["html"], each["deliveries"][0]["id"], each["decision"]) for each in messages]

    async def open(self, mail: Mail) -> None:
        """Loads the pixel, as a mail client does that shows pictures."""
        (pixel,) = re.findall(r'<img src="([^"]+)"', mail.html)
        response = await self.world.browser.get(urlsplit(pixel).path)
        assert response.status_code == 200

    async def click(self, mail: Mail) -> None:
        """Follows the tracked link."""
        (link,) = re.findall(r'href="(https://track\.example\.org/c/[^"]+)', mail.html)
        response = await self.world.browser.get(urlsplit(link).path)
        assert response.headers["location"] == "https://shop.example.com/a"

    async def report(self, mailing: str) -> dict[str, Any]:
        """The report after everything that happened so far."""
        await self.world.drain()
        data = await self.product.data(_REPORT, {"id": mailing}, user_id=self.user)
        found: dict[str, Any] = data["mailing"]["report"]
        return found

    async def delivery(self, mail: Mail) -> dict[str, Any]:
        """What the sender sees of one mail."""
        await self.world.drain()
        found: dict[str, Any] = (
            await self.product.data(_DELIVERY, {"id": mail.delivery}, user_id=self.user)
        )["node"]
        return found

    async def new_user(self, name: str) -> int:
        """A user of the account."""
        made = await self.done("createUser", {"name": name}, "user { id }")
        return int(parse_id(made["user"]["id"]).key)


EXACT_ZERO = {"value": 0, "shown": "EXACT"}
NOT_MEASURED = {"value": 0, "shown": "NOT_MEASURED"}


def exact(value: int) -> dict[str, Any]:
    return {"value": value, "shown": "EXACT"}


def rounded(value: int) -> dict[str, Any]:
    return {"value": value, "shown": "ROUNDED"}


def people(count: int) -> list[str]:
    """Addresses of people whom nobody has asked."""
    return [f"person{number}@example.org" for number in range(count)]


@pytest.fixture
def sender(product: Product) -> Sender:
    return Sender(product)
