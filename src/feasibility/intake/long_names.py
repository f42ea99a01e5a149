"""The names in a long table: which variable each means, and what its values leave to ask."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feasibility.intake.converted import text_of
from feasibility.intake.headers import read_header
from feasibility.intake.mapping import ColumnUse, Part
from feasibility.intake.questions import About, Question, Weight, ask_coding, ask_number
from feasibility.intake.read import Table
from feasibility.variables import Catalogue, Kind

SAMPLE = 20_000


def names_in(table: Table, name_column: str, value_column: str | None, unit_column: str | None, catalogue: Catalogue) -> tuple[dict[str, ColumnUse], list[Question]]:
    """What each name in a long table means, by name and synonym, and the questions that leaves."""
    role = "events" if value_column is None else "measurements"
    column = text_of(table.columns[name_column])
    uses: dict[str, ColumnUse] = {}
    questions: list[Question] = []
    for text in pc.unique(column).drop_null().to_pylist():
        header = read_header(text, catalogue)
        if header is None or header.part is not Part.VALUE or (role == "events" and catalogue[header.variables[0]].kind is not Kind.EVENT):
            uses[text] = ColumnUse()
            continue
        variable = catalogue[header.variables[0]]
        use = ColumnUse(header.variables[:1], unit=header.unit or header.unit_text)
        asked: list[Question] = []
        if not header.exact:
            said = f"The name is like '{header.matched}' ({variable.label})."
            asked.append(Question(text, About.VARIABLE, Weight.MUST, said, f"Add variable = \"{variable.name}\" for this name to the mapping.", use))
        if value_column is not None and variable.kind is not Kind.DATE:
            use, more = _ask_values(text, use, table, column, value_column, unit_column, catalogue)
            asked += more
        uses[text] = use
        questions += [replace(question, table=role, label=name_column) for question in asked]
    return uses, questions


def _ask_values(
    text: str, use: ColumnUse, table: Table, names: pa.ChunkedArray, value_column: str, unit_column: str | None, catalogue: Catalogue
) -> tuple[ColumnUse, list[Question]]:
    variable = catalogue[use.variables[0]]
    rows = np.flatnonzero(pc.fill_null(pc.equal(names, text), False).to_numpy())
    cells = table.columns[value_column].take(pa.array(rows[:SAMPLE]))
    if variable.kind is not Kind.NUMBER:
        return ask_coding(text, variable, use, cells)
    if unit_column is not None:
        units = text_of(table.columns[unit_column]).take(pa.array(rows))
        blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(units), ""), True)
        if not pc.any(blank).as_py():
            return use, []  # every row has a unit; those that are not known are reported where they are read
        cells = cells.filter(blank.slice(0, SAMPLE)) if pc.any(blank.slice(0, SAMPLE)).as_py() else cells
    return ask_number(text, variable, use, cells, None if use.unit is None or variable.recognise_unit(use.unit) else use.unit)
