"""Days and calendar months before the index date, and ages at it."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import UNDATED_DAYS, Times
from feasibility.intake.calendars import FIRST_YEAR, LAST_YEAR
from feasibility.intake.converted import Ints
from feasibility.intake.dates import NO_DAY, Dates
from feasibility.logic import Bools, Floats, Intervals


@cache
def _calendar() -> tuple[int, Ints, NDArray[np.int8], NDArray[np.int8]]:
    """For each day from the first: its month counted from year 0, its day of the month, and the days of that month."""
    days = np.arange(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-01-01", dtype="datetime64[D]")
    months = days.astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[D]") - first).astype(np.int8)
    return int(days[0].astype(np.int64)), months.astype(np.int32), ((days - first).astype(np.int8) + 1).astype(np.int8), length


def months_before(index: Ints, days: Ints) -> Ints:
    """The least whole number m for which the index date minus m calendar months (month ends saturate) is on or before the day."""
    start, month, day_of_month, length = _calendar()
    at, of = index - start, days - start
    whole = month[at] - month[of]
    late = np.minimum(day_of_month[at], length[of]) > day_of_month[of]
    return (whole + late).astype(np.int32)


def times_before(index: Ints, dates: Dates) -> Times:
    """How long before the index date each date was. A missing date is at 0, for the caller to say what that means; a missing index date leaves all open."""
    no_index = index == NO_DAY
    known = dates.known & ~no_index
    if known.all():
        safe_index, first, last = index, dates.lo, dates.hi
    else:
        safe_index = np.where(known, index, 0).astype(np.int32)
        first = np.where(known, dates.lo, 0).astype(np.int32)
        last = first if dates.lo is dates.hi else np.where(known, dates.hi, 0).astype(np.int32)
    days, months = safe_index - last, months_before(safe_index, last)
    if dates.lo is dates.hi and not no_index.any():
        return Times(days, days, months, months)
    days_hi, months_hi = (days.copy(), months.copy()) if first is last else (safe_index - first, months_before(safe_index, first))
    open_rows = dates.known & no_index
    for lo, hi in ((days, days_hi), (months, months_hi)):
        lo[open_rows], hi[open_rows] = -UNDATED_DAYS, UNDATED_DAYS
    return Times(days, days_hi, months, months_hi)


def with_span(times: Times, rows: Bools, lo: int | np.int32 | Times, hi: int | np.int32 | Times) -> Times:
    """The times with another first and last end in some rows: a number of days and months, or those of other times."""
    days_lo, days_hi, months_lo, months_hi = times.days_lo.copy(), times.days_hi.copy(), times.months_lo.copy(), times.months_hi.copy()
    days_lo[rows] = lo.days_lo[rows] if isinstance(lo, Times) else lo
    months_lo[rows] = lo.months_lo[rows] if isinstance(lo, Times) else lo
    days_hi[rows] = hi.days_hi[rows] if isinstance(hi, Times) else hi
    months_hi[rows] = hi.months_hi[rows] if isinstance(hi, Times) else hi
    return Times(days_lo, days_hi, months_lo, months_hi)


def ages(index: Ints, birth: Dates) -> tuple[Intervals, Intervals]:
    """Completed years, and decimal years, at the index date; missing without a birth or an index date or if born after it.

    Decimal years are the completed ones and the part that has passed of the running year, from the last birthday to the next: whole on birthdays.
    Who was born on 29 February has the birthday on 1 March in other years.
    """
    known = birth.known & (index != NO_DAY) & (birth.hi <= index)
    at = np.where(known, index, 0).astype(np.int32)
    completed, exact = [], []
    for born in (birth.hi, birth.lo):
        day = np.where(known, born, 0).astype(np.int32)
        completed.append(_completed_years(at, day))
        exact.append(completed[-1] + _part_of_year(at, day, completed[-1]))
    return _open(completed[0], completed[1], known), _open(exact[0], exact[1], known)


def birthdays_since(index: Ints, days: Ints) -> tuple[Floats, Floats]:
    """How many birthdays somebody has had since so many days before the index date, at the least and at the most; fewer than none for days after it."""
    earlier, later = index - np.maximum(days, 0), index - np.minimum(days, 0)
    years = _completed_years(later, earlier)
    least, most = np.where(days > 0, years, -years - 1), np.where(days > 0, years + 1, -years)
    return np.where(days == 0, 0.0, least), np.where(days == 0, 0.0, most)


def _completed_years(index: Ints, born: Ints) -> Floats:
    start, month, day_of_month, _ = _calendar()
    at, of = index - start, born - start
    months = month[at] - month[of] - (day_of_month[at] < day_of_month[of])
    years: Floats = np.floor_divide(months, 12).astype(np.float64)
    return years


def _part_of_year(index: Ints, born: Ints, completed: Floats) -> Floats:
    last, following = (_birthday(born, completed + more) for more in (0, 1))
    part: Floats = (index - last) / (following - last)
    return part


def _birthday(born: Ints, years: Floats) -> NDArray[np.int64]:
    """The day on which that many years are completed."""
    start, month, day_of_month, _ = _calendar()
    months = (month[born - start] + 12 * years.astype(np.int64)).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64) + day_of_month[born - start] - 1


def _open(lo: Floats, hi: Floats, known: Bools) -> Intervals:
    if known.all() and (lo == hi).all():
        return Intervals(lo, lo)
    return Intervals(np.where(known, lo, -np.inf), np.where(known, hi, np.inf))
