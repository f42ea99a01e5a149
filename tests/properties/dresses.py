"""The same patients written out as other people write them: other units, codings, delimiters, encodings, shapes, date formats, languages and formats."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
from spec.reading import read_table

from feasibility.intake import ColumnUse, Tables, suggest
from feasibility.synthetic.tables import long
from feasibility.units import Conversion
from feasibility.variables import Kind, builtin_catalogue

CATALOGUE = builtin_catalogue()
Files = list[tuple[str, bytes]]
PERSON = ("patient_id", "sex", "birth_date", "index_date", "site")


@dataclass(frozen=True)
class Dress:
    """A way of writing: ``units`` by variable, ``words`` for sex, yes and no and findings, how a date and a number are written."""

    units: Mapping[str, str]
    words: Mapping[str, str]
    date: Callable[[pd.Timestamp], str]
    decimal: str = "."


def uses(frame: pd.DataFrame) -> dict[str, ColumnUse]:
    """What each column means."""
    return dict(suggest(Tables(read_table("plain.csv", frame.head(60).to_csv(index=False).encode())), CATALOGUE).mapping.columns)


def converted(values: pd.Series, variable: str, unit: str) -> pd.Series:
    """Canonical values in another unit, with digits enough to come back exactly."""
    conversion: Conversion = CATALOGUE[variable].conversion(unit)
    return values.map(lambda value: value if pd.isna(value) else float(f"{(float(value) - conversion.offset) / conversion.factor:.13g}"))


def dressed(frame: pd.DataFrame, dress: Dress) -> pd.DataFrame:
    """All cells as text, headers with the unit in brackets where it is another."""
    meaning, out = uses(frame), {}
    for column in frame:
        use, values = meaning.get(column, ColumnUse()), frame[column]
        variable = CATALOGUE[use.variables[0]] if use.variables else None
        header = column
        if pd.api.types.is_datetime64_any_dtype(values):
            cells = values.map(lambda day: "" if pd.isna(day) else dress.date(day))
        elif variable is not None and variable.kind is Kind.NUMBER and pd.api.types.is_float_dtype(values):
            if (unit := dress.units.get(variable.name)) is not None:
                values = converted(values, variable.name, unit)
                repeat = f" {use.repeat}" if use.repeat is not None else ""
                header = f"{variable.name}{repeat} ({unit})"
            cells = values.map(lambda value: "" if pd.isna(value) else f"{value:.13g}".replace(".", dress.decimal))
        else:
            cells = values.astype(object).where(values.notna(), "").map(lambda text: dress.words.get(str(text), str(text)))
        out[header] = cells
    return pd.DataFrame(out)


ISO = "{:%Y-%m-%d}".format
SI = {"hba1c": "mmol/mol", "creatinine": "µmol/L", "uacr": "mg/mmol", "urine_protein_24h": "mg/24h", "sbp": "kPa", "dbp": "kPa"}
US = {"triglycerides": "mg/dL", "ldl": "mg/dL", "total_cholesterol": "mg/dL", "potassium": "mEq/L"}
GERMAN = {"male": "männlich", "female": "weiblich", "yes": "ja", "no": "nein", "positive": "positiv", "negative": "negativ"}
FRENCH = {"male": "H", "female": "F", "yes": "oui", "no": "non", "positive": "positif", "negative": "négatif"}
CHINESE = {"male": "男", "female": "女", "yes": "是", "no": "否", "positive": "阳性", "negative": "阴性"}
AMERICAN = {"male": "1", "female": "2", "yes": "Y", "no": "N", "positive": "POS", "negative": "NEG"}
MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


def german(frame: pd.DataFrame) -> Files:
    """Semicolons, decimal commas, Windows-1252, titles above, a source under the table."""
    table = dressed(frame, Dress({}, GERMAN, "{:%d.%m.%Y}".format, ","))
    above = "Auszug der Nierenambulanz für die Studie;\nStand: 31.01.2026;\n\n"
    return [("auszug.csv", (above + table.to_csv(index=False, sep=";") + "\nQuelle: Krankenhausinformationssystem (µmol/L laut Labor)\n").encode("cp1252"))]


def french(frame: pd.DataFrame) -> Files:
    def day(date: pd.Timestamp) -> str:
        return f"{date.day} {MONTHS[date.month - 1]} {date.year}"

    return [("extraction.csv", dressed(frame, Dress({}, FRENCH, day, ",")).to_csv(index=False, sep=";").encode("utf-8-sig"))]


def american(frame: pd.DataFrame) -> Files:
    table = dressed(frame, Dress(US, AMERICAN, "{:%m/%d/%Y}".format))
    return [("extract.csv", table.to_csv(index=False, quoting=1, lineterminator="\r\n").encode())]


def international(frame: pd.DataFrame) -> Files:
    """Other units, UTF-16 with tabs, as Excel saves text."""
    return [("extract.txt", dressed(frame, Dress(SI, {}, "{:%d-%b-%Y}".format)).to_csv(index=False, sep="\t").encode("utf-16"))]


def chinese(frame: pd.DataFrame) -> Files:
    def day(date: pd.Timestamp) -> str:
        return f"{date.year}年{date.month}月{date.day}日"

    return [("患者.csv", dressed(frame, Dress({}, CHINESE, day)).to_csv(index=False).encode("gb18030"))]


def workbook(frame: pd.DataFrame) -> Files:
    """Patients on one sheet, the rest on another, units in a row of their own, notes on a third; typed cells."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    notes = book.create_sheet("Read me")
    notes.append(["Extract of the renal clinic. Questions to the data office."])
    rest = [column for column in frame if column not in PERSON]
    for title, columns in (("Patients", list(PERSON)), ("Clinical", ["patient_id", *rest])):
        sheet = book.create_sheet(title)
        sheet.append(["Renal clinic"])
        sheet.append(columns)
        for row in frame[columns].itertuples(index=False):
            sheet.append([None if pd.isna(cell) else cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return [("clinic.xlsx", file.getvalue())]


def parquet(frame: pd.DataFrame) -> Files:
    """Typed, columns and rows in another order."""
    shuffled = frame.sample(frac=1, random_state=5)[sorted(frame, reverse=True)]
    file = io.BytesIO()
    shuffled.to_parquet(file, index=False)
    return [("clinic.parquet", file.getvalue())]


def _written(write: Callable[..., None], ending: str, frame: pd.DataFrame, **options: object) -> bytes:
    path = Path(tempfile.mkstemp(ending)[1])
    try:
        write(frame, path, **options)
        return path.read_bytes()
    finally:
        os.unlink(path)


def spss(frame: pd.DataFrame) -> Files:
    """Sex, yes and no as numbers with labels."""
    table, labels = _coded(frame)
    return [("clinic.sav", _written(pyreadstat.write_sav, ".sav", table, variable_value_labels=labels))]


def stata(frame: pd.DataFrame) -> Files:
    table, labels = _coded(frame)
    return [("clinic.dta", _written(pyreadstat.write_dta, ".dta", table, variable_value_labels=labels))]


def sas(frame: pd.DataFrame) -> Files:
    """Names of eight characters that say nothing; the labels do."""
    table = frame.rename(columns={column: f"V{place}" for place, column in enumerate(frame)})
    return [("clinic.xpt", _written(pyreadstat.write_xport, ".xpt", _dates(table), column_labels=list(frame), file_format_version=8))]


def _dates(frame: pd.DataFrame) -> pd.DataFrame:
    made = frame.copy()
    for column in made:
        if pd.api.types.is_datetime64_any_dtype(made[column]):
            made[column] = made[column].astype("datetime64[ns]")
        elif not pd.api.types.is_float_dtype(made[column]):
            made[column] = made[column].astype(object).where(made[column].notna(), "")
    return made


def _coded(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, dict[float, str]]]:
    table, labels = _dates(frame), {}
    for column in frame:
        found = set(frame[column].dropna().astype(str))
        for coding in ({"male": 1.0, "female": 2.0}, {"no": 0.0, "yes": 1.0}):
            if found and found <= set(coding):
                table[column] = frame[column].astype(object).map(coding).astype("float64")
                labels[column] = {code: text for text, code in coding.items()}
    return table, labels


def long_zipped(frame: pd.DataFrame) -> Files:
    """Long tables in a zip; units change from record to record."""
    tables = long(frame)
    measured = tables.measurements.copy()
    odd = np.arange(len(measured)) % 2 == 1
    for variable, unit in {**SI, **US}.items():
        rows = (measured["variable"] == variable) & odd & ~measured["value"].astype(str).str.startswith(("<", ">"))
        plain = pd.to_numeric(measured.loc[rows, "value"], errors="coerce")
        rows = rows & plain.reindex(measured.index).notna()
        own = measured.loc[rows, "unit"]
        canonical = [float(value) * CATALOGUE[variable].conversion(own_unit).factor for value, own_unit in zip(plain[rows[rows].index], own, strict=True)]
        measured.loc[rows, "value"] = [f"{value:.13g}" for value in converted(pd.Series(canonical), variable, unit)]
        measured.loc[rows, "unit"] = unit
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as held:
        for name, table in (("patients", tables.patients), ("measurements", measured), ("events", tables.events)):
            held.writestr(f"extract/{name}.csv", table.to_csv(index=False))
    return [("extract.zip", file.getvalue())]


def visits(frame: pd.DataFrame) -> Files:
    """Blood pressures with a row a visit, potassium likewise, the rest with a row a patient."""

    def rows(columns: Mapping[str, str], date: str, numbers: range) -> pd.DataFrame:
        headers = ["patient_id", "date", *columns.values()]
        numbered = [["patient_id", date.format(number), *(column.format(number) for column in columns)] for number in numbers]
        parts = [frame[each].set_axis(headers, axis=1) for each in numbered]
        return pd.concat(parts).dropna(subset=list(columns.values()), how="all").sort_values("patient_id", kind="stable")

    pressures = rows({"sbp_{}": "sbp", "dbp_{}": "dbp"}, "bp_{}_date", range(1, 4))
    potassium = rows({"potassium_{}_mmol_l": "potassium (mmol/L)"}, "potassium_{}_date", range(1, 3))
    gone = [column for column in frame if column.startswith(("sbp_", "dbp_", "bp_", "potassium_"))]
    tables = (("patients.csv", frame.drop(columns=gone)), ("vitals_2026-01.csv", pressures), ("potassium.csv", potassium))
    return [(name, table.to_csv(index=False).encode()) for name, table in tables]


def two_sites(frame: pd.DataFrame) -> Files:
    """One file a site, the same columns in another order."""
    half = len(frame) // 2
    first, second = frame.iloc[:half], frame.iloc[half:][list(reversed(frame.columns))]
    return [("north.csv", first.to_csv(index=False).encode()), ("south.csv", second.to_csv(index=False).encode())]


DRESSES: dict[str, Callable[[pd.DataFrame], Files]] = {
    each.__name__: each
    for each in (german, french, american, international, chinese, workbook, parquet, spss, stata, sas, long_zipped, visits, two_sites)
}
