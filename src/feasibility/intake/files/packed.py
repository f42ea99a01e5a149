"""Packed files: the members of a zip, what is in a gzip, bzip2 or xz. Unpacked in memory, never to disk, and never beyond bounds, whatever they claim."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from feasibility.intake.files.recoded import opened
from feasibility.intake.files.table import Data, Table, unusable, with_rows
from feasibility.intake.places import shown
from feasibility.problems import Problem, Unusable

MAX_MEMBERS = 200
MAX_BYTES = 1 << 30
MAX_RATIO = 100
"""Tables shrink to a twentieth, seldom to a fiftieth; what grows more than so many times is made to."""

FREE_BYTES = 50_000_000
CHUNK_BYTES = 1 << 20
OF_THE_SYSTEM = ("__MACOSX/",)
ARCHIVES = {b"PK\x03\x04": "a zip", b"\x1f\x8b": "a gzip", b"BZh": "a bzip2", b"\xfd7zXZ": "an xz", b"7z\xbc\xaf": "a 7-Zip", b"Rar!": "a RAR"}
WORKBOOK_PARTS = ("[Content_Types].xml", "xl/", "mimetype", "content.xml", "word/", "ppt/")
TABLE_NAMES = (".csv", ".tsv", ".txt", ".dat", ".xlsx", ".parquet", ".xpt", ".sav", ".dta", ".sas7bdat")

UNPACK = "Unpack it, and load the table itself."
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)

Reader = Callable[[str, Data], "Found"]


@dataclass(frozen=True)
class Found:
    """The tables in a file, and what is said of what else it holds."""

    tables: Sequence[Table]
    problems: tuple[Problem, ...] = ()


class _TooMuchError(Exception):
    pass


def is_archive(data: Data, head: bytes) -> bool:
    """Whether what begins as a zip is an archive of files, not a workbook."""
    try:
        with _zip(data) as archive:
            return not any(name.startswith(WORKBOOK_PARTS) for name in archive.namelist())
    except BROKEN:
        return any(text.encode() in head[30:286].lower() for text in TABLE_NAMES)


def found_in_zip(name: str, data: Data, read: Reader) -> Found:
    """The tables of a zip's members, called ``data.zip: labs.csv``; what is skipped is said. Raises ``Unusable`` if there is none, or if it is a bomb."""
    try:
        with _zip(data) as archive:
            members = [member for member in archive.infolist() if not member.is_dir() and not member.filename.startswith(OF_THE_SYSTEM)]
            if len(members) > MAX_MEMBERS:
                raise unusable(name, f"{len(members):,} files in one archive", f"at most {MAX_MEMBERS}", UNPACK)
            found = _found(name, archive, members, read)
    except BROKEN as error:
        raise unusable(name, "the zip archive is cut off or damaged", "a whole archive", "Pack or copy it again.") from error
    if not found.tables:
        if found.problems:
            said = "; ".join(problem.message.rstrip(".") for problem in found.problems[:3])
            raise unusable(name, f"the archive has no table that can be read ({said})", "a file with a header and rows", UNPACK)
        raise unusable(name, "the archive is empty", "a file with a header and rows", UNPACK)
    return found


def _found(name: str, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], read: Reader) -> Found:
    tables: list[Table] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    left = MAX_BYTES

    def skip(member: zipfile.ZipInfo, why: str, remedy: str = UNPACK) -> None:
        problems.append(Problem("warning", shown(name), f"'{shown(member.filename)}' is not read: {why}.", remedy))

    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.name.startswith("."):
            continue
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            skip(member, "its name points out of the archive")
        elif member.filename in seen:
            skip(member, "another file in the archive has the same name")
        elif member.flag_bits & 1:
            skip(member, "it is locked with a password", "Unpack it with the password, and load the table itself.")
        else:
            seen.add(member.filename)
            try:
                with archive.open(member) as stream:
                    content = _unpacked(stream, member.compress_size, left)
            except _TooMuchError:
                raise _bomb(name) from None
            except BROKEN:
                skip(member, "it is damaged, or packed in a way that is not known")
                continue
            left -= len(content)
            if (what := _archive(content)) is not None:
                skip(member, f"it is {what} archive within the archive")
                continue
            try:
                inner = read(f"{name}: {member.filename}", content)
                tables += [with_rows(table) for table in inner.tables]
                problems += inner.problems
            except Unusable as error:
                skip(member, error.problems[0].message.rstrip("."), error.problems[0].remedy)
    return Found(tables, tuple(problems))


def found_in_stream(name: str, data: Data, head: bytes, read: Reader) -> Found:
    """The tables in a file packed by itself (gzip, bzip2, xz); raises ``Unusable`` if it is damaged, a bomb or an archive again."""
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    try:
        with opened(data) as packed, _unpacker(packed, head) as stream:
            content = _unpacked(stream, size, MAX_BYTES)
    except _TooMuchError:
        raise _bomb(name) from None
    except BROKEN as error:
        raise unusable(name, "the packed file is cut off or damaged", "a whole file", "Pack or copy it again.") from error
    if _archive(content) is not None or content[257:262] == b"ustar":
        raise unusable(name, "an archive is packed within the file", "one table, packed", UNPACK)
    return read(name, content)


def _zip(data: Data) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data)


def _unpacker(packed: IO[bytes], head: bytes) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=packed)
    return bz2.BZ2File(packed) if head.startswith(b"BZh") else lzma.LZMAFile(packed)


def _unpacked(stream: Any, packed: int, at_most: int) -> bytes:
    """What is in a stream; raises if it is beyond the bounds, as soon as it is."""
    bound = min(at_most, max(FREE_BYTES, packed * MAX_RATIO))
    held = io.BytesIO()  # gives its content away without a copy
    while chunk := stream.read(CHUNK_BYTES):
        if held.write(chunk) and held.tell() > bound:
            raise _TooMuchError
    return held.getvalue()


def _archive(content: bytes) -> str | None:
    """Which archive something unpacked is; a workbook is none."""
    what = next((what for signature, what in ARCHIVES.items() if content.startswith(signature)), None)
    return None if what == "a zip" and not is_archive(content, content[:400]) else what


def _bomb(name: str) -> Unusable:
    found = f"the archive unpacks to more than {MAX_BYTES >> 30} GB, or to more than {MAX_RATIO} times its size"
    return unusable(name, found, "packed tables", UNPACK)
