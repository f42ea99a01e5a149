"""The synthetic clinic as data: nephrotic, biopsy-proven diabetic kidney disease in a Chinese tertiary centre.

[V] was read in a published source; [M] is from memory and clinical judgement, to be confirmed before it is cited; untagged numbers serve only to make records
look like records (how long ago, which drug). Quoted means and spreads are of *observed* single values; correlations hold between patients' true levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Marginal:
    """The distribution of one observed value.

    ``within`` is the part of the spread that varies from one measurement of a patient to the next. ``log``: all three are of the natural logarithm.
    """

    mean: float
    spread: float
    within: float = 0.0
    log: bool = False

    @property
    def between(self) -> float:
        return float(np.sqrt(self.spread**2 - self.within**2))


def _log_normal(mean: float, sd: float, within_cv: float) -> Marginal:
    variance = np.log1p((sd / mean) ** 2)
    return Marginal(float(np.log(mean) - variance / 2), float(np.sqrt(variance)), _log_sd(within_cv), log=True)


def _from_quartiles(median: float, lower: float, upper: float, within_cv: float) -> Marginal:
    return Marginal(float(np.log(median)), float(np.log(upper / lower) / 1.349), _log_sd(within_cv), log=True)


def _log_sd(cv: float) -> float:
    return float(np.sqrt(np.log1p(cv**2)))


MARGINALS = {
    "age": Marginal(53, 10),  # years [M]; national biopsy series 51.4 ± 11.4 [V]
    "egfr": _log_normal(52, 27, within_cv=0.06),  # mL/min/1.73 m²; creatinine varies 6 % [M]
    "protein": _from_quartiles(6.0, 4.5, 8.5, within_cv=0.36),  # g/24h in the target group [M]; Nanjing biopsy-proven: 3.09 ± 2.32 [V]
    "sbp": Marginal(147, 20, within=0.07 * 147),  # mmHg [M]
    "dbp": Marginal(84, 12, within=0.07 * 84),  # mmHg [M]
    "hba1c": _log_normal(7.4, 1.6, within_cv=0.04),  # % [M]
    "ldl": Marginal(3.3, 1.3, within=0.08 * 3.3),  # mmol/L [M]
    "tg": _from_quartiles(2.0, 1.4, 3.0, within_cv=0.20),  # mmol/L [M]
    "potassium": Marginal(4.5, 0.5, within=0.05 * 4.5),  # mmol/L [M]
}
CORRELATIONS = {  # between true levels, all [M]
    ("age", "egfr"): -0.25,
    ("egfr", "protein"): -0.25,
    ("protein", "sbp"): 0.25,
    ("protein", "ldl"): 0.30,
    ("protein", "tg"): 0.20,
    ("egfr", "potassium"): -0.35,
    ("egfr", "sbp"): -0.15,
    ("sbp", "dbp"): 0.50,
    ("age", "dbp"): -0.25,
    ("age", "sbp"): 0.15,
    ("hba1c", "tg"): 0.20,
    ("age", "hba1c"): -0.15,
    ("egfr", "hba1c"): 0.10,
    ("ldl", "tg"): 0.15,
    ("age", "ldl"): -0.10,
}
MALE = 0.70  # [M]
WEIGHT_MEANS, WEIGHT_SPREAD = (73.0, 63.0), 11.0  # kg, men and women: 70 ± 12 over both [M]
LOWER_PROTEIN = 0.02  # share of patients below the target group's proteinuria, so that the threshold matters …
LOWER_PROTEIN_LOG_SHIFT = float(np.log(2.2 / 6.0))  # … around 2.2 g/24h
ALBUMIN_SHARE = (0.70, 0.08)  # of urine protein [M]
UACR_WITHIN = _log_sd(0.49)  # [V]
STATIN, STATIN_EFFECT = 0.60, 0.35  # share treated, fraction LDL is lowered [M]
RAASI, RAASI_EFFECT = 0.75, 0.15  # share treated, mmol/L potassium is raised [M]
SITES = {"A": (0.40, -0.3), "B": (0.25, 0.0), "C": (0.20, 0.3), "D": (0.15, 0.5)}  # share of patients, log odds of leaving a value out
AGE_ON_MISSING = 0.15  # log odds of leaving a value out, per 10 years
DAYS_SINCE_VISIT, NOT_SEEN_LATELY = 28.0, 0.05  # mean for most; share last seen two to eight months ago

EVENT_SHARES = {  # of all patients; those that depend on the patient are drawn by logit with this mean. All [M] unless said
    "heart_failure": 0.08,
    "atrial_fibrillation": 0.025,  # [V] 2.3 % of Chinese adults; odds ratio 1.41 per 10 years [V], 4.5 with heart failure [M]
    "stroke": 0.14,
    "haemorrhage": 0.012,
    "malignancy": 0.045,
    "congenital": 0.005,
    "unstable_angina": 0.025,
    "hbsag": 0.05,  # [V] 4.7–5.6 % in Chinese adults
    "anti_hcv": 0.007,  # [M]
    "hiv": 0.001,
    "tuberculosis": 0.003,
    "immunodeficiency": 0.003,
    "potassium_binder": 0.02,
    "immunosuppressant": 0.10,
    "iv_antibiotic": 0.025,
    "other_trial": 0.05,
    "type_1": 0.008,
}
BIOPSY_DX = {"DN": 0.890, "mixed": 0.06, "NDRD": 0.043, "none": 0.007}  # 6 % mixed [V nationally, M here]; none: no disease found
NDRD_CODED = {"DN": 0.017, "mixed": 0.05, "NDRD": 0.70, "none": 0.02}
NYHA = {"I": 0.25, "II": 0.52, "III": 0.18, "IV": 0.05}  # III–IV in 20–25 % of heart failure [M]
DRUGS = {
    "mycophenolate mofetil": 0.14,
    "tacrolimus": 0.14,
    "ciclosporin": 0.06,
    "cyclophosphamide": 0.06,
    "leflunomide": 0.05,
    "tripterygium glycosides": 0.30,
    "prednisone": 0.18,
    "methylprednisolone": 0.07,
}
CANCER_SITES = {"other": 0.80, "nmsc": 0.05, "in_situ": 0.08, "low_risk_prostate": 0.07}

MISSING: tuple[tuple[float, tuple[str, ...]], ...] = (  # share left out at random given age and site [M]; the columns that go together
    (0.15, ("up24_1_g", "up24_1_date", "up24_2_g", "up24_2_date")),
    (1 - 0.60 / 0.85, ("up24_2_g", "up24_2_date")),  # 40 % have no second collection, those without a first among them
    (0.15, ("uacr_mg_g", "uacr_date")),
    (0.02, ("creatinine_mg_dl", "creatinine_date")),
    (0.75, ("cystatin_c_mg_l",)),
    (0.02, tuple(f"{part}_{k}{end}" for k in (1, 2, 3) for part, end in (("sbp", ""), ("dbp", ""), ("bp", "_date")))),
    (0.25, ("sbp_1", "dbp_1", "bp_1_date")),  # fewer visits than three
    (0.10, ("sbp_2", "dbp_2", "bp_2_date")),
    (0.05, ("antihypertensive_classes",)),
    (0.05, ("hba1c_percent", "hba1c_date")),
    (0.05, ("tg_mmol_l", "ldl_mmol_l", "total_cholesterol_mmol_l", "lipids_date", "ldl_method")),
    (0.10, ("ldl_method",)),
    (0.03, ("potassium_1_mmol_l", "potassium_1_date", "potassium_2_mmol_l", "potassium_2_date")),
    (0.40, ("potassium_2_mmol_l", "potassium_2_date")),
    (0.03, ("hbsag", "hbv_dna_iu_ml", "anti_hcv", "hcv_rna_iu_ml")),
    (0.35, ("hbv_dna_iu_ml",)),
    (0.35, ("hcv_rna_iu_ml",)),
    (0.02, ("biopsy_date", "biopsy_dx")),
    (0.70, ("nyha",)),  # of those with heart failure: nobody else has a class
    (0.10, ("stroke_lacunar",)),
    (0.25, ("stroke_residual",)),
    (0.03, ("weight_kg",)),
)

# fmt: off
COLUMNS = (  # of the wide table, in order
    "patient_id", "sex", "birth_date", "index_date", "site", "t2dm", "t1dm", "biopsy_date", "biopsy_dx", "ndrd_code", "up24_1_g", "up24_1_date",
    "up24_2_g", "up24_2_date", "uacr_mg_g", "uacr_date", "creatinine_mg_dl", "creatinine_date", "cystatin_c_mg_l", "sbp_1", "dbp_1", "bp_1_date", "sbp_2",
    "dbp_2", "bp_2_date", "sbp_3", "dbp_3", "bp_3_date", "antihypertensive_classes", "hba1c_percent", "hba1c_date", "tg_mmol_l", "ldl_mmol_l",
    "total_cholesterol_mmol_l", "lipids_date", "ldl_method", "potassium_1_mmol_l", "potassium_1_date", "potassium_2_mmol_l", "potassium_2_date",
    "k_binder", "hbsag", "hbv_dna_iu_ml", "anti_hcv", "hcv_rna_iu_ml", "hiv", "tb_active", "immunodeficiency", "af", "chd", "heart_failure", "nyha",
    "unstable_angina_date", "ich_date", "stroke_date", "stroke_lacunar", "stroke_residual", "immunosupp_start", "immunosupp_end", "immunosupp_name",
    "immunosupp_route", "cancer_date", "cancer_last_treatment", "cancer_site", "infection", "iv_abx_start", "iv_abx_end", "other_trial_end", "pregnant",
    "lactating", "weight_kg",
)
# fmt: on
