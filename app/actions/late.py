"""Counts hits whose token stopped being personal, where the account chose so (`late_refusal: COUNT`).

The hit joins the mailing's anonymous part, and the delivery that it came from is dropped in the same step: nothing
that is written here says whose it was. Source: domain.md §6.
"""

from collections import Counter
from collections.abc import Sequence

from app.actions.days import counted_day
from app.instance import Instance
from app.journal.records import PersonalRecord
from app.storage import anonymous
from app.storage.anonymous import Tally
from app.storage.audiences import audiences
from app.storage.database import Connection
from app.storage.tracked import Sent

_DAY_MS = 86_400_000


async def count_late(
    instance: Instance, connection: Connection, late: Sequence[tuple[PersonalRecord, Sent]]
) -> None:
    """Adds these hits to the anonymous counters of their mailings, unless too few people are behind them."""
    if not late:
        return
    over = await audiences(connection, list({hit.mailing for hit, _ in late}))
    counts: Counter[Tally] = Counter()
    for hit, sent in late:
        if over.suffices(hit.mailing, sent.send_day, hit.link):
            day = counted_day(instance, hit.at_ms // _DAY_MS)
            tally = Tally(
                hit.mailing,
                sent.send_day,
                hit.manner.kind.value,
                hit.link,
                day,
                hit.manner.client_class.value,
            )
            counts[tally] += 1
    await anonymous.add_tallies(connection, counts)
