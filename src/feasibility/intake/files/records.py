"""Which rows under the header of a text file are records: blank ones, the header again and what stands under the table are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.files.footer import LOOKED_AT, said_of_end, said_within, under_the_table
from feasibility.intake.files.table import DISTINCT_TEXT
from feasibility.intake.places import Rows, counted, rows_said, shown
from feasibility.problems import MOST_CELLS, Detail, Found, Problem

Cells = list[str]

UNQUOTED = "Check for the delimiter inside unquoted text, and for decimal commas."


@dataclass(frozen=True)
class Records:
    """``table`` has a row a record, ``skipped`` are the other rows of the file, by number."""

    table: pa.Table
    skipped: Rows
    problems: list[Problem]


def records_of(name: str, table: pa.Table, uneven: dict[int, str], first_row: int, heading: Cells, cells: Callable[[str], Cells]) -> Records:
    """The records among all rows under a header.

    ``table`` has the rows with a cell for each column, ``uneven`` the text of the others by number from 0; ``cells`` cuts it. ``heading`` is the header row.
    """
    others = {number: cells(text) for number, text in uneven.items()}
    is_regular = np.ones(table.num_rows + len(others), np.bool_)
    is_regular[list(others)] = False
    at = np.flatnonzero(is_regular)
    blank_rows = at[_blank(table)]
    is_blank = np.zeros(len(is_regular), np.bool_)
    is_blank[blank_rows] = True
    is_blank[[number for number, row in others.items() if not any(cell.strip() for cell in row)]] = True
    filled = np.flatnonzero(~is_blank)
    total = int(filled[-1]) + 1 if len(filled) else 0
    again = at[_like(table, heading)]
    last = _last(table, at, others, total)
    under = under_the_table(last, table.num_columns)
    first_under = total - under
    problems = said_within(name, np.flatnonzero(is_blank[:first_under]) + first_row, again[again < first_under] + first_row, heading)
    problems += said_of_end(name, total - len(last) + first_row, last, under)
    others = {number: row for number, row in others.items() if number < first_under and not is_blank[number]}
    mended = _mended(others, table.num_columns)
    if mended:
        problems.append(_said_mended(name, mended, first_row, others))
    bad = np.array(sorted(set(others) - set(mended)), dtype=np.int64)
    if len(bad):
        found = f"{counted(len(bad), 'row has', 'rows have')} more or fewer cells than the header's {table.num_columns}: set aside."
        each, rows = "more or fewer cells than the header: set aside", bad + first_row
        detail = Detail("", "", "", Found.WRONG_WIDTH, len(bad), tuple(rows[:MOST_CELLS].tolist()), (), each, f"{table.num_columns} cells")
        problems.append(Problem("error", f"{shown(name)}, {rows_said(rows)}", found, UNQUOTED, detail))
    is_record = is_regular & ~is_blank
    is_record[again] = False
    is_record[first_under:] = False
    if not is_record[at].all():
        keep = np.flatnonzero(is_record[at])
        table = pa.table([_kept(column, keep) for column in table.columns], names=table.column_names)
        at = at[keep]
    if mended:
        rows = pa.table([pa.array([row[place] or None for row in mended.values()], pa.string()).cast(DISTINCT_TEXT) for place in range(table.num_columns)],
                        names=table.column_names)  # fmt: skip
        numbers = np.concatenate([at, np.array(list(mended), dtype=at.dtype)])
        table = _in_order(pa.concat_tables([table, rows]), numbers)
    is_record[list(mended)] = True
    skipped = np.flatnonzero(~is_record[:total]).astype(np.int64) + first_row
    return Records(table, skipped, problems)


def _in_order(table: pa.Table, numbers: NDArray[np.intp]) -> pa.Table:
    order = np.argsort(numbers, kind="stable")
    return pa.table([_kept(column, order) for column in table.columns], names=table.column_names)


def _kept(column: pa.ChunkedArray, rows: NDArray[np.intp]) -> pa.ChunkedArray:
    """Some rows of a column, with no text in its dictionary that none of them has."""
    if not pa.types.is_dictionary(column.type) or not column.num_chunks:
        return column.take(pa.array(rows))
    column = column.unify_dictionaries()
    codes = np.concatenate([pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in column.chunks])[rows]
    texts = column.chunk(0).dictionary
    used = np.zeros(len(texts) + 1, np.bool_)
    used[codes] = True
    numbers = np.append(np.cumsum(used[:-1], dtype=np.int32) - 1, np.int32(-1)).astype(np.int32)[codes]
    indices = pa.array(numbers, mask=codes < 0)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(indices, texts.take(pa.array(np.flatnonzero(used[:-1]))))])


def _blank(table: pa.Table) -> NDArray[np.intp]:
    """The rows without any cell."""
    rows: NDArray[np.intp] | None = None
    for column in table.columns:
        if rows is None:
            rows = np.flatnonzero(pc.is_null(column).to_numpy()) if column.null_count else np.zeros(0, np.intp)
        elif len(rows):
            rows = rows[pc.is_null(column.take(pa.array(rows))).to_numpy(zero_copy_only=False)]
    return np.zeros(0, np.intp) if rows is None else rows


def _like(table: pa.Table, heading: Cells) -> NDArray[np.intp]:
    """The rows that are the header again."""
    if len(heading) != table.num_columns or not heading[0]:
        return np.zeros(0, np.intp)
    rows: NDArray[np.intp] | None = None
    for column, name in zip(table.columns, heading, strict=True):
        column = column if rows is None else column.take(pa.array(rows))
        alike = np.flatnonzero(_equal(column, name))
        rows = alike if rows is None else rows[alike]
        if not len(rows):
            break
    return np.zeros(0, np.intp) if rows is None else rows


def _equal(column: pa.ChunkedArray, text: str) -> NDArray[np.bool_]:
    """Which cells are a text, apart from spaces around it."""
    parts = []
    for chunk in column.chunks:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.cast(pa.string()).dictionary_encode()
        same = np.append(pc.equal(pc.utf8_trim_whitespace(encoded.dictionary), text).to_numpy(zero_copy_only=False), not text)  # the last: of empty cells
        parts.append(same[pc.fill_null(encoded.indices, len(same) - 1).to_numpy(zero_copy_only=False)])
    return np.concatenate(parts).astype(np.bool_) if parts else np.zeros(0, np.bool_)


def _last(table: pa.Table, at: NDArray[np.intp], others: dict[int, Cells], total: int) -> list[Cells]:
    """The last rows, among them those that stand under the table."""
    first = max(total - LOOKED_AT, 0)
    start, end = (int(place) for place in np.searchsorted(at, (first, total)))
    tail = table.slice(start, end - start)
    columns = [column.to_pylist() for column in tail.columns]
    regular = {int(number): [column[place] or "" for column in columns] for place, number in enumerate(at[start:end])}
    return [others[number] if number in others else regular[number] for number in range(first, total)]


def _mended(rows: dict[int, Cells], columns: int) -> dict[int, Cells]:
    """Rows that are too long by blank cells only; and those too short, if all are and none can be a half of a row broken in two."""
    mended = {number: row[:columns] for number, row in rows.items() if len(row) > columns and not any(cell.strip() for cell in row[columns:])}
    short = {number: row for number, row in rows.items() if len(row) < columns}
    halves = any(number + 1 in short and len(row) + len(short[number + 1]) in (columns, columns + 1) for number, row in short.items())
    if len(short) + len(mended) == len(rows) and not halves and all(len(row) > 1 and row[0].strip() for row in short.values()):
        mended |= {number: row + [""] * (columns - len(row)) for number, row in short.items()}
    return dict(sorted(mended.items()))


def _said_mended(name: str, mended: dict[int, Cells], first_row: int, rows: dict[int, Cells]) -> Problem:
    numbers = np.array(list(mended), dtype=np.int64) + first_row
    where = f"{shown(name)}, {rows_said(numbers)}"
    short = sum(len(rows[number]) < len(cells) for number, cells in mended.items())
    if short:
        message = f"{counted(short, 'row ends', 'rows end')} before the last column: the cells that are not there are read as empty."
        return Problem("warning", where, message, "Check that the values of these rows stand in their columns.")
    return Problem("note", where, f"{counted(len(mended), 'row has', 'rows have')} blank cells beyond the last column: left out.")
