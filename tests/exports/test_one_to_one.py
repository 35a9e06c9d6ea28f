"""One-to-one mail is its user's alone (P7): whichever door others ask, what came of it changes no answer of theirs."""

from datetime import timedelta
from typing import Any

from tests.exports.shelf import Shelf
from tests.graphql_schema.product import IMPERSONAL, SCOPES
from tests.presets.sender import Sender
from tests.reports.doors import LOG, PEOPLE, QUESTIONS

ADA = "ada@example.org"
BOTH = {"trackOpens": True, "trackClicks": True}
MORE = {
    "own log": f"{{ eventLog(channel: ONE_TO_ONE, first: 50) {LOG} }}",
    "log of it": f"query ($mailing: ID!) {{ eventLog(channel: ONE_TO_ONE, filter: {{mailingId: $mailing}}) {LOG} }}",
    "history": f"query ($delivery: ID!) {{ node(id: $delivery) {{ ... on Delivery {{ events(first: 9) {LOG} }} }} }}",
    "notifications": "{ notifications(first: 9) { totalCount edges { node { id kind } } } }",
    "page": "query ($mailing: ID!) { mailing(id: $mailing) { reportUrl } }",
    "opened": f"query ($mailing: ID!) {{ segmentPreview(rule: {{opened: {{mailingId: $mailing}}}}) {PEOPLE} }}",
}
JOB = "query ($id: ID!) { node(id: $id) { ... on Job { status progress counts } } }"
FILES: tuple[dict[str, str], ...] = (
    {"kind": "CAMPAIGN"},
    {"kind": "EVENT_LOG", "channel": "ONE_TO_ONE"},
)


async def told(shelf: Shelf, user: int | None, scopes: frozenset[str], **ids: str) -> dict[str, Any]:
    """Every answer to somebody, refusals included."""
    found: dict[str, Any] = {}
    for name, query in (QUESTIONS | MORE).items():
        used = {key: value for key, value in (ids | {"others": ids["mailing"]}).items() if f"${key}" in query}
        found[name] = await shelf.product.ask(query, used, user_id=user, scopes=scopes)
    for given in FILES:
        text = await shelf.text(scopes, user, mailingId=ids["mailing"], **given)
        found[given["kind"]] = sorted(text.splitlines())
    return found


async def test_p7_what_came_of_it_changes_nobody_elses_answers(shelf: Shelf) -> None:
    """A colleague and the account's integration are asked to tell before and after; its user sees all of it."""
    sender = Sender(shelf.product)
    await sender.preset("PIPEDRIVE")
    grace, eve = [await sender.new_user(name) for name in ("Grace", "Eve")]
    for user in (grace, eve):
        switches = {"opens": True, "clicks": True, "notifications": True}
        await sender.speaking(user).done("updateMyTracking", switches)
    person = await shelf.product.upserted(ADA, **shelf.product.said_yes())
    mailing = await sender.speaking(grace).mailing("ONE_TO_ONE")
    (mail,) = await sender.speaking(grace).send(mailing, ADA, **BOTH)
    ids = {"mailing": mailing, "person": person, "delivery": mail.delivery}
    others = [(None, SCOPES), (None, IMPERSONAL), (eve, SCOPES)]
    now = shelf.world.now[0] + timedelta(minutes=10)

    shelf.world.now[0] = now
    before = [await told(shelf, *each, **ids) for each in others]
    shelf.world.now[0] = now - timedelta(minutes=5)
    await sender.open(mail)
    await sender.click(mail)
    await shelf.world.drain()
    shelf.world.now[0] = now

    assert [await told(shelf, *each, **ids) for each in others] == before
    own = await told(shelf, grace, SCOPES, **ids)
    assert not any("errors" in own[name] for name in QUESTIONS | MORE)
    counts = [own[name]["data"] for name in ("own log", "notifications")]
    assert [
        each[name]["totalCount"] for each, name in zip(counts, ("eventLog", "notifications"), strict=True)
    ] == [2, 2]
    assert [len(own[each["kind"]]) for each in FILES] == [2, 3]
    assert own["history"]["data"]["node"]["events"]["totalCount"] == 2


async def test_p7_how_long_a_file_is_is_told_to_who_may_have_it(shelf: Shelf) -> None:
    """The lines of a user's own log are as many as their mail was opened; its job is anybody's to look at."""
    sender = Sender(shelf.product)
    await sender.preset("PIPEDRIVE")
    grace = await sender.new_user("Grace")
    await sender.speaking(grace).done("updateMyTracking", {"opens": True, "clicks": True})
    mailing = await sender.speaking(grace).mailing("ONE_TO_ONE")
    (mail,) = await sender.speaking(grace).send(mailing, ADA, **BOTH)
    await sender.open(mail)
    await shelf.world.drain()
    own = await shelf.asked_for(SCOPES, grace, kind="EVENT_LOG", channel="ONE_TO_ONE")
    people = await shelf.asked_for(kind="SUBSCRIBERS")
    for each in (own, people):
        await shelf.made(each)

    async def counted(export: dict[str, Any], user: int | None, scopes: frozenset[str] = SCOPES) -> Any:
        variables = {"id": export["job"]["id"]}
        answer = await shelf.product.data(JOB, variables, user_id=user, scopes=scopes)
        return answer["node"]["counts"].get("rows")

    assert [await counted(own, each) for each in (grace, None)] == [1, None]
    assert [await counted(people, None, each) for each in (SCOPES, IMPERSONAL)] == [1, None]
