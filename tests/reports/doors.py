"""Every question that the API answers about a mailing and its people, for laws that must hold whatever is asked.

A new way of asking is one more entry: a name, and a query over the variables `mailing`, `others` and `person`.
"""

from typing import Any

from app.domain.principal import SCOPES
from tests.graphql_schema.product import Product

FIGURE = "{ value shown }"
RATE = "{ value lower upper basis shown }"
REPORT = f"""sent delivered bounced measured {{ opens clicks }} coverage {{ opens clicks }}
  opens {FIGURE} uniqueOpens {FIGURE} clicks {FIGURE} uniqueClicks {FIGURE}
  openRate {RATE} clickRate {RATE} clickToOpenRate {RATE} links {{ url clicks {FIGURE} uniqueClicks {FIGURE} }}
  byClientClass {{ clientClass opens {FIGURE} clicks {FIGURE} }}"""
TIMES = f"{{ at opens {FIGURE} clicks {FIGURE} }}"
DELIVERY = f"""id sentAt deliveredAt bouncedAt opensMode clicksMode opens {FIGURE} clicks {FIGURE}
  firstOpenedAt lastOpenedAt clickedLinks"""
COUNTS = "{ matching notMatching unmeasured }"
PEOPLE = "{ matching notMatching unmeasured subscribers { totalCount edges { node { id } } } }"

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
IMPERSONAL_QUESTIONS = ("report", "days", "hours", "together", "deliveries", "people")


async def everything(product: Product, mailing: str, others: list[str], person: str) -> dict[str, Any]:
    """The answer to every question, asked twice where repeating might tell more, and without seeing people."""
    variables = {"mailing": mailing, "others": others, "person": person}
    answers: dict[str, Any] = {}
    for name, query in QUESTIONS.items():
        used = {key: value for key, value in variables.items() if f"${key}" in query}
        answers[name] = await product.ask(query, used)
        assert "errors" not in answers[name], (name, answers[name])
        if name in IMPERSONAL_QUESTIONS:
            answers[f"{name}, seeing nobody"] = await product.ask(
                query, used, scopes=SCOPES - {"personal:read"}
            )
            assert await product.ask(query, used) == answers[name]
    return answers
