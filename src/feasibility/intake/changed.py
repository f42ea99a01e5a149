"""A mapping that was saved, held against the files of another month: what is gone, what is new, and what no longer looks as it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from feasibility.intake.asking_numbers import ask_number, numbers_of
from feasibility.intake.codes import meanings_of
from feasibility.intake.converted import distinct_texts
from feasibility.intake.files.table import Table
from feasibility.intake.headers import Header, read_header
from feasibility.intake.mapping import UNUSED, ColumnUse, LongUse, Mapping, Part
from feasibility.intake.places import shown, values_said
from feasibility.intake.questions import About, Subject, Weight
from feasibility.intake.subjects import LongTable, of_column
from feasibility.intake.tables import EVENTS, MEASUREMENTS, Tables, patient_of
from feasibility.problems import Problem
from feasibility.variables import Catalogue, Kind

MOST_CODES = 200
AS_SAVED = "the saved mapping"


def fitted(mapping: Mapping, tables: Tables, catalogue: Catalogue) -> tuple[Mapping, tuple[Problem, ...]]:
    """The mapping for these files: without what they do not have, and what is otherwise than it says.

    A column that is gone is looked for under another header that says the same, with the unit that this says. Whether the values look as they did is asked
    of each column where it is read.
    """
    cells = tables.cells()
    mapping, problems = _under_other_headers(mapping, tables, catalogue)
    if isinstance(mapping.index_date, date):
        said = f"{AS_SAVED} gives all patients {mapping.index_date.isoformat()}."
        problems.append(Problem("warning", "index date", said, "Choose the index date of these files."))
    problems += [*_gone(mapping, cells, catalogue), *_new(mapping, tables, cells), *_different(mapping, cells, catalogue)]
    problems += [problem for role in ("measurements", "events") for problem in _names(role, mapping, tables)]
    columns = {column: use for column, use in mapping.columns.items() if column in cells}
    return replace(
        mapping,
        patient=mapping.patient if mapping.patient in cells else None,
        index_date=mapping.index_date if not isinstance(mapping.index_date, str) or mapping.index_date in cells else None,
        columns=columns,
        keep={column: wanted for column, wanted in mapping.keep.items() if column in cells},
    ), tuple(problems)


def complete(mapping: Mapping, tables: Tables, catalogue: Catalogue) -> Mapping:
    """The mapping with a word on every column of the tables, so that one that is new in other files can be told, and with the medians of numbers."""
    cells = tables.cells()
    who = {patient_of(table, mapping) for table in tables.wide.values()} | {mapping.index_date}
    columns = {column: _with_median(column, mapping, tables, catalogue) for column in cells if column not in who}
    if isinstance(mapping.index_date, str) and (written := mapping.use(mapping.index_date)) != UNUSED:  # how its dates are written
        columns[mapping.index_date] = replace(written, variables=("index_date",), part=Part.DATE)
    longs = {role: _names_remembered(role, getattr(mapping, role), getattr(tables, role), catalogue) for role in (MEASUREMENTS, EVENTS)}
    return replace(mapping, columns=columns, measurements=longs[MEASUREMENTS], events=longs[EVENTS])


def _names_remembered(role: str, use: LongUse | None, table: Table | None, catalogue: Catalogue) -> LongUse | None:
    if use is None or table is None or use.value is None:
        return use
    long = LongTable(table, use, role)
    return replace(use, names={name: _remembered(long.named(name), each, catalogue) if each.variables else each for name, each in use.names.items()})


def _with_median(column: str, mapping: Mapping, tables: Tables, catalogue: Catalogue) -> ColumnUse:
    use = mapping.use(column)
    return _remembered(of_column(tables, column, mapping.columns), use, catalogue) if use.part is Part.VALUE else use


@np.errstate(over="ignore")
def _remembered(subject: Subject, use: ColumnUse, catalogue: Catalogue) -> ColumnUse:
    """The use of a column of numbers with their median; that its unit was confirmed is kept only where its values speak against it."""
    variable = catalogue[use.variables[0]] if len(use.variables) == 1 else None
    if variable is None or variable.kind is not Kind.NUMBER or len(variable.accepted_units) < 2:
        return replace(use, median=None)
    values = numbers_of(subject.sample.bare, variable, use)
    now = replace(use, median=float(f"{np.median(values):.3g}") if len(values) else None, confirmed=use.confirmed - {About.UNIT})
    _, asked = ask_number(subject, variable, now)
    doubted = any(each.about is About.UNIT and each.weight is Weight.MUST for each in asked)
    return replace(now, confirmed=use.confirmed) if doubted else now


def _under_other_headers(mapping: Mapping, tables: Tables, catalogue: Catalogue) -> tuple[Mapping, list[Problem]]:
    """The mapping with columns that are gone under the one other header that says the same thing."""
    there = {column: read_header(tables.headers.get(column, column), catalogue) for column in tables.cells() if column not in mapping.columns}
    columns = dict(mapping.columns)
    problems = []
    for gone, use in mapping.columns.items():
        if gone in tables.cells() or len(use.variables) != 1:
            continue
        alike = [column for column, header in there.items() if header is not None and header.exact and _says(header) == (use.variables, use.part, use.repeat)]
        if len(alike) != 1:
            continue
        header, variable = there.pop(alike[0]), catalogue[use.variables[0]]
        assert header is not None
        now, before = header.unit or header.unit_text, read_header(gone, catalogue)
        unsaid = now is None and before is not None and (before.unit or before.unit_text) is not None  # what the header no longer says is asked
        other = unsaid or (now is not None and use.unit is not None and variable.recognise_unit(now) != variable.recognise_unit(use.unit))
        unit = None if unsaid else now or use.unit
        columns[alike[0]] = replace(columns.pop(gone), unit=unit, median=None if other else use.median, confirmed=use.confirmed - {About.UNIT})
        told = f"taken for {variable.label}, as '{shown(gone)}' was when the mapping was saved"
        says = "no unit" if unsaid else f"{now}"
        told += f"; its header says {says}, and {AS_SAVED} said {use.unit}." if other else "."
        problems.append(Problem("warning" if other else "note", f"column {shown(alike[0])}", told, "Look at the column before it is used." if other else ""))
    return replace(mapping, columns=columns), problems


def _says(header: Header) -> tuple[tuple[str, ...], Part, int | None]:
    return header.variables, header.part, header.repeat


def _gone(mapping: Mapping, cells: dict[str, pa.ChunkedArray], catalogue: Catalogue) -> list[Problem]:
    said = [(column, ", ".join(catalogue[name].label for name in use.variables)) for column, use in mapping.columns.items() if use.variables]
    said = [each for each in said if each[0] != mapping.index_date]
    said += [(column, what) for column, what in ((mapping.patient, "the patient"), (mapping.index_date, "the index date")) if isinstance(column, str)]
    said += [(column, "which rows are used") for column in mapping.keep]
    remedy = "If it has another header now, give that its meaning."
    return [
        Problem("warning", f"column {shown(column)}", f"{AS_SAVED} takes it for {what}; it is not in these files.", remedy)
        for column, what in said
        if column not in cells and cells
    ]


def _new(mapping: Mapping, tables: Tables, cells: dict[str, pa.ChunkedArray]) -> list[Problem]:
    """Columns that a mapping with a word on most columns says nothing of."""
    who = {patient_of(table, mapping) for table in tables.wide.values()} | {mapping.index_date}
    new = [column for column in cells if column not in mapping.columns and column not in who]
    if not new or len(new) * 2 > len(cells):
        return []
    return [Problem("note", "columns", f"new since the mapping was saved: {values_said(new)}.", "See what they are taken for.")]


def _different(mapping: Mapping, cells: dict[str, pa.ChunkedArray], catalogue: Catalogue) -> list[Problem]:
    """Codes of a coded column that its coding does not know."""
    problems = []
    for column, use in mapping.columns.items():
        if column not in cells or use.part is not Part.VALUE or not use.coding or catalogue[use.variables[0]].kind is Kind.DATE:
            continue
        meaning = meanings_of(catalogue[use.variables[0]], use)
        new = [text for text in distinct_texts(cells[column])[:MOST_CODES] if text.strip() and meaning(text) is None]
        if new:
            found = f"{values_said(new)} {'is' if len(new) == 1 else 'are'} not in the coding of {AS_SAVED}."
            problems.append(Problem("warning", f"column {shown(column)}", found, "Look at the column before it is used."))
    return problems


def _names(role: str, mapping: Mapping, tables: Tables) -> list[Problem]:
    long: LongUse | None = getattr(mapping, role)
    table = getattr(tables, role)
    if long is None or table is None or long.name not in table.columns:
        return []
    there = set(distinct_texts(table.columns[long.name]))
    gone = [name for name, use in long.names.items() if use != UNUSED and name not in there]
    return [Problem("note", role, f"{AS_SAVED} knows {values_said(gone)}; not in this table.")] if gone else []
