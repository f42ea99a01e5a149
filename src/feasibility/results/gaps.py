"""Missing data: which undetermined patients one measurement would settle, and how the range of eligible would narrow.

What counts as one measurement is a record type: a variable by itself, an event with what describes it, a visit with its values. Beside them, since the
values of one sample lack together, stands each panel of the catalogue that does more than one of its record types alone. It is supposed to be known in
all undetermined patients for whom it leaves something open, and nothing else is: ``screening.suppose`` says what that means. Such a patient is then
settled one way or the other, or stays open for another reason; which way is not known, so that all that is said are bounds.

They are provable, and the closest there are where the criteria ask for a record type in one place. Where they ask in several (the latest value and the
lowest of two), each place is supposed by itself, and of an estimate from several inputs any value that its limits allow: a bound may then be wider than
it need be.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import UNKNOWN, Bools
from feasibility.patterns import Masks
from feasibility.results.accounting import Tally, tally
from feasibility.results.cores import counted_at_once
from feasibility.results.overview import Counted, Overview
from feasibility.screening.distinct import distinct_rows
from feasibility.screening.screen import FAIL, Screener, Screening
from feasibility.screening.suppose import Cell, Place, Supposable, cells, supposable
from feasibility.variables import Catalogue

MOST_SUPPOSED = 1_000

Rows = NDArray[np.intp]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Range:
    """From ``low`` to ``high`` patients."""

    low: int
    high: int


@dataclass(frozen=True)
class Gap:
    """One record type, or panel, that leaves undetermined patients open, and what it would change if it were known in all of them.

    ``name`` is that of the record type or the panel. ``variables`` are those of it that are asked for, ``criteria`` those it leaves open; ``in_file``: there
    is a column for it. Of the undetermined patients ``people`` are open for it, ``nothing`` of these because nothing is recorded of it where the criteria
    look, the others because what is recorded does not suffice; ``never`` of ``nothing`` have nothing recorded of it at all, the others outside the windows.
    ``settled``: of these people, those whose only open matter it is: whatever is found, they are eligible or ineligible afterwards. ``gained`` become
    eligible, at least and at most; ``lost`` become ineligible.
    """

    name: str
    variables: tuple[str, ...]
    criteria: tuple[str, ...]
    in_file: bool
    people: int
    nothing: int
    never: int
    settled: int
    gained: Range
    lost: Range


@dataclass(frozen=True)
class Gaps:
    """The range of eligible patients as it is, and every gap, the one that could add most first.

    ``one_settles``: of the undetermined those whom some one gap settles, whatever is found; the others lack several things, or are left open by what no
    record of theirs would show. ``in_none``: those of whom nothing is missing; what is recorded leaves them open, a calculated value that another makes
    void, say, or records that contradict each other. ``alike``: by name, gaps of the very same patients.
    """

    tally: Tally
    one_settles: int
    gaps: tuple[Gap, ...]
    alike: tuple[tuple[str, ...], ...] = ()
    in_none: int = 0

    def lower(self, gap: Gap) -> Range:
        """The number eligible if the gap were filled: now the lower end of the range of eligible."""
        return Range(self.tally.eligible + gap.gained.low, self.tally.eligible + gap.gained.high)

    def upper(self, gap: Gap) -> Range:
        """Eligible and undetermined if the gap were filled: now the upper end."""
        possible = self.tally.eligible + self.tally.undetermined
        return Range(possible - gap.lost.high, possible - gap.lost.low)

    def undetermined(self, gap: Gap) -> Range:
        """How many would stay undetermined: nobody who is settled, and at least those whom nothing that is found could settle."""
        return Range(max(self.tally.undetermined - gap.gained.high - gap.lost.high, 0), self.tally.undetermined - gap.settled)


def gaps(screener: Screener, overview: Overview | Counted) -> Gaps:
    """Every gap of the undetermined patients, of the criteria that count."""
    patterns, order = overview.patterns, overview.order
    failed, unknown = patterns.failed & patterns.mask(order), patterns.unknown & patterns.mask(order)
    undetermined = np.flatnonzero(((failed == 0) & (unknown != 0))[patterns.pattern_of])
    numbers = counted_at_once(lambda each: _told_apart(screener, overview.screening, each)[undetermined], order)
    # Of those of whom the same is known one stands for all.
    kinds, of_each = distinct_rows(numbers, len(undetermined))
    patients, undetermined = np.bincount(kinds, minlength=len(of_each)), undetermined[of_each]
    open_on = unknown[patterns.pattern_of[undetermined]]
    every = [_opened(screener, overview, each, undetermined, np.flatnonzero(open_on & patterns.bit(each))) for each in order]
    opened = [each for each in every if len(each.patients)]
    leaves = tuple(dict.fromkeys(leaf for each in opened for leaf in each.criterion.leaves()))
    values = {place: cells(place, leaves, screener.catalogue) for each in opened for places in each.asks.values() for place in places}
    one_settles, in_none = np.zeros(len(undetermined), bool), np.ones(len(undetermined), bool)
    found: list[_Found] = []
    for name, types in _measured_at_once(screener.catalogue, dict.fromkeys(each for criterion in opened for each in criterion.asks)):
        asking = [criterion for criterion in opened if not types.isdisjoint(criterion.asks)]
        more = _found(screener, name, types, asking, values, open_on, ~patterns.mask(criterion.id for criterion in asking), patients)
        if more is not None:
            found = [*(each for each in found if not _the_same(each.gap, more.gap)), more]
            one_settles[more.people[more.settled]] = True
            in_none[more.people] = False
    found.sort(key=lambda each: (-each.gap.gained.high, -each.gap.settled, -each.gap.people))
    by_people: dict[bytes, list[str]] = {}
    for each in found:
        by_people.setdefault(each.people.tobytes(), []).append(each.gap.name)
    same_people = tuple(tuple(names) for names in by_people.values() if len(names) > 1)
    settled, without = int(patients[one_settles].sum()), int(patients[in_none].sum())
    return Gaps(tally(patterns, order), settled, tuple(each.gap for each in found), same_people, without)


def _the_same(panel: Gap, gap: Gap) -> bool:
    """Whether a gap of one record type is all there is to that of its panel."""
    numbers = [(each.people, each.nothing, each.never, each.settled, each.gained, each.lost) for each in (panel, gap)]
    return set(gap.variables) < set(panel.variables) and numbers[0] == numbers[1]


def _measured_at_once(catalogue: Catalogue, asked: Collection[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """The panels of which several record types are asked for, then each record type by itself."""
    for name, panel in catalogue.panels.items():
        types = frozenset(catalogue[variable].of for variable in panel.variables).intersection(asked)
        if len(types) > 1:
            yield name, types
    for record_type in asked:
        yield record_type, frozenset([record_type])


def _told_apart(screener: Screener, screening: Screening, criterion_id: str) -> NDArray[Any]:
    """For everybody a number: of two with the same number the same is known, as far as the criterion asks; 0 of who is not UNKNOWN on it. Remembered."""
    asked = screener.asked(screening.protocol, screening.scenario, criterion_id)

    def found() -> NDArray[Any]:
        patients = np.flatnonzero(screening.outcomes[criterion_id] == UNKNOWN)
        numbers = supposable(screener.of(patients), asked).told_apart + 1
        of_patient = np.zeros(screener.cohort.patients, np.min_scalar_type(int(numbers.max(initial=0))))
        of_patient[patients] = numbers
        return of_patient

    return screener.memory.recall(("told apart", asked.key), found)


@dataclass(frozen=True, eq=False)
class _Opened:
    """A criterion and the undetermined patients who are UNKNOWN on it, by their place among the undetermined; ``asks``: by record type the places."""

    id: str
    patients: Rows
    criterion: Supposable
    asks: Mapping[str, tuple[Place, ...]]


def _opened(screener: Screener, overview: Overview | Counted, criterion_id: str, undetermined: Rows, patients: Rows) -> _Opened:
    asked = screener.asked(overview.screening.protocol, overview.screening.scenario, criterion_id)
    criterion = supposable(screener.of(undetermined[patients]), asked)
    return _Opened(criterion_id, patients, criterion, criterion.places())


@dataclass(frozen=True, eq=False)
class _Found:
    """A gap, the ``people`` who are open for it, by their place among the undetermined, and which of them it settles."""

    gap: Gap
    people: Rows
    settled: Bools


def _found(
    screener: Screener,
    name: str,
    types: frozenset[str],
    asking: Sequence[_Opened],
    values: Mapping[Place, Sequence[Cell]],
    open_on: Masks,
    others: np.int64,
    patients: Counts,
) -> _Found | None:
    """One gap; None if nobody is open for it.

    ``values``: what may be found in each place; ``open_on``: what each of the undetermined is UNKNOWN on, ``others``: the criteria that do not ask for it;
    ``patients``: for how many each of them stands.
    """
    people, something, ever = (np.zeros(len(open_on), bool) for _ in range(3))
    criteria: dict[str, None] = {}
    for each in asking:
        for record_type in types.intersection(each.asks):
            open_ = each.criterion.open_for(record_type)
            if open_.any():
                people[each.patients[open_]] = True
                something[each.patients[open_ & ~each.criterion.nothing_of(record_type)]] = True
                ever[each.patients[open_ & ~each.criterion.never(record_type)]] = True
                criteria[each.id] = None
    if not criteria:
        return None
    rows = np.flatnonzero(people)
    elsewhere = open_on[rows] & others != 0
    # Of each criterion, which of its patients are among these, and where.
    among = [np.flatnonzero(people[each.patients]) for each in asking]
    places = [_places(rows, each.patients[some]) for each, some in zip(asking, among, strict=True)]
    gains, loses, stays = (np.zeros(len(rows), bool) for _ in range(3))
    for supposed in _suppositions(types, asking, values):
        if supposed is None:
            gains[:] = loses[:] = stays[:] = True
            break
        possible, open_, fails = np.ones(len(rows), bool), elsewhere.copy(), np.zeros(len(rows), bool)
        for each, some, place in zip(asking, among, places, strict=True):
            outcome = each.criterion.outcome(types, supposed)[some]
            possible[place] &= each.criterion.possible(types, supposed)[some]
            fails[place] |= outcome == FAIL
            open_[place] |= outcome == UNKNOWN
        stays |= possible & ~fails & open_
        loses |= possible & fails
        gains |= possible & ~fails & ~open_

    of_rows = patients[rows]

    def number(some: Bools) -> int:
        return int(of_rows[some].sum())

    def counted(some: Bools, *others: Bools) -> Range:
        return Range(number(some & ~np.logical_or.reduce(others)), number(some))

    spoken_of = dict.fromkeys(variable for each in asking for limb in each.criterion.limbs for variable in limb.variables)
    gap = Gap(
        name,
        tuple(variable for variable in spoken_of if screener.catalogue[variable].of in types),
        tuple(criteria),
        not types.isdisjoint(screener.cohort.records),
        int(of_rows.sum()),
        number(~something[rows]),
        number(~(something | ever)[rows]),
        number(~stays),
        counted(gains, loses, stays),
        counted(loses, gains, stays),
    )
    return _Found(gap, rows, ~stays)


def _places(rows: Rows, some: Rows) -> Rows | slice:
    """Where some of the rows are among them; both rise."""
    return slice(None) if len(some) == len(rows) else np.searchsorted(rows, some)


def _suppositions(
    types: frozenset[str], asking: Sequence[_Opened], values: Mapping[Place, Sequence[Cell]]
) -> Iterator[Mapping[Place, Cell] | None]:
    """Everything that may be found, place by place; None where that is too much to go through: then anything may be."""
    places = tuple(dict.fromkeys(place for each in asking for record_type in types.intersection(each.asks) for place in each.asks[record_type]))
    if math.prod(len(values[place]) for place in places) > MOST_SUPPOSED:
        yield None
        return
    for chosen in product(*(values[place] for place in places)):
        yield dict(zip(places, chosen, strict=True))
