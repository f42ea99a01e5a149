"""Small counts hidden: every count of patients is rounded, so that no number shown is that of a few patients.

Nobody stays nobody; from one patient up to the unit is the unit; what is more goes to the nearest multiple. Rounded counts need not add up. It keeps
a few patients from being read off a screen or a slide; whoever steps a threshold through all its values can still narrow a count down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from feasibility.results.accounting import Comparison, Loss, Tally
from feasibility.results.count_tables import CountTable
from feasibility.results.judged import OfCriterion
from feasibility.results.overview import AssumedRate, Overview

SMALL = 10
OF_TABLES = "eligible undetermined lost fails unknown gain gain_possible share gained lost_against_written".split()


@dataclass(frozen=True)
class Rounding:
    """How counts of patients are shown: to multiples of ``unit`` and never above ``patients``, or, where the unit is 0, exactly.

    The number of patients loaded is never rounded.
    """

    unit: int = 0
    patients: float = math.inf

    def counts(self, numbers: ArrayLike) -> NDArray[Any]:
        """Counts, or numbers of patients, an array of any shape; of a change its size is rounded."""
        exact = np.asarray(numbers)
        if not self.unit:
            return exact
        size = np.abs(exact)
        nearest = np.minimum(np.maximum(np.floor(size / self.unit + 0.5) * self.unit, self.unit), self.patients)
        rounded: NDArray[Any] = (np.sign(exact) * np.where(size > 0, nearest, 0)).astype(exact.dtype)
        return rounded

    def count(self, number: int) -> int:
        return int(self.counts(number))

    def parts(self, whole: int, eligible: int, undetermined: int, rest: int) -> tuple[int, int, int]:
        """Three parts of a whole, which may be rounded already, so that they still make it up and none is small.

        The eligible are rounded first, then the undetermined, who with them are as many as both are wherever they are counted as one. What is over or
        short is the rest's, then that of the undetermined; each keeps the unit where it was not nobody. Where there are not patients enough for that, the
        smaller ones are left out, but never the eligible.
        """
        if not self.unit:
            return eligible, undetermined, rest
        shown = [self.count(eligible), max(self.count(eligible + undetermined) - self.count(eligible), self.count(min(undetermined, 1))), self.count(rest)]
        exact, least = (eligible, undetermined, rest), min(self.unit, whole)
        there = [place for place in range(3) if exact[place]]
        while len(there) > 1 and len(there) * self.unit > whole:
            left_out = min((place for place in there if place), key=exact.__getitem__)
            there.remove(left_out)
            shown[left_out] = 0
        over = sum(shown) - whole
        for place in reversed(there):
            gives = min(over, shown[place] - least)
            shown[place] -= gives
            over -= gives
        return shown[0], shown[1], shown[2]

    def tally(self, tally: Tally) -> Tally:
        """Every patient once, as in ``parts``: the ineligible are the rest."""
        eligible, undetermined, _ = self.parts(tally.patients, tally.eligible, tally.undetermined, tally.ineligible)
        return Tally(tally.patients, eligible, undetermined, self.unit)

    def comparison(self, comparison: Comparison) -> Comparison:
        return Comparison(self.count(comparison.gained), self.count(comparison.lost))

    def expected(self, expected: float, eligible: int) -> float:
        """How many are expected to enrol, reckoned on from the eligible as shown, so that it does not say more of them."""
        return float(self.counts(expected / eligible * self.count(eligible))) if self.unit and eligible else expected

    def overview(self, overview: Overview) -> Overview:
        """The overview as it may be shown; outcomes and patterns are what they were."""
        if not self.unit:
            return overview
        tally = self.tally(overview.tally)
        return replace(
            overview,
            tally=tally,
            written=self.tally(overview.written),
            steps=tuple(
                replace(each, eligible=self.count(each.eligible), undetermined=self.count(each.undetermined), lost=self.count(each.lost))
                for each in overview.steps
            ),
            losses=tuple(self._loss(each, tally.ineligible) for each in overview.losses),
            comparison=self.comparison(overview.comparison),
            assumed=tuple(_as_given(overview, each) for each in overview.assumed),
            expected=self.expected(overview.expected, overview.tally.eligible),
        )

    def table(self, table: CountTable) -> CountTable:
        """A count table as it may be shown; tallies, comparisons and who is expected are to be taken of the exact one, and rounded then."""
        rounded: dict[str, Any] = {name: self.counts(getattr(table, name)) for name in OF_TABLES}
        return replace(table, **rounded, moved={each: self._moved(counts) for each, counts in table.moved.items()})

    def _moved(self, criterion: OfCriterion) -> OfCriterion:
        limbs = {label: (self.counts(fails), self.counts(unknown)) for label, (fails, unknown) in criterion.limbs.items()}
        return OfCriterion(limbs, None if criterion.saved is None else self.counts(criterion.saved))

    def _loss(self, loss: Loss, ineligible: int) -> Loss:
        gain = self.count(loss.gain)  # rounded as a whole, and its two parts so that they add up to it
        only_fail = min(self.count(loss.only_fail), gain)
        fails, unknown, first_fail, possible = map(self.count, (loss.fails, loss.unknown, loss.first_fail, loss.gain_possible))
        share = min(float(self.counts(loss.share)), ineligible)
        return Loss(loss.id, fails, unknown, first_fail, only_fail, gain - only_fail, possible, share)


def _as_given(overview: Overview, assumed: AssumedRate) -> AssumedRate:
    """The mean over the eligible would say who they are: the middle of the rates given instead."""
    given = [each.rate for each in overview.screening.protocol[assumed.id].assumed] or [1.0]
    return replace(assumed, rate=overview.screening.scenario.rates.get(assumed.id, (min(given) + max(given)) / 2))


EXACT = Rounding()
