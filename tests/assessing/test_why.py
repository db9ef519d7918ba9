"""One day explained from a real database: what counted and why, what is missing, and what would change it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from judged_city import END, MORNING_AFTER, ON, POLICY, City, at

from eabsensi.assessing.closing import close_period
from eabsensi.assessing.keeping import rebuild
from eabsensi.assessing.ranges import assess_range
from eabsensi.assessing.why import DayExplained, NotPostedError, UnknownPersonError, explain_day
from eabsensi.clock import SystemClock
from eabsensi.law.wording import Language
from eabsensi.reports.why import why_object, write_why
from eabsensi.store.documents import Document, approve_document, file_documents, revoke_document
from eabsensi.store.rosters import save_rosters


class Standing(SystemClock):
    """Stands still until a test moves it."""

    def __init__(self, instant: datetime) -> None:
        self.at = instant

    def now(self) -> datetime:
        return self.at.astimezone(UTC)


SITI, BUDI = "199001012015011001", "199202022016022002"


@pytest.fixture
def city(store, owner) -> City:
    """Give a city with one unit, one device, and two enrolled people."""
    city = City(store, owner)
    city.unit("KOTA")
    city.unit("DINKES", parent="KOTA")
    city.lobby = city.device("DINKES", "LOBI")
    city.ids = {}
    for pin, nip in (("007", SITI), ("8", BUDI)):
        city.ids[nip] = city.person(nip, "DINKES")
        city.enrol(city.ids[nip], pin)
    return city


def explained(city: City, nip: str = SITI, on: date = ON, as_of: datetime = MORNING_AFTER) -> DayExplained:
    with city.store.begin() as connection:
        return explain_day(connection, POLICY, nip, on, as_of=as_of)


def told(found: DayExplained, language: Language = Language.ID) -> str:
    stream = io.StringIO()
    write_why(found, POLICY, stream, language)
    return " ".join(stream.getvalue().split())


def late(city: City) -> DayExplained:
    for clock in ("07:50:10", "07:51", "12:20", "15:30", "15:50"):
        city.punch(city.lobby, "007", at(clock), offset=2.4)
    city.poll(city.lobby, MORNING_AFTER, offset=2.4)
    return explained(city)


def test_every_punch_is_told_with_what_became_of_it(city):
    found = late(city)
    assert [use.half for use in found.explanation.punches] == ["in", None, None, None, "out"]
    text = told(found)
    assert (
        "07.50.10 di mesin LOBI (seri LOBI), dibaca dari log mesin, diterima server 24 November 2026 07.53 WIB" in text
    )
    assert "jam mesin saat itu 2 detik lebih cepat: dihitung sebagai MASUK." in text
    assert "tidak dihitung: rekaman masuk yang pertama (07.50.10) yang dipakai" in text
    assert "tidak dihitung: rekaman pulang yang terakhir (15.50) yang dipakai" in text


def test_the_sum_names_times_minutes_code_and_band(city):
    text = told(late(city))
    assert "masuk 07.50.10 \u2212 jam mulai 07.15 = 35 menit terlambat → TL2 (31-60 menit)" in text
    assert "pulang 15.50, jam selesai 15.45 → tidak pulang cepat" in text
    assert "Status: Hadir (TL2)" in text
    assert "bila dokumen dispensasi (DSP) atau dinas luar (DL) untuk tanggal ini disetujui: Hadir (DSP / DL)" in text


def test_schedule_law_and_device_health_are_told(city):
    text = told(late(city))
    assert "Jam kerja 5 hari: masuk 07.15, pulang 15.45 WIB." in text
    assert "(belum dikonfirmasi); keyakinan" in text
    assert (
        "mesin LOBI (seri LOBI): dipakai sejak 1 Januari 1990 menurut rekamannya; "
        "terbaca lengkap sampai 25 November 2026 06.00 WIB; penarikan terakhir: terbaca"
    ) in text


def test_an_english_reader_gets_english(city):
    text = told(late(city), Language.EN)
    assert "Status: Present (TL2)" in text
    assert "arrival 07:50:10 \u2212 start 07:15 = 35 minutes late → TL2 (31-60 min)" in text


def test_an_undetermined_day_says_what_is_missing_how_to_get_it_and_what_it_may_become(city):
    city.poll(city.lobby, at("10:12"))
    city.poll(city.lobby, at("18:00"), outcome="unreachable")
    found = explained(city)
    text = told(found)
    assert "Status: Belum lengkap (?)" in text
    assert "terbaca lengkap sampai 24 November 2026 10.12 WIB; penarikan terakhir: tidak terhubung" in text
    assert "sambungkan lalu tarik (eabsensi poll LOBI)" in text
    assert "terbaca melewati 24 November 2026 23.59 tanpa rekaman baru: Tanpa keterangan (TK)" in text
    assert "dan berisi rekaman tepat waktu: Hadir (H)" in text


def test_a_present_day_that_is_still_open_has_a_star(city):
    city.punch(city.lobby, "007", at("07:05"))
    city.poll(city.lobby, at("10:12"))
    assert "Status: Hadir (H*)" in told(explained(city))
    city.punch(city.lobby, "007", at("16:40"))
    city.poll(city.lobby, MORNING_AFTER)
    assert "Status: Hadir (H)" in told(explained(city))


def test_an_absence_says_which_papers_would_change_it_and_a_filed_one_by_name(city):
    city.poll(city.lobby, MORNING_AFTER)
    with city.store.begin() as connection:
        paper = Document(city.ids[SITI], None, "duty", ON, ON, number="090/12/2026")
        (paper_id,) = file_documents(connection, [paper], by="operator", at=at("09:00"))
    before = explained(city)
    assert before.explanation.verdict.codes == ("TK",)
    text = told(before)
    assert "diajukan operator pada 24 November 2026 09.00 WIB: belum disetujui, jadi tidak dihitung" in text
    assert "bila dokumen yang sudah diajukan (dinas luar 090/12/2026) disetujui: Hadir (DL)" in text
    assert "cuti tahunan (CT) atau sakit (S) atau izin (I) untuk tanggal ini disetujui: Dengan keterangan" in text
    assert "tidak masuk tanpa keterangan yang sah = 1 hari TK" in text

    with city.store.begin() as connection:
        approve_document(connection, paper_id, by="Kepala Dinas", at=MORNING_AFTER)
    after = explained(city)
    assert after.explanation.verdict.codes == ("DL",)
    assert "disetujui Kepala Dinas pada 25 November 2026 06.00 WIB: dipakai untuk putusan ini" in told(after)
    assert "bila dokumen DL 090/12/2026 dicabut: Tanpa keterangan (TK)" in told(after)

    with city.store.begin() as connection:
        revoke_document(connection, paper_id, by="admin", reason="salah orang", at=MORNING_AFTER + timedelta(hours=1))
    revoked = told(explained(city, as_of=MORNING_AFTER + timedelta(hours=2)))
    assert "dicabut admin pada 25 November 2026 07.00 WIB (salah orang): tidak dihitung" in revoked
    assert explained(city).explanation.verdict.codes == ("DL",), "what was known then can be asked again"


def test_a_paper_filed_for_the_unit_or_one_above_it_is_named_until_it_counts(city):
    city.unit("LAIN", parent="KOTA")
    city.poll(city.lobby, MORNING_AFTER)
    with city.store.begin() as connection:
        wide = [Document(None, unit, "incident", ON, ON, number=f"9/{unit}") for unit in ("DINKES", "KOTA", "LAIN")]
        own, above, _ = file_documents(connection, wide, by="operator", at=at("10:00"))
    found = explained(city, BUDI)
    assert [row.id for row in found.undecided] == [own, above]
    text = told(found)
    assert "gangguan mesin absensi (GGN) 9/DINKES, 24 November 2026, diajukan operator" in text
    assert "bila dokumen yang sudah diajukan (gangguan mesin absensi 9/DINKES) disetujui: Dengan keterangan" in text
    with city.store.begin() as connection:
        approve_document(connection, above, by="kepala", at=at("11:00"))
    assert [row.id for row in explained(city, BUDI).undecided] == [own]
    assert [row.id for row in explained(city, BUDI, as_of=at("10:30")).undecided] == [own, above]


def test_of_two_papers_the_stronger_decides_and_the_other_is_named(city):
    city.poll(city.lobby, MORNING_AFTER)
    with city.store.begin() as connection:
        papers = [
            Document(city.ids[SITI], None, kind, ON, ON, number=number, approved_at=at("08:00"), approved_by="Kadis")
            for kind, number in (("duty", "D1"), ("annual_leave", "C1"))
        ]
        file_documents(connection, papers, by="operator", at=at("09:00"))
    text = told(explained(city))
    assert "Status: Dengan keterangan (CT)" in text
    assert "tidak dipakai: didahului CT C1" in text


def test_a_wrong_clock_is_reckoned_both_ways(city):
    city.punch(city.lobby, "007", at("07:22"), offset=600.0)
    city.punch(city.lobby, "007", at("16:00"), offset=600.0)
    city.poll(city.lobby, MORNING_AFTER, offset=600.0)
    text = told(explained(city))
    assert "jam mesin 10 menit lebih cepat, di luar batas yang diizinkan" in text
    assert "Menurut jam mesin: - masuk 07.22 \u2212 jam mulai 07.15 = 7 menit terlambat" in text
    assert "diperhitungkan: - masuk 07.12, jam mulai 07.15 → tidak terlambat" in text
    assert "keputusan atas jam mesin" in text


def test_a_day_off_asks_nothing_and_shows_the_punch(city):
    independence = date(2026, 8, 17)
    city.punch(city.lobby, "007", at("07:00", independence))
    found = explained(city, on=independence, as_of=at("12:00", independence))
    text = told(found)
    assert "Status: Libur (L)" in text
    assert "Hari Kemerdekaan Republik Indonesia" in text
    assert "dicatat, tidak dinilai" in text
    assert found.explanation.changes == ()


def test_every_stored_version_and_the_closing_are_told(city):
    city.poll(city.lobby, at("10:12"))
    clock = Standing(MORNING_AFTER)
    rebuild(city.store, POLICY, ON, ON, by="petugas", cause="pemeriksaan pertama", clock=clock)
    delivered = MORNING_AFTER + timedelta(hours=2)
    city.punch(city.lobby, "007", at("07:00"), received_at=delivered)
    city.punch(city.lobby, "007", at("16:00"), received_at=delivered)
    city.poll(city.lobby, delivered)
    clock.at = delivered + timedelta(minutes=1)
    rebuild(city.store, POLICY, ON, ON, by="petugas", cause="data susulan", clock=clock)
    close_period(city.store, POLICY, "DINKES", ON, by="kepala", through=ON, reason="uji", clock=clock)
    found = explained(city, as_of=clock.at)
    text = told(found)
    assert [stored.row.status for stored in found.versions] == ["undetermined", "present"]
    assert "Versi 1, 25 November 2026 06.00 WIB, oleh petugas, sebab: pemeriksaan pertama: Belum lengkap (?)" in text
    assert "Versi 2, 25 November 2026 08.01 WIB, oleh petugas, sebab: data susulan: Hadir (H)" in text
    assert (
        f"ditutup (versi 1) pada 25 November 2026 08.01 WIB oleh kepala; alasan: uji; SHA-256 {found.period.sha256}"
        in text
    )
    assert len(explained(city, as_of=MORNING_AFTER).versions) == 1


def test_a_change_after_the_closing_is_an_addendum_and_a_stale_version_is_said_to_be_one(city):
    city.poll(city.lobby, MORNING_AFTER)
    clock = Standing(MORNING_AFTER)
    close_period(city.store, POLICY, "DINKES", ON, by="kepala", through=ON, reason="uji", clock=clock)
    late_at = MORNING_AFTER + timedelta(hours=2)
    city.punch(city.lobby, "007", at("07:00"), received_at=late_at)
    city.punch(city.lobby, "007", at("16:00"), received_at=late_at)
    assert "berbeda dari versi terakhir yang tersimpan" in told(explained(city, as_of=late_at))
    clock.at = late_at + timedelta(minutes=1)
    rebuild(city.store, POLICY, ON, ON, by="petugas", cause="data susulan", clock=clock)
    text = told(explained(city, as_of=clock.at))
    assert "Adendum sesudah ditutup, 25 November 2026 08.01 WIB: TK menjadi H, sebab: data susulan" in text
    assert "berbeda dari versi terakhir" not in text


def test_a_night_shift_is_explained_with_its_roster_and_the_date_of_each_punch(city):
    city.unit("RSUD", parent="KOTA", pattern="shift")
    nurse = city.person("9", "RSUD")
    city.enrol(nurse, "9")
    with city.store.begin() as connection:
        save_rosters(connection, {(nurse, ON): ("M",)}, by="kepala ruang", at=at("06:00"))
    hospital = city.device("RSUD", "IGD")
    start = next(iter(explained(city, "9").explanation.day.spans)).starts_at
    city.punch(hospital, "9", start + timedelta(minutes=20))
    city.punch(hospital, "9", at("08:10", ON + timedelta(days=1)))
    as_of = at("20:00", ON + timedelta(days=1))
    city.poll(hospital, as_of)
    found = explained(city, "9", as_of=as_of)
    text = told(found)
    assert [use.half for use in found.explanation.punches] == ["in", "out"]
    assert "Ditetapkan oleh daftar jaga" in text
    assert "25 November 2026 08.10.00 di mesin IGD" in text
    assert "= 20 menit terlambat → TL1 (1-30 menit)" in text
    assert "daftar jaga pegawai untuk tanggal ini (eabsensi roster import)" in told(
        explained(city, "9", on=ON - timedelta(days=3))
    )


def test_the_night_before_a_transfer_is_judged_alike_alone_in_its_month_and_explained(city):
    """The morning punch counts once: it opens the office day of the new unit, or closes the night of the old one."""
    after = ON + timedelta(days=1)
    city.unit("RSUD", parent="KOTA", pattern="shift")
    nurse = city.person("9", "RSUD", until=after)
    city.person("9", "DINKES", since=after)
    city.enrol(nurse, "9")
    hospital = city.device("RSUD", "IGD")
    with city.store.begin() as connection:
        save_rosters(connection, {(nurse, ON): ("M",)}, by="kepala ruang", at=at("06:00"))
    city.punch(hospital, "9", at("20:55"))
    for clock in ("07:12", "15:50"):
        city.punch(city.lobby, "9", at(clock, after))
    as_of = at("06:00", after + timedelta(days=1))
    for device in (hospital, city.lobby):
        city.poll(device, as_of)
    with city.store.begin() as connection:
        (alone,) = assess_range(connection, POLICY, ON, ON, as_of=as_of, employees={nurse})
        days = assess_range(connection, POLICY, ON, after, as_of=as_of, employees={nurse})
        both = {day.unit.code: day.verdict for day in days}
    explanation = explained(city, "9", as_of=as_of).explanation
    assert alone.verdict.codes == both["RSUD"].codes == explanation.verdict.codes == ("PSW4",)
    assert both["DINKES"].codes == ("H",)


def test_json_holds_the_same_facts_as_the_prose(city):
    found = late(city)
    shown = why_object(found, POLICY, Language.ID)
    assert (shown["nip"], shown["date"], shown["codes"], shown["late_minutes"]) == (SITI, "2026-11-24", ["TL2"], 35)
    assert [punch["counts_as"] for punch in shown["punches"]] == ["in", None, None, None, "out"]
    assert shown["devices"][0]["complete_through"] == "2026-11-25T06:00:00+07:00"
    prose = told(found)
    assert all(line in prose for line in shown["arithmetic"])


def test_an_unknown_nip_is_refused_with_the_nearest_and_a_grouped_one_is_read(city):
    with pytest.raises(UnknownPersonError, match=r"199001012015011002.*Did you mean '199001012015011001'\?"):
        explained(city, "199001012015011002")
    assert explained(city, "19900101 201501 1 001").explanation.facts.person.nip == SITI


def test_a_day_without_a_posting_is_refused_with_the_postings(city):
    with pytest.raises(NotPostedError, match=r"has no posting on 2019-01-01.*DINKES from 2020-01-01"):
        explained(city, on=date(2019, 1, 1), as_of=END)
