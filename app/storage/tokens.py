"""API tokens. Only hashes are stored, so the look-up is by hash."""

from app.storage.queries import load

SQL = load("tokens")
