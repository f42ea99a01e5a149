"""Along the length of their window what is asked of visits is told row by row, as screening at every length finds it."""

from __future__ import annotations

import numpy as np
import pytest
from oracle.both import protocol_of
from oracle.patients import patient
from spec.test_count_tables import workbench

from feasibility.scenario import AS_WRITTEN
from feasibility.screening.parts import outcome_at
from feasibility.screening.profiles import profiles
from feasibility.screening.screen import Screener
from feasibility.screening.visits import visits_along

VISITS = (
    "sbp=150 dbp=90 @0d",
    "sbp=170 dbp=90 @1d; sbp=150 dbp=90 @30d",
    "sbp=150 dbp=90 @31d; sbp=170 dbp=110 @92d",
    "sbp=170 @5d; sbp=150 dbp=95 @400d",
    "sbp=150 @5d; sbp=170 dbp=95 @31d",
    "sbp=170 dbp=110 @800d",
    "sbp=? dbp=? @3d; sbp=150 dbp=90 @40d",
)
STOPS = {"days": (1.0, 5.0, 30.0, 31.0, 400.0), "months": (1.0, 2.0, 3.0, 14.0), "years": (1.0, 2.0, 3.0)}


@pytest.mark.parametrize("unit", STOPS)
@pytest.mark.parametrize("which", ["any_visit", "latest_visit"])
@pytest.mark.parametrize("window", ["within", "before"])
@pytest.mark.parametrize("role", ["inclusion", "exclusion"])
def test_along_the_length_of_the_window(unit: str, which: str, window: str, role: str) -> None:
    limits = f'w = {{ value = 1, min = 1, max = 1000, step = 1, unit = "{unit}", label = "w", unbounded = "up" }}'
    protocol = protocol_of(f"{which}(sbp <= 160 and dbp <= 100, {window}=w)", parameters=limits, role=role, join="all")
    screener, stops = workbench(protocol, [patient(blood_pressure=each) for each in VISITS]).screener, STOPS[unit]
    asked = screener.asked(protocol, AS_WRITTEN, "C", "C.w")
    assert visits_along(screener, asked, "C.w", stops) is not None
    found = profiles(screener, asked, "C.w", (*stops, np.inf))
    at_stops = np.stack([outcome_at(Screener(screener.cohort), asked, {"C.w": stop}) for stop in (*stops, np.inf)], axis=1)
    assert np.array_equal(found.outcomes[found.of_patient], at_stops)
    assert len(np.unique(at_stops)) == 3, "each outcome is there"


NOT_SO = [
    ("any_visit(sbp <= p, within=w)", VISITS),  # another number is open too
    ("any_visit(sbp <= 160, within=w) or latest(uacr) > 1000", VISITS),
    ("not any_visit(sbp <= 160, within=w)", VISITS),
    ("any_visit(sbp <= 160, within=w)", ("sbp=150 dbp=90",)),  # without a day
    ("any_visit(sbp <= 160, within=w)", ("sbp=150 dbp=90 @2025",)),  # of a day known in part
]


@pytest.mark.parametrize(("rule", "visits"), NOT_SO)
def test_anything_else_is_screened(rule: str, visits: tuple[str, ...]) -> None:
    limits = 'w = { value = 1, min = 1, max = 1000, step = 1, unit = "days", label = "w" }\n'
    protocol = protocol_of(rule, parameters=limits + 'p = { value = 160, min = 100, max = 200, step = 1, unit = "mmHg", label = "p" }')
    screener = workbench(protocol, [patient(blood_pressure=each, uacr="900 @1d") for each in visits]).screener
    assert visits_along(screener, screener.asked(protocol, AS_WRITTEN, "C", "C.w", "C.p"), "C.w", (1.0, 2.0)) is None
