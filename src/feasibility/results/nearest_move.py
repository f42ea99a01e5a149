"""To which value one parameter alone has to be moved for a patient to pass a criterion: the search along its steps.

It is moved in the direction in which it loosens, all else held, and the nearest such value, on its step and within its range, is where the patient flips.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Floats, Intervals
from feasibility.parameters import Direction, Number, decimals, loosest
from feasibility.results.own_values import own_values
from feasibility.rules.nodes import parameters
from feasibility.rules.polarity import uses
from feasibility.scenario import Scenario, reading_id, value_of, with_value
from feasibility.screening.asked import Asked
from feasibility.screening.explain import Span
from feasibility.screening.moving import MOST_AT_ONCE, Places, flips_along
from feasibility.screening.screen import FAIL, PASS, Screener, Screening

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class NearestMove:
    """One parameter moved alone from ``now``: the nearest value at which the patient no longer fails the criterion, and the nearest at which they pass.

    Where ``passes_at`` is None no value of its range passes them: from ``opens_at`` on they are UNKNOWN, and where that is None too they fail at each.
    ``own``: the patient's own value, as far as it is known, if it is the one at which a parameter moved by less than a step, and beyond its range, would
    pass them, or open them; None where another decides too, or no single one is known.
    """

    parameter: str
    now: float
    opens_at: float | None
    passes_at: float | None
    own: Span | None = None

    @property
    def to(self) -> float | None:
        """Where it has to be moved: to pass, or else to be UNKNOWN; None where no value of its range does either."""
        return self.opens_at if self.passes_at is None else self.passes_at

    @property
    def distance(self) -> float:
        """How far the parameter is moved, in its unit; inf where its limit has to be lifted, or no value of its range is enough."""
        return math.inf if self.to is None else abs(self.to - self.now)

    @property
    def of_threshold(self) -> float | None:
        """The distance as a part of the threshold as it is now; None where that is 0, the limit has to be lifted, or no value of its range is enough."""
        return self.distance / abs(self.now) if self.now and math.isfinite(self.distance) else None

    @property
    def own_exact(self) -> float | None:
        """The patient's own value where it is exactly known."""
        return self.own[0] if self.own is not None and self.own[0] == self.own[1] else None

    @property
    def over(self) -> float | None:
        """How far the patient's own value lies over the threshold as it is now, less than 0 under it; None where it is not exactly known."""
        return None if self.own_exact is None else self.own_exact - self.now


@dataclass(frozen=True, eq=False)
class Along:
    """One parameter over the stops at which it loosens, the first where it is now: for each patient the first at which the criterion is no longer failed,
    and the first at which it is passed; the number of stops where there is none. ``asked`` is the criterion with the parameter left open. ``own``: the
    patient's own value that decides; (−inf, inf): none does. None as long as they are not looked for."""

    parameter: Number
    asked: Asked
    stops: Floats
    opens: Places
    passes: Places
    own: Intervals | None = None

    def with_own_values(self, screener: Screener) -> Along:
        """With the own values of the patients, who are those of the screener."""
        return replace(self, own=own_values(screener, self.asked, self.parameter))

    @property
    def apart(self) -> Floats:
        """How far each patient's own value lies from the first stop, as a share of it (as it is, of 0); inf where none decides."""
        if self.own is None:
            return np.full(len(self.opens), np.inf)
        now = self.stops[0]
        away = np.maximum(self.own.lo - now, now - self.own.hi) / (abs(now) or 1.0)
        apart: Floats = np.where(self.own.something_known, away, np.inf)
        return apart

    def distances(self, places: Places) -> Floats:
        """By patient; inf where there is no such stop, or one without limit."""
        return np.append(np.abs(self.stops - self.stops[0]), np.inf)[places]

    def move(self, patient: int) -> NearestMove | None:
        """None where no stop is enough, nor the patient's own value one that decides."""
        opens_at, passes_at = (float(self.stops[place]) if place < len(self.stops) else None for place in (self.opens[patient], self.passes[patient]))
        own = None if self.own is None or not self.own.something_known[patient] else (float(self.own.lo[patient]), float(self.own.hi[patient]))
        return None if opens_at is None and own is None else NearestMove(self.parameter.name, float(self.stops[0]), opens_at, passes_at, own)


def along_parameters(screener: Screener, screening: Screening, criterion_id: str, within: float = math.inf) -> tuple[Along, ...]:
    """The parameters with a direction that the reading in use speaks of, as far as they move ``within`` that part of what they are now, for all patients.

    Of those that do not move so far there is nothing.
    """
    protocol, scenario = screening.protocol, screening.scenario
    reading = reading_id(protocol, scenario, criterion_id)
    assert reading is not None
    rules = [rule for limb in protocol[criterion_id].reading(reading).limbs for rule in (limb.rule, limb.unless) if rule is not None]
    spoken_of = {name for rule in rules for name in parameters(rule)}
    found: list[Along | None] = []
    for name, parameter in protocol.parameters.items():
        now = value_of(protocol, scenario, name)
        if name not in spoken_of or not isinstance(parameter, Number) or parameter.loosens is None:
            continue
        assert isinstance(now, (int, float))
        if math.isinf(now):
            continue
        number = None if math.isinf(within) else steps_within(parameter, now, within)
        if number == 0:
            continue
        asked = screener.asked(protocol, scenario, criterion_id, name)  # a switch may have taken out what speaks of it
        if any(uses(limb.stands, name) for limb in asked.limbs):
            found.append(_along(screener, screening, criterion_id, asked, parameter, now, number))
    return tuple(each for each in found if each is not None)


def steps_from(parameter: Number, now: float) -> int:
    """How many steps a parameter with a direction can be moved from a finite ``now`` on as it loosens, within its range."""
    up = parameter.loosens is Direction.UP
    end = (parameter.max if up else parameter.min) / parameter.step
    steps = math.floor(end + 1e-9) - round(now / parameter.step) if up else round(now / parameter.step) - math.ceil(end - 1e-9)
    return max(steps, 0)


def steps_within(parameter: Number, now: float, within: float) -> int:
    """How many of them lead no further than ``within`` that part of a finite ``now``; none where that is 0."""
    if now == 0:
        return 0
    steps = np.arange(1, min(steps_from(parameter, now), math.ceil(within * abs(now) / parameter.step) + 1) + 1)
    return int(np.count_nonzero(np.abs(finite_stops(parameter, now, steps) - now) / abs(now) <= within))


def finite_stops(parameter: Number, now: float, steps: Places) -> Floats:
    """The values it has after so many steps each."""
    multiples = round(now / parameter.step) + (steps if parameter.loosens is Direction.UP else -steps)
    stops: Floats = np.where(steps == 0, now, np.round(multiples * parameter.step, decimals(parameter)))
    return stops


def stops_from(parameter: Number, now: float, steps: Places) -> Floats:
    """The same, the lifted limit the last."""
    stops = finite_stops(parameter, now, steps)
    return np.append(stops, loosest(parameter)) if math.isinf(loosest(parameter)) else stops


def _along(
    screener: Screener, screening: Screening, criterion_id: str, asked: Asked, parameter: Number, now: float, number: int | None
) -> Along | None:
    """Over a ``number`` of steps; where none is given, over all of them and with its limit lifted.

    Where they are too many to be tried at once, they are tried further apart, and then closer where patients lie between two of them. None where all of them
    are too many, and the rules do not show that the criterion moves one way only, so that none may be passed over.
    """
    every = steps_from(parameter, now)
    stops_at, number = (partial(stops_from, parameter, now), every) if number is None else (partial(finite_stops, parameter, now), number)
    steps = np.unique(np.append(np.linspace(0, number, min(number + 1, MOST_AT_ONCE)).astype(np.int64), number))
    stops = stops_at(steps)
    found = flips_along(screener, asked, parameter, stops[: len(steps)])
    if found is None:
        if every >= MOST_AT_ONCE:
            return None
        return Along(parameter, asked, stops, *_stop_by_stop(screener, screening, criterion_id, parameter.name, stops))
    while (closer := _closer(steps, *found)) is not None:
        steps = closer
        stops = stops_at(steps)
        found = flips_along(screener, asked, parameter, stops[: len(steps)])
        assert found is not None
    opens, passes = found
    if len(steps) < len(stops):  # without a limit a window may ask less of the feed of events than a long one: it is looked at by itself
        lifted_opens, lifted_passes = _stop_by_stop(screener, screening, criterion_id, parameter.name, stops[-1:])
        opens, passes = (np.where(places < len(steps), places, len(steps) + lifted) for places, lifted in ((opens, lifted_opens), (passes, lifted_passes)))
    return Along(parameter, asked, stops, opens, passes)


def _closer(steps: Places, opens: Places, passes: Places) -> Places | None:
    """The steps between which somebody flips, and more between those that are apart; None where none are."""
    flips = np.zeros(len(steps) + 1, bool)
    flips[opens] = flips[passes] = True
    at = np.flatnonzero(flips[1:-1]) + 1
    before, gaps = steps[at - 1], np.diff(steps)[at - 1]
    apart = gaps > 1
    if not apart.any():
        return None
    parts = np.arange(1, max(MOST_AT_ONCE // int(apart.sum()), 2))
    number = len(parts) + 1
    whole, rest = gaps[apart, None] // number, gaps[apart, None] % number  # apart, for the product of a gap and a part may be too large a number
    between = before[apart, None] + whole * parts + rest * parts // number
    return np.unique(np.concatenate([[0], before, steps[at], between.ravel()]))


def _stop_by_stop(screener: Screener, screening: Screening, criterion_id: str, parameter: str, stops: Floats) -> tuple[Places, Places]:
    """Screened again at each stop: the first at which each patient no longer fails, and the first at which they pass."""
    opens, passes = (np.full(screener.cohort.patients, len(stops)) for _ in range(2))
    for place in reversed(range(len(stops))):
        moved: Scenario = with_value(screening.protocol, screening.scenario, parameter, float(stops[place]))
        outcome = screener.outcome(screening.protocol, moved, criterion_id)
        assert outcome is not None
        opens[outcome != FAIL], passes[outcome == PASS] = place, place
    return opens, passes
