"""CKD-EPI: published values, the boundary of 20, and what partly known inputs allow."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feasibility import kidney
from feasibility.kidney import EQUATIONS, interval
from feasibility.logic import Floats, Intervals, known

INF = np.inf
FEMALE, MALE, EITHER = (0.0, 0.0), (1.0, 1.0), (0.0, 1.0)

# Expected values computed independently from the published coefficients; "published" is what the named public test or calculator prints.
VECTORS = """
 nr | equation     | sex | age  | creatinine  | cystatin | expected | published
  1 | 2009_cr      |  M  | 40   | 50 µmol/L   |          | 128.8540 | 129   SCREAM test-ckd_epi.R
  2 | 2009_cr      |  F  | 40   | 50 µmol/L   |          | 116.2507 | 116   SCREAM
  3 | 2009_cr      |  M  | 50   | 30 µmol/L   |          | 148.1734 | 148   SCREAM
  4 | 2009_cr      |  F  | 50   | 30 µmol/L   |          | 128.1966 | 128   SCREAM
  5 | 2009_cr      |  M  | 60   | 60 µmol/L   |          | 103.8818 | 104   SCREAM
  6 | 2009_cr      |  F  | 60   | 60 µmol/L   |          |  95.1328 |  95   SCREAM
  7 | 2009_cr      |  M  | 70   | 100 µmol/L  |          |  65.4043 |  65   SCREAM
  8 | 2009_cr      |  F  | 70   | 100 µmol/L  |          |  49.1359 |  49   SCREAM
  9 | 2009_cr      |  M  | 45.2 | 120 µmol/L  |          |  62.4504 |  62.5 transplantr test_egfr.R
 10 | 2009_cr race |  M  | 40   | 1.0         |          | 108.6305 | 109   clinPK test_calc_egfr.R
 11 | 2009_cr      |  M  | 40   | 0.5         |          | 135.5520 | 136   clinPK
 12 | 2021_cr      |  F  | 80   | 0.8         |          |  74.4386 |  74   clinPK
 13 | 2021_cr      |  M  | 80   | 0.8         |          |  89.4655 |  89   clinPK
 14 | 2021_cr      |  M  | 50   | 1.0         |          |  91.6915 |  92   National Kidney Foundation calculator
 15 | 2021_cr      |  M  | 55   | 1.2         |          |  71.4178 |  71   National Kidney Foundation calculator
 16 | 2021_cr      |  M  | 60   | 1.4         |          |  57.5394 |
 17 | 2021_cr      |  M  | 60   | 3.377       |          |  20.0024 |
 18 | 2021_cr      |  F  | 60   | 2.653       |          |  20.0005 |
 19 | 2021_cr      |  F  | 70   | 2.5         |          |  20.1831 |
 20 | 2021_cr      |  F  | 45   | 0.7         |          | 108.6234 |
 21 | 2021_cr      |  M  | 45   | 0.9         |          | 107.3354 |
 22 | 2012_cys     |  F  | 20   |             | 0.4      | 161.6845 | 161.7 epocakir
 23 | 2012_cys     |  M  | 20   |             | 1.2      |  71.6455 |  71.6 epocakir
 24 | 2012_cys     |  F  | 60   |             | 2.4      |  22.6574 |
 25 | 2012_cr_cys  |  F  | 20   | 0.5         | 0.4      | 166.8189 | 166.8 epocakir
 26 | 2012_cr_cys  |  M  | 20   | 1.5         | 1.2      |  67.3385 |  67.3 epocakir
 27 | 2012_cr_cys race | M | 30 | 1.5         | 1.2      |  69.1700 |  69.2 epocakir
 28 | 2021_cr_cys  |  M  | 60   | 1.4         | 0.8      |  83.9701 |
 29 | 2021_cr_cys  |  F  | 20   | 1.5         | 1.2      |  57.9375 |
 30 | 2021_cr_cys  |  F  | 70   | 2.5         | 2.2      |  22.5226 |
"""

# Every branch of every equation at 65 years: below and above each knot, for either sex. Worked in scalar arithmetic outside the code under test.
BRANCHES = """
 equation     | sex | creatinine | cystatin | expected
 2021_cr      |  F  | 0.4        |          | 109.7679
 2021_cr      |  F  | 3.0        |          | 16.7292
 2021_cr      |  M  | 0.4        |          | 121.0827
 2021_cr      |  M  | 3.0        |          | 22.3495
 2009_cr      |  F  | 0.4        |          | 109.3019
 2009_cr      |  F  | 3.0        |          | 15.6514
 2009_cr      |  M  | 0.4        |          | 124.6428
 2009_cr      |  M  | 3.0        |          | 20.8334
 2012_cys     |  F  |            | 0.5      | 120.7759
 2012_cys     |  F  |            | 2.0      | 28.2918
 2012_cys     |  M  |            | 0.5      | 129.5879
 2012_cys     |  M  |            | 2.0      | 30.3560
 2012_cr_cys  |  F  | 0.4        | 0.5      | 129.4125
 2012_cr_cys  |  F  | 0.4        | 2.0      | 56.5582
 2012_cr_cys  |  F  | 3.0        | 0.5      | 46.9739
 2012_cr_cys  |  F  | 3.0        | 2.0      | 20.5294
 2012_cr_cys  |  M  | 0.4        | 0.5      | 137.4931
 2012_cr_cys  |  M  | 0.4        | 2.0      | 60.0898
 2012_cr_cys  |  M  | 3.0        | 0.5      | 56.3805
 2012_cr_cys  |  M  | 3.0        | 2.0      | 24.6404
 2021_cr_cys  |  F  | 0.4        | 0.5      | 132.6805
 2021_cr_cys  |  F  | 0.4        | 2.0      | 55.8829
 2021_cr_cys  |  F  | 3.0        | 0.5      | 53.1816
 2021_cr_cys  |  F  | 3.0        | 2.0      | 22.3992
 2021_cr_cys  |  M  | 0.4        | 0.5      | 136.9840
 2021_cr_cys  |  M  | 0.4        | 2.0      | 57.6955
 2021_cr_cys  |  M  | 3.0        | 0.5      | 63.3154
 2021_cr_cys  |  M  | 3.0        | 2.0      | 26.6675
"""

# Creatinine at which the rate is 20, mg/dL (to the third decimal): just below it the patient passes, just above not.
CREATININE_AT_20 = """
 age | sex | 2021_cr | 2009_cr
 45  |  M  | 3.650   | 3.485
 45  |  F  | 2.868   | 2.751
 60  |  M  | 3.377   | 3.195
 60  |  F  | 2.653   | 2.522
 80  |  M  | 3.045   | 2.844
 80  |  F  | 2.392   | 2.245
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


def one(bounds: tuple[float, float] | float) -> Intervals:
    if isinstance(bounds, tuple) and bounds[0] != bounds[1]:
        return Intervals(np.array([bounds[0]]), np.array([bounds[1]]))
    return known(np.array([bounds[0] if isinstance(bounds, tuple) else bounds], dtype=np.float64))


def rate(
    equation: str,
    creatinine: tuple[float, float] | float | None,
    cystatin: tuple[float, float] | float | None,
    age: tuple[float, float] | float,
    sex: tuple[float, float],
) -> tuple[float, float]:
    result = interval(equation, None if creatinine is None else one(creatinine), None if cystatin is None else one(cystatin), one(age), one(sex))
    return float(result.lo[0]), float(result.hi[0])


@pytest.mark.parametrize("row", rows(VECTORS), ids=lambda row: f"{row[0]} {row[1]} {row[2]} {row[3]}")
def test_equations_give_the_published_values(row: list[str]) -> None:
    _, name, sex, age, creatinine, cystatin, expected, published = row
    value = float(creatinine.split()[0]) / (88.4 if "µmol" in creatinine else 1) if creatinine else None
    exact, same = rate(name.split()[0], value, float(cystatin) if cystatin else None, float(age), MALE if sex == "M" else FEMALE)
    if name.endswith("race"):
        exact = same = _with_race(name.split()[0], value, float(cystatin) if cystatin else None, float(age), sex == "F")
    assert exact == same == pytest.approx(float(expected), abs=0.005)
    if published:
        printed = published.split()[0]
        assert abs(exact - float(printed)) <= (0.05 if "." in printed else 0.5)


@pytest.mark.parametrize("row", rows(BRANCHES), ids=lambda row: " ".join(row[:4]))
def test_every_branch_of_every_equation(row: list[str]) -> None:
    equation, sex, creatinine, cystatin, expected = row
    exact, _ = rate(equation, float(creatinine) if creatinine else None, float(cystatin) if cystatin else None, 65, MALE if sex == "M" else FEMALE)
    assert exact == pytest.approx(float(expected), abs=0.0001)


def _with_race(name: str, creatinine: float | None, cystatin: float | None, age: float, female: bool) -> float:
    black, woman = np.array([True]), np.array([female])
    assert creatinine is not None
    if name == "2009_cr":
        return float(kidney.ckd_epi_2009_creatinine_with_race(np.array([creatinine]), np.array([age]), woman, black)[0])
    return float(kidney.ckd_epi_2012_combined_with_race(np.array([creatinine]), np.array([cystatin]), np.array([age]), woman, black)[0])


def test_the_race_term_is_left_out_for_everyone_else() -> None:
    plain = kidney.ckd_epi_2009_creatinine(np.array([1.0]), np.array([50.0]), np.array([True]))
    with_term = kidney.ckd_epi_2009_creatinine_with_race(np.array([1.0]), np.array([50.0]), np.array([True]), np.array([False]))
    assert plain == with_term


@pytest.mark.parametrize("equation", ["2021_cr", "2009_cr"])
@pytest.mark.parametrize("row", rows(CREATININE_AT_20), ids=lambda row: f"{row[0]} {row[1]}")
def test_creatinine_at_the_threshold_of_20(row: list[str], equation: str) -> None:
    age, sex, at_2021, at_2009 = row
    creatinine = float(at_2021 if equation == "2021_cr" else at_2009)
    person = (float(age), MALE if sex == "M" else FEMALE)
    assert rate(equation, creatinine - 0.001, None, *person)[0] > 20 > rate(equation, creatinine + 0.001, None, *person)[0]


def test_changing_the_equation_changes_who_passes() -> None:
    """A woman of 70 with creatinine 2.5 mg/dL: 20.2 by the 2021 equation, 18.8 by that of 2009."""
    assert rate("2021_cr", 2.5, None, 70, FEMALE)[0] >= 20 > rate("2009_cr", 2.5, None, 70, FEMALE)[0]


# Expected values worked from the published formula in scalar arithmetic, outside the code under test.
@pytest.mark.parametrize(
    ("creatinine", "age", "sex", "lo", "hi"),
    [
        pytest.param(1.4, 60.0, MALE, 57.5394, 57.5394, id="all known: one value"),
        pytest.param(0.7, 45.0, EITHER, 108.6234, 115.7990, id="sex not known: from the woman's to the man's"),
        pytest.param(2.0, 60.0, (-INF, INF), 28.0731, 37.5045, id="sex missing altogether: the same hull"),
        pytest.param(1.4, (60.0, 61.0), MALE, 57.1827, 57.5394, id="age to the year"),
        pytest.param(1.4, (80.0, INF), MALE, 0.0, 50.8096, id="age 80 and over: no lower end"),
        pytest.param((-INF, 0.3), 60.0, MALE, 136.2444, INF, id="below detection: no upper end"),
        pytest.param((0.0, 0.3), 60.0, MALE, 136.2444, INF, id="between 0 and the limit: the same"),
        pytest.param((15.0, INF), 60.0, MALE, 0.0, 3.3420, id="above the measuring range: no lower end"),
        pytest.param((1.0, 1.4), 60.0, MALE, 57.5394, 86.1624, id="between two values"),
        pytest.param((-INF, INF), 60.0, MALE, -INF, INF, id="creatinine missing"),
        pytest.param(None, 60.0, MALE, -INF, INF, id="no column of creatinine"),
        pytest.param(1.4, (-INF, INF), MALE, -INF, INF, id="age missing: may be a child"),
        pytest.param(1.4, 17.99, MALE, -INF, INF, id="under 18: the equations do not hold"),
        pytest.param(1.4, (17.0, 19.0), MALE, -INF, INF, id="perhaps under 18"),
        pytest.param(1.4, (0.0, INF), MALE, -INF, INF, id="some age or other"),
        pytest.param(1.4, 18.0, MALE, 74.7150, 74.7150, id="18 to the day"),
    ],
)
def test_partly_known_inputs(
    creatinine: tuple[float, float] | float | None, age: tuple[float, float] | float, sex: tuple[float, float], lo: float, hi: float
) -> None:
    assert rate("2021_cr", creatinine, None, age, sex) == (pytest.approx(lo, abs=0.005), pytest.approx(hi, abs=0.005))


@pytest.mark.parametrize(
    ("equation", "creatinine", "cystatin"),
    [("2012_cys", 1.4, None), ("2012_cr_cys", 1.4, None), ("2021_cr_cys", None, 1.2), ("2021_cr_cys", 1.4, (-INF, INF)), ("2021_cr_cys", (-INF, INF), 1.2)],
)
def test_an_equation_without_one_of_its_inputs_says_nothing(equation: str, creatinine: float | None, cystatin: float | None) -> None:
    assert rate(equation, creatinine, cystatin, 60, MALE) == (-INF, INF)


def test_an_equation_does_not_look_at_what_it_does_not_need() -> None:
    assert rate("2012_cys", (-INF, INF), 1.2, 60, MALE) == rate("2012_cys", None, 1.2, 60, MALE)
    assert rate("2021_cr", 1.4, (-INF, INF), 60, MALE) == rate("2021_cr", 1.4, None, 60, MALE)


def test_exact_inputs_stay_exact() -> None:
    creatinine, age, sex = known(np.array([1.0, 2.5])), known(np.array([50.0, 70.0])), known(np.array([1.0, 0.0]))
    assert interval("2021_cr", creatinine, None, age, sex).exact


def test_an_exact_patient_among_others_keeps_one_value_to_the_last_bit() -> None:
    generator = np.random.default_rng(3)
    values = generator.lognormal(0.5, 0.6, 1001)
    lo, hi = values.copy(), values.copy()
    lo[::3], hi[::3] = -INF, INF
    age, sex = known(generator.uniform(18, 90, 1001)), known(generator.integers(0, 2, 1001).astype(float))
    alone = interval("2021_cr", known(values), None, age, sex)
    among = interval("2021_cr", Intervals(lo, hi), None, age, sex)
    exact = np.arange(1001) % 3 != 0
    assert np.array_equal(among.lo[exact], alone.lo[exact])
    assert np.array_equal(among.hi[exact], alone.lo[exact])


def test_no_patients() -> None:
    nobody = known(np.array([]))
    assert len(interval("2021_cr", nobody, None, nobody, nobody)) == 0


CONCENTRATIONS = st.floats(0.1, 30)
AGES = st.floats(18, 110)


@pytest.mark.parametrize("equation", EQUATIONS)
@given(creatinine=CONCENTRATIONS, cystatin=st.floats(0.2, 12), age=AGES, sex=st.sampled_from([FEMALE, MALE, EITHER]), more=st.floats(1.0001, 3))
def test_the_rate_falls_with_creatinine_cystatin_and_age(
    equation: str, creatinine: float, cystatin: float, age: float, sex: tuple[float, float], more: float
) -> None:
    base = rate(equation, creatinine, cystatin, age, sex)
    assert rate(equation, creatinine * more, cystatin, age, sex) <= base
    assert rate(equation, creatinine, cystatin * more, age, sex) <= base
    assert rate(equation, creatinine, cystatin, age * more, sex) < base


@pytest.mark.parametrize("equation", EQUATIONS)
@given(
    creatinine=st.tuples(CONCENTRATIONS, CONCENTRATIONS),
    cystatin=st.floats(0.2, 12),
    age=st.tuples(AGES, AGES),
    part=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    man=st.booleans(),
)
def test_an_interval_holds_every_value_it_allows(
    equation: str, creatinine: tuple[float, float], cystatin: float, age: tuple[float, float], part: tuple[float, float], man: bool
) -> None:
    """Whoever lies within the inputs lies within the result: narrowing an input never leaves it."""
    lo, hi = sorted(creatinine)
    young, old = sorted(age)
    low, high = rate(equation, (lo, hi), cystatin, (young, old), EITHER)
    inside = rate(equation, min(lo + part[0] * (hi - lo), hi), cystatin, min(young + part[1] * (old - young), old), MALE if man else FEMALE)
    assert low <= inside[0] * (1 + 1e-12)
    assert inside[1] <= high * (1 + 1e-12)


@pytest.mark.parametrize("equation", EQUATIONS)
@pytest.mark.parametrize(("sex", "knot"), [(FEMALE, 0.7), (MALE, 0.9)])
def test_the_two_slopes_meet_at_the_knots(equation: str, sex: tuple[float, float], knot: float) -> None:
    at = rate(equation, knot, 0.8, 60, sex)[0]
    for creatinine, cystatin in [(knot - 1e-9, 0.8), (knot + 1e-9, 0.8), (knot, 0.8 - 1e-9), (knot, 0.8 + 1e-9)]:
        assert rate(equation, creatinine, cystatin, 60, sex)[0] == pytest.approx(at, rel=1e-7)


def test_the_equations_say_what_they_need() -> None:
    assert {name: (equation.needs_creatinine, equation.needs_cystatin) for name, equation in EQUATIONS.items()} == {
        "2021_cr": (True, False),
        "2009_cr": (True, False),
        "2012_cys": (False, True),
        "2012_cr_cys": (True, True),
        "2021_cr_cys": (True, True),
    }


def test_a_million_patients_take_a_small_part_of_a_screening() -> None:
    """Measured against a plain exponential of the same size, so that a slow machine does not fail it."""
    generator = np.random.default_rng(7)
    size = 1_000_000
    creatinine, age = generator.lognormal(0.5, 0.6, size), generator.uniform(18, 90, size)
    sex = generator.integers(0, 2, size).astype(np.float64)
    lo, hi = creatinine.copy(), creatinine.copy()
    lo[::4], hi[::4] = -INF, INF
    unit = min(_seconds(lambda: np.exp(age)) for _ in range(3))
    taken = min(_seconds(lambda: interval("2021_cr", Intervals(lo, hi), None, known(age), known(sex)).lo) for _ in range(3))
    assert taken < max(0.150, 40 * unit)


def _seconds(work: object) -> float:
    assert callable(work)
    start = time.perf_counter()
    result: Floats = work()
    assert len(result)
    return time.perf_counter() - start
