"""What the tests of privacy share: any part of an audience, the figure that is published of it, and the law of two."""

from hypothesis import strategies as st

from app.domain.privacy import AnonymousPart, Figure, Shown, published

counts = st.integers(0, 60)
parts = st.builds(AnonymousPart, count=counts, audience=counts, k=st.integers(1, 20), unique=st.booleans())
figures = parts.map(published)


def answerable_together(first: Figure, second: Figure, differing_people: int, k: int) -> bool:
    """Whether two answers may stand side by side though their populations differ by so many people.

    The difference of the two would be a figure about `differing_people`, so 1 to k-1 of them are too few,
    unless an answer is missing or both are equal. For anonymous parts, before anything personal is added.
    Source: domain.md §7.
    """
    both_told = {first.shown, second.shown} <= {Shown.EXACT, Shown.ROUNDED}
    return not 1 <= differing_people < k or not both_told or first == second


def rounded(value: int) -> Figure:
    return Figure(value, Shown.ROUNDED)
