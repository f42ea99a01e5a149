"""Which criteria are failed together, and which of them say much the same: pure functions of the failure patterns.

Only the criteria that count take part. A percentage of a pair is among the patients for whom both outcomes are known; how many that is stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.logic import Floats
from feasibility.patterns import Masks, Patterns
from feasibility.results.accounting import BITS_OF_BYTE, BYTE, BYTE_MASK, Loss, in_order

SELDOM_ALONE = 0.05  # of those who fail a criterion, at most this share fails no other
IMPLIES = 0.9  # of those who fail the one, at least this share fails the other; of those who pass it, less
SPARED = 2  # (said as twice) how many times as large a share of those who pass the one does not fail the other
FEWEST = 30  # patients who fail the one, before anything is said of them
RATIO = 1.1  # how much oftener two criteria are failed together than independence would give
LEVEL = 0.05  # chance that any of the pairs considered is reported though all are independent

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class FailedSet:
    """A set of criteria and the patients who fail exactly these; on others they pass, but for ``unknown`` of them who are unknown on some."""

    criteria: tuple[str, ...]
    patients: int
    unknown: int


@dataclass(frozen=True)
class FailedTogether:
    """The sets of criteria failed, largest first, of ``ineligible`` of ``patients``; ``further`` sets, with ``further_patients``, are not among them.

    Of sets as large, those of fewer criteria come first, then those that come first in the order of the criteria.
    """

    patients: int
    ineligible: int
    sets: tuple[FailedSet, ...]
    further: int
    further_patients: int


@dataclass(frozen=True)
class SeldomAlone:
    """A criterion that almost nobody fails alone: of ``fails``, ``only_fail`` pass all others and ``alone`` fail no other, some of them unknown.

    It is judged by ``alone``, so that gaps elsewhere do not make it look redundant. ``gain``: the change in eligible with it off; few of those who fail it may
    be many beside the ``eligible``.
    """

    id: str
    fails: int
    only_fail: int
    alone: int
    gain: int
    eligible: int


@dataclass(frozen=True)
class Costless:
    """A criterion that costs nobody as the data stand; ``unknown`` patients are UNKNOWN on it, and may fail it once it is known."""

    id: str
    unknown: int


@dataclass(frozen=True)
class Implication:
    """Of ``fails`` who fail ``given`` and for whom ``other`` is known, ``both`` fail it too; for ``unknown`` more it is unknown.

    Beside it: of all ``known`` for whom both are known, ``fails_other`` fail the other.
    """

    given: str
    other: str
    both: int
    fails: int
    unknown: int
    fails_other: int
    known: int

    @property
    def proportion(self) -> float:
        return self.both / self.fails

    @property
    def proportion_of_all(self) -> float:
        return self.fails_other / self.known

    @property
    def says_more(self) -> bool:
        """Whether less than ``IMPLIES`` of those who pass ``given`` fail ``other``, and at least ``SPARED`` times as large a share of them does not."""
        passing, fails_other = self.known - self.fails, self.fails_other - self.both
        return fails_other < IMPLIES * passing and SPARED * (self.fails - self.both) * passing <= (passing - fails_other) * self.fails


class Association(StrEnum):
    """How two criteria go together, beside what independence would give."""

    TOGETHER = "together"  # both are failed by more
    APART = "apart"  # both are failed by fewer


@dataclass(frozen=True)
class Associated:
    """Two criteria failed together by more, or by fewer, than independence gives: ``both`` of ``known``, for whom both are known; ``first`` and ``second``
    fail each.

    ``chance`` is the most by which so many, or so few, could be found among any of the pairs considered if the two were independent.
    """

    pair: tuple[str, str]
    both: int
    first: int
    second: int
    known: int
    chance: float

    @property
    def expected(self) -> float:
        return self.first * self.second / self.known

    @property
    def ratio(self) -> float:
        return self.both / self.expected

    @property
    def mirrored(self) -> Associated:
        """The same pair, the other way round."""
        return replace(self, pair=self.pair[::-1], first=self.second, second=self.first)


@dataclass(frozen=True)
class Redundancy:
    """Criteria of which the others do the work, in their order; pairs of which one implies the other, pairs failed ``together`` by more than chance and
    pairs failed ``apart``, together by fewer, the strongest first. ``pairs`` were considered: those of which both are failed by somebody for whom the other
    is known.

    ``without_gain`` and ``never_failed``: with one of these off nobody more is eligible; who fails one of the former fails another or is unknown on one, and
    nobody fails the latter.
    """

    patients: int
    seldom_alone: tuple[SeldomAlone, ...]
    without_gain: tuple[Costless, ...]
    never_failed: tuple[Costless, ...]
    implications: tuple[Implication, ...]
    together: tuple[Associated, ...]
    apart: tuple[Associated, ...]
    pairs: int


def failed_together(patterns: Patterns, order: Sequence[str], most: int) -> FailedTogether:
    """The ``most`` frequent sets of criteria failed, and how much is not shown."""
    failed, unknown, patients = _ordered(patterns, order)
    some = failed != 0
    codes, masks = pd.factorize(failed[some])
    counts, open_ = (np.bincount(codes, each[some], len(masks)).astype(np.int64) for each in (patients, patients * (unknown != 0)))
    ineligible = int(counts.sum())
    at_least = np.sort(counts)[-most] if 0 < most < len(counts) else 0
    candidates = np.flatnonzero(counts >= at_least) if most else np.zeros(0, np.intp)
    named = [FailedSet(tuple(each for place, each in enumerate(order) if masks[row] >> place & 1), int(counts[row]), int(open_[row])) for row in candidates]
    places = {each: place for place, each in enumerate(order)}
    named.sort(key=lambda found: (-found.patients, len(found.criteria), [places[each] for each in found.criteria]))
    sets = tuple(named[:most])
    return FailedTogether(patterns.total, ineligible, sets, len(masks) - len(sets), ineligible - sum(each.patients for each in sets))


def redundancy(patterns: Patterns, losses: Sequence[Loss]) -> Redundancy:
    """Which criteria say much the same, from the patterns and what each criterion costs.

    A criterion is reported as seldom failed alone where at least ``FEWEST`` fail it, and at most ``SELDOM_ALONE`` of these no other.

    An implication is reported where ``IMPLIES`` of at least ``FEWEST`` fail the other criterion too, where the two are failed together by more than chance,
    and where it says more than what holds of everybody: of those who pass the one less than ``IMPLIES`` fail the other, and the share that does not is at
    least ``SPARED`` times that of those who fail the one. A pair failed together is reported where the ratio is at least ``RATIO``, one failed
    apart where it is at most its inverse. More, or fewer, than chance is ``chance`` at most ``LEVEL``: the upper, or the lower, tail of Fisher's exact test,
    bounded from above, times the number of pairs considered (Bonferroni; of either list by itself), so that it holds in small cohorts and for many criteria.
    """
    ids = [loss.id for loss in losses]
    both, fails, known = _pairs(patterns, ids)
    eligible = _eligible(patterns, ids)
    considered = [pair for pair in combinations(range(len(ids)), 2) if fails[pair] and fails[pair[::-1]]]
    implications: list[Implication] = []
    together: list[Associated] = []
    apart: list[Associated] = []
    for a, b in considered:
        numbers = int(both[a, b]), int(fails[a, b]), int(fails[b, a]), int(known[a, b])
        joint, first, second, of = numbers
        fewer = Associated((ids[a], ids[b]), *numbers, _chance(first - joint, first, of - second, of) * len(considered))
        if fewer.chance <= LEVEL and fewer.ratio * RATIO <= 1:
            apart.append(fewer)
        more = replace(fewer, chance=_chance(*numbers) * len(considered))
        if more.chance > LEVEL:
            continue
        if more.ratio >= RATIO:
            together.append(more)
        for given, other in ((a, b), (b, a)):
            if fails[given, other] >= FEWEST and both[a, b] >= IMPLIES * fails[given, other]:
                unknown = losses[given].fails - int(fails[given, other])
                numbers_of = int(both[a, b]), int(fails[given, other]), unknown, int(fails[other, given]), int(known[a, b])
                found = Implication(ids[given], ids[other], *numbers_of)
                if found.says_more:
                    implications.append(found)
    return Redundancy(
        patterns.total,
        tuple(
            SeldomAlone(loss.id, loss.fails, loss.only_fail, loss.gain_possible, loss.gain, eligible)
            for loss in losses
            if loss.fails >= FEWEST and loss.gain_possible <= SELDOM_ALONE * loss.fails
        ),
        tuple(Costless(loss.id, loss.unknown) for loss in losses if loss.fails and not loss.gain),
        tuple(Costless(loss.id, loss.unknown) for loss in losses if not loss.fails and not loss.gain),
        tuple(sorted(implications, key=lambda found: (-found.proportion, -found.fails))),
        tuple(sorted(together, key=lambda found: found.expected - found.both)),
        tuple(sorted(apart, key=lambda found: found.both - found.expected)),
        len(considered),
    )


def _eligible(patterns: Patterns, order: Sequence[str]) -> int:
    failed, unknown, patients = _ordered(patterns, order)
    return int(patients[(failed | unknown) == 0].sum())


def _ordered(patterns: Patterns, order: Sequence[str]) -> tuple[Masks, Masks, Floats]:
    """Of the patterns that have patients: failed and unknown with bit k for the k-th criterion, and the patients."""
    used = patterns.patients > 0
    places = {patterns.criteria.index(each): place for place, each in enumerate(order)}
    failed, unknown = (in_order(masks[used], places) for masks in (patterns.failed, patterns.unknown))
    return failed, unknown, patterns.patients[used].astype(np.float64)


def _pairs(patterns: Patterns, ids: Sequence[str]) -> tuple[Counts, Counts, Counts]:
    """For each two criteria, by row and column: patients who fail both; who fail the row's and are known on the column's; who are known on both."""
    failed, unknown, patients = _ordered(patterns, ids)
    known, bits = ~unknown, len(ids)
    return _both(failed, failed, patients, bits), _both(failed, known, patients, bits), _both(known, known, patients, bits)


def _both(rows: Masks, columns: Masks, patients: Floats, bits: int) -> Counts:
    """For each two bits, the patients of the patterns that have the one in the rows' mask and the other in the columns'.

    A byte of either at a time: at most 65,536 sums, then which bits the bytes have.
    """
    sums = np.zeros((bits + BYTE, bits + BYTE))
    for row in range(0, bits, BYTE):
        first = (rows >> row & BYTE_MASK) << BYTE
        for column in range(0, bits, BYTE):
            by_value = np.bincount(first | columns >> column & BYTE_MASK, patients, 1 << 2 * BYTE).reshape(1 << BYTE, 1 << BYTE)
            sums[row : row + BYTE, column : column + BYTE] = BITS_OF_BYTE @ by_value @ BITS_OF_BYTE.T
    return sums[:bits, :bits].astype(np.int64)


def _chance(both: int, first: int, second: int, known: int) -> float:
    """The chance of so many or more joint failures on these margins, from above: 1 where there are no more than expected.

    Fisher's exact test: the first term of its upper tail, and the others by the geometric series that bounds them, for the ratio of a term to the one
    before it only falls.
    """
    ratio = (first - both) * (second - both) / ((both + 1) * (known - first - second + both + 1))
    if ratio >= 1 or both * known <= first * second:
        return 1.0
    log_first_term = _log_choose(first, both) + _log_choose(known - first, second - both) - _log_choose(known, second)
    return min(math.exp(log_first_term) / (1 - ratio), 1.0)


def _log_choose(among: int, number: int) -> float:
    return math.lgamma(among + 1) - math.lgamma(number + 1) - math.lgamma(among - number + 1)
