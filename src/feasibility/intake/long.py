"""Long tables – a row a measurement or event – into blocks of records, name by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from feasibility.cohort import ColumnReport, Undated
from feasibility.intake.ages import AGE
from feasibility.intake.codes import OCCURRED
from feasibility.intake.converted import Converted, Ints, distinct, distinct_texts, encoded, has_value, taken
from feasibility.intake.dated_values import said_after, times_of
from feasibility.intake.dates import USUAL_YEARS, Dates, read_dates
from feasibility.intake.diagnoses import Writing, diagnosed, said_of_letters, writing_of
from feasibility.intake.events import EventColumns, event_block, without_dates
from feasibility.intake.limits import with_limits
from feasibility.intake.mapping import LONG_ROLES, UNUSED, LongUse
from feasibility.intake.people import Ids, identifiers
from feasibility.intake.places import counted, shown, values_said
from feasibility.intake.records import Block
from feasibility.intake.sources import Source, Units, said_use, values_in_units, values_of
from feasibility.intake.specimens import of_other_specimen, specimen_column
from feasibility.intake.status import ignored_flag, read_status
from feasibility.intake.times import times_before
from feasibility.intake.words import token
from feasibility.logic import Intervals
from feasibility.problems import MOST_CELLS, Found
from feasibility.variables import Catalogue, Kind, Variable

Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class LongRead:
    """What a long table gave: blocks by record type, the rows that were used, and the kinds of events that it covers."""

    blocks: dict[str, list[Block]]
    rows_used: int
    covered: frozenset[str] = frozenset()


def owners(source: Source, use: LongUse, ids: Ids) -> Index:
    """For each row the patient it belongs to; -1 where there is none of that name, -2 where the cell is blank."""
    texts, which = encoded(source.take(use.patient))
    written = identifiers(texts)
    known = pc.fill_null(pc.index_in(written, value_set=pa.array(ids, pa.string())), -1).to_numpy(zero_copy_only=False).astype(np.intp)
    known[written.is_null().to_numpy(zero_copy_only=False)] = -2
    owner: Index = np.append(known, -2)[which]
    strangers = np.flatnonzero(owner == -1)
    if len(strangers):
        message = f"{counted(len(strangers), 'row')} of {counted(len(np.unique(which[strangers])), 'patient')} not in the patient file: set aside."
        remedy, each = "Check that both files write the identifiers alike.", "patient not in the patient file: set aside"
        told = texts.take(pa.array(which[strangers[:MOST_CELLS]])).to_pylist()
        source.problems.append(source.place(use.patient).cells("warning", strangers, message, remedy, found=Found.STRANGER, values=told, each=each))
    return owner


def _row_dates(source: Source, use: LongUse, column: str) -> Dates:
    """A column that says when each row was, as the mapping says it is written."""
    how = use.dates
    return read_dates(source.take(column), how.date_order, source.place(column), USUAL_YEARS, how.date_numbers, how.sentinels)


def _by_name(source: Source, use: LongUse, owner: Index) -> Iterator[tuple[str, Index]]:
    """The rows of each name that has a meaning; the other names are set aside with a problem."""
    texts, which = distinct(source.take(use.name))
    unnamed = np.flatnonzero((which < 0) & (owner >= 0))
    if len(unnamed):
        message = f"{counted(len(unnamed), 'row')} without a name set aside."
        each = "no name: set aside"
        source.problems.append(source.place(use.name).cells("warning", unnamed, message, "Fill in the cell.", found=Found.NO_NAME, each=each))
    order = np.argsort(which, kind="stable")
    ends = np.searchsorted(which[order], np.arange(len(texts) + 1))
    unknown: list[str] = []
    for position, text in enumerate(texts):
        rows = order[ends[position] : ends[position + 1]]
        if use.names.get(text, UNUSED).variables:
            yield text, rows
        else:
            unknown.append(text)
            source.reports.append(ColumnReport(f"{use.name} = {text}", None, "not used", len(rows), 0, len(rows)))
    if unknown:
        rows = np.flatnonzero(np.isin(which, [texts.index(text) for text in unknown]))
        message = f"{counted(len(unknown), 'name')} not used ({counted(len(rows), 'row')} set aside): {values_said(unknown)}."
        problem = source.place(use.name).whole("note", message, "Map them on the Data page if the protocol needs them.")
        ownerless = () if use.value is None else (-2,)  # of measurements; an event's row without a patient says that the file covers its kind
        number = int(np.count_nonzero(~np.isin(owner[rows], (-1, *ownerless))))  # the others are set aside for being nobody's
        detail = replace(problem.detail, found=Found.NAME_NOT_USED, number=number, each="name not used: set aside")
        source.problems.append(replace(problem, detail=detail))


@dataclass(frozen=True, eq=False)
class Measurements:
    """A long table of measurements whose dates of persons are read (by variable: patient rows with their dates), and its values not yet."""

    source: Source
    use: LongUse
    catalogue: Catalogue
    owner: Index
    cells: pa.ChunkedArray
    units: Units
    dates: Dates | None
    named: tuple[tuple[str, Index], ...]
    person: Map[str, tuple[Index, Dates]]
    specimens: tuple[str, Units] | None = None

    def read(self, index: Ints, progress: Callable[[float], None]) -> LongRead:
        """Its values as records, at the patients' index days."""
        source, use, owner = self.source, self.use, self.owner
        blocks: dict[str, list[Block]] = defaultdict(list)
        used = sum(int(dates.known.sum()) for _, dates in self.person.values())
        for done, (text, all_rows) in enumerate(self.named):
            progress(done / len(self.named))
            variable = self.catalogue[use.names[text].variables[0]]
            rows = all_rows[owner[all_rows] >= 0]
            if variable.kind is Kind.DATE or not len(rows) or not len(rows := self._of_its_specimen(text, variable, rows)):
                continue
            result = _in_units(source, use, text, variable, self.cells, rows, owner, self.units)
            filled = np.flatnonzero(has_value(result.values))
            used += len(filled)
            values = result.values.take(filled)
            if len(filled):
                block = _measurement(source, use, variable, values, rows[filled], owner, self.dates, index)
                blocks[variable.of].append(replace(block, place=source.place(use.value or "", rows[filled], variable.name)) if variable.name == AGE else block)
            else:
                blocks[variable.of].append(Block({variable.name: values}, owner[rows[filled]]))
        return LongRead(dict(blocks), used)

    def _of_its_specimen(self, text: str, variable: Variable, rows: Index) -> Index:
        """The rows of a name but those that say that their value was measured in another specimen, which are set aside with a warning."""
        if self.specimens is None:
            return rows
        column, (texts, which) = self.specimens
        other = np.append(of_other_specimen(texts, variable), False)[which[rows]]
        if not other.any():
            return rows
        aside = rows[other]
        said = list(dict.fromkeys(texts[each] for each in which[aside].tolist()))
        right = variable.specimen or "blood"
        message = f"{counted(len(aside), 'row')} of {shown(text)} set aside: measured in {values_said(said)}, and taken as {variable.label} in {right}."
        remedy, each = f"Give them a name of their own in the column {shown(self.use.name)}.", "measured in another specimen: set aside"
        values = [texts[place] for place in which[aside[:MOST_CELLS]].tolist()]
        place = self.source.place(column, variable=variable.name)
        self.source.problems.append(place.cells("warning", aside, message, remedy, found=Found.OTHER_SPECIMEN, values=values, each=each, expected=right))
        kept: Index = rows[~other]
        return kept


def measurements(source: Source, use: LongUse, catalogue: Catalogue, owner: Index) -> Measurements:
    """A long table of measurements, up to the dates of persons in it."""
    assert use.value is not None
    cells = source.take(use.value)
    if use.limit is not None and use.limit in source.columns:
        cells, signed, problems = with_limits(cells, source.take(use.limit), source.place(use.limit))
        source.problems += problems
        source.reports.append(ColumnReport(use.limit, None, "limits of the values", len(cells), signed, len(cells) - signed))
    ownerless = np.flatnonzero(owner == -2)
    if len(ownerless):
        message, each = f"{counted(len(ownerless), 'row')} without a patient identifier set aside.", "no patient identifier: set aside"
        place = source.place(use.patient)
        source.problems.append(place.cells("warning", ownerless, message, "Fill in the identifier.", found=Found.NO_PATIENT, each=each))
    units = distinct(source.take(use.unit)) if use.unit and use.unit in source.columns else ([], np.full(len(owner), -1))
    dates = None
    if use.date and use.date in source.columns:
        dates = _row_dates(source, use, use.date)
        source.report_dates(use.date, None, "date", dates)
    named = tuple(_by_name(source, use, owner))
    person: dict[str, tuple[Index, Dates]] = {}
    for text, all_rows in named:
        variable = catalogue[use.names[text].variables[0]]
        if variable.kind is Kind.DATE:
            rows = all_rows[owner[all_rows] >= 0]
            entry = use.names[text]
            order, place = entry.date_order or use.dates.date_order, source.place(use.value, rows)
            read = read_dates(taken(cells, rows), order, place, variable.years, entry.date_numbers, entry.sentinels)
            source.report_dates(f"{use.name} = {text}", variable.name, variable.label, read)
            person[variable.name] = (owner[rows], read)
    return Measurements(source, use, catalogue, owner, cells, units, dates, named, person, _specimens(source, use))


def _specimens(source: Source, use: LongUse) -> tuple[str, Units] | None:
    """The column that says in what each value was measured, if there is one: the distinct texts, and which each row has."""
    column = specimen_column(source.columns, (getattr(use, role) for role in LONG_ROLES))
    if column is None:
        return None
    cells = source.take(column)
    texts, which = distinct(cells)
    filled = int(np.count_nonzero(which >= 0))
    source.reports.append(ColumnReport(column, None, "specimen of the values", len(cells), filled, len(cells) - filled))
    return column, (texts, which)


def _measurement(source: Source, use: LongUse, variable: Variable, values: Intervals, rows: Index, owner: Index, dates: Dates | None, index: Ints) -> Block:
    own = None if dates is None else _taken_dates(dates, rows)
    if own is None or (not own.known.any() and own.unreadable is None):
        undated = Undated.EVER if variable.kind is Kind.EVENT else Undated.CURRENT
        return Block({variable.name: values}, owner[rows], undated=undated, ordered=False)
    at = index[owner[rows]]
    assert use.date is not None
    filled = np.ones(len(rows), np.bool_)
    times, problems = times_of(filled, times_before(at, own), own, variable.label, source.place(use.date, rows))
    what = f"value of {variable.label}", f"values of {variable.label}"
    source.problems += [*problems, *said_after(at, own, *what, source.place(use.date, rows, variable.name))]
    return Block({variable.name: values}, owner[rows], times)


def _taken_dates(dates: Dates, rows: Index) -> Dates:
    lo = dates.lo[rows]
    unreadable = None if dates.unreadable is None or not dates.unreadable[rows].any() else dates.unreadable[rows]
    return Dates(lo, lo if dates.lo is dates.hi else dates.hi[rows], unreadable)


def _in_units(
    source: Source, use: LongUse, text: str, variable: Variable, cells: pa.ChunkedArray, rows: Index, owner: Index, units: Units
) -> Converted:
    """The values of one name, each run of rows with the same unit read in it."""
    entry = use.names[text]
    place = replace(source.place(use.value or "", rows, variable.name), column=f"{use.value} ({text})")
    whole = values_in_units(taken(cells, rows), variable, entry, (units[0], units[1][rows]), place)
    source.report(f"{use.name} = {text}", variable.name, said_use(variable, entry), len(rows), whole)
    if whole.unreadable is not None:
        source.mark(variable.name, owner[rows[whole.unreadable]])
    return whole


def event_blocks(source: Source, use: LongUse, catalogue: Catalogue, owner: Index, index: Ints, progress: Callable[[float], None]) -> LongRead:
    """The events of a long table. A row without a patient declares that the file covers that kind of event."""
    start, end = (_row_dates(source, use, column) if column and column in source.columns else None for column in (use.date, use.end))
    for column, dates, what in ((use.date, start, "start"), (use.end, end, "end")):
        if column is not None and dates is not None:
            source.report_dates(column, None, what, dates)
    fields = {column: source.take(column) for column in use.fields if column in source.columns and column != use.status}
    status = source.take(use.status) if use.status is not None and use.status in source.columns else None
    texts = distinct_texts(source.cells(use.name))
    writing = writing_of(use.name, texts)
    meant = [text for text in texts if any("icd10" in catalogue[name].codes for name in use.names.get(text, UNUSED).variables)]
    source.problems += said_of_letters(meant, writing, source.place(use.name))
    events = _Events(source, use, catalogue, owner, index, start, end, fields, status, writing)
    blocks: dict[str, list[Block]] = defaultdict(list)
    covered: set[str] = set()
    used = 0
    named = list(_by_name(source, use, owner))
    for done, (text, all_rows) in enumerate(named):
        progress(done / len(named))
        rows = all_rows[owner[all_rows] >= 0]
        used += len(rows) + int(np.count_nonzero(owner[all_rows] == -2))
        for variable in (catalogue[name] for name in use.names[text].variables):
            covered.add(variable.of)
            source.reports.append(ColumnReport(f"{use.name} = {text}", variable.name, variable.label, len(all_rows), len(rows), len(all_rows) - len(rows)))
            if len(rows):
                blocks[variable.of].append(events.block(text, variable, rows))
    if status is not None and use.status is not None:
        source.reports.append(_reported(use.status, None, "status of events", events.statuses))
    source.problems += [problem for column, cells in source.columns.items() if (problem := ignored_flag(cells, source.place(column)))]
    for column in fields:
        source.reports.append(_reported(column, ", ".join(use.fields[column].variables) or None, "field of events", events.described[column]))
    return LongRead(dict(blocks), used, frozenset(covered))


@dataclass(frozen=True, eq=False)
class _Events:
    """A long table of events whose columns of dates are read; ``described`` and ``statuses`` are what was read of the others, event by event."""

    source: Source
    use: LongUse
    catalogue: Catalogue
    owner: Index
    index: Ints
    start: Dates | None
    end: Dates | None
    fields: Map[str, pa.ChunkedArray]
    status: pa.ChunkedArray | None
    writing: Writing
    described: dict[str, list[Converted]] = field(default_factory=lambda: defaultdict(list))
    statuses: list[Converted] = field(default_factory=list)

    def block(self, text: str, variable: Variable, rows: Index) -> Block:
        """The records of one event, from the rows with a name that means it."""
        named, source, patients = self.use.names[text], self.source, self.owner[rows]
        sure = np.ones(len(rows))
        event = EventColumns(
            variable,
            source.place(self.use.date or self.use.name, rows),
            Converted(Intervals(sure, sure), len(rows)),
            None if self.start is None else _taken_dates(self.start, rows),
            None if self.end is None else _taken_dates(self.end, rows),
            self._described(variable, rows),
            named.undated or without_dates(variable),
            named.blank_end,
        )
        for part in (event.start, event.end):
            if part is not None and part.unreadable is not None:
                source.mark(variable.name, patients[part.unreadable])
        block, problems = event_block(event, self.index[patients])
        source.problems += problems
        said = diagnosed(token(text), variable.codes.get("icd10", ()), self.writing)
        if said not in (None, "yes"):  # a diagnosis ruled out or suspected, whatever its date
            block = replace(block, fields={**block.fields, variable.name: Intervals(*(np.full(len(rows), end) for end in OCCURRED[said]))})
        if self.status is not None and self.use.status is not None:  # a date beside "no" is that of the question, so the status decides alone
            flag, found = read_status(taken(self.status, rows), variable, self.use.status_coding, source.place(self.use.status, rows))
            source.problems += found
            if flag.unreadable is not None:
                source.mark(variable.name, patients[flag.unreadable])
            self.statuses.append(flag)
            block = replace(block, fields={**block.fields, variable.name: flag.values})
        return replace(block, patients=patients, ordered=False)

    def _described(self, variable: Variable, rows: Index) -> dict[str, tuple[Variable, Converted]]:
        """What the table's other columns say of the event."""
        found = {}
        for column, cells in self.fields.items():
            use = self.use.fields[column]
            described = self.catalogue[use.variables[0]] if use.variables else None
            if described is not None and described.of == variable.name:
                read = values_of(taken(cells, rows), described, use, self.source.place(column, rows))
                self.source.problems += read.problems
                if read.unreadable is not None:
                    self.source.mark(described.name, self.owner[rows[read.unreadable]])
                self.described[column].append(read)
                found[described.name] = (described, read)
        return found


def _reported(column: str, variable: str | None, use: str, reads: list[Converted]) -> ColumnReport:
    """The line of a column that was read event by event."""
    rows = sum(len(read.values) for read in reads)
    with_value, aside = sum(read.with_value for read in reads), sum(read.set_aside for read in reads)
    return ColumnReport(column, variable, use, rows, with_value, rows - with_value - aside, set_aside=aside)
