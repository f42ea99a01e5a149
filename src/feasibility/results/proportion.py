"""Proportions and their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Proportion:
    """``count`` of ``of`` patients, with the 95 % Wilson interval around their ratio. Of nobody, nothing is known: 0 to 1.

    Of a count that is shown rounded to a ``unit`` the interval holds those of all the counts that are shown so.
    """

    count: int
    of: int
    unit: int = 0

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        return interval(self.count, self.of, self.unit)


def interval(count: int, of: int, unit: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a count; of one shown rounded to a ``unit`` (0: exact) from the lower bound of the least such to the upper of the most."""
    if not unit or not count:
        return wilson(count, of)
    least = 1 if count <= unit else math.ceil(count - unit / 2)
    most = min(math.ceil(count + unit / 2) - 1, of)
    return wilson(least, of)[0], wilson(most, of)[1]


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927), without continuity correction."""
    if of == 0:
        return 0.0, 1.0
    share, square = count / of, Z_95**2
    centre = (share + square / (2 * of)) / (1 + square / of)
    half = Z_95 * math.sqrt(share * (1 - share) / of + square / (4 * of**2)) / (1 + square / of)
    low, high = centre - half, centre + half
    return (0.0 if count == 0 else max(low, 0.0)), (1.0 if count == of else min(high, 1.0))
