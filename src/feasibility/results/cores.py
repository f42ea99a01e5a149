"""Counting many things at once: NumPy lets go of the interpreter while it gathers and counts, so that another core takes the next."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar, cast

Thing = TypeVar("Thing")
Found = TypeVar("Found")

CORES = os.cpu_count() or 1

_OTHERS = ThreadPoolExecutor(max(CORES - 1, 1), thread_name_prefix="counting")


def counted_at_once(count: Callable[[Thing], Found], things: Iterable[Thing]) -> list[Found]:
    """What is counted of each, in their order; the things are made before the first is counted. On all cores: each takes the next thing that waits.

    ``count`` may remember what it finds in a ``Memory``, a ``Standing`` or a ``Screener``, which several threads may ask; whatever else it looks at must stay.
    Where one goes wrong no further one is begun, and what went wrong is raised once no other is being counted.
    """
    waiting = deque(enumerate(things))
    found: list[Found | None] = [None] * len(waiting)

    def take() -> None:
        while True:
            try:
                place, thing = waiting.popleft()
            except IndexError:
                return
            try:
                found[place] = count(thing)
            except BaseException:
                waiting.clear()
                raise

    others = [_OTHERS.submit(take) for _ in range(min(CORES, len(waiting)) - 1)]
    try:
        take()  # whoever asks counts too: of small things all may be done before another core has begun
    finally:
        begun = [each for each in others if not each.cancel()]
        wait(begun)
    for each in begun:
        each.result()
    return cast(list[Found], found)
