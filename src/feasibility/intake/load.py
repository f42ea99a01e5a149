"""From files to a cohort in one call, for the shell and the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from feasibility.cohort import Cohort
from feasibility.intake.answers import accept_suggestions, overlaid
from feasibility.intake.build import Progress, consume, silent
from feasibility.intake.files.opened import tables_in
from feasibility.intake.files.table import Data, Table, with_rows
from feasibility.intake.mapping import Mapping
from feasibility.intake.places import shown
from feasibility.intake.suggest import Suggestion, suggest
from feasibility.intake.tables import DATA, EVENTS, MEASUREMENTS, Tables, joined, together
from feasibility.problems import Problem, Unusable
from feasibility.variables import Catalogue, builtin_catalogue

File = tuple[str, Data]


def read_files(files: Sequence[File]) -> list[tuple[Table, ...]]:
    """The tables in each of the files that have a row; raises ``Unusable`` with what is wrong with any of them."""
    problems: list[Problem] = []
    found: list[tuple[Table, ...]] = []
    for file in files:
        try:
            found.append(_with_rows(tables_in(*file)))
        except Unusable as error:
            problems += error.problems
    if problems:
        raise Unusable(problems)
    return found


def _with_rows(tables: Sequence[Table]) -> tuple[Table, ...]:
    """The tables that have a row; of the others it is said that they are not read."""
    first, *others = [table for table in tables if table.rows] or [with_rows(tables[0])]
    empty = [Problem("note", shown(table.name), "no rows under a header: not read.") for table in tables if not table.rows]
    return replace(first, problems=(*first.problems, *empty)), *others


def load_cohort(
    name: str,
    data: Data | Sequence[File] | None,
    measurements: File | None = None,
    events: File | None = None,
    mapping: Mapping | None = None,
    index_date: date | None = None,
    catalogue: Catalogue | None = None,
    progress: Progress = silent,
) -> Cohort:
    """The cohort in a file (and long tables beside or instead of it): what the mapping says, else what the files say for certain; the rest is reported.

    Several files with variables as columns are joined by patient.

    ``index_date`` is one index date for all patients, before whatever the files or the mapping say. Raises ``Unusable`` for what stops it.
    """
    catalogue = catalogue or builtin_catalogue()
    progress(0.0, "reading")
    files = [] if data is None else [(name, data)] if isinstance(data, bytes | Path) else data
    tables = _tables(files, measurements, events, catalogue)
    progress(0.03, "matching columns")
    suggestion = _suggestion(tables, catalogue, mapping)
    mapping, problems = accept_suggestions(suggestion if mapping is None else overlaid(suggestion, mapping, tables, catalogue), index_date)
    cohort = consume(name, tables, mapping, catalogue, progress)
    return replace(cohort, report=replace(cohort.report, problems=(*problems, *cohort.report.problems)))


def _tables(files: Sequence[File], measurements: File | None, events: File | None, catalogue: Catalogue) -> Tables:
    given = {DATA: list(files), MEASUREMENTS: [measurements] if measurements else [], EVENTS: [events] if events else []}
    read = iter(read_files([file for each in given.values() for file in each]))
    found = {role: [table for _ in each for table in next(read)] for role, each in given.items()}
    tables = joined(found[DATA]) if len(found[DATA]) == 1 else together(found[DATA], catalogue)
    for role in (MEASUREMENTS, EVENTS):
        if found[role]:
            beside = together(found[role], catalogue, {table.name: role for table in found[role]})
            tables = replace(tables, problems=(*tables.problems, *beside.problems), **{role: getattr(beside, role)})
    return tables


def _suggestion(tables: Tables, catalogue: Catalogue, mapping: Mapping | None) -> Suggestion:
    """What the files suggest; a long table that the mapping describes is taken as it says, whatever its headers are."""
    described = mapping or Mapping()
    measurements = tables.measurements if described.measurements is None or described.measurements.in_part else None
    events = tables.events if described.events is None or described.events.in_part else None
    return suggest(replace(tables, measurements=measurements, events=events), catalogue)
