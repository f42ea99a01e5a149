"""Candidates by how it goes for them where something moves, and how many there are of each kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Truth
from feasibility.screening.distinct import joined
from feasibility.screening.profiles import Ids, alike

Counts = NDArray[np.int64]

NO, OPEN, CLEAR = range(3)  # what the criteria that do not move make of a patient: FAILS one of them, FAILS none, PASSES all
MOST_KINDS = 1 << 14  # beyond which those that go alike are put together


@dataclass(frozen=True, eq=False)
class Kinds:
    """Candidates by how it goes for them where something moves: ``outcomes``, kinds × stops; ``open`` and ``clear``, how many of each kind.

    Two kinds may go alike, and the number of one be negative: only sums over all that go alike are meant. Who FAILS at every stop need not be among them.
    """

    outcomes: Truth
    open: Counts
    clear: Counts

    def and_more(self, others: Kinds) -> Kinds:
        if others.outcomes is self.outcomes:
            return Kinds(self.outcomes, self.open + others.open, self.clear + others.clear)
        some = np.flatnonzero((others.open != 0) | (others.clear != 0))
        outcomes = np.concatenate([self.outcomes, others.outcomes[some]])
        counts = [np.concatenate([own, more[some]]) for own, more in ((self.open, others.open), (self.clear, others.clear))]
        if len(outcomes) > MOST_KINDS:
            names, outcomes = alike(outcomes)
            counts = [np.bincount(names, each, len(outcomes)).astype(np.int64) for each in counts]
            left = (counts[0] != 0) | (counts[1] != 0)
            outcomes, counts = outcomes[left], [each[left] for each in counts]
        return Kinds(outcomes, *counts)


def tallied(able: NDArray[np.int8], ids: Ids, number: int) -> Counts:
    """Of some patients how many candidates have each of so many ids, given what they are and which theirs is: first the open, then the clear."""
    return np.bincount(joined((able, CLEAR + 1), (ids, number)), minlength=(CLEAR + 1) * number).reshape(CLEAR + 1, number)[OPEN:]
