"""A printed head is looked up in one seal and its two neighbours: what is touched there shows, what is far away not."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from eabsensi.errors import UsageError
from eabsensi.sealing import lookup
from eabsensi.sealing.heads import Head, parse_head
from eabsensi.sealing.lookup import Lookup, look_up


def head_of_seal(connection, number: int) -> Head:
    digits = connection.execute(
        text("SELECT encode(sha256, 'hex') FROM seal WHERE number = :number"), {"number": number}
    ).scalar_one()
    return parse_head(f"{number}-{digits[:24]}")


def find(connection, number: int) -> Lookup:
    return look_up(connection, head_of_seal(connection, number))


def test_every_seal_of_a_whole_chain_is_found_and_whole(shared):
    with shared.store.begin() as connection:
        found = [find(connection, number) for number in range(1, 7)]
        rows = connection.execute(text("SELECT sum(rows) FROM seal")).scalar_one()
    assert [one.seal.number for one in found if one.seal and one.whole and one.counted] == [1, 2, 3, 4, 5, 6]
    assert [one.is_last for one in found] == [False] * 5 + [True]
    assert sum(sum(one.rows.values()) for one in found) == rows
    assert found[5].head == shared.head()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seal SET rows = rows + 1 WHERE number = 3",
        "UPDATE seal SET sealed_at = sealed_at + interval '1 second' WHERE number = 3",
        "UPDATE seal_part SET leaves = '\\x00' WHERE number = 3",
        "UPDATE seal_part SET rows = rows + 1 WHERE number = 3 AND kind = 'poll'",
        "DELETE FROM seal_part WHERE number = 3 AND kind = 'poll'",
        "UPDATE seal SET previous = sha256(previous) WHERE number = 4",
        "UPDATE seal SET sha256 = sha256(sha256) WHERE number = 2",
        "DELETE FROM seal WHERE number = 2",
        "DELETE FROM seal WHERE number = 4",
    ],
)
def test_what_is_touched_there_shows(touched, statement):
    touched.execute(text(statement))
    found = find(touched, 3)
    assert found.seal
    assert not found.whole


def test_the_first_seal_goes_on_from_nothing(touched):
    touched.execute(text("UPDATE seal SET previous = sha256(previous) WHERE number = 1"))
    assert not find(touched, 1).whole


def test_seals_that_were_cut_off_leave_a_head_that_is_not_there(touched):
    head = head_of_seal(touched, 6)
    touched.execute(text("DELETE FROM seal WHERE number = 6"))
    found = look_up(touched, head)
    assert (found.seal, found.is_other, found.whole, found.last) == (None, False, False, 5)


def test_a_chain_that_was_rewritten_shows_another_head(touched):
    head = head_of_seal(touched, 3)
    touched.execute(text("UPDATE seal SET sha256 = sha256(sha256) WHERE number = 3"))
    found = look_up(touched, head)
    assert (found.seal, found.is_other, found.rows) == (None, True, {})


def test_a_very_large_seal_is_not_worked_out_again(touched, monkeypatch):
    monkeypatch.setattr(lookup, "MOST_ROWS", 0)
    touched.execute(text("UPDATE seal_part SET leaves = '\\x00' WHERE number = 3"))
    found = find(touched, 3)
    assert (found.whole, found.counted) == (True, False)


def test_a_head_without_its_number_is_not_looked_for_in_every_seal(shared):
    with shared.store.begin() as connection, pytest.raises(UsageError, match="no number"):
        look_up(connection, parse_head("9f3a0c1e55d27b64a1b2c3d4"))


def test_a_seal_is_found_by_its_number_in_an_index(touched):
    """However long the chain is: a stranger's question reads no whole table."""
    touched.execute(
        text("""
            INSERT INTO seal SELECT n, now(), now(), now(), 0, sha256(int8send(n - 1)), sha256(int8send(n))
            FROM generate_series(7, 20000) n
        """)
    )
    touched.execute(text("ANALYZE seal"))
    touched.execute(text("SET LOCAL enable_seqscan = on"))
    before = reads(touched)
    assert find(touched, 15_000).seal
    assert reads(touched) == before


def reads(connection) -> int:
    """Give how often the table of seals was read from end to end in this transaction."""
    return connection.execute(text("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'seal'")).scalar_one()
