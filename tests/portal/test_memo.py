"""Figures that are kept for some seconds."""

from __future__ import annotations

import threading

from portal_city import EVENING, StillClock
from waiting import until

from eabsensi.errors import EabsensiError
from eabsensi.portal.memo import Drawn, Memo


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> int:
        self.done += 1
        return self.done


def pass_seconds(clock: StillClock, seconds: float) -> None:
    clock.at = clock.at.fromtimestamp(clock.at.timestamp() + seconds, clock.at.tzinfo)


def test_a_fresh_value_is_not_worked_out_again():
    clock, work = StillClock(EVENING), Work()
    memo: Memo[str, int] = Memo(clock, 10)
    assert [memo.get("a", work), memo.get("a", work)] == [1, 1]
    pass_seconds(clock, 10)
    assert memo.get("a", work) == 2


def test_what_is_past_its_freshness_is_shown_while_it_is_renewed():
    clock, work = StillClock(EVENING), Work()
    memo: Memo[str, int] = Memo(clock, 10, old_seconds=60)
    memo.get("a", work)
    pass_seconds(clock, 20)
    assert memo.get("a", work) == 1
    until(lambda: memo.get("a", work) == 2)
    pass_seconds(clock, 60)
    assert memo.get("a", work) == 3


def test_a_renewal_that_fails_leaves_the_value_until_it_is_old():
    clock = StillClock(EVENING)
    memo: Memo[str, int] = Memo(clock, 10, old_seconds=60)
    memo.get("a", lambda: 1)
    tried = threading.Event()

    def fail() -> int:
        tried.set()
        raise EabsensiError("the database is away")

    pass_seconds(clock, 20)
    assert memo.get("a", fail) == 1
    assert tried.wait(30)
    assert memo.get("a", lambda: 1) == 1


def test_of_many_who_ask_at_once_one_works():
    clock, work = StillClock(EVENING), Work()
    memo: Memo[str, int] = Memo(clock, 10)
    gate = threading.Event()

    def slow() -> int:
        gate.wait(30)
        return work()

    got: list[int] = []
    visitors = [threading.Thread(target=lambda: got.append(memo.get("a", slow))) for _ in range(5)]
    for visitor in visitors:
        visitor.start()
    gate.set()
    for visitor in visitors:
        visitor.join()
    assert got == [1] * 5


def test_forgetting_and_a_full_memo_drop_values():
    work = Work()
    memo: Memo[str, int] = Memo(StillClock(EVENING), 10, most=1)
    assert memo.get("a", work) == 1
    memo.forget()
    assert memo.get("a", work) == 2
    memo.get("b", work)
    assert memo.get("a", work) == 4


def test_what_is_drawn_of_figures_is_drawn_once_for_each_way_and_by_one_thread():
    drawn, work = Drawn("figures"), Work()
    got: list[int] = []
    visitors = [threading.Thread(target=lambda: got.append(drawn.once("id", work))) for _ in range(5)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert got == [1] * 5
    assert drawn.once("en", work) == 2
    assert Drawn("figures").once("id", work) == 3
