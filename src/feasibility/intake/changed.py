"""A mapping that was saved, held against the files of another month: what is gone, what is new, and what no longer looks as it did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from feasibility.intake.asking_numbers import sniffed
from feasibility.intake.codes import meanings_of
from feasibility.intake.converted import distinct_texts
from feasibility.intake.mapping import UNUSED, ColumnUse, LongUse, Mapping, Part
from feasibility.intake.numerals import cleaned, number, separators
from feasibility.intake.places import shown, values_said
from feasibility.intake.questions import Subject
from feasibility.intake.tables import Tables, patient_of
from feasibility.intake.unit_columns import unit_column, without_unit
from feasibility.problems import Problem
from feasibility.variables import Catalogue, Kind

MOST_CODES = 200
AS_SAVED = "the saved mapping"


def fitted(mapping: Mapping, tables: Tables, catalogue: Catalogue) -> tuple[Mapping, tuple[Problem, ...]]:
    """The mapping without what these files do not have, and what is otherwise than it says."""
    cells = tables.cells()
    problems = [*_gone(mapping, cells, catalogue), *_new(mapping, tables, cells), *_different(mapping, tables, cells, catalogue)]
    problems += [problem for role in ("measurements", "events") for problem in _names(role, mapping, tables)]
    columns = {column: use for column, use in mapping.columns.items() if column in cells}
    return replace(
        mapping,
        patient=mapping.patient if mapping.patient in cells else None,
        index_date=mapping.index_date if not isinstance(mapping.index_date, str) or mapping.index_date in cells else None,
        columns=columns,
        keep={column: wanted for column, wanted in mapping.keep.items() if column in cells},
    ), tuple(problems)


def complete(mapping: Mapping, tables: Tables) -> Mapping:
    """The mapping with a word on every column of the tables, so that one that is new in other files can be told."""
    cells = tables.cells()
    who = {patient_of(table, mapping) for table in tables.wide.values()} | {mapping.index_date}
    columns = {column: mapping.use(column) for column in cells if column not in who}
    if isinstance(mapping.index_date, str) and (written := mapping.use(mapping.index_date)) != UNUSED:  # how its dates are written
        columns[mapping.index_date] = replace(written, variables=("index_date",), part=Part.DATE)
    return replace(mapping, columns=columns)


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
    new = [column for column in complete(mapping, tables).columns if column not in mapping.columns]
    if not new or len(new) * 2 > len(cells):
        return []
    return [Problem("note", "columns", f"new since the mapping was saved: {values_said(new)}.", "Give them a meaning if the protocol needs them.")]


def _different(mapping: Mapping, tables: Tables, cells: dict[str, pa.ChunkedArray], catalogue: Catalogue) -> list[Problem]:
    problems = []
    for column, use in mapping.columns.items():
        if column not in cells or use.part is not Part.VALUE or not use.variables:
            continue
        units = unit_column(column, mapping.columns, tables)
        if found := _otherwise(use, cells[column] if units is None else without_unit(cells[column], cells[units]), catalogue):
            problems.append(Problem("warning", f"column {shown(column)}", found, "Look at the column before it is used."))
    return problems


def _otherwise(use: ColumnUse, cells: pa.ChunkedArray, catalogue: Catalogue) -> str:
    """What a column says that its meaning does not foresee; empty if there is nothing."""
    variable = catalogue[use.variables[0]]
    if variable.kind is Kind.NUMBER:
        texts = [text for text in Subject("", cells).sample.texts if text.strip() not in use.sentinels]
        how = separators(texts, use.decimal)
        values = np.array([value for text in texts if (value := number(cleaned(text), how)) is not None])
        unit = sniffed(values, variable) if len(values) and use.unit is not None else None
        if unit is not None and unit != variable.recognise_unit(use.unit or ""):
            return f"{AS_SAVED} says {use.unit}; the values (median {np.median(values):.3g}) look like {unit}."
        return ""
    if variable.kind is Kind.DATE:
        return ""
    texts = [text for text in distinct_texts(cells)[:MOST_CODES] if text.strip()]
    meaning = meanings_of(variable, use)
    new = [text for text in texts if meaning(text) is None]
    return f"{values_said(new)} {'was' if len(new) == 1 else 'were'} not there when the mapping was saved." if use.coding and new else ""


def _names(role: str, mapping: Mapping, tables: Tables) -> list[Problem]:
    long: LongUse | None = getattr(mapping, role)
    table = getattr(tables, role)
    if long is None or table is None or long.name not in table.columns:
        return []
    there = set(distinct_texts(table.columns[long.name]))
    gone = [name for name, use in long.names.items() if use != UNUSED and name not in there]
    return [Problem("note", role, f"{AS_SAVED} knows {values_said(gone)}; not in this table.")] if gone else []
