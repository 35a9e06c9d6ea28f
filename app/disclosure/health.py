"""What an operator should know: whether the database answers, its roles are apart, and all chores were done."""

from datetime import timedelta

from app.instance import Instance
from app.storage import jobs, letters
from app.storage.database import DatabaseAway
from app.storage.queries import load

SQL = load("health")

_ONE_ROLE = (
    "The application's database role may change the ledger: give it a role of its own (DATABASE_URL) "
    "beside the owner's (ASSENT_OWNER_DATABASE_URL)."
)

_FAILED = "The chore {} failed the last time: the log says why, and it is tried again within the hour."


async def database_warnings(instance: Instance) -> list[str]:
    """Sentences for an operator; none where all is well."""
    try:
        rows = await instance.database.fetch(SQL.may_rewrite)
        failed = await instance.database.fetch(jobs.SQL.failed_chores)
        unsent = await _letters(instance)
    except DatabaseAway:
        return ["The database does not answer: hits are journalled and wait, everything else has to."]
    sentences = [_ONE_ROLE] if rows[0][0] else []
    return [*sentences, *(_FAILED.format(row["kind"]) for row in failed), *unsent]


async def _letters(instance: Instance) -> list[str]:
    """What became of our own mails since yesterday, in numbers that name nobody."""
    yesterday = (instance.clock() - timedelta(days=1)).date()
    ((waiting, lost),) = await instance.database.fetch(letters.SQL.health, yesterday)
    said = []
    if waiting:
        said.append(
            f"Letters that could not be mailed yet and are tried again (see ASSENT_SMTP_URL): {waiting}."
        )
    if lost:
        said.append(f"Letters that were refused or given up since yesterday: {lost}.")
    return said
