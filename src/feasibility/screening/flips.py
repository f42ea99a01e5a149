"""Flip points: at which stop of one parameter each patient's truth changes, for conditions that only ever move one way.

The stops are taken in the order in which a criterion loosens; along them the truth of a condition either rises or falls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, Bools, Truth
from feasibility.rules.nodes import All, AnyOf, Compare, Condition, Constant, Not, Possible, Quantity, Ref, resolve, variables
from feasibility.rules.polarity import Polarity, uses
from feasibility.rules.sentence import MIRRORED
from feasibility.screening.evaluate import Evaluator, Policies
from feasibility.screening.memory import Memory
from feasibility.screening.subset import subset

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
        if not uses(condition, self.parameter):
            return self.staying(self.evaluator.truth(condition, policies), way)
        match condition:
            case Not(condition=inner):
                return self.flips(inner, policies, way.mirrored)
            case Possible(condition=inner):
                flips = self.flips(inner, policies, way)
                if way is Polarity.RISES:
                    return Flips(flips.first, np.full_like(flips.second, self.all_stops))
                return Flips(np.zeros_like(flips.first), flips.second)
            case All(conditions=inners):
                return lowest((self.flips(inner, policies, way) for inner in inners), way)
            case AnyOf(conditions=inners):
                return highest((self.flips(inner, policies, way) for inner in inners), way)
            case Compare():
                return self._of_threshold(condition, policies, way)
            case _:
                return self._of_term(condition, policies, way)

    def staying(self, truth: Truth, way: Polarity) -> Flips:
        """A truth that is the same at every stop."""
        first, last = (FALSE, TRUE) if way is Polarity.RISES else (TRUE, FALSE)
        return Flips((truth == first) * self.all_stops, (truth != last) * self.all_stops)

    def _of_threshold(self, condition: Compare, policies: Policies, way: Polarity) -> Flips:
        """A patient's own value against the parameter: the stops are counted up to it, the others need not be looked at."""
        mirrored = condition.left == Constant(Ref(self.parameter))
        quantity, operator = (condition.right, MIRRORED[condition.operator]) if mirrored else (condition.left, condition.operator)
        values = self.evaluator.quantity(quantity, policies)
        side: Literal["left", "right"] = "left" if operator in STRICT else "right"
        # The stops on one side of the value; of a value not known exactly, of the lowest and of the highest it may be.
        below_lo = np.searchsorted(self.stops, values.lo, side).astype(np.int16)
        below_hi = below_lo if values.exact else np.searchsorted(self.stops, values.hi, side).astype(np.int16)
        flips = Flips(self.all_stops - below_hi, self.all_stops - below_lo) if self.falling else Flips(below_lo, below_hi)
        return self._without_record(flips, quantity, policies, way)

    def _without_record(self, flips: Flips, quantity: Quantity, policies: Policies, way: Polarity) -> Flips:
        did_not = self.evaluator.did_not_happen(quantity, policies)
        if did_not is None:
            return flips
        never = self.all_stops if way is Polarity.RISES else np.int16(0)
        return Flips(np.where(did_not, never, flips.first), np.where(did_not, never, flips.second))

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
