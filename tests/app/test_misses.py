"""Near misses and missing data on the page: the core's numbers; single patients only when asked for, and never beside hidden counts."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from oracle.both import protocol_of
from oracle.patients import cohort, columns_for, patient
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.protocol import builtin_protocol
from feasibility.results.gaps import gaps
from feasibility.results.near import MOST_SHOWN, Elsewhere, NotListed, near_counts, near_misses
from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_value
from feasibility.screening.explain import explained
from feasibility.ui import cohorts
from feasibility.ui.change import misses
from feasibility.ui.change.gaps import MOST_BARS
from feasibility.ui.session import Session
from feasibility.variables import builtin_catalogue

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench() -> Workbench:
    return Workbench(cohorts.sample(), builtin_protocol())


@pytest.fixture(scope="module")
def overview(bench: Workbench) -> Overview:
    return bench.overview(AS_WRITTEN)


def asked(section: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.run()
    app.switch_page("pages/change.py").run()
    app.segmented_control(key="change section").set_value(section).run()
    assert not app.exception
    return app


def test_nobody_is_listed_before_that_is_asked_for(overview: Overview) -> None:
    app = asked("Near misses")
    counts = near_counts(overview.losses, 2000, overview.tally.ineligible)
    assert app.subheader[0].value == wording.NEAR_HEAD
    assert app.markdown[1].value == f"**{wording.near_said(counts)}**, of 2,000 patients."
    (table,) = app.dataframe
    assert table.value.iloc[:, 1].sum() == counts.passed
    assert not any("P0" in str(cell) for cell in table.value.to_numpy().ravel())
    app.toggle(key="near listed").set_value(True).run()
    assert not app.exception
    assert len(app.dataframe[1].value) == 200
    (said,) = [each for each in app.caption if wording.NEAR_ALL_SAVED in each.value]
    assert said.value.endswith(wording.NEAR_CHOOSE)
    assert said.help == f"{wording.NEAR_ORDER} {wording.NEAR_SAVED}"
    assert not app.table
    first = app.dataframe[1].value.iloc[0]
    assert first["Values"].startswith("HbA1c 9.1 % on")
    assert list(first[["Own value", "Threshold now", "How far off", "Would pass at"]]) == ["9.1 %", "HbA1c below 9.0 %", "0.1 % over", "9.2 %"]
    app.multiselect(key="near criteria").set_value(["I4"]).run()
    assert set(app.dataframe[1].value["Criterion"]) == {"I4 Nephrotic proteinuria"}
    assert len(app.dataframe[1].value) == next(each.passed for each in counts.criteria if each.id == "I4")


def test_another_cohort_is_not_listed_because_one_before_was() -> None:
    app = asked("Near misses")
    app.toggle(key="near listed").set_value(True).run()
    assert len(app.dataframe) == 2
    app.session_state["session"].use(cohort([patient()], columns_for([patient()])), builtin_protocol())
    app.run()
    assert not app.exception
    assert not app.toggle(key="near listed").value


def test_where_nobody_is_listed_it_says_who_was_asked_for() -> None:
    """One patient fails one criterion only, and passes all others."""
    app = asked("Near misses")
    written = protocol_of("latest(hba1c) < 9")
    made = [patient(hba1c="10 @1d")]
    app.session_state["session"].use(cohort(made, columns_for(made)), written)
    app.run()
    app.toggle(key="near listed").set_value(True).run()
    assert app.dataframe[1].value["Patient"].tolist() == ["0"]
    app.selectbox(key="near elsewhere").set_value(Elsewhere.UNKNOWN).run()
    assert not app.exception
    assert app.caption[-1].value == "0 of 1 patient fail one criterion only and are unknown on another."


def saved_of(session: Session, elsewhere: Elsewhere = Elsewhere.PASSED, criteria: tuple[str, ...] = ()) -> misses.Saved:
    return misses.Saved(session.workbench.screener, session.overview, session.rounding, elsewhere, criteria)


def in_files(session: Session, elsewhere: Elsewhere, criteria: tuple[str, ...] = ()) -> tuple[list[list[str]], list[list[Any]], list[Any]]:
    """The rows of the CSV file, of the workbook, and what this says of itself."""
    saved = saved_of(session, elsewhere, criteria)
    table = list(csv.reader(io.StringIO(saved.csv()[1:])))
    sheet, _, about = ([[cell.value for cell in row] for row in each.iter_rows()] for each in load_workbook(io.BytesIO(saved.xlsx())))
    return table, sheet, [row[0] for row in about]


def saved_csv(session: Session) -> str:
    return saved_of(session).csv()[1:]


def test_the_files_hold_all_who_were_found_and_say_of_how_many(bench: Workbench, overview: Overview, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misses, "EXPLAINED_AT_ONCE", 70)
    session = Session(bench)
    counts = near_counts(overview.losses, 2000, overview.tally.ineligible)
    assert counts.passed > MOST_SHOWN
    table, sheet, said = in_files(session, Elsewhere.PASSED)
    found = f"{counts.passed} of 2,000 patients fail one criterion only and pass all others."
    about = [wording.title(session.protocol), wording.cohort_line(session.cohort), "Scenario: as written", found]
    assert said == about
    assert len(sheet) == 1 + counts.passed
    numbers = pd.read_csv(io.StringIO(saved_csv(session)))
    assert all(pd.api.types.is_float_dtype(numbers[name]) for name in [each for each in wording.NEAR_NUMBERS if each not in ("Parameter", "Unit", "Then")])
    assert pd.api.types.is_string_dtype(numbers["Patient"])
    assert table[0] == [*wording.NEAR_FILE, *(wording.name(session.protocol[each]) for each in overview.order)]
    assert len(table) == 1 + counts.passed
    assert set(numbers["Patient"]) <= set(session.cohort.ids.astype(str))
    on_page = saved_of(session)
    assert [tuple(row[: len(wording.NEAR_ROW)]) for row in table[1 : 1 + MOST_SHOWN]] == on_page.rows(*on_page.nearest())
    in_sheet = [["" if cell is None else str(cell) for cell in row] for row in sheet[1:]]
    assert in_sheet == [[re.sub(r"^(-?\d+)\.0$", r"\1", cell) for cell in row[: len(wording.NEAR_FILE)]] for row in table[1 : 1 + counts.passed]]
    one, _, of_one = in_files(session, Elsewhere.UNKNOWN, ("I4",))
    assert of_one[-1] == f"{len(one) - 1} of 2,000 patients fail only I4 and are unknown on another."


def verdicts_in_sheet(session: Session) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(saved_of(session).xlsx()))["verdicts"].iter_rows(values_only=True))


def test_the_files_hold_each_patients_whole_verdict(bench: Workbench, overview: Overview, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the workbook a row a patient and criterion, in the CSV a column a criterion: what the core found of each, the criterion failed and all others."""
    monkeypatch.setattr(misses, "EXPLAINED_AT_ONCE", 70)
    session = Session(bench)
    saved = saved_of(session)
    found = near_misses(bench.screener, overview, Elsewhere.PASSED, overview.order, session.rounding, 2000)
    head, *rows = verdicts_in_sheet(session)
    assert head == wording.VERDICT_FILE == ("Patient", "Criterion", "Outcome", "Explanation")
    index = wording.index_day(bench.screener.cohort)
    verdicts = explained(bench.screener, overview.screening, [each.patient for each in found.shown], overview.order)
    lines = [[wording.verdict_line(each, session.protocol, builtin_catalogue(), index) for each in verdict] for verdict in verdicts]
    expected = [[(miss.identifier, *line[:2], ". ".join(line[2])) for line in of] for miss, of in zip(found.shown, lines, strict=True)]
    assert rows == [line for of in expected for line in of]
    assert [line[1] for line in rows if line[2] == "fails"] == [wording.name(session.protocol[each.criterion]) for each in found.shown]
    table = list(csv.reader(io.StringIO(saved.csv()[1:])))
    assert [row[len(wording.NEAR_FILE) :] for row in table[1:]] == [[f"{outcome}: {said}" for *_, outcome, said in of] for of in expected]


def test_of_very_many_the_files_hold_the_whole_verdict_of_the_nearest_and_say_so(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misses, "MOST_EXPLAINED", 5)
    monkeypatch.setattr(misses, "EXPLAINED_AT_ONCE", 2)
    session = Session(bench)
    table, _, said = in_files(session, Elsewhere.PASSED)
    assert "The files hold all who were found, the nearest 5 with the whole verdict." in said[-1]
    assert {len(row) for row in table} == {len(table[0])}
    with_verdict = [all(row[len(wording.NEAR_FILE) :]) for row in table[1:]]
    assert with_verdict == [True] * 5 + [False] * (len(table) - 6)
    assert not any(cell for row in table[6:] for cell in row[len(wording.NEAR_FILE) :])
    assert list(dict.fromkeys(row[0] for row in verdicts_in_sheet(session)[1:])) == [row[0] for row in table[1:6]]


def test_a_patient_chosen_has_the_whole_verdict_beside_the_list_what_fails_first(overview: Overview) -> None:
    app = asked("Near misses")
    app.toggle(key="near listed").set_value(True).run()
    app.session_state["near list passed ()"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    first = app.dataframe[1].value.iloc[1]
    (verdict,) = app.table
    assert list(verdict.value.columns) == list(wording.VERDICT_LINE)
    assert list(verdict.value["Outcome"]) == ["fails", *["passes"] * (len(overview.order) - 1)]
    shown = verdict.value.iloc[0]
    assert (shown["Criterion"], shown["Explanation"]) == (first["Criterion"], wording.plain(first["Values"]))
    assert f"**{first['Patient']}** {first['Verdict']}" in [each.value for each in app.markdown]
    assert not any(wording.NEAR_CHOOSE in each.value for each in app.caption)


def test_the_files_say_what_was_changed_and_run_nothing() -> None:
    made = [patient(hba1c="9.5 @1d", uacr="2000 @1d"), patient(hba1c="9.5 @1d", uacr="2000 @1d")]
    loaded = replace(cohort(made, columns_for(made)), ids=np.array(["=1+1", "+2"], object), name="=3+3")
    session = Session(Workbench(loaded, builtin_protocol()))
    session.propose(with_criterion_off, "E5")
    table, _, said = in_files(session, Elsewhere.PASSED)
    assert [row[0] for row in table[1:3]] == ["'=1+1", "'+2"]
    of_sheet = load_workbook(io.BytesIO(saved_of(session).xlsx()))["verdicts"]
    first = of_sheet["A2"]
    assert (first.value, first.data_type, bool(first.quotePrefix)) == ("=1+1", "s", True)
    assert not any(cell.value == wording.name(session.protocol["E5"]) for cell in of_sheet["B"]), "what is off takes no part"
    assert said[1:3] == ["=3+3, 2 patients", "Scenario: E5 Severe hyperlipidaemia off"]


def test_single_patients_are_not_listed_while_small_counts_are_hidden() -> None:
    app = asked("Near misses")
    app.session_state["session"].small_hidden = True
    app.run()
    assert not app.exception
    assert [each.value for each in app.info] == [wording.NOT_LISTED]
    assert len(app.dataframe) == 1
    assert (app.dataframe[0].value.iloc[:, 1] % 10 == 0).all()


@pytest.mark.parametrize("file", ["csv", "xlsx"])
def test_no_file_of_single_patients_is_made_while_small_counts_are_hidden(bench: Workbench, file: str) -> None:
    session = Session(bench)
    session.small_hidden = True
    with pytest.raises(NotListed):
        getattr(saved_of(session), file)()


def test_what_measuring_could_add_is_what_the_core_says(bench: Workbench, overview: Overview) -> None:
    app = asked("Missing data")
    found = gaps(bench.screener, overview)
    table = app.dataframe[0].value
    assert table.to_numpy().tolist() == [list(wording.gap_line(found, each, builtin_catalogue())) for each in found.gaps]
    adding = sum(each.gained.high > 0 for each in found.gaps)
    assert 0 < adding < len(found.gaps)
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][-1]["text"]
    assert drawn == [wording.gap_name(each, builtin_catalogue()) for each in found.gaps[: min(adding, MOST_BARS)]]
    assert wording.gaps_not_drawn(max(adding - MOST_BARS, 0), len(found.gaps) - adding) in [each.value for each in app.caption]
    app.session_state["session"].small_hidden = True
    app.run()
    assert (app.dataframe[0].value["People"] % 10 == 0).all()


@pytest.mark.parametrize(
    ("smaller", "idle", "said"),
    [(0, 0, ""), (0, 1, "Only in the table: 1 gap that by itself could add nobody."),
     (2, 12, "Only in the table: 2 gaps that could add fewer and 12 gaps that by themselves could add nobody.")],
)  # fmt: skip
def test_the_gaps_that_are_not_drawn_are_said(smaller: int, idle: int, said: str) -> None:
    assert wording.gaps_not_drawn(smaller, idle) == said


def test_a_file_is_of_the_scenario_that_its_button_stood_beside(bench: Workbench) -> None:
    """It is made when it is asked for, and the scenario may have changed meanwhile: rows and heading are both of the one before."""
    session = Session(bench)
    offered = saved_of(session)
    before = offered.csv()
    session.propose(with_value, "I5.egfr_min", 30)
    assert saved_of(session).csv() != before
    assert offered.csv() == before
