"""Cells of one column, read: what came of them, and the Arrow text they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.places import values_said
from feasibility.logic import Bools, Intervals, missing
from feasibility.problems import Problem

Ints = NDArray[np.int32]


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


def nothing(rows: int, problems: tuple[Problem, ...] = ()) -> Converted:
    """A column of which nothing could be read."""
    return Converted(missing(rows), 0, problems=problems)


def text_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as text; whole numbers without a fraction."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_floating(kind):
        whole = pc.all(pc.equal(pc.round(column), column)).as_py()
        if whole in (True, None):
            return column.cast(pa.int64(), safe=False).cast(pa.string())
    return column.cast(pa.string())


def distinct(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct texts of a column and, for each row, which it is (-1 for an empty cell)."""
    encoded = text_of(column).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):  # combine_chunks keeps several chunks where one would overflow
        encoded = encoded.unify_dictionaries().combine_chunks()
    indices = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return encoded.dictionary.to_pylist(), indices


def texts_at(column: pa.ChunkedArray, rows: NDArray[np.intp]) -> str:
    """What the file says in a few of these rows, quoted."""
    cells: Sequence[object] = text_of(column.take(pa.array(rows[:50]))).to_pylist()
    return values_said(cells)
