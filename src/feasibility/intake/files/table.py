"""A table as it was read from a file, and how a file is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from feasibility.intake.places import Rows, shown
from feasibility.problems import Problem, Unusable

MAX_COLUMNS = 5_000

DISTINCT_TEXT = pa.dictionary(pa.int32(), pa.string())
"""How text is kept: most columns of a large file hold few distinct texts, so that this halves the memory and each text is read once."""

Data = bytes | Path

SAVE_AGAIN = "Save the table again as CSV or XLSX and load that."


@dataclass(frozen=True, eq=False)
class Table:
    """A file's columns by header: text from CSV, typed where the file has types.

    ``first_row`` is the row in the file of the first record, ``skipped`` are the rows below it that are no records: unreadable, blank, under the table.
    ``labels`` is what the file says of a column beside its header, where it says it. ``parts`` are the tables of which it is the rows, one after the other.
    ``hidden`` is a sheet that its workbook does not show.
    """

    name: str
    columns: Mapping[str, pa.ChunkedArray]
    rows: int
    first_row: int = 2
    skipped: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    problems: tuple[Problem, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Table, ...] = ()
    hidden: bool = False

    @property
    def rows_read(self) -> int:
        return self.rows + len(self.skipped)

    def file_rows(self) -> Rows:
        """The row in the file of each record."""
        records = np.arange(self.rows, dtype=np.int64)
        kept_before = self.skipped - self.first_row - np.arange(len(self.skipped))
        return records + self.first_row + np.searchsorted(kept_before, records, side="right")


def unusable(name: str, found: str, expected: str, remedy: str) -> Unusable:
    return Unusable([Problem("error", shown(name), f"{found}; expected: {expected}.", remedy)])


def too_wide(name: str, columns: int) -> Unusable:
    return unusable(
        name,
        f"{columns:,} columns",
        f"at most {MAX_COLUMNS:,}",
        "Keep the columns that the protocol needs, or give repeated measurements as a long table (patient_id, variable, value, unit, date).",
    )


def with_rows(table: Table) -> Table:
    """The table, if there is a row in it; raises ``Unusable`` if there is none."""
    if table.rows == 0:
        found = "there is a header but no row that can be read"
        raise unusable(table.name, found, "one row a patient below the header", "Choose the file that holds the data.")
    return table


def named(headers: Iterable[object], name: str) -> tuple[list[str], list[Problem]]:
    """Headers made distinct and non-empty, with a problem for each that was not."""
    taken: dict[str, int] = {}
    names, problems = [], []
    for position, header in enumerate(headers, start=1):
        text = "" if header is None else str(header).strip()
        chosen = text or f"column {position}"
        taken[chosen] = taken.get(chosen, 0) + 1
        if taken[chosen] > 1:
            renamed = f"{chosen} ({taken[chosen]})"
            while renamed in taken:
                renamed += "'"
            taken[renamed] = 1
            message = f"two columns are headed '{shown(chosen)}'; the second is called '{shown(renamed)}'."
            problems.append(Problem("warning", shown(name), message, "Give each column its own header."))
            chosen = renamed
        names.append(chosen)
    return names, problems
