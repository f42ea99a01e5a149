"""What may be saved of patients from a file: pictures only with small counts hidden, or when exact ones are asked for; lists only then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Workbench
from feasibility.ui import cohorts
from feasibility.ui.change import misses
from feasibility.ui.session import Session

ROOT = Path(__file__).parents[2]
SECTIONS = ("Thresholds", "Tornado", "Overlap", "Reach a target")


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()


def session(app: AppTest) -> Session:
    found = app.session_state["session"]
    assert isinstance(found, Session)
    return found


def from_a_file(app: AppTest) -> AppTest:
    session(app).use(load_cohort("clinic.csv", cohorts.SAMPLE_FILE.read_bytes()), session(app).protocol)
    return app.run()


def shared(app: AppTest) -> AppTest:
    app.switch_page("pages/workbench.py").run()
    app.session_state["share"] = True
    return app.run()


def menus(app: AppTest) -> list[Any]:
    """What the menu of each picture on the page holds."""
    return [json.loads(each.proto.config).get("modeBarButtons") for each in app.get("plotly_chart")]


def look(app: AppTest, section: str) -> AppTest:
    app.switch_page("pages/change.py").run()
    app.segmented_control(key="change section").set_value(section).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("section", SECTIONS)
def test_a_picture_of_patients_from_a_file_is_saved_once_that_is_decided(app: AppTest, section: str) -> None:
    look(app, section)
    assert all(menus(app)), "the sample is nobody's data"
    look(from_a_file(app), section)
    assert menus(app)
    assert not any(menus(app))
    assert wording.EXACT_NOT_SAVED in app.markdown[0].value
    assert "134 eligible of 2,000" in app.markdown[0].value, "on the screen it stays exact"
    session(app).small_hidden = True
    look(app, section)
    assert all(menus(app))
    assert "130 eligible of 2,000" in app.markdown[0].value
    assert "Counts rounded to 10, fewer shown as 10." in app.markdown[0].value
    session(app).small_hidden, session(app).exact_saved = False, True
    look(app, section)
    assert all(menus(app))
    assert wording.EXACT_NOT_SAVED not in app.markdown[0].value


def test_it_is_decided_under_share(app: AppTest) -> None:
    shared(app)
    assert [each.key for each in app.toggle] == ["small hidden"], "of the sample there is nothing to be decided"
    shared(from_a_file(app))
    assert not session(app).may_save
    app.toggle(key="exact saved").set_value(True).run()
    assert session(app).may_save
    app.toggle(key="small hidden").set_value(True).run()
    assert app.toggle(key="exact saved").disabled
    app.toggle(key="small hidden").set_value(False).run()
    app.toggle(key="exact saved").set_value(False).run()
    assert not session(app).may_save


def test_the_picture_of_the_workbench_is_no_exception(app: AppTest) -> None:
    from_a_file(app)
    app.button(key="picture").click().run()
    assert not any(menus(app))
    assert wording.EXACT_NOT_SAVED in [each.value for each in app.caption]


def test_lists_are_looked_at_and_not_saved(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the files hold is said only where they can be had."""
    monkeypatch.setattr(misses, "MOST_SHOWN", 1)
    look(from_a_file(app), "Near misses")
    app.toggle(key="near listed").set_value(True).run()
    assert len(app.dataframe) == 2
    assert len(app.dataframe[1].value) == 1

    def may_be_saved() -> list[bool]:
        said = any(wording.NEAR_ALL_SAVED in each.value for each in app.caption)
        return [said, *(not each.proto.disabled for each in app.get("download_button"))]

    assert may_be_saved() == [False, False, False]
    assert wording.NEAR_KEPT in [each.value for each in app.caption]
    app.toggle(key="exact saved").set_value(True).run()
    assert may_be_saved() == [True, True, True]
    app.toggle(key="exact saved").set_value(False).run()
    assert may_be_saved() == [False, False, False]


def test_of_the_sample_nothing_stands_in_the_way_of_saving_its_lists(app: AppTest) -> None:
    look(app, "Near misses")
    app.toggle(key="near listed").set_value(True).run()
    assert [each.proto.disabled for each in app.get("download_button")] == [False, False]
    assert wording.NEAR_KEPT not in [each.value for each in app.caption]
    assert "exact saved" not in [each.key for each in app.toggle]


def test_the_list_of_problems_goes_back_to_whoever_exported_the_file(app: AppTest) -> None:
    """It holds the file's own cells, and no result."""
    from_a_file(app).switch_page("pages/quality.py").run()
    app.segmented_control(key="quality section").set_value("Problems").run()
    assert [each.proto.disabled for each in app.get("download_button")] == [False]


def test_what_was_decided_of_one_cohort_holds_for_no_other() -> None:
    protocol, data = builtin_protocol(), b"\n".join(cohorts.SAMPLE_FILE.read_bytes().splitlines()[:40])
    held = Session(Workbench(load_cohort("one.csv", data), protocol))
    held.exact_saved = True
    held.use(held.cohort, protocol)
    assert held.may_save, "another protocol is no other cohort"
    held.use(load_cohort("other.csv", data), protocol)
    assert not held.may_save
    held.use(cohorts.sample(), protocol)
    assert held.may_save
