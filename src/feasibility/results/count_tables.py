"""Count tables: what the workbench would show at each stop of one parameter, so that a control can be dragged without asking the core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import UNKNOWN, Floats
from feasibility.patterns import count_masks, masks
from feasibility.results.accounting import Comparison, Tally, account, compare, eligible_patients
from feasibility.results.along_stops import Along, Others, before_flip, changing, others, together
from feasibility.results.judged import Judged, OfCriterion, judged, of_judged
from feasibility.results.overview import Counted, Workbench, assumed_of, expected_to_enrol, product, rates_of
from feasibility.rules.polarity import uses
from feasibility.scenario import Scenario, value_of, with_rate, with_value
from feasibility.screening.flips import Places, differing
from feasibility.screening.moving import CriterionFlips, criterion_flips, moved_by
from feasibility.screening.screen import FAIL, PASS, Screener, Screening

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CountTable:
    """What the workbench would show at each stop of one parameter, all else as in the scenario.

    ``stops`` rise and may hold ±inf. ``order`` is the funnel's under the scenario, held while the parameter moves. Arrays by stop and criterion:
    ``eligible``, ``undetermined`` and ``lost`` as ``accounting.Step``; ``fails``, ``unknown``, ``gain``, ``gain_possible`` and ``share`` as
    ``accounting.Loss``. Arrays by stop: ``gained`` and ``lost_against_written`` as ``accounting.compare`` with the protocol as written, ``expected``
    as ``Overview.expected``. The denominator of all is ``patients``. ``moved``: each criterion moved, counted or not, with fails and unknown of its limbs
    as ``Screener.limb_outcomes`` and whom its exceptions save as ``Screener.saved``.
    """

    parameter: str
    stops: tuple[float, ...]
    order: tuple[str, ...]
    patients: int
    eligible: Counts
    undetermined: Counts
    lost: Counts
    fails: Counts
    unknown: Counts
    gain: Counts
    gain_possible: Counts
    share: Floats
    gained: Counts
    lost_against_written: Counts
    expected: Floats
    moved: Mapping[str, OfCriterion]

    def tally(self, place: int) -> Tally:
        """The tally at a stop."""
        if not self.order:
            return Tally(self.patients, self.patients, 0)
        return Tally(self.patients, int(self.eligible[place, -1]), int(self.undetermined[place, -1]))

    def comparison(self, place: int) -> Comparison:
        """The patients at a stop against the protocol as written, as pairs."""
        return Comparison(int(self.gained[place]), int(self.lost_against_written[place]))


def count_table(workbench: Workbench, scenario: Scenario, parameter: str, stops: Sequence[float]) -> CountTable:
    """The table of one number over its stops: at least one, rising, snapped to its step and then each once.

    Raises ``Refused`` for a value the parameter does not take.
    The workbench counts on from its last overview as if no table had been asked for.
    """
    protocol, counted, screener = workbench.protocol, workbench.counted(scenario), workbench.screener.aside()
    moved_to = (with_value(protocol, scenario, parameter, stop) for stop in stops)
    scenarios = {float(value_of(protocol, each, parameter)): each for each in moved_to}
    stops = tuple(scenarios)
    assert list(stops) == sorted(stops), "the stops rise"
    move = _Move(screener, counted.screening, parameter, scenarios)
    moving = moved_by(screener, counted.screening, parameter)
    counting = tuple(each for each in moving if each in counted.order)
    if len(counting) > 1 or move.moves_rates:
        traced = {each: tuple(judged(screener, counted.screening, each, parameter, move.scenarios)) for each in moving}
        moved = {each: of_judged(screener, counted.screening, each, found) for each, found in traced.items()}
        at_stops = move.counted(counted.order, {each: traced[each] for each in counting})
        along = together([_accounted(workbench, screener, each) for each in at_stops])
    else:
        weights_of = partial(_weights, screener, counted.screening)
        left = others(counted.patterns, counted.order, counting[0], workbench.eligible_as_written, weights_of) if counting else None
        parts = {each: move.part(each, left if each in counting else None) for each in moving}
        moved = {each: part.moved for each, part in parts.items()}
        along = next((part.along for part in parts.values() if part.along is not None), None) or _accounted(workbench, screener, counted).repeated(len(stops))
    return CountTable(parameter, stops, counted.order, workbench.cohort.patients, **vars(along), moved=moved)


def rate_table(workbench: Workbench, scenario: Scenario, criterion_id: str, rates: Sequence[float | None]) -> Floats:
    """How many of the eligible are expected to enrol if everybody passed one criterion at each of these rates; all else as in the scenario.

    None: the rates as written, which may differ from patient to patient.
    """
    counted = workbench.counted(scenario)
    patients = np.flatnonzero(eligible_patients(counted.patterns, counted.order))

    def under(rate: float | None) -> Mapping[str, Floats]:
        moved = replace(counted.screening, scenario=with_rate(workbench.protocol, scenario, criterion_id, rate))
        return rates_of(workbench.screener, moved, patients)

    given = under(1.0)

    def at(rate: float | None) -> Mapping[str, Floats]:
        if rate is None:
            return under(None)
        return {each: np.full(len(patients), rate) if each == criterion_id else weights for each, weights in given.items()}

    return np.array([expected_to_enrol(product(at(rate), len(patients))) for rate in rates])


def _weights(screener: Screener, screening: Screening, patients: NDArray[np.intp]) -> Floats:
    return product(rates_of(screener, screening, patients), len(patients))


def _without_limit_apart(stops: Sequence[float]) -> list[list[float]]:
    """The stops in runs: a window without limit asks less of the feed of events than a long one, so it is no further step of a series."""
    return [list(run) for _, run in groupby(stops, lambda stop: stop if np.isinf(stop) else 0.0)]


def _joined(counts: Sequence[tuple[Counts, Counts]]) -> tuple[Counts, Counts]:
    fails, unknown = zip(*counts, strict=True)
    return np.concatenate(fails), np.concatenate(unknown)


def _accounted(workbench: Workbench, screener: Screener, counted: Counted) -> Along:
    """The account of one scenario, as of one stop."""
    accounts, now = account(counted.patterns, counted.order), eligible_patients(counted.patterns, counted.order)
    comparison = compare(workbench.eligible_as_written, now)
    expected = expected_to_enrol(_weights(screener, counted.screening, np.flatnonzero(now)))

    def of_steps(name: str) -> Counts:
        return np.array([[getattr(step, name) for step in accounts.steps]], np.int64)

    def of_losses(name: str) -> Counts:
        return np.array([[getattr(loss, name) for loss in accounts.losses]], np.int64)

    return Along(
        of_steps("eligible"),
        of_steps("undetermined"),
        of_steps("lost"),
        of_losses("fails"),
        of_losses("unknown"),
        of_losses("gain"),
        of_losses("gain_possible"),
        np.array([[loss.share for loss in accounts.losses]], np.float64),
        np.array([comparison.gained]),
        np.array([comparison.lost]),
        np.array([expected]),
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """Of one criterion at some stops: its own counts, and the account if asked for."""

    moved: OfCriterion
    along: Along | None


@dataclass(frozen=True, eq=False)
class _Move:
    """One parameter of one scenario and where it is moved to: rising stops, each with its scenario."""

    screener: Screener
    screening: Screening
    parameter: str
    scenarios: Mapping[float, Scenario]

    @property
    def moves_rates(self) -> bool:
        """Whether an assumed pass rate depends on the parameter."""
        conditions = [assumed.when for each in assumed_of(self.screening) for assumed in self.screening.protocol[each].assumed]
        return any(uses(condition, self.parameter) for condition in conditions if condition is not None)

    def counted(self, order: tuple[str, ...], moved: Mapping[str, Sequence[Judged]]) -> Iterator[Counted]:
        """The whole scenario at each stop: everybody's patterns, brought up to date with those judged anew on one of the criteria moved."""
        criteria, patients = tuple(self.screening.outcomes), self.screening.cohort.patients
        failed, unknown = masks(self.screening.outcomes, patients)
        for place, scenario in enumerate(self.scenarios.values()):
            for criterion_id, found in moved.items():
                rows, outcome, bit = found[place].patients, found[place].after, np.int64(1) << np.int64(criteria.index(criterion_id))
                for bits, kind in ((failed, FAIL), (unknown, UNKNOWN)):
                    bits[rows] = np.where(outcome == kind, bits[rows] | bit, bits[rows] & ~bit)
            yield Counted(replace(self.screening, scenario=scenario), count_masks(criteria, failed, unknown), order)

    def part(self, criterion_id: str, left: Others | None) -> _Part:
        """One criterion at all stops."""
        parts = [self._run(criterion_id, run, left) for run in _without_limit_apart(list(self.scenarios))]
        labels = parts[0].moved.limbs
        limbs = {each: _joined([part.moved.limbs[each] for part in parts]) for each in labels}
        saved = [part.moved.saved for part in parts if part.moved.saved is not None]
        along = [part.along for part in parts if part.along is not None]
        return _Part(OfCriterion(limbs, np.concatenate(saved) if saved else None), together(along) if along else None)

    def _run(self, criterion_id: str, stops: Sequence[float], left: Others | None) -> _Part:
        """The criterion at stops that are all finite, or one without limit."""
        flips = criterion_flips(self.screener, self.screening, criterion_id, self.parameter, stops)
        return self._stop_by_stop(criterion_id, stops, left) if flips is None else _flipped(flips, len(stops), left)

    def _stop_by_stop(self, criterion_id: str, stops: Sequence[float], left: Others | None) -> _Part:
        found = tuple(judged(self.screener, self.screening, criterion_id, self.parameter, {stop: self.scenarios[stop] for stop in stops}))
        moved = of_judged(self.screener, self.screening, criterion_id, found)
        if left is None:
            return _Part(moved, None)
        failing = [left.failures.change(each.patients, each.before == FAIL, each.after == FAIL) for each in found]
        not_passing = [left.open.change(each.patients, each.before != PASS, each.after != PASS) for each in found]
        return _Part(moved, left.along(changing(failing), changing(not_passing)))


def _flipped(criterion: CriterionFlips, stops: int, left: Others | None) -> _Part:
    """From flip points, each patient counted once for all stops."""

    def in_rising_order(counts: Counts) -> Counts:
        return counts[::-1] if criterion.falling else counts

    def before(places: Places) -> Counts:
        return in_rising_order((len(places) - np.bincount(places, minlength=stops + 1).cumsum())[:stops])

    limbs = {label: (before(flips.first), before(flips.second) - before(flips.first)) for label, flips in criterion.limbs.items()}
    saved = None if criterion.plain is None else in_rising_order(differing(criterion.flips, criterion.plain, stops))
    moved = OfCriterion(limbs, saved)
    if left is None:
        return _Part(moved, None)
    along = left.along(before_flip(left.failures, criterion.flips.first, stops), before_flip(left.open, criterion.flips.second, stops))
    return _Part(moved, along.reversed() if criterion.falling else along)
