"""What stands under a table: totals, sources, legends. They are no records, and are set aside by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from feasibility.intake.files.cells import is_sentence, shape
from feasibility.intake.places import Rows, counted, rows_said, shown
from feasibility.intake.words import UNDER_A_TABLE
from feasibility.problems import MOST_CELLS, Detail, Found, Problem

LOOKED_AT = 200
FEW = 2
"""A row under the table has at most so many cells filled, unless its first word says what it is."""

_FIRST_WORDS = re.compile(rf"(?:{'|'.join(re.escape(word) for word in sorted(UNDER_A_TABLE, key=len, reverse=True))})(?![\w-])", re.IGNORECASE)
_MARKED = re.compile(r"(?:[*†‡§¹²³#]+\s*\S.*|\(?\d[\d,]* (?:rows?|records?)(?: affected)?\)?|[nN]\s*=\s*\d[\d,. ]*|[-=_*]{3,})", re.DOTALL)

Row = Sequence[str]


def under_the_table(rows: Sequence[Row], columns: int) -> int:
    """How many of the last rows stand under the table, by the last rows of a file (blank ones among them).

    A row is under the table if it begins as such rows do or is a mark or a sentence with hardly another cell, or comes after one that is; after a blank row,
    if hardly a cell is filled and it does not begin as the records do. Without a blank row above it, a row that is like the records is one, however it
    begins: patients may be called MAX or KEY 2.
    """
    few = FEW if columns > FEW + 1 else 1
    records = [row for row in rows[: len(rows) // 2 + 1] if row and row[0].strip() and not _FIRST_WORDS.match(row[0].strip())]
    shapes = {shape(row[0]) for row in records}
    prose = sum(is_sentence(row[0]) for row in records) * 5 >= len(records) > 0  # where records begin with sentences, one says nothing
    is_record = _like(records)
    start, found = len(rows), len(rows)
    while start:
        row = rows[start - 1]
        filled = _filled(row)
        after_gap = start > 1 and not _filled(rows[start - 2])
        if not filled:
            if found == start:  # a gap above what is under the table belongs to it
                found -= 1
        elif _is_worded(row, filled <= few, prose) and (after_gap or not is_record(row)):
            found = start - 1
        elif filled <= few and not (row[0].strip() and shape(row[0]) in shapes):
            if after_gap:
                found = start - 1
        else:
            break
        start -= 1
    under = len(rows) - found
    return under if any(cell.strip() for row in rows[found:] for cell in row) else 0


def said_within(name: str, blank: Rows, again: Rows, heading: Sequence[str]) -> list[Problem]:
    """What is said of rows among the records that are none, by their rows in the file: blank ones, and the header again."""
    problems = []
    if len(blank):
        message = f"{counted(len(blank), 'blank row')} within the table {'is' if len(blank) == 1 else 'are'} skipped."
        problems.append(Problem("note", shown(name), message, detail=_rows(Found.BLANK_ROW, blank, (), "blank: skipped")))
    if len(again):
        texts = [" ".join(cell for cell in heading if cell)] * len(again)
        detail = _rows(Found.HEADER_AGAIN, again, texts, "the header again: skipped")
        problems.append(Problem("note", f"{shown(name)}, {rows_said(again)}", "the header stands there again: skipped.", detail=detail))
    return problems


def last_like_a_footer(rows: Sequence[Row]) -> int:
    """How many of the last records begin as rows under a table do."""
    number = 0
    for row in reversed(rows):
        if not row or not _begins_so(row[0].strip()):
            break
        number += 1
    return number


def said_of_end(name: str, first: int, rows: Sequence[Row], under: int) -> list[Problem]:
    """What is said of the last rows of a file, of which ``under`` stand under the table; ``first`` is the row in the file of the first of them."""
    problems = []
    end = len(rows) - under
    if under:
        problems.append(_said_under(name, first + end, rows[end:]))
    if number := last_like_a_footer(rows[:end]):
        kept = rows[end - number : end]
        numbers = np.arange(first + end - number, first + end)
        message = f"{_quoted(kept)}: {'begins' if number == 1 else 'begin'} as rows under a table do; read as {'a record' if number == 1 else 'records'}."
        remedy = "If this is no patient, take the row out, or leave a blank row above it."
        problems.append(Problem("warning", f"{shown(name)}, {rows_said(numbers)}", message, remedy))
    return problems


def _said_under(name: str, first: int, rows: Sequence[Row]) -> Problem:
    """``rows 203–205 under the table are set aside: 'Source: …'``; ``first`` is the row in the file."""
    place = f"row {first}" if len(rows) == 1 else f"rows {first}–{first + len(rows) - 1}"
    message = f"{place} under the table {'is' if len(rows) == 1 else 'are'} set aside: {_quoted([row for row in rows if _filled(row)])}."
    detail = _rows(Found.UNDER_TABLE, np.arange(first, first + len(rows)), [_text(row) for row in rows], "under the table: set aside")
    return Problem("warning", shown(name), message, "If this is a patient's row, move it up among the others.", detail)


def _rows(found: Found, rows: Rows, texts: Sequence[str], each: str) -> Detail:
    return Detail(found=found, number=len(rows), rows=tuple(rows[:MOST_CELLS].tolist()), values=tuple(shown(text) for text in texts[:MOST_CELLS]), each=each)


def _text(row: Row) -> str:
    return " ".join(cell.strip() for cell in row if cell.strip())


def _quoted(rows: Sequence[Row]) -> str:
    texts = [_text(row) for row in rows]
    return ", ".join(f"'{shown(text)}'" for text in texts[:3]) + (" …" if len(texts) > 3 else "")


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _like(records: Sequence[Row]) -> Callable[[Row], bool]:
    """Whether a row is like the records: its identifier is made like theirs and as many cells are filled, or another cell is a word that stands in theirs."""
    shapes = {shape(row[0]) for row in records}
    usual = sorted(map(_filled, records))[len(records) // 2] if records else 0
    words = {(place, cell.strip()) for row in records for place, cell in enumerate(row) if place and re.search(r"[^\W\d_]", cell)}

    def like(row: Row) -> bool:
        begins = row[0].strip()
        shared = any((place, cell.strip()) in words for place, cell in enumerate(row))
        numbered = _begins_so(begins) and begins[-1:].isdigit()
        return (shape(begins) in shapes and (shared or _filled(row) >= usual)) or (numbered and shared)

    return like


def _begins_so(text: str) -> bool:
    """Whether a text is a word that rows under a table begin with, alone or with a number."""
    match = _FIRST_WORDS.match(text)
    return match is not None and not text[match.end() :].strip().strip("0123456789")


def _is_worded(row: Row, few: bool, prose: bool) -> bool:
    text = next(cell.strip() for cell in row if cell.strip())
    sentence = few and not prose and is_sentence(text)
    if match := _FIRST_WORDS.match(text):
        rest = text[match.end() :].strip()
        return not rest or rest[0] in ":：=(" or sentence or (few and rest[0].isdigit())
    return sentence or (few and bool(_MARKED.fullmatch(text)))
