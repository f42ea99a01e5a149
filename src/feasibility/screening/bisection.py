"""What patients are found to be along the stops of a parameter whose rules do not show which way it moves them: by bisection between turning points.

Between two of a patient's turning points nothing changes for that patient. Who has only one is known from what holds at both ends; who has more is
looked at between them, until every turning point stands alone. So a patient is judged about as often as there are records to compare, however many
stops there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.screening.asked import ResolvedLimb
from feasibility.screening.changing import PLACE_BITS, Turning, first_of_each
from feasibility.screening.screen import Screener

Rows = NDArray[np.intp]
Places = NDArray[np.int16]
Values = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Changes:
    """Of every patient the value at the ``first`` stop, and from the stop at ``place`` on that ``after`` the change; ``place`` is 0 where there is none.

    ``further`` are the changes of those who change more than once, after their first.
    """

    first: Values
    place: Places
    after: Values
    further: Further

    @property
    def values(self) -> Iterator[Values]:
        """All the values that there are."""
        return iter((self.first, self.after, self.further.after))


@dataclass(frozen=True, eq=False)
class Further:
    """Changes, by patient and then place: from the stop at ``places`` on, the ``after`` of ``patients``."""

    patients: Rows
    places: Rows
    after: Values

    def in_turn(self) -> Iterator[Rows]:
        """The first change of each patient who has one, then the second, and so on: each time rows of the arrays."""
        turn = np.flatnonzero(first_of_each(self.patients))
        while len(turn):
            yield turn
            onwards = turn + 1
            onwards = onwards[onwards < len(self.patients)]
            turn = onwards[self.patients[onwards] == self.patients[onwards - 1]]


@dataclass(frozen=True, eq=False)
class _Between:
    """Patients, by row, with their values at two stops; and where their turning points between these lie: ``places`` of the ``owner``, by row of these."""

    patients: Rows
    before: Values
    after: Values
    owner: Rows
    places: Rows


def changes(
    screener: Screener, limbs: Iterable[ResolvedLimb], parameter: str, stops: Sequence[float], value: Callable[[Screener, float], Values]
) -> Changes:
    """The changes along finite stops, at least one, rising, of a whole number a patient: what ``value`` finds in the limbs at a stop.

    The screener remembers the terms at the first stop and the last, which other rules may ask for too.
    """
    turning = Turning(screener.evaluator, parameter, stops)
    for limb in limbs:
        turning.look_at(limb.stands, limb.policies)
    first = value(screener, stops[0])
    place = np.zeros(len(first), np.int16)
    if turning.anybody:
        return _gathered(first, place, first, _one_by_one(screener.aside(), first, stops, value))
    one_each = turning.one_each
    if one_each is not None:
        last = value(screener, stops[-1])
        return _gathered(first, np.where(first == last, place, one_each), last, ())
    patients, places = turning.points
    if not len(patients):
        return _gathered(first, place, first, ())
    last = value(screener, stops[-1])
    begins = first_of_each(patients)
    alone = begins & np.append(begins[1:], True)
    place[patients[alone]] = places[alone]
    place[first == last] = 0
    several = ~alone
    owners, owner = _numbered(patients[several])
    whole = _Between(owners, first[owners], last[owners], owner, places[several])
    return _gathered(first, place, last, _bisected(screener, whole, lambda some, place: value(some, stops[place])))


def _one_by_one(screener: Screener, first: Values, stops: Sequence[float], value: Callable[[Screener, float], Values]) -> Iterator[tuple[Rows, Rows, Values]]:
    before = first
    for place, stop in enumerate(stops[1:], 1):
        after = value(screener, stop)
        changed = np.flatnonzero(after != before)
        yield changed, np.full(len(changed), place), after[changed]
        before = after


def _bisected(screener: Screener, whole: _Between, value: Callable[[Screener, int], Values]) -> Iterator[tuple[Rows, Rows, Values]]:
    waiting = [whole]
    while waiting:
        some = waiting.pop()
        number = np.bincount(some.owner, minlength=len(some.patients))
        alone = (number == 1) & (some.before != some.after)
        at = alone[some.owner]
        yield some.patients[some.owner[at]], some.places[at], some.after[some.owner[at]]
        several = np.flatnonzero(number > 1)
        if not len(several):
            continue
        of_several = np.flatnonzero(number[some.owner] > 1)
        owner, places = _numbered(some.owner[of_several])[1], some.places[of_several]
        middle = min(int(np.median(places)), int(places.max()) - 1)
        between = value(screener.of(some.patients[several]), middle)
        for before, after, side in ((some.before[several], between, places <= middle), (between, some.after[several], places > middle)):
            left, owner_left = _numbered(owner[side])
            waiting.append(_Between(some.patients[several[left]], before[left], after[left], owner_left, places[side]))


def _numbered(ordered: Rows) -> tuple[Rows, Rows]:
    """The distinct ones of rising numbers, and for each which of them it is."""
    first = first_of_each(ordered)
    return ordered[first], np.cumsum(first) - 1


def _gathered(first: Values, place: Places, after: Values, found: Iterable[tuple[Rows, Rows, Values]]) -> Changes:
    """With what was found of those who may change more than once, whose ``place`` is 0 up to here."""
    some = [each for each in found if len(each[0])]
    if not some:
        return Changes(first, place, after, Further(np.empty(0, np.intp), np.empty(0, np.intp), first[:0]))
    patients, places, values = (np.concatenate(parts) for parts in zip(*some, strict=True))
    order = np.argsort(patients << PLACE_BITS | places, kind="stable")  # what was found together is in order: so few runs are soon merged
    patients, places, values = patients[order], places[order], values[order]
    begins, after = first_of_each(patients), after.copy()
    place[patients[begins]], after[patients[begins]] = places[begins], values[begins]
    further = ~begins
    return Changes(first, place, after, Further(patients[further], places[further], values[further]))
