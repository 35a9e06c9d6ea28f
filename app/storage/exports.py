"""Exports: what was asked for, whose it is, and which file it has become."""

from app.storage.queries import load

SQL = load("exports")
