"""Flip points: at which stop of one parameter each patient's truth changes, for conditions that only ever move one way.

The stops are taken in the order in which a criterion loosens; along them the truth of a condition either rises or falls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, Bools, Intervals, Truth, missing
from feasibility.rules.nodes import All, AnyOf, Compare, Condition, Constant, Field, Not, Possible, Quantity, Ref, Visit, Which, resolve, variables
from feasibility.rules.polarity import Polarity, uses
from feasibility.rules.sentence import MIRRORED
from feasibility.screening.evaluate import Evaluator, Policies
from feasibility.screening.memory import Memory
from feasibility.screening.rows import any_row, first_row, has_value, loose, per_patient
from feasibility.screening.subset import subset
from feasibility.variables import MissingPolicy

Places = NDArray[np.int16]
STRICT = (">", "<=")  # a value equal to the threshold is below it, for ``>=`` and ``<`` above it


@dataclass(frozen=True, eq=False)
class Flips:
    """For each patient how many stops come before the first flip and before the second; all of them where it never comes.

    A truth that rises is FALSE, then UNKNOWN, then TRUE; one that falls the other way round. ``first <= second``.
    """

    first: Places
    second: Places

    def where_lacking(self, lacking: Bools) -> Flips:
        """UNKNOWN taken as what comes first, for some patients."""
        return Flips(np.where(lacking, self.second, self.first), self.second)


@dataclass(frozen=True, eq=False)
class Moving:
    """Looks for flip points along the stops of one parameter: finite ones, given rising, and taken from the last to the first if ``falling``."""

    evaluator: Evaluator
    parameter: str
    stops: Sequence[float]
    falling: bool

    @property
    def all_stops(self) -> np.int16:
        return np.int16(len(self.stops))

    def flips(self, condition: Condition, policies: Policies, way: Polarity) -> Flips:
        """The flips of a condition whose truth RISES, or FALLS, along the stops; one that stays may be asked for either way."""

        def leaf(leaf: Condition, way: Polarity) -> Flips:
            match leaf:
                case Compare():
                    return self._of_threshold(leaf, policies, way)
                case Visit(window=window) if window is None or not uses(window, self.parameter):
                    found = self._of_visits(leaf, policies, way)
                    return self._of_term(leaf, policies, way) if found is None else found
                case _:
                    return self._of_term(leaf, policies, way)

        return self._joined(condition, way, lambda inner: self.evaluator.truth(inner, policies), leaf)

    def _joined(self, condition: Condition, way: Polarity, truth: Callable[[Condition], Truth], leaf: Callable[[Condition, Polarity], Flips]) -> Flips:
        """The flips of a condition from those of its leaves: of patients, or of rows."""
        if not uses(condition, self.parameter):
            return self.staying(truth(condition), way)
        match condition:
            case Not(condition=inner):
                return self._joined(inner, way.mirrored, truth, leaf)
            case Possible(condition=inner):
                flips = self._joined(inner, way, truth, leaf)
                if way is Polarity.RISES:
                    return Flips(flips.first, np.full_like(flips.second, self.all_stops))
                return Flips(np.zeros_like(flips.first), flips.second)
            case All(conditions=inners):
                return lowest((self._joined(inner, way, truth, leaf) for inner in inners), way)
            case AnyOf(conditions=inners):
                return highest((self._joined(inner, way, truth, leaf) for inner in inners), way)
            case _:
                return leaf(condition, way)

    def staying(self, truth: Truth, way: Polarity) -> Flips:
        """A truth that is the same at every stop."""
        first, last = (FALSE, TRUE) if way is Polarity.RISES else (TRUE, FALSE)
        return Flips((truth == first) * self.all_stops, (truth != last) * self.all_stops)

    def _of_threshold(self, condition: Compare, policies: Policies, way: Polarity) -> Flips:
        """A patient's own value against the parameter."""
        quantity, operator = self._compared(condition)
        flips = self._counted_up_to(self.evaluator.quantity(quantity, policies), operator)
        did_not = self.evaluator.did_not_happen(quantity, policies)
        return flips if did_not is None else self._never(flips, did_not, way)

    def _of_visits(self, visit: Visit, policies: Policies, way: Polarity) -> Flips | None:
        """From the flips of every visit; None where the cohort has none, or their dates leave open which was the latest."""
        records = self.evaluator.cohort.records.get(visit.record)
        if records is None:
            return None
        window = self.evaluator.visits(visit, records)
        if visit.which is Which.LATEST and loose(window, records) is not None:
            return None

        def leaf(leaf: Condition, way: Polarity) -> Flips:
            assert isinstance(leaf, Compare)
            quantity, operator = self._compared(leaf)
            assert isinstance(quantity, Field)
            values = records.fields.get(quantity.variable) or missing(records.rows)
            flips, there = self._counted_up_to(values, operator), quantity == leaf.left and quantity.variable in records.fields
            absent = there and self.evaluator.policy(quantity.variable, policies) is MissingPolicy.ABSENT
            return self._never(flips, ~has_value(values), way) if absent else flips

        rows = self._joined(visit.condition, way, lambda inner: self.evaluator.of_rows(inner, records, policies), leaf)
        if visit.which is Which.LATEST:
            row = first_row(window.certain, records)
            ends = [each[np.maximum(row, 0)] if len(each) else np.zeros(len(row), np.int16) for each in (rows.first, rows.second)]
        elif way is Polarity.RISES:  # the truth is that of the best visit; of one that is only perhaps in the window, no more than UNKNOWN
            within = (window.possible, rows.first), (window.certain, rows.second)
            ends = [per_patient(np.minimum, np.where(inside, flip, self.all_stops), records, self.all_stops) for inside, flip in within]
        else:
            within = (window.certain, rows.first), (window.possible, rows.second)
            ends = [per_patient(np.maximum, np.where(inside, flip, np.int16(0)), records, np.int16(0)) for inside, flip in within]
        some = any_row(window.certain, records)  # without a visit that is certainly in the window nothing is known
        return Flips(np.where(some, ends[0], np.int16(0)), np.where(some, ends[1], self.all_stops))

    def _compared(self, condition: Compare) -> tuple[Quantity, str]:
        """What is compared with the parameter, and how."""
        mirrored = condition.left == Constant(Ref(self.parameter))
        return (condition.right, MIRRORED[condition.operator]) if mirrored else (condition.left, condition.operator)

    def _counted_up_to(self, values: Intervals, operator: str) -> Flips:
        """The stops are counted up to a value, the others need not be looked at."""
        side: Literal["left", "right"] = "left" if operator in STRICT else "right"
        # The stops on one side of the value; of a value not known exactly, of the lowest and of the highest it may be.
        below_lo = np.searchsorted(self.stops, values.lo, side).astype(np.int16)
        below_hi = below_lo if values.exact else np.searchsorted(self.stops, values.hi, side).astype(np.int16)
        return Flips(self.all_stops - below_hi, self.all_stops - below_lo) if self.falling else Flips(below_lo, below_hi)

    def _never(self, flips: Flips, which: Bools, way: Polarity) -> Flips:
        """Of some the truth is FALSE at every stop."""
        never = self.all_stops if way is Polarity.RISES else np.int16(0)
        return Flips(np.where(which, never, flips.first), np.where(which, never, flips.second))

    def _of_term(self, condition: Condition, policies: Policies, way: Polarity) -> Flips:
        """Evaluated at both ends, then by halving among those whose truth differs."""
        end = len(self.stops) - 1
        before, after = self._truth(self.evaluator, condition, policies, 0), self._truth(self.evaluator, condition, policies, end)
        flips = self.staying(before, way)
        first_truth, last_truth = (FALSE, TRUE) if way is Polarity.RISES else (TRUE, FALSE)
        waiting = [_Between(0, end, np.arange(len(before)), self.evaluator, before, after)]
        while waiting:
            some = waiting.pop().those_who_differ(condition)
            if some is None:
                continue
            if some.after_stop - some.before_stop == 1:
                flips.first[some.patients[some.before == first_truth]] = some.after_stop
                flips.second[some.patients[some.after == last_truth]] = some.after_stop
                continue
            middle = (some.before_stop + some.after_stop) // 2
            truth = self._truth(some.evaluator, condition, policies, middle)
            waiting.append(replace(some, after_stop=middle, after=truth))
            waiting.append(replace(some, before_stop=middle, before=truth))
        return flips

    def _truth(self, evaluator: Evaluator, condition: Condition, policies: Policies, place: int) -> Truth:
        stop = self.stops[-1 - place if self.falling else place]
        return evaluator.truth(resolve(condition, {self.parameter: stop}), policies)


@dataclass(frozen=True, eq=False)
class _Between:
    """Patients (by row) with their truth at two stops."""

    before_stop: int
    after_stop: int
    patients: NDArray[np.intp]
    evaluator: Evaluator
    before: Truth
    after: Truth

    def those_who_differ(self, condition: Condition) -> _Between | None:
        """Only the patients whose truth is not the same at both stops, with the records the condition needs; None if there are none."""
        differ = np.flatnonzero(self.before != self.after)
        if not len(differ):
            return None
        if len(differ) == len(self.patients):
            return self
        catalogue = self.evaluator.catalogue
        record_types = dict.fromkeys(catalogue[name].of for name in variables(condition))
        cohort = subset(self.evaluator.cohort, differ, record_types)
        evaluator = Evaluator(cohort, catalogue, Memory())
        return replace(self, patients=self.patients[differ], evaluator=evaluator, before=self.before[differ], after=self.after[differ])


def lowest(flips: Iterable[Flips], way: Polarity) -> Flips:
    """All of them hold: a rising truth is as late as the latest, a falling one as early as the earliest."""
    return _joined(np.maximum if way is Polarity.RISES else np.minimum, flips)


def highest(flips: Iterable[Flips], way: Polarity) -> Flips:
    """Any of them holds."""
    return _joined(np.minimum if way is Polarity.RISES else np.maximum, flips)


def _joined(ufunc: np.ufunc, flips: Iterable[Flips]) -> Flips:
    return reduce(lambda one, other: Flips(ufunc(one.first, other.first), ufunc(one.second, other.second)), flips)


def differing(one: Flips, other: Flips, stops: int) -> NDArray[np.int64]:
    """How many patients' truths differ, by stop; both move the same way."""
    apart = np.flatnonzero((one.first != other.first) | (one.second != other.second))
    ends = [(flips.first[apart], flips.second[apart]) for flips in (one, other)]
    (low, high), (lower, upper) = ((np.minimum(*pair), np.maximum(*pair)) for pair in zip(*ends, strict=True))
    # The truths differ from the earlier first flip to the later one and from the earlier second flip to the later one; twice where both hold.
    spans = _within(low, high, stops) + _within(lower, upper, stops)
    return spans - _within(np.maximum(low, lower), np.maximum(np.minimum(high, upper), np.maximum(low, lower)), stops)


def _within(begin: Places, end: Places, stops: int) -> NDArray[np.int64]:
    """How many half-open spans of stops hold each stop."""
    changes = np.bincount(begin, minlength=stops + 1) - np.bincount(end, minlength=stops + 1)
    within: NDArray[np.int64] = changes.cumsum()[:stops]
    return within
