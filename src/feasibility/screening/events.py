"""Events, exposures and visits in a window, over all patients at once; a truth value a patient.

Dates known only in part leave a truth UNKNOWN unless it holds whichever way they turn out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import UNDATED_DAYS, Records, Times
from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Floats, Intervals, Truth, above, and_, between, not_
from feasibility.rules.nodes import At, Counting, Exposed, Occurred, Visit, Which
from feasibility.screening.rows import Rows, any_row, first_row, has_value, patient_of_row, per_patient, reach, rows_in


def count(window: Rows, holds: Truth, records: Records) -> Intervals:
    """How many records lie in the window and hold: the certain ones, up to the possible ones."""
    lo = per_patient(np.add, (window.certain & (holds == TRUE)).astype(np.float64), records, 0.0)
    hi = per_patient(np.add, (window.possible & (holds != FALSE)).astype(np.float64), records, 0.0)
    return Intervals(lo, hi)


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
    oldest, end_lo, end_hi = reach(end, term.window)
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
        row = first_row(certain, records)
        return np.where(row < 0, UNKNOWN, holds[np.maximum(row, 0)] if len(holds) else UNKNOWN).astype(np.int8)
    worst: Truth = per_patient(np.minimum, np.where(possible, holds, TRUE), records, TRUE)
    best = not_(per_patient(np.minimum, np.where(possible, not_(holds), TRUE), records, TRUE))
    return np.where(some_certain & (worst == best), worst, UNKNOWN).astype(np.int8)
