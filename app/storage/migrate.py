"""Brings a database up to date: Piccolo's migrations, the job queue, partitions, and what the application may do.

The migrations run in one transaction as the owner, so a database is either at the new version or untouched. The job
queue is its library's own, in a schema of its own, and is brought up to date by that library.
"""

import os
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.table import Table

from app.storage import queue
from app.storage.partitions import make_partitions

_LOCK = 7_205_113_840
"""Names the advisory lock that lets one migration run at a time; any fixed number does."""


class RawTable(Table):
    """Runs SQL that belongs to no table of Piccolo's."""


async def migrate(owner_dsn: str, application_role: str | None = None) -> None:
    """Migrates the database at `owner_dsn`, and grants `application_role` what the application needs.

    The application may only add to and read the permission ledger, its anchors and wordings. With `application_role` None, or the owner
    itself, nothing is granted: one role does both.
    """
    await _run_migrations(owner_dsn)
    connection = await asyncpg.connect(owner_dsn)
    try:
        await _install_queue(connection)
        async with connection.transaction():
            await make_partitions(connection, datetime.now(UTC))
            await _grant(connection, application_role)
    finally:
        await connection.close()


async def _install_queue(connection: asyncpg.Connection) -> None:
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        await queue.install(connection)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def _run_migrations(owner_dsn: str) -> None:
    os.environ["PICCOLO_CONF"] = "app.storage.piccolo_conf"
    from app.storage.piccolo_conf import DB  # Piccolo looks its configuration up by the name just set.

    config, pool = DB.config, DB.pool
    DB.config, DB.pool = {"dsn": owner_dsn}, None
    try:
        with redirect_stdout(StringIO()) as said:
            async with DB.transaction():
                await RawTable.raw("SELECT pg_advisory_xact_lock({})", _LOCK)
                result = await run_forwards("assent")
    finally:
        DB.config, DB.pool = config, pool
    if not result.success:
        message = f"The migration failed: {result.message or said.getvalue()}"
        raise RuntimeError(message)


async def _grant(connection: asyncpg.Connection, role: str | None) -> None:
    owner = await connection.fetchval("SELECT current_user")
    if role is None or role == owner:
        return
    name = await connection.fetchval("SELECT quote_ident($1)", role)
    await connection.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
    await connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
    await connection.execute(f"REVOKE UPDATE, DELETE ON permission_line, ledger_anchor, wording FROM {name}")
    await connection.execute(f"GRANT EXECUTE ON FUNCTION erase_ledger_texts(uuid) TO {name}")
    await queue.grant(connection, name)
