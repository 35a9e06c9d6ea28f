"""Every question that the API answers about a mailing and its people, for laws that must hold whatever is asked.

A new way of asking is one more entry: a name, and a query over the variables `mailing`, `others` and `person`.
"""

from collections.abc import Sequence
from typing import Any

from app.domain.principal import SCOPES
from tests.exports.shelf import Shelf
from tests.graphql_schema.product import IMPERSONAL, Product
from tests.web.report_pages import Seen

FIGURE = "{ value shown }"
RATE = "{ value lower upper basis shown }"
REPORT = f"""sent delivered bounced measured {{ opens clicks }} coverage {{ opens clicks }}
  opens {FIGURE} uniqueOpens {FIGURE} clicks {FIGURE} uniqueClicks {FIGURE}
  openRate {RATE} clickRate {RATE} clickToOpenRate {RATE} links {{ url clicks {FIGURE} uniqueClicks {FIGURE} }}
  byClientClass {{ clientClass opens {FIGURE} clicks {FIGURE} }}"""
TIMES = f"{{ at opens {FIGURE} clicks {FIGURE} }}"
DELIVERY = f"""id sentAt deliveredAt bouncedAt opensMode clicksMode opens {FIGURE} clicks {FIGURE}
  firstOpenedAt lastOpenedAt clickedLinks"""
LOG = "{ totalCount edges { node { kind occurredAt sentAt templateId email messageId link clientClass } } }"
COUNTS = "{ matching notMatching unmeasured }"
PEOPLE = "{ matching notMatching unmeasured subscribers { totalCount edges { node { id } } } }"

REPORT_URL = "query ($mailing: ID!) { mailing(id: $mailing) { reportUrl } }"

QUESTIONS = {
    "report": f"query ($mailing: ID!) {{ mailing(id: $mailing) {{ report {{ {REPORT} }} }} }}",
    "days": f"query ($mailing: ID!) {{ mailing(id: $mailing) {{ report {{ timeline(bucket: DAY) {TIMES} }} }} }}",
    "hours": f"query ($mailing: ID!) {{ mailing(id: $mailing) {{ report {{ timeline(bucket: HOUR) {TIMES} }} }} }}",
    "together": f"""query ($others: [ID!]!) {{ report(mailingIds: $others) {{ {REPORT}
      timeline(bucket: DAY) {TIMES} }} }}""",
    "account": f"{{ report {{ {REPORT} }} }}",
    "by page": f"{{ mailings(filter: {{tracked: true}}) {{ totalCount edges {{ node {{ id report {{ {REPORT} }} }} }} }} }}",
    "deliveries": f"""query ($mailing: ID!) {{ mailing(id: $mailing) {{ links {{ url }} deliveries(first: 50) {{ totalCount
      edges {{ node {{ {DELIVERY} }} }} }} }} }}""",
    "log": f"{{ eventLog(channel: CAMPAIGN, first: 200) {LOG} }}",
    "log of it": f"""query ($mailing: ID!) {{ eventLog(channel: CAMPAIGN, first: 200, filter: {{mailingId: $mailing}})
      {LOG} }}""",
    "people": f"""{{ subscribers(first: 50, orderBy: EMAIL) {{ totalCount edges {{ node {{ id engagement
      overview {{ sent {FIGURE} delivered {FIGURE} opens {FIGURE} clicks {FIGURE} }} }} }} }} }}""",
    "person": f"""query ($person: ID!) {{ subscriber(id: $person) {{ engagement deliveries {{ totalCount
      edges {{ node {{ {DELIVERY} }} }} }} permissionHistory {{ totalCount }} }} }}""",
    **{
        f"contacts {metric}": f"""query ($mailing: ID!) {{ mailing(id: $mailing) {{ report {{
          contacts(metric: {metric}) {PEOPLE} }} }} }}"""
        for metric in ("SENT", "DELIVERED", "BOUNCED", "OPENS", "CLICKS")
    },
    **{
        f"segment {rule}": f"{{ segmentPreview(rule: {{ {rule} }}) {PEOPLE} }}"
        for rule in (
            "opened: {}",
            "clicked: {withinDays: 7}",
            "not: {opened: {}}",
            "engagement: {is: [ACTIVE]}",
            "all: [{sent: {}}, {clicked: {atMost: 0}}]",
        )
    },
}
IMPERSONAL_QUESTIONS = ("report", "days", "hours", "together", "deliveries", "people", "log", "log of it")
FILES: Sequence[dict[str, str]] = (
    {"kind": "CAMPAIGN"},
    {"kind": "EVENT_LOG", "channel": "CAMPAIGN"},
    {"kind": "SUBSCRIBERS"},
)


async def everything(product: Product, mailing: str, others: list[str], person: str) -> dict[str, Any]:
    """The answer to every question, asked twice where repeating might tell more, and without seeing people."""
    variables = {"mailing": mailing, "others": others, "person": person}
    answers: dict[str, Any] = {}
    for name, query in QUESTIONS.items():
        used = {key: value for key, value in variables.items() if f"${key}" in query}
        answers[name] = await product.ask(query, used)
        assert "errors" not in answers[name], (name, answers[name])
        if name in IMPERSONAL_QUESTIONS:
            answers[f"{name}, seeing nobody"] = await product.ask(query, used, scopes=IMPERSONAL)
            assert await product.ask(query, used) == answers[name]
    return answers


async def files(shelf: Shelf, mailing: str) -> dict[str, list[str]]:
    """The lines of every file, with and without seeing people; those of nobody are shuffled, so in no order."""
    found: dict[str, list[str]] = {}
    for scopes in (SCOPES, IMPERSONAL):
        for given in FILES:
            named = {} if given["kind"] == "SUBSCRIBERS" else {"mailingId": mailing}
            text = await shelf.text(scopes, **given, **named)
            found[f"{given['kind']}, {len(scopes)} scopes"] = sorted(text.splitlines())
    return found


async def page(shelf: Shelf, mailing: str) -> str:
    """The words of a mailing's report page."""
    url = (await shelf.product.data(REPORT_URL, {"mailing": mailing}))["mailing"]["reportUrl"]
    answer = await shelf.client.get(url, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return Seen(answer.text).text
