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

from feasibility.cohort import Sites
from feasibility.intake.calendars import EPOCH
from feasibility.intake.converted import Ints, cell_texts, encoded, taken, text_of
from feasibility.intake.dates import NO_DAY, Dates
from feasibility.intake.files.table import Table
from feasibility.intake.places import Place, Rows, counted, rows_said, shown
from feasibility.problems import MOST_CELLS, Found, Problem, Unusable

Ids = NDArray[np.object_]

MOST_SITES = 500


@dataclass(frozen=True, eq=False)
class People:
    """The patients of a table: ``kept`` are the rows used (None: all), ``owner`` whose each of them is, by place in ``ids`` (None: row p is patient p's)."""

    ids: Ids
    kept: NDArray[np.intp] | None
    problems: tuple[Problem, ...]
    owner: NDArray[np.intp] | None = None


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


def people(table: Table, columns: Map[str, pa.ChunkedArray], patient: str, dated: bool = False) -> People:
    """The patients of a table. Rows without an identifier are set aside, and so are further rows of a patient, unless rows are ``dated``."""
    texts, codes = _numbered(columns[patient])
    problems: list[Problem] = []
    place = Place("", patient, table.file_rows())
    blank = np.flatnonzero(codes < 0)
    if len(blank):
        message, each = f"{counted(len(blank), 'row')} without a patient identifier set aside.", "no patient identifier: set aside"
        problems.append(place.cells("error", blank, message, "Fill in the identifier.", found=Found.NO_PATIENT, each=each))
    distinct_ids = len(texts)
    if distinct_ids == 0:
        where = f"{shown(table.name)}, column {shown(patient)}"
        raise Unusable([Problem("error", where, "no row has a patient identifier.", "Choose the column that identifies the patients.")])
    names: Ids = texts.to_numpy(zero_copy_only=False).astype(object, copy=False)
    if distinct_ids + len(blank) == len(codes):
        kept = None if not len(blank) else np.flatnonzero(codes >= 0)
    else:
        first = np.full(distinct_ids, -1, np.int64)
        first[codes[codes >= 0][::-1]] = np.flatnonzero(codes >= 0)[::-1]
        kept = np.sort(first)
        others = codes >= 0
        others[kept] = False
        later = np.flatnonzero(others)
        differ = _differ(columns, patient, later, first[codes[later]])
        if len(same := later[~differ]):
            problems.append(_said_again(columns, patient, same, place))
        if dated and differ.any():
            rows = np.sort(np.concatenate([kept, later[differ]]))
            return People(names, rows, tuple(problems), codes[rows].astype(np.intp))
        if differ.any():
            problems.append(_said_further(columns, patient, later[differ], first[codes[later[differ]]], place))
    used = codes if kept is None else codes[kept]
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


def _differ(columns: Map[str, pa.ChunkedArray], patient: str, rows: Rows, others: Rows) -> NDArray[np.bool_]:
    """Which of some rows say anything otherwise than as many other rows do."""
    differ = np.zeros(len(rows), np.bool_)
    for name, column in columns.items():
        if name != patient:
            one, other = (text_of(taken(column, each)).fill_null("") for each in (rows, others))
            differ |= pc.not_equal(one, other).combine_chunks().to_numpy(zero_copy_only=False)
    return differ


def _said_again(columns: Map[str, pa.ChunkedArray], patient: str, same: Rows, place: Place) -> Problem:
    message = f"{counted(len(same), 'row repeats', 'rows repeat')} another row of the patient word for word: used once."
    each, ids = "repeats another row of the patient word for word: used once", cell_texts(columns[patient], same)
    return place.cells("warning", same, message, found=Found.SAME_ROW, values=ids, each=each)


def _said_further(columns: Map[str, pa.ChunkedArray], patient: str, rows: Rows, first: Rows, place: Place) -> Problem:
    message = (
        f"{counted(len(rows), 'further row', 'further rows')} of patients who have one already, with other values: "
        f"set aside, the first row of each patient is used ({rows_said(place.file_rows[np.unique(first)])})."
    )
    remedy = "Keep one row a patient, or map the column with the date of each row as the date of its values."
    each, ids = "further row of a patient who has one already, with other values: set aside", cell_texts(columns[patient], rows)
    return place.cells("error", rows, message, remedy, found=Found.OTHER_ROW, values=ids, each=each)


def sites_of(cells: pa.ChunkedArray, place: Place) -> tuple[Sites | None, list[Problem]]:
    """Where each patient is treated; no sites where nearly everybody would have one of their own."""
    texts, which = encoded(cells)
    names = [str(text).strip() for text in texts.to_pylist()]
    held = sorted({name for name, used in zip(names, np.bincount(which[which >= 0], minlength=len(names)), strict=True) if name and used})
    if not held:
        return None, []
    if len(held) > MOST_SITES:
        message = f"{len(held):,} sites are more than {MOST_SITES:,}: patients are not told apart by site."
        return None, [place.whole("note", message, "Choose the column that names the sites, or none, on the Data page.")]
    numbers = {name: number for number, name in enumerate(held)}
    codes = np.array([*(numbers.get(name, -1) for name in names), -1], np.int32)[which]
    blank = np.flatnonzero(codes < 0)
    problems = []
    if len(blank):
        problems.append(place.cells("note", blank, f"{counted(len(blank), 'patient')} without a site.", "Fill in the site.", each="no site"))
    return Sites(tuple(shown(name) for name in held), codes), problems


def of_another_site(by_row: Sites, owner: NDArray[np.intp], sites: Sites, place: Place) -> list[Problem]:
    """That rows of a patient name another site than the one the patient is counted at."""
    told = np.array([*(sites.names.index(name) for name in by_row.names), -1], np.int32)[by_row.codes]
    others = np.flatnonzero((told >= 0) & (told != sites.codes[owner]))
    if not len(others):
        return []
    message = f"{counted(len(others), 'row')} of another site than the patient's first: the first is used."
    names, each = [sites.names[site] for site in told[others[:MOST_CELLS]]], "another site than the patient's first: the first is used"
    return [place.cells("warning", others, message, "If patients of two sites have one identifier, tell them apart in it.", values=names, each=each)]


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
