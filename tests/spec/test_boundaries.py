"""The built-in protocol at its own limits: a value equal to the threshold, one beside it, and the clauses with an "or" in them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from oracle.both import judged, screened
from oracle.patients import Columns, Patient, columns_for, patient
from spec.tables import by_name

from feasibility.parameters import Number, accept
from feasibility.protocol import Preset, builtin_protocol
from feasibility.scenario import AS_WRITTEN, Scenario, with_preset, with_reading, with_value
from feasibility.units import round_significant
from feasibility.variables import builtin_catalogue

PROTOCOL = builtin_protocol()
OUTCOMES = ("FAIL", "UNKNOWN", "PASS")


def outcome(criterion: str, someone: Patient, columns: Columns, scenario: Scenario = AS_WRITTEN) -> str:
    said = {by(PROTOCOL, [someone], columns, scenario)[criterion][0] for by in (screened, judged)}
    assert len(said) == 1, {"product": screened(PROTOCOL, [someone], columns, scenario), "judge": judged(PROTOCOL, [someone], columns, scenario)}
    return OUTCOMES[said.pop()]


SINGLE = """
 criterion | variable             | value   | outcome
 I1        | age                  | 44      | FAIL
 I1        | age                  | 45      | PASS
 I1        | age                  | 80      | PASS
 I1        | age                  | 81      | FAIL
 I1        | age                  | 80..999 | UNKNOWN   # top-coded at 80
 I1        | age                  | 44..45  | UNKNOWN   # year of birth only
 I7        | hba1c                | 8.9     | PASS
 I7        | hba1c                | 8.99    | PASS
 I7        | hba1c                | 9.0     | FAIL
 E6        | potassium            | 5.5     | PASS
 E6        | potassium            | 5.6     | UNKNOWN   # high once, no repeat
"""


@pytest.mark.parametrize(("criterion", "variable", "value", "expected"), by_name(SINGLE))
def test_single_values(criterion: str, variable: str, value: str, expected: str) -> None:
    someone = patient(**{variable: value})
    assert outcome(criterion, someone, columns_for([someone])) == expected


AGES = """
 exact age | completed | exact
 44.99     | FAIL      | FAIL
 45.0      | PASS      | PASS
 80.0      | PASS      | PASS
 80.99     | PASS      | FAIL
 81.0      | FAIL      | FAIL
"""


@pytest.mark.parametrize(("age", "completed", "exact"), by_name(AGES))
def test_the_eightieth_year(age: str, completed: str, exact: str) -> None:
    """In completed years a patient of 80 years and 364 days passes."""
    someone = patient(age=str(int(float(age))), age_exact=age)
    columns = columns_for([someone])
    assert outcome("I1", someone, columns) == completed
    assert outcome("I1", someone, columns, with_reading(PROTOCOL, AS_WRITTEN, "I1", "exact")) == exact


@pytest.mark.parametrize(("ifcc", "expected"), [(74, "PASS"), (75, "FAIL")])
def test_hba1c_in_mmol_per_mol(ifcc: float, expected: str) -> None:
    """75 mmol/mol is 9.013 %, 74 is 8.92 %."""
    conversion = builtin_catalogue()["hba1c"].conversion("mmol/mol")
    percent = float(round_significant(np.array([ifcc * conversion.factor + conversion.offset]))[0])
    someone = patient(hba1c=f"{percent:.9g}")
    assert outcome("I7", someone, columns_for([someone])) == expected


PROTEIN = """
 24-h protein         | UACR       | last two | latest | two of three | mean
 3.5 @1d; 3.5 @20d    | 1000.1 @1d | PASS     | PASS   | PASS         | PASS
 3.5 @1d; 3.5 @20d    | 1000.0 @1d | FAIL     | FAIL   | FAIL         | FAIL      # above, not at least
 3.4 @1d; 3.6 @20d    | 1001 @1d   | FAIL     | FAIL   | UNKNOWN      | PASS
 3.5 @1d              | 1001 @1d   | UNKNOWN  | PASS   | UNKNOWN      | PASS
 3.4 @1d              | 1001 @1d   | FAIL     | FAIL   | UNKNOWN      | FAIL
 3.5 @1d; 3.5 @20d    |            | UNKNOWN  | UNKNOWN| UNKNOWN      | UNKNOWN
 3.4 @1d              |            | FAIL     | FAIL   | UNKNOWN      | FAIL
                      | 900 @1d    | FAIL     | FAIL   | FAIL         | FAIL
 3.5 @1d; 3.5 @366d   | 1001 @1d   | UNKNOWN  | PASS   | UNKNOWN      | PASS
 3.5 @1d; 3.5 @365d   | 1001 @365d | PASS     | PASS   | PASS         | PASS
"""


@pytest.mark.parametrize(("protein", "uacr", "two", "latest", "of_three", "mean"), by_name(PROTEIN))
def test_proteinuria(protein: str, uacr: str, two: str, latest: str, of_three: str, mean: str) -> None:
    someone = patient(urine_protein_24h=protein, uacr=uacr)
    columns = columns_for([someone], "urine_protein_24h", "uacr")
    for reading, expected in (("last-two", two), ("latest", latest), ("two-of-three", of_three), ("mean", mean)):
        assert outcome("I4", someone, columns, with_reading(PROTOCOL, AS_WRITTEN, "I4", reading)) == expected, reading


EGFR = """
 age  | sex    | creatinine | 2021    | 2009
 60.0 | male   | 3.377      | PASS    | FAIL      # 20.0024
 60.0 | male   | 3.378      | FAIL    | FAIL      # 19.99
 60.0 | female | 2.653      | PASS    | FAIL      # 20.0005
 60.0 | female | 2.654      | FAIL    | FAIL
 70.0 | female | 2.5        | PASS    | FAIL      # 20.18 by 2021, 18.84 by 2009
 60.0 | ?      | 2.5        | PASS    | PASS
 60.0 | ?      | 2.9        | UNKNOWN | UNKNOWN   # eligible as a man, not as a woman
 60.0 | ?      | 3.5        | FAIL    | FAIL
 60.0 | male   | >15        | FAIL    | FAIL
 60.0 | male   | <0.3       | PASS    | PASS
 60.0 | male   | ?          | UNKNOWN | UNKNOWN
 17.0 | male   | 3.0        | UNKNOWN | UNKNOWN   # the equations are for adults
"""


@pytest.mark.parametrize(("age", "sex", "creatinine", "new", "old"), by_name(EGFR))
def test_egfr(age: str, sex: str, creatinine: str, new: str, old: str) -> None:
    someone = patient(age_exact=age, sex=sex, creatinine=creatinine)
    columns = columns_for([someone], "creatinine", "sex")
    for reading, expected in (("2021-cr", new), ("2009-cr", old)):
        assert outcome("I5", someone, columns, with_reading(PROTOCOL, AS_WRITTEN, "I5", reading)) == expected, reading


def test_the_age_that_counts_is_that_at_the_sample() -> None:
    """At 60 a creatinine of 3.378 mg/dL is just below 20; a year before the same creatinine is above."""
    for when, expected in (("0d", "FAIL"), ("365d", "PASS")):
        someone = patient(age_exact="60", sex="male", creatinine=f"3.378 @{when}")
        assert outcome("I5", someone, columns_for([someone])) == expected


def test_a_sample_without_a_value_is_not_the_one_whose_day_counts() -> None:
    """The creatinine is of a year ago; of today's sample there is no value, and the age of a year ago counts."""
    someone = patient(age_exact="60", sex="male", creatinine="? @0d; 3.378 @365d")
    assert outcome("I5", someone, columns_for([someone]), with_value(PROTOCOL, AS_WRITTEN, "lab_window", 730)) == "PASS"


PRESSURE = """
 visits                                     | outcome
 sbp=160 dbp=100                            | PASS
 sbp=161 dbp=100                            | FAIL
 sbp=160 dbp=101                            | FAIL
"""


@pytest.mark.parametrize(("visits", "expected"), by_name(PRESSURE))
def test_pressure(visits: str, expected: str) -> None:
    someone = patient(blood_pressure=visits)
    for reading in ("best-visit", "latest-visit", "median-year"):
        assert outcome("I6", someone, columns_for([someone]), with_reading(PROTOCOL, AS_WRITTEN, "I6", reading)) == expected


@pytest.mark.parametrize(("classes", "expected"), [("2", "UNKNOWN"), ("3", "FAIL"), ("?", "UNKNOWN")])
def test_pressure_that_treatment_could_still_bring_down(classes: str, expected: str) -> None:
    someone = patient(blood_pressure="sbp=170 dbp=90", antihypertensive_classes=classes)
    assert outcome("I6", someone, columns_for([someone]), with_reading(PROTOCOL, AS_WRITTEN, "I6", "controllable")) == expected


LIPIDS = """
 TG   | LDL  | method     | TC   | or      | both    | tg      | ldl     | tc
 6.1  | 4.0  | direct     | 6.1  | PASS    | PASS    | PASS    | PASS    | PASS
 6.2  | 4.0  | direct     | 6.1  | FAIL    | PASS    | FAIL    | PASS    | PASS
 6.1  | 4.1  | direct     | 6.1  | FAIL    | PASS    | PASS    | FAIL    | FAIL
 6.2  | 4.1  | direct     | 6.2  | FAIL    | FAIL    | FAIL    | FAIL    | FAIL
 1.0  | 4.0  | direct     | 6.2  | PASS    | PASS    | PASS    | PASS    | FAIL     # the total cholesterol reading
 6.2  | ?    | direct     | 1.0  | FAIL    | UNKNOWN | FAIL    | UNKNOWN | UNKNOWN
 6.1  | ?    | direct     | 1.0  | UNKNOWN | PASS    | PASS    | UNKNOWN | UNKNOWN
 ?    | 4.1  | direct     | 1.0  | FAIL    | UNKNOWN | UNKNOWN | FAIL    | FAIL
 ?    | 4.0  | direct     | 1.0  | UNKNOWN | PASS    | UNKNOWN | PASS    | PASS
 4.5  | 5.0  | calculated | 1.0  | UNKNOWN | PASS    | PASS    | UNKNOWN | UNKNOWN  # calculated LDL is void from TG 4.5
 4.5  | 3.0  | calculated | 1.0  | UNKNOWN | PASS    | PASS    | UNKNOWN | UNKNOWN
 4.4  | 5.0  | calculated | 1.0  | FAIL    | PASS    | PASS    | FAIL    | FAIL
 4.4  | 3.0  | calculated | 1.0  | PASS    | PASS    | PASS    | PASS    | PASS
 6.2  | 5.0  | calculated | 1.0  | FAIL    | UNKNOWN | FAIL    | UNKNOWN | UNKNOWN  # so the "and" can never be settled with calculated LDL
 4.5  | 5.0  | direct     | 1.0  | FAIL    | PASS    | PASS    | FAIL    | FAIL
 4.5  | 5.0  | ?          | 1.0  | FAIL    | PASS    | PASS    | FAIL    | FAIL     # a blank method is taken as direct
 ?    | 5.0  | calculated | 1.0  | UNKNOWN | UNKNOWN | UNKNOWN | UNKNOWN | UNKNOWN
 ?    | 3.0  | calculated | 1.0  | UNKNOWN | UNKNOWN | UNKNOWN | UNKNOWN | UNKNOWN
"""


@pytest.mark.parametrize(("tg", "ldl", "method", "tc", "either", "both", "only_tg", "only_ldl", "with_tc"), by_name(LIPIDS))
def test_lipids(tg: str, ldl: str, method: str, tc: str, either: str, both: str, only_tg: str, only_ldl: str, with_tc: str) -> None:
    someone = patient(triglycerides=tg, ldl=ldl, ldl_method=method, total_cholesterol=tc)
    for reading, expected in (("or", either), ("both", both), ("tg", only_tg), ("ldl", only_ldl), ("tc", with_tc)):
        assert outcome("E5", someone, columns_for([someone]), with_reading(PROTOCOL, AS_WRITTEN, "E5", reading)) == expected, reading


POTASSIUM = """
 potassium            | binder | E6
 5.6 @1d; 5.6 @4d     |        | FAIL
 5.6 @1d; 5.6 @3d     |        | UNKNOWN   # the repeat is too soon
 5.6 @1d; 5.5 @4d     |        | PASS
 5.5 @1d; 5.6 @4d     |        | PASS
 5.6 @1d; 5.5 @4d     | yes    | FAIL      # high on a binder
 5.6 @1d              | yes    | FAIL
 5.6 @1d              |        | UNKNOWN
 5.5 @1d              | yes    | PASS
                      | yes    | UNKNOWN
                      |        | UNKNOWN   # nothing is known of the potassium
"""


@pytest.mark.parametrize(("potassium", "binder", "expected"), by_name(POTASSIUM))
def test_potassium(potassium: str, binder: str, expected: str) -> None:
    someone = patient(potassium=potassium, potassium_binder=binder)
    assert outcome("E6", someone, columns_for([someone], "potassium", "potassium_binder")) == expected


HEPATITIS = """
 HBsAg    | HBV DNA | anti-HCV | HCV RNA | E7
 negative | ?       | negative | ?       | PASS      # the viral load is not asked
 negative | 5000    | negative | ?       | PASS
 positive | 20      | negative | ?       | PASS
 positive | 21      | negative | ?       | FAIL
 positive | <20     | negative | ?       | PASS
 positive | ?       | negative | ?       | UNKNOWN
 positive | <100    | negative | ?       | UNKNOWN
 ?        | ?       | negative | ?       | UNKNOWN
 ?        | 10      | negative | ?       | PASS      # no virus, whatever the serology
 ?        | 500     | negative | ?       | UNKNOWN
 negative | ?       | positive | 15      | PASS
 negative | ?       | positive | 16      | FAIL
 negative | ?       | positive | ?       | UNKNOWN
 negative | ?       | ?        | ?       | UNKNOWN
 negative | ?       | ?        | 15      | PASS      # no virus, whatever the antibody
 negative | ?       | ?        | 5000    | UNKNOWN
 positive | 500     | ?        | ?       | FAIL
"""


@pytest.mark.parametrize(("hbsag", "dna", "anti_hcv", "rna", "expected"), by_name(HEPATITIS))
def test_hepatitis(hbsag: str, dna: str, anti_hcv: str, rna: str, expected: str) -> None:
    someone = patient(hbsag=hbsag, hbv_dna=dna, anti_hcv=anti_hcv, hcv_rna=rna)
    assert outcome("E7", someone, columns_for([someone])) == expected


HEART = """
 heart failure | NYHA | E3
               | ?    | PASS      # no heart failure: the class is not asked
               | III  | PASS
 yes           | ?    | UNKNOWN
 yes           | II   | PASS
 yes           | III  | FAIL
 yes           | IV   | FAIL
 maybe         | III  | UNKNOWN
 maybe         | II   | PASS
"""


@pytest.mark.parametrize(("failure", "nyha", "expected"), by_name(HEART))
def test_heart_failure(failure: str, nyha: str, expected: str) -> None:
    someone = patient(heart_failure=failure, nyha=nyha)
    named = ("heart_failure", "atrial_fibrillation", "congenital_heart_disease", "unstable_angina")
    assert outcome("E3", someone, columns_for([someone], *named)) == expected


REPRODUCTION = """
 sex    | lactating | plans | unwilling | men only | both
 female | yes       |       |           | FAIL     | FAIL
 female |           | yes   |           | FAIL     | PASS
 female |           | yes   | yes       | FAIL     | FAIL
 male   |           | yes   |           | PASS     | PASS
 male   |           | yes   | yes       | FAIL     | FAIL
 ?      | yes       |       |           | FAIL     | FAIL
 ?      |           | yes   |           | UNKNOWN  | PASS
 ?      |           | yes   | yes       | FAIL     | FAIL      # excluded as a woman and as a man
 ?      |           |       |           | PASS     | PASS
"""


@pytest.mark.parametrize(("sex", "lactating", "plans", "unwilling", "men", "both"), by_name(REPRODUCTION))
def test_reproduction(sex: str, lactating: str, plans: str, unwilling: str, men: str, both: str) -> None:
    someone = patient(sex=sex, lactating=lactating, pregnancy_plan=plans, no_contraception=unwilling)
    columns = columns_for([someone], "lactating", "pregnancy_plan", "no_contraception", "donation_plan", "pregnant")
    for reading, expected in (("men-only", men), ("both", both)):
        scenario = with_reading(PROTOCOL, AS_WRITTEN, "E10", reading)
        assert outcome("E10", someone, columns, scenario) == expected, reading


DATED = """
 criterion | records                                                        | index date | outcome
 I3        | kidney_biopsy=@2016-01-31 biopsy_dx=DN                         | 2026-01-31 | PASS
 I3        | kidney_biopsy=@2016-01-30 biopsy_dx=DN                         | 2026-01-31 | FAIL     # a biopsy is on file: it is too old
 I3        | kidney_biopsy=@2016-02-29 biopsy_dx=DN                         | 2026-02-28 | PASS
 I3        | kidney_biopsy=@2016-02-27 biopsy_dx=DN                         | 2026-02-28 | FAIL
 I3        | kidney_biopsy=@2016 biopsy_dx=DN                               | 2026-01-31 | UNKNOWN
 I3        | kidney_biopsy=@2020 biopsy_dx=mixed                            | 2026-01-31 | PASS
 I3        | kidney_biopsy=@2020 biopsy_dx=NDRD                             | 2026-01-31 | FAIL
 I3        | kidney_biopsy=@2020 biopsy_dx=?                                | 2026-01-31 | UNKNOWN
 I3        | kidney_biopsy=                                                 | 2026-01-31 | UNKNOWN
 E8        | malignancy=@2021-01-31 cancer_site=other                       | 2026-01-31 | FAIL
 E8        | malignancy=@2021-01-30 cancer_site=other                       | 2026-01-31 | PASS
 E8        | malignancy=@2015-01-01..2022-01-01 cancer_site=other           | 2026-01-31 | FAIL     # last treatment
 E12       | other_trial=@2025-01-01..2025-10-31                            | 2026-01-31 | FAIL
 E12       | other_trial=@2025-01-01..2025-10-30                            | 2026-01-31 | PASS
 E12       | other_trial=@2025-12-01                                        | 2026-01-31 | FAIL     # without an end, by its start
 E12       | other_trial=@2026-01-31                                        | 2026-01-31 | PASS     # before enrolment
"""


@pytest.mark.parametrize(("criterion", "records", "index", "expected"), by_name(DATED))
def test_dated_clauses(criterion: str, records: str, index: str, expected: str) -> None:
    event, _, text = records.partition("=")
    someone = patient(index=date.fromisoformat(index), **{event: text})
    assert outcome(criterion, someone, columns_for([someone], event, "biopsy_dx", "cancer_site")) == expected


def test_the_preset_narrows_the_lab_window() -> None:
    someone = patient(hba1c="8 @28d", uacr="2000 @29d", urine_protein_24h="4 @1d; 4 @20d")
    scenario = with_preset(PROTOCOL, AS_WRITTEN, "trial-conduct")
    assert outcome("I7", someone, columns_for([someone]), scenario) == "PASS"
    assert outcome("I4", someone, columns_for([someone]), scenario) == "UNKNOWN"
    assert outcome("I4", someone, columns_for([someone])) == "PASS"


def test_no_limit_asks_nothing() -> None:
    """HbA1c without a limit: everybody passes, also without a value."""
    scenario = with_value(PROTOCOL, AS_WRITTEN, "I7.hba1c_max", float("inf"))
    for text in ("13", "?"):
        someone = patient(hba1c=text)
        assert outcome("I7", someone, columns_for([someone]), scenario) == "PASS"


@pytest.mark.parametrize("name", [name for name, parameter in PROTOCOL.parameters.items() if isinstance(parameter, Number)])
def test_parameters_as_written_lie_on_their_own_steps(name: str) -> None:
    """Otherwise setting a control to where it stands would change the protocol."""
    parameter = PROTOCOL.parameters[name]
    assert isinstance(parameter, Number)
    for value in (parameter.value, parameter.min, parameter.max):
        assert accept(parameter, value) == value


@pytest.mark.parametrize("preset", PROTOCOL.presets, ids=lambda preset: preset.id)
def test_presets_can_be_set(preset: Preset) -> None:
    assert with_preset(PROTOCOL, AS_WRITTEN, preset.id) != AS_WRITTEN
