"""What cells mean: numbers, coded values, dates, and what is asked because a file does not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from spec.reading import read_table
from spec.tables import by_name

from feasibility.cohort import UNDATED_DAYS, Cohort
from feasibility.intake import (
    ColumnUse,
    DateOrder,
    LongUse,
    Mapping,
    Tables,
    Weight,
    accept_suggestions,
    answer,
    load_cohort,
    overlaid,
    read_mapping,
    suggest,
    write_mapping,
)
from feasibility.intake.calendars import EPOCH
from feasibility.intake.codes import read_as, read_codes
from feasibility.intake.dates import NO_DAY, read_dates
from feasibility.intake.numbers import read_numbers
from feasibility.intake.places import Place, shown
from feasibility.intake.sources import values_of
from feasibility.intake.times import months_before
from feasibility.problems import Unusable
from feasibility.variables import builtin_catalogue
from feasibility.wording import choice_of

CATALOGUE = builtin_catalogue()
INF = np.inf


def load(text: str, mapping: Mapping | None = None, index_date: date | None = None) -> Cohort:
    return load_cohort("patients.csv", text.encode(), mapping=mapping, index_date=index_date)


def column(name: str, *cells: str) -> str:
    return "\n".join([f"patient_id,{name}", *(f'P{number},"{cell}"' for number, cell in enumerate(cells, start=1))])


def messages(cohort: Cohort, severity: str) -> list[str]:
    return [str(problem) for problem in cohort.report.problems if problem.severity == severity]


def place(rows: int) -> Place:
    return Place("", "x", np.arange(2, rows + 2))


def below(number: float) -> float:
    return float(np.nextafter(number, -INF))


def over(number: float) -> float:
    return float(np.nextafter(number, INF))


NUMBERS = """
variable           | unit       | cell             | lo       | hi
creatinine         | mg/dL      | 1.2              | 1.2      | 1.2
creatinine         | mg/dL      | '  1.2 '         | 1.2      | 1.2
creatinine         | mg/dL      | 1e0              | 1        | 1
creatinine         | mg/dL      | <0.3             | 0        | below 0.3
creatinine         | mg/dL      | ＜0.3            | 0        | below 0.3
creatinine         | mg/dL      | ≤ 0.3            | 0        | 0.3
creatinine         | mg/dL      | 小于0.3          | 0        | below 0.3
uacr               | mg/g       | >5000            | over 5000 | inf
uacr               | mg/g       | ≥5000            | 5000     | inf
uacr               | mg/g       | >= 5000 mg/g     | 5000     | inf
uacr               | mg/mmol    | 100              | 884      | 884
uacr               | mg/mmol    | 1000 mg/g        | 1000     | 1000
uacr               | mg/g       | 113.12 mg/mmol   | 999.9808 | 999.9808
uacr               | mg/g       | 200 bananas      | nothing  | nothing
uacr               | mg/g       | 1,000.5          | 1000.5   | 1000.5
uacr               | mg/g       | 1.000,5          | 1000.5   | 1000.5
uacr               | mg/g       | 1 000,5          | 1000.5   | 1000.5
uacr               | mg/g       | 1'000.5          | 1000.5   | 1000.5
uacr               | mg/g       | 1’000.5          | 1000.5   | 1000.5
uacr               | mg/g       | 1,234,567        | nothing  | nothing  # read, and impossible
uacr               | mg/g       | 12,345.6         | 12345.6  | 12345.6
uacr               | mg/g       | 1,000            | nothing  | nothing
uacr               | mg/g       | >5,000           | nothing  | nothing
uacr               | mg/g       | 1 0000           | nothing  | nothing
uacr               | mg/g       | 1.2.3            | nothing  | nothing
uacr               | mg/g       | １２．５         | 12.5     | 12.5
uacr               | mg/g       | ≧5000            | 5000     | inf
uacr               | mg/g       | ⩾ 5000           | 5000     | inf
uacr               | mg/g       | =<30             | 0        | 30
uacr               | mg/g       | 大于5000         | over 5000 | inf
uacr               | mg/g       | 5000以上         | 5000     | inf
uacr               | mg/g       | 不超过30         | 0        | 30
uacr               | mg/g       | 1.2e3            | 1200     | 1200
uacr               | mg/g       | 1.2E+03          | 1200     | 1200
uacr               | mg/g       | 1.2×10^3         | 1200     | 1200
uacr               | mg/g       | 1,2 x 10^3 mg/g  | 1200     | 1200
uacr               | mg/g       | 1.2×10³          | 1200     | 1200
uacr               | mg/g       | 1.2×103          | nothing  | nothing  # the power may have been raised
uacr               | mg/g       | 12¹              | nothing  | nothing  # a footnote is no figure
uacr               | mg/g       | 12.3 H           | 12.3     | 12.3
uacr               | mg/g       | 12.3H            | 12.3     | 12.3
uacr               | mg/g       | 12.3*            | 12.3     | 12.3
uacr               | mg/g       | 12 (H)           | 12       | 12
uacr               | mg/g       | 12 [L]           | 12       | 12
uacr               | mg/g       | 12↑              | 12       | 12
uacr               | mg/g       | ↓ 12             | 12       | 12
uacr               | mg/g       | H 12             | 12       | 12
uacr               | mg/g       | 12 mg/g H        | 12       | 12
uacr               | mg/g       | >5000 H          | over 5000 | inf
uacr               | mg/g       | 12 偏高          | 12       | 12
uacr               | mg/g       | 12 mg/L          | nothing  | nothing
urine_protein_24h  | g/24h      | 3.5 g/L          | nothing  | nothing  # L is of the unit, not a flag
urine_volume_24h   | mL         | 2.1 L            | 2100     | 2100
uacr               | mg/g       | +++              | nothing  | nothing
uacr               | mg/g       | 12±3             | nothing  | nothing
uacr               | mg/g       | 12 (10-15)       | nothing  | nothing
uacr               | mg/g       | ca. 12           | nothing  | nothing
uacr               | mg/g       | 12/15            | nothing  | nothing
creatinine         | mg/dL      | 88 µmol/L        | 0.995475113 | 0.995475113
creatinine         | µmol/L     | 1.2 mg/dL        | 1.2      | 1.2
hba1c              | mmol/mol   | 7.1 %            | 7.1      | 7.1
hba1c              | %          | 53 mmol/mol      | 7.00044  | 7.00044
hba1c              | fraction   | 0.07             | 7        | 7
age                | years      | 45y              | 45       | 45
age                | years      | 45 years         | 45       | 45
age                | years      | 45岁             | 45       | 45
age                | years      | 45 J.            | 45       | 45
age                | years      | 45 Jahre         | 45       | 45
age                | years      | 45 ans           | 45       | 45
age                | years      | 45 años          | 45       | 45
age                | years      | 6 mo             | 0.5      | 0.5
age                | years      | 18 Monate        | 1.5      | 1.5
age                | years      | 90+              | 90       | inf
age                | years      | 90+ years        | 90       | inf
age                | years      | >89              | over 89  | inf
age                | years      | 80 or older      | 80       | inf
age                | years      | 80 years and over | 80      | inf
age                | years      | 80 und älter     | 80       | inf
age                | years      | 80岁以上         | 80       | inf
age                | years      | 40-49            | 40       | 49
age                | years      | 40–49 years      | 40       | 49
age                | years      | 40 to 49         | 40       | 49
age                | years      | <18              | 0        | below 18
age                | years      | adult            | nothing  | nothing
urine_protein_24h  | g/24h      | 4+               | nothing  | nothing  # the grade of a test strip, as likely as 4 or more
urine_protein_24h  | g/24h      | 4 +              | nothing  | nothing
urine_protein_24h  | g/24h      | 4+ g/24h         | nothing  | nothing
urine_protein_24h  | g/24h      | 4 g/24h+         | nothing  | nothing
urine_protein_24h  | g/24h      | 3+(H)            | nothing  | nothing
urine_protein_24h  | g/24h      | >4+              | nothing  | nothing
urine_protein_24h  | g/24h      | 4 or more        | 4        | inf
uacr               | mg/g       | 300+             | nothing  | nothing
hbv_dna            | IU/mL      | TND              | 0        | 10
hbv_dna            | IU/mL      | <LOD             | 0        | 10
hbv_dna            | IU/mL      | ＜20 IU/mL       | 0        | below 20
hbv_dna            | IU/mL      | 小于20           | 0        | below 20
hbv_dna            | IU/mL      | 2.5×10^3         | 2500     | 2500
hbv_dna            | IU/mL      | 10^3             | 1000     | 1000
hbv_dna            | IU/mL      | ND               | nothing  | nothing  # not detected, or not done
hbv_dna            | IU/mL      | <LLOQ            | nothing  | nothing
age                | years      | 80+              | 80       | inf
age                | years      | 65-69            | 65       | 69
hbv_dna            | IU/mL      | not detected     | 0        | 10
hbv_dna            | IU/mL      | 未检出           | 0        | 10
hbv_dna            | IU/mL      | <20              | 0        | below 20
hbv_dna            | log10 IU/mL | 3               | 1000     | 1000
creatinine         | mg/dL      | not detected     | nothing  | nothing
nyha               | class      | III              | 3        | 3
nyha               | class      | 2                | 2        | 2
stroke_deficits    | deficits   | yes              | 1        | 3
stroke_deficits    | deficits   | no               | 0        | 0
creatinine         | mg/dL      | n/a              | nothing  | nothing
creatinine         | mg/dL      | nan              | nothing  | nothing
creatinine         | mg/dL      | inf              | nothing  | nothing
creatinine         | mg/dL      | haemolysed       | nothing  | nothing
creatinine         | mg/dL      | 310              | nothing  | nothing
creatinine         | mg/dL      | 30               | 30       | 30
hba1c              | %          | -1               | nothing  | nothing
"""


def said(text: str, end: float) -> float:
    if text == "nothing":
        return end
    if text.startswith("below "):
        return below(float(text[6:]))
    return over(float(text[5:])) if text.startswith("over ") else float(text)


@pytest.mark.parametrize(("variable", "unit", "cell", "lo", "hi"), by_name(NUMBERS))
def test_a_cell_becomes_the_interval_that_it_says(variable: str, unit: str, cell: str, lo: str, hi: str) -> None:
    # Beside a plain number, so that the slow path and the fast one meet.
    cells = pa.chunked_array([pa.array([cell.strip("'"), "3", None])])
    read = read_numbers(cells, CATALOGUE[variable], ColumnUse((variable,), unit=unit), unit, place(3))
    assert (read.values.lo[0], read.values.hi[0]) == pytest.approx((said(lo, -INF), said(hi, INF)), rel=1e-15)
    assert (read.values.lo[2], read.values.hi[2]) == (-INF, INF)


def test_seventy_five_mmol_mol_is_above_nine_percent_and_seventy_four_below() -> None:
    cohort = load(column("HbA1c (mmol/mol)", "75", "74"))
    assert list(cohort.records["hba1c"].fields["hba1c"].lo > 9) == [True, False]


def test_an_unreadable_and_an_impossible_value_are_listed_with_row_and_column() -> None:
    cohort = load(column("hba1c_percent", "7.1", "bananas", "999", "\x07=1+1"))
    unread, impossible = messages(cohort, "warning")
    assert unread.startswith("rows 3, 5, column hba1c_percent: 2 values set aside: found 'bananas', '\\x07=1+1'")
    assert impossible.startswith("row 4, column hba1c_percent: 1 value set aside: found '999'; HbA1c is possible from 2 to 25 %")
    report = next(entry for entry in cohort.report.columns if entry.column == "hba1c_percent")
    assert (report.rows, report.with_value, report.missing, report.set_aside) == (4, 1, 0, 3)


def test_a_long_cell_is_shortened_where_it_is_shown() -> None:
    assert shown("x" * 500) == "x" * 39 + "…"
    assert shown("a\u202eb\nc") == "a\\x202eb\\x0ac"


def test_a_plus_behind_a_number_is_or_more_only_for_an_age() -> None:
    cohort = load("patient_id,age,24h_urine_protein (g/24h)\nP1,80+,4+\nP2,60,3.5\nP3,61,2+ g/24h\n")
    assert (cohort.records["age"].fields["age"].lo[0], cohort.records["age"].fields["age"].hi[0]) == (80, INF)
    assert list(cohort.records["urine_protein_24h"].fields["urine_protein_24h"].lo) == [-INF, 3.5, -INF]
    assert any("in '4+', '2+ g/24h' the + may be the grade of a test strip, or mean 'or more': set aside" in said for said in messages(cohort, "warning"))


NO_RESULTS = "haemolysed; hemolysed; hämolytisch; 溶血; 标本溶血; QNS; n.d.; nd; -; —; /; pending; #VALUE!; nicht bestimmt; 未查; k.A.; n/a; ?; <LLOQ"


@pytest.mark.parametrize("cell", NO_RESULTS.split("; "))
def test_a_word_that_says_that_there_is_no_result_is_missing_and_said_but_not_set_aside(cell: str) -> None:
    read = read_numbers(pa.chunked_array([pa.array([cell, "3"])]), CATALOGUE["potassium"], ColumnUse(("potassium",)), "mmol/L", place(2))
    assert (read.values.lo[0], read.values.hi[0]) == (-INF, INF)
    assert (read.with_value, read.set_aside) == (1, 0)
    assert f"1 cell saying '{cell}' taken as missing" in str(read.problems)


def test_marks_beside_numbers_are_left_out_and_that_is_said() -> None:
    cohort = load(column("uacr_mg_g", "12.3 H", "15*", "30"))
    assert list(cohort.records["uacr"].fields["uacr"].lo) == [12.3, 15, 30]
    assert any("marks beside a number, as in '12.3 H', '15*', are left out" in note for note in messages(cohort, "note"))


DECIMALS = """
cells                       | first   | last    | severity
'7,5'  '8,25'               | 7.5     | 8.25    | note     # a comma before other than three digits is decimal
'1,500' '2,250'             | nothing | nothing | error    # either
'1,500' '2,25'              | 1.5     | 2.25    | note     # settled by the column
'0,951' '1,234'             | 0.951   | 1.234   | note     # thousands do not begin with 0
'1,500' '2,250.5'           | 1500    | 2250.5  | note
'1,500' '980.2'             | 1500    | 980.2   | note     # the point is decimal, so the comma is not
'1,500' '12,345'  '980'     | nothing | 980     | error
'1,234,567' '1,500'         | nothing | 1500    | note
'1.500' '2.951,5'           | 1500    | 2951.5  | note     # a plain number by its looks, and not by its column
'1.500' '98,5'              | nothing | 98.5    | error    # decimal point by mistake, or thousands
'1.5'   '98,5'              | 1.5     | 98.5    | note
'1.500' '1.5' '98,5'        | 1.5     | 98.5    | note
'1_500' '2_250'             | 1500    | 2250    | note
'1_500,5' '98'              | 1500.5  | 98      | note
'1,500' '1.500' '1,5' '1.5' | 1.5     | 1.5     | note
'1,5' '1,500.5' '1,500'     | 1.5     | nothing | error    # the column contradicts itself
"""


@pytest.mark.parametrize(("cells", "first", "last", "severity"), by_name(DECIMALS))
def test_points_and_commas_are_read_by_the_column_as_a_whole_and_set_aside_where_it_leaves_them_open(
    cells: str, first: str, last: str, severity: str
) -> None:
    cohort = load(column("uacr_mg_g", *(cell.replace("_", " ") for cell in cells.replace("'", "").split())))
    values = cohort.records["uacr"].fields["uacr"]
    assert (values.lo[0], values.lo[-1]) == (said(first, -INF), said(last, -INF))
    assert any("comma" in message or "point" in message or "separators" in message for message in messages(cohort, severity))
    assert bool(messages(cohort, "error")) == (severity == "error")


def test_a_decimal_sign_in_the_mapping_settles_both_signs() -> None:
    for decimal, values in ((",", [1.5, 1500, 1500.5]), (".", [1500, 1.5, -INF])):
        mapping = Mapping("patient_id", columns={"x": ColumnUse(("uacr",), unit="mg/g", decimal=decimal)})
        cohort = load(column("x", "1,500", "1.500", "1.500,5" if decimal == "," else "soon"), mapping)
        assert list(cohort.records["uacr"].fields["uacr"].lo) == values


def test_a_decimal_comma_can_be_said_in_the_mapping() -> None:
    mapping = Mapping("patient_id", columns={"x": ColumnUse(("creatinine",), unit="mg/dL", decimal=",")})
    assert load(column("x", "1,500"), mapping).records["creatinine"].fields["creatinine"].lo[0] == 1.5


def test_sentinels_are_missing_however_they_are_written() -> None:
    mapping = Mapping("patient_id", columns={"x": ColumnUse(("weight",), unit="kg", sentinels=("77", "unknown weight"))})
    cohort = load(column("x", "77", "77.0", "70", "Unknown Weight"), mapping)
    assert list(cohort.records["weight"].fields["weight"].lo) == [-INF, -INF, 70, -INF]
    assert messages(cohort, "warning") == []


def test_a_top_coded_age_is_at_least_what_is_written_and_no_more_than_can_be() -> None:
    mapping = Mapping("patient_id", columns={"x": ColumnUse(("age",), censored_at=80)})
    cohort = load(column("x", "79", "80", "85"), mapping)
    age, exact = cohort.records["age"].fields["age"], cohort.records["age_exact"].fields["age_exact"]
    assert list(age.lo) == [79, 80, 85]
    assert list(age.hi) == [79, 120, 120]
    assert list(exact.lo) == [79, 80, 85]
    assert list(exact.hi) == [below(80), below(121), below(121)]


SNIFFED = """
header          | values        | unit       | weight
creatinine      | 88 95 120     | µmol/L     | settled
creatinine      | 0.9 1.1 1.4   | mg/dL      | settled
sbp_1           | 146 150 133   | mmHg       | settled
sbp_1           | 19 20 18      | kPa        | settled
hba1c           | 53 60 75      | mmol/mol   | settled
hba1c           | 7.1 8.0 6.4   | %          | settled
hba1c           | 0.07 0.08 0.09 | fraction  | settled
hba1c           | 7,1 8,0 6,4   | %          | settled
ldl             | 100 120 90    | mg/dL      | settled
up24            | 6.1 8.2 4.0   | g/24h      | settled
up24            | 6100 8200 400 | mg/24h     | settled
up24            | 45 48 40      |            | must
uacr            | 3000 900 2500 |            | must
uacr            | 90 20 250     |            | must
hbv_dna         | 30 2000 400   |            | must
weight          | 70 80 60      |            | must
age             | 70 80 60      |            | none
"""


@pytest.mark.parametrize(("header", "values", "unit", "weight"), by_name(SNIFFED))
def test_a_unit_is_taken_from_the_values_only_where_they_leave_one_and_it_is_said(header: str, values: str, unit: str, weight: str) -> None:
    found = suggest(Tables(read_table("x.csv", column(header, *values.split()).encode())), CATALOGUE)
    about_units = [question for question in found.questions if question.about == "unit"]
    assert [question.weight for question in about_units] == ([] if weight == "none" else [weight])
    assert (found.mapping.columns[header].unit or "") == unit


TWO_UNITS = """
header     | values                                    | found
creatinine | 0.9 1.1 88 97                             | 2 like µmol/L (median 92.5) and 2 like mg/dL (median 1)
creatinine | 0.8 1.1 1.5 1.3 0.9 1.0 88 97 120 105     | 6 like mg/dL (median 1.05) and 4 like µmol/L (median 101)
creatinine | 70 80 88 95 120 64 59 90 110 0.9          |
creatinine | 0.9 1.1 1.4 999 999 999                   |
hba1c      | 7.1 8.2 53 6.9 64 7.7                     | 4 like % (median 7.4) and 2 like mmol/mol (median 58.5)
up24       | 3.5 6.2 4100 2200                         | 2 like g/24h
up24       | 3500 6200 4100 2200 40 30 120 300 700     |
up24       | 4100 3500 2200 1900 5000 2.2 3.5          | 5 like mg/24h (median 3.5e+03) and 2 like g/24h (median 2.85)
sbp        | 120 133 16 18                             | 2 like
triglycerides | 1.7 2.1 150 212                        | 2 like
"""


@pytest.mark.parametrize(("header", "values", "found"), by_name(TWO_UNITS))
def test_two_units_in_one_column_are_never_taken_as_one_in_silence(header: str, values: str, found: str) -> None:
    text = column(header, *values.split())
    (question,) = (each for each in suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions if each.about == "unit")
    assert question.weight is (Weight.MUST if found else Weight.SETTLED)
    assert found in question.text
    assert ("fall into groups" in question.text) == bool(found)
    assert (CATALOGUE[read_header_variable(header)].of in load(text).records) == (not found)


def read_header_variable(header: str) -> str:
    return {"up24": "urine_protein_24h"}.get(header, header)


POINTS = """
header            | values              | weight  | first
uacr_mg_g         | 1.234 2.951 980     | must    |
uacr_mg_g         | 1.234 2.951         | must    |
uacr_mg_g         | 1.234 2.951 4500    |         | 1.234
uacr_mg_g         | 1.234 2.95          |         | 1.234
uacr_mg_g         | 1.234 0.951         |         | 1.234
creatinine_mg_dl  | 1.234 1.951         |         | 1.234   # 1234 cannot be
urine_volume_24h_ml | 1.500 2.100 980     | settled | 1500    # 1.5 cannot be
sbp_mmhg          | 120 140             |         | 120
"""


@pytest.mark.parametrize(("header", "values", "weight", "first"), by_name(POINTS))
def test_a_point_before_three_figures_everywhere_is_asked_about_where_both_readings_are_possible(header: str, values: str, weight: str, first: str) -> None:
    text = column(header, *values.split())
    questions = [each for each in suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions if each.about == "decimal"]
    assert [each.weight for each in questions] == ([weight] if weight else [])
    cohort = load(text)
    if first:
        (records,) = cohort.records.values()
        assert next(iter(records.fields.values())).lo[0] == float(first)
    else:
        assert cohort.records == {}
        answered = load(text, Mapping("patient_id", columns={header: ColumnUse(("uacr",), unit="mg/g", decimal=",")}))
        assert answered.records["uacr"].fields["uacr"].lo[0] == 1234


CODES_FOR_MISSING = """
header           | usual            | code  | times | proposed
creatinine_mg_dl | 1.1 0.9 1.4 2.0  | 999   | 2     | 999     # impossible
creatinine_mg_dl | 1.1 0.9 1.4 2.0  | 999   | 1     |
creatinine_mg_dl | 1.1 0.9 1.4 2.0  | -9    | 2     | -9
creatinine_mg_dl | 1.1 0.9 1.4 2.0  | 99.9  | 2     | 99.9
nyha             | 1 2 3 4          | 9     | 2     | 9
uacr_mg_g        | 1100 90 1400 200 | 777   | 3     | 777     # possible
uacr_mg_g        | 1100 90 1400 200 | 777   | 2     |
uacr_mg_g        | 1100 90 1400 200 | 999   | 3     | 999
uacr_mg_g        | 1100 90 1400 200 | 99.9  | 3     | 99.9
uacr_mg_g        | 1100 90 1400 200 | 99    | 4     |         # two figures are seen by chance more often
uacr_mg_g        | 1100 90 1400 200 | 9999  | 3     | 9999
uacr_mg_g        | 1100 90 1400 200 | 666   | 3     | 666
uacr_mg_g        | 1100 90 1400 200 | 500   | 9     |
uacr_mg_g        | 1100 90 1400 200 | 0     | 3     | 0
uacr_mg_g        | 990 1010 990 1010 | 999  | 5     |         # its neighbours are as frequent
triglycerides_mg_dl | 120 133 150 141 | 999 | 3     | 999
sbp_mmhg         | 98 97 100 98     | 99    | 5     |
hba1c_percent    | 7.1 8.0 6.9 9.9  | 9     | 5     |
potassium_mmol_l | 4.1 4.5          | 99    | 2     | 99
age              | 55 63 71 49      | 999   | 2     | 999
age              | 55 63 71 49      | 99    | 5     | 99
"""


@pytest.mark.parametrize(("header", "usual", "code", "times", "proposed"), by_name(CODES_FOR_MISSING))
def test_codes_for_missing_are_found_by_their_looks_and_offered(header: str, usual: str, code: str, times: str, proposed: str) -> None:
    text = column(header, *usual.split(), *[code] * int(times))
    questions = [each for each in suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions if each.about == "sentinels"]
    assert [each.weight for each in questions] == ([Weight.OFFERED] if proposed else [])
    if not proposed:
        return
    (question,) = questions
    assert question.proposed is not None
    assert question.proposed.sentinels == (proposed,)
    cohort = load(text)
    assert any(question.text in message for message in messages(cohort, "warning"))
    if "cannot be true" in question.text:
        assert next(each for each in cohort.report.columns if each.column == header).with_value == len(usual.split())
    else:
        assert f"{proposed} ({times} cells) is far more frequent than the values near it" in question.text
    line = question.remedy.split("[columns]: ")[1].rstrip(".")
    answered = load(text, read_mapping(f"[columns]\n{line}", CATALOGUE))
    report = next(each for each in answered.report.columns if each.column == header)
    assert (report.with_value, report.missing, report.set_aside) == (len(usual.split()), int(times), 0)


def wide(header: str, *rows: str) -> str:
    return "\n".join([f"patient_id,{header}", *(f"P{number},{row}" for number, row in enumerate(rows, start=1))])


UNIT_COLUMNS = """
header                                | rows                                | variable   | values
uacr,uacr_unit                        | 120,mg/mmol 1400,mg/g               | uacr       | 1060.8 1400
uacr,uacr_units                       | 120,mg/g 1400,mg/g                  | uacr       | 120 1400
uacr,unit_uacr                        | 120,mg/mmol 1400,mg/g               | uacr       | 1060.8 1400
uacr,UACR Einheit                     | 120,mg/mmol 1400,mg/g               | uacr       | 1060.8 1400
uacr,unité uacr                       | 120,mg/mmol 1400,mg/g               | uacr       | 1060.8 1400
uacr,uacr_unidad                      | 120,mg/mmol 1400,mg/g               | uacr       | 1060.8 1400
肌酐,肌酐单位                         | 88.4,umol/L 1.2,mg/dL               | creatinine | 1 1.2
creatinine,unit                       | 88.4,µmol/L 1.2,mg/dL               | creatinine | 1 1.2
creatinine,Scr unit                   | 88.4,μmol/l 1.2,mg/dl               | creatinine | 1 1.2
血肌酐,单位                           | 88.4,umol/L 1.2,mg/dL               | creatinine | 1 1.2
uacr,uacr_unit                        | 120,mg/mmol 1400,bananas            | uacr       | 1060.8 nothing
uacr,uacr_unit                        | >565,mg/mmol <30,mg/g               | uacr       | 4994.6 0
hba1c,hba1c_unit                      | 53,mmol/mol 7.1,%                   | hba1c      | 7.00044 7.1
hba1c (%),hba1c_unit                  | 53,mmol/mol 7.1,                    | hba1c      | 7.00044 7.1
"""


@pytest.mark.parametrize(("header", "rows", "variable", "values"), by_name(UNIT_COLUMNS))
def test_a_column_of_units_beside_a_column_of_numbers_is_read_row_by_row(header: str, rows: str, variable: str, values: str) -> None:
    cohort = load(wide(header, *rows.split()))
    assert list(cohort.records[variable].fields[variable].lo) == pytest.approx([said(value, -INF) for value in values.split()], rel=1e-6)
    report = {each.column: each for each in cohort.report.columns}
    assert report[header.split(",")[1]].use == f"unit of {CATALOGUE[variable].label}"
    assert [each.with_value + each.missing + each.set_aside for each in report.values()] == [each.rows for each in report.values()]
    errors = messages(cohort, "error")
    assert errors == [] or ("bananas" in rows and len(errors) == 1 and "row 3, column uacr: the unit 'bananas' is not known for UACR" in errors[0])


def test_rows_without_a_unit_are_asked_about_and_not_used_where_the_others_have_one() -> None:
    text = wide("uacr,uacr_unit", "120,mg/mmol", "1400,", "90,mg/g")
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert (question.column, question.about, question.weight) == ("uacr", "unit", Weight.MUST)
    mapping = read_mapping('[columns]\nuacr = { variable = "uacr", unit = "mg/g" }', CATALOGUE)
    assert list(load(text, mapping).records["uacr"].fields["uacr"].lo) == [1060.8, 1400, 90]


def test_one_column_of_units_serves_all_repeats_and_its_own_goes_before_it() -> None:
    text = wide("up24_1,up24_2,up24_unit,up24_2_unit", "3.5,3500,g/24h,mg/24h", "4,4100,g/24h,mg/24h")
    cohort = load(text)
    assert sorted(cohort.records["urine_protein_24h"].fields["urine_protein_24h"].lo) == [3.5, 3.5, 4, 4.1]
    assert messages(cohort, "error") == []


def test_a_column_headed_unit_is_that_of_the_number_to_its_left_only_if_it_holds_its_units() -> None:
    cohort = load(wide("creatinine_mg_dl,unit", "1.1,Cardiology", "1.2,Nephrology"))
    assert list(cohort.records["creatinine"].fields["creatinine"].lo) == [1.1, 1.2]
    assert next(each for each in cohort.report.columns if each.column == "unit").use == "not used"


def test_numbers_that_all_carry_their_unit_need_no_other() -> None:
    text = column("uacr", "120 mg/mmol", "1400 mg/g", "<30 mg/g", "n.d.")
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert (question.about, question.weight) == ("unit", Weight.SETTLED)
    assert "Every value carries its unit (mg/mmol, mg/g)" in question.text
    assert list(load(text).records["uacr"].fields["uacr"].lo) == [1060.8, 1400, 0, -INF]
    assert "uacr" not in load(column("uacr", "120 mg/mmol", "1400")).records


def test_a_column_without_a_unit_is_not_used_until_the_unit_is_said() -> None:
    cohort = load(column("uacr", "3000", "900"))
    assert "uacr" not in cohort.records
    assert any("column uacr: No unit is given for UACR" in message for message in messages(cohort, "error"))


UNITS_IN_HEADERS = """
header                     | variable          | unit
uacr_mg_g                  | uacr              | mg/g
UACR (mg/mmol)             | uacr              | mg/mmol
UACR [mg/g]                | uacr              | mg/g
Creatinine, µmol/L         | creatinine        | µmol/L
creatinine_umol_l          | creatinine        | µmol/L
肌酐(µmol/L)               | creatinine        | µmol/L
Serum creatinine (mg/dL)   | creatinine        | mg/dL
hba1c_percent              | hba1c             | %
potassium_1_mmol_l         | potassium         | mmol/L
LBXSCR                     | creatinine        | mg/dL
24h urine protein (mg/24h) | urine_protein_24h | mg/24h
HbA1c IFCC (mmol/mol)      | hba1c             | mmol/mol
HbA1c (mmol/mol IFCC)      | hba1c             | mmol/mol
HbA1c NGSP (%)             | hba1c             | %
"""


@pytest.mark.parametrize(("header", "variable", "unit"), by_name(UNITS_IN_HEADERS))
def test_the_header_gives_the_variable_and_the_unit(header: str, variable: str, unit: str) -> None:
    found = suggest(Tables(read_table("x.csv", column(f'"{header}"', "5").encode())), CATALOGUE)
    assert found.mapping.columns[header].variables == (variable,)
    assert found.mapping.columns[header].unit == unit
    assert {question.weight for question in found.questions} == ({Weight.SETTLED} if header == "LBXSCR" else set())


def test_a_unit_that_is_not_known_sets_the_column_aside_with_a_remedy() -> None:
    cohort = load(column("Creatinine (cups/L)", "5"))
    assert "creatinine" not in cohort.records
    message = messages(cohort, "error")[0]
    assert "The unit 'cups/L' is not known for Serum creatinine" in message
    assert "Write the unit in the header (mg/dL, µmol/L" in message


@pytest.mark.parametrize("header", ["HbA1c IFCC (%)", "HbA1c (% IFCC)", "HbA1c (IFCC %)", "hba1c_ifcc", "hba1c_ifcc_percent"])
def test_a_per_cent_of_hba1c_by_the_ifcc_is_none_by_the_ngsp_and_asked_about(header: str) -> None:
    text = column(f'"{header}"', "5.9", "6.9")
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert (question.about, question.weight) == ("unit", Weight.MUST)
    assert "ifcc" in question.text.casefold()
    assert load(text).records == {}


def test_a_header_that_is_only_like_a_name_is_asked_about_and_not_used() -> None:
    text = column("triglycerydes_mmol_l", "2")
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions[:1]
    assert question.weight is Weight.MUST
    assert question.proposed is not None
    assert question.proposed.variables == ("triglycerides",)
    cohort = load(text)
    assert "triglycerides" not in cohort.records
    assert any("The header is like 'triglycerides'" in message for message in messages(cohort, "error"))


@pytest.mark.parametrize("header", ["creatinine_urine_mg_dl", "total protein", "site", "no", "potassium chloride dose"])
def test_a_header_that_says_something_else_as_well_is_not_taken(header: str) -> None:
    cohort = load(column(header, "5"))
    assert cohort.records == {}


CODES = """
variable         | cell        | lo      | hi
sex              | F           | 0       | 0
sex              | 男          | 1       | 1
sex              | z           | set     | aside
hbsag            | 阳性        | 1       | 1
hbsag            | +           | 1       | 1
hbsag            | Negative    | 0       | 0
hbsag            | unknown     | -inf    | inf
t2dm             | Y           | 1       | 1
t2dm             | TRUE        | 1       | 1
t2dm             | 否          | 0       | 0
t2dm             | 0           | 0       | 0
t2dm             | 1.0         | 1       | 1
t2dm             | unknown     | 0       | 1
t2dm             | E11.9       | 1       | 1
t2dm             | n/a         | -inf    | inf
t2dm             | 7           | set     | aside
biopsy_dx        | mixed       | 3       | 3
biopsy_dx        | 4           | set     | aside
ldl_method       | friedewald  | 1       | 1
"""


@pytest.mark.parametrize(("variable", "cell", "lo", "hi"), by_name(CODES))
def test_a_coded_cell_becomes_its_value_and_a_strange_one_is_set_aside(variable: str, cell: str, lo: str, hi: str) -> None:
    read = read_codes(pa.chunked_array([pa.array([cell, None])]), CATALOGUE[variable], ColumnUse((variable,)), place(2))
    if lo == "set":
        assert read.set_aside == 1
        assert "row 2, column x: 1 value set aside" in str(read.problems[0])
    else:
        assert (read.values.lo[0], read.values.hi[0]) == (float(lo), float(hi))
        assert read.set_aside == 0
    assert (read.values.lo[1], read.values.hi[1]) == (-INF, INF)


WORDS = """
variable | meant   | cells
t2dm     | no      | no n false 0 - (-) none nil denies ☐ 否 无 無 没有 未见 否认 nein keine non faux aucun não nenhum nessuno falso ninguno nie
t2dm     | no      | нет いいえ
t2dm     | yes     | yes Y TRUE 1 + (+) present ✓ ✔ ☑ √ 是 有 （有） 有。 ja wahr vorhanden oui vrai sí si SI sì sim tak да はい yes.
t2dm     | unknown | unknown ? NK ND NR suspected borderline ± 不详 未知 可疑 疑似 未查 unbekannt k.A. keine_Angabe inconnu NSP non_renseigné
t2dm     | unknown | desconocido no_consta sconosciuto desconhecido
hbsag    | no      | negative neg. Neg (-) non-reactive 阴性 阴性(-) 未检出 无反应性 negativ négatif negativo neg_(0.21) 0.01_(-) 0.02_阴性 NEG.
hbsag    | yes     | positive pos. + (+) +++ reactive 阳性 阳性（+） 弱阳性 positiv positif positivo 250.30_阳性
hbsag    | unknown | None none nil - − – borderline equivocal ± +- +/- 可疑 未查 not_done nd NR unknown n/a
hiv      | no      | not_detected Not_Detected undetectable 未检出 未检测到 TND nicht_nachweisbar non_détecté no_detectado non-reactive 无反应性 阴性
hiv      | yes     | detected 检出 reactive 有反应性 nachweisbar détecté reattivo 阳性
tuberculosis | no  | 未检出 not_detected
anti_hcv | no      | 未检出 Not_detected undetectable non_rilevato
anti_hcv | yes     | detected nachweisbar rilevato
sex      | no      | f F Female w weiblich weibl. frau femme féminin mujer femenino femmina feminino 女 女性 ♀ ♀️ ж 2:_female 2=female 2女 女(2)
sex      | no      | F_-_Female (2)_female Ｆ 8532
sex      | yes     | m M MALE männlich maennlich mann homme masculin hombre varón maschio masculino 男 男性 ♂ муж 1:_male 1男 男(1) 1_-_Male
sex      | unknown | U X unknown divers other intersex 未知 不详 k.A. non_renseigné
"""


@pytest.mark.parametrize(
    ("variable", "meant", "cell"), [(variable, meant, cell.replace("_", " ")) for variable, meant, cells in by_name(WORDS) for cell in cells.split()]
)
def test_a_word_means_the_same_in_any_column(variable: str, meant: str, cell: str) -> None:
    read = read_codes(pa.chunked_array([pa.array([cell])]), CATALOGUE[variable], ColumnUse((variable,)), place(1))
    unknown = (0, 1) if CATALOGUE[variable].kind == "event" else (-INF, INF)
    assert (read.values.lo[0], read.values.hi[0]) == {"no": (0, 0), "yes": (1, 1), "unknown": unknown}[meant]
    assert read.set_aside == 0


NOTHING = """
variable      | cells                  | values            # of which '.' is not known
hbsag         | positive None - nil    | 1 . . .
hbsag         | 阳性 阴性 -            | 1 0 .
hbsag         | + - ++ −               | 1 0 1 0
hbsag         | + - None ?             | 1 0 . .
hbsag         | + 阴性 -               | 1 0 .
hbsag         | - -                    | . .
hbsag         | (+) (-)                | 1 0
anti_hcv      | None reactive          | . 1
kidney_biopsy | yes none -             | 1 . .
hbv_dna       | 1200 - none            | 1200 . .
hbv_dna       | detected - None        | 1 . .
hbv_dna       | + -                    | 1 0
hcv_rna       | none nil               | . .
"""


@pytest.mark.parametrize(("variable", "cells", "values"), by_name(NOTHING))
def test_a_mark_that_may_mean_nothing_recorded_is_no_only_beside_pluses(variable: str, cells: str, values: str) -> None:
    entry, texts = CATALOGUE[variable], cells.split()
    read = values_of(pa.chunked_array([pa.array(texts)]), entry, ColumnUse((variable,), unit=entry.unit or None), place(len(texts)))
    assert list(read.values.lo) == [-INF if value == "." else float(value) for value in values.split()]
    assert [hi for hi, value in zip(read.values.hi, values.split(), strict=True) if value == "."] == [INF] * values.split().count(".")
    assert ("taken as missing" in str(read.problems)) == ("." in values)


def test_a_coding_says_what_a_dash_is() -> None:
    answered = ColumnUse(("hbsag",), coding={"-": "negative", "阳性": "positive"})
    read = read_codes(pa.chunked_array([pa.array(["阳性", "-"])]), CATALOGUE["hbsag"], answered, place(2))
    assert list(read.values.lo) == [1, 0]


@pytest.mark.parametrize(("cell", "said"), [("None", True), ("none", False)])
def test_a_value_called_none_is_kept_and_what_programs_write_for_nothing_is_pointed_out(cell: str, said: bool) -> None:
    read = read_codes(pa.chunked_array([pa.array(["DN", cell])]), CATALOGUE["biopsy_dx"], ColumnUse(("biopsy_dx",)), place(2))
    assert list(read.values.lo) == [1, 0]
    assert ("which programs also write for nothing recorded" in str(read.problems)) == said
    answered = ColumnUse(("biopsy_dx",), sentinels=("None",))
    assert read_codes(pa.chunked_array([pa.array(["DN", cell])]), CATALOGUE["biopsy_dx"], answered, place(2)).values.lo[1] == -INF


DIAGNOSES = """
variable   | cell                | meant
atrial_fibrillation | I48                 | yes
atrial_fibrillation | i48.9               | yes
atrial_fibrillation | I48.91              | yes
atrial_fibrillation | I489                | yes
atrial_fibrillation | I48.-               | yes
atrial_fibrillation | I48.0G              | yes
atrial_fibrillation | I48.0 G             | yes
atrial_fibrillation | I48.9A              | no
atrial_fibrillation | I48A                | no
atrial_fibrillation | I48.9 V             | unknown
atrial_fibrillation | I48.9 (V)           | unknown
atrial_fibrillation | I48.9Z              | unknown    # it was there; since when it is not, nobody says
atrial_fibrillation | I48.9A, I48.1G      | yes
atrial_fibrillation | I48.9A; I10G        | no
atrial_fibrillation | I10; I48.9          | yes
atrial_fibrillation | I10                 | set aside
atrial_fibrillation | I48 ruled out       | set aside
atrial_fibrillation | I48.9 ?             | set aside
atrial_fibrillation | kein I48            | set aside
atrial_fibrillation | I48.0 Vorhofflimmern | set aside
malignancy | C50.9RG             | yes
malignancy | C50 family history  | set aside
malignancy | C44.9 - denied      | set aside
malignancy | C7A.01              | yes
malignancy | C61 Z               | unknown
tuberculosis | A15 excluded        | set aside
tuberculosis | A16?                | set aside
clinical_dkd | E11.2† N08.3*     | yes
clinical_dkd | E11.200x021+N08.3* | yes
cerebral_infarction | I63.900x009 | yes
"""


@pytest.mark.parametrize(("variable", "cell", "meant"), by_name(DIAGNOSES))
def test_a_code_is_a_diagnosis_only_where_nothing_beside_it_says_otherwise(variable: str, cell: str, meant: str) -> None:
    certain = f"{CATALOGUE[variable].codes['icd10'][0]}G"  # beside which a letter says how certain another is
    read = read_codes(pa.chunked_array([pa.array([cell, certain])]), CATALOGUE[variable], ColumnUse((variable,)), place(2))
    assert (read.values.lo[0], read.values.hi[0]) == {"yes": (1, 1), "no": (0, 0), "unknown": (0, 1), "set aside": (-INF, INF)}[meant]
    assert read.set_aside == (meant == "set aside")


def test_letters_of_certainty_are_said() -> None:
    cohort = load(column("af", "I48.0G", "I48.9A", "I48"))
    (note,) = [note for note in messages(cohort, "note") if "certain" in note]
    assert "as in 'I48.0G', 'I48.9A', say how certain it is: G (certain) as yes, A (ruled out) as no" in note


@pytest.mark.parametrize(("cell", "least"), [("I48 ruled out", 0), ("I48.9A", 0), ("I48.9G", 1), ("", 1)])
def test_a_date_beside_a_flag_that_cannot_be_read_does_not_say_that_it_occurred(cell: str, least: int) -> None:
    cohort = load(f"patient_id,index_date,af,af_date\nP1,2025-03-01,{cell},2025-01-05\nP2,2025-03-01,I48G,")
    values = cohort.records["atrial_fibrillation"].fields["atrial_fibrillation"]
    assert (values.lo[0], values.hi[0]) == (least, 1)


@pytest.mark.parametrize("cell", ["yes (2019)", "history of", "Herr", "先生", "x", "☒", "maybe", "2019", "0.21", "resolved", "not diabetic"])
def test_what_may_mean_several_things_is_set_aside_and_shown(cell: str) -> None:
    for variable in ("t2dm", "hbsag") if cell == "x" else ("t2dm", "hbsag", "sex"):
        read = read_codes(pa.chunked_array([pa.array([cell])]), CATALOGUE[variable], ColumnUse((variable,)), place(1))
        assert read.set_aside == 1, variable
        assert f"found '{cell}'" in str(read.problems[0])


COLUMNS_OF_CODES = """
header                      | cells                 | weight  | coding
sex                         | M F                   |         |
sex                         | m w d                 |         |
sex                         | H F                   | settled | f=female h=male
sexe                        | H F X                 | settled | f=female h=male
sex                         | H M                   | settled | h=male m=female
sexo                        | H M Mujer             | settled | h=male m=female
sex                         | H                     | settled | h=male
sex                         | H M F                 | must    |
sex                         | V M                   | must    |
sexo                        | V M                   | settled | m=female v=male
geslacht                    | V M                   | settled | m=male v=female
sex                         | K M                   | settled | k=female m=male
sesso                       | U D                   | settled | d=female u=male
sex                         | M                     |         |
sexo                        | M                     | must    |
sex                         | 1 2 9                 | settled | 1=male 2=female 9=unknown
sex                         | 1 2 0                 | must    |
sex                         | 0 1                   | must    |
sex                         | 8507 8532             |         |
Sex (1=female, 2=male)      | 1 2                   | settled | 1=female 2=male
sex (0=male,1=female)       | 0 1                   | settled | 0=male 1=female
性别(1男2女)                | 1 2                   | settled | 1=male 2=female
heart failure (1=no, 2=yes) | 1 2                   | settled | 1=no 2=yes
heart_failure               | ja nein               |         |
heart_failure               | J N                   | settled | j=yes n=no
heart_failure               | J N k.A.              | settled | j=yes n=no
heart_failure               | O N                   | settled | n=no o=yes
heart_failure               | S N                   | settled | n=no s=yes
heart_failure               | V F                   | settled | f=no v=yes
heart_failure               | O                     | must    |
heart_failure               | T F                   |         |
hbsag                       | R NR                  | settled | nr=negative r=positive
hbsag                       | P N                   | settled | n=negative p=positive
heart_failure               | ✓ ✗                   | settled | ✗=no
heart_failure               | ☑ ☒                   | settled | ☒=no
heart_failure               | ☒ ☐                   | settled | ☒=yes
heart_failure               | x no                  | settled | x=yes
heart_failure               | x 0                   | settled | 0=no x=yes
heart_failure               | ✓ x                   | settled | x=no
heart_failure               | ✗                     | must    |
heart_failure               | ☒                     | must    |
heart_failure               | yes x                 | must    |
heart_failure               | 1 0                   |         |
heart_failure               | -1 0                  | must    | -1=yes 0=no
heart_failure               | 1 2                   | must    | 1=yes 2=no
heart_failure               | 0 1 9                 | must    | 0=no 1=yes 9=unknown
heart_failure               | 0 1 -9                | must    | -9=missing 0=no 1=yes
heart_failure               | 0 1 2                 | must    |
heart_failure               | 0 1 2 3               | must    |
anti_hcv                    | 1 2 5                 | must    | 1=yes 2=no 5=unknown
hcv_rna                     | 0 1                   | must    | 0=not_detected 1=detected
hcv_rna                     | 1 2.0 3               | must    | 1=detected 2=not_detected 3=unknown
hcv_rna                     | 1 2 4                 |         |
hcv_rna                     | 1 3                   |         |
heart_failure               | yes_(2019) no         | offered | yes_(2019)=yes
heart_failure               | ja,_seit_2010 nein 0  | offered | 0=no ja,_seit_2010=yes
heart_failure               | history_of no         |         |
heart_failure               | history_of severe no  | must    |
biopsy_dx                   | cambios_diabéticos otra mixta | must |
biopsy_dx                   | DN otra mixta         | must    |
biopsy_dx                   | DN otra               |         |
biopsy_dx                   | DN NDRD otra          |         |
biopsy_dx                   | unknown NA otra       |         |
"""


@pytest.mark.parametrize(("header", "cells", "weight", "coding"), by_name(COLUMNS_OF_CODES))
def test_codes_are_settled_by_header_and_cells_together_or_asked(header: str, cells: str, weight: str, coding: str) -> None:
    text = column(f'"{header}"', *(cell.replace("_", " ") for cell in cells.split()))
    questions = [each for each in suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions if each.about == "coding"]
    assert [each.weight for each in questions] == ([weight] if weight else [])
    if coding:
        (question,) = questions
        assert question.proposed is not None
        given = dict(pair.replace("_", " ").split("=") for pair in coding.split(" "))
        assert dict(sorted(question.proposed.coding.items())) == given
        if weight == "settled":
            assert load(text).records
    assert (CATALOGUE["sex"].name in load(text).records) == (weight != "must") or "sex" not in header


SPANISH = "cambios diabéticos,otra,mixta,DN"


def test_a_column_of_which_most_cells_mean_nothing_known_is_not_used_until_it_is_said_what_they_stand_for() -> None:
    tables = Tables(read_table("x.csv", column("biopsy_dx", *SPANISH.split(","), "Otra ").encode()))
    suggestion = suggest(tables, CATALOGUE)
    (question,) = suggestion.questions
    assert question.text.startswith("Most cells mean nothing known: 'cambios diabéticos', 'otra', 'mixta'")
    assert "expected no disease found (none), diabetic nephropathy (DN), non-diabetic renal disease (NDRD), both (mixed)." in question.text
    assert 'coding = { "cambios diabéticos" = "…", … }' in question.remedy
    assert question.codes == ("cambios diabéticos", "otra", "mixta"), "each once, and what is understood needs no answer"
    mapping, problems = accept_suggestions(suggestion)
    assert mapping.use("biopsy_dx").variables == ()
    assert [problem.severity for problem in problems] == ["error"]
    coding = {"cambios diabéticos": "DN", "otra": "NDRD", "mixta": "mixed"}
    answered = answer(suggestion, question, replace(suggestion.mapping.use("biopsy_dx"), coding=coding), tables, CATALOGUE)
    assert answered.questions == ()
    again = overlaid(suggestion, read_mapping(write_mapping(answered.mapping), CATALOGUE), tables, CATALOGUE)
    assert (again.mapping.use("biopsy_dx").coding, again.questions) == (coding, ())


def test_numbers_beside_what_means_nothing_known_are_answered_with_it() -> None:
    (question,) = suggest(Tables(read_table("x.csv", column("heart_failure", "grave", "leve", "0").encode())), CATALOGUE).questions
    assert (question.text.partition(":")[0], question.codes) == ("Most cells mean nothing known", ("grave", "leve", "0"))


def test_of_many_different_cells_that_mean_nothing_known_each_is_not_asked_about_but_the_column_is() -> None:
    cells = [f"befund {letter}{other}" for letter in "abcdef" for other in "abcdef"]
    (question,) = suggest(Tables(read_table("x.csv", column("biopsy_dx", *cells).encode())), CATALOGUE).questions
    assert (question.weight, question.codes, question.text.partition(":")[0]) == (Weight.MUST, (), "No cell means anything known")


CODES_READ = """
variable      | coding   | cells               | read as
hbsag         |          | 1 1.0 0 pos         | 0=negative 1=positive pos=positive
hbsag         |          | 1 2 NA              | 1=positive na=missing
hbsag         | 1=no     | 0 1.0 pos           | 1=negative pos=positive
heart_failure |          | 1.0 2 unknown nein  | 1=yes nein=no unknown=unknown
heart_failure | 2=no     | 1 2.0 9 I50         | 2=no i50=yes
"""


@pytest.mark.parametrize(("variable", "coding", "cells", "meant"), by_name(CODES_READ))
def test_a_code_is_one_however_it_is_written(variable: str, coding: str, cells: str, meant: str) -> None:
    given = dict(pair.split("=") for pair in coding.split() if pair)
    read = read_as(cells.split(), CATALOGUE[variable], ColumnUse((variable,), coding=given))
    assert dict(sorted(read.items())) == dict(pair.split("=") for pair in meant.split())


def test_a_settled_letter_is_read_as_said() -> None:
    cohort = load(column("sexo", "H", "M", "h", ""))
    assert list(cohort.records["sex"].fields["sex"].lo) == [1, 0, 1, -INF]
    assert any("'h' is taken as male, 'm' is taken as female (Spanish hombre, mujer)" in note for note in messages(cohort, "note"))


def test_a_column_that_only_says_yes_is_offered_with_its_blanks_as_no() -> None:
    text = column("heart_failure", "x", "", "x", "")
    settled, offered = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert (settled.weight, offered.weight) == (Weight.SETTLED, Weight.OFFERED)
    assert "says only 'x', and nothing in 2 cells: perhaps a blank means no" in offered.text
    assert list(load(text).records["heart_failure"].fields["heart_failure"].lo) == [1, -INF, 1, -INF]
    assert offered.proposed is not None
    line = offered.remedy.split("[columns]: ")[1].rstrip(".")
    answered = load(text, read_mapping(f"[columns]\n{line}", CATALOGUE)).records["heart_failure"].fields["heart_failure"]
    assert list(answered.lo) == list(answered.hi) == [1, 0, 1, 0]


def test_codes_as_surveys_write_them_are_asked_about_with_the_likely_answer() -> None:
    text = column("MCQ160B", "1.0", "2.0", "9.0", "7")
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert question.weight is Weight.MUST
    assert question.proposed is not None
    assert question.proposed.coding == {"1": "yes", "2": "no", "7": "unknown", "9": "unknown"}
    assert "heart_failure" not in load(text).records
    answered = Mapping("patient_id", columns={"MCQ160B": question.proposed})
    values = load(text, answered).records["heart_failure"].fields["heart_failure"]
    assert list(zip(values.lo, values.hi, strict=True)) == [(1, 1), (0, 0), (0, 1), (0, 1)]


def test_sex_as_1_and_2_is_taken_as_the_standard_has_it_and_said_but_asked_where_there_is_a_0() -> None:
    cohort = load(column("sex", "1", "2"))
    assert list(cohort.records["sex"].fields["sex"].lo) == [1, 0]
    assert any("1 and 2 are taken as male and female" in message for message in messages(cohort, "note"))
    assert "sex" not in load(column("sex", "1", "0")).records


def test_a_mapping_that_answers_for_one_column_leaves_the_others_as_suggested() -> None:
    text = "patient_id,MCQ160B,MCQ160E,hba1c_percent,a1c_percent\nP1,1,1,7,8\nP2,2,2,7,8\n"
    remedy = next(problem.remedy for problem in load(text).report.problems if "MCQ160B" in problem.where)
    line = remedy.split("[columns]: ")[1].rstrip(".")
    cohort = load(text, read_mapping(f"[columns]\n{line}\na1c_percent = {{ variable = 'hba1c', unit = '%' }}", CATALOGUE))
    assert list(cohort.records["heart_failure"].fields["heart_failure"].lo) == [1, 0]
    assert list(cohort.records["hba1c"].fields["hba1c"].lo) == [8, 8]
    assert "myocardial_infarction" not in cohort.records


def test_readings_are_not_mixed_with_their_mean_and_what_is_not_used_is_said() -> None:
    cohort = load("patient_id,BPXSY1,BPXSY2,D_SBP_mean\nP1,140,150,145\n")
    assert list(cohort.records["blood_pressure"].fields["sbp"].lo) == [145]
    notes = messages(cohort, "note")
    assert sum("may be Systolic blood pressure too; D_SBP_mean is used instead" in note for note in notes) == 2


def test_ages_that_pile_up_are_taken_as_top_coded_which_is_said_and_can_be_undone() -> None:
    ages = [*(str(age) for age in range(70, 80)), *["80"] * 12]
    text = column("age", *ages)
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert question.weight is Weight.SETTLED
    assert question.proposed is not None
    assert question.proposed.censored_at == 80
    cohort = load(text)
    assert list(cohort.records["age"].fields["age"].hi[-13:]) == [79, *[120] * 12]
    (note,) = (problem for problem in cohort.report.problems if "80 or older" in problem.message)
    assert note.severity == "note"
    line = note.remedy.split("[columns]: ")[1].rstrip(".")
    undone = load(text, read_mapping(f"[columns]\n{line}", CATALOGUE))
    assert undone.records["age"].fields["age"].hi[-1] == 80
    assert not any("80 or older" in message for message in messages(undone, "note"))


UNITS_BY_DEFINITION = """
header  | values        | unit     | weight
LBXSCR  | 1 2           | mg/dL    | settled
2160-0  | 1 2           | mg/dL    | settled
14682-9 | 100 200       | µmol/L   | settled
4548-4  | 7 8           | %        | settled
59261-8 | 50 60         | mmol/mol | settled
URDACT  | 30 300        | mg/g     | settled
2160-0  | 90 110        | mg/dL    | must
2889-4  | 3.5 4         | g/24h    | settled
2889-4  | 3500 4000     | mg/24h   | settled
2889-4  | 45 48         |          | must
9318-7  | 30 300        |          | must
14959-1 | 30 300        |          | must
2571-8  | 150 200       | mg/dL    | settled
"""


@pytest.mark.parametrize(("header", "values", "unit", "weight"), by_name(UNITS_BY_DEFINITION))
def test_a_unit_that_nobody_wrote_is_said_and_never_that_of_a_ratio(header: str, values: str, unit: str, weight: str) -> None:
    found = suggest(Tables(read_table("x.csv", column(header, *values.split()).encode())), CATALOGUE)
    (question,) = (question for question in found.questions if question.about == "unit")
    assert question.weight == weight
    assert (found.mapping.columns[header].unit or "") == unit


def test_a_unit_by_definition_is_a_note_of_the_report() -> None:
    cohort = load(column("LBXSCR", "1"))
    assert any("column LBXSCR: No unit is written; 'lbxscr' is defined or usually kept in mg/dL: taken as mg/dL." in note for note in messages(cohort, "note"))


def test_values_that_contradict_the_unit_of_a_code_are_not_used_until_that_is_answered() -> None:
    cohort = load(column("2160-0", "90", "110"))
    assert "creatinine" not in cohort.records
    assert any("'2160-0' is defined or usually kept in mg/dL, but the values (median 100) look like µmol/L" in message for message in messages(cohort, "error"))


def test_cells_outside_a_range_are_shown_in_the_units_of_the_range_too() -> None:
    cohort = load(column("Triglycerides (mg/dL)", "26.0", "150", "30000", "0.1 mmol/L"))
    unusual = next(message for message in messages(cohort, "warning") if "outside the usual" in message)
    assert "0.3 to 30 mmol/L, kept: '26.0' mg/dL = 0.294 mmol/L, '0.1 mmol/L' = 0.1 mmol/L." in unusual
    impossible = next(message for message in messages(cohort, "warning") if "set aside" in message)
    assert "found '30000' mg/dL = 339 mmol/L; Triglycerides is possible from 0.1 to 150 mmol/L" in impossible


EXACT_AGES = """
birth      | index      | least         | most
1981-01-31 | 2026-01-31 | 45            | 45
1981-01-31 | 2026-01-30 | 44 + 364/365  | 44 + 364/365
1981-01-31 | 2026-02-01 | 45 + 1/365    | 45 + 1/365
1981-06-30 | 2024-02-29 | 42 + 244/366  | 42 + 244/366
1960-02-29 | 2024-02-29 | 64            | 64
1960-02-29 | 2024-02-28 | 63 + 364/365  | 63 + 364/365
1960-02-29 | 2025-02-28 | 64 + 365/366  | 64 + 365/366
1960-02-29 | 2025-03-01 | 65            | 65
1960-02-29 | 2026-03-01 | 66            | 66
1960       | 2025-12-31 | 65            | 65 + 364/365
1960-07    | 2025-07-31 | 65            | 65 + 30/365
"""


@pytest.mark.parametrize(("birth", "index", "least", "most"), by_name(EXACT_AGES))
def test_the_decimal_age_is_the_completed_years_and_the_part_of_the_running_one(birth: str, index: str, least: str, most: str) -> None:
    cohort = load(f"patient_id,birth_date\nP1,{birth}", index_date=date.fromisoformat(index))
    exact = cohort.records["age_exact"].fields["age_exact"]

    def years(text: str) -> float:
        whole, _, part = text.partition(" + ")
        over_, _, under = part.partition("/")
        return int(whole) + (int(over_) / int(under) if part else 0)

    assert (exact.lo[0], exact.hi[0]) == (years(least), years(most))


def test_repeated_impossible_numbers_are_offered_as_codes_for_missing() -> None:
    (question,) = suggest(Tables(read_table("x.csv", column("hba1c_percent", "7", "999", "999", "8").encode())), CATALOGUE).questions
    assert question.weight is Weight.OFFERED
    assert question.proposed is not None
    assert question.proposed.sentinels == ("999",)


def test_a_mapped_column_without_a_unit_is_not_there_at_all() -> None:
    mapping = Mapping("patient_id", columns={"x": ColumnUse(("uacr",))})
    cohort = load(column("x", "300"), mapping)
    assert "uacr" not in cohort.records
    assert any("No unit is given for UACR, and the values do not settle it" in message for message in messages(cohort, "error"))


def test_the_coding_of_the_mapping_is_the_whole_of_it() -> None:
    mapping = Mapping("patient_id", columns={"x": ColumnUse(("t2dm",), coding={"1": "no", "2": "yes"})})
    cohort = load(column("x", "1", "2", "0", "yes"), mapping)
    assert list(cohort.records["t2dm"].fields["t2dm"].lo) == [0, 1, 0, 1]
    assert list(cohort.records["t2dm"].fields["t2dm"].hi) == [0, 1, 1, 1]
    assert any("row 4, column x: 1 value set aside: found '0'" in message for message in messages(cohort, "warning"))


DATES = """
cell                 | order | first      | last
2025-01-31           |       | 2025-01-31 | 2025-01-31
2025-1-3             |       | 2025-01-03 | 2025-01-03
2025/01/31           |       | 2025-01-31 | 2025-01-31
20250131             |       | 2025-01-31 | 2025-01-31
2025年1月31日        |       | 2025-01-31 | 2025-01-31
2025-01-31T10:20:30  |       | 2025-01-31 | 2025-01-31
2025-01-31 10:20     |       | 2025-01-31 | 2025-01-31
31/01/2025           |       | 2025-01-31 | 2025-01-31
01/31/2025           |       | 2025-01-31 | 2025-01-31
03/04/2025           |       | nothing    | nothing
03/04/2025           | dmy   | 2025-04-03 | 2025-04-03
03/04/2025           | mdy   | 2025-03-04 | 2025-03-04
15-Mar-2025          |       | 2025-03-15 | 2025-03-15
15MAR2025            |       | 2025-03-15 | 2025-03-15
2026-01-05T23:30:00Z |       | 2026-01-05 | 2026-01-05  # the day as written
2026-01-05T23:30:00+08:00 |  | 2026-01-05 | 2026-01-05
2026-01-05 8:30 AM   |       | 2026-01-05 | 2026-01-05
2026-01-05T0830      |       | 2026-01-05 | 2026-01-05
20260105083000       |       | 2026-01-05 | 2026-01-05
05JAN2026:08:30:00   |       | 2026-01-05 | 2026-01-05
2026-1-5 星期一      |       | 2026-01-05 | 2026-01-05
2026年1月5号         |       | 2026-01-05 | 2026-01-05
2026 年 1 月 5 日    |       | 2026-01-05 | 2026-01-05
2026年1月5日8时30分  |       | 2026-01-05 | 2026-01-05
2026-01-05 上午8:30  |       | 2026-01-05 | 2026-01-05
二〇二六年一月五日   |       | 2026-01-05 | 2026-01-05
二零二五年十二月二十一日 |   | 2025-12-21 | 2025-12-21
二〇二五年十月三十日 |       | 2025-10-30 | 2025-10-30
二〇二六年           |       | 2026-01-01 | 2026-12-31
２０２６－０１－０５ |       | 2026-01-05 | 2026-01-05
05.01.2026           |       | 2026-01-05 | 2026-01-05
5. 1. 2026           |       | 2026-01-05 | 2026-01-05
05.01.26             |       | nothing    | nothing     # or 26 January 2005, as China writes it
05.01.26             | dmy   | 2026-01-05 | 2026-01-05
05.01.31             | dmy   | 1931-01-05 | 1931-01-05
24.12.31             |       | 2024-12-31 | 2024-12-31  # 24 December 1931 is no day of any record
24.12.31             | ymd   | 2024-12-31 | 2024-12-31
24.12.31             | dmy   | 1931-12-24 | 1931-12-24
24.1.5               |       | 2024-01-05 | 2024-01-05
24/1/5               | ymd   | 2024-01-05 | 2024-01-05
24.1.5               | dmy   | nothing    | nothing
05.01.2026           | ymd   | nothing    | nothing
1.2.3                |       | nothing    | nothing
5/1/26               |       | nothing    | nothing
5/1/26               | dmy   | 2026-01-05 | 2026-01-05
5/1/26               | mdy   | 2026-05-01 | 2026-05-01
26-01-05             |       | nothing    | nothing     # the year may be first
31/12/25             |       | 2025-12-31 | 2025-12-31
5-Jan-26             |       | 2026-01-05 | 2026-01-05
05JAN26              |       | 2026-01-05 | 2026-01-05
5 January 2026       |       | 2026-01-05 | 2026-01-05
Jan 5, 2026          |       | 2026-01-05 | 2026-01-05
January 5 2026       |       | 2026-01-05 | 2026-01-05
5th January 2026     |       | 2026-01-05 | 2026-01-05
Mon, 05 Jan 2026     |       | 2026-01-05 | 2026-01-05
Mon Jan 05 2026 08:30:00 GMT+0800 | | 2026-01-05 | 2026-01-05
2026-Jan-05          |       | 2026-01-05 | 2026-01-05
5. Januar 2026       |       | 2026-01-05 | 2026-01-05
5. März 2025         |       | 2025-03-05 | 2025-03-05
5. Mrz. 2025         |       | 2025-03-05 | 2025-03-05
5 Dez 2025           |       | 2025-12-05 | 2025-12-05
5 janv. 2026         |       | 2026-01-05 | 2026-01-05
1er août 2025        |       | 2025-08-01 | 2025-08-01
5 aout 2025          |       | 2025-08-05 | 2025-08-05
5 juin 2025          |       | 2025-06-05 | 2025-06-05
5 juil. 2025         |       | 2025-07-05 | 2025-07-05
5 févr. 2025         |       | 2025-02-05 | 2025-02-05
5 de enero de 2026   |       | 2026-01-05 | 2026-01-05
5-ene-2026           |       | 2026-01-05 | 2026-01-05
05/abr/2025          |       | 2025-04-05 | 2025-04-05
5 gennaio 2026       |       | 2026-01-05 | 2026-01-05
5 set 2025           |       | 2025-09-05 | 2025-09-05
5 fevereiro 2025     |       | 2025-02-05 | 2025-02-05
Marburg 2025         |       | nothing    | nothing     # no month begins so
decided 2025         |       | nothing    | nothing
5 Mayor 2025         |       | nothing    | nothing
30 Feb 2025          |       | nothing    | nothing
UNK-MAR-2025         |       | 2025-03-01 | 2025-03-31
UN-UNK-2025          |       | 2025-01-01 | 2025-12-31
00-MAR-2025          |       | 2025-03-01 | 2025-03-31
2025-03-UN           |       | 2025-03-01 | 2025-03-31
2025-UN-UN           |       | 2025-01-01 | 2025-12-31
2025-03-XX           |       | 2025-03-01 | 2025-03-31
2025-03-00           |       | 2025-03-01 | 2025-03-31
2025-00-00           |       | 2025-01-01 | 2025-12-31
2025-UN-15           |       | nothing    | nothing
Mar 2025             |       | 2025-03-01 | 2025-03-31
März 2025            |       | 2025-03-01 | 2025-03-31
03/2025              |       | 2025-03-01 | 2025-03-31
13/2025              |       | nothing    | nothing
2025年3月            |       | 2025-03-01 | 2025-03-31
2026-Q1              |       | 2026-01-01 | 2026-03-31
Q4 2025              |       | 2025-10-01 | 2025-12-31
202513               |       | nothing    | nothing
201203               |       | nothing    | nothing     # 3 December 2020, or March 2012
2025?                |       | nothing    | nothing
about 2025           |       | nothing    | nothing
2024/2025            |       | nothing    | nothing
2025--15             |       | nothing    | nothing
2025-12-01; 2026-01-05 |     | nothing    | nothing
2569-01-05           |       | nothing    | nothing
民国115年1月5日      |       | nothing    | nothing
令和8年1月5日        |       | nothing    | nothing
2025-02              |       | 2025-02-01 | 2025-02-28
2024-02              |       | 2024-02-01 | 2024-02-29
1961                 |       | 1961-01-01 | 1961-12-31
2025-02-29           |       | nothing    | nothing
soon                 |       | nothing    | nothing
0001-01-01           |       | nothing    | nothing
"""


@pytest.mark.parametrize(("cell", "order", "first", "last"), by_name(DATES))
def test_a_date_becomes_the_days_it_may_mean(cell: str, order: str, first: str, last: str) -> None:
    read = read_dates(pa.chunked_array([pa.array([cell, None])]), DateOrder(order) if order else None, place(2))
    expected = [NO_DAY if day == "nothing" else date.fromisoformat(day).toordinal() - EPOCH for day in (first, last)]
    assert [read.lo[0], read.hi[0]] == expected
    assert read.lo[1] == NO_DAY
    if first == "nothing":
        assert cell in str(read.problems)


DATE_COLUMNS = """
header     | cells                            | first      | last       | said
hba1c_date | 5/1/26 3/12/25                   | nothing    | nothing    | may be day/month or month/day
hba1c_date | 5/1/26 31/12/25                  | 2026-01-05 | 2025-12-31 | dates are read as day/month/year, as '31/12/25', '5/1/26' can only be that
hba1c_date | 24.12.31 25.01.15 25.02.03       | 2024-12-31 | 2025-02-03 | read as year/month/day: only so do they all lie in the years 1985 to 2030
hba1c_date | 25.01.15 25.02.03                | nothing    | nothing    | may be day/month/year or year/month/day: the column is set aside
hba1c_date | 24/12/31 25/01/15                | 2024-12-31 | 2025-01-15 | read as year/month/day
hba1c_date | 24-12-31 25-01-15                | 2024-12-31 | 2025-01-15 | read as year/month/day
hba1c_date | 25.01.15 25.2.3                  | 2025-01-15 | 2025-02-03 | read as year/month/day, as '25.2.3' can only be that
hba1c_date | 15.01.25 31.01.25                | 2025-01-15 | 2025-01-31 | read as day/month/year: only so do they all lie
hba1c_date | 13/01/2025 01/13/2025            | nothing    | nothing    | dates in two orders
hba1c_date | 13/01/2025 45/01/2025 02/01/2025 | 2025-01-13 | 2025-01-02 | found '45/01/2025'
birth_date | 50.03.01 61.12.24                | 1950-03-01 | 1961-12-24 | dates are read as year/month/day
birth_date | 24.12.31 03.01.50                | 1931-12-24 | 1950-01-03 | dates are read as day/month/year
birth_date | 24.12.31 15.01.25                | nothing    | nothing    | may be day/month/year or year/month/day
hba1c_date | 5/1/26 31/12/2025                | 2026-01-05 | 2025-12-31 | day/month/year
hba1c_date | 5/1/26 12/13/99                  | 2026-05-01 | 1999-12-13 | month/day/year
hba1c_date | 05.01.26 01.02.2025              | 2026-01-05 | 2025-02-01 | as dates with points are written
hba1c_date | 05.01.26 31.12.25                | 2026-01-05 | 2025-12-31 | years of two figures, as in '05.01.26', '31.12.25', are read as 1931 to 2030
birth_date | 01-MAR-50 01-MAR-16              | 1950-03-01 | 1916-03-01 | are read as 1916 to 2015
hba1c_date | 202501 202513                    | nothing    | nothing    | found '202501', '202513'
hba1c_date | 202501 201203                    | 2025-01-01 | 2012-03-01 |
hba1c_date | 201201 201203                    | nothing    | nothing    | found '201201'
hba1c_date | 46027 46000                      | 2026-01-05 | 2025-12-09 | read as a workbook's days (2025-12-09)
hba1c_date | 46027.354 05.01.2026             | 2026-01-05 | 2026-01-05 | read as a workbook's days
hba1c_date | 46027 2019                       | 2026-01-05 | 2019-01-01 | read as a workbook's days
hba1c_date | 24111 24000                      | 2026-01-05 | 2025-09-16 | read as days since 1960 (SAS)
hba1c_date | 20458 20400                      | nothing    | nothing    | may be days since 1960 (SAS) (2015-11-08) or days since 1970 (2025-11-08)
birth_date | 24111 20000                      | 1966-01-04 | 1954-10-03 | read as a workbook's days
birth_date | -1826 365                        | nothing    | nothing    | may be days since 1960
hba1c_date | 2083134600 2083134000            | nothing    | nothing    | may be seconds since 1960
hba1c_date | 1767600000                       | nothing    | nothing    | may be seconds since 1960 (SAS) (2016-01-05) or seconds since 1970 (2026-01-05)
hba1c_date | 1767600000000                    | nothing    | nothing    | milliseconds since 1970 (2026-01-05)
hba1c_date | 99999                            | nothing    | nothing    | are no dates in any usual way of counting days
hba1c_date | 2569-01-05                       | nothing    | nothing    | another calendar (Buddhist, Minguo, Japanese)
"""


@pytest.mark.parametrize(("header", "cells", "first", "last", "words"), by_name(DATE_COLUMNS))
def test_what_a_column_of_dates_settles_is_said_and_what_it_leaves_open_set_aside(header: str, cells: str, first: str, last: str, words: str) -> None:
    read = read_dates(pa.chunked_array([pa.array(cells.split())]), None, place(len(cells.split())), CATALOGUE[header.replace("hba1c_date", "hba1c")].years)
    days = [NO_DAY if day == "nothing" else date.fromisoformat(day).toordinal() - EPOCH for day in (first, last)]
    assert [read.lo[0], read.lo[-1]] == days
    assert words in str(read.problems)
    assert bool(words) == bool(read.problems)


NUMBERED = """
counted     | cell          | day
excel       | 46027         | 2026-01-05
excel       | 1966          | 1905-05-19
excel_1904  | 44565         | 2026-01-05
sas         | 24111         | 2026-01-05
sas         | -1            | 1959-12-31
unix_days   | 20458         | 2026-01-05
sas_seconds | 2083134600    | 2026-01-04
unix        | 1767600000    | 2026-01-05
unix_ms     | 1767600000000 | 2026-01-05
stata       | 2083219200000 | 2026-01-05
"""


@pytest.mark.parametrize(("counted", "cell", "day"), by_name(NUMBERED))
def test_what_numbers_count_can_be_said(counted: str, cell: str, day: str) -> None:
    text = f"patient_id,index_date,hba1c_percent,hba1c_date\nP1,{day},7,{cell}"
    mapping = read_mapping(f'[columns]\nhba1c_date = {{ variable = "hba1c", part = "date", date_numbers = "{counted}" }}', CATALOGUE)
    times = load(text, mapping).records["hba1c"].times
    assert times is not None
    assert list(times.days_lo) == [0]
    assert read_mapping(write_mapping(mapping), CATALOGUE) == mapping


def test_day_counts_that_a_file_keeps_as_numbers_are_read_as_those_in_text() -> None:
    read = read_dates(pa.chunked_array([pa.array([46027.0, 46000.5, None])]), None, place(3))
    assert list(read.lo[:2]) == [date.fromisoformat(day).toordinal() - EPOCH for day in ("2026-01-05", "2025-12-09")]


def test_numbers_that_may_count_from_two_days_are_asked_about_and_until_then_no_value_is_of_a_known_day() -> None:
    text = "patient_id,index_date,hba1c_percent,hba1c_date\nP1,2026-01-31,7,20458\nP2,2026-01-31,8,20400"
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert (question.about, question.weight) == ("date_numbers", Weight.MUST)
    assert {"sas", "unix_days", "excel_1904"} <= set(question.choices)
    cohort = load(text)
    times = cohort.records["hba1c"].times
    assert times is not None, "a value without its date would count as of today"
    assert bool((times.days_lo < 0).all() and (times.days_hi > 3650).all())
    assert any("Until this is answered it is not known when that was." in message for message in messages(cohort, "error"))


def test_a_date_of_the_patients_own_that_may_count_from_two_days_is_not_used() -> None:
    text = "patient_id,index_date,hba1c_percent\nP1,20458,7\nP2,20400,8"
    cohort = load(text)
    assert cohort.index_dates is None
    assert any("The column is not used until this is answered." in message for message in messages(cohort, "error"))


DATES_FOR_MISSING = """
cells                                                   | codes
9999-12-31 9999-12-31 2025-01-05                        | 9999-12-31
2999-12-31 2999-12-31 2025-01-05                        | 2999-12-31
1900-01-01 1900-01-01 1900-01-01 2025-01-05 2025-01-06  | 1900-01-01
1899-12-30 1899-12-30 2025-01-05                        | 1899-12-30
1970-01-01 1970-01-01 2025-01-05                        | 1970-01-01
1970-01-01 1970-01-01 1971-01-01 1972-01-01             |
2099-12-31 2099-12-31 2025-01-05                        | 2099-12-31
2025-01-05 2025-01-05 2025-01-05                        |
1900-01-01 2025-01-05                                   |
"""


@pytest.mark.parametrize(("cells", "codes"), by_name(DATES_FOR_MISSING))
def test_days_that_stand_for_missing_are_found_by_looks_and_repetition_and_offered(cells: str, codes: str) -> None:
    rows = [f"P{number},2026-01-31,7,{cell}" for number, cell in enumerate(cells.split())]
    text = "\n".join(["patient_id,index_date,hba1c_percent,hba1c_date", *rows])
    questions = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert [question.weight for question in questions] == ([Weight.OFFERED] if codes else [])
    if codes:
        (question,) = questions
        assert question.proposed is not None
        assert question.proposed.sentinels == (codes,)
        assert f"{codes} ({cells.split().count(codes)} cells) looks like a code for missing" in question.text
        mapping = Mapping("patient_id", "index_date", columns={"hba1c_date": question.proposed})
        cohort = load(text, mapping)
        times = cohort.records["hba1c"].times
        assert times is not None
        assert times.days_lo[0] == 0, "without a date: taken as current, as for any blank date"
        assert next(each for each in cohort.report.columns if each.column == "hba1c_date").missing == cells.split().count(codes)


@pytest.mark.parametrize("cells", [["1900-01-01", "2025-01-05"], ["2099-12-31", "2025-01-05"], ["1899-12-30", "5 Jan 2025"]])
def test_a_day_on_which_nothing_happened_to_anybody_alive_is_kept_and_said(cells: list[str]) -> None:
    read = read_dates(pa.chunked_array([pa.array(cells)]), None, place(2))
    assert read.known.all()
    assert f"row 2, column x: 1 date outside the usual years 1920 to 2030, kept: '{cells[0]}'" in str(read.problems[-1])


def test_typed_days_that_stand_for_missing_are_missing() -> None:
    days = pa.chunked_array([pa.array([date(1900, 1, 1), date(2025, 1, 31)], pa.date32())])
    assert list(read_dates(days, None, place(2), sentinels=("1900-01-01",)).lo) == [NO_DAY, date(2025, 1, 31).toordinal() - EPOCH]


def test_dates_that_may_begin_with_the_year_are_asked_about_and_the_answer_is_kept() -> None:
    text = "patient_id,index_date,hba1c_percent,hba1c_date\nP1,2025-03-01,7,25.01.15\nP2,2025-03-01,8,25.02.03\n"
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert (question.about, question.weight) == ("date_order", Weight.MUST)
    assert [choice_of(CATALOGUE, question, choice) for choice in question.choices][-1] == "year, month, day"
    times = load(text).records["hba1c"].times
    assert times is not None
    assert bool((times.days_lo < 0).all() and (times.days_hi > 3650).all())
    mapping = read_mapping('[columns]\nhba1c_date = { variable = "hba1c", part = "date", date_order = "ymd" }', CATALOGUE)
    assert read_mapping(write_mapping(mapping), CATALOGUE) == mapping
    answered = load(text, mapping).records["hba1c"].times
    assert answered is not None
    assert list(answered.days_lo) == [45, 26]


def test_an_ambiguous_order_of_day_and_month_is_asked_about_and_the_column_not_used() -> None:
    text = "patient_id,birth_date,index_date\nP1,03/04/1961,2025-01-01\nP2,05/06/1970,2025-01-01"
    (question,) = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).questions
    assert (question.column, question.about, question.weight) == ("birth_date", "date_order", Weight.MUST)
    assert "age" not in load(text).records
    settled = load(text + "\nP3,25/06/1970,2025-01-01")
    assert list(settled.records["age"].fields["age"].lo) == [63, 54, 54]
    assert any("day/month/year" in message for message in messages(settled, "note"))


def test_typed_dates_need_no_reading() -> None:
    days = pa.chunked_array([pa.array([date(2025, 1, 31), None], pa.date32())])
    assert read_dates(days, None, place(2)).lo[0] == date(2025, 1, 31).toordinal() - EPOCH
    stamps = pa.chunked_array([pa.array([1738281600000000000], pa.timestamp("ns"))])
    assert read_dates(stamps, None, place(1)).lo[0] == date(2025, 1, 31).toordinal() - EPOCH


MONTHS = """
index      | date       | months
2025-08-31 | 2025-02-28 | 6
2025-08-31 | 2025-02-27 | 7
2025-08-31 | 2025-03-01 | 6
2025-08-31 | 2025-08-31 | 0
2025-08-31 | 2025-08-30 | 1
2025-03-31 | 2025-02-28 | 1
2025-03-30 | 2025-02-27 | 2
2024-08-31 | 2024-02-29 | 6
2024-08-31 | 2024-02-28 | 7
2024-02-29 | 2023-02-28 | 12
2024-02-29 | 2014-02-28 | 120
2025-01-15 | 2025-02-20 | -1
2025-01-15 | 2025-02-10 | 0
2025-01-15 | 2025-01-16 | 0
"""


@pytest.mark.parametrize(("index", "day", "months"), by_name(MONTHS))
def test_within_six_months_means_on_or_after_the_same_day_six_months_back_and_month_ends_saturate(index: str, day: str, months: str) -> None:
    days = [np.array([date.fromisoformat(text).toordinal() - EPOCH], np.int32) for text in (index, day)]
    assert months_before(days[0], days[1])[0] == int(months)


AGES = """
birth      | index      | youngest | oldest
1945-01-31 | 2025-01-30 | 79       | 79
1945-01-31 | 2025-01-31 | 80       | 80
1960-02-29 | 2025-02-28 | 64       | 64
1960-02-29 | 2025-03-01 | 65       | 65
1960       | 2025-07-01 | 64       | 65
1960-07    | 2025-07-31 | 65       | 65
1960-07    | 2025-07-01 | 64       | 65
2026-01-01 | 2025-01-01 | nothing  | nothing
"""


@pytest.mark.parametrize(("birth", "index", "youngest", "oldest"), by_name(AGES))
def test_age_is_completed_years_at_the_index_date_and_open_where_the_birth_date_is(birth: str, index: str, youngest: str, oldest: str) -> None:
    cohort = load(f"patient_id,birth_date\nP1,{birth}", index_date=date.fromisoformat(index))
    age = cohort.records["age"].fields["age"]
    assert (age.lo[0], age.hi[0]) == (said(youngest, -INF), said(oldest, INF))
    assert bool(messages(cohort, "warning")) == (youngest == "nothing")


def test_partial_dates_leave_open_how_long_ago_it_was() -> None:
    cohort = load("patient_id,index_date,hba1c_percent,hba1c_date\nP1,2025-06-15,7,2025-05\nP2,2025-06-15,7,2025-05-20")
    times = cohort.records["hba1c"].times
    assert times is not None
    assert list(times.days_lo) == [15, 26]
    assert list(times.days_hi) == [45, 26]
    assert list(times.months_lo) == [1, 1]
    assert list(times.months_hi) == [2, 1]


def test_a_missing_index_date_leaves_that_patients_times_open_and_is_reported() -> None:
    cohort = load("patient_id,index_date,hba1c_percent,hba1c_date\nP1,,7,2025-05-20\nP2,2025-06-15,7,2025-05-20")
    times = cohort.records["hba1c"].times
    assert times is not None
    assert (times.days_lo[0], times.days_hi[0]) == (-UNDATED_DAYS, UNDATED_DAYS)
    assert (times.days_lo[1], times.days_hi[1]) == (26, 26)
    assert any("row 2, column index_date: 1 patient has no index date" in message for message in messages(cohort, "warning"))


def test_dates_without_any_index_date_are_an_error_and_leave_times_open() -> None:
    text = "patient_id,hba1c_percent,hba1c_date\nP1,7,2025-05-20"
    cohort = load(text)
    assert any("no index date" in message for message in messages(cohort, "error"))
    times = load(text, index_date=date(2025, 6, 15)).records["hba1c"].times
    assert times is not None
    assert times.days_lo[0] == 26


def test_a_mapping_keeps_what_it_says_through_its_file() -> None:
    text = "patient_id,sex,sbp_1,MCQ160B,lipids_date,tg,site\nP1,1,140,1,2025-01-01,2,A\nP2,2,150,2,2025-01-01,2,B"
    suggested = suggest(Tables(read_table("x.csv", text.encode())), CATALOGUE).mapping
    changed = suggested.with_column("tg", ColumnUse(("triglycerides",), unit="mg/dL", sentinels=("999",), censored_at=400.0, decimal=","))
    names = {"HbA1c": ColumnUse(("hba1c",), unit="%")}
    whole = Mapping(changed.patient, date(2026, 1, 31), DateOrder.MONTH_DAY, changed.columns, LongUse("id", "test", "value", names=names))
    assert read_mapping(write_mapping(whole), CATALOGUE) == whole


def test_every_fault_of_a_mapping_file_is_named() -> None:
    text = """
patient = 3
[columns]
a = { variable = "nonsense" }
b = { variable = "t2dm", coding = { 1 = "perhaps" } }
c = { units = "x" }
[events]
name = "x"
"""
    with pytest.raises(Unusable) as caught:
        read_mapping(text, CATALOGUE)
    said_all = str(caught.value)
    for part in ("patient", "'nonsense' is not a variable", "coding to perhaps", "unknown key 'units'", "no variable is given", "'patient' is not given"):
        assert part in said_all
    with pytest.raises(Unusable, match="not valid TOML"):
        read_mapping("[", CATALOGUE)


@pytest.mark.parametrize(("header", "values", "asked"), [("LDL", ("1.1", "0.9"), True), ("LDL", ("2.9", "3.4"), False), ("total_cholesterol", ("1.9",), True)])
def test_lipids_that_may_be_grams_a_litre_are_asked_about(header: str, values: tuple[str, ...], asked: bool) -> None:
    cohort = load(column(header, *values))
    assert any("No unit is given" in message and "do not settle it" in message for message in messages(cohort, "error")) == asked
