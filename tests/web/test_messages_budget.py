"""`POST /messages` spends the budget that GraphQL spends, and one who has to wait loses nothing."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import parse

from app.actions.imports import FOLDER
from app.domain.principal import SCOPES
from app.web.callers import Purse, Spent
from app.web.message_lines import undone
from app.web.messages import BATCH, CALL, LINE
from graphql_schema.ids import parse_id
from graphql_schema.limits import Limits
from graphql_schema.walk import measured
from tests.graphql_schema.product import SCHEMA
from tests.running import Running, assent, eventually
from tests.web.senders import Sender
from tests.web.test_messages import HTML, mailing, person

EVERYTHING = """mutation ($i: PrepareMessagesInput!) { prepareMessages(input: $i) {
  messages { messageId html text headers { name value } untrackedLinks deliveries { id } decision {
    opens { mode boundBy trace { layer ceiling reason } } clicks { mode boundBy trace { layer ceiling reason } } } }
  warnings { code message } errors { code message path } } }"""


def test_a_batch_costs_what_the_mutation_costs() -> None:
    document = parse(EVERYTHING)
    given = {"i": {"recipients": [{}] * BATCH}}

    mutation = measured(SCHEMA._schema, document, document.definitions[0], given, SCOPES, Limits())

    assert mutation.errors == []
    assert 0.9 < (CALL + BATCH * LINE) / mutation.cost < 1.1


async def test_who_waits_in_vain_is_told_to_come_again() -> None:
    """Otherwise whoever spends a budget without a pause would have its other calls hold their connections for ever."""
    asked: list[int] = []

    def wait(_token: int, cost: int) -> float:
        asked.append(cost)
        return 0.01

    with pytest.raises(Spent) as starved:
        await Purse(1, wait).spend_in_turn(15_000, lambda: False, 0.1)

    assert len(asked) > 1
    assert undone(starved.value)["error"]["code"] == "RATE_LIMITED"


async def test_who_may_not_wait_is_told_at_once() -> None:
    asked: list[int] = []

    with pytest.raises(Spent):
        await Purse(1, lambda _token, cost: asked.append(cost) or 30.0).spend_in_turn(7, lambda: False, 0.0)

    assert asked == [7]


@pytest.fixture
def poor(tmp_path: Path) -> Iterator[Running]:
    """An instance whose tokens may spend 1,000 a second: a batch every 15 seconds; its own, since tests spend it all."""
    data = tmp_path / "var"
    data.mkdir()
    with assent(data, ASSENT_WORKERS="1", ASSENT_API_BUDGET="60000") as running:
        yield running


async def stored(running: Running, mailing_id: str) -> int:
    """How many deliveries of a mailing there are; asked of the database, which spends nothing."""
    query = "SELECT count(*) AS n FROM delivery WHERE mailing_id = $1"
    (row,) = await running.rows(query, int(parse_id(mailing_id).key))
    return int(row["n"])


async def until_refused(
    sender: Sender, mailing_id: str, people: list[dict[str, Any]]
) -> list[httpx.Response]:
    """The answers to calls that prepare anew for these people, until one says that the budget is spent."""
    answers: list[httpx.Response] = []
    while not answers or answers[-1].status_code == 200:
        assert len(answers) < 40, "The budget is never spent."
        head = {"mailing": mailing_id, "html": HTML, "idempotencyKey": f"poor {len(answers)}"}
        answers.append(await sender.post(head, *people))
    return answers


async def test_a_call_that_a_spent_budget_refuses_has_done_nothing(poor: Running) -> None:
    spending = mailing(poor)

    *prepared, refusal = await until_refused(
        Sender(poor.url, poor.token), spending, [person(n) for n in range(BATCH)]
    )

    assert (refusal.status_code, refusal.json()["code"]) == (429, "RATE_LIMITED")
    assert 1 <= int(refusal.headers["retry-after"]) <= 16
    assert await stored(poor, spending) == BATCH * len(prepared)


async def accepted(sender: Sender, *lines: Any) -> list[dict[str, Any]]:
    """The lines of the answer to a call that is repeated as long as it is told to come again."""
    while (answer := await sender.post(*lines)).status_code == 429:  # noqa: ASYNC110  the server says when
        await asyncio.sleep(int(answer.headers["retry-after"]))
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def is_under_way(running: Running) -> bool:
    """Whether a call holds the file without a name that its lines are kept in."""
    folder = str((running.data / FOLDER).resolve())
    return any(held.startswith(folder) and held.endswith(" (deleted)") for held in held_files())


def held_files() -> Iterator[str]:
    for each in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            yield str(each.readlink())


async def test_a_call_that_waits_for_its_budget_and_is_cut_off_keeps_what_it_answered(poor: Running) -> None:
    """Repeated, it answers the same; what it had not answered had not been stored."""
    spending, kept = mailing(poor), mailing(poor)
    head = {"mailing": kept, "html": HTML, "idempotencyKey": "kept"}
    people = [person(number) for number in range(2 * BATCH)]
    sender = Sender(poor.url, poor.token)
    refusal = (await until_refused(sender, spending, people[:BATCH]))[-1]

    # One second more, for asking costs something too.
    await asyncio.sleep(int(refusal.headers["retry-after"]) + 1)
    async with sender.talking() as talk:
        await talk.send(head, *people)
        before = await talk.answers(BATCH)
        waiting = is_under_way(poor)
    await asyncio.to_thread(eventually, lambda: not is_under_way(poor), "the call that was cut off has ended")
    in_between = await stored(poor, kept)
    *answers, last = await accepted(sender, head, *people)

    assert (waiting, in_between) == (True, BATCH)
    assert [each["messageId"] for each in answers[:BATCH]] == [each["messageId"] for each in before]
    assert last == {"done": True, "prepared": len(people), "failed": 0, "warnings": []}
    assert await stored(poor, kept) == len(people)
