"""Who is eligible, where the others are lost, what each criterion costs: published vectors, and brute force over every patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from feasibility.patterns import Patterns, Recounter, count, rest, with_outcomes
from feasibility.results.accounting import breakdown, compare, eligible_patients, funnel, largest_loss_order, tally
from feasibility.results.proportion import Proportion, wilson

FAIL, UNKNOWN, PASS = 0, 1, 2


def patterns(rows: Sequence[str], names: Sequence[str]) -> Patterns:
    """One text a patient: 1 passes, 0 fails, ? unknown, by criterion."""
    marks = {"1": PASS, "0": FAIL, "?": UNKNOWN}
    columns = [[marks[row[place]] for row in rows] for place in range(len(names))]
    return count({name: np.array(column, np.int8) for name, column in zip(names, columns, strict=True)}, len(rows))


# domain.md §4: fail sets {}, {A}, {A, B}, {B, C}, {A, B, C}


def test_shares_vector() -> None:
    table = patterns(["111", "011", "001", "100", "000"], "ABC")
    losses = breakdown(table, "ABC")
    assert [loss.fails for loss in losses] == [3, 3, 2]
    assert [loss.only_fail for loss in losses] == [1, 0, 0]
    assert [loss.first_fail for loss in losses] == [3, 1, 0]
    assert [loss.share for loss in losses] == pytest.approx([1.8333, 1.3333, 0.8333], abs=5e-5)
    assert sum(loss.share for loss in losses) == pytest.approx(4)
    assert [loss.gain for loss in losses] == [1, 0, 0]


# 230 patients, three rules; which rules 1, 2, 3 each passes: patients
PUBLISHED = {"111": 44, "110": 79, "101": 2, "011": 44, "001": 1, "010": 60}


def test_a_published_cross_check() -> None:
    table = patterns([row for row, patients in PUBLISHED.items() for _ in range(patients)], "123")
    assert table.total == 230
    assert [230 - loss.fails for loss in breakdown(table, "123")] == [125, 227, 91]
    assert [step.eligible for step in funnel(table, "123")] == [125, 123, 44]
    assert [step.eligible for step in funnel(table, "312")] == [91, 46, 44]
    assert [loss.only_fail for loss in breakdown(table, "123")] == [44, 2, 79]
    assert sum(loss.share for loss in breakdown(table, "123")) == pytest.approx(230 - 44)


@pytest.mark.parametrize(
    ("cases", "of", "low", "high"),
    [(0, 50, 0, 0.0713), (5, 50, 0.0435, 0.2136), (12, 400, 0.0172, 0.0517), (50, 50, 0.9287, 1)],
)
def test_wilson(cases: int, of: int, low: float, high: float) -> None:
    assert wilson(cases, of) == pytest.approx((low, high), abs=5e-5)
    assert Proportion(cases, of).interval == wilson(cases, of)
    assert Proportion(cases, of).value == cases / of


def test_of_nobody_nothing_is_known() -> None:
    assert wilson(0, 0) == (0, 1)
    assert Proportion(0, 0).value is None


def test_unknown_criteria_bound_the_gain() -> None:
    """Only-fail needs all others passed; the possible gain only that none other is failed."""
    table = patterns(["011", "0?1", "00?", "?11", "1?1", "???", "111"], "ABC")
    first = breakdown(table, "ABC")[0]
    assert (first.fails, first.unknown, first.only_fail, first.only_unknown) == (3, 2, 1, 1)
    assert first.gain == 2
    assert first.gain_possible == 2  # the two who fail it and no other
    assert tally(table, "BC").eligible - tally(table, "ABC").eligible == first.gain
    with_a, without = tally(table, "ABC"), tally(table, "BC")
    assert without.eligible + without.undetermined - with_a.eligible - with_a.undetermined == first.gain_possible


def test_the_honest_interval_runs_from_the_eligible_to_the_undetermined() -> None:
    counted = tally(patterns(["1"] * 5 + ["?"] * 10 + ["0"] * 35, "A"), "A")
    assert (counted.eligible, counted.undetermined, counted.ineligible) == (5, 10, 35)
    assert counted.honest_interval == (wilson(5, 50)[0], wilson(15, 50)[1])
    assert counted.to_screen == (10, pytest.approx(50 / 15))


def test_pairs() -> None:
    before, after = (np.array([each == "1" for each in row]) for row in ("1100", "1011"))
    assert (compare(before, after).gained, compare(before, after).lost, compare(before, after).change) == (2, 1, 1)


def test_largest_loss_first() -> None:
    table = patterns([row for row, patients in PUBLISHED.items() for _ in range(patients)], "123")
    assert largest_loss_order(table, "123") == ("3", "1", "2")  # 139 lost, then 45, then 2


# Brute force: every patient looked at one by one


def by_hand(outcomes: dict[str, list[int]], order: Sequence[str], patients: int) -> dict[str, object]:
    people = [{name: column[person] for name, column in outcomes.items()} for person in range(patients)]
    steps, losses = [], []
    for place, name in enumerate(order):
        so_far = order[: place + 1]
        left = [person for person in people if all(person[each] != FAIL for each in so_far)]
        sure = [person for person in left if all(person[each] == PASS for each in so_far)]
        first = [person for person in people if person[name] == FAIL and all(person[each] != FAIL for each in order[:place])]
        steps.append((name, len(sure), len(left) - len(sure), len(first)))
        others = [each for each in order if each != name]
        only = [person for person in people if person[name] == FAIL and all(person[each] != FAIL for each in others)]
        losses.append(
            (
                name,
                sum(person[name] == FAIL for person in people),
                sum(person[name] == UNKNOWN for person in people),
                len(first),
                sum(all(person[each] == PASS for each in others) for person in only),
                sum(person[name] == UNKNOWN and all(person[each] == PASS for each in others) for person in people),
                len(only),
                sum(1 / sum(person[each] == FAIL for each in order) for person in people if person[name] == FAIL),
            )
        )
    eligible = sum(all(person[each] == PASS for each in order) for person in people)
    no_fail = sum(all(person[each] != FAIL for each in order) for person in people)
    return {"steps": steps, "losses": losses, "tally": (patients, eligible, no_fail - eligible)}


def agree(table: Patterns, outcomes: dict[str, list[int]], order: Sequence[str], patients: int) -> None:
    expected = by_hand(outcomes, order, patients)
    assert [(step.id, step.eligible, step.undetermined, step.lost) for step in funnel(table, order)] == expected["steps"]
    losses = breakdown(table, order)
    for loss, hand in zip(losses, expected["losses"], strict=True):
        assert (loss.id, loss.fails, loss.unknown, loss.first_fail, loss.only_fail, loss.only_unknown, loss.gain_possible) == hand[:7]
        assert loss.share == pytest.approx(hand[7])
    counted = tally(table, order)
    assert (counted.patients, counted.eligible, counted.undetermined) == expected["tally"]
    hand_eligible = [all(outcomes[each][person] == PASS for each in order) for person in range(patients)]
    assert eligible_patients(table, order).tolist() == hand_eligible


@pytest.mark.parametrize("criteria", [1, 2, 21, 31, 32, 33, 62, 63])
@pytest.mark.parametrize("patients", [0, 1, 2, 300])
def test_against_every_patient_one_by_one(criteria: int, patients: int) -> None:
    random = np.random.default_rng(criteria * 1000 + patients)
    common = max(0.4, min(0.97, 1 - 1.5 / criteria))
    names = [f"C{place}" for place in range(criteria)]
    arrays = {name: random.choice([FAIL, UNKNOWN, PASS], patients, p=[(1 - common) / 2, (1 - common) / 2, common]).astype(np.int8) for name in names}
    outcomes = {name: array.tolist() for name, array in arrays.items()}
    table = count(arrays, patients)
    orders = [names, names[::-1], [str(each) for each in random.permutation(names)], [str(each) for each in random.permutation(names)[: criteria // 2]]]
    for order in orders:
        agree(table, outcomes, order, patients)
    moved = names[-1]
    arrays[moved] = random.choice([FAIL, UNKNOWN, PASS], patients).astype(np.int8)
    outcomes[moved] = arrays[moved].tolist()
    agree(with_outcomes(rest(table, moved), arrays[moved]), outcomes, names, patients)


@pytest.mark.parametrize("outcome", [FAIL, UNKNOWN, PASS])
@pytest.mark.parametrize("criteria", [1, 31, 32, 63])
def test_everybody_alike(outcome: int, criteria: int) -> None:
    names = [f"C{place}" for place in range(criteria)]
    arrays = {name: np.full(5, outcome, np.int8) for name in names}
    agree(count(arrays, 5), {name: array.tolist() for name, array in arrays.items()}, names, 5)


def test_with_no_criteria_everybody_is_eligible() -> None:
    table = count({}, 3)
    assert (tally(table, ()).eligible, tally(table, ()).ineligible) == (3, 0)
    assert funnel(table, ()) == ()
    assert breakdown(table, ()) == ()


def test_criteria_that_do_not_count_are_ignored() -> None:
    table = patterns(["0111", "1?11", "1111"], "ABCD")
    assert (tally(table, "CD").eligible, tally(table, "BCD").eligible, tally(table, "ABCD").eligible) == (3, 2, 1)


@pytest.mark.parametrize("criteria", [3, 40])
def test_a_recount_after_any_moves_is_a_fresh_count(criteria: int) -> None:
    random = np.random.default_rng(criteria)
    names = [f"C{place}" for place in range(criteria)]
    arrays = {name: random.integers(0, 3, 50).astype(np.int8) for name in names}
    recounter = Recounter()
    recounter.recount(arrays, 50)
    for _ in range(30):
        arrays = dict(arrays)
        for name in random.choice(names, random.choice([0, 1, 1, 1, 2])):
            arrays[str(name)] = random.integers(0, 3, 50).astype(np.int8)
        table = recounter.recount(arrays, 50)
        agree(table, {name: array.tolist() for name, array in arrays.items()}, names, 50)
        assert int(table.patients.sum()) == 50
        assert (table.patients == np.bincount(table.pattern_of, minlength=len(table.patients))).all()
