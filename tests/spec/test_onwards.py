"""What is found once another number has moved is found of those alone for whom the rule tells the two values apart."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from oracle.both import protocol_of
from oracle.patients import patient
from spec.tables import rows
from spec.test_count_tables import workbench

from feasibility.scenario import AS_WRITTEN, with_value
from feasibility.screening import onwards
from feasibility.screening.asked import Asked
from feasibility.screening.parts import outcome_at
from feasibility.screening.profiles import profiles
from feasibility.screening.screen import Screener

# By rule, what its p is along and its q moves from and to, how many patients are looked at again; None: all of them.
RULES = """
rule                                                    | from | to  | looked at
lowest(uacr, within=p) >= q                             | 100  | 250 | 1
lowest(uacr, within=p) >= q                             | 250  | 250 | 0
lowest(uacr, within=p) >= q                             | 200  | 201 | 1
lowest(uacr, within=p) >= q                             | 199  | 200 | 0
lowest(uacr, within=p) > q                              | 199  | 200 | 1
latest(uacr, within=p) >= q                             | 390  | 410 | 1
mean(uacr, within=p) >= q                               | 250  | 310 | None
median(uacr, within=p) >= q                             | 250  | 310 | None
lowest(uacr, last=q) >= p                               | 1    | 2   | None
lowest(uacr, within=q) >= p                             | 10   | 40  | 1
lowest(uacr, within=q) >= p                             | 10   | 30  | 1
lowest(uacr, within=q) >= p                             | 10   | 29  | 0
lowest(uacr, within=p) >= 300 and latest(uacr) <= q     | 100  | 250 | 0
lowest(uacr, within=p) >= 300 and latest(uacr) <= q     | 390  | 410 | 1
lowest(uacr, within=q) >= p                             | 10   | inf | None
latest(ldl_method, within=p) >= q                       | 0    | 1   | None
"""
# Two move at once; the rule tells another patient's values apart by each.
AT_ONCE = """
rule                                                                  | q          | r          | looked at
lowest(uacr, within=p) >= q and latest(uacr) <= r                     | 100→250    | 1500→900   | 2
lowest(uacr, within=p) >= q and latest(uacr) <= r                     | 100→250    | 1500→1400  | 1
lowest(uacr, within=p) >= q and latest(uacr) <= r                     | 100→150    | 1500→900   | 1
lowest(uacr, within=p) >= q and latest(uacr) <= r                     | 100→150    | 1500→1400  | 0
lowest(uacr, within=p) >= q and latest(uacr) <= r                     | 100→40     | 1500→300   | 3
lowest(uacr, within=p) >= q and mean(uacr, within=p) <= r             | 100→250    | 1500→900   | None
"""
PEOPLE = ("400 @1d; 200 @30d", "1000 @1d", "50 @1d", "? @1d")


def unit(name: str, rule: str) -> str:
    """Its unit and whether it may be without a limit, as the rule uses it."""
    if f"last={name}" in rule:
        return ""
    return ', unbounded = "up"' + (', unit = "days"' if f"within={name}" in rule else "" if "method" in rule else ', unit = "mg/g"')


def looked_at(rule: str, q: tuple[str, str], r: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """How many are looked at again after a move; everybody's profile is that which is found afresh."""
    limits = (f'{each} = {{ value = 60, min = 0, max = 2000, step = 1, label = "{each}"{unit(each, rule)} }}' for each in "pqr")
    protocol = protocol_of(rule, parameters="\n".join(limits))
    screener, stops = workbench(protocol, [patient(uacr=each) for each in PEOPLE]).screener, (5.0, 30.0, 45.0, 100.0, 300.0, 500.0)
    monkeypatch.setattr(onwards, "MOST", 1)
    number: list[int | None] = []
    between = onwards._between

    def told(screener: Screener, asked: Asked, before: Asked, limits: bool) -> NDArray[np.intp] | None:
        found = between(screener, asked, before, limits)
        number.append(None if found is None else len(found))
        return found

    monkeypatch.setattr(onwards, "_between", told)
    for first, second in zip(q, r, strict=True):
        scenario = with_value(protocol, with_value(protocol, AS_WRITTEN, "C.q", float(first)), "C.r", float(second))
        asked = screener.asked(protocol, scenario, "C", "C.p")
        found = profiles(screener, asked, "C.p", stops)
        at_stops = np.stack([outcome_at(Screener(screener.cohort), asked, {"C.p": stop}) for stop in stops], axis=1)
        assert np.array_equal(found.outcomes[found.of_patient], at_stops)
        assert len(np.unique(found.of_patient)) == len(found.outcomes)
    return number


def expected(case: dict[str, str]) -> list[int | None]:
    return [None if case["looked at"] == "None" else int(case["looked at"])]


@pytest.mark.parametrize("case", rows(RULES), ids=lambda case: f"{case['rule']} {case['from']}→{case['to']}")
def test_who_is_looked_at_again(case: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = looked_at(case["rule"], (case["from"], case["to"]), ("60", "60"), monkeypatch)
    assert found == ([] if case["from"] == case["to"] else expected(case))


@pytest.mark.parametrize("case", rows(AT_ONCE), ids=lambda case: f"{case['rule']} {case['q']} {case['r']}")
def test_two_move_at_once(case: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    (q, q_then), (r, r_then) = (case[each].split("→") for each in "qr")
    assert looked_at(case["rule"], (q, q_then), (r, r_then), monkeypatch) == expected(case)


ONGOING = ("exposed(iv_antibiotic, before=w) or latest(uacr) >= p", "occurred(malignancy, before=w, at='end') or latest(uacr) >= p")


@pytest.mark.parametrize("rule", ONGOING)
def test_what_has_not_ended_counts_as_of_the_last_day(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = 'p = { value = 100, min = 0, max = 2000, step = 1, unit = "mg/g", label = "p" }\n'
    protocol = protocol_of(rule, parameters=limits + 'w = { value = 0, min = 0, max = 400, step = 1, unit = "days", label = "w" }')
    event = "iv_antibiotic" if "iv_antibiotic" in rule else "malignancy"
    people = [patient(uacr="50 @1d", **{event: each}) for each in ("@40d..now", "@40d..-3d", "@40d..0d", "@40d..1d", "@40d")]
    screener, stops = workbench(protocol, people).screener, (50.0, 60.0, 100.0)
    monkeypatch.setattr(onwards, "MOST", 1)
    for days in (0, 1, 5, 0, 30, 0, 50):
        asked = screener.asked(protocol, with_value(protocol, AS_WRITTEN, "C.w", days), "C", "C.p")
        found = profiles(screener, asked, "C.p", stops)
        at_stops = np.stack([outcome_at(Screener(screener.cohort), asked, {"C.p": stop}) for stop in stops], axis=1)
        assert np.array_equal(found.outcomes[found.of_patient], at_stops)


@pytest.mark.parametrize("policy", ["absent", "unknown"])
def test_under_another_missing_policy_other_patients_are_told_apart(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a no is taken of whom nothing is recorded, that goes as far back as the feed does: how often it was is then open for other patients."""
    limits = 'p = { value = 100, min = 0, max = 2000, step = 1, unit = "mg/g", label = "p" }\n'
    limits += 'q = { value = 1, min = 0, max = 5, step = 1, label = "q" }'
    events = ("", "@5d", "@5d; @9d", "maybe @5d", "maybe @5d; @9d")
    people = [patient(uacr=each, t2dm=event, covered_days=10) for each in PEOPLE for event in events]
    rule, stops = "count(t2dm, within='30 days') >= q and latest(uacr) >= p", (50.0, 300.0, 500.0)
    policies = policy, "absent" if policy == "unknown" else "unknown", "fail"
    protocols = [protocol_of(rule, parameters=limits, missing=f'{{ t2dm = "{each}" }}') for each in policies]
    screener = workbench(protocols[0], people).screener
    monkeypatch.setattr(onwards, "MOST", 1)
    for q in (1, 2, 1):
        for protocol in protocols:
            asked = screener.asked(protocol, with_value(protocol, AS_WRITTEN, "C.q", q), "C", "C.p")
            found = profiles(screener, asked, "C.p", stops)
            at_stops = np.stack([outcome_at(Screener(screener.cohort), asked, {"C.p": stop}) for stop in stops], axis=1)
            assert np.array_equal(found.outcomes[found.of_patient], at_stops)


def test_what_counts_as_a_record_of_an_event_goes_by_the_missing_policy() -> None:
    rule = "occurred(cerebral_infarction, within='1 year', where=stroke_deficits > 0)"
    people = [patient(cerebral_infarction=f"@5d{each}") for each in ("", " stroke_deficits=0", " stroke_deficits=2")]
    screener = Screener(workbench(protocol_of(rule), people).cohort)
    protocols = [protocol_of(rule, missing=f'{{ stroke_deficits = "{each}" }}') for each in ("unknown", "absent")]
    assert [screener.screen(each, AS_WRITTEN).outcomes["C"].tolist() for each in protocols] == [[1, 0, 2], [0, 0, 2]]


def test_nobody_goes_on_from_what_was_found_of_another_question() -> None:
    """The same rule of an exclusion, under another policy, or as an alternative to what the file cannot show: then other patients fail."""
    limits = 'p = { value = 100, min = 0, max = 2000, step = 1, unit = "mg/g", label = "p" }\n'
    limits += 'q = { value = 30, min = 1, max = 90, step = 1, unit = "days", label = "q" }'
    people, rule, stops = [patient(uacr=each) for each in PEOPLE], "latest(uacr, within=q) >= p", (50.0, 300.0, 500.0)
    screener = workbench(protocol_of(rule, parameters=limits), people).screener
    others = [
        protocol_of(rule, parameters=limits),
        protocol_of(rule, parameters=limits, role="exclusion", join="all"),
        protocol_of(rule, parameters=limits, missing='{ uacr = "fail" }'),
        protocol_of(rule, parameters=limits, join="any"),
        protocol_of(rule, "latest(potassium) < 5", parameters=limits, join="any"),
    ]
    for place, protocol in enumerate(others):
        asked = screener.asked(protocol, with_value(protocol, AS_WRITTEN, "C.q", 30 + place), "C", "C.p")
        found = profiles(screener, asked, "C.p", stops)
        at_stops = np.stack([outcome_at(Screener(screener.cohort), asked, {"C.p": stop}) for stop in stops], axis=1)
        assert np.array_equal(found.outcomes[found.of_patient], at_stops)
