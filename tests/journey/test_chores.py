"""The chores of a running instance are done beside the drain, which waits for none of them."""

import asyncio
import re

import asyncpg
import httpx

from app.actions.chores import EVERY, ask_for_chores
from app.instance import Instance
from app.outbox.mailer import Mailer
from app.sealing.keyring import Keyring
from app.storage.database import Database
from app.supervisor.postgres import OWNER, embedded_cluster
from tests.running import BROWSER, Running, eventually

PREPARE = """mutation ($m: ID!) { prepareMessages(input: {mailingId: $m, html: "<html><body>Hello</body></html>",
  recipients: [{to: [{email: "chores@example.org"}]}]}) { messages { html } errors { code } } }"""


async def statuses(running: Running) -> dict[str, str]:
    rows = await running.rows("SELECT kind, status FROM job WHERE account_id IS NULL ORDER BY id")
    return {row["kind"]: row["status"] for row in rows}


def opens(running: Running, mailing: str) -> int | None:
    query = "query ($m: ID!) { mailing(id: $m) { report { opens { value } } } }"
    found: int | None = running.gql(query, m=mailing)["mailing"]["report"]["opens"]["value"]
    return found


async def test_a_long_purge_holds_up_no_hit(running: Running) -> None:
    """It waits for a lock that somebody else holds; a hit of that time is in the report all the same."""
    running.gql(
        'mutation { upsertSubscriber(input: {email: "chores@example.org", permission: YES, source: FORM, '
        'at: "2026-11-01T09:00:00Z"}) { errors { code } } }'
    )
    made = running.gql(
        'mutation { createMailing(input: {name: "Chores", channel: CAMPAIGN}) { mailing { id } } }'
    )
    mailing = made["createMailing"]["mailing"]["id"]
    (message,) = running.gql(PREPARE, m=mailing)["prepareMessages"]["messages"]
    (pixel,) = re.findall(r'src="([^"]+/o/[^"]+)"', message["html"])
    holder = await asyncpg.connect(embedded_cluster(running.data).address(OWNER))
    await until(running, **dict.fromkeys(EVERY, "DONE"))

    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE prepared_batch IN ACCESS EXCLUSIVE MODE")
            # Where an hour begins just now, the instance asks by itself, which is as good.
            await asks_anew(running)
            await until(running, purge="RUNNING")
            httpx.get(pixel, headers={"User-Agent": BROWSER}, timeout=60)
            eventually(lambda: opens(running, mailing) == 1, "the hit is in the report")
            while_purging = (await statuses(running))["purge"]
    finally:
        await holder.close()
    await until(running, **dict.fromkeys(EVERY, "DONE"))

    assert while_purging == "RUNNING"


async def asks_anew(running: Running) -> None:
    """Queues every chore that is done once more, as another process would an hour later."""
    await running.rows("DELETE FROM job WHERE account_id IS NULL AND status = 'DONE'")
    await running.rows("DELETE FROM timed_job WHERE name = 'chores'")
    database = Database(embedded_cluster(running.data).address(OWNER), size=1)
    outbox = Mailer(None, running.data / "outbox")
    try:
        await ask_for_chores(Instance(database, Keyring([bytes(32)]), running.url, outbox))
    finally:
        await database.close()


async def until(running: Running, **wanted: str) -> None:
    """Waits until chores stand where they should."""
    async with asyncio.timeout(240):
        while True:
            found = await statuses(running)
            if all(found.get(kind) == status for kind, status in wanted.items()):
                return
            await asyncio.sleep(0.1)
