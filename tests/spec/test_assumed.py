"""Assumed pass rates: the first whose condition holds; where that is unknown, the lowest that may hold; multiplied after the counts."""

from __future__ import annotations

import numpy as np
import pytest
from oracle.patients import cohort, columns_for, patient
from spec.tables import by_name

from feasibility.protocol import builtin_protocol, read_protocol
from feasibility.results.by_stage import by_stage
from feasibility.results.overview import Workbench
from feasibility.results.screening_order import cost_of
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_rate
from feasibility.screening.screen import Screener
from feasibility.variables import builtin_catalogue

# E10: women under 55 pass at 97 %, older women at 100 %, men at 98 %.
REPRODUCTION = """
 sex    | age | rate
 female | 50  | 0.97
 female | 60  | 1.0
 male   | 50  | 0.98
 ?      | 50  | 0.97     # a woman's rate is the lower of the two
 ?      | 60  | 0.98
 female | ?   | 0.97
 ?      | ?   | 0.97
"""


@pytest.mark.parametrize(("sex", "age", "rate"), by_name(REPRODUCTION))
def test_the_rate_of_a_patient(sex: str, age: str, rate: str) -> None:
    someone = patient(sex=sex, age=age)
    screener = Screener(cohort([someone], columns_for([someone], "sex", "age")))
    assert screener.pass_rates(builtin_protocol(), AS_WRITTEN, "E10").of(np.array([0])).tolist() == [float(rate)]


def test_rates_are_multiplied_over_what_data_cannot_show() -> None:
    protocol = builtin_protocol()
    people = [patient(sex="male", age="50"), patient(sex="female", age="50"), patient(sex="female", age="90")]
    workbench = Workbench(cohort(people, columns_for(people, "sex", "age")), protocol)
    overview = workbench.overview(AS_WRITTEN)
    assert overview.tally.eligible == 2
    others = 0.5 * 0.995 * 0.96 * 0.93  # I8, E9, E12, E13
    assert overview.expected == pytest.approx(others * (0.98 + 0.97))
    assert workbench.overview(with_rate(protocol, AS_WRITTEN, "I8", 1.0)).expected == pytest.approx(2 * others * (0.98 + 0.97))
    assert workbench.overview(with_criterion_off(protocol, AS_WRITTEN, "I8")).expected == pytest.approx(2 * others * (0.98 + 0.97))
    without = {each.id for each in overview.assumed if not each.given}
    assert without == set(overview.screening.not_assessed) - {"I8", "E9", "E10", "E12", "E13"}


def test_many_rates_that_differ_by_patient_are_each_patients_own() -> None:
    """Six criteria with three rates each make 729 groups; the three patients have 0.5, 0.8 and 1 on all of them."""
    text = 'title = "t"\n[[stage]]\nid = "s"\nlabel = "s"\ncost = 1\n[[criterion]]\nid = "A"\nrole = "inclusion"\nlabel = "a"\ntext = "a"\n'
    text += '[[criterion.reading]]\nid = "r"\nlabel = "r"\n[[criterion.reading.limb]]\nlabel = "l"\nstage = "s"\nrule = "age >= 18"\n'
    for number in range(6):
        text += f'[[criterion]]\nid = "J{number}"\nrole = "inclusion"\nlabel = "c"\ntext = "c"\n'
        for rate, below in ((0.5, 30), (0.8, 60)):
            text += f'[[criterion.assumed]]\nrate = {rate}\nwhen = "age < {below + number}"\nstage = "s"\n'
    people = [patient(age=age) for age in ("25", "45", "80")]
    workbench = Workbench(cohort(people, columns_for(people)), read_protocol(text, builtin_catalogue()))
    overview = workbench.overview(AS_WRITTEN)
    found = by_stage(workbench.screener, overview.screening, overview.patterns, overview.order)
    assert overview.expected == pytest.approx(0.5**6 + 0.8**6 + 1)
    assert cost_of(found, ["s"]).eligible == pytest.approx(overview.expected)
