"""Cells into calendar days: whole dates, partial ones as intervals, and an order of day and month that is never guessed."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.converted import Ints, cell_texts, encoded, texts_at
from feasibility.intake.mapping import DateOrder
from feasibility.intake.places import Place, counted, values_said
from feasibility.intake.words import MISSING, UNKNOWN, token
from feasibility.logic import Bools
from feasibility.problems import MOST_CELLS, Found, Problem

NO_DAY = np.int32(-(2**31))
"""Stands for a date of which nothing is known."""

FIRST_YEAR, LAST_YEAR = 1850, 2150
EPOCH = date(1970, 1, 1).toordinal()

MONTHS = {name: number for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}

_YMD = re.compile(r"^(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?)?年?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})$")
_NAMED = re.compile(r"^(?:(\d{1,2})[ -]?)?([a-z]{3})[a-z]*\.?[ ,-]*(\d{4})$")
_CLOCK = re.compile(r"[t ]\d{1,2}:\d{2}.*$")
_TYPED_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:"

Days = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Dates:
    """Days since 1970-01-01, from ``lo`` to ``hi`` (one array where all are exact); ``NO_DAY`` where the cell is empty or could not be read."""

    lo: Ints
    hi: Ints
    unreadable: Bools | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def known(self) -> Bools:
        known: Bools = self.lo != NO_DAY
        return known

    def said(self, rows: NDArray[np.intp]) -> list[str]:
        """The dates in some rows, a partial one by its first and last day; as far as the cells of a problem are kept."""
        ends = [[date.fromordinal(int(day) + EPOCH).isoformat() for day in end[rows[:MOST_CELLS]]] for end in (self.lo, self.hi)]
        return [first if first == last else f"{first} to {last}" for first, last in zip(*ends, strict=True)]

    @property
    def partial(self) -> int:
        return 0 if self.lo is self.hi else int(np.count_nonzero(self.lo != self.hi))


def read_dates(column: pa.ChunkedArray, order: DateOrder | None, place: Place) -> Dates:
    """The dates of a column. Where day and month cannot be told apart and ``order`` is None, the whole column is set aside with an error."""
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _bounded(column, _days(column.cast(pa.timestamp("us"), safe=False).cast(pa.date32(), safe=False)), place)
    texts, which = encoded(column)
    if (days := _iso_days(texts)) is not None:
        return _bounded(column, np.append(days, NO_DAY)[which], place)
    return _by_text(column, texts.to_pylist(), which, order, place)


def _iso_days(texts: pa.Array) -> Ints | None:
    """The days of texts that are all written 2025-01-31, perhaps with a time of day; None if any is not."""
    for candidate in (texts, pc.utf8_slice_codeunits(texts, 0, 10)):
        try:
            return _days(candidate.cast(pa.date32()))
        except pa.ArrowInvalid:
            if not pc.all(pc.match_substring_regex(texts, _TYPED_TIME)).as_py():
                return None
    return None


def _days(column: pa.ChunkedArray | pa.Array) -> Ints:
    days: Ints = pc.fill_null(column.cast(pa.int32()), int(NO_DAY)).to_numpy(zero_copy_only=False)
    return days


def _bounded(column: pa.ChunkedArray, days: Ints, place: Place) -> Dates:
    first, last = (date(year, 1, 1).toordinal() - EPOCH for year in (FIRST_YEAR, LAST_YEAR))
    wrong = (days != NO_DAY) & ((days < first) | (days >= last))
    if not wrong.any():
        return Dates(days, days)
    days = np.where(wrong, NO_DAY, days)
    return Dates(days, days, wrong, (_set_aside(column, wrong, place),))


def _set_aside(column: pa.ChunkedArray, wrong: Bools, place: Place) -> Problem:
    rows = np.flatnonzero(wrong)
    expected = "a date such as 2025-01-31, 2025-01 or 2025"
    message = f"{counted(len(rows), 'date')} set aside: found {texts_at(column, rows)}; expected {expected}."
    each, texts = "cannot be read as a date: set aside", cell_texts(column, rows)
    return place.cells("warning", rows, message, "Correct the cells.", found=Found.UNREADABLE, values=texts, each=each, expected=expected)


def _by_text(column: pa.ChunkedArray, texts: list[str], which: NDArray[np.int64], order: DateOrder | None, place: Place) -> Dates:
    cleaned = [_clean(text) for text in texts]
    problems: list[Problem] = []
    if order is None and any(_NUMERIC.match(text) for text in cleaned):
        order, problem = order_of(cleaned, place)
        problems.append(problem)
    spans = [days_of(text, order) for text in cleaned]
    empty = [not text or text in MISSING or text in UNKNOWN for text in cleaned]
    table = np.array([(NO_DAY, NO_DAY) if span is None else span for span in spans] + [(NO_DAY, NO_DAY)], dtype=np.int32)
    lo, hi = table[which, 0], table[which, 1]
    wrong = np.array([span is None and not blank for span, blank in zip(spans, empty, strict=True)] + [False])[which]
    settled = order is not None or not problems
    if wrong.any() and settled:
        problems.append(_set_aside(column, wrong, place))
    return Dates(lo, lo if (lo == hi).all() else hi, wrong if wrong.any() else None, tuple(problems))


def order_of(texts: Iterable[str], place: Place) -> tuple[DateOrder | None, Problem]:
    """The order of day and month that the dates themselves settle, and what to say of it."""
    pairs = [(text, int(match[1]), int(match[3])) for text in texts if (match := _NUMERIC.match(_clean(text)))]
    first, second = ([text for text, *pair in pairs if pair[position] > 12] for position in (0, 1))
    if first and second:
        message = f"dates in two orders, as in {values_said(first[:1])} and {values_said(second[:1])}: the column is set aside."
        return None, place.whole("error", message, "Write all dates as year-month-day.")
    if first or second:
        order = DateOrder.DAY_MONTH if first else DateOrder.MONTH_DAY
        said = "day/month/year" if first else "month/day/year"
        return order, place.whole("note", f"dates are read as {said}, as {values_said((first or second)[:1])} can only be that.")
    message = f"dates such as {values_said([text for text, *_ in pairs[:1]])} may be day/month or month/day: the column is set aside."
    return None, place.whole("error", message, "Say date_order = 'dmy' or 'mdy' for this column in the mapping.")


def _clean(text: str) -> str:
    return _CLOCK.sub("", token(unicodedata.normalize("NFKC", text)))


def days_of(text: str, order: DateOrder | None) -> Days | None:
    """The first and last day that a cleaned text may mean; None if it means no date, or an ambiguous one."""
    if match := _COMPACT.match(text):
        return _span(*(int(part) for part in match.groups()))
    if match := _YMD.match(text):
        return _span(*(int(part) for part in match.groups() if part is not None))
    if (match := _NUMERIC.match(text)) and order is not None:
        day, month = (int(match[1]), int(match[3])) if order is DateOrder.DAY_MONTH else (int(match[3]), int(match[1]))
        return _span(int(match[4]), month, day)
    if (match := _NAMED.match(text)) and match[2] in MONTHS:
        return _span(int(match[3]), MONTHS[match[2]], *([int(match[1])] if match[1] else []))
    return None


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
