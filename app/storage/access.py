"""What was recorded of one person, for that person."""

from app.storage.queries import load

SQL = load("access")
