"""Scenarios: what a move takes, snaps and refuses, what the chips say, and the link that reproduces it."""

from __future__ import annotations

import math

import pytest
from oracle.both import protocol_of

from feasibility.protocol import builtin_protocol
from feasibility.scenario import (
    AS_WRITTEN,
    Order,
    Refused,
    Scenario,
    change,
    changes,
    from_query,
    reading_id,
    to_query,
    value_of,
    with_criterion_off,
    with_criterion_on,
    with_missing_policy,
    with_order,
    with_preset,
    with_rate,
    with_reading,
    with_value,
)
from feasibility.variables import MissingPolicy

P = builtin_protocol()

SNAPPED = [
    ("I5.egfr_min", 30, 30.0),
    ("I5.egfr_min", 30.4, 30.0),
    ("I4.protein_min", 3.4999999, 3.5),
    ("I4.protein_min", 0.1 + 0.2 + 3.0, 3.3),
    ("E6.potassium_max", 5.4 + 0.1, 5.5),
    ("E6.potassium_max", 5.7, 5.7),
    ("I6.sbp_max", 162, 160.0),
    ("I7.hba1c_max", math.inf, math.inf),
    ("E2.glucocorticoids", True, True),
]


@pytest.mark.parametrize(("name", "value", "expected"), SNAPPED)
def test_values_are_snapped_in_decimal(name: str, value: float, expected: float) -> None:
    assert value_of(P, with_value(P, AS_WRITTEN, name, value), name) == expected


REFUSED = [
    ("set", "I5.nothing=3", "I5.nothing is not a parameter"),
    ("set", "I5.egfr_min=9", "9 lies outside 10 to 60"),
    ("set", "I5.egfr_min=61", "61 lies outside 10 to 60"),
    ("set", "I5.egfr_min=inf", "cannot be without limit at that end"),
    ("set", "I7.hba1c_max=-inf", "cannot be without limit at that end"),
    ("set", "I5.egfr_min=nan", "not a number"),
    ("set", "I5.egfr_min=low", "'low' is not a number"),
    ("set", "I5.egfr_min", "not a number"),
    ("set", "E2.glucocorticoids=perhaps", "neither on nor off"),
    ("reading", "E5=neither", "E5 has no reading 'neither'; there are or, both, tg, ldl, tc"),
    ("reading", "X9=or", "'X9' is not a criterion"),
    ("reading", "I8=or", "I8 has no reading"),
    ("off", "X9", "'X9' is not a criterion; there are I1"),
    ("missing", "E7.hbsag=gone", "'gone' is not a missing policy"),
    ("missing", "E7.uacr=absent", "E7 does not speak of 'uacr'"),
    ("missing", "hbsag=absent", "not a criterion"),
    ("rate", "I8=1.2", "lies between 0 and 1"),
    ("rate", "I8=nan", "lies between 0 and 1"),
    ("rate", "I8=most", "not a number"),
    ("order", "I5,X9", "'X9' is not a criterion"),
    ("turn", "I5", "turn is not a kind of change"),
]


@pytest.mark.parametrize(("option", "text", "said"), REFUSED)
def test_refused(option: str, text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        change(P, AS_WRITTEN, option, text)
    assert said in str(refused.value)


def test_a_preset_this_protocol_does_not_have() -> None:
    with pytest.raises(Refused, match="trial-conduct"):
        with_preset(P, AS_WRITTEN, "quick")
    assert value_of(P, with_preset(P, AS_WRITTEN, "trial-conduct"), "lab_window") == 28


def test_going_back_leaves_no_trace() -> None:
    assert with_value(P, with_value(P, AS_WRITTEN, "I5.egfr_min", 30), "I5.egfr_min", 20) == AS_WRITTEN
    assert with_reading(P, with_reading(P, AS_WRITTEN, "E5", "both"), "E5", "or") == AS_WRITTEN
    assert with_criterion_on(P, with_criterion_off(P, AS_WRITTEN, "E9"), "E9") == AS_WRITTEN
    assert with_missing_policy(P, with_missing_policy(P, AS_WRITTEN, "E7.hbsag", MissingPolicy.ABSENT), "E7.hbsag", None) == AS_WRITTEN
    assert with_rate(P, with_rate(P, AS_WRITTEN, "I8", 0.4), "I8", None) == AS_WRITTEN
    assert with_order(P, with_order(P, AS_WRITTEN, ["E5"]), P.ids) == AS_WRITTEN


def test_a_list_of_criteria_is_completed_in_protocol_order() -> None:
    order = with_order(P, AS_WRITTEN, ["E5", "I4", "E5"]).order
    assert order[:4] == ("E5", "I4", "I1", "I2")
    assert sorted(order) == sorted(P.ids)


MOVED = Scenario(
    {"I5.egfr_min": 15.0, "I7.hba1c_max": math.inf, "E2.glucocorticoids": True, "lab_window": 28.0},
    {"E5": "both", "I6": "latest-visit"},
    frozenset({"E9", "E12"}),
    {"E7.hbsag": MissingPolicy.ABSENT},
    {"I8": 0.4},
    ("E5", *(each for each in P.ids if each != "E5")),
)


def test_chips_name_every_change_and_each_way_back() -> None:
    found = changes(P, MOVED)
    assert [each.key for each in found] == [
        "lab_window",
        "I5.egfr_min",
        "I7.hba1c_max",
        "E2.glucocorticoids",
        "I6 reading",
        "I8 rate",
        "E5 reading",
        "E7.hbsag missing",
        "E9 off",
        "E12 off",
        "order",
    ]
    by_key = {each.key: each for each in found}
    assert by_key["I5.egfr_min"].text == "I5 eGFR at least 15 mL/min/1.73m²"
    assert by_key["I5.egfr_min"].was == "20 mL/min/1.73m²"
    assert by_key["I7.hba1c_max"].text.endswith("no limit")
    assert "“triglycerides and LDL”" in by_key["E5 reading"].text
    scenario = MOVED
    while left := changes(P, scenario):
        assert len(changes(P, left[0].without)) == len(left) - 1
        scenario = left[0].without
    assert with_order(P, scenario, Order.PROTOCOL) == AS_WRITTEN


def test_a_link_reproduces_the_scenario() -> None:
    assert to_query(P, AS_WRITTEN) == {}
    assert from_query(P, {}) == (AS_WRITTEN, ())
    assert from_query(P, to_query(P, MOVED)) == (MOVED, ())
    for order in Order:
        assert from_query(P, to_query(P, with_order(P, MOVED, order))) == (with_order(P, MOVED, order), ())


@pytest.mark.parametrize("rate", [0.0, 1.0, 0.5, 1 / 3, 0.1234567])
def test_a_link_keeps_any_rate(rate: float) -> None:
    scenario = with_rate(P, AS_WRITTEN, "I8", rate)
    assert from_query(P, to_query(P, scenario)) == (scenario, ())


def test_what_a_link_says_that_the_protocol_does_not_know_is_left_out_and_said() -> None:
    scenario, problems = from_query(P, {"set": "I5.egfr_min=30,I5.gone=3,lab_window=99999", "off": "E9,X1", "reading": "E5", "rate": "I8=x", "order": "Q"})
    assert scenario == Scenario({"I5.egfr_min": 30.0}, off=frozenset({"E9"}))
    assert len(problems) == 6
    assert {problem.severity for problem in problems} == {"warning"}


def test_the_reading_in_use() -> None:
    assert reading_id(P, AS_WRITTEN, "E5") == "or"
    assert reading_id(P, MOVED, "E5") == "both"
    assert reading_id(P, AS_WRITTEN, "I8") is None


def test_a_policy_can_be_set_for_every_variable_a_criterion_speaks_of() -> None:
    """Its exceptions included: E1 speaks of the biopsy in an ``unless`` too, and a limb may do so there alone."""
    protocol = protocol_of("uacr > 3", role="exclusion", unless="hba1c > 9")
    assert with_missing_policy(protocol, AS_WRITTEN, "C.hba1c", MissingPolicy.ABSENT).missing == {"C.hba1c": MissingPolicy.ABSENT}
