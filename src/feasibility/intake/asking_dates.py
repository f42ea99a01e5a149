"""What a column of dates leaves to ask."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from feasibility.intake.converted import distinct_texts, is_text
from feasibility.intake.dates import days_of, order_of
from feasibility.intake.mapping import ColumnUse, DateOrder
from feasibility.intake.places import Place, shown
from feasibility.intake.questions import About, Question, Weight, entry, sample_texts
from feasibility.intake.words import token
from feasibility.variables import Variable

_SLASHED = re.compile(r"^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_NO_ROWS = np.zeros(0, np.int64)


def dates_mostly(cells: pa.ChunkedArray) -> bool:
    if pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type):
        return True
    texts = sample_texts(cells)[:500]
    found = sum(days_of(token(text).split(" ")[0].split("t")[0], DateOrder.DAY_MONTH) is not None and len(text.strip()) >= 6 for text in texts)
    return bool(texts) and found * 2 > len(texts)


def ask_dates(column: str, use: ColumnUse, cells: pa.ChunkedArray, variable: Variable, section: str) -> list[Question]:
    if not is_text(cells) or not any(_SLASHED.match(text) for text in sample_texts(cells)[:2000]):
        return []
    texts = distinct_texts(cells)
    order, problem = order_of(texts, Place("", column, _NO_ROWS))
    if order is not None or "two orders" in problem.message:
        return []  # the dates settle it, or nothing can: the reading says so
    example = next(text.strip() for text in texts if _SLASHED.match(text))
    text = f"Dates such as '{shown(example)}' may be day/month or month/day."
    index = "index_date" in use.variables
    remedy = 'Answer on the Data page, or say index_order = "dmy" or "mdy" in the mapping.'
    remedy = remedy if index else entry(column, use, section, 'date_order = "dmy" or "mdy"')
    return [Question(column, About.DATE_ORDER, Weight.MUST, text, remedy, None, tuple(DateOrder))]


