"""Whoever touches a row behind the application's back, the row is named; whoever touches the chain, the seal is."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta

import pytest
from sealed_city import touch
from sqlalchemy import text
from touching import KIND, change, insert_like, keys_of, remove, swap

from eabsensi.sealing.heads import head_at, parse_head
from eabsensi.sealing.verifying import verify_within
from eabsensi.store.evidence import KINDS


def broken_after(connection, *, head=None):
    """Say what the walk finds, which has to find something."""
    broken = verify_within(connection, head=parse_head(head) if head else None).broken
    assert broken is not None
    return broken


def key_of(broken):
    return list(broken.key.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_change_of_any_column_of_any_row_is_named(touched, kind):
    for key in keys_of(touched, kind)[:2]:
        for column in (name for name in kind.columns if name not in kind.key):
            with touched.begin_nested() as undone:
                change(touched, kind, key, column)
                broken = broken_after(touched)
                undone.rollback()
            assert (broken.kind, broken.what, key_of(broken)) == (kind.name, "changed", json.loads(key)), column
            assert broken.sealed_at is not None
    assert verify_within(touched).broken is None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_row_that_is_gone_is_named(touched, kind):
    for key in keys_of(touched, kind):
        with touched.begin_nested() as undone:
            remove(touched, kind, key)
            broken = broken_after(touched)
            undone.rollback()
        assert (broken.kind, broken.what, key_of(broken)) == (kind.name, "removed", json.loads(key))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_row_that_was_put_in_afterwards_is_named(touched, kind):
    key = keys_of(touched, kind)[0]
    before = set(keys_of(touched, kind))
    insert_like(touched, kind, key)
    [new] = set(keys_of(touched, kind)) - before
    broken = broken_after(touched)
    assert (broken.kind, broken.what, key_of(broken)) == (kind.name, "inserted", json.loads(new))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name in ("punch", "poll", "document_change")])
def test_rows_that_changed_places_are_named(touched, kind):
    first, *_, last = keys_of(touched, kind)
    swap(touched, kind, first, last)
    broken = broken_after(touched)
    assert (broken.kind, broken.what) == (kind.name, "changed")
    assert key_of(broken) in (json.loads(first), json.loads(last))


def test_a_row_under_another_key_is_gone_and_one_more_is_there(touched):
    key = keys_of(touched, KIND["punch"])[0]
    change(touched, KIND["punch"], key, "device_time")
    broken = broken_after(touched)
    assert (broken.what, key_of(broken)) == ("removed", json.loads(key))


@pytest.mark.parametrize("at", ["-infinity", "infinity", "4000-01-01 BC", "20000-01-01", "2026-03-02 00:00:30Z"])
def test_a_time_of_arrival_that_was_changed_is_named_whatever_it_says(touched, at):
    key = json.loads(keys_of(touched, KIND["punch"])[0])
    touched.execute(
        text(f"UPDATE punch SET received_at = '{at}' WHERE device_id = :d AND pin = :p AND device_time = :t"),
        dict(zip("dpt", key, strict=False)),
    )
    broken = broken_after(touched)
    assert (broken.kind, broken.what, key_of(broken)) == ("punch", "changed", key)


def test_a_punch_for_a_poll_of_long_ago_is_named_though_it_says_it_came_just_now(shared, touched):
    touched.execute(
        text("""
            INSERT INTO punch SELECT device_id, pin, device_time + interval '1 h', 0, verify_mode, punch_state,
            workcode, punched_at, source, generation, poll_id, clock_offset_seconds, :now, raw
            FROM punch WHERE pin = '8' LIMIT 1
        """),
        {"now": shared.clock.at + timedelta(minutes=1)},
    )
    broken = broken_after(touched)
    assert (broken.kind, broken.what, broken.key["pin"]) == ("punch", "inserted", "8")
    assert "was not brought by poll" in broken.sentence


def test_of_several_places_the_first_is_named(touched):
    keys = keys_of(touched, KIND["punch"])
    for key in keys:
        change(touched, KIND["punch"], key, "raw")
    assert broken_after(touched).seal == 1


@pytest.mark.parametrize(
    ("statement", "kind", "what"),
    [
        ("UPDATE document SET last_on = last_on + 1 WHERE id = 1", "document", "changed"),
        ("UPDATE document SET revoked_at = NULL, revoked_by = NULL, revoke_reason = NULL", "document", "changed"),
        ("DELETE FROM document WHERE id = 2", "document", "removed"),
        (
            "INSERT INTO document SELECT (jsonb_populate_record(document, '{\"id\": 99}')).* FROM document LIMIT 1",
            "document",
            "inserted",
        ),
        ("UPDATE roster SET shift = 'P' WHERE sequence = 1", "roster", "changed"),
        ("DELETE FROM roster", "roster", "removed"),
        ("INSERT INTO roster SELECT employee_id, on_date + 1, 1, 'P' FROM roster LIMIT 1", "roster", "inserted"),
    ],
)
def test_what_stands_today_has_to_be_what_the_recorded_changes_made_of_it(touched, statement, kind, what):
    touched.execute(text(statement))
    broken = broken_after(touched)
    assert (broken.kind, broken.what) == (kind, what)


# --- the chain itself -----------------------------------------------------------------------------------------------


def rewrite_leaves(connection, number, old, new):
    """Write other leaves into a part, well packed."""
    leaves = connection.execute(
        text("SELECT leaves FROM seal_part WHERE number = :number AND kind = 'punch'"), {"number": number}
    ).scalar_one()
    lines = zlib.decompress(leaves).decode()
    assert old in lines
    connection.execute(
        text("UPDATE seal_part SET leaves = :leaves WHERE number = :number AND kind = 'punch'"),
        {"number": number, "leaves": zlib.compress(lines.replace(old, new).encode())},
    )


@pytest.mark.parametrize("column", ["sealed_at", "after_at", "through_at", "rows", "previous", "sha256"])
def test_a_seal_that_says_something_else_is_named(touched, column):
    other = {"previous": "previous || 'x'::bytea", "sha256": "sha256 || 'x'::bytea", "rows": "rows + 1"}
    touched.execute(
        text(
            f"UPDATE seal SET {column} = {other.get(column, column + chr(32) + '- interval ' + repr('1 s'))}"
            " WHERE number = 3"
        )
    )
    broken = broken_after(touched)
    assert (broken.kind, broken.what) == ("seal", "rewritten")
    assert broken.key["number"] in (3, 4)  # a seal's own hash is that which the next one names


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seal_part SET leaves = 'nonsense' WHERE number = 3 AND kind = 'punch'",
        "UPDATE seal_part SET rows = 0 WHERE number = 3 AND kind = 'punch'",
        "UPDATE seal_part SET kind = 'trail' WHERE number = 3 AND kind = 'punch'",
        "DELETE FROM seal_part WHERE number = 3 AND kind = 'punch'",
        "INSERT INTO seal_part SELECT 3, 'trail', rows, leaves FROM seal_part WHERE number = 5 AND kind = 'trail'",
    ],
)
def test_a_seal_that_covers_something_else_is_named(touched, statement):
    assert touched.execute(text(statement)).rowcount == 1
    broken = broken_after(touched)
    assert (broken.kind, broken.what, broken.key) == ("seal", "rewritten", {"number": 3})


def test_a_leaf_that_was_rewritten_with_its_row_is_found_at_its_seal(touched):
    rewrite_leaves(touched, 1, "07:01:00", "06:01:00")
    assert broken_after(touched).key == {"number": 1}


def test_seals_that_are_gone_within_the_chain_are_missed(touched):
    touched.execute(text("DELETE FROM seal WHERE number IN (3, 4)"))
    broken = broken_after(touched)
    assert (broken.kind, broken.what, broken.key) == ("seal", "removed", {"number": 3})
    assert "seal 5" in broken.sentence


def test_seals_that_changed_places_are_named(touched):
    touched.execute(text("UPDATE seal SET number = -number WHERE number IN (3, 4)"))
    touched.execute(text("UPDATE seal SET number = 7 + number WHERE number < 0"))
    broken = broken_after(touched)
    assert (broken.kind, broken.what, broken.key) == ("seal", "rewritten", {"number": 3})


def test_only_paper_proves_what_was_cut_off_at_the_end(shared, touched):
    printed = head_at(touched)
    touched.execute(text("DELETE FROM seal WHERE number = 6"))
    for table in ("punch", "poll"):
        touched.execute(text(f"DELETE FROM {table} WHERE {KIND[table].at[2:]} = '{shared.clock.at}'"))
    assert verify_within(touched).broken is None
    broken = broken_after(touched, head=printed)
    assert (broken.kind, broken.what, broken.key) == ("seal", "removed", {"number": 6})


def test_only_paper_proves_that_all_of_the_chain_was_written_anew(sealed):
    printed = sealed.head()
    with sealed.store.begin_as_owner() as connection:
        connection.execute(text("UPDATE punch SET raw = 'forged' WHERE device_time::time = '07:01'"))
        connection.execute(text("TRUNCATE seal, seal_part"))
    sealed.seal()
    assert sealed.verify().broken is None
    for head in (printed, printed.partition("-")[2]):
        broken = sealed.verify(head=head).broken
        assert broken.what in ("rewritten", "removed")
        assert broken.kind == "seal"
        assert printed.partition("-")[2] in broken.sentence


# --- looking at a part ----------------------------------------------------------------------------------------------


def test_since_a_date_only_later_seals_are_compared(sealed):
    sealed.pass_by(timedelta(days=3))
    sealed.poll(touch("10:00:00"))
    sealed.seal()
    since = sealed.clock.at - timedelta(days=1)
    whole = sealed.verify()
    with sealed.store.begin_as_owner() as connection:
        connection.execute(text("UPDATE punch SET raw = 'forged' WHERE device_time::time = '07:01'"))
    part = sealed.verify(since=since)
    assert (part.broken, part.seals, part.rows, part.waiting, part.head) == (None, 1, 2, 0, whole.head)
    assert sealed.verify(since=sealed.clock.at + timedelta(days=1)).seals == 0
    assert sealed.verify().broken.what == "changed"
    with sealed.store.begin_as_owner() as connection:
        connection.execute(text("UPDATE punch SET raw = 'forged' WHERE device_time::time = '10:00'"))
    assert sealed.verify(since=since).broken.key["device_time"] == "2026-03-02T10:00:00"


def test_progress_is_told(shared):
    seen = []
    with shared.store.begin_snapshot() as connection:
        found = verify_within(connection, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == found.rows
