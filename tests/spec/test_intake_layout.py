"""Where in a file the table is: what stands above, in, and under it is seen, said, and never taken for a patient."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from spec.reading import read_table

from feasibility.intake import Table, load_cohort, tables_in
from feasibility.problems import Unusable

HEADER = ["patient_id", "sex", "creatinine", "hba1c_percent", "index_date"]
RECORDS = [[f"P{number}", "FM"[number % 2], f"{80 + number}", f"7.{number}", f"2025-0{number}-11"] for number in range(1, 8)]
PLAIN = [HEADER, *RECORDS]

Rows = list[list[str]]


def as_text(rows: Rows) -> bytes:
    return "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in rows).encode()


def as_workbook(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append([float(cell) if cell.replace(".", "", 1).isdigit() else cell or None for cell in row])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


BOTH = pytest.mark.parametrize("written", [as_text, as_workbook], ids=["text", "workbook"])
Written = Callable[[Rows], bytes]


def said(table: Table) -> str:
    return "\n".join(str(problem) for problem in table.problems)


def ids(table: Table) -> list[str]:
    return [str(cell) for cell in next(iter(table.columns.values())).to_pylist()]


PATIENTS = [row[0] for row in RECORDS]


@BOTH
def test_a_plain_file_is_read_without_a_word(written: Written) -> None:
    table = read_table("x", written(PLAIN))
    assert list(table.columns) == HEADER
    assert ids(table) == PATIENTS
    assert (table.problems, table.first_row, table.rows_read, list(table.skipped)) == ((), 2, 7, [])
    assert list(table.file_rows()) == list(range(2, 9))


ABOVE: dict[str, Rows] = {
    "a title": [["Hospital A"]],
    "three titles and a blank row": [["Hospital A"], ["Nephrology, 2025"], ["Date: 31.01.2026"], []],
    "titles padded to the width of the table": [["Hospital A", "", "", "", ""], ["Exported by", "M. Meyer", "", "", ""]],
    "comments": [["# cohort v3"], ["# n=7"]],
}


@BOTH
@pytest.mark.parametrize("what", ABOVE)
def test_rows_above_the_header_are_no_part_of_the_table(what: str, written: Written) -> None:
    table = read_table("x", written([*ABOVE[what], *PLAIN]))
    assert list(table.columns) == HEADER
    assert ids(table) == PATIENTS
    row = len(ABOVE[what]) + 1
    assert f"the header is row {row}; what stands above the table is no part of it: '{ABOVE[what][0][0]}'" in said(table)
    assert (table.first_row, table.rows_read) == (row + 1, 7)


@BOTH
@pytest.mark.parametrize("units", [["", "", "mg/dL", "%", ""], ["", "-", "[µmol/L]", "(%)", "yyyy-mm-dd"], ["unit", "", "10^9/L", "%", "date"]])
def test_a_row_of_units_is_joined_to_the_header(units: list[str], written: Written) -> None:
    table = read_table("x", written([HEADER, units, *RECORDS]))
    unit = units[2].strip("[]")
    assert list(table.columns) == ["patient_id", "sex", f"creatinine ({unit})", "hba1c_percent (%)", "index_date"]
    assert ids(table) == PATIENTS
    assert "row 2 gives the units" in said(table)
    assert list(table.file_rows()) == list(range(3, 10))


def test_units_under_the_header_are_those_of_the_values() -> None:
    cohort = load_cohort("x.csv", as_text([HEADER, ["", "", "µmol/L", "", ""], *RECORDS]))
    assert cohort.records["creatinine"].fields["creatinine"].lo[0] == pytest.approx(81 / 88.4)


def test_a_first_record_without_an_identifier_is_no_row_of_units() -> None:
    table = read_table("x.csv", as_text([HEADER, ["", "F", "80", "7", "2025-01-01"], *RECORDS]))
    assert table.rows == 8


HOSPITAL = ["Pat-Nr", "Geschlecht", "Geburtsdatum", "Kreatinin", "HbA1c", "RR syst", "NYHA", "Diabetes Typ 2", "Station"]
OF_HOSPITAL = [[f"P{n}", "mw"[n % 2], f"0{n}.02.1961", str(80 + n), f"7,{n}", str(130 + n), str(1 + n % 4), "ja", "Innere"] for n in range(1, 8)]


UNITS_AND_MORE = """
row                                                                      | kept as labels
| m/w | TT.MM.JJJJ | µmol/L | % | mmHg | | |                              | m/w, TT.MM.JJJJ
| M/F | dd/mm/yyyy | mg/dl | % | mmHg | I-IV | 0/1 | Text                 | M/F, dd/mm/yyyy, I-IV, 0/1
- | (m/w) | JJ/MM/AAAA | (mg/dl) | % | | 1-4 | 1=yes 2=no | text          | (m/w), JJ/MM/AAAA, 1-4, 1=yes 2=no
Einheit: | | YYYY-MM-DD | µmol/L | % | mmHg | | ja/nein | -              | YYYY-MM-DD, ja/nein
id | 1: male; 2: female | date | µmol/L | % | mmHg | grade | | Kürzel     | 1: male; 2: female, Kürzel
"""
OF_COLUMNS = {"Kreatinin": ("µmol/L", "mg/dl"), "HbA1c": ("%",), "RR syst": ("mmHg",), "NYHA": ("grade",)}


def with_units(row: list[str]) -> list[str]:
    written = [cell.strip("()") for cell in row]
    return [f"{name} ({cell})" if cell and cell in OF_COLUMNS.get(name, ()) else name for name, cell in zip(HOSPITAL, written, strict=True)]


@BOTH
@pytest.mark.parametrize("line", UNITS_AND_MORE.strip().splitlines()[1:])
def test_a_row_of_units_may_say_formats_and_codings_beside_them(line: str, written: Written) -> None:
    """What is neither is kept: over numbers as a unit, for the reader of headers to ask about, else as a label."""
    *row, labels = [cell.strip() for cell in line.split("|")]
    table = read_table("x", written([["Auswertung November", *[""] * 8], HOSPITAL, row, *OF_HOSPITAL]))
    assert list(table.columns) == with_units(row)
    assert ids(table) == [each[0] for each in OF_HOSPITAL]
    assert ", ".join(table.labels.values()) == labels
    assert all(row[list(table.columns).index(column)] == label for column, label in table.labels.items())
    assert "row 3 gives the units" in said(table)
    assert all(f"'{label}'" in said(table) for label in table.labels.values())
    assert not any(problem.severity == "warning" for problem in table.problems)


@BOTH
@pytest.mark.parametrize(
    ("row", "values"),
    [
        (["P0", "", "", "µmol/L", "%", "mmHg", "", "", ""], "'P0'"),
        (["", "m", "", "µmol/L", "%", "mmHg", "", "", ""], "'m'"),
        (["", "", "", "µmol/L", "%", "130", "", "", ""], "'130'"),
        (["", "", "", "µmol/L", "%", "mmHg", "", "", "Innere"], "'Innere'"),
        (["", "", "", "µmol/L", "pending", "lost", "", "", ""], "'pending', 'lost'"),
    ],
)
def test_what_is_nearly_a_row_of_units_is_a_record_and_said(row: list[str], values: str, written: Written) -> None:
    table = read_table("x", written([HOSPITAL, row, *OF_HOSPITAL]))
    assert (list(table.columns), table.rows) == (HOSPITAL, 8)
    warned = [str(problem) for problem in table.problems if problem.severity == "warning"]
    assert len(warned) == 1
    assert "row 2: some cells are units ('µmol/L'" in warned[0]
    assert f"others look like values ({values})" in warned[0]


@pytest.mark.parametrize("row", [["P0", "m", "01.02.1961", "u", "u", "130", "", "ja", ""], ["", "m", "", "", "", "", "", "", ""], ["P0", *[""] * 8]])
def test_a_record_with_letters_for_unknown_is_no_row_of_units_nor_nearly(row: list[str]) -> None:
    table = read_table("x.csv", as_text([HOSPITAL, row, *OF_HOSPITAL]))
    assert (table.rows, table.problems) == (8, ())


def test_a_row_of_units_of_a_column_of_units_is_a_record() -> None:
    rows = [["patient_id", "creatinine", "creatinine unit"], ["", "", "mg/dL"], *([f"P{n}", str(80 + n), "mg/dL"] for n in range(5))]
    assert read_table("x.csv", as_text(rows)).rows == 6


@BOTH
def test_names_of_groups_are_carried_right_to_names_that_say_too_little(written: Written) -> None:
    rows = [
        ["", "Creatinine", "", "", "HbA1c", ""],
        ["patient_id", "value", "unit", "date", "value", "date"],
        *(["P" + str(n), str(80 + n), "umol/l", f"2025-01-0{n}", f"7.{n}", f"2025-02-0{n}"] for n in range(1, 6)),
    ]
    table = read_table("x", written(rows))
    assert list(table.columns) == ["patient_id", "Creatinine value", "Creatinine unit", "Creatinine date", "HbA1c value", "HbA1c date"]
    assert table.rows == 5
    assert "row 1 above the names groups them" in said(table)


@BOTH
def test_names_that_say_enough_are_left_alone_under_their_groups(written: Written) -> None:
    table = read_table("x", written([["Person", "", "Kidney", "", "Study"], *PLAIN]))
    assert list(table.columns) == HEADER
    assert ids(table) == PATIENTS


@BOTH
def test_words_for_parts_under_the_names_are_joined_to_them(written: Written) -> None:
    rows = [["patient_id", "creatinine", "creatinine", "hba1c", "hba1c"], ["", "", "date", "", "date"]]
    table = read_table("x", written([*rows, *([f"P{n}", str(80 + n), f"2025-01-0{n}", "7", f"2025-02-0{n}"] for n in range(1, 6))]))
    assert list(table.columns) == ["patient_id", "creatinine", "creatinine date", "hba1c", "hba1c date"]
    assert "row 2 is a second row of the header" in said(table)


@BOTH
def test_a_row_of_descriptions_is_kept_as_labels(written: Written) -> None:
    header = ["patient_id", "v1", "v2", "v3", "v4"]
    rows = [header, ["Patient", "Creatinine", "HbA1c", "Systolic pressure", "Diastolic pressure"], *([f"P{n}", "1", "2", "3", "4"] for n in range(1, 6))]
    table = read_table("x", written(rows))
    assert list(table.columns) == header
    assert table.labels["v3"] == "Systolic pressure"
    assert table.rows == 5


@BOTH
def test_a_first_record_of_texts_is_a_record(written: Written) -> None:
    rows = [HEADER, ["P0", "F", "pending", "pending", "unknown"], *RECORDS]
    assert read_table("x", written(rows)).rows == 8


UNDER: dict[str, Rows] = {
    "a source": [["Source: hospital records, 2026-01-31"]],
    "a source padded to the width": [["Source: EHR", "", "", "", ""]],
    "totals": [["Total", "7", "", "590", ""]],
    "means": [["Mean", "", "84.5", "7.4", ""], ["SD", "", "2.1", "0.2", ""]],
    "a blank row, a source and a total": [[], ["Source: EHR"], ["Total", "7"]],
    "a number": [["n = 7"]],
    "a legend": [[], ["Legend:"], ["F", "female"], ["M", "male"]],
    "footnotes": [["* creatinine by the enzymatic method"], ["† fasting"]],
    "Chinese": [["合计", "7", "", "", ""], ["数据来源：医院信息系统"]],
    "German": [["Quelle: Klinikdatenbank, Stand 31.01.2026"]],
    "rows affected": [["(7 rows affected)"]],
}


@BOTH
@pytest.mark.parametrize("what", UNDER)
def test_rows_under_the_table_are_set_aside_by_name(what: str, written: Written) -> None:
    under = UNDER[what]
    table = read_table("x", written([*PLAIN, *under]))
    assert ids(table) == PATIENTS
    assert table.rows_read == 7 + len(under)
    place = "row 9 under the table is" if len(under) == 1 else f"rows 9–{8 + len(under)} under the table are"
    first = next(" ".join(cell for cell in row if cell) for row in under if row)[:12]
    assert f"{place} set aside: '{first}" in said(table)


@BOTH
@pytest.mark.parametrize("last", [["P8", "", "", "", ""], ["P8", "F", "", "", ""], ["Noteworthy1", "F", "81", "7", "2025-01-01"], ["9999", "F", "1", "2", ""]])
def test_a_last_patient_with_few_values_is_a_patient(last: list[str], written: Written) -> None:
    table = read_table("x", written([*PLAIN, last]))
    assert ids(table) == [*PATIENTS, last[0]]
    after_a_gap = read_table("x", written([*PLAIN, [], last]))
    assert last[0] in ids(after_a_gap) or last[0] == "9999"


NAMED_SO: dict[str, tuple[Rows, int]] = {  # rows without a blank one above, and how many of them are patients
    "MIN and SUM with a sex": ([["MIN", "f", ""], ["SUM", "m", ""]], 2),
    "MAX with everything": ([["MAX", "m", "52"]], 1),
    "KEY 2 with a sex": ([["KEY 2", "f", ""]], 1),
    "SD and a source": ([["SD", "f", "60"], ["Source: EHR", "", ""]], 1),
    "a maximum": ([["MAX", "", "52"]], 0),
    "a mean and its spread": ([["Mean", "", "50.5"], ["SD", "", "0.7"]], 0),
    "a key": ([["Key: f, female", "", ""]], 0),
    "a page": ([["Page 2", "", ""]], 0),
    "after a blank row": ([["", "", ""], ["MIN", "f", "52"]], 0),
}


@BOTH
@pytest.mark.parametrize("what", NAMED_SO)
def test_a_last_row_like_the_records_is_one_whatever_the_patient_is_called(what: str, written: Written) -> None:
    last, patients = NAMED_SO[what]
    table = read_table("x", written([["patient_id", "sex", "age"], ["ABC", "m", "50"], ["KLM", "f", "51"], ["XYZ", "m", "70"], *last]))
    assert ids(table) == ["ABC", "KLM", "XYZ", *(row[0] for row in last[:patients])]
    warned = [problem.message for problem in table.problems if problem.severity == "warning"]
    assert any("as rows under a table do; read as" in each for each in warned) == (patients > 0)
    assert any("under the table" in each for each in warned) == (patients < len(last))


def test_long_tables_end_with_records() -> None:
    rows = [["diagnosis", "patient_id"], *([f"type 2 diabetes mellitus without complications {n}", f"P{n}"] for n in range(6))]
    assert read_table("x.csv", as_text(rows)).rows == 6


@BOTH
def test_blank_rows_within_are_skipped_and_counted_and_rows_keep_their_numbers(written: Written) -> None:
    table = read_table("x", written([HEADER, *RECORDS[:2], [], ["", "", "", "", ""], *RECORDS[2:]]))
    assert ids(table) == PATIENTS
    assert "2 blank rows within the table are skipped" in said(table)
    assert table.rows_read == 9
    assert list(table.file_rows()) == [2, 3, 6, 7, 8, 9, 10]


@BOTH
def test_a_header_that_stands_there_again_is_no_patient(written: Written) -> None:
    table = read_table("x", written([*PLAIN[:4], HEADER, *PLAIN[4:]]))
    assert ids(table) == PATIENTS
    assert "row 5: the header stands there again" in said(table)
    assert list(table.file_rows()) == [2, 3, 4, 6, 7, 8, 9]


@BOTH
def test_a_file_without_a_header_loses_no_patient(written: Written) -> None:
    table = read_table("x", written(RECORDS))
    assert list(table.columns) == [f"column {number}" for number in range(1, 6)]
    assert ids(table) == PATIENTS
    assert [problem.severity for problem in table.problems] == ["warning"]
    assert "no row is a header: row 1 is like those below it" in said(table)
    assert list(table.file_rows()) == list(range(1, 8))


def test_years_as_headers_are_headers_beside_the_patients_column() -> None:
    table = read_table("x.csv", b"patient_id,2023,2024\n1,7,8\n2,7,8\n3,6,5\n")
    assert list(table.columns) == ["patient_id", "2023", "2024"]


def test_problems_name_the_rows_of_the_file() -> None:
    rows = [["Hospital A"], [], HEADER, ["", "", "mg/dL", "%", ""], *RECORDS[:2], [], ["P9", "F", "many", "7", "2025-01-01"], ["Total"]]
    cohort = load_cohort("x.csv", as_text(rows))
    assert any(str(problem).startswith("row 8, column creatinine (mg/dL): 1 value set aside") for problem in cohort.report.problems)
    assert (cohort.report.rows_read, cohort.report.rows_used) == (5, 3)


def test_rows_that_end_early_are_filled_up_and_it_is_said() -> None:
    rows = ["a,b,c,d", "1,2", "2,2,3,4", "3,2,3", "4,2,3,4"]
    table = read_table("x.csv", "\n".join(rows).encode())
    assert table.columns["a"].to_pylist() == ["1", "2", "3", "4"]
    assert table.columns["c"].to_pylist() == [None, "3", "3", "3"]
    assert "rows 2, 4: 2 rows end before the last column" in said(table)


def test_a_row_broken_in_two_is_not_filled_up() -> None:
    table = read_table("x.csv", b"a,b,c,d\n1,2,3,4\n2,first line\nsecond line,3,4\n3,2,3,4\n")
    assert table.columns["a"].to_pylist() == ["1", "3"]
    assert "rows 3, 4: 2 rows have more or fewer cells" in said(table)


def test_blank_cells_beyond_the_last_column_are_left_out() -> None:
    table = read_table("x.csv", b"a,b\n1,2\n2,2,,\n3,2\n")
    assert table.columns["a"].to_pylist() == ["1", "2", "3"]
    assert "row 3: 1 row has blank cells beyond the last column" in said(table)


def test_row_numbers_of_r_do_not_shift_the_columns() -> None:
    table = read_table("x.tsv", b'"patient_id"\t"age"\n"1"\t"A"\t60\n"2"\t"B"\t61\n"3"\t"C"\t62\n')
    assert list(table.columns) == ["column 1", "patient_id", "age"]
    assert table.columns["patient_id"].to_pylist() == ["A", "B", "C"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", " ", "   "])
def test_every_usual_delimiter_is_seen_under_a_title(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in PLAIN)
    for above in ("", "Hospital A\n\n"):
        table = read_table("x.txt", (above + text).encode())
        assert (list(table.columns), ids(table)) == (HEADER, PATIENTS)


def test_a_decimal_comma_is_no_delimiter() -> None:
    text = "a;b;c\n" + "".join(f"{n};1,5;2,5\n" for n in range(9))
    assert list(read_table("x.csv", text.encode()).columns) == ["a", "b", "c"]
    assert list(read_table("x.csv", ("Report of today\n" + text).encode()).columns) == ["a", "b", "c"]


def test_a_first_line_that_says_the_delimiter_is_heeded() -> None:
    table = read_table("x.csv", b"sep=;\r\npatient_id;note\r\nP1;a,b\r\nP2;c,d\r\n")
    assert table.columns["note"].to_pylist() == ["a,b", "c,d"]
    assert list(table.file_rows()) == [3, 4]


def test_single_quotation_marks_are_seen() -> None:
    table = read_table("x.csv", b"'patient_id','note'\n'P1','a,b'\n'P2','c'\n")
    assert table.columns["note"].to_pylist() == ["a,b", "c"]


def test_escaped_quotation_marks_are_seen() -> None:
    table = read_table("x.csv", b'patient_id,note\nP1,"he said \\"no, thanks\\" twice"\nP2,x\n')
    assert table.columns["note"].to_pylist() == ['he said "no, thanks" twice', "x"]


def workbook_of(**sheets: Rows) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell or None for cell in row])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_every_sheet_with_anything_in_it_is_a_table() -> None:
    data = workbook_of(ReadMe=[["This workbook holds the cohort"]], Empty=[], Patients=PLAIN, Labs=[["patient_id", "test", "value"], ["P1", "hba1c", "7"]])
    assert [(table.name, table.rows) for table in tables_in("x.xlsx", data)] == [("x.xlsx: ReadMe", 0), ("x.xlsx: Patients", 7), ("x.xlsx: Labs", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "id,age,hba1c\n1,60,7,5\n2,61,8,1\n3,47,6,9\n",
        "patient_id,age,hba1c\nP1,60,7,5\nP2,61,8,1\n",
        "patient_id,age,hba1c,ldl\nP1,60,7,5,2,1\nP2,61,8,1,3\n",
        '"patient_id","age","hba1c"\n"1","P1",60,7\n"2","P2",61,8\n',
    ],
)
def test_commas_that_may_be_decimal_are_never_taken_for_row_numbers(text: str) -> None:
    with pytest.raises(Unusable, match=r"all rows have more cells than the header's \d, as '[^']+'; expected: .* If numbers have a decimal comma"):
        read_table("x.csv", text.encode())


def test_beside_a_row_that_fits_those_with_commas_that_may_be_decimal_are_set_aside() -> None:
    table = read_table("x.csv", b"id,age,hba1c\n1,60,7,5\n2,61,8,1\n3,47,6\n")
    assert table.columns["id"].to_pylist() == ["3"]
    (problem,) = table.problems
    assert "rows 2, 3: 2 rows have more or fewer cells than the header's 3: set aside" in str(problem)
    assert "decimal commas" in problem.remedy


@pytest.mark.parametrize(
    "text",
    [
        "patient_id\tage\n1\tP1\t60\n2\tP2\t61\n",
        "patient_id;age\n1;P1;60\n2;P2;61\n",
        "age,patient_id\n1,60,P1\n2,61,P2\n",
        '"age","patient_id"\n"7","60","P1"\n"8","61","P2"\n',
    ],
)
def test_row_numbers_without_a_header_are_left_out_where_they_can_be_nothing_else(text: str) -> None:
    table = read_table("x.csv", text.encode())
    assert table.columns["patient_id"].to_pylist() == ["P1", "P2"]
    assert table.columns["age"].to_pylist() == ["60", "61"]
    assert "the header is taken to begin with the second column" in str(table.problems[0])
