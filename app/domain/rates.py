"""Shares that say of whom they are true.

Theory: a share of opens is only known among the people who were measured. So a rate states that share and the
two it could be among everybody who was reached: as if no unmeasured person had done it, and as if all had.

    delivered      = recorded, or sent - bounced where none was recorded
    measured       = of those, frozen above OFF (anonymous people only from the minimum audience on)
    coverage       = measured / delivered

    what           basis   value             lower               upper
    open, click    UNIQUE  unique / counted  unique / delivered  (unique + delivered - counted) / delivered
    no uniques     TOTAL   total / measured  none                none           may exceed 1
    click-to-open  UNIQUE  both / openers    none                none           of people PERSONAL on both axes

`counted` are the measured people whose unique figures exist (PERSONAL and UNLINKED); the people of SHARED mail
are only in totals, so among uniques they are unmeasured like the others. A division by 0 is None. A suppressed
figure has no rate at all; a rounded one lends its rounded number. Source: domain.md §7, §10.
"""

from dataclasses import dataclass
from typing import assert_never

from app.domain.privacy import Basis, Figure, Shown


@dataclass(frozen=True, slots=True)
class Rate:
    """A share and its bounds among everybody delivered; fractions, 0.25 is a quarter."""

    value: float | None
    lower: float | None
    upper: float | None
    basis: Basis
    shown: Shown


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a mailing reached and of whom something is known on one axis, in people.

    `with_uniques` (None: all the measured) are those measured whose unique figures exist. Raises ValueError
    unless 0 ≤ with_uniques ≤ measured ≤ delivered.
    """

    delivered: int
    measured: int
    with_uniques: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.counted <= self.measured <= self.delivered:
            message = "The counted people must be among the measured, and those among the delivered."
            raise ValueError(message)

    @property
    def counted(self) -> int:
        """The people over whom a unique figure is a share."""
        return self.measured if self.with_uniques is None else self.with_uniques


def delivered(sent: int, bounced: int, recorded: int) -> int:
    """How many deliveries arrived: what was recorded, else all that did not bounce."""
    return recorded or sent - bounced


def coverage(reach: Reach) -> float | None:
    """The share of the delivered of whom anything is known; None where nothing was delivered."""
    return _share(reach.measured, reach.delivered)


def rate(unique: Figure | None, total: Figure, reach: Reach) -> Rate:
    """The open or the click rate. `unique` is None where the mailing has no unique figures at all."""
    if unique is None:
        return _rate_of_totals(total, reach)
    match unique.shown:
        case Shown.SUPPRESSED:
            return _no_rate(Basis.UNIQUE, Shown.SUPPRESSED)
        case Shown.EXACT | Shown.ROUNDED | Shown.NOT_MEASURED:
            return _rate_of_uniques(unique, reach)
        case _:
            assert_never(unique.shown)


def click_to_open(clickers_who_opened: int, openers: int, personal_on_both: int) -> Rate:
    """The share of openers who clicked, over people whose opens and clicks are both known personally.

    NOT_MEASURED where there are no such people. Raises ValueError where the counts contradict each other.
    """
    if not 0 <= clickers_who_opened <= openers <= personal_on_both:
        message = "The clickers must be among the openers, and those among the people known on both axes."
        raise ValueError(message)
    if personal_on_both == 0:
        return _no_rate(Basis.UNIQUE, Shown.NOT_MEASURED)
    return Rate(_share(clickers_who_opened, openers), None, None, Basis.UNIQUE, Shown.EXACT)


def _rate_of_totals(total: Figure, reach: Reach) -> Rate:
    if total.value is None or reach.measured == 0:
        shown = Shown.SUPPRESSED if total.shown is Shown.SUPPRESSED else Shown.NOT_MEASURED
        return _no_rate(Basis.TOTAL, shown)
    return Rate(_share(total.value, reach.measured), None, None, Basis.TOTAL, total.shown)


def _rate_of_uniques(unique: Figure, reach: Reach) -> Rate:
    # Somebody may open whose arrival was never recorded; a share of people still ends at all of them.
    counted = 0 if unique.shown is Shown.NOT_MEASURED else reach.counted
    people = min(unique.value or 0, counted)
    return Rate(
        value=_share(people, counted),
        lower=_share(people, reach.delivered),
        upper=_share(people + reach.delivered - counted, reach.delivered),
        basis=Basis.UNIQUE,
        shown=unique.shown if counted else Shown.NOT_MEASURED,
    )


def _no_rate(basis: Basis, shown: Shown) -> Rate:
    return Rate(None, None, None, basis, shown)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
