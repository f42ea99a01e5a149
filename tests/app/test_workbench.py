"""The workbench page hands the ledger the core's numbers, and every proposal changes them to the core's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.intake import ColumnUse, Mapping, load_cohort
from feasibility.ledger.proposals import proposed
from feasibility.protocol import builtin_protocol
from feasibility.results.disclosure import SMALL, Rounding
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


def view(app: AppTest) -> dict[str, Any]:
    """What the ledger was handed."""
    (ledger,) = app.get("bidi_component")
    found: dict[str, Any] = json.loads(ledger.proto.json)
    return found


def propose(app: AppTest, **said: Any) -> None:
    """What the browser's part of the ledger would propose."""
    app.session_state["session"].propose(proposed, said)
    app.run()


def shows(app: AppTest, overview: Overview) -> None:
    """The headline and the funnel are those of the core."""
    assert not app.exception
    shown = view(app)
    assert [(each["label"], each["value"]) for each in shown["headline"]] == [(said.label, said.value) for said in wording.headlines(overview)]
    steps = {each["id"]: each["step"] for each in shown["rows"] if each["step"]}
    assert steps == {step.id: {"eligible": step.eligible, "undetermined": step.undetermined, "lost": step.lost} for step in overview.steps}


def query(app: AppTest) -> dict[str, str]:
    return {key: value[0] if isinstance(value, list) else value for key, value in dict(app.query_params).items()}


def test_what_a_link_gives_twice_holds_twice(core: Workbench) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.query_params["set"] = ["I5.egfr_min=25", "E5.ldl_max=4.5"]
    app.run()
    scenario = with_value(PROTOCOL, with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 25), "E5.ldl_max", 4.5)
    shows(app, core.overview(scenario))
    assert app.session_state["session"].scenario == scenario


def test_first_load_shows_the_sample_as_written(app: AppTest, core: Workbench) -> None:
    shows(app, core.overview(AS_WRITTEN))
    assert query(app) == {}
    assert app.button(key="undo").disabled
    assert app.button(key="as written").disabled


def test_a_moved_threshold_is_the_cores_and_stands_in_the_link(app: AppTest, core: Workbench) -> None:
    propose(app, kind="value", name="I5.egfr_min", value=15.0)
    moved = with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15.0)
    shows(app, core.overview(moved))
    assert query(app) == to_query(PROTOCOL, moved)


def test_a_chip_goes_back_on_its_change_alone(app: AppTest, core: Workbench) -> None:
    propose(app, kind="value", name="I5.egfr_min", value=15.0)
    propose(app, kind="switch", criterion="E5", on=False)
    assert [each["key"] for each in view(app)["chips"]] == ["I5.egfr_min", "E5 off"]
    propose(app, kind="undo", chip="I5.egfr_min")
    shows(app, core.overview(with_criterion_off(PROTOCOL, AS_WRITTEN, "E5")))


def test_undo_goes_back_step_by_step_and_as_written_all_the_way(app: AppTest, core: Workbench) -> None:
    propose(app, kind="value", name="I5.egfr_min", value=15.0)
    propose(app, kind="value", name="I5.egfr_min", value=12.0)
    app.button(key="undo").click().run()
    shows(app, core.overview(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15.0)))
    propose(app, kind="switch", criterion="I1", on=False)
    app.button(key="as written").click().run()
    shows(app, core.overview(AS_WRITTEN))
    app.button(key="undo").click().run()
    assert "I1" in query(app)["off"]


def test_redo_brings_back_what_was_undone_until_something_else_is_done(app: AppTest, core: Workbench) -> None:
    session = app.session_state["session"]
    for value in (15.0, 12.0):
        propose(app, kind="value", name="I5.egfr_min", value=value)
    for back_and_forth in (session.undo, session.undo, session.redo):
        back_and_forth()
    app.run()
    shows(app, core.overview(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15.0)))
    propose(app, kind="switch", criterion="I1", on=False)
    session.redo()
    app.run()
    assert query(app) == {"set": "I5.egfr_min=15", "off": "I1"}
    session.undo()
    session.undo()
    session.undo()
    app.run()
    shows(app, core.overview(AS_WRITTEN))


def test_the_preset_and_the_order_are_the_cores(app: AppTest, core: Workbench) -> None:
    app.button(key="preset trial-conduct").click().run()
    propose(app, kind="order", order="largest")
    shows(app, core.overview(with_order(PROTOCOL, with_preset(PROTOCOL, AS_WRITTEN, "trial-conduct"), Order.LARGEST_LOSS)))


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
    propose(app, kind="value", name="I5.egfr_min", value=15.0)
    before = query(app)
    propose(app, kind="value", name="I5.egfr_min", value=12.0)
    app.query_params["set"] = before["set"]
    app.run()
    shows(app, core.overview(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 12.0)))


def test_a_refused_change_is_said_until_the_next_and_changes_nothing(app: AppTest, core: Workbench) -> None:
    propose(app, kind="typed", name="I5.egfr_min", text="900")
    shows(app, core.overview(AS_WRITTEN))
    assert "outside" in view(app)["message"]
    app.run()
    assert "outside" in view(app)["message"]
    propose(app, kind="typed", name="I5.egfr_min", text="15")
    assert view(app)["message"] == ""


def test_the_ledger_follows_the_scenario_after_another_page_was_looked_at(app: AppTest, core: Workbench) -> None:
    propose(app, kind="value", name="I5.egfr_min", value=15.0)
    app.switch_page("pages/criteria.py").run()
    app.switch_page("pages/workbench.py").run()
    shows(app, core.overview(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15.0)))


def test_the_picture_shows_the_funnel(app: AppTest, core: Workbench) -> None:
    app.button(key="picture").click().run()
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    eligible = next(trace for trace in figure["data"] if trace.get("name") == wording.ELIGIBLE)["x"]
    assert eligible == [step.eligible for step in core.overview(AS_WRITTEN).steps]


def said_above_the_picture(app: AppTest) -> str:
    app.button(key="picture").click().run()
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    return " ".join(each["text"] for each in figure["layout"]["annotations"] if each.get("name") == "said")


def test_the_picture_says_what_it_shows_so_that_a_slide_needs_no_other_words(core: Workbench) -> None:
    app = opened({"set": "I5.egfr_min=15,I6.sbp_max=150", "off": "E11", "order": "largest"})
    scenario, _ = from_query(PROTOCOL, {"set": "I5.egfr_min=15,I6.sbp_max=150", "off": "E11", "order": "largest"})
    tally = core.overview(scenario).tally
    said = said_above_the_picture(app)
    assert "<b>Amimestrocel in diabetic kidney disease · NCT06969807</b>" in said
    assert "2,000 patients at 31 Jan 2026" in said
    assert f"{tally.eligible} eligible and {tally.undetermined} undetermined of 2,000 patients, on 17 of 21 criteria" in said
    assert f"Changed against as written ({core.overview(AS_WRITTEN).tally.eligible} eligible): I5 eGFR at least 15 mL/min/1.73m² (was 20 mL/min/1.73m²)" in said
    assert "I6 systolic at most 150 mmHg (was 160 mmHg)" in said
    assert "E11 Infection on IV antibiotics off" in said
    assert "Steps largest loss first." in said
    assert "rounded" not in said


def test_the_picture_as_written_and_with_small_counts_hidden_says_so(app: AppTest, core: Workbench) -> None:
    assert "As written: nothing is changed. Steps in the protocol's order." in said_above_the_picture(app)
    app.session_state["session"].small_hidden = True
    app.run()
    said = said_above_the_picture(app)
    tally = Rounding(SMALL, core.cohort.patients).tally(core.overview(AS_WRITTEN).tally)
    assert f"{tally.eligible} eligible and {tally.undetermined} undetermined of 2,000 patients" in said
    assert "Counts rounded to 10" in said


def test_a_page_opened_without_the_app_is_sent_through_it() -> None:
    page = AppTest.from_file(str(ROOT / "pages" / "workbench.py"), default_timeout=30)
    page.run()
    assert "page asked for" in page.session_state
    assert not page.get("bidi_component")


def test_scenarios_in_two_sessions_do_not_meet(core: Workbench) -> None:
    one, other = opened(), opened()
    propose(one, kind="value", name="I5.egfr_min", value=15.0)
    other.run()
    shows(other, core.overview(Scenario()))


def test_a_column_of_which_most_was_set_aside_is_told_beside_the_numbers_it_bears_on(app: AppTest) -> None:
    assert not any("cells set aside" in each.value for each in app.markdown)
    mapping = Mapping("patient_id", "index_date", columns={"creatinine (mg/dL)": ColumnUse(("creatinine",), unit="mg/dL", confirmed=frozenset({"unit"}))})
    rows = "".join(f"p{row},2026-01-31,{value}\n" for row, value in enumerate(["110", "120", "130", "1.1", "1.2"]))
    cohort = load_cohort("wrong.csv", f"patient_id,index_date,creatinine (mg/dL)\n{rows}".encode(), mapping=mapping)
    app.session_state["session"].use(cohort, PROTOCOL)
    app.run()
    assert any("cells set aside: creatinine (mg/dL) 3 of 5" in each.value.replace("&#40;", "(").replace("&#41;", ")") for each in app.markdown)
