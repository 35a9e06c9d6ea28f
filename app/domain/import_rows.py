"""What a row of an imported file means: its address, its answers, their evidence, and what is wrong with it.

Theory: words are read in any case, with space around them left out.

    dialect        column                                    yes        no         unchanged
    PERMISSION     permission, permission_opens, …_clicks    yes        no         unknown
    DO_NOT_TRACK   DoNotTrack (asked the other way round)    false, 0   true, 1

    cell           what it means
    no column      unchanged
    empty          unchanged; under `empty_means` FALSE an empty DoNotTrack is a "false": may be tracked
    anything else  a flaw of that column; the row's other columns still land

`permission` speaks for both axes, and a column of one axis wins over it. Where the cell of source or date is empty, the
call's `source` and `given_at` back the row's answers. A date that cannot be read backs nothing: a yes of that row does
not count, since nobody knows how old it is. An empty cell leaves the attribute as it is.

A row without a readable address, or with another number of cells than the header, does not land at all.

Of the millions of rows of a file most say the same as another: what such cells mean is found once, and shared.

Source: domain.md §3 (imports); rows M1, M6, M7, C8.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from app.domain.addresses import Address, AddressInvalid, normalise
from app.domain.imports import (
    LONGEST_SOURCE,
    Columns,
    Defaults,
    Dialect,
    EmptyMeans,
    Flaw,
    FlawCode,
    read_date,
)
from app.domain.permission import NO_EVIDENCE, Evidence, PermissionChange, PermissionSource

LARGEST_ATTRIBUTES = 16_384

_MOST_REMEMBERED = 5_000
_LONGEST_REMEMBERED = 600
_NO_ATTRIBUTES: Mapping[str, str] = {}
_UNCHANGED = PermissionChange.UNCHANGED
_CUT = "The row has another number of cells than the header, so nobody knows which is which."
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


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a row says of permissions, and what is wrong with its cells of them; shared by rows that say the same."""

    opens: PermissionChange = _UNCHANGED
    clicks: PermissionChange = _UNCHANGED
    evidence: Evidence = NO_EVIDENCE
    note: str | None = None
    flaws: tuple[Flaw, ...] = ()


NOTHING_SAID = Said()


@dataclass(slots=True)  # Not frozen: millions are made, and freezing costs more than the rest of it.
class ImportRow:
    """A row understood. `address` is None where it cannot land; `number` counts records, the header being 1."""

    number: int
    address: Address | None
    said: Said = NOTHING_SAID
    attributes: Mapping[str, str] = field(default_factory=dict)
    flaws: tuple[Flaw, ...] = ()


class RowReader:
    """Understands the rows of one file, by the tables at the top."""

    def __init__(self, columns: Columns, defaults: Defaults) -> None:
        self._columns = columns
        self._defaults = defaults
        asked = (columns.both, columns.opens, columns.clicks, columns.source, columns.date)
        self._places = [place for place in asked if place >= 0]
        self._cells_of: Callable[[Sequence[str]], object] = (
            itemgetter(*self._places) if self._places else lambda _: None
        )
        self._known: dict[object, Said] = {}

    def read(self, number: int, cells: Sequence[str]) -> ImportRow:
        """Understands one row. It never raises: what is wrong stands in its flaws."""
        columns = self._columns
        if len(cells) != len(columns.names):
            return ImportRow(number, None, flaws=(Flaw("", FlawCode.MALFORMED_ROW, _CUT),))
        try:
            address = normalise(cells[columns.email])
        except AddressInvalid as flaw:
            wrong = Flaw(columns.names[columns.email], FlawCode.INVALID_EMAIL, str(flaw))
            return ImportRow(number, None, flaws=(wrong,))
        said = self._said(cells)
        attributes, flaws = _attributes(cells, columns)
        return ImportRow(number, address, said, attributes, said.flaws + flaws)

    def _said(self, cells: Sequence[str]) -> Said:
        key = self._cells_of(cells)
        said = self._known.get(key)
        if said is None:
            said = _said(cells, self._columns, self._defaults)
            if len(self._known) == _MOST_REMEMBERED:
                self._known.clear()
            # A cell may be as long as its sender likes.
            if sum(len(cells[place]) for place in self._places) <= _LONGEST_REMEMBERED:
                self._known[key] = said
        return said


def _said(cells: Sequence[str], columns: Columns, defaults: Defaults) -> Said:
    flaws: list[Flaw] = []
    places = (columns.both, columns.opens, columns.clicks)
    both, opens, clicks = (_change(cells, place, columns, defaults, flaws) for place in places)
    note = _note(cells, columns, defaults, flaws)
    evidence = Evidence(PermissionSource.IMPORT if note else None, _date(cells, columns, defaults, flaws))
    return Said(_on_axis(opens, both), _on_axis(clicks, both), evidence, note, tuple(flaws))


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


def _attributes(cells: Sequence[str], columns: Columns) -> tuple[Mapping[str, str], tuple[Flaw, ...]]:
    found = {name: value for place, name in columns.attributes if (value := cells[place].strip())}
    if sum(map(len, found)) + sum(map(len, found.values())) > LARGEST_ATTRIBUTES:
        message = (
            f"The attributes of one person have at most {LARGEST_ATTRIBUTES} characters; none was taken."
        )
        return _NO_ATTRIBUTES, (Flaw("", FlawCode.TOO_LONG, message),)
    return found, ()
