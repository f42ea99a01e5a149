"""Two at once: how many would be eligible at each pair of stops of two parameters, all other things held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.parameters import Number, thinned
from feasibility.results.candidates import Candidates
from feasibility.results.curves import stops_of
from feasibility.results.jointly import counts_along_both, counts_of_pairs
from feasibility.results.overview import Workbench
from feasibility.scenario import Scenario, value_of
from feasibility.screening.asked import Asked
from feasibility.screening.changing import compared_with_moving
from feasibility.screening.moving import moved_by
from feasibility.screening.onwards import outcome_onwards
from feasibility.screening.parts import moved_in, parts_of
from feasibility.screening.profiles import Profiles, joint_profiles
from feasibility.screening.screen import PASS, Screener
from feasibility.screening.two_parameters import Side, profiles_of_sides

Counts = NDArray[np.int64]
Stops = tuple[float, ...]

MOST_STOPS_A_SIDE = 25  # cells large enough to be pressed; the values as written and as they stand, and no limit, may come to them
MOST_LINES = 8


@dataclass(frozen=True, eq=False)
class Grid:
    """Patients by stop of one parameter and stop of another, all else as in the scenario; of all ``patients``.

    ``stops`` rise, over the whole range of each, and may hold ±inf; of a parameter with more of them than fit, those that ``thinned`` leaves, always with the
    value as ``written`` and the ``scenario``'s: every number counted is exact, between stops nothing was counted. ``eligible`` pass all criteria,
    ``possible`` fail none, an UNKNOWN standing against nobody: stops of the first × stops of the second. ``criteria``: those that count and move. ``unit``:
    to what counts are rounded while small ones are hidden, 0 where exact.
    """

    parameters: tuple[Number, Number]
    criteria: tuple[str, ...]
    stops: tuple[tuple[float, ...], tuple[float, ...]]
    eligible: Counts
    possible: Counts
    patients: int
    scenario: tuple[float, float]
    unit: int = 0

    @property
    def written(self) -> tuple[float, float]:
        return self.parameters[0].value, self.parameters[1].value

    def place(self, values: tuple[float, float]) -> tuple[int, int]:
        """Where a pair of values stands. Raises ``ValueError`` for one that is no stop."""
        return self.stops[0].index(values[0]), self.stops[1].index(values[1])

    @property
    def base(self) -> tuple[int, int]:
        """Eligible and possible at the scenario's values."""
        place = self.place(self.scenario)
        return int(self.eligible[place]), int(self.possible[place])

    @property
    def targets(self) -> tuple[int, ...]:
        """Round numbers of eligible patients to draw contour lines at."""
        return round_targets(int(self.eligible.min()), int(self.eligible.max()))


def round_targets(low: int, high: int, most: int = MOST_LINES) -> tuple[int, ...]:
    """The multiples of 1, 2 or 5 times a power of ten that lie above ``low`` and up to ``high``: of the finest such step that gives at most ``most``."""
    steps = (round_step * 10**power for power in range(len(str(max(high, 1))) + 1) for round_step in (1, 2, 5))
    step = next(each for each in steps if high // each - low // each <= most)
    return tuple(range((low // step + 1) * step, high + 1, step))


def grid(workbench: Workbench, scenario: Scenario, first: str, second: str, most: int = MOST_STOPS_A_SIDE) -> Grid:
    """The grid of two numbers, each at about ``most`` stops, no more than the default."""
    assert first != second
    assert most <= MOST_STOPS_A_SIDE
    counted = workbench.counted(scenario)
    moved = {name: moved_by(workbench.screener, counted.screening, name) for name in (first, second)}
    criteria = tuple(each for each in counted.order if any(each in moves for moves in moved.values()))
    one, other = (_axis(workbench, scenario, name, [each for each in criteria if each in moves], most) for name, moves in moved.items())
    taken_apart = parts_of(workbench.screener, counted.screening, criteria, first, second)
    eligible, possible = _counted(workbench.screener, counted.standing.candidates(criteria), taken_apart, one, other)
    values = (one.side.value, other.side.value)
    return Grid((one.parameter, other.parameter), criteria, (one.stops, other.stops), eligible, possible, workbench.cohort.patients, values)


@dataclass(frozen=True)
class _Axis:
    """One of the parameters as a ``side`` of the grid."""

    parameter: Number
    side: Side

    @property
    def name(self) -> str:
        return self.side.name

    @property
    def stops(self) -> Stops:
        return self.side.whole

    def profiles(self, screener: Screener, parts: Sequence[Asked], about: Candidates) -> Profiles:
        """The candidates' profiles on the parts that it alone moves; where there are none, everybody passes."""
        if not parts:
            return Profiles(np.zeros(len(about.patients), np.int8), np.full((1, len(self.stops)), PASS))
        found = joint_profiles(screener, parts, self.name, self.side.along, self.side.value)
        return found.at(self.side.places(self.stops)).take(about.patients)


def _axis(workbench: Workbench, scenario: Scenario, name: str, criteria: Sequence[str], most: int) -> _Axis:
    parameter, value = workbench.protocol.parameters[name], value_of(workbench.protocol, scenario, name)
    assert isinstance(parameter, Number)
    assert isinstance(value, (int, float))
    along = stops_of(parameter, criteria)
    stops = tuple(along[place] for place in thinned(along, most, (parameter.value,), parameter.scale))
    return _Axis(parameter, Side(name, stops, along, float(value)))


def _counted(screener: Screener, about: Candidates, taken_apart: Sequence[Asked], first: _Axis, second: _Axis) -> tuple[Counts, Counts]:
    """Eligible and possible, from the parts that stand still, those one of the parameters moves, and those that both move."""
    moving: dict[frozenset[str], list[Asked]] = {}
    for part in taken_apart:
        moving.setdefault(moved_in(part), []).append(part)
    for part in moving.get(frozenset(), []):
        about = about.whose(outcome_onwards(screener, part))
    both = moving.get(frozenset([first.name, second.name]), [])
    # Both are looked at along the one that is not compared with what the other moves; where that is so of either, always along the same.
    of_first, of_second = (any(compared_with_moving(limb.stands, each.name) for part in both for limb in part.limbs) for each in (first, second))
    turned = of_first if of_first != of_second else first.name > second.name
    one, other = (second, first) if turned else (first, second)
    by_one, by_other = (axis.profiles(screener, moving.get(frozenset([axis.name]), []), about) for axis in (one, other))
    if both:
        together = [profiles_of_sides(screener, part, one.side, other.side).take(about.patients) for part in both]
        eligible, possible = counts_along_both(together, by_one, by_other, about.clear)
    else:
        eligible, possible = counts_of_pairs(by_one, by_other, about.clear)
    return (eligible.T, possible.T) if turned else (eligible, possible)
