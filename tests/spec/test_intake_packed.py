"""Packed files: what is in them is read, what is hostile in them is refused or skipped in a sentence, soon and in little memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import time
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from spec.reading import read_table

from feasibility.intake import load_cohort, tables_in
from feasibility.intake.files import bounds, packed
from feasibility.problems import Unusable

DATA = b"patient_id,hba1c_percent\nP1,7.1\nP2,8.2\n"
LABS = b"patient_id,variable,value\nP1,hba1c,7\nP1,sbp,120\nP2,hba1c,8\n"


def zipped(*members: tuple[str, bytes], **options: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", **{"compression": zipfile.ZIP_DEFLATED, **options}) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return held.getvalue()


def small_workbook() -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["patient_id", "age"], ["P1", 60]):
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def refusal(name: str, data: bytes) -> str:
    """What is said of a file that is refused, which must be soon."""
    start = time.perf_counter()
    with pytest.raises(Unusable) as caught:
        tables_in(name, data)
    assert time.perf_counter() - start < 8
    (problem,) = caught.value.problems
    assert problem.remedy
    assert "\n" not in str(problem)
    return str(problem)


def test_every_member_that_is_a_table_is_one() -> None:
    data = zipped(("patients.csv", DATA), ("labs.csv", LABS), ("readme.txt", b"hello"), ("__MACOSX/._patients.csv", b"x"), ("age.xlsx", small_workbook()))
    tables = tables_in("data.zip", data)
    assert [(table.name, table.rows) for table in tables] == [("data.zip: patients.csv", 2), ("data.zip: labs.csv", 3), ("data.zip: age.xlsx", 1)]
    (skipped,) = tables[0].problems
    assert "'readme.txt' is not read" in str(skipped)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "zip": lambda data: zipped(("patients.csv", data)),
    "stored zip": lambda data: zipped(("patients.csv", data), compression=zipfile.ZIP_STORED),
    "gz": gzip.compress,
    "two gzips in a row": lambda data: gzip.compress(data[:20]) + gzip.compress(data[20:]),
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("how", PACKERS)
def test_a_packed_table_gives_the_cohort_of_the_table(how: str) -> None:
    whole = load_cohort("patients.csv", DATA)
    assert load_cohort("patients.csv.gz", PACKERS[how](DATA)).digest == whole.digest


@pytest.mark.parametrize("name", ["../../etc/labs.csv", "/etc/labs.csv", "C:/labs.csv", "..\\labs.csv", "a/../../labs.csv"])
def test_a_name_that_points_out_of_the_archive_is_not_followed(name: str) -> None:
    assert "its name points out of the archive" in refusal("x.zip", zipped((name, DATA)))
    (table,) = tables_in("x.zip", zipped(("data/patients.csv", DATA), (name, LABS)))
    assert "its name points out of the archive" in str(table.problems[0])


def test_an_archive_in_an_archive_is_not_unpacked() -> None:
    inner = zipped(("patients.csv", DATA))
    assert "a zip archive within the archive" in refusal("x.zip", zipped(("inner.zip", inner)))
    assert "a gzip archive within the archive" in refusal("x.zip", zipped(("inner.gz", gzip.compress(DATA))))
    assert "an archive is packed within the file" in refusal("x.gz", gzip.compress(inner))
    assert "an archive is packed within the file" in refusal("x.gz", gzip.compress(gzip.compress(DATA)))


def test_of_two_members_with_one_name_the_first_is_read() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("patients.csv", DATA), ("patients.csv", LABS))
    (table,) = tables_in("x.zip", data)
    assert table.rows == 2
    assert "another file in the archive has the same name" in str(table.problems[0])


def test_a_locked_member_is_skipped() -> None:
    data = bytearray(zipped(("patients.csv", DATA)))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    assert "it is locked with a password" in refusal("x.zip", bytes(data))


def test_archives_of_too_many_files_are_refused() -> None:
    assert "201 files in one archive" in refusal("x.zip", zipped(*((f"{number}.csv", DATA) for number in range(packed.MAX_MEMBERS + 1))))


@pytest.mark.parametrize("how", ["zip", "gz", "bz2", "xz"])
def test_what_unpacks_to_many_times_its_size_is_refused_before_it_is_unpacked(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "FREE_BYTES", 1_000_000)
    assert "100 times its size" in refusal("x", PACKERS[how](b"patient_id,age\n" + b"P1,60\n" * 1_000_000))


def test_an_archive_unpacks_no_further_than_to_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MAX_BYTES", 3 * len(DATA))
    assert len(tables_in("x.zip", zipped(*((f"{number}.csv", DATA) for number in range(3))))) == 3
    assert "unpacks to more than" in refusal("x.zip", zipped(*((f"{number}.csv", DATA) for number in range(4))))


def test_a_size_that_the_directory_understates_is_found_out() -> None:
    data = bytearray(zipped(("patients.csv", DATA * 1000)))
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 30)
    assert "it is damaged" in refusal("x.zip", bytes(data))


def test_an_archive_without_a_table_says_what_is_in_it() -> None:
    assert "no table that can be read ('picture.png' is not read: this is a PNG picture" in refusal("x.zip", zipped(("picture.png", b"\x89PNG\r\n" * 100)))
    assert "the archive is empty" in refusal("x.zip", zipped())


@pytest.mark.parametrize("cut", range(1, 20))
def test_no_cut_of_an_archive_ends_in_a_traceback(cut: int) -> None:
    for how, pack in PACKERS.items():
        data = pack(DATA * 20)
        with pytest.raises(Unusable) as caught:
            read_table(f"x.{how}", data[: len(data) * cut // 20])
        assert caught.value.problems[0].remedy


SHEET = '<?xml version="1.0"?>{doctype}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'


def workbook_with(rows: str, doctype: str = "", more: bytes = b"") -> bytes:
    """A workbook whose one sheet is this XML."""
    source = zipfile.ZipFile(io.BytesIO(small_workbook()))
    members = [(name, source.read(name)) for name in source.namelist() if "sheet1" not in name]
    return zipped(*members, ("xl/worksheets/sheet1.xml", SHEET.format(rows=rows, doctype=doctype).encode() + more))


CORNERS = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="{column}1048576"><v>1</v></c></row>'


@pytest.mark.parametrize("column", ["XFD", "AZ", "L"])
def test_cells_in_opposite_corners_do_not_end_the_process(column: str) -> None:
    found = refusal("x.xlsx", workbook_with(CORNERS.format(column=column)))
    assert "has cells over 1,048,576 rows" in found
    assert "Parquet" in found


def test_places_are_found_however_they_are_written() -> None:
    for row in ("<row r='1048576'><c><v>1</v></c><c r='XFD1'><v>1</v></c></row>", '<row r = "9"><c r\n=\n"xfd1048576"><v>1</v></c></row>'):
        assert "16,384 columns" in refusal("x.xlsx", workbook_with('<row r="1"><c r="A1"><v>1</v></c></row>' + row))


def test_a_place_on_the_border_of_two_chunks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "CHUNK_BYTES", 7)
    assert "16,384 columns" in refusal("x.xlsx", workbook_with(CORNERS.format(column="XFD")))


def test_a_workbook_that_unpacks_to_too_much_is_refused_by_its_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_XML_BYTES", 20_000_000)
    data = workbook_with(" " * 20_000_000)
    start = time.perf_counter()
    assert "unpacks to 20 MB" in refusal("x.xlsx", data)
    assert time.perf_counter() - start < 0.5


def test_a_workbook_of_200_megabytes_is_refused_at_once() -> None:
    data = small_workbook() + bytes(200_000_000)
    start = time.perf_counter()
    found = refusal("x.xlsx", data)
    assert time.perf_counter() - start < 1
    assert "the workbook has 200 MB" in found
    assert "Save the table as CSV or Parquet" in found


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "{}"><!ENTITY c "{}"><!ENTITY d "{}"><!ENTITY file SYSTEM "file:///etc/passwd">]>'.format(
    "&a;" * 100, "&b;" * 100, "&c;" * 1000
)


@pytest.mark.parametrize("entity", ["&d;", "&file;"])
def test_entities_are_not_expanded(entity: str) -> None:
    cells = "".join(f'<c r="{column}{{row}}" t="inlineStr"><is><t>{{{column}}}</t></is></c>' for column in "AB")
    rows = "".join(
        f'<row r="{row}">{cells.format(row=row, A=first, B=second)}</row>'
        for row, first, second in ((1, "patient_id", "note"), (2, "P1", entity), (3, "P2", "x"))
    )
    try:
        cell = read_table("x.xlsx", workbook_with(rows, LAUGHS)).columns["note"].to_pylist()[0]
    except Unusable:
        return
    assert cell is None or (len(cell) < 20 and "root" not in cell)


def test_old_workbooks_are_tried_in_a_process_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "_TRY", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert "more memory than is allowed" in refusal("x.xls", b"\xd0\xcf\x11\xe0" + bytes(1000))
    monkeypatch.setattr(bounds, "_TRY", "import time; time.sleep(60)")
    monkeypatch.setattr(bounds, "TRIED_SECONDS", 1)
    assert "not read within 1 seconds" in refusal("x.xls", b"\xd0\xcf\x11\xe0" + bytes(1000))
