"""What the built-in protocol makes of the synthetic clinic, held against the simulated figures it was drawn to (screened by the product itself).

The figures hold for blood pressure read at the latest visit; from about 400,000 simulated patients, so with 30,000 a point or two of tolerance.
"""

from __future__ import annotations

import io

import numpy as np
import pytest

from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import AS_WRITTEN, change
from feasibility.synthetic import Completeness, wide

PATIENTS = 30_000
PROTOCOL = builtin_protocol()
LATEST_VISIT = change(PROTOCOL, AS_WRITTEN, "reading", "I6=latest-visit")


def clinic(completeness: Completeness) -> Workbench:
    file = io.BytesIO()
    wide(PATIENTS, np.random.default_rng(7), completeness=completeness).to_parquet(file)
    return Workbench(load_cohort("clinic.parquet", file.getvalue()), PROTOCOL)


@pytest.fixture(scope="module")
def complete() -> Workbench:
    return clinic(Completeness.COMPLETE)


@pytest.fixture(scope="module")
def with_gaps() -> Workbench:
    return clinic(Completeness.AS_RECORDED)


def percent(count: int) -> float:
    return 100 * count / PATIENTS


# Percent of patients who fail the criterion at all, complete data.
ANY_FAIL = [("I6", 29, 2), ("E5", 28, 2), ("I4", 22, 3), ("I1", 21, 2), ("I7", 16, 2), ("E1", 12, 2), ("I5", 4, 1)]


@pytest.mark.parametrize(("criterion", "expected", "tolerance"), ANY_FAIL)
def test_who_fails_what(complete: Workbench, criterion: str, expected: float, tolerance: float) -> None:
    loss = complete.overview(LATEST_VISIT).loss(criterion)
    assert loss is not None
    assert percent(loss.fails) == pytest.approx(expected, abs=tolerance)


def test_about_six_percent_eligible_and_twelve_undetermined_with_gaps(with_gaps: Workbench) -> None:
    tally = with_gaps.overview(LATEST_VISIT).tally
    assert percent(tally.eligible) == pytest.approx(6, abs=1.5)
    assert percent(tally.undetermined) == pytest.approx(12, abs=3)


# Percent eligible by reading, complete data.
READINGS = [("", 16, 1.5), ("E5=both", 22, 2), ("E5=tg", 22, 2), ("I4=latest", 18, 2), ("E1=moderate", 17, 2), ("I5=2009-cr", 15.4, 1.5)]


@pytest.mark.parametrize(("reading", "expected", "tolerance"), READINGS)
def test_eligible_by_reading(complete: Workbench, reading: str, expected: float, tolerance: float) -> None:
    scenario = change(PROTOCOL, LATEST_VISIT, "reading", reading) if reading else LATEST_VISIT
    assert percent(complete.overview(scenario).tally.eligible) == pytest.approx(expected, abs=tolerance)


def test_the_best_visit_lets_more_pass_than_the_latest(complete: Workbench) -> None:
    assert percent(complete.overview(AS_WRITTEN).tally.eligible) == pytest.approx(19, abs=2)


def test_what_the_first_screen_should_make_plain(with_gaps: Workbench) -> None:
    """Blood pressure, lipids and age rival proteinuria; the eGFR floor costs little; the second collection resolves the most."""
    overview: Overview = with_gaps.overview(AS_WRITTEN)
    losses = {loss.id: loss for loss in overview.losses}
    assert {"I1", "I4", "I6", "E5"} <= {loss.id for loss in sorted(overview.losses, key=lambda loss: -loss.share)[:5]}
    assert losses["I5"].share < losses["E5"].share / 4
    assert losses["I4"].only_unknown == max(loss.only_unknown for loss in overview.losses)
    assert 0.35 < overview.expected / overview.tally.eligible < 0.5
