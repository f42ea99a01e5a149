"""From files to a cohort in one call, for the shell and the screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from feasibility.cohort import Cohort
from feasibility.intake.build import Progress, Tables, consume, silent
from feasibility.intake.files.opened import read_table
from feasibility.intake.files.table import Data, Table
from feasibility.intake.mapping import Mapping
from feasibility.intake.suggest import Suggestion, accept_suggestions, overlaid, suggest
from feasibility.problems import Problem, Unusable
from feasibility.variables import Catalogue, builtin_catalogue

File = tuple[str, Data]


def read_tables(data: File | None, measurements: File | None, events: File | None) -> Tables:
    """The tables of the files given; raises ``Unusable`` with what is wrong with any of them."""
    problems: list[Problem] = []
    tables: dict[str, Table] = {}
    for role, file in (("data", data), ("measurements", measurements), ("events", events)):
        if file is not None:
            try:
                tables[role] = read_table(*file)
            except Unusable as error:
                problems += error.problems
    if problems:
        raise Unusable(problems)
    return Tables(**tables)


def load_cohort(
    name: str,
    data: Data | None,
    measurements: File | None = None,
    events: File | None = None,
    mapping: Mapping | None = None,
    index_date: date | None = None,
    catalogue: Catalogue | None = None,
    progress: Progress = silent,
) -> Cohort:
    """The cohort in a file (and long tables beside or instead of it): what the mapping says, else what the files say for certain; the rest is reported.

    ``index_date`` is one index date for all patients, before whatever the files or the mapping say. Raises ``Unusable`` for what stops it.
    """
    catalogue = catalogue or builtin_catalogue()
    progress(0.0, "reading")
    tables = read_tables(None if data is None else (name, data), measurements, events)
    progress(0.03, "matching columns")
    suggestion = _suggestion(tables, catalogue, mapping)
    mapping, problems = accept_suggestions(suggestion if mapping is None else overlaid(suggestion, mapping), index_date)
    cohort = consume(name, tables, mapping, catalogue, progress)
    return replace(cohort, report=replace(cohort.report, problems=(*problems, *cohort.report.problems)))


def _suggestion(tables: Tables, catalogue: Catalogue, mapping: Mapping | None) -> Suggestion:
    """What the files suggest; a long table that the mapping describes is taken as it says, whatever its headers are."""
    described = mapping or Mapping()
    measurements = tables.measurements if described.measurements is None or described.measurements.in_part else None
    events = tables.events if described.events is None or described.events.in_part else None
    return suggest(tables.data, catalogue, measurements, events)
