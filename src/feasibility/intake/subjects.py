"""What can be asked about in the tables of a cohort: their columns, and the names in long tables."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feasibility.intake.converted import distinct, is_text, taken
from feasibility.intake.diagnoses import Writing, writing_of
from feasibility.intake.files.table import Table
from feasibility.intake.headers import Header
from feasibility.intake.mapping import ColumnUse, LongUse
from feasibility.intake.questions import SAMPLE_ROWS, Subject
from feasibility.intake.tables import Tables
from feasibility.intake.unit_columns import unit_column

DESCRIBED_ROWS = 200_000
NO_CELLS = pa.chunked_array([pa.array([], pa.string())])


def of_column(tables: Tables, column: str, meant: Map[str, Header | None] | Map[str, ColumnUse]) -> Subject:
    """A column of the tables with variables as columns, with the column of its units, if one is ``meant`` for them."""
    held = sum(column in table.columns for table in tables.wide.values())
    units = unit_column(column, meant, tables)
    return Subject(column, tables.cells_of(column), None if units is None else tables.cells_of(units), tables=held)


@dataclass(eq=False)
class LongTable:
    """A long table, ``use`` saying what its columns are."""

    table: Table
    use: LongUse
    role: str

    @property
    def names(self) -> list[str]:
        """The distinct texts that name what a row is."""
        return list(self._rows)

    def rows(self, name: str) -> NDArray[np.intp]:
        """Rows of a name from all over the table."""
        found = self._rows.get(name, np.zeros(0, np.intp))
        return found if len(found) <= SAMPLE_ROWS else found[np.linspace(0, len(found) - 1, SAMPLE_ROWS).astype(np.intp)]

    def named(self, name: str) -> Subject:
        """The values with a name; of events there are none."""
        value, unit = self.use.value, self.use.unit
        values = NO_CELLS if value is None else taken(self.table.columns[value], self.rows(name))
        units = None if value is None or unit is None else taken(self.table.columns[unit], self.rows(name))
        return Subject(name, values, units, f"{self.role}.names", self.role, self.use.name, self._parts)

    def field(self, column: str) -> Subject:
        """A column that describes the events."""
        return Subject(column, self.table.columns[column], None, f"{self.role}.fields", self.role, tables=self._parts)

    def dates(self, column: str) -> Subject:
        """A column that says when each row was."""
        return Subject(column, self.table.columns[column], None, self.role, self.role, tables=self._parts)

    def number(self, name: str) -> int:
        """How many rows have a name."""
        return len(self._rows.get(name, ()))

    @cached_property
    def described(self) -> dict[str, str]:
        """What another column says of each name, where one says the same in all its rows: the words beside a code."""
        if not self._rows:
            return {}
        rows = np.unique(np.linspace(0, self.table.rows - 1, DESCRIBED_ROWS).astype(np.intp))
        every, names = distinct(taken(self.table.columns[self.use.name], rows))
        taken_up = {self.use.patient, self.use.name, self.use.value, self.use.unit, self.use.date, self.use.end, self.use.status, self.use.limit}
        for column, cells in self.table.columns.items():
            if column in taken_up or not is_text(cells):
                continue
            texts, which = distinct(taken(cells, rows))
            both = (names >= 0) & (which >= 0)
            found = np.unique(names[both] * len(texts) + which[both])
            of_name, said = found // max(len(texts), 1), found % max(len(texts), 1)
            one_each = len(found) > 0 and len(np.unique(of_name)) == len(found)
            if one_each and len(np.unique(said)) * 2 > len(found) and any(" " in text for text in texts):
                return {every[name]: texts[text] for name, text in zip(of_name.tolist(), said.tolist(), strict=True)}
        return {}

    @cached_property
    def writing(self) -> Writing:
        """How the names write diagnoses."""
        return writing_of(self.use.name, self._rows)

    @property
    def _parts(self) -> int:
        return max(len(self.table.parts), 1)

    @cached_property
    def _rows(self) -> dict[str, NDArray[np.intp]]:
        if self.use.name not in self.table.columns:
            return {}
        texts, which = distinct(self.table.columns[self.use.name])
        order = np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(len(texts) + 1))
        return {text: order[ends[at] : ends[at + 1]] for at, text in enumerate(texts)}
