"""What a part of a criterion needs of one or two parameters to PASS, and what patients need of all parts together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools
from feasibility.parameters import Value
from feasibility.results.concessions import Needs, put_together, with_changed
from feasibility.results.cores import counted_at_once
from feasibility.rules.nodes import Ref
from feasibility.screening.asked import Asked
from feasibility.screening.changing import compared_with_moving
from feasibility.screening.distinct import distinct_rows
from feasibility.screening.onwards import outcome_onwards
from feasibility.screening.parts import at_values, moved_in
from feasibility.screening.profiles import Profiles, WeakProfiles, profiles, staying
from feasibility.screening.screen import PASS, Screener
from feasibility.screening.two_parameters import needs_of_pair

ShortLevels = NDArray[np.int16]
Counts = NDArray[np.int64]
Rows = NDArray[np.intp]

MANY = 0.25  # of all patients: of so many who need something else all is counted anew


@dataclass(frozen=True, eq=False)
class Ways:
    """What a part needs of the parameters ``names``, none, one or two, to PASS: ``needed`` by profile, of each patient in ``found``.

    Of one it is the level needed; of two the level of the second, by level of the first. UNKNOWN is not enough. ``none``: as many as
    there are levels, where none is enough.
    ``torn``: a parameter that fails somebody at a looser level whom it passes at a tighter one.
    """

    names: tuple[str, ...]
    found: Profiles
    needed: ShortLevels
    none: int
    torn: str | None = None

    @property
    def of_patient(self) -> NDArray[Any]:
        return self.found.of_patient

    def unlike(self, before: Ways) -> Rows:
        """The patients, by row, who need something else than before of the same parameters."""
        names, _ = distinct_rows(np.concatenate([self.needed, before.needed]).T, len(self.needed) + len(before.needed))
        return self.found.otherwise_named(before.found, names[: len(self.needed)], names[len(self.needed) :])

    @property
    def weak(self) -> WeakWays:
        """The same, without holding each patient's profile."""
        return WeakWays(self.found.weak, replace(self, found=Profiles(np.empty(0, np.int8), self.found.outcomes)))

    @property
    def enough(self) -> Bools:
        """By profile whether some levels are enough."""
        enough: Bools = self.needed[:, -1] < self.none
        return enough

    @property
    def row(self) -> NDArray[Any]:
        """By profile the level needed of one parameter; of two which of the distinct rows."""
        return self.needed[:, 0] if len(self.names) == 1 else self.distinct[1].astype(np.int32)

    @cached_property
    def distinct(self) -> tuple[ShortLevels, NDArray[np.intp]]:
        """The distinct rows of what is needed, and which of them each profile has."""
        of_profile, profile = distinct_rows(self.needed.T, len(self.needed))
        return self.needed[profile], of_profile

    def terms_of(self, kinds: NDArray[np.intp]) -> tuple[NDArray[np.intp], ShortLevels, Counts]:
        """The terms of some kinds of patients, given which distinct row each has: of each term which of them it is of, its levels and its sign."""
        row, levels, signs = self._terms
        begins = np.searchsorted(row, np.arange(len(self.distinct[0]) + 1))
        number = np.diff(begins)[kinds]
        whose = np.repeat(np.arange(len(kinds)), number)
        place = np.repeat(begins[kinds] - np.cumsum(number) + number, number) + np.arange(len(whose))
        return whose, levels[place], signs[place]

    @property
    def _terms(self) -> tuple[NDArray[np.intp], ShortLevels, Counts]:
        """By distinct row, rising, the levels of the two that are a way, with 1; and those at which two ways next to each other are both open, with −1."""
        needed, _ = self.distinct
        row, first = np.nonzero(needed < np.column_stack([np.full(len(needed), self.none), needed[:, :-1]]))
        second = needed[row, first]
        again = row[1:] == row[:-1]
        rows = np.concatenate([row, row[1:][again]])
        levels = np.column_stack([np.concatenate([first, first[1:][again]]), np.concatenate([second, second[:-1][again]])]).astype(np.int16)
        signs = np.concatenate([np.ones(len(row), np.int64), np.full(np.count_nonzero(again), -1)])
        order = np.argsort(rows, kind="stable")
        return rows[order], levels[order], signs[order]


@dataclass(frozen=True, eq=False)
class WeakWays:
    """Ways of which each patient's profile is known as long as it is held elsewhere; ``of_nobody`` are the same without it."""

    profiles: WeakProfiles
    of_nobody: Ways

    @property
    def nbytes(self) -> int:
        return self.profiles.outcomes.nbytes + self.of_nobody.needed.nbytes

    @property
    def found(self) -> Ways | None:
        profiles = self.profiles.found
        return None if profiles is None else replace(self.of_nobody, found=profiles)


def ways_of(screener: Screener, part: Asked, names: Sequence[str], tried: Mapping[str, Sequence[float]], levels: Mapping[str, Sequence[float]]) -> Ways:
    """What a part needs of one or two of the parameters left open in it; the others are as in the scenario."""
    now: dict[str, Value | Ref] = {name: levels[name][0] for name in moved_in(part)}
    own = at_values(part, {**now, **{name: Ref(name) for name in names}})
    if not names:
        return Ways((), staying(outcome_onwards(screener, own), 1), np.array([[1], [1], [0]], np.int16), 1)
    if len(names) == 1:
        (name,) = names
        along = sorted({*tried[name], levels[name][0]})
        found = profiles(screener, own, name, tried[name], levels[name][0]).at([along.index(level) for level in levels[name]])
        passes = found.outcomes == PASS
        torn = name if (passes[:, 1:] < passes[:, :-1]).any() else None
        return Ways((name,), found, (~passes).sum(axis=1).astype(np.int16)[:, None], len(levels[name]), torn)
    # Along the one that is not compared with what the other moves.
    one, other = sorted(names, key=lambda name: any(compared_with_moving(limb.stands, name) for limb in own.limbs))
    along = sorted(levels[one])
    found = needs_of_pair(screener, own, (one, along), (other, levels[other])).at([along.index(level) for level in levels[one]])
    none, needed = len(levels[other]), found.outcomes.astype(np.int16)
    torn = other if (needed > none).any() else one if (needed[:, 1:] > needed[:, :-1]).any() else None
    return Ways((one, other), found, needed, none, torn)


@dataclass(frozen=True, eq=False)
class Demand:
    """What every patient would need to be eligible: of some parameters, ``names``, by the ``ways`` of each part; ``clear``: who passes all else."""

    names: tuple[str, ...]
    ways: tuple[Ways, ...]
    clear: Bools

    @property
    def needs(self) -> Needs:
        """The needs of those for whom some levels of every part are enough, with how many have them, by inclusion and exclusion."""
        return _needs(self.names, self.ways, np.flatnonzero(self.clear))

    def needs_onwards(self, before: Demand | None, needs: Needs) -> Needs | None:
        """The same, from the ``needs`` of what was demanded before; None where many are to be looked at again, or that is not known, or of other parameters."""
        if before is None or [each.names for each in self.ways] != [each.names for each in before.ways]:
            return None
        unlike = self.clear != before.clear
        for own, other in zip(self.ways, before.ways, strict=True):
            unlike[own.unlike(other)] = True
        patients = np.flatnonzero(unlike)
        if len(patients) > MANY * len(unlike):
            return None
        then, now = (_needs(each.names, each.ways, patients[each.clear[patients]]) for each in (before, self))
        return with_changed(needs, then, now, len(self.names))


def _needs(names: Sequence[str], ways: Sequence[Ways], patients: Rows) -> Needs:
    for each in ways:  # fewer with every part
        if not each.enough.all():
            patients = patients.compress(each.enough.take(each.of_patient.take(patients)))
    asking = [each for each in ways if each.names]
    found = counted_at_once(lambda each: each.row.take(each.of_patient.take(patients)), asking)
    codes, of_kind = distinct_rows(found, len(patients))
    counts = np.bincount(codes, minlength=len(of_kind)).astype(np.int64)
    kinds = dict(zip(asking, (each[of_kind] for each in found), strict=True))
    # Each kind of patients by its terms: those of the one pair, for each of them those of the next.
    of_term, terms = np.arange(len(of_kind)), dict[Ways, ShortLevels]()
    for each in (each for each in asking if len(each.names) == 2):
        whose, levels, signs = each.terms_of(kinds[each][of_term])
        of_term, counts = of_term[whose], counts[whose] * signs
        terms = {**{way: own[whose] for way, own in terms.items()}, each: levels}
    needs = np.zeros((len(names), len(of_term)), np.int16)
    for each, row in kinds.items():
        for name, own in zip(each.names, terms[each].T if each in terms else [row[of_term]], strict=True):
            needed = needs[names.index(name)]
            np.maximum(needed, own, out=needed, casting="unsafe")
    return put_together(needs, counts)
