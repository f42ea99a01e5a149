"""On any patients and any reading: the moves of a near miss are those that screening again at every value finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.patients import cohort
from properties.strategies import files, records_of

from feasibility.parameters import WINDOW_UNITS, Direction, Number
from feasibility.protocol import builtin_protocol
from feasibility.results import near
from feasibility.results.disclosure import EXACT
from feasibility.results.near import Elsewhere, near_misses
from feasibility.results.nearest_move import steps_from, stops_from
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Scenario, value_of, with_value
from feasibility.screening.parts import at_values
from feasibility.screening.screen import FAIL, PASS
from feasibility.ui import cohorts

BUILT_IN = builtin_protocol()


@settings(max_examples=settings().max_examples // 2)
@given(st.sampled_from([criterion.id for criterion in BUILT_IN.criteria if criterion.readings]), st.data())
def test_moves_are_those_found_by_screening_again_at_every_value(criterion: str, data: st.DataObject) -> None:
    reading = data.draw(st.sampled_from([reading.id for reading in BUILT_IN[criterion].readings]))
    patients, columns = data.draw(files(records_of(BUILT_IN, criterion), partial=data.draw(st.booleans()), most_patients=3))
    scenario = Scenario(readings={criterion: reading}, off=frozenset(BUILT_IN.ids) - {criterion})
    bench = Workbench(cohort(patients, columns), BUILT_IN)
    overview = bench.overview(scenario)
    near = near_misses(bench.screener, overview, Elsewhere.PASSED, BUILT_IN.ids, EXACT)
    outcome = overview.screening.outcomes.get(criterion)
    failing = [] if outcome is None else np.flatnonzero(outcome == FAIL).tolist()
    assert sorted(each.patient for each in near.shown) == failing
    for name, parameter in BUILT_IN.parameters.items():
        if not failing or not isinstance(parameter, Number) or parameter.loosens is None or name.partition(".")[0] != criterion:
            continue
        now = value_of(BUILT_IN, scenario, name)
        assert isinstance(now, float)
        if np.isinf(now):
            continue
        stops = stops_from(parameter, now, np.arange(steps_from(parameter, now) + 1)).tolist()
        screened = [bench.screener.aside().outcome(BUILT_IN, with_value(BUILT_IN, scenario, name, stop), criterion) for stop in stops]
        for each in near.shown:
            along = [int(truth[each.patient]) for truth in screened if truth is not None]
            expected = [next((stop for stop, held in zip(stops, along, strict=True) if held in kinds), None) for kinds in ((1, PASS), (PASS,))]
            moved = next((move for move in each.moves if move.parameter == name), None)
            assert ([None, None] if moved is None else [moved.opens_at, moved.passes_at]) == expected


@pytest.mark.parametrize("reaches", [near.REACHES, (0.01, 0.03, 0.05, 0.08, 0.2, 0.5, np.inf)])
@pytest.mark.parametrize("elsewhere", list(Elsewhere))
def test_the_nearest_are_the_first_of_all(elsewhere: Elsewhere, reaches: tuple[float, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever number is asked for: those alike in how far a number would have to move stand in one order, be it that not all of them are shown."""
    monkeypatch.setattr(near, "REACHES", reaches)
    bench = Workbench(cohorts.sample(), BUILT_IN)
    overview = bench.overview(AS_WRITTEN)
    every = near_misses(bench.screener, overview, elsewhere, overview.order, EXACT, most=2000)
    assert every.found == len(every.shown) > 200
    for most in (1, 2, 9, 40, 130, len(every.shown) - 1, len(every.shown)):
        some = near_misses(bench.screener, overview, elsewhere, overview.order, EXACT, most=most)
        assert (some.patients, some.found, some.shown) == (every.patients, every.found, every.shown[:most])


@pytest.mark.parametrize("scenario", [AS_WRITTEN, with_value(BUILT_IN, with_value(BUILT_IN, AS_WRITTEN, "I6.sbp_max", 140), "I6.dbp_max", 90)])
def test_the_criterion_flips_at_the_value_that_is_said(scenario: Scenario) -> None:
    bench = Workbench(cohorts.sample(), BUILT_IN)
    overview = bench.overview(scenario)
    said = 0
    for miss in near_misses(bench.screener, overview, Elsewhere.PASSED, overview.order, EXACT, most=2000).shown:
        for move in (each for each in miss.moves if each.own is not None):
            parameter = BUILT_IN.parameters[move.parameter]
            assert isinstance(parameter, Number)
            asked, alone = bench.screener.asked(BUILT_IN, scenario, miss.criterion, move.parameter), bench.screener.of(np.array([miss.patient]))
            if parameter.unit in WINDOW_UNITS and parameter.name.endswith("window"):
                continue  # how long ago it was: whole days, and not of the window's unit
            assert move.own is not None
            looser, nearer = (1e-6, move.own[0]) if parameter.loosens is Direction.UP else (-1e-6, move.own[1])
            before, after = (alone.outcome_of(at_values(asked, {move.parameter: nearer + away})) for away in (-looser, looser))
            assert before is not None
            assert after is not None
            assert (before[0], after[0]) == (FAIL, PASS) if move.passes_at is not None and move.own_exact is not None else (before[0] == FAIL != after[0]), miss
            said += 1
    assert said > 100
