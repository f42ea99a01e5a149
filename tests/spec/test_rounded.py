"""Overlap, targets and screening costs while small counts are hidden: what is shown follows from rounded counts alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from feasibility.results import rounded
from feasibility.results.disclosure import EXACT, Rounding
from feasibility.results.dropping import Aim, Best, Dropping
from feasibility.results.overlap import FailedSet, FailedTogether, Implication, Pull, Redundancy, SeldomAlone
from feasibility.results.relaxing import Move, Point, Reached
from feasibility.results.screening_order import Reached as AtStage
from feasibility.results.screening_order import ScreeningCost
from feasibility.results.target import usual_target

TENS = Rounding(10, 200)


@pytest.mark.parametrize(
    ("planned", "eligible", "patients", "target"),
    [
        (120, 80, 2000, 120),
        (120, 135, 2000, 203),  # what is planned is there already: half as many again
        (None, 135, 2000, 203),
        (120, 120, 2000, 180),
        (None, 0, 2000, 1),
        (None, 1900, 2000, 2000),
        (120, 10, 50, 50),
        (None, 0, 0, 1),
    ],
)
def test_the_usual_target(planned: int | None, eligible: int, patients: int, target: int) -> None:
    assert usual_target(planned, eligible, patients) == target


@pytest.mark.parametrize("target", range(1, 140))
def test_the_fewest_patients_shown_as_a_target_are_the_fewest(target: int) -> None:
    exact = rounded.least(TENS, target)
    assert TENS.count(exact) >= target
    assert TENS.count(exact - 1) < target
    assert rounded.least(EXACT, target) == target


def test_sets_keep_their_criteria_and_round_their_patients() -> None:
    found = FailedTogether(200, 97, (FailedSet(("A", "B"), 3),), 4, 94)
    shown = rounded.failed_together(TENS, found)
    assert shown == FailedTogether(200, 100, (FailedSet(("A", "B"), 10),), 4, 90)
    assert rounded.failed_together(EXACT, found) == found


def test_a_part_is_never_shown_larger_than_its_whole() -> None:
    found = Redundancy(
        200,
        (SeldomAlone("A", 34, 1, 1, 2),),
        (),
        (Implication("A", "B", 35, 35, 2, 36, 190),),
        (Pull(("A", "B"), 35, 35, 36, 190, 0.01),),
        1,
    )
    shown = rounded.redundancy(TENS, found)
    assert shown.seldom_alone == (SeldomAlone("A", 30, 10, 10, 10),)
    (implied,), (pull,) = shown.implications, shown.pulls
    assert (implied.both, implied.fails, implied.unknown, implied.fails_other, implied.known) == (40, 40, 10, 40, 190)
    assert implied.share == 1
    assert (pull.both, pull.first, pull.second) == (40, 40, 40)
    assert rounded.redundancy(EXACT, found) == found


def test_the_fewest_criteria_for_a_target_follow_from_what_is_shown() -> None:
    sets = tuple(Best(("A", "B")[:number], *left, True, True) for number, left in enumerate(((14, 3), (96, 3), (320, 0))))
    shown = rounded.dropping(Rounding(10, 320), Dropping(Aim.ELIGIBLE, 320, sets))
    assert [(each.eligible, each.undetermined) for each in shown.sets] == [(10, 10), (100, 10), (320, 0)]
    fewest = shown.fewest_to_reach(100)
    assert fewest is not None
    assert fewest.best.dropped == ("A",)


def test_moves_and_points_are_rounded_and_points_shown_alike_are_one() -> None:
    found = Reached(95, 200, 4, (Move("I.x", 1, 2, 92, 0.5, 96),), 0.5, 96, True, True, 0.5)
    shown = rounded.reached(TENS, found, 100)
    assert (shown.target, shown.start, shown.eligible, shown.moves[0].gained, shown.moves[0].eligible) == (100, 10, 100, 90, 100)
    points = tuple(Point(cost, eligible, {}, True) for cost, eligible in ((0.0, 1), (0.1, 2), (0.2, 12), (0.3, 17), (0.4, 22)))
    assert [(each.cost, each.eligible) for each in rounded.front(TENS, points)] == [(0.0, 10), (0.3, 20)]
    assert rounded.front(EXACT, points) == points


def test_costs_are_reckoned_from_rounded_patients() -> None:
    found = ScreeningCost(200, (AtStage("a", 2.0, 200.0, 97.0, 0.0), AtStage("b", 5.0, 103.0, 0.0, 51.5)), 3.5, 4.0, ())
    shown = rounded.screening_cost(TENS, found)
    assert shown.total == 2 * 200 + 5 * 100
    assert shown.per_eligible == 90
    assert rounded.screening_cost(EXACT, found) == found
    nobody = rounded.screening_cost(TENS, replace(found, eligible=0.0))
    assert np.isinf(nobody.per_eligible)
