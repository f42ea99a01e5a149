"""A resolved rule, evaluated over a cohort: one truth value a patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from feasibility import kidney
from feasibility.cohort import DAYS_PER_YEAR, Cohort, Records
from feasibility.logic import COMPARISONS, FALSE, TRUE, UNKNOWN, Bools, Intervals, Truth, and_, inside, known, missing, not_, or_
from feasibility.rules.nodes import (
    All,
    AnyOf,
    Compare,
    Condition,
    Constant,
    Count,
    Decided,
    Egfr,
    Exposed,
    Field,
    Label,
    Not,
    Occurred,
    Pick,
    Possible,
    Quantity,
    Statistic,
    Switched,
    Visit,
    Window,
    variables,
    walk,
)
from feasibility.screening import events, rows, statistics
from feasibility.screening.memory import Memory
from feasibility.units import round_significant
from feasibility.variables import Catalogue, Kind, MissingPolicy

Policies = Mapping[str, MissingPolicy]


@dataclass(frozen=True, eq=False)
class Evaluator:
    """Evaluates rules over one cohort; remembers what terms gave."""

    cohort: Cohort
    catalogue: Catalogue
    memory: Memory = field(default_factory=Memory)

    def policy(self, variable: str, policies: Policies) -> MissingPolicy:
        """The missing policy that holds: the one given, else the catalogue's."""
        return policies.get(variable, self.catalogue[variable].missing)

    def records(self, variable: str) -> Records | None:
        """The records a variable stands in; None where the cohort has no such column."""
        records = self.cohort.records.get(self.catalogue[variable].of)
        return records if records is not None and variable in records.fields else None

    # Conditions

    def truth(self, condition: Condition, policies: Policies) -> Truth:
        """One truth value a patient; a column the cohort does not have is UNKNOWN for everybody, whatever the policy."""

        def leaf(condition: Condition) -> Truth:
            match condition:
                case Compare():
                    return self._compare(condition, policies)
                case Occurred() | Exposed() | Visit():
                    key = (condition, *(self.policy(name, policies) for name in variables(condition)))
                    return self.memory.recall(key, lambda: self._term(condition, policies))
                case _:
                    raise AssertionError(condition)

        return combine(condition, self.cohort.patients, leaf)

    def _compare(self, condition: Compare, policies: Policies) -> Truth:
        if condition.operator == "!=":
            return not_(self._compare(Compare(condition.left, "==", condition.right), policies))
        without_limit = _without_limit(condition, self.cohort.patients)
        if without_limit is not None:
            return without_limit
        truth = _compared(condition, lambda quantity: self.quantity(quantity, policies))
        for side in (condition.left, condition.right):
            if (did_not := self.did_not_happen(side, policies)) is not None:
                truth = np.where(did_not, FALSE, truth)
        return truth

    def did_not_happen(self, quantity: Quantity, policies: Policies) -> Bools | None:
        """The patients of whom, by the policy *absent*, no comparison with a quantity holds; None without that policy."""
        match quantity:
            case Pick(variable=name, window=window) if self.policy(name, policies) is MissingPolicy.ABSENT and self.records(name) is not None:
                return self._lacks(name, window) & self._covered(window)
            case _:
                return None

    def _covered(self, window: Window | None) -> Bools:
        """For whom the feed covers the window; without a limit on the window, for whom there is a feed at all."""
        if self.cohort.covered_days is None:
            return np.ones(self.cohort.patients, bool)
        length = rows.length_in_days(window)
        covered: Bools = self.cohort.covered_days >= (length if np.isfinite(length) else 0)
        return covered

    def _term(self, condition: Occurred | Exposed | Visit, policies: Policies) -> Truth:
        name = condition.record if isinstance(condition, Visit) else condition.event
        records = self.cohort.records.get(name)
        if records is None:
            return np.full(self.cohort.patients, UNKNOWN)
        if isinstance(condition, Visit):
            return events.visited(condition, records, self.of_rows(condition.condition, records, policies), self.visits(condition, records))
        taken = self._taken(condition, records, policies)
        truth = events.occurred(condition, records, taken) if isinstance(condition, Occurred) else events.exposed(condition, records, taken)
        return self._where_not_recorded(truth, name, records, condition.window, policies)

    def _taken(self, condition: Occurred | Exposed, records: Records, policies: Policies) -> Truth:
        """Whether each record is one of the event and of those meant, in the window or not; remembered."""

        def found() -> Truth:
            taken = events.occurrence(condition.event, records)
            if condition.where is not None:
                taken = and_(taken, self.of_rows(condition.where, records, policies))
            return taken if condition.excepting is None else and_(taken, not_(self.of_rows(condition.excepting, records, policies)))

        named = (self.policy(name, policies) for each in (condition.where, condition.excepting) if each is not None for name in variables(each))
        return self.memory.recall((condition.event, condition.where, condition.excepting, *named), found, by_patient=False)

    def visits(self, visit: Visit, records: Records) -> rows.Rows:
        """The rows in a visit's window that hold a value of what its condition speaks of."""
        valued = self.valued_visits(visit, records)
        window = rows.rows_in(records.times, records.undated, records.rows, visit.window)
        certain = window.certain & valued
        return rows.Rows(certain, certain if window.exact else window.possible & valued)

    def valued_visits(self, visit: Visit, records: Records) -> Bools:
        """The rows, in its window or not, that hold a value of what a visit's condition speaks of."""
        valued = np.zeros(records.rows, bool)
        for variable in variables(visit.condition):
            if variable in records.fields:
                valued |= rows.has_value(records.fields[variable])
        return valued

    def _where_not_recorded(self, truth: Truth, event: str, records: Records, window: Window | None, policies: Policies) -> Truth:
        """FALSE stays only for patients with a record of the event, or by the policy *absent*; and only where the feed covers the window."""
        if self.policy(event, policies) is MissingPolicy.ABSENT:
            if self.cohort.covered_days is None:
                return truth
            explicit_no = rows.any_row(records.fields[event].hi <= 0, records)
            return np.where((truth == FALSE) & ~explicit_no & ~self._covered(window), UNKNOWN, truth)
        recorded = rows.any_row(rows.has_value(records.fields[event]), records)
        return np.where((truth == FALSE) & ~recorded, UNKNOWN, truth)

    def of_rows(self, condition: Condition, records: Records, policies: Policies) -> Truth:
        """One truth value a record, for conditions over a record's own fields."""

        def value(quantity: Quantity) -> Intervals:
            match quantity:
                case Field(variable=name):
                    return records.fields.get(name) or missing(records.rows)
                case Constant() | Label():
                    return _constant(quantity)
                case _:
                    raise AssertionError(quantity)

        def leaf(condition: Condition) -> Truth:
            assert isinstance(condition, Compare)
            if condition.operator == "!=":
                return not_(leaf(Compare(condition.left, "==", condition.right)))
            without_limit = _without_limit(condition, records.rows)
            if without_limit is not None:
                return without_limit
            truth = _compared(condition, value)
            left = condition.left
            if isinstance(left, Field) and left.variable in records.fields and self.policy(left.variable, policies) is MissingPolicy.ABSENT:
                truth = np.where(rows.has_value(value(left)), truth, FALSE)
            return truth

        return combine(condition, records.rows, leaf)

    # Quantities

    def quantity(self, quantity: Quantity, policies: Policies) -> Intervals:
        """One interval a patient; constants are one interval for all."""
        match quantity:
            case Constant() | Label():
                return _constant(quantity)
            case Pick(variable=name):
                records = self.records(name)
                if records is None:
                    return self._without_column(name)
                return self.memory.recall(quantity, partial(statistics.pick, quantity, records))
            case Count(variable=name):
                records = self.records(name)
                if records is None:
                    return missing(self.cohort.patients)
                named = tuple(self.policy(each, policies) for each in variables_of(quantity))
                return self.memory.recall((quantity, *named), partial(self._count, quantity, records, policies))
            case Egfr():
                return self.memory.recall(quantity, lambda: self._egfr(quantity))
            case Field():
                raise AssertionError(quantity)

    def _without_column(self, variable: str) -> Intervals:
        """What holds where the cohort has no column: nothing is known, or the value the catalogue says is then taken."""
        definition = self.catalogue[variable]
        if definition.if_column_absent is None:
            return missing(self.cohort.patients)
        lo, hi = definition.values[definition.if_column_absent]
        return Intervals(np.full(self.cohort.patients, lo), np.full(self.cohort.patients, hi))

    def _count(self, quantity: Count, records: Records, policies: Policies) -> Intervals:
        """How many records there are. One row a patient says that an event happened, not how often: there at least one has no upper bound, and none is none."""
        values = records.fields[quantity.variable]
        event = self.catalogue[quantity.variable].kind is Kind.EVENT
        holds = events.occurrence(quantity.variable, records) if event else np.where(rows.has_value(values), TRUE, FALSE)
        if quantity.where is not None:
            holds = and_(holds, self.of_rows(quantity.where, records, policies))
        counted = events.count(rows.rows_in(records.times, records.undated, records.rows, quantity.window), holds, records)
        if self.policy(quantity.variable, policies) is MissingPolicy.ABSENT:
            complete = self._covered(quantity.window) | (rows.any_row(values.hi <= 0, records) if event else False)
        else:
            complete = rows.any_row(rows.has_value(values), records)
        if event and records.one_row_each:
            complete = complete & (counted.hi == 0)
        return Intervals(counted.lo, np.where(complete, counted.hi, np.inf))

    def _egfr(self, quantity: Egfr) -> Intervals:
        assert isinstance(quantity.equation, str)
        equation = kidney.EQUATIONS[quantity.equation]
        creatinine = self._sample("creatinine", quantity.window) if equation.needs_creatinine else None
        cystatin = self._sample("cystatin_c", quantity.window) if equation.needs_cystatin else None
        age = self.age_at_sample("creatinine" if equation.needs_creatinine else "cystatin_c", quantity.window)
        sex = self._sample("sex", None)
        result = kidney.interval(quantity.equation, creatinine, cystatin, age, sex)
        lo = round_significant(result.lo)
        return Intervals(lo, lo if result.exact else round_significant(result.hi))

    def _sample(self, variable: str, window: Window | None) -> Intervals:
        return self.quantity(Pick(Statistic.LATEST, variable, window), {})

    def age_at_sample(self, variable: str, window: Window | None) -> Intervals:
        """Age in decimal years on the day of the latest sample that has a value."""
        age = self._sample("age_exact", None)
        records = self.records(variable)
        if records is None or records.times is None:
            return age
        days = Intervals(records.times.days_lo.astype(np.float64), records.times.days_hi.astype(np.float64))
        valued = rows.has_value(records.fields[variable])
        if not (records.one_row_each or valued.all()):
            days = Intervals(np.where(valued, days.lo, -np.inf), np.where(valued, days.hi, np.inf))
        elif records.times.exact:
            days = known(days.lo)
        dated = Records(records.patients, {variable: days}, records.starts, records.times)
        ago = dated.fields[variable] if records.one_row_each else statistics.pick(Pick(Statistic.LATEST, variable, window), dated)
        most, least = (np.where(np.isfinite(end), end, 0.0) / DAYS_PER_YEAR for end in (ago.hi, ago.lo))
        return known(age.lo - most) if age.exact and ago.exact else Intervals(age.lo - most, age.hi - least)

    # What the cohort can show

    def assessable(self, condition: Condition) -> bool:
        """Whether the columns present could ever settle the condition for anybody."""
        return self._reachable(condition) != {int(UNKNOWN)}

    def absent_variables(self, condition: Condition) -> tuple[str, ...]:
        """The variables the condition speaks of that the cohort has no column for."""
        return tuple(name for name in variables(condition) if self.records(name) is None)

    def _reachable(self, condition: Condition) -> set[int]:
        match condition:
            case Decided(holds=holds):
                return {int(TRUE if holds else FALSE)}
            case Not(condition=inner):
                return {int(TRUE) - value for value in self._reachable(inner)}
            case Possible(condition=inner):
                return {min(value, int(UNKNOWN)) for value in self._reachable(inner)}
            case All(conditions=inners) | AnyOf(conditions=inners):
                join = min if isinstance(condition, All) else max
                reached = self._reachable(inners[0])
                for inner in inners[1:]:
                    reached = {join(left, right) for left in reached for right in self._reachable(inner)}
                return reached
            case Occurred(event=name) | Exposed(event=name):
                return {0, 1, 2} if self.records(name) is not None else {1}
            case Visit(record=name, condition=inner):
                return self._reachable(inner) if name in self.cohort.records else {1}
            case Compare(left=left, right=right):
                settled = all(self._available(side) for side in (left, right))
                return {0, 1, 2} if settled else {1}
            case Switched():
                raise AssertionError("a rule is resolved before it is evaluated")

    def _available(self, quantity: Quantity) -> bool:
        match quantity:
            case Egfr(equation=str() as name):
                equation = kidney.EQUATIONS[name]
                needed = ["age_exact", *(["creatinine"] if equation.needs_creatinine else []), *(["cystatin_c"] if equation.needs_cystatin else [])]
                return all(self.records(variable) is not None for variable in needed)
            case Pick(variable=name):
                return self.records(name) is not None or self.catalogue[name].if_column_absent is not None
            case Count(variable=name) | Field(variable=name):
                return self.records(name) is not None
            case _:
                return True

    def lacks(self, condition: Condition, variable: str) -> Bools:
        """The patients who have nothing recorded of a variable where the condition looks for it."""
        lacking = np.zeros(self.cohort.patients, bool)
        if self.records(variable) is None:
            return lacking
        for node in walk(condition):
            match node:
                case Pick(variable=name, window=window) if name == variable:
                    lacking |= self._lacks(name, window)
                case Egfr(window=window) if variable in variables_of(node):
                    lacking |= self._lacks(variable, window if variable in ("creatinine", "cystatin_c") else None)
                case Occurred(event=name) | Exposed(event=name) | Count(variable=name) if name == variable:
                    lacking |= self.never_recorded(name)
                case Occurred(event=name) | Exposed(event=name) if variable in variables(node):
                    lacking |= self._lacks_field(name, variable)
                case Visit(window=window, condition=inner) if variable in variables(inner):
                    lacking |= self._lacks(variable, window)
                case _:
                    pass
        return lacking

    def open_for_lack(self, condition: Condition, variable: str, policies: Policies) -> Bools:
        """The patients who lack a variable where the missing policy does not settle what that means: *absent* does where the feed covers the window."""
        lacking = self.lacks(condition, variable)
        if self.policy(variable, policies) is not MissingPolicy.ABSENT:
            return lacking
        covered = np.ones(self.cohort.patients, bool)
        for node in walk(condition):
            match node:
                case Pick(variable=name, window=window) | Count(variable=name, window=window) if name == variable:
                    covered &= self._covered(window)
                case Occurred(event=name, window=window) | Exposed(event=name, window=window) if name == variable:
                    covered &= self._covered(window)
                case _:
                    pass
        return lacking & ~covered

    def _lacks(self, variable: str, window: Window | None) -> Bools:
        """The patients without a record of a variable that may lie in the window."""
        records = self.records(variable)
        assert records is not None
        possible = rows.rows_in(records.times, records.undated, records.rows, window).possible
        return ~rows.any_row(possible & rows.has_value(records.fields[variable]), records)

    def never_recorded(self, variable: str) -> Bools:
        """The patients without any record of a variable."""
        records = self.records(variable)
        assert records is not None
        return ~rows.any_row(rows.has_value(records.fields[variable]), records)

    def _lacks_field(self, event: str, variable: str) -> Bools:
        """The patients with an event of which a field is not recorded."""
        records = self.records(variable)
        assert records is not None
        return rows.any_row((events.occurrence(event, records) != FALSE) & ~rows.has_value(records.fields[variable]), records)


def variables_of(quantity: Quantity) -> tuple[str, ...]:
    """The variables one quantity needs."""
    return variables(Compare(quantity, ">=", Constant(0.0)))


def combine(condition: Condition, rows: int, leaf: Callable[[Condition], Truth]) -> Truth:
    """The truth of a condition from the truth of its leaves."""
    match condition:
        case Decided(holds=holds):
            return np.full(rows, TRUE if holds else FALSE)
        case Not(condition=inner):
            return not_(combine(inner, rows, leaf))
        case All(conditions=inners):
            return and_(*(combine(inner, rows, leaf) for inner in inners))
        case AnyOf(conditions=inners):
            return or_(*(combine(inner, rows, leaf) for inner in inners))
        case Possible(condition=inner):
            return np.minimum(combine(inner, rows, leaf), UNKNOWN)
        case _:
            return leaf(condition)


def _constant(quantity: Constant | Label) -> Intervals:
    if isinstance(quantity, Label):
        return Intervals(np.array([quantity.lo]), np.array([quantity.hi]))
    assert isinstance(quantity.value, (int, float))
    return known(np.array([float(quantity.value)]))


def _compared(condition: Compare, value: Callable[[Quantity], Intervals]) -> Truth:
    """The truth of a comparison from the values of its sides; to equal a named value is to lie in the interval the name stands for."""
    left, right = value(condition.left), condition.right
    if isinstance(right, Label) and condition.operator == "==":
        return inside(left, right.lo, right.hi)
    return COMPARISONS[condition.operator](left, _scalar(value(right)))


def _scalar(right: Intervals) -> Intervals | float:
    return float(right.lo[0]) if len(right) == 1 and right.exact else right


def _without_limit(condition: Compare, rows: int) -> Truth | None:
    """A comparison with no limit holds, or does not, for everybody: nothing needs to be known of the patient."""
    match condition:
        case Compare(operator=operator, right=Constant(value=float() as value)) if np.isinf(value) and operator != "==":
            return np.full(rows, TRUE if (value > 0) == (operator in ("<", "<=")) else FALSE)
        case Compare(left=Constant(value=float() as value), operator=operator) if np.isinf(value) and operator != "==":
            return np.full(rows, TRUE if (value > 0) == (operator in (">", ">=")) else FALSE)
        case _:
            return None
