"""Everything the workbench shows at once, for one scenario on one cohort, against the protocol as written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from feasibility.cohort import Cohort
from feasibility.logic import Bools, Floats
from feasibility.patterns import Patterns, Recounter, rest, with_outcomes
from feasibility.protocol import Protocol
from feasibility.results.accounting import (
    Comparison,
    Loss,
    Step,
    Tally,
    account,
    compare,
    eligible_patients,
    largest_loss_order,
    tally,
)
from feasibility.results.standing import Standing
from feasibility.scenario import AS_WRITTEN, Order, Scenario, reading_id
from feasibility.screening.onwards import outcome_onwards
from feasibility.screening.screen import Screener, Screening


@dataclass(frozen=True)
class AssumedRate:
    """The pass rate assumed for a criterion that data cannot show, or not in full: its mean over the eligible (over all, if nobody is).

    ``given`` is False where a criterion has none: it counts as 1, flagged.
    """

    id: str
    rate: float
    given: bool


@dataclass(frozen=True, eq=False)
class Overview:
    """One scenario on one cohort.

    ``order`` is the funnel's; it holds the criteria that count: assessed at least in part and not switched off. ``expected`` is the number of the
    eligible expected to enrol at the assumed pass rates, which are multiplied as if independent.
    """

    screening: Screening
    patterns: Patterns
    order: tuple[str, ...]
    tally: Tally
    steps: tuple[Step, ...]
    losses: tuple[Loss, ...]
    written: Tally
    comparison: Comparison
    assumed: tuple[AssumedRate, ...]
    expected: float

    @property
    def off(self) -> tuple[str, ...]:
        """Criteria switched off, assessed or not."""
        return tuple(each for each in self.screening.protocol.ids if each in self.screening.scenario.off)

    @property
    def enrolling(self) -> float:
        """The share of the eligible who are expected to enrol by the assumed pass rates; of nobody eligible, what the mean rates make of anybody."""
        return self.expected / self.tally.eligible if self.tally.eligible else math.prod(each.rate for each in self.assumed)

    def loss(self, criterion_id: str) -> Loss | None:
        """What a criterion costs; None if it is off or not assessed."""
        return next((loss for loss in self.losses if loss.id == criterion_id), None)


@dataclass(frozen=True, eq=False)
class Counted:
    """A scenario screened and counted: outcomes, failure patterns, and the criteria that count in the order of the funnel.

    ``earlier`` is how the patients stood in scenarios before.
    """

    screening: Screening
    patterns: Patterns
    order: tuple[str, ...]
    earlier: tuple[Standing, ...] = ()

    @cached_property
    def standing(self) -> Standing:
        """How every patient stands, from which views of what would change it are counted."""
        return Standing(self.patterns, self.order, self.screening.outcomes, self.earlier)


@dataclass(eq=False)
class Workbench:
    """One cohort under scenario after scenario of one protocol, always beside the protocol as written. Several threads may ask, one waiting for another.

    ``eligible_as_written``: for each patient, whether eligible under the protocol as written.
    """

    cohort: Cohort
    protocol: Protocol
    screener: Screener = field(init=False)
    eligible_as_written: Bools = field(init=False)
    _written: Tally = field(init=False)
    _recounter: Recounter = field(default_factory=Recounter)
    _last: Counted | None = None
    _lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        self.screener = Screener(self.cohort)
        as_written = self.screener.screen(self.protocol, AS_WRITTEN, outcome_onwards)
        patterns = self._recounter.recount(as_written.outcomes, self.cohort.patients)
        criteria = counting(as_written)
        self._written, self.eligible_as_written = tally(patterns, criteria), eligible_patients(patterns, criteria)

    def overview(self, scenario: Scenario) -> Overview:
        """Screen what the scenario changed since the last call, recount, and account for everybody."""
        with self._lock:
            screening = self.screener.screen(self.protocol, scenario, outcome_onwards)
            patterns = self._recounter.recount(screening.outcomes, self.cohort.patients)
            order = order_of(screening, patterns)
            self._last = Counted(screening, patterns, order, self._earlier)
        accounts = account(patterns, order)
        now = eligible_patients(patterns, order)
        assumed, expected = self._assumed(screening, now)
        return Overview(
            screening,
            patterns,
            order,
            accounts.tally,
            accounts.steps,
            accounts.losses,
            self._written,
            compare(self.eligible_as_written, now),
            assumed,
            expected,
        )

    def counted(self, scenario: Scenario) -> Counted:
        """The scenario screened and counted without becoming the one the next overview counts on from."""
        with self._lock:
            if self._last is not None and self._last.screening.scenario == scenario:
                return self._last
            screening = self.screener.aside().screen(self.protocol, scenario, outcome_onwards)
            patterns = replace(self._recounter).recount(screening.outcomes, self.cohort.patients)
            return Counted(screening, patterns, order_of(screening, patterns), self._earlier)

    @property
    def _earlier(self) -> tuple[Standing, ...]:
        return () if self._last is None else self._last.standing.for_the_next

    def _assumed(self, screening: Screening, eligible: Bools) -> tuple[tuple[AssumedRate, ...], float]:
        patients = np.flatnonzero(eligible)
        rates = rates_of(self.screener, screening, patients)
        expected = expected_to_enrol(product(rates, len(patients)))
        if not len(patients):
            rates = rates_of(self.screener, screening, np.arange(self.cohort.patients))
        means = (AssumedRate(each, float(rate.mean()) if len(rate) else 1.0, _given(screening, each)) for each, rate in rates.items())
        return tuple(means), expected


def assumed_of(screening: Screening) -> tuple[str, ...]:
    """The criteria whose assumed pass rates are asked for, in protocol order.

    What is assessed in part still has a part that data cannot show; without a rate only what is not assessed at all is worth a flag.
    """
    missing, partly = screening.not_assessed, screening.partly_assessed
    asked = (each for each in screening.protocol.ids if each in missing or (each in partly and _given(screening, each)))
    return tuple(each for each in asked if each not in screening.scenario.off)


def _given(screening: Screening, criterion_id: str) -> bool:
    return bool(screening.protocol[criterion_id].assumed) or criterion_id in screening.scenario.rates


def rates_of(screener: Screener, screening: Screening, patients: NDArray[np.intp]) -> Mapping[str, Floats]:
    """The assumed pass rates of some patients, by row, for each criterion they are asked for."""
    return {each: screener.pass_rates(screening.protocol, screening.scenario, each).of(patients) for each in assumed_of(screening)}


def product(rates: Mapping[str, Floats], patients: int) -> Floats:
    """Each patient's weight in who is expected to enrol: the assumed pass rates multiplied as if they were independent."""
    weights = np.ones(patients)
    for rate in rates.values():
        weights = weights * rate
    return weights


def expected_to_enrol(weights: Floats) -> float:
    """The sum of the patients' weights: by distinct weight, rising, so that it is the same float however the patients are counted."""
    return weighted(*np.unique(weights, return_counts=True))


def weighted(weights: Floats, patients: NDArray[np.int64]) -> float:
    """The sum of ``patients`` × ``weights``, term by term in the order given."""
    return float(sum(int(number) * float(weight) for number, weight in zip(patients, weights, strict=True)))


def counting(screening: Screening) -> tuple[str, ...]:
    """The criteria that count: assessed at least in part, and not switched off; in protocol order."""
    return tuple(each for each in screening.assessed if each not in screening.scenario.off)


def order_of(screening: Screening, patterns: Patterns) -> tuple[str, ...]:
    """The criteria that count, in the scenario's order."""
    criteria = counting(screening)
    match screening.scenario.order:
        case Order.PROTOCOL:
            return criteria
        case Order.STAGE:
            return stage_order(screening.protocol, screening.scenario, criteria)
        case Order.LARGEST_LOSS:
            return largest_loss_order(patterns, criteria)
        case order:
            return tuple(each for each in order if each in criteria)


def stage_order(protocol: Protocol, scenario: Scenario, criteria: Sequence[str]) -> tuple[str, ...]:
    """The criteria by the stage at which the last of their limbs is assessed; within a stage in protocol order."""
    place = {stage.id: number for number, stage in enumerate(protocol.stages)}

    def last_stage(criterion_id: str) -> int:
        reading = reading_id(protocol, scenario, criterion_id)
        limbs = protocol[criterion_id].reading(reading).limbs if reading else ()
        return max((place[limb.stage] for limb in limbs if limb.stage is not None), default=len(place))

    return tuple(sorted(criteria, key=last_stage))


def eligible_by_reading(workbench: Workbench, scenario: Scenario, criterion_id: str) -> Mapping[str, Tally]:
    """The tally under each reading of one criterion, all else as in the scenario; readings that are not assessable are left out."""
    overview = workbench.overview(scenario)
    others = rest(overview.patterns, criterion_id) if criterion_id in overview.patterns.criteria else None
    tallies = {}
    for reading in workbench.protocol[criterion_id].readings:
        read_so = replace(scenario, readings={**scenario.readings, criterion_id: reading.id})
        outcome = workbench.screener.outcome(workbench.protocol, read_so, criterion_id)
        if others is not None and outcome is not None:
            tallies[reading.id] = tally(with_outcomes(others, outcome), overview.order)
    return tallies
