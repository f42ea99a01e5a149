"""On any patients: who is eligible because nothing recorded counts as a no is what screening with that unknown says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import judge
from oracle.both import judged
from oracle.judge import Case
from oracle.patients import MISSING, Columns, Patient, cohort, record_of
from properties.strategies import LEAVES, files, records_of, windows
from properties.test_count_tables import BUILT_IN, SCENARIOS, a_clinic_with_gaps

from feasibility.logic import Bools
from feasibility.protocol import Protocol, read_protocol
from feasibility.results.overview import Workbench
from feasibility.results.taken_as_absent import taken_as_absent
from feasibility.rules.nodes import variables
from feasibility.scenario import AS_WRITTEN, Scenario, reading_id, values, with_criterion_off, with_missing_policy
from feasibility.screening.screen import PASS
from feasibility.variables import Kind, MissingPolicy, builtin_catalogue

CATALOGUE = builtin_catalogue()


def unknown(protocol: Protocol, scenario: Scenario, asked: Iterable[tuple[str, str]]) -> Scenario:
    """The scenario with these events of these criteria unknown where nothing is recorded of them."""
    for criterion, event in asked:
        scenario = with_missing_policy(protocol, scenario, f"{criterion}.{event}", MissingPolicy.UNKNOWN)
    return scenario


def counted_as_absent(protocol: Protocol, columns: Columns, scenario: Scenario, counting: Iterable[str]) -> list[tuple[str, str]]:
    """The criteria that count, each with the events in the file that one of its limbs takes for absent."""
    found = []
    for criterion in (protocol[each] for each in counting):
        reading = reading_id(protocol, scenario, criterion.id)
        assert reading is not None
        for limb in judge.assessed_limbs(criterion.role, criterion.reading(reading), Case(Patient({}), columns, values(protocol, scenario)))[0]:
            for name in variables(judge.stands(limb, criterion.role)):
                policy = scenario.missing.get(f"{criterion.id}.{name}", limb.missing.get(name, CATALOGUE[name].missing))
                if CATALOGUE[name].kind is Kind.EVENT and policy is MissingPolicy.ABSENT and name in columns.fields.get(record_of(name), ()):
                    found.append((criterion.id, name))
    return list(dict.fromkeys(found))


def eligible_one_by_one(protocol: Protocol, patients: Sequence[Patient], columns: Columns, scenario: Scenario) -> Bools:
    outcomes = [truths for criterion, truths in judged(protocol, patients, columns, scenario).items() if criterion not in scenario.off]
    return np.array([all(truths[place] == PASS for truths in outcomes) for place in range(len(patients))], bool)


EVENTS = st.one_of(
    st.builds("occurred({}{})".format, st.sampled_from(["t2dm", "kidney_biopsy", "cerebral_infarction", "malignancy"]), windows()),
    st.builds("exposed({}{})".format, st.sampled_from(["iv_antibiotic", "immunosuppressant"]), windows()),
    st.builds("count({}) >= {}".format, st.sampled_from(["t2dm", "cerebral_infarction"]), st.sampled_from("12")),
    st.builds("occurred({}) or occurred({})".format, *[st.sampled_from(["t2dm", "hiv", "tuberculosis"])] * 2),
)
POLICIES = st.dictionaries(st.sampled_from(["t2dm", "kidney_biopsy", "cerebral_infarction"]), st.sampled_from(list(MissingPolicy)), max_size=1)


@st.composite
def protocols_of_events(draw: st.DrawFn) -> Protocol:
    """A few exclusion criteria that are seldom met, so that many are eligible."""
    text = 'title = "any"\n'
    for number in range(draw(st.integers(1, 3))):
        text += f'[[criterion]]\nid = "C{number}"\nrole = "exclusion"\nlabel = "c"\ntext = "c"\n'
        text += f'[[criterion.reading]]\nid = "r"\nlabel = "r"\njoin = "{draw(st.sampled_from(["all", "any"]))}"\n'
        for limb in range(draw(st.integers(1, 2))):
            text += f"[[criterion.reading.limb]]\nlabel = 'limb {limb}'\nrule = '''{draw(EVENTS)}'''\n"
            text += f"unless = '''{draw(LEAVES)}'''\n" if draw(st.integers(0, 3)) == 0 else ""
            text += "missing = { " + ", ".join(f'{variable} = "{policy}"' for variable, policy in draw(POLICIES).items()) + " }\n"
    return read_protocol(text, CATALOGUE)


@settings(max_examples=settings().max_examples * 4)
@given(protocols_of_events(), st.booleans(), st.data())
def test_who_hangs_on_an_event_of_which_nothing_is_recorded(protocol: Protocol, partial: bool, data: st.DataObject) -> None:
    patients, columns = data.draw(files(records_of(protocol), partial, most_patients=6))
    scenario = data.draw(st.sampled_from([AS_WRITTEN, with_criterion_off(protocol, AS_WRITTEN, "C0")]))
    bench = Workbench(cohort(patients, columns), protocol)
    overview = bench.overview(scenario)
    found = taken_as_absent(bench.screener, overview)
    asked = counted_as_absent(protocol, columns, scenario, [each for each in judged(protocol, patients, columns, scenario) if each not in scenario.off])
    eligible = eligible_one_by_one(protocol, patients, columns, scenario)

    def hanging(some: Iterable[tuple[str, str]]) -> int:
        return int((eligible & ~eligible_one_by_one(protocol, patients, columns, unknown(protocol, scenario, some))).sum())

    events = dict.fromkeys(name for _, name in asked)
    known = {name: [rec.values.get(name, MISSING) for each in patients for rec in each.records.get(name, ())] for name in events}
    no_recorded = {name: any(hi <= 0 for _, hi in recorded) for name, recorded in known.items()}
    expected = {}
    for event in events:
        if number := hanging((criterion, name) for criterion, name in asked if name == event):
            criteria = tuple(criterion for criterion, name in asked if name == event and hanging([(criterion, name)]))
            expected[event] = (criteria, number, no_recorded[event])
    assert {each.variable: (each.criteria, each.eligible, each.no_recorded) for each in found.events} == expected
    assert [each.eligible for each in found.events] == sorted((each.eligible for each in found.events), reverse=True)
    assert found.never_no == hanging((criterion, name) for criterion, name in asked if not no_recorded[name])


@pytest.mark.parametrize("scenario", [*SCENARIOS, *(replace(each, off=each.off | {"I3", "I4"}) for each in SCENARIOS)])
def test_a_clinic_with_gaps(scenario: Scenario) -> None:
    """By fresh screening; of what an event changes nobody fails."""
    bench, fresh = Workbench(a_clinic_with_gaps(), BUILT_IN), Workbench(a_clinic_with_gaps(), BUILT_IN)
    found = taken_as_absent(bench.screener, bench.overview(scenario))
    tally = fresh.overview(scenario).tally
    for event in found.events:
        changed = fresh.overview(unknown(BUILT_IN, scenario, [(criterion, event.variable) for criterion in event.criteria])).tally
        assert (changed.eligible, changed.undetermined) == (tally.eligible - event.eligible, tally.undetermined + event.eligible)
    never = [(criterion, each.variable) for each in found.events if not each.no_recorded for criterion in each.criteria]
    assert tally.eligible - fresh.overview(unknown(BUILT_IN, scenario, never)).tally.eligible == found.never_no
