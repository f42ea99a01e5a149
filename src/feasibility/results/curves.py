"""Threshold curves: how many would be eligible at each stop of one parameter, all other things held."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Bools, Floats
from feasibility.parameters import MOST_STOPS, Direction, Number, stops, thinned
from feasibility.results.cores import counted_at_once
from feasibility.results.jointly import counts
from feasibility.results.kinds import Kinds
from feasibility.results.overview import Counted, Workbench
from feasibility.results.proportion import interval
from feasibility.scenario import Scenario, value_of
from feasibility.screening.asked import Asked
from feasibility.screening.moving import moved_by
from feasibility.screening.parts import moved_in, parts_of
from feasibility.screening.profiles import each_profiles, joint_profiles, profiles, profiles_known
from feasibility.screening.screen import Screener

Counts = NDArray[np.int64]

MOST_STOPS_SHARED = 60  # of a number that moves several criteria, whose profiles are put together stop by stop


@dataclass(frozen=True)
class Onwards:
    """A move on from a stop of a curve: to which ``stop``, how many eligible are ``gained`` there, and how many ``units`` of the parameter it goes.

    Infinitely many to or from no limit.
    """

    stop: float
    gained: int
    units: float

    @property
    def per_unit(self) -> float | None:
        """None to or from no limit, where no number of units is gone."""
        return None if math.isinf(self.units) else self.gained / self.units


@dataclass(frozen=True, eq=False)
class Curve:
    """Patients by stop of one parameter, all else as in the scenario; of all ``patients``.

    ``stops`` rise, over its whole range, and may hold ±inf (no limit); the value as ``written`` and the ``scenario``'s are among them. ``criteria`` are
    those that count and move with it. ``eligible`` pass all criteria; ``possible`` fail none, an UNKNOWN standing against nobody. ``loosens`` is the
    direction in which it lets more patients pass, None where it has none. ``unit``: to what counts are rounded while small ones are hidden, 0 where exact.
    """

    parameter: Number
    criteria: tuple[str, ...]
    stops: tuple[float, ...]
    eligible: Counts
    possible: Counts
    patients: int
    scenario: float
    unit: int = 0

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def written(self) -> float:
        return self.parameter.value

    @property
    def loosens(self) -> Direction | None:
        return self.parameter.loosens

    def thinned(self, most: int) -> Curve:
        """At about so many of its stops, evenly spread, those that are meant by name among them."""
        places = thinned(self.stops, most, (self.written, self.scenario), self.parameter.scale)
        return replace(self, stops=tuple(self.stops[place] for place in places), eligible=self.eligible[places], possible=self.possible[places])

    def place(self, value: float) -> int:
        """The place of a stop. Raises ``ValueError`` for another value."""
        return self.stops.index(value)

    @property
    def base(self) -> tuple[int, int]:
        """Eligible and possible at the scenario's value."""
        place = self.place(self.scenario)
        return int(self.eligible[place]), int(self.possible[place])

    @property
    def most_to_gain(self) -> int:
        """The most eligible patients that the parameter could add to the scenario's, over all its stops."""
        return int(self.eligible.max()) - self.base[0]

    @property
    def most_possible_to_gain(self) -> int:
        """The same of the possible."""
        return int(self.possible.max()) - self.base[1]

    @property
    def best(self) -> int:
        """The place of the stop with the most eligible that is nearest to the scenario's: no further than is worth it."""
        return self._nearest(self.eligible == self.eligible.max())

    @property
    def best_possible(self) -> int:
        """The same of the possible."""
        return self._nearest(self.possible == self.possible.max())

    @property
    def worst(self) -> int:
        """The place of the stop with the fewest eligible that is nearest to the scenario's."""
        return self._nearest(self.eligible == self.eligible.min())

    def _nearest(self, meant: Bools) -> int:
        now = self.place(self.scenario)
        return min(np.flatnonzero(meant).tolist(), key=lambda place: abs(place - now))

    @cached_property
    def band(self) -> tuple[Floats, Floats]:
        """The 95 % Wilson interval of the share eligible at each stop: pointwise, each stop by itself, not a band for the curve as a whole."""
        low, high = zip(*(interval(int(count), self.patients, self.unit) for count in self.eligible), strict=True)
        return np.array(low), np.array(high)

    @cached_property
    def honest_band(self) -> tuple[Floats, Floats]:
        """At each stop from the lower bound for the eligible to the upper bound for the possible (``Tally.honest_interval``), pointwise."""
        return self.band[0], np.array([interval(int(count), self.patients, self.unit)[1] for count in self.possible])

    @property
    def by_ratio(self) -> bool:
        """Whether its scale is logarithmic: a move is then to half or to double the value."""
        return self.parameter.scale == "log"

    @cached_property
    def onwards(self) -> tuple[Onwards | None, ...]:
        """From each stop the move on as the parameter loosens, upwards where it has no direction, counted at a stop and never in between.

        To the next stop; on a logarithmic scale to that nearest to half or double the value, among those with a limit. None where there is none further on.
        """
        return tuple(self._onwards(place) for place in range(len(self.stops)))

    def _onwards(self, place: int) -> Onwards | None:
        down, now = self.loosens is Direction.DOWN, self.stops[place]
        further = list(reversed(range(place))) if down else list(range(place + 1, len(self.stops)))
        if self.by_ratio:
            aim = now / 2 if down else now * 2
            further = [each for each in further if math.isfinite(self.stops[each])] if math.isfinite(now) else []
            further.sort(key=lambda each: abs(math.log(self.stops[each] / aim)))
        if not further:
            return None
        onto = further[0]
        return Onwards(self.stops[onto], int(self.eligible[onto] - self.eligible[place]), abs(self.stops[onto] - now))


def movable(workbench: Workbench, counted: Counted) -> Mapping[str, tuple[str, ...]]:
    """Each number of the protocol that moves criteria that count, as they are read in the scenario, and these criteria."""
    found = {}
    for name, parameter in workbench.protocol.parameters.items():
        if isinstance(parameter, Number):
            found[name] = tuple(each for each in moved_by(workbench.screener, counted.screening, name) if each in counted.order)
    return {name: criteria for name, criteria in found.items() if criteria}


def curves(workbench: Workbench, scenario: Scenario) -> tuple[Curve, ...]:
    """The curves of all numbers that move a criterion that counts; the most to gain first."""
    counted = workbench.counted(scenario)
    found = _curves(workbench, counted, movable(workbench, counted))
    return tuple(sorted(found, key=lambda each: -each.most_to_gain))


def curve(workbench: Workbench, scenario: Scenario, parameter: str) -> Curve:
    """The curve of one number; of one that moves nothing that counts, it is level."""
    counted = workbench.counted(scenario)
    criteria = tuple(each for each in moved_by(workbench.screener, counted.screening, parameter) if each in counted.order)
    return _curves(workbench, counted, {parameter: criteria})[0]


def _curves(workbench: Workbench, counted: Counted, moving: Mapping[str, tuple[str, ...]]) -> list[Curve]:
    at = {name: stops_of(_number(workbench, name), criteria) for name, criteria in moving.items()}
    found = along(workbench.screener, counted, moving, at)
    return [_curve(workbench, counted, name, criteria, at[name], *found[name]) for name, criteria in moving.items()]


def _curve(
    workbench: Workbench, counted: Counted, name: str, criteria: tuple[str, ...], at: tuple[float, ...], eligible: Counts, possible: Counts
) -> Curve:
    """From the counts at the stops ``at``, among which the scenario's value need not be."""
    value = value_of(workbench.protocol, counted.screening.scenario, name)
    assert isinstance(value, (int, float))
    if value not in at:
        place = bisect(at, value)
        eligible, possible = (np.insert(counts, place, now) for counts, now in zip((eligible, possible), counted.standing.now, strict=True))
    return Curve(_number(workbench, name), criteria, tuple(sorted({*at, float(value)})), eligible, possible, workbench.cohort.patients, float(value))


def along(
    screener: Screener, counted: Counted, moving: Mapping[str, Sequence[str]], at: Mapping[str, Sequence[float]]
) -> Mapping[str, tuple[Counts, Counts]]:
    """Of each parameter eligible and possible at each of its stops, rising, given the criteria that move with it, or none."""
    asked = {name: parts_of(screener, counted.screening, criteria, name) for name, criteria in moving.items() if criteria}
    # Profiles are found and remembered part by part, since one number may move many; then what is remembered is put together.
    apart = [(part, name, at[name]) for name, own in asked.items() for part in own if name in moved_in(part)]
    new = [each for each in apart if not profiles_known(screener, *each)]
    waiting = {name for _, name, _ in new}
    eligible, possible = counted.standing.now
    found = {name: (np.full(len(stops), eligible), np.full(len(stops), possible)) for name, stops in at.items()}

    def count_along(name: str) -> None:
        found[name] = counts(kinds_along(screener, counted, asked[name], name, moving[name], at[name]))

    # What is new takes longest; what does not wait for it is counted beside it.
    works: list[Callable[[], object]] = [partial(profiles, screener, *each) for each in new]
    works += [partial(count_along, name) for name in asked if name not in waiting]
    counted_at_once(lambda work: work(), works)
    counted_at_once(count_along, waiting)
    return found


def kinds_along(screener: Screener, counted: Counted, asked: Sequence[Asked], name: str, criteria: Sequence[str], stops: Sequence[float]) -> Kinds:
    """The candidates by how it goes for them along the stops of a parameter; ``asked``: the parts of its criteria."""
    # Of what moves several criteria one mostly changes, and all are not put together for its sake.
    together = partial(joint_profiles, screener, asked, name, stops)
    return counted.standing.kinds((name, tuple(stops)), each_profiles(screener, asked, name, stops), criteria, together)


def _number(workbench: Workbench, name: str) -> Number:
    parameter = workbench.protocol.parameters[name]
    assert isinstance(parameter, Number)
    return parameter


def stops_of(parameter: Number, criteria: Sequence[str]) -> tuple[float, ...]:
    """The stops at which what a parameter moves is looked at, whatever its value in a scenario."""
    return stops(parameter, parameter.value, MOST_STOPS if len(criteria) < 2 else MOST_STOPS_SHARED)
