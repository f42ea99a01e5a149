"""The best criteria to drop: a published table, made ones, and all sets tried on every patient one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from spec.test_count_tables import THREE, people, workbench

from feasibility import wording
from feasibility.patterns import Patterns, count
from feasibility.protocol import read_protocol
from feasibility.results import dropping as module
from feasibility.results.accounting import tally
from feasibility.results.dropping import Aim, Best, Dropped, Dropping, Fewest, Reaching, dropping, reaching
from feasibility.scenario import AS_WRITTEN
from feasibility.variables import builtin_catalogue

FAIL, UNKNOWN, PASS = 0, 1, 2
MARKS = {"1": PASS, "0": FAIL, "?": UNKNOWN}


def patterns(rows: Mapping[str, int], names: Sequence[str]) -> Patterns:
    """Patients by what they passed (1), failed (0) and what is unknown (?), by criterion."""
    each = [row for row, patients in rows.items() for _ in range(patients)]
    return count({name: np.array([MARKS[row[place]] for row in each], np.int8) for place, name in enumerate(names)}, len(each))


def named(found: Dropping) -> list[tuple[str, int, int]]:
    return [("".join(best.dropped), best.eligible, best.undetermined) for best in found.sets]


# 230 patients, three rules; which rules 1, 2, 3 each passes: patients
PUBLISHED = {"111": 44, "110": 79, "101": 2, "011": 44, "001": 1, "010": 60}


def test_the_published_table() -> None:
    """Dropping one rule gains its only-fails (44, 2, 79); dropping 1 and 3 leaves the 227 who satisfy rule 2."""
    found = dropping(patterns(PUBLISHED, "123"), "123")
    assert found[Aim.ELIGIBLE].sets == (
        Best((), 44, 0, True, True),
        Best(("3",), 123, 0, True, True),
        Best(("1", "3"), 227, 0, True, True),
        Best(("1", "2", "3"), 230, 0, True, True),
    )
    assert found[Aim.NOT_INELIGIBLE].sets == found[Aim.ELIGIBLE].sets
    assert found[Aim.ELIGIBLE].patients == 230


def test_the_best_two_need_not_hold_the_best_one() -> None:
    found = dropping(patterns({"011": 3, "100": 5, "111": 1, "010": 1}, "ABC"), "ABC")[Aim.ELIGIBLE]
    assert named(found) == [("", 1, 0), ("A", 4, 0), ("BC", 6, 0), ("ABC", 10, 0)]
    assert [best.nested for best in found.sets] == [True, True, False, True]


def test_what_is_unknown_keeps_from_being_eligible_and_does_not_make_ineligible() -> None:
    found = dropping(patterns({"?11": 5, "101": 3, "1?0": 4, "111": 1}, "ABC"), "ABC")
    assert named(found[Aim.ELIGIBLE]) == [("", 1, 5), ("A", 6, 0), ("AB", 9, 0), ("ABC", 13, 0)]
    assert named(found[Aim.NOT_INELIGIBLE]) == [("", 1, 5), ("C", 1, 9), ("BC", 8, 5), ("ABC", 13, 0)]


def test_of_sets_as_good_more_of_the_other_count_then_the_order() -> None:
    """A and B gain two each; with B off one more is undetermined. C and D gain as many as one another in either count."""
    table = patterns({"0111": 2, "1011": 2, "10?1": 1, "1101": 1, "1110": 1}, "ABCD")
    assert [best.dropped for best in dropping(table, "ABCD")[Aim.ELIGIBLE].sets][1:] == [("B",), ("A", "B"), ("A", "B", "C"), ("A", "B", "C", "D")]
    equal = patterns({"0111": 2, "1011": 2, "1101": 2, "1110": 2}, "ABCD")
    assert [best.dropped for best in dropping(equal, "ABCD")[Aim.ELIGIBLE].sets][:3] == [(), ("A",), ("A", "B")]
    assert [best.dropped for best in dropping(equal, "DBCA")[Aim.ELIGIBLE].sets][:3] == [(), ("D",), ("D", "B")]


def test_criteria_that_stop_nobody_or_do_not_count_are_never_dropped() -> None:
    table = patterns({"1011": 2, "1?10": 1, "0111": 4}, "ABCD")
    assert named(dropping(table, "BCD")[Aim.ELIGIBLE]) == [("", 4, 0), ("B", 6, 0), ("BD", 7, 0)]
    for nothing in (dropping(table, "C"), dropping(table, ""), dropping(patterns({}, "AB"), "AB")):
        assert all(len(found.sets) == 1 and found.sets[0].dropped == () for found in nothing.values())


def test_the_fewest_to_reach_a_target() -> None:
    found = dropping(patterns({"?11": 5, "101": 3, "1?0": 4, "111": 1}, "ABC"), "ABC")
    eligible, possible = found[Aim.ELIGIBLE], found[Aim.NOT_INELIGIBLE]
    for target, number in ((0, 0), (1, 0), (2, 1), (6, 1), (7, 2), (9, 2), (10, 3), (13, 3)):
        assert eligible.fewest_to_reach(target) == Fewest(eligible.sets[number], True)
    assert possible.fewest_to_reach(10) == Fewest(possible.sets[1], True)
    assert eligible.fewest_to_reach(14) is None


def test_all_sets_of_as_many_that_reach_a_target() -> None:
    table = patterns({"?11": 5, "101": 3, "1?0": 4, "111": 1}, "ABC")
    assert reaching(table, "ABC", Aim.ELIGIBLE, 1, 2) == Reaching(13, (Dropped(("A",), 6, 0), Dropped(("B",), 4, 5)), 2)
    assert reaching(table, "ABC", Aim.ELIGIBLE, 1, 5).sets == (Dropped(("A",), 6, 0),)
    assert [each.dropped for each in reaching(table, "ABC", Aim.NOT_INELIGIBLE, 1, 1).sets] == [("C",), ("B",), ("A",)]
    assert reaching(table, "ABC", Aim.ELIGIBLE, 2, 14) == Reaching(13, (), 0)


# Brute force: every set tried on every patient


def sets_by_hand(people: Sequence[Mapping[str, int]], order: Sequence[str], aim: Aim, number: int) -> list[tuple[tuple[int, int], tuple[str, ...]]]:
    """All sets of so many criteria that stop somebody, in order: the aim's count and the other, and the set."""
    found = []
    stopping = [each for each in order if any(person[each] != PASS for person in people)]
    for dropped in combinations(stopping, number):
        kept = [each for each in order if each not in dropped]
        eligible = sum(all(person[each] == PASS for each in kept) for person in people)
        possible = sum(all(person[each] != FAIL for each in kept) for person in people)
        found.append(((eligible, possible) if aim is Aim.ELIGIBLE else (possible, eligible), dropped))
    return found


def by_hand(people: Sequence[Mapping[str, int]], order: Sequence[str], aim: Aim) -> list[tuple[tuple[int, int], tuple[str, ...]]]:
    """By number of criteria, for the best set: the aim's count and the other, and the set."""
    found = []
    for number in range(sum(any(person[each] != PASS for person in people) for each in order) + 1):
        tried = sets_by_hand(people, order, aim, number)
        most = max(counts for counts, _ in tried)
        found.append(next(each for each in tried if each[0] == most))
    return found


def counts_of(best: Dropped, aim: Aim) -> tuple[int, int]:
    possible = best.eligible + best.undetermined
    return (best.eligible, possible) if aim is Aim.ELIGIBLE else (possible, best.eligible)


def random_cohort(seed: int, criteria: int, patients: int) -> tuple[Patterns, list[dict[str, int]], list[str]]:
    random = np.random.default_rng(seed)
    names = [f"C{place}" for place in range(criteria)]
    rates = random.uniform(0, 0.5, (criteria, 1)) * random.integers(0, 2, (criteria, 1))
    drawn = random.random((criteria, patients))
    outcomes = np.where(drawn < rates, FAIL, np.where(drawn > 0.9, UNKNOWN, PASS)).astype(np.int8)
    arrays = dict(zip(names, outcomes, strict=True))
    people = [{name: int(array[person]) for name, array in arrays.items()} for person in range(patients)]
    return count(arrays, patients), people, [str(each) for each in random.permutation(names)]


@pytest.mark.parametrize("criteria", [1, 2, 5, 9])
@pytest.mark.parametrize("patients", [0, 1, 12, 150])
def test_against_all_sets(criteria: int, patients: int) -> None:
    table, people, order = random_cohort(criteria * 1000 + patients, criteria, patients)
    for aim, found in dropping(table, order).items():
        expected = by_hand(people, order, aim)
        assert [(counts_of(best, aim), best.dropped) for best in found.sets] == expected
        assert all(best.proven for best in found.sets)
        assert [best.nested for best in found.sets[1:]] == [set(one) <= set(more) for (_, one), (_, more) in pairwise(expected)]


@pytest.mark.parametrize("seed", range(8))
def test_those_that_reach_a_target_against_all_sets(seed: int) -> None:
    table, people, order = random_cohort(seed, 7, 60)
    for aim, found in dropping(table, order).items():
        number = min(2, len(found.sets) - 1)
        tried = sets_by_hand(people, order, aim, number)
        for target in {counts[0] for counts, _ in tried} | {0, found.patients + 1}:
            expected = sorted((each for each in tried if each[0][0] >= target), key=lambda each: [-count for count in each[0]])
            reached = reaching(table, order, aim, number, target)
            assert [(counts_of(each, aim), each.dropped) for each in reached.sets] == expected
            assert reached.total == len(expected)
            assert found.all_counted


def test_of_many_sets_that_reach_a_target_those_that_leave_most_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    table, _, order = random_cohort(3, 7, 60)
    everything = reaching(table, order, Aim.ELIGIBLE, 2, 0)
    monkeypatch.setattr(module, "MOST_SETS", 4)
    assert reaching(table, order, Aim.ELIGIBLE, 2, 0) == Reaching(everything.patients, everything.sets[:4], everything.total)
    monkeypatch.setattr(module, "MOST_CRITERIA", 3)
    assert not dropping(table, order)[Aim.ELIGIBLE].all_counted


@pytest.mark.parametrize("seed", range(12))
def test_what_is_said_to_be_proven_is_so_where_not_all_sets_are_counted(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CRITERIA", 4)
    table, people, order = random_cohort(seed, 9, 60)
    proven = 0
    for aim, found in dropping(table, order).items():
        expected = by_hand(people, order, aim)
        assert len(found.sets) == len(expected)
        for best, (counts, _) in zip(found.sets, expected, strict=True):
            kept = [each for each in order if each not in best.dropped]
            assert (best.eligible, best.undetermined) == (tally(table, kept).eligible, tally(table, kept).undetermined)
            assert counts_of(best, aim)[0] <= counts[0]
            assert not best.proven or counts_of(best, aim)[0] == counts[0]
            proven += best.proven
        assert found.sets[0].proven
        assert found.sets[-1].proven
        for target in range(61):
            fewest = found.fewest_to_reach(target)
            assert fewest is not None
            enough = next(number for number, (counts, _) in enumerate(expected) if counts[0] >= target)
            assert len(fewest.best.dropped) >= enough
            assert not fewest.proven or len(fewest.best.dropped) == enough
    assert proven > 4


def test_63_criteria() -> None:
    """Of 63 the last three stop most: they are proven best; of 30 nothing is, with everything off it is again."""
    random = np.random.default_rng(63)
    rates = [*[0.02] * 60, 0.3, 0.4, 0.5]
    table = count({f"C{place}": np.where(random.random(500) < rate, FAIL, PASS).astype(np.int8) for place, rate in enumerate(rates)}, 500)
    found = dropping(table, table.criteria)[Aim.ELIGIBLE]
    assert found.sets[3].dropped == ("C60", "C61", "C62")
    assert (len(found.sets), found.sets[-1].eligible) == (64, 500)
    assert [best.eligible for best in found.sets] == sorted(best.eligible for best in found.sets)
    assert all(len(best.dropped) == number for number, best in enumerate(found.sets))


def test_22_criteria_are_all_counted_and_more_are_said_not_to_be() -> None:
    random, overview = np.random.default_rng(22), workbench(read_protocol(THREE, builtin_catalogue()), people()).overview(AS_WRITTEN)
    for criteria in (22, 23):
        arrays = {f"C{place}": np.where(random.random(400) < 0.1, FAIL, PASS).astype(np.int8) for place in range(criteria)}
        found = dropping(count(arrays, 400), tuple(arrays))[Aim.ELIGIBLE]
        assert all(best.proven for best in found.sets) == (criteria == 22)
        said = "Of 23 criteria not all sets are counted, but all those of 22 of them: the ones with the largest share in what patients fail or are unknown on."
        assert (said in wording.said_of_dropping(overview, found).more) == (criteria == 23)
        assert (f"“{wording.BEST_FOUND}” marks" in wording.said_of_dropping(overview, found).more) == (criteria == 23)
