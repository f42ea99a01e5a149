"""Right while it moves: lines dragged with a real mouse, and every number on the page held against a fresh screening by the core, at every place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

import pytest
from browser.agreement import across, agree, follows, shows
from browser.app_server import Hand, Visit, Visitor
from browser.expected import Core
from browser.reading import SHORTEST, differences
from playwright.sync_api import CDPSession, expect

from feasibility.results.disclosure import SMALL, Rounding
from feasibility.scenario import AS_WRITTEN, Order, Scenario, with_criterion_off, with_order, with_preset, with_value

# Every kind of row


@pytest.mark.parametrize(
    ("name", "moving"),
    [
        pytest.param("I5.egfr_min", "I5 fails", id="one of two thresholds"),
        pytest.param("I5.egfr_max", "I5 gain", id="a threshold that is lifted as written"),
        pytest.param("I7.hba1c_max", "I7 unknown", id="one threshold"),
        pytest.param("I1.age_min", "I1 share", id="the lower of two ends on one axis"),
        pytest.param("I1.age_max", "E12 eligible", id="the upper of two ends on one axis"),
        pytest.param("I6.sbp_max", "I6 lost", id="the first of two values"),
        pytest.param("I6.dbp_max", "I6 fails", id="the second of two values"),
        pytest.param("I4.protein_min", "I4 line 0 fails", id="a limb on a log scale"),
        pytest.param("I4.uacr_above", "I4 line 1 fails", id="the other limb on a log scale"),
        pytest.param("E5.tg_max", "E5 line 0 fails", id="a limb of which any is enough"),
        pytest.param("E5.ldl_max", "E12 undetermined", id="the other limb of which any is enough"),
        pytest.param("E3.nyha_min", "E3 fails", id="a class among many limbs"),
        pytest.param("E7.hbv_dna_max", "E7 unknown", id="a threshold among yes and no"),
        pytest.param("E4.stroke_window", "E4 saved", id="a window in months with an exception"),
        pytest.param("E4.deficits_allowed", "E4 saved", id="an exception's own number"),
        pytest.param("I3.biopsy_window", "I3 fails", id="a window in years"),
        pytest.param("E8.cancer_window", "E8 fails", id="a window in years without limit"),
        pytest.param("E2.washout", "E2 fails", id="a window in days"),
        pytest.param("E10.state_window", "value E10.state_window", id="a criterion assessed in part"),
        pytest.param("lab_window", "I7 unknown", id="a window that criteria share"),
        pytest.param("rate I8", "headline expected value", id="an assumed pass rate"),
        pytest.param("rate E10", "headline expected value", id="an assumed pass rate of a criterion in part"),
    ],
)
def test_every_number_follows_the_line(visitor: Visitor, core: Core, name: str, moving: str) -> None:
    handle = core.handle(name)
    hand = visitor.take_up(name)
    seen = follows(hand, core, across(len(handle["values"])))
    assert len({shown.at[name] for shown in seen}) >= min(20, len(handle["values"])), "it went everywhere"
    assert len({shown.numbers[moving] for shown in seen}) > 1, f"{moving} moves with it"
    last = next(stop for stop in (len(handle["values"]) // 3, 0) if stop != handle["written"])
    (released,) = follows(hand, core, [last])
    hand.release()
    after = shows(visitor, core, core.moved(name, handle["values"][released.at[name]]))
    assert after.numbers == released.numbers, "letting go changes nothing"
    assert after.message == ""


def test_a_further_number_of_the_open_row_moves_them_too(visitor: Visitor, core: Core) -> None:
    visitor.ledger_button("open", "I4").click()
    expect(visitor.page.locator('[data-detail="I4"]')).to_be_visible()
    shows(visitor, core, opened="I4")
    hand = visitor.take_up("I4.apart")
    seen = follows(hand, core, across(len(core.handle("I4.apart", opened="I4")["values"])), opened="I4")
    assert len({shown.numbers["I4 line 0 unknown"] for shown in seen}) > 1
    hand.release()
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I4.apart", 90), opened="I4")


def test_the_counts_in_the_open_row_follow_those_by_what_is_missing_too(visitor: Visitor, core: Core) -> None:
    visitor.ledger_button("open", "I5").click()
    expect(visitor.page.locator('[data-detail="I5"]')).to_be_visible()
    hand = visitor.take_up("I5.egfr_min")
    seen = follows(hand, core, [0, 20, 40], opened="I5")
    assert not any(shown.still for shown in seen)
    hand.release()
    after = shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 50), opened="I5")
    assert after.still == []


def test_it_follows_from_any_scenario_and_in_an_order_by_loss_the_rows_wait_for_the_release(visitor: Visitor, core: Core) -> None:
    visitor.open("/?set=I5.egfr_min=15,I4.protein_min=1&off=E5&reading=I4=latest&order=largest").settled()
    scenario = core.from_query({"set": "I5.egfr_min=15,I4.protein_min=1", "off": "E5", "reading": "I4=latest", "order": "largest"})
    shows(visitor, core, scenario)
    standing = with_order(core.protocol, scenario, core.workbench.overview(scenario).order)
    hand = visitor.take_up("I6.sbp_max")
    seen = follows(hand, core, [10, 5, 0], scenario=standing, but_for=("order ", "rows"))
    assert len({shown.numbers["rows"] for shown in seen}) == 1
    hand.release()
    after = shows(visitor, core, with_value(core.protocol, scenario, "I6.sbp_max", 130))
    assert after.numbers["rows"] != seen[0].numbers["rows"]


def test_small_counts_stay_hidden_while_it_moves(visitor: Visitor, core: Core) -> None:
    hiding = Core(core.workbench, Rounding(SMALL, core.workbench.cohort.patients))
    visitor.make_ready("E4.stroke_window")  # exact as yet
    visitor.after(visitor.page.get_by_role("button", name="Share").click)  # its own answer first, not to be taken for the next one's
    visitor.after(visitor.page.get_by_text("Hide small counts").click)
    visitor.page.keyboard.press("Escape")
    shows(visitor, hiding)
    hand = visitor.take_up("E4.stroke_window")
    seen = follows(hand, hiding, across(25))
    assert all(text.endswith("0") for shown in seen for key, text in shown.numbers.items() if key.endswith(("fails", "unknown", "gain", "eligible", "lost")))
    hand.release()
    shows(visitor, hiding, with_value(core.protocol, AS_WRITTEN, "E4.stroke_window", 24))


def test_the_mark_of_the_largest_gain_follows_the_line(visitor: Visitor, core: Core) -> None:
    hand = visitor.take_up("I5.egfr_min")
    seen = follows(hand, core, across(len(core.handle("I5.egfr_min")["values"])))
    marked = [{key.partition(" ")[0] for key, text in shown.numbers.items() if text == "marked"} for shown in seen]
    assert all(marked)
    assert len(set().union(*marked)) > 1
    visitor.page.keyboard.press("Escape")
    hand.release()


def test_nobody_has_no_bar_and_a_few_have_one_that_can_be_seen(visitor: Visitor, core: Core) -> None:
    visitor.open("/?set=I7.hba1c_max=inf").settled()
    shown = shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I7.hba1c_max", inf))
    assert (shown.numbers["I7 fails"], shown.numbers["E10 fails"]) == ("0", "4")
    (start, end, _), (of_few, to, _) = shown.bars["I7 fails"], shown.bars["E10 fails"]
    assert (end - start, to - of_few) == (0, SHORTEST)


def test_two_lines_on_one_axis_do_not_cross(visitor: Visitor, core: Core) -> None:
    visitor.open("/?set=I5.egfr_max=50").settled()
    hand = visitor.take_up("I5.egfr_min")
    hand.to(1)
    assert visitor.numbers()["value I5.egfr_min"] == "≥ 50"
    hand.release()
    limited = with_value(core.protocol, AS_WRITTEN, "I5.egfr_max", 50)
    shows(visitor, core, with_value(core.protocol, limited, "I5.egfr_min", 50))


# What may come between


def test_escape_brings_everything_back_and_says_nothing_to_the_app(visitor: Visitor, core: Core) -> None:
    hand = visitor.take_up("I5.egfr_min")
    said = visitor.said
    hand.to(0.1)
    assert differences(visitor.shown(), core.told()) != []
    visitor.page.keyboard.press("Escape")
    agree(visitor.shown(), core.told(), "as written")
    hand.to(0.6)
    agree(visitor.shown(), core.told(), "as written")
    hand.release()
    shows(visitor, core)
    visitor.page.wait_for_timeout(300)
    assert visitor.said == said


def test_a_line_put_back_where_it_was_says_nothing_to_the_app(visitor: Visitor, core: Core) -> None:
    hand = visitor.take_up("I5.egfr_min")
    said = visitor.said
    handle = core.handle("I5.egfr_min")
    hand.to(0.6)
    assert visitor.shown().at["I5.egfr_min"] > handle["written"]
    hand.to(handle["places"][handle["written"]])
    hand.release()
    shows(visitor, core)
    assert visitor.said == said


def test_a_run_in_the_middle_of_a_drag_loses_nothing(visitor: Visitor, core: Core) -> None:
    hand = visitor.take_up("I5.egfr_min")
    (before,) = follows(hand, core, [30])
    visitor.after(lambda: visitor.part("preset trial-conduct").get_by_role("button").evaluate("button => button.click()"))
    conduct = with_preset(core.protocol, AS_WRITTEN, "trial-conduct")
    expect(visitor.page.locator('.ledger[data-table="I5.egfr_min"]')).to_be_attached()
    between = visitor.shown()
    assert (between.state, between.at["I5.egfr_min"]) == ("dragging", before.at["I5.egfr_min"])
    assert between.revision != before.revision
    follows(hand, core, [30, 0, 10, 45], scenario=conduct)
    hand.release()
    shows(visitor, core, with_value(core.protocol, conduct, "I5.egfr_min", 55))


def waits_without_a_wrong_number(visitor: Visitor, core: Core, name: str, stops: Sequence[int], scenario: Scenario = AS_WRITTEN) -> Hand:
    """A line is taken up and moved while the app sleeps: numbers that do not belong to the line stand still, and are shown as such."""
    handle = core.handle(name, scenario)
    hand = visitor.take_up(name, ready=False)
    for stop in stops:
        hand.to(handle["places"][stop])
        shown = visitor.shown()
        assert shown.at[name] == pytest.approx(stop, abs=1)
        own = {f"{what} {name}": handle["texts"][shown.at[name]] for what in ("value", "said of")}
        agree(shown, replace(core.told(scenario), numbers=core.numbers(scenario) | own), f"before its table came, at {stop}")
        assert (shown.table, shown.faded) == ("", True)
    return hand


def test_a_table_that_comes_late_is_waited_for_without_a_wrong_number(visitor: Visitor, core: Core) -> None:
    with visitor.app.asleep():
        hand = waits_without_a_wrong_number(visitor, core, "E5.ldl_max", [5, 25, 39])
    expect(visitor.page.locator('.ledger[data-table="E5.ldl_max"]')).to_be_attached()
    follows(hand, core, [39, 20, 0])
    hand.release()
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "E5.ldl_max", 2.6))


def test_a_table_is_not_used_any_more_once_another_line_was_moved(visitor: Visitor, core: Core) -> None:
    visitor.make_ready("I7.hba1c_max")
    visitor.drag("I5.egfr_min", 0)
    lowered = with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 10)
    shows(visitor, core, lowered)
    with visitor.app.asleep():
        hand = waits_without_a_wrong_number(visitor, core, "I7.hba1c_max", [0, 40], lowered)
    expect(visitor.page.locator('.ledger[data-table="I7.hba1c_max"]')).to_be_attached()
    follows(hand, core, [40, 10, 0], scenario=lowered)
    hand.release()
    shows(visitor, core, with_value(core.protocol, lowered, "I7.hba1c_max", 7))


def test_a_line_let_go_before_its_table_came_keeps_its_value(visitor: Visitor, core: Core) -> None:
    with visitor.app.asleep():
        hand = visitor.take_up("I7.hba1c_max", ready=False)
        hand.to(0)
        visitor.page.mouse.up()
        shown = visitor.shown()
        assert (shown.state, shown.numbers["value I7.hba1c_max"], shown.faded) == ("waiting", "< 7.0 %", True)
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I7.hba1c_max", 7))


def test_changes_made_faster_than_the_app_answers_all_arrive(visitor: Visitor, core: Core) -> None:
    visitor.make_ready("I5.egfr_min")
    visitor.make_ready("I7.hba1c_max")
    with visitor.app.asleep():
        visitor.ledger_button("switch", "E5").click()
        for name, place in (("I5.egfr_min", 0), ("I7.hba1c_max", 0), ("I5.egfr_min", core.handle("I5.egfr_min")["places"][5])):
            hand = visitor.take_up(name, ready=False)
            hand.to(place)
            visitor.page.mouse.up()
        visitor.ledger_button("order", "stage").click()
        assert visitor.shown().state == "waiting"
    scenario = with_order(core.protocol, with_criterion_off(core.protocol, AS_WRITTEN, "E5"), Order.STAGE)
    scenario = with_value(core.protocol, with_value(core.protocol, scenario, "I5.egfr_min", 15), "I7.hba1c_max", 7)
    assert visitor.wait_until(lambda: len(visitor.shown().chips) == 4, 20_000), visitor.shown().chips
    shows(visitor, core, scenario)


def test_two_browsers_that_drag_at_once_do_not_meet(visitor: Visitor, visit: Visit, core: Core) -> None:
    other = visit().settled()
    one_hand, other_hand = visitor.take_up("I5.egfr_min"), other.take_up("I6.sbp_max")
    for one_stop, other_stop in zip((0, 30, 50), (0, 7, 10), strict=True):
        follows(one_hand, core, [one_stop])
        follows(other_hand, core, [other_stop])
    one_hand.release()
    follows(other_hand, core, [5, 0])
    other_hand.release()
    shows(visitor, core, with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 60))
    shows(other, core, with_value(core.protocol, AS_WRITTEN, "I6.sbp_max", 130))
    hand = visitor.take_up("I6.dbp_max")
    follows(hand, core, [0, 8], scenario=with_value(core.protocol, AS_WRITTEN, "I5.egfr_min", 60))
    hand.release()
    shows(other, core, with_value(core.protocol, AS_WRITTEN, "I6.sbp_max", 130))


# By finger


class Finger(Hand):
    """A line held with a finger."""

    touch: CDPSession

    def put_down(self) -> None:
        self.touch = self.visitor.context.new_cdp_session(self.visitor.page)
        self._touch("touchStart", self.y)

    def to(self, place: float, down: float = 0) -> None:
        self.x = self.left + self.width * place
        self._touch("touchMove", self.y + down)

    def release(self) -> None:
        self.touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        self.visitor.settled()

    def _touch(self, what: str, y: float) -> None:
        self.touch.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": [{"x": self.x, "y": y}]})


@pytest.mark.parametrize("name", ["E5.ldl_max", "rate I8"])
def test_a_finger_drags_as_a_mouse_does(visit: Visit, core: Core, name: str) -> None:
    visitor = visit(has_touch=True).settled()
    handle = core.handle(name)
    finger = Finger(visitor, name, *visitor.axis(name))
    finger.put_down()
    finger.to(handle["places"][1])
    expect(visitor.page.locator(f'.ledger[data-table="{name}"]')).to_be_attached()
    seen = follows(finger, core, across(len(handle["values"]))[::3])
    finger.release()
    assert visitor.page.evaluate("() => window.scrollY") == 0
    shows(visitor, core, core.moved(name, handle["values"][seen[-1].at[name]]))
