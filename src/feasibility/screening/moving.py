"""One criterion while one of its parameters moves: where each patient's outcome flips."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import UNKNOWN, Floats
from feasibility.parameters import Direction, Number
from feasibility.protocol import Join, Role
from feasibility.rules.polarity import Polarity, joined, polarity
from feasibility.screening.asked import Asked, ResolvedLimb
from feasibility.screening.flips import Flips, Moving, highest, lowest
from feasibility.screening.screen import Screener, Screening

MOST_AT_ONCE = 30_000  # flips are counted in 16 bits

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CriterionFlips:
    """The flips of a criterion's outcome along the stops in the order in which they loosen it: first from FAIL, then to PASS.

    ``falling``: that order is the one of falling values. ``limbs``: of whether each assessable limb is met, by label. ``plain``: of the outcome
    without exceptions; None where there are none.
    """

    flips: Flips
    limbs: Mapping[str, Flips]
    plain: Flips | None
    falling: bool


def moved_by(screener: Screener, screening: Screening, parameter: str) -> tuple[str, ...]:
    """The assessed criteria whose reading in use speaks of a parameter, in protocol order."""
    owner = parameter.partition(".")[0] if "." in parameter else None

    def speaks(criterion_id: str) -> bool:
        limbs = screener.assessable_limbs(screening.protocol, screening.scenario, criterion_id, parameter)
        return any(parameter in limb.spoken_of for limb in limbs)

    return tuple(each for each in screening.assessed if owner in (None, each) and speaks(each))


def criterion_flips(screener: Screener, screening: Screening, criterion_id: str, parameter: str, stops: Sequence[float]) -> CriterionFlips | None:
    """The flips along finite stops, given rising; None where the criterion is not assessable or its rules do not show that it moves one way only."""
    protocol, scenario = screening.protocol, screening.scenario
    asked = screener.asked(protocol, scenario, criterion_id, parameter)
    limbs = screener.assessable_limbs(protocol, scenario, criterion_id, parameter)
    plain = screener.asked_without_exceptions(protocol, scenario, criterion_id, parameter)
    flipping = _flipping(screener, asked.role, (*asked.limbs, *limbs, *(plain.limbs if plain else ())), parameter, stops)
    if not asked.limbs or flipping is None:
        return None
    by_label = {limb.label: flipping.of_limb(limb) for limb in limbs}
    return CriterionFlips(flipping.of(asked), by_label, None if plain is None or not plain.limbs else flipping.of(plain), flipping.moving.falling)


def asked_flips(screener: Screener, asked: Asked, parameter: str, stops: Sequence[float]) -> tuple[Flips, bool] | None:
    """The flips of the outcome of what is asked, as ``CriterionFlips`` has them, and whether its order is the one of falling values."""
    flipping = _flipping(screener, asked.role, asked.limbs, parameter, stops)
    return None if not asked.limbs or flipping is None else (flipping.of(asked), flipping.moving.falling)


def flips_along(screener: Screener, asked: Asked, parameter: Number, stops: Floats) -> tuple[Places, Places] | None:
    """Along any number of finite stops, in the order in which they loosen: the first at which each patient no longer fails, and at which they pass.

    The number of stops where there is none. None where they may not move one way only.
    """
    opens, passes = (np.zeros(screener.cohort.patients, np.int64) for _ in range(2))
    for begin in range(0, len(stops), MOST_AT_ONCE):
        found = asked_flips(screener, asked, parameter.name, sorted(stops[begin : begin + MOST_AT_ONCE].tolist()))
        if found is None or found[1] != (parameter.loosens is Direction.DOWN):
            return None
        opens += found[0].first
        passes += found[0].second
    return opens, passes


def _flipping(screener: Screener, role: Role, limbs: Sequence[ResolvedLimb], parameter: str, stops: Sequence[float]) -> _Flipping | None:
    way = joined(polarity(limb.stands, parameter) for limb in limbs)
    if way is Polarity.OPEN or not all(np.isfinite(stops)):
        return None
    falling = (way.mirrored if role is Role.EXCLUSION else way) is Polarity.FALLS
    # An exclusion criterion loosens as its rule becomes less true.
    rule_way = Polarity.RISES if role is Role.INCLUSION else Polarity.FALLS
    return _Flipping(screener, Moving(screener.evaluator, parameter, stops, falling), rule_way)


@dataclass(frozen=True, eq=False)
class _Flipping:
    """Finds flips along one series of stops, those of each limb once."""

    screener: Screener
    moving: Moving
    way: Polarity
    found: dict[Hashable, Flips] = field(default_factory=dict)

    def of_limb(self, limb: ResolvedLimb) -> Flips:
        if limb.key not in self.found:
            flips = self.moving.flips(limb.stands, limb.policies, self.way)
            for lacking in self.screener.lacking(limb):
                flips = flips.where_lacking(lacking)
            self.found[limb.key] = flips
        return self.found[limb.key]

    def of(self, asked: Asked) -> Flips:
        limbs = [self.of_limb(limb) for limb in asked.limbs]
        if asked.open:
            limbs.append(self.moving.staying(np.full(self.screener.cohort.patients, UNKNOWN), self.way))
        return (lowest if asked.join is Join.ALL else highest)(limbs, self.way)
