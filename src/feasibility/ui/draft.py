"""Files chosen but not yet used: their tables, what their columns are taken to mean, and the cohort that makes of them."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from feasibility.cohort import Cohort
from feasibility.intake import (
    About,
    ColumnUse,
    Confidence,
    LongUse,
    Mapping,
    Question,
    Suggestion,
    Table,
    Tables,
    Weight,
    accept_suggestions,
    answer,
    build,
    overlaid,
    read_mapping,
    suggest,
    together,
    write_mapping,
)
from feasibility.intake.answers import reshaped, settled
from feasibility.intake.asking_dates import may_be_dates
from feasibility.intake.changed import complete, fitted
from feasibility.intake.converted import distinct, distinct_texts, taken, text_of
from feasibility.intake.mapping import UNUSED
from feasibility.intake.places import counted
from feasibility.intake.questions import DECIDES
from feasibility.intake.subjects import LongTable, of_column
from feasibility.intake.tables import DATA, EVENTS, LEFT_OUT, MEASUREMENTS, patient_of
from feasibility.intake.unit_columns import unit_column
from feasibility.intake.words import token
from feasibility.problems import Problem, Unusable
from feasibility.protocol import Protocol
from feasibility.scenario import AS_WRITTEN
from feasibility.screening.screen import Screener, Screening
from feasibility.ui.carried import carried
from feasibility.ui.cohorts import Progress, silent
from feasibility.variables import Catalogue, Kind, builtin_catalogue

EXAMPLES = 4
PREVIEW_ROWS = 200
PREVIEWED = 8
FIRST_ROWS = 50
SAMPLED_ROWS = 20_000  # of a name in a long table: as many as a suggestion looks at


class Sure(StrEnum):
    """How sure the meaning of a column is."""

    ASKED = "asked"  # a question has to be answered first
    CHOSEN = "chosen"  # by the user
    WRITTEN = "written"  # the header is a name or synonym
    ALIKE = "alike"  # the header is like one, and was confirmed
    UNUSED = "unused"


@dataclass(frozen=True)
class Entry:
    """Something that can be given a meaning: a column of the wide file, a name in a long table, or a column of a long table that describes its events."""

    table: str
    name: str


@dataclass(eq=False)
class Draft:
    """What is being loaded. ``cohort`` is None until the files have been read with the mapping as it stands.

    ``found`` are all tables in hand, ``roles`` what the user said some of them are; ``tables`` are those used, in their roles.
    ``first`` is what the files alone suggest: what stands differently in ``suggestion`` was decided by the user, and holds for the next files too.
    ``loaded`` is the cohort that was last made of these files, or of those before them, and gone on with.
    ``changed`` is what a mapping that was loaded says otherwise than the files.
    ``revision`` grows whenever the mapping changes by other means than its own controls, which then have to show it anew.
    """

    found: tuple[Table, ...]
    roles: Map[str, str]
    tables: Tables
    first: Suggestion
    suggestion: Suggestion
    cohort: Cohort | None = None
    screening: Screening | None = None
    loaded: Cohort | None = None
    revision: int = 0
    changed: tuple[Problem, ...] = ()
    catalogue: Catalogue = field(default_factory=builtin_catalogue)
    _foreseen: tuple[object, Screening | None] | None = None
    _long_tables: dict[str, LongTable] = field(default_factory=dict)
    _previews: dict[Entry, tuple[ColumnUse, list[tuple[str, str, float, float]]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The cohort's: that of the first file with a row a patient, if there is one."""
        first, *others = self.tables.apart.values() or self.found
        return first.name + (f" and {len(others)} more" if others else "")

    @property
    def mapping(self) -> Mapping:
        return self.suggestion.mapping

    def key(self, name: str) -> str:
        """The key of a control of the mapping: another one when the mapping changed behind it, so that it shows what stands there now."""
        return f"{name} {self.revision}" if self.revision else name

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that may mean something: all columns of the wide tables but those that say who and when, and the names in long tables."""
        who = {patient_of(table, self.mapping) for table in self.tables.wide.values()}
        found = [Entry(DATA, column) for column in self.columns if column not in who and column not in (self.mapping.index_date, self.mapping.site)]
        for table in (MEASUREMENTS, EVENTS):
            if (long := self.long(table)) is not None:
                found += [Entry(table, name) for name in (*long.names, *long.fields)]
        return tuple(found)

    def long(self, table: str) -> LongUse | None:
        return {MEASUREMENTS: self.mapping.measurements, EVENTS: self.mapping.events}.get(table)

    def use(self, entry: Entry) -> ColumnUse:
        return _use_in(self.mapping, entry)

    def is_event_name(self, entry: Entry) -> bool:
        """Whether it names a kind of event; there are no cells then, only rows."""
        long = self.long(entry.table)
        return entry.table == EVENTS and long is not None and entry.name not in long.fields

    def is_column(self, entry: Entry) -> bool:
        """Whether it is a column of its own, not a name in one."""
        return entry.table == DATA or (entry.table == EVENTS and not self.is_event_name(entry))

    def can_mean(self, entry: Entry, variable: str) -> bool:
        """Whether a column or name can have a meaning: what names an event is one, and only a column of dates is the day of others."""
        kind = self.catalogue[variable].kind
        if self.is_event_name(entry):
            return kind is Kind.EVENT
        return kind is not Kind.DAY or (entry.table == DATA and may_be_dates(of_column(self.tables, entry.name, self.mapping.columns)))

    def open_questions(self, entry: Entry) -> tuple[Question, ...]:
        return tuple(each for each in self.suggestion.questions if (each.table, each.column) == (entry.table, entry.name))

    @property
    def waiting(self) -> frozenset[str]:
        """The variables of columns that are not used until something is answered."""
        return frozenset(name for entry in self.entries if self.sure(entry) is Sure.ASKED for name in self.use(entry).variables)

    def role(self, table: Table) -> str:
        """What a table in hand is used as."""
        used = next((role for role, each in self.tables.apart.items() if each.name == table.name), None)
        return LEFT_OUT if used is None else used.partition(" ")[0]

    # What the cells say

    @cached_property
    def columns(self) -> dict[str, pa.ChunkedArray]:
        """The columns of the tables with variables as columns."""
        return self.tables.cells()

    def cells(self, entry: Entry) -> pa.ChunkedArray:
        """A column's cells, or those of the first rows with a name."""
        if entry.table == DATA:
            return self.columns[entry.name]
        table, long = self._table(entry.table), self.long(entry.table)
        if self.is_column(entry):
            return table.columns[entry.name]
        if long is None or long.value is None or long.value not in table.columns:
            return pa.chunked_array([pa.array([], pa.string())])
        return taken(table.columns[long.value], self._rows_named.get(entry.name, np.zeros(0, np.intp)))

    def units_column(self, entry: Entry) -> pa.ChunkedArray | None:
        """What a column says of the unit in each of the cells' rows; None where there is no such column."""
        if entry.table == DATA:
            column = unit_column(entry.name, self.mapping.columns, self.tables)
            return None if column is None else self.columns[column].slice(0, SAMPLED_ROWS)
        table, long = self._table(entry.table), self.long(entry.table)
        if self.is_column(entry) or long is None or long.unit is None or long.unit not in table.columns:
            return None
        return taken(table.columns[long.unit], self._rows_named.get(entry.name, np.zeros(0, np.intp)))

    def units_written(self, entry: Entry) -> list[str]:
        """What that column says; empty texts where there is none."""
        units = self.units_column(entry)
        return [""] * len(self.cells(entry)) if units is None else [(text or "").strip() for text in text_of(units).to_pylist()]

    def examples(self, entry: Entry) -> list[str]:
        """A few values, as written; of a name in a long table first how many rows have it and what the table says of it."""
        texts = text_of(self.cells(entry).slice(0, PREVIEW_ROWS)).drop_null().to_pylist()
        few = list(dict.fromkeys(text for text in texts if text.strip()))[:EXAMPLES]
        if self.is_column(entry):
            return few
        said = self.described(entry)
        return [counted(self._long_table(entry.table).number(entry.name), "row"), *([said] if said else []), *few]

    def described(self, entry: Entry) -> str:
        """What the table says of a name beside it; nothing of a column."""
        return "" if self.is_column(entry) else self._long_table(entry.table).described.get(entry.name, "")

    def _long_table(self, role: str) -> LongTable:
        use, table = self.long(role), getattr(self.tables, role)
        assert use is not None
        held = self._long_tables.get(role)
        if held is None or held.table is not table or held.use.name != use.name:
            self._long_tables[role] = held = LongTable(table, use, role)
        return held

    def distinct(self, entry: Entry) -> list[str]:
        """All different values of a column, or of the rows of a name that are looked at."""
        return distinct_texts(self.cells(entry))

    def _table(self, role: str) -> Table:
        return self.tables.present[role]

    @cached_property
    def _rows_named(self) -> dict[str, NDArray[np.intp]]:
        """The first rows of each name in the table of measurements."""
        long = self.long(MEASUREMENTS)
        if long is None or long.name not in self._table(MEASUREMENTS).columns:
            return {}
        texts, which = distinct(self._table(MEASUREMENTS).columns[long.name])
        order = np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(len(texts) + 1))
        return {text: order[ends[at] : ends[at + 1]][:SAMPLED_ROWS].copy() for at, text in enumerate(texts)}

    # What the user decides

    def change(self, mapping: Mapping) -> None:
        self._go_on(replace(self.suggestion, mapping=mapping))

    def answer(self, question: Question, use: ColumnUse) -> None:
        self.revision += 1
        self._go_on(answer(self.suggestion, question, use, self.tables, self.catalogue))

    def refuse(self, question: Question) -> None:
        """The proposal of a question refused: what was taken so is undone, what is offered is left, and what must be known leaves the column out."""
        use = self.use(Entry(question.table, question.column))
        without: dict[About, dict[str, Any]] = {About.CENSORED: {"censored_at": None}, About.DECIMAL: {"decimal": "."}}
        undone = without.get(question.about)
        if question.weight is Weight.OFFERED:
            self.answer(question, use)
        elif question.weight is Weight.SETTLED and undone is not None:
            self.answer(question, replace(use, **undone))
        else:
            self.answer(question, UNUSED)

    def answer_as_proposed(self) -> None:
        """Every question that has one, with the answer proposed, but what a column is; what the answers leave to ask stays open."""
        for question in self.to_agree:
            if question.proposed is not None and question in self.suggestion.questions:
                self.answer(question, question.proposed)

    @property
    def to_agree(self) -> tuple[Question, ...]:
        """The questions whose proposals may all be taken at once: what a header is only like, or does not say, is looked at one by one."""
        told = (each for each in self.suggestion.questions if each.about is not About.VARIABLE or each.weight is Weight.SETTLED)
        return tuple(each for each in told if each.proposed is not None)

    def set_use(self, entry: Entry, use: ColumnUse) -> None:
        """Another meaning for a column or name; what it leaves open is asked."""
        before = self.use(entry)
        changed = {name for names in DECIDES.values() for name in names if getattr(before, name) != getattr(use, name)}
        decided = {about for about, names in DECIDES.items() if changed & set(names)} | {About.VARIABLE}
        use = replace(use, confirmed=use.confirmed | decided)
        self._go_on(settled(self.suggestion, entry.table, entry.name, use, self.tables, self.catalogue))

    def choose(self, entry: Entry, variable: str) -> None:
        """Another variable for a column or name: what its cells then leave to ask is asked, as if its header had said so."""
        self.revision += 1
        before = self.use(entry)
        use = (ColumnUse((variable,), before.part, before.repeat) if variable else UNUSED).settled(About.VARIABLE)
        self._go_on(settled(self.suggestion, entry.table, entry.name, use, self.tables, self.catalogue))

    def set_columns(self, role: str, long: LongUse) -> None:
        """Other columns for what a long table says."""
        self.revision += 1
        self._go_on(reshaped(self.suggestion, role, long, self.tables, self.catalogue))

    def set_patient(self, column: str | None) -> None:
        self.change(replace(self.mapping, patient=column))

    def set_site(self, column: str | None) -> None:
        self.change(replace(self.mapping, site=column or ""))

    def set_index_date(self, index_date: str | date | None) -> None:
        self.change(replace(self.mapping, index_date=index_date))

    def set_keep(self, keep: Map[str, tuple[str, ...]]) -> None:
        """Only the rows of the wide file in which a column has one of these values; none given: all rows."""
        self.change(replace(self.mapping, keep=keep))

    def use_mapping_file(self, text: str, name: str) -> None:
        """What a mapping file says, where it speaks, in place of what stood. Raises ``Unusable``."""
        mapping, self.changed = fitted(read_mapping(text, self.catalogue, name), self.tables, self.catalogue)
        self._go_on(overlaid(self.suggestion, mapping, self.tables, self.catalogue))
        self.revision += 1

    def saved(self) -> str:
        """The mapping as a file, with a word on every column."""
        open_ = {(each.table, each.column) for each in self.suggestion.questions if each.about is About.VARIABLE and each.weight is not Weight.SETTLED}
        return write_mapping(complete(self.mapping, self.tables, self.catalogue), open_)

    def _go_on(self, suggestion: Suggestion) -> None:
        self.suggestion, self.cohort, self.screening = suggestion, None, None

    # What comes of it

    def read(self, protocol: Protocol, progress: Progress = silent) -> None:
        """Read the files with the mapping as it stands. Raises ``Unusable``."""
        mapping, open_questions = accept_suggestions(self.suggestion)
        cohort = build(self.name, self.tables, mapping, self.catalogue, progress)
        cohort = replace(cohort, report=replace(cohort.report, problems=(*open_questions, *cohort.report.problems)))
        self.cohort, self.screening = cohort, Screener(cohort).screen(protocol, AS_WRITTEN)

    def foreseen(self, protocol: Protocol) -> Screening | None:
        """What the protocol can be assessed on with the mapping as it stands, from the first rows; None where not even these can be read."""
        mapping, _ = accept_suggestions(replace(self.suggestion, mapping=replace(self.mapping, keep={})))  # what is answered as proposed changes only this
        key = mapping, protocol.text
        if self._foreseen is None or self._foreseen[0] != key:
            try:
                cohort = build(self.name, self._few(), mapping, self.catalogue)
            except Unusable:
                self._foreseen = key, None
            else:
                self._foreseen = key, Screener(cohort).screen(protocol, AS_WRITTEN)
        return self._foreseen[1]

    def _few(self) -> Tables:
        """The first rows of wide tables, and of long ones a row of each name in use, as if all were of the first patient."""
        few = self.tables.beginning(FIRST_ROWS)
        patients = None if few.data is None else few.data.columns.get(patient_of(few.data, self.mapping) or "")
        first = next((text for text in text_of(patients).to_pylist() if text and text.strip()), None) if patients is not None else None
        for role in (MEASUREMENTS, EVENTS):
            use, table = self.long(role), getattr(self.tables, role)
            if use is None or table is None or use.patient not in table.columns:
                continue
            long = LongTable(table, use, role)
            rows = np.concatenate([long.rows(name)[:1] for name, each in use.names.items() if each.variables] or [np.zeros(0, np.intp)])
            columns = {column: taken(cells, rows) for column, cells in table.columns.items()}
            if first is not None:
                columns[use.patient] = pa.chunked_array([pa.array([first] * len(rows), pa.string())])
            setattr(few, role, Table(table.name, columns, len(rows)))
        return few

    def sure(self, entry: Entry) -> Sure:
        """How sure the meaning of a column or name is."""
        if any(question.weight is Weight.MUST for question in self.open_questions(entry)):
            return Sure.ASKED
        use = self.use(entry)
        if not use.variables:
            return Sure.UNUSED
        if use != _use_in(self.first.mapping, entry):
            return Sure.CHOSEN
        alike = entry.table == DATA and self.first.confidence.get(entry.name) is Confidence.ALIKE
        return Sure.ALIKE if alike else Sure.WRITTEN

    def codes_open(self, entry: Entry) -> bool:
        """Whether what its codes stand for must be answered."""
        return any(each.about is About.CODING and each.weight is Weight.MUST for each in self.open_questions(entry))

    def preview(self, entry: Entry) -> list[tuple[str, str, float, float]]:
        """For a few values: as written (codes as they are compared), the variable, and the interval it becomes in the canonical unit."""
        if self.codes_open(entry):
            return []
        held = self._previews.get(entry)
        if held is None or held[0] != self.use(entry):
            self._previews[entry] = held = self.use(entry), self._preview(entry)
        return held[1]

    def _preview(self, entry: Entry) -> list[tuple[str, str, float, float]]:
        use = self.use(entry)
        if not use.variables or self.is_event_name(entry):
            return []
        cells = self.cells(entry).slice(0, PREVIEW_ROWS)
        coded = self.catalogue[use.variables[0]].kind in (Kind.EVENT, Kind.CATEGORY)
        first: dict[tuple[str, str], int] = {}
        for row, (text, unit) in enumerate(zip(text_of(cells).to_pylist(), self.units_written(entry)[:PREVIEW_ROWS], strict=True)):
            if text is not None and text.strip():
                first.setdefault((token(text) if coded else text, unit), row)
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
        cohort = build(self.name, Tables(few), Mapping(patient="row", columns={"cell": use}), self.catalogue)
        records = cohort.records.get(self.catalogue[use.variables[0]].of)
        values = records.fields.get(use.variables[0]) if records is not None else None
        if values is None or len(values) != len(cells):
            return []
        return [(float(lo), float(hi)) for lo, hi in zip(values.lo, values.hi, strict=True)]


def _use_in(mapping: Mapping, entry: Entry) -> ColumnUse:
    """What a mapping says of a column or name."""
    long = {MEASUREMENTS: mapping.measurements, EVENTS: mapping.events}.get(entry.table)
    return mapping.use(entry.name) if long is None else long.fields.get(entry.name) or long.names.get(entry.name, UNUSED)


def draft_of(found: Sequence[Table], roles: Map[str, str] | None = None, before: Draft | None = None) -> Draft:
    """Tables with a mapping suggested, and with what was decided in the draft before. Raises ``Unusable`` with what is wrong with them."""
    whole = together(found, builtin_catalogue(), roles)
    fresh = suggest(whole, builtin_catalogue())
    if before is None:
        return Draft(tuple(found), roles or {}, whole, fresh, fresh)
    now = carried(before.suggestion, before.first, whole, fresh, builtin_catalogue())
    return Draft(tuple(found), roles or {}, whole, fresh, now, loaded=before.loaded, revision=before.revision + 1)
