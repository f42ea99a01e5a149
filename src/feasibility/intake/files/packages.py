"""Files of statistics packages."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import pyarrow as pa

from feasibility.intake.files.parquet import plain_column
from feasibility.intake.files.table import MAX_COLUMNS, Data, Table, named, too_wide, unusable
from feasibility.intake.places import shown
from feasibility.problems import Problem


def read_transport(name: str, data: Data) -> Table:
    import pandas as pd

    def frame_in(encoding: str) -> pd.DataFrame:
        source: Any = io.BytesIO(data) if isinstance(data, bytes) else data
        return pd.read_sas(source, format="xport", encoding=encoding)

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            try:
                frame = frame_in("utf-8")
            except UnicodeDecodeError:
                frame = frame_in("latin-1")
        except (ValueError, OSError, LookupError, TypeError, ArithmeticError, MemoryError, StopIteration, struct.error) as error:
            found = "the SAS transport file is cut off or damaged"
            raise unusable(name, found, "a whole XPT file (version 5)", "Export the file again, or save it as CSV.") from error
    if len(frame.columns) > MAX_COLUMNS:
        raise too_wide(name, len(frame.columns))
    names, problems = named(frame.columns, name)
    if any("corrupted" in str(warning.message) for warning in said):
        message = "the SAS transport file does not end with a whole line: its last records may be missing."
        problems.append(Problem("warning", shown(name), message, "Export the file again, or save it as CSV."))
    table = pa.Table.from_pandas(frame, preserve_index=False)
    columns = {chosen: plain_column(column) for chosen, column in zip(names, table.columns, strict=True)}
    return Table(name, columns, table.num_rows, problems=tuple(problems))
