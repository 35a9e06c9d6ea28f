"""What a change of settings would do, asked before it is saved (X10)."""

import asyncio
from datetime import timedelta

import pytest

from app.actions.jobs import work
from app.domain.global_ids import number_of
from app.domain.jobs import JobStatus
from app.jobs.worker import HANDLERS
from graphql_schema.scalars import write_datetime
from tests.graphql_schema.product import Product

IMPACT = """query ($input: UpdateSettingsInput!) { policyImpact(input: $input) {
  opens { from to subscribers } clicks { from to subscribers } notice subscribers
  samples { axis from to subscribers reason newReason }
  channels { channel opens { from to subscribers } } mailings { mailingId opens { from to subscribers } }
  warnings { code } } }"""


@pytest.fixture
async def crowd(product: Product) -> Product:
    """Five people: one YES of today, one of 100 days ago, one NO, and two whom nobody asked."""
    # A machine that stands still for five seconds makes no job of a question by it.
    product.world.instance.patience = 60.0
    now = product.world.now[0]
    yes = {"permission": "YES", "source": "FORM"}
    await product.upserted("new@example.org", **yes, at=write_datetime(now))
    await product.upserted("old@example.org", **yes, at=write_datetime(now - timedelta(days=100)))
    await product.upserted("no@example.org", permission="NO")
    for name in ("ada", "bob"):
        await product.upserted(f"{name}@example.org")
    return product


async def _impact(product: Product, **change: object) -> dict[str, object]:
    found: dict[str, object] = (await product.data(IMPACT, {"input": change}))["policyImpact"]
    return found


async def test_x10_a_change_says_who_would_move_and_why_and_changes_nothing(crowd: Product) -> None:
    impact = await _impact(crowd, unknownOpens="ANONYMOUS")

    shift = {"from": "OFF", "to": "ANONYMOUS", "subscribers": 2}
    assert (impact["opens"], impact["clicks"], impact["subscribers"]) == ([shift], [], 5)
    assert impact["samples"] == [
        {
            "axis": "OPENS",
            **shift,
            "reason": "Opens are not tracked, because the person was never asked.",
            "newReason": "Opens are counted at most anonymously, because the person was never asked.",
        }
    ]
    assert impact["notice"] == (
        "Opens of campaigns: of 5 subscribers, 2 move from OFF to ANONYMOUS. "
        "Clicks of campaigns stay as they are for all 5 subscribers. "
        "Mail of TRANSACTIONAL, ONE_TO_ONE changes as well. "
        "Mail that was sent already keeps the settings that it was sent under."
    )
    assert impact["warnings"] == [{"code": "TRACKS_UNANSWERED"}]
    assert (await crowd.data("{ settings { version } }"))["settings"] == {"version": 1}


async def test_x10_a_lifetime_counts_who_would_have_outlived_it(crowd: Product) -> None:
    """On the edge: a YES as old as its lifetime has run out."""
    longer = await _impact(crowd, permissionLifetimeDays=101)
    exactly = await _impact(crowd, permissionLifetimeDays=100)

    assert longer["opens"] == []
    assert exactly["opens"] == [{"from": "PERSONAL", "to": "OFF", "subscribers": 1}]
    assert exactly["samples"][0]["newReason"] == "Opens are not tracked, because an earlier yes has lapsed."


async def test_x10_taking_a_lifetime_back_brings_people_back(crowd: Product) -> None:
    await crowd.done("updateSettings", {"permissionLifetimeDays": 30})

    impact = await _impact(crowd, permissionLifetimeDays=None)

    assert impact["clicks"] == [{"from": "OFF", "to": "PERSONAL", "subscribers": 1}]


async def test_x10_channels_and_mailings_are_told_apart(crowd: Product) -> None:
    """The mailing asks for permission of its own, in an account that does not."""
    await crowd.done("applyPreset", {"preset": "INXMAIL"})
    mailing = await crowd.mailing()
    channel = {"channel": "TRANSACTIONAL", "defaultOpens": "OFF"}

    impact = await _impact(crowd, channels=[channel], mailings=[{"id": mailing, "permissionBased": True}])

    lowered = {"from": "ANONYMOUS", "to": "OFF", "subscribers": 5}
    assert impact["opens"] == []
    assert impact["channels"] == [
        {"channel": "CAMPAIGN", "opens": []},
        {"channel": "TRANSACTIONAL", "opens": [lowered]},
        {"channel": "ONE_TO_ONE", "opens": []},
        {"channel": "RELAY", "opens": []},
    ]
    assert impact["mailings"] == [
        {"mailingId": mailing, "opens": [{"from": "ANONYMOUS", "to": "PERSONAL", "subscribers": 2}]}
    ]


async def test_x10_what_could_not_be_saved_is_an_error(crowd: Product) -> None:
    relay = {"channel": "RELAY", "permissionBased": True}

    contradicts = await crowd.ask(IMPACT, {"input": {"channels": [relay]}})
    unknown = await crowd.ask(
        IMPACT, {"input": {"mailings": [{"id": "TWFpbGluZzo3", "permissionBased": True}]}}
    )

    assert contradicts["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert contradicts["errors"][0]["message"].startswith("The relay cannot see who permitted what")
    assert unknown["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_x10_nobody_is_named(crowd: Product) -> None:
    answer = await crowd.ask(IMPACT, {"input": {"unknownOpens": "ANONYMOUS", "permissionLifetimeDays": 1}})

    assert "@" not in str(answer)


async def test_x10_what_takes_too_long_is_counted_by_a_job(crowd: Product) -> None:
    """The job's counts are the figures that the query would have answered; here a request may not wait at all."""
    mailing = await crowd.mailing()
    change = {"unknownOpens": "ANONYMOUS", "mailings": [{"id": mailing, "permissionBased": False}]}
    at_once = await _impact(crowd, **change)
    crowd.world.instance.patience = 0.0

    query = IMPACT.replace("warnings", "job { id kind status } warnings")
    later = (await crowd.data(query, {"input": change}))["policyImpact"]
    job = await _ended(crowd, later["job"]["id"])

    assert (later["opens"], later["clicks"], later["subscribers"]) == ([], [], None)
    assert "The job has the figures" in later["notice"]
    assert (later["job"]["kind"], job["status"]) == ("policy_impact", "DONE")
    figures = ("opens", "clicks", "notice", "subscribers", "channels", "mailings")
    counted = job["counts"]
    counted["channels"] = [{key: each[key] for key in ("channel", "opens")} for each in counted["channels"]]
    counted["mailings"] = [{key: each[key] for key in ("mailingId", "opens")} for each in counted["mailings"]]
    assert {name: counted[name] for name in figures} == {name: at_once[name] for name in figures}
    assert (await crowd.data("{ settings { version } }"))["settings"] == {"version": 1}


async def test_x10_what_could_not_be_saved_becomes_no_job(crowd: Product) -> None:
    crowd.world.instance.patience = 0.0

    answer = await crowd.ask(IMPACT, {"input": {"refusedOpens": "PERSONAL"}})

    assert answer["errors"][0]["extensions"]["reason"] == "INVALID_SETTING"
    assert await crowd.world.rows("SELECT 1 FROM job") == []


async def test_x10_a_query_that_fails_elsewhere_makes_one_job_each_time(crowd: Product) -> None:
    """Its errors are the library's, which answers from the start; the document is known, so a plan could have begun."""
    crowd.world.instance.patience = 0.0
    query = """query ($input: UpdateSettingsInput!) { subscriber { id }
      policyImpact(input: $input) { job { id } } }"""

    for asked in range(1, 4):
        answer = await crowd.ask(query, {"input": {"unknownOpens": "ANONYMOUS"}})

        assert [error["path"] for error in answer["errors"]] == [["subscriber"]]
        assert len(await crowd.world.rows("SELECT 1 FROM job")) == asked


async def _ended(product: Product, job_id: str) -> dict:
    """A job of the account once a worker has done it, as the API shows it."""
    stop = asyncio.Event()
    worker = asyncio.create_task(work(product.world.instance, HANDLERS, stop))
    try:
        async with asyncio.timeout(60):
            while True:
                number = number_of(job_id, "Job")
                (row,) = await product.world.rows("SELECT status FROM job WHERE id = $1", number)
                if JobStatus(row["status"]).has_ended:
                    break
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await worker
    query = "query ($id: ID!) { node(id: $id) { ... on Job { status counts message } } }"
    found: dict = (await product.data(query, {"id": job_id}))["node"]
    return found
