"""Near misses: patients who fail one criterion and no other, how far they are from passing it, and who they are, when asked.

Only the criteria that count take part. How far is told by flip points: the nearest value, on its step and within its range, to which one parameter alone
has to be moved in the direction in which it loosens, all else held, for the patient to pass the criterion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Floats
from feasibility.parameters import Direction, Number, decimals, loosest
from feasibility.results.accounting import Loss
from feasibility.results.disclosure import Rounding
from feasibility.results.overview import Counted, Overview
from feasibility.rules.bounds import bound
from feasibility.rules.nodes import Quantity, Ref, parameters, variables, walk
from feasibility.rules.polarity import uses
from feasibility.scenario import Refused, Scenario, reading_id, value_of, with_value
from feasibility.screening.explain import CriterionFound, explained
from feasibility.screening.moving import criterion_flips
from feasibility.screening.screen import FAIL, PASS, Screener, Screening
from feasibility.screening.subset import subset

MOST_SHOWN = 200
MOST_AT_ONCE = 30_000  # flips are counted in 16 bits

Rows = NDArray[np.intp]
Places = NDArray[np.int64]


class NotListed(Refused):
    """Single patients are not listed while small counts are hidden."""


class Elsewhere(StrEnum):
    """What the other criteria say of those who fail one."""

    PASSED = "passed"  # they pass all others: with that one passed they would be eligible
    UNKNOWN = "unknown"  # they are UNKNOWN on at least one other: with that one passed they would be undetermined


@dataclass(frozen=True)
class OneFailed:
    """Patients who fail this criterion and no other: ``passed`` pass all others (only-fail), ``unknown`` are UNKNOWN on some."""

    id: str
    passed: int
    unknown: int


@dataclass(frozen=True)
class NearCounts:
    """How many of ``patients``, ``ineligible`` of them, fail one criterion alone: ``passed`` and ``unknown`` as of one criterion, of all of them.

    There is an entry for each criterion that counts, in their order.
    """

    patients: int
    ineligible: int
    passed: int
    unknown: int
    criteria: tuple[OneFailed, ...]


@dataclass(frozen=True)
class NearestMove:
    """One parameter moved alone from ``now``: the nearest value at which the patient no longer fails the criterion, and the nearest at which they pass.

    Where ``passes_at`` is None no value of its range passes them: from ``opens_at`` on they are UNKNOWN.
    """

    parameter: str
    now: float
    opens_at: float
    passes_at: float | None

    @property
    def distance(self) -> float:
        """How far the parameter is moved, in its unit; inf where its limit has to be lifted."""
        return abs((self.opens_at if self.passes_at is None else self.passes_at) - self.now)

    @property
    def of_threshold(self) -> float | None:
        """The distance as a part of the threshold as it is now; None where that is 0 or the limit has to be lifted."""
        return self.distance / abs(self.now) if self.now and math.isfinite(self.distance) else None


@dataclass(frozen=True)
class NearMiss:
    """A patient (by row, and by the file's identifier) who fails one criterion; ``unknown`` are those on which they are UNKNOWN.

    ``moves``: the moves of one parameter that change the outcome, the nearest first; none where it takes several at once, or has no parameter to move.
    """

    patient: int
    identifier: str
    criterion: str
    unknown: tuple[str, ...]
    moves: tuple[NearestMove, ...]


@dataclass(frozen=True)
class NearMisses:
    """The nearest of the ``found`` patients asked for, of ``patients``.

    Sorted by the distance as a part of the threshold, of a threshold of 0 by the distance: first those who pass after a move of one parameter, those
    for whom a limit has to be lifted last among them; then those who become UNKNOWN; then those whom no single parameter helps; of equals in the order of
    the cohort.
    """

    patients: int
    found: int
    shown: tuple[NearMiss, ...]


def near_counts(losses: Sequence[Loss], patients: int, ineligible: int) -> NearCounts:
    """The counts by criterion; nobody is listed."""
    criteria = tuple(OneFailed(each.id, each.only_fail, each.gain_possible - each.only_fail) for each in losses)
    return NearCounts(patients, ineligible, sum(each.passed for each in criteria), sum(each.unknown for each in criteria), criteria)


def near_misses(
    screener: Screener, overview: Overview | Counted, elsewhere: Elsewhere, criteria: Sequence[str], rounding: Rounding, most: int = MOST_SHOWN
) -> NearMisses:
    """The patients who fail one of these criteria and no other that counts, nearest first: by how far a number would have to move, as a part of the
    threshold; of those alike in that, and those whom no value of its range passes, by how far their own value lies from where it stands.

    Raises ``NotListed`` where small counts are hidden.
    """
    if rounding.unit:
        raise NotListed
    screening, patterns = overview.screening, overview.patterns
    counting = patterns.mask(overview.order)
    failed, unknown = patterns.failed & counting, patterns.unknown & counting
    meant = (np.bitwise_count(failed) == 1) & (failed & patterns.mask(criteria) != 0) & ((unknown != 0) == (elsewhere is Elsewhere.UNKNOWN))
    patients = np.flatnonzero(meant[patterns.pattern_of])
    of_patients = patterns.pattern_of[patients]
    found = [_of_criterion(screener, screening, each, patients[failed[of_patients] == patterns.bit(each)]) for each in overview.order if each in criteria]
    if not found:
        return NearMisses(patterns.total, 0, ())
    names = ("patients", "rank", "relative", "distance", "apart")
    rows, rank, relative, distance, apart = (np.concatenate([getattr(each, name) for each in found]) for name in names)
    without_relative = np.where(np.isfinite(relative), 0, distance)
    owner = np.repeat(np.arange(len(found)), [len(each.patients) for each in found])
    place = np.concatenate([np.arange(len(each.patients)) for each in found])
    shown = []
    for at in np.lexsort((rows, apart, without_relative, relative, rank))[:most]:
        criterion, patient = found[owner[at]], int(rows[at])
        open_on = int(unknown[patterns.pattern_of[patient]])
        open_criteria = tuple(each for each in overview.order if open_on & int(patterns.bit(each)))
        shown.append(NearMiss(patient, str(screener.cohort.ids[patient]), criterion.id, open_criteria, criterion.moves(int(place[at]))))
    return NearMisses(patterns.total, len(rows), tuple(shown))


def explain(screener: Screener, screening: Screening, shown: Sequence[NearMiss]) -> tuple[CriterionFound, ...]:
    """What the criterion failed found, for each of the patients shown, in their order."""
    found: dict[int, CriterionFound] = {}
    for criterion_id in dict.fromkeys(each.criterion for each in shown):
        of = [each.patient for each in shown if each.criterion == criterion_id]
        found |= {patient: only for patient, (only,) in zip(of, explained(screener, screening, of, (criterion_id,)), strict=True)}
    return tuple(found[each.patient] for each in shown)


# How far


@dataclass(frozen=True, eq=False)
class _Along:
    """One parameter over the stops at which it loosens, the first where it is now: for each patient the first at which the criterion is no longer failed,
    and the first at which it is passed; the number of stops where there is none. ``apart``: how far the patient's own value lies from the first stop, as a
    share of it (as it is, of 0); inf where the parameter bounds no value of the patient's, or nothing is known of it."""

    parameter: str
    stops: Floats
    opens: Places
    passes: Places
    apart: Floats

    def distances(self, places: Places) -> Floats:
        """By patient; inf where there is no such stop, or one without limit."""
        return np.append(np.abs(self.stops - self.stops[0]), np.inf)[places]

    def move(self, patient: int) -> NearestMove | None:
        opens, passes = int(self.opens[patient]), int(self.passes[patient])
        if opens == len(self.stops):
            return None
        return NearestMove(self.parameter, float(self.stops[0]), float(self.stops[opens]), float(self.stops[passes]) if passes < len(self.stops) else None)


@dataclass(frozen=True, eq=False)
class _OfCriterion:
    """The patients, by row, who fail one criterion alone. ``rank``: 0 passes after a move, 1 becomes UNKNOWN, 2 neither; of the nearest such the
    ``distance``, and its ``relative`` to the threshold, inf where that is 0. ``apart``: how far their own value lies from a threshold, as a part of it."""

    id: str
    patients: Rows
    rank: NDArray[np.int8]
    relative: Floats
    distance: Floats
    apart: Floats
    along: tuple[_Along, ...]

    def moves(self, place: int) -> tuple[NearestMove, ...]:
        moves = [move for along in self.along if (move := along.move(place)) is not None]
        return tuple(sorted(moves, key=lambda move: (move.passes_at is None, math.inf if move.of_threshold is None else move.of_threshold, move.distance)))


def _of_criterion(screener: Screener, screening: Screening, criterion_id: str, patients: Rows) -> _OfCriterion:
    rank, relative, distance, apart = np.full(len(patients), 2, np.int8), *(np.full(len(patients), np.inf) for _ in range(3))
    if not len(patients):
        return _OfCriterion(criterion_id, patients, rank, relative, distance, apart, ())
    along = _along_parameters(screener, screening, criterion_id, patients)
    for each in along:
        apart = np.minimum(apart, each.apart)
        scale = abs(each.stops[0])
        for kind, places in ((0, each.passes), (1, each.opens)):
            distances = each.distances(places)
            relatives = distances / scale if scale else np.full(len(patients), np.inf)
            there = places < len(each.stops)
            closer = (relatives < relative) | ((relatives == relative) & (distances < distance))
            nearer = there & ((kind < rank) | ((kind == rank) & closer))
            rank[nearer], relative[nearer], distance[nearer] = kind, relatives[nearer], distances[nearer]
    return _OfCriterion(criterion_id, patients, rank, relative, distance, apart, along)


def _along_parameters(screener: Screener, screening: Screening, criterion_id: str, patients: Rows) -> tuple[_Along, ...]:
    """The parameters with a direction that the reading in use speaks of."""
    protocol, scenario = screening.protocol, screening.scenario
    reading = reading_id(protocol, scenario, criterion_id)
    assert reading is not None
    rules = [rule for limb in protocol[criterion_id].reading(reading).limbs for rule in (limb.rule, limb.unless) if rule is not None]
    spoken_of = {name for rule in rules for name in parameters(rule)}
    types = dict.fromkeys(screener.catalogue[name].of for limb in screener.asked(protocol, scenario, criterion_id).limbs for name in variables(limb.stands))
    some = Screener(subset(screener.cohort, patients, types), screener.catalogue)
    found: list[_Along | None] = []
    for name, parameter in protocol.parameters.items():
        now = value_of(protocol, scenario, name)
        if name not in spoken_of or not isinstance(parameter, Number) or parameter.loosens is None:
            continue
        assert isinstance(now, (int, float))
        asked = some.asked(protocol, scenario, criterion_id, name)  # a switch may have taken out what speaks of it
        if math.isfinite(now) and any(uses(limb.stands, name) for limb in asked.limbs):
            bounds = (each.quantity for limb in asked.limbs if (each := bound(limb.stands, name)) is not None)
            apart = _apart(some, next((each for each in bounds if each is not None), None), now)
            found.append(_along(some, screening, criterion_id, parameter, now, apart))
    return tuple(each for each in found if each is not None)


def _apart(screener: Screener, quantity: Quantity | None, now: float) -> Floats:
    """How far each patient's value lies from where the threshold is, of one known in part its nearer end."""
    if quantity is None or any(isinstance(node, Ref) for node in walk(quantity)):
        return np.full(screener.cohort.patients, np.inf)
    values = screener.evaluator.quantity(quantity, {})
    apart: Floats = np.minimum(np.abs(values.lo - now), np.abs(values.hi - now)) / (abs(now) or 1.0)
    return apart


def steps_from(parameter: Number, now: float) -> int:
    """How many steps a parameter with a direction can be moved from a finite ``now`` on as it loosens, within its range."""
    up = parameter.loosens is Direction.UP
    end = (parameter.max if up else parameter.min) / parameter.step
    steps = math.floor(end + 1e-9) - round(now / parameter.step) if up else round(now / parameter.step) - math.ceil(end - 1e-9)
    return max(steps, 0)


def stops_from(parameter: Number, now: float, steps: Places) -> Floats:
    """The values it has after so many steps each, the lifted limit the last."""
    multiples = round(now / parameter.step) + (steps if parameter.loosens is Direction.UP else -steps)
    stops: Floats = np.where(steps == 0, now, np.round(multiples * parameter.step, decimals(parameter)))
    return np.append(stops, loosest(parameter)) if math.isinf(loosest(parameter)) else stops


def _along(screener: Screener, screening: Screening, criterion_id: str, parameter: Number, now: float, apart: Floats) -> _Along | None:
    """Where the values are too many to be tried at once, they are tried further apart, and then closer where patients lie between two of them.

    None where they are too many and the rules do not show that the criterion moves one way only, so that none may be passed over.
    """
    number = steps_from(parameter, now)
    steps = np.unique(np.append(np.linspace(0, number, min(number + 1, MOST_AT_ONCE)).astype(np.int64), number))
    stops = stops_from(parameter, now, steps)
    found = _flips(screener, screening, criterion_id, parameter, stops[: len(steps)])
    if found is None:
        if number >= MOST_AT_ONCE:
            return None
        return _Along(parameter.name, stops, *_stop_by_stop(screener, screening, criterion_id, parameter.name, stops), apart)
    while (closer := _closer(steps, *found)) is not None:
        steps = closer
        stops = stops_from(parameter, now, steps)
        found = _flips(screener, screening, criterion_id, parameter, stops[: len(steps)])
        assert found is not None
    opens, passes = found
    if len(steps) < len(stops):  # without a limit a window may ask less of the feed of events than a long one: it is looked at by itself
        lifted_opens, lifted_passes = _stop_by_stop(screener, screening, criterion_id, parameter.name, stops[-1:])
        opens, passes = (np.where(places < len(steps), places, len(steps) + lifted) for places, lifted in ((opens, lifted_opens), (passes, lifted_passes)))
    return _Along(parameter.name, stops, opens, passes, apart)


def _flips(screener: Screener, screening: Screening, criterion_id: str, parameter: Number, stops: Floats) -> tuple[Places, Places] | None:
    """The first of the stops at which each patient no longer fails, and the first at which they pass; None where they may not move one way only."""
    opens, passes = (np.zeros(screener.cohort.patients, np.int64) for _ in range(2))
    for begin in range(0, len(stops), MOST_AT_ONCE):
        flips = criterion_flips(screener, screening, criterion_id, parameter.name, sorted(stops[begin : begin + MOST_AT_ONCE].tolist()))
        if flips is None or flips.falling != (parameter.loosens is Direction.DOWN):
            return None
        opens += flips.flips.first
        passes += flips.flips.second
    return opens, passes


def _closer(steps: Places, opens: Places, passes: Places) -> Places | None:
    """The steps between which somebody flips, and more between those that are apart; None where none are."""
    at = np.unique(np.concatenate([opens, passes]))
    at = at[(at > 0) & (at < len(steps))]
    before, gaps = steps[at - 1], np.diff(steps)[at - 1]
    apart = gaps > 1
    if not apart.any():
        return None
    parts = np.arange(1, max(MOST_AT_ONCE // int(apart.sum()), 2))
    number = len(parts) + 1
    whole, rest = gaps[apart, None] // number, gaps[apart, None] % number  # apart, for the product of a gap and a part may be too large a number
    between = before[apart, None] + whole * parts + rest * parts // number
    return np.unique(np.concatenate([[0], before, steps[at], between.ravel()]))


def _stop_by_stop(screener: Screener, screening: Screening, criterion_id: str, parameter: str, stops: Floats) -> tuple[Places, Places]:
    """Screened again at each stop: the first at which each patient no longer fails, and the first at which they pass."""
    opens, passes = (np.full(screener.cohort.patients, len(stops)) for _ in range(2))
    for place in reversed(range(len(stops))):
        moved: Scenario = with_value(screening.protocol, screening.scenario, parameter, float(stops[place]))
        outcome = screener.outcome(screening.protocol, moved, criterion_id)
        assert outcome is not None
        opens[outcome != FAIL], passes[outcome == PASS] = place, place
    return opens, passes
