"""One column with the day of all laboratory values of a row: what it dates, what it leaves, and what is asked and said of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from spec.reading import read_table
from spec.tables import by_name

from feasibility.cohort import UNDATED_DAYS, Cohort
from feasibility.intake import (
    About,
    ColumnUse,
    Mapping,
    Part,
    Suggestion,
    Tables,
    Weight,
    accept_suggestions,
    answer,
    build,
    load_cohort,
    overlaid,
    read_mapping,
    suggest,
    together,
    write_mapping,
)
from feasibility.intake.changed import fitted
from feasibility.intake.mapping import UNUSED
from feasibility.logic import FALSE, TRUE, UNKNOWN
from feasibility.problems import Unusable
from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN, with_value
from feasibility.screening.screen import Screener
from feasibility.variables import builtin_catalogue

CATALOGUE = builtin_catalogue()
INDEX = date(2026, 1, 31)
LAB_DATE = ColumnUse(("lab_date",), Part.DATE)


def tables(*texts: str) -> Tables:
    return together([read_table(f"{'abc'[number]}.csv", text.encode()) for number, text in enumerate(texts)], CATALOGUE)


def suggested(*texts: str) -> Suggestion:
    return suggest(tables(*texts), CATALOGUE)


def load(*texts: str, mapping: str | None = None) -> Cohort:
    files: list[tuple[str, Any]] = [(f"{'abc'[number]}.csv", text.encode()) for number, text in enumerate(texts)]
    given = None if mapping is None else read_mapping(mapping, CATALOGUE)
    return load_cohort("x", files, mapping=given, index_date=INDEX)


def said(cohort: Cohort, about: str = "") -> list[str]:
    return [str(problem) for problem in cohort.report.problems if about in str(problem)]


def days(cohort: Cohort, variable: str) -> list[int] | None:
    """How many days before the index date each value was taken; None where the column has no dates."""
    records = next(records for records in cohort.records.values() if variable in records.fields)
    return None if records.times is None else [int(day) for day in records.times.days_lo]


HEADERS = """
 language | headers
 English  | Lab date; lab_date; LABDATE; Labs date; Date of labs; Laboratory date; Date of blood draw; Blood draw date; Collection date; Sample date
 English  | Sampling date; date_collected; Specimen collection date; LBDTC; Lab date (yyyy-mm-dd)
 German   | Labordatum; Datum Labor; Datum der Laborwerte; Blutentnahme; Datum der Blutentnahme; Abnahmedatum; Entnahmedatum
 French   | Date du bilan; Date bilan; Date de prélèvement; Date de prelevement; Date prélèvement; Date de la prise de sang
 Spanish  | Fecha de laboratorio; Fecha laboratorio; Fecha de la analítica; Fecha analitica; Fecha de extracción
 Italian  | Data esami; Data degli esami; Data prelievo; Data del prelievo
 short    | F. laboratorio; F_laboratorio; Fch. analítica; Fec. extracción; FEC ANALITICA
 latest   | Fecha de la última analítica; Fecha ultima analitica; Fecha del último análisis; Datum letztes Labor; Letzte Blutentnahme; last lab date
 latest   | Date of last labs; Latest lab date; Date du dernier bilan; Date de la dernière prise de sang; Data dell'ultimo prelievo; F. última analítica
 Italian  | Data esame di laboratorio; Data esami laboratorio; Prelievo del
 Chinese  | 采血日期; 检验日期; 化验日期; 采样日期; 抽血时间; 标本采集日期
"""


@pytest.mark.parametrize(("header", "language"), [(each.strip(), language) for language, headers in by_name(HEADERS) for each in headers.split(";")])
def test_headers_that_say_so(header: str, language: str) -> None:
    found = suggested(f"patient_id,{header},hba1c (%),sbp (mmHg)\na,2026-01-20,7,130\nb,2026-01-21,8,140\n")
    assert found.mapping.use(header).variables == ("lab_date",), language
    assert found.mapping.use(header).part is Part.DATE


OTHERS = """
Date; Datum; Fecha; 日期; Test date; Visit; Report date; Selection date; Correction date; Biopsy date; HbA1c date; Labor; Lab; Lab data;
Laboratory data; BP date; First lab date; Last; Last visit; F. laboral; Fecha de la última visita
"""


@pytest.mark.parametrize("header", [each.strip() for each in OTHERS.split(";")])
def test_headers_that_do_not(header: str) -> None:
    found = suggested(f"patient_id,{header},hba1c (%),sbp (mmHg)\na,2026-01-20,7,130\nb,2026-01-21,8,140\n")
    assert found.mapping.use(header).variables != ("lab_date",)
    told = [question for question in found.questions if "Does '" not in question.text]  # what it asks of any date whose header says nothing
    assert all("lab_date" not in question.proposed.variables for question in told if question.proposed is not None)


CELLS = """
 cells                             | taken
 2026-01-20; 2026-01-21; 2026-01-2 | yes
 20.01.2026; 21.01.2026; 22.1.26   | yes
 01/20/2026; 01/21/2026; 01/22/2026 | yes       # no day first in them
 46042; 46043; 46044               | yes       # as a workbook counts
 2026-01; 2026-02; 2026            | yes
 2026-01-20; ;                     | yes
 yes; no; yes                      | no
 1; 2; 3                           | no
 ; ;                               | no
"""


@pytest.mark.parametrize(("cells", "taken"), by_name(CELLS))
def test_it_is_taken_only_where_its_cells_are_dates(cells: str, taken: str) -> None:
    rows = "".join(f"{'abc'[number]},{cell.strip()},7\n" for number, cell in enumerate(cells.split(";")))
    found = suggested(f"patient_id,Blutentnahme,hba1c (%)\n{rows}")
    assert bool(found.mapping.use("Blutentnahme").variables) == (taken == "yes")


# Columns of one row, all laboratory values but the last two: whose day is the lab date, 2026-01-20, eleven days before the index date?
DATED = """
 columns                                                     | variable          | days
 hba1c (%)=7                                                 | hba1c             | 11
 uacr (mg/g)=500                                             | uacr              | 11
 hbsag=negative                                              | hbsag             | 11
 egfr (mL/min/1.73m2)=50                                                 | egfr_reported     | 11
 hba1c (%)=7; hba1c date=2026-01-01                          | hba1c             | 30     # its own wins
 hba1c (%)=7; hba1c date=                                    | hba1c             | 0      # also where it is blank: taken as current, which is said
 hba1c (%)=7; hba1c date=2026-01-01; potassium (mmol/L)=5    | potassium         | 11
 ldl (mmol/L)=3; lipids date=2026-01-01; potassium (mmol/L)=5 | ldl              | 30
 up24_1 (g/24h)=4                                            | urine_protein_24h | 11     # a number alone is no repeat
 hba1c_1 (%)=7; lab_date_1=2026-01-01                        | hba1c             | 30     # the number is more to the point
 up24_1 (g/24h)=4; up24_2 (g/24h)=5                          | urine_protein_24h | none
 up24_1 (g/24h)=4; up24_2 (g/24h)=5; up24_1_date=2026-01-01; up24_2_date=2026-01-02 | urine_protein_24h | 29 30
 up24_1 (g/24h)=4; up24_2 (g/24h)=5; up24_1_date=2026-01-01  | urine_protein_24h | 11 30
 hba1c (%)=7; sbp (mmHg)=130; dbp (mmHg)=80                  | sbp               | none
 hba1c (%)=7; weight (kg)=80                                 | weight            | none
 hba1c (%)=7; lvef (%)=50                                    | lvef              | none
"""


@pytest.mark.parametrize(("columns", "variable", "expected"), by_name(DATED))
def test_what_it_dates(columns: str, variable: str, expected: str) -> None:
    pairs = [each.strip().partition("=") for each in columns.split(";")]
    cohort = load(f"patient_id,Labordatum,{','.join(name for name, _, _ in pairs)}\na,2026-01-20,{','.join(cell for _, _, cell in pairs)}\n")
    assert days(cohort, variable) == (None if expected == "none" else [int(day) for day in expected.split()])


def test_the_report_says_what_it_dates_and_what_it_does_not() -> None:
    header = "patient_id,Labordatum,hba1c (%),ldl (mmol/L),ldl date,uacr_1 (mg/g),uacr_2 (mg/g),sbp (mmHg),krea (mg/dL)"
    cohort = load(f"{header}\na,2026-01-20,7,3,2026-01-01,5,6,130,1\n")
    assert said(cohort, "column Labordatum") == [
        "column Labordatum: dates the values of its row that have no date of their own: HbA1c, Serum creatinine.",
        "column Labordatum: does not date repeated columns without dates of their own (UACR): on one day they would count as one value. "
        "Give each a date column with its number, or one value a row.",
    ]
    (column,) = (each for each in cohort.report.columns if each.column == "Labordatum")
    assert (column.variable, column.use, column.with_value) == ("hba1c, creatinine", "date", 1)
    undated = "uacr_2 (mg/g), uacr_1 (mg/g), sbp (mmHg)"
    assert said(cohort, "values count as current") == [f"columns without dates: {undated}: values count as current at the index date."]


def test_one_that_dates_nothing_says_so() -> None:
    cohort = load("patient_id,Labordatum,hba1c (%),hba1c date,sbp (mmHg)\na,2026-01-20,7,2026-01-01,130\n")
    assert said(cohort, "column Labordatum") == ["column Labordatum: dates nothing: no laboratory value that goes with it is without a date of its own."]


def test_with_a_number_it_dates_the_columns_with_that_number() -> None:
    cohort = load("patient_id,lab_date_1,hba1c_1 (%),lab_date_2,hba1c_2 (%),uacr_1 (mg/g),uacr_2 (mg/g)\na,2026-01-20,7,2025-12-31,8,50,60\n")
    assert (days(cohort, "hba1c"), days(cohort, "uacr")) == ([11, 31], [11, 31])
    assert not [text for text in said(cohort) if "does not date" in text]


def test_without_a_number_it_dates_the_one_column_that_those_with_a_number_leave() -> None:
    cohort = load("patient_id,lab_date,lab_date_2,hba1c (%),hba1c_2 (%)\na,2025-06-20,2025-01-05,7,8\n")
    assert days(cohort, "hba1c") == [225, 391]
    own = load("patient_id,lab_date,hba1c_1 (%),hba1c_1_date,hba1c_2 (%)\na,2026-01-20,7,2026-01-05,8\n")
    assert days(own, "hba1c") == [11, 26]
    assert not [text for each in (cohort, own) for text in said(each) if "does not date" in text]


SPECIMENS = """
 header          | columns                      | said
 Blutentnahme    | hba1c (%), uacr (mg/g)       | UACR
 Blutentnahmedatum | hba1c (%), uacr (mg/g), upcr (mg/g) | UACR, UPCR
 采血日期        | hba1c (%), uacr (mg/g)       | UACR
 Blutentnahme    | hba1c (%)                    |
 Blutentnahme    | hba1c (%), uacr (mg/g), uacr date |
 Labordatum      | hba1c (%), uacr (mg/g)       |
"""


@pytest.mark.parametrize(("header", "columns", "labels"), by_name(SPECIMENS))
def test_a_header_that_names_blood_dates_urine_too_and_that_is_said(header: str, columns: str, labels: str) -> None:
    cells = {"hba1c (%)": "7", "uacr (mg/g)": "50", "upcr (mg/g)": "60", "uacr date": "2026-01-01"}
    names = [each.strip() for each in columns.split(",")]
    text = f"patient_id,{header},{','.join(names)}\na,2026-01-20,{','.join(cells[name] for name in names)}\n"
    found = [question for question in suggested(text).questions if question.column == header]
    assert [(each.weight, each.severity, each.text.partition("too: ")[2]) for each in found] == ([(Weight.SETTLED, "warning", f"{labels}.")] if labels else [])
    assert days(load(text), "hba1c") == [11]


def test_a_blank_one_leaves_the_values_of_that_patient_without_a_date() -> None:
    cohort = load("patient_id,Labordatum,hba1c (%),uacr (mg/g)\na,2025-11-02,7,50\nb,,8,\nc,,,60\n")
    assert (days(cohort, "hba1c"), days(cohort, "uacr")) == ([90, 0, 0], [90, 0, 0])
    assert {text.partition(" Fill")[0] for text in said(cohort, "without a date")} == {
        "row 3, column Labordatum: 1 value of hba1c (%) without a date: taken as current at the index date.",
        "row 4, column Labordatum: 1 value of uacr (mg/g) without a date: taken as current at the index date.",
    }


def test_partial_unreadable_and_late_ones_are_as_of_any_date() -> None:
    cohort = load("patient_id,Labordatum,hba1c (%)\na,2025-12,7\nb,2026-02-10,8\nc,soon,9\n")
    times = cohort.records["hba1c"].times
    assert times is not None
    assert [(int(low), int(high)) for low, high in zip(times.days_lo, times.days_hi, strict=True)] == [(31, 61), (-10, -10), (-UNDATED_DAYS, UNDATED_DAYS)]
    assert len(said(cohort, "1 date after the index date: kept, and outside every window before it")) == 1
    assert len(said(cohort, "'soon'")) == 1


def test_an_order_of_day_and_month_that_is_open_is_asked() -> None:
    text = "patient_id,Labordatum,hba1c (%)\na,03/04/2025,7\n"
    asked = suggested(text)
    (question,) = asked.questions
    assert (question.about, question.weight, question.column, question.of_person) == (About.DATE_ORDER, Weight.MUST, "Labordatum", False)
    assert days(load(text), "hba1c") == [-UNDATED_DAYS], "it is not known when that was"
    assert days(load(text, mapping='[columns]\nLabordatum = { variable = "lab_date", date_order = "dmy" }\n'), "hba1c") == [303]


TWO = "patient_id,Labordatum,Date of labs,hba1c (%)\na,2026-01-20,2026-01-10,7\n"


def test_which_of_two_is_asked_and_neither_is_used_until_then() -> None:
    asked = suggested(TWO)
    assert [(each.column, each.about, each.weight) for each in asked.questions] == [
        ("Labordatum", About.VARIABLE, Weight.MUST),
        ("Date of labs", About.VARIABLE, Weight.MUST),
    ]
    assert asked.questions[0].text == "Is it Date of all laboratory values? Date of labs may be that too, and only one of them can be."
    unanswered = load(TWO)
    assert days(unanswered, "hba1c") is None
    assert len(said(unanswered, "The column is not used until this is answered.")) == 2


@pytest.mark.parametrize(("column", "day"), [("Labordatum", 11), ("Date of labs", 21)])
def test_the_one_that_is_answered_for_is_used(column: str, day: int) -> None:
    held = tables(TWO)
    first = suggest(held, CATALOGUE)
    question = next(each for each in first.questions if each.column == column)
    assert question.proposed is not None
    mapping, problems = accept_suggestions(answer(first, question, question.proposed, held, CATALOGUE), INDEX)
    assert days(build("x", held, mapping, CATALOGUE), "hba1c") == [day]
    assert len(problems) == 1, "the other one is still asked about"
    said_by_file = load(TWO, mapping=f'[columns]\n"{column}" = {{ variable = "lab_date" }}\n')
    assert days(said_by_file, "hba1c") == [day]


def test_two_that_somebody_says_are_an_error() -> None:
    mapping = Mapping(columns={"Labordatum": LAB_DATE, "Date of labs": LAB_DATE, "hba1c (%)": ColumnUse(("hba1c",), unit="%")}, index_date=INDEX)
    cohort = build("x", tables(TWO), mapping, CATALOGUE)
    (problem,) = (each for each in cohort.report.problems if each.severity == "error")
    assert str(problem).startswith("column Date of labs: is mapped to Date of all laboratory values, as is column Labordatum: set aside.")
    assert days(cohort, "hba1c") == [11]


def test_a_mapping_that_names_another_column_leaves_the_one_suggested_out() -> None:
    text = "patient_id,Labordatum,drawn,hba1c (%)\na,2026-01-20,2026-01-10,7\n"
    cohort = load(text, mapping='[columns]\ndrawn = { variable = "lab_date" }\n')
    assert days(cohort, "hba1c") == [21]
    assert not [problem for problem in cohort.report.problems if problem.severity == "error"]


def test_each_of_two_tables_that_are_joined_has_its_own() -> None:
    cohort = load("patient_id,age,Lab date,ldl (mmol/L)\na,50,2026-01-20,3\n", "patient_id,Lab date,hba1c (%)\na,2026-01-10,7\n")
    assert (days(cohort, "ldl"), days(cohort, "hba1c")) == ([11], [21])
    one = load("patient_id,age,Lab date,ldl (mmol/L)\na,50,2026-01-20,3\n", "patient_id,hba1c (%)\na,7\n")
    assert (days(one, "ldl"), days(one, "hba1c")) == ([11], None), "of another table's row it says nothing"


def test_a_date_of_its_own_wins_from_another_table_too() -> None:
    cohort = load("patient_id,age,hba1c date\na,50,2026-01-01\n", "patient_id,Lab date,hba1c (%),ldl (mmol/L)\na,2026-01-10,7,3\n")
    assert (days(cohort, "hba1c"), days(cohort, "ldl")) == ([30], [21])


def test_a_mapping_that_speaks_of_one_tables_leaves_the_others() -> None:
    files = "patient_id,age,Labordatum,ldl (mmol/L)\na,50,2026-01-20,3\n", "patient_id,Lab date,hba1c (%)\na,2026-01-10,7\n"
    cohort = load(*files, mapping='[columns]\nLabordatum = { variable = "lab_date" }\n')
    assert (days(cohort, "ldl"), days(cohort, "hba1c")) == ([11], [21])


def test_it_is_written_to_a_mapping_file_and_read_from_it() -> None:
    text = "patient_id,drawn,hba1c (%),uacr (mg/g)\na,20.01.2026,7,50\n"
    assert suggested(text).mapping.use("drawn") == UNUSED
    assert days(load(text), "hba1c") is None
    mapping = '[columns]\ndrawn = { variable = "lab_date" }\n'
    whole = overlaid(suggested(text), read_mapping(mapping, CATALOGUE), tables(text), CATALOGUE)
    assert whole.mapping.use("drawn") == LAB_DATE
    written = write_mapping(whole.mapping)
    assert '[columns.drawn]\nvariable = "lab_date"\npart = "date"' in written
    assert read_mapping(written, CATALOGUE).use("drawn") == LAB_DATE
    for file in (mapping, written):
        cohort = load(text, mapping=file)
        assert (days(cohort, "hba1c"), days(cohort, "uacr")) == ([11], [11])


def test_a_saved_mapping_finds_it_under_another_header_that_says_the_same() -> None:
    saved = Mapping(columns={"Labordatum": LAB_DATE, "hba1c (%)": ColumnUse(("hba1c",), unit="%")})
    now, (problem,) = fitted(saved, tables("patient_id,Blutentnahme,hba1c (%)\na,2026-01-20,7\n"), CATALOGUE)
    assert now.use("Blutentnahme") == LAB_DATE
    assert "as 'Labordatum' was when the mapping was saved" in problem.message


def test_a_mapping_may_say_that_it_is_not() -> None:
    text = "patient_id,Labordatum,hba1c (%)\na,2026-01-20,7\n"
    assert days(load(text, mapping="[columns]\nLabordatum = { ignore = true }\n"), "hba1c") is None
    assert days(load(text, mapping='[columns]\nLabordatum = { variable = "hba1c", part = "date" }\n'), "hba1c") == [11]


@pytest.mark.parametrize("wrong", ['["lab_date", "hba1c"]', '["hba1c", "lab_date"]', '"lab_date", part = "unit"', '"lab_date", part = "end"'])
def test_a_mapping_file_says_it_alone_and_as_a_date(wrong: str) -> None:
    with pytest.raises(Unusable, match="'lab_date' is a date, of no one variable"):
        read_mapping(f"[columns]\ndrawn = {{ variable = {wrong} }}\n", CATALOGUE)


def test_a_long_table_has_its_days_in_a_column_of_its_own() -> None:
    rows = "patient_id,variable,value,unit,date\na,hba1c,7,%,2026-01-10\na,Lab date,2026-01-20,,2026-01-10\n"
    cohort = load("patient_id,Labordatum,age\na,2026-01-20,50\n", rows)
    assert days(cohort, "hba1c") == [21]
    assert set(cohort.records) == {"age", "age_exact", "hba1c"}
    suggestion = suggest(Tables(measurements=read_table("labs.csv", rows.encode())), CATALOGUE)
    assert suggestion.mapping.measurements is not None
    assert suggestion.mapping.measurements.names["Lab date"] == UNUSED
    with pytest.raises(Unusable, match="'lab_date' is of a file with variables as columns"):
        read_mapping('[measurements]\npatient = "p"\nname = "n"\n[measurements.names]\nx = { variable = "lab_date" }\n', CATALOGUE)


UNSAID = """
 columns                                        | asked of
 Besuch; hba1c (%); uacr (mg/g)                 | Besuch
 Besuch; sbp (mmHg); weight (kg)                |                # nothing of the laboratory
 Besuch; hba1c (%); hba1c date                  |                # has a date of its own
 Besuch; hba1c (%); hba1c date; uacr (mg/g)     |                # so has one of them
 Besuch; Labordatum; hba1c (%)                  |                # by its header
 Besuch; uacr_1 (mg/g); uacr_2 (mg/g)           |                # would be one value on one day
 remarks; hba1c (%)                             |                # no dates
 stroke date; hba1c (%)                         |                # the date of something else
 Besuch; Reise; Anruf; Brief; hba1c (%)         | Besuch; Reise; Anruf
 Fecha; Reise; hba1c (%)                        | Reise          # of the other that is offered already
"""


@pytest.mark.parametrize(("columns", "of"), by_name(UNSAID))
def test_dates_of_which_the_header_says_nothing_are_asked_about_where_no_laboratory_value_has_one(columns: str, of: str) -> None:
    cells = {"remarks": "none", "hba1c (%)": "7", "uacr (mg/g)": "50", "sbp (mmHg)": "130", "weight (kg)": "80", "uacr_1 (mg/g)": "50", "uacr_2 (mg/g)": "60"}
    names = [each.strip() for each in columns.split(";")]
    found = suggested(f"patient_id,{','.join(names)}\na,{','.join(cells.get(name, '2026-01-20') for name in names)}\n")
    asked = [question for question in found.questions if question.about is About.VARIABLE and question.weight is Weight.OFFERED]
    assert [question.column for question in asked] == [each.strip() for each in of.split(";") if each.strip()]
    assert all(found.mapping.use(question.column) == UNUSED and question.proposed == LAB_DATE for question in asked)


ONE_UNSAID = "patient_id,Besuch,Reise,hba1c (%),uacr (mg/g)\na,20.01.2026,10.01.2026,7,50\nb,21.01.2026,,8,60\n"


def test_what_such_a_question_says_and_unanswered_values_count_as_current() -> None:
    question, _ = suggested(ONE_UNSAID).questions
    assert question.text == "Does 'Besuch' say when these were taken: HbA1c, UACR? Until that is answered they count as of the index date."
    unanswered = load(ONE_UNSAID)
    assert days(unanswered, "hba1c") is None
    assert len(said(unanswered, "say when these were taken")) == 2
    assert not [problem for problem in unanswered.report.problems if problem.severity == "error"]


def test_a_date_that_is_answered_for_dates_them_and_the_others_are_no_longer_asked_about() -> None:
    held = tables(ONE_UNSAID)
    first = suggest(held, CATALOGUE)
    assert first.questions[0].proposed is not None
    answered = answer(first, first.questions[0], first.questions[0].proposed, held, CATALOGUE)
    assert answered.questions == ()
    assert days(build("x", held, accept_suggestions(answered, INDEX)[0], CATALOGUE), "hba1c") == [11, 10]
    again = overlaid(first, read_mapping(write_mapping(answered.mapping), CATALOGUE), held, CATALOGUE)
    assert (again.mapping.use("Besuch"), again.questions) == (LAB_DATE, ())


def test_that_a_date_is_of_none_of_them_is_remembered() -> None:
    held = tables(ONE_UNSAID)
    first = suggest(held, CATALOGUE)
    refused = answer(first, first.questions[0], UNUSED, held, CATALOGUE)
    assert [question.column for question in refused.questions] == ["Reise"]
    again = overlaid(first, read_mapping(write_mapping(refused.mapping), CATALOGUE), held, CATALOGUE)
    assert [question.column for question in again.questions] == ["Reise"]


IGNORED = """
 where                | entry                            | settled
 columns              | { ignore = true }                | yes
 columns              | { ignore = true, asked = true }  | no
 measurements.names   | { ignore = true }                | no     # its values may have had no column
"""


@pytest.mark.parametrize(("where", "entry", "settled"), by_name(IGNORED))
def test_what_a_mapping_ignores_is_settled_unless_it_was_still_asked_about(where: str, entry: str, settled: str) -> None:
    mapping = read_mapping(f"[{where}]\nBesuch = {entry}\n", CATALOGUE)
    use = mapping.columns["Besuch"] if mapping.measurements is None else mapping.measurements.names["Besuch"]
    assert (use, bool(use.confirmed)) == (UNUSED, settled == "yes")


def test_a_date_of_each_visit_is_not_asked_about() -> None:
    assert suggested("patient_id,Kontakt,hba1c (%)\na,2026-01-20,7\na,2025-01-20,8\nb,2026-01-20,7\n").questions == ()


VISITS = """
 columns                          | hba1c | sbp
 Lab date, hba1c (%)              | 11 41 |            # the only thing measured
 Lab date, hba1c (%), sbp (mmHg)  | 11 41 | 11 41      # the only day of the row is that of all that was measured in it
 Lab date, visit_date, hba1c (%), sbp (mmHg) | 11 41 | 6 36
 visit_date, hba1c (%), sbp (mmHg) | 6 36 | 6 36
"""


@pytest.mark.parametrize(("columns", "hba1c", "sbp"), by_name(VISITS))
def test_in_a_table_of_visits(columns: str, hba1c: str, sbp: str) -> None:
    cells = [{"Lab date": "2026-01-20", "visit_date": "2026-01-25", "hba1c (%)": "7", "sbp (mmHg)": "130"}]
    cells.append({"Lab date": "2025-12-21", "visit_date": "2025-12-26", "hba1c (%)": "8", "sbp (mmHg)": "140"})
    names = [each.strip() for each in columns.split(",")]
    cohort = load(f"patient_id,{','.join(names)}\n" + "".join(f"a,{','.join(row[name] for name in names)}\n" for row in cells))
    assert cohort.report.rows_used == 2
    assert days(cohort, "hba1c") == [int(day) for day in hba1c.split()]
    assert not sbp or days(cohort, "sbp") == [int(day) for day in sbp.split()]


def test_an_age_in_a_row_of_a_visit_is_of_the_visit_not_of_the_blood() -> None:
    cohort = load("patient_id,visit_date,Lab date,age,hba1c (%),sbp (mmHg)\na,2026-01-31,2024-01-31,50,7,130\na,2025-01-31,2024-01-31,49,7,130\n")
    assert cohort.records["age"].fields["age"].lo.tolist() == [50]


# HbA1c below 9 % within 28 days of the index date, and in the year of the protocol as written.
OUTCOMES = """
 Labordatum | HbA1c | within 28 | within 365
 2026-01-31 | 7     | PASS      | PASS
 2026-01-03 | 7     | PASS      | PASS        # 28 days
 2026-01-03 | 9     | FAIL      | FAIL
 2026-01-02 | 7     | UNKNOWN   | PASS        # 29 days
 2026-01-02 | 9     | UNKNOWN   | FAIL
 2025-01-31 | 7     | UNKNOWN   | PASS        # 365 days
 2025-01-30 | 7     | UNKNOWN   | UNKNOWN
 2026-01    | 7     | UNKNOWN   | PASS        # may be its first day or its last
 2026-02-01 | 7     | UNKNOWN   | UNKNOWN     # after the index date
            | 7     | PASS      | PASS        # without a date: current
 2026-01-20 |       | UNKNOWN   | UNKNOWN
"""
SHOWN = {"PASS": TRUE, "FAIL": FALSE, "UNKNOWN": UNKNOWN}


def test_from_a_file_to_outcomes_under_the_window_of_the_laboratory() -> None:
    cases = by_name(OUTCOMES)
    rows = "".join(f"P{number},{day},{value},130\n" for number, (day, value, *_) in enumerate(cases))
    cohort = load(f"Patient_ID,Labordatum,HbA1c (%),RR_syst (mmHg)\n{rows}")
    protocol = builtin_protocol()
    for days_asked, expected in ((28, [case[2] for case in cases]), (365, [case[3] for case in cases])):
        scenario = with_value(protocol, AS_WRITTEN, "lab_window", days_asked)
        found = Screener(cohort).screen(protocol, scenario).outcomes["I7"]
        assert np.array_equal(found, [SHOWN[each] for each in expected]), days_asked
