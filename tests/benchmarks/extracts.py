"""The files that are measured: synthetic patients, as hospitals would export them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from feasibility.synthetic import wide

SEED = 7
LONG = {  # what stands in the long table: variable, unit, columns of value and date. About six records a patient
    "urine_protein_24h": ("g/24h", (("up24_1_g", "up24_1_date"), ("up24_2_g", "up24_2_date"))),
    "uacr": ("mg/g", (("uacr_mg_g", "uacr_date"),)),
    "creatinine": ("mg/dL", (("creatinine_mg_dl", "creatinine_date"),)),
    "hba1c": ("%", (("hba1c_percent", "hba1c_date"),)),
    "potassium": ("mmol/L", (("potassium_1_mmol_l", "potassium_1_date"), ("potassium_2_mmol_l", "potassium_2_date"))),
}
LEFT_OUT_OF_FORTY = (  # the wide file has more columns than the budget speaks of
    "site ndrd_code bp_3_date sbp_3 dbp_3 total_cholesterol_mmol_l ldl_method potassium_2_mmol_l potassium_2_date k_binder hbv_dna_iu_ml hcv_rna_iu_ml "
    "hiv tb_active immunodeficiency chd unstable_angina_date ich_date stroke_lacunar stroke_residual immunosupp_route cancer_last_treatment cancer_site "
    "infection iv_abx_start iv_abx_end other_trial_end pregnant lactating weight_kg antihypertensive_classes"
).split()


@dataclass(frozen=True)
class Extracts:
    """``wide``: every column. ``forty_columns``: of those, forty. ``narrow`` and ``measurements``: the same patients with ``LONG`` in a table of its own."""

    wide: Path
    forty_columns: Path
    narrow: Path
    measurements: Path
    smaller: Path
    long_records: int


def write_extracts(folder: Path, patients: int) -> Extracts:
    """Write the files into a folder; ``wide`` and ``smaller`` (at most 10,000 patients) as Parquet, which loads soonest, the others as CSV."""
    frame = wide(patients, np.random.default_rng(SEED))
    table = _printed(frame)
    forty = table.drop_columns(LEFT_OUT_OF_FORTY)
    assert forty.num_columns == 40, forty.num_columns
    long_columns = {name for _, pairs in LONG.values() for pair in pairs for name in pair}
    narrow = table.drop_columns([name for name in table.column_names if name in long_columns])
    measurements = _measurements(frame)
    extracts = Extracts(*(folder / name for name in ("wide.parquet", "forty.csv", "narrow.csv", "measurements.csv", "smaller.parquet")), len(measurements))
    plain = pyarrow.csv.WriteOptions(quoting_style="none")
    pyarrow.parquet.write_table(table, extracts.wide)
    pyarrow.parquet.write_table(table.slice(0, 10_000), extracts.smaller)
    pyarrow.csv.write_csv(forty, extracts.forty_columns, plain)
    pyarrow.csv.write_csv(narrow, extracts.narrow, plain)
    pyarrow.csv.write_csv(_printed(measurements), extracts.measurements, plain)
    return extracts


def _measurements(frame: pd.DataFrame) -> pd.DataFrame:
    ids = frame["patient_id"]
    parts = [
        pd.DataFrame({"patient_id": ids, "variable": variable, "value": frame[value], "unit": unit, "date": frame[date]}).dropna(subset=["value"])
        for variable, (unit, pairs) in LONG.items()
        for value, date in pairs
    ]
    return pd.concat(parts).sort_index(kind="stable")


def _printed(frame: pd.DataFrame) -> pa.Table:
    """Dates without a time of day, whole numbers without a point."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for place, column in enumerate(table.columns):
        name = table.column_names[place]
        if pa.types.is_timestamp(column.type):
            table = table.set_column(place, name, column.cast(pa.timestamp("s")).cast(pa.date32()))
        elif pa.types.is_floating(column.type) and pc.all(pc.equal(pc.floor(column), column)).as_py():
            table = table.set_column(place, name, column.cast(pa.int32()))
    return table
