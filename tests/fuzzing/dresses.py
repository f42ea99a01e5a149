"""The same patients in another dress: whatever a file looks like, and whatever else is in it, the counts are the same."""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile
from collections.abc import Callable

import pandas as pd
import pyarrow as pa

from fuzzing.case import Case, one
from fuzzing.hostile_texts import CELLS, HEADERS
from fuzzing.seeds import MORE, Rows, as_text, frame, package, parquet, wide
from fuzzing.workbooks import parts, rows_of, sheet, zipped

EXTRACT = "wide"
UNUSED = tuple(
    name for name in HEADERS if name.strip() and "\x00" not in name and not any(word in name.casefold() for word in (
        *"id sex age uacr hba1c date unit value variable event start end site subject patient creatin crea egfr sbp blut pressure index visit".split(),
        *"血压 性别 尿 crea t2dm name mg mmol m/f number".split(),
    )) and name not in ("1", "0", "-1", "1.5", "2026-01-31", "１２", "²")
)  # fmt: skip
"""Headers that are like no name of the catalogue."""

ALONE = "sex birth_date index_date t2dm t1dm af pregnant lactating weight_kg hiv hbsag anti_hcv infection tb_active".split()


def _text(chance: random.Random, rows: Rows, delimiters: str = ",;\t|^~") -> str:
    return as_text(rows, chance.choice(delimiters), chance.choice(("\n", "\r\n", "\r")), chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))


def re_encoded(chance: random.Random, rows: Rows) -> Case:
    encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "gb18030"))
    return one("same: other encoding", "same.csv", _text(chance, rows).encode(encoding))


def shuffled(chance: random.Random, rows: Rows) -> Case:
    header, *body = rows
    chance.shuffle(body)
    order = chance.sample(range(len(header)), len(header))
    return one("same: rows and columns shuffled", "same.csv", _text(chance, [[row[place] for place in order] for row in (header, *body)]).encode())


def zipped_up(chance: random.Random, rows: Rows) -> Case:
    data = _text(chance, rows).encode()
    if chance.random() < 0.5:
        return one("same: gzipped", "same.csv.gz", gzip.compress(data, mtime=0))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))) as archive:
        archive.writestr("folder/same.csv", data)
    return one("same: zipped", "same.zip", held.getvalue())


def beside_hostile_columns(chance: random.Random, rows: Rows) -> Case:
    header, *body = rows
    for name in chance.sample(UNUSED, chance.choice((1, 3, 10))):
        place = chance.randrange(1, len(header) + 1)
        header.insert(place, name)
        filled = chance.choice(((*CELLS,), ("",), ("x" * 100_000,), ("9", "1")))
        for row in body:
            row.insert(place, chance.choice(filled).replace("\x00", ""))
    return one("same: beside hostile columns", "same.csv", as_text([header, *body], chance.choice(",;\t"), quoting=csv.QUOTE_ALL).encode("utf-8", "replace"))


def blank_rows_below(chance: random.Random, rows: Rows) -> Case:
    delimiter = chance.choice(",;\t")
    blank = chance.choice(("\n", delimiter * (len(rows[0]) - 1) + "\n", " \n"))
    return one("same: blank rows below", "same.csv", (as_text(rows, delimiter) + blank * chance.choice((1, 30, 1000))).encode())


def no_end_of_line(chance: random.Random, rows: Rows) -> Case:
    return one("same: last line without its end", "same.csv", _text(chance, rows).rstrip("\r\n").encode())


def as_parquet(chance: random.Random, rows: Rows) -> Case:
    table = pa.Table.from_pandas(frame(rows) if chance.random() < 0.5 else pd.DataFrame(rows[1:], columns=pd.Index(rows[0])), preserve_index=False)
    options = {"row_group_size": chance.choice((1, 7, 1000)), "compression": chance.choice(("snappy", "gzip", "none", "zstd")),
        "use_dictionary": chance.random() < 0.5}
    return one("same: Parquet", "same.parquet", parquet(table, **options))


def as_workbook(chance: random.Random, rows: Rows) -> Case:
    if chance.random() < 0.5:
        texts = list(dict.fromkeys(text for row in rows for text in row))
        book = parts({"data": sheet(rows_of([[str(texts.index(text)) for text in row] for row in rows], "s"))}, texts)
    else:
        lie = chance.choice(("", '<dimension ref="A1"/>', '<dimension ref="A1:C3"/>'))
        book = parts({"data": sheet(rows_of(rows), lie)} | ({"empty": sheet([])} if chance.random() < 0.5 else {}))
    return one("same: workbook", "same.xlsx", zipped(book))


def as_package(chance: random.Random, rows: Rows) -> Case:
    kind = chance.choice(("sav", "zsav", "dta", "xpt"))
    return one(f"same: {kind}", f"same.{kind}", package(kind, MORE, days=chance.random() < 0.5))


def split_by_columns(chance: random.Random, rows: Rows) -> Case:
    """Some columns in a second file, joined by patient, with its rows in another order; a value stays beside its date."""
    apart = [place for place, name in enumerate(rows[0]) if name in ALONE and chance.random() < 0.5]
    header, *body = rows
    chance.shuffle(body)
    first = [[text for place, text in enumerate(row) if place not in apart] for row in rows]
    second = [[row[0], *(row[place] for place in apart)] for row in (header, *body)]
    return Case("same: columns in two files", tuple((name, as_text(each).encode()) for name, each in (("one.csv", first), ("two.csv", second))))


def split_by_rows(chance: random.Random, rows: Rows) -> Case:
    """Two files of the same columns."""
    header, *body = rows
    place = chance.randrange(1, len(body))
    made = (("part1.csv", [header, *body[:place]]), ("part2.csv", [header, *body[place:]]))
    return Case("same: rows in two files", tuple((name, as_text(each).encode()) for name, each in made))


def with_footers(chance: random.Random, rows: Rows) -> Case:
    below = chance.choice((["Total", str(MORE)], ["Source: data office, exported on 1 January"], [f"n = {MORE}"]))
    return one("same: a line under the table", "same.csv", as_text([*rows, [""] * len(rows[0]), below + [""] * (len(rows[0]) - len(below))]).encode())


DRESSES: tuple[Callable[[random.Random, Rows], Case], ...] = (
    re_encoded, shuffled, zipped_up, beside_hostile_columns, beside_hostile_columns, blank_rows_below, no_end_of_line, as_parquet, as_workbook, as_package,
    split_by_columns,
    split_by_rows, with_footers,
)  # fmt: skip


def extract() -> Case:
    """The patients as they are."""
    return one("same: as it is", "same.csv", as_text(wide(MORE)).encode())


def dressed(chance: random.Random) -> Case:
    made = chance.choice(DRESSES)(chance, wide(MORE))
    return Case(made.kind, made.files, same_as=EXTRACT)
