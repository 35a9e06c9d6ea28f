"""What operations cost their caller: each is paid for before it runs, and refused when the budget is used up.

The answer is RATE_LIMITED with `extensions.retryAfter` in seconds; over HTTP it is 429 with `Retry-After`, under both
media types, since whoever waits for their turn reads the head and not the body. Over a socket it is an `error` message.

What is sent is paid for as well, before it is read: making an object of each value takes about as many microseconds as there
are values, and 8 MB of `[]` would hold a worker for seconds, whatever the limits say of them afterwards.
"""

from math import ceil

from graphql import GraphQLError

from app.budgets import Wait
from app.domain.principal import Principal
from graphql_schema.context import Context, Meter
from graphql_schema.errors import Code, refusal

RETRY_AFTER = "retryAfter"

READ_FOR_NOTHING = 10_000
"""Of bytes; no operation is so cheap that reading so few of them would matter beside it."""
_MARKS = (b",", b"[", b"{")


def metered(wait: Wait) -> Meter:
    """The meter of all operations of one door."""

    def pay(principal: Principal, cost: int) -> list[GraphQLError]:
        seconds = ceil(wait(principal.token_id, cost))
        if not seconds:
            return []
        error = refusal(
            Code.RATE_LIMITED,
            f"This token has spent its budget. The query costs {cost}; try again in {seconds} s, or ask for less at once.",
        )
        error.extensions = {**(error.extensions or {}), RETRY_AFTER: seconds}
        return [error]

    return pay


def retry_after(errors: list[GraphQLError]) -> int | None:
    """How many seconds a refused request has to wait."""
    found: list[int] = [
        e.extensions[RETRY_AFTER] for e in errors if e.extensions and RETRY_AFTER in e.extensions
    ]
    return found[0] if found else None


def unpaid_reading(context: Context, content: bytes) -> list[GraphQLError]:
    """What keeps JSON from being read: its reading is paid for first, by the kilobyte and by the value."""
    if len(content) <= READ_FOR_NOTHING:
        return []
    return context.pay(len(content) // 1_000 + sum(content.count(mark) for mark in _MARKS))
