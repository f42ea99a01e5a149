"""What holds of any file: every row is accounted for, units do not matter, and no content ends in a traceback."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feasibility.cohort import Cohort
from feasibility.intake import ColumnUse, Mapping, load_cohort
from feasibility.intake.dates import EPOCH
from feasibility.intake.times import months_before
from feasibility.problems import Unusable
from feasibility.units import convert
from feasibility.variables import builtin_catalogue

CATALOGUE = builtin_catalogue()
INDEX = date(2025, 12, 31)


def written(rows: list[list[str]]) -> bytes:
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return held.getvalue().encode()


def load(rows: list[list[str]], mapping: Mapping | None = None) -> Cohort:
    return load_cohort("x.csv", written(rows), mapping=mapping, index_date=INDEX)


def usable(data: bytes) -> Cohort | None:
    """The cohort in a file; None where it is refused, which must be with a remedy."""
    try:
        return load_cohort("x.csv", data, index_date=INDEX)
    except Unusable as error:
        problems = error.problems
    assert all(problem.message and problem.remedy for problem in problems)
    return None


cells = st.one_of(
    st.sampled_from(["", "7", "7.1", "<3", ">=9", "yes", "no", "NA", "2025-01-01", "03/04/2025", "1,5", "未检出", "unknown"]),
    st.sampled_from(["-", "1e999", "nan", "0x1", "E11", "2025", "99999", "1-2", "5 mg"]),
    st.text(max_size=8).filter(lambda text: "\x00" not in text),
)
HEADERS = [
    "hba1c_percent", "hba1c_date", "t2dm", "t2dm_date", "sex", "birth_date", "up24_1_g", "up24_1_date", "up24_2_g", "up24_2_date", "sbp", "dbp", "nyha",
    "stroke_date", "stroke_lacunar", "hbv_dna_iu_ml",
]  # fmt: skip
tables = st.integers(1, 12).flatmap(
    lambda rows: st.tuples(
        st.lists(st.sampled_from(["P1", "P2", "P3", "P4", "", " P1"]), min_size=rows, max_size=rows),
        st.lists(st.lists(cells, min_size=len(HEADERS), max_size=len(HEADERS)), min_size=rows, max_size=rows),
    )
)


@given(tables)
def test_every_row_is_used_or_set_aside_and_nothing_unknown_gets_past_intake(table: tuple[list[str], list[list[str]]]) -> None:
    ids, body = table
    cohort = usable(written([["patient_id", *HEADERS], *([name, *row] for name, row in zip(ids, body, strict=True))]))
    if cohort is None:
        return
    report = cohort.report
    assert report.rows_read == len(ids)
    assert report.rows_used == cohort.patients == len(set(cohort.ids))
    assert report.rows_used + report.rows_set_aside == report.rows_read
    assert {line.column for line in report.columns} == {"patient_id", *HEADERS}
    for line in report.columns:
        assert line.with_value + line.missing + line.set_aside == line.rows
    for records in cohort.records.values():
        for values in records.fields.values():
            assert len(values) == records.rows
            assert np.all(values.lo <= values.hi)
        for times in (records.times, records.ends):
            if times is not None:
                assert len(times.days_lo) == records.rows
                assert np.all(times.days_lo <= times.days_hi)
                assert np.all(times.months_lo <= times.months_hi)
        if records.starts is not None:
            assert records.starts[0] == 0
            assert np.all(np.diff(records.starts) >= 0)
            if records.times is not None:
                for start, end in zip(records.starts[:-1], records.starts[1:], strict=True):
                    assert np.all(np.diff(records.times.days_lo[start:end]) >= 0)


UNITS = [
    (variable.name, unit)
    for variable in CATALOGUE.variables.values()
    for unit, conversion in variable.conversions.items()
    if not conversion.log10 and variable.hard is not None
]


@given(st.sampled_from(UNITS), st.lists(st.integers(1, 9999), min_size=1, max_size=20))
def test_the_same_values_in_another_unit_give_the_same_arrays(variable_unit: tuple[str, str], numbers: list[int]) -> None:
    name, unit = variable_unit
    variable = CATALOGUE[name]
    assert variable.hard is not None
    low, high = variable.hard
    conversion = variable.conversion(unit)
    values = np.array([float(f"{low + (high - low) * number / 10000:.4g}") for number in numbers])
    elsewhere = (values - conversion.offset) / conversion.factor
    in_own = [["patient_id", "x"], *([f"P{place}", repr(float(value))] for place, value in enumerate(values))]
    in_other = [["patient_id", "x"], *([f"P{place}", repr(float(value))] for place, value in enumerate(elsewhere))]
    cohorts = [
        load(rows, Mapping("patient_id", columns={"x": ColumnUse((name,), unit=written_unit)}))
        for rows, written_unit in ((in_own, variable.unit), (in_other, unit))
    ]
    if name == "age":
        return
    one, other = (cohort.records[variable.of].fields[name] for cohort in cohorts)
    assert np.array_equal(one.lo, other.lo)
    assert np.array_equal(one.hi, other.hi)
    assert np.array_equal(convert(values, variable.conversion(variable.unit)), one.lo)


@given(st.integers(-20_000, 20_000), st.integers(-5_000, 20_000), st.integers(-30, 600))
def test_a_record_is_within_m_months_exactly_if_its_day_is_not_before_the_day_m_months_back(index: int, before: int, months: int) -> None:
    at = date(1970, 1, 1) + timedelta(days=index)
    found = int(months_before(np.array([index], np.int32), np.array([index - before], np.int32))[0])
    month = at.year * 12 + at.month - 1 - months
    year, month = divmod(month, 12)
    next_month = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    day = min(at.day, (next_month - timedelta(days=1)).day)
    assert (found <= months) == (date(year, month + 1, day).toordinal() - EPOCH <= index - before)


@given(st.permutations(range(6)))
def test_the_order_of_rows_in_a_long_table_does_not_matter(order: list[int]) -> None:
    rows = [
        "P1,hba1c,7,%,2025-06-01", "P1,hba1c,8,%,2025-06-01", "P2,sbp,150,mmHg,2025-06-01",
        "P2,dbp,90,mmHg,2025-06-01", "P1,hba1c,64,mmol/mol,2025-07-01", "P2,hba1c,6,%,2025-01-01",
    ]  # fmt: skip
    head = "patient_id,variable,value,unit,date\n"

    def cohort(lines: list[str]) -> Cohort:
        return load_cohort("x", b"patient_id\nP1\nP2\n", ("m", (head + "\n".join(lines)).encode()), index_date=INDEX)

    assert cohort([rows[place] for place in order]).digest == cohort(rows).digest


@given(st.binary(max_size=400))
def test_no_bytes_end_in_a_traceback(data: bytes) -> None:
    cohort = usable(data)
    assert cohort is None or cohort.patients > 0
