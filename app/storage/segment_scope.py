"""Whose deliveries a rule has to look at: those of all mailings, and of whom.

    rule                                    nobody is taken but those who were sent one of
    sent, opened … a mailing, at least 1    this mailing: without a delivery nothing is counted, nothing is UNMEASURED
    all of several                          the mailings of one of them, the fewest
    any of several                          the mailings of all of them, if each has some
    anything else                           (everybody is looked at)

Of everybody else the answer is a plain no, which needs no look at what they were sent. And one
no is enough for `all`: the parts that a mailing or the person's row answers come first, and those that look at all that
somebody was sent are asked of whom they leave (`in_steps`). Source: domain.md §9.
"""

from collections.abc import Iterable, Iterator

from piccolo.querystring import QueryString

from app.domain.segments import ActivityCondition, All, AnyOf, EngagementCondition, Rule, parts


def looks_at_all(rule: Rule) -> bool:
    """Whether some part of a rule looks at deliveries of any mailing."""
    return any(
        isinstance(each, EngagementCondition)
        or (isinstance(each, ActivityCondition) and each.mailing_id is None)
        for each in parts(rule)
    )


def needed_mailings(rule: Rule) -> frozenset[int] | None:
    """The mailings of which somebody was sent one if a rule does not say no of them; None where it says nothing."""
    match rule:
        case ActivityCondition(mailing_id=int(mailing_id), at_least=int(count)) if count > 0:
            return frozenset({mailing_id})
        case All(inner):
            return min(_of_each(inner), key=len, default=None)
        case AnyOf(inner):
            found = _of_each(inner)
            return frozenset().union(*found) if len(found) == len(inner) else None
        case _:
            return None


def in_steps(rule: Rule) -> tuple[Rule, Rule] | None:
    """What is asked first, and what only of whom that leaves, all of whom were sent something; None: all at once.

    Both together say what the rule says, since a no of either is a no.
    """
    conjuncts = tuple(_conjuncts(rule))
    rest = All(tuple(each for each in conjuncts if looks_at_all(each)))
    first = All(tuple(each for each in conjuncts if not looks_at_all(each)))
    return None if not rest.parts or needed_mailings(first) is None else (first, rest)


def _conjuncts(rule: Rule) -> Iterator[Rule]:
    match rule:
        case All(inner):
            for each in inner:
                yield from _conjuncts(each)
        case _:
            yield rule


def _of_each(rules: Iterable[Rule]) -> list[frozenset[int]]:
    return [found for found in map(needed_mailings, rules) if found is not None]


def sent_one_of(subscriber_id: str, account_id: int, mailings: frozenset[int]) -> QueryString:
    """A condition: this column names somebody who was sent one of these mailings."""
    return QueryString(
        " AND {} IN (SELECT n.subscriber_id FROM delivery n WHERE n.account_id = {}::bigint AND n.mailing_id = ANY ({}::bigint[]))",
        QueryString(subscriber_id),
        account_id,
        sorted(mailings),
    )
