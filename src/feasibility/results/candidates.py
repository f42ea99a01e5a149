"""The patients who may be eligible wherever some criteria move: those who fail none of the others; and how it goes for them, counted on after a move."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from weakref import ReferenceType, ref

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import FALSE, TRUE, UNKNOWN, Bools, Truth
from feasibility.patterns import Masks, Patterns
from feasibility.screening.distinct import distinct_rows, joined
from feasibility.screening.profiles import FEW, Ids, Profiles, alike
from feasibility.screening.screen import PASS

Rows = NDArray[np.intp]
Counts = NDArray[np.int64]

NO, OPEN, CLEAR = range(3)
MOST_KINDS = 1 << 14  # beyond which those that go alike are put together


@dataclass(frozen=True, eq=False)
class Candidates:
    """The patients, by row, who FAIL no criterion that counts but perhaps those that move; the first ``clear`` of them PASS all the others.

    Nobody else is eligible or undetermined, wherever the criteria move.
    """

    patients: Rows
    clear: int

    def whose(self, outcome: Truth) -> Candidates:
        """Those who do not FAIL something more that does not move; who PASS it stay clear."""
        outcome = outcome[self.patients]
        clear, others = self.patients[: self.clear], self.patients[self.clear :]
        of_clear, of_others = outcome[: self.clear], outcome[self.clear :]
        return _candidates([clear[of_clear == TRUE]], [clear[of_clear == UNKNOWN], others[of_others != FALSE]])


@dataclass(frozen=True, eq=False)
class Kinds:
    """Candidates by how it goes for them where something moves: ``outcomes``, kinds × stops; ``open`` and ``clear``, how many of each kind.

    Two kinds may go alike, and the number of one be negative: only sums over all that go alike are meant.
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


@dataclass(frozen=True, eq=False)
class _Known:
    """Kinds, and what they were counted of: some criteria that move, and profiles, whose ids are held no longer than they are remembered."""

    kinds: Kinds
    moving: frozenset[str]
    held: tuple[tuple[ReferenceType[Ids], Truth], ...]

    def are_of(self, found: Sequence[Profiles], moving: frozenset[str]) -> bool:
        if self.moving != moving or len(self.held) != len(found):
            return False
        return all(ids() is each.of_patient for (ids, _), each in zip(self.held, found, strict=True))

    @property
    def profiles(self) -> list[Profiles]:
        """All of them; none where one is no longer held."""
        held = ((ids(), outcomes) for ids, outcomes in self.held)
        found = [Profiles(ids, outcomes) for ids, outcomes in held if ids is not None]
        return found if len(found) == len(self.held) else []


@dataclass(frozen=True, eq=False)
class _Differing:
    """Patients, by row, of whom something else holds than in the scenario before: what the criteria that do not move made of them then, and now."""

    patients: Rows
    before: NDArray[np.int8]
    now: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Standing:
    """How the patients of a scenario stand on the criteria that count, ``order``; and how many candidates there are where some of these move.

    ``earlier`` is the same of a scenario before. What was counted of it holds for all patients but those whose outcomes have changed, so that after a
    move no more than these need be looked at. Several threads may ask at once.
    """

    patterns: Patterns
    order: tuple[str, ...]
    outcomes: Mapping[str, Truth]
    earlier: Standing | None = None
    _known: dict[Hashable, _Known] = field(default_factory=dict)
    _others: dict[frozenset[str], _Differing] = field(default_factory=dict)

    @property
    def for_the_next(self) -> Standing:
        """What the next scenario goes on from: this one, or if nothing was counted of it the one before it. What is still counted of it is known there too."""
        last = self if self._known or self.earlier is None else self.earlier
        return replace(last, earlier=None, _others={})

    @cached_property
    def _counting(self) -> np.int64:
        return self.patterns.mask(self.order)

    @cached_property
    def now(self) -> tuple[int, int]:
        """How many are eligible, and how many possible."""
        open_, clear = np.bincount(self.by_pattern(()), self.patterns.patients, CLEAR + 1)[OPEN:].astype(int).tolist()
        return clear, clear + open_

    def by_pattern(self, moving: Collection[str]) -> NDArray[np.int8]:
        """Of each pattern what the criteria that do not move make of it: CLEAR where it PASSES all of them, OPEN where it FAILS none of them, else NO."""
        return self._by_masks(self.patterns.failed, self.patterns.unknown, moving)

    def _by_masks(self, failed: Masks, unknown: Masks, moving: Collection[str]) -> NDArray[np.int8]:
        others = self._counting & ~self.patterns.mask(moving)
        able: Bools = failed & others == 0
        found: NDArray[np.int8] = able.astype(np.int8) + (able & (unknown & others == 0))
        return found

    def _of(self, patients: Rows, moving: Collection[str]) -> NDArray[np.int8]:
        """What they make of some patients, by row."""
        patterns = self.patterns.pattern_of[patients]
        return self._by_masks(self.patterns.failed[patterns], self.patterns.unknown[patterns], moving)

    def kinds(self, what: Hashable, found: Sequence[Profiles], moving: Iterable[str], together: Callable[[], Profiles] | None = None) -> Kinds:
        """The candidates by how it goes for them on some things that must all PASS, where some criteria move.

        ``what`` names these things, along their stops, from scenario to scenario. ``together``: the profiles on all of them, if they are several.
        """
        moving, known = frozenset(moving), self._known.get(what)
        if known is None or not known.are_of(found, moving):
            kinds = self._onwards(what, found, moving)
            if kinds is None:
                kinds = self._counted(found[0] if together is None else together(), moving)
            self._known[what] = known = _Known(kinds, moving, tuple((ref(each.of_patient), each.outcomes) for each in found))
        return known.kinds

    def _onwards(self, what: Hashable, found: Sequence[Profiles], moving: frozenset[str]) -> Kinds | None:
        """From what was counted in the scenario before; None where nothing was, many patients' outcomes have changed, or several of the things found."""
        before = None if self.earlier is None else self.earlier._known.get(what)
        then = [] if before is None or before.moving != moving else before.profiles
        differing = self._otherwise(then, found, moving) if len(then) == len(found) else None
        if before is None or differing is None:
            return None
        return before.kinds.and_more(_more(then, found, differing))

    def _otherwise(self, then: Sequence[Profiles], found: Sequence[Profiles], moving: frozenset[str]) -> _Differing | None:
        """Of whom something else holds than before, of the criteria that do not move or of what moves; None where more than one thing has changed."""
        differing = self._differing(moving)
        changed = [(one, other) for one, other in zip(then, found, strict=True) if one.of_patient is not other.of_patient]
        if differing is None or not changed:
            return differing
        if len(changed) > 1:
            return None
        patients = changed[0][0].unlike(changed[0][1])
        patients[differing.patients] = True
        return self._than_before(np.flatnonzero(patients), moving)

    def _differing(self, moving: frozenset[str]) -> _Differing | None:
        """Of whom the criteria that do not move make something else than before."""
        if self.earlier is None or self._changed is None:
            return None
        if moving not in self._others:
            every = self._than_before(self._changed, moving)
            differ = np.flatnonzero(every.before != every.now)
            self._others[moving] = _Differing(every.patients[differ], every.before[differ], every.now[differ])
        return self._others[moving]

    def _than_before(self, patients: Rows, moving: Collection[str]) -> _Differing:
        assert self.earlier is not None
        return _Differing(patients, self.earlier._of(patients, moving), self._of(patients, moving))

    def _counted(self, found: Profiles, moving: frozenset[str]) -> Kinds:
        by_pattern, unusual = self.by_pattern(moving), found.but_the_usual
        if unusual is None:
            return Kinds(found.outcomes, *_tallied(by_pattern[self.patterns.pattern_of], found.of_patient, len(found.outcomes)))
        # Of most patients the profile is the same, so that only the others need be looked at.
        counts = _tallied(by_pattern[self.patterns.pattern_of[unusual]], found.of_patient[unusual], len(found.outcomes))
        counts[:, found.usual] = np.bincount(by_pattern, self.patterns.patients, CLEAR + 1)[OPEN:] - counts.sum(axis=1)
        return Kinds(found.outcomes, *counts)

    @cached_property
    def _changed(self) -> Rows | None:
        """The patients, by row, with another outcome than in the scenario before; None where they are not few."""
        assert self.earlier is not None
        patients = np.zeros(self.patterns.total, bool)
        for each in dict.fromkeys((*self.order, *self.earlier.order)):
            outcomes = [of.outcomes[each] if each in of.order else TRUE for of in (self, self.earlier)]
            if outcomes[0] is not outcomes[1]:
                patients |= outcomes[0] != outcomes[1]
        rows = np.flatnonzero(patients)
        return rows if len(rows) <= FEW * len(patients) else None

    def candidates(self, moving: Collection[str]) -> Candidates:
        """The candidates where some of the criteria move."""
        of_patient = self.by_pattern(moving)[self.patterns.pattern_of]
        return _candidates([np.flatnonzero(of_patient == CLEAR)], [np.flatnonzero(of_patient == OPEN)])


def _tallied(able: NDArray[np.int8], ids: Ids, number: int) -> Counts:
    """Of some patients how many candidates have each of so many ids, given what they are and which theirs is: first the open, then the clear."""
    return np.bincount(joined((able, CLEAR + 1), (ids, number)), minlength=(CLEAR + 1) * number).reshape(CLEAR + 1, number)[OPEN:]


def _more(then: Sequence[Profiles], found: Sequence[Profiles], differing: _Differing) -> Kinds:
    """How many more candidates there are of each kind than before, given those of whom anything differs; no more than one of their profiles does."""
    stays = [now for was, now in zip(then, found, strict=True) if was.of_patient is now.of_patient]
    if len(found) == len(stays) == 1:
        ids, outcomes = found[0].of_patient[differing.patients], found[0].outcomes
        return Kinds(outcomes, *(_tallied(differing.now, ids, len(outcomes)) - _tallied(differing.before, ids, len(outcomes))))
    moved = [pair for pair in zip(then, found, strict=True) if pair[0].of_patient is not pair[1].of_patient]
    candidates = np.flatnonzero((differing.before != NO) | (differing.now != NO))
    every = [*stays, *(each for pair in moved for each in pair)]
    theirs = [each.of_patient[differing.patients[candidates]] for each in every]
    codes, of_kind = distinct_rows(theirs, len(candidates))
    goes: list[Truth] = [each.outcomes[own[of_kind]] for each, own in zip(every, theirs, strict=True)]
    shared = reduce(np.minimum, goes[: len(stays)]) if stays else np.full_like(goes[0], PASS)
    before, now = (np.minimum(shared, own) for own in goes[len(stays) :]) if moved else (shared, shared)
    less, more = (_tallied(able[candidates], codes, len(of_kind)) for able in (differing.before, differing.now))
    otherwise = np.flatnonzero((before != now).any(axis=1))
    counts = np.concatenate([more - less, less[:, otherwise], -less[:, otherwise]], axis=1)
    return Kinds(np.concatenate([now, now[otherwise], before[otherwise]]), *counts)


def _candidates(clear: Sequence[Rows], others: Sequence[Rows]) -> Candidates:
    return Candidates(np.concatenate([*clear, *others]), sum(map(len, clear)))
