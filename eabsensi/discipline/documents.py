"""Approved papers of one day, strongest first, and what each does to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from eabsensi.discipline.facts import DayFacts, DocumentFact
from eabsensi.discipline.rules import AttendanceRules
from eabsensi.law.duty import DocumentClass, DocumentRule, Effect

HalfName = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document with the rule for its kind."""

    fact: DocumentFact
    rule: DocumentRule

    @property
    def label(self) -> str:
        """Code and number, as reports print them."""
        return f"{self.rule.code} {self.fact.number}".strip()

    @property
    def corrects(self) -> bool:
        """Whether the punches are judged all the same."""
        return self.rule.document_class is DocumentClass.CORRECTION

    @property
    def decides(self) -> bool:
        """Whether the paper settles the whole day, whatever the punches."""
        return not self.corrects and self.fact.covers == "day"

    @property
    def shows_presence(self) -> bool:
        """Whether it shows the person at work although nothing was recorded."""
        return self.rule.document_class is DocumentClass.PRESENT or Effect.PRESENCE in self.rule.effects

    @property
    def lifts_absence(self) -> bool:
        """Whether a day without any punch is no absence because of it."""
        return self.rule.document_class is DocumentClass.EXCUSED or Effect.ABSENCE in self.rule.effects

    def fills(self, half: HalfName) -> bool:
        """Whether it stands in for a missing punch of this half."""
        return self.covers(half) and (not self.corrects or Effect.TAP in self.rule.effects)

    def permits(self, half: HalfName) -> bool:
        """Whether it permits arriving late (``in``) or leaving early (``out``)."""
        return self.covers(half) and (not self.corrects or Effect.MINUTES in self.rule.effects)

    def covers(self, half: HalfName) -> bool:
        """Whether it covers this half of the day."""
        return self.fact.covers in ("day", half)


def papers_of(facts: DayFacts, rules: AttendanceRules, as_of: datetime) -> tuple[Paper, ...]:
    """Give the papers that cover the date and were approved at ``as_of``, strongest first."""
    if not facts.documents:
        return ()
    valid = (
        document
        for document in facts.documents
        if document.first_on <= facts.on <= document.last_on and document.approved_at <= as_of
    )
    ranked = sorted(valid, key=lambda document: (rules.precedence[document.kind], document.first_on, document.id))
    return tuple(Paper(document, rules.documents[document.kind]) for document in ranked)


def deciding(papers: Iterable[Paper]) -> Paper | None:
    """Give the strongest paper that settles the whole day."""
    return next((paper for paper in papers if paper.decides), None)
