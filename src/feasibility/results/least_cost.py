"""The least costly levels at which enough patients have what they need: greedy with lookahead, then branch and bound against the clock.

A patient needs several parameters at once, so that nothing short of trying all levels is exact. The bound shares each patient out among the parameters
it needs; then what a parameter brings depends on that parameter alone, and the cheapest way to so many shares is a continuous knapsack over the upper
hulls (Sinha & Zoltners, Operations Research 1979, for multiple choices). Whatever the shares, no levels do better; a subgradient ascent (Held, Wolfe &
Crowder, Mathematical Programming 1974) moves them to where they bind.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as numbered
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Floats

Levels = NDArray[np.int64]
Counts = NDArray[np.int64]

COARSE, FEW = 12, 5  # levels of a parameter for a first way; parameters of which all levels are gone through then
EQUAL = 1e-9  # costs that differ by less are the same
ROUNDS_FIRST, ROUNDS = 40, 6  # in which the bound is made tighter: of all levels, of a part of them
PACE, SLOWING = 0.5, 0.3


@dataclass(frozen=True, eq=False)
class Problem:
    """``needs``: kinds of patients × parameters, the level needed of each; ``counts``: how many patients of each kind.

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
        return Coarse(Problem(np.stack(needs, axis=1) if needs else self.needs, self.counts, costs), tuple(kept))

    def of(self, parameters: NDArray[np.intp]) -> Problem:
        """The same where the other parameters stay."""
        others = np.delete(self.needs, parameters, axis=1)
        left = (others == 0).all(axis=1)
        return Problem(self.needs[left][:, parameters], self.counts[left], self.costs[parameters])

    def beyond(self, levels: Levels) -> tuple[Problem, int]:
        """The kinds that need more than some levels, and how many patients do not."""
        more = (self.needs > levels).any(axis=1)
        return Problem(self.needs[more], self.counts[more], self.costs), int(self.counts[~more].sum())


@dataclass(frozen=True, eq=False)
class Coarse:
    """A problem with fewer levels, and which of the levels there are each of them is."""

    problem: Problem
    kept: tuple[Levels, ...]

    def fine(self, levels: Levels) -> Levels:
        """Its levels as those there are: as many patients have what they need at them."""
        return np.array([places[level] for places, level in zip(self.kept, levels, strict=True)], np.int64)


@dataclass(frozen=True, eq=False)
class Solution:
    """Levels with their cost. ``bound``: no levels that give as many patients as asked for cost less; ``proven``: so none cost less than these."""

    levels: Levels
    cost: float
    bound: float
    proven: bool


def least_cost(problem: Problem, target: int, seconds: float) -> Solution | None:
    """The least costly levels found that give ``target`` patients, within about so many seconds of search; None if no levels do."""
    deadline, coarse = time.perf_counter() + seconds, problem.coarse()
    found = greedy(coarse.problem, target)
    if found is None:
        return None
    return improved(problem, target, _refined(problem, target, coarse.fine(found)), deadline - time.perf_counter())


def improved(problem: Problem, target: int, levels: Levels, seconds: float) -> Solution:
    """The least costly levels found from some that give ``target`` patients."""
    return _Search(problem, target, time.perf_counter() + seconds, levels, problem.cost(levels)).run()


# Greedy


@dataclass(frozen=True, eq=False)
class _Moves:
    """Moves of one parameter, or of two at once, on to each level: what they cost beyond the levels they start from, and how many patients they add."""

    parameters: tuple[tuple[int, ...], ...]
    costs: Floats
    gains: Floats

    def to(self, levels: Levels, place: int) -> Levels:
        """The levels after the move at a place of the flattened arrays."""
        row, *onto = np.unravel_index(place, self.gains.shape)
        moved = levels.copy()
        for parameter, level in zip(self.parameters[int(row)], onto, strict=True):
            moved[parameter] = max(moved[parameter], level)
        return moved


def single_moves(problem: Problem, levels: Levels) -> _Moves:
    """Each parameter alone; the kinds of the problem all need more than the levels."""
    width, over = problem.costs.shape[1], problem.needs > levels
    alone = over.sum(axis=1) == 1
    which = over[alone].argmax(axis=1)
    keys = which * width + problem.needs[alone, which] if len(which) else which
    gains = np.bincount(keys, problem.counts[alone], problem.costs.size).reshape(problem.costs.shape).cumsum(axis=1)
    return _Moves(tuple((each,) for each in range(len(levels))), _beyond(problem.costs, levels), gains)


def _double_moves(problem: Problem, levels: Levels, single: _Moves) -> _Moves:
    """Each two parameters that some kind needs both of and nothing else."""
    width, over = problem.costs.shape[1], problem.needs > levels
    both = over.sum(axis=1) == 2
    over, needs = over[both], problem.needs[both]
    one, other = over.argmax(axis=1), over.shape[1] - 1 - over[:, ::-1].argmax(axis=1)
    pairs, row = np.unique(one * over.shape[1] + other, return_inverse=True)
    kinds = np.arange(len(needs))
    keys = (row * width + needs[kinds, one]) * width + needs[kinds, other]
    gains = np.bincount(keys, problem.counts[both], len(pairs) * width**2).reshape(-1, width, width).cumsum(axis=1).cumsum(axis=2)
    first, second = pairs // over.shape[1], pairs % over.shape[1]
    return _Moves(
        tuple(zip(first.tolist(), second.tolist(), strict=True)),
        single.costs[first][:, :, None] + single.costs[second][:, None, :],
        gains + single.gains[first][:, :, None] + single.gains[second][:, None, :],
    )


def _beyond(costs: Floats, levels: Levels) -> Floats:
    here = costs[np.arange(len(levels)), levels][:, None]
    return np.maximum(costs - here, 0.0)


def walk(problem: Problem) -> Iterator[tuple[Levels, int, _Moves]]:
    """From nothing moved on, always by the one parameter that adds most patients per cost: the levels, the patients they give, and the moves from there."""
    levels, rest = np.zeros(problem.needs.shape[1], np.int64), problem
    given = 0
    while True:
        rest, more = rest.beyond(levels)
        given += more
        moves = single_moves(rest, levels)
        yield levels, given, moves
        place, ratio = _best(moves)
        if ratio <= 0:
            return
        levels = moves.to(levels, place)


def greedy(problem: Problem, target: int) -> Levels | None:
    """Always the move of one or two parameters that adds most patients per cost; of the ways seen to finish, the cheapest. None if nothing gives so many.

    Two at once, since what a patient needs both of neither brings alone; if only three together bring anybody, all that is still needed is moved.
    """
    levels, rest, given = np.zeros(problem.needs.shape[1], np.int64), problem, 0
    best, least = None, np.inf
    while True:
        rest, more = rest.beyond(levels)
        given, cost = given + more, problem.cost(levels)
        if given >= target:
            return levels if cost < least else best
        if cost >= least:
            return best
        single = single_moves(rest, levels)
        ways = [(moves, *_best(moves)) for moves in (single, _double_moves(rest, levels, single))]
        for moves, _, _ in ways:
            finishing = np.where(moves.gains >= target - given, moves.costs, np.inf)
            if finishing.size and cost + finishing.min() < least:
                best, least = moves.to(levels, int(finishing.argmin())), cost + float(finishing.min())
        moves, place, ratio = max(ways, key=lambda way: way[2])
        if ratio > 0:
            levels = moves.to(levels, place)
        elif len(rest.needs):
            levels = np.maximum(levels, min(rest.needs, key=lambda needs: problem.cost(np.maximum(levels, needs))))
        else:
            return best


def _refined(problem: Problem, target: int, levels: Levels) -> Levels:
    """No costlier levels that give as many: of the parameters moved, if they are few, the greedy way over all their levels; then each as far back as may be."""
    moved = np.flatnonzero(levels)
    if len(moved) <= FEW and (finer := greedy(problem.of(moved), target)) is not None:
        again = np.zeros_like(levels)
        again[moved] = finer
        levels = min(levels, again, key=problem.cost)
    while True:
        back = [_as_far_back(problem, target, levels, parameter) for parameter in np.flatnonzero(levels).tolist()]
        best = min(back, key=problem.cost, default=levels)
        if problem.cost(best) >= problem.cost(levels) - EQUAL:
            return levels
        levels = best


def _as_far_back(problem: Problem, target: int, levels: Levels, parameter: int) -> Levels:
    """The levels with one parameter at the first that still gives as many."""
    others = np.arange(len(levels)) != parameter
    held = (problem.needs <= levels)[:, others].all(axis=1)
    given = np.bincount(problem.needs[held, parameter], problem.counts[held], problem.costs.shape[1]).cumsum()
    back = levels.copy()
    back[parameter] = min(int(np.searchsorted(given, target)), levels[parameter])
    return back


def _best(moves: _Moves) -> tuple[int, float]:
    """The move with the most patients per cost."""
    if not moves.gains.size:
        return 0, 0.0
    ratio = np.where(np.isfinite(moves.costs), moves.gains, 0.0) / np.where(moves.costs > 0, moves.costs, np.inf)
    return int(ratio.argmax()), float(ratio.max())


# Branch and bound


@dataclass(frozen=True, eq=False)
class _Box:
    """Levels from ``low`` to ``high``; ``shares`` of the kinds (by row) that may still come into it, among the parameters."""

    low: Levels
    high: Levels
    kinds: NDArray[np.intp]
    shares: Floats


@dataclass(frozen=True, eq=False)
class _Bounded:
    """``bound``: no levels of the box with enough patients cost less. ``rounded``: levels near where it binds; there the box is ``split``."""

    box: _Box
    bound: float
    rounded: Levels
    split: tuple[int, int] | None


@dataclass(eq=False)
class _Search:
    """The best levels so far, and the boxes that may hold better ones."""

    problem: Problem
    target: int
    deadline: float
    levels: Levels
    least: float

    @property
    def late(self) -> bool:
        return time.perf_counter() > self.deadline

    def run(self) -> Solution:
        number = numbered()
        waiting: list[tuple[float, int, _Bounded]] = []
        highest = np.array([np.isfinite(each).sum() - 1 for each in self.problem.costs], np.int64)
        everything = np.arange(len(self.problem.needs))
        whole = _Box(np.zeros_like(highest), highest, everything, self.problem.costs[np.arange(len(highest)), self.problem.needs])
        boxes, rounds = [whole], ROUNDS_FIRST
        while True:
            for box in boxes:
                found = self._bounded(box, rounds)
                if found is not None:
                    self._try(found.rounded)
                    heapq.heappush(waiting, (found.bound, next(number), found))
            bound = min(waiting[0][0], self.least) if waiting else self.least
            if bound >= self.least - EQUAL or self.late:
                return Solution(self.levels, self.least, bound, bound >= self.least - EQUAL)
            boxes, rounds = list(_halves(heapq.heappop(waiting)[2])), ROUNDS

    def _try(self, levels: Levels) -> None:
        cost = self.problem.cost(levels)
        if cost < self.least - EQUAL and self.problem.count(levels) >= self.target:
            self.levels, self.least = levels, cost

    def _bounded(self, box: _Box, rounds: int) -> _Bounded | None:
        """None where the box holds nothing better than what is known."""
        costs, start = self.problem.costs, self.problem.cost(box.low)
        extra = _beyond(costs, box.low)
        needs, parameters = self.problem.needs[box.kinds], np.arange(len(box.low))
        # Who alone would cost more than the best known is of no kind that matters.
        own = extra[parameters, needs].sum(axis=1)
        of_use = (needs <= box.high).all(axis=1) & (start + own < self.least - EQUAL)
        kinds, needs, shares = box.kinds[of_use], needs[of_use], box.shares[of_use]
        patients, over = self.problem.counts[kinds].astype(np.float64), needs > box.low
        open_ = over.any(axis=1)
        wanted = self.target - patients[~open_].sum()
        if start >= self.least - EQUAL or patients[open_].sum() < wanted:
            return None
        if wanted <= 0:
            return _Bounded(_Box(box.low, box.high, kinds, shares), start, box.low, None)
        needs, patients, over, shares = needs[open_], patients[open_], over[open_], np.where(over, shares, 0.0)[open_]
        shares = np.where(shares.sum(axis=1, keepdims=True) > 0, shares, over)
        shares = shares / shares.sum(axis=1, keepdims=True)
        places = parameters * costs.shape[1] + needs
        best: tuple[float, Levels, tuple[int, int]] | None = None
        for turn in range(rounds):
            by_level = np.bincount(places[over], (shares * patients[:, None])[over], costs.size).reshape(costs.shape).cumsum(axis=1)
            bound, rounded, split = _cheapest(by_level, extra, box, float(wanted))
            if start + bound >= self.least - EQUAL:
                return None
            if best is None or bound > best[0]:
                best, kept = (bound, rounded, split), shares
            if self.late:
                break
            short = over & (needs > rounded)
            lacking = short.sum(axis=1, keepdims=True)
            given = np.where(over & ~short & (lacking > 0), shares, 0.0) * (PACE / (1 + SLOWING * turn))
            shares = shares - given + np.where(short, given.sum(axis=1, keepdims=True) / np.maximum(lacking, 1), 0.0)
        assert best is not None
        everywhere = np.zeros((len(kinds), len(parameters)))
        everywhere[open_] = kept
        return _Bounded(_Box(box.low, box.high, kinds, everywhere), start + best[0], best[1], best[2])


def _cheapest(by_level: Floats, extra: Floats, box: _Box, wanted: float) -> tuple[float, Levels, tuple[int, int]]:
    """The least cost of so many shares, levels in between allowed; these levels rounded up, and the last of them: its parameter and level."""
    pieces = []
    for parameter, (low, high) in enumerate(zip(box.low.tolist(), box.high.tolist(), strict=True)):
        gains, costs = by_level[parameter], extra[parameter]
        rising = [low, *(np.flatnonzero(np.diff(gains[low : high + 1]) > 0) + low + 1).tolist()]
        hull: list[int] = []
        for level in rising:
            while len(hull) > 1 and (gains[level] - gains[hull[-1]]) * (costs[hull[-1]] - costs[hull[-2]]) >= (
                gains[hull[-1]] - gains[hull[-2]]
            ) * (costs[level] - costs[hull[-1]]):
                hull.pop()
            hull.append(level)
        pieces += [(gains[b] - gains[a], costs[b] - costs[a], parameter, a, b) for a, b in pairwise(hull)]
    pieces.sort(key=lambda piece: piece[1] / piece[0])
    cost, rounded = 0.0, box.low.copy()
    for gained, more, parameter, begin, end in pieces:
        rounded[parameter] = end
        if gained >= wanted:
            reached = extra[parameter, begin] + more * wanted / gained
            split = begin + 1 + int(np.searchsorted(extra[parameter, begin + 1 : end], reached))
            return cost + more * wanted / gained, rounded, (parameter, split)
        cost, wanted = cost + more, wanted - gained
    # Nothing is wanting but what adding up the shares lost.
    return cost, rounded, (pieces[-1][2], pieces[-1][4])


def _halves(found: _Bounded) -> Iterator[_Box]:
    """The levels of a box below where it is split, and from there on; none where there is nothing left to decide."""
    if found.split is not None:
        box, (parameter, level) = found.box, found.split
        below, above = box.high.copy(), box.low.copy()
        below[parameter], above[parameter] = level - 1, level
        yield _Box(box.low, below, box.kinds, box.shares)
        yield _Box(above, box.high, box.kinds, box.shares)
