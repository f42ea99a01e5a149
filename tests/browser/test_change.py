"""What would change it, in a browser: pictures that are pointed at say their words, and what is pressed can be taken into the scenario."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from browser.app_server import ROOT, Visit, Visitor
from browser.expected import Core
from playwright.sync_api import Locator, expect

from feasibility import wording
from feasibility.figures.axes import places
from feasibility.parameters import Number
from feasibility.results.curves import curve
from feasibility.results.near import Elsewhere
from feasibility.results.pairs import grid
from feasibility.scenario import AS_WRITTEN, Scenario, with_criterion_off, with_value
from feasibility.ui.change.misses import LIST_BOX, LIST_PIXELS, VERDICT_BOX

PAGE = "What would change it"
LDL = "E5.ldl_max"
STILL_MS = 250
WHERE = """(plot, [x, y]) => {
  const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis.l2p(y)];
}"""

TILE = "({_fullLayout: {xaxis, yaxis}}) => [xaxis, yaxis].map(each => Math.abs(each.l2p(1) - each.l2p(0)))"


def plot(visitor: Visitor, key: str) -> Locator:
    found = visitor.part(key).locator(".js-plotly-plot")
    expect(found.locator(".main-svg").first).to_be_visible()
    return found


def point_at(visitor: Visitor, key: str, x: float, y: float) -> tuple[float, float]:
    """Move the mouse to a place of the picture's axes; where that is on the screen."""
    left, top = plot(visitor, key).evaluate(WHERE, [x, y])
    visitor.page.mouse.move(left - 3, top - 3)
    visitor.page.mouse.move(left, top, steps=3)
    return left, top


def press(visitor: Visitor, key: str, x: float, y: float) -> None:
    """Press a place of the picture, once it stands still: it finds its size after it is drawn."""
    at = point_at(visitor, key, x, y)
    while (now := _after_a_while(visitor, key, x, y)) != at:
        at = now
    visitor.after(lambda: visitor.page.mouse.click(*at))


def _after_a_while(visitor: Visitor, key: str, x: float, y: float) -> tuple[float, float]:
    visitor.page.wait_for_timeout(STILL_MS)
    return point_at(visitor, key, x, y)


def says(visitor: Visitor, key: str, words: str) -> None:
    """What stands beside the mouse, line by line."""
    label = plot(visitor, key).locator(".hoverlayer .hovertext")
    for line in re.sub("</?b>", "", words).split("<br>"):
        expect(label).to_contain_text(line)


def turn_to_view(visitor: Visitor, name: str) -> None:
    views = visitor.page.get_by_role("radio", name=name, exact=True).or_(visitor.page.get_by_role("button", name=name, exact=True))
    visitor.after(views.first.click)


def beneath_the_window(visitor: Visitor) -> float:
    """How many pixels of the page are out of sight, once it has found its size."""
    visitor.page.wait_for_timeout(STILL_MS)
    return float(visitor.page.get_by_test_id("stMain").evaluate("main => main.scrollHeight - main.clientHeight"))


def headline_is_of(visitor: Visitor, core: Core, scenario: Scenario) -> None:
    said = wording.eligible_line(core.workbench.overview(scenario))
    expect(visitor.part("toolbar")).to_contain_text(said)


def test_a_curve_pointed_at_says_its_words_and_a_stop_taken_changes_the_headline(visitor: Visitor, core: Core) -> None:
    visitor.turn_to(PAGE)
    headline_is_of(visitor, core, AS_WRITTEN)
    press(visitor, "thresholds", 0.5, 0.5)  # the first tile: the most to gain
    found = curve(core.workbench, AS_WRITTEN, LDL)
    at = found.place(4.9)
    x, y = places(found.parameter, found.stops)[at], int(found.eligible[at])
    point_at(visitor, "threshold", x, y)
    says(visitor, "threshold", wording.stop_of_curve(found, at))
    press(visitor, "threshold", x, y)
    visitor.after(visitor.page.get_by_role("button", name=wording.take_stop(found, at)).click)
    headline_is_of(visitor, core, with_value(core.protocol, AS_WRITTEN, LDL, 4.9))


def test_a_cell_of_two_at_once_says_its_words_and_both_values_are_taken(visitor: Visitor, core: Core) -> None:
    visitor.turn_to(PAGE)
    turn_to_view(visitor, "Two at once")
    found = grid(core.workbench, AS_WRITTEN, LDL, "I1.age_min")
    pair = len(found.stops[0]) - 4, 3
    x, y = (places(parameter, stops)[at] for parameter, stops, at in zip(found.parameters, found.stops, pair, strict=True))
    point_at(visitor, "two at once", x, y)
    says(visitor, "two at once", wording.cell(found, pair))
    press(visitor, "two at once", x, y)
    visitor.after(visitor.page.get_by_role("button", name=wording.take_pair(found, pair)).click)
    scenario = AS_WRITTEN
    for parameter, stops, at in zip(found.parameters, found.stops, pair, strict=True):
        assert isinstance(parameter, Number)
        scenario = with_value(core.protocol, scenario, parameter.name, stops[at])
    headline_is_of(visitor, core, scenario)


def test_a_bar_of_the_tornado_says_its_words_and_pressed_is_taken(visitor: Visitor, core: Core) -> None:
    visitor.turn_to(PAGE)
    turn_to_view(visitor, "Tornado")
    point_at(visitor, "tornado", 200, 1)
    says(visitor, "tornado", "<b>I4 Nephrotic proteinuria</b><br>switched off: 361 eligible (+227)")
    press(visitor, "tornado", 200, 1)
    visitor.after(visitor.page.get_by_role("button", name="Take off: 361 eligible (+227)").click)
    headline_is_of(visitor, core, with_criterion_off(core.protocol, AS_WRITTEN, "I4"))


@pytest.mark.parametrize("file", ["", "dkd_wide.csv"])
def test_the_pictures_of_all_thresholds_and_of_all_changes_fit_into_the_window(visitor: Visitor, file: str) -> None:
    """With all that is said of them; of patients from a file the headline takes a line more."""
    if file:
        visitor.choose_file(ROOT / "sample_data" / file)
        visitor.use_file()
    visitor.turn_to(PAGE)
    plot(visitor, "thresholds")
    expect(visitor.page.get_by_text("As many are eligible at every value counted of")).to_be_in_viewport(ratio=1)
    assert beneath_the_window(visitor) == 0
    turn_to_view(visitor, "Tornado")
    plot(visitor, "tornado")
    assert beneath_the_window(visitor) == 0
    stood = plot(visitor, "tornado").bounding_box()
    press(visitor, "tornado", 100, 11)  # a number with two ends
    assert visitor.page.get_by_role("button", name="Take ").count() == 2
    assert beneath_the_window(visitor) == 0
    assert plot(visitor, "tornado").bounding_box() == stood


def test_few_small_pictures_are_wider_than_tall_and_what_is_said_beneath_is_in_sight(visitor: Visitor, tmp_path: Path) -> None:
    """Of a file that tells so little that most numbers change nothing."""
    file = tmp_path / "few.csv"
    said = "id,age,sex,hba1c_percent,ldl_mmol_l,potassium_mmol_l,type_2_diabetes,immunosuppressant,hbsag\n"
    file.write_text(said + "".join(f"P{n},{30 + n % 60},male,{6 + n % 5}.{n % 9},{2 + n % 4}.{n % 7},{4 + n % 3}.{n % 8},1,0,negative\n" for n in range(200)))
    visitor.choose_file(file)
    visitor.use_file()
    visitor.turn_to(PAGE)
    plot(visitor, "thresholds")
    expect(visitor.page.get_by_text("As many are eligible at every value counted of")).to_be_in_viewport(ratio=1)
    assert beneath_the_window(visitor) == 0
    wide, tall = plot(visitor, "thresholds").evaluate(TILE)
    assert wide > tall


def list_single_patients(visitor: Visitor) -> None:
    visitor.turn_to(PAGE)
    turn_to_view(visitor, "Near misses")
    visitor.after(visitor.part("near listed").locator("label").first.click)


def top(of: Locator) -> float:
    box = of.bounding_box()
    assert box is not None
    return box["y"]


def test_the_sign_behind_the_title_in_a_picture_goes_with_it(visitor: Visitor) -> None:
    """Of two pictures one beneath the other: where the page is scrolled, each sign stays beside its own title."""
    visitor.turn_to("What would change it")
    turn_to_view(visitor, "Overlap")
    signs, pictures = visitor.page.locator("[class*='st-key-more-'] button"), visitor.page.locator(".js-plotly-plot")
    expect(signs).to_have_count(2)

    def apart() -> list[float]:
        return [top(signs.nth(each)) - top(pictures.nth(each)) for each in range(2)]

    before, at = apart(), top(pictures.first)
    assert all(0 < each < 30 for each in before)
    visitor.page.mouse.move(600, 500)
    visitor.page.mouse.wheel(0, 300)
    assert visitor.wait_until(lambda: top(pictures.first) < at - 200)
    assert apart() == pytest.approx(before, abs=1)
    signs.nth(1).hover()
    expect(visitor.page.get_by_test_id("stTooltipContent")).to_be_visible()


def test_the_list_of_single_patients_is_as_tall_as_the_window_leaves(visit: Visit) -> None:
    """As it stands on a small screen, and further down on a large one; what is saved from it is seen on both. A verdict beside it is as tall."""
    visitor = visit().settled()  # somebody else's window keeps its size
    list_single_patients(visitor)

    def reaching(width: int, height: int) -> tuple[float, bool]:
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.settle()
        visitor.page.wait_for_timeout(STILL_MS)
        box, saved = (visitor.part(each).bounding_box() for each in (LIST_BOX, "near csv"))
        assert box is not None
        assert saved is not None
        return box["height"], saved["y"] + saved["height"] <= height

    assert reaching(1280, 720) == (LIST_PIXELS, True)
    tall, seen = reaching(1920, 1080)
    assert tall > 2 * LIST_PIXELS
    assert seen
    listed = visitor.part(LIST_BOX)
    expect(listed.get_by_test_id("stDataFrame")).to_have_css("height", f"{tall:g}px")
    box = listed.bounding_box()
    assert box is not None
    visitor.after(lambda: visitor.page.mouse.click(box["x"] + 18, box["y"] + 200))
    expect(visitor.part(VERDICT_BOX)).to_have_css("height", f"{tall:g}px")


@pytest.mark.parametrize("file", ["", "dkd_wide.csv"])
def test_the_verdict_of_a_patient_chosen_stands_in_sight_beside_the_list_that_stays_where_it_is(visitor: Visitor, file: str) -> None:
    """With the reason in full; the list is scrolled as it was, and nothing of the page is out of sight."""
    if file:
        visitor.choose_file(ROOT / "sample_data" / file)
        visitor.use_file()
    list_single_patients(visitor)
    visitor.choose(visitor.part("near criteria"), "I4 Nephrotic proteinuria")
    visitor.page.keyboard.press("Escape")
    visitor.page.wait_for_timeout(STILL_MS)
    listed = visitor.part(LIST_BOX)
    before = listed.bounding_box()
    assert before is not None
    visitor.page.mouse.move(before["x"] + 60, before["y"] + 150)
    visitor.page.mouse.wheel(0, 300)
    visitor.page.wait_for_timeout(STILL_MS)
    scroller = listed.locator(".dvn-scroller")
    scrolled = scroller.evaluate("list => list.scrollTop")
    assert scrolled > 0
    visitor.after(lambda: visitor.page.mouse.click(before["x"] + 18, before["y"] + 200))
    verdict = visitor.part(VERDICT_BOX)
    first = verdict.get_by_role("row").nth(1)
    expect(first).to_contain_text(re.compile("I4 Nephrotic proteinuria.*fails.*needs"))
    expect(first).to_be_in_viewport(ratio=1)
    after, box = listed.bounding_box(), verdict.bounding_box()
    assert after is not None
    assert box is not None
    assert (after["x"], after["y"], after["height"]) == (before["x"], before["y"], before["height"])
    assert scroller.evaluate("list => list.scrollTop") == scrolled
    assert box["x"] >= after["x"] + after["width"]
    assert (box["y"], box["height"]) == (after["y"], after["height"])
    assert first.evaluate("row => [...row.cells].every(cell => cell.scrollWidth <= cell.clientWidth)")
    assert beneath_the_window(visitor) == 0


def test_the_place_is_found_again_after_another_page(visitor: Visitor) -> None:
    """The view, and in it what is listed and of which criteria; a criterion that no longer counts is left out."""
    list_single_patients(visitor)
    visitor.choose(visitor.part("near elsewhere"), wording.ELSEWHERE[Elsewhere.UNKNOWN])
    for name in ("I4 Nephrotic proteinuria", "E5 Severe hyperlipidaemia"):
        visitor.choose(visitor.part("near criteria"), name)
        visitor.page.keyboard.press("Escape")  # the list stays open
    page = visitor.page.get_by_test_id("stMain")
    expect(page).to_contain_text("fail only one of I4 and E5 and are unknown on another.")
    visitor.turn_to("Workbench")
    visitor.ledger_button("switch", "E5").click()
    visitor.settled()
    visitor.turn_to(PAGE)
    expect(page).to_contain_text("fail only I4 and are unknown on another.")
    expect(visitor.part("near criteria")).to_contain_text("I4")


def test_the_threshold_chosen_stands_large_again_after_another_page(visitor: Visitor) -> None:
    visitor.turn_to(PAGE)
    press(visitor, "thresholds", 0.5, 0.5)
    slider = visitor.part("change stop").get_by_role("slider")
    visitor.after(lambda: slider.press("Home"))
    stop = slider.get_attribute("aria-valuetext")
    visitor.turn_to("Criteria")
    visitor.turn_to(PAGE)
    plot(visitor, "threshold")
    expect(slider).to_have_attribute("aria-valuetext", str(stop))


@pytest.mark.parametrize("name", ["short", "extract of all who were seen at one of the four sites, 2021 to 2025"])
def test_the_ways_back_stay_beside_the_headline_however_long_it_is(visitor: Visitor, tmp_path: Path, name: str) -> None:
    """Of patients from a file it says what holds for saving too: with a long name more than a line of 1280 pixels takes."""
    shutil.copy(ROOT / "sample_data" / "dkd_wide.csv", tmp_path / f"{name}.csv")
    visitor.choose_file(tmp_path / f"{name}.csv")
    visitor.use_file()
    visitor.turn_to(PAGE)
    expect(visitor.part("toolbar")).to_contain_text(wording.EXACT_NOT_SAVED)
    parts = visitor.part("toolbar").locator(".stMarkdown").first, visitor.part("undo"), visitor.part("redo")

    def beside() -> bool:
        said, undo, redo = (each.bounding_box() for each in parts)
        assert said is not None
        assert undo is not None
        assert redo is not None
        in_turn = said["x"] + said["width"] <= undo["x"] < redo["x"]
        overlaps = said["y"] < undo["y"] + undo["height"] and undo["y"] < said["y"] + said["height"]
        return in_turn and undo["y"] == redo["y"] and overlaps and (said["height"] > undo["height"]) == (name != "short")

    assert visitor.wait_until(beside), "once the page has found its place"
