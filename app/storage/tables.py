"""Piccolo's mappings of the tables that are worked on one at a time: forms and wordings.

The tables themselves are made by raw SQL in the migrations, so these classes only describe them.
"""

from piccolo.columns import Array, BigInt, Boolean, Bytea, Text, Timestamptz
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


class Form(Table, tablename="form", db=ENGINE):
    """A sign-up form: what it asks, for which list, and who may embed it."""

    id = BigInt(primary_key=True)
    account_id = BigInt()
    name = Text()
    list_id = BigInt(null=True)
    asks = Text()
    double_opt_in = Boolean()
    wording_id = BigInt(null=True)
    allowed_origins = Array(base_column=Text())
    allowed_redirects = Array(base_column=Text())
    locales = Array(base_column=Text())
    created_at = Timestamptz()
