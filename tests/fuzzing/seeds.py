"""Whole and honest files of every format, small, to be damaged: a few synthetic patients with most of what the protocol asks for."""

from __future__ import annotations

import csv
import io
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyreadstat

SAMPLE = Path(__file__).parents[2] / "sample_data"
HELD = Path(__file__).parent / "seeds"
FEW, MORE = 12, 40
DROPPED = (
    "site ndrd_code antihypertensive_classes bp_2_date sbp_2 dbp_2 bp_3_date sbp_3 dbp_3 ldl_method k_binder anti_hcv hcv_rna_iu_ml hiv immunodeficiency "
    "ich_date iv_abx_start iv_abx_end total_cholesterol_mmol_l potassium_2_mmol_l potassium_2_date tb_active chd unstable_angina_date stroke_lacunar "
    "stroke_residual cancer_last_treatment cancer_site other_trial_end lactating weight_kg immunosupp_route"
)

Rows = list[list[str]]


@cache
def _sample(name: str) -> tuple[tuple[str, ...], ...]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return tuple(tuple(row) for row in csv.reader(file))


def wide(patients: int = FEW) -> Rows:
    """A header and a row a patient; the few have fewer columns too."""
    header, *rows = _sample("dkd_wide.csv")
    kept = [place for place, name in enumerate(header) if patients > FEW or name not in DROPPED.split()]
    return [[row[place] for place in kept] for row in (header, *rows[:patients])]


def persons(patients: int = FEW) -> Rows:
    return [list(row) for row in _sample("dkd_patients.csv")[: patients + 1]]


def long(kind: str, patients: int = FEW) -> Rows:
    """The measurements or events of the first patients."""
    header, *rows = _sample(f"dkd_{kind}.csv")
    ids = {row[0] for row in persons(patients)[1:]}
    return [list(header), *(list(row) for row in rows if row[0] in ids)]


def as_text(rows: Rows, delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]  # one of the four constants
    return held.getvalue()


def frame(rows: Rows) -> pd.DataFrame:
    """The rows with numbers as numbers and days as days where a column has nothing else."""
    header, *body = rows
    table = pd.DataFrame({name: pd.Series([row[place] or None for row in body], dtype=object) for place, name in enumerate(header)})
    for name in header:
        held = table[name].dropna()
        if len(held) and held.str.fullmatch(r"-?\d+(\.\d+)?").all():
            table[name] = pd.to_numeric(table[name])
        elif len(held) and held.str.fullmatch(r"\d{4}-\d\d-\d\d").all():
            table[name] = pd.to_datetime(table[name])
    return table


def parquet(table: pa.Table, **options: object) -> bytes:
    held = io.BytesIO()
    pyarrow.parquet.write_table(table, held, **options)
    return held.getvalue()


@cache
def seed_parquet() -> bytes:
    return parquet(pa.Table.from_pandas(frame(wide()), preserve_index=False))


@cache
def package(kind: str, patients: int = FEW, days: bool = True) -> bytes:
    """A file of a statistics package: xpt, sav, zsav, dta, por; ``days`` with dates as dates, else as text."""
    rows = wide(patients)
    table = frame(rows) if days else pd.DataFrame(rows[1:], columns=pd.Index(rows[0])).replace("", None)
    for name in table.columns[table.isna().all()]:
        table[name] = table[name].astype(float)
    for name in table.select_dtypes("datetime"):
        table[name] = table[name].dt.date
    if kind == "por":
        table = table.rename(columns={name: _short(name, place) for place, name in enumerate(table.columns)})
    labels = {"column_labels": rows[0]} if kind != "por" else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed.{kind}"
        if kind == "xpt":
            pyreadstat.write_xport(table, path, file_format_version=8, **labels)
        elif kind == "dta":
            pyreadstat.write_dta(table, path, **labels)
        elif kind == "por":
            pyreadstat.write_por(table, path)
        else:
            pyreadstat.write_sav(table, path, compress=kind == "zsav", **labels)
        return path.read_bytes()


def _short(name: str, place: int) -> str:
    return name if len(name) <= 8 else f"{name[:5]}{place}"


@cache
def held(name: str) -> bytes:
    """A file kept as it is, of a format that nothing here can write."""
    return (HELD / name).read_bytes()
