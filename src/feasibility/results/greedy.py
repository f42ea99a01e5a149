"""Levels that give enough patients what they need, found step by step: always the move of one or two parameters that brings most for its cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from feasibility.logic import Floats
from feasibility.results.concessions import EQUAL, Concessions, Levels, Places

FEW, FINER = 5, 40  # parameters of which more levels are gone through, and of each how many


@dataclass(frozen=True, eq=False)
class Moves:
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


def single_moves(problem: Concessions, levels: Levels) -> Moves:
    """Each parameter alone; the kinds of the problem all need more than the levels."""
    over = problem.over(levels)
    alone = over & (problem.unmet(levels) == 1)[problem.of_need]
    gains = problem.table(np.where(alone, problem.counts[problem.of_need], 0))
    return Moves(_each_alone(levels), beyond(problem.costs, levels), gains)


def _double_moves(problem: Concessions, levels: Levels, single: Moves) -> Moves:
    """Each two parameters that some kind needs both of and nothing else."""
    width = problem.costs.shape[1]
    both = np.flatnonzero(problem.over(levels) & (problem.unmet(levels) == 2)[problem.of_need])
    one, other = both[::2], both[1::2]  # the needs of a kind stand together
    pairs, row = np.unique(problem.parameter[one] * problem.parameters + problem.parameter[other], return_inverse=True)
    keys = (row * width + problem.level[one]) * width + problem.level[other]
    gains = np.bincount(keys, problem.counts[problem.of_need[one]], len(pairs) * width**2).reshape(-1, width, width).cumsum(axis=1).cumsum(axis=2)
    first, second = np.divmod(pairs, max(problem.parameters, 1))
    return Moves(
        tuple(zip(first.tolist(), second.tolist(), strict=True)),
        single.costs[first][:, :, None] + single.costs[second][:, None, :],
        gains + single.gains[first][:, :, None] + single.gains[second][:, None, :],
    )


def beyond(costs: Floats, levels: Levels) -> Floats:
    here = costs[np.arange(len(levels)), levels][:, None]
    return np.maximum(costs - here, 0.0)


def walk(problem: Concessions) -> Iterator[tuple[Levels, int, Moves]]:
    """From nothing moved on, always by the one parameter that adds most patients per cost: the levels, the patients they give, and the moves from there."""
    levels, unmet = np.zeros(problem.parameters, np.int64), _Unmet(problem)
    while True:
        moves = Moves(_each_alone(levels), beyond(problem.costs, levels), unmet.gains)
        yield levels, unmet.given, moves
        place, ratio = _best(moves)
        if ratio <= 0:
            return
        onto = moves.to(levels, place)
        unmet.meet(levels, onto)
        levels = onto


class _Unmet:
    """The needs that some levels do not meet, which only go on: each is looked at once, when it is met. ``given``: the patients who have all they need."""

    def __init__(self, problem: Concessions) -> None:
        self.shape, self.counts = problem.costs.shape, problem.counts
        key = problem.parameter * self.shape[1] + problem.level
        order = np.argsort(key.astype(np.min_scalar_type(problem.costs.size)), kind="stable")  # of small numbers it takes a tenth of the time
        self.of_need, self.key = problem.of_need[order], key[order]
        self.ends = np.bincount(key, minlength=problem.costs.size).cumsum()
        # Of each kind how many are unmet, and the sum of their keys: of the last one it is its own.
        self.number = np.bincount(problem.of_need, minlength=problem.kinds)
        self.sum = problem.by_kind(key).astype(np.int64)
        self.given = int(self.counts[self.number == 0].sum())
        self.last = np.zeros(problem.costs.size)  # patients who need but one thing, by its key
        self._put(np.flatnonzero(self.number == 1))

    @property
    def gains(self) -> Floats:
        """As ``Moves`` has them of each parameter alone."""
        return self.last.reshape(self.shape).cumsum(axis=1)

    def meet(self, levels: Levels, onto: Levels) -> None:
        """Meets what some further levels meet."""
        for parameter in np.flatnonzero(onto > levels).tolist():
            first, last = parameter * self.shape[1] + levels[parameter], parameter * self.shape[1] + onto[parameter]
            met = slice(self.ends[first], self.ends[last])
            kinds, left = self.of_need[met], self.number[self.of_need[met]] - 1
            self.given += int(self.counts[kinds[left == 0]].sum())
            self.last[first : last + 1] = 0
            self.number[kinds], self.sum[kinds] = left, self.sum[kinds] - self.key[met]
            self._put(kinds[left == 1])

    def _put(self, kinds: Places) -> None:
        self.last += np.bincount(self.sum[kinds], self.counts[kinds], len(self.last))


def _each_alone(levels: Levels) -> tuple[tuple[int, ...], ...]:
    return tuple((each,) for each in range(len(levels)))


def greedy(problem: Concessions, target: int) -> Levels | None:
    """Always the move of one or two parameters that adds most patients per cost; of the ways seen to finish, the cheapest. None if nothing gives so many.

    Two at once, since what a patient needs both of neither brings alone; if only three together bring anybody, all that is still needed is moved.
    """
    levels, rest, given = np.zeros(problem.parameters, np.int64), problem, 0
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
        elif rest.kinds:
            dearer = rest.by_kind(beyond(rest.costs, levels)[rest.parameter, rest.level])
            needed = rest.of_need == dearer.argmin()
            levels = levels.copy()
            levels[rest.parameter[needed]] = np.maximum(levels[rest.parameter[needed]], rest.level[needed])
        else:
            return best


def refined(problem: Concessions, target: int, levels: Levels) -> Levels:
    """No costlier levels that give as many: of the parameters moved, if few, the greedy way over more of their levels; then each as far back as may be."""
    moved = np.flatnonzero(levels)
    less_coarse = problem.of(moved).coarse(FINER)
    if len(moved) <= FEW and (finer := greedy(less_coarse.problem, target)) is not None:
        again = np.zeros_like(levels)
        again[moved] = less_coarse.fine(finer)
        levels = min(levels, again, key=problem.cost)
    while True:
        back = [as_far_back(problem, target, levels, parameter) for parameter in np.flatnonzero(levels).tolist()]
        best = min(back, key=problem.cost, default=levels)
        if problem.cost(best) >= problem.cost(levels) - EQUAL:
            return levels
        levels = best


def as_far_back(problem: Concessions, target: int, levels: Levels, parameter: int) -> Levels:
    """The levels with one parameter at the first that still gives as many."""
    of_it = problem.parameter == parameter
    held = problem.by_kind(problem.over(levels) & ~of_it) == 0
    needed = np.zeros(problem.kinds, np.int64)
    needed[problem.of_need[of_it]] = problem.level[of_it]
    given = np.bincount(needed[held], problem.counts[held], problem.costs.shape[1]).cumsum()
    back = levels.copy()
    back[parameter] = min(int(np.searchsorted(given, target)), levels[parameter])
    return back


def _best(moves: Moves) -> tuple[int, float]:
    """The move with the most patients per cost."""
    if not moves.gains.size:
        return 0, 0.0
    ratio = np.where(np.isfinite(moves.costs), moves.gains, 0.0) / np.where(moves.costs > 0, moves.costs, np.inf)
    return int(ratio.argmax()), float(ratio.max())
