"""Who the patients are: identifiers, duplicates, index dates and ages."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.converted import Ints, text_of
from feasibility.intake.dates import EPOCH, NO_DAY, Dates
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


def identifiers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Identifiers as trimmed text; an empty one is null."""
    text = pc.utf8_trim_whitespace(text_of(column))
    return pc.if_else(pc.fill_null(pc.equal(text, ""), False), pa.scalar(None, pa.string()), text)


def people(table: Table, columns: Map[str, pa.ChunkedArray], patient: str) -> People:
    """The patients of a one-row-a-patient file: rows without an identifier and further rows of a patient are set aside."""
    ids = identifiers(columns[patient])
    problems: list[Problem] = []
    place = Place("", patient, table.file_rows())
    encoded = ids.combine_chunks().dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    blank = np.flatnonzero(codes < 0)
    if len(blank):
        problems.append(place.cells("error", blank, f"{counted(len(blank), 'row')} without a patient identifier set aside.", "Fill in the identifier."))
    distinct_ids = len(encoded.dictionary)
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
    names: Ids = ids.combine_chunks().to_numpy(zero_copy_only=False) if kept is None else ids.take(pa.array(kept)).combine_chunks().to_numpy(zero_copy_only=False)
    return People(names.astype(object), kept, tuple(problems))


def _duplicates(columns: Map[str, pa.ChunkedArray], patient: str, later: Rows, first: Rows, place: Place) -> list[Problem]:
    differ = np.zeros(len(later), np.bool_)
    for name, column in columns.items():
        if name != patient:
            one, other = (text_of(column.take(pa.array(rows))).fill_null("") for rows in (later, first))
            differ |= pc.not_equal(one, other).combine_chunks().to_numpy(zero_copy_only=False)
    problems = []
    if len(same := later[~differ]):
        problems.append(place.cells("warning", same, f"{counted(len(same), 'row repeats', 'rows repeat')} another row of the patient word for word: used once."))
    if len(other_rows := later[differ]):
        message = (
            f"{counted(len(other_rows), 'further row', 'further rows')} of patients who have one already, with other values: "
            f"set aside, the first row of each patient is used ({rows_said(place.file_rows[np.unique(first[differ])])})."
        )
        remedy = "Keep one row a patient; repeated visits belong in repeated columns (up24_1, up24_2) or in a long table (patient_id, variable, value, unit, date)."
        problems.append(place.cells("error", other_rows, message, remedy))
    return problems


def one_date(day: date, patients: int) -> Ints:
    return np.full(patients, day.toordinal() - EPOCH, np.int32)


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
