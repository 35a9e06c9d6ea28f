"""Piccolo's mapping of the table that is worked on one row at a time: wordings.

The table itself is made by raw SQL in the migrations, so this class only describes it.
"""

from piccolo.columns import Array, BigInt, Bytea, Text, Timestamptz
from piccolo.table import Table

from app.storage.piccolo_engine import ENGINE


class Wording(Table, tablename="wording", db=ENGINE):
    """A text that is shown when somebody is asked. It never changes; its hash is part of the evidence."""

    id = BigInt(primary_key=True)
    account_id = BigInt()
    locale = Text()
    text = Text()
    purposes = Array(base_column=Text())
    hash = Bytea()
    created_at = Timestamptz()
