"""The patients who may be eligible wherever some criteria move: those who fail none of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, UNKNOWN, Truth

Rows = NDArray[np.intp]


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
        return candidates([clear[of_clear == TRUE]], [clear[of_clear == UNKNOWN], others[of_others != FALSE]])


def candidates(clear: Sequence[Rows], others: Sequence[Rows]) -> Candidates:
    """Those who are clear, and those who are not, each in some parts."""
    return Candidates(np.concatenate([*clear, *others]), sum(map(len, clear)))
