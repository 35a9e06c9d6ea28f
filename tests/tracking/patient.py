"""The application as a worker builds it, but for its patience with a disk: how slow this machine is, is no test's question."""

from app.journal.writer import JournalWriter
from app.main import create_application

__all__ = ["create_application"]

JournalWriter.__init__.__kwdefaults__["turn_patience"] = 60.0
