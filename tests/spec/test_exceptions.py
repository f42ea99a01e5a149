"""Exceptions: event by event inside a term, and ``unless`` on a limb; and how many patients each saves."""

from __future__ import annotations

import pytest
from oracle.both import judged, protocol_of, screened, verdicts
from oracle.patients import cohort, columns_for, patient
from spec.tables import by_name

from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN, with_reading, with_value
from feasibility.screening.screen import Screener

OUTCOMES = ("FAIL", "UNKNOWN", "PASS")

# E4 as written: no cerebral haemorrhage or infarct within 6 months, lacunar infarcts without residual deficits excepted. Index date 2026-01-31.
STROKES = """
 haemorrhages       | infarcts                                                       | E4
                    |                                                                | PASS
                    | @2025-10-01 stroke_lacunar=no stroke_deficits=no               | FAIL
                    | @2025-10-01 stroke_lacunar=no stroke_deficits=yes              | FAIL
                    | @2025-10-01 stroke_lacunar=yes stroke_deficits=no              | PASS
                    | @2025-10-01 stroke_lacunar=yes stroke_deficits=yes             | FAIL
                    | @2025-10-01 stroke_lacunar=yes stroke_deficits=one             | FAIL
                    | @2025-10-01 stroke_lacunar=yes stroke_deficits=?               | UNKNOWN  # residual deficits not recorded
                    | @2025-10-01 stroke_lacunar=? stroke_deficits=no                | UNKNOWN
                    | @2025-10-01 stroke_lacunar=? stroke_deficits=yes               | FAIL     # not excepted, lacunar or not
                    | @2025-10-01 stroke_lacunar=no stroke_deficits=?                | FAIL     # not excepted, deficits or not
                    | @2025-10-01 stroke_lacunar=? stroke_deficits=?                 | UNKNOWN
                    | @2025-07-31 stroke_lacunar=no stroke_deficits=no               | FAIL     # six months to the day
                    | @2025-07-30 stroke_lacunar=no stroke_deficits=no               | PASS
                    | @2025-07 stroke_lacunar=no stroke_deficits=no                  | UNKNOWN  # July 2025: in or out
                    | @2025-07 stroke_lacunar=yes stroke_deficits=no                 | PASS     # excepted either way
                    | @2025-07 stroke_lacunar=yes stroke_deficits=?                  | UNKNOWN
                    | @2025-10-01 stroke_lacunar=yes stroke_deficits=no; @2025-11-01 stroke_lacunar=no stroke_deficits=no  | FAIL  # the second is not excepted
                    | @2025-10-01 stroke_lacunar=yes stroke_deficits=no; @2024-11-01 stroke_lacunar=no stroke_deficits=no  | PASS  # the second is long ago
                    | @2025-10-01 stroke_lacunar=yes stroke_deficits=no; @2025-11-01 stroke_lacunar=yes stroke_deficits=?  | UNKNOWN
 @2025-10-01        |                                                                | FAIL
 @2025-10-01        | @2025-10-01 stroke_lacunar=yes stroke_deficits=no              | FAIL     # the exception is not the haemorrhage's
 @2024-10-01        | @2025-10-01 stroke_lacunar=yes stroke_deficits=no              | PASS
 @2024-10-01        |                                                                | PASS
 maybe @2025-10-01  |                                                                | UNKNOWN
 no @2025-10-01     |                                                                | PASS
 @2025              |                                                                | UNKNOWN
 @2025-08           |                                                                | FAIL     # any day of August is within
"""


@pytest.mark.parametrize(("haemorrhages", "infarcts", "expected"), by_name(STROKES))
def test_stroke(haemorrhages: str, infarcts: str, expected: str) -> None:
    someone = patient(cerebral_haemorrhage=haemorrhages, cerebral_infarction=infarcts)
    names = ("cerebral_haemorrhage", "cerebral_infarction", "stroke_lacunar", "stroke_deficits")
    for wide in (False, True):
        columns = columns_for([someone], *names, wide=wide)
        said = {by(builtin_protocol(), [someone], columns)["E4"][0] for by in (screened, judged)}
        assert {OUTCOMES[each] for each in said} == {expected}


def test_haemorrhage_for_ever_where_the_window_binds_infarction_only() -> None:
    someone = patient(cerebral_haemorrhage="@2015-01-01", cerebral_infarction="")
    columns = columns_for([someone], "cerebral_infarction", "stroke_lacunar", "stroke_deficits")
    scenario = with_reading(builtin_protocol(), AS_WRITTEN, "E4", "window-infarction")
    assert screened(builtin_protocol(), [someone], columns)["E4"] == [2]
    assert screened(builtin_protocol(), [someone], columns, scenario)["E4"] == judged(builtin_protocol(), [someone], columns, scenario)["E4"] == [0]


@pytest.mark.parametrize(
    ("allowed", "deficits", "expected"),
    [(0, "one", 0), (1, "one", 2), (1, "yes", 1), (1, "two", 0), (2, "two", 2), (2, "yes", 1), (2, "?", 1)],
)
def test_deficits_allowed(allowed: int, deficits: str, expected: int) -> None:
    someone = patient(cerebral_infarction=f"@30d stroke_lacunar=yes stroke_deficits={deficits}", cerebral_haemorrhage="")
    scenario = with_value(builtin_protocol(), AS_WRITTEN, "E4.deficits_allowed", allowed)
    columns = columns_for([someone], "cerebral_haemorrhage")
    assert screened(builtin_protocol(), [someone], columns, scenario)["E4"] == [expected]
    assert judged(builtin_protocol(), [someone], columns, scenario)["E4"] == [expected]


# where= narrows the events asked for; excepting= takes some out again.
FILTERS = """
 malignancies                                        | where nmsc | excepting nmsc | where nmsc excepting nmsc
 @100d cancer_site=nmsc                              | TRUE       | FALSE          | FALSE
 @100d cancer_site=other                             | FALSE      | TRUE           | FALSE
 @100d cancer_site=?                                 | UNKNOWN    | UNKNOWN        | UNKNOWN   # Kleene: it does not see that both cannot be
 @100d cancer_site=nmsc; @9d cancer_site=other       | TRUE       | TRUE           | FALSE
 @900d cancer_site=nmsc; @9d cancer_site=?           | UNKNOWN    | UNKNOWN        | UNKNOWN
 maybe @100d cancer_site=nmsc                        | UNKNOWN    | FALSE          | FALSE
 no @100d cancer_site=nmsc                           | FALSE      | FALSE          | FALSE
"""


@pytest.mark.parametrize(("records", "where", "excepting", "both"), by_name(FILTERS))
def test_filters(records: str, where: str, excepting: str, both: str) -> None:
    someone = patient(malignancy=records)
    nmsc = 'cancer_site == "nmsc"'
    assert verdicts(f'occurred(malignancy, within="1 year", where={nmsc})', someone) == {where}
    assert verdicts(f'occurred(malignancy, within="1 year", excepting={nmsc})', someone) == {excepting}
    assert verdicts(f'occurred(malignancy, within="1 year", where={nmsc}, excepting={nmsc})', someone) == {both}


# A limb's exception: rule uacr > 3, unless hba1c > 9.
UNLESS = """
 uacr | hba1c | inclusion | exclusion
 2    | 10    | PASS      | PASS        # inclusion: the exception lets him pass; exclusion: the limb was not met anyway
 2    | 8     | FAIL      | PASS
 4    | 10    | PASS      | PASS        # exclusion: excepted
 4    | 8     | PASS      | FAIL
 4    | ?     | PASS      | UNKNOWN
 2    | ?     | UNKNOWN   | PASS
 ?    | 10    | PASS      | PASS
 ?    | 8     | UNKNOWN   | UNKNOWN
 ?    | ?     | UNKNOWN   | UNKNOWN
"""


@pytest.mark.parametrize(("uacr", "hba1c", "inclusion", "exclusion"), by_name(UNLESS))
def test_unless(uacr: str, hba1c: str, inclusion: str, exclusion: str) -> None:
    someone = patient(uacr=uacr, hba1c=hba1c)
    for role, expected in (("inclusion", inclusion), ("exclusion", exclusion)):
        protocol = protocol_of("uacr > 3", role=role, unless="hba1c > 9")
        columns = columns_for([someone])
        assert OUTCOMES[screened(protocol, [someone], columns)["C"][0]] == expected
        assert OUTCOMES[judged(protocol, [someone], columns)["C"][0]] == expected


def test_saved_counts_the_patients_an_exception_saves() -> None:
    infarcts = [
        "@30d stroke_lacunar=yes stroke_deficits=no",  # saved: PASS instead of FAIL
        "@30d stroke_lacunar=yes stroke_deficits=?",  # changed: UNKNOWN instead of FAIL
        "@30d stroke_lacunar=no stroke_deficits=no",
        "@300d stroke_lacunar=yes stroke_deficits=no",
        "",
    ]
    patients = [patient(cerebral_infarction=text, cerebral_haemorrhage="") for text in infarcts]
    screener = Screener(cohort(patients, columns_for(patients, "cerebral_haemorrhage")))
    assert screener.saved(builtin_protocol(), AS_WRITTEN, "E4") == 2
    assert screener.saved(builtin_protocol(), AS_WRITTEN, "I1") is None


def test_saved_counts_unless_too() -> None:
    patients = [patient(uacr=uacr, hba1c=hba1c) for uacr, hba1c in (("4", "10"), ("4", "8"), ("2", "10"), ("4", "?"))]
    screener = Screener(cohort(patients, columns_for(patients)))
    assert screener.saved(protocol_of("uacr > 3", role="exclusion", unless="hba1c > 9"), AS_WRITTEN, "C") == 2
