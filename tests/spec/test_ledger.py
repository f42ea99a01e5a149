"""What the ledger hands to the browser: which number stands where, on what it is drawn, and what a proposal does."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from spec.tables import by_name

from feasibility import wording
from feasibility.ledger.proposals import proposed
from feasibility.ledger.rows import AS_WRITTEN_RATE
from feasibility.ledger.scales import lines
from feasibility.ledger.view import Asked, Ledger
from feasibility.parameters import Direction, Number, Unbounded, stops, thinned, typed
from feasibility.protocol import builtin_protocol
from feasibility.results.distributions import Axis, axis_of, passing_the_rest, spread
from feasibility.results.overview import Workbench
from feasibility.rules.bounds import Bound, bound
from feasibility.rules.nodes import Pick, Statistic
from feasibility.scenario import AS_WRITTEN, Order, Refused, Scenario, with_criterion_off, with_order, with_rate, with_reading, with_value
from feasibility.ui import cohorts

PROTOCOL = builtin_protocol()


@pytest.fixture(scope="module")
def workbench() -> Workbench:
    return Workbench(cohorts.sample(), PROTOCOL)


@pytest.fixture(scope="module")
def ledger(workbench: Workbench) -> Ledger:
    return Ledger(workbench)


def view(ledger: Ledger, scenario: Scenario = AS_WRITTEN, **more: Any) -> dict[str, Any]:
    """A view as the browser gets it."""
    found: dict[str, Any] = json.loads(json.dumps(ledger.view(ledger.workbench.overview(scenario), **more), allow_nan=False))
    return found


def row(shown: dict[str, Any], criterion_id: str) -> dict[str, Any]:
    return next(each for each in shown["rows"] if each["id"] == criterion_id)


def handle(shown: dict[str, Any], name: str) -> dict[str, Any]:
    scales = [scale for each in shown["rows"] for line in each["lines"] for scale in line["scales"]]
    scales += [*shown["shared"], *(each["scale"] for each in shown["aside"]["rows"] if each["scale"]), *((shown["open"] or {}).get("scales", []))]
    return next(each for scale in scales for each in scale["handles"] if each["name"] == name)


# Stops


def number(**more: Any) -> Number:
    return Number(**{"name": "X.x", "label": "x", "value": 5.0, "min": 0.0, "max": 10.0, "step": 1.0, **more})


def test_a_control_stops_at_every_step_and_at_the_value_and_the_written_one() -> None:
    assert stops(number(), 5.0) == tuple(range(11))
    assert stops(number(), 7.0, most=3) == (0, 5, 7, 10)
    assert stops(number(value=3.0), 7.0, most=3) == (0, 3, 5, 7, 10)


def test_a_lifted_limit_is_the_last_stop() -> None:
    assert stops(number(unbounded=Unbounded.UP), math.inf)[-2:] == (10, math.inf)
    assert stops(number(unbounded=Unbounded.DOWN), 5.0)[:2] == (-math.inf, 0)


def test_stops_on_a_log_scale_are_multiples_of_the_step_too() -> None:
    found = stops(number(min=30.0, max=3000.0, step=10.0, scale="log", value=1000.0), 1000.0)
    assert found[0] == 30
    assert found[-1] == 3000
    assert 1000 in found
    assert all(each % 10 == 0 for each in found)


def test_few_of_the_stops_on_a_log_scale_are_evenly_spread_and_round() -> None:
    found = stops(number(min=30.0, max=3000.0, step=10.0, scale="log", value=1000.0), 1000.0)
    few = [found[place] for place in thinned(found, 25, (1000.0,), "log")]
    assert {30, 40, 50, 60, 80, 100, 200, 400, 800, 1000, 3000} <= set(few)
    assert max(after / before for before, after in pairwise(few)) <= 2
    assert 18 <= len(few) <= 25
    assert few == sorted(set(few))
    assert [thinned(range(1, size + 1), 25, (), scale) for size in (1, 2, 3) for scale in ("linear", "log")] == [[0], [0], [0, 1], [0, 1], [0, 1, 2], [0, 1, 2]]
    assert thinned((1.0, 2.0, 3.0, math.inf), 2) == [0, 2, 3]
    assert thinned((-math.inf, 1.0, 2.0, 3.0), 2) == [0, 1, 3]
    assert thinned((*range(41), math.inf), 25)[-2:] == [40, 41]  # the end of the range beside no limit


FEW = """
 low  | high | step | most | few
 10   | 60   | 1    | 25   | 10 15 20 25 30 35 40 45 50 55 60
 65   | 90   | 1    | 25   | 65 66 68 70 72 74 76 78 80 82 84 86 88 90
 0.5  | 6    | 0.1  | 25   | 0.5 1 1.5 2 2.5 3 3.5 4 4.5 5 5.5 6
 14   | 730  | 1    | 25   | 14 50 100 150 200 250 300 350 400 450 500 550 600 650 700 730
 14   | 730  | 4    | 17   | 14 50 98 150 198 250 298 350 398 450 498 550 598 650 698 730
 0    | 48   | 1    | 25   | 0 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 32 34 36 38 40 42 44 46 48
 0    | 50   | 1    | 25   | 0 5 10 15 20 25 30 35 40 45 50
 0    | 2000 | 250  | 4    | 0 1000 2000
 0    | 24   | 1    | 25   | 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24
 -3   | 3    | 1    | 2    | -3 3
"""


@pytest.mark.parametrize(("low", "high", "step", "most", "few"), by_name(FEW))
def test_few_of_the_stops_on_a_linear_scale_are_round_values(low: str, high: str, step: str, most: str, few: str) -> None:
    """The ends of the range beside them; of stops that miss the multiples those nearest. What is kept comes to them."""
    decimals = len(step.partition(".")[2])
    steps = round((float(high) - float(low)) / float(step))
    found = [round(float(low) + float(step) * place, decimals) for place in range(steps + 1)]
    expected = [float(each) for each in few.split()]
    assert [found[place] for place in thinned(found, int(most))] == expected
    with_limit = (*found, math.inf)
    assert [with_limit[place] for place in thinned(with_limit, int(most), (found[1],))] == sorted({*expected, found[1], math.inf})


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("27", "", 27),
        ("≥ 3.5 g/24h", "g/24h", 3.5),
        ("1,000", "mg/g", 1000),
        (" > 1,250 mg/g ", "mg/g", 1250),
        (".5", "", 0.5),
        ("no limit", "%", math.inf),
        ("≤ 7 mo", "months", 7),
        ("1 year", "years", 1),
        ("5 y", "years", 5),
        ("−2", "", -2),
        ("4.", "", 4),
    ],
)
def test_a_typed_number_is_read_with_its_sign_and_unit(text: str, unit: str, value: float) -> None:
    assert typed(text, unit) == value


@pytest.mark.parametrize(("text", "unit"), [("", ""), ("abc", "%"), ("3,5", "g/24h"), ("5 mmol/L", "mg/dL"), ("1,00", ""), ("-", ""), ("1 2", "")])
def test_anything_else_typed_is_refused(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        typed(text, unit)


# What a parameter bounds


def rule(criterion_id: str, limb: int = 0) -> Any:
    return PROTOCOL[criterion_id].readings[0].limbs[limb].rule


def test_a_threshold_bounds_its_quantity_whichever_side_it_stands() -> None:
    at_least, at_most = bound(rule("I1"), "I1.age_min"), bound(rule("I1"), "I1.age_max")
    assert at_least is not None
    assert at_most is not None
    assert (at_least.operator, at_most.operator) == (">=", "<=")
    assert at_least.quantity == at_most.quantity == Pick(Statistic.LATEST, "age", None)


def test_a_value_at_a_visit_is_that_of_the_visit_nearest_to_the_limit() -> None:
    found = bound(rule("I6"), "I6.sbp_max")
    assert found is not None
    assert isinstance(found.quantity, Pick)
    assert (found.quantity.statistic, found.quantity.variable) == (Statistic.LOWEST, "sbp")


def test_a_length_of_time_bounds_no_quantity() -> None:
    assert bound(rule("E2"), "E2.washout") == Bound("<=")
    assert bound(rule("E2"), "E2.course_above") == Bound(">")
    assert bound(rule("I1"), "I5.egfr_min") is None


@pytest.mark.parametrize(
    ("criterion_id", "reading", "expected"),
    [
        ("I1", "completed", [[["I1.age_min", "I1.age_max"]]]),
        ("I2", "diagnosis", [[]]),
        ("I4", "last-two", [[["I4.protein_min"]], [["I4.uacr_above"]]]),
        ("I6", "best-visit", [[["I6.sbp_max"], ["I6.dbp_max"]]]),
        ("E2", "and-course", [[["E2.washout"], ["E2.course_above"]]]),
        ("E5", "both", [[["E5.tg_max"]], [["E5.ldl_max"]]]),
        ("E5", "tg", [[["E5.tg_max"]]]),
        ("E6", "repeat-or-binder", [[["E6.potassium_max"], ["E6.binder_window"]]]),
        ("E8", "later", [[["E8.cancer_window"]]]),
        ("E9", "recorded", [[]]),
    ],
)
def test_which_numbers_stand_in_a_row(criterion_id: str, reading: str, expected: list[Any]) -> None:
    scenario = with_reading(PROTOCOL, AS_WRITTEN, criterion_id, reading)
    found = lines(PROTOCOL, scenario, PROTOCOL[criterion_id])
    assert [[[each.parameter.name for each in scale.handles] for scale in line.scales] for line in found] == expected


def test_patients_pass_on_the_side_the_rule_says() -> None:
    drawn = [line for criterion in PROTOCOL.criteria for line in lines(PROTOCOL, AS_WRITTEN, criterion)]
    found = {each.parameter.name: each for line in drawn for scale in line.scales for each in scale.handles}
    assert (found["I5.egfr_min"].passes, found["I1.age_max"].passes, found["E5.ldl_max"].passes) == ("above", "below", "below")
    assert all(each.parameter.loosens in Direction for each in found.values())


# Distributions


def test_a_value_falls_into_the_bin_that_begins_with_it() -> None:
    axis = axis_of(2.6, 6.5, 0.1, log=False, most_bins=60)
    assert axis.bins == 39
    assert [round(axis.place(each) * axis.bins, 9) for each in (2.6, 4.1, 6.5, 9)] == [0, 15, 39, 39]


def test_bins_hold_whole_steps() -> None:
    assert axis_of(18, 90, 1, log=False, most_bins=60) == Axis(18, 90, 36)
    assert axis_of(0, 181, 1, log=False, most_bins=60) == Axis(0, 184, 46)
    assert axis_of(3, 3, 1, log=False, most_bins=60).place(3) == 0


@pytest.mark.parametrize("name", ["I1.age_min", "I4.uacr_above", "I5.egfr_min", "E5.ldl_max"])
def test_spreads_are_those_of_a_patient_by_patient_count(workbench: Workbench, name: str) -> None:
    overview = workbench.overview(AS_WRITTEN)
    criterion = PROTOCOL[name.partition(".")[0]]
    scale = next(each for line in lines(PROTOCOL, AS_WRITTEN, criterion) for each in line.scales if name in {one.parameter.name for one in each.handles})
    assert scale.quantity is not None
    values = workbench.screener.evaluator.quantity(scale.quantity, {})
    axis, outcomes = scale.axis, overview.screening.outcomes
    everybody, rest = np.zeros(axis.bins, int), np.zeros(axis.bins, int)
    for patient in range(workbench.cohort.patients):
        lo, hi = values.lo[patient], values.hi[patient]
        if not (hi - lo <= (axis.high - axis.low) / axis.bins and np.isfinite(lo)):
            continue
        place = min(int(axis.place((lo + hi) / 2) * axis.bins + 1e-9), axis.bins - 1)  # what lies beyond an end stands at it
        everybody[place] += 1
        rest[place] += all(outcomes[each][patient] == 2 for each in overview.order if each != criterion.id)
    found = spread(workbench.screener, scale.quantity, axis)
    assert found.counts.tolist() == everybody.tolist()
    assert passing_the_rest(overview.patterns, overview.order).counts(criterion.id, found).tolist() == rest.tolist()
    assert 0 < rest.sum() < everybody.sum()


# The view


def test_the_view_shows_the_overview(ledger: Ledger, workbench: Workbench) -> None:
    overview = workbench.overview(AS_WRITTEN)
    shown = view(ledger)
    assert [each["id"] for each in shown["rows"]] == list(overview.order)
    assert [each["step"] for each in shown["rows"]] == [{"eligible": s.eligible, "undetermined": s.undetermined, "lost": s.lost} for s in overview.steps]
    assert [(each["loss"]["fails"], each["loss"]["unknown"], each["loss"]["gain"]) for each in shown["rows"]] == [
        (loss.fails, loss.unknown, loss.gain) for loss in overview.losses
    ]
    assert [(each["value"], tuple(each["detail"])) for each in shown["headline"]] == [(each.value, each.detail) for each in wording.headlines(overview)]
    assert shown["chips"] == []
    assert [each["group"] for each in shown["rows"] if each["group"]] == ["Inclusion", "Exclusion"]
    assert {each["id"] for each in shown["aside"]["rows"]} >= set(overview.screening.not_assessed)


def test_a_criterion_switched_off_keeps_its_row_and_shows_no_counts(ledger: Ledger) -> None:
    shown = view(ledger, with_criterion_off(PROTOCOL, AS_WRITTEN, "I4"))
    assert [each["id"] for each in shown["rows"]].index("I4") == 3
    assert (row(shown, "I4")["on"], row(shown, "I4")["loss"], row(shown, "I4")["step"]) == (False, None, None)


@pytest.mark.parametrize("order", [Order.STAGE, Order.LARGEST_LOSS, ("E5", "I4")])
def test_rows_stand_in_the_order_of_the_funnel(ledger: Ledger, workbench: Workbench, order: Any) -> None:
    scenario = with_order(PROTOCOL, AS_WRITTEN, order)
    shown = view(ledger, scenario)
    assert [each["id"] for each in shown["rows"]] == list(workbench.overview(scenario).order)
    assert not any(each["group"] for each in shown["rows"])
    assert [each["on"] for each in shown["orders"]] == [each == order for each in Order]


def test_limbs_with_a_line_of_their_own_show_their_own_counts(ledger: Ledger, workbench: Workbench) -> None:
    found = {each["label"]: (each["fails"], each["unknown"]) for each in row(view(ledger), "I4")["lines"]}
    outcomes = workbench.screener.limb_outcomes(PROTOCOL, AS_WRITTEN, "I4")
    assert found == {label: (int((each == 0).sum()), int((each == 1).sum())) for label, each in outcomes.items()}


def test_a_changed_value_and_the_written_one_are_marked(ledger: Ledger) -> None:
    shown = view(ledger, with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15))
    found = handle(shown, "I5.egfr_min")
    assert (found["values"][found["at"]], found["values"][found["written"]]) == (15, 20)
    assert found["texts"][found["at"]] == "≥ 15"
    assert row(shown, "I5")["changed"]
    assert [each["key"] for each in shown["chips"]] == ["I5.egfr_min"]


@pytest.mark.parametrize(
    ("labels", "shorts", "expected"),
    [
        (["systolic at most", "diastolic at most"], ["", ""], ("systolic", "diastolic")),
        (["age at least", "age at most"], ["min", ""], ("min", "most")),
        (["NYHA class from", "angina within"], ["", ""], ("NYHA class from", "angina within")),
        (["limit", "upper limit"], ["", ""], ("limit", "upper")),
        (["limit", "limit"], ["one", "other"], ("one", "other")),
        (["age at least"], ["min"], ("",)),
        ([], [], ()),
    ],
)
def test_values_in_one_line_are_told_apart_by_a_word(labels: list[str], shorts: list[str], expected: tuple[str, ...]) -> None:
    assert wording.told_apart([number(label=label, short=short) for label, short in zip(labels, shorts, strict=True)]) == expected


def test_each_of_several_values_in_a_line_has_a_word_and_one_alone_has_none(ledger: Ledger) -> None:
    for line in (line for each in view(ledger)["rows"] for line in each["lines"]):
        called = [handle["called"] for scale in line["scales"] for handle in scale["handles"]]
        assert len(set(called)) == len(called)
        assert all(called) == (len(called) > 1) or not called


def test_a_reading_is_called_by_its_short_word_in_its_row_and_in_full_in_the_menu(ledger: Ledger) -> None:
    reading = row(view(ledger, with_reading(PROTOCOL, AS_WRITTEN, "E6", "repeat-or-binder")), "E6")["reading"]
    assert (reading["short"], reading["label"]) == ("twice", "high twice, or on a binder")
    assert [each["label"] for each in reading["options"]] == [each.label for each in PROTOCOL["E6"].readings]
    assert row(view(ledger), "E5")["reading"]["short"] == "triglycerides or LDL"
    for criterion in PROTOCOL.criteria:
        assert len({each.short or each.label for each in criterion.readings}) == len(criterion.readings)


def test_a_chip_says_which_of_the_values_of_its_criterion(ledger: Ledger) -> None:
    shown = view(ledger, with_value(PROTOCOL, AS_WRITTEN, "I6.dbp_max", 110))
    assert [(each["text"], each["was"]) for each in shown["chips"]] == [("I6 ≤ 110 diastolic", "≤ 100")]


def test_no_limit_travels_as_text(ledger: Ledger) -> None:
    found = handle(view(ledger), "I5.egfr_max")
    assert found["values"][-1] == "inf"
    assert found["texts"][found["at"]] == "no limit"
    assert found["places"][-1] > 1


# Tables


OF_EVERY_KIND = "I1.age_max I4.uacr_above I5.egfr_max I6.dbp_max E4.stroke_window E5.ldl_max E8.cancer_window lab_window I4.apart".split()


@pytest.mark.parametrize("name", OF_EVERY_KIND)
def test_a_table_holds_what_a_view_at_each_value_would_show(ledger: Ledger, name: str) -> None:
    scenario = with_criterion_off(PROTOCOL, AS_WRITTEN, "E1")
    criterion_id = name.partition(".")[0] if "." in name else ""
    before = view(ledger, scenario, asked=Asked(criterion_id, name), opened=criterion_id)
    table, moved = before["tables"][name], handle(before, name)
    assert table["key"] == moved["key"]
    n, places = len(table["order"]), range(0, len(moved["values"]), 5)
    for place in places:
        value = float(moved["values"][place])
        shown = view(ledger, with_value(PROTOCOL, scenario, name, value))
        counting = [each for each in shown["rows"] if each["step"]]
        assert [each["id"] for each in counting] == table["order"]
        for field in ("eligible", "undetermined", "lost"):
            assert [each["step"][field] for each in counting] == table[field][place * n : (place + 1) * n]
        assert [each["loss"]["gain"] for each in counting] == table["gain"][place * n : (place + 1) * n]
        assert [each["loss"]["share"] for each in counting] == table["share"][place * n : (place + 1) * n]
        for each in counting:
            for field in ("fails", "unknown"):
                written = row(before, each["id"])["loss"][field]
                assert each["loss"][field] == (table[field][each["id"]][place] if each["id"] in table[field] else written)
            of_lines = table["lines"].get(each["id"]) or [None] * len(each["lines"])
            for line, moving, still in zip(each["lines"], of_lines, row(before, each["id"])["lines"], strict=True):
                for field in ("fails", "unknown"):
                    assert line[field] == (moving[field][place] if moving else still[field])
            saved = table["saved"].get(each["id"])
            assert each["saved"] == (saved[place] if saved else row(before, each["id"])["saved"])
        assert [{"value": each["value"], "detail": each["detail"]} for each in shown["headline"]] == table["headline"][place]
        assert shown["tally"] == {field: numbers[place] for field, numbers in table["tally"].items()}


@pytest.mark.parametrize("criterion_id", ["I8", "E10", "E13"])
def test_a_rates_table_holds_the_headline_at_each_rate(ledger: Ledger, criterion_id: str) -> None:
    name = f"rate {criterion_id}"
    before = view(ledger, asked=Asked("", name))
    table, moved = before["tables"][name], handle(before, name)
    assert len(table["headline"]) == len(moved["values"])
    for place in [*range(0, len(moved["values"]), 10), moved["written"]]:
        rate = moved["values"][place]
        shown = view(ledger, with_rate(PROTOCOL, AS_WRITTEN, criterion_id, None if rate == AS_WRITTEN_RATE else rate))
        assert [{"value": each["value"], "detail": each["detail"]} for each in shown["headline"]] == table["headline"][place]


def test_a_table_stays_good_while_only_its_own_parameter_moves(ledger: Ledger) -> None:
    def key(scenario: Scenario) -> str:
        found: str = handle(view(ledger, scenario), "I5.egfr_min")["key"]
        return found

    assert key(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15)) == key(AS_WRITTEN)
    assert key(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_max", 60)) != key(AS_WRITTEN)
    assert key(with_criterion_off(PROTOCOL, AS_WRITTEN, "E5")) != key(AS_WRITTEN)
    assert key(with_order(PROTOCOL, AS_WRITTEN, Order.STAGE)) != key(AS_WRITTEN)


def test_counts_under_each_reading_are_those_of_the_reading(ledger: Ledger, workbench: Workbench) -> None:
    shown = view(ledger, asked=Asked("E5", ""))
    assert shown["readings"]["E5"]["key"] == row(shown, "E5")["reading"]["key"]
    for reading, text in shown["readings"]["E5"]["left"].items():
        assert text == wording.left(workbench.overview(with_reading(PROTOCOL, AS_WRITTEN, "E5", reading)).tally)
    assert len(shown["readings"]["E5"]["left"]) == 5


def test_nothing_is_made_ready_for_what_is_not_there(ledger: Ledger) -> None:
    for asked in (Asked("X9", ""), Asked("I8", ""), Asked("", "rate X9"), Asked("", "nonsense"), Asked("", "I5.egfr_min")):
        assert view(ledger, asked=asked)["tables"] == {}
    assert view(ledger, opened="X9")["open"] is None


# Proposals


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"kind": "value", "name": "I5.egfr_min", "value": 15}, with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15)),
        ({"kind": "value", "name": "E8.cancer_window", "value": "inf"}, with_value(PROTOCOL, AS_WRITTEN, "E8.cancer_window", math.inf)),
        ({"kind": "typed", "name": "I4.uacr_above", "text": "1,250 mg/g"}, with_value(PROTOCOL, AS_WRITTEN, "I4.uacr_above", 1250)),
        ({"kind": "value", "name": "rate I8", "value": 0.4}, with_rate(PROTOCOL, AS_WRITTEN, "I8", 0.4)),
        ({"kind": "value", "name": "rate I8", "value": AS_WRITTEN_RATE}, AS_WRITTEN),
        ({"kind": "typed", "name": "rate I8", "text": "62.5 %"}, with_rate(PROTOCOL, AS_WRITTEN, "I8", 0.625)),
        ({"kind": "switch", "criterion": "E5", "on": False}, with_criterion_off(PROTOCOL, AS_WRITTEN, "E5")),
        ({"kind": "switch", "criterion": "E5", "on": True}, AS_WRITTEN),
        ({"kind": "reading", "criterion": "E5", "reading": "both"}, with_reading(PROTOCOL, AS_WRITTEN, "E5", "both")),
        ({"kind": "order", "order": "stage"}, with_order(PROTOCOL, AS_WRITTEN, Order.STAGE)),
        ({"kind": "order", "ids": ["E5", "I1"]}, with_order(PROTOCOL, AS_WRITTEN, ["E5", "I1"])),
        ({"kind": "toggle", "name": "I4.uacr_counts", "on": False}, with_value(PROTOCOL, AS_WRITTEN, "I4.uacr_counts", False)),
    ],
)
def test_a_proposal_changes_the_scenario(said: dict[str, Any], expected: Scenario) -> None:
    assert proposed(PROTOCOL, AS_WRITTEN, said) == expected


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("I6.sbp_max", "163", "type 160 or 165"),
        ("I6.sbp_max", "161 mmHg", "type 160 or 165"),
        ("I6.sbp_max", "162.5", "type 160 or 165"),
        ("I4.uacr_above", "1,284", "type 1,280 or 1,290"),
        ("E5.ldl_max", "4.15", "type 4.1 or 4.2"),
    ],
)
def test_what_is_typed_between_two_steps_is_not_moved_to_one_in_silence(name: str, text: str, said: str) -> None:
    with pytest.raises(Refused, match=f"“{text}” lies between two of its steps: {said}"):
        proposed(PROTOCOL, AS_WRITTEN, {"kind": "typed", "name": name, "text": text})



def test_a_sign_that_contradicts_the_rule_is_refused() -> None:
    assert proposed(PROTOCOL, AS_WRITTEN, {"kind": "typed", "name": "I5.egfr_min", "text": ">= 30"}) == with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 30)
    with pytest.raises(Refused, match="compares the other way"):
        proposed(PROTOCOL, AS_WRITTEN, {"kind": "typed", "name": "I5.egfr_min", "text": "< 30"})


def test_the_order_is_a_change_with_a_way_back() -> None:
    ordered = with_order(PROTOCOL, AS_WRITTEN, Order.STAGE)
    assert proposed(PROTOCOL, ordered, {"kind": "undo", "chip": "order"}) == AS_WRITTEN


def test_a_rates_table_goes_out_of_date_with_its_stops(ledger: Ledger) -> None:
    fine, coarse = (handle(view(ledger, with_rate(PROTOCOL, AS_WRITTEN, "I8", rate)), "rate I8") for rate in (0.515, 0.3))
    assert len(fine["values"]) != len(coarse["values"])
    assert fine["key"] != coarse["key"]


def test_a_criterion_that_is_off_still_shows_where_its_limbs_stand(ledger: Ledger) -> None:
    off = with_criterion_off(PROTOCOL, AS_WRITTEN, "E5")
    table = view(ledger, off, asked=Asked("", "lab_window"))["tables"]["lab_window"]
    moved = handle(view(ledger, off), "lab_window")
    shown = row(view(ledger, with_value(PROTOCOL, off, "lab_window", moved["values"][3])), "E5")
    assert [line["fails"] for line in shown["lines"]] == [each["fails"][3] for each in table["lines"]["E5"]]
    assert view(ledger, off, asked=Asked("E5"))["tables"]["E5.ldl_max"]["lines"]["E5"]


def test_a_chip_takes_its_change_back() -> None:
    scenario = with_value(PROTOCOL, with_criterion_off(PROTOCOL, AS_WRITTEN, "E5"), "I5.egfr_min", 15)
    assert proposed(PROTOCOL, scenario, {"kind": "undo", "chip": "I5.egfr_min"}) == with_criterion_off(PROTOCOL, AS_WRITTEN, "E5")
    assert proposed(PROTOCOL, scenario, {"kind": "undo", "chip": "gone"}) == scenario


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "value", "name": "I5.egfr_min", "value": 500},
        {"kind": "value", "name": "X.x", "value": 5},
        {"kind": "value", "name": "I5.egfr_min", "value": "nan"},
        {"kind": "value", "name": "I5.egfr_min", "value": "abc"},
        {"kind": "value", "name": "I5.egfr_min", "value": None},
        {"kind": "typed", "name": "I5.egfr_min", "text": "twenty"},
        {"kind": "typed", "name": "rate I8", "text": "150"},
        {"kind": "reading", "criterion": "E5", "reading": "nonsense"},
        {"kind": "order", "ids": ["X9"]},
        {"kind": "order", "order": "sideways"},
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(said: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"\w{3,}.*\."):
        proposed(PROTOCOL, AS_WRITTEN, said)


def test_the_detail_says_the_clause_the_rule_and_what_is_missing(ledger: Ledger, workbench: Workbench) -> None:
    shown = view(ledger, opened="I4")["open"]
    loss = next(each for each in workbench.overview(AS_WRITTEN).losses if each.id == "I4")
    assert shown["text"] == PROTOCOL["I4"].text
    assert [each["label"] for each in shown["limbs"]] == ["24-h protein", "UACR"]
    assert "at least 3.5 g/24h" in shown["limbs"][0]["sentence"]
    assert shown["limbs"][0]["policies"] == ["no record of 24-h urine protein: unknown"]
    facts = {each["label"]: each["value"] for each in shown["facts"]}
    assert facts["fail it"].startswith(f"{loss.fails} of 2,000 patients")
    assert facts["unknown"].startswith(f"{loss.unknown} of 2,000 patients")
    assert f"of the {loss.unknown} unknown" in facts["no record of 24-h urine protein"]
    assert [each["name"] for each in shown["switches"]] == ["I4.uacr_counts", "I4.uacr_averaged"]
    assert [scale["handles"][0]["name"] for scale in shown["scales"]] == ["I4.apart", "I4.uacr_samples"]


def test_the_reasons_of_those_who_lack_no_record_are_said_apart(ledger: Ledger) -> None:
    facts = {each["label"]: each["value"] for each in view(ledger, opened="I4")["open"]["facts"]}
    assert re.fullmatch(r"\d+ of the 841 unknown: something is recorded, but not as many values .*", facts["fewer values than asked for"])
    assert "left open by the rule" not in facts
    facts = {each["label"]: each["value"] for each in view(ledger, opened="E5")["open"]["facts"]}
    assert re.fullmatch(r"\d+ of the \d+ unknown: .* possible, not for certain", facts["left open by the rule"])


def test_the_detail_of_a_criterion_not_in_the_data_says_so(ledger: Ledger) -> None:
    shown = view(ledger, opened="I8")["open"]
    assert (shown["limbs"], shown["facts"], shown["scales"]) == ([], [], [])
    assert shown["text"] == PROTOCOL["I8"].text
