"""What screening costs: a published vector, made cases, and every order of every patient walked one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product

import numpy as np
import pytest
from oracle.patients import MISSING, Columns, Patient, Rec, cohort, columns_for, patient

from feasibility import wording
from feasibility.cohort import Undated
from feasibility.protocol import Protocol, builtin_protocol, read_protocol
from feasibility.results import screening_order
from feasibility.results.by_stage import ByStage, by_stage
from feasibility.results.overview import Workbench
from feasibility.results.screening_order import BesideCheapest, ScreeningCost, StageReached, beside_cheapest, cheapest, cost_of, moved_between
from feasibility.scenario import AS_WRITTEN, Scenario, with_reading
from feasibility.variables import builtin_catalogue

FAIL, UNKNOWN, PASS = 0, 1, 2
VARIABLES = "uacr hba1c potassium creatinine ldl triglycerides urine_protein_24h sbp".split()


@dataclass(frozen=True)
class Stage:
    id: str
    cost: float
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clause:
    """A criterion: a limb a letter and stage, letters being variables in turn; ``a`` holds where the variable is 2. ``-`` is no stage."""

    limbs: str = ""
    role: str = "inclusion"
    join: str = "all"
    rate: str = ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        return [(limb[0], limb[1:]) for limb in self.limbs.split()]


def protocol(stages: Sequence[Stage], clauses: Sequence[Clause]) -> Protocol:
    text = 'title = "t"\n'
    for stage in stages:
        text += f'[[stage]]\nid = "{stage.id}"\nlabel = "{stage.id}"\ncost = {stage.cost}\nafter = {json.dumps(stage.after)}\n'
    for number, clause in enumerate(clauses):
        text += f'[[criterion]]\nid = "C{number}"\nrole = "{clause.role}"\nlabel = "c"\ntext = "c"\n'
        if clause.limbs:
            text += f'[[criterion.reading]]\nid = "r"\nlabel = "r"\njoin = "{clause.join}"\n'
        for letter, stage in clause.parts:
            at = "" if stage == "-" else f'stage = "{stage}"\n'
            text += f'[[criterion.reading.limb]]\nlabel = "{letter}{stage}"\nrule = "latest({variable(letter)}) > 1"\n{at}'
        text += clause.rate
    return read_protocol(text, builtin_catalogue())


def variable(letter: str) -> str:
    return VARIABLES["abcdefgh".index(letter)]


def rate(value: float, stage: str | None = None, when: str | None = None) -> str:
    lines = [f"rate = {value}", f'stage = "{stage}"' if stage else "", f"when = '{when}'" if when else ""]
    return "[[criterion.assumed]]\n" + "\n".join(filter(None, lines)) + "\n"


def workbench(written: Protocol, people: Sequence[Mapping[str, int]], columns: str = "abcdefgh") -> Workbench:
    """People by letter: 2 holds, 0 does not, 1 unknown; ``sex`` 2 is female. Only these columns are in the file."""
    values = {PASS: (2.0, 2.0), FAIL: (0.0, 0.0), UNKNOWN: MISSING}
    names = [variable(letter) for letter in columns]
    made = []
    for person in people:
        records = {variable(letter): (Rec({variable(letter): values[person.get(letter, PASS)]}),) for letter in columns if letter != "h"}
        if "h" in columns:
            records["blood_pressure"] = (Rec({"sbp": values[person.get("h", PASS)]}),)
        records["sex"] = (Rec({"sex": builtin_catalogue()["sex"].values["female" if person.get("sex") == PASS else "male"]}),)
        made.append(Patient(records))
    fields = {builtin_catalogue()[name].of: (name,) for name in [*names, "sex"]}
    return Workbench(cohort(made, Columns(fields, dict.fromkeys(fields, Undated.CURRENT), frozenset(fields))), written)


def found_by(bench: Workbench, scenario: Scenario = AS_WRITTEN) -> ByStage:
    counted = bench.counted(scenario)
    return by_stage(bench.screener, counted.screening, counted.patterns, counted.order)


def spread(*passing: tuple[int, int]) -> list[dict[str, int]]:
    """People of whom so many in so many hold each letter, independent of one another."""
    ranges = [range(of) for _, of in passing]
    return [{letter: PASS if at < number else FAIL for letter, at, (number, _) in zip("abc", each, passing, strict=False)} for each in product(*ranges)]


# domain.md §4: A costs 1, 80 % pass; B 4, 50 %; C 10, 30 %; independent
VECTOR = protocol([Stage("A", 1), Stage("B", 4), Stage("C", 10)], [Clause("aA"), Clause("bB"), Clause("cC")])


def test_the_vector() -> None:
    found = found_by(workbench(VECTOR, spread((8, 10), (1, 2), (3, 10))))
    dearest = cost_of(found, "CBA")
    assert (dearest.per_screened, dearest.per_eligible, dearest.per_expected) == pytest.approx((11.35, 94.58, 94.58), abs=5e-3)
    best = cost_of(found, "ABC")
    assert (best.per_screened, best.per_eligible, best.per_expected) == pytest.approx((8.20, 68.33, 68.33), abs=5e-3)
    assert [(stage.id, stage.reaching, stage.stopped, stage.by_assumption) for stage in best.stages] == [("A", 200, 40, 0), ("B", 160, 80, 0), ("C", 80, 56, 0)]
    assert (best.eligible, best.undetermined, best.patients, best.to_screen[0]) == (24, 0, 200, pytest.approx(200 / 24))
    assert cheapest(found) == best


@pytest.mark.parametrize("given", [1.0, 0.5])
def test_the_cost_of_the_order_is_given_per_eligible_and_per_one_expected_to_enrol(given: float) -> None:
    """Of 10, A at 1 stops 2; half of the 8 consent at B, at 2, or all; C at 4 stops 3 of those 8: 10 + 16 + 4 × 8 × the rate, for 5 eligible on the data."""
    written = protocol([Stage("A", 1), Stage("B", 2), Stage("C", 4)], [Clause("aA"), Clause("cC"), Clause(rate=rate(given, "B"))])
    cost = cost_of(found_by(workbench(written, [{"a": FAIL}] * 2 + [{"c": FAIL}] * 3 + [{}] * 5)), "ABC")
    total = 26 + 32 * given
    assert (cost.total, cost.eligible_on_data, cost.eligible) == (total, 5, 5 * given)
    assert (cost.per_screened, cost.per_eligible, cost.per_expected) == (total / 10, total / 5, total / (5 * given))
    assert [head for head, _ in wording.cost_metrics(cost)] == [
        "Cost per patient screened (of 10)", "Cost per eligible on the data (of 5)", f"Cost per one expected to enrol (of {5 * given:g})",
        "To screen for one expected to enrol",
    ]  # fmt: skip


def test_why_the_cheapest_is_cheaper_is_said_by_stage() -> None:
    """Of 200 in the order C, B, A 200, 60 and 30 are examined; in the order A, B, C 200, 160 and 80: 120 × 10 less, and 100 × 4 and 170 × 1 more."""
    found = found_by(workbench(VECTOR, spread((8, 10), (1, 2), (3, 10))))
    shown, best = cost_of(found, "CBA"), cost_of(found, "ABC")
    assert [(each.id, each.after, each.before, each.fewer, each.cheaper) for each in moved_between(shown, best)] == [
        ("C", ("A", "B"), (), 120, 1200), ("A", (), ("C", "B"), -170, -170), ("B", ("A",), ("C",), -100, -400),
    ]  # fmt: skip
    assert shown.total - best.total == 1200 - 170 - 400
    assert wording.why_cheaper(VECTOR, BesideCheapest.DEARER, shown, best) == (
        "Why it is cheaper: “C” comes after “A” and “B”: 120 fewer are examined there, at 10 each, which saves 1,200. In return 2 stages cost 570 more. "
        "In all 630 less for 200 patients."
    )
    assert wording.stage_costs(shown)[0] == ("Each", ["10", "4", "1"])
    dearer = BesideCheapest.DEARER
    assert wording.stage_costs_against(dearer, best, shown) == (("In all", ["200", "640", "800"]), ("Change", ["+170", "+400", "−1,200"]))
    assert wording.stage_costs_against(dearer, shown, best) == wording.stage_costs(shown), "as rounded counts may show it"
    assert wording.stage_costs_against(BesideCheapest.BROKEN, best, shown) == wording.stage_costs(best), "an order that cannot be kept is not compared"
    nearly = replace(best, stages=(*best.stages[:2], replace(best.stages[2], reaching=200)))
    assert wording.stage_costs_against(dearer, nearly, replace(shown, stages=(replace(shown.stages[0], reaching=300), *shown.stages[1:])))[1][1][2] == "−1,000"
    one = cost_of(found, "BCA")
    said = wording.why_cheaper(VECTOR, BesideCheapest.DEARER, shown, one)
    assert said.startswith("Why it is cheaper: “C” comes after “B”: 100 fewer are examined there, at 10 each")


def test_of_those_no_longer_examined_it_is_said_whom_an_assumed_rate_stops() -> None:
    """A stops 40 of 200; of the 160 B stops 80 by what it finds and, assuming that 3 in 4 pass, 20 of the 80 others: C is spared 160 − 60 = 100."""
    written = protocol([Stage("A", 1), Stage("B", 4), Stage("C", 10)], [Clause("aA"), Clause("bB"), Clause("cC"), Clause(rate=rate(0.75, "B"))])
    found = found_by(workbench(written, spread((8, 10), (1, 2), (3, 10))))
    (later, _) = moved_between(cost_of(found, "ACB"), cost_of(found, "ABC"))
    assert (later.id, later.fewer, later.assumed) == ("C", 100, (("B", 20),))
    said = wording.why_cheaper(written, BesideCheapest.DEARER, cost_of(found, "ACB"), cost_of(found, "ABC"))
    assert "“C” comes after “B”: 100 fewer are examined there, at 10 each, which saves 1,000 (20 of them " in said
    assert "(20 of them stopped before by the pass rate assumed at “B”)." in said
    both = moved_between(cost_of(found, "CBA"), cost_of(found, "ABC"))
    assert {each.id: each.assumed for each in both} == {"C": (("B", 20),), "B": (), "A": ()}
    best = cost_of(found, "ABC")
    rounded_up = replace(best, stages=tuple(replace(each, by_assumption=6 * each.by_assumption) for each in best.stages))
    assert "stopped before" not in wording.why_cheaper(written, BesideCheapest.DEARER, cost_of(found, "ACB"), rounded_up)


def test_whom_an_assumed_rate_stops_is_not_said_where_what_came_before_does_not_come_first() -> None:
    """A came before C already: that it now comes after B, and its rate stops fewer, says nothing of those whom C is spared."""
    written = protocol([Stage("A", 1), Stage("B", 4), Stage("C", 10)], [Clause("aA"), Clause("bB"), Clause("cC"), Clause(rate=rate(0.75, "A"))])
    found = found_by(workbench(written, spread((8, 10), (1, 2), (3, 10))))
    moved = moved_between(cost_of(found, "ACB"), cost_of(found, "BAC"))
    assert {each.id: each.assumed for each in moved} == {"A": (), "C": (), "B": ()}


@pytest.mark.parametrize("stands", [BesideCheapest.CHEAPEST, BesideCheapest.BROKEN])
def test_where_nothing_is_compared_or_nothing_saved_there_is_no_why(stands: BesideCheapest) -> None:
    found = found_by(workbench(VECTOR, spread((8, 10), (1, 2), (3, 10))))
    assert wording.why_cheaper(VECTOR, stands, cost_of(found, "CBA"), cost_of(found, "ABC")) == ""
    assert wording.why_cheaper(VECTOR, BesideCheapest.DEARER, cost_of(found, "ABC"), cost_of(found, "CBA")) == "", "as rounded counts may show it"


def test_of_many_moved_stages_the_rest_is_said_together() -> None:
    """Five stages that all stand after one that stops everybody."""
    names = "VWXYZ"
    stages = {each: StageReached(each, 10 - place, 100, 0, 0) for place, each in enumerate(names)}
    first = StageReached("A", 1, 100, 100, 0)
    shown = ScreeningCost(100, (*stages.values(), first), 0, 0, 0, ())
    best = ScreeningCost(100, (first, *(replace(each, reaching=0) for each in stages.values())), 0, 0, 0, ())
    said = wording.why_cheaper(protocol([Stage("A", 1), *(Stage(each, 1) for each in names)], [Clause("aA")]), BesideCheapest.DEARER, shown, best)
    assert "“Y” comes after “A”: 100 fewer are examined there, at 7 each, which saves 700; 1 more stage saves 600. In all 4,000 less for 100 patients." in said


def test_of_few_so_many_are_said_as_make_what_they_cost_right_and_of_hardly_anybody_only_what_it_comes_to() -> None:
    written = protocol([Stage("A", 1), Stage("B", 4), Stage("C", 10)], [Clause("aA")])
    shown = ScreeningCost(100, (StageReached("C", 10, 100, 0, 0), StageReached("B", 4, 61.48, 0, 0), StageReached("A", 1, 100, 0, 0)), 0, 0, 0, ())
    best = ScreeningCost(100, (StageReached("A", 1, 100, 0, 0), StageReached("B", 4, 60, 0, 0), StageReached("C", 10, 99.96, 0, 0)), 0, 0, 0, ())
    assert wording.why_cheaper(written, BesideCheapest.DEARER, shown, best) == (
        "Why it is cheaper: “B” comes after “A” and before “C”: 1.48 fewer are examined there, at 4 each, which saves 5.92; 1 more stage saves 0.400. "
        "In all 6.32 less for 100 patients."
    )
    hardly = replace(best, stages=(best.stages[0], replace(best.stages[1], reaching=61.48), best.stages[2]))
    assert wording.why_cheaper(written, BesideCheapest.DEARER, shown, hardly) == "Why it is cheaper: 1 stage saves 0.400."


def test_joint_outcomes_decide_not_independence() -> None:
    """B stops only whom A stops: after A it is worth nothing, however cheap it looks by itself."""
    people = [{"a": FAIL, "b": FAIL}] * 5 + [{"a": FAIL}] + [{"c": FAIL}] * 3 + [{}]
    written = protocol([Stage("A", 2), Stage("B", 1), Stage("C", 1.5)], [Clause("aA"), Clause("bB"), Clause("cC")])
    best = cheapest(found_by(workbench(written, people)))
    assert best is not None
    assert best.order == ("B", "C", "A")
    people = [{"a": FAIL, "b": FAIL}] * 5 + [{"a": FAIL}] * 2 + [{"c": FAIL}] * 2 + [{}]
    best = cheapest(found_by(workbench(written, people)))
    assert best is not None
    assert best.total == pytest.approx(min(cost_of(found_by(workbench(written, people)), order).total for order in permutations("ABC")))


def test_who_is_unknown_goes_on() -> None:
    found = found_by(workbench(VECTOR, [{"a": UNKNOWN}, {"a": UNKNOWN, "b": FAIL}, {}, {"b": UNKNOWN, "c": UNKNOWN}]))
    cost = cost_of(found, "ABC")
    assert [stage.reaching for stage in cost.stages] == [4, 4, 3]
    assert (cost.eligible, cost.undetermined) == (1, 2)
    assert (cost.eligible_on_data, cost.per_eligible, cost.per_expected) == (1, 50, 50)
    assert cost.to_screen == (4, pytest.approx(4 / 3))


# One patient fails the limbs named, at stages A, B, C in turn: the stage after which it is known

KNOWN_AFTER = [
    (Clause("aA bC"), "a", "A"),
    (Clause("aA bC"), "b", "C"),
    (Clause("aA bC", join="any"), "a", None),
    (Clause("aA bC", join="any"), "ab", "C"),
    (Clause("aB bA", join="any"), "ab", "B"),
    (Clause("aA bC", "exclusion", "any"), "a", "A"),
    (Clause("aA bC", "exclusion", "any"), "b", "C"),
    (Clause("aA bC", "exclusion", "all"), "a", None),
    (Clause("aA bC", "exclusion", "all"), "ab", "C"),
    (Clause("aA b-"), "b", None),
    (Clause("aA b-", join="any"), "ab", None),
]


@pytest.mark.parametrize(("clause", "failed", "after"), KNOWN_AFTER)
def test_a_patient_is_stopped_once_it_is_known_that_a_criterion_is_failed(clause: Clause, failed: str, after: str | None) -> None:
    fails, meets = (PASS, FAIL) if clause.role == "exclusion" else (FAIL, PASS)
    written = protocol([Stage("A", 1), Stage("B", 1), Stage("C", 1)], [clause, Clause("cA dB eC")])
    bench = workbench(written, [{letter: fails if letter in failed else meets for letter in "ab"}])
    cost = cost_of(found_by(bench), "ABC")
    assert [stage.id for stage in cost.stages if stage.stopped] == ([after] if after else [])


def test_alternatives_of_which_the_file_lacks_one_stop_nobody_and_their_stages_are_paid_for() -> None:
    written = protocol([Stage("A", 1), Stage("B", 1)], [Clause("aA bB", join="any"), Clause("cA")])
    cost = cost_of(found_by(workbench(written, [{"a": FAIL}, {"c": FAIL}], "ac")), "BA")
    assert [(stage.id, stage.reaching, stage.stopped) for stage in cost.stages] == [("B", 2, 0), ("A", 2, 1)]
    assert (cost.eligible, cost.undetermined) == (0, 1)


def test_stages_at_which_nothing_is_asked_cost_nothing() -> None:
    written = protocol([Stage("A", 1), Stage("B", 4, ("A",)), Stage("C", 10, ("B",))], [Clause("aC"), Clause("bB"), Clause("cA")])
    found = found_by(workbench(written, [{}]), Scenario(off=frozenset({"C1"})))
    assert found.stages == ("A", "C")
    assert cost_of(found, "ABC").total == 11
    assert cost_of(found, "CBA").broken == (("C", "A"),)  # by way of B, which nobody needs
    assert cost_of(found, "ABC").broken == ()


def test_assumed_rates_are_multiplied_at_their_stage() -> None:
    """Half consent, of the women nine in ten have no plans; both at the consent visit. One of four is stopped before, one after."""
    written = protocol(
        [Stage("A", 1), Stage("consent", 4), Stage("C", 10)],
        [
            Clause("aA"),
            Clause("cC"),
            Clause(rate=rate(0.5, "consent")),
            Clause(rate=rate(0.9, "consent", 'sex == "female"') + rate(1.0)),
            Clause(rate=rate(0.8)),
        ],
    )
    bench = workbench(written, [{"a": FAIL}, {"c": FAIL, "sex": PASS}, {}, {"sex": PASS}])
    cost = cost_of(found_by(bench), ("A", "consent", "C"))
    reached = [(stage.id, stage.reaching, stage.stopped, stage.by_assumption) for stage in cost.stages]
    assert reached == [("A", 4, 1, 0), ("consent", 3, 0, pytest.approx(3 - 1.4)), ("C", pytest.approx(1.4), pytest.approx(0.45), 0)]
    assert cost.total == pytest.approx(4 + 12 + 14)
    assert cost.eligible == pytest.approx(0.8 * (0.5 + 0.45))
    assert cost.eligible == pytest.approx(bench.overview(AS_WRITTEN).expected)
    instead = cost_of(found_by(bench, Scenario(rates={"C2": 1.0, "C3": 0.5})), ("A", "consent", "C"))
    assert instead.stages[-1].reaching == pytest.approx(1.5)


def test_what_must_come_before_does() -> None:
    """C is cheap and stops most, but waits for A, the dearest."""
    stages = [Stage("A", 5), Stage("B", 1), Stage("C", 1, ("A",))]
    written = protocol(stages, [Clause("aA"), Clause("bB"), Clause("cC")])
    found = found_by(workbench(written, [{"c": FAIL}] * 8 + [{"b": FAIL}, {"a": FAIL}]))
    best = cheapest(found)
    assert best is not None
    assert (best.order, best.broken) == (("A", "C", "B"), ())
    assert cost_of(found, "CBA").broken == (("C", "A"),)
    assert cost_of(found, "CBA").total < best.total


def test_a_cost_is_said_so_that_two_columns_of_them_fit() -> None:
    costs = {0: "0", 0.4: "0.400", 6.3: "6.30", 99.94: "99.9", 99.96: "100", 12_591: "12,591", 99_949: "99,949", 99_951: "100 k", 999_499: "999 k",
             999_501: "1.00 M", 3_754_000: "3.75 M", 123_400_000: "123 M"}  # fmt: skip
    assert [wording.relative_cost(cost) for cost in costs] == list(costs.values())


def test_what_is_divided_by_a_few_who_are_hidden_may_be_more() -> None:
    """4 of 200 are eligible and shown as 10: what one of them costs is 50 in truth, and no less than 20."""
    shown = ScreeningCost(200, (StageReached("A", 1, 200, 190, 0),), 10, 10, 10, ())
    assert wording.cost_per_one(shown.per_expected, 10, 10) == "≥ 20.0"
    assert wording.cost_per_one(shown.per_expected, 10, 0) == wording.cost_per_one(shown.total / 10, 20, 10) == "20.0"
    assert wording.cost_per_one(np.inf, 0, 10) == "–"
    assert wording.screened_for_one(shown, 10) == ("≥ 20.0", "10.0 if missing data resolve")
    assert wording.screened_for_one(shown, 0) == ("20.0", "10.0 if missing data resolve")
    cheaper = replace(shown, stages=(replace(shown.stages[0], reaching=100),))
    assert wording.cost_against(BesideCheapest.DEARER, 20, 10, 10, 10) == "cheapest ≥ 10.0 (−50.0 %)"
    assert "enrol" not in wording.order_saves(BesideCheapest.DEARER, shown, cheaper, shown, 10)
    assert "10.0 per one expected to enrol" in wording.order_saves(BesideCheapest.DEARER, shown, cheaper, shown, 0)


def test_of_the_cheapest_order_it_is_said_what_it_saves_of_the_protocols() -> None:
    found = found_by(workbench(VECTOR, spread((8, 10), (1, 2), (3, 10))))
    written, best = cost_of(found, "CBA"), cost_of(found, "ABC")
    said = wording.order_saves(BesideCheapest.CHEAPEST, best, best, written, 0)
    assert said == f"{wording.SAME_AS_CHEAPEST} It costs {100 * (written.total - best.total) / written.total:.1f} % less than that of the protocol."
    assert wording.order_saves(BesideCheapest.CHEAPEST, best, best, best, 0) == wording.SAME_AS_CHEAPEST


def test_of_orders_that_cost_the_same_the_protocols_comes_first() -> None:
    written = protocol([Stage(each, 0.1) for each in "BDAC"], [Clause(f"{letter}{stage}") for letter, stage in zip("abcd", "ABCD", strict=True)])
    best = cheapest(found_by(workbench(written, [{}, {}, {}])))
    assert best is not None
    assert best.order == ("B", "D", "A", "C")


def test_a_tie_of_costs_that_are_no_exact_floats_is_a_tie() -> None:
    """0.3 + 0.6 + 2.1, added up in one order or another, is 3 or a little less."""
    written = protocol([Stage("A", 0.1), Stage("B", 0.2), Stage("C", 0.7)], [Clause("aA"), Clause("bB"), Clause("cC")])
    found = found_by(workbench(written, [{}, {}, {}]))
    assert cost_of(found, "ABC").total > cost_of(found, "ACB").total
    best = cheapest(found)
    assert best is not None
    assert best.order == ("A", "B", "C")
    assert beside_cheapest(cost_of(found, "ABC"), cost_of(found, "ACB")) is BesideCheapest.CHEAPEST


def test_nobody_nobody_eligible_and_no_stages() -> None:
    nobody = cost_of(found_by(workbench(VECTOR, [])), "ABC")
    assert (nobody.patients, nobody.total, nobody.per_screened, nobody.per_eligible, nobody.per_expected) == (0, 0, 0, np.inf, np.inf)
    none = cost_of(found_by(workbench(VECTOR, [{"a": FAIL}])), "ABC")
    assert (none.total, none.per_eligible, none.per_expected, none.to_screen) == (1, np.inf, np.inf, (np.inf, np.inf))
    stageless = found_by(workbench(protocol([], [Clause("a-")]), [{"a": FAIL}, {}]))
    assert cheapest(stageless) == cost_of(stageless, "") == ScreeningCost(2, (), 1.0, 0.0, 1, ())


def test_with_too_many_stages_the_cheapest_is_not_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_by(workbench(VECTOR, [{}]))
    monkeypatch.setattr(screening_order, "MOST_STAGES", 2)
    assert cheapest(found) is None


# Brute force: every patient walked through every order


def survives(person: Mapping[str, int], clauses: Sequence[Clause], done: frozenset[str], columns: str) -> bool:
    """Whether no criterion is known to be failed after the stages done; everything else is unknown."""
    for clause in clauses:
        if not clause.limbs or not any(letter in columns for letter, _ in clause.parts):
            continue
        truths = [person.get(letter, PASS) if letter in columns and stage in done else UNKNOWN for letter, stage in clause.parts]
        if (clause.join == "all") == (clause.role == "inclusion"):  # limbs set aside are not asked of anybody
            truths = [truth for truth, (letter, _) in zip(truths, clause.parts, strict=True) if letter in columns]
        rule = min(truths) if clause.join == "all" else max(truths)
        if rule == (FAIL if clause.role == "inclusion" else PASS):
            return False
    return True


def by_hand(written: Protocol, people: Sequence[Mapping[str, int]], clauses: Sequence[Clause], rates: Mapping[str, float], columns: str) -> dict[str, float]:
    """The total cost of every order of the stages, ``rates`` assumed at stages."""
    costs = {stage.id: stage.cost for stage in written.stages}
    left: dict[frozenset[str], float] = {}
    totals = {}
    for order in permutations(costs):
        total = 0.0
        for number, stage in enumerate(order):
            done = frozenset(order[:number])
            if done not in left:
                left[done] = sum(survives(person, clauses, done, columns) for person in people) * float(np.prod([rates.get(each, 1) for each in done]))
            total += costs[stage] * left[done]
        totals["".join(order)] = total
    return totals


@pytest.mark.parametrize("seed", range(10))
def test_against_all_orders(seed: int) -> None:
    random = np.random.default_rng(seed)
    names = "ABCDEFG"[: int(random.integers(3, 7)) if seed else 7]
    stages = []
    for place, each in enumerate(names):
        after = (str(random.choice(list(names[:place]))),) if place and random.random() < 0.3 else ()
        stages.append(Stage(each, round(float(random.uniform(0, 9)), 1), after))
    letters = iter(random.permutation(list("abcdefgh" * 3)))
    clauses = []
    for _ in range(6):
        limbs = {f"{next(letters)}{random.choice([*names, '-'])}" for _ in range(random.integers(1, 4))}
        clauses.append(Clause(" ".join(sorted(limbs)), str(random.choice(["inclusion", "exclusion"])), str(random.choice(["all", "any"]))))
    covered = Clause(" ".join(f"h{each}" for each in names))  # so that every stage is asked for
    assumed = str(random.choice(list(names)))
    columns = "".join(each for each in "abcdefgh" if random.random() < 0.8)
    written = protocol(stages, [*clauses, covered, Clause(rate=rate(0.7, assumed))])
    weights = {PASS: 0.75, FAIL: 0.15, UNKNOWN: 0.1}
    people = [{letter: int(random.choice(list(weights), p=list(weights.values()))) for letter in "abcdefgh"} for _ in range(40)]
    bench = workbench(written, people, columns)
    found = found_by(bench)
    totals = by_hand(written, people, [*clauses, covered], {assumed: 0.7}, columns)
    allowed = {order for order in totals if all(order.index(before) < order.index(stage.id) for stage in stages for before in stage.after)}
    for order in [*list(totals)[:: max(len(totals) // 100, 1)], *list(allowed)[:20]]:
        cost = cost_of(found, order)
        assert cost.total == pytest.approx(totals[order])
        assert cost.order == tuple(order)
        assert (cost.broken == ()) == (order in allowed)
    best = cheapest(found)
    assert best is not None
    assert "".join(best.order) in allowed
    assert best.total == pytest.approx(min(totals[order] for order in allowed))
    tally = bench.overview(AS_WRITTEN).tally
    assert (best.eligible, best.undetermined) == pytest.approx((0.7 * tally.eligible, 0.7 * tally.undetermined))


def test_the_built_in_protocol_keeps_what_must_come_before_what() -> None:
    stages = {stage.id: stage for stage in builtin_protocol().stages}
    assert all("consent" in stages[each].after for each in ("vitals", "ecg", "bloods", "urine24h", "virology", "echo", "biopsy"))
    assert "virology" in stages["viral_load"].after  # HBsAg before HBV DNA
    assert "slides" in stages["biopsy"].after
    assert {*stages} - {"biopsy", "signoff", "records", "chart", "consent"} <= {*stages["signoff"].after}


def test_who_has_no_biopsy_is_stopped_before_slides_are_reviewed() -> None:
    """Of four: never biopsied, biopsied long ago, another diagnosis, nothing known; the last two go on, and the other diagnosis is seen on the slides."""
    people = [patient(kidney_biopsy=each) for each in ("no @20d", "@2001 biopsy_dx=DN", "@20d biopsy_dx=NDRD", "? @20d")]
    found = found_by(Workbench(cohort(people, columns_for(people)), builtin_protocol()))
    cost = {stage.id: (stage.reaching, stage.stopped) for stage in cost_of(found, found.stages).stages}
    assert cost["chart"] == (4, 2)
    assert cost["slides"] == (2, 1)


def test_a_stage_of_which_the_file_shows_nothing_only_costs() -> None:
    """B is asked at a stage of its own and has no column; D has none either, but a pass rate stands in."""
    written = protocol([Stage(each, 1) for each in "ABCD"], [Clause("aA"), Clause("bB"), Clause("cC"), Clause("dD", rate=rate(0.9))])
    found = found_by(workbench(written, spread((1, 2), (1, 1), (1, 2)), columns="ac"))
    assert found.unseen == ("B",)
    assert found_by(workbench(written, spread((1, 2), (1, 1), (1, 2)))).unseen == ()  # a column in which nobody fails has been looked at


@pytest.mark.parametrize(("role", "join"), [("inclusion", "any"), ("exclusion", "all")])
def test_alternatives_of_which_the_file_shows_only_some_stop_nobody(role: str, join: str) -> None:
    """Nobody fails where an alternative that has no column may hold: the stages of the criterion only cost."""
    written = protocol([Stage(each, 1) for each in "ABC"], [Clause("aA bB", role=role, join=join), Clause("cC")])
    people = spread((1, 2), (1, 1), (1, 2))
    assert found_by(workbench(written, people, columns="ac")).unseen == ("A", "B")
    assert found_by(workbench(written, people)).unseen == ()


def test_two_readings_with_the_same_rules_at_other_stages_keep_their_own() -> None:
    """The outcomes are the same, the limbs are not: what is remembered of the one says nothing of the other's stages."""
    text = 'title = "t"\n' + "".join(f'[[stage]]\nid = "{each}"\nlabel = "{each}"\ncost = 1\n' for each in "AB")
    text += '[[criterion]]\nid = "C"\nrole = "inclusion"\nlabel = "c"\ntext = "c"\n'
    for reading, stages in (("r", "AB"), ("s", "BA")):
        text += f'[[criterion.reading]]\nid = "{reading}"\nlabel = "{reading}"\njoin = "all"\n'
        for letter, stage in zip("ab", stages, strict=True):
            text += f'[[criterion.reading.limb]]\nlabel = "{reading}{letter}"\nrule = "latest({variable(letter)}) > 1"\nstage = "{stage}"\n'
    written = read_protocol(text, builtin_catalogue())
    people = [{"a": FAIL}, {"a": FAIL}, {"b": FAIL}, {}]
    bench = workbench(written, people)
    found_by(bench)
    read_so = with_reading(written, AS_WRITTEN, "C", "s")
    bench.overview(read_so)
    stages = cost_of(found_by(bench, read_so), "AB").stages
    assert [(each.id, each.reaching, each.stopped) for each in stages] == [("A", 4, 1), ("B", 3, 2)]
    assert bench.counted(read_so).screening.assessments["C"].assessed == ("sa", "sb")
