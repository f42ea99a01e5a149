"""Threshold curves written out by hand, and at their boundaries."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from oracle.both import protocol_of
from oracle.patients import Patient, patient
from spec.tables import rows
from spec.test_count_tables import THREE, people, workbench

from feasibility import wording
from feasibility.parameters import Direction
from feasibility.protocol import Protocol, read_protocol
from feasibility.results.curves import Curve, Onwards, curve, curves
from feasibility.results.overview import Workbench
from feasibility.results.proportion import wilson
from feasibility.scenario import AS_WRITTEN, Scenario, with_criterion_off, with_value
from feasibility.variables import builtin_catalogue


def three() -> Protocol:
    return read_protocol(THREE.replace('label = "p" }', 'label = "p", loosens = "down" }'), builtin_catalogue())


def per_unit(found: Curve) -> list[float | None]:
    return [None if each is None else each.per_unit for each in found.onwards]


def of_three(scenario: Scenario = AS_WRITTEN, most: int = 200) -> Curve:
    return curve(workbench(three(), people()), scenario, "B.p").thinned(most)


# Of the eight patients of `test_count_tables`: eligible and possible over the whole range, and what moving on to the next stop down gains per mg/g
BY_HAND = """
 p   | eligible | possible | per unit
 100 | 2        | 5        |
 150 | 2        | 5        | 0
 200 | 2        | 5        | 0
 250 | 2        | 4        | 0
 300 | 2        | 4        | 0
 350 | 1        | 2        | 0.02
 400 | 1        | 2        | 0
 450 | 0        | 1        | 0.02
 500 | 0        | 1        | 0
"""


def test_a_curve_by_hand() -> None:
    found, expected = of_three(), rows(BY_HAND)
    assert (found.name, found.criteria, found.patients, found.written, found.scenario) == ("B.p", ("B",), 8, 300, 300)
    assert found.stops == tuple(range(100, 901, 50))
    first = range(len(expected))
    assert [found.stops[place] for place in first] == [float(row["p"]) for row in expected]
    assert [found.eligible[place] for place in first] == [int(row["eligible"]) for row in expected]
    assert [found.possible[place] for place in first] == [int(row["possible"]) for row in expected]
    assert [per_unit(found)[place] for place in first] == [float(row["per unit"]) if row["per unit"] else None for row in expected]
    assert found.onwards[5] == Onwards(300, 1, 50)
    assert found.loosens is Direction.DOWN
    assert (found.base, found.most_to_gain) == ((2, 4), 0)


def test_the_band_is_that_of_each_stop_by_itself() -> None:
    found = of_three()
    low, high = found.band
    assert [(low[place], high[place]) for place in (0, 6, 8)] == [wilson(2, 8), wilson(1, 8), wilson(0, 8)]
    assert [each[6] for each in found.honest_band] == [wilson(1, 8)[0], wilson(2, 8)[1]]


def test_the_scenario_beside_the_protocol_as_written() -> None:
    found = of_three(with_value(three(), AS_WRITTEN, "B.p", 450))
    assert (found.written, found.scenario, found.base, found.most_to_gain) == (300, 450, (0, 1), 2)
    few = of_three(with_value(three(), AS_WRITTEN, "B.p", 450), most=4)
    assert {300, 450} <= set(few.stops)
    assert [few.eligible[few.place(stop)] for stop in (300, 450)] == [2, 0]


def test_the_most_to_gain_is_named_at_the_value_nearest_to_the_scenario() -> None:
    """From 450 two are gained at 300 and at every value below it; nobody need go further than 300. From 300 the first is lost at 350, the last at 450."""
    found = of_three(with_value(three(), AS_WRITTEN, "B.p", 450))
    assert found.stops[found.best] == 300
    assert wording.most_gained(found) == "+2 at 300 mg/g"
    assert "most eligible 2 at 300" in wording.tile(found)
    written = of_three()
    assert [written.stops[each] for each in (written.best, written.worst)] == [300, 450]
    assert wording.most_gained(written) == "alone it gains nobody"


def test_with_nobody_eligible_at_any_value_the_most_possible_are_named() -> None:
    """The curve by hand as if nobody passed: from 450, where one is possible, five are at 200 and below."""
    found = replace(of_three(), eligible=np.zeros(17, np.int64), scenario=450.0)
    assert (found.most_possible_to_gain, found.stops[found.best_possible]) == (4, 200)
    assert wording.most_gained(found) == "≤ +4 at 200 mg/g"
    assert "most with the undetermined 5 at 200" in wording.tile(found)
    assert "with the undetermined 5" not in wording.tile(of_three())
    level = replace(found, possible=np.full(17, 3))
    assert wording.most_gained(level) == "alone it gains nobody"


def test_a_criterion_that_is_off_has_no_curve() -> None:
    off = with_criterion_off(three(), AS_WRITTEN, "B")
    bench = workbench(three(), people())
    assert [each.name for each in curves(bench, AS_WRITTEN)] == ["B.p"]
    assert curves(bench, off) == ()
    assert set(curve(bench, off, "B.p").eligible.tolist()) == {3}


LOW_TO_HIGH = [patient(uacr=value) for value in ("250", "150", "150", "2000")]
LOG = 'p = { value = 400, min = 100, max = 1600, step = 100, unit = "mg/g", label = "p", loosens = "down", scale = "log" }'


def test_a_logarithmic_scale_moves_on_to_half_the_value() -> None:
    """One patient between 200 and 300, two between 100 and 200; none are made up between the stops."""
    found = curve(logarithmic(), AS_WRITTEN, "C.p")
    moves = {stop: found.onwards[found.place(stop)] for stop in (100, 200, 400, 800, 1600)}
    assert moves == {100: None, 200: Onwards(100, 2, 100), 400: Onwards(200, 1, 200), 800: Onwards(400, 0, 400), 1600: Onwards(800, 0, 800)}


def test_the_stop_nearest_to_half_is_not_the_next_one() -> None:
    """From 400 the next stop, 300, gains nobody: that says nothing of 200, where one is gained."""
    found = curve(logarithmic(), AS_WRITTEN, "C.p")
    at, nearest = found.place(400), found.onwards
    assert (found.stops[at - 1], int(found.eligible[at - 1] - found.eligible[at])) == (300, 0)
    assert nearest[at] == Onwards(200, 1, 200)
    assert [move.stop for stop, move in zip(found.stops, nearest, strict=True) if move and stop in (200, 300, 500, 1600)] == [100, 200, 300, 800]


def logarithmic() -> Workbench:
    return workbench(protocol_of("uacr >= p", parameters=LOG), LOW_TO_HIGH)


DOWN = 'p = { value = 300, min = 100, max = 400, step = 100, unit = "mg/g", label = "p", loosens = "down" }'
LIFTED = DOWN.replace(" }", ', unbounded = "down" }')
WINDOW = 'p = { value = 2, min = 1, max = 3, step = 1, unit = "days", label = "p" }'
NUMBER = 'p = { value = 2, min = 1, max = 3, step = 1, label = "p" }'
ONWARDS = [
    (LOG, "uacr >= p", 400, "down to 200 mg/g: +1, 0.5 per 100 mg/g"),
    (LOG, "uacr >= p", 100, ""),
    (LOG.replace('"down"', '"up"'), "uacr <= p", 200, "up to 400 mg/g: +1, 0.5 per 100 mg/g"),
    (LOG, "uacr >= p", 200, "down to 100 mg/g: +2, 2 per 100 mg/g"),
    (DOWN, "uacr >= p", 300, "to 200 mg/g: +1, 0.01 per mg/g"),
    (DOWN, "uacr >= p", 400, "to 300 mg/g: 0"),
    (LIFTED, "uacr >= p", 100, "to no limit: 0"),
    (WINDOW, "count(uacr, within=p) >= 1", 1, "to 2 days: 0"),
    (NUMBER, "count(uacr) >= p", 1, "to 2: −4"),
]


@pytest.mark.parametrize(("number", "rule", "at", "said"), ONWARDS)
def test_what_moving_on_gains_names_where_it_leads(number: str, rule: str, at: float, said: str) -> None:
    found = curve(workbench(protocol_of(rule, parameters=number), LOW_TO_HIGH), AS_WRITTEN, "C.p")
    assert wording.onwards(found, found.place(at)) == said


@pytest.mark.parametrize(("unbounded", "rule", "eligible"), [("up", "uacr < p", [0, 1, 3]), ("down", "uacr > p", [3, 1, 0])])
def test_no_limit_stands_at_the_end(unbounded: str, rule: str, eligible: list[int]) -> None:
    """Without a limit the patient of whom nothing is known passes; nothing is gained per unit on the way there."""
    limits = f'p = {{ value = 300, min = 200, max = 300, step = 100, unit = "mg/g", label = "p", loosens = "{unbounded}", unbounded = "{unbounded}" }}'
    bench = workbench(protocol_of(rule, parameters=limits), [patient(uacr=value) for value in ("250", "?", "900")])
    found = curve(bench, AS_WRITTEN, "C.p")
    assert math.isinf(found.stops[-1 if unbounded == "up" else 0])
    assert per_unit(found).count(None) == 2
    assert found.eligible[[0, -1]].tolist() == ([0, 3] if unbounded == "up" else [3, 1])


def test_without_a_direction_the_best_may_lie_inside() -> None:
    window = 'p = { value = 10, min = 0, max = 40, step = 10, unit = "days", label = "p" }'
    bench = workbench(protocol_of("latest(uacr, within=p) > 300", parameters=window), [patient(uacr="400 @30d; 200 @40d"), patient(uacr="400 @20d")])
    found = curve(bench, AS_WRITTEN, "C.p")
    assert (found.eligible.tolist(), found.possible.tolist()) == ([0, 0, 1, 2, 2], [2, 2, 2, 2, 2])
    assert found.loosens is None
    assert per_unit(found) == [0, 0.1, 0.1, 0, None]


def test_the_most_to_gain_comes_first() -> None:
    own = "".join(
        f'[[criterion]]\nid = "{name}"\nrole = "inclusion"\nlabel = "c"\ntext = "c"\n[criterion.parameters]\n'
        f'p = {{ value = 5, min = 0, max = 9, step = 1, unit = "{unit}", label = "p", loosens = "down" }}\n'
        f'[[criterion.reading]]\nid = "r"\nlabel = "r"\n[[criterion.reading.limb]]\nlabel = "l"\nrule = "{variable} >= p"\n'
        for name, variable, unit in (("A", "hba1c", "%"), ("B", "potassium", "mmol/L"))
    )
    patients = [patient(hba1c="6", potassium="3"), patient(hba1c="6", potassium="2"), patient(hba1c="1", potassium="6"), patient(hba1c="2", potassium="2")]
    found = curves(workbench(read_protocol('title = "t"\n' + own, builtin_catalogue()), patients), AS_WRITTEN)
    assert [(each.name, each.most_to_gain) for each in found] == [("B.p", 2), ("A.p", 1)]


@pytest.mark.parametrize("patients", [[], [patient(uacr="?")] * 3])
def test_with_nobody_and_with_nothing_known(patients: list[Patient]) -> None:
    limits = 'p = { value = 300, min = 100, max = 900, step = 100, unit = "mg/g", label = "p" }'
    for rule in ("uacr >= p", "uacr == p"):
        found = curve(workbench(protocol_of(rule, parameters=limits), patients, "uacr"), AS_WRITTEN, "C.p")
        assert set(found.eligible.tolist()) == {0}
        assert set(found.possible.tolist()) == {len(patients)}
        assert [each[0] for each in found.band] == list(wilson(0, len(patients)))


def test_a_number_the_rules_share_moves_them_together() -> None:
    shared = (
        'title = "t"\n[parameters]\np = { value = 10, min = 0, max = 40, step = 10, unit = "days", label = "p" }\n'
        + "".join(
            f'[[criterion]]\nid = "{name}"\nrole = "{role}"\nlabel = "c"\ntext = "c"\n[[criterion.reading]]\nid = "r"\nlabel = "r"\n'
            f'[[criterion.reading.limb]]\nlabel = "l"\nrule = "{rule}"\n'
            for name, role, rule in (
                ("A", "inclusion", "latest(uacr, within=p) > 300"),
                ("B", "exclusion", "occurred(cerebral_haemorrhage, within=p)"),
            )
        )
    )
    patients = [
        patient(uacr="400 @5d", cerebral_haemorrhage="@20d"),
        patient(uacr="400 @20d"),
        patient(uacr="200 @20d"),
        patient(uacr="400 @40d", cerebral_haemorrhage="@30d"),
    ]
    found = curve(workbench(read_protocol(shared, builtin_catalogue()), patients), AS_WRITTEN, "p")
    assert found.criteria == ("A", "B")
    assert found.eligible.tolist() == [0, 1, 1, 1, 1]
    assert found.possible.tolist() == [4, 4, 2, 1, 1]


def test_a_number_that_moves_many_parts_with_nobody_there() -> None:
    shared = 'title = "t"\n[parameters]\nW = { value = 3, min = 1, max = 5, step = 1, unit = "months", label = "W" }\n'
    for place, name in enumerate("ABC"):
        shared += f'[[criterion]]\nid = "{name}"\nrole = "inclusion"\nlabel = "c"\ntext = "c"\n[[criterion.reading]]\nid = "r"\nlabel = "r"\n'
        shared += f'[[criterion.reading.limb]]\nlabel = "l"\nrule = "highest(uacr, within=W) >= {100 * place + 100}"\n'
    (found,) = curves(workbench(read_protocol(shared, builtin_catalogue()), [], "uacr"), AS_WRITTEN)
    assert (found.stops, found.eligible.tolist(), found.patients) == ((1, 2, 3, 4, 5), [0] * 5, 0)
