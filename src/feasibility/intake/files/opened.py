"""What a file is, by its content, and the tables in it."""

from __future__ import annotations

from dataclasses import replace

from feasibility.intake.files.encodings import HEAD_BYTES, encoding_of
from feasibility.intake.files.packages import package_of, read_package
from feasibility.intake.files.packed import Found, found_in_stream, found_in_zip, is_archive
from feasibility.intake.files.parquet import read_parquet
from feasibility.intake.files.table import SAVE_AGAIN, Data, Table, unusable
from feasibility.intake.files.text import read_text
from feasibility.intake.files.workbook import found_in_workbook

SIGNATURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a word-processor document",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
}
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
KINDS_READ = "text (CSV, TSV), workbooks (XLSX), Parquet, SAS, SPSS and Stata files are read, packed or not"


def tables_in(name: str, data: Data) -> tuple[Table, ...]:
    """Every table in a file, in order, recognised by its content; raises ``Unusable`` if there is none that can be read."""
    found = _found(name, data)
    first, *others = found.tables
    return replace(first, problems=(*found.problems, *first.problems)), *others


def _found(name: str, data: Data) -> Found:
    head = _head(name, data)
    if not head.strip():
        raise unusable(name, "the file is empty", "a header row and one row a patient", "Choose the file that holds the data.")
    for signature, what in SIGNATURES.items():
        if head.startswith(signature):
            raise unusable(name, f"this is {what}, not a table", KINDS_READ, SAVE_AGAIN)
    if head.startswith(PACKED):
        return found_in_stream(name, data, head, _found)
    if head.startswith(b"PK"):
        return found_in_zip(name, data, _found) if is_archive(data, head) else found_in_workbook(name, data)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return found_in_workbook(name, data)
    if head.startswith(b"PAR1"):
        return Found([read_parquet(name, data)])
    if (package := package_of(head)) is not None:
        return Found([read_package(name, data, package)])
    encoding = encoding_of(head)
    if encoding is None and head.count(0) * 100 < len(head) and encoding_of(head.replace(b"\x00", b"")) is not None:
        line = head[: head.index(0)].count(b"\n") + 1
        raise unusable(name, f"the text has zero bytes, the first in line {line:,}", "text without them", "Export it again; it may be damaged.")
    if encoding is None:
        raise unusable(name, "the file holds binary data, not a table", KINDS_READ, SAVE_AGAIN)
    return Found([read_text(name, data, head, encoding)])


def _head(name: str, data: Data) -> bytes:
    if isinstance(data, bytes):
        return data[:HEAD_BYTES]
    try:
        with data.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise unusable(name, f"the file could not be opened ({error.strerror})", "a file that can be read", "Check the path and its permissions.") from error
