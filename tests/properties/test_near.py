"""On any patients and any reading: the moves of a near miss are those that screening again at every value finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.patients import cohort
from properties.strategies import files, records_of

from feasibility.parameters import Number
from feasibility.protocol import builtin_protocol
from feasibility.results.disclosure import EXACT
from feasibility.results.near import Elsewhere, near_misses
from feasibility.results.nearest_move import steps_from, stops_from
from feasibility.results.overview import Workbench
from feasibility.scenario import Scenario, value_of, with_value
from feasibility.screening.screen import FAIL, PASS

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
