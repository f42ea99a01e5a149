"""Whom a limit lets in once it is lifted, though nothing is known of what it limits."""

from __future__ import annotations

import math

import pytest
from oracle.both import protocol_of
from oracle.patients import Patient, patient
from spec.test_count_tables import workbench

from feasibility import wording
from feasibility.parameters import Number
from feasibility.protocol import builtin_protocol, read_protocol
from feasibility.results.lifted import let_in, may_be_lifted
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_value
from feasibility.ui import cohorts
from feasibility.variables import builtin_catalogue

UP = 'p = { value = 9, min = 7, max = 12, step = 0.1, unit = "%", label = "p", loosens = "up", unbounded = "up" }'
BOUNDED = 'p = { value = 9, min = 7, max = 12, step = 0.1, unit = "%", label = "p", loosens = "up" }'
DOWN = 'p = { value = 1000, min = 100, max = 3000, step = 10, unit = "mg/g", label = "p", loosens = "down", unbounded = "down" }'
EGFR = 'p = { value = 90, min = 45, max = 120, step = 1, unit = "mL/min/1.73m²", label = "p", loosens = "up", unbounded = "up" }'
WINDOW = 'p = { value = 10, min = 1, max = 20, step = 1, unit = "years", label = "p", loosens = "up", unbounded = "up" }'
LOW, HIGH, MISSING, PARTLY = (patient(hba1c=each) for each in ("8", "15", "?", ">11"))


@pytest.mark.parametrize(
    ("rule", "limit", "patients", "number"),
    [
        ("latest(hba1c) < p", UP, [LOW, HIGH, MISSING, MISSING], 2),
        ("latest(hba1c) < p", UP, [LOW, HIGH, PARTLY], 0),  # of whom something is known
        ("latest(hba1c) < p", BOUNDED, [MISSING], 0),  # never lifted
        ("latest(hba1c) < p and latest(hba1c) > 5", UP, [MISSING], 0),  # another part needs the value
        ("latest(hba1c) < p or latest(uacr) > 300", UP, [patient(hba1c="?", uacr="400"), patient(hba1c="?", uacr="200")], 1),  # the first passes anyway
        ("latest(uacr) > p", DOWN, [patient(uacr="50"), patient(uacr="?"), patient(uacr="2000")], 1),
        ('egfr("2021_cr") <= p', EGFR, [patient(creatinine="?", sex="male", age="60"), patient(creatinine="1", sex="male", age="60")], 1),
        ("occurred(kidney_biopsy, within=p)", WINDOW, [patient(kidney_biopsy="yes"), patient(kidney_biopsy="?")], 0),  # it limits no quantity
    ],
)
def test_who_is_let_in_without_a_value(rule: str, limit: str, patients: list[Patient], number: int) -> None:
    assert let_in(workbench(protocol_of(rule, parameters=limit), patients), AS_WRITTEN, "C.p") == number


def test_of_an_exclusion_it_is_the_same() -> None:
    protocol = protocol_of("latest(hba1c) >= p", role="exclusion", parameters=UP)
    assert let_in(workbench(protocol, [LOW, HIGH, MISSING]), AS_WRITTEN, "C.p") == 1


def test_what_a_criterion_that_is_off_limits_need_not_be_unknown() -> None:
    text = f'title = "t"\n[parameters]\n{UP}\n'
    for criterion, term in (("A", "latest(hba1c)"), ("B", 'latest(hba1c, within="30 days")')):
        text += f'[[criterion]]\nid = "{criterion}"\nrole = "inclusion"\nlabel = "c"\ntext = "c"\n[[criterion.reading]]\nid = "r"\nlabel = "r"\n'
        text += f"[[criterion.reading.limb]]\nlabel = 'limb'\nrule = '''{term} < p'''\n"
    bench = workbench(read_protocol(text, builtin_catalogue()), [patient(hba1c="8 @60d")])
    assert [let_in(bench, scenario, "p") for scenario in (AS_WRITTEN, with_criterion_off(bench.protocol, AS_WRITTEN, "A"))] == [0, 1]


def test_the_sample_has_some_for_one_threshold_only_and_all_are_eligible_then() -> None:
    """As the curve has it: who has no value is among those gained from the end of the range to no limit."""
    bench = Workbench(cohorts.sample(), builtin_protocol())
    lifted = [each.name for each in bench.protocol.parameters.values() if isinstance(each, Number) and may_be_lifted(each)]
    assert {name: let_in(bench, AS_WRITTEN, name) for name in lifted} == {"I3.biopsy_window": 0, "I5.egfr_max": 0, "I7.hba1c_max": 6}
    at_end, without = (bench.overview(with_value(bench.protocol, AS_WRITTEN, "I7.hba1c_max", value)).tally.eligible for value in (12.0, math.inf))
    assert without - at_end >= 6


def test_it_is_said_in_a_sentence() -> None:
    hba1c = builtin_protocol().parameters["I7.hba1c_max"]
    assert isinstance(hba1c, Number)
    assert wording.lets_in_unknown([hba1c]) == "With no limit, patients with no value at all pass too: I7 HbA1c below."
    assert wording.lets_in_unknown([]) == ""
