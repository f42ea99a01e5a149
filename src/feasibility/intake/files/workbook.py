"""Workbooks: one table a sheet that has one."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from feasibility.intake.files.bounds import check_workbook, damaged, is_panic
from feasibility.intake.files.footer import LOOKED_AT, said_of_end, said_within, under_the_table
from feasibility.intake.files.layout import layout_of
from feasibility.intake.files.packed import Found
from feasibility.intake.files.table import MAX_COLUMNS, Data, Table, named, too_wide, unusable
from feasibility.intake.places import shown
from feasibility.problems import Problem, Unusable

LONGEST_CELL = 32_767  # of a workbook, by its own definition
ROWS_SAMPLED = 200

Cells = list[Any]


def found_in_workbook(name: str, data: Data) -> Found:
    """A table for each sheet that is not empty, in order, called ``file.xlsx: Sheet`` where there are several sheets.

    Raises ``Unusable`` for a workbook that is damaged, locked or holds nothing, would take too long, or has no sheet that can be read.
    """
    check_workbook(name, data)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data)) if isinstance(data, bytes) else CalamineWorkbook.from_path(str(data))
        sheets = [each for each in workbook.sheets_metadata if each.typ is SheetTypeEnum.WorkSheet]
    except PasswordError as error:
        found = "the workbook is locked with a password"
        raise unusable(name, found, "a workbook that opens without one", "Save it without a password, or as CSV, and load that.") from error
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(name) from error
    except BaseException as error:
        raise damaged(name) if is_panic(error) else error from error
    tables: list[Table] = []
    refused: list[Problem] = []
    for each in sheets:
        called = name if len(sheets) == 1 else f"{name}: {each.name}"
        try:
            table = _table(called, workbook.get_sheet_by_name(each.name), hidden=each.visible is not SheetVisibleEnum.Visible)
        except (CalamineError, OSError, ValueError) as error:
            raise damaged(name) from error
        except Unusable as error:
            refused += error.problems
        except BaseException as error:
            raise damaged(name) if is_panic(error) else error from error
        else:
            tables += [table] if table is not None else []
    if not tables:
        if refused:
            raise Unusable(refused[:1])
        found = "the workbook has no sheet with anything in it" if len(sheets) > 1 else f"the sheet{f' ({shown(sheets[0].name)})' if sheets else ''} is empty"
        raise unusable(name, found, "a header row and one row a patient", "Choose the file that holds the data.")
    return Found(tables, tuple(refused))


def _table(name: str, sheet: CalamineSheet, hidden: bool) -> Table | None:
    """The table in a sheet; None if the sheet is empty."""
    rows: list[Cells] = sheet.to_python(skip_empty_area=False)
    while rows and _is_blank(rows[-1]):
        rows.pop()
    if not rows:
        return None
    if len(rows[0]) > MAX_COLUMNS:
        raise too_wide(name, len(rows[0]))
    if longest := max((len(cell) for row in rows for cell in row if isinstance(cell, str) and len(cell) > LONGEST_CELL), default=0):
        found, expected = f"a cell holds {longest:,} characters", f"cells of at most {LONGEST_CELL:,}, as a workbook can have"
        raise unusable(name, found, expected, "Empty that cell, or save the table again.")
    sample = [[_text(cell) for cell in row] for row in rows[: max(20, min(ROWS_SAMPLED, 100_000 // len(rows[0])))]]
    layout = layout_of(sample)
    if layout is None:
        raise unusable(name, "there is no header in the first rows", "a header row and one row a patient", "Take the blank rows above the table away.")
    problems = [Problem("note" if layout.head is not None else "warning", shown(name), note) for note in layout.notes]
    problems += [Problem("warning", shown(name), doubt) for doubt in layout.doubts]
    if hidden:
        problems.append(Problem("note", shown(name), "the sheet is hidden in the workbook: its rows are used all the same."))
    names, renamed = named(layout.headers, name)
    problems += renamed
    body = rows[layout.body :]
    first_row = layout.body + 1
    tail = [[_text(cell) for cell in row] for row in body[-LOOKED_AT:]]
    under = under_the_table(tail, len(names))
    skipped = set(range(len(body) - under, len(body)))
    problems += said_of_end(name, first_row + len(body) - len(tail), tail, under)
    heading = None if layout.head is None else rows[layout.head]
    blank = [place for place, row in enumerate(body) if place not in skipped and _is_blank(row)]
    again = [place for place, row in enumerate(body) if place not in skipped and heading is not None and row == heading]
    problems += said_within(name, np.array(blank, np.int64) + first_row, np.array(again, np.int64) + first_row, [_text(cell) for cell in heading or []])
    skipped |= {*blank, *again}
    if skipped:
        body = [row for place, row in enumerate(body) if place not in skipped]
    columns = {chosen: from_cells([row[position] for row in body]) for position, chosen in enumerate(names)}
    labels = {names[column]: label for column, label in layout.labels.items()}
    return Table(name, columns, len(body), first_row, np.array(sorted(skipped), np.int64) + first_row, tuple(problems), labels, hidden=hidden)


def _is_blank(row: Cells) -> bool:
    return all(cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in row)


def _text(cell: Any) -> str:
    return "" if cell is None else cell if isinstance(cell, str) else _cell_text(cell)


def from_cells(cells: Cells) -> pa.ChunkedArray:
    """Cells of mixed types as one column: numbers where all are numbers, else text."""
    values = [None if cell is None or cell == "" else cell for cell in cells]
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return pa.chunked_array([pa.array(values, pa.float64())])
    return pa.chunked_array([pa.array([None if value is None else _cell_text(value) for value in values], pa.string())])


def _cell_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    iso: Callable[[], str] | None = getattr(value, "isoformat", None)
    return iso() if iso is not None else str(value)
