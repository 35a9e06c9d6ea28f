"""Why a start can fail. Each message is one sentence for the person at the terminal: what, why, what to do.

CannotStart
├── AlreadyRunning      another instance holds the lock of the data folder
└── PostgresUnavailable  the embedded server cannot be made or started here
"""


class CannotStart(Exception):
    """The start was given up; nothing keeps running and nothing was broken."""


class AlreadyRunning(CannotStart):
    """Another instance works on this data folder; it goes on undisturbed."""


class PostgresUnavailable(CannotStart):
    """The embedded PostgreSQL cannot be created or started."""
