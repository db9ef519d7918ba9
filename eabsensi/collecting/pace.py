"""How fast a collector lives: as the settings have it, or as is right for most."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from eabsensi.collecting.collector import INTERVAL
from eabsensi.collecting.leasing import LeaseTerms
from eabsensi.devices.session import Patience
from eabsensi.settings import Settings


@dataclass(frozen=True, slots=True)
class Pace:
    """What the daemon is told of time.

    Attributes:
        interval: seconds between two polls of a terminal.
        terms: how long its leases last.
        patience: how long terminals may be silent.

    """

    interval: float
    terms: LeaseTerms
    patience: Patience


def pace_of(settings: Settings) -> Pace:
    """Give the pace that the settings ask for: ``poll_seconds``, ``lease_seconds``, ``silence_seconds``."""
    return Pace(
        INTERVAL if settings.poll_seconds is None else settings.poll_seconds,
        _terms(settings.lease_seconds),
        _patience(settings.silence_seconds),
    )


def _terms(granted: float | None) -> LeaseTerms:
    """Give a lease of so many seconds the proportions of the usual one, that room for differing clocks included."""
    usual = LeaseTerms()
    share = 1.0 if granted is None else granted / usual.granted
    return LeaseTerms(**{name: seconds * share for name, seconds in asdict(usual).items()})


def _patience(most: float | None) -> Patience:
    """Let no phase of a conversation be silent for longer than ``most`` seconds."""
    usual = Patience()
    if most is None:
        return usual
    return Patience(**{name: min(seconds, most) for name, seconds in asdict(usual).items()})
