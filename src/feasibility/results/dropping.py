"""Which criteria to switch off: for every number of them the set that leaves most patients, from all sets there are.

Of the patients those remain who are open on dropped criteria only: with a set D off, eligible are those whose failed and unknown criteria all lie in D,
eligible or undetermined those whose failed criteria do. Both are counted for every D at once as sums over subsets (Yates 1937; the zeta transform of
the subset lattice, Björklund et al. 2007).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Floats
from feasibility.patterns import Masks, Patterns
from feasibility.results.accounting import in_order, per_bit, per_bit_and_number, shares
from feasibility.results.cores import counted_at_once

MOST_CRITERIA = 22  # whose sets are all counted: 2²² numbers twice
MOST_SETS = 200  # named of those that reach a target
ROUNDING = 1e-6  # of sums of parts of patients

Counts = NDArray[np.int32]


class Aim(StrEnum):
    """What there is to be most of."""

    ELIGIBLE = "eligible"
    NOT_INELIGIBLE = "eligible or undetermined"


@dataclass(frozen=True)
class Dropped:
    """A set of criteria, and who is left with it off."""

    dropped: tuple[str, ...]
    eligible: int
    undetermined: int

    def count(self, aim: Aim) -> int:
        return self.eligible if aim is Aim.ELIGIBLE else self.eligible + self.undetermined


@dataclass(frozen=True)
class Best(Dropped):
    """The best set of so many criteria to drop.

    ``nested``: it holds the whole best set of one fewer. ``proven``: no other set of as many leaves more.
    """

    nested: bool
    proven: bool


@dataclass(frozen=True)
class Fewest:
    """The fewest criteria to drop for a target; ``proven``: no set of fewer reaches it."""

    best: Best
    proven: bool


@dataclass(frozen=True)
class Reaching:
    """The sets of so many criteria that leave a target, of all ``patients``: of ``total`` sets at most ``MOST_SETS``, those that leave most first, then in
    their order."""

    patients: int
    sets: tuple[Dropped, ...]
    total: int


@dataclass(frozen=True)
class Dropping:
    """The best sets by how many criteria they hold, from none on, of all ``patients``.

    The last holds every criterion that anybody fails or is unknown on: with it off everybody is eligible. The other criteria stop nobody and are in no
    set. Of sets with as many of what is aimed at, that with more of the other count is taken, then the first in the order of the criteria.
    """

    aim: Aim
    patients: int
    sets: tuple[Best, ...]

    @property
    def all_counted(self) -> bool:
        """Whether all sets of the criteria that stop somebody were counted."""
        return len(self.sets) - 1 <= MOST_CRITERIA

    def fewest_to_reach(self, target: int) -> Fewest | None:
        """The best set of the fewest criteria that reaches the target; None if there are not so many patients."""
        for number, best in enumerate(self.sets):
            if best.count(self.aim) >= target:
                return Fewest(best, number == 0 or self.sets[number - 1].proven)
        return None


def dropping(patterns: Patterns, order: Sequence[str]) -> Mapping[Aim, Dropping]:
    """The best sets for either aim, from all sets of the criteria that count.

    Of more than ``MOST_CRITERIA`` that stop somebody, all sets of those with the largest share in what patients are open on are counted; beside the
    best of these stands the best set of one fewer with any one more, the better is given. It is ``proven`` where it leaves as many as any set of that
    number could, by an upper bound on those with criteria from outside.
    """
    sets = _Sets.of(patterns, order)
    best = counted_at_once(lambda aim: Dropping(aim, patterns.total, tuple(sets.best(aim))), Aim)
    return dict(zip(Aim, best, strict=True))


def reaching(patterns: Patterns, order: Sequence[str], aim: Aim, number: int, target: int) -> Reaching:
    """All sets of so many criteria with which a target is reached; at most ``MOST_CRITERIA`` may stop somebody (``Dropping.all_counted``)."""
    sets = _Sets.of(patterns, order)
    assert len(sets.inside) == len(sets.ids)
    return sets.reaching(aim, number, target)


@dataclass(frozen=True, eq=False)
class _Sets:
    """The patterns that have patients, by what must be off for them to be eligible (``open``) and not to be ineligible (``failed``).

    The criteria that stop somebody, ``ids``, have the bits from the highest down, so that of two sets of as many criteria the one that comes first in
    order is the larger mask. ``inside``: the bits of those all sets of which are counted, in ``left``.
    """

    ids: tuple[str, ...]
    open: Masks
    failed: Masks
    patients: NDArray[np.int64]
    inside: tuple[int, ...]
    left: Mapping[Aim, Counts]

    @classmethod
    def of(cls, patterns: Patterns, order: Sequence[str]) -> _Sets:
        used = patterns.patients > 0
        failed, patients = patterns.failed[used], patterns.patients[used]
        open_ = failed | patterns.unknown[used]
        stopping = np.bitwise_or.reduce(open_, initial=np.int64(0))
        ids = tuple(each for each in order if stopping & patterns.bit(each))
        places = {patterns.criteria.index(each): len(ids) - 1 - place for place, each in enumerate(ids)}
        open_, failed = in_order(open_, places), in_order(failed, places)
        inside = _largest_shares(open_, patients, len(ids))
        sums = counted_at_once(lambda masks: subset_sums(masks, patients, inside), (open_, failed))
        return cls(ids, open_, failed, patients, inside, dict(zip((Aim.ELIGIBLE, Aim.NOT_INELIGIBLE), sums, strict=True)))

    def best(self, aim: Aim) -> Iterator[Best]:
        """The best sets by number of criteria."""
        best_inside = list(self._best_inside(aim))
        most = list(self._most(aim, [counts[0] for counts, _ in best_inside]))
        before = 0
        for number in range(len(self.ids) + 1):
            candidates = [best_inside[number]] if number < len(best_inside) else []
            if len(self.inside) < len(self.ids) and number:
                candidates += self._one_more(aim, before)
            counts, dropped = max(candidates)
            eligible, possible = sorted(counts)  # whichever of them is aimed at
            yield Best(self._named(dropped), eligible, possible - eligible, before & ~dropped == 0, counts[0] == most[number])
            before = dropped

    def reaching(self, aim: Aim, number: int, target: int) -> Reaching:
        """The sets of so many of the criteria counted that leave as many as aimed at."""
        sets = _by_size(len(self.inside))[number]
        sets = sets[self.left[aim][sets] >= target]
        eligible, possible = (self.left[each][sets].astype(np.int64) for each in Aim)
        aimed, other = (eligible, possible) if aim is Aim.ELIGIBLE else (possible, eligible)
        first = np.lexsort((-sets, -other, -aimed))[:MOST_SETS]
        found = zip(sets[first].tolist(), eligible[first].tolist(), possible[first].tolist(), strict=True)
        named = tuple(Dropped(self._named(self._bits(each)), passing, able - passing) for each, passing, able in found)
        return Reaching(int(self.patients.sum()), named, len(sets))

    def _best_inside(self, aim: Aim) -> Iterator[tuple[tuple[int, int], int]]:
        """By number of criteria, of all sets counted: the aim's count and the other, and the set."""
        (other,) = set(Aim) - {aim}
        for sets in _by_size(len(self.inside)):
            for table in (self.left[aim], self.left[other]):
                counts = table[sets]
                sets = sets[counts == counts.max()]
            found = int(sets[-1])
            yield (int(self.left[aim][found]), int(self.left[other][found])), self._bits(found)

    def _bits(self, counted: int) -> int:
        """A set of those counted as one of all criteria."""
        return sum(1 << bit for place, bit in enumerate(self.inside) if counted >> place & 1)

    def _most(self, aim: Aim, inside: Sequence[int]) -> Iterator[int]:
        """By number of criteria, how many any set may leave at most; exact where all sets are counted. ``inside``: the most of those counted.

        Of a set with some criteria from outside, the patients open on its inside alone are at most ``inside`` of so many; each other one it leaves
        gives equal parts to the criteria from outside that he or she is open on, so that they are at most the largest sums of so many.
        """
        masks, bits = self._masks(aim), len(self.ids)
        if len(self.inside) == bits:
            yield from inside
            return
        outside = np.int64(sum(1 << bit for bit in range(bits) if bit not in self.inside))
        number_open = np.bitwise_count(masks)
        touching = masks & outside != 0
        parts = self.patients[touching] / np.bitwise_count(masks[touching] & outside)
        by_number = np.cumsum(per_bit_and_number(masks[touching], parts, bits), axis=1)
        largest = np.sort(by_number[[bit for bit in range(bits) if outside >> bit & 1]], axis=0)[::-1]
        sums = np.concatenate([np.zeros((1, bits + 1)), np.cumsum(largest, axis=0)])
        for number in range(bits + 1):
            some_outside = range(max(number - len(self.inside), 0), min(number, len(sums) - 1) + 1)
            most = max(inside[number - some] + int(sums[some, number] + ROUNDING) for some in some_outside)
            yield min(int(self.patients[number_open <= number].sum()), most)

    def _masks(self, aim: Aim) -> Masks:
        return self.open if aim is Aim.ELIGIBLE else self.failed

    def _one_more(self, aim: Aim, dropped: int) -> Iterator[tuple[tuple[int, int], int]]:
        """With any one more dropped: the aim's count and the other, and the set."""
        (other,) = set(Aim) - {aim}
        first, second = (self._left_with_one_more(self._masks(each) & ~np.int64(dropped)) for each in (aim, other))
        return (((int(first[bit]), int(second[bit])), dropped | 1 << bit) for bit in range(len(self.ids)) if not dropped >> bit & 1)

    def _left_with_one_more(self, still_open: Masks) -> Floats:
        """By bit, the patients open on nothing else."""
        one = np.bitwise_count(still_open) == 1
        nothing = self.patients[still_open == 0].sum()
        left: Floats = nothing + per_bit(still_open[one], self.patients[one], len(self.ids))
        return left

    def _named(self, dropped: int) -> tuple[str, ...]:
        return tuple(each for place, each in enumerate(reversed(self.ids)) if dropped >> place & 1)[::-1]


@lru_cache(maxsize=1)
def _by_size(bits: int) -> tuple[NDArray[np.int32], ...]:
    """All sets of so many bits by how many they hold, rising within a number."""
    sizes = np.bitwise_count(np.arange(1 << bits, dtype=np.int32))
    ends = np.bincount(sizes, minlength=bits + 1).cumsum()
    return tuple(np.split(np.argsort(sizes, kind="stable").astype(np.int32), ends[:-1]))


def _largest_shares(open_: Masks, patients: NDArray[np.int64], bits: int) -> tuple[int, ...]:
    """The bits with the largest share in what patients are open on, as many as all sets can be counted of, from low to high."""
    if bits <= MOST_CRITERIA:
        return tuple(range(bits))
    share: Floats = shares(per_bit_and_number(open_, patients, bits))
    return tuple(sorted(np.argsort(-share, kind="stable")[:MOST_CRITERIA].tolist()))


def subset_sums(masks: Masks, patients: NDArray[np.int64], bits: Sequence[int]) -> Counts:
    """For every set of these bits the patients of the masks that lie in it."""
    inside = masks & ~np.int64(sum(1 << bit for bit in bits)) == 0
    sums: Counts = np.zeros(1 << len(bits), np.int32)
    np.add.at(sums, in_order(masks[inside], {bit: place for place, bit in enumerate(bits)}), patients[inside].astype(np.int32))
    for place in range(len(bits)):
        halves = sums.reshape(-1, 2, 1 << place)
        halves[:, 1] += halves[:, 0]
    return sums
