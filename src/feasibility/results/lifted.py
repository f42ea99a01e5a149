"""Whom a limit lets in once it is lifted altogether although nothing is known of what it limits."""

from __future__ import annotations

import math

import numpy as np

from feasibility.logic import Bools
from feasibility.parameters import Direction, Number, loosest
from feasibility.results.accounting import eligible_patients
from feasibility.results.overview import Counted, Workbench
from feasibility.rules.bounds import bounds_of
from feasibility.rules.nodes import Ref, walk
from feasibility.scenario import Scenario, with_value
from feasibility.screening.moving import moved_by
from feasibility.screening.screen import Screener


def may_be_lifted(parameter: Number) -> bool:
    """Whether it has a direction and, at the end of that, no limit."""
    return parameter.loosens is not None and math.isinf(loosest(parameter))


def let_in(workbench: Workbench, scenario: Scenario, parameter: str) -> int:
    """How many of those of whom no value is known that a number limits are eligible without the limit, and not at the end of its range; all else held.

    Of a number that cannot be lifted, or limits no quantity of the patient's (a window), nobody. Where it limits several quantities, none of them is known.
    """
    number = workbench.protocol.parameters[parameter]
    assert isinstance(number, Number)
    if not may_be_lifted(number):
        return 0
    unknown = _nothing_known(workbench.screener.aside(), workbench.counted(scenario), parameter)
    if not unknown.any():
        return 0
    end = number.max if number.loosens is Direction.UP else number.min
    at_end, lifted = (workbench.counted(with_value(workbench.protocol, scenario, parameter, value)) for value in (end, loosest(number)))
    then, before = (eligible_patients(each.patterns, each.order) for each in (lifted, at_end))
    return int(np.count_nonzero(unknown & then & ~before))


def _nothing_known(screener: Screener, counted: Counted, parameter: str) -> Bools:
    """For each patient whether of all that the parameter limits in what counts no value is known."""
    screening, found = counted.screening, None
    for criterion in moved_by(screener, screening, parameter):
        asked = screener.asked(screening.protocol, screening.scenario, criterion, parameter)
        for limb in asked.limbs if criterion in counted.order else ():
            for quantity in (each.quantity for each in bounds_of(limb.stands, parameter)):
                if quantity is None or any(isinstance(node, Ref) for node in walk(quantity)):
                    continue
                values = screener.evaluator.quantity(quantity, limb.policies)
                nothing = np.isneginf(values.lo) & np.isposinf(values.hi)
                found = nothing if found is None else found & nothing
    return np.zeros(screener.cohort.patients, bool) if found is None else found
