"""The tables of one cohort, and what kind each of several files is by its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import PurePath

import pyarrow as pa

from feasibility.intake.converted import text_of
from feasibility.intake.files.table import Table
from feasibility.intake.headers import read_header
from feasibility.intake.limits import says_limits
from feasibility.intake.mapping import Mapping as Meaning
from feasibility.intake.places import counted, shown
from feasibility.intake.words import PATIENT, SITE, TABLE_COLUMNS
from feasibility.problems import Problem
from feasibility.variables import Catalogue, Kind, Variable, plain

DATA, MEASUREMENTS, EVENTS, LEFT_OUT = "data", "measurements", "events", "left out"
NAMED = 5


@dataclass(eq=False)
class Tables:
    """The tables of one cohort: one with its variables as columns, ``further`` such tables to be joined to it by patient, and long ones beside or instead.

    A long one may be several files with the same columns, its ``parts``.

    ``headers`` is what the file itself heads a column that had to be told apart from one of a table before.
    """

    data: Table | None = None
    measurements: Table | None = None
    events: Table | None = None
    further: tuple[Table, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def wide(self) -> dict[str, Table]:
        """The tables with variables as columns, by role."""
        first = {} if self.data is None else {DATA: self.data}
        return first | {f"{DATA} {number}": table for number, table in enumerate(self.further, 2)}

    def cells(self) -> dict[str, pa.ChunkedArray]:
        """The cells of each column of the tables with variables as columns; of tables that are more of the same, one after the other."""
        return {column: self.cells_of(column) for table in self.wide.values() for column in table.columns}

    def cells_of(self, column: str) -> pa.ChunkedArray:
        return reduce(_after, [table.columns[column] for table in self.wide.values() if column in table.columns])

    def labels(self) -> dict[str, str]:
        """What files say of columns beside their headers."""
        return {column: label for table in self.wide.values() for column, label in table.labels.items()}

    def beginning(self, rows: int) -> Tables:
        """The first rows of each table."""

        def few(table: Table | None) -> Table | None:
            if table is None:
                return None
            number = min(rows, table.rows)
            return Table(table.name, {column: _first(cells, number) for column, cells in table.columns.items()}, number, table.first_row)

        further = tuple(short for table in self.further if (short := few(table)) is not None)
        return Tables(few(self.data), few(self.measurements), few(self.events), further, self.headers)

    @property
    def present(self) -> dict[str, Table]:
        """All tables, by role."""
        long = {role: table for role in (MEASUREMENTS, EVENTS) if (table := getattr(self, role)) is not None}
        return self.wide | long

    @property
    def apart(self) -> dict[str, Table]:
        """All tables, by role and number, as they were in the files."""
        found = self.wide
        for role in (MEASUREMENTS, EVENTS):
            table: Table | None = getattr(self, role)
            for number, part in enumerate(() if table is None else table.parts or (table,), 1):
                found[role if number == 1 else f"{role} {number}"] = part
        return found


def together(tables: Sequence[Table], catalogue: Catalogue, roles: Mapping[str, str] | None = None) -> Tables:
    """Tables of one cohort, each in the role given for its name, else in the one its columns speak for.

    Of several, those without patients, a second long table of one kind with other columns, and hidden sheets beside others are left out, and it is said.
    """
    given, found = roles or {}, dict[str, list[Table]]({DATA: [], MEASUREMENTS: [], EVENTS: []})
    problems: list[Problem] = []
    seen = any(not table.hidden and patient_column(table) is not None for table in tables)
    for table in tables:
        role = given.get(table.name) or (role_of(table, catalogue) if len(tables) == 1 or patient_column(table) is not None else LEFT_OUT)
        if table.hidden and seen and table.name not in given and role != LEFT_OUT:
            message = f"the sheet is hidden in the workbook: left out, with its {counted(table.rows, 'row')}."
            remedy = "If its rows belong to the cohort, say on the Data page what it is, or show the sheet."
            problems.append(Problem("warning", shown(table.name), message, remedy))
            continue
        if role in (MEASUREMENTS, EVENTS) and found[role] and not same_columns(table, found[role][0]):
            message = f"a long table of {role} with other columns than {shown(found[role][0].name)}: left out."
            problems.append(Problem("warning", shown(table.name), message, "Head the columns of both alike, or put the rows of both into one file."))
        elif role == LEFT_OUT:
            message = "left out." if table.name in given else "no column identifies the patients, by whom several tables are joined: left out."
            remedy = "" if table.name in given else "Head that column alike in all tables (such as patient_id), or say what the table is."
            problems.append(Problem("note" if table.name in given else "warning", shown(table.name), message, remedy))
        else:
            found[role].append(table)
    problems += [said for each in found.values() if (said := _pooled(each)) is not None]
    measurements, events = (stacked(found[role]) for role in (MEASUREMENTS, EVENTS))
    return replace(joined(found[DATA], measurements, events), problems=tuple(problems))


def _pooled(tables: Sequence[Table]) -> Problem | None:
    """That the rows of tables with the same columns are those of one: included and excluded patients may be kept apart in this way."""
    alike = [table for table in tables if same_columns(table, tables[0])]
    if len(alike) < 2:
        return None
    names = ", ".join(shown(table.name) for table in alike[:NAMED]) + (f" and {len(alike) - NAMED} more" if len(alike) > NAMED else "")
    message = f"the rows of {len(alike)} tables with the same columns are put together."
    return Problem("warning", names, message, "If one is no part of the cohort, leave it out on the Data page, or do not give it.")


def joined(wide: Sequence[Table], measurements: Table | None = None, events: Table | None = None) -> Tables:
    """Tables with variables as columns, the first one the one that the others are joined to, and long ones beside them."""
    if not wide:
        return Tables(None, measurements, events)
    first = wide[0]
    taken, further = set(first.columns), []
    headers: dict[str, str] = {}
    for table in wide[1:]:
        if same_columns(table, first):
            further.append(table)
            continue
        patient = patient_column(table)
        names = {column: column if column == patient or column not in taken else _free(_told_apart(column, table), taken) for column in table.columns}
        taken |= set(names.values())
        headers |= {name: column for column, name in names.items() if name != column}
        labels = {names[column]: label for column, label in table.labels.items()}
        further.append(replace(table, columns={names[column]: cells for column, cells in table.columns.items()}, labels=labels))
    return Tables(first, measurements, events, tuple(further), headers)


def stacked(tables: Sequence[Table]) -> Table | None:
    """The rows of tables with the same columns, one after the other; None of no table."""
    if len(tables) < 2:
        return next(iter(tables), None)
    columns = {column: reduce(_after, [table.columns[column] for table in tables]) for column in tables[0].columns}
    return Table(" and ".join(table.name for table in tables), columns, sum(table.rows for table in tables), labels=tables[0].labels, parts=tuple(tables))


def role_of(table: Table, catalogue: Catalogue) -> str:
    """What a table is by its columns: with a name and a value in each row, measurements; with a name and no measurement as a column, events; else data."""
    roles = columns_by_role(table)
    if "name" not in roles:
        return DATA
    if "value" in roles:
        return MEASUREMENTS
    others = (read_header(column, catalogue) for column in table.columns if column not in roles.values())
    named = (catalogue[header.variables[0]] for header in others if header is not None and header.exact)
    return DATA if any(is_measured(variable, catalogue) or variable.name in OF_PERSONS for variable in named) else EVENTS


OF_PERSONS = ("sex", "age", "age_exact")


def is_measured(variable: Variable, catalogue: Catalogue) -> bool:
    """Whether a variable is measured on a day, unlike an event, what describes one, and what a patient is."""
    describes_event = variable.of in catalogue and catalogue[variable.of].kind is Kind.EVENT
    return variable.kind in (Kind.NUMBER, Kind.CATEGORY) and not describes_event and variable.name not in OF_PERSONS


def columns_by_role(table: Table) -> dict[str, str]:
    """The columns of a long table by role."""
    by_name = {plain(column): column for column in reversed(list(table.columns))}
    named = {role: [by_name[plain(name)] for name in written if plain(name) in by_name] for role, written in TABLE_COLUMNS.items()}
    named["limit"] = [column for column in named["limit"] if says_limits(table.columns[column])]  # its headers say many other things too
    return {role: columns[0] for role, columns in named.items() if columns}


def patient_column(table: Table) -> str | None:
    """The column that identifies the patients, by its header: the likeliest name first."""
    return _headed(table, PATIENT)


def site_column(table: Table) -> str | None:
    """The column that says where patients are treated, by its header."""
    return _headed(table, SITE)


def _headed(table: Table, names: tuple[str, ...]) -> str | None:
    columns = list(reversed(list(table.columns)))
    by_name = {plain(table.labels[column]): column for column in columns if column in table.labels} | {plain(column): column for column in columns}
    return next((by_name[plain(name)] for name in names if plain(name) in by_name), None)


def patient_of(table: Table, mapping: Meaning) -> str | None:
    """The column of a table with variables as columns that identifies the patients: the one the mapping names, else the likeliest by its header.

    A column chosen whose header says nothing is that of every table headed so, where it has been told apart; one whose header does is looked for as ever.
    """
    chosen, usual = mapping.patient, patient_column(table)
    if chosen is None or chosen in table.columns:
        return chosen or usual
    told_apart = _told_apart(chosen, table)
    alike = next((column for column in table.columns if column.rstrip("'") == told_apart), None)
    return (usual or alike) if plain(chosen) in map(plain, PATIENT) else (alike or usual)


def same_columns(one: Table, other: Table) -> bool:
    """Whether one table is more of the other: the same columns, in whatever order."""
    return set(one.columns) == set(other.columns)


def stem(name: str) -> str:
    """A file's name without its ending, and without the date or number it ends in, which next month's will not have: ``labs_2026-10.csv`` is ``labs``."""
    file, _, sheet = name.partition(": ")
    bare = sheet or PurePath(file).stem
    return re.sub(r"[\s_.-]*\d[\d_.-]*$", "", bare) or bare


def _told_apart(column: str, table: Table) -> str:
    """What a column is called that is headed like one of a table before."""
    return f"{column} ({stem(table.name)})"


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    return name


def _first(cells: pa.ChunkedArray, number: int) -> pa.ChunkedArray:
    """The first cells, of texts only those that are among them."""
    few = cells.slice(0, number)
    return few.cast(pa.string()).dictionary_encode() if pa.types.is_dictionary(few.type) else few


def _after(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    """One column's cells and then another's; as text where their types differ."""
    if one.type != other.type:
        one, other = text_of(one), text_of(other)
    return pa.chunked_array([*one.chunks, *other.chunks], one.type)
