"""Count tables say, stop by stop, exactly what a fresh workbench shows there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.patients import cohort
from properties.strategies import LEAVES, POLICIES, RULES, files, records_of, windows

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.logic import UNKNOWN
from feasibility.parameters import Number, Switch, Unbounded, stops
from feasibility.protocol import Protocol, builtin_protocol, read_protocol
from feasibility.results.count_tables import CountTable, count_table, rate_table
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Order, Scenario, with_criterion_off, with_missing_policy, with_order, with_rate, with_reading, with_value
from feasibility.screening.reasons import missing_reasons, missing_reasons_along
from feasibility.screening.screen import FAIL
from feasibility.synthetic import wide
from feasibility.variables import MissingPolicy, builtin_catalogue

BUILT_IN = builtin_protocol()
NUMBERS = [name for name, parameter in BUILT_IN.parameters.items() if isinstance(parameter, Number)]
BY_STEP = ("eligible", "undetermined", "lost")
BY_LOSS = ("fails", "unknown", "gain", "gain_possible", "share")


def hold(table: CountTable, fresh: Workbench, scenario: Scenario, places: Iterable[int]) -> None:
    """Every number of the table at some of its stops is that of a workbench that screens and counts the scenario there, the funnel's order held."""
    protocol = fresh.protocol
    assert table.order == fresh.overview(scenario).order
    screening, moved_to = fresh.counted(scenario).screening, {stop: with_value(protocol, scenario, table.parameter, stop) for stop in table.stops}
    why = {each: tuple(missing_reasons_along(fresh.screener, screening, each, table.parameter, moved_to)) for each in table.moved}
    for place in places:
        stop = with_order(protocol, with_value(protocol, scenario, table.parameter, table.stops[place]), table.order)
        shown = fresh.overview(stop)
        assert shown.order == table.order
        assert table.tally(place) == shown.tally
        assert table.comparison(place) == shown.comparison
        assert table.expected[place] == shown.expected
        for name in BY_STEP:
            assert getattr(table, name)[place].tolist() == [getattr(step, name) for step in shown.steps], name
        for name in BY_LOSS:
            assert getattr(table, name)[place].tolist() == [getattr(loss, name) for loss in shown.losses], name
        for criterion_id, counts in table.moved.items():
            assert why[criterion_id][place] == missing_reasons(fresh.screener, protocol, stop, criterion_id)
            limbs = fresh.screener.limb_outcomes(protocol, stop, criterion_id)
            assert list(counts.limbs) == list(limbs)
            for label, (fails, unknown) in counts.limbs.items():
                assert (fails[place], unknown[place]) == ((limbs[label] == FAIL).sum(), (limbs[label] == UNKNOWN).sum()), label
            assert (None if counts.saved is None else counts.saved[place]) == fresh.screener.saved(protocol, stop, criterion_id)


# Any protocol

LIMIT = """p = {{ value = {value}, min = {low}, max = {high}, step = {step}, unit = "{unit}", label = "p"{unbounded} }}"""
UNITS = {"mg/g": (0, 3000, 1), "%": (5, 12, 0.1), "days": (0, 4000, 1), "months": (0, 140, 1), "years": (0, 15, 1), "": (0, 4, 1), "mmHg": (100, 200, 1)}
MOVED = {
    "mg/g": st.one_of(
        st.builds("latest(uacr{}) {} p".format, st.sampled_from(["", ', within="365 days"']), st.sampled_from([">=", ">", "<", "<=", "==", "!="])),
        st.builds("p {} lowest(uacr, last=2, apart=7)".format, st.sampled_from([">=", ">", "<", "<="])),
        st.builds("300 <= geometric_mean(uacr) {} p".format, st.sampled_from(["<", "<="])),
    ),
    "%": st.builds("not latest(hba1c) {} p".format, st.sampled_from([">=", "<"])),
    "days": st.one_of(
        st.builds("occurred({}, {}=p)".format, st.sampled_from(["t2dm", "cerebral_infarction"]), st.sampled_from(["within", "before"])),
        st.builds("occurred(malignancy, within=p, at='{}')".format, st.sampled_from(["start", "end", "later", "first"])),
        st.builds("exposed(iv_antibiotic, {}=p{})".format, st.sampled_from(["within", "before"]), st.sampled_from(["", ", longer_than=7", ", longer_than=p"])),
        st.builds("exposed(iv_antibiotic, before=p, longer_than={}, counting='window')".format, st.sampled_from("37")),
        st.builds("exposed(immunosuppressant, longer_than=p, gap={}, where=immunosuppressant_route == 'systemic')".format, st.sampled_from("07")),
        st.builds("exposed(iv_antibiotic{}, longer_than=7, gap=p)".format, st.sampled_from(["", ", within='1 year'"])),
        st.builds("latest(uacr, within=p) > {}".format, st.sampled_from(["300", "1000"])),
        st.builds("{}(sbp <= 160 and dbp <= 100, within=p)".format, st.sampled_from(["latest_visit", "any_visit"])),
        st.builds("count({}, within=p) >= 1".format, st.sampled_from(["t2dm", "uacr"])),
        st.just("lowest(uacr, last=2, apart=p) >= 300"),
    ),
    "months": st.builds("occurred({}, within=p)".format, st.sampled_from(["t2dm", "kidney_biopsy"])),
    "years": st.builds("occurred(malignancy, before=p, excepting=cancer_site == 'nmsc')".format),
    "": st.one_of(
        st.just("occurred(cerebral_infarction, excepting=stroke_lacunar == 'yes' and stroke_deficits <= p)"),
        st.builds("occurred(cerebral_infarction, within='1 year', where=stroke_deficits > p, at='{}')".format, st.sampled_from(["start", "first"])),
        st.builds("count({}) {} p".format, st.sampled_from(["t2dm", "uacr"]), st.sampled_from([">=", "<"])),
    ),
    "mmHg": st.builds(
        "{}({}{})".format,
        st.sampled_from(["latest_visit", "any_visit"]),
        st.sampled_from(["sbp <= p and dbp <= 100", "p > dbp", "not (sbp > p or dbp > 100)", "sbp >= p or dbp == 80"]),
        windows(),
    ),
}
AROUND = st.sampled_from(["{}", "{}", "not {}", "possible({})"])


@st.composite
def movable_protocols(draw: st.DrawFn) -> Protocol:
    """Any protocol with a number ``p`` that some of its rules speak of: one criterion's own, or shared by all."""
    unit = draw(st.sampled_from(list(UNITS)))
    low, high, step = UNITS[unit]
    unbounded = draw(st.sampled_from(["", ', unbounded = "up"', ', unbounded = "down"']))
    limit = LIMIT.format(value=low, low=low, high=high, step=step, unit=unit, unbounded=unbounded)
    owner = draw(st.integers(-1, 2))
    text = 'title = "any"\n' + (f"[parameters]\n{limit}\n" if owner < 0 else "")
    for number in range(3):
        text += f'[[criterion]]\nid = "C{number}"\nrole = "{draw(st.sampled_from(["inclusion", "exclusion"]))}"\nlabel = "c"\ntext = "c"\n'
        text += f"[criterion.parameters]\n{limit}\n" if number == owner else ""
        text += f'[[criterion.reading]]\nid = "r"\nlabel = "r"\njoin = "{draw(st.sampled_from(["all", "any"]))}"\n'
        for limb in range(draw(st.integers(1, 2))):
            speaks = number == owner or (owner < 0 and draw(st.booleans()))
            plain = draw(RULES)
            rule = draw(AROUND).format(f"({draw(MOVED[unit])})") if speaks else plain
            joined = draw(st.sampled_from([f"{rule}", f"{rule}", f"({plain}) and ({rule})", f"({rule}) or ({plain})"]))
            text += f"[[criterion.reading.limb]]\nlabel = 'limb {limb}'\nrule = '''{joined}'''\n"
            if draw(st.integers(0, 3)) == 0:
                text += f"unless = '''{draw(LEAVES)}'''\n"
            text += "missing = { " + ", ".join(f'{variable} = "{policy}"' for variable, policy in draw(POLICIES).items()) + " }\n"
        if draw(st.integers(0, 3)) == 0:
            text += f"[[criterion.assumed]]\nrate = {draw(st.sampled_from(['0.5', '0.9']))}\nwhen = 'sex == \"female\"'\n"
    return read_protocol(text, builtin_catalogue())


@st.composite
def moves(draw: st.DrawFn, protocol: Protocol, name: str) -> tuple[float, ...]:
    """Some values of a number, rising, its ends and its lifted limit among them."""
    parameter = protocol.parameters[name]
    assert isinstance(parameter, Number)
    steps = round((parameter.max - parameter.min) / parameter.step)
    near = draw(st.sampled_from([0, 6.5, 7, 9, 30, 300, 1000]))
    chosen = {parameter.min, parameter.max, *(parameter.min + parameter.step * place for place in draw(st.lists(st.integers(0, steps), max_size=6)))}
    chosen |= {value for place in (-1, 0, 1) if parameter.min <= (value := near + parameter.step * place) <= parameter.max}
    chosen = {float(f"{value:.6g}") for value in chosen}
    lifted = {Unbounded.UP: {math.inf}, Unbounded.DOWN: {-math.inf}, None: set[float]()}[parameter.unbounded]
    return tuple(sorted(draw(st.sampled_from([chosen, chosen, {min(chosen)}])) | lifted))


@settings(max_examples=settings().max_examples * 2)
@given(movable_protocols(), st.booleans(), st.data())
def test_any_protocol_is_counted_as_a_fresh_workbench_counts_it(protocol: Protocol, partial: bool, data: st.DataObject) -> None:
    file = data.draw(files(records_of(protocol), partial, most_patients=6))
    made = cohort(*file)
    scenario = data.draw(st.sampled_from([AS_WRITTEN, replace(AS_WRITTEN, order=Order.LARGEST_LOSS), with_criterion_off(protocol, AS_WRITTEN, "C1")]))
    name = next(iter(protocol.parameters))
    table = count_table(Workbench(made, protocol), scenario, name, data.draw(moves(protocol, name)))
    hold(table, Workbench(made, protocol), scenario, range(len(table.stops)))


# The built-in protocol


@cache
def a_clinic_with_gaps() -> Cohort:
    file = BytesIO()
    wide(150, np.random.default_rng(3), completeness=0.8).to_parquet(file)
    return load_cohort("clinic.parquet", file.getvalue())


def some_stops(name: str) -> tuple[float, ...]:
    parameter = BUILT_IN.parameters[name]
    assert isinstance(parameter, Number)
    return stops(parameter, parameter.value, 40)


def readings_moved(name: str) -> list[str]:
    """The readings of a number's criterion; one stands for all where the number is shared."""
    owner = name.partition(".")[0]
    return [reading.id for reading in BUILT_IN[owner].readings] if owner in BUILT_IN.ids else [""]


CHANGED = with_rate(BUILT_IN, with_missing_policy(BUILT_IN, AS_WRITTEN, "E4.stroke_deficits", MissingPolicy.FAIL), "I8", 0.3)
CHANGED = with_value(BUILT_IN, with_reading(BUILT_IN, with_criterion_off(BUILT_IN, CHANGED, "E6"), "E5", "both"), "I5.egfr_min", 30)
ALL_CONDITIONS = replace(AS_WRITTEN, parameters={name: True for name, parameter in BUILT_IN.parameters.items() if isinstance(parameter, Switch)})
SCENARIOS = (
    AS_WRITTEN,
    CHANGED,
    replace(ALL_CONDITIONS, order=Order.STAGE),
    replace(CHANGED, order=Order.LARGEST_LOSS),
    with_order(BUILT_IN, AS_WRITTEN, ("E5", "I4", "E3")),
)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_of_the_built_in_protocol(name: str) -> None:
    made = a_clinic_with_gaps()
    workbench, fresh, values = Workbench(made, BUILT_IN), Workbench(made, BUILT_IN), some_stops(name)
    for turn, reading in enumerate(readings_moved(name)):
        scenario = SCENARIOS[(NUMBERS.index(name) + turn) % len(SCENARIOS)]
        if reading:
            scenario = with_reading(BUILT_IN, scenario, name.partition(".")[0], reading)
        table = count_table(workbench, scenario, name, values)
        hold(table, fresh, scenario, {0, 1, len(values) // 3, len(values) - 2, len(values) - 1} & set(range(len(values))))


@settings(max_examples=settings().max_examples // 2)
@given(st.sampled_from([name for name in NUMBERS if "." in name]), st.booleans(), st.sampled_from([AS_WRITTEN, ALL_CONDITIONS]), st.data())
def test_odd_patients_under_the_built_in_protocol(name: str, partial: bool, scenario: Scenario, data: st.DataObject) -> None:
    """Few patients with censored values, dates known in part, columns that are not there, and a feed that does not reach back."""
    owner = name.partition(".")[0]
    scenario = with_reading(BUILT_IN, scenario, owner, data.draw(st.sampled_from(readings_moved(name))))
    made = cohort(*data.draw(files(records_of(BUILT_IN, owner, "I7"), partial, most_patients=4)))
    table = count_table(Workbench(made, BUILT_IN), scenario, name, data.draw(moves(BUILT_IN, name)))
    hold(table, Workbench(made, BUILT_IN), scenario, range(len(table.stops)))


def test_asking_for_tables_leaves_the_workbench_as_it_was() -> None:
    """Between two overviews any table may be asked for, of this scenario or another."""
    made = a_clinic_with_gaps()
    asked, undisturbed = Workbench(made, BUILT_IN), Workbench(made, BUILT_IN)
    for scenario in (AS_WRITTEN, with_value(BUILT_IN, AS_WRITTEN, "I5.egfr_min", 30), CHANGED, with_reading(BUILT_IN, CHANGED, "E5", "tg")):
        before, after = asked.overview(scenario), undisturbed.overview(scenario)
        assert (before.order, before.tally, before.steps, before.losses) == (after.order, after.tally, after.steps, after.losses)
        remembered = set(asked.screener.memory.results)
        for name in ("I5.egfr_min", "E2.washout", "lab_window", "I4.apart"):
            for under in (scenario, with_criterion_off(BUILT_IN, scenario, "I1")):
                count_table(asked, under, name, some_stops(name)[:3])
        assert set(asked.screener.memory.results) == remembered
        assert asked.overview(scenario).screening.outcomes == before.screening.outcomes  # the very same arrays: nothing was screened again


# Assumed pass rates


@pytest.mark.parametrize("criterion", ["I8", "E9", "E10", "E13", "I5"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_rate(criterion: str, scenario: Scenario) -> None:
    workbench, rates = Workbench(a_clinic_with_gaps(), BUILT_IN), (0.0, 0.1, 0.55, 1.0)
    expected = rate_table(workbench, scenario, criterion, rates)
    fresh = Workbench(workbench.cohort, BUILT_IN)
    assert expected.tolist() == [fresh.overview(with_rate(BUILT_IN, scenario, criterion, rate)).expected for rate in rates]
