"""What a file of people and answers is read as: its dialect, its header, what its caller says, and what can be wrong.

Theory: a file has a header, and the dialect says which of its columns hold answers. Names of columns are read in any
case, with space around them left out. What the cells of a row then mean is said in `import_rows`.

    dialect        columns of answers
    PERMISSION     permission, permission_opens, permission_clicks
    DO_NOT_TRACK   DoNotTrack (asked the other way round)

`permission_source` (free words, kept as evidence) and `permission_date` back a row's answers. Columns of no meaning
here are attributes of the person; `attribute:` in front of a name says that it is one, whatever it is called.

A file that holds answers of the other dialect is refused whole, since reading past a refusal would be the worst
mistake of all.

Source: domain.md §3 (imports); rows M1, M6, M7, C8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum, unique

from app.domain.errors import InvalidValue
from app.domain.moments import moment_in_utc

LONGEST_SOURCE = 500
LONGEST_NAME = 100
MOST_COLUMNS = 200


@unique
class Dialect(StrEnum):
    """Which columns hold the answers."""

    PERMISSION = "permission"
    DO_NOT_TRACK = "do_not_track"


@unique
class EmptyMeans(StrEnum):
    """What an empty DoNotTrack cell says."""

    UNCHANGED = "unchanged"
    FALSE = "false"


@unique
class FlawCode(StrEnum):
    """What is wrong with a row or a cell; part of what callers see."""

    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_VALUE = "INVALID_VALUE"
    INVALID_DATE = "INVALID_DATE"
    MALFORMED_ROW = "MALFORMED_ROW"
    TOO_LONG = "TOO_LONG"
    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    REFUSAL_KEPT = "REFUSAL_KEPT"
    ERASED_EARLIER = "ERASED_EARLIER"
    LEFT_LIST = "LEFT_LIST"


OF_THE_FILE = frozenset(
    {
        FlawCode.INVALID_EMAIL,
        FlawCode.INVALID_VALUE,
        FlawCode.INVALID_DATE,
        FlawCode.MALFORMED_ROW,
        FlawCode.TOO_LONG,
    }
)
"""Flaws that are found in the file alone; all others depend on what is known of the person."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One flaw: the column as the header spells it (empty for the whole row). Nothing of it repeats a cell."""

    column: str
    code: FlawCode
    message: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the caller says of a whole file. `source` and `given_at` (aware) stand in where a row has none."""

    dialect: Dialect = Dialect.PERMISSION
    empty_means: EmptyMeans = EmptyMeans.UNCHANGED
    source: str | None = None
    given_at: datetime | None = None


def check(defaults: Defaults) -> None:
    """Raises `InvalidValue` for what contradicts itself."""
    if defaults.source is not None and len(defaults.source) > LONGEST_SOURCE:
        message = f"A source has at most {LONGEST_SOURCE} characters."
        raise InvalidValue(message, path=("source",))
    if defaults.empty_means is EmptyMeans.FALSE:
        if defaults.dialect is not Dialect.DO_NOT_TRACK:
            message = "Only in the dialect do_not_track can an empty cell mean false."
            raise InvalidValue(message, path=("empty_means",))
        if not defaults.source or defaults.given_at is None:
            message = "Empty cells that mean a yes need evidence: give source and given_at."
            raise InvalidValue(message, path=("empty_means",))


_ANSWERS = {
    Dialect.PERMISSION: ("permission", "permission_opens", "permission_clicks"),
    Dialect.DO_NOT_TRACK: ("donottrack",),
}
_ALWAYS = frozenset({"email", "permission_source", "permission_date"})

MEANT_BY_NAME = _ALWAYS.union(*_ANSWERS.values())
"""Names of columns, in lower case, that are no attribute's."""

MARK_OF_ATTRIBUTE = "attribute:"
"""What a column begins with that is an attribute's, whatever it is called."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A header understood: where each column stands. Positions count from 0; -1 where there is none."""

    names: tuple[str, ...]
    email: int
    both: int
    opens: int
    clicks: int
    source: int
    date: int
    attributes: tuple[tuple[int, str], ...]


def columns_of(header: Sequence[str], dialect: Dialect) -> Columns:
    """Understands a header. Raises `InvalidValue` where the file cannot be read by it."""
    names = tuple(name.strip() for name in header)
    lowered = [name.lower() for name in names]
    _check_header(names, lowered)
    other = Dialect.PERMISSION if dialect is Dialect.DO_NOT_TRACK else Dialect.DO_NOT_TRACK
    foreign = [name for name, low in zip(names, lowered, strict=True) if low in _ANSWERS[other]]
    if foreign:
        message = (
            f"The column {foreign[0]} belongs to the dialect {other.value}, and this file is read as {dialect.value}. "
            "Choose the other dialect, or take the column out."
        )
        raise InvalidValue(message, path=("dialect",))

    def at(name: str) -> int:
        return lowered.index(name) if name in lowered else -1

    permits = dialect is Dialect.PERMISSION
    known = _ALWAYS.union(_ANSWERS[dialect])
    return Columns(
        names=names,
        email=at("email"),
        both=at("permission" if permits else "donottrack"),
        opens=at("permission_opens") if permits else -1,
        clicks=at("permission_clicks") if permits else -1,
        source=at("permission_source"),
        date=at("permission_date"),
        attributes=tuple(
            (place, _unmarked(names[place])) for place, low in enumerate(lowered) if low and low not in known
        ),
    )


def _unmarked(name: str) -> str:
    marked = name.lower().startswith(MARK_OF_ATTRIBUTE)
    return name[len(MARK_OF_ATTRIBUTE) :].strip() or name if marked else name


def _check_header(names: Sequence[str], lowered: Sequence[str]) -> None:
    if "email" not in lowered:
        message = "The header has no column named email. The first line names the columns."
        raise InvalidValue(message, path=("file",))
    if len(names) > MOST_COLUMNS or any(len(name) > LONGEST_NAME for name in names):
        message = (
            f"A file has at most {MOST_COLUMNS} columns, with names of at most {LONGEST_NAME} characters."
        )
        raise InvalidValue(message, path=("file",))
    named = [name for name in lowered if name]
    if len(set(named)) != len(named):
        message = "Two columns have the same name. Rename one of them, or take it out."
        raise InvalidValue(message, path=("file",))


def read_date(text: str) -> datetime | None:
    """An ISO 8601 date or time, as aware UTC; None where it is none. What names no zone is read as UTC."""
    try:
        at = datetime.fromisoformat(text)
        return moment_in_utc(at.replace(tzinfo=UTC) if at.tzinfo is None else at)
    except (ValueError, OverflowError):
        return None
