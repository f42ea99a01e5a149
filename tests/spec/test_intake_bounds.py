"""Files at the bounds of what a table can be: read, or refused in a sentence."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from spec.reading import read_table

from feasibility.intake import load_cohort
from feasibility.intake.files import text
from feasibility.problems import Unusable

ROWS = b"P1,7\nP2,8\n"


def test_a_long_cell_is_a_cell() -> None:
    long = "n" * 40_000
    cohort = load_cohort("x.csv", f"patient_id,note,hba1c_percent\nP1,{long},7\nP2,{long},{long}\n".encode())
    assert cohort.patients == 2
    assert all(len(str(problem)) < 1000 for problem in cohort.report.problems)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'"' * 300_000, "a cell of more than 100,000 characters"),
        (b"patient_id,age\n" + b'P1,"' + b"x,y\n" * 2_000_000, "a quotation mark may never be closed"),
        (b"patient_id,age\nP1," + b"n" * 9_000_000 + b"\nP2,1\n", "cannot be read as a table"),
        (b"," * 6_000 + b"\n" + b"1," * 6_000, "6,001 columns"),
        (b"a,b\n" + b"1,2\n" + b"\n" * 1_000_000, "no column identifies the patients"),
    ],
    ids=["quotation marks", "one that is never closed", "a cell of 9 MB", "columns", "a million blank rows"],
)
def test_what_is_beyond_them_is_refused_soon(data: bytes, said: str) -> None:
    start = time.process_time()
    with pytest.raises(Unusable) as caught:
        load_cohort("x.csv", data)
    assert time.process_time() - start < 5
    assert said in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_file_of_nothing_but_uneven_rows_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_UNEVEN", 100)
    with pytest.raises(Unusable, match="cannot be read as a table"):
        read_table("x.csv", b"a,b\n" + ROWS + b"1,2,3\n" * 101)
    assert read_table("x.csv", b"a,b\n" + ROWS + b"1,2,3\n" * 100).rows == 2


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_a_quotation_mark_far_down_loses_no_row_in_silence(closed: bool, tmp_path: Path) -> None:
    data = b"patient_id,note\n" + b"P1,2\n" * 1_000_000 + b'Q,"x\ny' + (b'"' if closed else b"") + b"\n" + b"R,1\n" * 1_000_000
    (tmp_path / "x.csv").write_bytes(data)
    for source in (data, tmp_path / "x.csv"):
        if closed:
            assert read_table("x.csv", source).rows == 2_000_001
        else:
            with pytest.raises(Unusable):
                read_table("x.csv", source)


def test_many_columns_of_one_name_and_many_headers_again_take_no_longer() -> None:
    start = time.process_time()
    names = ["patient_id", *["hba1c"] * 2_000]
    assert load_cohort("x.csv", (",".join(names) + "\n" + "P1" + ",7" * 2_000 + "\n").encode()).patients == 1
    header = b"patient_id," + b"a," * 99 + b"b\n"
    assert read_table("x.csv", header + b"P1," + b"1," * 99 + b"2\n" + header * 20_000).rows_read == 20_001
    assert time.process_time() - start < 8


def test_rows_in_a_cell_are_an_error() -> None:
    table = read_table("x.csv", b'patient_id,note\nP1,a\nP2,"b\nP3,c\nP4,d\n')
    (problem,) = table.problems
    assert problem.severity == "error"
    assert "1 cell holds whole rows" in problem.message


def test_signs_that_hide_or_turn_text_are_shown_escaped() -> None:
    table = read_table("x.csv", "patient_id,\u202eage,\u200b,\u202eage\nP1,1,2,3\n".encode())
    assert len(table.columns) == 4
    assert "\u202e" not in "".join(str(problem) for problem in table.problems)


def test_trailing_blank_rows_are_not_rows_of_the_table() -> None:
    table = read_table("x.csv", b"a,b\n" + ROWS + b"\n" * 1000 + b",\n" * 1000)
    assert (table.rows, table.rows_read, table.problems) == (2, 2, ())
