"""Three truth values and intervals: the whole arithmetic, as tables."""

from __future__ import annotations

import numpy as np
import pytest
from oracle import judge
from oracle.both import verdicts
from oracle.patients import patient
from spec.tables import by_name

from feasibility.logic import COMPARISONS, Intervals, and_, known, missing, not_, or_

VALUES = {"F": 0, "U": 1, "T": 2}

KLEENE = """
 a | b | a and b | a or b | not a
 F | F |    F    |   F    |   T
 F | U |    F    |   U    |   T
 F | T |    F    |   T    |   T
 U | F |    F    |   U    |   U
 U | U |    U    |   U    |   U
 U | T |    U    |   T    |   U
 T | F |    F    |   T    |   F
 T | U |    U    |   T    |   F
 T | T |    T    |   T    |   F
"""


@pytest.mark.parametrize(("a", "b", "both", "either", "opposite"), by_name(KLEENE))
def test_kleene(a: str, b: str, both: str, either: str, opposite: str) -> None:
    left, right = (np.array([VALUES[each]], np.int8) for each in (a, b))
    assert and_(left, right).tolist() == [VALUES[both]]
    assert or_(left, right).tolist() == [VALUES[either]]
    assert not_(left).tolist() == [VALUES[opposite]]
    assert {each.dtype for each in (and_(left, right), or_(left, right), not_(left))} == {np.dtype(np.int8)}


# A value is what was read, a limit the number it is compared with.
COMPARED = """
 value    | limit | >= | >  | <  | <= | == | !=
 5        | 5     | T  | F  | F  | T  | T  | F
 5        | 4     | T  | T  | F  | F  | F  | T
 5        | 6     | F  | F  | T  | T  | F  | T
 <0.3     | 0.3   | U  | F  | U  | T  | U  | U    # the limit of detection itself may have been the value
 <0.3     | 0.2   | U  | U  | U  | U  | U  | U
 <0.3     | 0.4   | F  | F  | T  | T  | F  | T
 >5000    | 5000  | T  | U  | F  | U  | U  | U
 >5000    | 4999  | T  | T  | F  | F  | F  | T
 >5000    | 5001  | U  | U  | U  | U  | U  | U
 3..4     | 3     | T  | U  | F  | U  | U  | U
 3..4     | 4     | U  | F  | U  | T  | U  | U
 3..4     | 3.5   | U  | U  | U  | U  | U  | U
 3..4     | 2     | T  | T  | F  | F  | F  | T
 3..4     | 5     | F  | F  | T  | T  | F  | T
 ?        | 0     | U  | U  | U  | U  | U  | U
 >80      | 80    | T  | U  | F  | U  | U  | U    # an age top-coded at 80 is [80, inf)
"""


@pytest.mark.parametrize(("value", "limit", "ge", "gt", "lt", "le", "eq", "ne"), by_name(COMPARED))
def test_comparisons(value: str, limit: str, ge: str, gt: str, lt: str, le: str, eq: str, ne: str) -> None:
    someone = patient(uacr=value)
    for operator, expected in zip((">=", ">", "<", "<=", "==", "!="), (ge, gt, lt, le, eq, ne), strict=True):
        assert verdicts(f"latest(uacr) {operator} {limit}", someone) == {judge.NAMES[VALUES[expected]]}, operator
        mirrored = {">=": "<=", ">": "<", "<": ">", "<=": ">="}.get(operator, operator)
        assert verdicts(f"{limit} {mirrored} latest(uacr)", someone) == {judge.NAMES[VALUES[expected]]}, mirrored


INTERVALS = [(1, 1), (2, 2), (1, 2), (2, 3), (1, 3), (-np.inf, 2), (2, np.inf), (-np.inf, np.inf)]


@pytest.mark.parametrize("operator", COMPARISONS)
def test_a_settled_comparison_of_intervals_holds_for_every_pair_of_points_in_them(operator: str) -> None:
    points = np.array([0, 1, 1.5, 2, 2.5, 3, 4])
    for left in INTERVALS:
        for right in INTERVALS:
            said = int(COMPARISONS[operator](Intervals(*(np.array([end], float) for end in left)), Intervals(*(np.array([end], float) for end in right)))[0])
            of_points = {
                int(COMPARISONS[operator](known(np.array([a])), float(b))[0])
                for a in points[(points >= left[0]) & (points <= left[1])]
                for b in points[(points >= right[0]) & (points <= right[1])]
            }
            assert 1 not in of_points
            assert said == (of_points.pop() if len(of_points) == 1 else 1), (left, operator, right)


def test_top_coded_age_is_unknown_at_the_upper_limit() -> None:
    assert verdicts("45 <= age <= 80", patient(age="80..999")) == {"UNKNOWN"}
    assert verdicts("45 <= age", patient(age="80..999")) == {"TRUE"}
    assert verdicts("age <= 79", patient(age="80..999")) == {"FALSE"}


def test_nothing_is_known_of_what_is_missing() -> None:
    nothing = missing(2)
    assert nothing.lo.tolist() == [-np.inf, -np.inf]
    assert nothing.hi.tolist() == [np.inf, np.inf]
    assert not nothing.exact
    assert known(np.array([1.0])).exact
    assert known(np.array([1.0, 2.0])).take(np.array([1, 1])).exact


CHAINS = """
 value | 1 <= uacr <= 3 | not uacr > 3 | uacr < 1 or uacr > 3 | uacr in [1, 2] | uacr not in [1, 2]
 0     | FALSE          | TRUE         | TRUE                 | FALSE          | TRUE
 1     | TRUE           | TRUE         | FALSE                | TRUE           | FALSE
 3     | TRUE           | TRUE         | FALSE                | FALSE          | TRUE
 4     | FALSE          | FALSE        | TRUE                 | FALSE          | TRUE
 0..1  | UNKNOWN        | TRUE         | UNKNOWN              | UNKNOWN        | UNKNOWN
 1..3  | TRUE           | TRUE         | FALSE                | UNKNOWN        | UNKNOWN
 ?     | UNKNOWN        | UNKNOWN      | UNKNOWN              | UNKNOWN        | UNKNOWN
"""


@pytest.mark.parametrize(("value", "chained", "negated", "outside", "among", "not_among"), by_name(CHAINS))
def test_chains_and_lists(value: str, chained: str, negated: str, outside: str, among: str, not_among: str) -> None:
    someone = patient(uacr=value)
    assert verdicts("1 <= uacr <= 3", someone) == {chained}
    assert verdicts("not uacr > 3", someone) == {negated}
    assert verdicts("uacr < 1 or uacr > 3", someone) == {outside}
    assert verdicts("uacr in [1, 2]", someone) == {among}
    assert verdicts("uacr not in [1, 2]", someone) == {not_among}


POSSIBLE = """
 evidence | possible(uacr > 3) | uacr > 9 or possible(uacr > 3) | not possible(uacr > 3)
 2        | FALSE              | FALSE                          | TRUE
 4        | UNKNOWN            | UNKNOWN                        | UNKNOWN
 10       | UNKNOWN            | TRUE                           | UNKNOWN
 ?        | UNKNOWN            | UNKNOWN                        | UNKNOWN
"""


@pytest.mark.parametrize(("evidence", "alone", "beside", "negated"), by_name(POSSIBLE))
def test_possible_leaves_the_matter_open(evidence: str, alone: str, beside: str, negated: str) -> None:
    someone = patient(uacr=evidence)
    assert verdicts("possible(uacr > 3)", someone) == {alone}
    assert verdicts("uacr > 9 or possible(uacr > 3)", someone) == {beside}
    assert verdicts("not possible(uacr > 3)", someone) == {negated}
