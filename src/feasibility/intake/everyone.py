"""Who the patients of a cohort are, over all its tables, and whose each row is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.cohort import ColumnReport
from feasibility.intake.days import days_in
from feasibility.intake.files.table import Table
from feasibility.intake.mapping import Mapping, Part
from feasibility.intake.people import Ids, People, everyone_in, people, those_kept
from feasibility.intake.places import counted, shown, values_said
from feasibility.intake.sources import Source, of_table
from feasibility.intake.tables import EVENTS, MEASUREMENTS, Tables, is_measured, patient_of, same_columns
from feasibility.problems import MOST_CELLS, Detail, Found, Problem, Unusable
from feasibility.variables import Catalogue

Index = NDArray[np.intp]


def everyone(tables: Tables, sources: dict[str, Source], mapping: Mapping, catalogue: Catalogue) -> tuple[Ids, dict[str, int]]:
    """The patients and how many rows of each wide table are used; each source is told which of its rows are, and whose they are.

    The first table says who the patients are; one that is more of the same, with the same columns, adds its own. Without a wide table everybody counts
    whom a long one names.
    """
    if tables.data is None:
        uses = {MEASUREMENTS: mapping.measurements, EVENTS: mapping.events}
        described = ((source, uses[role.partition(" ")[0]]) for role, source in sources.items())
        ids = everyone_in(source.columns[use.patient] for source, use in described if use is not None)
        if not len(ids):
            where = ", ".join(shown(table.name) for table in tables.present.values())
            raise Unusable([Problem("error", where, "no row has a patient identifier.", "Choose the column that identifies the patients.")])
        return ids, {}
    whose: dict[str, People] = {}
    ids = np.zeros(0, object)
    for role, table in tables.wide.items():
        whose[role] = found = _of_table(table, sources[role], mapping, catalogue)
        if role == "data":
            ids = found.ids
        elif same_columns(table, tables.data):
            whose[role] = found = _new_ones(found, ids, table, sources[role], mapping)
            ids = np.concatenate([ids, np.array([each for each in found.ids if each not in set(ids)], dtype=object)])
    used: dict[str, int] = {}
    for role, table in tables.wide.items():
        source, found = sources[role], whose[role]
        patient = patient_of(table, mapping) or ""
        if found.ids is ids and found.owner is None:
            source.kept, used[role] = found.kept, len(ids)
        else:
            rows, owner = _owned(source, found, ids, table, patient)
            used[role] = len(rows)
            if role != "data" and found.owner is None and sources["data"].owner is None and not same_columns(table, tables.data):
                of_patient = np.full(len(ids), -1, np.intp)
                of_patient[owner] = rows
                sources["data"].join(source, of_patient)
            else:
                source.kept, source.owner = rows, owner
        source.problems += of_table(source.name, found.problems)
        source.reports.append(ColumnReport(patient, None, "patient", table.rows, used[role], 0, set_aside=table.rows - used[role]))
    return ids, used


def _of_table(table: Table, source: Source, mapping: Mapping, catalogue: Catalogue) -> People:
    """The patients of one table, of the rows that the mapping keeps."""
    patient = patient_of(table, mapping)
    assert patient is not None
    who = people(table, source.columns, patient, rows_dated(source.columns, mapping, catalogue))
    rows = np.arange(table.rows) if who.kept is None else who.kept
    keep = {column: cells for column, cells in mapping.keep.items() if column in source.columns}
    kept = those_kept(source.columns, keep, rows)
    del source.columns[patient]
    if kept.all():
        return who
    wanted = " and ".join(f"'{shown(column)}' is {values_said(cells)}" for column, cells in keep.items())
    if not kept.any():
        raise Unusable([Problem("error", shown(table.name), f"there is no row where {wanted}.", "Correct keep in the mapping.")])
    number = int((~kept).sum())
    detail = Detail(found=Found.LEFT_OUT, number=number, each="left out by the mapping")
    left_out = counted(number, "patient" if who.owner is None else "row")
    problems = (*who.problems, Problem("note", "rows", f"{left_out} left out: the mapping keeps only rows where {wanted}.", detail=detail))
    if who.owner is None:
        return People(who.ids[kept], rows[kept], problems)
    patients, owner = np.unique(who.owner[kept], return_inverse=True)
    return People(who.ids[patients], rows[kept], problems, owner)


def rows_dated(columns: Iterable[str], mapping: Mapping, catalogue: Catalogue) -> bool:
    """Whether each row of a table is of a day of its own, so that a patient may have several: every measurement in it has a date."""
    uses = {column: mapping.use(column) for column in columns}
    dated = {(catalogue[name].of, use.repeat) for use in uses.values() if use.part is Part.DATE for name in use.variables}
    dated |= {(catalogue[name].of, repeat) for day in days_in(uses, catalogue).values() for name, repeat in day.dated}
    values = ((catalogue[name], use.repeat) for use in uses.values() if use.part is Part.VALUE for name in use.variables)
    measured = {(variable.of, repeat) for variable, repeat in values if is_measured(variable, catalogue)}
    return bool(measured) and all(each in dated or (each[0], None) in dated for each in measured)


def _new_ones(found: People, ids: Ids, table: Table, source: Source, mapping: Mapping) -> People:
    """Of a table that is more of the first, with a row a patient, the patients who are not in a table before."""
    if found.owner is not None:
        return found
    new = _places(found.ids, ids) < 0
    if new.all():
        return found
    rows = np.arange(table.rows) if found.kept is None else found.kept
    place = source.place(patient_of(table, mapping) or "")
    message = f"{counted(int((~new).sum()), 'patient')} of an earlier file again: set aside, the earlier row is used."
    remedy, each = "Keep one row a patient, or give the rows dates.", "patient of an earlier file: set aside, the earlier row is used"
    told = [str(name) for name in found.ids[~new][:MOST_CELLS]]
    problem = place.cells("error", rows[~new], message, remedy, found=Found.AGAIN_IN_FILE, values=told, each=each)
    return People(found.ids[new], rows[new], (*found.problems, problem))


def _owned(source: Source, found: People, ids: Ids, table: Table, patient: str) -> tuple[Index, Index]:
    """The rows of a table that are used and whose they are; rows of others are set aside."""
    places = _places(found.ids, ids)
    owner = places if found.owner is None else places[found.owner]
    rows = np.arange(table.rows) if found.kept is None else found.kept
    strangers = np.flatnonzero(owner < 0)
    if len(strangers):
        people_said = counted(int(np.count_nonzero(places < 0)), "patient")
        message = f"{counted(len(strangers), 'row')} of {people_said} who are not among those of the first table: set aside."
        remedy = "Check that all files write the identifiers alike."
        each = "of a patient who is not in the first table: set aside"
        whose = strangers if found.owner is None else found.owner[strangers]
        told = [str(name) for name in found.ids[whose[:MOST_CELLS]]]
        source.problems.append(source.place(patient).cells("warning", rows[strangers], message, remedy, found=Found.STRANGER, values=told, each=each))
    return rows[owner >= 0], owner[owner >= 0]


def _places(some: Ids, ids: Ids) -> Index:
    """The place of each identifier among all, -1 where it is not there."""
    found = pc.index_in(pa.array(some, pa.string()), value_set=pa.array(ids, pa.string()))
    places: Index = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.intp)
    return places
