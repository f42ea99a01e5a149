"""Files chosen but not yet used: their tables, what their columns are taken to mean, and the cohort that makes of them."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feasibility.cohort import Cohort
from feasibility.intake import (
    About,
    ColumnUse,
    LongUse,
    Mapping,
    Part,
    Question,
    Suggestion,
    Table,
    Tables,
    accept_suggestions,
    answer,
    build,
    overlaid,
    read_mapping,
    suggest,
)
from feasibility.intake.asking import ask
from feasibility.intake.converted import distinct, distinct_texts, taken, text_of
from feasibility.intake.headers import Header
from feasibility.intake.mapping import UNUSED
from feasibility.protocol import Protocol
from feasibility.scenario import AS_WRITTEN
from feasibility.screening.screen import Screener, Screening
from feasibility.ui.cohorts import Progress, silent
from feasibility.variables import Catalogue, Kind, builtin_catalogue

DATA, MEASUREMENTS, EVENTS = "data", "measurements", "events"
EXAMPLES = 4
PREVIEW_ROWS = 200
PREVIEWED = 8
SAMPLED_ROWS = 20_000  # of a name in a long table: as many as a suggestion looks at


@dataclass(frozen=True)
class Entry:
    """Something that can be given a meaning: a column of the wide file, a name in a long table, or a column of a long table that describes its events."""

    table: str
    name: str


@dataclass(eq=False)
class Draft:
    """What is being loaded. ``cohort`` is None until the files have been read with the mapping as it stands.

    ``first`` is what the files alone suggest: what stands differently in ``suggestion`` was decided by the user, and holds for the next files too.
    ``revision`` grows whenever the mapping changes by other means than its own controls, which then have to show it anew.
    """

    tables: Tables
    first: Suggestion
    suggestion: Suggestion
    cohort: Cohort | None = None
    screening: Screening | None = None
    revision: int = 0
    catalogue: Catalogue = field(default_factory=builtin_catalogue)

    @property
    def name(self) -> str:
        """The cohort's: that of the file with a row a patient, if there is one."""
        return next(table.name for table in (self.tables.data, self.tables.measurements, self.tables.events) if table is not None)

    @property
    def mapping(self) -> Mapping:
        return self.suggestion.mapping

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that may mean something: all columns of the wide file but those that say who and when, and the names in long tables."""
        there = self.tables.data.columns if self.tables.data is not None else {}
        found = [Entry(DATA, column) for column in there if column not in (self.mapping.patient, self.mapping.index_date)]
        for table in (MEASUREMENTS, EVENTS):
            if (long := self.long(table)) is not None:
                found += [Entry(table, name) for name in (*long.names, *long.fields)]
        return tuple(found)

    def long(self, table: str) -> LongUse | None:
        return {MEASUREMENTS: self.mapping.measurements, EVENTS: self.mapping.events}.get(table)

    def use(self, entry: Entry) -> ColumnUse:
        long = self.long(entry.table)
        return self.mapping.use(entry.name) if long is None else long.fields.get(entry.name) or long.names.get(entry.name, UNUSED)

    def is_event_name(self, entry: Entry) -> bool:
        """Whether it names a kind of event; there are no cells then, only rows."""
        long = self.long(entry.table)
        return entry.table == EVENTS and long is not None and entry.name not in long.fields

    def is_column(self, entry: Entry) -> bool:
        """Whether it is a column of its own, not a name in one."""
        return entry.table == DATA or (entry.table == EVENTS and not self.is_event_name(entry))

    def open_questions(self, entry: Entry) -> tuple[Question, ...]:
        return tuple(each for each in self.suggestion.questions if (each.table, each.column) == (entry.table, entry.name))

    # What the cells say

    def cells(self, entry: Entry) -> pa.ChunkedArray:
        """A column's cells, or those of the first rows with a name."""
        table, long = self._table(entry.table), self.long(entry.table)
        if self.is_column(entry):
            return table.columns[entry.name]
        if long is None or long.value is None or long.value not in table.columns:
            return pa.chunked_array([pa.array([], pa.string())])
        return taken(table.columns[long.value], self._rows_named.get(entry.name, np.zeros(0, np.intp)))

    def units_written(self, entry: Entry) -> list[str]:
        """What the table's column of units says in each of the cells' rows; empty texts where there is none."""
        table, long = self._table(entry.table), self.long(entry.table)
        if entry.table == DATA and (column := self._unit_column(entry)) is not None:
            return [(text or "").strip() for text in text_of(table.columns[column].slice(0, SAMPLED_ROWS)).to_pylist()]
        if self.is_column(entry) or long is None or long.unit is None or long.unit not in table.columns:
            return [""] * len(self.cells(entry))
        texts = text_of(taken(table.columns[long.unit], self._rows_named.get(entry.name, np.zeros(0, np.intp)))).to_pylist()
        return [(text or "").strip() for text in texts]

    def _unit_column(self, entry: Entry) -> str | None:
        """The column of the wide file with the units of a column of numbers."""
        use = self.use(entry)
        said = {each.repeat: column for column, each in self.mapping.columns.items() if each.part is Part.UNIT and each.variables == use.variables}
        return said.get(use.repeat, said.get(None)) if use.part is Part.VALUE and use.variables else None

    def examples(self, entry: Entry) -> list[str]:
        """A few values, as written."""
        texts = text_of(self.cells(entry).slice(0, PREVIEW_ROWS)).drop_null().to_pylist()
        return list(dict.fromkeys(text for text in texts if text.strip()))[:EXAMPLES]

    def distinct(self, entry: Entry) -> list[str]:
        """All different values of a column, or of the rows of a name that are looked at."""
        return distinct_texts(self.cells(entry))

    def _table(self, role: str) -> Table:
        table = {DATA: self.tables.data, MEASUREMENTS: self.tables.measurements, EVENTS: self.tables.events}[role]
        assert table is not None
        return table

    @cached_property
    def _rows_named(self) -> dict[str, NDArray[np.intp]]:
        """The first rows of each name in the table of measurements."""
        long = self.long(MEASUREMENTS)
        assert long is not None
        texts, which = distinct(self._table(MEASUREMENTS).columns[long.name])
        order = np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(len(texts) + 1))
        return {text: order[ends[at] : ends[at + 1]][:SAMPLED_ROWS].copy() for at, text in enumerate(texts)}

    # What the user decides

    def change(self, mapping: Mapping) -> None:
        self._go_on(replace(self.suggestion, mapping=mapping))

    def answer(self, question: Question, use: ColumnUse) -> None:
        self.revision += 1
        self._go_on(answer(self.suggestion, question, use))

    def answer_as_proposed(self) -> None:
        """Every question that has one, with the answer proposed; of several about one column, the last."""
        for question in self.suggestion.questions:
            if question.proposed is not None:
                self.answer(question, question.proposed)

    def set_use(self, entry: Entry, use: ColumnUse) -> None:
        """Another meaning for a column or name; it settles every question about it."""
        self._mean(entry, use, ())

    def choose(self, entry: Entry, variable: str) -> None:
        """Another variable for a column or name: what its cells then leave to ask is asked, as if its header had said so."""
        self.revision += 1
        self._mean(entry, *(self._asked(entry, variable) if variable else (UNUSED, ())))

    def _asked(self, entry: Entry, name: str) -> tuple[ColumnUse, tuple[Question, ...]]:
        kind, before, long = self.catalogue[name].kind, self.use(entry), self.long(entry.table)
        if long is None:
            use, asked = ask(entry.name, Header((name,), before.part, before.repeat), self.cells(entry), self.catalogue)
            return use, tuple(asked)
        if self.is_event_name(entry) or kind is Kind.DATE:
            return ColumnUse((name,)), ()
        cells = self.cells(entry)
        if kind is Kind.NUMBER:
            cells = taken(cells, np.flatnonzero([not unit for unit in self.units_written(entry)]))
            if not len(cells):  # every row has a unit; one that is not known is reported where it is read
                return ColumnUse((name,)), ()
        section, label = (f"{entry.table}.fields", "column") if self.is_column(entry) else (f"{entry.table}.names", long.name)
        use, asked = ask(entry.name, Header((name,)), cells, self.catalogue, section)
        # The part is always the value: dates have a column of their own.
        return replace(use, part=Part.VALUE), tuple(
            replace(each, table=entry.table, label=label) for each in asked if each.about not in (About.DATE_ORDER, About.DATE_NUMBERS)
        )

    def _mean(self, entry: Entry, use: ColumnUse, asked: tuple[Question, ...]) -> None:
        open_questions = self.open_questions(entry)
        questions = (*(each for each in self.suggestion.questions if each not in open_questions), *asked)
        self._go_on(replace(self.suggestion, mapping=self._with(entry, use), questions=questions))

    def _with(self, entry: Entry, use: ColumnUse) -> Mapping:
        long = self.long(entry.table)
        if long is None:
            return self.mapping.with_column(entry.name, use)
        spoken = long.fields if entry.name in long.fields else long.names
        changed = {**spoken, entry.name: use}
        long = replace(long, fields=changed) if spoken is long.fields else replace(long, names=changed)
        return replace(self.mapping, measurements=long) if entry.table == MEASUREMENTS else replace(self.mapping, events=long)

    def set_patient(self, column: str | None) -> None:
        self.change(replace(self.mapping, patient=column))

    def set_index_date(self, index_date: str | date | None) -> None:
        self.change(replace(self.mapping, index_date=index_date))

    def set_keep(self, keep: Map[str, tuple[str, ...]]) -> None:
        """Only the rows of the wide file in which a column has one of these values; none given: all rows."""
        self.change(replace(self.mapping, keep=keep))

    def use_mapping_file(self, text: str, name: str) -> None:
        """What a mapping file says, where it speaks, in place of what stood. Raises ``Unusable``."""
        self._go_on(overlaid(self.suggestion, read_mapping(text, self.catalogue, name)))
        self.revision += 1

    def _go_on(self, suggestion: Suggestion) -> None:
        self.suggestion, self.cohort, self.screening = suggestion, None, None

    # What comes of it

    def read(self, protocol: Protocol, progress: Progress = silent) -> None:
        """Read the files with the mapping as it stands. Raises ``Unusable``."""
        mapping, open_questions = accept_suggestions(self.suggestion)
        cohort = build(self.name, self.tables, mapping, self.catalogue, progress)
        cohort = replace(cohort, report=replace(cohort.report, problems=(*open_questions, *cohort.report.problems)))
        self.cohort, self.screening = cohort, Screener(cohort).screen(protocol, AS_WRITTEN)

    def preview(self, entry: Entry) -> list[tuple[str, str, float, float]]:
        """For a few values: as written, the variable, and the interval it becomes in the canonical unit."""
        use = self.use(entry)
        if not use.variables or self.is_event_name(entry):
            return []
        cells = self.cells(entry).slice(0, PREVIEW_ROWS)
        first: dict[tuple[str, str], int] = {}
        for row, (text, unit) in enumerate(zip(text_of(cells).to_pylist(), self.units_written(entry)[:PREVIEW_ROWS], strict=True)):
            if text is not None and text.strip():
                first.setdefault((text, unit), row)
        few = list(first.items())[:PREVIEWED]
        found = []
        for written in dict.fromkeys(unit for (_, unit), _ in few):  # a unit written in the row goes before what the mapping says
            rows = [row for (_, unit), row in few if unit == written]
            texts = [f"{text} {unit}".strip() for (text, unit), _ in few if unit == written]
            spans = self._spans(taken(cells, np.array(rows)), replace(use, repeat=None, unit=written or use.unit))
            found += [(text, use.variables[0], lo, hi) for text, (lo, hi) in zip(texts, spans, strict=False)]
        return found

    def _spans(self, cells: pa.ChunkedArray, use: ColumnUse) -> list[tuple[float, float]]:
        """What cells become, read as a file of their own; nothing where that gives no values."""
        people = pa.chunked_array([pa.array([str(row) for row in range(len(cells))])])
        few = Table(self.name, {"row": people, "cell": cells}, len(cells))
        cohort = build(self.name, Tables(data=few), Mapping(patient="row", columns={"cell": use}), self.catalogue)
        records = cohort.records.get(self.catalogue[use.variables[0]].of)
        values = records.fields.get(use.variables[0]) if records is not None else None
        if values is None or len(values) != len(cells):
            return []
        return [(float(lo), float(hi)) for lo, hi in zip(values.lo, values.hi, strict=True)]


def draft_of(tables: Map[str, Table], before: Draft | None = None) -> Draft:
    """Tables by role with a mapping suggested, and with what was decided in the draft before. Raises ``Unusable`` with what is wrong with them."""
    whole = Tables(**tables)
    fresh = suggest(whole.data, builtin_catalogue(), whole.measurements, whole.events)
    if before is None:
        return Draft(whole, fresh, fresh)
    return Draft(whole, fresh, _carried(before, whole, fresh), revision=before.revision + 1)


def _carried(before: Draft, tables: Tables, fresh: Suggestion) -> Suggestion:
    """What new files suggest, with what was decided about the old ones wherever the new ones have it too; what was left open stays open."""
    now, first = before.mapping, before.first.mapping
    there = set(tables.data.columns) if tables.data is not None else set()
    settled = {(each.table, each.column) for each in before.first.questions if each not in before.suggestion.questions}

    def decided(table: str, uses: Map[str, ColumnUse], suggested: Map[str, ColumnUse]) -> dict[str, ColumnUse]:
        return {name: use for name, use in uses.items() if use != suggested.get(name, UNUSED) or (table, name) in settled}

    def of_long(role: str, table: Table | None, use: LongUse | None, was: LongUse | None, new: LongUse | None) -> LongUse | None:
        if table is None or use is None or was is None or new is None:
            return None
        columns = (use.patient, use.name, use.value, use.unit, use.date, use.end, use.status)
        shape = use if all(column is None or column in table.columns for column in columns) else LongUse("", "")  # only adds to what the new one suggests
        names = {name: each for name, each in decided(role, use.names, was.names).items() if name in new.names}
        fields = {name: each for name, each in decided(role, use.fields, was.fields).items() if name in table.columns}
        return replace(shape, names=names, fields=fields)

    said = Mapping(
        columns={column: use for column, use in decided(DATA, now.columns, first.columns).items() if column in there},
        measurements=of_long(MEASUREMENTS, tables.measurements, now.measurements, first.measurements, fresh.mapping.measurements),
        events=of_long(EVENTS, tables.events, now.events, first.events, fresh.mapping.events),
        keep={column: cells for column, cells in now.keep.items() if column in there},
    )
    whole = overlaid(fresh, said)
    mapping = whole.mapping
    if now.patient != first.patient and (now.patient is None or now.patient in there):
        mapping = replace(mapping, patient=now.patient)
    if now.index_date != first.index_date and (not isinstance(now.index_date, str) or now.index_date in there):
        mapping = replace(mapping, index_date=now.index_date)
    # The column of a status is described in the table itself: whether it is still to be asked about stands with the questions left open.
    spoken = {(DATA, column) for column in said.columns}
    for role, long in ((MEASUREMENTS, said.measurements), (EVENTS, said.events)):
        spoken |= {(role, name) for name in (*long.names, *long.fields, long.status) if name is not None} if long is not None else set()
    asked = [each for each in whole.questions if (each.table, each.column) not in spoken]
    still_open = [each for each in before.suggestion.questions if (each.table, each.column) in spoken]
    return replace(whole, mapping=mapping, questions=(*asked, *still_open))
