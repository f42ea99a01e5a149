"""What would change it: the core's numbers on the screen, stops taken into the scenario, small counts and empty states."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracle.both import protocol_of
from oracle.patients import cohort, columns_for, patient
from streamlit.testing.v1 import AppTest

from feasibility import wording
from feasibility.intake import load_cohort
from feasibility.parameters import Direction, Number
from feasibility.results.curves import curve, curves
from feasibility.results.noise import noise
from feasibility.results.pairs import grid
from feasibility.results.tornado import Group, taken, tornado
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_reading, with_value
from feasibility.ui.change import thresholds
from feasibility.ui.session import Session

ROOT = Path(__file__).parents[2]
LDL = "E5.ldl_max"
QUESTIONS = ("Thresholds", "Two at once", "Tornado")


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    return app


def session(app: AppTest) -> Session:
    found = app.session_state["session"]
    assert isinstance(found, Session)
    return found


def turn_to(app: AppTest, question: str) -> AppTest:
    app.switch_page("pages/change.py").run()
    app.segmented_control(key="change section").set_value(question).run()
    assert not app.exception
    return app


def drawn(app: AppTest) -> dict[str, Any]:
    """The one picture on the screen."""
    (chart,) = app.get("plotly_chart")
    found: dict[str, Any] = json.loads(chart.proto.spec)
    return found


def everything_off(app: AppTest) -> None:
    held = session(app)
    for each in held.protocol.ids:
        held.propose(with_criterion_off, each)


def unpacked(values: Any) -> list[int]:
    """The numbers of a trace, in a row, whichever way they were packed for the browser."""
    if isinstance(values, dict):
        return [int(each) for each in np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]))]
    return [int(each) for each in np.ravel(values)]


def holds(values: Any, counts: list[int]) -> bool:
    """Whether a trace draws just these counts."""
    return isinstance(values, dict) and unpacked(values) == counts


# Thresholds


def test_all_thresholds_stand_on_one_screen_the_most_to_gain_first(app: AppTest) -> None:
    turn_to(app, "Thresholds")
    found = curves(session(app).workbench, AS_WRITTEN)
    moving = [each for each in found if len(set(each.eligible.tolist())) > 1]
    tiles = drawn(app)["data"][0]
    gains = [each.most_to_gain for each in found if each.name in tiles["customdata"]]
    assert sorted(tiles["customdata"]) == sorted(each.name for each in moving)
    by_name = {each.name: each.most_to_gain for each in moving}
    assert [by_name[name] for name in tiles["customdata"]] == sorted(gains, reverse=True)
    assert wording.tile(next(each for each in moving if each.name == LDL), is_noisy=True) in tiles["hovertext"]
    level = wording.level([each for each in found if each not in moving], 0)
    assert any(each.value == wording.plain(level) for each in app.caption)


def test_with_nobody_eligible_at_any_value_those_stand_there_that_change_who_might_be(app: AppTest) -> None:
    held = session(app)
    for name, number in held.protocol.parameters.items():
        if isinstance(number, Number) and number.loosens is not None and name[:2] in ("I1", "I4", "I5", "I6", "I7", "E5"):
            held.propose(with_value, name, number.min if number.loosens is Direction.UP else number.max)
    turn_to(app, "Thresholds")
    found = curves(held.workbench, held.scenario)
    assert not any(each.eligible.any() for each in found)
    by_name = {each.name: each for each in found}
    tiles = drawn(app)["data"][0]["customdata"]
    assert set(tiles) == {each.name for each in found if len(set(each.possible.tolist())) > 1}
    gains = [by_name[name].most_possible_to_gain for name in tiles]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > 0
    said = [each.value for each in app.caption]
    assert wording.NOBODY_AT_ANY_VALUE in said
    assert wording.plain(wording.level([each for each in found if each.name not in tiles], 0)) in said


def test_of_many_patients_what_takes_longest_is_drawn_last(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[tuple[str, bool]] = []
    monkeypatch.setattr(thresholds, "MOST_AT_ONCE", 1_000)
    monkeypatch.setattr(thresholds, "draw", lambda figure, key, *_: keys.append((key, "lab_window" in figure.data[0].customdata)))
    turn_to(app, "Thresholds")
    assert keys[:2] == [("thresholds so far", False), ("thresholds", True)]
    assert set(keys[2:]) == {("thresholds", True)}, "once it is there, it is drawn at once"


def test_the_one_chosen_is_drawn_large_with_the_cores_counts(app: AppTest) -> None:
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value(LDL).run()
    found = curve(session(app).workbench, AS_WRITTEN, LDL)
    traces = drawn(app)["data"]
    assert any(holds(each["y"], found.eligible.tolist()) for each in traces)
    assert any(each["y"] == found.possible.tolist() for each in traces)
    assert any(each.get("hovertext") == [wording.stop_of_curve(found, place) for place in range(len(found.stops))] for each in traces)
    assert "E5 read as “triglycerides or LDL”" in str(drawn(app)["layout"]["title"]).replace("<br>", " ")


def test_a_stop_taken_changes_the_scenario(app: AppTest) -> None:
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value(LDL).run()
    assert app.button(key="take stop").disabled
    app.select_slider(key="change stop").set_value(4.5).run()
    found = curve(session(app).workbench, AS_WRITTEN, LDL)
    assert app.button(key="take stop").label == wording.take_stop(found, found.place(4.5))
    app.button(key="take stop").click().run()
    assert not app.exception
    assert session(app).scenario == with_value(session(app).protocol, AS_WRITTEN, LDL, 4.5)
    assert f"{found.eligible[found.place(4.5)]} eligible of 2,000" in app.markdown[0].value


def test_what_is_looked_at_follows_the_number_where_it_is_moved_elsewhere_and_stays_while_others_are(app: AppTest) -> None:
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value(LDL).run()
    app.select_slider(key="change stop").set_value(5.0).run()
    session(app).propose(with_value, "I7.hba1c_max", 9.5)
    app.run()
    assert app.select_slider(key="change stop").value == 5.0
    session(app).propose(with_value, LDL, 4.5)
    app.run()
    assert app.select_slider(key="change stop").value == 4.5
    assert app.button(key="take stop").disabled
    app.selectbox(key="change threshold").set_value("E5.tg_max").run()
    app.selectbox(key="change threshold").set_value(LDL).run()
    assert app.select_slider(key="change stop").value == 4.5


def test_the_noise_about_a_threshold_is_said_with_where_its_size_is_from(app: AppTest) -> None:
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value("I4.protein_min").run()
    held = session(app)
    found = noise(held.workbench, AS_WRITTEN, "I4.protein_min")
    assert found is not None
    assert app.metric[0].value == f"{found.near} of {found.beyond}"
    again = f"about {found.again:.0f} would be expected to pass this threshold and {found.beyond - round(found.again)} to fail it"
    assert any(again in each.value and "from memory: confirm" in each.value for each in app.markdown)
    app.selectbox(key="change threshold").set_value("I1.age_min").run()
    assert not app.metric


def test_which_thresholds_show_their_noise_is_marked_and_named_where_all_stand(app: AppTest) -> None:
    """Pressed, each of these says it, and none of the others does. What the mark means stands in the line above the pictures, which is seen first."""
    turn_to(app, "Thresholds")
    said = app.get("plotly_chart")[0].proto.alt.partition(wording.NOISY)[2]
    assert wording.NOISE_WHEN_PRESSED in drawn(app)["layout"]["annotations"][0]["text"]
    assert "E5 LDL cholesterol below" in said
    assert "I1 age" not in said
    heads = dict(zip(drawn(app)["data"][0]["customdata"], heads_of_tiles(app), strict=True))
    hovers = dict(zip(drawn(app)["data"][0]["customdata"], drawn(app)["data"][0]["hovertext"], strict=True))
    held = session(app)
    for name in heads:
        parameter = held.protocol.parameters[name]
        assert isinstance(parameter, Number)
        has = noise(held.workbench, AS_WRITTEN, name) is not None
        named = wording.of_number(parameter) in said
        assert has == named == heads[name].startswith(wording.NOISY) == ("lie so near to it" in hovers[name]), name


def heads_of_tiles(app: AppTest) -> list[str]:
    """What stands above each small picture."""
    number = len(drawn(app)["data"][0]["customdata"])
    texts = [each["text"] for each in drawn(app)["data"] if each.get("mode") == "text" and len(each["text"]) == number]
    return list(texts[0])


def test_where_nobody_eligible_has_a_known_value_it_is_said_that_nothing_is_known(app: AppTest) -> None:
    made = [patient(hba1c="<8 @1d")]
    protocol = protocol_of("latest(hba1c) < p", parameters='p = { value = 9, min = 7, max = 12, step = 0.1, unit = "%", label = "p", loosens = "up" }')
    session(app).use(cohort(made, columns_for(made)), protocol)
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value("C.p").run()
    assert wording.NOISE_OF_NOBODY in [each.value for each in app.caption]


def test_the_noise_is_that_at_the_scenarios_value_whatever_value_is_looked_at(app: AppTest) -> None:
    session(app).propose(with_value, LDL, 4.5)
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value(LDL).run()
    app.select_slider(key="change stop").set_value(5.0).run()
    held = session(app)
    found = noise(held.workbench, held.scenario, LDL)
    assert found is not None
    (said,) = (each.value for each in app.markdown if "measured again" in each.value)
    assert said.startswith("At 4.5 mmol/L, the scenario's value: of ")
    assert f"the mean, here of the {found.reference} with an exactly known value who pass all other criteria" in said
    held.small_hidden = True
    app.run()
    (said,) = (each.value for each in app.markdown if "measured again" in each.value)
    assert "the mean, here of those with an exactly known value who pass all other criteria" in said


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("E11.iv_window", "At 0 days no day is looked at, so that nothing can be found then."),
        ("I7.hba1c_max", "Without a limit it holds nobody back, nor whoever has no value."),
        ("I5.egfr_max", "Without a limit it holds nobody back, nor whoever has no value."),  # the lower limit may
        ("E4.stroke_window", ""),  # the index date is inside
        ("I3.biopsy_window", ""),  # without a limit a biopsy is asked for still
        ("E2.gap", ""),  # no window
        ("I5.egfr_min", ""),
    ],
)
def test_where_a_threshold_looks_at_nothing_is_said(app: AppTest, parameter: str, said: str) -> None:
    workbench = session(app).workbench
    sentence = wording.said_of_curve(workbench.overview(AS_WRITTEN), curve(workbench, AS_WRITTEN, parameter), 0).more
    assert said in sentence
    assert ("no day is looked at" in sentence, "Without a limit" in sentence) == ("no day" in said, "Without" in said)


def test_where_a_threshold_is_large_it_is_said_which_values_were_counted(app: AppTest) -> None:
    workbench = session(app).workbench
    sentences = [wording.said_of_curve(workbench.overview(AS_WRITTEN), curve(workbench, AS_WRITTEN, each), 0).more for each in ("lab_window", "I5.egfr_min")]
    assert ["Counted at values 13 days apart" in each for each in sentences] == [True, False]


def test_the_noise_about_an_estimate_is_said_to_be_that_of_what_is_measured(app: AppTest) -> None:
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value("I5.egfr_min").run()
    found = noise(session(app).workbench, AS_WRITTEN, "I5.egfr_min")
    assert found is not None
    assert app.metric[0].value == f"{found.near} of {found.beyond}"
    (said,) = (each.value for each in app.markdown if "measured again" in each.value)
    assert "Serum creatinine varies within a person by 6 % (from memory: confirm before citing); the estimate is computed from it" in said
    session(app).propose(with_reading, "I5", "2021-cr-cys")
    app.run()
    assert not app.exception
    assert not app.metric


def test_a_threshold_whose_criterion_is_switched_off_is_left_for_all_of_them(app: AppTest) -> None:
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value(LDL).run()
    session(app).propose(with_criterion_off, "E5")
    app.run()
    assert not app.exception
    assert LDL not in drawn(app)["data"][0]["customdata"]


def test_with_small_counts_hidden_curves_and_bands_are_of_rounded_counts(app: AppTest) -> None:
    session(app).small_hidden = True
    turn_to(app, "Thresholds")
    app.selectbox(key="change threshold").set_value(LDL).run()
    exact, rounding = curve(session(app).workbench, AS_WRITTEN, LDL), session(app).rounding
    rounded = replace(exact, eligible=rounding.counts(exact.eligible), possible=rounding.counts(exact.possible), unit=rounding.unit)
    traces = drawn(app)["data"]
    assert not any(holds(each["y"], exact.eligible.tolist()) for each in traces)
    assert any(holds(each["y"], rounded.eligible.tolist()) for each in traces)
    assert any(each.get("hovertext") == [wording.stop_of_curve(rounded, place) for place in range(len(rounded.stops))] for each in traces)
    assert "rounded to 10" in str(drawn(app)["layout"]["title"])


# Two at once


def test_the_pair_drawn_first_is_the_two_with_the_most_to_gain_of_two_criteria(app: AppTest) -> None:
    turn_to(app, "Two at once")
    first, second = (app.selectbox(key=key).value for key in ("change first", "change second"))
    found = [each for each in curves(session(app).workbench, AS_WRITTEN) if len(each.criteria) == 1]
    assert first == found[0].name
    assert second == next(each.name for each in found if each.criteria != found[0].criteria)


def test_every_cell_of_a_pair_holds_the_cores_count(app: AppTest) -> None:
    turn_to(app, "Two at once")
    app.selectbox(key="change first").set_value("I5.egfr_min").run()
    app.selectbox(key="change second").set_value("I4.uacr_above").run()
    assert not app.exception
    found = grid(session(app).workbench, AS_WRITTEN, "I5.egfr_min", "I4.uacr_above")
    heat, contour, pressed, *_ = drawn(app)["data"]
    assert unpacked(heat["z"]) == unpacked(contour["z"]) == found.eligible.T.ravel().tolist()
    lines, targets = contour["contours"], found.targets
    assert (lines["start"], lines["end"], lines["size"]) == (targets[0] - 0.5, targets[-1] - 0.5, targets[1] - targets[0])
    pairs = [(one, other) for one in range(len(found.stops[0])) for other in range(len(found.stops[1]))]
    assert pressed["hovertext"] == [wording.cell(found, pair) for pair in pairs]
    assert [tuple(each) for each in pressed["customdata"]] == pairs


NO_VALUE = "With no limit, patients with no value at all pass too: I7 HbA1c below."


@pytest.mark.parametrize(("first", "said"), [("I7.hba1c_max", True), ("I3.biopsy_window", False), ("I5.egfr_max", False), ("I5.egfr_min", False)])
def test_of_a_pair_it_is_said_where_no_limit_lets_in_who_has_no_value(app: AppTest, first: str, said: bool) -> None:
    app.session_state["change first"], app.session_state["change second"] = first, LDL
    turn_to(app, "Two at once")
    with_the_other = NO_VALUE.replace("limit,", f"limit, {wording.WITH_THE_OTHER},")
    assert (with_the_other in [each.value for each in app.caption]) is said


def test_it_is_said_of_the_bars_that_are_drawn(app: AppTest) -> None:
    turn_to(app, "Tornado")
    assert not any(NO_VALUE in each.value for each in app.caption), "that bar is not among the first"
    app.toggle(key="change all bars").set_value(True).run()
    assert any(NO_VALUE in each.value for each in app.caption)
    session(app).propose(with_value, "I7.hba1c_max", 7.0)
    app.run()
    assert any(NO_VALUE in each.value for each in app.caption)


def test_both_values_are_taken_into_the_scenario(app: AppTest) -> None:
    turn_to(app, "Two at once")
    app.selectbox(key="change first").set_value("I5.egfr_min").run()
    app.selectbox(key="change second").set_value("I7.hba1c_max").run()
    assert app.button(key="take pair").disabled
    app.select_slider(key="change first value").set_value(15.0).run()
    app.select_slider(key="change second value").set_value(float("inf")).run()
    found = grid(session(app).workbench, AS_WRITTEN, "I5.egfr_min", "I7.hba1c_max")
    assert app.button(key="take pair").label == wording.take_pair(found, found.place((15.0, float("inf"))))
    app.button(key="take pair").click().run()
    assert not app.exception
    protocol = session(app).protocol
    assert session(app).scenario == with_value(protocol, with_value(protocol, AS_WRITTEN, "I5.egfr_min", 15), "I7.hba1c_max", float("inf"))


def test_a_pair_with_small_counts_hidden_is_of_rounded_counts(app: AppTest) -> None:
    session(app).small_hidden = True
    turn_to(app, "Two at once")
    assert {count % 10 for count in unpacked(drawn(app)["data"][0]["z"])} == {0}


# Tornado


def test_where_no_change_moves_anybody_no_empty_picture_stands(app: AppTest) -> None:
    """Nobody has a value: of the tornado the words stand alone, and of a target that it is out of reach."""
    rows = "".join(f"{number},50,,\n" for number in range(12))
    session(app).use(load_cohort("blank", f"patient_id,age,hba1c_percent,potassium_mmol_l\n{rows}".encode()), session(app).protocol)
    turn_to(app, "Tornado")
    assert not app.get("plotly_chart")
    assert wording.TORNADO_TITLE in " ".join(each.value for each in app.markdown)
    turn_to(app, "Reach a target")
    app.segmented_control(key="how to reach").set_value("Relax thresholds").run()
    assert not app.exception
    assert not app.get("plotly_chart")
    assert "is out of reach" in " ".join(each.value for each in app.markdown)


def test_the_tornado_draws_the_cores_bars_the_largest_of_each_group_first(app: AppTest) -> None:
    turn_to(app, "Tornado")
    workbench = session(app).workbench
    found = tornado(workbench, AS_WRITTEN, curves(workbench, AS_WRITTEN))
    first = [bar for group in Group for bar in found.of(group)[:6]]
    assert drawn(app)["data"][-1]["hovertext"] == [wording.bar(bar, found, session(app).protocol) for bar in first]
    lost, gained, *_ = drawn(app)["data"]
    assert unpacked(gained["x"]) == [bar.high.eligible - 134 for bar in first]
    assert unpacked(lost["base"]) == [bar.low.eligible + bar.opened for bar in first]
    app.toggle(key="change all bars").set_value(True).run()
    moving = [bar for bar in found.bars if bar.change or bar.high.possible > bar.base.possible]
    assert len(drawn(app)["data"][-1]["hovertext"]) == len(moving)
    assert any("leave as many eligible" in each.value for each in app.caption)


def test_the_bars_with_most_to_gain_may_stand_first(app: AppTest) -> None:
    """In each group, also those that others beat by whom they lose."""
    turn_to(app, "Tornado")
    workbench = session(app).workbench
    found = tornado(workbench, AS_WRITTEN, curves(workbench, AS_WRITTEN))
    app.toggle(key="change most gained").set_value(True).run()
    gained = unpacked(drawn(app)["data"][1]["x"])
    of_range = sorted((bar.high.eligible - 134 for bar in found.of(Group.RANGE)), reverse=True)[:6]
    assert gained[6:12] == of_range
    assert of_range[0] == 62


def test_every_end_of_every_bar_taken_makes_as_many_eligible_as_it_says(app: AppTest) -> None:
    """From where as many are eligible on, if that is nearer; a bar is the same one under another scenario."""
    core = session(app).workbench
    scenario = with_value(core.protocol, with_criterion_off(core.protocol, AS_WRITTEN, "E9"), "I5.egfr_min", 25)
    found = tornado(core, scenario, curves(core, scenario))
    assert len({bar.key for bar in found.bars}) == len(found.bars)
    assert {bar.group for bar in found.bars} == set(Group)
    for bar in found.bars:
        for end in bar.ends:
            assert core.overview(taken(core.protocol, scenario, bar, end)).tally.eligible == end.eligible
    written = tornado(core, AS_WRITTEN, curves(core, AS_WRITTEN))
    assert {bar.key for bar in written.of(Group.RANGE)} & {bar.key for bar in found.of(Group.RANGE)}


@pytest.mark.parametrize("which", range(3), ids=[group.value for group in Group])
def test_the_ends_of_the_bar_pressed_are_offered_and_taken_into_the_scenario(app: AppTest, which: int) -> None:
    turn_to(app, "Tornado")
    held = session(app)
    found = tornado(held.workbench, AS_WRITTEN, curves(held.workbench, AS_WRITTEN))
    bar = found.of(list(Group)[which])[0]
    assert not [each for each in app.button if each.key and each.key.startswith("take end")]
    app.session_state["bar pressed"] = bar.key
    app.run()
    offered = [each for each in app.button if each.key and each.key.startswith("take end")]
    assert [each.label for each in offered] == [wording.plain(wording.take_end(bar, end)) for end in bar.ends]
    offered[-1].click().run()
    assert not app.exception
    assert held.scenario == taken(held.protocol, AS_WRITTEN, bar, bar.ends[-1])
    assert held.overview.tally.eligible == bar.ends[-1].eligible


def test_the_tornado_with_small_counts_hidden_is_of_rounded_counts(app: AppTest) -> None:
    session(app).small_hidden = True
    turn_to(app, "Tornado")
    lost, gained, *_ = drawn(app)["data"]
    assert {count % 10 for count in (*unpacked(gained["x"]), *unpacked(lost["base"]))} == {0}


# Nothing to draw


@pytest.mark.parametrize("question", QUESTIONS)
def test_with_nothing_that_counts_it_says_so(app: AppTest, question: str) -> None:
    everything_off(app)
    turn_to(app, question)
    assert [each.value for each in app.info] == [wording.NOTHING_COUNTS]
    assert not app.get("plotly_chart")


@pytest.mark.parametrize("question", QUESTIONS)
def test_where_nobody_is_eligible_it_is_drawn_all_the_same(app: AppTest, question: str) -> None:
    held = session(app)
    held.propose(with_value, "lab_window", 14)
    held.propose(with_value, "I4.protein_min", 6)
    turn_to(app, question)
    assert held.overview.tally.eligible == 0
    assert app.get("plotly_chart")
