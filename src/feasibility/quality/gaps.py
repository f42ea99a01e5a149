"""Variable by variable: who has a value, who has none and why, and what of it is out of the ordinary."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from feasibility.cohort import Cohort, Records
from feasibility.logic import Bools, Intervals
from feasibility.screening.rows import any_row
from feasibility.variables import Catalogue, Kind, MissingPolicy, Variable


@dataclass(frozen=True)
class Gaps:
    """One variable over the patients it is asked of, ``of``: all, or for a field of an event those who may have had the event.

    ``known + partly + set_aside + missing == of``: an exact value in some record; at best a limit, a range or an event whose date is not exactly
    known; nothing, and a cell that was set aside; nothing. ``unusual``: patients with a value outside the usual range. ``values`` are records with
    a value, ``converted`` those in another unit. ``in_file`` is False where no column holds it. ``open`` are the patients of whom a rule may not be told
    for want of an exact value: those without one, or, where no record means that it did not happen, those of whom something is known in part.
    """

    variable: str
    of: int
    known: int
    partly: int
    set_aside: int
    missing: int
    unusual: int = 0
    values: int = 0
    converted: int = 0
    in_file: bool = True
    open: Bools | None = field(default=None, compare=False, repr=False)

    @property
    def without(self) -> int:
        """Patients without an exact value."""
        return self.of - self.known


@dataclass(frozen=True, eq=False)
class Holdings:
    """For each patient, whether a variable is asked of them, and whether an exact value or anything at all is known of it."""

    asked: Bools
    known: Bools
    something: Bools


def gaps(cohort: Cohort, catalogue: Catalogue) -> tuple[Gaps, ...]:
    """Every variable that a column of the cohort holds, in the order of the catalogue."""
    converted: dict[str, int] = {}
    for line in cohort.report.columns:
        if line.variable is not None:
            converted[line.variable] = converted.get(line.variable, 0) + line.converted
    return tuple(
        _gaps(cohort, catalogue[name], records, converted.get(name, 0))
        for name, records in held(cohort, catalogue).items()
    )


def held(cohort: Cohort, catalogue: Catalogue) -> dict[str, Records]:
    """The variables of the catalogue that the cohort holds records of; the exact age goes without saying where there is an age."""
    return {
        name: records
        for name, variable in catalogue.variables.items()
        if (records := cohort.records.get(variable.of)) is not None and name in records.fields and not (name == "age_exact" and "age" in cohort.records)
    }


def absent(cohort: Cohort, variable: str) -> Gaps:
    """A variable for which no file has a column."""
    return Gaps(variable, cohort.patients, 0, 0, 0, cohort.patients, in_file=False)


def holdings(records: Records, variable: Variable) -> Holdings:
    """Who is asked, who has an exact value, who has anything."""
    values = records.fields[variable.name]
    something = values.something_known if not values.exact else np.ones(records.rows, bool)
    exact = something if values.exact else values.lo == values.hi
    if variable.kind is Kind.EVENT and records.times is not None and not records.times.exact:
        exact = exact & ((records.times.days_lo == records.times.days_hi) | (values.hi < 1))
    asked = np.ones(records.patients, bool)
    if variable.is_field and variable.of in records.fields:
        may_be = records.fields[variable.of].hi >= 1
        happened = may_be & (records.fields[variable.of].lo > -np.inf)
        asked = any_row(happened, records)
        something, exact = something & happened, exact & happened
    if records.one_row_each:
        return Holdings(asked, exact, something)
    known = any_row(exact, records)
    return Holdings(asked, known, known if something is exact else any_row(something, records))


def _gaps(cohort: Cohort, variable: Variable, records: Records, converted: int) -> Gaps:
    values = records.fields[variable.name]
    has = holdings(records, variable)
    of, known, something = (int(np.count_nonzero(each)) for each in (has.asked, has.known, has.something))
    marked = cohort.set_aside.get(variable.name)
    lost = None if marked is None else marked[has.asked[marked] & ~has.something[marked]]
    set_aside = 0 if lost is None else len(lost)
    open_: Bools = (has.something if variable.missing is MissingPolicy.ABSENT else has.asked) & ~has.known
    if lost is not None:
        open_[lost] = True
    filled = records.rows if values.exact else int(np.count_nonzero(values.something_known))
    outside = unusual_rows(values, variable)
    unusual = 0 if outside is None else int(np.count_nonzero(any_row(outside, records)))
    return Gaps(variable.name, of, known, something - known, set_aside, of - something - set_aside, unusual, filled, min(converted, filled), open=open_)


def unusual_rows(values: Intervals, variable: Variable) -> Bools | None:
    """The records whose value lies outside the usual range; None where there are none."""
    if variable.soft is None:
        return None
    low, high = variable.soft
    if values.hi.min(initial=low) >= low and values.lo.max(initial=high) <= high:
        return None
    outside: Bools = (values.hi < low) | (values.lo > high)
    return outside
