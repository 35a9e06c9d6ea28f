"""Letters that wait, mailed at once: what the worker does with each, without its queue and its pauses."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from app.actions.letters import send
from app.instance import Instance
from app.jobs.worker import WRITERS
from app.storage.queue import Postponed

_TICK = 0.011
"""Seconds in which every kernel gives a new file another time than the one before."""


def mails_in(data: Path) -> list[EmailMessage]:
    """The mails that an instance without a server has written, oldest first; drafts, which begin with a dot, are none."""
    files = sorted((data / "outbox").glob("[!.]*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


async def mail_all(instance: Instance) -> int:
    """One try at each letter that waits, oldest first; how many there were."""
    waiting = await instance.database.fetch("SELECT id FROM letter ORDER BY id")
    for row in waiting:
        try:
            await send(instance, WRITERS, row["id"])
        except Postponed:
            continue
        await asyncio.sleep(_TICK)
    return len(waiting)
