"""How the patients of a scenario stand on the criteria that count, and what is counted of it: counted on after a move, not anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import TRUE, UNKNOWN, Bools, Truth
from feasibility.patterns import OUTCOMES, Patterns
from feasibility.results.candidates import Candidates, Rows, candidates
from feasibility.results.kinds import CLEAR, NO, OPEN, Counts, Kinds, tallied
from feasibility.screening.distinct import distinct_rows, joined, numbered
from feasibility.screening.profiles import Ids, Profiles, WeakProfiles, all_unpacked
from feasibility.screening.screen import FAIL, PASS

Able = NDArray[np.int8]
MANY = 0.25  # of all patients: of so many whose outcomes are others all is counted anew
MOST_EARLIER = 3  # scenarios whose counts are gone on from


@dataclass(frozen=True, eq=False)
class Standing:
    """How the patients of a scenario stand on the criteria that count, ``order``; and how many candidates there are where some of these move.

    ``earlier`` are the same of scenarios before, the last first. What was counted of one holds for all patients but those whose outcomes have changed
    since, so that after a move no more than these need be looked at. Several threads may ask at once.
    """

    patterns: Patterns
    order: tuple[str, ...]
    outcomes: Mapping[str, Truth]
    earlier: tuple[Standing, ...] = ()
    _known: dict[Hashable, _Known] = field(default_factory=dict)
    _since: dict[int, _Since] = field(default_factory=dict)  # by place among the earlier

    @property
    def for_the_next(self) -> tuple[Standing, ...]:
        """What the next scenario goes on from: of this one and those before it, those of which something was counted that was not counted later.

        What is still counted of one is known there too.
        """
        kept: list[Standing] = []
        known: set[Hashable] = set()
        for each in (self, *self.earlier):
            own = each._known.copy().keys()  # another thread may be counting
            if own - known:
                known |= own
                kept.append(replace(each, earlier=(), _since={}))
        return tuple(kept[:MOST_EARLIER])

    @cached_property
    def _counting(self) -> np.int64:
        return self.patterns.mask(self.order)

    @cached_property
    def now(self) -> tuple[int, int]:
        """How many are eligible, and how many possible."""
        open_, clear = np.bincount(self.by_pattern(()), self.patterns.patients, CLEAR + 1)[OPEN:].astype(int).tolist()
        return clear, clear + open_

    def by_pattern(self, moving: Collection[str]) -> Able:
        """Of each pattern what the criteria that do not move make of it: CLEAR where it PASSES all of them, OPEN where it FAILS none of them, else NO."""
        others = self._counting & ~self.patterns.mask(moving)
        able: Bools = self.patterns.failed & others == 0
        found: Able = able.astype(np.int8) + (able & (self.patterns.unknown & others == 0))
        return found

    def candidates(self, moving: Collection[str]) -> Candidates:
        """The candidates where some of the criteria move."""
        of_patient = self.by_pattern(moving)[self.patterns.pattern_of]
        return candidates([np.flatnonzero(of_patient == CLEAR)], [np.flatnonzero(of_patient == OPEN)])

    def kinds(self, what: Hashable, found: Sequence[Profiles], moving: Iterable[str], together: Callable[[], Profiles] | None = None) -> Kinds:
        """The candidates by how it goes for them on some things that must all PASS, where some criteria move.

        ``what`` names these things, along their stops, from scenario to scenario. ``together``: the profiles on all of them, if they are several.
        """
        moving, known = frozenset(moving), self._known.get(what)
        if known is None or not known.are_of(found, moving):
            kinds = self._onwards(what, found, moving)
            if kinds is None:
                kinds = self._counted(found[0] if together is None else together(), moving)
            self._known[what] = known = _Known(kinds, moving, tuple(each.weak for each in found))
        return known.kinds

    def kinds_with_now(self, found: Profiles, moving: Collection[str], place: int) -> Kinds:
        """The candidates by how it goes for them on some criteria that move, with their outcome in the scenario as one stop more, before ``place``.

        Kinds of nobody are left out. Not remembered.
        """
        able, mask, number = self.by_pattern(moving), self.patterns.mask(moving), len(found.outcomes)
        now = np.select([self.patterns.failed & mask != 0, self.patterns.unknown & mask != 0], [FAIL, UNKNOWN], PASS).astype(np.int8)
        width = CLEAR + 1
        of_patient = (now * width + able)[self.patterns.pattern_of]
        counts = np.bincount(joined((of_patient, OUTCOMES * width), (found.of_patient, number)), minlength=OUTCOMES * width * number)
        open_, clear = (counts.reshape(OUTCOMES, width, number)[:, able].ravel() for able in (OPEN, CLEAR))
        outcomes = np.concatenate([np.insert(found.outcomes, place, each, axis=1) for each in (FAIL, UNKNOWN, PASS)])
        some = (open_ > 0) | (clear > 0)
        return Kinds(outcomes[some], open_[some], clear[some])

    def _counted(self, found: Profiles, moving: frozenset[str]) -> Kinds:
        by_pattern, unusual = self.by_pattern(moving), found.but_the_usual
        if unusual is None:
            return Kinds(found.outcomes, *tallied(by_pattern[self.patterns.pattern_of], found.of_patient, len(found.outcomes)))
        # Of most patients the profile is the same, so that only the others need be looked at.
        counts = tallied(by_pattern[self.patterns.pattern_of[unusual]], found.of_patient[unusual], len(found.outcomes))
        counts[:, found.usual] = np.bincount(by_pattern, self.patterns.patients, CLEAR + 1)[OPEN:] - counts.sum(axis=1)
        return Kinds(found.outcomes, *counts)

    # From a scenario before

    def _onwards(self, what: Hashable, found: Sequence[Profiles], moving: frozenset[str]) -> Kinds | None:
        """From what was counted in a scenario before; None where nothing was, or many patients' outcomes have changed, or their profiles."""
        for place, earlier in enumerate(self.earlier):
            before = earlier._known.get(what)
            then = [] if before is None or before.moving != moving else before.profiles
            if before is None or len(then) != len(found):
                continue
            since = self._since_earlier(place)
            if since.changed is None:
                continue
            # What has changed stands last among them: so not by their places.
            stays: list[Profiles] = []
            now: list[Profiles] = []
            for each in found:
                same = next((was for was in then if was.of_patient is each.of_patient), None)
                (now if same is None else stays).append(each)
                then = [was for was in then if was is not same]
            moved = list(zip(then, now, strict=True))
            differing = self._differing(since, moving) if not moved else self._differing_or_moved(since, moved, moving)
            if differing is not None:
                return before.kinds.and_more(_more(stays, moved, differing))
        return None

    def _since_earlier(self, place: int) -> _Since:
        if place not in self._since:
            earlier = self.earlier[place]
            patients = np.zeros(self.patterns.total, bool)
            for each in dict.fromkeys((*self.order, *earlier.order)):
                outcomes = [of.outcomes[each] if each in of.order else TRUE for of in (self, earlier)]
                if outcomes[0] is not outcomes[1]:
                    patients |= outcomes[0] != outcomes[1]
            self._since[place] = _Since(earlier, self._among(earlier, patients))
        return self._since[place]

    def _among(self, earlier: Standing, marked: Bools) -> _Among | None:
        rows = np.flatnonzero(marked)
        return _Among(rows, earlier.patterns.pattern_of[rows], self.patterns.pattern_of[rows]) if len(rows) <= MANY * len(marked) else None

    def _differing(self, since: _Since, moving: frozenset[str]) -> _Differing:
        """Of whom the criteria that do not move make something else than before."""
        if moving not in since.differing:
            assert since.changed is not None
            every = self._made_of(since, since.changed, moving)
            differ = np.flatnonzero(every.before != every.now)
            since.differing[moving] = _Differing(every.patients[differ], every.before[differ], every.now[differ])
        return since.differing[moving]

    def _differing_or_moved(self, since: _Since, moved: Sequence[tuple[Profiles, Profiles]], moving: Collection[str]) -> _Differing | None:
        """Who has another outcome than before, or another profile on something, given as then and now; None where they are not few."""
        assert since.changed is not None
        patients = np.zeros(self.patterns.total, bool)
        for rows in (since.changed.patients, *(now.unlike(then) for then, now in moved)):
            patients[rows] = True
        some = self._among(since.earlier, patients)
        return None if some is None else self._made_of(since, some, moving)

    def _made_of(self, since: _Since, some: _Among, moving: Collection[str]) -> _Differing:
        return _Differing(some.patients, since.earlier.by_pattern(moving)[some.before], self.by_pattern(moving)[some.now])


@dataclass(frozen=True, eq=False)
class _Known:
    """Kinds, and what they were counted of: some criteria that move, and profiles, held no longer than they are remembered."""

    kinds: Kinds
    moving: frozenset[str]
    weak: tuple[WeakProfiles, ...]

    def are_of(self, found: Sequence[Profiles], moving: frozenset[str]) -> bool:
        if self.moving != moving or len(self.weak) != len(found):
            return False
        return all(weak.of_patient() is each.of_patient for weak, each in zip(self.weak, found, strict=True))

    @property
    def profiles(self) -> list[Profiles]:
        """All of them; none where one is no longer held."""
        found = [each for weak in self.weak if (each := weak.found) is not None]
        return found if len(found) == len(self.weak) else []


@dataclass(frozen=True, eq=False)
class _Among:
    """Some patients, by row, with their patterns in the scenario before, and now."""

    patients: Rows
    before: NDArray[np.int32]
    now: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class _Since:
    """A scenario ``earlier``, and who has another outcome now; None where they are not few.

    ``differing``: by the criteria that move, those of whom the others make something else.
    """

    earlier: Standing
    changed: _Among | None
    differing: dict[frozenset[str], _Differing] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Differing:
    """Patients, by row, of whom something else holds than in the scenario before: what the criteria that do not move made of them then, and now."""

    patients: Rows
    before: Able
    now: Able

    @cached_property
    def _both(self) -> Able:
        return self.before * (CLEAR + 1) + self.now

    def more(self, ids: Ids, number: int) -> Counts:
        """How many more candidates have each of so many ids, given whose is which: first the open, then the clear."""
        width = CLEAR + 1
        both = np.bincount(joined((self._both, width**2), (ids, number)), minlength=width**2 * number).reshape(width, width, number)
        more: Counts = (both.sum(axis=0) - both.sum(axis=1))[OPEN:]
        return more


def _more(stays: Sequence[Profiles], moved: Sequence[tuple[Profiles, Profiles]], differing: _Differing) -> Kinds:
    """How many more candidates there are of each kind than before, given those of whom anything differs: on things that stay, and on others that moved."""
    if len(stays) == 1 and not moved:
        ids, outcomes = stays[0].of_patient[differing.patients], stays[0].outcomes
        return Kinds(outcomes, *differing.more(ids, len(outcomes)))
    able = (differing.before != NO) | (differing.now != NO)
    for each in stays:
        able &= each.ever_possible[each.of_patient[differing.patients]]
    patients, was, is_now = differing.patients[able], differing.before[able], differing.now[able]

    of_patients = {each: each.of_patient[patients] for each in (*stays, *chain.from_iterable(moved))}
    alike, of_each = distinct_rows(of_patients.values(), len(patients))

    def along(things: Iterable[Profiles], others: NDArray[np.int64] | None) -> NDArray[np.int64]:
        each_goes = [each.packed.take(of_patients[each].take(of_each), axis=1) for each in things]
        return reduce(np.bitwise_and, each_goes if others is None else [others, *each_goes])

    goes = along(stays, None) if stays else None
    if moved:
        goes = np.concatenate([along(things, goes) for things in zip(*moved, strict=True)], axis=1)
    assert goes is not None
    kinds, of_kind = numbered(goes, goes.shape[1])
    of_then, of_now = kinds[: len(of_each)][alike], kinds[-len(of_each) :][alike]
    more = tallied(is_now, of_now, len(of_kind)) - tallied(was, of_then, len(of_kind))
    return Kinds(all_unpacked(goes[:, of_kind], (*stays, *chain.from_iterable(moved))[0].outcomes.shape[1]), *more)
