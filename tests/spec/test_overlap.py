"""Which criteria are failed together and which say much the same: a published table, made ones, and every patient one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, permutations
from math import comb

import numpy as np
import pytest
from spec.tables import by_name
from spec.test_count_tables import THREE, people, workbench

from feasibility import wording
from feasibility.patterns import Patterns, count
from feasibility.protocol import read_protocol
from feasibility.results.accounting import Tally, breakdown
from feasibility.results.overlap import FEWEST, IMPLIES, LEVEL, RATIO, Costless, FailedSet, FailedTogether, Redundancy, failed_together, redundancy
from feasibility.scenario import AS_WRITTEN
from feasibility.variables import builtin_catalogue

FAIL, UNKNOWN, PASS = 0, 1, 2
MARKS = {"1": PASS, "0": FAIL, "?": UNKNOWN}


def patterns(rows: Mapping[str, int], names: Sequence[str]) -> Patterns:
    """Patients by what they passed (1), failed (0) and what is unknown (?), by criterion."""
    each = [row for row, patients in rows.items() for _ in range(patients)]
    return count({name: np.array([MARKS[row[place]] for row in each], np.int8) for place, name in enumerate(names)}, len(each))


def redundant(table: Patterns, names: Sequence[str]) -> Redundancy:
    return redundancy(table, breakdown(table, names))


# 230 patients, three rules; which rules 1, 2, 3 each passes: patients
PUBLISHED = {"111": 44, "110": 79, "101": 2, "011": 44, "001": 1, "010": 60}


def test_a_published_cross_check() -> None:
    found = failed_together(patterns(PUBLISHED, "123"), "123", 3)
    assert (found.patients, found.ineligible) == (230, 186)
    assert found.sets == (FailedSet(("3",), 79, 0), FailedSet(("1", "3"), 60, 0), FailedSet(("1",), 44, 0))
    assert (found.further, found.further_patients) == (2, 3)
    everything = failed_together(patterns(PUBLISHED, "123"), "123", 99)
    assert sum(each.patients for each in everything.sets) == 186
    assert (everything.further, everything.further_patients) == (0, 0)


def test_what_is_unknown_is_not_failed() -> None:
    found = failed_together(patterns({"0?": 2, "01": 3, "1?": 4, "00": 1}, "AB"), "AB", 9)
    assert found.ineligible == 6
    assert found.sets == (FailedSet(("A",), 5, 2), FailedSet(("A", "B"), 1, 0))


def test_of_sets_as_large_fewer_criteria_and_the_order_come_first() -> None:
    table = patterns({"100": 2, "101": 2, "011": 2, "110": 3}, "ABC")
    assert [each.criteria for each in failed_together(table, "ABC", 2).sets] == [("C",), ("A",)]
    assert [each.criteria for each in failed_together(table, "CBA", 9).sets] == [("C",), ("B",), ("A",), ("C", "B")]
    assert failed_together(table, "ABC", 0).sets == ()
    assert failed_together(table, "ABC", 0).further_patients == 9


def test_criteria_that_do_not_count_are_ignored() -> None:
    table = patterns({"001": 5, "010": 7, "100": 1}, "ABC")
    assert failed_together(table, "B", 9).sets == (FailedSet(("B",), 6, 0),)
    assert redundant(table, "B").pairs == 0


def test_with_nobody_or_no_criteria_there_is_nothing_to_say() -> None:
    for table, names in ((patterns({}, "AB"), "AB"), (patterns({"00": 3}, "AB"), ""), (patterns({"11": 3}, "AB"), "AB")):
        assert failed_together(table, names, 5).sets == ()
        found = redundant(table, names)
        assert (found.seldom_alone, found.implications, found.together, found.apart, found.pairs) == ((), (), (), (), 0)
        assert (found.without_gain, found.never_failed) == ((), tuple(Costless(each, 0) for each in names))


def test_almost_nobody_fails_it_alone() -> None:
    """A 3 of 60 alone: just seldom. B as often with gaps elsewhere: alone, as far as is known. C 29 failures: too few to say."""
    table = patterns({"0111": 3, "0110": 57, "10?1": 4, "1010": 36, "1100": 29, "1110": 1, "1111": 60}, "ABCD")
    found = redundant(table, "ABCD")
    assert [(each.id, each.only_fail, each.alone, each.fails, each.gain) for each in found.seldom_alone] == [("A", 3, 3, 60, 3), ("D", 1, 1, 123, 1)]
    assert (found.without_gain, found.never_failed) == ((Costless("B", 0), Costless("C", 4)), ())


def test_what_nobody_fails_is_not_said_to_be_failed_beside_others() -> None:
    found = redundant(patterns({"0111": 3, "0011": 2, "111?": 4}, "ABCD"), "ABCD")
    assert (found.without_gain, found.never_failed) == ((Costless("B", 0),), (Costless("C", 0),)), "D is unknown of some who pass all others"
    protocol = read_protocol(THREE, builtin_catalogue())
    assert wording.never_failed(protocol, (Costless("A", 0), Costless("B", 0))).endswith("**: nobody fails any of them.")
    assert wording.never_failed(protocol, (Costless("A", 0),)).endswith("**: nobody fails it.")
    open_ = Costless("A", 43), Costless("B", 0), Costless("C", 1604)
    assert wording.never_failed(protocol, open_).endswith("**: nobody fails any of them. C is unknown for 1,604 and A for 43.")
    assert wording.without_gain(protocol, open_[:1]).endswith("**: who fails it fails another too, or is unknown on one. A is unknown for 43.")


def test_few_of_those_who_fail_it_may_be_many_beside_the_eligible() -> None:
    """A is failed alone by 3 of 100 and brings 3 to 2: it is said beside how many are eligible, not left out."""
    (found,) = redundant(patterns({"01": 3, "00": 97, "10": 40, "11": 2}, "AB"), "AB").seldom_alone
    assert (found.id, found.alone, found.fails, found.gain, found.eligible) == ("A", 3, 100, 3, 2)
    protocol = read_protocol(THREE, builtin_catalogue())
    assert "it brings 4, 1 of them now unknown on it, to the 2" in wording.seldom_alone(protocol, replace(found, gain=4), 0)
    assert wording.seldom_alone(protocol, found, 0).endswith("Switched off it brings 3 to the 2 eligible.")


def test_of_how_many_something_is_said_is_said_whatever_is_found() -> None:
    assert "Only criteria that at least 30 patients fail are looked at." in wording.ALONE_HEAD[1]
    assert "Only criteria that at least 30 fail for whom the other is known are taken as the one." in wording.IMPLIED_HEAD[1]


def test_a_criterion_that_is_in_no_column_is_so_of_those_drawn() -> None:
    overview = workbench(read_protocol(THREE, builtin_catalogue()), people()).overview(AS_WRITTEN)
    some = FailedTogether(9, 5, (FailedSet(("A",), 3, 0), FailedSet(("B",), 1, 0)), 1, 1)
    assert "2 criteria are in none of the 2 columns drawn." in wording.said_of_together(overview, some, 2).more
    everything = replace(some, further=0, further_patients=0)
    assert "1 criterion is failed by nobody." in wording.said_of_together(overview, everything, 1).more
    assert "unknown" not in wording.said_of_together(overview, some, 2).whole
    assert "Some of them are unknown on others." in wording.said_of_together(overview, replace(some, sets=(FailedSet(("A",), 3, 1),)), 2).more


def test_who_passes_all_others_is_not_said_like_who_fails_no_others() -> None:
    assert "Fail it and pass all others" in [head for head, _ in wording.loss_panels(Tally(9, 4, 0))]
    assert wording.set_hover(FailedSet(("A", "B"), 57, 12)) == "57 patients fail A and B and no others, 12 of them unknown on others"
    assert wording.set_hover(FailedSet(("A", "B"), 1, 0)) == "1 patient fails A and B and no others"


SHARES = """
 share | of   | said
 0     | 1000 | 0 %
 0.4   | 1000 | <1 %
 4.9   | 1000 | <1 %
 5.1   | 1000 | 1 %
 170   | 1000 | 17 %
 0     | 0    | –
"""


@pytest.mark.parametrize(("share", "of", "said"), by_name(SHARES))
def test_little_of_the_loss_is_not_nothing(share: str, of: str, said: str) -> None:
    assert wording.share_of(float(share), int(of)) == said


def test_one_more_alone_is_not_seldom() -> None:
    table = patterns({"01": 4, "00": 56, "11": 50}, "AB")
    assert [each.id for each in redundant(table, "AB").seldom_alone] == ["B"]


def test_the_one_implies_the_other() -> None:
    """Of 100 who fail A and are known on B, 90 fail B; of 180 who fail B, half fail A. Ten more who fail A are unknown on B."""
    table = patterns({"00": 90, "01": 10, "0?": 10, "10": 90, "11": 310, "?0": 40}, "AB")
    (found,) = redundant(table, "AB").implications
    assert (found.given, found.other) == ("A", "B")
    assert (found.both, found.fails, found.unknown, found.proportion) == (90, 100, 10, 0.9)
    assert (found.fails_other, found.known, found.proportion_of_all) == (180, 500, 0.36)
    one_fewer = patterns({"00": 89, "01": 11, "10": 90, "11": 310}, "AB")
    assert redundant(one_fewer, "AB").implications == ()


def test_few_patients_imply_nothing() -> None:
    assert redundant(patterns({"00": FEWEST - 1, "11": 500}, "AB"), "AB").implications == ()
    assert len(redundant(patterns({"00": FEWEST, "11": 500}, "AB"), "AB").implications) == 2


def test_what_nearly_everybody_fails_is_not_implied() -> None:
    assert redundant(patterns({"00": 95, "01": 5, "10": 95, "11": 5}, "AB"), "AB").implications == ()


BASE_RATES = """
 both | fail the one only | fail the other only | pass both | implied
 3608 | 392               | 5192                | 808       | no
 9970 | 30                | 4940                | 60        | no
 3800 | 200               | 5400                | 600       | no
 3800 | 200               | 5399                | 601       | yes
 3640 | 360               | 4920                | 1080      | yes
 3639 | 361               | 4920                | 1080      | no
 4000 | 0                 | 5999                | 1         | no
"""


@pytest.mark.parametrize(("both", "one", "other", "neither", "implied"), by_name(BASE_RATES))
def test_an_implication_says_more_than_what_holds_of_everybody(both: str, one: str, other: str, neither: str, implied: str) -> None:
    """Of those who pass the one fewer than 90 % fail the other, and twice as large a share of them does not; all of these are beyond chance, but the last."""
    table = patterns({"00": int(both), "01": int(one), "10": int(other), "11": int(neither)}, "AB")
    found = redundant(table, "AB").implications
    assert [(each.given, each.other) for each in found if each.given == "A"] == ([("A", "B")] if implied == "yes" else [])


def test_two_that_are_failed_together() -> None:
    table = patterns({"00": 60, "01": 40, "10": 140, "11": 260, "?0": 100, "0?": 7}, "AB")
    found = redundant(table, "AB")
    (pull,) = found.together
    assert found.apart == ()
    assert pull.pair == ("A", "B")
    assert (pull.both, pull.first, pull.second, pull.known) == (60, 100, 200, 500)
    assert (pull.expected, pull.ratio) == (40, 1.5)
    assert pull.chance <= LEVEL
    assert found.pairs == 1


def test_two_that_pull_against_each_other() -> None:
    """Of 100 who fail A 5 fail B, of 400 who pass it 95: independence would give 20 who fail both."""
    found = redundant(patterns({"00": 5, "01": 95, "10": 95, "11": 305}, "AB"), "AB")
    (pair,) = found.apart
    assert found.together == ()
    assert (pair.both, pair.first, pair.second, pair.known, pair.expected, pair.ratio) == (5, 100, 100, 500, 20, 0.25)
    protocol = read_protocol(THREE, builtin_catalogue())
    row = dict(zip(wording.PAIR_ROW, wording.pair_row(protocol, pair, 0), strict=True))
    assert [row[each] for each in ("Both known", "Fail first", "Fail second", "Fail both", "By chance", "Times")] == [500, 100, 100, 5, 20, 0.25]
    assert [row[each] for each in wording.PAIR_ROW if " / " in each] == ["5.0 % / 23.8 %"] * 2
    hidden = wording.pair_row(protocol, pair, 10)
    assert hidden[2:] == (500, 100, 100, 5), "percentages would be of the rounding"


def test_independent_ones_are_not_reported() -> None:
    found = redundant(patterns({"00": 20, "01": 80, "10": 80, "11": 320}, "AB"), "AB")
    assert (found.together, found.apart) == ((), ())


def test_chance_alone_is_not_reported_in_small_cohorts() -> None:
    """Twice as many as expected, of 40; and 1,000 small cohorts of independent criteria, of whom at most the stated share may be reported on."""
    assert redundant(patterns({"00": 4, "01": 4, "10": 6, "11": 26}, "AB"), "AB").together == ()
    random, names = np.random.default_rng(1), "ABCDEF"
    tables = (count({name: random.choice([FAIL, PASS], 60, p=[0.3, 0.7]).astype(np.int8) for name in names}, 60) for _ in range(1000))
    reported = [redundant(table, names) for table in tables]
    for found in ([each.together for each in reported], [each.apart for each in reported]):
        assert sum(map(bool, found)) <= 1000 * LEVEL


TABLES = [(15, 18, 20, 60), (28, 40, 60, 200), (30, 40, 60, 100), (90, 100, 500, 1000), (10, 10, 20, 100)]


@pytest.mark.parametrize(("both", "first", "second", "known"), TABLES)
def test_the_chance_is_fishers_or_little_more(both: int, first: int, second: int, known: int) -> None:
    rows = {"00": both, "01": first - both, "10": second - both, "11": known - first - second + both}
    more = range(both, min(first, second) + 1)
    fisher = sum(comb(second, number) * comb(known - second, first - number) for number in more) / comb(known, first)
    (pull,) = redundant(patterns(rows, "AB"), "AB").together
    assert fisher * (1 - 1e-9) <= pull.chance <= min(2 * fisher, LEVEL)
    mirrored = {passes[0] + "10"[int(passes[1])]: number for passes, number in rows.items()}  # who failed B passes it, and the other way round
    (apart,) = redundant(patterns(mirrored, "AB"), "AB").apart
    assert apart.chance == pytest.approx(pull.chance)


# Brute force: every patient looked at one by one


Pulls = dict[tuple[str, ...], tuple[int, ...]]


def by_hand(people: Sequence[Mapping[str, int]], order: Sequence[str]) -> tuple[Counter[tuple[str, ...]], set[tuple[object, ...]], Pulls]:
    """The sets failed; the implications as far as their numbers go; the pairs of known outcomes failed together beyond the ratio."""
    sets = Counter(tuple(each for each in order if person[each] == FAIL) for person in people)
    del sets[()]
    implications: set[tuple[object, ...]] = set()
    for given, other in permutations(order, 2):
        failing = [person for person in people if person[given] == FAIL]
        known = [person for person in failing if person[other] != UNKNOWN]
        both = [person for person in known if person[other] == FAIL]
        on_both = [person for person in people if UNKNOWN not in (person[given], person[other])]
        passing = [person[other] for person in on_both if person[given] == PASS]
        spared, spared_of_passing = 1 - len(both) / max(len(known), 1), passing.count(PASS) / max(len(passing), 1)
        says_more = passing.count(FAIL) < IMPLIES * len(passing) and 2 * spared <= spared_of_passing + 1e-9
        if len(known) >= FEWEST and len(both) >= IMPLIES * len(known) and says_more:
            failing_other = sum(person[other] == FAIL for person in on_both)
            implications.add((given, other, len(both), len(known), len(failing) - len(known), failing_other, len(on_both)))
    pulls: Pulls = {}
    for pair in combinations(order, 2):
        on_both = [person for person in people if all(person[each] != UNKNOWN for each in pair)]
        first, second = (sum(person[each] == FAIL for person in on_both) for each in pair)
        both = sum(all(person[each] == FAIL for each in pair) for person in on_both)
        if first and second and both * len(on_both) >= RATIO * first * second:
            pulls[pair] = (both, first, second, len(on_both))
    return sets, implications, pulls


@pytest.mark.parametrize("criteria", [1, 2, 6, 33, 63])
def test_against_every_patient_one_by_one(criteria: int) -> None:
    random = np.random.default_rng(criteria)
    names = [f"C{place}" for place in range(criteria)]
    common = random.random(400)
    arrays = {}
    for place, name in enumerate(names):
        falls = np.where(random.random(400) < 0.7, common, random.random(400)) < random.uniform(0.05, 0.6)
        falls = arrays[names[place - 1]] == FAIL if place % 5 == 1 else falls
        arrays[name] = np.where(random.random(400) < 0.1, UNKNOWN, np.where(falls, FAIL, PASS)).astype(np.int8)
    people = [{name: int(array[person]) for name, array in arrays.items()} for person in range(400)]
    table = count(arrays, 400)
    order = [str(each) for each in random.permutation(names)]
    sets, implications, pulls = by_hand(people, order)
    for most in (1, 5, 1000):
        found = failed_together(table, order, most)
        assert [each.patients for each in found.sets] == sorted(sets.values(), reverse=True)[:most]
        assert all(sets[each.criteria] == each.patients for each in found.sets)
        assert found.further == max(len(sets) - most, 0)
        assert found.further_patients + sum(each.patients for each in found.sets) == found.ineligible == sum(sets.values())
    redundancies = redundant(table, order)
    told = {(each.given, each.other, each.both, each.fails, each.unknown, each.fails_other, each.known) for each in redundancies.implications}
    assert told <= implications
    assert all(each[2] * each[6] < 1.5 * each[3] * each[5] for each in implications - told)  # what was left out is near independence
    for pull in redundancies.together:
        assert pulls[pull.pair] == (pull.both, pull.first, pull.second, pull.known)
    clear = {pair for pair, (both, first, second, known) in pulls.items() if both > 2 * first * second / known and both >= FEWEST}
    assert clear <= {pull.pair for pull in redundancies.together}
    assert criteria < 2 or told
    excess = [pull.both - pull.expected for pull in redundancies.together]
    assert excess == sorted(excess, reverse=True)
