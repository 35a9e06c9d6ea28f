"""A rule for one question as a SELECT over subscribers, which looks at nobody more than it has to.

    the rule, asked                 of whom
    of each                         everybody of the question, or the people that it names
    of whom it may take             those who were sent a mailing that it needs (`needed_mailings`); one by one where
                                    they are few, by indexes, as a mailing to few in a large account has to be
    of whom it may take, in steps   first those; what needs all that somebody was sent, only of whom the first step
                                    leaves (`in_steps`)

Whoever is left out is a no, and counts that tell how many those are add them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self
from uuid import UUID

from piccolo.querystring import QueryString

from app.domain.segments import Rule
from app.storage.segment_fragments import Question, among
from app.storage.segment_scope import in_steps, looks_at_all, needed_mailings
from app.storage.segment_sql import Composition


class Statement:
    """A rule, or the engagement where there is none, composed for one question."""

    def __init__(self, composition: Composition, answer: QueryString, whole: Question | None = None) -> None:
        """`whole` is the question of whose people some are left out; None where nobody is."""
        self._composition, self.answer, self._whole = composition, answer, whole
        self.question = composition.question
        self.spells = composition.spells()

    @classmethod
    def of_each(cls, question: Question, rule: Rule | None) -> Self:
        """Of everybody of the question."""
        composition = Composition(question, rule is None or looks_at_all(rule))
        return cls(composition, composition.engagement() if rule is None else composition.answer(rule))

    @classmethod
    def of_whom_it_may_take(cls, question: Question, rule: Rule, few: Sequence[UUID] | None = None) -> Self:
        """People of whom the rule is known to say no may be left out; `few` are all others, where they are known."""
        if few is not None:
            composition = Composition(replace(question, people=few), looks_at_all(rule))
            return cls(composition, composition.answer(rule), question)
        steps = in_steps(rule)
        if steps is None:
            needed = needed_mailings(rule)
            composition = Composition(question, looks_at_all(rule), needed=needed)
            return cls(composition, composition.answer(rule), None if needed is None else question)
        first, rest = steps
        left = cls.of_whom_it_may_take(question, first).left()
        composition = Composition(question, all_deliveries=True, left=left)
        return cls(composition, composition.answer(rest), question)

    def people(self, columns: QueryString) -> QueryString:
        """A SELECT of columns over the subscribers of the question; further conditions may follow it."""
        return QueryString(
            "SELECT {} FROM subscriber s {} WHERE s.account_id = {}::bigint{}{}",
            columns,
            self._composition.sources(),
            self.question.account_id,
            self._composition.those_needed(),
            among(self.question, " AND s.id = ANY ({}::uuid[])"),
        )

    def left_out(self) -> QueryString:
        """What a count over those who are looked at lacks of the subscribers of the question."""
        if self._whole is None:
            return QueryString("")
        return QueryString(
            " + (SELECT count(*) FROM subscriber t WHERE t.account_id = {}::bigint{}) - count(*)",
            self._whole.account_id,
            among(self._whole, " AND t.id = ANY ({}::uuid[])"),
        )

    def left(self) -> QueryString:
        """Everybody of whom this does not say no, and what it says."""
        found = QueryString("s.id, {} AS found", self.answer)
        return QueryString("{} AND {} IS NOT FALSE", self.people(found), self.answer)
