"""Measurement noise: how many of the eligible lie so near a threshold that measured again they might not pass.

Who was selected for lying beyond a threshold lies, measured again, nearer to the mean of all (regression to the mean). With a log-normal quantity of
which each person has a true level, between persons spread around the mean of the cohort, and measurements spread around the level: given one measured
value x, the logarithm of the next is normal around m + r (ln x − m) with variance s² (1 + r), where m is the cohort's mean of logarithms, v their
variance, s the spread within a person (√ln(1 + CV²)) and r = 1 − s²/v, no less than 0, the reliability of one measurement (Davis, American
Journal of Epidemiology 1976; 104: 493).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from feasibility.logic import Floats, Intervals
from feasibility.parameters import Direction, Number
from feasibility.results.accounting import eligible_patients
from feasibility.results.curves import movable
from feasibility.results.overview import Counted, Workbench
from feasibility.rules.bounds import bound
from feasibility.rules.nodes import Pick
from feasibility.scenario import Scenario, value_of
from feasibility.variables import WithinPerson


@dataclass(frozen=True)
class Noise:
    """The eligible about one threshold.

    Of ``eligible`` patients ``beyond`` have an exactly known value on the passing side of ``threshold`` (the others pass otherwise, or by a value known in
    part): the denominator of both figures. ``near`` of them lie within one within-person CV of it, between threshold/exp(s) and threshold × exp(s).
    ``again`` would be expected to lie on the passing side if measured once more. ``reliability``: 1 if persons differ and measurements do not; 0 if all
    that is seen may be noise.

    The value is that which the rule compares. Where it is a statistic of several measurements (the lowest of two), it is taken for a single one, which
    makes too much of the noise of a mean and leaves aside that the lowest of two is selected already.
    """

    parameter: Number
    variable: str
    threshold: float
    within_person: WithinPerson
    eligible: int
    beyond: int
    near: int
    again: float
    reliability: float


def noise(workbench: Workbench, scenario: Scenario) -> tuple[Noise, ...]:
    """The noise about every threshold in use of a quantity whose within-person variation the catalogue gives, in the order of the protocol.

    Thresholds without a direction, lifted ones, and those of quantities computed from others (eGFR) are left out.
    """
    counted = workbench.counted(scenario)
    return tuple(_of_thresholds(workbench, counted))


def _of_thresholds(workbench: Workbench, counted: Counted) -> Iterator[Noise]:
    protocol, scenario, everybody = workbench.protocol, counted.screening.scenario, workbench.screener.aside()
    eligible = np.flatnonzero(eligible_patients(counted.patterns, counted.order))
    for name, criteria in movable(workbench, counted).items():
        parameter, threshold = protocol.parameters[name], value_of(protocol, scenario, name)
        assert isinstance(parameter, Number)
        assert isinstance(threshold, (int, float))
        limbs = (limb for each in criteria for limb in everybody.asked(protocol, scenario, each, name).limbs)
        bounds = (found for limb in limbs if (found := bound(limb.stands, name)) is not None)
        quantity = next((found.quantity for found in bounds if isinstance(found.quantity, Pick)), None)
        within = None if quantity is None else everybody.catalogue[quantity.variable].within_person
        if quantity is None or within is None or parameter.loosens is None or not math.isfinite(threshold) or threshold <= 0:
            continue
        values = everybody.evaluator.quantity(quantity, {})
        logs = _known_logs(values)
        mean, spread = (float(logs.mean()), float(logs.var())) if len(logs) else (0.0, 0.0)
        reliability = max(0.0, 1 - within.log_spread**2 / spread) if spread else 0.0
        above = parameter.loosens is Direction.DOWN
        own = _known_logs(values.take(eligible)) - math.log(threshold)
        beyond = own[own >= 0] if above else own[own <= 0]
        expected = mean - math.log(threshold) + reliability * (beyond + math.log(threshold) - mean)
        standard = (expected if above else -expected) / (within.log_spread * math.sqrt(1 + reliability))
        near = int(np.count_nonzero(np.abs(beyond) <= within.log_spread))
        yield Noise(parameter, quantity.variable, threshold, within, len(eligible), len(beyond), near, _chance(standard), reliability)


def _known_logs(values: Intervals) -> Floats:
    """The logarithms of the values that are exactly known and above 0."""
    known: Floats = np.log(values.lo[(values.lo == values.hi) & (values.lo > 0) & np.isfinite(values.lo)])
    return known


def _chance(standard: Floats) -> float:
    """The sum of the chances that a standard normal lies below these; values of laboratories are rounded, so that few are distinct."""
    distinct, patients = np.unique(standard, return_counts=True)
    return float(sum(number * (1 + math.erf(each / math.sqrt(2))) / 2 for each, number in zip(distinct.tolist(), patients.tolist(), strict=True)))
