"""The least costly levels at which enough patients have what they need: from a greedy way on by branch and bound, as far as an effort goes.

A patient needs several parameters at once, so that nothing short of trying all levels is exact. The bound shares each patient out among the parameters
it needs; then what a parameter brings depends on that parameter alone, and the cheapest way to so many shares is a continuous knapsack over the upper
hulls (Sinha & Zoltners, Operations Research 1979, for multiple choices). Whatever the shares, no levels do better; a subgradient ascent (Held, Wolfe &
Crowder, Mathematical Programming 1974) moves them to where they bind. The effort is counted, not timed: the same is found however busy the machine is.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count as numbered
from itertools import pairwise

import numpy as np

from feasibility.logic import Floats
from feasibility.results.concessions import EQUAL, Concessions, Levels
from feasibility.results.greedy import beyond, drawn_back, greedy

ROUNDS_FIRST, ROUNDS = 12, 3  # in which the bound is made tighter: of all levels, of a part of them
PACE, SLOWING = 0.7, 0.1
OF_ROUND = 7_000  # what a round costs however few kinds there are, in shares looked at: some 0.1 ms
COMPLETED = 12  # of the levels near which a bound binds, the first so many that do not give enough: a greedy way goes on from them
OF_WAY = 5  # what that costs, in rounds, besides two looks at each need


@dataclass(frozen=True, eq=False)
class Solution:
    """Levels with their cost. ``bound``: no levels that give as many patients as asked for cost less; ``proven``: so none cost less than these.

    ``left``: of the effort.
    """

    levels: Levels
    cost: float
    bound: float
    proven: bool
    left: float


def least_cost(problem: Concessions, target: int, effort: float) -> Solution:
    """The least costly levels found that give ``target`` patients, at most as many as there are, within an effort of search (``_Search``)."""
    levels = greedy(problem, target, np.zeros(problem.parameters, np.int64))
    assert levels is not None, "everything allowed gives as many"
    return improved(problem, target, levels, effort)


def fewest_moves(problem: Concessions, target: int, effort: float) -> Solution:
    """The levels that move the fewest parameters, and of these the least costly, likewise; ``bound`` is of their number.

    Each parameter that is moved is made to cost more than all levels together: so the least costly levels move the fewest.
    """
    a_move = float(np.where(np.isfinite(problem.costs), problem.costs, 0.0).max(axis=1, initial=0.0).sum()) + 1.0
    costs = problem.costs.copy()
    costs[:, 1:] += a_move
    found = least_cost(replace(problem, costs=costs), target, effort)
    return replace(found, cost=problem.cost(found.levels), bound=math.floor(found.bound / a_move + EQUAL))


def improved(problem: Concessions, target: int, levels: Levels, effort: float) -> Solution:
    """The least costly levels found from some that give ``target`` patients."""
    levels = drawn_back(problem, target, levels)
    least = problem.cost(levels)
    return _Search(problem.costing(least), target, effort - len(problem.level), levels, least).run()  # to begin, each need is looked at


@dataclass(frozen=True, eq=False)
class _Box:
    """Levels from ``low`` to ``high``; the kinds that may still come into it, and their ``shares`` among what they need."""

    low: Levels
    high: Levels
    kinds: Concessions
    shares: Floats


@dataclass(frozen=True, eq=False)
class _Bounded:
    """``bound``: no levels of the box with enough patients cost less. Where it binds the box is ``split``."""

    box: _Box
    bound: float
    split: tuple[int, int] | None


@dataclass(eq=False)
class _Search:
    """The best levels so far, and the boxes that may hold better ones.

    ``effort``: how many shares of kinds among what they need may still be looked at; each round in which the bound of a box is made tighter looks at all of its
    own, and costs ``OF_ROUND`` besides. ``completing``: how many ways may still be gone on from where a bound binds, which costs ``OF_WAY`` rounds each.
    """

    problem: Concessions
    target: int
    effort: float
    levels: Levels
    least: float
    completing: int = COMPLETED

    @property
    def spent(self) -> bool:
        return self.effort <= 0

    def run(self) -> Solution:
        number = numbered()
        waiting: list[tuple[float, int, _Bounded]] = []
        highest = np.array([np.isfinite(each).sum() - 1 for each in self.problem.costs], np.int64)
        whole = _Box(np.zeros_like(highest), highest, self.problem, self.problem.costs[self.problem.parameter, self.problem.level])
        boxes, rounds = [whole], ROUNDS_FIRST
        while True:
            for box in boxes:
                found = self._bounded(box, rounds)
                if found is not None:
                    heapq.heappush(waiting, (found.bound, next(number), found))
            bound = min(waiting[0][0], self.least) if waiting else self.least
            if bound >= self.least - EQUAL or self.spent:
                return Solution(self.levels, self.least, bound, bound >= self.least - EQUAL, max(self.effort, 0.0))
            boxes, rounds = list(_halves(heapq.heappop(waiting)[2])), ROUNDS

    def _try(self, levels: Levels) -> None:
        """Takes levels near which a bound binds, or those of a way on from them, as far back as may be, if they give enough and cost less."""
        better = self.least - EQUAL
        if self.problem.cost(levels) >= better:
            return
        enough: Levels | None = levels
        if self.problem.count(levels) < self.target:
            if not self.completing:
                return
            self.completing -= 1
            self.effort -= OF_WAY * OF_ROUND + 2 * len(self.problem.level)
            enough = greedy(self.problem, self.target, levels, better)
        if enough is not None:
            self.levels = drawn_back(self.problem, self.target, enough)
            self.least = self.problem.cost(self.levels)

    def _bounded(self, box: _Box, rounds: int) -> _Bounded | None:
        """None where the box holds nothing better than what is known."""
        kinds, start = box.kinds, self.problem.cost(box.low)
        extra = beyond(kinds.costs, box.low)
        # Who alone would cost more than the best known is of no kind that matters.
        own = kinds.by_kind(extra[kinds.parameter, kinds.level])
        of_use = (kinds.unmet(box.high) == 0) & (start + own < self.least - EQUAL)
        shares, kinds = box.shares[of_use[kinds.of_need]], kinds.kept(of_use)
        over = kinds.over(box.low)
        open_ = kinds.by_kind(over) > 0
        wanted = self.target - kinds.counts[~open_].sum()
        # What is counted less, of who has several ways, is left out: what may be gained is then overrated, so that the bound stays one.
        open_ &= kinds.counts > 0
        if start >= self.least - EQUAL or kinds.counts[open_].sum() < wanted:
            return None
        if wanted <= 0:
            self._try(box.low)
            return _Bounded(_Box(box.low, box.high, kinds, shares), start, None)
        looked_at = over & open_[kinds.of_need]
        of_need, parameter, level = kinds.of_need[looked_at], kinds.parameter[looked_at], kinds.level[looked_at]
        patients, place = kinds.counts[of_need].astype(np.float64), parameter * kinds.costs.shape[1] + level
        own_shares = shares[looked_at]
        own_shares = np.where((np.bincount(of_need, own_shares) > 0)[of_need], own_shares, 1.0)
        own_shares /= np.bincount(of_need, own_shares)[of_need]
        best: tuple[float, tuple[int, int]] | None = None
        for turn in range(rounds):
            self.effort -= OF_ROUND + len(own_shares)
            by_level = np.bincount(place, own_shares * patients, extra.size).reshape(extra.shape).cumsum(axis=1)
            bound, rounded, split = _cheapest(by_level, extra, box, float(wanted))
            if start + bound >= self.least - EQUAL:
                return None
            self._try(rounded)
            if best is None or bound > best[0]:
                best, kept = (bound, split), own_shares
            if self.spent:
                break
            short = level > rounded[parameter]
            lacking = np.bincount(of_need, short)
            given = own_shares * (~short & (lacking > 0)[of_need]) * (PACE / (1 + SLOWING * turn))
            taken = np.bincount(of_need, given) / np.maximum(lacking, 1)
            own_shares = own_shares - given + taken[of_need] * short
        assert best is not None
        shares = np.zeros(len(shares))
        shares[looked_at] = kept
        return _Bounded(_Box(box.low, box.high, kinds, shares), start + best[0], best[1])


def _cheapest(by_level: Floats, extra: Floats, box: _Box, wanted: float) -> tuple[float, Levels, tuple[int, int]]:
    """The least cost of so many shares, levels in between allowed; these levels rounded up, and the last of them: its parameter and level."""
    rising, level = np.nonzero(by_level[:, 1:] > by_level[:, :-1])
    level += 1
    inside = (level > box.low[rising]) & (level <= box.high[rising])
    rising, level = rising[inside], level[inside]
    gains, costs = by_level[rising, level].tolist(), extra[rising, level].tolist()
    ends, onto = np.searchsorted(rising, np.arange(len(box.low) + 1)).tolist(), level.tolist()
    low, lowest = box.low.tolist(), by_level[np.arange(len(box.low)), box.low].tolist()
    pieces: list[_Piece] = []
    for parameter, (first, last) in enumerate(pairwise(ends)):
        if first < last:
            pieces += _hull(parameter, [low[parameter], *onto[first:last]], [lowest[parameter], *gains[first:last]], [0.0, *costs[first:last]])
    pieces.sort()
    cost, rounded = 0.0, box.low.copy()
    for rate, gained, parameter, begin, end in pieces:
        rounded[parameter] = end
        if gained >= wanted:
            reached = extra[parameter, begin] + rate * wanted
            split = begin + 1 + int(np.searchsorted(extra[parameter, begin + 1 : end], reached))
            return cost + rate * wanted, rounded, (parameter, split)
        cost, wanted = cost + rate * gained, wanted - gained
    # Nothing is wanting but what adding up the shares lost.
    return cost, rounded, (pieces[-1][2], pieces[-1][4])


_Piece = tuple[float, float, int, int, int]
"""What each share costs between two levels of a parameter, how many shares they bring, the parameter, and the levels."""


def _hull(parameter: int, levels: Sequence[int], gains: Sequence[float], costs: Sequence[float]) -> list[_Piece]:
    """Between levels of a parameter that give and cost more and more, those that no mixture of two others beats."""
    pieces: list[_Piece] = []
    for begin, end, before, gain, less, cost in zip(levels, levels[1:], gains, gains[1:], costs, costs[1:], strict=False):
        gained, more = gain - before, cost - less
        while pieces and more <= pieces[-1][0] * gained:
            rate, also, _, begin, _ = pieces.pop()
            gained, more = gained + also, more + rate * also
        pieces.append((more / gained, gained, parameter, begin, end))
    return pieces


def _halves(found: _Bounded) -> Iterator[_Box]:
    """The levels of a box below where it is split, and from there on; none where there is nothing left to decide."""
    if found.split is not None:
        box, (parameter, level) = found.box, found.split
        below, above = box.high.copy(), box.low.copy()
        below[parameter], above[parameter] = level - 1, level
        yield _Box(box.low, below, box.kinds, box.shares)
        yield _Box(above, box.high, box.kinds, box.shares)
