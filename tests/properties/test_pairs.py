"""Every cell of a grid is what a fresh workbench counts at that pair of values; a criterion taken apart is the criterion."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.patients import cohort
from properties.strategies import files, protocols_and_files, records_of
from properties.test_count_tables import ALL_CONDITIONS, BUILT_IN, NUMBERS, SCENARIOS, a_clinic_with_gaps, readings_moved
from properties.test_curves import counted_afresh
from spec.test_relaxing import kinds_of

from feasibility.logic import and_
from feasibility.patterns import count
from feasibility.results import jointly
from feasibility.results.accounting import tally as tally_of
from feasibility.results.curves import curve, stops_of
from feasibility.results.overview import Workbench, counting
from feasibility.results.pairs import Grid, grid
from feasibility.results.requirements import requirements
from feasibility.scenario import AS_WRITTEN, Scenario, with_missing_policy, with_reading, with_value
from feasibility.screening import distinct
from feasibility.screening.moving import moved_by
from feasibility.screening.parts import outcome_at, parts
from feasibility.screening.screen import Screener
from feasibility.ui import cohorts
from feasibility.variables import MissingPolicy

TOGETHER = [pair for owner in BUILT_IN.ids for pair in combinations([name for name in NUMBERS if name.startswith(f"{owner}.")], 2)]
APART = [("lab_window", name) for name in ("I5.egfr_min", "I4.apart", "E7.hbv_dna_max")] + [("E2.washout", "I4.uacr_above"), ("I6.sbp_max", "E5.ldl_max")]


def hold(found: Grid, fresh: Workbench, scenario: Scenario) -> None:
    for row, value in enumerate(found.stops[0]):
        moved = with_value(fresh.protocol, scenario, found.parameters[0].name, value)
        cells = list(zip(found.eligible[row].tolist(), found.possible[row].tolist(), strict=True))
        assert cells == counted_afresh(fresh, moved, found.parameters[1].name, found.stops[1])


@pytest.mark.parametrize("pair", TOGETHER + APART)
def test_pairs_of_the_built_in_protocol(pair: tuple[str, str]) -> None:
    workbench, fresh = Workbench(a_clinic_with_gaps(), BUILT_IN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    readings = readings_moved(pair[1])
    for turn, reading in enumerate(readings):
        scenario = with_reading(BUILT_IN, SCENARIOS[(len(pair[0]) + turn) % len(SCENARIOS)], pair[1].partition(".")[0], reading)
        hold(grid(workbench, scenario, *pair, most=3), fresh, scenario)


@pytest.mark.parametrize("pair", [*TOGETHER, *APART, ("lab_window", "I6.sbp_max"), ("E6.repeat_apart", "lab_window")])
def test_values_between_the_stops_of_a_pair(pair: tuple[str, str]) -> None:
    """One after the other and both, either way round, of one workbench: what is remembered at the stops holds at any value."""
    workbench, fresh = Workbench(a_clinic_with_gaps(), BUILT_IN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    between = [stops_of(BUILT_IN.parameters[name], moved_by(workbench.screener, workbench.counted(AS_WRITTEN).screening, name)) for name in pair]
    (one, further), (other, _) = ([stops[len(stops) * part // 5] for part in (2, 3)] for stops in between)
    for values in ({pair[0]: one}, {pair[0]: one, pair[1]: other}, {pair[1]: other}, {pair[0]: further, pair[1]: other}):
        scenario = AS_WRITTEN
        for name, value in values.items():
            scenario = with_value(BUILT_IN, scenario, name, value)
        for turned in (pair, pair[::-1]):
            found = grid(workbench, scenario, *turned, most=3)
            hold(found, fresh, scenario)
            assert found.base == counted_afresh(fresh, scenario, turned[0], [found.scenario[0]])[0]


@settings(max_examples=settings().max_examples // 2)
@given(st.sampled_from(TOGETHER), st.booleans(), st.booleans(), st.sampled_from([AS_WRITTEN, ALL_CONDITIONS]), st.data())
def test_odd_patients(pair: tuple[str, str], turned: bool, partial: bool, scenario: Scenario, data: st.DataObject) -> None:
    owner = pair[0].partition(".")[0]
    scenario = with_reading(BUILT_IN, scenario, owner, data.draw(st.sampled_from(readings_moved(pair[0]))))
    made = cohort(*data.draw(files(records_of(BUILT_IN, owner, "I7"), partial, most_patients=4)))
    hold(grid(Workbench(made, BUILT_IN), scenario, *(pair[::-1] if turned else pair), most=4), Workbench(made, BUILT_IN), scenario)


@settings(max_examples=settings().max_examples * 2)
@given(st.booleans().flatmap(lambda partial: protocols_and_files(partial, most_patients=6)))
def test_a_criterion_is_the_lowest_of_its_parts(drawn: tuple) -> None:
    protocol, *file = drawn
    screener = Screener(cohort(*file))
    screening = screener.screen(protocol, AS_WRITTEN)
    for each, outcome in screening.outcomes.items():
        assert np.array_equal(and_(*(outcome_at(screener, part, {}) for part in parts(screener, screening, each))), outcome)


def test_many_kinds_are_counted_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether pairs of kinds are counted in one array or by those there are, and whether needs fit into one key."""
    pair, made = ("I5.egfr_min", "I4.protein_min"), a_clinic_with_gaps()
    few, needed = grid(Workbench(made, BUILT_IN), AS_WRITTEN, *pair), requirements(Workbench(made, BUILT_IN), AS_WRITTEN)
    monkeypatch.setattr(jointly, "DENSE", 0)
    monkeypatch.setattr(distinct, "LARGEST_KEY", 1)
    many, apart = grid(Workbench(made, BUILT_IN), AS_WRITTEN, *pair), requirements(Workbench(made, BUILT_IN), AS_WRITTEN)
    assert np.array_equal(few.eligible, many.eligible)
    assert np.array_equal(few.possible, many.possible)
    assert kinds_of(needed) == kinds_of(apart)


def test_one_workbench_under_scenario_after_scenario() -> None:
    """What is remembered of one question is no answer to another: other policies, readings, and stops."""
    made = cohorts.sample()
    workbench = Workbench(made, BUILT_IN)
    fail = with_missing_policy(BUILT_IN, AS_WRITTEN, "I4.uacr", MissingPolicy.FAIL)
    absent = with_missing_policy(BUILT_IN, AS_WRITTEN, "I4.urine_protein_24h", MissingPolicy.FAIL)
    tallies = set()
    for scenario in (AS_WRITTEN, fail, absent, with_reading(BUILT_IN, AS_WRITTEN, "I4", "latest"), AS_WRITTEN):
        screening = Screener(made).screen(BUILT_IN, scenario)  # a workbench would have screened it as written before
        tally = tally_of(count(screening.outcomes, screening.cohort.patients), counting(screening))
        tallies.add(tally)
        base = (tally.eligible, tally.eligible + tally.undetermined)
        assert curve(workbench, scenario, "I4.protein_min").base == base
        assert grid(workbench, scenario, "I4.protein_min", "I4.uacr_above", most=3).base == base
        assert grid(workbench, scenario, "I4.protein_min", "I4.uacr_above").base == base
        assert requirements(workbench, scenario).eligible == tally.eligible
    assert len(tallies) == 4
