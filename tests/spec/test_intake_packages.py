"""Files of statistics packages: labels, dates and declared missing values come across; a damaged file is a sentence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from spec.reading import read_table

from feasibility.intake import Tables, load_cohort, suggest
from feasibility.problems import Unusable
from feasibility.variables import builtin_catalogue

FRAME = pd.DataFrame(
    {
        "USUBJID": ["P1", "P2", "P3"],
        "SEX": [1.0, 2.0, 3.0],
        "BRTHDT": [date(1960, 2, 29), None, date(1955, 5, 5)],
        "SCR": [88.4, np.nan, 120.5],
        "NOTE": ["naïve", "", "患者"],
    }
)

Write = Callable[..., Any]


def written(write: Write, place: Path, frame: pd.DataFrame = FRAME, **options: Any) -> bytes:
    write(frame, str(place), **options)
    return place.read_bytes()


WRITERS: dict[str, tuple[Write, dict[str, Any]]] = {
    "v5.xpt": (pyreadstat.write_xport, {"file_format_version": 5, "variable_format": {"BRTHDT": "DATE9."}}),
    "v8.xpt": (pyreadstat.write_xport, {"file_format_version": 8, "variable_format": {"BRTHDT": "DATE9."}}),
    "x.sav": (pyreadstat.write_sav, {}),
    "x.zsav": (pyreadstat.write_sav, {"compress": True}),
    "x.por": (pyreadstat.write_por, {}),
    "x.dta": (pyreadstat.write_dta, {}),
}
BOTH_WAYS = pytest.mark.parametrize("name", WRITERS)


@BOTH_WAYS
def test_every_package_gives_texts_numbers_and_dates(name: str, tmp_path: Path) -> None:
    write, options = WRITERS[name]
    frame = FRAME.assign(NOTE=["a", "", "b"]) if name == "x.por" else FRAME  # the portable format knows letters without accents
    data = written(write, tmp_path / name, frame, **options)
    for table in (read_table(name, data), read_table(name, tmp_path / name)):
        assert list(table.columns) == list(FRAME.columns)
        assert table.columns["USUBJID"].to_pylist() == ["P1", "P2", "P3"]
        assert table.columns["BRTHDT"].to_pylist() == [date(1960, 2, 29), None, date(1955, 5, 5)]
        assert table.columns["SCR"].to_pylist() == pytest.approx([88.4, None, 120.5])
        assert table.columns["NOTE"].to_pylist() == [text or None for text in frame["NOTE"]]
        assert (table.rows, table.rows_read, table.problems) == (3, 3, ())


@pytest.mark.parametrize("name", ["x.sav", "x.dta"])
def test_a_label_stands_for_its_value_and_a_code_without_one_stays(name: str, tmp_path: Path) -> None:
    write, options = WRITERS[name]
    data = written(write, tmp_path / name, variable_value_labels={"SEX": {1: "male", 2: "female"}}, **options)
    assert read_table(name, data).columns["SEX"].to_pylist() == ["male", "female", "3"]


@BOTH_WAYS
def test_the_label_of_a_column_is_read_where_its_name_says_nothing(name: str, tmp_path: Path) -> None:
    write, options = WRITERS[name]
    frame = pd.DataFrame({"Q1": ["P1", "P2", "P3"], "Q2": [7.0, 8.0, 9.0], "SBP": [120.0, 130.0, 140.0]})
    options = {option: value for option, value in options.items() if option != "variable_format"}
    data = written(write, tmp_path / name, frame, column_labels=["Patient ID", "HbA1c (%)", "Diastolic blood pressure"], **options)
    table = read_table(name, data)
    assert table.labels == {"Q1": "Patient ID", "Q2": "HbA1c (%)", "SBP": "Diastolic blood pressure"}
    mapping = suggest(Tables(table), builtin_catalogue()).mapping
    assert mapping.patient == "Q1"
    assert (mapping.columns["Q2"].variables, mapping.columns["Q2"].unit) == (("hba1c",), "%")
    assert mapping.columns["SBP"].variables == ("sbp",)


def test_values_declared_missing_are_missing_and_that_is_said(tmp_path: Path) -> None:
    frame = FRAME.assign(SCR=[88.4, 777.0, 999.0])
    labels = {"SCR": {999: "not done"}}
    data = written(pyreadstat.write_sav, tmp_path / "x.sav", frame, missing_ranges={"SCR": [{"lo": 777, "hi": 999}]}, variable_value_labels=labels)
    table = read_table("x.sav", data)
    assert table.columns["SCR"].to_pylist() == [88.4, None, None]
    assert [str(problem) for problem in table.problems] == ["column SCR: the file declares '777', 'not done' missing: 2 values read as missing."]


@pytest.mark.parametrize("name", ["x.sav", "x.dta", "v8.xpt"])
def test_times_of_day_are_cut_off_dates(name: str, tmp_path: Path) -> None:
    write, options = WRITERS[name]
    options = {**options, "variable_format": {"BRTHDT": "DATETIME20."}} if name == "v8.xpt" else options
    frame = FRAME.assign(BRTHDT=[datetime(1960, 2, 29, 23, 59), None, datetime(9999, 12, 31, 0, 0)])
    dates = read_table(name, written(write, tmp_path / name, frame, **options)).columns["BRTHDT"].to_pylist()
    assert dates == [date(1960, 2, 29), None, date(9999, 12, 31)]


def test_a_number_that_is_no_day_is_missing_and_said(tmp_path: Path) -> None:
    frame = FRAME.assign(BRTHDT=[0.0, 1e12, np.nan])
    data = written(pyreadstat.write_xport, tmp_path / "x.xpt", frame, file_format_version=5, variable_format={"BRTHDT": "DATE9."})
    table = read_table("x.xpt", data)
    assert table.columns["BRTHDT"].to_pylist() == [date(1960, 1, 1), None, None]
    assert "1 value is no date" in table.problems[0].message


@BOTH_WAYS
def test_no_cut_and_no_byte_changed_ends_in_a_traceback(name: str, tmp_path: Path) -> None:
    write, options = WRITERS[name]
    whole, chance = written(write, tmp_path / name, FRAME.assign(NOTE=["a", "", "b"]), **options), np.random.default_rng(20260131)
    for place in chance.integers(0, len(whole), 60):
        for data in (whole[:place], whole[:place] + bytes([int(chance.integers(256))]) + whole[place + 1 :]):
            with suppress(Unusable):
                assert load_cohort(name, data).patients > 0


@pytest.mark.parametrize(("encoding", "text"), [("latin-1", "Krankenhaus München, Größe"), ("gb18030", "患者 阴性 糖尿病")], ids=["Latin-1", "GB 18030"])
def test_text_in_another_encoding_is_read_and_said(encoding: str, text: str, tmp_path: Path) -> None:
    whole = written(pyreadstat.write_xport, tmp_path / "x.xpt", FRAME.assign(NOTE=[text] * 3), file_format_version=5)
    other = whole.replace(text.encode(), text.encode(encoding).ljust(len(text.encode())))
    table = read_table("x.xpt", other)
    assert table.columns["NOTE"].to_pylist() == [text] * 3
    assert f"it was read as {encoding}" in table.problems[0].message.casefold().replace("gb 18030", "gb18030")


def test_what_only_begins_like_such_a_file_is_refused() -> None:
    for head in ("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011", "24464c3240282329", "3c73746174615f6474613e3c6865616465723e"):
        with pytest.raises(Unusable, match="is cut off or damaged"):
            read_table("x", bytes.fromhex(head) + b"\x07" * 4000)
