"""After any steps of numbers what is counted on says what is found afresh, however many patients changed: outcomes, patterns, curves, tornado, needs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.both import protocol_of
from oracle.patients import cohort
from properties.strategies import POLICIES, files, records_of
from properties.test_count_tables import ALL_CONDITIONS, BUILT_IN, NUMBERS, movable_protocols, moves

import feasibility.patterns
from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.ledger.scales import lines
from feasibility.patterns import Recounter, count
from feasibility.protocol import Protocol
from feasibility.results import standing, ways
from feasibility.results.concessions import Needs
from feasibility.results.curves import Curve, curve, curves
from feasibility.results.distributions import spread
from feasibility.results.overview import Overview, Workbench
from feasibility.results.requirements import Requirements, requirements
from feasibility.results.standing import Standing
from feasibility.results.tornado import Bar, readings, tornado
from feasibility.scenario import AS_WRITTEN, Order, Scenario, with_criterion_off, with_reading, with_value
from feasibility.screening import onwards
from feasibility.screening.onwards import outcome_onwards
from feasibility.screening.screen import Screener
from feasibility.synthetic import wide
from feasibility.variables import MissingPolicy

TOGETHER = (("I4", "I5"), ("I6", "E5"), ("E2", "E6"), ("I3", "I2"), ("E4", "E8"), ("E7", "I7"))

# Back and forth, two criteria by the same numbers, several windows of one and the same length.
STEPS = (
    ("lab_window", 300),
    ("lab_window", 180),
    ("I6.sbp_max", 150),
    ("I4.protein_min", 3),
    ("I6.sbp_max", 160),
    ("I4.apart", 30),
    ("lab_window", 300),
    ("E2.washout", 0),
    ("E2.washout", 60),
    ("E5.ldl_max", 3.5),
    ("lab_window", 90),
    ("lab_window", 365),
    ("E4.stroke_window", 12),
    ("E6.repeat_within", 30),
    ("I3.biopsy_window", 5),
)


@pytest.fixture(autouse=True)
def _counts_on_whoever_changed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((onwards, "MOST"), (standing, "MANY"), (ways, "MANY"), (feasibility.patterns, "MANY"), (feasibility.patterns, "UNUSED")):
            patch.setattr(module, name, 1)
        yield


def numbers(found: tuple[Curve, ...]) -> dict[str, tuple[object, ...]]:
    return {each.name: (each.criteria, each.stops, each.eligible.tolist(), each.possible.tolist(), each.scenario) for each in found}


def ends(bar: Bar) -> tuple[object, ...]:
    return bar.group, bar.criteria, bar.what, bar.parameter, tuple((end.value, end.eligible, end.possible, end.traded, end.opened) for end in bar.ends)


def spreads(workbench: Workbench, scenario: Scenario) -> list[list[int]]:
    """The distributions on which the thresholds of the built-in protocol are dragged."""
    drawn = (scale for each in BUILT_IN.criteria for line in lines(BUILT_IN, scenario, each) for scale in line.scales)
    return [spread(workbench.screener, scale.quantity, scale.axis).counts.tolist() for scale in drawn if scale.quantity is not None]


def as_afresh(workbench: Workbench, made: Cohort, scenario: Scenario) -> None:
    """All that was counted on, beside what is screened and counted with nothing known."""
    protocol, fresh = workbench.protocol, Workbench(made, workbench.protocol)
    shown, outcomes = workbench.overview(scenario), Screener(made).screen(protocol, scenario).outcomes
    assert {each: truth.tolist() for each, truth in shown.screening.outcomes.items()} == {each: truth.tolist() for each, truth in outcomes.items()}
    _same_patients(shown, count(outcomes, made.patients).pattern_of)
    for each in shown.screening.assessed:
        limbs = (workbench.screener.limb_outcomes(protocol, scenario, each, outcome_onwards), fresh.screener.limb_outcomes(protocol, scenario, each))
        one, other = ({label: truth.tolist() for label, truth in found.items()} for found in limbs)
        assert one == other
    found, afresh = curves(workbench, scenario), curves(fresh, scenario)
    assert numbers(found) == numbers(afresh)
    assert sorted(map(repr, map(ends, tornado(workbench, scenario, found).bars))) == sorted(map(repr, map(ends, tornado(fresh, scenario, afresh).bars)))


def need_the_same(found: Requirements, afresh: Requirements) -> None:
    assert (found.names, found.levels, found.held) == (afresh.names, afresh.levels, afresh.held)
    random = np.random.default_rng(1)
    for _ in range(20):
        levels = np.array([random.integers(len(each)) for each in found.levels])
        assert found.eligible_at(levels) == afresh.eligible_at(levels)


def _same_patients(shown: Overview, pattern_of: np.ndarray) -> None:
    """Two patients have the same pattern if they have the same outcomes, each pattern as many as are counted in it."""
    own = shown.patterns.pattern_of
    assert np.array_equal(own[:, None] == own, pattern_of[:, None] == pattern_of)
    assert shown.patterns.patients.tolist() == np.bincount(own, minlength=len(shown.patterns.patients)).tolist()
    assert len(set(zip(shown.patterns.failed.tolist(), shown.patterns.unknown.tolist(), strict=True))) == len(shown.patterns.failed)


@pytest.mark.parametrize("readings", [{}, {"I6": "latest-visit", "E5": "both", "I4": "two-of-three", "E2": "and-window"}], ids=["default", "others"])
def test_step_after_step(readings: dict[str, str]) -> None:
    """Of a cohort in which each step tells some patients apart, and not the same for one criterion as for another."""
    file = BytesIO()
    wide(400, np.random.default_rng(7), completeness=0.8).to_parquet(file)
    made = load_cohort("clinic.parquet", file.getvalue())
    workbench, scenario = Workbench(made, BUILT_IN), replace(AS_WRITTEN, readings=readings)
    for name, value in STEPS:
        scenario = with_value(BUILT_IN, scenario, name, value)
        as_afresh(workbench, made, scenario)
        afresh = Workbench(made, BUILT_IN)
        need_the_same(requirements(workbench, scenario), requirements(afresh, scenario))
        assert spreads(workbench, scenario) == spreads(afresh, scenario)


def test_whichever_views_were_looked_at_between_each_goes_on_from_where_it_was_counted_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Curves first, then readings alone, three times one curve alone, nothing; then all curves again: nothing is counted anew."""
    file = BytesIO()
    wide(400, np.random.default_rng(9), completeness=0.8).to_parquet(file)
    made = load_cohort("clinic.parquet", file.getvalue())
    workbench, scenario = Workbench(made, BUILT_IN), AS_WRITTEN
    workbench.overview(scenario)
    tornado(workbench, scenario, curves(workbench, scenario))
    one = partial(curve, parameter="I7.hba1c_max")
    looks = ((readings, "I5.egfr_min", 25), *((one, "I1.age_min", age) for age in (20, 25, 30)), (None, "E5.ldl_max", 4.5), (curves, "I6.sbp_max", 170))
    anew: list[frozenset[str]] = []
    as_it_is = Standing._counted
    monkeypatch.setattr(Standing, "_counted", lambda own, found, moving: anew.append(moving) or as_it_is(own, found, moving))
    for look, name, value in looks:
        scenario = with_value(BUILT_IN, scenario, name, value)
        workbench.overview(scenario)
        if look is not None:
            look(workbench, scenario)
    assert not anew
    monkeypatch.undo()
    as_afresh(workbench, made, scenario)
    assert len(workbench.counted(scenario).standing.earlier) <= standing.MOST_EARLIER


@pytest.mark.parametrize("many", [0.02, 0.2, 1])
def test_where_many_have_changed_since_one_scenario_another_is_gone_on_from_or_all_is_counted_anew(many: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small steps and large ones, criteria off and on again, with one view or another looked at between."""
    monkeypatch.setattr(standing, "MANY", many)
    file = BytesIO()
    wide(300, np.random.default_rng(10), completeness=0.8).to_parquet(file)
    made = load_cohort("clinic.parquet", file.getvalue())
    workbench, scenario = Workbench(made, BUILT_IN), AS_WRITTEN
    as_afresh(workbench, made, scenario)
    steps = (("E5", "I5.egfr_min", 21), ("I4", "I5.egfr_min", 60), ("", "I5.egfr_min", 22), ("I4", "E5.ldl_max", 3), ("I5", "E5.ldl_max", 4))
    for off, name, value in (*steps, ("I5", "E5.tg_max", 10), ("I5", "E2.washout", 49)):
        scenario = replace(with_value(BUILT_IN, scenario, name, value), off=frozenset({off} - {""}))
        workbench.overview(scenario)
        readings(workbench, scenario)
        scenario = with_value(BUILT_IN, scenario, "I1.age_max", 79)
        as_afresh(workbench, made, scenario)
    earlier = workbench.counted(scenario).standing.earlier
    assert 1 <= len(earlier) <= standing.MOST_EARLIER
    assert not any(each.earlier or each._since for each in earlier), "of scenarios before no chain is held"


def test_needs_where_no_number_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Criteria are off and on again, in another order, a lack counts as a fail, one is read another way: who passes all else is another, and counted on."""
    counted_on: list[bool] = []

    def seen(demand: ways.Demand, before: ways.Demand | None, needs: Needs) -> Needs | None:
        found = as_it_is(demand, before, needs)
        counted_on.append(found is not None)
        return found

    as_it_is = ways.Demand.needs_onwards
    file = BytesIO()
    wide(400, np.random.default_rng(8), completeness=0.8).to_parquet(file)
    made = load_cohort("clinic.parquet", file.getvalue())
    scenarios = [replace(AS_WRITTEN, off=frozenset(off)) for off in ((), ("I2",), ("I2", "E1"), ("E1",))]
    scenarios += [replace(AS_WRITTEN, order=Order.LARGEST_LOSS), replace(AS_WRITTEN, missing={"I5.creatinine": MissingPolicy.FAIL})]
    fresh = [requirements(Workbench(made, BUILT_IN), scenario) for scenario in scenarios]
    monkeypatch.setattr(ways.Demand, "needs_onwards", seen)
    workbench = Workbench(made, BUILT_IN)
    for scenario, afresh in zip(scenarios, fresh, strict=True):
        workbench.overview(scenario)
        workbench.screener.memory.results = OrderedDict((key, held) for key, held in workbench.screener.memory.results.items() if _is_no_setting(key))
        need_the_same(requirements(workbench, scenario), afresh)
    assert counted_on == [True] * 4 + [False], "where a lack counts as a fail a limb is one part, and not the same ways as before"


def _is_no_setting(key: object) -> bool:
    """Not what is known under a whole scenario: so all is counted on, and nothing only remembered."""
    return not (isinstance(key, tuple) and key[0] == "needs" and isinstance(key[-1], tuple) and isinstance(key[-1][0], frozenset))


@pytest.mark.parametrize("between", ["requirements", "curves"])
def test_what_one_view_counts_leaves_another_what_it_goes_on_from(between: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = BytesIO()
    wide(200, np.random.default_rng(9)).to_parquet(file)
    workbench = Workbench(load_cohort("clinic.parquet", file.getvalue()), BUILT_IN)
    before, between_them, now = (with_value(BUILT_IN, AS_WRITTEN, "I7.hba1c_max", value) for value in (9.1, 9.2, 9.3))
    workbench.overview(before)
    curves(workbench, before)
    requirements(workbench, before)
    workbench.overview(between_them)
    requirements(workbench, between_them) if between == "requirements" else curves(workbench, between_them)
    workbench.overview(now)
    anew: list[object] = []
    monkeypatch.setattr(standing.Standing, "_counted", lambda *_: anew.append("curves"))
    monkeypatch.setattr(ways.Demand, "needs", property(lambda _: anew.append("needs")))
    curves(workbench, now)
    requirements(workbench, now)
    assert not anew


@settings(max_examples=settings().max_examples // 2)
@given(st.sampled_from(TOGETHER), st.booleans(), st.sampled_from([AS_WRITTEN, ALL_CONDITIONS]), st.data())
def test_the_built_in_protocol(owners: tuple[str, ...], partial: bool, scenario: Scenario, data: st.DataObject) -> None:
    made = cohort(*data.draw(files(records_of(BUILT_IN, *owners), partial, most_patients=6)))
    workbench = Workbench(made, BUILT_IN)
    own = [name for name in NUMBERS if name.partition(".")[0] in owners] + ["lab_window"] * 4
    for _ in range(4):
        name = data.draw(st.sampled_from(own))
        scenario = with_value(BUILT_IN, scenario, name, data.draw(st.sampled_from(data.draw(moves(BUILT_IN, name)))))
        if data.draw(st.integers(0, 4)) == 0:
            criterion = data.draw(st.sampled_from(owners))
            scenario = with_reading(BUILT_IN, scenario, criterion, data.draw(st.sampled_from(BUILT_IN[criterion].readings)).id)
        as_afresh(workbench, made, scenario)


@settings(max_examples=settings().max_examples // 2)
@given(movable_protocols(), st.booleans(), st.data())
def test_any_protocol(protocol: Protocol, partial: bool, data: st.DataObject) -> None:
    made = cohort(*data.draw(files(records_of(protocol), partial, most_patients=6)))
    workbench, scenario = Workbench(made, protocol), AS_WRITTEN
    name = next(iter(protocol.parameters))
    for value in data.draw(st.permutations(data.draw(moves(protocol, name)))):
        scenario = with_value(protocol, scenario, name, value)
        match data.draw(st.integers(0, 5)):
            case 0:
                scenario = with_criterion_off(protocol, scenario, data.draw(st.sampled_from(protocol.ids)))
            case 1:
                scenario = replace(scenario, missing={f"C1.{variable}": policy for variable, policy in data.draw(POLICIES).items()})
        as_afresh(workbench, made, scenario)


# Two numbers in one rule, so that how it goes along one is counted on as the other moves: windows, distances, limits and lengths.
TWO = (
    "latest(uacr, within=p) > q",
    "lowest(uacr, last=2, apart=p) >= q",
    "lowest(uacr, last=2, apart=7, span=p, within=q) >= 300",
    "mean(uacr, within=p) >= 300 and latest(uacr, within=q) > 30",
    "latest(uacr, within=p) > 300 or lowest(uacr, within=q) > 30",
    "count(uacr, within=p) >= 2 and latest(uacr, within=q) > 30",
    "any_visit(sbp <= q and dbp <= 100, within=p)",
    "latest_visit(sbp <= q or dbp > p)",
    "exposed(iv_antibiotic, before=p, longer_than=q)",
    "exposed(iv_antibiotic, within=p, longer_than=q, counting='window')",
    "occurred(malignancy, within=p) or occurred(t2dm, before=q)",
    "possible(occurred(malignancy, within=p, at='end')) or latest(uacr, within=q) > 300",
)


@settings(max_examples=settings().max_examples * 2)
@given(st.sampled_from(TWO), st.sampled_from(["inclusion", "exclusion"]), st.booleans(), st.data())
def test_two_numbers_of_one_rule(rule: str, role: str, partial: bool, data: st.DataObject) -> None:
    limits = "\n".join(f'{each} = {{ value = 30, min = 0, max = 400, step = 1, unit = "{unit_of(rule, each)}", label = "{each}" }}' for each in "pq")
    protocol = protocol_of(rule, "latest(uacr, within='90 days') > 10", role=role, parameters=limits)
    made = cohort(*data.draw(files(records_of(protocol), partial, most_patients=6)))
    workbench, scenario = Workbench(made, protocol), AS_WRITTEN
    for _ in range(4):
        for name in data.draw(st.sampled_from([["C.p"], ["C.q"], ["C.p", "C.q"]])):
            value = data.draw(st.sampled_from([0, 1, 6, 7, 29, 30, 31, 89, 90, 140, 159, 160, 161, 299, 300, 301, 400]))
            scenario = with_value(protocol, scenario, name, value)
        as_afresh(workbench, made, scenario)


def unit_of(rule: str, name: str) -> str:
    if any(f"{what}={name}" in rule for what in ("within", "before", "apart", "span", "longer_than")):
        return "days"
    return "mmHg" if "visit" in rule else "mg/g"


@pytest.mark.parametrize("criteria", [3, 40])
def test_a_recount_of_some_patients(criteria: int) -> None:
    """Several criteria at once, of a few patients each time; nobody is lost, no pattern stands twice in the table."""
    random = np.random.default_rng(criteria)
    outcomes = {f"C{place}": random.integers(0, 3, 60).astype(np.int8) for place in range(criteria)}
    recounter = Recounter()
    recounter.recount(outcomes, 60)
    for _ in range(40):
        outcomes = dict(outcomes)
        for name in random.choice(list(outcomes), 2, replace=False):
            outcomes[str(name)] = outcomes[str(name)].copy()
            outcomes[str(name)][random.integers(0, 60, 3)] = random.integers(0, 3, 3)
        table, afresh = recounter.recount(outcomes, 60), count(outcomes, 60)
        told = {(int(failed), int(unknown)): int(patients) for failed, unknown, patients in zip(table.failed, table.unknown, table.patients, strict=True)}
        assert len(told) == len(table.failed)
        assert {each: patients for each, patients in told.items() if patients} == {
            (int(failed), int(unknown)): int(patients) for failed, unknown, patients in zip(afresh.failed, afresh.unknown, afresh.patients, strict=True)
        }
        assert (table.failed[table.pattern_of] == afresh.failed[afresh.pattern_of]).all()
        assert (table.unknown[table.pattern_of] == afresh.unknown[afresh.pattern_of]).all()


