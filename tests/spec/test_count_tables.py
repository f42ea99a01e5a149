"""Count tables written out by hand, and at their boundaries."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from oracle.both import protocol_of
from oracle.patients import Patient, cohort, columns_for, patient
from spec.tables import by_name, rows

from feasibility.protocol import Protocol, read_protocol
from feasibility.results.accounting import Comparison, Tally
from feasibility.results.count_tables import CountTable, count_table, rate_table
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Refused, Scenario, with_criterion_off, with_order, with_value
from feasibility.variables import builtin_catalogue

# Three criteria in this order: HbA1c below 9, UACR at least p (written 300), potassium not above 5.5; and consent, half of whom give it.
THREE = (
    'title = "three"\n'
    + "".join(
        f'[[criterion]]\nid = "{name}"\nrole = "{role}"\nlabel = "{name}"\ntext = "{name}"\n{more}'
        f'[[criterion.reading]]\nid = "r"\nlabel = "r"\n[[criterion.reading.limb]]\nlabel = "{name}"\nrule = "{rule}"\n'
        for name, role, rule, more in (
            ("A", "inclusion", "hba1c < 9", ""),
            ("B", "inclusion", "uacr >= p", '[criterion.parameters]\np = { value = 300, min = 100, max = 900, step = 50, unit = "mg/g", label = "p" }\n'),
            ("C", "exclusion", "potassium > 5.5", ""),
        )
    )
    + '[[criterion]]\nid = "D"\nrole = "inclusion"\nlabel = "D"\ntext = "D"\n[[criterion.assumed]]\nrate = 0.5\n'
)
PEOPLE = """
 hba1c | uacr | potassium   # A B C at p = 200, at 300, at 400
 7     | 400  | 4           # + + +     + + +     + + +
 7     | 300  | 4           # + + +     + + +     + - +
 10    | 500  | 4           # - + +     - + +     - + +
 10    | 250  | 6           # - + -     - - -     - - -
       | 300  | 4           # ? + +     ? + +     ? - +
 7     |      | 4           # + ? +     + ? +     + ? +
 7     | <350 | 6           # + ? -     + ? -     + - -
 7     | 200  |             # + + ?     + - ?     + - ?
"""
EXPECTED = """
 p   | criterion | eligible | undetermined | lost | fails | unknown | gain | possible | share
 200 | A         | 5        | 1            | 2    | 2     | 1       | 2    | 1        | 1.5
 200 | B         | 3        | 3            | 0    | 0     | 2       | 1    | 0        | 0
 200 | C         | 2        | 3            | 1    | 2     | 1       | 1    | 1        | 1.5
 300 | A         | 5        | 1            | 2    | 2     | 1       | 2    | 1        | 1.3333
 300 | B         | 2        | 3            | 1    | 2     | 2       | 1    | 1        | 1.3333
 300 | C         | 2        | 2            | 1    | 2     | 1       | 0    | 1        | 1.3333
 400 | A         | 5        | 1            | 2    | 2     | 1       | 1    | 1        | 1.3333
 400 | B         | 1        | 1            | 4    | 5     | 1       | 2    | 3        | 3.8333
 400 | C         | 1        | 1            | 0    | 2     | 1       | 0    | 0        | 0.8333
"""


def people() -> list[Patient]:
    return [patient(**row) for row in rows(PEOPLE)]


def workbench(protocol: Protocol, patients: Sequence[Patient], *more: str) -> Workbench:
    return Workbench(cohort(patients, columns_for(patients, *more)), protocol)


def of_three(scenario: Scenario = AS_WRITTEN) -> CountTable:
    return count_table(workbench(read_protocol(THREE, builtin_catalogue()), people()), scenario, "B.p", (200, 300, 400))


def test_a_table_by_hand() -> None:
    table = of_three()
    assert table.order == ("A", "B", "C")
    columns = ("eligible", "undetermined", "lost", "fails", "unknown", "gain", "gain_possible", "share")
    said = [[round(float(getattr(table, column)[place, number]), 4) for column in columns] for place in range(3) for number in range(3)]
    assert said == [[float(cell) for cell in list(row.values())[2:]] for row in rows(EXPECTED)]
    assert [table.tally(place) for place in range(3)] == [Tally(8, 2, 3), Tally(8, 2, 2), Tally(8, 1, 1)]
    assert table.share.sum(axis=1).tolist() == pytest.approx([3, 4, 6])
    assert [table.comparison(place) for place in range(3)] == [Comparison(0, 0), Comparison(0, 0), Comparison(0, 1)]
    assert table.expected.tolist() == [1, 1, 0.5]
    assert table.moved["B"].limbs["B"][0].tolist() == [0, 2, 5]
    assert table.moved["B"].saved is None


def test_pairs_are_against_the_protocol_as_written() -> None:
    """With potassium off, the patient whose potassium is not known is gained at 200."""
    table = of_three(with_criterion_off(read_protocol(THREE, builtin_catalogue()), AS_WRITTEN, "C"))
    assert table.order == ("A", "B")
    assert [table.comparison(place) for place in range(3)] == [Comparison(1, 0), Comparison(0, 0), Comparison(0, 1)]
    assert table.expected.tolist() == [1.5, 1, 0.5]


def test_the_funnel_keeps_the_order_of_the_scenario() -> None:
    table = of_three(with_order(read_protocol(THREE, builtin_catalogue()), AS_WRITTEN, ("C", "B", "A")))
    assert table.order == ("C", "B", "A")
    assert table.lost.tolist() == [[2, 0, 1], [2, 1, 1], [2, 3, 1]]
    assert table.eligible[:, -1].tolist() == [2, 2, 1]


def test_a_criterion_that_is_off_moves_only_its_own_limbs() -> None:
    table = of_three(with_criterion_off(read_protocol(THREE, builtin_catalogue()), AS_WRITTEN, "B"))
    assert table.eligible.tolist() == [[5, 3]] * 3
    assert table.moved["B"].limbs["B"][0].tolist() == [0, 2, 5]


def test_rates() -> None:
    bench = workbench(read_protocol(THREE, builtin_catalogue()), people())
    assert rate_table(bench, AS_WRITTEN, "D", (0, 0.25, 1)).tolist() == [0, 0.5, 2]
    assert rate_table(bench, AS_WRITTEN, "A", (0, 1)).tolist() == [1, 1]  # assessed in full: no rate is asked for


# Two limbs, one with an exception

STROKES = (
    "occurred(cerebral_haemorrhage, within=p)",
    'occurred(cerebral_infarction, within=p, excepting=stroke_lacunar == "yes")',
)
WINDOW = 'p = { value = 30, min = 0, max = 4000, step = 1, unit = "days", label = "p", unbounded = "up" }'


def test_limbs_and_whom_the_exception_saves() -> None:
    patients = [
        patient(cerebral_haemorrhage="@10d"),
        patient(cerebral_infarction="@20d stroke_lacunar=yes"),  # saved from 20 days on
        patient(cerebral_infarction="@50d stroke_lacunar=no"),
        patient(cerebral_infarction="@90d stroke_lacunar=?"),  # undetermined instead of failing
        patient(cerebral_infarction="@90d stroke_lacunar=yes; @95d stroke_lacunar=no"),  # the other one excludes
        patient(age="60"),
    ]
    bench = workbench(protocol_of(*STROKES, role="exclusion", parameters=WINDOW), patients)
    table = count_table(bench, AS_WRITTEN, "C.p", (0, 30, 100, math.inf))
    assert {label: (fails.tolist(), unknown.tolist()) for label, (fails, unknown) in table.moved["C"].limbs.items()} == {
        "limb 1": ([0, 1, 1, 1], [0, 0, 0, 0]),
        "limb 2": ([0, 0, 2, 2], [0, 0, 1, 1]),
    }
    saved = table.moved["C"].saved
    assert saved is not None
    assert saved.tolist() == [0, 1, 2, 2]
    assert (table.fails.tolist(), table.unknown.tolist()) == ([[0], [1], [3], [3]], [[0], [0], [1], [1]])


def test_a_window_without_limit_asks_only_for_a_feed() -> None:
    """The feed covers 30 days but not a year; of a window without limit no end can lie outside it."""
    patients = [patient(covered_days=100, age="60"), patient(covered_days=1000, cerebral_infarction="@400d stroke_lacunar=no")]
    bench = workbench(protocol_of(STROKES[1], role="exclusion", parameters=WINDOW), patients, "stroke_lacunar")
    table = count_table(bench, AS_WRITTEN, "C.p", (30, 100, 101, 400, math.inf))
    assert table.unknown[:, 0].tolist() == [0, 0, 1, 1, 0]
    assert table.fails[:, 0].tolist() == [0, 0, 0, 1, 1]


# What else a limb may say: patients of nothing known, 200, 300, below 250, and 1000; p at 200, 300, 400

THRESHOLD = 'p = {{ value = 300, min = 100, max = 900, step = 50, unit = "mg/g", label = "p", unbounded = "{}" }}'
FORMS = """
 role      | rule                | policy  | other limb | fails   | unknown
 inclusion | uacr >= p           | unknown |            | 0, 2, 3 | 2, 1, 1
 inclusion | uacr >= p           | absent  |            | 1, 3, 4 | 1, 0, 0
 inclusion | uacr >= p           | fail    |            | 1, 3, 4 | 1, 0, 0
 exclusion | uacr >= p           | unknown |            | 3, 2, 1 | 2, 1, 1
 exclusion | uacr >= p           | absent  |            | 3, 2, 1 | 1, 0, 0
 exclusion | uacr >= p           | fail    |            | 4, 3, 2 | 1, 0, 0
 inclusion | possible(uacr >= p) | unknown |            | 0, 2, 3 | 5, 3, 2
 exclusion | possible(uacr >= p) | unknown |            | 0, 0, 0 | 5, 3, 2
 inclusion | uacr >= p           | unknown | any        | 0, 0, 0 | 2, 3, 4   # an alternative without a column: nobody fails
 exclusion | uacr >= p           | unknown | all        | 0, 0, 0 | 5, 3, 2
 inclusion | uacr >= p           | unknown | all        | 0, 2, 3 | 2, 1, 1   # a further demand without a column is set aside
 inclusion | uacr == p           | unknown |            | 2, 3, 4 | 2, 1, 1   # of no direction
"""


@pytest.mark.parametrize(("role", "rule", "policy", "other", "fails", "unknown"), by_name(FORMS))
def test_what_a_limb_may_say(role: str, rule: str, policy: str, other: str, fails: str, unknown: str) -> None:
    limbs = (rule, "latest(hba1c) < 9") if other else (rule,)
    protocol = protocol_of(*limbs, role=role, join=other, parameters=THRESHOLD.format("up"), missing=f'{{ uacr = "{policy}" }}')
    patients = [patient(uacr=value) for value in ("", "200", "300", "<250", "1000")]
    table = count_table(workbench(protocol, patients), AS_WRITTEN, "C.p", (200, 300, 400))
    for said, expected in ((table.fails, fails), (table.unknown, unknown)):
        assert said[:, 0].tolist() == [int(number) for number in expected.split(",")]


# Boundaries


@pytest.mark.parametrize(
    ("rule", "fails", "unknown"),
    [
        ("uacr >= p", [0, 1, 1, 2], [0, 1, 1, 1]),
        ("uacr > p", [0, 1, 2, 2], [0, 1, 1, 1]),
        ("uacr < p", [3, 1, 1, 0], [0, 1, 1, 1]),
        ("uacr <= p", [3, 1, 0, 0], [0, 1, 1, 1]),
        ("p <= uacr", [0, 1, 1, 2], [0, 1, 1, 1]),
        ("p > uacr", [3, 1, 1, 0], [0, 1, 1, 1]),
    ],
)
def test_a_value_equal_to_the_threshold_and_no_limit_below(rule: str, fails: list[int], unknown: list[int]) -> None:
    """Patients of 200, 300 and nothing known; stops at no limit, a step below 300, at it, and a step above."""
    bench = workbench(protocol_of(rule, parameters=THRESHOLD.format("down")), [patient(uacr="200"), patient(uacr="300"), patient(uacr="?")])
    table = count_table(bench, AS_WRITTEN, "C.p", (-math.inf, 250, 300, 350))
    assert (table.fails[:, 0].tolist(), table.unknown[:, 0].tolist()) == (fails, unknown)


@pytest.mark.parametrize("stops", [(300,), (100, 300), (-math.inf,), (-math.inf, 900)])
@pytest.mark.parametrize("rule", ["uacr >= p", "not uacr >= p", "uacr == p", "latest(uacr) > p or age > 40"])
def test_with_nobody_and_with_nothing_known(rule: str, stops: tuple[float, ...]) -> None:
    protocol = protocol_of(rule, parameters=THRESHOLD.format("down"))
    nobody = count_table(workbench(protocol, [], "uacr", "age"), AS_WRITTEN, "C.p", stops)
    assert nobody.eligible.tolist() == nobody.fails.tolist() == [[0]] * len(stops)
    assert nobody.tally(0) == Tally(0, 0, 0)
    unknown = count_table(workbench(protocol, [patient(uacr="?", age="?")] * 3, "uacr", "age"), AS_WRITTEN, "C.p", stops)
    no_limit = [3 if math.isinf(stop) and "==" not in rule else 0 for stop in stops]
    passing = [0 if "not" in rule else number for number in no_limit]
    assert unknown.eligible[:, 0].tolist() == passing
    assert unknown.undetermined[:, 0].tolist() == [3 - number for number in no_limit]
    assert unknown.expected.tolist() == passing


def test_sixty_three_criteria() -> None:
    """Each fails the patient of its number; the last of all is moved from failing nobody to failing everybody."""
    text = 'title = "many"\n[parameters]\np = { value = 0, min = 0, max = 100, step = 1, unit = "years", label = "p" }\n'
    for number in range(63):
        rule = "age >= p" if number == 62 else f"age != {number}"
        text += f'[[criterion]]\nid = "C{number}"\nrole = "inclusion"\nlabel = "c"\ntext = "c"\n[[criterion.reading]]\nid = "r"\nlabel = "r"\n'
        text += f'[[criterion.reading.limb]]\nlabel = "l"\nrule = "{rule}"\n'
    bench = workbench(read_protocol(text, builtin_catalogue()), [patient(age=str(age)) for age in range(64)])
    table = count_table(bench, AS_WRITTEN, "p", (0, 63, 64))
    assert table.eligible[:, -1].tolist() == [2, 1, 0]
    assert table.lost[:, -1].tolist() == [0, 1, 2]
    assert table.fails[:, :-1].tolist() == [[1] * 62] * 3
    assert table.fails[:, -1].tolist() == [0, 63, 64]
    assert table.gain[:, 0].tolist() == [1, 0, 0]
    assert table.share[:, 0].tolist() == [1, 0.5, 0.5]
    assert table.share[:, -1].tolist() == [0, 32, 33]


def test_whom_an_exception_saves_though_no_column_shows_it() -> None:
    """Without a column for malignancies the limb cannot be assessed; without its exception it could."""
    rule = "latest(potassium, within=p) > 5 and occurred(malignancy)"
    other, window = "latest(uacr, within=p) > 300", 'p = { value = 30, min = 0, max = 4000, step = 1, unit = "days", label = "p" }'
    protocol = protocol_of(other, rule, unless="occurred(malignancy)", parameters=window)
    bench = workbench(protocol, [patient(uacr="400 @10d", potassium="4 @20d"), patient(uacr="400 @50d", potassium="4 @60d")])
    saved = count_table(bench, AS_WRITTEN, "C.p", (0, 30, 100)).moved["C"].saved
    assert saved is not None
    assert saved.tolist() == [bench.screener.saved(protocol, with_value(protocol, AS_WRITTEN, "C.p", stop), "C") for stop in (0, 30, 100)]
    assert saved.tolist() == [0, 1, 2]


def test_without_criteria_everybody_is_eligible() -> None:
    protocol = protocol_of("uacr >= p", parameters=THRESHOLD.format("down"))
    table = count_table(workbench(protocol, [patient(uacr="200")]), with_criterion_off(protocol, AS_WRITTEN, "C"), "C.p", (100, 300))
    assert table.order == ()
    assert table.eligible.shape == table.share.shape == (2, 0)
    assert table.tally(1) == Tally(1, 1, 0)
    assert table.expected.tolist() == [1, 1]


def test_a_criterion_the_file_has_no_column_for_stands_still() -> None:
    bench = workbench(read_protocol(THREE, builtin_catalogue()), [patient(hba1c="7"), patient(hba1c="10")])
    table = count_table(bench, AS_WRITTEN, "B.p", (200, 300))
    assert table.order == ("A",)
    assert table.eligible.tolist() == [[1], [1]]
    assert table.moved == {}


def test_an_assumed_rate_may_depend_on_the_parameter() -> None:
    """Half of those with a UACR of p or more consent, and everybody else."""
    own = '[criterion.parameters]\np = { value = 300, min = 100, max = 900, step = 50, unit = "mg/g", label = "p" }\n'
    shared = THREE.replace(own, "").replace("[[criterion]]", own.replace("criterion.", "") + "[[criterion]]", 1)
    protocol = read_protocol(shared.replace("rate = 0.5", 'rate = 0.5\nwhen = "uacr >= p"').replace("uacr >= p", "uacr >= 100", 1), builtin_catalogue())
    table = count_table(workbench(protocol, people()), AS_WRITTEN, "p", (100, 300, 350, 400, 450))
    assert table.eligible[:, -1].tolist() == [2] * 5
    assert table.expected.tolist() == [1, 1, 1.5, 1.5, 2]


def test_stops_are_values_the_parameter_takes() -> None:
    assert count_table(workbench(read_protocol(THREE, builtin_catalogue()), people()), AS_WRITTEN, "B.p", (201, 299)).stops == (200, 300)
    with pytest.raises(Refused, match="outside 100 to 900"):
        count_table(workbench(read_protocol(THREE, builtin_catalogue()), people()), AS_WRITTEN, "B.p", (200, 1000))
