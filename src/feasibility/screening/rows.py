"""Which records lie in a window, and from records to patients.

Rows are sorted by patient, newest first. A date known only in part makes a row's place in the window possible without being certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import UNDATED_DAYS, Records, Times, Undated
from feasibility.logic import Bools, Intervals, missing
from feasibility.rules.nodes import Window

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
    oldest, lo, hi = reach(times, window)
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


def reach(times: Times, window: Window | None) -> tuple[float, NDArray[np.int32], NDArray[np.int32]]:
    """The window's length and how far back each row lies, in the window's own unit."""
    if window is None:
        return np.inf, times.days_lo, times.days_hi
    assert isinstance(window.length, (int, float))
    if window.unit == "days":
        return window.length, times.days_lo, times.days_hi
    return window.length * MONTHS_PER[window.unit], times.months_lo, times.months_hi


def has_value(values: Intervals) -> Bools:
    """Rows about which anything is known."""
    return values.something_known


def valued(window: Rows, values: Intervals) -> Rows:
    """Of the rows in the window, those that hold a value: a blank cell is no record."""
    if values.exact:
        return window
    filled = has_value(values)
    certain = window.certain & filled
    return Rows(certain, certain if window.exact else window.possible & filled)


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


def loose(window: Rows, records: Records) -> Bools | None:
    """Patients some of whose dates leave a row's place in the window, or the order of rows, open; None if there are none."""
    if window.exact and (records.times is None or records.times.exact):
        return None
    rows = window.possible & ~window.certain
    if records.times is not None:
        rows |= window.possible & (records.times.days_lo != records.times.days_hi)
    patients = any_row(rows, records)
    return patients if patients.any() else None


def perhaps_latest(window: Rows, records: Records) -> Bools:
    """Rows that may be the latest in the window: no row that is certainly in it is certainly newer."""
    if records.times is None:
        return window.possible
    newest = per_patient(np.minimum, np.where(window.certain, records.times.days_hi, UNDATED_DAYS), records, UNDATED_DAYS)
    rows: Bools = window.possible & (records.times.days_lo <= newest[records.patient_of_row])
    return rows


def first_row(rows: Bools, records: Records) -> NDArray[np.int64]:
    """The first row of each patient that is marked; -1 where none is."""
    if records.starts is None:
        return np.where(rows, np.arange(records.patients), -1)
    return next_row(rows, records, records.starts[:-1])


def next_row(rows: Bools, records: Records, start: NDArray[np.int64], days: NDArray[Any] | None = None) -> NDArray[np.int64]:
    """From ``start`` on, the first row of each patient that is marked and, with ``days``, lies at least so many days back; -1 where none does.

    Most patients are done at their first row, so walking on with the others beats looking at every row.
    """
    assert records.starts is not None
    end, row = records.starts[1:], start.copy()
    searching = np.flatnonzero(row < end)
    while len(searching):
        at = row[searching]
        found = rows[at]
        if days is not None and records.times is not None:
            found &= records.times.days_lo[at] >= days[searching]
        searching = searching[~found]
        row[searching] += 1
        searching = searching[row[searching] < end[searching]]
    return np.where(row < end, row, -1)


def days_of(row: NDArray[np.int64], records: Records) -> NDArray[np.int32]:
    """How many days back each patient's row lies; of no meaning where the row is -1."""
    assert records.times is not None
    days: NDArray[np.int32] = records.times.days_lo[np.maximum(row, 0)]
    return days


def last_row(rows: Bools, records: Records) -> NDArray[np.int64]:
    if records.starts is None:
        return np.where(rows, np.arange(records.patients), -1)
    last: NDArray[np.int64] = per_patient(np.maximum, np.where(rows, np.arange(records.rows), -1), records, -1)
    return last


def first_value(values: Intervals, rows: Bools, records: Records) -> Intervals:
    """The value in the first row of each patient that is marked; missing where none is."""
    if records.starts is None:
        return Intervals(np.where(rows, values.lo, -np.inf), np.where(rows, values.hi, np.inf))
    return taken_at(values, first_row(rows, records))


def taken_at(values: Intervals, rows: NDArray[np.int64]) -> Intervals:
    """The values at the rows; missing where the row is -1."""
    none = rows < 0
    if not len(values.lo):
        return missing(len(rows))
    picked = values.take(np.maximum(rows, 0))
    if not none.any():
        return picked
    lo, hi = picked.lo, picked.hi.copy() if picked.exact else picked.hi
    lo[none], hi[none] = -np.inf, np.inf
    return Intervals(lo, hi)
