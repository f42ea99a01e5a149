"""Who is eligible, where the others are lost, and what each criterion costs: pure functions of the failure patterns.

Every function takes the criteria that count (those assessed and switched on); the other bits are ignored. The denominator is always the patients of
the cohort, ``Tally.patients``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools
from feasibility.patterns import Masks, Patterns
from feasibility.results.proportion import Proportion, wilson


@dataclass(frozen=True)
class Tally:
    """Every patient once: eligible (passes all), undetermined (fails none, some unknown), ineligible (fails at least one)."""

    patients: int
    eligible: int
    undetermined: int

    @property
    def ineligible(self) -> int:
        return self.patients - self.eligible - self.undetermined

    @property
    def proportion(self) -> Proportion:
        return Proportion(self.eligible, self.patients)

    @property
    def honest_interval(self) -> tuple[float, float]:
        """From the lower bound for the eligible to the upper bound for the eligible and undetermined."""
        return wilson(self.eligible, self.patients)[0], wilson(self.eligible + self.undetermined, self.patients)[1]

    @property
    def to_screen(self) -> tuple[float, float]:
        """Patients to screen for one eligible: as known, and if every gap resolved in the patient's favour; inf if there is none."""
        best = self.eligible + self.undetermined
        return (self.patients / self.eligible if self.eligible else np.inf), (self.patients / best if best else np.inf)


@dataclass(frozen=True)
class Step:
    """A step of the funnel: who is left after it, and who is lost at it (first-fail in the order shown)."""

    id: str
    eligible: int
    undetermined: int
    lost: int


@dataclass(frozen=True)
class Loss:
    """What one criterion costs. Shares sum to the number ineligible; gains are changes in eligible, and in eligible + undetermined, with it off."""

    id: str
    fails: int
    unknown: int
    first_fail: int
    only_fail: int
    only_unknown: int
    gain_possible: int
    share: float

    @property
    def gain(self) -> int:
        return self.only_fail + self.only_unknown


@dataclass(frozen=True)
class Comparison:
    """The same patients under two scenarios, compared as pairs."""

    gained: int
    lost: int

    @property
    def change(self) -> int:
        return self.gained - self.lost


def tally(patterns: Patterns, criteria: Sequence[str]) -> Tally:
    """How many are eligible, undetermined and ineligible. With no criteria everybody is eligible."""
    failed, unknown = _masked(patterns, criteria)
    passing = failed == 0
    eligible = int(patterns.patients[passing & (unknown == 0)].sum())
    return Tally(patterns.total, eligible, int(patterns.patients[passing].sum()) - eligible)


def funnel(patterns: Patterns, order: Sequence[str]) -> tuple[Step, ...]:
    """Who is left after each criterion in turn. Eligible + undetermined never rises, and where it ends does not depend on the order."""
    failed, unknown = _masked(patterns, order)
    first_fail, first_unknown = (_first(masks, patterns, order) for masks in (failed, unknown))
    # A pattern leaves at its first failure; until then it is eligible up to its first unknown, undetermined from there on.
    steps = len(order)
    lost = np.bincount(first_fail, patterns.patients, steps + 1)
    left = patterns.total - np.cumsum(lost)
    clear = np.bincount(np.minimum(first_fail, first_unknown), patterns.patients, steps + 1)
    eligible = patterns.total - np.cumsum(clear)
    return tuple(
        Step(each, int(eligible[place]), int(left[place] - eligible[place]), int(lost[place])) for place, each in enumerate(order)
    )


def breakdown(patterns: Patterns, order: Sequence[str]) -> tuple[Loss, ...]:
    """What each criterion costs, in the order given; first-fail is in that order, nothing else depends on it."""
    failed, unknown = _masked(patterns, order)
    steps = len(order)
    lost = np.bincount(_first(failed, patterns, order), patterns.patients, steps + 1)
    fails_one, fails_none = _one_bit(failed), failed == 0
    shared = np.where(failed != 0, patterns.patients / np.maximum(np.bitwise_count(failed), 1), 0.0)
    losses = []
    for place, each in enumerate(order):
        bit = patterns.bit(each)
        fails, is_unknown = (failed & bit) != 0, (unknown & bit) != 0
        only = fails_one & fails
        losses.append(
            Loss(
                each,
                int(patterns.patients[fails].sum()),
                int(patterns.patients[is_unknown].sum()),
                int(lost[place]),
                int(patterns.patients[only & (unknown == 0)].sum()),
                int(patterns.patients[fails_none & (unknown == bit)].sum()),
                int(patterns.patients[only].sum()),
                float(shared[fails].sum()),
            )
        )
    return tuple(losses)


def largest_loss_order(patterns: Patterns, criteria: Sequence[str]) -> tuple[str, ...]:
    """The criteria so that each step loses as many as any could: largest any-fail first, then the largest among those left."""
    failed, _ = _masked(patterns, criteria)
    used = patterns.patients > 0
    failed, patients = failed[used], patterns.patients[used]
    order: list[str] = []
    remaining = list(criteria)
    while remaining:
        losses = [int(patients[(failed & patterns.bit(each)) != 0].sum()) for each in remaining]
        chosen = remaining.pop(int(np.argmax(losses)))
        order.append(chosen)
        left = (failed & patterns.bit(chosen)) == 0
        failed, patients = failed[left], patients[left]
    return tuple(order)


def eligible_patients(patterns: Patterns, criteria: Sequence[str]) -> Bools:
    """For each patient, whether eligible."""
    failed, unknown = _masked(patterns, criteria)
    eligible: Bools = ((failed | unknown) == 0)[patterns.pattern_of]
    return eligible


def compare(before: Bools, after: Bools) -> Comparison:
    """Who became eligible and who stopped being so, the same patients in the same rows."""
    return Comparison(int(np.count_nonzero(after & ~before)), int(np.count_nonzero(before & ~after)))


def _masked(patterns: Patterns, criteria: Sequence[str]) -> tuple[Masks, Masks]:
    mask = patterns.mask(criteria)
    return patterns.failed & mask, patterns.unknown & mask


def _first(masks: Masks, patterns: Patterns, order: Sequence[str]) -> NDArray[np.int64]:
    """For each pattern the place in the order of its first bit; the number of steps where it has none."""
    first = np.full(len(masks), len(order))
    for place in range(len(order) - 1, -1, -1):
        first[(masks & patterns.bit(order[place])) != 0] = place
    return first


def _one_bit(masks: Masks) -> Bools:
    one: Bools = np.bitwise_count(masks) == 1
    return one
