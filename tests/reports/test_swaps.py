"""Whatever the API answers for an anonymised mailing does not change when two members of its audience change places.

Mails go out once. Then two worlds go on from there, alike but for two people: what one does here, the other does there.
"""

import csv
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from app.actions.messages import PreparedMessage
from app.disclosure.reader import authenticate
from app.domain.exports import COLUMNS, ExportKind
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.principal import SCOPES
from app.journal.records import ANONYMOUS, PERSONAL
from app.journal.writer import JournalWriter
from app.storage.database import Database
from app.tracking.door import TrackingDoor
from app.web.exports import export_routes
from app.web.report_page import report_routes
from graphql_schema.endpoint import make_controller
from graphql_schema.ids import encode_id
from tests.exports.shelf import Shelf
from tests.graphql_schema.product import IMPERSONAL, SCHEMA, Product
from tests.postgres_server import TemporaryDatabase, copied
from tests.reports.doors import everything, files, page
from tests.world import BROWSER, PUBLIC_URL, World

PEOPLE = [f"p{number}@example.org" for number in range(14)]
AGENTS = [BROWSER, "Mozilla/5.0", "Mozilla/5.0 (compatible; Proofpoint/2.0)"]


@dataclass(frozen=True)
class Behaviour:
    """What somebody does with their mail: after how many hours, with which client, which links."""

    opens: tuple[tuple[int, str], ...]
    clicks: tuple[int, ...]


def behaviours(seed: int) -> list[Behaviour]:
    """One for each person: some eager, some idle."""
    chance = Random(seed)  # noqa: S311  Nothing is secret here.
    return [
        Behaviour(
            opens=tuple(
                (chance.randint(0, 30), chance.choice(AGENTS)) for _ in range(chance.choice([0, 1, 1, 3]))
            ),
            clicks=tuple(chance.randint(0, 1) for _ in range(chance.choice([0, 0, 1, 2]))),
        )
        for _ in PEOPLE
    ]


@asynccontextmanager
async def living(world: World, database: TemporaryDatabase, data: Path) -> AsyncIterator[Product]:
    """A world of its own that goes on from a copy of the database, with the API over it."""
    instance = replace(world.instance, database=Database(database.app_dsn, size=4), data=data, callers={})
    async with (
        JournalWriter(data, PERSONAL, turn_patience=60) as personal,
        JournalWriter(data, ANONYMOUS, turn_patience=60) as anonymous,
    ):
        door = TrackingDoor(instance.keyring, personal, anonymous, tracking_on=True, clock=instance.clock)
        app = Litestar(
            [
                make_controller(SCHEMA, partial(authenticate, instance), instance),
                *export_routes(),
                *report_routes(),
            ],
            state=State({"instance": instance}),
            openapi_config=None,
            logging_config=None,
        )
        async with (
            httpx.AsyncClient(
                transport=httpx.ASGITransport(door), base_url=PUBLIC_URL, headers={"User-Agent": BROWSER}
            ) as browser,
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://assent.test") as client,  # type: ignore[arg-type]
        ):
            yield Product(World(instance, data, world.account_id, world.now, browser), client)
    await instance.database.close()


async def behave(world: World, cast: Sequence[tuple[PreparedMessage, Behaviour]]) -> None:
    """Everybody does what they do, hour by hour."""
    began = world.now[0]
    deeds = sorted((hour, place, agent) for place, (_, each) in enumerate(cast) for hour, agent in each.opens)
    for hour, place, agent in deeds:
        world.now[0] = began
        world.later(hours=hour)
        await world.open(cast[place][0], **{"user-agent": agent})
    for message, each in cast:
        for link in each.clicks:
            await world.click(message, link)
    await world.drain()


async def audience(world: World, preset: Preset) -> tuple[int, int, list[PreparedMessage]]:
    """Two mailings that everybody got; all of them are counted anonymously, or will be by their refusal."""
    await world.preset(preset)
    late = preset is Preset.MAPP
    for email in PEOPLE:
        await world.subscriber(email, PermissionChange.UNCHANGED if late else PermissionChange.NO)
    first, second = await world.mailing(), await world.mailing()
    await world.send(second, *PEOPLE)
    messages = await world.send(first, *PEOPLE)
    world.later(minutes=1)
    for email in PEOPLE if late else ():
        await world.answer(email, PermissionChange.NO)
    world.later(minutes=1)
    return first, second, messages


@pytest.mark.parametrize(
    ("preset", "seed"),
    [(Preset.INXMAIL, 5), (Preset.BREVO, 9), (Preset.MAPP, 10)],
    ids=["SHARED", "UNLINKED", "COUNT"],
)
async def test_x5_two_members_of_an_audience_who_change_places_change_no_answer(
    world: World, database: TemporaryDatabase, postgres_server, tmp_path: Path, preset: Preset, seed: int
) -> None:
    mailing, other, messages = await audience(world, preset)
    person = encode_id("Subscriber", messages[0].deliveries[0].subscriber_id.hex)
    before = Product(world, world.browser)
    tokens = {scopes: await before.token(world.account_id, None, scopes) for scopes in (SCOPES, IMPERSONAL)}
    await world.instance.database.close()
    began, done = world.now[0], behaviours(seed)
    swapped = [done[1], done[0], *done[2:]]
    assert done[0] != done[1]

    found = []
    for number, deeds in enumerate([done, swapped]):
        world.now[0] = began
        data = tmp_path / f"world-{number}"
        data.mkdir()
        async with copied(postgres_server, database.name) as copy, living(world, copy, data) as product:
            product.tokens |= {(world.account_id, None, scopes): secret for scopes, secret in tokens.items()}
            await behave(product.world, list(zip(messages, deeds, strict=True)))
            ids = [encode_id("Mailing", mailing), encode_id("Mailing", other)]
            shelf = Shelf(product, product.client)
            answers = await everything(product, ids[0], ids, person)
            found.append((answers, await files(shelf, ids[0]), await page(shelf, ids[0])))

    (one, lines, words), other = found
    assert (one, lines, words) == other
    assert one["report"]["data"]["mailing"]["report"]["opens"]["shown"] == "ROUNDED"
    assert one["report"]["data"]["mailing"]["report"]["opens"]["value"] > 0
    assert one["log"]["data"]["eventLog"]["totalCount"] > 0
    assert all(len(each) > 1 for each in lines.values())
    every_door_agrees(one, lines, words, numbered=preset is Preset.BREVO)


def every_door_agrees(
    answers: dict[str, Any], lines: dict[str, list[str]], words: str, *, numbered: bool
) -> None:
    """What the report says of days and in all, the log, its file, the mailing's file and the page say too."""
    times = answers["days"]["data"]["mailing"]["report"]["timeline"]
    rows = [edge["node"] for edge in answers["log of it"]["data"]["eventLog"]["edges"]]
    for axis, kinds in (("opens", {"OPENED", "FIRST_OPENING"}), ("clicks", {"CLICKED"})):
        days = {each["at"][:10]: each[axis]["value"] or 0 for each in times}
        told = Counter(row["occurredAt"][:10] for row in rows if row["kind"] in kinds)
        assert told == +Counter(days)
    for name, text in lines.items():
        header = COLUMNS[ExportKind(name.split(",")[0])]
        found = list(csv.DictReader([each for each in text if each != ",".join(header)], header))
        if name.startswith("EVENT_LOG"):
            cells = Counter((row["kind"], row["occurredAt"][:10]) for row in rows)
            assert Counter((row["event"], row["occurred_at"][:10]) for row in found) == cells
        if name.startswith("CAMPAIGN"):
            sums = {axis: sum(int(row[axis]) for row in found) for axis in ("opens", "clicks")}
            assert sums["clicks"] == sum(each["clicks"]["value"] or 0 for each in times)
            assert numbered or sums["opens"] == sum(each["opens"]["value"] or 0 for each in times)
    report = answers["report"]["data"]["mailing"]["report"]
    for each in (*times, report):
        assert f"about {each['opens']['value']}" in words
