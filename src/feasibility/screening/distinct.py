"""Patients of whom the same is known, in several columns: which of the distinct rows each has."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LARGEST_KEY = 2**62


def joined(*columns: tuple[NDArray[Any], int]) -> NDArray[Any]:
    """One number a row of several columns of whole numbers from 0 on, each given with how many there may be; in no more bytes than that takes.

    There may be fewer than 2^63 of them.
    """
    (first, _), *others = columns
    most = math.prod(number for _, number in columns)
    assert most < 2**63
    found = first.astype(np.min_scalar_type(most) if most < 2**32 else np.int64)
    for column, number in others:
        found *= number
        found += column.astype(found.dtype, copy=False)
    return found


def distinct_rows(columns: Iterable[NDArray[Any]], rows: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of so many rows of whole numbers from 0 on: which of the distinct ones each is, and one row of each."""
    keys, width = np.zeros(rows, np.int64), 1
    for column in columns:
        if not column.any():
            continue
        more = int(column.max(initial=0)) + 1
        if width * more > LARGEST_KEY:
            keys, distinct = pd.factorize(keys)
            width = len(distinct)
        keys *= more
        keys += column
        width *= more
    codes, distinct = pd.factorize(keys)
    of_each = np.zeros(len(distinct), np.intp)
    of_each[codes] = np.arange(len(codes))
    return codes, of_each


def numbered(columns: Iterable[NDArray[Any]], rows: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The same of columns of any numbers."""
    return distinct_rows([pd.factorize(column)[0] for column in columns], rows)
