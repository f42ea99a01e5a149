"""How a quantity is distributed over the patients, and over those who pass everything else: what a threshold is dragged on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Intervals
from feasibility.patterns import Patterns
from feasibility.rules.nodes import Quantity
from feasibility.screening.onwards import found_onwards, value_asked
from feasibility.screening.screen import Screener

OUTSIDE = np.int8(-1)
Bins = NDArray[np.int8]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Axis:
    """``bins`` equal bins from ``low`` to ``high``, on a log scale or not; at most 127 of them. The last bin is closed."""

    low: float
    high: float
    bins: int
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value lies on the axis, from 0 to 1; what lies beyond an end stands at the end."""
        value = min(max(value, self.low), self.high)
        if self.high == self.low:
            return 0.0
        if self.log:
            return float(np.log(value / self.low) / np.log(self.high / self.low))
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, eq=False)
class Spread:
    """One quantity over an axis: each patient's bin and the counts. Beyond an end is in the last bin there; ``OUTSIDE``: not known to within a bin."""

    bin_of: Bins
    counts: Counts

    @property
    def nbytes(self) -> int:
        return self.bin_of.nbytes + self.counts.nbytes


def spread(screener: Screener, quantity: Quantity, axis: Axis) -> Spread:
    """How a resolved quantity is spread over all patients; remembered, and counted on where another window is looked at."""

    def found(some: Screener) -> Spread:
        return binned(some.evaluator.quantity(quantity, {}), axis)

    def changed(before: Spread, patients: NDArray[np.intp], now: Spread) -> Spread:
        bin_of, were = before.bin_of.copy(), before.bin_of[patients]
        bin_of[patients] = now.bin_of
        return Spread(bin_of, before.counts + now.counts - np.bincount(were[were != OUTSIDE], minlength=axis.bins))

    return found_onwards(screener, value_asked(quantity), ("spread", axis), found, changed)


def binned(values: Intervals, axis: Axis) -> Spread:
    """How values are spread over an axis; a value known only in part stands in the middle of what it may be, if that is within a bin."""
    with np.errstate(invalid="ignore"):
        at = values.lo if values.exact else (values.lo + values.hi) / 2
    low, high = (np.log(axis.low), np.log(axis.high)) if axis.log else (axis.low, axis.high)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = (np.log(at) if axis.log else at) - low
        # A hair above, so that 4.1 falls into the bin that begins at 4.1 whatever its binary form.
        bins = np.floor(scaled * (axis.bins / (high - low)) + 1e-9)
    bins = np.clip(np.where(np.isnan(bins), 0, bins), 0, axis.bins - 1)  # on a log scale there is nothing below zero
    inside = np.isfinite(at)
    if not values.exact:  # an eGFR of somebody whose birthday is not known is known closely enough to be drawn
        inside &= values.hi - values.lo <= (axis.high - axis.low) / axis.bins
    bin_of = np.where(inside, bins, OUTSIDE).astype(np.int8)
    return Spread(bin_of, np.bincount(bin_of[inside], minlength=axis.bins))


@dataclass(frozen=True, eq=False)
class PassingTheRest:
    """The patients who pass every criterion that counts but at most one, by row, with the bit of that one (0: none)."""

    patterns: Patterns
    patients: NDArray[np.intp]
    open_on: NDArray[np.int64]

    def counts(self, criterion_id: str, spread: Spread) -> Counts:
        """The spread of those who pass everything but perhaps this criterion."""
        bit = self.patterns.bit(criterion_id) if criterion_id in self.patterns.criteria else 0
        bins = spread.bin_of[self.patients[(self.open_on == 0) | (self.open_on == bit)]]
        counts: Counts = np.bincount(bins[bins != OUTSIDE], minlength=len(spread.counts))
        return counts


def passing_the_rest(patterns: Patterns, counting: tuple[str, ...]) -> PassingTheRest:
    """Of all patients those who pass everything, or everything but one; found in one pass."""
    open_on = (patterns.failed | patterns.unknown) & patterns.mask(counting)
    few = (open_on & (open_on - 1)) == 0
    patients = np.flatnonzero(few[patterns.pattern_of])
    return PassingTheRest(patterns, patients, open_on[patterns.pattern_of[patients]])


def axis_of(low: float, high: float, step: float, log: bool, most_bins: int) -> Axis:
    """An axis whose bins hold whole steps, so that no bin looks fuller only for holding one value more."""
    steps = max(round((high - low) / step), 1)
    if log or steps <= most_bins:
        return Axis(low, high, most_bins if log else steps, log)
    stride = -(-steps // most_bins)
    bins = -(-steps // stride)
    return Axis(low, low + bins * stride * step, bins, log)
