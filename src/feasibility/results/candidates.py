"""The patients who may be eligible wherever some criteria move: those who fail none of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Truth
from feasibility.patterns import Masks, Patterns
from feasibility.screening.profiles import FEW, Ids, Profiles

Rows = NDArray[np.intp]
Counts = NDArray[np.int64]

NO, OPEN, CLEAR = range(3)


@dataclass(frozen=True, eq=False)
class Candidates:
    """The patients, by row, who FAIL no criterion that counts but perhaps those that move; the first ``clear`` of them PASS all the others.

    Nobody else is eligible or undetermined, wherever the criteria move.
    """

    patients: Rows
    clear: int

    def whose(self, outcome: Truth) -> Candidates:
        """Those who do not FAIL something more that does not move; who PASS it stay clear."""
        outcome = outcome[self.patients]
        clear, others = self.patients[: self.clear], self.patients[self.clear :]
        of_clear, of_others = outcome[: self.clear], outcome[self.clear :]
        return _candidates([clear[of_clear == TRUE]], [clear[of_clear == UNKNOWN], others[of_others != FALSE]])


@dataclass(frozen=True, eq=False)
class _Differing:
    """The patients, by row, of whom the criteria that do not move make something else than in the scenario before: what they made then, and now."""

    patients: Rows
    before: NDArray[np.int8]
    now: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Standing:
    """How the patients of a scenario stand on the criteria that count, ``order``; and how many candidates there are where some of these move.

    ``earlier`` is the same of a scenario before. What was counted of it holds for all patients but those whose outcomes have changed, so that after a
    move no more than these need be looked at. Several threads may ask at once.
    """

    patterns: Patterns
    order: tuple[str, ...]
    outcomes: Mapping[str, Truth]
    earlier: Standing | None = None
    _kinds: WeakKeyDictionary[Profiles, dict[frozenset[str], Counts]] = field(default_factory=WeakKeyDictionary)  # no longer than profiles are remembered
    _others: dict[frozenset[str], _Differing] = field(default_factory=dict)

    @property
    def for_the_next(self) -> Standing:
        """What the next scenario goes on from: this one, or if nothing was counted of it the one before it."""
        last = self if self._kinds or self.earlier is None else self.earlier
        return replace(last, earlier=None, _others={})

    @cached_property
    def _counting(self) -> np.int64:
        return self.patterns.mask(self.order)

    @cached_property
    def now(self) -> tuple[int, int]:
        """How many are eligible, and how many possible."""
        open_, clear = np.bincount(self.by_pattern(()), self.patterns.patients, CLEAR + 1)[OPEN:].astype(int).tolist()
        return clear, clear + open_

    def by_pattern(self, moving: Collection[str]) -> NDArray[np.int8]:
        """Of each pattern what the criteria that do not move make of it: CLEAR where it PASSES all of them, OPEN where it FAILS none of them, else NO."""
        return self._by_masks(self.patterns.failed, self.patterns.unknown, moving)

    def _by_masks(self, failed: Masks, unknown: Masks, moving: Collection[str]) -> NDArray[np.int8]:
        others = self._counting & ~self.patterns.mask(moving)
        able: Bools = failed & others == 0
        found: NDArray[np.int8] = able.astype(np.int8) + (able & (unknown & others == 0))
        return found

    def kinds(self, found: Profiles, moving: Iterable[str]) -> Counts:
        """How many candidates have each profile where some of the criteria move: first those who are open, then those who are clear."""
        moving = frozenset(moving)
        known = self._kinds.setdefault(found, {})
        if moving not in known:
            before = None if self.earlier is None else self.earlier._kinds.get(found, {}).get(moving)
            more = None if before is None else self._more(found, moving)
            known[moving] = self._counted(found, moving) if before is None or more is None else before + more
        return known[moving]

    def _more(self, found: Profiles, moving: frozenset[str]) -> Counts | None:
        """How many more there are than in the scenario before; None where that would take as long as to count them all."""
        other = self._differing(moving)
        if other is None:
            return None
        ids = found.of_patient[other.patients]
        return _tallied(other.now, ids, found) - _tallied(other.before, ids, found)

    def _differing(self, moving: frozenset[str]) -> _Differing | None:
        if self.earlier is None or self._changed is None:
            return None
        if moving not in self._others:
            patients, before, now = self._changed
            able_before, able_now = self.earlier._by_masks(*before, moving), self._by_masks(*now, moving)
            differ = np.flatnonzero(able_before != able_now)
            self._others[moving] = _Differing(patients[differ], able_before[differ], able_now[differ])
        return self._others[moving]

    def _counted(self, found: Profiles, moving: frozenset[str]) -> Counts:
        by_pattern, unusual = self.by_pattern(moving), found.but_the_usual
        if unusual is None:
            return _tallied(by_pattern[self.patterns.pattern_of], found.of_patient, found)
        # Of most patients the profile is the same, so that only the others need be looked at.
        kinds = _tallied(by_pattern[self.patterns.pattern_of[unusual]], found.of_patient[unusual], found)
        kinds[:, found.usual] = np.bincount(by_pattern, self.patterns.patients, CLEAR + 1)[OPEN:] - kinds.sum(axis=1)
        return kinds

    @cached_property
    def _changed(self) -> tuple[Rows, tuple[Masks, Masks], tuple[Masks, Masks]] | None:
        """The patients, by row, with another outcome than in the scenario before, and their masks then and now; None where they are not few."""
        assert self.earlier is not None
        patients = np.zeros(self.patterns.total, bool)
        for each in dict.fromkeys((*self.order, *self.earlier.order)):
            outcomes = [of.outcomes[each] if each in of.order else TRUE for of in (self, self.earlier)]
            if outcomes[0] is not outcomes[1]:
                patients |= outcomes[0] != outcomes[1]
        rows = np.flatnonzero(patients)
        if len(rows) > FEW * len(patients):
            return None
        then, now = (of.patterns.pattern_of[rows] for of in (self.earlier, self))
        return rows, (self.earlier.patterns.failed[then], self.earlier.patterns.unknown[then]), (self.patterns.failed[now], self.patterns.unknown[now])

    def candidates(self, moving: Collection[str]) -> Candidates:
        """The candidates where some of the criteria move."""
        of_patient = self.by_pattern(moving)[self.patterns.pattern_of]
        return _candidates([np.flatnonzero(of_patient == CLEAR)], [np.flatnonzero(of_patient == OPEN)])


def _tallied(able: NDArray[np.int8], ids: Ids, found: Profiles) -> Counts:
    """Of some patients how many candidates have each profile, given what they are and which profile theirs is: first the open, then the clear."""
    number = len(found.outcomes)
    keys = able.astype(np.intp)
    keys *= number
    keys += ids
    return np.bincount(keys, minlength=(CLEAR + 1) * number).reshape(CLEAR + 1, number)[OPEN:]


def _candidates(clear: Sequence[Rows], others: Sequence[Rows]) -> Candidates:
    return Candidates(np.concatenate([*clear, *others]), sum(map(len, clear)))
