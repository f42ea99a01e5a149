"""What would change it, in a browser: a step towards a target is taken and undone; tables typed into are reckoned with."""

from __future__ import annotations

import re

from browser.app_server import Visitor
from browser.expected import Core
from playwright.sync_api import Locator, expect

from feasibility import wording
from feasibility.results.by_stage import by_stage
from feasibility.results.dropping import Aim, reaching
from feasibility.results.relaxing import Allowance, reach, usual
from feasibility.results.requirements import requirements
from feasibility.results.screening_order import cost_of
from feasibility.scenario import AS_WRITTEN, Scenario, with_criterion_off, with_value

FIRST_CELL = 48  # pixels from the top of a table to the middle of its first row


def ask(visitor: Visitor, view: str, way: str = "") -> None:
    visitor.turn_to("What would change it")
    for each in filter(None, (view, way)):
        visitor.after(visitor.page.get_by_role("radio", name=each, exact=True).or_(visitor.page.get_by_role("button", name=each, exact=True)).first.click)


def press(visitor: Visitor, key: str) -> None:
    visitor.after(visitor.part(key).get_by_role("button").click)


def cell(visitor: Visitor, table: Locator, x: float, row: int, text: str) -> None:
    """Type into a cell of a table drawn on a canvas."""
    table.scroll_into_view_if_needed()
    visitor.page.wait_for_timeout(300)
    box = table.bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + x * box["width"], box["y"] + FIRST_CELL + row * 32)
    for key in ("Enter", "ControlOrMeta+a"):
        visitor.page.wait_for_timeout(200)
        visitor.page.keyboard.press(key)
    visitor.page.keyboard.type(text)
    visitor.page.wait_for_timeout(200)
    visitor.after(lambda: visitor.page.keyboard.press("Enter"))


def test_another_set_of_as_many_that_reaches_the_target_is_taken(visitor: Visitor, core: Core) -> None:
    overview = core.workbench.overview(AS_WRITTEN)
    found = reaching(overview.patterns, overview.order, Aim.ELIGIBLE, 2, 400)
    ask(visitor, "Reach a target")
    target = visitor.page.get_by_role("spinbutton", name="Target: eligible patients")
    target.fill("400")
    visitor.after(lambda: target.press("Enter"))
    visitor.after(visitor.page.get_by_role("button", name="All sets of 2 that reach it").click)
    expect(visitor.page.get_by_text(f"{found.total} sets of 2 reach 400 eligible; those that leave most come first.")).to_be_visible()
    last = found.sets[-1]
    choice = visitor.page.get_by_role("combobox", name=re.compile("^Set|Choose one"))
    choice.fill(last.dropped[0])
    visitor.after(visitor.page.get_by_role("option", name=f"{last.eligible} + {last.undetermined}:").click)
    press(visitor, "drop other")
    assert core.from_query(visitor.query()).off == set(last.dropped)
    expect(visitor.part("toolbar")).to_contain_text(f"{last.eligible} eligible of 2,000 patients")


def test_a_step_is_taken_into_the_scenario_and_undone(visitor: Visitor, core: Core) -> None:
    needed = requirements(core.workbench, AS_WRITTEN)
    first, second, *_ = reach(needed, 265, usual(needed)).moves
    ask(visitor, "Reach a target", "Relax thresholds")
    toolbar, chips = visitor.part("toolbar"), visitor.part("chips")
    expect(toolbar).to_contain_text("134 eligible of 2,000 patients")
    press(visitor, "take step 2")
    scenario = AS_WRITTEN
    for move in (first, second):
        scenario = with_value(core.protocol, scenario, move.parameter, move.to)
    assert core.workbench.overview(scenario).tally.eligible == second.eligible
    expect(toolbar).to_contain_text(f"{second.eligible} eligible of 2,000 patients")
    expect(chips.get_by_role("button")).to_have_count(2)
    assert core.from_query(visitor.query()) == scenario
    press(visitor, "undo")
    expect(toolbar).to_contain_text("134 eligible of 2,000 patients")
    expect(chips).to_contain_text("As written: nothing is changed.")
    visitor.after(visitor.page.get_by_role("radio", name="Drop criteria", exact=True).or_(visitor.page.get_by_role("button", name="Drop criteria")).first.click)
    press(visitor, "drop 1")
    expect(toolbar).to_contain_text("361 eligible of 2,000 patients")
    expect(chips).to_contain_text("I4 Nephrotic proteinuria off")
    visitor.turn_to("Workbench")
    expect(visitor.page.get_by_text("361").first).to_be_visible()


def test_the_keys_of_undo_work_here_too_and_leave_a_field_alone(visitor: Visitor, core: Core) -> None:
    visitor.drag("I5.egfr_min", 0)
    ask(visitor, "Reach a target")
    press(visitor, "drop 1")
    lowered = with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 10)
    toolbar, keyboard = visitor.part("toolbar"), visitor.page.keyboard

    def stands(scenario: Scenario) -> None:
        expect(toolbar).to_contain_text(wording.eligible_line(core.workbench.overview(scenario)))

    both = with_criterion_off(core.protocol, lowered, "I4")
    stands(both)
    for back, forward in (("Control+z", "Control+Shift+z"), ("Meta+z", "Meta+Shift+z"), ("Control+z", "Control+y")):
        visitor.after(lambda key=back: keyboard.press(key))
        stands(lowered)
        visitor.after(lambda key=forward: keyboard.press(key))
        stands(both)
    field = visitor.part("target").locator("input")
    field.fill("300")
    field.press("Control+z")
    expect(field).not_to_have_value("300")
    visitor.page.wait_for_timeout(500)
    stands(both)
    visitor.turn_to("Workbench")
    visitor.settled()
    visitor.after(lambda: keyboard.press("Control+z"))
    visitor.settled()
    assert core.from_query(visitor.query()) == lowered, "once, though both pages have their own way to it"


def test_how_far_a_threshold_may_go_is_typed_and_kept(visitor: Visitor, core: Core) -> None:
    needed = requirements(core.workbench, AS_WRITTEN)
    narrower = usual(needed) | {"I1.age_min": Allowance(43.0)}
    ask(visitor, "Reach a target", "Relax thresholds")
    main = visitor.page.get_by_test_id("stMain")
    table = visitor.page.get_by_test_id("stDataFrame").first
    cell(visitor, table, 0.53, 0, "43")
    expected = reach(needed, 265, narrower)
    expect(main).to_contain_text(wording.target_reached(expected).replace("**", "")[:60])
    assert main.get_by_text("I1 age at least: 45 → 42 years").count() == 0
    visitor.turn_to("Criteria")
    visitor.turn_to("What would change it")
    expect(main).to_contain_text(wording.target_reached(expected).replace("**", "")[:60])
    cell(visitor, table, 0.53, 0, "young")
    expect(main).to_contain_text("I1 age at least, as far as:")
    expect(main).to_contain_text(wording.target_reached(expected).replace("**", "")[:60])


def test_a_stage_goes_to_the_place_typed_and_a_cost_is_reckoned_with(visitor: Visitor, core: Core) -> None:
    overview = core.workbench.overview(AS_WRITTEN)
    found = by_stage(core.workbench.screener, overview.screening, overview.patterns, overview.order)
    ask(visitor, "Screening order")
    metric, table = visitor.page.get_by_test_id("stMetricValue").first, visitor.page.get_by_test_id("stDataFrame").first
    expect(metric).to_have_text(wording.relative_cost(cost_of(found, found.stages).per_screened))
    cell(visitor, table, 0.26, 2, "50")
    dearer = found.at_costs({"slides": 50.0})
    expect(metric).to_have_text(wording.relative_cost(cost_of(dearer, found.stages).per_screened))
    cell(visitor, table, 0.03, 2, "9")
    later = [each for each in found.stages if each != "slides"]
    later.insert(8, "slides")
    expect(metric).to_have_text(wording.relative_cost(cost_of(dearer, later).per_screened))
    expect(visitor.page.get_by_role("alert")).to_have_count(0)
    cell(visitor, table, 0.03, 9, "1")
    expect(visitor.page.get_by_role("alert")).to_have_count(2)  # above the numbers, and where it was typed
    expect(visitor.page.get_by_role("alert").last).to_contain_text(re.compile("This order cannot be kept: Investigator's sign-off stands before"))
