"""How columns and long tables become records: repeats, visits, events with their fields, and same-day readings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from spec.reading import read_table
from spec.tables import by_name

from feasibility.cohort import UNDATED_DAYS, Cohort, Records, Undated
from feasibility.intake import BlankEnd, ColumnUse, LongUse, Mapping, Part, Tables, answer, load_cohort, read_mapping, suggest, write_mapping
from feasibility.problems import Found
from feasibility.quality.rows import files
from feasibility.variables import builtin_catalogue

INF = np.inf
INDEX = date(2025, 12, 31)


def load(data: str | None = None, measurements: str | None = None, events: str | None = None, mapping: Mapping | None = None) -> Cohort:
    return load_cohort(
        "patients.csv",
        None if data is None else data.encode(),
        None if measurements is None else ("measurements.csv", measurements.encode()),
        None if events is None else ("events.csv", events.encode()),
        mapping=mapping,
        index_date=INDEX,
    )


def spans(records: Records, field: str, patient: int) -> list[tuple[float, float]]:
    """The intervals of one patient's records, newest first."""
    start, end = (patient, patient + 1) if records.starts is None else records.starts[patient : patient + 2]
    values = records.fields[field]
    return [(float(lo), float(hi)) for lo, hi in zip(values.lo[start:end], values.hi[start:end], strict=True)]


def values(records: Records, field: str, patient: int) -> list[float]:
    return [lo for lo, _ in spans(records, field, patient)]


def said(cohort: Cohort) -> str:
    return "\n".join(f"{problem.severity} {problem}" for problem in cohort.report.problems)


def test_repeated_columns_become_records_newest_first_and_blanks_are_none() -> None:
    cohort = load(
        "patient_id,up24_1_g,up24_1_date,up24_2_g,up24_2_date,up24_3_g,up24_3_date\n"
        "P1,1,2025-01-01,2,2025-03-01,3,2025-02-01\nP2,,,,,,\nP3,,2025-01-01,5,2025-01-01,,\n"
    )
    records = cohort.records["urine_protein_24h"]
    assert [values(records, "urine_protein_24h", patient) for patient in range(3)] == [[2, 3, 1], [], [5]]
    assert records.times is not None
    assert list(records.times.days_lo[:3]) == [305, 333, 364]


def test_one_column_a_patient_is_kept_as_it_stands() -> None:
    records = load("patient_id,hba1c_percent\nP1,7\nP2,\n").records["hba1c"]
    assert records.one_row_each
    assert spans(records, "hba1c", 1) == [(-INF, INF)]
    assert records.undated is Undated.CURRENT


def test_repeats_without_dates_are_taken_in_the_order_of_their_numbers_and_it_is_said() -> None:
    cohort = load("patient_id,up24_1_g,up24_2_g\nP1,1,2\n")
    assert values(cohort.records["urine_protein_24h"], "urine_protein_24h", 0) == [2, 1]
    assert "the highest number is taken as the latest" in said(cohort)


def test_a_visit_keeps_its_two_pressures_together() -> None:
    cohort = load("patient_id,sbp_1,dbp_1,bp_1_date,sbp_2,dbp_2,bp_2_date\nP1,150,90,2025-01-01,140,,2025-06-01\n")
    visits = cohort.records["blood_pressure"]
    assert spans(visits, "sbp", 0) == [(140, 140), (150, 150)]
    assert spans(visits, "dbp", 0) == [(-INF, INF), (90, 90)]


def test_one_date_column_serves_a_whole_panel() -> None:
    cohort = load("patient_id,tg_mmol_l,ldl_mmol_l,lipids_date\nP1,2,3,2025-12-01\n")
    for name in ("triglycerides", "ldl"):
        times = cohort.records[name].times
        assert times is not None
        assert times.days_lo[0] == 30


SAME_DAY = """
first | second | kept    | said
7.0   | 7.0    | 7.0     | identical
7.0   | 8.0    | 7.5     | averaged
7.1   | 7.2    | 7.15    | averaged
"""


@pytest.mark.parametrize("case", by_name(SAME_DAY))
def test_same_day_readings_are_one(case: tuple[str, ...]) -> None:
    first, second, kept, word = case
    long = f"patient_id,variable,value,unit,date\nP1,hba1c,{first},%,2025-06-01\nP1,hba1c,{second},%,2025-06-01\nP1,hba1c,9,%,2025-01-01\n"
    cohort = load("patient_id\nP1\n", long)
    assert values(cohort.records["hba1c"], "hba1c", 0) == [float(kept), 9]
    assert word in said(cohort)


def test_same_day_categories_that_differ_are_left_open() -> None:
    long = "patient_id,variable,value,unit,date\nP1,hbsag,positive,,2025-06-01\nP1,hbsag,negative,,2025-06-01\n"
    cohort = load("patient_id\nP1\n", long)
    assert spans(cohort.records["hbsag"], "hbsag", 0) == [(0, 1)]
    assert "left unknown" in said(cohort)


def test_pressures_of_a_long_table_pair_by_patient_and_date_without_being_called_duplicates() -> None:
    long = (
        "patient_id,variable,value,unit,date\nP1,dbp,80,mmHg,2025-06-01\nP1,sbp,150,mmHg,2025-06-01\n"
        "P1,sbp,140,mmHg,2025-07-01\nP2,dbp,12,kPa,2025-06-01\n"
    )
    cohort = load("patient_id\nP1\nP2\n", long)
    visits = cohort.records["blood_pressure"]
    assert spans(visits, "sbp", 0) == [(140, 140), (150, 150)]
    assert spans(visits, "dbp", 0) == [(-INF, INF), (80, 80)]
    assert spans(visits, "dbp", 1) == [(90.0072, 90.0072)]
    assert "averaged" not in said(cohort)
    assert "identical" not in said(cohort)


EVENTS = """
flag    | date       | occurred | days
yes     | 2025-12-01 | 1 1      | 30 30
        | 2025-12-01 | 1 1      | 30 30
unknown | 2025-12-01 | 1 1      | 30 30
yes     |            | 1 1      | 0 far
no      |            | 0 0      | 0 0
unknown |            | 0 1      | 0 far
no      | 2025-12-01 | 0 1      | 30 30
        |            | -inf inf | 0 0
        | nonsense   | 0 1      | -far far
"""


@pytest.mark.parametrize("case", by_name(EVENTS))
def test_a_flag_and_a_date_together_say_whether_and_when_an_event_occurred(case: tuple[str, ...]) -> None:
    flag, day, occurred, days = case
    cohort = load(f"patient_id,stroke,stroke_date\nP1,{flag},{day}\n")
    records = cohort.records["cerebral_infarction"]
    assert spans(records, "cerebral_infarction", 0) == [tuple(float(end) for end in occurred.split())]
    assert records.times is not None
    expected = [float(end.replace("far", str(UNDATED_DAYS))) for end in days.split()]
    assert [records.times.days_lo[0], records.times.days_hi[0]] == expected
    assert ("flagged as not occurred, but dated" in said(cohort)) == (flag == "no" and day != "")


def test_an_event_without_any_date_column_is_at_some_time_unless_the_mapping_says_within() -> None:
    text = "patient_id,af\nP1,yes\n"
    records = load(text).records["atrial_fibrillation"]
    assert records.times is None
    assert records.undated is Undated.EVER
    mapping = suggest(Tables(read_table("x.csv", text.encode())), builtin_catalogue()).mapping
    within = mapping.with_column("af", replace(mapping.columns["af"], undated=Undated.WITHIN))
    assert load(text, mapping=within).records["atrial_fibrillation"].undated is Undated.WITHIN


def test_fields_stay_with_their_event_and_a_described_event_without_a_date_is_reported() -> None:
    cohort = load("patient_id,stroke_date,stroke_lacunar,stroke_residual\nP1,2025-12-01,yes,no\nP2,,yes,\nP3,,no,\n")
    records = cohort.records["cerebral_infarction"]
    assert [spans(records, "cerebral_infarction", patient)[0] for patient in range(3)] == [(1, 1), (1, 1), (-INF, INF)]
    assert spans(records, "stroke_lacunar", 0) == [(1, 1)]
    assert spans(records, "stroke_deficits", 0) == [(0, 0)]
    assert spans(records, "stroke_deficits", 1) == [(-INF, INF)]
    assert "row 3, column stroke_date" in said(cohort)


def test_numbered_events_are_several_records() -> None:
    cohort = load("patient_id,stroke_1_date,stroke_1_lacunar,stroke_2_date,stroke_2_lacunar\nP1,2025-01-01,yes,2025-06-01,no\nP2,,,,\n")
    records = cohort.records["cerebral_infarction"]
    assert values(records, "stroke_lacunar", 0) == [0, 1]
    assert values(records, "cerebral_infarction", 1) == []


def test_a_field_without_a_column_takes_the_catalogues_value_and_it_is_said() -> None:
    cohort = load("patient_id,immunosupp_start\nP1,2025-12-01\n")
    assert spans(cohort.records["immunosuppressant"], "immunosuppressant_route", 0) == [(0, 0)]
    assert "every record is taken as 'systemic'" in said(cohort)


ENDS = """
start      | end        | blank   | first  | last
2025-12-01 | 2025-12-11 | unknown | 20     | 20
2025-12-01 |            | unknown | -far   | 30
2025-12-01 |            | ongoing | -after | -1
2025-12-11 | 2025-12-01 | unknown | -far   | 20
"""


@pytest.mark.parametrize("case", by_name(ENDS))
def test_an_end_is_known_open_or_still_to_come(case: tuple[str, ...]) -> None:
    start, end, blank, first, last = case
    columns = {
        "start": ColumnUse(("iv_antibiotic",), part=Part.DATE),
        "end": ColumnUse(("iv_antibiotic",), part=Part.END, blank_end=BlankEnd(blank)),
    }
    cohort = load(f"patient_id,start,end\nP1,{start},{end}\n", mapping=Mapping("patient_id", columns=columns))
    ends = cohort.records["iv_antibiotic"].ends
    assert ends is not None
    words = {"-far": -UNDATED_DAYS, "-after": 1 - UNDATED_DAYS}
    assert (ends.days_lo[0], ends.days_hi[0]) == (words.get(first) or int(first), int(last))
    assert ("end before they start" in said(cohort)) == (end == "2025-12-01")


def test_an_event_of_which_only_the_end_is_known_began_at_or_before_it() -> None:
    records = load("patient_id,other_trial_end\nP1,2025-12-01\n").records["other_trial"]
    assert records.times is not None
    assert (records.times.days_lo[0], records.times.days_hi[0]) == (30, UNDATED_DAYS)
    assert spans(records, "other_trial", 0) == [(1, 1)]


def test_a_measurement_without_a_date_beside_dated_ones_is_current_and_reported() -> None:
    cohort = load("patient_id,hba1c_percent,hba1c_date\nP1,7,2025-12-01\nP2,8,\n")
    times = cohort.records["hba1c"].times
    assert times is not None
    assert list(times.days_lo) == [30, 0]
    assert "row 3, column hba1c_date: 1 value of hba1c_percent without a date" in said(cohort)


def test_a_date_after_the_index_date_is_kept_and_counted() -> None:
    cohort = load("patient_id,hba1c_percent,hba1c_date\nP1,7,2026-01-10\n")
    times = cohort.records["hba1c"].times
    assert times is not None
    assert times.days_lo[0] == -10
    assert "1 date after the index date" in said(cohort)


LONG_EVENTS = """patient_id,event,start,end,stroke_lacunar
,stroke,,,
,af,,,
P1,stroke,2025-06-01,,yes
P1,stroke,2025-06-01,,yes
P9,af,2025-01-01,,
P2,moon,,,
"""


def test_an_events_table_says_which_kinds_it_covers() -> None:
    cohort = load("patient_id\nP1\nP2\n", events=LONG_EVENTS)
    assert set(cohort.records) == {"cerebral_infarction", "atrial_fibrillation"}
    covered = cohort.records["atrial_fibrillation"]
    assert covered.rows == 0
    assert covered.starts is not None
    assert list(covered.starts) == [0, 0, 0]
    assert values(cohort.records["cerebral_infarction"], "stroke_lacunar", 0) == [1]
    assert "1 record identical to another of the same day dropped" in said(cohort)


def test_rows_of_strangers_and_unknown_names_are_set_aside_and_every_row_is_accounted_for() -> None:
    cohort = load("patient_id\nP1\nP2\n", events=LONG_EVENTS)
    assert (cohort.report.rows_read, cohort.report.rows_used) == (8, 6)
    assert "events.csv, row 6, column patient_id: 1 row of 1 patient not in the patient file: set aside." in said(cohort)
    assert "1 name not used (1 row set aside): 'moon'" in said(cohort)


def test_long_tables_alone_make_a_cohort() -> None:
    long = "patient_id,variable,value,unit,date\nP2,hba1c,7,%,2025-06-01\nP1,sex,F,,\nP2,birth_date,1960-01-01,,\nP2,hba1c,64,mmol/mol,2025-07-01\n"
    cohort = load(None, long)
    assert list(cohort.ids) == ["P2", "P1"]
    assert values(cohort.records["hba1c"], "hba1c", 0) == [8.00672, 7]
    assert list(cohort.records["age"].fields["age"].lo) == [65, -INF]
    assert values(cohort.records["sex"], "sex", 1) == [0]


def test_the_index_dates_of_a_measurements_table_are_used_for_its_own_rows() -> None:
    long = "patient_id,variable,value,unit,date\nP1,hba1c,7,%,2025-06-01\nP1,index_date,2025-06-11,,\n"
    cohort = load_cohort("x", None, ("m.csv", long.encode()))
    times = cohort.records["hba1c"].times
    assert times is not None
    assert times.days_lo[0] == 10


LIMITS = """
header              | sign    | value | span
operator            | <       | 20    | 0 below
operator            | >       | 20    | above inf
operator            | <=      | 20    | 0 20
comparator          | ≥       | 20    | 20 inf
qualifier           | =       | 20    | 20 20
relation            |         | 20    | 20 20
prefix              | <       | <20   | 0 below
prefix              | >       | <20   | open
operator            | about   | 20    | open
operator            | >       |       | open
operator_concept_id | 4171756 | 20    | 0 below
operator_concept_id | 4171754 | 20    | 0 20
operator_concept_id | 4172703 | 20    | 20 20
operator_concept_id | 4172704 | 20    | above inf
operator_concept_id | 4171755 | 20    | 20 inf
operator_concept_id | 0       | 20    | 20 20
"""


@pytest.mark.parametrize("case", by_name(LIMITS))
def test_a_sign_beside_the_value_of_a_long_table_makes_it_a_limit(case: tuple[str, ...]) -> None:
    header, sign, value, span = case
    long = f"patient_id,variable,{header},value,unit,date\nP1,egfr,{sign},{value},mL/min/1.73m2,2025-06-01\nP2,uacr,<,30,mg/g,2025-06-01\n"
    cohort = load("patient_id\nP1\nP2\n", long)
    words = {"below": np.nextafter(20, 0), "above": np.nextafter(20, 30)}
    expected = [] if span == "open" else [tuple(float(words.get(end, end)) for end in span.split())]
    assert spans(cohort.records["egfr_reported"], "egfr_reported", 0) == expected
    assert ("1 value set aside" in said(cohort)) == (span == "open" and value != "")
    assert {line.column: line.use for line in cohort.report.columns}[header] == "limits of the values"


def test_a_column_headed_like_one_of_signs_without_any_is_not_read_as_one() -> None:
    long = "patient_id,variable,qualifier,value,unit,date\nP1,hba1c,fasting,7,%,2025-06-01\n"
    cohort = load("patient_id\nP1\n", long)
    assert values(cohort.records["hba1c"], "hba1c", 0) == [7]


def test_the_mapping_names_the_column_of_signs_and_keeps_it() -> None:
    text = '[measurements]\npatient = "who"\nname = "what"\nvalue = "how_much"\nlimit = "sgn"\nnames.sugar = { variable = "hba1c", unit = "%" }\n'
    mapping = read_mapping(text, builtin_catalogue())
    assert read_mapping(write_mapping(mapping), builtin_catalogue()) == mapping
    cohort = load(None, "who,what,sgn,how_much\nP1,sugar,>,7\n", mapping=mapping)
    assert spans(cohort.records["hba1c"], "hba1c", 0) == [(np.nextafter(7, 8), INF)]


def test_a_column_of_signs_that_is_not_read_is_an_error() -> None:
    wide = "patient_id,uacr (mg/g),uacr_sgn,remark\nP1,300,>,a\nP2,30,,b\nP3,40,=,<\n"
    long = "patient_id,variable,sgn,value,unit,date\nP1,hba1c,<,7,%,2025-06-01\n"
    assert "error column uacr_sgn: holds only '=', '>' and is not read" in said(load(wide))
    assert "error measurements.csv, column sgn: holds only '<' and is not read" in said(load("patient_id\nP1\n", long))
    assert "is not read" not in said(load(wide.replace(">", "=")))


def test_a_unit_of_a_long_table_that_is_not_known_sets_those_rows_aside() -> None:
    long = "patient_id,variable,value,unit,date\nP1,uacr,7,mg/g,2025-06-01\nP1,uacr,8,cups,2025-07-01\n"
    cohort = load("patient_id\nP1\n", long)
    assert values(cohort.records["uacr"], "uacr", 0) == [7]
    assert cohort.report.rows_used == 2
    assert "the unit 'cups' is not known for UACR" in said(cohort)


def test_a_wide_column_and_a_long_table_of_the_same_variable_are_one_history() -> None:
    cohort = load("patient_id,hba1c_percent,hba1c_date\nP1,9,2025-12-01\n", "patient_id,variable,value,unit,date\nP1,hba1c,7,%,2025-06-01\n")
    assert values(cohort.records["hba1c"], "hba1c", 0) == [9, 7]


def test_a_mapping_of_a_long_table_is_followed() -> None:
    use = LongUse("who", "what", "how_much", date="at", names={"sugar": ColumnUse(("hba1c",), unit="%")})
    cohort = load(None, "who,what,how_much,at\nP1,sugar,7,2025-06-01\n", mapping=Mapping(measurements=use))
    assert values(cohort.records["hba1c"], "hba1c", 0) == [7]


def test_the_start_of_observation_becomes_days_of_coverage() -> None:
    cohort = load("patient_id,observation_start\nP1,2025-12-01\nP2,2025-01-01\n")
    assert cohort.covered_days is not None
    assert list(cohort.covered_days) == [30, 364]
    assert load("patient_id,age\nP1,50\n").covered_days is None


def test_age_is_taken_from_the_birth_date_and_a_contradicting_age_is_reported() -> None:
    cohort = load("patient_id,age,birth_date\nP1,60,1965-01-01\nP2,40,1965-01-01\nP3,50,\n")
    assert list(cohort.records["age"].fields["age"].lo) == [60, 60, 50]
    assert "row 3, column birth_date: 1 age more than a year from what the birth date gives" in said(cohort)


def test_two_columns_for_the_same_thing_are_not_mixed() -> None:
    cohort = load("patient_id,hba1c_percent,a1c_percent\nP1,7,8\n")
    assert values(cohort.records["hba1c"], "hba1c", 0) == [7]
    assert {line.column: line.use for line in cohort.report.columns}["a1c_percent"] == "not used"


def test_the_digest_is_of_the_content() -> None:
    one = load("patient_id,hba1c_percent\nP1,7\n")
    assert one.digest == load("patient_id,hba1c_percent,remark\nP1,7.0,X\n").digest
    assert one.digest != load("patient_id,hba1c_percent\nP1,7.1\n").digest
    assert one.digest != load("patient_id,hba1c_percent\nP2,7\n").digest


STATUSES = """
header   | cell      | day        | occurred
occurred | yes       | 2025-06-01 | 1 1
occurred | no        | 2025-06-01 | 0 0
MHOCCUR  | N         |            | 0 0
MHOCCUR  | Y         |            | 1 1
status   | unknown   | 2025-06-01 | 0 1
present  | 否        |            | 0 0
value    | 0         | 2025-06-01 | 0 0
occurred |           | 2025-06-01 | 1 1
occurred | n/a       | 2025-06-01 | 0 1
occurred | sometimes | 2025-06-01 | 0 1
"""


@pytest.mark.parametrize("case", by_name(STATUSES))
def test_an_events_table_with_a_status_is_believed_row_by_row(case: tuple[str, ...]) -> None:
    header, cell, day, occurred = case
    cohort = load("patient_id\nP1\nP2\n", events=f"patient_id,event,start,{header}\nP1,af,{day},{cell}\nP2,af,2025-01-01,yes\nP2,hiv,,no\n")
    assert spans(cohort.records["atrial_fibrillation"], "atrial_fibrillation", 0) == [tuple(float(end) for end in occurred.split())]
    assert values(cohort.records["hiv"], "hiv", 1) == [0]
    assert ("'sometimes'" in said(cohort)) == (cell == "sometimes")
    assert ("1 row of Atrial fibrillation without a status" in said(cohort)) == (cell == "")
    assert header in {line.column for line in cohort.report.columns if line.use == "status of events"}


def test_codes_of_a_status_are_asked_about_and_no_event_is_used_before_the_answer() -> None:
    events = "patient_id,event,start,occurred\nP1,af,2025-06-01,1\nP2,af,2025-06-01,2\n"
    cohort = load("patient_id\nP1\nP2\n", events=events)
    assert "atrial_fibrillation" not in cohort.records
    assert "what these codes stand for is not written" in said(cohort)
    tables = Tables(events=read_table("events.csv", events.encode()))
    suggestion = suggest(tables, builtin_catalogue())
    (question,) = suggestion.questions
    assert question.proposed is not None
    for given, status, coding in ((question.proposed, "occurred", {"1": "yes", "2": "no"}), (ColumnUse(), None, {})):
        long = answer(suggestion, question, given, tables, builtin_catalogue()).mapping.events
        assert long is not None
        assert (long.status, dict(long.status_coding), set(long.names)) == (status, coding, {"af"})
    mapping = read_mapping('[events]\nstatus_coding = { "1" = "yes", "2" = "no" }', builtin_catalogue())
    answered = load("patient_id\nP1\nP2\n", events=events, mapping=mapping).records["atrial_fibrillation"]
    assert [values(answered, "atrial_fibrillation", patient) for patient in range(2)] == [[1], [0]]


@pytest.mark.parametrize(("cells", "error"), [(("yes", "no"), True), (("1", "0"), True), (("yes", "yes"), False), (("ward", "no"), False)])
def test_a_yes_and_no_column_of_events_that_nobody_reads_is_an_error(cells: tuple[str, str], error: bool) -> None:
    events = f"patient_id,event,start,confirmation\nP1,af,2025-06-01,{cells[0]}\nP2,af,2025-06-01,{cells[1]}\n"
    cohort = load("patient_id\nP1\nP2\n", events=events)
    assert ("error events.csv, column confirmation: holds only yes and no" in said(cohort)) == error


def test_a_status_that_says_no_yes_or_no_is_no_flag() -> None:
    cohort = load("patient_id\nP1\n", events="patient_id,event,start,status\nP1,af,2025-06-01,resolved\n")
    assert values(cohort.records["atrial_fibrillation"], "atrial_fibrillation", 0) == [1]


def test_where_the_start_of_observation_is_blank_no_day_is_covered_and_it_is_said() -> None:
    cohort = load("patient_id,observation_start\nP1,2025-12-01\nP2,\nP3,soon\n")
    assert cohort.covered_days is not None
    assert list(cohort.covered_days) == [30, 0, 0]
    assert "warning rows 3, 4, column observation_start: 2 patients without a known start of records or index date" in said(cohort)


def test_without_an_index_date_no_day_is_covered() -> None:
    cohort = load_cohort("x.csv", b"patient_id,index_date,observation_start\nP1,2025-12-31,2025-12-01\nP2,,2025-12-01\n")
    assert cohort.covered_days is not None
    assert list(cohort.covered_days) == [30, 0]


def test_an_answer_about_a_name_of_a_long_table_can_be_given_where_the_remedy_says() -> None:
    long = "patient_id,variable,value,unit,date\nP1,uacr,300,,2025-06-01\nP1,hba1c,7,%,2025-06-01\n"
    cohort = load("patient_id\nP1\n", long)
    assert "uacr" not in cohort.records
    (remedy,) = (problem.remedy for problem in cohort.report.problems if "No unit is given for UACR" in problem.message)
    assert "Write the unit in the table's column of units" in remedy
    assert "[columns]" not in remedy
    section, line = remedy.split("in the mapping under ")[1].rstrip(".").split(": ", 1)
    assert section == "[measurements.names]"
    mapping = read_mapping(f"{section}\n{line.replace('…', 'mg/g')}", builtin_catalogue())
    answered = load("patient_id\nP1\n", long, mapping=mapping)
    assert values(answered.records["uacr"], "uacr", 0) == [300]
    assert values(answered.records["hba1c"], "hba1c", 0) == [7]
    assert read_mapping(write_mapping(mapping), builtin_catalogue()) == mapping


def test_a_name_of_an_events_table_that_is_only_alike_is_to_be_answered_under_its_names() -> None:
    cohort = load("patient_id\nP1\n", events="patient_id,event,start\nP1,tuberculosiss,2025-06-01\n")
    (remedy,) = (problem.remedy for problem in cohort.report.problems if "The name is like" in problem.message)
    assert '[events.names]: "tuberculosiss" = { variable = "tuberculosis" }' in remedy


AMBIGUOUS = """
header      | record                   | other
chd         | congenital_heart_disease | coronary heart disease
stroke      | cerebral_infarction      | haemorrhage
stroke_date | cerebral_infarction      | haemorrhage
"""


@pytest.mark.parametrize("case", by_name(AMBIGUOUS))
def test_a_name_that_may_be_something_else_is_used_as_proposed_with_a_warning(case: tuple[str, ...]) -> None:
    header, record, other = case
    cell = "2025-06-01" if header.endswith("date") else "yes"
    cohort = load(f"patient_id,{header}\nP1,{cell}\n")
    assert values(cohort.records[record], record, 0) == [1]
    (problem,) = (problem for problem in cohort.report.problems if other in problem.message)
    assert problem.severity == "warning"
    assert f'variable = "{record}"' in problem.remedy
    assert "ignore = true" in problem.remedy
    if cell == "yes":
        confirmed = load(f"patient_id,{header}\nP1,{cell}\n", mapping=read_mapping(f'[columns]\n{header} = {{ variable = "{record}" }}', builtin_catalogue()))
        assert other not in said(confirmed)


def test_an_ambiguous_name_of_an_events_table_is_said_too() -> None:
    cohort = load("patient_id\nP1\n", events="patient_id,event,start\nP1,stroke,2025-06-01\n")
    assert values(cohort.records["cerebral_infarction"], "cerebral_infarction", 0) == [1]
    assert "warning events, event stroke: 'stroke' is taken as Cerebral infarction" in said(cohort)


@pytest.mark.parametrize(("columns", "noted"), [("ldl_mmol_l", True), ("ldl_mmol_l,ldl_method", False), ("tg_mmol_l", False)])
def test_how_ldl_was_measured_is_said_to_be_assumed_where_there_is_ldl_and_no_column_for_it(columns: str, noted: bool) -> None:
    cells = ",".join("direct" if column == "ldl_method" else "2" for column in columns.split(","))
    cohort = load(f"patient_id,{columns}\nP1,{cells}\n")
    assert ("note LDL method: there is no column for it: taken as 'direct'." in said(cohort)) == noted


FLAGGED = """
others          | flags
H, L            | taken
HH, LL, N, A, H | taken
h, normal, ↑    | taken
H, about        | unread
L, G            | unread
"""


@pytest.mark.parametrize(("others", "flags"), by_name(FLAGGED))
def test_flags_of_a_laboratory_beside_limits_are_no_signs(others: str, flags: str) -> None:
    long = "patient_id,variable,qualifier,value,unit,date\nP0,uacr,<,30,mg/g,2025-06-01\n"
    marks = others.split(", ")
    long += "".join(f"P{number},uacr,{mark},40,mg/g,2025-06-01\n" for number, mark in enumerate(marks, 1))
    cohort = load("patient_id\n" + "".join(f"P{number}\n" for number in range(len(marks) + 1)), long)
    assert spans(cohort.records["uacr"], "uacr", 0) == [(0, np.nextafter(30, 0))]
    read = [spans(cohort.records["uacr"], "uacr", number) == [(40, 40)] for number in range(1, len(marks) + 1)]
    assert read == [flags == "taken"] * len(marks)
    quoted = ", ".join(f"'{mark}'" for mark in sorted(marks))
    if flags == "taken":
        assert f"note measurements.csv, column qualifier: {quoted} are taken for flags" in said(cohort)
    else:
        assert f"warning measurements.csv, column qualifier: {quoted} are no signs of a limit: the 2 values beside them are set aside" in said(cohort)


SPECIMENS = """
header      | own          | other       | uacr
LBSPEC      | SERUM        | URINE       | 300
specimen    | Plasma       | Urine, spot | 300
material    | Blut         | Spontanurin | 300
sample_type | venous blood | CSF         |
标本          | 血清           | 尿液          | 300
specimen    |              | 24h urine   | 31 300
specimen    | red top tube | urine       | 31 300
"""


@pytest.mark.parametrize(("header", "own", "other", "uacr"), by_name(SPECIMENS))
def test_rows_measured_in_another_specimen_are_set_aside(header: str, own: str, other: str, uacr: str) -> None:
    long = f'USUBJID,LBTESTCD,{header},LBORRES,LBORRESU,LBDTC\nP1,K,"{own}",4.2,mmol/L,2024-05-01\nP1,K,"{other}",50,mmol/L,2024-05-02\n'
    long += f'P1,UACR,"{other}",300,mg/g,2024-05-02\nP1,UACR,"{own}",31,mg/g,2024-05-03\n'
    cohort = load("USUBJID\nP1\n", long)
    assert values(cohort.records["potassium"], "potassium", 0) == [4.2]
    assert f"warning measurements.csv, row 3, column {header}: 1 row of K set aside: measured in '{other}', and taken as Potassium in blood" in said(cohort)
    assert [str(int(value)) for value in (values(cohort.records["uacr"], "uacr", 0) if uacr else ())] == uacr.split()
    (table,) = (each for each in files(cohort.report) if each.name == "measurements.csv")
    assert (table.read, table.used, dict(table.reasons)) == (4, 1 + len(uacr.split()), {Found.OTHER_SPECIMEN: 3 - len(uacr.split())})


def test_a_table_that_says_no_specimen_is_read_whole() -> None:
    cohort = load("USUBJID\nP1\n", "USUBJID,LBTESTCD,LBORRES,LBORRESU,LBDTC\nP1,K,4.2,mmol/L,2024-05-01\nP1,K,5,mmol/L,2024-05-02\n")
    assert values(cohort.records["potassium"], "potassium", 0) == [5, 4.2]
