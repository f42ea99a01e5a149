"""Small counts hidden: what is shown, and that nothing else is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from spec.tables import rows

from feasibility.ledger.view import Asked, Ledger
from feasibility.protocol import builtin_protocol
from feasibility.results.accounting import Loss, Tally
from feasibility.results.disclosure import EXACT, SMALL, Rounding
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, with_value
from feasibility.ui import cohorts

PROTOCOL = builtin_protocol()
SMALL_HIDDEN = Rounding(SMALL)
COUNTED = {"fails", "unknown", "gain", "eligible", "undetermined", "lost", "all", "rest"}


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, 0), (1, 10), (4, 10), (10, 10), (11, 10), (14, 10), (15, 20), (24, 20), (25, 30), (104, 100), (-1, -10), (-4, -10), (-26, -30)],
)
def test_how_a_count_is_shown(count: int, shown: int) -> None:
    assert SMALL_HIDDEN.count(count) == shown
    assert EXACT.count(count) == count
    assert SMALL_HIDDEN.counts(np.array([count, 0])).tolist() == [shown, 0]


def test_another_unit_hides_up_to_it() -> None:
    assert [Rounding(5).count(count) for count in (0, 1, 5, 7, 8)] == [0, 5, 5, 5, 10]


TALLIES = """
 patients | eligible | undetermined | shown | and | fail
 2000     | 135      | 307          | 140   | 300 | 1560  # of the 442 as many as they are elsewhere: 440
 2000     | 3        | 2            | 10    | 10  | 1980  # a few are not nobody
 2000     | 3        | 0            | 10    | 0   | 1990
 100      | 4        | 0            | 10    | 0   | 90    # 96 would be 100, and leave nobody eligible
 100      | 0        | 4            | 0     | 10  | 90
 200      | 3        | 100          | 10    | 90  | 100
 200      | 96       | 104          | 100   | 100 | 0
 100      | 48       | 50           | 50    | 40  | 10    # the few who fail keep the unit
 104      | 98       | 3            | 84    | 10  | 10
 2004     | 1004     | 1000         | 1000  | 1004| 0     # nobody fails: the four are no few
 25       | 5        | 5            | 10    | 0   | 15    # not patients enough for three
 12       | 0        | 2            | 0     | 0   | 12
 12       | 6        | 6            | 12    | 0   | 0
 3        | 1        | 1            | 3     | 0   | 0
 0        | 0        | 0            | 0     | 0   | 0
"""


def test_a_rounded_tally_holds_every_patient_once_and_no_few_of_any_kind() -> None:
    for row in rows(TALLIES):
        patients, *kinds = (int(row[name]) for name in ("patients", "eligible", "undetermined"))
        shown = Rounding(SMALL, patients).tally(Tally(patients, *kinds))
        assert (shown.patients, shown.eligible, shown.undetermined, shown.ineligible) == (patients, *(int(row[name]) for name in ("shown", "and", "fail"))), row


def test_exact_tallies_stay_as_they_are() -> None:
    assert EXACT.tally(Tally(25, 5, 5)) == Tally(25, 5, 5)


def test_a_share_is_no_more_than_the_loss_it_is_a_share_of(workbench: Workbench) -> None:
    overview = workbench.overview(AS_WRITTEN)
    few = replace(overview, tally=Tally(40, 4, 3), losses=(Loss("I5", 33, 0, 33, 33, 0, 33, 32.5), Loss("I4", 1, 0, 0, 0, 0, 0, 0.5)))
    assert [loss.share for loss in Rounding(SMALL, 40).overview(few).losses] == [20, 10]


def test_no_count_is_shown_above_the_number_of_patients() -> None:
    assert Rounding(SMALL, patients=7).count(5) == 7


def test_who_is_expected_does_not_say_more_of_the_eligible_than_is_shown() -> None:
    # 135 eligible are shown as 140: at a rate of one half 70 are expected, not 67.5.
    assert SMALL_HIDDEN.expected(67.5, 135) == 70
    assert EXACT.expected(67.5, 135) == 67.5
    assert SMALL_HIDDEN.expected(0.0, 0) == 0


def test_the_mean_rate_of_few_eligible_does_not_say_who_they_are(workbench: Workbench) -> None:
    exact, hidden = workbench.overview(AS_WRITTEN), SMALL_HIDDEN.overview(workbench.overview(AS_WRITTEN))
    rates = {each.id: each.rate for each in hidden.assumed}
    assert rates["E10"] == pytest.approx(0.985)
    assert [each.id for each in exact.assumed] == list(rates)


@pytest.fixture(scope="module")
def workbench() -> Workbench:
    return Workbench(cohorts.sample(), PROTOCOL)


def numbers(found: Any, name: str = "") -> list[int]:
    """Every count of patients in a view, however deep."""
    if isinstance(found, dict):
        return [number for key, inner in found.items() if key not in ("orders", "heads") for number in numbers(inner, name if name in COUNTED else key)]
    if isinstance(found, list):
        return [number for inner in found for number in numbers(inner, name)]
    return [found] if name in COUNTED and isinstance(found, int) and not isinstance(found, bool) else []


@pytest.mark.parametrize("asked", [Asked(), Asked("I5"), Asked("I4"), Asked("E4"), Asked("E5"), Asked("", "lab_window"), Asked("I4", "I4.apart")])
def test_no_count_leaves_unrounded(workbench: Workbench, asked: Asked) -> None:
    scenario = with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 15)
    view = json.loads(json.dumps(Ledger(workbench, SMALL_HIDDEN).view(workbench.overview(scenario), asked, asked.criterion)))
    counts = numbers(view)
    assert len(counts) > 500
    assert [count for count in counts if count % 10] == []
    assert "rounded" in view["notice"]


def test_a_rounded_table_holds_what_a_rounded_view_at_each_value_shows(workbench: Workbench) -> None:
    ledger = Ledger(workbench, SMALL_HIDDEN)
    table = ledger.view(workbench.overview(AS_WRITTEN), Asked("E4"))["tables"]["E4.stroke_window"]
    n = len(table["order"])
    for place in (0, 6, 24):
        shown = ledger.view(workbench.overview(with_value(PROTOCOL, AS_WRITTEN, "E4.stroke_window", place)))
        assert [row["loss"]["gain"] for row in shown["rows"]] == table["gain"][place * n : (place + 1) * n]
        assert [row["step"]["lost"] for row in shown["rows"]] == table["lost"][place * n : (place + 1) * n]
        assert [row["loss"]["share"] for row in shown["rows"]] == table["share"][place * n : (place + 1) * n]
        assert [(each["value"], each["detail"]) for each in shown["headline"]] == [(each["value"], each["detail"]) for each in table["headline"][place]]


@pytest.mark.parametrize("name", ["I5.egfr_min", "I1.age_max", "E5.ldl_max", "I7.hba1c_max"])
def test_the_change_shown_is_that_between_the_two_numbers_shown(workbench: Workbench, name: str) -> None:
    for rounding in (EXACT, SMALL_HIDDEN):
        table = Ledger(workbench, rounding).view(workbench.overview(AS_WRITTEN), Asked(name.partition(".")[0]))["tables"][name]
        assert len({each[1]["value"] for each in table["headline"]}) > 1
        for (eligible, change, *_), exactly in zip(table["headline"], table["tally"]["eligible"], strict=True):
            assert int(eligible["value"].replace(",", "")) == exactly
            compared, written = change["detail"]
            assert int(change["value"].replace("−", "-")) == exactly - int(written.removeprefix("as written "))
            if rounding is SMALL_HIDDEN:
                assert all(each.startswith(("about ", "0 ")) for each in compared.split(", "))
            else:
                gained, lost = (int(each.split()[0]) for each in compared.split(", "))
                assert int(change["value"].replace("−", "-")) == gained - lost


def test_three_lost_beside_an_equal_number_of_eligible_do_not_stand_as_ten_fewer(workbench: Workbench) -> None:
    # 134 as written and 131 now are both shown as 130.
    overview = workbench.overview(with_value(PROTOCOL, AS_WRITTEN, "I5.egfr_min", 21))
    assert (overview.written.eligible, overview.tally.eligible) == (134, 131)
    headline = {each["id"]: each for each in Ledger(workbench, SMALL_HIDDEN).view(overview)["headline"]}
    assert (headline["eligible"]["value"], headline["change"]["value"]) == ("130", "0")
    assert headline["change"]["detail"] == ("0 gained, about 10 lost", "as written 130")


def test_exact_counts_say_nothing_of_rounding(workbench: Workbench) -> None:
    assert Ledger(workbench).view(workbench.overview(AS_WRITTEN))["notice"] == ""
