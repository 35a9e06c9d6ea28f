"""Making, changing and deleting segments, and saying of which type attributes are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.actions.unit import Unit
from app.domain.attributes import attribute_type
from app.domain.errors import Forbidden, LimitExceeded, NotFound
from app.domain.segment_documents import to_document
from app.domain.segments import compares_attributes
from app.domain.texts import checked_name
from app.storage import segments

MOST_ATTRIBUTES = 500
"""How many attributes an account defines at most."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Whether whoever writes a rule may compare attributes in it: nobody may who is not shown them."""

    sees_people: bool


async def create_segment(
    unit: Unit, writer: Writer, name: str, rule: object, *, include_unmeasured: bool
) -> int:
    """Makes a segment and returns its id. Raises `InvalidValue`, `InvalidRule`, `NotFound`, `Forbidden`."""
    checked, document = checked_name(name), await _document(unit, writer, rule)
    segment_id = unit.instance.new_id()
    await unit.connection.execute(
        segments.SQL.insert, segment_id, unit.account_id, checked, include_unmeasured, document, unit.now
    )
    return segment_id


async def update_segment(unit: Unit, writer: Writer, segment_id: int, changes: Mapping[str, Any]) -> None:
    """Writes the next version of a segment; `changes` are `name`, `rule`, `include_unmeasured`, as far as they change.

    Raises as `create_segment`.
    """
    record = await unit.connection.fetchrow(segments.SQL.lock, unit.account_id, segment_id)
    if record is None:
        raise NotFound(path=("id",))
    row = segments.from_record(record)
    await unit.connection.execute(
        segments.SQL.update,
        unit.account_id,
        segment_id,
        checked_name(changes["name"]) if "name" in changes else row.name,
        changes.get("include_unmeasured", row.include_unmeasured),
        await _document(unit, writer, changes["rule"]) if "rule" in changes else row.document,
        unit.now,
    )


async def delete_segment(unit: Unit, segment_id: int) -> None:
    """Deletes a segment. Raises `NotFound`."""
    if await unit.connection.fetchval(segments.SQL.delete, unit.account_id, segment_id) is None:
        raise NotFound(path=("id",))


async def define_attribute(unit: Unit, name: str, named_type: str | None) -> None:
    """Says of which type an attribute is for rules that are written from now on. Raises `InvalidValue`."""
    checked, chosen = checked_name(name), attribute_type(named_type, "type")
    known = await segments.definitions(unit.connection, unit.account_id)
    if checked not in known and len(known) >= MOST_ATTRIBUTES:
        message = f"An account defines at most {MOST_ATTRIBUTES} attributes."
        raise LimitExceeded(message, path=("name",))
    await unit.connection.execute(segments.SQL.define, unit.account_id, checked, chosen.value, unit.now)


async def _document(unit: Unit, writer: Writer, rule: object) -> dict[str, Any]:
    read = await segments.known_rule(unit.connection, unit.account_id, rule)
    if compares_attributes(read) and not writer.sees_people:
        message = "A rule on attributes needs the scope personal:read."
        raise Forbidden(message, path=("rule",))
    return to_document(read)
