"""Every check on both sides of its boundary: for whom it is certainly so, and of how many that can be told."""

from __future__ import annotations

import csv
import io

import pytest

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.logic import TRUE
from feasibility.quality.checks import Checked, builtin_checks, read_checks, run, those, truth_of
from feasibility.screening.evaluate import Evaluator
from feasibility.variables import builtin_catalogue

CATALOGUE = builtin_catalogue()
CHECKS = {check.id: check for check in builtin_checks()}
INDEX = "2026-01-31"


def cohort(rows: list[dict[str, str]]) -> Cohort:
    names = list(dict.fromkeys(name for row in rows for name in row))
    held = io.StringIO()
    writer = csv.DictWriter(held, ["patient_id", "index_date", *names])
    writer.writeheader()
    writer.writerows({"patient_id": f"P{place}", "index_date": INDEX, **row} for place, row in enumerate(rows))
    return load_cohort("x.csv", held.getvalue().encode())


def checked(check: str, *rows: dict[str, str]) -> Checked:
    evaluator = Evaluator(cohort(list(rows)), CATALOGUE)
    return run(evaluator, (CHECKS[check],))[0]


VISIT = {"bp_1_date": "2026-01-01", "bp_2_date": "2026-01-10"}
HBA1C = {"hba1c_1_date": "2026-01-03", "hba1c_2_date": "2026-01-30"}
SAME_DAY = {"uacr_date": "2026-01-10", "up24_g_date": "2026-01-10", "ucr24_date": "2026-01-10"}
ACROSS = {**SAME_DAY, "uacr_date": "2026-01-11"}

CASES: list[tuple[str, dict[str, str], bool | None]] = [
    # check, one patient, whether it is so (None: it cannot be told)
    ("male-pregnant", {"sex": "male", "pregnant": "yes"}, True),
    ("male-pregnant", {"sex": "female", "pregnant": "yes"}, False),
    ("male-pregnant", {"sex": "male", "pregnant": "no"}, False),
    ("male-pregnant", {"sex": "", "pregnant": "yes"}, None),
    ("male-lactating", {"sex": "male", "lactating": "yes"}, True),
    ("male-lactating", {"sex": "male", "lactating": ""}, False),
    ("dbp-above-sbp", {"sbp_1": "100", "dbp_1": "100", **VISIT}, True),
    ("dbp-above-sbp", {"sbp_1": "101", "dbp_1": "100", **VISIT}, False),
    ("dbp-above-sbp", {"sbp_1": "100", "dbp_1": "80", "sbp_2": "80", "dbp_2": "120", **VISIT}, True),
    ("dbp-above-sbp", {"sbp_1_mmhg": "", "dbp_1_mmhg": "100", **VISIT}, None),
    ("albumin-above-protein", {"uacr_mg_g": "1101", "up24_g": "1.0", "ucr24_g": "1.0", **SAME_DAY}, True),
    ("albumin-above-protein", {"uacr_mg_g": "1099", "up24_g": "1.0", "ucr24_g": "1.0", **SAME_DAY}, False),
    ("albumin-above-protein", {"uacr_mg_g": "2749", "up24_g": "1.0", "ucr24_g": "1.0", **ACROSS}, False),
    ("albumin-above-protein", {"uacr_mg_g": "2751", "up24_g": "1.0", "ucr24_g": "1.0", **ACROSS}, True),
    ("albumin-above-protein", {"uacr_mg_g": "<2000", "up24_g": "1.0", "ucr24_g": "1.0", **SAME_DAY}, None),
    ("albumin-above-protein", {"uacr_mg_g": "", "up24_g": "1.0", "ucr24_g": "1.0", **SAME_DAY}, None),
    # without a measured creatinine: 879.89 + 12.51 × 70 − 6.19 × 60.5 = 1381.1 mg a day in a man of 70 kg, born 1965-08-01: 2.75 g is 1991 mg/g
    ("albumin-above-protein", {"uacr_mg_g": "1980", "up24_g": "1.0", "weight_kg": "70", "sex": "male", "birth_date": "1965-08-01", **SAME_DAY}, False),
    ("albumin-above-protein", {"uacr_mg_g": "2000", "up24_g": "1.0", "weight_kg": "70", "sex": "male", "birth_date": "1965-08-01", **SAME_DAY}, True),
    ("albumin-above-protein", {"uacr_mg_g": "2000", "up24_g": "1.0", "weight_kg": "70", "sex": "", "birth_date": "1965-08-01", **SAME_DAY}, None),
    ("albumin-above-protein", {"uacr_mg_g": "9000", "up24_g": "1.0", "weight_kg": "", "sex": "male", "birth_date": "1965-08-01", **SAME_DAY}, None),
    ("uacr-above-upcr", {"uacr_mg_g": "300", "upcr_mg_g": "99"}, True),
    ("uacr-above-upcr", {"uacr_mg_g": "299", "upcr_mg_g": "99"}, False),
    ("uacr-above-upcr", {"uacr_mg_g": "300", "upcr_mg_g": "100"}, False),
    ("dead", {"death_date": "2026-01-30"}, True),
    ("dead", {"death_date": INDEX}, False),
    ("dead", {"death_date": "2026-02-01"}, False),
    ("dead", {"death_date": ""}, False),
    ("dead", {"death_date": "2026-01"}, None),
    ("dead", {"death": "yes"}, True),
    ("dead", {"death": "no"}, False),
    ("dead", {"death": "unknown"}, None),
    ("dead", {"death": "yes", "death_date": ""}, True),
    ("dead", {"death": "yes", "death_date": "2026-02-01"}, False),
    ("dead", {"death": "yes", "death_date": "2026-01"}, None),
    ("dead", {"death": "no", "death_date": ""}, False),
    ("both-types", {"t1dm": "yes", "t2dm": "yes"}, True),
    ("both-types", {"t1dm": "no", "t2dm": "yes"}, False),
    ("both-types", {"t1dm": "unknown", "t2dm": "yes"}, None),
    ("no-type", {"t1dm": "no", "t2dm": "", "hba1c_percent": "6.5"}, True),
    ("no-type", {"t1dm": "no", "t2dm": "no", "hba1c_percent": "6.4"}, False),
    ("no-type", {"t1dm": "no", "t2dm": "yes", "hba1c_percent": "11"}, False),
    ("after-index", {"uacr_mg_g": "100", "uacr_date": "2026-02-01"}, True),
    ("after-index", {"uacr_mg_g": "100", "uacr_date": INDEX}, False),
    ("after-index", {"uacr_mg_g": "", "uacr_date": "2026-02-01"}, None),
    ("after-index", {"uacr_mg_g": "100", "uacr_date": "2026"}, None),
    ("after-index", {"stroke_date": "2026-02-01"}, True),
    ("after-index", {"death_date": "2026-03-01", "stroke_date": "2020-01-01"}, False),
    ("before-birth", {"birth_date": "1965-05-05", "biopsy_date": "1965-05-04", "biopsy_dx": "DN"}, True),
    ("before-birth", {"birth_date": "1965-05-05", "biopsy_date": "1965-05-05", "biopsy_dx": "DN"}, False),
    ("before-birth", {"birth_date": "1965", "biopsy_date": "1964-12-31", "biopsy_dx": "DN"}, True),
    ("before-birth", {"birth_date": "1965", "biopsy_date": "1965-01-01", "biopsy_dx": "DN"}, False),
    ("before-birth", {"birth_date": "", "biopsy_date": "1964-12-31", "biopsy_dx": "DN"}, None),
    ("onset-after-age", {"age": "50", "age_at_diagnosis": "51"}, True),
    ("onset-after-age", {"age": "50", "age_at_diagnosis": "50"}, False),
    ("onset-after-age", {"age": "50", "age_at_diagnosis": ""}, None),
    ("hba1c-leaps", {"hba1c_1_percent": "10", "hba1c_2_percent": "6.4", **HBA1C}, True),
    ("hba1c-leaps", {"hba1c_1_percent": "10", "hba1c_2_percent": "6.5", **HBA1C}, False),
    ("hba1c-leaps", {"hba1c_1_percent": "9.9", "hba1c_2_percent": "6.4", **HBA1C}, False),
    ("hba1c-leaps", {"hba1c_1_percent": "10", "hba1c_2_percent": "6.4", **HBA1C, "hba1c_1_date": "2025-12-31"}, False),
    ("ldl-above-total", {"ldl_mmol_l": "4.1", "total_cholesterol_mmol_l": "4.0"}, True),
    ("ldl-above-total", {"ldl_mmol_l": "4.0", "total_cholesterol_mmol_l": "4.0"}, False),
    ("egfr-disagrees", {"creatinine_mg_dl": "0.9", "sex": "male", "age": "45", "egfr (mL/min/1.73m²)": "29"}, True),
    ("egfr-disagrees", {"creatinine_mg_dl": "0.9", "sex": "male", "age": "45", "egfr (mL/min/1.73m²)": "30"}, False),
    ("egfr-disagrees", {"creatinine_mg_dl": "9", "sex": "male", "age": "45", "egfr (mL/min/1.73m²)": "60"}, True),
    ("hbsag-negative-dna", {"hbsag": "negative", "hbv_dna_iu_ml": "2000"}, True),
    ("hbsag-negative-dna", {"hbsag": "negative", "hbv_dna_iu_ml": "1999"}, False),
    ("hbsag-negative-dna", {"hbsag": "positive", "hbv_dna_iu_ml": "1e6"}, False),
]


@pytest.mark.parametrize(("check", "patient", "so"), CASES, ids=[f"{check} {so} {number}" for number, (check, _, so) in enumerate(CASES)])
def test_a_check_at_its_boundary(check: str, patient: dict[str, str], so: bool | None) -> None:
    found = checked(check, patient)
    assert found.absent == ()
    assert (found.patients, found.checked) == (int(so is True), int(so is not None))


FOUND = [
    ("ends-before-start", {"immunosupp_start": "2025-05-01", "immunosupp_end": "2025-04-30"}, 1),
    ("ends-before-start", {"immunosupp_start": "2025-05-01", "immunosupp_end": "2025-05-01"}, 0),
    ("denied-but-dated", {"cancer": "no", "cancer_date": "2020-01-01"}, 1),
    ("denied-but-dated", {"cancer": "yes", "cancer_date": "2020-01-01"}, 0),
    ("ages-apart", {"birth_date": "1965-05-05", "age": "58"}, 1),
    ("ages-apart", {"birth_date": "1965-05-05", "age": "59"}, 0),
]


@pytest.mark.parametrize(("check", "patient", "cells"), FOUND)
def test_what_reading_the_files_found_is_counted_in_cells(check: str, patient: dict[str, str], cells: int) -> None:
    found = checked(check, patient)
    assert (found.patients, found.checked) == (cells, None)


def test_every_check_has_a_case() -> None:
    assert set(CHECKS) == {case[0] for case in CASES} | {case[0] for case in FOUND}


def test_a_check_for_which_a_column_is_absent_says_which() -> None:
    found = checked("both-types", {"t1dm": "yes"})
    assert (found.patients, found.checked, found.absent) == (0, 0, ("t2dm",))
    assert checked("dead", {"sex": "male"}).absent == ("death",)
    assert checked("before-birth", {"sex": "male"}).checked == 0


def test_counts_are_of_patients_and_single_patients_are_named_on_demand() -> None:
    people = cohort([{"sex": "male", "pregnant": word} for word in ("yes", "no", "yes", "unknown")])
    evaluator = Evaluator(people, CATALOGUE)
    found = run(evaluator, (CHECKS["male-pregnant"],))[0]
    assert (found.patients, found.checked) == (2, 3)
    assert list(those(evaluator, found.check)) == ["P0", "P2"]


def test_it_is_looked_for_where_an_event_is_answered_if_no_is_an_answer() -> None:
    men = [{"sex": sex, "pregnant": word} for sex in ("male", "female") for word in ("yes", "no", "", "unknown", "")]
    answered = checked("male-pregnant", *men)
    assert (answered.patients, answered.checked) == (1, 5), "yes and no of either sex, and of a woman even unknown settles it"
    listed = checked("male-pregnant", *(each for each in men if each["pregnant"] != "no"))
    assert (listed.patients, listed.checked) == (1, 7), "where only what occurred is listed, nothing else is to be expected"


def test_what_has_no_record_is_itself_looked_for_where_the_check_is_that_there_is_none() -> None:
    found = checked("no-type", *({"t1dm": word, "t2dm": "", "hba1c_percent": value} for word in ("no", "") for value in ("8", "5", "")))
    assert (found.patients, found.checked) == (2, 4)


def test_the_day_of_birth_is_not_before_birth_whatever_the_others_days_are() -> None:
    born = [{"birth_date": f"1965-05-{day:02}", "biopsy_date": "1965-05-05", "biopsy_dx": "DN"} for day in (4, 5, 6)]
    found = checked("before-birth", *born)
    assert (found.patients, found.checked) == (1, 3)


def test_of_long_tables_every_record_is_looked_at() -> None:
    data = f"patient_id,index_date,birth_date\na,{INDEX},1960-01-01\nb,{INDEX},1960-01-01\n".encode()
    measured = b"patient_id,variable,value,unit,date\na,hba1c,7,%,2025-01-01\na,hba1c,7,%,2026-02-02\na,hba1c,7,%,1950-01-01\nb,hba1c,7,%,2025-01-01\n"
    evaluator = Evaluator(load_cohort("d.csv", data, ("m.csv", measured)), CATALOGUE)
    for check in ("after-index", "before-birth"):
        truth = truth_of(evaluator, CHECKS[check])
        assert truth is not None
        assert (truth == TRUE).tolist() == [True, False]


def test_the_sentence_of_a_rule_is_that_of_the_rule() -> None:
    assert CHECKS["ldl-above-total"].says == "LDL cholesterol is above total cholesterol."


def test_faults_of_a_file_of_checks_come_together() -> None:
    text = """
[[check]]
id = "a"
label = "A"
rule = "nonsense > 3"
why = "w"
remedy = "r"
[[check]]
id = "b"
label = "B"
why = "w"
remedy = "r"
[[check]]
id = "c"
label = "C"
beside = "unheard of"
why = "w"
remedy = "r"
"""
    with pytest.raises(ValueError, match=r"check a: .*nonsense") as caught:
        read_checks(text, CATALOGUE)
    assert "check b: expected one of rule, beside and found" in str(caught.value)
    assert "check c: beside is one of" in str(caught.value)
