"""The column of an events table that says row by row whether the event occurred."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feasibility.intake.asking_codes import ask_coding
from feasibility.intake.codes import read_codes
from feasibility.intake.converted import Converted, distinct_texts, has_value, text_of
from feasibility.intake.files.table import Table
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.places import Place, counted, shown, values_said
from feasibility.intake.questions import FEW, Question, Subject
from feasibility.intake.words import MISSING, NO, STATUS, UNKNOWN, YES, token
from feasibility.logic import Intervals
from feasibility.problems import Problem
from feasibility.variables import Variable, plain

LARGEST_CODE = 99


def status_column(table: Table, taken: Iterable[str]) -> str | None:
    """The column with a status, by its header and by cells that say yes or no; None where there is none."""
    by_name = {plain(column): column for column in reversed(list(table.columns)) if column not in taken}
    named = (by_name[plain(name)] for name in STATUS if plain(name) in by_name)
    return next((column for column in named if _yes_or_no(table.columns[column])), None)


def _yes_or_no(cells: pa.ChunkedArray) -> bool:
    tokens = _tokens(cells)
    amounts = [text for text in tokens if _number(text) not in (None, *range(-LARGEST_CODE, LARGEST_CODE + 1))]
    return len(tokens) <= FEW and not amounts and bool(tokens & (YES | NO))


def _tokens(cells: pa.ChunkedArray) -> set[str]:
    return {token(text) for text in distinct_texts(cells)} - {""}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def ask_status(column: str, cells: pa.ChunkedArray, event: Variable) -> tuple[Mapping[str, str], list[Question]]:
    """The coding of the status as far as it is settled, and what has to be asked because its codes may mean either.

    What a blank means is not asked: a row without a status is an event that was recorded.
    """
    use, questions = ask_coding(Subject(column, cells, table="events"), event, ColumnUse((event.name,)))
    questions = [question for question in questions if question.proposed is None or "" not in question.proposed.coding]
    remedy = 'Answer in the mapping under [events]: status_coding = { "1" = "yes", "2" = "no" }, or as the codes are meant.'
    return use.coding, [replace(question, remedy=remedy) for question in questions]


def read_status(cells: pa.ChunkedArray, event: Variable, coding: Mapping[str, str], place: Place) -> tuple[Converted, tuple[Problem, ...]]:
    """Whether each row's event occurred. A row without a status is an event that was recorded: it occurred; what cannot be read leaves it open."""
    read = read_codes(cells, event, ColumnUse((event.name,), coding=coding), place)
    lo, hi = read.values.lo.copy(), read.values.hi.copy()
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text_of(cells)), ""), True).to_numpy(zero_copy_only=False).astype(np.bool_)
    open_rows = ~has_value(read.values) & ~blank
    lo[blank], hi[blank] = 1.0, 1.0
    lo[open_rows], hi[open_rows] = 0.0, 1.0
    problems = read.problems
    if blank.any():
        message = f"{counted(int(blank.sum()), 'row')} of {event.label} without a status: taken as occurred."
        problems += (place.cells("warning", np.flatnonzero(blank), message, "Fill in yes, no or unknown."),)
    return Converted(Intervals(lo, hi), int(np.count_nonzero(~blank & ~open_rows)), unreadable=read.unreadable), problems


def ignored_flag(cells: pa.ChunkedArray, place: Place) -> Problem | None:
    """That a column nobody reads holds only yes and no, and so may say of which rows nothing occurred."""
    tokens = _tokens(cells)
    if tokens - (YES | NO | UNKNOWN | MISSING) or not tokens & (NO - MISSING):
        return None
    message = f"holds only yes and no ({values_said(sorted(tokens))}) and is not used: every row counts as an event that occurred."
    column = shown(place.column)
    remedy = f'If it says whether the event occurred: status = "{column}" in the mapping under [events]; '
    remedy += f'if not: "{column}" = {{ ignore = true }} under [events.fields].'
    return place.whole("error", message, remedy)
