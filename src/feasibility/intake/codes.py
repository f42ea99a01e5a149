"""Cells into coded values: categories, and yes, no or unknown for events."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa

from feasibility.intake.converted import Converted, cell_texts, distinct, has_value, texts_at
from feasibility.intake.diagnoses import diagnosed, said_of_letters, writing_of
from feasibility.intake.mapping import ColumnUse
from feasibility.intake.places import Place, counted, values_said
from feasibility.intake.words import FOUND, LONGEST_CELL, MISSING, NO, NOT_FOUND, UNKNOWN, YES, bare, marks_unsaid, token
from feasibility.logic import Intervals
from feasibility.problems import Found, Problem
from feasibility.variables import Kind, MissingPolicy, Variable

Interval = tuple[float, float]
BLANK: Interval = (-np.inf, np.inf)
OCCURRED: dict[str, Interval] = {"yes": (1.0, 1.0), "no": (0.0, 0.0), "unknown": (0.0, 1.0), "missing": BLANK}

_CODE_AND_LABEL = re.compile(r"^(?:\(?[0-9]{1,2}\)?\s*[-–=:.、)]\s*|\([0-9]{1,2}\)\s*|[0-9]{1,2}(?=[^\x00-\x7f])|[a-z]\s*[-–=:]\s+)([^\W\d].*)$")
_LABEL_AND_CODE = re.compile(r"^([^\W\d].*?)\s*\([0-9]{1,2}\)$")
_MEASURED = re.compile(r"[<>]?\s*\d+\.\d+\s*(?:iu/ml|s/co|coi)?")
"""The value of a test that is reported as negative or positive beside it."""


def read_codes(column: pa.ChunkedArray, variable: Variable, use: ColumnUse, place: Place) -> Converted:
    """The coded values of a column; an event's explicit unknown is [0, 1], a text that means nothing is missing, with a problem."""
    texts, which = distinct(column)
    meaning = meanings_of(variable, use, texts)
    meant = [meaning(text) for text in texts]
    table = np.array([BLANK if each is None else each for each in meant] + [meaning("") or BLANK])
    lo, hi = table[which, 0], table[which, 1]
    problems: list[Problem] = []
    strange = np.array([each is None for each in meant] + [False])[which]
    if strange.any():
        rows = np.flatnonzero(strange)
        right = expected(variable, use)
        message = f"{counted(len(rows), 'value')} set aside: found {texts_at(column, rows)}; expected {right}."
        remedy, cells_say = "Correct the cells, or say in the mapping what they stand for (coding).", cell_texts(column, rows)
        wrong = "means nothing known: set aside"
        problems.append(place.cells("warning", rows, message, remedy, found=Found.UNREADABLE, values=cells_say, each=wrong, expected=right))
    blank = [position for position, each in enumerate(meant) if each == BLANK and texts[position].strip()]
    if blank:
        cells = int(np.isin(which, blank).sum())
        problems.append(place.whole("note", f"{counted(cells, 'cell')} saying {values_said([texts[position] for position in blank])} taken as missing."))
    problems += said_of_none(texts, variable, use, place)
    if variable.kind is Kind.EVENT:
        problems += said_of_letters((text for text, each in zip(texts, meant, strict=True) if each is not None), writing_of("", texts), place)
    exact = bool((lo == hi).all())
    values = Intervals(lo, lo if exact else hi)
    return Converted(values, int(np.count_nonzero(has_value(values))), unreadable=strange if strange.any() else None, problems=tuple(problems))


def read_as(texts: Iterable[str], variable: Variable, use: ColumnUse) -> dict[str, str]:
    """What each code of a column stands for, by the code as it is compared (``1.0`` is ``1``); without those that mean nothing known."""
    codes = {token(text): text for text in texts}
    meaning = meanings_of(variable, use, codes.values())
    labels = {interval: label for label, interval in (OCCURRED if variable.kind is Kind.EVENT else {"missing": BLANK, **variable.values}).items()}
    meant = {code: meaning(text) for code, text in codes.items() if code}
    return {code: labels[interval] for code, interval in meant.items() if interval in labels}


def said_of_none(texts: Iterable[str], variable: Variable, use: ColumnUse, place: Place) -> list[Problem]:
    """That a value called none may be what Python writes of a cell that holds nothing."""
    given = {token(text) for text in (*use.sentinels, *use.coding)}
    if "none" not in variable.values or "none" in given or "None" not in map(str.strip, texts):
        return []
    message = f"cells saying 'None' are taken as {variable.label} none, which programs also write for nothing recorded."
    return [place.whole("warning", message, "Say sentinels = ['None'] for this column in the mapping if they mean that.")]


def meanings_of(variable: Variable, use: ColumnUse, column: Iterable[str] = ()) -> Callable[[str], Interval | None]:
    """What cells of a column stand for: a function of their text, None where that is not known. The coding may say what a blank cell means.

    ``column`` are all its cells' texts, which may show that a dash says no, and what letters behind a code say.
    """
    sentinels = {token(sentinel) for sentinel in use.sentinels}
    coding = {token(code): meaning for code, meaning in use.coding.items()}
    blank = _coded(coding[""], variable) if "" in coding else None
    coded = {code: meaning for code, meaning in coding.items() if code}
    words = _words(variable)
    if variable.missing is MissingPolicy.UNKNOWN:
        words |= dict.fromkeys(marks_unsaid(column) - set(map(token, variable.values)), BLANK)

    writing = writing_of("", column)

    def worded(written: str) -> Interval | None:
        code = diagnosed(written, variable.codes.get("icd10", ()), writing) if variable.kind is Kind.EVENT else None
        return words.get(written) or (None if code is None else OCCURRED[code])

    def meaning(text: str) -> Interval | None:
        written = token(text)
        if written in sentinels:
            return BLANK
        if not written:
            return blank or BLANK
        if len(written) > LONGEST_CELL:
            return None
        if written in coded:
            return _coded(coded[written], variable)
        if coded and _looks_numeric(written):  # a coding that was given is the whole of it, but for words that nobody can mistake
            return None
        found = worded(written)
        if found is None and (shorter := bare(written)) != written and not (coded and _looks_numeric(shorter)):
            found = _coded(coded[shorter], variable) if shorter in coded else worded(shorter)
        return found or _labelled(written, words, variable)

    return meaning


def _words(variable: Variable) -> dict[str, Interval]:
    """The words that stand for something in any column of this variable."""
    if variable.kind is Kind.EVENT:
        said = dict.fromkeys(MISSING, BLANK) | dict.fromkeys(UNKNOWN, OCCURRED["unknown"])
        return said | dict.fromkeys(NO | NOT_FOUND, OCCURRED["no"]) | dict.fromkeys(YES | FOUND, OCCURRED["yes"])
    said = dict.fromkeys(UNKNOWN | MISSING | {token(word) for word in variable.words.get("unknown", ())}, BLANK)
    if two := _two_valued(variable):
        said |= dict.fromkeys(NO | NOT_FOUND, two["no"]) | dict.fromkeys(YES | FOUND, two["yes"])
    for label, interval in reversed(list(variable.values.items())):
        said |= {token(word): interval for word in (label, *variable.words.get(label, ()))}
    return said


def _labelled(written: str, words: dict[str, Interval], variable: Variable) -> Interval | None:
    """What a label says beside its code (``2: female``, ``男(1)``), or beside the value that was measured (``0.01 (-)``, ``neg (0.21)``)."""
    for pattern in (_CODE_AND_LABEL, _LABEL_AND_CODE):
        if (match := pattern.match(written)) is not None and (found := words.get(match[1]) or words.get(bare(match[1]))) is not None:
            return found
    if variable.kind is Kind.CATEGORY and _two_valued(variable) and len(_MEASURED.findall(written)) == 1:
        label = _MEASURED.sub("", written).strip()
        return words.get(label) or words.get(bare(label.replace("()", "").strip()))
    return None


def _coded(meaning: str, variable: Variable) -> Interval | None:
    if variable.kind is Kind.EVENT:
        return OCCURRED.get(meaning)
    if meaning in variable.values:
        return variable.values[meaning]
    if meaning in ("unknown", "missing"):
        return BLANK
    return _two_valued(variable).get(meaning)


def _two_valued(variable: Variable) -> dict[str, Interval]:
    """Where a variable's values are no and yes by these or other names: what ``no`` and ``yes`` stand for."""
    for no, yes in (("no", "yes"), ("negative", "positive")):
        if set(variable.values) == {no, yes}:
            return {"no": variable.values[no], "yes": variable.values[yes]}
    return {}


def _looks_numeric(written: str) -> bool:
    return written.lstrip("+-").replace(".", "", 1).isdigit()


def expected(variable: Variable, use: ColumnUse) -> str:
    """What a cell of this variable may say, in words."""
    if use.coding:
        return "one of the codes " + ", ".join(f"'{code}'" for code in use.coding if code)
    return "yes, no or unknown" if variable.kind is Kind.EVENT else ", ".join(variable.values)
