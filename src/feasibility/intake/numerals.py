"""How numbers are written: decimal signs, thousands separators, powers of ten, limits, ranges, flags of a laboratory."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from feasibility.intake.words import LESS, LONGEST_CELL, MORE, OR_LESS, OR_MORE, narrow

PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
POINT_AND_THREE = r"^\s*[+-]?[1-9][0-9]{0,2}\.[0-9]{3}\s*$"
"""A plain number whose point may also separate thousands."""

_NUMBER = r"[+-]?(?:\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*\.?|[.,]\d+)(?:e[+-]?\d+)?"
_LIMIT = "|".join(re.escape(sign) for sign in sorted([*LESS, *MORE], key=len, reverse=True))
_BEYOND = "|".join(re.escape(words) for words in sorted([*OR_MORE, *OR_LESS], key=len, reverse=True))
CENSORED = re.compile(rf"^({_LIMIT})\s*({_NUMBER})\s*(.*)$")
RANGE = re.compile(rf"^({_NUMBER})\s*(?:-|–|~|to|至|bis)\s*({_NUMBER})\s*(.*)$")
OPEN_ENDED = re.compile(rf"^({_NUMBER})\s*(.*?)\s*({_BEYOND})$")
OPEN_BEFORE_UNIT = re.compile(rf"^({_NUMBER})\s*(\+)\s*(\D+)$")
SINGLE = re.compile(rf"^({_NUMBER})\s*(.*)$")

_POWER = re.compile(r"(?:(\d+(?:[.,]\d+)?)\s*[x×*·]\s*)?(?<!\d)10\s*\^\s*([+-]?\d+)", re.IGNORECASE)
_FLAG_BEFORE = re.compile(r"^(?:[↑↓*!]+|(?:HH?|LL?)\s+)\s*(?=[<>≤≥\d])")
_FLAG_AFTER = re.compile(r"\s*(?:[↑↓*!#†]+|(?:(?<=\d)|(?<=\s))[(\[]?(?:HH?|LL?)[)\]]?\*?|[(\[]?偏?[高低][)\]]?)$")
_NUMERAL = re.compile(r"\d[\d.,]*\d")
_GROUPED = {sign: re.compile(rf"^[+-]?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+$") for sign in ".,"}
_SPACED = re.compile(r"^[+-]?\d{1,3}(?:[ '’]\d{3})+(?=[.,]|$)")


class Sign(Enum):
    """What a point or comma before three last digits is."""

    DECIMAL = "decimal"
    THOUSANDS = "thousands"
    OPEN = "open"


@dataclass(frozen=True)
class Separators:
    """How a column writes its numbers: what ``1.234`` and ``1,234`` are in it."""

    point: Sign = Sign.DECIMAL
    comma: Sign = Sign.OPEN


@dataclass(frozen=True)
class _Seen:
    """Which uses of point and comma a column's numerals prove."""

    decimal: frozenset[str]
    thousands: frozenset[str]


def separators(texts: Iterable[str], decimal: str | None = None) -> Separators:
    """What the numbers of a column show together: a sign that is certain in one of them decides for those in which it might be either.

    ``decimal`` is the decimal sign that the mapping gives, which settles both.
    """
    if decimal is not None:
        return Separators(*((Sign.DECIMAL, Sign.THOUSANDS) if decimal == "." else (Sign.THOUSANDS, Sign.DECIMAL)))
    seen = _seen(texts)
    pointed = "." in seen.decimal, "." in seen.thousands
    other = Sign.THOUSANDS if pointed == (True, False) else Sign.DECIMAL if pointed == (False, True) else Sign.OPEN
    return Separators(_proven(".", seen) or (Sign.OPEN if "," in seen.decimal else Sign.DECIMAL), _proven(",", seen) or other)


def _proven(sign: str, seen: _Seen) -> Sign | None:
    """What a sign is wherever it is certain; None where it never is."""
    if sign in seen.decimal and sign in seen.thousands:
        return Sign.OPEN
    return Sign.DECIMAL if sign in seen.decimal else Sign.THOUSANDS if sign in seen.thousands else None


def _seen(texts: Iterable[str]) -> _Seen:
    decimal, thousands = set(), set()
    for text in texts:
        if len(text) > LONGEST_CELL:
            continue
        for numeral in _NUMERAL.findall(narrow(text)):
            signs = [sign for sign in ".," if sign in numeral]
            if len(signs) == 2:
                last = max(signs, key=numeral.rindex)
                if numeral.count(last) == 1 and _GROUPED[other := "." if last == "," else ","].match(numeral[: numeral.index(last)]):
                    decimal.add(last)
                    thousands.add(other)
            elif signs and numeral.count(signs[0]) > 1:
                if _GROUPED[signs[0]].match(numeral):
                    thousands.add(signs[0])
            elif signs and not _GROUPED[signs[0]].match(numeral):
                decimal.add(signs[0])
    return _Seen(frozenset(decimal), frozenset(thousands))


def number(text: str, how: Separators) -> float | None:
    """The number a numeral says; None where it is none, or may be either of two."""
    whole, _, power = text.partition("e")
    if (spaced := _SPACED.match(whole)) is not None:
        digits = re.sub("[ '’]", "", spaced[0])
        whole = digits + whole[spaced.end() :].replace(",", ".")
        how = Separators(Sign.DECIMAL, Sign.DECIMAL)
    signs = [sign for sign in ".," if sign in whole]
    if len(signs) == 2:
        last = max(signs, key=whole.rindex)
        other = "." if last == "," else ","
        if whole.count(last) > 1 or not _GROUPED[other].match(whole[: whole.index(last)]):
            return None
        whole = whole.replace(other, "").replace(last, ".")
    elif signs:
        sign = signs[0]
        if _GROUPED[sign].match(whole):
            meant = Sign.THOUSANDS if whole.count(sign) > 1 else how.point if sign == "." else how.comma
            if meant is Sign.OPEN:
                return None
            whole = whole.replace(sign, "" if meant is Sign.THOUSANDS else ".")
        elif whole.count(sign) > 1:
            return None
        else:
            whole = whole.replace(",", ".")
    written = f"{whole}e{power}" if power else whole
    return float(written) if re.match(PLAIN, written) else None


def is_open(text: str, how: Separators) -> bool:
    """Whether a text holds a numeral of which it is not settled whether its sign is decimal."""
    if len(text) > LONGEST_CELL:
        return False
    meant = {".": how.point, ",": how.comma}
    signs = [sign for numeral in _NUMERAL.findall(narrow(text)) for sign in ".," if numeral.count(sign) == 1 and _GROUPED[sign].match(numeral)]
    return any(meant[sign] is Sign.OPEN for sign in signs)


def cleaned(text: str) -> str:
    """A cell as numbers are looked for in it: in plain signs and small letters, powers of ten as exponents; nothing of a text too long to be one."""
    if len(text) > LONGEST_CELL:
        return ""
    return _POWER.sub(lambda found: f"{found[1] or '1'}e{found[2]}", narrow(text).strip().lstrip("'")).strip().casefold()


def without_flag(text: str) -> str | None:
    """A cell without a laboratory's mark for high, low or noteworthy; None where it has none."""
    if len(text) > LONGEST_CELL:
        return None
    written = narrow(text).strip()
    shorter = _FLAG_AFTER.sub("", _FLAG_BEFORE.sub("", written))
    return None if shorter == written else shorter
