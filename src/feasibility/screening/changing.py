"""Whose outcome may change from one stop of a parameter to the next, for criteria whose rules do not show which way they move.

A rule compares a parameter with what is known of a patient: how long ago a record was, how far two lie apart, a value. Between two such numbers
nothing changes for that patient, so that only those with one between two stops are screened again there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Records, Times
from feasibility.logic import Bools
from feasibility.rules.nodes import (
    Compare,
    Condition,
    Constant,
    Count,
    Counting,
    Egfr,
    Exposed,
    Field,
    Label,
    Occurred,
    Pick,
    Quantity,
    Ref,
    Statistic,
    Visit,
    Window,
    variables,
    walk,
)
from feasibility.rules.sentence import MIRRORED
from feasibility.scenario import Scenario
from feasibility.screening.evaluate import Evaluator, Policies, variables_of
from feasibility.screening.rows import MONTHS_PER, length_in_days
from feasibility.screening.screen import Screener, Screening
from feasibility.screening.subset import subset

Rows = NDArray[np.intp]
Numbers = NDArray[Any]
Places = NDArray[np.int16]
BELOW: Literal["left"] = "left"  # it matters whether the stop is below the number
ABOVE: Literal["right"] = "right"  # it matters whether the stop is above it
# By how a number is compared with the stop.
SIDES: dict[str, tuple[Literal["left", "right"], ...]] = {">=": (ABOVE,), "<": (ABOVE,), ">": (BELOW,), "<=": (BELOW,)}
EXTREMES, BY_DATE = (Statistic.LOWEST, Statistic.HIGHEST), (Statistic.LATEST, Statistic.EARLIEST)
FEW_STOPS = 4
MOST_LOOKED_UP = 1 << 16
PLACE_BITS = 15  # of a stop's place, an int16


@dataclass(frozen=True, eq=False)
class Step:
    """From one stop to the next: the patients, by row, whose outcome may change, a screener of them alone, and the scenarios at both stops."""

    patients: Rows
    screener: Screener
    before: Scenario
    after: Scenario


def steps(screener: Screener, screening: Screening, criterion_id: str, parameter: str, scenarios: Mapping[float, Scenario]) -> Iterator[Step]:
    """The steps of one criterion from each stop to the next, given rising with their scenarios; where nobody's outcome may change, with no patients."""
    stops = list(scenarios)
    given = screening.protocol, screening.scenario, criterion_id, parameter
    plain = screener.asked_without_exceptions(*given)  # the columns may show a limb whose exception they cannot show
    limbs = (*screener.assessable_limbs(*given), *(plain.limbs if plain is not None else ()))
    found = Turning(screener.evaluator, parameter, stops)
    for limb in limbs:
        for condition in {limb.stands, limb.rule}:
            found.look_at(condition, limb.policies)
    catalogue, everybody = screener.catalogue, np.arange(screener.cohort.patients)
    record_types = dict.fromkeys(catalogue[name].of for limb in limbs for name in variables(limb.stands))
    for place, (before, after) in enumerate(pairwise(stops), 1):
        patients = everybody if found.anybody or np.isinf(before) or np.isinf(after) else found.at(place)
        some = screener if patients is everybody else Screener(subset(screener.cohort, patients, record_types), catalogue)
        yield Step(patients, some, scenarios[before], scenarios[after])


def first_of_each(ordered: Numbers) -> Bools:
    """Where another number stands than before it."""
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def compared_with_moving(condition: Condition, parameter: str) -> bool:
    """Whether a parameter is compared with something in which a parameter left open stands."""
    limit = Constant(Ref(parameter))
    comparisons = (node for node in walk(condition) if isinstance(node, Compare) and limit in (node.left, node.right))
    return any(_moves(node.right if node.left == limit else node.left) for node in comparisons)


def _moves(quantity: Quantity) -> bool:
    return any(isinstance(node, Ref) for node in walk(quantity))


def _of_one_record(pick: Pick) -> bool:
    """Whether each end of what is picked is that of a record, whichever records are in its window; or nothing is known of it."""
    return pick.statistic in EXTREMES or (pick.statistic in BY_DATE and pick.last is None)


@dataclass(eq=False)
class Turning:
    """The numbers that finite stops are compared with, as stops (from 1 on) that the comparison tells from the one before; ``anybody``: at any stop."""

    evaluator: Evaluator
    parameter: str
    stops: Sequence[float]
    anybody: bool = False
    _asked: set[Hashable] = field(default_factory=set)
    _found: list[tuple[Rows, Places]] = field(default_factory=list)  # the patients of numbers between two stops, and where these are
    _several: bool = False  # whether somebody may have several numbers

    def mark(self, patients: Bools) -> None:
        """Marks, by row, the patients with a number between any two stops."""
        for found, _ in self._found:
            patients[found] = True

    def at(self, place: int) -> Rows:
        """The patients with a number between a stop and the one before, each once."""
        patients, ends = self._by_place
        marked = np.zeros(self.evaluator.cohort.patients, bool)
        marked[patients[ends[place - 1] : ends[place]]] = True
        return np.flatnonzero(marked)

    @cached_property
    def _by_place(self) -> tuple[Rows, Rows]:
        """The patients of all numbers, those of lower places first, and where each place ends; asked for once all numbers are in."""
        patients, places = self._inside
        return patients[np.argsort(places, kind="stable")], np.bincount(places, minlength=len(self.stops) + 1).cumsum()

    @property
    def one_each(self) -> Places | None:
        """By patient the stop that the only number stands at, 0 where there is none; None where somebody may have several."""
        if len(self._found) != 1 or self._several:
            return None
        ((patients, places),) = self._found
        found = np.zeros(self.evaluator.cohort.patients, np.int16)
        found[patients] = places
        return found

    @property
    def points(self) -> tuple[Rows, Rows]:
        """The patients of all numbers and the stops that they stand at, by patient and then stop, each pair once."""
        patients, places = self._inside
        if len(self._found) == 1 and first_of_each(patients).all():  # by patient, and one record each
            return patients, places.astype(np.intp)
        pairs = np.sort(patients.astype(np.int64) << PLACE_BITS | places)
        pairs = pairs[first_of_each(pairs)]
        return pairs >> PLACE_BITS, pairs & (1 << PLACE_BITS) - 1

    @property
    def _inside(self) -> tuple[Rows, Places]:
        """The patients and places of all numbers that stand between two stops."""
        of_patients, of_places = zip(*self._found, strict=True) if self._found else ([np.empty(0, np.intp)], [np.empty(0, np.int16)])
        return np.concatenate(of_patients), np.concatenate(of_places)

    def look_at(self, condition: Condition, policies: Policies) -> None:
        limit = Constant(Ref(self.parameter))
        for node in walk(condition):
            match node:
                case Compare(left=left, operator=operator, right=right) if limit in (left, right):
                    self._threshold(*((right, MIRRORED[operator]) if left == limit else (left, operator)), policies)
                case Pick():
                    self._window(node.variable, node.window)
                    self._apart(node)
                    self.anybody |= Ref(self.parameter) in (node.last, node.rank)
                case Count():
                    self._window(node.variable, node.window)
                case Egfr():
                    for name in variables_of(node):
                        self._window(name, node.window)
                case Occurred(event=name, window=window):
                    self._window(name, window, with_ends=True)
                case Exposed(event=name, window=window):
                    self._window(name, window, with_ends=True)
                    # Within the window each of its days counts.
                    by_the_day = node.counting is Counting.WINDOW and node.longer_than is not None and window is not None and self._is_length(window)
                    self.anybody |= by_the_day or Ref(self.parameter) in (node.longer_than, node.gap)
                case Visit(window=window):
                    for name in variables(node.condition):
                        self._window(name, window)
                case _:
                    pass

    def _threshold(self, quantity: Quantity, operator: str, policies: Policies) -> None:
        if isinstance(quantity, Field) or (_moves(quantity) and isinstance(quantity, Pick) and _of_one_record(quantity)):
            records = self.evaluator.records(quantity.variable)
            if records is None:
                # Without a column nothing is known; or what the catalogue says is taken of everybody.
                self.anybody |= self.evaluator.catalogue[quantity.variable].if_column_absent is not None
                return
            values, patients = records.fields[quantity.variable], _patients(records)
        elif isinstance(quantity, (Constant, Label)) or _moves(quantity):
            self.anybody = True
            return
        else:
            values, patients = self.evaluator.quantity(quantity, policies), None
        for ends in (values.lo,) if values.exact else (values.lo, values.hi):
            for side in SIDES.get(operator, (BELOW, ABOVE)):
                self._compared(ends, patients, side)

    def _is_length(self, window: Window | None) -> bool:
        return window is not None and window.length == Ref(self.parameter)

    def _window(self, variable: str, window: Window | None, with_ends: bool = False) -> None:
        """How long ago the records were that the window may hold, and what they are of ended if that matters; and how far back the feed reaches."""
        records = self.evaluator.records(variable)
        if window is None or records is None or not self._is_length(window):
            return
        asked = self.evaluator.catalogue[variable].of, window, with_ends
        if asked in self._asked:
            return
        self._asked.add(asked)
        unit, covered = MONTHS_PER.get(window.unit), self.evaluator.cohort.covered_days
        patients = _patients(records)
        if records.times is not None:
            for end, ago in enumerate(_ago(records.times, unit)):
                self._compared(ago, patients, BELOW, unit or 1, (asked, end))
            for ago in _ago(records.ended, unit) if with_ends else ():
                self._compared(ago, patients, BELOW, unit or 1)
                # What has not ended, or may not have, counts as of the window's last day.
                if self.stops[0] < (last_day := 0 if window.closed else 1):
                    self._compared(np.maximum(ago, last_day), patients, BELOW, unit or 1)
        if covered is not None:
            self._compared(covered, None, ABOVE, length_in_days(replace(window, length=1.0)))

    def _apart(self, pick: Pick) -> None:
        """How many days lie between any two records of a patient."""
        records = self.evaluator.records(pick.variable)
        if records is None or records.times is None or Ref(self.parameter) not in (pick.apart, pick.span):
            return
        for patients, days in _days_apart(records, max(self.stops)):
            if pick.apart == Ref(self.parameter):  # at least so many
                self._compared(days, patients, ABOVE)
            if pick.span == Ref(self.parameter):  # no more than so many
                self._compared(days, patients, BELOW)

    def _compared(
        self, numbers: Numbers, patients: Rows | None, side: Literal["left", "right"], per_unit: float = 1, what: tuple[Hashable, ...] | None = None
    ) -> None:
        """Takes in numbers, by patient or one each, that a stop × ``per_unit`` is compared with; where is remembered if ``what`` they are is said."""
        self._several |= patients is not None
        key = None if what is None else ("between" if len(self.stops) == 2 else "places", what, side, per_unit, tuple(self.stops))
        if len(self.stops) == 2:  # as after a move, when little lies between

            def between() -> Rows:
                first, last = (_beyond(numbers, stop * per_unit, side) for stop in self.stops)
                rows = np.flatnonzero(first & ~last)
                return rows if patients is None else patients[rows]

            found = between() if key is None else self.evaluator.memory.recall(key, between, by_patient=False)
            self._found.append((found, np.ones(len(found), np.int16)))
            return

        def places() -> Places:
            return self._places_of(numbers, side, per_unit)

        every = places() if key is None or patients is not None else self.evaluator.memory.recall(key, places)
        rows = np.flatnonzero((every > 0) & (every < len(self.stops)))
        self._found.append((rows if patients is None else patients[rows], every[rows]))

    def _places_of(self, numbers: Numbers, side: Literal["left", "right"], per_unit: float) -> Places:
        """How many stops lie below numbers, or no further than they; of whole numbers, such as days, by looking it up."""
        stops = np.asarray(self.stops) * per_unit
        if len(stops) <= FEW_STOPS:
            few: Places = reduce(np.add, (_beyond(numbers, stop, side).view(np.int8) for stop in stops)).astype(np.int16)
            return few
        if not np.issubdtype(numbers.dtype, np.integer) or stops[0] < 0 or stops[-1] > MOST_LOOKED_UP:
            return np.searchsorted(stops, numbers, side).astype(np.int16)
        beyond = int(stops[-1]) + 1
        places: Places = np.searchsorted(stops, np.arange(-1, beyond + 1), side).astype(np.int16)[np.clip(numbers, -1, beyond) + 1]
        return places


def _beyond(numbers: Numbers, stop: float, side: Literal["left", "right"]) -> Bools:
    """Whether a stop lies below each number; or is no further than it."""
    beyond: Bools = numbers > stop if side == BELOW else numbers >= stop
    return beyond


def _patients(records: Records) -> Rows | None:
    """Whose each row is; None where everybody has one, in order."""
    return None if records.starts is None else records.patient_of_row


def _ago(times: Times, unit: int | None) -> tuple[NDArray[np.int32], ...]:
    """When, in days or in months before the index date; where it is not known exactly the least and the most."""
    lo, hi = (times.days_lo, times.days_hi) if unit is None else (times.months_lo, times.months_hi)
    return (lo,) if times.exact else (lo, hi)


def _days_apart(records: Records, most: float) -> Iterator[tuple[Rows, Numbers]]:
    """The days between two records of a patient, up to ``most``, for all pairs; rows stand newest first."""
    assert records.times is not None
    days, patients = records.times.days_lo, records.patient_of_row
    newer, apart = np.arange(records.rows), 0
    while len(newer):
        apart += 1
        newer = newer[newer + apart < records.rows]
        newer = newer[patients[newer + apart] == patients[newer]]
        between = days[newer + apart] - days[newer]
        near = between <= most
        newer, between = newer[near], between[near]
        yield patients[newer], between
