"""Counting on all cores: what is found stands in the order asked, and what goes wrong is heard of."""

from __future__ import annotations

import time
from threading import Barrier, Event, current_thread, main_thread

import pytest

from feasibility.results.cores import CORES, counted_at_once


def test_what_is_found_stands_in_the_order_of_the_things_whichever_is_done_first() -> None:
    def slow_at_first(number: int) -> int:
        time.sleep(0.02 * (number == 0))
        return number * number

    assert counted_at_once(slow_at_first, range(9)) == [number * number for number in range(9)]
    assert counted_at_once(slow_at_first, []) == []


@pytest.mark.skipif(CORES < 2, reason="on one core things are counted one after the other")
def test_one_thing_does_not_wait_for_another() -> None:
    other_has_begun = Event()

    def waits(number: int) -> bool:
        if number:
            other_has_begun.set()
        return other_has_begun.wait(10)

    assert counted_at_once(waits, range(2)) == [True, True]


@pytest.mark.skipif(CORES < 2, reason="on one core things are counted one after the other")
@pytest.mark.parametrize("by_whoever_asks", [False, True])
def test_what_goes_wrong_is_heard_of_wherever_it_was_counted_and_nothing_goes_on(by_whoever_asks: bool) -> None:
    both, begun, ended = Barrier(2), [], []

    def count(number: int) -> None:
        begun.append(number)
        if len(begun) < 3:
            both.wait(10)
        if (current_thread() is main_thread()) == by_whoever_asks:
            raise ArithmeticError(number)
        time.sleep(0.05)
        ended.append(number)

    with pytest.raises(ArithmeticError):
        counted_at_once(count, range(100))
    assert len(begun) < 5
    assert len(ended) == len(begun) - 1, "what had begun elsewhere has ended"


def test_what_counts_at_once_may_be_counted_at_once() -> None:
    def count(number: int) -> int:
        return sum(counted_at_once(lambda each: each + number, range(4)))

    assert counted_at_once(count, range(4)) == [6, 10, 14, 18]
