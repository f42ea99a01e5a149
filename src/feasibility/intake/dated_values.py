"""When values were, whether their dates stand in a column or in the rows of a long table: without a date, with one that cannot be read, or too late."""

from __future__ import annotations

import numpy as np

from feasibility.cohort import UNDATED_DAYS, Times
from feasibility.intake.converted import Ints
from feasibility.intake.dates import NO_DAY, Dates
from feasibility.intake.places import Place, counted
from feasibility.intake.times import with_span
from feasibility.logic import Bools
from feasibility.problems import Found, Problem

AFTER = "after the index date: kept, and outside every window before it"


def times_of(filled: Bools, times: Times, dates: Dates, what: str, place: Place) -> tuple[Times, list[Problem]]:
    """The times of the rows ``filled`` with a value: with a date that cannot be read it may be of any day, without one it is current, and that is said."""
    blank = filled & ~dates.known
    if dates.unreadable is not None:
        unread = filled & dates.unreadable
        blank &= ~unread
        times = with_span(times, unread, -UNDATED_DAYS, UNDATED_DAYS) if unread.any() else times
    rows = np.flatnonzero(blank)
    if not len(rows):
        return times, []
    message = f"{counted(len(rows), 'value')} of {what} without a date: taken as current at the index date."
    return times, [place.cells("warning", rows, message, "Fill in the date.")]


def said_after(index: Ints, dates: Dates, one: str, many: str, place: Place) -> list[Problem]:
    """Which of the dates are after the index date; ``one`` and ``many`` are what is dated."""
    after = np.flatnonzero(dates.known & (dates.lo > index) & (index != NO_DAY))
    if not len(after):
        return []
    texts, expected = dates.said(after), "a date up to the index date"
    said = f"{counted(len(after), one, many)} {AFTER}."
    return [place.cells("note", after, said, found=Found.AFTER_INDEX, values=texts, each=AFTER, expected=expected)]
