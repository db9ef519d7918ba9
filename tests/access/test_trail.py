"""The trail and the papers given out: kept in order, found again, and not to be changed by the application."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy
from door import MORNING, OFFICE, RATNA
from sqlalchemy import text

from eabsensi.access.roles import Role, Viewer
from eabsensi.access.trail import Action, entries, record
from eabsensi.law.wording import Language
from eabsensi.store.issues import IssuedPaper, IssueError, find_issue, keep_issue

HR = Viewer("joko", "Joko Susilo", Role.HR, None, None, None, Language.ID)
PAPER = IssuedPaper(
    "7K3F-9Q2M",
    "monthly",
    "Rekapitulasi Maret 2026",
    "2026-03",
    "DINKES",
    MORNING,
    "ab" * 32,
    41,
    "pdf",
    "joko",
    MORNING,
)


def test_an_entry_tells_who_did_what_when_to_whom_and_from_where(store):
    with store.begin() as connection:
        record(
            connection, HR, Action.SEE_PERSON, at=MORNING, unit="DINKES", nip=RATNA, subject="2026-03", address=OFFICE,
            detail={"page": "person"},
        )  # fmt: skip
        record(connection, "timer", Action.DOWNLOAD, at=MORNING)
        newest, first = entries(connection)
    assert (first.account, first.role, first.action, first.at) == ("joko", "hr", Action.SEE_PERSON, MORNING)
    assert (first.unit, first.nip, first.subject, first.address) == ("DINKES", RATNA, "2026-03", OFFICE)
    assert first.detail == {"page": "person"}
    assert (newest.account, newest.role, newest.unit, newest.nip, newest.detail) == ("timer", None, None, None, None)


def test_entries_are_read_page_by_page_and_narrowed(store):
    with store.begin() as connection:
        for number in range(5):
            at = MORNING + timedelta(minutes=number)
            nip = RATNA if number % 2 else None
            record(connection, HR if number else "agus", Action.SEE_UNIT, at=at, subject=str(number), nip=nip)
        pages = [entries(connection, limit=2)]
        while pages[-1]:
            pages.append(entries(connection, limit=2, before_id=pages[-1][-1].id))
        assert [[entry.subject for entry in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"], []]
        assert [entry.subject for entry in entries(connection, nip=RATNA)] == ["3", "1"]
        assert [entry.subject for entry in entries(connection, account="agus")] == ["0"]
        assert entries(connection, account="agus", nip=RATNA) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET account = 'somebody else'",
        "DELETE FROM trail",
        "TRUNCATE trail",
        "UPDATE issued_paper SET sha256 = ''",
        "DELETE FROM issued_paper",
        "TRUNCATE issued_paper",
    ],
)
def test_the_application_cannot_change_what_was_done_or_given_out(store, statement):
    with store.begin() as connection:
        record(connection, HR, Action.LOG_IN, at=MORNING)
        keep_issue(connection, PAPER)
    with pytest.raises(sqlalchemy.exc.ProgrammingError, match="permission denied"), store.begin() as connection:
        connection.execute(text(statement))
    with store.begin() as connection:
        assert [entry.account for entry in entries(connection)] == ["joko"]
        assert find_issue(connection, PAPER.code) == PAPER


def test_a_paper_is_found_by_its_code_and_by_no_other(store):
    with store.begin() as connection:
        keep_issue(connection, PAPER)
        keep_issue(connection, PAPER._replace(unit_code=None, code="CITY"))
        assert find_issue(connection, PAPER.code) == PAPER
        assert find_issue(connection, "CITY").unit_code is None
        assert find_issue(connection, "7K3F-9Q2N") is None


def test_the_same_paper_given_out_again_stays_as_first_issued_and_another_is_refused(store):
    with store.begin() as connection:
        keep_issue(connection, PAPER)
        keep_issue(connection, PAPER._replace(issued_by="agus", issued_at=MORNING + timedelta(days=1)))
        assert find_issue(connection, PAPER.code) == PAPER
        with pytest.raises(IssueError, match=PAPER.code):
            keep_issue(connection, PAPER._replace(sha256="cd" * 32))
