"""A patient's verdict in words: what was found, and what is needed to pass, at the scenario's thresholds."""

from __future__ import annotations

from datetime import date

import pytest
from oracle.both import protocol_of
from oracle.patients import INDEX, cohort, columns_for, patient
from spec.tables import by_name

from feasibility.cohort import Undated
from feasibility.intake import load_cohort
from feasibility.protocol import builtin_protocol
from feasibility.results.overview import Workbench
from feasibility.scenario import AS_WRITTEN, Scenario, with_missing_policy, with_value
from feasibility.screening.explain import CriterionFound, explained
from feasibility.screening.screen import Screener
from feasibility.ui import cohorts
from feasibility.variables import MissingPolicy, builtin_catalogue
from feasibility.wording import VERDICTS, index_day, limbs_said, reason

PROTOCOL = builtin_protocol()
CATALOGUE = builtin_catalogue()


def found(criterion: str, scenario: Scenario = AS_WRITTEN, columns: str = "", **records: str) -> CriterionFound:
    """What the built-in criterion finds for a patient in a file with these columns and those named."""
    made = [patient(**records)]
    screener = Screener(cohort(made, columns_for(made, *columns.split())))
    ((only,),) = explained(screener, screener.screen(PROTOCOL, scenario), [0], [criterion])
    return only


def said(criterion: str, scenario: Scenario = AS_WRITTEN, columns: str = "", index: date | None = INDEX, **records: str) -> str:
    only = found(criterion, scenario, columns, **records)
    return f"{VERDICTS[only.outcome]}: {reason(only, CATALOGUE, index)}"


PROTEIN, UACR = "urine_protein_24h", "uacr"
TABLE = """
 criterion | variable          | records                  | said
 I4        | uacr              | 870 @19d                 | fails: UACR 870 mg/g on 2026-01-12, needs > 1000
 I4        | uacr              | 1000 @0d                 | fails: UACR 1000 mg/g on 2026-01-31, needs > 1000
 I4        | uacr              | 1000.04 @0d              | passes: UACR 1000.04 mg/g on 2026-01-31, needs > 1000
 I4        | uacr              | <1500 @3d                | unknown: UACR 1500 mg/g or less on 2026-01-28, needs > 1000
 I4        | uacr              | 900..1200 @3d            | unknown: UACR 900 to 1200 mg/g on 2026-01-28, needs > 1000
 I4        | uacr              | 2000 @400d               | unknown: UACR not recorded within 365 days, needs > 1000 mg/g
 I4        | uacr              | 2000 @2025-01            | unknown: UACR not certain, needs > 1000 (2000 mg/g between 2025-01-01 and 2025-01-31)
 I4        | urine_protein_24h | 6 @2d; 3.4 @40d          | fails: 24-h urine protein, lowest of the last 2: 3.4 g/24h, needs ≥ 3.5 (6 g/24h on 2026-01-29; 3.4 g/24h on 2025-12-22)
 I4        | urine_protein_24h | 6 @2d                    | unknown: 24-h urine protein, lowest of the last 2: 6 g/24h or less, only 1 of 2 recorded, needs ≥ 3.5 (6 g/24h on 2026-01-29)
 I7        | hba1c             | 9 @2d                    | fails: HbA1c 9 % on 2026-01-29, needs < 9
 I1        | age               | 44                       | fails: age 44 years, needs ≥ 45 and ≤ 80
 I6        | blood_pressure    | sbp=170 dbp=90 @2d       | fails: systolic blood pressure 170 mmHg, diastolic blood pressure 90 mmHg on 2026-01-29, needs a visit with systolic blood pressure ≤ 160 mmHg and diastolic blood pressure ≤ 100 mmHg within 365 days
 I3        | kidney_biopsy     | @2015-11-30 biopsy_dx=DN | fails: kidney biopsy recorded on 2015-11-30, outside the window, needs one within 10 years
 I3        | kidney_biopsy     | @20d biopsy_dx=DN        | passes: kidney biopsy recorded on 2026-01-11 (biopsy diagnosis DN), needs one within 10 years, where biopsy diagnosis is DN or mixed
 I3        | kidney_biopsy     | @20d biopsy_dx=NDRD      | fails: kidney biopsy recorded on 2026-01-11 (biopsy diagnosis NDRD), not one of those meant, needs one within 10 years, where biopsy diagnosis is DN or mixed
 E3        | atrial_fibrillation | yes                    | fails: atrial fibrillation recorded, needs none
 E11       | iv_antibiotic     | @9d..2d                  | unknown: no column for active infection, needs none within 30 days
 E12       | other_trial       | @2023..20d               | fails: other interventional trial recorded, begun between 2023-01-01 and 2023-12-31, ended on 2026-01-11, needs none in the 3 months before the index date
 E12       | other_trial       | @400d..200d              | passes: other interventional trial recorded from 2024-12-27 to 2025-07-15, outside the window, needs none in the 3 months before the index date
 E12       | other_trial       | @400d                    | unknown: other interventional trial recorded on 2024-12-27, end not known, needs none in the 3 months before the index date
 E12       | other_trial       | no                       | passes: other interventional trial recorded as no, needs none in the 3 months before the index date
 E7        | hbsag             | positive                 | unknown: no column for HBV DNA, needs ≤ 20 IU/mL
"""  # noqa: E501  # a sentence is one cell


@pytest.mark.parametrize(("criterion", "variable", "records", "expected"), by_name(TABLE))
def test_what_decides_a_criterion(criterion: str, variable: str, records: str, expected: str) -> None:
    assert said(criterion, **{variable: records}) == expected


WITHOUT_A_DATE = "other interventional trial recorded without a date, so that it may lie in the window or not, needs none in the 3 months before the index date"


@pytest.mark.parametrize("file", [b"id,other_trial\na,yes\n", b"id,other_trial,other_trial_date\na,yes,\nb,yes,2025-12-01\n"])
def test_of_an_event_without_a_date_it_is_said_that_the_window_asks_for_one(file: bytes) -> None:
    """Whether the file has no dates at all, or only this patient's is not there."""
    screener = Screener(load_cohort("f.csv", file))
    ((only,),) = explained(screener, screener.screen(PROTOCOL, AS_WRITTEN), [0], ["E12"])
    assert f"{VERDICTS[only.outcome]}: {reason(only, CATALOGUE, INDEX)}" == f"unknown: {WITHOUT_A_DATE}"


def test_an_event_without_a_date_that_counts_is_not_said_to_be_open() -> None:
    made = [patient(other_trial="yes")]
    screener = Screener(cohort(made, columns_for(made, undated={"other_trial": Undated.WITHIN})))
    ((only,),) = explained(screener, screener.screen(PROTOCOL, AS_WRITTEN), [0], ["E12"])
    assert reason(only, CATALOGUE, INDEX) == "other interventional trial recorded, needs none in the 3 months before the index date"


@pytest.mark.parametrize(
    ("records", "expected"),
    [("@20d biopsy_dx=NDRD", "biopsy diagnosis NDRD"), ("@20d biopsy_dx=DN", "kidney biopsy recorded"), ("no @20d", "kidney biopsy recorded as no")],
)
def test_of_an_exclusion_too_an_event_is_said_once(records: str, expected: str) -> None:
    """Of two limbs that both stop somebody the one that says more; of two that stop nobody the one that asks for less."""
    made = protocol_of("occurred(kidney_biopsy)", "occurred(kidney_biopsy, where=biopsy_dx == 'NDRD')", role="exclusion", join="any")
    people = [patient(kidney_biopsy=records)]
    screener = Screener(cohort(people, columns_for(people)))
    ((only,),) = explained(screener, screener.screen(made, AS_WRITTEN), [0], made.ids)
    sentence = reason(only, CATALOGUE, INDEX)
    assert expected in sentence
    assert sentence.count("kidney biopsy") == 1


def test_the_thresholds_are_the_scenarios() -> None:
    scenario = with_value(PROTOCOL, with_value(PROTOCOL, AS_WRITTEN, "I4.uacr_above", 800), "lab_window", 28)
    assert said("I4", scenario, uacr="870 @19d") == "passes: UACR 870 mg/g on 2026-01-12, needs > 800"
    assert said("I4", scenario, uacr="870 @29d") == "unknown: UACR not recorded within 28 days, needs > 800 mg/g"


def test_days_are_counted_where_index_dates_differ() -> None:
    assert said("I4", index=None, uacr="870 @19d") == "fails: UACR 870 mg/g 19 days before the index date, needs > 1000"
    assert said("I4", index=None, uacr="870 @1d") == "fails: UACR 870 mg/g 1 day before the index date, needs > 1000"
    assert said("I4", index=None, uacr="870 @0d") == "fails: UACR 870 mg/g on the index date, needs > 1000"
    made = cohort([patient(age="50")], columns_for([patient(age="50")]))
    assert index_day(made) is None
    assert index_day(cohorts.sample()) == INDEX


def test_a_rate_names_its_sample_and_what_it_lacks() -> None:
    records = {"creatinine": "4.3 @3d", "age_exact": "60", "sex": "male"}
    assert said("I5", **records) == "fails: eGFR 14.97 mL/min/1.73m², needs ≥ 20 (serum creatinine 4.3 mg/dL on 2026-01-28)"
    assert said("I5", columns="creatinine", age_exact="60", sex="male") == "unknown: eGFR not known, needs ≥ 20 mL/min/1.73m² (serum creatinine not recorded)"
    without_sex = said("I5", creatinine="3 @3d", age_exact="60")
    assert without_sex == "unknown: eGFR 17.26 to 23.06 mL/min/1.73m², needs ≥ 20 (serum creatinine 3 mg/dL on 2026-01-28; no column for sex)"


def test_an_exception_is_named() -> None:
    lacunar = "@60d stroke_lacunar=yes stroke_deficits=0"
    excepted = said("E4", cerebral_infarction=lacunar, cerebral_haemorrhage="no")
    assert "cerebral infarction (stroke) recorded on 2025-12-02 (infarct is lacunar yes, residual deficits no), excepted, needs none" in excepted
    assert excepted.startswith("passes: ")
    both = said("E4", cerebral_infarction=f"{lacunar}; @40d stroke_lacunar=no", cerebral_haemorrhage="no")
    assert both.startswith("fails: cerebral infarction (stroke) recorded on 2025-12-22 (infarct is lacunar no, residual deficits not known), needs none")
    read = Scenario(readings={"E1": "moderate"})
    mixed = found("E1", read, kidney_biopsy="@90d biopsy_dx=mixed", non_diabetic_kidney_disease="yes")
    codes = limbs_said(mixed, CATALOGUE, INDEX)[1]
    assert codes[:2] == ("codes", "passes")
    assert codes[2] == (
        "kidney disease not from diabetes recorded, needs none; or exception: kidney biopsy recorded on 2025-11-02 (biopsy diagnosis mixed), "
        "needs one, where biopsy diagnosis is mixed"
    )


def test_what_holds_only_a_doubt_is_said_where_it_counts() -> None:
    lipids = {"ldl": "5 @2d", "triglycerides": "2 @2d"}
    assert said("E5", **lipids) == "fails: LDL cholesterol 5 mmol/L on 2026-01-29, needs < 4.1"
    void = said("E5", **{**lipids, "triglycerides": "5 @2d", "ldl_method": "calculated @2d"})
    assert void == (
        "unknown: the matter stays open because (LDL method is calculated and the latest triglycerides within 365 days is at least 4.5 mmol/L)"
    )


def test_a_lack_that_counts_against_the_patient_is_said() -> None:
    scenario = with_missing_policy(PROTOCOL, AS_WRITTEN, "I7.hba1c", MissingPolicy.FAIL)
    lacking = said("I7", scenario, columns="hba1c")
    assert lacking == "fails: HbA1c not recorded within 365 days, needs < 9 %; no record of HbA1c counts against the patient"


def test_limbs_without_a_column_stand_at_the_end() -> None:
    only = found("E10", columns="lactating")
    assert limbs_said(only, CATALOGUE, INDEX) == (
        ("lactating", "passes", "lactating not recorded, needs none within 6 months"),
        ("plans", "not in the data", "no column shows it"),
    )
    open_ = protocol_of("latest(uacr) > 1000", "occurred(hiv)", join="any")
    made = [patient(uacr="5 @1d")]
    screener = Screener(cohort(made, columns_for(made)))
    ((alternative,),) = explained(screener, screener.screen(open_, AS_WRITTEN), [0], ["C"])
    assert (VERDICTS[alternative.outcome], reason(alternative, CATALOGUE, INDEX)) == ("unknown", "no column shows limb 2")


def test_a_count_of_what_has_no_column_says_so() -> None:
    both = protocol_of("possible((count(t2dm) >= 1) and (latest(uacr) >= 300))")
    made = [patient(uacr="500 @1d")]
    screener = Screener(cohort(made, columns_for(made)))
    ((only,),) = explained(screener, screener.screen(both, AS_WRITTEN), [0], ["C"])
    assert "no column for type 2 diabetes, needs ≥ 1" in reason(only, CATALOGUE, INDEX)


def test_alternatives_that_all_fail_are_joined_by_or() -> None:
    either = protocol_of("latest(uacr) > 1000", "latest(hba1c) < 9", join="any")
    made = [patient(uacr="5 @1d", hba1c="10 @1d")]
    screener = Screener(cohort(made, columns_for(made)))
    ((only,),) = explained(screener, screener.screen(either, AS_WRITTEN), [0], ["C"])
    assert reason(only, CATALOGUE, INDEX) == "UACR 5 mg/g on 2026-01-30, needs > 1000; or HbA1c 10 % on 2026-01-30, needs < 9"


COMPARED = """
 ldl                 | triglycerides | said
 2 @3d               | 3 @2d         | fails: LDL cholesterol 2 mmol/L on 2026-01-28, needs > triglycerides 3 mmol/L on 2026-01-29
 4 @3d               | 3 @2d         | passes: LDL cholesterol 4 mmol/L on 2026-01-28, needs > triglycerides 3 mmol/L on 2026-01-29
 4 @3d               |               | unknown: LDL cholesterol 4 mmol/L on 2026-01-28, needs > triglycerides not recorded
                     | 3 @2d         | unknown: LDL cholesterol not recorded, needs > triglycerides 3 mmol/L on 2026-01-29
                     |               | unknown: LDL cholesterol not recorded, needs > triglycerides not recorded
 2..5 @3d            | 3 @2d         | unknown: LDL cholesterol 2 to 5 mmol/L on 2026-01-28, needs > triglycerides 3 mmol/L on 2026-01-29
"""


@pytest.mark.parametrize(("ldl", "triglycerides", "expected"), by_name(COMPARED))
def test_each_side_of_a_comparison_has_its_own_records(ldl: str, triglycerides: str, expected: str) -> None:
    two = protocol_of("latest(ldl) > latest(triglycerides)")
    made = [patient(**{name: text for name, text in (("ldl", ldl), ("triglycerides", triglycerides)) if text})]
    screener = Screener(cohort(made, columns_for(made, "ldl", "triglycerides")))
    ((only,),) = explained(screener, screener.screen(two, AS_WRITTEN), [0], ["C"])
    assert f"{VERDICTS[only.outcome]}: {reason(only, CATALOGUE, INDEX)}" == expected


def verdict_on(rule: str, **records: str) -> str:
    made = [patient(**records)]
    screener = Screener(cohort(made, columns_for(made)))
    ((only,),) = explained(screener, screener.screen(protocol_of(rule), AS_WRITTEN), [0], ["C"])
    return reason(only, CATALOGUE, INDEX)


def test_so_has_a_rate_held_against_another_quantity() -> None:
    records = {"creatinine": "4.3 @3d", "age_exact": "60", "sex": "male", "ldl": "20 @2d"}
    assert verdict_on('egfr("2021_cr") > latest(ldl)', **records) == (
        "eGFR 14.97 mL/min/1.73m² (serum creatinine 4.3 mg/dL on 2026-01-28), needs > LDL cholesterol 20 mmol/L on 2026-01-29"
    )


def test_two_quantities_have_as_many_digits_as_tell_them_apart() -> None:
    close = verdict_on("latest(ldl) > latest(triglycerides)", ldl="1.00051 @2d", triglycerides="1.0012 @2d")
    assert close == "LDL cholesterol 1.0005 mmol/L on 2026-01-29, needs > triglycerides 1.001 mmol/L on 2026-01-29"


def test_a_number_and_another_quantity_are_two_limits() -> None:
    both = verdict_on("latest(ldl) < 1.5 and latest(ldl) > latest(triglycerides)", ldl="2 @2d", triglycerides="3 @2d")
    assert both == "LDL cholesterol 2 mmol/L on 2026-01-29, needs < 1.5; LDL cholesterol 2 mmol/L on 2026-01-29, needs > triglycerides 3 mmol/L on 2026-01-29"


def test_every_verdict_of_the_sample_can_be_said() -> None:
    bench = Workbench(cohorts.sample(), PROTOCOL)
    overview = bench.overview(AS_WRITTEN)
    rows = list(range(0, 2000, 20))
    for patient_row, of_patient in zip(rows, explained(bench.screener, overview.screening, rows, overview.order), strict=True):
        for each in of_patient:
            text = reason(each, CATALOGUE, INDEX)
            assert each.outcome == overview.screening.outcomes[each.id][patient_row]
            assert text
            assert not any(broken in text for broken in ("  ", " ,", " nan", "inf ", "None", "( "))
