"""What the protocol asks of a variable: the criteria that use it, and where their thresholds lie."""

from __future__ import annotations

from dataclasses import dataclass

from feasibility.parameters import Number
from feasibility.protocol import Protocol
from feasibility.rules.bounds import bound
from feasibility.rules.nodes import Pick, variables
from feasibility.scenario import Scenario, value_of
from feasibility.screening.screen import Screener


@dataclass(frozen=True)
class Threshold:
    """``operator value`` is what a criterion asks of a variable, in the variable's unit."""

    criterion: str
    operator: str
    value: float
    unit: str


def used_by(screener: Screener, protocol: Protocol, scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """By variable the criteria that ask for it under the scenario, those switched off left out; absent columns among the variables."""
    found: dict[str, list[str]] = {}
    for criterion in protocol.criteria:
        if criterion.id in scenario.off or not criterion.readings:
            continue
        asked = screener.asked(protocol, scenario, criterion.id)
        names = [name for limb in asked.limbs for name in variables(limb.stands)]
        for name in dict.fromkeys([*names, *asked.assessment.absent]):
            found.setdefault(name, []).append(criterion.id)
    return {name: tuple(criteria) for name, criteria in found.items()}


def thresholds(screener: Screener, protocol: Protocol, scenario: Scenario, variable: str) -> tuple[Threshold, ...]:
    """The numbers that a statistic of the variable is held against, as the scenario has them, in the order of the protocol."""
    found: dict[Threshold, None] = {}
    for criterion in protocol.criteria:
        if criterion.id in scenario.off or not criterion.readings:
            continue
        for name in criterion.parameters:
            parameter, value = protocol.parameters[name], value_of(protocol, scenario, name)
            if not isinstance(parameter, Number) or not isinstance(value, int | float):
                continue
            for limb in screener.assessable_limbs(protocol, scenario, criterion.id, moving=name):
                limit = bound(limb.rule, name)
                if limit is not None and isinstance(limit.quantity, Pick) and limit.quantity.variable == variable:
                    found[Threshold(criterion.id, limit.operator, float(value), parameter.unit)] = None
    return tuple(found)
