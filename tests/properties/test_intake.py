"""What holds of any file: every row is accounted for, units do not matter, and no content ends in a traceback."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feasibility.cohort import Cohort
from feasibility.intake import About, ColumnUse, Mapping, load_cohort
from feasibility.intake.calendars import EPOCH
from feasibility.intake.files.units_row import units_row
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
    st.sampled_from(["1.234", "1,234", "1.234,5", "1 234", "7,5 H", "2×10³", "12¹", "haemolysed", "999", "46027", "24111", "202501"]),
    st.sampled_from(["H", "M", "o", "n", "x", "✓", "☒", "ja", "R", "NR", "2: female", "yes (2019)", "neg (0.2)", "k.A.", "1900-01-01", "9999-12-31"]),
    st.sampled_from(["05.01.26", "31/12/25", "UNK-MAR-2025", "二〇二六年一月", "Q1 2025", "00-00-0000", "-1", "1e15", "10^400", "²", "10^-400", "1" * 400]),
    st.text(max_size=8).filter(lambda text: "\x00" not in text),
)
SAMPLE_FILES = sorted((Path(__file__).parents[2] / "sample_data").glob("*.csv"))
SAMPLES = {path.name: list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")))) for path in SAMPLE_FILES}
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


SETTLED = frozenset({About.UNIT, About.SENTINELS, About.CENSORED})


@given(st.sampled_from(UNITS), st.lists(st.integers(1, 9999), min_size=1, max_size=20))
def test_the_same_values_in_another_unit_give_the_same_arrays(variable_unit: tuple[str, str], numbers: list[int]) -> None:
    """Whatever the values give reason to ask about is settled: the unit is what it is said to be, and no value stands for missing."""
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
        load(rows, Mapping("patient_id", columns={"x": ColumnUse((name,), unit=written_unit, confirmed=SETTLED)}))
        for rows, written_unit in ((in_own, variable.unit), (in_other, unit))
    ]
    if name == "age":
        return
    one, other = (cohort.records[variable.of].fields[name] for cohort in cohorts)
    assert np.array_equal(one.lo, other.lo)
    assert np.array_equal(one.hi, other.hi)
    assert np.array_equal(convert(values, variable.conversion(variable.unit)), one.lo)


@given(st.lists(st.integers(1_000_001, 49_999_999), min_size=1, max_size=8), st.sampled_from([(",", "."), (".", ","), (" ", ","), (" ", "."), ("'", ".")]))
def test_thousands_and_decimals_written_in_any_way_give_the_same_numbers(thousandths: list[int], signs: tuple[str, str]) -> None:
    between, decimal = signs
    written_so = [f"{number // 1000:,}".replace(",", between) + f"{decimal}{number % 1000:03}1" for number in thousandths]
    rows = [["patient_id", "uacr_mg_g"], *([f"P{place}", text] for place, text in enumerate(written_so))]
    values = load(rows).records["uacr"].fields["uacr"]
    assert np.array_equal(values.lo, values.hi)
    assert list(values.lo) == [float(f"{number // 1000}.{number % 1000:03}1") for number in thousandths]


DATE_FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y", "%d%b%Y", "%B %d, %Y", "%Y年%m月%d日", "%Y-%m-%dT%H:%M:%S", "%d %B %y", "excel",
    "%d/%m/%Y",
)  # fmt: skip


@given(st.lists(st.dates(date(2000, 1, 1), date(2029, 12, 31)), min_size=1, max_size=6), st.sampled_from(DATE_FORMS))
def test_a_date_in_any_form_is_the_same_day_or_set_aside_and_never_another_day(days: list[date], form: str) -> None:
    start = date(1899, 12, 30)
    cells_ = [str((day - start).days) if form == "excel" else day.strftime(form) for day in days]
    rows = [["patient_id", "hba1c_percent", "hba1c_date"], *([f"P{place}", "7", cell] for place, cell in enumerate(cells_))]
    times = load(rows).records["hba1c"].times
    if form == "%d/%m/%Y" and (times is None or times.days_hi[0] > 100_000):
        assert all(day.day <= 12 for day in days), "set aside only where nothing settles the order"
        return
    assert times is not None
    found = list(times.days_lo)
    assert found == [(INDEX - day).days for day in days]
    assert times.exact


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


ROWS: list[list[str]] = [
    ["patient_id", "sex", "birth_date", "index_date", "creatinine_mg_dl", "naïve", "t2dm"],
    *([f"P{number}", "FM"[number % 2], f"19{50 + number}-02-28", "2025-12-31", f"1.{number}", "µ" * number, "yes"] for number in range(1, 9)),
]


def as_workbook(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def as_parquet(rows: list[list[str]]) -> bytes:
    held = io.BytesIO()
    columns: dict[str, list[str]] = {header: [row[place] for row in rows[1:]] for place, header in enumerate(rows[0])}
    pyarrow.parquet.write_table(pa.table(columns), held, compression="none", use_dictionary=False)
    return held.getvalue()


SHORT = ["USUBJID", "SEX", "BRTHDTC", "RFSTDTC", "SCR", "NOTE", "T2DM"]
"""The headers as a transport file has them: at most eight letters."""


def as_transport(rows: list[list[str]], width: int = 12) -> bytes:
    """A SAS transport file (version 5) of text columns, all of one width."""

    def record(text: str, length: int = 80) -> bytes:
        return text.encode("latin-1").ljust(length)

    def titled(what: str, rest: str) -> bytes:
        return record(f"HEADER RECORD*******{what:8}HEADER RECORD!!!!!!!{rest}")

    def described(place: int, header: str) -> bytes:
        kind = b"".join(number.to_bytes(2, "big") for number in (2, 0, width, place + 1))
        name = record(header, 8) + record(header, 40) + record("", 8)
        return kind + name + bytes(8) + record("", 8) + bytes(4) + (place * width).to_bytes(4, "big") + bytes(52)

    def whole_lines(held: bytes) -> bytes:
        return held.ljust((len(held) + 79) // 80 * 80)

    made = record("31DEC25:00:00:00")
    system = f"9.4     {'':8}{'':24}31DEC25:00:00:00"
    head = titled("LIBRARY", "0" * 30) + record(f"SAS     SAS     SASLIB  {system}") + made + titled("MEMBER", "000000000000000001600000000140")
    head += titled("DSCRPTR", "0" * 30) + record(f"SAS     PATIENTSSASDATA {system}") + made + titled("NAMESTR", f"000000{len(SHORT):04d}{'0' * 20}")
    head += whole_lines(b"".join(described(place, header) for place, header in enumerate(SHORT))) + titled("OBS", "0" * 30)
    return whole_lines(head + b"".join(record(cell, width) for row in rows[1:] for cell in row))


MUTATIONS = 40
WHOLE = {"CSV": written(ROWS), "XLSX": as_workbook(ROWS), "Parquet": as_parquet(ROWS), "XPT": as_transport(ROWS)}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_file_is_read(kind: str) -> None:
    cohort = usable(WHOLE[kind])
    assert cohort is not None
    assert list(cohort.ids) == [f"P{number}" for number in range(1, 9)]


@pytest.mark.parametrize("kind", WHOLE)
def test_no_byte_changed_and_no_cut_ends_in_a_traceback(kind: str) -> None:
    whole, chance = WHOLE[kind], np.random.default_rng(20260131)
    for place in chance.integers(0, len(whole), MUTATIONS):
        for changed in (whole[:place] + bytes([int(chance.integers(256))]) + whole[place + 1 :], whole[:place] + b"\xe9" + whole[place + 1 :], whole[:place]):
            cohort = usable(changed)
            assert cohort is None or cohort.patients > 0


NAMES = {"Parquet": (b"birth_date", "naïve".encode()), "XPT": (b"BRTHDTC", b"NOTE")}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names])
def test_a_name_that_is_no_text_refuses_the_file_or_is_read_as_latin(kind: str, name: bytes) -> None:
    assert name in WHOLE[kind]
    cohort = usable(WHOLE[kind].replace(name, name[:2] + b"\xe9" + name[3:]))
    assert cohort is None or cohort.patients == 8


@given(st.sampled_from(list(SAMPLES)), st.data())
def test_no_record_is_a_row_of_units_or_nearly_one_whatever_is_blank_in_it(name: str, data: st.DataObject) -> None:
    header, *records = SAMPLES[name]
    place = data.draw(st.integers(0, len(records) - 40))
    blank = data.draw(st.sets(st.integers(0, len(header) - 1)))
    record = ["" if column in blank else cell for column, cell in enumerate(records[place])]
    assert units_row(record, records[place + 1 : place + data.draw(st.integers(1, 40))], 0) is None
