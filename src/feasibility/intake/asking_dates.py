"""What a column of dates leaves to ask: the order of day and month, what numbers count, dates that stand for missing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa

from feasibility.intake.calendars import NUMERIC, Written, clean, days_of
from feasibility.intake.converted import distinct, distinct_texts
from feasibility.intake.dates import USUAL_YEARS, as_days, counted_from, counts_in, is_settled, order_of
from feasibility.intake.mapping import ColumnUse, DateNumbers, DateOrder
from feasibility.intake.places import Place, counted
from feasibility.intake.questions import About, Question, Subject, Weight
from feasibility.variables import Kind, Variable

PILE = 3

Asked = tuple[ColumnUse, list[Question]]

_WHOLE = re.compile(r"^\s*(?:\d{4}-\d{2}-\d{2}(?:[T ].*)?)?\s*$")
_NO_ROWS = np.zeros(0, np.int64)
_LIKE_CODE = re.compile(
    r"^(?:0001|1111|1[5-8]\d\d|19(?:00|01|60|70)|20[5-9]\d|2[1-9]\d\d|[3-9]\d{3})-(?:01-01|11-11|12-31)$|^(?:1899|1900|9999)-|^2222-02-22$|^7777-07-07$"
)
"""Days that systems write where they have none: their first and last, and those that look like no day of anybody."""


def dates_mostly(subject: Subject) -> bool:
    """Whether a column holds dates, by some of its cells."""
    if _typed(subject.cells):
        return True
    texts = subject.sample.texts[:500]
    ways = [Written(order) for order in DateOrder]
    found = sum(len(text.strip()) >= 6 and any(days_of(clean(text), how) is not None for how in ways) for text in texts)
    return bool(texts) and found * 2 > len(texts)


def may_be_dates(subject: Subject, years: tuple[int, int] = USUAL_YEARS) -> bool:
    """Whether a column holds dates, or numbers that count days as dates do."""
    texts = [clean(text) for text in subject.sample.texts[:500]]
    counts = counts_in(texts)
    return dates_mostly(subject) or (len(counts) * 2 > len(texts) and bool(counted_from(counts, years)))


def ask_dates(subject: Subject, use: ColumnUse, variable: Variable | None = None) -> Asked:
    """The questions of a column of dates. What the dates of one table settle between them is not asked: the reading says so.

    Without a variable they are the dates of a long table's rows.
    """
    first = subject.sampled
    texts, which = distinct(first.cast(pa.timestamp("us"), safe=False).cast(pa.date32(), safe=False).cast(pa.string()) if _typed(first) else first)
    questions: list[Question] = []
    if not _typed(first) and not all(_WHOLE.match(text) for text in texts):
        every = distinct_texts(subject.cells)
        cleaned = [clean(text) for text in every]
        years = USUAL_YEARS if variable is None else variable.years
        use, questions = _ask_order(subject, use, every, cleaned, years)
        questions += _ask_numbers(subject, use, cleaned, years)
    if not questions:
        questions = _ask_sentinels(subject, use, texts, np.bincount(which[which >= 0], minlength=len(texts)).tolist())
    return use, [replace(each, of_person=variable is not None and variable.kind is Kind.DATE) for each in questions]


def _typed(cells: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type))


def _ask_order(subject: Subject, use: ColumnUse, texts: list[str], cleaned: list[str], years: tuple[int, int]) -> Asked:
    written = [text for text, short in zip(texts, cleaned, strict=True) if NUMERIC.match(short)]
    if not written or use.date_order is not None or About.DATE_ORDER in use.confirmed:
        return use, []
    order, problem = order_of(written, Place("", subject.name, _NO_ROWS), years)
    if order is not None:
        return replace(use, date_order=order) if subject.tables > 1 else use, []
    if "two orders" in problem.message:
        return use, []
    said = problem.message.partition(":")[0]
    text = f"{said[0].upper()}{said[1:]}."
    index = "index_date" in use.variables
    remedy = 'Answer on the Data page, or say index_order = "dmy", "mdy" or "ymd" in the mapping.'
    remedy = remedy if index else subject.entry(use, 'date_order = "dmy", "mdy" or "ymd"')
    return use, [subject.question(About.DATE_ORDER, Weight.MUST, text, remedy, None, tuple(DateOrder))]


def _ask_numbers(subject: Subject, use: ColumnUse, cleaned: list[str], years: tuple[int, int]) -> list[Question]:
    counts = counts_in(cleaned)
    if use.date_numbers is not None or About.DATE_NUMBERS in use.confirmed or not counts or is_settled(found := counted_from(counts, years)) or not found:
        return []
    text = f"Numbers such as '{counts[0]}' may be {as_days(counts[0], found)}."
    remedy = subject.entry(use, f'date_numbers = "{found[0]}" or another')
    return [subject.question(About.DATE_NUMBERS, Weight.MUST, text, remedy, None, tuple(DateNumbers))]


def _ask_sentinels(subject: Subject, use: ColumnUse, texts: list[str], times: list[int]) -> list[Question]:
    """Days that look like no day of anybody and stand there far more often than the days about them: offered as missing."""
    if use.sentinels or About.SENTINELS in use.confirmed:
        return []
    days = Counter(dict(zip((text.strip()[:10] for text in texts), times, strict=True)))
    codes = [day for day, number in days.items() if number > 1 and _LIKE_CODE.match(day) and number >= PILE * _about(day, days)]
    if not codes:
        return []
    listed = ", ".join(f"{day} ({counted(days[day], 'cell')})" for day in codes)
    text = f"{listed} looks like a code for missing: no other day near it is as frequent. It counts as a date until that is confirmed."
    written = tuple(dict.fromkeys([*codes, *(text.strip() for text in texts if text.strip()[:10] in codes)]))
    proposed = replace(use, sentinels=written)
    return [subject.question(About.SENTINELS, Weight.OFFERED, text, subject.entry(proposed), proposed)]


def _about(day: str, days: Counter[str]) -> float:
    """How often the most frequent other day of the same year, or the same day of another year, occurs; less than any number where there is none."""
    others = [number for other, number in days.items() if other != day and (other[:4] == day[:4] or other[4:] == day[4:]) and not _LIKE_CODE.match(other)]
    return max(others, default=0.1)
