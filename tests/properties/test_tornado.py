"""Every end of every bar is what a fresh workbench counts there."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.patients import cohort
from properties.strategies import files, records_of
from properties.test_count_tables import ALL_CONDITIONS, BUILT_IN, SCENARIOS, a_clinic_with_gaps

from feasibility.intake import load_cohort
from feasibility.logic import Bools
from feasibility.parameters import Choice, Number, Switch
from feasibility.results.accounting import compare, eligible_patients
from feasibility.results.curves import curves, movable, stops_of
from feasibility.results.overview import Workbench
from feasibility.results.tornado import Bar, End, Group, Tornado, tornado
from feasibility.scenario import AS_WRITTEN, Scenario, with_criterion_off, with_reading, with_value
from feasibility.screening.parts import parts_of


def changed(scenario: Scenario, bar: Bar, end: End) -> Scenario:
    if bar.group is Group.REMOVED:
        return with_criterion_off(BUILT_IN, scenario, bar.criteria[0])
    assert end.value is not None
    if bar.parameter is None:
        assert isinstance(end.value, str)
        return with_reading(BUILT_IN, scenario, bar.criteria[0], end.value)
    return with_value(BUILT_IN, scenario, bar.parameter, end.value)


def eligible(fresh: Workbench, scenario: Scenario) -> Bools:
    overview = fresh.overview(scenario)
    return eligible_patients(overview.patterns, overview.order)


def undetermined(fresh: Workbench, scenario: Scenario) -> Bools:
    overview = fresh.overview(scenario)
    patterns, counting = overview.patterns, overview.patterns.mask(overview.order)
    open_: Bools = ((patterns.failed & counting == 0) & (patterns.unknown & counting != 0))[patterns.pattern_of]
    return open_


def hold(found: Tornado, fresh: Workbench, scenario: Scenario) -> None:
    base = fresh.overview(scenario).tally
    assert (found.base.eligible, found.base.possible, found.patients) == (base.eligible, base.eligible + base.undetermined, base.patients)
    for bar in found.bars:
        for end in bar.ends:
            tally = fresh.overview(changed(scenario, bar, end)).tally
            assert (end.eligible, end.possible) == (tally.eligible, tally.eligible + tally.undetermined), bar
            traded = compare(eligible(fresh, scenario), eligible(fresh, changed(scenario, bar, end)))
            assert end.traded == (None if bar.group is Group.REMOVED else traded), bar
            assert end.opened == (eligible(fresh, scenario) & undetermined(fresh, changed(scenario, bar, end))).sum(), bar
        assert bar.low.eligible <= base.eligible <= bar.high.eligible
    for group in Group:
        largest = [abs(bar.change) for bar in found.of(group)]
        assert largest == sorted(largest, reverse=True)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_built_in_protocol(scenario: Scenario) -> None:
    workbench = Workbench(a_clinic_with_gaps(), BUILT_IN)
    found = tornado(workbench, scenario, curves(workbench, scenario))
    fresh = Workbench(a_clinic_with_gaps(), BUILT_IN)
    hold(found, fresh, scenario)
    overview = fresh.overview(scenario)
    assert {bar.criteria[0] for bar in found.of(Group.REMOVED)} == set(overview.order)
    shown = {(bar.parameter or bar.criteria[0], end.value) for bar in found.of(Group.READING) for end in bar.ends}
    for each in [each for each in BUILT_IN.ids if each not in scenario.off]:  # what has no bar changes nothing, or leaves a criterion that no longer counts
        for reading in BUILT_IN[each].readings:
            if (each, reading.id) not in shown:
                other = fresh.overview(with_reading(BUILT_IN, scenario, each, reading.id))
                assert set(other.order) < set(overview.order) or other.tally == overview.tally
    for name, parameter in BUILT_IN.parameters.items():
        values = (True, False) if isinstance(parameter, Switch) else parameter.options if isinstance(parameter, Choice) else ()
        for value in values:
            if (name, value) not in shown:
                other = fresh.overview(with_value(BUILT_IN, scenario, name, value))
                assert set(other.order) < set(overview.order) or other.tally == overview.tally


@settings(max_examples=settings().max_examples // 5)
@given(st.booleans(), st.sampled_from([AS_WRITTEN, ALL_CONDITIONS]), st.data())
def test_odd_patients(partial: bool, scenario: Scenario, data: st.DataObject) -> None:
    owners = data.draw(st.lists(st.sampled_from(BUILT_IN.ids), min_size=2, max_size=3, unique=True))
    made = cohort(*data.draw(files(records_of(BUILT_IN, *owners), partial, most_patients=4)))
    workbench = Workbench(made, BUILT_IN)
    hold(tornado(workbench, scenario, curves(workbench, scenario)), Workbench(made, BUILT_IN), scenario)


BETWEEN_STOPS = {"lab_window": (17, 173, 727), "I4.uacr_above": (510, 980, 2990), "E6.repeat_within": (8, 12), "E7.hbv_dna_max": (10, 30)}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BETWEEN_STOPS.items() for value in values])
def test_values_at_which_no_curve_has_a_stop(name: str, value: float) -> None:
    workbench, scenario = Workbench(a_clinic_with_gaps(), BUILT_IN), with_value(BUILT_IN, AS_WRITTEN, name, value)
    hold(tornado(workbench, scenario, curves(workbench, scenario)), Workbench(a_clinic_with_gaps(), BUILT_IN), scenario)


def test_the_values_above_are_at_no_stop() -> None:
    workbench = Workbench(a_clinic_with_gaps(), BUILT_IN)
    moving = movable(workbench, workbench.counted(AS_WRITTEN))
    for name, values in BETWEEN_STOPS.items():
        assert not set(values) & set(stops_of(number(name), moving[name]))


def number(name: str) -> Number:
    found = BUILT_IN.parameters[name]
    assert isinstance(found, Number)
    return found


def one_after_the_other() -> list[Scenario]:
    """A little more each time: a threshold, another, a criterion off and on again, another reading, the shared window."""
    slightly = with_value(BUILT_IN, AS_WRITTEN, "I7.hba1c_max", 9.1)
    both = with_value(BUILT_IN, slightly, "I5.egfr_min", 28)
    off = with_criterion_off(BUILT_IN, both, "E6")
    read_so = with_reading(BUILT_IN, both, "E5", "both")
    return [AS_WRITTEN, slightly, slightly, both, off, both, read_so, with_value(BUILT_IN, read_so, "lab_window", 360), AS_WRITTEN]


def test_scenario_after_scenario() -> None:
    """What was counted of the one before is not counted again, and nothing of it may stay."""
    workbench = Workbench(a_clinic_with_gaps(), BUILT_IN)
    for scenario in one_after_the_other():
        workbench.overview(with_value(BUILT_IN, scenario, "I6.sbp_max", 165))  # of which nothing is counted
        workbench.overview(scenario)
        found = curves(workbench, scenario)
        fresh = Workbench(a_clinic_with_gaps(), BUILT_IN)
        afresh = curves(fresh, scenario)
        assert [(each.name, each.stops) for each in found] == [(each.name, each.stops) for each in afresh]
        assert [(each.eligible.tolist(), each.possible.tolist()) for each in found] == [(each.eligible.tolist(), each.possible.tolist()) for each in afresh]
        assert tornado(workbench, scenario, found) == tornado(fresh, scenario, afresh)


def the_same(found: Workbench, scenario: Scenario) -> None:
    found.overview(scenario)
    now, fresh = curves(found, scenario), Workbench(found.cohort, BUILT_IN)
    afresh = curves(fresh, scenario)
    assert [(each.name, each.eligible.tolist(), each.possible.tolist()) for each in now] == [
        (each.name, each.eligible.tolist(), each.possible.tolist()) for each in afresh
    ]
    assert tornado(found, scenario, now) == tornado(fresh, scenario, afresh)


@pytest.mark.parametrize("most_kinds", [3, 1 << 14])
def test_whatever_is_forgotten_in_between(most_kinds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feasibility.results.kinds.MOST_KINDS", most_kinds)
    workbench, chance = Workbench(a_clinic_with_gaps(), BUILT_IN), Random(5)
    for scenario in one_after_the_other():
        for key in [each for each in workbench.screener.memory.results if chance.random() < 0.2]:
            workbench.screener.memory.results.pop(key)
        the_same(workbench, scenario)


def test_a_part_that_is_gone_and_forgotten_stays_in_no_count() -> None:
    """Of as many parts that are left the one before must not be taken for the one after."""
    sample = Path(__file__).parents[2] / "sample_data" / "dkd_wide.csv"
    workbench, otherwise = Workbench(load_cohort(sample.name, sample), BUILT_IN), with_reading(BUILT_IN, AS_WRITTEN, "E6", "latest")

    def parts(scenario: Scenario) -> list[Hashable]:
        counted = workbench.counted(scenario)
        return [each.key for each in parts_of(workbench.screener, counted.screening, movable(workbench, counted)["lab_window"], "lab_window")]

    workbench.overview(AS_WRITTEN)
    curves(workbench, AS_WRITTEN)
    before, after = parts(AS_WRITTEN), parts(otherwise)
    gone = before[9]
    assert len(after) == len(before) - 1 == 10
    assert gone not in after
    memory = workbench.screener.memory.results
    for key in [each for each in memory if each == gone or (isinstance(each, tuple) and each[0] == gone)]:
        memory.pop(key)
    the_same(workbench, otherwise)
