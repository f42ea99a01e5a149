"""Near misses and missing data on the page: the core's numbers; single patients only when asked for, and never beside hidden counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.protocol import builtin_protocol
from feasibility.results.gaps import gaps
from feasibility.results.near import NOT_LISTED, near_counts
from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import AS_WRITTEN
from feasibility.ui import cohorts
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
    assert wording.near_said(counts) in app.markdown[1].value
    (table,) = app.dataframe
    assert table.value.iloc[:, 1].sum() == counts.passed
    assert not any("P0" in str(cell) for cell in table.value.to_numpy().ravel())
    app.toggle(key="near listed").set_value(True).run()
    assert not app.exception
    assert len(app.dataframe[1].value) == 200
    assert app.dataframe[1].value["Values"][0].startswith("HbA1c 9.1 % on")
    app.multiselect(key="near criteria").set_value(["I4"]).run()
    assert set(app.dataframe[1].value["Criterion"]) == {"I4 Nephrotic proteinuria"}
    assert len(app.dataframe[1].value) == next(each.passed for each in counts.criteria if each.id == "I4")


def test_single_patients_are_not_listed_while_small_counts_are_hidden() -> None:
    app = asked("Near misses")
    app.session_state["session"].small_hidden = True
    app.run()
    assert not app.exception
    assert [each.value for each in app.info] == [NOT_LISTED]
    assert len(app.dataframe) == 1
    assert (app.dataframe[0].value.iloc[:, 1] % 10 == 0).all()


def test_what_measuring_could_add_is_what_the_core_says(bench: Workbench, overview: Overview) -> None:
    app = asked("Missing data")
    found = gaps(bench.screener, overview)
    table = app.dataframe[0].value
    assert table.to_numpy().tolist() == [list(wording.gap_line(found, each, builtin_catalogue())) for each in found.gaps]
    app.session_state["session"].small_hidden = True
    app.run()
    assert (app.dataframe[0].value["People"] % 10 == 0).all()
