"""The pool of connections, and the two ways to use it: a transaction to write, a connection to read.

The database may be away; hits do not need it, everything else answers `DatabaseAway` until it is back.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from app.domain.errors import Conflict
from app.storage.piccolo_engine import ENGINE

_JSON_TYPES = ("json", "jsonb")
_AS_READER = "SET LOCAL application_name = 'reader of assent'"
"""A transaction that only reads may take its time: feeds wait for those named `assent` alone."""
_READING = "SET LOCAL statement_timeout = 0; SET LOCAL jit = off; " + _AS_READER
_LONGEST_PAUSE_MS = 300_000
"""A transaction in which nothing happens for so long belongs to a process that hangs, and would hold up feeds for ever."""
_SESSION = {"application_name": "assent", "timezone": "UTC"}

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
"""What statements run on: a connection of the pool, inside a transaction or not."""

Record = asyncpg.Record
"""One row as it comes, for whoever hands it on without looking in."""


class DatabaseAway(Exception):
    """The database does not answer right now. Nothing was changed; try again shortly."""


AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
    asyncio.TimeoutError,
)
"""What a database that is away looks like from here."""

CUT_OFF = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
"""What a statement looks like that others held up, or that took too long: the same one may go through a little later."""

UNWRITABLE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    ValueError,
    ArithmeticError,
)
"""What it looks like that a row fits into no table: trying it again would not help."""


class _Quiet(asyncpg.Connection):
    """A connection that is not asked to forget anything when it goes back: nothing here outlives a transaction.

    No statement sets a session up, listens, or locks beyond its transaction, and asking costs a round trip each time.
    An open transaction is still rolled back.
    """

    def get_reset_query(self) -> str:
        return ""


async def _prepare(connection: asyncpg.Connection) -> None:
    for name in _JSON_TYPES:
        await connection.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def hold_up_no_feed(connection: Connection) -> None:
    """For a transaction that reads for long: feeds do not wait for it. Nothing that they show may be written in it."""
    await connection.execute(_AS_READER)


class Database:
    """A pool that opens itself when first needed, so that a server can start while PostgreSQL is away."""

    def __init__(self, dsn: str, *, size: int = 10, statement_timeout: float = 30.0) -> None:
        """`size` is the most connections at once; `statement_timeout` is in seconds."""
        self._dsn = dsn
        self._size = size
        self._timeout = statement_timeout
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def pool(self) -> asyncpg.Pool:
        """The open pool. Raises `DatabaseAway`."""
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await self._open()
                    # Piccolo's tables speak through the same pool, so one transaction spans them and raw SQL.
                    ENGINE.pool = self._pool
        return self._pool

    async def _open(self) -> asyncpg.Pool:
        try:
            return await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=self._size,
                init=_prepare,
                connection_class=_Quiet,
                server_settings={
                    "statement_timeout": str(int(self._timeout * 1000)),
                    "idle_in_transaction_session_timeout": str(_LONGEST_PAUSE_MS),
                    **_SESSION,
                },
            )
        except AWAY as away:
            raise DatabaseAway from away

    async def own_connection(self, purpose: str) -> asyncpg.Connection:
        """A connection beside the pool, for who listens or waits for long; the caller closes it.

        `purpose` stands in its name, as the server's administrator sees it.
        """
        session = {**_SESSION, "application_name": f"assent {purpose}"}
        connection = await asyncpg.connect(self._dsn, server_settings=session)
        await _prepare(connection)
        return connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection to read with, outside any transaction. Raises `DatabaseAway`."""
        pool = await self.pool()
        try:
            async with pool.acquire(timeout=10) as connection:
                yield connection
        except AWAY as away:
            raise DatabaseAway from away

    @asynccontextmanager
    async def patient_connection(self) -> AsyncIterator[Connection]:
        """As `connection`, for who tries again anyway: what was cut off for a timeout or a lock is `DatabaseAway` as well."""
        async with self.connection() as connection:
            try:
                yield connection
            except CUT_OFF as cut:
                raise DatabaseAway from cut

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A connection that reads everything as it is now, for as long as it takes. Raises `DatabaseAway`."""
        async with (
            self.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(_READING)
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction that commits when the block ends well and leaves nothing behind when it does not.

        Raises `DatabaseAway`, and `Conflict` where it got in the way of another one.
        """
        _ = await self.pool()
        try:
            async with ENGINE.transaction() as transaction:
                yield transaction.connection
        except AWAY as away:
            raise DatabaseAway from away
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as clash:
            raise Conflict from clash

    async def fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """The rows of one statement on a connection of its own."""
        async with self.connection() as connection:
            return await connection.fetch(query, *values)

    async def close(self) -> None:
        """Closes every connection; the pool opens itself again if it is needed again."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = ENGINE.pool = None
