"""Results → files. Text from a patient's file is text in ours too: never a formula of the programme that opens it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula, or loses on the way to one."""

MARK = "\ufeff"  # says to a spreadsheet that the file is UTF-8


def safe(cell: object) -> str:
    """A cell that a spreadsheet shows and does not run: an apostrophe before what would begin a formula, blanks before it or not."""
    text = "" if cell is None else str(cell)
    starts = text.startswith(FORMULA) or text.lstrip(" \ufeff\u00a0\u3000").startswith((*FORMULA, "＝", "＋", "－", "＠"))
    return f"'{text}" if starts else text


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file: the names of the columns, the rows. Numbers stay numbers, all text is made safe."""
    held = io.StringIO()
    write = csv.writer(held, lineterminator="\r\n")
    write.writerow(columns)
    write.writerows([cell if isinstance(cell, int) and not isinstance(cell, bool) else safe(cell) for cell in row] for row in rows)
    return MARK + held.getvalue()
