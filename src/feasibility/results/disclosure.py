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

    def tally(self, tally: Tally) -> Tally:
        """Of each kind of patients some are left where there are some, as far as there are patients enough."""
        if not self.unit:
            return tally
        room = tally.patients - min(self.count(tally.ineligible), tally.patients)
        eligible = min(self.count(tally.eligible), room)
        return Tally(tally.patients, eligible, min(self.count(tally.undetermined), room - eligible))

    def comparison(self, comparison: Comparison) -> Comparison:
        return Comparison(self.count(comparison.gained), self.count(comparison.lost))

    def expected(self, expected: float, eligible: int) -> float:
        """How many are expected to enrol, reckoned on from the eligible as shown, so that it does not say more of them."""
        return float(self.counts(expected / eligible * self.count(eligible))) if self.unit and eligible else expected

    def overview(self, overview: Overview) -> Overview:
        """The overview as it may be shown; outcomes and patterns are what they were."""
        if not self.unit:
            return overview
        return replace(
            overview,
            tally=self.tally(overview.tally),
            written=self.tally(overview.written),
            steps=tuple(
                replace(each, eligible=self.count(each.eligible), undetermined=self.count(each.undetermined), lost=self.count(each.lost))
                for each in overview.steps
            ),
            losses=tuple(map(self._loss, overview.losses)),
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

    def _loss(self, loss: Loss) -> Loss:
        gain = self.count(loss.gain)  # rounded as a whole, and its two parts so that they add up to it
        only_fail = min(self.count(loss.only_fail), gain)
        fails, unknown, first_fail, possible = map(self.count, (loss.fails, loss.unknown, loss.first_fail, loss.gain_possible))
        return Loss(loss.id, fails, unknown, first_fail, only_fail, gain - only_fail, possible, float(self.counts(loss.share)))


def _as_given(overview: Overview, assumed: AssumedRate) -> AssumedRate:
    """The mean over the eligible would say who they are: the middle of the rates given instead."""
    given = [each.rate for each in overview.screening.protocol[assumed.id].assumed] or [1.0]
    return replace(assumed, rate=overview.screening.scenario.rates.get(assumed.id, (min(given) + max(given)) / 2))


EXACT = Rounding()
