"""Letters that wait, mailed at once: what the worker does with each, without its queue and its pauses."""

from app.actions.letters import send
from app.instance import Instance
from app.jobs.worker import WRITERS
from app.storage.queue import Postponed


async def mail_all(instance: Instance) -> int:
    """One try at each letter that waits, oldest first; how many there were."""
    waiting = await instance.database.fetch("SELECT id FROM letter ORDER BY id")
    for row in waiting:
        try:
            await send(instance, WRITERS, row["id"])
        except Postponed:
            continue
    return len(waiting)
