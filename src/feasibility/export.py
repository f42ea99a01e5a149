"""Results → files. Text from a patient's file is text in ours too: never a formula of the programme that opens it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula, or loses on the way to one."""

NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767
NARROWEST, WIDEST, ROOM = 6, 60, 2  # of a column, in characters, and of them beyond the longest cell

MARK = "\ufeff"  # says to a spreadsheet that the file is UTF-8


def safe(cell: object) -> str:
    """A cell that a spreadsheet shows and does not run: an apostrophe before what would begin a formula, blanks before it or not."""
    text = "" if cell is None else str(cell)
    starts = text.startswith(FORMULA) or text.lstrip(" \ufeff\u00a0\u3000").startswith((*FORMULA, "＝", "＋", "－", "＠"))
    return f"'{text}" if starts else text


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file: the names of the columns, the rows. Numbers stay numbers, all text is made safe, that of the names too."""
    held = io.StringIO()
    write = csv.writer(held, lineterminator="\r\n")
    write.writerow([safe(each) for each in columns])
    write.writerows([cell if _is_number(cell) else safe(cell) for cell in row] for row in rows)
    return MARK + held.getvalue()


def workbook_bytes(head: Iterable[str], tables: Mapping[str, tuple[Sequence[str], Iterable[Sequence[object]]]]) -> bytes:
    """The same as an XLSX file: by the name of its sheet each table from the first line on, and what they are of, ``head``, on one of its own.

    The names of the columns stay in sight, and each column is as wide as what stands in it, up to a bound.
    Text is stored as text, and marked as such where a spreadsheet would make a formula of it once edited.
    """
    from openpyxl import Workbook  # few ask for a workbook, and it takes a while to load
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheets: dict[str, list[Sequence[object]]] = {name: [columns, *rows] for name, (columns, rows) in tables.items()}
    sheets["about"] = [[line] for line in head]
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2" if name in tables else None
        for place, width in enumerate(_widths(lines), start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        for line in lines:
            sheet.append([_cell(sheet, cell) for cell in line])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _widths(lines: Iterable[Sequence[object]]) -> list[int]:
    """Of each column, in characters."""
    longest: list[int] = []
    for line in lines:
        longest += [NARROWEST] * (len(line) - len(longest))
        for place, cell in enumerate(line):
            longest[place] = max(longest[place], 0 if cell is None else len(str(cell)))
    return [min(each + ROOM, WIDEST) for each in longest]


def _cell(sheet: Any, value: object) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if _is_number(value):
        return WriteOnlyCell(sheet, value)
    text = NOT_IN_XML.sub("", "" if value is None else str(value))[:LONGEST_CELL]
    cell = WriteOnlyCell(sheet)
    cell.value, cell.data_type = text, "s"  # the second undoes what the first takes for a formula
    cell.quotePrefix = safe(text) != text
    return cell


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)
