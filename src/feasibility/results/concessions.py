"""What patients need of several parameters at once, and what moving these costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools, Floats
from feasibility.screening.distinct import distinct_rows

Levels = NDArray[np.int64]
Counts = NDArray[np.int64]
Places = NDArray[np.intp]

EQUAL = 1e-9  # costs that differ by less are the same
COARSE = 12  # levels of a parameter for a first look


@dataclass(frozen=True, eq=False)
class Needs:
    """What kinds of patients need of several parameters, most of them of few of many: so a need is an entry, by kind and then by parameter.

    The kind ``of_need`` needs of a ``parameter`` the ``level``, above 0, or one beyond it. ``counts``: how many patients of each kind, as in
    ``Requirements``: of patients who have several ways some are negative, and only the sum over the kinds whose needs are met says how many patients these
    are.
    """

    of_need: Places
    parameter: Places
    level: Levels
    counts: Counts

    @property
    def kinds(self) -> int:
        return len(self.counts)

    @property
    def nbytes(self) -> int:
        return self.of_need.nbytes + self.parameter.nbytes + self.level.nbytes + self.counts.nbytes

    def by_kind(self, of_needs: NDArray[Any]) -> NDArray[Any]:
        """The sum of something over the needs of each kind."""
        return np.bincount(self.of_need, of_needs, self.kinds)

    def over(self, levels: Levels) -> Bools:
        """Which needs some levels do not meet."""
        over: Bools = self.level > levels[self.parameter]
        return over

    def unmet(self, levels: Levels) -> Counts:
        """How many needs of each kind some levels do not meet."""
        return np.bincount(self.of_need[self.over(levels)], minlength=self.kinds)

    def count(self, levels: Levels) -> int:
        """How many patients have what they need at some levels."""
        return int(self.counts[self.unmet(levels) == 0].sum())

    def from_levels(self, levels: Levels) -> Needs:
        """What is needed beyond some levels, which count as 0: kinds that then need the same are put together, and those of nobody left out."""
        beyond = self.level - levels[self.parameter]
        more = beyond > 0
        table = np.zeros((len(levels), self.kinds), np.int16)
        table[self.parameter[more], self.of_need[more]] = beyond[more]
        return put_together(table, self.counts)


@dataclass(frozen=True, eq=False)
class Concessions(Needs):
    """Needs, and what meeting them costs. ``costs``: parameters × levels, from 0 and rising; levels a parameter does not have are inf."""

    costs: Floats

    @property
    def parameters(self) -> int:
        return len(self.costs)

    def cost(self, levels: Levels) -> float:
        return float(self.costs[np.arange(self.parameters), levels].sum())

    def kept(self, kinds: Bools) -> Concessions:
        """Some of the kinds."""
        needs = kinds[self.of_need]
        return Concessions((np.cumsum(kinds) - 1)[self.of_need[needs]], self.parameter[needs], self.level[needs], self.counts[kinds], self.costs)

    def coarse(self, most: int = COARSE) -> Coarse:
        """The same with at most so many levels of each parameter, evenly some of those there are, the first and the last among them."""
        numbers = np.isfinite(self.costs).sum(axis=1)
        kept = [np.unique(np.linspace(0, number - 1, min(number, most)).round().astype(np.int64)) for number in numbers]
        costs = np.full((len(kept), max((len(each) for each in kept), default=1)), np.inf)
        # Who needs a level that is left out needs the next one.
        onto = np.zeros(self.costs.shape, np.int64)
        for row, (places, number) in enumerate(zip(kept, numbers, strict=True)):
            costs[row, : len(places)] = self.costs[row, places]
            onto[row, :number] = np.searchsorted(places, np.arange(number))
        return Coarse(Concessions(self.of_need, self.parameter, onto[self.parameter, self.level], self.counts, costs), tuple(kept))

    def costing(self, most: float) -> Concessions:
        """The kinds that may be given what they need for so much: counts at levels that cost no more are those of all."""
        return self.kept(self.by_kind(self.costs[self.parameter, self.level]) <= most + EQUAL)

    def within(self, levels: Levels) -> Concessions:
        """The kinds that have what they need at some levels: counts at levels no further on are those of all."""
        return self.kept(self.unmet(levels) == 0)


def needs_of(needs: NDArray[np.integer[Any]], counts: Counts) -> Needs:
    """From the level that each kind needs of each parameter, kinds × parameters; 0 is no need."""
    there = np.flatnonzero(needs)
    of_need, parameter = np.divmod(there, max(needs.shape[1], 1))
    return Needs(of_need, parameter, needs.ravel()[there].astype(np.int64), counts)


def put_together(table: NDArray[np.integer[Any]], counts: Counts) -> Needs:
    """From such levels, parameters × kinds, with kinds that need the same as one, and without those of nobody."""
    codes, of_kind = distinct_rows(table, table.shape[1])
    counts = np.bincount(codes, counts, len(of_kind)).astype(np.int64)
    some = counts != 0
    return needs_of(np.ascontiguousarray(table[:, of_kind[some]].T), counts[some])


def with_changed(needs: Needs, before: Needs, now: Needs, parameters: int) -> Needs:
    """With what some patients need now instead of what they needed before."""
    parts = needs, before, now
    begins = np.cumsum([0, needs.kinds, before.kinds])
    of_need = np.concatenate([each.of_need + begin for each, begin in zip(parts, begins, strict=True)])
    parameter, level = (np.concatenate([getattr(each, what) for each in parts]) for what in ("parameter", "level"))
    whole = Needs(of_need, parameter, level, np.concatenate([needs.counts, -before.counts, now.counts]))
    return whole.from_levels(np.zeros(parameters, np.int64))


@dataclass(frozen=True, eq=False)
class Coarse:
    """A problem with fewer levels, and which of the levels there are each of them is."""

    problem: Concessions
    kept: tuple[Levels, ...]

    def fine(self, levels: Levels) -> Levels:
        """Its levels, of one way or ways × parameters, as those there are: as many patients have what they need at them."""
        return np.stack([places[levels[..., parameter]] for parameter, places in enumerate(self.kept)], axis=-1)
