"""What an operator should know about the database: whether it answers, and whether its roles are apart."""

from app.instance import Instance
from app.storage.database import DatabaseAway
from app.storage.queries import load

SQL = load("health")

_ONE_ROLE = (
    "The application's database role may change the ledger: give it a role of its own (DATABASE_URL) "
    "beside the owner's (ASSENT_OWNER_DATABASE_URL)."
)


async def database_warnings(instance: Instance) -> list[str]:
    """Sentences for an operator; none where all is well."""
    try:
        rows = await instance.database.fetch(SQL.may_rewrite)
    except DatabaseAway:
        return ["The database does not answer: hits are journalled and wait, everything else has to."]
    if rows[0][0]:
        return [_ONE_ROLE]
    return []
