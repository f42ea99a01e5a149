"""Parquet files."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from feasibility.intake.files.table import MAX_COLUMNS, Data, Table, named, too_wide, unusable
from feasibility.intake.places import shown

MAX_ROWS = 20_000_000
"""A few kilobytes may hold any number of rows of one value. So many of two columns take 6 s and 2 GB."""

FEWER_ROWS = "Keep only the patients and measurements that the protocol is about."


def read_parquet(name: str, data: Data) -> Table:
    """The table in a Parquet file; raises ``Unusable`` if it is damaged or too wide."""
    try:
        file = pyarrow.parquet.ParquetFile(pa.BufferReader(data) if isinstance(data, bytes) else data)
        if len(file.schema_arrow.names) > MAX_COLUMNS:
            raise too_wide(name, len(file.schema_arrow.names))
        if file.metadata.num_rows > MAX_ROWS:
            raise unusable(name, f"{file.metadata.num_rows:,} rows", f"at most {MAX_ROWS:,}", FEWER_ROWS)
        table = file.read()
        table.validate(full=True)  # text that is no UTF-8 would be found out only where it is used
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise unusable(name, "the Parquet file is cut off or damaged", "a whole Parquet file", "Copy or export the file again.") from error
    names, problems = named(table.column_names, name)
    columns = {}
    for chosen, column in zip(names, table.columns, strict=True):
        try:
            columns[chosen] = plain_column(column)
        except _ZoneNotKnown as error:
            found = f"the times of column {shown(chosen)} are in the zone '{shown(str(error))}', which is not known here"
            raise unusable(name, found, "times in a zone by its usual name, or days", "Save the column as days, without a time zone.") from error
    return Table(name, columns, table.num_rows, problems=tuple(problems))


class _ZoneNotKnown(Exception):
    """A time zone that is not in the tables of this machine, or is none."""


def plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in a type that intake reads; a time with a zone as the clock there showed it, as its day is the one that was written down."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz == "UTC":  # needs no tables of zones, which not every machine has
        return column.cast(pa.timestamp(kind.unit))
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        try:
            return pc.local_timestamp(column)
        except pa.ArrowInvalid as error:
            raise _ZoneNotKnown(kind.tz) from error
    if pa.types.is_dictionary(kind):
        return plain_column(column.cast(kind.value_type))
    if pa.types.is_large_string(kind):
        return column.cast(pa.string())
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        return column.cast(pa.float64())
    if pa.types.is_boolean(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.chunked_array([pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())])
    return column
