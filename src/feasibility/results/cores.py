"""Counting many things at once: NumPy lets go of the interpreter while it gathers and counts, so that another core takes the next."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import TypeVar

Thing = TypeVar("Thing")
Found = TypeVar("Found")

AT_FIRST = 0.025  # seconds on one core: of many small things more are done so than on several, which wait for each other's interpreter
CORES = os.cpu_count() or 1

_POOL = ThreadPoolExecutor(CORES, thread_name_prefix="counting")


def counted_at_once(count: Callable[[Thing], Found], things: Iterable[Thing], at_first: float = AT_FIRST) -> list[Found]:
    """What is counted of each, in their order; the things are made before the first is counted. On all cores, where one would be long about it.

    ``count`` may remember what it finds in a ``Memory``, a ``Standing`` or a ``Screener``, which several threads may ask; whatever else it looks at must
    stay. It may not count at once itself: all threads might wait for another. ``at_first``: seconds on one core, where the things are not few.
    """
    left, found, until = list(things), [], perf_counter() + at_first
    if len(left) > CORES:  # few things are large
        while left and perf_counter() < until:
            found.append(count(left.pop(0)))
    return [*found, *_POOL.map(count, left)]
