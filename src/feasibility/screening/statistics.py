"""Statistics of a variable's values in a window, over all patients at once.

Where dates are known only in part the result is the interval that holds whichever way they turn out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Records
from feasibility.logic import Bools, Floats, Intervals
from feasibility.rules.nodes import Pick, Statistic
from feasibility.screening.rows import (
    Rows,
    any_row,
    days_of,
    first_row,
    first_value,
    last_row,
    loose,
    next_row,
    per_patient,
    perhaps_latest,
    rows_in,
    taken_at,
    valued,
)
from feasibility.units import round_significant


def pick(term: Pick, records: Records) -> Intervals:
    """A statistic of a variable's values in a window, for every patient; missing where no record lies in it."""
    values = records.fields[term.variable]
    window = valued(rows_in(records.times, records.undated, records.rows, term.window), values)
    if records.one_row_each and window.exact and window.certain.all() and term.last in (None, 1) and term.statistic is not Statistic.GEOMETRIC_MEAN:
        return values  # of one value each statistic is the value; but a geometric mean is never below zero
    result = STATISTICS[term.statistic](records, values, window) if term.last is None else _of_last(term, records, values, window)
    open_ = loose(window, records)
    return result if open_ is None else _whichever_dates(term, records, values, window, result, open_)


def _latest(records: Records, values: Intervals, window: Rows) -> Intervals:
    return first_value(values, window.certain, records)


def _earliest(records: Records, values: Intervals, window: Rows) -> Intervals:
    return taken_at(values, last_row(window.certain, records))


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
    patients = records.patient_of_row[window.certain]
    number = np.bincount(patients, minlength=records.patients)
    first = np.concatenate([[0], np.cumsum(number)[:-1]])

    def median(ends: Floats) -> Floats:
        inside, found = ends[window.certain], np.zeros(records.patients)
        for size in np.unique(number[number > 0]).tolist():
            some = np.flatnonzero(number == size)
            ordered = np.sort(inside[first[some, None] + np.arange(size)], axis=1)
            found[some] = (ordered[:, (size - 1) // 2] + ordered[:, size // 2]) / 2
        return round_significant(found)

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


def fewer_than_asked(term: Pick, records: Records) -> Bools:
    """The patients who certainly have fewer values than the last n that are asked for, as far apart; whose dates leave it open are not among them."""
    window = valued(rows_in(records.times, records.undated, records.rows, term.window), records.fields[term.variable])
    *_, last = _last_rows(term, records, window)
    open_ = loose(window, records)
    return last < 0 if open_ is None else (last < 0) & ~open_


def _last_rows(term: Pick, records: Records, window: Rows) -> Iterator[NDArray[np.int64]]:
    """The rows of the last n values, greedily at least ``apart`` days apart from the latest backwards; −1 where there is none.

    Once one is farther from the latest than ``span`` days, it and those before it are absent.
    """
    assert isinstance(term.last, (int, float))
    apart = 0.0 if term.apart is None else term.apart
    assert isinstance(apart, (int, float))
    assert term.span is None or isinstance(term.span, (int, float))
    row = latest = first_row(window.certain, records)
    yield row
    for _ in range(int(term.last) - 1):
        if records.starts is None:
            row = np.full(records.patients, -1)
        else:
            start = np.where(row < 0, records.starts[1:], row + 1)
            # Without dates there is nothing to tell the records apart by: they count in the order they stand.
            days = None if records.times is None or not records.rows else days_of(row, records) + apart
            row = next_row(window.certain, records, start, days)
            if days is not None and term.span is not None:
                row = np.where((row >= 0) & (days_of(row, records) - days_of(latest, records) > term.span), -1, row)
        yield row


def _of_last(term: Pick, records: Records, values: Intervals, window: Rows) -> Intervals:
    """The statistic of the last n values; absent ones are missing."""
    chosen = [taken_at(values, row) for row in _last_rows(term, records, window)]
    match term.statistic:
        case Statistic.LOWEST | Statistic.HIGHEST:
            assert isinstance(term.rank, (int, float))
            rank = min(int(term.rank), len(chosen))
            from_below = rank if term.statistic is Statistic.LOWEST else len(chosen) + 1 - rank
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


def _whichever_dates(term: Pick, records: Records, values: Intervals, window: Rows, result: Intervals, open_: Bools) -> Intervals:
    """The result widened for the patients whose dates leave it open which rows it is of."""
    rows = perhaps_latest(window, records) if term.statistic is Statistic.LATEST else window.possible
    lo: Floats = per_patient(np.minimum, np.where(rows, values.lo, np.inf), records, np.inf)
    hi: Floats = per_patient(np.maximum, np.where(rows, values.hi, -np.inf), records, -np.inf)
    if term.last is not None:
        # Some of the last n may be missing: only the extreme among them is bounded, and only from one side.
        lo = lo if term.statistic is Statistic.HIGHEST and term.rank == 1 else np.full_like(lo, -np.inf)
        hi = hi if term.statistic is Statistic.LOWEST and term.rank == 1 else np.full_like(hi, np.inf)
    elif term.statistic is Statistic.LOWEST:
        hi = per_patient(np.minimum, np.where(window.certain, values.hi, np.inf), records, np.inf)
    elif term.statistic is Statistic.HIGHEST:
        lo = per_patient(np.maximum, np.where(window.certain, values.lo, -np.inf), records, -np.inf)
    some = any_row(window.certain, records)
    lo, hi = np.where(some, lo, -np.inf), np.where(some, hi, np.inf)
    return Intervals(np.where(open_, lo, result.lo), np.where(open_, hi, result.hi))
