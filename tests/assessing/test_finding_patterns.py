"""Patterns found in a real database: the whole way from records to findings, for the city and for one unit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from judged_city import ON, POLICY, City, at

from eabsensi.assessing.findings import Wanted, find_patterns
from eabsensi.discipline.findings.finding import Rule

FIRST, AS_OF = ON - timedelta(days=41), at("20:00")
DAYS = [day for day in (FIRST + timedelta(days=n) for n in range(42)) if day.weekday() < 5]
ANI, BENI, CICI = "198503172010012003", "199001022015031004", "198801012012012005"


@pytest.fixture
def city(store, owner) -> City:
    """DINKES over PKM1, and DISDIK; Ani and Beni of PKM1 record as one, Cici of DISDIK does as others do."""
    found = City(store, owner)
    for code, parent in (("DINKES", None), ("PKM1", "DINKES"), ("DISDIK", None)):
        found.unit(code, parent)
    found.devices = {code: found.device(code, f"SN-{code}") for code in ("PKM1", "DISDIK")}
    for pin, (nip, unit) in enumerate(((ANI, "PKM1"), (BENI, "PKM1"), (CICI, "DISDIK")), start=1):
        found.enrol(found.person(nip, unit), str(pin))
    for n, day in enumerate(DAYS):
        start = at(f"07:{n * 7 % 25:02d}:{n * 13 % 50:02d}", day)
        for pin, moment in (("1", start), ("2", start + timedelta(seconds=4))):
            found.punch(found.devices["PKM1"], pin, moment)
            found.punch(
                found.devices["PKM1"], pin, moment + timedelta(hours=9, minutes=n * (int(pin) + 2) % 37 + int(pin))
            )
        found.punch(found.devices["DISDIK"], "3", start + timedelta(minutes=n % 3))
        found.punch(found.devices["DISDIK"], "3", start + timedelta(hours=9))
    return found


def search(city, unit=None, rules=None, **days):
    with city.store.begin() as connection:
        wanted = Wanted(days.get("first", FIRST), days.get("last", ON), AS_OF, unit, rules)
        return find_patterns(connection, POLICY, wanted)


def told(findings):
    return [(one.rule.value, one.subject.key) for one in findings.found]


def test_two_who_record_as_one_are_found_with_every_meeting(city):
    findings = search(city)
    assert told(findings) == [("R8", ANI)]
    (found,) = findings.found
    assert BENI in found.subject.name
    assert len(found.evidence) == len(DAYS)
    assert {row.serial for row in found.evidence} == {"SN-PKM1"}
    assert all(citation.unconfirmed for citation in findings.citations)


def test_scope_is_the_unit_with_those_below_it(city):
    assert told(search(city, "DINKES")) == [("R8", ANI)]
    assert told(search(city, "DISDIK")) == []


def test_only_the_asked_rules_are_looked_for(city):
    city.owner.execute("INSERT INTO device_user VALUES (%s, '99', 'TAMU', %s)", (city.devices["PKM1"], at("12:00")))
    assert told(search(city)) == [("R8", ANI), ("R9", "SN-PKM1")]
    assert told(search(city, rules=frozenset({Rule.R9}))) == [("R9", "SN-PKM1")]
    assert told(search(city, rules=frozenset({Rule.R8}))) == [("R8", ANI)]
    assert told(search(city, rules=frozenset({Rule.R10}))) == []


def test_fewer_days_show_no_habit(city):
    assert told(search(city, first=DAYS[-7])) == []
    assert told(search(city, first=DAYS[-8])) == [("R8", ANI)]


def test_terminals_side_by_side_are_known_from_the_whole_city(city):
    """Four people go between the two; one of them belongs to the unit that is looked at."""
    for number, nip in enumerate((CICI, *(f"19850101201001100{n}" for n in range(3))), start=3):
        if nip != CICI:
            city.enrol(city.person(nip, "PKM1"), str(number))
        for day in DAYS[:2]:
            city.punch(city.devices["PKM1"], str(number), at(f"09:0{number}:00", day))
            city.punch(city.devices["DISDIK"], str(number), at(f"09:0{number}:50", day))
    assert "R11" not in dict(told(search(city, "DISDIK")))
    city.owner.execute("DELETE FROM enrolment WHERE pin IN ('5', '6')")
    assert ("R11", CICI) in told(search(city, "DISDIK"))
