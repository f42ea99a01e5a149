"""The workbench page shows the core's numbers, and every control changes them to the core's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Overview, Workbench
from feasibility.scenario import (
    AS_WRITTEN,
    Order,
    Scenario,
    from_query,
    to_query,
    with_criterion_off,
    with_order,
    with_preset,
    with_rate,
    with_reading,
    with_value,
)
from feasibility.ui import cohorts

ROOT = Path(__file__).parents[2]
PROTOCOL = builtin_protocol()


@pytest.fixture(scope="module")
def core() -> Workbench:
    return Workbench(cohorts.sample(), PROTOCOL)


@pytest.fixture
def app() -> AppTest:
    return opened()


def opened(query: dict[str, str] | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for key, value in (query or {}).items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def shows(app: AppTest, overview: Overview) -> None:
    """The headline, and the figure's funnel, are those of the core."""
    assert not app.exception
    assert [(metric.label, metric.value) for metric in app.metric] == [(said.label, said.value) for said in wording.headlines(overview)]
    eligible = bars(app, wording.ELIGIBLE)
    assert eligible[: len(overview.steps)] == [step.eligible for step in overview.steps]
    assert bars(app, wording.LOST)[: len(overview.steps)] == [step.lost for step in overview.steps]


def bars(app: AppTest, name: str) -> list[Any]:
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    found = next(trace for trace in figure["data"] if trace.get("name") == name)["x"]
    assert isinstance(found, list)
    return found


def query(app: AppTest) -> dict[str, str]:
    return {key: value[0] if isinstance(value, list) else value for key, value in dict(app.query_params).items()}


def test_first_load_shows_the_sample_as_written(app: AppTest, core: Workbench) -> None:
    shows(app, core.overview(AS_WRITTEN))
    assert query(app) == {}
    assert app.button(key="undo").disabled
    assert app.button(key="as written").disabled


def test_a_moved_threshold_is_the_cores_and_stands_in_the_link(app: AppTest, core: Workbench) -> None:
    app.slider(key="value I5.egfr_min").set_value(15.0).run()
    moved = with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15.0)
    shows(app, core.overview(moved))
    assert query(app) == to_query(PROTOCOL, moved)


def test_a_threshold_without_limit_and_one_on_a_log_scale_move_too(app: AppTest, core: Workbench) -> None:
    app.select_slider(key="value I5.egfr_max").set_value(75.0).run()
    app.select_slider(key="value I4.uacr_above").set_value(30.0).run()
    moved = with_value(PROTOCOL, with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_max", 75.0), "I4.uacr_above", 30.0)
    shows(app, core.overview(moved))


def list_group(app: AppTest, group: str) -> None:
    """Have the list show another group of criteria."""
    next(each for each in app.get("button_group") if each.key == "group").set_value(group).run()


def test_a_criterion_switched_off_keeps_its_row(app: AppTest, core: Workbench) -> None:
    rows = len(bars(app, wording.ELIGIBLE))
    list_group(app, "Exclusion")
    app.toggle(key="on E5").set_value(False).run()
    shows(app, core.overview(with_criterion_off(PROTOCOL, AS_WRITTEN, "E5")))
    assert len(bars(app, wording.ELIGIBLE)) == rows


def test_another_reading_changes_which_thresholds_are_offered(app: AppTest, core: Workbench) -> None:
    list_group(app, "Exclusion")
    app.selectbox(key="reading E5").select("tg").run()
    shows(app, core.overview(with_reading(PROTOCOL, AS_WRITTEN, "E5", "tg")))
    offered = {slider.key for slider in app.slider}
    assert "value E5.tg_max" in offered
    assert "value E5.ldl_max" not in offered


def test_a_chip_goes_back_on_its_change_alone(app: AppTest, core: Workbench) -> None:
    app.slider(key="value I5.egfr_min").set_value(15.0).run()
    list_group(app, "Exclusion")
    app.toggle(key="on E5").set_value(False).run()
    app.button(key="chip I5.egfr_min").click().run()
    shows(app, core.overview(with_criterion_off(PROTOCOL, AS_WRITTEN, "E5")))
    list_group(app, "Inclusion")
    assert app.slider(key="value I5.egfr_min").value == 20.0


def test_undo_goes_back_step_by_step_and_as_written_all_the_way(app: AppTest, core: Workbench) -> None:
    app.slider(key="value I5.egfr_min").set_value(15.0).run()
    app.slider(key="value I5.egfr_min").set_value(12.0).run()
    app.button(key="undo").click().run()
    shows(app, core.overview(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15.0)))
    app.toggle(key="on I1").set_value(False).run()
    app.button(key="as written").click().run()
    shows(app, core.overview(AS_WRITTEN))
    app.button(key="undo").click().run()
    assert "I1" in query(app)["off"]


def test_the_preset_and_the_order_are_the_cores(app: AppTest, core: Workbench) -> None:
    app.button(key="preset trial-conduct").click().run()
    app.get("button_group")[0].set_value(Order.LARGEST_LOSS).run()
    shows(app, core.overview(with_order(PROTOCOL, with_preset(PROTOCOL, AS_WRITTEN, "trial-conduct"), Order.LARGEST_LOSS)))


def test_an_assumed_pass_rate_changes_only_who_is_expected_to_enrol(app: AppTest, core: Workbench) -> None:
    list_group(app, wording.NOT_IN_THE_DATA)
    app.slider(key="rate I8").set_value(10.0).run()
    shows(app, core.overview(with_rate(PROTOCOL, AS_WRITTEN, "I8", 0.1)))


CHANGED = {"set": "I5.egfr_min=15,I7.hba1c_max=inf", "reading": "E5=both", "off": "E11", "missing": "E7.hbsag=absent", "rate": "I8=0.4", "order": "largest"}


def test_a_link_brings_the_scenario_back(core: Workbench) -> None:
    scenario, problems = from_query(PROTOCOL, CHANGED)
    assert not problems
    app = opened(CHANGED)
    shows(app, core.overview(scenario))
    assert query(app) == to_query(PROTOCOL, scenario)


def test_what_a_link_asks_for_and_the_protocol_does_not_know_is_said(core: Workbench) -> None:
    app = opened({"set": "I5.egfr_min=15,nonsense=3,I1.age_min=900", "off": "Z9"})
    shows(app, core.overview(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15.0)))
    assert len(app.warning) == 3
    app.run()
    assert not app.warning


def test_a_run_with_the_address_of_a_moment_ago_does_not_bring_the_old_scenario_back(app: AppTest, core: Workbench) -> None:
    app.slider(key="value I5.egfr_min").set_value(15.0).run()
    before = query(app)
    app.slider(key="value I5.egfr_min").set_value(12.0).run()
    app.query_params["set"] = before["set"]
    app.run()
    shows(app, core.overview(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 12.0)))


def test_a_refused_change_is_said_and_changes_nothing(app: AppTest, core: Workbench) -> None:
    app.session_state["session"].propose(with_value, "I5.egfr_min", 900.0)
    app.run()
    shows(app, core.overview(AS_WRITTEN))
    assert "outside" in app.warning[0].value


def test_the_widgets_follow_the_scenario_after_another_page_was_looked_at(app: AppTest) -> None:
    app.slider(key="value I5.egfr_min").set_value(15.0).run()
    app.switch_page("pages/criteria.py").run()
    app.switch_page("pages/workbench.py").run()
    assert app.slider(key="value I5.egfr_min").value == 15.0


def test_a_page_opened_without_the_app_is_sent_through_it() -> None:
    page = AppTest.from_file(str(ROOT / "pages" / "workbench.py"), default_timeout=30)
    page.run()
    assert "page asked for" in page.session_state
    assert not page.metric


def test_scenarios_in_two_sessions_do_not_meet(core: Workbench) -> None:
    one, other = opened(), opened()
    one.slider(key="value I5.egfr_min").set_value(15.0).run()
    other.run()
    shows(other, core.overview(Scenario()))
