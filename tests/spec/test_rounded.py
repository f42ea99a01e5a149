"""Results while small counts are hidden: what is shown follows from rounded counts alone, and no part is more than its whole."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from feasibility import wording
from feasibility.parameters import Direction, Number
from feasibility.protocol import builtin_protocol
from feasibility.results import rounded
from feasibility.results.accounting import Tally
from feasibility.results.curves import Curve
from feasibility.results.disclosure import EXACT, Rounding
from feasibility.results.dropping import Aim, Best, Dropping
from feasibility.results.gaps import Gap, Gaps, Range
from feasibility.results.near import NearCounts, OneFailed
from feasibility.results.noise import Noise
from feasibility.results.overlap import Associated, Costless, FailedSet, FailedTogether, Implication, Redundancy, SeldomAlone
from feasibility.results.overview import Workbench
from feasibility.results.pairs import Grid
from feasibility.results.proportion import Proportion, interval, wilson
from feasibility.results.relaxing import Move, Point, Reached
from feasibility.results.screening_order import ScreeningCost
from feasibility.results.screening_order import StageReached as AtStage
from feasibility.results.target import usual_target
from feasibility.results.tornado import Bar, End, Group, Tornado
from feasibility.results.treatable import Treatable, TreatableSet
from feasibility.scenario import AS_WRITTEN
from feasibility.ui import cohorts
from feasibility.variables import WithinPerson

TENS = Rounding(10, 200)


@pytest.mark.parametrize(
    ("planned", "enrolling", "eligible", "patients", "target"),
    [
        (120, 1.0, 80, 2000, 120),
        (120, 1.0, 135, 2000, 203),  # what is planned is there already: half as many again
        (None, 0.5, 135, 2000, 203),
        (120, 1.0, 120, 2000, 180),
        (None, 1.0, 0, 2000, 1),
        (None, 1.0, 1900, 2000, 2000),
        (120, 1.0, 10, 50, 50),
        (None, 1.0, 0, 0, 1),
        (120, 0.5, 134, 2000, 240),  # so many eligible are there, but half of them enrol
        (120, 0.5, 240, 2000, 360),
        (120, 0.4531, 134, 2000, 265),
        (3, 0.3, 2, 2000, 10),  # 3 / 0.3 is no more than 10
        (120, 0.0, 134, 2000, 201),  # nobody enrols: no number of eligible will do
    ],
)
def test_the_usual_target(planned: int | None, enrolling: float, eligible: int, patients: int, target: int) -> None:
    assert usual_target(planned, enrolling, eligible, patients) == target


INTERVALS = [
    (0, 200, 10, 0, 0),
    (10, 200, 10, 1, 14),
    (20, 200, 10, 15, 24),
    (16, 16, 10, 11, 16),  # no more than all of them: 15 or 16 are shown so
    (20, 200, 5, 18, 22),
    (20, 200, 0, 20, 20),
]


@pytest.mark.parametrize(("count", "of", "unit", "least", "most"), INTERVALS)
def test_the_interval_of_a_rounded_count_holds_those_of_all_that_are_shown_so(count: int, of: int, unit: int, least: int, most: int) -> None:
    assert interval(count, of, unit) == Proportion(count, of, unit).interval == (wilson(least, of)[0], wilson(most, of)[1])
    if unit:
        behind = [exact for exact in range(of + 1) if Rounding(unit, of).count(exact) == count]
        assert all(interval(count, of, unit)[0] <= low and high <= interval(count, of, unit)[1] for low, high in (wilson(each, of) for each in behind))
        assert behind


def test_a_headline_of_rounded_counts_says_no_narrower_interval_than_the_exact_one() -> None:
    exact = Tally(2000, 1, 3)
    shown = Rounding(10, 2000).tally(exact)
    assert shown.proportion.interval == (wilson(1, 2000)[0], wilson(14, 2000)[1])
    assert shown.honest_interval[0] <= exact.honest_interval[0]
    assert shown.honest_interval[1] >= exact.honest_interval[1]


@pytest.mark.parametrize("patients", [30, 60, 137])
def test_the_interval_over_the_undetermined_holds_the_exact_one(patients: int) -> None:
    """Also where few are ineligible, and the undetermined are shown as fewer so that all add up."""
    for eligible in range(0, patients + 1, 3):
        for undetermined in range(0, patients + 1 - eligible, 2):
            exact = Tally(patients, eligible, undetermined)
            low, high = Rounding(10, patients).tally(exact).honest_interval
            assert low <= exact.honest_interval[0]
            assert exact.honest_interval[1] <= high + 1e-12, exact


def test_sets_keep_their_criteria_and_round_their_patients() -> None:
    found = FailedTogether(200, 97, (FailedSet(("A", "B"), 3, 1),), 4, 94)
    shown = rounded.failed_together(TENS, found, Tally(200, 100, 0))
    assert shown == FailedTogether(200, 100, (FailedSet(("A", "B"), 10, 10),), 4, 90)
    assert rounded.failed_together(TENS, found, Tally(200, 120, 0)).further_patients == 80, "no more than all who fail any"
    assert rounded.failed_together(EXACT, found, Tally(200, 103, 0)) == found


def test_a_part_is_never_shown_larger_than_its_whole() -> None:
    found = Redundancy(
        200,
        (SeldomAlone("A", 34, 1, 1, 2, 7),),
        (Costless("C", 3),),
        (Costless("D", 0), Costless("E", 17)),
        (Implication("A", "B", 35, 35, 2, 36, 190),),
        (Associated(("A", "B"), 35, 35, 36, 190, 0.01),),
        (),
        1,
    )
    shown = rounded.redundancy(TENS, found)
    assert shown.seldom_alone == (SeldomAlone("A", 30, 10, 10, 10, 10),)
    assert (shown.without_gain, shown.never_failed) == ((Costless("C", 10),), (Costless("D", 0), Costless("E", 20)))
    (implied,), (pull,) = shown.implications, shown.together
    assert (implied.both, implied.fails, implied.unknown, implied.fails_other, implied.known) == (40, 40, 10, 40, 190)
    assert implied.proportion == 1
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
    found = Reached(95, 200, 4, (Move("I.x", 1, 2, 92, 0.5, 96),), 0.5, 96, True, True, 0.5, True)
    shown = rounded.reached(TENS, found, 100)
    assert (shown.target, shown.start, shown.eligible, shown.moves[0].gained, shown.moves[0].eligible) == (100, 10, 100, 90, 100)
    points = tuple(Point(cost, eligible, 200, {}, True) for cost, eligible in ((0.0, 1), (0.1, 2), (0.2, 12), (0.3, 17), (0.4, 22)))
    assert [(each.cost, each.eligible) for each in rounded.front(TENS, points)] == [(0.0, 10), (0.3, 20)]
    assert rounded.front(EXACT, points) == points


def test_costs_are_reckoned_from_rounded_patients() -> None:
    found = ScreeningCost(200, (AtStage("a", 2.0, 200.0, 97.0, 0.0), AtStage("b", 5.0, 103.0, 0.0, 51.5)), 3.5, 4.0, 24, ())
    shown = rounded.screening_cost(TENS, found)
    assert shown.total == 2 * 200 + 5 * 100
    assert (shown.per_eligible, shown.per_expected) == (45, 90)
    assert rounded.screening_cost(EXACT, found) == found
    nobody = rounded.screening_cost(TENS, replace(found, eligible=0.0, eligible_on_data=0))
    assert (nobody.per_eligible, nobody.per_expected) == (np.inf, np.inf)


# Missing data


def gap(people: int, settled: int, gained: Range, lost: Range, nothing: int = 0, never: int = 0) -> Gap:
    return Gap("ldl", ("ldl",), ("E5",), True, people, nothing, never, settled, gained, lost)


def of_gap(patients: int, eligible: int, undetermined: int, one: Gap) -> tuple[Gaps, Gap]:
    rounding, exact = Rounding(10, patients), Tally(patients, eligible, undetermined)
    shown = rounded.gaps(rounding, Gaps(exact, one.settled, (one,)), rounding.tally(exact))
    return shown, shown.gaps[0]


def test_a_gap_is_open_for_no_more_than_are_shown_as_undetermined() -> None:
    shown, only = of_gap(2000, 135, 307, gap(307, 306, Range(0, 306), Range(1, 307), 305))
    assert (shown.tally.undetermined, shown.one_settles) == (300, 300)
    assert only == gap(300, 300, Range(0, 300), Range(0, 300), 300)


@pytest.mark.parametrize(("eligible", "undetermined"), [(3, 2), (10, 3), (1, 4), (12, 14)])
def test_what_measuring_a_few_could_add_stays_within_the_range_of_the_eligible(eligible: int, undetermined: int) -> None:
    shown, only = of_gap(2000, eligible, undetermined, gap(2, 2, Range(0, 2), Range(0, 2)))
    possible = shown.tally.eligible + shown.tally.undetermined
    assert (only.people, only.gained, only.lost) == (10, Range(0, 10), Range(0, 10))
    assert shown.lower(only) == Range(10, 20)
    assert shown.upper(only) == Range(possible - 10, possible)


def test_the_two_ends_of_the_range_do_not_cross() -> None:
    """Six are eligible whatever is found and six ineligible: of ten shown as undetermined it cannot be ten and ten."""
    shown, only = of_gap(2000, 135, 12, gap(12, 12, Range(6, 6), Range(6, 6)))
    assert (only.people, only.gained, only.lost) == (10, Range(0, 10), Range(0, 10))
    assert (shown.lower(only), shown.upper(only), shown.undetermined(only)) == (Range(140, 150), Range(140, 150), Range(0, 0))


def test_who_is_not_shown_as_undetermined_lacks_nothing() -> None:
    assert rounded.gaps(Rounding(10, 12), Gaps(Tally(12, 6, 6), 6, (gap(6, 6, Range(0, 6), Range(0, 6)),)), Tally(12, 12, 0)) == Gaps(Tally(12, 12, 0), 0, ())


@pytest.mark.parametrize("seed", range(4))
def test_no_number_of_a_gap_is_small_or_beyond_what_it_is_counted_of(seed: int) -> None:
    random = np.random.default_rng(seed)

    def up_to(most: int) -> int:
        return int(random.integers(most + 1))

    for _ in range(500):
        patients = int(random.choice([up_to(50), up_to(400), up_to(3000)]))
        undetermined = int(random.choice([min(patients, 1 + up_to(15)), up_to(patients)]))
        eligible = int(random.choice([0, min(patients - undetermined, 1 + up_to(15)), up_to(patients - undetermined)]))
        people = up_to(undetermined)
        surely_gained = up_to(people)
        surely_lost = up_to(people - surely_gained)
        either = up_to(people - surely_gained - surely_lost)
        stays = people - surely_gained - surely_lost - either
        gained, lost = (Range(least, least + either + up_to(stays)) for least in (surely_gained, surely_lost))
        rounding, exact, nothing = Rounding(10, patients), Tally(patients, eligible, undetermined), up_to(people)
        found = gap(people, people - stays, gained, lost, nothing, up_to(nothing))
        shown = rounded.gaps(rounding, Gaps(exact, up_to(undetermined), (found,)), rounding.tally(exact))
        possible = shown.tally.eligible + shown.tally.undetermined
        for one in shown.gaps:
            ranges = one.gained, one.lost, shown.lower(one), shown.upper(one), shown.undetermined(one)
            assert one.never <= one.nothing
            numbers = one.people, one.never, one.nothing - one.never, one.settled, shown.one_settles, *(end for each in ranges for end in (each.low, each.high))
            assert all(number in (0, patients) or number >= 10 for number in numbers), (exact, one)
            assert all(each.low <= each.high for each in ranges), (exact, one)
            assert shown.tally.eligible <= shown.lower(one).low <= shown.upper(one).low, (exact, one)
            assert shown.lower(one).high <= shown.upper(one).high <= possible, (exact, one)
            assert max(one.nothing, one.settled, one.gained.high, one.lost.high) <= one.people <= shown.tally.undetermined, (exact, one)


# Treat and rescreen, near misses


def test_totals_of_who_could_be_treated_are_rounded_from_the_exact_ones() -> None:
    """Each of five criteria and of their sets is failed by one: 31 of 200, not 310."""
    names = "ABCDE"
    sets = tuple(TreatableSet(each, 1, 1, 0) for size in range(1, 6) for each in combinations(names, size))
    found = Treatable(200, 31, tuple(names), 0, 31, 0, sets)
    shown = rounded.treatable(TENS, found, TENS.tally(Tally(200, 169, 0)))
    assert (shown.ineligible, shown.for_good, shown.treatable, shown.eligible, shown.undetermined) == (30, 0, 30, 30, 0)
    assert {each.patients for each in shown.sets} == {10}
    assert "Of 30 ineligible (of 200 patients), 30 (100.0 %)" in wording.said_of_treat(shown).sentence
    assert rounded.treatable(EXACT, found, Tally(200, 169, 0)) == found


def test_who_could_be_treated_and_who_could_not_make_up_the_ineligible_as_shown() -> None:
    found = Treatable(43, 42, ("B",), 39, 2, 1, (TreatableSet(("B",), 3, 2, 1),))
    shown = rounded.treatable(Rounding(10, 43), found, Tally(43, 0, 10))
    assert shown == Treatable(43, 33, ("B",), 13, 10, 10, (TreatableSet(("B",), 10, 10, 10),))


def test_a_set_is_no_larger_than_all_who_could_be_treated() -> None:
    found = Treatable(2000, 1900, ("B", "C"), 1866, 4, 30, (TreatableSet(("B",), 30, 0, 30), TreatableSet(("C",), 4, 4, 0)))
    shown = rounded.treatable(Rounding(10, 2000), found, Tally(2000, 100, 0))
    assert (shown.eligible, shown.undetermined, shown.for_good) == (10, 20, 1870)
    assert [(each.eligible, each.undetermined) for each in shown.sets] == [(0, 20), (10, 0)]


def test_totals_of_near_misses_are_rounded_from_the_exact_ones() -> None:
    criteria = tuple(OneFailed(each, 1, 1) for each in "ABCDE")
    found = NearCounts(200, 31, 5, 5, criteria)
    shown = rounded.near_counts(TENS, found, TENS.tally(Tally(200, 169, 0)))
    assert (shown.ineligible, shown.passed, shown.unknown) == (30, 10, 10)
    assert set(shown.criteria) == {OneFailed(each, 10, 10) for each in "ABCDE"}
    assert wording.near_said(shown).startswith("20 of the 30 ineligible fail one criterion only")
    assert rounded.near_counts(EXACT, found, Tally(200, 169, 0)) == found


# Thresholds


def number() -> Number:
    return Number("C.p", "p", 5.0, 0.0, 10.0, 5.0, "mg/g", Direction.UP)


def test_curves_and_pairs_are_rounded_in_what_is_possible_too() -> None:
    counts = np.array([3, 14, 97])
    one = rounded.curve(TENS, Curve(number(), ("C",), (0.0, 5.0, 10.0), counts, counts + 4, 200, 5.0))
    assert (one.eligible.tolist(), one.possible.tolist()) == ([10, 10, 100], [10, 20, 100])
    two = rounded.grid(TENS, Grid((number(), number()), ("C",), ((5.0,), (0.0, 5.0, 10.0)), counts[None], counts[None] + 4, 200, (5.0, 5.0)))
    assert (two.eligible.tolist(), two.possible.tolist()) == ([[10, 10, 100]], [[10, 20, 100]])


def test_bars_are_rounded_at_every_end() -> None:
    base = End(None, 14, 21)
    found = Tornado(base, (Bar(Group.RANGE, ("C",), "p", "C.p", base, (End(0.0, 3, 4), End(10.0, 97, 101))),), 200)
    shown = rounded.tornado(TENS, found)
    ends = [(each.eligible, each.possible) for bar in shown.bars for each in (shown.base, bar.base, *bar.ends)]
    assert ends == [(10, 20), (10, 20), (10, 10), (100, 100)]
    assert rounded.tornado(EXACT, found) == found


def test_noise_is_rounded_in_each_of_its_numbers() -> None:
    found = Noise(number(), {"uacr": WithinPerson(0.5, "a source", True)}, False, 5.0, 200, 23, 17, 4, 12.4, 0.9, 57, True)
    shown = rounded.noise(TENS, found)
    assert (shown.eligible, shown.beyond, shown.near, shown.again) == (20, 20, 10, 10)
    assert shown.reference is None
    assert rounded.noise(EXACT, found) == found


# What is said of rounded counts


def test_nothing_is_said_to_be_so_that_is_so_only_as_shown() -> None:
    overview = Workbench(cohorts.sample(), builtin_protocol()).overview(AS_WRITTEN)
    level = Curve(number(), ("C",), (5.0,), np.array([140]), np.array([140]), 200, 5.0)
    bars = Tornado(End(None, 140, 140), (), 200)
    assert "the shares, largest first, sum to the 1,558" in wording.said_of_attribution(overview, overview.losses, 0).more
    assert "need not sum to the 1,558" in wording.said_of_attribution(overview, overview.losses, 10).more
    assert wording.level([level], 0).startswith("As many are eligible at every value")
    assert wording.level([level], 10).startswith("As many are shown as eligible at every value")
    assert "leave as many eligible, and no more who may be." in wording.fewer_bars(bars, (), 3, 0)
    assert "leave as many eligible as shown, and no more who may be." in wording.fewer_bars(bars, (), 3, 10)
    of_two = replace(bars, bars=tuple(Bar(Group.REMOVED, (each,), "x", None, bars.base, (End(None, 150, 160),)) for each in "AB"))
    assert wording.fewer_bars(of_two, (), 0, 0) == "Not drawn: 2 changes that move fewer patients."
    assert wording.fewer_bars(of_two, of_two.bars[:1], 0, 0, by_gain=True) == "Not drawn: 1 change that gains fewer patients."
