"""The patients who may be eligible wherever some criteria move: those who fail none of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, Bools, Truth
from feasibility.patterns import Masks, Patterns

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Candidates:
    """The patients, by row, who FAIL no criterion that counts but perhaps those that move; ``clear``: who PASS all the others.

    Nobody else is eligible or undetermined, wherever the criteria move.
    """

    patients: Rows
    clear: Bools

    def whose(self, outcome: Truth) -> Candidates:
        """Those who do not FAIL something more that does not move; who PASS it stay clear."""
        outcome = outcome[self.patients]
        left = outcome != FALSE
        return Candidates(self.patients[left], (self.clear & (outcome == TRUE))[left])


@dataclass(frozen=True, eq=False)
class Standing:
    """How the patients of a scenario stand, from which the candidates of one criterion after the other are soon told.

    ``order``: the criteria that count. ``unfailed``: the patients, by row, who fail none of them, and ``open_on``: what each of these is UNKNOWN on.
    """

    patterns: Patterns
    order: tuple[str, ...]
    unfailed: Rows
    open_on: Masks
    _last: dict[frozenset[str], Candidates] = field(default_factory=dict)

    def candidates(self, moving: Iterable[str]) -> Candidates:
        """The candidates where some of the criteria move; those told last are remembered."""
        moving = frozenset(moving)
        if moving not in self._last:
            found = self._candidates(moving)
            self._last.clear()
            self._last[moving] = found
        return self._last[moving]

    def _candidates(self, moving: frozenset[str]) -> Candidates:
        patterns = self.patterns
        if len(moving) != 1:
            others = patterns.mask(each for each in self.order if each not in moving)
            patients = np.flatnonzero((patterns.failed & others == 0)[patterns.pattern_of])
            return Candidates(patients, (patterns.unknown & others == 0)[patterns.pattern_of[patients]])
        (criterion,) = moving
        failing_it, open_elsewhere = self._failing_one.get(criterion, (self.unfailed[:0], self.open_on[:0]))
        clear = self.open_on & ~patterns.mask(moving) == 0
        return Candidates(np.concatenate([self.unfailed, failing_it]), np.concatenate([clear, open_elsewhere == 0]))

    @cached_property
    def _failing_one(self) -> dict[str, tuple[Rows, Masks]]:
        """By criterion the patients who fail it and no other, and what each of them is UNKNOWN on."""
        patterns, counting = self.patterns, self.patterns.mask(self.order)
        failed = patterns.failed & counting
        one = (failed != 0) & (failed & (failed - 1) == 0)
        which = np.where(one, np.log2(np.maximum(failed, 1)).astype(np.int8), np.int8(len(patterns.criteria)))
        of_patient = which[patterns.pattern_of]
        patients = np.flatnonzero(of_patient < len(patterns.criteria))
        patients = patients[np.argsort(of_patient[patients], kind="stable")]
        open_on = (patterns.unknown & counting)[patterns.pattern_of[patients]]
        ends = np.bincount(of_patient[patients], minlength=len(patterns.criteria)).cumsum()
        spans = zip(patterns.criteria, [0, *ends.tolist()], ends.tolist(), strict=False)  # each begins where the one before it ends
        return {criterion: (patients[begin:end], open_on[begin:end]) for criterion, begin, end in spans}


def standing(patterns: Patterns, order: tuple[str, ...]) -> Standing:
    """How patients stand on the criteria that count."""
    counting = patterns.mask(order)
    unfailed = np.flatnonzero((patterns.failed & counting == 0)[patterns.pattern_of])
    return Standing(patterns, order, unfailed, (patterns.unknown & counting)[patterns.pattern_of[unfailed]])
