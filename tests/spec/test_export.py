"""Files that leave the product: text of a patient's file is shown by a spreadsheet, never run."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest
from openpyxl import load_workbook
from oracle.patients import INDEX, cohort, columns_for, patient

from feasibility import wording
from feasibility.export import csv_text, safe, workbook_bytes
from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.quality import lines
from feasibility.results.disclosure import EXACT, Rounding
from feasibility.results.near import Elsewhere, NearMiss, explain, near_misses
from feasibility.results.nearest_move import NearestMove
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN
from feasibility.variables import builtin_catalogue


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", " =", "  @", "\u00a0=", "＝", "\ufeff+"])
def test_what_would_begin_a_formula_does_not(begin: str) -> None:
    assert safe(f'{begin}HYPERLINK("x")') == f"'{begin}HYPERLINK(\"x\")"


@pytest.mark.parametrize("text", ["7.5", "", "a-b", "<0.3", "2026-01-31", "P=1", "'quoted"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_numbers_of_ours_stay_numbers_and_nothing_is_empty() -> None:
    said = csv_text(["Row", "Value"], [(-3, "-3"), (None, "a,b\n\"c\"")])
    assert said.startswith("\ufeffRow,Value\r\n-3,'-3\r\n")
    assert list(csv.reader(io.StringIO(said[1:])))[1:] == [["-3", "'-3"], ["", 'a,b\n"c"']]


def test_the_names_of_columns_are_no_formulas_either() -> None:
    assert csv_text(["=1+1 of a protocol", "n"], [("a", 1)]) == "\ufeff'=1+1 of a protocol,n\r\na,1\r\n"


def test_a_list_of_problems_is_a_table_from_its_first_line_and_accounts_for_every_row_in_its_last() -> None:
    cohort = load_cohort("=x.csv", b'patient_id,hba1c_percent\na,=1+1\na,=1+1\nb,7\n,8\n')
    found = (*lines.by_cell(cohort.report.problems, cohort.report.source), *wording.accounted(cohort, EXACT))
    said = csv_text(wording.LINE_ROW, (wording.line_row(each, builtin_catalogue()) for each in found))
    cells = list(csv.DictReader(io.StringIO(said[1:])))
    assert tuple(cells[0]) == wording.LINE_ROW
    assert any((cell["Row"], cell["Value found"], cell["Variable"], cell["File"]) == ("2", "'=1+1", "HbA1c", "'=x.csv") for cell in cells)
    assert (cells[-1]["File"], cells[-1]["What is wrong"]) == ("'=x.csv", "4 rows read = 2 used + 2 set aside; 2 patients")
    assert not any(value.startswith(("=", "+", "@")) for cell in cells for value in cell.values())


def test_of_several_files_each_is_accounted_for() -> None:
    cohort = load_cohort("d.csv", b"patient_id,sex\na,male\n", ("m.csv", b"patient_id,variable,value,unit\na,hba1c,7,%\nz,hba1c,7,%\n"))
    assert [(each.file, each.message) for each in wording.accounted(cohort, EXACT)][1:] == [
        ("d.csv", "1 row read, 1 used, 0 set aside"), ("m.csv", "2 rows read, 1 used, 1 set aside"),
    ]  # fmt: skip


def test_where_small_counts_are_hidden_the_account_is_rounded() -> None:
    cohort = load_cohort("x.csv", b"patient_id,sex\n" + b"".join(b"P%d,male\n" % number for number in range(40)) + b",male\n")
    assert wording.accounted(cohort, Rounding(10, 40))[0].message == "41 rows read ≈ 40 used + 10 set aside; 40 patients"


# Workbooks

HOSTILE = ("=HYPERLINK(\"x\")", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "＝1", "P-001", "a\x00b\x1fc", "x" * 40_000, "")


def test_text_in_a_workbook_is_text_and_nothing_is_a_formula() -> None:
    data = workbook_bytes(
        ["=about", "plain"], {"list": (["=column", "n"], [*((text, place) for place, text in enumerate(HOSTILE)), (2.5, None), (True, -3)])}
    )
    rows, about = (list(sheet.iter_rows()) for sheet in load_workbook(io.BytesIO(data)))
    assert all(cell.data_type != "f" for row in (*rows, *about) for cell in row)
    assert [[cell.value for cell in row] for row in about] == [["=about"], ["plain"]]
    assert [rows[0][0].value, rows[0][1].value] == ["=column", "n"]
    cells = [row[0] for row in rows[1 : 1 + len(HOSTILE)]]
    assert [cell.value for cell in cells] == [*HOSTILE[:8], "abc", "x" * 32_767, None]
    assert [bool(cell.quotePrefix) for cell in cells[:8]] == [True] * 7 + [False]
    assert [(cell.value, cell.data_type) for cell in (rows[-2][0], rows[-1][0], rows[-1][1])] == [(2.5, "n"), ("True", "s"), (-3, "n")]


def test_a_workbook_is_readable_as_it_opens() -> None:
    """The names of the columns stay in sight, and each column is as wide as what stands in it, within bounds."""
    sheet, about = load_workbook(
        io.BytesIO(workbook_bytes(["a" * 20], {"list": (["n", "a long name"], [(1, "x" * 15), (2, "y" * 300), (3, None, "beyond")])}))
    )
    assert (sheet.freeze_panes, about.freeze_panes) == ("A2", None)
    assert [sheet.column_dimensions[letter].width for letter in "ABC"] == [8, 60, 8]
    assert about.column_dimensions["A"].width == 22


# Near misses


def near() -> list[tuple[str, ...]]:
    """Two patients, one called like a formula; the columns that a list has unless others are asked for."""
    made = [patient(uacr="870 @19d", hba1c="8 @1d"), patient(uacr="2000 @1d", hba1c="9.5 @1d")]
    loaded = replace(cohort(made, columns_for(made)), ids=np.array(["=cmd|x", "P2"], object), index_dates=(INDEX, INDEX))
    bench = Workbench(loaded, builtin_protocol())
    overview = bench.overview(AS_WRITTEN)
    found = near_misses(bench.screener, overview, Elsewhere.PASSED, overview.order, EXACT)
    explained = explain(bench.screener, overview.screening, found.shown)
    return wording.near_rows(builtin_protocol(), builtin_catalogue(), INDEX, found.shown, explained)


def test_near_misses_as_csv_and_as_a_workbook() -> None:
    rows = near()
    assert rows == [
        ("P2", "I7 HbA1c", "HbA1c 9.5 % on 2026-01-30, needs < 9", "fails only I7"),
        ("=cmd|x", "I4 Nephrotic proteinuria", "UACR 870 mg/g on 2026-01-12, needs > 1000", "fails only I4"),
    ]
    read = list(csv.reader(io.StringIO(csv_text(wording.NEAR_ASKED, rows)[1:])))
    assert read == [list(wording.NEAR_ASKED), list(rows[0]), ["'=cmd|x", *rows[1][1:]]]
    cells = list(load_workbook(io.BytesIO(workbook_bytes(["about"], {"list": (wording.NEAR_ASKED, rows)}))).active.iter_rows(min_row=3))
    assert [(cells[0][0].value, cells[0][0].data_type, bool(cells[0][0].quotePrefix))] == [("=cmd|x", "s", True)]


def test_the_nearest_value_stands_in_the_files_as_numbers() -> None:
    """Rounded to the step in decimal; of one whose limit has to be lifted there is no distance, and nothing of one whom no value passes."""

    def numbers(*moves: NearestMove) -> tuple[str | float, ...]:
        return wording.near_numbers(builtin_protocol(), NearMiss(0, "P1", "C", (), moves))

    assert numbers(NearestMove("I4.uacr_above", 1000.0, 860.0, 860.0, (870.0, 870.0))) == (
        "I4.uacr_above", 1000.0, 870.0, -130.0, 860.0, 140.0, "mg/g", 0.14, "passes",
    )  # fmt: skip
    assert numbers(NearestMove("I6.sbp_max", 160.0, 165.0, 165.0, (163.3, 163.3)))[1:6] == (160.0, 163.3, 3.3, 165.0, 5.0)
    assert numbers(NearestMove("I4.protein_min", 3.5, 3.4, 3.4))[5:] == (0.1, "g/24h", 0.0286, "passes")
    assert [numbers(NearestMove("E5.ldl_max", 4.1, 4.2, None))[place] for place in (2, 4, 8)] == ["", 4.2, "unknown"]
    assert numbers(NearestMove("E5.ldl_max", 4.1, math.inf, math.inf))[1:] == (4.1, "", "", "", "", "mmol/L", "", "passes with no limit")
    censored = numbers(NearestMove("I4.uacr_above", 1000.0, 40.0, None, (-math.inf, 44.2)))
    assert censored == ("I4.uacr_above", 1000.0, "", "", 40.0, 960.0, "mg/g", 0.96, "unknown")
    beyond = numbers(NearestMove("I6.sbp_max", 160.0, None, None, (199.0, 199.0)))
    assert beyond == ("I6.sbp_max", 160.0, 199.0, 39.0, "", "", "mmHg", "", "fails throughout its range")
    assert numbers() == ("",) * len(wording.NEAR_NUMBERS)
    saved = csv_text(wording.NEAR_NUMBERS, [numbers(NearestMove("I4.uacr_above", 1000.0, 860.0, 860.0, (870.0, 870.0)))])
    assert saved.endswith("I4.uacr_above,1000.0,870.0,-130.0,860.0,140.0,mg/g,0.14,passes\r\n")


def test_a_list_has_the_columns_asked_for_and_no_others() -> None:
    assert len(wording.NEAR_ROW) == 9
    made = [patient(uacr="870 @19d")]
    bench = Workbench(cohort(made, columns_for(made)), builtin_protocol())
    overview = bench.overview(AS_WRITTEN)
    found = near_misses(bench.screener, overview, Elsewhere.PASSED, overview.order, EXACT)
    given = (builtin_protocol(), builtin_catalogue(), INDEX, found.shown, explain(bench.screener, overview.screening, found.shown))
    assert wording.near_rows(*given, asked=("Verdict", "Criterion")) == [("I4 Nephrotic proteinuria", "fails only I4")]
    assert wording.near_rows(*given, asked=wording.NEAR_ROW[4:]) == [("870 mg/g", "UACR above 1,000 mg/g", "130 mg/g under", "860 mg/g", "")]
