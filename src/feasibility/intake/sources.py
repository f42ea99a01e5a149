"""The columns of one table as they are read: each converted once, with its report, and let go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.cohort import ColumnReport
from feasibility.intake.codes import read_codes
from feasibility.intake.converted import Converted, Ints, cell_texts, distinct, nothing, taken, text_of
from feasibility.intake.dates import Dates, read_dates
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.numbers import read_numbers
from feasibility.intake.places import Place, Rows, shown
from feasibility.logic import Bools, Intervals
from feasibility.problems import NO_DETAIL, Found, Problem
from feasibility.variables import Kind, Variable

Units = tuple[list[str], NDArray[np.int64]]


@dataclass(eq=False)
class Source:
    """A table being read. ``columns`` gives up each column as it is taken, so that a large file is not held twice.

    ``kept`` are the rows used (None: all); ``owner`` is the patient of each of these (None: row p is patient p's). ``joined`` are the columns that come
    from another table with a row a patient, whose ``kept`` is each patient's row there (-1: none).
    ``refused`` are mapped columns that cannot be used, of which that has been said; ``marked`` the patients (by row) with a cell that was set aside.
    """

    name: str
    columns: dict[str, pa.ChunkedArray]
    file_rows: Rows
    kept: NDArray[np.intp] | None = None
    owner: NDArray[np.intp] | None = None
    reports: list[ColumnReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    marked: dict[str, list[Ints]] = field(default_factory=dict)
    joined: dict[str, Source] = field(default_factory=dict)

    @property
    def one_row_each(self) -> bool:
        """Whether no patient has several of the rows used."""
        return self.owner is None or len(np.unique(self.owner)) == len(self.owner)

    def take(self, column: str) -> pa.ChunkedArray:
        """The column's used rows; the source no longer has it afterwards."""
        cells = self.cells(column)
        del self.columns[column]
        return cells

    def cells(self, column: str) -> pa.ChunkedArray:
        """The column's used rows."""
        kept = self.joined.get(column, self).kept
        return self.columns[column] if kept is None else taken(self.columns[column], kept)

    def join(self, other: Source, rows: NDArray[np.intp]) -> None:
        """Takes over the columns of another table, in which ``rows`` is each patient's row (-1: none)."""
        other.kept = rows
        self.joined |= dict.fromkeys(other.columns, other)
        self.columns |= other.columns
        other.columns = {}

    def place(self, column: str, rows: NDArray[np.intp] | None = None, variable: str = "") -> Place:
        home = self.joined.get(column, self)
        file_rows = home.file_rows if home.kept is None else home.file_rows[np.maximum(home.kept, 0)]
        return Place(home.name, column, file_rows if rows is None else file_rows[rows], variable)

    def mark(self, variable: str, patients: NDArray[np.intp]) -> None:
        """Note that of these patients a cell of a variable was set aside."""
        if len(patients):
            self.marked.setdefault(variable, []).append(patients.astype(np.int32))

    def mark_rows(self, variable: str, unreadable: Bools | None) -> None:
        """Note of the patients of some rows used that a cell of a variable was set aside."""
        if unreadable is not None:
            rows = np.flatnonzero(unreadable)
            self.mark(variable, rows if self.owner is None else self.owner[rows])

    def read_values(self, column: str, variable: Variable, use: ColumnUse) -> Converted:
        """A value column by its variable's kind."""
        cells, place = self.take(column), self.place(column, variable=variable.name)
        result = values_of(cells, variable, use, place)
        self.report(column, variable.name, said_use(variable, use), len(cells), result)
        self.mark_rows(variable.name, result.unreadable)
        return result

    def read_in_units(self, column: str, variable: Variable, use: ColumnUse, units: Units) -> Converted:
        """A column of numbers with the unit of each row."""
        cells, place = self.take(column), self.place(column, variable=variable.name)
        result = values_in_units(cells, variable, use, units, place)
        self.report(column, variable.name, f"{said_use(variable, use)}, unit by row", len(cells), result)
        self.mark_rows(variable.name, result.unreadable)
        return result

    def read_units(self, column: str, variable: Variable) -> Units:
        """The units of a column that says them: the distinct texts, and which each row has."""
        cells = self.take(column)
        units = distinct(cells)
        filled = int(np.isin(units[1], [place for place, text in enumerate(units[0]) if text.strip()]).sum())
        self.reports.append(ColumnReport(column, variable.name, f"unit of {variable.label}", len(cells), filled, len(cells) - filled))
        return units

    def read_dates(self, column: str, use: ColumnUse, what: str, years: tuple[int, int]) -> Dates:
        cells, place = self.take(column), self.place(column, variable=use.variables[0] if len(use.variables) == 1 else "")
        dates = read_dates(cells, use.date_order, place, years, use.date_numbers, use.sentinels)
        self.report_dates(column, ", ".join(use.variables) or None, what, dates)
        return dates

    def report(self, column: str, variable: str | None, use: str, rows: int, result: Converted) -> None:
        missing = rows - result.with_value - result.set_aside
        self.reports.append(
            ColumnReport(column, variable, use, rows, result.with_value, max(missing, 0), result.converted, result.censored, result.set_aside)
        )
        self.problems += result.problems

    def report_dates(self, column: str, variable: str | None, what: str, dates: Dates) -> None:
        rows, known = len(dates.lo), int(dates.known.sum())
        set_aside = 0 if dates.unreadable is None else int(dates.unreadable.sum())
        self.reports.append(ColumnReport(column, variable, what, rows, known, rows - known - set_aside, 0, dates.partial, set_aside))
        self.problems += dates.problems


def values_of(cells: pa.ChunkedArray, variable: Variable, use: ColumnUse, place: Place) -> Converted:
    """Cells by the variable's kind; a number whose unit is not settled is set aside with an error."""
    if variable.kind is not Kind.NUMBER:
        return read_codes(cells, variable, use, place)
    unit = settled_unit(variable, use)
    if unit is None:
        return nothing(len(cells), (unsettled(variable, use, place),))
    return read_numbers(cells, variable, use, unit, place)


def values_in_units(cells: pa.ChunkedArray, variable: Variable, use: ColumnUse, units: Units, place: Place) -> Converted:
    """Cells each row of which may be in another unit; a row without one is in that of the use, a row whose unit is not known is set aside."""
    names, which = units
    lo, hi = np.full(len(cells), -np.inf), np.full(len(cells), np.inf)
    unreadable = np.zeros(len(cells), np.bool_)
    with_value = converted = censored = 0
    problems: list[Problem] = []
    for unit in np.unique(which):
        part = np.flatnonzero(which == unit)
        written = names[unit].strip() if unit >= 0 else ""
        meant = replace(use, unit=written or use.unit) if variable.kind is Kind.NUMBER else use
        some, where = taken(cells, part), replace(place, file_rows=place.file_rows[part])
        if variable.kind is Kind.NUMBER and settled_unit(variable, meant) is None:
            filled = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(text_of(some)), ""), False).to_numpy(zero_copy_only=False)
            if filled.any():
                said, rows = unsettled(variable, meant, where), np.flatnonzero(filled)
                texts, right, each = cell_texts(some, rows), f"a value in {', '.join(variable.accepted_units)}", "its unit is not known: set aside"
                problems.append(where.cells("error", rows, said.message, said.remedy, found=Found.UNREADABLE, values=texts, each=each, expected=right))
            unreadable[part[filled]] = True
            continue
        result = values_of(some, variable, meant, where)
        lo[part], hi[part] = result.values.lo, result.values.hi
        if result.unreadable is not None:
            unreadable[part] = result.unreadable
        with_value, converted, censored = with_value + result.with_value, converted + result.converted, censored + result.censored
        problems += result.problems
    values = Intervals(lo, lo if bool((lo == hi).all()) else hi)
    return Converted(values, with_value, converted, censored, unreadable if unreadable.any() else None, tuple(problems))


def unsettled(variable: Variable, use: ColumnUse, place: Place) -> Problem:
    """That values cannot be used because their unit is not known."""
    found = f"the unit '{shown(use.unit)}' is not known for {variable.label}" if use.unit else f"no unit is given for {variable.label}"
    message = f"{found}: the values are set aside; expected one of {', '.join(variable.accepted_units)}."
    return place.whole("error", message, "Say the unit in the header, in the table's column of units or in the mapping.")


def settled_unit(variable: Variable, use: ColumnUse) -> str | None:
    """The unit of a column's plain numbers: the one given, or the only one there is; None if that leaves a choice."""
    if use.unit is not None:
        return variable.recognise_unit(use.unit)
    return variable.only_unit


def said_use(variable: Variable, use: ColumnUse) -> str:
    """What a value column is used as, in words."""
    unit = settled_unit(variable, use) if len(variable.accepted_units) > 1 else None
    said = variable.label + (f" in {unit}" if unit else "")
    return said + (f", no. {use.repeat}" if use.repeat is not None else "")


def of_table(name: str, problems: Iterable[Problem]) -> list[Problem]:
    """Problems found before it was known how the table is called."""
    return [problem if problem.detail == NO_DETAIL else replace(problem, detail=replace(problem.detail, table=name)) for problem in problems]
