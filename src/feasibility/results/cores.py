"""Counting many things at once: NumPy lets go of the interpreter while it gathers and counts, so that another core takes the next."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Found = TypeVar("Found")

CORES = os.cpu_count() or 1

_OTHERS = ThreadPoolExecutor(max(CORES - 1, 1), thread_name_prefix="counting")


def counted_at_once(count: Callable[[Thing], Found], things: Iterable[Thing]) -> list[Found]:
    """What is counted of each, in their order; the things are made before the first is counted. On all cores: each takes the next thing that waits.

    ``count`` may remember what it finds in a ``Memory``, a ``Standing`` or a ``Screener``, which several threads may ask; whatever else it looks at must stay.
    """
    waiting = deque(enumerate(things))
    found: dict[int, Found] = {}

    def take() -> None:
        while True:
            try:
                place, thing = waiting.popleft()
            except IndexError:
                return
            found[place] = count(thing)

    others = [_OTHERS.submit(take) for _ in range(min(CORES, len(waiting)) - 1)]
    take()  # whoever asks counts too: of small things all may be done before another core has begun
    for each in others:
        if not each.cancel():
            each.result()
    return [found[place] for place in range(len(found))]
