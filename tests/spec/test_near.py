"""Near misses: who fails one criterion and no other, and to which value a parameter has to be moved for them to pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from oracle.both import protocol_of
from oracle.patients import Columns, Patient, cohort, columns_for, patient
from spec.tables import rows

from feasibility.parameters import Direction, Number, Unbounded
from feasibility.protocol import builtin_protocol, read_protocol
from feasibility.results.disclosure import EXACT, SMALL, Rounding
from feasibility.results.near import Elsewhere, NearMisses, NotListed, OneFailed, near_counts, near_misses
from feasibility.results.nearest_move import NearestMove, steps_from, steps_within, stops_from
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Scenario, with_criterion_off, with_missing_policy, with_value
from feasibility.screening.screen import PASS
from feasibility.ui import cohorts
from feasibility.variables import MissingPolicy, builtin_catalogue

PROTOCOL = read_protocol(
    """
title = "t"
[parameters]
lab_window = { value = 365, min = 14, max = 730, step = 1, unit = "days", label = "labs within" }
[[criterion]]
id = "I4"
role = "inclusion"
label = "proteinuria"
text = "c"
[criterion.parameters]
uacr_above = { value = 1000, min = 30, max = 3000, step = 10, unit = "mg/g", loosens = "down", scale = "log", label = "UACR above" }
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "UACR"
rule = "latest(uacr, within=lab_window) > uacr_above"
[[criterion]]
id = "E5"
role = "exclusion"
label = "lipids"
text = "c"
[criterion.parameters]
tg_max = { value = 6.2, min = 2.3, max = 11.3, step = 0.1, unit = "mmol/L", loosens = "up", label = "triglycerides below" }
ldl_max = { value = 4.1, min = 2.6, max = 6.5, step = 0.1, unit = "mmol/L", loosens = "up", label = "LDL below" }
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "TG"
rule = "latest(triglycerides, within=lab_window) >= tg_max"
[[criterion.reading.limb]]
label = "LDL"
rule = "latest(ldl, within=lab_window) >= ldl_max"
[[criterion]]
id = "E8"
role = "exclusion"
label = "malignancy"
text = "c"
[criterion.parameters]
cancer_window = { value = 60, min = 0, max = 120, step = 6, unit = "months", loosens = "down", label = "malignancy within" }
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "malignancy"
rule = "occurred(malignancy, within=cancer_window)"
[[criterion]]
id = "I3"
role = "inclusion"
label = "biopsy"
text = "c"
[criterion.parameters]
biopsy_window = { value = 10, min = 1, max = 20, step = 1, unit = "years", loosens = "up", unbounded = "up", label = "biopsy within" }
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "biopsy"
rule = "occurred(kidney_biopsy, within=biopsy_window)"
""",
    builtin_catalogue(),
)

PEOPLE = """
 patient | uacr       | triglycerides | ldl | malignancy | kidney_biopsy | fails | unknown | moves
 0       | 2000       | 1             | 2   |            | yes @2020     |       |         |                                    # eligible
 1       | 870        | 1             | 2   |            | yes @2020     | I4    |         | uacr_above 860
 2       | 991        | 1             | 2   |            | yes @2020     | I4    |         | uacr_above 990
 3       | 1000       | 1             | 2   |            | yes @2020     | I4    |         | uacr_above 990                     # > 1000
 4       | 20         | 1             | 2   |            | yes @2020     | I4    |         | uacr_above –                       # out of range
 5       | 400..900   | 1             | 2   |            | yes @2020     | I4    |         | uacr_above 890 390
 6       | <1000      | 1             | 2   |            | yes @2020     | I4    |         | uacr_above 990 –
 7       | 2000       | 7             | 2   |            | yes @2020     | E5    |         | tg_max 7.1
 8       | 2000       | 7             | 5   |            | yes @2020     | E5    |         |                                    # two at once
 9       | 2000       | 1             | 4.1 |            | yes @2020     | E5    |         | ldl_max 4.2
 10      | 2000       | 1             | 6.5 |            | yes @2020     | E5    |         | ldl_max –                          # out of range
 11      | 2000       | 1             | 2   | yes @400d  | yes @2020     | E8    |         | cancer_window 12                   # 13 months ago
 12      | 2000       | 1             | 2   | yes @0d    | yes @2020     | E8    |         | cancer_window –                    # today
 13      | 2000       | 1             | 2   |            | yes @2014-01  | I3    |         | biopsy_window 12 13                # a day in that month
 14      | 2000       | 1             | 2   |            | yes @1990     | I3    |         | biopsy_window inf
 15      | 2000       | 1             | 2   |            |               | I3    |         |
 16      | 870        |               | 2   |            | yes @2020     | I4    | E5      | uacr_above 860
 17      |            | 1             | 9   |            | yes @2020     | E5    | I4      | ldl_max –
 18      | 870        | 7             | 2   |            | yes @2020     |       |         |                                    # fails two
 19      |            |               |     |            | yes @2020     |       |         |                                    # undetermined
"""


def people() -> tuple[list[Patient], Columns]:
    made = []
    for row in rows(PEOPLE):
        texts = {name: row[name] for name in ("uacr", "triglycerides", "ldl") if row[name]}
        events = {name: row[name] for name in ("malignancy", "kidney_biopsy") if row[name]}
        made.append(patient(**{name: f"{text} @5d" for name, text in texts.items()}, **events))
    return made, columns_for(made, "malignancy", "kidney_biopsy")


def workbench() -> Workbench:
    return Workbench(cohort(*people()), PROTOCOL)


def with_no_record_of_a_biopsy_as_none() -> Scenario:
    return with_missing_policy(PROTOCOL, AS_WRITTEN, "I3.kidney_biopsy", MissingPolicy.ABSENT)


def found(elsewhere: Elsewhere, criteria: Sequence[str] = PROTOCOL.ids) -> NearMisses:
    bench = workbench()
    return near_misses(bench.screener, bench.overview(with_no_record_of_a_biopsy_as_none()), elsewhere, criteria, EXACT)


def said(moves: Sequence[NearestMove]) -> str:
    def of(move: NearestMove) -> str:
        opens = "" if move.opens_at is None or move.opens_at == move.passes_at else f"{move.opens_at:g} "
        return f"{move.parameter.partition('.')[2]} {opens}{'–' if move.passes_at is None else f'{move.passes_at:g}'}"

    return "; ".join(map(of, moves))


def test_each_patient_stands_with_the_criterion_and_the_value_at_which_they_pass() -> None:
    listed = {each.patient: each for elsewhere in Elsewhere for each in found(elsewhere).shown}
    for row in rows(PEOPLE):
        near = listed.pop(int(row["patient"]), None)
        if not row["fails"]:
            assert near is None
            continue
        assert near is not None, row
        assert (near.criterion, ",".join(near.unknown), said(near.moves)) == (row["fails"], row["unknown"], row["moves"]), row
        assert near.identifier == row["patient"]
    assert not listed


def test_the_nearest_stand_first() -> None:
    """By the share of the threshold; a limit to be lifted, those who become unknown, and those whom nothing helps come after.

    Of those alike in that by the value itself: 1000 before 991, though both pass at 990; of those out of range LDL 6.5 before UACR 20, and before those with no
    value that decides by itself.
    """
    assert [each.patient for each in found(Elsewhere.PASSED).shown] == [3, 2, 9, 1, 7, 13, 5, 11, 14, 6, 10, 4, 12, 8, 15]
    assert [each.patient for each in found(Elsewhere.UNKNOWN).shown] == [16, 17]


def test_they_can_be_had_of_some_criteria_and_not_all_at_once() -> None:
    assert [each.patient for each in found(Elsewhere.PASSED, ("E5", "I3")).shown] == [9, 7, 13, 14, 10, 8, 15]
    bench = workbench()
    few = near_misses(bench.screener, bench.overview(with_no_record_of_a_biopsy_as_none()), Elsewhere.PASSED, ("E5", "I3"), EXACT, most=2)
    assert (few.patients, few.found, [each.patient for each in few.shown]) == (20, 7, [9, 7])
    assert found(Elsewhere.PASSED, ()) == NearMisses(20, 0, ())


def test_how_far() -> None:
    one = NearestMove("I4.uacr_above", 1000, 860, 860)
    assert (one.distance, one.of_threshold) == (140, 0.14)
    assert NearestMove("I4.uacr_above", 1000, 900, None).distance == 100
    assert NearestMove("E4.stroke_window", 0, 6, 6).of_threshold is None
    lifted = NearestMove("I3.biopsy_window", 10, 15, math.inf)
    assert (lifted.distance, lifted.of_threshold) == (math.inf, None)


def test_the_value_of_ones_own_is_said_where_a_single_one_is_known_and_is_what_decides() -> None:
    """Whether or not the range goes so far: 4, 10, 12 and 17 pass at no value of it. Of 5 and 6 it is known in part, of 11 and 12 how long ago it was.

    Of 13 and 14 that is not known to the day.
    """
    moves = {each.patient: each.moves[0] for elsewhere in Elsewhere for each in found(elsewhere).shown if each.moves}
    exact = {1: 870, 2: 991, 3: 1000, 4: 20, 7: 7, 9: 4.1, 10: 6.5, 12: 0, 16: 870, 17: 9}
    own = {patient: move.own for patient, move in moves.items()}
    assert {patient: own.pop(patient) for patient in exact} == {patient: (value, value) for patient, value in exact.items()}
    assert (own.pop(5), own.pop(6)) == ((400, 900), (-math.inf, 1000))
    assert moves[11].own_exact == pytest.approx(13.14, abs=0.01)
    assert own[13] is own[14] is None
    assert NearestMove("I4.uacr_above", 1000, 860, 860, (870, 870)).over == -130
    assert NearestMove("I4.uacr_above", 1000, 890, None, (-math.inf, 900)).over is None


@pytest.mark.parametrize(
    ("rule", "records", "own"),
    [
        ("any_visit(sbp <= p and dbp <= 100)", {"blood_pressure": "sbp=163 dbp=95 @20d"}, 163),
        # Not the lowest systolic of all visits, but that of the visit with which they would pass.
        ("any_visit(sbp <= p and dbp <= 100)", {"blood_pressure": "sbp=170 dbp=95 @20d; sbp=150 dbp=105 @5d"}, 170),
        ("any_visit(sbp <= p and dbp <= 100)", {"blood_pressure": "sbp=164 dbp=95 @20d; sbp=161 dbp=105 @5d"}, 164),
        ("any_visit(sbp <= p and dbp <= 100)", {"blood_pressure": "sbp=199 dbp=95 @20d; sbp=161 dbp=105 @5d"}, 199),
        ("latest_visit(sbp <= p and dbp <= 100)", {"blood_pressure": "sbp=161 dbp=95 @20d; sbp=172 dbp=90 @5d"}, 172),
        # Of two values under one limit the farther decides, or the nearer.
        ("latest(ldl) <= p and latest(triglycerides) <= p", {"ldl": "4 @1d", "triglycerides": "4.7 @1d"}, 4.7),
        ("latest(ldl) <= p and latest(triglycerides) <= p", {"ldl": "4.2 @1d", "triglycerides": "4.7 @1d"}, 4.7),
        ("latest(ldl) <= p or latest(triglycerides) <= p", {"ldl": "4.9 @1d", "triglycerides": "4.3 @1d"}, 4.3),
        ("latest(ldl) < p", {"ldl": "4 @1d"}, 4),
        ("latest(ldl) < p", {"ldl": "4..4.2 @1d"}, (4, 4.2)),
        ("latest(ldl) < p", {"ldl": "60 @1d"}, 60),  # beyond its range
        # What is known in part decides where it is the last thing to keep a patient from failing no longer.
        ("latest(ldl) <= p and latest(triglycerides) <= p", {"ldl": "4.2 @1d", "triglycerides": "4.5..4.7 @1d"}, (4.5, 4.7)),
        ("latest(ldl) <= p and latest(triglycerides) <= p", {"ldl": "4.6 @1d", "triglycerides": "4.5..4.7 @1d"}, None),
    ],
)
def test_the_value_that_is_said_is_the_one_that_decides(rule: str, records: dict[str, str], own: float | tuple[float, float] | None) -> None:
    value, unit = ("4, min = 2, max = 9, step = 1", "mmol/L") if "ldl" in rule else ("160, min = 130, max = 180, step = 5", "mmHg")
    limit = f'p = {{ value = {value}, unit = "{unit}", label = "at most", loosens = "up" }}'
    made = [patient(**records)]
    bench = Workbench(cohort(made, columns_for(made)), protocol_of(rule, parameters=limit))
    (only,) = near_misses(bench.screener, bench.overview(AS_WRITTEN), Elsewhere.PASSED, ("C",), EXACT).shown
    assert [each.own for each in only.moves] == [own if own is None or isinstance(own, tuple) else (own, own)]


WINDOWS = """
 rule                                                                 | window | unit   | kidney_biopsy          | malignancy           | own    | passes
 occurred(kidney_biopsy, within=p)                                    | 10     | years  | yes @3748d             |                      | 10.262 | 11
 occurred(kidney_biopsy, within=p)                                    | 10     | years  | yes @9000d             |                      | 24.641 |
 occurred(kidney_biopsy, within=p)                                    | 10     | years  | yes @3748d; yes @9000d |                      | 10.262 | 11
 occurred(kidney_biopsy, within=p)                                    | 10     | years  | yes @2014; yes @9000d  |                      |        | 13
 not occurred(malignancy, within=p)                                   | 5      | years  |                        | yes @1082d           | 2.962  | 2
 not occurred(malignancy, within=p)                                   | 5      | years  |                        | yes @200d            | 0.548  |
 not occurred(malignancy, within=p)                                   | 20     | days   |                        | yes @12d             | 12     | 11
 not occurred(malignancy, within=p)                                   | 20     | days   |                        | yes @12d; yes @4d    | 4      | 3
 not occurred(malignancy, within=p)                                   | 6      | months |                        | yes @0d              | 0      |
 not occurred(malignancy, within=p, at="end")                         | 6      | months |                        | yes @900d..50d       | 1.643  | 1
 occurred(kidney_biopsy, within=p) and occurred(malignancy, within=p) | 10     | years  | yes @4200d             | yes @3800d           | 11.499 | 12
"""


def in_window(rule: str, window: float, unit: str, made: Patient) -> NearestMove:
    loosens = "down" if rule.startswith("not") else "up"
    limit = f'p = {{ value = {window}, min = 1, max = 20, step = 1, unit = "{unit}", label = "within", loosens = "{loosens}" }}'
    bench = Workbench(cohort([made], columns_for([made], "kidney_biopsy", "malignancy")), protocol_of(rule, parameters=limit))
    (only,) = near_misses(bench.screener, bench.overview(AS_WRITTEN), Elsewhere.PASSED, ("C",), EXACT).shown
    return only.moves[0]


@pytest.mark.parametrize("row", rows(WINDOWS), ids=lambda row: f"{row['rule']} {row['kidney_biopsy']} {row['malignancy']}")
def test_of_a_window_it_is_said_how_long_ago_was_what_decides(row: dict[str, str]) -> None:
    """In its unit, whether or not its range goes so far; of a day that is not known nothing is."""
    made = patient(**{name: row[name] for name in ("kidney_biopsy", "malignancy") if row[name]})
    move = in_window(row["rule"], float(row["window"]), row["unit"], made)
    assert move.own_exact == (pytest.approx(float(row["own"]), abs=0.001) if row["own"] else None)
    assert move.passes_at == (float(row["passes"]) if row["passes"] else None)


@pytest.mark.parametrize(("days", "outside"), [(27, False), (28, False), (29, True), (31, True)])
def test_how_long_ago_it_was_lies_on_the_same_side_of_the_window_as_the_event(days: int, outside: bool) -> None:
    """February has 28 days: a month of average length is longer than from the one 1st of it to the next."""
    rule = f"{'' if outside else 'not '}occurred(malignancy, within=p)"
    own = in_window(rule, 1, "months", patient(index=date(2026, 3, 1), malignancy=f"yes @{days}d")).own_exact
    assert own is not None
    assert (own > 1) == outside


def test_of_those_who_pass_at_the_same_value_the_nearer_stands_first() -> None:
    """By the value that decides, whatever else of theirs lies nearer to a limit."""
    made = [patient(blood_pressure="sbp=164 dbp=100 @5d"), patient(blood_pressure="sbp=162 dbp=80 @5d")]
    limits = 'p = { value = 160, min = 130, max = 180, step = 5, unit = "mmHg", label = "systolic", loosens = "up" }\n'
    limits += 'q = { value = 100, min = 80, max = 120, step = 5, unit = "mmHg", label = "diastolic", loosens = "up" }'
    bench = Workbench(cohort(made, columns_for(made)), protocol_of("any_visit(sbp <= p and dbp <= q)", parameters=limits))
    assert [each.patient for each in near_misses(bench.screener, bench.overview(AS_WRITTEN), Elsewhere.PASSED, ("C",), EXACT).shown] == [1, 0]


def test_counts_without_a_list() -> None:
    overview = workbench().overview(with_no_record_of_a_biopsy_as_none())
    counts = near_counts(overview.losses, 20, overview.tally.ineligible)
    assert counts.criteria == (OneFailed("I4", 6, 1), OneFailed("E5", 4, 1), OneFailed("E8", 2, 0), OneFailed("I3", 3, 0))
    assert (counts.patients, counts.ineligible, counts.passed, counts.unknown) == (20, 18, 15, 2)


def test_nobody_is_listed_while_small_counts_are_hidden() -> None:
    bench = workbench()
    with pytest.raises(NotListed):
        near_misses(bench.screener, bench.overview(AS_WRITTEN), Elsewhere.PASSED, PROTOCOL.ids, Rounding(SMALL))


def test_a_criterion_switched_off_does_not_keep_anybody() -> None:
    bench = workbench()
    scenario = with_criterion_off(PROTOCOL, with_no_record_of_a_biopsy_as_none(), "I4")
    near = near_misses(bench.screener, bench.overview(scenario), Elsewhere.PASSED, PROTOCOL.ids, EXACT)
    assert 18 in [each.patient for each in near.shown]
    assert "I4" not in {each.criterion for each in near.shown}


def number(**given: object) -> Number:
    return Number("p", "p", **{"value": 0.0, "min": 0.5, "max": 6.0, "step": 0.1, **given})  # type: ignore[arg-type]  # a number or a direction each


def all_stops(parameter: Number, now: float) -> np.ndarray:
    return stops_from(parameter, now, np.arange(steps_from(parameter, now) + 1))


def test_the_stops_run_from_where_the_parameter_is_to_the_end_of_its_range() -> None:
    assert all_stops(number(loosens=Direction.DOWN), 1.0).tolist() == [1.0, 0.9, 0.8, 0.7, 0.6, 0.5]
    assert all_stops(number(loosens=Direction.UP, unbounded=Unbounded.UP), 5.9).tolist() == [5.9, 6.0, math.inf]
    assert all_stops(number(loosens=Direction.UP, unbounded=Unbounded.DOWN), 6.0).tolist() == [6.0]
    assert all_stops(number(loosens=Direction.DOWN, min=45.0, max=100.0, step=10.0), 60.0).tolist() == [60.0, 50.0]


TWO_FINE = 'title = "t"' + "".join(
    f"""
[[criterion]]
id = "{name}"
role = "inclusion"
label = "c"
text = "c"
parameters.p = {{ value = {value}, min = 0, max = 10, step = {step}, unit = "mmol/L", label = "p", loosens = "up" }}
reading = [{{ id = "r", label = "r", limb = [{{ label = "l", rule = "latest({variable}) <= p" }}] }}]
"""
    for name, variable, value, step in (("A", "ldl", 3.1, 0.01), ("B", "potassium", 1.41, 0.001))
)


def test_those_as_far_as_a_first_look_reaches_stand_as_they_do_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both a tenth off: 3.41 of 3.1 and 1.551 of 1.41, whose tenths are not the same number of floating point, but whose quotients are."""
    protocol = read_protocol(TWO_FINE, builtin_catalogue())
    people = [patient(ldl="1", potassium="1.551"), patient(ldl="3.41", potassium="1")]
    bench = Workbench(cohort(people, columns_for(people)), protocol)
    for reaches in ((0.02, 0.1, math.inf), (math.inf,)):
        monkeypatch.setattr("feasibility.results.near.REACHES", reaches)
        (nearest,) = near_misses(bench.screener, bench.overview(AS_WRITTEN), Elsewhere.PASSED, ("A", "B"), EXACT, most=1).shown
        assert (nearest.criterion, nearest.patient) == ("B", 0)


def test_of_a_threshold_of_nothing_no_part_is_near() -> None:
    assert [steps_within(number(loosens=Direction.UP, min=-1.0), now, 0.1) for now in (0.0, 5.0, -1.0)] == [0, 5, 1]


FINE = 'p = { value = %s, min = 0, max = %s, step = %s, unit = "mg/g", label = "p at most", loosens = "up"%s }'


def of_fine_steps(rule: str, limits: tuple[object, object, object, str], *people: Patient) -> NearMisses:
    bench = Workbench(cohort(people, columns_for(people)), protocol_of(rule, parameters=FINE % limits))
    return near_misses(bench.screener, bench.overview(AS_WRITTEN), Elsewhere.PASSED, ("C",), EXACT)


@pytest.mark.parametrize("rule", ["uacr <= p", "latest(uacr) <= p and age > 5"])
def test_more_steps_than_are_tried_at_once_hide_no_value(rule: str) -> None:
    """100,000 steps of 0.01, and the end of the range among them."""
    values = ["9.01", "1000", "999.99", "9.02", "500.005", "9.01..700.5", "1000.01"]
    found_ = of_fine_steps(rule, (9, 1000, 0.01, ""), *(patient(uacr=value, age="50") for value in values))
    moves = {each.patient: [(move.opens_at, move.passes_at) for move in each.moves] for each in found_.shown}
    exact = {0: 9.01, 1: 1000.0, 2: 999.99, 3: 9.02, 4: 500.01}
    assert moves == {**{patient: [(value, value)] for patient, value in exact.items()}, 5: [(9.01, 700.5)], 6: [(None, None)]}


def test_the_steps_may_be_more_than_can_ever_be_tried() -> None:
    """A thousand million of them, and one patient between each two of many."""
    people = [patient(uacr=f"{9 + 0.37 * place:.6f}") for place in range(1, 180)]
    found_ = of_fine_steps("uacr <= p", (9, 1000, "1e-6", ', unbounded = "up"'), *people, patient(uacr="1000.5"))
    assert [each.moves[0].passes_at for each in found_.shown] == [*(round(9 + 0.37 * place, 6) for place in range(1, 180)), math.inf]


def test_where_the_rules_do_not_show_one_way_many_values_are_not_guessed_at() -> None:
    """Lower is not always better here, so that no value could be passed over; with few all are tried."""
    either = "uacr <= p or (uacr >= p and age > 60)"
    assert [move.passes_at for move in of_fine_steps(either, (9, 1000, 1, ""), patient(uacr="12", age="50")).shown[0].moves] == [12]
    assert of_fine_steps(either, (9, 1000, 0.01, ""), patient(uacr="12", age="50")).shown[0].moves == ()


def test_of_a_threshold_of_nothing_the_nearest_stand_first_too() -> None:
    """Nobody's distance is a share of 0: those who need less of it come first."""
    people = [patient(uacr="9 @1d; 8 @2d; 7 @3d"), patient(uacr="9 @1d; 8 @2d"), patient(uacr="9 @1d")]
    assert [each.patient for each in of_fine_steps("count(uacr) <= p", (0, 5, 1, ""), *people).shown] == [2, 1, 0]


def test_of_a_threshold_of_nothing_the_nearest_move_stands_first() -> None:
    rule = "count(uacr) <= p or count(uacr) <= q"
    limits = FINE % (0, 9, 3, "") + '\n' + 'q = { value = 0, min = 0, max = 9, step = 1, unit = "mg/g", label = "q", loosens = "up" }'
    people = [patient(uacr="9 @1d; 8 @2d")]
    bench = Workbench(cohort(people, columns_for(people)), protocol_of(rule, parameters=limits))
    (only,) = near_misses(bench.screener, bench.overview(AS_WRITTEN), Elsewhere.PASSED, ("C",), EXACT).shown
    assert [(move.parameter, move.distance) for move in only.moves] == [("C.q", 2), ("C.p", 3)]


def test_every_move_of_the_sample_is_the_nearest_value_that_passes() -> None:
    """Screened again with the parameter moved there, and one step less far."""
    protocol, bench = builtin_protocol(), Workbench(cohorts.sample(), builtin_protocol())
    overview = bench.overview(AS_WRITTEN)
    near = near_misses(bench.screener, overview, Elsewhere.PASSED, overview.order, EXACT, most=400)
    assert near.found == len(near.shown) == sum(loss.only_fail for loss in overview.losses)
    assert sum(bool(each.moves) for each in near.shown) > 200
    outcomes: dict[tuple[str, str, float], np.ndarray] = {}

    def outcome(criterion: str, parameter: str, value: float, patient: int) -> int:
        if (criterion, parameter, value) not in outcomes:
            moved = bench.screener.aside().outcome(protocol, with_value(protocol, AS_WRITTEN, parameter, value), criterion)
            assert moved is not None
            outcomes[criterion, parameter, value] = moved
        return int(outcomes[criterion, parameter, value][patient])

    for each in near.shown:
        for move in each.moves:
            if move.passes_at is None:
                continue
            parameter = protocol.parameters[move.parameter]
            assert isinstance(parameter, Number)
            assert outcome(each.criterion, move.parameter, move.passes_at, each.patient) == PASS
            before = parameter.max if math.isinf(move.passes_at) else move.passes_at + parameter.step * (1 if parameter.loosens is Direction.DOWN else -1)
            assert outcome(each.criterion, move.parameter, before, each.patient) != PASS
