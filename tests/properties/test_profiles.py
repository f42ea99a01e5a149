"""A profile says at every stop what screening says there; visits known only in part above all, whose flips are told row by row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.patients import Columns, Patient, Rec, cohort
from properties.strategies import files, intervals, records_of
from properties.test_count_tables import ALL_CONDITIONS, BUILT_IN, NUMBERS, movable_protocols, moves

from feasibility.protocol import Protocol, read_protocol
from feasibility.results.curves import movable
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Scenario, with_reading, with_value
from feasibility.screening import onwards
from feasibility.screening.asked import Asked
from feasibility.screening.parts import moved_in, outcome_at, taken_apart
from feasibility.screening.profiles import Profiles, packed_outcomes, profiles, unpacked_outcomes, with_changed
from feasibility.screening.screen import Screener
from feasibility.screening.two_parameters import profiles_of_pair
from feasibility.variables import builtin_catalogue

INDEX = date(2026, 1, 31)
VISITS = """title = "visits"
[[criterion]]
id = "C"
role = "{role}"
label = "c"
text = "c"
[criterion.parameters]
p = {{ value = 160, min = 100, max = 200, step = 1, unit = "mmHg", label = "p" }}
q = {{ value = 100, min = 60, max = 120, step = 1, unit = "mmHg", label = "q" }}
w = {{ value = 30, min = 1, max = 400, step = 1, unit = "days", label = "w" }}
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "l"
rule = '''{which}({condition}, {window})'''
missing = {{ {missing} }}
"""
STOPS = {"C.p": (119.0, 120.0, 159.0, 160.0, 161.0, 180.0), "C.q": (79.0, 80.0, 100.0, 110.0), "C.w": (1.0, 7.0, 9.0, 30.0, 60.0, 400.0)}
IN_ONE_CRITERION = [(one, other) for one in NUMBERS for other in NUMBERS if one != other and "." in one and one.partition(".")[0] == other.partition(".")[0]]
WITH_THE_SHARED = [pair for name in NUMBERS if "." in name for pair in ((name, "lab_window"), ("lab_window", name))]
EITHER = st.sampled_from(["sbp <= p and dbp <= q", "p > sbp and dbp < q", "sbp > p or dbp > q", "not (sbp > p or dbp > q)", "p <= sbp or dbp == q"])


@st.composite
def a_visit(draw: st.DrawFn, names: tuple[str, ...]) -> Rec:
    """Near the end of a window of 30 days: in it, before it, or perhaps in it."""
    first = INDEX - timedelta(draw(st.sampled_from([0, 1, 7, 29, 30, 31, 32])))
    return Rec({name: draw(intervals(name)) for name in names}, (first, first + timedelta(draw(st.sampled_from([0, 0, 3])))), None)


@st.composite
def visits(draw: st.DrawFn) -> tuple[Protocol, Workbench]:
    text = VISITS.format(
        role=draw(st.sampled_from(["inclusion", "exclusion"])),
        which=draw(st.sampled_from(["latest_visit", "any_visit"])),
        condition=draw(EITHER),
        window=draw(st.sampled_from(["within=w", "before=w"])),
        missing=draw(st.sampled_from(["", 'sbp = "absent"', 'dbp = "fail"'])),
    )
    protocol, names = read_protocol(text, builtin_catalogue()), draw(st.sampled_from([("sbp", "dbp"), ("sbp", "dbp"), ("sbp",), ("dbp",)]))
    people = [Patient({"blood_pressure": tuple(draw(st.lists(a_visit(names), max_size=3)))}, INDEX, None) for _ in range(4)]
    return protocol, Workbench(cohort(people, Columns({"blood_pressure": names}, {}, frozenset())), protocol)


@settings(max_examples=settings().max_examples * 4)
@given(visits())
def test_visits(drawn: tuple[Protocol, Workbench]) -> None:
    protocol, workbench = drawn
    for parameter, stops in STOPS.items():
        asked = workbench.screener.asked(protocol, AS_WRITTEN, "C", parameter)
        found, fresh = profiles(workbench.screener, asked, parameter, stops), Screener(workbench.cohort)
        at_stops = np.stack([outcome_at(fresh, asked, {parameter: stop}) for stop in stops], axis=1)
        assert np.array_equal(found.outcomes[found.of_patient], at_stops)


@given(visits(), st.sampled_from([("C.p", "C.q"), ("C.q", "C.p"), ("C.w", "C.p")]))
def test_two_at_once(drawn: tuple[Protocol, Workbench], pair: tuple[str, str]) -> None:
    protocol, workbench = drawn
    (one, other), stops = pair, STOPS
    asked = workbench.screener.asked(protocol, AS_WRITTEN, "C", *pair)
    found = profiles_of_pair(workbench.screener, asked, (one, stops[one]), (other, stops[other]))
    fresh = Screener(workbench.cohort)
    outcomes = unpacked_outcomes(found.outcomes[found.of_patient], len(stops[other]))
    for row, first in enumerate(stops[one]):
        for column, second in enumerate(stops[other]):
            assert np.array_equal(outcomes[:, row, column], outcome_at(fresh, asked, {one: first, other: second}))


@given(visits(), st.data())
def test_after_other_numbers_have_moved(drawn: tuple[Protocol, Workbench], data: st.DataObject) -> None:
    """From step to step of one of the others or both, back and forth, the profiles along each number are those that a fresh screener finds."""
    protocol, workbench = drawn
    scenario = AS_WRITTEN
    for _ in range(4):
        along, *moved = data.draw(st.permutations(list(STOPS)))
        for each in moved[: data.draw(st.integers(1, 2))]:
            scenario = with_value(protocol, scenario, each, data.draw(st.sampled_from(STOPS[each])))
        found_as_afresh(workbench.screener, workbench.screener.asked(protocol, scenario, "C", along), along, STOPS[along])


@settings(max_examples=settings().max_examples * 2)
@given(st.sampled_from(IN_ONE_CRITERION + WITH_THE_SHARED), st.booleans(), st.sampled_from([AS_WRITTEN, ALL_CONDITIONS]), st.data())
def test_after_other_numbers_of_the_built_in_protocol_have_moved(pair: tuple[str, str], partial: bool, scenario: Scenario, data: st.DataObject) -> None:
    (along, moved), owner = pair, next(name.partition(".")[0] for name in pair if "." in name)
    scenario = with_reading(BUILT_IN, scenario, owner, data.draw(st.sampled_from(BUILT_IN[owner].readings)).id)
    made = cohort(*data.draw(files(records_of(BUILT_IN, owner), partial, most_patients=4)))
    screener, stops = Screener(made), data.draw(moves(BUILT_IN, along))
    third = data.draw(st.sampled_from([name for name in NUMBERS if name != along and name.partition(".")[0] in (owner, "lab_window")]))
    for value in data.draw(st.permutations(data.draw(moves(BUILT_IN, moved)))):
        scenario = with_value(BUILT_IN, scenario, moved, value)
        if data.draw(st.booleans()):
            scenario = with_value(BUILT_IN, scenario, third, data.draw(st.sampled_from(data.draw(moves(BUILT_IN, third)))))
        asked = screener.asked(BUILT_IN, scenario, owner, along)
        for part in taken_apart(asked) if asked.limbs else ():
            if along in moved_in(part):
                found_as_afresh(screener, part, along, stops)


def found_as_afresh(screener: Screener, asked: Asked, parameter: str, stops: Sequence[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onwards, "MOST", 1)
        found, fresh = profiles(screener, asked, parameter, stops), Screener(screener.cohort)
    assert len(np.unique(found.of_patient)) == len(found.outcomes)
    assert np.array_equal(found.outcomes[found.of_patient], np.stack([outcome_at(fresh, asked, {parameter: stop}) for stop in stops], axis=1))


def test_unlike_are_those_for_whom_it_goes_otherwise() -> None:
    """Whichever of two alike rows they have, and in whatever order the rows stand."""
    alike = Profiles(np.array([0, 1, 1, 2]), np.array([[0, 1], [0, 1], [2, 2]], np.int8))
    assert alike.unlike(Profiles(np.array([1, 0, 2, 2]), alike.outcomes)).tolist() == [2]
    assert alike.unlike(Profiles(np.array([1, 1, 0, 0]), np.array([[2, 2], [0, 1]], np.int8))).tolist() == [2]
    distinct = Profiles(np.array([0, 1, 1]), np.array([[0, 1], [2, 2]], np.int8))
    assert distinct.unlike(Profiles(np.array([0, 0, 1]), distinct.outcomes)).tolist() == [1]


def test_of_profiles_that_go_alike_none_is_taken_for_one_that_is_new() -> None:
    """Two that go alike, as an outcome may change to what it was, and a third after a number has moved."""
    alike = Profiles(np.array([0, 1, 1]), np.array([[1, 1], [1, 1]], np.int8))
    now = with_changed(alike, np.array([2]), Profiles(np.array([0]), np.array([[0, 0]], np.int8)))
    assert now.outcomes[now.of_patient].tolist() == [[1, 1], [1, 1], [0, 0]]


@given(st.data())
def test_changed_profiles_are_those_of_the_changed_patients_and_each_is_somebodys(data: st.DataObject) -> None:
    """Time and again, of few kinds of profiles, so that some are left by all who had them, and others come back."""
    row = st.lists(st.sampled_from([0, 1, 2]), min_size=2, max_size=2)
    held = np.array(data.draw(st.lists(row, min_size=1, max_size=6)), np.int8)
    found = Profiles(np.arange(len(held)).astype(np.uint8), held)
    for _ in range(data.draw(st.integers(1, 4))):
        patients = np.array(sorted(data.draw(st.sets(st.integers(0, len(held) - 1)))), np.intp)
        others = np.array(data.draw(st.lists(row, min_size=len(patients), max_size=len(patients))), np.int8).reshape(len(patients), 2)
        distinct, of_patient = np.unique(others, axis=0, return_inverse=True)
        before, held = found, held.copy()
        held[patients] = others
        found = with_changed(before, patients, Profiles(of_patient.ravel(), distinct))
        assert np.array_equal(found.outcomes[found.of_patient], held)
        assert found.of_profile.tolist() == np.bincount(found.of_patient, minlength=len(found.outcomes)).tolist()
        assert found.of_profile.all()
        assert found.unlike(before).tolist() == np.flatnonzero((held != before.outcomes[before.of_patient]).any(axis=1)).tolist()


@pytest.mark.parametrize("more", [0, 1, 2])
def test_as_many_profiles_as_a_byte_holds_and_one_more(more: int) -> None:
    rows = np.stack([np.arange(258) // 3**place % 3 for place in range(6)], axis=1).astype(np.int8)
    before = Profiles(np.append(np.arange(255), [0] * (1 + more)).astype(np.uint8), rows[:255])
    now = with_changed(before, np.arange(255, 256 + more), Profiles(np.arange(1 + more), rows[255 : 256 + more]))
    assert len(now.outcomes) == 256 + more
    assert np.array_equal(now.outcomes[now.of_patient], rows[: 256 + more])


@given(movable_protocols(), st.booleans(), st.data())
def test_any_protocol(protocol: Protocol, partial: bool, data: st.DataObject) -> None:
    made = cohort(*data.draw(files(records_of(protocol), partial, most_patients=6)))
    workbench, name = Workbench(made, protocol), next(iter(protocol.parameters))
    stops = data.draw(moves(protocol, name))
    for criterion in movable(workbench, workbench.counted(AS_WRITTEN)).get(name, ()):
        asked = workbench.screener.asked(protocol, AS_WRITTEN, criterion, name)
        found = profiles(workbench.screener, asked, name, stops)
        assert len(np.unique(found.of_patient)) == len(found.outcomes)
        for place, stop in enumerate(stops):
            assert np.array_equal(found.outcomes[found.of_patient, place], outcome_at(Screener(made), asked, {name: stop}))


@given(st.lists(st.lists(st.sampled_from([0, 1, 2]), min_size=31, max_size=31), max_size=5))
def test_outcomes_are_packed_without_loss(rows: list[list[int]]) -> None:
    outcomes = np.array(rows, np.int8).reshape(-1, 31)
    assert np.array_equal(unpacked_outcomes(packed_outcomes(outcomes), 31), outcomes)
