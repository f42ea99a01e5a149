"""The patients who may be eligible wherever some criteria move: those who fail none of the others. They are few, and screened alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools
from feasibility.results.overview import Counted, Workbench
from feasibility.scenario import Scenario
from feasibility.screening.screen import FAIL, PASS, Screener


@dataclass(frozen=True, eq=False)
class Candidates:
    """The patients, by row, who FAIL no criterion that counts but perhaps those that move; ``clear``: who PASS all the others.

    ``screener`` knows these patients alone. Nobody else is eligible or undetermined, wherever the criteria move.
    """

    patients: NDArray[np.intp]
    clear: Bools
    screener: Screener

    def under(self, workbench: Workbench, scenario: Scenario, moving: Iterable[str]) -> tuple[int, int] | None:
        """Eligible and possible (failing nothing) under a scenario that differs in the criteria that move; None where one is no longer assessable."""
        passing, possible = self.clear, np.ones(len(self.patients), bool)
        for each in moving:
            outcome = self.screener.outcome(workbench.protocol, scenario, each)
            if outcome is None:
                return None
            passing, possible = passing & (outcome == PASS), possible & (outcome != FAIL)
        return int(np.count_nonzero(passing)), int(np.count_nonzero(possible))


def candidates(workbench: Workbench, counted: Counted, moving: Iterable[str]) -> Candidates:
    """The candidates of a scenario where some of its criteria move."""
    patterns, moving = counted.patterns, frozenset(moving)
    others = patterns.mask(each for each in counted.order if each not in moving)
    patients = np.flatnonzero((patterns.failed & others == 0)[patterns.pattern_of])
    clear = (patterns.unknown & others == 0)[patterns.pattern_of[patients]]
    return Candidates(patients, clear, workbench.screener.of(patients))
