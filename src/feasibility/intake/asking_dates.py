"""What a column of dates leaves to ask: the order of day and month, what numbers count, dates that stand for missing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa

from feasibility.intake.calendars import NUMERIC, Written, clean, days_of
from feasibility.intake.converted import distinct, distinct_texts
from feasibility.intake.dates import as_days, counted_from, counts_in, is_settled, order_of
from feasibility.intake.mapping import ColumnUse, DateNumbers, DateOrder
from feasibility.intake.places import Place, counted
from feasibility.intake.questions import SAMPLE_ROWS, About, Question, Weight, entry, sample_texts
from feasibility.variables import Kind, Variable

PILE = 3

_WHOLE = re.compile(r"^\s*(?:\d{4}-\d{2}-\d{2}(?:[T ].*)?)?\s*$")
_NO_ROWS = np.zeros(0, np.int64)
_LIKE_CODE = re.compile(
    r"^(?:0001|1111|1[5-8]\d\d|19(?:00|01|60|70)|20[5-9]\d|2[1-9]\d\d|[3-9]\d{3})-(?:01-01|11-11|12-31)$|^(?:1899|1900|9999)-|^2222-02-22$|^7777-07-07$"
)
"""Days that systems write where they have none: their first and last, and those that look like no day of anybody."""


def dates_mostly(cells: pa.ChunkedArray) -> bool:
    """Whether a column holds dates, by its first cells."""
    if pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type):
        return True
    texts = sample_texts(cells)[:500]
    how = Written(DateOrder.DAY_MONTH)
    found = sum(len(text.strip()) >= 6 and days_of(clean(text), how) is not None for text in texts)
    return bool(texts) and found * 2 > len(texts)


def ask_dates(column: str, use: ColumnUse, cells: pa.ChunkedArray, variable: Variable, section: str) -> list[Question]:
    """The questions of a column of dates. What the dates settle between them is not asked: the reading says so."""
    first = cells.slice(0, SAMPLE_ROWS)
    texts, which = distinct(first.cast(pa.timestamp("us"), safe=False).cast(pa.date32(), safe=False).cast(pa.string()) if _typed(cells) else first)
    if not _typed(cells) and not all(_WHOLE.match(text) for text in texts):
        every = distinct_texts(cells)
        cleaned = [clean(text) for text in every]
        questions = _ask_order(column, use, every, cleaned, section) + _ask_numbers(column, use, cleaned, variable, section)
        if questions:
            return [replace(question, of_person=variable.kind is Kind.DATE) for question in questions]
    return _ask_sentinels(column, use, texts, np.bincount(which[which >= 0], minlength=len(texts)).tolist(), section)


def ask_order_of_rows(column: str, cells: pa.ChunkedArray, table: str) -> list[Question]:
    """Whether the column that says when each row of a long table was has day or month first."""
    if _typed(cells):
        return []
    texts = distinct_texts(cells)
    remedy = f'Answer on the Data page, or say date_order = "dmy" or "mdy" in the mapping under [{table}].'
    return [replace(each, table=table, remedy=remedy) for each in _ask_order(column, ColumnUse(), texts, [clean(text) for text in texts], table)]


def _typed(cells: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type))


def _ask_order(column: str, use: ColumnUse, texts: list[str], cleaned: list[str], section: str) -> list[Question]:
    example = next((text.strip() for text, written in zip(texts, cleaned, strict=True) if NUMERIC.match(written)), None)
    if example is None:
        return []
    order, problem = order_of(cleaned, Place("", column, _NO_ROWS))
    if order is not None or "two orders" in problem.message:
        return []
    text = f"Dates such as '{example}' may be day/month or month/day."
    index = "index_date" in use.variables
    remedy = 'Answer on the Data page, or say index_order = "dmy" or "mdy" in the mapping.'
    remedy = remedy if index else entry(column, use, section, 'date_order = "dmy" or "mdy"')
    return [Question(column, About.DATE_ORDER, Weight.MUST, text, remedy, None, tuple(DateOrder))]


def _ask_numbers(column: str, use: ColumnUse, cleaned: list[str], variable: Variable, section: str) -> list[Question]:
    counts = counts_in(cleaned)
    if not counts or is_settled(found := counted_from(counts, variable.years)) or not found:
        return []
    text = f"Numbers such as '{counts[0]}' may be {as_days(counts[0], found)}."
    remedy = entry(column, use, section, f'date_numbers = "{found[0]}" or another')
    return [Question(column, About.DATE_NUMBERS, Weight.MUST, text, remedy, None, tuple(DateNumbers))]


def _ask_sentinels(column: str, use: ColumnUse, texts: list[str], times: list[int], section: str) -> list[Question]:
    """Days that look like no day of anybody and stand there far more often than the days about them: offered as missing."""
    days = Counter(dict(zip((text.strip()[:10] for text in texts), times, strict=True)))
    codes = [day for day, number in days.items() if number > 1 and _LIKE_CODE.match(day) and number >= PILE * _about(day, days)]
    if not codes:
        return []
    listed = ", ".join(f"{day} ({counted(days[day], 'cell')})" for day in codes)
    text = f"{listed} looks like a code for missing: no other day near it is as frequent. It counts as a date until that is confirmed."
    written = tuple(dict.fromkeys([*codes, *(text.strip() for text in texts if text.strip()[:10] in codes)]))
    proposed = replace(use, sentinels=written)
    return [Question(column, About.SENTINELS, Weight.OFFERED, text, entry(column, proposed, section), proposed)]


def _about(day: str, days: Counter[str]) -> float:
    """How often the most frequent other day of the same year, or the same day of another year, occurs; less than any number where there is none."""
    others = [number for other, number in days.items() if other != day and (other[:4] == day[:4] or other[4:] == day[4:]) and not _LIKE_CODE.match(other)]
    return max(others, default=0.1)
