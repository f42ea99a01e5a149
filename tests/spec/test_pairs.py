"""Two parameters at once, written out by hand, and at their boundaries."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest
from oracle.both import protocol_of
from oracle.patients import Patient, patient
from spec.tables import rows
from spec.test_count_tables import workbench

from feasibility import wording
from feasibility.figures.axes import places
from feasibility.figures.pairs import heat_map
from feasibility.figures.style import LIGHT
from feasibility.parameters import Direction, Number
from feasibility.protocol import Protocol, read_protocol
from feasibility.results.curves import curve
from feasibility.results.pairs import grid, round_targets
from feasibility.scenario import AS_WRITTEN, with_criterion_off, with_value
from feasibility.variables import builtin_catalogue

LIMITS = """
p = { value = 300, min = 200, max = 400, step = 100, unit = "mg/g", label = "p", loosens = "down" }
q = { value = 9, min = 6, max = 12, step = 3, unit = "%", label = "q", loosens = "up", unbounded = "up" }
"""
PEOPLE = """
 uacr | hba1c
 400  | 5
 300  | 8
 300  | 10
 200  | 5
 250  |
      | 8
 400  | 13
"""
# Eligible (possible) of seven, UACR at least p and HbA1c below q
BY_HAND = """
 p   | 6     | 9     | 12    | inf
 200 | 2 (3) | 3 (5) | 4 (6) | 6 (7)
 300 | 1 (1) | 2 (3) | 3 (4) | 4 (5)
 400 | 1 (1) | 1 (2) | 1 (2) | 2 (3)
"""


def people() -> list[Patient]:
    return [patient(**row) for row in rows(PEOPLE)]


def two_criteria() -> Protocol:
    p, q = LIMITS.strip().splitlines()
    return read_protocol(
        'title = "two"\n'
        + "".join(
            f'[[criterion]]\nid = "{name}"\nrole = "{role}"\nlabel = "c"\ntext = "c"\n[criterion.parameters]\n{limit}\n'
            f'[[criterion.reading]]\nid = "r"\nlabel = "r"\n[[criterion.reading.limb]]\nlabel = "l"\nrule = "{rule}"\n'
            for name, role, rule, limit in (("A", "inclusion", "uacr >= p", p), ("B", "exclusion", "hba1c >= q", q))
        ),
        builtin_catalogue(),
    )


ONE_CRITERION = {
    "a limb each": protocol_of("uacr >= p", "hba1c < q", parameters=LIMITS),
    "one rule": protocol_of("uacr >= p and hba1c < q", parameters=LIMITS),
    "nested": protocol_of("not (uacr < p or hba1c >= q)", parameters=LIMITS),
    "excluded by either": protocol_of("uacr < p or not hba1c < q", role="exclusion", parameters=LIMITS),
    "excluded by any limb": protocol_of("uacr < p", "hba1c >= q", role="exclusion", join="any", parameters=LIMITS),
    "not to be taken apart": protocol_of("(uacr >= p and hba1c < q) or age > 200", parameters=LIMITS),
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("kind", ["two criteria", *ONE_CRITERION])
def test_a_grid_by_hand(kind: str, turned: bool) -> None:
    protocol = two_criteria() if kind == "two criteria" else ONE_CRITERION[kind]
    first, second = ("A.p", "B.q") if kind == "two criteria" else ("C.p", "C.q")
    bench = workbench(protocol, [patient(**row, age="50") for row in rows(PEOPLE)], "age")
    found = grid(bench, AS_WRITTEN, *((second, first) if turned else (first, second)))
    expected = [[tuple(int(number) for number in cell.strip(")").split(" (")) for cell in list(row.values())[1:]] for row in rows(BY_HAND)]
    cells = [
        [(int((found.eligible.T if turned else found.eligible)[i, k]), int((found.possible.T if turned else found.possible)[i, k])) for k in range(4)]
        for i in range(3)
    ]
    assert cells == expected
    assert found.patients == 7
    assert found.criteria == (("A", "B") if kind == "two criteria" else ("C",))
    assert found.base == (2, 3)
    assert found.scenario == found.written == ((9, 300) if turned else (300, 9))


def marked(drawn: go.Figure) -> list[tuple[float, float, str]]:
    """Where a sign stands, and what stands beside it."""
    signs = [trace for trace in drawn.data if trace.type == "scatter" and trace.mode == "markers" and len(trace.x) == 1]
    return [(trace.x[0], trace.y[0], note.text) for trace, note in zip(signs, drawn.layout.annotations, strict=True)]


def test_the_values_as_written_of_the_scenario_and_looked_at_are_marked_on_both_axes() -> None:
    protocol = two_criteria()
    scenario = with_value(protocol, with_value(protocol, AS_WRITTEN, "A.p", 200), "B.q", 12)
    found = grid(workbench(protocol, people()), scenario, "A.p", "B.q")
    at = [places(parameter, stops) for parameter, stops in zip(found.parameters, found.stops, strict=True)]
    written = (at[0][1], at[1][1], f"{wording.BOTH_AS_WRITTEN} <b>2</b>")
    moved = (at[0][0], at[1][2], f"{wording.SCENARIO_HERE} <b>4</b>")
    assert marked(heat_map(found, (200, 12), "t", "s", LIGHT)) == [written, moved]
    assert marked(heat_map(found, (400, 6), "t", "s", LIGHT)) == [written, moved, (at[0][2], at[1][0], "<b>1</b>")]
    as_written = grid(workbench(protocol, people()), AS_WRITTEN, "A.p", "B.q")
    assert marked(heat_map(as_written, (300, 9), "t", "s", LIGHT)) == [written]


def test_where_the_scenario_stands_is_always_a_stop() -> None:
    protocol = two_criteria()
    scenario = with_value(protocol, AS_WRITTEN, "A.p", 400)
    found = grid(workbench(protocol, people()), scenario, "A.p", "B.q", most=2)
    assert {300, 400} <= set(found.stops[0])
    assert 9 in found.stops[1]
    assert (found.scenario, found.written, found.base) == ((400, 9), (300, 9), (1, 2))


def test_a_row_of_the_grid_is_a_curve() -> None:
    protocol = two_criteria()
    bench = workbench(protocol, people())
    found = grid(bench, AS_WRITTEN, "A.p", "B.q")
    assert found.eligible[1].tolist() == curve(bench, AS_WRITTEN, "B.q").eligible.tolist()
    assert found.eligible[:, 1].tolist() == curve(bench, AS_WRITTEN, "A.p").eligible.tolist()


def test_a_parameter_of_a_criterion_that_is_off_changes_nothing() -> None:
    protocol = two_criteria()
    found = grid(workbench(protocol, people()), with_criterion_off(protocol, AS_WRITTEN, "A"), "A.p", "B.q")
    assert found.criteria == ("B",)
    assert found.eligible.tolist() == [[2, 4, 5, 7]] * 3


@pytest.mark.parametrize("patients", [[], [patient(uacr="?", hba1c="?")] * 2])
def test_with_nobody_and_with_nothing_known(patients: list[Patient]) -> None:
    for protocol in ONE_CRITERION.values():
        found = grid(workbench(protocol, patients, "uacr", "hba1c", "age"), AS_WRITTEN, "C.p", "C.q")
        assert found.eligible.max() == 0
        assert set(found.possible.ravel().tolist()) == {len(patients)}


@pytest.mark.parametrize(
    ("low", "high", "targets"),
    [
        (0, 0, ()),
        (0, 3, (1, 2, 3)),
        (0, 8, (1, 2, 3, 4, 5, 6, 7, 8)),
        (0, 9, (2, 4, 6, 8)),
        (17, 120, (20, 40, 60, 80, 100, 120)),
        (20, 120, (40, 60, 80, 100, 120)),
        (120, 120, ()),
        (23_000, 97_654, (30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000)),
        (99_999, 100_001, (100_000, 100_001)),
    ],
)
def test_round_targets(low: int, high: int, targets: tuple[int, ...]) -> None:
    assert round_targets(low, high) == targets


EGFR = Number("I5.egfr_min", "eGFR at least", 30, 10, 60, 1, "mL/min", loosens=Direction.DOWN)
LDL = Number("E5.ldl_max", "LDL below", 4.1, 2.6, 6.5, 0.1, "mmol/L", loosens=Direction.UP)
UACR = Number("I4.uacr_above", "UACR above", 1000, 30, 3000, 10, "mg/g", loosens=Direction.DOWN, scale="log")
LEFT_OUT = [
    (EGFR, (10, 11, 12), "", "I5 eGFR at least, mL/min (← looser)"),
    (EGFR, (10, 15, 20, 25, 28, 30, 35, 40), "in steps of 5 mL/min", "I5 eGFR at least, in steps of 5 mL/min (← looser)"),
    (LDL, (2.6, 3.0, 3.5, 4.0, 4.1, 4.5, 5.0, 5.5, float("inf")), "in steps of 0.5 mmol/L", "E5 LDL below, in steps of 0.5 mmol/L (looser →)"),
    (EGFR, (10, 12, 15, 17, 22), "at 5 of its values", "I5 eGFR at least, mL/min, at 5 of its values (← looser)"),
    (UACR, (30, 100, 200, 300, 400), "at 5 of its values", "I4 UACR above, mg/g, at 5 of its values (← looser)"),
]


@pytest.mark.parametrize(("parameter", "stops", "said", "axis"), LEFT_OUT)
def test_where_values_between_the_cells_are_left_out_the_axis_says_so(parameter: Number, stops: tuple[float, ...], said: str, axis: str) -> None:
    """No limit is no step; nor is the way to the ends of the range or to the value as written, which is shorter."""
    assert wording.in_steps(parameter, stops) == said
    assert wording.axis_of_pair(parameter, stops) == axis


@pytest.mark.parametrize(("step", "said"), [(100, "The stronger the colour"), (10, "C p stands in steps of 100 mg/g: values between are not shown")])
def test_what_is_left_out_between_cells_is_said_of_the_pair(step: int, said: str) -> None:
    limits = LIMITS.replace("step = 100", f"step = {step}")
    bench = workbench(protocol_of("latest(uacr) > p", "latest(hba1c) < q", parameters=limits), people())
    found = grid(bench, AS_WRITTEN, "C.p", "C.q", most=3)
    assert [each for each in found.stops[0] if each % 100 == 0] == [200, 300, 400]
    assert wording.said_of_pair(bench.overview(AS_WRITTEN), found, 0).more.startswith(f"Each cell is counted. {said}")
