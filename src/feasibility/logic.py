"""Three truth values and intervals: the arithmetic of what is known, unknown and partly known.

A truth value is an int8: FALSE < UNKNOWN < TRUE, so that Kleene's *and* is the minimum, *or* the maximum, *not* the mirror.
A number is a closed interval [lo, hi]: known is [x, x], missing is (-inf, inf), ``<0.3`` is (-inf, 0.3).
No nulls and no NaN exist past intake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Truth = NDArray[np.int8]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FALSE, UNKNOWN, TRUE = np.int8(0), np.int8(1), np.int8(2)


@dataclass(frozen=True, eq=False)
class Intervals:
    """Closed intervals, one a row; ``hi`` is the very array ``lo`` where every value is exactly known."""

    lo: Floats
    hi: Floats

    def __len__(self) -> int:
        return len(self.lo)

    @property
    def exact(self) -> bool:
        return self.hi is self.lo

    @property
    def nbytes(self) -> int:
        return self.lo.nbytes + (0 if self.exact else self.hi.nbytes)

    @cached_property
    def something_known(self) -> Bools:
        """Where anything is known of a value; asked of the same column by rule after rule."""
        known_somehow: Bools = np.isfinite(self.lo) | np.isfinite(self.hi)
        known_somehow.flags.writeable = False
        return known_somehow

    def take(self, rows: NDArray[np.intp]) -> Intervals:
        lo = self.lo.take(rows)
        return Intervals(lo, lo if self.exact else self.hi.take(rows))


def known(values: Floats) -> Intervals:
    """Exactly known values."""
    return Intervals(values, values)


def missing(rows: int) -> Intervals:
    """Values of which nothing is known."""
    return Intervals(np.full(rows, -np.inf), np.full(rows, np.inf))


def not_(truth: Truth) -> Truth:
    return TRUE - truth


def and_(*truths: Truth) -> Truth:
    result = truths[0]
    for truth in truths[1:]:
        result = np.minimum(result, truth)
    return result


def or_(*truths: Truth) -> Truth:
    result = truths[0]
    for truth in truths[1:]:
        result = np.maximum(result, truth)
    return result


def between(certain: Bools, possible: Bools) -> Truth:
    """TRUE where certain, UNKNOWN where only possible, FALSE elsewhere; whatever is certain must be possible."""
    return certain.view(np.int8) + possible.view(np.int8)


def at_least(left: Intervals, right: Intervals | float) -> Truth:
    """``left >= right``."""
    lo, hi = (right.lo, right.hi) if isinstance(right, Intervals) else (right, right)
    possible = left.hi >= lo
    return between(possible if left.exact and lo is hi else left.lo >= hi, possible)


def above(left: Intervals, right: Intervals | float) -> Truth:
    """``left > right``."""
    lo, hi = (right.lo, right.hi) if isinstance(right, Intervals) else (right, right)
    possible = left.hi > lo
    return between(possible if left.exact and lo is hi else left.lo > hi, possible)


def equal(left: Intervals, right: Intervals | float) -> Truth:
    """``left == right``: TRUE only if both are exactly known and the same, FALSE if they cannot meet."""
    lo, hi = (right.lo, right.hi) if isinstance(right, Intervals) else (right, right)
    possible = (left.lo <= hi) & (left.hi >= lo)
    return between(possible & (left.lo == left.hi) & (np.asarray(lo) == hi) & (left.lo == lo), possible)


def inside(left: Intervals, lo: float, hi: float) -> Truth:
    """Whether ``left`` lies in [lo, hi]: TRUE if all of it does, FALSE if none of it."""
    return between((left.lo >= lo) & (left.hi <= hi), (left.lo <= hi) & (left.hi >= lo))


COMPARISONS: dict[str, Callable[[Intervals, Intervals | float], Truth]] = {
    ">=": at_least,
    ">": above,
    "<": lambda left, right: not_(at_least(left, right)),
    "<=": lambda left, right: not_(above(left, right)),
    "==": equal,
    "!=": lambda left, right: not_(equal(left, right)),
}
