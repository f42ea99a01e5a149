"""Levels that give enough patients what they need, found step by step: always the move that brings most for its cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from feasibility.logic import Floats
from feasibility.results.concessions import EQUAL, Concessions, Levels, Places


@dataclass(frozen=True, eq=False)
class Moves:
    """Moves of each parameter on to each level: what they cost beyond the levels they start from, and how many patients they add; parameters × levels."""

    costs: Floats
    gains: Floats

    def to(self, levels: Levels, place: int) -> Levels:
        """The levels after the move at a place of the flattened arrays, one that adds somebody."""
        parameter, level = divmod(place, self.gains.shape[1])
        moved = levels.copy()
        moved[parameter] = level
        return moved


def beyond(costs: Floats, levels: Levels) -> Floats:
    here = costs[np.arange(len(levels)), levels][:, None]
    return np.maximum(costs - here, 0.0)


def walk(problem: Concessions, levels: Levels) -> Iterator[tuple[Levels, int, Moves]]:
    """From some levels on, always by the one parameter that adds most patients per cost: the levels, the patients they give, and the moves from there.

    Where no parameter alone adds anybody, by all that one kind of patients still needs, the one with most patients per cost.
    """
    unmet = Unmet(problem, levels)
    while True:
        moves = Moves(beyond(problem.costs, levels), unmet.gains)
        yield levels, unmet.given, moves
        place, ratio = _best(moves)
        onto = moves.to(levels, place) if ratio > 0 else unmet.of_one_kind(levels)
        if onto is None:
            return
        unmet.meet(levels, onto)
        levels = onto


class Unmet:
    """The needs that some levels do not meet, which only go on: each is looked at once, when it is met. ``given``: the patients who have all they need."""

    def __init__(self, problem: Concessions, levels: Levels) -> None:
        self.problem, self.shape, self.counts = problem, problem.costs.shape, problem.counts
        over = problem.over(levels)
        of_need, key = problem.of_need[over], (problem.parameter * self.shape[1] + problem.level)[over]
        order = np.argsort(key.astype(np.min_scalar_type(problem.costs.size)), kind="stable")  # of small numbers it takes a tenth of the time
        self.of_need, self.key = of_need[order], key[order]
        self.ends = np.bincount(key, minlength=problem.costs.size).cumsum()
        # Of each kind how many are unmet, and the sum of their keys: of the last one it is its own.
        self.number = np.bincount(of_need, minlength=problem.kinds)
        self.sum = np.bincount(of_need, key, problem.kinds).astype(np.int64)
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

    def of_one_kind(self, levels: Levels) -> Levels | None:
        """The levels with all that one kind needs besides; None if nobody can be added."""
        problem = self.problem
        costs = problem.by_kind(beyond(problem.costs, levels)[problem.parameter, problem.level])
        ratio = np.divide(self.counts, costs, out=np.zeros(problem.kinds), where=(costs > 0) & np.isfinite(costs))
        if not (ratio > 0).any():
            return None
        needed = problem.of_need == ratio.argmax()
        onto = levels.copy()
        onto[problem.parameter[needed]] = np.maximum(levels[problem.parameter[needed]], problem.level[needed])
        return onto

    def _put(self, kinds: Places) -> None:
        self.last += np.bincount(self.sum[kinds], self.counts[kinds], len(self.last))


def greedy(problem: Concessions, target: int, levels: Levels, below: float = np.inf) -> Levels | None:
    """Levels from some on that give enough: of the ways to finish seen along the walk, the cheapest. None if none seen costs less than ``below``."""
    best, least = None, below
    for here, given, moves in walk(problem, levels):
        cost = problem.cost(here)
        if cost >= least:
            return best
        if given >= target:
            return here
        finishing = np.where(moves.gains >= target - given, moves.costs, np.inf)
        if cost + finishing.min(initial=np.inf) < least:
            best, least = moves.to(here, int(finishing.argmin())), cost + float(finishing.min())
    return best


def drawn_back(problem: Concessions, target: int, levels: Levels) -> Levels:
    """No costlier levels that still give as many as wanted: always the parameter that saves most goes back, to the first of its levels that is enough."""
    every, shape = np.arange(problem.parameters), problem.costs.shape
    met = problem.within(levels)
    key, patients, given = met.parameter * shape[1] + met.level, met.counts[met.of_need], int(met.counts.sum())
    at, there = np.bincount(key, patients, problem.costs.size), np.ones(met.kinds, np.bool_)  # the patients there, by what they need
    while len(every):
        lost = at.reshape(shape)[:, ::-1].cumsum(axis=1)[:, ::-1] - at.reshape(shape)
        onto = np.minimum((given - lost >= target).argmax(axis=1), levels)
        saved = problem.costs[every, levels] - problem.costs[every, onto]
        back = int(saved.argmax())
        if saved[back] <= EQUAL:
            break
        levels = np.where(every == back, onto, levels)
        leaving = np.zeros(met.kinds, np.bool_)
        leaving[met.of_need[(met.parameter == back) & (met.level > onto[back])]] = True
        leaving &= there
        if leaving.any():
            there &= ~leaving
            given -= int(met.counts[leaving].sum())
            at -= np.bincount(key[leaving[met.of_need]], patients[leaving[met.of_need]], problem.costs.size)
    return levels


def _best(moves: Moves) -> tuple[int, float]:
    """The move with the most patients per cost."""
    if not moves.gains.size:
        return 0, 0.0
    ratio = np.where(np.isfinite(moves.costs), moves.gains, 0.0) / np.where(moves.costs > 0, moves.costs, np.inf)
    return int(ratio.argmax()), float(ratio.max())
