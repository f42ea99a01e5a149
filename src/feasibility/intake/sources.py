"""The columns of one table as they are read: each converted once, with its report, and let go."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feasibility.cohort import ColumnReport
from feasibility.intake.codes import read_codes
from feasibility.intake.converted import Converted, nothing, taken
from feasibility.intake.dates import Dates, read_dates
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.numbers import read_numbers
from feasibility.intake.places import Place, Rows, shown
from feasibility.problems import Problem
from feasibility.variables import Kind, Variable


@dataclass(eq=False)
class Source:
    """A table being read. ``columns`` gives up each column as it is taken, so that a large file is not held twice.

    ``refused`` are mapped columns that cannot be used, of which that has been said.
    """

    name: str
    columns: dict[str, pa.ChunkedArray]
    file_rows: Rows
    kept: NDArray[np.intp] | None = None
    reports: list[ColumnReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def take(self, column: str) -> pa.ChunkedArray:
        """The column's used rows; the source no longer has it afterwards."""
        cells = self.columns.pop(column)
        return cells if self.kept is None else taken(cells, self.kept)

    def place(self, column: str, rows: NDArray[np.intp] | None = None) -> Place:
        file_rows = self.file_rows if self.kept is None else self.file_rows[self.kept]
        return Place(self.name, column, file_rows if rows is None else file_rows[rows])

    def read_values(self, column: str, variable: Variable, use: ColumnUse) -> Converted:
        """A value column by its variable's kind."""
        cells, place = self.take(column), self.place(column)
        result = values_of(cells, variable, use, place)
        self.report(column, variable.name, said_use(variable, use), len(cells), result)
        return result

    def read_dates(self, column: str, use: ColumnUse, what: str, years: tuple[int, int]) -> Dates:
        cells = self.take(column)
        dates = read_dates(cells, use.date_order, self.place(column), years, use.date_numbers, use.sentinels)
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
