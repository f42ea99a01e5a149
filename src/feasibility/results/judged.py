"""One criterion judged at one stop of a parameter after the other: at the first all patients, then those whom it may judge otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import UNKNOWN, Truth
from feasibility.protocol import Protocol
from feasibility.scenario import Scenario
from feasibility.screening.changing import steps
from feasibility.screening.screen import FAIL, Screener, Screening

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Judged:
    """One stop: the patients judged anew, by row, with their outcomes before (none at the first stop) and after; and counts of all patients."""

    patients: NDArray[np.intp]
    before: Truth
    after: Truth
    counts: Counts


@dataclass(frozen=True, eq=False)
class OfCriterion:
    """Counts by stop of a criterion that moves: fails and unknown of each of its assessable limbs, by label, and whom its exceptions save, if it has any."""

    limbs: Mapping[str, tuple[Counts, Counts]]
    saved: Counts | None


def judged(screener: Screener, screening: Screening, criterion_id: str, parameter: str, scenarios: Mapping[float, Scenario]) -> Iterator[Judged]:
    """An assessed criterion at each stop; the stops rise, each with its scenario."""
    protocol, stops = screening.protocol, list(scenarios)

    def outcome(screener: Screener, scenario: Scenario) -> Truth:
        found = screener.outcome(protocol, scenario, criterion_id)
        assert found is not None
        return found

    first = outcome(screener, scenarios[stops[0]])
    counts = _counts(screener, protocol, scenarios[stops[0]], criterion_id)
    yield Judged(np.arange(len(first)), first[:0], first, counts)
    for step in steps(screener, screening, criterion_id, parameter, scenarios):
        if not len(step.patients):
            yield Judged(step.patients, first[:0], first[:0], counts)
            continue
        before, after = outcome(step.screener, step.before), outcome(step.screener, step.after)
        counts = counts + _counts(step.screener, protocol, step.after, criterion_id) - _counts(step.screener, protocol, step.before, criterion_id)
        yield Judged(step.patients, before, after, counts)


def of_judged(screener: Screener, screening: Screening, criterion_id: str, found: Sequence[Judged]) -> OfCriterion:
    """The counts of the stops, apart."""
    labels = [limb.label for limb in screener.assessable_limbs(screening.protocol, screening.scenario, criterion_id)]
    plain = screener.asked_without_exceptions(screening.protocol, screening.scenario, criterion_id)
    *of_limbs, saved = np.stack([each.counts for each in found]).T
    limbs = {label: (of_limbs[2 * place], of_limbs[2 * place + 1]) for place, label in enumerate(labels)}
    return OfCriterion(limbs, saved if plain is not None and plain.limbs else None)


def _counts(screener: Screener, protocol: Protocol, scenario: Scenario, criterion_id: str) -> Counts:
    """Fails and unknown of each limb in turn, then whom exceptions save."""
    limbs = screener.limb_outcomes(protocol, scenario, criterion_id).values()
    numbers = [int(np.count_nonzero(each == kind)) for each in limbs for kind in (FAIL, UNKNOWN)]
    return np.array([*numbers, screener.saved(protocol, scenario, criterion_id) or 0], np.int64)
