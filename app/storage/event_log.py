"""The log of events: what is read to show it. Rows of it are not to be shown as they are: see `disclosure.event_log`."""

from app.storage.queries import load

SQL = load("event_log")
