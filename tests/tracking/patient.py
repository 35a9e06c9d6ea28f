"""The application as a worker builds it, but for time: how slow this machine is, is no test's question.

It is patient with its disk, and the minute in which the hits of a network are counted does not end.
"""

from app.journal.writer import JournalWriter
from app.main import create_application
from app.tracking.networks import EPOCH_SECONDS, Networks

__all__ = ["create_application"]

JournalWriter.__init__.__kwdefaults__["turn_patience"] = 60.0
Networks.__init__.__defaults__ = (lambda: 10.0 * EPOCH_SECONDS + 100,)
