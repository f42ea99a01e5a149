"""The words files use for yes, no and unknown, for columns of dates and for the patient: language, not medicine."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST_CELL = 200
"""No number, date or code is longer: in a longer text none is looked for, as it may have millions of characters."""

YES = frozenset(
    {
        "1", "y", "yes", "true", "t", "+", "++", "+++", "++++", "(+)", "positive", "pos", "present", "occurred", "confirmed", "checked", "✓", "✔", "☑", "✅",
        "√", "是", "是的", "有", "对", "阳性", "真", "确诊", "はい", "あり", "ja", "wahr", "vorhanden", "positiv", "oui", "vrai", "présent", "positif", "sí",
        "si", "verdadero", "presente", "positivo", "sì", "vero", "sim", "verdadeiro", "tak", "да",
    }
)  # fmt: skip
NO = frozenset(
    {
        "0", "n", "no", "false", "f", "-", "−", "–", "(-)", "negative", "neg", "absent", "none", "nil", "denies", "denied", "did not occur", "not present",
        "refuted", "ruled out", "unchecked", "☐", "否", "无", "無", "没有", "不是", "错", "未见", "未发生", "阴性", "假", "否认", "いいえ", "なし", "nein",
        "kein", "keine", "keiner", "falsch", "nicht vorhanden", "negativ", "non", "faux", "absence", "aucun", "aucune", "négatif", "falso", "ninguno",
        "ninguna", "ausente", "negativo", "nessuno", "nessuna", "assente", "não", "nao", "nenhum", "nenhuma", "nie", "nee", "нет",
    }
)  # fmt: skip
UNKNOWN = frozenset(
    {
        "?", "??", "???", "u", "unk", "unkn", "unknown", "not known", "nk", "uncertain", "unclear", "don't know", "dk", "refused", "declined",
        "not recorded", "not reported", "not stated", "not documented", "not assessed", "not asked", "not done", "not tested", "not performed",
        "not examined", "nt", "nd", "n.d.", "nr", "ns", "suspected", "possible", "probable", "borderline", "equivocal", "indeterminate", "inconclusive", "±",
        "+-", "+/-", "(±)", "/", "\\", "—", "--", "---", "pending", "未知", "不详", "不明", "不清楚", "不确定", "可疑", "疑似", "未查", "未做", "未测",
        "未检", "未检测", "未行", "拒查", "待查", "不明确", "不知道", "unbekannt", "nicht bekannt", "unklar", "k.a.", "k. a.", "ka", "keine angabe",
        "keine angaben", "nicht angegeben", "nicht erhoben", "nicht durchgeführt", "fraglich", "verdacht auf", "v.a.", "inconnu", "inconnue", "non connu",
        "nsp", "ne sait pas", "non renseigné", "non renseignée", "non précisé", "non fait", "douteux", "indéterminé", "desconocido", "desconocida",
        "no sabe", "ns/nc", "no consta", "no realizado", "dudoso", "indeterminado", "sospecha", "sconosciuto", "sconosciuta", "non noto", "ignoto",
        "non eseguito", "dubbio", "indeterminato", "desconhecido", "desconhecida", "ignorado", "não sabe", "não informado", "não realizado",
    }
)  # fmt: skip
MISSING = frozenset({"na", "n/a", "#n/a", "nan", "null", "none", ".", "\\n", "missing", "not available", "not applicable", "缺失", "不适用"})
DASHES = frozenset({"-", "−", "–"})
PLUSES = frozenset({"+", "++", "+++", "++++", "(+)"})
NOTHING = DASHES | {"none", "nil"}
"""Marks that people write for no, and people and programs for nothing recorded."""

NO_RESULT = frozenset(
    {
        "-", "--", "---", "—", "–", "−", "..", "...", "…", "/", "\\", "*", "**", "***", "#", "#value!", "#ref!", "#div/0!", "#num!", "#name?", "#null!",
        "error", "err", "invalid", "nd", "n.d.", "n. d.", "n/d", "nb", "n.b.", "nv", "n.v.", "np", "n.p.", "nf", "nc", "qns", "insufficient",
        "insufficient sample", "insufficient specimen", "quantity not sufficient", "clotted", "pending", "to follow", "see comment", "see note", "cancelled",
        "canceled", "rejected", "lost", "not determined", "no result", "no sample", "hemolysed", "hemolyzed", "haemolysed", "haemolyzed", "hemolysis",
        "haemolysis", "hemolytic", "haemolytic", "lipaemic", "lipemic", "icteric", "hämolytisch", "haemolytisch", "hämolyse", "lipämisch", "ikterisch",
        "geronnen", "ausstehend", "folgt", "storniert", "siehe bemerkung", "nicht bestimmt", "nicht gemessen", "nicht messbar", "nicht verwertbar",
        "zu wenig material", "material fehlt", "hémolysé", "hémolyse", "lipémique", "coagulé", "en cours", "non dosé", "non mesuré", "non réalisé",
        "échantillon insuffisant", "hemolizado", "hemolizada", "lipémico", "coagulado", "pendiente", "muestra insuficiente", "no determinado", "emolizzato",
        "emolisi", "lipemico", "in corso", "campione insufficiente", "hemolisado", "pendente", "amostra insuficiente", "溶血", "标本溶血", "样本溶血",
        "脂血", "乳糜", "乳糜血", "黄疸", "凝固", "标本凝固", "量不足", "标本量不足", "标本不足", "待报告", "未出", "见备注", "作废", "退检", "loq", "<loq",
        "< loq", "<lloq", "< lloq", "blq", "bloq", ">uloq", "> uloq",
    }
)  # fmt: skip
"""Words that stand where a number was not obtained, or not kept."""

NOT_DETECTED = frozenset(
    {
        "not detected", "undetected", "undetectable", "none detected", "not detectable", "below detection limit", "below limit of detection", "below lod",
        "<lod", "< lod", "bdl", "tnd", "target not detected", "未检出", "未检测到", "低于检测下限", "低于检测限", "低于检出限", "低于最低检测限",
        "<检测下限", "nicht nachweisbar", "nicht detektierbar", "non détecté", "non détectable", "indétectable", "no detectado", "no detectable",
        "indetectable", "non rilevato", "não detectado", "não detectável",
    }
)  # fmt: skip
NOT_FOUND = NOT_DETECTED | {
    "non-reactive", "nonreactive", "non reactive", "not reactive", "无反应性", "nicht reaktiv", "non réactif", "no reactivo", "non reattivo", "não reagente",
}  # fmt: skip
FOUND = frozenset(
    {
        "detected", "detectable", "target detected", "检出", "检测到", "nachweisbar", "détecté", "détectable", "detectado", "rilevato",
        "reactive", "有反应性", "reaktiv", "réactif", "reactivo", "reattivo", "reagente",
    }
)  # fmt: skip
"""What laboratories write of a finding that is not there, or is."""

_BELOW = (
    "<", "less than", "below", "under", "小于", "低于", "不足", "少于", "unter", "kleiner als", "weniger als", "inférieur à", "menor que", "inferior a",
    "minore di",
)  # fmt: skip
_AT_MOST = ("<=", "=<", "< =", "≤", "≦", "⩽", "up to", "at most", "不超过", "不大于", "不高于", "至多", "höchstens")
_ABOVE = (
    ">", "more than", "above", "over", "greater than", "大于", "高于", "超过", "über", "größer als", "mehr als", "supérieur à", "mayor que", "superior a",
    "maggiore di",
)  # fmt: skip
_AT_LEAST = (">=", "=>", "> =", "≥", "≧", "⩾", "at least", "不低于", "不小于", "不少于", "至少", "mindestens")
LESS = dict.fromkeys(_BELOW, True) | dict.fromkeys(_AT_MOST, False)
MORE = dict.fromkeys(_ABOVE, True) | dict.fromkeys(_AT_LEAST, False)
"""Words for a limit: whether the limit itself is left out."""

SIGNS = frozenset({"<", ">", "<=", ">=", "≤", "≥", "=<", "=>", "=", "=="})
LIMIT_CODES = {
    "4171756": "<", "4171754": "<=", "4172703": "=", "4172704": ">", "4171755": ">=", "0": "=",  # of OMOP, whose 0 is no concept
    "lt": "<", "le": "<=", "eq": "=", "gt": ">", "ge": ">=",
}  # fmt: skip
"""What stands for a sign in a column beside the values."""

FLAGS = frozenset({
    "h", "hh", "hhh", "h+", "h*", "l", "ll", "lll", "l*", "n", "a", "aa", "high", "low", "normal", "abnormal", "critical", "hoch", "niedrig", "↑", "↑↑", "↓",
    "↓↓", "高", "低", "正常", "偏高", "偏低",
})  # fmt: skip
"""What a laboratory writes beside a value to say where it lies."""

OR_MORE = (
    "+", "or more", "or older", "or over", "or above", "and more", "and older", "and over", "and above", "und mehr", "und älter", "oder mehr", "oder älter",
    "et plus", "ou plus", "y más", "o más", "e oltre", "ou mais", "及以上", "以上",
)  # fmt: skip
OR_LESS = ("or less", "or younger", "or below", "and less", "and younger", "und weniger", "und jünger", "et moins", "ou moins", "o menos", "及以下", "以下")

TICKS = frozenset({"✓", "✔", "☑", "✅", "√"})
CROSSES = frozenset({"x", "×", "✗", "✘", "☒", "❌", "✕", "✖"})
"""Marks that say yes where they stand alone or beside an empty box, and no beside a tick."""

LETTERS_OF_YES_AND_NO: tuple[tuple[str, dict[str, str]], ...] = (
    ("oui, non", {"o": "yes", "n": "no"}),
    ("ja, nein", {"j": "yes", "n": "no"}),
    ("sí, no", {"s": "yes", "n": "no"}),
    ("vrai, faux; vero, falso; verdadero, falso", {"v": "yes", "f": "no"}),
    ("да, нет", {"д": "yes", "н": "no"}),
)
"""Letters that mean yes and no only where they are a column's two."""

LETTERS_OF_FINDINGS: tuple[tuple[str, dict[str, str]], ...] = (
    ("positive, negative", {"p": "positive", "n": "negative"}),
    ("reactive, not reactive", {"r": "positive", "nr": "negative"}),
)

MONTHS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "jan january januar jän jänner janv janvier ene enero gen gennaio janeiro",
            "feb february februar feber fév févr février febrero febbraio fev fevereiro",
            "mar march märz mär mrz maerz mars marzo março",
            "apr april avr avril abr abril aprile",
            "may mai mayo mag maggio maio",
            "jun june juni juin junio giu giugno junho",
            "jul july juli juil juillet julio lug luglio julho",
            "aug august août aou ago agosto",
            "sep sept september septembre septiembre setiembre set settembre setembro",
            "oct october okt oktober octobre octubre ott ottobre out outubro",
            "nov november novembre noviembre novembro",
            "dec december dez dezember déc décembre dic diciembre dicembre dezembro",
        ),
        start=1,
    )
    for word in words.split()
}
WEEKDAYS = "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"

PATIENT = (
    "patient_id", "patientid", "patient", "patient_no", "patient_number", "pat_id", "usubjid", "subject_id", "subjectid", "subject", "subjid", "person_id",
    "participant_id", "participant", "record_id", "study_id", "seqn", "mrn", "患者编号", "患者id", "患者", "患者号", "患者唯一号", "患者标识", "病人编号",
    "病人id", "病人号", "受试者编号", "受试者", "patientennummer", "patienten_nr", "patienten_id", "patientennr", "pat_nr", "patnr", "patient_nr",
    "patient_in", "pid", "piz", "pseudonym", "probanden_id", "probandennummer", "studien_id", "ipp", "nip", "id_patient", "n_patient", "no_patient",
    "pat_no", "pat", "pat_number", "pat_code", "patient_code", "patient_identifier", "subject_no", "subject_number", "subject_code", "hospital_no",
    "hospital_number", "medical_record_number", "record_no", "record_number",
    "numéro_patient", "numero_patient", "num_patient", "identifiant_patient", "identifiant", "id_paciente", "paciente", "n_paciente", "no_paciente",
    "número_paciente", "numero_paciente", "número_de_paciente", "nhc", "n_historia", "n_historia_clínica", "no_historia_clínica",
    "número_de_historia_clínica", "historia_clínica", "historia_clinica", "id_paziente", "paziente", "n_paziente", "no_paziente", "numero_paziente",
    "codice_paziente", "cod_paziente", "病历号", "病案号", "病案编号", "登记号", "编号", "id", "住院号", "门诊号", "研究编号", "筛选号", "入组号", "case_id",
    "case_no", "fallnummer", "fall_nr", "fall_id", "aufnahmenummer", "n_dossier", "numéro_de_dossier", "numéro_de_séjour", "iep", "n_episodio",
    "número_de_episodio", "nosologico", "numero_nosologico", "住院流水号", "就诊号", "就诊流水号",
)  # fmt: skip
"""Headers of the patient column, the likeliest first."""

NAMES_TYPE = re.compile(r"(?:type?n?|tipo)(?![a-z])|型")
NUMBERS_OF_TYPES = re.compile(r"\d+|(?<![a-z])i{1,3}[ab]?(?![a-z])|[一二三]")
"""What in a header says that it is of types, and of which: of one alone a column says yes and no."""

STAYS = (
    "fallnummer", "fall_nr", "fall_id", "aufnahmenummer", "numéro_de_séjour", "iep", "n_episodio", "número_de_episodio", "nosologico",
    "numero_nosologico", "住院流水号", "就诊号", "就诊流水号",
)  # fmt: skip
"""Those of them that often number a stay or visit: a patient may have several."""

SITE = (
    "site", "site_id", "siteid", "site_no", "site_number", "site_name", "study_site", "centre", "center", "centre_id", "center_id", "centre_no", "center_no",
    "clinic", "clinic_id", "hospital", "hospital_id", "hospital_name", "facility", "institution", "中心", "中心编号", "中心号", "研究中心", "研究中心编号",
    "分中心", "中心名称", "医院", "医院名称", "医院编号", "机构", "医疗机构", "Zentrum", "Prüfzentrum", "Studienzentrum", "Prüfstelle", "Klinik",
    "Klinikum", "Krankenhaus", "Standort", "centro", "centro_id", "hôpital", "hopital", "établissement", "etablissement", "sitio", "sede", "ospedale",
    "istituto", "department", "Abteilung", "Fachabteilung", "service", "servicio", "reparto", "unità_operativa", "院区", "科室", "就诊科室", "ward",
    "Station", "病区",
)  # fmt: skip
"""Headers of the column that says where a patient is treated, the likeliest first."""

TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": (
        "variable", "event", "test", "lbtestcd", "lbtest", "parameter", "analyte", "item", "measurement",
        "test_name", "diagnosis", "event_kind", "项目", "检验项目",
        "measurement_source_value", "condition_source_value", "drug_source_value", "procedure_source_value", "code",
        "laborwert", "laborparameter", "messgröße", "messgroesse", "analyt", "testname", "paramètre", "parametre", "analyse", "parámetro", "parametro",
        "determinación", "determinacion", "analito", "analita", "icd", "icd10", "icd_10", "icd_code", "icd10_code", "icd_10_code", "icd_10_gm", "diagnosecode",
        "diagnose", "diagnoseschlüssel", "code_cim", "cim10", "cie10", "código_cie", "codigo_cie", "codice_icd",
    ),
    "value": (
        "value", "result", "lborres", "value_as_number", "result_value", "wert", "messwert", "ergebnis", "valeur", "résultat", "resultat", "valor", "resultado",
        "valore", "risultato", "结果", "数值",
    ),
    "limit": (
        "operator", "operator_concept_id", "value_operator", "comparator", "value_comparator", "value_prefix", "prefix", "relation", "qualifier",
        "value_qualifier",
    ),
    "unit": (
        "unit", "units", "lborresu", "unit_of_measure", "unit_source_value", "einheit", "maßeinheit", "unité", "unite", "unidad", "unità", "unita", "单位",
    ),
    "date": (
        "date", "start", "start_date", "datetime", "sample_date", "collected", "lbdtc", "onset", "onset_date", "measurement_date", "condition_start_date",
        "drug_exposure_start_date", "procedure_date", "日期", "开始日期", "采样日期", "datum", "abnahmedatum", "entnahmedatum", "probendatum", "befunddatum",
        "messdatum", "labordatum", "diagnosedatum", "beginn", "fecha", "fecha_muestra", "fecha_de_muestra", "date_prélèvement", "date_de_prélèvement",
        "date_prelevement", "data_prelievo",
    ),
    "end": ("end", "end_date", "stop", "stop_date", "condition_end_date", "drug_exposure_end_date", "结束日期"),
}  # fmt: skip
"""Headers of the columns of long tables (measurements and events)."""

ROW_DATES = (
    *TABLE_COLUMNS["date"], "visit_date", "date_of_visit", "sampling_date", "collection_date", "date_collected", "lab_date", "labs_date", "test_date",
    "exam_date", "examination_date", "measured", "vsdtc", "labdatum", "untersuchungsdatum", "besuchsdatum", "date_visite", "date_de_visite", "fecha_visita",
    "fecha_analítica", "data_visita", "data_esame", "就诊日期", "检验日期", "检查日期", "访视日期",
)  # fmt: skip
"""Headers of the column with the day of a whole row of measurements."""

STATUS = (
    "occurred", "occurrence", "did_occur", "happened", "mhoccur", "ceoccur", "cmoccur", "proccur", "faoccur", "present", "presence", "status",
    "event_status", "verification_status", "yes_no", "yn", "flag", "value", "result", "是否发生", "发生", "有无", "是否", "状态", "结果",
)  # fmt: skip
"""Headers of the column of an events table that says whether the event occurred, the likeliest first."""

OTHER_CODES = (
    r"\batc\b|\bops\b|\bndc\b|\bcpt\b|\brxnorm|drug|medic(?:ation|ament|ine)|medik|prescri|substance|wirkstoff|treatment|therap|procedure|prozedur"
    r"|operation|f[áa]rmac|药|手术|操作"
)
"""What headers say of columns whose codes are of drugs or procedures, and of no diagnoses."""

UNIT_WORDS = ("unit of measure", "units", "unit", "uom", "einheit", "einheiten", "unité", "unités", "unite", "unidad", "unidades", "unità", "unidade", "单位")
DATE_WORDS = (
    "start date", "date start", "onset date", "sample date", "date", "dt", "dat", "start", "started", "onset", "datum", "dat.", "beginn", "seit", "fecha",
    "début", "debut", "depuis", "date de début", "inicio", "desde", "fecha de inicio", "inizio", "data inizio", "日期", "时间", "开始日期", "开始",
)  # fmt: skip
DATES_BEFORE = frozenset({*DATE_WORDS, "data"})
"""Words that say so of what follows them: behind a name, ``data`` is no date in English."""

DATE_SHORT = {"f": "fecha", "f.": "fecha", "fch": "fecha", "fch.": "fecha", "fec": "fecha", "fec.": "fecha", "fech": "fecha", "fech.": "fecha"}
"""How the word for a date is cut short before what it is the date of."""

LATEST_WORDS = frozenset(
    "last latest letzte letzter letztes letzten letztem dernier derniere derniers dernieres ultimo ultima ultimos ultimas ultimi ultime".split()
)
"""Words, without accents, that say of a day that it is the latest of several."""

END_WORDS = (
    "end date", "stop date", "last treatment", "last visit", "last dose", "end", "ended", "stop", "stopped", "ende", "bis", "fin", "date de fin", "fecha fin",
    "fecha de fin", "fine", "data fine", "结束日期", "结束",
)  # fmt: skip
FLAG_WORDS = (
    "flag", "yn", "status", "present", "history", "code", "value", "result", "ja", "nein", "j", "n", "bekannt",
    "vorhanden", "oui", "non", "o", "sí", "si", "no", "sì", "s",
)  # fmt: skip
EVER = frozenset({"ever"})
"""What says of an event that it happened at some time, and of what is so now nothing."""

EVER_BEFORE = frozenset({
    "history", "hx", "pmh", "prior", "previous", "past", "ever", "had", "antécédent", "antécédents", "antecedent", "antecedents", "atcd", "antecedente",
    "antecedentes", "storia", "pregresso", "pregressa", "vorgeschichte", "zustand", "z.n.", "z.n", "früherer", "frühere", "früheres",
})  # fmt: skip
KNOWN_BEFORE = frozenset({"known", "has", "bekannter", "bekannte", "bekanntes", "connu", "connue"})
"""What says, before the name of an event, that it happened at some time, and that it is so."""

VALUE_WORDS = (
    "value", "result", "wert", "ergebnis", "valeur", "résultat", "resultat", "valor", "resultado", "valore", "risultato", "结果", "数值", "检测值", "测定值",
)  # fmt: skip
SAY_NOTHING = frozenset({
    *VALUE_WORDS, "serum", "plasma", "im", "i.s.", "i.s", "is", "i.p.", "i.", "s.", "p.", "sérum", "sérique", "plasmatique", "suero", "en", "sérico",
    "sérica", "siero", "sierico", "sierica", "aktuell", "aktueller", "qualitativ", "quantitativ",
})  # fmt: skip
"""Words behind the name of a measurement that say no more than it does: its value, in serum."""

BLOOD = frozenset({
    "serum", "plasma", "blood", "whole blood", "venous", "venous blood", "capillary blood", "serum/plasma", "serum or plasma", "serum plasma", "ser/plas",
    "ser", "plas", "bld", "i.s.", "i.s", "is", "im serum", "i.p.", "im plasma", "blut", "vollblut", "venenblut", "im blut", "sérum", "sang", "suero", "sangre",
    "siero", "sangue", "血清", "血浆", "血", "血液", "全血", "静脉血", "edta", "edta blood", "edta-blut", "heparin plasma",
})  # fmt: skip
URINE = frozenset({
    "urine", "urinary", "spot urine", "random urine", "24h urine", "24 h urine", "24-h urine", "24 hour urine", "24-hour urine", "morning urine",
    "first morning urine", "first morning void", "ur", "u", "i.u.", "urin", "im urin", "spontanurin", "sammelurin", "24h-urin", "24-h-urin", "morgenurin",
    "urines", "urinaire", "orina", "urinario", "urinaria", "urina", "尿", "尿液", "随机尿", "晨尿", "24小时尿", "24h尿", "中段尿",
})  # fmt: skip
"""Words for what a test was done in, of headers and of the cells of a column that says so row by row."""

OTHER_SPECIMENS = frozenset({
    "csf", "liquor", "cerebrospinal fluid", "stool", "faeces", "feces", "stuhl", "saliva", "sputum", "ascites", "pleural fluid", "dialysate", "dialysat",
    "synovial fluid", "swab", "tissue", "sweat", "脑脊液", "粪便", "大便", "痰", "腹水", "胸水", "透析液", "唾液", "汗液",
})  # fmt: skip
SPECIMEN = (
    "lbspec", "specimen", "specimen_type", "specimen_source_value", "spec", "material", "probenmaterial", "untersuchungsmaterial", "probenart", "sample_type",
    "sample_material", "matrix", "fluid", "matériau", "nature_prélèvement", "type_échantillon", "tipo_muestra", "muestra", "materiale", "campione", "标本",
    "标本类型", "标本种类", "样本类型", "样本",
)
"""Headers of the column that says it."""

IN_BRACKETS = frozenset({
    *VALUE_WORDS, "lab", "laboratory", "lab value", "labor", "laborwert", "measured", "gemessen", "latest", "last", "most recent", "current", "now", "today",
    "aktuell", "letzter", "letzter wert", "dernier", "dernière", "último", "ultimo", "最近", "最新", "目前", "当前", "numeric", "number", "quantitative",
    "qualitative", "quantitativ", "qualitativ", "定量", "定性", "flag", "yn", "y/n", "j/n", "status", "code", "coded", "text", "categorical", "binary",
    "yes/no", "diagnosis", "diagnosed", "known", "ever", "medical history", "history", "past history", "diagnose", "bekannt", "vorhanden", "connu",
    "diagnostic", "diagnóstico", "diagnosi", "诊断", "确诊", "既往", "既往史", "病史", "ngsp", "dcct", "enzymatic", "idms", "jaffe", "jaffé", "ckd-epi",
    "ckd-epi 2009", "ckd-epi 2021", "fasting", "nüchtern", "à jeun", "ayunas", "digiuno", "空腹", "baseline", "sitting", "seated", "office", "sitzend", "坐位",
    "诊室", "at index", "at screening", "at baseline",
})  # fmt: skip
"""What says nothing more in brackets behind a name: where a value is from, how it was got, that it is a flag."""

GLUED = frozenset({"datum", "wert"})
"""Words for a part that are written on to a name without a blank."""

LINKS = frozenset({"of", "the", "der", "des", "die", "von", "de", "du", "d", "la", "le", "les", "l", "del", "el", "di", "della", "dell", "dello"})
"""Words between ``date`` and what it is the date of."""

FILLERS = frozenset({*LINKS, "a", "an", "any", "medical", "personal", "nach", "un", "une", "una", "uno", "ein", "eine", "einer"})
"""Words that may stand beside what says so of an event."""

PART_WORDS = frozenset({
    *DATE_WORDS, *END_WORDS, "value", "values", "unit", "units", "result", "results", "n", "flag", "time", "first", "last", "latest", "baseline",
    "wert", "einheit", "datum", "ergebnis", "valeur", "unité", "résultat", "valor", "unidad", "fecha", "resultado", "data", "unità", "valore", "risultato",
    "数值", "结果", "单位", "检测日期", "采样日期",
})  # fmt: skip
"""Words of a second header row that say which part of the name above them a column holds."""

NO_UNIT = frozenset({
    "-", "–", "—", "/", ".", "unit", "units", "(unit)", "[unit]", "none", "text", "string", "number", "numeric", "code", "coded", "date", "id", "yes/no",
    "y/n", "yyyy-mm-dd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "d.m.y", "m/f", "n/a", "na", "einheit", "einheiten", "ohne", "datum", "unité", "unités",
    "unidad", "unidades", "单位", "无", "日期", "文本",
})  # fmt: skip
"""What a row of units says of a column that has none."""

UNITS_ELSEWHERE = frozenset(
    "% ‰ g kg mg µg ug ng l ml dl fl pg cm mm m kg/m2 kg/m² °c mmhg kpa bpm /min u iu h d min s years year months weeks days hours 岁 次/分 kcal".split()
)
"""Units of quantities that the catalogue does not have."""

UNDER_A_TABLE = (
    "total", "totals", "grand total", "subtotal", "sum", "mean", "average", "median", "sd", "se", "std", "stddev",
    "standard deviation", "min", "max", "minimum", "maximum", "iqr", "count",
    "source", "sources", "note", "notes", "legend", "key", "abbreviation", "abbreviations", "footnote", "footnotes", "remark", "remarks", "disclaimer",
    "confidential", "generated", "generated by", "generated on", "exported", "exported by", "exported on", "printed", "printed on", "created", "created on",
    "created by", "end of file", "end of report", "end of table", "page", "rows affected", "records", "copyright", "©", "summe", "gesamt", "insgesamt",
    "mittelwert", "quelle", "hinweis", "hinweise", "anmerkung", "anmerkungen", "legende", "stand", "erstellt", "somme", "moyenne", "médiane", "légende",
    "remarque", "suma", "media", "mediana", "fuente", "nota", "notas", "leyenda", "合计", "总计", "共计", "小计", "平均", "平均值", "均值", "中位数", "来源",
    "数据来源", "备注", "注", "说明", "图例", "注释", "制表", "导出时间",
)  # fmt: skip
"""How rows under a table begin that are none of its records."""

_SPACES = re.compile(r"\s+")
_WHOLE = re.compile(r"^([+-]?\d+)\.0*$")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]")
_RAISED = re.compile("[⁰¹²³⁴-⁹⁺⁻]+")
_AROUND = re.compile(r"^[\s'\"(\[{]*(.*?)[\s'\")\]}.。,;:!]*$")


def narrow(text: str) -> str:
    """Text in plain signs: full width narrow, invisible signs gone, raised figures as powers (10³ is 10^3, and a footnote 12¹ is not 121)."""
    if text.isascii():
        return text
    text = _RAISED.sub(lambda found: "^" + unicodedata.normalize("NFKC", found[0]).replace("−", "-"), _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFKC", text)


def token(text: str) -> str:
    """A cell's text as it is compared: width and case folded, spaces single, ``1.0`` as ``1``."""
    folded = _SPACES.sub(" ", narrow(text)).strip().casefold()
    whole = _WHOLE.match(folded)
    return whole.group(1) if whole else folded


def marks_unsaid(texts: Iterable[str]) -> frozenset[str]:
    """The marks that may mean nothing recorded in a column of these cells: a dash says no only where all that says anything else is a plus."""
    others = {token(text) for text in texts if len(text) <= LONGEST_CELL} - NOTHING - MISSING - UNKNOWN - {"", "(-)"}
    return NOTHING - DASHES if others and others <= PLUSES else NOTHING


def bare(written: str) -> str:
    """A token without brackets around it and without the punctuation at its end."""
    found = _AROUND.match(written)
    return found[1] if found else written


def unaccented(text: str) -> str:
    """Letters without their accents, for words that files write with and without."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
