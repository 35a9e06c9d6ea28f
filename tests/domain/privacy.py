"""Values that the tests of privacy share: any part of an audience, and the figure that is published of it."""

from hypothesis import strategies as st

from app.domain.privacy import AnonymousPart, Figure, Shown, published

counts = st.integers(0, 60)
parts = st.builds(AnonymousPart, count=counts, audience=counts, k=st.integers(1, 20), unique=st.booleans())
figures = parts.map(published)


def rounded(value: int) -> Figure:
    return Figure(value, Shown.ROUNDED)
