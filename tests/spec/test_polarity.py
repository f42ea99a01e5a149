"""Which way a condition's truth moves as a parameter p rises, read off the form of its rule; and directions a protocol file may not declare."""

from __future__ import annotations

import pytest
from oracle.both import protocol_of
from spec.tables import by_name

from feasibility.problems import Unusable
from feasibility.rules.polarity import polarity

RULES = """
 unit   | rule                                                                         | moves
 mg/g   | latest(uacr) >= p                                                            | falls
 mg/g   | latest(uacr) > p                                                             | falls
 mg/g   | latest(uacr) < p                                                             | rises
 mg/g   | p <= latest(uacr)                                                            | falls
 mg/g   | p > lowest(uacr, last=2, apart=7)                                            | rises
 mg/g   | latest(uacr) == p                                                            | open
 mg/g   | latest(uacr) != p                                                            | open
 mg/g   | latest(uacr) > 300                                                           | stays
 mg/g   | not latest(uacr) >= p                                                        | rises
 mg/g   | possible(latest(uacr) >= p)                                                  | falls
 mg/g   | latest(uacr) >= p and age > 40                                               | falls
 mg/g   | latest(uacr) >= p or not mean(uacr) < p                                      | falls
 mg/g   | latest(uacr) >= p or mean(uacr) < p                                          | open
 mg/g   | age > 40 or (age > 30 and not (age < 20 or latest(uacr) < p))                | falls
 days   | latest(uacr, within=p) > 300                                                 | open
 days   | lowest(uacr, last=2, apart=p) > 300                                          | open
 days   | count(t2dm, within=p) > 1                                                    | open
 days   | egfr("2021_cr", within=p) > 20                                               | open
 days   | occurred(malignancy, within=p)                                               | rises
 days   | not occurred(malignancy, before=p)                                           | falls
 days   | occurred(malignancy, within=p, at="first")                                   | rises
 days   | occurred(malignancy, within=p, excepting=cancer_site == "nmsc")              | rises
 days   | exposed(iv_antibiotic, within=p)                                             | rises
 days   | exposed(iv_antibiotic, longer_than=p)                                        | falls
 days   | exposed(iv_antibiotic, longer_than=7, gap=p)                                 | rises
 days   | exposed(iv_antibiotic, before=p, longer_than=7, counting="window")           | rises
 days   | exposed(iv_antibiotic, within=p, longer_than=p)                              | open
 days   | any_visit(sbp <= 160, within=p)                                              | open
 mmHg   | any_visit(sbp <= p and dbp <= 100)                                           | rises
 mmHg   | latest_visit(not sbp <= p, within="365 days")                                | falls
        | occurred(cerebral_infarction, where=stroke_deficits > p)                     | falls
        | occurred(cerebral_infarction, excepting=stroke_deficits <= p)                | falls
        | occurred(cerebral_infarction, within="1 year", at="first", where=stroke_deficits > p)  | open
        | count(t2dm) >= p                                                             | falls
        | count(cerebral_infarction, where=stroke_deficits > p) >= 1                   | open
"""
NUMBER = 'p = {{ value = 5, min = 0, max = 900, step = 1, unit = "{}", label = "p"{} }}'


@pytest.mark.parametrize(("unit", "rule", "moves"), by_name(RULES))
def test_polarity(unit: str, rule: str, moves: str) -> None:
    protocol = protocol_of(rule, parameters=NUMBER.format(unit, ""))
    assert polarity(protocol["C"].readings[0].limbs[0].rule, "C.p").value == moves


DECLARED = """
 role      | loosens | rule                           | unless                    | refused
 inclusion | down    | latest(uacr) >= p              |                           |
 inclusion | up      | latest(uacr) >= p              |                           | down
 exclusion | up      | latest(uacr) >= p              |                           |
 exclusion | down    | latest(uacr) >= p              |                           | up
 exclusion | up      | latest(uacr) > 300             | latest(uacr) < p          |
 exclusion | down    | latest(uacr) > 300             | latest(uacr) < p          | up
 inclusion | up      | latest(uacr) == p              |                           |            # the form does not say
 inclusion | up      | latest(uacr) > 300             |                           |            # p is not used
"""


@pytest.mark.parametrize(("role", "loosens", "rule", "unless", "refused"), by_name(DECLARED))
def test_a_direction_that_contradicts_the_rule_is_refused(role: str, loosens: str, rule: str, unless: str, refused: str) -> None:
    number = NUMBER.format("mg/g", f', loosens = "{loosens}"')
    if not refused:
        protocol_of(rule, role=role, parameters=number, unless=unless)
        return
    with pytest.raises(Unusable) as error:
        protocol_of(rule, role=role, parameters=number, unless=unless)
    (problem,) = error.value.problems
    assert problem.where == "protocol, criterion C, parameter p"
    assert f"loosens is '{loosens}'" in problem.message
    assert f"reading r, limb limb 1, fewer patients pass that way; expected '{refused}'" in problem.message
