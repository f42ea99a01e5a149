"""Several tables of one cohort: joined by patient, more of the same, and with several rows a patient."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import pytest
from spec.reading import read_table
from spec.tables import by_name

from feasibility.cohort import Cohort
from feasibility.intake import (
    About,
    ColumnUse,
    DateOrder,
    Table,
    Tables,
    Weight,
    accept_suggestions,
    answer,
    build,
    load_cohort,
    read_files,
    read_mapping,
    suggest,
    write_mapping,
)
from feasibility.intake.tables import patient_of, together
from feasibility.problems import Found
from feasibility.variables import builtin_catalogue

PEOPLE = "patient_id,sex,age,index_date\na,female,60,2026-01-31\nb,male,70,2026-01-31\nc,male,50,2026-01-31\n"
LABS = "patient_id,date,hba1c (%),sex\nb,2026-01-10,7.5,male\na,2026-01-12,8,female\nd,2026-01-12,9,male\n"
VISITS = """patient_id,visit_date,sbp,dbp,hba1c (%)
a,2026-01-20,150,90,8
a,2026-01-10,140,85,
b,2026-01-05,130,80,7
b,2026-01-05,130,80,7
"""


def load(*files: tuple[str, str], index_date: date | None = None) -> Cohort:
    return load_cohort(files[0][0], [(name, text.encode()) for name, text in files], index_date=index_date)


def said(cohort: Cohort) -> list[str]:
    return [str(problem) for problem in cohort.report.problems]


def values(cohort: Cohort, variable: str) -> list[list[float]]:
    """The values of each patient, newest first; those not known left out."""
    records = next(records for records in cohort.records.values() if variable in records.fields)
    lo = records.fields[variable].lo
    starts = np.arange(cohort.patients + 1) if records.starts is None else records.starts
    return [[float(value) for value in lo[starts[patient] : starts[patient + 1]] if np.isfinite(value)] for patient in range(cohort.patients)]


def test_two_tables_with_a_row_a_patient_are_joined_whatever_their_order() -> None:
    cohort = load(("people.csv", PEOPLE), ("labs_2026-01.csv", LABS))
    assert list(cohort.ids) == ["a", "b", "c"]
    assert values(cohort, "hba1c") == [[8], [7.5], []]
    assert values(cohort, "sex") == [[0], [1], [1]]
    assert (cohort.report.rows_read, cohort.report.rows_used) == (6, 5)
    assert any("labs_2026-01.csv, row 4, column patient_id: 1 row of 1 patient who are not among those of the first table" in text for text in said(cohort))
    assert any("'date' may be the date of what is measured in the row (HbA1c)" in text for text in said(cohort))


def test_a_header_that_two_tables_have_is_told_apart_by_the_table_and_read_as_it_stands() -> None:
    tables = together([read_table("people.csv", PEOPLE.encode()), read_table("labs_2026-01.csv", LABS.encode())], builtin_catalogue())
    assert list(tables.further[0].columns) == ["patient_id", "date", "hba1c (%)", "sex (labs)"]
    suggestion = suggest(tables, builtin_catalogue())
    assert not suggestion.mapping.use("sex (labs)").variables
    assert any("may be Sex too; sex is used instead" in problem.message for problem in suggestion.problems)


def test_the_column_of_patients_that_is_chosen_is_that_of_every_table_headed_so() -> None:
    """A header that nobody would know: it is told apart in the second table, and is the same column."""
    tables = [read_table(name, text.replace("patient_id", "Kürzel").encode()) for name, text in (("people.csv", PEOPLE), ("labs.csv", LABS))]
    whole = together(tables, builtin_catalogue(), dict.fromkeys(("people.csv", "labs.csv"), "data"))
    suggestion = suggest(whole, builtin_catalogue())
    mapping = replace(accept_suggestions(suggestion)[0], patient="Kürzel")
    cohort = build("clinic", whole, mapping, builtin_catalogue())
    assert list(cohort.ids) == ["a", "b", "c"]
    assert values(cohort, "hba1c") == [[8], [7.5], []]


def test_of_three_tables_too_two_of_which_are_called_alike() -> None:
    texts = {"people.csv": PEOPLE, "labs_2025.csv": LABS, "labs_2026.csv": VISITS}
    tables = [read_table(name, text.replace("patient_id", "Kürzel").encode()) for name, text in texts.items()]
    whole = together(tables, builtin_catalogue(), dict.fromkeys(texts, "data"))
    mapping = replace(accept_suggestions(suggest(whole, builtin_catalogue()))[0], patient="Kürzel")
    assert [patient_of(table, mapping) for table in whole.wide.values()] == ["Kürzel", "Kürzel (labs)", "Kürzel (labs)'"]


def test_rows_numbered_alike_in_two_tables_are_not_patients() -> None:
    """The first table calls its patients id; in the second that is the number of a row, and its patients are headed so."""
    people = "id,sex,age,index_date\n1,female,60,2026-01-31\n2,male,70,2026-01-31\n3,male,50,2026-01-31\n"
    labs = "id,patient_id,hba1c (%)\n1,3,9.9\n2,1,6.1\n3,2,7.2\n"
    assert values(load(("people.csv", people), ("labs.csv", labs)), "hba1c") == [[6.1], [7.2], [9.9]]


@pytest.mark.parametrize("header", ["Pat. no.", "Patient no", "Subject number", "patient code"])
def test_headers_of_the_column_of_patients(header: str) -> None:
    cohort = load(("people.csv", PEOPLE.replace("patient_id", header)), ("labs.csv", LABS.replace("patient_id", header)))
    assert list(cohort.ids) == ["a", "b", "c"]
    assert values(cohort, "hba1c") == [[8], [7.5], []]


def test_more_of_the_same_adds_its_patients_and_a_patient_again_is_set_aside() -> None:
    again = PEOPLE.replace("a,female,60", "d,female,40").replace("c,male,50", "e,male,30")
    cohort = load(("site_1.csv", PEOPLE), ("site_2.csv", again))
    assert list(cohort.ids) == ["a", "b", "c", "d", "e"]
    assert values(cohort, "age") == [[60], [70], [50], [40], [30]]
    assert (cohort.report.rows_read, cohort.report.rows_used) == (6, 5)
    assert any("site_2.csv, row 3, column patient_id: 1 patient of an earlier file again: set aside" in text for text in said(cohort))


def sheets(hidden: tuple[str, ...] = (), **called: str) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, text in called.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append([cell or None for cell in line.split(",")])
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


INCLUDED, EXCLUDED = "patient_id,sex,age\nP1,m,50\nP2,f,51\n", "patient_id,sex,age\nP8,m,50\nP9,f,51\n"


def warned(cohort: Cohort) -> list[str]:
    return [str(problem) for problem in cohort.report.problems if problem.severity == "warning"]


def test_sheets_with_the_same_columns_are_put_together_and_it_is_said() -> None:
    cohort = load_cohort("a.xlsx", sheets(Included=INCLUDED, Excluded=EXCLUDED))
    assert list(cohort.ids) == ["P1", "P2", "P8", "P9"]
    (found,) = warned(cohort)
    assert found.startswith("a.xlsx: Included, a.xlsx: Excluded: the rows of 2 tables with the same columns are put together.")


def test_long_tables_with_the_same_columns_are_put_together_and_it_is_said() -> None:
    rows = "patient_id,test,value,unit,date\n{},hba1c,7,%,2026-01-01\n"
    cohort = load(("one.csv", rows.format("a")), ("two.csv", rows.format("b")), index_date=date(2026, 1, 31))
    assert cohort.patients == 2
    assert any("one.csv, two.csv: the rows of 2 tables with the same columns are put together." in each for each in warned(cohort))


def test_a_hidden_sheet_is_left_out_until_it_is_chosen() -> None:
    data = sheets(("Excluded",), Included=INCLUDED, Excluded=EXCLUDED)
    cohort = load_cohort("a.xlsx", data)
    assert list(cohort.ids) == ["P1", "P2"]
    (found,) = warned(cohort)
    assert found.startswith("a.xlsx: Excluded: the sheet is hidden in the workbook: left out, with its 2 rows.")
    ((visible, hidden),) = read_files([("a.xlsx", data)])
    chosen = together([visible, hidden], builtin_catalogue(), {hidden.name: "data"})
    assert [table.name for table in chosen.further] == [hidden.name]
    assert any("put together" in problem.message for problem in chosen.problems)
    assert any("its rows are used all the same" in problem.message for problem in hidden.problems)


def test_a_hidden_sheet_is_used_where_no_other_has_patients() -> None:
    for more in ({}, {"ReadMe": "Contents,Author\nthe cohort,me\n"}):
        cohort = load_cohort("a.xlsx", sheets(("Data",), Notes="About,By\nthe cohort,me\n", Data=INCLUDED, **more))
        assert list(cohort.ids) == ["P1", "P2"]
        assert any("its rows are used all the same" in each for each in said(cohort))


def test_a_patient_may_have_a_row_a_visit() -> None:
    cohort = load(("visits.csv", VISITS), index_date=date(2026, 1, 31))
    assert list(cohort.ids) == ["a", "b"]
    assert values(cohort, "sbp") == [[150, 140], [130]]
    assert values(cohort, "hba1c") == [[8], [7]]
    records = cohort.records["hba1c"]
    assert records.times is not None
    assert records.times.days_lo.tolist() == [11, 26]
    assert (cohort.report.rows_read, cohort.report.rows_used) == (4, 3), "a row repeated word for word is used once"
    assert any("taken as the date of what is measured in the row (Systolic blood pressure, Diastolic blood pressure, HbA1c)" in text for text in said(cohort))


def test_visits_beside_a_table_of_patients() -> None:
    cohort = load(("people.csv", PEOPLE), ("visits.csv", VISITS))
    assert list(cohort.ids) == ["a", "b", "c"]
    assert values(cohort, "dbp") == [[90, 85], [80], []]
    assert values(cohort, "age") == [[60], [70], [50]]


def test_what_a_patient_is_may_stand_in_every_row_of_a_table_of_visits() -> None:
    rows = "patient_id,visit_date,sex,age,sbp,dbp\na,2026-01-20,female,60,150,90\na,2026-01-10,female,60,140,85\nb,2026-01-05,male,50,130,80\n"
    cohort = load(("visits.csv", rows), index_date=date(2026, 1, 31))
    assert values(cohort, "sex") == [[0], [1]]
    assert values(cohort, "age") == [[60], [50]]


AGES = """
visits                                    | age   | said
2023-01-01 44, 2025-01-01 46              | 46 47 |
2025-01-05 82, 2022-01-01 79              | 82 83 |
2025-01-05 82, 2021-12-01 80              | 83 83 |
2025-02-01 46, 2023-01-01 44              | 46 46 |
2025-01-31 46, 2024-02-01 46              | 47 47 |
2025-01-31 46, 2024-02-02 46              | 46 47 |
2025-03-01 46, 2024-06-01 45              | 45 46 |
2026-02-01 46, 2026-03-01 46              | 44 45 |
2023-01-01 44, 2025-01-01 40              | 40 41 | 2 ages of 1 patient cannot all be true on their days
2025-01-01 >=80, 2024-01-01 >=80          | 81 inf |
"""


@pytest.mark.parametrize("case", by_name(AGES))
def test_an_age_beside_a_date_is_the_age_on_that_day(case: tuple[str, ...]) -> None:
    visits, age, word = case
    lo, hi = (float(end) for end in age.split())
    days = [each.split() for each in visits.split(", ")]
    wide = "patient_id,visit_date,age,hba1c (%)\n" + "".join(f"a,{day},{years},7.{number}\n" for number, (day, years) in enumerate(days))
    long = "patient_id,variable,value,unit,date\n" + "".join(f"a,age,{years},,{day}\n" for day, years in days)
    for data, measurements in ((wide.encode(), None), (None, ("x.csv", long.encode()))):
        cohort = load_cohort("x.csv", data, measurements, index_date=date(2025, 2, 1))
        found, exact = cohort.records["age"].fields["age"], cohort.records["age_exact"].fields["age_exact"]
        assert (found.lo[0], found.hi[0]) == (lo, hi)
        assert (exact.lo[0] >= lo, exact.hi[0] < hi + 1 or hi == np.inf) == (True, True)
        problems = [problem for problem in cohort.report.problems if "cannot all be true" in problem.message]
        assert [problem.message.partition(":")[0] for problem in problems] == ([word] if word else [])
        assert [problem.detail.rows for problem in problems] == ([(2, 3)] if word else [])


def test_differing_ages_without_dates_leave_open_which_is_right() -> None:
    text = "patient_id,variable,value,unit\na,age,44,\nb,age,50,\na,age,46,\nb,age,50,\n"
    cohort = load_cohort("x.csv", None, ("x.csv", text.encode()), index_date=date(2025, 2, 1))
    age = cohort.records["age"].fields["age"]
    assert (age.lo.tolist(), age.hi.tolist()) == ([44, 50], [46, 50])
    (found,) = (problem for problem in cohort.report.problems if "differ and have no dates" in problem.message)
    assert (found.severity, found.detail.rows, found.detail.values) == ("warning", (2, 4), ("44", "46"))


def test_an_age_of_a_visit_is_open_where_there_is_no_index_date() -> None:
    cohort = load(("x.csv", "patient_id,visit_date,age,hba1c (%)\na,2023-01-01,44,7\na,2025-01-01,46,8\n"))
    age = cohort.records["age"].fields["age"]
    assert (age.lo[0], age.hi[0]) == (-np.inf, np.inf)
    assert any("so are ages from birth dates or of dated rows" in each for each in said(cohort))


def test_another_site_of_a_patient_is_said_and_the_first_that_is_known_counts() -> None:
    rows = "patient_id,visit_date,site,hba1c (%)\na,2023-01-01,,7\na,2023-02-01,A,7\na,2025-01-01,B,8\nb,2025-01-01,B,8\nb,2025-01-02,B,8\n"
    cohort = load(("x.csv", rows), index_date=date(2025, 2, 1))
    assert cohort.sites is not None
    assert [cohort.sites.names[code] for code in cohort.sites.codes] == ["A", "B"]
    (found,) = (problem for problem in cohort.report.problems if "another site" in problem.message)
    assert (found.severity, found.detail.rows, found.detail.values) == ("warning", (4,), ("B",))


def test_several_rows_without_a_date_are_not_visits() -> None:
    cohort = load(("visits.csv", VISITS.replace("visit_date", "note")), index_date=date(2026, 1, 31))
    assert values(cohort, "sbp") == [[150], [130]]
    assert any("1 further row of patients who have one already" in text for text in said(cohort))


def test_a_visit_date_in_a_table_with_a_row_a_patient_is_the_index_date() -> None:
    suggestion = suggest(together([table(VISITS, rows=2)], builtin_catalogue()), builtin_catalogue())
    assert suggestion.mapping.index_date is None
    one_each = table("patient_id,visit_date,hba1c (%)\na,2026-01-20,8\nb,2026-01-05,7\n")
    assert suggest(together([one_each], builtin_catalogue()), builtin_catalogue()).mapping.index_date == "visit_date"


UNITS = [
    ("patient_id,creatinine,creatinine_unit\nb,88.4,umol/L\na,1.2,mg/dL\n", [[1.2], [1], []]),
    ("patient_id,creatinine,unit\nb,88.4,umol/L\na,1.2,mg/dL\n", [[1.2], [1], []]),
    ("patient_id,visit_date,creatinine,creatinine_unit\nb,2026-01-05,88.4,umol/L\na,2026-01-10,1.2,mg/dL\na,2026-01-20,176.8,umol/L\n", [[2, 1.2], [1], []]),
    ("patient_id,visit_date,creatinine,unit\nb,2026-01-05,88.4,umol/L\na,2026-01-10,1.2,mg/dL\na,2026-01-20,176.8,umol/L\n", [[2, 1.2], [1], []]),
]


@pytest.mark.parametrize(("text", "found"), UNITS)
def test_a_column_of_units_is_read_row_by_row_in_a_further_table_and_in_one_of_visits(text: str, found: list[list[float]]) -> None:
    assert values(load(("people.csv", PEOPLE), ("labs.csv", text)), "creatinine") == found
    alone = load(("labs.csv", text), index_date=date(2026, 1, 31))
    assert dict(zip(alone.ids, values(alone, "creatinine"), strict=True)) == {"a": found[0], "b": found[1]}


def test_columns_of_units_headed_alike_are_each_that_of_their_own_table() -> None:
    people = "patient_id,uacr,unit\na,113,mg/mmol\nb,1400,mg/g\n"
    labs = "patient_id,creatinine,unit\nb,88.4,umol/L\na,1.2,mg/dL\n"
    cohort = load(("people.csv", people), ("labs.csv", labs), index_date=date(2026, 1, 31))
    assert values(cohort, "creatinine") == [[1.2], [1]]
    assert [round(value) for (value,) in values(cohort, "uacr")] == [999, 1400]


NOT_ITS_UNITS = [
    (("patient_id,scr,scr_unit\na,1,mg/dL\nb,2,mg/dL\n", "patient_id,creatinine,creatinine_unit\na,88.4,umol/L\nb,176.8,umol/L\n"), [[1], [2]]),
    (("patient_id,scr,scr_unit,creatinine,creatinine_unit\na,7,mg/dL,88.4,umol/L\nb,8,mg/dL,176.8,umol/L\n",), [[1], [2]]),
    (("patient_id,scr,scr_unit,creatinine_umol_l\na,7,mg/dL,88.4\nb,8,mg/dL,176.8\n",), [[1], [2]]),
]


@pytest.mark.parametrize(("texts", "found"), NOT_ITS_UNITS)
def test_a_number_is_never_read_in_the_units_of_another_column(texts: tuple[str, ...], found: list[list[float]]) -> None:
    cohort = load(*((f"{'ab'[number]}.csv", text) for number, text in enumerate(texts)), index_date=date(2026, 1, 31))
    assert values(cohort, "creatinine") == found


@pytest.mark.parametrize(("header", "meant"), [("unit", ()), ("uacr unit", ("uacr",))])
def test_a_column_of_units_says_nothing_of_a_number_in_another_table(header: str, meant: tuple[str, ...]) -> None:
    labs = f"patient_id,{header},creatinine_umol_l\nb,mg/mmol,88.4\n"
    tables = together([table("patient_id,uacr\na,113\nb,1400\n", "people.csv"), table(labs, "labs.csv")], builtin_catalogue())
    suggestion = suggest(tables, builtin_catalogue())
    assert suggestion.mapping.use(header).variables == meant
    (question,) = suggestion.questions
    assert (question.column, question.about, question.weight) == ("uacr", "unit", Weight.MUST)
    assert "uacr" not in load(("people.csv", "patient_id,uacr\na,113\nb,1400\n"), ("labs.csv", labs), index_date=date(2026, 1, 31)).records


def test_a_cell_of_a_visit_whose_unit_is_not_known_keeps_its_place_and_its_patient() -> None:
    rows = "patient_id,visit_date,uacr,uacr_unit\na,2026-01-10,1400,mg/g\na,2026-01-20,1500,mg/g\nb,2026-01-05,90,bananas\nb,2026-01-06,,bananas\n"
    cohort = load(("visits.csv", rows), index_date=date(2026, 1, 31))
    assert values(cohort, "uacr") == [[1500, 1400], []]
    (detail,) = (problem.detail for problem in cohort.report.problems if problem.detail.found is Found.UNREADABLE)
    assert (detail.column, detail.variable, detail.rows, detail.values, detail.number) == ("uacr", "uacr", (4,), ("90",), 1)
    assert detail.each == "its unit is not known: set aside"
    assert cohort.set_aside["uacr"].tolist() == [1]


def test_an_event_date_that_cannot_be_read_is_marked_with_its_patient() -> None:
    rows = "patient_id,visit_date,sbp,stroke_date\na,2026-01-10,130,2025-01-01\na,2026-01-20,140,2025-01-01\nb,2026-01-05,120,notadate\n"
    cohort = load(("visits.csv", rows), index_date=date(2026, 1, 31))
    assert cohort.set_aside["cerebral_infarction"].tolist() == [1]


def test_a_date_beside_values_of_one_row_is_offered_and_not_taken() -> None:
    suggestion = suggest(together([table("patient_id,date,hba1c (%)\na,2026-01-20,8\n")], builtin_catalogue()), builtin_catalogue())
    (question,) = suggestion.questions
    assert question.weight is Weight.OFFERED
    assert question.proposed is not None
    assert question.proposed.variables == ("hba1c",)
    assert not suggestion.mapping.use("date").variables
    (question,) = suggest(together([table("patient_id,date,hba1c (%),weight (kg)\na,2026-01-20,8,70\n")], builtin_catalogue()), builtin_catalogue()).questions
    assert '"date" = { variable = ["hba1c", "weight"], part = "date" }' in question.remedy


def table(text: str, name: str = "x.csv", rows: int | None = None) -> Table:
    lines = text.splitlines(keepends=True)
    return read_table(name, "".join(lines if rows is None else lines[: rows + 1]).encode())


ROLES = [
    ("patient_id,sex,age\na,f,60\n", "data"),
    ("patient_id,variable,value\na,hba1c,7\n", "measurements"),
    ("patient_id,event,start\na,stroke,2025-01-01\n", "events"),
    ("patient_id,diagnosis,hba1c\na,DN,7\n", "data"),
    ("note,by\nread me,him\n", "left out"),
]


@pytest.mark.parametrize(("text", "role"), ROLES)
def test_each_table_is_what_its_columns_say(text: str, role: str) -> None:
    tables = together([table(PEOPLE, "people.csv"), table(text)], builtin_catalogue())
    roles = {each.name: found for found, each in tables.present.items()}
    assert roles.get("x.csv", "left out") == ("data 2" if role == "data" else role)
    assert ("left out" in " ".join(problem.message for problem in tables.problems)) == (role == "left out")


def test_a_role_that_is_given_goes_before_what_the_columns_say() -> None:
    tables = together([table(PEOPLE, "people.csv"), table(ROLES[3][0])], builtin_catalogue(), {"x.csv": "left out"})
    assert list(tables.present) == ["data"]


BLOODS = "patient_id,variable,value,unit,date\na,hba1c,7,%,2026-01-10\na,potassium,4.5,mmol/L,2026-01-10\nx,hba1c,7,%,2026-01-10\n"
URINES = """value,patient_id,variable,unit,date
1200,a,uacr,mg/g,2026-01-12
8,b,hba1c,%,2026-01-20
,b,potassium,mmol/L,2026-01-20
lots,c,uacr,mg/g,2026-01-12
"""


def test_long_tables_with_the_same_columns_are_one_after_the_other_and_each_accounted_for() -> None:
    cohort = load(("people.csv", PEOPLE), ("bloods.csv", BLOODS), ("urines.csv", URINES))
    assert values(cohort, "hba1c") == [[7], [8], []]
    assert values(cohort, "uacr") == [[1200], [], []]
    assert [(each.name, each.rows_read, each.rows_used) for each in cohort.report.files] == [("people.csv", 3, 3), ("bloods.csv", 3, 2), ("urines.csv", 4, 2)]
    assert any("bloods.csv, row 4, column patient_id" in text for text in said(cohort))
    assert any("urines.csv, row 5, column value" in text and "lots" in text for text in said(cohort))


def test_every_table_of_a_file_given_as_measurements_is_read_or_said() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("bloods.csv", BLOODS)
        archive.writestr("urines.csv", URINES)
        archive.writestr("other.csv", "patient_id,test,result\na,hba1c,7\n")
    cohort = load_cohort("people.csv", PEOPLE.encode(), measurements=("labs.zip", held.getvalue()))
    assert (values(cohort, "hba1c"), values(cohort, "uacr")) == ([[7], [8], []], [[1200], [], []])
    assert any("other.csv" in text and "left out" in text for text in said(cohort))


def test_long_tables_alone_count_everybody_either_of_them_names_and_their_index_dates() -> None:
    dates = "patient_id,variable,value,unit,date\na,index_date,2026-01-31,,\nb,index_date,2026-02-28,,\n"
    cohort = load(("bloods.csv", BLOODS.replace("x,", "b,")), ("dates.csv", dates))
    assert list(cohort.ids) == ["a", "b"]
    times = cohort.records["hba1c"].times
    assert times is not None
    assert times.days_lo.tolist() == [21, 49]


@pytest.mark.parametrize(("order", "days"), [(DateOrder.DAY_MONTH, 388), (DateOrder.MONTH_DAY, 183)])
def test_the_order_of_day_and_month_in_a_long_table_is_asked_and_answered(order: DateOrder, days: int) -> None:
    rows = "patient_id,variable,value,unit,date\na,hba1c,7,%,08/01/2026\nb,hba1c,7,%,05/02/2026\n"
    tables = Tables(table(PEOPLE, "people.csv"), table(rows.replace("2026", "2025"), "labs.csv"))
    suggestion = suggest(tables, builtin_catalogue())
    (question,) = [each for each in suggestion.questions if each.table == "measurements"]
    assert (question.column, question.about, question.weight) == ("date", About.DATE_ORDER, Weight.MUST)
    unanswered = build("x", tables, accept_suggestions(suggestion)[0], builtin_catalogue()).records["hba1c"].times
    assert unanswered is not None
    assert bool((unanswered.days_hi > 3650).all())
    answered = answer(suggestion, question, ColumnUse(date_order=order), tables, builtin_catalogue())
    assert not [each for each in answered.questions if each.table == "measurements"]
    times = build("x", tables, accept_suggestions(answered)[0], builtin_catalogue()).records["hba1c"].times
    assert times is not None
    assert times.days_lo[0] == days
    assert read_mapping(write_mapping(answered.mapping), builtin_catalogue(), "m").measurements == answered.mapping.measurements


def test_events_of_two_files_are_read_together() -> None:
    one, other = "patient_id,event,start\na,stroke,2025-12-01\n", "patient_id,event,start\nb,stroke,2025-11-01\n"
    cohort = load(("people.csv", PEOPLE), ("one.csv", one), ("other.csv", other))
    assert [len(each) for each in values(cohort, "cerebral_infarction")] == [1, 1, 0]


def test_a_second_long_table_with_other_columns_is_left_out_and_said() -> None:
    tables = together([table(ROLES[1][0], "one.csv"), table("patient_id,test,result\na,hba1c,7\n", "two.csv")], builtin_catalogue())
    assert tables.measurements is not None
    assert tables.measurements.name == "one.csv"
    assert [problem.where for problem in tables.problems] == ["two.csv"]


def test_where_nothing_is_recognised_it_is_said_that_everybody_would_be_eligible() -> None:
    cohort = load(("turned.csv", "patient_id,a,b\nsex,1,2\nage,60,70\n"))
    assert [problem.severity for problem in cohort.report.problems if "everybody would count as eligible" in problem.message] == ["error"]
    assert not any("everybody would count" in text for text in said(load(("people.csv", PEOPLE))))


def test_dates_in_an_open_order_do_not_make_a_value_one_of_today() -> None:
    """In the right order the value may lie outside every window: UNKNOWN, neither of today nor left out."""
    text = "patient_id,index_date,uacr (mg/g),uacr_date\na,2026-01-31,2000,03/04/2016\nb,2026-01-31,2000,05/06/2016\n"
    cohort = load(("x.csv", text))
    times = cohort.records["uacr"].times
    assert times is not None
    assert bool((times.days_lo < 0).all() and (times.days_hi > 3650).all())
    assert values(cohort, "uacr") == [[2000], [2000]]
    assert any("it is not known when that was" in text for text in said(cohort))
