"""Counting many things at once: NumPy lets go of the interpreter while it gathers and counts, so that another core takes the next."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Found = TypeVar("Found")

_POOL = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="counting")


def counted_at_once(count: Callable[[Thing], Found], things: Iterable[Thing]) -> list[Found]:
    """What is counted of each, in their order; the things are made before the first is counted.

    ``count`` may remember what it finds in a ``Memory`` or a ``Standing``, which several threads may ask; whatever else it looks at must stay. It may not
    count at once itself: all threads might wait for another.
    """
    return list(_POOL.map(count, list(things)))
