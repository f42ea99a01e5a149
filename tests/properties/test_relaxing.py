"""The least costly levels are those that trying all finds; who needs what is what screening says at those levels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.patients import cohort
from properties.strategies import files, records_of
from properties.test_count_tables import ALL_CONDITIONS, BUILT_IN, SCENARIOS, a_clinic_with_gaps

from feasibility.parameters import Direction, Number
from feasibility.results.least_cost import Problem, least_cost
from feasibility.results.overview import Workbench
from feasibility.results.relaxing import Allowance, front, reach, usual
from feasibility.results.requirements import requirements
from feasibility.scenario import AS_WRITTEN, Scenario, with_value

LOOSENING = [name for name, each in BUILT_IN.parameters.items() if isinstance(each, Number) and each.loosens is not None]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Few parameters and levels, patients who need several of them at once, costs that make detours pay."""
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    costs = np.full((len(lengths), max(lengths)), np.inf)
    for row, length in zip(costs, lengths, strict=True):
        row[:length] = np.cumsum([0, *draw(st.lists(st.sampled_from([0.1, 0.3, 0.5, 1.0, 2.5]), min_size=length - 1, max_size=length - 1))])
    needs = [[draw(st.integers(0, length - 1)) for length in lengths] for _ in range(draw(st.integers(0, 12)))]
    counts = [draw(st.integers(1, 9)) for _ in needs]
    return Problem(np.array(needs, np.int64).reshape(-1, len(lengths)), np.array(counts, np.int64), costs)


@settings(max_examples=settings().max_examples * 6)
@given(problems(), st.data())
def test_the_least_cost_is_that_of_trying_all(problem: Problem, data: st.DataObject) -> None:
    target = data.draw(st.integers(0, int(problem.counts.sum()) + 1))
    ways = [np.array(each, np.int64) for each in product(*(range(int(np.isfinite(row).sum())) for row in problem.costs))]
    enough = [problem.cost(way) for way in ways if problem.count(way) >= target]
    found = least_cost(problem, target, 10)
    assert (found is None) == (not enough)
    if found is not None:
        assert found.proven
        assert found.cost == pytest.approx(min(enough))
        assert problem.count(found.levels) >= target
        hasty = least_cost(problem, target, 0)
        assert hasty is not None
        assert problem.count(hasty.levels) >= target
        assert hasty.bound <= min(enough) + 1e-6
        assert hasty.cost >= min(enough) - 1e-6


def eligible_at(workbench: Workbench, scenario: Scenario, values: dict[str, float]) -> int:
    for name, value in values.items():
        scenario = with_value(BUILT_IN, scenario, name, value)
    return workbench.overview(scenario).tally.eligible


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(st.sampled_from(LOOSENING), min_size=1, max_size=4, unique=True), st.sampled_from(SCENARIOS), st.data())
def test_who_is_eligible_at_the_levels(names: list[str], scenario: Scenario, data: st.DataObject) -> None:
    """On a clinic with gaps, at any levels, as screening everybody there counts."""
    needed = requirements(Workbench(a_clinic_with_gaps(), BUILT_IN), scenario, names, most=5)
    fresh = Workbench(a_clinic_with_gaps(), BUILT_IN)
    for _ in range(4):
        levels = [data.draw(st.integers(0, len(each) - 1)) for each in needed.levels]
        values = {name: each[level] for name, each, level in zip(needed.names, needed.levels, levels, strict=True)}
        assert int(needed.counts[(needed.needs <= np.array(levels, np.int64)).all(axis=1)].sum()) == eligible_at(fresh, scenario, values)


@settings(max_examples=settings().max_examples // 2)
@given(st.data(), st.booleans(), st.sampled_from([AS_WRITTEN, ALL_CONDITIONS]))
def test_who_is_eligible_among_odd_patients(data: st.DataObject, partial: bool, scenario: Scenario) -> None:
    owners = data.draw(st.lists(st.sampled_from(sorted({name.partition(".")[0] for name in LOOSENING})), min_size=2, max_size=2))
    made = cohort(*data.draw(files(records_of(BUILT_IN, *owners), partial, most_patients=4)))
    needed = requirements(Workbench(made, BUILT_IN), scenario, [name for name in LOOSENING if name.partition(".")[0] in owners], most=6)
    fresh = Workbench(made, BUILT_IN)
    for _ in range(3):
        levels = [data.draw(st.integers(0, len(each) - 1)) for each in needed.levels]
        values = {name: each[level] for name, each, level in zip(needed.names, needed.levels, levels, strict=True)}
        assert int(needed.counts[(needed.needs <= np.array(levels, np.int64)).all(axis=1)].sum()) == eligible_at(fresh, scenario, values)


def test_the_moves_of_the_built_in_protocol() -> None:
    workbench, fresh = Workbench(a_clinic_with_gaps(), BUILT_IN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    needed = requirements(workbench, AS_WRITTEN, most=12)
    assert not set(needed.names) & set(needed.held)
    assert needed.held["I6.dbp_max"] == "I6.sbp_max"
    assert len(needed.names) > 15
    for name, levels in zip(needed.names, needed.levels, strict=True):
        parameter = BUILT_IN.parameters[name]
        assert isinstance(parameter, Number)
        assert levels[0] == parameter.value
        assert list(levels) == sorted(levels, reverse=parameter.loosens is Direction.DOWN)
    found = reach(needed, needed.eligible + 10, usual(needed), seconds=20)
    assert found.within_reach
    assert found.eligible == eligible_at(fresh, AS_WRITTEN, {move.parameter: move.to for move in found.moves})
    values: dict[str, float] = {}
    for move in found.moves:
        values[move.parameter] = move.to
        assert eligible_at(fresh, AS_WRITTEN, values) == move.eligible


@pytest.mark.parametrize("names", [("I1.age_min", "E5.ldl_max", "I4.protein_min"), ("I5.egfr_min", "I7.hba1c_max", "E5.tg_max", "I6.sbp_max")])
def test_targets_on_a_clinic_by_trying_all(names: tuple[str, ...]) -> None:
    """Every combination screened afresh."""
    workbench, fresh = Workbench(a_clinic_with_gaps(), BUILT_IN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    needed = requirements(workbench, AS_WRITTEN, names, most=4)
    allowed = {name: Allowance(levels[-1], cost) for name, levels, cost in zip(needed.names, needed.levels, (1, 0.4, 2.0, 0.7), strict=False)}
    ways = []
    for levels in product(*(range(len(each)) for each in needed.levels)):
        values = {name: each[level] for name, each, level in zip(needed.names, needed.levels, levels, strict=True)}
        cost = sum(_cost(each, level, allowed[name].cost) for name, each, level in zip(needed.names, needed.levels, levels, strict=True))
        ways.append((cost, eligible_at(fresh, AS_WRITTEN, values)))
    most = max(eligible for _, eligible in ways)
    for target in range(needed.eligible, most + 1):
        found = reach(needed, target, allowed, seconds=10)
        assert found.proven
        assert found.cost == pytest.approx(min(cost for cost, eligible in ways if eligible >= target))
    assert not reach(needed, most + 1, allowed).within_reach
    for point in front(needed, allowed):
        assert point.eligible == eligible_at(fresh, AS_WRITTEN, dict(point.values))
        least = min(cost for cost, eligible in ways if eligible >= point.eligible)
        assert point.cost == pytest.approx(least) if point.proven else point.cost >= least - 1e-9


def _cost(levels: tuple[float, ...], level: int, whole: float) -> float:
    finite = [each for each in levels if np.isfinite(each)]
    way = abs(levels[min(level, len(finite) - 1)] - levels[0]) / abs(finite[-1] - levels[0])
    return whole * (way if level < len(finite) else 1 + abs(finite[-1] - finite[-2]) / abs(finite[-1] - levels[0]))
