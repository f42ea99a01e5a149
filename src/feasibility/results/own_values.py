"""The patient's own value beside a threshold: the one value, or the one record's age, at which the parameter flips a criterion for a patient.

It does not matter whether the parameter can be moved so far: the threshold is tried beyond its range too, and between its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import DAYS_PER_YEAR, UNDATED_DAYS, Days, Times
from feasibility.logic import Floats, Intervals, missing
from feasibility.parameters import WINDOW_UNITS, Direction, Number
from feasibility.rules.bounds import bounds_of
from feasibility.rules.nodes import Compare, Condition, Constant, Exposed, Field, Node, Occurred, Ref, Visit, Window, children, rebuild, walk
from feasibility.screening.asked import Asked
from feasibility.screening.moving import flips_along
from feasibility.screening.rows import MONTHS_PER, MOST_DAYS_PER_MONTH
from feasibility.screening.screen import Screener

DAYS_PER_MONTH = DAYS_PER_YEAR / 12

Places = NDArray[np.int64]
Rows = NDArray[np.intp]


def own_values(screener: Screener, asked: Asked, parameter: Number) -> Intervals:
    """By patient, in the parameter's unit; (−inf, inf) where no single value decides.

    ``asked``: a criterion with the parameter left open. A value known in part is one that decides from when on the criterion is no longer failed.
    """
    if parameter.unit in WINDOW_UNITS and all(isinstance(node, Window) for limb in asked.limbs for node in _holders(limb.stands, parameter.name)):
        return _ages(screener, asked, parameter)
    return _deciding(screener, asked, parameter, list(_bounded(screener, asked, parameter.name)))


def _bounded(screener: Screener, asked: Asked, parameter: str) -> Iterator[tuple[Intervals, Rows]]:
    """The values that a parameter bounds, and whose they are: of each patient one, or that of every visit."""
    limit = Constant(Ref(parameter))
    conditions = [limb.stands for limb in asked.limbs]
    quantities = (each.quantity for condition in conditions for each in bounds_of(condition, parameter))
    for quantity in dict.fromkeys(each for each in quantities if each is not None and not any(isinstance(node, Ref) for node in walk(each))):
        yield screener.evaluator.quantity(quantity, {}), np.arange(screener.cohort.patients)
    visits = [(node.record, compared) for condition in conditions for node in walk(condition) if isinstance(node, Visit) for compared in walk(node.condition)]
    for record, compared in dict.fromkeys(visits):
        records = screener.cohort.records.get(record)
        if records is None or not isinstance(compared, Compare) or limit not in (compared.left, compared.right):
            continue
        for field in (compared.left, compared.right):
            if isinstance(field, Field) and field.variable in records.fields:
                yield records.fields[field.variable], records.patient_of_row


def _deciding(screener: Screener, asked: Asked, parameter: Number, bounded: Sequence[tuple[Intervals, Rows]]) -> Intervals:
    """Of each patient that value of theirs, of those that the parameter bounds, which is where the criterion flips: there, or right beyond.

    One that is known exactly is where they pass, or, where something else leaves them open, where they no longer fail. One known in part is where they no
    longer fail with its nearer end, and with its farther end, if it has one, where they pass.
    """
    deciding = missing(screener.cohort.patients)
    ends = np.unique(np.concatenate([end[np.isfinite(end)] for values, _ in bounded for end in (values.lo, values.hi)])) if bounded else np.empty(0)
    fine = _in_turn(parameter, np.concatenate([ends, np.nextafter(ends, -np.inf), np.nextafter(ends, np.inf)]))
    found = flips_along(screener, asked, parameter, fine)
    if found is None:
        return deciding
    for values, owner in bounded:
        opens, passes = (each[owner] for each in found)
        never = passes == len(fine)
        nearer, farther = (values.lo, values.hi) if parameter.loosens is Direction.UP else (values.hi, values.lo)
        exact, finite = values.lo == values.hi, np.isfinite(nearer)
        near, far = _places(parameter, fine, nearer), _places(parameter, fine, farther)
        opened, passed = (opens == near) | (opens == near + 1), (passes == far) | (passes == far + 1)
        decides = finite & np.where(exact, passed | (never & opened), opened & (passed | never))
        deciding.lo[owner[decides]], deciding.hi[owner[decides]] = values.lo[decides], values.hi[decides]
    return deciding


def _in_turn(parameter: Number, stops: Floats) -> Floats:
    """In the order in which they loosen, each once."""
    rising = np.unique(stops)
    return rising if parameter.loosens is Direction.UP else rising[::-1]


def _places(parameter: Number, fine: Floats, wanted: Floats) -> Places:
    """Where some stops are among the fine ones; of one that is not there any place."""
    return np.searchsorted(fine, wanted) if parameter.loosens is Direction.UP else len(fine) - 1 - np.searchsorted(fine[::-1], wanted)


# Windows


def _ages(screener: Screener, asked: Asked, parameter: Number) -> Intervals:
    """How old the event is that decides, of those whose day is known: the window is tried in days, as long as each is old and a day shorter."""
    deciding = missing(screener.cohort.patients)
    in_days = replace(asked, limbs=tuple(replace(limb, stands=rebuild(limb.stands, _in_days(parameter.name))) for limb in asked.limbs))
    dated = list(_dated(screener, asked, parameter.name))
    ends = [end[(end >= 0) & (end < UNDATED_DAYS)].astype(np.float64) for times, _ in dated for end in (times.days_lo, times.days_hi)]
    fine = _in_turn(parameter, np.concatenate([*ends, *(end - 1 for end in ends)])) if ends else np.empty(0)
    found = flips_along(screener, in_days, parameter, fine)
    if found is None:
        return deciding
    flips = np.where(found[1] < len(fine), found[1], found[0])
    for times, owner in dated:
        days = times.days_lo.astype(np.float64)
        # As it grows a window takes an event in where it is as long as that is old; as it shrinks it leaves it out where it is a day shorter.
        place = _places(parameter, fine, days - (parameter.loosens is Direction.DOWN))
        known = (times.days_lo == times.days_hi) & (days >= 0) & (days < UNDATED_DAYS)
        rows = np.flatnonzero(known & (flips[owner] == place))
        ages = days[rows] if parameter.unit == "days" else _in_months(days[rows], times.months_lo[rows]) / MONTHS_PER[parameter.unit]
        deciding.lo[owner[rows]] = deciding.hi[owner[rows]] = ages
    return deciding


def _in_months(days: Floats, months: Days) -> Floats:
    """Months of average length, in the calendar month in which the record is: never on the other side of a window than it."""
    average: Floats = np.clip(days / DAYS_PER_MONTH, np.maximum(months - 1 + 1 / MOST_DAYS_PER_MONTH, 0), months)
    return average


def _in_days(parameter: str) -> Callable[[Any], Any]:
    """Windows as long as the parameter says, taken as that many days."""
    return lambda node: replace(node, unit="days") if isinstance(node, Window) and node.length == Ref(parameter) else node


def _dated(screener: Screener, asked: Asked, parameter: str) -> Iterator[tuple[Times, Rows]]:
    """The days at which the events began and ended that are looked for in such a window, and whose they are."""
    terms = [node for limb in asked.limbs for node in walk(limb.stands) if isinstance(node, (Occurred, Exposed))]
    for event in dict.fromkeys(term.event for term in terms if term.window is not None and term.window.length == Ref(parameter)):
        records = screener.evaluator.records(event)
        if records is None:
            continue
        for times in (records.times, records.ends):
            if times is not None:
                yield times, records.patient_of_row


def _holders(condition: Condition, parameter: str) -> Iterator[Node]:
    """The nodes in which the parameter itself stands."""
    return (node for node in walk(condition) if any(child == Ref(parameter) for child in children(node)))
