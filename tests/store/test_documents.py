"""Documents: filed, approved, revoked; what counted at any earlier instant can be read again."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from filed_city import BUDI, MONDAY, SITI, JudgedCity, at

from eabsensi.store.documents import (
    Document,
    DocumentStateError,
    approve_document,
    approved_documents,
    file_documents,
    list_documents,
    revoke_document,
    unrevoked_documents,
)

TUESDAY, FRIDAY = date(2026, 3, 3), date(2026, 3, 6)


@pytest.fixture
def city(store) -> JudgedCity:
    return JudgedCity(store)


def leave(employee_id, **changes):
    return Document(employee_id, None, "annual_leave", MONDAY, TUESDAY, number="851/1/2026")._replace(**changes)


def counting(city, as_of, first=MONDAY, last=FRIDAY, people=None):
    wanted = [city.budi, city.siti] if people is None else people
    return [document.id for document in city(approved_documents, wanted, first, last, as_of)]


def test_a_filed_document_counts_once_it_is_approved(city):
    [number] = city(file_documents, [leave(city.budi)], by="operator", at=at("01:00"))
    assert counting(city, at("02:00")) == []
    assert city.marked() == []
    city(approve_document, number, by="Kepala", at=at("03:00"))
    assert counting(city, at("02:59")) == []
    [approved] = city(approved_documents, [city.budi], MONDAY, FRIDAY, at("03:00"))
    assert (approved.kind, approved.number, approved.approved_by) == ("annual_leave", "851/1/2026", "Kepala")
    assert city.marked() == [
        (city.budi, MONDAY, "document approved"),
        (city.budi, TUESDAY, "document approved"),
    ]


def test_a_revoked_document_counts_for_what_was_known_before(city):
    document = leave(city.budi, approved_at=at("01:00"), approved_by="Kepala")
    [number] = city(file_documents, [document], by="operator", at=at("01:00"))
    city.marked()
    city(revoke_document, number, by="BKPSDM", reason=" wrong dates ", at=at("05:00"))
    assert counting(city, at("04:59")) == [number]
    assert counting(city, at("05:00")) == []
    assert [cause for _, _, cause in city.marked()] == ["document revoked"] * 2
    [row] = city(list_documents)
    assert (row.state, row.revoked_by, row.revoke_reason) == ("revoked", "BKPSDM", "wrong dates")


def test_an_approval_of_earlier_counts_from_when_it_was_recorded(city):
    document = leave(city.budi, approved_at=at("01:00", "2026-03-01"), approved_by="Kepala")
    [number] = city(file_documents, [document], by="operator", at=at("08:00"))
    assert counting(city, at("07:59")) == []
    assert counting(city, at("08:00")) == [number]
    [late] = city(file_documents, [leave(city.siti)], by="operator", at=at("08:00"))
    city(approve_document, late, by="Kepala", at=at("09:00"), approved_at=at("02:00", "2026-03-01"))
    assert counting(city, at("08:59"), people=[city.siti]) == []
    assert counting(city, at("09:00"), people=[city.siti]) == [late]


def test_only_the_days_and_people_asked_for_are_read_and_every_unit(city):
    approval = {"approved_at": at("01:00"), "approved_by": "Kepala"}
    unit_wide = Document(None, "DINKES", "incident", FRIDAY, FRIDAY, **approval)
    papers = [leave(city.budi, **approval), leave(city.siti, **approval), unit_wide]
    mine, hers, broken = city(file_documents, papers, by="operator", at=at("01:00"))
    assert mine < hers < broken
    assert counting(city, at("02:00"), people=[city.budi]) == [mine, broken]
    assert counting(city, at("02:00"), last=TUESDAY) == [mine, hers]
    assert counting(city, at("02:00"), first=FRIDAY) == [broken]
    assert counting(city, at("02:00"), first=date(2026, 3, 7), last=date(2026, 3, 8)) == []


def test_a_document_of_a_unit_touches_everybody_in_it_and_below(city):
    unit_wide = Document(None, "DINKES", "incident", FRIDAY, FRIDAY, approved_at=at("01:00"), approved_by="Kepala")
    city(file_documents, [unit_wide], by="operator", at=at("01:00"))
    assert city.marked() == [(city.budi, FRIDAY, "document approved"), (city.siti, FRIDAY, "document approved")]


def test_every_change_is_kept_with_what_was_before(city):
    [number] = city(file_documents, [leave(city.budi)], by="operator", at=at("01:00"))
    city(approve_document, number, by="Kepala", at=at("02:00"), noted_by="operator")
    city(revoke_document, number, by="BKPSDM", reason="wrong dates", at=at("03:00"))
    with city.store.begin() as conn:
        rows = conn.exec_driver_sql("SELECT action, by, before, after FROM document_change ORDER BY id").all()
    assert [(row.action, row.by) for row in rows] == [
        ("file", "operator"),
        ("approve", "operator"),
        ("revoke", "BKPSDM"),
    ]
    assert rows[0].before is None
    assert [row.after["approved_by"] for row in rows] == [None, "Kepala", "Kepala"]
    assert [row.before for row in rows[1:]] == [row.after for row in rows[:2]]
    assert rows[2].after["revoke_reason"] == "wrong dates"


def test_what_cannot_be_changed_is_said(city):
    [number] = city(file_documents, [leave(city.budi)], by="operator", at=at("01:00"))
    with pytest.raises(DocumentStateError, match=r"no document 999\. `eabsensi document list`"):
        city(approve_document, 999, by="Kepala", at=at("02:00"))
    with pytest.raises(DocumentStateError, match="with a reason"):
        city(revoke_document, number, by="Kepala", reason=" ", at=at("02:00"))
    city(approve_document, number, by="Kepala", at=at("02:00"))
    with pytest.raises(DocumentStateError, match="was approved by Kepala on 2026-03-10"):
        city(approve_document, number, by="Camat", at=at("03:00"))
    city(revoke_document, number, by="Camat", reason="wrong", at=at("04:00"))
    with pytest.raises(DocumentStateError, match="was revoked by Camat: wrong"):
        city(approve_document, number, by="Kepala", at=at("05:00"))
    with pytest.raises(DocumentStateError, match="revoked already, by Camat"):
        city(revoke_document, number, by="Kepala", reason="again", at=at("05:00"))


def test_documents_are_listed_by_unit_person_days_and_state(city):
    papers = [
        leave(city.budi),
        leave(city.siti, first_on=FRIDAY, last_on=FRIDAY),
        Document(None, "PKM1", "duty", MONDAY, MONDAY),
    ]
    mine, hers, unit_wide = city(file_documents, papers, by="operator", at=at("01:00"))
    city(approve_document, hers, by="Kepala", at=at("02:00"))

    def listed(**narrowed):
        return [row.id for row in city(list_documents, **narrowed)]

    assert listed() == [mine, unit_wide, hers]
    assert listed(units=["PKM1"]) == [unit_wide, hers]
    assert listed(nip=BUDI) == [mine]
    assert listed(nip=SITI, state="filed") == []
    assert listed(state="approved") == [hers]
    assert listed(first=FRIDAY) == [hers]
    assert listed(last=MONDAY) == [mine, unit_wide]


def test_what_stands_unrevoked_can_be_read_for_people_and_units(city):
    papers = [leave(city.budi), leave(city.siti), Document(None, "PKM1", "duty", MONDAY, MONDAY)]
    mine, hers, unit_wide = city(file_documents, papers, by="operator", at=at("01:00"))
    city(revoke_document, hers, by="Kepala", reason="wrong", at=at("02:00"))
    stored = city(unrevoked_documents, [city.budi, city.siti], ["PKM1"])
    assert [(item.id, item.document) for item in stored] == [(mine, papers[0]), (unit_wide, papers[2])]


def test_the_application_cannot_rewrite_what_happened(city):
    city(file_documents, [leave(city.budi)], by="operator", at=at("01:00"))
    for statement in (
        "UPDATE document_change SET by = 'me'",
        "DELETE FROM roster_change",
        "DELETE FROM verdict_version",
    ):
        with pytest.raises(Exception, match="permission denied") as refused, city.store.begin() as conn:
            conn.exec_driver_sql(statement)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit_code": "DINKES"},
        {"employee_id": None},
        {"last_on": date(2026, 3, 1)},
        {"covers": "noon"},
        {"approved_at": at("01:00")},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_database_refuses_what_makes_no_sense(city, wrong):
    with pytest.raises(Exception, match="violates check constraint") as refused:
        city(file_documents, [leave(city.budi)._replace(**wrong)], by="operator", at=at("01:00"))
    assert isinstance(refused.value.__cause__, psycopg.errors.CheckViolation)
