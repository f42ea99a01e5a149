"""Files chosen but not yet used: their tables, what their columns are taken to mean, and the cohort that makes of them."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pyarrow as pa

from feasibility.cohort import Cohort
from feasibility.intake import (
    ColumnUse,
    Mapping,
    Question,
    Suggestion,
    Table,
    Tables,
    accept_suggestions,
    answer,
    build,
    overlaid,
    read_mapping,
    read_tables,
    suggest,
)
from feasibility.intake.converted import distinct_texts, taken, text_of
from feasibility.protocol import Protocol
from feasibility.scenario import AS_WRITTEN
from feasibility.screening.screen import Screener, Screening
from feasibility.ui.cohorts import Progress, silent
from feasibility.variables import Catalogue, builtin_catalogue

EXAMPLES = 4
PREVIEW_ROWS = 200
PREVIEWED = 8

File = tuple[str, bytes]


@dataclass(eq=False)
class Draft:
    """What is being loaded. ``cohort`` is None until the files have been read with the mapping as it stands.

    ``revision`` grows whenever the mapping changes by other means than its own controls, which then have to show it anew.
    """

    name: str
    tables: Tables
    suggestion: Suggestion
    cohort: Cohort | None = None
    screening: Screening | None = None
    revision: int = 0
    catalogue: Catalogue = field(default_factory=builtin_catalogue)

    @property
    def mapping(self) -> Mapping:
        return self.suggestion.mapping

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the wide file that may mean something: all but those that say who and when."""
        there = self.tables.data.columns if self.tables.data is not None else {}
        return tuple(column for column in there if column not in (self.mapping.patient, self.mapping.index_date))

    def examples(self, column: str) -> list[str]:
        """A few of a column's values, as written."""
        assert self.tables.data is not None
        texts = text_of(self.tables.data.columns[column].slice(0, PREVIEW_ROWS)).drop_null().to_pylist()
        return list(dict.fromkeys(text for text in texts if text.strip()))[:EXAMPLES]

    def distinct(self, column: str) -> list[str]:
        """All of a column's different values."""
        assert self.tables.data is not None
        return distinct_texts(self.tables.data.columns[column])

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

    def set_use(self, column: str, use: ColumnUse) -> None:
        """Another meaning for a column; it settles every question about it."""
        questions = tuple(each for each in self.suggestion.questions if each.table != "data" or each.column != column)
        self._go_on(replace(self.suggestion, mapping=self.mapping.with_column(column, use), questions=questions))

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

    def preview(self, column: str) -> list[tuple[str, str, float, float]]:
        """For a few values of a column: as written, the variable, and the interval it becomes in the canonical unit."""
        data, use = self.tables.data, self.mapping.use(column)
        variable = use.variables[0] if use.variables else ""
        if data is None or not variable or not self.examples(column):
            return []
        texts = text_of(data.columns[column].slice(0, PREVIEW_ROWS))
        first: dict[str, int] = {}
        for row, text in enumerate(texts.to_pylist()):
            if text is not None and text.strip():
                first.setdefault(text, row)
        rows = np.array(list(first.values())[:PREVIEWED])
        few = Table(data.name, {"row": pa.chunked_array([pa.array([str(row) for row in rows])]), column: taken(data.columns[column], rows)}, len(rows))
        mapping = Mapping(patient="row", columns={column: replace(use, repeat=None)})
        cohort = build(self.name, Tables(data=few), mapping, self.catalogue)
        records = cohort.records.get(self.catalogue[variable].of)
        values = records.fields.get(variable) if records is not None else None
        if records is None or values is None or len(values) != len(rows):
            return []
        return [(text, variable, float(lo), float(hi)) for text, lo, hi in zip(list(first)[:PREVIEWED], values.lo, values.hi, strict=True)]


def draft_of(data: File | None, measurements: File | None, events: File | None, revision: int = 0) -> Draft:
    """The files as tables with a mapping suggested. Raises ``Unusable`` with what is wrong with any of them."""
    tables = read_tables(data, measurements, events)
    name = next(file[0] for file in (data, measurements, events) if file is not None)
    return Draft(name, tables, suggest(tables.data, builtin_catalogue(), tables.measurements, tables.events), revision=revision)
