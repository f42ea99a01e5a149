"""Cells into coded values: categories, and yes, no or unknown for events."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from feasibility.intake.converted import Converted, cell_texts, distinct, has_value, texts_at
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.places import Place, counted, values_said
from feasibility.intake.words import MISSING, NO, UNKNOWN, YES, token
from feasibility.logic import Intervals
from feasibility.problems import Found, Problem
from feasibility.variables import Kind, Variable

Interval = tuple[float, float]
BLANK: Interval = (-np.inf, np.inf)
OCCURRED: dict[str, Interval] = {"yes": (1.0, 1.0), "no": (0.0, 0.0), "unknown": (0.0, 1.0), "missing": BLANK}


def read_codes(column: pa.ChunkedArray, variable: Variable, use: ColumnUse, place: Place) -> Converted:
    """The coded values of a column; an event's explicit unknown is [0, 1], a text that means nothing is missing, with a problem."""
    texts, which = distinct(column)
    meant = [meaning_of(text, variable, use) for text in texts]
    table = np.array([BLANK if meaning is None else meaning for meaning in meant] + [BLANK])
    lo, hi = table[which, 0], table[which, 1]
    problems: list[Problem] = []
    strange = np.array([meaning is None for meaning in meant] + [False])[which]
    if strange.any():
        rows = np.flatnonzero(strange)
        right = expected(variable, use)
        message = f"{counted(len(rows), 'value')} set aside: found {texts_at(column, rows)}; expected {right}."
        remedy, cells_say = "Correct the cells, or say in the mapping what they stand for (coding).", cell_texts(column, rows)
        each = "means nothing known: set aside"
        problems.append(place.cells("warning", rows, message, remedy, found=Found.UNREADABLE, values=cells_say, each=each, expected=right))
    blank = [position for position, meaning in enumerate(meant) if meaning == BLANK and texts[position].strip()]
    if blank:
        cells = int(np.isin(which, blank).sum())
        problems.append(place.whole("note", f"{counted(cells, 'cell')} saying {values_said([texts[position] for position in blank])} taken as missing."))
    exact = bool((lo == hi).all())
    values = Intervals(lo, lo if exact else hi)
    return Converted(values, int(np.count_nonzero(has_value(values))), unreadable=strange if strange.any() else None, problems=tuple(problems))


def meaning_of(text: str, variable: Variable, use: ColumnUse) -> Interval | None:
    """What a cell stands for; None if that is not known."""
    written = token(text)
    coding = {token(code): meaning for code, meaning in use.coding.items()}
    if written in {token(sentinel) for sentinel in use.sentinels} or not written:
        return BLANK
    if written in coding:
        return _coded(coding[written], variable)
    if coding:  # a coding that was given is the whole of it, but for words that nobody can mistake
        return BLANK if written in MISSING else _worded(written, variable) if not _looks_numeric(written) else None
    return _worded(written, variable)


def _coded(meaning: str, variable: Variable) -> Interval | None:
    if variable.kind is Kind.EVENT:
        return OCCURRED.get(meaning)
    if meaning in variable.values:
        return variable.values[meaning]
    if meaning in ("unknown", "missing"):
        return BLANK
    return _two_valued(variable).get(meaning)


def _worded(written: str, variable: Variable) -> Interval | None:
    if variable.kind is Kind.EVENT:
        if written in YES or _is_code(written, variable):
            return OCCURRED["yes"]
        if written in NO:
            return OCCURRED["no"]
        if written in UNKNOWN:
            return OCCURRED["unknown"]
        return BLANK if written in MISSING else None
    for label, interval in variable.values.items():
        if written == token(label) or any(written == token(word) for word in variable.words.get(label, ())):
            return interval
    two = _two_valued(variable)
    if two and written in YES:
        return two["yes"]
    if two and written in NO:
        return two["no"]
    return BLANK if written in UNKNOWN or written in MISSING else None


def _two_valued(variable: Variable) -> dict[str, Interval]:
    """Where a variable's values are no and yes by these or other names: what ``no`` and ``yes`` stand for."""
    for no, yes in (("no", "yes"), ("negative", "positive")):
        if set(variable.values) == {no, yes}:
            return {"no": variable.values[no], "yes": variable.values[yes]}
    return {}


def _is_code(written: str, variable: Variable) -> bool:
    return any(written.startswith(code.casefold()) for code in variable.codes.get("icd10", ()) if len(code) > 1)


def _looks_numeric(written: str) -> bool:
    return written.lstrip("+-").replace(".", "", 1).isdigit()


def expected(variable: Variable, use: ColumnUse) -> str:
    """What a cell of this variable may say, in words."""
    if use.coding:
        return "one of the codes " + ", ".join(f"'{code}'" for code in use.coding)
    return "yes, no or unknown" if variable.kind is Kind.EVENT else ", ".join(variable.values)
