"""What stands under a table: totals, sources, legends. They are no records, and are set aside by name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from feasibility.intake.files.cells import is_sentence, shape
from feasibility.intake.places import shown
from feasibility.intake.words import UNDER_A_TABLE

LOOKED_AT = 200
FEW = 2
"""A row under the table has at most so many cells filled, unless its first word says what it is."""

_FIRST_WORDS = re.compile(rf"(?:{'|'.join(re.escape(word) for word in sorted(UNDER_A_TABLE, key=len, reverse=True))})(?![\w-])", re.IGNORECASE)
_MARKED = re.compile(r"(?:[*†‡§¹²³#]+\s*\S.*|\(?\d[\d,]* (?:rows?|records?)(?: affected)?\)?|[nN]\s*=\s*\d[\d,. ]*|[-=_*]{3,})", re.DOTALL)

Row = Sequence[str]


def under_the_table(rows: Sequence[Row], columns: int) -> int:
    """How many of the last rows stand under the table, by the last rows of a file (blank ones among them).

    A row is under the table if it begins as such rows do or is a mark or a sentence with hardly another cell, or comes after one that is; after a blank row,
    if hardly a cell is filled and it does not begin as the records do.
    """
    few = FEW if columns > FEW + 1 else 1
    records = [row for row in rows[: len(rows) // 2 + 1] if row and row[0].strip()]
    shapes = {shape(row[0]) for row in records}
    prose = sum(is_sentence(row[0]) for row in records) * 5 >= len(records) > 0  # where records begin with sentences, one says nothing
    start, found = len(rows), len(rows)
    while start:
        row = rows[start - 1]
        filled = sum(1 for cell in row if cell.strip())
        if not filled:
            if found == start:  # a gap above what is under the table belongs to it
                found -= 1
        elif _is_worded(row, filled <= few, prose):
            found = start - 1
        elif filled <= few and not (row[0].strip() and shape(row[0]) in shapes):
            if start > 1 and not any(cell.strip() for cell in rows[start - 2]):
                found = start - 1
        else:
            break
        start -= 1
    under = len(rows) - found
    return under if any(cell.strip() for row in rows[found:] for cell in row) else 0


def said_under(first: int, rows: Sequence[Row]) -> str:
    """``rows 203–205 under the table are set aside: 'Source: …'``; ``first`` is the row in the file."""
    texts = [text for row in rows if (text := " ".join(cell.strip() for cell in row if cell.strip()))]
    place = f"row {first}" if len(rows) == 1 else f"rows {first}–{first + len(rows) - 1}"
    said = ", ".join(f"'{shown(text)}'" for text in texts[:3]) + (" …" if len(texts) > 3 else "")
    return f"{place} under the table {'is' if len(rows) == 1 else 'are'} set aside: {said}."


def _is_worded(row: Row, few: bool, prose: bool) -> bool:
    text = next(cell.strip() for cell in row if cell.strip())
    sentence = few and not prose and is_sentence(text)
    if match := _FIRST_WORDS.match(text):
        rest = text[match.end() :].strip()
        return not rest or rest[0] in ":：=(" or sentence or (few and rest[0].isdigit())
    return sentence or (few and bool(_MARKED.fullmatch(text)))
