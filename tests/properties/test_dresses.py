"""The same data in other dresses screen to the same outcome for every patient on every criterion."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from properties.dresses import DRESSES

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN
from feasibility.screening.screen import Screener
from feasibility.synthetic import wide

PROTOCOL = builtin_protocol()
PATIENTS = 240


@cache
def frame() -> pd.DataFrame:
    return wide(PATIENTS, np.random.default_rng(11), completeness=0.85)


@cache
def plain() -> Cohort:
    return load_cohort("plain.csv", frame().to_csv(index=False).encode())


def outcomes(cohort: Cohort) -> dict[str, dict[str, int]]:
    """By criterion, each patient's outcome."""
    found = Screener(cohort).screen(PROTOCOL, AS_WRITTEN).outcomes
    return {criterion: dict(zip(cohort.ids.tolist(), outcome.tolist(), strict=True)) for criterion, outcome in found.items()}


@pytest.mark.parametrize("name", DRESSES)
def test_every_dress_screens_to_the_same_outcomes(name: str) -> None:
    files = DRESSES[name](frame())
    cohort = load_cohort(files[0][0], files)
    assert sorted(cohort.ids) == sorted(plain().ids)
    assert cohort.report.rows_read == cohort.report.rows_used + cohort.report.rows_set_aside
    expected, found = outcomes(plain()), outcomes(cohort)
    assert list(found) == list(expected), [str(problem) for problem in cohort.report.problems if problem.severity == "error"]
    for criterion, of_patients in expected.items():
        otherwise = {patient: (outcome, found[criterion][patient]) for patient, outcome in of_patients.items() if found[criterion][patient] != outcome}
        assert not otherwise, criterion
