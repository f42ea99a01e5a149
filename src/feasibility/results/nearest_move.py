"""To which value one parameter alone has to be moved for a patient to pass a criterion: the search along its steps.

It is moved in the direction in which it loosens, all else held, and the nearest such value, on its step and within its range, is where the patient flips.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import Floats
from feasibility.parameters import Direction, Number, decimals, loosest
from feasibility.rules.bounds import bounds_of
from feasibility.rules.nodes import Quantity, Ref, parameters, variables, walk
from feasibility.rules.polarity import uses
from feasibility.scenario import Scenario, reading_id, value_of, with_value
from feasibility.screening.moving import criterion_flips
from feasibility.screening.screen import FAIL, PASS, Screener, Screening
from feasibility.screening.subset import subset

MOST_AT_ONCE = 30_000  # flips are counted in 16 bits

Rows = NDArray[np.intp]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class NearestMove:
    """One parameter moved alone from ``now``: the nearest value at which the patient no longer fails the criterion, and the nearest at which they pass.

    Where ``passes_at`` is None no value of its range passes them: from ``opens_at`` on they are UNKNOWN. ``own``: the patient's own value, if it is the one
    at which a parameter moved by less than a step would pass them, or open them; None where another decides too, or no single one is known.
    """

    parameter: str
    now: float
    opens_at: float
    passes_at: float | None
    own: float | None = None

    @property
    def distance(self) -> float:
        """How far the parameter is moved, in its unit; inf where its limit has to be lifted."""
        return abs((self.opens_at if self.passes_at is None else self.passes_at) - self.now)

    @property
    def of_threshold(self) -> float | None:
        """The distance as a part of the threshold as it is now; None where that is 0 or the limit has to be lifted."""
        return self.distance / abs(self.now) if self.now and math.isfinite(self.distance) else None

    @property
    def over(self) -> float | None:
        """How far the patient's own value lies over the threshold as it is now, less than 0 under it."""
        return None if self.own is None else self.own - self.now


@dataclass(frozen=True, eq=False)
class Along:
    """One parameter over the stops at which it loosens, the first where it is now: for each patient the first at which the criterion is no longer failed,
    and the first at which it is passed; the number of stops where there is none. ``own``: the patient's own value that decides, NaN where none does."""

    parameter: str
    stops: Floats
    opens: Places
    passes: Places
    own: Floats

    @property
    def apart(self) -> Floats:
        """How far each patient's own value lies from the first stop, as a share of it (as it is, of 0); inf where none decides."""
        now = self.stops[0]
        apart: Floats = np.nan_to_num(np.abs(self.own - now) / (abs(now) or 1.0), nan=np.inf)
        return apart

    def distances(self, places: Places) -> Floats:
        """By patient; inf where there is no such stop, or one without limit."""
        return np.append(np.abs(self.stops - self.stops[0]), np.inf)[places]

    def move(self, patient: int) -> NearestMove | None:
        opens, passes = int(self.opens[patient]), int(self.passes[patient])
        if opens == len(self.stops):
            return None
        passes_at = float(self.stops[passes]) if passes < len(self.stops) else None
        own = float(self.own[patient])
        return NearestMove(self.parameter, float(self.stops[0]), float(self.stops[opens]), passes_at, None if math.isnan(own) else own)


def along_parameters(screener: Screener, screening: Screening, criterion_id: str, patients: Rows) -> tuple[Along, ...]:
    """The parameters with a direction that the reading in use speaks of."""
    protocol, scenario = screening.protocol, screening.scenario
    reading = reading_id(protocol, scenario, criterion_id)
    assert reading is not None
    rules = [rule for limb in protocol[criterion_id].reading(reading).limbs for rule in (limb.rule, limb.unless) if rule is not None]
    spoken_of = {name for rule in rules for name in parameters(rule)}
    types = dict.fromkeys(screener.catalogue[name].of for limb in screener.asked(protocol, scenario, criterion_id).limbs for name in variables(limb.stands))
    some = Screener(subset(screener.cohort, patients, types), screener.catalogue)
    found: list[Along | None] = []
    for name, parameter in protocol.parameters.items():
        now = value_of(protocol, scenario, name)
        if name not in spoken_of or not isinstance(parameter, Number) or parameter.loosens is None:
            continue
        assert isinstance(now, (int, float))
        asked = some.asked(protocol, scenario, criterion_id, name)  # a switch may have taken out what speaks of it
        if math.isfinite(now) and any(uses(limb.stands, name) for limb in asked.limbs):
            bounds = (each.quantity for limb in asked.limbs for each in bounds_of(limb.stands, name))
            quantities = tuple(dict.fromkeys(each for each in bounds if each is not None and not any(isinstance(node, Ref) for node in walk(each))))
            own = _own(some, screening, criterion_id, parameter, quantities)
            found.append(_along(some, screening, criterion_id, parameter, now, own))
    return tuple(each for each in found if each is not None)


def _own(screener: Screener, screening: Screening, criterion_id: str, parameter: Number, quantities: Sequence[Quantity]) -> Floats:
    """Each patient's value of what the parameter bounds, if it is where the criterion flips: there, or right beyond, and not before; NaN of the others."""
    deciding = np.full(screener.cohort.patients, np.nan)
    for quantity in quantities:
        values = screener.evaluator.quantity(quantity, {})
        known = np.flatnonzero(np.isfinite(values.lo) & (values.lo == values.hi))
        own = values.lo[known]
        fine = np.unique(np.concatenate([own, np.nextafter(own, -np.inf), np.nextafter(own, np.inf)]))
        fine, place = (fine, np.searchsorted(fine, own)) if parameter.loosens is Direction.UP else (fine[::-1], len(fine) - 1 - np.searchsorted(fine, own))
        found = _flips(screener, screening, criterion_id, parameter, fine)
        if found is None:
            continue
        opens, passes = (each[known] for each in found)
        flips = np.where(passes < len(fine), passes, opens)
        decides = (flips == place) | (flips == place + 1)
        deciding[known[decides]] = own[decides]
    return deciding


def steps_from(parameter: Number, now: float) -> int:
    """How many steps a parameter with a direction can be moved from a finite ``now`` on as it loosens, within its range."""
    up = parameter.loosens is Direction.UP
    end = (parameter.max if up else parameter.min) / parameter.step
    steps = math.floor(end + 1e-9) - round(now / parameter.step) if up else round(now / parameter.step) - math.ceil(end - 1e-9)
    return max(steps, 0)


def stops_from(parameter: Number, now: float, steps: Places) -> Floats:
    """The values it has after so many steps each, the lifted limit the last."""
    multiples = round(now / parameter.step) + (steps if parameter.loosens is Direction.UP else -steps)
    stops: Floats = np.where(steps == 0, now, np.round(multiples * parameter.step, decimals(parameter)))
    return np.append(stops, loosest(parameter)) if math.isinf(loosest(parameter)) else stops


def _along(screener: Screener, screening: Screening, criterion_id: str, parameter: Number, now: float, own: Floats) -> Along | None:
    """Where the values are too many to be tried at once, they are tried further apart, and then closer where patients lie between two of them.

    None where they are too many and the rules do not show that the criterion moves one way only, so that none may be passed over.
    """
    number = steps_from(parameter, now)
    steps = np.unique(np.append(np.linspace(0, number, min(number + 1, MOST_AT_ONCE)).astype(np.int64), number))
    stops = stops_from(parameter, now, steps)
    found = _flips(screener, screening, criterion_id, parameter, stops[: len(steps)])
    if found is None:
        if number >= MOST_AT_ONCE:
            return None
        return Along(parameter.name, stops, *_stop_by_stop(screener, screening, criterion_id, parameter.name, stops), own)
    while (closer := _closer(steps, *found)) is not None:
        steps = closer
        stops = stops_from(parameter, now, steps)
        found = _flips(screener, screening, criterion_id, parameter, stops[: len(steps)])
        assert found is not None
    opens, passes = found
    if len(steps) < len(stops):  # without a limit a window may ask less of the feed of events than a long one: it is looked at by itself
        lifted_opens, lifted_passes = _stop_by_stop(screener, screening, criterion_id, parameter.name, stops[-1:])
        opens, passes = (np.where(places < len(steps), places, len(steps) + lifted) for places, lifted in ((opens, lifted_opens), (passes, lifted_passes)))
    return Along(parameter.name, stops, opens, passes, own)


def _flips(screener: Screener, screening: Screening, criterion_id: str, parameter: Number, stops: Floats) -> tuple[Places, Places] | None:
    """The first of the stops at which each patient no longer fails, and the first at which they pass; None where they may not move one way only."""
    opens, passes = (np.zeros(screener.cohort.patients, np.int64) for _ in range(2))
    for begin in range(0, len(stops), MOST_AT_ONCE):
        flips = criterion_flips(screener, screening, criterion_id, parameter.name, sorted(stops[begin : begin + MOST_AT_ONCE].tolist()))
        if flips is None or flips.falling != (parameter.loosens is Direction.DOWN):
            return None
        opens += flips.flips.first
        passes += flips.flips.second
    return opens, passes


def _closer(steps: Places, opens: Places, passes: Places) -> Places | None:
    """The steps between which somebody flips, and more between those that are apart; None where none are."""
    at = np.unique(np.concatenate([opens, passes]))
    at = at[(at > 0) & (at < len(steps))]
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
