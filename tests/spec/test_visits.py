"""Visits: values taken together stay together."""

from __future__ import annotations

import pytest
from oracle.both import by_product, rule, verdicts
from oracle.patients import columns_for, patient
from spec.tables import by_name

# Both limits, 160/100, at one and the same visit within 365 days.
VISITS = """
 visits                                              | latest  | any
 sbp=160 dbp=100 @3d                                 | TRUE    | TRUE
 sbp=161 dbp=90 @3d                                  | FALSE   | FALSE
 sbp=150 dbp=101 @3d                                 | FALSE   | FALSE
 sbp=170 dbp=90 @3d; sbp=150 dbp=110 @30d            | FALSE   | FALSE     # each limit met, never both at once
 sbp=170 dbp=90 @3d; sbp=150 dbp=90 @30d             | FALSE   | TRUE
 sbp=150 dbp=90 @3d; sbp=170 dbp=110 @30d            | TRUE    | TRUE
 sbp=170 dbp=90 @3d; sbp=150 dbp=90 @400d            | FALSE   | FALSE     # the good one is too old
 sbp=150 dbp=90 @400d                                | UNKNOWN | UNKNOWN
 sbp=150 dbp=? @3d                                   | UNKNOWN | UNKNOWN
 sbp=170 dbp=? @3d                                   | FALSE   | FALSE     # one limit broken settles it
 sbp=150 dbp=? @3d; sbp=150 dbp=90 @30d              | UNKNOWN | TRUE
 sbp=170 dbp=? @3d; sbp=150 dbp=? @30d               | FALSE   | UNKNOWN
 sbp=? dbp=? @3d; sbp=150 dbp=90 @30d                | TRUE    | TRUE      # a visit without a value is none
 sbp=? dbp=? @3d                                     | UNKNOWN | UNKNOWN
 sbp=<150 dbp=<90 @3d                                | TRUE    | TRUE
 sbp=170 dbp=90 @-3d; sbp=150 dbp=90 @3d             | TRUE    | TRUE      # after the index date
                                                     | UNKNOWN | UNKNOWN
 sbp=150 dbp=90 @2025-01                             | UNKNOWN | UNKNOWN   # January 2025: in the window on its last day only
 sbp=170 dbp=90 @2025-01                             | UNKNOWN | UNKNOWN
 sbp=150 dbp=90 @2025-01; sbp=150 dbp=90 @3d         | TRUE    | TRUE
 sbp=170 dbp=90 @2025-01; sbp=150 dbp=90 @3d         | TRUE    | TRUE      # whenever that was, it was not the latest
 sbp=150 dbp=90 @2025-01; sbp=170 dbp=90 @3d         | FALSE   | UNKNOWN
 sbp=150 dbp=90 @2026-01; sbp=170 dbp=90 @2026-01-15 | UNKNOWN | TRUE
"""


@pytest.mark.parametrize(("visits", "latest", "some"), by_name(VISITS))
def test_both_limits_at_one_visit(visits: str, latest: str, some: str) -> None:
    someone = patient(blood_pressure=visits)
    assert verdicts('latest_visit(sbp <= 160 and dbp <= 100, within="365 days")', someone, "sbp", "dbp") == {latest}
    assert verdicts('any_visit(sbp <= 160 and dbp <= 100, within="365 days")', someone, "sbp", "dbp") == {some}


def test_someone_elses_partial_date_does_not_change_an_outcome() -> None:
    """Everybody is judged on their own records."""
    exact = patient(blood_pressure="sbp=150 dbp=90 @3d; sbp=170 dbp=90 @30d", uacr="5 @3d; 1 @30d")
    partial = patient(blood_pressure="sbp=150 dbp=90 @2025-06", uacr="5 @2025-06")
    for text in ('latest_visit(sbp <= 160, within="365 days")', 'any_visit(sbp <= 160, within="365 days")', 'latest(uacr, within="365 days") > 3'):
        alone = by_product(rule(text), [exact], columns_for([exact]))
        assert by_product(rule(text), [exact, partial], columns_for([exact, partial]))[0] == alone[0], text


def test_pressures_by_themselves_are_not_paired() -> None:
    someone = patient(blood_pressure="sbp=170 dbp=90 @3d; sbp=150 dbp=110 @30d")
    assert verdicts("lowest(sbp) <= 160 and lowest(dbp) <= 100", someone) == {"TRUE"}
    assert verdicts("any_visit(sbp <= 160 and dbp <= 100)", someone) == {"FALSE"}
