"""On any patients, any file and any rule: the product says what the judge says, and what it says as settled stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle.both import by_judge, by_product, judged, screened
from oracle.judge import EXPOSURES, UNKNOWN
from oracle.patients import MISSING, Columns, Patient, Rec, cohort
from properties.strategies import POLICIES, files, protocols_and_files, records_of, rules_and_files

from feasibility.parameters import Number, Switch
from feasibility.protocol import Protocol, builtin_protocol
from feasibility.rules.nodes import Condition, Count, walk
from feasibility.scenario import Scenario
from feasibility.screening.screen import Screener
from feasibility.variables import Kind, MissingPolicy, builtin_catalogue

Case = tuple[Condition, list[Patient], Columns]
BUILT_IN = builtin_protocol()


@settings(max_examples=settings().max_examples * 4)
@given(rules_and_files(), POLICIES)
def test_a_rule_is_judged_alike(case: Case, policies: dict[str, MissingPolicy]) -> None:
    assert by_product(*case, policies) == by_judge(*case, policies)


@settings(max_examples=settings().max_examples * 2)
@given(rules_and_files(partial=True, most_patients=2), POLICIES)
def test_what_is_settled_holds_however_partial_dates_turn_out(case: Case, policies: dict[str, MissingPolicy]) -> None:
    for said, truth in zip(by_product(*case, policies), by_judge(*case, policies), strict=True):
        assert said in (truth, UNKNOWN)


@given(protocols_and_files(most_patients=2))
def test_a_protocol_is_judged_alike(case: tuple[Protocol, list[Patient], Columns]) -> None:
    assert screened(*case) == judged(*case)


@settings(max_examples=settings().max_examples * 2)
@given(st.sampled_from([criterion.id for criterion in BUILT_IN.criteria if criterion.readings]), st.data())
def test_the_built_in_protocol_is_judged_alike_under_every_reading(criterion: str, data: st.DataObject) -> None:
    reading = data.draw(st.sampled_from([reading.id for reading in BUILT_IN[criterion].readings]))
    switches = [name for name in BUILT_IN[criterion].parameters if isinstance(BUILT_IN.parameters[name], Switch)]
    on = data.draw(st.lists(st.sampled_from(switches), unique=True)) if switches else []
    numbers = {name: each for name in BUILT_IN[criterion].parameters if isinstance(each := BUILT_IN.parameters[name], Number)}
    moved = data.draw(st.lists(st.sampled_from(sorted(numbers)), unique=True)) if numbers else []
    values = {name: data.draw(st.sampled_from([numbers[name].min, numbers[name].max])) for name in moved}
    scenario = Scenario({name: name in on for name in switches} | values, {criterion: reading})
    patients, columns = data.draw(files(records_of(BUILT_IN, criterion), most_patients=2))
    assert screened(BUILT_IN, patients, columns, scenario).get(criterion) == judged(BUILT_IN, patients, columns, scenario).get(criterion)


@given(rules_and_files(partial=True), st.data())
def test_everybody_is_judged_on_their_own_records(case: Case, data: st.DataObject) -> None:
    """Neither the other patients nor their order matter."""
    condition, patients, columns = case
    together = by_product(condition, patients, columns)
    assert together == [by_product(condition, [each], columns)[0] for each in patients]
    order = data.draw(st.permutations(range(len(patients))))
    assert by_product(condition, [patients[place] for place in order], columns) == [together[place] for place in order]


@given(rules_and_files(partial=True))
def test_one_row_a_patient_is_the_simplest_case_of_many(case: Case) -> None:
    """But for how often an event happened: one row says that it did, a record of it that it did once."""
    condition, patients, columns = case
    catalogue = builtin_catalogue()
    assume(not any(isinstance(node, Count) and catalogue[node.variable].kind is Kind.EVENT for node in walk(condition)))
    assert by_product(condition, patients, columns) == by_product(condition, patients, replace(columns, wide=frozenset()))


@st.composite
def narrowed(draw: st.DrawFn, rec: Rec, exposure: bool) -> Rec:
    """The record with some of what is not known of it found out; a blank stays blank: filling it in is another record."""
    values = {}
    for name, (lo, hi) in rec.values.items():
        inside = [point for point in (lo, hi, (lo + hi) / 2) if abs(point) != float("inf")] if (lo, hi) != MISSING else []
        values[name] = draw(st.sampled_from([(lo, hi)] + [(point, point) for point in inside if name not in ("sex", "nyha") or point in (lo, hi)]))
        if name == rec_event(rec) and (lo, hi) == (0.0, 1.0):
            values[name] = draw(st.sampled_from([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]))
    date, end = rec.date, rec.end
    if date is not None and date[0] != date[1]:
        day = date[0] + timedelta(draw(st.integers(0, (date[1] - date[0]).days)))
        date = draw(st.sampled_from([date, (day, day), (day, date[1])]))
    if exposure and date is not None and end is None:
        last = date[1] + timedelta(draw(st.sampled_from([0, 3, 7, 8, 30, 4000])))
        end = draw(st.sampled_from([None, (last, last)]))
    return Rec(values, date, end)


def rec_event(rec: Rec) -> str | None:
    return next((name for name in rec.values if name in ("t2dm", "kidney_biopsy", "cerebral_infarction", "malignancy", *EXPOSURES)), None)


@settings(max_examples=settings().max_examples * 3)
@given(rules_and_files(partial=True), st.data())
def test_narrowing_what_is_known_never_reverses_what_was_settled(case: Case, data: st.DataObject) -> None:
    """Under the policy unknown, what is found out later only settles what was open."""
    condition, patients, columns = case
    known_better = []
    for each in patients:
        records = {record: tuple(data.draw(narrowed(rec, record in EXPOSURES)) for rec in recs) for record, recs in each.records.items()}
        for recs in records.values():
            assume(all(rec.date is None for rec in recs) or len({rec.date for rec in recs}) == len(recs))
        known_better.append(replace(each, records=records))
    policies = dict.fromkeys(builtin_catalogue().variables, MissingPolicy.UNKNOWN)
    before, after = (by_product(condition, people, columns, policies) for people in (patients, known_better))
    for was, now in zip(before, after, strict=True):
        assert was in (UNKNOWN, now)


@given(protocols_and_files(partial=True), st.data())
def test_a_screener_remembers_nothing_wrong(case: tuple[Protocol, list[Patient], Columns], data: st.DataObject) -> None:
    """After any sequence of missing policies the outcomes are those of a fresh screening."""
    protocol, patients, columns = case
    made = cohort(patients, columns)
    screener = Screener(made)
    for _ in range(3):
        scenario = Scenario(missing={f"C{data.draw(st.integers(0, 3))}.{name}": policy for name, policy in data.draw(POLICIES).items()})
        said, fresh = screener.screen(protocol, scenario), Screener(made).screen(protocol, scenario)
        assert {name: truth.tolist() for name, truth in said.outcomes.items()} == {name: truth.tolist() for name, truth in fresh.outcomes.items()}
        assert said.assessments == fresh.assessments
