"""A file into a table of columns, or a sentence that says why not."""

from __future__ import annotations

import csv
import io
import struct
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from feasibility.intake.encodings import encoding_of
from feasibility.intake.places import Rows, counted, rows_said, shown
from feasibility.problems import MOST_CELLS, Detail, Found, Problem, Unusable

MAX_COLUMNS = 5_000
HEAD_BYTES = 1 << 20
BLOCK_BYTES = 4 << 20

DISTINCT_TEXT = pa.dictionary(pa.int32(), pa.string())
"""How text is kept: most columns of a large file hold few distinct texts, so that this halves the memory and each text is read once."""

Data = bytes | Path

SIGNATURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a word-processor document",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
}
KINDS_READ = "CSV, TSV, XLSX, Parquet and SAS transport (XPT) files are read"
LATIN_FURTHER_DOWN = "further down, the text is not UTF-8; it was read as Latin-1, so letters with accents may look wrong."
SAVE_AS_UTF8 = "Save the file as UTF-8 if they do."
SAVE_AGAIN = "Save the table again as CSV or XLSX and load that."


@dataclass(frozen=True, eq=False)
class Table:
    """A file's columns by header: text from CSV, typed where the file has types; ``skipped`` are the file rows that could not be read."""

    name: str
    columns: Mapping[str, pa.ChunkedArray]
    rows: int
    first_row: int = 2
    skipped: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    problems: tuple[Problem, ...] = ()

    @property
    def rows_read(self) -> int:
        return self.rows + len(self.skipped)

    def file_rows(self) -> Rows:
        """The row in the file of each record; the header is row 1."""
        records = np.arange(self.rows, dtype=np.int64)
        kept_before = self.skipped - self.first_row - np.arange(len(self.skipped))
        return records + self.first_row + np.searchsorted(kept_before, records, side="right")


def read_table(name: str, data: Data) -> Table:
    """The table in a file, recognised by its content; raises ``Unusable`` for what is no table, is empty, broken or too wide."""
    head = _head(name, data)
    if not head.strip():
        raise _unusable(name, "the file is empty", "a header row and one row a patient", "Choose the file that holds the data.")
    for signature, what in SIGNATURES.items():
        if head.startswith(signature):
            raise _unusable(name, f"this is {what}, not a table", KINDS_READ, SAVE_AGAIN)
    if head.startswith(b"PAR1"):
        return _checked(name, _read_parquet(name, data))
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _checked(name, _read_workbook(name, data))
    if head.startswith(b"HEADER RECORD"):
        return _checked(name, _read_transport(name, data))
    encoding, notes = encoding_of(head)
    if encoding is None:
        raise _unusable(name, "the file holds binary data, not a table", KINDS_READ, SAVE_AGAIN)
    return _checked(name, _read_text(name, data, head, encoding, notes))


def _head(name: str, data: Data) -> bytes:
    if isinstance(data, bytes):
        return data[:HEAD_BYTES]
    try:
        with data.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise _unusable(name, f"the file could not be opened ({error.strerror})", "a file that can be read", "Check the path and its permissions.") from error


def _checked(name: str, table: Table) -> Table:
    if table.rows == 0:
        raise _unusable(name, "there is a header but no row that can be read", "one row a patient below the header", "Choose the file that holds the data.")
    return table


def _unusable(name: str, found: str, expected: str, remedy: str) -> Unusable:
    return Unusable([Problem("error", shown(name), f"{found}; expected: {expected}.", remedy)])


def _too_wide(name: str, columns: int) -> Unusable:
    return _unusable(
        name,
        f"{columns:,} columns",
        f"at most {MAX_COLUMNS:,}",
        "Keep the columns that the protocol needs, or give repeated measurements as a long table (patient_id, variable, value, unit, date).",
    )


def named(headers: Iterable[object], name: str) -> tuple[list[str], list[Problem]]:
    """Headers made distinct and non-empty, with a problem for each that was not."""
    taken: dict[str, int] = {}
    names, problems = [], []
    for position, header in enumerate(headers, start=1):
        text = "" if header is None else str(header).strip()
        chosen = text or f"column {position}"
        taken[chosen] = taken.get(chosen, 0) + 1
        if taken[chosen] > 1:
            renamed = f"{chosen} ({taken[chosen]})"
            while renamed in taken:
                renamed += "'"
            taken[renamed] = 1
            message = f"two columns are headed '{shown(chosen)}'; the second is called '{shown(renamed)}'."
            problems.append(Problem("warning", shown(name), message, "Give each column its own header."))
            chosen = renamed
        names.append(chosen)
    return names, problems


def _read_text(name: str, data: Data, head: bytes, encoding: str, notes: list[str]) -> Table:
    problems = [Problem("note", shown(name), note) for note in notes]
    if encoding == "utf-8" and len(head) < HEAD_BYTES and (whole := _whole_characters(head)) != head:
        problems.append(Problem("warning", shown(name), "the file ends in the middle of a character: it may be cut off.", "Copy or export it again."))
        data = head = whole
    lines = io.StringIO(head.decode(encoding, errors="replace"), newline="")
    delimiter = _delimiter(lines.getvalue())
    try:
        reader = csv.reader(lines, delimiter=delimiter)
        header = next(row for row in reader if any(cell.strip() for cell in row))
    except StopIteration:
        raise _unusable(name, "no row has any text", "a header row and one row a patient", "Choose the file that holds the data.") from None
    except csv.Error as error:
        raise _unusable(name, f"the header row cannot be read ({error})", "column names in the first row", SAVE_AGAIN) from error
    if len(header) > MAX_COLUMNS:
        raise _too_wide(name, len(header))
    names, renamed = named((cell.lstrip("\ufeff") for cell in header), name)
    quoted_lines = '"' in lines.getvalue()
    shape = delimiter, reader.line_num, quoted_lines
    try:
        try:
            table, skipped = _parse(data, names, encoding, *shape)
        except (pa.ArrowException, UnicodeError) as error:
            if encoding != "utf-8" or "UTF8" not in str(error).upper().replace("-", ""):
                raise
            problems.append(Problem("warning", shown(name), LATIN_FURTHER_DOWN, SAVE_AS_UTF8))
            table, skipped = _parse(data, names, "latin-1", *shape)
    except (pa.ArrowException, UnicodeError, OSError) as error:
        raise _unusable(name, f"the text cannot be read as a table ({shown(error, 120)})", "rows of cells, as in the header", SAVE_AGAIN) from error
    problems += renamed
    if len(skipped):
        found = f"{counted(len(skipped), 'row has', 'rows have')} more or fewer cells than the header's {len(names)}: set aside."
        each = "more or fewer cells than the header: set aside"
        detail = Detail("", "", "", Found.WRONG_WIDTH, len(skipped), tuple(skipped[:MOST_CELLS].tolist()), (), each, f"{len(names)} cells")
        problems.append(Problem("error", f"{shown(name)}, {rows_said(skipped)}", found, "Check for the delimiter inside unquoted text.", detail))
    return Table(name, dict(zip(names, table.columns, strict=True)), table.num_rows, reader.line_num + 1, skipped, tuple(problems))


def _whole_characters(head: bytes) -> bytes:
    """UTF-8 text without the character it breaks off in."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return head[: error.start]
    return head


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the most cells, equally often."""
    lines = [line for line in text.splitlines()[:50] if line.strip()][:20]

    def cells(delimiter: str) -> tuple[bool, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            return False, 0
        return (widths[0] > 1 and widths.count(widths[0]) * 2 > len(widths), widths[0]) if widths else (False, 0)

    return max((",", "\t", ";", "|"), key=cells)


def _parse(data: Data, names: list[str], encoding: str, delimiter: str, header_lines: int, quoted_lines: bool) -> tuple[pa.Table, Rows]:
    skipped: list[int] = []

    def skip(row: Any) -> str:
        skipped.append(row.number if row.number is not None else -1)
        return "skip"

    def parse(threads: bool, across_lines: bool) -> pa.Table:
        skipped.clear()
        source = pa.PythonFile(io.BytesIO(data), mode="r") if isinstance(data, bytes) else str(data)
        return pyarrow.csv.read_csv(
            source,
            read_options=pyarrow.csv.ReadOptions(
                column_names=names, skip_rows=header_lines, block_size=BLOCK_BYTES, encoding=encoding, use_threads=threads
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=across_lines, invalid_row_handler=skip),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, DISTINCT_TEXT), null_values=[""], strings_can_be_null=True, check_utf8=True
            ),
        )

    try:
        table = parse(threads=True, across_lines=quoted_lines)
        if skipped:
            table = parse(threads=False, across_lines=True)  # only then are row numbers known
    except pa.ArrowInvalid as error:
        if not any(words in str(error) for words in ("Empty CSV", "file is too short")):
            raise
        table = pa.table({name: pa.array([], pa.string()) for name in names})
    return table, np.array(sorted(skipped), dtype=np.int64)


def _read_parquet(name: str, data: Data) -> Table:
    try:
        file = pyarrow.parquet.ParquetFile(pa.BufferReader(data) if isinstance(data, bytes) else data)
        if len(file.schema_arrow.names) > MAX_COLUMNS:
            raise _too_wide(name, len(file.schema_arrow.names))
        table = file.read()
        table.validate(full=True)  # text that is no UTF-8 would be found out only where it is used
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise _unusable(name, "the Parquet file is cut off or damaged", "a whole Parquet file", "Copy or export the file again.") from error
    names, problems = named(table.column_names, name)
    columns = {chosen: _plain(column) for chosen, column in zip(names, table.columns, strict=True)}
    return Table(name, columns, table.num_rows, problems=tuple(problems))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_large_string(kind):
        return column.cast(pa.string())
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_boolean(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.chunked_array([pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())])
    return column


def _read_workbook(name: str, data: Data) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data)) if isinstance(data, bytes) else CalamineWorkbook.from_path(str(data))
        sheets = workbook.sheet_names
        rows = workbook.get_sheet_by_name(sheets[0]).to_python(skip_empty_area=False) if sheets else []
    except (CalamineError, OSError, ValueError) as error:
        found = "the workbook is cut off or damaged, or is not a workbook"
        raise _unusable(name, found, "a whole XLSX file", "Save the workbook again and load that.") from error
    first = next((number for number, row in enumerate(rows) if any(str(cell).strip() for cell in row)), None)
    if first is None:
        found = f"the first sheet{f' ({shown(sheets[0])})' if sheets else ''} is empty"
        raise _unusable(name, found, "a header row and one row a patient", "Move the data to the first sheet.")
    if len(rows[first]) > MAX_COLUMNS:
        raise _too_wide(name, len(rows[first]))
    names, problems = named(rows[first], name)
    if len(sheets) > 1:
        others = ", ".join(shown(sheet) for sheet in sheets[1:6])
        problems.append(Problem("note", shown(name), f"the first of {len(sheets)} sheets was read ({shown(sheets[0])}); not read: {others}."))
    body = rows[first + 1 :]
    while body and not any(str(cell).strip() for cell in body[-1]):
        body.pop()
    columns = {chosen: from_cells([row[position] for row in body]) for position, chosen in enumerate(names)}
    return Table(name, columns, len(body), first + 2, problems=tuple(problems))


def from_cells(cells: list[Any]) -> pa.ChunkedArray:
    """Cells of mixed types as one column: numbers where all are numbers, else text."""
    values = [None if cell is None or cell == "" else cell for cell in cells]
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return pa.chunked_array([pa.array(values, pa.float64())])
    return pa.chunked_array([pa.array([None if value is None else _cell_text(value) for value in values], pa.string())])


def _cell_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    iso: Callable[[], str] | None = getattr(value, "isoformat", None)
    return iso() if iso is not None else str(value)


def _read_transport(name: str, data: Data) -> Table:
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
            raise _unusable(name, found, "a whole XPT file (version 5)", "Export the file again, or save it as CSV.") from error
    if len(frame.columns) > MAX_COLUMNS:
        raise _too_wide(name, len(frame.columns))
    names, problems = named(frame.columns, name)
    if any("corrupted" in str(warning.message) for warning in said):
        message = "the SAS transport file does not end with a whole line: its last records may be missing."
        problems.append(Problem("warning", shown(name), message, "Export the file again, or save it as CSV."))
    table = pa.Table.from_pandas(frame, preserve_index=False)
    columns = {chosen: _plain(column) for chosen, column in zip(names, table.columns, strict=True)}
    return Table(name, columns, table.num_rows, problems=tuple(problems))
