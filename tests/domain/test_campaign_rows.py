"""Lines of a campaign's file that are nobody's say no more, together, than the report does."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from app.domain.campaign_rows import AnonymousLine, SendDay, anonymous_lines
from app.domain.privacy import AnonymousPart, published, rows_shown

DAY = 20_000


def parts(*, unique: bool = False) -> st.SearchStrategy[dict[int, AnonymousPart]]:
    """Counts of a few days over one audience."""
    days = st.dictionaries(st.integers(DAY, DAY + 4), st.integers(0, 40))
    return st.tuples(days, st.integers(0, 60), st.sampled_from([1, 10])).map(
        lambda drawn: {day: AnonymousPart(n, drawn[1], drawn[2], unique) for day, n in drawn[0].items()}
    )


def whole(found: Mapping[int, AnonymousPart]) -> AnonymousPart:
    first = next(iter(found.values()), AnonymousPart(0, 0, 1))
    return AnonymousPart(sum(each.count for each in found.values()), first.audience, first.k, first.unique)


@given(opens=parts(), clicks=parts())
def test_days_have_their_published_counts(opens, clicks) -> None:
    """One line for a day, and their sums are not above the totals."""
    lines = list(anonymous_lines([SendDay(0, opens, clicks)], totals_only=False))

    said = {line.open_day: line.opens for line in lines if line.opens}
    assert said == {day: rows_shown(part) for day, part in opens.items() if rows_shown(part)}
    assert sorted(line.clicks for line in lines if line.clicks) == sorted(
        rows_shown(part) for part in clicks.values() if rows_shown(part)
    )
    assert sum(said.values()) <= (published(whole(opens)).value or 0)
    assert all(line.times == 1 for line in lines)


@given(numbers=parts(unique=True), clicks=parts())
def test_numbers_have_as_many_lines_as_are_published(numbers, clicks) -> None:
    """Each says one opening; a day stands on as many as the day's own published size."""
    lines = list(anonymous_lines([SendDay(0, {}, clicks, numbers)], totals_only=False))

    of_numbers = [line for line in lines if line.opens]
    assert sum(line.times for line in of_numbers) == rows_shown(whole(numbers))
    assert {(line.opens, line.clicks) for line in of_numbers} <= {(1, 0)}
    for line in of_numbers:
        if line.open_day is not None:
            assert line.times <= rows_shown(numbers[line.open_day])


@given(opens=parts(), clicks=parts())
def test_totals_alone_are_one_line(opens, clicks) -> None:
    """No day, no second line, and the published totals."""
    lines = list(anonymous_lines([SendDay(0, opens, clicks)], totals_only=True))

    shown = [published(whole(each)).value or 0 for each in (opens, clicks)]
    assert lines == ([AnonymousLine(0, None, *shown)] if any(shown) else [])


@given(numbers=parts(unique=True), clicks=parts())
def test_totals_alone_say_no_send_day_either(numbers, clicks) -> None:
    """Numbers of two send days are lines of the whole mailing."""
    days = [SendDay(each, {}, clicks, numbers) for each in (DAY, DAY + 1)]

    lines = list(anonymous_lines(days, totals_only=True))

    assert {(line.send_day, line.open_day) for line in lines} <= {(0, None)}
    together = AnonymousPart(
        2 * whole(numbers).count, 2 * whole(numbers).audience, whole(numbers).k, unique=True
    )
    assert sum(line.times for line in lines if (line.opens, line.clicks) == (1, 0)) == (
        rows_shown(together) if whole(numbers).measured else 0
    )
