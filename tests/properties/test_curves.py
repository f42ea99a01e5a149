"""Curves say, stop by stop, what a fresh workbench counts there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.patients import cohort
from properties.strategies import files, records_of
from properties.test_count_tables import ALL_CONDITIONS, BUILT_IN, NUMBERS, SCENARIOS, a_clinic_with_gaps, movable_protocols, moves, readings_moved

from feasibility.parameters import Direction, Number
from feasibility.protocol import Protocol
from feasibility.results.curves import Curve, along, curve, curves, movable
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Scenario, value_of, with_criterion_off, with_reading, with_value


def counted_afresh(workbench: Workbench, scenario: Scenario, name: str, stops: tuple[float, ...]) -> list[tuple[int, int]]:
    """Eligible and possible from screening everybody at each stop."""
    tallies = [workbench.overview(with_value(workbench.protocol, scenario, name, stop)).tally for stop in stops]
    return [(each.eligible, each.eligible + each.undetermined) for each in tallies]


def pairs(found: Curve) -> list[tuple[int, int]]:
    return list(zip(found.eligible.tolist(), found.possible.tolist(), strict=True))


def loosens(found: Curve) -> bool:
    """Nobody is lost as the parameter loosens. A lifted limit at the tighter end is no further step: a window without limit asks less of the feed."""
    finite = np.isfinite(found.stops)
    onwards = -1 if found.loosens is Direction.DOWN else 1
    return found.loosens is None or all((np.diff(each[finite][::onwards]) >= 0).all() for each in (found.eligible, found.possible))


@settings(max_examples=settings().max_examples * 2)
@given(movable_protocols(), st.booleans(), st.data())
def test_any_protocol(protocol: Protocol, partial: bool, data: st.DataObject) -> None:
    made = cohort(*data.draw(files(records_of(protocol), partial, most_patients=6)))
    scenario = data.draw(st.sampled_from([AS_WRITTEN, with_criterion_off(protocol, AS_WRITTEN, "C1")]))
    name = next(iter(protocol.parameters))
    stops = tuple(dict.fromkeys(float(value_of(protocol, with_value(protocol, scenario, name, each), name)) for each in data.draw(moves(protocol, name))))
    workbench = Workbench(made, protocol)
    counted = workbench.counted(scenario)
    criteria = movable(workbench, counted).get(name, ())
    found = along(workbench.screener, counted, {name: criteria}, {name: stops})[name]
    assert list(zip(*(each.tolist() for each in found), strict=True)) == counted_afresh(Workbench(made, protocol), scenario, name, stops)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_of_the_built_in_protocol(name: str) -> None:
    workbench, fresh = Workbench(a_clinic_with_gaps(), BUILT_IN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    for turn, reading in enumerate(readings_moved(name)):
        scenario = SCENARIOS[(NUMBERS.index(name) + turn) % len(SCENARIOS)]
        if reading:
            scenario = with_reading(BUILT_IN, scenario, name.partition(".")[0], reading)
        found = curve(workbench, scenario, name).thinned(12)
        assert pairs(found) == counted_afresh(fresh, scenario, name, found.stops)
        assert loosens(found)


@settings(max_examples=settings().max_examples // 2)
@given(st.sampled_from([name for name in NUMBERS if "." in name]), st.booleans(), st.sampled_from([AS_WRITTEN, ALL_CONDITIONS]), st.data())
def test_odd_patients_under_the_built_in_protocol(name: str, partial: bool, scenario: Scenario, data: st.DataObject) -> None:
    owner = name.partition(".")[0]
    scenario = with_reading(BUILT_IN, scenario, owner, data.draw(st.sampled_from(readings_moved(name))))
    made = cohort(*data.draw(files(records_of(BUILT_IN, owner, "I7"), partial, most_patients=4)))
    found = curve(Workbench(made, BUILT_IN), scenario, name).thinned(12)
    assert pairs(found) == counted_afresh(Workbench(made, BUILT_IN), scenario, name, found.stops)
    assert loosens(found)


def test_all_at_once() -> None:
    """Each the same as asked for alone; the largest gain first; the workbench is left as it was."""
    workbench = Workbench(a_clinic_with_gaps(), BUILT_IN)
    before = workbench.overview(AS_WRITTEN)
    found = curves(workbench, AS_WRITTEN)
    assert workbench.overview(AS_WRITTEN).screening.outcomes == before.screening.outcomes  # the very same arrays
    assert {each.name for each in found} == set(movable(workbench, workbench.counted(AS_WRITTEN)))
    assert len({each.name for each in found}) == len(found) > 25
    assert [each.most_to_gain for each in found] == sorted((each.most_to_gain for each in found), reverse=True)
    for each in found:
        assert isinstance(each.parameter, Number)
        assert each.base == (before.tally.eligible, before.tally.eligible + before.tally.undetermined)
        assert pairs(each) == pairs(curve(workbench, AS_WRITTEN, each.name))
