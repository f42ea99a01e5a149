"""At which stops of a parameter each of some patients passes, as one mask a patient: bit k is the k-th stop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from feasibility.patterns import Masks
from feasibility.screening.flips import Places
from feasibility.screening.moving import asked_flips
from feasibility.screening.parts import outcome_at
from feasibility.screening.screen import FAIL, PASS, Asked, Screener

MOST_BITS = 63


@dataclass(frozen=True, eq=False)
class Passing:
    """By patient, the stops at which the outcome is PASS, and those at which it is not FAIL."""

    passes: Masks
    possible: Masks

    def both(self, other: Passing) -> Passing:
        """Two things that must both pass."""
        return Passing(self.passes & other.passes, self.possible & other.possible)


def passing(screener: Screener, parts: Iterable[Asked], parameter: str, stops: Sequence[float]) -> Passing:
    """Where all of some parts pass, in which one parameter is left open; at most 63 stops, rising."""
    assert len(stops) <= MOST_BITS
    everywhere = np.full(screener.cohort.patients, (1 << len(stops)) - 1, np.int64)
    return reduce(Passing.both, (_of_part(screener, part, parameter, stops) for part in parts), Passing(everywhere, everywhere))


def _of_part(screener: Screener, part: Asked, parameter: str, stops: Sequence[float]) -> Passing:
    finite = [place for place, stop in enumerate(stops) if np.isfinite(stop)]
    found = asked_flips(screener, part, parameter, [stops[place] for place in finite])
    if found is None:
        return _one_by_one(screener, part, parameter, stops, range(len(stops)))
    flips, falling = found
    loosening = finite[::-1] if falling else finite

    def from_flip(places: Places) -> Masks:
        at_and_after = [sum(1 << place for place in loosening[before:]) for before in range(len(loosening) + 1)]
        return np.array(at_and_after, np.int64)[places]

    rest = _one_by_one(screener, part, parameter, stops, [place for place in range(len(stops)) if place not in finite])
    return Passing(from_flip(flips.second) | rest.passes, from_flip(flips.first) | rest.possible)


def _one_by_one(screener: Screener, part: Asked, parameter: str, stops: Sequence[float], places: Iterable[int]) -> Passing:
    passes, possible = (np.zeros(screener.cohort.patients, np.int64) for _ in range(2))
    for place in places:
        outcome = outcome_at(screener, part, {parameter: stops[place]})
        passes |= (outcome == PASS).astype(np.int64) << place
        possible |= (outcome != FAIL).astype(np.int64) << place
    return Passing(passes, possible)
