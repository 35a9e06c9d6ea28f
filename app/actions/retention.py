"""Sets for how long an account keeps a kind of data; a version of the settings like any other change."""

from app.actions.accounts import SettingsChange, update_settings
from app.actions.unit import Unit
from app.domain.errors import RequestError
from app.domain.retention import DataKind


async def set_retention(unit: Unit, kind: DataKind, days: int | None) -> list[RequestError]:
    """Keeps a kind for so many days, or as long as unless set where None; returns why nothing was changed."""
    kept = dict((await unit.settings()).settings.retention_days)
    if days is None:
        kept.pop(kind.value, None)
    else:
        kept[kind.value] = days
    _, problems = await update_settings(unit, SettingsChange({"retention_days": kept}, {}, ()))
    # The caller named the days of one kind, not the settings that hold them.
    return [_of_the_days(problem) for problem in problems]


def _of_the_days(problem: RequestError) -> RequestError:
    if problem.path[:1] != ("retentionDays",):
        return problem
    return type(problem)(problem.message, path=("days",))
