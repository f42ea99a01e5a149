"""What a criterion's outcome could be if some record types were known: every value they may have is supposed in turn.

A record type is what is recorded at once: a measurement, an event with what describes it, a visit with its values. A rule asks of it in one or more
places: a quantity, compared with one or more limits, or an event or a visit, taken as a whole. To know a record type is to know every quantity that the
rules form of it exactly, and of every event or visit whether the rules find it. Each place is taken by itself, and what is known in part keeps to that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.kidney import ADULT_YEARS
from feasibility.logic import COMPARISONS, FALSE, TRUE, UNKNOWN, Bools, Floats, Intervals, Truth, and_, inside, known, not_, or_
from feasibility.protocol import Join, Role
from feasibility.rules.nodes import (
    All,
    AnyOf,
    Compare,
    Condition,
    Constant,
    Decided,
    Egfr,
    Label,
    Not,
    Pick,
    Possible,
    Quantity,
    Statistic,
    variables,
)
from feasibility.rules.sentence import subject_first, without_limit
from feasibility.screening.asked import Asked, ResolvedLimb, outcome
from feasibility.screening.distinct import numbered
from feasibility.screening.evaluate import Evaluator, combine, variables_of
from feasibility.screening.screen import Screener
from feasibility.variables import Catalogue, Kind, MissingPolicy

Place = Quantity | Condition
SAMPLES = ("creatinine", "cystatin_c")
AGE = "age_exact"


@dataclass(frozen=True)
class Cell:
    """Values that no limit tells apart: one point, or all between two, for which ``value`` stands. Of an event or a visit: whether it was found."""

    low: float
    high: float
    value: float

    def may_hold(self, values: Intervals) -> Bools:
        """Whether a value may lie in it."""
        if self.low == self.high:
            return (values.lo <= self.low) & (values.hi >= self.high)
        return (values.lo < self.high) & (values.hi > self.low)


FOUND_OR_NOT = tuple(Cell(-np.inf, np.inf, float(truth)) for truth in (FALSE, TRUE))
ANY_VALUE = Cell(0.0, 0.0, 0.0)
STILL_OPEN = Cell(-np.inf, np.inf, np.nan)
"""Of what several record types tell together: what is found of some does not settle it."""


def leaves(condition: Condition) -> Iterator[Condition]:
    """The comparisons, events and visits a resolved condition is joined of; a comparison without a limit needs no patient."""
    match condition:
        case Not(condition=inner) | Possible(condition=inner):
            yield from leaves(inner)
        case All(conditions=inners) | AnyOf(conditions=inners):
            for inner in inners:
                yield from leaves(inner)
        case Decided():
            pass
        case Compare() if without_limit(condition):
            pass
        case _:
            yield condition


def place_of(leaf: Condition) -> Place:
    """What a leaf asks of the records: the quantity it compares with a limit; any other leaf as a whole."""
    if not isinstance(leaf, Compare):
        return leaf
    left, _, right = subject_first(leaf)
    return left if isinstance(right, (Constant, Label)) else leaf


def record_types(place: Place, catalogue: Catalogue) -> tuple[str, ...]:
    """The record types a place asks of; several for an estimate from several inputs and where two quantities are compared."""
    names = variables_of(place) if isinstance(place, Quantity) else variables(place)
    return tuple(dict.fromkeys(catalogue[name].of for name in names))


def cells(place: Place, asked: Iterable[Condition], catalogue: Catalogue) -> tuple[Cell, ...]:
    """The cells of a place, by the limits all leaves ``asked`` compare it with; of a category its values."""
    several = (STILL_OPEN,) if len(record_types(place, catalogue)) > 1 else ()
    if not isinstance(place, Quantity):
        return (*FOUND_OR_NOT, *several)
    if isinstance(place, Pick) and catalogue[place.variable].kind is Kind.CATEGORY:
        return tuple(Cell(lo, lo, lo) for lo, hi in catalogue[place.variable].values.values() if lo == hi)
    limits = sorted({end for leaf in asked for end in _ends(leaf, place) if np.isfinite(end)})
    points = [Cell(limit, limit, limit) for limit in limits]
    between = [Cell(low, high, _within(low, high)) for low, high in zip([-np.inf, *limits], [*limits, np.inf], strict=True)]
    return (*points, *between, *several)


def _ends(leaf: Condition, place: Place) -> tuple[float, ...]:
    if not isinstance(leaf, Compare) or place_of(leaf) != place:
        return ()
    match subject_first(leaf)[2]:
        case Constant(value=float() | int() as value):
            return (float(value),)
        case Label(lo=lo, hi=hi):
            return lo, hi
        case _:
            return ()


def _within(low: float, high: float) -> float:
    if np.isinf(low):
        return 0.0 if np.isinf(high) else high - 1
    return low + 1 if np.isinf(high) else (low + high) / 2


@lru_cache(maxsize=4096)
def at_cell(leaf: Condition, cell: Cell) -> np.int8:
    """The truth of a leaf at a cell of its place."""
    if cell is STILL_OPEN:
        return UNKNOWN
    if not isinstance(place_of(leaf), Quantity):
        return np.int8(cell.value)
    assert isinstance(leaf, Compare)
    _, operator, right = subject_first(leaf)
    value = known(np.array([cell.value]))
    if isinstance(right, Label):
        if operator in ("==", "!="):
            truth = inside(value, right.lo, right.hi)
            return np.int8((truth if operator == "==" else not_(truth))[0])
        return np.int8(COMPARISONS[operator](value, Intervals(np.array([right.lo]), np.array([right.hi])))[0])
    assert isinstance(right, Constant)
    assert isinstance(right.value, (int, float))
    return np.int8(COMPARISONS[operator](value, float(right.value))[0])


@dataclass(frozen=True, eq=False)
class _Leaf:
    """One leaf, ``condition``, for all patients: its truth as it is, and the values of its place; ``limits`` are those it tells them apart by, rising.

    Where a place asks of several record types, by each: ``lacks``, for whom it is not exactly known; ``stops``, for whom nothing is known of the place as
    long as it is as it is.
    """

    condition: Condition
    place: Place
    truth: Truth
    values: Intervals | None
    limits: tuple[float, ...]
    record_types: tuple[str, ...]
    lacks: Mapping[str, Bools]
    stops: Mapping[str, Bools]
    _truth_at: dict[Cell, Truth] = field(default_factory=dict)
    _may_find: dict[Cell, Bools] = field(default_factory=dict)

    @cached_property
    def open(self) -> Bools:
        open_: Bools = self.truth == UNKNOWN
        return open_

    @cached_property
    def settled(self) -> Bools:
        return ~self.open

    def among(self, ends: Floats) -> NDArray[np.intp]:
        """Where ends of the values lie among the limits: odd at a limit, even between two."""
        at: NDArray[np.intp] = np.searchsorted(self.limits, ends, "left") + np.searchsorted(self.limits, ends, "right")
        return at

    def open_for(self, record_type: str) -> Bools:
        """Who would have to know the record type for the leaf to be settled."""
        return self.open & self.lacks[record_type] if record_type in self.lacks else self.open

    def truth_at(self, cell: Cell) -> Truth:
        """The truth if the place were known, and in a cell, in those for whom it is open."""
        if cell not in self._truth_at:
            self._truth_at[cell] = np.where(self.open, at_cell(self.condition, cell), self.truth)
        return self._truth_at[cell]

    def may_find(self, cell: Cell, types: Collection[str]) -> Bools:
        """Who may find the place in a cell, the record types being known; of who is settled anything may be supposed."""
        if self.lacks:
            return self._finds(cell, types) | self.settled
        if cell not in self._may_find:
            self._may_find[cell] = self._finds(cell, types) | self.settled
        return self._may_find[cell]

    def _finds(self, cell: Cell, types: Collection[str]) -> Bools:
        others = [each for each in self.lacks if each not in types]
        stopped = [self.stops[each] for each in others]
        if cell is STILL_OPEN:
            # Somebody of unknown age may turn out to be no adult, of whom no estimate holds.
            minors = [self.stops[each] for each in types if each in self.stops and each == AGE]
            open_: Bools = np.logical_or.reduce([*(self.lacks[each] for each in others), *stopped, *minors, np.zeros(len(self.truth), bool)])
            return open_
        may = np.ones(len(self.truth), bool) if self.values is None else cell.may_hold(self.values)
        for each in stopped:
            may = may & ~each
        return may


@dataclass(frozen=True, eq=False)
class _Limb:
    """One limb for all patients. ``lacking``: record types of which a lack counts against the patient, with those who lack them."""

    rule: Condition
    role: Role
    patients: int
    variables: tuple[str, ...]
    leaves: Mapping[Condition, _Leaf]
    lacking: tuple[tuple[str, Bools], ...]

    @cached_property
    def open(self) -> Bools:
        open_: Bools = self.truth((), {}) == UNKNOWN
        return open_

    @property
    def known(self) -> Iterator[NDArray[Any]]:
        """By patient all that the limb's truth, and what may be found, depend on."""
        for leaf in self.leaves.values():
            yield leaf.truth
            if leaf.values is not None:
                yield from (np.where(leaf.open, leaf.among(ends), 0) for ends in (leaf.values.lo, leaf.values.hi))
            yield from leaf.lacks.values()
            yield from leaf.stops.values()
        yield from (lacking for _, lacking in self.lacking)

    def truth(self, types: Collection[str], supposed: Mapping[Place, Cell]) -> Truth:
        """The truth of the limb if these record types were known and had these values."""

        def of_leaf(condition: Condition) -> Truth:
            leaf = self.leaves.get(condition)
            if leaf is None:  # a comparison without a limit is the same for everybody
                return np.full(self.patients, at_cell(condition, ANY_VALUE))
            if leaf.place not in supposed:
                return leaf.truth
            return leaf.truth_at(supposed[leaf.place])

        found = combine(self.rule, self.patients, of_leaf)
        against = FALSE if self.role is Role.INCLUSION else TRUE
        for record_type, lacking in self.lacking:
            if record_type not in types:
                found = np.where((found == UNKNOWN) & lacking, against, found)
        return found


@dataclass(frozen=True, eq=False)
class Supposable:
    """A criterion, for patients who are UNKNOWN on it: all those of the screener."""

    screener: Screener
    asked: Asked
    limbs: tuple[_Limb, ...]

    def leaves(self) -> tuple[Condition, ...]:
        return tuple(dict.fromkeys(leaf for limb in self.limbs for leaf in limb.leaves))

    def places(self) -> Mapping[str, tuple[Place, ...]]:
        """By record type the places where the criterion asks of it."""
        places: dict[str, dict[Place, None]] = {}
        for limb in self.limbs:
            for leaf in limb.leaves.values():
                for record_type in leaf.record_types:
                    places.setdefault(record_type, {})[leaf.place] = None
        return {record_type: tuple(found) for record_type, found in places.items()}

    def open_for(self, record_type: str) -> Bools:
        """The patients for whom a limb is UNKNOWN that asks something of the record type that is not known."""
        open_ = np.zeros(self.screener.cohort.patients, bool)
        for limb in self.limbs:
            for leaf in limb.leaves.values():
                if record_type in leaf.record_types:
                    open_ |= limb.open & leaf.open_for(record_type)
        return open_

    def nothing_of(self, record_type: str) -> Bools:
        """The patients who have nothing recorded of it where the limbs that are UNKNOWN for them look."""
        return self._all_of(record_type, lambda limb, name: self.screener.evaluator.lacks(limb.rule, name))

    def never(self, record_type: str) -> Bools:
        """Those who have nothing recorded of it at all."""
        return self._all_of(record_type, lambda limb, name: self.screener.evaluator.never_recorded(name))

    def _all_of(self, record_type: str, lacks: Callable[[_Limb, str], Bools]) -> Bools:
        """Who lacks all that the limbs that are UNKNOWN for them ask of it; of what the cohort has no column for there is nothing to lack."""
        lacking = np.ones(self.screener.cohort.patients, bool)
        for limb in self.limbs:
            asked = [name for name in limb.variables if self.screener.catalogue[name].of == record_type]
            for name in [record_type] if record_type in asked else asked:
                if self.screener.evaluator.records(name) is not None:
                    lacking &= lacks(limb, name) | ~limb.open
        return lacking

    @cached_property
    def told_apart(self) -> NDArray[np.intp]:
        """For each patient a number, from 0 on: of two with the same number the same is known, as far as anything here asks."""
        record_types = {each for limb in self.limbs for leaf in limb.leaves.values() for each in leaf.record_types}
        columns = (column for limb in self.limbs for column in limb.known)
        recorded = (lacking(each) for each in record_types for lacking in (self.nothing_of, self.never))
        return numbered((*columns, *recorded), self.screener.cohort.patients)[0]

    def possible(self, types: Collection[str], supposed: Mapping[Place, Cell]) -> Bools:
        """Who may find all of these values, the record types being known."""
        possible = np.ones(self.screener.cohort.patients, bool)
        for limb in self.limbs:
            for leaf in limb.leaves.values():
                if leaf.place in supposed:
                    possible &= leaf.may_find(supposed[leaf.place], types)
        return possible

    def outcome(self, types: Collection[str], supposed: Mapping[Place, Cell]) -> Truth:
        """The outcome of each patient if these record types were known and had these values."""
        truths = [limb.truth(types, supposed) for limb in self.limbs]
        if self.asked.open:
            truths.append(np.full(self.screener.cohort.patients, UNKNOWN))
        return outcome(self.asked.role, and_(*truths) if self.asked.join is Join.ALL else or_(*truths))


def supposable(screener: Screener, asked: Asked) -> Supposable:
    """A criterion, for all patients of a screener; they are those who are UNKNOWN on it."""
    return Supposable(screener, asked, tuple(_limb(screener, asked.role, limb) for limb in asked.limbs))


def _limb(screener: Screener, role: Role, limb: ResolvedLimb) -> _Limb:
    failing = [screener.catalogue[name].of for name, policy in limb.policies.items() if policy is MissingPolicy.FAIL]
    lacking = tuple(zip(failing, screener.lacking(limb), strict=True))
    found = {leaf: _leaf(screener.evaluator, limb, leaf) for leaf in leaves(limb.stands)}
    return _Limb(limb.stands, role, screener.cohort.patients, variables(limb.stands), found, lacking)


def _leaf(evaluator: Evaluator, limb: ResolvedLimb, leaf: Condition) -> _Leaf:
    place = place_of(leaf)
    types = record_types(place, evaluator.catalogue)
    values = evaluator.quantity(place, limb.policies) if isinstance(place, Quantity) else None
    several = types if len(types) > 1 else ()
    lacks = {each: _unknown(evaluator, limb, place, each) for each in several}
    stops = {each: _stopping(evaluator, place, each) for each in several}
    limits = sorted({end for cell in cells(place, (leaf,), evaluator.catalogue) for end in (cell.low, cell.high) if np.isfinite(end)})
    return _Leaf(leaf, place, evaluator.truth(leaf, limb.policies), values, tuple(limits), types, lacks, stops)


def _unknown(evaluator: Evaluator, limb: ResolvedLimb, place: Place, record_type: str) -> Bools:
    """For whom one of several things that a place asks is not exactly known."""
    if isinstance(place, Egfr):
        sides: list[Quantity] = [_input(place, record_type)]
    else:
        assert isinstance(place, Compare)
        sides = [side for side in (place.left, place.right) if record_type in record_types(side, evaluator.catalogue)]
    unknown = np.zeros(evaluator.cohort.patients, bool)
    for side in sides:
        values = evaluator.quantity(side, limb.policies)
        unknown |= values.lo != values.hi
    return unknown


def _stopping(evaluator: Evaluator, place: Place, record_type: str) -> Bools:
    """For whom an input of an estimate is so that no estimate holds: it is not known at all, or the patient may be no adult."""
    if not isinstance(place, Egfr) or record_type == "sex":
        return np.zeros(evaluator.cohort.patients, bool)
    if record_type == AGE:
        sample = next(name for name in variables_of(place) if name in SAMPLES)
        return evaluator.age_at_sample(sample, place.window).lo < ADULT_YEARS
    return ~evaluator.quantity(_input(place, record_type), {}).something_known


def _input(estimate: Egfr, variable: str) -> Pick:
    return Pick(Statistic.LATEST, variable, estimate.window if variable in SAMPLES else None)
