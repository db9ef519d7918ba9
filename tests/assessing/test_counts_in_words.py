"""A number in a verdict's reasons follows the punches, also where nothing else about the day differs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from judged_city import ON, at
from kept_city import KeptCity

from eabsensi.store.documents import Document, approve_document, file_documents

SITI = "199001012015011001"
SUNDAY = ON + timedelta(days=(6 - ON.weekday()) % 7)


@pytest.fixture
def city(store, owner) -> KeptCity:
    """Give a city with one unit, one terminal and one person."""
    city = KeptCity(store, owner)
    city.unit("DINKES")
    city.lobby = city.device("DINKES", "LOBI")
    city.siti = city.person(SITI, "DINKES", since=ON)
    city.enrol(city.siti, "007")
    city.deliver(city.lobby, at("06:00"))
    return city


def reasons(city: KeptCity, on) -> list[str]:
    [(told,)] = city.owner.execute("SELECT reasons FROM verdict WHERE on_date = %s", (on,)).fetchall()
    return [reason["id"] for reason in told if reason["kind"].startswith("Punch")]


def deliver(city: KeptCity, clock: str, on) -> None:
    city.deliver(city.lobby, at(clock, on) + timedelta(minutes=1), [("007", at(clock, on))])
    city.judge(at(clock, on) + timedelta(minutes=2))


def test_the_punches_of_a_day_off_are_counted_anew(city):
    deliver(city, "09:00", SUNDAY)
    assert reasons(city, SUNDAY) == ["ada 1 rekaman pada hari libur"]
    deliver(city, "11:00", SUNDAY)
    assert reasons(city, SUNDAY) == ["ada 2 rekaman pada hari libur"]
    assert len(city.versions(SITI, SUNDAY)) == 1  # the same verdict in other words


def test_so_are_those_of_a_day_on_leave(city):
    with city.store.begin() as connection:
        leave = Document(city.siti, None, "annual_leave", ON, ON)
        [paper] = file_documents(connection, [leave], by="o", at=at("06:30"))
        approve_document(connection, paper, by="hr", at=at("06:30"))
    counts = []
    for clock in ("07:20", "12:00", "12:30", "16:10"):
        deliver(city, clock, ON)
        counts += reasons(city, ON)
    assert counts == [f"ada {count} rekaman, ditampilkan dan tidak dinilai" for count in (1, 2, 3, 4)]
