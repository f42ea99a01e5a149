"""The names in a long table: which variable each means, and what its values leave to ask."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.intake.asking import ask_ambiguous
from feasibility.intake.asking_codes import ask_coding
from feasibility.intake.asking_numbers import ask_number
from feasibility.intake.converted import distinct, taken, text_of
from feasibility.intake.files.table import Table
from feasibility.intake.headers import Header, read_header
from feasibility.intake.mapping import ColumnUse, Part
from feasibility.intake.questions import About, Question, Weight, entry
from feasibility.variables import Catalogue, Kind, Variable

NAMES = "measurements.names"
SAMPLE = 20_000


def names_in(table: Table, name: str, value: str | None, unit: str | None, catalogue: Catalogue) -> tuple[dict[str, ColumnUse], list[Question]]:
    """What each text in the column ``name`` means, by name and synonym, and the questions that leaves. Without a ``value`` column they are events."""
    section = "events.names" if value is None else NAMES
    texts, which = distinct(table.columns[name])
    order = np.argsort(which, kind="stable")
    ends = np.searchsorted(which[order], np.arange(len(texts) + 1))
    units = None if unit is None else table.columns[unit]
    uses: dict[str, ColumnUse] = {}
    questions: list[Question] = []
    for position, text in enumerate(texts):
        header = read_header(text, catalogue)
        if header is None or header.part is not Part.VALUE or (value is None and catalogue[header.variables[0]].kind is not Kind.EVENT):
            uses[text] = ColumnUse()
            continue
        variable = catalogue[header.variables[0]]
        use = ColumnUse(header.variables[:1], unit=header.unit or header.unit_text)
        asked: list[Question] = []
        if not header.exact:
            said = f"The name is like '{header.matched}' ({variable.label})."
            asked.append(Question(text, About.VARIABLE, Weight.MUST, said, entry(text, use, section), use))
        asked += ask_ambiguous(text, header, use, variable, section)
        if value is not None and variable.kind is not Kind.DATE:
            rows = order[ends[position] : ends[position + 1]]
            use, more = _ask_values(text, header, variable, use, table.columns[value], rows, units)
            asked += more
        uses[text] = use
        questions += [replace(question, table="events" if value is None else "measurements", label=name) for question in asked]
    return uses, questions


def _ask_values(
    text: str,
    header: Header,
    variable: Variable,
    use: ColumnUse,
    values: pa.ChunkedArray,
    rows: NDArray[np.intp],
    units: pa.ChunkedArray | None,
) -> tuple[ColumnUse, list[Question]]:
    if variable.kind is not Kind.NUMBER:
        return ask_coding(text, variable, use, taken(values, rows[:SAMPLE]), NAMES)
    if units is not None:
        blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text_of(taken(units, rows))), ""), True).to_numpy()
        rows = rows[np.flatnonzero(blank)]
        if not len(rows):
            return use, []  # every row has a unit; one that is not known is reported where it is read
    return ask_number(text, variable, use, taken(values, rows[:SAMPLE]), header.unit_text, NAMES, header.unit_fixed_by)
