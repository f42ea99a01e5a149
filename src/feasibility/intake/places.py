"""Where in a file something was found, said so that its owner finds it again."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.problems import MOST_CELLS, Detail, Found, Problem, Severity

Rows = NDArray[np.int64]

ROWS_LISTED = 20
TEXT_SHOWN = 40
VALUES_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Place:
    """A column of a table; ``file_rows`` gives each record's row in the file (the header is row 1), ``table`` is empty where there is only one.

    ``variable`` is what the column is used as, where that is one thing.
    """

    table: str
    column: str
    file_rows: Rows
    variable: str = ""

    def whole(self, severity: Severity, message: str, remedy: str = "") -> Problem:
        """A problem of the column as a whole."""
        detail = Detail(self.table, self.column, self.variable)
        return Problem(severity, self._said(f"column {shown(self.column)}"), message, remedy, detail)

    def cells(
        self,
        severity: Severity,
        records: NDArray[np.intp],
        message: str,
        remedy: str = "",
        *,
        found: Found | None = None,
        values: Sequence[str] = (),
        each: str = "",
        expected: str = "",
    ) -> Problem:
        """A problem of some cells of the column: the first rows by number, then how many more.

        ``values`` are what the first ``MOST_CELLS`` of them say, ``each`` what is wrong with one of them, ``expected`` what would be right.
        """
        rows = self.file_rows[records]
        kept = tuple(rows[:MOST_CELLS].tolist())
        detail = Detail(self.table, self.column, self.variable, found, len(rows), kept, tuple(values[:MOST_CELLS]), each, expected)
        return Problem(severity, self._said(f"{rows_said(rows)}, column {shown(self.column)}"), message, remedy, detail)

    def _said(self, place: str) -> str:
        return f"{self.table}, {place}" if self.table else place


def rows_said(rows: Rows) -> str:
    """``row 17`` or ``rows 17, 20, 31 and 5 more``."""
    if len(rows) == 1:
        return f"row {int(rows[0])}"
    listed = ", ".join(str(int(row)) for row in rows[:ROWS_LISTED])
    return f"rows {listed}" + (f" and {len(rows) - ROWS_LISTED:,} more" if len(rows) > ROWS_LISTED else "")


def shown(text: object, limit: int = TEXT_SHOWN) -> str:
    """Text of a file made safe to show: control and direction characters escaped, shortened."""
    safe = "".join(character if unicodedata.category(character)[0] != "C" else f"\\x{ord(character):02x}" for character in str(text)[: limit + 1])
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def values_said(values: Sequence[object]) -> str:
    """The first few distinct values, quoted."""
    distinct = list(dict.fromkeys(str(value) for value in values[:1000]))
    listed = ", ".join(f"'{shown(value)}'" for value in distinct[:VALUES_SHOWN])
    return listed + (" …" if len(distinct) > VALUES_SHOWN else "")


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 value`` or ``1,234 values``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
