"""What to do about a terminal: said for each thing that is wrong, and nothing where all is well."""

from __future__ import annotations

from datetime import timedelta

import paper_samples
import period_samples as samples
import pytest

from eabsensi.law.wording import Language
from eabsensi.reports.device_words import advice
from eabsensi.reports.devices import rounded

DAYS = timedelta(days=3)


def said(language: Language = Language.ID, **changes) -> str:
    return "; ".join(advice(paper_samples.health("CJDE000000001", "Lobi", **changes), samples.AS_OF, language))


def test_a_terminal_that_is_well_needs_nothing():
    assert said() == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"enabled": False, "last_outcome": "unreachable"}, "dinonaktifkan dalam devices.yaml; tidak dibaca"),
        ({"last_outcome": None}, "belum pernah terbaca: periksa alamat, listrik dan jaringannya"),
        (
            {"last_outcome": "auth_failed", "failures": 3},
            "kunci komunikasi ditolak, 3 kali berturut-turut: samakan kunci komunikasi mesin dan server",
        ),
        ({"complete_through": samples.AS_OF - DAYS}, "tidak terbaca sejak 3 hari yang lalu"),
        ({"clock_offset_seconds": -125.0}, "jam 2 menit 5 detik lebih lambat: setel ulang jam mesin"),
        ({"records_on_device": 96000}, "log terisi 96 %: kosongkan setelah audit"),
        ({"records_on_device": 81000}, "log terisi 81 %: jadwalkan pengosongan"),
        ({"days_until_full": 12.4}, "log penuh dalam 12 hari: jadwalkan pengosongan"),
        ({"last_outcome": "protocol_error", "failures": 2}, "nyalakan ulang mesin bila berulang"),
    ],
)
def test_each_thing_that_is_wrong_has_its_remedy(changes, told):
    assert told in said(**changes)


def test_several_things_are_said_the_most_urgent_first():
    both = said(last_outcome="unreachable", failures=9, clock_offset_seconds=400.0)
    assert both.startswith("tidak terhubung, 9 kali berturut-turut")
    assert both.endswith("setel ulang jam mesin")


def test_an_english_reader_gets_english():
    assert said(Language.EN, clock_offset_seconds=400.0) == "clock 6 min 40 s fast: set the terminal's clock"


@pytest.mark.parametrize(("number", "whole"), [(None, None), (0.5, 1), (-0.5, -1), (487.49, 487), (1.4, 1)])
def test_figures_are_whole_numbers_that_round_as_people_do(number, whole):
    assert rounded(number) == whole
