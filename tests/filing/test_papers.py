"""Filing, approving and revoking: rights, scope, four eyes, the trail, and verdicts that follow at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from filing_city import ANDI, BUDI, ON, POLICY, TODAY
from judged_city import at

from eabsensi.access.roles import NotAllowedError, Role
from eabsensi.assessing.closing import close_period, verify_period
from eabsensi.discipline.verdict import Status
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.looking import MOST_DAYS, Wanted, find_papers, look_at_paper
from eabsensi.filing.papers import withdraw
from eabsensi.filing.refusals import (
    DecidedError,
    FourEyesError,
    NoReasonError,
    NoSuchDocumentError,
    OwnPaperError,
    WishRefusedError,
)
from eabsensi.law.wording import Language
from eabsensi.store.documents import list_documents

YESTERDAY, TOMORROW = ON - timedelta(days=1), TODAY + timedelta(days=1)


def look(city, clerk, document_id):
    with city.store.begin() as connection:
        return look_at_paper(connection, clerk, document_id)


def papers(city, clerk, **wanted):
    with city.store.begin() as connection:
        return [row.number for row, _ in find_papers(connection, clerk, Wanted(**wanted)).rows]


def faults(city, clerk, **fields):
    with pytest.raises(WishRefusedError) as refused:
        city.file(clerk, **fields)
    return refused.value


def test_a_leave_counts_once_somebody_else_approved_it_and_no_more_once_it_is_revoked(city):
    assert city.standing().row.codes == ("TK",)
    filed = city.file(city.operator)
    assert city.standing().row.codes == ("TK",)
    decided = city.approve(city.hr, filed.id)
    assert (decided.row.state, decided.row.approved_by) == ("approved", "hr")
    [change] = decided.judgement.changes
    assert (change.nip, change.on, change.before.status, change.now.status) == (BUDI, ON, Status.ABSENT, Status.EXCUSED)
    standing = city.standing()
    assert (standing.row.status, standing.row.codes, standing.row.document) == ("excused", ("CT",), "CT 851/7")
    assert standing.cause == "document approved"
    [change] = city.revoke(city.hr, filed.id).judgement.changes
    assert (change.before.codes, change.now.codes) == (("CT",), ("TK",))
    assert city.standing().row.codes == ("TK",)
    assert city.marks() == 0


def test_what_is_done_stands_in_the_trail(city):
    filed = city.file(city.operator)
    city.approve(city.hr, filed.id)
    city.revoke(city.hr, filed.id)
    assert city.trail() == [
        ("operator", "file-document", BUDI),
        ("hr", "approve-document", BUDI),
        ("hr", "revoke-document", BUDI),
    ]


def test_who_filed_a_paper_does_not_approve_it(city):
    filed = city.file(city.hr)
    with pytest.raises(FourEyesError, match="somebody else has to approve it") as refused:
        city.approve(city.clerk("HR"), filed.id)
    assert "harus disetujui oleh orang lain" in refused.value.said(Language.ID)
    assert city.standing().row.codes == ("TK",)
    assert city.approve(city.clerk("hr2"), filed.id).row.state == "approved"


def test_four_eyes_hold_at_the_command_line_too(city):
    filed = city.file(Clerk("Sekretaris", POLICY, city.clock))
    with pytest.raises(FourEyesError):
        city.approve(Clerk("sekretaris", POLICY, city.clock), filed.id)
    assert city.approve(Clerk("Kepala Dinas", POLICY, city.clock), filed.id).row.approved_by == "Kepala Dinas"


def test_nobody_approves_a_paper_about_oneself(city):
    filed = city.file(city.operator)
    with pytest.raises(OwnPaperError):
        city.approve(city.clerk("budi", Role.ADMIN, nip=BUDI), filed.id)


def test_an_operator_files_for_the_own_unit_only_and_decides_nothing(city):
    refused = faults(city, city.operator, nip=ANDI)
    unknown = faults(city, city.operator, nip="190001011900011001")
    assert refused.outside
    assert refused.by_field(Language.ID) == unknown.by_field(Language.ID)  # who works elsewhere is not told
    assert faults(city, city.operator, nip="", unit="DISDIK", kind="incident").outside
    own = city.file(city.operator)
    for decide in (city.approve, city.revoke):
        with pytest.raises(NotAllowedError):
            decide(city.operator, own.id)
    foreign = city.file(city.hr, nip=ANDI)
    with pytest.raises(NotAllowedError):
        look(city, city.operator, foreign.id)
    assert papers(city, city.operator) == ["851/7"]
    assert papers(city, city.hr) == ["851/7", "851/7"]


def test_somebody_who_moved_within_the_days_is_filed_for_by_the_agency(city):
    city.owner.execute("UPDATE posting SET valid_during = daterange('2020-01-01', %s)", (ON,))
    city.person(BUDI, "DISDIK", since=ON)
    assert faults(city, city.operator, first=f"{YESTERDAY}", last=f"{ON}").outside
    assert city.file(city.operator, first=f"{YESTERDAY}").is_new
    assert city.file(city.hr, first=f"{YESTERDAY}", last=f"{ON}", number="851/8").is_new


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.LEADER])
def test_employees_and_leaders_file_nothing(city, role):
    clerk = city.clerk("siapa", role, nip=BUDI)
    with pytest.raises(NotAllowedError):
        city.file(clerk)
    with pytest.raises(NotAllowedError):
        papers(city, clerk)


def test_a_second_click_files_and_approves_nothing_more(city):
    first = city.file(city.operator)
    second = city.file(city.operator)
    assert (first.is_new, second.is_new, second.id) == (True, False, first.id)
    city.approve(city.hr, first.id)
    version = city.standing().version
    again = city.approve(city.hr, first.id)
    assert (again.row.state, again.judgement.changes) == ("approved", ())
    assert city.standing().version == version
    city.revoke(city.hr, first.id)
    assert city.revoke(city.hr, first.id).judgement.changes == ()
    assert [action for _, action, _ in city.trail()] == ["file-document", "approve-document", "revoke-document"]


def test_what_somebody_else_has_decided_is_told(city):
    filed = city.file(city.operator)
    city.approve(city.hr, filed.id)
    with pytest.raises(DecidedError, match=f"was approved by hr on {TODAY}"):
        city.approve(city.clerk("hr2"), filed.id)
    city.revoke(city.hr, filed.id, "salah orang")
    for decide in (city.approve, city.revoke):
        with pytest.raises(DecidedError, match="was revoked by hr: salah orang"):
            decide(city.clerk("hr2"), filed.id)


def test_revoking_wants_a_reason_and_a_paper(city):
    filed = city.file(city.operator)
    with pytest.raises(NoReasonError):
        city.revoke(city.hr, filed.id, " \t ")
    for number in (filed.id + 1, 0, -1, 2**63):
        with pytest.raises(NoSuchDocumentError):
            city.revoke(city.hr, number)


def test_who_filed_takes_it_back_as_long_as_nobody_approved_it(city):
    def take_back(clerk, number):
        with city.store.begin() as connection:
            return withdraw(connection, clerk, number, "salah ketik")

    filed = city.file(city.operator)
    with pytest.raises(DecidedError):
        take_back(city.clerk("lain", Role.OPERATOR, "DINKES"), filed.id)
    assert take_back(city.operator, filed.id).row.state == "revoked"
    approved = city.file(city.operator, number="851/8")
    city.approve(city.hr, approved.id)
    with pytest.raises(DecidedError):
        take_back(city.operator, approved.id)


def test_faults_are_told_field_by_field_in_both_languages(city):
    refused = faults(
        city, city.operator, kind="", first="24-11-2026", issued_on="2027-02-01", note="x" * 501, covers="x"
    )
    assert set(refused.by_field(Language.ID)) == {"kind", "first", "issued_on", "note", "covers"}
    assert refused.by_field(Language.EN)["first"] == "24-11-2026 is no date; write it as 2026-01-31."
    assert refused.by_field(Language.ID)["kind"] == "Pilih jenis dokumen dari daftar."


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"last": f"{YESTERDAY}"}, "last"),
        ({"first": "2009-12-31"}, "first"),
        ({"last": "2062-11-24"}, "last"),
        ({"first": "1985-01-01", "last": "2026-11-24"}, "first"),
        ({"nip": "", "unit": "DINKES"}, "kind"),
        ({"nip": "", "unit": ""}, "nip"),
        ({"unit": "DINKES"}, "nip"),
        ({"kind": "gaji"}, "kind"),
        ({"nip": "", "unit": "DINKEZ", "kind": "incident"}, "unit"),
        ({"nip": "190001011900011001"}, "nip"),
        ({"first": "2019-01-01"}, "nip"),
        ({"number": "{0}" * 50}, "number"),
        ({"first": ""}, "first"),
    ],
)
def test_what_does_not_go_together_is_refused(city, fields, field):
    assert field in faults(city, city.hr, **fields).by_field(Language.ID)
    with city.store.begin() as connection:
        assert list_documents(connection) == []


def test_the_same_number_on_overlapping_days_is_refused(city):
    city.file(city.operator)
    refused = faults(city, city.operator, last=f"{TOMORROW}")
    assert "number" in refused.by_field(Language.ID)
    assert city.file(city.operator, last=f"{TOMORROW}", number="851/9").is_new


def test_hostile_text_is_kept_as_text_in_one_line(city):
    filed = city.file(city.operator, number="<script>\x00{x}", note="a\nb\u202ec", nip=f" {BUDI[:8]} {BUDI[8:]} ")
    row = look(city, city.operator, filed.id).row
    assert (row.number, row.note, row.nip) == ("<script> {x}", "a b c", BUDI)
    assert papers(city, city.hr, person="%") == []
    assert papers(city, city.hr, person="\x00") == ["<script> {x}"]


def test_a_paper_of_a_whole_unit_judges_everybody_in_it(city):
    filed = city.file(city.operator, nip="", unit="DINKES", kind="incident", number="GGN/1")
    decided = city.approve(city.hr, filed.id)
    assert [(change.nip, change.now.status) for change in decided.judgement.changes] == [(BUDI, Status.EXCUSED)]
    assert city.standing(ANDI).row.codes == ("TK",)


def test_a_page_says_what_the_day_is_was_and_would_become(city):
    filed = city.file(city.operator, last=f"{TOMORROW}")
    view = look(city, city.hr, filed.id)
    day, _ = view.days.shown
    assert (day.now.codes, day.then.codes, day.before, view.days.coming) == (("TK",), ("CT",), None, 1)
    assert city.standing().row.codes == ("TK",)  # looking decides nothing
    assert look(city, city.hr, filed.id).row.state == "filed"
    assert (view.may_approve, view.may_revoke, view.may_withdraw) == (True, True, False)
    mine = look(city, city.operator, filed.id)
    assert (mine.may_approve, mine.may_revoke, mine.may_withdraw, mine.refusal) == (False, False, True, None)
    city.approve(city.hr, filed.id)
    view = look(city, city.hr, filed.id)
    day, _ = view.days.shown
    assert (day.before.codes, day.now.codes, day.then.codes, view.days.changed) == (("TK",), ("CT",), ("TK",), 2)
    assert [(step.by, step.action) for step in view.history] == [("operator", "file"), ("hr", "approve")]
    city.revoke(city.hr, filed.id)
    day, _ = look(city, city.hr, filed.id).days.shown
    assert (day.before.codes, day.now.codes, day.then) == (("CT",), ("TK",), None)


def test_a_page_tells_who_may_not_approve_and_what_else_is_filed(city):
    filed = city.file(city.hr, number="851/7")
    other = city.file(city.operator, kind="duty", number="090/1")
    view = look(city, city.hr, filed.id)
    assert not view.may_approve
    assert "orang lain" in view.refusal.said(Language.ID)
    assert [number for number, *_ in view.others] == [other.id]
    assert view.kind.said(Language.ID) == "Cuti tahunan (CT)"


def test_a_long_paper_shows_its_first_days_and_counts_all(city):
    filed = city.file(city.hr, kind="study", first="2026-01-01", last="2027-01-31")
    days = look(city, city.hr, filed.id).days
    assert (len(days.shown), days.total, days.coming) == (MOST_DAYS, 329, 67)
    assert days.shown[0].on == date(2026, 1, 1)


def test_days_too_many_to_judge_at_once_are_left_to_the_assessor(city, monkeypatch):
    monkeypatch.setattr("eabsensi.filing.judging.AT_ONCE", 1)
    filed = city.file(city.operator, first=f"{YESTERDAY}", last=f"{ON}")
    decided = city.approve(city.hr, filed.id)
    assert (decided.judgement.left, decided.judgement.changes) == (2, ())
    assert city.marks() == 2


def test_those_that_wait_come_first_for_who_decides(city):
    old = city.file(city.operator, first=f"{ON - timedelta(days=6)}", number="1")
    city.file(city.operator, number="2")
    done = city.file(city.operator, first=f"{TOMORROW}", number="3")
    city.approve(city.hr, done.id)
    assert old.is_new
    assert papers(city, city.hr) == ["1", "2", "3"]  # the oldest wish first
    assert papers(city, city.operator) == ["3", "2", "1"]
    assert papers(city, city.hr, state="approved") == ["3"]
    assert papers(city, city.hr, first=ON, last=ON) == ["2"]
    assert papers(city, city.hr, person=BUDI, unit="DINKES") == ["1", "2", "3"]
    assert papers(city, city.hr, person="pegawai 1985") == ["1", "2", "3"]
    assert papers(city, city.hr, unit="DISDIK") == []
    with pytest.raises(NotAllowedError):
        papers(city, city.operator, unit="DISDIK")


def test_a_closed_month_keeps_its_content_and_gets_an_addendum(city):
    month, day = date(2026, 10, 1), date(2026, 10, 20)
    city.judge(month, date(2026, 10, 31))
    period = close_period(city.store, POLICY, "DINKES", month, by="hr", reason="uji", clock=city.clock)
    filed = city.file(city.operator, first=f"{day}")
    assert look(city, city.hr, filed.id).closed == (month,)
    decided = city.approve(city.hr, filed.id)
    assert (decided.judgement.kept.addenda, len(decided.judgement.changes)) == (1, 1)
    with city.store.begin() as connection:
        check = verify_period(connection, "DINKES", month)
    assert (check.is_whole, check.period.sha256) == (True, period.sha256)
    [addendum] = check.addenda
    assert (addendum.on_date, addendum.before["codes"], addendum.after["codes"]) == (day, ["TK"], ["CT"])
    assert addendum.reason == "document approved"


def test_a_punch_that_came_meanwhile_is_seen_by_the_judging(city):
    filed = city.file(city.operator, kind="forgotten_punch", covers="out")
    city.punch(city.devices["DINKES"], "1", at("07:00"))
    [change] = city.approve(city.hr, filed.id).judgement.changes
    assert (change.before.status, change.now.status, change.now.in_at) == (Status.ABSENT, Status.PRESENT, at("07:00"))
