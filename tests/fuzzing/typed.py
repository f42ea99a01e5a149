"""Parquet files and those of statistics packages: columns of types nobody expects, footers and headers that lie."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa

from fuzzing.case import Case, one
from fuzzing.damage import bits_of_the_end_flipped, bits_of_the_head_flipped, damaged
from fuzzing.hostile_texts import CELLS, HEADERS, NAMES
from fuzzing.seeds import FEW, frame, package, parquet, seed_parquet, wide

Column = Callable[[random.Random], pa.Array]

EXTREME = (float("nan"), float("inf"), float("-inf"), -0.0, 1e308, -1e308, 5e-324, 9007199254740993.0, 1e16, 777.0, -9.0)
WHOLE = (0, 1, -1, 2**62, -(2**62), 2**31, 99991231, 1, 2)

COLUMNS: tuple[Column, ...] = (
    lambda chance: pa.array(chance.choices(EXTREME, k=FEW), pa.float64()),
    lambda chance: pa.array([0.1] * FEW, pa.float32()),
    lambda chance: pa.array(chance.choices(EXTREME[:4], k=FEW), pa.float32()).cast(pa.float16()),
    lambda chance: pa.array(chance.choices(WHOLE, k=FEW), pa.int64()),
    lambda chance: pa.array([2**64 - 1, *range(FEW - 1)], pa.uint64()),
    lambda chance: pa.array(chance.choices((True, False, None), k=FEW)),
    lambda chance: pa.nulls(FEW),
    lambda chance: pa.array(chance.choices((b"1", b"\xff\xfe", b"", b"male"), k=FEW), pa.binary()),
    lambda chance: pa.array([b"abcd"] * FEW, pa.binary(4)),
    lambda chance: pa.array([chance.choice(CELLS) for _ in range(FEW)], pa.large_string()),
    lambda chance: pa.array([chance.choice(CELLS) for _ in range(FEW)], pa.string()).dictionary_encode(),
    lambda chance: pa.array([chance.choice((None, "1", "")) for _ in range(FEW)], pa.string()).dictionary_encode(),
    lambda chance: pa.array([[1], None, [], [None]] * (FEW // 4)),
    lambda chance: pa.array([[[[1]]], None] * (FEW // 2)),
    lambda chance: pa.array([{"a": 1, "b": "x"}, None] * (FEW // 2)),
    lambda chance: pa.array([[("a", 1)], None] * (FEW // 2), pa.map_(pa.string(), pa.int64())),
    lambda chance: pa.array(chance.choices((0, 1, 2**31 - 1, -(2**31), -800000, 2932896, 2932897), k=FEW), pa.int32()).cast(pa.date32()),
    lambda chance: pa.array([date(1, 1, 1), date(9999, 12, 31), None, date(1900, 1, 1)] * (FEW // 4)),
    lambda chance: pa.array(chance.choices(WHOLE, k=FEW), pa.timestamp(chance.choice(("s", "ms", "us", "ns")))),
    lambda chance: pa.array(chance.choices((0, 2**61, -(2**61)), k=FEW), pa.timestamp("us", tz=chance.choice(("UTC", "+14:00", "Asia/Shanghai")))),
    lambda chance: pa.array(range(FEW), pa.time32("s")),
    lambda chance: pa.array([2**40] * FEW, pa.time64("ns")).cast(pa.int64()),
    lambda chance: pa.array(chance.choices(WHOLE, k=FEW), pa.duration("s")),
    lambda chance: pa.array(["1.50", None, "-99999999999999999999.99", "0"] * (FEW // 4)).cast(pa.decimal128(38, 2)),
    lambda chance: pa.array(["1.5", None] * (FEW // 2)).cast(pa.decimal256(70, 30)),
    lambda chance: pa.array(["x" * chance.choice((1, 100_000, 1_000_000))] * FEW),
)  # fmt: skip


def odd_types(chance: random.Random) -> bytes:
    table = pa.Table.from_pandas(frame(wide()), preserve_index=False)
    for _ in range(chance.choice((1, 3, 10))):
        place = chance.randrange(table.num_columns)
        table = table.set_column(place, table.column_names[place], chance.choice(COLUMNS)(chance))
    try:
        return parquet(table)
    except pa.ArrowException:  # a type that Parquet does not have
        return seed_parquet()


def odd_names(chance: random.Random) -> bytes:
    table = pa.Table.from_pandas(frame(wide()), preserve_index=False)
    names = [chance.choice((name, name, *_speakable(HEADERS), "", "age", "age")) for name in table.column_names]
    return parquet(table.rename_columns(names))


def _speakable(texts: tuple[str, ...]) -> list[str]:
    return [text for text in texts if not any("\ud800" <= sign <= "\udfff" for sign in text)]


def one_value_for_ever(chance: random.Random) -> bytes:
    """Millions of rows in a few kilobytes."""
    rows = chance.choice((10_000, 300_000, 3_000_000, 50_000_000))
    at = pa.array([0], pa.int32()).take(pa.nulls(0, pa.int32())) if not rows else pa.chunked_array([pa.repeat(0, rows).cast(pa.int32())]).chunk(0)
    value = pa.DictionaryArray.from_arrays(at, pa.array([chance.choice(("P1", "", "male", "1"))]))
    return parquet(pa.table({"patient_id": value, "sex": value}), write_statistics=False)


def wide_parquet(chance: random.Random) -> bytes:
    return parquet(pa.table({f"c{number}": pa.array([1]) for number in range(chance.choice((3_000, 5_001)))} | {"patient_id": ["P1"]}))


def no_rows(chance: random.Random) -> bytes:
    table = pa.Table.from_pandas(frame(wide()), preserve_index=False)
    return parquet(chance.choice((table.slice(0, 0), table.slice(0, 1), pa.table({}), table.select([]))))


def a_lying_footer(chance: random.Random) -> bytes:
    """Row counts, sizes, offsets and statistics are somewhere in the last bytes: numbers there are made larger, or others."""
    data = bytearray(seed_parquet())
    length = int.from_bytes(data[-8:-4], "little")
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = len(data) - 8 - chance.randrange(1, length + 1)
        if chance.random() < 0.5:
            data[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, data[place] ^ 2, (data[place] + 2) % 256))
        else:
            data[place : place + 1] = chance.choice((b"\xff\xff\xff\xff\x0f", b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x80\x80\x04"))
    if chance.random() < 0.2:
        data[-8:-4] = chance.choice((0, 1, 2**31 - 1, 2**32 - 1, len(data))).to_bytes(4, "little")
    return bytes(data)


PARQUETS: tuple[tuple[Callable[[random.Random], bytes], int], ...] = (
    (odd_types, 10), (odd_names, 4), (one_value_for_ever, 1), (wide_parquet, 1), (no_rows, 2), (a_lying_footer, 8),
)  # fmt: skip


def hostile_parquet(chance: random.Random) -> Case:
    if chance.random() < 0.4:
        how, data = damaged(chance, seed_parquet())
        return one(f"parquet: {how}", "small.parquet", data)
    way = chance.choices([way for way, _ in PARQUETS], [weight for _, weight in PARQUETS])[0]
    return one(f"parquet: {way.__name__.replace('_', ' ')}", chance.choice(("small.parquet", "small.parquet", *NAMES)), way(chance))


def hostile_package(chance: random.Random) -> Case:
    """SAS transport, SPSS and Stata files, damaged."""
    kind = chance.choice(("xpt", "sav", "zsav", "dta", "por"))
    data = package(kind, days=chance.random() < 0.7)
    draw: Any = chance.random()
    if draw < 0.35:
        how, data = "bits of the head flipped", bits_of_the_head_flipped(chance, data)
    elif draw < 0.4:
        how, data = "bits of the end flipped", bits_of_the_end_flipped(chance, data)
    else:
        how, data = damaged(chance, data)
    return one(f"{kind}: {how}", f"small.{kind}", data)
