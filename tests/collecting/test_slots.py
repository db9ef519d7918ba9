"""Terminals that do not answer hold up nobody."""

from __future__ import annotations

import threading

from eabsensi.collecting.slots import Slots


def test_one_that_does_not_open_gives_way_to_the_next():
    slots = Slots(1)
    entered = threading.Event()

    def next_one():
        with slots.taken() as opened:
            opened()
            entered.set()

    with slots.taken():
        other = threading.Thread(target=next_one)
        other.start()
        assert entered.wait(30), "the one before has not opened its session, so it does not count"
        other.join()


def test_one_that_is_open_keeps_its_place_until_it_leaves():
    slots = Slots(1)
    order = []

    def next_one():
        with slots.taken():
            order.append("next")

    with slots.taken() as opened:
        opened()
        other = threading.Thread(target=next_one)
        other.start()
        order.append("first")
    other.join()
    assert order == ["first", "next"]


def test_as_many_as_there_are_slots_are_open_at_once():
    slots, both = Slots(2), threading.Barrier(2, timeout=30)

    def meet():
        with slots.taken() as opened:
            opened()
            both.wait()

    others = [threading.Thread(target=meet) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert not both.broken
