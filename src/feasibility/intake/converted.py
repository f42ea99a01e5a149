"""Cells of one column, read: what came of them, and the Arrow text they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.places import shown, values_said
from feasibility.logic import Bools, Intervals, missing
from feasibility.problems import MOST_CELLS, Problem

Ints = NDArray[np.int32]

LARGEST_WHOLE = 9e18  # that an integer of the machine holds; what is larger, infinity too, stays as it is
CELL_SHOWN = 100  # characters of a cell that a problem keeps


@dataclass(frozen=True, eq=False)
class Converted:
    """A column's values, one interval a row; ``unreadable`` marks cells that held something which could not be used (None: there were none)."""

    values: Intervals
    with_value: int
    converted: int = 0
    censored: int = 0
    unreadable: Bools | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def set_aside(self) -> int:
        return 0 if self.unreadable is None else int(np.count_nonzero(self.unreadable))


def has_value(values: Intervals) -> Bools:
    """Which values say anything at all: an exact number, a limit or a range."""
    said: Bools = (values.lo > -np.inf) | (values.hi < np.inf)
    return said


def nothing(rows: int, problems: tuple[Problem, ...] = ()) -> Converted:
    """A column of which nothing could be read."""
    return Converted(missing(rows), 0, problems=problems)


def is_text(column: pa.ChunkedArray) -> bool:
    """Whether a column is text, plain or with a dictionary of its distinct texts (as CSV is read: half the memory)."""
    kind = column.type
    return bool(pa.types.is_string(kind) or (pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type)))


def text_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as plain text; whole numbers without a fraction, what is no number as nothing."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        whole = pc.all(pc.and_(pc.equal(pc.round(column), column), pc.less_equal(pc.abs(column), LARGEST_WHOLE))).as_py()
        if whole in (True, None):
            return column.cast(pa.int64(), safe=False).cast(pa.string())
    return column.cast(pa.string())


def taken(column: pa.ChunkedArray, rows: NDArray[np.intp]) -> pa.ChunkedArray:
    """Some rows of a column; a row of -1 is an empty cell."""
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    none = rows < 0
    return column.take(pa.array(rows, mask=none) if none.any() else pa.array(rows))


def encoded(column: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int64]]:
    """The distinct texts of a column and, for each row, which it is (-1 for an empty cell)."""
    column = (column if pa.types.is_dictionary(column.type) else text_of(column).dictionary_encode()).unify_dictionaries()
    if column.num_chunks == 0:
        return pa.array([], pa.string()), np.zeros(0, np.int64)
    which = np.concatenate([pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in column.chunks])
    return column.chunk(0).dictionary, which.astype(np.int64)


def distinct(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """As ``encoded``, with the texts as a list; texts that no row has are not among them."""
    texts, which = encoded(column)
    used = np.zeros(len(texts) + 1, np.bool_)
    used[which] = True
    if used[:-1].all():
        return texts.to_pylist(), which
    numbers = np.append(np.cumsum(used[:-1]) - 1, -1)
    return texts.take(pa.array(np.flatnonzero(used[:-1]))).to_pylist(), numbers[which]


def distinct_texts(column: pa.ChunkedArray) -> list[str]:
    """The distinct texts of a column."""
    return distinct(column)[0]


def cell_texts(column: pa.ChunkedArray, rows: NDArray[np.intp]) -> list[str]:
    """What the file says in these rows, as far as the cells of a problem are kept."""
    texts = map(str, text_of(taken(column, rows[:MOST_CELLS])).to_pylist())
    return [text if text.isprintable() and len(text) <= CELL_SHOWN else shown(text, CELL_SHOWN) for text in texts]


def texts_at(column: pa.ChunkedArray, rows: NDArray[np.intp]) -> str:
    """What the file says in a few of these rows, quoted."""
    cells: Sequence[object] = text_of(taken(column, rows[:50])).to_pylist()
    return values_said(cells)
