"""The people who use an account."""

from app.storage.queries import load

SQL = load("users")
