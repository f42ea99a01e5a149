"""What the data are like, counted by hand: rows, gaps, sites, distributions, problems."""

from __future__ import annotations

import csv
import io

import numpy as np
import openpyxl
import pytest
from spec.reading import read_table

from feasibility import wording
from feasibility.cohort import Cohort
from feasibility.intake import Tables, load_cohort, read_mapping, suggest, write_mapping
from feasibility.problems import MOST_CELLS, Found
from feasibility.protocol import builtin_protocol
from feasibility.quality import lines
from feasibility.quality.gaps import Gaps
from feasibility.quality.rows import files, repeats
from feasibility.quality.sites import OfSite
from feasibility.quality.spread import Distribution, Named
from feasibility.quality.view import Quality
from feasibility.results.disclosure import Rounding
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_value
from feasibility.screening.screen import Screener
from feasibility.variables import builtin_catalogue

CATALOGUE = builtin_catalogue()
PROTOCOL = builtin_protocol()


def quality(cohort: Cohort) -> Quality:
    return Quality(Screener(cohort), PROTOCOL)


def table(text: str) -> bytes:
    """A file from a table with blanks between the cells; - is an empty cell."""
    rows = [["" if cell == "-" else cell for cell in line.split()] for line in text.strip().splitlines()]
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return held.getvalue().encode()


def gap(cohort: Cohort, name: str) -> tuple[int, ...]:
    """Of whom asked, exact, in part, set aside, missing, unusual."""
    found = {each.variable: each for each in quality(cohort).gaps}[name]
    return found.of, found.known, found.partly, found.set_aside, found.missing, found.unusual


# Problems and their cells


MESSY = table("""
patient_id  index_date  hba1c_percent  hba1c_date   sex      site  creatinine_umol_l
a           2026-01-31  7.5            2026-01-10   male     A     88.4
b           2026-01-31  <4.5           2026-01-10   female   A     -
c           2026-01-31  bananas        2026-01-10   maybe    B     176.8
d           2026-01-31  75             2026-01-10   male     B     1e9
e           2026-01-31  17             2026-05-01   male     -     884
f           2026-01-31  -              notadate     female   B     88.4
""")


def test_each_problem_keeps_its_cells_with_row_value_and_what_was_expected() -> None:
    cohort = load_cohort("messy.csv", MESSY)
    found = {(each.detail.found, each.detail.column): each.detail for each in cohort.report.problems if each.detail.found is not None}
    unread = found[Found.UNREADABLE, "hba1c_percent"]
    assert (unread.rows, unread.values, unread.expected, unread.variable, unread.number) == ((4,), ("bananas",), "numbers in %", "hba1c", 1)
    impossible = found[Found.IMPOSSIBLE, "hba1c_percent"]
    assert (impossible.rows, impossible.values, impossible.expected) == ((5,), ("75",), "2 to 25 %")
    unusual = found[Found.UNUSUAL, "hba1c_percent"]
    assert (unusual.rows, unusual.values, unusual.expected) == ((6,), ("17",), "usually 4 to 16 %")
    assert (found[Found.UNREADABLE, "sex"].rows, found[Found.UNREADABLE, "sex"].values) == ((4,), ("maybe",))
    assert (found[Found.UNREADABLE, "hba1c_date"].rows, found[Found.UNREADABLE, "hba1c_date"].values) == ((7,), ("notadate",))
    late = found[Found.AFTER_INDEX, "hba1c_date"]
    assert (late.rows, late.values) == ((6,), ("2026-05-01",))
    assert found[Found.IMPOSSIBLE, "creatinine_umol_l"].rows == (5,)


def test_no_more_cells_of_a_problem_are_kept_than_the_bound_and_their_number_is_still_known() -> None:
    rows = MOST_CELLS + 5
    cohort = load_cohort("x.csv", b"patient_id,hba1c_percent\n" + b"".join(b"P%d,bad\n" % number for number in range(rows)))
    detail = next(each.detail for each in cohort.report.problems if each.detail.found is Found.UNREADABLE)
    assert (detail.number, len(detail.rows), len(detail.values), detail.rows[0], detail.rows[-1]) == (rows, MOST_CELLS, MOST_CELLS, 2, MOST_CELLS + 1)
    of_cells = lines.by_cell(cohort.report.problems, "x.csv", lines.Wanted(subject="hba1c"))
    assert len(of_cells) == MOST_CELLS + 1
    assert (of_cells[-1].row, of_cells[-1].number) == (None, 5)


def test_lines_are_one_a_problem_or_one_a_cell_errors_first_and_filtered() -> None:
    problems = load_cohort("messy.csv", MESSY).report.problems
    whole = lines.by_problem(problems, "messy.csv")
    assert len(whole) == len(problems)
    assert [each.severity for each in whole] == sorted((each.severity for each in problems), key=lines.ORDER.index)
    assert {each.severity for each in lines.by_problem(problems, "", wanted=lines.Wanted(("note",)))} == {"note"}
    cells = lines.by_cell(problems, "messy.csv", lines.Wanted(subject="hba1c"))
    assert {(each.row, each.value) for each in cells if each.row is not None} >= {(4, "bananas"), (5, "75"), (6, "17")}
    assert {each.file for each in cells} == {"messy.csv"}
    assert [each.value for each in lines.by_cell(problems, "", lines.Wanted(text="BANANAS"))] == ["bananas"]
    assert lines.by_cell(problems, "", lines.Wanted(())) == ()


def test_with_small_counts_hidden_a_line_says_neither_row_nor_cell_nor_exact_number() -> None:
    cells = [b"75"] * 3 + [b"NA"] * 17 + [b"7"] * 40
    data = b"patient_id,hba1c_percent\n" + b"".join(b"P%d,%s\n" % numbered for numbered in enumerate(cells))
    problems = load_cohort("x.csv", data).report.problems
    hidden = lines.by_problem(problems, "x.csv", Rounding(10, 60))
    assert all(each.row is None and not each.value for each in hidden)
    wrong = next(each for each in hidden if each.expected == "2 to 25 %")
    assert (wrong.number, wrong.message) == (10, "not possible: set aside")
    taken = next(each for each in hidden if "taken as missing" in each.message)
    assert taken.message.startswith("20 cells")


# Rows


def test_rows_read_are_used_or_set_aside_for_a_reason_in_each_file() -> None:
    data = b"patient_id,sex,diabetes\na,male,1\na,male,1\na,female,1\n,male,1\nb,male,0\nc,male,1\nd,male,1,x\n"
    measurements = (
        b"patient_id,variable,value,unit,date\na,hba1c,7,%,2026-01-10\na,hba1c,7,%,2026-01-10\na,hba1c,8,%,2026-01-11\na,hba1c,9,%,2026-01-11\n"
        b"z,hba1c,7,%,2026-01-01\n,hba1c,7,%,2026-01-01\na,,7,%,2026-01-01\na,shoe size,44,,2026-01-01\na,hba1c,,%,2026-01-01\na,hba1c,blue,%,2026-01-01\n"
    )
    mapping = read_mapping('index_date = 2026-01-31\n[keep]\ndiabetes = ["1"]\n', CATALOGUE)
    report = load_cohort("d.csv", data, ("m.csv", measurements), mapping=mapping).report
    wide, long = files(report)
    assert (wide.name, wide.read, wide.used) == ("d.csv", 7, 2)
    assert dict(wide.reasons) == {Found.NO_PATIENT: 1, Found.SAME_ROW: 1, Found.OTHER_ROW: 1, Found.LEFT_OUT: 1, Found.WRONG_WIDTH: 1}
    assert (long.read, long.used) == (10, 4)
    assert dict(long.reasons) == {Found.STRANGER: 1, Found.NO_PATIENT: 1, Found.NO_NAME: 1, Found.NAME_NOT_USED: 1, None: 2}
    assert (report.rows_read, report.rows_used) == (17, 6)
    assert [(each.variable, each.identical, each.differing) for each in repeats(report)] == [("hba1c", 1, 1)]


def reasons(*files_read: tuple[str, str]) -> list[dict[Found | None, int]]:
    report = load_cohort(files_read[0][0], [(name, text.encode()) for name, text in files_read]).report
    return [dict(each.reasons) for each in files(report)]


def test_every_row_set_aside_has_its_reason() -> None:
    gaps = "patient_id,sex,age\nP1,m,50\n\nP2,f,51\npatient_id,sex,age\nP3,f,52\n\nTotal: 3,,\n"
    assert reasons(("a.csv", gaps)) == [{Found.BLANK_ROW: 1, Found.HEADER_AGAIN: 1, Found.UNDER_TABLE: 2}]
    two = ("a.csv", "patient_id,sex,age\nP1,m,50\nP2,m,50\n"), ("b.csv", "patient_id,sex,age\nP1,f,70\nP3,m,50\n")
    assert reasons(*two) == [{}, {Found.AGAIN_IN_FILE: 1}]
    joined = ("a.csv", "patient_id,sex,age\nP1,m,50\n"), ("b.csv", "patient_id,hba1c_percent\nP9,7\nP1,7\n")
    assert reasons(*joined) == [{}, {Found.STRANGER: 1}]


def test_a_row_set_aside_is_told_by_its_number_and_what_it_says() -> None:
    files_read = [
        ("a.csv", b"patient_id,sex,age\nP1,m,50\n\nP2,f,51\npatient_id,sex,age\nP3,f,52\nTotal: 3,,\n"),
        ("b.csv", b"patient_id,sex,age\nP1,f,70\nP4,m,50\n"),
        ("c.csv", b"patient_id,hba1c_percent\nP9,7\nP1,7\n"),
    ]
    details = [problem.detail for problem in load_cohort("a.csv", files_read).report.problems]
    told = {detail.found: (detail.table, detail.rows, detail.values) for detail in details if detail.found is not None}
    assert told == {
        Found.BLANK_ROW: ("a.csv", (3,), ()),
        Found.HEADER_AGAIN: ("a.csv", (5,), ("patient_id sex age",)),
        Found.UNDER_TABLE: ("a.csv", (7,), ("Total: 3",)),
        Found.AGAIN_IN_FILE: ("b.csv", (2,), ("P1",)),
        Found.STRANGER: ("c.csv", (2,), ("P9",)),
    }


def test_workbooks_say_of_every_row_why_it_is_set_aside() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["patient_id", "sex", "age"], ["P1", "m", 50], [None] * 3, ["patient_id", "sex", "age"], ["P2", "f", 51], ["P3", "f", 52], ["Total: 3"]):
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    (found,) = files(load_cohort("a.xlsx", held.getvalue()).report)
    assert dict(found.reasons) == {Found.BLANK_ROW: 1, Found.HEADER_AGAIN: 1, Found.UNDER_TABLE: 1}


# Gaps


def test_gaps_of_a_number_add_up_to_the_patients() -> None:
    cohort = load_cohort("messy.csv", MESSY)
    assert gap(cohort, "hba1c") == (6, 2, 1, 2, 1, 1)
    assert gap(cohort, "sex") == (6, 5, 0, 1, 0, 0)
    creatinine = next(each for each in quality(cohort).gaps if each.variable == "creatinine")
    assert creatinine == Gaps("creatinine", 6, 4, 0, 1, 1, 0, 4, 4)


def test_who_has_one_readable_value_among_several_has_a_value() -> None:
    cohort = load_cohort("x.csv", table("""
patient_id  index_date  potassium_1  potassium_1_date  potassium_2  potassium_2_date
a           2026-01-31  4.1          2026-01-01        what         2026-01-10
b           2026-01-31  what         2026-01-01        -            -
c           2026-01-31  <3           2026-01-01        -            -
d           2026-01-31  7.5          2026-01-01        4            2026-01-10
"""))
    assert gap(cohort, "potassium") == (4, 2, 1, 1, 0, 1)


def test_an_event_is_known_by_yes_or_no_and_its_fields_are_asked_of_those_who_had_it() -> None:
    cohort = load_cohort("x.csv", table("""
patient_id  index_date  stroke_date  stroke_lacunar  heart_failure
a           2026-01-31  2025-03-01   yes             yes
b           2026-01-31  2025         -               no
c           2026-01-31  -            -               unknown
d           2026-01-31  -            -               -
"""))
    assert gap(cohort, "cerebral_infarction") == (4, 1, 1, 0, 2, 0)
    assert gap(cohort, "stroke_lacunar") == (2, 1, 0, 0, 1, 0)
    assert gap(cohort, "heart_failure") == (4, 2, 1, 0, 1, 0)


@pytest.mark.parametrize(("value", "unusual"), [("4", 0), ("3.9", 1), ("16", 0), ("16.1", 1), ("<4", 1), ("<=4", 0)])
def test_the_usual_range_includes_its_ends(value: str, unusual: int) -> None:
    one, beside_another = (load_cohort("x.csv", f"patient_id,hba1c_percent\na,{value}\n{more}".encode()) for more in ("", "b,17\n"))
    assert gap(one, "hba1c")[-1] == unusual
    assert gap(beside_another, "hba1c")[-1] == unusual + 1


def test_what_leaves_most_patients_open_comes_first_and_what_nobody_asks_for_last() -> None:
    cohort = load_cohort("x.csv", table("""
patient_id  index_date  hba1c_percent  hba1c_date  age  weight_kg
a           2026-01-31  -              -           50   -
b           2026-01-31  <10            2026-01-10  50   -
c           2026-01-31  7              2026-01-10  -    70
"""))
    view = quality(cohort)
    screening = view.screener.screen(PROTOCOL, AS_WRITTEN)
    found = view.costliest(screening, used_only=True)
    assert [(each.gaps.variable, each.leaves_open, each.criteria) for each in found[:2]] == [("hba1c", 2, ("I7",)), ("age", 1, ("I1",))]
    assert all(not each.gaps.in_file for each in found[2:])
    assert "weight" not in {each.gaps.variable for each in found}
    assert view.costliest(screening, used_only=False)[-1].gaps.variable == "weight"


# Thresholds and distributions


def test_thresholds_are_those_of_the_scenario() -> None:
    view = quality(load_cohort("messy.csv", MESSY))
    assert [wording.threshold(each) for each in view.thresholds(AS_WRITTEN, "hba1c")] == ["I7 < 9"]
    assert [each.value for each in view.thresholds(with_value(PROTOCOL, AS_WRITTEN, "I7.hba1c_max", 8.0), "hba1c")] == [8.0]
    assert view.thresholds(with_criterion_off(PROTOCOL, AS_WRITTEN, "I7"), "hba1c") == ()
    assert view.thresholds(AS_WRITTEN, "creatinine") == ()


def test_a_distribution_holds_every_exact_value_and_the_usual_range() -> None:
    drawn = quality(load_cohort("messy.csv", MESSY)).spread("hba1c")
    assert isinstance(drawn, Distribution)
    assert (drawn.drawn, drawn.values, int(drawn.counts.sum())) == (2, 3, 2)
    assert drawn.axis.low <= 4
    assert drawn.axis.high >= 17
    assert drawn.by_site is not None
    assert drawn.by_site.sum(axis=1).tolist() == [1, 0]  # e has no site


def test_a_logarithmic_axis_begins_above_zero_and_zero_stands_at_its_beginning() -> None:
    drawn = quality(load_cohort("x.csv", b"patient_id,uacr_mg_g\na,0\nb,10\nc,1000\n")).spread("uacr")
    assert isinstance(drawn, Distribution)
    assert (drawn.axis.log, drawn.axis.low, drawn.drawn) == (True, 10, 3)
    assert drawn.counts[0] == 2


def test_named_values_are_counted_by_name() -> None:
    cohort = load_cohort("x.csv", b"patient_id,heart_failure,hbsag\na,yes,negative\nb,no,positive\nc,unknown,\nd,,negative\n")
    event, category = quality(cohort).spread("heart_failure"), quality(cohort).spread("hbsag")
    assert isinstance(event, Named)
    assert isinstance(category, Named)
    assert (event.labels, event.counts.tolist()) == (("no", "yes", "not known"), [1, 1, 1])
    assert (category.labels, category.counts.tolist()) == (("negative", "positive", "not known"), [2, 1, 0])


# Sites


@pytest.mark.parametrize("header", ["site", "SITEID", "site_id", "Centre", "center", "clinic", "Hospital", "中心", "医院", "Zentrum", "centro"])
def test_the_site_is_known_by_its_header(header: str) -> None:
    cohort = load_cohort("x.csv", f"patient_id,{header},sex\na,North,male\nb,South,male\nc,,male\nd, North ,male\n".encode())
    assert cohort.sites is not None
    assert (cohort.sites.names, cohort.sites.codes.tolist()) == (("North", "South"), [0, 1, -1, 0])
    assert [line.use for line in cohort.report.columns if line.column == header] == ["site"]


def test_the_mapping_says_which_column_is_the_site_or_that_none_is() -> None:
    data = b"patient_id,site,ward,sex\na,North,1,male\nb,South,2,male\n"
    suggested = suggest(Tables(read_table("x.csv", data)), CATALOGUE).mapping
    assert suggested.site == "site"
    assert read_mapping(write_mapping(suggested), CATALOGUE).site == "site"
    other = load_cohort("x.csv", data, mapping=read_mapping('site = "ward"', CATALOGUE)).sites
    assert other is not None
    assert other.names == ("1", "2")
    assert load_cohort("x.csv", data, mapping=read_mapping('site = ""', CATALOGUE)).sites is None
    assert load_cohort("x.csv", b"patient_id,sex\na,male\n").sites is None


def of_sites(units: tuple[str, ...], per_site: int = 20, at_the_last: int | None = None) -> tuple[OfSite, ...]:
    """HbA1c 6 to 8 % at each site; ``%`` as it is, ``half`` of that, ``none`` not at all."""
    rows = ["patient_id,site,hba1c_percent"]
    for site, unit in enumerate(units):
        patients = at_the_last if at_the_last is not None and site == len(units) - 1 else per_site
        for number in range(patients):
            percent = 6 + 2 * number / patients
            value = {"%": f"{percent:.2f}", "half": f"{percent / 2:.2f}", "none": ""}[unit]
            rows.append(f"{site}-{number},site {site},{value}")
    view = quality(load_cohort("x.csv", "\n".join(rows).encode()))
    return view.by_site(("hba1c",))["hba1c"]


def test_a_site_whose_median_is_far_from_the_others_is_marked() -> None:
    assert [each.apart for each in of_sites(("%", "%", "half", "%"))] == [False, False, True, False]
    assert [each.apart for each in of_sites(("%", "%", "%"))] == [False] * 3
    assert [each.apart for each in of_sites(("%", "half"))] == [True, True], "of two that differ, nobody knows which is right"
    assert [each.apart for each in of_sites(("%", "half"), per_site=9)] == [False, False], "too few values to say so"
    assert [each.apart for each in of_sites(("%", "%", "half"), at_the_last=9)] == [False] * 3
    assert [each.apart for each in of_sites(("%", "%", "half"), at_the_last=10)] == [False, False, True]
    assert [each.apart for each in of_sites(("%",))] == [False]


def test_missing_shares_and_medians_by_site() -> None:
    first, _, third = of_sites(("%", "%", "none"), per_site=10)
    assert (first.of, first.without, first.values, first.median) == (10, 0, 10, pytest.approx(6.9))
    assert (third.of, third.without, third.values, third.median) == (10, 10, 0, None)
    assert wording.without_at_site(third, Rounding()) == "100 %"
    assert wording.median_at_site(first, Rounding()) == "6.9"


def test_a_site_that_writes_another_unit_is_named_with_it() -> None:
    rows = ["patient_id,site,potassium_mmol_l"]
    rows += [f"{site}{number},{site},{4 + number / 50:.2f}" for site in "AB" for number in range(20)]
    rows += [f"C{number},C,{(4 + number / 50) / 2.2:.2f}" for number in range(20)]
    apart = quality(load_cohort("x.csv", "\n".join(rows).encode())).by_site(("potassium",))["potassium"]
    assert [(each.apart, each.fits) for each in apart] == [(False, ""), (False, ""), (True, "")]
    triglycerides = ["patient_id,site,tg_mmol_l"]
    triglycerides += [f"{site}{number},{site},{1 + number / 20:.2f}" for site in "AB" for number in range(20)]
    triglycerides += [f"C{number},C,{(1 + number / 20) * 88.57:.1f}" for number in range(20)]
    fits = quality(load_cohort("x.csv", "\n".join(triglycerides).encode())).by_site(("triglycerides",))["triglycerides"][2]
    assert (fits.apart, fits.fits) == (True, "mg/dL")


def test_the_site_is_part_of_what_identifies_the_content() -> None:
    one, other = (load_cohort("x.csv", f"patient_id,site,sex\na,{site},male\n".encode()) for site in "AB")
    assert one.digest != other.digest


# Born


def test_the_first_day_on_which_somebody_may_have_been_born() -> None:
    cohort = load_cohort("x.csv", b"patient_id,birth_date,index_date\na,2026-01-30,2026-01-31\nb,2025,2026-01-31\nc,,2026-01-31\n")
    assert cohort.born_days is not None
    assert cohort.born_days.tolist()[:2] == [1, 395]
    assert cohort.born_days[2] > np.int32(10**9)
