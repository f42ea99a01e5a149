"""The account of one scenario at every stop of a parameter that moves one criterion, from what the other criteria leave of each patient.

The numbers are those of ``accounting``. Who FAILS the moved criterion decides who is lost, possible gains and shares; who does not PASS it decides who
is eligible, and gains. So patients are put into kinds once, both are counted by kind and stop, and nothing is looked at patient by patient again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.logic import Bools, Floats
from feasibility.patterns import Masks, Patterns
from feasibility.results.accounting import first_bit, in_order, per_bit, per_bit_and_number, shares
from feasibility.results.overview import weighted
from feasibility.screening.flips import Places

Counts = NDArray[np.int64]
Numbers = NDArray[np.int64]
MOST_CELLS = 8_000_000  # of a table of counts, most of them 0; beyond, only those that occur are counted
NIBBLE = 4
BITS_OF_NIBBLE = (np.arange(1 << NIBBLE) >> np.arange(NIBBLE)[:, None] & 1).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Meant:
    """How many patients of each kind are meant at each stop: from ``stop`` on, ``change`` more of ``kind`` than before."""

    kind: Numbers
    stop: Numbers
    change: Floats
    stops: int

    def by(self, part_of_kind: Numbers, parts: int) -> Floats:
        """Patients by a coarser part and stop: parts × stops."""
        keys = part_of_kind[self.kind] * self.stops + self.stop
        return np.bincount(keys, self.change, parts * self.stops).reshape(parts, self.stops).cumsum(axis=1)

    @property
    def all(self) -> Floats:
        """Patients of any kind, by stop."""
        return np.bincount(self.stop, self.change, self.stops).cumsum()


@dataclass(frozen=True, eq=False)
class Along:
    """What is counted at the stops: arrays by stop and criterion, in the order of the funnel, or by stop, as ``CountTable`` has them."""

    eligible: Counts
    undetermined: Counts
    lost: Counts
    fails: Counts
    unknown: Counts
    gain: Counts
    gain_possible: Counts
    share: Floats
    gained: Counts
    lost_against_written: Counts
    expected: Floats

    def repeated(self, stops: int) -> Along:
        """The same at so many stops."""
        return together([self] * stops)

    def reversed(self) -> Along:
        """The stops the other way round."""
        return Along(*(getattr(self, each.name)[::-1] for each in fields(self)))


def together(parts: Sequence[Along]) -> Along:
    """Stop after stop."""
    return parts[0] if len(parts) == 1 else Along(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Along)))


@dataclass(frozen=True, eq=False)
class Against:
    """Patients by what of the other criteria stands against them: ``first`` the place of the first such, ``sole`` of the only one; else all of them.

    ``of_patient`` is each patient's kind, ``patients`` are counted by kind.
    """

    of_patient: Numbers
    first: Numbers
    sole: Numbers
    patients: Floats

    @property
    def number(self) -> int:
        return len(self.patients)

    def change(self, patients: NDArray[np.intp], before: Bools, after: Bools) -> Counts:
        """How many more of some patients (by row) are meant than before, by kind; before the first stop nobody is."""
        kinds = self.of_patient[patients]
        more = np.bincount(kinds[after], minlength=self.number)
        return more - np.bincount(kinds[before], minlength=self.number) if len(before) else more

    def account(self, meant: Meant, place: int, criteria: int) -> tuple[Floats, Floats]:
        """By place and stop: who is stopped first there, and whom nothing else stops. The moved criterion, at ``place``, stops those meant."""
        first, sole = (at_every(np.bincount(part, self.patients, criteria + 1), meant.stops) for part in (self.first, self.sole))
        meant_first = meant.by(self.first, criteria + 1)
        first[place + 1 :] -= meant_first[place + 1 :]
        first[place] += meant_first[place + 1 :].sum(axis=0)
        sole -= meant.by(self.sole, criteria + 1)
        sole[place] = meant_first[criteria]
        return first[:criteria], sole[:criteria]


def before_flip(kinds: Against, flip: Places, stops: int) -> Meant:
    """The patients before their flip: those with p stops before it are meant at the first p."""
    width = stops + 1
    keys = kinds.of_patient * width + flip
    if kinds.number * width <= MOST_CELLS:
        patients = np.bincount(keys, minlength=kinds.number * width)
        cells = np.flatnonzero(patients)
        patients = patients[cells]
    else:
        codes, cells = pd.factorize(keys)
        patients = np.bincount(codes, minlength=len(cells))
    kind, place = cells // width, cells % width
    begin, end = place > 0, (place > 0) & (place < stops)
    return Meant(
        np.concatenate([kind[begin], kind[end]]),
        np.concatenate([np.zeros(np.count_nonzero(begin), np.int64), place[end]]),
        np.concatenate([patients[begin], -patients[end]]).astype(np.float64),
        stops,
    )


def changing(changes: Sequence[Counts]) -> Meant:
    """By how many those meant change at each stop, counted by kind."""
    table = np.stack(changes)
    stop, kind = np.nonzero(table)
    return Meant(kind, stop, table[stop, kind].astype(np.float64), len(changes))


@dataclass(frozen=True, eq=False)
class Others:
    """What all the criteria that count but one, at ``place`` of the funnel, leave of each patient.

    ``failed`` and ``unknown`` are their masks by pattern, with ``patients`` counted; bits are places. ``failures`` are kinds by what is failed, of
    masks ``failed_masks``; ``open`` are kinds by what is not passed, of which those from ``clear`` on pass all the others: not eligible as written by
    weight in who is expected to enrol, then eligible as written by weight.
    """

    place: int
    criteria: int
    failed: Masks
    unknown: Masks
    patients: Floats
    failures: Against
    failed_masks: Masks
    open: Against
    clear: int
    weights: Floats
    eligible_as_written: int

    def along(self, failing: Meant, not_passing: Meant) -> Along:
        """The account at every stop, from who FAILS the moved criterion, by kind of failure, and who does not PASS it, by open kind."""
        lost, gain_possible = self.failures.account(failing, self.place, self.criteria)
        stopped, gain = self.open.account(not_passing, self.place, self.criteria)
        total = float(self.patients.sum())
        eligible, left = total - stopped.cumsum(axis=0), total - lost.cumsum(axis=0)
        fails, unknown = (at_every(per_bit(masks, self.patients, self.criteria), failing.stops) for masks in (self.failed, self.unknown))
        fails[self.place] = failing.all
        unknown[self.place] = not_passing.all - failing.all
        new, still = self._eligible(not_passing)
        return Along(
            _counts(eligible),
            _counts(left - eligible),
            _counts(lost),
            _counts(fails),
            _counts(unknown),
            _counts(gain),
            _counts(gain_possible),
            np.ascontiguousarray(self._shares(failing).T),
            _counts(new.sum(axis=0)),
            _counts(self.eligible_as_written - still.sum(axis=0)),
            np.array([weighted(self.weights, each) for each in _counts(new + still)]),
        )

    def _eligible(self, not_passing: Meant) -> tuple[Floats, Floats]:
        """Eligible by weight and stop: those who were not as written, and those who were."""
        groups = self.open.number - self.clear
        group = np.maximum(np.arange(self.open.number) - self.clear, -1)
        stopped = not_passing.by(np.where(group < 0, groups, group), groups + 1)[:groups]
        passing = (self.open.patients[self.clear :, None] - stopped).reshape(2, len(self.weights), not_passing.stops)
        return passing[0], passing[1]

    def _shares(self, failing: Meant) -> Floats:
        """Those who FAIL the moved criterion too give each of the others 1/(k + 1) instead of 1/k."""
        numbers, stops = self.criteria + 1, failing.stops
        by_number = at_every(per_bit_and_number(self.failed, self.patients, self.criteria), stops)
        number = np.bitwise_count(self.failed_masks).astype(np.int64)
        for low in range(0, self.criteria, NIBBLE):
            bits = self.failed_masks >> low & (1 << NIBBLE) - 1
            too = failing.by(bits * numbers + number, numbers << NIBBLE).reshape(1 << NIBBLE, -1)
            moved = (BITS_OF_NIBBLE @ too).reshape(NIBBLE, numbers, stops)[: self.criteria - low]
            by_number[low : low + NIBBLE] -= moved
            by_number[low : low + NIBBLE, 1:] += moved[:, :-1]
        by_number[self.place, 1:] = failing.by(number, numbers)[:-1]
        return shares(by_number.swapaxes(1, 2))


def others(
    patterns: Patterns, order: Sequence[str], criterion_id: str, eligible_as_written: Bools, weights_of: Callable[[NDArray[np.intp]], Floats]
) -> Others:
    """What all the criteria of the funnel but one leave of each patient. ``weights_of`` gives the weights of some patients, by row."""
    place, criteria, used = order.index(criterion_id), len(order), patterns.patients > 0
    places = {patterns.criteria.index(each): number for number, each in enumerate(order) if each != criterion_id}
    failed, unknown = (in_order(masks[used], places) for masks in (patterns.failed, patterns.unknown))
    patients = patterns.patients[used].astype(np.float64)
    codes, masks = pd.factorize(failed)
    failures = Against(
        _of_patient(codes, used, patterns), first_bit(masks, criteria), _only_bit(masks, criteria), np.bincount(codes, patients, len(masks)).astype(np.float64)
    )
    open_on = failed | unknown
    first, only = first_bit(open_on, criteria), _only_bit(open_on, criteria)
    open_kind, clear = _of_patient(2 * first + (first == only), used, patterns), 2 * criteria
    of_all = np.flatnonzero(open_kind > clear)
    weights, weight = np.unique(weights_of(of_all), return_inverse=True)
    open_kind[of_all] = clear + len(weights) * eligible_as_written[of_all] + weight
    each, none = np.arange(criteria), np.full(2 * len(weights), criteria)
    open_ = Against(
        open_kind,
        np.concatenate([each.repeat(2), none]),
        np.concatenate([np.stack([np.full(criteria, criteria), each], axis=1).ravel(), none]),
        np.bincount(open_kind, minlength=clear + len(none)).astype(np.float64),
    )
    return Others(place, criteria, failed, unknown, patients, failures, masks, open_, clear, weights, int(np.count_nonzero(eligible_as_written)))


def _of_patient(of_used_pattern: Numbers, used: Bools, patterns: Patterns) -> Numbers:
    of_pattern = np.zeros(len(used), np.int64)
    of_pattern[used] = of_used_pattern
    return of_pattern[patterns.pattern_of]


def _only_bit(masks: Masks, none: int) -> Numbers:
    """The only bit of each mask; ``none`` where there is none or more than one."""
    return np.where(masks & (masks - 1) == 0, first_bit(masks, none), none)


def at_every(numbers: NDArray[Any], stops: int) -> Floats:
    """The same numbers at every stop, the last axis."""
    return np.repeat(numbers.astype(np.float64)[..., None], stops, axis=-1)


def _counts(numbers: Floats) -> Counts:
    return np.ascontiguousarray(numbers.T).astype(np.int64)
