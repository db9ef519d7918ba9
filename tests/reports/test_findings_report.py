"""What the findings report says on its face; that its renderings agree is shown with all the others."""

from __future__ import annotations

import json

import finding_report_samples as samples
import openpyxl
import pypdf
import pytest

from eabsensi.discipline.findings.finding import Rule
from eabsensi.law.wording import Language
from eabsensi.reports.findings import not_possible, told_lines
from eabsensi.reports.rendering import render


def faces(tmp_path, report, language="id"):
    """Write the report in every form that a person reads; give their words."""
    files = {fmt: render(report, fmt, tmp_path / f"f.{fmt}", language)[0] for fmt in ("table", "xlsx", "pdf")}
    book = openpyxl.load_workbook(files["xlsx"])
    return {
        "table": files["table"].read_text(encoding="utf-8"),
        "xlsx": " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value),
        "pdf": " ".join(page.extract_text() for page in pypdf.PdfReader(files["pdf"]).pages),
    }


@pytest.mark.parametrize(("language", "said"), [("id", "indikasi, perlu pemeriksaan"), ("en", "to be examined")])
def test_every_face_says_that_these_are_indications(tmp_path, language, said):
    for name, words in faces(tmp_path, samples.report(), language).items():
        assert said in " ".join(words.split()).lower(), name


def test_every_face_names_what_cannot_be_examined(tmp_path):
    for name, words in faces(tmp_path, samples.report()).items():
        flat = " ".join(words.split())
        assert "tidak mungkin: templat biometrik tidak pernah meninggalkan mesin" in flat, name
        assert "R16 Rekaman tengah malam: koreksi tepat pada jam masuk" in flat, name


def test_an_empty_list_still_says_what_was_not_looked_at(tmp_path):
    for name, words in faces(tmp_path, samples.report(found=())).items():
        flat = " ".join(words.split())
        assert "Tidak ada temuan pada masa ini." in flat, name
        assert "templat biometrik" in flat, name


def test_only_what_was_asked_for_is_called_impossible():
    assert not_possible(frozenset({Rule.R8}), Language.EN) == ()
    (line,) = not_possible(frozenset({Rule.R10}), Language.EN)
    assert line.startswith("R10 ")


def test_paper_tells_some_rows_of_evidence_and_the_number_of_the_others(tmp_path):
    words = " ".join(faces(tmp_path, samples.report())["pdf"].split())
    assert "06-09-2026" in words
    assert "dan 6 baris lagi" in words
    assert "07-09-2026" not in words


def test_a_workbook_and_json_have_every_row_of_evidence(tmp_path):
    assert "12-09-2026 07.15.04" in faces(tmp_path, samples.report())["xlsx"]
    rows = json.loads(render(samples.report(), "json", tmp_path / "f.json")[0].read_text(encoding="utf-8"))
    assert [len(row["evidence"]) for row in rows] == [3, 3, 12, 3, 3]
    assert {row["label"] for row in rows} == {"indikasi, perlu pemeriksaan"}


def test_every_rule_is_told_with_its_innocent_explanation():
    for rule in Rule:
        lines = list(told_lines(rule, Language.ID))
        assert lines[0].startswith(f"{rule} ")
        assert rule is Rule.R10 or "Kemungkinan yang wajar" in lines[1]
