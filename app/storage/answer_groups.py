"""How many people of an account stand at which answer, counted in one statement however many they are."""

from datetime import datetime

from app.domain.modes import Axis
from app.domain.permission import Permission, Reason
from app.domain.what_if import AnswerGroup
from app.storage import subscribers
from app.storage.database import Connection


async def answer_groups(
    connection: Connection, account_id: int, expired_before: datetime | None, expired_after: datetime | None
) -> tuple[int, list[AnswerGroup]]:
    """How many people there are, and their groups on both axes.

    A YES given at or before `expired_before` has run out under the settings in force, one given at or before
    `expired_after` under the new ones; None means that none ever does.
    The caller has a transaction open, in which the statement may take as long as it does.
    """
    await connection.execute(subscribers.SQL.without_hurry)
    rows = await connection.fetch(subscribers.SQL.answers, account_id, expired_before, expired_after)
    groups = [
        AnswerGroup(
            axis=axis,
            value=Permission(row[f"{name}_value"]),
            reason=None if row[f"{name}_reason"] is None else Reason(row[f"{name}_reason"]),
            lapsed_before=row[f"{name}_before"],
            lapsed_after=row[f"{name}_after"],
            people=row["people"],
        )
        for row in rows
        for axis, name in ((Axis.OPENS, "opens"), (Axis.CLICKS, "clicks"))
    ]
    return sum(row["people"] for row in rows), _joined(groups)


def _joined(groups: list[AnswerGroup]) -> list[AnswerGroup]:
    # One axis at a time: people who differ on the other one stand in the same group here.
    people: dict[tuple[Axis, Permission, Reason | None, bool, bool], int] = {}
    for each in groups:
        key = each.axis, each.value, each.reason, each.lapsed_before, each.lapsed_after
        people[key] = people.get(key, 0) + each.people
    return [AnswerGroup(*key, people=count) for key, count in people.items()]
