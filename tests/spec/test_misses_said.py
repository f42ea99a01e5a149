"""Near misses, gaps and what can be treated, in words."""

from __future__ import annotations

import math

import pytest
from oracle.patients import INDEX, cohort, columns_for, patient

from feasibility import wording
from feasibility.protocol import builtin_protocol
from feasibility.results.gaps import Gap, Range
from feasibility.results.near import Elsewhere, NearCounts, NearMiss, NearMisses, OneFailed
from feasibility.results.nearest_move import NearestMove
from feasibility.scenario import AS_WRITTEN
from feasibility.screening.explain import explained
from feasibility.screening.screen import Screener
from feasibility.variables import builtin_catalogue

PROTOCOL, CATALOGUE = builtin_protocol(), builtin_catalogue()
LDL = Gap("ldl", ("ldl",), ("E5",), True, 61, 60, 60, 23, Range(0, 23), Range(0, 61))


def test_how_many_fail_one_criterion() -> None:
    counts = NearCounts(2000, 1558, 141, 159, (OneFailed("I4", 74, 34), OneFailed("E5", 67, 125)))
    assert wording.near_said(counts) == "300 of the 1,558 ineligible fail one criterion only: 141 pass all others (clear), 159 are unknown on another (open)"


@pytest.mark.parametrize(
    ("found", "elsewhere", "criteria", "said"),
    [
        (141, Elsewhere.PASSED, (), "141 of 2,000 patients fail one criterion only and pass all others."),
        (0, Elsewhere.UNKNOWN, (), "0 of 2,000 patients fail one criterion only and are unknown on another."),
        (34, Elsewhere.UNKNOWN, ("I4",), "34 of 2,000 patients fail only I4 and are unknown on another."),
        (141, Elsewhere.PASSED, ("I4", "E5"), "141 of 2,000 patients fail only one of I4 and E5 and pass all others."),
    ],
)
def test_who_was_asked_for(found: int, elsewhere: Elsewhere, criteria: tuple[str, ...], said: str) -> None:
    assert wording.near_found(NearMisses(2000, found, ()), elsewhere, criteria) == said


@pytest.mark.parametrize(
    ("name", "now", "opens_at", "passes_at", "of_own", "own", "threshold", "off", "passes", "unknown"),
    [
        ("I6.sbp_max", 160, 165, 165, (163.3, 163.3), "163.3 mmHg", "systolic at most 160 mmHg", "3.3 mmHg over", "165 mmHg", ""),
        ("I6.sbp_max", 160, None, None, (199, 199), "199 mmHg", "systolic at most 160 mmHg", "39 mmHg over", "", ""),
        ("I4.uacr_above", 1000, 860, 860, (870, 870), "870 mg/g", "UACR above 1,000 mg/g", "130 mg/g under", "860 mg/g", ""),
        ("I4.uacr_above", 3000, 990, 990, (1000, 1000), "1,000 mg/g", "UACR above 3,000 mg/g", "2,000 mg/g under", "990 mg/g", ""),
        ("I4.uacr_above", 1000, 990, 990, (1000, 1000), "1,000 mg/g", "UACR above 1,000 mg/g", "at the threshold", "990 mg/g", ""),
        ("I4.uacr_above", 1000, 40, None, (-math.inf, 44.2), "44.2 mg/g or less", "UACR above 1,000 mg/g", "at least 955.8 mg/g under", "", "40 mg/g"),
        ("I4.uacr_above", 1000, 40, None, (0, 44.2), "44.2 mg/g or less", "UACR above 1,000 mg/g", "at least 955.8 mg/g under", "", "40 mg/g"),
        ("I4.uacr_above", 1000, 990, None, (-math.inf, 1000), "1,000 mg/g or less", "UACR above 1,000 mg/g", "at the threshold or under", "", "990 mg/g"),
        ("I4.uacr_above", 1000, 890, 390, (400, 900), "400 to 900 mg/g", "UACR above 1,000 mg/g", "100 to 600 mg/g under", "390 mg/g", ""),
        ("E5.ldl_max", 4.1, None, None, (7.5, math.inf), "7.5 mmol/L or more", "LDL cholesterol below 4.1 mmol/L", "at least 3.4 mmol/L over", "", ""),
        ("E5.ldl_max", 4.1, 4.2, 4.2, (4.1000123, 4.1000123), "4.10001 mmol/L", "LDL cholesterol below 4.1 mmol/L", "0.00001 mmol/L over", "4.2 mmol/L", ""),
        ("I7.hba1c_max", 9, 10.1, 10.1, (10, 10), "10.0 %", "HbA1c below 9.0 %", "1.0 % over", "10.1 %", ""),
        ("I1.age_max", 75, 76, 76, (76, 76), "76 years", "age at most 75 years", "1 year over", "76 years", ""),
        ("I3.biopsy_window", 10, 11, 11, (3748 / 365.25,) * 2, "10.3 years", "biopsy within 10 years", "0.3 years over", "11 years", ""),
        ("I3.biopsy_window", 10, 11, 11, (10.004, 10.004), "10.004 years", "biopsy within 10 years", "0.004 years over", "11 years", ""),
        ("E4.stroke_window", 6, None, None, (0, 0), "0 months", "stroke within 6 months", "6 months under", "", ""),
        ("I4.protein_min", 3.5, 3.4, None, None, "", "24-h protein at least 3.5 g/24h", "", "", "3.4 g/24h"),
        ("I3.biopsy_window", 10, math.inf, math.inf, None, "", "biopsy within 10 years", "", "no limit", ""),
    ],
)  # fmt: skip
def test_own_value_and_threshold_how_far_apart_and_where_it_would_let_them_in(
    name: str, now: float, opens_at: float | None, passes_at: float | None, of_own: tuple[float, float] | None,
    own: str, threshold: str, off: str, passes: str, unknown: str,
) -> None:  # fmt: skip
    """The first and the third are of the patient's own value, as it is said of them; the others of the threshold, on its steps."""
    moved = NearestMove(name, now, opens_at, passes_at, of_own)
    said = (wording.near_own, wording.near_threshold, wording.near_off, wording.near_move, wording.near_open)
    assert tuple(each(PROTOCOL, moved) for each in said) == (own, threshold, off, passes, unknown)


def test_how_many_are_not_listed() -> None:
    one = NearMiss(0, "P1", "I4", (), ())
    assert wording.near_listed(NearMisses(2000, 141, (one,) * 100)) == "The nearest 100 are listed here."
    assert wording.near_listed(NearMisses(2000, 1, (one,))) == ""


def test_a_verdict() -> None:
    assert wording.near_verdict(NearMiss(0, "P1", "I4", (), ())) == "fails only I4"
    assert wording.near_verdict(NearMiss(0, "P1", "I4", ("E3", "E5"), ())) == "fails only I4; unknown: E3 and E5"


@pytest.mark.parametrize(("found", "said"), [(5, ""), (6, "The files hold all who were found, the nearest 5 with the whole verdict.")])
def test_of_how_many_the_files_hold_the_whole_verdict(found: int, said: str) -> None:
    assert wording.near_explained(NearMisses(2000, found, ()), 5) == said


def test_a_criterion_of_a_verdict_says_its_outcome_and_what_each_of_its_limbs_found() -> None:
    made = [patient(uacr="870 @19d", urine_protein_24h="6 @2d; 4 @40d", hba1c="8 @1d")]
    screener = Screener(cohort(made, columns_for(made)))
    ((proteinuria, hba1c),) = explained(screener, screener.screen(PROTOCOL, AS_WRITTEN), [0], ["I4", "I7"])
    assert wording.verdict_line(hba1c, PROTOCOL, CATALOGUE, INDEX) == ("I7 HbA1c", "passes", ("HbA1c 8 % on 2026-01-30, needs < 9",))
    assert wording.verdict_line(proteinuria, PROTOCOL, CATALOGUE, INDEX) == (
        "I4 Nephrotic proteinuria",
        "fails",
        (
            "24-h protein (passes): 24-h urine protein, lowest of the last 2: 4 g/24h, needs ≥ 3.5 (6 g/24h on 2026-01-29; 4 g/24h on 2025-12-22)",
            "UACR (fails): UACR 870 mg/g on 2026-01-12, needs > 1000",
        ),
    )


def test_a_gap() -> None:
    assert wording.gap_said(LDL, CATALOGUE) == "Measuring LDL cholesterol in 61 people could add up to 23"
    names = [wording.gap_measured(Gap(name, (), (), True, 0, 0, 0, 0, Range(0, 0), Range(0, 0)), CATALOGUE) for name in ("blood_pressure", "lipids", "nyha")]
    assert names == ["blood pressure", "lipids", "NYHA class"]
