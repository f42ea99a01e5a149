"""Cases that once failed and are too large to keep: made anew each time."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pyarrow as pa

from fuzzing.case import Case, one
from fuzzing.seeds import as_text, parquet, wide
from fuzzing.workbooks import SHEET, cell, parts, rows_of, sheet, zipped

HEAD = "patient_id,sex,age,uacr_mg_g\n"
BODY = "".join(f"P{number},male,6{number},1500\n" for number in range(10))


def _book(*rows: str, before: str = "") -> bytes:
    return zipped(parts({"patients": sheet([*rows_of([["patient_id", "age"], ["P1", "60"]]), *rows], before)}))


def _stray(reference: str, row: str) -> Case:
    return one(f"workbook: a cell at {reference}", "small.xlsx", _book(f'<row r="{row}">{cell(reference, "x")}</row>'))


def _many_cells() -> Case:
    row = "<row>" + "<c/>" * 1000 + "</row>"
    return one("workbook: 13 million cells without references", "small.xlsx", zipped(parts({"patients": sheet([row] * 13_000)})))


def _great_cell() -> Case:
    book = parts({"patients": sheet(rows_of(wide()))})
    book[SHEET] = book[SHEET].replace(b"male", b"0" * 20_000_000, 1)
    return one("workbook: a cell of 20 MB", "small.xlsx", zipped(book))


def _one_value(rows: int) -> Case:
    value = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array(["P1"]))
    return one("parquet: one value for ever", "small.parquet", parquet(pa.table({"patient_id": value, "sex": value}), write_statistics=False))


def _text(kind: str, text: str) -> Case:
    return one(f"text: {kind}", "small.csv", text.encode())


LARGE: dict[str, Callable[[], Case]] = {
    "a cell in the last corner": lambda: _stray("XFD1048576", "1048576"),
    "a cell far down": lambda: _stray("Z1048576", "1048576"),
    "a row that is none": lambda: _stray("A99999999999", "99999999999"),
    "a column that is none": lambda: _stray("ZZZZZZZ2", "2"),
    "a dimension that lies": lambda: one("workbook: dimension", "small.xlsx", _book(before='<dimension ref="A1:ZZZZZ99999999"/>')),
    "millions of cells without references": _many_cells,
    "a cell of 20 MB": _great_cell,
    "twenty-one million rows of one value": lambda: _one_value(21_000_000),
    "a gzip of nothing but noughts": lambda: one("archive: bomb", "small.csv.gz", gzip.compress(HEAD.encode() + b"0" * 120_000_000, 1, mtime=0)),
    "a cell of a million characters": lambda: _text("a long cell", HEAD + BODY + "x" * 1_000_000 + ",male,60,1\n"),
    "a value of a million digits": lambda: _text("a long number", HEAD + BODY + "P11,male,60," + "9" * 1_000_000 + "\n"),
    "a header of 20,000 words": lambda: _text("a long header", HEAD.strip() + "," + "uacr " * 20_000 + "\n" + BODY.replace("\n", ",1\n")),
    "a header of a million characters": lambda: _text("a longer header", HEAD.strip() + "," + "y" * 1_000_000 + "\n" + BODY.replace("\n", ",1\n")),
    "50,000 columns": lambda: _text("many columns", as_text([["patient_id", *(f"c{n}" for n in range(50_000))], ["P1"] + ["1"] * 50_000])),
    "5,000 headers that are nearly names": lambda: _text(
        "near misses", as_text([["patient_id", *(f"creatinnine level at visit number {n} of the study" for n in range(4_999))], ["P1"] + ["1"] * 4_999])
    ),
    "a header and no line end": lambda: _text("header only", HEAD.strip()),
    "a quote opened before five megabytes": lambda: _text("quote", HEAD + 'P11,"male,60,1500\n' + "".join(f"Q{n},male,60,1500\n" for n in range(250_000))),
}
