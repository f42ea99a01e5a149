"""Files of statistics packages: SAS (XPT, sas7bdat), SPSS (sav, zsav, por) and Stata (dta).

pyreadstat reads all of them from memory, so that an upload is never written to disk. It was judged against ``pandas.read_sas`` and ``read_stata``, which know
no XPT of version 8, no zsav, no por, no user-defined missing values, and give SAS dates as numbers.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pyarrow as pa
import pyreadstat

from feasibility.intake.files.dated import dates_in
from feasibility.intake.files.encodings import HEAD_BYTES, NAMES, encoding_of
from feasibility.intake.files.table import MAX_COLUMNS, Data, Table, named, too_wide, unusable
from feasibility.intake.places import counted, shown, values_said
from feasibility.problems import Problem

SAS7BDAT = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
STATA_RELEASES = range(104, 116)
PORTABLE_HEAD = 700
XPT_LINE = 80
BROKEN = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeError, ValueError, OSError, OverflowError, MemoryError, TypeError)
"""What pyreadstat raises for files that are not as it expects; a TypeError where a name in them is none."""

SAVE_AS_CSV = "Export the file again, or save it as CSV."
ICONV = {"cp1252": "WINDOWS-1252", "latin-1": "LATIN1", "gb18030": "GB18030", "big5": "BIG5", "cp932": "SHIFT_JIS", "cp1251": "WINDOWS-1251"}


class Package(Enum):
    """A kind of file: what it is called, and what reads it."""

    XPT = "SAS transport"
    SAS7BDAT = "SAS data (sas7bdat)"
    SAV = "SPSS (sav)"
    POR = "SPSS portable (por)"
    DTA = "Stata (dta)"

    @property
    def reader(self) -> Callable[..., tuple[dict[str, list[Any]], Any]]:
        readers: dict[Package, Any] = {
            Package.XPT: pyreadstat.read_xport,
            Package.SAS7BDAT: pyreadstat.read_sas7bdat,
            Package.SAV: pyreadstat.read_sav,
            Package.POR: pyreadstat.read_por,
            Package.DTA: pyreadstat.read_dta,
        }
        read: Callable[..., tuple[dict[str, list[Any]], Any]] = readers[self]
        return read


_COUNTED_AS = {Package.XPT: "SAS", Package.SAS7BDAT: "SAS", Package.SAV: "SPSS", Package.POR: "SPSS", Package.DTA: "Stata"}


def package_of(head: bytes) -> Package | None:
    """Which statistics package wrote a file, by its first bytes."""
    if head.startswith(b"HEADER RECORD"):
        return Package.XPT
    if head.startswith(SAS7BDAT):
        return Package.SAS7BDAT
    if head.startswith((b"$FL2", b"$FL3")):
        return Package.SAV
    if b"SPSSPORT" in head[:PORTABLE_HEAD].replace(b"\r", b"").replace(b"\n", b""):
        return Package.POR
    if head.startswith(b"<stata_dta>") or (head[:1] and head[0] in STATA_RELEASES and head[1:3] in (b"\x01\x01", b"\x02\x01")):
        return Package.DTA
    return None


def read_package(name: str, data: Data, kind: Package) -> Table:
    """The table of a statistics package; raises ``Unusable`` if the file is damaged or too wide.

    Cells of a variable with value labels are their labels, or the code where there is none; values declared missing are missing, and that is said.
    """
    columns, about, encoding = _read(name, data, kind)
    if len(about.column_labels) != len(columns):  # of names that are there twice, one column is left
        raise unusable(name, f"the {kind.value} file is damaged: columns have the same name", "a name for each column", SAVE_AS_CSV)
    if len(columns) > MAX_COLUMNS:
        raise too_wide(name, len(columns))
    names, problems = named(columns, name)
    if encoding is not None:
        message = f"the text in the file is not UTF-8; it was read as {encoding}."
        problems.append(Problem("note", shown(name), message, "Save it as UTF-8 if characters look wrong."))
    if kind is Package.XPT and _size(data) % XPT_LINE:
        message = "the SAS transport file does not end with a whole line: its last records may be missing."
        problems.append(Problem("warning", shown(name), message, SAVE_AS_CSV))
    read: dict[str, pa.ChunkedArray] = {}
    labels: dict[str, str] = {}
    for chosen, (column, cells), label in zip(names, columns.items(), about.column_labels, strict=True):
        said = _Said(
            about.variable_value_labels.get(column, {}), about.missing_ranges.get(column, []), (about.original_variable_types.get(column) or "").upper()
        )
        place = f"column {shown(chosen)}"
        read[chosen], found = _column(cells, said, kind, place)
        problems += found
        if label and label.strip() and label.strip() != chosen:
            labels[chosen] = label.strip()
    rows = len(next(iter(columns.values()), []))
    if about.number_rows is not None and 0 < rows < about.number_rows:
        message = f"the file says that it has {about.number_rows:,} rows; {rows:,} are there."
        problems.append(Problem("warning", shown(name), message, SAVE_AS_CSV))
    return Table(name, read, rows, problems=tuple(problems), labels=labels)


@dataclass(frozen=True)
class _Said:
    """What a file says of a variable: labels of its values, ranges of values that are missing, how it is shown."""

    labels: Mapping[Any, str]
    missing: Sequence[Mapping[str, Any]]
    shown_as: str


def _read(name: str, data: Data, kind: Package) -> tuple[dict[str, list[Any]], Any, str | None]:
    """The columns, what the file says of them, and the encoding if it had to be found."""
    options: dict[str, Any] = {"output_format": "dict", "disable_datetime_conversion": True}
    if kind is Package.SAV:
        options["user_missing"] = True
    try:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of names that are there twice: said below
                return *kind.reader(_source(data), **options), None
        except UnicodeDecodeError:
            if kind is Package.POR:
                raise
            columns, about = kind.reader(_source(data), encoding=ICONV["latin-1"], **options)
            texts = {cell for cells in columns.values() for cell in cells if isinstance(cell, str) and not cell.isascii()}
            judged = encoding_of("\n".join((*sorted(texts), *columns)).encode("latin-1", errors="replace")[:HEAD_BYTES])
            if judged is None or judged.name not in ICONV or judged.name == "latin-1":
                return columns, about, NAMES["latin-1"]
            return *kind.reader(_source(data), encoding=ICONV[judged.name], **options), NAMES[judged.name]
    except BROKEN as error:
        what = f"the {kind.value} file is cut off or damaged"
        raise unusable(name, what, "a whole file", SAVE_AS_CSV) from error


def _source(data: Data) -> Any:
    return io.BytesIO(data) if isinstance(data, bytes) else str(data)


def _size(data: Data) -> int:
    return len(data) if isinstance(data, bytes) else data.stat().st_size


def _column(cells: list[Any], said: _Said, kind: Package, place: str) -> tuple[pa.ChunkedArray, list[Problem]]:
    problems: list[Problem] = []
    if said.missing:
        kept = [None if cell is not None and _is_missing(cell, said.missing) else cell for cell in cells]
        declared = [said.labels.get(cell, cell) for cell, still in zip(cells, kept, strict=True) if cell is not None and still is None]
        if declared:
            message = f"the file declares {values_said([_code(each) for each in declared])} missing: {counted(len(declared), 'value')} read as missing."
            problems.append(Problem("note", place, message))
        cells = kept
    if all(cell is None or isinstance(cell, int | float) for cell in cells) and not any(cell in said.labels for cell in set(cells)):
        numbers = pa.array(cells, pa.float64(), from_pandas=True)
        dates, unreadable = dates_in(numbers, said.shown_as, _COUNTED_AS[kind])
        if unreadable:
            message = f"{counted(unreadable, 'value is', 'values are')} no date between the years 1 and 9999: read as missing."
            problems.append(Problem("warning", place, message, "Correct the dates in the file."))
        return pa.chunked_array([numbers if dates is None else dates]), problems
    texts = [None if cell is None or cell == "" else said.labels.get(cell) or _code(cell) for cell in cells]
    return pa.chunked_array([pa.array(texts, pa.string())]), problems


def _is_missing(cell: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:
    return any(each["lo"] <= cell <= each["hi"] for each in ranges if isinstance(cell, str) == isinstance(each["lo"], str))


def _code(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
