"""Units: how they are written, and how a variable's values are brought to its canonical unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from feasibility.logic import Floats

SIGNIFICANT_DIGITS = 9


@dataclass(frozen=True)
class Conversion:
    """canonical = value × factor + offset, or 10^value × factor + offset where values are written as decimal logarithms (``log10``).

    ``source`` says where the factor comes from; ``verified`` whether that was read or is from memory.
    """

    factor: float
    offset: float = 0.0
    source: str = ""
    verified: bool = False
    log10: bool = False


def convert(values: Floats, conversion: Conversion) -> Floats:
    """Values in the canonical unit, rounded to 9 significant digits so that the same data in another unit give the same counts; infinities stay."""
    if conversion.log10:
        with np.errstate(over="ignore"):  # beyond any float: infinite, and outside any hard range
            values = np.power(10.0, values)
    if conversion.factor != 1.0 or conversion.offset != 0.0:
        with np.errstate(over="ignore"):
            values = values * conversion.factor + conversion.offset
    return round_significant(values)


def round_significant(values: Floats, digits: int = SIGNIFICANT_DIGITS) -> Floats:
    """Values rounded to ``digits`` (at most 9) significant decimal digits: for each the float nearest to that decimal; zero, infinities and NaN stay.

    A value is scaled to a whole number n < 10^digits by an exact power of ten, and n scaled back by the same power: both are exact floats, so the one
    operation that brings n back rounds correctly, and 0.3 stays the literal 0.3. Two rare cases go through Python's own decimal formatting: values
    beyond the exact powers, and those so near a tie that the first scaling could have tipped them.
    """
    assert 1 <= digits <= 9
    result = np.empty_like(values)
    for start in range(0, len(values), CHUNK):
        part = values[start : start + CHUNK]
        result[start : start + CHUNK] = _round_part(part, digits)
    return result


EXACT_POWERS = 10.0 ** np.arange(23)  # 10^22 is the largest power of ten that a float holds exactly
CHUNK = 1 << 15  # keeps the intermediate arrays in the processor's cache
NEAR_TIE = 1e-6  # many times the error of scaling a number below 10^9


def _round_part(values: Floats, digits: int) -> Floats:
    size = np.abs(values)
    usual = (size >= 1e-13) & (size < 1e22)
    all_usual = bool(usual.all())
    if not all_usual:
        values, kept = np.where(usual, values, 1.0), values
        size = np.abs(values)
    result: Floats
    places = digits - 1 - np.floor(np.log10(size)).astype(np.intp)
    up = EXACT_POWERS[np.maximum(places, 0)]
    if places.min() >= 0:
        scaled = values * up
        whole = np.rint(scaled)
        result = whole / up
    else:
        down = EXACT_POWERS[np.maximum(-places, 0)]
        scaled = values * up / down  # one of the two is 1
        whole = np.rint(scaled)
        result = whole * down / up
    spelled = np.abs(scaled - whole) > 0.5 - NEAR_TIE
    if not all_usual:
        values, result = kept, np.where(usual, result, kept)
        spelled |= ~usual & np.isfinite(values) & (values != 0)
    if spelled.any():
        result[spelled] = [float(f"{value:.{digits}g}") for value in values[spelled].tolist()]
    return result


# Spellings, applied in this order to a unit in lower case and compatibility form (µ and μ are one sign, ² is 2, full width is narrow).
# What is left after them must equal the accepted unit, treated alike, letter by letter: a unit that differs in substance (U/mL and IU/mL, mL/min with
# and without 1.73 m²) never matches.
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("μ", "u"),
        ("毫米汞柱", "mmhg"),
        ("毫摩尔", "mmol"),
        ("微摩尔", "umol"),
        ("摩尔", "mol"),
        ("国际单位", "iu"),
        ("拷贝数?", "copies"),
        ("毫克", "mg"),
        ("微克", "ug"),
        ("千克|公斤", "kg"),
        ("克", "g"),
        ("毫升", "ml"),
        ("分升", "dl"),
        ("升", "l"),
        ("小时", "h"),
        ("分钟", "min"),
        ("周?岁", "years"),
        (r"[−⁻]", "-"),
        (r"\bmc(?=g|mol)", "u"),
        (r"\bmval\b", "meq"),
        (r"\bgm\b", "g"),
        (r"\b(?:litre|liter)s?\b", "l"),
        (r"(?<=[a-z])\^?-1\b", ""),  # mmol·L⁻¹
        (r"_|\b(?:per|pro|par|por)\b", "/"),
        (r"/\s*(?:24\s*(?:hours?|hrs?|h|std|stunden|heures|horas|ore|uur)?|days?|d|tag|tg|jour|j|d[ií]a|giorno|die|etmaal|dag|[日天])\.?\s*$", "24h"),
        (r"/\s*100\s*ml\b|(?<=mg)\s*%", "/dl"),
        # Of what, and by whose scale: the variable says it.
        (r"\b(?:de|di|of)\b(?=\s*[ck]r[eé])", ""),
        (r"(?:[ck]r[eé]atinin[ae]?|[ck]r[eé]at?|cre|cr|albumin[ae]?|alb|肌酐|ngsp|dcct|hba1c|ha?emoglobin|hb)(?![a-z0-9])", ""),
        (r"(?<![a-z0-9])ifcc(?=\W*mmol\W*mol)|(?<=mol)\W*ifcc(?![a-z0-9])", ""),  # its scale has no per cent
        (r"\bpercent\b|\bpct\b", "%"),
        (r"\bproportion\b", "fraction"),
        (r"\b(?:copy|copies|copias|copie|kopien|kopieën|cps|cop|cp)(?=\W*ml)", "copies"),
        (r"\b(?:ie|ui|u\.i\.|i\.u\.|i\.e\.)(?=\W*(?:ml|l)\b)", "iu"),  # Internationale Einheiten, unités internationales
        (r"^\s*\(?(?:log10|log|lg)(?![a-z])", "log10"),
        (r"^\s*\(?(?:log|lg)(?=iu|copies)", "log10"),
        (r"^\s*(?:years?|yrs?|y|a|yo|y\W?o|years?\s+old|jahre?n?|j\.?|ans?|años|anos|anni|[岁歳])\s*$", "years"),
        (r"^\s*(?:months?|mos?\.?|mths?|monate?n?|mon\.?|mois|mes(?:es)?|mesi|个?月)\s*$", "months"),
        (r"^\s*(?:lbs?|pounds?)\s*$", "lb"),
        (r"^\s*kgs\s*$", "kg"),
        (r"1[.,]73\s*(?:/\s*)?(?:m\^?2|sqm|qm)?|1/73\s*m2", "173m2"),
    )
)


def recognise(text: str, accepted: Iterable[str]) -> str | None:
    """The accepted unit that ``text`` is a way of writing; None where there is none. Never a guess: mg/dL is not taken for mmol/L, U/mL not for IU/mL."""
    written = _spelled_alike(text)
    return next((unit for unit in accepted if written and _spelled_alike(unit) == written), None)


@lru_cache(maxsize=4096)
def _spelled_alike(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().strip()
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    return re.sub(r"[^\w%]|_", "", text)
