"""Everything the workbench shows at once, for one scenario on one cohort, against the protocol as written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from feasibility.cohort import Cohort
from feasibility.logic import Bools
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
from feasibility.scenario import AS_WRITTEN, Order, Scenario, reading_id
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

    def loss(self, criterion_id: str) -> Loss | None:
        """What a criterion costs; None if it is off or not assessed."""
        return next((loss for loss in self.losses if loss.id == criterion_id), None)


@dataclass(eq=False)
class Workbench:
    """One cohort under scenario after scenario of one protocol, always beside the protocol as written."""

    cohort: Cohort
    protocol: Protocol
    screener: Screener = field(init=False)
    _recounter: Recounter = field(default_factory=Recounter)
    _written: tuple[Tally, Bools] = field(init=False)

    def __post_init__(self) -> None:
        self.screener = Screener(self.cohort)
        as_written = self.screener.screen(self.protocol, AS_WRITTEN)
        patterns = self._recounter.recount(as_written.outcomes, self.cohort.patients)
        criteria = counting(as_written)
        self._written = tally(patterns, criteria), eligible_patients(patterns, criteria)

    def overview(self, scenario: Scenario) -> Overview:
        """Screen what the scenario changed since the last call, recount, and account for everybody."""
        screening = self.screener.screen(self.protocol, scenario)
        patterns = self._recounter.recount(screening.outcomes, self.cohort.patients)
        order = order_of(screening, patterns)
        accounts = account(patterns, order)
        now = eligible_patients(patterns, order)
        written, before = self._written
        assumed, expected = self._assumed(screening, now)
        return Overview(
            screening,
            patterns,
            order,
            accounts.tally,
            accounts.steps,
            accounts.losses,
            written,
            compare(before, now),
            assumed,
            expected,
        )

    def _assumed(self, screening: Screening, eligible: Bools) -> tuple[tuple[AssumedRate, ...], float]:
        patients = np.flatnonzero(eligible)
        anybody = np.arange(self.cohort.patients)
        rates, weights = [], np.ones(len(patients))
        for each in self.protocol.ids:
            given = bool(self.protocol[each].assumed) or each in screening.scenario.rates
            # What is assessed in part still has a part that data cannot show; without a rate only what is not assessed at all is worth a flag.
            asked = each in screening.not_assessed or (each in screening.partly_assessed and given)
            if not asked or each in screening.scenario.off:
                continue
            rate = self.screener.pass_rates(self.protocol, screening.scenario, each, patients)
            if not len(patients):
                rate = self.screener.pass_rates(self.protocol, screening.scenario, each, anybody)
            rates.append(AssumedRate(each, float(rate.mean()) if len(rate) else 1.0, given))
            weights = weights * rate[: len(patients)]
        return tuple(rates), float(weights.sum())


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
