"""What is read from files, and what is said of files that cannot be: one clear message each, never a traceback."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from spec.reading import read_table

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.intake.files.table import MAX_COLUMNS
from feasibility.problems import Unusable

WIDE = "patient_id,hba1c_percent\nP1,7.1\nP2,8.2\n"


def load(data: bytes | Path, name: str = "patients.csv") -> Cohort:
    return load_cohort(name, data)


def workbook(rows: list[list[object]], sheets: int = 1) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for number in range(1, sheets):
        book.create_sheet(f"other {number}").append(["a note"])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def parquet(frame: pa.Table) -> bytes:
    held = io.BytesIO()
    pyarrow.parquet.write_table(frame, held)
    return held.getvalue()


FRAME = pa.table({"patient_id": ["P1", "P2"], "hba1c_percent": [7.1, None], "index_date": pa.array([date(2025, 1, 1)] * 2)})
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40

BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "only blanks": (b" \n\n  \n", "the file is empty"),
    "header only": (b"patient_id,hba1c_percent\n", "no row that can be read"),
    "a picture named .csv": (PNG, "a PNG picture, not a table"),
    "binary named .csv": (b"\x00\x01\x02\x03" * 500, "binary data, not a table"),
    "a document": (b"%PDF-1.4 ...", "a PDF document, not a table"),
    "a truncated workbook": (workbook([["patient_id", "age"], ["P1", 60]])[:3000], "the workbook is cut off or damaged"),
    "a zip that is no workbook": (b"PK\x03\x04" + b"rubbish" * 100, "the workbook is cut off or damaged"),
    "an empty workbook": (workbook([]), "is empty"),
    "a workbook with only a header": (workbook([["patient_id", "age"]]), "no row that can be read"),
    "a truncated Parquet file": (parquet(FRAME)[:-20], "the Parquet file is cut off or damaged"),
    "a Parquet file without rows": (parquet(FRAME.slice(0, 0)), "no row that can be read"),
    "a truncated transport file": (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!0000", "the SAS transport file is cut off or damaged"),
    "no patient column": (b"colour,hba1c_percent\nred,7\n", "no column identifies the patients; found 'colour', 'hba1c_percent'"),
    "no identifiers": (b"patient_id,hba1c_percent\n,7\n,8\n", "no row has a patient identifier"),
    "50,000 columns": (",".join(["patient_id", *(f"x{n}" for n in range(49_999))]).encode() + b"\n" + b"1" + b",1" * 49_999, "50,000 columns"),
    "a long table": (b"patient_id,variable,value,unit,date\nP1,hba1c,7,%,2025-01-01\n", "this is a long table"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_cannot_be_used_is_refused_in_sentences(what: str) -> None:
    data, message = BAD[what]
    with pytest.raises(Unusable) as caught:
        load(data)
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1
    (problem,) = caught.value.problems
    assert problem.remedy
    assert "Traceback" not in str(problem)
    assert "\n" not in str(problem)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="could not be opened"):
        load(tmp_path / "nowhere.csv")


def test_faults_of_several_files_are_said_together() -> None:
    with pytest.raises(Unusable) as caught:
        load_cohort("a.csv", b"", ("b.csv", PNG), ("c.csv", b"x\n"))
    assert [problem.where for problem in caught.value.problems] == ["a.csv", "b.csv", "c.csv"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_and_encoding_are_seen(delimiter: str, encoding: str) -> None:
    cohort = load(WIDE.replace(",", delimiter).encode(encoding))
    assert list(cohort.ids) == ["P1", "P2"]
    assert list(cohort.records["hba1c"].fields["hba1c"].lo) == [7.1, 8.2]


def test_chinese_and_latin_files_are_read_with_a_note() -> None:
    chinese = load("患者编号,性别,糖化血红蛋白(%)\nP1,女,7.1\n".encode("gb18030"))
    assert list(chinese.records["sex"].fields["sex"].lo) == [0]
    assert any("GB 18030" in problem.message for problem in chinese.report.problems)
    latin = load("patient_id,creatinine (µmol/L),männlich\nP1,88.4,é\n".encode("latin-1"))
    assert list(latin.records["creatinine"].fields["creatinine"].lo) == [1.0]
    assert any("Latin-1" in problem.message for problem in latin.report.problems)


def test_a_letter_outside_the_encoding_far_down_the_file_is_no_failure() -> None:
    text = b"patient_id,site\n" + b"".join(b"P%d,Berlin\n" % n for n in range(120_000)) + "X,Zürich\n".encode("latin-1")
    assert load(text).patients == 120_001


def test_quoted_text_keeps_its_delimiters_and_line_breaks() -> None:
    cohort = load(b'patient_id,note,hba1c_percent\n"P,1","two\nlines, one cell",7\nP2,"said ""so""",8\n')
    assert list(cohort.ids) == ["P,1", "P2"]
    assert list(cohort.records["hba1c"].fields["hba1c"].lo) == [7, 8]


def test_a_row_with_too_many_cells_is_set_aside_with_its_number_and_later_rows_keep_theirs() -> None:
    cohort = load(b"patient_id,hba1c_percent\nP1,7\nP2,8,9\nP3,eight\nP4\nP5,x\n")
    assert list(cohort.ids) == ["P1", "P3", "P5"]
    assert (cohort.report.rows_read, cohort.report.rows_used, cohort.report.rows_set_aside) == (5, 3, 2)
    texts = [str(problem) for problem in cohort.report.problems]
    assert any("rows 3, 5: 2 rows have more or fewer cells than the header's 2" in text for text in texts)
    assert any("rows 4, 6, column hba1c_percent" in text for text in texts)


def test_headers_that_repeat_or_are_blank_are_told_apart() -> None:
    table = read_table("x.csv", b"patient_id,a,a,\nP1,1,2,3\n")
    assert list(table.columns) == ["patient_id", "a", "a (2)", "column 4"]
    assert "two columns are headed 'a'" in table.problems[0].message


def test_a_file_as_wide_as_is_allowed_is_read() -> None:
    names = ["patient_id", *(f"x{number}" for number in range(MAX_COLUMNS - 1))]
    assert len(read_table("x.csv", (",".join(names) + "\n" + ",".join(["1"] * MAX_COLUMNS)).encode()).columns) == MAX_COLUMNS


def test_the_same_data_in_every_format_give_the_same_cohort() -> None:
    text = (
        "patient_id,sex,birth_date,index_date,creatinine_umol_l,creatinine_date,t2dm,nyha\n"
        "1,F,1960-02-29,2025-08-31,88.4,2025-02-28,1,2\n2,M,1950-01-01,2025-08-31,,,0,\n3,F,1955-05-05,2025-08-31,120.5,2025-08-01,1,4\n"
    )
    rows = [line.split(",") for line in text.splitlines()]

    def typed(cell: str, header: str) -> object:
        if cell == "":
            return None
        if header.endswith("date"):
            return datetime.fromisoformat(cell)
        return cell if header == "sex" else float(cell) if "." in cell else int(cell)

    body: list[list[object]] = [[typed(cell, header) for cell, header in zip(row, rows[0], strict=True)] for row in rows[1:]]
    frame = pd.DataFrame(body, columns=rows[0])
    files = {
        "csv": text.encode(),
        "tsv": text.replace(",", "\t").encode(),
        "xlsx": workbook([[*rows[0]], *body]),
        "parquet": parquet(pa.Table.from_pandas(frame)),
    }
    digests = {name: load(data).digest for name, data in files.items()}
    assert len(set(digests.values())) == 1, digests


def test_sheets_that_were_not_read_are_named() -> None:
    cohort = load(workbook([["patient_id", "age"], ["P1", 60]], sheets=3))
    not_read = [problem.where for problem in cohort.report.problems if "no rows under a header: not read" in problem.message]
    assert [where.partition(": ")[2] for where in not_read] == ["other 1", "other 2"]


def test_identifiers_are_text_as_they_are_written() -> None:
    assert list(load(b"patient_id,age\n007,60\n  8 ,61\n").ids) == ["007", "8"]
    assert list(load(parquet(pa.table({"patient_id": [7.0, 8.0], "age": [60, 61]}))).ids) == ["7", "8"]


PATIENTS = """patient_id,hba1c_percent
P1,7
P1,7
P2,8
,9
P2,8.5
P3,6
"""


def test_duplicate_and_nameless_patients_are_set_aside_and_listed() -> None:
    cohort = load(PATIENTS.encode())
    assert list(cohort.ids) == ["P1", "P2", "P3"]
    assert list(cohort.records["hba1c"].fields["hba1c"].lo) == [7, 8, 6]
    assert (cohort.report.rows_read, cohort.report.rows_used) == (6, 3)
    texts = [str(problem) for problem in cohort.report.problems]
    assert any("row 3, column patient_id: 1 row repeats another row of the patient word for word" in text for text in texts)
    assert any("row 6, column patient_id: 1 further row of patients who have one already" in text and "date of each row" in text for text in texts)
    assert any("row 5, column patient_id: 1 row without a patient identifier" in text for text in texts)


def test_row_numbers_stay_those_of_the_file_after_rows_are_set_aside() -> None:
    cohort = load(PATIENTS.replace("P3,6", "P3,six").encode())
    assert any(str(problem).startswith("row 7, column hba1c_percent: 1 value set aside") for problem in cohort.report.problems)


def test_every_column_has_its_line_in_the_report() -> None:
    cohort = load(b"patient_id,remark,hba1c_percent,hba1c_date,index_date\nP1,A,7,2025-01-01,2025-02-01\nP2,,x,,2025-02-01\n")
    lines = {line.column: line for line in cohort.report.columns}
    assert list(lines) == ["patient_id", "remark", "hba1c_percent", "hba1c_date", "index_date"]
    assert lines["remark"].use == "not used"
    assert (lines["hba1c_percent"].with_value, lines["hba1c_percent"].missing, lines["hba1c_percent"].set_aside) == (1, 0, 1)


def test_progress_rises_to_one() -> None:
    seen: list[tuple[float, str]] = []
    long = b"patient_id,variable,value,unit,date\nP1,sbp,120,mmHg,2025-01-01\nP1,dbp,80,mmHg,2025-01-01\n"
    events = b"patient_id,event,start,end\nP1,af,2025-01-01,\n"
    load_cohort("x.csv", WIDE.encode(), ("m", long), ("e", events), progress=lambda fraction, what: seen.append((fraction, what)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_no_cut_of_a_file_ends_in_a_traceback(cut: int) -> None:
    makers: tuple[Callable[[], bytes], ...] = (lambda: WIDE.encode(), lambda: parquet(FRAME), lambda: workbook([["patient_id", "age"], ["P1", 60]]))
    for make in makers:
        data = make()
        with suppress(Unusable):
            assert load(data[: len(data) * cut // 200]).patients > 0


def test_markup_in_a_file_is_text() -> None:
    cohort = load(b"patient_id,hba1c_percent\n<b>P1</b>,<script>\n")
    assert list(cohort.ids) == ["<b>P1</b>"]
    assert np.isneginf(cohort.records["hba1c"].fields["hba1c"].lo[0])


def test_a_file_that_breaks_off_within_a_character_is_read_and_it_is_said() -> None:
    whole = "patient_id,hba1c_percent,site\nP1,7.1,A\nP2,8.2,µ".encode()
    cohort = load(whole[:-1])
    assert list(cohort.ids) == ["P1", "P2"]
    assert any("ends in the middle of a character" in problem.message for problem in cohort.report.problems)


def test_a_parquet_file_with_text_that_is_no_text_is_refused() -> None:
    with pytest.raises(Unusable, match="the Parquet file is cut off or damaged"):
        load(parquet(pa.table({"patient_id": ["P1", "P2"], "site": ["Zurich", "Bern"]})).replace(b"Zurich", b"Z\xe9rich"))


@pytest.mark.parametrize("header", ["HbA1c (%)", "HbA1c [%]", "HbA1c %", "hba1c%", "HbA1c（%）", "hba1c_percent"])
def test_a_percent_sign_in_a_header_is_a_unit(header: str) -> None:
    """The unit written wins over what the values look like: 51 % is impossible, not 51 mmol/mol."""
    cohort = load_cohort("clinic.csv", f"patient_id,{header}\na,7.1\nb,51\nc,60\n".encode())
    assert cohort.records["hba1c"].fields["hba1c"].hi[0] == 7.1
    assert not any("No unit is given" in problem.message for problem in cohort.report.problems)
    assert sum("possible" in problem.message and "set aside" in problem.message for problem in cohort.report.problems) == 1


def with_zone(moments: list[datetime], zone: str) -> bytes:
    return parquet(pa.table({"patient_id": ["P1", "P2"], "birth_date": pa.array(moments, pa.timestamp("us", tz=zone)), "index_date": ["2025-03-10"] * 2}))


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        ("Asia/Shanghai", [datetime(1980, 3, 9, 16), datetime(1980, 3, 10, 16)]),
        ("America/New_York", [datetime(1980, 3, 10, 5), datetime(1980, 3, 11, 5)]),
        ("+08:00", [datetime(1980, 3, 9, 16), datetime(1980, 3, 10, 16)]),
        ("UTC", [datetime(1980, 3, 10), datetime(1980, 3, 11)]),
    ],
)
def test_a_time_with_a_zone_is_of_the_day_that_the_clock_there_showed(zone: str, moments: list[datetime]) -> None:
    cohort = load(with_zone(moments, zone), "patients.parquet")
    assert list(cohort.records["age"].fields["age"].lo) == [45, 44], "45 on the day, 44 on the eve"


def test_a_zone_that_is_not_known_is_said_by_its_column() -> None:
    with pytest.raises(Unusable, match=r"the times of column birth_date are in the zone 'Mars/Olympus', which is not known here"):
        load(with_zone([datetime(1980, 3, 10)] * 2, "Mars/Olympus"), "patients.parquet")


def test_what_is_no_number_is_no_identifier() -> None:
    cohort = load(parquet(pa.table({"patient_id": [1.0, 2.0, float("nan")], "age": [60, 61, 62]})), "patients.parquet")
    assert list(cohort.ids) == ["1", "2"]
    assert any("1 row without a patient identifier" in str(problem) for problem in cohort.report.problems)
