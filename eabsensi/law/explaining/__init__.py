"""A policy in words: everything that a verdict can rest on, each value with its dates and its source."""

from __future__ import annotations

from datetime import date

from eabsensi.law.explaining.absence import absence_topics
from eabsensi.law.explaining.allowance import allowance_topic
from eabsensi.law.explaining.builtin import builtin_topic, letterhead_topic
from eabsensi.law.explaining.findings import findings_topic
from eabsensi.law.explaining.papers import papers_topic
from eabsensi.law.explaining.punches import punches_topic
from eabsensi.law.explaining.statement import Asked, Statement, Topic
from eabsensi.law.explaining.timing import calendar_topic, hours_topic
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language

__all__ = ["Statement", "Topic", "explain"]


def explain(policy: Policy, on: date | None = None, language: Language = Language.EN) -> tuple[Topic, ...]:
    """Say a policy in words.

    Args:
        policy: the policy.
        on: only what is in force on this day; None means every version of every value.
        language: of the sentences; codes, names and sanctions stand as reports print them.

    """
    asked = Asked(policy, on, language)
    return (
        builtin_topic(asked),
        hours_topic(asked),
        calendar_topic(asked),
        punches_topic(asked),
        papers_topic(asked),
        *absence_topics(asked),
        allowance_topic(asked),
        findings_topic(asked),
        letterhead_topic(asked),
    )
