"""Reaching a target by relaxing thresholds: the least costly moves that make enough patients eligible, or the fewest, and what each of them brings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import numpy as np

from feasibility.logic import Floats
from feasibility.parameters import Direction, Number, decimals
from feasibility.results.concessions import EQUAL, Concessions, Levels
from feasibility.results.greedy import Moves, Unmet, beyond, walk
from feasibility.results.least_cost import fewest_moves, improved, least_cost
from feasibility.results.requirements import Requirements
from feasibility.scenario import Refused

EFFORT, AT_ONCE, FRONT_EFFORT = 10e6, 0.7e6, 0.7e6  # of the search: of a million patients a third of a second at most, and a hundredth
SEARCHED = 16  # targets along the front

Weighed = TypeVar("Weighed", "Point", "_Seen")


class Least(StrEnum):
    """What the way to a target has least of."""

    CONCESSION = "concession"
    MOVES = "moves"  # and of as few moves the least concession


@dataclass(frozen=True)
class Allowance:
    """How far a parameter may be relaxed: up to ``limit``. ``cost`` is what it hurts to go from the value as written to the end of its range.

    Each step of the way costs an equal share, on the parameter's own scale (where the value as written is that end, the share of the whole range).
    Lifting the limit altogether costs one step more than the end.
    """

    limit: float
    cost: float = 1.0


@dataclass(frozen=True)
class Move:
    """One parameter moved, after those before it: so many more eligible for its cost, and how many are eligible then."""

    parameter: str
    start: float
    to: float
    gained: int
    cost: float
    eligible: int


@dataclass(frozen=True)
class Point:
    """Values of the parameters moved, what they cost together, and how many of all ``patients`` are eligible at them.

    ``proven``: no allowed moves give as many for less.
    """

    cost: float
    eligible: int
    patients: int
    values: Mapping[str, float]
    proven: bool


@dataclass(frozen=True)
class Reached:
    """The moves that make ``eligible`` of all ``patients`` eligible, at least ``target``, with the ``least`` concession, or the fewest of them.

    In turn stands the one that brings most for its cost after those before it: a greedy order, which changes nothing of where they lead. ``proven``: no
    allowed moves that reach the target cost less, or no fewer do, and of as many none cost less. Where the search ended before that was certain they are the
    best found, and ``bound`` is a cost, or a number of moves, below which it is certain that none do. ``ended``: that it ended by itself, so that more effort
    would find nothing else, though of parameters of which not every value was tried nothing is proven. ``within_reach`` is False where even everything allowed
    is not enough: then the moves are those to as many as there can be, and nothing is proven of their cost.
    """

    target: int
    patients: int
    start: int
    moves: tuple[Move, ...]
    cost: float
    eligible: int
    within_reach: bool
    proven: bool
    bound: float
    ended: bool
    least: Least = Least.CONCESSION


def usual(needed: Requirements) -> dict[str, Allowance]:
    """Every parameter all the way, each at a cost of 1."""
    return {name: Allowance(levels[-1]) for name, levels in zip(needed.names, needed.levels, strict=True)}


def reach(
    needed: Requirements,
    target: int,
    allowed: Mapping[str, Allowance],
    least: Least = Least.CONCESSION,
    effort: float = EFFORT,
    known: Iterable[Point] = (),
) -> Reached:
    """The least costly of the allowed moves to a target, or the fewest; what is not ``allowed`` stays.

    The search for the least costly begins at the best of what is ``known``.

    A patient becomes eligible where every criterion passes at the moved values. Exact where the search ends within ``effort``. Raises ``Refused`` for a
    parameter that cannot be relaxed, a limit on the wrong side of its value, or a cost that is not above 0.
    """
    problem = _problem(needed, allowed)
    most = int(problem.counts.sum())
    wanted = min(target, most)
    if least is Least.MOVES:
        solution = fewest_moves(problem, wanted, effort)
    else:
        enough = min((point for point in known if point.eligible >= wanted), key=lambda point: point.cost, default=None)
        solution = least_cost(problem, wanted, effort) if enough is None else improved(problem, wanted, _levels(needed, enough.values), effort)
    within = problem.within(solution.levels)
    moves, eligible, cost = _path(needed, within, solution.levels), int(within.counts.sum()), problem.cost(solution.levels)
    every_value = not any(name in allowed for name in needed.thinned)
    proven, bound = (solution.proven and every_value, solution.bound if every_value else 0.0) if target <= most else (False, math.inf)
    return Reached(target, needed.patients, needed.eligible, moves, cost, eligible, target <= most, proven, bound, solution.proven, least)


def of_one_step(parameter: Number, now: float, cost: float) -> float | None:
    """What it costs to go one step on from a value, where the whole way costs so much; None from no limit, or where there is none within the range."""
    onto = now + parameter.step * (1 if parameter.loosens is Direction.UP else -1)
    if math.isinf(now) or not parameter.min <= round(onto, decimals(parameter)) <= parameter.max:
        return None
    return float(_costs(parameter, (now, onto), Allowance(onto, cost))[1])


def conceded(parameter: Number, now: float, cost: float = 1.0) -> float:
    """What a value concedes beyond the one as written, where the whole way costs so much; 0 where it is no looser."""
    looser = now > parameter.value if parameter.loosens is Direction.UP else now < parameter.value
    return float(_costs(parameter, (parameter.value, now), Allowance(now, cost))[1]) if looser else 0.0


def front(needed: Requirements, allowed: Mapping[str, Allowance], effort: float = FRONT_EFFORT) -> tuple[Point, ...]:
    """Concession against patients: points of rising cost, of which none gives as many as another for less.

    Every move of a single parameter; then, over some levels of each, a greedy way, by the one that adds most patients per cost, and every move from it. Then,
    from the lowest on, the least costly that a search finds for a few targets along it, within ``effort`` in all. Raises ``Refused`` as ``reach`` does.
    """
    problem = _problem(needed, allowed)
    if not needed.names:
        return (Point(0.0, needed.eligible, needed.patients, {}, True),)
    every_value = not any(name in allowed for name in needed.thinned)
    points = _along_greedy(problem)
    fewest, most = points[0].eligible, points[-1].eligible
    for target in sorted({fewest + (most - fewest) * part // SEARCHED for part in range(1, SEARCHED + 1)}):
        known = next(point for point in points if point.eligible >= target)
        found = improved(problem, target, known.levels, effort)
        points.append(_Seen(found.cost, problem.count(found.levels), found.levels, found.proven))
        if not (effort := found.left):
            break
    return tuple(
        Point(point.cost, point.eligible, needed.patients, _values(needed, point.levels), (point.proven and every_value) or not point.cost)
        for point in _nondominated(points)
    )


def with_answer(points: Sequence[Point], found: Reached) -> tuple[Point, ...]:
    """The front with the answer to one target among its points, and without those that it makes needless.

    An answer that is not proven, and that a point of the front beats, is not among them, nor is one of fewest moves.
    """
    if found.least is Least.MOVES:
        return tuple(points)
    # Costs are sums in another order: what costs as much but for that, and brings no more, is the answer itself.
    same = [each for each in points if abs(each.cost - found.cost) <= EQUAL and each.eligible <= found.eligible]
    proven = found.proven or not found.cost or any(each.proven for each in same)
    answer = Point(found.cost, found.eligible, found.patients, {move.parameter: move.to for move in found.moves}, proven)
    return tuple(_nondominated((*(each for each in points if each not in same), answer)))


@dataclass(frozen=True, eq=False)
class _Seen:
    cost: float
    eligible: int
    levels: Levels
    proven: bool = False


def _along_greedy(problem: Concessions) -> list[_Seen]:
    """What no other costs less and brings as many: of single moves, and of the greedy way and every move from it."""
    nothing, everything = np.zeros(problem.parameters, np.int64), _everything(problem)
    coarse = problem.coarse()
    costs, eligible, levels = _best_moves(coarse.problem, list(walk(coarse.problem, nothing)))
    seen = [_Seen(problem.cost(everything), problem.count(everything), everything)]
    seen += map(_Seen, *_best_moves(problem, [next(walk(problem, nothing))]))
    seen += map(_Seen, costs, eligible, coarse.fine(levels))
    return _nondominated(seen)


def _best_moves(problem: Concessions, steps: Sequence[tuple[Levels, int, Moves]]) -> tuple[list[float], list[int], Levels]:
    """Of the moves from some steps, where a step itself is one that goes nowhere, those that no other beats: costs, eligible, and levels, ways × parameters."""
    from_ = np.array([levels for levels, _, _ in steps])
    costs = np.concatenate([problem.cost(levels) + moves.costs.ravel() for levels, _, moves in steps])
    eligible = np.concatenate([there + moves.gains.ravel() for _, there, moves in steps]).astype(np.int64)
    order = np.lexsort((-eligible, costs))
    order = order[np.isfinite(costs[order])]
    most = np.maximum.accumulate(eligible[order])
    best = order[np.append(True, eligible[order][1:] > most[:-1])]
    step, place = np.divmod(best, problem.costs.size)
    parameter, level = np.divmod(place, problem.costs.shape[1])
    levels, ways = from_[step], np.arange(len(best))
    levels[ways, parameter] = np.maximum(levels[ways, parameter], level)
    return costs[best].tolist(), eligible[best].tolist(), levels


def _nondominated(points: Iterable[Weighed]) -> list[Weighed]:
    """Of points that cost the same the one that brings most: proven where one of them is, for nothing gives as many as that for less."""
    best: list[Weighed] = []
    for point in sorted(points, key=lambda each: (each.cost, -each.eligible, not each.proven)):
        if best and point.eligible <= best[-1].eligible:
            continue
        if best and point.cost <= best[-1].cost + EQUAL:
            before = best.pop()
            point = replace(point, proven=point.proven or before.proven)
        best.append(point)
    return best


def _everything(problem: Concessions) -> Levels:
    """Every parameter as far as allowed."""
    last: Levels = np.isfinite(problem.costs).sum(axis=1) - 1
    return last


def _values(needed: Requirements, levels: Levels) -> dict[str, float]:
    return {name: of[level] for name, of, level in zip(needed.names, needed.levels, levels.tolist(), strict=True) if level}


def _levels(needed: Requirements, values: Mapping[str, float]) -> Levels:
    return np.array([of.index(values.get(name, of[0])) for name, of in zip(needed.names, needed.levels, strict=True)], np.int64)


def _problem(needed: Requirements, allowed: Mapping[str, Allowance]) -> Concessions:
    if strangers := sorted(set(allowed) - set(needed.names)):
        raise Refused(f"{', '.join(strangers)}: cannot be relaxed here; what can is {', '.join(needed.names) or 'nothing'}.")
    costs = [_costs(each, levels, allowed.get(each.name)) for each, levels in zip(needed.parameters, needed.levels, strict=True)]
    width = max((len(each) for each in costs), default=1)
    table = np.full((len(costs), width), np.inf)
    for row, each in zip(table, costs, strict=True):
        row[: len(each)] = each
    needs = needed.needs
    return Concessions(needs.of_need, needs.parameter, needs.level, needs.counts, table).within(np.array([len(each) - 1 for each in costs], np.int64))


def _costs(parameter: Number, levels: tuple[float, ...], allowance: Allowance | None) -> Floats:
    """The cost of each level allowed."""
    if allowance is None:
        return np.zeros(1)
    falling = parameter.loosens is Direction.DOWN
    if not allowance.cost > 0 or math.isinf(allowance.cost):
        raise Refused(f"{parameter.name}: what a step costs is a number above 0, not {allowance.cost:g}.")
    if allowance.limit > levels[0] if falling else allowance.limit < levels[0]:
        raise Refused(f"{parameter.name}: the limit lies on the side on which it loosens, {'down' if falling else 'up'} from {levels[0]:g}.")
    # On the parameter's own scale, by how far it is from the value as written to the end: so the costs of steps taken one after the other add up.
    ends = _scaled(parameter, parameter.min), _scaled(parameter, parameter.max)
    whole = abs(ends[not falling] - _scaled(parameter, parameter.value)) if math.isfinite(parameter.value) else 0.0
    way = np.array([abs(_scaled(parameter, level) - _scaled(parameter, levels[0])) for level in levels])
    whole = whole or ends[1] - ends[0]
    within = [level >= allowance.limit if falling else level <= allowance.limit for level in levels]
    costs: Floats = way / whole * allowance.cost
    return costs[: sum(within)]


def _scaled(parameter: Number, value: float) -> float:
    """Where a value stands on the parameter's own scale; without a limit, one step outside the end that is lifted."""
    scaled = math.log if parameter.scale == "log" else float
    if math.isfinite(value):
        return scaled(value)
    end, inwards = (parameter.max, -parameter.step) if value > 0 else (parameter.min, parameter.step)
    return 2 * scaled(end) - scaled(end + inwards)


def _path(needed: Requirements, problem: Concessions, levels: Levels) -> tuple[Move, ...]:
    """Each parameter moved once to its level, always the one that brings most per cost next; while none brings anybody alone, the one most needed."""
    now, unmet, eligible = np.zeros_like(levels), Unmet(problem, np.zeros_like(levels)), needed.eligible
    moves: list[Move] = []
    most_needed: list[int] = []
    while (left := np.flatnonzero(now < levels)).size:
        gains, costs = unmet.gains[left, levels[left]], beyond(problem.costs, now)[left, levels[left]]
        if gains.any():
            at, most_needed = int(np.argmax(gains / costs)), []
        else:
            most_needed = most_needed or _most_needed_first(problem, now, levels, dict(zip(left.tolist(), costs.tolist(), strict=True)))
            at = left.tolist().index(most_needed.pop(0))
        next_, gained, cost = int(left[at]), int(gains[at]), float(costs[at])
        eligible += gained
        stops = needed.levels[next_]
        moves.append(Move(needed.names[next_], stops[now[next_]], stops[levels[next_]], gained, cost, eligible))
        onto = now.copy()
        onto[next_] = levels[next_]
        unmet.meet(now, onto)
        now = onto
    return tuple(moves)


def _most_needed_first(problem: Concessions, now: Levels, levels: Levels, costs: Mapping[int, float]) -> list[int]:
    """Parameters, given with what moving them to their levels costs: last what can be done without at the least loss of patients, the dearest of these."""
    kept, last = list(costs), list[int]()

    def count(parameters: list[int]) -> int:
        there = now.copy()
        there[parameters] = levels[parameters]
        return problem.count(there)

    while kept:
        left = {parameter: count([each for each in kept if each != parameter]) for parameter in kept}
        least = max(kept, key=lambda parameter: (left[parameter], costs[parameter]))
        kept.remove(least)
        last.insert(0, least)
    return last
