"""What screening costs in one order of its stages or another, and in the cheapest one.

Whether two stages stop the same patients is taken from the patients, never from independence; assumed pass rates alone are multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from feasibility.logic import Floats
from feasibility.results.by_stage import ByStage
from feasibility.results.dropping import subset_sums

MOST_STAGES = 16  # whose sets are all looked at
MOST_GROUNDS = 22
SAME_COST = 1 + 1e-12  # costs are sums of floats


@dataclass(frozen=True)
class StageReached:
    """One stage in an order: how many patients are expected to reach it, are stopped at it by their data, and by the pass rates assumed at it."""

    id: str
    cost: float
    reaching: float
    stopped: float
    by_assumption: float


@dataclass(frozen=True)
class ScreeningCost:
    """What an order of the stages costs, with all ``patients`` of the cohort screened.

    ``eligible`` and ``undetermined`` are those who reach the end, as expected at the assumed pass rates (without any they are counts), and
    ``eligible_on_data`` those who pass whatever the data show, counted; no order changes them. ``broken``: stages that stand before one that must come
    first, with that one.
    """

    patients: int
    stages: tuple[StageReached, ...]
    eligible: float
    undetermined: float
    eligible_on_data: int
    broken: tuple[tuple[str, str], ...]

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.stages)

    @property
    def total(self) -> float:
        """The sum over the stages of the cost times those who reach them."""
        return sum(each.cost * each.reaching for each in self.stages)

    @property
    def per_screened(self) -> float:
        """Of nobody there is no cost: 0."""
        return self.total / self.patients if self.patients else 0.0

    @property
    def per_eligible(self) -> float:
        """The total by the eligible on the data; inf if there is none. Who is undetermined at the end has been paid for too."""
        return self.total / self.eligible_on_data if self.eligible_on_data else np.inf

    @property
    def per_expected(self) -> float:
        """The total by those expected to enrol: the same where no pass rate is assumed, or all are 1; inf if there is none."""
        return self.total / self.eligible if self.eligible else np.inf

    @property
    def to_screen(self) -> tuple[float, float]:
        """Patients to screen for one eligible: as known, and if every gap resolved in the patient's favour; inf if there is none."""
        best = self.eligible + self.undetermined
        return (self.patients / self.eligible if self.eligible else np.inf), (self.patients / best if best else np.inf)


class BesideCheapest(Enum):
    """How an order stands beside the cheapest that keeps what must come first."""

    CHEAPEST = "cheapest"
    DEARER = "dearer"
    BROKEN = "broken"  # it cannot be kept: what it costs says nothing


def beside_cheapest(shown: ScreeningCost, cheapest: ScreeningCost) -> BesideCheapest:
    """Told from exact costs; rounded ones may hide a difference or make one."""
    if shown.broken:
        return BesideCheapest.BROKEN
    return BesideCheapest.CHEAPEST if shown.total <= cheapest.total * SAME_COST else BesideCheapest.DEARER


@dataclass(frozen=True)
class Moved:
    """A stage that another order puts after or before others, and what that changes: ``fewer`` patients examined there (less than 0: more), at its ``cost``.

    ``after``: stages that now come before it and did not; ``before``: those that did and no longer do. Who reaches a stage hangs on no more than which
    stages come before it. ``assumed``: how many of those fewer are stopped in the other order by the pass rate assumed at a stage of ``after``; told only
    where the stages that came before it already come first there, so that all whom those of ``after`` stop would have reached it.
    """

    id: str
    cost: float
    after: tuple[str, ...]
    before: tuple[str, ...]
    fewer: float
    assumed: tuple[tuple[str, float], ...] = ()

    @property
    def cheaper(self) -> float:
        return self.cost * self.fewer


def moved_between(shown: ScreeningCost, other: ScreeningCost) -> tuple[Moved, ...]:
    """The stages at which another order of the same ones saves or costs something, the most saved first: what they save is the difference in all."""
    reached = {each.id: each for each in shown.stages}
    assert set(reached) == set(other.order), "the same stages"
    found = []
    for place, each in enumerate(other.stages):
        now, then = shown.order[: shown.order.index(each.id)], other.order[:place]
        after, before = (tuple(stage for stage in these if stage not in those) for these, those in ((then, now), (now, then)))
        new = other.stages[len(now) : place] if set(other.order[: len(now)]) == set(now) else ()
        assumed = tuple((stage.id, stage.by_assumption) for stage in new if stage.by_assumption)
        found.append(Moved(each.id, each.cost, after, before, reached[each.id].reaching - each.reaching, assumed))
    least = (SAME_COST - 1) * max(shown.total, other.total)
    return tuple(sorted((each for each in found if (each.after or each.before) and abs(each.cheaper) > least), key=lambda each: -each.cheaper))


def cost_of(found: ByStage, order: Sequence[str]) -> ScreeningCost:
    """What an order of the stages costs. ``order`` holds each of them once; stages of the protocol that are not asked for are passed over."""
    walked = [found.stages.index(each) for each in order if each in found.stages]
    assert sorted(walked) == list(range(len(found.stages))), "each stage once"
    expected = found.counts.astype(np.float64)  # left after the stages done, by row and group
    done = 0
    stages: list[StageReached] = []
    broken: list[tuple[str, str]] = []
    for stage in walked:
        reaching = float(expected.sum())
        broken += [(found.stages[stage], found.stages[before]) for before in _bits(found.after[stage] & ~done)]
        done |= 1 << stage
        grounds = sum(1 << bit for bit, needed in enumerate(found.grounds) if needed & ~done == 0)
        expected[found.found & np.int64(grounds) != 0] = 0.0
        passing = float(expected.sum())
        expected *= found.rates[:, stage]
        stages.append(StageReached(found.stages[stage], float(found.costs[stage]), reaching, reaching - passing, passing - float(expected.sum())))
    at_end = found.rates_at_end * found.rates.prod(axis=1)
    expected_at_end = float(found.eligible @ at_end), float(found.undetermined @ at_end)
    return ScreeningCost(found.patients, tuple(stages), *expected_at_end, int(found.eligible.sum()), tuple(broken))


def cheapest(found: ByStage) -> ScreeningCost | None:
    """The cheapest order that keeps what must come before what; of orders that cost the same, the first in the order of the protocol.

    Exact, by dynamic programming over the sets of stages done (Held and Karp 1962): what is still to be paid from a set on does not depend on the order
    it was done in. None with more than ``MOST_STAGES`` stages or ``MOST_GROUNDS`` grounds, of which not all sets are looked at.
    """
    number = len(found.stages)
    if number > MOST_STAGES or len(found.grounds) > MOST_GROUNDS:
        return None
    reaching = _reaching(found)
    size = np.bitwise_count(np.arange(1 << number))
    to_pay = np.full(1 << number, np.inf)
    to_pay[-1] = 0.0
    for done in range(number - 1, -1, -1):
        sets = np.flatnonzero(size == done)
        for stage in range(number):
            open_ = sets[(sets >> stage & 1 == 0) & (found.after[stage] & ~sets == 0)]
            to_pay[open_] = np.minimum(to_pay[open_], found.costs[stage] * reaching[open_] + to_pay[open_ | 1 << stage])
    assert np.isfinite(to_pay[0]), "stages that wait for one another are refused when a protocol is read"
    order: list[int] = []
    now = 0
    while len(order) < number:
        following = [stage for stage in range(number) if not now >> stage & 1 and found.after[stage] & ~now == 0]
        pay = {stage: found.costs[stage] * reaching[now] + to_pay[now | 1 << stage] for stage in following}
        order.append(next(stage for stage in following if pay[stage] <= to_pay[now] * SAME_COST))
        now |= 1 << order[-1]
    return cost_of(found, [found.stages[stage] for stage in order])


def _reaching(found: ByStage) -> Floats:
    """For every set of stages, how many patients are expected to come through it."""
    sets = np.arange(1 << len(found.stages))
    known = np.zeros(len(sets), np.int64)
    for bit, needed in enumerate(found.grounds):
        known |= (needed & ~sets == 0).astype(np.int64) << bit
    through = np.zeros(len(sets))
    for group in range(len(found.rates)):
        without = subset_sums(found.found, found.counts[:, group], range(len(found.grounds)))
        rate = np.ones(1)
        for of_stage in found.rates[group]:
            rate = np.concatenate([rate, rate * of_stage])
        through += without[~known & (1 << len(found.grounds)) - 1] * rate
    return through


def _bits(mask: int) -> list[int]:
    return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]
