"""Headers as hospitals write them, in German, French, Spanish, Italian and Chinese: each is the variable, part and unit that it says, or nothing."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

import pytest
from spec.reading import read_table

from feasibility.cohort import Cohort
from feasibility.intake import load_cohort
from feasibility.intake.headers import read_header
from feasibility.intake.mapping import Part
from feasibility.intake.tables import patient_column, site_column
from feasibility.intake.words import unaccented
from feasibility.variables import builtin_catalogue, plain

CATALOGUE = builtin_catalogue()

# A header may say the part (date, end, unit), the unit in brackets as it is recognised, and a repeat.
HEADERS = """
 variable                    | headers
 birth_date                  | Geburtsdatum, Geb.-Datum, Geb.Dat., Date de naissance, DDN, Né(e) le, Fecha de nacimiento, Fec. nac., Data di nascita, 出生日期
 sex                         | Geschlecht, Geschl., Sexe, Sexo, Sesso, 性别
 age                         | Alter, Alter (Jahre), Âge (ans), Edad (años), Età, 年龄(岁)
 weight                      | Gewicht (kg), Körpergewicht, Poids [kg], Peso, 体重(kg)
 sbp                         | RR syst, RR syst., RR-systolisch (mmHg), Blutdruck systolisch
 sbp                         | PAS (mmHg), TAS, Pression artérielle systolique, Presión sistólica, 收缩压
 dbp                         | RR diast, RR diastolisch, diastolischer Blutdruck, PAD, TAD, Tension diastolique, Pressione diastolica (mmHg), 舒张压(mmHg)
 creatinine                  | Kreatinin, Krea, Kreatinin i.S., Kreatinin i. S. (µmol/l), Kreatinin (Serum)
 creatinine                  | Serumkreatinin [mg/dl], Kreatininwert, Créatinine, Creatinina, 血肌酐
 hba1c                       | HbA1c, HbA1c (%), HbA1c Wert, Hémoglobine glyquée, Hemoglobina glicosilada, Emoglobina glicata (mmol/mol), 糖化血红蛋白
 triglycerides               | Triglyzeride, Triglyceride (mmol/l), Neutralfette, Triglycérides (g/L), Triglicéridos, Trigliceridi, 甘油三酯
 ldl                         | LDL-Chol., LDL-Cholesterin, LDL (mg/dl), Cholestérol LDL, LDL-Colesterol, Colesterolo LDL, 低密度脂蛋白
 total_cholesterol           | Gesamtcholesterin, Cholesterin, Cholestérol total, Colesterol total, Colesterolo totale, 总胆固醇
 potassium                   | Kalium, Kalium i.S., Kaliémie (mmol/L), Potasio, Potassio, 血钾
 haemoglobin                 | Hämoglobin (g/dl), Hb, Hémoglobine, Hemoglobina, Emoglobina, 血红蛋白
 urine_protein_24h           | Gesamteiweiß im 24h-Urin, 24-h-Eiweiß, 24h-Protein (g/24h)
 urine_protein_24h           | Protéinurie des 24 h, Proteinuria de 24 horas, Proteinuria 24 ore, 24h尿蛋白定量
 urine_volume_24h            | Urinvolumen 24h, Urinmenge (ml), Diurèse des 24h, Diuresis 24h, Diuresi, 24小时尿量
 uacr                        | UACR, Albumin/Kreatinin-Ratio, Alb/Krea-Quotient (mg/g)
 uacr                        | RAC (mg/mmol), Cociente albúmina/creatinina, Rapporto albumina/creatinina, 尿白蛋白肌酐比
 upcr                        | Protein/Kreatinin-Quotient, Rapport protéinurie/créatininurie, 尿蛋白/肌酐
 egfr_reported               | GFR (CKD-EPI), eGFR nach CKD-EPI, DFG (CKD-EPI), Filtrado glomerular, VFG, 肾小球滤过率
 t2dm                        | Diabetes mellitus Typ 2, Diabetes Typ 2, DM Typ II, DM2
 t2dm                        | DM 2, Diabète de type 2, Diabetes tipo 2, Diabete mellito tipo 2, 2型糖尿病
 t1dm                        | Diabetes mellitus Typ 1, DM1, DT1, Diabète type 1, 1型糖尿病
 kidney_biopsy               | Kidney biopsy done, Biopsy performed, Nierenbiopsie, Biopsie rénale, PBR, Biopsia renal, Biopsia renale, 肾穿刺
 biopsy_dx                   | Biopsiebefund, Nierenhistologie, Résultat biopsie, Resultado de la biopsia, Istologia, 病理诊断
 heart_failure               | Herzinsuffizienz, Herzinsuffizienz (ja/nein), Insuffisance cardiaque, Insuficiencia cardiaca, Scompenso cardiaco, 心衰
 nyha                        | NYHA, NYHA-Klasse, NYHA-Stadium, Classe NYHA, Clase NYHA, 心功能分级
 lvef                        | LVEF (%), Ejektionsfraktion, FEVG, FEVI, Frazione di eiezione, 左室射血分数
 atrial_fibrillation         | Vorhofflimmern, VHF, FA, ACFA, Fibrillation atriale, Fibrilación auricular, Fibrillazione atriale, 房颤
 myocardial_infarction       | Herzinfarkt, Myokardinfarkt, IDM, IAM, Infarto miocardico, 心肌梗死
 malignancy                  | Cancer ever
 cerebral_infarction         | Stroke ever, Hirninfarkt, Schlaganfall, Apoplex, AVC ischémique, AVC, Ictus isquémico, Ictus, 脑梗死, 脑卒中
 cerebral_haemorrhage        | Hirnblutung, Hémorragie cérébrale, Hemorragia cerebral, Emorragia cerebrale, 脑出血
 hbsag                       | HBsAg, HBs-Antigen, HBsAg Ergebnis, Ag HBs, Antígeno HBs, 乙肝表面抗原
 anti_hcv                    | Anti-HCV, HCV-AK, Anticorps anti-VHC, Anti-VHC, Anticorpi HCV, 丙肝抗体
 hiv                         | HIV-Test, VIH, Sérologie VIH, HIV抗体
 tuberculosis                | Tuberkulose, TBC, Tuberculose, Tubercolosi, 结核
 malignancy                  | Karzinom, Malignom, Krebserkrankung, Tumeur maligne, Neoplasia, Tumore maligno, 恶性肿瘤
 immunosuppressant           | Immunsuppressiva, Immunosuppresseurs, Inmunosupresores, Immunosoppressori, 免疫抑制剂
 pregnant                    | Schwanger, Schwangerschaft, Enceinte, Embarazo, Gravidanza, 妊娠
 lactating                   | Stillend, Allaitement, Lactancia, Allattamento, 哺乳期
"""
PARTS = """
 variable             | part  | headers
 cerebral_infarction  | date  | Hirninfarkt Datum, Hirninfarkt (Datum), Datum Hirninfarkt, Hirninfarktdatum
 cerebral_infarction  | date  | Date AVC ischémique, Date de l'AVC ischémique, Fecha ictus, 脑梗死日期
 kidney_biopsy        | date  | Biopsiedatum, Datum der Nierenbiopsie, Date de la biopsie rénale, Fecha de biopsia renal, Data biopsia renale, 肾穿刺日期
 creatinine           | date  | Kreatinin_Datum, Kreatinin i.S. Datum, Date créatinine, Date de créatinine, Fecha creatinina, Data creatinina
 death                | date  | Todesdatum, Date de décès, Date décès, Fecha de fallecimiento, Data del decesso
 sbp                  | date  | RR Datum, Blutdruck-Datum, Date of blood pressure
 immunosuppressant    | date  | Immunsuppression seit, Beginn Immunsuppression, Immunosuppresseur début
 immunosuppressant    | end   | Immunsuppression bis, Ende Immunsuppression, Immunosuppresseur fin
 creatinine           | unit  | Kreatinin Einheit, Einheit Kreatinin, Créatinine unité
 cerebral_infarction  | value | Hirninfarkt ja/nein, Hirninfarkt bekannt
"""
NOTHING = "Datum; Einheit; Bemerkung; Data; Hausarzt; CRP; Natrium; Datum Aufnahme; Wert; RR; Protéinurie; Date de; PCR; m/w; TT.MM.JJJJ; 0/1; ja/nein"


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()[1:]]


@pytest.mark.parametrize(("variable", "header"), [(name, header) for name, headers in rows(HEADERS) for header in headers.split(", ")])
def test_a_header_is_the_variable_it_names_in_whatever_language(variable: str, header: str) -> None:
    for written in (header, header.upper() if "ß" not in header else header, header.replace(" ", "_"), unicodedata.normalize("NFD", header)):
        found = read_header(written, CATALOGUE)
        assert found is not None, written
        assert (found.variables, found.part.value, found.repeat, found.exact, found.unit_text in (None, "Serum")) == ((variable,), "value", None, True, True)
        assert "(" not in header or found.unit is not None or any(word in header for word in ("Serum", "CKD-EPI", "ja/nein", "Né(e)"))


@pytest.mark.parametrize(("variable", "part", "header"), [(name, part, header) for name, part, headers in rows(PARTS) for header in headers.split(", ")])
def test_a_header_says_the_part_before_or_behind_the_name(variable: str, part: str, header: str) -> None:
    found = read_header(header, CATALOGUE)
    assert found is not None
    assert (found.variables[0], found.part.value, found.exact) == (variable, part, True)


@pytest.mark.parametrize("header", NOTHING.split("; "))
def test_a_header_of_something_else_is_no_variable(header: str) -> None:
    assert read_header(header, CATALOGUE) is None


def test_without_accents_no_name_stands_for_two_things() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for variable in CATALOGUE.variables.values():
        for name in (variable.name, variable.label, *variable.synonyms, *variable.unit_of, *variable.end_synonyms):
            owners[plain(unaccented(name))].add(variable.name)
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}


def test_names_that_files_use_for_something_else_too_are_taken_with_a_warning() -> None:
    cohort = load_cohort("x.csv", b"Pat-Nr;Schlaganfall;PAD;FA;RAC (mg/g)\nP1;ja;80;ja;300\nP2;nein;90;nein;400\n")
    warned = [problem.message for problem in cohort.report.problems if problem.severity == "warning"]
    for also in ("any stroke, haemorrhage", "peripheral artery disease", "a family history", "aortic stenosis"):
        assert any(f"it may also be {also}" in message or also in message for message in warned), also


PATIENT_HEADERS = "Pat-Nr, PatNr, Pat.-ID, Pat. Nr., Patientennummer, Patienten-ID, Fallnummer, "
PATIENT_HEADERS += "N° patient, IPP, NIP, NHC, Nº historia clínica, ID paziente, 住院号, 病历号, 患者ID"


@pytest.mark.parametrize("header", PATIENT_HEADERS.split(", "))
def test_the_patient_is_known_by_its_header(header: str) -> None:
    assert patient_column(read_table("x.csv", f"Name;{header};Alter\na;1;50\nb;2;60\n".encode())) == header


@pytest.mark.parametrize("header", ["Klinik", "Abteilung", "Station", "Hôpital", "Service", "Servicio", "Reparto", "Ospedale", "科室", "病区"])
def test_the_site_is_known_by_its_header_a_ward_only_without_better(header: str) -> None:
    assert site_column(read_table("x.csv", f"id;{header};Alter\n1;A;50\n2;B;60\n".encode())) == header
    assert site_column(read_table("x.csv", f"id;{header};Zentrum\n1;A;50\n2;B;60\n".encode())) == "Zentrum"


def of_cases(header: str) -> Cohort:
    return load_cohort("x.csv", f"{header};Alter\nF1;50\nF2;60\n".encode())


def test_a_number_of_a_stay_is_warned_of_where_it_stands_for_the_patient() -> None:
    (warned,) = (problem for problem in of_cases("Fallnummer").report.problems if "stay" in problem.message)
    assert (warned.severity, warned.where) == ("warning", "column Fallnummer")
    assert "a patient with several counts several times" in warned.message
    assert not any("stay" in problem.message for problem in of_cases("Pat-Nr").report.problems)


# What a bracket behind a name says of whose it is, of which specimen, or that it is not so, makes the header one to ask about.
SAID_OTHERWISE = """
 variable            | headers
 potassium           | Potassium (urine) mmol/L, Kalium (Urin) mmol/l
 creatinine          | 肌酐（尿液） umol/L, Creatinine (urine) (mg/dL), Creatinine (target)
 atrial_fibrillation | Atrial fibrillation (mother), Atrial fibrillation (ruled out), Vorhofflimmern (Mutter)
 cerebral_infarction | Stroke (mother), 脑梗死（父亲）, Stroke (family history), Stroke (risk)
 t2dm                | T2DM (family history), 2型糖尿病（家族史）
 kidney_biopsy       | Kidney biopsy (planned), Biopsy date (liver)
 hiv                 | HIV (partner)
 birth_date          | Date of birth (mother)
 hbsag               | HBsAg (vaccinated), HBsAg (negative)
 sbp                 | SBP (target) mmHg
 ldl                 | LDL (goal) mmol/L
 uacr                | UACR (serum) mg/g
"""


@pytest.mark.parametrize(("variable", "header"), [(name, header) for name, headers in rows(SAID_OTHERWISE) for header in headers.split(", ")])
def test_a_bracket_that_says_something_else_makes_a_header_one_to_ask_about(variable: str, header: str) -> None:
    found = read_header(header, CATALOGUE)
    assert found is None or (found.variables[0], found.exact) == (variable, False)


@pytest.mark.parametrize(("header", "unit"), [
    ("Protein 24h urine (g/day)", "g/24h"), ("Albumin/creatinine ratio urine (mg/mmol)", "mg/mmol"),
    ("Triglycerids mg/dl (mmol/l)", "mg/dL"), ("glycosylated hemoglobn IFCC (%)", None), ("Albumin/creatinine ratio urine date (mg/mmol)", None),
])  # fmt: skip
def test_a_unit_in_brackets_is_read_behind_a_name_that_is_only_like_one(header: str, unit: str | None) -> None:
    """Unless another stands before it, or what changes its meaning."""
    found = read_header(header, CATALOGUE)
    assert found is None or (found.exact, found.unit) == (False, unit)
    assert found is not None or unit is None


@pytest.mark.parametrize(("header", "variable"), [
    ("History of stroke", "cerebral_infarction"), ("Prior stroke", "cerebral_infarction"), ("Ever had a stroke", "cerebral_infarction"),
    ("Zustand nach Schlaganfall", "cerebral_infarction"), ("Z.n. Apoplex", "cerebral_infarction"), ("Antécédent d'AVC", "cerebral_infarction"),
    ("history_of_cancer", "malignancy"),
    ("PMH cancer", "malignancy"), ("Past medical history of heart failure", "heart_failure"), ("Known atrial fibrillation", "atrial_fibrillation"),
    ("Known tuberculosis", "tuberculosis"),
])  # fmt: skip
def test_an_event_may_be_said_to_have_happened_before_its_name(header: str, variable: str) -> None:
    found = read_header(header, CATALOGUE)
    assert found is not None
    assert (found.variables, found.part, found.exact) == ((variable,), Part.VALUE, True)


def test_of_a_day_of_something_past_it_is_the_day() -> None:
    found = read_header("Date of previous stroke", CATALOGUE)
    assert found is not None
    assert (found.variables, found.part) == (("cerebral_infarction",), Part.DATE)


@pytest.mark.parametrize("header", [
    "Family history of cancer", "No history of stroke", "History of creatinine", "Previous HbA1c", "Ever pregnant", "Medical history",
    "History of tuberculosis",
])  # fmt: skip
def test_not_of_somebody_else_nor_of_what_is_measured_nor_of_what_is_so_now(header: str) -> None:
    found = read_header(header, CATALOGUE)
    assert found is None or not found.exact


@pytest.mark.parametrize(
    "header", ["HIV test done", "anti-HIV performed", "HCV done", "HBV performed", "Pregnant ever", "Infection ever", "TB ever", "Potassium binder ever"]
)
def test_that_a_test_was_done_is_no_disease_and_once_is_not_now(header: str) -> None:
    found = read_header(header, CATALOGUE)
    assert found is None or not found.exact


SAID_AGAIN = """
 variable            | headers
 potassium           | Potassium (serum) mmol/L, Kalium (i.S.), Potassium (plasma) (mmol/L), 血钾（血清） mmol/L, Potassium (lab value) mmol/L
 creatinine          | Creatinine (latest) mg/dL, Kreatinin (Blut) mg/dl, Creatinine (mg/dL) (serum), Creatinine (mg/dL)
 uacr                | UACR (urine) mg/g, UACR (spot urine) mg/g
 hba1c               | HbA1c (NGSP) %, HbA1c (%)
 sex                 | Sex (1=female; 2=male), Sex (M/F), Sex (m/w/d), Sex (gender), 性别（男/女）, 性别(1男 2女)
 t2dm                | T2DM (1=yes; 0=no), T2DM (0/1), T2DM (Y/N), T2DM (yes), T2DM (diagnosis), T2DM (E11), T2DM (ICD-10 E11.-), T2DM (type 2 diabetes)
 heart_failure       | Herzinsuffizienz (ja/nein), Herzinsuffizienz (0=nein; 1=ja), 心衰（是/否）, 心衰(1是 0否)
 cerebral_infarction | Stroke (AVC), Stroke (ever)
 hbsag               | HBsAg (qualitative), HBsAg (positive/negative), HBsAg (pos), HBsAg (0=neg; 1=pos; 9=nd)
 sbp                 | SBP (mmHg), SBP (2), SBP (sitting) mmHg
 age                 | Age (years), Alter (Jahre)
"""


@pytest.mark.parametrize(("variable", "header"), [(name, header) for name, headers in rows(SAID_AGAIN) for header in headers.split(", ")])
def test_a_bracket_that_says_no_more_than_the_name_leaves_a_header_sure(variable: str, header: str) -> None:
    found = read_header(header, CATALOGUE)
    assert found is not None
    assert (found.variables[0], found.part.value, found.exact) == (variable, "value", True)


@pytest.mark.parametrize(
    "header",
    ["age_onset", "Age (onset)", "age start", "Alter Beginn", "sbp end", "uacr_stop", "weight fin", "sex_date", "birth date end", "Geschlecht Datum"],
)
def test_a_part_that_a_variable_cannot_have_is_not_read_from_a_header(header: str) -> None:
    found = read_header(header, CATALOGUE)
    assert found is None or not found.exact
