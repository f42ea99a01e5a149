"""One criterion while one of its parameters moves: where each patient's outcome flips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from feasibility.logic import UNKNOWN
from feasibility.protocol import Join, Role
from feasibility.rules.nodes import Condition
from feasibility.rules.polarity import Polarity, joined, polarity, uses
from feasibility.screening.flips import Flips, Moving, highest, lowest
from feasibility.screening.screen import Asked, ResolvedLimb, Screener, Screening
from feasibility.variables import MissingPolicy


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
        return any(uses(rule, parameter) for limb in limbs for rule in (limb.rule, limb.stands))

    return tuple(each for each in screening.assessed if owner in (None, each) and speaks(each))


def criterion_flips(screener: Screener, screening: Screening, criterion_id: str, parameter: str, stops: Sequence[float]) -> CriterionFlips | None:
    """The flips along finite stops, given rising; None where the criterion is not assessable or its rules do not show that it moves one way only."""
    protocol, scenario = screening.protocol, screening.scenario
    role = protocol[criterion_id].role
    asked = screener.asked(protocol, scenario, criterion_id, parameter)
    limbs = screener.assessable_limbs(protocol, scenario, criterion_id, parameter)
    plain = screener.asked_without_exceptions(protocol, scenario, criterion_id, parameter)
    rules = [limb.stands for limb in (*asked.limbs, *limbs, *(plain.limbs if plain else ()))]
    way = joined(polarity(rule, parameter) for rule in rules)
    if not asked.limbs or way is Polarity.OPEN or not all(np.isfinite(stops)):
        return None
    falling = (way.mirrored if role is Role.EXCLUSION else way) is Polarity.FALLS
    moving = Moving(screener.evaluator, parameter, stops, falling)
    # An exclusion criterion loosens as its rule becomes less true.
    rule_way = Polarity.RISES if role is Role.INCLUSION else Polarity.FALLS

    found: dict[tuple[Condition, tuple[tuple[str, MissingPolicy], ...]], Flips] = {}

    def of_limb(limb: ResolvedLimb) -> Flips:
        key = limb.stands, tuple(sorted(limb.policies.items()))
        if key not in found:
            flips = moving.flips(limb.stands, limb.policies, rule_way)
            for lacking in screener.lacking(limb):
                flips = flips.where_lacking(lacking)
            found[key] = flips
        return found[key]

    def of(asked: Asked) -> Flips:
        limbs = [of_limb(limb) for limb in asked.limbs]
        if asked.open:
            limbs.append(moving.staying(np.full(screener.cohort.patients, UNKNOWN), rule_way))
        return (lowest if asked.join is Join.ALL else highest)(limbs, rule_way)

    return CriterionFlips(of(asked), {limb.label: of_limb(limb) for limb in limbs}, None if plain is None or not plain.limbs else of(plain), falling)
