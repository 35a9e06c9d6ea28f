"""Sign-up forms, the wordings they show, and the sign-ups that wait for a confirmation.

Wordings go through Piccolo, which uses the transaction that is open; so every caller has opened one.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.domain.attributes import AttributeType
from app.domain.form_fields import FormField
from app.domain.forms import Answers, FormAnswer, FormQuestion, Purpose
from app.domain.modes import Axis
from app.storage.database import Connection
from app.storage.queries import load
from app.storage.tables import Wording

SQL = load("sign_ups")


@dataclass(frozen=True, slots=True)
class WordingRow:
    """A text as it is shown; `hash` is SHA-256 over its locale and itself."""

    id: int
    account_id: int
    locale: str
    text: str
    purposes: tuple[Purpose, ...]
    hash: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FormRow:
    """One sign-up form as stored.

    `translations` are the wording in other languages; `former_wordings` are those that pages out there may still show.
    """

    id: int
    account_id: int
    name: str
    list_id: int | None
    asks: FormQuestion
    double_opt_in: bool
    wording_id: int | None
    allowed_origins: tuple[str, ...]
    allowed_redirects: tuple[str, ...]
    locales: tuple[str, ...]
    created_at: datetime
    fields: tuple[FormField, ...] = ()
    translations: tuple[int, ...] = ()
    former_wordings: tuple[int, ...] = ()

    @property
    def wordings(self) -> tuple[int, ...]:
        """What the form asks with now: the wording that it falls back to, then those in other languages."""
        return () if self.wording_id is None else (self.wording_id, *self.translations)


@dataclass(frozen=True, slots=True)
class PendingSignUp:
    """A sign-up that waits, or has waited, for its confirmation.

    `address` stands only where nobody has it: the person was erased, and has not confirmed yet to be back.
    """

    id: UUID
    account_id: int
    form_id: int
    subscriber_id: UUID
    answers: Answers
    wording_id: int | None
    created_at: datetime
    confirmed_at: datetime | None = None
    address: str | None = None


async def add_wording(row: WordingRow) -> None:
    """Adds a wording."""
    wording = Wording(
        id=row.id,
        account_id=row.account_id,
        locale=row.locale,
        text=row.text,
        purposes=[purpose.value for purpose in row.purposes],
        hash=row.hash,
        created_at=row.created_at,
    )
    await Wording.insert(wording)


async def wordings_by_hash(account_id: int, digest: bytes) -> list[WordingRow]:
    """The wordings of an account with this hash, oldest first; they differ in their purposes only."""
    rows = await (
        Wording.select()
        .where((Wording.account_id == account_id) & (Wording.hash == digest))
        .order_by(Wording.id)
    )
    return [_wording(row) for row in rows]


async def wording(account_id: int, wording_id: int) -> WordingRow | None:
    """One wording of the account."""
    row = (
        await Wording.select().where((Wording.id == wording_id) & (Wording.account_id == account_id)).first()
    )
    return None if row is None else _wording(row)


def _wording(row: dict[str, object]) -> WordingRow:
    purposes = tuple(Purpose(each) for each in row.pop("purposes"))  # type: ignore[attr-defined]
    return WordingRow(purposes=purposes, **row)  # type: ignore[arg-type]


async def add_form(connection: Connection, row: FormRow) -> None:
    """Adds a form."""
    await connection.execute(SQL.insert_form, *_columns(row), row.created_at)


async def save_form(connection: Connection, row: FormRow) -> None:
    """Writes a form that was changed."""
    await connection.execute(SQL.save_form, *_columns(row))


def _columns(row: FormRow) -> tuple[object, ...]:
    fields = [{**asdict(each), "type": each.type.value} for each in row.fields]
    asked = (
        row.asks.value,
        row.double_opt_in,
        row.wording_id,
        list(row.translations),
        list(row.former_wordings),
    )
    trusted = (list(row.allowed_origins), list(row.allowed_redirects), list(row.locales))
    return (row.id, row.account_id, row.name, row.list_id, *asked, *trusted, fields)


async def form_anywhere(connection: Connection, form_id: int) -> FormRow | None:
    """The form that an address names; forms are public, so the id alone is enough."""
    row = await connection.fetchrow(SQL.form_anywhere, form_id)
    return None if row is None else _form(row)


async def locked_form(connection: Connection, account_id: int, form_id: int) -> FormRow | None:
    """A form of the account, locked until the transaction ends."""
    row = await connection.fetchrow(SQL.lock_form, form_id, account_id)
    return None if row is None else _form(row)


async def forms_by_ids(connection: Connection, account_id: int, ids: list[int]) -> list[FormRow]:
    """The given forms of one account."""
    return [_form(row) for row in await connection.fetch(SQL.forms_by_ids, account_id, ids)]


def _form(row: asyncpg.Record) -> FormRow:
    names = ("translations", "former_wordings", "allowed_origins", "allowed_redirects", "locales")
    fields = tuple(FormField(**{**each, "type": AttributeType(each["type"])}) for each in row["fields"])
    lists = {name: tuple(row[name]) for name in names}
    return FormRow(**{**row, **lists, "asks": FormQuestion(row["asks"]), "fields": fields})


async def add_pending(connection: Connection, row: PendingSignUp) -> None:
    """Adds a sign-up that waits."""
    await connection.execute(
        SQL.insert,
        row.id,
        row.account_id,
        row.form_id,
        row.subscriber_id,
        row.answers[Axis.OPENS].value,
        row.answers[Axis.CLICKS].value,
        row.wording_id,
        row.created_at,
        row.address,
    )


async def pending(connection: Connection, form_id: int, pending_id: UUID) -> PendingSignUp | None:
    """One sign-up of a form."""
    return _pending(await connection.fetchrow(SQL.by_id, pending_id, form_id))


async def pending_of_letter(
    connection: Connection, account_id: int, pending_id: UUID
) -> PendingSignUp | None:
    """The sign-up that a letter asks to confirm."""
    return _pending(await connection.fetchrow(SQL.of_letter, pending_id, account_id))


async def locked_pending(connection: Connection, form_id: int, pending_id: UUID) -> PendingSignUp | None:
    """One sign-up of a form, locked until the transaction ends."""
    return _pending(await connection.fetchrow(SQL.lock, pending_id, form_id))


def _pending(row: asyncpg.Record | None) -> PendingSignUp | None:
    if row is None:
        return None
    return PendingSignUp(
        id=row["id"],
        account_id=row["account_id"],
        form_id=row["form_id"],
        subscriber_id=row["subscriber_id"],
        answers={Axis.OPENS: FormAnswer(row["opens"]), Axis.CLICKS: FormAnswer(row["clicks"])},
        wording_id=row["wording_id"],
        created_at=row["created_at"],
        confirmed_at=row["confirmed_at"],
        address=row["address"],
    )
