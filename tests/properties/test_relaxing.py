"""The least costly levels are those that trying all finds; who needs what is what screening says at those levels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partialmethod
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from oracle.patients import cohort
from properties.strategies import files, records_of
from properties.test_count_tables import ALL_CONDITIONS, BUILT_IN, SCENARIOS, a_clinic_with_gaps
from spec.test_relaxing import kinds_of

from feasibility.intake import load_cohort
from feasibility.parameters import Direction, Number, Unbounded, every_step, stops
from feasibility.results.concessions import COARSE, Concessions, Needs, needs_of
from feasibility.results.greedy import drawn_back, greedy, walk
from feasibility.results.least_cost import fewest_moves, improved, least_cost
from feasibility.results.overview import Workbench
from feasibility.results.relaxing import FRONT_EFFORT, Allowance, Least, _along_greedy, front, reach, usual
from feasibility.results.requirements import Requirements, requirements
from feasibility.scenario import AS_WRITTEN, Scenario, with_value
from feasibility.screening.screen import PASS
from feasibility.synthetic import wide

ROOT = Path(__file__).parents[2]
LOOSENING = [name for name, each in BUILT_IN.parameters.items() if isinstance(each, Number) and each.loosens is not None]


@dataclass(frozen=True, eq=False)
class Problem:
    """Concessions as they are written down: a row of needs a kind."""

    needs: NDArray[np.int64]
    counts: NDArray[np.int64]
    costs: NDArray[np.float64]

    def count(self, levels: NDArray[np.int64]) -> int:
        return sum(int(count) for needs, count in zip(self.needs, self.counts, strict=True) if all(needs <= levels))

    def cost(self, levels: NDArray[np.int64]) -> float:
        return sum(float(of[level]) for of, level in zip(self.costs, levels, strict=True))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Few parameters and levels, patients who need several of them at once, some of them in one of two ways; costs that make detours pay."""
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    costs = np.full((len(lengths), max(lengths)), np.inf)
    for row, length in zip(costs, lengths, strict=True):
        row[:length] = np.cumsum([0, *draw(st.lists(st.sampled_from([0.1, 0.3, 0.5, 1.0, 2.5]), min_size=length - 1, max_size=length - 1))])
    needs, counts = [], []
    for _ in range(draw(st.integers(0, 12))):
        ways = [[draw(st.integers(0, length - 1)) for length in lengths] for _ in range(draw(st.integers(1, 2)))]
        number = draw(st.integers(1, 9))
        needs, counts = [*needs, *ways], [*counts, *(number for _ in ways)]
        if len(ways) > 1:
            needs, counts = [*needs, [max(pair) for pair in zip(*ways, strict=True)]], [*counts, -number]
    return Problem(np.array(needs, np.int64).reshape(-1, len(lengths)), np.array(counts, np.int64), costs)


def costing(needs: Needs, costs: NDArray[np.float64]) -> Concessions:
    return Concessions(needs.of_need, needs.parameter, needs.level, needs.counts, costs)


@settings(max_examples=settings().max_examples * 6)
@given(problems(), st.data())
def test_the_least_cost_is_that_of_trying_all(drawn: Problem, data: st.DataObject) -> None:
    problem = costing(needs_of(drawn.needs, drawn.counts), drawn.costs)
    target = data.draw(st.integers(0, int(drawn.counts.sum())))
    ways = [np.array(each, np.int64) for each in product(*(range(int(np.isfinite(row).sum())) for row in drawn.costs))]
    enough = [drawn.cost(way) for way in ways if drawn.count(way) >= target]
    found = least_cost(problem, target, math.inf)
    assert found.proven
    assert found.cost == pytest.approx(min(enough)) == pytest.approx(drawn.cost(found.levels))
    assert drawn.count(found.levels) >= target
    hasty = least_cost(problem, target, 0)
    assert drawn.count(hasty.levels) >= target
    assert hasty.bound <= min(enough) + 1e-6
    assert hasty.bound <= hasty.cost
    assert hasty.cost >= min(enough) - 1e-6
    assert found.bound == pytest.approx(found.cost)


@settings(max_examples=settings().max_examples * 3)
@given(problems(), st.data())
def test_the_fewest_moves_are_those_of_trying_all(drawn: Problem, data: st.DataObject) -> None:
    problem = costing(needs_of(drawn.needs, drawn.counts), drawn.costs)
    target = data.draw(st.integers(0, int(drawn.counts.sum())))
    ways = [np.array(each, np.int64) for each in product(*(range(int(np.isfinite(row).sum())) for row in drawn.costs))]
    enough = [(int(np.count_nonzero(way)), drawn.cost(way)) for way in ways if drawn.count(way) >= target]
    found = fewest_moves(problem, target, math.inf)
    moves, cost = min(enough)
    assert found.proven
    assert (np.count_nonzero(found.levels), found.bound) == (moves, moves)
    assert found.cost == pytest.approx(cost) == pytest.approx(drawn.cost(found.levels))
    assert drawn.count(found.levels) >= target
    hasty = fewest_moves(problem, target, 0)
    assert hasty.bound <= moves <= np.count_nonzero(hasty.levels)


@settings(max_examples=settings().max_examples * 3)
@given(problems(), st.data())
def test_from_any_levels_the_greedy_way_goes_on_to_enough(drawn: Problem, data: st.DataObject) -> None:
    """As long as all there is gives as many, and what it costs is not ruled out; each step adds what it says."""
    problem = costing(needs_of(drawn.needs, drawn.counts), drawn.costs)
    levels = np.array([data.draw(st.integers(0, int(np.isfinite(row).sum()) - 1)) for row in drawn.costs], np.int64)
    target = data.draw(st.integers(0, int(drawn.counts.sum())))
    found = greedy(problem, target, levels)
    assert found is not None
    assert (found >= levels).all()
    assert drawn.count(found) >= target
    cost = drawn.cost(found)
    assert greedy(problem, target, levels, cost - 1e-6) is None
    for here, there, moves in walk(problem, levels):
        assert there == drawn.count(here)
        for parameter, row in enumerate(drawn.costs):
            for level in range(int(np.isfinite(row).sum())):
                onto = here.copy()
                onto[parameter] = max(level, here[parameter])
                assert there + moves.gains[parameter, level] == drawn.count(onto)
                assert moves.costs[parameter, level] == pytest.approx(drawn.cost(onto) - drawn.cost(here))


@settings(max_examples=settings().max_examples * 3)
@given(problems(), st.data())
def test_what_is_drawn_back_gives_enough_and_no_parameter_more_than_it_must(drawn: Problem, data: st.DataObject) -> None:
    problem = costing(needs_of(drawn.needs, drawn.counts), drawn.costs)
    levels = np.array([data.draw(st.integers(0, int(np.isfinite(row).sum()) - 1)) for row in drawn.costs], np.int64)
    target = data.draw(st.integers(0, drawn.count(levels)))
    back = drawn_back(problem, target, levels)
    assert (back <= levels).all()
    assert drawn.count(back) >= target
    for parameter in np.flatnonzero(back):
        further = back.copy()
        further[parameter] -= 1
        assert drawn.count(further) < target


@settings(max_examples=settings().max_examples * 3)
@given(problems(), st.sampled_from([2, COARSE]))
def test_every_point_along_the_greedy_way_gives_as_many_for_as_much_as_it_says(drawn: Problem, coarse: int) -> None:
    """And none beats another, nor does any single move beat all of them."""
    problem = costing(needs_of(drawn.needs, drawn.counts), drawn.costs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Concessions, "coarse", partialmethod(Concessions.coarse, coarse))
        points = _along_greedy(problem)
    for point in points:
        assert (point.eligible, point.cost) == (drawn.count(point.levels), pytest.approx(drawn.cost(point.levels)))
    for one, other in pairwise(points):
        assert one.cost < other.cost
        assert one.eligible < other.eligible
    for parameter, row in enumerate(drawn.costs):
        for level in range(int(np.isfinite(row).sum())):
            alone = np.zeros(len(drawn.costs), np.int64)
            alone[parameter] = level
            assert any(point.cost <= row[level] + 1e-9 and point.eligible >= drawn.count(alone) for point in points)


@given(problems(), st.data())
def test_problems_made_smaller_count_the_same(drawn: Problem, data: st.DataObject) -> None:
    """With fewer levels, within some levels, and at no more than a cost."""
    problem = costing(needs_of(drawn.needs, drawn.counts), drawn.costs)
    levels = np.array([data.draw(st.integers(0, int(np.isfinite(row).sum()) - 1)) for row in drawn.costs], np.int64)
    some = np.array(sorted(data.draw(st.sets(st.sampled_from(range(len(levels)))))), np.intp)
    alone = np.zeros_like(levels)
    alone[some] = levels[some]
    assert problem.count(levels) == drawn.count(levels)
    assert problem.within(levels).count(alone) == drawn.count(alone)
    assert problem.costing(drawn.cost(levels)).count(levels) == drawn.count(levels)
    coarse = problem.coarse(2)
    ends = np.array([len(kept) - 1 for kept in coarse.kept], np.int64) * data.draw(st.integers(0, 1))
    assert coarse.problem.count(ends) == drawn.count(coarse.fine(ends))


def test_levels_that_give_enough_already_are_found_where_a_box_begins_at_them() -> None:
    """Nothing is bounded there, so that no levels near a bound are tried."""
    costs = np.array([[0, 0.5, np.inf, np.inf], [0, 0.5, 0.8, np.inf], [0, 0.1, 0.2, 0.7]])
    needs = np.array([[0, 0, 2], [1, 2, 0], [1, 0, 1], [1, 1, 0], [0, 2, 0], [0, 0, 3]])
    found = least_cost(costing(needs_of(needs, np.array([5, 1, 3, 5, 8, 5])), costs), 14, math.inf)
    assert (found.cost, found.proven) == (pytest.approx(1.3), True)


def test_whom_one_parameter_lost_going_back_no_other_loses_again() -> None:
    """One patient needs the first two, one the third: both may be done without."""
    problem = costing(needs_of(np.array([[1, 1, 0], [0, 0, 1]]), np.array([1, 1])), np.array([[0, 3.0], [0, 2.0], [0, 1.0]]))
    assert drawn_back(problem, 0, np.array([1, 1, 1])).tolist() == [0, 0, 0]


def test_the_bound_does_not_take_off_what_is_counted_less() -> None:
    """Three kinds of patients with two ways each: 9 cost 1.47, which a bound that takes off those counted twice would rule out."""
    costs = np.array([[0, 1 / 3, 7.6333, 7.9333], [0, 0.5, 0.8333, 3.3333], [0, 0.3, 7.6, 8.6]])
    needs = np.array([[3, 2, 0], [3, 0, 0], [3, 2, 0], [0, 3, 2], [1, 2, 1], [1, 3, 2], [0, 1, 0], [0, 0, 2], [0, 1, 2]])
    found = least_cost(costing(needs_of(needs, np.array([5, 5, -5, 3, 3, -3, 6, 6, -6])), costs), 9, math.inf)
    assert (round(found.cost, 4), found.proven) == (1.4666, True)


def eligible_at(workbench: Workbench, scenario: Scenario, values: dict[str, float]) -> int:
    for name, value in values.items():
        scenario = with_value(BUILT_IN, scenario, name, value)
    return workbench.overview(scenario).tally.eligible


def every_value(name: str) -> list[float]:
    parameter = BUILT_IN.parameters[name]
    assert isinstance(parameter, Number)
    return list(every_step(parameter) or stops(parameter, parameter.value, 50))


def nothing_is_needless(found: Requirements) -> None:
    """Each kind is there once and of somebody; each level is needed, or an end."""
    kinds = kinds_of(found)
    assert len(kinds) == found.needs.kinds
    assert all(kinds.values())
    for place, levels in enumerate(found.levels):
        ends = {0, len(levels) - 1, max(each for each, level in enumerate(levels) if math.isfinite(level))}
        assert {needs[place] for needs in kinds} | ends == set(range(len(levels)))


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(st.sampled_from(LOOSENING), min_size=1, max_size=4, unique=True), st.sampled_from(SCENARIOS), st.data())
def test_who_is_eligible_at_the_levels(names: list[str], scenario: Scenario, data: st.DataObject) -> None:
    """On a clinic with gaps, at any levels, as screening everybody there counts; also where a number has moved, looser or tighter, since it was asked."""
    workbench, fresh = Workbench(a_clinic_with_gaps(), BUILT_IN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    for _ in range(4):
        needed = requirements(workbench, scenario, names)
        assert needed.levels == requirements(fresh, scenario, names).levels
        nothing_is_needless(needed)
        levels = [data.draw(st.integers(0, len(each) - 1)) for each in needed.levels]
        values = {name: each[level] for name, each, level in zip(needed.names, needed.levels, levels, strict=True)}
        assert needed.eligible_at(np.array(levels, np.int64)) == eligible_at(fresh, scenario, values)
        moved = data.draw(st.sampled_from(names))
        scenario = with_value(BUILT_IN, scenario, moved, data.draw(st.sampled_from(every_value(moved))))


@settings(max_examples=settings().max_examples // 2)
@given(st.data(), st.booleans(), st.sampled_from([AS_WRITTEN, ALL_CONDITIONS]))
def test_who_is_eligible_among_odd_patients(data: st.DataObject, partial: bool, scenario: Scenario) -> None:
    owners = data.draw(st.lists(st.sampled_from(sorted({name.partition(".")[0] for name in LOOSENING})), min_size=2, max_size=2))
    made = cohort(*data.draw(files(records_of(BUILT_IN, *owners), partial, most_patients=4)))
    needed = requirements(Workbench(made, BUILT_IN), scenario, [name for name in LOOSENING if name.partition(".")[0] in owners])
    fresh = Workbench(made, BUILT_IN)
    for _ in range(3):
        levels = [data.draw(st.integers(0, len(each) - 1)) for each in needed.levels]
        values = {name: each[level] for name, each, level in zip(needed.names, needed.levels, levels, strict=True)}
        assert needed.eligible_at(np.array(levels, np.int64)) == eligible_at(fresh, scenario, values)


def test_the_moves_of_the_built_in_protocol() -> None:
    workbench, fresh = Workbench(a_clinic_with_gaps(), BUILT_IN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    needed = requirements(workbench, AS_WRITTEN)
    assert not set(needed.names) & set(needed.held)
    assert needed.held == {"E2.gap": ("E2.washout", "E2.course_above")}
    assert len(needed.names) > 20
    for name, levels in zip(needed.names, needed.levels, strict=True):
        parameter = BUILT_IN.parameters[name]
        assert isinstance(parameter, Number)
        assert levels[0] == parameter.value
        assert list(levels) == sorted(levels, reverse=parameter.loosens is Direction.DOWN)
    found = reach(needed, needed.eligible + 10, usual(needed), effort=math.inf)
    assert found.within_reach
    assert found.eligible == eligible_at(fresh, AS_WRITTEN, {move.parameter: move.to for move in found.moves})
    values: dict[str, float] = {}
    for move in found.moves:
        values[move.parameter] = move.to
        assert eligible_at(fresh, AS_WRITTEN, values) == move.eligible


COSTS = (1, 0.4, 2.0, 0.7)


def values_of(name: str) -> list[float]:
    """Every step of a parameter from its value as written on."""
    parameter = BUILT_IN.parameters[name]
    assert isinstance(parameter, Number)
    end, sign = (parameter.max, 1) if parameter.loosens is Direction.UP else (parameter.min, -1)
    values = [float(f"{parameter.value + sign * parameter.step * step:.6g}") for step in range(round(abs(end - parameter.value) / parameter.step) + 1)]
    return values + ([math.inf] if parameter.unbounded is Unbounded.UP and sign > 0 else [])


def passing(*names: str) -> dict[tuple[float, ...], np.ndarray]:
    """At every value of a criterion's parameters, with all values of the others, who passes it as screening afresh says."""
    fresh, owner = Workbench(a_clinic_with_gaps(), BUILT_IN), names[0].partition(".")[0]
    found = {}
    for values in product(*map(values_of, names)):
        scenario = AS_WRITTEN
        for name, value in zip(names, values, strict=True):
            scenario = with_value(BUILT_IN, scenario, name, value)
        found[values] = fresh.screener.screen(BUILT_IN, scenario).outcomes[owner] == PASS
    return found


def cost_of(name: str, value: float) -> float:
    parameter = BUILT_IN.parameters[name]
    assert isinstance(parameter, Number)
    scale = math.log if parameter.scale == "log" else float
    end, step = (parameter.max, parameter.step) if parameter.loosens is Direction.UP else (parameter.min, -parameter.step)
    way = scale(end) - scale(parameter.value)
    return (scale(value) - scale(parameter.value)) / way if np.isfinite(value) else 1 + (scale(end) - scale(end - step)) / way


@pytest.mark.parametrize(
    "names",
    [
        ("I1.age_min", "E5.ldl_max", "I4.protein_min"),
        ("I5.egfr_min", "I7.hba1c_max", "I6.sbp_max"),
        ("I4.uacr_above", "I5.egfr_min", "I1.age_max"),
        ("I6.sbp_max", "I6.dbp_max", "E5.ldl_max"),
        ("E4.stroke_window", "E4.deficits_allowed", "I5.egfr_min"),
    ],
)
def test_targets_on_a_clinic_by_trying_all(names: tuple[str, ...]) -> None:
    """Every value of every parameter, with every value of the others; criteria apart are passed apart."""
    needed = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), AS_WRITTEN, names)
    assert needed.names == names
    weights = dict(zip(names, COSTS, strict=False))
    allowed = {name: Allowance(levels[-1], weights[name]) for name, levels in zip(names, needed.levels, strict=True)}
    owners: dict[str, list[str]] = {}
    for name in names:
        owners.setdefault(name.partition(".")[0], []).append(name)
    tried = [passing(*of_owner) for of_owner in owners.values()]
    written = Workbench(a_clinic_with_gaps(), BUILT_IN).overview(AS_WRITTEN)
    others = np.logical_and.reduce([written.screening.outcomes[each] == PASS for each in written.order if each not in owners])
    costs, eligible = [], []
    for at in product(*tried):
        moved = zip([name for of_owner in owners.values() for name in of_owner], (value for values in at for value in values), strict=True)
        costs.append(sum(weights[name] * cost_of(name, value) for name, value in moved))
        eligible.append(int(np.logical_and.reduce([others, *(passes[values] for passes, values in zip(tried, at, strict=True))]).sum()))
    costs, eligible = np.array(costs), np.array(eligible)
    assert needed.eligible == written.tally.eligible
    for target in np.linspace(needed.eligible, eligible.max(), 7).astype(int).tolist():
        found = reach(needed, target, allowed, effort=math.inf)
        assert found.proven
        assert found.cost == pytest.approx(costs[eligible >= target].min())
    assert not reach(needed, int(eligible.max()) + 1, allowed).within_reach
    hurried = [reach(needed, int(eligible.max()), allowed, effort=1e6) for _ in range(2)]
    assert hurried[0] == hurried[1], "an effort is counted, not timed"
    for point in (*front(needed, allowed, effort=0), *front(needed, allowed), *front(needed, allowed, effort=math.inf)):
        least = costs[eligible >= point.eligible].min()
        assert point.cost == pytest.approx(least) if point.proven else point.cost >= least - 1e-9


@pytest.mark.parametrize("least", list(Least))
def test_a_search_begins_no_worse_than_at_what_is_known(least: Least) -> None:
    needed = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), AS_WRITTEN)
    allowed = usual(needed)
    known = front(needed, allowed, effort=math.inf)
    for target in range(needed.eligible, known[-1].eligible + 3, 8):
        found = reach(needed, target, allowed, least, effort=0, known=known)
        longest = reach(needed, target, allowed, least, known=known)
        assert found.within_reach == longest.within_reach == (target <= known[-1].eligible)
        assert found.bound <= longest.bound or longest.proven
        if found.within_reach and least is Least.CONCESSION:
            assert longest.cost - 1e-9 <= found.cost <= next(point.cost for point in known if point.eligible >= target) + 1e-9


@pytest.mark.parametrize("least", list(Least))
def test_out_of_reach_the_moves_are_those_to_as_many_as_there_can_be(least: Least) -> None:
    needed = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), AS_WRITTEN)
    allowed, known = usual(needed), front(needed, usual(needed))
    beyond, most = (reach(needed, target, allowed, least, known=known) for target in (known[-1].eligible + 1, known[-1].eligible))
    assert (beyond.within_reach, most.within_reach) == (False, True)
    assert (beyond.moves, beyond.cost, beyond.eligible) == (most.moves, most.cost, most.eligible)
    assert (beyond.proven, beyond.bound) == (False, math.inf)


def test_of_a_parameter_of_which_not_every_value_was_tried_nothing_is_proven() -> None:
    """And nothing is searched further where the search has ended; where it does not move, all is proven as before."""
    whole = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), AS_WRITTEN)
    needed, allowed = replace(whole, thinned=("I1.age_min",)), usual(whole)
    target = whole.eligible + 4
    for least in Least:
        proven, thinned = (reach(each, target, allowed, least) for each in (whole, needed))
        assert (proven.proven, proven.ended, proven.bound > 0) == (True, True, True)
        assert (thinned.proven, thinned.ended, thinned.bound) == (False, True, 0)
        assert thinned.moves == proven.moves
    assert sum(point.proven for point in front(whole, allowed)) > 2
    assert [point.cost for point in front(needed, allowed) if point.proven] == [0]
    others = {name: each for name, each in allowed.items() if name != "I1.age_min"}
    assert reach(needed, target, others).proven
    hasty = reach(whole, front(whole, allowed)[-1].eligible, allowed, effort=0)
    assert (hasty.proven, hasty.ended) == (False, False)


def test_a_way_on_from_where_the_bound_binds_is_found_at_once() -> None:
    """Of the sample three times as many: what is found in a single round is what a long search proves; the greedy way alone comes to 2.41."""
    sample = load_cohort("sample", (ROOT / "sample_data" / "dkd_wide.csv").read_bytes())
    needed = requirements(Workbench(sample, BUILT_IN), AS_WRITTEN)
    long, short = (reach(needed, 400, usual(needed), effort=effort) for effort in (math.inf, 0))
    assert (long.proven, short.proven) == (True, False)
    assert short.cost == long.cost == pytest.approx(2.387, abs=0.001)


def test_as_far_as_is_as_far_as_it_was_said() -> None:
    """Each limit between the ends gives what screening there gives, and no more."""
    needed, fresh = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), AS_WRITTEN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    for name, limit in (("I5.egfr_min", 15), ("I1.age_min", 43), ("I4.uacr_above", 760), ("I4.protein_min", 3.1), ("E2.washout", 7)):
        found = reach(needed, 10**6, {name: Allowance(limit)})
        assert found.eligible == eligible_at(fresh, AS_WRITTEN, {name: limit})


def test_no_move_of_a_single_parameter_beats_the_front() -> None:
    """Every step of every parameter alone, also where the greedy way looks at few of them."""
    needed = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), AS_WRITTEN)
    points = front(needed, usual(needed))
    for name, levels in zip(needed.names, needed.levels, strict=True):
        for level in range(1, len(levels)):
            at = np.zeros(len(needed.names), np.int64)
            at[needed.names.index(name)] = level
            cost, eligible = cost_of(name, levels[level]), needed.eligible_at(at)
            assert any(point.cost <= cost + 1e-9 and point.eligible >= eligible for point in points)


def test_of_a_single_parameter_every_value_stands_on_the_front() -> None:
    """Of more values than the greedy way looks at."""
    drawn = load_cohort("drawn", wide(1500, np.random.default_rng(2)).to_csv(index=False).encode())
    needed = requirements(Workbench(drawn, BUILT_IN), AS_WRITTEN, ("I1.age_min",))
    counts = [needed.eligible_at(np.array([level])) for level in range(len(needed.levels[0]))]
    assert len(set(counts)) > COARSE
    assert [each.eligible for each in front(needed, usual(needed), effort=0)] == sorted(set(counts))


def test_the_lowest_points_of_the_front_are_proven_first_and_the_more_the_longer_is_searched() -> None:
    needed = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), AS_WRITTEN)
    proven = [[each.eligible for each in front(needed, usual(needed), effort) if each.proven] for effort in (2e5, 7e5, 5e6, math.inf)]
    assert 2 < len(proven[0]) < len(proven[1]) < len(proven[2]) < len(proven[3])
    assert all(some == proven[3][: len(some)] for some in proven)


def test_with_as_many_needs_as_a_million_patients_have_there_is_effort_left_to_search() -> None:
    needs = needs_of(np.ones((200_000, 1), np.int64), np.ones(200_000, np.int64))
    problem = Concessions(needs.of_need, needs.parameter, needs.level, needs.counts, np.array([[0.0, 1.0]]))
    found = improved(problem, 200_000, np.array([1]), FRONT_EFFORT)
    assert found.proven
    assert found.left > FRONT_EFFORT / 2


def test_along_the_greedy_way_what_each_move_adds_is_counted_on() -> None:
    """Of every step: the patients there, and those added by each parameter at each of its levels, counted anew; some have two ways, systolic or diastolic."""
    needed = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), AS_WRITTEN)
    needs, levels = needed.needs, [len(each) for each in needed.levels]
    costs = np.full((len(levels), max(levels)), np.inf)
    for row, number in zip(costs, levels, strict=True):
        row[:number] = np.arange(number)
    assert (needs.counts < 0).any()
    steps = list(walk(Concessions(needs.of_need, needs.parameter, needs.level, needs.counts, costs), np.zeros(len(levels), np.int64)))
    assert len(steps) > 5
    for at, there, moves in steps:
        assert there == needs.count(at)
        for parameter, number in enumerate(levels):
            for level in range(number):
                onto = at.copy()
                onto[parameter] = max(level, at[parameter])
                assert moves.gains[parameter, level] == needs.count(onto) - there
