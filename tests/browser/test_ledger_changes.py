"""What can be done to the ledger beside dragging: each changes the page to the core's numbers, and each can be taken back."""

from __future__ import annotations

from functools import partial

import pytest
from browser.agreement import agree, follows, shows
from browser.app_server import Visitor
from browser.expected import Core
from playwright.sync_api import expect

from feasibility import wording
from feasibility.scenario import AS_WRITTEN, Order, Scenario, with_criterion_off, with_order, with_reading, with_value

# Switches, readings, order


def test_a_criterion_is_switched_off_and_on(visitor: Visitor, core: Core) -> None:
    off = with_criterion_off(core.protocol, AS_WRITTEN, "E5")
    visitor.ledger_button("switch", "E5").click()
    shows(visitor, core, off)
    hand = visitor.take_up("I5.egfr_min")
    follows(hand, core, [0, 25, 50], scenario=off)
    visitor.page.keyboard.press("Escape")
    hand.release()
    visitor.ledger_button("switch", "E5").click()
    shows(visitor, core)


def test_a_criterion_set_aside_is_switched_off_with_its_rate(visitor: Visitor, core: Core) -> None:
    visitor.page.locator('[data-aside="I8"] [data-switch="I8"]').click()
    off = with_criterion_off(core.protocol, AS_WRITTEN, "I8")
    shows(visitor, core, off)
    assert core.numbers(off)["headline expected value"] != core.numbers()["headline expected value"]


def test_the_menu_says_what_is_left_under_each_reading_and_one_is_chosen(visitor: Visitor, core: Core) -> None:
    visitor.ledger_button("reading", "E5").click()
    counts = visitor.page.locator("[data-option] [data-left]")
    expect(counts.filter(has_text="…")).to_have_count(0)
    said = {option.get_attribute("data-option"): option.locator("[data-left]").inner_text() for option in visitor.page.locator("[data-option]").all()}
    readings = {reading.id: with_reading(core.protocol, AS_WRITTEN, "E5", reading.id) for reading in core.protocol["E5"].readings}
    assert said == {reading: wording.left(core.workbench.overview(scenario).tally) for reading, scenario in readings.items()}
    assert len(set(said.values())) > 1
    visitor.ledger_button("option", "both").click()
    shows(visitor, core, readings["both"])


@pytest.mark.parametrize("order", ["stage", "largest"])
def test_the_rows_are_sorted_and_the_funnel_with_them(visitor: Visitor, core: Core, order: str) -> None:
    visitor.ledger_button("order", order).click()
    shown = shows(visitor, core, with_order(core.protocol, AS_WRITTEN, Order(order)))
    assert shown.numbers["rows"] != core.numbers()["rows"]
    visitor.ledger_button("order", "protocol").click()
    shows(visitor, core)


def dragged_above(core: Core, moved: str, above: str) -> Scenario:
    ids = [each for each in core.numbers()["rows"].split() if each != moved]
    ids.insert(ids.index(above), moved)
    return with_order(core.protocol, AS_WRITTEN, ids)


@pytest.mark.parametrize(("moved", "above"), [("E5", "I1"), ("I1", "E12"), ("I6", "I4")])
def test_a_row_is_dragged_to_another_place_and_the_funnel_follows(visitor: Visitor, core: Core, moved: str, above: str) -> None:
    grip, goal = visitor.ledger_button("grip", moved).bounding_box(), visitor.row(above).bounding_box()
    assert grip is not None
    assert goal is not None
    mouse = visitor.page.mouse
    mouse.move(grip["x"] + 15, grip["y"] + grip["height"] / 2)
    mouse.down()
    mouse.move(grip["x"] + 25, (grip["y"] + goal["y"]) / 2, steps=3)
    mouse.move(grip["x"] + 25, goal["y"] + 4, steps=3)
    mouse.up()
    shown = shows(visitor, core, dragged_above(core, moved, above))
    assert shown.numbers["order protocol"] == "off"


def test_a_row_is_moved_by_the_keyboard(visitor: Visitor, core: Core) -> None:
    grip = visitor.ledger_button("grip", "I6")
    grip.press("Alt+ArrowUp")
    shows(visitor, core, dragged_above(core, "I6", "I5"))
    grip.press("Alt+ArrowUp")
    shows(visitor, core, dragged_above(core, "I6", "I4"))
    expect(grip).to_be_focused()


def test_a_small_choice_in_the_open_row_changes_the_numbers(visitor: Visitor, core: Core) -> None:
    visitor.ledger_button("open", "I4").click()
    visitor.page.get_by_label("UACR counts").click()
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I4.uacr_counts", False), opened="I4")
    visitor.ledger_button("open", "I4").click()
    expect(visitor.page.locator("[data-detail]")).to_have_count(0)


# Ways back


def test_of_five_changes_each_is_said_whole(visitor: Visitor) -> None:
    changes = "&".join(f"set={each}" for each in ("I1.age_min=30", "I4.uacr_above=30", "I6.sbp_max=170", "I7.hba1c_max=10", "E5.ldl_max=4.8"))
    visitor.open(f"/?{changes}").settled()
    said = visitor.ledger.locator("[data-chip] > span:first-child")
    expect(said).to_have_text(["I1 ≥ 30 y min", "I4 > 30 mg/g", "I6 ≤ 170 systolic", "I7 < 10.0 %", "E5 ≥ 4.8 mmol/L"])
    assert said.evaluate_all("spans => spans.every(span => span.scrollWidth <= span.clientWidth)")


def test_each_chip_takes_its_own_change_back(visitor: Visitor, core: Core) -> None:
    visitor.open("/?set=I5.egfr_min=15&reading=E5=both&off=E3&rate=I8=0.4").settled()
    moved = with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 15)
    visitor.ledger_button("chip", "E5 reading").click()
    expect(visitor.ledger_button("chip", "E5 reading")).to_have_count(0)
    visitor.ledger_button("chip", "E3 off").click()
    expect(visitor.ledger_button("chip", "E3 off")).to_have_count(0)
    visitor.ledger_button("chip", "I8 rate").click()
    shows(visitor, core, moved)
    visitor.ledger_button("chip", "I5.egfr_min").click()
    shows(visitor, core)


def test_undo_goes_back_a_step_and_as_written_all_the_way(visitor: Visitor, core: Core) -> None:
    visitor.drag("I5.egfr_min", 0)
    visitor.ledger_button("switch", "E5").click()
    lowered = with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 10)
    shows(visitor, core, with_criterion_off(core.protocol, lowered, "E5"))
    visitor.push("undo")
    shows(visitor, core, lowered)
    visitor.push("undo")
    shows(visitor, core)
    visitor.drag("I7.hba1c_max", 0)
    visitor.push("as written")
    shows(visitor, core)


def test_undo_and_redo_have_their_usual_keys_wherever_the_focus_is(visitor: Visitor, core: Core) -> None:
    visitor.drag("I5.egfr_min", 0)
    visitor.ledger_button("switch", "E5").click()
    lowered = with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 10)
    both = with_criterion_off(core.protocol, lowered, "E5")
    shows(visitor, core, both)
    nowhere = partial(visitor.page.evaluate, "() => document.activeElement.blur()")
    for focus in (visitor.handle("I6.sbp_max").focus, visitor.part("share").get_by_role("button").focus, nowhere):
        focus()
        visitor.page.keyboard.press("Control+z")
        shows(visitor, core, lowered)
        visitor.page.keyboard.press("Meta+z")
        shows(visitor, core)
        visitor.page.keyboard.press("Control+Shift+z")
        shows(visitor, core, lowered)
        visitor.page.keyboard.press("Control+y")
        shows(visitor, core, both)
    visitor.page.keyboard.press("Control+y")
    shows(visitor, core, both)


def test_presses_of_undo_faster_than_the_app_answers_all_count_and_follow_what_came_before(visitor: Visitor, core: Core) -> None:
    for name in ("I1.age_min", "I5.egfr_min", "I7.hba1c_max"):
        visitor.drag(name, 0)
    with visitor.app.asleep():
        visitor.handle("I6.sbp_max").focus()
        visitor.page.keyboard.press("End")
        for _ in range(3):
            visitor.page.keyboard.press("Control+z")
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I1.age_min", 18))


def test_the_keys_of_undo_leave_a_field_and_a_line_in_the_hand_alone(visitor: Visitor, core: Core) -> None:
    visitor.drag("I5.egfr_min", 0)
    lowered = with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 10)
    visitor.value("I7.hba1c_max").click()
    visitor.page.keyboard.type("8")
    visitor.page.keyboard.press("Control+z")
    visitor.page.keyboard.press("Escape")
    shows(visitor, core, lowered)
    hand = visitor.take_up("I6.sbp_max")
    follows(hand, core, [0], scenario=lowered)
    visitor.page.keyboard.press("Control+z")
    follows(hand, core, [2], scenario=lowered)
    visitor.page.keyboard.press("Escape")
    hand.release()
    shows(visitor, core, lowered)


def test_the_written_value_stays_marked_with_its_way_back(visitor: Visitor, core: Core) -> None:
    way_back = visitor.ledger_button("back", "I5.egfr_min")
    expect(way_back).to_be_hidden()
    visitor.drag("I5.egfr_min", 0)
    expect(way_back).to_be_visible()
    way_back.click()
    shows(visitor, core)
    expect(way_back).to_be_hidden()


# A value typed


@pytest.mark.parametrize(("name", "text", "value"), [("I5.egfr_min", "27", 27), ("I4.uacr_above", "> 1,250 mg/g", 1250), ("rate I8", "62.5 %", 0.625)])
def test_a_typed_value_is_taken(visitor: Visitor, core: Core, name: str, text: str, value: float) -> None:
    visitor.type_value(name, text)
    shows(visitor, core, core.moved(name, value))


@pytest.mark.parametrize(
    ("name", "text", "said"), [("I5.egfr_min", "900", "outside"), ("I7.hba1c_max", "eight", "not a number"), ("rate I8", "140", "between")]
)
def test_a_typed_value_that_cannot_be_is_refused_in_words_and_nothing_changes(visitor: Visitor, core: Core, name: str, text: str, said: str) -> None:
    visitor.type_value(name, text)
    expect(visitor.page.get_by_role("alert")).to_contain_text(said)
    shows(visitor, core)
    visitor.page.get_by_role("alert").get_by_role("button").click()
    expect(visitor.page.get_by_role("alert")).to_have_count(0)


def test_what_was_typed_is_dropped_by_escape(visitor: Visitor, core: Core) -> None:
    visitor.value("I5.egfr_min").click()
    said = visitor.said
    visitor.page.locator('[data-typing="I5.egfr_min"]').fill("27")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("[data-typing]")).to_have_count(0)
    shows(visitor, core)
    assert visitor.said == said


# By keyboard


def test_keys_step_stride_and_go_to_the_ends(visitor: Visitor, core: Core) -> None:
    visitor.make_ready("I5.egfr_min")
    line = visitor.handle("I5.egfr_min")
    pressed = ("ArrowRight", 21), ("ArrowRight", 22), ("PageUp", 32), ("ArrowLeft", 31), ("PageDown", 21), ("ArrowLeft", 20), ("Home", 10), ("End", 60)
    for key, value in pressed:
        line.press(key)
        expected = core.told(with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", value))
        agree(visitor.shown(), expected, f"after {key}")
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 60))
    expect(line).to_be_focused()


def test_a_line_outside_the_rows_is_stepped_by_all_arrows(visitor: Visitor, core: Core) -> None:
    visitor.make_ready("rate I8")
    for key, rate in (("ArrowUp", 0.51), ("ArrowDown", 0.5), ("ArrowRight", 0.51), ("ArrowLeft", 0.5), ("ArrowDown", 0.49)):
        visitor.handle("rate I8").press(key)
        agree(visitor.shown(), core.told(core.moved("rate I8", rate)), f"after {key}")
    shows(visitor, core, core.moved("rate I8", 0.49))


def test_steps_not_yet_told_are_told_when_an_arrow_goes_to_another_row(visitor: Visitor, core: Core) -> None:
    visitor.make_ready("I5.egfr_min")
    visitor.handle("I5.egfr_min").press("ArrowLeft")
    visitor.page.keyboard.press("ArrowDown")
    expect(visitor.handle("I6.sbp_max")).to_be_focused()
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 19))


def test_escape_takes_the_steps_back(visitor: Visitor, core: Core) -> None:
    visitor.make_ready("I5.egfr_min")
    line = visitor.handle("I5.egfr_min")
    line.focus()
    visitor.settled()
    said = visitor.said
    visitor.page.keyboard.press("PageUp")
    visitor.page.keyboard.press("Escape")
    shows(visitor, core)
    visitor.page.wait_for_timeout(600)
    assert visitor.said == said
    shows(visitor, core)


def test_a_key_pressed_before_its_table_came_counts_too(visitor: Visitor, core: Core) -> None:
    with visitor.app.asleep():
        visitor.handle("E8.cancer_window").focus()
        visitor.page.keyboard.press("End")
        assert visitor.shown().faded
        assert visitor.numbers()["value E8.cancer_window"] == "no limit"
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "E8.cancer_window", float("inf")))
