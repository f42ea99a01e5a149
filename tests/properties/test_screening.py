"""On any patients, any file and any rule: the product says what the judge says, and what it says as settled stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle.both import by_judge, by_product, judged, rule, screened
from oracle.judge import EXPOSURES, UNKNOWN
from oracle.patients import MISSING, Columns, Patient, Rec, cohort
from properties.strategies import POLICIES, RECORDS_OF_LEAVES, RULES, builtin_records, files, protocols

from feasibility.protocol import Protocol, builtin_protocol
from feasibility.scenario import AS_WRITTEN, Scenario
from feasibility.screening.screen import Screener
from feasibility.variables import MissingPolicy

File = tuple[list[Patient], Columns]
BUILT_IN = builtin_protocol()


@given(files(RECORDS_OF_LEAVES), RULES, POLICIES)
def test_a_rule_is_judged_alike(file: File, text: str, policies: dict[str, MissingPolicy]) -> None:
    patients, columns = file
    condition = rule(text)
    assert by_product(condition, patients, columns, policies) == by_judge(condition, patients, columns, policies)


@given(files(RECORDS_OF_LEAVES, partial=True, most_patients=2), RULES, POLICIES)
def test_what_is_settled_holds_however_partial_dates_turn_out(file: File, text: str, policies: dict[str, MissingPolicy]) -> None:
    patients, columns = file
    condition = rule(text)
    for said, truth in zip(by_product(condition, patients, columns, policies), by_judge(condition, patients, columns, policies), strict=True):
        assert said in (truth, UNKNOWN)


@given(files(RECORDS_OF_LEAVES), protocols())
def test_a_protocol_is_judged_alike(file: File, protocol: Protocol) -> None:
    patients, columns = file
    assert screened(protocol, patients, columns) == judged(protocol, patients, columns)


@settings(max_examples=settings().max_examples // 2)
@given(files(builtin_records()), st.data())
def test_the_built_in_protocol_is_judged_alike_under_every_reading(file: File, data: st.DataObject) -> None:
    patients, columns = file
    scenario = AS_WRITTEN
    for criterion in BUILT_IN.criteria:
        if len(criterion.readings) > 1:
            chosen = data.draw(st.sampled_from([reading.id for reading in criterion.readings if "cys" not in reading.id]))
            scenario = replace(scenario, readings={**scenario.readings, criterion.id: chosen})
    assert screened(BUILT_IN, patients, columns, scenario) == judged(BUILT_IN, patients, columns, scenario)


@given(files(RECORDS_OF_LEAVES, partial=True), RULES, st.data())
def test_everybody_is_judged_on_their_own_records(file: File, text: str, data: st.DataObject) -> None:
    """Neither the other patients nor their order matter."""
    patients, columns = file
    together = by_product(rule(text), patients, columns)
    assert together == [by_product(rule(text), [each], columns)[0] for each in patients]
    order = data.draw(st.permutations(range(len(patients))))
    assert by_product(rule(text), [patients[place] for place in order], columns) == [together[place] for place in order]


@given(files(RECORDS_OF_LEAVES, partial=True), RULES)
def test_one_row_a_patient_is_the_simplest_case_of_many(file: File, text: str) -> None:
    patients, columns = file
    assume(columns.wide)
    assert by_product(rule(text), patients, columns) == by_product(rule(text), patients, replace(columns, wide=frozenset()))


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


@given(files(RECORDS_OF_LEAVES, partial=True), RULES, st.data())
def test_narrowing_what_is_known_never_reverses_what_was_settled(file: File, text: str, data: st.DataObject) -> None:
    """Under the policy unknown, what is found out later only settles what was open."""
    patients, columns = file
    known_better = []
    for each in patients:
        records = {record: tuple(data.draw(narrowed(rec, record in EXPOSURES)) for rec in recs) for record, recs in each.records.items()}
        for recs in records.values():
            assume(all(rec.date is None for rec in recs) or len({rec.date for rec in recs}) == len(recs))
        known_better.append(replace(each, records=records))
    policies = dict.fromkeys(RECORDS_OF_LEAVES, MissingPolicy.UNKNOWN)
    del policies["blood_pressure"]
    before, after = (by_product(rule(text), people, columns, policies) for people in (patients, known_better))
    for was, now in zip(before, after, strict=True):
        assert was in (UNKNOWN, now)


@given(files(RECORDS_OF_LEAVES, partial=True), protocols(), st.data())
def test_a_screener_remembers_nothing_wrong(file: File, protocol: Protocol, data: st.DataObject) -> None:
    """After any sequence of missing policies the outcomes are those of a fresh screening."""
    patients, columns = file
    made = cohort(patients, columns)
    screener = Screener(made)
    for _ in range(3):
        scenario = Scenario(missing={f"C{data.draw(st.integers(0, 3))}.{name}": policy for name, policy in data.draw(POLICIES).items()})
        said, fresh = screener.screen(protocol, scenario), Screener(made).screen(protocol, scenario)
        assert {name: truth.tolist() for name, truth in said.outcomes.items()} == {name: truth.tolist() for name, truth in fresh.outcomes.items()}
        assert said.assessments == fresh.assessments
