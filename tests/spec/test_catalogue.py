"""The catalogue that comes with the product: complete, unambiguous, and honest about where its numbers come from."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from itertools import pairwise

import pytest
from spec.tables import by_name

from feasibility.units import recognise
from feasibility.variables import Kind, MissingPolicy, Variable, builtin_catalogue, plain, read_catalogue

CATALOGUE = builtin_catalogue()
VARIABLES = list(CATALOGUE.variables.values())

# What the rules of the built-in protocol, the sample data and the readers of files rely on.
EXPECTED = """
 variable                    | kind     | of                  | missing | unit
 birth_date                  | date     |                     | unknown |
 index_date                  | date     |                     | unknown |
 observation_start           | date     |                     | unknown |
 lab_date                    | day      |                     | unknown |
 age                         | number   |                     | unknown | years
 age_exact                   | number   |                     | unknown | years
 sex                         | category |                     | unknown |
 weight                      | number   |                     | unknown | kg
 urine_protein_24h           | number   |                     | unknown | g/24h
 urine_volume_24h            | number   |                     | unknown | mL
 urine_creatinine_24h        | number   |                     | unknown | g/24h
 uacr                        | number   |                     | unknown | mg/g
 upcr                        | number   |                     | unknown | mg/g
 creatinine                  | number   |                     | unknown | mg/dL
 cystatin_c                  | number   |                     | unknown | mg/L
 egfr_reported               | number   |                     | unknown | mL/min/1.73m²
 sbp                         | number   | blood_pressure      | unknown | mmHg
 dbp                         | number   | blood_pressure      | unknown | mmHg
 hba1c                       | number   |                     | unknown | %
 triglycerides               | number   |                     | unknown | mmol/L
 ldl                         | number   |                     | unknown | mmol/L
 total_cholesterol           | number   |                     | unknown | mmol/L
 potassium                   | number   |                     | unknown | mmol/L
 hbv_dna                     | number   |                     | unknown | IU/mL
 hcv_rna                     | number   |                     | unknown | IU/mL
 nyha                        | number   |                     | unknown | class
 antihypertensive_classes    | number   |                     | unknown | classes
 lvef                        | number   |                     | unknown | %
 haemoglobin                 | number   |                     | unknown | g/dL
 hbsag                       | category |                     | unknown |
 anti_hcv                    | category |                     | unknown |
 ldl_method                  | category |                     | absent  |
 t2dm                        | event    |                     | absent  |
 t1dm                        | event    |                     | absent  |
 diabetes_onset_age          | number   |                     | unknown | years
 antidiabetic_drug           | event    |                     | absent  |
 kidney_biopsy               | event    |                     | unknown |
 biopsy_dx                   | category | kidney_biopsy       | unknown |
 clinical_dkd                | event    |                     | absent  |
 retinopathy                 | event    |                     | absent  |
 non_diabetic_kidney_disease | event    |                     | absent  |
 immunosuppressant           | event    |                     | absent  |
 immunosuppressant_class     | category | immunosuppressant   | unknown |
 immunosuppressant_route     | category | immunosuppressant   | unknown |
 heart_failure               | event    |                     | absent  |
 atrial_fibrillation         | event    |                     | absent  |
 congenital_heart_disease    | event    |                     | absent  |
 unstable_angina             | event    |                     | absent  |
 myocardial_infarction       | event    |                     | absent  |
 coronary_revascularisation  | event    |                     | absent  |
 ventricular_arrhythmia      | event    |                     | absent  |
 severe_valve_disease        | event    |                     | absent  |
 cerebral_haemorrhage        | event    |                     | absent  |
 subarachnoid_haemorrhage    | event    |                     | absent  |
 cerebral_infarction         | event    |                     | absent  |
 stroke_lacunar              | category | cerebral_infarction | unknown |
 stroke_deficits             | number   | cerebral_infarction | unknown | deficits
 potassium_binder            | event    |                     | absent  |
 hepatitis_b_code            | event    |                     | absent  |
 hepatitis_c_code            | event    |                     | absent  |
 tuberculosis                | event    |                     | absent  |
 hiv                         | event    |                     | absent  |
 immunodeficiency            | event    |                     | absent  |
 malignancy                  | event    |                     | absent  |
 cancer_site                 | category | malignancy          | unknown |
 blood_product_allergy       | event    |                     | absent  |
 protein_allergy             | event    |                     | absent  |
 lactating                   | event    |                     | absent  |
 pregnant                    | event    |                     | absent  |
 pregnancy_plan              | event    |                     | absent  |
 donation_plan               | event    |                     | absent  |
 death                       | event    |                     | absent  |
 no_contraception            | event    |                     | absent  |
 iv_antibiotic               | event    |                     | absent  |
 infection                   | event    |                     | absent  |
 other_trial                 | event    |                     | absent  |
 other_trial_dose            | event    |                     | absent  |
"""

# A coded value as a file may write it, and the numbers it leaves open.
WRITTEN = """
 variable                | written                                            | lo | hi
 sex                     | female, F, 女, 女性, weiblich, 2, 8532             | 0  | 0
 sex                     | male, M, 男, 男性, männlich, 1, 8507               | 1  | 1
 hbsag                   | negative, Neg, -, 阴性, 0, not detected            | 0  | 0
 anti_hcv                | positive, pos, +, 阳性, 1, reactive                | 1  | 1
 ldl_method              | direct, 直接法                                     | 0  | 0
 ldl_method              | calculated, Friedewald, 计算法                     | 1  | 1
 biopsy_dx               | DN, diabetic nephropathy, 糖尿病肾病               | 1  | 1
 biopsy_dx               | NDRD, IgA nephropathy, 膜性肾病                    | 2  | 2
 biopsy_dx               | mixed, DN+NDRD, 混合                               | 3  | 3
 biopsy_dx               | diabetische Nephropathie, Nefropatía diabética     | 1  | 1
 biopsy_dx               | IgA-Nephropathie, Membranöse Nephropathie, amylose | 2  | 2
 biopsy_dx               | gemischt, mixte, mista                             | 3  | 3
 immunosuppressant_class | tacrolimus, MMF, 环孢素, 他克莫司, rituximab       | 0  | 0
 immunosuppressant_class | prednisone, 泼尼松, 甲泼尼龙                       | 1  | 1
 immunosuppressant_class | 雷公藤, 雷公藤多苷, Tripterygium glycosides        | 2  | 2
 immunosuppressant_route | oral, po, iv, 口服, 静脉                           | 0  | 0
 immunosuppressant_route | topical, 外用, 吸入                                | 1  | 1
 stroke_lacunar          | lacunar, 腔梗, yes                                 | 1  | 1
 stroke_deficits         | no, none, 无                                       | 0  | 0
 stroke_deficits         | yes, 有                                            | 1  | 3
 nyha                    | III, Ⅲ, NYHA III, III级                            | 3  | 3
 nyha                    | IV                                                 | 4  | 4
 cancer_site             | C44, bcc, nmsc                                     | 1  | 1
 cancer_site             | in situ, 原位癌                                    | 2  | 2
 hbv_dna                 | not detected, 未检出, TND                          | 0  | 10
 hcv_rna                 | not detected, 未检出                               | 0  | 15
"""

# Names of columns in hospital extracts, registries, SDTM and NHANES, and the sample file's (without the parts that say number, unit or date).
COLUMNS = """
 variable                    | columns
 hba1c                       | HbA1c, a1c, Glycated haemoglobin, glycohemoglobin, 糖化血红蛋白, LBXGH, HBA1C
 urine_protein_24h           | up24, 24hUP, 24h urine protein, 24-hour urine protein, 24小时尿蛋白定量, 24h尿蛋白
 uacr                        | UACR, ACR, URDACT, D_UACR_mgg, 尿白蛋白肌酐比, 尿白蛋白/肌酐
 creatinine                  | Scr, CREAT, LBXSCR, D_SCR_std_mgdl, 血肌酐, serum creatinine
 egfr_reported               | eGFR, D_EGFR2021, 肾小球滤过率
 sbp                         | SYSBP, D_SBP_mean, 收缩压, systolic
 dbp                         | DIABP, D_DBP_mean, 舒张压
 triglycerides               | tg, TRIG, LBXSTR, LBXTR, 甘油三酯
 ldl                         | LDL, LDL-C, LBDLDL, 低密度脂蛋白胆固醇
 total_cholesterol           | TC, CHOL, 总胆固醇
 potassium                   | K, LBXSKSI, 血钾
 age                         | RIDAGEYR, AGE, 年龄
 sex                         | RIAGENDR, gender, 性别
 weight                      | BMXWT, 体重
 hbsag                       | D_HBSAG, LBDHBG, 乙肝表面抗原
 anti_hcv                    | LBDHCV, 丙肝抗体
 hcv_rna                     | D_HCV_RNA, LBXHCR
 t2dm                        | DIQ010, 2型糖尿病
 heart_failure               | MCQ160B, 心衰
 myocardial_infarction       | MCQ160E
 malignancy                  | cancer, MCQ220, 恶性肿瘤
 pregnant                    | RHD143
 immunosuppressant           | immunosupp, RX_IMMUNOSUPP
 immunosuppressant_class     | immunosupp_name
 immunosuppressant_route     | immunosupp_route
 non_diabetic_kidney_disease | ndrd_code
 kidney_biopsy               | biopsy
 potassium_binder            | k_binder
 atrial_fibrillation         | af, 房颤
 congenital_heart_disease    | chd, 先心病
 cerebral_haemorrhage        | ich, 脑出血
 cerebral_infarction         | stroke, 脑梗死
 stroke_deficits             | stroke_residual
 tuberculosis                | tb_active
 iv_antibiotic               | iv_abx
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip().split("|")] for line in table.strip().splitlines()[1:]]


def written(text: str) -> str:
    """A value as values are compared: signs count."""
    return " ".join(text.casefold().split())


@pytest.mark.parametrize("row", rows(EXPECTED), ids=lambda row: row[0])
def test_every_variable_the_product_relies_on(row: list[str]) -> None:
    name, kind, of, missing, *unit = row
    variable = CATALOGUE[name]
    assert (variable.kind, variable.of, variable.missing) == (Kind(kind), of or name, MissingPolicy(missing))
    assert variable.unit == (unit[0] if unit else "")


def test_the_table_above_is_the_whole_catalogue() -> None:
    assert [row[0] for row in rows(EXPECTED) if row[0] not in CATALOGUE] == []
    assert sorted(CATALOGUE.variables) == sorted(row[0] for row in rows(EXPECTED))


def test_whole_numbers_of_the_categories() -> None:
    assert {variable.name: {label: lo for label, (lo, _) in variable.values.items()} for variable in VARIABLES if variable.kind is Kind.CATEGORY} == {
        "sex": {"female": 0, "male": 1},
        "hbsag": {"negative": 0, "positive": 1},
        "anti_hcv": {"negative": 0, "positive": 1},
        "ldl_method": {"direct": 0, "calculated": 1},
        "biopsy_dx": {"none": 0, "DN": 1, "NDRD": 2, "mixed": 3},
        "immunosuppressant_class": {"immunosuppressant": 0, "glucocorticoid": 1, "tripterygium": 2},
        "immunosuppressant_route": {"systemic": 0, "local": 1},
        "stroke_lacunar": {"no": 0, "yes": 1},
        "cancer_site": {"other": 0, "nmsc": 1, "in_situ": 2, "low_risk_prostate": 3},
    }


def test_a_value_whose_name_alone_is_unclear_has_a_label() -> None:
    diagnosis, sex = CATALOGUE["biopsy_dx"], CATALOGUE["sex"]
    assert [diagnosis.value_label(each) for each in ("DN", "NDRD")] == ["diabetic nephropathy (DN)", "non-diabetic renal disease (NDRD)"]
    assert [sex.value_label(each) for each in sex.values] == ["female", "male"]


def test_what_an_absent_column_stands_for() -> None:
    assert {variable.name: variable.if_column_absent for variable in VARIABLES if variable.if_column_absent} == {
        "immunosuppressant_class": "immunosuppressant",
        "immunosuppressant_route": "systemic",
        "ldl_method": "direct",
    }


@pytest.mark.parametrize(("name", "text", "lo", "hi"), [(row[0], text, float(row[2]), float(row[3])) for row in rows(WRITTEN) for text in row[1].split(", ")])
def test_values_as_files_write_them(name: str, text: str, lo: float, hi: float) -> None:
    variable = CATALOGUE[name]
    labels = [label for label, words in variable.words.items() if written(text) in {written(word) for word in (label, *words)}]
    assert [variable.values[label] for label in labels] == [(lo, hi)]


@pytest.mark.parametrize(("name", "column"), [(row[0], column) for row in rows(COLUMNS) for column in row[1].split(", ")])
def test_columns_as_files_name_them(name: str, column: str) -> None:
    assert plain(column) in {plain(synonym) for synonym in (name, *CATALOGUE[name].synonyms)}


def test_no_name_stands_for_two_things() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for variable in VARIABLES:
        for name in (variable.name, variable.label, *variable.synonyms, *variable.unit_of):
            owners[plain(name)].add(variable.name)
        for name in variable.end_synonyms:
            owners[plain(name)].add(f"end of {variable.name}")
    for panel in CATALOGUE.panels.values():
        for name in (panel.name, *panel.synonyms):
            owners[plain(name)].add(f"panel {panel.name}")
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}
    assert "" not in owners


def test_no_synonym_is_listed_twice() -> None:
    for variable in VARIABLES:
        names = [plain(name) for name in variable.synonyms]
        assert sorted(names) == sorted(set(names)), variable.name
        assert plain(variable.name) not in names, variable.name


def test_labels_name_one_variable_each() -> None:
    labels = [variable.label for variable in VARIABLES]
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) <= 40


@pytest.mark.parametrize("variable", [variable for variable in VARIABLES if variable.values], ids=lambda variable: variable.name)
def test_no_written_value_stands_for_two_things(variable: Variable) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for label in variable.values:
        for word in (label, *variable.words.get(label, ())):
            owners[written(word)].add(label)
    assert {word: who for word, who in owners.items() if len(who) > 1} == {}


NUMBERS = [variable for variable in VARIABLES if variable.kind is Kind.NUMBER]


@pytest.mark.parametrize("variable", NUMBERS, ids=lambda variable: variable.name)
def test_numbers_have_a_unit_and_ranges_that_hold_together(variable: Variable) -> None:
    assert variable.unit
    assert variable.unit not in variable.conversions
    assert variable.hard is not None
    assert variable.hard[0] < variable.hard[1] < math.inf
    if variable.soft:
        assert variable.hard[0] <= variable.soft[0] < variable.soft[1] <= variable.hard[1]
    assert variable.scale in ("linear", "log")


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_conversions_say_where_they_come_from(variable: Variable) -> None:
    assert variable.kind is Kind.NUMBER or not variable.accepted_units
    for unit, conversion in variable.conversions.items():
        assert conversion.factor > 0, unit
        assert conversion.source, unit
        assert conversion.verified is ("from memory" not in conversion.source), unit


def test_which_factors_are_from_memory() -> None:
    unverified = [(variable.name, unit) for variable in VARIABLES for unit, conversion in variable.conversions.items() if not conversion.verified]
    assert unverified == [("cystatin_c", "nmol/L"), ("haemoglobin", "mmol/L"), ("hbv_dna", "copies/mL")]


@pytest.mark.parametrize("variable", NUMBERS, ids=lambda variable: variable.name)
def test_units_of_a_variable_cannot_be_confused(variable: Variable) -> None:
    for unit in variable.accepted_units:
        assert [other for other in variable.accepted_units if recognise(unit, [other])] == [unit]


@pytest.mark.parametrize("variable", [variable for variable in NUMBERS if variable.sniff], ids=lambda variable: variable.name)
def test_a_median_suggests_at_most_one_unit(variable: Variable) -> None:
    ranges = sorted(variable.sniff.values())
    assert all(first[1] <= second[0] for first, second in pairwise(ranges))


def test_the_albumin_creatinine_ratio_is_never_sniffed() -> None:
    assert not CATALOGUE["uacr"].sniff
    assert not CATALOGUE["upcr"].sniff


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_codes_are_well_formed(variable: Variable) -> None:
    shapes = {
        "icd10": r"[A-Z](\d[\dA-Z]?)?(\.[\dA-Z]{1,4})?", "icd9": r"\d{2,3}(\.\d{1,2})?", "icd10pcs": r"[\dA-Z]{7}", "cpt": r"\d{5}", "snomed": r"\d{6,18}",
        "loinc": r"\d{1,5}-\d", "omop": r"\d{5,8}", "atc": r"[A-Z]\d{2}([A-Z]([A-Z](\d{2})?)?)?", "rxnorm": r"\d{1,7}",
    }  # fmt: skip
    for system, codes in variable.codes.items():
        assert len(set(codes)) == len(codes)
        assert [code for code in codes if not re.fullmatch(shapes[system], code)] == [], system
    for name in variable.unit_of:
        assert plain(name) in {plain(known) for known in (*variable.synonyms, *variable.codes.get("loinc", ()))}, name


def test_which_codes_are_taken_to_say_a_unit() -> None:
    assert {name: unit for variable in VARIABLES for name, unit in variable.unit_of.items() if name in variable.codes.get("loinc", ())} == {
        "2160-0": "mg/dL", "14682-9": "µmol/L",  # of mass, of moles a volume: the usual unit
        "4548-4": "%", "17856-6": "%", "59261-8": "mmol/mol",  # by definition
        "14927-8": "mmol/L", "22748-8": "mmol/L", "39469-2": "mmol/L",  # of moles a volume: the only accepted unit
    }  # fmt: skip


def test_what_is_said_of_names_and_numbers_that_may_mean_several_things() -> None:
    assert {name: set(CATALOGUE[name].ambiguous) for name in ("t2dm", "congenital_heart_disease", "cerebral_infarction")} == {
        "t2dm": {"diq010"},
        "congenital_heart_disease": {"chd"},
        "cerebral_infarction": {
            "stroke", "schlaganfall", "apoplex", "apoplexie", "insult", "avc", "accident_vasculaire_cérébral", "ictus", "acv", "脑卒中", "卒中", "中风",
        },
    }
    assert CATALOGUE["ldl_method"].describes == "ldl"
    assert CATALOGUE["age"].top_codes == (79, 80, 85, 89, 90)
    assert CATALOGUE["sex"].standard_codes == {"1": "male", "2": "female", "9": "unknown"}
    assert CATALOGUE["t2dm"].usual_codes["9"] == "unknown"


@pytest.mark.parametrize("system", ["loinc", "snomed", "omop", "rxnorm"])
def test_no_code_stands_for_two_variables(system: str) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for variable in VARIABLES:
        for code in variable.codes.get(system, ()):
            owners[code].add(variable.name)
    assert {code: who for code, who in owners.items() if len(who) > 1} == {}


@pytest.mark.parametrize("code", ["N04", "N08", "N18", "N17", "I12", "N02.9", "N03.9"])
def test_codes_given_for_diabetic_kidney_disease_too_do_not_count_against_it(code: str) -> None:
    assert not [listed for listed in CATALOGUE["non_diabetic_kidney_disease"].codes["icd10"] if code.startswith(listed) or listed.startswith(code)]


def test_what_a_laboratory_measures_and_in_what() -> None:
    """By this one date of the laboratory dates it; what is measured on the person, and what describes an event, has no specimen."""
    measured = {variable.name: variable.specimen for variable in VARIABLES if variable.specimen}
    assert measured == {
        **dict.fromkeys(("urine_protein_24h", "urine_volume_24h", "urine_creatinine_24h", "uacr", "upcr"), "urine"),
        **dict.fromkeys(("creatinine", "cystatin_c", "egfr_reported", "hba1c", "triglycerides", "ldl", "ldl_method", "total_cholesterol"), "blood"),
        **dict.fromkeys(("potassium", "haemoglobin", "hbsag", "hbv_dna", "anti_hcv", "hcv_rna"), "blood"),
    }
    assert {name for name in CATALOGUE.variables if CATALOGUE["lab_date"].dates(CATALOGUE[name])} == set(measured)
    assert all(not CATALOGUE[name].is_field for name in measured)


def test_panels_date_variables_that_exist() -> None:
    assert {name: panel.variables for name, panel in CATALOGUE.panels.items()} == {
        "blood_pressure": ("sbp", "dbp"),
        "lipids": ("triglycerides", "ldl", "total_cholesterol", "ldl_method"),
        "virology": ("hbsag", "hbv_dna", "anti_hcv", "hcv_rna"),
    }


def test_names_are_compared_without_case_punctuation_or_width() -> None:
    assert plain("HbA1c (%)") == plain("hba1c") == plain("ＨｂＡ１ｃ")
    assert plain("24h 尿蛋白-定量") == plain("24h尿蛋白定量")


FAULTY = """
[variable.a]
label = "A"
kind = "number"
hard = [0, 1]
[variable.b]
label = "B"
kind = "event"
of = "nobody"
[variable.c]
label = "C"
kind = "category"
values = { no = 0 }
words.yes = ["y"]
[variable.p]
label = "P"
kind = "category"
values = { no = 0 }
value_labels.maybe = "perhaps"
[variable.d]
label = "D"
kind = "riddle"
[variable.e]
label = "E"
kind = "event"
colour = "blue"
[variable.f]
kind = "event"
[variable.g]
label = "G"
kind = "event"
synonyms = ["gg"]
ambiguous.hh = "something else"
describes = "phantom"
[variable.h]
label = "H"
kind = "category"
values = { no = 0 }
standard_codes = { 1 = "yes" }
[variable.i]
label = "I"
kind = "category"
describes = "phantom"
[variable.j]
label = "J"
kind = "number"
unit = "%"
within_person_cv = { value = 4, source = "a slip", verified = false }
[variable.k]
label = "K"
kind = "event"
within_person_cv = { value = 0.04, source = "a slip", verified = false }
[variable.l]
label = "L"
kind = "number"
unit = "%"
within_person_cv = { cv = 0.04 }
[variable.m]
label = "M"
kind = "day"
[variable.n]
label = "N"
kind = "number"
unit = "%"
specimen = "hair"
[variable.o]
label = "O"
kind = "number"
unit = "%"
specimens = ["blood"]
[panel.p]
variables = ["ghost"]
synonyms = []
"""


def test_a_faulty_catalogue_is_told_every_fault_at_once() -> None:
    with pytest.raises(ValueError, match="variable a") as caught:
        read_catalogue(FAULTY)
    message = str(caught.value)
    faults = ["a: a number needs a unit", "b: of = 'nobody'", "c: words: yes not among no", "d: 'riddle'", "e: unknown keys colour", "f: 'label'"]
    faults += ["j: within_person_cv = 4 is no fraction of the mean", "k: within_person_cv is of numbers", "l: within_person_cv: cv not among value"]
    faults += ["p: value_labels: maybe not among no"]
    faults += ["m: specimens are of a day", "n: specimen: hair not among blood, urine", "o: specimens are of a day"]
    faults += ["g: ambiguous: hh not among gg", "h: standard_codes: yes not among no", "i: describes = 'phantom'", "panel p: 'ghost'"]
    assert [fault for fault in faults if fault not in message] == []


WITHIN_PERSON = """
 variable          | cv   | verified
 urine_protein_24h | 0.38 | no
 uacr              | 0.49 | yes
 creatinine        | 0.06 | no
 hba1c             | 0.04 | no
 sbp               | 0.07 | no
 triglycerides     | 0.2  | no
 ldl               | 0.08 | no
 potassium         | 0.05 | no
"""


def test_how_much_quantities_vary_within_a_person() -> None:
    given = [(each.name, each.within_person) for each in VARIABLES if each.within_person is not None]
    assert [(name, f"{within.cv:g}", "yes" if within.verified else "no") for name, within in given] == by_name(WITHIN_PERSON)
    assert all(within.verified or "from memory" in within.source for _, within in given)
