"""A saved mapping on the files of another month: what it says otherwise than they do."""

from __future__ import annotations

import pytest
from spec.reading import read_table

from feasibility.intake import ColumnUse, DateNumbers, LongUse, Mapping, Part, Tables, read_mapping, write_mapping
from feasibility.intake.changed import complete, fitted
from feasibility.intake.mapping import UNUSED
from feasibility.variables import builtin_catalogue

CATALOGUE = builtin_catalogue()
SAVED = Mapping(
    "pid",
    "seen",
    columns={
        "a1c": ColumnUse(("hba1c",), unit="%"),
        "dm": ColumnUse(("t2dm",), coding={"1": "yes", "2": "no"}),
        "remarks": UNUSED,
    },
    keep={"site": ("1",)},
)
SAME = "pid,seen,a1c,dm,remarks,site\na,2026-01-31,7.1,1,x,1\nb,2026-01-31,8.2,2,y,1\n"


def held(text: str, mapping: Mapping = SAVED) -> tuple[Mapping, list[str]]:
    found, problems = fitted(mapping, Tables(read_table("next.csv", text.encode())), CATALOGUE)
    return found, [f"{problem.severity}: {problem.where}: {problem.message}" for problem in problems]


def test_files_of_the_same_shape_change_nothing() -> None:
    assert held(SAME.replace("7.1", "6.9")) == (SAVED, ["note: columns: new since the mapping was saved: 'site'."])
    whole = complete(SAVED, Tables(read_table("next.csv", SAME.encode())))
    assert held(SAME, whole) == (whole, [])


CHANGED = [
    ("a1c", "glyco", "warning: column a1c: the saved mapping takes it for HbA1c; it is not in these files."),
    ("pid", "number", "warning: column pid: the saved mapping takes it for the patient; it is not in these files."),
    ("seen,", "day,", "warning: column seen: the saved mapping takes it for the index date; it is not in these files."),
    (",site", ",centre", "warning: column site: the saved mapping takes it for which rows are used; it is not in these files."),
    ("8.2,2", "8.2,3", "warning: column dm: '3' was not there when the mapping was saved."),
    ("7.1,1,x,1\nb,2026-01-31,8.2", "54,1,x,1\nb,2026-01-31,66", "warning: column a1c: the saved mapping says %; the values (median 60) look like mmol/mol."),
]


@pytest.mark.parametrize(("old", "new", "said"), CHANGED)
def test_what_is_otherwise_is_said(old: str, new: str, said: str) -> None:
    assert old in SAME
    assert said in held(SAME.replace(old, new))[1]


def test_what_these_files_do_not_have_is_left_out() -> None:
    mapping, _ = held("number,hba\na,7\n")
    assert mapping == Mapping()


def test_a_unit_written_another_way_is_the_same_unit() -> None:
    mapping = Mapping("pid", columns={"a1c": ColumnUse(("hba1c",), unit="mmol/mol IFCC" if CATALOGUE["hba1c"].recognise_unit("mmol/mol IFCC") else "MMOL/MOL")})
    assert not [text for text in held("pid,a1c\na,54\nb,60\n", mapping)[1] if "look like" in text]


def test_names_in_a_long_table_that_are_gone() -> None:
    mapping = Mapping(measurements=LongUse("pid", "test", "value", names={"GLY": ColumnUse(("hba1c",), unit="%"), "UACR": ColumnUse(("uacr",), unit="mg/g")}))
    _, problems = fitted(mapping, Tables(measurements=read_table("labs.csv", b"pid,test,value\na,GLY,7\n")), CATALOGUE)
    assert [problem.message for problem in problems] == ["the saved mapping knows 'UACR'; not in this table."]


def test_how_the_index_dates_are_written_is_saved() -> None:
    tables = Tables(read_table("next.csv", SAME.encode()))
    said = SAVED.with_column("seen", ColumnUse(date_numbers=DateNumbers.SAS))
    saved = read_mapping(write_mapping(complete(said, tables)), CATALOGUE)
    assert saved.use("seen") == ColumnUse(("index_date",), Part.DATE, date_numbers=DateNumbers.SAS)
    assert held(SAME, saved) == (saved, [])
    assert [text for text in held(SAME.replace("seen,", "day,"), saved)[1] if "column seen" in text] == [
        "warning: column seen: the saved mapping takes it for the index date; it is not in these files."
    ]


UNITS = {"a1c": ColumnUse(("hba1c",), unit="%"), "a1c unit": ColumnUse(("hba1c",), Part.UNIT)}
AS_BEFORE = [
    ("pid,a1c,a1c unit\na,54,mmol/mol\nb,60,mmol/mol\nc,7.1,\nd,8.2,\n", UNITS),
    ("pid,a1c\na,\"7,1\"\nb,\"8,2\"\n", {"a1c": ColumnUse(("hba1c",), unit="%")}),
    ("pid,up24\na,3.400\nb,4.250\n", {"up24": ColumnUse(("urine_protein_24h",), unit="mg/24h", decimal=",")}),
]


@pytest.mark.parametrize(("text", "columns"), AS_BEFORE)
def test_values_are_held_against_the_mapping_as_they_are_read(text: str, columns: dict[str, ColumnUse]) -> None:
    assert not [said for said in held(text, Mapping("pid", columns=columns))[1] if "look like" in said]


def test_rows_without_a_unit_and_decimal_commas_are_held_against_the_mapping_too() -> None:
    text = "pid,a1c,a1c unit\na,7,%\nb,8,%\nc,\"54,5\",\nd,\"60,5\",\n"
    assert any("look like mmol/mol" in said for said in held(text, Mapping("pid", columns=UNITS))[1])
