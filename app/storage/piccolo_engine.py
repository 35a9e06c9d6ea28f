"""The one engine that Piccolo's tables speak through. It shares the pool of `database`."""

from piccolo.engine.postgres import PostgresEngine


class QuietEngine(PostgresEngine):
    """Piccolo's engine, without the connection that it otherwise opens at import to learn a version."""

    async def check_version(self) -> None:
        """Our own start-up checks the server; importing a module connects to nothing."""


ENGINE = QuietEngine(config={}, extensions=())
