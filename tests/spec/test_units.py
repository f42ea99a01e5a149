"""Units: how they are written, what they convert to, and that the same data in another unit give the same comparisons."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feasibility.units import Conversion, convert, recognise, round_significant
from feasibility.variables import builtin_catalogue

CATALOGUE = builtin_catalogue()

WRITINGS = """
 variable          | written                                                                                        | is
 creatinine        | µmol/L, μmol/l, umol/L, UMOL/L, umol_l, µmol·L⁻¹, umol L-1, 微摩尔/升, ｕmol/L                  | µmol/L
 creatinine        | mg/dL, mg/dl, MG/DL, mg_dl, mg/100 mL, mg%, mg per dL, mg/dL creatinine                        | mg/dL
 creatinine        | mmol/L                                                                                         | mmol/L
 potassium         | mmol/L, mmol/l, mmol_l, 毫摩尔/升                                                                | mmol/L
 potassium         | mEq/L, meq/l                                                                                   | mEq/L
 urine_protein_24h | g/24h, g/24 h, g/24hr, g/24 hrs, g/d, g/day, g_24h, g/24小时, 克/24小时, g/24 hours              | g/24h
 urine_protein_24h | mg/24h, mg/24hr, mg/d, mg/day, mg_24h, 毫克/24小时                                               | mg/24h
 urine_protein_24h | g, G, 克                                                                                        | g
 uacr              | mg/g, mg_g, mg/g Cr, mg/gCr, mg/g creat, mg/g{creat}, mg/g creatinine, mg/g_creatinine          | mg/g
 uacr              | mg/mmol, mg/mmol Cr, mg_mmol, MG/MMOL                                                          | mg/mmol
 uacr              | µg/mg, ug/mg, mcg/mg, μg/mg creatinine                                                         | µg/mg
 uacr              | mg/mg                                                                                          | mg/mg
 hba1c             | %, ％, percent, pct, % NGSP, %(NGSP), %{Hb}, % Hb                                               | %
 hba1c             | mmol/mol, mmol/mol IFCC, IFCC mmol/mol, mmol_mol_ifcc, mmol/mol (IFCC), mmol_mol, mmol/mol{Hb}  | mmol/mol
 sbp               | mmHg, mm Hg, mm[Hg], MMHG, 毫米汞柱                                                              | mmHg
 sbp               | kPa, kpa                                                                                       | kPa
 egfr_reported     | mL/min/1.73m2, mL/min/1.73 m², ml/min/1.73m^2, mL/min/{1.73_m2}, ml_min_1_73m2, mL/(min·1.73m²) | mL/min/1.73m²
 egfr_reported     | mL/min per 1.73 m², mL/min/1.73 ㎡, mL/min/1.73                                                 | mL/min/1.73m²
 hbv_dna           | IU/mL, iu/ml, [IU]/mL, iu_ml, 国际单位/毫升                                                      | IU/mL
 hbv_dna           | copies/mL, {copies}/mL, copy/mL, 拷贝/mL, cps/ml                                                | copies/mL
 hbv_dna           | log10 IU/mL, log IU/mL, lgIU/mL, Log10(IU/mL)                                                  | log10 IU/mL
 weight            | kg, KG, kgs, 公斤, 千克                                                                          | kg
 weight            | lb, lbs, pounds                                                                                | lb
 age               | years, yr, yrs, y, 岁, 周岁                                                                      | years
 uacr              | mg/g Krea, mg/g Kreatinin, mg/g Creatinin, mg/g créatinine, mg/g de créatinine, mg/g di creatinina | mg/g
 uacr              | mg/g creatinina, mg Alb/g Krea, mg/g kreatinine, mg/gKrea                                       | mg/g
 uacr              | mg/mmol Krea, mg/mmol créat, mg/mmol Kreatinin                                                  | mg/mmol
 urine_protein_24h | g/Tag, g/24 Std, g/24 Std., g/24 Stunden, g/24 heures, g/24 horas, g/24 ore, g/die, g/jour      | g/24h
 urine_protein_24h | g/día, g/dia, g/giorno, g/24 uur, g/etmaal, g/Tg.                                               | g/24h
 urine_protein_24h | mg/Tag, mg/24 Stunden, mg/die                                                                  | mg/24h
 hbv_dna           | IE/ml, UI/mL, U.I./mL, I.E./ml                                                                 | IU/mL
 hbv_dna           | log10 IE/ml, log UI/mL                                                                         | log10 IU/mL
 hbv_dna           | Kopien/ml, copias/mL, copies/ml, Cop/mL                                                        | copies/mL
 egfr_reported     | ml/min/1,73m², ml/min/1,73 m2, mL/min/1,73 qm, ml/min pro 1,73 m²                              | mL/min/1.73m²
 creatinine        | mcmol/L                                                                                        | µmol/L
 potassium         | mval/l, mVal/L                                                                                 | mEq/L
 hba1c             | % HbA1c                                                                                        | %
 hba1c             | mmol/mol HbA1c                                                                                 | mmol/mol
 haemoglobin       | g/L, g/l, g_l, 克/升                                                                             | g/L
"""

NEVER = """
 variable          | written
 creatinine        | mmol, mol/L, g/dL, µmol, ng/dL, , ?, 1, mg/dL/24h
 triglycerides     | mg, mmol, U/L, mmol/mol
 uacr              | mg/g Protein, mg/Tag, mg/g/Tag, mg/g Gewebe
 urine_protein_24h | g/Woche, g/12 Std, g/l/Tag, g/h
 hbv_dna           | E/ml, kIE/l, Kopien/l
 potassium         | val/l
 hbv_dna           | U/mL, mIU/mL, kU/mL, 10^3 IU/mL, log10 copies/mL, IU
 egfr_reported     | mL/min, mL/min/m2, ml/min/1.75m2
 uacr              | mg/L, mg/dL, mg, µg/min, mg/24h
 urine_protein_24h | g/L, mg/dL, g/g, g/12h
 hba1c             | mmol/L, % JDS, mg/dL, % IFCC, IFCC %, %(IFCC), IFCC
 sbp               | mm, cmH2O, Pa
 weight            | st, pound-force
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


@pytest.mark.parametrize(("variable", "written", "unit"), [(row[0], text.strip(), row[2]) for row in rows(WRITINGS) for text in row[1].split(", ")])
def test_every_way_of_writing_a_unit_finds_it(variable: str, written: str, unit: str) -> None:
    assert CATALOGUE[variable].recognise_unit(written) == unit


@pytest.mark.parametrize(("variable", "written"), [(row[0], text.strip()) for row in rows(NEVER) for text in row[1].split(", ")])
def test_what_is_not_accepted_is_never_guessed(variable: str, written: str) -> None:
    assert CATALOGUE[variable].recognise_unit(written) is None


def test_nothing_is_recognised_where_nothing_is_accepted() -> None:
    assert recognise("mg/dL", []) is None
    assert recognise("", ["", "mg"]) is None


# variable, unit, value, what it is in the canonical unit (9 significant digits)
FACTS = """
 variable          | unit          | value  | canonical
 creatinine        | µmol/L        | 88.4   | 1.0
 creatinine        | mmol/L        | 0.0884 | 1.0
 creatinine        | mg/L          | 10     | 1.0
 uacr              | mg/mmol       | 100    | 884
 uacr              | g/g           | 1.2    | 1200
 uacr              | µg/mg         | 1000   | 1000
 hba1c             | mmol/mol      | 75     | 9.013
 hba1c             | mmol/mol      | 74     | 8.92152
 hba1c             | fraction      | 0.09   | 9
 triglycerides     | mg/dL         | 88.57  | 1
 triglycerides     | mg/dL         | 100    | 1.12905047
 triglycerides     | g/L           | 0.8857 | 1
 ldl               | mg/dL         | 38.67  | 1
 total_cholesterol | mg/dL         | 200    | 5.17196793
 potassium         | mEq/L         | 5.5    | 5.5
 potassium         | mg/dL         | 21.505 | 5.5
 sbp               | kPa           | 20     | 150.012
 urine_protein_24h | mg/24h        | 3500   | 3.5
 urine_protein_24h | g             | 3.5    | 3.5
 urine_volume_24h  | L             | 1.85   | 1850
 cystatin_c        | mg/dL         | 0.12   | 1.2
 cystatin_c        | nmol/L        | 74.9   | 1
 hbv_dna           | copies/mL     | 112    | 20
 hbv_dna           | log10 IU/mL   | 3      | 1000
 haemoglobin       | g/L           | 131    | 13.1
 weight            | lb            | 100    | 45.359237
 weight            | 斤            | 120    | 60
 egfr_reported     | mL/s/1.73m²   | 0.5    | 30
"""


@pytest.mark.parametrize("row", rows(FACTS), ids=lambda row: f"{row[2]} {row[1]} {row[0]}")
def test_conversions_as_published(row: list[str]) -> None:
    name, unit, value, canonical = row
    assert convert(np.array([float(value)]), CATALOGUE[name].conversion(unit)).tolist() == [float(canonical)]


def test_the_published_pairs_of_the_albumin_creatinine_ratio() -> None:
    """FIDELIO-DKD prints 300 mg/g = 33.9 and 5000 mg/g = 565 mg/mmol; from the molar mass 1000 mg/g = 113.12 mg/mmol."""
    for mg_g, mg_mmol, printed in [(300, 33.9, 0.05), (5000, 565, 1), (1000, 113.12, 0.005)]:
        assert mg_g / CATALOGUE["uacr"].conversion("mg/mmol").factor == pytest.approx(mg_mmol, abs=printed)


def test_hba1c_of_9_percent_lies_between_74_and_75_mmol_per_mol() -> None:
    below, above = convert(np.array([74.0, 75.0]), CATALOGUE["hba1c"].conversion("mmol/mol"))
    assert below < 9 < above


# variable, threshold in the canonical unit, other unit, the threshold printed in it: its neighbours at the last printed digit fall on either side
BOUNDARIES = """
 variable      | threshold | other    | below  | above
 triglycerides | 6.2       | mg/dL    | 549.1  | 549.2
 ldl           | 4.1       | mg/dL    | 158.5  | 158.6
 uacr          | 1000      | mg/mmol  | 113.12 | 113.13
 potassium     | 5.5       | mg/dL    | 21.50  | 21.51
 creatinine    | 1.0       | µmol/L   | 88.3   | 88.5
 sbp           | 160       | kPa      | 21.33  | 21.34
"""


@pytest.mark.parametrize("row", rows(BOUNDARIES), ids=lambda row: row[0])
def test_thresholds_in_other_units(row: list[str]) -> None:
    name, threshold, unit, below, above = row
    lower, upper = convert(np.array([float(below), float(above)]), CATALOGUE[name].conversion(unit))
    assert lower < float(threshold) < upper


@pytest.mark.parametrize(
    ("name", "unit", "thresholds"),
    [
        ("triglycerides", "mg/dL", [2.3, 5.5, 6.2, 11.3]),
        ("ldl", "mg/dL", [2.6, 4.1, 6.5]),
        ("potassium", "mEq/L", [5.0, 5.5, 6.0]),
        ("potassium", "mg/dL", [5.0, 5.5, 6.0]),
        ("creatinine", "µmol/L", [0.7, 0.9, 1.0, 3.377]),
        ("uacr", "mg/mmol", [30.0, 300.0, 1000.0]),
        ("urine_protein_24h", "mg/24h", [0.5, 3.5, 6.0]),
        ("hba1c", "mmol/mol", [6.5, 7.0, 9.0]),
        ("sbp", "kPa", [130.0, 140.0, 160.0]),
        ("haemoglobin", "g/L", [9.0, 10.1]),
    ],
)
def test_a_value_at_the_threshold_stays_there_through_another_unit(name: str, unit: str, thresholds: list[float]) -> None:
    """Whoever exports in another unit with 10 significant digits reads back the very threshold, and so falls on the same side of it."""
    conversion = CATALOGUE[name].conversion(unit)
    printed = np.array([float(f"{(threshold - conversion.offset) / conversion.factor:.11g}") for threshold in thresholds])
    assert convert(printed, conversion).tolist() == thresholds


def test_values_already_canonical_are_only_rounded() -> None:
    for variable in CATALOGUE.variables.values():
        if variable.unit:
            values = np.array([5.5, 0.3, 4.1, 6.2, 1000.0, 0.0, np.inf, -np.inf])
            assert convert(values, variable.conversion(variable.unit)).tolist() == values.tolist()


def test_logarithms_beyond_any_float_are_infinite_without_a_warning() -> None:
    assert convert(np.array([400.0, -np.inf]), Conversion(1.0, log10=True)).tolist() == [np.inf, 0.0]


def as_python_rounds(values: np.ndarray) -> list[float]:
    return [float(f"{value:.9g}") for value in values.tolist()]


@pytest.mark.parametrize(
    "value",
    [0.3, 1e-5, 123456789.5, 123456788.5, 1234567.895, 6.2, 4.1, 1000.0, 999.9999999999, 5.5, 0.1 + 0.2, 1e15, 3e21, 1e-13, 5e-324, 1.7e308, 0.0, np.inf],
)
def test_rounding_gives_the_float_nearest_the_decimal(value: float) -> None:
    assert round_significant(np.array([value, -value])).tolist() == [float(f"{value:.9g}"), float(f"{-value:.9g}")]


@given(st.lists(st.floats(allow_nan=False), max_size=20))
def test_rounding_agrees_with_python_on_any_float(values: list[float]) -> None:
    array = np.array(values, dtype=np.float64)
    assert round_significant(array).tolist() == as_python_rounds(array)


def test_rounding_agrees_with_python_on_laboratory_values_and_on_ties() -> None:
    generator = np.random.default_rng(11)
    laboratory = np.round(generator.lognormal(2, 2, 50_000), 3)
    converted = laboratory * 0.0112905047
    ties = (generator.integers(10**8, 10**9, 50_000) * 10 + 5) / 10.0 ** generator.integers(0, 15, 50_000)
    for values in (laboratory, converted, ties, np.where(laboratory > 20, np.inf, laboratory)):
        assert round_significant(values).tolist() == as_python_rounds(values)
        assert np.array_equal(round_significant(round_significant(values)), round_significant(values))


def test_rounding_keeps_the_input() -> None:
    values = np.array([1.23456789012, 0.0, np.inf])
    before = values.copy()
    round_significant(values)
    assert np.array_equal(values, before)
    assert len(round_significant(np.array([]))) == 0


def test_rounding_a_million_values_is_quick() -> None:
    """Measured against sorting as many, so that a slow machine does not fail it."""
    values = np.random.default_rng(5).lognormal(2, 1.5, 1_000_000)
    values[::5] = np.inf
    assert min(_seconds(lambda: round_significant(values)) for _ in range(3)) < max(0.040, 2 * min(_seconds(lambda: np.sort(values)) for _ in range(2)))


def _seconds(work: object) -> float:
    assert callable(work)
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
