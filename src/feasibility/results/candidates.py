"""The patients who may be eligible wherever some criteria move: those who fail none of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, UNKNOWN, Truth
from feasibility.patterns import Patterns
from feasibility.results.accounting import first_bit

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
class Able:
    """The same patients by pattern: ``of_pattern`` is CLEAR for those who PASS all that does not move, OPEN for the other candidates, and NO for the rest."""

    of_pattern: NDArray[np.int8]
    patterns: Patterns

    def of(self, patients: Rows) -> NDArray[np.int8]:
        """Of some patients, by row."""
        found: NDArray[np.int8] = self.of_pattern[self.patterns.pattern_of[patients]]
        return found

    @property
    def number(self) -> Counts:
        """How many patients there are of each, NO first."""
        return np.bincount(self.of_pattern, self.patterns.patients, CLEAR + 1).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Standing:
    """How the patients of a scenario stand on the criteria that count, ``order``, from which the candidates of one after the other are soon told."""

    patterns: Patterns
    order: tuple[str, ...]
    _last: dict[frozenset[str], Candidates] = field(default_factory=dict)

    def candidates(self, moving: Iterable[str]) -> Candidates:
        """The candidates where some of the criteria move; those told last are remembered. Several threads may ask at once."""
        moving = frozenset(moving)
        found = self._last.get(moving)
        if found is None:
            found = self._of_one(*moving) if len(moving) == 1 else self._of_several(moving)
            self._last.clear()
            self._last[moving] = found
        return found

    def counted(self, moving: Iterable[str]) -> Able:
        """How many the candidates are, and which patterns are theirs."""
        patterns, moving = self.patterns, set(moving)
        others = patterns.mask(each for each in self.order if each not in moving)
        able, clear = patterns.failed & others == 0, patterns.unknown & others == 0
        return Able(able.astype(np.int8) + (able & clear), patterns)

    @property
    def now(self) -> tuple[int, int]:
        """How many are eligible, and how many possible."""
        _, begins = self._grouped
        return begins[1], begins[len(self.patterns.criteria) + 2]

    def _of_one(self, criterion: str) -> Candidates:
        patients, begins = self._grouped
        number = len(self.patterns.criteria)

        def those(first: int, last: int) -> Rows:
            return patients[begins[first] : begins[last + 1]]

        eligible, several = 0, number + 1
        if criterion not in self.patterns.criteria:
            return _candidates([those(eligible, eligible)], [those(eligible + 1, several)])
        open_on_it = 1 + self.patterns.criteria.index(criterion)
        failing_it, failing_it_and_open = several + open_on_it, several + number + open_on_it
        return _candidates(
            [those(eligible, eligible), those(open_on_it, open_on_it), those(failing_it, failing_it)],
            [those(eligible + 1, open_on_it - 1), those(open_on_it + 1, several), those(failing_it_and_open, failing_it_and_open)],
        )

    def _of_several(self, moving: frozenset[str]) -> Candidates:
        of_patient = self.counted(moving).of_pattern[self.patterns.pattern_of]
        return _candidates([np.flatnonzero(of_patient == CLEAR)], [np.flatnonzero(of_patient == OPEN)])

    @cached_property
    def _grouped(self) -> tuple[Rows, list[int]]:
        """The patients who fail one criterion at most, one group after the other, and where each group begins; the last ends where nobody is left.

        First the eligible; then who is UNKNOWN on one criterion alone, by criterion, and on several; then who FAILS one and PASSES all others, by
        criterion; then who FAILS one and is UNKNOWN on others, by criterion.
        """
        patterns, counting, number = self.patterns, self.patterns.mask(self.order), len(self.patterns.criteria)
        failed, unknown = patterns.failed & counting, patterns.unknown & counting
        failing, open_on = (np.bitwise_count(each) for each in (failed, unknown))
        first_failed, first_open = (first_bit(each, number) for each in (failed, unknown))
        several = number + 1
        last = several + 2 * number
        group = np.select(
            [failing > 1, (failing == 1) & (open_on == 0), failing == 1, open_on > 1, open_on == 1],
            [last + 1, several + 1 + first_failed, several + number + 1 + first_failed, several, 1 + first_open],
            0,
        ).astype(np.uint8)
        of_patient = group[patterns.pattern_of]
        patients = np.flatnonzero(of_patient <= last)
        of_patient = of_patient[patients]
        ends = np.bincount(of_patient, minlength=last + 1).cumsum()
        return patients[np.argsort(of_patient, kind="stable")], [0, *ends.tolist()]


def _candidates(clear: Sequence[Rows], others: Sequence[Rows]) -> Candidates:
    return Candidates(np.concatenate([*clear, *others]), sum(map(len, clear)))
