"""Counting candidates along the stops of parameters, from the profile each has on what moves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Floats
from feasibility.results.kinds import Kinds
from feasibility.screening.distinct import distinct_rows
from feasibility.screening.profiles import MOST_PACKED, Profiles, packed_outcomes, unpacked_outcomes

Counts = NDArray[np.int64]

DENSE = 1 << 22  # pairs of kinds below are counted in one array


def counts(kinds: Kinds) -> tuple[Counts, Counts]:
    """Eligible and possible, by stop."""
    passes, possible = (holds.astype(np.float64) for holds in (kinds.outcomes == TRUE, kinds.outcomes != FALSE))
    return _whole(kinds.clear @ passes), _whole((kinds.clear + kinds.open) @ possible)


def counts_of_pairs(one: Profiles, other: Profiles, clear: int) -> tuple[Counts, Counts]:
    """Eligible and possible, by stop of the one and stop of the other; of the same candidates in the same rows, the first so many of them clear."""
    rows, width = len(one.outcomes), len(other.outcomes)
    keys = one.of_patient.astype(np.int64) * width + other.of_patient

    def of(keys: NDArray[np.int64], first: Floats, second: Floats) -> Counts:
        if rows * width <= DENSE:
            return _whole(first.T @ (np.bincount(keys, minlength=rows * width).reshape(rows, width) @ second))
        codes, distinct = pd.factorize(keys)
        weighted = first[distinct // width] * np.bincount(codes, minlength=len(distinct))[:, None]
        return _whole(weighted.T @ second[distinct % width])

    return of(keys[:clear], one.passes, other.passes), of(keys, one.possible, other.possible)


def counts_along_both(both: Sequence[Profiles], one: Profiles, other: Profiles, clear: int) -> tuple[Counts, Counts]:
    """The same where some things, of the same candidates, move with both: by stop of the one, with their packed outcomes along the other's."""
    ids = [*(each.of_patient for each in both), one.of_patient, other.of_patient]
    codes, of_each = distinct_rows(ids, len(one.of_patient))
    *of_both, of_one, of_other = (each[of_each] for each in ids)
    whole = np.int64(-1)
    along_one = np.select([one.outcomes == TRUE, one.outcomes == UNKNOWN], [whole, whole << MOST_PACKED], np.int64(0))
    tables = (each.outcomes[rows] for each, rows in zip(both, of_both, strict=True))
    packed = reduce(np.bitwise_and, tables, along_one[of_one] & packed_outcomes(other.outcomes)[of_other][:, None])
    stops, found = np.arange(packed.shape[1]), other.outcomes.shape[1]
    held, values = pd.factorize(packed.ravel())
    keys, along = np.tile(stops, len(packed)) * len(values) + held, unpacked_outcomes(values, found)

    def of(patients: NDArray[np.intp], holds: Bools) -> Counts:
        candidates = np.bincount(patients, minlength=len(packed))
        by_stop = np.bincount(keys, np.repeat(candidates, len(stops)), len(stops) * len(values)).reshape(len(stops), len(values))
        return _whole(by_stop @ holds.astype(np.float64))

    return of(codes[:clear], along == TRUE), of(codes, along != FALSE)


def _whole(counts: NDArray[Any]) -> Counts:
    """Floats hold counts exactly, and their matrices multiply faster."""
    return counts.astype(np.int64)
