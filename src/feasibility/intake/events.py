"""One event's columns – flag, start, end, fields – into one block of records that says what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from feasibility.cohort import UNDATED_DAYS, Times, Undated
from feasibility.intake.converted import Converted, Ints, has_value
from feasibility.intake.dates import Dates
from feasibility.intake.mapping import BlankEnd
from feasibility.intake.places import Place, counted
from feasibility.intake.records import Block
from feasibility.intake.times import times_before, with_span
from feasibility.logic import Bools, Intervals
from feasibility.problems import Found, Problem, Severity
from feasibility.variables import Variable

NEGATIVE_LABELS = ("no", "none", "negative")


@dataclass(frozen=True, eq=False)
class EventColumns:
    """What was read of one event (one of its repeats) for each row; ``place`` is of the column that says most about it."""

    variable: Variable
    place: Place
    flag: Converted | None
    start: Dates | None
    end: Dates | None
    fields: dict[str, tuple[Variable, Converted]]
    undated: Undated
    blank_end: BlankEnd


def event_block(event: EventColumns, index: Ints) -> tuple[Block, list[Problem]]:
    """The records of an event: it occurred where it is flagged, dated or described; flagged no and dated, it is not known whether it did."""
    rows = len(index)
    problems: list[Problem] = []
    dated = _any(rows, event.start) | _any(rows, event.end)
    described = np.zeros(rows, np.bool_)
    for variable, field in event.fields.values():
        described |= _says_something(variable, field.values)
    lo, hi = np.full(rows, -np.inf), np.full(rows, np.inf)
    if event.flag is not None:
        lo, hi = event.flag.values.lo.copy(), event.flag.values.hi.copy()
    no, yes = hi == 0, lo == 1
    doubtful = np.zeros(rows, np.bool_)
    for part in (event.flag, event.start, event.end):
        if part is not None and part.unreadable is not None:
            doubtful |= part.unreadable
    said = "flagged as not occurred, but dated: whether it occurred is taken as unknown."
    _say(problems, event, no & dated, "error", said, "Correct the flag or the date.", Found.DENIED)
    stray = described & ~dated & ~no & ~yes
    if event.flag is not None or event.start is not None or event.end is not None:
        _say(problems, event, stray, "warning", "described without a date or flag: taken as occurred, at an unknown time.", "Fill in the date.")
    occurred = (dated | described) & ~no
    if event.flag is not None and event.flag.unreadable is not None:  # it may have said that it did not
        occurred &= ~event.flag.unreadable
    lo[occurred], hi[occurred] = 1.0, 1.0
    unsure = (no & dated) | (doubtful & ~occurred & ~yes)
    lo[unsure], hi[unsure] = 0.0, 1.0
    possible = hi == 1
    own = Intervals(lo, lo if bool((lo == hi).all()) else hi)
    fields = {event.variable.name: own} | {name: field.values for name, (_, field) in event.fields.items()}
    if event.start is None and event.end is None:
        return Block(fields, undated=event.undated), problems
    times, ends = _times(event, index, possible, problems)
    return Block(fields, None, times, ends, event.undated), problems


def _any(rows: int, dates: Dates | None) -> Bools:
    return np.zeros(rows, np.bool_) if dates is None else dates.known


def _says_something(variable: Variable, values: Intervals) -> Bools:
    """Where a field holds anything but "no" or "none"."""
    said = has_value(values)
    for label in NEGATIVE_LABELS:
        if label in variable.values:
            lo, hi = variable.values[label]
            said &= ~((values.lo == lo) & (values.hi == hi))
    return said


def _say(
    problems: list[Problem], event: EventColumns, rows: Bools, severity: Severity, message: str, remedy: str, found: Found | None = None
) -> None:
    at = np.flatnonzero(rows)
    if len(at):
        said = f"{event.variable.label}: {counted(len(at), 'record')} {message}"
        problems.append(replace(event.place, variable=event.variable.name).cells(severity, at, said, remedy, found=found, each=message.rstrip(".")))


def without_dates(variable: Variable) -> Undated:
    """What a record of an event without a date means, unless the mapping says otherwise."""
    return Undated.WITHIN if variable.current else Undated.EVER


def _times(event: EventColumns, index: Ints, possible: Bools, problems: list[Problem]) -> tuple[Times, Times | None]:
    start = None if event.start is None else times_before(index, event.start)
    end = None if event.end is None else times_before(index, event.end)
    started, ended = _any(len(index), event.start), _any(len(index), event.end)
    if start is None:
        assert end is not None
        start = end
    no_start = possible & ~started
    if no_start.any():
        within = event.undated is Undated.WITHIN
        start = with_span(start, no_start & ~ended, 1 if within else 0, 1 if within else UNDATED_DAYS)
        if end is not None:
            start = with_span(start, no_start & ended, end, UNDATED_DAYS)
    unreadable = event.start.unreadable if event.start is not None else None
    if unreadable is not None:
        start = with_span(start, unreadable & ~started, -UNDATED_DAYS, UNDATED_DAYS)
    if end is None:
        return start, None
    backwards = started & ended & (end.days_lo > start.days_hi)
    _say(problems, event, backwards, "warning", "end before they start: the end is taken as unknown.", "Correct the dates.", Found.BACKWARDS)
    blank = possible & (~ended | backwards)
    if event.blank_end is BlankEnd.ONGOING:
        return start, with_span(end, blank, 1 - UNDATED_DAYS, -1)
    return start, with_span(end, blank, -UNDATED_DAYS, start)
