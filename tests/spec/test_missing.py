"""What no record means: by policy, by coverage of the feed, and where a file has no column at all."""

from __future__ import annotations

import pytest
from oracle.both import by_judge, by_product, judged, protocol_of, rule, screened, verdicts
from oracle.judge import EVERY_COLUMN
from oracle.patients import Columns, Patient, cohort, columns_for, patient
from spec.tables import by_name

from feasibility.protocol import builtin_protocol
from feasibility.scenario import AS_WRITTEN, Scenario, with_missing_policy, with_reading, with_value
from feasibility.screening.screen import Screener
from feasibility.variables import MissingPolicy

OUTCOMES = ("FAIL", "UNKNOWN", "PASS")

# One limb in a protocol of its own. The patient has no record.
POLICIES = """
 rule                               | role      | unknown | absent | fail
 latest(uacr) > 1000                | inclusion | UNKNOWN | FAIL   | FAIL
 latest(uacr) > 1000                | exclusion | UNKNOWN | PASS   | FAIL
 latest(uacr) <= 1000               | inclusion | UNKNOWN | FAIL   | FAIL     # absent: every comparison is FALSE
 not latest(uacr) > 1000            | inclusion | UNKNOWN | PASS   | FAIL
 latest(hbsag) == "positive"        | exclusion | UNKNOWN | PASS   | FAIL
 occurred(atrial_fibrillation)      | exclusion | UNKNOWN | PASS   | FAIL
 occurred(t2dm)                     | inclusion | UNKNOWN | FAIL   | FAIL
 exposed(iv_antibiotic)             | exclusion | UNKNOWN | PASS   | FAIL
 count(t2dm) >= 2                   | inclusion | UNKNOWN | FAIL   | FAIL
 any_visit(sbp <= 160)              | inclusion | UNKNOWN | UNKNOWN| FAIL     # no visit: nothing is known of it
"""


@pytest.mark.parametrize(("text", "role", "unknown", "absent", "fail"), by_name(POLICIES))
def test_policies(text: str, role: str, unknown: str, absent: str, fail: str) -> None:
    variable = next(name for name in ("uacr", "hbsag", "atrial_fibrillation", "t2dm", "iv_antibiotic", "sbp") if name in text)
    protocol = protocol_of(text, role=role)
    columns = columns_for([], variable)
    for policy, expected in (("unknown", unknown), ("absent", absent), ("fail", fail)):
        scenario = with_missing_policy(protocol, AS_WRITTEN, f"C.{variable}", MissingPolicy(policy))
        said = {by(protocol, [patient()], columns, scenario)["C"][0] for by in (screened, judged)}
        assert {OUTCOMES[each] for each in said} == {expected}, policy


@pytest.mark.parametrize("policy", list(MissingPolicy))
def test_a_policy_says_nothing_of_what_is_recorded(policy: MissingPolicy) -> None:
    """A value that straddles the threshold, or that may lie in the window, is recorded: it stays UNKNOWN."""
    protocol = protocol_of('latest(uacr, within="60 days") > 1000')
    scenario = with_missing_policy(protocol, AS_WRITTEN, "C.uacr", policy)
    patients = [patient(uacr=text) for text in ("2000 @1d", "500 @1d", ">800 @1d", "2000 @2025-12")]
    assert screened(protocol, patients, columns_for(patients), scenario)["C"] == [2, 0, 1, 1]
    assert judged(protocol, patients, columns_for(patients), scenario)["C"] == [2, 0, 1, 1]


@pytest.mark.parametrize("policy", list(MissingPolicy))
def test_one_collection_of_two_is_recorded(policy: MissingPolicy) -> None:
    """With one value of the two asked for, the other is (−∞, ∞) whatever the policy: there is a record."""
    rules = {"mean(uacr, last=2) > 3": 1, "highest(uacr, last=3, rank=2) > 3": 1, "lowest(uacr, last=2) > 3": 1, "lowest(uacr, last=2) > 9": 0}
    for text, expected in rules.items():
        protocol = protocol_of(text)
        scenario = with_missing_policy(protocol, AS_WRITTEN, "C.uacr", policy)
        someone = patient(uacr="5 @1d")
        assert screened(protocol, [someone], columns_for([someone]), scenario)["C"] == [expected], text
        assert judged(protocol, [someone], columns_for([someone]), scenario)["C"] == [expected], text


def test_policy_fail_reaches_the_fields_of_an_event() -> None:
    """A lacunar infarct without a word on deficits, deficits missing = fail: the patient does not pass."""
    protocol = builtin_protocol()
    scenario = with_missing_policy(protocol, AS_WRITTEN, "E4.stroke_deficits", MissingPolicy.FAIL)
    patients = [patient(cerebral_infarction=f"@30d stroke_lacunar=yes stroke_deficits={deficits}", cerebral_haemorrhage="") for deficits in ("?", "no")]
    for by in (screened, judged):
        assert by(protocol, patients, columns_for(patients, "cerebral_haemorrhage"), scenario)["E4"] == [0, 2]


# No record of the event, policy absent; the feed begins so many days before the index date.
COVERAGE = """
 feed begins | 180 days | 6 months | no window | records
 1000        | FALSE    | FALSE    | FALSE     |
 190         | FALSE    | FALSE    | FALSE     |
 179         | UNKNOWN  | UNKNOWN  | FALSE     |            # shorter than the window
 0           | UNKNOWN  | UNKNOWN  | FALSE     |            # without a limit, any feed will do
 -1          | UNKNOWN  | UNKNOWN  | UNKNOWN   |            # no feed for this patient
 179         | TRUE     | TRUE     | TRUE      | @100d
 179         | UNKNOWN  | UNKNOWN  | TRUE      | @300d      # what came before the feed may have come again
 1000        | FALSE    | FALSE    | TRUE      | @300d
 179         | UNKNOWN  | UNKNOWN  | UNKNOWN   | maybe @100d
"""


@pytest.mark.parametrize(("feed", "days", "months", "unbounded", "records"), by_name(COVERAGE))
def test_coverage(feed: str, days: str, months: str, unbounded: str, records: str) -> None:
    someone = patient(covered_days=int(feed), unstable_angina=records)
    for call in ("occurred(unstable_angina{})", "count(unstable_angina{}) >= 1"):
        for window, expected in ((', within="180 days"', days), (', within="6 months"', months), ("", unbounded)):
            if feed == "-1" and window == "":
                continue  # there is no date of a feed of nothing: the product's own mark
            assert verdicts(call.format(window), someone, "unstable_angina") == {expected}, call.format(window)


@pytest.mark.parametrize(("feed", "expected"), [(1000, "FALSE"), (179, "UNKNOWN")])
def test_coverage_holds_for_measurements_and_exposures_too(feed: int, expected: str) -> None:
    someone = patient(covered_days=feed)
    absent = {"uacr": MissingPolicy.ABSENT}
    assert verdicts('latest(uacr, within="180 days") > 3', someone, "uacr", policies=absent) == {expected}
    assert verdicts('exposed(iv_antibiotic, before="180 days")', someone, "iv_antibiotic") == {expected}


# Columns the file has not: a rule that could never be settled for anybody is not assessable.
ASSESSABLE = """
 rule                                                   | file has  | assessable
 latest(uacr) > 3                                       | uacr      | yes
 latest(uacr) > 3                                       | hba1c     | no
 latest(uacr) > 3 and latest(hba1c) < 9                 | hba1c     | yes     # it can be FALSE
 latest(uacr) > 3 or latest(hba1c) < 9                  | hba1c     | yes     # it can be TRUE
 not latest(uacr) > 3                                   | hba1c     | no
 possible(latest(uacr) > 3)                             | uacr      | yes     # it can be FALSE
 occurred(t2dm)                                         | uacr      | no
 occurred(t2dm) or possible(latest(uacr) > 3)           | uacr      | no      # UNKNOWN at best and at worst
 count(t2dm) >= 2                                       | uacr      | no
 any_visit(sbp <= 160 and dbp <= 100)                   | sbp       | yes     # it can be FALSE
 any_visit(sbp <= 160 and dbp <= 100)                   | uacr      | no
 egfr("2021_cr") >= 20                                  | uacr      | no
"""


@pytest.mark.parametrize(("text", "column", "assessable"), by_name(ASSESSABLE))
@pytest.mark.parametrize("policy", list(MissingPolicy))
def test_absent_columns(text: str, column: str, assessable: str, policy: MissingPolicy) -> None:
    """An empty cell and an absent column are different things; no missing policy makes the one the other."""
    protocol, columns = protocol_of(text), columns_for([], column)
    scenario = Scenario(missing={f"C.{name}": policy for name in ("uacr", "t2dm") if name in text})
    said = screened(protocol, [patient()], columns, scenario)
    assert ("C" in said) == (assessable == "yes")
    assert said == judged(protocol, [patient()], columns, scenario)


# Two limbs, uacr > 3 and hba1c > 9; the file has no hba1c.
PARTLY = """
 role      | join | uacr | outcome
 inclusion | all  | 4    | PASS       # each limb is necessary: the one not assessable is set aside
 inclusion | all  | 2    | FAIL
 inclusion | all  | ?    | UNKNOWN
 exclusion | any  | 4    | FAIL
 exclusion | any  | 2    | PASS
 inclusion | any  | 4    | PASS       # the limbs are alternatives: the one not shown might have been met
 inclusion | any  | 2    | UNKNOWN
 exclusion | all  | 4    | UNKNOWN
 exclusion | all  | 2    | PASS
"""


@pytest.mark.parametrize(("role", "join", "uacr", "expected"), by_name(PARTLY))
def test_partly_assessable(role: str, join: str, uacr: str, expected: str) -> None:
    protocol = protocol_of("uacr > 3", "hba1c > 9", role=role, join=join)
    someone = patient(uacr=uacr)
    columns = columns_for([someone])
    said = {by(protocol, [someone], columns)["C"][0] for by in (screened, judged)}
    assert {OUTCOMES[each] for each in said} == {expected}
    screening = Screener(cohort([someone], columns)).screen(protocol, AS_WRITTEN)
    assert screening.partly_assessed == {"C": ("limb 1",)}
    assert screening.assessments["C"].not_assessed == ("limb 2",)
    assert screening.assessments["C"].absent == ("hba1c",)
    assert screening.assessed == ("C",)
    assert screening.not_assessed == ()


def test_a_criterion_of_which_nothing_is_shown_is_set_aside() -> None:
    protocol = protocol_of("uacr > 3", "hba1c > 9")
    screening = Screener(cohort([patient(age="50")], columns_for([patient(age="50")]))).screen(protocol, AS_WRITTEN)
    assert screening.not_assessed == ("C",)
    assert screening.partly_assessed == {}
    assert dict(screening.outcomes) == {}


def test_limbs_switched_off_are_not_asked() -> None:
    """E3 with its optional limbs off is wholly assessed by the four conditions named."""
    nobody = patient()
    named = ("congenital_heart_disease", "atrial_fibrillation", "heart_failure", "nyha", "unstable_angina")
    screener = Screener(cohort([nobody], columns_for([], *named)))
    assert "E3" not in screener.screen(builtin_protocol(), AS_WRITTEN).partly_assessed
    asked = with_value(builtin_protocol(), AS_WRITTEN, "E3.ejection", True)
    screening = screener.screen(builtin_protocol(), asked)
    assert "low ejection fraction" not in screening.partly_assessed["E3"]
    assert screening.assessments["E3"].absent == ("lvef",)


def test_the_built_in_policies_of_limbs() -> None:
    """E1: no biopsy on file speaks of no other kidney disease; I3: no biopsy on file is unknown."""
    someone = patient()
    columns = columns_for([], "kidney_biopsy", "biopsy_dx", "non_diabetic_kidney_disease")
    said = screened(builtin_protocol(), [someone], columns)
    assert said["E1"] == [2]
    assert said["I3"] == [1]
    assert {name: said[name] for name in ("E1", "I3")} == {name: judged(builtin_protocol(), [someone], columns)[name] for name in ("E1", "I3")}


MODERATE = """
 biopsy                                    | code  | strict  | moderate
 @2y biopsy_dx=DN                          | no    | PASS    | PASS
 @2y biopsy_dx=DN                          | yes   | FAIL    | FAIL
 @2y biopsy_dx=mixed                       | no    | FAIL    | PASS
 @2y biopsy_dx=mixed                       | yes   | FAIL    | PASS      # the code is the biopsy's other half
 @2y biopsy_dx=NDRD                        | no    | FAIL    | FAIL
 @2y biopsy_dx=?                           | no    | UNKNOWN | UNKNOWN
 @2y biopsy_dx=?                           | yes   | FAIL    | UNKNOWN
                                           | no    | PASS    | PASS
                                           | yes   | FAIL    | FAIL
"""


@pytest.mark.parametrize(("biopsy", "code", "strict", "moderate"), by_name(MODERATE))
def test_other_kidney_disease(biopsy: str, code: str, strict: str, moderate: str) -> None:
    someone = patient(kidney_biopsy=biopsy.replace("2y", "730d"), non_diabetic_kidney_disease=code)
    columns = columns_for([someone], "kidney_biopsy", "biopsy_dx")
    for reading, expected in (("strict", strict), ("moderate", moderate)):
        scenario = with_reading(builtin_protocol(), AS_WRITTEN, "E1", reading)
        said = {by(builtin_protocol(), [someone], columns, scenario)["E1"][0] for by in (screened, judged)}
        assert {OUTCOMES[each] for each in said} == {expected}, reading


def test_an_explicit_no_is_known_whatever_the_coverage() -> None:
    someone = patient(covered_days=10, atrial_fibrillation="no")
    assert verdicts('occurred(atrial_fibrillation, within="180 days")', someone) == {"FALSE"}


def test_all_missing_and_nobody() -> None:
    """With every column and no value nobody passes the measurements and nobody fails; with nobody there is nothing to count."""
    said = screened(builtin_protocol(), [patient(), patient()], EVERY_COLUMN)
    assert said == judged(builtin_protocol(), [patient(), patient()], EVERY_COLUMN)
    assert said["I4"] == [1, 1]
    assert {name: set(outcomes) for name, outcomes in said.items() if 0 in outcomes} == {"I2": {0}}  # no diagnosis: it did not happen
    assert set(map(tuple, screened(builtin_protocol(), [], EVERY_COLUMN).values())) == {()}


def test_the_same_rule_under_two_policies_in_one_protocol() -> None:
    """What is remembered of a term under one policy is not used under another, the policies of an event's fields included."""
    someone = patient(cerebral_infarction="@30d stroke_lacunar=?")
    columns = columns_for([someone])
    cohort_ = cohort([someone], columns)
    for text in ('count(cerebral_infarction, where=stroke_lacunar == "yes") >= 1', 'occurred(cerebral_infarction, where=stroke_lacunar == "yes")'):
        protocol = protocol_of(text, role="exclusion")
        screener = Screener(cohort_)
        for policy, expected in ((MissingPolicy.UNKNOWN, 1), (MissingPolicy.ABSENT, 2), (MissingPolicy.UNKNOWN, 1)):
            scenario = with_missing_policy(protocol, AS_WRITTEN, "C.stroke_lacunar", policy)
            assert screener.screen(protocol, scenario).outcomes["C"].tolist() == [expected], (text, policy)
            assert judged(protocol, [someone], columns, scenario)["C"] == [expected]


def test_an_absent_column_stays_unknown_under_every_policy() -> None:
    columns = Columns({"uacr": ("uacr",)})
    for policy in MissingPolicy:
        policies = {"hba1c": policy, "t2dm": policy}
        for text in ("latest(hba1c) > 9", "occurred(t2dm)", "count(t2dm) >= 1", "exposed(iv_antibiotic)"):
            assert by_product(rule(text), [Patient({})], columns, policies) == by_judge(rule(text), [Patient({})], columns, policies) == [1]
