"""Days whose punches were let go keep what was said of them everywhere, say so, and make nobody absent."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from judged_city import MORNING_AFTER, ON, POLICY, at
from kept_city import KeptCity

from eabsensi.assessing.closing import close_period
from eabsensi.assessing.daily import assess_day
from eabsensi.assessing.letgo import let_go_near
from eabsensi.assessing.why import DayExplained, explain_day
from eabsensi.discipline.letgo import not_judged
from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language
from eabsensi.reports.why import why_object, write_why
from eabsensi.sealing.retiring import retire_month
from eabsensi.store.partitions import ensure_months

SITI, BUDI = "199001012015011001", "199202022016022002"
NOVEMBER = date(2026, 11, 1)
LATER = datetime(2032, 1, 5, 3, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def city(store, owner) -> KeptCity:
    """Give a city where on one day of November Siti came late and Budi did not come; judged, and closed."""
    city = KeptCity(store, owner)
    with store.begin_as_owner() as connection:
        ensure_months(connection, NOVEMBER, NOVEMBER)
    city.unit("DINKES")
    lobby = city.device("DINKES", "LOBI")
    for pin, nip in (("007", SITI), ("8", BUDI)):
        city.enrol(city.person(nip, "DINKES", since=ON - DAY, until=ON + DAY), pin)
    city.deliver(lobby, at("06:00", ON - DAY))
    city.deliver(lobby, MORNING_AFTER + DAY, [("007", at("07:50")), ("007", at("16:00"))])
    city.clock.at = MORNING_AFTER + DAY
    city.rebuild(NOVEMBER, ON + DAY)
    city.clock.at = LATER - timedelta(days=900)
    close_period(store, POLICY, "DINKES", NOVEMBER, by="kepala", clock=city.clock)
    city.clock.at = LATER
    return city


@pytest.fixture
def gone(city, tmp_path) -> KeptCity:
    """Let November go."""
    city.archived = retire_month(city.store, city.clock, NOVEMBER, to=tmp_path, by="root", reason="JRA 2031")
    city.clock.at = LATER + DAY
    return city


def explained(city: KeptCity, nip: str = SITI, on: date = ON, as_of: datetime | None = None) -> DayExplained:
    with city.store.begin() as connection:
        return explain_day(connection, POLICY, nip, on, as_of=as_of or city.clock.now())


def told(found: DayExplained, language: Language = Language.ID) -> str:
    stream = io.StringIO()
    write_why(found, POLICY, stream, language)
    return " ".join(stream.getvalue().split())


def rows(city: KeptCity, as_of: datetime | None = None) -> dict[str, tuple]:
    with city.store.begin() as connection:
        day = assess_day(connection, POLICY, ON, as_of=as_of or city.clock.now())
    return {row.person.nip: (row.verdict.status.value, row.verdict.codes, row.verdict.in_at) for row in day.rows}


def test_why_tells_the_verdict_that_was_kept_and_where_its_punches_are(city, gone):
    found = explained(gone)
    text = told(found)
    assert "Status: Hadir (TL2)" in text
    assert "Putusan ini disimpan sebelum rekamannya diarsipkan dan tidak dinilai ulang." in text
    archive = f"JRA 2031; {gone.archived.path.name}, sha256 {gone.archived.sha256}"
    assert archive.replace(" ", "") in text.replace(" ", "")
    assert "Bukan berarti tidak ada: 2 rekaman November 2026 dari semua mesin diarsipkan pada 5 Januari 2032" in text
    assert "Yang disimpan dari rekaman itu bersama putusannya: masuk 07.50, pulang 16.00." in text
    assert found.let_go.head is not None
    assert f"tersegel sampai segel {found.let_go.head}" in text
    assert "Bulan ini ditutup (versi 1)" in text


@pytest.mark.parametrize("language", list(Language))
def test_why_never_says_that_there_was_no_punch_nor_what_would_be_needed(gone, language):
    text = told(explained(gone), language)
    for unsaid in ("tidak ada rekaman", "no punch", "PERHITUNGAN", "ARITHMETIC", "MENGUBAH", "CHANGE", "akan dinilai"):
        assert unsaid not in text
    assert "MESIN YANG" not in text
    assert "DEVICES" not in text


def test_who_was_absent_while_the_punches_were_there_stays_so(gone):
    text = told(explained(gone, BUDI))
    assert "(TK)" in text
    assert "disimpan sebelum rekamannya diarsipkan" in text
    assert "Yang disimpan dari rekaman itu" not in text


def test_programs_read_that_the_punches_are_not_known(city, gone):
    written = why_object(explained(gone), POLICY, Language.ID)
    assert (written["status"], written["codes"]) == ("present", ["TL2"])
    assert (written["punches"], written["devices"]) == (None, [])
    assert written["punches_let_go"]["month"] == "2026-11"
    assert written["punches_let_go"]["verdict_kept"] is True
    assert written["late_minutes"] == 35


def test_the_daily_report_says_what_it_said(city, tmp_path):
    before = rows(city)
    retire_month(city.store, city.clock, NOVEMBER, to=tmp_path, by="root", reason="JRA 2031")
    assert before == rows(city)
    assert before[SITI][:2] == ("present", ("TL2",))
    assert before[BUDI][:2] == ("absent", ("TK",))


def test_nobody_is_absent_by_what_was_known_before_anything_was_kept(gone):
    assert {row[:2] for row in rows(gone, at("20:00")).values()} == {("undetermined", ("?",))}
    text = told(explained(gone, as_of=at("20:00")))
    assert "tidak boleh disimpulkan tidak hadir" in text
    assert "rekaman November 2026 sudah dipindahkan ke arsip menurut aturan retensi" in text


def test_without_a_kept_verdict_nobody_is_absent(gone, owner):
    owner.execute("DELETE FROM verdict_version")
    owner.execute("DELETE FROM verdict")
    assert {row[:2] for row in rows(gone).values()} == {("undetermined", ("?",))}
    gone.rebuild(NOVEMBER, ON + DAY)
    assert gone.stored(NOVEMBER, ON + DAY) == {}


def test_a_night_needs_the_punches_of_the_days_beside_it():
    let_go = {NOVEMBER}
    near = {on: let_go_near(let_go, on) for on in (date(2026, 10, 30), date(2026, 10, 31), date(2026, 12, 1))}
    assert list(near.values()) == [None, NOVEMBER, NOVEMBER]
    assert let_go_near(let_go, date(2026, 12, 2)) is None


def test_a_day_off_stays_one(city):
    with city.store.begin() as connection:
        day = assess_day(connection, POLICY, ON, as_of=city.clock.now())
    absent = next(row.verdict for row in day.rows if row.verdict.status is Status.ABSENT)
    assert not_judged(absent, NOVEMBER).status is Status.UNDETERMINED
    off = not_judged(replace(absent, status=Status.OFF, codes=("L",), absent_days=0), NOVEMBER)
    assert (off.status, len(off.reasons)) == (Status.OFF, len(absent.reasons) + 1)
