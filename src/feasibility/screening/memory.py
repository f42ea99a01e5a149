"""What terms gave, remembered within a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Intervals, Truth

Result = TypeVar("Result", Truth, Intervals)


@dataclass
class Memory:
    """Results that a move need not compute again; beyond ``most_bytes`` the least recently used are forgotten.

    With ``behind`` another memory is looked into first, and nothing is put there. If that is of more patients, ``rows`` are those meant here.
    """

    most_bytes: int = 1_200_000_000
    held: int = 0
    results: OrderedDict[Hashable, Truth | Intervals] = field(default_factory=OrderedDict)
    behind: Memory | None = None
    rows: NDArray[np.intp] | None = None

    def recall(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        for memory in (self, self.behind):
            if memory is not None and key in memory.results:
                memory.results.move_to_end(key)
                known: Result = memory.results[key]  # type: ignore[assignment]  # a key is used for one kind of result
                if memory is self or self.rows is None:
                    return known
                return self._keep(key, known.take(self.rows))
        return self._keep(key, compute())

    def _keep(self, key: Hashable, result: Result) -> Result:
        self.results[key] = result
        self.held += _bytes(result)
        while self.held > self.most_bytes and len(self.results) > 1:
            self.held -= _bytes(self.results.popitem(last=False)[1])
        return result


def _bytes(result: Truth | Intervals) -> int:
    return result.nbytes if isinstance(result, np.ndarray) else result.lo.nbytes + (0 if result.exact else result.hi.nbytes)
