"""From files to a cohort in one call, for the shell and the screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from feasibility.cohort import Cohort
from feasibility.intake.build import Progress, Tables, consume, silent
from feasibility.intake.mapping import Mapping
from feasibility.intake.read import Data, Table, read_table
from feasibility.intake.suggest import accept_suggestions, suggest
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
    """The cohort in a file (and long tables beside or instead of it). Without a mapping, what the files say for certain is used and the rest reported.

    ``index_date`` is one index date for all patients, before whatever the files or the mapping say. Raises ``Unusable`` for what stops it.
    """
    catalogue = catalogue or builtin_catalogue()
    progress(0.0, "reading")
    tables = read_tables(None if data is None else (name, data), measurements, events)
    progress(0.03, "matching columns")
    problems: tuple[Problem, ...] = ()
    if mapping is None:
        mapping, problems = accept_suggestions(suggest(tables.data, catalogue, tables.measurements, tables.events), index_date)
    else:
        mapping = _with_long_tables(mapping, tables, catalogue)
        if index_date is not None:
            mapping = replace(mapping, index_date=index_date)
    cohort = consume(name, tables, mapping, catalogue, progress)
    return replace(cohort, report=replace(cohort.report, problems=(*problems, *cohort.report.problems)))


def _with_long_tables(mapping: Mapping, tables: Tables, catalogue: Catalogue) -> Mapping:
    """A mapping that says nothing of a long table, with what the table's headers and names say for certain."""
    present = {"measurements": tables.measurements, "events": tables.events}
    wanted = {role: table for role, table in present.items() if table is not None and getattr(mapping, role) is None}
    if not wanted:
        return mapping
    sure, _ = accept_suggestions(suggest(None, catalogue, wanted.get("measurements"), wanted.get("events")))
    return replace(mapping, measurements=mapping.measurements or sure.measurements, events=mapping.events or sure.events)
