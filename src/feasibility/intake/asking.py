"""What a column's cells leave to ask, by the kind of what it holds."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from feasibility.intake.asking_codes import ask_coding
from feasibility.intake.asking_dates import ask_dates, dates_mostly
from feasibility.intake.asking_numbers import ask_number
from feasibility.intake.headers import Header
from feasibility.intake.mapping import ColumnUse, Part
from feasibility.intake.places import shown
from feasibility.intake.questions import COLUMNS, About, Question, Weight, entry
from feasibility.variables import Catalogue, Kind, Variable, plain


def ask(column: str, header: Header, cells: pa.ChunkedArray, catalogue: Catalogue, section: str = COLUMNS) -> tuple[ColumnUse, list[Question]]:
    """What a column seems to mean by its header and cells, and the questions that leaves; ``section`` is where in the mapping they are answered."""
    variable = catalogue[header.variables[0]]
    use = ColumnUse(header.variables, header.part, header.repeat, header.unit or header.unit_text)
    questions: list[Question] = []
    if not header.exact:
        text = f"The header is like '{shown(header.matched)}' ({variable.label})."
        questions.append(Question(column, About.VARIABLE, Weight.MUST, text, entry(column, use, section), use, tuple(catalogue.variables)))
    questions += ask_ambiguous(column, header, use, variable, section)
    if variable.kind is Kind.DATE or (use.part is Part.VALUE and variable.kind is Kind.EVENT and dates_mostly(cells)):
        use = replace(use, part=Part.DATE)
    if use.part is Part.UNIT:
        return replace(use, unit=None), questions
    if use.part is not Part.VALUE:
        return use, questions + ask_dates(column, use, cells, variable, section)
    if variable.kind is Kind.NUMBER:
        use, more = ask_number(column, variable, use, cells, header.unit_text, section, header.unit_fixed_by)
    else:
        use, more = ask_coding(column, variable, use, cells, section)
    return use, questions + more


def ask_ambiguous(column: str, header: Header, use: ColumnUse, variable: Variable, section: str) -> list[Question]:
    """Whether a name that files also use for something else means that here."""
    other = next((other for name, other in variable.ambiguous.items() if plain(name) == plain(header.matched)), None)
    if other is None:
        return []
    text = f"'{shown(header.matched)}' is taken as {variable.label}; it may also be {other}."
    remedy = f"{entry(column, use, section)} If it is not {variable.label}, say another variable there, or {{ ignore = true }}."
    return [Question(column, About.VARIABLE, Weight.SETTLED, text, remedy, use, severity="warning")]
