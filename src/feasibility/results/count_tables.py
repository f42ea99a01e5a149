"""Count tables: what the workbench would show at each stop of one parameter, so that a control can be dragged without asking the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from feasibility.logic import UNKNOWN, Floats
from feasibility.patterns import count
from feasibility.results.accounting import Comparison, Tally, account, compare, eligible_patients
from feasibility.results.along_stops import Along, Others, before_flip, one_by_one, others, together
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
    as ``Overview.expected``. The denominator of all is ``patients``. Of the criterion moved: ``limbs`` are fails and unknown by stop of each limb, as
    ``Screener.limb_outcomes``, and ``saved`` by stop as ``Screener.saved`` (None where there is no
    exception). Where the parameter moves no criterion, or several that count, both are left out.
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
    limbs: Mapping[str, tuple[Counts, Counts]]
    saved: Counts | None

    def tally(self, place: int) -> Tally:
        """The tally at a stop."""
        if not self.order:
            return Tally(self.patients, self.patients, 0)
        return Tally(self.patients, int(self.eligible[place, -1]), int(self.undetermined[place, -1]))

    def comparison(self, place: int) -> Comparison:
        """The patients at a stop against the protocol as written, as pairs."""
        return Comparison(int(self.gained[place]), int(self.lost_against_written[place]))


def count_table(workbench: Workbench, scenario: Scenario, parameter: str, stops: Sequence[float]) -> CountTable:
    """The table of one number over its stops, at least one, snapped to its step. Raises ``Refused`` for a value the parameter does not take.

    The workbench counts on from its last overview as if no table had been asked for.
    """
    protocol, counted, screener = workbench.protocol, workbench.counted(scenario), workbench.screener.aside()
    scenarios = [with_value(protocol, scenario, parameter, stop) for stop in stops]
    stops = tuple(float(value_of(protocol, each, parameter)) for each in scenarios)
    assert list(stops) == sorted(stops), "the stops rise"
    move = _Move(screener, counted.screening, parameter, dict(zip(stops, scenarios, strict=True)))
    moving = moved_by(screener, counted.screening, parameter)
    counting = tuple(each for each in moving if each in counted.order)
    left: Others | None = None
    if len(counting) > 1 or move.moves_rates:
        along = together([_accounted(workbench, screener, move.counted(stop, counted.order)) for stop in stops])
    elif not counting:
        along = _accounted(workbench, screener, counted).repeated(len(stops))
    else:
        left = others(counted.patterns, counted.order, counting[0], workbench.eligible_as_written, partial(_weights, screener, counted.screening))
    limbs: Mapping[str, tuple[Counts, Counts]] = {}
    saved: Counts | None = None
    for criterion_id in counting if len(counting) == 1 else moving if len(moving) == 1 else ():
        parts = [move.part(criterion_id, run, left) for run in _without_limit_apart(stops)]
        limbs = {label: _joined([part.limbs[label] for part in parts]) for label in parts[0].limbs}
        saved = None if parts[0].saved is None else np.concatenate([part.saved for part in parts if part.saved is not None])
        if left is not None:
            along = together([part.along for part in parts if part.along is not None])
    return CountTable(parameter, stops, counted.order, workbench.cohort.patients, **vars(along), limbs=limbs, saved=saved)


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
    """Some stops: the account, if asked for, and of the criterion moved its limbs and whom its exceptions save."""

    limbs: Mapping[str, tuple[Counts, Counts]]
    saved: Counts | None
    along: Along | None


@dataclass(frozen=True, eq=False)
class _Move:
    """One parameter of one scenario and where it is moved to."""

    screener: Screener
    screening: Screening
    parameter: str
    scenarios: Mapping[float, Scenario]

    def counted(self, stop: float, order: tuple[str, ...]) -> Counted:
        """The whole scenario at a stop, screened anew."""
        screening = self.screener.screen(self.screening.protocol, self.scenarios[stop])
        return Counted(screening, count(screening.outcomes, screening.cohort.patients), order)

    @property
    def moves_rates(self) -> bool:
        """Whether an assumed pass rate depends on the parameter."""
        conditions = [assumed.when for each in assumed_of(self.screening) for assumed in self.screening.protocol[each].assumed]
        return any(uses(condition, self.parameter) for condition in conditions if condition is not None)

    def part(self, criterion_id: str, stops: Sequence[float], left: Others | None) -> _Part:
        """The criterion at stops that are all finite, or one without limit."""
        flips = criterion_flips(self.screener, self.screening, criterion_id, self.parameter, stops)
        return self._stop_by_stop(criterion_id, stops, left) if flips is None else _flipped(flips, len(stops), left)

    def _stop_by_stop(self, criterion_id: str, stops: Sequence[float], left: Others | None) -> _Part:
        protocol, screener = self.screening.protocol, self.screener
        limbs: dict[str, list[tuple[int, int]]] = {}
        saved: list[int] = []
        failing, not_passing = [], []
        for stop in stops:
            scenario = self.scenarios[stop]
            for label, truth in screener.limb_outcomes(protocol, scenario, criterion_id).items():
                limbs.setdefault(label, []).append((int((truth == FAIL).sum()), int((truth == UNKNOWN).sum())))
            if (saves := screener.saved(protocol, scenario, criterion_id)) is not None:
                saved.append(saves)
            if left is not None:
                outcome = screener.outcome(protocol, scenario, criterion_id)
                assert outcome is not None
                failing.append(left.failures.of(outcome == FAIL))
                not_passing.append(left.open.of(outcome != PASS))
        by_limb = {label: (np.array([each[0] for each in counts]), np.array([each[1] for each in counts])) for label, counts in limbs.items()}
        return _Part(by_limb, np.array(saved) if saved else None, None if left is None else left.along(one_by_one(failing), one_by_one(not_passing)))


def _flipped(criterion: CriterionFlips, stops: int, left: Others | None) -> _Part:
    """From flip points, each patient counted once for all stops."""

    def in_rising_order(counts: Counts) -> Counts:
        return counts[::-1] if criterion.falling else counts

    def before(places: Places) -> Counts:
        return in_rising_order((len(places) - np.bincount(places, minlength=stops + 1).cumsum())[:stops])

    limbs = {label: (before(flips.first), before(flips.second) - before(flips.first)) for label, flips in criterion.limbs.items()}
    saved = None if criterion.plain is None else in_rising_order(differing(criterion.flips, criterion.plain, stops))
    if left is None:
        return _Part(limbs, saved, None)
    along = left.along(before_flip(left.failures, criterion.flips.first, stops), before_flip(left.open, criterion.flips.second, stops))
    return _Part(limbs, saved, along.reversed() if criterion.falling else along)
