"""Ages as files give them – once, or once a visit – and what they are at the index date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import UNDATED_DAYS
from feasibility.intake.converted import Ints, has_value
from feasibility.intake.dates import NO_DAY
from feasibility.intake.places import counted
from feasibility.intake.records import Block
from feasibility.intake.times import birthdays_since
from feasibility.logic import Bools, Floats, Intervals
from feasibility.problems import Problem

AGE = "age"


@dataclass(frozen=True, eq=False)
class _Span:
    """Of each row or patient the completed years, and the decimal ones, at the index date."""

    whole: Intervals
    exact: Intervals

    @property
    def ends(self) -> tuple[tuple[Floats, Floats], ...]:
        return (self.whole.lo, self.whole.hi), (self.exact.lo, self.exact.hi)


def from_years(years: Intervals, problems: list[Problem]) -> tuple[Intervals, Intervals]:
    """Completed years and the decimal years they leave open, from ages as given; where some have decimals, all are taken as decimal years."""
    known = np.isfinite(years.lo) & (years.lo == years.hi)
    whole_lo, whole_hi = np.floor(years.lo), np.floor(years.hi)
    if bool(np.any(known & (years.lo != whole_lo))):
        problems.append(Problem("note", "age", "ages have decimals: completed years are used, and the decimal age where the protocol asks for it."))
        return Intervals(whole_lo, whole_hi), years
    return years, Intervals(years.lo, _up_to_next(years.hi))


def ages_at_index(given: Sequence[Block], index: Ints, problems: list[Problem]) -> tuple[Intervals, Intervals]:
    """Completed and decimal years at the index date, from ages of several rows.

    An age beside a date is the age on that day: by the index date it has grown by the whole years since then, or by one more. What several rows say together
    holds; where they contradict one another, the latest does. Differing ages without dates leave open which is right.
    """
    rows = [np.arange(len(index)) if block.patients is None else block.patients for block in given]
    owner = np.concatenate(rows)
    lo, hi = (np.concatenate([getattr(block.fields[AGE], end) for block in given]) for end in ("lo", "hi"))
    stated = Intervals(lo, hi)
    days_lo, days_hi = (_days(given, end) for end in ("days_lo", "days_hi"))
    dated = np.concatenate([np.full(block.rows, block.times is not None) for block in given])
    spans = _at_index(*from_years(stated, problems), index[owner], days_lo, days_hi)
    undated = ~dated & has_value(stated)
    spans, differing = _together(spans, owner, undated, len(index))
    narrowed, apart = _narrowed(spans, owner, days_lo, len(index))
    _say(given, owner, stated, differing, "differ and have no dates: taken as anywhere from the lowest to the highest", problems)
    _say(given, owner, stated, apart[owner] & has_value(stated), "cannot all be true on their days: the latest is used", problems)
    return narrowed.whole, narrowed.exact


def _days(given: Sequence[Block], end: str) -> Ints:
    days: Ints = np.concatenate([np.zeros(block.rows, np.int32) if block.times is None else getattr(block.times, end) for block in given])
    return days


def _at_index(whole: Intervals, exact: Intervals, index: Ints, days_lo: Ints, days_hi: Ints) -> _Span:
    """Ages some days before the index date as they are at it; of an age on a day that is not known nothing follows."""
    known = (days_lo > -UNDATED_DAYS) & (days_hi < UNDATED_DAYS) & ((index != NO_DAY) | (days_lo == days_hi))
    safe_index = np.where(index != NO_DAY, index, 0).astype(np.int32)
    least, _ = birthdays_since(safe_index, np.where(known, days_lo, 0))
    _, most = birthdays_since(safe_index, np.where(known, days_hi, 0))
    least, most = np.where(known, least, -np.inf), np.where(known, most, np.inf)
    lo, hi = whole.lo + least, whole.hi + most
    grown = (least != 0) | (most != 0)
    return _Span(Intervals(lo, hi), Intervals(np.where(grown, lo, exact.lo), np.where(grown, _up_to_next(hi), exact.hi)))


def _together(spans: _Span, owner: NDArray[np.intp], undated: Bools, patients: int) -> tuple[_Span, Bools]:
    """With the undated ages of a patient as one that covers them all, and which rows have another age than that."""
    differing = np.zeros(len(owner), np.bool_)
    covering = []
    for lo, hi in spans.ends:
        lowest, highest = np.full(patients, np.inf), np.full(patients, -np.inf)
        np.minimum.at(lowest, owner[undated], lo[undated])
        np.maximum.at(highest, owner[undated], hi[undated])
        covers = np.where(undated, lowest[owner], lo), np.where(undated, highest[owner], hi)
        differing |= (covers[0] != lo) | (covers[1] != hi)
        covering.append(Intervals(*covers))
    return _Span(*covering), differing


def _narrowed(spans: _Span, owner: NDArray[np.intp], days: Ints, patients: int) -> tuple[_Span, Bools]:
    """What all rows of a patient say together, and of which patients they contradict one another."""
    ends = [(np.full(patients, -np.inf), np.full(patients, np.inf)) for _ in spans.ends]
    for (lo, hi), (row_lo, row_hi) in zip(ends, spans.ends, strict=True):
        np.maximum.at(lo, owner, row_lo)
        np.minimum.at(hi, owner, row_hi)
    apart = np.logical_or.reduce([lo > hi for lo, hi in ends])
    some = np.flatnonzero(apart[owner] & has_value(spans.whole))
    in_order = some[np.lexsort((days[some], owner[some]))]
    latest = in_order[np.unique(owner[in_order], return_index=True)[1]]
    for (lo, hi), (row_lo, row_hi) in zip(ends, spans.ends, strict=True):
        lo[owner[latest]], hi[owner[latest]] = row_lo[latest], row_hi[latest]
    whole, exact = (Intervals(lo, lo if bool((lo == hi).all()) else hi) for lo, hi in ends)
    return _Span(whole, exact), apart


def _say(given: Sequence[Block], owner: NDArray[np.intp], stated: Intervals, wrong: Bools, what: str, problems: list[Problem]) -> None:
    """A problem in each table with ages that do not go together."""
    start = 0
    for block in given:
        rows = np.flatnonzero(wrong[start : start + block.rows])
        if len(rows) and block.place is not None:
            people = len(np.unique(owner[start + rows]))
            message = f"{counted(len(rows), 'age')} of {counted(people, 'patient')} {what}."
            ends = stated.lo[start + rows], stated.hi[start + rows]
            ages = [f"{age:g}" for age in np.where(np.isfinite(ends[0]), *ends).tolist()]
            problems.append(block.place.cells("warning", rows, message, "Correct the ages, or give dates of birth.", values=ages, each=what))
        start += block.rows


def _up_to_next(years: Floats) -> Floats:
    """The last moment before one more year is completed."""
    return np.where(np.isfinite(years), np.nextafter(years + 1, years), years)
