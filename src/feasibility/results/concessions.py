"""What patients need of several parameters at once, and what moving these costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Floats

Levels = NDArray[np.int64]
Counts = NDArray[np.int64]

EQUAL = 1e-9  # costs that differ by less are the same
COARSE = 12  # levels of a parameter for a first look


@dataclass(frozen=True, eq=False)
class Concessions:
    """``needs``: kinds of patients × parameters, the level needed of each; ``counts``: how many patients of each kind, as in ``Requirements``: of patients
    who have several ways some are negative, and only the sum over the kinds whose needs are met says how many patients these are.

    ``costs``: parameters × levels, from 0 and rising; levels a parameter does not have are inf.
    """

    needs: Levels
    counts: Counts
    costs: Floats

    def cost(self, levels: Levels) -> float:
        return float(self.costs[np.arange(len(levels)), levels].sum())

    def count(self, levels: Levels) -> int:
        return int(self.counts[(self.needs <= levels).all(axis=1)].sum())

    def coarse(self, most: int = COARSE) -> Coarse:
        """The same with at most so many levels of each parameter, evenly some of those there are, the first and the last among them."""
        numbers = np.isfinite(self.costs).sum(axis=1)
        kept = [np.unique(np.linspace(0, number - 1, min(number, most)).round().astype(np.int64)) for number in numbers]
        costs = np.full((len(kept), max((len(each) for each in kept), default=1)), np.inf)
        for row, (of, places) in enumerate(zip(self.costs, kept, strict=True)):
            costs[row, : len(places)] = of[places]
        # Who needs a level that is left out needs the next one.
        needs = [np.searchsorted(places, self.needs[:, column]) for column, places in enumerate(kept)]
        return Coarse(Concessions(np.stack(needs, axis=1) if needs else self.needs, self.counts, costs), tuple(kept))

    def of(self, parameters: NDArray[np.intp]) -> Concessions:
        """The same where the other parameters stay."""
        others = np.delete(self.needs, parameters, axis=1)
        left = (others == 0).all(axis=1)
        return Concessions(self.needs[left][:, parameters], self.counts[left], self.costs[parameters])

    @cached_property
    def own_costs(self) -> Floats:
        """What it costs to give each kind what it needs, and nothing else."""
        costs: Floats = self.costs[np.arange(self.needs.shape[1]), self.needs].sum(axis=1)
        return costs

    def costing(self, most: float) -> Concessions:
        """The kinds that may be given what they need for so much: counts at levels that cost no more are those of all."""
        of_use = self.own_costs <= most + EQUAL
        return Concessions(self.needs[of_use], self.counts[of_use], self.costs)

    def within(self, levels: Levels) -> Concessions:
        """The kinds that have what they need at some levels: counts at levels no further on are those of all."""
        met = (self.needs <= levels).all(axis=1)
        return Concessions(self.needs[met], self.counts[met], self.costs)

    def beyond(self, levels: Levels) -> tuple[Concessions, int]:
        """The kinds that need more than some levels, and how many patients do not."""
        more = (self.needs > levels).any(axis=1)
        return Concessions(self.needs[more], self.counts[more], self.costs), int(self.counts[~more].sum())


@dataclass(frozen=True, eq=False)
class Coarse:
    """A problem with fewer levels, and which of the levels there are each of them is."""

    problem: Concessions
    kept: tuple[Levels, ...]

    def fine(self, levels: Levels) -> Levels:
        """Its levels as those there are: as many patients have what they need at them."""
        return np.array([places[level] for places, level in zip(self.kept, levels, strict=True)], np.int64)
