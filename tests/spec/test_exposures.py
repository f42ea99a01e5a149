"""Exposures: overlap with the window, how long, what joins a course, what is not known of the end, which drugs and routes count."""

from __future__ import annotations

import pytest
from oracle.both import by_judge, by_product, judged, rule, screened, verdicts
from oracle.patients import columns_for, patient
from spec.tables import by_name

from feasibility.cohort import Undated
from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN, with_reading, with_value

# Days before the index date, first to last; "..now" is ongoing, no end is not known. The window is [t0 − 30 days, t0).
OVERLAP = """
 exposure        | before 30 days | within 30 days
 @40d..31d       | FALSE          | FALSE
 @40d..30d       | TRUE           | TRUE      # one day of overlap
 @40d..now       | TRUE           | TRUE
 @40d..-5d       | TRUE           | TRUE
 @30d..30d       | TRUE           | TRUE
 @1d..1d         | TRUE           | TRUE
 @0d..0d         | FALSE          | TRUE      # begins on the index date
 @0d..now        | FALSE          | TRUE
 @-1d..now       | FALSE          | FALSE
 @40d            | UNKNOWN        | UNKNOWN   # the end is not known: before the window, or in it
 @20d            | TRUE           | TRUE      # it began inside
 @40~20d         | UNKNOWN        | UNKNOWN   # begun and ended before the window, or in it
 @40~20d; @200d..190d | UNKNOWN   | UNKNOWN   # though an end is known of another
 @2025-12..10d   | TRUE           | TRUE      # wherever in December it began
 @50d..2026-01   | TRUE           | TRUE
 @90d..35~25d    | UNKNOWN        | UNKNOWN   # ended before the window, or in it
 @90d..2025-12   | FALSE          | FALSE     # 31 December is 31 days before
 maybe @20d..10d | UNKNOWN        | UNKNOWN
 no @20d..10d    | FALSE          | FALSE
                 | FALSE          | FALSE
"""


@pytest.mark.parametrize(("exposure", "before", "within"), by_name(OVERLAP))
def test_overlap(exposure: str, before: str, within: str) -> None:
    someone = patient(iv_antibiotic=exposure)
    assert verdicts('exposed(iv_antibiotic, before="30 days")', someone, "iv_antibiotic") == {before}
    assert verdicts('exposed(iv_antibiotic, within="30 days")', someone, "iv_antibiotic") == {within}


@pytest.mark.parametrize("exposure", ["@10d..now", "@10d..0d", "@10d..1d", "@10d", "@0d..now", "@1d..1d"])
def test_a_window_of_no_days_holds_nothing(exposure: str) -> None:
    """[t0, t0) is empty; loosening a washout to 0 days lets everybody pass."""
    assert verdicts('exposed(iv_antibiotic, before="0 days")', patient(iv_antibiotic=exposure)) == {"FALSE"}


# More than 7 days. Days count from the first to the last, no further than the day before the index date: the future has not been taken yet.
LENGTH = """
 exposure         | course  | in window
 @20d..13d        | TRUE    | TRUE      # 8 days
 @20d..14d        | FALSE   | FALSE     # 7 days
 @34d..27d        | TRUE    | FALSE     # 8 days, 4 of them inside
 @60d..20d        | TRUE    | TRUE
 @60d..30d        | TRUE    | FALSE     # one day inside
 @60d..31d        | FALSE   | FALSE     # long, but over before the window
 @8d..now         | TRUE    | TRUE      # 8 days until yesterday
 @7d..now         | FALSE   | FALSE     # 7 days until yesterday
 @7d..0d          | FALSE   | FALSE
 @20d             | UNKNOWN | UNKNOWN
 @5d              | FALSE   | FALSE     # at most 5 days, whenever it ended
 @60d             | UNKNOWN | UNKNOWN
 @20d..14~12d     | UNKNOWN | UNKNOWN
 @20d..12~10d     | TRUE    | TRUE
 @20~18d..13d     | UNKNOWN | UNKNOWN
"""


@pytest.mark.parametrize(("exposure", "course", "window"), by_name(LENGTH))
def test_length(exposure: str, course: str, window: str) -> None:
    someone = patient(iv_antibiotic=exposure)
    assert verdicts('exposed(iv_antibiotic, before="30 days", longer_than=7)', someone) == {course}
    assert verdicts('exposed(iv_antibiotic, before="30 days", longer_than=7, counting="window")', someone) == {window}


# More than 7 days, courses with at most 7 days between them are one.
GAPS = """
 prescriptions                                  | joined over 7 days | joined over 0 days | in window
 @20d..17d; @16d..13d                           | TRUE               | TRUE               | TRUE      # no day between: 8 days
 @20d..17d; @9d..6d                             | TRUE               | FALSE              | TRUE      # 7 days between; 8 of treatment
 @20d..17d; @8d..5d                             | FALSE              | FALSE              | TRUE      # 8 days between: two courses
 @40d..37d; @29d..26d                           | TRUE               | FALSE              | FALSE     # 7 days between; the second reaches into the window
 @50d..47d; @39d..36d; @28d..25d                | TRUE               | FALSE              | FALSE     # one leads to the next
 @60d..20d; @55d..50d                           | TRUE               | TRUE               | TRUE      # one inside the other
 @20d..17d; @20d..17d                           | FALSE              | FALSE              | FALSE     # the same days twice
 @14d..8d; @7d..1d                              | TRUE               | TRUE               | TRUE      # two weeks in two prescriptions
 @14d..10d; @8d..5~3d                           | TRUE               | FALSE              | TRUE
 @14d..10d; @8~2d..1d                           | TRUE               | UNKNOWN            | UNKNOWN   # joined whenever it began
 @14d..10d; maybe @8d..4d                       | UNKNOWN            | FALSE              | UNKNOWN
 @14d..10d; no @8d..4d                          | FALSE              | FALSE              | FALSE
"""


@pytest.mark.parametrize(("prescriptions", "joined", "apart", "window"), by_name(GAPS))
def test_gaps(prescriptions: str, joined: str, apart: str, window: str) -> None:
    someone = patient(iv_antibiotic=prescriptions)
    assert verdicts('exposed(iv_antibiotic, before="30 days", longer_than=7, gap=7)', someone) == {joined}
    assert verdicts('exposed(iv_antibiotic, before="30 days", longer_than=7)', someone) == {apart}
    assert verdicts('exposed(iv_antibiotic, before="30 days", longer_than=7, counting="window")', someone) == {window}


# E2 by reading, for one prescription of 8 days or of 5.
DRUGS = """
 prescription                                                                                                | and-course | and-window | or
 @20d..13d immunosuppressant_class=immunosuppressant immunosuppressant_route=systemic                        | FAIL       | FAIL       | FAIL
 @20d..16d immunosuppressant_class=immunosuppressant immunosuppressant_route=systemic                        | PASS       | PASS       | FAIL
 @90d..50d immunosuppressant_class=immunosuppressant immunosuppressant_route=systemic                        | PASS       | PASS       | FAIL
 @90d..86d immunosuppressant_class=immunosuppressant immunosuppressant_route=systemic                        | PASS       | PASS       | PASS
 @90d..28d immunosuppressant_class=immunosuppressant immunosuppressant_route=systemic                        | FAIL       | PASS       | FAIL
 @20d..13d immunosuppressant_class=immunosuppressant immunosuppressant_route=local                           | PASS       | PASS       | PASS
 @20d..13d immunosuppressant_class=immunosuppressant immunosuppressant_route=?                               | UNKNOWN    | UNKNOWN    | UNKNOWN
 @20d..13d immunosuppressant_class=? immunosuppressant_route=systemic                                        | UNKNOWN    | UNKNOWN    | UNKNOWN
 @20d..13d immunosuppressant_class=? immunosuppressant_route=local                                           | PASS       | PASS       | PASS
 @20d..13d immunosuppressant_class=glucocorticoid immunosuppressant_route=systemic                           | PASS       | PASS       | PASS
 @20d..13d immunosuppressant_class=tripterygium immunosuppressant_route=systemic                             | FAIL       | FAIL       | FAIL
                                                                                                             | PASS       | PASS       | PASS
"""


@pytest.mark.parametrize(("prescription", "course", "window", "either"), by_name(DRUGS))
def test_immunosuppressants(prescription: str, course: str, window: str, either: str) -> None:
    someone = patient(immunosuppressant=prescription)
    columns = columns_for([someone], "immunosuppressant", "immunosuppressant_class", "immunosuppressant_route")
    for reading, expected in (("and-course", course), ("and-window", window), ("or", either)):
        scenario = with_reading(builtin_protocol(), AS_WRITTEN, "E2", reading)
        said = {by(builtin_protocol(), [someone], columns, scenario)["E2"][0] for by in (screened, judged)}
        assert {("FAIL", "UNKNOWN", "PASS")[each] for each in said} == {expected}, reading


@pytest.mark.parametrize(("switch", "drug", "expected"), [("glucocorticoids", "glucocorticoid", 0), ("tripterygium", "tripterygium", 2)])
def test_switches_decide_which_drugs_count(switch: str, drug: str, expected: int) -> None:
    someone = patient(immunosuppressant=f"@20d..5d immunosuppressant_class={drug} immunosuppressant_route=systemic")
    scenario = with_value(builtin_protocol(), AS_WRITTEN, f"E2.{switch}", switch == "glucocorticoids")
    columns = columns_for([someone])
    assert screened(builtin_protocol(), [someone], columns, scenario)["E2"] == judged(builtin_protocol(), [someone], columns, scenario)["E2"] == [expected]


def test_an_undated_exposure_is_unknown_in_a_window() -> None:
    someone = patient(iv_antibiotic="yes")
    ever, within = (columns_for([someone], undated={"iv_antibiotic": meaning}) for meaning in (Undated.EVER, Undated.WITHIN))
    for text, in_ever, in_within in (
        ('exposed(iv_antibiotic, before="30 days")', 1, 2),
        ('exposed(iv_antibiotic, before="30 days", longer_than=7)', 1, 1),
        ("exposed(iv_antibiotic)", 2, 2),
    ):
        for columns, expected in ((ever, in_ever), (within, in_within)):
            assert by_product(rule(text), [someone], columns) == by_judge(rule(text), [someone], columns) == [expected], text
