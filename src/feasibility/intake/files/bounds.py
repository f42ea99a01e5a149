"""What a workbook would take to read, found before it is read: sheets are held whole in memory, from the first cell used to the last.

Measured with calamine on two cores: 4 million cells (135 MB of XML, 19 MB as a file) take 9 s and 0.3 GB, in which a sheet counts with every cell of the
rectangle around its cells: two cells in opposite corners of a sheet would take 550 GB, and end the process. So the cells of an XLSX are counted before, and
workbooks of other kinds are tried in a process of their own.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from feasibility.intake.files.table import Data, unusable
from feasibility.intake.places import shown
from feasibility.problems import Unusable

MAX_FILE_BYTES = 100_000_000
MAX_XML_BYTES = 400_000_000
MAX_CELLS = 12_000_000
"""What is read within about 30 s and 3 GB."""

MAX_OTHER_BYTES = 50_000_000
TRIED_SECONDS = 60
TRIED_BYTES = 3 << 29

OLD = b"\xd0\xcf\x11\xe0"
SAVE_SMALLER = "Save the table as CSV or Parquet, which are read in seconds, or keep only the columns that the protocol needs."
CHUNK_BYTES = 4 << 20
CLAIMED_WITHIN = 10_000
LONGEST_TEXT = 4 << 20
LAST_ROW, LAST_COLUMN = 1 << 20, 1 << 14
LONGEST_PLACE = 64

_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,20})([0-9]{1,30})["']""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_CLAIMED = re.compile(rb"""<(?:\w+:)?sst\b[^>]*>""")
_NUMBER = re.compile(rb"""ount\s*=\s*["'](\d+)["']""")
_SHORTEST_TEXT = 5  # <si/>
_TRY = """
import io, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
except ImportError:  # where a process cannot be limited, its end is still no end of ours
    pass
from python_calamine import CalamineWorkbook
workbook = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
cells = 0
for name in workbook.sheet_names:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except Exception:
        continue
    cells += sheet.total_height * sheet.total_width
sys.exit(3 if cells > int(sys.argv[2]) else 0)
"""


def check_workbook(name: str, data: Data) -> None:
    """Raise ``Unusable`` for a workbook that would take too long or too much memory, or that is packed in a damaged way."""
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    if size > MAX_FILE_BYTES:
        raise too_large(name, f"the workbook has {size / 1e6:,.0f} MB")
    if not _is_old(data):
        try:
            with zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as archive:
                members = archive.infolist()
                if any(member.filename.startswith("xl/") and member.filename.endswith(".xml") for member in members):
                    _check_cells(name, archive, members)
                    return
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
            raise damaged(name) from error
    if size > MAX_OTHER_BYTES:
        raise too_large(name, f"the workbook has {size / 1e6:,.0f} MB")
    _try(name, data if isinstance(data, bytes) else data.read_bytes())


def damaged(name: str) -> Unusable:
    return unusable(name, "the workbook is cut off or damaged, or is not a workbook", "a whole XLSX file", "Save the workbook again and load that.")


def is_panic(error: BaseException) -> bool:
    """Whether calamine gave up on a file it did not expect, such as a date a million years from now: then it raises what is no ``Exception``."""
    return type(error).__name__ == "PanicException"


def _is_old(data: Data) -> bool:
    """Whether a workbook is no zip: as Excel wrote them until 2003, or locked."""
    if isinstance(data, bytes):
        return data.startswith(OLD)
    with data.open("rb") as file:
        return file.read(len(OLD)) == OLD


def too_large(name: str, found: str) -> Unusable:
    return unusable(name, f"{found}: it would take minutes and more memory than there may be to read", "a workbook of moderate size", SAVE_SMALLER)


def _check_cells(name: str, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    parts = [member for member in members if not member.filename.lower().endswith((".png", ".jpeg", ".jpg", ".emf", ".wmf", ".gif", ".vml", ".rels"))]
    unpacked = sum(member.file_size for member in parts)
    if unpacked > MAX_XML_BYTES:
        raise too_large(name, f"the workbook unpacks to {unpacked / 1e6:,.0f} MB")
    for member in parts:
        with archive.open(member) as part:
            rows, columns, cells, longest = _extent(part)
        place = shown(member.filename.rpartition("/")[2])
        if longest > LONGEST_TEXT:
            found = f"a cell in a part of the workbook ({place}) has more than {LONGEST_TEXT >> 20} MB of text"
            raise unusable(name, found, "at most 32,767 characters", "Shorten it, or leave its column out.")
        if rows > LAST_ROW or columns > LAST_COLUMN:
            found = f"a sheet ({place}) has a cell in row {rows:,} and column {columns:,}, where no sheet has one"
            raise unusable(name, found, f"at most {LAST_ROW:,} rows and {LAST_COLUMN:,} columns", "Save the workbook again and load that.")
        if max(rows * columns, cells) > MAX_CELLS:
            over = f"cells over {rows:,} rows and {columns:,} columns" if rows * columns > MAX_CELLS else f"more than {MAX_CELLS:,} cells"
            raise too_large(name, f"a sheet ({place}) has {over}")
        with archive.open(member) as part:
            head = part.read(CLAIMED_WITHIN)
        if (claimed := _CLAIMED.search(head)) and max(map(int, _NUMBER.findall(claimed[0])), default=0) * _SHORTEST_TEXT > max(member.file_size, CHUNK_BYTES):
            found = "the list of the workbook's texts says that it has more than there is room for"
            raise unusable(name, found, "a workbook that is whole", "Save the workbook again and load that.")


def _extent(part: IO[bytes]) -> tuple[int, int, int, int]:
    """The last row and column of any cell in a part of a workbook, about how many cells there are, and how long at least the longest is."""
    rows, letters, cells, untagged, longest = 0, {b""}, 0, 0, 0
    for text in _overlapping(part):
        untagged = untagged + len(text) if b"<" not in text else len(text) - text.rfind(b"<")
        longest = max(longest, untagged)
        places = _PLACE.findall(text)
        cells += len(_CELL.findall(text))
        if places:
            rows = max(rows, max(int(row) for _, row in places))
            letters |= {column for column, _ in places}
    return rows, max(_number(each) for each in letters), cells, longest


def _overlapping(part: IO[bytes]) -> Iterator[bytes]:
    kept = b""
    while chunk := part.read(CHUNK_BYTES):
        yield kept + chunk
        kept = chunk[-LONGEST_PLACE:]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _try(name: str, data: bytes) -> None:
    """Read a workbook in a process of its own first, which may come to its end there."""
    command = [sys.executable, "-I", "-c", _TRY, str(TRIED_BYTES), str(MAX_CELLS)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TRIED_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise too_large(name, f"the workbook is not read within {TRIED_SECONDS} seconds") from error
    if done.returncode == 3:
        raise too_large(name, f"the sheets have cells over more than {MAX_CELLS:,} places")
    if done.returncode < 0:
        raise too_large(name, "the sheets take more memory than is allowed")
