"""What a rule says of a patient's records: statistics in a window, occurrences, exposures, visits; each over all patients at once.

Rows are sorted by patient, newest first. A date known only in part makes a row's place in the window possible without being certain; every term
then returns the interval (or truth value) that holds whichever way the dates turn out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import UNDATED_DAYS, Records, Times, Undated
from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Floats, Intervals, Truth, above, and_, between, missing, not_
from feasibility.rules.nodes import At, Counting, Exposed, Occurred, Pick, Statistic, Visit, Which, Window
from feasibility.units import round_significant

MONTHS_PER = {"months": 1, "years": 12}
MOST_DAYS_PER_MONTH = 31


@dataclass(frozen=True, eq=False)
class Rows:
    """Which rows certainly, and which possibly, lie in a window."""

    certain: Bools
    possible: Bools

    @property
    def exact(self) -> bool:
        return self.certain is self.possible


def rows_in(times: Times | None, undated: Undated, rows: int, window: Window | None) -> Rows:
    """The rows in the window; without a window, those up to the index date."""
    if times is None:
        inside = np.ones(rows, bool)
        return Rows(np.zeros(rows, bool), inside) if undated is Undated.EVER and bounded(window) else Rows(inside, inside)
    oldest, lo, hi = _reach(times, window)
    newest = 0 if window is None or window.closed else 1
    certain = (hi <= oldest) & (times.days_lo >= newest)
    return Rows(certain, certain) if times.exact else Rows(certain, (lo <= oldest) & (times.days_hi >= newest))


def bounded(window: Window | None) -> bool:
    return window is not None and window.length != np.inf


def length_in_days(window: Window | None) -> float:
    """A window's length in days, months at their longest; inf without limit."""
    if window is None:
        return np.inf
    assert isinstance(window.length, float)
    return window.length if window.unit == "days" else window.length * MONTHS_PER[window.unit] * MOST_DAYS_PER_MONTH


def _reach(times: Times, window: Window | None) -> tuple[float, NDArray[np.int32], NDArray[np.int32]]:
    """The window's length and how far back each row lies, in the window's own unit."""
    if window is None:
        return np.inf, times.days_lo, times.days_hi
    assert isinstance(window.length, (int, float))
    if window.unit == "days":
        return window.length, times.days_lo, times.days_hi
    return window.length * MONTHS_PER[window.unit], times.months_lo, times.months_hi


def has_value(values: Intervals) -> Bools:
    """Rows about which anything is known."""
    return np.isfinite(values.lo) | np.isfinite(values.hi)


# From rows to patients


def per_patient(ufunc: np.ufunc, values: NDArray[Any], records: Records, empty: Any) -> NDArray[Any]:
    """A row-wise array reduced to one value a patient; ``empty`` for patients without rows."""
    if records.starts is None:
        return values
    result = np.full(records.patients, empty, values.dtype)
    filled = records.starts[:-1] < records.starts[1:]
    if filled.any():
        result[filled] = ufunc.reduceat(values, records.starts[:-1][filled])
    return result


def any_row(rows: Bools, records: Records) -> Bools:
    result: Bools = per_patient(np.logical_or, rows, records, False)
    return result


def patient_of_row(records: Records) -> NDArray[np.int64]:
    if records.starts is None:
        return np.arange(records.patients)
    return np.repeat(np.arange(records.patients), np.diff(records.starts))


def _first_row(rows: Bools, records: Records) -> NDArray[np.int64]:
    """The first row of each patient that is marked; -1 where none is."""
    if records.starts is None:
        return np.where(rows, np.arange(records.patients), -1)
    if not records.rows:
        return np.full(records.patients, -1)
    first: NDArray[np.int64] = per_patient(np.minimum, np.where(rows, np.arange(records.rows), records.rows), records, records.rows)
    return np.where(first < records.rows, first, -1)


def _last_row(rows: Bools, records: Records) -> NDArray[np.int64]:
    if records.starts is None:
        return np.where(rows, np.arange(records.patients), -1)
    last: NDArray[np.int64] = per_patient(np.maximum, np.where(rows, np.arange(records.rows), -1), records, -1)
    return last


def _taken(values: Intervals, rows: NDArray[np.int64]) -> Intervals:
    """The values at the rows; missing where the row is -1."""
    none = rows < 0
    if not len(values.lo):
        return missing(len(rows))
    picked = values.take(np.where(none, 0, rows))
    return Intervals(np.where(none, -np.inf, picked.lo), np.where(none, np.inf, picked.hi)) if none.any() else picked


# Statistics


def pick(term: Pick, records: Records) -> Intervals:
    """A statistic of a variable's values in a window, for every patient; missing where no record lies in it."""
    values = records.fields[term.variable]
    window = rows_in(records.times, records.undated, records.rows, term.window)
    if records.one_row_each:
        window = _valued(window, values)
        if window.exact and window.certain.all():
            return values if term.last is None or term.last == 1 else _pick(term, records, values, window)
    return _pick(term, records, values, window)


def _valued(window: Rows, values: Intervals) -> Rows:
    """Only the rows that hold a value (in a wide column a blank cell is a row of its own)."""
    valued = has_value(values)
    certain = window.certain & valued
    return Rows(certain, certain if window.exact else window.possible & valued)


def _pick(term: Pick, records: Records, values: Intervals, window: Rows) -> Intervals:
    exact_dates = records.times is None or records.times.exact
    result = STATISTICS[term.statistic](records, values, window) if term.last is None else _of_last(term, records, values, window)
    if exact_dates and window.exact:
        return result
    assert records.times is not None or records.undated is Undated.EVER
    return _whichever_dates(term, records, values, window, result)


def _latest(records: Records, values: Intervals, window: Rows) -> Intervals:
    return _taken(values, _first_row(window.certain, records))


def _earliest(records: Records, values: Intervals, window: Rows) -> Intervals:
    return _taken(values, _last_row(window.certain, records))


def _lowest(records: Records, values: Intervals, window: Rows) -> Intervals:
    return _extreme(np.minimum, np.inf, records, values, window)


def _highest(records: Records, values: Intervals, window: Rows) -> Intervals:
    return _extreme(np.maximum, -np.inf, records, values, window)


def _extreme(ufunc: np.ufunc, neutral: float, records: Records, values: Intervals, window: Rows) -> Intervals:
    lo = per_patient(ufunc, np.where(window.certain, values.lo, neutral), records, neutral)
    hi = lo if values.exact else per_patient(ufunc, np.where(window.certain, values.hi, neutral), records, neutral)
    none = ~any_row(window.certain, records)
    return Intervals(np.where(none, -np.inf, lo), np.where(none, np.inf, hi)) if none.any() else Intervals(lo, hi)


def _mean(records: Records, values: Intervals, window: Rows) -> Intervals:
    number = per_patient(np.add, window.certain.astype(np.int64), records, 0)

    def mean(ends: Floats) -> Floats:
        total = per_patient(np.add, np.where(window.certain, ends, 0.0), records, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return round_significant(total / number)

    return _by_end(mean, values, number == 0)


def _geometric_mean(records: Records, values: Intervals, window: Rows) -> Intervals:
    number = per_patient(np.add, window.certain.astype(np.int64), records, 0)

    def mean(ends: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.maximum(ends, 0.0))  # concentrations: below zero there is nothing
            total = per_patient(np.add, np.where(window.certain, logs, 0.0), records, 0.0)
            return round_significant(np.exp(total / number))

    return _by_end(mean, values, number == 0)


def _median(records: Records, values: Intervals, window: Rows) -> Intervals:
    patients = patient_of_row(records)[window.certain]
    number = np.bincount(patients, minlength=records.patients)
    first = np.concatenate([[0], np.cumsum(number)[:-1]])

    def median(ends: Floats) -> Floats:
        inside = ends[window.certain]
        ordered = inside[np.lexsort((inside, patients))]
        if not len(ordered):
            return np.zeros(records.patients)
        low, high = (np.minimum(first + middle, len(ordered) - 1) for middle in (np.maximum(number - 1, 0) // 2, number // 2))
        return round_significant((ordered[low] + ordered[high]) / 2)

    return _by_end(median, values, number == 0)


def _by_end(statistic: Callable[[Floats], Floats], values: Intervals, none: Bools) -> Intervals:
    lo = np.where(none, -np.inf, statistic(values.lo))
    hi = np.where(none, np.inf, lo if values.exact else statistic(values.hi))
    return Intervals(lo, hi)


STATISTICS: dict[Statistic, Callable[[Records, Intervals, Rows], Intervals]] = {
    Statistic.LATEST: _latest,
    Statistic.EARLIEST: _earliest,
    Statistic.LOWEST: _lowest,
    Statistic.HIGHEST: _highest,
    Statistic.MEAN: _mean,
    Statistic.MEDIAN: _median,
    Statistic.GEOMETRIC_MEAN: _geometric_mean,
}


def _of_last(term: Pick, records: Records, values: Intervals, window: Rows) -> Intervals:
    """The statistic of the last n values, greedily at least ``apart`` days apart from the latest backwards; absent ones are missing."""
    assert isinstance(term.last, (int, float))
    apart = 0.0 if term.apart is None else term.apart
    assert isinstance(apart, (int, float))
    chosen: list[Intervals] = []
    allowed = window.certain
    owner = patient_of_row(records) if int(term.last) > 1 and not records.one_row_each else None
    for _ in range(int(term.last)):
        row = _first_row(allowed, records)
        chosen.append(_taken(values, row))
        if owner is None or records.times is None:
            # one row a patient, or no dates to tell them apart by: in the order they stand
            allowed = allowed & ~_marked(row, records)
        elif records.rows:
            since = np.where(row < 0, UNDATED_DAYS, records.times.days_lo[np.maximum(row, 0)] + apart)
            after = np.arange(records.rows) > row[owner]
            allowed = allowed & after & (records.times.days_lo >= since[owner])
    match term.statistic:
        case Statistic.LOWEST | Statistic.HIGHEST:
            assert isinstance(term.rank, (int, float))
            from_below = int(term.rank) if term.statistic is Statistic.LOWEST else len(chosen) + 1 - int(term.rank)
            return Intervals(*(_nth([getattr(one, end) for one in chosen], from_below) for end in ("lo", "hi")))
        case Statistic.MEDIAN:
            return _rounded(*(np.median(ends, axis=0) for ends in _stacked(chosen)))
        case Statistic.GEOMETRIC_MEAN:
            with np.errstate(divide="ignore"):
                return _rounded(*(np.exp(np.log(np.maximum(ends, 0.0)).mean(axis=0)) for ends in _stacked(chosen)))
        case _:
            return _rounded(*(ends.mean(axis=0) for ends in _stacked(chosen)))


def _nth(ends: list[Floats], place: int) -> Floats:
    """The value at a place from below, for each patient."""
    if place == 1:
        return reduce(np.minimum, ends)
    if place == len(ends):
        return reduce(np.maximum, ends)
    nth: Floats = np.partition(np.stack(ends), place - 1, axis=0)[place - 1]
    return nth


def _stacked(chosen: list[Intervals]) -> tuple[Floats, Floats]:
    return np.stack([one.lo for one in chosen]), np.stack([one.hi for one in chosen])


def _rounded(lo: NDArray[Any], hi: NDArray[Any]) -> Intervals:
    return Intervals(round_significant(lo), round_significant(hi))


def _marked(row: NDArray[np.int64], records: Records) -> Bools:
    marked = np.zeros(records.rows, bool)
    marked[row[row >= 0]] = True
    return marked


def _whichever_dates(term: Pick, records: Records, values: Intervals, window: Rows, result: Intervals) -> Intervals:
    """Widen the result for the patients some of whose dates leave their place in the window, or their order, open."""
    possible = window.possible if not records.one_row_each else window.possible & has_value(values)
    loose = possible & ~window.certain
    if records.times is not None:
        loose |= possible & (records.times.days_lo != records.times.days_hi)
    open_ = any_row(loose, records)
    if not open_.any():
        return result
    some_certain = any_row(window.certain & possible, records)
    eligible = possible
    if term.statistic is Statistic.LATEST and records.times is not None:
        # A row can be the latest only if no row that is certainly in the window is certainly newer.
        newest: Floats = per_patient(np.minimum, np.where(window.certain, records.times.days_hi, UNDATED_DAYS).astype(float), records, float(UNDATED_DAYS))
        eligible = possible & (records.times.days_lo <= newest[patient_of_row(records)])
    lowest = per_patient(np.minimum, np.where(eligible, values.lo, np.inf), records, np.inf)
    highest = per_patient(np.maximum, np.where(eligible, values.hi, -np.inf), records, -np.inf)
    lo, hi = lowest.astype(np.float64), highest.astype(np.float64)
    if term.last is not None:
        lo = np.where(term.statistic is Statistic.HIGHEST and term.rank == 1, lo, -np.inf)
        hi = np.where(term.statistic is Statistic.LOWEST and term.rank == 1, hi, np.inf)
    elif term.statistic is Statistic.LOWEST:
        hi = np.where(some_certain, per_patient(np.minimum, np.where(window.certain, values.hi, np.inf), records, np.inf), np.inf)
    elif term.statistic is Statistic.HIGHEST:
        lo = np.where(some_certain, per_patient(np.maximum, np.where(window.certain, values.lo, -np.inf), records, -np.inf), -np.inf)
    lo, hi = np.where(some_certain, lo, -np.inf), np.where(some_certain, hi, np.inf)
    return Intervals(np.where(open_, lo, result.lo), np.where(open_, hi, result.hi))


def count(window: Rows, holds: Truth, records: Records) -> Intervals:
    """How many records lie in the window and hold: the certain ones, up to the possible ones."""
    lo = per_patient(np.add, (window.certain & (holds == TRUE)).astype(np.float64), records, 0.0)
    hi = per_patient(np.add, (window.possible & (holds != FALSE)).astype(np.float64), records, 0.0)
    return Intervals(lo, hi)


# Events


def event_times(records: Records, at: At) -> Times | None:
    """The date of each event that counts: its start, or its end (its start where no end is recorded), or the later of the two."""
    if at is At.START or records.ends is None or records.times is None:
        return records.times
    start, end = records.times, records.ends
    ended = end.days_lo != -UNDATED_DAYS
    use_end = ended if at is At.END else ended & (end.days_lo < start.days_lo)
    names = ("days_lo", "days_hi", "months_lo", "months_hi")
    lo_days, hi_days, lo_months, hi_months = (np.where(use_end, getattr(end, name), getattr(start, name)) for name in names)
    same = start.exact and bool((lo_days == hi_days).all())
    return Times(lo_days, lo_days, lo_months, lo_months) if same else Times(lo_days, hi_days, lo_months, hi_months)


def occurrence(event: str, records: Records) -> Truth:
    """Whether each row's event occurred: TRUE, explicitly not or blank (FALSE), or recorded as not known."""
    values = records.fields[event]
    return between(values.lo >= 1, (values.hi >= 1) & has_value(values))


def occurred(term: Occurred, records: Records, holds: Truth) -> Truth:
    """Whether an event lies in the window, of the rows for which ``holds``."""
    times = event_times(records, term.at)
    window = rows_in(times, records.undated, records.rows, term.window)
    rows = and_(occurrence(term.event, records), between(window.certain, window.possible), holds)
    result: Truth = per_patient(np.maximum, rows, records, FALSE)
    return result


def exposed(term: Exposed, records: Records, holds: Truth) -> Truth:
    """Whether an exposure overlaps the window by at least a day and is long enough, of the rows for which ``holds``."""
    occurs = occurrence(term.event, records)
    if records.times is None:
        window = rows_in(None, records.undated, records.rows, term.window)
        long_enough = np.full(records.rows, TRUE if term.longer_than is None else UNKNOWN)
        rows = and_(occurs, between(window.certain, window.possible), long_enough, holds)
        alone: Truth = per_patient(np.maximum, rows, records, FALSE)
        return alone
    start, end = records.times, _ends(records)
    newest = 1 if term.window is not None and not term.window.closed else 0
    oldest, end_lo, end_hi = _reach(end, term.window)
    certain = (start.days_lo >= newest) & (end_hi <= oldest)
    possible = (start.days_hi >= newest) & (end_lo <= oldest)
    overlap = between(certain, possible)
    if term.longer_than is None:
        whole: Truth = per_patient(np.maximum, and_(occurs, overlap, holds), records, FALSE)
        return whole
    assert isinstance(term.longer_than, (int, float))
    # Days count from the first to the last, both included, and no further than the index date: the future has not been taken yet.
    last_day = 0 if newest == 0 else 1
    if term.counting is Counting.WINDOW:
        assert term.window is not None
        days = Intervals(
            _both_counted(np.minimum(start.days_lo, oldest), np.maximum(end.days_hi, last_day)),
            _both_counted(np.minimum(start.days_hi, oldest), np.maximum(end.days_lo, last_day)),
        )
    else:
        days = _course_days(term, records, start, end, and_(occurs, holds))
    rows = and_(occurs, overlap, above(days, float(term.longer_than)), holds)
    result: Truth = per_patient(np.maximum, rows, records, FALSE)
    return result


def _ends(records: Records) -> Times:
    """When each exposure ended; where nothing is known, at any time from its start on."""
    assert records.times is not None
    start = records.times
    if records.ends is None:
        open_end = np.full(records.rows, -UNDATED_DAYS)
        return Times(open_end, start.days_hi, open_end, start.months_hi)
    unknown = records.ends.days_lo == -UNDATED_DAYS
    return Times(
        records.ends.days_lo,
        np.where(unknown, start.days_hi, records.ends.days_hi),
        records.ends.months_lo,
        np.where(unknown, start.months_hi, records.ends.months_hi),
    )


def _course_days(term: Exposed, records: Records, start: Times, end: Times, taken: Truth) -> Intervals:
    """The length of the whole course each row belongs to; rows are joined where at most ``gap`` days lie between and all is certain."""
    lo = _both_counted(start.days_lo, np.maximum(end.days_hi, 0))
    hi = _both_counted(start.days_hi, np.maximum(end.days_lo, 0))
    if records.one_row_each:
        return Intervals(lo, hi)
    sure = (taken == TRUE) & (start.days_lo == start.days_hi) & (end.days_lo == end.days_hi)
    if sure.sum() < 2:
        return Intervals(lo, hi)
    assert isinstance(term.gap, (int, float))
    rows = np.flatnonzero(sure)
    owner, first, last = patient_of_row(records)[rows], start.days_lo[rows].astype(np.int64), np.maximum(end.days_lo[rows], 0).astype(np.int64)
    by_time = np.lexsort((-first, owner))  # each patient's oldest first
    owner, first, last, rows = owner[by_time], first[by_time], last[by_time], rows[by_time]
    # The running newest end within each patient: shifting every patient below the one before makes one minimum over all of them.
    shift = owner * (int(np.int64(UNDATED_DAYS)) * 2)
    reached = np.minimum.accumulate(last - shift) + shift
    new_course = np.ones(len(rows), bool)
    new_course[1:] = (owner[1:] != owner[:-1]) | (reached[:-1] - first[1:] - 1 > term.gap)
    course = np.cumsum(new_course) - 1
    length = _both_counted(first[new_course], np.minimum.reduceat(last, np.flatnonzero(new_course)))
    lo[rows] = hi[rows] = length[course]
    return Intervals(lo, hi)


def _both_counted(first: NDArray[Any], last: NDArray[Any]) -> Floats:
    """Days from the first to the last, given as days before the index date, both counted."""
    days: Floats = (first - last).astype(np.float64) + 1.0
    return days


# Visits


def visited(term: Visit, records: Records, holds: Truth, valued: Bools) -> Truth:
    """Whether the condition held at the latest visit, or at any visit, in the window; UNKNOWN without a visit. ``valued``: rows that hold a value."""
    window = rows_in(records.times, records.undated, records.rows, term.window)
    certain, possible = window.certain & valued, window.possible & valued
    some_certain = any_row(certain, records)
    if term.which is Which.ANY:
        rows = np.where(certain, holds, np.where(possible, np.minimum(holds, UNKNOWN), FALSE))
        best: Truth = per_patient(np.maximum, rows, records, FALSE)
        return np.where(some_certain, best, np.maximum(best, UNKNOWN)).astype(np.int8)
    exact = window.exact and (records.times is None or records.times.exact)
    if exact:
        row = _first_row(certain, records)
        return np.where(row < 0, UNKNOWN, holds[np.maximum(row, 0)] if len(holds) else UNKNOWN).astype(np.int8)
    worst: Truth = per_patient(np.minimum, np.where(possible, holds, TRUE), records, TRUE)
    best = not_(per_patient(np.minimum, np.where(possible, not_(holds), TRUE), records, TRUE))
    return np.where(some_certain & (worst == best), worst, UNKNOWN).astype(np.int8)
