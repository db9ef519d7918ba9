"""What the settings say of time reaches the daemon in the right proportions."""

from __future__ import annotations

from pathlib import Path

import pytest

from eabsensi.collecting.collector import INTERVAL
from eabsensi.collecting.leasing import LeaseTerms
from eabsensi.collecting.pace import pace_of
from eabsensi.devices.session import Patience
from eabsensi.settings import Settings


def settings(**words: str) -> Settings:
    return Settings.load({f"EABSENSI_{key}": value for key, value in words.items()}, file=Path("/nonexistent"))


def test_where_nothing_is_said_everything_is_as_usual():
    pace = pace_of(settings())
    assert (pace.interval, pace.terms, pace.patience) == (INTERVAL, LeaseTerms(), Patience())


def test_a_shorter_lease_keeps_its_proportions():
    pace, usual = pace_of(settings(POLL_SECONDS="4", LEASE_SECONDS="9")), LeaseTerms()
    assert pace.interval == 4
    assert pace.terms.granted == 9
    assert pace.terms.trusted == pytest.approx(usual.trusted / 10)
    assert pace.terms.renew_every == pytest.approx(usual.renew_every / 10)


def test_silence_is_cut_short_where_it_would_be_longer():
    patience, usual = pace_of(settings(SILENCE_SECONDS="7")).patience, Patience()
    assert (patience.prepare, patience.packet, patience.command) == (7, 7, 7)
    assert (patience.reach, patience.goodbye) == (usual.reach, usual.goodbye)
