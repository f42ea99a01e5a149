"""How the outcome of what is asked goes along the stops of one parameter: each patient's profile, one of few distinct ones.

As failure patterns are to one scenario, profiles are to one parameter: a dense id a patient and a small table, so that whatever the other criteria leave
of the patients is counted by gathering ids. They depend on the criterion alone, not on the others, and are remembered with its terms.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.logic import UNKNOWN, Bools, Floats, Truth, and_
from feasibility.screening.asked import Asked
from feasibility.screening.bisection import Changes, Values, changes
from feasibility.screening.distinct import joined, numbered
from feasibility.screening.flips import Flips
from feasibility.screening.moving import asked_flips
from feasibility.screening.onwards import found_onwards, outcome_onwards
from feasibility.screening.parts import at_values, moved_in, outcome_at
from feasibility.screening.screen import FAIL, PASS, Screener
from feasibility.screening.visits import VisitsAlong, visits_along

Ids = NDArray[Any]
Value = Callable[[Screener, float], Values]

MOST_PACKED = 31
FEW = 0.25  # of all patients
MOST_CODES = 1 << 22  # that are counted in one array


@dataclass(frozen=True, eq=False)
class Profiles:
    """``outcomes``: profiles × stops, FAIL, UNKNOWN or PASS; ``of_patient``: each patient's row in it.

    ``since``: of which ids before it was counted on, and the patients, by row, who were judged again. ``counted``: what ``of_profile`` is, if that is known.
    """

    of_patient: Ids
    outcomes: NDArray[Any]
    since: tuple[ReferenceType[Ids], NDArray[np.intp]] | None = None
    counted: NDArray[np.int64] | None = None

    @property
    def nbytes(self) -> int:
        return self.of_patient.nbytes + self.outcomes.nbytes + (0 if self.since is None else self.since[1].nbytes)

    @cached_property
    def of_profile(self) -> NDArray[np.int64]:
        """How many patients have each profile."""
        return np.bincount(self.of_patient, minlength=len(self.outcomes)) if self.counted is None else self.counted

    @property
    def usual(self) -> int:
        """The profile that most patients have."""
        return int(self.of_profile.argmax()) if len(self.of_profile) else 0

    @property
    def but_the_usual(self) -> NDArray[np.intp] | None:
        """The patients with another profile, by row, where they are few: less than ``FEW`` of all; None where they are not."""
        others = self.of_patient != self.usual
        return np.flatnonzero(others) if np.count_nonzero(others) < FEW * len(others) else None

    @property
    def passes(self) -> Floats:
        """1 where it is PASS."""
        passes: Floats = (self.outcomes == PASS).astype(np.float64)
        return passes

    @property
    def possible(self) -> Floats:
        """1 where it is not FAIL."""
        possible: Floats = (self.outcomes != FAIL).astype(np.float64)
        return possible

    @cached_property
    def packed(self) -> NDArray[np.int64]:
        """The outcomes as few numbers a profile, columns × profiles: on several things that must all PASS they are those numbers' bitwise and."""
        return np.stack([packed_outcomes(self.outcomes[:, part]) for part in _packed_parts(self.outcomes.shape[1])])

    @cached_property
    def ever_possible(self) -> Bools:
        """Of each profile whether it is anything but FAIL at some stop."""
        ever: Bools = (self.outcomes != FAIL).any(axis=1)
        return ever

    def unlike(self, before: Profiles) -> NDArray[np.intp]:
        """The patients, by row, for whom it goes otherwise than by other profiles along as many stops."""
        names, _ = alike(np.concatenate([self.outcomes, before.outcomes]))
        return self.otherwise_named(before, names[: len(self.outcomes)], names[len(self.outcomes) :])

    def otherwise_named(self, before: Profiles, own: Ids, others: Ids) -> NDArray[np.intp]:
        """The patients, by row, whose profile has another name than before, given the names of these profiles and of those before."""
        if self.of_patient is before.of_patient and np.array_equal(own, others):
            return np.empty(0, np.intp)
        if self.since is None or self.since[0]() is not before.of_patient:
            if np.array_equal(own, others) and len(np.unique(own)) == len(own):
                return np.flatnonzero(self.of_patient != before.of_patient)
            return np.flatnonzero(own.take(self.of_patient) != others.take(before.of_patient))
        again = self.since[1]
        unlike: NDArray[np.intp] = again[own[self.of_patient[again]] != others[before.of_patient[again]]]
        return unlike

    @property
    def weak(self) -> WeakProfiles:
        """The same, without holding each patient's."""
        return WeakProfiles(ref(self.of_patient), self.outcomes)

    def take(self, rows: NDArray[np.intp]) -> Profiles:
        """Those of some patients."""
        return Profiles(self.of_patient[rows], self.outcomes)

    def at(self, places: Sequence[int] | slice) -> Profiles:
        """Those at some of the stops."""
        return replace(self, outcomes=self.outcomes[:, places])


@dataclass(frozen=True, eq=False)
class WeakProfiles:
    """Profiles of which each patient's is known as long as it is held elsewhere."""

    of_patient: ReferenceType[Ids]
    outcomes: NDArray[Any]

    @property
    def found(self) -> Profiles | None:
        of_patient = self.of_patient()
        return None if of_patient is None else Profiles(of_patient, self.outcomes)


def profiles(screener: Screener, asked: Asked, parameter: str, stops: Sequence[float], also: float | None = None) -> Profiles:
    """The profiles of all patients along the stops, rising, of the one parameter left open in what is asked; something of it is assessable.

    ``also`` is a stop that may not be among the others: what is remembered along them does not depend on it.
    """

    def found_in(some: Screener) -> Profiles:
        return _profiles(some, asked, parameter, stops)

    found = found_onwards(screener, asked, (parameter, tuple(stops)), found_in, with_changed)
    if also is None or also in stops:
        return found
    return _with_stop(found, outcome_onwards(screener, at_values(asked, {parameter: also})), bisect(stops, also))


def profiles_known(screener: Screener, asked: Asked, parameter: str, stops: Sequence[float]) -> bool:
    """Whether the profiles of something are remembered."""
    return screener.memory.known((asked.key, parameter, tuple(stops))) is not None


def each_profiles(screener: Screener, asked: Sequence[Asked], parameter: str, stops: Sequence[float]) -> list[Profiles]:
    """The profiles on each of several things, of which something is assessable. Not all need be moved."""
    moved = ((each, parameter in moved_in(each)) for each in asked)
    return [profiles(screener, each, parameter, stops) if moves else staying(outcome_onwards(screener, each), len(stops)) for each, moves in moved]


def joint_profiles(screener: Screener, asked: Sequence[Asked], parameter: str, stops: Sequence[float], also: float | None = None) -> Profiles:
    """The profiles on several things that must all PASS, of which something is assessable: the lowest of their outcomes. Not all need be moved."""
    found = _together(screener, asked, parameter, tuple(stops))
    if also is None or also in stops:
        return found

    def with_it() -> Profiles:
        return _with_stop(found, and_(*(outcome_onwards(screener, at_values(each, {parameter: also})) for each in asked)), bisect(stops, also))

    return screener.memory.recall((tuple(each.key for each in asked), parameter, tuple(stops), also), with_it)


def _together(screener: Screener, asked: Sequence[Asked], parameter: str, stops: tuple[float, ...]) -> Profiles:
    """Those before the last, and the last; what they are together is remembered, so that little is put together anew where only the last has changed."""
    *before, last = asked
    (own,) = each_profiles(screener, [last], parameter, stops)
    if not before:
        return own
    key = tuple(each.key for each in asked), parameter, stops
    return screener.memory.recall(key, lambda: _lowest(_together(screener, before, parameter, stops), own))


def _profiles(screener: Screener, asked: Asked, parameter: str, stops: Sequence[float]) -> Profiles:
    def outcome(some: Screener, stop: float) -> Truth:
        return outcome_at(some, asked, {parameter: stop})

    finite = [stop for stop in stops if np.isfinite(stop)]
    flips = asked_flips(screener.aside(), asked, parameter, finite)
    if flips is not None:
        return _with_lifted(_of_flips(*flips, len(finite)), screener, stops, outcome)
    visits = visits_along(screener, asked, parameter, finite)
    if visits is None:
        return along_values(screener, asked, parameter, stops, outcome)
    return _with_lifted(_of_visits(visits, len(finite)), screener, stops, outcome)


def both_profiles(one: Profiles, other: Profiles) -> tuple[Ids, NDArray[np.int64], NDArray[np.int64]]:
    """Which pair of profiles each patient has, and the one and the other profile of each pair."""
    width = len(other.outcomes)
    ids, used = _used(joined((one.of_patient, len(one.outcomes)), (other.of_patient, width)), len(one.outcomes) * width)
    return ids, used // width, used % width


def packed_outcomes(outcomes: Truth) -> NDArray[np.int64]:
    """Rows of at most 31 outcomes, each as one number: bit k where the k-th is PASS, and bit 31 + k where it is not FAIL."""
    bits = np.int64(1) << np.arange(outcomes.shape[1])
    packed: NDArray[np.int64] = (outcomes == PASS) @ bits | ((outcomes != FAIL) @ bits) << MOST_PACKED
    return packed


def unpacked_outcomes(packed: NDArray[Any], stops: int) -> Truth:
    """The outcomes of such numbers, along a last axis of so many stops."""
    bits = packed[..., None] >> np.arange(stops)
    return ((bits & 1) + (bits >> MOST_PACKED & 1)).astype(np.int8)


def along_values(screener: Screener, asked: Asked, parameter: str, stops: Sequence[float], value: Value) -> Profiles:
    """The profiles along the stops, rising, of what ``value`` finds of patients at one: ``outcomes`` are such whole numbers."""
    finite = [stop for stop in stops if np.isfinite(stop)]
    return _with_lifted(_of_changes(changes(screener, asked.limbs, parameter, finite, value), len(finite)), screener, stops, value)


def with_changed(before: Profiles, patients: NDArray[np.intp], now: Profiles) -> Profiles:
    """With other profiles of some patients, by row."""
    both, number = np.concatenate([before.outcomes, now.outcomes.astype(before.outcomes.dtype)]), len(before.outcomes)
    places: dict[bytes, int] = {}
    names = np.array([places.setdefault(row.tobytes(), place) for place, row in enumerate(both)], np.int64)[number:]  # two may go alike
    of_profile = np.bincount(names[now.of_patient], minlength=len(both))
    of_profile[:number] += before.of_profile - np.bincount(before.of_patient[patients], minlength=number)
    left = np.flatnonzero(of_profile)
    new_names = np.zeros(len(both), np.min_scalar_type(max(len(left) - 1, 0)))
    new_names[left] = np.arange(len(left))
    ids = before.of_patient.astype(new_names.dtype) if of_profile[:number].all() else new_names.take(before.of_patient)
    ids[patients] = new_names[names][now.of_patient]
    return Profiles(ids, both[left], (ref(before.of_patient), patients), of_profile[left])


def _with_lifted(found: Profiles, screener: Screener, stops: Sequence[float], value: Value) -> Profiles:
    """With the stops without limit: a window without one asks less of the feed of events than a long one, so that it is judged by itself."""
    for place, stop in enumerate(stops):
        if not np.isfinite(stop):
            found = _with_stop(found, value(screener, stop), place)
    return found


def _with_stop(found: Profiles, values: Values, place: int) -> Profiles:
    """With one stop more, at which these are the patients' outcomes."""
    return with_column(found, Profiles(*pd.factorize(values)), place)


def with_column(found: Profiles, own: Profiles, place: int) -> Profiles:
    """With one stop more, before ``place``, at which the patients' outcome is the one value of their ``own`` profile."""
    ids, of_found, of_own = both_profiles(found, own)
    return Profiles(ids, np.insert(found.outcomes[of_found], place, own.outcomes[of_own], axis=1))


def _of_flips(flips: Flips, falling: bool, stops: int) -> Profiles:
    """Along the stops in the order in which they loosen the outcome is FAIL before the first flip, and PASS from the second on."""
    ends = stops + 1
    ids, distinct = _used(joined((flips.first, ends), (flips.second, ends)), ends * ends)
    place = np.arange(stops)
    outcomes = (place >= distinct[:, None] // ends).astype(np.int8) + (place >= distinct[:, None] % ends)
    return Profiles(ids, outcomes[:, ::-1] if falling else outcomes)


def _of_visits(found: VisitsAlong, stops: int) -> Profiles:
    ends = stops + 1
    ids, keys = _used(joined((found.begins, ends), (found.unknown, ends), (found.holds, ends)), ends**3)
    return Profiles(ids, found.outcomes(keys // ends // ends, keys // ends % ends, keys % ends, stops))


def _of_changes(found: Changes, stops: int) -> Profiles:
    """From what holds at the first stop, one change of each patient after the other."""
    (first, after, further), values = _numbered(found.values)
    number, place = len(values), np.arange(stops)
    ids, keys = _used(joined((found.place, stops), (first, number), (after, number)), stops * number * number)
    at, since = keys // number // number, keys // number % number
    small = np.min_scalar_type(max(number - 1, 0))
    outcomes = np.where((place >= at[:, None]) & (at[:, None] > 0), (keys % number)[:, None], since[:, None]).astype(small)
    if not len(further):
        return Profiles(ids, values[outcomes])
    ids = ids.astype(np.int64)
    for turn in found.further.in_turn():
        patients = found.further.patients[turn]
        codes, keys = _used((ids[patients] * stops + found.further.places[turn]) * number + further[turn], len(outcomes) * stops * number)
        onwards = place >= (keys // number % stops)[:, None]
        ids[patients] = codes.astype(np.int64) + len(outcomes)
        changed = np.where(onwards, (keys % number)[:, None], outcomes[keys // number // stops]).astype(small)
        ids, used = _used(ids, len(outcomes) + len(changed))
        ids, outcomes = ids.astype(np.int64), np.concatenate([outcomes, changed])[used]
    return Profiles(_used(ids, len(outcomes))[0], values[outcomes])


def _numbered(parts: Iterable[Values]) -> tuple[list[Ids], Values]:
    """For each value of some arrays which of the distinct ones it is, and these."""
    parts = list(parts)
    if parts[0].dtype == np.int8:  # outcomes
        return parts, np.array([FAIL, UNKNOWN, PASS])
    codes, values = pd.factorize(np.concatenate(parts))  # packed outcomes, or numbers of levels
    return np.split(codes, np.cumsum([len(part) for part in parts[:-1]])), values


def staying(outcome: Truth, stops: int) -> Profiles:
    """Outcomes that are the same at so many stops."""
    return Profiles(outcome, np.repeat(np.array([[FAIL], [UNKNOWN], [PASS]], np.int8), stops, axis=1))


def _lowest(one: Profiles, other: Profiles) -> Profiles:
    width = len(other.outcomes)
    codes = joined((one.of_patient, len(one.outcomes)), (other.of_patient, width))
    of_somebody = _of_somebody(codes, len(one.outcomes) * width)
    of_one, of_other = np.divmod(of_somebody.left, width)
    names, outcomes = alike(np.minimum(one.outcomes[of_one], other.outcomes[of_other]))
    return Profiles(of_somebody.renamed(names), outcomes)


def alike(outcomes: Truth) -> tuple[Ids, Truth]:
    """For each row which of the distinct rows it is, and these."""
    names, of_each = numbered([packed_outcomes(outcomes[:, part]) for part in _packed_parts(outcomes.shape[1])], len(outcomes))
    return names.astype(np.min_scalar_type(max(len(of_each) - 1, 0))), outcomes[of_each]


def _packed_parts(stops: int) -> list[slice]:
    return [slice(begin, begin + MOST_PACKED) for begin in range(0, stops, MOST_PACKED)]


def all_unpacked(packed: NDArray[np.int64], stops: int) -> Truth:
    """The outcomes of columns × profiles that were ``Profiles.packed``."""
    parts = zip(packed, _packed_parts(stops), strict=True)
    return np.concatenate([unpacked_outcomes(column, len(range(stops)[part])) for column, part in parts], axis=1)


def _used(codes: Ids, number: int) -> tuple[Ids, NDArray[np.int64]]:
    """The codes numbered anew without those that nobody has, in as few bytes as they need, and which are left."""
    of_somebody = _of_somebody(codes, number)
    left = of_somebody.left
    return of_somebody.renamed(np.arange(len(left), dtype=np.min_scalar_type(max(len(left) - 1, 0)))), left


@dataclass(frozen=True, eq=False)
class _OfSomebody:
    """The ``left`` of some codes that somebody has; ``codes`` are everybody's, those left of them at the ``places``."""

    left: NDArray[np.int64]
    codes: Ids
    places: NDArray[np.intp]

    def renamed(self, names: Ids) -> Ids:
        """Everybody's code by another name, given those of the codes left."""
        table = np.zeros(int(self.places.max(initial=0)) + 1, names.dtype)
        table[self.places] = names
        return table.take(self.codes)


def _of_somebody(codes: Ids, number: int) -> _OfSomebody:
    if number > MOST_CODES:
        fewer, left = pd.factorize(codes)
        return _OfSomebody(left.astype(np.int64), fewer, np.arange(len(left)))
    codes, somebody = codes.astype(np.intp), np.zeros(number, bool)  # converted once, not at each look-up
    somebody[codes] = True
    left = np.flatnonzero(somebody)
    return _OfSomebody(left, codes, left)
