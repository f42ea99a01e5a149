"""Failure patterns: the distinct pairs of what was failed and what was unknown, with their patient counts.

Every number and every picture is a function of this small table. A dense pattern id per patient makes the recount after one criterion moved a
gather and a ``bincount``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.logic import FALSE, UNKNOWN, Truth

Masks = NDArray[np.int64]
OUTCOMES = 3
MOST_BITS_IN_ONE_KEY = 31
MANY = 0.25  # of all patients: of so many who changed all are counted anew
UNUSED = 0.75  # of the table


@dataclass(frozen=True, eq=False)
class Patterns:
    """``failed`` and ``unknown`` are bit masks over ``criteria`` (bit i = criterion i), one pair a pattern, with ``patients`` counted in it.

    ``pattern_of`` is each patient's row in the table. Patterns without patients may remain in it, with count 0.
    """

    criteria: tuple[str, ...]
    failed: Masks
    unknown: Masks
    patients: Masks
    pattern_of: NDArray[np.int32]

    def bit(self, criterion_id: str) -> np.int64:
        return np.int64(1) << np.int64(self.criteria.index(criterion_id))

    def mask(self, criterion_ids: Iterable[str]) -> np.int64:
        """The bits of some criteria; those not in the table have none."""
        return np.int64(sum(int(self.bit(each)) for each in set(criterion_ids) if each in self.criteria))

    @property
    def total(self) -> int:
        return len(self.pattern_of)


def count(outcomes: Mapping[str, Truth], patients: int) -> Patterns:
    """The patterns of all patients. ``outcomes``: one int8 a patient for each criterion, at most 63 criteria."""
    return count_masks(tuple(outcomes), *masks(outcomes, patients))


def masks(outcomes: Mapping[str, Truth], patients: int) -> tuple[Masks, Masks]:
    """What each patient failed and what was unknown, bit i for the i-th criterion."""
    failed, unknown = np.zeros(patients, np.int64), np.zeros(patients, np.int64)
    for place, truth in enumerate(outcomes.values()):
        failed |= (truth == FALSE).astype(np.int64) << place
        unknown |= (truth == UNKNOWN).astype(np.int64) << place
    return failed, unknown


def count_masks(criteria: tuple[str, ...], failed: Masks, unknown: Masks) -> Patterns:
    """The patterns of all patients, from their masks."""
    codes, table_failed, table_unknown = _distinct(failed, unknown, len(criteria))
    ids = codes.astype(np.int32)
    return Patterns(criteria, table_failed, table_unknown, np.bincount(ids, minlength=len(table_failed)).astype(np.int64), ids)


def _distinct(failed: Masks, unknown: Masks, bits: int) -> tuple[NDArray[np.int64], Masks, Masks]:
    """The distinct pairs of masks: for each row the number of its pair, and the pairs."""
    if bits <= MOST_BITS_IN_ONE_KEY:
        codes, keys = pd.factorize(failed << MOST_BITS_IN_ONE_KEY | unknown)
        return codes, keys >> MOST_BITS_IN_ONE_KEY, keys & ((1 << MOST_BITS_IN_ONE_KEY) - 1)
    (failed_codes, failed_keys), (unknown_codes, unknown_keys) = pd.factorize(failed), pd.factorize(unknown)
    width = max(len(unknown_keys), 1)
    codes, keys = pd.factorize(failed_codes.astype(np.int64) * width + unknown_codes)
    return codes, failed_keys[keys // width], unknown_keys[keys % width]


@dataclass(frozen=True, eq=False)
class Rest:
    """The patterns over all criteria but one: what stays as it is while that one moves."""

    criterion: str
    patterns: Patterns


def rest(patterns: Patterns, criterion_id: str) -> Rest:
    """The patterns with one criterion's bit taken out."""
    keep = ~patterns.bit(criterion_id)
    used = patterns.patients > 0
    codes, failed, unknown = _distinct(patterns.failed[used] & keep, patterns.unknown[used] & keep, len(patterns.criteria))
    renamed = np.zeros(len(used), np.int32)
    renamed[used] = codes
    ids = renamed[patterns.pattern_of]
    return Rest(criterion_id, Patterns(patterns.criteria, failed, unknown, np.bincount(ids, minlength=len(failed)).astype(np.int64), ids))


def with_outcomes(others: Rest, truth: Truth) -> Patterns:
    """The patterns with the one criterion at new outcomes: row = 3 × row of the rest + outcome."""
    table = others.patterns
    bit = table.bit(others.criterion)
    ids = table.pattern_of * np.int32(OUTCOMES) + truth
    outcome = np.tile(np.arange(OUTCOMES, dtype=np.int8), len(table.failed))
    return Patterns(
        table.criteria,
        np.repeat(table.failed, OUTCOMES) | np.where(outcome == FALSE, bit, 0),
        np.repeat(table.unknown, OUTCOMES) | np.where(outcome == UNKNOWN, bit, 0),
        np.bincount(ids, minlength=len(outcome)).astype(np.int64),
        ids,
    )


def with_patients(patterns: Patterns, outcomes: Mapping[str, Truth], patients: NDArray[np.intp]) -> Patterns:
    """The patterns with some patients, by row, at new outcomes; ``outcomes`` are everybody's, of the same criteria."""
    some = count({each: truth[patients] for each, truth in outcomes.items()}, len(patients))
    # The table's own rows come first and keep their places.
    both = np.concatenate([patterns.failed, some.failed]), np.concatenate([patterns.unknown, some.unknown])
    names, failed, unknown = _distinct(*both, len(patterns.criteria))
    ids = patterns.pattern_of.copy()
    ids[patients] = names[len(patterns.failed) :][some.pattern_of]
    now, before = (np.bincount(each[patients], minlength=len(failed)) for each in (ids, patterns.pattern_of))
    counted = np.append(patterns.patients, np.zeros(len(failed) - len(patterns.failed), np.int64))
    return Patterns(patterns.criteria, failed, unknown, counted + now - before, ids)


@dataclass(eq=False)
class Recounter:
    """Keeps the patterns up to date as outcomes change, recounting as little as it can."""

    _outcomes: Mapping[str, Truth] | None = None
    _patterns: Patterns | None = None
    _rest: Rest | None = None

    def recount(self, outcomes: Mapping[str, Truth], patients: int) -> Patterns:
        """The patterns of these outcomes; arrays that are the very ones of the last call are taken as unchanged."""
        before, self._outcomes = self._outcomes, outcomes
        if before is None or self._patterns is None or tuple(before) != tuple(outcomes) or self._patterns.total != patients:
            self._patterns, self._rest = count(outcomes, patients), None
            return self._patterns
        moved = [each for each in outcomes if outcomes[each] is not before[each]]
        if len(moved) > 1:
            self._patterns, self._rest = _of_several(self._patterns, before, outcomes, moved), None
        elif moved:
            if self._rest is None or self._rest.criterion != moved[0]:
                self._rest = rest(self._patterns, moved[0])
            self._patterns = with_outcomes(self._rest, outcomes[moved[0]])
        return self._patterns


def _of_several(patterns: Patterns, before: Mapping[str, Truth], outcomes: Mapping[str, Truth], moved: Iterable[str]) -> Patterns:
    """The patterns after several criteria moved; counted anew where many patients changed, or where much of the table is no longer anybody's."""
    changed = np.zeros(patterns.total, bool)
    for each in moved:
        changed |= outcomes[each] != before[each]
    unused = np.count_nonzero(patterns.patients == 0)
    if np.count_nonzero(changed) > MANY * patterns.total or unused > UNUSED * len(patterns.patients):
        return count(outcomes, patterns.total)
    return with_patients(patterns, outcomes, np.flatnonzero(changed))
