"""The pictures of reports: the rows' numbers, harmless, told apart in grey, the same each time, honest when empty."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import period_samples as samples
import pypdf
import pytest
import report_samples
import typst

from eabsensi.discipline.verdict import Status
from eabsensi.law.wording import Language
from eabsensi.reports.charts import palette, sources
from eabsensi.reports.charts.arrivals import MINUTES, Arrivals, arrivals_svg
from eabsensi.reports.charts.cells import Cell, Kind
from eabsensi.reports.charts.drawing import fitted, text_width, wrapped
from eabsensi.reports.charts.heatmap import Heatmap, HeatRow, heatmap_svg
from eabsensi.reports.charts.punctuality import Step, Stretch, Trend, punctuality_svg
from eabsensi.reports.charts.units import PARTS, UnitBar, Units, units_svg
from eabsensi.reports.daily import DailyReport
from eabsensi.reports.monthly import MonthlyReport, monthly_report
from eabsensi.reports.recap import percentage
from eabsensi.reports.rendering import render
from eabsensi.reports.yearly import yearly_report

ID, EN = Language.ID, Language.EN
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert('x')</script> & \"Siti\" \x00\x0b\ud800 ]]> =1+1"
MADE_AT = datetime.fromisoformat("2026-12-02T06:00:00+07:00")
DATES = tuple(date(2026, 11, day) for day in range(1, 31))
NOVEMBER_24 = date(2026, 11, 24)


def november(as_of: datetime = samples.AS_OF) -> MonthlyReport:
    period = samples.november()
    days = tuple(day for day in period.days if day.on <= as_of.date())
    return monthly_report(replace(period, as_of=as_of, days=days), samples.POLICY)


def maps(report: MonthlyReport) -> list[Heatmap]:
    return [one for section in report.sections for one in sources.month_heatmaps(report, section, samples.POLICY)]


def objects_of(report: DailyReport | MonthlyReport, folder: Path) -> list[dict]:
    (path,) = render(report, "json", folder / "report.json", "id")
    return json.loads(path.read_text(encoding="utf-8"))


def trend_of_november(step: Step = Step.DAY) -> Trend:
    period = samples.november()
    own = tuple(day for day in period.days if day.unit is samples.TRADE)
    return sources.trend(replace(period, unit=samples.TRADE, days=own), step, ID, period.days)


def bar(code: str, *counts: int, incomplete: bool = False, name: str = "") -> UnitBar:
    return UnitBar(code, name or f"Dinas {code}", *counts, off=0, incomplete=incomplete)


ARRIVALS = Arrivals(NOVEMBER_24, "Dinas Kesehatan", 10, (-30, -12, -12, -3, 0, 4), 2, time(7, 15))
PICTURES = {
    "map": lambda language: heatmap_svg(maps(november())[0], language),
    "calendar": lambda language: heatmap_svg(
        sources.person_calendar(november(), samples.BUDI.nip, samples.POLICY), language
    ),
    "trend": lambda language: punctuality_svg(trend_of_november(), language),
    "weeks": lambda language: punctuality_svg(trend_of_november(Step.WEEK), language),
    "arrivals": lambda language: arrivals_svg(
        replace(ARRIVALS, tolerance_minutes=30, usual=tuple(0.5 for _ in MINUTES), usual_days=9, on_shifts=3), language
    ),
    "units": lambda language: units_svg(sources.unit_bars(report_samples.report(), language), language),
    "columns": lambda language: units_svg(
        Units(NOVEMBER_24, "Kota", tuple(bar(f"U{n}", n, 2, 1, 1, n % 3) for n in range(45)), columns=2), language
    ),
    "no map": lambda language: heatmap_svg(Heatmap("Dinas Kesehatan", DATES, ()), language),
    "no trend": lambda language: punctuality_svg(Trend("Kota", Step.DAY, ()), language),
    "no arrivals": lambda language: arrivals_svg(Arrivals(NOVEMBER_24, "Kota", 0, (), 0, None), language),
    "no units": lambda language: units_svg(Units(NOVEMBER_24, "Kota", ()), language),
}


@pytest.fixture(params=sorted(PICTURES))
def draw(request):
    return PICTURES[request.param]


def having(root: ET.Element, attribute: str) -> list[ET.Element]:
    return [found for found in root.iter() if attribute in found.attrib]


def texts(root: ET.Element) -> list[str]:
    return [found.text or "" for found in root.iter(f"{SVG}text")]


def told(root: ET.Element) -> str:
    return root.findtext(f"{SVG}desc") or ""


@pytest.mark.parametrize("language", Language)
def test_it_is_a_self_contained_picture_with_a_name_and_a_description(draw, language):
    root = ET.fromstring(draw(language))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("viewBox", "").startswith("0 0 ")
    assert root.findtext(f"{SVG}title")
    assert len(told(root)) > 20
    names = {root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")}
    assert names == {root.get("aria-labelledby"), root.get("aria-describedby")}
    tags = {found.tag.removeprefix(SVG) for found in root.iter()}
    assert tags <= {
        *("svg", "title", "desc", "defs", "pattern", "g", "use", "rect", "path", "circle", "text"),
    }, "nothing that runs, loads or styles the page around it"
    assert not [name for found in root.iter() for name in found.attrib if name == "style" or name.startswith("on")]


def test_what_it_refers_to_is_inside_and_several_stand_in_one_page():
    pictures = [draw(language) for draw in PICTURES.values() for language in Language]
    ids: list[str] = []
    for text in pictures:
        own = re.findall(r' id="([^"]+)"', text)
        ids += own
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', text)) <= set(own)
    assert len(ids) == len(set(ids))


def test_the_same_values_give_the_same_picture(draw):
    assert draw(ID) == draw(ID)
    assert draw(ID) != draw(EN)


@pytest.mark.parametrize(
    ("picture", "words", "english"),
    [
        ("no map", "Tidak ada pegawai", "nobody"),
        ("no trend", "Belum ada hari kerja", "no working day"),
        ("no arrivals", "Tidak ada pegawai", "Nobody"),
        ("no units", "Tidak ada unit kerja", "No unit"),
    ],
)
def test_where_there_is_nothing_it_says_so(picture, words, english):
    for language, said in ((ID, words), (EN, english)):
        root = ET.fromstring(PICTURES[picture](language))
        assert said in " ".join(texts(root))
        assert said in told(root)


def test_hostile_names_stay_names():
    cells = (Cell(DATES[2], Kind.PRESENT, codes=HOSTILE),)
    pictures = [
        heatmap_svg(Heatmap(HOSTILE, DATES, (HeatRow(HOSTILE, HOSTILE, cells),), calendar=calendar), ID)
        for calendar in (False, True)
    ]
    pictures.append(units_svg(Units(NOVEMBER_24, HOSTILE, (bar(HOSTILE, 3, 1, 0, 0, 0, name=HOSTILE),)), ID))
    pictures.append(arrivals_svg(replace(ARRIVALS, place=HOSTILE), ID))
    pictures.append(punctuality_svg(replace(trend_of_november(), place=HOSTILE), ID))
    for text in pictures:
        root = ET.fromstring(text)
        assert not list(root.iter(f"{SVG}script"))
        assert "<script>alert('x')</script> & \"Siti\"" in root.findtext(f"{SVG}title")


# the heat map


def cells_of(picture: str) -> dict[str, list[ET.Element]]:
    root = ET.fromstring(picture)
    return {row.get("data-nip", ""): having(row, "data-kind") for row in having(root, "data-nip")}


@pytest.mark.parametrize("as_of", [samples.AS_OF, datetime(2026, 11, 24, 9, 0, tzinfo=samples.ZONE)])
def test_the_map_counts_what_the_rows_count(as_of, tmp_path):
    report = november(as_of)
    found = {nip: cells for one in maps(report) for nip, cells in cells_of(heatmap_svg(one, ID)).items()}
    rows = {row["nip"]: row for row in objects_of(report, tmp_path)}
    assert found.keys() == rows.keys()
    for nip, row in rows.items():
        kinds = Counter(cell.get("data-kind") for cell in found[nip])
        assert sum(kinds.values()) == 30
        assert kinds["future"] == 30 - len(row["days"])
        assert kinds["late"] == row["late_count"]
        assert sum("data-early" in cell.attrib for cell in found[nip]) == row["early_count"]
        assert kinds["absent"] == row["absent_days"]
        for kind in ("leave", "duty", "sick", "permission", "undetermined"):
            assert kinds[kind] == row[kind], kind
        assert kinds["off"] == sum(codes == "L" for codes in row["days"].values())
        bands = {int(cell.get("data-day")): int(cell.get("data-late", 0)) for cell in found[nip]}
        for on, codes in row["days"].items():
            assert bands[date.fromisoformat(on).day] == max([int(c[2:]) for c in codes.split() if c[:2] == "TL"] or [0])


def test_the_map_shows_which_days_are_still_open():
    cells = cells_of(heatmap_svg(maps(november())[0], ID))[samples.FAJAR.nip]
    assert [cell.get("data-day") for cell in cells if cell.get("data-open")] == ["3"]


def test_a_calendar_shows_the_days_with_their_codes_and_times():
    calendar = sources.person_calendar(november(), samples.BUDI.nip, samples.POLICY)
    picture = heatmap_svg(calendar, ID)
    root = ET.fromstring(picture)
    days = {cell.get("data-day"): texts(cell) for cell in having(root, "data-kind")}
    assert len(days) == 30
    assert days["2"] == ["2", "TL2", "PSW1", "07.10", "15.50"]
    assert days["12"] == ["12", "TK"]
    assert days["23"] == ["23", "TL4", "-", "15.50"], "an arrival that is missing is a dash"
    assert float(root.get("viewBox").split()[2]) < 400


def test_a_calendar_marks_the_codes_of_a_day_that_is_still_open_with_a_star():
    root = ET.fromstring(heatmap_svg(sources.person_calendar(november(), samples.FAJAR.nip, samples.POLICY), ID))
    codes = {cell.get("data-day"): texts(cell)[1] for cell in having(root, "data-kind")}
    assert (codes["2"], codes["3"], codes["4"]) == ("TL2", "H*", "H")


def test_a_calendar_of_several_people_is_refused():
    with pytest.raises(ValueError, match="one person"):
        heatmap_svg(replace(maps(november())[0], calendar=True), ID)


def test_a_person_whom_the_month_does_not_have_is_an_empty_calendar():
    calendar = sources.person_calendar(november(), "199901012024011001", samples.POLICY)
    assert calendar.rows == ()
    assert "Tidak ada pegawai" in heatmap_svg(calendar, ID)


def test_a_large_unit_becomes_several_maps_and_nobody_is_lost():
    people = [replace(samples.BUDI, employee_id=n, nip=f"{n:018}") for n in range(130)]
    days = tuple(samples.judged(person, samples.HEALTH, date(2026, 11, 2)) for person in people)
    report = monthly_report(replace(samples.november(), days=days), samples.POLICY)
    found = maps(report)
    assert [len(one.rows) for one in found] == [60, 60, 10]
    assert [row.nip for one in found for row in one.rows] == [person.nip for person in people]
    width, height = map(float, ET.fromstring(heatmap_svg(found[0], ID)).get("viewBox").split()[2:])
    assert width / height > 302 / 186, "60 people fit the printable part of F4 landscape"


# punctuality


def test_the_trend_counts_what_the_days_count():
    period = samples.november()
    root = ET.fromstring(punctuality_svg(trend_of_november(), ID))
    bars = {found.get("data-first"): found for found in having(root, "data-first")}
    own = [day for day in period.days if day.unit is samples.TRADE]
    assert bars
    for first, found in bars.items():
        on = [day for day in own if day.on.isoformat() == first]
        city = [day for day in period.days if day.on.isoformat() == first]
        for name, status in (("absent", Status.ABSENT), ("undetermined", Status.UNDETERMINED)):
            assert int(found.get(f"data-{name}")) == sum(day.status is status for day in on)
        assert int(found.get("data-on-time")) == on_time(on)
        assert found.get("data-city") == text_of(percent(city))
        assert found.get("data-percent") == text_of(percent(on))


def on_time(days: list) -> int:
    return sum(day.status is Status.PRESENT and "TL" not in "".join(day.codes) for day in days)


def test_a_present_day_whose_arrival_is_not_known_is_undetermined_in_day_and_year():
    period = samples.november()
    days = tuple(
        replace(day, in_at=None, complete=False) if day.person is samples.ANISA and day.on.day == 2 else day
        for day in period.days
    )
    changed = replace(period, days=days)
    before, after = (sources.trend(one, Step.DAY, ID).stretches[1] for one in (period, changed))
    assert (after.on_time, after.undetermined) == (before.on_time - 1, before.undetermined + 1)
    assert (after.due, after.late) == (before.due, before.late)
    year = yearly_report(changed, samples.POLICY, 2026)
    health = next(section for section in year.sections if section.unit is samples.HEALTH)
    whole = next(one for one in sources.year_trend(year, health, ID).stretches if one.due)
    assert whole.undetermined == 1


def percent(days: list) -> Decimal | None:
    return percentage(on_time(days), sum(day.status in {Status.PRESENT, Status.ABSENT} for day in days))


def text_of(share: Decimal | None) -> str | None:
    return None if share is None else str(share)


def test_weeks_and_months_add_up_to_the_days():
    sums = {
        step: [sum(getattr(one, name) for one in trend_of_november(step).stretches) for name in ("due", "on_time")]
        for step in Step
    }
    assert sums[Step.DAY] == sums[Step.WEEK] == sums[Step.MONTH]
    weeks = trend_of_november(Step.WEEK).stretches
    assert [(one.first.day, one.last.day) for one in weeks] == [(1, 1), (2, 8), (9, 15), (16, 22), (23, 29), (30, 30)]


def test_what_is_not_known_is_hatched_and_never_a_zero():
    stretches = (
        Stretch(date(2026, 10, 1), date(2026, 10, 31), 0, 0, 0, 8, None),
        Stretch(date(2026, 11, 1), date(2026, 11, 30), 3, 1, 0, 4, Decimal("80.00")),
        Stretch(date(2026, 12, 1), date(2026, 12, 31), 0, 0, 0, 0, None),
    )
    root = ET.fromstring(punctuality_svg(Trend("Kota", Step.MONTH, stretches, with_city=True), ID))
    unknown, partly, nothing = having(root, "data-first")
    assert "data-percent" not in unknown.attrib
    assert "?" in texts(unknown)
    assert hatched_height(unknown) == pytest.approx(210)
    assert partly.get("data-percent") == "75.00"
    assert hatched_height(partly) == pytest.approx(210 / 2)
    assert not list(nothing.iter(f"{SVG}rect"))
    assert "belum dapat dinilai" in told(root)
    assert "75,0 % tepat waktu, 4 hari pegawai belum lengkap, seluruh kota 80,0 %" in told(root)


def hatched_height(found: ET.Element) -> float:
    (rect,) = (one for one in found.iter(f"{SVG}rect") if one.get("fill", "").startswith("url("))
    return float(rect.get("height"))


def test_the_line_of_the_city_breaks_where_nothing_is_judged():
    shares = (Decimal(80), None, Decimal(90), Decimal(70))
    stretches = tuple(Stretch(on, on, 3, 1, 0, 0, share) for on, share in zip(DATES[1:5], shares, strict=True))
    text = punctuality_svg(Trend("Kota", Step.DAY, stretches, with_city=True), ID)
    line = next(path.get("d") for path in ET.fromstring(text).iter(f"{SVG}path") if path.get("fill") == "none")
    assert re.sub(r"[^ML]", "", line) == "MML"


# arrivals


def test_arrivals_count_what_the_rows_count(tmp_path):
    report = report_samples.report()
    due = [row for row in objects_of(report, tmp_path) if row["status"] not in {"off", "excused"}]
    late = [
        datetime.fromisoformat(row["in"]) - datetime.fromisoformat(row["schedule"]["start"]) for row in due if row["in"]
    ]
    values = sources.arrivals(report, report_samples.POLICY, ID)
    (curve,) = having(ET.fromstring(arrivals_svg(values, ID)), "data-people")
    assert int(curve.get("data-people")) == len(due) == 8
    assert int(curve.get("data-arrived")) == len(late)
    assert int(curve.get("data-by-start")) == sum(by < timedelta(minutes=1) for by in late)
    unknown = sum(row["status"] == "undetermined" and row["in"] is None for row in due)
    assert int(curve.get("data-undetermined")) == unknown > 0
    assert values.start == time(7, 15)


def test_a_day_that_runs_is_drawn_as_far_as_it_has_gone():
    as_of = datetime(2026, 11, 24, 7, 5, tzinfo=report_samples.ZONE)
    values = sources.arrivals(report_samples.report(as_of=as_of), report_samples.POLICY, ID)
    assert values.until == -10
    root = ET.fromstring(arrivals_svg(values, ID))
    (curve,) = having(root, "data-people")
    assert int(curve.get("data-by-start")) == values.arrived_by(-10)
    ends = re.findall(r"H([\d.]+)", curve.find(f"{SVG}path").get("d"))
    axis = 36 + 422 * (-10 - MINUTES[0]) / (MINUTES[-1] - MINUTES[0])
    assert float(ends[-1]) == pytest.approx(axis, abs=0.01)
    assert any("sampai pukul 07.05" in text for text in texts(root))


def test_before_anybody_can_come_there_is_no_curve():
    values = replace(ARRIVALS, minutes=(), until=-200, as_of=datetime(2026, 11, 24, 3, 55, tzinfo=samples.ZONE))
    (curve,) = having(ET.fromstring(arrivals_svg(values, ID)), "data-people")
    assert not list(curve)


def test_the_usual_is_the_median_of_days_that_are_known():
    def day(on: int, clock: time | None, person=samples.ANISA, codes: str = "H"):
        at = datetime.combine(date(2026, 11, on), clock, samples.ZONE) if clock else None
        return samples.judged(person, samples.HEALTH, date(2026, 11, on), codes, in_at=at)

    past = [
        *(day(2, time(7, 0)), day(2, time(7, 0), samples.BUDI)),
        *(day(3, time(7, 5)), day(3, None, samples.BUDI, "TK")),
        *(day(4, time(7, 10)), day(4, time(7, 20), samples.BUDI, "TL1"), day(4, None, samples.CITRA, "CT")),
        *(day(5, time(6, 30)), day(5, None, samples.BUDI, "?")),  # half unread: tells nothing
        *(day(7, None, codes="L"), day(7, None, samples.BUDI, "L")),  # a Saturday
    ]
    values = sources.arrivals(report_samples.report(), report_samples.POLICY, ID, past)
    assert values.usual_days == 3
    shares = dict(zip(MINUTES, values.usual, strict=True))
    assert [shares[minute] for minute in (-20, -15, -10, -5, 5)] == [0.0, 0.0, 0.5, 0.5, 1.0]
    picture = arrivals_svg(values, ID)
    assert "Biasanya: 50,0 % (median 3 hari)" in picture


def test_people_on_shifts_are_left_out_and_told():
    report = report_samples.report()
    first, *others = report.sections
    shifted = replace(first, unit=replace(first.unit, pattern="shift"))
    values = sources.arrivals(replace(report, sections=(shifted, *others)), report_samples.POLICY, ID)
    assert (values.people, values.on_shifts) == (2, 6)
    assert "6 pegawai sif tidak digambar." in arrivals_svg(values, ID)


# units


def test_units_count_what_the_rows_count(tmp_path):
    report = report_samples.report()
    root = ET.fromstring(units_svg(sources.unit_bars(report, ID), ID))
    found = {row.get("data-unit"): row for row in having(root, "data-unit")}
    objects = objects_of(report, tmp_path)
    assert found.keys() == {one["unit"] for one in objects}
    for code, row in found.items():
        rows = [one for one in objects if one["unit"] == code]
        statuses = Counter(one["status"] for one in rows)
        late = sum(one["status"] == "present" and "TL" in "".join(one["codes"]) for one in rows)
        assert int(row.get("data-late")) == late
        assert int(row.get("data-on-time")) == statuses["present"] - late
        for status in ("absent", "excused", "undetermined", "off"):
            assert int(row.get(f"data-{status}")) == statuses[status]
        drawn = {part.get("data-part"): int(part.get("data-count")) for part in having(row, "data-part")}
        assert sum(drawn.values()) == len(rows) - statuses["off"]
        widths = [float(part.get("width")) for part in having(row, "data-part")]
        assert sum(widths) == pytest.approx(176, abs=0.05)


def test_units_are_sorted_the_incomplete_apart_and_those_without_duty_named():
    bars = (
        bar("B", 5, 5, 0, 0, 0),
        bar("Z", 9, 0, 0, 0, 1, incomplete=True),
        bar("A", 9, 1, 0, 3, 0),
        bar("Y", 0, 0, 0, 0, 4, incomplete=True),
        replace(bar("L", 0, 0, 0, 0, 0), off=7),
    )
    root = ET.fromstring(units_svg(Units(NOVEMBER_24, "Kota", bars), ID))
    assert [row.get("data-unit") for row in having(root, "data-unit")] == ["A", "B", "Y", "Z"]
    said = texts(root)
    assert said.index("Dinas B") < said.index("Belum lengkap, tidak diperingkat") < said.index("Dinas Y")
    assert {"90,0 %", "50,0 %", "100,0 %"} <= set(said)
    (unknown,) = (row for row in having(root, "data-unit") if row.get("data-unit") == "Y")
    assert "-" in texts(unknown), "nothing judged is no percentage"
    assert "Tanpa hari kerja: Dinas L" in said


# told apart in grey


def grey(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def apart(one: str, other: str) -> float:
    low, high = sorted((grey(one), grey(other)))
    return (high + 0.05) / (low + 0.05)


def test_parts_that_may_touch_differ_by_three_to_one_or_by_their_hatching():
    for (_, one), (_, other) in combinations(PARTS, 2):
        if one.startswith("#") and other.startswith("#"):
            assert apart(one, other) >= 3
        else:
            assert one != other, "two hatchings would be the same"
    for ground in (palette.PAPER, palette.EXCUSED):
        assert apart(palette.HATCH, ground) >= 3


def test_bands_grow_darker_and_their_bars_can_be_counted():
    ladder = [palette.GOOD, *palette.BANDS, palette.ABSENT]
    assert all(grey(lighter) > grey(darker) * 1.1 for lighter, darker in pairwise(ladder))
    assert apart(palette.GOOD, palette.ABSENT) >= 3
    bars = {band: len(re.findall("M", bars_of(late=band))) for band in range(1, 5)}
    assert bars == {1: 1, 2: 2, 3: 3, 4: 4}
    assert bars_of(late=2) != bars_of(early=2), "what is missing in the morning stands left"


def bars_of(**bands: int) -> str:
    cells = (Cell(DATES[2], Kind.LATE if "late" in bands else Kind.EARLY, **bands),)
    root = ET.fromstring(heatmap_svg(Heatmap("Kota", DATES, (HeatRow("Siti", "1", cells),)), ID))
    (used,) = having(root, "data-kind")
    (look,) = (found for found in root.iter() if found.get("id") == used.get("href").removeprefix("#"))
    (path,) = look.iter(f"{SVG}path")
    return path.get("d")


def test_every_ink_reads_on_its_ground():
    for ground in (palette.GOOD, *palette.BANDS, palette.LATE, palette.ABSENT, palette.EXCUSED, palette.UNIT_LINE):
        assert apart(palette.ink_on(ground), ground) >= 4.5
    for mark in (palette.RULE, palette.HATCH, palette.UNIT_LINE, palette.OTHER_LINE):
        assert apart(mark, palette.PAPER) >= 3
    assert apart(palette.RULE, palette.OFF) >= 3


def test_every_class_of_cell_has_a_look_of_its_own():
    looks = {}
    for kind in Kind:
        cells = (Cell(DATES[2], kind, late=int(kind is Kind.LATE), early=int(kind is Kind.EARLY)),)
        root = ET.fromstring(heatmap_svg(Heatmap("Kota", DATES, (HeatRow("Siti", "1", cells),)), ID))
        (used,) = having(root, "data-kind")
        (look,) = (found for found in root.iter() if found.get("id") == used.get("href").removeprefix("#"))
        shapes = [
            (part.tag, part.get("d"), part.text, part.get("stroke-dasharray"), part.get("fill", "").startswith("url"))
            for part in look
        ]
        looks[kind] = str(shapes)  # without any colour
    assert len(set(looks.values())) == len(Kind)


# words and paper


def test_what_is_too_wide_is_cut_or_broken():
    name = "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia"
    assert fitted("Siti", 12, 100) == "Siti"
    assert fitted(name, 12, 100).endswith("…")
    assert text_width(fitted(name, 12, 100), 12) <= 100
    assert " ".join(wrapped(name, 12, 200, 3)) == name
    assert len(wrapped(name, 12, 120, 2)) == 2
    assert fitted("W" * 400, 12, 5) == "…"


def test_the_same_picture_stands_in_an_archival_pdf(draw, tmp_path):
    (tmp_path / "picture.svg").write_text(draw(ID), encoding="utf-8")
    (tmp_path / "page.typ").write_text(
        '#set document(title: "Gambar")\n#set page(width: 330mm, height: 215mm)\n#image("picture.svg", alt: "x")'
    )
    compiler = typst.Compiler(input=str(tmp_path / "page.typ"), font_paths=typst.Fonts(include_system_fonts=False))
    compiler.compile(
        output=str(tmp_path / "page.pdf"), format="pdf", pdf_standards=["a-2b"], pdf_tags=False, timestamp=MADE_AT
    )
    (page,) = pypdf.PdfReader(tmp_path / "page.pdf").pages
    printed = re.sub(r"\s", "", page.extract_text())
    words = {re.sub(r"\s", "", text) for text in texts(ET.fromstring(draw(ID)))}
    assert words
    assert [text for text in words if text not in printed] == []
