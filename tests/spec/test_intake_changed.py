"""A saved mapping on the files of another month: what it says otherwise than they do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from spec.reading import read_table

from feasibility.intake import ColumnUse, DateNumbers, LongUse, Mapping, Part, Tables, Weight, overlaid, read_mapping, suggest, write_mapping
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
    whole = complete(SAVED, Tables(read_table("next.csv", SAME.encode())), CATALOGUE)
    assert held(SAME, whole) == (whole, [])


CHANGED = [
    ("a1c", "glyx", "warning: column a1c: the saved mapping takes it for HbA1c; it is not in these files."),
    ("pid", "number", "warning: column pid: the saved mapping takes it for the patient; it is not in these files."),
    ("seen,", "day,", "warning: column seen: the saved mapping takes it for the index date; it is not in these files."),
    (",site", ",centre", "warning: column site: the saved mapping takes it for which rows are used; it is not in these files."),
    ("8.2,2", "8.2,3", "warning: column dm: '3' is not in the coding of the saved mapping."),
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
    saved = read_mapping(write_mapping(complete(said, tables, CATALOGUE)), CATALOGUE)
    assert saved.use("seen") == ColumnUse(("index_date",), Part.DATE, date_numbers=DateNumbers.SAS)
    assert held(SAME, saved) == (saved, [])
    assert [text for text in held(SAME.replace("seen,", "day,"), saved)[1] if "column seen" in text] == [
        "warning: column seen: the saved mapping takes it for the index date; it is not in these files."
    ]


def asked(text: str, columns: dict[str, ColumnUse]) -> list[str]:
    """What is asked of the columns when a mapping with these is laid over next month's file."""
    tables = Tables(read_table("next.csv", text.encode()))
    said, _ = fitted(Mapping("pid", columns=columns), tables, CATALOGUE)
    return [question.text for question in overlaid(suggest(tables, CATALOGUE), said, tables, CATALOGUE).questions if question.weight is Weight.MUST]


def rows(header: str, cells: Sequence[str]) -> str:
    return f"pid,{header}\n" + "".join(f"{row},{cell}\n" for row, cell in enumerate(cells))


UNITS = {"a1c": ColumnUse(("hba1c",), unit="%"), "a1c unit": ColumnUse(("hba1c",), Part.UNIT)}
CREATININE = {"Kreatinin": ColumnUse(("creatinine",), unit="µmol/L")}
UACR = {"acr": ColumnUse(("uacr",), unit="mg/g", median=1240)}
IN_DOUBT = [
    (rows("Kreatinin", ["1.1", "1.3", "1.4", "0.9", "2.2"]), CREATININE, "said to be µmol/L, but the values (median 1.3) look like mg/dL"),
    (rows("Kreatinin", ["110", "130", "140", "90", "220"]), CREATININE, ""),
    (rows("acr", ["140", "95", "300", "120", "170"]), UACR, "said to be mg/g, but their median is 140, and was 1.24e+03 when the mapping was saved"),
    (rows("acr", ["1400", "950", "3000", "1200", "1700"]), UACR, ""),
    (rows("acr", ["140", "95", "300", "120", "170"]), {"acr": ColumnUse(("uacr",), unit="mg/g", median=1240, confirmed=frozenset({"unit"}))}, ""),
    (rows("a1c,a1c unit", ["7,%", '"54,5",', '"60,5",', '"61,5",', '"44,5",', '"70,5",']), UNITS, "said to be %, but the values (median 60.5) look like"),
    (rows("a1c,a1c unit", ["54,mmol/mol", "7.1,", "8.2,", "8.2,", "6.2,", "9,"]), UNITS, ""),
    (rows("a1c", ['"7,1"'] * 5), {"a1c": ColumnUse(("hba1c",), unit="%")}, ""),
    (rows("up24", ["3.400"] * 5), {"up24": ColumnUse(("urine_protein_24h",), unit="mg/24h", decimal=",")}, ""),
]


@pytest.mark.parametrize(("text", "columns", "said"), IN_DOUBT)
def test_a_unit_that_the_values_speak_against_is_asked_about(text: str, columns: dict[str, ColumnUse], said: str) -> None:
    found = asked(text, columns)
    assert [said in each for each in found] == ([True] if said else [])


def test_the_medians_of_numbers_are_saved_as_they_are_written() -> None:
    tables = Tables(read_table("x.csv", rows("acr", ["1240", "95", "3000", "999", "999"]).encode()))
    mapping = Mapping("pid", columns={"acr": ColumnUse(("uacr",), unit="mg/g", sentinels=("999",))})
    saved = read_mapping(write_mapping(complete(mapping, tables, CATALOGUE)), CATALOGUE)
    assert saved.use("acr").median == 1240


RENAMED = [
    ("Kalium (mmol/L)", "Kalium (mmol/L)", "mmol/L", ""),
    ("K", "K", "mmol/L", "note: column K: taken for Potassium, as 'Kalium' was when the mapping was saved."),
    ("Kalium (mg/dL)", "Kalium (mg/dL)", "mg/dL", "its header says mg/dL, and the saved mapping said mmol/L."),
]


@pytest.mark.parametrize(("header", "column", "unit", "said"), RENAMED)
def test_a_column_under_another_header_that_says_the_same_is_that_column(header: str, column: str, unit: str, said: str) -> None:
    mapping, problems = held(f"pid,{header}\na,4.5\n", Mapping("pid", columns={"Kalium": ColumnUse(("potassium",), unit="mmol/L", sentinels=("99",))}))
    assert mapping.columns == {column: ColumnUse(("potassium",), unit=unit, sentinels=("99",))}
    assert not any("not in these files" in each for each in problems)
    assert any(said in each for each in problems)


def test_a_column_that_two_headers_may_be_is_gone() -> None:
    mapping, problems = held("pid,K,Kalium (mmol/L)\na,4.5,4\n", Mapping("pid", columns={"Potassium": ColumnUse(("potassium",), unit="mmol/L")}))
    assert mapping.columns == {}
    assert any("column Potassium: the saved mapping takes it for Potassium; it is not in these files" in each for each in problems)
