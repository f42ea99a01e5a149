"""Measurement noise: how many of the eligible lie so near a threshold that measured again they might not pass.

Who was selected for lying beyond a threshold lies, measured again, nearer to the mean of those selected from (regression to the mean): the patients who
pass all other criteria; if of these fewer than ``FEWEST`` have an exactly known value, all patients. With a log-normal quantity of which each person has
a true level, between persons spread around their mean, and measurements spread around the level: given one measured value x, the logarithm of the next is
normal around m + r (ln x − m) with variance s² (1 + r), where m is the mean of their logarithms, v the variance of these, s the spread within a person
(√ln(1 + CV²)) and r = 1 − s²/v, no less than 0, the reliability of one measurement (Davis, American Journal of Epidemiology 1976; 104: 493).

An estimate (eGFR) is computed from measured concentrations; age and sex stay as they are. Its s is each patient's own: what one spread of the
concentration, towards the threshold, changes the logarithm of the estimate by under the equation; of two concentrations, taken to vary independently,
both changes in quadrature. In r stands the mean of s² over those selected from, by the slope of the equation at each measured value.

Another criterion that limits the same quantity cuts off those selected from, who are then not log-normal: m is theirs, but v and r come out too small.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.kidney import EQUATIONS, Term, female
from feasibility.logic import Bools, Floats, Intervals
from feasibility.parameters import Direction, Number
from feasibility.protocol import Role
from feasibility.results.accounting import eligible_patients
from feasibility.results.overview import Counted, Workbench
from feasibility.rules.bounds import bound
from feasibility.rules.nodes import Egfr, Pick, Statistic
from feasibility.scenario import Scenario, value_of
from feasibility.screening.evaluate import Evaluator, variables_of
from feasibility.screening.moving import moved_by
from feasibility.screening.screen import Screener
from feasibility.variables import WithinPerson

FEWEST = 30  # who pass all other criteria, before their mean is taken


@dataclass(frozen=True)
class Noise:
    """The eligible about one threshold.

    ``measured``: what is measured of the quantity the rule compares, with how that varies within a person: the quantity itself, or if ``computed`` the
    concentrations it is estimated from. Of ``eligible`` patients, of all ``patients``, ``beyond`` have an exactly known value on the passing side of
    ``threshold`` (the others pass otherwise, or by a value known in part): the denominator of both figures. ``near`` of them lie no farther from it than
    one spread within a person: a measured value that many times as large or as small would reach the threshold. ``again`` would be expected to lie on the
    passing side if measured once more. ``reliability``: 1 if persons differ and measurements do not; 0 if all that is seen may be noise. ``reference``:
    how many patients with an exactly known value it and the mean are of, None while small counts are hidden; ``of_others``: they pass all other criteria,
    else they are all.

    The value is that which the rule compares. Where it is a statistic of several measurements (the lowest of two), it is taken for a single one, which
    makes too much of the noise of a mean and leaves aside that the lowest of two is selected already.
    """

    parameter: Number
    measured: Mapping[str, WithinPerson]
    computed: bool
    threshold: float
    patients: int
    eligible: int
    beyond: int
    near: int
    again: float
    reliability: float
    reference: int | None
    of_others: bool


def noise(workbench: Workbench, scenario: Scenario, parameter: str) -> Noise | None:
    """The noise about one threshold, of a number.

    None where there is nothing to be said of it: it moves nothing that counts, is lifted or has no direction, several quantities are compared with it, or
    the catalogue does not give for everything that is measured of its quantity how it varies within a person. Where the same quantity is compared with it in
    several places, it is taken as it stands in the first.
    """
    counted, everybody = workbench.counted(scenario), workbench.screener.aside()
    about = _about(everybody, counted, parameter)
    if about is None:
        return None
    number, threshold, limit, measured = about.number, about.threshold, about.limit, about.measured

    values, spread = everybody.evaluator.quantity(limit.quantity, {}), _Spread(everybody.evaluator, limit.quantity, measured)
    known = _known(values)
    moved = moved_by(everybody, counted.screening, parameter)
    others = known & eligible_patients(counted.patterns, [each for each in counted.order if each not in moved])
    of_others = np.count_nonzero(others) >= FEWEST
    reference = others if of_others else known
    logs = np.log(values.lo[reference])
    mean, variance = (float(logs.mean()), float(logs.var())) if len(logs) else (0.0, 0.0)
    reliability = max(0.0, 1 - spread.mean_square(reference) / variance) if variance else 0.0

    above = number.loosens is Direction.DOWN
    eligible = eligible_patients(counted.patterns, counted.order)
    beyond = np.flatnonzero(eligible & about.passed(values))
    own = np.log(values.lo[beyond])
    towards = spread.towards(beyond, above)
    expected = mean + reliability * (own - mean) - math.log(threshold)
    again = _below((expected if above else -expected) / (towards * math.sqrt(1 + reliability)))
    near = np.abs(own - math.log(threshold)) <= towards
    return Noise(
        number,
        measured,
        isinstance(limit.quantity, Egfr),
        threshold,
        counted.patterns.total,
        int(np.count_nonzero(eligible)),
        len(beyond),
        int(np.count_nonzero(near)),
        float(again.sum()),
        reliability,
        len(logs),
        bool(of_others),
    )


def noisy(workbench: Workbench, scenario: Scenario, parameters: Iterable[str], fewest: int = 1) -> tuple[str, ...]:
    """Those of some numbers about whose thresholds ``noise`` has something to say, of at least so many eligible with a value on the passing side."""
    counted, everybody = workbench.counted(scenario), workbench.screener.aside()
    eligible = eligible_patients(counted.patterns, counted.order)
    about = ((each, _about(everybody, counted, each)) for each in parameters)

    def beyond(found: _About) -> int:
        return int(np.count_nonzero(eligible & found.passed(everybody.evaluator.quantity(found.limit.quantity, {}))))

    return tuple(each for each, found in about if found and beyond(found) >= fewest)


@dataclass(frozen=True)
class _About:
    """A threshold whose noise is known: what it limits, and how what is measured of that varies within a person."""

    number: Number
    threshold: float
    limit: _Limit
    measured: Mapping[str, WithinPerson]

    def passed(self, values: Intervals) -> Bools:
        """Whose values are exactly known and on the passing side."""
        return _known(values) & self.limit.passed(values.lo, self.threshold, self.number.loosens is Direction.DOWN)


def _about(screener: Screener, counted: Counted, parameter: str) -> _About | None:
    protocol, scenario = counted.screening.protocol, counted.screening.scenario
    number, threshold = protocol.parameters[parameter], value_of(protocol, scenario, parameter)
    assert isinstance(number, Number)
    assert isinstance(threshold, (int, float))
    if number.loosens is None or not 0 < threshold < math.inf:
        return None
    limits = list(_limits(screener, counted, parameter))
    limit = limits[0] if len({variables_of(each.quantity) for each in limits}) == 1 else None
    measured = {} if limit is None else _measured(screener, limit.quantity)
    return None if limit is None or not measured else _About(number, threshold, limit, measured)


@dataclass(frozen=True)
class _Limit:
    """A quantity of the patient's that is compared with the threshold; ``met``: it passes where it is equal."""

    quantity: Pick | Egfr
    met: bool

    def passed(self, values: Floats, threshold: float, above: bool) -> Bools:
        if above:
            return values >= threshold if self.met else values > threshold
        return values <= threshold if self.met else values < threshold


def _limits(screener: Screener, counted: Counted, parameter: str) -> Iterator[_Limit]:
    """What the threshold limits in the criteria that count."""
    screening = counted.screening
    for criterion in moved_by(screener, screening, parameter):
        asked = screener.asked(screening.protocol, screening.scenario, criterion, parameter)
        for limb in asked.limbs if criterion in counted.order else ():
            found = bound(limb.stands, parameter)
            if found is not None and isinstance(found.quantity, (Pick, Egfr)):
                yield _Limit(found.quantity, (found.operator in (">=", "<=")) == (asked.role is Role.INCLUSION))


def _measured(screener: Screener, quantity: Pick | Egfr) -> Mapping[str, WithinPerson]:
    """How what is measured of a quantity varies within a person; empty where the catalogue does not give it for all of that."""
    names = _terms(quantity) if isinstance(quantity, Egfr) else (quantity.variable,)
    given = {name: within for name in names if (within := screener.catalogue[name].within_person) is not None}
    return given if len(given) == len(names) else {}


@dataclass(frozen=True, eq=False)
class _Spread:
    """How far the logarithm of a quantity spreads within a person, by what is measured of it."""

    evaluator: Evaluator
    quantity: Pick | Egfr
    measured: Mapping[str, WithinPerson]

    def mean_square(self, among: Bools) -> float:
        """The mean of its square over some of the patients."""
        match self.quantity:
            case Pick(variable=name):
                return self.measured[name].log_spread ** 2
            case Egfr() as estimate:
                squares = {name: term.mean_square(self._values(name), self._female, among) for name, term in _terms(estimate).items()}
                return sum(self.measured[name].log_spread ** 2 * square for name, square in squares.items())

    def towards(self, patients: NDArray[np.intp], above: bool) -> Floats:
        """Of each of some patients, by row: of those who lie ``above`` the threshold downwards, of the others upwards."""
        match self.quantity:
            case Pick(variable=name):
                return np.full(len(patients), self.measured[name].log_spread)
            case Egfr() as estimate:
                # An estimate falls as a concentration rises.
                times = {name: math.exp(within.log_spread if above else -within.log_spread) for name, within in self.measured.items()}
                female = self._female[patients]
                changes = [term.change(self._values(name)[patients], female, times[name]) for name, term in _terms(estimate).items()]
                return np.sqrt(sum(change**2 for change in changes)) if len(changes) > 1 else np.abs(changes[0])

    @property
    def _female(self) -> Bools:
        return female(self.evaluator.quantity(Pick(Statistic.LATEST, "sex"), {}))

    def _values(self, concentration: str) -> Floats:
        return self.evaluator.quantity(Pick(Statistic.LATEST, concentration, self.quantity.window), {}).lo


def _terms(estimate: Egfr) -> Mapping[str, Term]:
    assert isinstance(estimate.equation, str)
    return EQUATIONS[estimate.equation].terms


def _known(values: Intervals) -> Bools:
    """Whose values are exactly known and above 0."""
    known: Bools = (values.lo > 0) & (values.lo < np.inf)
    return known if values.exact else known & (values.lo == values.hi)


def _below(standard: Floats) -> Floats:
    """The chance that a standard normal lies below each of these, to 10⁻⁷ (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17)."""
    t = 1 / (1 + 0.2316419 * np.abs(standard))
    beyond = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    beyond *= np.exp(-(standard**2) / 2) / math.sqrt(2 * math.pi)
    return np.where(standard < 0, beyond, 1 - beyond)
