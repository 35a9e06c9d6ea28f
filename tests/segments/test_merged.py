"""Who was two subscribers and is one: what was not measured of either stays unmeasured."""

from itertools import pairwise

import pytest

from app.actions.change_email import change_subscriber_email
from app.disclosure.subscribers import subscriber_by_address
from tests.presets.sender import Sender
from tests.segments.asking import answer, counts, people, stored, subscriber


async def _becomes(sender: Sender, old: str, new: str) -> None:
    """Somebody changes their address to one that another subscriber has."""
    sender.world.later(minutes=1)
    view = await subscriber_by_address(sender.world.reader, old)
    assert view is not None
    async with sender.world.unit() as work:
        await change_subscriber_email(work, view.id, new, None)
    sender.world.later(minutes=1)


async def test_a_yes_for_measuring_alone_stays_one_after_a_merge(sender: Sender) -> None:
    """What Ada opened under it answers no segment, though the yes that she has now is for everything."""
    asked = {"locale": "en", "text": "May we count?", "purposes": ["MEASURE"]}
    wording = (await sender.done("createWording", asked, "wording { id }"))["wording"]["id"]
    await sender.product.upserted("ada@example.org", **sender.product.said_yes(), wordingId=wording)
    await sender.product.upserted("new@example.org", **sender.product.said_yes())
    mailing = await sender.mailing()
    (mail,) = await sender.send(mailing, "ada@example.org")
    await sender.open(mail)
    rule = {"opened": {"mailingId": mailing}}
    segment = await stored(sender, rule)
    assert await counts(sender, rule) == (0, 1, 1)

    await _becomes(sender, "ada@example.org", "new@example.org")

    assert await counts(sender, rule) == (0, 0, 1)
    ada = await subscriber(sender, "new@example.org", "id engagement")
    assert ada["engagement"] == "NOT_MEASURED"
    assert await answer(sender, segment, ada["id"]) == "UNMEASURED"

    (mail,) = await sender.send(mailing, "new@example.org")
    await sender.open(mail)

    assert await counts(sender, rule) == (1, 0, 0)


@pytest.mark.parametrize("chain", [["ada@example.org"], ["ada@example.org", "between@example.org"]])
async def test_c5_the_gap_that_a_no_left_outlives_a_merge(sender: Sender, chain: list[str]) -> None:
    """Nobody recorded while Ada's no stood: after one merge or two, nobody can say that she did not open."""
    await sender.preset("CAMPAIGN_MONITOR")
    mailing = await sender.mailing()
    await sender.send(mailing, "ada@example.org")
    for said in ("NO", "YES"):
        sender.world.later(minutes=1)
        await sender.says("ada@example.org", said)
    path = [*chain, "new@example.org"]
    for email in path[1:]:
        await sender.says(email, "YES")
    rule = {"opened": {"mailingId": mailing}}
    segment = await stored(sender, rule)

    for old, new in pairwise(path):
        await _becomes(sender, old, new)

    assert await counts(sender, rule) == (0, 0, 1)
    assert await people(sender, {"opened": {"mailingId": mailing, "atMost": 0}}) == []
    ada = (await subscriber(sender, "new@example.org", "id"))["id"]
    assert await answer(sender, segment, ada) == "UNMEASURED"
