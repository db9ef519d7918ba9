"""What many threads ask for at once is done in one go, each gets its own answer, and nobody is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from waiting import until

from eabsensi.collecting.together import Together


class Work:
    """Doubles numbers; its first go waits until it is let."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.begun, self.may_go_on = threading.Event(), threading.Event()
        self.together = Together(self.double)
        self.threads: list[threading.Thread] = []
        self.told: dict[int, int | BaseException] = {}

    def double(self, asked: Sequence[int]) -> list[int]:
        self.goes.append(list(asked))
        self.begun.set()
        self.may_go_on.wait()
        if 13 in asked:
            raise LookupError(f"13 is among {sorted(asked)}")
        return [2 * number for number in asked]

    def ask(self, *numbers: int) -> None:
        for number in numbers:
            self.threads.append(threading.Thread(target=self._ask, args=(number,)))
            self.threads[-1].start()

    def _ask(self, number: int) -> None:
        try:
            self.told[number] = self.together.ask(number)
        except LookupError as error:
            self.told[number] = error

    def wait_for(self, waiting: int) -> None:
        """Wait until so many stand in the queue behind the go that is held up."""
        until(lambda: len(self.together._waiting) == waiting, f"{waiting} wait")

    def finish(self) -> None:
        self.may_go_on.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def work() -> Work:
    return Work()


def test_who_comes_alone_is_served_at_once(work: Work) -> None:
    work.may_go_on.set()
    assert [work.together.ask(number) for number in (1, 2)] == [2, 4]
    assert work.goes == [[1], [2]]


def test_who_comes_while_somebody_is_at_work_is_served_with_the_others(work: Work) -> None:
    work.ask(1)
    work.begun.wait()
    work.ask(2, 3, 4, 5)
    work.wait_for(4)
    work.finish()
    assert [sorted(go) for go in work.goes] == [[1], [2, 3, 4, 5]]
    assert work.told == {number: 2 * number for number in range(1, 6)}


def test_an_error_is_raised_to_all_whom_it_concerns_and_to_nobody_later(work: Work) -> None:
    work.ask(1)
    work.begun.wait()
    work.ask(13, 14)
    work.wait_for(2)
    work.finish()
    assert work.told[1] == 2
    assert [str(work.told[number]) for number in (13, 14)] == ["13 is among [13, 14]"] * 2
    assert work.together.ask(15) == 30


def test_a_crowd_is_served_completely(work: Work) -> None:
    work.may_go_on.set()
    work.ask(*(number for number in range(100, 500)))
    work.finish()
    assert work.told == {number: 2 * number for number in range(100, 500)}
    assert sorted(number for go in work.goes for number in go) == list(range(100, 500))
