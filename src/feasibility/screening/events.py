"""Events, exposures and visits in a window, over all patients at once; a truth value a patient.

Dates known only in part leave a truth UNKNOWN unless it holds whichever way they turn out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import UNDATED_DAYS, Days, Records, Times
from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Floats, Intervals, Truth, above, and_, between, not_
from feasibility.rules.nodes import At, Counting, Exposed, Occurred, Visit, Which, Window
from feasibility.screening.rows import (
    Rows,
    any_row,
    bounded,
    first_row,
    has_value,
    loose,
    per_patient,
    perhaps_latest,
    reach,
    rows_in,
)


def count(window: Rows, holds: Truth, records: Records) -> Intervals:
    """How many records lie in the window and hold: the certain ones, up to the possible ones."""
    lo = per_patient(np.add, (window.certain & (holds == TRUE)).astype(np.float64), records, 0.0)
    hi = per_patient(np.add, (window.possible & (holds != FALSE)).astype(np.float64), records, 0.0)
    return Intervals(lo, hi)


def event_times(term: Occurred, records: Records) -> Times | None:
    """The date of each event that counts for the term.

    An event still going on at the window's last day counts as of that day: what it did later is the future. An end of which nothing is known lies
    anywhere from the start on; for *later* only a recorded end counts.
    """
    start = records.times
    if start is None or term.at in (At.START, At.FIRST):
        return start
    end = records.ended
    newest = np.int32(0 if term.window is None or term.window.closed else 1)
    by_end = start.days_lo >= newest
    if term.at is At.LATER:
        by_end &= end.days_lo != -UNDATED_DAYS

    def last(ends: Days, starts: Days) -> Days:
        # In months too: the day before the index date lies one month back, reckoned as Times does.
        days: Days = np.where(by_end, np.maximum(ends, newest), starts)
        return days

    days_lo, months_lo = last(end.days_lo, start.days_lo), last(end.months_lo, start.months_lo)
    days_hi, months_hi = last(end.days_hi, start.days_hi), last(end.months_hi, start.months_hi)
    exact = bool((days_lo == days_hi).all())
    return Times(days_lo, days_lo, months_lo, months_lo) if exact else Times(days_lo, days_hi, months_lo, months_hi)


def occurrence(event: str, records: Records) -> Truth:
    """Whether each row's event occurred: TRUE, explicitly not or blank (FALSE), or recorded as not known."""
    values = records.fields[event]
    return between(values.lo >= 1, (values.hi >= 1) & has_value(values))


def occurred(term: Occurred, records: Records, taken: Truth) -> Truth:
    """Whether an event lies in the window, of the rows that are ``taken``."""
    times = event_times(term, records)
    window = rows_in(times, records.undated, records.rows, term.window)
    inside = _anywhere(and_(taken, between(window.certain, window.possible)), records)
    if term.at is not At.FIRST or not bounded(term.window) or times is None:
        return inside
    oldest, lo, hi = reach(times, term.window)
    return and_(inside, not_(_anywhere(and_(taken, between(lo > oldest, hi > oldest)), records)))


def exposed(term: Exposed, records: Records, taken: Truth) -> Truth:
    """Whether an exposure overlaps the window by at least a day and is long enough, of the rows that are ``taken``.

    Days count from the first to the last, both included, and no further than the window's last day: the future has not been taken yet.
    """
    overlap = overlapping(term, records)
    if records.times is None:
        long_enough = np.full(records.rows, TRUE if term.longer_than is None else UNKNOWN)
        return _anywhere(and_(taken, overlap, long_enough), records)
    if term.longer_than is None:
        return _anywhere(and_(taken, overlap), records)
    assert isinstance(term.longer_than, (int, float))
    assert isinstance(term.gap, (int, float))
    start, end = records.times, records.ended
    newest, oldest = _last_day(term.window), reach(end, term.window)[0]
    # As short as it can have been, and as long: what is certain with its latest start and earliest end, what is possible with the others.
    shortest = _Days(taken == TRUE, start.days_lo, np.maximum(end.days_hi, newest))
    longest = _Days(taken != FALSE, start.days_hi, np.maximum(end.days_lo, newest))
    if term.counting is Counting.WINDOW:
        days = Intervals(*(_days_inside(each, oldest, records) for each in (shortest, longest)))
        return above(days, term.longer_than)
    lengths = Intervals(*(_course_length(each, term.gap, records) for each in (shortest, longest)))
    return _anywhere(and_(taken, overlap, above(lengths, term.longer_than)), records)


def overlapping(term: Exposed, records: Records) -> Truth:
    """Whether each exposure overlaps the window by at least a day."""
    if records.times is None:
        window = rows_in(None, records.undated, records.rows, term.window)
        return between(window.certain, window.possible)
    start, newest = records.times, _last_day(term.window)
    oldest, end_lo, end_hi = reach(records.ended, term.window)
    certain = (start.days_lo >= newest) & (end_hi <= oldest) & (oldest >= newest)
    possible = (start.days_hi >= newest) & (end_lo <= oldest) & (oldest >= newest)
    return between(certain, possible)


def inside(term: Occurred | Exposed, records: Records) -> Truth:
    """Whether each row lies in the term's window: an exposure with any of its days."""
    if isinstance(term, Exposed):
        return overlapping(term, records)
    window = rows_in(event_times(term, records), records.undated, records.rows, term.window)
    return between(window.certain, window.possible)


def undated(records: Records) -> Bools:
    """The rows of which nothing is known of when it was, nor of when it ended."""
    if records.times is None:
        return np.ones(records.rows, bool)
    ended = np.zeros(records.rows, bool) if records.ends is None else records.ends.days_lo != -UNDATED_DAYS
    never: Bools = (records.times.days_hi >= UNDATED_DAYS) & ~ended
    return never


def open_for_want_of_a_date(term: Occurred | Exposed, records: Records) -> Bools:
    """The patients with an event that happened for certain, of which it is not known whether it lies in the window, for it has no date."""
    return any_row(undated(records) & (occurrence(term.event, records) == TRUE) & (inside(term, records) == UNKNOWN), records)


def _last_day(window: Window | None) -> int:
    """The last day of a window, in days before the index date."""
    return 1 if window is not None and not window.closed else 0


def _anywhere(rows: Truth, records: Records) -> Truth:
    result: Truth = per_patient(np.maximum, rows, records, FALSE)
    return result


@dataclass(frozen=True, eq=False)
class _Days:
    """Exposures by row: those that count, from their first to their last day, in days before the index date."""

    counts: Bools
    first: NDArray[np.int32]
    last: NDArray[np.int32]


def _course_length(exposures: _Days, gap: float, records: Records) -> Floats:
    """The length in days of the course each row belongs to: rows of a patient are joined where at most ``gap`` days lie between."""
    length = _both_counted(exposures.first, exposures.last)
    if records.one_row_each:
        return length
    rows, _, course, first, last = _courses(exposures, gap, records)
    length[rows] = _both_counted(first, last)[course]
    return length


def _days_inside(exposures: _Days, oldest: float, records: Records) -> Floats:
    """Each patient's days of exposure inside the window, a day counted once however many rows cover it."""
    first = np.minimum(exposures.first, UNDATED_DAYS if np.isinf(oldest) else np.int32(oldest))
    inside = _Days(exposures.counts & (first >= exposures.last), first, exposures.last)
    if records.one_row_each:
        return np.where(inside.counts, _both_counted(first, exposures.last), 0.0)
    _, owner, _, start, end = _courses(inside, 0.0, records)
    return np.bincount(owner, _both_counted(start, end), records.patients).astype(np.float64)


def _courses(exposures: _Days, gap: float, records: Records) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Exposures joined into courses: the rows joined, each course's patient, each row's course, each course's first and last day."""
    rows = np.flatnonzero(exposures.counts & (exposures.first >= exposures.last))
    owner, first, last = records.patient_of_row[rows], exposures.first[rows].astype(np.int64), exposures.last[rows].astype(np.int64)
    by_time = np.lexsort((-first, owner))  # each patient's oldest first
    owner, first, last, rows = owner[by_time], first[by_time], last[by_time], rows[by_time]
    # The running newest end within each patient: shifting every patient below the one before makes one minimum over all of them.
    shift = owner * (2 * int(UNDATED_DAYS) + 2)
    reached = np.minimum.accumulate(last - shift) + shift
    new = np.ones(len(rows), bool)
    new[1:] = (owner[1:] != owner[:-1]) | (reached[:-1] - first[1:] - 1 > gap)
    newest = np.minimum.reduceat(last, np.flatnonzero(new)) if len(rows) else last
    return rows, owner[new], np.cumsum(new) - 1, first[new], newest


def _both_counted(first: NDArray[Any], last: NDArray[Any]) -> Floats:
    """Days from the first to the last, given as days before the index date, both counted."""
    days: Floats = (first - last).astype(np.float64) + 1.0
    return days


def visited(term: Visit, records: Records, holds: Truth, window: Rows) -> Truth:
    """Whether the condition held at the latest visit, or at any visit, of those in the window; UNKNOWN without a visit."""
    some_certain = any_row(window.certain, records)
    if term.which is Which.ANY:
        rows = np.where(window.certain, holds, np.where(window.possible, np.minimum(holds, UNKNOWN), FALSE))
        best: Truth = per_patient(np.maximum, rows, records, FALSE)
        return np.where(some_certain, best, np.maximum(best, UNKNOWN)).astype(np.int8)
    row = first_row(window.certain, records)
    latest: Truth = np.where(row < 0, UNKNOWN, holds[np.maximum(row, 0)] if len(holds) else UNKNOWN).astype(np.int8)
    open_ = loose(window, records)
    if open_ is None:
        return latest
    rows = perhaps_latest(window, records)
    worst: Truth = per_patient(np.minimum, np.where(rows, holds, TRUE), records, TRUE)
    best = per_patient(np.maximum, np.where(rows, holds, FALSE), records, FALSE)
    agreed = np.where(some_certain & (worst == best), worst, UNKNOWN)
    return np.where(open_, agreed, latest).astype(np.int8)
