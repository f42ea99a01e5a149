"""Who is eligible, where the others are lost, and what each criterion costs: pure functions of the failure patterns.

Every function takes the criteria that count (those assessed and switched on); the other bits are ignored. The denominator is always the patients of
the cohort, ``Tally.patients``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools, Floats
from feasibility.patterns import Masks, Patterns
from feasibility.results.proportion import Proportion

BYTE = 8
BYTE_MASK = np.int64((1 << BYTE) - 1)
BYTES = np.arange(1 << BYTE, dtype=np.int64)
BITS_OF_BYTE = (BYTES >> np.arange(BYTE)[:, None] & 1).astype(np.float64)


@dataclass(frozen=True)
class Tally:
    """Every patient once: eligible (passes all), undetermined (fails none, some unknown), ineligible (fails at least one).

    ``unit``: to what they are rounded while small counts are hidden, 0 where they are exact; intervals are wide enough for what stands behind them.
    """

    patients: int
    eligible: int
    undetermined: int
    unit: int = field(default=0, compare=False)

    @property
    def ineligible(self) -> int:
        return self.patients - self.eligible - self.undetermined

    @property
    def proportion(self) -> Proportion:
        return Proportion(self.eligible, self.patients, self.unit)

    @property
    def honest_interval(self) -> tuple[float, float]:
        """From the lower bound for the eligible to the upper bound for the eligible and undetermined."""
        # Of rounded counts the ineligible are the rest, so that what they may be bounds the others.
        possible, ineligible = Proportion(self.eligible + self.undetermined, self.patients), Proportion(self.ineligible, self.patients, self.unit)
        return self.proportion.interval[0], 1 - ineligible.interval[0] if self.unit else possible.interval[1]

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


@dataclass(frozen=True)
class Account:
    """The whole account of one scenario: the headline, the funnel, and what each criterion costs, in one order."""

    tally: Tally
    steps: tuple[Step, ...]
    losses: tuple[Loss, ...]


def account(patterns: Patterns, order: Sequence[str]) -> Account:
    """Tally, funnel and breakdown at once."""
    table = _ordered(patterns, order)
    lost = _lost(table)
    return Account(_tally(table), _funnel(table, order, lost), _breakdown(table, order, lost))


def tally(patterns: Patterns, criteria: Sequence[str]) -> Tally:
    """How many are eligible, undetermined and ineligible. With no criteria everybody is eligible."""
    return _tally(_ordered(patterns, criteria))


def funnel(patterns: Patterns, order: Sequence[str]) -> tuple[Step, ...]:
    """Who is left after each criterion in turn. Eligible + undetermined never rises, and where it ends does not depend on the order."""
    return account(patterns, order).steps


def breakdown(patterns: Patterns, order: Sequence[str]) -> tuple[Loss, ...]:
    """What each criterion costs, in the order given; first-fail is in that order, nothing else depends on it."""
    return account(patterns, order).losses


@dataclass(frozen=True, eq=False)
class _Ordered:
    """The patterns that have patients, their masks with bit k for the k-th criterion of the order and no other bits."""

    failed: Masks
    unknown: Masks
    patients: Floats
    total: int
    bits: int


def _ordered(patterns: Patterns, order: Sequence[str]) -> _Ordered:
    used = patterns.patients > 0
    places = {patterns.criteria.index(each): place for place, each in enumerate(order)}
    failed, unknown = (in_order(masks[used], places) for masks in (patterns.failed, patterns.unknown))
    return _Ordered(failed, unknown, patterns.patients[used].astype(np.float64), patterns.total, len(order))


def in_order(masks: Masks, places: Mapping[int, int]) -> Masks:
    """The masks with bit i moved to bit ``places[i]``; other bits are dropped. A byte at a time, by table."""
    if all(bit == place for bit, place in places.items()):
        return masks & np.int64(sum(1 << bit for bit in places))
    moved = np.zeros_like(masks)
    for byte in range(0, max(places, default=-1) + 1, BYTE):
        table = np.zeros(1 << BYTE, np.int64)
        for bit in range(byte, byte + BYTE):
            if bit in places:
                table |= np.where(BYTES >> (bit - byte) & 1, np.int64(1) << np.int64(places[bit]), 0)
        moved |= table[masks >> byte & BYTE_MASK]
    return moved


def per_bit(masks: Masks, weights: NDArray[Any], bits: int) -> Floats:
    """For each bit, the sum of the weights of the masks that have it. A byte at a time: at most 256 sums, then which bits each byte has."""
    sums = np.zeros(bits + BYTE)
    for byte in range(0, bits, BYTE):
        by_value = np.bincount(masks >> byte & BYTE_MASK, weights, 1 << BYTE)
        sums[byte : byte + BYTE] = BITS_OF_BYTE @ by_value
    return sums[:bits]


def per_bit_and_number(masks: Masks, weights: NDArray[Any], bits: int) -> Floats:
    """For each bit and each number, the sum of the weights of the masks that have the bit and so many in all: bits × (bits + 1)."""
    number, numbers = np.bitwise_count(masks).astype(np.int64), bits + 1
    sums = np.zeros((bits + BYTE, numbers))
    for byte in range(0, bits, BYTE):
        by_value = np.bincount((masks >> byte & BYTE_MASK) * numbers + number, weights, (1 << BYTE) * numbers)
        sums[byte : byte + BYTE] = BITS_OF_BYTE @ by_value.reshape(1 << BYTE, numbers)
    return sums[:bits]


def shares(patients: Floats) -> Floats:
    """Shares from patients by how many criteria they fail (last axis, from 0): each gives 1/k. Term by term, so that equal counts are equal floats."""
    share = np.zeros(patients.shape[:-1])
    for number in range(1, patients.shape[-1]):
        share += patients[..., number] / number
    return share


def first_bit(masks: Masks, none: int) -> NDArray[np.int64]:
    """The lowest bit of each mask; ``none`` where there is none."""
    return np.where(masks == 0, none, np.bitwise_count((masks & -masks) - 1).astype(np.int64))


def _lost(table: _Ordered) -> Floats:
    """Patients by the place of their first failure; the last entry is those who fail nothing."""
    lost: Floats = np.bincount(first_bit(table.failed, table.bits), table.patients, table.bits + 1).astype(np.float64)
    return lost


def _tally(table: _Ordered) -> Tally:
    passing = table.failed == 0
    eligible = int(table.patients[passing & (table.unknown == 0)].sum())
    return Tally(table.total, eligible, int(table.patients[passing].sum()) - eligible)


def _funnel(table: _Ordered, order: Sequence[str], lost: Floats) -> tuple[Step, ...]:
    # A pattern leaves at its first failure; until then it is eligible up to its first unknown, undetermined from there on.
    left = table.total - np.cumsum(lost)
    clear = np.bincount(first_bit(table.failed | table.unknown, table.bits), table.patients, table.bits + 1)
    eligible = table.total - np.cumsum(clear)
    return tuple(Step(each, int(eligible[place]), int(left[place] - eligible[place]), int(lost[place])) for place, each in enumerate(order))


def _breakdown(table: _Ordered, order: Sequence[str], lost: Floats) -> tuple[Loss, ...]:
    number_failed = np.bitwise_count(table.failed)
    one, none = number_failed == 1, number_failed == 0
    alone, only_gap = one & (table.unknown == 0), none & (np.bitwise_count(table.unknown) == 1)
    fails = per_bit(table.failed, table.patients, table.bits)
    unknown = per_bit(table.unknown, table.patients, table.bits)
    only_fail = per_bit(table.failed[alone], table.patients[alone], table.bits)
    only_unknown = per_bit(table.unknown[only_gap], table.patients[only_gap], table.bits)
    gain_possible = per_bit(table.failed[one], table.patients[one], table.bits)
    share = shares(per_bit_and_number(table.failed, table.patients, table.bits))
    return tuple(
        Loss(
            each,
            int(fails[place]),
            int(unknown[place]),
            int(lost[place]),
            int(only_fail[place]),
            int(only_unknown[place]),
            int(gain_possible[place]),
            float(share[place]),
        )
        for place, each in enumerate(order)
    )


def largest_loss_order(patterns: Patterns, criteria: Sequence[str]) -> tuple[str, ...]:
    """The criteria so that each step loses as many as any could: largest any-fail first, then the largest among those left."""
    table = _ordered(patterns, criteria)
    failed, patients = table.failed, table.patients
    order: list[int] = []
    while len(order) < table.bits:
        losses = per_bit(failed, patients, table.bits)
        losses[order] = -1
        order.append(int(np.argmax(losses)))
        left = failed >> order[-1] & 1 == 0
        failed, patients = failed[left], patients[left]
    return tuple(criteria[place] for place in order)


def eligible_patients(patterns: Patterns, criteria: Sequence[str]) -> Bools:
    """For each patient, whether eligible."""
    mask = patterns.mask(criteria)
    eligible: Bools = ((patterns.failed | patterns.unknown) & mask == 0)[patterns.pattern_of]
    return eligible


def compare(before: Bools, after: Bools) -> Comparison:
    """Who became eligible and who stopped being so, the same patients in the same rows."""
    return Comparison(int(np.count_nonzero(after & ~before)), int(np.count_nonzero(before & ~after)))
