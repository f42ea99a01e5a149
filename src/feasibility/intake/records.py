"""Readings of one record type from several columns or tables into one sorted array of records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import UNDATED_DAYS, Records, Times, Undated
from feasibility.intake.converted import has_value
from feasibility.intake.places import Place, counted
from feasibility.logic import Bools, Floats, Intervals, missing
from feasibility.problems import Detail, Found, Problem, Severity
from feasibility.units import round_significant
from feasibility.variables import Catalogue, Kind

Index = NDArray[np.intp]

IDENTICAL = "identical to another of the same day dropped"


@dataclass(frozen=True, eq=False)
class Block:
    """Readings of one record type from one place; ``patients`` is None where row p is patient p's.

    ``ordered`` says that undated readings still have an order, as numbered columns do and the rows of a long table do not.
    ``place`` is where they stand in the file, kept where readings of several rows are held against one another.
    """

    fields: dict[str, Intervals]
    patients: Index | None = None
    times: Times | None = None
    ends: Times | None = None
    undated: Undated = Undated.CURRENT
    ordered: bool = True
    place: Place | None = None

    @property
    def rows(self) -> int:
        return len(next(iter(self.fields.values())))


def without_blanks(block: Block) -> Block:
    """The rows of a block that hold any value."""
    kept = np.zeros(block.rows, np.bool_)
    for values in block.fields.values():
        kept |= has_value(values)
    return _taken(block, np.flatnonzero(kept))


def combine(record: str, blocks: Sequence[Block], patients: int, catalogue: Catalogue) -> tuple[Records, list[Problem]]:
    """All readings of a record type, newest first; without dates, later blocks come after earlier ones. Same-day readings of a measurement are averaged."""
    if len(blocks) == 1 and blocks[0].patients is None:
        block = blocks[0]
        return Records(patients, block.fields, None, block.times, block.undated, block.ends), []
    if not blocks or not sum(block.rows for block in blocks):
        fields = {name: missing(0) for block in blocks for name in block.fields} or {variable.name: missing(0) for variable in catalogue.fields_of(record)}
        return Records(patients, fields, np.zeros(patients + 1, np.int64), undated=blocks[0].undated if blocks else Undated.EVER), []
    whole = _joined([without_blanks(block) if block.patients is None else block for block in blocks])
    assert whole.patients is not None
    key = whole.patients.astype(np.int64) << 32
    if whole.times is not None:
        key += whole.times.days_lo.astype(np.int64) + 2**31
    if not np.all(key[1:] >= key[:-1]):
        whole = _taken(whole, np.argsort(key, kind="stable"))
    del key
    is_event = record in catalogue and catalogue[record].kind is Kind.EVENT
    by_patient = whole.times is None and not all(block.ordered for block in blocks)
    problems: list[Problem] = []
    if whole.times is not None or by_patient:
        whole, problems = _without_repeats(whole, record, catalogue) if is_event else _averaged(whole, record, catalogue)
    assert whole.patients is not None
    starts = np.zeros(patients + 1, np.int64)
    np.cumsum(np.bincount(whole.patients, minlength=patients), out=starts[1:])
    return Records(patients, whole.fields, starts, whole.times, whole.undated, whole.ends), problems


def _joined(blocks: Sequence[Block]) -> Block:
    names = list(dict.fromkeys(name for block in blocks for name in block.fields))
    dated = any(block.times is not None for block in blocks)
    ended = any(block.ends is not None for block in blocks)
    fields = {}
    for name in names:
        parts = [block.fields[name] if name in block.fields else missing(block.rows) for block in blocks]
        lo = np.concatenate([part.lo for part in parts])
        fields[name] = Intervals(lo, lo if all(part.exact for part in parts) else np.concatenate([part.hi for part in parts]))
    owners = np.concatenate([block.patients for block in blocks if block.patients is not None])
    times = _joined_times([block.times or _undated(block) for block in blocks]) if dated else None
    ends = _joined_times([block.ends or _constant(block.rows, -UNDATED_DAYS, UNDATED_DAYS) for block in blocks]) if ended else None
    return Block(fields, owners, times, ends, blocks[0].undated)


def _undated(block: Block) -> Times:
    """When undated records were, beside dated ones: now, within any window, or at any time."""
    if block.undated is Undated.EVER:
        return _constant(block.rows, 0, UNDATED_DAYS)
    day = 1 if block.undated is Undated.WITHIN else 0
    return _constant(block.rows, day, day)


def _constant(rows: int, lo: int | np.int32, hi: int | np.int32) -> Times:
    first = np.full(rows, lo, np.int32)
    last = first if lo == hi else np.full(rows, hi, np.int32)
    return Times(first, last, first, last)


def _joined_times(parts: Sequence[Times]) -> Times:
    days, months = (np.concatenate([getattr(part, name) for part in parts]) for name in ("days_lo", "months_lo"))
    if all(part.exact for part in parts):
        return Times(days, days, months, months)
    days_hi, months_hi = (np.concatenate([getattr(part, name) for part in parts]) for name in ("days_hi", "months_hi"))
    return Times(days, days_hi, months, months_hi)


def _taken(block: Block, rows: Index) -> Block:
    return Block(
        {name: _exact(values.take(rows)) for name, values in block.fields.items()},
        rows if block.patients is None else block.patients[rows],
        None if block.times is None else block.times.take(rows),
        None if block.ends is None else block.ends.take(rows),
        block.undated,
        block.ordered,
        None if block.place is None else replace(block.place, file_rows=block.place.file_rows[rows]),
    )


def _exact(values: Intervals) -> Intervals:
    """The same, with one array for both ends where all values are exactly known."""
    return values if values.exact or not bool((values.lo == values.hi).all()) else Intervals(values.lo, values.lo)


def _same_day_as_previous(block: Block) -> Bools:
    assert block.patients is not None
    same = np.zeros(block.rows, np.bool_)
    same[1:] = block.patients[1:] == block.patients[:-1]
    if block.times is not None:
        days, last = block.times.days_lo, block.times.days_hi
        same[1:] &= (days[1:] == days[:-1]) & (days[1:] == last[1:]) & (days[:-1] == last[:-1])
    return same


def _without_repeats(block: Block, record: str, catalogue: Catalogue) -> tuple[Block, list[Problem]]:
    """Events without those that say exactly what the one before says."""
    same = _same_day_as_previous(block)
    arrays: list[NDArray[np.float64] | NDArray[np.int32]] = [end for values in block.fields.values() for end in (values.lo, values.hi)]
    if block.ends is not None:
        arrays += [block.ends.days_lo, block.ends.days_hi]
    for array in arrays:
        same[1:] &= array[1:] == array[:-1]
    dropped = int(same.sum())
    if not dropped:
        return block, []
    detail = Detail(variable=record, found=Found.IDENTICAL, number=dropped, each=IDENTICAL)
    note = Problem("note", catalogue[record].label, f"{counted(dropped, 'record')} {IDENTICAL}.", detail=detail)
    return _taken(block, np.flatnonzero(~same)), [note]


def _averaged(block: Block, record: str, catalogue: Catalogue) -> tuple[Block, list[Problem]]:
    """One reading a patient and day: identical ones dropped, differing numbers averaged, differing categories left open."""
    same = _same_day_as_previous(block)
    if not same.any():
        return block, []
    crowded = same.copy()
    crowded[:-1] |= same[1:]
    inside = np.flatnonzero(crowded)
    groups = np.flatnonzero(~same[inside])  # first row of each crowded day, within ``inside``
    firsts = inside[groups]
    problems: list[Problem] = []
    fields: dict[str, Intervals] = {}
    keep = np.flatnonzero(~same)
    at = np.searchsorted(keep, firsts)
    for name, values in block.fields.items():
        lo, hi = values.lo[inside], values.hi[inside]
        merged, identical, differing = _merged(lo, hi, groups, catalogue[name].kind)
        kept = values.take(keep)
        exact = kept.exact and bool((merged.lo == merged.hi).all())
        new_lo, new_hi = kept.lo, kept.lo if exact else kept.hi.copy() if not kept.exact else kept.lo.copy()
        new_lo[at] = merged.lo
        new_hi[at] = merged.hi
        fields[name] = Intervals(new_lo, new_hi)
        label = catalogue[name].label
        if identical:
            detail = Detail(variable=name, found=Found.IDENTICAL, number=identical, each=IDENTICAL)
            problems.append(Problem("note", label, f"{counted(identical, 'reading')} {IDENTICAL}.", detail=detail))
        if differing:
            became = "averaged" if catalogue[name].kind is Kind.NUMBER else "left unknown"
            severity: Severity = "note" if catalogue[name].kind is Kind.NUMBER else "warning"
            detail = Detail(variable=name, found=Found.DIFFERING, number=differing, each=f"differing readings of one day: {became}")
            problems.append(Problem(severity, label, f"{counted(differing, 'patient-day')} with differing readings: {became}.", detail=detail))
    rest = _taken(Block({}, block.patients, block.times, block.ends, block.undated), keep) if block.fields else block
    return Block(fields, rest.patients, rest.times, rest.ends, rest.undated), problems


def _merged(lo: Floats, hi: Floats, groups: Index, kind: Kind) -> tuple[Intervals, int, int]:
    """One interval a group, with how many readings repeated another and in how many groups readings differed."""
    present = has_value(Intervals(lo, hi))
    number = np.add.reduceat(present, groups, dtype=np.int64)
    lowest = [np.minimum.reduceat(np.where(present, end, np.inf), groups) for end in (lo, hi)]
    highest = [np.maximum.reduceat(np.where(present, end, -np.inf), groups) for end in (lo, hi)]
    differ = (number > 1) & ((lowest[0] != highest[0]) | (lowest[1] != highest[1]))
    identical = int(np.sum(np.where((number > 1) & ~differ, number - 1, 0)))
    new_lo, new_hi = lowest[0], highest[1]  # all the same, or a category: what covers them all
    if kind is Kind.NUMBER and differ.any():
        for new, end in ((new_lo, lo), (new_hi, hi)):
            mean = np.add.reduceat(np.where(present, end, 0.0), groups) / np.maximum(number, 1)
            new[differ] = round_significant(mean[differ])
    new_lo[number == 0], new_hi[number == 0] = -np.inf, np.inf
    return Intervals(new_lo, new_hi), identical, int(differ.sum())
