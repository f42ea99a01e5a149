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
from feasibility.screening.parts import outcome_at
from feasibility.screening.profiles import profiles
from feasibility.screening.screen import Asked, Screener

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
"""
PEOPLE = ("400 @1d; 200 @30d", "1000 @1d", "50 @1d", "? @1d")


def unit(name: str, rule: str) -> str:
    return ', unit = "days"' if f"within={name}" in rule else "" if f"last={name}" in rule else ', unit = "mg/g"'


@pytest.mark.parametrize("case", rows(RULES), ids=lambda case: f"{case['rule']} {case['from']}→{case['to']}")
def test_who_is_looked_at_again(case: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    limits = (f'{each} = {{ value = 60, min = 1, max = 2000, step = 1, label = "{each}", unbounded = "up"{unit(each, case["rule"])} }}' for each in "pq")
    protocol = protocol_of(case["rule"], parameters="\n".join(limits))
    screener, stops = workbench(protocol, [patient(uacr=each) for each in PEOPLE]).screener, (5.0, 30.0, 45.0, 100.0, 300.0, 500.0)
    looked_at: list[int | None] = []
    between = onwards._between

    def told(screener: Screener, asked: Asked, numbers: list[tuple[float, ...]], before: Asked) -> NDArray[np.intp] | None:
        found = between(screener, asked, numbers, before)
        looked_at.append(None if found is None else len(found))
        return found

    monkeypatch.setattr(onwards, "_between", told)
    for value in (float(case["from"]), float(case["to"])):
        asked = screener.asked(protocol, with_value(protocol, AS_WRITTEN, "C.q", value), "C", "C.p")
        found = profiles(screener, asked, "C.p", stops)
        at_stops = np.stack([outcome_at(Screener(screener.cohort), asked, {"C.p": stop}) for stop in stops], axis=1)
        assert np.array_equal(found.outcomes[found.of_patient], at_stops)
        assert len(np.unique(found.of_patient)) == len(found.outcomes)
    expected = [] if case["from"] == case["to"] else [None if case["looked at"] == "None" else int(case["looked at"])]
    assert looked_at == expected
