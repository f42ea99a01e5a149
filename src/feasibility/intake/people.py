"""Who the patients are: identifiers, duplicates, index dates and ages."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.calendars import EPOCH
from feasibility.intake.converted import Ints, encoded, taken, text_of
from feasibility.intake.dates import NO_DAY, Dates
from feasibility.intake.places import Place, Rows, counted, rows_said, shown
from feasibility.intake.read import Table
from feasibility.problems import Problem, Unusable

Ids = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class People:
    """The patients of a file with one row each: ``kept`` are the records used (None: all)."""

    ids: Ids
    kept: NDArray[np.intp] | None
    problems: tuple[Problem, ...]


def identifiers(texts: pa.Array) -> pa.Array:
    """Identifiers as trimmed text; an empty one is null."""
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.fill_null(pc.equal(trimmed, ""), False), pa.scalar(None, pa.string()), trimmed)


def _numbered(column: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int64]]:
    """The distinct identifiers, and for each row which it has (-1: none)."""
    texts, which = encoded(column)
    again = identifiers(texts).dictionary_encode()  # trimming may make two the same
    codes = np.append(pc.fill_null(again.indices, -1).to_numpy(zero_copy_only=False), -1)
    return again.dictionary, codes[which].astype(np.int64)


def everyone_in(columns: Iterable[pa.ChunkedArray]) -> Ids:
    """The distinct identifiers of several columns, in the order in which they come."""
    seen: dict[str, None] = {}
    for column in columns:
        seen |= dict.fromkeys(_numbered(column)[0].to_pylist())
    return np.array(list(seen), dtype=object)


def people(table: Table, columns: Map[str, pa.ChunkedArray], patient: str) -> People:
    """The patients of a one-row-a-patient file: rows without an identifier and further rows of a patient are set aside."""
    texts, codes = _numbered(columns[patient])
    problems: list[Problem] = []
    place = Place("", patient, table.file_rows())
    blank = np.flatnonzero(codes < 0)
    if len(blank):
        problems.append(place.cells("error", blank, f"{counted(len(blank), 'row')} without a patient identifier set aside.", "Fill in the identifier."))
    distinct_ids = len(texts)
    if distinct_ids == 0:
        raise Unusable([Problem("error", f"column {shown(patient)}", "no row has a patient identifier.", "Choose the column that identifies the patients.")])
    if distinct_ids + len(blank) == len(codes):
        kept = None if not len(blank) else np.flatnonzero(codes >= 0)
    else:
        first = np.full(distinct_ids, -1, np.int64)
        first[codes[codes >= 0][::-1]] = np.flatnonzero(codes >= 0)[::-1]
        kept = np.sort(first)
        later = np.setdiff1d(np.flatnonzero(codes >= 0), kept)
        problems += _duplicates(columns, patient, later, first[codes[later]], place)
    used = codes if kept is None else codes[kept]
    names: Ids = texts.to_numpy(zero_copy_only=False).astype(object, copy=False)
    in_order = len(used) == len(names) and bool(np.all(used[1:] > used[:-1]))
    return People(names if in_order else names[used], kept, tuple(problems))


def those_kept(columns: Map[str, pa.ChunkedArray], keep: Map[str, tuple[str, ...]], rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of the rows have, in every column of ``keep``, one of the cells given there; numbers are compared as numbers (1 is 1.0)."""
    kept = np.ones(len(rows), np.bool_)
    for column, cells in keep.items():
        texts, which = encoded(columns[column])
        wanted = {_comparable(cell) for cell in cells}
        among = np.array([*(_comparable(text) in wanted for text in texts.to_pylist()), _comparable("") in wanted])
        kept &= among[which[rows]]
    return kept


def _comparable(cell: str) -> str | float:
    try:
        return float(cell)
    except ValueError:
        return cell.strip().casefold()


def _duplicates(columns: Map[str, pa.ChunkedArray], patient: str, later: Rows, first: Rows, place: Place) -> list[Problem]:
    differ = np.zeros(len(later), np.bool_)
    for name, column in columns.items():
        if name != patient:
            one, other = (text_of(taken(column, rows)).fill_null("") for rows in (later, first))
            differ |= pc.not_equal(one, other).combine_chunks().to_numpy(zero_copy_only=False)
    problems = []
    if len(same := later[~differ]):
        message = f"{counted(len(same), 'row repeats', 'rows repeat')} another row of the patient word for word: used once."
        problems.append(place.cells("warning", same, message))
    if len(other_rows := later[differ]):
        message = (
            f"{counted(len(other_rows), 'further row', 'further rows')} of patients who have one already, with other values: "
            f"set aside, the first row of each patient is used ({rows_said(place.file_rows[np.unique(first[differ])])})."
        )
        remedy = "Keep one row a patient; repeated visits belong in repeated columns (up24_1, up24_2) or in a long table."
        problems.append(place.cells("error", other_rows, message, remedy))
    return problems


def one_date(day: date, patients: int) -> Ints:
    return np.full(patients, day.toordinal() - EPOCH, np.int32)


def first_and_last(days: Ints) -> tuple[date, date] | None:
    """The first and the last of some days; None where all are missing."""
    known = days[days != NO_DAY]
    return (date.fromordinal(int(known.min()) + EPOCH), date.fromordinal(int(known.max()) + EPOCH)) if len(known) else None


def index_days(dates: Dates, place: Place) -> tuple[Ints, list[Problem]]:
    """Each patient's index day, ``NO_DAY`` where it is missing or only partly known."""
    problems = list(dates.problems)
    days = dates.lo
    vague = dates.known & (dates.lo != dates.hi)
    if vague.any():
        rows = np.flatnonzero(vague)
        problems.append(place.cells("warning", rows, f"{counted(len(rows), 'index date')} without a day: not used.", "Give whole dates."))
        days = np.where(vague, NO_DAY, days).astype(np.int32)
    none = np.flatnonzero(days == NO_DAY)
    if len(none):
        message = f"{counted(len(none), 'patient has', 'patients have')} no index date: how long ago their records were is unknown."
        problems.append(place.cells("warning", none, message, "Fill in the index date, or give one date for all patients."))
    return days, problems
