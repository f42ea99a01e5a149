"""Files that leave the product: text of a patient's file is shown by a spreadsheet, never run."""

from __future__ import annotations

import csv
import io

import pytest

from feasibility import wording
from feasibility.export import csv_text, safe
from feasibility.intake import load_cohort
from feasibility.quality import lines
from feasibility.results.disclosure import EXACT, Rounding
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
