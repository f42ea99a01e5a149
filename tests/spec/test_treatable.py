"""Treat and rescreen: who fails nothing but what can be treated, by enumeration of made patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from feasibility.patterns import count
from feasibility.protocol import Protocol, builtin_protocol, read_protocol
from feasibility.results.overview import Workbench
from feasibility.results.treatable import Treatable, TreatableSet, treatable
from feasibility.scenario import AS_WRITTEN
from feasibility.ui import cohorts
from feasibility.variables import builtin_catalogue

FAIL, UNKNOWN, PASS = 0, 1, 2
MARKS = {"1": PASS, "0": FAIL, "?": UNKNOWN}


def protocol(names: str, modifiable: str) -> Protocol:
    text = 'title = "t"\n'
    for name in names:
        text += f'[[criterion]]\nid = "{name}"\nrole = "inclusion"\nlabel = "c"\ntext = "c"\nmodifiable = {str(name in modifiable).lower()}\n'
        text += '[[criterion.reading]]\nid = "r"\nlabel = "r"\n[[criterion.reading.limb]]\nlabel = "l"\nrule = "age >= 18"\n'
    return read_protocol(text, builtin_catalogue())


def found(rows: dict[str, int], names: str, modifiable: str, order: Sequence[str] | None = None) -> Treatable:
    each = [row for row, patients in rows.items() for _ in range(patients)]
    patterns = count({name: np.array([MARKS[row[place]] for row in each], np.int8) for place, name in enumerate(names)}, len(each))
    return treatable(patterns, names if order is None else order, protocol(names, modifiable))


def test_the_treatable_stand_apart_from_those_lost_for_good() -> None:
    rows = {"1111": 5, "1?11": 3, "1011": 7, "10?1": 2, "1001": 4, "1101": 6, "0011": 9, "0111": 1, "100?": 1, "1110": 8}
    assert found(rows, "ABCD", "BC") == Treatable(
        46,
        38,
        ("B", "C"),
        18,
        17,
        3,
        (TreatableSet(("B",), 9, 7, 2), TreatableSet(("C",), 6, 6, 0), TreatableSet(("B", "C"), 5, 4, 1)),
    )


def test_a_treatable_criterion_that_is_unknown_stays_so() -> None:
    """B could be treated; C can be treated too, but nobody knows whether there is anything to treat."""
    assert found({"10?": 3}, "ABC", "BC").sets == (TreatableSet(("B",), 3, 0, 3),)


def test_criteria_that_do_not_count_are_not_looked_at() -> None:
    rows = {"001": 2, "010": 3, "0?1": 1}
    assert found(rows, "ABC", "BC", "BC") == Treatable(6, 5, ("B", "C"), 0, 5, 0, (TreatableSet(("C",), 3, 3, 0), TreatableSet(("B",), 2, 2, 0)))
    assert found(rows, "ABC", "BC", "AC") == Treatable(6, 6, ("C",), 6, 0, 0, ())
    assert found(rows, "ABC", "BC", "") == Treatable(6, 0, (), 0, 0, 0, ())


def test_nothing_can_be_treated_and_nobody_is_there() -> None:
    assert found({"01": 2, "11": 1}, "AB", "") == Treatable(3, 2, (), 2, 0, 0, ())
    assert found({}, "AB", "AB") == Treatable(0, 0, ("A", "B"), 0, 0, 0, ())


@pytest.mark.parametrize("seed", range(6))
def test_against_each_patient_by_hand(seed: int) -> None:
    random = np.random.default_rng(seed)
    names = "ABCDEFG"
    outcomes = random.choice([FAIL, UNKNOWN, PASS], (7, 300), p=[0.15, 0.1, 0.75]).astype(np.int8)
    modifiable = [name for name in names if random.random() < 0.5]
    order = [str(each) for each in random.permutation(list(names))][: int(random.integers(1, 8))]
    held = treatable(count(dict(zip(names, outcomes, strict=True)), 300), order, protocol(names, "".join(modifiable)))
    kinds: Counter[tuple[frozenset[str], bool]] = Counter()
    for person in outcomes.T:
        of = {name: int(outcome) for name, outcome in zip(names, person, strict=True) if name in order}
        kinds[frozenset(name for name in of if of[name] == FAIL), UNKNOWN in of.values()] += 1
    treated = {failed for failed, _ in kinds if failed and failed <= set(modifiable)}
    assert {frozenset(each.criteria) for each in held.sets} == treated
    for each in held.sets:
        assert (each.eligible, each.undetermined) == (kinds[frozenset(each.criteria), False], kinds[frozenset(each.criteria), True])
    assert held.for_good == sum(number for (failed, _), number in kinds.items() if failed - set(modifiable))
    assert (held.eligible, held.undetermined) == (sum(each.eligible for each in held.sets), sum(each.undetermined for each in held.sets))
    assert held.treatable + held.for_good == held.ineligible == sum(number for (failed, _), number in kinds.items() if failed)


def test_the_sample() -> None:
    overview = Workbench(cohorts.sample(), builtin_protocol()).overview(AS_WRITTEN)
    held = treatable(overview.patterns, overview.order, builtin_protocol())
    assert held.modifiable == tuple(each for each in overview.order if each in ("I6", "E5", "E6", "E11"))
    assert held.treatable + held.for_good == held.ineligible == overview.tally.ineligible
    assert {each.criteria: each.eligible for each in held.sets if len(each.criteria) == 1} == {
        (loss.id,): loss.only_fail for loss in overview.losses if loss.id in held.modifiable and loss.only_fail
    }
