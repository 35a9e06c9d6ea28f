"""What a row of an imported file means: its address, its answers, their evidence, and what is wrong with it.

Theory: a file has a header, and the dialect says which of its columns hold answers. Names of columns and the words
in them are read in any case, with space around them left out.

    dialect        column                                    yes        no         unchanged
    PERMISSION     permission, permission_opens, …_clicks    yes        no         unknown
    DO_NOT_TRACK   DoNotTrack (asked the other way round)    false, 0   true, 1

    cell           what it means
    no column      unchanged
    empty          unchanged; under `empty_means` FALSE an empty DoNotTrack is a "false": may be tracked
    anything else  a flaw of that column; the row's other columns still land

`permission` speaks for both axes, and a column of one axis wins over it. `permission_source` (free words, kept as
evidence) and `permission_date` back the row's answers; where a cell is empty the call's `source` and `given_at` do.
A date that cannot be read backs nothing: a yes of that row does not count, since nobody knows how old it is. Columns
of no meaning here are attributes of the person; an empty cell leaves the attribute as it is.

A row without a readable address, or with another number of cells than the header, does not land at all. A file that
holds answers of the other dialect is refused whole, since reading past a refusal would be the worst mistake of all.

Source: domain.md §3 (imports); rows M1, M6, M7, C8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum, unique

from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.errors import InvalidValue
from app.domain.permission import Evidence, PermissionChange, PermissionSource

LONGEST_SOURCE = 500
LONGEST_NAME = 100
MOST_COLUMNS = 200
LARGEST_ATTRIBUTES = 16_384


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
_WORDS: dict[Dialect, dict[str, PermissionChange]] = {
    Dialect.PERMISSION: {
        "yes": PermissionChange.YES,
        "no": PermissionChange.NO,
        "unknown": PermissionChange.UNCHANGED,
        "": PermissionChange.UNCHANGED,
    },
    Dialect.DO_NOT_TRACK: {
        "true": PermissionChange.NO,
        "1": PermissionChange.NO,
        "false": PermissionChange.YES,
        "0": PermissionChange.YES,
        "": PermissionChange.UNCHANGED,
    },
}
_EXPECTED = {
    Dialect.PERMISSION: "This is not yes, no, unknown or empty.",
    Dialect.DO_NOT_TRACK: "This is not true, false, 1, 0 or empty.",
}


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
    known = {"email", "permission_source", "permission_date", *_ANSWERS[dialect]}
    return Columns(
        names=names,
        email=at("email"),
        both=at("permission" if permits else "donottrack"),
        opens=at("permission_opens") if permits else -1,
        clicks=at("permission_clicks") if permits else -1,
        source=at("permission_source"),
        date=at("permission_date"),
        attributes=tuple(
            (place, names[place]) for place, low in enumerate(lowered) if low and low not in known
        ),
    )


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


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row understood. `address` is None where it cannot land; `number` counts records, the header being 1."""

    number: int
    address: Address | None
    opens: PermissionChange = PermissionChange.UNCHANGED
    clicks: PermissionChange = PermissionChange.UNCHANGED
    evidence: Evidence = field(default_factory=Evidence)
    note: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    flaws: tuple[Flaw, ...] = ()


_NO_ATTRIBUTES: Mapping[str, str] = {}
_UNCHANGED = PermissionChange.UNCHANGED
_CUT = "The row has another number of cells than the header, so nobody knows which is which."


def read_row(number: int, cells: Sequence[str], columns: Columns, defaults: Defaults) -> ImportRow:
    """Understands one row, by the tables at the top. It never raises: what is wrong stands in its flaws."""
    if len(cells) != len(columns.names):
        return ImportRow(number, None, flaws=(Flaw("", FlawCode.MALFORMED_ROW, _CUT),))
    try:
        address = normalise(cells[columns.email])
    except AddressInvalid as flaw:
        return ImportRow(
            number, None, flaws=(Flaw(columns.names[columns.email], FlawCode.INVALID_EMAIL, str(flaw)),)
        )
    flaws: list[Flaw] = []
    both = _change(cells, columns.both, columns, defaults, flaws)
    opens = _change(cells, columns.opens, columns, defaults, flaws)
    clicks = _change(cells, columns.clicks, columns, defaults, flaws)
    note = _note(cells, columns, defaults, flaws)
    at = _date(cells, columns, defaults, flaws)
    return ImportRow(
        number,
        address,
        _on_axis(opens, both),
        _on_axis(clicks, both),
        Evidence(PermissionSource.IMPORT if note else None, at),
        note,
        _attributes(cells, columns, flaws) if columns.attributes else _NO_ATTRIBUTES,
        tuple(flaws),
    )


def _change(
    cells: Sequence[str], place: int, columns: Columns, defaults: Defaults, flaws: list[Flaw]
) -> PermissionChange | None:
    if place < 0:
        return _UNCHANGED
    word = cells[place].strip().lower()
    if not word and defaults.empty_means is EmptyMeans.FALSE:
        return PermissionChange.YES
    change = _WORDS[defaults.dialect].get(word)
    if change is None:
        flaws.append(Flaw(columns.names[place], FlawCode.INVALID_VALUE, _EXPECTED[defaults.dialect]))
    return change


def _on_axis(own: PermissionChange | None, both: PermissionChange | None) -> PermissionChange:
    """What one axis is asked for. A word that cannot be read (None) never lets a yes through, and never stops a no."""
    if own is _UNCHANGED:
        return both or _UNCHANGED
    if own is None:
        return PermissionChange.NO if both is PermissionChange.NO else _UNCHANGED
    return own


def _note(cells: Sequence[str], columns: Columns, defaults: Defaults, flaws: list[Flaw]) -> str | None:
    own = cells[columns.source].strip() if columns.source >= 0 else ""
    if len(own) > LONGEST_SOURCE:
        message = f"A source has at most {LONGEST_SOURCE} characters; without it a yes does not count."
        flaws.append(Flaw(columns.names[columns.source], FlawCode.TOO_LONG, message))
        return None
    return own or defaults.source


def _date(cells: Sequence[str], columns: Columns, defaults: Defaults, flaws: list[Flaw]) -> datetime | None:
    own = cells[columns.date].strip() if columns.date >= 0 else ""
    if not own:
        return defaults.given_at
    at = read_date(own)
    if at is None:
        message = (
            "This is no date such as 2026-03-01 or 2026-03-01T12:00:00Z, so a yes of this row does not count."
        )
        flaws.append(Flaw(columns.names[columns.date], FlawCode.INVALID_DATE, message))
    return at


def read_date(text: str) -> datetime | None:
    """An ISO 8601 date or time, as aware UTC; None where it is none. What names no zone is read as UTC."""
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _attributes(cells: Sequence[str], columns: Columns, flaws: list[Flaw]) -> Mapping[str, str]:
    found = {name: value for place, name in columns.attributes if (value := cells[place].strip())}
    if sum(len(name) + len(value) for name, value in found.items()) > LARGEST_ATTRIBUTES:
        message = (
            f"The attributes of one person have at most {LARGEST_ATTRIBUTES} characters; none was taken."
        )
        flaws.append(Flaw("", FlawCode.TOO_LONG, message))
        return _NO_ATTRIBUTES
    return found
