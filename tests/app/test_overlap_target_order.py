"""Overlap, targets and the order of screening on the page: the core's numbers, steps into the scenario and back, empty states, small counts."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from spec.test_screening_order import FAIL, Clause, Stage, protocol, workbench
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.intake import load_cohort
from feasibility.parameters import Number
from feasibility.protocol import builtin_protocol, read_protocol
from feasibility.results import overlap
from feasibility.results.by_stage import by_stage
from feasibility.results.dropping import Aim, dropping
from feasibility.results.relaxing import AT_ONCE, EFFORT, Allowance, Least, Point, Reached, front, reach, usual
from feasibility.results.requirements import requirements
from feasibility.results.screening_order import BesideCheapest, cheapest, cost_of
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_reading, with_value
from feasibility.ui.change import relaxing
from feasibility.ui.change import stages as stages_of_page
from feasibility.ui.change import wishes as wishes_of_page
from feasibility.ui.change.target import DROP, RELAX
from feasibility.ui.change.wishes import WISHES, Offered, Wish, limit_as_typed, take_typed
from feasibility.ui.session import Session
from feasibility.variables import builtin_catalogue

ROOT = Path(__file__).parents[2]
VIEWS = ("Overlap", "Reach a target", "Screening order")
ONE_PATIENT = b"patient_id,sex,index_date,hba1c_percent,hba1c_date\na,male,2026-01-31,12.5,2026-01-10\n"
ONE_CRITERION = """title = "One"
[[criterion]]
id = "A"
role = "inclusion"
label = "Adult"
text = "18 years or older"
[criterion.parameters]
age_min = { value = 18, min = 0, max = 100, step = 1, unit = "years", loosens = "down", label = "age at least" }
[[criterion.reading]]
id = "plain"
label = "plain"
join = "all"
[[criterion.reading.limb]]
label = "age"
rule = "age >= age_min"
"""


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    return app.run()


def session(app: AppTest) -> Session:
    found = app.session_state["session"]
    assert isinstance(found, Session)
    return found


def look(app: AppTest, view: str, way: str = DROP) -> AppTest:
    app.switch_page("pages/change.py").run()
    app.segmented_control(key="change section").set_value(view).run()
    if way != DROP:
        app.segmented_control(key="how to reach").set_value(way).run()
    assert not app.exception
    return app


def figure(app: AppTest, place: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(app.get("plotly_chart")[place].proto.spec)
    return found


def said(app: AppTest) -> str:
    return "\n".join(each.value for each in (*app.markdown, *app.caption, *app.info, *app.warning))


# Overlap


def test_what_each_criterion_costs_is_counted_three_ways(app: AppTest) -> None:
    look(app, "Overlap")
    losses = sorted(session(app).overview.losses, key=lambda each: -each.share)
    bars = [trace for trace in figure(app, 0)["data"] if trace["type"] == "bar"]
    assert [bar["x"] for bar in bars] == [[each.fails for each in losses], [each.only_fail for each in losses], [each.share for each in losses]]
    assert bars[0]["text"][0] == " 547 · 27.4 %"
    assert sum(bars[2]["x"]) == pytest.approx(session(app).overview.tally.ineligible)


def test_where_nobody_is_ineligible_it_says_that_nothing_is_failed(app: AppTest) -> None:
    session(app).use(session(app).cohort, read_protocol(ONE_CRITERION, builtin_catalogue()))
    look(app, "Overlap")
    assert [each.value for each in app.info] == ["Nobody fails a criterion: there is no loss to attribute, and nothing is failed together."]


def test_the_sets_failed_together_are_those_of_the_core_and_the_rest_is_said(app: AppTest) -> None:
    look(app, "Overlap")
    overview = session(app).overview
    found = overlap.failed_together(overview.patterns, overview.order, 20)
    drawn = figure(app, 1)
    (bars,) = (trace for trace in drawn["data"] if trace["type"] == "bar")
    assert bars["y"] == [each.patients for each in found.sets]
    filled = drawn["data"][-1]
    assert len(filled["x"]) == sum(len(each.criteria) for each in found.sets)
    assert f"and {found.further} more sets,<br>{found.further_patients} patients" in [each["text"] for each in drawn["layout"]["annotations"]]


def test_redundancy_is_said_with_its_denominators_and_what_was_not_found_too(app: AppTest) -> None:
    look(app, "Overlap")
    text = said(app)
    (pairs,) = (each.value for each in app.dataframe if "By chance" in each.value)
    (pair,) = pairs.to_dict("records")
    assert pair == {
        "First": "I3 Biopsy-proven DKD",
        "Second": "E1 Other kidney disease",
        "Both known": 1960,
        "Fail first": 138,
        "Fail second": 230,
        "Fail both": 90,
        "By chance": 16.2,
        "Times": 5.56,
        "Second, if first failed / passed": "65.2 % / 7.7 %",
        "First, if second failed / passed": "39.1 % / 2.8 %",
    }
    assert "None: of no criterion that at least 30 fail" in text
    assert "**E10 Reproduction**: who fails it fails another too, or is unknown on one." in text


def test_in_the_tables_of_pairs_small_counts_are_hidden_too(app: AppTest) -> None:
    look(app, "Overlap")
    held = session(app)
    implied, pair = overlap.Implication("E1", "I3", 36, 38, 3, 51, 137), overlap.Associated(("I1", "I7"), 33, 47, 58, 149, 0.01)
    apart = overlap.Associated(("I4", "I6"), 1, 47, 58, 149, 0.01)
    found = overlap.Redundancy(2000, (), (), (), (implied,), (pair,), (apart,), 3)
    held._worked_out["redundancy"] = held.scenario, found
    held.small_hidden = True
    app.run()
    tables = [each.value for each in app.dataframe]
    assert [len(each.columns) for each in tables] == [7, 6, 6], "percentages would be of the rounding"
    counts = [count for each in tables for count in each.select_dtypes("number").to_numpy().ravel()]
    assert len(counts) == 13
    assert not [each for each in counts if each % 10]


def test_an_implication_names_both_shares() -> None:
    protocol = read_protocol(ONE_CRITERION, builtin_catalogue())
    found = overlap.Implication("A", "A", both=36, fails=40, unknown=3, fails_other=50, known=100)
    row = dict(zip(wording.IMPLIED_ROW, wording.implied_row(protocol, found, 0), strict=True))
    assert {each: row[each] for each in ("Fail the one", "Fail both", "Of the one", "Unknown")} == {
        "Fail the one": 40, "Fail both": 36, "Of the one": "90.0 %", "Unknown": 3,
    }  # fmt: skip
    assert (row["Both known"], row["Fail the other"], row["Of all"]) == (100, 50, "50.0 %")
    hidden = wording.implied_row(protocol, found, 10)
    assert list(row.values())[: len(hidden)] == list(hidden)
    assert not any("%" in str(each) for each in hidden)


# Reach a target


def test_the_best_sets_are_drawn_with_their_counts_and_the_fewest_for_the_target_is_said(app: AppTest) -> None:
    look(app, "Reach a target")
    overview = session(app).overview
    best = dropping(overview.patterns, overview.order)[Aim.ELIGIBLE].sets[:9]
    bars = [trace for trace in figure(app, 0)["data"] if trace["type"] == "bar"]
    assert [bar["x"] for bar in bars] == [[each.eligible for each in best], [each.undetermined for each in best]]
    assert app.number_input(key="target").value == 265  # of the 134 eligible 60.7 are expected to enrol: 120 take 265
    assert "makes 265 eligible: 1**, I4 Nephrotic proteinuria; then 361 are eligible and 189 undetermined. Proven" in said(app)
    assert "The best set of 7 does not hold the whole one before" in said(app)
    app.segmented_control(key="target counts").set_value(Aim.NOT_INELIGIBLE).run()
    assert "265 eligible or undetermined is reached as it stands" in said(app)
    app.toggle(key="all sets").set_value(True).run()
    assert figure(app, 0)["data"][2]["x"][-1] == 2000


def popovers(app: AppTest) -> int:
    def inside(block: Any) -> int:
        return (block.type == "popover") + sum(inside(child) for child in getattr(block, "children", {}).values())

    return inside(app._tree)


def test_all_sets_that_reach_the_target_are_offered_while_exact_counts_are_shown(app: AppTest) -> None:
    look(app, "Reach a target")
    assert popovers(app) == 1
    app.number_input(key="target").set_value(134).run()
    assert not popovers(app), "it is reached as it stands"
    app.number_input(key="target").set_value(300).run()
    session(app).small_hidden = True
    app.run()
    assert "makes 300 eligible: 1**" in said(app)
    assert not popovers(app), "by another target and another each exact number could be found"


def test_readings_that_alone_reach_the_target_are_named(app: AppTest) -> None:
    look(app, "Reach a target")
    workbench, protocol = session(app).workbench, session(app).protocol
    eligible = {
        (criterion.id, reading.id): workbench.overview(with_reading(protocol, AS_WRITTEN, criterion.id, reading.id)).tally.eligible
        for criterion in protocol.criteria
        for reading in criterion.readings
    }
    most = max(eligible.values())
    best = [f"{owner} {protocol[owner].reading(reading).label} ({most})" for (owner, reading), each in eligible.items() if each == most]
    assert len(best) == 2, "of two collections the mean is the median"
    labels = [each.rpartition(" (")[0] for each in best]
    assert f"No other reading alone reaches it: most are eligible with {' or '.join(labels)} ({most})." in said(app)
    app.number_input(key="target").set_value(most).run()
    assert f"with all else as it is, each of these alone reaches it: {' and '.join(best)}." in said(app)
    app.segmented_control(key="how to reach").set_value(RELAX).run()
    assert "each of these alone reaches it" in said(app)
    app.segmented_control(key="how to reach").set_value(DROP).run()
    app.segmented_control(key="target counts").set_value(Aim.NOT_INELIGIBLE).run()
    assert "reaches it:" not in said(app), "of readings the eligible are counted"
    app.segmented_control(key="target counts").set_value(Aim.ELIGIBLE).run()
    app.number_input(key="target").set_value(134).run()
    assert "reaches it" not in said(app), "it is reached as it stands"


def test_a_set_is_taken_in_one_step_and_undone_in_one(app: AppTest) -> None:
    look(app, "Reach a target")
    app.button(key="drop 2").click().run()
    assert session(app).scenario.off == {"I4", "E5"}
    assert "548 eligible of 2,000" in said(app)
    assert app.number_input(key="target").value == 265, "the target wished for does not follow the scenario"
    app.button(key="undo").click().run()
    assert session(app).scenario == AS_WRITTEN
    assert "134 eligible of 2,000" in said(app)


def test_the_target_outlives_a_turn_to_another_page(app: AppTest) -> None:
    look(app, "Reach a target")
    app.number_input(key="target").set_value(600).run()
    assert "makes 600 eligible: 3**" in said(app)
    app.switch_page("pages/criteria.py").run()
    look(app, "Reach a target")
    assert app.number_input(key="target").value == 600


def test_beside_the_target_stands_what_enrolling_as_planned_takes(app: AppTest) -> None:
    look(app, "Reach a target")
    assert "134 of 2,000 eligible now, 308 undetermined. To enrol 120 as planned takes about 265 (45.3 % enrol)." in said(app)
    overview = session(app).overview
    assert "no rate" not in wording.enrolling_explained(overview)
    without = replace(overview, assumed=(replace(overview.assumed[0], given=False), *overview.assumed[1:]))
    enrolling = overview.enrolling
    assert "takes at least 265 (45.3 % enrol)" in wording.target_beside(without, 120, enrolling, 0)
    assert wording.target_beside(overview, 120, enrolling, 10).endswith("takes about 270."), "the quotient of two rounded numbers is no share"
    assert wording.target_beside(overview, 1200, enrolling, 10).endswith("takes about 2,650."), "more than there are patients"
    assert "1 criterion that the data cannot show has no rate, and count as 100 %" in wording.enrolling_explained(without)
    everybody = replace(overview, expected=float(overview.tally.eligible), assumed=())
    assert wording.target_beside(everybody, 120, everybody.enrolling, 0).endswith("undetermined. To enrol 120 as planned takes 120.")
    assert wording.target_beside(overview, 120, 0.0, 0).endswith("nobody enrols: no number makes the 120 planned.")
    assert wording.target_beside(overview, None, enrolling, 0).endswith("undetermined.")


def test_what_is_as_loose_as_it_can_be_is_said_and_not_offered(app: AppTest) -> None:
    look(app, "Reach a target", RELAX)
    assert "As loose as they can be already: I5 eGFR at most (no limit)." in said(app)
    session(app).propose(with_value, "I4.uacr_above", 30)
    session(app).propose(with_value, "I7.hba1c_max", math.inf)
    app.run()
    assert "As loose as they can be already: I4 UACR above 30 mg/g, I5 eGFR at most (no limit) and I7 HbA1c below (no limit)." in said(app)
    assert not any("UACR above" in str(each) for each in app.dataframe[-1].value["Parameter"])


def test_the_path_is_that_of_the_core_and_each_step_takes_what_came_before_it(app: AppTest) -> None:
    look(app, "Reach a target", RELAX)
    held = session(app)
    needed = requirements(held.workbench, AS_WRITTEN)
    found = reach(needed, 265, usual(needed))
    assert found.proven
    assert wording.target_reached(found) in said(app)
    assert any(wording.plain(wording.CONCESSION_EXPLAINED) in each.help for each in app.markdown)
    for number, move in enumerate(found.moves, start=1):
        parameter = next(each for each in needed.parameters if each.name == move.parameter)
        for cell in wording.relaxing_step(parameter, move, number):
            assert wording.plain(cell) in [each.value for each in app.markdown]
    assert [app.button(key=f"take step {number}").label for number in (1, 2, 3)] == ["Take step 1", "Take steps 1–2", "Take steps 1–3"]
    app.button(key="take step 2").click().run()
    scenario = AS_WRITTEN
    for move in found.moves[:2]:
        scenario = with_value(held.protocol, scenario, move.parameter, move.to)
    assert held.scenario == scenario
    assert f"{found.moves[1].eligible} eligible of 2,000" in said(app)
    app.button(key="undo").click().run()
    assert held.scenario == AS_WRITTEN


def test_the_fewest_moves_are_asked_for_beside_the_least_concession(app: AppTest) -> None:
    look(app, "Reach a target", RELAX)
    needed = requirements(session(app).workbench, AS_WRITTEN)
    least, few = (reach(needed, 265, usual(needed), each) for each in Least)
    assert (len(few.moves), few.proven) < (len(least.moves), True)
    assert few.cost > least.cost
    assert wording.GREEDY_ORDER in said(app)
    app.segmented_control(key="least of").set_value(Least.MOVES).run()
    assert not app.exception
    assert wording.target_reached(few) in said(app)
    assert "concedes" not in said(app)
    app.button(key=f"take step {len(few.moves)}").click().run()
    assert session(app).overview.tally.eligible == few.eligible
    assert f"The scenario itself concedes {few.cost:.2f} beyond" in said(app)
    assert app.dataframe[-1].value["One step hurts"].tolist()[0] == "1 year: 0.037"
    steps = dict(zip(app.dataframe[-1].value["Parameter"], app.dataframe[-1].value["One step hurts"], strict=True))
    assert steps["I4 UACR above"] == "10 mg/g: 0.0029 (log)"


def test_the_longer_search_goes_on_from_what_was_found_at_once(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, tuple[float, ...]]] = []

    def seen(*given: Any, effort: float = EFFORT, known: tuple[Point, ...] = ()) -> Reached:
        found = reach(*given, effort=effort, known=known)
        asked.append((found.cost, tuple(each.cost for each in known if each.eligible >= 300)))
        return found

    monkeypatch.setattr(relaxing.relaxing, "reach", seen)
    look(app, "Reach a target", RELAX)
    asked.clear()
    app.number_input(key="target").set_value(300).run()
    (at_once, from_front), (_, from_it) = asked
    assert at_once < min(from_front)
    assert min(from_it) == pytest.approx(at_once)


def test_what_is_found_at_once_stands_until_a_longer_search_is_done(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = requirements(session(app).workbench, AS_WRITTEN)
    points = front(needed, usual(needed))
    at_once, longer = (reach(needed, 300, usual(needed), effort=effort, known=points) for effort in (AT_ONCE, EFFORT))
    assert (at_once.proven, longer.proven) == (False, True)
    assert longer.cost < at_once.cost
    look(app, "Reach a target", RELAX)
    with monkeypatch.context() as held:
        held.setattr(relaxing.st, "rerun", lambda: None)
        app.number_input(key="target").set_value(300).run()
        assert wording.target_reached(at_once, searching=True) in said(app)
        assert app.button(key=f"take step {len(at_once.moves)}")
    app.run()
    assert not app.exception
    assert wording.target_reached(longer) in said(app)
    app.number_input(key="target").set_value(301).run()
    app.number_input(key="target").set_value(300).run()
    assert wording.SEARCHING[Least.CONCESSION] not in said(app)


@pytest.mark.parametrize(("limit", "steps"), [(math.inf, True), (12.0, False)])
def test_of_a_step_to_no_limit_it_is_said_that_who_has_no_value_passes_too(app: AppTest, limit: float, steps: bool) -> None:
    all_of_them = usual(requirements(session(app).workbench, AS_WRITTEN))
    wishes = {name: Wish(False, each) for name, each in all_of_them.items()}
    app.session_state[WISHES] = {**wishes, "I7.hba1c_max": Wish(True, Allowance(limit))}
    look(app, "Reach a target", RELAX)
    app.number_input(key="target").set_value(2000).run()
    assert ("With no limit, patients with no value at all pass too: I7 HbA1c below." in said(app)) is steps


def test_only_what_may_move_moves_and_only_as_far_as_allowed(app: AppTest) -> None:
    needed = requirements(session(app).workbench, AS_WRITTEN)
    everything = usual(needed)
    allowed = {"E5.ldl_max": Allowance(4.5, 2.0), "I7.hba1c_max": Allowance(9.6, 0.5)}
    app.session_state[WISHES] = {name: Wish(name in allowed, allowed.get(name, everything[name])) for name in needed.names}
    look(app, "Reach a target", RELAX)
    found = reach(needed, 265, allowed)
    assert not found.within_reach
    assert "265 eligible is out of reach" in said(app)
    assert f"{found.eligible} are eligible of 2,000 patients" in said(app)
    table = app.dataframe[0].value.set_index("Parameter")
    assert list(table.loc["E5 LDL cholesterol below", ["May move", "As far as", "Hurts"]]) == [True, "4.5", 2.0]


def test_of_a_target_beyond_all_patients_it_is_said_that_it_is_out_of_reach(app: AppTest) -> None:
    look(app, "Reach a target", DROP)
    app.number_input(key="target").set_value(2001).run()
    assert "No set of criteria makes 2,001 eligible**: with all of them off there are 2,000." in said(app)
    look(app, "Reach a target", RELAX)
    assert "2,001 eligible is out of reach** by what may move" in said(app)
    assert not app.exception


def test_of_two_judged_together_both_move(app: AppTest) -> None:
    """Systolic and diastolic of one visit: together they bring more than either alone."""
    workbench = session(app).workbench
    everything = requirements(workbench, AS_WRITTEN)
    assert {"I6.sbp_max", "I6.dbp_max"} <= set(everything.names)
    both = {"I6.sbp_max": Allowance(180.0), "I6.dbp_max": Allowance(120.0)}
    app.session_state[WISHES] = {name: Wish(name in both, both.get(name, each)) for name, each in usual(everything).items()}
    look(app, "Reach a target", RELAX)
    found = reach(requirements(workbench, AS_WRITTEN, list(both)), 265, both)
    alone = [reach(requirements(workbench, AS_WRITTEN, [name]), 265, {name: each}).eligible for name, each in both.items()]
    assert everything.eligible < max(alone) < found.eligible
    assert wording.target_reached(found) in said(app)


def test_of_three_judged_together_the_third_moves_once_another_cannot(app: AppTest) -> None:
    """The gap that joins courses has no tick while days ago and days of a course may move; it has one once courses are as long as they may be."""
    look(app, "Reach a target", RELAX)

    def ticked() -> dict[str, bool]:
        table = app.dataframe[0].value
        return {name: may for name, may in zip(table["Parameter"], table["May move"], strict=True) if name.startswith("E2")}

    assert ticked() == {"E2 drug within": True, "E2 drug for more than": True, "E2 gap that joins courses": False}
    assert "E2 gap that joins courses (judged together with E2 drug within and E2 drug for more than: let one of them stay to move it)" in said(app)
    session(app).propose(with_value, "E2.course_above", 90.0)
    app.run()
    assert not app.exception
    assert ticked() == {"E2 drug within": True, "E2 gap that joins courses": True}


def test_ticks_follow_a_reading_that_no_longer_judges_three_together_and_back(app: AppTest) -> None:
    """Neither names nor values change; nothing was said of either, so nothing is kept."""
    look(app, "Reach a target", RELAX)

    def ticked() -> bool:
        table = app.dataframe[0].value.set_index("Parameter")
        return bool(table.loc["E2 gap that joins courses", "May move"])

    assert not ticked()
    written = session(app).scenario
    session(app).propose(with_reading, "E2", "or")
    app.run()
    assert ticked()
    session(app).propose(lambda protocol, scenario: written)
    app.run()
    assert not ticked()
    assert app.session_state[WISHES] == {}


def test_what_is_typed_of_parameters_is_kept_where_it_differs_from_the_usual_or_said() -> None:
    ldl, uacr = (builtin_protocol().parameters[name] for name in ("E5.ldl_max", "I4.uacr_above"))
    assert isinstance(ldl, Number)
    assert isinstance(uacr, Number)
    offered = (Offered(ldl, 4.1, 6.5, True), Offered(uacr, 1000.0, 30.0, True))
    kept: dict[str, Wish] = {}
    assert take_typed(kept, offered, {0: {"Hurts": 2, "As far as": "5"}, 1: {"May move": False}}) == []
    assert kept == {"E5.ldl_max": Wish(True, Allowance(5.0, 2.0)), "I4.uacr_above": Wish(False, Allowance(30.0))}
    notes = take_typed(kept, offered, {0: {"Hurts": 0}, 1: {"Hurts": None, "As far as": "20"}})
    assert [note.partition(":")[0] for note in notes] == ["E5 LDL cholesterol below, hurts", "I4 UACR above, as far as", "I4 UACR above, hurts"]
    assert "0 is no number above 0; it stays 2." in notes[0]
    assert kept == {"E5.ldl_max": Wish(True, Allowance(5.0, 2.0)), "I4.uacr_above": Wish(False, Allowance(30.0))}
    assert take_typed(kept, offered, {0: {"Hurts": 1, "As far as": "6.5"}, 1: {"May move": True}}) == []
    assert kept == {}


def test_all_ticks_go_at_once_and_come_back(app: AppTest) -> None:
    look(app, "Reach a target", RELAX)
    app.button(key="none may move").click().run()
    assert not app.dataframe[0].value["May move"].any()
    assert wording.NOTHING_ALLOWED in [each.value for each in app.info]
    app.button(key="move as usual").click().run()
    assert app.dataframe[0].value["May move"].sum() == len(requirements(session(app).workbench, AS_WRITTEN).names)
    assert app.session_state[WISHES] == {}


def test_a_limit_is_no_looser_than_typed_and_within_the_range() -> None:
    uacr, ldl, biopsy, angina = (builtin_protocol().parameters[name] for name in ("I4.uacr_above", "E5.ldl_max", "I3.biopsy_window", "E3.angina_window"))
    for parameter in (uacr, ldl, biopsy, angina):
        assert isinstance(parameter, Number)
    assert [limit_as_typed(uacr, 1000.0, text) for text in ("34", "37", "40 mg/g", "999", "1,000")] == [40, 40, 40, 1000, 1000]
    assert [limit_as_typed(ldl, 4.1, text) for text in ("4.5", "4.53 mmol/L", "4.59", "4.1")] == [4.5, 4.5, 4.5, 4.1]
    assert [limit_as_typed(biopsy, 10.0, text) for text in ("12.4", "no limit")] == [12, math.inf]
    with pytest.raises(ValueError, match="lies outside 1 to 60 months"):
        limit_as_typed(angina, 6.0, "0.4")
    with pytest.raises(ValueError, match="cannot be without limit at that end"):
        limit_as_typed(angina, 6.0, "no limit")
    with pytest.raises(ValueError, match="1,500 mg/g is stricter than it is now, 1,000 mg/g"):
        limit_as_typed(uacr, 1000.0, "1500")


def test_what_cannot_be_taken_as_typed_is_said_and_the_table_shows_what_holds(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said until something else is typed."""
    typed = {"E5 LDL cholesterol below": "99", "I4 UACR above": "455", "I5 eGFR at least": "50", "I7 HbA1c below": "9.3 g"}
    waiting: list[dict[str, str]] = []
    real = wishes_of_page.st.data_editor

    def typing(table: pd.DataFrame, **options: Any) -> pd.DataFrame:
        if waiting:
            rows = list(table["Parameter"])
            wishes_of_page.take_edited(options["args"][0], {rows.index(name): {"As far as": text} for name, text in waiting.pop().items()})
            wishes_of_page.st.rerun()
        return real(table, **options)

    look(app, "Reach a target", RELAX)
    needed = requirements(session(app).workbench, AS_WRITTEN)
    monkeypatch.setattr(wishes_of_page.st, "data_editor", typing)
    waiting.append(typed)
    app.run()
    assert not app.exception
    warned = "\n".join(each.value for each in app.warning)
    assert "E5 LDL cholesterol below, as far as: 99 lies outside 2.6 to 6.5 mmol/L. It stays as it was." in warned
    assert "I4 UACR above, as far as: 455 lies between steps of 10 mg/g; it is taken as 460 mg/g, no looser than typed." in warned
    assert "I5 eGFR at least, as far as: 50 mL/min/1.73m² is stricter than it is now, 20 mL/min/1.73m²" in warned
    assert "I7 HbA1c below, as far as: “9.3 g” is not a number in %" in warned
    limits = app.dataframe[0].value.set_index("Parameter")["As far as"]
    assert [limits[each] for each in typed] == ["6.5", "460", "10", "no limit"]
    allowed = {**usual(needed), "I4.uacr_above": Allowance(460.0)}
    assert wording.target_reached(reach(needed, 265, allowed)) in said(app)
    app.run()
    assert len(app.warning) == 4
    waiting.append({"I4 UACR above": "500"})
    app.run()
    assert not app.exception
    assert not app.warning


def test_nothing_allowed_is_said(app: AppTest) -> None:
    needed = requirements(session(app).workbench, AS_WRITTEN)
    app.session_state[WISHES] = {name: Wish(False, each) for name, each in usual(needed).items()}
    look(app, "Reach a target", RELAX)
    assert wording.NOTHING_ALLOWED in said(app)


# Screening order


def test_the_order_shown_and_the_cheapest_are_those_of_the_core(app: AppTest) -> None:
    look(app, "Screening order")
    held = session(app)
    found = by_stage(held.workbench.screener, held.overview.screening, held.overview.patterns, held.overview.order)
    shown, best = cost_of(found, [each.id for each in held.protocol.stages]), cheapest(found)
    assert best is not None
    costs = [wording.relative_cost(each) for each in (shown.per_screened, shown.per_eligible, shown.per_expected)]
    assert [each.value for each in app.metric] == [*costs, "32.9"]
    assert [each.label.partition("(")[2] for each in app.metric] == ["of 2,000)", "of 134)", "of 61)", ""]
    assert f"cheapest {wording.relative_cost(best.per_screened)}" in app.metric[0].delta
    for place, cost in ((0, shown), (1, best)):
        bars = [trace for trace in figure(app, place)["data"] if trace["type"] == "bar"]
        assert bars[1]["x"] == pytest.approx([each.stopped for each in cost.stages])
        assert [sum(each) for each in zip(*(bar["x"] for bar in bars), strict=True)] == pytest.approx([each.reaching for each in cost.stages])
    assert figure(app, 0)["layout"]["xaxis"]["range"] == figure(app, 1)["layout"]["xaxis"]["range"], "bars of one length are as many patients in both"
    heads = [{each["text"] for each in figure(app, place)["layout"]["annotations"]} for place in (0, 1)]
    assert ("Change" in heads[0], "Change" in heads[1]) == (False, True)
    (changed,) = (trace for trace in figure(app, 1)["data"] if "−5,189" in trace.get("text", ()))
    assert changed["text"][:4] == ["0", "0", "+372", "+42.5"]
    why = wording.why_cheaper(held.protocol, BesideCheapest.DEARER, shown, best)
    assert "“Biopsy slides reviewed” comes after “Consent visit”, “Vital signs”, “Bloods and spot urine” and “24-hour urine, twice”: 1,038 fewer" in why
    assert "which saves 5,189 (623 of them stopped before by the pass rate assumed at “Consent visit”)." in why
    assert wording.plain(why) in [each.value for each in app.caption]
    app.button(key="take cheapest").click().run()
    assert "Why it is cheaper" not in said(app)
    assert "Change" not in {each["text"] for each in figure(app, 1)["layout"]["annotations"]}
    assert wording.SAME_AS_CHEAPEST in said(app)
    assert held.scenario == AS_WRITTEN, "the order of screening is no part of the scenario"
    assert "It costs 27.0 % less than that of the protocol." in said(app)
    app.button(key="order back").click().run()
    assert wording.SAME_AS_CHEAPEST not in said(app)
    assert app.button(key="stages back").disabled


def test_an_order_that_cannot_be_kept_is_said_and_costs_given_here_leave_the_protocol_alone(app: AppTest) -> None:
    look(app, "Screening order")
    held, text = session(app), session(app).protocol.text
    ids = [each.id for each in held.protocol.stages]
    swapped = ("consent", *(each for each in ids if each != "consent"))
    app.session_state[stages_of_page.PLANNED] = stages_of_page.Planned(swapped, {"consent": 40.0})
    app.run()
    assert "This order cannot be kept: Consent visit stands before Records query" in said(app)
    assert sum("cannot be kept" in each.value for each in app.warning) == 2, "above the numbers, and where it was typed"
    table = app.dataframe[0].value
    assert list(table.iloc[0][["Place", "Stage", "Relative cost"]]) == [1, "Consent visit", 40.0]
    assert held.protocol.text == text
    found = by_stage(held.workbench.screener, held.overview.screening, held.overview.patterns, held.overview.order).at_costs({"consent": 40.0})
    assert app.metric[0].value == wording.relative_cost(cost_of(found, swapped).per_screened)
    app.button(key="stages as protocol").click().run()
    assert app.dataframe[0].value["Stage"].iloc[0] == "Records query"
    assert app.metric[0].value == "8.49"
    app.button(key="stages back").click().run()
    assert list(app.dataframe[0].value.iloc[0][["Stage", "Relative cost"]]) == ["Consent visit", 40.0]


def use_made(app: AppTest, stages: list[Stage], people: list[dict[str, int]], order: tuple[str, ...]) -> None:
    """Stages at which one variable each is looked at, and the order in which they are shown."""
    written = protocol(stages, [Clause(f"{letter}{stage.id}") for letter, stage in zip("abc", stages, strict=False)])
    session(app).use(workbench(written, people).screener.cohort, written)
    app.session_state[stages_of_page.PLANNED] = stages_of_page.Planned(order)


def test_an_order_that_cannot_be_kept_is_never_called_the_cheapest(app: AppTest) -> None:
    """C first would stop most for little, but waits for A: 17 against the 60 of the cheapest order that can be kept."""
    people = [{"c": FAIL}] * 8 + [{"b": FAIL}, {"a": FAIL}]
    use_made(app, [Stage("A", 5), Stage("B", 1), Stage("C", 1, ("A",))], people, ("C", "B", "A"))
    look(app, "Screening order")
    assert app.metric[0].value == "1.70"
    assert wording.SAME_AS_CHEAPEST not in said(app)
    assert "This order cannot be kept: C stands before A, which must come first." in said(app)
    assert "**The cheapest order that can be kept** costs 6.00 per patient screened." in said(app)
    assert app.metric[0].delta == "cheapest that can be kept 6.00"


def test_which_order_is_the_cheapest_is_told_from_exact_counts(app: AppTest) -> None:
    """B first costs 29, A first 24; rounded to tens both cost 30."""
    use_made(app, [Stage("A", 1), Stage("B", 2)], [{"a": FAIL}] * 3 + [{"b": FAIL}] + [{}] * 6, ("B", "A"))
    session(app).small_hidden = True
    look(app, "Screening order")
    assert wording.SAME_AS_CHEAPEST not in said(app)
    assert wording.SAVED_UNSEEN in said(app)
    app.button(key="take cheapest").click().run()
    assert wording.SAME_AS_CHEAPEST in said(app)


def test_what_is_typed_of_stages_is_taken_or_said_and_can_be_stepped_back_from() -> None:
    stages = {each.id: each for each in builtin_protocol().stages}
    order, planned = tuple(stages), stages_of_page.Planned()
    first, second = order[:2]
    label = stages[first].label

    def typed(edited: dict[int, dict[str, float | None]]) -> tuple[object, ...]:
        revision = planned.revision
        stages_of_page.take_typed(planned, edited, planned.order or order, stages)
        return planned.order, planned.costs, planned.revision - revision, planned.notes

    cost, place = "Relative cost", "Place"
    assert typed({0: {cost: 20}}) == ((), {first: 20}, 0, ()), "the table stays as it is"
    assert typed({0: {cost: 20}, 1: {cost: 9}}) == ((), {first: 20, second: 9}, 0, ())
    refused = (f"{label}, relative cost: -3 is no number of 0 or more; it stays as it was.",)
    assert typed({0: {cost: -3}, 1: {cost: 9}}) == ((), {first: 20, second: 9}, 1, refused)
    assert typed({0: {cost: None}})[2:] == (1, (refused[0].replace("-3", "nothing"),))
    assert typed({0: {place: 99}})[2:] == (1, (f"{label}, place: 99 is no place from 1 to {len(order)}; it stays where it was.",))
    assert typed({0: {place: 2}}) == ((second, first, *order[2:]), {first: 20, second: 9}, 1, ())
    planned.back()
    assert (planned.order, planned.costs) == ((), {first: 20, second: 9})
    planned.back()
    assert planned.costs == {first: 20}
    planned.back()
    assert (planned.costs, planned.before) == ({}, [])
    assert typed({0: {cost: float(stages[first].cost)}}) == ((), {}, 0, ()), "what the protocol says is no change"


def test_a_place_that_is_typed_moves_its_stage_there() -> None:
    assert stages_of_page.moved(("a", "b", "c", "d"), 3, 2) == ("a", "d", "b", "c")
    assert stages_of_page.moved(("a", "b", "c", "d"), 0, 3) == ("b", "c", "a", "d")
    assert stages_of_page.moved(("a", "b"), 1, 2) == ("a", "b")


# All of them


@pytest.mark.parametrize("way", [DROP, RELAX])
@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("case", ["one patient", "one criterion", "all off", "one off"])
def test_every_view_stands_whatever_is_loaded(app: AppTest, case: str, hidden: bool, way: str) -> None:
    held = session(app)
    if case == "one patient":
        held.use(load_cohort("one.csv", ONE_PATIENT), held.protocol)
    elif case == "one criterion":
        held.use(held.cohort, read_protocol(ONE_CRITERION, builtin_catalogue()))
    elif case == "all off":
        held.take(replace(AS_WRITTEN, off=frozenset(held.protocol.ids)))
    else:
        held.take(with_criterion_off(held.protocol, AS_WRITTEN, "E5"))
    held.small_hidden = hidden
    for view in VIEWS if way == DROP else ("Reach a target",):
        look(app, view, way)
        if case == "all off":
            to_target = wording.NOTHING_STOPS if way == DROP else wording.NOTHING_TO_RELAX
            assert {"Overlap": wording.NO_CRITERION, "Reach a target": to_target}.get(view, "") in said(app)
        if case == "one criterion" and view == "Screening order":
            assert wording.NO_STAGES in said(app)


def test_with_small_counts_hidden_every_number_of_patients_is_a_ten(app: AppTest) -> None:
    session(app).small_hidden = True
    look(app, "Overlap")
    for place in (0, 1):
        for trace in figure(app, place)["data"]:
            if trace["type"] == "bar":
                assert all(number % 10 == 0 for number in (trace["y"] if place else trace["x"])), trace["name"]
    look(app, "Reach a target")
    assert app.number_input(key="target").step == 10
    assert all(number % 10 == 0 for trace in figure(app, 0)["data"] if trace["type"] == "bar" for number in trace["x"])
    look(app, "Reach a target", RELAX)
    assert all(number % 10 == 0 for number in figure(app, 0)["data"][0]["y"])
    look(app, "Screening order")
    drawn = [number for trace in figure(app, 0)["data"] if trace["type"] == "bar" for number in trace["x"]]
    assert all(number % 10 == 0 for number in drawn)
