"""Numbers that may be withheld, and shares that say of whom they are true."""

import strawberry

from app.domain.privacy import Basis, Shown
from app.domain.privacy import Figure as DomainFigure
from app.domain.rates import Rate as DomainRate


@strawberry.type(description='A number that may be withheld. Zero and "not measured" are different answers.')
class Figure:
    """The domain's figure."""

    value: int | None = strawberry.field(
        description="The number. Where nothing was measured it is 0 for a person and null in a report."
    )
    shown: Shown = strawberry.field(description="How the number came about, or why there is none.")


@strawberry.type(description="A share among the measured, with the bounds that hold for everybody delivered.")
class Rate:
    """The domain's rate."""

    value: float | None = strawberry.field(description="The share among the measured; 0.25 is a quarter.")
    lower: float | None = strawberry.field(description="The share of all, if nobody unmeasured did it.")
    upper: float | None = strawberry.field(description="The share of all, if everybody unmeasured did it.")
    basis: Basis = strawberry.field(description="Whether people were counted, or times.")
    shown: Shown = strawberry.field(description="How the number came about, or why there is none.")


def figure(seen: DomainFigure) -> Figure:
    """A figure as the schema shows it."""
    return Figure(value=seen.value, shown=seen.shown)


def rate(seen: DomainRate) -> Rate:
    """A rate as the schema shows it."""
    return Rate(value=seen.value, lower=seen.lower, upper=seen.upper, basis=seen.basis, shown=seen.shown)
