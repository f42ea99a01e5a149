"""Reaching a target by relaxing thresholds, written out by hand."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from oracle.both import protocol_of
from oracle.patients import Patient, patient
from spec.tables import rows
from spec.test_count_tables import workbench

from feasibility import wording
from feasibility.parameters import Number
from feasibility.protocol import Protocol, builtin_protocol, read_protocol
from feasibility.results.dropping import Aim, Dropped, Reaching
from feasibility.results.overview import Workbench
from feasibility.results.relaxing import Allowance, Least, Move, Point, conceded, front, of_one_step, reach, usual, with_answer
from feasibility.results.requirements import Requirements, requirements
from feasibility.results.tornado import Bar, End, Group, Tornado
from feasibility.scenario import AS_WRITTEN, Refused, with_criterion_off, with_value
from feasibility.variables import builtin_catalogue

CRITERIA = (
    ("A", "inclusion", "uacr >= p", 'p = { value = 400, min = 100, max = 600, step = 100, unit = "mg/g", label = "p", loosens = "down" }'),
    ("B", "exclusion", "hba1c >= q", 'q = { value = 8, min = 7, max = 12, step = 1, unit = "%", label = "q", loosens = "up", unbounded = "up" }'),
    ("C", "inclusion", "potassium <= 5.5", ""),
)
PEOPLE = """
 uacr | hba1c | potassium  # levels needed of p and q
 500  | 7     | 4          # 0 0
 400  | 7     | 4          # 0 0
 300  | 7     | 4          # 1 0
 300  | 7     | 4          # 1 0
 100  | 7     | 4          # 3 0
 500  | 9     | 4          # 0 2
 200  | 8     | 4          # 2 1
 500  |       | 4          # 0 no limit
 500  | 15    | 4          # 0 no limit
 50   | 7     | 4          # never
 300  | 7     |            # never: nothing relaxes C
 300  | 7     | 6          # never
"""


def protocol() -> Protocol:
    return read_protocol(
        'title = "three"\n'
        + "".join(
            f'[[criterion]]\nid = "{name}"\nrole = "{role}"\nlabel = "c"\ntext = "c"\n[criterion.parameters]\n{limit}\n'
            f'[[criterion.reading]]\nid = "r"\nlabel = "r"\n[[criterion.reading.limb]]\nlabel = "l"\nrule = "{rule}"\n'
            for name, role, rule, limit in CRITERIA
        ),
        builtin_catalogue(),
    )


def bench() -> Workbench:
    return workbench(protocol(), [patient(**row) for row in rows(PEOPLE)])


def kinds_of(found: Requirements) -> dict[tuple[int, ...], int]:
    """By the level needed of each parameter how many patients."""
    table = np.zeros((found.needs.kinds, len(found.names)), np.int64)
    table[found.needs.of_need, found.needs.parameter] = found.needs.level
    kinds = Counter[tuple[int, ...]]()
    for needs, count in zip(table.tolist(), found.needs.counts.tolist(), strict=True):
        kinds[tuple(needs)] += count
    return {needs: count for needs, count in kinds.items() if count}


def test_what_patients_need() -> None:
    found = requirements(bench(), AS_WRITTEN)
    assert found.names == ("A.p", "B.q")
    assert found.levels == ((400, 300, 200, 100), (8, 9, 10, 12, math.inf))  # nobody needs 11
    assert kinds_of(found) == {(0, 0): 2, (1, 0): 2, (3, 0): 1, (0, 2): 1, (2, 1): 1, (0, 4): 2}
    assert (found.eligible, found.patients, found.held) == (2, 12, {})


# p costs a third of 1 a step, q a quarter; no limit on q a quarter more than its end. What brings most for its cost comes first
TARGETS = """
 target | cost   | eligible | moves
 0      | 0      | 2        |
 2      | 0      | 2        |
 3      | 0.3333 | 4        | A.p 400→300 +2
 5      | 0.8333 | 5        | A.p 400→300 +2; B.q 8→10 +1
 6      | 1.1667 | 6        | A.p 400→200 +2; B.q 8→10 +2
 7      | 1.5    | 7        | A.p 400→100 +3; B.q 8→10 +2
 8      | 1.9167 | 8        | A.p 400→200 +2; B.q 8→inf +4
 9      | 2.25   | 9        | A.p 400→100 +3; B.q 8→inf +4
"""


def said(move: Move) -> str:
    return f"{move.parameter} {move.start:g}→{move.to:g} +{move.gained}"


@pytest.mark.parametrize(("target", "cost", "eligible", "moves"), [tuple(row.values()) for row in rows(TARGETS)])
def test_targets_by_hand(target: str, cost: str, eligible: str, moves: str) -> None:
    needed = requirements(bench(), AS_WRITTEN)
    found = reach(needed, int(target), usual(needed))
    assert (round(found.cost, 4), found.eligible, found.start, found.patients) == (float(cost), int(eligible), 2, 12)
    assert found.proven
    assert found.within_reach
    assert found.bound == pytest.approx(found.cost)
    assert "; ".join(map(said, found.moves)) == moves
    assert [move.eligible for move in found.moves] == [2 + sum(each.gained for each in found.moves[: place + 1]) for place in range(len(found.moves))]
    assert sum(move.cost for move in found.moves) == pytest.approx(found.cost)


# One move to its end makes 5 eligible, whatever else; from 6 on it takes both.
FEWEST = """
 target | cost   | eligible | moves
 2      | 0      | 2        |
 3      | 0.3333 | 4        | A.p 400→300 +2
 5      | 1      | 5        | A.p 400→100 +3
 6      | 1.1667 | 6        | A.p 400→200 +2; B.q 8→10 +2
"""


@pytest.mark.parametrize(("target", "cost", "eligible", "moves"), [tuple(row.values()) for row in rows(FEWEST)])
def test_the_fewest_moves_by_hand(target: str, cost: str, eligible: str, moves: str) -> None:
    needed = requirements(bench(), AS_WRITTEN)
    found = reach(needed, int(target), usual(needed), Least.MOVES)
    assert (round(found.cost, 4), found.eligible, "; ".join(map(said, found.moves))) == (float(cost), int(eligible), moves)
    assert (found.proven, found.bound, found.least) == (True, len(found.moves), Least.MOVES)


def test_the_unit_of_a_move_stands_once() -> None:
    protocol = builtin_protocol()
    moved = {"E5.ldl_max": (4.1, 6.2), "I7.hba1c_max": (9.0, math.inf), "E8.cancer_window": (5.0, 1.0), "I3.biopsy_window": (1.0, math.inf)}
    said = [wording.relaxing_step(protocol.parameters[name], Move(name, start, to, 3, 0.5, 20), 1)[1] for name, (start, to) in moved.items()]
    assert [each.rpartition(": ")[2] for each in said] == ["4.1 → 6.2 mmol/L", "9.0 % → no limit", "5 → 1 year", "1 year → no limit"]


def test_the_fewest_moves_in_words() -> None:
    needed = requirements(bench(), AS_WRITTEN)
    found = reach(needed, 5, usual(needed), Least.MOVES)
    how = "**1 move makes 5 eligible** (target 5), for a concession of 1.00."
    assert wording.target_reached(found) == f"{how} Proven: no fewer moves reach it, and none as few hurt less."
    unproven = replace(found, proven=False, bound=2)
    assert wording.target_reached(unproven) == f"{how} The best that the search found; what is certain is that fewer than 2 do not reach it."
    assert wording.target_reached(replace(unproven, bound=1)) == f"{how} The best that the search found."
    assert wording.target_reached(unproven, searching=True) == f"{how} Found at once; whether fewer are enough is being searched …"
    points = front(needed, usual(needed))
    assert with_answer(points, found) == points, "what costs more than need be is no point of the front"


ONE_STEP = """
 parameter | now | whole | is
 A.p       | 400 | 1     | 1/3
 A.p       | 200 | 3     | 1
 A.p       | 100 | 1     |
 B.q       | 8   | 1     | 1/4
 B.q       | 12  | 1     |
 B.q       | inf | 1     |
"""


@pytest.mark.parametrize(("name", "now", "whole", "cost"), [tuple(row.values()) for row in rows(ONE_STEP)])
def test_what_one_step_costs(name: str, now: str, whole: str, cost: str) -> None:
    parameter = protocol().parameters[name]
    assert isinstance(parameter, Number)
    found = of_one_step(parameter, float(now), float(whole))
    assert found == (pytest.approx(float(Fraction(cost))) if cost else None)


CONCEDED = """
 parameter | now | whole | is
 A.p       | 400 | 1     | 0
 A.p       | 500 | 1     | 0
 A.p       | 300 | 3     | 1
 A.p       | 100 | 1     | 1
 B.q       | 7   | 1     | 0
 B.q       | 10  | 1     | 1/2
 B.q       | inf | 1     | 5/4
"""


@pytest.mark.parametrize(("name", "now", "whole", "cost"), [tuple(row.values()) for row in rows(CONCEDED)])
def test_what_a_value_concedes_beyond_the_one_as_written(name: str, now: str, whole: str, cost: str) -> None:
    parameter = protocol().parameters[name]
    assert isinstance(parameter, Number)
    assert conceded(parameter, float(now), float(whole)) == pytest.approx(float(Fraction(cost)))


def test_what_is_conceded_already_is_said_where_it_is_something() -> None:
    assert wording.conceded_already(0) == ""
    assert wording.conceded_already(0.996) == "The scenario itself concedes 1.00 beyond the protocol as written; what is said here comes on top."


def test_more_than_there_are() -> None:
    needed = requirements(bench(), AS_WRITTEN)
    found = reach(needed, 10, usual(needed))
    assert (found.within_reach, found.proven, found.eligible, found.bound) == (False, False, 9, math.inf)
    assert {said(move).split(" +")[0] for move in found.moves} == {"A.p 400→100", "B.q 8→inf"}


def test_what_may_move_and_how_far_and_what_it_hurts() -> None:
    needed = requirements(bench(), AS_WRITTEN)
    only_q = reach(needed, 3, {"B.q": Allowance(math.inf)})
    assert [said(move) for move in only_q.moves] == ["B.q 8→10 +1"]
    as_far = reach(needed, 9, {"A.p": Allowance(200), "B.q": Allowance(11)})
    assert (as_far.within_reach, as_far.eligible) == (False, 6)
    dear = reach(needed, 3, {"A.p": Allowance(100, cost=10), "B.q": Allowance(math.inf, cost=1)})
    assert [said(move) for move in dear.moves] == ["B.q 8→10 +1"]
    assert dear.cost == pytest.approx(0.5)
    assert reach(needed, 3, {}).moves == ()


@pytest.mark.parametrize(
    ("allowed", "message"),
    [
        ({"C.x": Allowance(1)}, "C.x: cannot be relaxed here; what can is A.p, B.q."),
        ({"A.p": Allowance(500)}, "A.p: the limit lies on the side on which it loosens, down from 400."),
        ({"B.q": Allowance(7)}, "B.q: the limit lies on the side on which it loosens, up from 8."),
        ({"A.p": Allowance(100, cost=0)}, "A.p: what a step costs is a number above 0, not 0."),
        ({"A.p": Allowance(100, cost=math.inf)}, "A.p: what a step costs is a number above 0, not inf."),
    ],
)
def test_what_is_refused(allowed: dict[str, Allowance], message: str) -> None:
    with pytest.raises(Refused) as refused:
        reach(requirements(bench(), AS_WRITTEN), 3, allowed)
    assert str(refused.value) == message


def test_the_front() -> None:
    needed = requirements(bench(), AS_WRITTEN)
    points = front(needed, usual(needed))
    assert [(round(point.cost, 4), point.eligible) for point in points] == [
        (0, 2), (0.3333, 4), (0.8333, 5), (1.1667, 6), (1.5, 7), (1.9167, 8), (2.25, 9),
    ]  # fmt: skip
    assert points[1].values == {"A.p": 300}
    assert points[-1].values == {"A.p": 100, "B.q": math.inf}


def test_the_answer_to_a_target_stands_on_the_front() -> None:
    """A front that has not found it is mended by it; what it beats is gone, and an answer that falls short is none."""
    needed = requirements(bench(), AS_WRITTEN)
    points = front(needed, usual(needed))
    found = reach(needed, 7, usual(needed))
    without = [each for each in points if each.eligible != found.eligible]
    worse = Point(found.cost + 0.1, found.eligible, found.patients, {}, False)
    mended = with_answer((*without, worse), found)
    assert [(each.cost, each.eligible, each.values) for each in mended] == [(each.cost, each.eligible, each.values) for each in points]
    assert mended[4].proven
    nearly = Point(found.cost - 1e-16 * 4, found.eligible, found.patients, {}, False)
    assert [each.proven for each in with_answer((*without, nearly), found)][4], "costs that differ by how they were added up are the same"
    more = Point(found.cost + 1e-16 * 4, found.eligible + 1, found.patients, {}, False)
    assert [each for each in with_answer((*without, more), found) if each.cost == more.cost] == [replace(more, proven=True)], "for less nothing gives fewer"
    beyond = reach(needed, 100, usual(needed))
    assert not beyond.within_reach
    assert with_answer(points, beyond) == points


def test_what_is_certain_of_a_cost_is_never_rounded_up() -> None:
    found = replace(reach(requirements(bench(), AS_WRITTEN), 7, {"A.p": Allowance(100), "B.q": Allowance(math.inf)}), proven=False)
    certain = "The best that the search found; what is certain is that none reach it for less than 0.51."
    assert wording.target_reached(replace(found, bound=0.5191)).endswith(certain)
    assert wording.target_reached(replace(found, bound=0.004)).endswith("The best that the search found.")
    rounded_to_ten = wording.target_reached(replace(found, proven=True), 10)
    assert "(target 7, in counts rounded to 10)" in rounded_to_ten
    assert rounded_to_ten.endswith("Proven: no allowed moves make a number shown so for less.")


@pytest.mark.parametrize(("hurts", "said_so"), [(0, "0.00"), (0.004, "less than 0.01"), (0.005, "0.01"), (0.514, "0.51"), (12, "12.00")])
def test_a_concession_in_words(hurts: float, said_so: str) -> None:
    assert wording.concession(hurts) == said_so


def test_a_step_that_brings_nobody_by_itself_is_explained_where_counts_are_exact() -> None:
    found = reach(requirements(bench(), AS_WRITTEN), 7, {"A.p": Allowance(100), "B.q": Allowance(math.inf)})
    assert wording.order_of_steps(found, 0) == wording.GREEDY_ORDER
    idle = replace(found, moves=(replace(found.moves[0], gained=0), *found.moves[1:]))
    assert wording.order_of_steps(idle, 0) == f"{wording.GREEDY_ORDER} {wording.NEEDED_LATER}"
    assert wording.order_of_steps(idle, 10) == wording.GREEDY_ORDER
    assert wording.order_of_steps(replace(found, moves=found.moves[:1]), 0) == ""


def reading(label: str, eligible: int) -> Bar:
    return Bar(Group.READING, ("A",), label, None, End(None, 5, 9), (End(label, eligible, 9),))


@pytest.mark.parametrize(
    ("eligible", "sentence"),
    [
        ((5, 4), ""),
        ((6, 5), "No other reading alone reaches it: most are eligible with A one (6)."),
        ((6, 6), "No other reading alone reaches it: most are eligible with A one or A two (6)."),
        ((7, 6), "Read another way, with all else as it is, this alone reaches it: A one (7)."),
        ((9, 8, 7, 7), "Read another way, with all else as it is, each of these alone reaches it: A one (9), A two (8), A three (7) and 1 more."),
    ],
)
def test_readings_that_reach_a_target_in_words(eligible: tuple[int, ...], sentence: str) -> None:
    bars = tuple(reading(label, number) for label, number in zip(("one", "two", "three", "four"), eligible, strict=False))
    assert wording.read_another_way(protocol(), Tornado(End(None, 5, 9), bars, 9), 7) == sentence


@pytest.mark.parametrize(
    ("named", "total", "sentence"),
    [
        (1, 1, "No other set of 2 reaches 7 eligible."),
        (2, 2, "2 sets of 2 reach 7 eligible; those that leave most come first. Each with eligible + undetermined then, of 9 patients."),
        (2, 300, "300 sets of 2 reach 7 eligible; listed are the 2 that leave most. Each with eligible + undetermined then, of 9 patients."),
    ],
)
def test_all_sets_that_reach_a_target_in_words(named: int, total: int, sentence: str) -> None:
    found = Reaching(9, (Dropped(("A", "B"), 8, 1),) * named, total)
    assert wording.reaching_sets(found, Aim.ELIGIBLE, 7) == sentence
    assert wording.dropped_option(protocol(), found.sets[0]) == f"8 + 1: {wording.name(protocol()['A'])}, {wording.name(protocol()['B'])}"


def test_it_is_said_that_points_are_proven_where_some_are() -> None:
    start, other = Point(0.0, 2, 9, {}, True), Point(0.4, 5, 9, {}, False)
    assert wording.said_of_front((start, other)).sentence.startswith("Eligible of 9 patients against ")
    assert "proven" not in wording.said_of_front((start, other)).whole
    assert "Large points: proven" in wording.said_of_front((start, replace(other, proven=True))).more


def test_about_the_scenario() -> None:
    at_the_end = requirements(bench(), with_value(protocol(), AS_WRITTEN, "A.p", 100))
    assert at_the_end.names == ("B.q",)
    without = requirements(bench(), with_criterion_off(protocol(), AS_WRITTEN, "A"))
    assert (without.names, without.eligible) == (("B.q",), 6)
    assert requirements(bench(), AS_WRITTEN, ["A.p"]).names == ("A.p",)
    with pytest.raises(Refused, match=r"A\.x is not a number that loosens in one direction\."):
        requirements(bench(), AS_WRITTEN, ["A.x"])


TOGETHER = """
p = { value = 140, min = 130, max = 180, step = 10, unit = "mmHg", label = "p", loosens = "up" }
q = { value = 90, min = 80, max = 120, step = 10, unit = "mmHg", label = "q", loosens = "up" }
"""


def by_hand(found: Requirements) -> dict[str, int]:
    """How many are eligible at each pair of values of two parameters."""
    places = product(*(range(len(each)) for each in found.levels))
    return {" ".join(f"{of[at]:g}" for of, at in zip(found.levels, each, strict=True)): found.eligible_at(np.array(each)) for each in places}


def test_two_that_one_part_speaks_of_move_together() -> None:
    """The second and the third patient have two visits, each near to one of the limits: either way will do."""
    visits = ["sbp=150 dbp=85", "sbp=170 dbp=95; sbp=150 dbp=110", "sbp=160 dbp=90 @9d; sbp=130 dbp=110 @2d", "sbp=190 dbp=80", "sbp=120 dbp=80"]
    patients = [patient(blood_pressure=each) for each in visits]
    for names in (["C.p", "C.q"], ["C.q", "C.p"]):
        found = requirements(workbench(protocol_of("any_visit(sbp <= p and dbp <= q)", parameters=TOGETHER), patients), AS_WRITTEN, names)
        assert (found.names, found.held, found.eligible) == (tuple(names), {}, 1)
        assert min(found.needs.counts) < 0
        at = by_hand(found)
        pairs = {" ".join(key.split()[:: 1 if names[0] == "C.p" else -1]): number for key, number in at.items()}
        of_rows = {p: [pairs[f"{p} {q}"] for q in (90, 100, 110, 120)] for p in (140, 150, 160, 170, 180) if f"{p} 90" in pairs}
        assert of_rows == {140: [1, 1, 2, 2], 150: [2, 2, 4, 4], 160: [3, 3, 4, 4], 170: [3, 4, 4, 4], 180: [3, 4, 4, 4]}
        assert [reach(found, target, usual(found)).cost for target in (2, 3, 4)] == pytest.approx([1 / 4, 2 / 4, 1 / 4 + 2 / 3])
        assert all(reach(found, target, usual(found)).proven for target in (2, 3, 4))
    apart = workbench(protocol_of("sbp <= p and dbp <= q", parameters=TOGETHER), patients)
    assert requirements(apart, AS_WRITTEN).names == ("C.p", "C.q")


def test_of_three_that_one_part_speaks_of_two_move() -> None:
    """Those named first; the other stays, and it is said beside which."""
    limits = TOGETHER + 'r = { value = 5, min = 4, max = 7, step = 1, unit = "mmol/L", label = "r", loosens = "up" }'
    made = workbench(protocol_of("sbp <= p or dbp <= q or potassium <= r", parameters=limits), [patient(blood_pressure="sbp=150 dbp=110", potassium="6")])
    assert requirements(made, AS_WRITTEN).held == {"C.r": ("C.p", "C.q")}
    assert requirements(made, AS_WRITTEN, ["C.r", "C.q", "C.p"]).held == {"C.p": ("C.r", "C.q")}


def test_what_a_looser_value_fails_stays() -> None:
    limit = 'p = { value = 1, min = 1, max = 4, step = 1, label = "p", loosens = "up" }'
    protocol = protocol_of("lowest(uacr, last=p) > 300", parameters=limit)
    found = requirements(workbench(protocol, [patient(uacr="400 @1d; 200 @9d")]), AS_WRITTEN)
    assert (found.names, found.held, kinds_of(found), found.eligible) == ((), {"C.p": ()}, {(): 1}, 1)
    beyond = requirements(workbench(protocol, [patient(uacr="400 @1d; 200 @9d")]), with_value(protocol, AS_WRITTEN, "C.p", 2))
    assert (beyond.names, beyond.levels, beyond.held, beyond.eligible) == (("C.p",), ((2, 4),), {}, 0), "from 2 on nothing is lost any more"
    harmless = requirements(workbench(protocol, [patient(uacr="400 @1d; 310 @9d; 320 @20d; 400 @30d")]), AS_WRITTEN)
    assert (harmless.names, harmless.held, harmless.eligible) == (("C.p",), {}, 1)
    both_ways = 'p = { value = 300, min = 100, max = 900, step = 100, unit = "mg/g", label = "p", loosens = "down" }'
    torn = requirements(workbench(protocol_of("lowest(uacr) >= p or highest(uacr) < p", parameters=both_ways), [patient(uacr="100; 200")]), AS_WRITTEN)
    assert torn.held == {"C.p": ()}


def test_parts_alike_at_their_loosest_are_not_the_same() -> None:
    criterion = """
[[criterion]]
id = "{id}"
role = "inclusion"
label = "{id}"
text = "{id}"
[[criterion.reading]]
id = "r"
label = "r"
[[criterion.reading.limb]]
label = "l"
rule = "latest(hba1c) <= {first} or highest(hba1c, last=2) <= {second}"
"""
    shared = '[parameters]\na = { value = 6, min = 5, max = 10, step = 1, unit = "%", loosens = "up", label = "a" }\n'
    one, other = criterion.format(id="A", first="a", second="10"), criterion.format(id="B", first="10", second="a")
    both = read_protocol(f'title = "t"\n{shared}{one}{other}', builtin_catalogue())
    made = workbench(both, [patient(hba1c=f"9 @60d; {before} @90d") for before in (12, 12, 12, 5)])
    only_a, only_b = (with_criterion_off(both, AS_WRITTEN, each) for each in "BA")
    assert [requirements(made, each).eligible for each in (only_a, only_b, only_a)] == [1, 4, 1]


@pytest.mark.parametrize("number", [0, 3])
def test_with_nobody_and_with_nothing_known(number: int) -> None:
    made = workbench(protocol(), [patient(uacr="?", hba1c="?", potassium="4")] * number, "uacr", "hba1c", "potassium")
    needed = requirements(made, AS_WRITTEN)
    found = reach(needed, 1, usual(needed))
    assert (found.eligible, found.within_reach, found.patients) == (0, False, number)
    assert [(point.cost, point.eligible) for point in front(needed, usual(needed))] == [(0, 0)]


WINDOW = 'p = { value = 5, min = 1, max = 10, step = 1, unit = "years", loosens = "down", unbounded = "up", label = "p" }'


def sick(*years: int) -> list[Patient]:
    return [patient(malignancy=f"yes @{2026 - each}-01-20") for each in years]


def test_a_limit_that_is_lifted_on_the_tight_side_costs_a_step_to_come_back_from() -> None:
    """From no limit to 7 years, a few days short of which two fell ill: a step to the end of the range, three more; 4 lead from what is written to its end."""
    protocol = protocol_of("not occurred(malignancy, within=p)", parameters=WINDOW)
    needed = requirements(workbench(protocol, sick(7, 7, 3)), with_value(protocol, AS_WRITTEN, "C.p", math.inf))
    assert (needed.levels[0][0], needed.eligible) == (math.inf, 0)
    found = reach(needed, 2, usual(needed))
    assert (found.proven, found.eligible, [said(move) for move in found.moves]) == (True, 2, ["C.p inf→7 +2"])
    assert found.cost == pytest.approx((1 + 3) / 4)
    assert [point.eligible for point in front(needed, usual(needed))] == [0, 2, 3]


def test_without_a_limit_as_written_a_concession_is_a_share_of_the_whole_range() -> None:
    protocol = protocol_of("not occurred(malignancy, within=p)", parameters=WINDOW.replace("value = 5", "value = inf"))
    needed = requirements(workbench(protocol, sick(7, 3)), with_value(protocol, AS_WRITTEN, "C.p", 8))
    found = reach(needed, 1, usual(needed))
    assert found.cost == pytest.approx((8 - 7) / 9)


def test_steps_taken_one_after_the_other_cost_what_they_cost_at_once() -> None:
    made = bench()
    needed = requirements(made, AS_WRITTEN)
    whole = reach(needed, 9, usual(needed))
    scenario = with_value(made.protocol, AS_WRITTEN, whole.moves[0].parameter, 300 if whole.moves[0].parameter == "A.p" else 10)
    again = requirements(made, scenario)
    first = reach(needed, 9, {whole.moves[0].parameter: Allowance(300 if whole.moves[0].parameter == "A.p" else 10)})
    assert first.cost + reach(again, 9, usual(again)).cost == pytest.approx(whole.cost)


def test_while_no_move_brings_anybody_alone_those_come_first_without_which_nobody_is_reached() -> None:
    """Two moves make one patient eligible, and with a third, however cheap it is, two more: it comes last."""
    limits = 'p = { value = 400, min = 100, max = 600, step = 100, unit = "mg/g", label = "p", loosens = "down" }\n'
    limits += 'q = { value = 3, min = 2, max = 5, step = 1, unit = "mmol/L", label = "q", loosens = "up" }\n'
    limits += 'r = { value = 5, min = 4, max = 9, step = 1, unit = "mmol/L", label = "r", loosens = "up" }'
    rules = ("latest(uacr) >= p", "latest(ldl) <= q", "latest(potassium) <= r")
    people = [patient(uacr="300", ldl="4", potassium=each) for each in ("5", "6", "6")]
    needed = requirements(workbench(protocol_of(*rules, parameters=limits), people), AS_WRITTEN)
    found = reach(needed, 3, {"C.p": Allowance(300), "C.q": Allowance(4), "C.r": Allowance(6, 0.01)})
    assert [said(each) for each in found.moves] == ["C.p 400→300 +0", "C.q 3→4 +1", "C.r 5→6 +2"]
    assert [each.eligible for each in found.moves] == [0, 1, 3]


def test_what_was_held_for_one_that_cannot_move_may_move() -> None:
    """Fewer days apart would fail the second patient, so that days stay; the threshold beside them need not."""
    limits = 'a = { value = 30, min = 1, max = 60, step = 1, unit = "days", loosens = "down", label = "a" }\n'
    limits += 'b = { value = 300, min = 100, max = 900, step = 100, unit = "mg/g", loosens = "down", label = "b" }'
    people = [patient(uacr="400 @1d; 250 @40d"), patient(uacr="400 @1d; 100 @8d; 400 @40d")]
    found = requirements(workbench(protocol_of("lowest(uacr, last=2, apart=a) >= b", parameters=limits), people), AS_WRITTEN)
    assert (found.names, found.held) == (("C.b",), {"C.a": ()})


def test_with_nothing_that_may_move_the_front_is_where_it_stands() -> None:
    needed = requirements(bench(), AS_WRITTEN, [])
    assert [(point.cost, point.eligible, point.proven) for point in front(needed, {})] == [(0, needed.eligible, True)]
