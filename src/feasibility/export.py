"""Results → files. Text from a patient's file is text in ours too: never a formula of the programme that opens it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula, or loses on the way to one."""

NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767

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
    write.writerows([cell if _is_number(cell) else safe(cell) for cell in row] for row in rows)
    return MARK + held.getvalue()


def workbook_bytes(head: Iterable[str], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The same as an XLSX file: the table from the first line of its sheet, and what it is of, ``head``, on one of its own.

    Text is stored as text, and marked as such where a spreadsheet would make a formula of it once edited.
    """
    from openpyxl import Workbook  # few ask for a workbook, and it takes a while to load

    book = Workbook(write_only=True)
    for name, lines in (("list", (columns, *rows)), ("about", ([line] for line in head))):
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append([_cell(sheet, cell) for cell in line])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


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
