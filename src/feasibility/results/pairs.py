"""Two at once: how many would be eligible at each pair of stops of two parameters, all other things held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.logic import Bools
from feasibility.parameters import Number, stops
from feasibility.patterns import Masks
from feasibility.results.candidates import Candidates, candidates
from feasibility.results.overview import Workbench
from feasibility.results.passing import passing
from feasibility.rules.nodes import Ref
from feasibility.scenario import Scenario, value_of
from feasibility.screening.moving import moved_by
from feasibility.screening.parts import at_values, moved_in, outcome_at, parts
from feasibility.screening.screen import FAIL, PASS, Asked

Counts = NDArray[np.int64]

MOST_STOPS_A_SIDE = 41
MOST_LINES = 8


@dataclass(frozen=True, eq=False)
class Grid:
    """Patients by stop of one parameter and stop of another, all else as in the scenario; of all ``patients``.

    ``stops`` rise, over the whole range of each, and may hold ±inf; of a parameter with more of them than fit, evenly spaced ones, always with the
    value as ``written`` and the ``scenario``'s: every number counted is exact, between stops nothing was counted. ``eligible`` pass all criteria,
    ``possible`` fail none, an UNKNOWN standing against nobody: stops of the first × stops of the second. ``criteria``: those that count and move.
    """

    parameters: tuple[Number, Number]
    criteria: tuple[str, ...]
    stops: tuple[tuple[float, ...], tuple[float, ...]]
    eligible: Counts
    possible: Counts
    patients: int
    scenario: tuple[float, float]

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
    """The grid of two numbers, each at about ``most`` stops, no more than 60."""
    assert first != second
    counted, protocol = workbench.counted(scenario), workbench.protocol
    moved = {name: moved_by(workbench.screener, counted.screening, name) for name in (first, second)}
    criteria = tuple(each for each in counted.order if any(each in moves for moves in moved.values()))
    about = candidates(workbench, counted, criteria)
    taken_apart = [part for each in criteria for part in parts(about.screener, counted.screening, each, first, second)]
    definitions = {name: protocol.parameters[name] for name in (first, second)}
    numbers = {name: definition for name, definition in definitions.items() if isinstance(definition, Number)}
    values = {name: float(value_of(protocol, scenario, name)) for name in numbers}
    at = {name: stops(number, values[name], most) for name, number in numbers.items()}
    counts = _counted(about, taken_apart, at)
    return Grid((numbers[first], numbers[second]), criteria, (at[first], at[second]), *counts, workbench.cohort.patients, (values[first], values[second]))


def _counted(about: Candidates, taken_apart: list[Asked], at: Mapping[str, tuple[float, ...]]) -> tuple[Counts, Counts]:
    """Eligible and possible, from the parts that stand still, those one of the parameters moves, and those that both move."""
    (first, second), screener = at, about.screener
    clear, possible = about.clear, np.ones(len(about.patients), bool)
    together = []
    by_one: dict[str, list[Asked]] = {first: [], second: []}
    for part in taken_apart:
        moving = moved_in(part)
        if len(moving) > 1:
            together.append(part)
        elif moving:
            by_one[next(iter(moving))].append(part)
        else:
            outcome = outcome_at(screener, part, {})
            clear, possible = clear & (outcome == PASS), possible & (outcome != FAIL)
    one, other = (passing(screener, by_one[name], name, at[name]) for name in (first, second))
    if not together:
        return _joint(one.passes[clear], other.passes[clear], at), _joint(one.possible[possible], other.possible[possible], at)
    eligible, left = [], []
    for place, value in enumerate(at[first]):
        here = passing(screener, [at_values(part, {first: value, second: Ref(second)}) for part in together], second, at[second]).both(other)
        eligible.append(_per_stop(here.passes[clear & _has(one.passes, place)], len(at[second])))
        left.append(_per_stop(here.possible[possible & _has(one.possible, place)], len(at[second])))
    return np.stack(eligible), np.stack(left)


def _joint(one: Masks, other: Masks, at: Mapping[str, tuple[float, ...]]) -> Counts:
    """How many patients have bit i in one mask and bit k in the other: from the distinct pairs of masks, which are few."""
    (one_codes, one_masks), (other_codes, other_masks) = pd.factorize(one), pd.factorize(other)
    width = max(len(other_masks), 1)
    codes, distinct = pd.factorize(one_codes * width + other_codes)
    of_one, of_other = (_bits(masks, len(stops)) for masks, stops in zip((one_masks, other_masks), at.values(), strict=True))
    weighted = of_one[distinct // width] * np.bincount(codes, minlength=len(distinct))[:, None]
    counts: Counts = (weighted.T @ of_other[distinct % width]).astype(np.int64)
    return counts


def _per_stop(masks: Masks, number: int) -> Counts:
    codes, distinct = pd.factorize(masks)
    counts: Counts = (np.bincount(codes, minlength=len(distinct)) @ _bits(distinct, number)).astype(np.int64)
    return counts


def _bits(masks: Masks, number: int) -> NDArray[np.float64]:
    return (masks[:, None] >> np.arange(number) & 1).astype(np.float64)


def _has(masks: Masks, place: int) -> Bools:
    has: Bools = masks >> place & 1 == 1
    return has
