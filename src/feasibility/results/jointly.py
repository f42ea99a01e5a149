"""Counting candidates along the stops of parameters, from the profile each has on what moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Floats, Truth
from feasibility.results.candidates import Candidates
from feasibility.screening.profiles import MOST_PACKED, Profiles, packed_outcomes, unpacked_outcomes

Counts = NDArray[np.int64]

DENSE = 1 << 22  # pairs of kinds below are counted in one array


@dataclass(frozen=True, eq=False)
class Kinds:
    """Candidates by how their outcomes go: ``outcomes`` is kinds × stops, ``of_candidate`` each one's row in it."""

    of_candidate: NDArray[Any]
    outcomes: Truth

    @property
    def passes(self) -> Floats:
        """1 where it is PASS."""
        passes: Floats = (self.outcomes == TRUE).astype(np.float64)
        return passes

    @property
    def possible(self) -> Floats:
        """1 where it is not FAIL."""
        possible: Floats = (self.outcomes != FALSE).astype(np.float64)
        return possible


def kinds(found: Sequence[Profiles], about: Candidates, stops: int) -> Kinds:
    """The candidates by the lowest of their outcomes on several things, along at most 31 stops if there are several."""
    if not found:
        return Kinds(np.zeros(len(about.patients), np.int8), np.full((1, stops), TRUE))
    if len(found) == 1:
        return Kinds(found[0].of_patient[about.patients], found[0].outcomes)
    packed = reduce(np.bitwise_and, (packed_outcomes(each.outcomes)[each.of_patient[about.patients]] for each in found))
    codes, distinct = pd.factorize(packed)
    return Kinds(codes, unpacked_outcomes(distinct, stops))


def counts(found: Sequence[Profiles], about: Candidates, stops: int) -> tuple[Counts, Counts]:
    """Eligible and possible, by stop."""
    if len(found) < 2:
        return _counted(kinds(found, about, stops), about.clear)
    spans = (slice(begin, min(begin + MOST_PACKED, stops)) for begin in range(0, stops, MOST_PACKED))
    parts = [_counted(kinds([each.at(span) for each in found], about, span.stop - span.start), about.clear) for span in spans]
    eligible, possible = zip(*parts, strict=True)
    return np.concatenate(eligible), np.concatenate(possible)


def _counted(by_kind: Kinds, clear: Bools) -> tuple[Counts, Counts]:
    number = len(by_kind.outcomes)
    candidates = np.bincount(by_kind.of_candidate.astype(np.intp) * 2 + clear, minlength=2 * number).reshape(number, 2)
    some = np.flatnonzero(candidates.any(axis=1))
    those = Kinds(by_kind.of_candidate, by_kind.outcomes[some])
    return _whole(candidates[some, 1] @ those.passes), _whole(candidates[some].sum(axis=1) @ those.possible)


def counts_of_pairs(one: Kinds, other: Kinds, clear: Bools) -> tuple[Counts, Counts]:
    """Eligible and possible, by stop of the one and stop of the other; of the same candidates in the same rows."""
    rows, width = len(one.outcomes), len(other.outcomes)
    keys = one.of_candidate.astype(np.int64) * width + other.of_candidate

    def of(keys: NDArray[np.int64], first: Floats, second: Floats) -> Counts:
        if rows * width <= DENSE:
            return _whole(first.T @ (np.bincount(keys, minlength=rows * width).reshape(rows, width) @ second))
        codes, distinct = pd.factorize(keys)
        weighted = first[distinct // width] * np.bincount(codes, minlength=len(distinct))[:, None]
        return _whole(weighted.T @ second[distinct % width])

    return of(keys[clear], one.passes, other.passes), of(keys, one.possible, other.possible)


def counts_along_both(both: Sequence[Profiles], one: Kinds, other: Kinds, clear: Bools) -> tuple[Counts, Counts]:
    """The same where some things, of the same candidates, move with both: by stop of the one, with their packed outcomes along the other's."""
    codes, distinct = _distinct([*(each.of_patient for each in both), one.of_candidate, other.of_candidate])
    *of_both, of_one, of_other = distinct
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

    return of(codes[clear], along == TRUE), of(codes, along != FALSE)


def _distinct(ids: Sequence[NDArray[Any]]) -> tuple[NDArray[np.intp], list[NDArray[Any]]]:
    """Of several ids of the same candidates: which combination each has, and the ids of every combination."""
    codes = np.zeros(len(ids[0]), np.int64)
    for each in ids:
        codes, _ = pd.factorize(codes * (int(each.max(initial=0)) + 1) + each)
    of_each = np.zeros(codes.max(initial=-1) + 1, np.intp)
    of_each[codes] = np.arange(len(codes))
    return codes, [each[of_each] for each in ids]


def _whole(counts: NDArray[Any]) -> Counts:
    """Floats hold counts exactly, and their matrices multiply faster."""
    return counts.astype(np.int64)
