"""Near misses: patients who fail one criterion and no other, how far they are from passing it, and who they are, when asked.

Only the criteria that count take part. How far is told by the nearest move of one parameter alone with which the patient passes the criterion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools, Floats
from feasibility.results.accounting import Loss
from feasibility.results.cores import counted_at_once
from feasibility.results.disclosure import Rounding
from feasibility.results.nearest_move import Along, NearestMove, Rows, along_parameters
from feasibility.results.overview import Counted, Overview
from feasibility.scenario import Refused
from feasibility.screening.explain import CriterionFound, explained
from feasibility.screening.screen import Screener, Screening

MOST_SHOWN = 200
REACHES = 0.02, 0.1, math.inf  # how far numbers are moved to find the nearest, as parts of what they are


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
class NearMiss:
    """A patient (by row, and by the file's identifier) who fails one criterion; ``unknown`` are those on which they are UNKNOWN.

    ``moves``: the moves of one parameter that change the outcome, the nearest first, and last those that would if its range went further; none where it
    takes several at once, or has no parameter to move.
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
    failed_by = failed[patterns.pattern_of[patients]]
    of_criterion = {each: patients[failed_by == patterns.bit(each)] for each in overview.order if each in criteria}
    if not of_criterion:
        return NearMisses(patterns.total, 0, ())
    if len(patients) > most:
        of_criterion = _nearest(screener, screening, of_criterion, most)
    found = [_with_own_values(screener, screening, each, some) for each, some in of_criterion.items()]
    rows, apart = (np.concatenate([getattr(each, name) for each in found]) for name in ("patients", "apart"))
    owner = np.repeat(np.arange(len(found)), [len(each.patients) for each in found])
    place = np.concatenate([np.arange(len(each.patients)) for each in found])
    shown = []
    for at in np.lexsort((rows, apart, *_by_move(found)))[:most]:
        criterion, patient = found[owner[at]], int(rows[at])
        open_on = int(unknown[patterns.pattern_of[patient]])
        open_criteria = tuple(each for each in overview.order if open_on & int(patterns.bit(each)))
        shown.append(NearMiss(patient, str(screener.cohort.ids[patient]), criterion.id, open_criteria, criterion.moves(int(place[at]))))
    return NearMisses(patterns.total, len(patients), tuple(shown))


def explain(screener: Screener, screening: Screening, shown: Sequence[NearMiss]) -> tuple[CriterionFound, ...]:
    """What the criterion failed found, for each of the patients shown, in their order."""
    found: dict[int, CriterionFound] = {}
    for criterion_id in dict.fromkeys(each.criterion for each in shown):
        of = [each.patient for each in shown if each.criterion == criterion_id]
        found |= {patient: only for patient, (only,) in zip(of, explained(screener, screening, of, (criterion_id,)), strict=True)}
    return tuple(found[each.patient] for each in shown)


@dataclass(frozen=True, eq=False)
class _OfCriterion:
    """The patients, by row, who fail one criterion alone. ``rank``: 0 passes after a move, 1 becomes UNKNOWN, 2 neither; of the nearest such the
    ``distance``, and its ``relative`` to the threshold, inf where that is 0. ``apart``: how far their own value lies from that threshold, as a part of it,
    inf where none decides; of those whom no value of its range passes, from the threshold that is nearest to it."""

    id: str
    patients: Rows
    rank: NDArray[np.int8]
    relative: Floats
    distance: Floats
    apart: Floats
    along: tuple[Along, ...]

    def moves(self, place: int) -> tuple[NearestMove, ...]:
        moves = [move for along in self.along if (move := along.move(place)) is not None]
        return tuple(sorted(moves, key=_nearness))


def _by_move(found: Sequence[_OfCriterion]) -> tuple[NDArray[Any], ...]:
    """By how far a number would have to move, as keys of which the last decides first."""
    rank, relative, distance = (np.concatenate([getattr(each, name) for each in found]) for name in ("rank", "relative", "distance"))
    return np.where(np.isfinite(relative), 0, distance), relative, rank


def _nearest(screener: Screener, screening: Screening, of_criterion: Mapping[str, Rows], most: int) -> dict[str, Rows]:
    """Of more patients so many nearest, and who is alike with the last of them, by how far a number would have to move.

    Own values take long, and decide only among those alike in that. Numbers are moved further only where too few pass after a small move.
    """
    some = {each: screener.among(patients) for each, patients in of_criterion.items()}
    found: list[_OfCriterion] = []
    for within in REACHES:
        reached = partial(_reached, some, screening, of_criterion, within)
        found = counted_at_once(reached, of_criterion)
        if sum(np.count_nonzero(each.rank == 0) for each in found) >= most:
            break
    return {each.id: each.patients[near] for each, near in zip(found, _foremost(found, most), strict=True)}


def _reached(some: Mapping[str, Screener], screening: Screening, of_criterion: Mapping[str, Rows], within: float, criterion_id: str) -> _OfCriterion:
    return _of_criterion(criterion_id, of_criterion[criterion_id], along_parameters(some[criterion_id], screening, criterion_id, within))


def _with_own_values(screener: Screener, screening: Screening, criterion_id: str, patients: Rows) -> _OfCriterion:
    some = screener.among(patients)
    along = along_parameters(some, screening, criterion_id) if len(patients) else ()
    return _of_criterion(criterion_id, patients, tuple(each.with_own_values(some) for each in along))


def _foremost(found: Sequence[_OfCriterion], most: int) -> list[Bools]:
    """By criterion who is among so many nearest, or alike with the last of them; there are more."""
    keys = _by_move(found)
    near, alike = np.zeros(len(keys[0]), bool), np.arange(len(keys[0]))
    for key in reversed(keys):
        values = key[alike]
        last = np.partition(values, most - 1)[most - 1]
        nearer = alike[values < last]
        near[nearer], alike, most = True, alike[values == last], most - len(nearer)
    near[alike] = True
    return np.split(near, np.cumsum([len(each.patients) for each in found])[:-1])


def _nearness(move: NearestMove) -> tuple[bool, bool, float, float]:
    return move.passes_at is None, move.opens_at is None, math.inf if move.of_threshold is None else move.of_threshold, move.distance


def _of_criterion(criterion_id: str, patients: Rows, along: tuple[Along, ...]) -> _OfCriterion:
    rank, relative, distance, apart = np.full(len(patients), 2, np.int8), *(np.full(len(patients), np.inf) for _ in range(3))
    for each in along:
        apart = np.where(rank == 2, np.minimum(apart, each.apart), apart)
        scale = abs(each.stops[0])
        for kind, places in ((0, each.passes), (1, each.opens)):
            distances = each.distances(places)
            relatives = distances / scale if scale else np.full(len(patients), np.inf)
            there = places < len(each.stops)
            closer = (relatives < relative) | ((relatives == relative) & (distances < distance))
            nearer = there & ((kind < rank) | ((kind == rank) & closer))
            rank[nearer], relative[nearer], distance[nearer], apart[nearer] = kind, relatives[nearer], distances[nearer], each.apart[nearer]
    return _OfCriterion(criterion_id, patients, rank, relative, distance, apart, along)
