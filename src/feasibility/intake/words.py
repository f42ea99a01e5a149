"""The words files use for yes, no and unknown, for columns of dates and for the patient: language, not medicine."""

from __future__ import annotations

import re
import unicodedata

YES = frozenset({"1", "y", "yes", "true", "t", "+", "++", "+++", "++++", "positive", "pos", "present", "occurred", "confirmed", "是", "有", "阳性", "真"})
NO = frozenset({"0", "n", "no", "false", "f", "-", "−", "–", "negative", "neg", "absent", "none", "否", "无", "没有", "未发生", "阴性", "假"})
NO |= {"did not occur", "not present", "refuted", "ruled out"}
UNKNOWN = frozenset({"?", "u", "unk", "unknown", "not known", "uncertain", "don't know", "refused", "not recorded", "未知", "不详", "不明", "不清楚"})
MISSING = frozenset({"na", "n/a", "#n/a", "nan", "null", "none", ".", "\\n", "missing", "not available", "缺失"})
NOT_DETECTED = frozenset(
    {"not detected", "undetected", "undetectable", "none detected", "not detectable", "below detection limit", "未检出", "未检测到", "低于检测下限", "tnd"}
)
LESS = {"<": True, "<=": False, "≤": False, "less than": True, "below": True, "小于": True, "低于": True}
MORE = {">": True, ">=": False, "≥": False, "more than": True, "above": True, "greater than": True, "大于": True, "高于": True, "超过": True}

PATIENT = (
    "patient_id", "patientid", "patient", "patient_no", "patient_number", "pat_id", "usubjid", "subject_id", "subjectid", "subject", "subjid", "person_id",
    "participant_id", "participant", "record_id", "study_id", "seqn", "mrn", "case_id", "case_no", "id", "患者编号", "患者id", "患者", "病历号", "病案号",
    "住院号", "登记号", "受试者编号", "编号",
)  # fmt: skip
"""Headers of the patient column, the likeliest first."""

SITE = (
    "site", "site_id", "siteid", "site_no", "site_number", "site_name", "study_site", "centre", "center", "centre_id", "center_id", "centre_no", "center_no",
    "clinic", "clinic_id", "hospital", "hospital_id", "hospital_name", "facility", "institution", "中心", "中心编号", "研究中心", "分中心", "中心名称", "医院",
    "医院名称", "医院编号", "机构", "Zentrum", "Prüfzentrum", "Studienzentrum", "Klinik", "Krankenhaus", "centro", "centro_id", "hôpital", "sitio",
)  # fmt: skip
"""Headers of the column that says where a patient is treated, the likeliest first."""

TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": (
        "variable", "event", "test", "lbtestcd", "lbtest", "parameter", "analyte", "item", "measurement",
        "test_name", "diagnosis", "event_kind", "项目", "检验项目",
    ),
    "value": ("value", "result", "lborres", "value_as_number", "result_value", "结果", "数值"),
    "unit": ("unit", "units", "lborresu", "unit_of_measure", "单位"),
    "date": ("date", "start", "start_date", "datetime", "sample_date", "collected", "lbdtc", "onset", "onset_date", "日期", "开始日期", "采样日期"),
    "end": ("end", "end_date", "stop", "stop_date", "结束日期"),
}  # fmt: skip
"""Headers of the columns of long tables (measurements and events)."""

ROW_DATES = (
    *TABLE_COLUMNS["date"], "visit_date", "date_of_visit", "sampling_date", "collection_date", "date_collected", "lab_date", "labs_date", "test_date",
    "exam_date", "examination_date", "measurement_date", "measured", "vsdtc", "datum", "labdatum", "abnahmedatum", "untersuchungsdatum", "besuchsdatum",
    "date_prelevement", "date_visite", "fecha", "fecha_muestra", "fecha_visita", "就诊日期", "检验日期", "检查日期", "访视日期",
)  # fmt: skip
"""Headers of the column with the day of a whole row of measurements."""

STATUS = (
    "occurred", "occurrence", "did_occur", "happened", "mhoccur", "ceoccur", "cmoccur", "proccur", "faoccur", "present", "presence", "status",
    "event_status", "verification_status", "yes_no", "yn", "flag", "value", "result", "是否发生", "发生", "有无", "是否", "状态", "结果",
)  # fmt: skip
"""Headers of the column of an events table that says whether the event occurred, the likeliest first."""

DATE_WORDS = ("start date", "date start", "onset date", "sample date", "date", "dt", "dat", "start", "started", "onset", "日期", "时间", "开始日期", "开始")
END_WORDS = ("end date", "stop date", "last treatment", "last visit", "last dose", "end", "ended", "stop", "stopped", "结束日期", "结束")
FLAG_WORDS = ("flag", "yn", "status", "present", "history", "code", "value", "result")

PART_WORDS = frozenset({
    *DATE_WORDS, *END_WORDS, "value", "values", "unit", "units", "result", "results", "n", "flag", "time", "first", "last", "latest", "baseline",
    "wert", "einheit", "datum", "ergebnis", "valeur", "unité", "résultat", "valor", "unidad", "fecha", "resultado", "数值", "结果", "单位", "检测日期",
    "采样日期",
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


def token(text: str) -> str:
    """A cell's text as it is compared: width and case folded, spaces single, ``1.0`` as ``1``."""
    folded = _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()
    whole = _WHOLE.match(folded)
    return whole.group(1) if whole else folded
