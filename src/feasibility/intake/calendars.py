"""How dates are written: one cleaned text into the days it may mean.

Own rules, and no date library: dateutil fills what is missing from a default date and swaps day and month where one of them is above 12, cell by cell;
dateparser guesses languages and orders and knows no partial dates. Both guess in silence, which here is the one thing that must not happen.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from feasibility.intake.mapping import DateNumbers, DateOrder
from feasibility.intake.words import LONGEST_CELL, MONTHS, WEEKDAYS, token, unaccented

FIRST_YEAR, LAST_YEAR = 1850, 2150
EPOCH = date(1970, 1, 1).toordinal()

Days = tuple[int, int]

_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE = re.compile(r"^[〇零○一二三四五六七八九]{4}年")
_TEN = re.compile(r"([一二三四五六七八九])?十([一二三四五六七八九])?")
_CLOCK = re.compile(r"(?:t|[ :])\s*(?:上午|下午|凌晨|晚上|中午)?\s*\d{1,2}(?::\d{2}|时|点).*$|(?<=[日号])\s*\d{1,2}[时点:].*$|(?<=\d)t\d{4,6}.*$")
_WEEKDAY = re.compile(rf"^{WEEKDAYS}[a-z]*\.?,?\s+|[ (（]*(?:星期|周|礼拜)[一二三四五六日天][)）]?$")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|ª)\b")
_OF = re.compile(r"\b(?:de|del|of|di)\b\s*")
_UNKNOWN_PART = r"(?:un|unk|ukn|xx|xxx|nk|nn|00|--|\?\?)"
_YMD = re.compile(rf"^(\d{{4}})(?:\s*[-/.年、]\s*(\d{{1,2}}|{_UNKNOWN_PART})(?:\s*[-/.月、]\s*(\d{{1,2}}|{_UNKNOWN_PART})\s*[日号]?)?\s*月?)?\s*年?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?$")
YEAR_AND_MONTH = re.compile(r"^(\d{4})(\d{2})$")
NUMERIC = re.compile(r"^(?=\d\d\D|.*\d\d$)(\d{1,2})\s*([/.-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{1,2})$")
_MONTH_YEAR = re.compile(r"^(\d{1,2})[/.-](\d{4})$")
_QUARTER = re.compile(r"^(?:(\d{4})[\s/-]*q([1-4])|q([1-4])[\s/-]*(\d{4}))$")
_NAMED = re.compile(rf"^(?:(\d{{1,2}}|{_UNKNOWN_PART})[\s./-]*)?([a-z]+)\.?[\s,./-]*(\d{{4}}|\d{{2}})$")
_NAMED_FIRST = re.compile(r"^([a-z]+)\.?\s*(\d{1,2})\s*,?\s+(\d{4})$")
_NAMED_LAST = re.compile(rf"^(\d{{4}})[\s-]([a-z]+)\.?[\s-](\d{{1,2}}|{_UNKNOWN_PART})$")
SERIAL = re.compile(r"^-?\d{1,14}(?:\.\d+)?$")

_MONTHS = {unaccented(word): number for word, number in MONTHS.items()} | {"maerz": 3, "jaenner": 1}

STARTS: dict[DateNumbers, tuple[int, float]] = {
    DateNumbers.EXCEL: (date(1899, 12, 30).toordinal() - EPOCH, 1),
    DateNumbers.EXCEL_1904: (date(1904, 1, 1).toordinal() - EPOCH, 1),
    DateNumbers.SAS: (date(1960, 1, 1).toordinal() - EPOCH, 1),
    DateNumbers.UNIX_DAYS: (0, 1),
    DateNumbers.SAS_SECONDS: (date(1960, 1, 1).toordinal() - EPOCH, 86_400),
    DateNumbers.UNIX: (0, 86_400),
    DateNumbers.STATA: (date(1960, 1, 1).toordinal() - EPOCH, 86_400_000),
    DateNumbers.UNIX_MS: (0, 86_400_000),
}
"""Day 0 of each way to count, and how many of its units make a day."""


@dataclass(frozen=True)
class Written:
    """How a column writes its dates. ``years`` are those its dates usually lie in; two figures stand for one of the hundred years that end with them."""

    order: DateOrder | None = None
    years: tuple[int, int] = (1985, 2030)
    numbers: DateNumbers | None = None
    months: bool = False
    """Whether 202501 is a year and month."""

    def year(self, text: str) -> int:
        if len(text) != 2:
            return int(text)
        last = self.years[1]
        return last - (last - int(text)) % 100


def clean(text: str) -> str:
    """A cell's text as dates are looked for in it: without time of day, weekday and ordinal endings, Chinese figures as figures."""
    if len(text) > LONGEST_CELL:
        return ""
    written = unaccented(token(text)) if not text.isascii() else token(text)
    if _CHINESE.match(written):
        tens = _TEN.sub(lambda found: f"{found[1] or '一'}{found[2] or '〇'}", written)
        written = tens.translate(_DIGITS)
    written = _CLOCK.sub("", _WEEKDAY.sub("", written))
    return _OF.sub("", _ORDINAL.sub("", written)).strip()


def days_of(text: str, how: Written) -> Days | None:
    """The first and last day that a cleaned text may mean; None if it means no date, or an ambiguous one."""
    if how.numbers is not None and SERIAL.match(text):
        return day_number(float(text), how.numbers)
    if match := _COMPACT.match(text):
        return _span(*(int(part) for part in match.groups()))
    if match := _YMD.match(text):
        return _partial(int(match[1]), match[2], match[3])
    if how.months and (match := YEAR_AND_MONTH.match(text)):
        return _span(int(match[1]), int(match[2]))
    if (match := NUMERIC.match(text)) and how.order is not None:
        parts = in_order(match, how.order)
        return None if parts is None else _span(how.year(parts[0]), *parts[1:])
    if match := _MONTH_YEAR.match(text):
        return _span(int(match[2]), int(match[1]))
    if match := _QUARTER.match(text):
        year, quarter = int(match[1] or match[4]), int(match[2] or match[3])
        first, last = _span(year, quarter * 3 - 2), _span(year, quarter * 3)
        return None if first is None or last is None else (first[0], last[1])
    return _named(text, how)


def in_order(date: re.Match[str], order: DateOrder) -> tuple[str, int, int] | None:
    """The year as it is written, the month and the day of a ``NUMERIC`` date in an order; None where they can be none."""
    first, second, last = date[1], date[3], date[4]
    year, month, day = {
        DateOrder.DAY_MONTH: (last, second, first),
        DateOrder.MONTH_DAY: (last, first, second),
        DateOrder.YEAR_FIRST: (first, second, last),
    }[order]
    return (year, int(month), int(day)) if len(year) > 1 and 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else None


def _named(text: str, how: Written) -> Days | None:
    if match := _NAMED.match(text):
        if match[2] in _MONTHS and (len(match[3]) == 4 or match[1]):
            return _partial(how.year(match[3]), str(_MONTHS[match[2]]), match[1])
        if match[1] and match[2] in ("un", "unk", "ukn", "xxx") and len(match[3]) == 4:
            return _span(int(match[3]))
    if (match := _NAMED_FIRST.match(text)) and match[1] in _MONTHS:
        return _span(int(match[3]), _MONTHS[match[1]], int(match[2]))
    if (match := _NAMED_LAST.match(text)) and match[2] in _MONTHS:
        return _partial(int(match[1]), str(_MONTHS[match[2]]), match[3])
    return None


def day_number(number: float, counted: DateNumbers) -> Days | None:
    """The day that a count of days, seconds or milliseconds means; None outside the years that are read."""
    start, units = STARTS[counted]
    if abs(number) > 1e15:
        return None
    day = start + int(number // units)
    first, last = (date(year, 1, 1).toordinal() - EPOCH for year in (FIRST_YEAR, LAST_YEAR))
    return (day, day) if first <= day < last else None


def _partial(year: int, month: str | None, day: str | None) -> Days | None:
    """A date of which month or day may be written as not known."""
    if month is None or not month.isdigit() or int(month) == 0:
        return _span(year) if day is None or not day.isdigit() or int(day) == 0 else None
    return _span(year, int(month), int(day) if day is not None and day.isdigit() and int(day) else None)


def _span(year: int, month: int | None = None, day: int | None = None) -> Days | None:
    if not FIRST_YEAR <= year < LAST_YEAR or (month is not None and not 1 <= month <= 12):
        return None
    if month is None:
        return date(year, 1, 1).toordinal() - EPOCH, date(year, 12, 31).toordinal() - EPOCH
    last = monthrange(year, month)[1]
    if day is None:
        return date(year, month, 1).toordinal() - EPOCH, date(year, month, last).toordinal() - EPOCH
    if not 1 <= day <= last:
        return None
    exact = date(year, month, day).toordinal() - EPOCH
    return exact, exact
