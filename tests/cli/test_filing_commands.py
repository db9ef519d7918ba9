"""eabsensi document, roster, ceremony and enrolment unmapped: what HR files, and who is nobody yet."""

from __future__ import annotations

import csv
import io

import pytest

BUDI, SITI = "198503172010012003", "199001022015032004"
PAPERS = (
    "nip,unit,kind,from,to,number,issued_on,approved_at,approved_by,note\n"
    f"{BUDI},,CT,2026-03-02,2026-03-04,851/7,2026-02-20,2026-02-23,Kepala Dinas,pulang kampung\n"
    f"{SITI},,DL,2026-03-02,2026-03-02,090/1,,,,\n"
    ",DINKES,incident,2026-03-05,2026-03-05,GGN/1,,2026-03-06,Kepala Dinas,mesin rusak\n"
)


@pytest.fixture
def filed(city):
    outcome = city("document", "import", city.write("papers.csv", PAPERS), "--by", "operator")
    assert (outcome.code, outcome.out) == (0, "Documents: 3 new, 0 changed, 0 as before, 0 refused.\n")
    return city


def _documents(city, *options):
    return city("document", "list", "--json", *options).json


def test_documents_are_listed_approved_and_revoked(filed):
    listed = {row["number"]: row for row in _documents(filed)}
    assert {number: row["state"] for number, row in listed.items()} == {
        "851/7": "approved",
        "090/1": "filed",
        "GGN/1": "approved",
    }
    assert {row["filed_by"] for row in listed.values()} == {"operator"}
    number = listed["090/1"]["id"]
    outcome = filed("document", "approve", number, "--by", "Camat")
    assert (outcome.code, outcome.out) == (0, f"Document {number} is approved: duty from 2026-03-02 to 2026-03-02.\n")
    outcome = filed("document", "revoke", number, "--by", "Camat", "--reason", "dibatalkan")
    assert (outcome.code, outcome.out) == (0, f"Document {number} is revoked: duty from 2026-03-02 to 2026-03-02.\n")
    [row] = _documents(filed, "--state", "revoked")
    assert (row["approved_by"], row["revoked_by"], row["revoke_reason"]) == ("Camat", "Camat", "dibatalkan")


def test_the_list_of_documents_is_narrowed(filed):
    assert [row["number"] for row in _documents(filed, "--unit", "PKM1")] == ["090/1"]
    assert [row["number"] for row in _documents(filed, "--nip", BUDI)] == ["851/7"]
    assert [row["number"] for row in _documents(filed, "--from", "2026-03-05", "--to", "2026-03-05")] == ["GGN/1"]
    out = filed("document", "list").out
    assert "Budi Santoso" in out
    assert "851/7" in out


def test_of_several_documents_those_that_can_be_are_approved(filed):
    numbers = {row["number"]: row["id"] for row in _documents(filed)}
    outcome = filed("document", "approve", numbers["090/1"], numbers["851/7"], 999, "--by", "Camat")
    assert outcome.code == 3
    assert outcome.out.count("is approved") == 1
    assert f"Document {numbers['851/7']} was approved by Kepala Dinas on 2026-02-23" in outcome.err
    assert "There is no document 999; the list of documents (`eabsensi document list`) shows them." in outcome.err
    assert filed("document", "approve", 999, "--by", "Camat").code == 1


def test_who_approves_and_why_it_is_revoked_must_be_said(filed):
    number = _documents(filed)[0]["id"]
    assert filed("document", "approve", number).code == 2
    assert filed("document", "revoke", number, "--by", "Camat").code == 2


def test_documents_are_exported_as_they_can_be_imported(filed):
    number = next(row["id"] for row in _documents(filed) if row["state"] == "filed")
    assert filed("document", "revoke", number, "--by", "Camat", "--reason", "salah").code == 0
    exported = filed("document", "export").out
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert [(row["nip"], row["unit"], row["kind"]) for row in rows] == [
        (BUDI, "", "annual_leave"),
        ("", "DINKES", "incident"),
    ]
    assert filed("document", "import", filed.write("again.csv", exported)).out.endswith("2 as before, 0 refused.\n")


def test_a_dry_run_files_nothing(city):
    outcome = city("document", "import", city.write("papers.csv", PAPERS), "--dry-run")
    assert outcome.out == "Documents: Nothing was written; it would be 3 new, 0 changed, 0 as before, 0 refused.\n"
    assert _documents(city) == []


def _trail(city, *, dropping=("id", "at", "role", "address")):
    rows = city("trail", "--json").json
    return [{name: value for name, value in row.items() if name not in dropping} for row in reversed(rows)]


def test_each_document_that_is_filed_stands_in_the_trail(filed):
    numbers = {row["number"]: row["id"] for row in _documents(filed)}
    first, second, third = _trail(filed)
    assert first == {
        "account": "operator",
        "action": "file-document",
        "unit": None,
        "nip": BUDI,
        "subject": f"document {numbers['851/7']} 851/7",
        "detail": {
            "kind": "annual_leave",
            "from": "2026-03-02",
            "to": "2026-03-04",
            "approved_by": "Kepala Dinas",
            "approved_at": "2026-02-23T00:00:00+07:00",
        },
    }
    assert (second["nip"], second["subject"]) == (SITI, f"document {numbers['090/1']} 090/1")
    assert second["detail"] == {"kind": "duty", "from": "2026-03-02", "to": "2026-03-02"}
    assert (third["nip"], third["unit"], third["action"]) == (None, "DINKES", "file-document")


def test_an_approval_that_a_file_brings_stands_in_the_trail(filed):
    rows = PAPERS.replace("090/1,,,,", "090/1,,2026-03-03,Camat,")
    assert filed("document", "import", filed.write("papers.csv", rows), "--by", "hr").code == 0
    *_, last = _trail(filed)
    assert (last["account"], last["action"], last["nip"]) == ("hr", "approve-document", SITI)
    assert last["detail"]["approved_by"] == "Camat"
    assert len(_trail(filed)) == 5  # three papers, the approval, the look before


def test_a_dry_run_and_a_repeated_file_leave_nothing_in_the_trail(city):
    papers = city.write("papers.csv", PAPERS)
    assert city("document", "import", papers, "--dry-run").code == 0
    assert _trail(city) == []
    assert city("document", "import", papers).code == 0
    before = len(_trail(city))
    assert city("document", "import", papers).code == 0
    assert len(_trail(city)) == before + 1  # the look before


def test_a_bad_document_is_told_and_the_good_ones_are_filed(city):
    rows = PAPERS + f"{BUDI},,TL,2026-03-09,2026-03-09,,,,,\n"
    outcome = city("document", "import", city.write("papers.csv", rows))
    assert outcome.code == 3
    assert outcome.out == "Documents: 3 new, 0 changed, 0 as before, 1 refused.\n"
    assert outcome.err.startswith("papers.csv line 5 column kind: TL can mean terlambat (late) or tugas luar (duty).")


def test_rosters_are_imported_listed_and_exported(city):
    rows = f"nip,date,shift\n{BUDI},2026-03-02,P\n{BUDI},2026-03-02,M\n{SITI},2026-03-03,lepas\n{SITI},2026-03-04,Q\n"
    outcome = city("roster", "import", city.write("roster.csv", rows), "--by", "karu")
    assert (outcome.code, outcome.out) == (3, "Rosters: 2 new, 0 changed, 0 as before, 1 refused.\n")
    assert "roster.csv line 5 column shift: there is no shift 'Q'." in outcome.err
    listed = city("roster", "list", "--json").json
    assert [(row["nip"], row["date"], row["shift"]) for row in listed] == [
        (BUDI, "2026-03-02", "P"),
        (BUDI, "2026-03-02", "M"),
        (SITI, "2026-03-03", "LEPAS"),
    ]
    assert city("roster", "list", "--unit", "PKM1", "--json").json == listed[2:]
    assert city("roster", "list", "--nip", BUDI, "--to", "2026-03-02", "--json").json == listed[:2]
    exported = city("roster", "export").out
    assert city("roster", "import", city.write("again.csv", exported)).out.endswith("2 as before, 0 refused.\n")


def test_gatherings_are_announced_weekly_listed_and_cancelled(city):
    window = ("--date", "2026-03-02", "--from", "07:15", "--to", "07:45")
    outcome = city(
        "ceremony", "add", *window, "--weekly-until", "2026-03-16", "--basis", "SE 1/2026", "--by", "protokol"
    )
    assert outcome.code == 0
    assert [line.split(": ")[1] for line in outcome.out.splitlines()] == [
        f"Apel on 2026-03-{day:02}, 07:15 to 07:45 Asia/Jakarta." for day in (2, 9, 16)
    ]
    first, *_ = listed = city("ceremony", "list", "--json").json
    assert (first["opens_at"], first["unit"], first["filed_by"]) == ("2026-03-02T07:15:00+07:00", None, "protokol")
    assert city("ceremony", "cancel", first["id"], "--by", "protokol").out == (
        f"Gathering {first['id']} is cancelled: apel Apel on 2026-03-02.\n"
    )
    assert city("ceremony", "list", "--from", "2026-03-03", "--json").json == listed[1:]
    assert city("ceremony", "list", "--to", "2026-03-02", "--json").json[0]["cancelled_by"] == "protokol"
    assert city("ceremony", "cancel", first["id"]).code == 1


def test_a_gathering_keeps_the_wall_clock_of_its_unit(city):
    units = "code,name,parent,kind,pattern,timezone\nMKS,Perwakilan,KOTA,dinas,5-day,Asia/Makassar\n"
    assert city("unit", "import", city.write("more.csv", units)).code == 0
    window = ("--date", "2026-08-17", "--from", "06:30", "--to", "08:00")
    outcome = city("ceremony", "add", *window, "--kind", "upacara", "--name", "HUT RI", "--unit", "MKS")
    assert outcome.out.endswith("HUT RI on 2026-08-17, 06:30 to 08:00 Asia/Makassar.\n")
    assert city("ceremony", "list", "--json").json[0]["opens_at"] == "2026-08-17T06:30:00+08:00"
    assert "no time of day" in city("ceremony", "add", "--date", "2026-08-17", "--from", "6.30", "--to", "08:00").err
    outcome = city("ceremony", "add", *window, "--unit", "MKZ")
    assert (outcome.code, "There is no unit MKZ." in outcome.err) == (1, True)


def test_unmapped_pins_are_told_with_their_rhythm(city):
    lines = [f"    12\t2026-03-{day:02} 07:2{day % 3}:00\t1\t0\t1\t0" for day in range(2, 9)]
    lines += ["    7\t2026-03-02 07:20:00\t1\t0\t1\t0"]
    dump = city.write("attlog.dat", "".join(f"{line}\n" for line in lines))
    assert city("punch", "import", "--device", "AAA111", dump).code == 0
    [found] = city("enrolment", "unmapped", "--json").json
    assert (found["serial"], found["pin"], found["punches"], found["days"]) == ("AAA111", "12", 7, 7)
    assert (found["first"], found["usual"], found["steady"]) == ("2026-03-02T07:22:00", "07:21", True)
    assert found["suggestions"] == []
    table = city("enrolment", "unmapped", "--device", "AAA111")
    assert "steady, ±" in table.out
    assert "they count once an enrolment is imported" in table.err
    mapped = city.write("map.csv", f"serial,pin,nip,from\nAAA111,12,{SITI},2026-03-01\n")
    assert city("enrolment", "import", mapped).code == 0
    assert city("enrolment", "unmapped").out == "Every PIN with punches is enrolled.\n"
