"""Drawing the clinic's patients: true levels first, then each measurement around them, then what the clinic failed to record is blanked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feasibility.cohort import DAYS_PER_YEAR
from feasibility.synthetic import clinic
from feasibility.synthetic.clinic import EVENT_SHARES, MARGINALS

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

INDEX_DATE = date(2026, 1, 31)


class Completeness(StrEnum):
    """What of a patient's data the file shows."""

    AS_RECORDED = "as recorded"  # with the gaps of a real clinic
    COMPLETE = "complete"  # every measurement taken: for checking the generator against the figures it is calibrated to


def wide(patients: int, rng: np.random.Generator, index_date: date = INDEX_DATE, completeness: Completeness = Completeness.AS_RECORDED) -> pd.DataFrame:
    """One row a patient, in the columns of ``sample_data/dkd_wide.csv``: numbers as float64, dates as datetime64, words as text, missing as NaN or NaT.

    The same generator state gives the same patients under either completeness: gaps are drawn last.
    """
    c = _clinic(patients, rng, np.datetime64(index_date, "D"))
    columns: dict[str, object] = _person(c) | _kidney(c) | _bloods(c) | _infections(c) | _heart_and_brain(c) | _exposures(c)
    assert set(columns) == set(clinic.COLUMNS), set(columns) ^ set(clinic.COLUMNS)
    frame = pd.DataFrame({name: columns.pop(name) for name in clinic.COLUMNS})
    if completeness is Completeness.AS_RECORDED:
        site_effects = np.array([effect for _, effect in clinic.SITES.values()])
        leaving_out = clinic.AGE_ON_MISSING * c.decades + site_effects[c.site]
        for share, together in clinic.MISSING:
            gap = _flags(rng, share, leaving_out)
            for column in together:
                frame[column] = frame[column].mask(gap)
    return frame


@dataclass(frozen=True, eq=False)
class _Clinic:
    """The patients' true levels (on the scale of ``MARGINALS``), from which all records are drawn. ``lag``: days since the latest visit."""

    n: int
    rng: np.random.Generator
    index: np.datetime64
    level: Mapping[str, Floats]
    age: Floats
    male: Flags
    site: Whole
    weight: Floats
    lag: Whole

    @property
    def decades(self) -> Floats:
        """Decades of age above the clinic's mean."""
        return (self.age - MARGINALS["age"].mean) / 10

    @property
    def hypertension(self) -> Floats:
        """Systolic pressure above the clinic's mean, in its spread."""
        return (self.level["sbp"] - MARGINALS["sbp"].mean) / MARGINALS["sbp"].spread

    def measured(self, name: str, decimals: int, lowest: float, highest: float) -> Floats:
        """One measurement of each patient around the true level, rounded as laboratories print it."""
        marginal = MARGINALS[name]
        value = self.level[name] + marginal.within * self.rng.standard_normal(self.n)
        return np.round(np.clip(np.exp(value) if marginal.log else _low_tail(value, marginal), lowest, highest), decimals)

    def ago(self, days: Whole) -> NDArray[np.datetime64]:
        return (self.index - days.astype("timedelta64[D]")).astype("datetime64[s]")

    def when(self, happened: Flags, days: Whole) -> NDArray[np.datetime64]:
        return np.where(happened, self.ago(days), np.datetime64("NaT"))


def _clinic(n: int, rng: np.random.Generator, index: np.datetime64) -> _Clinic:
    standard = np.linalg.cholesky(correlation()) @ rng.standard_normal((len(MARGINALS), n))
    level = {name: marginal.mean + marginal.between * z for (name, marginal), z in zip(MARGINALS.items(), standard, strict=True)}
    male = rng.random(n) < clinic.MALE
    weight = np.where(male, *clinic.WEIGHT_MEANS) + clinic.WEIGHT_SPREAD * rng.standard_normal(n)
    level["protein"] = level["protein"] + clinic.LOWER_PROTEIN_LOG_SHIFT * (rng.random(n) < clinic.LOWER_PROTEIN)
    level["potassium"] = level["potassium"] + clinic.RAASI_EFFECT * ((rng.random(n) < clinic.RAASI) - clinic.RAASI)
    level["ldl"] = _with_statin(level["ldl"], rng.random(n) < clinic.STATIN)
    site = _choice(rng, n, [share for share, _ in clinic.SITES.values()])
    recently = rng.exponential(clinic.DAYS_SINCE_VISIT, n) % 250
    lag = np.where(rng.random(n) < clinic.NOT_SEEN_LATELY, rng.uniform(60, 250, n), recently).astype(np.int64)
    return _Clinic(n, rng, index, level, np.clip(level["age"], 18.5, 92.0), male, site, np.clip(weight, 38, 140), lag)


def _with_statin(ldl: Floats, treated: Flags) -> Floats:
    """LDL with the treated lowered, the untreated set so that both together keep the clinic's mean and spread."""
    marginal = MARGINALS["ldl"]
    untreated = marginal.mean / (1 - clinic.STATIN * clinic.STATIN_EFFECT)
    fall = untreated * clinic.STATIN_EFFECT
    residual = np.sqrt(marginal.between**2 - clinic.STATIN * (1 - clinic.STATIN) * fall**2)
    return np.asarray(untreated - fall * treated + residual * (ldl - marginal.mean) / marginal.between)


def _low_tail(values: Floats, marginal: clinic.Marginal) -> Floats:
    """Values of a normal distribution with its far lower tail drawn out towards, never below, zero: a few would be negative."""
    bend = marginal.mean - 1.6 * marginal.spread
    return np.where(values < bend, bend * np.exp(np.minimum(values - bend, 0) / bend), values)


def _person(c: _Clinic) -> dict[str, object]:
    width = max(4, len(str(c.n)))
    type_1 = _flags(c.rng, EVENT_SHARES["type_1"], np.zeros(c.n))
    both = c.rng.random(c.n) < 0.3  # coded with both types
    type_2 = np.where(type_1, both, c.rng.random(c.n) < 0.995)
    return {
        "patient_id": pd.Series(np.char.mod(f"P%0{width}d", np.arange(1, c.n + 1)), dtype="str"),
        "sex": _words(c.male, ("female", "male")),
        "birth_date": c.ago(np.round(c.age * DAYS_PER_YEAR).astype(np.int64)),
        "index_date": c.ago(np.zeros(c.n, np.int64)),
        "site": _words(c.site, tuple(clinic.SITES)),
        "t2dm": _yes_no(type_2),
        "t1dm": _yes_no(type_1),
        "weight_kg": np.round(c.weight, 1),
    }


def _kidney(c: _Clinic) -> dict[str, object]:
    rng, n = c.rng, c.n
    dx = _choice(rng, n, list(clinic.BIOPSY_DX.values()))
    coded = rng.random(n) < np.array([clinic.NDRD_CODED[name] for name in clinic.BIOPSY_DX])[dx]
    biopsy_days = np.where(rng.random(n) < 0.02, rng.integers(3500, 5500, n), 1 + rng.exponential(800, n) % 3640).astype(np.int64)

    second = c.lag + rng.integers(0, 10, n)
    gap = np.where(rng.random(n) < 0.02, rng.integers(2, 7, n), 7 + np.floor(rng.exponential(20, n) % 75)).astype(np.int64)
    first = second + gap
    albumin_share = np.clip(rng.normal(*clinic.ALBUMIN_SHARE, n), 0.4, 0.95)
    excretion = np.where(c.male, 28.2 - 0.172 * c.age, 21.9 - 0.115 * c.age) * c.weight / 1000  # g creatinine a day
    uacr = np.exp(c.level["protein"] + clinic.UACR_WITHIN * rng.standard_normal(n)) * 1000 * albumin_share / excretion

    age_then = c.age - c.lag / DAYS_PER_YEAR
    ceiling = 1.15 * 142 * 0.9938**age_then  # beyond it the lognormal's tail would ask for creatinine nobody has
    egfr = np.minimum(np.exp(c.level["egfr"]), ceiling)
    creatinine = creatinine_of(egfr, age_then, c.male) * np.exp(MARGINALS["egfr"].within * rng.standard_normal(n))
    cystatin = cystatin_of(egfr, age_then, c.male) * np.exp(0.10 * rng.standard_normal(n))
    return {
        "biopsy_date": c.ago(biopsy_days),
        "biopsy_dx": _words(dx, tuple(clinic.BIOPSY_DX)),
        "ndrd_code": _yes_no(coded),
        "up24_1_g": c.measured("protein", 2, 0.05, 40),
        "up24_1_date": c.ago(first),
        "up24_2_g": c.measured("protein", 2, 0.05, 40),
        "up24_2_date": c.ago(second),
        "uacr_mg_g": np.round(np.clip(uacr, 5, 30_000)),
        "uacr_date": c.ago(c.lag + rng.integers(0, 15, n)),
        "creatinine_mg_dl": np.round(np.clip(creatinine, 0.3, 20), 2),
        "creatinine_date": c.ago(c.lag),
        "cystatin_c_mg_l": np.round(np.clip(cystatin, 0.4, 9), 2),
    }


def _bloods(c: _Clinic) -> dict[str, object]:
    rng, n = c.rng, c.n
    columns: dict[str, object] = {}
    days = c.lag
    for visit in (3, 2, 1):  # the third is the latest
        shared = rng.standard_normal(n)  # a hurried visit raises both pressures
        systolic = c.level["sbp"] + MARGINALS["sbp"].within * shared
        diastolic = c.level["dbp"] + MARGINALS["dbp"].within * (0.5 * shared + np.sqrt(0.75) * rng.standard_normal(n))
        columns[f"sbp_{visit}"] = np.round(np.clip(systolic, 82, 240))
        columns[f"dbp_{visit}"] = np.round(np.clip(np.minimum(diastolic, systolic - 15), 40, 140))
        columns[f"bp_{visit}_date"] = c.ago(days)
        days = days + rng.integers(10, 50, n)
    classes = 2.4 + 0.6 * c.hypertension + rng.standard_normal(n)
    tg, ldl = c.measured("tg", 2, 0.3, 30), c.measured("ldl", 2, 0.5, 12)
    hdl = np.clip(1.2 - 0.12 * np.log(tg / 2) / 0.56 + 0.25 * rng.standard_normal(n), 0.5, 2.8)
    potassium_days = c.lag + rng.integers(0, 7, n)
    repeat_gap = np.where(rng.random(n) < 0.06, rng.integers(1, 3, n), rng.integers(3, 31, n))
    return columns | {
        "antihypertensive_classes": np.clip(np.round(classes), 0, 6),
        "hba1c_percent": c.measured("hba1c", 1, 4, 16),
        "hba1c_date": c.ago(c.lag + rng.integers(0, 20, n)),
        "tg_mmol_l": tg,
        "ldl_mmol_l": ldl,
        "total_cholesterol_mmol_l": np.round(ldl + hdl + np.minimum(tg / 2.2, 3.0), 2),
        "lipids_date": c.ago(c.lag + rng.integers(0, 20, n)),
        "ldl_method": _words(rng.random(n) < 0.08, ("direct", "calculated")),
        "potassium_1_mmol_l": c.measured("potassium", 2, 2.8, 7.5),
        "potassium_1_date": c.ago(potassium_days + repeat_gap),
        "potassium_2_mmol_l": c.measured("potassium", 2, 2.8, 7.5),
        "potassium_2_date": c.ago(potassium_days),
        "k_binder": _yes_no(_flags(rng, EVENT_SHARES["potassium_binder"], 4.0 * (c.level["potassium"] - 4.5))),
    }


def _infections(c: _Clinic) -> dict[str, object]:
    rng, n = c.rng, c.n
    nowhere = np.zeros(n)
    hbsag, anti_hcv = _flags(rng, EVENT_SHARES["hbsag"], nowhere), _flags(rng, EVENT_SHARES["anti_hcv"], nowhere)
    iv = _flags(rng, EVENT_SHARES["iv_antibiotic"], nowhere)
    start = np.floor(rng.exponential(15, n)).astype(np.int64) + 1
    end = np.maximum(start - rng.integers(1, 14, n), 0)
    infection = (iv & (rng.random(n) < 0.9)) | (rng.random(n) < 0.01)  # the rest: prophylaxis; infections treated by mouth
    return {
        "hbsag": _words(hbsag, ("negative", "positive")),
        "hbv_dna_iu_ml": _viral_load(rng, hbsag, detected=0.40, undetected=("not detected", "<10")),
        "anti_hcv": _words(anti_hcv, ("negative", "positive")),
        "hcv_rna_iu_ml": _viral_load(rng, anti_hcv, detected=0.55, undetected=("not detected",)),
        "hiv": _yes_no(_flags(rng, EVENT_SHARES["hiv"], nowhere)),
        "tb_active": _yes_no(_flags(rng, EVENT_SHARES["tuberculosis"], nowhere)),
        "immunodeficiency": _yes_no(_flags(rng, EVENT_SHARES["immunodeficiency"], nowhere)),
        "infection": _yes_no(infection),
        "iv_abx_start": c.when(iv, start),
        "iv_abx_end": c.when(iv & (end > 0) & (rng.random(n) < 0.9), end),  # blank: still running, or nobody wrote it down
    }


def _heart_and_brain(c: _Clinic) -> dict[str, object]:
    rng, n = c.rng, c.n
    failure = _flags(rng, EVENT_SHARES["heart_failure"], 0.4 * c.decades - 0.5 * (c.level["egfr"] - MARGINALS["egfr"].mean))
    fibrillation = _flags(rng, EVENT_SHARES["atrial_fibrillation"], np.log(1.41) * c.decades + np.log(4.5) * failure)
    stroke = _flags(rng, EVENT_SHARES["stroke"], 0.45 * c.decades + 0.25 * c.hypertension)
    bleed = _flags(rng, EVENT_SHARES["haemorrhage"], 0.3 * c.decades + 0.4 * c.hypertension)
    angina = _flags(rng, EVENT_SHARES["unstable_angina"], 0.4 * c.decades)
    lacunar = rng.random(n) < 0.5
    residual = rng.random(n) < np.where(lacunar, 0.3, 0.65)
    return {
        "af": _yes_no(fibrillation),
        "chd": _yes_no(_flags(rng, EVENT_SHARES["congenital"], np.zeros(n))),
        "heart_failure": _yes_no(failure),
        "nyha": _words(np.where(failure, _choice(rng, n, list(clinic.NYHA.values())), -1), tuple(clinic.NYHA)),
        "unstable_angina_date": c.when(angina, _days_around(rng, n, 184, 2500, within=0.35)),
        "ich_date": c.when(bleed, _days_around(rng, n, 184, 4000, within=0.25)),
        "stroke_date": c.when(stroke, _days_around(rng, n, 184, 5000, within=0.12)),
        "stroke_lacunar": _words(np.where(stroke, lacunar, -1), ("no", "yes")),
        "stroke_residual": _words(np.where(stroke, residual, -1), ("no", "yes")),
    }


def _exposures(c: _Clinic) -> dict[str, object]:
    rng, n = c.rng, c.n
    treated = _flags(rng, EVENT_SHARES["immunosuppressant"], np.zeros(n))
    start = np.floor(rng.exponential(120, n)).astype(np.int64) + 2
    length = np.where(rng.random(n) < 0.2, rng.integers(2, 11, n), np.floor(10 + rng.exponential(120, n))).astype(np.int64)
    ended = (start - length > 0) & (rng.random(n) < 0.95)  # a few ends are not recorded: the course counts as running
    cancer = _flags(rng, EVENT_SHARES["malignancy"], 0.55 * c.decades + 0.2 * c.male)
    diagnosed = _days_around(rng, n, 1826, 4400, within=0.5)
    last_treated = np.maximum(diagnosed - rng.integers(20, 900, n), 0)
    site = _choice(rng, n, list(clinic.CANCER_SITES.values()))
    site = np.where((site == list(clinic.CANCER_SITES).index("low_risk_prostate")) & ~c.male, 0, site)
    elsewhere = _flags(rng, EVENT_SHARES["other_trial"], np.zeros(n))
    fertile = ~c.male & (c.age < 50)
    pregnant = fertile & (rng.random(n) < 0.012)
    lactating = fertile & ~pregnant & (rng.random(n) < 0.012)
    return {
        "immunosupp_start": c.when(treated, start),
        "immunosupp_end": c.when(treated & ended, start - length),
        "immunosupp_name": _words(np.where(treated, _choice(rng, n, list(clinic.DRUGS.values())), -1), tuple(clinic.DRUGS)),
        "immunosupp_route": _words(np.where(treated, rng.random(n) < 0.05, -1), ("systemic", "local")),
        "cancer_date": c.when(cancer, diagnosed),
        "cancer_last_treatment": c.when(cancer & (rng.random(n) < 0.6), last_treated),
        "cancer_site": _words(np.where(cancer, site, -1), tuple(clinic.CANCER_SITES)),
        "other_trial_end": c.when(elsewhere, _days_around(rng, n, 92, 700, within=0.5)),
        "pregnant": _words(np.where(c.male, -1, pregnant), ("no", "yes")),
        "lactating": _words(np.where(c.male, -1, lactating), ("no", "yes")),
    }


def creatinine_of(egfr: Floats, age: Floats, male: Flags) -> Floats:
    """Creatinine (mg/dL) that CKD-EPI 2021 turns into ``egfr`` (mL/min/1.73 m²) at ``age`` (decimal years): the published equation solved for creatinine."""
    knot = np.where(male, 0.9, 0.7)
    ratio = egfr / (142 * 0.9938**age * np.where(male, 1.0, 1.012))
    return knot * ratio ** np.where(ratio <= 1, 1 / -1.200, 1 / np.where(male, -0.302, -0.241))


def cystatin_of(egfr: Floats, age: Floats, male: Flags) -> Floats:
    """Cystatin C (mg/L) that CKD-EPI 2012 turns into ``egfr`` (mL/min/1.73 m²)."""
    ratio = egfr / (133 * 0.996**age * np.where(male, 1.0, 0.932))
    return 0.8 * ratio ** np.where(ratio <= 1, 1 / -1.328, 1 / -0.499)


def correlation() -> Floats:
    """The correlation matrix nearest to the table in the directions it can be: negative eigenvalues raised, diagonal restored."""
    names = list(MARGINALS)
    matrix = np.eye(len(names))
    for (one, other), rho in clinic.CORRELATIONS.items():
        i, j = names.index(one), names.index(other)
        matrix[i, j] = matrix[j, i] = rho
    values, vectors = np.linalg.eigh(matrix)
    matrix = vectors @ np.diag(np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(matrix))
    return np.asarray(matrix / np.outer(scale, scale))


def _flags(rng: np.random.Generator, share: float, score: Floats) -> Flags:
    """Who has it: log odds ``score`` plus the constant at which the expected share is ``share``."""
    constant = np.log(share / (1 - share))
    sample = score[:20_000]
    for _ in range(12):
        expected = 1 / (1 + np.exp(-(sample + constant)))
        constant += (share - expected.mean()) / max(float((expected * (1 - expected)).mean()), 1e-6) if sample.size else 0.0
    return np.asarray(rng.random(score.size) < 1 / (1 + np.exp(-(score + constant))))


def _choice(rng: np.random.Generator, n: int, shares: list[float]) -> Whole:
    """The number of one of the alternatives each, by their shares."""
    return np.minimum(np.searchsorted(np.cumsum(shares), rng.random(n), side="right"), len(shares) - 1).astype(np.int64)


def _days_around(rng: np.random.Generator, n: int, window: int, longest: int, within: float) -> Whole:
    """Days ago: the share ``within`` inside the window, the rest before it, one in twelve within three days of its edge."""
    inside = rng.random(n) < within
    days = np.where(inside, rng.integers(1, window, n), rng.integers(window + 1, longest, n))
    return np.where(rng.random(n) < 1 / 12, window + rng.integers(-3, 4, n), days)


def _viral_load(rng: np.random.Generator, positive: Flags, detected: float, undetected: tuple[str, ...]) -> pd.Series[str]:
    """What the laboratory printed for those whose antigen or antibody is positive: a load in IU/mL, or words for none."""
    tested = int(positive.sum())
    load = np.char.mod("%d", np.round(10 ** rng.uniform(2.1, 6.5, tested), -1))
    none = np.array(undetected)[rng.integers(0, len(undetected), tested)]
    text = pd.Series(pd.NA, index=range(positive.size), dtype="str")
    text[positive] = np.where(rng.random(tested) < detected, load, none)
    return text


def _words(codes: NDArray[np.generic], words: tuple[str, ...]) -> pd.Series[str]:
    """Codes 0, 1, … as words; −1 as missing."""
    return pd.Series(pd.Categorical.from_codes(codes.astype(np.int64), pd.Index(words))).astype("str")


def _yes_no(flags: Flags) -> pd.Series[str]:
    return _words(flags, ("no", "yes"))
