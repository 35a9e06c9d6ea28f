"""A segment's SQL says of everybody what its pure meaning says."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from piccolo.querystring import QueryString

from app.domain.errors import LimitExceeded
from app.domain.modes import Axis
from app.domain.segment_meaning import answer, engagement_of
from app.domain.segments import ActivityCondition, ActivityKind, All, Answer, Rule, taken
from app.storage import segments
from app.storage.segment_fragments import Question
from app.storage.segments import SegmentPage
from tests.postgres_server import TemporaryDatabase
from tests.segments.people import NOW, USER, Someone, ago, somebody
from tests.segments.rules import MOSTLY_NEEDING, RULES
from tests.segments.stored_people import store, store_world

ACCOUNT, OTHER = 1, 2
MANY = 400

QUESTIONS = st.builds(
    Question,
    account_id=st.just(ACCOUNT),
    user_id=st.sampled_from([None, USER]),
    now=st.just(NOW),
    unknown_personal=st.frozensets(st.sampled_from(Axis)),
    expired_by=st.sampled_from([None, ago(100)]),
    events_since=st.sampled_from([None, ago(60)]),
)


FEW = st.sampled_from([0, 300, segments.FEW])
"""How many deliveries a mailing may have, and those who got them are looked up one by one."""


class Crowd:
    """Random people, in the database and as facts. No dataclass: Hypothesis would print all of them."""

    def __init__(self, connection: asyncpg.Connection, people: list[Someone]) -> None:
        self.connection, self.people = connection, people

    def expected(self, rule: Rule, question: Question) -> dict[object, Answer]:
        return {
            each.id: answer(
                rule,
                each.fact(question.user_id, question.expired_by, question.unknown_personal),
                NOW,
                question.events_since,
            )
            for each in self.people
        }


@pytest.fixture
async def crowd(database: TemporaryDatabase) -> AsyncIterator[Crowd]:
    connection = await asyncpg.connect(database.owner_dsn)
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: b"\x01" + json.dumps(value).encode(),
        decoder=lambda value: json.loads(value[1:]),
        schema="pg_catalog",
        format="binary",  # COPY speaks no other
    )
    chance = random.Random(2026)  # noqa: S311  Nothing is kept secret by it.
    people = [somebody(chance) for _ in range(MANY)]
    await store_world(connection, ACCOUNT)
    await store(connection, ACCOUNT, people)
    await connection.execute("INSERT INTO account VALUES ($1, 'Other', $2, '', '')", OTHER, NOW)
    yield Crowd(connection, people)
    await connection.close()


@settings(
    max_examples=90,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rule=RULES | MOSTLY_NEEDING, question=QUESTIONS, few=FEW)
async def test_sql_and_meaning_agree(crowd: Crowd, rule: Rule, question: Question, few: int):
    """Of each of hundreds of random people, for any rule, whoever asks, under any settings, however many are few."""
    expected = crowd.expected(rule, question)

    ids = [each.id for each in crowd.people]
    assert await segments.answers(crowd.connection, question, rule, ids) == expected

    counted = Counter(expected.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "FEW", few)
        found = await segments.counts(crowd.connection, question, rule)
    assert found == (counted[Answer.YES], counted[Answer.NO], counted[Answer.UNMEASURED])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=QUESTIONS)
async def test_engagement_and_its_meaning_agree(crowd: Crowd, question: Question):
    found = await segments.engagements(crowd.connection, question, [each.id for each in crowd.people])

    assert found == {
        each.id: engagement_of(
            each.fact(question.user_id, question.expired_by, question.unknown_personal), NOW
        )
        for each in crowd.people
    }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rule=RULES | MOSTLY_NEEDING,
    question=QUESTIONS,
    unmeasured=st.booleans(),
    size=st.sampled_from([37, 200]),
    few=FEW,
)
async def test_pages_hold_everybody_whom_the_segment_takes_once(
    crowd: Crowd, rule: Rule, question: Question, unmeasured, size, few
):
    wanted = {
        each
        for each, said in crowd.expected(rule, question).items()
        if taken(said, include_unmeasured=unmeasured)
    }

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "FEW", few)
        found = await whole(crowd, question, rule, size, include_unmeasured=unmeasured)
        backward = await whole(crowd, question, rule, size, include_unmeasured=unmeasured, backward=True)

    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert backward == found[::-1]


async def whole(
    crowd: Crowd,
    question: Question,
    rule: Rule,
    size: int,
    *,
    include_unmeasured: bool,
    backward: bool = False,
) -> list[UUID]:
    """Everybody whom a segment takes, page by page, from either end."""
    found, key = [], None
    while page := await segments.page(
        crowd.connection,
        question,
        rule,
        SegmentPage(key, size, backward),
        include_unmeasured=include_unmeasured,
    ):
        found += [row["id"] for row in page]
        key = (page[-1]["created_at"], page[-1]["id"])
    return found


async def test_the_people_meet_every_answer(crowd: Crowd):
    """The law above would say little if nobody were unmeasured, or if nobody had opened."""
    question = Question(ACCOUNT, None, NOW, frozenset())
    for kind in (ActivityKind.OPENED, ActivityKind.CLICKED):
        counted = Counter(crowd.expected(ActivityCondition(kind, at_least=1), question).values())
        assert all(counted[each] > MANY / 20 for each in Answer), counted


async def test_what_takes_too_long_says_so(database: TemporaryDatabase):
    """A statement that PostgreSQL gives up is the caller's to narrow, not a fault of the service."""
    one, other = [await asyncpg.connect(database.app_dsn) for _ in range(2)]
    sleeping, question = (
        QueryString("SELECT pg_sleep({}::integer)", 60),
        Question(ACCOUNT, None, NOW, frozenset()),
    )
    slow = asyncio.ensure_future(segments._settled(one, question, sleeping))
    for _ in range(600):
        stopped = await other.fetchval(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep%' "
            "AND state = 'active'",
            one.get_server_pid(),
        )
        if stopped:
            break
        await asyncio.sleep(0.05)

    with pytest.raises(LimitExceeded):
        await slow

    await one.close()
    await other.close()


async def test_what_follows_in_the_same_transaction_is_planned_as_ever(crowd: Crowd):
    """A job asks a segment in the middle of a step."""
    question = Question(ACCOUNT, None, NOW, frozenset())
    asked = "SELECT current_setting('enable_nestloop'), current_setting('statement_timeout')"
    before = await crowd.connection.fetchrow(asked)

    async with crowd.connection.transaction():
        await segments.counts(crowd.connection, question, ActivityCondition(ActivityKind.SENT, at_least=1))
        inside = await crowd.connection.fetchrow(asked)

    assert inside == before == await crowd.connection.fetchrow(asked)


async def test_another_account_has_none_of_these_people(crowd: Crowd):
    question = Question(OTHER, None, NOW, frozenset())
    rule = ActivityCondition(ActivityKind.SENT, at_most=1_000)

    assert await segments.counts(crowd.connection, question, rule) == (0, 0, 0)
    named = ActivityCondition(ActivityKind.SENT, mailing_id=11, at_least=1)
    for few in (0, segments.FEW):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(segments, "FEW", few)
            for each in (named, All((named, rule))):
                assert await segments.counts(crowd.connection, question, each) == (0, 0, 0)
    assert await segments.answers(crowd.connection, question, rule, [crowd.people[0].id]) == {}
