"""The parts of an explained day as other programs read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from eabsensi.assessing.content import day_content
from eabsensi.assessing.why import LetGo
from eabsensi.discipline.explanation import PunchUse
from eabsensi.discipline.facts import DeviceFact
from eabsensi.law.wording import Language
from eabsensi.store.verdicts import StoredVerdict


def iso(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Write an instant as a zone's clocks show it; None stays None."""
    return at.astimezone(zone).isoformat() if at else None


def punch_object(use: PunchUse, zone: ZoneInfo, language: Language) -> dict[str, Any]:
    """Give a punch, and what became of it."""
    punch = use.punch
    return {
        "at": iso(punch.punched_at, zone),
        "device": punch.device.name,
        "serial": punch.device.serial,
        "source": punch.source.value,
        "received_at": iso(punch.received_at, zone),
        "clock_offset_seconds": punch.clock_offset_seconds,
        "counts_as": use.half,
        "use": use.reason.text(language),
    }


def let_go_object(gone: LetGo | None, zone: ZoneInfo) -> dict[str, Any] | None:
    """Give where the punches went; None where they are there."""
    if gone is None:
        return None
    retired = gone.retired
    return {
        "month": f"{retired.month:%Y-%m}",
        "at": iso(retired.at, zone),
        "by": retired.by,
        "reason": retired.reason,
        "head": gone.head,
        "verdict_kept": gone.kept,
    }


def device_object(device: DeviceFact, zone: ZoneInfo) -> dict[str, Any]:
    """Give how far a device is read."""
    return {
        "name": device.name,
        "serial": device.serial,
        "complete_through": iso(device.complete_through, zone),
        "last_outcome": device.last_outcome,
        "last_error": device.last_error,
        "clock_offset_seconds": device.clock_offset_seconds,
        "in_use_from": device.in_use_from.isoformat() if device.in_use_from else None,
        "in_use_stated": device.use_stated,
    }


def version_object(stored: StoredVerdict, zone: ZoneInfo) -> dict[str, Any]:
    """Give what was said of the day before."""
    return day_content(stored.row, zone) | {
        "version": stored.version,
        "judged_at": iso(stored.judged_at, zone),
        "judged_by": stored.judged_by,
        "cause": stored.cause,
        "policy_version": stored.policy_version,
    }
