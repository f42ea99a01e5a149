"""The day of a whole row: the date of all that was measured in it, where a patient has a row a visit or a row has one date for its values."""

from __future__ import annotations

from collections.abc import Mapping as Map

import numpy as np

from feasibility.intake.asking import ask
from feasibility.intake.asking_dates import dates_mostly
from feasibility.intake.converted import encoded
from feasibility.intake.days import days_in
from feasibility.intake.files.table import Table
from feasibility.intake.headers import Header
from feasibility.intake.mapping import ColumnUse, Part
from feasibility.intake.places import shown
from feasibility.intake.questions import COLUMNS, About, Question, Weight, entry
from feasibility.intake.subjects import of_column
from feasibility.intake.tables import Tables, is_measured, patient_column
from feasibility.intake.words import ROW_DATES
from feasibility.variables import Catalogue, plain

FIRST_FEW = 6


def of_each_row(tables: Tables, column: str) -> bool:
    """Whether a date differs between the rows of one patient, so that it is that of a row and not of the patient."""
    table = next(table for table in tables.wide.values() if column in table.columns)
    patient = patient_column(table)
    if patient is None:
        return False
    (_, whose), (_, date) = encoded(table.columns[patient]), encoded(table.columns[column])
    stated = (whose >= 0) & (date >= 0)
    if np.bincount(whose[stated]).max(initial=0) < 2:
        return False
    pairs = np.unique(whose[stated] * (date.max(initial=0) + 1) + date[stated])
    return len(pairs) > len(np.unique(whose[stated]))


def ask_row_date(tables: Tables, table: Table, columns: Map[str, ColumnUse], catalogue: Catalogue) -> tuple[dict[str, ColumnUse], list[Question]]:
    """The use of a table's column with the date of each row. Where a patient has one row, it is only offered."""
    by_name = {plain(tables.headers.get(column, column)): column for column in reversed(list(table.columns)) if not columns.get(column, ColumnUse()).variables}
    named = (by_name[plain(name)] for name in ROW_DATES if plain(name) in by_name)
    column = next((each for each in named if dates_mostly(of_column(tables, each, columns))), None)
    uses = {each: columns[each] for each in table.columns if each in columns}
    dated = {name for use in uses.values() if use.part is Part.DATE for name in use.variables}
    measured = dict.fromkeys(name for use in uses.values() if use.part is Part.VALUE for name in use.variables if is_measured(catalogue[name], catalogue))
    undated = tuple(name for name in measured if name not in dated)
    days = days_in(uses, catalogue)
    of_days = {name for day in days.values() for name, _ in day.dated}
    variables = tuple(name for name in undated if name not in of_days)
    if column is None and variables and len(days) == 1 and of_each_row(tables, next(iter(days))):
        column, variables = next(iter(days)), undated  # the only date of a visit is that of all that was measured at it
    if column is None or not variables:
        return {}, []
    use, asked = ask(of_column(tables, column, columns), Header(variables, Part.DATE), ColumnUse(variables, Part.DATE), catalogue)
    labels = [catalogue[name].label for name in variables]
    said = ", ".join(labels[:FIRST_FEW]) + (f" and {len(labels) - FIRST_FEW} more" if len(labels) > FIRST_FEW else "")
    if of_each_row(tables, column):
        text = f"A patient has several rows, each with its '{shown(column)}': taken as the date of what is measured in the row ({said})."
        return {column: use}, [Question(column, About.DATES, Weight.SETTLED, text, entry(column, use, COLUMNS), use), *asked]
    text = f"'{shown(column)}' may be the date of what is measured in the row ({said})."
    return {}, [Question(column, About.DATES, Weight.OFFERED, text, entry(column, use, COLUMNS), use)]
