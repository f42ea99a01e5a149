"""A table with its variables as columns into blocks of records: columns found by what the mapping says, never melted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from feasibility.cohort import Times, Undated
from feasibility.intake.ages import AGE
from feasibility.intake.converted import Converted, Ints, has_value
from feasibility.intake.dated_values import said_after, times_of
from feasibility.intake.dates import Dates
from feasibility.intake.days import days_in, is_day
from feasibility.intake.events import EventColumns, event_block, without_dates
from feasibility.intake.mapping import UNUSED, ColumnUse, Mapping, Part
from feasibility.intake.places import shown
from feasibility.intake.records import Block, without_blanks
from feasibility.intake.sources import Source, Units, settled_unit, unsettled
from feasibility.intake.times import times_before
from feasibility.logic import Intervals
from feasibility.problems import Problem
from feasibility.variables import Catalogue, Kind

Repeat = int | None


@dataclass
class _Group:
    """The columns of one record type with one repeat number."""

    values: dict[str, str]  # variable → column
    date: str | None = None
    end: str | None = None
    units: dict[str, str] = field(default_factory=dict)  # variable → column of the units


def wide_blocks(
    source: Source,
    mapping: Mapping,
    catalogue: Catalogue,
    index: Ints,
    finished: Callable[[str, list[Block]], None],
    progress: Callable[[float], None],
) -> dict[str, list[Block]]:
    """Blocks by record type, the highest repeat first, as repeats without dates are taken to be numbered in the order of time.

    Record types with repeated columns are handed to ``finished`` as soon as they are read.
    """
    groups = _grouped(source, mapping, catalogue)
    days = _of_days(source, mapping, catalogue, groups)
    reader = _Reader(source, mapping, catalogue, index if source.owner is None else index[source.owner], days)
    blocks: dict[str, list[Block]] = defaultdict(list)
    # Repeated columns first: sorting them takes memory, and the file's other columns are smallest before they are converted.
    for done, (record, repeats) in enumerate(sorted(groups.items(), key=lambda group: -len(group[1]))):
        progress(done / max(len(groups), 1))
        pa.default_memory_pool().release_unused()
        for repeat in sorted(repeats, key=lambda number: -1 if number is None else number, reverse=True):
            event = record in catalogue and catalogue[record].kind is Kind.EVENT
            if record == AGE and source.owner is not None and repeats[repeat].date is None:
                repeats[repeat].date = _day_of_rows(groups, days)
            block = reader.event(record, repeats[repeat]) if event else reader.measurement(record, repeats[repeat])
            if record == AGE:
                block = replace(block, place=source.place(repeats[repeat].values[AGE], variable=AGE))
            if source.owner is not None:
                block = replace(block, patients=source.owner, ordered=source.one_row_each)
            blocks[record].append(without_blanks(block) if len(repeats) > 1 or source.owner is not None else block)
        if len(blocks[record]) > 1 and not (record == AGE and any(block.times is not None for block in blocks[record])):
            if all(block.times is None for block in blocks[record]):
                label = catalogue[record].label if record in catalogue else catalogue.visits[record]
                source.problems.append(Problem("note", label, "repeated columns without dates: the highest number is taken as the latest."))
            finished(record, blocks.pop(record))
    reader.say_undated()
    return dict(blocks)


def _grouped(source: Source, mapping: Mapping, catalogue: Catalogue) -> dict[str, dict[Repeat, _Group]]:
    groups: dict[str, dict[Repeat, _Group]] = defaultdict(dict)
    uses = [(column, mapping.use(column)) for column in source.columns]
    units = {(use.variables[0], use.repeat): column for column, use in reversed(uses) if use.variables and use.part is Part.UNIT}
    for column, use in uses:
        if use.part is Part.VALUE and use.variables and not catalogue[use.variables[0]].is_date:
            variable = catalogue[use.variables[0]]
            own_units = units.get((variable.name, use.repeat), units.get((variable.name, None)))
            if variable.kind is Kind.NUMBER and own_units is None and settled_unit(variable, use) is None:
                source.refused.add(column)
                source.problems.append(unsettled(variable, use, source.place(column)))
                continue
            group = groups[variable.of].setdefault(use.repeat, _Group({}))
            if variable.name in group.values:
                _twice(source, column, group.values[variable.name], variable.label)
            else:
                group.values[variable.name] = column
                if own_units is not None:
                    group.units[variable.name] = own_units
    for column, use in uses:
        if use.part in (Part.VALUE, Part.UNIT) or is_day(use, catalogue):
            continue
        records = dict.fromkeys(catalogue[variable].of for variable in use.variables)
        for record in records:
            event = record in catalogue and catalogue[record].kind is Kind.EVENT
            repeats = [use.repeat] if use.repeat is not None else list(groups[record]) if record in groups else []
            if not repeats or (use.repeat is not None and use.repeat not in groups[record]):
                if not event:
                    continue
                groups[record].setdefault(use.repeat, _Group({}))
                repeats = [use.repeat]
            for repeat in repeats:
                group = groups[record][repeat]
                taken = group.date if use.part is Part.DATE else group.end
                if taken is not None:
                    _twice(source, column, taken, f"the {use.part} of {record}")
                elif use.part is Part.DATE:
                    group.date = column
                else:
                    group.end = column
    return {record: repeats for record, repeats in groups.items() if repeats}


def _of_days(source: Source, mapping: Mapping, catalogue: Catalogue, groups: dict[str, dict[Repeat, _Group]]) -> dict[str, tuple[str, ...]]:
    """Gives the groups without a date the column of their table that is the day of several values; what each such column dates is said, and returned."""
    tables: dict[int, dict[str, ColumnUse]] = defaultdict(dict)  # one that was joined has its own
    for column in source.columns:
        tables[id(source.joined.get(column, source))][column] = mapping.use(column)
    dated: dict[str, tuple[str, ...]] = {}
    for uses in tables.values():
        for column, day in days_in(uses, catalogue).items():
            if day.again is not None:
                _twice(source, column, day.again, catalogue[uses[column].variables[0]].label)
                continue
            found = []
            for variable, repeat in day.dated:
                group = groups.get(catalogue[variable].of, {}).get(repeat)
                if group is not None and group.date is None and group.values.get(variable) in uses:
                    group.date = column
                    found.append(variable)
            labels = [", ".join(dict.fromkeys(catalogue[name].label for name in names)) for names in (found, [name for name, _ in day.repeated])]
            if not found and not day.repeated:
                message = "dates nothing: no laboratory value that goes with it is without a date of its own."
                source.problems.append(source.place(column).whole("note", message))
                source.refused.add(column)
            if found:
                dated[column] = tuple(dict.fromkeys(found))
                source.problems.append(source.place(column).whole("note", f"dates the values of its row that have no date of their own: {labels[0]}."))
            if day.repeated:
                message = f"does not date repeated columns without dates of their own ({labels[1]}): on one day they would count as one value."
                source.problems.append(source.place(column).whole("warning", message, "Give each a date column with its number, or one value a row."))
                source.refused.add(column)
    return dated


def _day_of_rows(groups: dict[str, dict[Repeat, _Group]], days: Collection[str]) -> str | None:
    """The one column of dates in a table of visits, before one of the laboratory's ``days``; None where what is measured has several."""
    dates = {group.date for repeats in groups.values() for group in repeats.values() if group.date is not None}
    dates = dates.difference(days) or dates
    return dates.pop() if len(dates) == 1 else None


def _twice(source: Source, column: str, taken: str, label: str) -> None:
    source.refused.add(column)
    message = f"is mapped to {label}, as is column {shown(taken)}: set aside."
    source.problems.append(source.place(column).whole("error", message, "Number repeated columns (_1, _2), or leave one out."))


@dataclass
class _Reader:
    source: Source
    mapping: Mapping
    catalogue: Catalogue
    index: Ints
    days: dict[str, tuple[str, ...]]  # what columns with the day of several values date

    def __post_init__(self) -> None:
        self.dates: dict[str, Dates] = {}
        self.units: dict[str, Units] = {}
        self.times: dict[str, Times] = {}
        self.undated_values: list[str] = []
        self.undated_events: list[str] = []
        self.current_events: list[str] = []

    def value(self, variable: str, group: _Group) -> Converted:
        column, units, entry = group.values[variable], group.units.get(variable), self.catalogue[variable]
        if units is None:
            return self.source.read_values(column, entry, self.mapping.use(column))
        if units not in self.units:
            self.units[units] = self.source.read_units(units, entry)
        return self.source.read_in_units(column, entry, self.mapping.use(column), self.units[units])

    def date(self, column: str | None) -> Dates | None:
        if column is None:
            return None
        if column not in self.dates:
            use = self.mapping.use(column)
            years = self.catalogue[use.variables[0]].years
            use = replace(use, variables=self.days.get(column, use.variables))
            self.dates[column] = self.source.read_dates(column, use, "end date" if use.part is Part.END else "date", years)
            place = self.source.place(column, variable=use.variables[0] if len(use.variables) == 1 else "")
            self.source.problems += said_after(self.index, self.dates[column], "date", "dates", place)
        return self.dates[column]

    def measurement(self, record: str, group: _Group) -> Block:
        read = {variable: self.value(variable, group) for variable in group.values}
        fields = {variable: converted.values for variable, converted in read.items()}
        columns = list(group.values.values())
        dates = self.date(group.date)
        if dates is None or group.date is None:
            if any(self.catalogue[variable].name not in ("sex", "age", "age_exact") for variable in group.values):
                self.undated_values += columns
            return Block(fields)
        if group.date not in self.times:
            self.times[group.date] = times_before(self.index, dates)
        filled = np.zeros(len(self.index), np.bool_)
        for values in fields.values():
            filled |= has_value(values)
        times, problems = times_of(filled, self.times[group.date], dates, ", ".join(columns), self.source.place(group.date))
        self.source.problems += problems
        return Block(fields, None, times)

    def event(self, record: str, group: _Group) -> Block:
        variable = self.catalogue[record]
        columns = [column for column in (group.values.get(record), group.date, group.end) if column] or list(group.values.values())
        uses = [self.mapping.use(column) for column in columns]
        place = self.source.place(columns[0])
        read = {name: self.value(name, group) for name in group.values}
        undated = next((use.undated for use in uses if use.undated is not None), without_dates(variable))
        event = EventColumns(
            variable,
            place,
            read.get(record),
            self.date(group.date),
            self.date(group.end),
            {name: (self.catalogue[name], converted) for name, converted in read.items() if name != record},
            Undated.EVER if undated is Undated.CURRENT else undated,
            (self.mapping.use(group.end) if group.end else UNUSED).blank_end,
        )
        for dates in (event.start, event.end):
            if dates is not None:
                self.source.mark_rows(record, dates.unreadable)
        if event.start is None and event.end is None:
            (self.undated_events if undated is Undated.EVER else self.current_events).append(columns[0])
        block, problems = event_block(event, self.index)
        self.source.problems += problems
        return block

    def say_undated(self) -> None:
        """One note each for the columns that carry no dates, and what that is taken to mean."""
        if self.undated_values:
            listed = ", ".join(shown(column) for column in self.undated_values)
            self.source.problems.append(Problem("note", "columns without dates", f"{listed}: values count as current at the index date."))
        if self.current_events:
            listed = ", ".join(shown(column) for column in self.current_events)
            remedy = "Say undated = 'ever' in the mapping where a column means at some time in the past."
            self.source.problems.append(Problem("note", "events without dates", f"{listed}: taken as how things are at the index date.", remedy))
        if self.undated_events:
            listed = ", ".join(shown(column) for column in self.undated_events)
            self.source.problems.append(
                Problem(
                    "note",
                    "events without dates",
                    f"{listed}: taken as at some time before the index date, so unknown within a window.",
                    "Say undated = 'within' in the mapping where a column already means within the window.",
                )
            )


def with_absent_fields(record: str, fields: dict[str, Intervals], rows: int, catalogue: Catalogue) -> tuple[dict[str, Intervals], list[Problem]]:
    """The fields of a record type with those filled in that the files have no column for and the catalogue has a value for."""
    filled, problems = dict(fields), []
    for variable in catalogue.fields_of(record):
        if variable.name not in filled and variable.if_column_absent is not None and variable.is_field:
            lo, hi = variable.values[variable.if_column_absent]
            low = np.full(rows, lo)
            filled[variable.name] = Intervals(low, low if lo == hi else np.full(rows, hi))
            message = f"there is no column for it: every record is taken as '{variable.if_column_absent}'."
            problems.append(Problem("note", variable.label, message, "Add the column, or map it, if the files hold it."))
    return filled, problems


def assumed_descriptions(fields: Collection[str], catalogue: Catalogue) -> list[Problem]:
    """What is taken for variables that have no column though what they describe has one."""
    absent = [
        variable
        for variable in catalogue.variables.values()
        if variable.name not in fields and variable.describes in fields and variable.if_column_absent is not None and not variable.is_field
    ]
    remedy = "Add the column, or map it, if the files hold it."
    return [Problem("note", variable.label, f"there is no column for it: taken as '{variable.if_column_absent}'.", remedy) for variable in absent]
