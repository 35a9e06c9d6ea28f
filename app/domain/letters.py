"""Letters, our own mails: when one that could not be mailed is tried again, and what becomes of it.

    the server says                              then
    250                                          SENT
    4xx, or nothing: refused, timed out, no TLS  tried again after a pause that doubles from a minute to an hour
    5xx to the connection or the password        the same: that is the operator's to mend, and no fault of the letter
    5xx to the sender, the recipient, the text   REFUSED
    still no 250 after a day                     GIVEN_UP
    (was not asked: there is nobody to write to  GONE
     any more, or nothing to say)

Source: RFC 5321 §4.2.1, §4.5.4.1.
"""

from datetime import datetime, timedelta
from enum import StrEnum, unique

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
PATIENCE = timedelta(days=1)


@unique
class LetterKind(StrEnum):
    """What a letter is for."""

    LINK = "LINK"
    """Brings a private link to who asked for one."""
    CONFIRM = "CONFIRM"
    """Asks somebody to confirm a sign-up."""
    ASK = "ASK"
    """Asks for permission."""


@unique
class LetterFate(StrEnum):
    """What became of a letter, by the table at the top."""

    SENT = "SENT"
    REFUSED = "REFUSED"
    GIVEN_UP = "GIVEN_UP"
    GONE = "GONE"


def next_try(created_at: datetime, attempts: int, now: datetime) -> timedelta | None:
    """How long to wait after so many attempts that failed; None where it is given up."""
    # Doubled six times it is over an hour, so a higher power says nothing new.
    pause = min(FIRST_PAUSE * 2 ** min(max(attempts - 1, 0), 6), LONGEST_PAUSE)
    return pause if now + pause - created_at <= PATIENCE else None
