"""eabsensi audit: what a person reads, and what a program does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sealed_city import SealedCity, touch

from eabsensi.store.database import Store


@pytest.fixture
def city(store: Store) -> SealedCity:
    """Give a city with a poll of a while ago."""
    city = SealedCity(store)
    city.clock.at = datetime.now(UTC) - timedelta(minutes=5)
    city.poll(touch("07:01:00"), touch("07:02:00", "8"))
    return city


def test_nothing_sealed_yet(program, store):
    shown = program("audit", "verify")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("Nothing is sealed yet.")
    assert program("audit", "head").code == 1


def test_sealing_and_verifying(program, city):
    assert "Not sealed yet: 3 rows" in program("audit", "verify").out
    sealed = program("audit", "seal")
    assert sealed.out.startswith("3 rows sealed. Head 1-")
    assert program("audit", "seal").out == "Nothing has come since the last seal.\n"
    head = program("audit", "head").out.strip()
    shown = program("audit", "verify")
    assert shown.code == 0
    assert shown.out.startswith(
        f"Nothing was touched: 3 rows in 1 seals are as they were sealed.\nHead {head}, made 20"
    )


def test_what_was_touched_is_named_in_one_sentence(program, city, owner):
    program("audit", "seal")
    owner.execute("UPDATE punch SET device_time = device_time WHERE pin = '8'")
    assert program("audit", "verify").code == 0
    owner.execute("UPDATE punch SET punch_state = 1 WHERE pin = '8'")
    shown = program("audit", "verify")
    assert (shown.code, shown.out) == (1, "")
    first, second = shown.err.splitlines()
    assert first.startswith(
        "Changed: punch (device_id 1, pin 8, device_time 2026-03-02T07:02:00, ordinal 0) is not what seal 1 of 20"
    )
    assert second == "Before it, 2 rows in 0 seals are as they were sealed."

    told = program("audit", "verify", "--json")
    assert told.code == 1
    assert told.json["untouched"] is False
    broken = told.json["broken"]
    assert (broken["kind"], broken["what"], broken["seal"], broken["key"]["pin"]) == ("punch", "changed", 1, "8")
    assert broken["sentence"] == first


def test_a_head_on_paper_is_checked(program, city):
    program("audit", "seal")
    head = program("audit", "head").out.strip()
    assert f"The head on paper is that of seal {head}" in program("audit", "verify", "--head", head.upper()).out
    assert program("audit", "verify", "--json", "--head", head).json["proved"] == head

    number, _, digits = head.partition("-")
    forged = f"{number}-{'0' * len(digits)}"
    shown = program("audit", "verify", "--head", forged)
    assert shown.code == 1
    assert shown.err.startswith(f"Rewritten: seal (number {number}) made on 20")
    assert head in shown.err
    assert forged in shown.err
    shown = program("audit", "verify", "--head", f"77-{digits}")
    assert (shown.code, "cut off" in shown.err) == (1, True)
    shown = program("audit", "verify", "--head", "seal 12")
    assert shown.code == 2
    assert "is no head of the chain" in shown.err


def test_sealing_again_since_a_date_and_what_is_told_of_it(program, city):
    program("audit", "seal")
    city.clock.at -= timedelta(days=3)
    city.poll(touch("07:03:00"), device=1)
    assert program("audit", "verify").code == 1
    since = (city.clock.at - timedelta(days=1)).date()
    assert program("audit", "seal", "--since", since, "--json").json[0]["rows"] == 2
    shown = program("audit", "verify")
    assert shown.code == 0
    assert "Sealed more than 1 h after the time that they claim: 2 rows." in shown.out


def test_old_rows_that_wait_make_one_look(program, city):
    program("audit", "seal")
    city.clock.at += timedelta(hours=-3)
    with city.store.begin_as_owner() as connection:
        connection.exec_driver_sql("TRUNCATE seal, seal_part")
        connection.exec_driver_sql("UPDATE poll SET finished_at = finished_at - interval '3 h'")
    shown = program("audit", "verify")
    assert shown.code == 0
    assert "seals that were cut off at the end look the same" in shown.err


def test_only_what_was_sealed_since_a_date(program, city):
    program("audit", "seal")
    today = datetime.now(UTC).date()
    assert program("audit", "verify", "--since", today + timedelta(days=2), "--json").json["rows"] == 0
    assert program("audit", "verify", "--since", today - timedelta(days=2), "--json").json["rows"] == 3
