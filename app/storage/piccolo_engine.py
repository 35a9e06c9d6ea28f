"""The one engine that Piccolo's tables speak through. It shares the pool of `database`."""

from typing import Any

from piccolo.engine.postgres import PostgresEngine, PostgresTransaction


class GivenBack(PostgresTransaction):
    """A transaction that gives its connection back whatever happens to it.

    Piccolo's own keeps it for ever where the caller is cancelled while the transaction begins, or where it cannot be
    ended because the server went away; a few of these, and the pool is empty.
    """

    _pool: Any = None

    async def get_connection(self) -> Any:
        """Takes one from the pool of now, which may be another one later."""
        self._pool = self.engine.pool
        return await super().get_connection()  # type: ignore[no-untyped-call]  # Piccolo says no types here.

    async def begin(self) -> None:
        """Nobody ends what has not begun."""
        try:
            await self.transaction.start()
        except BaseException:
            await self._give_back()
            raise

    async def __aexit__(self, exception_type: object, exception: object, traceback: object) -> bool:
        """Commits, or takes back; an inner one leaves both to the outer."""
        if self._parent is None:
            try:
                await (self.transaction.commit() if exception is None else self.transaction.rollback())
            finally:
                self.engine.current_transaction.reset(self.context)
                await self._give_back()
        return exception is None

    async def _give_back(self) -> None:
        if self._pool is None:
            await self.connection.close()
        else:
            await self._pool.release(self.connection)


class QuietEngine(PostgresEngine):
    """Piccolo's engine, without the connection that it otherwise opens at import to learn a version."""

    async def check_version(self) -> None:
        """Our own start-up checks the server; importing a module connects to nothing."""

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:
        """A transaction that gives its connection back."""
        return GivenBack(engine=self, allow_nested=allow_nested)


ENGINE = QuietEngine(config={}, extensions=())
