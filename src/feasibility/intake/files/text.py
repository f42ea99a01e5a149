"""Text files: cut into cells, header and records found, what is neither set aside by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from feasibility.intake.files.delimiters import Cut, cut_of
from feasibility.intake.files.encodings import HEAD_BYTES, NAMES, Encoding, judged
from feasibility.intake.files.layout import PATIENT_NAMES, Layout, layout_of
from feasibility.intake.files.recoded import Recoded, has_byte, lines_not_utf8, opened
from feasibility.intake.files.records import records_of
from feasibility.intake.files.table import DISTINCT_TEXT, MAX_COLUMNS, SAVE_AGAIN, Data, Table, named, too_wide, unusable
from feasibility.intake.places import counted, shown
from feasibility.problems import Problem
from feasibility.variables import plain

BLOCK_BYTES = 4 << 20
LONGEST_CELL = 1_000_000
CELLS_HELD = 100_000_000
CELLS_A_BYTE = 3
ROWS_SAMPLED = 200
CELLS_SAMPLED = 100_000
MAX_UNEVEN = 500_000
"""Rows with more or fewer cells than the header; with more of them, what was taken for the header or the delimiter is none."""


CUT_OFF = "the file ends in the middle of a character: it may be cut off."
IN_ANOTHER = "some lines (the first is line {line:,}) are not {whole}; they were read as {other}, so letters with accents may look wrong."
TOO_MANY_COMMAS = (
    "If numbers have a decimal comma, export with semicolons between the cells, or with quotation marks around the numbers; "
    "if rows begin with their number, give that column a header."
)
SAVE_AS_UTF8 = "Save the file as UTF-8 if they do."


@dataclass(frozen=True)
class Sample:
    """The first rows of a file as cells; ``lines`` counts the lines of the file up to the end of each row."""

    rows: list[list[str]]
    lines: list[int]


@dataclass(frozen=True)
class Parsed:
    """All rows under the header: those with a cell for each column, and by number (from 0 below the header) the text of those without."""

    table: pa.Table
    uneven: dict[int, str]


def read_text(name: str, data: Data, head: bytes, encoding: Encoding) -> Table:
    """The table in a text file; raises ``Unusable`` if its text cannot be read as one."""
    problems = [Problem("note" if encoding.certain else "warning", shown(name), note) for note in encoding.notes]
    if encoding.name == "utf-8" and len(head) < HEAD_BYTES and (whole := _whole_characters(head)) != head:
        problems.append(Problem("warning", shown(name), CUT_OFF, "Copy or export it again."))
        data = head = whole
    text = (Recoded(io.BytesIO(head), encoding).read().decode() if encoding.mixed else head.decode(encoding.name, errors="replace")).removeprefix("\ufeff")
    cut = cut_of(text)
    if cut.runs is not None:
        data, text = _spaces_as_tabs(data, encoding.name, cut)
        encoding = replace(encoding, name="utf-8", mixed=False)
    sample = _sampled(name, text, cut, whole=len(head) < HEAD_BYTES)
    layout = layout_of([[], *sample.rows[1:]] if cut.said else sample.rows)
    if layout is None:
        raise unusable(name, "no row has any text", "a header row and one row a patient", "Choose the file that holds the data.")
    headers = _as_wide_as_the_rows(layout, sample.rows, cut, problems, name)
    names, renamed = named(headers, name)
    skip_lines = sample.lines[layout.body - 1] if layout.body else 0
    quoted_lines = cut.quote in text or has_byte(data, cut.quote.encode())
    _check_lines(name, data, len(names))
    try:
        try:
            parsed = _parse(data, names, encoding, cut, skip_lines, quoted_lines)
        except (pa.ArrowException, UnicodeError) as error:
            if encoding.mixed or not _is_of_encoding(error):
                raise
            encoding = _further_down(data, encoding)
            parsed = _parse(data, names, encoding, cut, skip_lines, quoted_lines)
    except (pa.ArrowException, UnicodeError, OSError) as error:
        raise unusable(name, f"the text cannot be read as a table{_because(error)}", "rows of cells, as in the header", SAVE_AGAIN) from error
    problems += _swallowing(name, parsed.table, cut)
    if encoding.mixed:
        line = lines_not_utf8(data)[1]
        message = IN_ANOTHER.format(line=line, whole="UTF-8", other=NAMES.get(encoding.beside, encoding.beside.upper()))
        problems.append(Problem("warning", shown(name), message, SAVE_AS_UTF8))
    problems += renamed
    problems += [Problem("note" if layout.head is not None else "warning", shown(name), note) for note in layout.notes]
    problems += [Problem("warning", shown(name), doubt) for doubt in layout.doubts]
    heading = [] if layout.head is None else [cell.strip() for cell in sample.rows[layout.head]]
    records = records_of(name, parsed.table, parsed.uneven, layout.body + 1, heading, lambda line: _cells(line, cut))
    labels = {names[column]: label for column, label in layout.labels.items() if column < len(names)}
    columns = dict(zip(names, records.table.columns, strict=True))
    return Table(name, columns, records.table.num_rows, layout.body + 1, records.skipped, (*problems, *records.problems), labels)


def _swallowing(name: str, table: pa.Table, cut: Cut) -> list[Problem]:
    """Cells that hold whole rows, because a quotation mark was never closed; raises ``Unusable`` for one longer than any cell is."""
    found: list[Problem] = []
    for column, cells in zip(table.column_names, table.columns, strict=True):
        for texts in (chunk.dictionary for chunk in cells.chunks if pa.types.is_dictionary(chunk.type)):
            if not len(texts):
                continue
            lengths = pc.binary_length(texts)
            if (longest := pc.max(lengths).as_py() or 0) > LONGEST_CELL:
                what = f"a cell of column {shown(column)} has {longest:,} characters: a quotation mark may never be closed"
                raise unusable(name, what, f"cells of at most {LONGEST_CELL:,}", "Correct the quotation marks, or export the table again.")
            breaks = texts.filter(pc.match_substring(texts, "\n"))
            rows = [text for text in breaks.to_pylist() if any(line.count(cut.delimiter) >= table.num_columns - 1 > 0 for line in text.splitlines())]
            if rows:
                message = f"{counted(len(rows), 'cell holds', 'cells hold')} whole rows ('{shown(rows[0])}'): a quotation mark may not be closed."
                where = f"{shown(name)}, column {shown(column)}"
                found.append(Problem("error", where, message, "Correct the quotation marks: patients may be lost in the cell."))
    return found


def _is_of_encoding(error: Exception) -> bool:
    return isinstance(error, UnicodeError) or "UTF8" in str(error).upper().replace("-", "")


def _further_down(data: Data, encoding: Encoding) -> Encoding:
    """How to read a file that is not, all of it, in the encoding of its beginning."""
    if encoding.name != "utf-8":
        return replace(encoding, mixed=True, beside=encoding.name)
    return replace(encoding, mixed=True, beside=judged(lines_not_utf8(data)[0])[0])


def _check_lines(name: str, data: Data, columns: int) -> None:
    """Raise ``Unusable`` where lines are so short that the table would take many times the memory of the file: each takes a place in every column."""
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    if size * columns <= CELLS_HELD:
        return
    lines = 0
    with opened(data) as file:
        while chunk := file.read(HEAD_BYTES):
            lines += max(chunk.count(b"\n"), chunk.count(b"\r"))
    if lines * columns > max(CELLS_HELD, CELLS_A_BYTE * size):
        raise unusable(name, f"{lines:,} lines, most of them blank or far shorter than the header", "rows of cells, as in the header", "Take them out.")


def _because(error: Exception) -> str:
    """Why, where words can be found for it."""
    if "straddling" in str(error):
        return f": a row has more than {BLOCK_BYTES >> 20} MB, or a quotation mark is opened and not closed"
    return f": some of its bytes are no text in the encoding {error.encoding.upper()}" if isinstance(error, UnicodeDecodeError) else ""


def _whole_characters(head: bytes) -> bytes:
    """UTF-8 text without the character it breaks off in."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return head[: error.start] if error.reason == "unexpected end of data" else head
    return head


def _spaces_as_tabs(data: Data, encoding: str, cut: Cut) -> tuple[bytes, str]:
    """Text in which runs of spaces separate cells, with tabs in their place."""
    assert cut.runs is not None
    text = (data if isinstance(data, bytes) else data.read_bytes()).decode(encoding, errors="replace").removeprefix("\ufeff")
    text = "\n".join(cut.runs.sub("\t", line.strip()) for line in text.splitlines())
    return text.encode(), text[:HEAD_BYTES]


def _reader(lines: Any, cut: Cut) -> Any:
    return csv.reader(lines, delimiter=cut.delimiter, quotechar=cut.quote, escapechar=cut.escape, doublequote=cut.escape is None)


def _cells(line: str, cut: Cut) -> list[str]:
    """The cells of one row, as far as they can be told."""
    try:
        return next(_reader(io.StringIO(line, newline=""), cut), [])
    except csv.Error:
        return [line]


def _sampled(name: str, text: str, cut: Cut, whole: bool) -> Sample:
    """The first rows; the last is left out where the text may break off in it."""
    reader = _reader(io.StringIO(text, newline=""), cut)
    rows: list[list[str]] = []
    lines: list[int] = []
    cells = 0
    try:
        for row in reader:
            if len(row) > MAX_COLUMNS:
                raise too_wide(name, len(row))
            rows.append(row)
            lines.append(reader.line_num)
            cells += len(row)
            if len(rows) >= ROWS_SAMPLED or (cells > CELLS_SAMPLED and len(rows) > 10):
                break
        else:
            if not whole and len(rows) > 1:
                rows.pop(), lines.pop()
    except csv.Error as error:
        if not any(cell.strip() for row in rows for cell in row):
            found = "the first row has a cell of more than 100,000 characters" if "limit" in str(error) else f"the first row cannot be read ({error})"
            raise unusable(name, found, "column names in the first row, quotation marks that are closed", SAVE_AGAIN) from error
    return Sample(rows, lines)


def _as_wide_as_the_rows(layout: Layout, rows: Sequence[list[str]], cut: Cut, problems: list[Problem], name: str) -> list[str]:
    """The headers, with one more where most rows are one cell longer: a blank one at their end, or the row numbers that R writes at their beginning.

    Raises ``Unusable`` where commas cut every row into more cells than that explains: in ``1,60,7,5`` the last may be decimal, and the first a patient.
    """
    body = [row for row in rows[layout.body :] if row]
    wide = len(layout.headers)
    longer = [row for row in body if len(row) == wide + 1]
    mostly = layout.head is not None and len(longer) * 2 > len(body)
    if mostly and not any(row[-1].strip() for row in longer):
        return [*layout.headers, ""]
    if mostly and _are_counted([row[0] for row in longer]) and not (cut.delimiter == "," and plain(layout.headers[0]) in PATIENT_NAMES):
        message = "rows have one cell more than the header, and begin with 1, 2, 3 …: the header is taken to begin with the second column."
        problems.append(Problem("warning", shown(name), message, "Check the names of the columns, or give the first a header."))
        return ["", *layout.headers]
    if layout.head is not None and cut.delimiter == "," and body and all(any(cell.strip() for cell in row[wide:]) for row in body):
        found = f"all rows have more cells than the header's {wide}, as '{shown(','.join(body[0]))}'"
        raise unusable(name, found, "as many cells in each row as in the header", TOO_MANY_COMMAS)
    return layout.headers


def _are_counted(cells: list[str]) -> bool:
    """Whether cells are 1, 2, 3 and so on, or begin with a later number."""
    return cells[0].isdecimal() and cells == [str(number) for number in range(int(cells[0]), int(cells[0]) + len(cells))]


def _source(data: Data, encoding: Encoding, held: ExitStack) -> Any:
    """What the parser reads from; a path as it is, which takes the least memory."""
    if encoding.mixed:
        return pa.PythonFile(Recoded(held.enter_context(opened(data)), encoding), mode="r")
    return pa.PythonFile(io.BytesIO(data), mode="r") if isinstance(data, bytes) else str(data)


def _parse(data: Data, names: list[str], encoding: Encoding, cut: Cut, skip_lines: int, quoted_lines: bool) -> Parsed:
    uneven: dict[int, str] = {}
    unnumbered = 0

    def keep(row: Any) -> str:
        nonlocal unnumbered
        if row.number is None:
            unnumbered += 1
        else:
            uneven[row.number - skip_lines - 1] = row.text
        return "skip" if max(unnumbered, len(uneven)) <= MAX_UNEVEN else "error"

    def parse(threads: bool, across_lines: bool) -> pa.Table:
        with ExitStack() as held:
            source = _source(data, encoding, held)
            return pyarrow.csv.read_csv(
                source,
                read_options=pyarrow.csv.ReadOptions(
                    column_names=names,
                    skip_rows=skip_lines,
                    block_size=BLOCK_BYTES,
                    encoding="utf-8" if encoding.mixed else encoding.name,
                    use_threads=threads,
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=cut.delimiter,
                    quote_char=cut.quote,
                    double_quote=cut.escape is None,
                    escape_char=cut.escape or False,
                    newlines_in_values=across_lines,
                    ignore_empty_lines=False,
                    invalid_row_handler=keep,
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, DISTINCT_TEXT), null_values=[""], strings_can_be_null=True, check_utf8=True
                ),
            )

    try:
        table = parse(threads=True, across_lines=quoted_lines)
        if unnumbered:
            table = parse(threads=False, across_lines=True)
    except pa.ArrowInvalid as error:
        if not any(words in str(error) for words in ("Empty CSV", "file is too short")):
            raise
        table = pa.table({name: pa.array([], pa.string()) for name in names})
    return Parsed(table, uneven)
