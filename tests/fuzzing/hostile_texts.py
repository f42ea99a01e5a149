"""Cells, headers and names that have broken readers, or might."""

from __future__ import annotations

NUMBERS = (
    *"1e400 -1e400 nan NaN inf -inf Infinity 1e-400 1e308 -0 +0 0x1F 1_000 1,2,3 1.2.3 1,234.5 1.234,5 1'234 1\u202f234 < << <<5 ≤ > ≥5000 <0.3 <,5 "
    ">. ± +-5".split(),
    *"--5 1e e5 % 1% 100% ½ ³ ² ①② ٣٫٥ １２．５ 𝟏𝟐 五 一百 3/0 5/ /5 1/2 1:2 ~5 ca.5 5+ +++ (5) [5] {5} 5* *5 5H 5L #N/A #DIV/0! NULL None N/A -9 -999 777 "
    "999".split(),
    "9" * 400, "0." + "0" * 400 + "1", "9" * 5000, "< < 5", "1 2 3", "5 mg/g", "5mg/g/g", "mg/g", "5 mmol/L 6", "5 to 7", "5 - 7", "5–7", "12.5.", ". 5",
    " 5 ", "\u00a05", "5\u200b",
)  # fmt: skip
DATES = (
    *"0000-00-00 0000-01-01 0001-01-01 9999-12-31 10000-01-01 99999-01-01 -2026-01-31 2026-02-30 2026-13-01 31/31/2026 1900-02-29 2026-1 2026-W05 "
    "2026-366".split(),
    *"20260131 99999999 00000000 45999.5 60 2958466 2958465 -1 1e10 12/2026 2026 26 1/1/1 00/00/00 31.12.99 9999-99-99 1753-01-01 1582-10-10 1.1.2026. "
    "2026年 元年".split(),
    "2026-01-31T25:61:61", "2026-01-31T00:00:00+99:99", "2026-01-31 24:00", "²⁰²⁶-01-01", "٢٠٢٦-٠١-٣١",
    "２０２６－０１－３１", "二〇二六年一月", "二〇二六年十三月三十二日",
    "Feb 30 2026", "Sept 2026", "31 XYZ 2026",
    "Jan", "May 2026 June 2027", "January 1st, 2026", "UN-UNK-2026", "2026-UN-UN", "99/99/9999", "today", "2026-01-31; 2026-02-01", "１月１日", "令和8年1月1日",
    "1960-01-01T00:00:00.000000000000001Z",
)  # fmt: skip
MARKUP = (
    "=1+1", '=HYPERLINK("http://x","y")', "@SUM(A1)", "+cmd|'/c calc'!A1", "-2+3", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "**bold** _x_ `code`",
    ":red[age] :material/home:", "$\\frac{1}{0}$", "![x](http://evil/x.png)", "{{7*7}}", "${jndi:ldap://x}", "%s%s%n%x", "{0.__class__}",
    "'; DROP TABLE patients; --", "../../etc/passwd",
    "\\", "\\\\", '\\"', "\\N", "\\x00", "&amp;&#0;&lol;", "]]>", "<!--", "%00", "__proto__", "constructor", "toString", "None", "True", "nan", "self",
    "index", "row", "cell", "(", "[", "*", "(?P<", "a" * 300,
)  # fmt: skip
SIGNS = (
    "\u202epatient\u202c", "\u200b", "\u200b\u200b\u200b", "\ufeff", "a\u200db", "\u2066x\u2069", "\u0301", "e" + "\u0301" * 500,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "ﷺ", "\u0000", "x\x00y", "\x07", "\x1b[31mred",
    "\x7f", "\x85", "\u2028", "a\u2028b", "a\u2029b", "a\x0bb", "a\x0cb", "\x1a", "\x1c\x1d\x1e\x1f", "İ",
    "ß", "ǆ", "ﬁ", "Ⅻ", "㎎", "㎎/㎗", "µ", "μ", "\ue000",
    "\uffff", "\ufffd", "\U0010ffff", "\n", "\r", "\r\n", "\n\n\n", "\t", " ",
    '"', '""', '"""', "'", "''", "”", "a\nb", 'a"b', 'a""b', "a,b;c\td|e", ",", ";", "|", "sep=;",
)  # fmt: skip
CELLS = (*NUMBERS, *DATES, *MARKUP, *SIGNS)

HEADERS = (
    *MARKUP, *SIGNS,
    *"id ID patient_id subject PATIENT_ID Patient\u00a0ID sex Sex SEX age age2 age_2 age² uacr uacr1 uacr_² uacr③ hba1c hba1c_99 hba1c_100 "
    "hba1c_000000000001 hba1c_٣ hba1c_date_date date unit value variable event start end site".split(),
    "UACR (mg/g)", "UACR (mmol/mol)", "UACR ()", "UACR (", "UACR ((mg/g))", "(mg/g)", "()", "[]", "UACR [mg/g", "UACR %", "%", "% %", "UACR (²)",
        "sex (1=female, 2=male)", "Sex (=)", "Sex (1=,=2)", "sex (m/f/?)", "HbA1c (%) (mmol/mol)",
    "uacr date unit value", "date of date of birth", "age (days)", "age at index in months", "eGFR (CKD-EPI 2021) mL/min/1.73m²", "eGFR mL/min/1.73 m^2",
    "blutdruck", "血压", "性别", "性别（1＝男，2＝女）", "尿白蛋白肌酐比", "creatinnine", "crea tinine", "creatininecreatinine",
    "N" * 5000, "uacr " * 200, "date " * 200, "1 2 3 4 5 6 7 8 9 10 11 12", "1", "0", "-1", "1.5", "2026-01-31", "１２", "²", "uacr ²", "sbp ² date",
)  # fmt: skip
NAMES = (
    "small.csv", "no ending", ".csv", "", " ", "a" * 300 + ".csv", "../../etc/passwd", "..\\..\\x.csv", "C:\\x.csv", "$(touch x);<b>.csv", "\u202evsc.exe",
    "x\x00.csv", "x\n.csv", "a: b.csv", "a: Sheet1", "😀.csv", "data", "events", "measurements", "[red].csv",
)  # fmt: skip

ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1", "cp1252", "gb18030", "big5", "shift_jis", "cp437", "cp500",
    "mac-roman", "utf-7", "koi8-r", "hz", "iso2022_jp")
BAD_UTF8 = (b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x80", b"\xe4\xb8", b"\xc3", b"\xf0\x9f\x98",
    b"\xef\xbb\xbf", b"\xf8\x88\x80\x80\x80", b"\xb5mol/l", b"\xe9t\xe9")
ENDS = ("\n", "\r\n", "\r", "\n\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1e", "\n\n", "\r\r\n", " \n", ",\n", "\x00\n")
DELIMITERS = (",", ";", "\t", "|", "^", "~", ":", " ", "  ", "\x01", "\x1f", "¦", "§", "·", ",,", ", ", "\\t", "\u3001", "，")
