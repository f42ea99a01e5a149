"""The synthetic clinic against the figures it is calibrated to, with arithmetic of the tests' own: no screening code.

[V] figures were read in a published source, [M] are from memory; the any-fail rates come from an earlier simulation of the same recipe (400,000 patients).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from feasibility.synthetic import INDEX_DATE, SAMPLE_PATIENTS, SAMPLE_SEED, Completeness, LongTables, long, wide, write_sample
from feasibility.synthetic.draw import correlation, creatinine_of

FAIL, UNKNOWN, PASS = 0, 1, 2
PATIENTS = 50_000


@pytest.fixture(scope="module")
def complete() -> pd.DataFrame:
    return wide(PATIENTS, np.random.default_rng(11), completeness=Completeness.COMPLETE)


@pytest.fixture(scope="module")
def recorded() -> pd.DataFrame:
    return wide(PATIENTS, np.random.default_rng(11))


@pytest.fixture(scope="module")
def few() -> pd.DataFrame:
    return wide(1_500, np.random.default_rng(12))


@pytest.fixture(scope="module")
def few_long(few: pd.DataFrame) -> LongTables:
    return long(few)


def age(frame: pd.DataFrame, at: str = "index_date") -> pd.Series:
    return (frame[at] - frame["birth_date"]).dt.days / 365.25


def egfr(frame: pd.DataFrame) -> pd.Series:
    """CKD-EPI 2021 as published [V]."""
    male = frame["sex"] == "male"
    ratio = frame["creatinine_mg_dl"] / np.where(male, 0.9, 0.7)
    alpha = np.where(male, -0.302, -0.241)
    return 142 * ratio.clip(upper=1) ** alpha * ratio.clip(lower=1) ** -1.2 * 0.9938 ** age(frame, "creatinine_date") * np.where(male, 1, 1.012)


def outcome(passes: pd.Series, unknown: pd.Series | bool = False) -> np.ndarray:
    return np.where(unknown, UNKNOWN, np.where(passes, PASS, FAIL))


def outcomes(frame: pd.DataFrame) -> pd.DataFrame:
    """The data-driven criteria of NCT06969807, naively, a column each; blood pressure by the latest visit."""
    f, index = frame, frame["index_date"]

    def since(**window: int) -> pd.Series:
        return index - pd.DateOffset(**window)

    def load(column: str) -> pd.Series:
        return f[column].replace({"not detected": "0", "<10": "0"}).astype("float64")

    years = np.floor(age(f))
    first, second = f["up24_1_g"], f["up24_2_g"]
    apart = (f["up24_2_date"] - f["up24_1_date"]).dt.days >= 7
    latest = second.fillna(first)
    protein = np.where((latest < 3.5) | (apart & (first < 3.5)), FAIL, np.where(apart & (latest >= 3.5), PASS, UNKNOWN))
    biopsied = f["biopsy_dx"].isin(["DN", "mixed"]) & (f["biopsy_date"] >= since(years=10))
    other_disease = f["biopsy_dx"].isin(["mixed", "NDRD"]) | (f["ndrd_code"] == "yes")
    start, end = f["immunosupp_start"], f["immunosupp_end"].fillna(index)
    steroid = f["immunosupp_name"].isin(["prednisone", "methylprednisolone"])
    suppressed = start.notna() & (end >= since(days=30)) & ((end - start).dt.days > 7) & (f["immunosupp_route"] == "systemic") & ~steroid
    heart = (f["af"] == "yes") | (f["chd"] == "yes") | f["nyha"].isin(["III", "IV"]) | (f["unstable_angina_date"] >= since(months=6))
    infarct = f["stroke_date"] >= since(months=6)
    counts = infarct & ((f["stroke_lacunar"] == "no") | (f["stroke_residual"] == "yes"))
    excepted = (f["stroke_lacunar"] == "yes") & (f["stroke_residual"] == "no")
    ldl_unknown = f["ldl_mmol_l"].isna() | ((f["ldl_method"] == "calculated") & (f["tg_mmol_l"] >= 4.5))
    lipids = (f["tg_mmol_l"] >= 6.2) | ((f["ldl_mmol_l"] >= 4.1) & ~ldl_unknown)
    potassium = f["potassium_2_mmol_l"].fillna(f["potassium_1_mmol_l"])
    repeated = (f["potassium_2_date"] - f["potassium_1_date"]).dt.days.between(3, 30)
    high = potassium > 5.5
    confirmed = (repeated & (f["potassium_1_mmol_l"] > 5.5)) | (f["k_binder"] == "yes")
    dna, rna = load("hbv_dna_iu_ml"), load("hcv_rna_iu_ml")
    hbv = outcome((f["hbsag"] == "negative") | (dna <= 20), f["hbsag"].isna() | ((f["hbsag"] == "positive") & dna.isna()))
    hcv = outcome((f["anti_hcv"] == "negative") | (rna <= 15), f["anti_hcv"].isna() | ((f["anti_hcv"] == "positive") & rna.isna()))
    immune = outcome(~((f["hiv"] == "yes") | (f["tb_active"] == "yes") | (f["immunodeficiency"] == "yes")))
    cancer = f[["cancer_date", "cancer_last_treatment"]].max(axis=1)
    infected = f["iv_abx_start"].notna() & (f["iv_abx_end"].fillna(index) >= since(days=7)) & (f["infection"] == "yes")
    return pd.DataFrame(
        {
            "I1": outcome(years.between(45, 80)),
            "I2": outcome((f["t2dm"] == "yes") & (f["t1dm"] != "yes")),
            "I3": outcome(biopsied, f["biopsy_dx"].isna()),
            "I4": np.minimum(protein, outcome(f["uacr_mg_g"] > 1000, f["uacr_mg_g"].isna())),
            "I5": outcome(egfr(f) >= 20, f["creatinine_mg_dl"].isna()),
            "I6": outcome((f["sbp_3"] <= 160) & (f["dbp_3"] <= 100), f["sbp_3"].isna()),
            "I7": outcome(f["hba1c_percent"] < 9, f["hba1c_percent"].isna()),
            "E1": outcome(~other_disease, f["biopsy_dx"].isna() & ~other_disease),
            "E2": outcome(~suppressed),
            "E3": outcome(~heart, ~heart & (f["heart_failure"] == "yes") & f["nyha"].isna()),
            "E4": outcome(~((f["ich_date"] >= since(months=6)) | counts), infarct & ~counts & ~excepted),
            "E5": outcome(~lipids, ~lipids & (ldl_unknown | f["tg_mmol_l"].isna())),
            "E6": outcome(~(high & confirmed), potassium.isna() | (high & ~confirmed & ~repeated)),
            "E7": np.minimum(np.minimum(hbv, hcv), immune),
            "E8": outcome(~(cancer >= since(years=5))),
            "E10": outcome(f["lactating"] != "yes"),
            "E11": outcome(~infected),
            "E12": outcome(~(f["other_trial_end"] >= since(months=3))),
        }
    )


# ---------------------------------------------------------------- marginals and correlations


@pytest.mark.parametrize(
    ("column", "mean", "sd", "off"),  # observed values; off: how far mean and SD may lie from the figures
    [
        ("age", 53, 10, 0.3),  # [M]
        ("egfr", 52, 27, 3.0),  # [M]; the ceiling on hyperfiltration costs some spread
        ("sbp_1", 147, 20, 0.5),  # [M]
        ("sbp_3", 147, 20, 0.5),
        ("dbp_3", 84, 12, 0.5),  # [M]
        ("hba1c_percent", 7.4, 1.6, 0.05),  # [M]
        ("ldl_mmol_l", 3.3, 1.3, 0.05),  # [M]
        ("potassium_1_mmol_l", 4.5, 0.5, 0.03),  # [M]
        ("weight_kg", 70, 12, 0.5),  # [M]
    ],
)
def test_observed_means_and_spreads(complete: pd.DataFrame, column: str, mean: float, sd: float, off: float) -> None:
    values = complete.assign(age=age(complete), egfr=egfr(complete))[column]
    assert values.mean() == pytest.approx(mean, abs=off)
    assert values.std() == pytest.approx(sd, abs=off)


@pytest.mark.parametrize(
    ("column", "quartiles", "off"),
    [("tg_mmol_l", (1.4, 2.0, 3.0), 0.1), ("up24_1_g", (4.5, 6.0, 8.5), 0.4), ("uacr_mg_g", (2200, 3300, 5100), 250)],  # [M]; UACR: only its median is given
)
def test_quartiles_of_the_skewed(complete: pd.DataFrame, column: str, quartiles: tuple[float, ...], off: float) -> None:
    assert complete[column].quantile([0.25, 0.5, 0.75]).tolist() == pytest.approx(quartiles, abs=off)


def test_within_person_variation(complete: pd.DataFrame) -> None:
    protein = np.log(complete["up24_2_g"] / complete["up24_1_g"]).std() / np.sqrt(2)
    systolic = (complete["sbp_3"] - complete["sbp_1"]).std() / np.sqrt(2)
    potassium = (complete["potassium_2_mmol_l"] - complete["potassium_1_mmol_l"]).std() / np.sqrt(2)
    assert np.sqrt(np.expm1(protein**2)) == pytest.approx(0.36, abs=0.02)  # 36–40 % [M]
    assert systolic / 147 == pytest.approx(0.07, abs=0.003)  # [M]
    assert potassium / 4.5 == pytest.approx(0.05, abs=0.003)  # [M]


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),  # of observed values: within-person variation makes them weaker than between true levels [M]
    [
        ("age", "egfr", -0.30, -0.20),
        ("egfr", "up24_1_g", -0.25, -0.10),
        ("up24_1_g", "sbp_1", 0.08, 0.25),
        ("up24_1_g", "ldl_mmol_l", 0.08, 0.30),
        ("up24_1_g", "tg_mmol_l", 0.06, 0.20),
        ("egfr", "potassium_1_mmol_l", -0.35, -0.22),
        ("egfr", "sbp_1", -0.17, -0.07),
        ("sbp_1", "dbp_1", 0.42, 0.55),
        ("age", "dbp_1", -0.27, -0.15),
        ("age", "sbp_1", 0.08, 0.18),
        ("hba1c_percent", "tg_mmol_l", 0.12, 0.22),
        ("age", "hba1c_percent", -0.18, -0.10),
        ("egfr", "hba1c_percent", 0.05, 0.13),
        ("ldl_mmol_l", "tg_mmol_l", 0.07, 0.17),
        ("age", "ldl_mmol_l", -0.13, -0.04),
        ("uacr_mg_g", "up24_1_g", 0.30, 0.60),
        ("uacr_mg_g", "egfr", -0.25, -0.08),
    ],
)
def test_correlations_have_the_sign_and_about_the_size_stated(complete: pd.DataFrame, one: str, other: str, low: float, high: float) -> None:
    values = complete.assign(age=age(complete), egfr=egfr(complete))[[one, other]]
    logs = np.log(values.where(values > 0).dropna())
    assert low <= logs.corr().iloc[0, 1] <= high


def test_the_correlation_matrix_is_one() -> None:
    matrix = correlation()
    assert np.allclose(np.diag(matrix), 1)
    assert np.linalg.eigvalsh(matrix).min() > 0


@pytest.mark.parametrize(
    ("male", "years", "expected", "creatinine"),
    [(True, 60.0, 57.5394, 1.4), (False, 60.0, 20.0005, 2.653), (False, 70.0, 20.1831, 2.5), (True, 80.0, 89.4655, 0.8), (False, 45.0, 108.6234, 0.7)],
)
def test_creatinine_is_the_published_equation_solved(male: bool, years: float, expected: float, creatinine: float) -> None:
    solved = creatinine_of(np.array([expected]), np.array([years]), np.array([male]))
    assert solved[0] == pytest.approx(creatinine, abs=1e-4)


# ---------------------------------------------------------------- screening and gaps


@pytest.mark.parametrize(("criterion", "percent"), [("I6", 29), ("E5", 28), ("I4", 22), ("I1", 21), ("I7", 16), ("E1", 12), ("I5", 4)])
def test_any_fail_with_complete_data(complete: pd.DataFrame, criterion: str, percent: float) -> None:
    assert 100 * (outcomes(complete)[criterion] == FAIL).mean() == pytest.approx(percent, abs=2)


def test_eligible_with_complete_data(complete: pd.DataFrame) -> None:
    worst = outcomes(complete).min(axis=1)
    assert 100 * (worst == PASS).mean() == pytest.approx(16, abs=1.5)
    assert 100 * (worst == UNKNOWN).mean() < 1


def test_eligible_and_undetermined_with_the_gaps_of_a_clinic(recorded: pd.DataFrame) -> None:
    worst = outcomes(recorded).min(axis=1)
    assert 100 * (worst == PASS).mean() == pytest.approx(6, abs=1)
    assert 100 * (worst == UNKNOWN).mean() == pytest.approx(12, abs=2)


def test_every_criterion_loses_somebody_in_the_sample() -> None:
    sample = outcomes(wide(SAMPLE_PATIENTS, np.random.default_rng(SAMPLE_SEED)))
    assert ((sample == FAIL).sum() > 0).all()
    assert {"I3", "I4", "I5", "I6", "I7", "E1", "E3", "E4", "E5", "E6", "E7"} <= set(sample.columns[(sample == UNKNOWN).any()])


@pytest.mark.parametrize(
    ("column", "percent"),  # [M]
    [
        ("up24_1_g", 15),
        ("up24_2_g", 40),
        ("uacr_mg_g", 15),
        ("ldl_mmol_l", 5),
        ("hba1c_percent", 5),
        ("potassium_1_mmol_l", 3),
        ("creatinine_mg_dl", 2),
        ("sbp_3", 2),
        ("hbsag", 3),
        ("biopsy_dx", 2),
    ],
)
def test_missing(recorded: pd.DataFrame, complete: pd.DataFrame, column: str, percent: float) -> None:
    assert 100 * recorded[column].isna().mean() == pytest.approx(percent, abs=1)
    assert complete[column].notna().all()


def test_most_heart_failure_has_no_class(recorded: pd.DataFrame, complete: pd.DataFrame) -> None:
    failing = recorded["heart_failure"] == "yes"
    assert recorded.loc[failing, "nyha"].isna().mean() == pytest.approx(0.70, abs=0.03)  # [M]
    assert recorded.loc[~failing, "nyha"].isna().all()
    assert complete.loc[failing, "nyha"].isin(["III", "IV"]).mean() == pytest.approx(0.23, abs=0.03)  # 20–25 % [M]


def test_gaps_depend_on_age_and_site(recorded: pd.DataFrame) -> None:
    gap = recorded["uacr_mg_g"].isna()
    by_site = gap.groupby(recorded["site"]).mean()
    assert by_site["D"] > 1.5 * by_site["A"]
    assert gap[age(recorded) > 60].mean() > gap[age(recorded) < 46].mean()


def test_gaps_blank_what_was_there_and_change_nothing_else(recorded: pd.DataFrame, complete: pd.DataFrame) -> None:
    for column in complete:
        there = recorded[column].notna()
        pd.testing.assert_series_equal(recorded.loc[there, column], complete.loc[there, column])


@pytest.mark.parametrize(
    ("column", "value", "low", "high"),
    [
        ("heart_failure", "yes", 6, 12),  # [M]
        ("af", "yes", 2, 4),  # 2.3 % of Chinese adults [V]
        ("hbsag", "positive", 4.5, 5.6),  # [V]
        ("anti_hcv", "positive", 0.5, 0.9),  # [M]
        ("hiv", "yes", 0.03, 0.2),  # [M]
        ("tb_active", "yes", 0.2, 0.4),  # [M]
        ("biopsy_dx", "mixed", 5.5, 6.5),  # [V] nationally
        ("sex", "male", 69, 71),  # [M]
    ],
)
def test_shares(complete: pd.DataFrame, column: str, value: str, low: float, high: float) -> None:
    assert low <= 100 * (complete[column] == value).mean() <= high


def test_stroke_and_its_causes(complete: pd.DataFrame) -> None:
    stroke = complete["stroke_date"].notna()
    recent = complete["stroke_date"] >= pd.Timestamp(INDEX_DATE) - pd.DateOffset(months=6)
    assert 0.12 <= stroke.mean() <= 0.16  # [M]
    assert 0.015 <= recent.mean() <= 0.028  # 1.5–2.5 % [M], and those put at the window's edge
    assert age(complete)[stroke].mean() > age(complete).mean() + 1
    assert complete.loc[complete["af"] == "yes", "heart_failure"].eq("yes").mean() > 0.2


# ---------------------------------------------------------------- what holds of every cohort


def test_nothing_lies_after_the_index_date_and_everything_after_birth(recorded: pd.DataFrame) -> None:
    dates = recorded.select_dtypes("datetime")
    for column in dates:
        assert (dates[column].dropna() <= pd.Timestamp(INDEX_DATE)).all(), column
        assert (dates[column].dropna() >= recorded.loc[dates[column].notna(), "birth_date"]).all(), column


def test_measurements_are_of_the_last_year_and_mostly_recent(complete: pd.DataFrame) -> None:
    measured = ("up24", "uacr", "creatinine", "bp", "hba1c", "lipids", "potassium")
    columns = [column for column in complete if column.startswith(measured) and column.endswith("_date")]
    assert len(columns) == 11
    days = complete[columns].rsub(complete["index_date"], axis=0).apply(lambda column: column.dt.days)
    assert days.max().max() <= 365
    assert (days.median() < 100).all()
    assert days["creatinine_date"].median() < 30


def test_collections_are_mostly_a_week_apart(complete: pd.DataFrame) -> None:
    apart = (complete["up24_2_date"] - complete["up24_1_date"]).dt.days
    assert apart.min() >= 1
    assert 0.95 < (apart >= 7).mean() < 1


def test_ends_follow_starts_and_some_are_blank(recorded: pd.DataFrame) -> None:
    for start, end in (("immunosupp_start", "immunosupp_end"), ("iv_abx_start", "iv_abx_end"), ("cancer_date", "cancer_last_treatment")):
        began, ended = recorded[start].notna(), recorded[end].notna()
        assert (recorded[end] >= recorded[start])[ended].all()
        assert 0 < (began & ended).sum() < began.sum()
        assert not (ended & ~began).any()


def test_systolic_exceeds_diastolic_and_a_visit_is_whole(recorded: pd.DataFrame) -> None:
    for visit in (1, 2, 3):
        parts = recorded[[f"sbp_{visit}", f"dbp_{visit}", f"bp_{visit}_date"]]
        assert parts.isna().nunique(axis=1).eq(1).all()
        assert (parts[f"sbp_{visit}"] > parts[f"dbp_{visit}"])[parts.notna().all(axis=1)].all()


@pytest.mark.parametrize("patients", [0, 1, 3, 12_345])
def test_each_patient_once(patients: int) -> None:
    frame = wide(patients, np.random.default_rng(1))
    assert len(frame) == frame["patient_id"].nunique() == patients
    assert frame["patient_id"].is_monotonic_increasing


def test_the_same_seed_gives_the_same_patients_and_another_does_not() -> None:
    first, again, other = (wide(300, np.random.default_rng(seed)) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


# ---------------------------------------------------------------- long tables and files

VALUES_AND_DATES = {  # variable: its columns of values and of dates in the wide file
    "urine_protein_24h": [("up24_1_g", "up24_1_date"), ("up24_2_g", "up24_2_date")],
    "uacr": [("uacr_mg_g", "uacr_date")],
    "creatinine": [("creatinine_mg_dl", "creatinine_date")],
    "cystatin_c": [("cystatin_c_mg_l", None)],
    "sbp": [("sbp_1", "bp_1_date"), ("sbp_2", "bp_2_date"), ("sbp_3", "bp_3_date")],
    "dbp": [("dbp_1", "bp_1_date"), ("dbp_2", "bp_2_date"), ("dbp_3", "bp_3_date")],
    "hba1c": [("hba1c_percent", "hba1c_date")],
    "triglycerides": [("tg_mmol_l", "lipids_date")],
    "ldl": [("ldl_mmol_l", "lipids_date")],
    "total_cholesterol": [("total_cholesterol_mmol_l", "lipids_date")],
    "potassium": [("potassium_1_mmol_l", "potassium_1_date"), ("potassium_2_mmol_l", "potassium_2_date")],
    "hbv_dna": [("hbv_dna_iu_ml", None)],
    "hcv_rna": [("hcv_rna_iu_ml", None)],
    "nyha": [("nyha", None)],
}
YES = {  # event: its yes/no column
    "t2dm": "t2dm",
    "t1dm": "t1dm",
    "non_diabetic_kidney_disease": "ndrd_code",
    "potassium_binder": "k_binder",
    "hiv": "hiv",
    "tuberculosis": "tb_active",
    "immunodeficiency": "immunodeficiency",
    "atrial_fibrillation": "af",
    "congenital_heart_disease": "chd",
    "heart_failure": "heart_failure",
    "infection": "infection",
    "pregnant": "pregnant",
    "lactating": "lactating",
}
DATED = {  # event: its columns for start, end and fields, in the wide file; names of the fields in the events table
    "kidney_biopsy": (["biopsy_date", None, "biopsy_dx"], ["biopsy_dx"]),
    "unstable_angina": (["unstable_angina_date", None], []),
    "cerebral_haemorrhage": (["ich_date", None], []),
    "cerebral_infarction": (["stroke_date", None, "stroke_lacunar", "stroke_residual"], ["stroke_lacunar", "stroke_deficits"]),
    "immunosuppressant": (
        ["immunosupp_start", "immunosupp_end", "immunosupp_name", "immunosupp_route"],
        ["immunosuppressant_class", "immunosuppressant_route"],
    ),
    "malignancy": (["cancer_date", "cancer_last_treatment", "cancer_site"], ["cancer_site"]),
    "iv_antibiotic": (["iv_abx_start", "iv_abx_end"], []),
    "other_trial": ([None, "other_trial_end"], []),
}
Row = tuple[str, ...]


def printed(cell: object) -> str:
    if pd.isna(cell):
        return ""
    if isinstance(cell, pd.Timestamp):
        return cell.strftime("%Y-%m-%d")
    return str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell).removesuffix(".0")


def rows(*columns: pd.Series) -> list[Row]:
    return sorted(tuple(printed(cell) for cell in row) for row in zip(*columns, strict=True))


@pytest.mark.parametrize("variable", VALUES_AND_DATES)
def test_long_measurements_are_those_of_the_wide_table(few: pd.DataFrame, few_long: LongTables, variable: str) -> None:
    expected: list[Row] = []
    for value, day in VALUES_AND_DATES[variable]:
        there = few[few[value].notna()]
        expected += rows(there["patient_id"], there[value], there[day] if day else pd.Series(pd.NaT, index=there.index))
    table = few_long.measurements.query("variable == @variable")
    assert rows(table["patient_id"], table["value"], table["date"]) == sorted(expected)
    assert expected or variable == "hcv_rna"


@pytest.mark.parametrize("event", [*YES, *DATED])
def test_long_events_are_those_of_the_wide_table(few: pd.DataFrame, few_long: LongTables, event: str) -> None:
    table = few_long.events.query("event == @event and patient_id.notna()")
    if event in YES:
        there = few[few[YES[event]] == "yes"]
        assert rows(table["patient_id"]) == rows(there["patient_id"])
        assert table[["start", "end"]].isna().all(axis=None)
        return
    columns, fields = DATED[event]
    there = few[few[[column for column in columns if column]].notna().any(axis=1)]
    empty = pd.Series(pd.NaT, index=there.index)
    assert rows(there["patient_id"], *(there[column] if column else empty for column in columns)) == rows(
        *(table[column] for column in ["patient_id", "start", "end", *fields])
    )


def test_long_tables_hold_nothing_else_and_say_what_they_cover(few: pd.DataFrame, few_long: LongTables) -> None:
    assert set(few_long.measurements["variable"]) <= set(VALUES_AND_DATES)
    declared = few_long.events[few_long.events["patient_id"].isna()]
    assert sorted(declared["event"]) == sorted([*YES, *DATED])
    assert declared.drop(columns=["patient_id", "event"]).isna().all(axis=None)
    assert set(few_long.events["event"]) == set(declared["event"])
    carried = {column for pairs in VALUES_AND_DATES.values() for pair in pairs for column in pair if column} | set(YES.values())
    carried |= {column for columns, _ in DATED.values() for column in columns if column}
    assert carried | set(few_long.patients) == set(few)
    pd.testing.assert_frame_equal(few_long.patients, few[list(few_long.patients)])


def test_the_sample_files_are_what_the_command_writes(tmp_path: Path) -> None:
    write_sample(tmp_path)
    kept = Path(__file__).parents[2] / "sample_data"
    written = sorted(tmp_path.iterdir())
    assert [path.name for path in written] == ["dkd_events.csv", "dkd_measurements.csv", "dkd_patients.csv", "dkd_wide.csv"]
    for path in written:
        assert path.stat().st_size < 1_000_000
        new, old = path.read_text(encoding="utf-8").splitlines(), (kept / path.name).read_text(encoding="utf-8").splitlines()
        assert len(new) == len(old)
        different = sum(one != other for one, other in zip(new, old, strict=True))
        assert different <= len(new) / 200, path.name  # the last bit of an exponential, and so a rounding, may differ between processors
