"""What a single cell looks like: a value, a unit, a sentence. Nothing is read here, only told apart."""

from __future__ import annotations

import re
from functools import lru_cache

from feasibility.intake.words import NO_UNIT, PART_WORDS, UNITS_ELSEWHERE
from feasibility.units import recognise
from feasibility.variables import builtin_catalogue

LONGEST_VALUE = 40
LONGEST_CODING = 80
BRACKETS = ("()", "[]", "（）", "{}")
PROSE_BEGINS = 500  # in so many characters it shows, and a cell may have millions

_NUMBER = re.compile(r"[<>≤≥=~±+−-]{0,2}\s*\d[\d\s.,'’]*(?:e[+-]?\d+)?\s*%?", re.IGNORECASE)
_DATE = re.compile(r"(?:\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}|\d{1,2}[-. /]?[A-Za-z]{3,9}[-. /,]*\d{2,4}|\d{4}\s*年.*)(?:[T ]\d{1,2}:\d{2}.*)?", re.IGNORECASE)
_PER = re.compile(r"[\d^*·.,×x\s]*[\w%µμ^·. ]{0,12}/\s*(?:[µμu]?l|d?l|ml|g|kg|m?mol|24\s?h|h|d|day|tag|jour|min|[hl]pf|m2|m²|1\.73.*|100 ?ml)", re.IGNORECASE)
_FORMAT = re.compile(
    r"(?:d{1,4}|t{1,2}|j{2,4}|g{2}|m{2,4}|y{2,4}|a{2,4}|h{1,2}|s{2}|年|月|日)(?:[-./: T年月日]*(?:d{1,2}|t{1,2}|j{2,4}|g{2}|m{1,4}|y{2,4}|a{2,4}|h{1,2}|s{2}))*"
    r"[年月日]?",
    re.IGNORECASE,
)
_ONE = r"(?:[^\W\d_]{1,12}\.?|\d|[+−–-])"
_MEANT = r"\w{1,3}\s*[=:：]\s*[^\W\d_][\w .-]{0,20}"
_CODING = re.compile(rf"{_ONE}(?:\s*[/|]\s*{_ONE})+|{_MEANT}(?:\s*[,;/|]?\s*{_MEANT})*|(?:\d|[ivx]{{1,3}})\s*[–-]\s*(?:\d|[ivx]{{1,3}})", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def is_value(text: str) -> bool:
    """Whether a cell is a number or a date, as they stand in rows of data."""
    text = text.strip()
    return 0 < len(text) <= LONGEST_VALUE and bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def is_part(text: str) -> bool:
    """Whether a cell says which part of something it heads, as ``date`` or ``unit`` do."""
    return " ".join(text.casefold().split()) in PART_WORDS


def unit_in(text: str) -> str | None:
    """The unit that a cell is, without brackets; empty where it says that there is none, None where it is something else."""
    bare = text.strip()
    if len(bare) > LONGEST_VALUE:
        return None
    if bare.casefold() in NO_UNIT:
        return ""
    bare = _unbracketed(bare.removesuffix(":"))
    if bare.casefold() in NO_UNIT or not bare:
        return ""
    if bare.casefold() in UNITS_ELSEWHERE or _PER.fullmatch(bare) or recognise(bare, _units()) is not None:
        return bare
    return None


def is_format(text: str) -> bool:
    """Whether a cell says how dates or times are written: ``TT.MM.JJJJ``, ``dd/mm/yyyy``."""
    return 2 <= len(text) <= LONGEST_VALUE and bool(_FORMAT.fullmatch(_unbracketed(text)))


def is_coding(text: str) -> bool:
    """Whether a cell says how something is coded: ``m/w``, ``0/1``, ``ja/nein``, ``1=yes, 2=no``."""
    return len(text) <= LONGEST_CODING and bool(_CODING.fullmatch(_unbracketed(text)))


def _unbracketed(text: str) -> str:
    bare = text.strip()
    return bare[1:-1].strip() if bare[:1] + bare[-1:] in BRACKETS else bare


def is_sentence(text: str) -> bool:
    """Whether a cell is prose, as no identifier is: four words or more, or a colon after a word."""
    text = text[:PROSE_BEGINS]
    return len(_WORD.findall(text)) >= 4 or bool(re.match(r"\s*[^\W\d][\w .]*[:：]\s", text)) or bool(re.match(r"\s*[nN]\s*=\s*\d", text))


def shape(text: str) -> str:
    """The kinds of characters a cell is made of: ``P0017`` and ``K0003`` are ``a9``."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text.strip()))


@lru_cache(maxsize=1)
def _units() -> tuple[str, ...]:
    return tuple(dict.fromkeys(unit for variable in builtin_catalogue().variables.values() for unit in variable.accepted_units))
