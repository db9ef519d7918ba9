"""Flexible time: lateness that is made good on the same day."""

from __future__ import annotations

from datetime import datetime, timedelta

from eabsensi.discipline.workday import Span
from eabsensi.law.duty import FlexKind, FlexRule


def latest_start(span: Span, rule: FlexRule) -> datetime:
    """Give the instant from which lateness counts: where the day moves, the end of the tolerance, else the start."""
    return span.starts_at + _movable(rule)


def due_out(span: Span, rule: FlexRule, arrived_at: datetime | None) -> datetime:
    """Give the instant until which the person has to stay: ``min(max(required, end), end + tolerance)``.

    Without an arrival nothing moves.
    """
    if arrived_at is None:
        return span.ends_at
    required = arrived_at + (span.ends_at - span.starts_at)
    return min(max(required, span.ends_at), span.ends_at + _movable(rule))


def may_replace(rule: FlexRule, late_minutes: int) -> bool:
    """Whether lateness of so many minutes is forgiven once it is replaced."""
    return rule.kind is FlexKind.REPLACE and 0 < late_minutes <= rule.tolerance_minutes


def replaces(span: Span, rule: FlexRule, left_at: datetime | None) -> bool:
    """Whether the departure adds the whole time that the rule asks for."""
    return left_at is not None and left_at >= span.ends_at + timedelta(minutes=rule.replace_minutes)


def _movable(rule: FlexRule) -> timedelta:
    return timedelta(minutes=rule.tolerance_minutes if rule.kind is FlexKind.MOVE else 0)
