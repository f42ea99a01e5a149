"""The synthetic cohort as files: the wide table, and the same patients as long tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from feasibility.synthetic.draw import wide

SAMPLE_PATIENTS = 2_000
SAMPLE_SEED = 2  # one with which every condition of the built-in protocol occurs, the rarest included


@dataclass(frozen=True, eq=False)
class LongTables:
    """A cohort as three tables: a row a patient, a row a measurement, a row an event; an event row without patient declares that such events are covered."""

    patients: pd.DataFrame
    measurements: pd.DataFrame
    events: pd.DataFrame


IN_PATIENTS = ("patient_id", "sex", "birth_date", "index_date", "site", "weight_kg", "antihypertensive_classes", "hbsag", "anti_hcv", "ldl_method")
MEASUREMENTS = (  # variable, unit, column of its value, column of its date ("" has none)
    ("urine_protein_24h", "g/24h", "up24_1_g", "up24_1_date"),
    ("urine_protein_24h", "g/24h", "up24_2_g", "up24_2_date"),
    ("uacr", "mg/g", "uacr_mg_g", "uacr_date"),
    ("creatinine", "mg/dL", "creatinine_mg_dl", "creatinine_date"),
    ("cystatin_c", "mg/L", "cystatin_c_mg_l", ""),
    *((part, "mmHg", f"{part}_{k}", f"bp_{k}_date") for k in (1, 2, 3) for part in ("sbp", "dbp")),
    ("hba1c", "%", "hba1c_percent", "hba1c_date"),
    ("triglycerides", "mmol/L", "tg_mmol_l", "lipids_date"),
    ("ldl", "mmol/L", "ldl_mmol_l", "lipids_date"),
    ("total_cholesterol", "mmol/L", "total_cholesterol_mmol_l", "lipids_date"),
    ("potassium", "mmol/L", "potassium_1_mmol_l", "potassium_1_date"),
    ("potassium", "mmol/L", "potassium_2_mmol_l", "potassium_2_date"),
    ("hbv_dna", "IU/mL", "hbv_dna_iu_ml", ""),
    ("hcv_rna", "IU/mL", "hcv_rna_iu_ml", ""),
    ("nyha", "", "nyha", ""),
)
FLAGS = {  # undated events: column → event
    "t2dm": "t2dm",
    "t1dm": "t1dm",
    "ndrd_code": "non_diabetic_kidney_disease",
    "k_binder": "potassium_binder",
    "hiv": "hiv",
    "tb_active": "tuberculosis",
    "immunodeficiency": "immunodeficiency",
    "af": "atrial_fibrillation",
    "chd": "congenital_heart_disease",
    "heart_failure": "heart_failure",
    "infection": "infection",
    "pregnant": "pregnant",
    "lactating": "lactating",
}
DATED = {  # event → column of a file's events table: column of the wide file
    "kidney_biopsy": {"start": "biopsy_date", "biopsy_dx": "biopsy_dx"},
    "unstable_angina": {"start": "unstable_angina_date"},
    "cerebral_haemorrhage": {"start": "ich_date"},
    "cerebral_infarction": {"start": "stroke_date", "stroke_lacunar": "stroke_lacunar", "stroke_deficits": "stroke_residual"},
    "immunosuppressant": {
        "start": "immunosupp_start",
        "end": "immunosupp_end",
        "immunosuppressant_class": "immunosupp_name",
        "immunosuppressant_route": "immunosupp_route",
    },
    "malignancy": {"start": "cancer_date", "end": "cancer_last_treatment", "cancer_site": "cancer_site"},
    "iv_antibiotic": {"start": "iv_abx_start", "end": "iv_abx_end"},
    "other_trial": {"end": "other_trial_end"},
}
EVENT_FIELDS = ("stroke_lacunar", "stroke_deficits", "immunosuppressant_class", "immunosuppressant_route", "biopsy_dx", "cancer_site")


def long(cohort: pd.DataFrame) -> LongTables:
    """The patients of a wide table as long tables with the same content.

    A flag's "no" has no row: no record of these events counts as absent, as "no" does.
    """
    ids = cohort["patient_id"]
    measured = []
    for variable, unit, column, date_column in MEASUREMENTS:
        has = cohort[column].notna()
        dates = cohort.loc[has, date_column] if date_column else pd.NaT
        measured.append(pd.DataFrame({"patient_id": ids[has], "variable": variable, "value": _text(cohort.loc[has, column]), "unit": unit, "date": dates}))

    happened = [pd.DataFrame({"patient_id": None, "event": [*FLAGS.values(), *DATED]})]
    for column, event in FLAGS.items():
        happened.append(pd.DataFrame({"patient_id": ids[cohort[column] == "yes"], "event": event}))
    for event, parts in DATED.items():
        has = cohort[list(parts.values())].notna().any(axis=1)
        happened.append(pd.DataFrame({"patient_id": ids[has], "event": event} | {name: cohort.loc[has, column] for name, column in parts.items()}))
    events = pd.concat(happened).reindex(columns=["patient_id", "event", "start", "end", *EVENT_FIELDS])
    return LongTables(
        patients=cohort[list(IN_PATIENTS)].copy(),
        measurements=pd.concat(measured).sort_values(["patient_id", "date"], kind="stable", ignore_index=True),
        events=events.sort_values("patient_id", kind="stable", na_position="first", ignore_index=True),
    )


def _text(values: pd.Series[Any]) -> pd.Series[str]:
    whole = pd.api.types.is_float_dtype(values) and bool((values % 1 == 0).all())
    return (values.astype("int64") if whole else values).astype("str")


def write_sample(folder: Path, patients: int = SAMPLE_PATIENTS, seed: int = SAMPLE_SEED) -> None:
    """The sample cohort as CSV files in ``folder``: wide, and the same patients as long tables."""
    cohort = wide(patients, np.random.default_rng(seed))
    tables = long(cohort)
    for name, table in (("wide", cohort), ("patients", tables.patients), ("measurements", tables.measurements), ("events", tables.events)):
        printed = table.copy()
        for column in printed.select_dtypes("float64"):
            if (printed[column].dropna() % 1 == 0).all():
                printed[column] = printed[column].astype("Int64")  # 147, not 147.0
        printed.to_csv(folder / f"dkd_{name}.csv", index=False, lineterminator="\n")
