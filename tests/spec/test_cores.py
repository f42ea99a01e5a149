"""Counting on all cores: what is found stands in the order asked, and what goes wrong is heard of."""

from __future__ import annotations

import time
from threading import Event

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


@pytest.mark.parametrize("wrong", [0, 1, 7])
def test_what_goes_wrong_is_heard_of_wherever_it_was_counted(wrong: int) -> None:
    def count(number: int) -> int:
        time.sleep(0.001)
        if number == wrong:
            raise ArithmeticError(number)
        return number

    with pytest.raises(ArithmeticError):
        counted_at_once(count, range(8))


def test_what_counts_at_once_may_be_counted_at_once() -> None:
    def count(number: int) -> int:
        return sum(counted_at_once(lambda each: each + number, range(4)))

    assert counted_at_once(count, range(4)) == [6, 10, 14, 18]
