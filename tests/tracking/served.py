"""The door alone, for a real server: journals in `ASSENT_DATA`, the key of the tests."""

import os
from pathlib import Path

from app.journal.records import ANONYMOUS, PERSONAL
from app.journal.writer import JournalWriter
from app.sealing.keyring import Keyring
from app.tracking.door import TrackingDoor

_data = Path(os.environ["ASSENT_DATA"])

door = TrackingDoor(
    Keyring([b"the secret of these tests"]),
    JournalWriter(_data, PERSONAL, turn_patience=60),
    JournalWriter(_data, ANONYMOUS, turn_patience=60),
    tracking_on=True,
)
